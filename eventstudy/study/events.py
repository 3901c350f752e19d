"""What a user calls the events of a study: dates, mappings, tables and files -> Event objects, and which are pooled."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, WindowError, listed
from eventstudy.files.dates import Announced, moment
from eventstudy.files.eventfile import EventFile
from eventstudy.files.eventtable import EventTable, event_table
from eventstudy.objects.estimation import Event, keyed
from eventstudy.objects.prices import Issue

EventSource: TypeAlias = (
    "Announced | EventFile | Path | pd.DataFrame | pd.Series[Any] | Mapping[str, Announced] | Event | "
    "Sequence[Event | Announced]"
)
POOL = "all"  # the group of all events, where they come as a list of events of their own
ID = "event"  # the announcement, where the user names none
WAYS = (
    "a date, a mapping ticker -> date, a list of dates, a table with the columns ticker and date (a frame, or a CSV, "
    "Excel or Parquet file), or Event objects"
)
_FILES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Given:
    """The events of a study, each with its key.

    ``pooled`` whether those of one id are tested together beside the groups that are named; ``objects`` whether they
    came as `Event` objects, which are where no group is named; ``shared`` names that several events have, which are
    tested together too; ``apart`` whether they are a list of dates, each tested by itself.
    """

    events: tuple[Event, ...]
    pooled: bool = False
    objects: bool = False
    shared: tuple[str, ...] = ()
    apart: bool = False
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Pools:
    """``groups`` name -> tickers, of which ``names`` hold events instead, ``whole`` all of them."""

    groups: dict[str, tuple[str, ...]]
    names: tuple[str, ...]
    whole: str | None
    issues: tuple[Issue, ...]


def events_of(
    source: EventSource, tickers: tuple[str, ...], dayfirst: bool | None = None, date_format: str | None = None
) -> Given:
    """The events meant by one date for all `tickers`, a list of dates, a mapping ticker -> date, a table, or objects.

    Dates in a list are announcements of their own, each tested by itself; a mapping, a Series and a table are one pool
    of events whatever their dates, as are Event objects with one id. An event that comes twice counts once. `dayfirst`
    and `date_format` say how dates that are texts are written (`files.dates.parse_dates`).

    Raises
    ------
    SpecError : something else, no events, no securities for a date, or an event that comes twice in two groups.
    """
    given = _given(source, tickers, {"dayfirst": dayfirst, "date_format": date_format})
    if not given.events:
        raise SpecError("the study has no events: give a date and at least one ticker")
    kept: dict[tuple[str, str, object], Event] = {}
    repeated: dict[str, list[str]] = {}
    for event in given.events:
        first = kept.setdefault((event.id, event.ticker, event.announced), event)
        if first is event:
            continue
        if first.group != event.group or first.name != event.name:
            raise SpecError(
                f"{event.ticker} on {event.day} comes twice in the events, as {_place(first)} and as {_place(event)}: "
                "keep one, and name further groups with groups="
            )
        repeated.setdefault(event.ticker, []).append(event.day.isoformat())
    issues = tuple(
        Issue(
            "event_repeated",
            "warning",
            f"comes more than once on {listed([*dict.fromkeys(days)])}: counted once",
            t,
        )
        for t, days in repeated.items()
    )
    return replace(given, events=keyed([*kept.values()]), issues=(*given.issues, *issues))


def _place(event: Event) -> str:
    said = [f"{what} {value!r}" for what, value in (("id", event.name), ("group", event.group)) if value]
    return ", ".join(said) or "no group"


def _given(source: Any, tickers: tuple[str, ...], order: Mapping[str, Any]) -> Given:
    when: Callable[[Any], dt.date | dt.datetime] = partial(moment, **order)
    if isinstance(source, EventFile):
        return _of_table(event_table(source))
    if isinstance(source, pd.DataFrame | Path) or _is_file(source):
        return _of_table(event_table(source, **order))
    if isinstance(source, pd.Series):
        return _of_series(source, order)
    if isinstance(source, Mapping):
        return Given(
            tuple(Event(ID, _name(t), when(one)) for t, dates in source.items() for one in _dates(dates)), True
        )
    if isinstance(source, Event):
        return Given((source,), objects=True)
    if isinstance(source, str | dt.date | np.datetime64):
        return Given(tuple(Event(ID, ticker, when(source)) for ticker in _needed(tickers)))
    if not isinstance(source, Iterable):
        raise SpecError(f"events are {WAYS}; got {source!r}")
    return _of_list([*source], tickers, when)


def _of_list(source: list[Any], tickers: tuple[str, ...], when: Callable[[Any], dt.date | dt.datetime]) -> Given:
    """Events as they are; a plain date is an announcement of its own, for every ticker."""
    found: list[Event] = []
    dates = 0
    for one in source:
        if isinstance(one, Event):
            found.append(one)
        elif isinstance(one, str | dt.date | np.datetime64):
            day, dates = when(one), dates + 1
            found += [Event(day.isoformat()[:10], ticker, day) for ticker in _needed(tickers)]
        else:
            raise SpecError(f"events are {WAYS}; got a list that holds {one!r}")
    return Given(tuple(found), objects=dates == 0, apart=dates == len(source) > 1)


def _of_series(source: pd.Series[Any], order: Mapping[str, Any]) -> Given:
    if isinstance(source.index, pd.RangeIndex):
        raise SpecError(
            "a Series of events maps tickers to dates, and this one has numbers for tickers: give "
            "events.set_axis(tickers), or a list of dates, such as events.tolist(), each for every ticker"
        )
    table = pd.DataFrame({"ticker": source.index, "date": source.to_numpy()})
    return _of_table(event_table(table, **order))


def _of_table(table: EventTable) -> Given:
    frame, traits = table.frame, table.traits
    own = {"group": "group", "id": "name", **{name: name for name in ("benchmark", "estimation", "event")}}
    columns = [frame[name].tolist() for name in own if name in frame]
    fields = [field for name, field in own.items() if name in frame]
    known = [name for name in traits.columns if traits[name].notna().any()]
    rows = traits[known].to_dict("records") if known else [{}] * len(frame)
    events = []
    dates = frame["announced"]
    plain = dates.dt.date if pd.api.types.is_datetime64_dtype(dates.dtype) else dates
    for i, (ticker, when, row) in enumerate(zip(frame["ticker"], plain, rows, strict=True)):
        given: dict[str, Any] = {field: column[i] for field, column in zip(fields, columns, strict=True)}
        try:
            events.append(Event(ID, ticker, when, traits={str(k): v for k, v in row.items()}, **given))
        except (SpecError, WindowError) as error:
            raise table.error(i, str(error)) from None
    count = Counter(event.name for event in events)
    shared = tuple(str(name) for name, n in count.items() if name is not None and n > 1)
    return Given(tuple(events), pooled=True, shared=shared)


def pools_of(given: Given, groups: Mapping[str, Sequence[str]]) -> Pools:
    """The groups of a study: those of securities that it names, all events of a pool, the events' own groups and ids.

    Raises
    ------
    SpecError : a group without members, or a group of events with the name of a group of securities.
    """
    named = {name: tuple(dict.fromkeys(members)) for name, members in groups.items()}
    for name, those in named.items():
        if not those:
            raise SpecError(f"the group {name!r} is empty: name its securities, or leave it out")
    issues = []
    for name, members in groups.items():
        for ticker, n in Counter(members).items():
            if n > 1:
                issues.append(
                    Issue("member_repeated", "info", f"stands {n} times in group {name!r}: counted once", ticker)
                )
    own: dict[str, dict[str, None]] = {}
    tickers = dict.fromkeys(event.ticker for event in given.events)
    whole = POOL if _pooled(given, named) and POOL not in named else None
    if whole is not None:
        own[whole] = tickers
    for event in given.events:
        for belongs in dict.fromkeys((event.group, event.name if event.name in given.shared else None)):
            if belongs is not None:
                own.setdefault(belongs, {})[event.ticker] = None
    both = [name for name in own if name in named]
    if both:
        raise SpecError(
            f"the group {both[0]!r} is given twice, by the events and in groups=: give it another name in one of them"
        )
    return Pools(named | {name: tuple(t) for name, t in own.items()}, tuple(own), whole, tuple(issues))


def _pooled(given: Given, groups: Mapping[str, Sequence[str]]) -> bool:
    """Whether all events of an id are one group: a list of events is, if no group holds all of them already.

    Event objects are only where there is no group, and where they are not one day for every security: that says no
    more of a group than the names of the securities do.
    """
    here = Counter(event.id for event in given.events)
    if max(here.values()) < 2 or not (given.pooled or (given.objects and not groups)):
        return False
    tickers = {event.ticker for event in given.events}
    days = {(event.id, event.announced) for event in given.events}
    apart = len(days) > len(here) or len(given.events) > len({(e.id, e.ticker) for e in given.events})
    return (given.pooled or apart) and not any(tickers <= set(members) for members in groups.values())


# ---------------------------------------------------------------------------------------------------------- small parts
def _is_file(source: Any) -> bool:
    return isinstance(source, str) and source.lower().endswith(_FILES)


def _name(ticker: Any) -> str:
    if isinstance(ticker, bool) or not isinstance(ticker, str | int | np.integer):
        raise SpecError(f"events map tickers to dates, such as {{'NVDA': '2024-05-23'}}, got the ticker {ticker!r}")
    return str(ticker)


def _dates(when: Any) -> list[Any]:
    return list(when) if isinstance(when, list | tuple | pd.DatetimeIndex | np.ndarray) else [when]


def _needed(tickers: tuple[str, ...]) -> tuple[str, ...]:
    if not tickers:
        raise SpecError(
            "the study has no events: a date needs securities, give tickers=['NVDA'] or groups, or a mapping "
            "{'NVDA': '2024-05-23'}"
        )
    return tickers
