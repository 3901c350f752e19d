"""Least squares for events whose windows miss nothing: what the regressors say is worked out once for each date.

Events are taken in the order of their dates, some hundreds at a time. All events of a date share their (T, k)
regressors, so their slopes are one matrix product; the rest is done for all dates of a chunk together. Two passes:
means, then centred moments and residuals, so that an absurd value spoils no other event. An event with a hole in its
window, or with so little variance left that it may have to be refused, is handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.datatypes import BoolArray, FloatArray, IntArray
from eventstudy.models.estimates import CodeArray, Estimates, Laid, Shared
from eventstudy.models.gram import INFLATED, SUSPECT, centre, invert, with_constant
from eventstudy.windows import positions

_CHUNK = 512  # events at once: their windows stay in the cache
_DATES = 64  # dates whose regressors are prepared together


@dataclass(frozen=True, slots=True, eq=False)
class Regressors:
    """The estimation windows of m dates.

    ``shared`` day zeros and (X'X)^-1; ``x`` (m, T, k) deviations; ``mean`` (m, k); ``inverse`` (m, k, k) of their
    Gram matrices; ``inflation`` (m,) the largest variance inflation of a column; ``offset`` (m, T), None where it is
    zero throughout; ``whole`` (m,) whether no day is missing and no column depends on the others.
    """

    shared: Shared
    x: FloatArray
    mean: FloatArray
    inverse: FloatArray
    inflation: FloatArray
    offset: FloatArray | None
    whole: BoolArray


def sort_by(keys: IntArray, most: int) -> npt.NDArray[np.intp]:
    """Stable order of whole numbers from 0 to `most`: 16 bits are sorted by radix, many times faster."""
    return np.argsort(keys.astype(np.uint16) if most < 2**16 else keys, kind="stable")


def by_date(layout: Laid, design: FloatArray, offset: FloatArray, constant: bool) -> Iterator[Estimates | IntArray]:
    """Estimates of some hundred events at a time, and the events left over: each event is in exactly one of them.

    Parameters
    ----------
    layout : N events on D sessions.
    design, offset : (D, p) and (D,), shared by all events, the constant first if there is one.
    """
    length = layout.estimation.length
    if length < max(layout.min_obs, design.shape[1] + 1) or length > layout.returns.shape[1]:
        yield np.arange(len(layout.day), dtype=np.int32)
        return
    order = sort_by(layout.day, layout.returns.shape[1]).astype(np.int32)
    in_order = layout.day[order]
    first_of = np.flatnonzero(np.diff(in_order, prepend=-1)) if len(order) else np.empty(0, np.intp)
    dates, first_of = in_order[first_of], np.append(first_of, len(order))
    views = sliding_window_view(layout.returns, length, axis=1)
    for at in range(0, len(dates), _DATES):
        upto = min(at + _DATES, len(dates))
        regressors = prepare(layout, dates[at:upto], design, offset, constant)
        start, stop = int(first_of[at]), int(first_of[upto])
        which = np.repeat(np.arange(upto - at, dtype=np.int32), np.diff(first_of[at : upto + 1]))
        whole = regressors.whole[which]
        rows = order[start:stop]
        if not whole.all():
            yield rows[~whole]
            rows, which = rows[whole], which[whole]
        for cut in range(0, len(rows), _CHUNK):
            piece = slice(cut, cut + _CHUNK)
            yield from _chunk(layout, views, rows[piece], which[piece], regressors)


def prepare(layout: Laid, dates: IntArray, design: FloatArray, offset: FloatArray, constant: bool) -> Regressors:
    """What the estimation windows of `dates` hold."""
    at, inside = positions(dates, layout.estimation, len(design))
    columns = design.T[1 if constant else 0 :, at]
    known = offset[at]
    whole = np.asarray(inside.all(axis=1) & np.isfinite(columns).all(axis=(0, 2)) & np.isfinite(known).all(axis=1))
    count = np.full(len(dates), float(at.shape[1]))
    ok = np.broadcast_to(whole[:, None], at.shape)
    x, mean = centre(np.where(ok, columns, 0.0), ok, count, constant)
    inverse, dependent = invert(x, mean, count)
    whole &= dependent < 0
    xtx_inv = with_constant(inverse, mean, count) if constant else inverse
    by_event = np.ascontiguousarray(x.transpose(1, 2, 0))
    # The inverse's diagonal times the Gram matrix's: 1 / (1 - R^2) of each column on the others.
    own = np.einsum("mkk->mk", inverse) * np.einsum("kmt,kmt->mk", x, x)
    inflation = own.max(axis=1, initial=1.0)
    shared = Shared(dates, xtx_inv)
    return Regressors(shared, by_event, mean.T, inverse, inflation, known if offset.any() else None, whole)


def _chunk(
    layout: Laid, views: FloatArray, rows: IntArray, which: IntArray, regressors: Regressors
) -> Iterator[Estimates | IntArray]:
    """Estimates of the events `rows` on the dates `which` of the regressors, and those left over.

    `views` every window of the returns as a row of its own, without a copy.
    """
    days, k = regressors.x.shape[1:]
    p = regressors.shared.xtx_inv.shape[1]
    constant = p > k
    y: FloatArray = views[layout.security[rows], layout.day[rows] + layout.estimation.start]
    flat = _level(y) if regressors.offset is not None else np.zeros(len(rows), np.bool_)
    if regressors.offset is not None:
        y -= regressors.offset[which]
    with np.errstate(invalid="ignore"):
        mean = y.mean(axis=1)
    good = np.isfinite(mean) & ~flat
    if not good.all():
        yield rows[~good]
        rows, which, y, mean = rows[good], which[good], y[good], mean[good]
    if constant or p == 0:
        y -= mean[:, None]
    total = squares(y)
    slopes = _solve(regressors, which, y)
    sse = squares(y)
    level = total + days * mean * mean
    if regressors.offset is not None:
        level += squares(regressors.offset)[which]
    again = ~(sse > SUSPECT * level)
    nu = float(days - max(p, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        r_squared = 1.0 - sse / total if p else np.full(len(rows), np.nan)
        sigma = np.sqrt(sse / nu)
    alpha = mean - np.einsum("nk,nk->n", slopes, regressors.mean[which])
    params = np.column_stack([alpha, slopes]) if constant else slopes
    positive = (y > 0.0).sum(axis=1) / days
    if again.any():
        yield rows[again]
        good = ~again
        rows, which, params, sigma = rows[good], which[good], params[good], sigma[good]
        r_squared, positive = r_squared[good], positive[good]
    n = len(rows)
    nobs, no = np.full(n, days, np.int32), np.zeros(n, np.int8)
    blame: CodeArray = np.full(n, -1, np.int8)
    yield Estimates(rows, params, sigma, nobs, np.full(n, nu), r_squared, positive, no, blame, which, regressors.shared)


def _level(y: FloatArray) -> BoolArray:
    """(n,) whether returns may be constant: true wherever they are, by three of them."""
    first, others = y[:, 0], (y[:, y.shape[1] // 2], y[:, -1])
    return np.asarray(~np.any([np.abs(first - z) > 1e-9 * (np.abs(first) + np.abs(z)) for z in others], axis=0))


def _solve(regressors: Regressors, which: IntArray, y: FloatArray) -> FloatArray:
    """Slopes (n, k) of the rows of `y` (n, T), which are in the order of their dates; residuals in the place of `y`."""
    days, k = regressors.x.shape[1:]
    slopes = np.zeros((len(y), k))
    if k == 0 or len(y) == 0:
        return slopes
    cuts = np.append(np.flatnonzero(np.diff(which, prepend=-1)), len(which)).tolist()
    room = np.empty((max(b - a for a, b in pairwise(cuts)), days))
    # With one column the product is an outer one, for which multiplication is faster.
    product = np.multiply if k == 1 else np.matmul
    for a, b in pairwise(cuts):
        date, rest, explained = int(which[a]), y[a:b], room[: b - a]
        x, inverse = regressors.x[date], regressors.inverse[date]
        # A second step removes the rounding that correlated columns put into the first.
        for _ in range(2 if regressors.inflation[date] > INFLATED else 1):
            step = (rest @ x) @ inverse
            slopes[a:b] += step
            product(step, x.T, out=explained)
            rest -= explained
    return slopes


def squares(values: FloatArray) -> FloatArray:
    """Sum of squares of each row, (n,)."""
    out: FloatArray = np.einsum("nt,nt->n", values, values)
    return out
