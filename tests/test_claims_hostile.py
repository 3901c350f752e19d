"""Sentences that would break a kind of claim: edges of the data, ties, currencies, files that mean nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from claims_study import SESSIONS, ZERO, prices

from eventstudy.claims import judge
from eventstudy.claims.load import load_claims
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Verdict


class Trial:
    """Write one claim to a file, read it, judge it on the made-up study with closes of one's own."""

    def __init__(self, result: StudyResult, path: Path) -> None:
        self.result, self.path = result, path

    def __call__(self, kind: str, **fields: Any) -> Verdict:
        entry = {"id": "it", "kind": kind, "event": "crash", "says": "it", "source": "S"} | fields
        data = {"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": [entry]}
        self.path.write_text(json.dumps(data), encoding="utf-8")
        (claim,) = load_claims(self.path).claims
        return judge(claim, self.result)

    def on(self, ticker: str, levels: np.ndarray[Any, Any], *, first: int = 0) -> Trial:
        """The same with other closes of a security, from a row on."""
        panel = self.result.prices
        close, adjusted = panel.close.copy(), panel.adj_close.copy()
        for frame in (close, adjusted):
            frame.iloc[first : first + len(levels), frame.columns.get_loc(ticker)] = levels
        return Trial(replace(self.result, prices=replace(panel, close=close, adj_close=adjusted)), self.path)


@pytest.fixture
def trial(claims_result: StudyResult, tmp_path: Path) -> Trial:
    return Trial(claims_result, tmp_path / "claims.yaml")


FALL, RANK, TIMES = {"direction": "fall"}, {"unit": "rank"}, {"unit": "multiple"}


# ------------------------------------------------------------------------------------------- what a file cannot mean
@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("price_move", {"claimed": FALL | {"value": 5, "unit": "usd_bn"}}, "does not fit"),
        ("price_move", {"claimed": FALL | {"value": 5}, "params": {"since": "2024-02-30"}}, "no 2024-02-30"),
        ("price_move", {"claimed": FALL | {"value": 5}, "params": {"since": "2024-12"}}, "has to end before"),
        ("price_move", {"claimed": FALL | {"value": 5}, "params": {"since": 2023, "window": [0, 1]}}, "leave one"),
        ("price_move", {"claimed": FALL | {"low": 10, "high": 9}}, "from `low` up to `high`"),
        ("price_move", {"claimed": FALL | {"value": 5}, "params": {"window": [2, 0]}}, r"window.*before.*got \[2, 0\]"),
        ("activity", {"claimed": TIMES | {"value": 2}, "params": {"window": [2, 0]}}, r"window.*before.*got \[2, 0\]"),
        ("statistic", {"claimed": {"value": 2, "unit": "number"}, "params": {"window": [-1, -9]}}, "window.*before"),
        (
            "event_dates",
            {"claimed": FALL | {"value": 5}, "params": {"events": ["crash"], "windows": [[0, 0], [2, 1]]}},
            "window.*before",
        ),
        ("level", {"claimed": {"value": 80, "unit": "usd"}, "params": {"crossed": True}}, "modifier"),
        ("rank_among", {"claimed": {"value": 1, "unit": "rank"}, "params": {"among": ["BBB"]}}, "direction"),
        ("statistic", {"claimed": {"value": 50}, "params": {"measure": "beta"}}, "a beta has the unit multiple"),
        ("activity", {"claimed": {"value": 2} | TIMES, "params": {"measure": "volatility"}}, "`window` of 5 or more"),
        ("streak", {"claimed": FALL | {"value": 5}}, "does not fit"),
    ],
)
def test_a_file_that_means_nothing_is_refused_with_its_line(
    trial: Trial, kind: str, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpecError, match=said) as told:
        trial(kind, security="AAA", **fields)
    assert "claims.yaml:1" in str(told.value)


def test_a_rank_does_not_take_both_a_window_and_a_week(trial: Trial) -> None:
    params = {"of": ["MKT"], "period": "week", "window": [0, 1]}
    with pytest.raises(SpecError, match="goes with moves by day"):
        trial("rank", claimed=FALL | {"value": 1} | RANK, params=params)


# ------------------------------------------------------------------------------------------------- edges of the data
def test_a_move_since_before_the_listing_is_open(trial: Trial) -> None:
    found = trial("price_move", security="NEW", claimed=FALL | {"value": 5}, params={"since": "2023-03"})
    assert (found.verdict, "NEW: its close of 2023-03-31 would decide" in str(found.reason)) == ("unresolved", True)


