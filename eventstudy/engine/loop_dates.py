"""What the compiled loops of the numba engine read and write, and what they work out once for each date."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy.engine.arithmetic import compiled, inner, moments, quadratic, sum_of
from eventstudy.engine.gram import INFLATED, LOST
from eventstudy.engine.measured import Columns
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray


class Given(NamedTuple):
    """What is read. ``order`` (N,) the events by security, those of row s from ``first_of[s]`` on, ``day`` (N,) in
    that order; ``x`` (k, D) columns without the constant, ``level`` (k,) their means over the history, ``moved``
    (k, D) the columns about them, 0 where missing; ``usable`` (D,) whether they and the offset are there, ``every``
    whether they always are; ``offset_squares`` the sum of the offset's; ``first``, ``length`` of the estimation
    window, ``start``, ``days`` of the event window; ``spans`` (W, 2)."""

    returns: FloatArray
    day: IntArray
    order: IntArray
    first_of: IntArray
    x: FloatArray
    level: FloatArray
    moved: FloatArray
    offset: FloatArray
    usable: BoolArray
    every: bool
    spans: IntArray
    first: int
    length: int
    start: int
    days: int
    min_obs: int
    constant: bool
    offsets: bool
    offset_squares: float


class Dates(NamedTuple):
    """What m dates say. ``row`` (D,) of each session, -1 for none; ``inflation`` (m,) the largest variance inflation,
    -1 where the window misses a day or a column depends on others; ``steady`` (m,) whether running sums keep the
    digits; ``totals`` (m, W, k) sums of the columns; the others as in `Regressors` and `EventDays`."""

    row: IntArray
    mean: FloatArray
    inverse: FloatArray
    inflation: FloatArray
    steady: BoolArray
    error: FloatArray
    totals: FloatArray
    sum_error: FloatArray


class Places(NamedTuple):
    """Where the numbers of N events go: ``nobs`` (N,), -1 where an event is left over, and the others as `Buffers` has
    them; ``mean`` (N, k) and ``inverse`` (N, k, k) of the regressors of each. No rows: not wanted."""

    nobs: IntArray
    block: FloatArray
    columns: Columns
    mean: FloatArray
    inverse: FloatArray
    ar: FloatArray
    sar: FloatArray


class Scratch(NamedTuple):
    """Buffers of one thread.

    Of a security, (D,): ``e`` returns less offset, NaN where missing, ``filled`` with 0 there, ``known`` 1 or 0,
    ``begin``, ``end`` (q, D) running sums.
    Of an event: ``pressed``, ``columns`` a window without its holes; ``mean`` (k,), ``about`` the same about
    ``Given.level``, ``inverse`` of its regressors; ``cross``, ``b`` its cross products and parameters; ``error``,
    ``sum_error`` of its event window; ``spare``, ``work`` anything.
    """

    e: FloatArray
    filled: FloatArray
    known: FloatArray
    spare: FloatArray
    begin: FloatArray
    end: FloatArray
    pressed: FloatArray
    columns: FloatArray
    mean: FloatArray
    about: FloatArray
    inverse: FloatArray
    work: FloatArray
    b: FloatArray
    cross: FloatArray
    error: FloatArray
    sum_error: FloatArray


@compiled
def sort_rows(security: IntArray, day: IntArray, place: IntArray, order: IntArray, days: IntArray) -> None:
    """The events (N,) in the `order` of their securities, and their `days` in that order, by counting; `place` (S,)
    where those of each security begin, afterwards where they end."""
    for i in range(len(security)):
        s = security[i]
        order[place[s]], days[place[s]] = i, day[i]
        place[s] += 1


@inner
def errors_of(
    given: Given, first: int, share: float, mean: FloatArray, inverse: FloatArray, z: FloatArray, error: FloatArray
) -> None:
    """Standard errors of AR in units of sigma, as `forecast.event_days`, NaN on a day that misses a regressor.

    `first` the first day of the event window; `share` 1 / n with a constant, else 0; `z` (k,) a buffer.
    """
    for tau in range(len(error)):
        t = first + tau
        error[tau] = np.nan
        if 0 <= t < len(given.usable) and given.usable[t]:
            for j in range(len(z)):
                z[j] = given.x[j, t] - mean[j]
            error[tau] = np.sqrt(1.0 + share + quadratic(z, inverse))


@inner
def sum_errors_of(
    given: Given,
    totals: FloatArray,
    share: float,
    mean: FloatArray,
    inverse: FloatArray,
    z: FloatArray,
    error: FloatArray,
) -> None:
    """Standard errors of CAR in units of sigma from `totals` (W, k), the sums of the columns over each window."""
    for w in range(len(error)):
        length = given.spans[w, 1] - given.spans[w, 0]
        for j in range(len(z)):
            z[j] = totals[w, j] - length * mean[j]
        error[w] = np.sqrt(length + length * length * share + quadratic(z, inverse))


@compiled
def prepare(given: Given, days: IntArray, dates: Dates, scratch: Scratch) -> None:
    """Fill `dates` for each of the sessions `days`."""
    x, length, sessions = given.x, given.length, given.x.shape[1]
    share = 1.0 / length if given.constant else 0.0
    for d in range(len(days)):
        first, start = days[d] + given.first, days[d] + given.start
        mean, inverse, dates.inflation[d], dates.steady[d] = dates.mean[d], dates.inverse[d], -1.0, False
        for w in range(len(given.spans)):
            at, to = start + given.spans[w, 0], start + given.spans[w, 1]
            for j in range(len(x)):
                dates.totals[d, w, j] = sum_of(x[j, at:to]) if at >= 0 and to <= sessions else np.nan
        whole = first >= 0 and first + length <= sessions
        if whole:
            for t in range(first, first + length):
                whole = whole and given.usable[t]
        if whole:
            window = x[:, first : first + length]
            dates.inflation[d] = moments(window, given.constant, mean, inverse, scratch.work)
        if dates.inflation[d] > 0.0:
            dates.steady[d] = dates.inflation[d] <= INFLATED and _keeps(given, mean, inverse)
            errors_of(given, start, share, mean, inverse, scratch.cross, dates.error[d])
            sum_errors_of(given, dates.totals[d], share, mean, inverse, scratch.cross, dates.sum_error[d])


@inner
def _keeps(given: Given, mean: FloatArray, inverse: FloatArray) -> bool:
    """Whether sums about ``level`` keep the digits of a window's own deviations: no mean far away from it."""
    good = True
    for j in range(len(mean)):
        apart = mean[j] - given.level[j]
        good = good and LOST * given.length * apart * apart * inverse[j, j] < 1.0 - LOST
    return good
