"""The steps, sentences and sources of the headline study's verdicts, and its claims about later days."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from deepseek_files import CORE, DATA, DAY, close_to, level, members, number, pct, portfolio, series

from eventstudy.claims import judge
from eventstudy.claims.load import load_claims
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Step


@pytest.fixture(scope="module")
def result(deepseek_result: StudyResult) -> StudyResult:
    return deepseek_result


def test_oracle_gave_back_more_than_its_gain(result: StudyResult) -> None:
    closes = level("ORCL")
    found = result.verdict("oracle-gave-back")
    base, peak, after = closes["2025-01-17"], closes["2025-01-24"], closes["2025-01-27"]
    assert found.value == close_to(100 * (peak - after) / (peak - base))
    assert found.verdict == "supported"
    top = closes["2025-01-21":"2025-01-24"].max()
    furthest = next(r for r in found.readings if r.label.startswith("to the furthest"))
    assert furthest.value == close_to(100 * (top - after) / (top - base))
    assert (furthest.sort, furthest.verdict) == ("definition", "supported")


def undone(day: str | pd.Timestamp) -> float:
    closes = level("NVDA")
    return 100 * (closes[pd.Timestamp(day)] - 118.42) / (142.62 - 118.42)


def test_how_much_of_the_fall_was_undone(result: StudyResult) -> None:
    closes = level("NVDA")
    at = closes.index.get_loc(DAY)
    last = len(closes) - 1 - at
    assert last == 234
    found = result.verdict("hysteria")
    assert [p.value for p in found.parts] == [close_to(undone(closes.index[at + n])) for n in (1, 5, 20, 60, last)]
    assert [p.verdict for p in found.parts] == [
        "imprecise",
        "contradicted",
        "contradicted",
        "contradicted",
        "supported",
    ]
    misread = result.verdict("market-misread")
    days = ["2025-02-20", "2025-02-27", closes.index[at + 60], closes.index[-1]]
    assert [p.value for p in misread.parts] == [close_to(undone(d)) for d in days]  # the results came after the close
    assert [p.verdict for p in misread.parts] == ["supported", "contradicted", "contradicted", "supported"]


def test_the_abnormal_path_goes_on_with_the_same_estimates(result: StudyResult) -> None:
    own, market = series("NVDA", "adj_close"), series("^IXIC", "adj_close")
    ri, rm = (s / s.shift(1) - 1 for s in (own, market))
    at = own.index.get_loc(DAY)
    slope, intercept = np.polyfit(rm.iloc[at - 260 : at - 10], ri.iloc[at - 260 : at - 10], 1)
    ar = (ri - intercept - slope * rm).to_numpy()
    found = result.verdict("hysteria")
    shown = {r.label: r.value for r in found.readings}
    for n in (1, 5, 20, 60):
        share = -100 * ar[at + 1 : at + n + 1].sum() / ar[at]
        assert shown[f"after {n} session{'s' if n > 1 else ''}, abnormal"] == pytest.approx(share, rel=1e-6)
    assert len([label for label in shown if label.endswith("abnormal")]) == 5
    assert [a.window for a in found.abnormal] == [(0, 0), (1, 1), (1, 5), (1, 20)]  # what is tested


def test_later_releases_by_a_test_of_equivalence(result: StudyResult) -> None:
    found = result.verdict("no-later-panic")
    days = ["2025-03-24", "2025-09-29", "2025-12-01"]
    assert [p.value for p in found.parts] == [close_to(np.mean([pct(t, d) for t in CORE])) for d in days]
    axes = [a for a in found.abnormal if a.subject == "core" and a.benchmark == "^IXIC"]
    reference, later = axes[0], axes[1:]
    assert reference.ar == close_to(portfolio(CORE)["ar"])
    upper = [100 * a.low / reference.ar for a in later]
    assert [r.value for r in found.readings if r.headline] == pytest.approx(upper)
    assert [p.verdict for p in found.parts] == ["supported" if share < 50 else "unresolved" for share in upper]
    assert [p.verdict for p in found.parts] == ["unresolved", "supported", "supported"]
    assert found.verdict == "partly"
    assert "what could have been seen: 44 % of the reference" in str(found.parts[0].note)


def test_dates_in_order_and_apart(result: StudyResult) -> None:
    before = result.verdict("stargate-before-launch")
    assert (before.value, before.verdict) == (-1.0, "contradicted")  # the other way round
    month = result.verdict("huang-month")
    assert [r.value for r in month.readings] == [24.0, 25.0]
    assert (month.verdict, month.note) == ("imprecise", "overstated")


def test_the_markets_of_the_world(result: StudyResult) -> None:
    found = members(result.verdict("global-shock"))
    assert {t for t, (value, _) in found.items() if value > 0} == {"^DJI", "RSP"}
    assert result.verdict("global-shock").verdict == "contradicted"


def redo(step: Step) -> float:
    """The step's formula with its inputs put in."""
    values = {symbol: number(value) for symbol, value in step.inputs.items()}
    if step.formula.startswith("sum of"):
        return math.fsum(values.values())
    if " ** " in step.formula or step.formula.startswith("max("):
        return float(eval(step.formula.replace("×", "*"), {"__builtins__": {"max": max, "min": min}}, values))
    if step.formula == "sum / n":
        return math.fsum(values.values()) / len(values)
    if step.formula == "smallest high − largest low":
        highs = [v for k, v in values.items() if k.startswith("high")]
        return min(highs) - max(v for k, v in values.items() if k.startswith("low"))
    formula = step.formula
    for symbol in sorted(values, key=len, reverse=True):
        formula = re.sub(rf"\b{re.escape(symbol)}\b", f"({values[symbol]!r})", formula)
    return float(eval(formula.replace("×", "*").replace("−", "-"), {"__builtins__": {"max": max}}))


