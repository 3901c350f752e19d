"""The engine in numba, for many events: the numbers of the numpy engine, event by event in compiled loops.

Events are taken in the order of their securities, so that a security's returns stay in the cache; what regressors
say of a date is worked out once for each date. Two passes over each window, means and centred moments, then the
residuals from the slopes; windows with holes are pressed together first. An event that may have to be refused is left
to the masked blocks of numpy, which alone decide that. Imported only where it is used: numba takes half a second.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np

from eventstudy.datatypes import BoolArray, FloatArray, IntArray, Window
from eventstudy.models.by_date import sort_by
from eventstudy.models.estimates import Laid, read_only
from eventstudy.models.forecast import columns_of
from eventstudy.models.gram import INFLATED, NEGLIGIBLE, SUSPECT, TOLERANCE

_SERIAL = 20_000  # events below which threads cost more than they bring
_PIECE = 4_096  # events a thread takes at a time
_F = TypeVar("_F", bound=Callable[..., Any])


# Sums may be reordered, which makes them vector sums; infinities and NaN keep their meaning.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}


def _compiled(function: _F) -> _F:
    """Compiled for this machine and kept on disk; where no folder can be written to, compiled anew each time."""
    try:
        made: _F = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba found no place for its cache
        made = numba.njit(**_OPTIONS)(function)
    return made


def _inner(function: _F) -> _F:
    """Compiled into the functions that call it, and not to be called by others."""
    made: _F = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function)
    return made


class Given(NamedTuple):
    """What is read. ``x`` (k, D) columns without the constant; ``usable`` (D,) whether they and the offset are there;
    ``first``, ``length`` of the estimation window, ``start``, ``days`` of the event window; ``spans`` (W, 2)."""

    returns: FloatArray
    security: IntArray
    day: IntArray
    x: FloatArray
    offset: FloatArray
    usable: BoolArray
    spans: IntArray
    first: int
    length: int
    start: int
    days: int
    min_obs: int
    constant: bool
    offsets: bool


class Dates(NamedTuple):
    """What m dates say. ``row`` (D,) of each session, -1 for none; ``inflation`` (m,) the largest variance inflation,
    -1 where the window misses a day or a column depends on others; the others as in `Regressors` and `EventDays`."""

    row: IntArray
    mean: FloatArray
    inverse: FloatArray
    inflation: FloatArray
    error: FloatArray
    sum_error: FloatArray


class Places(NamedTuple):
    """Where the numbers of N events go; no rows: not wanted. ``done`` (N,) False where an event is left over."""

    done: BoolArray
    params: FloatArray
    sigma: FloatArray
    nobs: IntArray
    r_squared: FloatArray
    positive: FloatArray
    mean: FloatArray
    inverse: FloatArray
    ar: FloatArray
    sar: FloatArray
    car: FloatArray
    scar: FloatArray


def run(
    layout: Laid, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], out: Places
) -> IntArray:
    """Fill `out` and return the events that are left over, whose places then mean nothing."""
    given = _given(layout, design, offset, constant, windows)
    dates = _dates(given)
    order = sort_by(layout.security, len(layout.returns)).astype(np.int32)
    pieces = [order[at : at + _PIECE] for at in range(0, len(order), _PIECE)]
    workers = min(_workers(), len(pieces))
    if len(order) < _SERIAL or workers < 2:
        _events(given, dates, order, out)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda piece: _events(given, dates, piece, out), pieces))
    return np.flatnonzero(~out.done).astype(np.int32)


def _workers() -> int:
    """Threads to use: the processors this process may run on, or fewer where NUMBA_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, int(getattr(numba.config, "NUMBA_NUM_THREADS", allowed)))


def _given(layout: Laid, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window]) -> Given:
    x = np.array(design.T[1 if constant else 0 :], order="C")
    usable = np.isfinite(x).all(axis=0) & np.isfinite(offset)
    spans = [(cols.start, cols.stop) for cols in columns_of(layout.event, windows)]
    estimation, event = layout.estimation, layout.event
    return Given(  # read-only or not is a matter of type to numba: one of the two is compiled
        read_only(np.ascontiguousarray(layout.returns)),
        read_only(np.ascontiguousarray(layout.security, dtype=np.int32)),
        read_only(np.ascontiguousarray(layout.day, dtype=np.int32)),
        x,
        read_only(np.ascontiguousarray(offset)),
        np.asarray(usable),
        np.array(spans, dtype=np.int32).reshape(-1, 2),
        estimation.start,
        estimation.length,
        event.start,
        event.length,
        layout.min_obs,
        constant,
        bool(offset.any()),
    )


