"""Sign and signed-rank tests: how many of the events rose, and whether the large ones did."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.ranking import average_ranks
from eventstudy.inference.sample import Sample, answer, gather, refuse, two_sided_normal
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

LEVEL = 0.05  # a test of signs that cannot reach this p, whatever the data, says nothing
MOST_EXACT = 200  # events up to which the null distribution of the signed ranks is counted out


def sign_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Number of positive CARs against one half, exact binomial two-sided p (Brown and Warner 1980).

    The statistic is the count w of positive CARs among the n that are not zero, ``df`` is n:
    p = min(1, 2 P(X <= min(w, n - w))), X binomial(n, 1/2). CARs of exactly zero have no sign and are left out.
    Five signs that agree have p = .0625, so with five or fewer the test does not apply.

    Withstands an increase of variance on the day; does not withstand a shared date, nor skewed returns, whose median
    is not zero where their mean is: see `generalized_sign_z`.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = sign_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (0.0, 0.0078)
    """
    sample = gather(abnormal, window)
    signed = sample.car[sample.car != 0]
    if reason := sample.too_few or beyond_reach(len(signed)):
        return refuse(sample, SIGN_Z, reason)
    n, positive = len(signed), int((signed > 0).sum())
    p = min(1.0, 2.0 * float(special.bdtr(min(positive, n - positive), n, 0.5)))
    return answer(sample, SIGN_Z, positive, (float(n),), p=p, warning=_zeros(sample))


SIGN_Z = Test(
    name="sign_z",
    run=sign_z,
    words="the sign test",
    label="sign",
    question="Did more of these securities rise than fall, or more fall than rise?",
    of="group",
    about="mean",
    family="ranks",
    statistic="number of positive CARs against one half",
    reference="binomial(N, ½)",
    distribution="binomial",
    source="Brown and Warner 1980",
    null="a positive cumulative abnormal return of the {n} events over {window} is as likely as a negative one",
    assumptions=("events independent of each other",),
    leans_on="sees the signs alone, and takes a rise to be as likely as a fall",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("sign_z"),
)


def generalized_sign_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """(w - N p) / sqrt(N p (1 - p)), w the number of positive CARs, standard normal (Cowan 1992).

    p is the mean over securities of their share of positive (> 0) estimation residuals. Withstands an increase of
    variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = generalized_sign_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.876, 0.004)
    """
    sample = gather(abnormal, window)
    if sample.too_few:
        return refuse(sample, GENERALIZED_SIGN_Z, sample.too_few)
    share = sample.past.positive_share
    if not 0 < share < 1:
        return refuse(sample, GENERALIZED_SIGN_Z, "the estimation residuals all have the same sign")
    positive = int((sample.car > 0).sum())
    z = (positive - sample.n * share) / np.sqrt(sample.n * share * (1 - share))
    return answer(sample, GENERALIZED_SIGN_Z, z)


GENERALIZED_SIGN_Z = Test(
    name="generalized_sign_z",
    run=generalized_sign_z,
    words="the generalized sign test",
    label="generalized sign",
    question="Did more of these securities rise, or fall, than on their ordinary days?",
    of="group",
    about="mean",
    family="ranks",
    statistic="number of positive CARs against their usual share",
    reference="N(0, 1)",
    distribution="normal",
    source="Cowan 1992",
    null="as many of the {n} events have a positive cumulative abnormal return over {window} as their ordinary days do",
    assumptions=("events independent of each other", "many events"),
    leans_on="sees the signs alone, and takes the events as independent",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("generalized_sign_z"),
)


