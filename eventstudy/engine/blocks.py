"""Least squares for securities with many events: sums over every window of their histories at once.

A history is cut into blocks as long as the window. Every window is the end of one block and the beginning of the next,
so that two cumulative sums, from each end of the blocks, give the sums over all windows: nothing is subtracted, and a
day outside a window leaves no trace in it (van Herk 1992; Gil and Werman 1993, there for minima). Holes count as zero,
and an event that has some gets a Gram matrix from sums of its own. Where a difference of sums would lose digits, or
an event may have to be refused, it is handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.engine.by_date import level_of, prepare
from eventstudy.engine.estimates import Estimates, Shared, Task
from eventstudy.engine.gram import DOUBTFUL, INFLATED, LOST, invert_gram, with_constant
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Layout

_CELLS = 2**16  # returns taken together: with what is made of them they stay in the cache
_DATES = 256  # dates whose regressors are prepared together
_WINDOWS = 512  # windows read together where signs are counted


@dataclass(frozen=True, slots=True, eq=False)
class _History:
    """Regressors over D sessions: ``columns`` (k, D) about their means ``level`` (k,), 0 where one is missing;
    ``usable`` (D,); ``offset`` (D,), None where it is zero throughout, and ``offset_squares`` their sum.

    Of the m dates ``shared.day``, ``row`` (D,) of each: ``about`` (m, k) their means less ``level``, ``mean``,
    ``inverse`` (m, k, k) as `Regressors`, ``steady`` (m,) whether differences of sums keep the digits.
    """

    constant: bool
    columns: FloatArray
    level: FloatArray
    usable: BoolArray
    offset: FloatArray | None
    offset_squares: float
    shared: Shared
    row: IntArray
    about: FloatArray
    inverse: FloatArray
    steady: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Of n windows: ``count`` (n,) days, ``total``, ``squares`` (n,) and ``cross`` (n, k) of the returns less offset,
    with the columns; ``about`` (n, k) and ``inverse`` (n, k, k) of the columns; ``good`` (n,) whether all is well."""

    count: FloatArray
    total: FloatArray
    squares: FloatArray
    cross: FloatArray
    about: FloatArray
    inverse: FloatArray
    good: BoolArray


