"""An index that holds the securities of the event: how much of its move is their own, and what is left without them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from eventstudy.errors import joined
from eventstudy.figures import called
from eventstudy.objects.contamination import Contamination, Ends
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables
from eventstudy.report.blocks import Block, Fold, Heading, Listing, Prose
from eventstudy.report.frames import Cell, Column, Table

DAY = Window(0, 0)


def contamination(result: StudyResult) -> Iterator[Block]:
    """For each index that was measured without the event's securities: weights, points, and every security's answer."""
    names = called.names(result.verdicts)
    for found in result.contamination:
        who = [names.get(member.ticker, member.ticker) for member in found.members]
        index, anchor = called.market(found.index), f"without-members-{found.index.lstrip('^')}"
        whose = joined([f"{name}’s" for name in who])
        yield Heading(anchor, f"How much of the {_move(found.ret)} of {index} is {whose} own")
        yield Prose((_said(found, who, index), *_turned(result, found, names)))
        yield Fold(
            f"{anchor}-fold",
            "Every security with and without them",
            (Listing(_table(result, found, names, f"{anchor}-answers")),),
        )


def _move(ret: float) -> str:
    return "fall" if ret < 0 else "rise"


def _range(ends: Ends) -> str:
    low, high = sorted((abs(ends.least), abs(ends.most)))
    return tables.between(low, high, "decimal")


def _said(found: Contamination, who: list[str], index: str) -> str:
    """What the members weigh, how many of the index's points are theirs, what it did without them."""
    weights = [f"{name} {_range(member.weight)}" for name, member in zip(who, found.members, strict=True)]
    first, *rest = (f"{text} of {index}" if i == 0 else text for i, text in enumerate(weights))
    low, high = sorted(abs(100 * end) for end in (found.own.least, found.own.most))
    points = tables.between(low, high, "points")
    same = (found.own.middle < 0) is (found.ret < 0)
    own = f"{points} are {'its' if len(who) == 1 else 'their'} own" if same else "none are theirs"
    without = [found.without.least, found.without.most]
    left = f"{_verb(found.without.middle)} {_range(found.without)}"
    if without[0] < 0 < without[1]:
        left = f"moved between {tables.text(without[0], 'decimal')} and {tables.text(without[1], 'decimal')}"
    one = len(who) == 1
    return (
        f"Before the day {joined([first.replace(who[0], f'{who[0]} was', 1), *rest])}. Of the "
        f"{tables.text(abs(100 * found.ret), 'points')} that {index} {_verb(found.ret)}, {own}. Without "
        f"{'it' if one else 'them'} the index {left}. A range is that of what the index is worth."
    )


def _verb(ret: float) -> str:
    return "fell" if ret < 0 else "rose"


def _turned(result: StudyResult, found: Contamination, names: Mapping[str, str]) -> Iterator[str]:
    """For whom the answer of the t test is another without the members, wholly or at one end of the range."""
    alpha, event = result.settings.alpha, _event(result, found)
    shown = set(result.settings.keys(result.settings.headline_event, result.settings.headline_group))
    turned, open_ = [], []
    for key, (_, p) in found.answers.items():
        test = event.find(key, DAY, "t")
        if key not in shown or test is None or not math.isfinite(p.middle):
            continue
        inside = [end < alpha for end in (p.low, p.middle, p.high)]
        if len(set(inside)) > 1:
            open_.append(f"{names.get(key, key)} (p from {_compared(p)})")
        elif inside[0] != (test.p < alpha):
            turned.append(names.get(key, key))
    against = f"Against {called.market(found.name, names)}"
    if turned:
        yield f"{against} the answer of the t test turns for {joined(turned)}."
    if open_:
        level = tables.number(alpha, "p_short")
        who = joined(open_)
        yield f"{against} the answer at the level {level} for {who} depends on what the index is worth."


def _compared(p: Ends) -> str:
    low, high = tables.text(p.least, "p"), tables.text(p.most, "p")
    return low if low == high else f"{low} to {high}"


def _event(result: StudyResult, found: Contamination) -> EventResult:
    own = (e for e in result.select(result.settings.headline_event) if e.benchmark == found.index)
    return next(own, result.headline)


def _table(result: StudyResult, found: Contamination, names: Mapping[str, str], anchor: str) -> Table:
    """One row a security: abnormal return and p against the index, and against it without the members."""
    event = _event(result, found)
    columns = (
        Column("ticker", "Security"),
        Column("ar", "Abnormal return", "decimal", True, note=f"against {called.market(found.index)}"),
        Column("p", "p", "p"),
        Column("ar_without", "Without them", "decimal", True, note=f"against {called.market(found.name, names)}"),
        Column("ar_without_low", "from", "decimal", True),
        Column("ar_without_high", "to", "decimal", True),
        Column("p_without", "p", "p"),
        Column("p_without_low", "from", "p"),
        Column("p_without_high", "to", "p"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, (ar, p) in found.answers.items():
        test = event.find(key, DAY, "t")
        rows.append(
            (
                *(key, float(event.day["ar"][event.row(key)]), math.nan if test is None else test.p),
                *(ar.middle, ar.least, ar.most, p.middle, p.least, p.most),
            )
        )
    shown = result.settings.keys(result.settings.headline_event, result.settings.headline_group)
    first = tuple(key for key in found.answers if key in set(shown))
    caption = f"Each security against {called.market(found.index)} and {called.market(found.name, names)}"
    note = f"p by the t test, not adjusted. Weights: {found.source}."
    return Table(anchor, caption, columns, tuple(rows), note, first)
