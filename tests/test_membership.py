"""Members of a benchmark that nobody declared: found where the benchmark holds them, and not where it does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.objects.results import StudyResult
from eventstudy.study.membership import apart_after

FUNDS = ["QQQ", "QQQE", "RSP", "SMH", "SOXX", "SPY", "XLK", "XLU"]
BIG = ["NVDA", "AAPL", "MSFT", "AMZN", "META", "GOOGL", "AVGO", "TSLA"]


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    frame = pd.read_csv("data/deepseek/prices.csv", parse_dates=["date"])
    wide = frame.pivot(index="date", columns="ticker", values="adj_close")
    return wide[wide["^IXIC"].notna()].pct_change(fill_method=None)


def companies(returns: pd.DataFrame, without: set[str]) -> list[str]:
    return [t for t in returns.columns if t.isalpha() and t not in {*FUNDS, *without}]


def alarms(returns: pd.DataFrame, benchmark: str, names: list[str]) -> tuple[int, int, int]:
    """Pairs reported, pairs tried, and windows with a report, over windows of 250 days, 40 apart."""
    found = tried = windows = 0
    for end in range(251, len(returns), 40):
        part = returns.iloc[end - 250 : end]
        pairs = list(apart_after(part[names], part[benchmark].to_numpy()))
        known = int((part[names].notna().sum() >= 100).sum())
        found, tried, windows = found + len(pairs), tried + known * (known - 1) // 2, windows + bool(pairs)
    return found, tried, windows


def test_false_alarms_are_fewer_than_one_in_a_hundred_clean_pairs(returns: pd.DataFrame) -> None:
    """Equal weights, price weights, a sector that holds none of them: members that weigh about 1 % or nothing."""
    dow, power = {"AAPL", "MSFT", "NVDA", "AMZN"}, {"VST", "CEG", "NRG", "TLN", "GEV"}
    clean = {"RSP": set(), "QQQE": set(), "^DJI": dow, "XLU": power}
    seen = [alarms(returns, benchmark, companies(returns, without)) for benchmark, without in clean.items()]
    found, tried = sum(s[0] for s in seen), sum(s[1] for s in seen)
    assert tried > 20_000
    assert found / tried < 0.001


@pytest.mark.parametrize("benchmark", ["^IXIC", "^NDX", "^SOX", "SMH"])
def test_an_index_that_holds_much_of_them_is_noticed_in_every_window(returns: pd.DataFrame, benchmark: str) -> None:
    windows = len(range(251, len(returns), 40))
    assert alarms(returns, benchmark, companies(returns, set()))[2] == windows


def test_members_that_are_put_into_an_index_are_found() -> None:
    """Six shares with one market; the index holds a third of each of two of them, then none."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, 250)
    frame = pd.DataFrame({f"S{i}": market + rng.normal(0, 0.012, 250) for i in range(6)})
    assert list(apart_after(frame, market)) == []
    held = 0.35 * frame["S0"] + 0.35 * frame["S1"] + 0.3 * market
    assert [(a, b) for _, a, b in apart_after(frame, held.to_numpy())] == [("S0", "S1")]
    assert list(apart_after(frame[["S0"]], held.to_numpy())) == []  # one alone shows nothing
    assert list(apart_after(frame, np.zeros(250))) == []


def test_shares_that_repel_each_other_anyway_are_no_sign() -> None:
    rng = np.random.default_rng(6)
    market, own = rng.normal(0, 0.01, 250), rng.normal(0, 0.015, 250)
    frame = pd.DataFrame({"air": 0.8 * market - own, "oil": 0.8 * market + own})
    assert frame.corr().iloc[0, 1] < 0
    assert list(apart_after(frame, market)) == []


def study(benchmark: str, members: list[str]) -> StudyResult:
    return es.Study(
        prices="deepseek",
        events="2025-01-27",
        tickers=BIG,
        benchmark=benchmark,
        members={benchmark: members},
        tests=["t"],
        sensitivity="off",
    ).run()


def test_a_study_warns_and_is_quiet_once_they_are_declared() -> None:
    (issue,) = [i for i in study("^IXIC", []).issues if i.code == "members_not_declared"]
    assert issue.severity == "warning"
    assert issue.detail.startswith("NVDA and AAPL (-0.31)")
    assert "name them under members" in issue.detail
    assert "members_not_declared" in study("^IXIC", []).to_json()
    for quiet in (study("^IXIC", BIG), study("RSP", [])):
        assert "members_not_declared" not in {i.code for i in quiet.issues}


def test_the_bundled_study_has_declared_what_weighs(deepseek_result: StudyResult) -> None:
    assert "members_not_declared" not in {i.code for i in deepseek_result.issues}
