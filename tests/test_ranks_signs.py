"""Rank and sign tests against loops from their formulas, scipy, and full enumeration."""

from __future__ import annotations

import dataclasses
import math

import classical_oracle
import group_panels
import numpy as np
import pytest
from group_panels import DESIGNS, WINDOWS, Case
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eventstudy.inference.buy_and_hold import bhar_t
from eventstudy.inference.calendar_time import calendar_time_portfolio
from eventstudy.inference.generalized_ranks import grank_t, grank_z
from eventstudy.inference.ranking import average_ranks, centred, joined_ranks, weighted_means
from eventstudy.inference.ranks import corrado_rank_z, corrado_zivney_z, cumrank_t, cumrank_z
from eventstudy.inference.signs import MOST_EXACT, beyond_reach, sign_z, signed_rank_p, wilcoxon
from eventstudy.inference.skewness import jackknife_t, skewness_adjusted_t
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

TODAY = Window(0, 0)
CORRELATED = {f.__name__: f for f in (corrado_zivney_z, cumrank_t, grank_t)}
RANKS = CORRELATED | {f.__name__: f for f in (cumrank_z, grank_z)}
TESTS = RANKS | {f.__name__: f for f in (sign_z, wilcoxon)}


@pytest.fixture(scope="module", params=DESIGNS)
def design(request: pytest.FixtureRequest, synthetic_panel: EventPanel) -> Case:
    return group_panels.case(synthetic_panel, request.param)


def refused(result: InferenceResult, *words: str) -> None:
    assert all(word in str(result.reason) for word in words), result.reason
    assert math.isnan(result.statistic)
    assert math.isnan(result.p)


# -------------------------------------------------------------------------------------------------- against the loops
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("name", TESTS)
def test_a_test_equals_its_formula(design: Case, name: str, window: Window) -> None:
    result = TESTS[name](design.abnormal, window)
    used = [design.events[i] for i in design.rows(window)]
    wanted = getattr(classical_oracle, name)(used, window)
    if wanted is None:
        refused(result, "no outcome could be significant")
        return
    assert result.reason is None
    assert result.n == len(used)
    assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-10, abs=1e-13)


def test_the_designs_are_hard_enough(synthetic_panel: EventPanel) -> None:
    """Holes in the estimation windows, events left out, and pairs that share some days."""
    case = group_panels.case(synthetic_panel, "mixed dates")
    assert len(set(case.abnormal.normal.nobs.tolist())) > 2
    assert len(case.rows(Window(-4, 5))) < case.abnormal.n
    assert case.abnormal.normal.nobs.max() < 250


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_cumrank_t_is_the_two_sample_t_of_mean_ranks(synthetic_panel: EventPanel, window: Window) -> None:
    case = group_panels.case(synthetic_panel, "one date, complete")
    means = classical_oracle.by_day(classical_oracle.daily(case.events, window))
    inside = [means.pop(tau) for tau in window.taus]
    found = stats.ttest_ind(inside, list(means.values()))
    result = cumrank_t(case.abnormal, window)
    assert (result.statistic, result.p) == pytest.approx((found.statistic, found.pvalue), rel=1e-10)
    assert result.df == (250.0 + window.length - 2,)


def test_one_day_grank_is_one_day_cumrank(synthetic_panel: EventPanel) -> None:
    """One day is its own cumulation: the same ranks, so the same statistics."""
    case = group_panels.case(synthetic_panel, "one date, holes")
    for one, other in ((grank_t, cumrank_t), (grank_z, cumrank_z)):
        left, right = one(case.abnormal, TODAY), other(case.abnormal, TODAY)
        assert (left.statistic, left.p, *left.df) == pytest.approx((right.statistic, right.p, *right.df), rel=1e-12)


def test_grank_z_with_equal_days_is_the_printed_formula(synthetic_panel: EventPanel) -> None:
    case = group_panels.case(synthetic_panel, "one date, complete")
    table = classical_oracle.cumulated(case.events, Window(-1, 1), independent=True)
    n, m = len(table), 251
    mean = sum(row[1000] for row in table) / n
    assert grank_z(case.abnormal, Window(-1, 1)).statistic == pytest.approx(
        mean * math.sqrt(12 * n * (m + 1) / (m - 1)), rel=1e-10
    )


