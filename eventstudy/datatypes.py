"""Every object of the estimation half, in the order of the flow. Read this first.

::

    PriceQuery -provider-> RawPrices -quality-> PricePanel (+ Issue...)
      -returns, windows(events)-> EventPanel -model-> NormalReturns -subtract-> AbnormalReturns (abnormal.py)
      -tests x windows-> InferenceResult (outcomes.py)

Claims are in ``verdicts.py``, settings in ``settings.py``, what a report, notebook or file may read in ``results.py``.
Shapes: N events, T estimation days, L window days, k regressors, S securities, D sessions. Returns are decimals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.errors import SpecError, WindowError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

ReturnKind = Literal["simple", "log"]
Basis = Literal["adj_close", "close"]
Severity = Literal["info", "warning", "fatal"]
DayZeroPolicy = Literal["next", "previous", "drop", "error"]


# --------------------------------------------------------------------------------------------------- windows, events
@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Sessions relative to day zero, both ends in.

    Examples
    --------
    >>> print(Window(-10, 10), Window(-10, 10).length)
    [-10, +10] 21
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise WindowError(f"a window ends on or after its start, got [{self.start}, {self.end}]")

    @property
    def length(self) -> int:
        """Number of sessions, L."""
        return self.end - self.start + 1

    @property
    def taus(self) -> range:
        """The relative sessions, first to last."""
        return range(self.start, self.end + 1)

    def contains(self, other: Window) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return f"[{_signed(self.start)}, {_signed(self.end)}]"


def _signed(tau: int) -> str:
    return "0" if tau == 0 else f"{tau:+d}"


Span = tuple[int, int] | Window


@dataclass(frozen=True, slots=True)
class Event:
    """One announcement as it concerns one security; ``id`` is shared by all securities of an announcement.

    ``announced`` is a calendar date, or a moment with a time zone; the day zero is found in ``windows.py``.
    """

    id: str
    ticker: str
    announced: dt.date | dt.datetime
    group: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.announced, dt.datetime) and self.announced.tzinfo is None:
            raise SpecError(
                f"event {self.id!r}: the moment {self.announced.isoformat()} has no time zone; "
                "give one (2025-01-27T09:00:00-05:00) or a plain date"
            )


# ------------------------------------------------------------------------------------------------------------- prices
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


# ------------------------------------------------------------------------------------------------- returns, alignment
@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Returns on one list of sessions: ``values`` (session, ticker) float64, NaN where a level is missing.

    The first row is NaN throughout: a return needs the level before it. A price can never be mistaken for a return.
    ``spans`` is None where every return is over one session; else (session, ticker), the sessions since the trade
    before, NaN where there was none (`returns_on` with ``across_gaps``).
    """

    values: pd.DataFrame
    kind: ReturnKind
    spans: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class DayZero:
    """The session that became day zero of an event. ``t`` is its row in the panel's sessions, -1 if dropped."""

    event: Event
    t: int
    session: dt.date | None
    shifted: int
    note: str | None = None


@dataclass(frozen=True, eq=False)  # no slots: the names of the events are asked for thousands of times
class EventPanel:
    """Securities of one exchange calendar, laid out for estimation; the one place of alignment.

    ``sessions`` (D,); ``tickers`` S names; ``returns`` (S, D), security-major, C order, NaN where missing;
    ``regressors`` name -> (D,) decimal return on the same sessions (``market``, and factor columns such as
    ``mkt_rf``, ``smb``, ``rf``); ``security`` (N,) int32 row of each event in ``returns``; ``day`` (N,) int32 column
    of its day zero; ``events`` the N events in order; ``day_zero`` how each was found.
    ``gather`` of days outside the sessions is NaN; nothing is copied to (N, T) here.
    ``spans`` (S, D) sessions that each return covers, None where all cover one (see `Returns`). ``peers`` and
    ``donors``: ticker -> further securities, all of them rows of ``returns``, for the models that compare with them.
    ``excluded`` columns of days that no pseudo event may touch: the day zeros of the study's events, and days that
    were declared contaminated.
    """

    exchange: str
    benchmark: str | None
    kind: ReturnKind
    sessions: pd.DatetimeIndex
    tickers: tuple[str, ...]
    returns: FloatArray
    regressors: Mapping[str, FloatArray]
    events: tuple[Event, ...]
    day_zero: tuple[DayZero, ...]
    security: IntArray
    day: IntArray
    estimation: Window
    event: Window
    min_obs: int
    spans: FloatArray | None = None
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    donors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: tuple[int, ...] = ()

    @property
    def n_events(self) -> int:
        """N, number of events (rows of every per-event array)."""
        return len(self.events)

    @cached_property
    def event_tickers(self) -> tuple[str, ...]:
        """The security of each event, length N."""
        return tuple(e.ticker for e in self.events)


@dataclass(frozen=True, slots=True, eq=False)
class NormalReturns:
    """A fitted model of normal returns: E[R_t] = offset_t + design_t'params.

    ``design`` (D, p) columns on the panel's sessions, p = k + 1 with the constant first, or fewer where the model has
    no constant (p = 0: nothing is estimated); ``offset`` (D,) the known part (the risk-free rate, the market itself in
    ``market_adjusted``, zero in ``market``). Where securities have regressors of their own they are (N, D, p) and
    (N, D), one an event. ``params`` (N, p); ``sigma`` (N,) the standard deviation of an error, for least squares
    sqrt(e'e / nu); ``nobs`` (N,) estimation returns used, T; ``nu`` (N,) degrees of freedom; ``xtx_inv`` (N, p, p) the
    covariance of the estimates in units of sigma^2, for least squares (X'X)^-1; ``r_squared`` (N,).
    ``reason`` N entries, None where the event was estimated, else why not (its numbers are then NaN).
    Everything a CAR variance needs follows from these: sigma^2 [L + 1'X_W (X'X)^-1 X_W'1].

    Models whose errors are not alike on all days add two: ``variance`` (N, L) of each event-window day in units of
    sigma^2 (the L of the sum is then the sum of these), and ``residuals`` (N, T), the estimation residuals brought to
    the scale of sigma, NaN where there is none. None: every day has variance sigma^2, and residuals are R - E[R].
    ``least_squares``: params are ordinary least squares on ``design``, so that a portfolio's are the mean of its
    members'. ``fit`` the function that estimated this, for those who estimate again on other days.
    """

    model: str
    names: tuple[str, ...]
    design: FloatArray
    offset: FloatArray
    params: FloatArray
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    xtx_inv: FloatArray
    r_squared: FloatArray
    reason: tuple[str | None, ...]
    variance: FloatArray | None = None
    residuals: FloatArray | None = None
    least_squares: bool = True
    fit: Callable[[EventPanel], NormalReturns] | None = None
