"""Tests of one security's volatility: is the variance in the window larger than the estimation window lets expect?

Every statistic is built from squares of standardised abnormal returns, so each p is one-sided: a small p says "more".
A mean effect shows in squares about zero as well. The ratio lambda of event to estimation variance of each event (1: as
ever) is `variance_ratio`.
"""

from __future__ import annotations

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import NAN, not_one, of_one
from eventstudy.inference.single import FEW_SUMS, missing_reasons
from eventstudy.inference.sizes import measured
from eventstudy.normal import columns_at, error_variance
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.windows import positions

BLOCK = 1024  # events whose (L, L) covariances are held at once
NO_MEAN = "no mean effect in the window: it raises the squares as a variance does"
_NULL = "the variance of the abnormal returns of {subject} over {window} is that of its estimation window"
_ONE_DAY = "over one day this is the square of the t test: it cannot tell a larger variance from a mean effect"


# ---------------------------------------------------------------------------------------------------------- tests
def volatility_f(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """Event over estimation variance of one security, lambda = AR_W'C^-1 AR_W / (sigma^2 L), F(L, nu), upper tail.

    C = I + X_W (X'X)^-1 X_W' (see `variance_ratio`), so that with normal errors and least squares the distribution is
    exact. Over one day it is the square of `t`. The statistic is the ratio itself (Chow 1960's test of forecasts;
    Patell 1976 for abnormal returns).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_f(example().take([0]), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (2.7, 0.103)
    """
    if abnormal.n != 1:
        return not_one(VOLATILITY_F, abnormal, window)
    return volatility_f_results(abnormal, window)[0]


def volatility_f_results(
    abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None
) -> list[InferenceResult]:
    """`volatility_f` for every event together, a result each; `residuals` are not needed."""
    ratio, nu = variance_ratio(abnormal, window), abnormal.normal.nu
    df = abnormal.days(window).astype(np.float64)
    p = special.fdtrc(df, nu, ratio)
    warning = _ONE_DAY if window.length == 1 else None
    rows = zip(abnormal.keys, ratio.tolist(), df.tolist(), nu.tolist(), p.tolist(), strict=True)
    reasons = missing_reasons(abnormal, window, ratio)
    return [
        of_one(VOLATILITY_F, ticker, window, reason=reason)
        if reason
        else of_one(VOLATILITY_F, ticker, window, statistic=value, df=(days, own), p=q, warning=warning)
        for (ticker, value, days, own, q), reason in zip(rows, reasons, strict=True)
    ]


VOLATILITY_F = Test(
    name="volatility_f",
    run=volatility_f,
    words="the variance ratio test",
    label="variance ratio",
    question="Did this security vary more than on its ordinary days?",
    of="security",
    about="variance",
    family="variance",
    statistic="AR′C⁻¹AR / (σ²·L); one day: SAR²",
    reference="F(L, ν), upper tail",
    distribution="F",
    source="Patell 1976",
    null=_NULL,
    assumptions=("normal errors", "errors independent over days", NO_MEAN),
    leans_on="takes a mean effect for a variance, and the errors as normal",
    dates="any",
    shared_date="one security",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=volatility_f_results,
    needs=None,
    front={},
    measured=measured("volatility_f"),
)


def volatility_quantile(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """Rank of the window's mean squared standardised abnormal return among the security's own estimation days.

    (1/L) sum over W of AR^2 / (sigma^2 c) against the T - L + 1 overlapping means of L values e_s^2 / (sigma^2
    (1 - h_s)); p = (1 + #{past >= event}) / (T - L + 2). Assumes no distribution, so heavy tails do not make it
    reject. The statistic is the rank from the largest (1 is above all), ``df`` the number of means it is ranked with
    (in the manner of Gelbach, Helland and Klick 2013; Marais 1984 on the tails of squared prediction errors).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_quantile(example().take([0]), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (14.0, 0.1157)
    """
    if abnormal.n != 1:
        return not_one(VOLATILITY_QUANTILE, abnormal, window)
    return volatility_quantile_results(abnormal, window)[0]


def volatility_quantile_results(
    abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None
) -> list[InferenceResult]:
    """`volatility_quantile` for every event together; `residuals` (N, T) if they are at hand already."""
    squares = past_squares(abnormal, residuals)
    with np.errstate(divide="ignore", invalid="ignore"):  # a sigma of zero is refused below
        inside = abnormal.sar()[:, abnormal.columns(window)] ** 2
    days = abnormal.days(window)
    usable = np.isfinite(abnormal.car(window)) & (abnormal.normal.sigma > 0)
    rank, count = np.full(abnormal.n, NAN), np.zeros(abnormal.n)
    for length in np.unique(days[usable]).tolist():
        rows = np.flatnonzero(usable & (days == length))
        if length > squares.shape[1]:
            continue
        past = np.lib.stride_tricks.sliding_window_view(squares[rows], length, axis=1).sum(axis=2)
        event = np.where(np.isfinite(inside[rows]), inside[rows], 0.0).sum(axis=1)
        count[rows] = np.isfinite(past).sum(axis=1)
        rank[rows] = np.where(count[rows] > 0, 1.0 + (past >= event[:, None]).sum(axis=1), NAN)
    reasons = missing_reasons(abnormal, window, rank)
    rows_of = zip(abnormal.keys, rank.tolist(), count.tolist(), abnormal.normal.nobs.tolist(), reasons, strict=True)
    return [
        of_one(VOLATILITY_QUANTILE, ticker, window, reason=reason)
        if reason
        else of_one(
            *(VOLATILITY_QUANTILE, ticker, window),
            statistic=value,
            df=(n,),
            p=value / (n + 1),
            warning=few_sums(nobs, window.length),
        )
        for ticker, value, n, nobs, reason in rows_of
    ]


VOLATILITY_QUANTILE = Test(
    name="volatility_quantile",
    run=volatility_quantile,
    words="the sample-quantile test of the variance",
    label="variance quantile",
    question="How rare is a variance this large among this security’s own ordinary days?",
    of="security",
    about="variance",
    family="variance",
    statistic="place of the mean SAR² of the window among those of the estimation days",
    reference="rank, upper tail",
    distribution="rank",
    source="after Gelbach, Helland and Klick 2013",
    null=_NULL,
    assumptions=("the estimation days are like the window but for the event", NO_MEAN),
    leans_on="takes a mean effect for a variance",
    dates="any",
    shared_date="one security",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=volatility_quantile_results,
    needs=None,
    front={},
    measured=measured("volatility_quantile"),
)


def few_sums(nobs: int, length: int) -> str | None:
    """The warning that `nobs` estimation days hold too few separate sums of `length` days, None if they hold enough."""
    if length == 1 or nobs >= FEW_SUMS * length:
        return None
    return (
        f"{nobs} estimation days hold only about {nobs // length} separate sums of {length} days: this p-value is too "
        "small (measured size instead of 5%: 6.3% with 250 days for 11, 7.3% for 21, 11.8% with 60 for 11)"
    )


# -------------------------------------------------------------------------------------------------------- squares
def past_squares(abnormal: AbnormalReturns, residuals: FloatArray | None = None) -> FloatArray:
    """e_s^2 / (sigma^2 (1 - h_s)) over the estimation window, (N, T), NaN where there is no residual."""
    return abnormal.once(("past_squares",), lambda: _past_squares(abnormal, residuals))


def _past_squares(abnormal: AbnormalReturns, residuals: FloatArray | None) -> FloatArray:
    residuals = abnormal.residuals() if residuals is None else residuals
    left = 1.0 - abnormal.estimation_leverage()
    spread = abnormal.normal.sigma[:, None] ** 2 * np.where(left > 1e-12, left, NAN)
    return np.asarray(residuals**2 / np.where(spread > 0, spread, NAN))


def variance_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    """lambda = AR_W'C^-1 AR_W / (sigma^2 L), (N,): event over estimation variance of each event, 1 being ordinary.

    C = V + X_W (X'X)^-1 X_W' is the full forecast covariance of the window's abnormal returns in units of sigma^2, V
    the identity unless the model says that errors differ from day to day. Days that miss are left out where the
    abnormal returns allow it, L then counts those present. For one day lambda = SAR^2.

    References
    ----------
    Patell (1976); Campbell, Lo and MacKinlay (1997), section 4.4.
    """
    return abnormal.once(("variance_ratio", window.start, window.end), lambda: _variance_ratio(abnormal, window))


def _variance_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    cols = abnormal.columns(window)
    known = np.flatnonzero(np.isfinite(abnormal.car(window)) & (abnormal.normal.sigma > 0))
    out = np.full(abnormal.n, NAN)
    for start in range(0, len(known), BLOCK):
        rows = known[start : start + BLOCK]
        ar = abnormal.ar[rows, cols]
        here = np.isfinite(ar)
        covariance = np.where(here[:, :, None] & here[:, None, :], _covariance(abnormal, rows, window), 0.0)
        covariance += np.eye(window.length) * ~here[:, :, None]
        ar = np.where(here, ar, 0.0)
        solved = np.linalg.solve(covariance, ar[:, :, None])[:, :, 0]
        out[rows] = (ar * solved).sum(axis=1) / (abnormal.normal.sigma[rows] ** 2 * here.sum(axis=1))
    return out


def _covariance(abnormal: AbnormalReturns, rows: np.ndarray, window: Window) -> FloatArray:
    """V + X_W (X'X)^-1 X_W' of the events `rows`, (B, L, L)."""
    at, _ = positions(abnormal.panel.day, window, len(abnormal.panel.sessions))
    variance = error_variance(abnormal.normal, *abnormal.ar.shape)[:, abnormal.columns(window)][rows]
    out = np.zeros((len(rows), window.length, window.length)) + np.eye(window.length) * variance[:, :, None]
    columns = [column[rows] for column in columns_at(abnormal.normal, at)]
    if columns:
        x = np.stack(columns, axis=2)
        out += x @ abnormal.normal.xtx_inv[rows] @ x.transpose(0, 2, 1)
    return np.asarray(out)
