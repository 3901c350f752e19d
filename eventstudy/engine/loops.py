"""The compiled loops of the numba engine (``fast.py``): security by security, event by event.

A security with many events gets running sums (``running.py``); where those are not good to all digits, and for a
security with few events, each window is read, in two passes. An event that may have to be refused is left to the
masked blocks of numpy, which alone decide that.
"""

from __future__ import annotations

import numpy as np

from eventstudy.engine.arithmetic import (
    by_window,
    compiled,
    inner,
    invert,
    moments,
    refined,
    residuals,
    slopes,
    sum_of,
    take_off,
)
from eventstudy.engine.gram import DOUBTFUL, INFLATED, LOST
from eventstudy.engine.loop_dates import Dates, Given, Places, Scratch, errors_of, sum_errors_of
from eventstudy.engine.running import run_columns, run_returns, sums_of_columns, sums_of_returns
from eventstudy.objects.estimation import FloatArray

# Days in the windows of a security's events, for each of its history, from which running sums are quicker: measured.
DENSE = 8


@inner
def _flat(own: FloatArray, e: FloatArray, at: int, to: int) -> bool:
    """Whether the returns of a window may be constant: true wherever they are, by three of them."""
    first, last, middle = max(at, 0), min(to, len(own)) - 1, (at + to) // 2
    while first < last and np.isnan(e[first]):
        first += 1
    while last > first and np.isnan(e[last]):
        last -= 1
    middle = max(min(middle, last), first)
    while middle < last and np.isnan(e[middle]):
        middle += 1
    a, b, c = own[first], own[middle], own[last]
    return bool(abs(a - b) <= 1e-9 * (abs(a) + abs(b)) and abs(a - c) <= 1e-9 * (abs(a) + abs(c)))


@inner
def _security(given: Given, s: int, scratch: Scratch) -> bool:
    """The returns of security `s` less the offset into ``e``; whether none is missing. Where one is, ``e`` is NaN,
    ``filled`` 0 and ``known`` 0."""
    own, offset, usable, e = given.returns[s], given.offset, given.usable, scratch.e
    total = 0.0
    for t in range(len(e)):
        value = own[t] - offset[t]
        e[t] = value
        total += value
    if given.every and np.isfinite(total):
        return True
    for t in range(len(e)):
        # Asked of the return itself: of a difference, sums that may be reordered take NaN - NaN for zero.
        here = usable[t] and np.isfinite(own[t])
        e[t] = e[t] if here else np.nan
        scratch.filled[t] = e[t] if here else 0.0
        scratch.known[t] = 1.0 if here else 0.0
    return False


@inner
def _days_known(known: FloatArray, first: int, last: int, whole: bool) -> int:
    """Days from `first` to `last` on which the security has a return that can be used."""
    at, to = max(first, 0), min(last + 1, len(known))
    if whole or to <= at:
        return max(to - at, 0)
    return int(sum_of(known[at:to]))


@inner
def _of_date(given: Given, dates: Dates, date: int, scratch: Scratch) -> None:
    """What a date says of the regressors, to where an event's own would be."""
    for j in range(len(scratch.mean)):
        scratch.mean[j] = dates.mean[date, j]
        scratch.about[j] = scratch.mean[j] - given.level[j]
        for c in range(len(scratch.mean)):
            scratch.inverse[j, c] = dates.inverse[date, j, c]


@inner
def _of_event(given: Given, scratch: Scratch, first: int, last: int, split: bool, n: int) -> bool:
    """The same from running sums over the n days that the event has; whether that is good to all digits."""
    if not sums_of_columns(scratch, first, last, split, n, given.constant):
        return False
    k = len(scratch.mean)
    for j in range(k):
        scratch.work[k, j] = np.sqrt(scratch.inverse[j, j])
        scratch.mean[j] = scratch.about[j] + given.level[j]
    return 0.0 < invert(scratch.inverse, scratch.work) <= INFLATED


@inner
def _by_sums(
    given: Given, scratch: Scratch, first: int, last: int, n: int, shared: bool, steady: bool
) -> tuple[float, float, float, float]:
    """Sum of squared residuals, of squared deviations, of squares, and the mean of a window's returns, from running
    sums; the first is -1 where digits would be lost."""
    split = first % given.length != 0
    if not (steady if shared else _of_event(given, scratch, first, last, split, n)):
        return -1.0, 0.0, 0.0, 0.0
    squares, raw, level = sums_of_returns(scratch, first, last, split, n, given.constant)
    left = slopes(scratch.inverse, scratch.cross, squares, scratch.b)
    return left if left > LOST * raw else -1.0, squares, raw, level


