"""Tests of a mean by resampling the events: flipped signs, and random weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.sample import MEAN_NULL, Sample, answer, constant, gather, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

REPLICATIONS = 9_999  # so that p = (b + 1) / 10,000
SEED = 20_250_127
EXACT = 20  # events up to which every pattern of signs is gone through
FEWEST_CLUSTERS = 6  # with 5 there are 32 patterns of signs, and the smallest two-sided p is 2/32 = .0625
AT_ONCE = 1 << 21  # random numbers held at a time
ROUNDING = float(np.finfo(np.float64).eps)

Weights = Literal["rademacher", "mammen", "webb"]


# ---------------------------------------------------------------------------------------------------------- sign flips
def sign_flip(
    abnormal: AbnormalReturns | Sample, window: Window, *, replications: int = REPLICATIONS, seed: int = SEED
) -> InferenceResult:
    """The sum of the SCARs among those with every pattern of signs (Fisher 1935; Lehmann and Romano 2005, 15.2).

    z = sum SCAR / sqrt(sum SCAR^2), of mean 0 and variance 1 over the patterns; p is the share of patterns with
    |z*| >= |z|. A pattern leaves the sum of squares as it is, so |sum|, z and the t of the mean (`bmp_t`) order the
    patterns alike and give the same p. Exact up to 20 events: all 2^N patterns, the observed one among them; beyond,
    `replications` random patterns and p = (b + 1) / (B + 1). ``df`` is the number of patterns. With five events, or
    five SCARs that are not zero, p cannot be less than 2/2^5 = .0625: the test then does not apply.
    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = sign_flip(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.469, 0.0078)
    """
    sample = gather(abnormal, window)
    nonzero = int(np.count_nonzero(sample.scar))
    reason = sample.too_few or (_coarse(nonzero, "SCARs that are not zero") if nonzero < FEWEST_CLUSTERS else None)
    if reason:
        return refuse(sample, SIGN_FLIP, reason)
    statistic = float(sample.scar.sum() / np.sqrt((sample.scar**2).sum()))
    count, p = sign_flip_p(sample.scar, replications, seed)
    return answer(sample, SIGN_FLIP, statistic, (float(count),), p=p)


SIGN_FLIP = Test(
    name="sign_flip",
    run=sign_flip,
    words="the sign-flip test",
    label="sign flip",
    question="Could the signs of these moves have come about by chance?",
    of="group",
    about="mean",
    family="resampling",
    statistic="share of sign patterns of the SCARs with |Σ SCAR| as large",
    reference="sign patterns",
    distribution="permutation",
    source="Fisher 1935",
    null=MEAN_NULL,
    assumptions=("events independent of each other", "SCARs symmetric about zero"),
    leans_on="takes the moves to be as likely up as down, and the events as independent",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=True,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("sign_flip"),
)


def sign_flip_p(values: FloatArray, replications: int = REPLICATIONS, seed: int = SEED) -> tuple[int, float]:
    """Number of sign patterns and the share of them whose |sum| is at least that of `values` (N,).

    Sums that are equal but for rounding count as equal.

    Examples
    --------
    >>> sign_flip_p(np.array([1.0, 2.0, 3.0]))
    (8, 0.25)
    """
    bound = abs(float(values.sum())) - len(values) * ROUNDING * float(np.abs(values).sum())
    if len(values) <= EXACT:
        sums = values[:1]  # the first sign is held: the other half of the patterns only mirrors these
        for value in values[1:]:
            sums = np.concatenate([sums + value, sums - value])
        beyond = int((np.abs(sums) >= bound).sum())
        return 2 * len(sums), beyond / len(sums)
    beyond = 0
    for signs in _draws("rademacher", replications, len(values), seed):
        beyond += int((np.abs(signs @ values) >= bound).sum())
    return replications, (beyond + 1) / (replications + 1)


def _coarse(n: int, what: str) -> str:
    smallest = f": with {n} no two-sided p is below {2.0 ** (1 - n):.4g}" if n else ""
    return f"needs at least {FEWEST_CLUSTERS} {what}, has {n}{smallest}"


# ------------------------------------------------------------------------------------------------------ wild bootstrap
def wild_bootstrap(
    abnormal: AbnormalReturns | Sample,
    window: Window,
    *,
    weights: Weights = "rademacher",
    replications: int = REPLICATIONS,
    seed: int = SEED,
) -> InferenceResult:
    """The t of the CAAR against its distribution under random weights on the CARs, the null imposed.

    CAR*_i = w_g CAR_i with one weight for each date g (Wu 1986; Liu 1988; Mammen 1993; clusters: Cameron, Gelbach and
    Miller 2008), mean zero and variance one: Rademacher +1 or -1; Mammen's two points, which keep the third moment;
    or Webb's six (2023), for few dates. The statistic is studentised in every draw by its own variance, clustered by
    date: t = CAAR / se, se^2 = G/(G - 1) sum over g of (sum over its events of CAR - CAAR)^2 / N^2; with a date for
    each event it is the t of `cross_sectional_t`. p = (b + 1) / (B + 1), b the draws with |t*| >= |t|. Where all 2^G
    Rademacher patterns are no more than `replications` each is taken once, and p is their share. ``df`` is the number
    of draws. Needs at least 6 dates, 10 with Mammen's weights: draws that weight all dates alike give back |t|, so
    with fewer p cannot be .05, and up to about 20 dates Mammen's test is very conservative. As `sign_flip` it tests
    symmetry about zero too: at 30 events of an exponential distribution both reject 7 to 8% (1,000 simulations).
    Withstands an increase of variance on the day, and dates that several events share; not one date shared by all.

    Raises
    ------
    SpecError : unknown `weights`.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = wild_bootstrap(example(20, own_dates=True), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-6.843, 0.0001)
    """
    if weights not in _POINTS:
        raise SpecError(f"the weights are one of {', '.join(_POINTS)}, got {weights!r}")
    sample = gather(abnormal, window)
    reason = sample.too_few
    if reason is None and sample.history.one_date:
        reason = "all events share one date: there is one weight for all of them, and nothing to compare with"
    sums, sizes = _by_date(sample)
    if reason := reason or _too_few_dates(len(sums), weights):
        return refuse(sample, WILD_BOOTSTRAP, reason)
    spread = _cluster_t(sums[None, :], sizes)
    if constant(sums / sizes) or not np.isfinite(spread[0]):
        return refuse(sample, WILD_BOOTSTRAP, "the mean CARs of all dates are the same: they have no variance")
    count, p = _wild_p(sums, sizes, weights, replications, seed)
    return answer(sample, WILD_BOOTSTRAP, float(spread[0]), (float(count),), p=p, warning=_overlap(sample))


WILD_BOOTSTRAP = Test(
    name="wild_bootstrap",
    run=wild_bootstrap,
    words="the wild bootstrap",
    label="wild bootstrap",
    question="Do securities like these move on average on such dates, whatever the distribution of their moves?",
    of="group",
    about="mean",
    family="resampling",
    statistic="t of the CAAR against that of CARs with random weights of mean 0, one for each date",
    reference="bootstrap",
    distribution="bootstrap",
    source="Wu 1986; Cameron, Gelbach and Miller 2008",
    null=MEAN_NULL,
    assumptions=("events of different dates independent of each other",),
    leans_on="takes the dates as independent of each other, and needs several",
    dates="several",
    shared_date="several dates",
    variance="yes",
    slow=True,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("wild_bootstrap"),
)


def _too_few_dates(groups: int, weights: Weights) -> str | None:
    """Why so few dates will not do: p is never below the chance that all weights are the same, when |t*| = |t|."""
    chances = np.diff(_POINTS[weights][1], prepend=0.0)
    smallest = float((chances**groups).sum())
    if groups >= FEWEST_CLUSTERS and smallest <= 0.05:
        return None
    fewest = next(n for n in range(FEWEST_CLUSTERS, 99) if (chances**n).sum() <= 0.05)
    return (
        f"needs at least {fewest} dates, has {groups}: with {groups} no p of {weights} weights is below {smallest:.4g}"
    )


def _by_date(sample: Sample) -> tuple[FloatArray, FloatArray]:
    """Sum of the CARs and number of events of each date, both (G,)."""
    _, group = np.unique(sample.kept.panel.day, return_inverse=True)
    return np.bincount(group, weights=sample.car).astype(np.float64), np.bincount(group).astype(np.float64)


def _overlap(sample: Sample) -> str | None:
    days = np.unique(sample.kept.panel.day)
    pairs = int((np.diff(days) < sample.window.length).sum())
    if not pairs:
        return None
    return f"{pairs} of the {len(days) - 1} pairs of neighbouring dates have windows that share days, here independent"


def _cluster_t(sums: FloatArray, sizes: FloatArray) -> FloatArray:
    """t of the mean clustered by date for each row of `sums` (B, G); infinite where a draw has no variance."""
    groups, n = len(sizes), sizes.sum()
    mean = sums.sum(axis=1) / n
    # Summed as they stand: expanding the square would cancel where all dates agree.
    apart = sums - mean[:, None] * sizes
    variance = groups / max(groups - 1, 1) * np.einsum("bg,bg->b", apart, apart) / n**2
    size = np.abs(sums).max(axis=1)
    none = variance <= (8 * ROUNDING * size / n) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / np.sqrt(np.where(none, 0.0, variance))
    return np.asarray(t)


def _wild_p(sums: FloatArray, sizes: FloatArray, weights: Weights, replications: int, seed: int) -> tuple[int, float]:
    groups = len(sums)
    bound = abs(float(_cluster_t(sums[None, :], sizes)[0])) * (1 - 1e-10)  # equal but for rounding counts as equal
    if weights == "rademacher" and 2**groups <= replications:
        patterns = 1.0 - 2.0 * ((np.arange(2**groups)[:, None] >> np.arange(groups)) & 1)
        return 2**groups, int((np.abs(_cluster_t(patterns * sums, sizes)) >= bound).sum()) / 2**groups
    beyond = 0
    for drawn in _draws(weights, replications, groups, seed):
        beyond += int((np.abs(_cluster_t(drawn * sums, sizes)) >= bound).sum())
    return replications, (beyond + 1) / (replications + 1)


_ROOT5 = float(np.sqrt(5.0))
_POINTS: dict[str, tuple[FloatArray, FloatArray]] = {  # values and their cumulative probabilities
    "rademacher": (np.array([-1.0, 1.0]), np.array([0.5, 1.0])),
    "mammen": (np.array([(1 - _ROOT5) / 2, (1 + _ROOT5) / 2]), np.array([(_ROOT5 + 1) / (2 * _ROOT5), 1.0])),
    "webb": (np.sqrt([1.5, 1.0, 0.5, 0.5, 1.0, 1.5]) * [-1, -1, -1, 1, 1, 1], np.arange(1, 7) / 6),
}


def _draws(weights: Weights, replications: int, n: int, seed: int) -> Iterator[FloatArray]:
    """`replications` rows of n independent weights, in parts that fit into memory."""
    rng = np.random.default_rng(seed)
    values, upto = _POINTS[weights]
    rows = max(1, AT_ONCE // n)
    for start in range(0, replications, rows):
        size = (min(rows, replications - start), n)
        if weights == "rademacher":
            yield values[rng.integers(0, 2, size=size, dtype=np.int8)]
        else:
            yield values[np.searchsorted(upto[:-1], rng.random(size), side="right")]
