"""Tests of a mean by a distribution: events independent of each other, or adjusted for their correlation."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import MEAN_NULL, NAN, Sample, answer, gather, mean_t, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult


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
        return refuse(sample, CROSS_SECTIONAL_T, reason)
    return answer(sample, CROSS_SECTIONAL_T, mean_t(sample.car), (sample.n - 1.0,))


CROSS_SECTIONAL_T = Test(
    name="cross_sectional_t",
    run=cross_sectional_t,
    words="the cross-sectional t test",
    label="cross-sectional t",
    question="Do securities like these move on average on such a day, judged by the scatter between them?",
    of="group",
    about="mean",
    family="parametric",
    statistic="CAAR / (s/√N), s the standard deviation of the CARs",
    reference="t(N − 1)",
    distribution="t",
    source="Brown and Warner 1980",
    null=MEAN_NULL,
    assumptions=("events independent of each other", "CARs normal, or many"),
    leans_on="measures the spread over the members, so it needs members that move alike",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={"few_own_dates": 3, "many_own_dates": 3},
    measured=measured("cross_sectional_t"),
)


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
        return refuse(sample, PATELL_Z, reason)
    return answer(sample, PATELL_Z, patell(sample.scar, sample.nu))


PATELL_Z = Test(
    name="patell_z",
    run=patell_z,
    words="Patell’s test",
    label="Patell",
    question="Did these securities move on average, each judged by its own ordinary days?",
    of="group",
    about="mean",
    family="parametric",
    statistic="Σ SCAR / √Σ(ν/(ν − 2))",
    reference="N(0, 1)",
    distribution="normal",
    source="Patell 1976",
    null=MEAN_NULL,
    assumptions=("events independent of each other", "normal errors", "no increase of variance in the window"),
    leans_on="takes the events as independent, the errors as normal and the variance as that of ordinary days",
    dates="any",
    shared_date="no",
    variance="no",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={},
    measured=measured("patell_z"),
)


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
        return refuse(sample, BMP_T, reason)
    return answer(sample, BMP_T, sample.scar_t, (sample.n - 1.0,))


BMP_T = Test(
    name="bmp_t",
    run=bmp_t,
    words="the test of Boehmer, Musumeci and Poulsen",
    label="BMP",
    question=(
        "Do securities like these move on average on such a day, each in units of its ordinary days, judged by "
        "the scatter between them?"
    ),
    of="group",
    about="mean",
    family="parametric",
    statistic="mean SCAR / (s/√N), s the standard deviation of the SCARs",
    reference="t(N − 1)",
    distribution="t",
    source="Boehmer, Musumeci and Poulsen 1991",
    null=MEAN_NULL,
    assumptions=("events independent of each other", "SCARs normal, or many"),
    leans_on="measures the spread over the members, so it needs members that move alike",
    dates="any",
    shared_date="no",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset(),
    front={"few_own_dates": 1, "many_own_dates": 1},
    measured=measured("bmp_t"),
)


# -------------------------------------------------------------------------------------------------------- correlation
def mean_correlation(abnormal: AbnormalReturns | Sample, window: Window) -> float:
    """rbar: mean over all pairs of events of rho_ij x (calendar days their two event windows share) / L.

    rho_ij is the correlation of the residuals on common estimation days, joined by session and not by relative day;
    a pair whose windows share no day counts 0. One shared date: the plain mean correlation. Where days may miss, the
    share is (sessions that both CARs hold) / sqrt(L_i L_j), L_i the days that event i has. NaN with fewer than two
    usable events, or where a pair that counts has fewer than three estimation days in common (Kolari and Pynnonen
    2010 for one date; Kolari, Pape and Pynnonen 2018 for windows that overlap in part).
    """
    return gather(abnormal, window).mean_correlation


# -------------------------------------------------------------------------------------------------------------- tests
def adjusted_patell_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Patell's z / sqrt(1 + (N - 1) rbar), standard normal (Kolari and Pynnonen 2010).

    Withstands a shared date; does not withstand an increase of variance on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = adjusted_patell_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.206, 0.0274)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or short_estimation(sample.nu)
    rbar = NAN if reason else sample.mean_correlation
    reason = reason or _no_adjustment(rbar, sample.n)
    if reason:
        return refuse(sample, ADJUSTED_PATELL_Z, reason)
    statistic = patell(sample.scar, sample.nu) / np.sqrt(1 + (sample.n - 1) * rbar)
    return answer(sample, ADJUSTED_PATELL_Z, statistic, warning=_inflates(rbar))


ADJUSTED_PATELL_Z = Test(
    name="adjusted_patell_z",
    run=adjusted_patell_z,
    words="Patell’s test adjusted for correlation",
    label="adjusted Patell",
    question="Did these securities move on average, each judged by its own ordinary days and by how alike they move?",
    of="group",
    about="mean",
    family="parametric",
    statistic="Patell’s z / √(1 + (N − 1)·r̄)",
    reference="N(0, 1)",
    distribution="normal",
    source="Kolari and Pynnönen 2010",
    null=MEAN_NULL,
    assumptions=(
        "correlation in the window as in the estimation window",
        "normal errors",
        "no increase of variance in the window",
    ),
    leans_on="takes the errors as normal and the variance as that of ordinary days",
    dates="any",
    shared_date="yes",
    variance="no",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"pairs"}),
    front={},
    measured=measured("adjusted_patell_z"),
)


def adjusted_bmp_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """BMP's t x sqrt((1 - rbar) / (1 + (N - 1) rbar)), t(N - 1) (Kolari and Pynnonen 2010).

    Withstands a shared date and an increase of variance on the day, also with few events; does not withstand an
    increase of the correlation on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = adjusted_bmp_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.871, 0.024)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or ("all SCARs are the same: they have no variance" if sample.flat_scar else None)
    rbar = NAN if reason else sample.mean_correlation
    reason = reason or _no_adjustment(rbar, sample.n)
    if reason:
        return refuse(sample, ADJUSTED_BMP_T, reason)
    statistic = sample.scar_t * np.sqrt((1 - rbar) / (1 + (sample.n - 1) * rbar))
    return answer(sample, ADJUSTED_BMP_T, statistic, (sample.n - 1.0,), warning=_inflates(rbar))


