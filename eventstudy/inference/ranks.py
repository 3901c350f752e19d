"""Rank tests: the place of the event days among a security's own days, instead of the size of its returns."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.history import History, mean_by_day
from eventstudy.inference.ranking import average_ranks, centred, joined_ranks, weighted_means
from eventstudy.inference.sample import Sample, answer, gather, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.once import once

__all__ = ["average_ranks", "corrado_rank_z", "corrado_zivney_z", "cumrank_t", "cumrank_z"]

_NULL = "the abnormal returns of the {n} events over {window} rank like those of any other days"
_RESTANDARDISED = ("correlation in the window as in the estimation window", "20 events or more")
FLAT = "the mean ranks of all days are the same: they have no variance"
_LEAST = 1e-12  # smaller than this a spread of ranks is rounding


# ----------------------------------------------------------------------------------------------- ranks as they stand
def corrado_rank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Mean rank deviation of the event days over its own variability, standard normal (Corrado 1989; Cowan 1992).

    Ranks K over the M = T + L days of the estimation and the tested window; for each day the mean over events of
    K - (M + 1)/2; S^2 the mean square of these means over all M days (divisor M); z = sum over the window / (S sqrt L).
    Where events miss estimation days, M differs: each rank is then K/(M_i + 1) - 1/2, which changes nothing where all
    M are equal (Corrado and Zivney 1992), and a day's mean is over the events present. The window itself has to be
    complete: a mean of fewer events varies more than S says.
    Withstands a shared date; does not withstand an increase of variance on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = corrado_rank_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.204, 0.0275)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, CORRADO_RANK_Z, reason)
    z = mean_rank_z(mean_by_day(window_ranks(sample.history, window)), window.length)
    return refuse(sample, CORRADO_RANK_Z, z) if isinstance(z, str) else answer(sample, CORRADO_RANK_Z, z)


CORRADO_RANK_Z = Test(
    name="corrado_rank_z",
    run=corrado_rank_z,
    words="Corrado’s rank test",
    label="Corrado rank",
    question="Do these securities together rank out of the ordinary on the day?",
    of="group",
    about="mean",
    family="ranks",
    statistic=(
        "mean rank deviation on the L event days, ranks over all M = T + L days, / (its standard deviation over "
        "the M days · √L)"
    ),
    reference="N(0, 1)",
    distribution="normal",
    source="Corrado 1989; Cowan 1992",
    null=_NULL,
    assumptions=("mean ranks independent over days", "no increase of variance or correlation in the window"),
    leans_on="sees the rank of the day alone, not how far it lies out",
    dates="any",
    shared_date="yes",
    variance="no",
    slow=False,
    by_rank=True,
    each=None,
    needs=frozenset({"corrado"}),
    front={"few_one_date": 3, "many_one_date": 4},
    measured=measured("corrado_rank_z"),
)


# ------------------------------------------------------------------------------- ranks of restandardised event days
def corrado_zivney_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Corrado's rank test on event days brought to ordinary variance, standard normal (Corrado and Zivney 1992).

    Ranked are e_s / sigma of the T estimation days and, of each day of the window, SAR_tau sqrt(1 - rbar) / s(SAR_tau),
    s the standard deviation over the N events with N - 1: an increase of variance on the day cancels. Correlated events
    spread by only 1 - rbar, so without the factor all of them would look larger than they are (the size rises from 5 to
    7 %); rbar is that of one-day windows, because events spread on one relative day. U = K / (M_i + 1) - 1/2; for each
    day m = sum of U / sqrt(N n_t), n_t the events present; S^2 the mean of m^2 over the M = T + L days;
    z = sum of m over the window / (S sqrt L) (Cowan 1992).

    Withstands a shared date and an increase of variance, both from some 20 events on: with fewer s(SAR) is too
    uncertain (size 9.6 % with 5 on one date). Needs every day of the window for every event, and two events.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = corrado_zivney_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.412, 0.0158)
    """
    sample = gather(abnormal, window)
    rbar = math.nan if sample.too_few else sample.past.mean_correlation(1)
    scaled = restandardised_ranks(sample, rbar)
    if isinstance(scaled, str):
        return refuse(sample, CORRADO_ZIVNEY_Z, scaled)
    z = mean_rank_z(weighted_means(scaled), window.length)
    return (
        refuse(sample, CORRADO_ZIVNEY_Z, z)
        if isinstance(z, str)
        else answer(sample, CORRADO_ZIVNEY_Z, z, warning=shrinks(rbar))
    )


