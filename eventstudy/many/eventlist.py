"""A frame of events to rows and columns of a panel, without an object an event; and why some have no place in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.engine.estimates import CodeArray
from eventstudy.engine.kernel import compiled
from eventstudy.engine.on_demand import when_called
from eventstudy.errors import SpecError, WindowError
from eventstudy.files.dates import FIRST_YEAR, LAST_YEAR, moment, parse_dates
from eventstudy.files.eventfile import read_event_file
from eventstudy.files.eventtable import OWN, event_columns, own_cells, trait
from eventstudy.many.ingest import ReturnPanel
from eventstudy.objects.estimation import BoolArray, DayZeroPolicy, Event, IntArray, own_span

UNKNOWN, OUTSIDE, CLOSED = 101, 102, 104  # refusals before any estimate; those of the engine are small numbers
GAP = 103  # estimated, but a day of the window has no abnormal return
UNFIT = 105  # windows of its own that overlap or hold no session
IN_ALL, IN_GROUP = 2, 1  # where an event counts
_DROPPED = -2  # the column of an event whose date is not a session, where such are dropped
_KEPT = {"security": "ticker", "date": "announced", "group": "group", "id": "id"}  # columns kept, and their roles
_NAMED = 3  # rows spelled out in an error
_DAY = 86_400 * 10**9  # nanoseconds
_LARGEST = 2**63 - 1  # what one number can hold of a security, a day and a place in the list


@dataclass(frozen=True, eq=False)  # no slots: the order by securities is found once, where it is asked for
class EventList:
    """N events as they were given, and where the panel holds them.

    ``frame`` columns ``security``, ``date`` and perhaps ``group``, with the caller's index; ``security`` (N,) int32
    row in the panel, -1 where it holds none; ``day`` (N,) int32 column of day zero, -1 outside the panel; ``group``
    (N,) int32 place in ``groups``, -1 without a group; ``moved`` (M,) the events whose date is not a session: day zero
    is the next one; ``shape`` (S, D) of the panel; ``traits`` (N, k) further columns of the events; ``notes`` what was
    noticed in them; ``own`` (N, k) their own ``benchmark``, ``estimation`` and ``event`` window, None where a cell is
    empty, None where no event has any; ``part`` (N,) then the number of each event's design, -1 where its windows
    cannot be (`apart`).
    """

    frame: pd.DataFrame
    security: IntArray
    day: IntArray
    group: IntArray
    groups: tuple[str, ...]
    moved: IntArray
    shape: tuple[int, int]
    traits: pd.DataFrame
    notes: tuple[str, ...] = ()
    own: pd.DataFrame | None = None
    part: IntArray | None = None

    def rows_of(self, part: int) -> IntArray:
        """The events of one design."""
        return np.flatnonzero(self.part == part).astype(np.int32)

    def taken(self, rows: IntArray) -> EventList:
        """Some of the events, as a list of their own."""
        return replace(
            self,
            frame=self.frame.iloc[rows],
            security=self.security[rows],
            day=self.day[rows],
            group=self.group[rows],
            moved=np.flatnonzero(np.isin(rows, self.moved)).astype(np.int32),
            traits=self.traits.iloc[rows],
            own=None if self.own is None else self.own.iloc[rows],
            part=None if self.part is None else self.part[rows],
        )

    @cached_property
    def complete(self) -> bool:
        """Whether the panel has a place for every event."""
        return bool((self.security >= 0).all() and (self.day >= 0).all())

    @cached_property
    def _order(self) -> tuple[IntArray, BoolArray]:
        return _placed(self.security, self.day, self.shape)

    @property
    def placed(self) -> IntArray:
        """(K,) places in the frame of the events that the panel holds, by security, day, and as they were given."""
        return self._order[0]

    @property
    def again(self) -> BoolArray:
        """(K,) whether one of `placed` has the security and the day zero of the one before it."""
        return self._order[1]

    @property
    def repeated(self) -> int:
        """How many events have the security and the day zero of one before (each counts once in means and tests)."""
        return int(np.count_nonzero(self._later))

    @cached_property
    def _later(self) -> BoolArray:
        """(N,) whether an event before has the security and the day zero of this one."""
        later = np.zeros(len(self.day), np.bool_)
        if compiled("auto", len(later)):
            mark_later(self.security, self.day, np.zeros((self.shape[0], self.shape[1] // 8 + 1), np.uint8), later)
        else:
            later[self.placed[self.again]] = True
        return later

    @cached_property
    def counts(self) -> CodeArray:
        """(N,) `IN_ALL` the first event of its security and day zero, `IN_GROUP` a later one that is the first of
        these in its group, 0 one that is in its group already.
        """
        if not self.repeated:
            return np.broadcast_to(np.int8(IN_ALL), len(self.day))
        out = np.where(self._later, np.int8(0), np.int8(IN_ALL))
        if self.groups:
            alike = self.again.copy()  # with the first of each
            alike[:-1] |= self.again[1:]
            rows = self.placed[alike]
            own = pd.DataFrame({"security": self.security[rows], "day": self.day[rows], "group": self.group[rows]})
            out[rows[self.again[alike] & ~own.duplicated().to_numpy() & (self.group[rows] >= 0)]] = IN_GROUP
        return out

    def missing(self) -> tuple[IntArray, IntArray]:
        """The events that the panel has no place for, and for each `UNKNOWN`, `OUTSIDE` or `CLOSED`."""
        rows = np.flatnonzero((self.security < 0) | (self.day < 0)).astype(np.int32)
        other = np.where(self.day[rows] == _DROPPED, CLOSED, OUTSIDE)
        return rows, np.where(self.security[rows] < 0, UNKNOWN, other).astype(np.int32)


def list_events(
    events: Any,
    panel: ReturnPanel,
    *,
    benchmark: str | None = None,
    policy: DayZeroPolicy = "next",
    dayfirst: bool | None = None,
    date_format: str | None = None,
) -> EventList:
    """Find the row and the day zero of every event.

    A date that is not a session moves by `policy`, as `windows.day_zero` does with plain dates. Events whose security
    or date the panel does not hold are marked, not dropped.

    Parameters
    ----------
    events : a table of events, in a frame or a file (`files.eventtable`); a mapping or Series security -> date;
        `Event` objects; one date or a list of dates, of which every security but the `benchmark` has an event.
    policy : ``next`` session, ``previous`` one, ``drop`` the event, or ``error``.
    dayfirst, date_format : how dates are written where the column does not show it (`files.dates.parse_dates`).

    Raises
    ------
    SpecError : something other than events, no rows, a column that is missing or holds something else, a security or
        date that is missing.
    WindowError : a date that is not a session, under ``error``.
    """
    if policy not in get_args(DayZeroPolicy):
        raise SpecError(f"policy is {', '.join(get_args(DayZeroPolicy))}, got {policy!r}")
    table, source = _table(events, panel, benchmark)
    columns = event_columns(table, source)
    if len(table) == 0:
        raise SpecError("the table of events has no rows", file=source)
    given = {role: table[name] for role, name in columns.items()}
    given["announced"] = _dates(given["announced"], source, dayfirst, date_format)
    security = _rows(given["ticker"], panel.tickers)
    day, moved = _columns(_days(given["announced"]), panel.sessions, policy)
    group, groups = _groups(given.get("group"), len(table))
    frame = pd.DataFrame({name: given[role] for name, role in _KEPT.items() if role in given})
    shape = len(panel.tickers), len(panel.sessions)
    taken = set(columns.values())
    further = {name: trait(table[name], source) for name in table.columns if name not in taken}
    traits = pd.DataFrame(further, index=table.index)
    return EventList(frame, security, day, group, groups, moved, shape, traits, own=_own(table, columns, source))


def _table(events: Any, panel: ReturnPanel, benchmark: str | None) -> tuple[pd.DataFrame, Path | None]:
    """The events as a table, and the file that it is from."""
    if isinstance(events, pd.DataFrame):
        return events, None
    if isinstance(events, pd.Series):
        return pd.DataFrame({"security": events.index, "date": events.to_numpy()}), None
    if isinstance(events, Mapping):
        rows = [(name, day) for name, days in events.items() for day in (days if _listed(days) else [days])]
        return pd.DataFrame(rows, columns=["security", "date"]), None
    if _is_day(events):
        events = [events]
    if isinstance(events, str | Path):
        return read_event_file(Path(events)), Path(events)
    if _listed(events) and len(events):
        if all(isinstance(event, Event) for event in events):
            return _of_objects(events), None
        if all(_is_day(day) for day in events):
            names = [name for name in panel.tickers if name != benchmark]
            return pd.DataFrame([(name, day) for day in events for name in names], columns=["security", "date"]), None
    raise SpecError(
        "events are a frame or a file with the columns security and date, a mapping security -> date, Event objects, "
        f"or dates; got {type(events).__name__}"
    )


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray | pd.Index) and not isinstance(value, str)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str | dt.date | np.datetime64):
        return False
    try:
        return bool(moment(value))
    except SpecError:
        return False


def _of_objects(events: Sequence[Event]) -> pd.DataFrame:
    """Event objects as a table: what none of them has is no column."""
    fields = ("group", *OWN)
    rows = [(event.ticker, event.announced, event.id, *(getattr(event, name) for name in fields)) for event in events]
    table = pd.DataFrame(rows, columns=["security", "date", "id", *fields], dtype=object)
    table = table.drop(columns=[name for name in fields if not table[name].notna().any()])
    names = dict.fromkeys(name for event in events for name in event.traits)
    traits = {name: [event.traits.get(name) for event in events] for name in names if name not in table}
    return table.assign(**{name: pd.Series(values).infer_objects() for name, values in traits.items()})


def _own(table: pd.DataFrame, columns: Mapping[str, Hashable], source: Path | None) -> pd.DataFrame | None:
    """Benchmark and windows that events have of their own, as `EventList.own`."""
    given = {role: table[columns[role]] for role in OWN if role in columns}
    if not given:
        return None
    found = own_cells(given, source)
    for role in ("estimation", "event"):
        if role in found:
            found[role] = pd.Series(
                [None if s is None else own_span(s, role) for s in found[role]], found.index, object
            )
    return found if found.notna().any(axis=None) else None


def _dates(column: pd.Series, source: Path | None, dayfirst: bool | None, date_format: str | None) -> pd.Series:
    """The column as days without a zone."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        _refuse_missing(column.replace("", None) if column.dtype == object else column, "date")
        lines = column.index.tolist()
        line = None if source is None else (lambda row: int(lines[row]))
        read = parse_dates(
            column, dayfirst=dayfirst, date_format=date_format, where="the dates of the events", file=source, line=line
        )
        column = pd.Series(read, index=column.index, name=column.name)
    if column.dt.tz is not None:
        raise SpecError(
            f"the dates of the events carry the time zone {column.dt.tz}; give the day on which each could first be "
            "traded, without a zone"
        )
    _refuse_missing(column, "date")
    days = column.to_numpy()
    first, beyond = (np.datetime64(f"{year}-01-01").astype(days.dtype) for year in (FIRST_YEAR, LAST_YEAR + 1))
    if days.min() < first or days.max() >= beyond:
        outside = (days < first) | (days >= beyond)
        raise SpecError(
            f"{outside.sum()} dates of the events are outside {FIRST_YEAR} to {LAST_YEAR}, the first "
            f"{column[outside].iloc[0].date()}"
        )
    return column.astype("datetime64[ns]")


