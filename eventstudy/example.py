"""A small made-up event study, the same on every machine, for the examples in the docstrings and for first steps."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.many.eventrun import EventRun
from eventstudy.many.run import run_events
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, FloatArray, Window
from eventstudy.objects.results import StudyResult
from eventstudy.study.study import Study

SESSIONS = 300
SHOCK = -0.03  # added to the return of every security on day zero


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
    day = 200 + (3 * np.arange(n) if own_dates else np.zeros(n, int))
    returns, market = _returns(n, day)
    panel = _panel(returns, market, _sessions(), day.astype(np.int32))
    return abnormal_returns(panel, estimate(panel, model))


def example_returns(n: int = 8) -> pd.DataFrame:
    """The (date, security) decimal returns of `example`, and those of the market in the column ``M``.

    Examples
    --------
    >>> example_returns().shape, example_returns().columns[-1]
    ((300, 9), 'M')
    """
    returns, market = _returns(n, np.full(n, 200))
    names = [*(f"S{i + 1:02d}" for i in range(n)), "M"]
    return pd.DataFrame(np.vstack([returns, market]).T, index=_sessions(), columns=names)


def example_events(n: int = 8) -> pd.DataFrame:
    """The events of `example`: all on one date, in two groups, with a trait ``size``.

    Examples
    --------
    >>> example_events(2).values.tolist()
    [['S01', '2024-10-07', 'first', 1.0], ['S02', '2024-10-07', 'second', 4.0]]
    """
    groups = ["first" if i < n / 2 else "second" for i in range(n)]
    names, size = [f"S{i + 1:02d}" for i in range(n)], [float((i + 1) ** 2) for i in range(n)]
    return pd.DataFrame({"security": names, "date": "2024-10-07", "group": groups, "size": size})


@cache
def example_run() -> EventRun:
    """`run_events` on the made-up returns and events.

    Examples
    --------
    >>> example_run().n
    8
    """
    return run_events(
        example_returns(),
        example_events(),
        benchmark="M",
        estimation=(-130, -11),
        event=(-5, 5),
        windows=[(0, 0), (-1, 1)],
    )


@cache
def example_result() -> StudyResult:
    """A `Study` on the made-up returns and events, run.

    Examples
    --------
    >>> example_result().headline.panel.n_events
    8
    """
    return Study(
        returns=example_returns(),
        events=example_events(),
        benchmark="M",
        calendar="own",
        estimation=(-130, -11),
        event=(-5, 5),
        windows=[(0, 0), (-1, 1)],
        tests=["t", "portfolio_t", "cross_sectional_t"],
    ).run()


def _sessions() -> pd.DatetimeIndex:
    return pd.bdate_range("2024-01-01", periods=SESSIONS).as_unit("ns")


def _returns(n: int, day: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """(n, SESSIONS) returns of the securities, shocked on `day` (n,) of each, and (SESSIONS,) the market's."""
    market, together = 0.01 * _noise(1, SESSIONS)[0], _noise(2, SESSIONS)[1]
    errors = np.sqrt(0.25) * together + np.sqrt(0.75) * _noise(n + 2, SESSIONS)[2:]
    returns = np.linspace(0.5, 1.5, n)[:, None] * market + 0.02 * errors
    returns[np.arange(n), day] += SHOCK
    return returns, market


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
