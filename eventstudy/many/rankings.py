"""Sums over events of the ranks of their days: estimation days sorted once, the days of each window merged in.

Two ways give the same digits: numpy, always there, and a compiled loop (``rankloops.py``) where numba is installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eventstudy.inference.ranking import average_ranks, centred, joined_ranks
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray


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

    def sums(self, inside: FloatArray, rows: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Sum over the events `rows` (N,) of U = K / (M_i + 1) - 1/2 on each of the T days and L days `inside` (N, L).

        K are the ranks among the M_i days that event i has of both (see `ranking.centred`). Returns the sums and how
        many events each day has, (T + L,).
        """
        if not self.fast:
            if self._ranks is None:
                self._ranks = average_ranks(self.values)
            scaled = centred(joined_ranks(self.values[rows], self._ranks[rows], inside[rows]))
            here = np.isfinite(scaled)
            return np.where(here, scaled, 0.0).sum(axis=0), here.sum(axis=0).astype(np.float64)
        from eventstudy.many.rankloops import add_merged

        if self._sorted is None:
            self._sorted = self._in_order()
        days = self.values.shape[1] + inside.shape[1]
        total, count = np.zeros(days), np.zeros(days)
        which = np.flatnonzero(rows).astype(np.int32)
        place, centre = np.empty(inside.shape[1], np.int32), np.empty(2 * days + 1)
        add_merged(*self._sorted, np.ascontiguousarray(inside), which, place, centre, total, count)
        return total, count

    def sums_inside(self, inside: FloatArray, rows: BoolArray) -> tuple[FloatArray, FloatArray]:
        """The sums and counts of the days `inside` alone, (L,)."""
        length = inside.shape[1]
        if not self.fast:
            total, count = self.sums(inside, rows)
            return total[-length:], count[-length:]
        from eventstudy.many.rankloops import add_inside

        total, count = np.zeros(length), np.zeros(length)
        centre = np.empty(2 * (self.values.shape[1] + length) + 1)
        which = np.flatnonzero(rows).astype(np.int32)
        add_inside(self.values, self._known, np.ascontiguousarray(inside), which, centre, total, count)
        return total, count

    def _in_order(self) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
        """The days sorted: numbers that end in the day are, in a quarter of the time that places take to sort."""
        from eventstudy.many.dayloops import number_days, ordered_days
        from eventstudy.many.rankloops import rank_sorted

        values = np.ascontiguousarray(self.values)
        mask, keys = (1 << (values.shape[1] - 1).bit_length()) - 1, np.empty(values.shape, np.int64)
        number_days(values.view(np.int64), mask, keys)
        keys.sort(axis=1)
        ordered, order = np.empty(values.shape), np.empty(values.shape, np.int32)
        ordered_days(keys, mask, values, self._known, ordered, order)
        twice = np.empty(order.shape, np.int32)
        rank_sorted(ordered, self._known, twice)
        return ordered, order, twice, self._known

    def variance(self, inside: FloatArray, rows: BoolArray) -> float:
        """Variance of the sum of the U of the days `inside`, the days of an event exchangeable, the events independent.

        L (M_i - L) / (12 (M_i + 1)) added up.
        """
        length = inside.shape[1]
        days = self._known[rows] + np.isfinite(inside[rows]).sum(axis=1)
        return float((length * (days - length) / (12.0 * (days + 1.0))).sum())
