"""Trials: a defect is put into several series at random places, and the checks are asked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from corruption.defects import Defect, Place, Span
from corruption.prices import Prices, Table, spoilt, table
from eventstudy.objects.estimation import Event
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.settings import Settings
from eventstudy.prices.findings import judged
from eventstudy.prices.quality import HINTS, check

WINDOWS = ((0, 0), (0, 1), (-1, 1), (0, 5), (0, 10))
ESTIMATION = (-261, -11)
NEAR = 10
"""Sessions by which a finding of a stretch may be dated before or after it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one defect: whether it changed a CAR of its study, was caught, heard in the study, and fatal."""

    material: bool
    caught: bool
    heard: bool
    fatal: bool


def trials(prices: Prices, name: str, defect: Defect, basis: str, count: int, seed: int) -> list[Trial]:
    """`count` trials of a defect on one basis of a set of prices."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{prices.name} {name} {basis}".encode())])
    found: list[Trial] = []
    while len(found) < count:
        found += _at_once(prices, defect, basis, 1 if defect.whole else min(prices.together, count - len(found)), rng)
    return found


def _at_once(prices: Prices, defect: Defect, basis: str, count: int, rng: np.random.Generator) -> Iterator[Trial]:
    written = table(prices)
    chosen = rng.permutation(prices.spoilt_on(basis))[: 2 * count]
    events, places, spans = [], [], []
    for column, other in zip(chosen[:count], chosen[count:], strict=True):
        event, row = _when(len(written.close), rng)
        places.append(Place(int(column), row, basis, int(other)))
        events.append(event)
        spans.append(defect.spoil(written, places[-1], rng))
    panel = spoilt(prices, written)
    found = check(panel)
    new = _new(found, prices)
    studied = _new(judged(found, _study(prices, places, events), panel, panel.tickers), prices)
    for place, event, span in zip(places, events, spans, strict=True):
        caught = [i for i in new if _touches(i, prices.panel, place, span, defect)]
        heard = any(_touches(i, prices.panel, place, span, defect) for i in studied)
        fatal = any(i.severity == "fatal" for i in caught)
        yield Trial(_material(prices, written, place, event), bool(caught), heard, fatal)


def _new(issues: Sequence[Issue], prices: Prices) -> list[Issue]:
    """Warnings and fatal findings that the sound prices do not have."""
    known = set(_clean(prices))
    return [i for i in issues if i.severity != "info" and (i.code, i.ticker, i.date, i.severity) not in known]


def _study(prices: Prices, places: Sequence[Place], days: Sequence[int]) -> Settings:
    """A study of the event that each trial draws, with the default event window."""
    tickers, index = prices.panel.tickers, prices.panel.close.index
    events = tuple(
        Event("e", tickers[place.column], index[day].date()) for place, day in zip(places, days, strict=True)
    )
    named = tuple(event.ticker for event in events)
    return Settings("trial", "trial", events, named, {}, {"default": tickers[prices.benchmark]})


def _when(days: int, rng: np.random.Generator) -> Span:
    """The row of an event, and a place in its event window (one trial in two) or in its estimation window."""
    event = int(rng.integers(-ESTIMATION[0] + 1, days - 12))
    return event, event + int(rng.integers(-1, 11) if rng.random() < 0.5 else -rng.integers(12, 240))


@cache
def _clean(prices: Prices) -> tuple[tuple[str, str | None, object, str], ...]:
    return tuple((i.code, i.ticker, i.date, i.severity) for i in check(prices.panel))


def _touches(issue: Issue, panel: PricePanel, place: Place, span: Span, defect: Defect) -> bool:
    """Whether a finding is of a spoilt series (or of what was copied), and dated within the defect or near it."""
    mine = {None, panel.tickers[place.column], panel.tickers[place.other]}
    if not defect.whole and issue.ticker not in mine:
        return False
    if issue.date is None:
        return True
    row = int(panel.close.index.searchsorted(pd.Timestamp(issue.date)))
    return span[0] - NEAR <= row <= span[1] + NEAR