CORRADO_ZIVNEY_Z = Test(
    name="corrado_zivney_z",
    run=corrado_zivney_z,
    words="Corrado and Zivney’s rank test",
    label="Corrado-Zivney rank",
    question="Do these securities together rank out of the ordinary on the day, whatever their scatter on it?",
    of="group",
    about="mean",
    family="ranks",
    statistic=(
        "Corrado’s z on ranks of e/σ and of SAR·√(1 − r̄)/s on the event days, s their spread over the securities"
    ),
    reference="N(0, 1)",
    distribution="normal",
    source="Corrado and Zivney 1992; Cowan 1992",
    null=_NULL,
    assumptions=("mean ranks independent over days", *_RESTANDARDISED),
    leans_on="sees the ranks of the day alone, each brought to the spread over the members",
    dates="any",
    shared_date="from N = 20",
    variance="from N = 20",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"pairs", "sar", "days"}),
    front={},
    measured=measured("corrado_zivney_z"),
)


def cumrank_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """CUMRANK-T: the mean ranks of the window against those of the other days, t(M - 2) (Luoma and Pynnonen 2010).

    The ranks and day means m of `corrado_zivney_z`. The M centred means sum to zero, so L of them, drawn without
    replacement, sum to a variance of S^2 L (M - L) / (M - 1):
    Z = sum of m over the window / (S sqrt(L (M - L) / (M - 1))), t = Z sqrt((M - 2) / (M - 1 - Z^2)).
    With complete data this is the two-sample t of L against T mean ranks. Corrado's z leaves out (M - L) / (M - 1),
    4 % of the variance at L = 11, T = 250.

    Withstands a shared date and an increase of variance, both from some 20 events on.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = cumrank_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.463, 0.0152)
    """
    sample = gather(abnormal, window)
    rbar = math.nan if sample.too_few else sample.past.mean_correlation(1)
    scaled = restandardised_ranks(sample, rbar)
    if isinstance(scaled, str):
        return refuse(sample, CUMRANK_T, scaled)
    found = studentised(weighted_means(scaled), window.length)
    if isinstance(found, str):
        return refuse(sample, CUMRANK_T, found)
    statistic, days = found
    return answer(sample, CUMRANK_T, statistic, (days - 2.0,), warning=shrinks(rbar))


CUMRANK_T = Test(
    name="cumrank_t",
    run=cumrank_t,
    words="the cumulated rank t test",
    label="cumulated ranks, t",
    question=(
        "Do the days of the window rank out of the ordinary for these securities together, whatever their scatter?"
    ),
    of="group",
    about="mean",
    family="ranks",
    statistic=(
        "mean ranks of the L days against those of the others, ranks of e/σ and of SAR·√(1 − r̄)/s on the event "
        "days, s their spread over the securities: Z·√((M − 2)/(M − 1 − Z²))"
    ),
    reference="t(M − 2)",
    distribution="t",
    source="Luoma and Pynnönen 2010",
    null=_NULL,
    assumptions=("the days of a security exchangeable", *_RESTANDARDISED),
    leans_on="sees the ranks of the day alone, each brought to the spread over the members",
    dates="any",
    shared_date="from N = 20",
    variance="from N = 20",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"pairs", "sar", "days"}),
    front={},
    measured=measured("cumrank_t"),
)


def cumrank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """CUMRANK-Z: the sum of all ranks of the window over its exact spread, N(0, 1) (Luoma and Pynnonen 2010).

    The ranks U of `corrado_zivney_z`, with rbar = 0: the events are taken as independent. Under exchangeable days
    without ties the sum of the L ranks of one event has the variance L (M_i - L) / (12 (M_i + 1)), so
    z = sum over events and window of U / sqrt(sum of these variances); with equal M_i this is the mean of the events'
    rank sums x sqrt(12 N (M + 1) / (L (M - L))).

    Does not withstand a shared date. Withstands an increase of variance from some 20 events on.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = cumrank_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-3.765, 0.0002)
    """
    sample = gather(abnormal, window)
    scaled = restandardised_ranks(sample, 0.0)
    if isinstance(scaled, str):
        return refuse(sample, CUMRANK_Z, scaled)
    return answer(sample, CUMRANK_Z, independent_z(scaled, window.length))


CUMRANK_Z = Test(
    name="cumrank_z",
    run=cumrank_z,
    words="the cumulated rank z test",
    label="cumulated ranks, z",
    question="Do the days of the window rank out of the ordinary for these securities, each taken by itself?",
    of="group",
    about="mean",
    family="ranks",
    statistic="sum of all ranks of the L days over its exact spread, √(N·L(M − L)/(12(M + 1)))",
    reference="N(0, 1)",
    distribution="normal",
    source="Luoma and Pynnönen 2010",
    null=_NULL,
    assumptions=("events independent of each other", "the days of a security exchangeable", "20 events or more"),
    leans_on="takes the events as independent, and sees the ranks of the days alone",
    dates="any",
    shared_date="no",
    variance="from N = 20",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"sar", "days alone"}),
    front={},
    measured=measured("cumrank_z"),
)


