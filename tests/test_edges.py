"""The contract at the edges: on panels at which a formula could break, every registered test answers or says why not.

An answer is a finite statistic and a p between 0 and 1, a refusal a sentence and no number; neither is an exception or
a warning (pytest makes each an error). The panels are those of `EDGES`: a new one is a function and an entry, and all
tests, differences and diagnostics are run on it. Then the symmetries: order of the events, sign, unit.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from edge_panels import DAY, GROUP, WINDOWS, built, plain
from group_panels import with_returns

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import WindowError
from eventstudy.inference import (
    DIAGNOSTICS,
    SINGLE,
    TESTS,
    group_diagnostics,
    run_diagnostics,
    run_tests,
    single_results,
)
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult


def kept(found: InferenceResult) -> None:
    """What any result has to be: an answer with numbers or a refusal with a sentence, never half of each."""
    said = f"{found.test} over {found.window}: {found}"
    assert found.null, said
    assert found.assumptions, said
    if found.reason is None:
        assert math.isfinite(found.statistic), said
        assert 0 <= found.p <= 1, said
        assert all(math.isfinite(df) and df > 0 for df in found.df), said
    else:
        assert math.isnan(found.statistic), said
        assert math.isnan(found.p), said
        assert len(found.reason) > 10, said
        assert "nan" not in found.reason.split(), said


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_every_group_test_answers_or_says_why_not(edge: AbnormalReturns, window: Window) -> None:
    for name in GROUP:
        found = TESTS[name](edge, window)
        assert found.test == name
        assert found.n <= edge.n
        kept(found)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_every_single_test_answers_or_says_why_not(edge: AbnormalReturns, window: Window) -> None:
    found = single_results(edge, [window])
    assert len(found) == len(SINGLE) * edge.n
    for _, result in found:
        kept(result)


@pytest.mark.parametrize("edge_name", ["mixed_dates_and_holes", "one_event", "a_day_missing_and_allowed", "refused"])
def test_tests_together_say_what_each_says_alone(edge_name: str, synthetic_panel: EventPanel) -> None:
    """`run_tests` with the warnings of the design, and the same numbers."""
    abnormal = built(edge_name, synthetic_panel)
    for found in run_tests(abnormal, Window(0, 0)):
        kept(found)
        alone = TESTS[found.test](abnormal, Window(0, 0))
        np.testing.assert_array_equal([found.statistic, found.p], [alone.statistic, alone.p])


def test_every_difference_answers_or_says_why_not(edge: AbnormalReturns) -> None:
    half = edge.n // 2
    first, second = edge.take(range(half)), edge.take(range(half, edge.n))
    for window in WINDOWS:
        for name, test in DIFFERENCES.items():
            found = test(first, second, window)
            assert found.test == name
            kept(found)


def test_every_diagnostic_answers_or_says_why_not(edge: AbnormalReturns) -> None:
    found = [*run_diagnostics(edge), *group_diagnostics(edge, "the group")]
    assert {row.check for row in found} <= set(DIAGNOSTICS)
    for row in found:
        said = str(row)
        if row.reason is None:
            assert math.isfinite(row.statistic), said
            assert math.isfinite(row.threshold), said
            assert math.isnan(row.p) or 0 <= row.p <= 1, said
            assert row.meaning, said
        else:
            assert math.isnan(row.statistic), said
            assert row.verdict == "caution", said


def random_panel(base: EventPanel, seed: int) -> AbnormalReturns:
    """Any number of events, one date or many, heavy tails, holes, rounding, still and repeated securities."""
    rng = np.random.default_rng(seed)
    n, length, around = int(rng.integers(0, 14)), int(rng.choice([8, 30, 200])), int(rng.choice([0, 1, 5]))
    dates = [DAY] * n if rng.random() < 0.5 else rng.integers(262, 310, n).tolist()
    returns = rng.standard_t(3, (n, len(base.sessions))) * 0.02 + rng.choice([0, 1]) * base.regressors["market"]
    returns = np.round(returns, int(rng.choice([1, 2, 15, 15, 15])))
    if n > 1:
        returns[0] = rng.choice([0.0, 1.0, 1.0]) * returns[0]
        returns[1] = rng.choice([1.0, -1.0]) * returns[0] if rng.random() < 0.3 else returns[1]
    returns[rng.random(returns.shape) < rng.choice([0, 0, 0.02, 0.3])] = np.nan
    returns[rng.random(returns.shape) < rng.choice([0, 0, 0.003])] = np.inf
    panel = dataclasses.replace(
        with_returns(base, returns, dates),
        estimation=Window(-length - around - 1, -around - 2),
        event=Window(-around, around),
        min_obs=5,
    )
    model = str(rng.choice(["market", "raw", "mean_adjusted", "ff3", "dimson", "rolling", "trade_to_trade", "robust"]))
    return abnormal_returns(panel, estimate(panel, model), allow_missing=bool(rng.random() < 0.3))


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 200))])
def test_any_panel(seed: int, synthetic_panel: EventPanel) -> None:
    abnormal = random_panel(synthetic_panel, seed)
    window = abnormal.panel.event
    for name in GROUP:
        kept(TESTS[name](abnormal, window))
    for _, found in single_results(abnormal, [window]):
        kept(found)


@pytest.mark.parametrize("name", TESTS)
def test_a_window_outside_is_an_error(name: str, synthetic_panel: EventPanel) -> None:
    abnormal = plain(synthetic_panel)
    for window in (Window(-11, 0), Window(0, 11), Window(50, 60)):
        with pytest.raises(WindowError, match="outside the event window"):
            TESTS[name](abnormal.take([0]) if name in SINGLE else abnormal, window)
