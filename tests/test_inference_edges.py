"""What tests say of few events, holes and negative correlation; what must not matter; tests of one's own."""

from __future__ import annotations

import dataclasses
import math

import inference_oracle as oracle
import numpy as np
import pytest
from group_panels import abnormal_of, group_panel, with_returns
from inference_panels import GROUP, OF_GROUPS, ONE_DATE, WINDOWS

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import UnknownNameError, WindowError
from eventstudy.inference import (
    SINGLE,
    TESTS,
    group_results,
    mean_correlation,
    run_tests,
    single_results,
)
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult


# --------------------------------------------------------------------------------------------- where it does not apply
@pytest.mark.parametrize("name", OF_GROUPS)
def test_group_test_of_one_event_gives_its_reason(synthetic_abnormal: AbnormalReturns, name: str) -> None:
    result = TESTS[name](synthetic_abnormal.take([0]), Window(0, 0))
    assert "at least 2 events" in str(result.reason)
    assert math.isnan(result.p)
    assert result.n == 1


@pytest.mark.parametrize("name", sorted(TESTS))
def test_no_event_at_all_gives_a_reason(synthetic_abnormal: AbnormalReturns, name: str) -> None:
    assert TESTS[name](synthetic_abnormal.take([]), Window(0, 0)).reason


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_single_test_of_several_events_gives_its_reason(synthetic_abnormal: AbnormalReturns, name: str) -> None:
    result = TESTS[name](synthetic_abnormal, Window(0, 0))
    assert "one security" in str(result.reason)
    assert math.isnan(result.statistic)


@pytest.mark.parametrize("name", sorted(TESTS))
def test_window_outside_the_event_window_is_an_error(synthetic_abnormal: AbnormalReturns, name: str) -> None:
    events = synthetic_abnormal.take([0]) if name in SINGLE else synthetic_abnormal
    with pytest.raises(WindowError):
        TESTS[name](events, Window(0, 99))


def test_the_same_security_twice(synthetic_panel: EventPanel) -> None:
    panel = group_panel(synthetic_panel, [290, 290, 290])
    twice = panel.returns.copy()
    twice[1] = twice[0]
    results = {r.test: r for r in run_tests(abnormal_of(with_returns(panel, twice, [290] * 3)), Window(0, 0))}
    assert "may be in twice" in str(results["hotelling"].reason)
    twice[2] = twice[0]
    results = {r.test: r for r in run_tests(abnormal_of(with_returns(panel, twice, [290] * 3)), Window(0, 0))}
    for name in ("cross_sectional_t", "bmp_t", "adjusted_bmp_t"):
        assert "no variance" in str(results[name].reason)
        assert math.isnan(results[name].p)


def test_negative_correlation_is_said(synthetic_panel: EventPanel) -> None:
    panel = group_panel(synthetic_panel, [290] * 2, correlation=0.0)
    returns = panel.returns.copy()
    returns[1] = 2 * panel.regressors["market"] - returns[0] + 0.3 * (returns[1] - panel.regressors["market"])
    results = run_tests(abnormal_of(with_returns(panel, returns, [290] * 2)), Window(0, 0))
    for result in results:
        if result.test in ("adjusted_bmp_t", "adjusted_patell_z"):
            assert "negative" in str(result.warning)


def test_correlation_too_negative_to_adjust(synthetic_panel: EventPanel) -> None:
    """Two mirror images: 1 + (N - 1) rbar is zero."""
    market = synthetic_panel.regressors["market"]
    e = np.random.default_rng(8).normal(0, 0.02, len(market))
    panel = with_returns(synthetic_panel, np.array([market + e, market - e]), [290, 290])
    for name in ("adjusted_patell_z", "adjusted_bmp_t"):
        result = TESTS[name](abnormal_of(panel), Window(0, 0))
        assert "too negative" in str(result.reason) or "not positive" in str(result.reason)
        assert math.isnan(result.statistic)


def test_more_securities_than_days_leave_no_joint_test(synthetic_panel: EventPanel) -> None:
    short = dataclasses.replace(group_panel(synthetic_panel, [290] * 12), estimation=Window(-22, -11), min_obs=5)
    result = TESTS["hotelling"](abnormal_of(short), Window(0, 0))
    assert "degrees of freedom" in str(result.reason)


