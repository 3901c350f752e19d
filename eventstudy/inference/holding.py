"""Tests of buy-and-hold abnormal returns: what an investor who held over the window got, compounded."""

from __future__ import annotations

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.sample import Description, Sample, answer, constant, gather, mean_t, refuse
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult

BHAR = Description(
    "bhar_t",
    "t",
    ("events independent of each other", "BHARs normal, or many"),
    "the mean buy-and-hold abnormal return of the {n} events over {window} is zero",
)


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
        return refuse(sample, BHAR, sample.too_few)
    try:
        held = sample.kept.bhar(window)
    except SpecError as error:
        return refuse(sample, BHAR, str(error))
    if constant(held):
        return refuse(sample, BHAR, "all BHARs are the same: they have no variance")
    return answer(sample, BHAR, mean_t(held), (sample.n - 1.0,))
