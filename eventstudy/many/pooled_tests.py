"""The tests of the registry that sums can answer, on any number of events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import scipy.special as special

from eventstudy.engine.threads import side_by_side
from eventstudy.errors import SpecError
from eventstudy.inference import TESTS
from eventstudy.inference.generalized_ranks import GRANK_T, GRANK_Z
from eventstudy.inference.parametric import short_estimation
from eventstudy.inference.ranks import (
    CORRADO_RANK_Z,
    CORRADO_ZIVNEY_Z,
    CUMRANK_T,
    CUMRANK_Z,
    mean_rank_z,
    shrinks,
    studentised,
)
from eventstudy.inference.sample import Sample, answer, refuse
from eventstudy.inference.volatility_group import BEAVER_PATELL_Z, VOLATILITY_RANK_Z, clusters
from eventstudy.many.pooled import Cell, Evidence, Numbers, means_of, sample_of, weighted_of
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.registry import lookup

NEEDS = {name: test.needs for name, test in TESTS.items() if test.needs is not None}
_SHORT = "needs every day of the window for every event, and some have fewer; leave out allow_missing"
OWN = tuple(name for name, needs in NEEDS.items() if not needs)  # those that cost nothing more


def chosen(tests: Sequence[str] | str) -> tuple[str, ...]:
    """The names of the tests asked for: () those of `OWN`, ``all`` every one of `NEEDS`.

    Raises
    ------
    UnknownNameError, SpecError : a name that is not in the registry, or a test that sums cannot answer.
    """
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
    return tuple(dict.fromkeys(tests)) or OWN


def results(numbers: Numbers, evidence: Evidence, names: Sequence[str]) -> list[tuple[str, InferenceResult]]:
    """Every test of `names` over every window, for all events and then for each group: (subject, result)."""
    out = []
    for subject, title in enumerate(numbers.subjects):
        for w in range(len(numbers.windows)):
            sample = sample_of(numbers, evidence, subject, w)
            cell = (evidence.which(subject, w), w)
            found = side_by_side(partial(_result, sample, evidence, cell), names, sample.n)
            out += [(title, result) for result in found]
    return out


def _result(sample: Sample, evidence: Evidence, cell: Cell, name: str) -> InferenceResult:
    own = _FROM_SUMS.get(name)
    if NEEDS[name] and not sample.all_days:
        return refuse(sample, TESTS[name], _SHORT)
    return own(sample, evidence, cell) if own else TESTS[name](sample, sample.window)


# -------------------------------------------------------------------------------------------------- from sums of ranks


def _corrado(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if sample.too_few:
        return refuse(sample, CORRADO_RANK_Z, sample.too_few)
    z = mean_rank_z(means_of(evidence.sums, ("corrado", *cell)), sample.window.length)
    return refuse(sample, CORRADO_RANK_Z, z) if isinstance(z, str) else answer(sample, CORRADO_RANK_Z, z)


def _volatility_rank(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if sample.too_few:
        return refuse(sample, VOLATILITY_RANK_Z, sample.too_few)
    z = mean_rank_z(means_of(evidence.sums, ("square ranks", *cell)), sample.window.length)
    if isinstance(z, str):
        return refuse(sample, VOLATILITY_RANK_Z, z)
    return answer(
        sample,
        VOLATILITY_RANK_Z,
        z,
        p=float(special.ndtr(-z)),
        warning=clusters(VOLATILITY_RANK_Z.name, sample.window.length),
    )


def _beaver_patell(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
    if reason := sample.too_few or short_estimation(sample.nu):
        return refuse(sample, BEAVER_PATELL_Z, reason)
    nu, days = sample.nu, sample.window.length
    total = float(evidence.sums[("ratio", *cell)][0])
    variance = 2 * nu**2 * (days + nu - 2) / (days * (nu - 2) ** 2 * (nu - 4))
    z = (total - float((nu / (nu - 2)).sum())) / math.sqrt(float(variance.sum()))
    warning = clusters(BEAVER_PATELL_Z.name, days)
    return answer(sample, BEAVER_PATELL_Z, z, p=float(special.ndtr(-z)), warning=warning)


def _restandardised(
    card: Test, name: str, finish: Callable[[FloatArray, int], tuple[float, tuple[float, ...]] | str]
) -> Callable[[Sample, Evidence, Cell], InferenceResult]:
    """A rank test of restandardised days, from the weighted day means of the ranks `name`."""

    def test(sample: Sample, evidence: Evidence, cell: Cell) -> InferenceResult:
        if reason := sample.too_few or evidence.blocked.get((name, *cell)):
            return refuse(sample, card, reason)
        alone = name.endswith("alone")
        length = 1 if name.startswith("sum") else sample.window.length
        if alone:
            sums = evidence.sums[(name, *cell)]
            found = float(sums[-length:].sum()) / math.sqrt(float(evidence.sums[(f"{name} variance", *cell)][0]))
            return answer(sample, card, found)
        result = finish(weighted_of(evidence.sums, (name, *cell), sample.n), length)
        if isinstance(result, str):
            return refuse(sample, card, result)
        rbar = sample.past.mean_correlation(1 if name == "days" else sample.window.length)
        return answer(sample, card, *result, warning=shrinks(rbar))

    return test


def _z(means: FloatArray, length: int) -> tuple[float, tuple[float, ...]] | str:
    found = mean_rank_z(means, length)
    return found if isinstance(found, str) else (found, ())


def _t(means: FloatArray, length: int) -> tuple[float, tuple[float, ...]] | str:
    found = studentised(means, length)
    return found if isinstance(found, str) else (found[0], (found[1] - 2.0,))


_FROM_SUMS: Mapping[str, Callable[[Sample, Evidence, Cell], InferenceResult]] = {
    "corrado_rank_z": _corrado,
    "corrado_zivney_z": _restandardised(CORRADO_ZIVNEY_Z, "days", _z),
    "cumrank_t": _restandardised(CUMRANK_T, "days", _t),
    "cumrank_z": _restandardised(CUMRANK_Z, "days alone", _z),
    "grank_t": _restandardised(GRANK_T, "sum", _t),
    "grank_z": _restandardised(GRANK_Z, "sum alone", _z),
    "beaver_patell_z": _beaver_patell,
    "volatility_rank_z": _volatility_rank,
}
