"""Every explanation is redone from the numbers that it prints, by an evaluator of its own (`explained.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import claims_study
import pytest
from explained import decision_of, follows, printed, redone, steps_of, verdict_of
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.claims import CLAIM_KINDS, judge, judge_all
from eventstudy.claims.load import load_claims
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Claimed, Verdict
from eventstudy.report.explain import explain


def trials(deepseek_result: StudyResult, claims_result: StudyResult) -> Iterator[tuple[Verdict, str]]:
    """Every bundled claim, opinions as claims too, and a claim of every kind on the made-up study."""
    for verdict in deepseek_result.verdicts:
        shown = replace(verdict, claim=replace(verdict.claim, status="stated"))
        yield verdict, explain(shown, deepseek_result.cards)
    for verdict in judge_all(load_claims(claims_study.CLAIMS), claims_result):
        yield verdict, explain(verdict, claims_result.cards)


def test_every_verdict_follows_from_its_deciding_step(deepseek_result: StudyResult, claims_result: StudyResult) -> None:
    kinds = set()
    for verdict, text in trials(deepseek_result, claims_result):
        decision = decision_of(text)
        assert follows(decision) == verdict.verdict, (verdict.claim.id, decision)
        assert verdict.verdict in decision.rpartition(":")[2]
        assert verdict_of(text) == {"supported": "supported", "partly": "partly"}.get(verdict.verdict, verdict.verdict)
        kinds.add(verdict.claim.kind)
    assert kinds == {*CLAIM_KINDS}


def test_every_step_follows_from_the_lines_above_it(deepseek_result: StudyResult, claims_result: StudyResult) -> None:
    """Half a unit of the last printed digit is all that a reader may be off; dates and counts in words are left out."""
    checked = 0
    for verdict, text in trials(deepseek_result, claims_result):
        steps = steps_of(text)
        assert len(steps) >= len(verdict.steps), verdict.claim.id
        for label, formula, values, result in steps:
            if not values or " of " in formula or "smallest" in formula or "day" in formula or "end − start" in formula:
                continue
            value, unit = printed(result)
            got = redone(formula, {name: printed(said)[0] for name, said in values.items()})
            assert abs(got - value) <= unit / 2, (verdict.claim.id, label, formula, values, result, got)
            checked += 1
    assert checked > 300


@given(
    st.floats(0.2, 40), st.sampled_from(["0.5", "3.1", "8", "17"]), st.sampled_from(["exactly", "about", "more_than"])
)
def test_whatever_the_fall_its_explanation_is_redone(
    claims_result: StudyResult, fall: float, quoted: str, modifier: str
) -> None:
    """AAA falls by any amount: `supported` implies that the printed headline reading supports it."""
    close = claims_result.prices.close.copy()
    at = close.index.get_loc(claims_study.DAY)
    close.iloc[at, close.columns.get_loc("AAA")] = round(close["AAA"].iloc[at - 1] * (1 - fall / 100), 2)
    result = replace(claims_result, prices=replace(claims_result.prices, close=close))
    claim = Claim("x", "price_move", "AAA fell", (), Claimed("fall", quoted, modifier=modifier), "crash", ("AAA",))  # type: ignore[arg-type]
    verdict = judge(claim, result)
    text = explain(verdict, result.cards)
    assert follows(decision_of(text)) == verdict.verdict
    if verdict.verdict == "supported":
        assert verdict.claimed is not None
        assert verdict.claimed.low <= verdict.readings[0].value <= verdict.claimed.high


@pytest.mark.parametrize(
    ("decision", "word"),
    [
        ("(8.00% − 6.37%) / 8.00% = 20.38% > 15.00%: contradicted", "contradicted"),
        ("$590.5 billion > $500.0 billion: supported", "supported"),
        ("6.3 days ≤ 7 days ≤ 7.7 days: supported", "supported"),
        ("3.00% / 5.00% = 60.00% ≥ 50.00%: imprecise (overstated)", "imprecise"),
        ("0.40% ≤ 0.75% (0.5 s): supported", "supported"),
        ('"most" was claimed; of 4 members 2 supported, 2 imprecise: imprecise', "imprecise"),
    ],
)
def test_the_evaluator_reads_by_itself(decision: str, word: str) -> None:
    assert follows(decision) == word


@pytest.mark.parametrize(
    "wrong",
    [
        "(8.00% − 6.37%) / 8.00% = 12.38% ≤ 15.00%: imprecise",
        "5.00% ≥ 6.00%: supported",
        "Of 3 parts 1 supported, 1 contradicted: partly",
        "hearsay: supported",
    ],
)
def test_the_evaluator_notices_what_does_not_follow(wrong: str) -> None:
    with pytest.raises(AssertionError):
        follows(wrong)


def test_numbers_are_read_as_printed() -> None:
    assert printed("−$592.7 billion   [source 2025]") == (Decimal("-592.7e9"), Decimal("0.1e9"))
