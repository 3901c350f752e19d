"""Which tests fit the design, by their measured size; the rest stand behind a warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import IntArray, Window
from eventstudy.inference.sample import Sample, gather
from eventstudy.inference.sizes import HOTELLING_F, REAL_DATES, SIZES, WORDS

Design = Literal["one_security", "few_one_date", "many_one_date", "own_dates", "mixed_dates"]

MANY = 20  # events from which the designs of 30 are nearer than those of 5
LARGEST_SIZE = 6.5  # per cent; no test that rejects more true nulls than this at a nominal 5 stands in front

_SAME_SIZE = 2.5  # points; the second of two designs that differ by no more says nothing new in a warning

_DESIGN: Mapping[Design, tuple[str, str]] = {  # the nearest measured designs: ordinary, and the harder one
    "one_security": ("A", "B"),
    "few_one_date": ("A", "B"),
    "many_one_date": ("C", "D"),
    "own_dates": ("S", "E"),
    "mixed_dates": ("M", "D"),
}
_ONE_DATE = ("portfolio_t", "hotelling")
_INDEPENDENT = ("cross_sectional_t", "patell_z", "bmp_t", "generalized_sign_z")
_FRONT: Mapping[Design, tuple[str, ...]] = {
    "one_security": ("t", "sample_quantile"),
    "few_one_date": ("adjusted_bmp_t", "portfolio_t", "corrado_rank_z", "hotelling"),
    "many_one_date": ("adjusted_bmp_t", "portfolio_t", "corrado_rank_z", "hotelling"),
    "own_dates": ("bmp_t", "adjusted_bmp_t", "cross_sectional_t"),
    "mixed_dates": ("adjusted_bmp_t",),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """``front`` tests that fit the design, best first; ``why`` in plain words; ``warnings`` for the tests behind."""

    design: Design
    front: tuple[str, ...]
    why: str
    warnings: Mapping[str, str]


def choose(abnormal: AbnormalReturns, window: Window | None = None) -> Choice:
    """Put the tests that fit the design in front, say why, and give every other test its measured size.

    The design follows from the events that can be tested: their number, and whether their event windows share days
    (over `window`; over the event window of the study if None). `hotelling` stands in front for one-day windows only:
    longer ones have no p-value by rank.
    """
    if window is not None:
        return choose_for(gather(abnormal, window))
    return _choice(abnormal.panel.day[abnormal.estimated], abnormal.panel.event.length, one_day=True)


def choose_for(sample: Sample) -> Choice:
    """`choose` for events that were gathered already."""
    return _choice(sample.kept.panel.day, sample.window.length, one_day=sample.window.length == 1)


def _choice(days: IntArray, length: int, one_day: bool) -> Choice:
    design = _design(days, length)
    front, warnings = _placed(design, one_day, len(days) >= MANY)
    return Choice(design, front, _why(design, len(days), front), warnings)


@cache  # sentences that depend on nothing but the design: made once, not for every group and window
def _placed(design: Design, one_day: bool, many: bool) -> tuple[tuple[str, ...], Mapping[str, str]]:
    front = tuple(name for name in _FRONT[design] if one_day or name != "hotelling")
    return front, MappingProxyType({n: _warning(n, design, many) for n in SIZES if n not in front})


def _design(days: IntArray, length: int) -> Design:
    if len(days) < 2:
        return "one_security"
    if (days == days[0]).all():
        return "few_one_date" if len(days) < MANY else "many_one_date"
    apart = np.diff(np.sort(days))
    return "own_dates" if (apart >= length).all() else "mixed_dates"


def _why(design: Design, n: int, front: tuple[str, ...]) -> str:
    listed = _and(front)
    if design == "one_security":
        return (
            f"One security and one date: {listed} compare the event with the security's own ordinary days. "
            "Neither can tell an effect from a mere increase of variance on the day."
        )
    if design in ("few_one_date", "many_one_date"):
        return (
            f"The {n} events share one date, so their errors on that day are correlated and tests that take them as "
            f"independent reject far too often; in front stand {listed}, which allow for it. "
            "Of these only adjusted_bmp_t withstands an increase of variance on the day, and no test of a mean "
            "withstands an increase of correlation."
        )
    if design == "own_dates":
        return (
            f"The {n} events have dates of their own, so their errors are taken as independent; in front stand "
            f"{listed}, which measure the variance from the events themselves and so withstand its increase on the day."
        )
    return (
        f"Some of the {n} events share days, so their errors are correlated in part; in front stands {listed}, "
        "which counts each pair by the days it shares and withstands an increase of variance on the day."
    )


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _warning(name: str, design: Design, many: bool) -> str:
    """What the design does to a test that stands behind: one sentence, in numbers, the nearest design first."""
    if design == "one_security":
        return "a test of several events, not of one"
    if name in ("t", "sample_quantile"):
        return "a test of one security and one event, not of a group"
    if name in _ONE_DATE and design in ("own_dates", "mixed_dates"):
        return "needs one date shared by all events"
    if name == "hotelling":
        return f"has no p-value by rank for windows of several days: {f_rejects()}"
    sizes, (ordinary, harder) = SIZES[name], _DESIGN[design]
    letters = [harder, ordinary] if design == "own_dates" and many else [ordinary, harder]
    if abs(sizes[harder] - sizes[ordinary]) <= _SAME_SIZE:
        letters.pop()
    if design == "few_one_date":
        letters.append("R")
    measured = [f"{sizes[x]:g}% {WORDS[x]}" for x in letters]
    return f"{_fault(name, design)}: in one-day windows at a nominal 5% it rejects {'; '.join(measured)}"


def f_rejects() -> str:
    """What the normal-theory F of `hotelling` does on real dates, in words."""
    return (
        f"in one-day windows at a nominal 5% its F rejects {HOTELLING_F['R']:g}% on {REAL_DATES}, "
        "whose residuals are heavy-tailed"
    )


def _fault(name: str, design: Design) -> str:
    if name in _INDEPENDENT and design != "own_dates":
        return "takes events that share days as independent"
    if name == "generalized_sign_z":
        return "uses signs alone, which a few events leave coarse"
    return "takes the variance on the day to be the ordinary one"
