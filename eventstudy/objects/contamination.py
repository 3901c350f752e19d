"""How much of an index's move is the event's own securities, and what is left of it without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ends:
    """One number three times: for the middle, the low and the high value of the index.

    Parameters
    ----------
    middle, low, high : the number, in the unit of the field that holds it.

    Examples
    --------
    >>> Ends(0.10, 0.12, 0.09).least, Ends(0.10, 0.12, 0.09).most
    (0.09, 0.12)
    """

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
    """A security of the event that is part of the index.

    Parameters
    ----------
    ticker : the security.
    weight : its weight at the close before the event, a decimal.
    ret : its return of the day, a decimal.
    points : the part of the index's return that it makes, weight x return, a decimal.

    Examples
    --------
    >>> Member("NVDA", Ends(0.1, 0.1, 0.1), -0.17, Ends(-0.017, -0.017, -0.017)).points.middle
    -0.017
    """

    ticker: str
    weight: Ends
    ret: float
    points: Ends


@dataclass(frozen=True, slots=True)
class Contamination:
    """How much of an index's move was made by the event's own securities.

    Parameters
    ----------
    index : the benchmark.
    name : the name of the index without ``members``, which is a benchmark of its own in estimates and tests.
    day : day zero.
    members : the event's securities in the index.
    ret : the index's return on ``day``, a decimal.
    without : the return of the index without the members, a decimal.
    source : where the weights come from.
    answers : security -> its abnormal return of the day against the index without the members, and its p by the t test.

    Examples
    --------
    >>> same = Ends(0.1, 0.1, 0.1)
    >>> nvda = Member("NVDA", same, -0.17, Ends(-0.017, -0.017, -0.017))
    >>> Contamination("^IXIC", "without", dt.date(2025, 1, 27), (nvda,), -0.03, same, "market values").own.middle
    -0.017
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
