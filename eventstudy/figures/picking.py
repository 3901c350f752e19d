"""What the figures look up in a finished study: whose numbers, of which event, against which benchmark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple, TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from eventstudy.errors import UnknownNameError
from eventstudy.figures import words
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.results import EventResult, StudyResult

DAY_ZERO = Window(0, 0)
T = TypeVar("T")
Options = TypeVarTuple("Options")
_KEPT: WeakKeyDictionary[StudyResult, dict[object, Any]] = WeakKeyDictionary()


def kept(make: Callable[[StudyResult, *Options], T]) -> Callable[[StudyResult, *Options], T]:
    """`make`, worked out once for each result and options: a figure, its caption and its table are of the same rows.

    Whoever asks gets the same object, not to be changed.
    """

    @wraps(make)
    def once(result: StudyResult, *options: *Options) -> T:
        made = _KEPT.setdefault(result, {})
        if (make, options) not in made:
            made[make, options] = make(result, *options)
        found: T = made[make, options]
        return found

    return once


#: Market identifier codes (ISO 10383) by the city a reader knows; any other exchange stays with its code.
CITIES: dict[str, str] = {
    "XNYS": "New York",
    "XTKS": "Tokyo",
    "XAMS": "Amsterdam",
    "XTAI": "Taipei",
    "XLON": "London",
    "XETR": "Frankfurt",
    "XPAR": "Paris",
    "XHKG": "Hong Kong",
    "XSHG": "Shanghai",
    "XKRX": "Seoul",
}

MODEL_WORDS: dict[str, str] = {
    "market": "market model",
    "market_adjusted": "market-adjusted",
    "mean_adjusted": "mean-adjusted",
    "raw": "raw returns",
    "capm": "CAPM",
    "ff3": "Fama-French 3 factors",
    "carhart": "Carhart 4 factors",
    "ff5": "Fama-French 5 factors",
    "ff5_mom": "Fama-French 5 factors and momentum",
    "capm_strict": "CAPM without alpha",
    "factors": "all factors of the study",
    "scholes_williams": "Scholes-Williams",
    "dimson": "Dimson",
    "trade_to_trade": "trade to trade",
    "garch": "market model, GARCH errors",
    "egarch": "market model, EGARCH errors",
    "robust": "robust market model",
    "lad": "market model by least absolute deviations",
    "rolling": "rolling market model",
    "peer": "peer group",
    "synthetic_control": "synthetic control",
}


class Row(NamedTuple):
    """One security in one event result: ``source`` and its ``row`` there."""

    source: EventResult
    row: int
    ticker: str

    @property
    def against(self) -> str:
        """Benchmark and model in words."""
        model = MODEL_WORDS.get(self.source.model) or words.spoken(self.source.model)
        return model if self.source.benchmark is None else f"{self.source.benchmark}, {model}"

    @property
    def day(self) -> dt.date | None:
        """The session that is day zero, None where the event was dropped."""
        return self.source.panel.day_zero[self.row].session

    @property
    def nu(self) -> float:
        """Degrees of freedom of its residual variance."""
        return float(self.source.normal.nu[self.row])

    @property
    def reason(self) -> str | None:
        """Why it was not estimated, None if it was."""
        return self.source.normal.reason[self.row]


def event_id(result: StudyResult, event: str | None) -> str:
    """`event`, or the study's headline event; UnknownNameError lists the events there are."""
    known = tuple(dict.fromkeys(r.event for r in result.events))
    wanted = event or result.settings.headline_event or known[0]
    if wanted not in known:
        raise UnknownNameError("event", wanted, known)
    return wanted


def group_members(result: StudyResult, group: str | None = None) -> tuple[str, ...]:
    """The members of `group`, of the headline group where None is given, all securities where there is no group."""
    groups = result.settings.groups
    wanted = group or result.settings.headline_group
    if wanted is None:
        return result.settings.tickers
    if wanted not in groups:
        raise UnknownNameError("group", wanted, tuple(groups))
    return groups[wanted]