def test_every_step_can_be_redone_from_its_own_line(result: StudyResult) -> None:
    steps = [(v.claim.id, s) for v in result.verdicts for s in v.steps]
    steps += [(v.claim.id, a.step) for v in result.verdicts for a in v.abnormal if a.step is not None]
    assert len(steps) > 150
    for claim, step in steps:
        assert redo(step) == pytest.approx(step.result.value, rel=1e-9, abs=1e-9), (claim, step.label)


def test_every_sentence_has_what_it_names_and_no_cause(result: StudyResult) -> None:
    for verdict in result.verdicts:
        for sentence in (verdict.summary, verdict.decision):
            assert sentence is not None
            holes = set(re.findall(r"\{(\w+)\}", sentence.template))
            assert holes == set(sentence.values) & holes, verdict.claim.id
        assert verdict.decision.template.rpartition(": ")[2].partition(" (")[0] == verdict.verdict
        assert "because of" not in " ".join([verdict.summary.template, verdict.claim.says, *verdict.caveats]).lower()


def test_every_price_and_count_names_its_origin(result: StudyResult) -> None:
    for verdict in result.verdicts:
        assert verdict.steps, verdict.claim.id
        assert all(r.source for r in verdict.readings)
        sources = [q.source for s in verdict.steps for q in s.inputs.values() if isinstance(q, Quantity) and q.source]
        if verdict.claim.kind != "dates":
            assert any("Yahoo Finance" in s or "^IXIC" in s for s in sources), verdict.claim.id


# ----------------------------------------------------------------------------------------- without the further tables
def test_without_reference_tables_the_claim_is_open_and_says_what_would_decide(result: StudyResult) -> None:
    reference = result.reference
    bare = replace(
        reference,
        **{
            name: getattr(reference, name).iloc[:0] for name in ("index_history", "megacaps", "shares", "splits", "gdp")
        },
    )
    bare = replace(bare, index_history=bare.index_history.iloc[:, :0])
    poorer = replace(result, reference=bare)
    needs = {"market_value", "record", "record_multiple", "record_holder", "reference", "aggregate"}
    for claim in load_claims(DATA / "claims.yaml").claims:
        verdict = judge(claim, poorer)
        if claim.kind in {*needs, "consistency"}:
            assert verdict.verdict == "unresolved", claim.id
            assert verdict.reason is not None
            assert "would decide" in verdict.reason
        else:
            assert verdict.verdict == (claim.expect or result.verdict(claim.id).verdict), claim.id


def test_verdicts_are_the_same_on_a_second_try(result: StudyResult) -> None:
    for verdict in result.verdicts:
        again = replace(judge(verdict.claim, result), agreement=verdict.agreement, fragile=verdict.fragile)
        assert repr(again) == repr(verdict)