@inner
def _read(
    e: FloatArray, x: FloatArray, inflation: float, constant: bool, scratch: Scratch
) -> tuple[float, float, float, float]:
    """As `_by_sums`, of n returns `e` (n,) and columns `x` (k, n), all there, in two passes."""
    left, squares, level = by_window(e, x, scratch.mean, scratch.inverse, constant, scratch.b, scratch.cross)
    raw = squares + len(e) * level * level
    if inflation > INFLATED or not left > LOST * raw:
        rest = scratch.spare[: len(e)]
        residuals(e, level if constant or len(x) == 0 else 0.0, x, scratch.mean, scratch.b, rest)
        left = refined(x, scratch.mean, scratch.inverse, scratch.b, scratch.cross, rest)
    return left, squares, raw, level


@inner
def _press(e: FloatArray, x: FloatArray, at: int, to: int, scratch: Scratch) -> None:
    """The days from `at` to before `to` that can be used, pressed together."""
    n = 0
    for t in range(max(at, 0), min(to, len(e))):
        if not np.isnan(e[t]):
            scratch.pressed[n] = e[t]
            for j in range(len(x)):
                scratch.columns[j, n] = x[j, t]
            n += 1


@inner
def _by_reading(
    given: Given, scratch: Scratch, first: int, last: int, n: int, shared: bool, inflation: float
) -> tuple[float, float, float, float]:
    """As `_by_sums`, reading the window; without its holes where it has some, or no regressor is `shared`."""
    if shared:
        return _read(scratch.e[first : last + 1], given.x[:, first : last + 1], inflation, given.constant, scratch)
    _press(scratch.e, given.x, first, last + 1, scratch)
    inflated = moments(scratch.columns[:, :n], given.constant, scratch.mean, scratch.inverse, scratch.work)
    if inflated < 0.0:
        return -1.0, 0.0, 0.0, 0.0
    return _read(scratch.pressed[:n], scratch.columns[:, :n], inflated, given.constant, scratch)


@inner
def _numbers(
    given: Given, out: Places, i: int, scratch: Scratch, first: int, n: int, left: float, squares: float, level: float
) -> float:
    """What is known of event `i` before its event window is looked at, into its place; its sigma."""
    k, constant, b, to = len(scratch.mean), given.constant, scratch.b, out.columns
    b[0] = level if constant else 0.0
    for j in range(k if constant else 0):
        b[0] -= b[1 + j] * scratch.mean[j]
    nu = n - max(k + constant, 1)
    sigma = np.sqrt(left / nu)
    out.nobs[i], out.block[i, to.sigma], out.block[i, to.nu] = n, sigma, nu
    if to.r_squared >= 0:
        out.block[i, to.r_squared] = 1.0 - left / squares if k + constant else np.nan
    if to.params >= 0:
        for j in range(k + constant):
            out.block[i, to.params + j] = b[j + 1 - constant]
    if to.positive >= 0:
        at, stop = max(first, 0), min(first + given.length, len(scratch.e))
        out.block[i, to.positive] = _signs(given, scratch, at, stop, level if k == 0 else b[0]) / n
    if len(out.inverse):
        for j in range(k):
            out.mean[i, j] = scratch.mean[j]
            for c in range(k):
                out.inverse[i, j, c] = scratch.inverse[j, c]
    return float(sigma)


@inner
def _signs(given: Given, scratch: Scratch, at: int, to: int, base: float) -> int:
    """How many residuals from `at` to before `to` are above zero; NaN is not."""
    e, rest, count = scratch.e[at:to], scratch.spare[: to - at], 0
    if len(given.x) == 1:
        x, slope = given.x[0, at:to], scratch.b[1]
        for t in range(len(e)):
            count += 1 if e[t] - base - slope * x[t] > 0.0 else 0
        return count
    for t in range(len(rest)):
        rest[t] = e[t] - base
    for j in range(len(given.x)):
        take_off(rest, scratch.b[1 + j], given.x[j, at:to], 0.0)
    for t in range(len(rest)):
        count += 1 if rest[t] > 0.0 else 0
    return count


