"""How rare the headline day was for every security, group and index: among raw returns, and among abnormal ones.

Raw returns are simple returns of closes adjusted for splits alone, as in claims about falls, over all days there are.
An abnormal return of another day is the error of a forecast: the study's model estimated again on the study's own
estimation window before that day, with the same gap, so that no day enters its own estimate.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from eventstudy.inference.placebo import placebo_grid
from eventstudy.models import card
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.rarity import Rarity
from eventstudy.objects.results import StudyResult
from eventstudy.returns import returns_given, returns_on

DAY = Window(0, 0)


def rarities(result: StudyResult) -> tuple[Rarity, ...]:
    """Every group, security and index of the headline event, raw and abnormal; none for a day that is missing.

    Indices are the study's benchmarks and those with a long history in its reference tables. A model that is fitted
    one event at a time is not fitted again for every day: its securities have the raw rows alone.
    """
    found = [one for event in _headline(result) for one in (*_raw(result, event), *_abnormal(result, event))]
    order = ("group", "security", "index")
    return tuple(sorted([*found, *_indices(result)], key=lambda one: order.index(one.kind)))


def _headline(result: StudyResult) -> list[EventResult]:
    return [e for e in result.events if e.headline and e.event == result.settings.headline_event]


def _raw(result: StudyResult, event: EventResult) -> Iterator[Rarity]:
    panel, sessions = event.panel, event.panel.sessions
    tickers = [*dict.fromkeys(panel.event_tickers)]
    frame = _raw_returns(result, tickers, sessions)
    column = {ticker: frame[ticker].to_numpy() for ticker in tickers}
    for i, key in enumerate(panel.keys):
        yield from _placed(key, "security", "raw", sessions, column[panel.event_tickers[i]], int(panel.day[i]))
    for name, keys in event.groups.items():
        at = [event.row(key) for key in keys]
        if len({int(panel.day[i]) for i in at}) == 1:
            mean = np.mean([column[panel.event_tickers[i]] for i in at], axis=0)
            yield from _placed(name, "group", "raw", sessions, mean, int(panel.day[at[0]]))


def _raw_returns(result: StudyResult, tickers: list[str], sessions: pd.DatetimeIndex) -> pd.DataFrame:
    prices = result.prices
    if prices.returns is not None:
        given = returns_given(prices.returns[tickers], sessions, result.settings.returns).values
        return pd.DataFrame(np.expm1(given) if result.settings.returns == "log" else given)
    levels = prices.close[tickers].copy()
    for ticker in tickers:
        if levels[ticker].isna().all():
            levels[ticker] = prices.adj_close[ticker]
    return returns_on(levels, sessions).values


def _abnormal(result: StudyResult, event: EventResult) -> Iterator[Rarity]:
    normal, panel = event.normal, event.panel
    if panel.standard is not None or normal.fit is None or not card(normal.fit).at_once:
        return
    grid = placebo_grid(event.abnormal)
    car, _ = grid.of_window(DAY)
    rows = [grid.events[int(s), int(d)] for s, d in zip(panel.security, panel.day, strict=True)]
    days = pd.DatetimeIndex(panel.sessions[grid.dates])
    for i, key in enumerate(panel.keys):
        yield from _placed(key, "security", "abnormal", days, car[rows[i]], _column(grid.dates, panel.day[i]))
    for name, keys in event.groups.items():
        at = [event.row(key) for key in keys]
        if len({int(panel.day[i]) for i in at}) == 1:
            mean = car[[rows[i] for i in at]].mean(axis=0)
            yield from _placed(name, "group", "abnormal", days, mean, _column(grid.dates, panel.day[at[0]]))


def _column(dates: np.ndarray, day: int) -> int:
    """Where a session is among the dates of a grid, -1 where it is not."""
    found = np.flatnonzero(dates == day)
    return int(found[0]) if len(found) else -1


def _indices(result: StudyResult) -> Iterator[Rarity]:
    """The benchmarks of the headline event by all levels there are; those of the reference tables go back furthest."""
    history, close = result.reference.index_history, result.prices.close
    named = [e.benchmark for e in _headline(result)]
    zero = {e.benchmark: e.panel.day_zero[0].session for e in _headline(result) if e.panel.day_zero}
    default = next(iter(zero.values()), None)
    for name in dict.fromkeys([*named, *result.settings.compare_benchmarks, *history.columns]):
        table = history if name in history else close
        session = zero.get(name) or default
        if name is None or name not in table or session is None:
            continue
        moves = table[name].dropna().pct_change(fill_method=None).iloc[1:]
        days, when = pd.DatetimeIndex(moves.index), pd.Timestamp(session)
        at = int(np.flatnonzero(days == when)[0]) if (days == when).any() else -1
        yield from _placed(str(name), "index", "raw", days, moves.to_numpy(), at)


def _placed(
    subject: str, kind: str, measure: str, days: pd.DatetimeIndex, values: FloatArray, at: int
) -> Iterator[Rarity]:
    """The day among the days with a value; nothing where it has none itself, or did not move."""
    known = np.isfinite(values)
    if at < 0 or not known[at] or values[at] == 0:
        return
    kept = (pd.DatetimeIndex(days[known]), np.asarray(values[known], np.float64), int(known[:at].sum()))
    yield Rarity(subject, kind, measure, *kept)  # type: ignore[arg-type]
