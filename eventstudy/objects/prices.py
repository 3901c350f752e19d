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

Basis = Literal["adj_close", "close"]
Severity = Literal["info", "warning", "fatal"]


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What is asked of a provider: tickers, first and last day (both in), and where to look.

    ``source`` is a file or folder for the providers that read one, None for those on the network.
    """

    tickers: tuple[str, ...]
    start: dt.date | None = None
    end: dt.date | None = None
    source: Path | None = None


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
    """

    frame: pd.DataFrame
    provenance: Provenance
    exchange: Mapping[str, str] = field(default_factory=dict)
    currency: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


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
    """

    close: pd.DataFrame
    adj_close: pd.DataFrame
    volume: pd.DataFrame
    exchange: Mapping[str, str]
    currency: Mapping[str, str]
    calendars: Mapping[str, ExchangeCalendar]
    provenance: Provenance

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
