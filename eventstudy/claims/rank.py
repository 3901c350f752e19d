"""Claims that a day, a week, a month or several sessions belong to the largest moves in the history of a series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.claims.answer import beyond_history, judged, parts_decision, point, remarks, unresolved
from eventstudy.claims.card import Kind
from eventstudy.claims.interval import Comparison, combine, compare
from eventstudy.claims.later import estimation, history, measure, pd, rarity
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.history import History
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

MEASURES = {"percent": "per cent", "points": "points", "level": "closes", "volume": "volume"}


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """A series by one measure: ``sizes`` in the claimed direction, by the last day of each span, the own one last;
    ``first`` day of the history, ``whole`` where it cannot have begun earlier, ``step`` the arithmetic of the own."""

    ticker: str
    how: str
    sizes: pd.Series[float]
    first: pd.Timestamp
    whole: bool
    file: str
    step: Step

    @property
    def size(self) -> float:
        return float(self.sizes.iloc[-1])

    @property
    def place(self) -> int:
        """1 + the number of earlier spans that were larger."""
        return 1 + int(rarity.further(self.sizes.iloc[:-1], self.size).sum())


def rank(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the rank of a day in the history of the first series named, by the measure that the claim names.

    The rank of a fall is 1 + the number of earlier days that fell further; the history ends on the day itself and
    begins where `since` says. Other series and the other measure are shown beside, and do not vote: points grow with
    the level of an index, and an index of one sector is not the market. What a history does not hold stays open.
    """
    found = [one for ticker in claim.params["of"] for one in _series(claim, result, ticker)]
    head, unit = found[0], _span(claim)
    readings = [_reading(claim, one, k == 0) for k, one in enumerate(found)]
    answer = judged(claim, readings, "rank")
    if not head.whole and answer.measured.high < answer.claimed.low and head.size > 0:
        first = measure.day_text(head.first)  # days before could still push the rank up to the one that is claimed
        return unresolved(
            claim, f"{head.ticker}: days before {first} would decide; among those known its rank is {head.place:g}"
        )
    comparison, decision = answer.comparison, answer.decision
    if head.size <= 0:  # it moved the other way: it has no rank among the falls
        comparison = Comparison("contradicted", None, math.inf)
        decision = Statement(f"The {unit} was no {claim.claimed.direction}: contradicted")
    day = head.sizes.index[-1]
    parts = () if head.whole or head.size <= 0 else beyond_history(claim, answer, comparison, head.first)
    word = combine(p.verdict for p in parts) if parts else comparison.verdict
    return Verdict(
        claim,
        word,
        _summary(claim, readings, day, _further(claim, head)),
        answer.claimed,
        answer.measured,
        readings[0].value,
        "overstated" if word == "imprecise" else None,
        answer.readings,
        parts,
        tuple({one.step.label: one.step for one in found}.values()),
        caveats=(
            *remarks(claim),
            *_otherwise(claim, readings[0].value),
            *_narrow(claim.params["of"]),
            *_tied(claim, head),
            *([_POINTS] if head.how in ("percent", "points") else []),
        ),
        decision=decision if word == comparison.verdict else parts_decision(parts, word),
    )


BROAD = ("^GSPC", "^IXIC")  # the market, and the Nasdaq where the sentence says so


def _narrow(series: Sequence[str]) -> list[str]:
    """That a sector's index decides, where a broad one is named only beside it."""
    beside = [ticker for ticker in series[1:] if ticker in BROAD]
    if series[0] in BROAD or not beside:
        return []
    return [
        f"{series[0]} is named first and decides, though it is not the market; {', '.join(beside)} "
        f"{'stands' if len(beside) == 1 else 'stand'} beside it without a vote. Where the sentence speaks of the "
        "market, the broad index belongs first."
    ]


_POINTS = (
    "An index's points grow with its level, so that a rank by points favours recent days; a rank by per cent does not."
)


# -------------------------------------------------------------------------------------------------------------- series
def _span(claim: Claim) -> str:
    """What is ranked, in a word or two."""
    first, last = claim.params["window"]
    return str(claim.params["period"]) if first == last else f"move over {last - first + 1} sessions"