def _days(dates: pd.Series) -> npt.NDArray[np.int64]:
    """Days since 1970; SpecError where a date has a time of day."""
    since = dates.to_numpy().view(np.int64)
    days = since // _DAY
    timed = days * _DAY != since
    if timed.any():
        first = dates.iloc[int(np.argmax(timed))]
        raise SpecError(
            f"{timed.sum()} events have a time of day, the first {first}; give the day on which each could first be "
            "traded: news after the close belongs to the next session"
        )
    return np.asarray(days)


def _rows(column: pd.Series, tickers: tuple[str, ...]) -> IntArray:
    """Row of each security in the panel, -1 where there is none. Only what is different is looked up."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), column.cat.categories
    else:
        try:
            codes, names = pd.factorize(column)
        except TypeError:  # lists and the like
            raise _no_names(column) from None
        whole = [isinstance(name, float) and name.is_integer() for name in names]  # identifiers beside a gap
        if any(
            not (isinstance(n, str | Integral) or w) or isinstance(n, bool) for n, w in zip(names, whole, strict=True)
        ):
            raise _no_names(column)
    if (codes < 0).any():
        _refuse_missing(column, "security")
    words = [str(int(name)) if isinstance(name, float) else str(name).strip() for name in names]
    found = pd.Index(tickers).get_indexer(pd.Index(words, dtype=object)).astype(np.int32)
    return found[codes]


def _no_names(column: pd.Series) -> SpecError:
    return SpecError(
        f"the securities of the events are names or whole numbers, got {column.dtype}; convert them with .astype(str)"
    )


def _columns(
    days: npt.NDArray[np.int64], sessions: pd.DatetimeIndex, policy: DayZeroPolicy
) -> tuple[IntArray, IntArray]:
    """Column of each event's day zero, -1 outside the panel, -2 dropped, and the events whose date moved."""
    own = sessions.to_numpy().astype("datetime64[D]").astype(np.int64)
    calendar = np.arange(own[0], own[-1] + 1)
    upcoming = np.searchsorted(own, calendar).astype(np.int32)  # session of each calendar day, or the next one
    after = days - own[0]
    outside = (after < 0) | (after >= len(calendar))
    some = bool(outside.any())
    if some:
        after[outside] = 0
    day, moved = upcoming[after], (own[upcoming] != calendar)[after]
    if some:
        day[outside], moved[outside] = -1, False
    if policy == "previous":
        day[moved] -= 1
    elif policy == "drop":
        day[moved] = _DROPPED
    elif policy == "error" and moved.any():
        first = np.datetime64(int(days[int(np.argmax(moved))]), "D")
        raise WindowError(f"{moved.sum()} events have a date that is not a session: {first} first; say policy='next'")
    return day, np.flatnonzero(moved).astype(np.int32)


