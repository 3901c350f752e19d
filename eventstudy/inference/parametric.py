"""Tests of a mean abnormal return that take the events as independent of each other."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import Description, Sample, answer, gather, mean_t, refuse
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

CROSS_SECTIONAL = Description("cross_sectional_t", "t", ("events independent of each other", "CARs normal, or many"))
PATELL = Description(
    "patell_z", "normal", ("events independent of each other", "normal errors", "no increase of variance in the window")
)
BMP = Description("bmp_t", "t", ("events independent of each other", "SCARs normal, or many"))


def patell(scar: FloatArray, nu: FloatArray) -> float:
    """sum SCAR / sqrt(sum nu_i / (nu_i - 2)), each event with its own nu; all shapes (N,)."""
    return float(scar.sum() / np.sqrt((nu / (nu - 2.0)).sum()))


def short_estimation(nu: FloatArray) -> str | None:
    """Why Patell's statistic does not exist for degrees of freedom this few, None if it does.

    A SCAR is t(nu): its variance needs nu > 2, and nu > 4 is asked so that the variance of that is finite too.
    """
    if (nu > 4).all():
        return None
    return f"needs more than 4 degrees of freedom for every event, the fewest here are {nu.min():g}"


def cross_sectional_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """CAAR / (s / sqrt N), s the standard deviation of the N CARs with N - 1, t(N - 1) (Brown and Warner 1980).

    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = cross_sectional_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-4.741, 0.0021)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or ("all CARs are the same: they have no variance" if sample.flat_car else None)
    if reason:
        return refuse(sample, CROSS_SECTIONAL, reason)
    return answer(sample, CROSS_SECTIONAL, mean_t(sample.car), (sample.n - 1.0,))


def patell_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """sum SCAR / sqrt(sum nu_i / (nu_i - 2)), standard normal (Patell 1976).

    Withstands neither a shared date nor an increase of variance on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = patell_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-3.3, 0.001)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or short_estimation(sample.nu)
    if reason:
        return refuse(sample, PATELL, reason)
    return answer(sample, PATELL, patell(sample.scar, sample.nu))


def bmp_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """mean(SCAR) / (s(SCAR) / sqrt N), s with N - 1, t(N - 1) (Boehmer, Musumeci and Poulsen 1991).

    Withstands an increase of variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = bmp_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-4.733, 0.0021)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or ("all SCARs are the same: they have no variance" if sample.flat_scar else None)
    if reason:
        return refuse(sample, BMP, reason)
    return answer(sample, BMP, sample.scar_t, (sample.n - 1.0,))
