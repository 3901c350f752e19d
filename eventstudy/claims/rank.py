"""Claims that a day belongs to the largest moves in the history of an index."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.claims.answer import remarks, scale_of
from eventstudy.claims.interval import Comparison, claimed_interval, combine, compare
from eventstudy.claims.measure import date_quantity, day_text, event_day, name_of, reference_source, sign_of
from eventstudy.errors import MissingPriceError
from eventstudy.results import StudyResult
from eventstudy.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

_FILE = "index_history.csv"


def rank(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the rank of a day in each index's own history, by per cent and by points: separate parts.

    The rank of a fall is 1 + the number of earlier days that fell further; the history ends on the day itself.
    """
    claimed, sign = claimed_interval(claim.claimed), sign_of(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no rank")
    claimed = replace(claimed, low=max(claimed.low, 1.0))  # ranks begin at 1
    parts: list[Part] = []
    readings: list[Reading] = []
    steps: list[Step] = []
    for ticker in claim.params["indices"]:
        before, after, moves = _history(result, ticker, claim.event or "")
        name = name_of(claim, ticker)
        for measure, values in moves.items():
            part, reading = _part(claim, claimed, (name, ticker, measure), sign * values)
            parts.append(part)
            readings.append(reading)
        steps.append(_step(result, (ticker, name), before, after))
    ranks = [part.value for part in parts]
    word = combine(part.verdict for part in parts)
    last = pd.Timestamp(str(event_day(result, claim.params["indices"][0], claim.event or "").session))
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
        caveats=(*remarks(claim), _POINTS),
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
    day = pd.Timestamp(str(event_day(result, ticker, event).session))
    levels = table[ticker].dropna().loc[:day].astype(np.float64)
    if len(levels) < 2 or levels.index[-1] != day:
        raise MissingPriceError(f"the level of {ticker} on {day_text(day)} would decide; {_FILE} lacks it")
    moves = {"by per cent": 100 * levels.pct_change().dropna(), "by points": levels.diff().dropna()}
    before, after = ((levels.index[k], float(levels.iloc[k])) for k in (-2, -1))
    return before, after, moves


def _part(claim: Claim, claimed: Interval, what: tuple[str, str, str], sizes: pd.Series[float]) -> tuple[Part, Reading]:
    name, ticker, measure = what
    own = float(sizes.iloc[-1])
    place = 1 + int((sizes.iloc[:-1] > own).sum())
    if own <= 0:
        comparison = Comparison("contradicted", None, math.inf)
    else:
        comparison = compare(claimed, Interval(place, place, "rank"), scale_of(claim))
    label = f"{name}, {measure}"
    first = day_text(sizes.index[0])
    source = f"{_FILE}, {ticker}, {len(sizes)} days from {first}"
    note = f"of {len(sizes)} days since {first}"
    return (
        Part(label, comparison.verdict, float(place), "rank", note, ticker),
        Reading(f"{label}, {note}", float(place), "rank", source, headline=measure == "by per cent"),
    )


def _step(
    result: StudyResult, who: tuple[str, str], before: tuple[pd.Timestamp, float], after: tuple[pd.Timestamp, float]
) -> Step:
    ticker, name = who
    levels = {
        label: Quantity(value, "level", reference_source(result, "index_history", _FILE, f"{ticker}, {day_text(day)}"))
        for label, (day, value) in (("before", before), ("after", after))
    }
    change = Quantity(100 * (after[1] / before[1] - 1), "percent")
    return Step(f"Change of {name}", "100 × (after / before − 1)", levels, change)


def _summary(parts: list[Part], day: pd.Timestamp) -> Statement:
    values: dict[str, Quantity | str] = {"day": date_quantity(day)}
    said = []
    percent = [p for p in parts if p.label.endswith("by per cent")]
    for i, part in enumerate(percent):
        values[f"name{i}"] = part.label.removesuffix(", by per cent")
        values[f"rank{i}"] = Quantity(part.value, "rank")
        said.append(f"{{rank{i}}} for {{name{i}}}")
    return Statement("By per cent, {day} ranks " + ", ".join(said) + " in the history of each.", values)
