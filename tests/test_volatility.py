"""Abnormal volatility against loops from the formulas, scipy's tails, and its exact distribution."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from inference_oracle import Fitted, fit_all, mean_correlation
from panels import panel_of, random_levels
from scipy import stats

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import OF_VARIANCE, SINGLE, TESTS, single_results
from eventstudy.inference.volatility import variance_ratio
from eventstudy.inference.volatility_group import cross_sectional_ratio
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window

WINDOWS = [Window(0, 0), Window(-1, 1), Window(-5, 5)]
NAMES = ["market", "A", "B", "C", "D", "E"]
MODELS = ["market", "market_adjusted", "mean_adjusted"]


def panel(shared: bool = True, holes: float = 0.0) -> EventPanel:
    levels = random_levels(np.random.default_rng(4), 140, NAMES, holes)
    days = {name: [100] if shared else [90 + 3 * i] for i, name in enumerate(NAMES[1:])}
    return panel_of(levels, days)[0]


def abnormal_of(given: EventPanel, model: str = "market") -> AbnormalReturns:
    return abnormal_returns(given, estimate(given, model))


def covariance(one: Fitted, window: Window) -> np.ndarray:
    rows = [one.rows[one.day + tau] for tau in window.taus]
    return np.array(
        [[float(i == j) + float(a @ one.xtx_inv @ b) for j, b in enumerate(rows)] for i, a in enumerate(rows)]
    )


def ratio(one: Fitted, window: Window) -> float:
    ar = np.array([one.ar[one.day + tau] for tau in window.taus])
    return float(ar @ np.linalg.inv(one.sigma**2 * covariance(one, window)) @ ar) / window.length


def squares(one: Fitted) -> dict[int, float]:
    """e^2 / (sigma^2 (1 - h)) of each estimation day."""
    leverage = {day: float(one.rows[day] @ one.xtx_inv @ one.rows[day]) for day in one.residual}
    return {day: e**2 / (one.sigma**2 * (1 - leverage[day])) for day, e in one.residual.items()}


def event_squares(one: Fitted, window: Window) -> list[float]:
    diagonal = np.diag(covariance(one, window))
    return [one.ar[one.day + tau] ** 2 / (one.sigma**2 * diagonal[k]) for k, tau in enumerate(window.taus)]


# ------------------------------------------------------------------------------------------------------ one security
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_volatility_f(model: str, window: Window) -> None:
    given = panel(shared=False)
    abnormal, events = abnormal_of(given, model), fit_all(given, model)
    np.testing.assert_allclose(variance_ratio(abnormal, window), [ratio(e, window) for e in events], rtol=1e-10)
    for i, one in enumerate(events):
        result = TESTS["volatility_f"](abnormal.take([i]), window)
        assert result.statistic == pytest.approx(ratio(one, window), rel=1e-10)
        assert result.p == pytest.approx(stats.f.sf(ratio(one, window), window.length, one.nu), rel=1e-10)
        assert result.df == (window.length, one.nu)


def test_volatility_f_over_one_day_is_the_square_of_t() -> None:
    abnormal = abnormal_of(panel())
    for i in range(abnormal.n):
        one = abnormal.take([i])
        f, t = (TESTS[name](one, Window(0, 0)) for name in ("volatility_f", "t"))
        assert f.statistic == pytest.approx(t.statistic**2, rel=1e-10)
        assert f.p == pytest.approx(t.p, rel=1e-10)
        assert "square of the t test" in str(f.warning)


@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_volatility_quantile(window: Window, holes: float) -> None:
    given = panel(holes=holes)
    abnormal, events = abnormal_of(given), fit_all(given, "market")
    results = [r for _, r in single_results(abnormal, [window], ["volatility_quantile"])]
    assert len(results) == 5
    for result, one in zip(results, events, strict=True):
        if any(one.day + tau not in one.ar for tau in window.taus):
            assert "missing" in str(result.reason)
            continue
        past, own = squares(one), sum(event_squares(one, window))
        sums = [
            sum(past[one.day + start + k] for k in range(window.length))
            for start in range(-60, -6 - window.length + 2)
            if all(one.day + start + k in past for k in range(window.length))
        ]
        if not sums:
            assert "in a row" in str(result.reason)
            continue
        rank = 1 + sum(s >= own for s in sums)
        assert (result.statistic, result.df) == (rank, (len(sums),))
        assert result.p == pytest.approx(rank / (len(sums) + 1), rel=1e-12)


def test_days_may_be_missing_where_that_is_allowed() -> None:
    given = panel()
    returns = given.returns.copy()
    returns[0, int(given.day[0]) + 1] = np.nan
    holed = dataclasses.replace(given, returns=returns)
    strict = abnormal_of(holed)
    assert "missing" in str(TESTS["volatility_f"](strict.take([0]), Window(-1, 1)).reason)
    loose = abnormal_returns(holed, estimate(holed, "market"), allow_missing=True)
    # Without the last day the window is the one before it.
    assert variance_ratio(loose, Window(-1, 1))[0] == pytest.approx(variance_ratio(loose, Window(-1, 0))[0], rel=1e-12)
    assert TESTS["volatility_f"](loose.take([0]), Window(-1, 1)).df[0] == 2
    wide, short = (TESTS["volatility_quantile"](loose.take([0]), w) for w in (Window(-1, 1), Window(-1, 0)))
    assert (wide.statistic, wide.df) == (short.statistic, short.df)
    assert "every day" in str(TESTS["volatility_rank_z"](loose, Window(-1, 1)).reason)
    assert "every day" in str(TESTS["cross_sectional_variance_chi2"](loose, Window(-1, 1)).reason)
    assert TESTS["beaver_patell_z"](loose, Window(-1, 1)).reason is None


def test_a_model_whose_errors_differ_from_day_to_day() -> None:
    """With day variances v the ratio of one day is AR^2 / (sigma^2 (v + leverage))."""
    abnormal = abnormal_of(panel())
    variance = np.linspace(0.5, 3.0, abnormal.ar.size).reshape(abnormal.ar.shape)
    own = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, variance=variance))
    at = own.columns(Window(2, 2)).start
    plain = abnormal.forecast_factor()[:, at]
    expected = own.ar[:, at] ** 2 / (own.normal.sigma**2 * (variance[:, at] + plain - 1))
    np.testing.assert_allclose(variance_ratio(own, Window(2, 2)), expected, rtol=1e-12)


# ----------------------------------------------------------------------------------------------------------- a group
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_beaver_patell(model: str, window: Window) -> None:
    given = panel(shared=False)
    abnormal, events = abnormal_of(given, model), fit_all(given, model)
    mean = [stats.f.mean(window.length, one.nu) for one in events]
    variance = [stats.f.var(window.length, one.nu) for one in events]
    z = sum(ratio(one, window) - m for one, m in zip(events, mean, strict=True)) / math.sqrt(sum(variance))
    result = TESTS["beaver_patell_z"](abnormal, window)
    assert result.statistic == pytest.approx(z, rel=1e-10)
    assert result.p == pytest.approx(stats.norm.sf(z), rel=1e-10)


def test_beaver_patell_of_one_day_is_the_published_form() -> None:
    """U = SAR^2 with mean nu / (nu - 2) and variance 2 nu^2 (nu - 1) / ((nu - 2)^2 (nu - 4)) (Patell 1976)."""
    abnormal = abnormal_of(panel())
    u, nu = abnormal.sar()[:, abnormal.columns(Window(0, 0))][:, 0] ** 2, abnormal.normal.nu
    variance = 2 * nu**2 * (nu - 1) / ((nu - 2) ** 2 * (nu - 4))
    z = (u - nu / (nu - 2)).sum() / np.sqrt(variance.sum())
    assert TESTS["beaver_patell_z"](abnormal, Window(0, 0)).statistic == pytest.approx(z, rel=1e-10)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_cross_sectional_variance(shared: bool, window: Window) -> None:
    given = panel(shared)
    abnormal, events = abnormal_of(given), fit_all(given, "market")
    n, lambdas = len(events), []
    for tau in window.taus:
        ar = [one.ar[one.day + tau] for one in events]
        s2 = [one.sigma**2 * covariance(one, Window(tau, tau))[0, 0] for one in events]
        terms = [(n * a - sum(ar)) ** 2 / (n * (n - 2) * v + sum(s2)) for a, v in zip(ar, s2, strict=True)]
        lambdas.append(sum(terms) / n)
    np.testing.assert_allclose(cross_sectional_ratio(abnormal, window), lambdas, rtol=1e-10)
    df = (n - 1) * window.length
    statistic = (n - 1) * sum(lambdas) / (1 - mean_correlation(events, window))
    result = TESTS["cross_sectional_variance_chi2"](abnormal, window)
    assert result.statistic == pytest.approx(statistic, rel=1e-10)
    assert result.p == pytest.approx(stats.chi2.sf(statistic, df), rel=1e-10)
    assert result.df == (df,)


def test_cross_sectional_variance_does_not_see_a_common_move_but_a_larger_spread() -> None:
    abnormal = abnormal_of(panel())
    column = abnormal.columns(Window(0, 0)).start
    moved, spread = abnormal.ar.copy(), abnormal.ar.copy()
    moved[:, column] += 0.3
    spread[:, column] = [-0.3, 0.2, 0.4, -0.1, 0.25]
    before, after, wide = (
        TESTS["cross_sectional_variance_chi2"](dataclasses.replace(abnormal, ar=ar), Window(0, 0))
        for ar in (abnormal.ar, moved, spread)
    )
    assert after.p == pytest.approx(before.p, rel=1e-8)
    assert wide.p < 1e-6


def test_two_events_give_the_square_of_their_difference() -> None:
    abnormal = abnormal_of(panel()).take([0, 1])
    ar = abnormal.ar[:, abnormal.columns(Window(0, 0))][:, 0]
    variance = (abnormal.car_se(Window(0, 0)) ** 2).sum()
    assert cross_sectional_ratio(abnormal, Window(0, 0))[0] == pytest.approx((ar[0] - ar[1]) ** 2 / variance, rel=1e-12)


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("window", WINDOWS[:2], ids=str)
def test_volatility_rank(window: Window, holes: float) -> None:
    given = panel(holes=holes)
    events = [e for e in fit_all(given, "market") if all(e.day + tau in e.ar for tau in window.taus)]
    taus, ranked = [*given.estimation.taus, *window.taus], []
    for one in events:
        past = squares(one)
        values = {tau: past[one.day + tau] for tau in given.estimation.taus if one.day + tau in past}
        values |= dict(zip(window.taus, event_squares(one, window), strict=True))
        ranks = stats.rankdata(list(values.values()))
        ranked.append({tau: k / (len(values) + 1) - 0.5 for tau, k in zip(values, ranks, strict=True)})
    means = {tau: np.mean([r[tau] for r in ranked if tau in r]) for tau in taus if any(tau in r for r in ranked)}
    spread = math.sqrt(sum(v**2 for v in means.values()) / len(means))
    z = sum(means[tau] for tau in window.taus) / (spread * math.sqrt(window.length))
    result = TESTS["volatility_rank_z"](abnormal_of(given), window)
    assert result.n == len(events)
    assert result.statistic == pytest.approx(z, rel=1e-10)
    assert result.p == pytest.approx(stats.norm.sf(z), rel=1e-10)


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("window", WINDOWS[:2], ids=str)
def test_volatility_group_quantile(window: Window, holes: float) -> None:
    given = panel(holes=holes)
    events = [e for e in fit_all(given, "market") if all(e.day + tau in e.ar for tau in window.taus)]
    past = [squares(one) for one in events]
    means = {}
    for tau in given.estimation.taus:
        present = [values[e.day + tau] for e, values in zip(events, past, strict=True) if e.day + tau in values]
        if present:
            means[tau] = sum(present) / len(present)
    own = sum(sum(column) / len(events) for column in zip(*(event_squares(e, window) for e in events), strict=True))
    spans = [[tau + k for k in range(window.length)] for tau in given.estimation.taus]
    sums = [sum(means[tau] for tau in span) for span in spans if all(tau in means for tau in span)]
    result = TESTS["volatility_group_quantile"](abnormal_of(given), window)
    rank = 1 + sum(s >= own for s in sums)
    assert (result.statistic, result.df) == (rank, (len(sums),))
    assert result.p == pytest.approx(rank / (len(sums) + 1), rel=1e-12)


# -------------------------------------------------------------------------------------------------------- edge cases
@pytest.mark.parametrize("name", sorted(OF_VARIANCE))
def test_the_edges_are_defined(name: str) -> None:
    abnormal = abnormal_of(panel())
    assert TESTS[name](abnormal.take([]), Window(0, 0)).reason
    wrong, right = (abnormal, abnormal.take([0])) if name in SINGLE else (abnormal.take([0]), abnormal)
    refused, applied = (TESTS[name](a, Window(0, 0)) for a in (wrong, right))
    assert refused.reason is not None
    assert math.isnan(refused.statistic)
    assert math.isnan(refused.p)
    assert applied.reason is None
    assert "variance" in applied.null


def test_no_variance_is_said() -> None:
    abnormal = abnormal_of(panel())
    sigma = abnormal.normal.sigma.copy()
    sigma[0] = 0.0
    flat = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, sigma=sigma)).take([0])
    for name in ("volatility_f", "volatility_quantile"):
        assert "no variance" in str(TESTS[name](flat, Window(0, 0)).reason)


def test_few_degrees_of_freedom_and_the_same_series_twice() -> None:
    abnormal = abnormal_of(panel())
    short = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, nu=np.full(5, 4.0)))
    assert "more than 4 degrees" in str(TESTS["beaver_patell_z"](short, Window(0, 0)).reason)
    twice = abnormal.take([0, 0])
    again = twice.panel.returns[twice.panel.security[:1]]  # another security with the same returns
    both = np.array([twice.panel.security[0], len(twice.panel.returns)], np.int32)
    laid = dataclasses.replace(twice.panel, returns=np.vstack([twice.panel.returns, again]), security=both)
    twice = dataclasses.replace(twice, panel=laid)
    assert "same series" in str(TESTS["cross_sectional_variance_chi2"](twice, Window(0, 0)).reason)


@pytest.mark.slow
def test_size() -> None:
    """5 events on one date with residual correlation .25: the share of true nulls rejected at 5 %."""
    rng, n, replications = np.random.default_rng(8), 5, 400
    rejected = dict.fromkeys(sorted(OF_VARIANCE - SINGLE), 0)
    given = panel()
    for _ in range(replications):
        errors = 0.02 * (0.5 * rng.standard_normal(139) + math.sqrt(0.75) * rng.standard_normal((n, 139)))
        returns = np.column_stack([np.full(n, np.nan), given.regressors["market"][1:] + errors])
        abnormal = abnormal_of(dataclasses.replace(given, returns=returns, security=np.arange(n, dtype=np.int32)))
        for name in rejected:
            rejected[name] += TESTS[name](abnormal, Window(0, 0)).p < 0.05
    share = {name: count / replications for name, count in rejected.items()}
    assert 0.02 < share["cross_sectional_variance_chi2"] < 0.09
    assert 0.02 < share["volatility_rank_z"] < 0.09
    assert 0.04 < share["beaver_patell_z"] < 0.13
