"""The sentences of tests/sentences, each tried by the package and computed again from the files by pandas alone."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_verdict_rules import printed, redone

from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Verdict
from eventstudy.report import worked

sys.path.insert(0, str(Path(__file__).with_name("sentences")))
from study import MAKERS, SEVEN, run

DATA = Path(__file__).resolve().parents[1] / "data" / "deepseek"
LONG = pd.read_csv(DATA / "prices.csv", parse_dates=["date"])
HISTORY = pd.read_csv(DATA / "index_history.csv", parse_dates=["date"], index_col="date")
MEGA = pd.read_csv(DATA / "megacap_closes.csv", parse_dates=["date"], index_col="date")
COUNTS = pd.read_csv(DATA / "shares_outstanding.csv", parse_dates=["as_of"])
DAYS = {
    "results": "2024-05-23",
    "carry": "2024-08-05",
    "fed": "2024-12-18",
    "new": "2024-12-31",
    "chips": "2025-01-27",
    "march": "2025-03-31",
    "tariffs": "2025-04-03",
    "second": "2025-04-04",
    "relief": "2025-04-09",
    "five": "2025-10-29",
    "record": "2025-12-24",
    "end": "2025-12-31",
}


def series(ticker: str, column: str = "close") -> pd.Series:
    return LONG[LONG["ticker"] == ticker].set_index("date")[column].dropna()


def best(ticker: str) -> pd.Series:
    """Closes, dividend-adjusted where there are no others."""
    found = series(ticker)
    return found if len(found) else series(ticker, "adj_close")


def change(ticker: str, day: str, back: int = 1) -> float:
    found = best(ticker)
    at = found.index.get_loc(pd.Timestamp(DAYS[day]))
    return float(100 * (found.iloc[at] / found.iloc[at - back] - 1))


def points(ticker: str, day: str) -> float:
    found = best(ticker).loc[: DAYS[day]]
    return float(found.iloc[-1] - found.iloc[-2])


def since(ticker: str, base: str, day: str) -> float:
    found = best(ticker)
    return float(100 * (found[DAYS[day]] / found.loc[:base].iloc[-1] - 1))


def undone(ticker: str, base: str, day: str) -> float:
    found = best(ticker).loc[: DAYS[day]]
    start, top, after = found.loc[:base].iloc[-1], found.iloc[-2], found.iloc[-1]
    return float(100 * (top - after) / (top - start))


def rank(moves: pd.Series, day: str, sign: int, after: str = "1900") -> float:
    moves = sign * moves.dropna().loc[: DAYS[day]]
    own = moves.iloc[-1]
    return float(1 + (moves[moves.index > pd.Timestamp(after)].iloc[:-1] > own).sum())


def by_period(levels: pd.Series, rule: str) -> pd.Series:
    return levels.dropna().resample(rule).last().pct_change()


def count(ticker: str, day: str) -> list[float]:
    """The cover pages around a day on shares of today: the one in force, its neighbours."""
    own = COUNTS[(COUNTS["ticker"] == ticker) & (COUNTS["measure"] == "cover_page")].sort_values("as_of")
    at = pd.Timestamp(DAYS[day])
    own = own[(own["as_of"] >= at - pd.Timedelta(days=183)) & (own["as_of"] <= at + pd.Timedelta(days=92))]
    before, later = own[own["as_of"] <= at], own[own["as_of"] > at]
    return [float(n) for n in [*before["shares"].tolist()[::-1][:2], *later["shares"].tolist()[:1]]]


def value(ticker: str, day: str) -> float:
    return float(best(ticker)[DAYS[day]] * count(ticker, day)[0])


def lost(ticker: str, day: str, back: int) -> float:
    found = best(ticker).loc[: DAYS[day]]
    return float((found.iloc[-1 - back] - found.iloc[-1]) * count(ticker, day)[0])


def volume_rank(ticker: str, day: str, after: str) -> float:
    return rank(series(ticker, "volume"), day, 1, after)


def usual_volume(ticker: str, day: str) -> float:
    found = series(ticker, "volume").loc[: DAYS[day]]
    return float(found.iloc[-1] / found.iloc[-21:-1].mean())


def restless(ticker: str, day: str) -> float:
    returns = best(ticker).pct_change()
    at = returns.index.get_loc(pd.Timestamp(DAYS[day]))
    return float(returns.iloc[at : at + 10].std() / returns.iloc[at - 20 : at].std())


def window(ticker: str, day: str) -> pd.Series:
    """The returns of sessions -260 to -11 before a day."""
    returns = series(ticker, "adj_close").pct_change()
    at = returns.index.get_loc(pd.Timestamp(DAYS[day]))
    return returns.iloc[at - 260 : at - 10]


def in_a_row(levels: pd.Series, day: str, sign: int) -> float:
    n = 0
    for move in sign * levels.loc[: DAYS[day]].diff().dropna().iloc[::-1]:
        if move <= 0:
            break
        n += 1
    return float(n)


GSPC, IXIC = HISTORY["^GSPC"], HISTORY["^IXIC"].dropna()
MOVES = GSPC.pct_change()
MEAN_MAKERS = float(np.mean([change(t, "chips") for t in MAKERS]))
NVDA, SPX = window("NVDA", "chips"), window("^GSPC", "chips")
#: sentence -> (what pandas measures, in the claimed direction; the least and the most that the sentence admits; its
#: number). A sentence about parts or without data has no such row; its verdict stands in `OTHERWISE`.
Row = tuple[Callable[[], float], float, float, float]
INF = math.inf
ROWS: dict[str, Row] = {
    "dow-1123": (lambda: -points("^DJI", "fed"), 1122.5, 1123.5, 1123),
    "dow-2200": (lambda: -points("^DJI", "second"), 2200, INF, 2200),
    "dow-1700": (lambda: -points("^DJI", "tariffs"), 1700, INF, 1700),
    "nvda-24-dollars": (lambda: -points("NVDA", "chips"), 23.5, 24.5, 24),
    "nvda-80-dollars": (lambda: 10 * points("NVDA", "results"), 80, INF, 80),  # ten for one, two weeks later
    "asml-47-euros": (lambda: -points("ASML.AS", "chips"), 50, INF, 50),
    "nasdaq-range": (lambda: -change("^IXIC", "tariffs"), 5, 6, 6),
    "tesla-range": (lambda: -change("TSLA", "second"), 8, 10, 10),
    "gspc-two-days": (lambda: -change("^GSPC", "second", 2), 10, INF, 10),
    "nvda-saturday": (lambda: -change("NVDA", "chips"), 16.5, 17.5, 17),
    "nvda-2024": (lambda: since("NVDA", "2023-12-31", "new"), 100, INF, 100),
    "intc-2024": (lambda: -since("INTC", "2023-12-31", "new"), 50, INF, 50),
    "nvda-2025": (lambda: since("NVDA", "2024-12-31", "end"), 55, 65, 60),
    "nvda-third": (lambda: -since("NVDA", "2025-01-24", "second"), 33.5, 34.5, 34),
    "nasdaq-year-erased": (lambda: undone("^IXIC", "2024-12-31", "chips"), 100, INF, 100),
    "nvda-year-erased": (lambda: undone("NVDA", "2024-12-31", "chips"), 100, INF, 100),
    "gspc-worst-since-2020": (lambda: rank(MOVES, "second", -1, "2020-03-31"), 1, 1, 1),
    "gspc-worst-since-2022": (lambda: rank(MOVES, "carry", -1, "2022-09-30"), 1, 1, 1),
    "gspc-worst-since-2023": (lambda: rank(MOVES, "chips", -1, "2023-12-31"), 1, 1, 1),
    "gspc-best-since-2008": (lambda: rank(MOVES, "relief", 1, "2008-10-31"), 1, 1, 1),
    "nasdaq-best-two": (lambda: rank(IXIC.pct_change(), "relief", 1), 2, 2, 2),
    "gspc-worst-week": (lambda: rank(by_period(GSPC.loc[:"2025-04-06"], "W-FRI"), "second", -1, "2020-04-03"), 1, 1, 1),
    "gspc-worst-month": (lambda: rank(by_period(GSPC, "ME"), "march", -1, "2022-12-31"), 1, 1, 1),
    "gspc-two-day-drop": (lambda: rank(GSPC.pct_change(2), "second", -1, "2009-01-03"), 1, 1, 1),
    "nvda-worst-ever": (lambda: rank(MEGA["NVDA"].pct_change(), "chips", -1), 1, 1, 1),
    "nvda-worst-since-2020": (lambda: rank(MEGA["NVDA"].pct_change(), "chips", -1, "2020-03-31"), 1, 1, 1),
    "gspc-record-close": (lambda: rank(GSPC, "record", 1), 1, 1, 1),
    "nvda-lowest-close": (lambda: rank(MEGA["NVDA"], "chips", -1, "2024-10-31"), 1, 1, 1),
    "nvda-busiest": (lambda: volume_rank("NVDA", "chips", "2024-03-31"), 1, 1, 1),
    "seven-mean": (lambda: -float(np.mean([change(t, "tariffs") for t in SEVEN])), 6.65, 6.75, 6.7),
    "makers-mean": (lambda: -MEAN_MAKERS, 14.5, 15.5, 15),
    "nvda-lagged": (lambda: change("^GSPC", "chips") - change("NVDA", "chips"), 15, INF, 15),
    "aapl-twice": (lambda: change("AAPL", "tariffs") / change("^GSPC", "tariffs"), 1.8, 2.2, 2),
    "amd-ahead": (lambda: change("AMD", "relief") - change("^SOX", "relief"), 4.5, 5.5, 5),
    "msft-behind": (lambda: change("^GSPC", "chips") - change("MSFT", "chips"), 1e-9, INF, 1),
    "makers-behind": (lambda: MEAN_MAKERS / change("^GSPC", "chips"), 4.75, 4.85, 4.8),
    "nvda-1000": (lambda: 10 * float(best("NVDA")[DAYS["results"]]), 1000, INF, 1000),
    "nvda-off-peak": (lambda: -since("NVDA", "2025-01-06", "chips"), 20.5, 21.5, 21),
    "nasdaq-bear": (lambda: 100 * (1 - IXIC[DAYS["second"]] / IXIC[: DAYS["second"]].max()), 20, INF, 20),
    "gspc-bear": (lambda: 100 * (1 - GSPC[DAYS["second"]] / GSPC[: DAYS["second"]].max()), 20, INF, 20),
    "nvda-off-low": (
        lambda: 100 * (best("NVDA")[DAYS["relief"]] / best("NVDA")["2025-03-31" : DAYS["relief"]].min() - 1),
        20,
        INF,
        20,
    ),
    "aapl-worst": (lambda: 1.0 + sum(change(t, "tariffs") < change("AAPL", "tariffs") for t in SEVEN), 1, 1, 1),
    "nvda-worst-of-seven": (lambda: 1.0 + sum(change(t, "second") < change("NVDA", "second") for t in SEVEN), 1, 1, 1),
    "aapl-lost-most": (
        lambda: 1.0 + sum(lost(t, "tariffs", 1) > lost("AAPL", "tariffs", 1) for t in ("NVDA", "AMZN")),
        1,
        1,
        1,
    ),
    "dow-tenth": (lambda: in_a_row(best("^DJI"), "fed", -1), 10, 10, 10),
    "dow-ninth": (lambda: in_a_row(best("^DJI"), "fed", -1), 9, 9, 9),
    "dow-eight-of-ten": (lambda: float((best("^DJI").loc[: DAYS["fed"]].diff().iloc[-10:] < 0).sum()), 9, 9, 9),
    "gspc-weeks": (lambda: in_a_row(GSPC.loc[:"2025-04-04"].resample("W-FRI").last(), "second", -1), 2, 2, 2),
    "nvda-volume": (lambda: usual_volume("NVDA", "chips"), 3.6, 4.4, 4),
    "nvda-800-million": (lambda: float(series("NVDA", "volume")[DAYS["chips"]]), 8e8, INF, 8e8),
    "gspc-volatility": (lambda: restless("^GSPC", "tariffs"), 3, INF, 3),
    "nvda-beta": (lambda: NVDA.cov(SPX) / SPX.var(), 1.45, 1.55, 1.5),
    "aapl-msft": (lambda: window("AAPL", "chips").corr(window("MSFT", "chips")), 0, 0.6, 0.6),
    "nvda-volatility": (lambda: 100 * NVDA.std() * 252**0.5, 50, INF, 50),
}
#: sentence -> a fact that pandas finds, and the verdict that follows from it
OTHERWISE: dict[str, tuple[Callable[[], bool], str]] = {
    "seven-all-fell": (lambda: all(change(t, "tariffs") < 0 for t in SEVEN), "supported"),
    "seven-two-days": (lambda: all(change(t, "second", 2) < -5 for t in SEVEN), "supported"),
    "twelve-of-seventeen": (lambda: sum(change(t, "chips") < 0 for t in MAKERS) == 14, "imprecise"),  # 2 / 16 is 12.5 %
    "at-least-ten": (lambda: sum(change(t, "chips") < -10 for t in MAKERS) == 6, "contradicted"),
    "two-with-a-hole": (
        lambda: change("NVDA", "end") < 0 and series("ASML.AS").index[-1] < pd.Timestamp("2025-12-30"),
        "unresolved",
    ),
    "none-with-a-hole": (lambda: change("NVDA", "end") < 0, "contradicted"),
    "vix-jumped": (lambda: change("^VIX", "carry") > 5, "supported"),
    "amzn-flat": (lambda: abs(change("AMZN", "chips")) < 50 * window("AMZN", "chips").std(), "supported"),
    "asml-dollars": (lambda: "EURUSD=X" not in set(LONG["ticker"]), "unresolved"),
    "nvda-low": (lambda: "low" not in LONG, "unresolved"),
    "nvda-since-2022": (lambda: series("NVDA").index[0] > pd.Timestamp("2022-12-31"), "unresolved"),
    "dow-third-by-points": (lambda: rank(best("^DJI").diff(), "second", -1) < 3, "unresolved"),
    "nvda-record-close": (lambda: rank(MEGA["NVDA"], "five", 1) == 1, "partly"),
    "nvda-dow-tenfold": (lambda: change("^DJI", "chips") > 0, "contradicted"),
    "nvda-below-three": (
        lambda: value("NVDA", "chips") < 3e12 < value("NVDA", "chips") + lost("NVDA", "chips", 1),
        "supported",
    ),
    "aapl-above": (lambda: 0.85 * 3.5e12 < value("AAPL", "chips") < 3.5e12, "imprecise"),
    "nvda-five": (lambda: value("NVDA", "five") > 5e12 > value("NVDA", "five") + lost("NVDA", "five", 1), "supported"),
    "gspc-below-5100": (lambda: GSPC["2025-04-04"] < 5100 <= GSPC["2025-04-03"], "supported"),
    "gspc-below-5500": (lambda: GSPC["2025-04-04"] < 5500 and GSPC["2025-04-03"] < 5500, "partly"),
    "nvda-third-largest": (lambda: value("NVDA", "chips") < value("AAPL", "chips"), "supported"),
    "nvda-no-streak": (lambda: change("NVDA", "relief") > 0, "contradicted"),
    "tln-volume": (lambda: series("TLN", "volume").empty, "unresolved"),
    "four-two-days": (
        lambda: 1.1e12 < sum(lost(t, "second", 2) for t in ("AAPL", "AMZN", "NVDA")) < 1.3e12,
        "imprecise",
    ),
    "aapl-two-days": (lambda: lost("AAPL", "second", 2) > 5e11, "supported"),
    "nvda-euros": (lambda: "EURUSD=X" not in set(LONG["ticker"]), "unresolved"),
    "nvda-euros-by-a-rate": (lambda: "EURUSD=X" not in set(LONG["ticker"]), "unresolved"),
    "autumn-before-winter": (
        lambda: (pd.Timestamp("2025-01-27") - pd.Timestamp("2024-09-03")).days == 146,
        "supported",
    ),
    "relief-first": (lambda: pd.Timestamp(DAYS["relief"]) > pd.Timestamp(DAYS["tariffs"]), "contradicted"),
}


@pytest.fixture(scope="module")
def tried() -> dict[str, Verdict]:
    result: StudyResult = run()
    return {verdict.claim.id: verdict for verdict in result.verdicts}


def answer(measured: float, low: float, high: float, number: float) -> str:
    """The rule of verdicts, written once more: inside, at most 15 per cent of the number beside, or neither."""
    if low <= measured <= high:
        return "supported"
    gap = low - measured if measured < low else measured - high
    return "imprecise" if measured > 0 and gap <= 0.15 * number else "contradicted"


def test_every_sentence_is_computed_again(tried: dict[str, Verdict]) -> None:
    assert set(tried) == {*ROWS, *OTHERWISE}
    assert len(tried) >= 60


@pytest.mark.parametrize("sentence", ROWS)
def test_a_sentence_with_a_number(tried: dict[str, Verdict], sentence: str) -> None:
    measures, low, high, number = ROWS[sentence]
    found, measured = tried[sentence], float(measures())
    assert found.value == pytest.approx(measured, rel=1e-8)
    assert found.verdict == found.claim.expect == answer(measured, low, high, number)


@pytest.mark.parametrize("sentence", OTHERWISE)
def test_a_sentence_with_parts_or_without_data(tried: dict[str, Verdict], sentence: str) -> None:
    fact, verdict = OTHERWISE[sentence]
    found = tried[sentence]
    assert fact()
    assert found.verdict == found.claim.expect == verdict
    assert (found.reason is not None) == (verdict == "unresolved")


def test_every_sentence_ends_with_the_deciding_step(tried: dict[str, Verdict]) -> None:
    for found in tried.values():
        assert found.decision is not None
        said = worked.decision(found.decision) or ""
        assert said.rpartition(": ")[2].partition(" (")[0] == found.verdict, found.claim.id
        assert found.steps or found.reason, found.claim.id


def test_every_step_comes_out_from_the_printed_numbers(tried: dict[str, Verdict]) -> None:
    """Half a unit of the last printed digit is all that a reader may be off; words and dates are read, not computed."""
    steps = [step for found in tried.values() for step in found.steps]
    steps = [s for s in steps if not s.formula.startswith(("sum of", "count of")) and s.result.unit != "days"]
    assert len(steps) > 150
    for step in steps:
        shown, result = worked.step(step)
        value, unit = printed(result)
        got = redone(step.formula, {name: printed(text)[0] for name, text in shown.items()})
        assert abs(got - value) <= unit / 2, (step.label, shown, result, got)


def test_the_standard_errors_of_statistics(tried: dict[str, Verdict]) -> None:
    """That of a beta is the one of least squares; the others are of many normal returns."""
    import statsmodels.api as sm

    fit = sm.OLS(NVDA.to_numpy(), sm.add_constant(SPX.to_numpy())).fit()
    n, r = len(NVDA), float(window("AAPL", "chips").corr(window("MSFT", "chips")))
    expected = {
        "nvda-beta": fit.bse[1],
        "aapl-msft": (1 - r**2) / math.sqrt(n - 1),
        "nvda-volatility": 100 * float(NVDA.std()) * math.sqrt(252) / math.sqrt(2 * (n - 1)),
    }
    for name, error in expected.items():
        assert tried[name].steps[-1].result.value == pytest.approx(error, rel=1e-8), name
        assert tried[name].summary.values["error"] == tried[name].steps[-1].result