def test_patell_needs_more_than_four_degrees_of_freedom(synthetic_panel: EventPanel) -> None:
    short = dataclasses.replace(group_panel(synthetic_panel, [290] * 3), estimation=Window(-16, -11), min_obs=5)
    abnormal = abnormal_of(short)
    assert set(abnormal.normal.nu) == {4.0}
    for name in ("patell_z", "adjusted_patell_z"):
        assert "more than 4 degrees" in str(TESTS[name](abnormal, Window(0, 0)).reason)


def test_few_days_for_long_windows_are_said(synthetic_abnormal: AbnormalReturns) -> None:
    """250 days are 22.7 sums of 11 and 12 of 21, but 83 of 3."""
    alone = synthetic_abnormal.take([2])
    quantile, crude = TESTS["sample_quantile"], TESTS["crude_dependence_t"]
    assert "only about 22 separate sums" in str(quantile(alone, Window(-5, 5)).warning)
    assert quantile(alone, Window(-1, 1)).warning is None
    assert "too few" in str(crude(synthetic_abnormal, Window(-10, 10)).warning)
    assert crude(synthetic_abnormal, Window(-5, 5)).warning is None


def test_a_security_that_was_refused_is_named(synthetic_panel: EventPanel) -> None:
    panel = group_panel(synthetic_panel, [290] * 4)
    returns = panel.returns.copy()
    returns[2, :250] = np.nan
    abnormal = abnormal_of(with_returns(panel, returns, [290] * 4))
    for result in run_tests(abnormal, Window(0, 0)):
        assert result.n == 3
        assert any(a.startswith("left out: S2: ") for a in result.assumptions)
    rows = dict.fromkeys(i for i, r in single_results(abnormal, WINDOWS) if r.reason)
    assert list(rows) == [2]


def test_missing_days_allowed_shorten_the_sums(synthetic_panel: EventPanel) -> None:
    """One day of three missing: the CAR has two days and is ranked with sums of two days in succession."""
    panel = group_panel(synthetic_panel, [290] * 3)
    returns = panel.returns.copy()
    returns[0, 291] = np.nan
    panel = with_returns(panel, returns, [290] * 3)
    abnormal = abnormal_returns(panel, estimate(panel, "market"), allow_missing=True)
    longer = TESTS["sample_quantile"](abnormal.take([0]), Window(-1, 1))
    shorter = TESTS["sample_quantile"](abnormal.take([0]), Window(-1, 0))
    assert (longer.statistic, longer.p, longer.df) == (shorter.statistic, shorter.p, shorter.df)
    assert TESTS["t"](abnormal.take([0]), Window(-1, 1)).p == TESTS["t"](abnormal.take([0]), Window(-1, 0)).p
    for result in run_tests(abnormal, Window(-1, 1), GROUP):
        if result.test in ONE_DATE:
            assert "lacks the return of one of the events" in str(result.reason)
        elif result.test in ("crude_dependence_t", "corrado_rank_z"):
            assert result.reason == "needs every day of [-1, +1] for every event; not there: one or more of S0"
            assert math.isnan(result.p)
        else:
            assert result.n == 3
            assert 0 < result.p <= 1
    for result in run_tests(abnormal, Window(-1, 0), GROUP):  # what lacks is another window's day
        assert result.reason is None


@pytest.mark.parametrize("days", [[290] * 4, [290, 290, 291, 293]], ids=["one date", "mixed dates"])
def test_correlation_counts_the_days_that_are_present(synthetic_panel: EventPanel, days: list[int]) -> None:
    """Cov(CAR_i, CAR_j) is rho_ij sigma_i sigma_j times the sessions that both sums hold."""
    panel = group_panel(synthetic_panel, days)
    returns = panel.returns.copy()
    returns[0, [291, 294]] = np.nan
    returns[2, [290, 292, 295]] = np.nan
    returns[1, 100] = np.nan
    panel = with_returns(panel, returns, days)
    normal = estimate(panel, "market")
    window = Window(0, 5)
    held = [{d + tau for tau in window.taus if np.isfinite(returns[i, d + tau])} for i, d in enumerate(days)]
    events = oracle.fit_all(panel, "market")
    pairs = [(i, j) for i in range(4) for j in range(i)]
    weights = [len(held[i] & held[j]) / math.sqrt(len(held[i]) * len(held[j])) for i, j in pairs]
    rho = []
    for i, j in pairs:
        one, two = events[i].residual, events[j].residual
        both = sorted(set(one) & set(two))
        rho.append(np.corrcoef([one[t] for t in both], [two[t] for t in both])[0, 1])
    rbar = float(np.mean([w * r for w, r in zip(weights, rho, strict=True)]))
    abnormal = abnormal_returns(panel, normal, allow_missing=True)
    assert mean_correlation(abnormal, window) == pytest.approx(rbar, rel=1e-10)
    scar = abnormal.scar(window)
    bmp = scar.mean() / (scar.std(ddof=1) / 2) * math.sqrt((1 - rbar) / (1 + 3 * rbar))
    assert TESTS["adjusted_bmp_t"](abnormal, window).statistic == pytest.approx(bmp, rel=1e-10)


