"""An index without its members: against an index made of known parts, and against statsmodels on the bundled prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.objects.contamination import Ends
from eventstudy.objects.results import StudyResult
from eventstudy.study.contamination import (
    IndexValue,
    check_weights,
    counts_in_force,
    purged,
    weights_from_values,
    weights_given,
)

ROOT = Path(__file__).resolve().parents[1]
DAYS = pd.bdate_range("2024-01-01", periods=80)
COUNTS = {"A": 40.0, "B": 10.0, "C": 5.0, "D": 8.0, "E": 0.02}


def parts() -> pd.DataFrame:
    """Prices of five companies; E is a speck."""
    moves = np.random.default_rng(5).normal(0, 0.02, (len(DAYS), len(COUNTS)))
    return pd.DataFrame(100 * np.cumprod(1 + moves, axis=0), index=DAYS, columns=list(COUNTS))


def value(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    return (frame[names] * pd.Series(COUNTS)[names]).sum(axis=1)


def test_a_capitalisation_index_without_members_is_the_index_of_the_others() -> None:
    frame = parts()
    whole = value(frame, list(COUNTS))
    index = (whole / whole.iloc[0] * 1000).rename("^X")
    known = IndexValue(DAYS[30], Ends(*(float(whole.iloc[30]) * k for k in (1, 0.9, 1.1))), "made up")
    counts = counts_in_force(DAYS, {t: [(DAYS[0], COUNTS[t])] for t in ("A", "B", "E")})
    weights = weights_from_values(index, known, frame[["A", "B", "E"]], counts)
    found = purged(index, weights, frame, DAYS[60], "made up")
    assert found is not None
    assert [m.ticker for m in found.measured.members] == ["A", "B"]  # E weighs next to nothing and stays in
    others = value(frame, ["C", "D", "E"]).pct_change()
    mine = pd.Series(found.levels[:, 0], found.days).pct_change()
    np.testing.assert_allclose(mine[1:], others[1:], rtol=0, atol=1e-14)
    assert found.measured.without.middle == pytest.approx(others[DAYS[60]], abs=1e-15)
    share = frame["A"].iloc[59] * COUNTS["A"] / whole.iloc[59]
    assert found.measured.members[0].weight.middle == pytest.approx(share, rel=1e-13)
    assert found.measured.members[0].weight.low == pytest.approx(share / 0.9, rel=1e-13)  # a smaller index, more weight


def test_weights_that_are_given_move_with_price_and_index() -> None:
    frame = parts()
    whole = value(frame, list(COUNTS))
    index = (whole / whole.iloc[0] * 1000).rename("^X")
    share = float(frame["A"].iloc[59] * COUNTS["A"] / whole.iloc[59])
    weights = weights_given(index, DAYS[60], frame[["A"]], {"A": share})
    expected = (frame["A"] * COUNTS["A"] / whole).shift(1)
    np.testing.assert_allclose(weights["A"][1:, 0], expected[1:], rtol=1e-12)


@pytest.mark.parametrize(
    ("given", "words"),
    [({"A": 1.2}, "the weight of A in \\^X is a share between 0 and 1"), ({"A": 0.6, "B": 0.5}, "sum to 1.1")],
)
def test_weights_that_are_none_are_refused(given: dict[str, float], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        check_weights(given, "^X")
    with pytest.raises(SpecError, match=words):
        _ = es.Study(prices="deepseek", events="2025-01-27", tickers=["NVDA"], weights={"^X": given}).settings


def test_a_day_without_a_members_price_leaves_it_in_the_index() -> None:
    frame = parts()
    whole = value(frame, list(COUNTS))
    index = (whole / whole.iloc[0] * 1000).rename("^X")
    frame.loc[DAYS[40], "A"] = np.nan
    known = IndexValue(DAYS[30], Ends(*[float(whole.iloc[30])] * 3), "made up")
    counts = counts_in_force(DAYS, {"A": [(DAYS[0], COUNTS["A"])]})
    found = purged(index, weights_from_values(index, known, frame[["A"]], counts), frame, DAYS[60], "made up")
    assert found is not None
    mine = pd.Series(found.levels[:, 0], found.days).pct_change()
    assert mine[DAYS[40]] == pytest.approx(index.pct_change()[DAYS[40]], abs=1e-14)
    assert np.isfinite(found.levels).all()


# ------------------------------------------------------------------------------------------------- the bundled study
def closes() -> pd.DataFrame:
    rows = pd.read_csv(ROOT / "data" / "deepseek" / "prices.csv", parse_dates=["date"])
    return rows.pivot(index="date", columns="ticker", values=["close", "adj_close"])


def by_hand(shares: dict[str, float], total: float, ticker: str) -> tuple[float, float]:
    """AR of 27 January 2025 and its p against the Nasdaq without two members, from the files and statsmodels."""
    table = closes()
    index = table["close"]["^IXIC"].dropna()
    worth = total * index / index[:"2024-11-29"].iloc[-1]
    market = index.pct_change()
    top, left = market.copy(), pd.Series(1.0, index.index)
    for name, count in shares.items():
        own = table["close"][name].reindex(index.index)
        weight = (own * count / worth).shift(1)
        top, left = top - weight * own.pct_change(), left - weight
    without = top / left
    day = index.index.get_loc(pd.Timestamp("2025-01-27"))
    y = table["adj_close"][ticker].reindex(index.index).pct_change().to_numpy()
    past = slice(day - 260, day - 10)
    fit = sm.OLS(y[past], sm.add_constant(without.to_numpy()[past])).fit()
    x = np.array([1.0, without.iloc[day]])
    error = y[day] - float(x @ fit.params)
    spread = np.sqrt(fit.scale * (1 + x @ fit.normalized_cov_params @ x))
    return error, 2 * float(stats.t.sf(abs(error / spread), fit.df_resid))


@pytest.mark.parametrize(("ticker", "total"), [("AMD", 30128.3e9), ("ASML", 27115.5e9)])
def test_constant_counts_give_what_statsmodels_gives(ticker: str, total: float) -> None:
    """With the weights of constant counts the answer is that of a regression on the index made by hand."""
    shares = {"NVDA": 24.49e9, "AVGO": 4.663e9}
    table = closes()["close"]
    index = table["^IXIC"].dropna()
    worth = total * float(index[:"2025-01-24"].iloc[-1]) / float(index[:"2024-11-29"].iloc[-1])
    weights = {t: float(table[t][pd.Timestamp("2025-01-24")]) * n / worth for t, n in shares.items()}
    study = es.Study(
        prices="deepseek", events="2025-01-27", tickers=["NVDA", "AVGO", ticker], benchmark="^IXIC",
        weights={"^IXIC": weights}, tests=["t"], windows=[(0, 0)], volume="none",
    )  # fmt: skip
    result = study.run()
    ar, p = result.contamination[0].answers[ticker]
    expected = by_hand(shares, total, ticker)
    assert (ar.middle, p.middle) == pytest.approx(expected, rel=1e-8)
    assert result.at(ticker, benchmark="^IXIC without NVDA, AVGO").day["ar"][2] == pytest.approx(expected[0], rel=1e-8)


def test_the_nasdaq_without_nvidia_and_broadcom(deepseek_result: StudyResult) -> None:
    """The market values of NVDA and AVGO in 30.1 trillion: 11.2 and 3.7 per cent; AMD's p is .041, .025 to .060."""
    (found,) = deepseek_result.contamination
    assert [m.ticker for m in found.members] == ["NVDA", "AVGO"]
    nvidia, broadcom = found.members
    assert (round(nvidia.weight.middle, 3), round(broadcom.weight.middle, 3)) == (0.112, 0.036)
    assert round(100 * found.own.middle, 1) == -2.5
    assert (round(100 * found.own.low, 1), round(100 * found.own.high, 1)) == (-2.8, -2.3)
    assert (round(100 * found.without.middle, 1), round(100 * found.without.low, 1)) == (-0.6, -0.3)
    ar, p = found.answers["AMD"]
    assert (round(100 * ar.middle, 1), round(p.middle, 3), round(p.least, 3), round(p.most, 3)) == (
        -5.1,
        0.041,
        0.025,
        0.06,
    )
    ar, p = found.answers["ASML"]
    assert (round(100 * ar.middle, 1), round(p.middle, 3)) == (-4.6, 0.049)
