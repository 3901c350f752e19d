"""Which tests fit the design, by their measured size; the rest stand behind a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import joined
from eventstudy.inference.cards import TESTS
from eventstudy.inference.diagnostics import DIAGNOSTICS
from eventstudy.inference.placing import BETWEEN, NEAREST, conservative, holds, warning, withstands
from eventstudy.inference.sample import Sample, gather
from eventstudy.inference.single import few_sums
from eventstudy.inference.sizes import SIZES, WORDS
from eventstudy.objects.cards import Design
from eventstudy.objects.estimation import IntArray, Window
from eventstudy.objects.outcomes import Diagnostic

MANY = 20  # events from which the designs of 30 are nearer than those of 5, and ranks of standardised days can be used

_ONE_DATE = frozenset({"few_one_date", "many_one_date"})
_COUNTED = 10_000  # events from which counting those of each session is quicker than sorting them
_FEW_DATES = 6  # dates below which equal correlations of all pairs matter to `adjusted_bmp_t`


@dataclass(frozen=True, slots=True)
class Study:
    """What the choice depends on.

    Parameters
    ----------
    design : the design.
    n : the number of events.
    dates : the number of dates.
    one_day : whether the window has one day.
    few_sums : what is wrong with the sums of several days, None where nothing is.
    trouble : what the checks found (`DiagnosticCheck`).

    Examples
    --------
    >>> Study("few_one_date", 8, 1, True).trouble
    frozenset()
    """

    design: Design
    n: int
    dates: int
    one_day: bool
    few_sums: str | None = None
    trouble: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tests fit the design.

    Parameters
    ----------
    design : the design.
    front : the tests that fit, best first.
    why : the reason, in plain words.
    warnings : test -> its warning, for each test that does not fit.
    withstand : those in front that keep their size where the event multiplies the variance on the day by 4.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = choose(example())
    >>> found.design, found.front[0]
    ('few_one_date', 'adjusted_bmp_t')
    """

    design: Design
    front: tuple[str, ...]
    why: str
    warnings: Mapping[str, str]
    withstand: tuple[str, ...] = ()


