"""CARs regressed on characteristics: loops from the formulas, statsmodels, and portfolios regressed one by one."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import panel_of, random_levels
from scipy import stats

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import EstimationError, SpecError, WindowError
from eventstudy.inference.cross_section import CrossSection, cross_sectional_regression
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window

NAMES = [f"S{i}" for i in range(9)]
TODAY = Window(0, 0)
WINDOWS = [TODAY, Window(-1, 1), Window(-5, 5)]
RNG = np.random.default_rng(12)
TRAITS = pd.DataFrame({"size": RNG.normal(10, 2, 9), "exposed": [0, 1, 0, 1, 1, 0, 1, 0, 1]}, index=NAMES)


def panel(shared: bool = True) -> EventPanel:
    levels = random_levels(np.random.default_rng(3), 150, ["market", *NAMES])
    return panel_of(levels, {n: [100] if shared else [70 + 7 * i] for i, n in enumerate(NAMES)})[0]


def abnormal_of(given: EventPanel) -> AbnormalReturns:
    return abnormal_returns(given, estimate(given, "market"))


def traits(n: int = 9) -> np.ndarray:
    return np.column_stack([np.ones(n), TRAITS.to_numpy(dtype=float)[:n]])


def check(found: CrossSection, coefficients: np.ndarray, covariance: np.ndarray, df: float) -> None:
    se = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.coefficients, coefficients, rtol=1e-10)
    np.testing.assert_allclose(found.covariance_matrix, covariance, rtol=1e-8, atol=1e-16)
    np.testing.assert_allclose(found.t, coefficients / se, rtol=1e-9)
    np.testing.assert_allclose(found.p, 2 * stats.t.sf(np.abs(coefficients / se), df), rtol=1e-8)
    assert found.df == df


# -------------------------------------------------------------------------------------------------------- the numbers
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_hc3_by_hand(window: Window, weighted: bool) -> None:
    """sum_i A_i A_i' u_i^2 / (1 - h_i)^2, on the values times the roots of their weights."""
    abnormal = abnormal_of(panel(shared=False))
    car = abnormal.car(window)
    root = 1 / abnormal.car_se(window) if weighted else np.ones(9)
    z, y = traits() * root[:, None], car * root
    inverse = np.linalg.inv(z.T @ z)
    b = inverse @ z.T @ y
    covariance = np.zeros((3, 3))
    for i in range(9):
        h = float(z[i] @ inverse @ z[i])
        a = inverse @ z[i]
        covariance += np.outer(a, a) * (y[i] - z[i] @ b) ** 2 / (1 - h) ** 2
    found = cross_sectional_regression(abnormal, window, TRAITS, "hc3", weighted)
    check(found, b, covariance, 6.0)
    fitted = sm.WLS(car, traits(), weights=root**2).fit()
    assert found.r_squared == pytest.approx(fitted.rsquared, rel=1e-10)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("holes", [False, True])
def test_shared_date_is_a_regression_of_each_portfolio(window: Window, holes: bool) -> None:
    """Each coefficient is the CAR of a portfolio; its variance is that of the portfolio's own market model."""
    given = panel()
    if holes:
        returns = given.returns.copy()
        returns[2, 55:58] = np.nan
        given = dataclasses.replace(given, returns=returns)
    z = traits()
    portfolios = np.linalg.inv(z.T @ z) @ z.T
    own = given.returns[given.security]
    days = np.arange(100 - 60, 100 - 6 + 1)
    days = days[np.isfinite(own[:, days]).all(axis=0)]
    event = np.arange(100 + window.start, 100 + window.end + 1)
    market = given.regressors["market"]
    found = cross_sectional_regression(abnormal_of(given), window, TRAITS, "shared_date")
    for j in range(3):
        series = portfolios[j] @ own
        fit = sm.OLS(series[days], sm.add_constant(market[days])).fit()
        total = np.array([len(event), market[event].sum()])
        car = series[event].sum() - fit.params @ total
        se = math.sqrt(fit.mse_resid * len(event) + total @ fit.cov_params() @ total)
        assert found.coefficients[j] == pytest.approx(car, rel=1e-9)
        assert found.se[j] == pytest.approx(se, rel=1e-9)
        assert found.p[j] == pytest.approx(2 * stats.t.sf(abs(car / se), len(days) - 2), rel=1e-8)
    assert found.df == len(days) - 2


def test_shared_date_covariance_and_weights() -> None:
    """A S A' c with A = (Z'WZ)^-1 Z'W, S by a loop over pairs of securities."""
    abnormal = abnormal_of(panel())
    e, window = abnormal.residuals(), Window(-1, 1)
    nu = float(abnormal.normal.nu[0])
    s = np.array([[sum(a * b) / nu for b in e] for a in e])
    z, w = traits(), np.diag(1 / abnormal.car_se(window) ** 2)
    a = np.linalg.inv(z.T @ w @ z) @ z.T @ w
    covariance = a @ s @ a.T * abnormal.car_variance_factor(window)[0]
    found = cross_sectional_regression(abnormal, window, TRAITS, "shared_date", weighted=True)
    check(found, a @ abnormal.car(window), covariance, nu)


