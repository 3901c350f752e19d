"""Prices, from what is asked of a provider to the checked panel, and the findings on the way.

::

    PriceQuery -provider-> RawPrices -quality-> PricePanel (+ Issue...)

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

from eventstudy.errors import SpecError, UnknownNameError

Basis = Literal["adj_close", "close"]
Severity = Literal["info", "warning", "fatal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFile:
    """A file of prices or returns, and how it is written as far as that is stated; the rest is found from the file.

    ``file`` a CSV, Excel or Parquet file, or a folder of one file a ticker. ``sep``, ``decimal``, ``encoding`` of a
    text file; ``sheet`` of an Excel file. ``date``, ``ticker`` and ``columns`` (``close``, ``adj_close``, ``volume``,
    ``return`` -> column) name the columns to be read; what is stated is all that is read of its kind. ``dayfirst`` and
    ``date_format`` as in `files.dates.parse_dates`. ``returns`` says that the file holds returns, ``percent`` whether
    they are per cent, ``kind`` which. ``name`` the ticker of a file of one security's bars.
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
        unknown = [name for name in self.columns if name not in ("close", "adj_close", "volume", "return")]
        if unknown:
            raise UnknownNameError("column", str(unknown[0]), ("close", "adj_close", "volume", "return"))
        for each in ("encoding", "sheet", "date", "ticker", "date_format"):
            if not isinstance(getattr(self, each), str | None):
                raise SpecError(f"{each} is a text, got {getattr(self, each)!r}; quote a number")

    def stated(self) -> dict[str, str]:
        """Our name -> the column that is stated to hold it."""
        given = {"date": self.date, "ticker": self.ticker, **self.columns}
        return {ours: str(theirs) for ours, theirs in given.items() if theirs is not None}


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What is asked of a provider: tickers, first and last day (both in), and where to look.

    ``source`` is a file or folder for the providers that read one, None for those on the network; a PriceFile says
    more of how it is written. ``optional`` tickers of ``tickers`` that a provider on the network may not have: that is
    then said, not refused. ``patience`` seconds that one ticker may take there, None for the provider's own.
    """

    tickers: tuple[str, ...]
    start: dt.date | None = None
    end: dt.date | None = None
    source: Path | PriceFile | None = None
    optional: tuple[str, ...] = ()
    patience: float | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where prices came from: named wherever they are shown, hashed into results."""

    provider: str
    source: str
    retrieved: str | None = None
    sha256: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RawPrices:
    """What a provider returns, unchecked.

    ``frame`` is long, one row a security and day: ``ticker`` (str), ``date`` (datetime64[ns], midnight, no zone),
    ``close``, ``adj_close``, ``volume`` (float64, NaN where unknown), perhaps repeated. ``issues``: what was left out.
    With ``returns`` the column ``close`` holds returns, as they stand in the source. ``about`` ticker -> what else the
    source says of a series: its ``symbol``, ``exchange``, ``time_zone``, when it was ``retrieved``. ``library`` is
    what asked for the prices, with its version.
    """

    frame: pd.DataFrame
    provenance: Provenance
    exchange: Mapping[str, str] = field(default_factory=dict)
    currency: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    returns: bool = False
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    library: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeCalendar:
    """The sessions of one exchange: ``sessions`` (D,) datetime64[ns] days, ``closes`` (D,) datetime64[ns, UTC]."""

    exchange: str
    sessions: pd.DatetimeIndex
    closes: pd.DatetimeIndex


@dataclass(frozen=True, eq=False)  # no slots: the tickers are asked for by every check, for every series
class PricePanel:
    """Checked prices. ``close``, ``adj_close``, ``volume`` are (date, ticker) float64 frames on one index.

    ``close`` is split-adjusted (for claims about falls and for market value), ``adj_close`` also dividend-adjusted
    (for returns in models). ``exchange`` maps ticker to a market identifier code, ``calendars`` code to sessions.
    ``returns`` (date, ticker) is None for prices. Where returns were given instead it holds them, every price is NaN,
    and what needs a price (market values, claims about prices) cannot be said.
    """

    close: pd.DataFrame
    adj_close: pd.DataFrame
    volume: pd.DataFrame
    exchange: Mapping[str, str]
    currency: Mapping[str, str]
    calendars: Mapping[str, ExchangeCalendar]
    provenance: Provenance
    returns: pd.DataFrame | None = None

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """All securities and indices held, sorted."""
        return tuple(self.close.columns)


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about the data or the design: collected all, shown all, one error if any is fatal.

    ``code`` is a machine name such as ``missing_session``; ``detail`` says it in words, with numbers.
    """

    code: str
    severity: Severity
    detail: str
    ticker: str | None = None
    date: dt.date | None = None

    def __str__(self) -> str:
        where = " ".join(str(p) for p in (self.ticker, self.date) if p is not None)
        return f"{self.severity} {self.code}{' ' + where if where else ''}: {self.detail}"
