"""Which prices the claims of a file need beside those of their study: which series, and over which days.

Reads the claims alone, so that a fetch knows what to ask for before there are any prices.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from eventstudy.claims.load import ClaimBook, tickers_of
from eventstudy.claims.since import last_day

_MONTH = dt.timedelta(days=31)
_OPTIONAL = ("against", "of", "universe", "borderline", "members", "holder")
"""Params that name series which widen an answer, or which a table beside the prices may hold."""
_AFTER = ("sessions", "longest", "within")
"""Params that count sessions from an event on."""


@dataclass(frozen=True, slots=True)
class Needs:
    """``tickers`` without which a claim cannot be tried, ``optional`` ones that widen its answer; ``first`` and
    ``last`` day of the prices, None where the study's own days are enough."""

    tickers: tuple[str, ...]
    optional: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None


def needs(book: ClaimBook, groups: Iterable[str], event_days: Mapping[str, Iterable[dt.date]]) -> Needs:
    """What the claims of `book` need.

    Parameters
    ----------
    groups : names of the study's groups, which are not tickers.
    event_days : event id -> the days on which it was announced.
    """
    known = frozenset(groups)
    tickers: dict[str, None] = {}
    optional: dict[str, None] = {}
    days: list[dt.date] = []
    for claim in book.claims:
        others = [n for key in ("others", "among") for n in claim.params.get(key, ()) if n not in known]
        tickers |= dict.fromkeys((*tickers_of(claim), *others))
        optional |= dict.fromkeys(t for key in _OPTIONAL for t in _texts(claim.params.get(key)) if t not in known)
        rate = claim.params.get("rate")
        optional |= {rate["series"]: None} if rate else {}
        days += _dates(claim.params)
        since = claim.params.get("since")
        days += [begins] if since and (begins := last_day(since)) else []
        # 252 sessions a year, holidays and a margin of a month: 1.6 calendar days a session.
        span = [dt.timedelta(days=ceil(1.6 * n)) for n in _sessions(claim.params)]
        announced = list(event_days.get(claim.event or "", ()))
        days += [day + length for day in announced for length in span]
    beside = tuple(ticker for ticker in optional if ticker not in tickers)
    if not days:
        return Needs(tuple(tickers), beside, None, None)
    return Needs(tuple(tickers), beside, min(days) - _MONTH, max(days) + _MONTH)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, tuple | list) else ()


def _dates(value: Any) -> Iterator[dt.date]:
    """Every day that stands anywhere in a claim's params."""
    if isinstance(value, dt.datetime):
        yield value.date()
    elif isinstance(value, dt.date):
        yield value
    elif isinstance(value, str):
        try:
            yield dt.date.fromisoformat(value)
        except ValueError:
            return
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _dates(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _dates(part)


def _sessions(params: Mapping[str, Any]) -> Iterator[int]:
    """Sessions from the event to the ends that the params name, before it below zero."""
    for key in _AFTER:
        value = params.get(key)
        yield from (n for n in (value if isinstance(value, tuple | list) else [value]) if isinstance(n, int))
    spans = [params.get("window"), *(params.get("windows") or ())]
    for span in spans:
        yield from (n for n in (span or ()) if isinstance(n, int))
