"""Tests of the portfolio of all events, whose own history holds the correlation of its members."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import FloatArray, InferenceResult, Window
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


# -------------------------------------------------------------------------------------------------------------- tests
def portfolio_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """The equal-weight portfolio as one security: CAR_p / (sigma_p sqrt(L + 1'X_W (X'X)^-1 X_W'1)), t(nu).

    Estimated on the T days on which all events have returns, sigma_p^2 = e'e / nu of its own residuals, so that the
    correlation of its members is in it (Jaffe 1974; Campbell, Lo and MacKinlay 1997 ch. 4). Needs one shared date.
    Withstands a shared date; does not withstand an increase of variance or correlation on the day.
    """
    sample = gather(abnormal, window)
    fit = sample.too_few or sample.common_fit
    if isinstance(fit, str):
        return refuse(sample, PORTFOLIO, fit)
    residuals = fit.centred.mean(axis=1)
    variance = float(residuals @ residuals) / fit.nu
    if variance <= 0:
        return refuse(sample, PORTFOLIO, "the portfolio has no residual variance")
    return answer(sample, PORTFOLIO, fit.car.mean() / np.sqrt(variance * fit.factor), (fit.nu,))


def crude_dependence_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """CAAR / (s sqrt L), s^2 the variance of the estimation-window AARs with T - 1, t(T - 1).

    Brown and Warner 1980, 1985. T counts the days with an AAR. There is no forecast term, so T should be 20 L or more
    (7.4 % at L = 11, T = 60). Withstands a shared date; does not withstand an increase of variance or correlation.
    """
    sample = gather(abnormal, window)
    if sample.too_few:
        return refuse(sample, CRUDE, sample.too_few)
    aar = mean_by_day(sample.residuals)
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
