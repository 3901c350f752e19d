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
    options: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    made: _F = numba.njit(**options)(function)
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
def _quadratic(z: FloatArray, inverse: FloatArray) -> float:
    """z'(X'X)^-1 z of deviations `z` (k,)."""
    total = 0.0
    for i in range(len(z)):
        for j in range(len(z)):
            total += z[i] * inverse[i, j] * z[j]
    return total


@_inner
def _errors(
    x: FloatArray,
    usable: BoolArray,
    first: int,
    spans: IntArray,
    share: float,
    mean: FloatArray,
    inverse: FloatArray,
    z: FloatArray,
    error: FloatArray,
    sums: FloatArray,
) -> None:
    """Standard errors of AR and CAR in units of sigma, as `forecast.event_days`.

    `first` the first day of the event window; `share` 1 / n with a constant, else 0; `z` (k,) room.
    """
    sessions = len(usable)
    for tau in range(len(error)):
        t = first + tau
        error[tau] = np.nan
        if 0 <= t < sessions and usable[t]:
            for j in range(len(z)):
                z[j] = x[j, t] - mean[j]
            error[tau] = np.sqrt(1.0 + share + _quadratic(z, inverse))
    for w in range(len(sums)):
        sums[w] = np.nan
        length = spans[w, 1] - spans[w, 0]
        known = True
        for tau in range(spans[w, 0], spans[w, 1]):
            known = known and not np.isnan(error[tau])
        if known:
            at = first + spans[w, 0]
            for j in range(len(z)):
                z[j] = _sum(x[j, at : at + length]) - length * mean[j]
            sums[w] = np.sqrt(length + length * length * share + _quadratic(z, inverse))


@_compiled
def _prepare(given: Given, days: IntArray, dates: Dates) -> None:
    """Fill `dates` for each of the sessions `days`."""
    x, usable, length = given.x, given.usable, given.length
    k, sessions = x.shape
    share = 1.0 / length if given.constant else 0.0
    work, z = np.empty((k + 1, k)), np.empty(k)
    for d in range(len(days)):
        first = days[d] + given.first
        whole = first >= 0 and first + length <= sessions
        if whole:
            for t in range(first, first + length):
                whole = whole and usable[t]
        dates.inflation[d] = -1.0
        if whole:
            mean, inverse = dates.mean[d], dates.inverse[d]
            dates.inflation[d] = _moments(x, first, length, given.constant, mean, inverse, work)
            if dates.inflation[d] > 0.0:
                start = days[d] + given.start
                _errors(x, usable, start, given.spans, share, mean, inverse, z, dates.error[d], dates.sum_error[d])