def _series(claim: Claim, result: StudyResult, ticker: str) -> list[_Ranked]:
    """One series by the claimed measure and, where it has moves, by the other."""
    window, how = estimation.Window(*claim.params["window"]), claim.params["measure"]
    row = measure.event_day(result, ticker, claim.event or "").t + window.end
    sessions = measure.calendar_of(result, ticker).sessions
    if not 0 <= row < len(sessions):
        raise MissingPriceError(f"{ticker}: closes after {measure.day_text(sessions[-1])} would decide")
    day = sessions[row]
    if how == "volume":
        return [_by_volume(claim, result, ticker, day)]
    kept, sign = history.history_of(result, ticker, day), measure.sign_of(claim.claimed)
    if how in ("points", "level") and kept.basis == "adj_close":
        raise MissingPriceError(f"{ticker}: closes that no dividend has changed would decide; the study has none")
    begins = None if claim.params["since"] is None else history.since_day(claim, result, ticker, day)
    if how == "level":
        return [_by_level(claim, kept, day, begins)]
    moves = history.moves_by(kept.levels, day, claim.params["period"], window.length, begins)
    if not len(moves) or moves.index[-1] < day:
        raise MissingPriceError(
            f"{ticker}: the close before {measure.day_text(day)} would decide; {kept.file} lacks it"
        )
    before, after = moves["before"], moves["after"]
    sizes = {"percent": 100 * sign * (after / before - 1), "points": sign * (after - before)}
    first = kept.first
    whole = kept.whole or _reaches(claim, first, begins)
    step = _step(kept, measure.name_of(claim, ticker), moves.iloc[-1])
    return [
        _Ranked(ticker, one, sizes[one], first, whole, kept.file, step)
        for one in (how, *(other for other in sizes if other != how))
    ]


def _reaches(claim: Claim, first: pd.Timestamp, begins: pd.Timestamp | None) -> bool:
    """Whether a history that begins on `first` holds all that the claim counts."""
    return bool(claim.params["complete"]) or (begins is not None and first <= begins)


def _by_level(claim: Claim, kept: History, day: pd.Timestamp, begins: pd.Timestamp | None) -> _Ranked:
    """The closes, of each period the last; the lowest is the largest fall."""
    period = claim.params["period"]
    known = kept.levels.loc[:day].dropna() if period == "day" else history.closing(kept.levels, day, period)
    if begins is not None:
        known = known[known.index > begins]
    close = kept.quantity(pd.Timestamp(str(known.index[-1])))
    step = Step(f"Close of {measure.name_of(claim, kept.ticker)}", "close", {"close": close}, close)
    whole = kept.whole or _reaches(claim, kept.first, begins)
    return _Ranked(kept.ticker, "level", _upwards(claim, known), kept.first, whole, kept.file, step)


def _upwards(claim: Claim, sizes: pd.Series[float]) -> pd.Series[float]:
    """Sizes above zero of which the largest is the one that a claim of a rise, or of a fall, means."""
    return sizes if measure.sign_of(claim.claimed) > 0 else sizes.max() + 1 - sizes


def _by_volume(claim: Claim, result: StudyResult, ticker: str, day: pd.Timestamp) -> _Ranked:
    """The shares traded by day, or summed over each period; the quietest is the largest fall."""
    known = result.prices.volume[ticker].reindex(measure.calendar_of(result, ticker).sessions)
    known = known[known > 0]
    if day not in known.index:
        raise MissingPriceError(f"{ticker}: its volume of {measure.day_text(day)} would decide; the study has none")
    shares, period, first = known.loc[:day], claim.params["period"], known.index[0]
    if period != "day":
        ends = history.closing(known, day, period)
        sums = known.loc[: ends.index[-1]].groupby(ends.index.searchsorted(known.loc[: ends.index[-1]].index)).sum()
        shares = sums.set_axis(ends.index).iloc[1:]  # the first period may have begun before the data
    begins = None if claim.params["since"] is None else history.since_day(claim, result, ticker, day)
    if begins is not None:
        shares = shares[shares.index > begins]
    whole = _reaches(claim, first, begins)
    source = measure.price_source(result, "volume", day)
    traded = Quantity(float(shares.iloc[-1]), "count", source)
    step = Step(f"Shares of {measure.name_of(claim, ticker)} traded", "volume", {"volume": traded}, traded)
    return _Ranked(ticker, "volume", _upwards(claim, shares), first, whole, source.partition(",")[0], step)