def test_the_constant_alone_is_the_portfolio_test() -> None:
    """With a characteristic centred at zero the constant is the CAAR, and its t that of the equal-weight portfolio."""
    from eventstudy.inference import TESTS

    abnormal = abnormal_of(panel())
    centred = TRAITS[["size"]] - TRAITS[["size"]].mean()
    found = cross_sectional_regression(abnormal, TODAY, centred, "shared_date")
    portfolio = TESTS["portfolio_t"](abnormal, TODAY)
    assert found.coefficients[0] == pytest.approx(abnormal.caar(TODAY), rel=1e-10)
    assert found.t[0] == pytest.approx(portfolio.statistic, rel=1e-10)
    assert found.p[0] == pytest.approx(portfolio.p, rel=1e-9)


# ------------------------------------------------------------------------------------------------ design, what is lost
def test_the_design_chooses_and_says_so() -> None:
    shared = cross_sectional_regression(abnormal_of(panel()), TODAY, TRAITS)
    apart = cross_sectional_regression(abnormal_of(panel(shared=False)), TODAY, TRAITS)
    assert (shared.covariance, apart.covariance) == ("shared_date_scaled", "hc3")
    assert "share one date" in shared.why
    assert "dates and securities of their own" in apart.why
    assert shared.warning is None
    assert apart.warning is None
    forced = cross_sectional_regression(abnormal_of(panel()), TODAY, TRAITS, "hc3")
    assert "rejects" in str(forced.warning)
    with pytest.raises(EstimationError, match="one shared date"):
        cross_sectional_regression(abnormal_of(panel(shared=False)), TODAY, TRAITS, "shared_date")


def test_events_without_characteristics_are_dropped_with_the_reason() -> None:
    abnormal = abnormal_of(panel())
    ar = abnormal.ar.copy()
    ar[0, abnormal.columns(TODAY)] = np.nan
    holed = TRAITS.drop(index="S3").astype({"exposed": float})
    holed.loc["S5", "size"] = np.nan
    found = cross_sectional_regression(dataclasses.replace(abnormal, ar=ar), TODAY, holed)
    assert found.n == 6
    assert [line.split(":")[0] for line in found.dropped] == ["S0", "S3", "S5"]
    assert found.dropped[1:] == ("S3: no characteristics", "S5: no size")
    kept = [1, 2, 4, 6, 7, 8]
    b = np.linalg.lstsq(traits()[kept], abnormal.car(TODAY)[kept], rcond=None)[0]
    np.testing.assert_allclose(found.coefficients, b, rtol=1e-10)


def test_a_table_to_read() -> None:
    found = cross_sectional_regression(abnormal_of(panel()), TODAY, TRAITS)
    assert found.table.index.tolist() == ["const", "size", "exposed"]
    assert found.table.columns.tolist() == ["coefficient", "se", "t", "p"]


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (TRAITS.assign(twice=2 * TRAITS["size"] + 1), EstimationError, "'twice' is a combination of const, size"),
        (TRAITS.assign(same=3.0), EstimationError, "'same' is a combination of const"),
        (TRAITS.assign(none=0.0), EstimationError, "'none' is zero"),
        (TRAITS.iloc[:3], EstimationError, "more than 3 events, there are 3"),
        (TRAITS.assign(sector=[[1]] * 9), SpecError, "'sector' holds \\[1\\], which is neither a number nor text"),
        (pd.concat([TRAITS, TRAITS.iloc[:1]]), SpecError, "come twice: S0"),
        (pd.concat([TRAITS, TRAITS.iloc[:, :1]], axis=1), SpecError, "a name of its own, these come twice: "),
        (TRAITS[[]], SpecError, "at least one column"),
    ],
    ids=["collinear", "constant", "zero", "few", "words", "twice", "named twice", "none"],
)
def test_what_cannot_be_is_said(table: pd.DataFrame, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        cross_sectional_regression(abnormal_of(panel()), TODAY, table)


def test_a_wrong_covariance_and_window() -> None:
    with pytest.raises(SpecError, match="shared_date_scaled, shared_date, hc3"):
        cross_sectional_regression(abnormal_of(panel()), TODAY, TRAITS, "white")  # type: ignore[arg-type]
    with pytest.raises(WindowError):
        cross_sectional_regression(abnormal_of(panel()), Window(0, 99), TRAITS)


@pytest.mark.slow
def test_size_for_a_characteristic_on_which_residuals_load() -> None:
    """Residuals that share a factor by the characteristic: HC3 rejects far too often, the shared date does not."""
    rng, given = np.random.default_rng(9), panel()
    z = np.linspace(-1, 1, 9)
    table = pd.DataFrame({"z": z}, index=NAMES)
    rejected = {"hc3": 0, "shared_date": 0}
    for _ in range(400):
        errors = 0.5 * rng.standard_normal(149) + 0.5 * z[:, None] * rng.standard_normal(149)
        errors = 0.02 * (errors + 0.8 * rng.standard_normal((9, 149)))
        returns = given.returns.copy()
        returns[given.security, 1:] = given.regressors["market"][1:] + errors
        abnormal = abnormal_of(dataclasses.replace(given, returns=returns))
        for covariance in ("hc3", "shared_date"):
            found = cross_sectional_regression(abnormal, TODAY, table, covariance)
            rejected[covariance] += found.p[1] < 0.05
    assert rejected["hc3"] / 400 > 0.09
    assert 0.02 < rejected["shared_date"] / 400 < 0.085