def test_a_row_that_reaches_the_first_close_is_at_least_that_long(trial: Trial) -> None:
    falling = 100.0 - np.arange(10.0)
    levels = np.concatenate([np.full(ZERO - 9, np.nan), falling])
    edge = trial.on("DDD", levels)
    said = {n: edge("streak", security="DDD", claimed=FALL | {"value": n, "unit": "count"}).verdict for n in (8, 9, 12)}
    assert said == {8: "imprecise", 9: "unresolved", 12: "unresolved"}  # nine falls are known, more may have been
    least = {"value": 9, "unit": "count", "modifier": "at_least"}
    assert edge("streak", security="DDD", claimed=FALL | least).verdict == "supported"


def test_an_unchanged_close_ends_a_row(trial: Trial) -> None:
    found = trial.on("DDD", np.array([100.0, 99, 98, 98, 97, 96]), first=ZERO - 5)
    assert found("streak", security="DDD", claimed=FALL | {"value": 2, "unit": "count"}).verdict == "supported"


def test_a_close_as_high_as_the_record_shares_its_rank(trial: Trial) -> None:
    levels = np.append(np.full(ZERO, 50.0), 60.0)
    levels[ZERO - 50] = 60.0
    found = trial.on("DDD", levels)(
        "rank",
        claimed={"direction": "rise", "value": 1} | RANK,
        params={"of": ["DDD"], "measure": "level", "complete": True},
    )
    assert found.verdict == "supported"
    assert any("of the same rank" in c for c in found.caveats)


def test_a_group_of_the_relative_that_lacks_a_price_is_open(trial: Trial) -> None:
    found = trial("relative_move", security="AAA", claimed=FALL, params={"to": ["MKT", "GONE"]})
    assert (found.verdict, "GONE" in str(found.reason)) == ("unresolved", True)


def test_a_member_without_data_leaves_open_only_what_it_could_turn(trial: Trial) -> None:
    def placed(rank: int, modifier: str = "exactly") -> str:
        claimed = FALL | {"value": rank, "modifier": modifier} | RANK
        return trial("rank_among", security="AAA", claimed=claimed, params={"among": ["BBB", "DDD", "GONE"]}).verdict

    assert (placed(1), placed(2, "at_most"), placed(4)) == ("unresolved", "supported", "contradicted")


def test_a_volatility_is_of_the_security_alone(trial: Trial) -> None:
    """Days on which the benchmark lacks a close are days of the security all the same."""
    levels = prices()["AAA"].iloc[ZERO - 100 : ZERO]
    expected = 100 * levels.pct_change().std() * 252**0.5
    params = {"measure": "volatility", "window": [-99, -1]}
    found = trial("statistic", security="AAA", claimed={"value": 15}, params=params)
    assert found.value == pytest.approx(expected)
    assert "MKT" not in found.readings[0].source
    holes = trial.on("MKT", np.full(50, np.nan), first=ZERO - 80)
    assert holes("statistic", security="AAA", claimed={"value": 15}, params=params).value == found.value


@pytest.mark.parametrize("measure", ["beta", "correlation"])
def test_a_series_that_moves_alike_has_no_error_whatever_rounding_does(trial: Trial, measure: str) -> None:
    double = trial.on("MKT", 2 * prices()["AAA"].to_numpy())
    for first in range(-120, -100):
        params = {"measure": measure, "to": "MKT", "window": [first, -1]}
        found = double("statistic", security="AAA", claimed={"value": 1, "unit": "number"}, params=params)
        assert found.value == pytest.approx(1)
        assert 0 <= found.steps[1].result.value < 1e-8
        assert measure == "beta" or found.value <= 1


@pytest.mark.parametrize("measure", ["beta", "correlation"])
def test_a_series_that_stands_still_gives_no_beta_and_no_correlation(trial: Trial, measure: str) -> None:
    still = trial.on("MKT", np.full(len(prices()), 100.0))
    params = {"measure": measure, "to": "MKT", "window": [-100, -1]}
    found = still("statistic", security="AAA", claimed={"value": 1, "unit": "number"}, params=params)
    assert found.verdict == "unresolved"
    assert "MKT has the same return throughout" in str(found.reason)


