"""The tests of the registry on any number of events, from numbers an event and sums over their estimation windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import scipy.special as special

from eventstudy.datatypes import BoolArray, FloatArray, IntArray, Window
from eventstudy.errors import SpecError
from eventstudy.inference import TESTS
from eventstudy.inference.choose import choose_for
from eventstudy.inference.generalized_ranks import GRANK_T, GRANK_Z
from eventstudy.inference.parametric import short_estimation
from eventstudy.inference.ranks import (
    CORRADO,
    CUMRANK_T,
    CUMRANK_Z,
    ZIVNEY,
    mean_rank_z,
    restandardising,
    shrinks,
    studentised,
)
from eventstudy.inference.sample import Description, Sample, answer, constant, refuse
from eventstudy.inference.volatility import BEAVER_PATELL, clusters
from eventstudy.inference.volatility_group import RANKS
from eventstudy.outcomes import InferenceResult
from eventstudy.pairs import mean_from
from eventstudy.tally import ANY, Key, Sums

# What each test takes from the estimation windows beside the numbers of each event; the ranks need two passes.
NEEDS: Mapping[str, frozenset[str]] = {
    "cross_sectional_t": frozenset(),
    "patell_z": frozenset(),
    "bmp_t": frozenset(),
    "sign_z": frozenset(),
    "generalized_sign_z": frozenset(),
    "wilcoxon": frozenset(),
    "skewness_adjusted_t": frozenset(),
    "jackknife_t": frozenset(),
    "adjusted_patell_z": frozenset({"pairs"}),
    "adjusted_bmp_t": frozenset({"pairs"}),
    "crude_dependence_t": frozenset({"residuals"}),
    "corrado_rank_z": frozenset({"corrado"}),
    "corrado_zivney_z": frozenset({"pairs", "sar", "days"}),
    "cumrank_t": frozenset({"pairs", "sar", "days"}),
    "cumrank_z": frozenset({"sar", "days alone"}),
    "grank_t": frozenset({"pairs", "sum"}),
    "grank_z": frozenset({"sum alone"}),
    "beaver_patell_z": frozenset({"ratio"}),
    "volatility_rank_z": frozenset({"squares"}),
}
OWN = tuple(name for name, needs in NEEDS.items() if not needs)  # those that cost nothing more


def chosen(tests: Sequence[str] | str) -> tuple[str, ...]:
    """The names of the tests asked for: () those of `OWN`, ``all`` every one of `NEEDS`.

    Raises
    ------
    UnknownNameError, SpecError : a name that is not in the registry, or a test that sums cannot answer.
    """
    from eventstudy.registry import lookup

    if isinstance(tests, str):
        if tests != "all":
            raise SpecError(f"tests are a sequence of names, or 'all', got {tests!r}")
        return tuple(NEEDS)
    for name in tests:
        if not isinstance(name, str):
            raise SpecError("a test of many events is a name of the registry; a function of your own needs a Study")
        lookup(TESTS, name, "test")
        if name not in NEEDS:
            raise SpecError(
                f"the test {name} needs every event's whole history at once; of many events can be had: "
                f"{', '.join(NEEDS)}"
            )
    return tuple(tests) or OWN


# ------------------------------------------------------------------------------------------ a sample without histories
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
        return _means(self.sums, ("residuals", self.which, ANY))

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


def results(numbers: Numbers, evidence: Evidence, names: Sequence[str]) -> list[tuple[str, InferenceResult]]:
    """Every test of `names` over every window, for all events and then for each group: (subject, result)."""
    out = []
    for subject, title in enumerate(numbers.subjects):
        for w in range(len(numbers.windows)):
            sample = sample_of(numbers, evidence, subject, w)
            cell = (evidence.sets.get((subject, w), -1), w)
            for name in names:
                own = _FROM_SUMS.get(name)
                result = own(sample, evidence, cell) if own else TESTS[name](sample, sample.window)
                out.append((title, result))
    return out


# -------------------------------------------------------------------------------------------------- from sums of ranks
Cell = tuple[int, int]  # the set of events, the window


def _corrado(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if sample.too_few:
        return refuse(sample, CORRADO, sample.too_few)
    z = mean_rank_z(_means(evidence.sums, ("corrado", *cell)), sample.window.length)
    return refuse(sample, CORRADO, z) if isinstance(z, str) else answer(sample, CORRADO, z)


def _volatility_rank(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if sample.too_few:
        return refuse(sample, RANKS, sample.too_few)
    z = mean_rank_z(_means(evidence.sums, ("square ranks", *cell)), sample.window.length)
    if isinstance(z, str):
        return refuse(sample, RANKS, z)
    return answer(sample, RANKS, z, p=float(special.ndtr(-z)), warning=clusters(RANKS.test, sample.window.length))


def _beaver_patell(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if reason := sample.too_few or short_estimation(sample.nu):
        return refuse(sample, BEAVER_PATELL, reason)
    nu, days = sample.nu, sample.window.length
    total = float(evidence.sums[("ratio", *cell)][0])
    variance = 2 * nu**2 * (days + nu - 2) / (days * (nu - 2) ** 2 * (nu - 4))
    z = (total - float((nu / (nu - 2)).sum())) / math.sqrt(float(variance.sum()))
    warning = clusters(BEAVER_PATELL.test, days)
    return answer(sample, BEAVER_PATELL, z, p=float(special.ndtr(-z)), warning=warning)


def _restandardised(
    description: Description, name: str, finish: Callable[[FloatArray, int], tuple[float, tuple[float, ...]] | str]
) -> Callable[[Sample, Evidence, Cell], InferenceResult]:
    """A rank test of restandardised days, from the weighted day means of the ranks `name`."""

    def test(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
        if reason := sample.too_few or evidence.blocked.get((name, *cell)):
            return refuse(sample, description, reason)
        alone = name.endswith("alone")
        length = 1 if name.startswith("sum") else sample.window.length
        if alone:
            sums = evidence.sums[(name, *cell)]
            found = float(sums[-length:].sum()) / math.sqrt(float(evidence.sums[(f"{name} variance", *cell)][0]))
            return answer(sample, description, found)
        result = finish(_weighted(evidence.sums, (name, *cell), sample.n), length)
        if isinstance(result, str):
            return refuse(sample, description, result)
        rbar = sample.history.mean_correlation(1 if name == "days" else sample.window.length)
        return answer(sample, description, *result, warning=shrinks(rbar))

    return test


def _z(means: FloatArray, length: int) -> tuple[float, tuple[float, ...]] | str:
    found = mean_rank_z(means, length)
    return found if isinstance(found, str) else (found, ())


def _t(means: FloatArray, length: int) -> tuple[float, tuple[float, ...]] | str:
    found = studentised(means, length)
    return found if isinstance(found, str) else (found[0], (found[1] - 2.0,))


_FROM_SUMS: Mapping[str, Callable[[Sample, Evidence, Cell], InferenceResult]] = {
    "corrado_rank_z": _corrado,
    "corrado_zivney_z": _restandardised(ZIVNEY, "days", _z),
    "cumrank_t": _restandardised(CUMRANK_T, "days", _t),
    "cumrank_z": _restandardised(CUMRANK_Z, "days alone", _z),
    "grank_t": _restandardised(GRANK_T, "sum", _t),
    "grank_z": _restandardised(GRANK_Z, "sum alone", _z),
    "beaver_patell_z": _beaver_patell,
    "volatility_rank_z": _volatility_rank,
}


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


def _means(sums: Sums, key: Key) -> FloatArray:
    """Mean over the events present, on each day that has any."""
    total, count = sums[key], sums[(f"{key[0]} count", *key[1:])]
    some = count > 0
    return np.asarray(total[some] / count[some])


def _weighted(sums: Sums, key: Key, n: int) -> FloatArray:
    """sqrt(n_t / n) x the mean over the n_t events present (see `inference.ranking.weighted_means`)."""
    total, count = sums[key], sums[(f"{key[0]} count", *key[1:])]
    some = count > 0
    return np.asarray(total[some] / np.sqrt(count[some] * n))