def wilcoxon(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Signed ranks of the CARs, exact, also with ties (Wilcoxon 1945).

    The statistic is W, the sum of the ranks of |CAR| of the positive CARs among the n that are not zero (ties get the
    mean of their ranks), ``df`` is n. Up to 200 events the 2^n patterns of signs are counted out:
    p = min(1, 2 min(P(W' <= W), P(W' >= W))). Beyond, W is normal with mean n (n + 1) / 4 and variance a quarter of
    the sum of squared ranks, with a continuity correction of 1/2. CARs of exactly zero are left out. With five events
    or fewer no outcome has p < .05: the test does not apply.

    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = wilcoxon(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (0.0, 0.0078)
    """
    sample = gather(abnormal, window)
    signed = sample.car[sample.car != 0]
    if reason := sample.too_few or beyond_reach(len(signed)):
        return refuse(sample, WILCOXON, reason)
    statistic, ranks = signed_ranks(signed)
    p = signed_rank_p(ranks, statistic)
    return answer(sample, WILCOXON, statistic, (float(len(signed)),), p=p, warning=_zeros(sample))


WILCOXON = Test(
    name="wilcoxon",
    run=wilcoxon,
    words="Wilcoxon’s signed-rank test",
    label="Wilcoxon",
    question="Did these securities move more to one side than to the other, by number and by size?",
    of="group",
    about="mean",
    family="ranks",
    statistic="sum of the ranks of |CAR| of the positive CARs",
    reference="sign patterns",
    distribution="rank",
    source="Wilcoxon 1945",
    null="the cumulative abnormal returns of the {n} events over {window} are symmetric about zero",
    assumptions=("events independent of each other", "CARs symmetric about their median"),
    leans_on="takes the moves to be as far above their median as below, and the events as independent",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("wilcoxon"),
)


def signed_ranks(signed: FloatArray) -> tuple[float, FloatArray]:
    """Sum of the ranks of |x| of the positive among `signed` (n,), none of them zero, and the ranks in some order.

    The sign takes the place that a number without one has to spare, so that one sort of whole numbers says both.

    Examples
    --------
    >>> signed_ranks(np.array([0.1, -0.3, 0.2]))[0]
    3.0
    """
    key = (np.abs(signed).view(np.uint64) << np.uint64(1)) | (signed > 0)
    key.sort()
    size = key >> np.uint64(1)
    if (size[1:] == size[:-1]).any():
        ranks = average_ranks(np.abs(signed)[None, :])[0]
        return float(ranks[signed > 0].sum()), ranks
    return float((np.flatnonzero(key & np.uint64(1)) + 1).sum()), np.arange(1.0, len(signed) + 1)


def beyond_reach(n: int) -> str | None:
    """Why signs of `n` events cannot be significant at 5 %, whatever they are; None if they can.

    Examples
    --------
    >>> beyond_reach(5)
    '5 signs that all agree have p = 0.0625: no outcome could be significant at 5%'
    >>> beyond_reach(6)
    """
    least = min(1.0, 2.0 * 0.5**n)
    if least <= LEVEL:
        return None
    return f"{n} signs that all agree have p = {least:.4g}: no outcome could be significant at 5%"


def signed_rank_p(ranks: FloatArray, statistic: float) -> float:
    """Two-sided p of a sum of signed `ranks` (n,), each in it or not with probability one half.

    Examples
    --------
    >>> signed_rank_p(np.arange(1.0, 7.0), 21.0)  # all six positive: 2 of the 64 patterns are as extreme
    0.03125
    """
    n = len(ranks)
    if n > MOST_EXACT:
        off = max(abs(statistic - float(ranks.sum()) / 2) - 0.5, 0.0)
        return float(two_sided_normal(off / math.sqrt(float((ranks * ranks).sum()) / 4)))
    doubled = np.sort(np.rint(2 * ranks)).astype(int)  # mid-ranks are multiples of one half
    step = int(np.gcd.reduce(doubled))
    shares = _sums(tuple((doubled // step).tolist()))
    at = round(2 * statistic / step)
    return min(1.0, 2.0 * float(min(shares[: at + 1].sum(), shares[at:].sum())))


@lru_cache(maxsize=16)
def _sums(weights: tuple[int, ...]) -> FloatArray:
    """Share of the 2^n subsets of `weights` that have each sum, from 0 to the sum of all."""
    shares = np.zeros(sum(weights) + 1)
    shares[0], top = 1.0, 0
    for weight in weights:
        top += weight
        shares[weight : top + 1] = shares[weight : top + 1] + shares[: top - weight + 1]
        shares[: top + 1] /= 2
    shares.flags.writeable = False
    return shares


def _zeros(sample: Sample) -> str | None:
    """What was left out because it has no sign."""
    count = int((sample.car == 0).sum())
    return f"{count} of the {sample.n} CARs are exactly zero and have no sign: left out" if count else None