def test_a_beta_and_its_error_are_those_of_least_squares(trial: Trial) -> None:
    """Against statsmodels; by week only the weeks that end within the window, which ends on a Wednesday."""
    import statsmodels.api as sm

    levels = prices()[["AAA", "MKT"]]
    weeks = pd.DatetimeIndex(levels.index).to_period("W")
    ends = levels[~weeks.duplicated(keep="last")]
    inside = levels.index[ZERO - 301], levels.index[ZERO - 3]
    for period, own in (("day", levels), ("week", ends)):
        returns = own.loc[inside[0] : inside[1]].pct_change().dropna()
        fit = sm.OLS(returns["AAA"], sm.add_constant(returns["MKT"])).fit()
        params = {"measure": "beta", "to": "MKT", "period": period, "window": [-300, -3]}
        found = trial("statistic", security="AAA", claimed={"value": 1, "unit": "number"}, params=params)
        assert found.readings[0].label == f"returns by {period}, {len(returns)} of them"
        assert found.value == pytest.approx(fit.params["MKT"], rel=1e-9)
        assert found.steps[1].result.value == pytest.approx(fit.bse["MKT"], rel=1e-9)


def test_a_multiple_of_what_moved_the_other_way_shows_what_was_claimed(trial: Trial) -> None:
    claimed = {"direction": "fall", "value": 2, "precision": 0.5} | TIMES
    found = trial("relative_move", security="AAA", claimed=claimed, params={"to": ["DDD"]})  # which rose
    assert found.verdict == "contradicted"
    assert found.claimed is not None
    assert (found.claimed.low, found.claimed.high, found.claimed.unit) == (1.5, 2.5, "multiple")


def test_what_only_some_of_the_missing_could_turn_is_open(trial: Trial) -> None:
    """Between none and all of those without data lies the number that is claimed."""
    placed = trial("rank_among", security="AAA", claimed=FALL | {"value": 2} | RANK, params={"among": ["GONE", "LOST"]})
    assert (placed.verdict, "could turn" in str(placed.reason)) == ("unresolved", True)

    def counted(count: int) -> str:
        params = {"quantifier": "count", "count": count}
        tickers = ["AAA", "DDD", "GONE", "LOST"]  # one fell, one rose
        return trial("group_move", tickers=tickers, claimed=FALL | {"word": "fell"}, params=params).verdict

    assert [counted(n) for n in range(5)] == ["contradicted", *["unresolved"] * 3, "contradicted"]


EQUAL = ((100.0, 79.98), (300.0, 239.94))  # falls of 20.02 % both, which binary fractions make two


def test_equal_moves_are_level_whatever_binary_fractions_make_of_them(trial: Trial) -> None:
    assert len({after / before for before, after in EQUAL}) == 2
    level = trial
    for ticker, move in zip(("BBB", "DDD"), EQUAL, strict=True):
        level = level.on(ticker, np.array(move), first=ZERO - 1)
    for ticker, other in (("BBB", "DDD"), ("DDD", "BBB")):
        found = level("rank_among", security=ticker, claimed=FALL | {"value": 1} | RANK, params={"among": [other]})
        assert (found.verdict, found.value) == ("supported", 1.0)
        assert ("level with {equal}" in found.summary.template, found.summary.values["equal"]) == (True, other)


def test_a_rank_in_history_shares_its_place_with_an_equal_day(trial: Trial) -> None:
    """The earlier of two equal falls is the larger by its binary fraction: it does not make the day second."""
    first, second = sorted(EQUAL, key=lambda move: move[1] / move[0])
    first = (first[0] / 4, first[1] / 4)  # the same fall bit by bit, from where only rises lead to the second
    levels = np.concatenate([first, np.full(37, second[0]), second])
    moved = trial.on("DDD", levels, first=ZERO - 40)
    params = {"of": ["DDD"], "since": str(SESSIONS[ZERO - 40].date())}
    found = moved("rank", claimed=FALL | {"value": 1} | RANK, params=params)
    assert (found.verdict, found.value) == ("supported", 1.0)
    assert any("of the same rank" in caveat for caveat in found.caveats)


def test_a_sum_without_a_company_that_it_names_is_open(trial: Trial) -> None:
    def summed(*tickers: str) -> Verdict:
        params = {"readings": [{"label": "these", "tickers": list(tickers)}]}
        return trial("aggregate", claimed=FALL | {"value": "0.001", "unit": "usd_mn"}, params=params)

    lacking = summed("AAA", "CCC")
    assert (lacking.verdict, "of CCC would decide" in str(lacking.reason)) == ("unresolved", True)
    one = summed("AAA")
    assert not any("Left out" in caveat for caveat in one.caveats), "who is not asked for is not left out"
    assert "(1 company)" in one.readings[0].label


def test_who_closed_where_it_was_closed_unchanged(trial: Trial) -> None:
    still = trial.on("DDD", np.array([50.0, 50.0]), first=ZERO - 1)
    found = still("price_move", security="DDD", claimed={"word": "fell"})
    assert (found.verdict, "closed unchanged" in found.summary.template) == ("contradicted", True)