def test_too_few_days_in_common(synthetic_panel: EventPanel) -> None:
    """Each of two securities has 150 days, but only 50 of them are the same."""
    panel = group_panel(synthetic_panel, [290] * 2)
    returns = panel.returns.copy()
    returns[0, 30:130] = np.nan
    returns[1, 180:280] = np.nan
    abnormal = abnormal_of(with_returns(panel, returns, [290] * 2))
    assert abnormal.estimated.all()
    for name in ONE_DATE:
        assert "only 50 estimation days have returns of all 2 events" in str(TESTS[name](abnormal, Window(0, 0)).reason)
    assert TESTS["adjusted_bmp_t"](abnormal, Window(0, 0)).reason is None


def test_no_day_in_common_leaves_no_correlation(synthetic_panel: EventPanel) -> None:
    panel = group_panel(synthetic_panel, [290] * 2)
    returns = panel.returns.copy()
    returns[0, 30:150] = np.nan
    returns[1, 150:280] = np.nan
    abnormal = abnormal_of(with_returns(panel, returns, [290] * 2))
    assert math.isnan(mean_correlation(abnormal, Window(0, 0)))
    assert "in common" in str(TESTS["adjusted_bmp_t"](abnormal, Window(0, 0)).reason)
    assert math.isnan(mean_correlation(abnormal.take([0]), Window(0, 0)))


# ---------------------------------------------------------------------------------------------------------------- laws
@pytest.mark.parametrize("name", GROUP)
def test_order_of_events_does_not_matter(synthetic_panel: EventPanel, name: str) -> None:
    abnormal = abnormal_of(group_panel(synthetic_panel, [290] * 5, holes=0.03))
    turned = abnormal.take([3, 0, 4, 2, 1])
    one, two = TESTS[name](abnormal, Window(-1, 1)), TESTS[name](turned, Window(-1, 1))
    assert (two.statistic, two.p) == pytest.approx((one.statistic, one.p), rel=1e-10)


@pytest.mark.parametrize("name", GROUP)
def test_units_do_not_matter(synthetic_panel: EventPanel, name: str) -> None:
    panel = group_panel(synthetic_panel, [290] * 5, holes=0.03)
    scaled = dataclasses.replace(
        panel, returns=100 * panel.returns, regressors={k: 100 * v for k, v in panel.regressors.items()}
    )
    one, two = TESTS[name](abnormal_of(panel), Window(0, 1)), TESTS[name](abnormal_of(scaled), Window(0, 1))
    assert (two.statistic, two.p) == pytest.approx((one.statistic, one.p), rel=1e-8)


@pytest.mark.parametrize("name", [n for n in GROUP if n not in ("hotelling", "generalized_sign_z")])
def test_odd_in_sign(synthetic_panel: EventPanel, name: str) -> None:
    panel = group_panel(synthetic_panel, [290] * 5)
    turned = dataclasses.replace(panel, returns=-panel.returns, regressors={k: -v for k, v in panel.regressors.items()})
    one, two = TESTS[name](abnormal_of(panel), Window(0, 1)), TESTS[name](abnormal_of(turned), Window(0, 1))
    assert (two.statistic, two.p) == pytest.approx((-one.statistic, one.p), rel=1e-8)


@pytest.mark.parametrize("name", [*GROUP, "t", "sample_quantile"])
def test_a_shock_is_found(synthetic_panel: EventPanel, name: str) -> None:
    """Each security falls by ten of its standard deviations, a little different for each."""
    panel = group_panel(synthetic_panel, [290] * 5)
    shocked = panel.returns.copy()
    shocked[:, 290] -= 0.2 + 0.004 * np.arange(5)
    abnormal = abnormal_of(with_returns(panel, shocked, [290] * 5))
    result = TESTS[name](abnormal.take([0]) if name in SINGLE else abnormal, Window(0, 0))
    assert result.p < 0.05
    assert result.statistic < 0 or name in ("hotelling", "sample_quantile")


