"""The rules of a verdict, each with the claim that would break it, and what holds for all claims."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import claims_study
import pytest
from explained import printed, redone
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.claims import judge
from eventstudy.claims.answer import judged
from eventstudy.claims.load import load_claims
from eventstudy.claims.quantifiers import quantified
from eventstudy.claims.rank import _narrow
from eventstudy.errors import SpecError
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Claimed, Quantity, Reading, Sort, Verdict, VerdictWord
from eventstudy.report import tables, worked
from eventstudy.report.cards import card

TRILLION = Claim("sum", "aggregate", "About so much was lost", (), Claimed("fall", "1.12", "usd_tn"))


def read(*values: tuple[float, Sort], unit: str = "usd") -> list[Reading]:
    return [Reading(f"r{i}", value, unit, "made up", i == 0, sort) for i, (value, sort) in enumerate(values)]


def test_a_claim_between_two_definitions_is_supported_by_neither() -> None:
    """1.12 trillion lies between 1.06 net and 1.27 gross, and no way to count gives it."""
    found = judged(TRILLION, read((1.06e12, "input"), (1.27e12, "definition")), "usd", vendors=True)
    assert (found.comparison.verdict, found.readings[1].verdict) == ("imprecise", "imprecise")
    near = judged(TRILLION, read((1.06e12, "input"), (1.12e12, "definition")), "usd", vendors=True)
    assert (near.comparison.verdict, near.readings[1].verdict) == ("imprecise", "supported")  # the headline decides


def test_a_claim_between_two_inputs_needs_one_that_supports_it() -> None:
    far = judged(TRILLION, read((1.0e12, "input"), (1.4e12, "input")), "usd", vendors=True)
    assert far.comparison.verdict == "imprecise"  # 1.0 is nearest: 10 % off
    near = judged(TRILLION, read((1.0e12, "input"), (1.125e12, "input")), "usd", vendors=True)
    assert near.comparison.verdict == "supported"


def test_the_deciding_step_is_in_numbers() -> None:
    claim = Claim("amd", "price_move", "AMD fell more than 8 per cent", (), Claimed("fall", "8", modifier="more_than"))
    found = judged(claim, read((6.37, "input"), unit="percent"), "percent")
    assert tables.statement(found.decision) == "(8.00% − 6.37%) / 8.00% = 20.38% > 15.00%: contradicted"
    rise = judged(claim, read((-1.0, "input"), unit="percent"), "percent")
    said = "A fall was claimed; measured as a fall it is −1.00%: contradicted"
    assert tables.statement(rise.decision) == said
    inside = judged(claim, read((8.5, "input"), unit="percent"), "percent")
    assert tables.statement(inside.decision) == "8.50% > 8.00%: supported"


@given(
    st.sampled_from(["0.5", "3.1", "8", "17", "150", "589", "600"]),
    st.sampled_from(["exactly", "about", "more_than", "at_least", "less_than", "at_most"]),
    st.floats(-5, 900),
    st.lists(st.tuples(st.floats(-5, 900), st.sampled_from(["input", "definition", "shown"])), max_size=4),
    st.booleans(),
)
def test_what_is_supported_the_headline_supports(
    quoted: str, modifier: Any, head: float, others: list[tuple[float, Any]], vendors: bool
) -> None:
    """The headline reading with the other inputs of the same quantity; and one reading of them by itself."""
    claim = Claim("x", "price_move", "x", (), Claimed("fall", quoted, "percent", modifier))
    found = judged(claim, read((head, "input"), *others, unit="percent"), "percent", vendors)
    own = [head, *(value for value, sort in others if sort == "input")]
    alone = [judged(claim, read((v, "input"), unit="percent"), "percent", vendors).comparison.verdict for v in own]
    if found.comparison.verdict == "supported":
        assert "supported" in alone
        assert min(own) <= found.measured.high
        assert found.measured.low <= max(own)
    if len(own) == 1:
        assert found.comparison.verdict == alone[0]
        without = judged(claim, read((head, "input"), unit="percent"), "percent", vendors)
        assert found.comparison == without.comparison  # a definition, or what is only shown, never decides
    answer = found.decision.template.rpartition(": ")[2].partition(" (")[0]
    assert answer == found.comparison.verdict


# ---------------------------------------------------------------------------------------------------- on real verdicts
def moved(result: StudyResult, cents: float) -> StudyResult:
    """The study with AAA's close of the event day so many cents lower."""
    close = result.prices.close.copy()
    close.loc[claims_study.DAY, "AAA"] -= cents / 100
    prices: PricePanel = replace(result.prices, close=close)
    return replace(result, prices=prices)


