"""The compiled loops over the estimation days of many events: residuals, their scaled squares, their order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eventstudy.engine.arithmetic import compiled
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray

KeyArray = npt.NDArray[np.int64]

_LARGEST = np.int64(np.iinfo(np.int64).max)


@compiled
def take_off_expected(
    returns: FloatArray,
    security: IntArray,
    first: IntArray,
    design: FloatArray,
    offset: FloatArray,
    params: FloatArray,
    estimated: BoolArray,
    out: FloatArray,
) -> None:
    """R - offset - x'b of the days from `first` (N,) on into `out` (N, T), NaN where that is no number.

    ``returns`` (S, D), ``design`` (p, D), ``offset`` (D,), ``params`` (N, p), ``estimated`` (N,).
    """
    sessions, days = returns.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        if not estimated[i] or to <= at:
            out[i] = np.nan
            continue
        own, left = returns[security[i], at:to], out[i, at - first[i] : to - first[i]]
        out[i, : at - first[i]] = np.nan
        out[i, to - first[i] :] = np.nan
        known = offset[at:to]
        for t in range(len(left)):
            left[t] = own[t] - known[t]
        for j in range(len(design)):
            b, column = params[i, j], design[j, at:to]
            for t in range(len(left)):
                left[t] -= b * column[t]
        for t in range(len(left)):
            left[t] = left[t] if np.isfinite(left[t]) else np.nan


@compiled
def scale_squares(
    residuals: FloatArray, first: IntArray, design: FloatArray, sigma: FloatArray, inverse: FloatArray, out: FloatArray
) -> None:
    """e_s^2 / (sigma^2 (1 - h_s)), h_s = x_s'(X'X)^-1 x_s, into `out` (N, T): see `volatility.past_squares`.

    ``residuals`` (N, T), ``first`` (N,), ``design`` (p, D), ``sigma`` (N,), ``inverse`` (N, p, p).
    """
    sessions, days = design.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        out[i] = np.nan
        if to <= at:
            continue
        e, left = residuals[i, at - first[i] : to - first[i]], out[i, at - first[i] : to - first[i]]
        left[:] = 1.0
        for j in range(len(design)):
            for k in range(len(design)):
                weight, one, two = inverse[i, j, k], design[j, at:to], design[k, at:to]
                for t in range(len(left)):
                    left[t] -= weight * one[t] * two[t]
        variance = sigma[i] * sigma[i]
        for t in range(len(left)):
            spread = variance * left[t]
            left[t] = e[t] * e[t] / spread if left[t] > 1e-12 and spread > 0 else np.nan


@compiled
def number_days(bits: KeyArray, mask: int, keys: KeyArray) -> None:
    """Whole numbers in the order of the values whose `bits` these are (N, T), the day in place of the last of them.

    ``mask`` : one less than a power of two, at least T - 1. The order of values that differ in those bits alone is not
    kept. What is NaN comes last.
    """
    for i in range(len(bits)):
        for t in range(bits.shape[1]):
            bare = bits[i, t] & _LARGEST
            whole = bits[i, t] if bits[i, t] >= 0 else bits[i, t] ^ _LARGEST  # the larger a negative, the less it is
            whole = _LARGEST if bare > 0x7FF0000000000000 else whole
            keys[i, t] = (whole & ~mask) | t


@compiled
def ordered_days(
    keys: KeyArray, mask: int, values: FloatArray, known: IntArray, ordered: FloatArray, order: IntArray
) -> None:
    """The rows of `values` (N, T) in their order, and which days these are, from their sorted `keys`."""
    low = np.uint64(mask)
    for i in range(len(keys)):
        row, key, own, days = values[i], keys[i], ordered[i], order[i]
        for k in range(len(key)):
            day = np.uint64(key[k]) & low  # a place without a sign is looked up at once
            own[k], days[k] = row[day], day
        astray = 0
        for k in range(1, known[i]):
            astray += own[k - 1] > own[k]
        for k in range(1, known[i] if astray else 0):  # alike in all but the digits that made room for the day
            value, day, m = own[k], days[k], k
            while m > 0 and own[m - 1] > value:
                own[m], days[m] = own[m - 1], days[m - 1]
                m -= 1
            own[m], days[m] = value, day


@compiled
def add_days(values: FloatArray, rows: IntArray, total: FloatArray, count: FloatArray, shares: FloatArray) -> None:
    """Add the `rows` of `values` (N, T) that are there to `total`, their number to `count` (T,); the share of each row
    that is above zero to `shares` (1,)."""
    for i in rows:
        row, known, above = values[i], 0, 0
        for t in range(len(row)):
            here = not np.isnan(row[t])
            total[t] += row[t] if here else 0.0
            count[t] += 1.0 if here else 0.0
            known += here
            above += row[t] > 0
        shares[0] += above / max(known, 1)


@compiled
def forecast_days(first: IntArray, design: FloatArray, inverse: FloatArray, out: FloatArray) -> None:
    """1 + x'(X'X)^-1 x of the days from `first` (N,) on into `out` (N, L), NaN outside the sessions.

    ``design`` (p, D), ``inverse`` (N, p, p).
    """
    sessions, days = design.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        out[i] = np.nan
        if to <= at:
            continue
        own = out[i, at - first[i] : to - first[i]]
        own[:] = 1.0
        for j in range(len(design)):
            for k in range(len(design)):
                weight, one, two = inverse[i, j, k], design[j, at:to], design[k, at:to]
                for t in range(len(own)):
                    own[t] += weight * one[t] * two[t]


@compiled
def weigh_days(rows: FloatArray, back: bool, off: FloatArray, weight: FloatArray, shift: FloatArray) -> None:
    """What standardises rows (n, T) over the days from the s-th on, where `back` over all but the last s, for each s.

    ``off`` (n, T) the rows about a mean of theirs; over those days (e - mean) / norm is ``weight`` (S, n) times it,
    less what is added up over the rows in ``shift`` (S,).
    """
    days, steps = rows.shape[1], len(weight)
    shift[:] = 0.0
    for i in range(len(rows)):
        at, to = (0, days - steps + 1) if back else (steps - 1, days)
        row, own = rows[i], off[i]
        given, common = row[at:to], own[at:to]  # the days of every s
        mean = 0.0
        for t in range(len(given)):
            mean += given[t]
        mean /= len(given)
        for t in range(len(row)):
            own[t] = row[t] - mean
        one, two = 0.0, 0.0
        for t in range(len(common)):
            one += common[t]
            two += common[t] * common[t]
        for s in range(steps - 1, -1, -1):
            count = days - s
            square = two - one * one / count
            weight[s, i] = 1.0 / np.sqrt(square) if square > 0 else np.nan
            shift[s] += weight[s, i] * one / count
            if s > 0:  # from the last day on: nothing is subtracted from what is larger
                more = own[days - s] if back else own[s - 1]
                one += more
                two += more * more
