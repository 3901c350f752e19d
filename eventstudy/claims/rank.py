"""Claims that a day belongs to the largest moves in the history of an index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from eventstudy.claims.answer import judged, point, remarks
from eventstudy.claims.card import Kind
from eventstudy.claims.interval import Comparison, compare
from eventstudy.claims.later import measure, np, pd
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


_FILE = "index_history.csv"
MEASURES = {"percent": "per cent", "points": "points"}


def rank(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the rank of a day in the history of the first index named, by the measure that the claim names.

    The rank of a fall is 1 + the number of earlier days that fell further; the history ends on the day itself. The
    other indices and the other measure are shown beside, and do not vote: points grow with the level of an index, and
    an index of one sector is not the market.
    """
    sign, measured_by = measure.sign_of(claim.claimed), claim.params["measure"]
    readings: list[Reading] = []
    steps: list[Step] = []
    sizes: list[float] = []
    for ticker in claim.params["indices"]:
        before, after, moves = _history(result, ticker, claim.event or "")
        for how in (measured_by, *(m for m in moves if m != measured_by)):
            readings.append(_reading((measure.name_of(claim, ticker), ticker, how), sign * moves[how], not readings))
            sizes.append(sign * float(moves[how].iloc[-1]))
        steps.append(_step(result, (ticker, measure.name_of(claim, ticker)), before, after))
    day = pd.Timestamp(str(measure.event_day(result, claim.params["indices"][0], claim.event or "").session))
    answer = judged(claim, readings, "rank")
    comparison, decision = answer.comparison, answer.decision
    if sizes[0] <= 0:  # the day moved the other way: it has no rank among the falls
        comparison = Comparison("contradicted", None, math.inf)
        decision = Statement(f"The day was no {claim.claimed.direction}: contradicted")
    return Verdict(
        claim,
        comparison.verdict,
        _summary(claim, readings, day),
        answer.claimed,
        answer.measured,
        readings[0].value,
        "overstated" if comparison.verdict == "imprecise" else None,
        answer.readings,
        steps=tuple(steps),
        caveats=(*remarks(claim), *_otherwise(claim, readings[0].value), _POINTS),
        decision=decision,
    )


_POINTS = (
    "An index's points grow with its level, so that a rank by points favours recent days; a rank by per cent does not."
)


def _history(
    result: StudyResult, ticker: str, event: str
) -> tuple[tuple[pd.Timestamp, float], tuple[pd.Timestamp, float], dict[str, pd.Series[float]]]:
    """The index level before and on the event day, and its daily moves up to then, by per cent and by points."""
    table = result.reference.index_history
    if ticker not in table.columns:
        raise MissingPriceError(f"the long history of {ticker} would decide; {_FILE} does not hold it")
    day = pd.Timestamp(str(measure.event_day(result, ticker, event).session))
    levels = table[ticker].dropna().loc[:day].astype(np.float64)
    if len(levels) < 2 or levels.index[-1] != day:
        raise MissingPriceError(f"the level of {ticker} on {measure.day_text(day)} would decide; {_FILE} lacks it")
    moves = {"percent": 100 * levels.pct_change().dropna(), "points": levels.diff().dropna()}
    before, after = ((levels.index[k], float(levels.iloc[k])) for k in (-2, -1))
    return before, after, moves


def _reading(what: tuple[str, str, str], sizes: pd.Series[float], headline: bool) -> Reading:
    """The rank of the last of `sizes` among all of them."""
    name, ticker, how = what
    place = 1 + int((sizes.iloc[:-1] > float(sizes.iloc[-1])).sum())
    first = measure.day_text(sizes.index[0])
    source = f"{_FILE}, {ticker}, {len(sizes):,} days from {first}"
    label = f"{name}, by {MEASURES[how]}, of {len(sizes):,} days since {first}"
    return Reading(label, float(place), "rank", source, headline, "input" if headline else "shown")


def _step(
    result: StudyResult, who: tuple[str, str], before: tuple[pd.Timestamp, float], after: tuple[pd.Timestamp, float]
) -> Step:
    ticker, name = who
    levels = {
        label: Quantity(
            value,
            "level",
            measure.reference_source(result, "index_history", _FILE, f"{ticker}, {measure.day_text(day)}"),
        )
        for label, (day, value) in (("before", before), ("after", after))
    }
    change = Quantity(100 * (after[1] / before[1] - 1), "percent")
    return Step(f"Change of {name}", "100 × (after / before − 1)", levels, change)


def _summary(claim: Claim, readings: Sequence[Reading], day: pd.Timestamp) -> Statement:
    """The day's rank by the measure that decides, then the others."""
    values: dict[str, Quantity | str] = {"day": measure.date_quantity(day)}
    said = []
    for i, reading in enumerate(readings):
        values |= {f"rank{i}": Quantity(reading.value, "rank"), f"in{i}": reading.label}
        said.append(f"{{rank{i}}} ({{in{i}}})")
    beside = f" Beside it, without a vote: {'; '.join(said[1:])}." if said[1:] else ""
    return Statement(f"By the size of its {claim.claimed.direction} {{day}} ranks {said[0]}.{beside}", values)


def _otherwise(claim: Claim, place: float) -> list[str]:
    """What the answer would be were half or twice the rank asked for: the limit is often a reading of a word."""
    limit = claim.claimed.value
    if limit is None or claim.claimed.modifier != "at_most":
        return []
    answers = {}
    for wanted in dict.fromkeys(max(round(limit * factor), 1) for factor in (0.5, 1, 2)):
        answers[wanted] = compare(Interval(1.0, float(wanted), "rank"), point(place, "rank"), wanted).verdict
    if len(set(answers.values())) == 1:
        return []
    said = ", ".join(f"within the first {n} {'it is' if n == limit else 'it would be'} {w}" for n, w in answers.items())
    return [f"The answer depends on the rank asked for: {said}."]


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import Params, Texts

    class Rank(Params):
        """`indices` of the long history: the first decides, the others are shown. `measure`: percent, or points where
        the sentence speaks of points."""

        indices: Texts
        measure: Literal["percent", "points"] = "percent"

    return Rank


CARD = Kind(
    name="rank",
    judge=rank,
    words="Which rank has the day in the history of some indices?",
    rule="1 + the number of earlier days that moved further the same way, against the claimed rank; other indices and "
    "the other measure are shown and do not vote.",
    default_reading='daily moves by per cent of the broad index, the S&P 500; of the Nasdaq Composite for "the Nasdaq"',
    params=_params,
    tables=("history",),
    subjects=(),
    directed=True,
    number=True,
    word=False,
    units=("rank",),
    vendors=False,
)