def _material(prices: Prices, written: Table, place: Place, event: int) -> bool:
    """Whether a CAR of the event differs from that of the sound prices by more than half its standard error."""
    adjusted = bool(prices.panel.adj_close.iloc[:, place.column].notna().any())
    basis = "adj_close" if adjusted and place.basis != "close" else "close"
    sound, wrong = getattr(prices.panel, basis).to_numpy(), getattr(written, basis)
    index = prices.benchmark
    levels = "close" if np.isnan(prices.panel.adj_close.iloc[:, index]).all() else "adj_close"
    market = getattr(prices.panel, levels).to_numpy()[:, index], getattr(written, levels)[:, index]
    was, now = (
        _cars(np.column_stack([own[:, place.column], theirs]), event)
        for own, theirs in zip((sound, wrong), market, strict=True)
    )
    if was is None or now is None:
        return True  # the study cannot be made any more
    return bool((np.abs(now[0] - was[0]) > 0.5 * was[1]).any())


def _cars(levels: np.ndarray, event: int) -> tuple[np.ndarray, np.ndarray] | None:
    """CARs of the market model in every window, and their standard errors; None where a day of a window is missing."""
    returns = levels[1:] / levels[:-1] - 1.0
    own, market = returns[event - 1 + ESTIMATION[0] : event - 1 + ESTIMATION[1]].T
    known = ~np.isnan(own) & ~np.isnan(market)
    if known.sum() < 100:
        return None
    own, market = own[known], market[known]
    centred = market - market.mean()
    square = float(centred @ centred)
    slope = float(centred @ own) / square if square > 0 else 0.0
    rest = own - own.mean() - slope * centred
    variance = float(rest @ rest) / (len(own) - 2)
    cars, errors = [], []
    for first, last in WINDOWS:
        days = returns[event - 1 + first : event + last]
        apart = days[:, 1] - market.mean()
        n = len(days)
        cars.append(float((days[:, 0] - own.mean() - slope * apart).sum()))
        errors.append(np.sqrt(variance * (n + n * n / len(own) + apart.sum() ** 2 / max(square, 1e-12))))
    result = np.array(cars)
    return None if np.isnan(result).any() else (result, np.array(errors))


# ----------------------------------------------------------------------------------------------------------- no defect
@dataclass(frozen=True, slots=True)
class Alarms:
    """Findings in sound prices of one year: the securities, and the warnings and fatal findings, by code."""

    year: int
    securities: int
    warnings: Sequence[str]
    fatal: Sequence[str]


def alarms(prices: Prices) -> list[Alarms]:
    """What the checks say of the sound prices, each year by itself. That a year is short does not count."""
    found = []
    for year in sorted(set(pd.DatetimeIndex(prices.panel.close.index).year)):
        panel = _year(prices.panel, int(year))
        said = [i for i in check(panel) if i.severity != "info" and i.code != "short_series"]
        by = {s: [f"{i.code} {i.ticker}" for i in said if i.severity == s] for s in ("warning", "fatal")}
        held = int((panel.close.notna() | panel.adj_close.notna()).any().sum())
        found.append(Alarms(int(year), held, by["warning"], by["fatal"]))
    return found


def noted(prices: Prices) -> tuple[int, float]:
    """Moves that are noted in sound prices, and in how many of a hundred studies of one event one is a warning.

    It is in the event windows that hold it, but for those of which it is day zero or the next.
    """
    panel = prices.panel
    hints = [i for i in check(panel) if i.code in HINTS and i.severity == "info"]
    window = Settings("w", "w", (), (), {}, {}).event
    events = int((panel.close.notna() | panel.adj_close.notna()).sum().sum())
    return len(hints), 100 * len(hints) * (window.length - 2) / events


def _year(panel: PricePanel, year: int) -> PricePanel:
    days = pd.DatetimeIndex(panel.close.index).year == year
    known = panel.close.columns[(panel.close[days].notna() | panel.adj_close[days].notna()).any()]
    calendars = {
        mic: replace(book, sessions=book.sessions[kept], closes=book.closes[kept])
        for mic, book in panel.calendars.items()
        for kept in [book.sessions.year == year]
    }
    frames = {name: getattr(panel, name).loc[days, known] for name in ("close", "adj_close", "volume")}
    return replace(panel, **frames, calendars=calendars)