@_inner
def _level(y: FloatArray) -> bool:
    """Whether returns may be constant: true wherever they are, by three of them."""
    a, b, c = y[0], y[len(y) // 2], y[len(y) - 1]
    return bool(abs(a - b) <= 1e-9 * (abs(a) + abs(b)) and abs(a - c) <= 1e-9 * (abs(a) + abs(c)))


@_inner
def _whole(y: FloatArray, known: FloatArray, offsets: bool, e: FloatArray) -> float:
    """Returns less offset of a whole window into `e`; where there is an offset the squares of the returns, else 0.

    NaN where a return is missing.
    """
    total = 0.0
    if offsets:
        for t in range(len(e)):
            e[t] = y[t] - known[t]
        total = _product(y, 0.0, y, 0.0)
        return total if np.isfinite(total) else np.nan
    for t in range(len(e)):
        e[t] = y[t]
        total += y[t]
    return 0.0 if np.isfinite(total) else np.nan


@_inner
def _press(
    returns: FloatArray,
    offset: FloatArray,
    usable: BoolArray,
    x: FloatArray,
    at: int,
    e: FloatArray,
    raw: FloatArray,
    pressed: FloatArray,
) -> int:
    """The days of the window from `at` on that can be used, of one security, pressed together; their number."""
    n = 0
    for t in range(max(at, 0), min(at + len(e), len(usable))):
        if usable[t] and np.isfinite(returns[t]):
            raw[n] = returns[t]
            e[n] = returns[t] - offset[t]
            for j in range(len(x)):
                pressed[j, n] = x[j, t]
            n += 1
    return n


@_inner
def _estimate(
    e: FloatArray,
    x: FloatArray,
    at: int,
    mean: FloatArray,
    inverse: FloatArray,
    inflation: float,
    constant: bool,
    size: float,
    b: FloatArray,
    cross: FloatArray,
) -> tuple[float, float, float]:
    """Sum of squared residuals, that of deviations, and the number of residuals above zero; the last is -1 where the
    event has to be looked at again.

    `e` (n,) returns less offset, residuals afterwards; `x` (k, D) from `at` on; `size` the squares of the returns
    where they differ from those of `e`, else 0; `b` (k + 1,) receives the constant and the slopes; `cross` (k,) room.
    """
    k, n = len(x), len(e)
    level = _sum(e) / n
    centre = level if constant or k == 0 else 0.0
    squares = 0.0
    for t in range(n):
        e[t] -= centre
        squares += e[t] * e[t]
    for j in range(k):
        b[1 + j] = 0.0
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
    left, above = 0.0, 0.0
    for t in range(n):
        left += e[t] * e[t]
        above += 1.0 if e[t] > 0.0 else 0.0
    b[0] = level if constant else 0.0
    if constant:
        for j in range(k):
            b[0] -= b[1 + j] * mean[j]
    return left, squares, above if left > SUSPECT * (squares + n * level * level + size) else -1.0


@_inner
def _abnormal(
    returns: FloatArray,
    offset: FloatArray,
    usable: BoolArray,
    x: FloatArray,
    first: int,
    b: FloatArray,
    ar: FloatArray,
) -> None:
    """AR of one security from session `first` on, NaN on a day that misses anything."""
    for tau in range(len(ar)):
        t = first + tau
        ar[tau] = np.nan
        if 0 <= t < len(usable) and usable[t]:
            value = returns[t] - offset[t] - b[0]
            for j in range(len(x)):
                value -= b[1 + j] * x[j, t]
            if np.isfinite(value):
                ar[tau] = value


@_compiled
def _events(given: Given, dates: Dates, rows: IntArray, out: Places) -> None:
    """Estimate and measure the events `rows`."""
    # Taken out of their tuples once: each time that is done costs as much as a pass over a window.
    returns, offset, usable, x, spans = given.returns, given.offset, given.usable, given.x, given.spans
    length, constant, offsets = given.length, given.constant, given.offsets
    means, inverses, errors, sum_errors = dates.mean, dates.inverse, dates.error, dates.sum_error
    security, days, row, inflations = given.security, given.day, dates.row, dates.inflation
    ahead, start = given.first, given.start
    done, params, sigmas, nobs, positive, r_squared = (
        out.done,
        out.params,
        out.sigma,
        out.nobs,
        out.positive,
        out.r_squared,
    )
    of_days, scaled, car, scar, own_mean, own_inverse = out.ar, out.sar, out.car, out.scar, out.mean, out.inverse
    k = len(x)
    p = max(k + constant, 1)
    least = max(given.min_obs, p + 1)
    e, raw, pressed, ar = np.empty(length), np.empty(length), np.empty((k, length)), np.empty(given.days)
    b, cross, mean, inverse, work = np.empty(k + 1), np.empty(k), np.empty(k), np.empty((k, k)), np.empty((k + 1, k))
    error, sum_error = np.empty(given.days), np.empty(len(spans))
    for i in rows:
        own, day = returns[security[i]], days[i]
        first, date, n, size = day + ahead, row[day], length, np.nan
        inflation = inflations[date]
        if length >= least and inflation > 0.0:
            size = _whole(own[first : first + n], offset[first : first + n], offsets, e)
        done[i] = False
        whole = not np.isnan(size)
        if whole:
            if offsets and _level(own[first : first + n]):
                continue
            for j in range(k):
                mean[j] = means[date, j]
                for c in range(k):
                    inverse[j, c] = inverses[date, j, c]
            left, squares, above = _estimate(e, x, first, mean, inverse, inflation, constant, size, b, cross)
        else:
            n = _press(own, offset, usable, x, first, e, raw, pressed)
            if n < least or (offsets and _level(raw[:n])):
                continue
            inflation = _moments(pressed, 0, n, constant, mean, inverse, work)
            if inflation < 0.0:
                continue
            size = _product(raw[:n], 0.0, raw[:n], 0.0) if offsets else 0.0
            left, squares, above = _estimate(e[:n], pressed, 0, mean, inverse, inflation, constant, size, b, cross)
            share = 1.0 / n if constant else 0.0
            _errors(x, usable, day + start, spans, share, mean, inverse, cross, error, sum_error)
        if above < 0.0:
            continue
        sigma = np.sqrt(left / (n - p))
        done[i], sigmas[i], nobs[i], positive[i] = True, sigma, n, above / n
        for j in range(params.shape[1] if len(params) else 0):
            params[i, j] = b[j + 1 - constant]
        if len(r_squared):
            r_squared[i] = 1.0 - left / squares if k + constant else np.nan
        if len(own_inverse):
            own_mean[i], own_inverse[i] = mean, inverse
        _abnormal(own, offset, usable, x, day + start, b, ar)
        if len(of_days):
            for tau in range(len(ar)):
                of_days[i, tau] = ar[tau]
        if len(scaled):
            for tau in range(len(ar)):
                scaled[i, tau] = ar[tau] / (sigma * (errors[date, tau] if whole else error[tau]))
        for w in range(len(spans)):
            total = 0.0
            for tau in range(spans[w, 0], spans[w, 1]):
                total += ar[tau]
            car[i, w] = total
            scar[i, w] = total / (sigma * (sum_errors[date, w] if whole else sum_error[w]))