@inner
def _event_window(
    given: Given,
    dates: Dates,
    out: Places,
    i: int,
    scratch: Scratch,
    day: int,
    date: int,
    own: bool,
    n: int,
    sigma: float,
) -> None:
    """AR, SAR, CAR and SCAR of event `i` into their places; with errors of its `own` where its estimation window is
    not that of its date."""
    share = 1.0 / n if given.constant else 0.0
    start = day + given.start
    if len(out.ar):
        _abnormal(scratch.e, given.x, start, scratch.b, out.ar[i])
    if len(out.sar):
        if own:
            errors_of(given, start, share, scratch.mean, scratch.inverse, scratch.cross, scratch.error)
        error = scratch.error if own else dates.error[date]
        ar, scaled = out.ar[i], out.sar[i]
        for tau in range(len(ar)):
            scaled[tau] = ar[tau] / (sigma * error[tau])
    if own:
        sum_errors_of(given, dates.totals[date], share, scratch.mean, scratch.inverse, scratch.cross, scratch.sum_error)
    sum_error = scratch.sum_error if own else dates.sum_error[date]
    for w in range(len(sum_error)):
        car = _cumulated(scratch.e, start, given.spans[w], dates.totals[date, w], scratch.b)
        out.block[i, out.columns.car + w] = car
        out.block[i, out.columns.scar + w] = car / (sigma * sum_error[w])


@inner
def _abnormal(e: FloatArray, x: FloatArray, start: int, b: FloatArray, ar: FloatArray) -> None:
    """AR of one security from session `start` on, NaN on a day that misses anything."""
    first, last = max(start, 0), max(min(start + len(ar), len(e)), max(start, 0))
    if last - first < len(ar):
        for tau in range(len(ar)):
            ar[tau] = np.nan
    own, inside = e[first:last], ar[first - start : last - start]
    for tau in range(len(own)):
        inside[tau] = own[tau] - b[0]
    for j in range(len(x)):
        take_off(inside, b[1 + j], x[j, first:last], 0.0)


@inner
def _cumulated(e: FloatArray, start: int, span: FloatArray, totals: FloatArray, b: FloatArray) -> float:
    """CAR over a window: the returns of its days less what the model says of them, NaN where one is missing."""
    at, to = start + span[0], start + span[1]
    if at < 0 or to > len(e):
        return np.nan
    total = sum_of(e[at:to]) - (to - at) * b[0]
    for j in range(len(totals)):
        total -= b[1 + j] * totals[j]
    return float(total)


@compiled
def measure_rows(given: Given, dates: Dates, scratch: Scratch, from_row: int, to_row: int, out: Places) -> None:
    """Estimate and measure the events of the securities `from_row` to before `to_row`."""
    sessions, length = len(scratch.e), given.length
    least = max(given.min_obs, max(len(given.x) + given.constant, 1) + 1)
    for s in range(from_row, to_row):
        begun, ended = given.first_of[s], given.first_of[s + 1]
        if begun == ended:
            continue
        whole, run = _security(given, s, scratch), False
        dense = (ended - begun) * length >= DENSE * sessions
        if dense:
            run_returns(scratch.e if whole else scratch.filled, given.moved, length, scratch)
        for place in range(begun, ended):
            i, day = given.order[place], given.day[place]
            first, date = day + given.first, dates.row[day]
            last = first + length - 1
            inside = first >= 0 and last < sessions
            out.nobs[i] = -1
            n = length if whole and inside else _days_known(scratch.known, first, last, whole)
            if n < least or (given.offsets and _flat(given.returns[s], scratch.e, first, last + 1)):
                continue
            shared = n == length and dates.inflation[date] > 0.0
            if shared:
                _of_date(given, dates, date, scratch)
            elif dense and inside and not run:
                run_columns(given.moved, length, scratch)
                run = True
            left, squares, raw, level = -1.0, 0.0, 0.0, 0.0
            if dense and inside:
                left, squares, raw, level = _by_sums(given, scratch, first, last, n, shared, dates.steady[date])
            if left < 0.0:
                left, squares, raw, level = _by_reading(given, scratch, first, last, n, shared, dates.inflation[date])
            if left > DOUBTFUL * (raw + given.offset_squares):
                sigma = _numbers(given, out, i, scratch, first, n, left, squares, level)
                _event_window(given, dates, out, i, scratch, day, date, not shared, n, sigma)
