"""Skewness-adjusted, jackknifed and buy-and-hold tests against loops from their formulas and scipy."""

from __future__ import annotations

import dataclasses
import math

import classical_oracle
import group_panels
import numpy as np
import pytest
from group_panels import DESIGNS, WINDOWS, Case, with_cars
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eventstudy.errors import UnknownNameError
from eventstudy.example import example
from eventstudy.inference import TESTS
from eventstudy.inference.buy_and_hold import bhar_t
from eventstudy.inference.parametric import cross_sectional_t
from eventstudy.inference.sample import gather
from eventstudy.inference.skewness import hall, jackknife_t, johnson, moments, pseudo_values, skewness_adjusted_t
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

TODAY = Window(0, 0)
SKEWED = [0.04, 0.01, -0.01, 0.0, 0.02, -0.02, 0.15]


@pytest.fixture(scope="module", params=DESIGNS)
def design(request: pytest.FixtureRequest, synthetic_panel: EventPanel) -> Case:
    return group_panels.case(synthetic_panel, request.param)


def refused(result: InferenceResult, *words: str) -> None:
    assert all(word in str(result.reason) for word in words), result.reason
    assert math.isnan(result.statistic)
    assert math.isnan(result.p)


# -------------------------------------------------------------------------------------------------- against the loops
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_every_test_equals_its_formula(design: Case, window: Window) -> None:
    rows = design.rows(window)
    used = [design.events[i] for i in rows]
    pairs = [
        (
            skewness_adjusted_t(design.abnormal, window, variant="johnson"),
            classical_oracle.skewness_adjusted_t(used, window),
        ),
        (
            skewness_adjusted_t(design.abnormal, window, variant="hall"),
            classical_oracle.skewness_adjusted_t(used, window, hall=True),
        ),
        (jackknife_t(design.abnormal, window), classical_oracle.jackknife_t(used, window)),
        (bhar_t(design.abnormal, window), classical_oracle.bhar_t(design.panel, design.model, rows, window)),
    ]
    for result, wanted in pairs:
        assert wanted is not None
        assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-9, abs=1e-13), result.test
        assert (result.n, result.df) == (len(used), (len(used) - 1.0,))


# ------------------------------------------------------------------------------------------------------------ skewness
def test_moments_are_those_of_scipy() -> None:
    """scipy's skewness has the divisor N throughout; the standard deviation here has N - 1."""
    values = np.random.default_rng(2).gamma(2, 1, 30)
    s, g = moments(values)
    assert s == pytest.approx(values.mean() / stats.tstd(values), rel=1e-12)
    assert g == pytest.approx(stats.skew(values) * (29 / 30) ** 1.5, rel=1e-12)


def test_without_skewness_it_is_the_ordinary_t(synthetic_panel: EventPanel) -> None:
    abnormal = with_cars(synthetic_panel, [0.01, 0.02, 0.03, 0.04, 0.05])
    found = stats.ttest_1samp([0.01, 0.02, 0.03, 0.04, 0.05], 0.0)
    for variant in ("johnson", "hall"):
        result = skewness_adjusted_t(abnormal, TODAY, variant=variant)  # type: ignore[arg-type]
        assert (result.statistic, result.p) == pytest.approx((found.statistic, found.pvalue), rel=1e-12)


def test_the_variant_is_named(synthetic_panel: EventPanel) -> None:
    abnormal = with_cars(synthetic_panel, SKEWED)
    one, other = skewness_adjusted_t(abnormal, TODAY, variant="johnson"), skewness_adjusted_t(abnormal, TODAY)
    assert "skewness adjusted after Johnson" in one.assumptions
    assert "skewness adjusted after Hall" in other.assumptions
    assert one.statistic != other.statistic
    with pytest.raises(UnknownNameError, match="johnson"):
        skewness_adjusted_t(abnormal, TODAY, variant="jonson")  # type: ignore[arg-type]


@given(st.floats(-2, 2), st.floats(-20, 20), st.floats(0, 5), st.integers(3, 100))
def test_only_halls_rises_with_the_mean(g: float, s: float, more: float, n: int) -> None:
    assert hall(s + more, g, n) >= hall(s, g, n) - 1e-9 * (1 + abs(hall(s, g, n)))


def test_johnsons_turning_point_is_said(synthetic_panel: EventPanel) -> None:
    """A clear rise of all seven: skewed to the left a little, and Johnson's statistic is on its way down."""
    cars = [0.200, 0.201, 0.202, 0.203, 0.204, 0.2045, 0.19]
    s, g = moments(np.array(cars))
    assert g * s < -1.5
    assert johnson(s + 0.1, g, 7) < johnson(s, g, 7)
    result = skewness_adjusted_t(with_cars(synthetic_panel, cars), TODAY, variant="johnson")
    assert "falls as the mean rises" in str(result.warning)
    better = skewness_adjusted_t(with_cars(synthetic_panel, cars), TODAY)
    assert better.warning is None
    assert better.p < 0.001
    assert skewness_adjusted_t(with_cars(synthetic_panel, SKEWED), TODAY, variant="johnson").warning is None


