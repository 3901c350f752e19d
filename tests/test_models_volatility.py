"""GARCH and EGARCH against the library, their units, refusals and errors of the start."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from moving_panels import DAY, MARKET_BY, sample, unit_of
from scipy import integrate, stats

from eventstudy.abnormal import abnormal_returns
from eventstudy.errors import SpecError
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window

volatility = importlib.import_module("eventstudy.models.garch")  # the module; the function has its name


def ols(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, float]:
    design = np.column_stack([np.ones(len(y)), x])
    line = np.linalg.lstsq(design, y, rcond=None)[0]
    e = y - design @ line
    return line, float(np.sqrt(e @ e / (len(y) - 2)))


# ------------------------------------------------------------------------------------------------------ GARCH, EGARCH
def test_garch_is_what_the_library_says(moving: EventPanel) -> None:
    from arch.univariate import GARCH, LS

    normal = estimate(moving, "garch")
    assert normal.reason == (None,) * 3
    assert not normal.least_squares
    assert normal.variance is not None
    assert normal.residuals is not None
    for i in range(3):
        days, y, x = sample(moving, i)
        unit = unit_of(moving, i)
        model = LS(y / unit, x[:, None] / unit, rescale=False, volatility=GARCH(1, 0, 1))
        fit = model.fit(disp="off", options={"ftol": 1e-9})
        a, b, omega, alpha, beta = fit.params.to_numpy()
        np.testing.assert_allclose(normal.params[i], [a * unit, b], rtol=1e-8)
        e = y - a * unit - b * x
        sigma = np.sqrt(sum(v * v for v in e) / (len(e) - 2))
        np.testing.assert_allclose(normal.sigma[i], sigma, rtol=1e-10)
        assert (normal.nobs[i], normal.nu[i]) == (len(y), len(y) - 2)
        # The recursion by hand, from the last day that has a return, through the gap.
        ahead = [omega + alpha * (e[-1] / unit) ** 2 + beta * fit.conditional_volatility[-1] ** 2]
        while len(ahead) < DAY + moving.event.end - days[-1]:
            ahead.append(omega + (alpha + beta) * ahead[-1])
        by_day = [ahead[DAY + tau - days[-1] - 1] * unit**2 / sigma**2 for tau in moving.event.taus]
        np.testing.assert_allclose(normal.variance[i], by_day, rtol=1e-10)
        at = days - (DAY + moving.estimation.start)
        np.testing.assert_allclose(
            normal.residuals[i, at], e * sigma / (fit.conditional_volatility * unit), rtol=1e-8, atol=1e-14
        )
        assert np.isfinite(normal.residuals[i]).sum() == len(y)
        information = sum(
            np.outer([1, m], [1, m]) / (s * unit) ** 2 for m, s in zip(x, fit.conditional_volatility, strict=True)
        )
        np.testing.assert_allclose(normal.xtx_inv[i], np.linalg.inv(information) / sigma**2, rtol=1e-8)


def test_the_information_agrees_with_the_librarys_covariance(moving: EventPanel) -> None:
    """Within the parameter space; at its edge the library's has no meaning, which is why it is not used."""
    from arch.univariate import GARCH, LS

    normal = estimate(moving, "garch")
    _, y, x = sample(moving, 0)
    unit = ols(y, x)[1]
    fit = LS(y / unit, x[:, None] / unit, rescale=False, volatility=GARCH(1, 0, 1)).fit(disp="off", cov_type="classic")
    theirs = fit.param_cov.to_numpy()[:2, :2] * np.outer([unit, 1], [unit, 1]) / normal.sigma[0] ** 2
    np.testing.assert_allclose(np.diag(normal.xtx_inv[0]), np.diag(theirs), rtol=0.25)


def test_an_egarch_forecast_is_the_expectation(moving: EventPanel) -> None:
    """Against numerical integration over z, and the first day against the library."""
    from arch.univariate import EGARCH, LS

    normal = estimate(moving, "egarch")
    assert normal.variance is not None
    days, y, x = sample(moving, 1)
    line, unit = ols(y, x)[0], unit_of(moving, 1)
    model = LS(y / unit, x[:, None] / unit, rescale=False, volatility=EGARCH(1, 1, 1))
    starts = [None, *([line[0] / unit, line[1], 0, alpha, 0, beta] for alpha, beta in volatility._STARTS)]
    fits = [model.fit(disp="off", show_warning=False, starting_values=start) for start in starts]
    fit = next(f for f in fits if np.allclose(f.params.iloc[:2] * [unit, 1], normal.params[1], rtol=1e-9))
    omega, alpha, gamma, beta = fit.params.to_numpy()[2:]
    first = fit.forecast(horizon=1, x=np.zeros((1, 1, 1))).variance.to_numpy()[0, 0]

    def moment(c: float) -> float:
        def integrand(z: float) -> float:
            return float(np.exp(c * (alpha * (abs(z) - np.sqrt(2 / np.pi)) + gamma * z)) * stats.norm.pdf(z))

        return sum(integrate.quad(integrand, *part, epsabs=0, epsrel=1e-11)[0] for part in ((-40, 0), (0, 40)))

    gap = DAY - days[-1]  # three missing days and the gap of ten
    assert gap == 14
    for tau in (-10, 0, 10):
        h = gap + tau
        level = beta ** (h - 1) * np.log(first) + omega * sum(beta**j for j in range(h - 1))
        expected = np.exp(level) * np.prod([moment(beta**j) for j in range(h - 1)])
        np.testing.assert_allclose(
            normal.variance[1, tau + 10], expected * unit**2 / normal.sigma[1] ** 2, rtol=1e-8, err_msg=str(tau)
        )


