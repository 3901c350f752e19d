"""What a user calls the events of a study: dates and moments -> Event objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from eventstudy.datatypes import Event
from eventstudy.errors import SpecError

Announced = str | dt.date | dt.datetime
EventSource = Announced | Mapping[str, Announced] | Sequence[Event | Announced]


def events_of(source: EventSource, tickers: tuple[str, ...]) -> tuple[Event, ...]:
    """The events meant by one date for all `tickers`, a list of dates, a mapping ticker -> date, or Event objects."""
    if isinstance(source, Mapping):
        return tuple(Event("event", str(ticker), moment(when)) for ticker, when in source.items())
    if isinstance(source, str | dt.date):
        return tuple(Event("event", ticker, moment(source)) for ticker in tickers)
    found: list[Event] = []
    for one in source:
        # A plain date in a list is an announcement of its own, for every ticker.
        named = [one] if isinstance(one, Event) else [Event(_date_id(one), t, moment(one)) for t in tickers]
        found += named
    return tuple(found)


def _date_id(when: Announced) -> str:
    return moment(when).isoformat()[:10]


def moment(when: Announced) -> dt.date | dt.datetime:
    """A date, or a moment with its time zone, from its text (ISO 8601) or object.

    >>> moment("2025-01-27")
    datetime.date(2025, 1, 27)
    """
    if isinstance(when, dt.datetime) and when.tzinfo is None and when.time() == dt.time():
        return when.date()  # pandas' way to write a date
    if isinstance(when, dt.date):  # a datetime is a date too
        return when
    try:
        return dt.date.fromisoformat(when) if len(when) <= 10 else dt.datetime.fromisoformat(when)
    except (TypeError, ValueError):
        raise SpecError(
            f"{when!r} is not a date: write 2025-01-27, or a moment with its time zone 2025-01-27T09:00:00-05:00"
        ) from None
