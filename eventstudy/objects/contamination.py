"""How much of an index's move is the event's own securities, and what is left of it without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ends:
    """One number three times: for the middle, the low and the high value of the index."""

    middle: float
    low: float
    high: float

    @property
    def least(self) -> float:
        """The smallest of the three."""
        return min(self.middle, self.low, self.high)

    @property
    def most(self) -> float:
        """The largest of the three."""
        return max(self.middle, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Member:
    """A security of the event in the index: its ``weight`` at the close before, its return ``ret`` of the day, and the
    ``points`` of the index's return that are its own, weight x return; decimals."""

    ticker: str
    weight: Ends
    ret: float
    points: Ends


@dataclass(frozen=True, slots=True)
class Contamination:
    """An index that holds securities of the event.

    ``index`` the benchmark; ``name`` of the index without ``members``, a benchmark of its own in estimates and tests;
    ``ret`` its return on ``day`` and ``without`` the return without the members, decimals; ``source`` of the weights.
    ``answers`` security -> its abnormal return of the day and its p by the t test against the purged index.
    """

    index: str
    name: str
    day: dt.date
    members: tuple[Member, ...]
    ret: float
    without: Ends
    source: str
    answers: Mapping[str, tuple[Ends, Ends]] = field(default_factory=dict)

    @property
    def own(self) -> Ends:
        """Points of the index's return that are the members' own."""
        parts = [(m.points.middle, m.points.low, m.points.high) for m in self.members]
        return Ends(*(sum(column) for column in zip(*parts, strict=True)))
