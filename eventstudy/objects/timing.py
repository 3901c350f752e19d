"""When the securities moved, found from the data: a scan of the sessions around the event, and what came before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

Answer = Literal["none as large", "as large", "not decided"]


@dataclass(frozen=True, slots=True)
class Session:
    """One session of the scan of a subject.

    Parameters
    ----------
    subject, is_group : who, and whether it is a group, as one portfolio.
    tau, day : the session from day zero, and its calendar day.
    ar, se : the abnormal return and its standard error, decimals.
    p, p_holm : two-sided by t, for this session alone and by Holm over the sessions of the scan.
    most : whether |ar / se| is the largest of the scan.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> first = example_result().timing().most[0]
    >>> first.subject, first.most
    ('all', True)
    """

    subject: str
    is_group: bool
    tau: int
    day: pd.Timestamp
    ar: float
    se: float
    p: float
    p_holm: float
    most: bool


@dataclass(frozen=True, slots=True)
class Reaction:
    """Whether an earlier ``event`` moved a subject as the event itself did; several, with commas, that share day zero.

    Parameters
    ----------
    subject, is_group : who, and whether it is a group, as one portfolio.
    event : the earlier announcement.
    start, end : the sessions between them, counted from day zero of the event itself.
    car, se : the cumulative abnormal return between, and its standard error, decimals.
    low, high : the (1 - 2 alpha) interval.
    margin : half of the event's own abnormal return, by size.
    p_zero : of no reaction at all, two-sided.
    p_margin : the larger of two one-sided tests, small where the reaction was smaller than the margin.
    seen : the reaction that a test at alpha would have found with a power of 80 %.
    answer : ``none as large`` where the interval lies inside the margins, ``as large`` where it lies outside, else
        ``not decided``.

    Examples
    --------
    >>> Reaction("A", False, "news", -3, -1, 0.0, 0.01, -0.02, 0.02, 0.1, 1.0, 1e-9, 0.03, "none as large").margin
    0.1
    """

    subject: str
    is_group: bool
    event: str
    start: int
    end: int
    car: float
    se: float
    low: float
    high: float
    margin: float
    p_zero: float
    p_margin: float
    seen: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class Timing:
    """The scan and the reactions before the event.

    Parameters
    ----------
    scan : a session of a subject each.
    reactions : an earlier announcement and a subject each.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> len(example_result().timing().most)
    11
    """

    scan: tuple[Session, ...]
    reactions: tuple[Reaction, ...]

    @property
    def most(self) -> tuple[Session, ...]:
        """The session of each subject that was most abnormal."""
        return tuple(one for one in self.scan if one.most)

    @property
    def sessions(self) -> pd.DataFrame:
        """A row a subject and session, with the fields of `Session`."""
        return pd.DataFrame([asdict(one) for one in self.scan])

    @property
    def before(self) -> pd.DataFrame:
        """A row a subject and earlier announcement, with the fields of `Reaction`."""
        return pd.DataFrame([asdict(one) for one in self.reactions])
