"""Least squares for events whose windows miss nothing: what the regressors say is worked out once for each date.

Events are taken in the order of their dates, some hundreds at a time. All events of a date share their (T, k)
regressors, so their slopes are one matrix product; the rest is done for all dates of a chunk together. Two passes:
means, then centred moments and residuals, so that an absurd value spoils no other event. An event with a hole in its
window, or with so little variance left that it may have to be refused, is handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.engine.estimates import CodeArray, Estimates, Shared, Task
from eventstudy.engine.gram import INFLATED, SUSPECT, centre, invert, with_constant
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Layout
from eventstudy.windows import positions

_CHUNK = 512  # events at once: their windows stay in the cache
_DATES = 256  # dates whose regressors are prepared together
_SPREAD = 16  # dates of a chunk, and events a date, below which dates are not taken one by one


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


def by_date(
    layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool, signs: bool
) -> list[Task]:
    """Tasks that give the estimates of the events `rows`, and hand back those whose windows miss something.

    Parameters
    ----------
    layout : N events on D sessions.
    design, offset : (D, p) and (D,), shared by all events, the constant first if there is one.
    signs : whether the share of positive residuals is wanted.
    """
    if len(rows) == 0:
        return []
    sessions = layout.returns.shape[1]
    order = rows[sort_by(layout.day[rows], sessions)]
    in_order = layout.day[order]
    first_of = np.flatnonzero(np.diff(in_order, prepend=-1))
    dates, first_of = in_order[first_of], np.append(first_of, len(order))
    tasks: list[Task] = []
    for at in range(0, len(dates), _DATES):
        upto = min(at + _DATES, len(dates))
        which = np.repeat(np.arange(upto - at, dtype=np.int32), np.diff(first_of[at : upto + 1]))
        own = order[first_of[at] : first_of[upto]]
        tasks.append(partial(_dates, layout, dates[at:upto], own, which, design, offset, constant, signs))
    return tasks


def _dates(
    layout: Layout,
    dates: IntArray,
    rows: IntArray,
    which: IntArray,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    signs: bool,
) -> Iterator[Estimates | IntArray]:
    """Estimates of the events `rows` of some dates, `which` of them each, and those left over."""
    regressors = prepare(layout, dates, design, offset, constant)
    views = sliding_window_view(layout.returns, layout.estimation.length, axis=1)
    whole = regressors.whole[which]
    if not whole.all():
        yield rows[~whole]
        rows, which = rows[whole], which[whole]
    for cut in range(0, len(rows), _CHUNK):
        piece = slice(cut, cut + _CHUNK)
        yield from _by_residuals(layout, views, rows[piece], which[piece], regressors, signs)


def prepare(layout: Layout, dates: IntArray, design: FloatArray, offset: FloatArray, constant: bool) -> Regressors:
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


def _by_residuals(
    layout: Layout, views: FloatArray, rows: IntArray, which: IntArray, regressors: Regressors, signs: bool
) -> Iterator[Estimates | IntArray]:
    """Estimates of the events `rows` on the dates `which` of the regressors, and those left over, from residuals.

    `views` every window of the returns as a row of its own, without a copy.
    """
    days, k = regressors.x.shape[1:]
    p = regressors.shared.xtx_inv.shape[1]
    constant = p > k
    y: FloatArray = views[layout.security[rows], layout.day[rows] + layout.estimation.start]
    flat = level_of(layout, rows) if regressors.offset is not None else np.zeros(len(rows), np.bool_)
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
    alpha = mean - np.einsum("nk,nk->n", slopes, regressors.mean[which])
    params = np.column_stack([alpha, slopes]) if constant else slopes
    positive = (y > 0.0).sum(axis=1) / days if signs else None
    if again.any():
        yield rows[again]
        good = ~again
        rows, which, params, sse, total = rows[good], which[good], params[good], sse[good], total[good]
        positive = None if positive is None else positive[good]
    yield _estimates(rows, params, sse, total, days, positive, which, regressors)


def _estimates(
    rows: IntArray,
    params: FloatArray,
    left: FloatArray,
    total: FloatArray,
    days: int,
    positive: FloatArray | None,
    which: IntArray,
    regressors: Regressors,
) -> Estimates:
    """From sums of squared residuals `left` and of squared deviations `total`, (n,), over all days of the window."""
    n, p = params.shape
    nu = float(days - max(p, 1))
    nobs, no = np.full(n, days, np.int32), np.zeros(n, np.int8)
    blame: CodeArray = np.full(n, -1, np.int8)
    r_squared = 1.0 - left / total if p else np.full(n, np.nan)
    sigma, nus = np.sqrt(left / nu), np.full(n, nu)
    return Estimates(rows, params, sigma, nobs, nus, r_squared, positive, no, blame, which, regressors.shared)


def level_of(layout: Layout, rows: IntArray) -> BoolArray:
    """(n,) whether the returns of an event's window may be constant: true wherever they are, by three of them."""
    at = layout.day[rows] + layout.estimation.start
    security, span = layout.security[rows], layout.estimation.length
    first, *others = (layout.returns[security, at + apart] for apart in (0, span // 2, span - 1))
    with np.errstate(invalid="ignore"):
        return np.asarray(~np.any([np.abs(first - z) > 1e-9 * (np.abs(first) + np.abs(z)) for z in others], axis=0))


def _solve(regressors: Regressors, which: IntArray, y: FloatArray) -> FloatArray:
    """Slopes (n, k) of the rows of `y` (n, T), which are in the order of their dates; residuals in the place of `y`."""
    days, k = regressors.x.shape[1:]
    slopes = np.zeros((len(y), k))
    if k == 0 or len(y) == 0:
        return slopes
    cuts = np.append(np.flatnonzero(np.diff(which, prepend=-1)), len(which)).tolist()
    if len(cuts) > _SPREAD and len(y) < _SPREAD * len(cuts):
        return _solve_each(regressors, which, y)
    buffer = np.empty((max(b - a for a, b in pairwise(cuts)), days))
    # With one column the product is an outer one, for which multiplication is faster.
    product = np.multiply if k == 1 else np.matmul
    for a, b in pairwise(cuts):
        date, rest, explained = int(which[a]), y[a:b], buffer[: b - a]
        x, inverse = regressors.x[date], regressors.inverse[date]
        # A second step removes the rounding that correlated columns put into the first.
        for _ in range(2 if regressors.inflation[date] > INFLATED else 1):
            step = (rest @ x) @ inverse
            slopes[a:b] += step
            product(step, x.T, out=explained)
            rest -= explained
    return slopes


def _solve_each(regressors: Regressors, which: IntArray, y: FloatArray) -> FloatArray:
    """As `_solve`, for few events a date: all at once, each with a copy of its regressors."""
    slopes = np.zeros((len(y), regressors.x.shape[2]))
    for _ in range(2 if (regressors.inflation[which] > INFLATED).any() else 1):
        step = np.einsum("nij,nj->ni", regressors.inverse[which], _cross(regressors, which, y))
        slopes += step
        for j in range(slopes.shape[1]):
            y -= regressors.x[which, :, j] * step[:, j, None]
    return slopes


def _cross(regressors: Regressors, which: IntArray, y: FloatArray) -> FloatArray:
    """(n, k) sums of products of the rows of `y` (n, T), which are in the order of their dates, with the columns."""
    cross = np.empty((len(y), regressors.x.shape[2]))
    cuts = np.append(np.flatnonzero(np.diff(which, prepend=-1)), len(which)).tolist()
    if len(y) < _SPREAD * len(cuts):
        for j in range(cross.shape[1]):
            cross[:, j] = np.einsum("nt,nt->n", y, regressors.x[which, :, j])
    else:
        for a, b in pairwise(cuts):
            np.matmul(y[a:b], regressors.x[which[a]], out=cross[a:b])
    return cross


def squares(values: FloatArray) -> FloatArray:
    """Sum of squares of each row, (n,)."""
    out: FloatArray = np.einsum("nt,nt->n", values, values)
    return out
