"""The rules of a verdict, each with the claim that would break it, and what holds for all claims."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import claims_study
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.claims import judge
from eventstudy.claims.answer import judged
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Claimed, Quantity, Reading, Sort, VerdictWord
from eventstudy.report import tables

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
