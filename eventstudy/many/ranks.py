"""Sums over events of the ranks of their days: estimation days sorted once, the days of each window merged in.

Two ways give the same digits: numpy, always there, and compiled loops where numba is installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from eventstudy.engine.on_demand import when_called
from eventstudy.inference.ranking import average_ranks, centred, joined_ranks
from eventstudy.objects.estimation import FloatArray, IntArray

KeyArray = npt.NDArray[np.int64]

_LARGEST = np.int64(np.iinfo(np.int64).max)


@dataclass(slots=True, eq=False)
class Past:
    """The estimation days of N events, ``values`` (N, T), NaN where missing; ``fast`` by the compiled loops.

    They are sorted when their own ranks are asked for: those of other days among them can be counted.
    """

    values: FloatArray
    fast: bool
    _sorted: tuple[FloatArray, IntArray, IntArray, IntArray] | None = None  # values, days, twice their ranks, number
    _ranks: FloatArray | None = None
    _known: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self._known = np.isfinite(self.values).sum(axis=1, dtype=np.int32)

    def sums(self, inside: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Sum over the events `rows` of U = K / (M_i + 1) - 1/2 on each of the T days and L days `inside` (N, L).

        K are the ranks among the M_i days that event i has of both (see `ranking.centred`). Returns the sums and how
        many events each day has, (T + L,).
        """
        if not self.fast:
            if self._ranks is None:
                self._ranks = average_ranks(self.values)
            scaled = centred(joined_ranks(self.values[rows], self._ranks[rows], inside[rows]))
            here = np.isfinite(scaled)
            return np.where(here, scaled, 0.0).sum(axis=0), here.sum(axis=0).astype(np.float64)

        if self._sorted is None:
            self._sorted = self._in_order()
        days = self.values.shape[1] + inside.shape[1]
        total, count = np.zeros(days), np.zeros(days)
        place, centre = np.empty(inside.shape[1], np.int32), np.empty(2 * days + 1)
        add_merged(*self._sorted, np.ascontiguousarray(inside), rows, place, centre, total, count)
        return total, count

    def sums_inside(self, inside: FloatArray, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """The sums and counts of the days `inside` alone, (L,)."""
        length = inside.shape[1]
        if not self.fast:
            total, count = self.sums(inside, rows)
            return total[-length:], count[-length:]

        total, count = np.zeros(length), np.zeros(length)
        centre = np.empty(2 * (self.values.shape[1] + length) + 1)
        add_inside(self.values, self._known, np.ascontiguousarray(inside), rows, centre, total, count)
        return total, count

    def _in_order(self) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
        """The days sorted: numbers that end in the day are, in a quarter of the time that places take to sort."""

        values = np.ascontiguousarray(self.values)
        mask, keys = (1 << (values.shape[1] - 1).bit_length()) - 1, np.empty(values.shape, np.int64)
        number_days(values.view(np.int64), mask, keys)
        keys.sort(axis=1)
        ordered, order = np.empty(values.shape), np.empty(values.shape, np.int32)
        ordered_days(keys, mask, values, self._known, ordered, order)
        twice = np.empty(order.shape, np.int32)
        rank_sorted(ordered, self._known, twice)
        return ordered, order, twice, self._known

    def variance(self, inside: FloatArray, rows: IntArray) -> float:
        """Variance of the sum of the U of the days `inside`, the days of an event exchangeable, the events independent.

        L (M_i - L) / (12 (M_i + 1)) added up.
        """
        length = inside.shape[1]
        days = self._known[rows] + np.isfinite(inside[rows]).sum(axis=1)
        return float((length * (days - length) / (12.0 * (days + 1.0))).sum())


# -------------------------------------------------------------------------------------------------- compiled
@when_called
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


@when_called
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


@when_called
def rank_sorted(ordered: FloatArray, known: IntArray, twice: IntArray) -> None:
    """Twice the ranks, whole numbers with ties too, of sorted rows `ordered` (N, T) into `twice`.

    ``known`` (N,) how many days each row has; those it has not, NaN, are its last.
    """
    for i in range(len(ordered)):
        values, there, a, ties = ordered[i], known[i], 0, 0
        for k in range(len(values)):
            twice[i, k] = 2 * k + 2
        for k in range(1, there):
            ties += values[k] == values[k - 1]
        if ties == 0:
            continue
        while a < there:
            c = a + 1
            while c < there and values[c] == values[a]:
                c += 1
            for k in range(a, c if c > a + 1 else a):
                twice[i, k] = a + c + 1
            a = c


@when_called
def add_merged(
    ordered: FloatArray,
    order: IntArray,
    twice: IntArray,
    known: IntArray,
    inside: FloatArray,
    rows: IntArray,
    place: IntArray,
    centred: FloatArray,
    total: FloatArray,
    count: FloatArray,
) -> None:
    """Add the centred ranks of the estimation days and the days `inside` (N, L) of `rows` to `total` (T + L,).

    ``order`` (N, T) the days in the order of `ordered`; ``count`` how many rows have each day. The sums are those of
    `ranking.centred` to the last digit: added row after row, each rank centred once for all rows with as many days.
    ``place`` (L,) and ``centred`` (2 (T + L) + 1,), by twice the rank, are buffers of the loop.
    """
    days, length, before = ordered.shape[1], inside.shape[1], -1
    for i in rows:
        values, day, own, there, few = ordered[i], order[i], twice[i], known[i], 0
        for k in range(there, days):
            count[day[k]] -= 1.0
        for j in range(length):  # sorted by insertion: they are few
            value = inside[i, j]
            if np.isnan(value):
                count[days + j] -= 1.0
                continue
            k = few
            while k > 0 and inside[i, place[k - 1]] > value:
                place[k] = place[k - 1]
                k -= 1
            place[k] = j
            few += 1
        if there + few != before:
            before = there + few
            for rank in range(2 * before + 1):
                centred[rank] = rank / 2 / (before + 1) - 0.5
        a = b = 0
        while b < few:
            value, d = inside[i, place[b]], b + 1
            while d < few and inside[i, place[d]] == value:
                d += 1
            low = a + np.searchsorted(values[a:there], value)
            high = low
            while high < there and values[high] == value:
                high += 1
            for k in range(a, low):  # above b of the days inside
                total[day[k]] += centred[own[k] + 2 * b]
            for k in range(low, high):  # and with the same value as the next
                total[day[k]] += centred[own[k] + b + d]
            for k in range(b, d):
                total[days + place[k]] += centred[low + high + b + d + 1]
            a, b = high, d
        for k in range(a, there):
            total[day[k]] += centred[own[k] + 2 * few]
    for t in range(days + length):
        count[t] += len(rows)


@when_called
def add_inside(
    values: FloatArray,
    known: IntArray,
    inside: FloatArray,
    rows: IntArray,
    centred: FloatArray,
    total: FloatArray,
    count: FloatArray,
) -> None:
    """As `add_merged`, of the days `inside` (N, L) alone: into `total` and `count` (L,), ``values`` (N, T) unsorted.

    ``centred`` : a buffer for twice as many numbers as there are days, and one.
    """
    before = -1
    for i in rows:
        past, own, there = values[i], inside[i], known[i]
        for j in range(len(own)):
            there += not np.isnan(own[j])
        if there != before:
            before = there
            for rank in range(2 * before + 1):
                centred[rank] = rank / 2 / (before + 1) - 0.5
        for j in range(len(own)):
            value, twice = own[j], 1  # with itself
            if np.isnan(value):
                continue
            for t in range(len(past)):
                twice += (past[t] < value) + (past[t] <= value)
            for k in range(len(own)):
                twice += (own[k] < value) + (own[k] <= value)
            total[j] += centred[twice]
            count[j] += 1.0
