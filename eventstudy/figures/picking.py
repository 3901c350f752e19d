"""What the figures look up in a finished study: whose numbers, of which event, against which benchmark."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from eventstudy.errors import UnknownNameError
from eventstudy.figures import called
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.once import once

DAY_ZERO = Window(0, 0)

#: Market identifier codes (ISO 10383) by the city a reader knows; any other exchange stays with its code. The code says
#: whose sessions are used: those of XNYS are also Nasdaq's, so it does not say where a share of New York is listed.
CITIES: dict[str, str] = {
    "XNYS": "New York",
    "XNAS": "New York",
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


class Row(NamedTuple):
    """One event in one event result: ``source``, its ``row`` there, its ``key``, and the card of the ``model``."""

    source: EventResult
    row: int
    key: str
    model: Model

    @property
    def ticker(self) -> str:
        """Its security."""
        return self.source.panel.event_tickers[self.row]

    @property
    def benchmark(self) -> str | None:
        """The series that the model explains its returns with, None where it uses none."""
        return self.source.panel.benchmark_of(self.row) if self.model.uses_benchmark else None

    @property
    def against(self) -> str:
        """Benchmark and model in words."""
        return self.model.words if self.benchmark is None else f"{self.benchmark}, {self.model.words}"

    def said_against(self, names: Mapping[str, str]) -> str:
        """Benchmark and model as a reader knows them; `names` are those of securities taken out of an index."""
        if self.benchmark is None:
            return self.model.words
        return f"{called.market(self.benchmark, names)}, {self.model.words}"

    def named(self, label: str, names: Mapping[str, str]) -> str:
        """The event, as it is called, with what it is set against."""
        return f"{label}{', ' if self.benchmark is None else ' against '}{self.said_against(names)}"

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


def units(result: StudyResult, event: str | None = None) -> str:
    """What there are many of: ``events`` where a security has several of them, else ``securities``."""
    tickers = [t for source in result.select(event_id(result, event)) for t in source.panel.event_tickers]
    return "events" if len(set(tickers)) < len(tickers) else "securities"


@once
def labels(result: StudyResult, event: str | None = None) -> dict[str, str]:
    """What each event is called, by its key: its security, with the date where a security has several events."""
    sources = list(result.select(event_id(result, event)))
    found = [(key, Row(s, i, key, result.model(s))) for s in sources for i, key in enumerate(s.panel.keys)]
    if units(result, event) == "securities":
        return {key: called.tag(key) if key.startswith("^") else key for key, _ in found}
    said = {key: place.ticker if place.day is None else f"{place.ticker}, {dated(place.day)}" for key, place in found}
    counts = Counter(said.values())
    return {key: label if counts[label] == 1 else f"{label} ({key})" for key, label in said.items()}


def dated(day: dt.date) -> str:
    """A day in a label.

    >>> dated(dt.date(2025, 1, 27))
    '27 Jan 2025'
    """
    return f"{day.day} {day:%b %Y}"


def group_members(result: StudyResult, group: str | None = None, event: str | None = None) -> tuple[str, ...]:
    """The events of `group`, of the headline group where None is given, all where there is no group; by their keys.

    Of the headline event where `event` is None.
    """
    groups = result.settings.groups
    wanted = group or result.settings.headline_group
    if wanted is not None and wanted not in groups:
        raise UnknownNameError("group", wanted, tuple(groups))
    return result.settings.keys(event_id(result, event), wanted)


def event_keys(result: StudyResult, event: str | None = None) -> tuple[str, ...]:
    """The keys of all events of one announcement, of the headline event where None is given."""
    return result.settings.keys(event_id(result, event))


def rows(result: StudyResult, event: str, names: Sequence[str] | None = None, headline: bool = True) -> Iterator[Row]:
    """The place of each event in the results of the announcement `event`, in the order of the study.

    `names` are keys, or tickers, which stand for all events of the security.

    With ``headline=False`` every benchmark and model it was compared with, the headline first.

    Raises
    ------
    UnknownNameError : one of `names` has no result for the event.
    """
    sources = [s for s in result.events if s.event == event and (s.headline or not headline)]
    sources.sort(key=lambda s: not s.headline)
    places: dict[str, list[Row]] = {}
    for source in sources:
        for i, key in enumerate(source.panel.keys):
            places.setdefault(key, []).append(Row(source, i, key, result.model(source)))
    known = [key for key in result.settings.keys(event) if key in places]
    own: dict[str, list[str]] = {}
    for key in known:
        own.setdefault(places[key][0].ticker, []).append(key)
    for name in known if names is None else names:
        if name not in places and name not in own:
            raise UnknownNameError("security", name, known)
        for key in [name] if name in places else own[name]:
            yield from places[key]


def some_rows(result: StudyResult, event: str, keys: Sequence[str]) -> list[Row]:
    """As `rows`, but an event that has no place in a result is left out."""
    present = {key for source in result.events if source.event == event for key in source.panel.keys}
    return list(rows(result, event, [key for key in keys if key in present]))


def estimated(result: StudyResult, event: str | None, ticker: str | None) -> list[Row]:
    """The securities with an estimate in their own specification, or the one named if it has one."""
    wanted = event_id(result, event)
    found = (
        some_rows(result, wanted, result.settings.keys(wanted))
        if ticker is None
        else list(rows(result, wanted, [ticker]))
    )
    return [place for place in found if place.reason is None]


def half_width(se: FloatArray | float, nu: FloatArray | float, alpha: float) -> FloatArray:
    """Half the width of the (1 - alpha) interval: the quantile of t(`nu`) times the standard error."""
    return np.asarray(stdtrit(nu, 1 - alpha / 2) * np.asarray(se), dtype=np.float64)


def first_shown(result: StudyResult, tickers: Sequence[str]) -> str:
    """The security a figure opens with: the first of the headline group that is drawn, else the first drawn."""
    return next((t for t in group_members(result) if t in tickers), tickers[0] if tickers else "")


def foremost(result: StudyResult, places: Sequence[Row], most: int) -> list[Row]:
    """At most `most` of the rows, in their order: the headline group, then the largest SAR of day zero in size."""
    if len(places) <= most:
        return list(places)
    group = set(group_members(result)) if result.settings.headline_group else set()

    def rank(place: Row) -> tuple[bool, float]:
        sar = abs(float(place.source.day["sar"][place.row]))
        return place.key not in group, -sar if np.isfinite(sar) else np.inf

    chosen = {place.key for place in sorted(places, key=rank)[:most]}
    return [place for place in places if place.key in chosen]


def has_day_zero(result: StudyResult) -> bool:
    """Whether the window of the headline event holds day zero; one before or after the news does not."""
    found = result.select(result.settings.headline_event)
    return any(source.panel.event.contains(DAY_ZERO) for source in found)


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
    test = place.source.find(place.key, DAY_ZERO, "t")
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
    market = place.source.panel.market_of(place.row)
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
