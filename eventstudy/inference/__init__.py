"""AbnormalReturns, Window -> InferenceResult: the tests, and which of them to trust.

A test is one function and one card of `TESTS`. A user's own function is accepted wherever a name is.

Quirks: A test reads a `Sample`; tests of a million events read the smaller `Past`. Sizes are data that `make
calibrate` writes (`sizes.py`). Place 1 of a card's ``front`` is the best by measured size, not the primary test of a
claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.cards import OF_VARIANCE, RESAMPLED, SINGLE, TESTS, called, card
from eventstudy.inference.choose import Choice, choose, choose_for
from eventstudy.inference.diagnostics import DIAGNOSTICS, group_diagnostics, run_diagnostics
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.inference.history import History
from eventstudy.inference.multiple import benjamini_hochberg, holm, holm_and_bh
from eventstudy.inference.parametric import mean_correlation
from eventstudy.inference.ranks import window_ranks
from eventstudy.inference.sample import Sample, gather
from eventstudy.inference.stepdown import romano_wolf, romano_wolf_of
from eventstudy.inference.volatility_group import square_ranks
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

Named = str | Test | Callable[..., Any]  # how a caller may say which test: by name, by card, or a function of his own
_AHEAD = 1_000_000  # numbers up to which the ranks of all events are made for the groups that ask for theirs

__all__ = [
    "DIAGNOSTICS",
    "DIFFERENCES",
    "OF_VARIANCE",
    "RESAMPLED",
    "SINGLE",
    "TESTS",
    "Choice",
    "Named",
    "Test",
    "benjamini_hochberg",
    "card",
    "choose",
    "group_diagnostics",
    "group_results",
    "holm",
    "holm_and_bh",
    "mean_correlation",
    "rank_ahead",
    "romano_wolf",
    "romano_wolf_of",
    "run_diagnostics",
    "run_tests",
    "single_results",
]


def run_tests(abnormal: AbnormalReturns, window: Window, names: Sequence[Named] = ()) -> tuple[InferenceResult, ...]:
    """Run tests over one window and put into each result the warning that the design calls for.

    Parameters
    ----------
    names : names of `TESTS` or own functions; () runs every test of the registry that suits: those of one security
        where there is one event, else those of a group.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`; nothing is run.
    WindowError : `window` is not inside the event window.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> [(r.test, round(r.p, 3)) for r in run_tests(example(), Window(0, 0), ["portfolio_t", "sign_z"])]
    [('portfolio_t', 0.027), ('sign_z', 0.008)]
    """
    wanted = names or [name for name in TESTS if (name in SINGLE) == (abnormal.n == 1)]
    tests = [card(name) for name in wanted]
    return tuple(_run(abnormal, gather(abnormal, window), tests))


def _run(abnormal: AbnormalReturns, sample: Sample, tests: Sequence[Test]) -> Iterator[InferenceResult]:
    warnings = choose_for(sample).warnings
    sample = replace(sample, warnings=warnings)
    for test in tests:
        ours = TESTS.get(test.name) is test
        if ours and test.each is None:  # takes a sample that was gathered already, so that all share one
            yield test.run(sample, sample.window)
            continue
        result = test.run(abnormal, sample.window) if ours else called(test, sample.window, abnormal)
        said = None if result.reason is not None else warnings.get(result.test)
        if said:
            result = replace(result, warning="; ".join(filter(None, dict.fromkeys((said, result.warning)))))
        yield result


def single_results(
    abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[Named] = tuple(sorted(SINGLE))
) -> list[tuple[int, InferenceResult]]:
    """Test every security by itself over every window: (row, result), by row, then window, then test.

    The tests of `SINGLE` are computed for all rows together and the residuals once; others row by row.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> [(i, r.test, round(r.p, 3)) for i, r in single_results(example(2), [Window(0, 0)], ["t"])]
    [(0, 't', 0.103), (1, 't', 0.326)]
    """
    tests = [card(name) for name in names]
    ours = tuple(test for test in tests if test.each is not None)
    residuals = abnormal.residuals() if any(test.name == "sample_quantile" for test in ours) else None
    tables = [_rows(abnormal, window, ours, residuals) for window in windows]
    if len(ours) == len(names):
        return [(i, result) for i in range(abnormal.n) for table in tables if table for result in table[i]]
    out = []
    for i in range(abnormal.n):
        alone = abnormal.take([i])
        for window, table in zip(windows, tables, strict=True):
            ready = iter(table[i] if table else ())
            for test in tests:
                out.append((i, next(ready) if test.each is not None else called(test, window, alone)))
    return out


def _rows(
    abnormal: AbnormalReturns, window: Window, tests: Sequence[Test], residuals: FloatArray | None
) -> list[list[InferenceResult]]:
    """For every event the results of `tests`, all of one security, computed for all events together."""
    found = [test.each(abnormal, window, residuals) for test in tests if test.each is not None]
    return [list(row) for row in zip(*found, strict=True)]


def group_results(
    abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[Named], history: History | None = None
) -> list[InferenceResult]:
    """Test the events together over every window, by window, then test; each result with the design's warning.

    The same as `run_tests` for each window, but what the estimation window says is computed once. No names, no results.
    ``history`` : of the same events, where it is at hand already.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`; nothing is run.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> [(str(r.window), r.test) for r in group_results(example(), [Window(0, 0), Window(-1, 1)], ["bmp_t"])]
    [('[0, 0]', 'bmp_t'), ('[-1, +1]', 'bmp_t')]
    """
    tests = [card(name) for name in names]
    if not tests:
        return []
    history = history or History(abnormal)
    return [result for w in windows for result in _run(abnormal, gather(abnormal, w, history), tests)]


def rank_ahead(abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[str]) -> None:
    """Rank all events over every window together, before groups of them are tested by `names`.

    The ranks of one security are the same in every group that it is in, and are then not computed again.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> rank_ahead(example(), [Window(0, 0)], ["corrado_rank_z"])
    """
    days = abnormal.panel.estimation.length + abnormal.panel.event.length
    if abnormal.n * days > _AHEAD:  # would not be kept
        return
    history = History(abnormal)
    for name, ranks in (("corrado_rank_z", window_ranks), ("volatility_rank_z", square_ranks)):
        for window in windows if name in names else ():
            ranks(history, window)
