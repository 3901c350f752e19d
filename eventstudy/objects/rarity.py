"""How rare a day was: its place among all days of its own series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import FloatArray

TEN = 10
_SLACK = 1e-11  # 500 to 441.75 and 100 to 88.35 are one move, which binary fractions make two


def further(sizes: Any, size: float) -> np.ndarray:
    """Which of the sizes are larger than `size`, (...) bool; those that only binary fractions tell apart are not.

    Examples
    --------
    >>> further([17.5, 17.500000000000004, 17.6], 17.5).tolist()
    [False, False, True]
    """
    return np.asarray(np.asarray(sizes, dtype=np.float64) > size + _SLACK * abs(size))


def as_far(sizes: Any, size: float) -> np.ndarray:
    """Which of the sizes are at least as large as `size`, (...) bool, as in `further`."""
    return np.asarray(np.asarray(sizes, dtype=np.float64) >= size - _SLACK * abs(size))


@dataclass(frozen=True, slots=True, eq=False)
class Rarity:
    """A day among all days of a series: falls among falls, rises among rises.

    Parameters
    ----------
    subject : the security, group or index.
    kind : whose series: a security's, a group's equal-weight mean, an index's.
    measure : ``raw``, simple returns, or ``abnormal``, what the study's model did not forecast for each day from the
        estimation window before it.
    days, values : (D,) of the whole series, decimals, none missing.
    at : the row of the day.

    Examples
    --------
    >>> days = pd.bdate_range("2025-01-01", periods=5)
    >>> found = Rarity("NVDA", "security", "raw", days, np.array([-0.02, 0.01, -0.3, -0.17, -0.4]), 3)
    >>> found.rank, found.once_in, found.rank_all
    (2, 2.0, 3)
    """

    subject: str
    kind: Literal["security", "group", "index"]
    measure: Literal["raw", "abnormal"]
    days: pd.DatetimeIndex
    values: FloatArray
    at: int

    @property
    def value(self) -> float:
        """What the day itself was, a decimal."""
        return float(self.values[self.at])

    @property
    def size(self) -> FloatArray:
        """(D,) the values by size in the direction of the day, negative the other way."""
        return np.asarray(-self.values if self.value < 0 else self.values)

    @property
    def at_least(self) -> int:
        """Days up to and with this one that were at least as extreme, itself counted."""
        return int(as_far(self.size[: self.at + 1], self.size[self.at]).sum())

    @property
    def rank(self) -> int:
        """Place from the most extreme among the days up to this one: nothing that came later counts."""
        return 1 + int(further(self.size[: self.at + 1], self.size[self.at]).sum())

    @property
    def rank_all(self) -> int:
        """Place among all days, the later ones too."""
        return 1 + int(further(self.size, self.size[self.at]).sum())

    @property
    def once_in(self) -> float:
        """A day as extreme came once in so many trading days: the days up to this one / those at least as extreme."""
        return (self.at + 1) / self.at_least

    def largest(self, count: int = TEN) -> list[tuple[pd.Timestamp, float]]:
        """The most extreme days of the whole series that way, and what they were; the first of equal days first."""
        order = np.argsort(-self.size, kind="stable")[:count]
        return [(self.days[i], float(self.values[i])) for i in order if self.size[i] > 0]


def rarity_frame(found: Sequence[Rarity]) -> pd.DataFrame:
    """A row a series.

    Columns: ``subject``, ``kind``, ``measure``, ``day``, ``value`` (a decimal); ``days`` from ``first`` to the day, its
    ``rank`` among them from the most extreme, falls among falls and rises among rises, and ``once_in`` so many days;
    ``rank_all`` among ``days_all`` to the ``last``; ``largest`` the ten largest days, (date, value).
    """
    rows = [
        {
            "subject": one.subject,
            "kind": one.kind,
            "measure": one.measure,
            "day": one.days[one.at],
            "value": one.value,
            "first": one.days[0],
            "days": one.at + 1,
            "rank": one.rank,
            "once_in": one.once_in,
            "last": one.days[-1],
            "days_all": len(one.days),
            "rank_all": one.rank_all,
            "largest": [(day.date().isoformat(), value) for day, value in one.largest()],
        }
        for one in found
    ]
    return pd.DataFrame(rows)
