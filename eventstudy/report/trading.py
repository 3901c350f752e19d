"""Who could trade on the news when: a row an announcement and exchange, with its session in UTC and in local time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from eventstudy.objects.estimation import DayZero
from eventstudy.objects.prices import ExchangeCalendar
from eventstudy.objects.results import StudyResult

Row = dict[str, Any]
CAME = ("before_open", "in_session", "before_close", "day")
"""When the news came, seen from the session that could first trade on it: before it opened, while it traded, before its
close where the opening is not known; ``day`` where the announcement has no time of day."""


def trading(result: StudyResult) -> list[Row]:
    """The session that could first trade on each announcement, on each exchange with securities of it.

    Returns
    -------
    One row an announcement and exchange: ``event``, ``announced``, ``exchange``, ``zone`` (IANA name), ``local`` the
    announcement in the exchange's time, ``session`` (day zero), ``opens`` and ``closes`` (UTC), ``opens_local`` and
    ``closes_local`` (HH:MM), ``came`` (one of `CAME`), ``before`` the session before and ``before_closes`` its close,
    ``tickers``. What is not known is None.
    """
    found: dict[tuple[str, str, str, dt.date | None], Row] = {}
    for event in result.events:
        if not event.headline:
            continue
        book = result.prices.calendars.get(event.exchange)
        for zero in event.panel.day_zero:
            key = (event.event, zero.event.announced.isoformat(), event.exchange, zero.session)
            if key not in found:
                found[key] = {
                    "event": event.event,
                    "announced": key[1],
                    "exchange": event.exchange,
                    **_session(zero, book),
                    "tickers": [],
                }
            if zero.event.ticker not in found[key]["tickers"]:
                found[key]["tickers"].append(zero.event.ticker)
    return list(found.values())


def _session(zero: DayZero, book: ExchangeCalendar | None) -> Row:
    zone = None if book is None else book.zone
    at = -1 if book is None or zero.session is None else int(book.sessions.searchsorted(pd.Timestamp(zero.session)))
    opens, closes = (None, None) if book is None else (_moment(moments, at) for moments in (book.opens, book.closes))
    announced = zero.event.announced
    moment = pd.Timestamp(announced) if isinstance(announced, dt.datetime) else None
    return {
        "zone": zone,
        "local": None if moment is None or zone is None else moment.tz_convert(zone).isoformat(),
        "session": None if zero.session is None else zero.session.isoformat(),
        "opens": _utc(opens),
        "closes": _utc(closes),
        "opens_local": _clock(opens, zone),
        "closes_local": _clock(closes, zone),
        "came": _came(moment, opens),
        "before": None if book is None or at < 1 else book.sessions[at - 1].date().isoformat(),
        "before_closes": None if book is None or at < 1 else _utc(_moment(book.closes, at - 1)),
    }


def _moment(moments: pd.DatetimeIndex | None, at: int) -> pd.Timestamp | None:
    if moments is None or at < 0 or pd.isna(moments[at]):
        return None
    return pd.Timestamp(moments[at])


def _came(moment: pd.Timestamp | None, opens: pd.Timestamp | None) -> str:
    if moment is None:
        return "day"
    if opens is None:
        return "before_close"
    return "before_open" if moment < opens else "in_session"


def _utc(moment: pd.Timestamp | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(moment: pd.Timestamp | None, zone: str | None) -> str | None:
    return None if moment is None or zone is None else moment.tz_convert(zone).strftime("%H:%M")