# -------------------------------------------------------------------------------------------------------------- running
def same(one: InferenceResult, two: InferenceResult) -> bool:
    left, right = dataclasses.asdict(one), dataclasses.asdict(two)
    return all(left[k] == right[k] or (left[k] != left[k] and right[k] != right[k]) for k in left)


def test_tables_and_single_calls_agree(synthetic_panel: EventPanel) -> None:
    abnormal = abnormal_of(group_panel(synthetic_panel, [290] * 4, holes=0.03))
    found = single_results(abnormal, WINDOWS, ["t", "sample_quantile"])
    assert len(found) == 4 * 3 * 2
    again = [
        (i, TESTS[name](abnormal.take([i]), window))
        for i in range(4)
        for window in WINDOWS
        for name in ("t", "sample_quantile")
    ]
    assert [i for i, _ in found] == [i for i, _ in again]
    assert all(same(a, b) for (_, a), (_, b) in zip(found, again, strict=True))


def test_shared_preparation_changes_nothing(synthetic_panel: EventPanel) -> None:
    abnormal = abnormal_of(group_panel(synthetic_panel, [290] * 5, holes=0.04))
    together = group_results(abnormal, WINDOWS, GROUP)
    apart = [result for window in WINDOWS for result in run_tests(abnormal, window, GROUP)]
    assert all(same(a, b) for a, b in zip(together, apart, strict=True))
    for result in together:
        alone = TESTS[result.test](abnormal, result.window)
        assert same(dataclasses.replace(result, warning=None), dataclasses.replace(alone, warning=None))


def own_test(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """A user's own."""
    return InferenceResult("another name", "nothing", window, 1.0, "normal", (), 0.3, abnormal.n, ())


def test_own_function_is_accepted_wherever_a_name_is(synthetic_abnormal: AbnormalReturns) -> None:
    assert [r.test for r in run_tests(synthetic_abnormal, Window(0, 0), ["bmp_t", own_test])] == ["bmp_t", "own_test"]
    assert [r.test for r in group_results(synthetic_abnormal, [Window(0, 0)], [own_test])] == ["own_test"]
    found = single_results(synthetic_abnormal, [Window(0, 0)], ["t", own_test])
    assert [(i, r.test, r.n) for i, r in found[:4]] == [
        (0, "t", 1),
        (0, "own_test", 1),
        (1, "t", 1),
        (1, "own_test", 1),
    ]


def test_unknown_name_lists_the_known(synthetic_abnormal: AbnormalReturns) -> None:
    for run in (run_tests, lambda a, w, names: group_results(a, [w], names), lambda a, w, n: single_results(a, [w], n)):
        with pytest.raises(UnknownNameError, match="Did you mean 'bmp_t'"):
            run(synthetic_abnormal, Window(0, 0), ["bmp"])


def test_no_names_run_what_suits(synthetic_abnormal: AbnormalReturns) -> None:
    assert {r.test for r in run_tests(synthetic_abnormal.take([1]), Window(0, 0))} == SINGLE
    assert tuple(r.test for r in run_tests(synthetic_abnormal, Window(0, 0))) == OF_GROUPS
    assert group_results(synthetic_abnormal, WINDOWS, []) == []
    assert single_results(synthetic_abnormal, WINDOWS, []) == []


def test_every_result_says_what_it_tests(synthetic_abnormal: AbnormalReturns) -> None:
    for name, test in TESTS.items():
        events = synthetic_abnormal.take([0]) if name in SINGLE else synthetic_abnormal
        result = test(events, Window(0, 0))
        assert result.test == name
        assert result.assumptions
        assert "[0, 0]" in result.null
        assert 0 < result.p <= 1 or result.reason is not None
    alone = TESTS["t"](synthetic_abnormal.take([0]), Window(0, 0))
    assert alone.null == "the cumulative abnormal return of AAA over [0, 0] is zero"


def test_an_event_that_is_in_twice_counts_once(synthetic_abnormal: AbnormalReturns) -> None:
    once, twice = synthetic_abnormal.take([0, 1]), synthetic_abnormal.take([0, 0, 0, 1])
    for name in ("bmp_t", "patell_z", "adjusted_bmp_t", "corrado_rank_z", "portfolio_t", "hotelling"):
        alone, found = TESTS[name](once, Window(0, 0)), TESTS[name](twice, Window(0, 0))
        assert (found.n, found.statistic, found.p) == (2, alone.statistic, alone.p)
        assert "it is in already, and counts once" in found.assumptions[-1]
