"""What a published calendar does not know: days that a study states as closed or open, and days that look so.

A typhoon closes Taipei, Mumbai trades on some Saturdays. A study says so, ``closures: {XTAI: [2024-10-31]}`` and
``sessions: {XBOM: [2024-01-20]}``; what the prices show and no calendar has is found and said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from eventstudy.errors import SpecError
from eventstudy.files.dates import moment
from eventstudy.objects.estimation import BoolArray
from eventstudy.objects.prices import ExchangeCalendar, Issue
from eventstudy.prices.exchanges import exchange_of, is_own
from eventstudy.prices.sessions import calendar, reach

_SHOWN = 5
Days = Mapping[str, Sequence[dt.date]]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a study states of its exchanges: market identifier code -> days that were closed, and that were sessions."""

    closures: Days = field(default_factory=dict)
    sessions: Days = field(default_factory=dict)

    def of(self, book: ExchangeCalendar) -> ExchangeCalendar:
        """The calendar with these days taken out and put in.

        A session that is put in opens and closes as the one before it does, in the exchange's own time.
        """
        shut = pd.DatetimeIndex(list(self.closures.get(book.exchange, ()))).as_unit("ns")
        book = _only(book, ~book.sessions.isin(shut))
        for day in pd.DatetimeIndex(sorted(self.sessions.get(book.exchange, ()))).as_unit("ns"):
            book = book if day in book.sessions else _with(book, day)
        return book

    def unused(self, books: Mapping[str, ExchangeCalendar]) -> list[Issue]:
        """That days are stated of an exchange on which no series of the study trades.

        Raises
        ------
        SpecError : days of ``own``, whose sessions are the dates of the prices.
        """
        issues = []
        for key, stated in (("closures", self.closures), ("sessions", self.sessions)):
            for code in stated:
                if is_own(code):
                    raise SpecError(f"{key} of {code}: its sessions are the dates of the prices; add or remove prices")
                if code not in books:
                    text = f"{key} of {code} are without effect: no series of the study trades there; there are "
                    issues.append(Issue("calendar_unused", "warning", text + ", ".join(sorted(books))))
        return issues


def days_by_exchange(
    name: str, given: Mapping[str, Sequence[Any]], others: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, tuple[dt.date, ...]]:
    """Days by market identifier code; `others` says of the same exchanges that they were closed.

    Raises
    ------
    SpecError : a date that is none, or a day that is both.
    """

    def day(when: Any) -> dt.date:
        found = moment(when)
        return found.date() if isinstance(found, dt.datetime) else found

    days = {exchange_of("", {"": code}): tuple(day(when) for when in listed) for code, listed in given.items()}
    closed = {} if others is None else days_by_exchange("closures", others)
    for code, own in days.items():
        both = sorted(set(own) & set(closed.get(code, ())))
        if both:
            raise SpecError(f"{name} of {code}: {both[0]} stands under closures too; it was one of them")
    return days


def _only(book: ExchangeCalendar, keep: BoolArray) -> ExchangeCalendar:
    if keep.all():
        return book
    opens = None if book.opens is None else book.opens[keep]
    return ExchangeCalendar(book.exchange, book.sessions[keep], book.closes[keep], opens, book.zone)


def _with(book: ExchangeCalendar, day: pd.Timestamp) -> ExchangeCalendar:
    at = int(book.sessions.searchsorted(day))
    near = max(at - 1, 0)

    def put(moments: pd.DatetimeIndex) -> pd.DatetimeIndex:
        moment: pd.Timestamp | NaTType = pd.NaT
        if len(moments) and not pd.isna(moments[near]):
            local = moments[near].tz_convert(book.zone or "UTC")
            moment = (day + (local.tz_localize(None) - book.sessions[near])).tz_localize(local.tz).tz_convert("UTC")
        return pd.DatetimeIndex([*moments[:at], moment, *moments[at:]], dtype="datetime64[ns, UTC]")

    sessions = pd.DatetimeIndex([*book.sessions[:at], day, *book.sessions[at:]]).as_unit("ns")
    opens = None if book.opens is None else put(book.opens)
    return ExchangeCalendar(book.exchange, sessions, put(book.closes), opens, book.zone)


