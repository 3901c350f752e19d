"""Claims that one security moved by so much, or moved in a way that a word describes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eventstudy.claims.answer import judged, readings_caveat, remarks
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import Comparison, against_threshold, measured_interval
from eventstudy.claims.later import estimation, measure, second_axis
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move
    from eventstudy.claims.schema import Params
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.results import StudyResult


def price_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the move of one security over a window by its size, in per cent.

    A number is compared as an interval; a word with its threshold times s, the security's usual daily move, times the
    square root of the number of sessions where the window is longer than one.
    """
    (ticker,) = claim.tickers
    window, sign = estimation.Window(*claim.params.get("window", (0, 0))), measure.sign_of(claim.claimed)
    move = measure.move_of(result, ticker, _event(claim), window)
    readings = list(measure.move_readings(move, sign))
    name = measure.name_of(claim, ticker)
    steps, caveats = [measure.move_step(move, name)], measure.move_caveats([(name, move)])
    if claim.claimed.word is None:
        claimed, measured, comparison = judged(claim, readings, "percent")
        caveats += readings_caveat(claim, readings, "percent", comparison.verdict)
    else:
        claimed, comparison, more = by_word(claim, result, move)
        measured = measured_interval(readings, "percent")
        for step, reading in more:
            steps.append(step)
            readings.append(reading)
    beside, missing = _beside(claim, result, window)
    axes = second_axis.security_axes(result, claim, [ticker], window=window)
    return Verdict(
        claim,
        comparison.verdict,
        _summary(claim, move, name, claimed),
        claimed,
        measured,
        readings[0].value,
        comparison.note,
        tuple(readings),
        steps=(*steps, *beside),
        abnormal=axes,
        caveats=(*remarks(claim), *caveats, *missing, *second_axis.axis_caveats(result, axes)),
    )


def by_word(claim: Claim, result: StudyResult, move: Move) -> tuple[Interval, Comparison, list[tuple[Step, Reading]]]:
    """Compare a move with the threshold of the claim's word: the claimed interval in per cent, and the arithmetic.

    A word that asks for a direction alone needs no usual day; where there is none it is left out.
    """
    asked, size = measure.threshold_of(claim.claimed.word or ""), measure.sign_of(claim.claimed) * move.change
    root, more, threshold = math.sqrt(move.window.length), [], 0.0
    try:
        usual = measure.usual_move(result, move.ticker, _event(claim))
    except MissingPriceError:
        if asked > 0:
            raise
    else:
        threshold = 100 * asked * usual.sd * root
        label = "in units of s, the usual day" if root == 1 else f"in units of s × √{move.window.length}"
        reading = Reading(label, size / (usual.sd * root), "sd", f"{usual.n} {usual.source}")
        more.append((measure.usual_step(usual, move.change, measure.name_of(claim, move.ticker)), reading))
    claimed = Interval(threshold, math.inf, "percent", open_low=threshold == 0)
    return claimed, against_threshold(threshold, 100 * size), more


def _event(claim: Claim) -> str:
    return claim.event or ""


def _beside(claim: Claim, result: StudyResult, window: Window) -> tuple[list[Step], list[str]]:
    """Other listings: their arithmetic, shown and not measured by; and a remark where one has no price."""
    steps, missing = [], []
    for ticker in claim.params.get("beside", ()):
        try:
            other = measure.move_of(result, ticker, _event(claim), window)
        except MissingPriceError as error:
            missing.append(f"Not shown beside: {error}.")
            continue
        step = measure.move_step(other, measure.name_of(claim, ticker))
        steps.append(Step(f"Beside it, not measured by: {step.label}", step.formula, step.inputs, step.result))
        missing += measure.move_caveats([(measure.name_of(claim, ticker), other)])
    return steps, missing


def _summary(claim: Claim, move: Move, name: str, claimed: Interval) -> Statement:
    """One sentence: who closed how much lower or higher, when, and what was asked for."""
    way = "lower" if move.change < 0 else "higher"
    values: dict[str, Quantity | str] = {
        "name": name,
        "size": Quantity(100 * abs(move.change), "percent"),
        "way": way,
        "day": measure.date_quantity(move.after.day),
        "threshold": Quantity(claimed.low, "percent"),
    }
    template = "{name} closed {size} {way} on {day}"
    if move.window.length > 1:
        values["from"] = measure.date_quantity(move.before.day)
        template = "{name} closed {size} {way} on {day} than on {from}"
    if claim.claimed.word is not None and claimed.low > 0:
        values["word"] = claim.claimed.word
        template += '; "{word}" asks for at least {threshold}'
    return Statement(template + ".", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictInt

    from eventstudy.claims.schema import Params, Text

    class PriceMove(Params):
        """`window` in sessions; `beside`: other listings or securities, shown but not measured by."""

        window: tuple[StrictInt, StrictInt] = (0, 0)
        beside: list[Text] = Field([])

    return PriceMove


CARD = Kind(
    name="price_move",
    judge=price_move,
    words="How far did one security move?",
    rule="The move by size against the claimed interval, or against what the word asks for.",
    default_reading="closes adjusted for splits alone, from the close before the window to its last close",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=True,
    units=PERCENT,
)
