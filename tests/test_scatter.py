"""Scatter among events of one date: the warning and the scaled tests, by loops from the formulas, and their size."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from panels import panel_of, random_levels
from scipy import stats

import eventstudy as es
from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference.cross_section import cross_sectional_regression
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.inference.sample import gather
from eventstudy.inference.scatter import remainder, scatter
from eventstudy.models import estimate
from eventstudy.objects.estimation import Window

NAMES = [f"S{i}" for i in range(9)]
TODAY = Window(0, 0)
WINDOWS = [TODAY, Window(-1, 1), Window(-5, 5)]
TRAITS = pd.DataFrame({"size": np.random.default_rng(4).normal(10, 2, 9)}, index=NAMES)


def abnormal(times: float = 1.0) -> AbnormalReturns:
    """Nine events of one date; their abnormal returns times `times`."""
    levels = random_levels(np.random.default_rng(3), 150, ["market", *NAMES])
    given, _ = panel_of(levels, {n: [100] for n in NAMES})
    found = abnormal_returns(given, estimate(given, "market"))
    return dataclasses.replace(found, ar=times * found.ar)


def expected_scale(of: AbnormalReturns, window: Window, z: np.ndarray, w: np.ndarray) -> float:
    """Residual variance of the window over c tr(W M S M'), sums spelled out."""
    e, car, c = of.residuals(), of.car(window), of.car_variance_factor(window)[0]
    b = np.linalg.solve(z.T @ (w[:, None] * z), z.T @ (w * car))
    u = car - z @ b
    ordinary = 0.0
    for day in e.T:
        r = day - z @ np.linalg.solve(z.T @ (w[:, None] * z), z.T @ (w * day))
        ordinary += sum(w * r**2) / of.normal.nu[0]
    return float(sum(w * u**2) / (c * ordinary))


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_scaled_covariance_by_hand(window: Window, weighted: bool) -> None:
    of = abnormal(3.0)
    z = np.column_stack([np.ones(9), TRAITS.to_numpy()])
    w = 1 / of.car_se(window) ** 2 if weighted else np.ones(9)
    plain = cross_sectional_regression(of, window, TRAITS, "shared_date", weighted)
    found = cross_sectional_regression(of, window, TRAITS, weighted=weighted)
    q = expected_scale(of, window, z, w)
    assert (found.covariance, found.df) == ("shared_date_scaled", 7.0)
    np.testing.assert_allclose(found.covariance_matrix, q * plain.covariance_matrix, rtol=1e-9)
    np.testing.assert_allclose(found.coefficients, plain.coefficients, rtol=1e-12)
    np.testing.assert_allclose(found.p, 2 * stats.t.sf(np.abs(plain.t) / math.sqrt(q), 7), rtol=1e-8)
    assert f"{q:.3g}" in found.why


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_scaled_difference_by_hand(window: Window) -> None:
    of = abnormal(2.0)
    z = np.column_stack([np.arange(9) < 5, np.arange(9) >= 5]).astype(float)
    q = expected_scale(of, window, z, np.ones(9))
    groups = of.take(range(5)), of.take(range(5, 9))
    plain = DIFFERENCES["portfolio_difference_t"](*groups, window)
    found = DIFFERENCES["scaled_portfolio_difference_t"](*groups, window)
    assert found.statistic == pytest.approx(plain.statistic / math.sqrt(q), rel=1e-9)
    assert found.df == (7.0,)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.statistic), 7), rel=1e-9)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_scatter_by_hand(window: Window) -> None:
    of, days = abnormal(2.5), window.length
    e, car, c = of.residuals(), of.car(window), of.car_variance_factor(window)[0]
    nu = of.normal.nu[0]
    sigma2 = [sum(row**2) / nu for row in e]
    event = sum((x - car.mean()) ** 2 / s for x, s in zip(car, sigma2, strict=True)) / c
    past = []
    for t in range(e.shape[1] - days + 1):
        x = e[:, t : t + days].sum(axis=1)
        past.append(sum((a - x.mean()) ** 2 / s for a, s in zip(x, sigma2, strict=True)) / days)
    daily = sum(sum((a - x.mean()) ** 2 / s for a, s in zip(x, sigma2, strict=True)) for x in e.T) / nu
    common = gather(of, window).common
    assert not isinstance(common, str)
    found = scatter(common, remainder(np.ones((9, 1)), np.full((1, 9), 1 / 9)), days)
    assert found.times == pytest.approx(event / daily, rel=1e-9)
    assert found.p == (1 + sum(p >= event for p in past)) / (len(past) + 1)
    assert found.sums == len(past)


