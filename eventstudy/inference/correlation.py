"""Residual correlation of pairs of events, joined by session."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class PairSums:
    """What the pairs of events that share a day of their event windows say together.

    ``count`` pairs; ``defined`` whether each has a correlation rho; ``one_date`` whether each shares its date; sums
    over them of ``weighted`` rho x the share of the event window in common, ``rooted`` sqrt(T_ij) rho, ``common`` T_ij,
    the estimation days in common; ``most`` the largest rho, of the ``pair``.
    """

    count: int
    defined: bool
    one_date: bool
    weighted: float
    rooted: float
    common: float
    most: float
    pair: tuple[int, int]


def pair_sums(residuals: FloatArray, day: IntArray, length: int) -> PairSums:
    """`PairSums` of residuals (n, T) by relative day, with day zeros (n,) and event windows of `length` days.

    Some hundred events at a time, by date: the memory does not grow with the square of their number.
    """
    order = np.argsort(day, kind="stable").astype(np.int32)
    blocks = [order[i : i + _BLOCK] for i in range(0, len(order), _BLOCK)]
    found = [_of_blocks(residuals, day, length, one, two) for one, two in _near(blocks, day, length)]
    most = max(found, key=lambda part: part.most)
    return PairSums(
        sum(part.count for part in found),
        all(part.defined for part in found),
        all(part.one_date for part in found),
        math.fsum(part.weighted for part in found),
        math.fsum(part.rooted for part in found),
        math.fsum(part.common for part in found),
        most.most,
        most.pair,
    )


def _near(blocks: Sequence[IntArray], day: IntArray, length: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Every two of the blocks, sorted by date, that may share a day of their event windows; each with itself too."""
    for k, one in enumerate(blocks):
        for two in blocks[k:]:
            if day[two[0]] - day[one[-1]] >= length:
                break
            yield one, two


def _of_blocks(residuals: FloatArray, day: IntArray, length: int, one: IntArray, two: IntArray) -> PairSums:
    first = int(day[one[0]])
    width = residuals.shape[1] + int(day[two[-1]]) - first
    rows = [_by_session(residuals[own], day[own] - first, width) for own in (one, two)]
    rho, (x, y) = _correlations(*rows), (np.isfinite(own).astype(float) for own in rows)
    apart = np.abs(day[one][:, None] - day[two][None, :])
    over = apart < length
    if one is two:
        over &= np.triu(np.ones(over.shape, dtype=np.bool_), 1)
    apart, common, rho_over = apart[over], (x @ y.T)[over], rho[over]
    i, j = np.unravel_index(int(np.where(over, rho, -np.inf).argmax()), rho.shape)
    pair = sorted((int(one[i]), int(two[j])))
    return PairSums(
        len(apart),
        bool(np.isfinite(rho_over).all()),
        not apart.any(),
        float((rho_over * (1.0 - apart / length)).sum()),
        float((np.sqrt(common) * rho_over).sum()),
        float(common.sum()),
        float(rho[i, j]) if over[i, j] else -math.inf,
        (pair[0], pair[1]),
    )


def _by_session(residuals: FloatArray, start: IntArray, width: int) -> FloatArray:
    """Residuals (n, T) on the sessions that they are of, (n, width), from `start` (n,) on; NaN elsewhere."""
    if not start.any() and width == residuals.shape[1]:
        return residuals
    out = np.full((len(residuals), width), np.nan)
    np.put_along_axis(out, start[:, None] + np.arange(residuals.shape[1]), residuals, axis=1)
    return out


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
    if x.shape[1] >= _FEW_COMMON and np.isfinite(x).all() and np.isfinite(y).all():
        return np.asarray(_unit(x) @ _unit(y).T)
    in_x, in_y = np.isfinite(x).astype(float), np.isfinite(y).astype(float)
    x, y = np.where(in_x > 0, x, 0.0), np.where(in_y > 0, y, 0.0)
    count = in_x @ in_y.T
    count = np.where(count >= _FEW_COMMON, count, math.nan)
    sum_x, sum_y = x @ in_y.T, in_x @ y.T
    var_x = (x * x) @ in_y.T - sum_x**2 / count
    var_y = in_x @ (y * y).T - sum_y**2 / count
    product = np.where((var_x > 0) & (var_y > 0), var_x * var_y, math.nan)
    return np.asarray((x @ y.T - sum_x * sum_y / count) / np.sqrt(product))


def _unit(rows: FloatArray) -> FloatArray:
    """Rows divided by their length, NaN where that is zero."""
    squares = np.einsum("nt,nt->n", rows, rows)
    return np.asarray(rows / np.sqrt(np.where(squares > 0, squares, math.nan))[:, None])


def _centred(rows: FloatArray) -> FloatArray:
    """Rows less their own means: changes no correlation, keeps the sums of squares from cancelling."""
    here = np.isfinite(rows)
    mean = np.where(here, rows, 0.0).sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    return np.asarray(rows - mean[:, None])
