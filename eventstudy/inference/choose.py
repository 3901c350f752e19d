"""Which tests fit the design, by their measured size; the rest stand behind a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import IntArray, Window
from eventstudy.inference.placing import Design, conservative, holds, warning, withstands
from eventstudy.inference.sample import Sample, gather
from eventstudy.outcomes import Diagnostic

MANY = 20  # events from which the designs of 30 are nearer than those of 5, and ranks of standardised days can be used

# Candidates by design, best first. One whose measured size is too large does not stand in front (`placing.holds`).
_FRONT: Mapping[Design, tuple[str, ...]] = {
    "one_security": ("t", "sample_quantile", "placebo"),
    "few_one_date": ("adjusted_bmp_t", "portfolio_t", "corrado_rank_z", "hotelling", "placebo_portfolio"),
    "many_one_date": ("adjusted_bmp_t", "grank_t", "portfolio_t", "corrado_rank_z", "hotelling", "placebo_portfolio"),
    "few_own_dates": ("bmp_t", "adjusted_bmp_t", "cross_sectional_t"),
    "many_own_dates": ("bmp_t", "adjusted_bmp_t", "cross_sectional_t", "grank_t"),
    "repeated_dates": ("adjusted_bmp_t",),
    "overlapping_dates": ("adjusted_bmp_t",),
}
_BY_RANK = ("sample_quantile", "placebo", "corrado_rank_z", "hotelling", "placebo_portfolio", "grank_t")
_HEAVY = frozenset({"jarque_bera"})  # checks of DIAGNOSTICS: the residuals are not normal
_SERIAL = frozenset({"ljung_box", "arch_lm"})  # days that depend on each other
_UNSTABLE = frozenset({"cusum", "split_window"})  # the estimates are not those of the event day


@dataclass(frozen=True, slots=True)
class Choice:
    """``front`` tests that fit the design, best first; ``why`` in plain words; ``warnings`` one for each test behind.

    ``withstand`` those in front that keep their size where the event multiplies the variance on the day by 4.
    """

    design: Design
    front: tuple[str, ...]
    why: str
    warnings: Mapping[str, str]
    withstand: tuple[str, ...] = ()


def choose(abnormal: AbnormalReturns, window: Window | None = None, diagnostics: Sequence[Diagnostic] = ()) -> Choice:
    """Put the tests that fit the design in front, say why, and give every other test its measured size.

    The design follows from the events that can be tested: their number, and whether their event windows share days
    (over `window`; over the event window of the study if None). `hotelling` stands in front for one-day windows only:
    longer ones have no p-value by rank.

    Parameters
    ----------
    diagnostics : of the same events; where they show heavy tails the tests by rank come first, and where they show
        days that depend on each other or estimates that move, ``why`` says what follows.

    Examples
    --------
    >>> from eventstudy.inference.placing import holds, withstands
    >>> holds("bmp_t", "few_own_dates"), holds("bmp_t", "few_one_date")
    (True, False)
    >>> withstands("adjusted_bmp_t", "few_one_date"), withstands("portfolio_t", "few_one_date")
    (True, False)
    """
    if window is not None:
        return choose_for(gather(abnormal, window), diagnostics)
    return _choice(abnormal.panel.day[abnormal.estimated], abnormal.panel.event.length, True, diagnostics)


def choose_for(sample: Sample, diagnostics: Sequence[Diagnostic] = ()) -> Choice:
    """`choose` for events that were gathered already."""
    return _choice(sample.kept.panel.day, sample.window.length, sample.window.length == 1, diagnostics)


def _choice(days: IntArray, length: int, one_day: bool, diagnostics: Sequence[Diagnostic]) -> Choice:
    trouble = frozenset(row.check for row in diagnostics if row.verdict != "fine" and row.reason is None)
    return _written(_design(days, length), len(days), one_day, trouble & (_HEAVY | _SERIAL | _UNSTABLE))


@cache  # sentences that depend on nothing but the design: made once, not for every group and window
def _written(design: Design, n: int, one_day: bool, trouble: frozenset[str]) -> Choice:
    front, warnings = _placed(design, one_day)
    if trouble & _HEAVY:
        front = tuple(sorted(front, key=lambda name: name not in _BY_RANK))  # stable: the order stays otherwise
    withstand = tuple(name for name in front if withstands(name, design))
    why = _why(design, n, front, withstand) + conservative(front, design) + _noted(front, trouble)
    return Choice(design, front, why, warnings, withstand)


@cache
def _placed(design: Design, one_day: bool) -> tuple[tuple[str, ...], Mapping[str, str]]:
    from eventstudy.inference import TESTS  # the registry imports this module

    front = tuple(n for n in _FRONT[design] if holds(n, design) and (one_day or n != "hotelling"))
    behind = [name for name in TESTS if name not in front]
    return front, MappingProxyType({name: warning(name, design, front) for name in behind})


def _design(days: IntArray, length: int) -> Design:
    if len(days) < 2:
        return "one_security"
    many = len(days) >= MANY
    if (days == days[0]).all():
        return "many_one_date" if many else "few_one_date"
    apart = np.diff(np.sort(days))
    if (apart >= length).all():
        return "many_own_dates" if many else "few_own_dates"
    return "repeated_dates" if (apart == 0).any() else "overlapping_dates"


# ------------------------------------------------------------------------------------------------------------ in words
def _why(design: Design, n: int, front: tuple[str, ...], withstand: tuple[str, ...]) -> str:
    stands = "stands" if len(front) == 1 else "stand"
    listed = f"in front {stands} {_and(front)}"
    if design == "one_security":
        return (
            f"One security and one date: {_and(front)} compare the event with the security's own ordinary days. "
            "None can tell an effect from a mere increase of variance on the day."
        )
    if design in ("few_one_date", "many_one_date"):
        return (
            f"The {n} events share one date, so their errors on that day are correlated and tests that take them as "
            f"independent reject far too often; {listed}, which allow for it. "
            f"Of these {_only(withstand)} an increase of variance on the day, and no test of a mean withstands an "
            "increase of correlation."
        )
    if design in ("few_own_dates", "many_own_dates"):
        return (
            f"The {n} events have dates of their own, so their errors are taken as independent; {listed}, which "
            "measure the variance from the events themselves and so withstand its increase on the day."
        )
    shared = "Some of the" if design == "repeated_dates" else "The windows of some of the"
    verb = "dates" if design == "repeated_dates" else "days"
    return (
        f"{shared} {n} events share {verb}, so their errors are correlated in part; {listed}, "
        f"which {'counts' if len(front) == 1 else 'count'} that and {_withstanding(front, withstand)} "
        "an increase of variance on the day."
    )


def _only(withstand: tuple[str, ...]) -> str:
    if not withstand:
        return "not one withstands"
    return f"only {_and(withstand)} {'withstands' if len(withstand) == 1 else 'withstand'}"


def _withstanding(front: tuple[str, ...], withstand: tuple[str, ...]) -> str:
    if front == withstand:
        return "withstands" if len(front) == 1 else "withstand"
    return f"of which only {_and(withstand)} withstands" if withstand else "do not withstand"


def _noted(front: tuple[str, ...], trouble: frozenset[str]) -> str:
    """What the diagnostics add, a sentence each; nothing where they found nothing."""
    said = []
    if trouble & _HEAVY:
        ranked = [name for name in front if name in _BY_RANK]
        first = f", so what goes by rank and needs no distribution comes first: {_and(ranked)}" if ranked else ""
        said.append(f"The estimation residuals are not normal{first}.")
    if trouble & _SERIAL:
        said.append(
            "Estimation days depend on each other, so variances that add days up are off, and p-values are too small "
            "in a wild spell and too large in a calm one."
        )
    if trouble & _UNSTABLE:
        said.append(
            "The estimates move within the estimation window, so the normal return on the day is less sure than any "
            "of the tests takes it to be."
        )
    return " ".join(["", *said])


def _and(names: Sequence[str]) -> str:
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
