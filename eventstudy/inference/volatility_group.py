"""Tests of a group's volatility: by a distribution, by the rank of its days, and by the rank of the window in its past.

Every statistic is built from squares of standardised abnormal returns, so each p is one-sided: a small p says "more".
A mean effect shows in squares about zero as well; `cross_sectional_variance_chi2` alone takes squares about the mean
of the events. The ratio of event to estimation variance on each day of a group is `cross_sectional_ratio`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.history import History, mean_by_day
from eventstudy.inference.parametric import short_estimation
from eventstudy.inference.ranking import average_ranks, centred
from eventstudy.inference.sample import NAN, Sample, answer, gather, refuse
from eventstudy.inference.sizes import SIZES, WORDS, measured
from eventstudy.inference.volatility import NO_MEAN, few_sums, past_squares, variance_ratio
from eventstudy.objects.cards import Test
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
_NULL = "the {n} events have over {window} no larger variance of abnormal returns than in the estimation window"


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
        return refuse(sample, BEAVER_PATELL_Z, reason)
    nu, days = sample.nu, sample.kept.days(window)
    excess = variance_ratio(sample.kept, window) - nu / (nu - 2)
    variance = 2 * nu**2 * (days + nu - 2) / (days * (nu - 2) ** 2 * (nu - 4))
    z = float(excess.sum() / np.sqrt(variance.sum()))
    return answer(
        sample, BEAVER_PATELL_Z, z, p=float(special.ndtr(-z)), warning=clusters("beaver_patell_z", window.length)
    )


BEAVER_PATELL_Z = Test(
    name="beaver_patell_z",
    run=beaver_patell_z,
    words="the test of Beaver and Patell",
    label="Beaver-Patell",
    question="Did these securities vary more than on their ordinary days?",
    of="group",
    about="variance",
    family="variance",
    statistic="Σ(U − ν/(ν − 2)) over its spread, U the variance ratio of each security",
    reference="N(0, 1), upper tail",
    distribution="normal",
    source="Beaver 1968; Patell 1976",
    null=_NULL,
    assumptions=("events independent of each other", "normal errors", NO_MEAN),
    leans_on="takes a mean effect for a variance, and the errors as normal, and the events as independent",
    dates="any",
    shared_date="no",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"ratio"}),
    front={},
    measured=measured("beaver_patell_z"),
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
        return refuse(sample, CROSS_SECTIONAL_VARIANCE_CHI2, reason)
    df = (sample.n - 1.0) * window.length
    ratio = float(cross_sectional_ratio(sample.kept, window).mean()) / (1 - rbar)
    warning = clusters(CROSS_SECTIONAL_VARIANCE_CHI2.name, window.length)
    return answer(
        sample,
        CROSS_SECTIONAL_VARIANCE_CHI2,
        df * ratio,
        (df,),
        p=float(special.chdtrc(df, df * ratio)),
        warning=warning,
    )


CROSS_SECTIONAL_VARIANCE_CHI2 = Test(
    name="cross_sectional_variance_chi2",
    run=cross_sectional_variance_chi2,
    words="the cross-sectional variance test",
    label="cross-sectional variance",
    question="Did these securities scatter about their mean more than on their ordinary days?",
    of="group",
    about="variance",
    family="variance",
    statistic="(N − 1)·Σ λ, λ the variance over securities on each day over what is expected, divided by 1 − r̄",
    reference="χ²((N − 1)L), upper tail",
    distribution="chi2",
    source="Hilliard and Savickas 2002; Białkowski, Gottschalk and Wisniewski 2008",
    null=(
        "the cross-sectional variance of the abnormal returns of the {n} events over {window} is no larger than "
        "expected"
    ),
    assumptions=(
        "normal errors",
        "the same mean effect for all events",
        "correlation in the window as in the estimation window",
    ),
    leans_on="takes the errors as normal, and the mean effect of all events as the same",
    dates="any",
    shared_date="yes",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("cross_sectional_variance_chi2"),
)


def volatility_rank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Mean rank of the window's squared standardised abnormal returns over its own variability, upper tail.

    Ranks of e_s^2 / (1 - h_s) and of AR^2 / c over the M = T + L days, each K / (M + 1) - 1/2; the mean over the events
    on each day; S^2 the mean square of these means over all days; z = sum over W / (S sqrt L), standard normal. Heavy
    tails do not raise ranks, and what events of one date have in common is in S (Corrado 1989's test, on squares;
    Marais 1984 on the tails of squared prediction errors). Needs every day of the window for every event.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_rank_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (1.557, 0.0597)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, VOLATILITY_RANK_Z, reason)
    means = mean_by_day(square_ranks(sample.history, window))
    spread = float(np.sqrt((means * means).mean()))
    if spread <= 1e-12:
        return refuse(sample, VOLATILITY_RANK_Z, "the mean ranks of all days are the same: they have no variance")
    z = float(means[-window.length :].sum() / (spread * np.sqrt(window.length)))
    return answer(
        sample, VOLATILITY_RANK_Z, z, p=float(special.ndtr(-z)), warning=clusters(VOLATILITY_RANK_Z.name, window.length)
    )


VOLATILITY_RANK_Z = Test(
    name="volatility_rank_z",
    run=volatility_rank_z,
    words="the rank test of the variance",
    label="variance rank",
    question="Do the squared moves of these securities together rank out of the ordinary?",
    of="group",
    about="variance",
    family="variance",
    statistic="mean rank of SAR² on the L event days over its spread on all M = T + L days",
    reference="N(0, 1), upper tail",
    distribution="normal",
    source="after Corrado 1989; Marais 1984",
    null=_NULL,
    assumptions=("mean ranks of squares independent over days", NO_MEAN),
    leans_on="takes a mean effect for a variance, and sees ranks alone",
    dates="any",
    shared_date="yes",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"squares"}),
    front={},
    measured=measured("volatility_rank_z"),
)


def volatility_group_quantile(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Rank of the group's mean squared standardised abnormal return in the window among its own estimation days.

    q_s = mean over the events present of e_s^2 / (sigma^2 (1 - h_s)), q_tau = mean of AR^2 / (sigma^2 c); the sum of
    q_tau over W against the overlapping sums of L successive q_s; p = (1 + #{past >= event}) / (1 + sums). What events
    of one date have in common and heavy tails are in the past sums too, so that it comes nearest to its size on real
    prices, but not over long windows: volatility of one half-year differs from the next (in the manner of Gelbach,
    Helland and Klick 2013). The statistic is the rank from the largest, ``df`` the number of sums. Needs every day of
    the window for every event.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_group_quantile(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (11.0, 0.0909)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, VOLATILITY_GROUP_QUANTILE, reason)
    squares = past_squares(sample.kept, sample.history.residuals)
    here = np.isfinite(squares)
    count = here.sum(axis=0)
    mean = np.where(count > 0, np.where(here, squares, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
    length = window.length
    past = np.lib.stride_tricks.sliding_window_view(mean, length).sum(axis=1) if length <= len(mean) else np.empty(0)
    past = past[np.isfinite(past)]
    if len(past) == 0:
        return refuse(sample, VOLATILITY_GROUP_QUANTILE, f"no {length} estimation days in a row have returns")
    event = float((sample.kept.sar()[:, sample.kept.columns(window)] ** 2).mean(axis=0).sum())
    rank = 1.0 + float((past >= event).sum())
    said = clusters(VOLATILITY_GROUP_QUANTILE.name, length), few_sums(int((count > 0).sum()), length)
    warning = "; ".join(text for text in said if text)
    return answer(
        sample, VOLATILITY_GROUP_QUANTILE, rank, (float(len(past)),), p=rank / (len(past) + 1), warning=warning
    )


VOLATILITY_GROUP_QUANTILE = Test(
    name="volatility_group_quantile",
    run=volatility_group_quantile,
    words="the sample-quantile test of the group’s variance",
    label="variance quantile",
    question="How rare is a variance this large among this group’s own ordinary days?",
    of="group",
    about="variance",
    family="variance",
    statistic="place of the group’s mean SAR² of the window among those of the estimation days",
    reference="rank, upper tail",
    distribution="rank",
    source="after Gelbach, Helland and Klick 2013",
    null=_NULL,
    assumptions=("the estimation days are like the window but for the event", NO_MEAN),
    leans_on="takes a mean effect for a variance",
    dates="any",
    shared_date="yes",
    variance="tests it",
    slow=False,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("volatility_group_quantile"),
)


def cross_sectional_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    """lambda_t, (L,): the cross-sectional variance of each day over its expectation, 1 being ordinary.

    lambda_t = (1/N) sum_i (N AR_it - sum_j AR_jt)^2 / (N (N - 2) s_it^2 + sum_j s_jt^2), s_it^2 = sigma_i^2 c_it the
    forecast variance, for events independent of each other. Their mean effect of the day cancels. The sum of
    lambda_t - 1 over a window is the cumulative abnormal volatility. Events with a missing day have to be left out
    before (`gather`). With N = 2 both terms are the same number.

    References
    ----------
    Hilliard and Savickas (2002); Bialkowski, Gottschalk and Wisniewski (2008).
    """
    cols = abnormal.columns(window)
    ar = abnormal.ar[:, cols]
    variance = (abnormal.normal.sigma[:, None] ** 2 * abnormal.forecast_factor())[:, cols]
    n = abnormal.n
    expected = n * (n - 2) * variance + variance.sum(axis=0)
    return np.asarray(((n * ar - ar.sum(axis=0)) ** 2 / expected).mean(axis=0))


def square_ranks(history: History, window: Window) -> FloatArray:
    """U (N, T + L) of the squares e_s^2 / (1 - h_s) and of SAR^2 over `window`, the window last."""
    abnormal = history.abnormal

    def make() -> FloatArray:
        inside = abnormal.sar()[:, abnormal.columns(window)] ** 2
        return centred(average_ranks(np.concatenate([past_squares(abnormal, history.residuals), inside], axis=1)))

    return abnormal.once(("square_ranks", window.start, window.end), make)