def _dates(given: Given) -> Dates:
    """What each date with an event says."""
    seen = np.zeros(given.returns.shape[1], np.bool_)
    seen[given.day] = True
    days = np.flatnonzero(seen).astype(np.int32)
    row = np.full(len(seen), -1, np.int32)
    row[days] = np.arange(len(days), dtype=np.int32)
    m, k = len(days), len(given.x)
    dates = Dates(
        row,
        np.empty((m, k)),
        np.empty((m, k, k)),
        np.empty(m),
        np.empty((m, given.days)),
        np.empty((m, len(given.spans))),
    )
    _prepare(given, days, dates)
    return dates


# ------------------------------------------------------------------------------------------------- compiled from here
@_inner
def _sum(values: FloatArray) -> float:
    total = 0.0
    for t in range(len(values)):
        total += values[t]
    return total


@_inner
def _product(left: FloatArray, a: float, right: FloatArray, b: float) -> float:
    """Sum of (left - a)(right - b)."""
    total = 0.0
    for t in range(len(left)):
        total += (left[t] - a) * (right[t] - b)
    return total


@_inner
def _take_off(e: FloatArray, slope: float, x: FloatArray, mean: float) -> None:
    """Take slope (x - mean) off `e`."""
    for t in range(len(e)):
        e[t] -= slope * (x[t] - mean)


@_inner
def _moments(
    x: FloatArray, at: int, n: int, constant: bool, mean: FloatArray, inverse: FloatArray, work: FloatArray
) -> float:
    """Means and inverse Gram matrix of the n days from `at` on of `x` (k, D), as `gram.invert`.

    Returns the largest variance inflation of a column, -1 where one depends on others or does not vary.
    """
    k = len(x)
    for j in range(k):
        mean[j] = _sum(x[j, at : at + n]) / n if constant else 0.0
    for i in range(k):
        for j in range(i + 1):
            inverse[i, j] = _product(x[i, at : at + n], mean[i], x[j, at : at + n], mean[j])
    for j in range(k):
        size = np.sqrt(inverse[j, j])
        if not size > NEGLIGIBLE * abs(mean[j]) * np.sqrt(n):
            return -1.0
        work[k, j] = size
    return _invert(inverse, work)


@_inner
def _invert(gram: FloatArray, work: FloatArray) -> float:
    """The inverse of a Gram matrix in its own place, by the Cholesky factor of its correlations; -1 if singular.

    `gram` its lower half; `work` (k + 1, k), its last row the roots of the diagonal.
    """
    k = len(gram)
    for j in range(k):
        for i in range(j, k):
            total = gram[i, j] / (work[k, i] * work[k, j])
            for c in range(j):
                total -= work[i, c] * work[j, c]
            if i == j:
                if total <= TOLERANCE:
                    return -1.0
                work[j, j] = np.sqrt(total)
            else:
                work[i, j] = total / work[j, j]
    for j in range(k):  # the inverse of the factor, in its place, column by column
        for i in range(k):
            gram[i, j] = 0.0
        gram[j, j] = 1.0 / work[j, j]
        for i in range(j + 1, k):
            total = 0.0
            for c in range(j, i):
                total -= work[i, c] * gram[c, j]
            gram[i, j] = total / work[i, i]
    largest = 1.0
    for i in range(k):
        for j in range(i + 1):
            total = 0.0
            for r in range(i, k):
                total += gram[r, i] * gram[r, j]
            work[i, j] = total
        largest = max(largest, work[i, i])
    for i in range(k):
        for j in range(i + 1):
            gram[i, j] = gram[j, i] = work[i, j] / (work[k, i] * work[k, j])
    return largest


@_inner
def _errors(
    given: Given, day: int, n: int, mean: FloatArray, inverse: FloatArray, error: FloatArray, sums: FloatArray
) -> None:
    """Standard errors of AR and CAR around `day` in units of sigma, as `forecast.event_days`."""
    sessions = len(given.usable)
    share = 1.0 / n if given.constant else 0.0
    for w in range(len(sums)):
        start, stop = given.spans[w]
        known = True
        for t in range(day + given.start + start, day + given.start + stop):
            known = known and 0 <= t < sessions and given.usable[t]
        sums[w] = np.nan
        if known:
            length = stop - start
            sums[w] = np.sqrt(length + length * length * share + _square(given, day + start, length, mean, inverse))
    for tau in range(len(error)):
        t = day + given.start + tau
        error[tau] = np.nan
        if 0 <= t < sessions and given.usable[t]:
            error[tau] = np.sqrt(1.0 + share + _square(given, day + tau, 1, mean, inverse))


