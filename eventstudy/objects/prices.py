"""Prices, from what is asked of a provider to the checked panel, and the findings on the way.

::

    PriceQuery -provider-> RawPrices -quality-> PricePanel (+ Issue...) -> Returns

Shapes: S securities, D sessions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from eventstudy.arguments import public
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.estimation import ReturnKind

Basis = Literal["adj_close", "close"]
Severity = Literal["info", "warning", "fatal"]
_STATED = ("close", "adj_close", "volume", "open", "high", "low", "return")
"""Columns of values that may be stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFile:
    """A file of prices or returns, and how it is written. What is not stated is found from the file.

    Parameters
    ----------
    file : a CSV, Excel or Parquet file, or a folder with one file per ticker.
    sep : the character between the columns of a text file.
    decimal : the decimal sign of a text file, ``.`` or ``,``.
    encoding : the encoding of a text file.
    sheet : the sheet of an Excel file.
    date : the column of dates.
    ticker : the column of tickers.
    columns : ``close``, ``adj_close``, ``volume``, ``open``, ``high``, ``low`` or ``return`` -> the column that holds
        it. Where prices are stated, no other price column is read.
    dayfirst, date_format : how dates are written, as in `files.dates.parse_dates`.
    returns : whether the file holds returns.
    percent : whether the returns are per cent; None: the file is looked at.
    kind : ``simple`` or ``log`` returns.
    name : the ticker, for a file with the bars of one security.

    Raises
    ------
    SpecError : a value is not allowed. UnknownNameError : a key of ``columns`` is not one of those.

    Examples
    --------
    >>> PriceFile(file="prices.csv", sep=";", columns={"close": "Schluss"}).stated()
    {'close': 'Schluss'}
    """

    file: Path | str = ""
    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    date: str | None = None
    ticker: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    dayfirst: bool | None = None
    date_format: str | None = None
    returns: bool = False
    percent: bool | None = None
    kind: Literal["simple", "log"] = "simple"
    name: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("simple", "log"):
            raise SpecError(f"kind of returns is 'simple' or 'log', got {self.kind!r}")
        if not isinstance(self.percent, bool | None):
            raise SpecError(f"percent is true or false, got {self.percent!r}")
        if self.decimal not in (None, ".", ","):
            raise SpecError(f"decimal is '.' or ',', got {self.decimal!r}")
        if self.sep is not None and (not isinstance(self.sep, str) or len(self.sep) != 1 or self.sep in '\n\r"'):
            raise SpecError(f"sep is one character, such as ';' or a tab, got {self.sep!r}")
        if self.sep is not None and self.sep == self.decimal:
            raise SpecError(f"sep and decimal are both {self.sep!r}; columns and decimals need different signs")
        if not isinstance(self.columns, Mapping):
            raise SpecError(f"columns is a mapping, such as {{close: Schluss}}, got {self.columns!r}")
        unknown = [name for name in self.columns if name not in _STATED]
        if unknown:
            raise UnknownNameError("column", str(unknown[0]), _STATED)
        for each in ("encoding", "sheet", "date", "ticker", "date_format"):
            if not isinstance(getattr(self, each), str | None):
                raise SpecError(f"{each} is a text, got {getattr(self, each)!r}; quote a number")

    def stated(self) -> dict[str, str]:
        """Our name -> the column that is stated to hold it.

        Examples
        --------
        >>> PriceFile(date="Datum", ticker="Name").stated()
        {'date': 'Datum', 'ticker': 'Name'}
        """
        given = {"date": self.date, "ticker": self.ticker, **self.columns}
        return {ours: str(theirs) for ours, theirs in given.items() if theirs is not None}


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What is asked of a provider.

    Parameters
    ----------
    tickers : the securities and indices.
    start, end : first and last day, both included; None: all there is.
    source : the file or folder to read, a PriceFile where it is said how the file is written; None for providers on
        the network.
    optional : those of ``tickers`` that a provider on the network may lack; a finding then says so.
    patience : seconds that one ticker may take on the network, None for the provider's own.

    Examples
    --------
    >>> PriceQuery(("NVDA", "^IXIC"), start=dt.date(2024, 1, 2)).tickers
    ('NVDA', '^IXIC')
    """

    tickers: tuple[str, ...]
    start: dt.date | None = None
    end: dt.date | None = None
    source: Path | PriceFile | None = None
    optional: tuple[str, ...] = ()
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where prices came from. It is named wherever they are shown, and is part of a result's content id.

    Parameters
    ----------
    provider : the name of the provider.
    source : the file, folder or service.
    retrieved : the day on which a download was made, as text.
    sha256 : the checksum of the source.
    licence : the licence of the data.
    file : the file of a snapshot that holds them, as its description names it.

    Examples
    --------
    >>> Provenance("files", "prices.csv").provider
    'files'
    """

    provider: str
    source: str
    retrieved: str | None = None
    sha256: str | None = None
    licence: str | None = None
    file: str | None = None

    @property
    def original(self) -> str:
        """The source without what is said of it in brackets.

        Examples
        --------
        >>> Provenance("files", "prices.csv (decimal comma)").original
        'prices.csv'
        """
        return self.source.partition(" (")[0]


