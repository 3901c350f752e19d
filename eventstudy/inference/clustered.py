"""Tests adjusted for the correlation of events that share calendar days (Kolari and Pynnonen 2010)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.parametric import patell, short_estimation
from eventstudy.inference.sample import NAN, Description, Sample, answer, gather, refuse
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult

ADJUSTED_PATELL = Description(
    "adjusted_patell_z",
    "normal",
    ("correlation in the window as in the estimation window", "normal errors", "no increase of variance in the window"),
)
ADJUSTED_BMP = Description(
    "adjusted_bmp_t",
    "t",
    (
        "correlation in the window as in the estimation window",
        "all pairs of events about equally correlated",
        "SCARs normal, or many",
    ),
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
        return refuse(sample, ADJUSTED_PATELL, reason)
    statistic = patell(sample.scar, sample.nu) / np.sqrt(1 + (sample.n - 1) * rbar)
    return answer(sample, ADJUSTED_PATELL, statistic, warning=_inflates(rbar))


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
        return refuse(sample, ADJUSTED_BMP, reason)
    statistic = sample.scar_t * np.sqrt((1 - rbar) / (1 + (sample.n - 1) * rbar))
    return answer(sample, ADJUSTED_BMP, statistic, (sample.n - 1.0,), warning=_inflates(rbar))


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
