"""Claims that one security moved by so much, or moved in a way that a word describes."""

from __future__ import annotations

import math

from eventstudy.claims.answer import judged, readings_caveat, remarks
from eventstudy.claims.axis import axis_caveats, security_axes
from eventstudy.claims.interval import Comparison, against_threshold, measured_interval
from eventstudy.claims.measure import (
    Move,
    date_quantity,
    move_caveats,
    move_of,
    move_readings,
    move_step,
    name_of,
    sign_of,
    threshold_of,
    usual_move,
    usual_step,
)
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict


def price_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the move of one security over a window by its size, in per cent.

    A number is compared as an interval; a word with its threshold times s, the security's usual daily move, times the
    square root of the number of sessions where the window is longer than one.
    """
    (ticker,) = claim.tickers
    window, sign = Window(*claim.params.get("window", (0, 0))), sign_of(claim.claimed)
    move = move_of(result, ticker, _event(claim), window)
    readings = list(move_readings(move, sign))
    name = name_of(claim, ticker)
    steps, caveats = [move_step(move, name)], move_caveats([(name, move)])
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
    axes = security_axes(result, claim, [ticker], window=window)
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
        caveats=(*remarks(claim), *caveats, *missing, *axis_caveats(result, axes)),
    )


def by_word(claim: Claim, result: StudyResult, move: Move) -> tuple[Interval, Comparison, list[tuple[Step, Reading]]]:
    """Compare a move with the threshold of the claim's word: the claimed interval in per cent, and the arithmetic.

    A word that asks for a direction alone needs no usual day; where there is none it is left out.
    """
    asked, size = threshold_of(claim.claimed.word or ""), sign_of(claim.claimed) * move.change
    root, more, threshold = math.sqrt(move.window.length), [], 0.0
    try:
        usual = usual_move(result, move.ticker, _event(claim))
    except MissingPriceError:
        if asked > 0:
            raise
    else:
        threshold = 100 * asked * usual.sd * root
        label = "in units of s, the usual day" if root == 1 else f"in units of s × √{move.window.length}"
        reading = Reading(label, size / (usual.sd * root), "sd", f"{usual.n} {usual.source}")
        more.append((usual_step(usual, move.change, name_of(claim, move.ticker)), reading))
    claimed = Interval(threshold, math.inf, "percent", open_low=threshold == 0)
    return claimed, against_threshold(threshold, 100 * size), more


def _event(claim: Claim) -> str:
    return claim.event or ""


def _beside(claim: Claim, result: StudyResult, window: Window) -> tuple[list[Step], list[str]]:
    """Other listings: their arithmetic, shown and not measured by; and a remark where one has no price."""
    steps, missing = [], []
    for ticker in claim.params.get("beside", ()):
        try:
            other = move_of(result, ticker, _event(claim), window)
        except MissingPriceError as error:
            missing.append(f"Not shown beside: {error}.")
            continue
        step = move_step(other, name_of(claim, ticker))
        steps.append(Step(f"Beside it, not measured by: {step.label}", step.formula, step.inputs, step.result))
        missing += move_caveats([(name_of(claim, ticker), other)])
    return steps, missing


def _summary(claim: Claim, move: Move, name: str, claimed: Interval) -> Statement:
    """One sentence: who closed how much lower or higher, when, and what was asked for."""
    way = "lower" if move.change < 0 else "higher"
    values: dict[str, Quantity | str] = {
        "name": name,
        "size": Quantity(100 * abs(move.change), "percent"),
        "way": way,
        "day": date_quantity(move.after.day),
        "threshold": Quantity(claimed.low, "percent"),
    }
    template = "{name} closed {size} {way} on {day}"
    if move.window.length > 1:
        values["from"] = date_quantity(move.before.day)
        template = "{name} closed {size} {way} on {day} than on {from}"
    if claim.claimed.word is not None and claimed.low > 0:
        values["word"] = claim.claimed.word
        template += '; "{word}" asks for at least {threshold}'
    return Statement(template + ".", values)
