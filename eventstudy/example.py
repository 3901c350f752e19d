"""A small made-up event study, the same on every machine: for the examples in the docstrings, and for trying things."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, FloatArray, Window

SESSIONS = 300
SHOCK = -0.03  # put onto day zero of every security


def example(n: int = 8, own_dates: bool = False, model: str = "market") -> AbnormalReturns:
    """Abnormal returns of `n` made-up securities that fall by 3 % on day zero, estimated on 120 days.

    Returns are .5 to 1.5 times a market's (1 % a day) plus errors of 2 % a day that share a quarter of their variance.
    No random numbers: noise is the fractional part of a fast sine, brought to normal.

    Parameters
    ----------
    n : securities, an event each.
    own_dates : events three sessions apart instead of one shared date.

    Examples
    --------
    >>> example().tickers[:3], round(example().caar(Window(0, 0)), 3)
    (('S01', 'S02', 'S03'), -0.023)
    """
    market, together = 0.01 * _noise(1, SESSIONS)[0], _noise(2, SESSIONS)[1]
    errors = np.sqrt(0.25) * together + np.sqrt(0.75) * _noise(n + 2, SESSIONS)[2:]
    returns = np.linspace(0.5, 1.5, n)[:, None] * market + 0.02 * errors
    day = 200 + (3 * np.arange(n) if own_dates else np.zeros(n, int))
    returns[np.arange(n), day] += SHOCK
    sessions = pd.bdate_range("2024-01-01", periods=SESSIONS).as_unit("ns")
    panel = _panel(returns, market, sessions, day.astype(np.int32))
    return abnormal_returns(panel, estimate(panel, model))


def _noise(rows: int, columns: int) -> FloatArray:
    """(rows, columns) numbers that look standard normal."""
    count = 1.0 + np.arange(rows * columns).reshape(rows, columns)
    share = np.modf(np.sin(count * 12.9898) * 43758.5453)[0] % 1.0
    return np.asarray(special.ndtri(np.clip(share, 1e-6, 1 - 1e-6)))


def _panel(returns: FloatArray, market: FloatArray, sessions: pd.DatetimeIndex, day: np.ndarray) -> EventPanel:
    tickers = tuple(f"S{i + 1:02d}" for i in range(len(returns)))
    dates: list[dt.date] = [sessions[d].date() for d in day]
    events = tuple(Event("example", ticker, date) for ticker, date in zip(tickers, dates, strict=True))
    return EventPanel(
        exchange="XNYS",
        benchmark="M",
        kind="simple",
        sessions=sessions,
        tickers=tickers,
        returns=np.ascontiguousarray(returns),
        regressors={"market": market},
        events=events,
        day_zero=tuple(DayZero(e, int(d), date, 0) for e, d, date in zip(events, day, dates, strict=True)),
        security=np.arange(len(returns), dtype=np.int32),
        day=day,
        estimation=Window(-130, -11),
        event=Window(-5, 5),
        min_obs=60,
    )
