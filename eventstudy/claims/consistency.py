"""Claims that several articles agree: do their numbers, each as the interval it stands for, have a common range?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import point, remarks, scale_of
from eventstudy.claims.card import ONE, Kind
from eventstudy.claims.interval import NEAR, SAME, Comparison, claimed_interval, compare, tolerates
from eventstudy.claims.later import measure, shares
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


def consistency(claim: Claim, result: StudyResult) -> Verdict:
    """Judge whether the compared claims' intervals overlap; what was measured stands beside, and does not decide.

    A common range: supported. Else the gap between the highest lower end and the lowest upper end, as a share of the
    smallest number quoted: at most 15 % imprecise, more contradicted. Which number is closest to the measured one is
    said.
    """
    compared: Sequence[Claim] = claim.params["compared"]
    spans = [_span(c) for c in compared]
    if len({s.unit for s in spans}) > 1:
        raise MissingPriceError("the compared claims are in different units; an exchange rate would decide")
    low, high = max(s.low for s in spans), min(s.high for s in spans)
    smallest = min(scale_of(c) for c in compared)
    comparison = _agreement(spans, low, high, smallest)
    (ticker,) = claim.tickers
    change = shares.value_change(result, ticker, claim.event or "")
    sign = -1 if compared[0].claimed.direction == "fall" else 1
    measured_readings = shares.value_readings(change, sign)
    values = [r.value for r in measured_readings]
    measured = Interval(min(values), max(values), change.move.after.unit)
    parts = tuple(_part(c, s, measured) for c, s in zip(compared, spans, strict=True))
    common = Interval(low, high, spans[0].unit) if low <= high else None
    return Verdict(
        claim,
        comparison.verdict,
        _summary(compared, low, high, measured, measured_readings[0].value),
        common,
        None,  # what the articles have in common is not a claim about prices that a measurement could miss
        measured_readings[0].value,
        None,
        (*_stated(compared, spans), *measured_readings),
        parts,
        (_step(compared, spans, low, high), shares.value_step(change, measure.name_of(claim, ticker))),
        caveats=(
            *remarks(claim),
            "Whether the articles agree does not depend on who is right; each number is also set against the "
            "measured one, as a part.",
        ),
        decision=_decision(comparison, low, high, smallest, spans[0].unit),
    )


def _span(claim: Claim) -> Interval:
    span = claimed_interval(claim.claimed)
    if span is None:
        raise ValueError(f"the claim {claim.id!r} quotes no number")
    return span


def _agreement(spans: Sequence[Interval], low: float, high: float, smallest: float) -> Comparison:
    touching = low == high and any((s.open_low and s.low == low) or (s.open_high and s.high == high) for s in spans)
    if low < high or (low == high and not touching):
        return Comparison("supported", None, 0.0)
    return compare(point(high, spans[0].unit), point(low, spans[0].unit), smallest)


def _decision(comparison: Comparison, low: float, high: float, smallest: float, unit: str) -> Statement:
    values: dict[str, Quantity | str] = {"low": Quantity(low, unit), "high": Quantity(high, unit)}
    if comparison.verdict == "supported":
        return Statement("The highest lower end, {low}, ≤ the lowest upper end, {high}: supported", values)
    share = 100 * (low - high) / smallest
    values |= {
        "number": Quantity(smallest, unit),
        "share": Quantity(share, "percent"),
        "limit": Quantity(100 * NEAR, "percent"),
    }
    sign = "≤" if comparison.verdict == "imprecise" else ">"
    return Statement(f"({{low}} − {{high}}) / {{number}} = {{share}} {sign} {{limit}}: {comparison.verdict}", values)


def _sources(claim: Claim) -> str:
    return ", ".join(s.key for s in claim.sources)


def _stated(compared: Sequence[Claim], spans: Sequence[Interval]) -> list[Reading]:
    return [
        Reading(f"stated in {_sources(c)} ({c.id})", scale_of(c), s.unit, f"{_sources(c)}: {c.sources[0].title}")
        for c, s in zip(compared, spans, strict=True)
    ]


def _part(claim: Claim, span: Interval, measured: Interval) -> Part:
    tolerance = SAME if tolerates(claim.claimed) else 0.0
    comparison = compare(span, measured, scale_of(claim), tolerance)
    return Part(f"{claim.id} ({_sources(claim)})", comparison.verdict, scale_of(claim), span.unit, comparison.note)


def _step(compared: Sequence[Claim], spans: Sequence[Interval], low: float, high: float) -> Step:
    inputs: dict[str, Quantity | str] = {}
    for claim, span in zip(compared, spans, strict=True):
        inputs[f"low({claim.id})"] = Quantity(span.low, span.unit)
        inputs[f"high({claim.id})"] = Quantity(span.high, span.unit)
    width = Quantity(high - low, spans[0].unit)
    return Step("Width of the range all of them admit", "smallest high − largest low", inputs, width)


def _summary(compared: Sequence[Claim], low: float, high: float, measured: Interval, value: float) -> Statement:
    unit = measured.unit
    closest = min(compared, key=lambda c: abs(scale_of(c) - value))
    values: dict[str, Quantity | str] = {
        "n": Quantity(len(compared), "count"),
        "low": Quantity(low, unit),
        "high": Quantity(high, unit),
        "least": Quantity(measured.low, unit),
        "most": Quantity(measured.high, unit),
        "closest": Quantity(scale_of(closest), unit),
        "article": _sources(closest),
    }
    if low > high:
        text = "The {n} numbers have no common range: one asks for {low} or more, another ends at {high}"
    elif math.isinf(high):
        text = "The {n} numbers agree on anything from {low} upwards"
    else:
        text = "The {n} numbers agree on a common range, {low} to {high}"
    text += ". Measured, which is another question, were {least} to {most}; the closest is {closest} ({article})."
    return Statement(text, values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field

    from eventstudy.claims.schema import Names, Params

    class Consistency(Params):
        """`claims`: ids of the claims whose numbers are compared."""

        claims: Annotated[Names, Field(min_length=2)]

    return Consistency


CARD = Kind(
    name="consistency",
    judge=consistency,
    words="Do the numbers of several claims agree?",
    rule="Supported where the intervals that the numbers stand for have a common range.",
    default_reading="each number as the interval that it stands for; what was measured stands beside",
    params=_params,
    tables=("shares",),
    subjects=ONE,
    directed=False,
    number=False,
    word=False,
    units=(),
    vendors=False,
)