def choose(abnormal: AbnormalReturns, window: Window | None = None, diagnostics: Sequence[Diagnostic] = ()) -> Choice:
    """Put the tests that fit the design in front, say why, and give every other test its measured size.

    The design follows from the events that can be tested: their number, and whether their event windows share days,
    over `window`. If that is None, over the event window of the study, and the tests are those for its one-day windows:
    in longer ones the p-value of `hotelling` is by F and not by rank, and `sample_quantile` needs 25 estimation days
    for each day of the window, so there they do not stand in front.

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
    days = abnormal.panel.day[abnormal.estimated]
    return _written(_study(days, abnormal.panel.event.length, True, None, diagnostics))


def choose_for(sample: Sample, diagnostics: Sequence[Diagnostic] = ()) -> Choice:
    """`choose` for events that were gathered already.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> choose_for(gather(example(), Window(0, 0))).design
    'few_one_date'
    """
    length = sample.window.length
    return _written(_study(sample.past.day, length, length == 1, _sums(sample), diagnostics))


def choose_each(abnormal: AbnormalReturns, window: Window) -> list[Choice]:
    """`choose` for every event alone: they differ by the days that each was estimated with.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> len(choose_each(example(), Window(0, 0)))
    8
    """
    length, one_day = window.length, window.length == 1
    said = [few_sums(nobs, length) for nobs in abnormal.normal.nobs.tolist()]
    known = {words: _written(Study("one_security", 1, 1, one_day, words)) for words in dict.fromkeys(said)}
    return [known[words] for words in said]


def _sums(sample: Sample) -> str | None:
    """What `sample_quantile` says of the sums of several days that the estimation window of one event holds."""
    nobs = sample.past.nobs
    return few_sums(int(nobs[0]), sample.window.length) if len(nobs) == 1 else None


def _study(days: IntArray, length: int, one_day: bool, sums: str | None, diagnostics: Sequence[Diagnostic]) -> Study:
    found = (row.check for row in diagnostics if row.verdict != "fine" and row.reason is None)
    known = frozenset(DIAGNOSTICS[check].trouble for check in found if check in DIAGNOSTICS) - {"other"}
    dates = _distinct(days)
    return Study(_design(len(days), dates, length), len(days), len(dates), one_day, sums, known)


@cache  # sentences that depend on nothing but the design: made once, not for every group and window
def _written(study: Study) -> Choice:
    design, trouble = study.design, study.trouble
    heavy = "heavy" in trouble
    front, warnings = _placed(design, study.one_day, BETWEEN <= study.n < MANY, heavy, study.few_sums)
    if heavy:
        front = tuple(sorted(front, key=lambda name: not TESTS[name].by_rank))  # stable: the order stays otherwise
    withstand = tuple(name for name in front if withstands(name, design))
    why = _why(study, front, withstand) + conservative(front, design) + _noted(study, front)
    return Choice(design, front, why, warnings, withstand)


def candidates(design: Design) -> tuple[str, ...]:
    """The tests that may stand in front, best first; one whose measured size is too large does not (`placing.holds`).

    Examples
    --------
    >>> candidates("one_security")
    ('t', 'sample_quantile', 'placebo')
    """
    return tuple(sorted((n for n, test in TESTS.items() if design in test.front), key=lambda n: TESTS[n].front[design]))


@cache
def _placed(
    design: Design, one_day: bool, between: bool = False, heavy: bool = False, few: str | None = None
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    apart = set() if one_day else {"hotelling"} | ({"sample_quantile"} if few else set())
    front = tuple(name for name in candidates(design) if holds(name, design, heavy) and name not in apart)
    said = {name: warning(name, design, front, between, heavy) for name in TESTS if name not in front}
    if few:
        said["sample_quantile"] = few
    return front, MappingProxyType(said)


def _distinct(days: IntArray) -> npt.NDArray[np.intp]:
    """The different sessions among `days`, in their order."""
    if len(days) > _COUNTED and days.min() >= 0:
        return np.flatnonzero(np.bincount(days))
    found = np.sort(days).astype(np.intp)
    return np.asarray(found[np.diff(found, prepend=found[0] - 1 if len(found) else 0) != 0])


def _design(n: int, dates: npt.NDArray[np.intp], length: int) -> Design:
    """The design of n events on the sessions `dates`, all different."""
    if n < 2:
        return "one_security"
    many = n >= MANY
    if len(dates) == 1:
        return "many_one_date" if many else "few_one_date"
    if (np.diff(dates) < length).any():  # also where dates repeat: rank tests over days do worse by this
        return "many_overlapping_dates" if many else "few_overlapping_dates"
    if len(dates) < n:
        return "many_repeated_dates" if many else "few_repeated_dates"
    return "many_own_dates" if many else "few_own_dates"


# ------------------------------------------------------------------------------------------------------------ in words
def _why(study: Study, front: tuple[str, ...], withstand: tuple[str, ...]) -> str:
    design, n = study.design, study.n
    stands = "stands" if len(front) == 1 else "stand"
    listed = f"in front {stands} {_and(front)}"
    if design == "one_security":
        return (
            f"One security and one date: {_and(front)} compare the event with the security's own ordinary days. "
            "None can tell an effect from a mere increase of variance on the day."
            f"{f' Not in front is sample_quantile: {study.few_sums}.' if study.few_sums else ''}"
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
    repeated = design in ("few_repeated_dates", "many_repeated_dates")
    shared, verb = ("Some of the", "dates") if repeated else ("The windows of some of the", "days")
    return (
        f"{shared} {n} events share {verb}, so their errors are correlated in part; {listed}, "
        f"which {'counts' if len(front) == 1 else 'count'} that and {_withstanding(front, withstand)} "
        f"an increase of variance on the day.{_few_dates(study)}"
    )


def _few_dates(study: Study) -> str:
    """What equal correlations of all pairs cost `adjusted_bmp_t` where some share a date and others do not."""
    if study.dates >= min(study.n, _FEW_DATES):
        return ""
    size = f"{SIZES['adjusted_bmp_t']['L']:g}% {WORDS['L']}"
    return (
        " But adjusted_bmp_t takes the correlations of all pairs as nearly equal, which those of events on few dates "
        f"are not: at a nominal 5% it rejects {size}, and more where the correlation is higher."
    )


def _only(withstand: tuple[str, ...]) -> str:
    if not withstand:
        return "not one withstands"
    return f"only {_and(withstand)} {'withstands' if len(withstand) == 1 else 'withstand'}"


def _withstanding(front: tuple[str, ...], withstand: tuple[str, ...]) -> str:
    if front == withstand:
        return "withstands" if len(front) == 1 else "withstand"
    return f"of which only {_and(withstand)} withstands" if withstand else "do not withstand"


def _noted(study: Study, front: tuple[str, ...]) -> str:
    """What the diagnostics add, a sentence each; nothing where they found nothing."""
    said, trouble = [], study.trouble
    if "heavy" in trouble:
        ranked = [name for name in front if TESTS[name].by_rank]
        first = f", so what goes by rank and needs no distribution comes first: {_and(ranked)}" if ranked else ""
        said.append(f"The estimation residuals are not normal{first}.{_lost(study.design)}")
    if "serial" in trouble:
        said.append(
            "Estimation days depend on each other, so variances that add days up are off, and p-values are too small "
            "in a wild spell and too large in a calm one."
        )
    if "unstable" in trouble:
        said.append(
            "The estimates move within the estimation window, so the normal return on the day is less sure than any "
            "of the tests takes it to be."
        )
    return " ".join(["", *said])


def _lost(design: Design) -> str:
    """Which tests heavy tails put behind."""
    heavy = NEAREST[design].heavy or ""
    lost = [n for n in candidates(design) if holds(n, design) and not holds(n, design, heavy=True)]
    if not lost:
        return ""
    sizes = [f"{name} ({SIZES[name][heavy]:g}%)" for name in lost]
    return f" Behind for it, by the size at a nominal 5% {WORDS[heavy]}: {_and(sizes)}."


def _and(names: Sequence[str]) -> str:
    return joined(names) or "none"