@_inner
def _square(given: Given, at: int, length: int, mean: FloatArray, inverse: FloatArray) -> float:
    """z'(X'X)^-1 z, z the deviations of the columns summed over `length` days from the event window's day `at` on."""
    k = len(given.x)
    first = at + given.start
    total = 0.0
    for i in range(k):
        left = 0.0
        for t in range(first, first + length):
            left += given.x[i, t] - mean[i]
        for j in range(k):
            right = 0.0
            for t in range(first, first + length):
                right += given.x[j, t] - mean[j]
            total += left * inverse[i, j] * right
    return total


@_compiled
def _prepare(given: Given, days: IntArray, dates: Dates) -> None:
    """Fill `dates` for each of the sessions `days`."""
    k, sessions = given.x.shape
    work = np.empty((k + 1, k))
    for d in range(len(days)):
        first = days[d] + given.first
        whole = first >= 0 and first + given.length <= sessions
        if whole:
            for t in range(first, first + given.length):
                whole = whole and given.usable[t]
        dates.inflation[d] = -1.0
        if whole:
            mean, inverse = dates.mean[d], dates.inverse[d]
            dates.inflation[d] = _moments(given.x, first, given.length, given.constant, mean, inverse, work)
            if dates.inflation[d] > 0.0:
                _errors(given, days[d], given.length, mean, inverse, dates.error[d], dates.sum_error[d])


@_inner
def _solve(
    e: FloatArray, x: FloatArray, at: int, mean: FloatArray, inverse: FloatArray, inflation: float, b: FloatArray
) -> None:
    """Slopes of `e` (n,) on the deviations of `x` (k, D) from `at` on, after b[0]; residuals in the place of `e`."""
    k, n = len(x), len(e)
    for j in range(k):
        b[1 + j] = 0.0
    cross = np.empty(k)
    # A second step removes the rounding that correlated columns put into the first.
    for _ in range(2 if inflation > INFLATED else 1):
        for j in range(k):
            cross[j] = _product(e, 0.0, x[j, at : at + n], mean[j])
        for j in range(k):
            step = 0.0
            for i in range(k):
                step += inverse[j, i] * cross[i]
            b[1 + j] += step
            _take_off(e, step, x[j, at : at + n], mean[j])