def test_the_unit_of_returns_does_not_matter(moving: EventPanel) -> None:
    percent = replace(moving, returns=moving.returns * 128, regressors={"market": moving.regressors["market"] * 128})
    for name in MARKET_BY:
        one, other = estimate(moving, name), estimate(percent, name)
        np.testing.assert_allclose(other.params, one.params * [128, 1], rtol=1e-7, err_msg=name)
        np.testing.assert_allclose(other.sigma, one.sigma * 128, rtol=1e-8)
        if one.variance is not None:
            assert other.variance is not None
            np.testing.assert_allclose(other.variance, one.variance, rtol=1e-6)


def test_sigma_is_only_a_unit(moving: EventPanel) -> None:
    """SAR and the rank of a day among the residuals are the same whatever sigma is chosen."""
    normal = estimate(moving, "garch")
    assert normal.variance is not None
    assert normal.residuals is not None
    double = replace(
        normal, sigma=2 * normal.sigma, variance=normal.variance / 4, residuals=2 * normal.residuals,
        xtx_inv=normal.xtx_inv / 4,
    )  # fmt: skip
    one, other = abnormal_returns(moving, normal), abnormal_returns(moving, double)
    np.testing.assert_allclose(other.scar(Window(-1, 1)), one.scar(Window(-1, 1)), rtol=1e-12)
    np.testing.assert_allclose(other.scaled() / double.residuals[:, :1], one.scaled() / normal.residuals[:, :1])


def test_a_variance_that_only_grows_is_refused_and_the_rest_go_on(moving: EventPanel) -> None:
    rng = np.random.default_rng(5)
    returns = moving.returns.copy()
    returns[0] = moving.regressors["market"] + 0.02 * np.geomspace(0.05, 8, 320) * rng.standard_normal(320)
    normal = estimate(replace(moving, returns=returns), "garch")
    assert normal.reason[0] is not None
    assert "persistence 1.000 is not below 1" in normal.reason[0]
    assert normal.reason[1:] == (None, None)
    assert np.isnan([normal.sigma[0], normal.nu[0], *normal.params[0]]).all()
    assert normal.variance is not None
    assert np.isfinite(normal.variance[1:]).all()


@pytest.mark.parametrize("name", ["garch", "egarch"])
def test_no_convergence_is_a_reason(name: str, moving: EventPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(volatility._OPTIONS, name, {"maxiter": 1})
    for reason in estimate(moving, name).reason:
        assert reason is not None
        assert "no convergence (code 9)" in reason


def test_an_error_in_a_start_dies_out_where_the_egarch_is_accepted() -> None:
    """The mean log derivative against the numerical derivative of the recursion."""
    params = np.array([0.0, 1.0, 0.01, 0.2, -0.1, 0.8])
    e = np.random.default_rng(2).standard_normal(50)

    def end(start: float) -> float:
        h = start
        for shock in e:
            z = shock * np.exp(-h / 2)
            h = 0.01 + 0.2 * (abs(z) - np.sqrt(2 / np.pi)) - 0.1 * z + 0.8 * h
        return h

    h, z = [0.0], []
    for shock in e:
        z.append(shock * np.exp(-h[-1] / 2))
        h.append(0.01 + 0.2 * (abs(z[-1]) - np.sqrt(2 / np.pi)) - 0.1 * z[-1] + 0.8 * h[-1])
    slope = (end(1e-3) - end(-1e-3)) / 2e-3
    assert np.log(abs(slope)) / 50 == pytest.approx(volatility._forgetting(np.array(z), params), abs=1e-4)


@pytest.mark.parametrize("name", ["garch", "egarch"])
def test_without_the_library_the_error_says_what_to_install(
    name: str, moving: EventPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [m for m in sys.modules if m == "arch" or m.startswith("arch.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(SpecError, match=r"pip install 'eventstudy-claims\[models\]'"):
        estimate(moving, name)
