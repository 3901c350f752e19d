"""What a user calls the events of a study: dates and moments -> Event objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from eventstudy.files.dates import Announced, moment
from eventstudy.objects.estimation import Event

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


def _date_id(when: Announced) -> str:
    return moment(when).isoformat()[:10]
