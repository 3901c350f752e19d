"""The claims of the headline study about groups, markets and what was abnormal, against pandas and statsmodels."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from deepseek_files import CORE, DAY, close_to, floor, level, members, number, pct, portfolio, series, usual
from scipy.special import stdtr, stdtrit

from eventstudy.claims import judge
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AxisWord
from eventstudy.report import tables

CHIPS = [*CORE, *["MU", "MRVL", "INTC", "QCOM", "TXN", "ARM", "ADI", "AMAT", "KLAC", "LRCX", "MCHP", "NXPI", "ON"]]


@pytest.fixture(scope="module")
def result(deepseek_result: StudyResult) -> StudyResult:
    return deepseek_result


def market_model(ticker: str, benchmark: str = "^IXIC", day: pd.Timestamp = DAY) -> dict[str, float]:
    """The regression by numpy's least squares, and the abnormal return of the day with its standard error."""
    own, market = series(ticker, "adj_close"), series(benchmark, "adj_close")
    market = market.reindex(own.index)
    ri, rm = (own / own.shift(1) - 1).to_numpy(), (market / market.shift(1) - 1).to_numpy()
    at = own.index.get_loc(day)
    y, x = ri[at - 260 : at - 10], rm[at - 260 : at - 10]
    design = np.column_stack([np.ones(250), x])
    params, *_ = np.linalg.lstsq(design, y, rcond=None)
    sigma = math.sqrt(((y - design @ params) ** 2).sum() / 248)
    row = np.array([1.0, rm[at]])
    se = sigma * math.sqrt(1 + row @ np.linalg.inv(design.T @ design) @ row)
    ar = ri[at] - row @ params
    half = stdtrit(248, 0.975) * se
    return {"ar": ar, "se": se, "low": ar - half, "high": ar + half, "p": 2 * stdtr(248, -abs(ar / se))}


@pytest.mark.parametrize(
    ("claim", "tickers", "verdict"),
    [
        ("energy-down", ["VST", "CEG", "GEV", "TLN", "NRG"], "supported"),
        ("cloud-down", ["MSFT", "AMZN", "GOOGL", "ORCL"], "partly"),
        ("every-chipmaker", CHIPS, "contradicted"),
        ("big-tech-fell", ["AAPL", "MSFT", "META"], "contradicted"),
        ("ai-basket", ["DELL", "SMCI", "ANET", "VRT"], "supported"),
        ("nvda-only-loser", [*CHIPS, *["AAPL", "MSFT", "META", "AMZN", "GOOGL", "ORCL", "TSLA"]], "contradicted"),
    ],
)
def test_groups_list_every_member(result: StudyResult, claim: str, tickers: list[str], verdict: str) -> None:
    found = result.verdict(claim)
    assert {t: v for t, (v, _) in members(found).items()} == {t: close_to(pct(t)) for t in tickers}
    assert found.value == close_to(np.mean([pct(t) if claim == "nvda-only-loser" else -pct(t) for t in tickers]))
    assert found.verdict == verdict


def test_every_member_of_a_group_is_judged_by_its_own_usual_day(result: StudyResult) -> None:
    for claim, strongest in (("every-chipmaker", True), ("big-tech-fell", False), ("ai-basket", False)):
        for ticker, (value, verdict) in members(result.verdict(claim)).items():
            asked = floor(ticker, strongest)
            expected = "supported" if -value >= asked else "imprecise" if -value >= asked / 2 else "contradicted"
            assert verdict == expected, (claim, ticker)
    assert {t for t, (value, _) in members(result.verdict("every-chipmaker")).items() if value > 0} == {
        "TXN",
        "MCHP",
        "NXPI",
    }
    tech = result.verdict("big-tech-fell")
    assert members(tech)["MSFT"][1] == "imprecise"  # 1.7 s
    assert "from a fall of {low} ({lowest}) to a rise of {high} ({highest})" in tech.summary.template
    sizes = [tech.summary.values[end].value for end in ("low", "high")]  # type: ignore[union-attr]
    assert sizes == [close_to(-pct("MSFT")), close_to(pct("AAPL"))]
    assert any("a minus sign is a rise" in c for c in tech.caveats)
    assert not any("a minus sign" in c for c in result.verdict("energy-down").caveats)


