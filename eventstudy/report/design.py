"""The design of a study in words: what its model takes away, what was fitted, on which days, what was not estimated.

Nothing on the page may take one design for granted; a sentence that depends on it is chosen here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eventstudy.errors import joined
from eventstudy.figures import called
from eventstudy.objects.cards import Cards, Test
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AbnormalAxis
from eventstudy.report import tables


class Place(NamedTuple):
    """One event in one event result."""

    key: str
    event: EventResult
    row: int

    @property
    def day(self) -> dt.date | None:
        """Its day zero."""
        return self.event.panel.day_zero[self.row].session

    @property
    def why_not(self) -> str | None:
        """Why it was not estimated, None if it was."""
        return self.event.normal.reason[self.row]


def places(result: StudyResult) -> list[Place]:
    """The events of the headline group where there is one, else all of the headline announcement."""
    settings = result.settings
    wanted = settings.keys(settings.headline_event, settings.headline_group)
    found = {key: e for e in reversed([*result.select(settings.headline_event)]) for key in e.panel.keys}
    return [Place(key, found[key], found[key].row(key)) for key in wanted if key in found]


def days(some: Sequence[Place]) -> list[dt.date]:
    """The different days zero, first to last."""
    return sorted({place.day for place in some if place.day is not None})


def price_change(result: StudyResult, value: float) -> float:
    """How far a price moved, decimal: a return of the study as it is, exp(r) - 1 for a log return r."""
    return math.expm1(value) if result.settings.returns == "log" else value


def taken_away(result: StudyResult) -> str:
    """The sentence that says what an abnormal return is."""
    return result.cards.models[result.settings.model].takes.left


def beyond(axis: AbnormalAxis, cards: Cards, names: Mapping[str, str] = {}) -> str:
    """What an abnormal return goes beyond; `names` are those that the claims file gives."""
    return cards.models[axis.model].beyond(called.market(axis.benchmark, names))


def accounts(result: StudyResult, some: Sequence[EventResult]) -> str:
    """What is enough to account for moves that are not abnormal."""
    benchmarks = dict.fromkeys(called.market(event.benchmark or "no benchmark") for event in some)
    return result.cards.models[result.settings.model].enough(joined([*benchmarks], "or"))


def real_size(test: Test) -> str:
    """How often a test rejects on ordinary days of real prices, by docs/calibration.md; empty if not measured.

    >>> from eventstudy.inference import TESTS
    >>> real_size(TESTS["sign_flip"])
    ''
    """
    sizes = test.measured.sizes
    few, many = sizes.get("R", sizes.get("Q")), sizes.get("r", sizes.get("q"))
    if few is None or many is None:
        return ""
    start = f"On ordinary days of real prices {test.words} rejects, at a nominal 5%,"
    if test.of == "security":
        return f"{start} {sizes.get('q', many):g}% of the time."
    return f"{start} {few:g}% of the time with 5 securities and {many:g}% with 20."


def span_of(some: Sequence[dt.date]) -> str:
    """Days as a reader says them: one, a few, or the first and the last of many."""
    if len(some) > 4:
        return f"{len(some)} days from {tables.date(some[0])} to {tables.date(some[-1])}"
    return joined([tables.date(day) for day in some])
