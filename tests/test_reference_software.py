"""Other software where it says more than one number: systems of regressions, and variances clustered by date."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from group_panels import abnormal_of, group_panel

from eventstudy.inference import TESTS
from eventstudy.objects.estimation import EventPanel, Window

DAY = 290
N = 4


def system(panel: EventPanel, window: Window) -> dict[str, dict[str, np.ndarray]]:
    """R_i = a_i + b_i Rm + sum of g_i,tau D_tau + e on the estimation days and those of the window (Binder 1985)."""
    days = [DAY + tau for tau in (*panel.estimation.taus, *window.taus)]
    dummies = np.eye(len(days))[:, -window.length :]
    x = np.column_stack([np.ones(len(days)), panel.regressors["market"][days], dummies])
    return {f"s{i}": {"dependent": panel.returns[i, days], "exog": x} for i in range(panel.n_events)}


@pytest.mark.parametrize("window", [Window(0, 0), Window(-1, 1), Window(-4, 5)], ids=str)
def test_seemingly_unrelated_regressions(window: Window, synthetic_panel: EventPanel) -> None:
    """Generalised least squares on the system gives our estimates and abnormal returns, its Wald statistic our F.

    With the same regressors in every equation SUR is least squares equation by equation. The sum of the dummies'
    coefficients is the CAR. linearmodels divides the residual covariance by the T + L rows of the system, of which
    the dummies fit L without error; the F divides by nu = T - 2:

        F = W x nu / (T + L) x (nu - N + 1) / (nu N).
    """
    from linearmodels.system import SUR

    panel = group_panel(synthetic_panel, [DAY] * N)
    abnormal = abnormal_of(panel)
    fit = SUR(system(panel, window)).fit(method="gls", cov_type="unadjusted", debiased=False)
    estimates = np.asarray(fit.params).reshape(N, 2 + window.length)
    np.testing.assert_allclose(estimates[:, :2], abnormal.normal.params, rtol=1e-8)
    np.testing.assert_allclose(estimates[:, 2:], abnormal.ar[:, abnormal.columns(window)], rtol=1e-8, atol=1e-12)

    sums = np.kron(np.eye(N), np.r_[0.0, 0.0, np.ones(window.length)])
    car = sums @ np.asarray(fit.params)
    wald = float(car @ np.linalg.solve(sums @ np.asarray(fit.cov) @ sums.T, car))
    nu, rows = panel.estimation.length - 2, panel.estimation.length + window.length
    found = TESTS["hotelling"](abnormal, window)
    assert found.statistic == pytest.approx(wald * nu / rows * (nu - N + 1) / (nu * N), rel=1e-8)
    # For one security alone the Wald statistic is the square of its t.
    one = float(car[0] ** 2 / (sums[:1] @ np.asarray(fit.cov) @ sums[:1].T)[0, 0])
    t = TESTS["t"](abnormal.take([0]), window)
    assert t.statistic**2 == pytest.approx(one * nu / rows, rel=1e-8)


@pytest.mark.parametrize(
    "days", [[262, 262, 270, 270, 270, 281, 285, 285, 290, 296], list(range(262, 290, 3))], ids=str
)
def test_wild_bootstraps_statistic_is_the_clustered_t_of_statsmodels(
    days: list[int], synthetic_panel: EventPanel
) -> None:
    """The regression of the CARs on a constant, its variance clustered by date with the correction G / (G - 1)."""
    abnormal = abnormal_of(group_panel(synthetic_panel, days))
    for window in (Window(0, 0), Window(-1, 1)):
        cars = abnormal.car(window)
        groups = np.unique(days, return_inverse=True)[1]
        fit = sm.OLS(cars, np.ones(len(cars))).fit(cov_type="cluster", cov_kwds={"groups": groups})
        assert TESTS["wild_bootstrap"](abnormal, window).statistic == pytest.approx(float(fit.tvalues[0]), rel=1e-8)


def test_adjusted_bmp_with_no_correlation_is_the_t_test_of_scars(synthetic_panel: EventPanel) -> None:
    """Dates that share no day have rbar = 0: the adjusted tests are then those of scipy and of Patell unchanged."""
    from scipy.stats import ttest_1samp

    abnormal = abnormal_of(group_panel(synthetic_panel, list(range(262, 302, 4)), correlation=0.0))
    window = Window(0, 2)
    found = TESTS["adjusted_bmp_t"](abnormal, window)
    wanted = ttest_1samp(abnormal.scar(window), 0.0)
    assert found.statistic == pytest.approx(float(wanted.statistic), rel=1e-10)
    assert found.p == pytest.approx(float(wanted.pvalue), rel=1e-8)
    assert TESTS["adjusted_patell_z"](abnormal, window).p == TESTS["patell_z"](abnormal, window).p