def test_one_cent_across_a_boundary_turns_the_verdict(claims_result: StudyResult) -> None:
    levels = claims_result.prices.close["AAA"]
    at = levels.index.get_loc(claims_study.DAY)
    before, after = float(levels.iloc[at - 1]), float(levels.iloc[at])
    fall = 100 * (1 - after / before)
    bound = f"{fall + 0.5 / before:.6f}"  # half a cent further down
    claim = Claim(
        "cent",
        "price_move",
        "AAA fell more than that",
        (),
        Claimed("fall", bound, modifier="more_than"),
        "crash",
        ("AAA",),
    )
    words: list[VerdictWord] = []
    for cents in (0, 1):
        verdict = judge(claim, moved(claims_result, cents))
        assert verdict.decision is not None
        assert verdict.decision.template.endswith(verdict.verdict if cents else "imprecise (overstated)")
        words.append(verdict.verdict)
    assert words == ["imprecise", "supported"]
    assert "{measured} > {bound}" in verdict.decision.template  # type: ignore[union-attr]


@pytest.mark.parametrize(("word", "verdict"), [("fell", "supported"), ("cratered", "contradicted")])
def test_half_a_per_cent_is_a_fall_and_no_crater(claims_result: StudyResult, word: str, verdict: str) -> None:
    claim = Claim("w", "price_move", "CCC", (), Claimed("fall", word=word), "crash", ("CCC",))
    assert judge(claim, claims_result).verdict == verdict  # 0.2 %


def test_the_members_of_a_group_say_who_turns_the_answer(claims_result: StudyResult) -> None:
    params: dict[str, Any] = {"group": "quartet", "quantifier": "all"}
    claim = Claim("g", "group_move", "All fell", (), Claimed("fall", word="fell"), "crash", (), params=params)
    found = judge(claim, claims_result)  # DDD alone rose
    assert found.verdict == "contradicted"
    said = " ".join(found.caveats)
    assert "One member turns the answer. Without DDD it would be supported." in said
    assert "the group quartet of the study file: AAA, BBB, CCC, DDD" in said
    few = replace(claim, params={**params, "group": None, "borderline": ("DDD",)}, tickers=("AAA", "BBB"))
    assert "With DDD it would be contradicted" in " ".join(judge(few, claims_result).caveats)


def test_a_borderline_member_that_is_a_member_does_not_count_twice(claims_result: StudyResult) -> None:
    params: dict[str, Any] = {"group": "quartet", "quantifier": "count", "count": 3, "borderline": ("AAA",)}
    claim = Claim("b", "group_move", "3 of four fell", (), Claimed("fall", word="fell"), "crash", (), params=params)
    assert "With AAA" not in " ".join(judge(claim, claims_result).caveats)


@pytest.mark.parametrize(("n", "verdict"), [(3, "supported"), (2, "contradicted"), (4, "contradicted")])
def test_so_many_of_a_group_are_counted(claims_result: StudyResult, n: int, verdict: str) -> None:
    params: dict[str, Any] = {"group": "quartet", "quantifier": "count", "count": n}
    claim = Claim("n", "group_move", f"{n} of four fell", (), Claimed("fall", word="fell"), "crash", (), params=params)
    assert judge(claim, claims_result).verdict == verdict


def test_the_arithmetic_of_the_second_axis_adds_up(claims_result: StudyResult) -> None:
    claim = Claim("a", "price_move", "AAA fell", (), Claimed("fall", word="fell"), "crash", ("AAA",))
    axis = judge(claim, claims_result).abnormal[0]
    assert axis.step is not None
    r, a, b, rm = (q.value for q in axis.step.inputs.values() if isinstance(q, Quantity))
    assert r - (a + b * rm) == pytest.approx(100 * axis.ar) == pytest.approx(axis.step.result.value)
    assert math.isclose(r, -20.0)
    assert axis.question