# ----------------------------------------------------------------------------------------------------------- jackknife
def test_pseudo_values_leave_one_out() -> None:
    values = np.random.default_rng(4).standard_t(3, 12)
    n = len(values)
    theta = values.mean() / stats.tstd(values)
    wanted = [n * theta - (n - 1) * np.delete(values, i).mean() / stats.tstd(np.delete(values, i)) for i in range(n)]
    assert pseudo_values(values) == pytest.approx(wanted, rel=1e-12)


def test_an_outlier_costs_no_digits() -> None:
    values = np.append(np.random.default_rng(4).normal(0, 1, 9), 1e4)
    wanted = np.delete(values, 9)
    theta_without = wanted.mean() / wanted.std(ddof=1)
    theta = values.mean() / values.std(ddof=1)
    assert pseudo_values(values)[9] == pytest.approx(10 * theta - 9 * theta_without, rel=1e-7)  # type: ignore[index]


def test_a_jackknife_against_the_sign_of_every_event_says_so() -> None:
    """Sixteen positive SCARs, one of them 12.4: theta grows when that one is left out, so its pseudo-value is low."""
    sample = gather(example(16), TODAY)
    scar = np.append(np.linspace(0.5, 1.5, 15), 12.4)
    found = jackknife_t(dataclasses.replace(sample, scar=scar), TODAY)
    theta = [np.delete(scar, i).mean() / np.delete(scar, i).std(ddof=1) for i in range(16)]
    values = 16 * scar.mean() / scar.std(ddof=1) - 15 * np.array(theta)
    assert found.statistic == pytest.approx(stats.ttest_1samp(values, 0).statistic, rel=1e-10)
    assert found.statistic < 0 < scar.min()
    assert "opposite to that of the mean SCAR (1.71)" in str(found.warning)
    assert jackknife_t(sample, TODAY).warning is None
    assert TESTS["jackknife_t"].front == {}


def test_without_one_event_there_may_be_no_variance(synthetic_panel: EventPanel) -> None:
    abnormal = with_cars(synthetic_panel, [0.01] * 4)
    factor = abnormal.car_se(TODAY)
    ar = abnormal.ar.copy()
    ar[:, 10] = factor * np.array([1.0, 1.0, 1.0, 2.0])
    refused(jackknife_t(dataclasses.replace(abnormal, ar=ar), TODAY), "without one of the events")


# ---------------------------------------------------------------------------------------------------------------- bhar
def test_over_one_day_held_and_summed_are_the_same(synthetic_panel: EventPanel) -> None:
    case = group_panels.case(synthetic_panel, "one date, holes")
    held, summed = bhar_t(case.abnormal, TODAY), cross_sectional_t(case.abnormal, TODAY)
    assert (held.statistic, held.p) == pytest.approx((summed.statistic, summed.p), rel=1e-10)
    held, summed = bhar_t(case.abnormal, Window(-4, 5)), cross_sectional_t(case.abnormal, Window(-4, 5))
    assert held.statistic != pytest.approx(summed.statistic, rel=1e-6)


def test_logarithmic_returns_do_not_compound(synthetic_panel: EventPanel) -> None:
    panel = dataclasses.replace(group_panels.group_panel(synthetic_panel, [290] * 6), kind="log")
    refused(bhar_t(group_panels.abnormal_of(panel), TODAY), "simple returns")


def test_days_may_be_missing_where_that_is_allowed(synthetic_panel: EventPanel) -> None:
    panel = group_panels.group_panel(synthetic_panel, [290] * 6)
    returns = panel.returns.copy()
    returns[1, 291] = np.nan
    holed = group_panels.abnormal_of(dataclasses.replace(panel, returns=returns))
    assert bhar_t(holed, Window(-1, 1)).n == 5
    allowed = dataclasses.replace(holed, allow_missing=True)
    result = bhar_t(allowed, Window(-1, 1))
    found = stats.ttest_1samp(allowed.bhar(Window(-1, 1)), 0.0)
    assert (result.n, result.statistic) == (6, pytest.approx(found.statistic, rel=1e-12))


# ------------------------------------------------------------------------------------------------------------- corners
@pytest.mark.parametrize("test", [skewness_adjusted_t, jackknife_t, bhar_t])
def test_few_events(synthetic_panel: EventPanel, test) -> None:  # type: ignore[no-untyped-def]
    abnormal = group_panels.case(synthetic_panel, "one date, complete").abnormal
    refused(test(abnormal.take([]), TODAY), "at least 2 events")
    refused(test(abnormal.take([0]), TODAY), "at least 2 events")
    two = test(abnormal.take([0, 1]), TODAY)
    if test is bhar_t:
        assert two.statistic == pytest.approx(stats.ttest_1samp(abnormal.ar[:2, 10], 0.0).statistic, rel=1e-9)
    else:
        refused(two, "at least 3 events, has 2")
    assert test(abnormal.take([0, 1, 2]), TODAY).reason is None


@pytest.mark.parametrize("test", [skewness_adjusted_t, jackknife_t, bhar_t])
def test_the_same_security_three_times(synthetic_panel: EventPanel, test) -> None:  # type: ignore[no-untyped-def]
    panel = group_panels.group_panel(synthetic_panel, [290] * 3)
    same = dataclasses.replace(panel, returns=np.ascontiguousarray(np.tile(panel.returns[:1], (3, 1))))
    refused(test(group_panels.abnormal_of(same), TODAY), "no variance")