def rows(result: StudyResult, event: str, tickers: Sequence[str] | None = None, headline: bool = True) -> Iterator[Row]:
    """Each security's place in the results of `event`, in the order of the study.

    With ``headline=False`` every benchmark and model it was compared with, the headline first.

    Raises
    ------
    UnknownNameError : a ticker of `tickers` has no result for the event.
    """
    sources = [s for s in result.events if s.event == event and (s.headline or not headline)]
    sources.sort(key=lambda s: not s.headline)
    places = {t: [Row(s, s.row(t), t) for s in sources if t in s.panel.event_tickers] for t in result.settings.tickers}
    for ticker in result.settings.tickers if tickers is None else tickers:
        if not places.get(ticker):
            raise UnknownNameError("security", ticker, tuple(t for t, found in places.items() if found))
        yield from places[ticker]


def some_rows(result: StudyResult, event: str, tickers: Sequence[str]) -> list[Row]:
    """As `rows`, but a security of the study that has no such event is left out."""
    present = {t for s in result.events if s.event == event for t in s.panel.event_tickers}
    return list(rows(result, event, [t for t in tickers if t in present]))


def estimated(result: StudyResult, event: str | None, ticker: str | None) -> list[Row]:
    """The securities with an estimate in their own specification, or the one named if it has one."""
    wanted = event_id(result, event)
    found = (
        some_rows(result, wanted, result.settings.tickers) if ticker is None else list(rows(result, wanted, [ticker]))
    )
    return [place for place in found if place.reason is None]


def half_width(se: FloatArray | float, nu: float, alpha: float) -> FloatArray:
    """Half the width of the (1 - alpha) interval: the quantile of t(`nu`) times the standard error."""
    return np.asarray(stdtrit(nu, 1 - alpha / 2) * np.asarray(se), dtype=np.float64)


def first_shown(result: StudyResult, tickers: Sequence[str]) -> str:
    """The security a figure opens with: the first of the headline group that is drawn, else the first drawn."""
    return next((t for t in group_members(result) if t in tickers), tickers[0] if tickers else "")


class Day(NamedTuple):
    """One security on day zero: decimals, ``sar`` = ar / se; NaN where not estimated or not tested."""

    ret: float
    benchmark_return: float
    expected: float
    ar: float
    se: float
    low: float
    high: float
    sar: float
    p: float
    p_holm: float


def day_numbers(place: Row, alpha: float) -> Day:
    """What day zero was for a security: return, normal return, abnormal return, its (1 - alpha) interval and t test."""
    ret, expected, ar, se, sar = (float(values[place.row]) for values in place.source.day.values())
    half = float(half_width(se, place.nu, alpha))
    test = place.source.find(place.ticker, DAY_ZERO, "t")
    return Day(
        ret=ret,
        benchmark_return=_market_return(place),
        expected=expected,
        ar=ar,
        se=se,
        low=ar - half,
        high=ar + half,
        sar=sar,
        p=float("nan") if test is None else test.p,
        p_holm=float("nan") if test is None else test.p_holm,
    )


def _market_return(place: Row) -> float:
    market = place.source.panel.regressors.get("market")
    day = int(place.source.panel.day[place.row])
    return float("nan") if market is None or place.source.benchmark is None or day < 0 else float(market[day])


def stacked(parts: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """One frame of parts that map `columns` to arrays, all as long as the last one, or to one value for every row.

    Much faster than joining a frame a security.
    """
    if not parts:
        return pd.DataFrame(columns=list(columns))
    lengths = [len(part[columns[-1]]) for part in parts]
    values = {c: [_repeated(part[c], n) for part, n in zip(parts, lengths, strict=True)] for c in columns}
    return pd.DataFrame({c: np.concatenate(arrays) for c, arrays in values.items()})


def _repeated(value: Any, length: int) -> npt.NDArray[Any]:
    if isinstance(value, str) or value is None:
        return np.full(length, value, dtype=object)
    return np.full(length, value) if np.ndim(value) == 0 else np.asarray(value)


def sessions_of(place: Row) -> list[dt.date | None]:
    """The date of each day of the event window, None outside the calendar."""
    sessions, day = place.source.panel.sessions, int(place.source.panel.day[place.row])
    if day < 0:
        return [None] * place.source.panel.event.length
    taus = place.source.panel.event.taus
    first, last = day + taus[0], day + taus[-1] + 1
    inside: list[dt.date | None] = list(sessions[max(first, 0) : max(last, 0)].date)
    return [None] * min(-min(first, 0), len(taus)) + inside + [None] * min(max(last - len(sessions), 0), len(taus))
