"""Tests adjusted for the correlation of events that share calendar days (Kolari and Pynnonen 2010)."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import FloatArray, InferenceResult, IntArray, Window
from eventstudy.inference.parametric import mean_t, patell, short_estimation
from eventstudy.inference.sample import NAN, Description, Sample, answer, constant, gather, refuse

ADJUSTED_PATELL = Description(
    "adjusted_patell_z",
    "normal",
    ("correlation in the window as in the estimation window", "normal errors", "no increase of variance in the window"),
)
ADJUSTED_BMP = Description(
    "adjusted_bmp_t", "t", ("correlation in the window as in the estimation window", "SCARs normal, or many")
)
_BLOCK = 512  # rows of the pairwise correlation matrix held at once
_FEW_COMMON = 3  # fewer common days than this leave a correlation undefined


# -------------------------------------------------------------------------------------------------------- correlation
def mean_correlation(abnormal: AbnormalReturns, window: Window) -> float:
    """rbar: mean over all pairs of events of rho_ij x (calendar days their two event windows share) / L.

    rho_ij is the correlation of the residuals on common estimation days, joined by session and not by relative day;
    a pair whose windows share no day counts 0. One shared date: the plain mean correlation. NaN with fewer than two
    usable events, or where a pair that counts has fewer than three estimation days in common (Kolari and Pynnonen
    2010 for one date; Kolari, Pape and Pynnonen 2018 for windows that overlap in part).
    """
    sample = gather(abnormal, window)
    return _mean_correlation(sample)


def _mean_correlation(sample: Sample) -> float:
    if sample.n < 2:
        return NAN
    return pairs_mean(sample.kept.residuals(), sample.kept.panel.day, sample.window.length)


def pairs_mean(residuals: FloatArray, day: IntArray, length: int) -> float:
    """Mean over pairs of rho_ij x max(0, L - |day_i - day_j|) / L.

    Parameters
    ----------
    residuals : (N, T) estimation residuals by relative day, NaN where missing.
    day : (N,) session of each event's day zero: relative days of two events differ by its difference.
    length : L, days of the event window.
    """
    n, days = residuals.shape
    order = np.argsort(day, kind="stable")
    dates, starts = np.unique(day[order], return_index=True)
    groups = [residuals[rows] for rows in np.split(order, starts[1:])]
    total = 0.0
    for k, rows in enumerate(groups):
        total += _within(rows)
        for later in range(k + 1, len(groups)):
            shift = int(dates[later] - dates[k])
            if shift >= length:
                break
            total += (length - shift) / length * _between(rows[:, shift:], groups[later][:, : days - shift])
    return total / (n * (n - 1) / 2)


def _within(rows: FloatArray) -> float:
    """Sum of the correlations of all pairs of `rows`; without holes from the variance of their standardised sum."""
    if len(rows) < 2:
        return 0.0
    if np.isnan(rows).any():
        return (_between(rows, rows) - len(rows)) / 2
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.sqrt((centred * centred).sum(axis=1))
    if (norm == 0).any():
        return NAN
    together: FloatArray = (centred / norm[:, None]).sum(axis=0)
    return (float(together @ together) - len(rows)) / 2


def _between(first: FloatArray, second: FloatArray) -> float:
    """Sum over all (i, j) of the correlation of first[i] and second[j] on the columns that both have."""
    return math.fsum(float(_correlations(first[i : i + _BLOCK], second).sum()) for i in range(0, len(first), _BLOCK))


def _correlations(first: FloatArray, second: FloatArray) -> FloatArray:
    """Correlations (a, b) of the rows of two matrices on the columns that both have; NaN where undefined.

    Sums over common days are products with the masks, so a hole adds nothing to any of them.
    """
    x, y = _centred(first), _centred(second)
    in_x, in_y = np.isfinite(x).astype(float), np.isfinite(y).astype(float)
    x, y = np.where(in_x > 0, x, 0.0), np.where(in_y > 0, y, 0.0)
    count = in_x @ in_y.T
    count = np.where(count >= _FEW_COMMON, count, NAN)
    sum_x, sum_y = x @ in_y.T, in_x @ y.T
    var_x = (x * x) @ in_y.T - sum_x**2 / count
    var_y = in_x @ (y * y).T - sum_y**2 / count
    product = np.where((var_x > 0) & (var_y > 0), var_x * var_y, NAN)
    return np.asarray((x @ y.T - sum_x * sum_y / count) / np.sqrt(product))


def _centred(rows: FloatArray) -> FloatArray:
    """Rows less their own means: changes no correlation, keeps the sums of squares from cancelling."""
    here = np.isfinite(rows)
    mean = np.where(here, rows, 0.0).sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    return np.asarray(rows - mean[:, None])


# -------------------------------------------------------------------------------------------------------------- tests
def adjusted_patell_z(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """Patell's z / sqrt(1 + (N - 1) rbar), standard normal (Kolari and Pynnonen 2010).

    Withstands a shared date; does not withstand an increase of variance on the day.
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or short_estimation(sample.nu)
    rbar = NAN if reason else _mean_correlation(sample)
    reason = reason or _no_adjustment(rbar, sample.n)
    if reason:
        return refuse(sample, ADJUSTED_PATELL, reason)
    statistic = patell(sample.scar, sample.nu) / np.sqrt(1 + (sample.n - 1) * rbar)
    return answer(sample, ADJUSTED_PATELL, statistic, warning=_inflates(rbar))


def adjusted_bmp_t(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """BMP's t x sqrt((1 - rbar) / (1 + (N - 1) rbar)), t(N - 1) (Kolari and Pynnonen 2010).

    Withstands a shared date and an increase of variance on the day, also with few events; does not withstand an
    increase of the correlation on the day.
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or ("all SCARs are the same: they have no variance" if constant(sample.scar) else None)
    rbar = NAN if reason else _mean_correlation(sample)
    reason = reason or _no_adjustment(rbar, sample.n)
    if reason:
        return refuse(sample, ADJUSTED_BMP, reason)
    statistic = mean_t(sample.scar) * np.sqrt((1 - rbar) / (1 + (sample.n - 1) * rbar))
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
