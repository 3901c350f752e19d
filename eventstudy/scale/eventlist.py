"""A frame of events to rows and columns of a panel, without an object an event; and why some have no place in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.datatypes import IntArray
from eventstudy.errors import SpecError
from eventstudy.scale.ingest import ReturnPanel

UNKNOWN, OUTSIDE = 101, 102  # refusals that come before any estimate; those of the engine are small numbers
_NAMED = 3  # rows spelled out in an error


@dataclass(frozen=True, slots=True, eq=False)
class EventList:
    """N events as they were given, and where the panel holds them.

    ``frame`` columns ``security``, ``date`` and perhaps ``group``, with the caller's index; ``security`` (N,) int32
    row in the panel, -1 where it holds none; ``day`` (N,) int32 column of day zero, -1 outside the panel; ``group``
    (N,) int32 place in ``groups``, -1 without a group; ``moved`` (M,) the events whose date is no session: day zero
    is the next one; ``repeated`` how many have the security and the day zero of one before (they are kept).
    """

    frame: pd.DataFrame
    security: IntArray
    day: IntArray
    group: IntArray
    groups: tuple[str, ...]
    moved: IntArray
    repeated: int

    @property
    def placed(self) -> IntArray:
        """Places in the frame of the events that the panel holds, sorted by security, then as they were given."""
        inside = (self.security >= 0) & (self.day >= 0)
        at = np.flatnonzero(inside)
        codes = self.security[at]
        if len(codes) and codes.max() < np.iinfo(np.int16).max:
            codes = codes.astype(np.int16)  # sorted by radix, ten times faster
        if (codes[1:] >= codes[:-1]).all():
            return at.astype(np.int32)
        return at[np.argsort(codes, kind="stable")].astype(np.int32)

    def take(self, rows: IntArray) -> EventList:
        """The events `rows`, each for the first time."""
        own = self.security[rows], self.day[rows], self.group[rows]
        return EventList(self.frame.iloc[:0], *own, self.groups, np.empty(0, np.int32), 0)

    @property
    def missing(self) -> IntArray:
        """(N,) `UNKNOWN` or `OUTSIDE` where the panel has no place for an event, else 0."""
        return np.where(self.security < 0, UNKNOWN, np.where(self.day < 0, OUTSIDE, 0)).astype(np.int32)


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
    dates = _days(events["date"])
    security = _rows(events["security"], panel.tickers)
    day, moved = _columns(dates, panel.sessions)
    group, groups = _groups(events)
    kept = ["security", "date", *(["group"] if groups else [])]
    frame = events[kept].assign(date=dates)
    place = security.astype(np.int64) * len(panel.sessions) + day
    place = place[(security >= 0) & (day >= 0)]
    repeated = int(len(place) - len(pd.unique(place)))
    return EventList(frame, security, day, group, groups, np.flatnonzero(moved).astype(np.int32), repeated)


def _days(column: pd.Series) -> pd.Series:
    """The column as days without a zone; SpecError naming what is wrong with it."""
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
    timed = dates.to_numpy() != dates.to_numpy().astype("datetime64[D]")
    if timed.any():
        first = dates.iloc[int(np.argmax(timed))]
        raise SpecError(
            f"{timed.sum()} events have a time of day, the first {first}; give the day on which each could first be "
            "traded: news after the close belongs to the next session"
        )
    return dates.astype("datetime64[ns]")


def _rows(column: pd.Series, tickers: tuple[str, ...]) -> IntArray:
    """Row of each security in the panel, -1 where there is none."""
    _refuse_missing(column, "security")
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = pd.Index(tickers).get_indexer(column.cat.categories.astype(str))
        return known.astype(np.int32)[column.cat.codes.to_numpy()]
    if not pd.api.types.is_string_dtype(column.dtype):
        raise SpecError(f"the securities of the events are names, got {column.dtype}; convert them with .astype(str)")
    codes, names = pd.factorize(column)
    found = pd.Index(tickers).get_indexer(pd.Index(names).astype(str))
    return found.astype(np.int32)[codes]


def _columns(dates: pd.Series, sessions: pd.DatetimeIndex) -> tuple[IntArray, np.ndarray]:
    """Column of each event's day zero, -1 outside the panel, and whether its date moved."""
    days, own = dates.to_numpy().astype("datetime64[D]"), sessions.to_numpy().astype("datetime64[D]")
    first = own[0]
    calendar = np.arange(first, own[-1] + 1)
    upcoming = np.searchsorted(own, calendar).astype(np.int32)  # session of each calendar day, or the next one
    after = (days - first).astype(np.int64)
    inside = (after >= 0) & (after < len(calendar))
    day = np.where(inside, upcoming[np.where(inside, after, 0)], -1).astype(np.int32)
    moved = inside & (own[day] != days)
    return day, moved


def _groups(events: pd.DataFrame) -> tuple[IntArray, tuple[str, ...]]:
    if "group" not in events.columns:
        return np.full(len(events), -1, np.int32), ()
    codes, names = pd.factorize(events["group"], sort=True)
    return codes.astype(np.int32), tuple(str(name) for name in names)


def _refuse_missing(column: pd.Series, what: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        rows = ", ".join(str(label) for label in column.index[missing][:_NAMED])
        more = f" and {missing.sum() - _NAMED} more" if missing.sum() > _NAMED else ""
        raise SpecError(f"{missing.sum()} events have no {what}: rows {rows}{more}; fill it in or leave them out")
