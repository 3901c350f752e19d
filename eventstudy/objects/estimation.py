"""From windows and events to a fitted model of normal returns.

::

    Returns -windows(events)-> EventPanel -model-> NormalReturns -subtract-> AbnormalReturns (abnormal.py)
      -tests x windows-> InferenceResult (outcomes.py)

Shapes: N events, T estimation days, L window days, k regressors, S securities, D sessions. Returns are decimals.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Integral
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.arguments import public, refuse, text, whole
from eventstudy.errors import SpecError, WindowError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

FARTHEST = 100_000  # sessions from day zero that a window may reach: 400 years
ReturnKind = Literal["simple", "log"]
DayZeroPolicy = Literal["next", "previous", "drop", "error"]


# --------------------------------------------------------------------------------------------------- windows, events
@public
@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Sessions relative to day zero, both ends included.

    Parameters
    ----------
    start, end : first and last session; -1 is the session before day zero.

    Raises
    ------
    SpecError : an end is not a whole number. WindowError : the end is before the start, or too far from day zero.

    Examples
    --------
    >>> window = Window(-1, 1)
    >>> print(window, window.length, list(window.taus), window.contains(Window(0, 2)))
    [-1, +1] 3 [-1, 0, 1] False
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            whole(f"the {name} of a window", getattr(self, name), -1)
        if self.end < self.start:
            raise WindowError(f"a window ends on or after its start, got [{self.start}, {self.end}]")
        if not -FARTHEST <= self.start <= self.end <= FARTHEST:
            raise WindowError(
                f"a window lies within {FARTHEST:,} sessions of day zero, got [{self.start:,}, {self.end:,}]"
            )

    @property
    def length(self) -> int:
        """Number of sessions, L."""
        return self.end - self.start + 1

    @property
    def taus(self) -> range:
        """The relative sessions, first to last."""
        return range(self.start, self.end + 1)

    def contains(self, other: Window) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return f"[{_signed(self.start)}, {_signed(self.end)}]"


def _signed(tau: int) -> str:
    return "0" if tau == 0 else f"{tau:+d}"


Span = tuple[int, int] | Window


def window_of(span: Span) -> Window:
    """A window from its two ends, or as it is.

    Raises
    ------
    SpecError : something else than two whole numbers. WindowError : a window that ends before its start.

    >>> window_of((-1, 1)).length
    3
    """
    if isinstance(span, Window):
        return span
    ends = () if isinstance(span, str) or not isinstance(span, Sequence) else tuple(span)
    if len(ends) != 2 or not all(isinstance(tau, Integral) and not isinstance(tau, bool) for tau in ends):
        raise SpecError(f"a window is (first, last) sessions relative to day zero, such as (-1, 1), got {span!r}")
    return Window(int(ends[0]), int(ends[1]))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of the calendar, ``first`` and ``last`` day included: a window of the same days for every event.

    Examples
    --------
    >>> print(Period(dt.date(2023, 1, 2), dt.date(2023, 12, 29)))
    2023-01-02 to 2023-12-29
    """

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WindowError(f"a period ends on or after its first day, got {self.first} to {self.last}")

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@public
@dataclass(frozen=True, slots=True)
class Event:
    """One announcement as it concerns one security.

    Parameters
    ----------
    id : the announcement, shared by all events that are tested together.
    ticker : the security.
    announced : a calendar date, or a moment with a time zone; ISO text is read. ``windows.py`` finds day zero.
    group : a group of events to be tested together.
    name : what the user calls this event, or several that belong together.
    benchmark : the series it is compared with, None for the study's.
    estimation, event : its own windows, two sessions relative to day zero or two dates, None for the study's.
    traits : name -> what else is known of it before the event, for `StudyResult.regress`.
    key : its name within a study, unique among the events of one ``id``: see `keyed`.

    Raises
    ------
    SpecError : a value is not allowed, or a moment has no time zone. WindowError : a window ends before its start.

    Examples
    --------
    >>> Event("results", "NVDA", "2024-05-23").day
    datetime.date(2024, 5, 23)
    """

    id: str
    ticker: str
    announced: dt.date | dt.datetime
    group: str | None = None
    name: str | None = None
    benchmark: str | None = None
    estimation: Window | Period | None = None
    event: Window | Period | None = None
    traits: Mapping[str, Any] = field(default_factory=dict, hash=False)
    key: str = ""

    def __post_init__(self) -> None:
        for what in ("id", "ticker"):
            if not isinstance(getattr(self, what), str) or (what == "id" and not self.id):
                refuse(
                    f"the {what} of an event",
                    "a text, such as Event('results', 'NVDA', '2024-05-23')",
                    getattr(self, what),
                )
        for what in ("estimation", "event"):
            if (span := getattr(self, what)) is not None:
                object.__setattr__(self, what, own_span(span, what))
        if self.group is not None:
            text("the group of an event", self.group, "chips")
        from eventstudy.files.dates import moment

        object.__setattr__(self, "announced", moment(self.announced))
        if isinstance(self.announced, dt.datetime) and self.announced.tzinfo is None:
            raise SpecError(
                f"event {self.id!r}: the moment {self.announced.isoformat()} has no time zone; "
                "give one (2025-01-27T09:00:00-05:00) or a plain date"
            )

    @property
    def day(self) -> dt.date:
        """The calendar day of the announcement, in its own time zone."""
        return self.announced.date() if isinstance(self.announced, dt.datetime) else self.announced


