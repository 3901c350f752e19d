"""Panels whose errors move as a GARCH process, for the tests of several models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel

MARKET_BY = ("garch", "egarch", "robust", "lad")
DAY = 290  # day zero of the events of `synthetic_panel`


def panel_of(panel: EventPanel, returns: np.ndarray, market: np.ndarray, **changes: Any) -> EventPanel:
    """A panel like `panel` with the rows of `returns` as its securities, one event each on the same day."""
    tickers = tuple(f"S{i}" for i in range(len(returns)))
    session = panel.sessions[DAY].date()
    events = tuple(Event("shock", ticker, session, "all") for ticker in tickers)
    return replace(
        panel, tickers=tickers, returns=returns, regressors={"market": market}, events=events,
        day_zero=tuple(DayZero(event, DAY, session, 0) for event in events),
        security=np.arange(len(tickers), dtype=np.int32), day=np.full(len(tickers), DAY, np.int32), **changes,
    )  # fmt: skip


def garch_errors(rng: np.random.Generator, n: int, days: int, alpha: float, beta: float) -> tuple[Any, Any]:
    """Errors (n, days) with s^2 = (1 - alpha - beta) + alpha e^2 + beta s^2, and their s^2."""
    e, variance = np.zeros((n, days)), np.ones((n, days))
    for t in range(days):
        if t:
            variance[:, t] = (1 - alpha - beta) + alpha * e[:, t - 1] ** 2 + beta * variance[:, t - 1]
        e[:, t] = np.sqrt(variance[:, t]) * rng.standard_normal(n)
    return e, variance


@pytest.fixture(scope="module")
def moving(synthetic_panel: EventPanel) -> EventPanel:
    """Three securities with GARCH errors, alpha .15 and beta .75; the second misses days, three of them the last."""
    rng = np.random.default_rng(11)
    market = rng.normal(0.0003, 0.01, 320)
    errors, _ = garch_errors(rng, 3, 320, 0.15, 0.75)
    returns = 0.0002 + np.array([[0.7], [1.0], [1.3]]) * market + 0.02 * errors
    returns[1, [60, 61, 150]] = np.nan
    returns[1, DAY - 13 : DAY - 10] = np.nan
    return panel_of(synthetic_panel, returns, market)


def sample(panel: EventPanel, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sessions, returns and market of the estimation days of event `i` that have both."""
    days = np.array([panel.day[i] + tau for tau in panel.estimation.taus])
    y, x = panel.returns[panel.security[i], days], panel.regressors["market"][days]
    ok = np.isfinite(y) & np.isfinite(x)
    return days[ok], y[ok], x[ok]


def unit_of(panel: EventPanel, i: int) -> float:
    """The least-squares sigma to the last bit: an optimizer that starts elsewhere ends elsewhere, 1e-6 away."""
    return float(estimate(panel, "market").sigma[i])