def test_who_gained(result: StudyResult) -> None:
    rose = {t for t, (_, verdict) in members(result.verdict("nvda-only-loser")).items() if verdict == "contradicted"}
    assert rose == {"TXN", "MCHP", "NXPI", "AAPL", "META", "AMZN"}


def test_tokyo_on_both_days(result: StudyResult) -> None:
    found = result.verdict("japan-chips")
    days = [(t, d) for d in ("2025-01-27", "2025-01-28") for t in ("8035.T", "6857.T")]
    assert [p.value for p in found.parts] == [close_to(pct(t, d)) for t, d in days]
    hits = [-pct(t, d) >= max(min(3 * usual(t, d), 10), 1.5 * usual(t, d)) for t, d in days]
    assert [p.verdict == "supported" for p in found.parts] == hits == [False, False, False, True]
    assert {a.benchmark for a in found.abnormal} == {"^N225"}
    assert {a.event for a in found.abnormal} == {"selloff", "tokyo-next-day"}


def test_energy_is_set_against_the_market_and_against_utilities(result: StudyResult) -> None:
    axes = {(a.subject, a.benchmark): a for a in result.verdict("energy-down").abnormal}
    assert {b for _, b in axes} == {"^IXIC", "^GSPC", "XLU", "^IXIC without NVDA, AVGO"}
    own = market_model("VST", "XLU")
    assert axes["VST", "XLU"].ar == close_to(own["ar"])
    assert axes["VST", "XLU"].abnormal


# ----------------------------------------------------------------------------------------------------- time and cause
def test_the_largest_fall_after_the_release_came_after_seven_days(result: StudyResult) -> None:
    closes = level("NVDA")
    first = closes.index.searchsorted(pd.Timestamp("2025-01-20"))
    falls = (closes / closes.shift(1) - 1).iloc[first : first + 20]
    assert falls.idxmin() == DAY
    found = result.verdict("nvda-one-week")
    assert found.value == 7
    assert found.verdict == "supported"
    sessions = next(r.value for r in found.readings if r.unit == "sessions")
    assert sessions == len(closes["2025-01-21":"2025-01-27"]) == 5
    after = next(a for a in found.abnormal if a.event == "release")
    assert after.ar == close_to(market_model("NVDA", day=pd.Timestamp("2025-01-21"))["ar"])
    assert not after.abnormal  # no reaction on the first session


def test_abnormal_returns_with_interval_and_p(result: StudyResult) -> None:
    for claim, ticker in (("nvda-17", "NVDA"), ("avgo-15", "AVGO"), ("amd-8", "AMD"), ("tsm-tumbled", "TSM")):
        for benchmark in ("^IXIC", "^GSPC", "RSP", "QQQE"):
            axis = next(a for a in result.verdict(claim).abnormal if a.benchmark == benchmark)
            expected = market_model(ticker, benchmark)
            for name, value in expected.items():
                assert getattr(axis, name) == pytest.approx(value, rel=1e-8), (ticker, benchmark, name)
            assert axis.abnormal == (expected["p"] < 0.05)  # one security: Holm changes nothing
            assert axis.tests["t"] == axis.p == axis.p_holm


def test_what_is_abnormal_and_what_the_market_explains(result: StudyResult) -> None:
    found = result.verdict("not-the-market")
    for part in found.parts:
        ticker = str(part.ticker)
        models = [market_model(ticker, b) for b in ("^IXIC", "^GSPC", "RSP", "QQQE")]
        mostly = [m["ar"] >= 0 or abs(m["ar"]) <= -pct(ticker) / 200 for m in models]  # of a fall the model has half
        rejects = models[0]["p"] < 0.05 and models[0]["ar"] < 0
        assert part.verdict == ("supported" if rejects else "contradicted" if all(mostly) else "unresolved"), ticker
    assert [p.verdict for p in found.parts] == ["supported", "supported", "unresolved", "supported", "unresolved"]
    assert found.value == close_to(-100 * np.mean([market_model(t)["ar"] for t in CORE]))
    assert found.verdict == "supported"  # the five as one portfolio, which is one test
    assert found.abnormal[0].primary == "portfolio_t"
    said = " ".join([found.summary.template, *found.caveats])
    assert "because of" not in said
    assert "consistent with" in found.summary.template


