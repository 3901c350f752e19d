"""Small panels of several events, with a shared component, other days of the events and holes, and their estimates."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import inference_oracle as oracle
import numpy as np

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window

WINDOWS = (Window(0, 0), Window(-1, 1), Window(-4, 5))
DESIGNS = {
    "one date, complete": ([290] * 8, 0.0, "market"),
    "one date, holes": ([290] * 9, 0.03, "market"),
    "one date, holes, factors": ([290] * 8, 0.03, "ff3"),
    "one date, five": ([290] * 5, 0.0, "market"),
    "nothing estimated": ([290] * 8, 0.03, "market_adjusted"),
    "own dates": ([271, 275, 280, 284, 289, 293, 298, 303, 307], 0.02, "market"),
    "mixed dates": ([290, 290, 291, 293, 300, 300, 275, 275, 262], 0.03, "market"),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One design: its panel, what the package makes of it, and the oracle's own estimates."""

    panel: EventPanel
    model: str
    abnormal: AbnormalReturns
    events: list[oracle.Fitted]

    def rows(self, window: Window) -> list[int]:
        """The events with every day of the window."""
        return [i for i, one in enumerate(self.events) if not math.isnan(oracle.car(one, window))]


def case(base: EventPanel, name: str) -> Case:
    days, holes, model = DESIGNS[name]
    panel = group_panel(base, days, holes=holes)
    return Case(panel, model, abnormal_of(panel, model), oracle.fit_all(panel, model))


def group_panel(
    base: EventPanel, days: list[int], *, holes: float = 0.0, correlation: float = 0.3, seed: int = 5
) -> EventPanel:
    """Returns of one security an event: the market, a component that all share, an own one; some missing."""
    rng = np.random.default_rng(seed)
    n, sessions = len(days), len(base.sessions)
    together, own = rng.normal(0, 0.02, sessions), rng.normal(0, 0.02, (n, sessions))
    returns = base.regressors["market"] + math.sqrt(correlation) * together + math.sqrt(1 - correlation) * own
    returns[rng.random(returns.shape) < holes] = np.nan
    return with_returns(base, returns, days)


def with_returns(base: EventPanel, returns: np.ndarray, days: list[int]) -> EventPanel:
    tickers = tuple(f"S{i}" for i in range(len(days)))
    events = tuple(Event("shock", ticker, dt.date(2021, 1, 1)) for ticker in tickers)
    return dataclasses.replace(
        base,
        tickers=tickers,
        returns=np.ascontiguousarray(returns),
        events=events,
        day_zero=tuple(DayZero(e, d, base.sessions[d].date(), 0) for e, d in zip(events, days, strict=True)),
        security=np.arange(len(days), dtype=np.int32),
        day=np.array(days, dtype=np.int32),
        min_obs=100,
    )


def abnormal_of(panel: EventPanel, model: str = "market") -> AbnormalReturns:
    return abnormal_returns(panel, estimate(panel, model))


def with_cars(base: EventPanel, cars: list[float]) -> AbnormalReturns:
    """Events of one date whose abnormal returns of day zero are `cars` and nothing else."""
    abnormal = abnormal_of(group_panel(base, [290] * len(cars)))
    ar = np.zeros_like(abnormal.ar)
    ar[:, -base.event.start] = cars
    return dataclasses.replace(abnormal, ar=ar)
