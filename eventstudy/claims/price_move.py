"""Claims that one security moved by so much, or moved in a way that a word describes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from eventstudy.claims.answer import Answer, answered, judged, word_decision
from eventstudy.claims.card import A_SHARE, ONE, PERCENT, Kind
from eventstudy.claims.interval import WORDS, against_word, base_unit, measured_interval
from eventstudy.claims.later import intraday, measure, second_axis, spans
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move
    from eventstudy.claims.schema import Params
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.results import StudyResult

At = Literal["close", "low", "high", "open", "before_hours", "after_hours"]


def price_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the move of one security over a window, or since a day, by its size in per cent, points or money a share.

    A number is compared as an interval; a word with what it asks for, given s, the security's usual daily move, times
    the square root of the number of sessions where the window is longer than one.
    """
    (ticker,) = claim.tickers
    window, sign = spans.window_of(claim, result, ticker), measure.sign_of(claim.claimed)
    move, readings = _measured(claim, result, ticker, window, sign)
    name, unit = measure.name_of(claim, ticker), base_unit(claim.claimed.unit)[0]
    steps, caveats = [measure.move_step(move, name)], measure.move_caveats([(name, move)])
    if claim.claimed.word is None:
        if unit != "percent":
            amounts, more = spans.amounts(result, move, unit, name)
            readings = (
                *(replace(r, value=sign * r.value) for r in amounts),
                *(replace(r, headline=False) for r in readings),
            )
            steps += more
        answer = judged(claim, readings, unit)
    else:
        answer, more = by_word(claim, result, move, readings)
        steps += more
    beside, missing = _beside(claim, result, window)
    closes = _at(claim) == "close"
    axes = second_axis.security_axes(result, claim, [ticker], window=window) if closes else []
    return answered(
        claim,
        answer,
        _summary(claim, move, name, answer.claimed, readings[0]),
        steps=(*steps, *beside),
        abnormal=axes,
        caveats=(*caveats, *missing, *second_axis.axis_caveats(result, axes), *([] if closes else [_OF_CLOSES])),
    )


def _measured(
    claim: Claim, result: StudyResult, ticker: str, window: Window, sign: int
) -> tuple[Move, tuple[Reading, ...]]:
    """The move that the claim means, to a close or to a price within a session, and its readings.

    Raises
    ------
    MissingPriceError : a price that is needed is absent; names the one that would decide.
    """
    at = _at(claim)
    if at in ("low", "high", "open"):
        move, closing = intraday.move_within(result, ticker, _event(claim), window, at)
        return move, intraday.within_readings(move, closing, sign, at)
    if at != "close":
        raise MissingPriceError(f"{ticker}: {_OUTSIDE[at]} would decide; daily prices are of the session alone")
    move = measure.move_of(result, ticker, _event(claim), window)
    return move, (*measure.move_readings(move, sign), measure.rank_reading(result, move, sign))


def by_word(claim: Claim, result: StudyResult, move: Move, readings: Sequence[Reading]) -> tuple[Answer, list[Step]]:
    """Compare a move with what the claim's word asks for, and the arithmetic of that.

    A word that asks for a direction alone needs no usual day; where there is none it is left out.
    """
    word, name = claim.claimed.word or "", measure.name_of(claim, move.ticker)
    size, threshold, rows = readings[0].value, 0.0, list(readings)
    steps: list[Step] = []
    try:
        usual = measure.usual_move(result, move.ticker, _event(claim))
    except MissingPriceError:
        if WORDS[word][1] != "any":
            raise
    else:
        threshold, steps = measure.word_steps(word, usual, move.window, name)
        steps.append(measure.usual_step(usual, move.change, name, move.window))
        rows.append(measure.usual_reading(usual, size, move.window))
    claimed = asks(word, threshold)
    answers = {r.label: against_word(word, threshold, r.value) for r in readings if r.unit == "percent"}
    own = tuple(
        replace(r, verdict=answers[r.label].verdict) if r.sort == "definition" and r.unit == "percent" else r
        for r in rows
    )
    comparison = answers[readings[0].label]
    decided = word_decision(word, threshold, size, comparison)
    return Answer(claimed, measured_interval(readings, "percent"), comparison, own, decided), steps


def asks(word: str, threshold: float) -> Interval:
    """The moves by size that a word admits, in per cent."""
    if WORDS[word][1] == "flat":
        return Interval(-threshold, threshold, "percent")
    return Interval(threshold, math.inf, "percent", open_low=threshold == 0)


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


def _at(claim: Claim) -> At:
    at: At = claim.params.get("at", "close")
    return at


_OUTSIDE = {"before_hours": "its prices before the open", "after_hours": "its prices after the close"}
_OF_CLOSES = "Abnormal returns are of closes: whether a price within the session was abnormal is not asked."
_MOVED = {
    "close": ("closed {size} {way}", "closed unchanged"),
    "low": ("was {size} {way} at its lowest", "was unchanged at its lowest"),
    "high": ("was {size} {way} at its highest", "was unchanged at its highest"),
    "open": ("opened {size} {way}", "opened unchanged"),
}


def _summary(claim: Claim, move: Move, name: str, claimed: Interval, headline: Reading) -> Statement:
    """One sentence: who closed, opened or was how much lower or higher, when, and what was asked for."""
    way = "lower" if move.change < 0 else "higher"
    values: dict[str, Quantity | str] = {
        "name": name,
        "size": Quantity(abs(headline.value), headline.unit),
        "way": way,
        "day": measure.date_quantity(move.after.day),
    }
    moved = _MOVED[_at(claim)][0 if move.change else 1]
    template = f"{{name}} {moved} on {{day}}"
    if move.window.length > 1:
        values["from"] = measure.date_quantity(move.before.day)
        template += " than on {from}" if move.change else " from {from}"
    if headline.unit != "percent" and move.change:
        values["share"] = Quantity(100 * abs(move.change), "percent")
        template += " ({share})"
    if claim.claimed.word is not None and claimed.high > 0 and claimed.low != 0:
        values |= {"word": claim.claimed.word, "threshold": Quantity(abs(claimed.low), "percent")}
        template += f'; "{{word}}" asks for at {"least" if claimed.low > 0 else "most"} {{threshold}}'
    return Statement(template + ".", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field

    from eventstudy.claims.schema import Names, Spanned

    class PriceMove(Spanned):
        """`window` in sessions around day zero, or `since` a day, a month, a year or an event. `at`: the close, or the
        lowest, highest or opening price, from the close before, where the prices have them; prices before the open and
        after the close no daily prices have. `beside`: other listings or securities, shown but not measured by."""

        at: At = "close"
        beside: Names = Field([])

    return PriceMove


CARD = Kind(
    name="price_move",
    judge=price_move,
    words="How far did one security move, in a day, over sessions or since a day?",
    rule="The move by size against the claimed interval, or against what the word asks for; points and money a share "
    "on closes as they were quoted on the day.",
    default_reading="closes adjusted for splits alone, from the close before the window to its last close",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=True,
    units=(*PERCENT, "points", *A_SHARE),
    vendors=False,
)
