"""Tests of buy-and-hold abnormal returns: what an investor who held over the window got, compounded."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.resampling import AT_ONCE, REPLICATIONS, ROUNDING, SEED
from eventstudy.inference.sample import Sample, answer, constant, gather, mean_t, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

FEWEST_BHAR = 20  # resamples of a quarter are then of 5, the fewest with a skewness worth the name


def bhar_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """mean BHAR / (s / sqrt N), s of the N BHARs with N - 1, t(N - 1) (Lyon, Barber and Tsai 1999).

    BHAR = prod(1 + R) - prod(1 + E[R]) over the window; of simple returns only, so with logarithmic ones the test does
    not apply. Over one day the same as `cross_sectional_t`. Long windows make BHARs skewed to the right, and the test
    then rejects too often on the left.

    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = bhar_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-4.741, 0.0021)
    """
    sample = gather(abnormal, window)
    if sample.too_few:
        return refuse(sample, BHAR_T, sample.too_few)
    try:
        held = sample.kept.bhar(window)
    except SpecError as error:
        return refuse(sample, BHAR_T, str(error))
    if constant(held):
        return refuse(sample, BHAR_T, "all BHARs are the same: they have no variance")
    return answer(sample, BHAR_T, mean_t(held), (sample.n - 1.0,))


BHAR_T = Test(
    name="bhar_t",
    run=bhar_t,
    words="the buy-and-hold t test",
    label="buy-and-hold t",
    question="Did holding these securities over the window earn more or less than normal, on average?",
    of="group",
    about="mean",
    family="holding",
    statistic="mean BHAR / (s/√N), BHAR = Π(1 + R) − Π(1 + E[R])",
    reference="t(N − 1)",
    distribution="t",
    source="Lyon, Barber and Tsai 1999",
    null="the mean buy-and-hold abnormal return of the {n} events over {window} is zero",
    assumptions=("events independent of each other", "BHARs normal, or many"),
    leans_on="measures the spread over the members, so it needs members that move alike",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("bhar_t"),
)


# ------------------------------------------------------------------------------------------------------ skewed returns
def bhar_skewness_bootstrap(
    abnormal: AbnormalReturns | Sample, window: Window, *, replications: int = REPLICATIONS, seed: int = SEED
) -> InferenceResult:
    """Skewness-adjusted t of the BHARs against its bootstrap distribution (Lyon, Barber and Tsai 1999).

    t = sqrt(N) (S + g S^2/3 + g/(6 N)) with S = mean / s (s with N - 1), g = m3 / s^3 (Johnson 1978). Every resample
    draws n = floor(N/4) BHARs with replacement and has S* = (mean* - mean) / s*, the same t of n. p is equal-tailed:
    twice the smaller of (1 + #{t* <= t}) / (B + 1) and (1 + #{t* >= t}) / (B + 1), at most 1, since the distribution
    is skewed. ``df`` is the number of resamples. Needs simple returns and at least 20 events, so that a resample has 5.
    Resamples of few events have wide tails: at a nominal 5% it rejects about 3% of true nulls with 20 or 30 events and
    4% with 100 (1,000 simulations of normal and of exponential BHARs, error .7).
    Withstands an increase of variance on the day and skewed returns; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = bhar_skewness_bootstrap(example(20, own_dates=True), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-7.149, 0.0028)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few
    if reason is None and sample.kept.panel.kind != "simple":
        reason = "buy-and-hold abnormal returns need simple returns, the study has log returns"
    if reason is None and sample.n < FEWEST_BHAR:
        reason = f"needs at least {FEWEST_BHAR} events, so that a resample of a quarter holds 5; has {sample.n}"
    if reason:
        return refuse(sample, BHAR_SKEWNESS_BOOTSTRAP, reason)
    bhar = sample.kept.bhar(window)
    if constant(bhar):
        return refuse(sample, BHAR_SKEWNESS_BOOTSTRAP, "all BHARs are the same: they have no variance")
    statistic = float(skewness_adjusted(bhar[None, :])[0])
    below = above = 0
    rng, n = np.random.default_rng(seed), sample.n // 4
    rows = max(1, AT_ONCE // n)
    for start in range(0, replications, rows):
        picked = rng.integers(0, sample.n, size=(min(rows, replications - start), n))
        drawn = skewness_adjusted(bhar[picked], float(bhar.mean()))
        below += int((drawn <= statistic).sum())
        above += int((drawn >= statistic).sum())
    p = min(1.0, 2 * (1 + min(below, above)) / (replications + 1))
    return answer(sample, BHAR_SKEWNESS_BOOTSTRAP, statistic, (float(replications),), p=p)


BHAR_SKEWNESS_BOOTSTRAP = Test(
    name="bhar_skewness_bootstrap",
    run=bhar_skewness_bootstrap,
    words="the skewness-adjusted bootstrap of buy-and-hold returns",
    label="buy-and-hold bootstrap",
    question=(
        "Did holding these securities over the window earn more or less than normal on average, allowing for "
        "skewed returns?"
    ),
    of="group",
    about="mean",
    family="holding",
    statistic="skewness-adjusted t of the BHARs against resamples of N/4 of them",
    reference="bootstrap",
    distribution="bootstrap",
    source="Lyon, Barber and Tsai 1999",
    null="the mean buy-and-hold abnormal return of the {n} events over {window} is zero",
    assumptions=("events independent of each other",),
    leans_on="takes the events as independent of each other",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=True,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("bhar_skewness_bootstrap"),
)


def skewness_adjusted(values: FloatArray, centre: float = 0.0) -> FloatArray:
    """sqrt(n) (S + g S^2/3 + g/(6 n)) of each row of `values` (B, n), S = (mean - centre) / s (Johnson 1978).

    A row of equal values is infinitely far on its side, or at zero if it lies on `centre`.
    """
    n = values.shape[1]
    mean = values.mean(axis=1)
    apart = values - mean[:, None]
    s = np.sqrt((apart * apart).sum(axis=1) / (n - 1))
    flat = s <= 8 * ROUNDING * np.abs(values).max(axis=1)
    s = np.where(flat, 1.0, s)
    ratio, g = (mean - centre) / s, (apart * apart * apart).mean(axis=1) / s**3
    t = np.sqrt(n) * (ratio + g * ratio**2 / 3 + g / (6 * n))
    return np.where(flat, np.where(mean == centre, 0.0, np.copysign(np.inf, mean - centre)), t)
