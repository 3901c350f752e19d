"""Which exchange a ticker trades on, and when that exchange was open.

The published calendars come from the exchange_calendars package with an explicit first and last day; a snapshot keeps
the sessions it spans beside its prices, so that a study of a snapshot neither imports that package nor changes when a
calendar is revised.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping
from functools import lru_cache

import pandas as pd

from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.prices import ExchangeCalendar

_EXCHANGES: Mapping[str, tuple[str, str, str]] = {
    # suffix: (market identifier code, currency, time zone)
    "": ("XNYS", "USD", "America/New_York"),
    "AS": ("XAMS", "EUR", "Europe/Amsterdam"),
    "AT": ("ASEX", "EUR", "Europe/Athens"),
    "AX": ("XASX", "AUD", "Australia/Sydney"),
    "BD": ("XBUD", "HUF", "Europe/Budapest"),
    "BK": ("XBKK", "THB", "Asia/Bangkok"),
    "BO": ("XBOM", "INR", "Asia/Kolkata"),
    "BR": ("XBRU", "EUR", "Europe/Brussels"),
    "CO": ("XCSE", "DKK", "Europe/Copenhagen"),
    "DE": ("XETR", "EUR", "Europe/Berlin"),
    "F": ("XFRA", "EUR", "Europe/Berlin"),
    "HE": ("XHEL", "EUR", "Europe/Helsinki"),
    "HK": ("XHKG", "HKD", "Asia/Hong_Kong"),
    "IR": ("XDUB", "EUR", "Europe/Dublin"),
    "IS": ("XIST", "TRY", "Europe/Istanbul"),
    "JK": ("XIDX", "IDR", "Asia/Jakarta"),
    "JO": ("XJSE", "ZAc", "Africa/Johannesburg"),
    "KL": ("XKLS", "MYR", "Asia/Kuala_Lumpur"),
    "KQ": ("XKRX", "KRW", "Asia/Seoul"),
    "KS": ("XKRX", "KRW", "Asia/Seoul"),
    "L": ("XLON", "GBp", "Europe/London"),
    "LS": ("XLIS", "EUR", "Europe/Lisbon"),
    "MC": ("XMAD", "EUR", "Europe/Madrid"),
    "MI": ("XMIL", "EUR", "Europe/Rome"),
    "MX": ("XMEX", "MXN", "America/Mexico_City"),
    "NS": ("XBOM", "INR", "Asia/Kolkata"),
    "NZ": ("XNZE", "NZD", "Pacific/Auckland"),
    "OL": ("XOSL", "NOK", "Europe/Oslo"),
    "PA": ("XPAR", "EUR", "Europe/Paris"),
    "PR": ("XPRA", "CZK", "Europe/Prague"),
    "SA": ("BVMF", "BRL", "America/Sao_Paulo"),
    "SI": ("XSES", "SGD", "Asia/Singapore"),
    "SN": ("XSGO", "CLP", "America/Santiago"),
    "SS": ("XSHG", "CNY", "Asia/Shanghai"),
    "ST": ("XSTO", "SEK", "Europe/Stockholm"),
    "SW": ("XSWX", "CHF", "Europe/Zurich"),
    "SZ": ("XSHG", "CNY", "Asia/Shanghai"),
    "T": ("XTKS", "JPY", "Asia/Tokyo"),
    "TA": ("XTAE", "ILS", "Asia/Jerusalem"),
    "TO": ("XTSE", "CAD", "America/Toronto"),
    "TW": ("XTAI", "TWD", "Asia/Taipei"),
    "TWO": ("XTAI", "TWD", "Asia/Taipei"),
    "V": ("XTSE", "CAD", "America/Toronto"),
    "VI": ("XWBO", "EUR", "Europe/Vienna"),
    "WA": ("XWAR", "PLN", "Europe/Warsaw"),
}
_INDICES: Mapping[str, str] = {
    "^AEX": "XAMS",
    "^AORD": "XASX",
    "^ATX": "XWBO",
    "^AXJO": "XASX",
    "^BFX": "XBRU",
    "^BSESN": "XBOM",
    "^BVSP": "BVMF",
    "^FCHI": "XPAR",
    "^FTMC": "XLON",
    "^FTSE": "XLON",
    "^GDAXI": "XETR",
    "^GSPTSE": "XTSE",
    "^HSI": "XHKG",
    "^IBEX": "XMAD",
    "^JKSE": "XIDX",
    "^KLSE": "XKLS",
    "^KQ11": "XKRX",
    "^KS11": "XKRX",
    "^MDAXI": "XETR",
    "^MXX": "XMEX",
    "^N225": "XTKS",
    "^NSEI": "XBOM",
    "^NZ50": "XNZE",
    "^OMX": "XSTO",
    "^SSMI": "XSWX",
    "^STI": "XSES",
    # Computed on euro-area closes: the calendar of Amsterdam is the nearest, but the index has a level on 1 May too.
    "^STOXX50E": "XAMS",
    "^TWII": "XTAI",
}
_ZONES: Mapping[str, str] = {mic: zone for mic, _, zone in _EXCHANGES.values()}
INDEX_UNIT = "points"


def exchange_of(ticker: str, overrides: Mapping[str, str] | None = None) -> str:
    """Market identifier code (ISO 10383) of a ticker: given in `overrides`, else from its suffix or index name.

    No suffix, and an index that is not listed here, means New York (XNYS, whose sessions Nasdaq shares).

    Raises
    ------
    SpecError : the suffix is not known and no exchange is given.

    Examples
    --------
    >>> [exchange_of(t, {}) for t in ("NVDA", "ASML.AS", "8035.T", "2330.TW", "^N225", "^IXIC")]
    ['XNYS', 'XAMS', 'XTKS', 'XTAI', 'XTKS', 'XNYS']
    >>> exchange_of("SAP", {"SAP": "XETR"})
    'XETR'
    """
    if overrides and ticker in overrides:
        return overrides[ticker]
    if ticker.startswith("^"):
        return _INDICES.get(ticker, "XNYS")
    suffix = _suffix(ticker)
    if suffix not in _EXCHANGES:
        raise SpecError(
            f"the exchange of {ticker!r} is not known: no exchange goes with the suffix .{suffix}; "
            f"give its market identifier code, for example exchanges: {{{ticker}: XNYS}}. "
            f"Known suffixes: {', '.join('.' + s for s in _EXCHANGES if s)}"
        )
    return _EXCHANGES[suffix][0]


def currency_of(ticker: str) -> str:
    """Currency the prices of `ticker` are quoted in (ISO 4217; GBp and ZAc are hundredths); ``points`` for an index.

    Examples
    --------
    >>> [currency_of(t) for t in ("NVDA", "ASML.AS", "8035.T", "2330.TW", "^N225")]
    ['USD', 'EUR', 'JPY', 'TWD', 'points']
    """
    if ticker.startswith("^"):
        return INDEX_UNIT
    return _EXCHANGES.get(_suffix(ticker), _EXCHANGES[""])[1]


def time_zone(exchange: str) -> str:
    """IANA time zone of an exchange, from the table here or else from its published calendar."""
    if exchange in _ZONES:
        return _ZONES[exchange]
    _known(exchange)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars

        return str(exchange_calendars.get_calendar(exchange, start="2025-01-01", end="2025-01-31").tz)


def calendar(exchange: str, start: dt.date, end: dt.date, cached: pd.DataFrame | None = None) -> ExchangeCalendar:
    """The sessions of `exchange` from `start` to `end`, both in, with their closing times.

    Parameters
    ----------
    cached : columns ``exchange``, ``date`` (datetime64[ns]), ``close_utc`` (datetime64[ns, UTC]); used where it holds
        the exchange and spans both days. One file spans the same days for all its exchanges.

    Raises
    ------
    UnknownNameError : no published calendar of that name.
    SpecError : the published calendar does not reach that far.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if cached is not None and _covers(cached, exchange, first, last):
        rows = cached[((cached["exchange"] == exchange) & cached["date"].between(first, last)).to_numpy()]
        return ExchangeCalendar(exchange, pd.DatetimeIndex(rows["date"]), pd.DatetimeIndex(rows["close_utc"]))
    return _published(exchange, first, last)