def test_a_group_is_one_test_and_the_portfolio_is_primary(result: StudyResult) -> None:
    for claim, tickers in (("not-the-market", CORE), ("ai-basket", ["DELL", "SMCI", "ANET", "VRT"])):
        head = result.verdict(claim).abnormal[0]
        expected = portfolio(tickers)
        assert (head.primary, head.check) == ("portfolio_t", "placebo_portfolio")
        assert head.ar == close_to(expected["ar"])
        assert head.se == pytest.approx(expected["se"], rel=1e-8)
        assert head.p == pytest.approx(expected["p"], rel=1e-6)
        assert math.isnan(head.p_holm)
        assert head.abnormal == (expected["p"] < 0.05)
    words = {a.word for v in result.verdicts for a in v.abnormal}
    assert words <= set(get_args(AxisWord))


def test_the_family_of_a_security_is_the_claims_own(result: StudyResult) -> None:
    for claim in ("energy-down", "every-chipmaker", "big-tech-fell"):
        own = [a for a in result.verdict(claim).abnormal if a.primary == "t" and a.benchmark == "^IXIC"]
        ordered = sorted(own, key=lambda a: a.p)
        adjusted = np.maximum.accumulate([min(1.0, (len(own) - k) * a.p) for k, a in enumerate(ordered)])
        assert [a.p_holm for a in ordered] == pytest.approx(adjusted.tolist(), rel=1e-12)
    alone = result.verdict("amd-8").abnormal[0]
    assert alone.p_holm == alone.p


def test_an_answer_that_hangs_on_the_benchmark_says_so(result: StudyResult) -> None:
    found = result.verdict("amd-8")
    p = {b: market_model("AMD", b)["p"] for b in ("^IXIC", "RSP", "QQQE")}
    assert p["^IXIC"] > 0.05 > p["RSP"]
    assert found.abnormal[0].word == "depends on the benchmark"
    assert any("AMD moved abnormally depends on what it is compared with" in c for c in found.caveats)
    assert result.verdict("nvda-17").abnormal[0].word == "abnormal"
    (index,) = result.verdict("nasdaq-3-1").abnormal
    assert (index.word, index.abnormal) == ("cannot be measured", None)


def test_the_index_without_the_two_is_heard_where_no_other_benchmark_is_named(result: StudyResult) -> None:
    """AMD and ASML against the Nasdaq alone and without Nvidia and Broadcom: 0.64 and 0.04, 0.82 and 0.05."""
    for ticker, p in (("AMD", 0.0411), ("ASML", 0.0486)):
        claim = replace(result.verdict("amd-8").claim, tickers=(ticker,), params={"names": {}, "window": (0, 0)})
        own, without = judge(claim, result).abnormal
        assert (own.word, own.benchmark) == ("depends on the benchmark", "^IXIC")
        assert own.p == pytest.approx(market_model(ticker)["p"], rel=1e-8)
        assert without.benchmark == "^IXIC without NVDA, AVGO"
        assert without.p == pytest.approx(p, abs=5e-5)


def test_a_sentence_says_nothing_twice_and_no_minus_is_undone(result: StudyResult) -> None:
    for verdict in result.verdicts:
        said = tables.statement(verdict.summary)
        assert not re.search(r"(\d[\d.,]*%?) to \1(?![\d.])", said), said
        assert "00:00" not in said
        assert verdict.claim.kind != "persistence" or "−" not in said


def test_the_second_axis_is_shown_in_numbers(result: StudyResult) -> None:
    step = result.verdict("amd-8").abnormal[0].step
    assert step is not None
    own, market = series("AMD", "adj_close"), series("^IXIC", "adj_close")
    at = own.index.get_loc(DAY)
    ri, rm = own / own.shift(1) - 1, (market / market.shift(1) - 1).reindex(own.index)
    b, a = np.polyfit(rm.iloc[at - 260 : at - 10], ri.iloc[at - 260 : at - 10], 1)
    expected = {"R": 100 * ri.iloc[at], "a": 100 * a, "b": b, "Rm": 100 * rm.iloc[at]}
    assert {name: number(v) for name, v in step.inputs.items()} == {n: pytest.approx(v) for n, v in expected.items()}
    assert step.formula == "R − (a + b × Rm)"


def test_no_question_is_asked_twice(result: StudyResult) -> None:
    for verdict in result.verdicts:
        asked = [(a.subject, a.event, a.benchmark, a.window) for a in verdict.abnormal]
        assert len(asked) == len(set(asked)), verdict.claim.id