ADJUSTED_BMP_T = Test(
    name="adjusted_bmp_t",
    run=adjusted_bmp_t,
    words="the correlation-adjusted test of Boehmer, Musumeci and Poulsen",
    label="adjusted BMP",
    question=(
        "Do securities like these move on average on such a day, judged by the scatter between them and by how "
        "alike they move?"
    ),
    of="group",
    about="mean",
    family="parametric",
    statistic="BMP’s t · √((1 − r̄)/(1 + (N − 1)·r̄))",
    reference="t(N − 1)",
    distribution="t",
    source="Kolari and Pynnönen 2010",
    null=MEAN_NULL,
    assumptions=(
        "correlation in the window as in the estimation window",
        "all pairs of events about equally correlated",
        "SCARs normal, or many",
    ),
    leans_on="measures the spread over the members, so it needs members that move alike",
    dates="any",
    shared_date="yes",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"pairs"}),
    front={
        "few_one_date": 1,
        "many_one_date": 1,
        "few_own_dates": 2,
        "many_own_dates": 2,
        "few_repeated_dates": 1,
        "many_repeated_dates": 1,
        "few_overlapping_dates": 1,
        "many_overlapping_dates": 1,
    },
    measured=measured("adjusted_bmp_t"),
)


def _no_adjustment(rbar: float, n: int) -> str | None:
    if np.isnan(rbar):
        return "the mean residual correlation is not defined: a pair of events has too few estimation days in common"
    if 1 + (n - 1) * rbar <= 0:
        return (
            f"the mean residual correlation {rbar:.3g} is too negative for {n} events: 1 + (N - 1) rbar is not positive"
        )
    if 1 - rbar <= 1e-12:
        return "the residuals of all events are the same series"
    return None


def _inflates(rbar: float) -> str | None:
    if rbar >= 0:
        return None
    return f"the mean residual correlation is negative ({rbar:.3g}), so the adjustment makes the statistic larger"
