"""Tests of the portfolio of all events, whose own history holds the correlation of its members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import BoolArray, FloatArray, InferenceResult, Window
from eventstudy.inference.sample import Description, Sample, answer, gather, refuse

PORTFOLIO = Description(
    "portfolio_t",
    "t",
    ("one shared date", "normal errors", "no increase of variance or correlation in the window"),
    "the cumulative abnormal return of the equal-weight portfolio of the {n} events over {window} is zero",
)
CRUDE = Description(
    "crude_dependence_t",
    "t",
    ("mean abnormal returns independent over days", "no increase of variance or correlation in the window"),
)
ENOUGH_DAYS = 20  # estimation days for each day of the window, below which the missing forecast term shows


# ------------------------------------------------------------------------------------------- the same days for everyone
@dataclass(frozen=True, slots=True, eq=False)
class CommonFit:
    """The model estimated anew for n events of one date on the T days on which all have returns.

    ``residuals`` (T, n); ``car`` (n,) over the window; ``leverage`` (T,) h_s; ``factor`` L + 1'X_W (X'X)^-1 X_W'1;
    ``nu`` degrees of freedom; ``columns`` p of the design (0: nothing is estimated).
    """

    residuals: FloatArray
    car: FloatArray
    leverage: FloatArray
    factor: float
    nu: float
    columns: int

    @property
    def centred(self) -> FloatArray:
        """Residuals for a variance with divisor nu: about their mean where the model estimates nothing."""
        return self.residuals if self.columns else self.residuals - self.residuals.mean(axis=0)


def fit_on_common_days(sample: Sample) -> CommonFit | str:
    """Regress every event's returns on the same days; the reason instead, where that cannot be done.

    With one date and one design, seemingly unrelated regressions are least squares, and the estimates of a portfolio
    are the means of its members' estimates (Schipper and Thompson 1983; Binder 1985).
    """
    if not sample.one_date:
        return "needs one shared date, the events have several"
    kept = sample.kept
    panel, normal = kept.panel, kept.normal
    days = int(panel.day[0]) + np.arange(panel.estimation.start, panel.estimation.end + 1)
    days = days[(days >= 0) & (days < len(panel.sessions))]
    window = int(panel.day[0]) + np.asarray(sample.window.taus)
    returns = panel.returns[panel.security]
    y = (returns[:, days] - normal.offset[days]).T
    days_in = _complete(y, normal.design[days])
    if days_in.sum() < panel.min_obs:
        return f"only {days_in.sum()} estimation days have returns of all {sample.n} events, needs {panel.min_obs}"
    inside = (returns[:, window] - normal.offset[window]).T
    if not _complete(inside, normal.design[window]).all():
        return f"a day of {sample.window} lacks the return of one of the events"
    return _least_squares(y[days_in], normal.design[days[days_in]], inside, normal.design[window])


def _complete(y: FloatArray, design: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(y).all(axis=1) & np.isfinite(design).all(axis=1))


def _least_squares(y: FloatArray, design: FloatArray, inside: FloatArray, design_inside: FloatArray) -> CommonFit | str:
    days, columns = design.shape
    length = float(len(inside))
    if columns == 0:
        return CommonFit(y, inside.sum(axis=0), np.zeros(days), length, days - 1.0, 0)
    q, r = np.linalg.qr(design)
    size = np.abs(np.diag(r))
    if size.min() <= 1e-12 * size.max():
        return "the regressors are not independent of each other on the common estimation days"
    params = np.linalg.solve(r, q.T @ y)
    total = np.linalg.solve(r.T, design_inside.sum(axis=0))
    return CommonFit(
        residuals=y - design @ params,
        car=(inside - design_inside @ params).sum(axis=0),
        leverage=(q * q).sum(axis=1),
        factor=length + float(total @ total),
        nu=float(days - columns),
        columns=columns,
    )


# -------------------------------------------------------------------------------------------------------------- tests
def portfolio_t(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """The equal-weight portfolio as one security: CAR_p / (sigma_p sqrt(L + 1'X_W (X'X)^-1 X_W'1)), t(nu).

    Estimated on the T days on which all events have returns, sigma_p^2 = e'e / nu of its own residuals, so that the
    correlation of its members is in it (Jaffe 1974; Campbell, Lo and MacKinlay 1997 ch. 4). Needs one shared date.
    Withstands a shared date; does not withstand an increase of variance or correlation on the day.
    """
    sample = gather(abnormal, window)
    fit = sample.too_few or fit_on_common_days(sample)
    if isinstance(fit, str):
        return refuse(sample, PORTFOLIO, fit)
    residuals = fit.centred.mean(axis=1)
    variance = float(residuals @ residuals) / fit.nu
    if variance <= 0:
        return refuse(sample, PORTFOLIO, "the portfolio has no residual variance")
    return answer(sample, PORTFOLIO, fit.car.mean() / np.sqrt(variance * fit.factor), (fit.nu,))


def crude_dependence_t(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """CAAR / (s sqrt L), s^2 the variance of the estimation-window AARs with T - 1, t(T - 1).

    Brown and Warner 1980, 1985. T counts the days with an AAR. There is no forecast term, so T should be 20 L or more
    (7.4 % at L = 11, T = 60). Withstands a shared date; does not withstand an increase of variance or correlation.
    """
    sample = gather(abnormal, window)
    if sample.too_few:
        return refuse(sample, CRUDE, sample.too_few)
    aar = mean_by_day(sample.kept.residuals())
    if len(aar) < 3 or aar.std(ddof=1) <= 0:
        return refuse(sample, CRUDE, "the mean abnormal returns of the estimation window have no variance")
    statistic = sample.car.mean() / (aar.std(ddof=1) * np.sqrt(window.length))
    few = len(aar) < ENOUGH_DAYS * window.length
    warning = (
        f"{len(aar)} estimation days for {window.length} days summed: too few for a test without a forecast term, "
        f"which needs {ENOUGH_DAYS} a day (measured size 7.4 % instead of 5 with 60 for 11)"
        if few
        else None
    )
    return answer(sample, CRUDE, statistic, (len(aar) - 1.0,), warning=warning)


def mean_by_day(residuals: FloatArray) -> FloatArray:
    """Mean over the events present of `residuals` (N, T) on each day that has any, missing days left out."""
    here = np.isfinite(residuals)
    count = here.sum(axis=0)
    some = count > 0
    return np.asarray(np.where(here, residuals, 0.0).sum(axis=0)[some] / count[some])