def _placed(security: IntArray, day: IntArray, shape: tuple[int, ...]) -> tuple[IntArray, BoolArray]:
    """`EventList.placed` and `EventList.again` on a panel of `shape`."""
    inside = (security >= 0) & (day >= 0)
    rows = None if inside.all() else np.flatnonzero(inside).astype(np.int32)
    if rows is not None:
        security, day = security[rows], day[rows]
    n = len(day)
    if shape[0] * shape[1] * n <= _LARGEST:  # sorted as one number with the place in the list: several times faster
        key = security.astype(np.int64)
        key *= shape[1]
        key += day
        key *= n
        key += np.arange(n, dtype=np.int32)
        key.sort()
        order = np.empty(n, np.int32)
        np.remainder(key, max(n, 1), out=order, casting="unsafe")
        key //= max(n, 1)  # security and day alone
        again = key[1:] == key[:-1]
    else:
        order = np.lexsort((day, security)).astype(np.int32)
        again = (np.diff(security[order]) == 0) & (np.diff(day[order]) == 0)
    again = np.concatenate([np.zeros(min(n, 1), np.bool_), again])
    return order if rows is None else rows[order], again


@when_called
def mark_later(security: IntArray, day: IntArray, seen: npt.NDArray[np.uint8], later: BoolArray) -> None:
    """Set `later` (N,) of every event whose security and day one before it has; `seen` (S, D / 8 + 1), all zero."""
    for i in range(len(day)):
        if security[i] >= 0 and day[i] >= 0:
            byte, bit = day[i] // 8, np.uint8(1 << (day[i] % 8))
            later[i] = (seen[security[i], byte] & bit) != 0
            seen[security[i], byte] |= bit