# --------------------------------------------------------------------------------------------- what they are made of
def window_ranks(history: History, window: Window) -> FloatArray:
    """U (N, T + L) of the residuals and the abnormal returns of `window`, the window last (see `ranking.centred`)."""

    abnormal = history.abnormal

    def make() -> FloatArray:
        inside = abnormal.scaled()[:, abnormal.columns(window)]
        return centred(joined_ranks(history.residuals, history.residual_ranks, inside))

    return abnormal.once(("window_ranks", window.start, window.end), make)


@once
def restandardised_ranks(sample: Sample, rbar: float) -> FloatArray | str:
    """U (N, T + L) of the estimation days and the restandardised days of the window, or why there are none."""
    if reason := sample.too_few or sample.lacking:
        return reason
    kept, history = sample.kept, sample.history
    factor = restandardising(*sample.day_spread, rbar)
    if isinstance(factor, str):
        return factor
    inside = kept.sar()[:, kept.columns(sample.window)] * factor
    # Ranked are residuals with values on the scale of sigma: the same order as e / sigma, but sorted once for all.
    return centred(joined_ranks(history.residuals, history.residual_ranks, inside * kept.normal.sigma[:, None]))


def restandardising(spread: FloatArray, flat: bool, rbar: float) -> FloatArray | str:
    """sqrt(1 - rbar) / s for the spread s (L,) of each day over the events, or why that is not defined.

    ``flat`` : whether the values of a day are all the same.
    """
    if math.isnan(rbar):
        return "the mean residual correlation is not defined: a pair of events has too few estimation days in common"
    if 1 - rbar <= _LEAST:
        return "the residuals of all events are the same series"
    if flat:
        return "the standardised abnormal returns of a day are all the same: they have no variance"
    return np.asarray(math.sqrt(1 - rbar) / spread)


def mean_rank_z(means: FloatArray, length: int) -> float | str:
    """Sum of the last `length` of the M day `means` / (S sqrt L), S^2 their mean square, or why it is not defined.

    Examples
    --------
    >>> round(mean_rank_z(np.array([-0.3, 0.0, 0.0, 0.3, 0.0]), 2), 12)  # 0.3 / (sqrt(0.18 / 5) x sqrt 2)
    1.11803398875
    """
    spread = math.sqrt(float((means * means).mean()))
    if spread <= _LEAST:
        return FLAT
    return float(means[-length:].sum()) / (spread * math.sqrt(length))


def studentised(means: FloatArray, length: int) -> tuple[float, int] | str:
    """t of the last `length` of the M day `means` against all of them, and M; or why it is not defined.

    Examples
    --------
    >>> t, days = studentised(np.array([-0.2, 0.0, -0.1, 0.1, 0.2]), 2)  # two-sample t of the last 2 and the first 3
    >>> round(t, 12), days
    (3.0, 5)
    """
    days = len(means)
    variance = float((means * means).mean()) * length * (days - length) / (days - 1)
    if variance <= _LEAST**2:
        return FLAT
    z = float(means[-length:].sum()) / math.sqrt(variance)
    left = days - 1 - z * z  # Cauchy and Schwarz: never negative, zero where only the window's means differ
    if left <= _LEAST * days:
        return "the mean ranks of the estimation days are all the same: they have no variance"
    return z * math.sqrt((days - 2) / left), days


def independent_z(scaled: FloatArray, length: int) -> float:
    """Sum of the last `length` columns of the ranks U (N, M) over its standard deviation for independent events.

    Examples
    --------
    >>> u = np.array([[0.25, -0.25, 0.0], [-0.25, 0.0, 0.25]])
    >>> independent_z(u, 1)  # (0 + 1/4) / sqrt(2 x 1 x 2 / 48)
    0.8660254037844387
    """
    days = np.isfinite(scaled).sum(axis=1)
    variance = (length * (days - length) / (12.0 * (days + 1.0))).sum()
    return float(scaled[:, -length:].sum() / np.sqrt(variance))


def shrinks(rbar: float) -> str | None:
    """What to say where the correlation term works the other way round."""
    if rbar >= 0:
        return None
    return f"the mean residual correlation is negative ({rbar:.3g}), so sqrt(1 - rbar) makes the event days larger"
