"""Facts of the headline study read from its files by pandas alone, for the tests of its claims."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtr

from eventstudy.objects.verdicts import Quantity, Verdict

DATA = Path(__file__).parents[1] / "data" / "deepseek"
DAY = pd.Timestamp("2025-01-27")
CORE = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]


# ----------------------------------------------------------------------------------------------- facts from the files
@cache
def table(name: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA / name)
    for column in {"date", "as_of"} & {*frame.columns}:
        frame[column] = pd.to_datetime(frame[column])
    return frame


@cache
def series(ticker: str, basis: str = "close") -> pd.Series:
    rows = table("prices.csv")
    rows = rows[rows["ticker"] == ticker].set_index("date").sort_index()
    return rows[basis].dropna()


def level(ticker: str) -> pd.Series:
    """Split-adjusted closes, or the dividend-adjusted ones where there are none."""
    return series(ticker) if len(series(ticker)) else series(ticker, "adj_close")


def pct(ticker: str, day: str | pd.Timestamp = DAY, sessions: int = 1) -> float:
    closes = level(ticker)
    at = closes.index.get_loc(pd.Timestamp(day))
    return 100 * (closes.iloc[at + sessions - 1] / closes.iloc[at - 1] - 1)


def usual(ticker: str, day: str | pd.Timestamp = DAY) -> float:
    """100 s: 250 returns from 260 to 11 sessions before."""
    closes = series(ticker, "adj_close") if len(series(ticker, "adj_close")) else series(ticker)
    at = closes.index.get_loc(pd.Timestamp(day))
    returns = (closes / closes.shift(1) - 1).iloc[at - 260 : at - 10]
    assert len(returns) == 250
    return 100 * returns.std(ddof=1)


def close_to(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def floor(ticker: str, strongest: bool = False) -> float:
    """What a strong word asks for in per cent, or one of the strongest."""
    times, enough, least = (3, 10, 1.5) if strongest else (2, 5, 1)
    return max(min(times * usual(ticker), enough), least * usual(ticker))


# ------------------------------------------------------------------------------------------------------------- groups
def members(found: Verdict) -> dict[str, tuple[float, str]]:
    return {p.ticker or "": (p.value, p.verdict) for p in found.parts}


def portfolio(tickers: list[str], benchmark: str = "^IXIC") -> dict[str, float]:
    """The market model of the equally weighted portfolio, by least squares."""
    own = pd.concat([series(t, "adj_close") for t in tickers], axis=1)
    returns = (own / own.shift(1) - 1).mean(axis=1, skipna=False)
    market = series(benchmark, "adj_close").reindex(own.index)
    rm = (market / market.shift(1) - 1).to_numpy()
    at = own.index.get_loc(DAY)
    y, design = returns.to_numpy()[at - 260 : at - 10], np.column_stack([np.ones(250), rm[at - 260 : at - 10]])
    params, *_ = np.linalg.lstsq(design, y, rcond=None)
    sigma = math.sqrt(((y - design @ params) ** 2).sum() / 248)
    row = np.array([1.0, rm[at]])
    se = sigma * math.sqrt(1 + row @ np.linalg.inv(design.T @ design) @ row)
    ar = returns.iloc[at] - row @ params
    return {"ar": ar, "se": se, "p": 2 * stdtr(248, -abs(ar / se))}


# ----------------------------------------------------------------------------------------------- a reader can redo it
def number(value: Quantity | str) -> float:
    assert isinstance(value, Quantity)
    return value.value