def _groups(column: pd.Series | None, n: int) -> tuple[IntArray, tuple[str, ...]]:
    """Number of each event's group, -1 without, and their names."""
    if column is None:
        return np.broadcast_to(np.int32(-1), n), ()  # takes no memory
    try:
        codes, names = pd.factorize(column.replace("", None) if column.dtype == object else column, sort=True)
    except TypeError:  # lists and the like, or words beside numbers
        raise SpecError("the groups of the events are names: convert them with .astype(str)") from None
    return codes.astype(np.int32), tuple(str(name) for name in names)


def _refuse_missing(column: pd.Series, what: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        rows = ", ".join(str(label) for label in column.index[missing][:_NAMED])
        more = f" and {missing.sum() - _NAMED} more" if missing.sum() > _NAMED else ""
        some = missing.sum() > 1
        raise SpecError(
            f"{missing.sum()} event{'s have' if some else ' has'} no {what}, row{'s' if some else ''} {rows}{more}; "
            "fill it in or leave it out"
        )


def why_skipped(sessions: pd.DatetimeIndex, needed: int, *, apart: bool = False) -> dict[int, str]:
    """Each refusal in words; `needed` estimation returns are the fewest, of a window of its own the same share."""
    return {
        UNKNOWN: "the panel does not hold this security",
        OUTSIDE: f"the date is outside the panel, {sessions[0].date()} to {sessions[-1].date()}",
        CLOSED: "the date is not a session, and such events are dropped",
        UNFIT: "its own estimation window has to end before its event window, and a period has to hold a session",
        1: f"has fewer than the {needed} estimation returns needed{' (of a window of its own the same share)' * apart}",
        2: "its returns do not vary in the estimation window",
        3: "a regressor does not vary in the estimation window, or only as other regressors do",
        4: "the model leaves no residual variance in the estimation window; is it its own benchmark?",
        GAP: "a day of the window has no abnormal return" + ", or lies outside the event's own window" * apart,
    }