@pytest.mark.parametrize("scale", [2.0, 10.0])
def test_an_increase_of_variance_cancels(synthetic_panel: EventPanel, scale: float) -> None:
    """All event days times the same number: the restandardised tests do not move, Corrado's does."""
    case = group_panels.case(synthetic_panel, "one date, holes")
    larger = dataclasses.replace(case.abnormal, ar=case.abnormal.ar * scale)
    for name, test in RANKS.items():
        before, after = test(case.abnormal, Window(-1, 1)), test(larger, Window(-1, 1))
        assert after.statistic == pytest.approx(before.statistic, rel=1e-12), name
    assert corrado_rank_z(larger, TODAY).statistic != pytest.approx(corrado_rank_z(case.abnormal, TODAY).statistic)


def test_the_sign_of_all_returns_turns_the_statistic(synthetic_panel: EventPanel) -> None:
    panel = group_panels.group_panel(synthetic_panel, [290] * 8, holes=0.02)
    mirrored = dataclasses.replace(panel, returns=-panel.returns)
    for name, test in RANKS.items():
        one, other = (test(group_panels.abnormal_of(p, "raw"), Window(-1, 1)) for p in (panel, mirrored))
        assert one.statistic == pytest.approx(-other.statistic, rel=1e-9), name


# ---------------------------------------------------------------------------------------------------------------- laws
LAWS = TESTS | {f.__name__: f for f in (skewness_adjusted_t, jackknife_t, bhar_t, calendar_time_portfolio)}


@pytest.mark.parametrize("name", LAWS)
def test_order_of_events_does_not_matter(synthetic_panel: EventPanel, name: str) -> None:
    abnormal = group_panels.case(synthetic_panel, "mixed dates").abnormal
    one = LAWS[name](abnormal, Window(-4, 5))
    two = LAWS[name](abnormal.take([3, 0, 8, 4, 2, 7, 1, 6, 5]), Window(-4, 5))
    assert one.reason is None
    assert (two.statistic, two.p) == pytest.approx((one.statistic, one.p), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in LAWS if name != "bhar_t"])
def test_units_and_signs(synthetic_panel: EventPanel, name: str) -> None:
    """Returns in per cent change nothing, returns with the other sign the sign; compounding knows neither law."""
    panel = group_panels.group_panel(synthetic_panel, [290, 280, 290, 291, 300, 300, 275, 262, 268], holes=0.02)
    found = []
    for scale in (1.0, 100.0, -1.0):
        regressors = {k: scale * v for k, v in panel.regressors.items()}
        changed = dataclasses.replace(panel, returns=scale * panel.returns, regressors=regressors)
        found.append(LAWS[name](group_panels.abnormal_of(changed), Window(-4, 5)))
    one, percent, mirrored = found
    whole = {"sign_z": one.df[0] if one.df else 0, "wilcoxon": one.df[0] * (one.df[0] + 1) / 2 if one.df else 0}
    assert (percent.statistic, percent.p) == pytest.approx((one.statistic, one.p), rel=1e-8)
    assert mirrored.statistic == pytest.approx(whole.get(name, 0.0) - one.statistic, rel=1e-8)
    assert mirrored.p == pytest.approx(one.p, rel=1e-8)


# ------------------------------------------------------------------------------------------------------------- ranking
tied = st.lists(st.one_of(st.integers(-4, 4).map(float), st.just(math.nan)), min_size=6, max_size=14)


@given(tied, st.integers(1, 7))
def test_joined_ranks_are_those_of_scipy(values: list[float], length: int) -> None:
    """Also with ties among the days of the past, of the window, and across; a missing day has no rank."""
    past = np.array([values])
    inside = np.arange(length, dtype=float)[None, :] % 3 - 1
    joined = joined_ranks(past, average_ranks(past), inside)
    wanted = stats.rankdata(np.concatenate([past, inside], axis=1), axis=1, nan_policy="omit")
    np.testing.assert_array_equal(joined, wanted)


@given(tied)
def test_centred_ranks_sum_to_zero(values: list[float]) -> None:
    assert np.nansum(centred(average_ranks(np.array([values])))) == pytest.approx(0.0, abs=1e-12)


def test_means_of_fewer_events_are_weighted_down() -> None:
    values = np.array([[1.0, 2.0, np.nan, np.nan], [3.0, np.nan, 5.0, np.nan]])
    assert weighted_means(values) == pytest.approx([2.0, 2 / math.sqrt(2), 5 / math.sqrt(2)], rel=1e-14)


