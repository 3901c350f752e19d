"""Find the one event that a user means, by security, key, name, announcement or date, or say why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eventstudy.arguments import text
from eventstudy.errors import UnknownNameError, listed
from eventstudy.objects.estimation import Event
from eventstudy.objects.settings import Settings

if TYPE_CHECKING:
    from eventstudy.files.dates import Announced
    from eventstudy.objects.eventresult import EventResult

SHOWN = 12  # names spelled out in a message
_NAMES = {"event": "news", "ticker": "NVDA", "benchmark": "^IXIC", "model": "market"}


def check_names(**names: str | None) -> None:
    """Refuse a name that is not text. None means that the name was left out.

    Raises
    ------
    SpecError : a name that is not text.

    Examples
    --------
    >>> check_names(ticker="NVDA", benchmark=None)
    """
    for what, name in names.items():
        if name is not None:
            text(what, name, _NAMES[what])


def several_events(ticker: str, keys: Sequence[str]) -> UnknownNameError:
    """The error of a look-up by ticker where the security has several events.

    Examples
    --------
    >>> print(several_events("NVDA", ["NVDA 2024-05-23", "NVDA 2024-08-29"]))
    unknown event 'NVDA': NVDA has 2 events: NVDA 2024-05-23, NVDA 2024-08-29; name one, as event='NVDA 2024-05-23', or
    its date.
    """
    named = ", ".join(keys[:SHOWN]) + (", ..." if len(keys) > SHOWN else "")
    hint = f"{ticker} has {len(keys)} events: {named}; name one, as event={keys[0]!r}, or its date"
    return UnknownNameError("event", ticker, (), hint=hint)


def not_estimated(
    results: Sequence[EventResult],
    groups: Mapping[str, Sequence[str]],
    asked: tuple[str, str, str | None, str | None],
) -> UnknownNameError:
    """Which of the four names asked for (security, event, benchmark, model) is wrong, and what there is instead."""
    ticker, event, benchmark, model = asked
    if ticker in groups:
        return UnknownNameError("security", ticker, (), hint=f"it is a group: {listed(groups[ticker], 12)}")
    tickers = {t: None for r in results for t in (*r.panel.event_tickers, *r.panel.keys)}
    if ticker not in tickers:
        return UnknownNameError("security", ticker, tuple(tickers))
    events = {r.event: None for r in results if r.keys_of(ticker)}
    if event not in events:
        return UnknownNameError(f"event of {ticker}", event, tuple(events))
    here = [r for r in results if r.event == event and r.keys_of(ticker)]
    if benchmark is not None and benchmark not in [r.benchmark for r in here]:
        return UnknownNameError(f"benchmark of {ticker}", benchmark, tuple(str(r.benchmark) for r in here))
    return UnknownNameError(f"model of {ticker}", str(model), tuple(dict.fromkeys(r.model for r in here)))


def events_meant(
    settings: Settings,
    ticker: str | None,
    event: str | None,
    date: Announced | None,
    zeros: Mapping[tuple[str, str], dt.date | None],
) -> list[Event]:
    """The events of a study that a security, an event's name and a date leave.

    Parameters
    ----------
    event : an announcement, or the key or name of one event; the headline announcement where neither it nor `date` is
        given.
    zeros : (id, key) -> day zero, which a date may mean as well as the day of the announcement.

    Raises
    ------
    UnknownNameError : no such event, or none on that date.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> [e.key for e in events_meant(example_result().settings, "S02", None, None, {})]
    ['S02']
    """
    wanted = event if event is not None or date is not None else settings.headline_event
    found = [e for e in settings.events if wanted is None or wanted in (e.id, e.key, e.name)]
    if not found:
        keys = dict.fromkeys(e.key for e in settings.events)
        raise UnknownNameError("event", str(event), (*settings.event_ids, *keys)[:SHOWN])
    if ticker is not None:
        found = [e for e in found if ticker in (e.ticker, e.key)]
    if date is None or not found:
        return found
    found = _on(found, date, zeros)
    in_front = [e for e in found if e.id == settings.headline_event]
    return in_front if len(found) > 1 and in_front else found


def _on(events: Sequence[Event], date: Announced, zeros: Mapping[tuple[str, str], dt.date | None]) -> list[Event]:
    from eventstudy.files.dates import moment

    when = moment(date)
    day = when.date() if isinstance(when, dt.datetime) else when
    found = [e for e in events if day in (e.day, zeros.get((e.id, e.key)))]
    if not found:
        days = dict.fromkeys(e.day.isoformat() for e in events)
        raise UnknownNameError(f"date of {events[0].ticker}", day.isoformat(), tuple(days)[:SHOWN])
    return found
