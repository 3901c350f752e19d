"""What the tests read of any number of events: numbers an event, and sums over estimation windows for a history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from eventstudy.engine.estimates import CodeArray
from eventstudy.inference.choose import choose_for
from eventstudy.inference.ranks import restandardising
from eventstudy.inference.sample import Sample, constant
from eventstudy.many.correlation import mean_from
from eventstudy.many.eventlist import IN_ALL
from eventstudy.many.reading import set_number
from eventstudy.many.tally import ANY, Key, Sums
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Window

Cell = tuple[int, int]  # the set of events, the window


@dataclass(frozen=True, eq=False)  # no slots: the mean residuals are worked out at most once
class Summary:
    """What the estimation windows of n events say, from sums (`inference.sample.Past`); ``nu`` and ``day`` (n,)."""

    nu: FloatArray
    day: IntArray
    positive_share: float
    sums: Sums
    which: int
    pairs: FloatArray | None
    complete: bool = True

    @property
    def nobs(self) -> IntArray:
        """(0,): no test that sums can answer asks for the estimation days of each event."""
        return np.empty(0, np.int32)

    def all_days(self, window: Window) -> bool:
        """Whether every event has every day of the window; False only where missing days are allowed."""
        return self.complete

    @cached_property
    def aar(self) -> FloatArray:
        """Mean residual of the events present, on each estimation day that has any."""
        return means_of(self.sums, ("residuals", self.which, ANY))

    def mean_correlation(self, length: int) -> float:
        """rbar for windows of `length` days."""
        return math.nan if self.pairs is None else mean_from(self.pairs, length, len(self.day))


@dataclass(frozen=True, eq=False)  # no slots: who belongs to which group is found once
class Numbers:
    """The numbers of N events, NaN where there is none.

    ``car``, ``scar`` (N, W); ``nu``, ``positive``, ``day`` (N,); ``group`` (N,) place in ``groups``, -1 without;
    ``counts`` (N,) as `EventList.counts`; ``short`` (N, W) the sums that miss a day, None where none does.
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
    counts: CodeArray
    short: BoolArray | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Who is tested: all events, and every group."""
        return ("all events", *self.groups)

    @cached_property
    def usable(self) -> BoolArray:
        """(N, W) whether an event has a SCAR over each window."""
        return np.asarray(np.isfinite(self.scar))

    @cached_property
    def members(self) -> list[IntArray]:
        """The events of each group that count in it, in their order."""
        few = len(self.groups) < np.iinfo(np.int16).max
        codes = self.group.astype(np.int16) if few else self.group  # 16 bits are sorted by radix, several times faster
        order = np.argsort(codes, kind="stable").astype(np.int32)
        order = order[self.counts[order] > 0]
        bounds = np.searchsorted(self.group[order], np.arange(len(self.groups) + 1))
        return [order[a:b] for a, b in pairwise(bounds.tolist())]

    def count(self, subject: int) -> int:
        """How many events `subject` has, each security and day zero once."""
        return len(self.members[subject - 1]) if subject else int(np.count_nonzero(self.counts == IN_ALL))

    def rows(self, subject: int, w: int) -> slice | IntArray:
        """The events of `subject` that have a SCAR over window w; a slice where that is every one."""
        usable = self.usable[:, w]
        if subject == 0:
            mask = usable & (self.counts == IN_ALL)
            return slice(None) if mask.all() else np.flatnonzero(mask).astype(np.int32)
        own = self.members[subject - 1]
        return own[usable[own]]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the passes found.

    ``way`` (W,) in which way events are usable in each window, () where no pass was needed; ``groups`` their number.
    ``sums`` of both passes; ``pairs`` by set.
    ``blocked`` (test's ranks, set, window) -> why they could not be formed.
    """

    way: tuple[int, ...] = ()
    groups: int = 0
    sums: Sums = field(default_factory=dict)
    pairs: Mapping[int, FloatArray] = field(default_factory=dict)
    blocked: Mapping[Key, str] = field(default_factory=dict)

    def which(self, subject: int, w: int) -> int:
        """The set of events of a subject that a window has, -1 where no pass was needed."""
        return set_number(self.way[w], subject, self.groups) if self.way else -1


def sample_of(numbers: Numbers, evidence: Evidence, subject: int, w: int) -> Sample:
    """The sample that the tests of the registry read, with a `Summary` for its history."""
    rows = numbers.rows(subject, w)
    at = rows if isinstance(rows, slice) else rows.astype(np.intp)  # by which numpy picks quickest
    car, scar, nu = (_picked(column, at) for column in (numbers.car[:, w], numbers.scar[:, w], numbers.nu))
    day = numbers.day[at]
    n = len(car)
    which = evidence.which(subject, w)
    complete = numbers.short is None or not numbers.short[rows, w].any()
    if ("shares", which, ANY) in evidence.sums:
        share = float(evidence.sums["shares", which, ANY][0]) / max(n, 1)
    else:
        share = float(_picked(numbers.positive, at).mean()) if n else math.nan
    summary = Summary(nu, day, share, evidence.sums, which, evidence.pairs.get(which), complete)
    out = numbers.count(subject) - n
    left_out = (f"{out} events without a CAR, listed with their reasons in skipped",) if out else ()
    sample = Sample(summary, numbers.windows[w], car, scar, left_out)
    return replace(sample, warnings=choose_for(sample).warnings) if n else sample


def _picked(column: FloatArray, rows: slice | npt.NDArray[np.intp]) -> FloatArray:
    """A column of the numbers of events at `rows`, contiguous; first all of it where that is quicker."""
    if isinstance(rows, slice) or 2 * len(rows) > len(column):
        column = np.ascontiguousarray(column)
    return np.ascontiguousarray(column[rows])


# ---------------------------------------------------------------------------------------------------------- from sums
def factor_of(numbers: Numbers, evidence: Evidence, name: str, cell: Cell, subject: int) -> FloatArray | str:
    """What restandardises the days of a window, or its SCAR, before they are ranked; or why nothing does.

    ``name`` : ``days``, ``sum``, and with ``alone`` where the events are taken as independent (rbar = 0).
    """
    which, w = cell
    window = numbers.windows[w]
    scar = numbers.scar[numbers.rows(subject, w), w]
    n = len(scar)
    if n < 2:
        return "needs at least 2 events"
    rbar = 0.0
    if not name.endswith("alone"):
        rbar = mean_from(evidence.pairs[which], 1 if name == "days" else window.length, n)
    if name.startswith("sum"):
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
