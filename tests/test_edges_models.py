"""Models at the edges, and what must not matter: the order of events, the unit, the sign."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from edge_panels import DAY, GROUP, WINDOWS, built, edited, same
from group_panels import abnormal_of, group_panel, with_returns

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import (
    SINGLE,
    TESTS,
)
from eventstudy.models import MODELS, estimate
from eventstudy.objects.estimation import EventPanel
from eventstudy.objects.outcomes import InferenceResult


@cache
def changed(name: str, base: EventPanel, how: str) -> AbnormalReturns:
    """The panel `name` in another unit, or with the other sign of the securities' returns."""
    panel = built(name, base).panel
    if how == "sign":
        return abnormal_of(dataclasses.replace(panel, returns=-panel.returns))
    scaled = {key: values / 100 for key, values in panel.regressors.items()}
    return abnormal_of(dataclasses.replace(panel, returns=panel.returns / 100, regressors=scaled))


# ----------------------------------------------------------------------------------------------------------- the models
MODEL_EDGES = (
    "missing_returns",
    "unequal_estimation_lengths",
    "no_event",
    "one_event",
    "one_never_moves",
    "one_is_its_own_benchmark",
    "a_day_missing",
    "infinite_on_the_day",
    "infinite_before",
    "infinite_market",
    "the_history_ends_in_the_window",
    "the_history_begins_in_the_estimation_window",
    "refused",
    "returns_of_a_billionth",
)
SLOW = {"garch", "egarch"}
MODEL_NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MODELS]


@pytest.mark.parametrize("edge_name", MODEL_EDGES)
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_model_estimates_or_says_why_not(name: str, edge_name: str, synthetic_panel: EventPanel) -> None:
    panel = built(edge_name, synthetic_panel).panel
    normal = estimate(panel, name)
    for i, reason in enumerate(normal.reason):
        numbers = [*normal.params[i], normal.sigma[i], normal.nu[i], *normal.xtx_inv[i].ravel()]
        if reason is None:
            assert np.isfinite(numbers).all()
            assert normal.sigma[i] > 0
            assert normal.nu[i] > 0
        else:
            assert len(reason) > 10
            assert np.isnan(normal.params[i]).all()
            assert np.isnan(normal.sigma[i])
    abnormal = abnormal_returns(panel, normal)
    ruled_out = [i for i, reason in enumerate(normal.reason) if reason is not None]
    assert np.isnan(abnormal.ar[ruled_out]).all()
    assert not np.isinf(abnormal.ar).any()


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_an_infinity_is_a_missing_return(name: str, synthetic_panel: EventPanel) -> None:
    """Before, in and after the estimation window: estimates and abnormal returns are those of a panel with a hole."""
    found = []
    for value in (np.inf, np.nan):

        def put(returns: np.ndarray, value: float = value) -> None:
            returns[0, [100, DAY]], returns[1, 120] = -value, value

        panel = edited(synthetic_panel, put)
        normal = estimate(panel, name)
        found.append((normal, abnormal_returns(panel, normal)))
    (normal, abnormal), (other, others) = found
    assert normal.reason == other.reason
    for what in ("params", "sigma", "nobs", "nu", "xtx_inv"):
        np.testing.assert_allclose(getattr(normal, what), getattr(other, what), rtol=1e-12)
    np.testing.assert_allclose(abnormal.ar, others.ar, rtol=1e-9, atol=1e-15)


# ------------------------------------------------------------------------------------------------------- the symmetries
SYMMETRIC = ("plain", "mixed_dates_and_holes", "own_dates")
# Drawn with a seed in the order of the events: another order is another draw.
DRAWN = {"bhar_skewness_bootstrap"}
# One day of buying and holding is the abnormal return; more days compound, and neither sign nor unit comes through.
COMPOUNDED = {"bhar_t", "bhar_skewness_bootstrap"}
EVEN = {  # the statistic is of squares, or a rank from the most extreme
    *("hotelling", "sample_quantile", "placebo", "placebo_portfolio"),
    *(name for name in TESTS if name.startswith("volatility")),
    *("beaver_patell_z", "cross_sectional_variance_chi2"),
}


def turned(found: InferenceResult) -> float:
    """The statistic of the same test after all abnormal returns changed their sign."""
    if found.test in EVEN:
        return found.statistic
    if found.test == "sign_z":
        return found.df[0] - found.statistic
    if found.test == "wilcoxon":
        return found.df[0] * (found.df[0] + 1) / 2 - found.statistic
    return -found.statistic


@pytest.mark.parametrize("name", [name for name in GROUP if name not in DRAWN])
def test_order_of_events_does_not_matter(name: str, synthetic_panel: EventPanel) -> None:
    for edge_name in (*SYMMETRIC[:2], "equal_sums_of_round_returns"):
        abnormal = built(edge_name, synthetic_panel)
        mixed = abnormal.take(np.random.default_rng(3).permutation(abnormal.n))
        for window in WINDOWS:
            one, two = TESTS[name](abnormal, window), TESTS[name](mixed, window)
            assert (one.reason is None) == (two.reason is None)
            same(two, one.p, one.statistic)


@pytest.mark.parametrize("name", TESTS)
def test_another_unit_changes_nothing(name: str, synthetic_panel: EventPanel) -> None:
    for before, after in changes(name, "unit", synthetic_panel):
        same(after, before.p, before.statistic)


@pytest.mark.parametrize("name", [name for name in TESTS if name != "bhar_skewness_bootstrap"])
def test_the_other_sign_is_as_significant(name: str, synthetic_panel: EventPanel) -> None:
    """Returns of the securities change their sign, those of the market do not: abnormal returns change it too."""
    for before, after in changes(name, "sign", synthetic_panel):
        same(after, before.p, turned(before))


def changes(name: str, how: str, base: EventPanel) -> Iterator[tuple[InferenceResult, InferenceResult]]:
    """A test's result before and after the change of all returns, where it applies."""
    for edge_name in SYMMETRIC:
        one, two = built(edge_name, base), changed(edge_name, base, how)
        if name in SINGLE:
            one, two = one.take([0]), two.take([0])
        for window in WINDOWS[:1] if name in COMPOUNDED else WINDOWS:
            before, after = TESTS[name](one, window), TESTS[name](two, window)
            assert (before.reason is None) == (after.reason is None)
            if before.reason is None:
                yield before, after


def test_returns_of_ones_own_order_are_the_same_panel(synthetic_panel: EventPanel) -> None:
    """`with_returns` and `take` lay out events alike: what the symmetries above rest on."""
    panel = group_panel(synthetic_panel, [DAY] * 4)
    turned_round = with_returns(synthetic_panel, panel.returns[::-1], [DAY] * 4)
    np.testing.assert_array_equal(abnormal_of(turned_round).ar, abnormal_of(panel).take([3, 2, 1, 0]).ar)
