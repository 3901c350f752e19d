"""Generalised rank tests: the whole window as one day, ranked with the ordinary days (Kolari and Pynnonen 2011)."""

from __future__ import annotations

import math

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.ranking import centred, joined_ranks, weighted_means
from eventstudy.inference.ranks import independent_z, restandardising, shrinks, studentised
from eventstudy.inference.sample import Sample, answer, gather, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

_NULL = "the cumulative abnormal returns of the {n} events over {window} rank like those of any ordinary day"


def grank_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """GRANK-T: the window as one day among the T estimation days, by mean ranks, t(M - 2) (Kolari and Pynnonen 2011).

    Ranked are e_s / sigma of the T_i estimation days and SCAR sqrt(1 - rbar) / s(SCAR), s the standard deviation over
    the N events with N - 1, rbar as in `adjusted_bmp_t`. U = K / (T_i + 2) - 1/2; for each day m = sum of U /
    sqrt(N n_t), n_t the events present; S^2 the mean of m^2 over the M = T + 1 days (those that any event has);
    Z = m_0 / S, t = Z sqrt((M - 2) / (M - 1 - Z^2)).

    Withstands a shared date and an increase of variance, both from some 20 events on: with fewer it rejects too
    often, under heavy tails also with 20 (docs/calibration.md).
    A window of many days costs no power by ranks of single days: the CAR itself is ranked.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = grank_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.463, 0.0152)
    """
    sample = gather(abnormal, window)
    rbar = math.nan if sample.too_few else sample.mean_correlation
    scaled = _ranks(sample, rbar)
    result = scaled if isinstance(scaled, str) else studentised(weighted_means(scaled), 1)
    if isinstance(result, str):
        return refuse(sample, GRANK_T, result)
    statistic, days = result
    return answer(sample, GRANK_T, statistic, (days - 2.0,), warning=shrinks(rbar))


GRANK_T = Test(
    name="grank_t",
    run=grank_t,
    words="the generalized rank t test",
    label="generalized rank, t",
    question=(
        "Does the window as a whole rank out of the ordinary for these securities together, whatever their scatter?"
    ),
    of="group",
    about="mean",
    family="ranks",
    statistic=(
        "mean rank of SCAR·√(1 − r̄)/s among the T estimation days, Z = mean / its spread over the M = T + 1 "
        "days: Z·√((M − 2)/(M − 1 − Z²))"
    ),
    reference="t(M − 2)",
    distribution="t",
    source="Kolari and Pynnönen 2011",
    null=_NULL,
    assumptions=(
        "correlation in the window as in the estimation window",
        "20 events or more",
        "mean ranks independent over days",
    ),
    leans_on="sees the ranks of the day alone, each brought to the spread over the members",
    dates="any",
    shared_date="from N = 20",
    variance="from N = 20",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"pairs", "sum"}),
    front={"many_one_date": 2, "many_own_dates": 4},
    measured=measured("grank_t"),
)


def grank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """GRANK-Z: mean of U_0 x sqrt(12 N (M + 1) / (M - 1)), standard normal (Kolari and Pynnonen 2011).

    The ranks U of `grank_t`, with rbar = 0: the events are taken as independent. The U_0 of an event with
    M_i = T_i + 1 days has the variance (M_i - 1) / (12 (M_i + 1)), so where events miss estimation days
    z = sum of U_0 / sqrt(sum of these variances), which is the formula above where all M_i are equal.

    Does not withstand a shared date (sizes in docs/calibration.md). Withstands an increase of variance from
    some 20 events on.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = grank_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-3.765, 0.0002)
    """
    sample = gather(abnormal, window)
    scaled = _ranks(sample, 0.0)
    if isinstance(scaled, str):
        return refuse(sample, GRANK_Z, scaled)
    return answer(sample, GRANK_Z, independent_z(scaled, 1))


GRANK_Z = Test(
    name="grank_z",
    run=grank_z,
    words="the generalized rank z test",
    label="generalized rank, z",
    question="Does the window as a whole rank out of the ordinary for these securities, each taken by itself?",
    of="group",
    about="mean",
    family="ranks",
    statistic="the same mean rank · √(12·N(M + 1)/(M − 1))",
    reference="N(0, 1)",
    distribution="normal",
    source="Kolari and Pynnönen 2011",
    null=_NULL,
    assumptions=("events independent of each other", "20 events or more"),
    leans_on="takes the events as independent, and sees the rank of the window alone",
    dates="any",
    shared_date="no",
    variance="from N = 20",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"sum alone"}),
    front={},
    measured=measured("grank_z"),
)


def _ranks(sample: Sample, rbar: float) -> FloatArray | str:
    """U (N, T + 1), the window as the last day, or why there are none."""
    if sample.too_few:
        return sample.too_few
    factor = restandardising(*sample.scar_spread, rbar)
    if isinstance(factor, str):
        return factor
    # On the scale of the residuals, which are sorted once for all.
    inside = sample.scar[:, None] * factor * sample.kept.normal.sigma[:, None]
    return centred(joined_ranks(sample.history.residuals, sample.history.residual_ranks, inside))