def _covers(cached: pd.DataFrame, exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    inside = bool(cached["date"].min() <= first and last <= cached["date"].max())
    return inside and bool((cached["exchange"] == exchange).any())


def _published(exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> ExchangeCalendar:
    """From exchange_calendars, with explicit ends: its defaults depend on today."""
    _known(exchange)
    try:
        # Building a calendar takes a second or so whatever its span: whole years are kept for the next question.
        sessions, closes = _built(exchange, pd.Timestamp(first.year, 1, 1), pd.Timestamp(last.year, 12, 31))
    except Exception:  # some calendars do not reach the ends of those years, and some fail inside pandas
        try:
            # A span without a session is refused, and a holiday is such a span: ask for a wider one.
            sessions, closes = _built(exchange, first - pd.Timedelta(days=15), last + pd.Timedelta(days=15))
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise SpecError(
                f"no calendar of {exchange} from {first.date()} to {last.date()} ({reason}); "
                "take a span it covers, or give an exchange with the same sessions"
            ) from None
    inside = (sessions >= first) & (sessions <= last)
    return ExchangeCalendar(exchange, sessions[inside], closes[inside])


@lru_cache(maxsize=64)
def _built(exchange: str, first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its use of pandas ages; nothing a user could do
        import exchange_calendars

        book = exchange_calendars.get_calendar(exchange, start=first, end=last)
        sessions = pd.DatetimeIndex(book.sessions.to_numpy()).as_unit("ns")
        return sessions, pd.DatetimeIndex(book.closes.dt.tz_convert("UTC")).as_unit("ns")


def _known(exchange: str) -> None:
    import exchange_calendars

    names = exchange_calendars.get_calendar_names(include_aliases=True)
    if exchange not in names:
        raise UnknownNameError("exchange", exchange, sorted(names))


def _suffix(ticker: str) -> str:
    return ticker.rpartition(".")[2] if "." in ticker else ""
