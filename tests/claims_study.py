"""A made-up study with reference tables, on which every kind of claim has a known answer; its claims file lies beside.

The securities follow the market but on the event day, when each moves by exactly what `MOVES` says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.objects.estimation import Event
from eventstudy.objects.prices import ExchangeCalendar, PricePanel, Provenance
from eventstudy.objects.results import Reference, StudyResult

CLAIMS = Path(__file__).with_suffix(".yaml")
SESSIONS = pd.bdate_range("2023-01-02", periods=420)
ZERO = 330  # row of the event day
DAY = SESSIONS[ZERO]  # Monday, 8 April 2024
TICKERS = ["AAA", "BBB", "CCC", "DDD", "EURO", "NEW"]
MOVES = {"AAA": -0.20, "BBB": -0.10, "CCC": -0.002, "DDD": 0.03, "EURO": -0.05, "NEW": -0.08, "MKT": -0.01}


def prices() -> pd.DataFrame:
    """Levels whose return on the event day is exactly that of MOVES; the securities follow the market otherwise."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.008, len(SESSIONS))
    market[ZERO] = MOVES["MKT"]
    returns = {"MKT": market} | {t: market + rng.normal(0, 0.01, len(SESSIONS)) for t in TICKERS}
    for ticker, move in MOVES.items():
        returns[ticker][ZERO] = move
    # afterwards AAA makes good half of its fall in two equal steps of its level, and then stands still
    frame = pd.DataFrame(returns, index=SESSIONS)
    levels = 100 * (1 + frame).cumprod()
    before, after = levels["AAA"].iloc[ZERO - 1], levels["AAA"].iloc[ZERO]
    levels.iloc[ZERO + 1, levels.columns.get_loc("AAA")] = after + (before - after) / 4
    levels.iloc[ZERO + 2 :, levels.columns.get_loc("AAA")] = after + (before - after) / 2
    levels.loc[SESSIONS[: ZERO - 90], "NEW"] = np.nan  # listed 90 sessions before
    return levels


def reference() -> Reference:
    days = SESSIONS[ZERO - 120 : ZERO + 60]
    levels = prices()
    shares = [
        ("AAA", "2024-01-15", 50.0, "cover_page", "10-Q", "2024-01-30"),  # before the two-for-one split
        ("AAA", "2024-03-20", 104.0, "weighted_basic_quarter_split_adjusted", None, "2024-05-01"),
        ("AAA", "2024-04-01", 90.0, "cover_page_unverified", "10-K", "2024-04-02"),
        ("AAA", "2024-05-15", 110.0, "cover_page", "10-Q", "2024-05-20"),  # the cover page after the day
        ("AAA", "2024-09-15", 70.0, "cover_page", "10-Q", "2024-09-20"),  # months later: that of another day
        ("BBB", "2024-03-01", 400.0, "weighted_basic_quarter_split_adjusted", None, "2024-03-10"),
        ("EURO", "2024-03-01", 10.0, "cover_page", "20-F", "2024-03"),
        ("CCC", "2022-01-01", 10.0, "cover_page", "10-K", "2022-02-01"),
    ]
    columns = ["ticker", "as_of", "shares", "measure", "form", "filed"]
    table = pd.DataFrame(shares, columns=columns).assign(origin="a made-up filing")
    table["as_of"] = pd.to_datetime(table["as_of"])
    splits = pd.DataFrame({"ticker": ["AAA"], "date": pd.to_datetime(["2024-02-01"]), "ratio": [2.0]})
    history = pd.DataFrame({"MKT": [100, 90, 95, 94, 80, 82.0]}, index=[*SESSIONS[ZERO - 5 : ZERO + 1]])
    gdp = pd.DataFrame({"country": list("PQRS"), "gdp_1_usd": [100, 500, 1e9, np.nan], "gdp_2_usd": [1e9, 1e9, 1, 1e8]})
    megacaps = levels.loc[days, ["AAA", "BBB"]]
    return Reference(history, megacaps, table, splits, pd.DataFrame(), gdp, {"gdp": "a made-up bank"})


def run() -> StudyResult:
    """The study, finished, with its reference tables."""
    levels = prices()
    close = levels.copy()
    close["BBB"] = np.nan  # only dividend-adjusted closes are known
    adjusted = levels * 0.98
    closes = (SESSIONS + pd.Timedelta(hours=21)).tz_localize("UTC")
    names = [*TICKERS, "MKT"]
    panel = PricePanel(
        close,
        adjusted,
        levels * np.nan,
        dict.fromkeys(names, "XNYS"),
        dict.fromkeys(names, "USD") | {"EURO": "EUR"},
        {"XNYS": ExchangeCalendar("XNYS", SESSIONS, closes)},
        Provenance("files", "made-up prices"),
    )
    dates = {"crash": DAY, "before": SESSIONS[ZERO - 4], "later": SESSIONS[ZERO + 30]}
    dates["weekend"] = DAY - pd.Timedelta(days=1)
    events = [Event(name, t, day.date()) for name, day in dates.items() for t in TICKERS]
    study = es.Study(
        prices=panel,
        events=events,
        benchmark="MKT",
        groups={"trio": ["AAA", "BBB", "CCC"], "quartet": ["AAA", "BBB", "CCC", "DDD"]},
        members={"MKT": ["AAA"]},
        headline_event="crash",
    )
    return replace(study.run(), reference=reference())
