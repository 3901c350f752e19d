"""The compiled loops of the numba engine (``fast.py``): dates, then event by event, two passes over each window.

Windows with holes are pressed together first. An event that may have to be refused is left to the masked blocks of
numpy, which alone decide that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy.datatypes import BoolArray, FloatArray, IntArray
from eventstudy.models.arithmetic import compiled, estimate, inner, moments, product, quadratic, sum_of


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


@inner
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
            error[tau] = np.sqrt(1.0 + share + quadratic(z, inverse))
    for w in range(len(sums)):
        sums[w] = np.nan
        length = spans[w, 1] - spans[w, 0]
        known = True
        for tau in range(spans[w, 0], spans[w, 1]):
            known = known and not np.isnan(error[tau])
        if known:
            at = first + spans[w, 0]
            for j in range(len(z)):
                z[j] = sum_of(x[j, at : at + length]) - length * mean[j]
            sums[w] = np.sqrt(length + length * length * share + quadratic(z, inverse))


@compiled
def prepare(given: Given, days: IntArray, dates: Dates) -> None:
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
            dates.inflation[d] = moments(x, first, length, given.constant, mean, inverse, work)
            if dates.inflation[d] > 0.0:
                start = days[d] + given.start
                _errors(x, usable, start, given.spans, share, mean, inverse, z, dates.error[d], dates.sum_error[d])


@inner
def _level(y: FloatArray) -> bool:
    """Whether returns may be constant: true wherever they are, by three of them."""
    a, b, c = y[0], y[len(y) // 2], y[len(y) - 1]
    return bool(abs(a - b) <= 1e-9 * (abs(a) + abs(b)) and abs(a - c) <= 1e-9 * (abs(a) + abs(c)))


@inner
def _whole(y: FloatArray, known: FloatArray, offsets: bool, e: FloatArray) -> float:
    """Returns less offset of a whole window into `e`; where there is an offset the squares of the returns, else 0.

    NaN where a return is missing.
    """
    total = 0.0
    if offsets:
        for t in range(len(e)):
            e[t] = y[t] - known[t]
        total = product(y, 0.0, y, 0.0)
        return total if np.isfinite(total) else np.nan
    for t in range(len(e)):
        e[t] = y[t]
        total += y[t]
    return 0.0 if np.isfinite(total) else np.nan


@inner
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


@inner
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


@inner
def _of_date(date: int, means: FloatArray, inverses: FloatArray, mean: FloatArray, inverse: FloatArray) -> None:
    """Copy what a date says, element by element: an array of one row costs more than what it holds."""
    for j in range(len(mean)):
        mean[j] = means[date, j]
        for c in range(len(mean)):
            inverse[j, c] = inverses[date, j, c]


@inner
def _of_date_errors(
    date: int, errors: FloatArray, sum_errors: FloatArray, error: FloatArray, sum_error: FloatArray
) -> None:
    for tau in range(len(error)):
        error[tau] = errors[date, tau]
    for w in range(len(sum_error)):
        sum_error[w] = sum_errors[date, w]


@inner
def _written(i: int, ar: FloatArray, sigma: float, error: FloatArray, of_days: FloatArray, scaled: FloatArray) -> None:
    """AR and SAR of event `i` into their places, where there are any."""
    for tau in range(len(ar) if len(of_days) else 0):
        of_days[i, tau] = ar[tau]
    for tau in range(len(ar) if len(scaled) else 0):
        scaled[i, tau] = ar[tau] / (sigma * error[tau])


@compiled
def measure_events(given: Given, dates: Dates, rows: IntArray, out: Places) -> None:
    """Estimate and measure the events `rows`."""
    # Taken out of their tuples once: each time that is done costs as much as a pass over a window.
    returns, offset, usable, x, spans = given.returns, given.offset, given.usable, given.x, given.spans
    length, constant, offsets = given.length, given.constant, given.offsets
    means, inverses, errors, sum_errors = dates.mean, dates.inverse, dates.error, dates.sum_error
    security, days, row, inflations = given.security, given.day, dates.row, dates.inflation
    ahead, start = given.first, given.start
    done, sigmas, nobs, positive = out.done, out.sigma, out.nobs, out.positive
    params, r_squared = out.params, out.r_squared
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
            _of_date(date, means, inverses, mean, inverse)
            _of_date_errors(date, errors, sum_errors, error, sum_error)
            left, squares, above = estimate(e, x, first, mean, inverse, inflation, constant, size, b, cross)
        else:
            n = _press(own, offset, usable, x, first, e, raw, pressed)
            if n < least or (offsets and _level(raw[:n])):
                continue
            inflation = moments(pressed, 0, n, constant, mean, inverse, work)
            if inflation < 0.0:
                continue
            size = product(raw[:n], 0.0, raw[:n], 0.0) if offsets else 0.0
            left, squares, above = estimate(e[:n], pressed, 0, mean, inverse, inflation, constant, size, b, cross)
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
        _written(i, ar, sigma, error, of_days, scaled)
        for w in range(len(spans)):
            car[i, w] = 0.0
            for tau in range(spans[w, 0], spans[w, 1]):
                car[i, w] += ar[tau]
            scar[i, w] = car[i, w] / (sigma * sum_error[w])
