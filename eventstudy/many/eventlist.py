"""A frame of events to rows and columns of a panel, without an object an event; and why some have no place in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.many.ingest import ReturnPanel
from eventstudy.objects.estimation import BoolArray, IntArray

UNKNOWN, OUTSIDE = 101, 102  # refusals that come before any estimate; those of the engine are small numbers
_NAMED = 3  # rows spelled out in an error
_DAY = 86_400 * 10**9  # nanoseconds
_LARGEST = 2**63 - 1  # what one number can hold of a security, a day and a place in the list


@dataclass(frozen=True, slots=True, eq=False)
class EventList:
    """N events as they were given, and where the panel holds them.

    ``frame`` columns ``security``, ``date`` and perhaps ``group``, with the caller's index; ``security`` (N,) int32
    row in the panel, -1 where it holds none; ``day`` (N,) int32 column of day zero, -1 outside the panel; ``group``
    (N,) int32 place in ``groups``, -1 without a group; ``moved`` (M,) the events whose date is no session: day zero
    is the next one; ``placed`` (K,) int32 places in the frame of the events that the panel holds, by security, then by
    day, then as they were given; ``again`` (K,) whether one has the security and the day zero of the one before it.
    """

    frame: pd.DataFrame
    security: IntArray
    day: IntArray
    group: IntArray
    groups: tuple[str, ...]
    moved: IntArray
    placed: IntArray
    again: BoolArray

    @property
    def repeated(self) -> int:
        """How many events have the security and the day zero of one before (they are kept)."""
        return int(np.count_nonzero(self.again))

    def missing(self) -> tuple[IntArray, IntArray]:
        """The events that the panel has no place for, and for each `UNKNOWN` or `OUTSIDE`."""
        rows = np.flatnonzero((self.security < 0) | (self.day < 0)).astype(np.int32)
        return rows, np.where(self.security[rows] < 0, UNKNOWN, OUTSIDE).astype(np.int32)


def list_events(events: pd.DataFrame, panel: ReturnPanel) -> EventList:
    """Find the row and the day zero of every event.

    A date that is no session moves to the next one, as `windows.day_zero` does with plain dates. Events whose security
    or date the panel does not hold are marked, not dropped.

    Parameters
    ----------
    events : columns ``security`` (a name in ``panel.tickers``), ``date`` (days without time or zone) and perhaps
        ``group``; one row an event, repeated ones are kept.

    Raises
    ------
    SpecError : no frame, no rows, a column that is missing or holds something else, a security or date that is missing.
    """
    if not isinstance(events, pd.DataFrame):
        raise SpecError(f"events are a frame with the columns security and date, got {type(events).__name__}")
    absent = [name for name in ("security", "date") if name not in events.columns]
    if absent:
        held = ", ".join(str(c) for c in events.columns) or "none"
        raise SpecError(
            f"the events lack the column {' and '.join(absent)}; their columns are {held}. Rename them with "
            "events.rename(columns={...})"
        )
    if len(events) == 0:
        raise SpecError("the frame of events has no rows")
    dates, days = _days(events["date"])
    security = _rows(events["security"], panel.tickers)
    day, moved = _columns(days, panel.sessions)
    group, groups = _groups(events)
    kept = ["security", "date", *(["group"] if groups else [])]
    frame = events[kept].assign(date=dates)
    placed, again = _placed(security, day, panel.returns.shape)
    return EventList(frame, security, day, group, groups, moved, placed, again)


def _days(column: pd.Series) -> tuple[pd.Series, npt.NDArray[np.int64]]:
    """The column as days without a zone, and as days since 1970; SpecError naming what is wrong with it."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        raise SpecError(f"the dates of the events are numbers ({column.dtype}); convert them with pandas.to_datetime")
    try:
        dates = column if pd.api.types.is_datetime64_any_dtype(column.dtype) else pd.to_datetime(column)
    except (ValueError, TypeError) as error:
        raise SpecError(f"the dates of the events cannot be read: {error}") from None
    if getattr(dates.dt, "tz", None) is not None:
        raise SpecError(
            f"the dates of the events carry the time zone {dates.dt.tz}; give the day on which each could first be "
            "traded, without a zone"
        )
    _refuse_missing(dates, "date")
    try:
        dates = dates.astype("datetime64[ns]")
    except (ValueError, TypeError) as error:
        raise SpecError(f"the dates of the events cannot be read: {error}") from None
    since = dates.to_numpy().view(np.int64)
    days = since // _DAY
    timed = days * _DAY != since
    if timed.any():
        first = dates.iloc[int(np.argmax(timed))]
        raise SpecError(
            f"{timed.sum()} events have a time of day, the first {first}; give the day on which each could first be "
            "traded: news after the close belongs to the next session"
        )
    return dates, days


def _rows(column: pd.Series, tickers: tuple[str, ...]) -> IntArray:
    """Row of each security in the panel, -1 where there is none. Only what is different is looked up."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), column.cat.categories
    else:
        try:
            codes, names = pd.factorize(column)
        except TypeError:  # lists and the like
            raise _no_names(column) from None
        if len(names) and not pd.api.types.is_string_dtype(pd.Index(names)):
            raise _no_names(column)
    if (codes < 0).any():
        _refuse_missing(column, "security")
    found = pd.Index(tickers).get_indexer(pd.Index(names).astype(str)).astype(np.int32)
    return found[codes]


def _no_names(column: pd.Series) -> SpecError:
    return SpecError(f"the securities of the events are names, got {column.dtype}; convert them with .astype(str)")


def _columns(days: npt.NDArray[np.int64], sessions: pd.DatetimeIndex) -> tuple[IntArray, IntArray]:
    """Column of each event's day zero, -1 outside the panel, and the events whose date moved."""
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


def _groups(events: pd.DataFrame) -> tuple[IntArray, tuple[str, ...]]:
    if "group" not in events.columns:
        return np.broadcast_to(np.int32(-1), len(events)), ()  # takes no memory
    codes, names = pd.factorize(events["group"], sort=True)
    return codes.astype(np.int32), tuple(str(name) for name in names)


def _refuse_missing(column: pd.Series, what: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        rows = ", ".join(str(label) for label in column.index[missing][:_NAMED])
        more = f" and {missing.sum() - _NAMED} more" if missing.sum() > _NAMED else ""
        raise SpecError(f"{missing.sum()} events have no {what}: rows {rows}{more}; fill it in or leave them out")
