"""Differences between two groups against scipy, loops from the formulas, and a regression on the long-short return."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import statsmodels.api as sm
from inference_oracle import factor, fit_all
from panels import panel_of, random_levels
from scipy import stats

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import SpecError, UnknownNameError, WindowError
from eventstudy.inference.difference import DIFFERENCES, compare_groups, comparison, exact_p
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

NAMES = ["market", *"ABCDEFGHI"]
WINDOWS = [Window(0, 0), Window(-1, 1), Window(-5, 5)]
TODAY = Window(0, 0)


def panel(shared: bool = True, seed: int = 3) -> EventPanel:
    levels = random_levels(np.random.default_rng(seed), 150, NAMES)
    return panel_of(levels, {n: [100] if shared else [80 + 5 * i] for i, n in enumerate(NAMES[1:])})[0]


def groups(given: EventPanel, model: str = "market") -> tuple[AbnormalReturns, AbnormalReturns]:
    abnormal = abnormal_returns(given, estimate(given, model))
    return abnormal.take([0, 1, 2, 3, 4]), abnormal.take([5, 6, 7, 8])


def with_cars(abnormal: AbnormalReturns, cars: list[float]) -> AbnormalReturns:
    ar = abnormal.ar.copy()
    ar[:, abnormal.columns(TODAY).start] = cars
    return dataclasses.replace(abnormal, ar=ar)


# -------------------------------------------------------------------------------------------------------- the numbers
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("name", ["welch_t", "scar_welch_t"])
def test_welch(name: str, window: Window) -> None:
    first, second = groups(panel(shared=False))
    values = [g.car(window) if name == "welch_t" else g.scar(window) for g in (first, second)]
    expected = stats.ttest_ind(*values, equal_var=False)
    result = DIFFERENCES[name](first, second, window)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert result.df[0] == pytest.approx(expected.df, rel=1e-10)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-10)
    assert (result.n, result.reason) == (9, None)
    assert (result.warning is None) == (window.length <= 5)  # the dates are five days apart


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_rank_sum_exact(window: Window) -> None:
    first, second = groups(panel(shared=False))
    expected = stats.mannwhitneyu(first.car(window), second.car(window), method="exact")
    result = DIFFERENCES["rank_sum"](first, second, window)
    assert (result.statistic, result.df) == (expected.statistic, (5.0, 4.0))
    assert result.p == pytest.approx(expected.pvalue, rel=1e-12)


def test_rank_sum_with_ties_is_normal() -> None:
    first, second = groups(panel())
    a, b = [0.01, 0.02, 0.02, 0.05, 0.07], [0.02, 0.03, 0.05, 0.05]
    expected = stats.mannwhitneyu(a, b, method="asymptotic")
    result = DIFFERENCES["rank_sum"](with_cars(first, a), with_cars(second, b), TODAY)
    assert result.statistic == expected.statistic
    assert result.p == pytest.approx(expected.pvalue, rel=1e-10)


def test_rank_sum_of_many_is_normal() -> None:
    levels = random_levels(np.random.default_rng(5), 150, ["market", *(f"S{i}" for i in range(20))])
    given, _ = panel_of(levels, {f"S{i}": [100] for i in range(20)})
    abnormal = abnormal_returns(given, estimate(given, "market"))
    first, second = abnormal.take(np.arange(9)), abnormal.take(np.arange(9, 20))
    expected = stats.mannwhitneyu(first.car(TODAY), second.car(TODAY), method="asymptotic")
    assert DIFFERENCES["rank_sum"](first, second, TODAY).p == pytest.approx(expected.pvalue, rel=1e-10)


@pytest.mark.parametrize(("a", "b"), [(2, 2), (2, 5), (3, 4), (4, 4)])
def test_the_exact_distribution_by_counting(a: int, b: int) -> None:
    """Every way to give `a` of the ranks to the first group is as likely as any other."""
    counts = [0] * (a * b + 1)
    for chosen in itertools.combinations(range(a + b), a):
        rest = set(range(a + b)) - set(chosen)
        counts[sum(x > y for x in chosen for y in rest)] += 1
    total = math.comb(a + b, a)
    for u in range(a * b + 1):
        expected = min(1.0, 2 * sum(counts[max(u, a * b - u) :]) / total)
        assert exact_p(float(u), a, b) == pytest.approx(expected, rel=1e-12)
        assert exact_p(float(u), b, a) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("holes", [False, True])
def test_portfolio_difference_is_a_regression_of_the_long_short_return(window: Window, holes: bool) -> None:
    given = panel()
    if holes:  # days that one of the events misses are left out for all
        returns = given.returns.copy()
        returns[0, 60], returns[7, 75:78] = np.nan, np.nan
        given = dataclasses.replace(given, returns=returns)
    rows = [int(s) for s in given.security]
    long_short = given.returns[rows[:5]].mean(axis=0) - given.returns[rows[5:]].mean(axis=0)
    days = np.arange(100 - 60, 100 - 6 + 1)
    days = days[np.isfinite(long_short[days])]
    market = given.regressors["market"]
    fit = sm.OLS(long_short[days], sm.add_constant(market[days])).fit()
    event = np.arange(100 + window.start, 100 + window.end + 1)
    car = (long_short[event] - fit.params[0] - fit.params[1] * market[event]).sum()
    total = np.array([len(event), market[event].sum()])
    variance = fit.mse_resid * len(event) + total @ fit.cov_params() @ total
    result = DIFFERENCES["portfolio_difference_t"](*groups(given), window)
    assert result.statistic == pytest.approx(car / math.sqrt(variance), rel=1e-9)
    assert result.df == (len(days) - 2,)
    assert result.p == pytest.approx(2 * stats.t.sf(abs(car) / math.sqrt(variance), len(days) - 2), rel=1e-8)


def test_portfolio_difference_where_nothing_is_estimated() -> None:
    given = panel()
    events = fit_all(given, "market_adjusted")
    days = sorted(events[0].residual)
    e = [np.mean([o.residual[d] for o in events[:5]]) - np.mean([o.residual[d] for o in events[5:]]) for d in days]
    car = np.mean([o.ar[100] for o in events[:5]]) - np.mean([o.ar[100] for o in events[5:]])
    expected = car / math.sqrt(np.var(e, ddof=1) * factor(events[0], TODAY))
    result = DIFFERENCES["portfolio_difference_t"](*groups(given, "market_adjusted"), TODAY)
    assert result.statistic == pytest.approx(expected, rel=1e-10)


def test_groups_of_separate_panels_are_put_together() -> None:
    """The same prices estimated in two panels give the same difference as in one."""
    given = panel()
    whole = compare_groups(*groups(given), Window(-1, 1))
    parts = []
    for rows in (range(5), range(5, 9)):
        own = dataclasses.replace(
            given,
            tickers=tuple(given.event_tickers[i] for i in rows),
            returns=np.ascontiguousarray(given.returns[[int(given.security[i]) for i in rows]]),
            events=tuple(given.events[i] for i in rows),
            day_zero=tuple(given.day_zero[i] for i in rows),
            security=np.arange(len(rows), dtype=np.int32),
            day=given.day[list(rows)],
        )
        parts.append(abnormal_returns(own, estimate(own, "market")))
    for one, two in zip(whole, compare_groups(parts[0], parts[1], Window(-1, 1)), strict=True):
        assert two.statistic == pytest.approx(one.statistic, rel=1e-10)


# ---------------------------------------------------------------------------------------------- design, order, refusal
def test_a_shared_date_puts_the_portfolio_in_front_and_warns_of_the_rest() -> None:
    results = compare_groups(*groups(panel()), TODAY)
    assert [r.test for r in results] == list(DIFFERENCES)
    assert [r.test for r in results][:2] == ["scaled_portfolio_difference_t", "portfolio_difference_t"]
    assert results[0].warning is None
    assert results[1].warning is None  # an ordinary day: nothing to say
    assert all("%" in str(r.warning) for r in results[2:])
    apart = compare_groups(*groups(panel(shared=False)), TODAY)
    assert apart[0].test == "welch_t"
    assert apart[-1].test == "portfolio_difference_t"
    assert "one shared date" in str(apart[-1].reason)
    assert all(r.warning is None for r in apart)


def test_windows_that_overlap_are_warned_of() -> None:
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    given, _ = panel_of(levels, {n: [90 + i] for i, n in enumerate(NAMES[1:])})
    assert compare_groups(*groups(given), TODAY)[0].warning is None
    assert compare_groups(*groups(given), Window(0, 1))[0].warning is not None


def test_a_security_in_both_groups_is_an_error_that_names_it() -> None:
    abnormal = abnormal_returns(given := panel(), estimate(given, "market"))
    with pytest.raises(SpecError, match="in both: C, D"):
        compare_groups(abnormal.take([0, 2, 3]), abnormal.take([3, 2, 5]), TODAY)


def test_names_and_own_functions() -> None:
    first, second = groups(panel())

    def own(a: AbnormalReturns, b: AbnormalReturns, window: Window) -> InferenceResult:
        return dataclasses.replace(DIFFERENCES["welch_t"](a, b, window), test="own")

    assert [r.test for r in compare_groups(first, second, TODAY, ("rank_sum", own))] == ["rank_sum", "own"]
    with pytest.raises(UnknownNameError, match="Did you mean 'welch_t'"):
        compare_groups(first, second, TODAY, ("welch",))
    with pytest.raises(WindowError):
        compare_groups(first, second, Window(0, 99))


@pytest.mark.parametrize("name", DIFFERENCES)
def test_too_few_events_and_left_out_ones(name: str) -> None:
    first, second = groups(panel())
    refused = DIFFERENCES[name](first, second.take([0]), TODAY)
    assert "at least 2 events in each group, has 5 and 1" in str(refused.reason)
    assert math.isnan(refused.p)
    assert math.isnan(refused.statistic)
    ar = second.ar.copy()
    ar[0, second.columns(TODAY)] = np.nan
    result = DIFFERENCES[name](first, dataclasses.replace(second, ar=ar), TODAY)
    assert result.n == 8
    assert "left out: F" in result.assumptions[-1]


def test_groups_without_variance() -> None:
    first, second = groups(panel())
    flat = with_cars(first, [0.01] * 5), with_cars(second, [0.01] * 4)
    assert "no variance" in str(DIFFERENCES["welch_t"](*flat, TODAY).reason)
    assert "no variance" in str(DIFFERENCES["rank_sum"](*flat, TODAY).reason)
    half = with_cars(first, [0.0] * 5), second
    expected = stats.ttest_ind([0.0] * 5, second.car(TODAY), equal_var=False)
    assert DIFFERENCES["welch_t"](*half, TODAY).p == pytest.approx(expected.pvalue, rel=1e-8)


def test_groups_that_do_not_fit_together() -> None:
    first, second = groups(panel())
    other = groups(panel(), "mean_adjusted")[1]
    assert "same model" in str(DIFFERENCES["portfolio_difference_t"](first, other, TODAY).reason)
    longer = dataclasses.replace(second, panel=dataclasses.replace(second.panel, sessions=second.panel.sessions[::-1]))
    assert "one calendar" in str(DIFFERENCES["portfolio_difference_t"](first, longer, TODAY).reason)
    design = second.normal.design * 2
    moved = dataclasses.replace(second, normal=dataclasses.replace(second.normal, design=design))
    assert "one benchmark" in str(DIFFERENCES["portfolio_difference_t"](first, moved, TODAY).reason)


def test_the_table() -> None:
    frame = comparison(*groups(panel()), TODAY)
    assert frame["test"].tolist() == list(DIFFERENCES)
    assert {"statistic", "p", "df", "n", "reason", "warning", "null"} <= set(frame.columns)


@pytest.mark.slow
def test_size_on_a_shared_date() -> None:
    """Correlation .4 within and .1 between two groups of 5: welch rejects about 24 %, the portfolio 5 %."""
    rng, given, rejected = np.random.default_rng(6), panel(), {"welch_t": 0, "portfolio_difference_t": 0}
    for _ in range(400):
        within = np.repeat(rng.standard_normal((2, 149)), 5, axis=0)
        errors = math.sqrt(0.1) * rng.standard_normal(149) + math.sqrt(0.3) * within
        errors = 0.02 * (errors + math.sqrt(0.6) * rng.standard_normal((10, 149)))
        returns = np.column_stack([np.full(10, np.nan), given.regressors["market"][1:] + errors])
        names = tuple(f"S{i}" for i in range(10))
        own = dataclasses.replace(
            given,
            tickers=names,
            returns=returns,
            events=tuple(dataclasses.replace(given.events[0], ticker=n) for n in names),
            day_zero=given.day_zero[:1] * 10,
            security=np.arange(10, dtype=np.int32),
            day=np.full(10, 100, dtype=np.int32),
        )
        abnormal = abnormal_returns(own, estimate(own, "market"))
        for name in rejected:
            rejected[name] += DIFFERENCES[name](abnormal.take(range(5)), abnormal.take(range(5, 10)), TODAY).p < 0.05
    assert 0.18 < rejected["welch_t"] / 400 < 0.31
    assert 0.02 < rejected["portfolio_difference_t"] / 400 < 0.085