def test_a_range_over_counts_is_said_where_there_are_several(trial: Trial) -> None:
    claimed = FALL | {"value": 1, "unit": "usd_mn"}
    several = {t: trial("market_value", security=t, claimed=claimed) for t in ("AAA", "BBB")}
    for found in several.values():
        assert ("cover pages before and after" in found.summary.template) == (len(found.readings) > 1)


def test_every_claim_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    claim = {"event": "e", "says": "it", "source": "S", "security": "AAA"}
    wrong = [
        {"id": "a", "kind": "price_mov", "claimed": {"value": 1}},
        {"id": "b", "kind": "price_move", "claimed": {"direction": "fall"}},
        {"id": "c", "kind": "rank", "claimed": FALL | {"value": 1} | RANK},
    ]
    path = tmp_path / "claims.yaml"
    lines = [
        "schema_version: 1",
        "sources: {S: {title: T}}",
        "claims:",
        *(f"  - {json.dumps(claim | w)}" for w in wrong),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SpecError) as told:
        load_claims(path)
    said = str(told.value).splitlines()
    assert [line.split("claims.yaml:")[1][0] for line in said] == ["4", "5", "6"]
    assert "price_move" in said[0]
    assert "such as {direction: fall, value: 9, unit: percent} or {word: fell}" in said[1]
    assert "its keys are against, complete, measure, of" in said[2]


def test_a_week_that_has_not_ended_is_open(claims_result: StudyResult, trial: Trial) -> None:
    panel = claims_result.prices
    day = SESSIONS[ZERO]  # a Monday
    cut = replace(panel, close=panel.close.loc[:day], adj_close=panel.adj_close.loc[:day])
    short = Trial(replace(claims_result, prices=cut), trial.path)
    found = short("streak", security="DDD", claimed=FALL | {"value": 1, "unit": "count"}, params={"period": "week"})
    assert (found.verdict, "end of the week" in str(found.reason)) == ("unresolved", True)


# --------------------------------------------------------------------------------------------------------- currencies
@pytest.mark.parametrize(("quoted", "rate", "factor"), [("usd_per_eur", 1.25, 0.8), ("eur_per_usd", 0.8, 0.8)])
def test_money_in_another_currency_takes_the_rate_of_the_day(
    trial: Trial, quoted: str, rate: float, factor: float
) -> None:
    priced = trial.on("CCC", np.full(len(SESSIONS), rate))  # CCC stands for a rate here
    params = {"rate": {"series": "CCC", "quoted": quoted}}
    found = priced("market_value", security="AAA", claimed=FALL | {"value": 1, "unit": "eur_mn"}, params=params)
    loss = 100 * 0.20 * prices()["AAA"].iloc[ZERO - 1]
    assert found.value == pytest.approx(factor * loss)
    assert found.measured is not None
    assert found.measured.unit == "eur"


def test_a_rate_of_other_currencies_is_not_used(trial: Trial) -> None:
    params = {"rate": {"series": "CCC", "quoted": "usd_per_gbp"}}
    found = trial("market_value", security="AAA", claimed=FALL | {"value": 1, "unit": "eur_mn"}, params=params)
    assert (found.verdict, "quoted as usd_per_gbp" in str(found.reason)) == ("unresolved", True)


@pytest.mark.parametrize("kind", ["level", "rank", "rank_among", "relative_move", "streak", "activity", "statistic"])
def test_no_day_makes_a_bug(trial: Trial, kind: str) -> None:
    """On every event, with the first and the last session among them, a verdict or an error of the package's own."""
    params: dict[str, dict[str, Any]] = {
        "rank": {"of": ["AAA"], "period": "month"},
        "rank_among": {"among": ["NEW", "EURO"]},
        "relative_move": {"to": ["NEW"]},
        "activity": {"measure": "volatility", "window": [-3, 3]},
        "streak": {"period": "week"},
    }
    claimed = {"direction": "fall", "value": 1, "unit": {"level": "usd", "streak": "count"}.get(kind, "rank")}
    claimed["unit"] = "multiple" if kind in ("relative_move", "activity", "statistic") else claimed["unit"]
    subject = {} if kind == "rank" else {"security": "NEW"}
    for day in (SESSIONS[0], SESSIONS[1], SESSIONS[ZERO - 90], SESSIONS[-1], pd.Timestamp("2030-01-01")):
        settings = trial.result.settings
        events = tuple(replace(e, announced=day.date()) if e.id == "crash" else e for e in settings.events)
        moved = Trial(replace(trial.result, settings=replace(settings, events=events)), trial.path)
        try:
            moved(kind, claimed=claimed, params=params.get(kind, {}), **subject)
        except EventStudyError:
            continue
