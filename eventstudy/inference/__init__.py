"""AbnormalReturns, Window -> InferenceResult: the tests, and which of them to trust.

A test is one function and one entry of `TESTS`. A user's own function is accepted wherever a name is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.calendar_time import calendar_time_portfolio
from eventstudy.inference.choose import Choice, choose, choose_for
from eventstudy.inference.clustered import adjusted_bmp_t, adjusted_patell_z, mean_correlation
from eventstudy.inference.contract import called
from eventstudy.inference.diagnostics import DIAGNOSTICS, group_diagnostics, run_diagnostics
from eventstudy.inference.generalized_ranks import grank_t, grank_z
from eventstudy.inference.history import History
from eventstudy.inference.holding import bhar_t
from eventstudy.inference.joint import hotelling
from eventstudy.inference.multiple import benjamini_hochberg, holm, holm_and_bh
from eventstudy.inference.parametric import bmp_t, cross_sectional_t, patell_z
from eventstudy.inference.placebo import placebo, placebo_portfolio, placebo_results
from eventstudy.inference.portfolios import crude_dependence_t, portfolio_t
from eventstudy.inference.ranks import corrado_rank_z, corrado_zivney_z, cumrank_t, cumrank_z
from eventstudy.inference.resampling import bhar_skewness_bootstrap, sign_flip, wild_bootstrap
from eventstudy.inference.sample import Sample, gather
from eventstudy.inference.signs import generalized_sign_z, sign_z, wilcoxon
from eventstudy.inference.single import quantile_results, sample_quantile, t, t_results
from eventstudy.inference.skewness import jackknife_t, skewness_adjusted_t
from eventstudy.inference.stepdown import romano_wolf, romano_wolf_of
from eventstudy.inference.volatility import (
    beaver_patell_z,
    cross_sectional_variance_chi2,
    volatility_f,
    volatility_f_results,
    volatility_quantile,
    volatility_quantile_results,
)
from eventstudy.inference.volatility_group import volatility_group_quantile, volatility_rank_z
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.registry import lookup

Test = Callable[..., InferenceResult]  # of (AbnormalReturns, Window); ours take a Sample for the first as well

TESTS: dict[str, Test] = {
    "t": t,
    "sample_quantile": sample_quantile,
    "cross_sectional_t": cross_sectional_t,
    "patell_z": patell_z,
    "adjusted_patell_z": adjusted_patell_z,
    "bmp_t": bmp_t,
    "adjusted_bmp_t": adjusted_bmp_t,
    "portfolio_t": portfolio_t,
    "crude_dependence_t": crude_dependence_t,
    "corrado_rank_z": corrado_rank_z,
    "corrado_zivney_z": corrado_zivney_z,
    "cumrank_t": cumrank_t,
    "cumrank_z": cumrank_z,
    "grank_t": grank_t,
    "grank_z": grank_z,
    "sign_z": sign_z,
    "generalized_sign_z": generalized_sign_z,
    "wilcoxon": wilcoxon,
    "skewness_adjusted_t": skewness_adjusted_t,
    "jackknife_t": jackknife_t,
    "bhar_t": bhar_t,
    "calendar_time_portfolio": calendar_time_portfolio,
    "hotelling": hotelling,
    "volatility_f": volatility_f,
    "volatility_quantile": volatility_quantile,
    "beaver_patell_z": beaver_patell_z,
    "cross_sectional_variance_chi2": cross_sectional_variance_chi2,
    "volatility_rank_z": volatility_rank_z,
    "volatility_group_quantile": volatility_group_quantile,
    "placebo": placebo,
    "placebo_portfolio": placebo_portfolio,
    "sign_flip": sign_flip,
    "wild_bootstrap": wild_bootstrap,
    "bhar_skewness_bootstrap": bhar_skewness_bootstrap,
}
# Tests of one security and one event, as tables of all events together; the other tests need two events or more.
_TABLES: dict[str, Callable[[AbnormalReturns, Window, FloatArray | None], list[InferenceResult]]] = {
    "t": t_results,
    "sample_quantile": quantile_results,
    "placebo": placebo_results,
    "volatility_f": volatility_f_results,
    "volatility_quantile": volatility_quantile_results,
}
SINGLE = frozenset(_TABLES)
OF_VARIANCE = frozenset(  # their null is about the variance on the day, not about a mean
    {
        "volatility_f",
        "volatility_quantile",
        "beaver_patell_z",
        "cross_sectional_variance_chi2",
        "volatility_rank_z",
        "volatility_group_quantile",
    }
)
RESAMPLED = frozenset(  # take their time: unless named, a study runs them for its headline event alone
    {"placebo", "placebo_portfolio", "sign_flip", "wild_bootstrap", "bhar_skewness_bootstrap"}
)
# Group tests take a sample gathered already, so that all share one; a user's function gets the abnormal returns.
_PREPARED: dict[int, Callable[[Sample, Window], InferenceResult]] = {
    id(test): test for name, test in TESTS.items() if name not in _TABLES
}

__all__ = [
    "DIAGNOSTICS",
    "OF_VARIANCE",
    "RESAMPLED",
    "SINGLE",
    "TESTS",
    "Choice",
    "benjamini_hochberg",
    "choose",
    "group_diagnostics",
    "group_results",
    "holm",
    "holm_and_bh",
    "mean_correlation",
    "romano_wolf",
    "romano_wolf_of",
    "run_diagnostics",
    "run_tests",
    "single_results",
]


def run_tests(
    abnormal: AbnormalReturns, window: Window, names: Sequence[str | Test] = ()
) -> tuple[InferenceResult, ...]:
    """Run tests over one window and put into each result the warning that the design calls for.

    Parameters
    ----------
    names : names of `TESTS` or own functions; () runs every test of the registry that suits: those of one security
        where there is one event, else those of a group.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`; nothing is run.
    WindowError : `window` is not inside the event window.
    """
    wanted = names or [name for name in TESTS if (name in SINGLE) == (abnormal.n == 1)]
    tests = [lookup(TESTS, name, "test") for name in wanted]
    return tuple(_run(abnormal, gather(abnormal, window), tests))


def _run(abnormal: AbnormalReturns, sample: Sample, tests: Sequence[Test]) -> Iterator[InferenceResult]:
    warnings = choose_for(sample).warnings
    sample = replace(sample, warnings=warnings)
    for test in tests:
        ours = _PREPARED.get(id(test))
        result = ours(sample, sample.window) if ours else called(test, abnormal, sample.window)
        said = None if ours or result.reason is not None else warnings.get(result.test)
        if said:
            result = replace(result, warning="; ".join(filter(None, dict.fromkeys((said, result.warning)))))
        yield result


def single_results(
    abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[str | Test] = tuple(sorted(SINGLE))
) -> list[tuple[int, InferenceResult]]:
    """Test every security by itself over every window: (row, result), by row, then window, then test.

    The tests of `SINGLE` are computed for all rows together and the residuals once; others row by row.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`.
    """
    tests = [lookup(TESTS, name, "test") for name in names]
    ours = tuple(name for name in names if isinstance(name, str) and name in SINGLE)
    residuals = abnormal.residuals() if "sample_quantile" in ours else None
    tables = [_rows(abnormal, window, ours, residuals) for window in windows]
    if len(ours) == len(names):
        return [(i, result) for i in range(abnormal.n) for table in tables if table for result in table[i]]
    out = []
    for i in range(abnormal.n):
        alone = abnormal.take([i])
        for window, table in zip(windows, tables, strict=True):
            ready = dict(zip(ours, table[i] if table else (), strict=True))
            for name, test in zip(names, tests, strict=True):
                known = ready.get(name) if isinstance(name, str) else None
                out.append((i, known or called(test, alone, window)))
    return out


def _rows(
    abnormal: AbnormalReturns, window: Window, names: tuple[str, ...], residuals: FloatArray | None
) -> list[list[InferenceResult]]:
    """For every event the results of `names`, all of `SINGLE`, computed for all events together."""
    return [list(row) for row in zip(*(_TABLES[n](abnormal, window, residuals) for n in names), strict=True)]


def group_results(
    abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[str | Test], history: History | None = None
) -> list[InferenceResult]:
    """Test the events together over every window, by window, then test; each result with the design's warning.

    The same as `run_tests` for each window, but what the estimation window says is computed once. No names, no results.
    ``history`` : of the same events, where it is at hand already.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`; nothing is run.
    """
    tests = [lookup(TESTS, name, "test") for name in names]
    if not tests:
        return []
    history = history or History(abnormal)
    return [result for w in windows for result in _run(abnormal, gather(abnormal, w, history), tests)]
