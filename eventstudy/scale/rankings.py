"""Sums over events of the ranks of their days: estimation days sorted once, the days of each window merged in.

Two ways give the same digits: numpy, always there, and a compiled loop (``rankloops.py``) where numba is installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eventstudy.datatypes import BoolArray, FloatArray, IntArray
from eventstudy.inference.ranking import average_ranks, centred, joined_ranks


@dataclass(slots=True, eq=False)
class Past:
    """The estimation days of N events, ``values`` (N, T), NaN where missing; ``fast`` by the compiled loop."""

    values: FloatArray
    fast: bool
    _sorted: tuple[FloatArray, IntArray, IntArray, IntArray] | None = None  # values, days, twice their ranks, number
    _ranks: FloatArray | None = None
    _known: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self._known = np.isfinite(self.values).sum(axis=1, dtype=np.int32)
        if not self.fast:
            self._ranks = average_ranks(self.values)
            return
        from eventstudy.scale.rankloops import rank_sorted

        order = np.argsort(self.values, axis=1)
        ordered = np.sort(self.values, axis=1)  # faster than to take them in that order
        twice = np.empty(order.shape, np.int32)
        rank_sorted(ordered, self._known, twice)
        self._sorted = ordered, order.astype(np.int32), twice, self._known

    def sums(self, inside: FloatArray, rows: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Sum over the events `rows` (N,) of U = K / (M_i + 1) - 1/2 on each of the T days and L days `inside` (N, L).

        K are the ranks among the M_i days that event i has of both (see `ranking.centred`). Returns the sums and how
        many events each day has, (T + L,).
        """
        if self._sorted is None:
            assert self._ranks is not None
            scaled = centred(joined_ranks(self.values[rows], self._ranks[rows], inside[rows]))
            here = np.isfinite(scaled)
            return np.where(here, scaled, 0.0).sum(axis=0), here.sum(axis=0).astype(np.float64)
        from eventstudy.scale.rankloops import add_merged

        days = self.values.shape[1] + inside.shape[1]
        total, count = np.zeros(days), np.zeros(days)
        which = np.flatnonzero(rows).astype(np.int32)
        add_merged(*self._sorted, np.ascontiguousarray(inside), which, total, count)
        return total, count

    def variance(self, inside: FloatArray, rows: BoolArray) -> float:
        """Variance of the sum of the U of the days `inside`, the days of an event exchangeable, the events independent.

        L (M_i - L) / (12 (M_i + 1)) added up.
        """
        length = inside.shape[1]
        days = self._known[rows] + np.isfinite(inside[rows]).sum(axis=1)
        return float((length * (days - length) / (12.0 * (days + 1.0))).sum())
