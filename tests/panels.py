"""Small panels for the tests of the mathematics, built through the package's own door: levels -> returns -> panel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import Event, EventPanel, Window
from eventstudy.objects.prices import ExchangeCalendar, Issue
from eventstudy.objects.settings import Settings
from eventstudy.returns import returns_on
from eventstudy.windows import event_panel


def weekdays(n: int, start: str = "2020-01-01") -> pd.DatetimeIndex:
    return pd.bdate_range(start, periods=n).as_unit("ns")


def calendar_of(days: pd.DatetimeIndex, exchange: str = "XNYS", close: str = "21:00") -> ExchangeCalendar:
    closes = (days + pd.Timedelta(f"{close}:00")).tz_localize("UTC")
    return ExchangeCalendar(exchange, days, closes)


def settings_of(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "id": "test",
        "title": "test",
        "events": (),
        "tickers": (),
        "groups": {},
        "benchmarks": {},
        "estimation": Window(-60, -6),
        "event": Window(-5, 5),
        "windows": (Window(0, 0),),
        "min_obs": 20,
    }
    return Settings(**(values | changes))


def levels_from(returns: np.ndarray, days: pd.DatetimeIndex, names: Sequence[str]) -> pd.DataFrame:
    """Levels (D, S) whose simple returns from the second session on are `returns` (D - 1, S)."""
    start = np.ones((1, returns.shape[1])) * 100.0
    return pd.DataFrame(np.vstack([start, 100.0 * np.cumprod(1.0 + returns, axis=0)]), index=days, columns=list(names))


def random_levels(rng: np.random.Generator, n_days: int, names: Sequence[str], holes: float = 0.0) -> pd.DataFrame:
    """Levels with a common factor, the first name being the market itself; a share `holes` of them is missing."""
    market = rng.normal(0.0005, 0.01, n_days - 1)
    own = rng.normal(0.0, 0.02, (n_days - 1, len(names)))
    beta = rng.uniform(0.3, 2.0, len(names))
    returns = beta * market[:, None] + own
    returns[:, 0] = market
    levels = levels_from(returns, weekdays(n_days), names)
    levels.iloc[:, 1:] = levels.iloc[:, 1:].mask(rng.random((n_days, len(names) - 1)) < holes)
    return levels


def panel_of(
    levels: pd.DataFrame,
    days: Mapping[str, Sequence[int]],
    factors: pd.DataFrame | None = None,
    **changes: Any,
) -> tuple[EventPanel, list[Issue]]:
    """Panel with an event for each security and row in `days`; the level column ``market`` is the benchmark."""
    kind = changes.get("returns", "simple")
    calendar = calendar_of(pd.DatetimeIndex(levels.index))
    returns = returns_on(levels, calendar.sessions, kind)
    regressors = pd.DataFrame({"market": returns.values["market"]})
    if factors is not None:
        regressors = regressors.join(factors)
    events = [
        Event(f"e{t}", ticker, calendar.sessions[t].date() if t >= 0 else dt.date(1900, 1, 1))
        for ticker, rows in days.items()
        for t in rows
    ]
    return event_panel(returns, regressors, events, calendar, "market", settings_of(**changes))


def random_factors(
    rng: np.random.Generator, days: pd.DatetimeIndex, names: Sequence[str], holes: float = 0.0
) -> pd.DataFrame:
    """Correlated factor returns and a small positive risk-free rate ``rf``."""
    common = rng.normal(0.0, 0.006, (len(days), 1))
    values = common + rng.normal(0.0, 0.005, (len(days), len(names)))
    frame = pd.DataFrame(values, index=days, columns=list(names)).mask(rng.random(values.shape) < holes)
    return frame.assign(rf=rng.uniform(0.0001, 0.0003, len(days)))
