"""Claims that set one move against another: behind its peers by so much, or so many times the market's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventstudy.claims.answer import Answer, answered, judged, word_decision
from eventstudy.claims.card import ANY, PERCENT, Kind
from eventstudy.claims.group_move import members_of
from eventstudy.claims.interval import Comparison, against_word, claimed_interval
from eventstudy.claims.later import measure, second_axis, spans
from eventstudy.objects.verdicts import Claim, Claimed, Interval, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


def relative_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge a move less another one, in percentage points, or as a multiple of it; several count by their mean.

    The direction is that of the difference: a fall for what lagged. A multiple is of a move the same way: where the
    others did not move that way at all, there is nothing to be a multiple of, and the claim is contradicted.
    """
    own, others = (_moves(claim, result, names) for names in (members_of(claim, result), claim.params["to"]))
    sign, head = measure.sign_of(claim.claimed), 100 * _mean(own)
    other, many = 100 * _mean(others), claim.claimed.unit == "multiple"
    names = [", ".join(measure.name_of(claim, m.ticker) for m in moves) for moves in (own, others)]
    steps = [measure.move_step(m, measure.name_of(claim, m.ticker)) for m in (*own, *others)]
    steps += [s for moves in (own, others) if len(moves) > 1 for s in _mean_steps(claim, moves)]
    source = f"{own[0].after.source}; {others[0].after.source}"
    if many and sign * other <= 0:
        answer = _nothing(claim, other, source)
    else:
        value = head / other if many else sign * (head - other)
        reading = Reading(
            "as a multiple" if many else "difference", value, "multiple" if many else "percent", source, True, "input"
        )
        answer = _alone(reading) if claim.claimed.quoted is None else judged(claim, [reading], reading.unit)
        steps.append(_step(head, other, many, sign))
    window = own[0].window
    axes = second_axis.security_axes(result, claim, [m.ticker for m in own], window=window)
    moves = [(measure.name_of(claim, m.ticker), m) for m in (*own, *others)]
    return answered(
        claim,
        answer,
        _summary(names, head, other, own[0]),
        steps=steps,
        abnormal=axes,
        caveats=(*measure.move_caveats(moves), *second_axis.axis_caveats(result, axes)),
    )


def _moves(claim: Claim, result: StudyResult, tickers: Sequence[str]) -> list[Move]:
    """The move of each over the claim's window; one that lacks a price leaves the claim open."""
    event = claim.event or ""
    return [measure.move_of(result, t, event, spans.window_of(claim, result, t)) for t in dict.fromkeys(tickers)]


def _mean(moves: Sequence[Move]) -> float:
    return sum(m.change for m in moves) / len(moves)


def _mean_steps(claim: Claim, moves: Sequence[Move]) -> tuple[Step, Step]:
    changes: dict[str, Quantity | str] = {
        measure.name_of(claim, m.ticker): Quantity(100 * m.change, "percent") for m in moves
    }
    total = Quantity(100 * sum(m.change for m in moves), "percent")
    inputs: dict[str, Quantity | str] = {"total": total, "n": Quantity(len(moves), "count")}
    return (
        Step("Moves added up", "sum of the moves", changes, total),
        Step("Their mean", "total / n", inputs, Quantity(100 * _mean(moves), "percent")),
    )


def _step(own: float, other: float, many: bool, sign: int) -> Step:
    """The one against the other; a difference by size in the claimed direction."""
    inputs: dict[str, Quantity | str] = {"own": Quantity(own, "percent"), "other": Quantity(other, "percent")}
    if many:
        return Step("The one as a multiple of the other", "own / other", inputs, Quantity(own / other, "multiple"))
    formula = "own − other" if sign > 0 else "other − own"
    return Step("The one less the other, by size", formula, inputs, Quantity(sign * (own - other), "percent"))


def _alone(reading: Reading) -> Answer:
    """A direction without a number asks for any difference that way."""
    found = against_word("moved", 0.0, reading.value)
    decided = word_decision("moved", 0.0, reading.value, found)
    asked = Interval(0.0, math.inf, "percent", open_low=True)
    return Answer(asked, Interval(reading.value, reading.value, "percent"), found, (reading,), decided)


def _nothing(claim: Claim, other: float, source: str) -> Answer:
    """The others did not move the claimed way: nothing is a multiple of that."""
    reading = Reading("move of the others", other, "percent", source, True)
    decided = Statement(
        f"The others moved {{other}}, which is no {claim.claimed.direction} to be a multiple of: contradicted",
        {"other": Quantity(other, "percent")},
    )
    nothing = Interval(other, other, "percent")
    return Answer(
        claimed_interval(claim.claimed) or nothing,
        nothing,
        Comparison("contradicted", None, math.inf),
        (reading,),
        decided,
    )


def _summary(names: Sequence[str], own: float, other: float, move: Move) -> Statement:
    values: dict[str, Quantity | str] = {
        "own": Quantity(own, "percent"),
        "other": Quantity(other, "percent"),
        "name": names[0],
        "names": names[1],
        "day": measure.date_quantity(move.after.day),
        "from": measure.date_quantity(move.before.day),
    }
    when = "on {day}" if move.window.length == 1 else "from {from} to {day}"
    return Statement(f"The move of {{name}} {when} was {{own}}, that of {{names}} {{other}}.", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _misfit(claimed: Claimed, params: Mapping[str, Any]) -> str | None:
    if claimed.unit == "multiple" and claimed.quoted is None:
        return "a multiple is a number: give `claimed` a value, such as value: 2"
    return None


def _params() -> type[Params]:
    from eventstudy.claims.schema import Spanned, Texts

    class RelativeMove(Spanned):
        """`to`: the series that the move is set against, several by their mean; over a `window` of sessions or `since`
        a day."""

        to: Texts

    return RelativeMove


CARD = Kind(
    name="relative_move",
    judge=relative_move,
    words="How far did one or several move beside others, in percentage points or as a multiple?",
    rule="The move less that of the others, or as a multiple of it, against the claimed interval; without a number the "
    "direction alone.",
    default_reading="closes adjusted for splits alone; several count by their mean, equally weighted",
    params=_params,
    tables=(),
    subjects=ANY,
    directed=True,
    number=False,
    word=False,
    units=(*PERCENT, "multiple"),
    vendors=False,
    misfit=_misfit,
)
