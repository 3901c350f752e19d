"""What the tests read of any number of events: numbers an event, and sums over estimation windows for a history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from eventstudy.datatypes import BoolArray, FloatArray, IntArray, Window
from eventstudy.inference.choose import choose_for
from eventstudy.inference.ranks import restandardising
from eventstudy.inference.sample import Sample, constant
from eventstudy.scale.pairs import mean_from
from eventstudy.scale.tally import ANY, Key, Sums

Cell = tuple[int, int]  # the set of events, the window


@dataclass(frozen=True, slots=True, eq=False)
class _Normal:
    nu: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    day: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What tests ask of the abnormal returns of the events kept."""

    normal: _Normal
    panel: _Panel
    allow_missing: bool = False


@dataclass(frozen=True, eq=False)  # no slots: the mean residuals are worked out at most once
class Summary:
    """What `inference.history.History` says of n events, from sums: it stands in its place in a `Sample`."""

    abnormal: _Kept
    positive_share: float
    sums: Sums
    which: int
    pairs: FloatArray | None

    @cached_property
    def aar(self) -> FloatArray:
        """Mean residual of the events present, on each estimation day that has any."""
        return means_of(self.sums, ("residuals", self.which, ANY))

    def mean_correlation(self, length: int) -> float:
        """rbar for windows of `length` days."""
        return math.nan if self.pairs is None else mean_from(self.pairs, length, len(self.abnormal.panel.day))


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of N events, NaN where there is none: ``car``, ``scar`` (N, W); ``nu``, ``positive``, ``day`` (N,);
    ``group`` (N,) place in ``groups``, -1 without.
    """

    event: Window
    windows: tuple[Window, ...]
    car: FloatArray
    scar: FloatArray
    nu: FloatArray
    positive: FloatArray
    day: IntArray
    group: IntArray
    groups: tuple[str, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Who is tested: all events, and every group."""
        return ("all events", *self.groups)

    def rows(self, subject: int, w: int) -> BoolArray:
        """(N,) the events of `subject` that have a SCAR over window w."""
        usable: BoolArray = np.isfinite(self.scar[:, w])
        return usable if subject == 0 else usable & (self.group == subject - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the passes found: ``sets`` (subject, window) -> set; ``sums`` of both passes; ``pairs`` by set; ``blocked``
    (test's ranks, set, window) -> why they could not be formed.
    """

    sets: Mapping[tuple[int, int], int] = field(default_factory=dict)
    sums: Sums = field(default_factory=dict)
    pairs: Mapping[int, FloatArray] = field(default_factory=dict)
    blocked: Mapping[Key, str] = field(default_factory=dict)


def sample_of(numbers: Numbers, evidence: Evidence, subject: int, w: int) -> Sample:
    """The sample that the tests of the registry read, with a `Summary` for its history."""
    rows = np.flatnonzero(numbers.rows(subject, w))
    kept = _Kept(_Normal(numbers.nu[rows]), _Panel(numbers.day[rows]))
    which = evidence.sets.get((subject, w), -1)
    if ("shares", which, ANY) in evidence.sums:
        share = float(evidence.sums["shares", which, ANY][0]) / max(len(rows), 1)
    else:
        share = float(numbers.positive[rows].mean()) if len(rows) else math.nan
    summary = Summary(kept, share, evidence.sums, which, evidence.pairs.get(which))
    out = int((numbers.group == subject - 1).sum() if subject else len(numbers.day)) - len(rows)
    left_out = (f"{out} events without a CAR, listed with their reasons in skipped",) if out else ()
    car, scar = numbers.car[rows, w], numbers.scar[rows, w]
    sample = Sample(cast(Any, summary), numbers.windows[w], car, scar, left_out)
    return replace(sample, warnings=choose_for(sample).warnings) if len(rows) else sample


# ---------------------------------------------------------------------------------------------------------- from sums
def factor_of(numbers: Numbers, evidence: Evidence, name: str, cell: Cell, subject: int) -> FloatArray | str:
    """What restandardises the days of a window, or its SCAR, before they are ranked; or why nothing does.

    ``name`` : ``days``, ``sum``, and with ``alone`` where the events are taken as independent (rbar = 0).
    """
    which, w = cell
    window = numbers.windows[w]
    rows = numbers.rows(subject, w)
    n = int(rows.sum())
    if n < 2:
        return "needs at least 2 events"
    rbar = 0.0
    if not name.endswith("alone"):
        rbar = mean_from(evidence.pairs[which], 1 if name == "days" else window.length, n)
    if name.startswith("sum"):
        scar = numbers.scar[rows, w]
        return restandardising(np.array([scar.std(ddof=1)]), bool(constant(scar)), rbar)
    return restandardising(*_day_spread(numbers, evidence.sums, cell, n), rbar)


def _day_spread(numbers: Numbers, sums: Sums, cell: Cell, n: int) -> tuple[FloatArray, bool]:
    """Standard deviation over the n events of each day's SAR in a window, (L,), and whether a day does not vary."""
    which, w = cell
    start = numbers.windows[w].start - numbers.event.start
    cols = slice(start, start + numbers.windows[w].length)
    total, squares, least, most = (
        sums[name, which, ANY][cols] for name in ("sar", "sar squared", "least sar", "most sar")
    )
    flat = any(constant(np.array(pair)) for pair in zip(least, most, strict=True))
    return np.asarray(np.sqrt(np.maximum(squares - total * total / n, 0.0) / (n - 1))), flat


def means_of(sums: Sums, key: Key) -> FloatArray:
    """Mean over the events present, on each day that has any."""
    total, count = sums[key], sums[(f"{key[0]} count", *key[1:])]
    some = count > 0
    return np.asarray(total[some] / count[some])


def weighted_of(sums: Sums, key: Key, n: int) -> FloatArray:
    """sqrt(n_t / n) x the mean over the n_t events present (see `inference.ranking.weighted_means`)."""
    total, count = sums[key], sums[(f"{key[0]} count", *key[1:])]
    some = count > 0
    return np.asarray(total[some] / np.sqrt(count[some] * n))
