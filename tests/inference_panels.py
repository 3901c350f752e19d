"""Panels of different designs for the tests of inference."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import inference_oracle as oracle
import numpy as np

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import (
    SINGLE,
    TESTS,
)
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window

WINDOWS = (Window(0, 0), Window(-1, 1), Window(0, 5))
OF_GROUPS = tuple(name for name in TESTS if name not in SINGLE)
GROUP = tuple(name for name in OF_GROUPS if hasattr(oracle, name))  # the others have test files of their own
ONE_DATE = ("portfolio_t", "hotelling")


def panel_with(
    base: EventPanel, days: list[int], *, holes: float = 0.0, correlation: float = 0.3, seed: int = 5
) -> EventPanel:
    """The synthetic panel with new returns: a shared component, other days of the event, and holes anywhere."""
    rng = np.random.default_rng(seed)
    n, sessions = len(days), len(base.sessions)
    together = rng.normal(0, 0.02, sessions)
    own = rng.normal(0, 0.02, (n, sessions))
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