# ------------------------------------------------------------------------------------------ ends, to the last cent
@pytest.mark.parametrize(
    ("claimed", "before", "after", "verdict"),
    [
        (Claimed("fall", "16.5", upper="17.5"), 10000, 8250, "supported"),
        (Claimed("fall", "17", precision=0.5), 10000, 8250, "supported"),
        (Claimed("fall", "17"), 10000, 8250, "imprecise"),  # 17.5 would have been rounded up
        (Claimed("fall", "17"), 10000, 8350, "supported"),
        (Claimed("fall", "10", modifier="about"), 10000, 9100, "supported"),
        (Claimed("fall", "10"), 10000, 8900, "imprecise"),
        (Claimed("fall", "9", modifier="more_than"), 10000, 9100, "imprecise"),
        (Claimed("fall", "9", modifier="at_least"), 10000, 9100, "supported"),
        (Claimed("fall", "9", modifier="less_than"), 10000, 9100, "imprecise"),
        (Claimed("fall", "8", modifier="more_than"), 10000, 9320, "imprecise"),  # (8 - 6.8) / 8 is 15 %
        (Claimed("fall", "8", modifier="more_than"), 10000, 9321, "contradicted"),
        (Claimed("fall", "17", modifier="more_than"), 10000, 8303, "imprecise"),
        (Claimed("fall", "3.05", modifier="less_than"), 10000, 9693, "imprecise"),
    ],
)
def test_an_end_is_the_decimal_number_that_it_is_written_as(
    claimed: Claimed, before: float, after: float, verdict: str
) -> None:
    """A fall from 10,000 to 8,250 is 17.5 %, whatever binary fractions make of it, one way of computing or another."""
    claim = Claim("end", "price_move", "It fell", (), claimed)
    for fall in (100 * (1 - after / before), 100 * (before - after) / before, -100 * (after / before - 1)):
        assert judged(claim, read((fall, "input"), unit="percent"), "percent").comparison.verdict == verdict


# ---------------------------------------------------------------------------------------- what a pocket calculator says
def test_every_step_comes_out_from_the_printed_numbers(deepseek_result: StudyResult) -> None:
    """Half a unit of the last printed digit is all that a reader may be off."""
    checked = 0
    for verdict in deepseek_result.verdicts:
        own = [axis.step for axis in verdict.abnormal if axis.step is not None]
        for step in (*verdict.steps, *own):
            shown, result = worked.step(step)
            if step.formula.startswith(("sum of", "smallest high")) or step.result.unit == "days":  # words, and dates
                continue
            value, unit = printed(result)
            got = redone(step.formula, {name: printed(text)[0] for name, text in shown.items()})
            assert abs(got - value) <= unit / 2, (verdict.claim.id, step.label, shown, result, got)
            checked += 1
    assert checked > 300


@pytest.mark.parametrize(
    ("fall", "said"),
    [
        (17.4999, "16.50% ≤ 17.4999% < 17.50%: supported"),
        (17.5, "(17.50% − 17.50%) / 17.00% = 0.00% ≤ 15.00%: imprecise (understated)"),
        (20.0501, "(20.0501% − 17.50%) / 17.00% = 15.001% > 15.00%: contradicted"),
    ],
)
def test_what_is_close_is_printed_in_digits_that_show_it(fall: float, said: str) -> None:
    claim = Claim("end", "price_move", "It fell", (), Claimed("fall", "17"))
    assert worked.decision(judged(claim, read((fall, "input"), unit="percent"), "percent").decision) == said


def test_a_bound_is_decided_by_the_reading_with_least_to_spare() -> None:
    claim = Claim("b", "market_value", "It lost over 500 billion", (), Claimed("fall", "500", "usd_bn", "more_than"))
    found = judged(claim, read((592e9, "input"), (590e9, "input"), (594e9, "input")), "usd", vendors=True)
    assert worked.decision(found.decision) == "$590.0 billion > $500.0 billion: supported"


# ------------------------------------------------------------------------------------- what a claim cannot ask for
@pytest.mark.parametrize("modifier", ["exactly", "at_most", "less_than"])
def test_of_zero_nothing_is_a_share(modifier: Any) -> None:
    claim = Claim("zero", "price_move", "It did not fall", (), Claimed("fall", "0", modifier=modifier))
    found = judged(claim, read((2.0, "input"), unit="percent"), "percent")
    assert found.comparison.verdict == "contradicted"
    assert worked.decision(found.decision) == "2.00% is not 0.00%, and nothing is a share of zero: contradicted"


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (
            "price_move",
            {"claimed": {"direction": "fall", "value": 20, "modifier": "more_than", "precision": 1}},
            "bound",
        ),
        ("price_move", {"claimed": {"word": "tumbled", "modifier": "about"}}, "modifier belongs to a number"),
        ("price_move", {"claimed": {"word": "tumbled", "precision": 1}}, "precision belongs to a number"),
        ("rank", {"claimed": {"direction": "fall", "value": 0, "unit": "rank"}}, "whole number from 1"),
        ("rank", {"claimed": {"direction": "fall", "value": "1.5", "unit": "rank"}}, "whole number from 1"),
        ("group_move", {"params": {"quantifier": "count"}}, "give both or neither"),
        ("group_move", {"params": {"quantifier": "all", "count": 2}}, "give both or neither"),
        ("group_move", {"params": {"quantifier": "only"}}, "`others` names"),
    ],
)
def test_what_would_be_ignored_is_refused(tmp_path: Path, kind: str, fields: dict[str, Any], said: str) -> None:
    subject = {"price_move": {"security": "AAA"}, "group_move": {"tickers": ["AAA", "BBB"]}, "rank": {}}[kind]
    entry = {"id": "it", "kind": kind, "event": "crash", "says": "it", "source": "S"} | subject
    entry |= {"params": {"of": ["MKT"]}} if kind == "rank" else {}
    entry |= {"claimed": {"word": "fell"}} | fields
    path = tmp_path / "claims.yaml"
    path.write_text(json.dumps({"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": [entry]}))
    with pytest.raises(SpecError, match=re.escape(said)):
        load_claims(path)