# --------------------------------------------------------------------------------------------------------------- signs
@pytest.mark.parametrize("positive", range(0, 13, 2))
def test_sign_z_is_the_binomial_test_of_scipy(synthetic_panel: EventPanel, positive: int) -> None:
    cars = [0.01] * positive + [-0.02] * (12 - positive)
    result = sign_z(group_panels.with_cars(synthetic_panel, cars), TODAY)
    assert (result.statistic, result.df) == (positive, (12.0,))
    assert result.p == pytest.approx(stats.binomtest(positive, 12, 0.5).pvalue, rel=1e-12)


def test_zeros_have_no_sign(synthetic_panel: EventPanel) -> None:
    cars = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, -0.06, 0.0, 0.07]
    for test in (sign_z, wilcoxon):
        result = test(group_panels.with_cars(synthetic_panel, cars), TODAY)
        assert result.df == (7.0,)
        assert result.n == 9
        assert "2 of the 9 CARs are exactly zero" in str(result.warning)
    refused(sign_z(group_panels.with_cars(synthetic_panel, [0.0] * 7), TODAY), "0 signs")


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_too_few_signs_to_be_significant(synthetic_panel: EventPanel, n: int) -> None:
    abnormal = group_panels.with_cars(synthetic_panel, [0.01 * (i + 1) for i in range(n)])
    for test in (sign_z, wilcoxon):
        refused(test(abnormal, TODAY), f"{n} signs that all agree have p = {2 * 0.5**n:.4g}", "5%")
    assert beyond_reach(6) is None


# -------------------------------------------------------------------------------------------------------- signed ranks
@pytest.mark.parametrize("n", [6, 7, 20, 50, 120, MOST_EXACT])
def test_wilcoxon_is_that_of_scipy(n: int) -> None:
    values = np.random.default_rng(n).normal(0.2, 1, n)
    found = stats.wilcoxon(values, method="exact")
    w = float(stats.rankdata(np.abs(values))[values > 0].sum())
    assert signed_rank_p(stats.rankdata(np.abs(values)), w) == pytest.approx(found.pvalue, rel=1e-10)
    assert min(w, n * (n + 1) / 2 - w) == found.statistic


@given(st.lists(st.integers(-3, 4).map(float), min_size=6, max_size=10))
def test_wilcoxon_with_ties_counts_every_pattern(values: list[float]) -> None:
    signed = np.array([v for v in values if v != 0])
    if len(signed) < 1:
        return
    w, p = classical_oracle.signed_ranks_counted(values)
    ranks = average_ranks(np.abs(signed)[None, :])[0]
    assert float(ranks[signed > 0].sum()) == w
    assert signed_rank_p(ranks, w) == pytest.approx(p, rel=1e-12)


def test_wilcoxon_beyond_the_exact_is_normal() -> None:
    values = np.round(np.random.default_rng(3).normal(0.1, 1, MOST_EXACT + 60), 1)
    values = values[values != 0]
    ranks = stats.rankdata(np.abs(values))
    found = stats.wilcoxon(values, method="approx", correction=True)
    p = signed_rank_p(ranks, float(ranks[values > 0].sum()))
    assert len(np.unique(np.abs(values))) < len(values)
    assert len(values) > MOST_EXACT
    assert p == pytest.approx(found.pvalue, rel=1e-10)
    assert signed_rank_p(ranks, float(ranks.sum()) / 2) == 1.0


