"""When an exchange was open.

The published calendars come from the exchange_calendars package with an explicit first and last day; a snapshot keeps
the sessions it spans beside its prices, so that a study of a snapshot neither imports that package nor changes when a
calendar is revised.
"""

from __future__ import annotations

import datetime as dt
import warnings
from functools import lru_cache

import pandas as pd

from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.prices import ExchangeCalendar
from eventstudy.prices.exchanges import ZONES, is_own


def time_zone(exchange: str) -> str:
    """IANA time zone of an exchange, from the table here or else from its published calendar."""
    if exchange in ZONES:
        return ZONES[exchange]
    if is_own(exchange):
        return "UTC"  # its dates are labels; nothing more is known of it
    _known(exchange)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars

        return str(exchange_calendars.get_calendar(exchange, start="2025-01-01", end="2025-01-31").tz)


def calendar(exchange: str, start: dt.date, end: dt.date, cached: pd.DataFrame | None = None) -> ExchangeCalendar:
    """The sessions of `exchange` from `start` to `end`, both in, with their closing times.

    Parameters
    ----------
    cached : columns ``exchange``, ``date`` (datetime64[ns]), ``close_utc`` and perhaps ``open_utc`` (datetime64[ns,
        UTC]); used where it holds the exchange and spans both days. One file spans the same days for all its exchanges.

    Raises
    ------
    UnknownNameError : no published calendar of that name.
    SpecError : the published calendar does not reach that far.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if cached is not None and _covers(cached, exchange, first, last):
        rows = cached[((cached["exchange"] == exchange) & cached["date"].between(first, last)).to_numpy()]
        opens = pd.DatetimeIndex(rows["open_utc"]) if "open_utc" in rows else None
        closes = pd.DatetimeIndex(rows["close_utc"])
        return ExchangeCalendar(exchange, pd.DatetimeIndex(rows["date"]), closes, opens, ZONES.get(exchange))
    return _published(exchange, first, last)


def _covers(cached: pd.DataFrame, exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    inside = bool(cached["date"].min() <= first and last <= cached["date"].max())
    return inside and bool((cached["exchange"] == exchange).any())


def _published(exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> ExchangeCalendar:
    """From exchange_calendars, with explicit ends: its defaults depend on today."""
    _known(exchange)
    try:
        # Building a calendar takes a second or so whatever its span: whole years are kept for the next question.
        book = _built(exchange, pd.Timestamp(first.year, 1, 1), pd.Timestamp(last.year, 12, 31))
    except Exception:  # some calendars do not reach the ends of those years, and some fail inside pandas
        try:
            # A span without a session is refused, and a holiday is such a span: ask for a wider one.
            book = _built(exchange, first - pd.Timedelta(days=15), last + pd.Timedelta(days=15))
        except Exception:
            why, ends = _why_not(exchange, first, last)
            span = "take a span that it covers, or " * ends
            raise SpecError(
                f"no calendar of {exchange} from {first.date()} to {last.date()}: {why}; {span}take the dates of the "
                f"prices as its sessions, exchanges: {{TICKER: own}} for those of {exchange} or calendar: own for all; "
                "or name an exchange with nearly the same sessions, such as exchanges: {TICKER: XNYS}, and correct it "
                "by the days that differ: closures: {XNYS: [2025-01-27]} and sessions: {XNYS: [2025-02-01]}"
            ) from None
    inside = (book.sessions >= first) & (book.sessions <= last)
    opens = None if book.opens is None else book.opens[inside]
    return ExchangeCalendar(exchange, book.sessions[inside], book.closes[inside], opens, book.zone)


def _why_not(exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, bool]:
    """Why there is no calendar of a span, and whether another span helps: it ends before, or its book fails."""
    begin, end = reach(exchange)
    if begin is not None and first < begin:
        return f"the published one begins on {begin.date()}", True
    if end is not None and last > end:
        return f"the published one ends on {end.date()}", True
    return "the published one cannot be computed with the libraries that are installed, whatever the span", False


@lru_cache(maxsize=64)
def _built(exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> ExchangeCalendar:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its use of pandas ages; nothing a user could do
        import exchange_calendars

        book = exchange_calendars.get_calendar(exchange, start=first, end=last)
        sessions = pd.DatetimeIndex(book.sessions.to_numpy()).as_unit("ns")
        opens, closes = (pd.DatetimeIndex(c.dt.tz_convert("UTC")).as_unit("ns") for c in (book.opens, book.closes))
        return ExchangeCalendar(exchange, sessions, closes, opens, str(book.tz))


def reach(exchange: str) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """First and last day of which the published calendar of an exchange knows; None where it has no such end."""
    _known(exchange)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars

        try:
            book = exchange_calendars.get_calendar(exchange, start="2025-01-01", end="2025-01-31")
        except Exception:  # some fail inside pandas, whatever is asked of them; `calendar` says so
            return None, None
        return book.bound_min(), book.bound_max()


def own_calendar(exchange: str, days: pd.DatetimeIndex) -> ExchangeCalendar:
    """The dates of the prices themselves as sessions; when they close is not known (NaT)."""
    closes = pd.DatetimeIndex([pd.NaT] * len(days), dtype="datetime64[ns, UTC]")
    return ExchangeCalendar(exchange, pd.DatetimeIndex(days, name=None), closes)


def _known(exchange: str) -> None:
    import exchange_calendars

    names = exchange_calendars.get_calendar_names(include_aliases=True)
    if exchange not in names:
        raise UnknownNameError("exchange", exchange, sorted(names))