def by_blocks(
    layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool, signs: bool
) -> list[Task]:
    """Tasks that give the estimates of the events `rows`, some thousand each.

    `rows` are in the order of their securities, and their windows lie inside the history.
    """
    if len(rows) == 0:
        return []
    history = _history(layout, rows, design, offset, constant)
    securities, first_of = np.unique(layout.security[rows], return_index=True)
    first_of = np.append(first_of, len(rows))
    tasks: list[Task] = []
    step = max(1, _CELLS // layout.returns.shape[1])
    for at in range(0, len(securities), step):
        upto = min(at + step, len(securities))
        which = np.repeat(np.arange(upto - at), np.diff(first_of[at : upto + 1]))
        own = rows[first_of[at] : first_of[upto]]
        tasks.append(partial(_securities, layout, history, securities[at:upto], own, which, signs))
    return tasks


def _history(layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool) -> _History:
    columns = design.T[1 if constant else 0 :]
    usable = np.asarray(np.isfinite(columns).all(axis=0) & np.isfinite(offset))
    level = columns[:, usable].mean(axis=1) if constant and usable.any() else np.zeros(len(columns))
    seen = np.zeros(layout.returns.shape[1], np.bool_)
    seen[layout.day[rows]] = True
    dates = np.flatnonzero(seen).astype(np.int32)
    parts = [prepare(layout, dates[at : at + _DATES], design, offset, constant) for at in range(0, len(dates), _DATES)]
    inverse, mean = np.concatenate([part.inverse for part in parts]), np.concatenate([part.mean for part in parts])
    about = mean - level
    with np.errstate(invalid="ignore"):
        far = LOST * layout.estimation.length * about**2 * np.einsum("mkk->mk", inverse) >= 1.0 - LOST
        steady = np.concatenate([part.whole & (part.inflation <= INFLATED) for part in parts]) & ~far.any(axis=1)
    return _History(
        constant,
        np.where(usable, columns - level[:, None], 0.0),
        level,
        usable,
        offset if offset.any() else None,
        float(np.square(offset[usable]).sum()),
        Shared(dates, np.concatenate([part.shared.xtx_inv for part in parts])),
        (np.cumsum(seen) - 1).astype(np.int32),
        about,
        inverse,
        steady,
    )


def _securities(
    layout: Layout, history: _History, securities: IntArray, rows: IntArray, which: IntArray, signs: bool
) -> Iterator[Estimates | IntArray]:
    """Estimates of the events `rows` of some securities, `which` of them each, and those left over."""
    length, sessions = layout.estimation.length, layout.returns.shape[1]
    first = layout.day[rows] + layout.estimation.start
    y = np.zeros((len(securities), -(-sessions // length) * length))
    returns = y[:, :sessions]
    returns[:] = layout.returns[securities]
    if history.offset is not None:
        returns -= history.offset
    known = np.isfinite(returns) & history.usable
    whole = bool(known.all())
    if not whole:
        returns[~known] = 0.0
    place = which * (y.shape[1] - length + 1) + first

    def over(values: FloatArray) -> FloatArray:
        sums: FloatArray = window_sums(values, length).take(place)
        return sums

    count = np.full(len(rows), float(length)) if whole else over(_padded(known, y))
    cross = [over(y * _padded(column, y)) for column in history.columns]
    moments = np.array(cross).reshape(len(cross), len(rows)).T
    date = history.row[layout.day[rows]]
    found = _Sums(
        count, over(y), over(y * y), moments, history.about[date], history.inverse[date], history.steady[date]
    )
    shared = count == length
    if shared.all():
        yield from _fit(layout, history, rows, found, date, signs)
        return
    yield from _fit(layout, history, rows[shared], _taken(found, shared), date[shared], signs)
    enough = ~shared & (count >= max(layout.min_obs, moments.shape[1] + history.constant + 1))
    yield rows[~shared & ~enough]
    columns = [_padded(known * column, y) for column in history.columns]
    place, rows, found = place[enough], rows[enough], _taken(found, enough)
    own = _with_own(history, found, [over(c) for c in columns], [
        [over(a * _padded(b, y)) for b in history.columns[: i + 1]] for i, a in enumerate(columns)
    ])  # fmt: skip
    yield from _fit(layout, history, rows, own, None, signs)


def window_sums(values: FloatArray, length: int) -> FloatArray:
    """Sum of `length` values from each place on, (R, D - length + 1), of `values` (R, D); D is whole blocks."""
    blocks = values.reshape(len(values), -1, length)
    begin, end = np.empty_like(blocks), np.empty_like(blocks)
    np.cumsum(blocks, axis=2, out=begin)
    np.cumsum(blocks[:, :, ::-1], axis=2, out=end[:, :, ::-1])
    begin[:, :, -1] = 0.0  # a whole block is its end already
    last = values.shape[1] - length + 1
    out: FloatArray = end.reshape(values.shape)[:, :last] + begin.reshape(values.shape)[:, length - 1 :]
    return out


def _padded(values: FloatArray | BoolArray, like: FloatArray) -> FloatArray:
    """`values` (..., D) with zeros up to the length of `like`."""
    out = np.zeros((*values.shape[:-1], like.shape[-1]))
    out[..., : values.shape[-1]] = values
    return out


def _taken(sums: _Sums, at: BoolArray) -> _Sums:
    return _Sums(
        sums.count[at],
        sums.total[at],
        sums.squares[at],
        sums.cross[at],
        sums.about[at],
        sums.inverse[at],
        sums.good[at],
    )


def _with_own(history: _History, sums: _Sums, total: list[FloatArray], products: list[list[FloatArray]]) -> _Sums:
    """The sums with means and inverses of the days that each event has, from sums (n,) of the columns and of their
    products."""
    k, n = len(total), len(sums.count)
    about, gram, raw = np.zeros((n, k)), np.empty((n, k, k)), np.empty((n, k))
    for i in range(k):
        if history.constant:
            about[:, i] = total[i] / sums.count
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = products[i][j] - sums.count * about[:, i] * about[:, j]
        raw[:, i] = products[i][i]
    own = np.einsum("nkk->nk", gram)
    good = np.asarray((own > LOST * raw).all(axis=1))
    inverse, dependent = invert_gram(np.where(good[:, None, None], gram, np.eye(k)), np.zeros((n, k), np.bool_))
    inflation = (np.einsum("nkk->nk", inverse) * own).max(axis=1, initial=1.0)
    good &= (dependent < 0) & (inflation <= INFLATED)
    return _Sums(sums.count, sums.total, sums.squares, sums.cross, about, inverse, good)


def _fit(
    layout: Layout, history: _History, rows: IntArray, sums: _Sums, date: IntArray | None, signs: bool
) -> Iterator[Estimates | IntArray]:
    """Estimates from sums, and the events whose sums are not enough; `date` of each in `shared`, None for its own."""
    n, k = sums.cross.shape
    constant, count = history.constant, sums.count
    p = k + constant
    mean = sums.total / count
    centred = constant or k == 0
    squares = sums.squares - count * mean * mean if centred else sums.squares
    cross = sums.cross - (count * mean)[:, None] * sums.about if constant else sums.cross
    slopes = np.einsum("nij,nj->ni", sums.inverse, cross) if k != 1 else sums.inverse[:, 0] * cross
    left = squares - np.einsum("ni,ni->n", slopes, cross)
    good = sums.good & (left > LOST * sums.squares)
    if history.offset is not None:
        good &= ~level_of(layout, rows) & (left > DOUBTFUL * history.offset_squares)
    if not good.all():
        yield rows[~good]
        again = _taken(sums, good)
        yield from _fit(layout, history, rows[good], again, None if date is None else date[good], signs)
        return
    nu = count - max(p, 1)
    r_squared = 1.0 - left / squares if p else np.full(n, np.nan)
    means = sums.about + history.level
    params = np.column_stack([mean - np.einsum("nk,nk->n", slopes, means), slopes]) if constant else slopes
    if date is None:
        inverse = with_constant(sums.inverse, means.T, count) if constant else sums.inverse
        shared = Shared(layout.day[rows], inverse)
    else:
        shared = history.shared
    yield Estimates(
        rows,
        params,
        np.sqrt(left / nu),
        count.astype(np.int32),
        nu,
        r_squared,
        _signs(layout, history, rows, params if p else mean[:, None]) / count if signs else None,
        np.zeros(n, np.int8),
        np.full(n, -1, np.int8),
        slice(None) if date is None else date,
        shared,
    )


def _signs(layout: Layout, history: _History, rows: IntArray, params: FloatArray) -> FloatArray:
    """(n,) how many residuals of the estimation window are above zero, some windows at a time."""
    length = layout.estimation.length
    views = sliding_window_view(layout.returns, length, axis=1)
    columns = sliding_window_view(history.columns + history.level[:, None], length, axis=1)
    offset = np.zeros(len(history.usable)) if history.offset is None else history.offset
    # A day that cannot be used is below everything.
    offsets = sliding_window_view(np.where(history.usable, offset, np.inf), length)
    based, simple = history.constant or len(columns) == 0, history.offset is None and bool(history.usable.all())
    out = np.empty(len(rows))
    for at in range(0, len(rows), _WINDOWS):
        own = slice(at, at + _WINDOWS)
        first = layout.day[rows[own]] + layout.estimation.start
        rest = views[layout.security[rows[own]], first]
        if not simple:
            rest -= offsets[first]
        for j in range(len(columns)):
            rest -= params[own, j + history.constant, None] * columns[j, first]
        above = rest > (params[own, :1] if based else 0.0)
        out[own] = (above & (rest < np.inf)).sum(axis=1)
    return out
