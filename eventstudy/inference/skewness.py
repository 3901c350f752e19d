"""Tests of a mean that do not lean on normal abnormal returns: skewness adjusted, and jackknifed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import MEAN_NULL, Sample, answer, constant, gather, mean_t, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.registry import lookup

Variant = Literal["johnson", "hall"]

_FEWEST = 3  # two values have no skewness, and leaving one of two out leaves no variance


# ------------------------------------------------------------------------------------------------------------ skewness
def johnson(s: float, g: float, n: int) -> float:
    """sqrt n (S + g S^2 / 3 + g / (6n)): Johnson (1978).

    Examples
    --------
    >>> johnson(0.5, 0.0, 16)
    2.0
    """
    return math.sqrt(n) * (s + g * s * s / 3 + g / (6 * n))


def hall(s: float, g: float, n: int) -> float:
    """Johnson's statistic and sqrt n g^2 S^3 / 27, with which it only rises in S: Hall (1992).

    Examples
    --------
    >>> [round(f(3.0, -1.0, 9), 3) for f in (johnson, hall)]  # beyond its turning point Johnson's has come down to zero
    [-0.056, 2.944]
    """
    return johnson(s, g, n) + math.sqrt(n) * g * g * s**3 / 27


_VARIANTS: dict[str, Callable[[float, float, int], float]] = {"johnson": johnson, "hall": hall}


def skewness_adjusted_t(
    abnormal: AbnormalReturns | Sample, window: Window, variant: Variant = "hall"
) -> InferenceResult:
    """sqrt N (S + g S^2 / 3 + g^2 S^3 / 27 + g / (6N)) on the CARs, t(N - 1) (Hall 1992; Johnson 1978).

    S = mean / sd with sd of divisor N - 1, g = m3 / sd^3 with m3 = sum (CAR - mean)^3 / N. ``variant="johnson"``
    leaves out g^2 S^3 / 27, as Johnson (1978) and Lyon, Barber and Tsai (1999) do. That is a parabola in S: where
    g S < -3/2 it falls as the mean rises, so that a clear effect can look like none; there a warning says so. Hall's
    only rises. The variant stands in the assumptions. Needs 3 events: two have no skewness.

    Withstands an increase of variance on the day; does not withstand a shared date.

    Raises
    ------
    UnknownNameError : `variant` is neither ``johnson`` nor ``hall``.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = skewness_adjusted_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-5.529, 0.0009)
    """
    transform = lookup(_VARIANTS, variant, "variant")
    described = replace(
        SKEWNESS_ADJUSTED_T,
        assumptions=(*SKEWNESS_ADJUSTED_T.assumptions, f"skewness adjusted after {variant.title()}"),
    )
    sample = gather(abnormal, window)
    if reason := sample.too_few or _not_testable(sample.n, sample.flat_car, "CARs"):
        return refuse(sample, described, reason)
    s, g = moments(sample.car)
    turned = variant == "johnson" and g * s < -1.5
    warning = (
        f"the skewness {g:.3g} is against a mean of {s:.3g} standard deviations: beyond its turning point Johnson's "
        "statistic falls as the mean rises; use the Hall variant"
        if turned
        else None
    )
    return answer(sample, described, transform(s, g, sample.n), (sample.n - 1.0,), warning=warning)


SKEWNESS_ADJUSTED_T = Test(
    name="skewness_adjusted_t",
    run=skewness_adjusted_t,
    words="the skewness-adjusted t test",
    label="skewness-adjusted t",
    question="Do securities like these move on average on such a day, allowing for skewed returns?",
    of="group",
    about="mean",
    family="parametric",
    statistic="√N·(S + g·S²/3 + g²·S³/27 + g/(6N)), S = mean/s and g the skewness of the CARs",
    reference="t(N − 1)",
    distribution="t",
    source="Hall 1992; Johnson 1978",
    null=MEAN_NULL,
    assumptions=("events independent of each other",),
    leans_on="measures the spread over the members, so it needs members that move alike",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("skewness_adjusted_t"),
)


def moments(values: FloatArray) -> tuple[float, float]:
    """S = mean / sd and g = m3 / sd^3 of `values` (N,); sd with divisor N - 1, m3 with N.

    Examples
    --------
    >>> moments(np.array([1.0, 2.0, 3.0]))
    (2.0, 0.0)
    """
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    z = (values - mean) / sd
    return mean / sd, float((z * z * z).mean())  # a power is twenty times slower


# ----------------------------------------------------------------------------------------------------------- jackknife
def jackknife_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Jackknifed mean(SCAR) / s(SCAR) over its jackknife standard error, t(N - 1) (Giaccotto and Sfiridis 1996).

    theta = mean / s with divisor N - 1, theta_(-i) without event i; pseudo-values N theta - (N - 1) theta_(-i); t is
    their mean over (their standard deviation / sqrt N). A variant of the paper's test: jackknifing the mean itself
    would only reproduce the ordinary t. theta varies the more the larger it is, so t is bounded, by about sqrt(2N) for
    normal SCARs: with 5 events it finds a mean of ten standard deviations 3 times in 10, with 30 it finds all that the
    ordinary t finds. It is a test of that ratio and not of the mean: leaving out an event far from the others raises
    the ratio, so t can have the opposite sign of every SCAR, which a warning then says. Needs 3 events, and a variance
    whichever event is left out.

    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = jackknife_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.447, 0.0443)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or _not_testable(sample.n, sample.flat_scar, "SCARs"):
        return refuse(sample, JACKKNIFE_T, reason)
    values = pseudo_values(sample.scar)
    if values is None:
        return refuse(sample, JACKKNIFE_T, "without one of the events all SCARs are the same: they have no variance")
    if constant(values):
        return refuse(sample, JACKKNIFE_T, "all pseudo-values are the same: they have no variance")
    statistic, mean = mean_t(values), float(sample.scar.mean())
    warning = (
        f"its sign is opposite to that of the mean SCAR ({mean:.3g}): one event lies so far from the others that "
        "leaving it out raises the ratio of mean to scatter; see the tests of the mean itself"
        if statistic * mean < 0
        else None
    )
    return answer(sample, JACKKNIFE_T, statistic, (sample.n - 1.0,), warning=warning)


JACKKNIFE_T = Test(
    name="jackknife_t",
    run=jackknife_t,
    words="the jackknife t test of the ratio of mean to scatter",
    label="jackknife t",
    question="Is the ratio of mean to scatter steadily on one side of zero, whichever event is left out?",
    of="group",
    about="mean",
    family="parametric",
    statistic="mean of the pseudo-values N·θ − (N − 1)·θ₋ᵢ over their standard error, θ = mean SCAR / s",
    reference="t(N − 1)",
    distribution="t",
    source="after Giaccotto and Sfiridis 1996",
    null=MEAN_NULL,
    assumptions=("events independent of each other", "a variant of Giaccotto and Sfiridis (1996)"),
    leans_on="rests on each event being like the others: one extreme event decides it, and can turn its sign",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("jackknife_t"),
)


def pseudo_values(scar: FloatArray) -> FloatArray | None:
    """N theta - (N - 1) theta_(-i) (N,) of theta = mean / s; None where a sample of N - 1 has no variance.

    Examples
    --------
    >>> pseudo_values(np.array([1.0, 2.0, 3.0])).round(6).tolist()  # 3 x 2 - 2 (2.5, 2 and 1.5 over their deviations)
    [-1.071068, 3.171573, 1.757359]
    """
    n = len(scar)
    mean = float(scar.mean())
    off = scar - mean
    squares = float(off @ off)
    left = squares - off * off * (n / (n - 1))  # sums of squares about their own mean without each event
    if float(left.min()) <= 1e-13 * squares:
        return None
    without = (mean - off / (n - 1)) / np.sqrt(left / (n - 2))
    return np.asarray(n * mean / math.sqrt(squares / (n - 1)) - (n - 1) * without)


def _not_testable(n: int, flat: bool, what: str) -> str | None:
    if n < _FEWEST:
        return f"needs at least {_FEWEST} events, has {n}"
    return f"all {what} are the same: they have no variance" if flat else None