def test_exact_and_normal_meet() -> None:
    ranks = np.arange(1.0, MOST_EXACT + 1)
    w = 0.42 * ranks.sum()
    longer = np.arange(1.0, MOST_EXACT + 2)
    assert signed_rank_p(longer, 0.42 * longer.sum()) == pytest.approx(signed_rank_p(ranks, w // 1), rel=0.03)


def test_all_signs_equal(synthetic_panel: EventPanel) -> None:
    abnormal = group_panels.with_cars(synthetic_panel, [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07])
    assert wilcoxon(abnormal, TODAY).p == sign_z(abnormal, TODAY).p == 2 / 2**7
    assert wilcoxon(abnormal, TODAY).statistic == 28


# ------------------------------------------------------------------------------------------------------------- corners
@pytest.mark.parametrize("name", TESTS)
def test_one_event_and_none(synthetic_panel: EventPanel, name: str) -> None:
    abnormal = group_panels.case(synthetic_panel, "one date, complete").abnormal
    refused(TESTS[name](abnormal.take([0]), TODAY), "at least 2 events")
    refused(TESTS[name](abnormal.take([]), TODAY), "at least 2 events")


@pytest.mark.parametrize("name", RANKS)
def test_two_events(synthetic_panel: EventPanel, name: str) -> None:
    panel = group_panels.group_panel(synthetic_panel, [290, 290])
    events = classical_oracle.oracle.fit_all(panel, "market")
    result = RANKS[name](group_panels.abnormal_of(panel), Window(-1, 1))
    wanted = getattr(classical_oracle, name)(events, Window(-1, 1))
    assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("name", CORRELATED)
def test_the_same_event_three_times(synthetic_panel: EventPanel, name: str) -> None:
    panel = group_panels.group_panel(synthetic_panel, [290] * 3)
    same = dataclasses.replace(panel, returns=np.ascontiguousarray(np.tile(panel.returns[:1], (3, 1))))
    refused(RANKS[name](group_panels.abnormal_of(same), TODAY), "the same series")


@pytest.mark.parametrize("name", RANKS)
def test_equal_event_days_have_no_spread(synthetic_panel: EventPanel, name: str) -> None:
    """Two securities that differ in their past and have the same standardised abnormal return."""
    abnormal = group_panels.abnormal_of(group_panels.group_panel(synthetic_panel, [290] * 4))
    ar = abnormal.normal.sigma[:, None] * np.sqrt(abnormal.forecast_factor())
    refused(RANKS[name](dataclasses.replace(abnormal, ar=ar), TODAY), "no variance")


def test_mirrored_events_leave_no_ranks(synthetic_panel: EventPanel) -> None:
    """rbar = -1: the ranks of the past cancel; what is left is not a distribution."""
    market = synthetic_panel.regressors["market"]
    e = np.random.default_rng(8).normal(0, 0.02, len(market))
    panel = group_panels.with_returns(synthetic_panel, np.array([market + e, market - e]), [290, 290])
    abnormal = group_panels.abnormal_of(panel)
    for name in CORRELATED:
        refused(RANKS[name](abnormal, TODAY), "no variance")


def test_negative_correlation_is_said(synthetic_panel: EventPanel) -> None:
    panel = group_panels.group_panel(synthetic_panel, [290] * 2, correlation=0.0)
    returns, market = panel.returns.copy(), panel.regressors["market"]
    returns[1] = 2 * market - returns[0] + 0.3 * (returns[1] - market)
    abnormal = group_panels.abnormal_of(group_panels.with_returns(panel, returns, [290] * 2))
    for name, test in RANKS.items():
        result = test(abnormal, TODAY)
        assert result.reason is None, name
        assert ("negative" in str(result.warning)) == (name in CORRELATED), name


def test_a_day_may_be_missing_from_the_window_where_that_is_allowed(synthetic_panel: EventPanel) -> None:
    """Ranks of single days need every day; the cumulated day takes what there is."""
    panel = group_panels.group_panel(synthetic_panel, [290] * 7)
    returns = panel.returns.copy()
    returns[2, 291] = np.nan
    holed = dataclasses.replace(group_panels.abnormal_of(dataclasses.replace(panel, returns=returns)))
    allowed = dataclasses.replace(holed, allow_missing=True)
    for name in ("corrado_zivney_z", "cumrank_t", "cumrank_z"):
        refused(RANKS[name](allowed, Window(-1, 1)), "S2")
    for name in ("grank_t", "grank_z"):
        assert RANKS[name](allowed, Window(-1, 1)).n == 7
        assert RANKS[name](holed, Window(-1, 1)).n == 6


def test_ties_between_event_and_ordinary_days(synthetic_panel: EventPanel) -> None:
    """Rounded returns without a model: many days share a value, and so a rank."""
    panel = group_panels.group_panel(synthetic_panel, [290] * 8)
    rounded = dataclasses.replace(panel, returns=np.round(panel.returns, 2))
    abnormal = group_panels.abnormal_of(rounded, "market_adjusted")
    tied = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, offset=0 * abnormal.normal.offset))
    assert len(np.unique(tied.residuals()[0])) < 30
    for test in RANKS.values():
        assert math.isfinite(test(tied, Window(-1, 1)).p)