@_inner
def _level(y: FloatArray) -> bool:
    """Whether returns may be constant: true wherever they are, by three of them."""
    a, b, c = y[0], y[len(y) // 2], y[len(y) - 1]
    return bool(abs(a - b) <= 1e-9 * (abs(a) + abs(b)) and abs(a - c) <= 1e-9 * (abs(a) + abs(c)))


@_inner
def _whole(given: Given, s: int, first: int, e: FloatArray) -> float:
    """Returns less offset of a whole window into `e`; where there is an offset the squares of the returns, else 0.

    NaN where a return is missing.
    """
    y = given.returns[s, first : first + given.length]
    if given.offsets:
        known = given.offset[first : first + given.length]
        for t in range(len(e)):
            e[t] = y[t] - known[t]
        total = _product(y, 0.0, y, 0.0)
        return total if np.isfinite(total) else np.nan
    total = 0.0
    for t in range(len(e)):
        e[t] = y[t]
        total += y[t]
    return 0.0 if np.isfinite(total) else np.nan


@_inner
def _press(given: Given, s: int, first: int, e: FloatArray, raw: FloatArray, x: FloatArray) -> int:
    """The days of a window that can be used, pressed together; their number."""
    k, sessions = given.x.shape
    n = 0
    for t in range(max(first, 0), min(first + given.length, sessions)):
        if given.usable[t] and np.isfinite(given.returns[s, t]):
            raw[n] = given.returns[s, t]
            e[n] = raw[n] - given.offset[t]
            for j in range(k):
                x[j, n] = given.x[j, t]
            n += 1
    return n


@_inner
def _estimate(
    given: Given,
    i: int,
    e: FloatArray,
    x: FloatArray,
    at: int,
    mean: FloatArray,
    inverse: FloatArray,
    inflation: float,
    size: float,
    b: FloatArray,
    out: Places,
) -> bool:
    """Estimates of event `i` from `e` (n,), returns less offset; False where it has to be looked at again.

    `size` the squares of the returns, where they differ from those of `e`, else 0.
    """
    k, n = len(x), len(e)
    p = k + 1 if given.constant else k
    squares, left, above = 0.0, 0.0, 0
    level = _sum(e) / n
    centre = level if given.constant or k == 0 else 0.0
    for t in range(n):
        e[t] -= centre
        squares += e[t] * e[t]
    _solve(e, x, at, mean, inverse, inflation, b)
    for t in range(n):
        left += e[t] * e[t]
        above += 1 if e[t] > 0.0 else 0
    if not left > SUSPECT * (squares + n * level * level + size):
        return False
    b[0] = level if given.constant else 0.0
    if given.constant:
        for j in range(k):
            b[0] -= b[1 + j] * mean[j]
    out.sigma[i], out.nobs[i], out.positive[i] = np.sqrt(left / (n - max(p, 1))), n, above / n
    if len(out.params):
        for j in range(p):
            out.params[i, j] = b[j + 1 + k - p]
    if len(out.r_squared):
        out.r_squared[i] = 1.0 - left / squares if p else np.nan
    if len(out.inverse):
        out.mean[i] = mean
        out.inverse[i] = inverse
    return True


@_inner
def _event_window(
    given: Given, i: int, b: FloatArray, error: FloatArray, sum_error: FloatArray, ar: FloatArray, out: Places
) -> None:
    """AR, SAR, CAR and SCAR of event `i`, NaN on a day that misses anything."""
    k, sessions = given.x.shape
    s, first, sigma = given.security[i], given.day[i] + given.start, out.sigma[i]
    for tau in range(given.days):
        t = first + tau
        ar[tau] = np.nan
        if 0 <= t < sessions and given.usable[t]:
            value = given.returns[s, t] - given.offset[t] - b[0]
            for j in range(k):
                value -= b[1 + j] * given.x[j, t]
            if np.isfinite(value):
                ar[tau] = value
    if len(out.ar):
        out.ar[i] = ar
    if len(out.sar):
        for tau in range(given.days):
            out.sar[i, tau] = ar[tau] / (sigma * error[tau])
    for w in range(len(given.spans)):
        total = 0.0
        for tau in range(given.spans[w, 0], given.spans[w, 1]):
            total += ar[tau]
        out.car[i, w] = total
        out.scar[i, w] = total / (sigma * sum_error[w])


@_compiled
def _events(given: Given, dates: Dates, rows: IntArray, out: Places) -> None:
    """Estimate and measure the events `rows`."""
    k, length = len(given.x), given.length
    least = max(given.min_obs, max(k + given.constant, 1) + 1)
    e, raw, pressed = np.empty(length), np.empty(length), np.empty((k, length))
    b, own_mean = np.empty(k + 1), np.empty(k)
    own_inverse, work = np.empty((k, k)), np.empty((k + 1, k))
    ar, own_error, own_sum = np.empty(given.days), np.empty(given.days), np.empty(len(given.spans))
    for i in rows:
        s, day = given.security[i], given.day[i]
        first, date = day + given.first, dates.row[day]
        inflation = dates.inflation[date]
        out.done[i] = False
        size = _whole(given, s, first, e) if length >= least and inflation > 0.0 else np.nan
        if np.isfinite(size):
            if given.offsets and _level(given.returns[s, first : first + length]):
                continue
            mean, inverse = dates.mean[date], dates.inverse[date]
            if _estimate(given, i, e, given.x, first, mean, inverse, inflation, size, b, out):
                out.done[i] = True
                _event_window(given, i, b, dates.error[date], dates.sum_error[date], ar, out)
            continue
        n = _press(given, s, first, e, raw, pressed)
        if n < least or (given.offsets and _level(raw[:n])):
            continue
        size = _product(raw[:n], 0.0, raw[:n], 0.0) if given.offsets else 0.0
        inflation = _moments(pressed, 0, n, given.constant, own_mean, own_inverse, work)
        if inflation > 0.0 and _estimate(given, i, e[:n], pressed, 0, own_mean, own_inverse, inflation, size, b, out):
            out.done[i] = True
            _errors(given, day, n, own_mean, own_inverse, own_error, own_sum)
            _event_window(given, i, b, own_error, own_sum, ar, out)
