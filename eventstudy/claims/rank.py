"""Claims that a day belongs to the largest moves in the history of an index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventstudy.claims.answer import from_first, remarks, scale_of
from eventstudy.claims.card import Kind
from eventstudy.claims.interval import Comparison, claimed_interval, combine, compare
from eventstudy.claims.later import measure, np, pd
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


_FILE = "index_history.csv"


def rank(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the rank of a day in each index's own history, by per cent and by points: separate parts.

    The rank of a fall is 1 + the number of earlier days that fell further; the history ends on the day itself.
    """
    claimed, sign = claimed_interval(claim.claimed), measure.sign_of(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no rank")
    claimed = from_first(claimed)
    parts: list[Part] = []
    places: list[float] = []
    readings: list[Reading] = []
    steps: list[Step] = []
    for ticker in claim.params["indices"]:
        before, after, moves = _history(result, ticker, claim.event or "")
        name = measure.name_of(claim, ticker)
        for how, values in moves.items():
            part, reading = _part(claim, claimed, (name, ticker, how), sign * values)
            parts.append(part)
            places.append(part.value if sign * values.iloc[-1] > 0 else math.inf)
            readings.append(reading)
        steps.append(_step(result, (ticker, name), before, after))
    ranks = [part.value for part in parts]
    word = combine(part.verdict for part in parts)
    last = pd.Timestamp(str(measure.event_day(result, claim.params["indices"][0], claim.event or "").session))
    return Verdict(
        claim,
        word,
        _summary(parts, last),
        claimed,
        Interval(min(ranks), max(ranks), "rank"),
        ranks[0],
        None if word in ("partly", "supported") else "overstated",
        tuple(readings),
        tuple(parts),
        tuple(steps),
        caveats=(*remarks(claim), *_otherwise(claim, places), _POINTS),
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
    moves = {"by per cent": 100 * levels.pct_change().dropna(), "by points": levels.diff().dropna()}
    before, after = ((levels.index[k], float(levels.iloc[k])) for k in (-2, -1))
    return before, after, moves


def _part(claim: Claim, claimed: Interval, what: tuple[str, str, str], sizes: pd.Series[float]) -> tuple[Part, Reading]:
    name, ticker, how = what
    own = float(sizes.iloc[-1])
    place = 1 + int((sizes.iloc[:-1] > own).sum())
    if own <= 0:
        comparison = Comparison("contradicted", None, math.inf)
    else:
        comparison = compare(claimed, Interval(place, place, "rank"), scale_of(claim))
    label = f"{name}, {how}"
    first = measure.day_text(sizes.index[0])
    source = f"{_FILE}, {ticker}, {len(sizes):,} days from {first}"
    note = f"of {len(sizes):,} days since {first}"
    return (
        Part(label, comparison.verdict, float(place), "rank", note, ticker),
        Reading(f"{label}, {note}", float(place), "rank", source, headline=how == "by per cent"),
    )


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


def _summary(parts: list[Part], day: pd.Timestamp) -> Statement:
    """The day's rank in each index, by per cent and by points."""
    values: dict[str, Quantity | str] = {"day": measure.date_quantity(day)}
    said = []
    for i, (percent, points) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        values |= {
            f"name{i}": percent.label.removesuffix(", by per cent"),
            f"percent{i}": Quantity(percent.value, "rank"),
            f"points{i}": Quantity(points.value, "rank"),
        }
        said.append(f"{{percent{i}}} by per cent and {{points{i}}} by points for {{name{i}}}")
    return Statement("In the history of each index {day} ranks " + "; ".join(said) + ".", values)


def _otherwise(claim: Claim, places: Sequence[float]) -> list[str]:
    """What the answer would be were half or twice the rank asked for: the limit is often a reading of a word."""
    limit = claim.claimed.value
    if limit is None or claim.claimed.modifier != "at_most":
        return []
    said = []
    for asked in dict.fromkeys(max(round(limit * factor), 1) for factor in (0.5, 1, 2)):
        first = Interval(1.0, float(asked), "rank")
        word = combine(compare(first, Interval(p, p, "rank"), asked).verdict for p in places)
        inside = sum(p <= asked for p in places)
        is_it = "is" if asked == limit else "would be"
        said.append(f"within the first {asked} it {is_it} {word} ({inside} of {len(places)} ranks lie there)")
    return [f"The answer depends on the rank asked for: {', '.join(said)}."]


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import Params, Texts

    class Rank(Params):
        """`indices` of the long history, each a part of the claim."""

        indices: Texts

    return Rank


CARD = Kind(
    name="rank",
    judge=rank,
    words="Which rank has the day in the history of some indices?",
    rule="1 + the number of earlier days that moved further the same way, against the claimed rank.",
    default_reading="daily moves by per cent and by points, each a part",
    params=_params,
    tables=("history",),
    subjects=(),
    directed=True,
    number=True,
    word=False,
    units=("rank",),
)