def test_a_day_of_scatter_is_said() -> None:
    """Both tests by the variance of ordinary days warn on a day of scatter, and are silent on another."""
    for times, warned in ((6.0, True), (0.5, False)):
        of = abnormal(times)
        halves = of.take(range(5)), of.take(range(5, 9))
        said = DIFFERENCES["portfolio_difference_t"](*halves, TODAY).warning
        regression = cross_sectional_regression(of, TODAY, TRAITS, "shared_date")
        assert cross_sectional_regression(of, TODAY, TRAITS).warning is None
        assert [said is not None, regression.warning is not None] == [warned] * 2
        if warned:
            assert "times as much in the window as on ordinary days" in str(said)
            assert "p = 0.0" in str(regression.warning)


def test_events_of_which_one_does_not_vary() -> None:
    common = gather(abnormal(), TODAY).common
    assert not isinstance(common, str)
    flat = common.days.residuals.copy()
    flat[:, 0] = 0.0
    none = scatter(dataclasses.replace(common, days=dataclasses.replace(common.days, residuals=flat)), np.eye(9), 1)
    assert math.isnan(none.times)
    assert none.warning is None
    assert scatter(common, np.eye(9), 1000).warning is None


def test_random_traits_and_halves_on_the_day_of_the_sell_off(deepseek_result: es.StudyResult) -> None:
    """What is made up explains nothing: about one in twenty is significant; by ordinary days it is half of them."""
    chips = deepseek_result.settings.groups["chips"]
    headline, rng = deepseek_result.headline, np.random.default_rng(0)
    rejected = {"shared_date_scaled": 0, "shared_date": 0, "scaled_portfolio_difference_t": 0}
    for _ in range(200):
        table = pd.DataFrame({"made_up": rng.standard_normal(len(chips))}, index=list(chips))
        for covariance in ("shared_date_scaled", "shared_date"):
            found = deepseek_result.regress(table, (0, 0), "chips", covariance)
            rejected[covariance] += bool(found.p[1] < 0.05)
        assert found.warning is not None
        rows = rng.permutation([headline.row(t) for t in chips])
        halves = headline.abnormal.take(rows[:9]), headline.abnormal.take(rows[9:])
        found_half = DIFFERENCES["scaled_portfolio_difference_t"](*halves, TODAY)
        rejected["scaled_portfolio_difference_t"] += found_half.p < 0.05
    assert rejected["shared_date_scaled"] <= 24
    assert rejected["scaled_portfolio_difference_t"] <= 24
    assert rejected["shared_date"] > 60


@pytest.mark.slow
@pytest.mark.parametrize("variance", [1.0, 4.0])
@pytest.mark.parametrize("n", [10, 20])
def test_size_of_the_scaled_tests(n: int, variance: float) -> None:
    """Correlation .25 on one date, the variance of the day as ever or four times as large: 5 % of 1,000."""
    rng = np.random.default_rng(n)
    base = abnormal()
    panel = base.panel
    market = panel.regressors["market"]
    names = tuple(f"S{i}" for i in range(n))
    table = pd.DataFrame({"z": rng.standard_normal(n)}, index=list(names))
    rejected = {"scaled": 0, "regression": 0, "plain": 0}
    for _ in range(1000):
        errors = 0.02 * (
            0.5 * rng.standard_normal(len(market)) + math.sqrt(0.75) * rng.standard_normal((n, len(market)))
        )
        errors[:, 100] *= math.sqrt(variance)
        own = dataclasses.replace(
            panel,
            tickers=names,
            returns=market + errors,
            events=tuple(dataclasses.replace(panel.events[0], ticker=name) for name in names),
            day_zero=panel.day_zero[:1] * n,
            security=np.arange(n, dtype=np.int32),
            day=np.full(n, 100, dtype=np.int32),
        )
        of = abnormal_returns(own, estimate(own, "market"))
        halves = of.take(range(n // 2)), of.take(range(n // 2, n))
        rejected["scaled"] += DIFFERENCES["scaled_portfolio_difference_t"](*halves, TODAY).p < 0.05
        rejected["plain"] += DIFFERENCES["portfolio_difference_t"](*halves, TODAY).p < 0.05
        rejected["regression"] += bool(cross_sectional_regression(of, TODAY, table).p[1] < 0.05)
    assert 30 < rejected["scaled"] < 72
    assert 30 < rejected["regression"] < 72
    assert (rejected["plain"] > 250) == (variance == 4.0)
