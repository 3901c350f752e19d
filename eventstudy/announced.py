"""What a user calls the events of a study: dates and moments -> Event objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from numbers import Integral

from eventstudy.datatypes import Event, Span, Window
from eventstudy.errors import SpecError

Announced = str | dt.date | dt.datetime
EventSource = Announced | Mapping[str, Announced] | Sequence[Event | Announced]


def events_of(source: EventSource, tickers: tuple[str, ...]) -> tuple[Event, ...]:
    """The events meant by one date for all `tickers`, a list of dates, a mapping ticker -> date, or Event objects.

    Dates in a list are announcements of their own, each tested by itself; a mapping is one announcement, tested as
    one group of events whatever their dates, as are Event objects with one id.
    """
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
