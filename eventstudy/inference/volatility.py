"""Tests of abnormal volatility: is the variance in the window larger than the estimation window lets expect?

Every statistic is built from squares of standardised abnormal returns, so each p is one-sided: a small p says "more".
A mean effect shows in squares about zero as well; `cross_sectional_variance_chi2` alone takes squares about the mean
of the events. A ratio lambda of event to estimation variance (1: as ever) comes from `variance_ratio` for each
event, and from `cross_sectional_ratio` for each day of a group.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.parametric import short_estimation
from eventstudy.inference.sample import NAN, Description, Sample, answer, gather, refuse
from eventstudy.inference.single import FEW_SUMS, missing_reasons
from eventstudy.inference.sizes import SIZES, WORDS
from eventstudy.inference.volatility_ratio import cross_sectional_ratio, variance_ratio
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

# Per cent of true nulls rejected at 5 %, by days in the window, on 459 other dates of the bundled study (its five core
# stocks against ^IXIC, January 2024 to December 2025): ordinary volatility clusters, and real tails are heavy. One day
# stands in docs/calibration.md (R).
CLUSTERED: Mapping[str, Mapping[int, float]] = {
    "beaver_patell_z": {3: 18.5, 11: 27.9},
    "cross_sectional_variance_chi2": {3: 16.1, 11: 27.5},
    "volatility_rank_z": {3: 12.6, 11: 20.5},
    "volatility_group_quantile": {3: 7.6, 11: 13.9},
}
_NO_MEAN = "no mean effect in the window: it raises the squares as a variance does"
_F_ASSUMES = ("normal errors", "errors independent over days", _NO_MEAN)
_RANK_ASSUMES = ("the estimation days are like the window but for the event", _NO_MEAN)
_ONE_DAY = "over one day this is the square of the t test: it cannot tell a larger variance from a mean effect"
_NULL = "the {n} events have over {window} no larger variance of abnormal returns than in the estimation window"
BEAVER_PATELL = Description(
    "beaver_patell_z", "normal", ("events independent of each other", "normal errors", _NO_MEAN), _NULL
)
CROSS_SECTION = Description(
    "cross_sectional_variance_chi2",
    "chi2",
    ("normal errors", "the same mean effect for all events", "correlation in the window as in the estimation window"),
    "the cross-sectional variance of the abnormal returns of the {n} events over {window} is no larger than expected",
)


def clusters(name: str, length: int) -> str:
    """What the clustering of volatility does to a test of a group over `length` days: its size on real dates."""
    why = "volatility clusters and tails are heavy"
    if length == 1:
        return f"{why}: in one-day windows at a nominal 5% it rejects {SIZES[name]['R']:g}% {WORDS['R']}"
    sizes = CLUSTERED[name]
    days = min((d for d in sizes if d >= length), default=max(sizes))
    only = "" if length <= days else ", the longest that were measured,"
    return (
        f"{why}: at a nominal 5% it rejects {sizes[days]:g}% over windows of {days} days{only} on 459 other dates of "
        "five chip stocks"
    )


# ------------------------------------------------------------------------------------------------------ one security
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
    return _one(abnormal, window, "volatility_f")


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
    return _one(abnormal, window, "volatility_quantile")


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
        _result(ticker, window, "volatility_f", reason=reason)
        if reason
        else _result(ticker, window, "volatility_f", statistic=value, df=(days, own), p=q, warning=warning)
        for (ticker, value, days, own, q), reason in zip(rows, reasons, strict=True)
    ]


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
        _result(ticker, window, "volatility_quantile", reason=reason)
        if reason
        else _result(
            *(ticker, window, "volatility_quantile"),
            statistic=value,
            df=(n,),
            p=value / (n + 1),
            warning=few_sums(nobs, window.length),
        )
        for ticker, value, n, nobs, reason in rows_of
    ]


def past_squares(abnormal: AbnormalReturns, residuals: FloatArray | None = None) -> FloatArray:
    """e_s^2 / (sigma^2 (1 - h_s)) over the estimation window, (N, T), NaN where there is no residual."""
    return abnormal.once(("past_squares",), lambda: _past_squares(abnormal, residuals))


def _past_squares(abnormal: AbnormalReturns, residuals: FloatArray | None) -> FloatArray:
    residuals = abnormal.residuals() if residuals is None else residuals
    left = 1.0 - abnormal.estimation_leverage()
    spread = abnormal.normal.sigma[:, None] ** 2 * np.where(left > 1e-12, left, NAN)
    return np.asarray(residuals**2 / np.where(spread > 0, spread, NAN))


# ----------------------------------------------------------------------------------------------------------- a group
def beaver_patell_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Do squared standardised abnormal returns exceed their expectation? Standard normal, upper tail.

    z = sum_i (U_i - m_i) / sqrt(sum_i v_i), U_i = AR_W'C^-1 AR_W / (sigma^2 L) of each event (SAR^2 for one day), which
    is F(L, nu): m = nu / (nu - 2), v = 2 nu^2 (L + nu - 2) / (L (nu - 2)^2 (nu - 4)) (Beaver 1968; Patell 1976).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = beaver_patell_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (1.552, 0.0603)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or short_estimation(sample.nu):
        return refuse(sample, BEAVER_PATELL, reason)
    nu, days = sample.nu, sample.kept.days(window)
    excess = variance_ratio(sample.kept, window) - nu / (nu - 2)
    variance = 2 * nu**2 * (days + nu - 2) / (days * (nu - 2) ** 2 * (nu - 4))
    z = float(excess.sum() / np.sqrt(variance.sum()))
    return answer(
        sample, BEAVER_PATELL, z, p=float(special.ndtr(-z)), warning=clusters("beaver_patell_z", window.length)
    )


def cross_sectional_variance_chi2(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Cross-sectional variance of the window's days over its expectation, (N - 1) sum lambda_t, chi2((N - 1) L).

    lambda_t is that of `cross_sectional_ratio`, in which a mean effect cancels, divided by 1 - rbar: what correlated
    events have in common cancels too, and rbar (`mean_correlation`, 0 for events that share no day) is what is then
    missing. The statistic over its degrees of freedom is the mean ratio lambda. Upper tail (Hilliard and Savickas
    2002; Bialkowski, Gottschalk and Wisniewski 2008; the correlation term as in Kolari and Pynnonen 2010).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = cross_sectional_variance_chi2(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (4.357, 0.7379)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or sample.lacking
    rbar = NAN if reason else sample.mean_correlation
    if reason is None and not 1 - rbar > 1e-12:
        reason = "the mean residual correlation is not defined, or the residuals of all events are the same series"
    if reason:
        return refuse(sample, CROSS_SECTION, reason)
    df = (sample.n - 1.0) * window.length
    ratio = float(cross_sectional_ratio(sample.kept, window).mean()) / (1 - rbar)
    warning = clusters(CROSS_SECTION.test, window.length)
    return answer(sample, CROSS_SECTION, df * ratio, (df,), p=float(special.chdtrc(df, df * ratio)), warning=warning)


# ----------------------------------------------------------------------------------------------------------- results
def _one(abnormal: AbnormalReturns, window: Window, name: str) -> InferenceResult:
    if abnormal.n != 1:
        reason = f"is a test of one security and one event, got {abnormal.n}; take one of them, or use a group test"
        return _result(f"the {abnormal.n} events", window, name, n=abnormal.n, reason=reason)
    return (volatility_f_results if name == "volatility_f" else volatility_quantile_results)(abnormal, window)[0]


def few_sums(nobs: int, length: int) -> str | None:
    """The warning that `nobs` estimation days hold too few separate sums of `length` days, None if they hold enough."""
    if length == 1 or nobs >= FEW_SUMS * length:
        return None
    return (
        f"{nobs} estimation days hold only about {nobs // length} separate sums of {length} days: this p-value is too "
        "small (measured size instead of 5%: 6.3% with 250 days for 11, 7.3% for 21, 11.8% with 60 for 11)"
    )


def _result(
    subject: str,
    window: Window,
    name: str,
    *,
    statistic: float = NAN,
    df: tuple[float, ...] = (),
    p: float = NAN,
    n: int = 1,
    reason: str | None = None,
    warning: str | None = None,
) -> InferenceResult:
    return InferenceResult(
        test=name,
        null=f"the variance of the abnormal returns of {subject} over {window} is that of its estimation window",
        window=window,
        statistic=statistic,
        distribution="F" if name == "volatility_f" else "rank",
        df=df,
        p=p,
        n=n,
        assumptions=_F_ASSUMES if name == "volatility_f" else _RANK_ASSUMES,
        reason=reason,
        warning=warning,
    )