def within_reach(
    exchange: str, first: dt.date, last: dt.date, cached: pd.DataFrame | None, dates: pd.DatetimeIndex
) -> tuple[ExchangeCalendar, list[Issue]]:
    """The calendar of an exchange; where what is published of it ends, the dates of its prices go on.

    Parameters
    ----------
    dates : days on which a series of the exchange has a price.

    Raises
    ------
    UnknownNameError : no published calendar of that name. SpecError : it holds no day of the span.
    """
    try:
        return calendar(exchange, first, last, cached), []
    except SpecError:
        known = reach(exchange)
        start, end = (pd.Timestamp(day) for day in (first, last))
        inner = max(start, known[0] or start), min(end, known[1] or end)
        if inner == (start, end) or inner[0] >= inner[1]:
            raise
    book = calendar(exchange, inner[0], inner[1])
    beyond = [dates[dates < inner[0]], dates[dates > inner[1]]]
    for day in beyond[0].append(beyond[1]):
        book = _with(book, day)
    if not (len(beyond[0]) or len(beyond[1])):
        return book, []
    text = (
        f"what is published of {exchange} reaches from {inner[0].date()} to {inner[1].date()}: outside of it the "
        f"{len(beyond[0]) + len(beyond[1])} dates of the prices are taken as sessions, so that a day that all series "
        "miss is not noticed"
    )
    return book, [Issue("calendar_edge", "warning", text)]


def unlike_prices(
    exchange: Mapping[str, str], held: BoolArray, days: pd.DatetimeIndex, books: Mapping[str, ExchangeCalendar]
) -> list[Issue]:
    """Days on which all series of an exchange lack a price though it was open, or have one though it was closed.

    Two series or more have to live then: of one, a day that lacks is a hole.

    Parameters
    ----------
    held : (D, S) whether a series has a price, in the order of `exchange`.
    """
    begun = np.maximum.accumulate(held, axis=0)
    living = begun & np.maximum.accumulate(held[::-1], axis=0)[::-1]
    codes = np.array(list(exchange.values()))
    issues: list[Issue] = []
    for code, book in books.items():
        members = codes == code
        if is_own(code) or members.sum() < 2:
            continue
        alive, there = living[:, members].sum(axis=1), held[:, members].sum(axis=1)
        opened = days.isin(book.sessions)
        rows = days.get_indexer(book.sessions)
        missed = book.sessions[(rows >= 0) & ((alive >= 2) & (there == 0))[rows]]
        unseen = book.sessions[rows < 0]  # no series at all has such a day
        around = days[alive >= 2]
        if len(around):
            missed = missed.append(unseen[(unseen > around[0]) & (unseen < around[-1])]).sort_values()
        if len(missed) and len(missed) <= max(3, 0.02 * len(book.sessions)):
            issues.append(_looks(code, "closures", "no series has a price on", missed))
        extra = days[(alive >= 2) & (there == alive) & ~opened]
        if len(extra) and len(extra) <= max(3, 0.02 * len(book.sessions)):
            issues.append(_looks(code, "sessions", "all series have a price on", extra))
    return issues


def _looks(code: str, key: str, words: str, days: pd.DatetimeIndex) -> Issue:
    shown = ", ".join(str(day.date()) for day in days[:_SHOWN])
    more = f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else ""
    what = "closed" if key == "closures" else "open"
    text = (
        f"{code}: {words} {shown}{more}, unlike its published calendar; if the exchange was {what} then, say "
        f"{key}: {{{code}: [{shown}]}}"
    )
    return Issue(f"{key}_not_stated", "info", text, date=days[0].date())
