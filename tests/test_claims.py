"""The kinds of claim on a made-up study: other tickers, other dates, gaps and mirror images."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from claims_study import DAY, SESSIONS, ZERO, prices

import eventstudy as es
from eventstudy.claims import CLAIM_KINDS, judge, judge_all
from eventstudy.claims.abnormal_move import verdict_of
from eventstudy.claims.answer import unresolved
from eventstudy.claims.card import Kind
from eventstudy.claims.interval import Comparison
from eventstudy.claims.load import load_claims
from eventstudy.claims.quantifiers import quantified
from eventstudy.claims.second_axis import group_axis
from eventstudy.claims.shares import counts_near
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AbnormalAxis, Claim, Quantity, Verdict
from eventstudy.report import tables
from eventstudy.report.summary import measured

Judge = Callable[..., Verdict]


@pytest.fixture(scope="module")
def result(claims_result: StudyResult) -> StudyResult:
    return claims_result


@pytest.fixture
def trial(result: StudyResult, tmp_path: Path) -> Judge:
    """Write one claim to a file, read it, judge it."""

    def judged(kind: str, on: StudyResult | None = None, **fields: Any) -> Verdict:
        entry = {"id": "it", "kind": kind, "event": "crash", "says": "it", "source": "S"} | fields
        data = {"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": [entry]}
        path = tmp_path / "claims.yaml"
        path.write_text(json.dumps(data), encoding="utf-8")
        (claim,) = load_claims(path).claims
        return judge(claim, on or result)

    return judged


def fell(value: float | str | None = None, **more: Any) -> dict[str, Any]:
    return {"direction": "fall"} | ({} if value is None else {"value": value}) | more


def change(ticker: str, first: int = ZERO - 1, last: int = ZERO) -> float:
    levels = prices()[ticker]
    return 100 * (levels.iloc[last] / levels.iloc[first] - 1)


def usual(ticker: str) -> float:
    returns = prices()[ticker].pct_change().iloc[ZERO - 260 : ZERO - 10]
    return 100 * returns.std(ddof=1)


# ------------------------------------------------------------------------------------------------------- one security
def test_a_move_over_several_sessions(trial: Judge) -> None:
    found = trial("price_move", security="AAA", claimed=fell(15), params={"window": [0, 1]})
    assert found.value == pytest.approx(-change("AAA", last=ZERO + 1))  # 20 % less a quarter of it
    assert found.value == pytest.approx(15.0)
    assert found.verdict == "supported"
    word = trial("price_move", security="AAA", claimed={"word": "tumbled"}, params={"window": [0, 1]})
    assert word.claimed is not None
    s = usual("AAA") * math.sqrt(2)
    assert word.claimed.low == pytest.approx(max(min(2 * s, 5.0), s))


def test_rises_are_the_mirror_image(trial: Judge) -> None:
    found = trial("price_move", security="DDD", claimed={"direction": "rise", "value": 3})
    assert (found.value, found.verdict) == (pytest.approx(3.0), "supported")
    assert trial("price_move", security="DDD", claimed=fell(3)).verdict == "contradicted"
    assert trial("price_move", security="DDD", claimed={"word": "rose"}).verdict == "supported"
    assert trial("price_move", security="AAA", claimed={"word": "rose"}).verdict == "contradicted"


def test_a_word_that_is_too_strong_is_imprecise(trial: Judge) -> None:
    asked = max(min(3 * usual("BBB"), 10.0), 1.5 * usual("BBB"))
    assert asked <= 10
    assert trial("price_move", security="BBB", claimed={"word": "hammered"}).verdict == "supported"  # 10 %
    assert trial("price_move", security="CCC", claimed={"word": "cratered"}).verdict == "contradicted"  # 0.2 %
    assert trial("price_move", security="CCC", claimed={"word": "little changed"}).verdict == "supported"
    assert trial("price_move", security="AAA", claimed={"word": "flat"}).verdict == "contradicted"
    assert max(min(2 * usual("DDD"), 5.0), usual("DDD")) / 2 <= 3
    found = trial("price_move", security="DDD", claimed={"word": "soared"})
    asked = max(min(3 * usual("DDD"), 10.0), 1.5 * usual("DDD"))
    assert found.verdict == ("supported" if asked <= 3 else "imprecise" if asked <= 6 else "contradicted")
    assert trial("price_move", security="CCC", claimed={"word": "slid"}).verdict == "supported"
    assert trial("price_move", security="AAA", claimed=fell(word="sharply")).verdict == "supported"
    assert trial("price_move", security="AAA", claimed={"direction": "rise", "word": "hard"}).verdict == "contradicted"


def test_where_a_basis_is_missing_the_other_is_used_and_said(trial: Judge) -> None:
    found = trial("price_move", security="BBB", claimed=fell(10))
    assert found.verdict == "supported"
    assert any("dividend-adjusted closes are used" in c for c in found.caveats)
    inputs = found.steps[0].inputs.values()
    assert all("adj_close" in q.source for q in inputs if not isinstance(q, str) and q.source)
    assert not any(
        "dividend-adjusted closes are used" in c for c in trial("price_move", security="AAA", claimed=fell(20)).caveats
    )


def test_what_is_missing_leaves_a_claim_open_and_is_named(trial: Judge, result: StudyResult) -> None:
    gap = result.prices.close.copy(), result.prices.adj_close.copy()
    for frame in gap:
        frame.loc[DAY, "AAA"] = np.nan
    holed = replace(result, prices=replace(result.prices, close=gap[0], adj_close=gap[1]))
    found = trial("price_move", holed, security="AAA", claimed=fell(20))
    assert found.verdict == "unresolved"
    assert f"AAA: its close of {DAY:%Y-%m-%d} would decide" in str(found.reason)
    assert trial("price_move", security="NOBODY", claimed=fell(20)).verdict == "unresolved"
    short = trial("price_move", security="NEW", claimed={"word": "tumbled"})
    assert short.verdict == "unresolved"
    assert "79 daily returns" in str(short.reason)  # 90 closes, less the last ten before the event
    assert trial("price_move", security="NEW", claimed={"word": "fell"}).verdict == "supported"  # needs no usual day


def test_a_moved_day_zero_is_said(trial: Judge) -> None:
    found = trial("price_move", security="AAA", event="weekend", claimed=fell(20))
    assert found.verdict == "supported"
    assert any("day zero is" in c for c in found.caveats)


def test_the_abnormal_axis_of_a_security(trial: Judge, result: StudyResult) -> None:
    found = trial("price_move", security="AAA", claimed=fell(20))
    (axis,) = found.abnormal
    own = result.at("AAA", "crash")
    assert axis.ar == pytest.approx(own.abnormal.car(es.Window(0, 0))[own.row("AAA")])
    assert axis.ar + axis.normal == pytest.approx(-0.20)
    assert axis.low < axis.ar < axis.high
    assert (axis.high - axis.low) / 2 / axis.se == pytest.approx(1.9696, abs=1e-3)  # t(248)
    assert axis.abnormal
    assert list(axis.tests) == ["t", "sample_quantile", "placebo"]
    assert any("AAA is part of MKT" in c for c in found.caveats)
    quiet = trial("price_move", security="CCC", claimed={"word": "fell"})
    assert quiet.verdict == "supported"  # a true fall that is nothing unusual
    assert not quiet.abnormal[0].abnormal


# ------------------------------------------------------------------------------------------------------- market value
def test_market_value_uses_split_adjusted_counts_and_flags_later_filings(trial: Judge, result: StudyResult) -> None:
    counts = counts_near(result.reference, "AAA", DAY)
    # neither the average of a quarter nor a count of one source only is a count in force
    assert [(c.shares, c.ratio) for c in counts] == [(100.0, 2.0), (110.0, 1.0)]
    loss = prices()["AAA"].iloc[ZERO - 1] * 0.20
    found = trial("market_value", security="AAA", claimed=fell("2", unit="usd_mn"))
    assert found.value == pytest.approx(100 * loss)
    assert found.measured is not None
    assert (found.measured.low, found.measured.high) == (pytest.approx(100 * loss), pytest.approx(110 * loss))
    assert found.verdict == "contradicted"
    split = next(s for s in found.steps if s.formula == "published × split ratio")
    assert split.result.value == 100.0
    assert not any("filed after" in c for c in found.caveats)


def test_a_count_in_force_is_at_most_half_a_year_old(trial: Judge) -> None:
    found = trial("market_value", security="CCC", claimed=fell(1, unit="usd"))
    assert found.verdict == "unresolved"
    assert "share count dated within half a year" in str(found.reason)


def test_another_currency_needs_a_rate(trial: Judge) -> None:
    found = trial("market_value", security="EURO", claimed=fell(50, unit="usd"))
    assert found.verdict == "unresolved"
    assert "exchange rate" in str(found.reason)
    value = 10 * 0.05 * prices()["EURO"].iloc[ZERO - 1]
    own = trial("market_value", security="EURO", claimed=fell(f"{value:.2f}", unit="eur_mn", precision=1.0))
    assert own.measured is not None
    assert own.measured.unit == "eur"


def test_a_record_that_another_company_holds(trial: Judge, result: StudyResult) -> None:
    fall_b = 400 * prices()["BBB"].iloc[ZERO - 1] * 0.10
    fall_a = 100 * prices()["AAA"].iloc[ZERO - 1] * 0.20
    assert fall_b > fall_a
    found = trial("record", security="AAA", claimed=fell())
    assert (found.verdict, found.value) == ("contradicted", 2.0)
    own = trial("record", security="BBB", claimed=fell())
    assert [(p.label, p.verdict) for p in own.parts] == [
        ("among 2 very large companies", "supported"),
        ("beyond the universe", "unresolved"),
    ]
    assert own.verdict == "partly"
    whole = trial("record", security="BBB", claimed=fell(), params={"complete": True})
    assert (whole.verdict, len(whole.parts)) == ("supported", 1)
    named = trial("record", security="BBB", claimed=fell(), params={"missing": ["Acme"]})
    assert any(c.startswith("The bound: only a company worth more") and "Acme" in c for c in named.caveats)
    alone = trial("record", security="AAA", claimed=fell(), params={"universe": ["AAA"], "complete": True})
    assert alone.verdict == "supported"
    assert any("The universe is 1 companies with long histories (AAA)" in c for c in alone.caveats)
    assert trial("record", security="BBB", claimed={"direction": "rise"}).verdict == "contradicted"
    gone = trial("record", security="AAA", claimed=fell(), params={"universe": ["ZZZ"]})
    assert gone.verdict == "unresolved"


def test_how_far_a_record_was_beaten_and_whose_it_was(trial: Judge) -> None:
    levels = prices()[["AAA", "BBB"]].iloc[ZERO - 120 : ZERO]
    counts = {"AAA": 100.0, "BBB": 400.0}
    drops = {t: -(levels[t].diff() * counts[t]) for t in levels}
    # only days on which a count was in force
    drops["AAA"] = drops["AAA"][drops["AAA"].index >= "2024-01-15"]
    drops["BBB"] = drops["BBB"][drops["BBB"].index >= "2024-03-01"]
    best = max(drops, key=lambda t: drops[t].max())
    found = trial("record_multiple", security="BBB", claimed=fell(1, unit="multiple", modifier="more_than"))
    now = 400 * prices()["BBB"].iloc[ZERO - 1] * 0.10
    assert found.value == pytest.approx(now / drops[best].max())
    held = trial("record_holder", security="BBB", claimed=fell(), params={"holder": best})
    assert held.verdict == "supported"
    assert held.value == (DAY - drops[best].idxmax()).days
    other = "AAA" if best == "BBB" else "BBB"
    assert trial("record_holder", security="BBB", claimed=fell(), params={"holder": other}).verdict == "contradicted"


# -------------------------------------------------------------------------------------------------------- many things
def said(*words: str) -> list[Comparison]:
    return [Comparison(w, "overstated" if w == "imprecise" else None, 0.0) for w in words]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quantifier", "members", "verdict"),
    [
        ("all", ["supported", "supported"], "supported"),
        ("all", ["supported", "imprecise"], "imprecise"),
        ("all", ["supported", "imprecise", "contradicted"], "contradicted"),
        ("most", ["supported", "supported", "contradicted"], "supported"),
        ("most", ["supported", "contradicted"], "contradicted"),  # half is not most
        ("most", ["supported", "imprecise", "contradicted"], "imprecise"),
        ("none", ["contradicted", "imprecise"], "supported"),
        ("none", ["contradicted", "supported"], "contradicted"),
        ("only", ["supported", "supported"], "supported"),
        ("only", ["supported", "contradicted"], "contradicted"),
        ("each", ["supported", "contradicted"], "partly"),
        ("each", ["imprecise", "imprecise"], "imprecise"),
    ],
)
def test_quantifiers(quantifier: Any, members: list[str], verdict: str) -> None:
    assert quantified(quantifier, said(*members))[0] == verdict


def test_only_fails_at_one_other(trial: Judge) -> None:
    params = {"quantifier": "only", "others": ["DDD"]}
    claimed = {"word": "fell"}
    assert trial("group_move", tickers=["AAA", "BBB"], claimed=claimed, params=params).verdict == "supported"
    found = trial("group_move", tickers=["AAA"], claimed=claimed, params=params | {"others": ["quartet"]})
    assert found.verdict == "contradicted"
    assert [(p.ticker, p.verdict) for p in found.parts] == [
        ("AAA", "supported"),
        ("BBB", "contradicted"),
        ("CCC", "contradicted"),
        ("DDD", "supported"),
    ]


def test_a_group_is_counted_the_way_that_is_claimed(trial: Judge) -> None:
    claimed, params = {"direction": "rise", "value": 2, "modifier": "more_than"}, {"quantifier": "all"}
    found = trial("group_move", tickers=["AAA", "DDD"], claimed=claimed, params=params)
    said = tables.statement(found.summary)
    assert said.startswith(
        "1 of 2 rose on 8 April 2024, from a fall of 20.00% (AAA) to a rise of 3.00% (DDD); AAA fell"
    )
    assert said.endswith("; 1 by as much as is claimed.")
    assert measured(found) == "−20.00% to 3.00%"  # not their mean, which nobody claimed
    mean = trial("group_move", tickers=["AAA", "DDD"], claimed=claimed, params={"quantifier": "mean"})
    assert measured(mean) == Quantity(mean.value, "percent")
    fall = trial("group_move", tickers=["AAA", "BBB"], claimed=fell(15, modifier="more_than"), params=params)
    said = tables.statement(fall.summary)
    assert said == ("2 of 2 fell on 8 April 2024, between 10.00% (BBB) and 20.00% (AAA); 1 by as much as is claimed.")


def test_a_group_with_a_number(trial: Judge) -> None:
    found = trial("group_move", group="quartet", claimed=fell(9, modifier="more_than"), params={"quantifier": "most"})
    assert [p.verdict for p in found.parts] == ["supported", "supported", "contradicted", "contradicted"]
    assert found.verdict == "contradicted"
    assert {a.subject for a in found.abnormal} == {"quartet", "AAA", "BBB", "CCC", "DDD"}
    assert found.abnormal[0].tests
    missing = trial("group_move", tickers=["AAA", "GONE"], claimed=fell(20), params={"quantifier": "all"})
    assert missing.verdict == "unresolved"  # GONE could have risen
    assert "GONE" in str(missing.reason)
    assert any(c.startswith("Left out") and "GONE" in c for c in missing.caveats)
    against = trial("group_move", tickers=["DDD", "GONE"], claimed=fell(20), params={"quantifier": "all"})
    assert (against.verdict, against.reason) == ("contradicted", None)  # whatever GONE did


def test_a_rank_counts_the_days_that_fell_further(trial: Judge) -> None:
    def ranked(n: int, event: str, **params: Any) -> Verdict:
        claimed = fell(n, unit="rank", modifier="at_most")
        return trial("rank", claimed=claimed, params={"of": ["MKT"], **params}, event=event)

    found = ranked(3, "crash")  # 82 after 80: a rise
    assert (found.verdict, str(found.decision.template)) == ("contradicted", "The day was no fall: contradicted")  # type: ignore[union-attr]
    earlier = ranked(1, "before")  # 90 after 100
    assert [(r.value, r.headline) for r in earlier.readings] == [(1.0, True), (1.0, False)]
    assert earlier.verdict == "supported"
    assert [r.label.split(", ")[1] for r in ranked(1, "before", measure="points").readings] == [
        "by points",
        "by per cent",
    ]
    assert not earlier.depends  # the other measure is shown and does not vote


def test_a_table_counts_rows_with_figures(trial: Judge) -> None:
    loss = 100 * 0.20 * prices()["AAA"].iloc[ZERO - 1]
    assert 500 < loss < 1e8
    found = trial(
        "reference",
        security="AAA",
        claimed=fell(50, modifier="more_than"),
        params={"columns": ["gdp_1_usd", "gdp_2_usd"], "label": "countries"},
    )
    assert [(p.value, p.verdict) for p in found.parts] == [
        (pytest.approx(200 / 3), "supported"),
        (pytest.approx(25.0), "contradicted"),
    ]
    assert found.verdict == "partly"


def test_an_aggregate_names_who_is_in_it(trial: Judge) -> None:
    readings = [{"label": "all"}, {"label": "losses", "net": False}, {"label": "one", "tickers": ["AAA"]}]
    found = trial("aggregate", claimed=fell("0.005", unit="usd_mn"), params={"readings": readings})
    a, b = 100 * 0.20 * prices()["AAA"].iloc[ZERO - 1], 400 * 0.10 * 0.98 * prices()["BBB"].iloc[ZERO - 1]
    net, gross, one = (r.value for r in found.readings if not r.label.endswith("share counts"))
    assert (net, gross, one) == (pytest.approx(a + b), pytest.approx(a + b), pytest.approx(a))
    assert any("CCC" in c and c.startswith("Left out") for c in found.caveats)
    assert any("BBB" in c and "understated" in c for c in found.caveats)


def test_a_sum_names_the_files_that_its_numbers_come_from(trial: Judge, result: StudyResult) -> None:
    def sources(on: StudyResult) -> list[str]:
        params = {"readings": [{"label": "both", "tickers": ["AAA", "BBB"]}]}
        found = trial("aggregate", on, claimed=fell("0.005", unit="usd_mn"), params=params)
        return [r.source for r in found.readings]

    assert sources(result)[0] == "made-up prices and shares_outstanding.csv, BBB, AAA"
    stated = result.reference.shares.assign(measure="stated_split_adjusted")
    own = replace(result, reference=replace(result.reference, shares=stated))
    assert [s.split(",")[0] for s in sources(own)] == [
        "made-up prices and share counts as stated",
        *["made-up prices and every count near the day in share counts as stated"] * 2,
    ]


@pytest.mark.parametrize(
    ("claimed", "hinted"),
    [
        ({"value": "0.2"}, True),
        ({"value": "0.20", "modifier": "at_least"}, True),
        ({"low": "0.19", "high": "0.21"}, True),
        ({"value": "0.1"}, False),
        ({"value": "20"}, False),
        ({"value": "0.2", "direction": "rise"}, False),
    ],
)
def test_a_fraction_in_the_place_of_percent_is_hinted_at(trial: Judge, claimed: dict[str, Any], hinted: bool) -> None:
    found = trial("price_move", security="AAA", claimed=fell() | claimed)
    assert any("a number in percent is no fraction" in c for c in found.caveats) == hinted


def test_the_answer_to_a_mean_states_it(trial: Judge) -> None:
    found = trial("group_move", group="trio", claimed=fell(10), params={"quantifier": "mean"})
    assert "their mean is a fall of {mean}" in found.summary.template
    mean = found.summary.values["mean"]
    assert isinstance(mean, Quantity)
    assert mean.value == pytest.approx(-np.mean([change(t) for t in ("AAA", "BBB", "CCC")]))


# ----------------------------------------------------------------------------------------------------- time and cause
def test_timing_finds_the_day_itself(trial: Judge) -> None:
    params = {"start": "before", "within": 10}
    days = (DAY - SESSIONS[ZERO - 4]).days
    found = trial("timing", security="AAA", claimed=fell(days, unit="days"), params=params)
    assert (found.value, found.verdict) == (float(days), "supported")
    sessions = trial("timing", security="AAA", claimed=fell(4, unit="sessions"), params=params)
    assert (sessions.value, sessions.verdict) == (4.0, "supported")
    assert [a.event for a in found.abnormal] == ["crash", "before"]
    same = trial("timing", security="AAA", claimed=fell(0, unit="days"), params={"start": "crash"})
    assert same.verdict == "supported"
    assert "the day of the announcement" in same.summary.template
    assert "{days} after" not in same.summary.template
    assert [a.event for a in same.abnormal] == ["crash"]
    weekend = trial("timing", security="AAA", claimed=fell(1, unit="days"), params={"start": "weekend"})
    assert "the first session after {announced}" in weekend.summary.template
    assert [a.event for a in weekend.abnormal] == ["crash"]
    early = trial("timing", security="AAA", claimed=fell(days, unit="days"), params=params | {"within": 3})
    assert any("The largest move came on" in c for c in early.caveats)


def test_a_move_of_its_own_and_a_move_of_the_market(trial: Judge, result: StudyResult) -> None:
    assert trial("abnormal_move", security="AAA", claimed=fell()).verdict == "supported"
    assert trial("abnormal_move", security="DDD", claimed=fell()).verdict == "contradicted"
    group = trial("abnormal_move", group="trio", claimed=fell())
    assert [p.verdict for p in group.parts[:2]] == ["supported", "supported"]
    assert group.abnormal[0].subject == "trio"
    assert "because of" not in " ".join(group.caveats)


@pytest.mark.parametrize(
    ("parts", "verdict"),  # abnormal and normal return against each benchmark, and whether the first rejects
    [
        ([(-0.08, -0.02, True)], "supported"),
        ([(-0.08, -0.02, False)], "unresolved"),  # not rejecting contradicts nothing
        ([(-0.08, -0.02, None)], "unresolved"),
        ([(-0.04, -0.06, False)], "contradicted"),  # the market has at least half
        ([(-0.05, -0.05, False)], "contradicted"),
        ([(-0.04, -0.06, False), (-0.09, -0.01, True)], "unresolved"),  # but not against every benchmark
        ([(-0.04, -0.06, False), (-0.02, -0.08, False)], "contradicted"),
        ([(0.03, -0.13, True)], "contradicted"),  # the wrong sign
        ([(0.03, -0.13, True), (-0.08, -0.02, False)], "unresolved"),
    ],
)
def test_a_test_that_does_not_reject_contradicts_nothing(parts: list[Any], verdict: str) -> None:
    axes = [
        AbnormalAxis("A", "e", f"b{i}", "market", (0, 0), ar, 0.02, ar, ar, 0.5, 0.5, {"t": 0.5}, rejects, normal)
        for i, (ar, normal, rejects) in enumerate(parts)
    ]
    assert verdict_of(axes, -1) == verdict
    mirrored = [replace(a, ar=-a.ar, normal=-a.normal) for a in axes]
    assert verdict_of(mirrored, 1) == verdict


def test_what_was_undone(trial: Judge) -> None:
    claimed = fell(50, modifier="at_least")
    found = trial("persistence", security="AAA", claimed=claimed, params={"sessions": [1, 2, 5]})
    assert [p.value for p in found.parts] == [pytest.approx(v) for v in (25.0, 50.0, 50.0, 50.0)]
    assert [p.verdict for p in found.parts] == ["contradicted", "supported", "supported", "supported"]
    last = len(SESSIONS) - 1 - ZERO
    assert found.parts[-1].label == f"after {last} sessions, the last there is"
    windows = [a.window for a in found.abnormal]
    assert last > 20  # over so many sessions the intercept outweighs the event: nothing is tested
    assert windows == [(0, 0), (1, 1), (1, 2), (1, 5)]
    assert all(p.note for p in found.parts)
    assert "By the yardstick of at least {asked_low} of the {move} undone" in found.summary.template
    assert (found.summary.values["hits"], found.summary.values["n"]) == (Quantity(3, "count"), Quantity(4, "count"))
    nothing = trial("persistence", security="DDD", claimed=claimed, params={"sessions": [1]})
    assert nothing.verdict == "unresolved"
    until = f"{SESSIONS[ZERO + 2]:%Y-%m-%d}"
    by = trial("persistence", security="AAA", claimed=claimed, params={"until": [until], "last": False})
    assert [p.value for p in by.parts] == [pytest.approx(50.0)]


def test_a_gain_taken_back_and_a_fall_made_good(trial: Judge) -> None:
    levels = prices()
    back = trial(
        "price_path", security="DDD", event="later", claimed=fell(10, modifier="at_least"), params={"since": "crash"}
    )
    base, peak, after = (levels["DDD"].iloc[k] for k in (ZERO - 1, ZERO + 29, ZERO + 30))
    assert peak > base
    assert back.value == pytest.approx(100 * (peak - after) / (peak - base))
    same = trial("price_path", security="AAA", claimed=fell(10), params={"since": "crash"})
    assert same.verdict == "unresolved"


def test_other_dates_are_tested_for_equivalence(trial: Judge, result: StudyResult) -> None:
    trio, window = ["AAA", "BBB", "CCC"], es.Window(0, 0)
    found = trial(
        "event_dates", group="trio", claimed=fell(50, modifier="less_than"), params={"events": ["later", "before"]}
    )
    axes = {e: group_axis(result, "trio", trio, e, window) for e in ("crash", "later", "before")}
    base = -axes["crash"].ar  # type: ignore[union-attr]
    for part, name, row in zip(found.parts, ("later", "before"), (ZERO + 30, ZERO - 4), strict=True):
        assert part.value == pytest.approx(np.mean([change(t, row - 1, row) for t in trio]))
        ends = [-100 * end / base for end in (axes[name].high, axes[name].low)]  # type: ignore[union-attr]
        assert part.verdict == ("supported" if ends[1] < 50 else "contradicted" if ends[0] >= 50 else "unresolved")
    assert [r.value for r in found.readings] == pytest.approx(
        [-100 * axes[e].low / base for e in ("later", "before")]  # type: ignore[union-attr]
    )
    assert found.verdict == "supported"
    tight = trial("event_dates", group="trio", claimed=fell(1, modifier="less_than"), params={"events": ["later"]})
    assert tight.verdict == "unresolved"  # that nothing was seen is no proof that nothing was there
    assert "could have been seen" in str(tight.reason)
    same = trial("event_dates", group="trio", claimed=fell(50, modifier="less_than"), params={"events": ["crash"]})
    assert same.verdict == "contradicted"  # the whole interval lies above half of itself


def test_articles_that_do_not_agree(result: StudyResult, tmp_path: Path) -> None:
    def verdict(first: str, second: str) -> str:
        base = {"kind": "market_value", "event": "crash", "security": "AAA", "says": "x", "source": "S"}
        claims = [
            base | {"id": "a", "claimed": fell(first, unit="usd_bn")},
            base | {"id": "b", "claimed": fell(second, unit="usd_bn")},
            base | {"id": "c", "kind": "consistency", "params": {"claims": ["a", "b"]}},
        ]
        path = tmp_path / "claims.yaml"
        path.write_text(json.dumps({"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": claims}))
        return judge_all(load_claims(path), result)[2].verdict

    assert verdict("589", "600") == "supported"
    assert verdict("589", "585") == "imprecise"  # 588.5 and 585.5: half a per cent, and no vendor between them
    assert verdict("589", "531") == "imprecise"
    assert verdict("589", "311") == "contradicted"


# ----------------------------------------------------------------------------------------------------------- the rest
def own(judged: Any) -> Kind:
    """A card as a user writes one."""
    return replace(CLAIM_KINDS["abnormal_move"], name="own", judge=judged)


def test_an_unknown_kind_and_a_kind_of_ones_own(result: StudyResult, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = Claim("x", "price_mov", "x", ())
    with pytest.raises(UnknownNameError, match="Did you mean 'price_move'"):
        judge(claim, result)
    weather = own(lambda c, r: unresolved(c, f"the weather of {r.settings.id} would decide"))
    monkeypatch.setitem(CLAIM_KINDS, "own", weather)
    assert judge(replace(claim, kind="own"), result).reason == "The weather of study would decide."


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        (lambda c, r: "supported", "'own' returned 'supported'; .* returns a Verdict on that claim, here 'x'"),
        (lambda c, r: None, "'own' returned None"),
        (lambda c, r: unresolved(replace(c, id="y"), "nothing"), "'own' returned a verdict on 'y'"),
        (lambda c, r: 1 / 0, "'own' failed on the claim 'x': ZeroDivisionError: division by zero"),
    ],
)
def test_a_kind_that_returns_the_wrong_thing_is_named(
    judged: Any, said: str, result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = Claim("x", "own", "x", (), file="claims.yaml", line=7)
    monkeypatch.setitem(CLAIM_KINDS, "own", own(judged))
    with pytest.raises(SpecError, match=f"claims.yaml:7: the claim kind {said}"):
        judge(claim, result)
    monkeypatch.setitem(CLAIM_KINDS, "own", judged)
    with pytest.raises(SpecError, match=r"'own' is registered as <function .*; CLAIM_KINDS holds cards"):
        judge(claim, result)


def test_a_card_without_a_fact_cannot_be_built() -> None:
    with pytest.raises(SpecError, match=r"Kind\('own'\).* leaves out rule"):
        replace(own(len), rule="")
    with pytest.raises(SpecError, match="judge is a function, got 'len'"):
        own("len")


def test_an_event_the_study_does_not_have(trial: Judge) -> None:
    found = trial("price_move", event="nothing", security="AAA", claimed=fell(20))
    assert found.verdict == "unresolved"
    assert "no event 'nothing'" in str(found.reason)


def test_units_of_time_are_dates(trial: Judge) -> None:
    found = trial("price_move", security="AAA", claimed=fell(20))
    day = found.summary.values["day"]
    assert not isinstance(day, str)
    assert dt.date.fromordinal(int(day.value)) == DAY.date()