def _step(kept: History, name: str, own: pd.Series[Any]) -> Step:
    """The own move in per cent."""
    inputs: dict[str, Quantity | str] = {
        "before": kept.quantity(own["start"]),
        "after": kept.quantity(pd.Timestamp(str(own.name))),
    }
    change = Quantity(100 * (float(own["after"]) / float(own["before"]) - 1), "percent")
    return Step(f"Change of {name}", "100 × (after / before − 1)", inputs, change)


# --------------------------------------------------------------------------------------------------------------- words
def _reading(claim: Claim, found: _Ranked, headline: bool) -> Reading:
    n, first, name = len(found.sizes), measure.day_text(found.sizes.index[0]), measure.name_of(claim, found.ticker)
    many = f"{_span(claim)}s" if claim.params["window"][0] == claim.params["window"][1] else f"{_span(claim)},"
    source = f"{found.file}, {found.ticker}, {n:,} {many} from {first}"
    label = f"{name}, by {MEASURES[found.how]}, of {n:,} {many} since {first}"
    return Reading(label, float(found.place), "rank", source, headline, "input" if headline else "shown")


def _summary(claim: Claim, readings: Sequence[Reading], day: pd.Timestamp, further: str) -> Statement:
    """The day's rank by the measure that decides, then the others."""
    values: dict[str, Quantity | str] = {"day": measure.date_quantity(day)}
    said = []
    for i, reading in enumerate(readings):
        values |= {f"rank{i}": Quantity(reading.value, "rank"), f"in{i}": reading.label}
        said.append(f"{{rank{i}}} ({{in{i}}})")
    beside = f" Beside it, without a vote: {'; '.join(said[1:])}." if said[1:] else ""
    size = {"volume": "volume", "level": "close"}.get(claim.params["measure"], claim.claimed.direction)
    what = "" if _span(claim) == "day" else f"the {_span(claim)} that ended on "
    by = f"the size of its {size}" if size == claim.claimed.direction else f"its {size}"
    return Statement(f"By {by} {what}{{day}} ranks {said[0]}{further}.{beside}", values)


def _further(claim: Claim, head: _Ranked) -> str:
    """Which span was the last one to move further, where the claim says since when there was none."""
    larger = head.sizes.index[:-1][rarity.further(head.sizes.iloc[:-1], head.size)]
    if claim.params["since"] is None or not len(larger):
        return ""
    return f"; the last that was larger ended on {measure.day_text(larger[-1])}"


def _tied(claim: Claim, head: _Ranked) -> list[str]:
    """The spans that were exactly as large, which share the rank."""
    earlier = head.sizes.iloc[:-1]
    equal = earlier.index[rarity.as_far(earlier, head.size) & ~rarity.further(earlier, head.size)]
    if not len(equal):
        return []
    return [f"As large, and of the same rank: {', '.join(measure.day_text(day) for day in equal[-5:])}."]


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
    from pydantic import StrictBool, model_validator

    from eventstudy.claims.schema import Params, Sessions, Since, Texts

    class Rank(Params):
        """`of`: series of the long tables or of the prices, of which the first decides and the others are shown.
        `since`: only moves that began at its last close or later count. `measure`: percent, points where the sentence
        speaks of points, the level of the closes (a record close), or volume. `period`: day, week, month, quarter or
        year; or a `window` of several sessions. `complete`: whether the history begins with the series, so that "ever"
        ends there."""

        of: Texts
        since: Since | None = None
        measure: Literal["percent", "points", "level", "volume"] = "percent"
        period: Literal["day", "week", "month", "quarter", "year"] = "day"
        window: Sessions = (0, 0)
        complete: StrictBool = False

        @model_validator(mode="after")
        def _one_span(self) -> Rank:
            if self.window[0] != self.window[1] and (self.period != "day" or self.measure in ("level", "volume")):
                raise ValueError(
                    "a `window` of several sessions goes with moves by day: leave `window` or the other out"
                )
            return self

    return Rank


CARD = Kind(
    name="rank",
    judge=rank,
    words="Which rank has the day, week or month in the history of some series?",
    rule="1 + the number of earlier days that moved further the same way, against the claimed rank; other series and "
    "the other measure are shown and do not vote. Beyond what the history holds it is left open.",
    default_reading='daily moves by per cent of the broad index, the S&P 500; of the Nasdaq Composite for "the Nasdaq"',
    params=_params,
    tables=(),
    subjects=(),
    directed=True,
    number=True,
    word=False,
    units=("rank",),
    vendors=False,
)