@dataclass(frozen=True, slots=True, eq=False)
class RawPrices:
    """What a provider returns, unchecked.

    Parameters
    ----------
    frame : long, one row per security and day. Its columns are ``ticker`` (str), ``date`` (datetime64[ns], midnight, no
        zone), ``close``, ``adj_close`` and ``volume`` (float64, NaN where unknown), and where the source has them
        ``open``, ``high`` and ``low``, adjusted as ``close`` is. Rows may be repeated.
    provenance : where the prices came from.
    exchange : ticker -> market identifier code.
    currency : ticker -> currency code.
    issues : what the provider left out.
    returns : True where the column ``close`` holds returns, as they are in the source.
    about : ticker -> what else the source says of a series: its ``symbol``, ``exchange``, ``time_zone``, and when it
        was ``retrieved``.
    library : the library that asked for the prices, with its version.
    actions : ticker -> its dividends and splits, where the source gives them: an empty frame where there were none, no
        entry where they are not known. By day, datetime64[ns], with the columns ``dividend`` (cash per share on the
        basis of ``close``, 0 where none) and ``split`` (new shares for one old, 1 where none).

    Examples
    --------
    >>> row = {"ticker": "A", "date": pd.Timestamp("2025-01-27"), "close": 9.0, "adj_close": 9.0, "volume": 100.0}
    >>> RawPrices(pd.DataFrame([row]), Provenance("files", "prices.csv")).frame["close"].tolist()
    [9.0]
    """

    frame: pd.DataFrame
    provenance: Provenance
    exchange: Mapping[str, str] = field(default_factory=dict)
    currency: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    returns: bool = False
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    library: str | None = None
    actions: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeCalendar:
    """The sessions of one exchange.

    Parameters
    ----------
    exchange : market identifier code, such as ``XNYS``.
    sessions : (D,) datetime64[ns] days.
    closes : (D,) datetime64[ns, UTC] moments of the closes.
    opens : (D,) datetime64[ns, UTC] moments of the openings, None where they are not known.
    zone : the time zone of the exchange, by its IANA name, None where it is not known.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> ExchangeCalendar("XNYS", days, (days + pd.Timedelta(hours=21)).tz_localize("UTC")).sessions[0].date()
    datetime.date(2025, 1, 24)
    """

    exchange: str
    sessions: pd.DatetimeIndex
    closes: pd.DatetimeIndex
    opens: pd.DatetimeIndex | None = None
    zone: str | None = None


@public
@dataclass(frozen=True, eq=False)  # no slots: the tickers are asked for by every check, for every series
class PricePanel:
    """Checked prices, or checked returns, of S securities on D days.

    Parameters
    ----------
    close : (date, ticker) float64, split-adjusted, for claims about falls and for market value.
    adj_close : (date, ticker) float64, also dividend-adjusted, for returns in models.
    volume : (date, ticker) float64 shares traded.
    exchange : ticker -> market identifier code.
    currency : ticker -> currency code.
    calendars : market identifier code -> its sessions.
    provenance : where the prices came from.
    returns : (date, ticker) decimal returns where a study is given returns, None where it has prices. With returns
        every price is NaN, and a claim that needs a price is unresolved.
    within : ``open``, ``high``, ``low`` -> (date, ticker) prices within the session on the basis of ``close``, those
        that the source has.
    actions : ticker -> its dividends and splits, as in `RawPrices`; no entry where they are not known.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> panel = example_result().prices
    >>> panel.tickers[:3], panel.exchange["S01"]
    (('M', 'S01', 'S02'), 'own')
    """

    close: pd.DataFrame
    adj_close: pd.DataFrame
    volume: pd.DataFrame
    exchange: Mapping[str, str]
    currency: Mapping[str, str]
    calendars: Mapping[str, ExchangeCalendar]
    provenance: Provenance
    returns: pd.DataFrame | None = None
    actions: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    within: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """All securities and indices in the panel, sorted.

        Examples
        --------
        >>> from eventstudy.example import example_result
        >>> len(example_result().prices.tickers)
        9
        """
        return tuple(self.close.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Returns on one list of sessions. The type keeps a price from being mistaken for a return.

    Parameters
    ----------
    values : (session, ticker) float64 decimals, NaN where a level is missing. The first row is NaN, because a return
        needs the level before it.
    kind : ``simple`` or ``log``.
    spans : (session, ticker) sessions since the trade before, NaN where there was none (`returns_on` with
        ``across_gaps``); None where every return is over one session.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> Returns(pd.DataFrame({"X": [None, -0.1]}, index=days), "simple").values["X"].tolist()
    [nan, -0.1]
    """

    values: pd.DataFrame
    kind: ReturnKind
    spans: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about the data or the design. All findings are collected and shown; a fatal one ends the run.

    Parameters
    ----------
    code : a machine name, such as ``missing_session``.
    severity : ``info``, ``warning`` or ``fatal``.
    detail : the finding in words, with numbers.
    ticker : the security it is about, None where it is about several or none.
    date : the day it is about.
    accepted : whether the study accepts it as real; it is an ``info`` then.

    Examples
    --------
    >>> print(Issue("stale_run", "warning", "the same close on 6 sessions", "NVDA"))
    warning stale_run NVDA: the same close on 6 sessions
    """

    code: str
    severity: Severity
    detail: str
    ticker: str | None = None
    date: dt.date | None = None
    accepted: bool = False

    def __str__(self) -> str:
        where = " ".join(str(p) for p in (self.ticker, self.date) if p is not None)
        return f"{self.severity} {self.code}{' ' + where if where else ''}: {self.detail}"