def own_span(span: Any, what: str) -> Window | Period:
    """Two sessions or two dates as a window or a period."""
    if isinstance(span, Window | Period):
        return span
    ends = tuple(span) if isinstance(span, Sequence) and not isinstance(span, str) else ()
    if len(ends) == 2 and all(isinstance(end, dt.date | str) for end in ends):
        from eventstudy.files.dates import moment

        days = [moment(end) for end in ends]
        if not any(isinstance(day, dt.datetime) for day in days):
            return Period(days[0], days[1])
    if len(ends) == 2 and all(isinstance(end, Integral) and not isinstance(end, bool) for end in ends):
        return Window(int(ends[0]), int(ends[1]))
    raise SpecError(
        f"{what} of an event is two sessions, such as (-10, 10), or two dates, such as ('2023-01-02', '2023-12-29'), "
        f"got {span!r}"
    )


def keyed(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events, each with a ``key``, by which results, tables and tests name them.

    The key is the ticker where the security has one event of that ``id``. Otherwise it is the event's own ``name``, if
    no other event has it, or else ticker and day.

    Examples
    --------
    >>> days = {"NVDA": "2024-05-23", "AMD": "2024-05-01"}
    >>> [e.key for e in keyed([*(Event("q", t, d) for t, d in days.items()), Event("q", "NVDA", "2024-08-29")])]
    ['NVDA 2024-05-23', 'AMD', 'NVDA 2024-08-29']
    """
    of_ticker = Counter((e.id, e.ticker) for e in events)
    of_name = Counter((e.id, e.name) for e in events) + of_ticker
    taken: set[tuple[str, str]] = set()
    out = []
    for event in events:
        named = event.name if of_name[event.id, event.name] == 1 else None
        key = event.ticker if of_ticker[event.id, event.ticker] == 1 else named or f"{event.ticker} {event.day}"
        if (event.id, key) in taken:  # two moments of one day
            key = f"{event.ticker} {event.announced.isoformat()}"
        taken.add((event.id, key))
        out.append(event if event.key == key else replace(event, key=key))
    return tuple(out)


# ------------------------------------------------------------------------------------------------- returns, alignment


@dataclass(frozen=True, slots=True)
class DayZero:
    """The session that became day zero of an event.

    Parameters
    ----------
    event : the event.
    t : its row in the panel's sessions, -1 if the event was dropped.
    session : the day, None if dropped.
    shifted : calendar days from the announcement to day zero, negative if it moved back.
    note : the sentence that says why it moved.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> zero = example().panel.day_zero[0]
    >>> zero.t, zero.session, zero.shifted
    (200, datetime.date(2024, 10, 7), 0)
    """

    event: Event
    t: int
    session: dt.date | None
    shifted: int
    note: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """N events as the engine reads them, without names: the same for a study and for a million events.

    Parameters
    ----------
    returns : (S, D) float64 in C order, one row per security, NaN where missing; it may be a memory map.
    security : (N,) int32, the row of each event in ``returns``.
    day : (N,) int32, the column of its day zero.
    estimation, event : the windows, in sessions relative to day zero.
    min_obs : the fewest returns that an estimate may use.

    Examples
    --------
    >>> zeros = np.zeros(1, np.int32)
    >>> Layout(np.zeros((1, 60)), zeros, zeros + 55, Window(-50, -3), Window(-2, 2), 30).sessions
    60
    """

    returns: FloatArray
    security: IntArray
    day: IntArray
    estimation: Window
    event: Window
    min_obs: int

    @property
    def sessions(self) -> int:
        """D, the number of sessions."""
        return int(self.returns.shape[1])

    def part(self, at: slice | IntArray) -> Layout:
        """The events `at`, on the same returns."""
        return replace(self, security=np.array(self.security[at]), day=np.array(self.day[at]))


@dataclass(frozen=True, eq=False)  # no slots: the names of the events are asked for thousands of times
class EventPanel:
    """Securities of one exchange calendar, laid out for estimation. `windows.event_panel` aligns them; nothing else
    does.

    Parameters
    ----------
    exchange : market identifier code.
    benchmark : name of the series behind the regressor ``market``, None without one.
    kind : ``simple`` or ``log`` returns.
    sessions : (D,) days.
    tickers : S names.
    returns : (S, D) float64 decimals in C order, NaN where missing.
    regressors : name -> (D,) decimal return on the same sessions: ``market``, and factors such as ``mkt_rf``, ``smb``,
        ``rf``. The benchmark ``B`` of an event that has its own is ``market B``.
    events : the N events in order, empty where many events are measured without an object for each.
    day_zero : how day zero of each was found, empty likewise.
    security : (N,) int32, the row of each event in ``returns``.
    day : (N,) int32, the column of its day zero.
    estimation, event : the windows, in sessions relative to day zero. Where events have their own, these contain all of
        them.
    min_obs : the fewest returns in the estimation window.
    spans : (S, D) sessions that each return covers, None where each covers one (see `Returns`).
    peers, donors : ticker -> securities, all rows of ``returns``, for the models that compare with them.
    excluded : columns of days that no pseudo-event may use: day zeros of the study's events, and days that were
        declared contaminated.
    standard : the study's estimation and event window where events have their own, else None.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> panel = example().panel
    >>> panel.n_events, panel.returns.shape, panel.keys[:2]
    (8, (8, 300), ('S01', 'S02'))
    """

    exchange: str
    benchmark: str | None
    kind: ReturnKind
    sessions: pd.DatetimeIndex
    tickers: tuple[str, ...]
    returns: FloatArray
    regressors: Mapping[str, FloatArray]
    events: tuple[Event, ...]
    day_zero: tuple[DayZero, ...]
    security: IntArray
    day: IntArray
    estimation: Window
    event: Window
    min_obs: int
    spans: FloatArray | None = None
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    donors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: tuple[int, ...] = ()
    standard: tuple[Window, Window] | None = None

    @property
    def n_events(self) -> int:
        """N, number of events (rows of every per-event array)."""
        return len(self.day)

    @property
    def layout(self) -> Layout:
        """The events as the engine reads them."""
        return Layout(self.returns, self.security, self.day, self.estimation, self.event, self.min_obs)

    def benchmark_of(self, i: int) -> str | None:
        """The series that event `i` is compared with."""
        return (self.events[i].benchmark if self.events else None) or self.benchmark

    def market_of(self, i: int) -> FloatArray | None:
        """(D,) the benchmark's returns for event `i`, None without one."""
        own = self.events[i].benchmark if self.events else None
        return self.regressors.get(f"market {own}" if own else "market")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The name of each event, length N, no two alike: its ticker where the security has one event (see `keyed`)."""
        known = all(e.key for e in self.events)
        return tuple(e.key for e in (self.events if known else keyed(self.events))) or self.event_tickers

    @cached_property
    def event_tickers(self) -> tuple[str, ...]:
        """The security of each event, length N."""
        return tuple(self.tickers[row] for row in self.security.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class NormalReturns:
    """A fitted model of normal returns: E[R_t] = offset_t + design_t'params.

    The variance of a CAR follows from its fields: sigma^2 [L + 1'X_W (X'X)^-1 X_W'1]. A model whose errors differ from
    day to day also has ``variance`` and ``residuals``.

    Parameters
    ----------
    model : the name of the model.
    names : the names of the p parameters.
    design : (D, p) columns on the panel's sessions, with the constant first, p = k + 1. Without a constant p = k; with
        p = 0 nothing is estimated. (N, D, p) where each event has its own regressors.
    offset : (D,) or (N, D) the known part of the normal return: the risk-free rate, the market in ``market_adjusted``,
        zero in ``market``.
    params : (N, p) estimates.
    sigma : (N,) standard deviation of an error, a decimal; for least squares sqrt(e'e / nu).
    nobs : (N,) estimation returns used, T.
    nu : (N,) degrees of freedom.
    xtx_inv : (N, p, p) covariance of the estimates in units of sigma^2; for least squares (X'X)^-1.
    r_squared : (N,) R^2 over the estimation window.
    reason : N entries, why an event was not estimated (its numbers are NaN), None where it was.
    variance : (N, L) variance of each event-window day in units of sigma^2; None where all days have variance sigma^2.
    residuals : (N, T) estimation residuals on the scale of sigma, NaN where missing; None where they are R - E[R].
    least_squares : whether params are ordinary least squares on ``design``, so that those of a portfolio are the mean
        of its members'.
    fit : the function that estimated this, for tests that estimate again on other days.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> normal = example().normal
    >>> normal.names, normal.params.shape, int(normal.nobs[0]), float(normal.nu[0])
    (('const', 'market'), (8, 2), 120, 118.0)
    """

    model: str
    names: tuple[str, ...]
    design: FloatArray
    offset: FloatArray
    params: FloatArray
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    xtx_inv: FloatArray
    r_squared: FloatArray
    reason: tuple[str | None, ...]
    variance: FloatArray | None = None
    residuals: FloatArray | None = None
    least_squares: bool = True
    fit: Callable[[EventPanel], NormalReturns] | None = None
