"""Residual correlation of pairs of events, joined by session."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray

_BLOCK = 512  # rows of the pairwise correlation matrix held at once
_FEW_COMMON = 3  # fewer common days than this leave a correlation undefined


def mean_of_pairs(residuals: FloatArray, day: IntArray, length: int, present: BoolArray | None = None) -> float:
    """Mean over pairs of rho_ij x max(0, L - |day_i - day_j|) / L.

    With days missing in the window: rho_ij x (sessions that both sums hold) / sqrt(L_i L_j), L_i the days present.

    Parameters
    ----------
    residuals : (N, T) estimation residuals by relative day, NaN where missing.
    day : (N,) session of each event's day zero: relative days of two events differ by its difference.
    length : L, days of the event window.
    present : (N, L) which days of the window each event has, at least one; None where it is all of them.
    """
    if present is not None:
        return _mean_of_present(residuals, day, present)
    n, days = (int(size) for size in residuals.shape)
    order = np.argsort(day, kind="stable")
    dates, starts = np.unique(day[order], return_index=True)
    groups = [residuals[rows] for rows in np.split(order, starts[1:])]
    total: float = 0.0
    for k, rows in enumerate(groups):
        total += _within(rows)
        for later in range(k + 1, len(groups)):
            shift = int(dates[later] - dates[k])
            if shift >= length:
                break
            # No day in common where dates are further apart than the estimation window is long.
            total += (length - shift) / length * sum_between(rows[:, shift:], groups[later][:, : max(days - shift, 0)])
    return float(total / (n * (n - 1) / 2))


def pairwise(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlations (n, n) of the rows of one matrix on the columns that both have, and how many those are."""
    here = np.isfinite(rows).astype(float)
    return _correlations(rows, rows), here @ here.T


def _mean_of_present(residuals: FloatArray, day: IntArray, present: BoolArray) -> float:
    """`mean_of_pairs` pair of dates by pair of dates, each pair of events with a weight of its own."""
    n, days, length = len(residuals), residuals.shape[1], present.shape[1]
    held = present / np.sqrt(present.sum(axis=1, keepdims=True))
    dates = np.unique(day)
    total = 0.0
    for k, first in enumerate(dates):
        one = day == first
        # Every pair of one date is in twice, each event with itself once, with correlation and weight 1.
        total += (_weighted(residuals[one], residuals[one], held[one] @ held[one].T) - one.sum()) / 2
        for later in dates[k + 1 :]:
            shift, two = int(later - first), day == later
            if shift < length:
                shared = held[one][:, shift:] @ held[two][:, : length - shift].T
                total += _weighted(residuals[one][:, shift:], residuals[two][:, : max(days - shift, 0)], shared)
    return float(total / (n * (n - 1) / 2))


def _weighted(first: FloatArray, second: FloatArray, weights: FloatArray) -> float:
    """Sum over all (i, j) of `weights` (a, b) x the correlation of first[i] and second[j]; weight 0 counts 0."""
    return float(np.where(weights > 0, _correlations(first, second) * weights, 0.0).sum())


def _within(rows: FloatArray) -> float:
    """Sum of the correlations of all pairs of `rows`; without holes from the variance of their standardised sum."""
    if len(rows) < 2:
        return 0.0
    if np.isnan(rows).any():
        return (sum_between(rows, rows) - len(rows)) / 2
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.sqrt((centred * centred).sum(axis=1))
    if (norm == 0).any():
        return math.nan
    together: FloatArray = (centred / norm[:, None]).sum(axis=0)
    return (float(together @ together) - len(rows)) / 2


def sum_between(first: FloatArray, second: FloatArray) -> float:
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
    count = np.where(count >= _FEW_COMMON, count, math.nan)
    sum_x, sum_y = x @ in_y.T, in_x @ y.T
    var_x = (x * x) @ in_y.T - sum_x**2 / count
    var_y = in_x @ (y * y).T - sum_y**2 / count
    product = np.where((var_x > 0) & (var_y > 0), var_x * var_y, math.nan)
    return np.asarray((x @ y.T - sum_x * sum_y / count) / np.sqrt(product))


def _centred(rows: FloatArray) -> FloatArray:
    """Rows less their own means: changes no correlation, keeps the sums of squares from cancelling."""
    here = np.isfinite(rows)
    mean = np.where(here, rows, 0.0).sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    return np.asarray(rows - mean[:, None])