def test_all_says_which_way_its_members_miss() -> None:
    """Falls of 9.7 and 10.3 % beside a claimed 9 are more than was said, not less."""
    claim = Claim("all", "price_move", "All fell 9 per cent", (), Claimed("fall", "9"))
    more = [judged(claim, read((v, "input"), unit="percent"), "percent").comparison for v in (9.7, 10.2)]
    less = judged(claim, read((8.0, "input"), unit="percent"), "percent").comparison
    assert quantified("all", more) == ("imprecise", "understated")
    assert quantified("most", more) == ("imprecise", "understated")
    assert quantified("all", [*more, less]) == ("imprecise", None)


@pytest.mark.parametrize(("day", "label"), [("2024-04-13", "12 April 2024"), ("2024-04-12", "12 April 2024")])
def test_by_a_day_without_a_session_is_the_close_before(
    claims_result: StudyResult, tmp_path: Path, day: str, label: str
) -> None:
    """A Saturday's close is Friday's; it is not Monday's, which came later."""
    verdict = undone_by(claims_result, tmp_path, day)
    assert f"by {label}" in tables.statement(verdict.summary)


@pytest.mark.parametrize("day", ["2030-01-01", "2024-04-08", "2024-04-01"])
def test_by_a_day_without_closes_is_open(claims_result: StudyResult, tmp_path: Path, day: str) -> None:
    verdict = undone_by(claims_result, tmp_path, day)
    assert verdict.verdict == "unresolved"
    assert day in (verdict.reason or "")


def undone_by(result: StudyResult, folder: Path, day: str) -> Verdict:
    claimed = {"direction": "fall", "value": 50, "modifier": "at_least"}
    entry = {"id": "it", "kind": "persistence", "event": "crash", "says": "it", "source": "S", "security": "AAA"}
    entry |= {"claimed": claimed, "params": {"until": [day], "sessions": [1]}}  # type: ignore[dict-item]
    path = folder / "claims.yaml"
    path.write_text(json.dumps({"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": [entry]}))
    return judge(load_claims(path).claims[0], result)


def test_a_sector_named_before_the_market_is_said() -> None:
    assert _narrow(["^GSPC", "^SOX"]) == _narrow(["NVDA"]) == _narrow(["^SOX"]) == []
    (said,) = _narrow(["^SOX", "^GSPC", "^IXIC"])
    assert said.startswith("^SOX is named first and decides, though it is not the market; ^GSPC, ^IXIC stand beside it")


def test_the_benchmark_that_turns_a_member_is_listed(deepseek_result: StudyResult) -> None:
    """AMD and ASML depend on the benchmark: the card has an entry against one that answers otherwise."""
    axes = deepseek_result.verdict("every-chipmaker").abnormal
    words = {a.subject: a for a in reversed(axes)}
    depends = [a for a in words.values() if a.word == "depends on the benchmark" and a.primary == "t"]
    assert depends
    for head in depends:
        others = [a for a in axes if a.subject == head.subject and a.benchmark != head.benchmark]
        assert others
        assert all(a.abnormal != head.abnormal for a in others)


def test_a_card_says_that_its_deciding_step_is_by_size(deepseek_result: StudyResult) -> None:
    settings, known = deepseek_result.settings, deepseek_result.cards
    amd, huang = (card(deepseek_result.verdict(i), settings, known, "0" * 64) for i in ("amd-8", "huang-month"))
    assert amd.measured == "−6.37%"
    assert str(amd.decision).startswith("By size: (8.00% − 6.3741%) / 8.00%")
    assert str(huang.decision).startswith("(27.393 days")
