"""Abnormal returns and their variances against statsmodels' forecasts, explicit matrices and plain loops."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import calendar_of, panel_of, random_factors, random_levels, settings_of

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import SpecError, WindowError
from eventstudy.models import MODELS, estimate
from eventstudy.objects.estimation import Event, EventPanel, Window
from eventstudy.returns import returns_on
from eventstudy.windows import event_panel

NAMES = ["market", *"ABCDEF"]
FACTOR_NAMES = ("mkt_rf", "smb", "hml", "rmw", "cma", "mom")
WINDOWS = [Window(0, 0), Window(-1, 1), Window(0, 5), Window(-5, 5), Window(-5, -3)]


def study(model: str = "market", holes: float = 0.0, allow_missing: bool = False, **changes: object) -> AbnormalReturns:
    rng = np.random.default_rng(11)
    levels = random_levels(rng, 150, NAMES, holes)
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES)
    panel, _ = panel_of(levels, {name: [65, 130] for name in NAMES[1:]}, factors, **changes)
    return abnormal_returns(panel, estimate(panel, model), allow_missing)


def rows_of(a: AbnormalReturns, i: int, window: Window) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Response, design and day numbers of event i on the days of `window` on which all is there."""
    panel, normal = a.panel, a.normal
    y, x, taus = [], [], []
    for tau in window.taus:
        t = int(panel.day[i]) + tau
        value = panel.returns[panel.security[i], t] - normal.offset[t]
        if np.isfinite(value) and np.isfinite(normal.design[t]).all():
            y.append(value)
            x.append(normal.design[t])
            taus.append(tau)
    return np.array(y), np.array(x).reshape(len(y), -1), np.array(taus)


@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize(
    "model", [m for m, model in MODELS.items() if model.linear and m not in ("raw", "market_adjusted")]
)
def test_forecasts_and_car_variances_against_statsmodels(model: str, holes: float) -> None:
    a = study(model, holes, allow_missing=True)
    factor, sar, expected = a.forecast_factor(), a.sar(), a.expected()
    for i in range(a.n):
        y, x, _ = rows_of(a, i, a.panel.estimation)
        fit = sm.OLS(y, x).fit()
        y_event, x_event, taus = rows_of(a, i, a.panel.event)
        at = taus - a.panel.event.start
        ahead = fit.get_prediction(x_event)
        offset = a.normal.offset[a.panel.day[i] + taus]
        np.testing.assert_allclose(expected[i, at], ahead.predicted_mean + offset, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(a.ar[i, at], y_event - ahead.predicted_mean, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(a.normal.sigma[i] * np.sqrt(factor[i, at]), ahead.se_obs, rtol=1e-10)
        np.testing.assert_allclose(sar[i, at], (y_event - ahead.predicted_mean) / ahead.se_obs, rtol=1e-9)
        for window in WINDOWS:
            inside = (taus >= window.start) & (taus <= window.end)
            if not inside.any():
                assert np.isnan(a.car(window)[i])
                continue
            # The covariance of the forecast errors of a window: new noise plus the shared error of the estimate.
            w = x_event[inside]
            covariance = fit.scale * np.eye(inside.sum()) + w @ fit.cov_params() @ w.T
            np.testing.assert_allclose(a.car_se(window)[i] ** 2, covariance.sum(), rtol=1e-10)
            np.testing.assert_allclose(a.car(window)[i], (y_event - ahead.predicted_mean)[inside].sum(), atol=1e-12)
            assert a.days(window)[i] == inside.sum()


def test_the_closed_form_of_the_market_model() -> None:
    a = study()
    for i in range(a.n):
        market = a.panel.regressors["market"]
        day = int(a.panel.day[i])
        own = market[day - 60 : day - 5]
        for w in WINDOWS:
            inside = market[day + w.start : day + w.end + 1]
            closed = w.length + w.length**2 / 55 + (inside - own.mean()).sum() ** 2 / ((own - own.mean()) ** 2).sum()
            np.testing.assert_allclose(a.car_variance_factor(w)[i], closed, rtol=1e-11)


def test_one_day_windows_are_the_forecast_factor() -> None:
    a = study("ff5_mom")
    for tau in a.panel.event.taus:
        np.testing.assert_allclose(a.car_variance_factor(Window(tau, tau)), a.forecast_factor()[:, tau + 5], rtol=1e-12)
        np.testing.assert_allclose(a.scar(Window(tau, tau)), a.sar()[:, tau + 5], rtol=1e-12)


@pytest.mark.parametrize(("model", "known"), [("market_adjusted", "market"), ("raw", None)])
def test_without_parameters_there_is_no_estimation_term(model: str, known: str | None) -> None:
    a = study(model)
    assert a.design_sum(Window(-1, 1)).shape == (a.n, 0)
    np.testing.assert_array_equal(a.car_variance_factor(Window(-1, 1)), 3.0)
    np.testing.assert_array_equal(a.forecast_factor(), 1.0)
    offset = a.panel.regressors[known] if known else np.zeros(150)
    for i in range(a.n):
        for j, tau in enumerate(a.panel.event.taus):
            t = a.panel.day[i] + tau
            assert a.ar[i, j] == a.panel.returns[a.panel.security[i], t] - offset[t]
    residuals = a.residuals()
    np.testing.assert_allclose(residuals.std(axis=1, ddof=1), a.normal.sigma, rtol=1e-12)
    assert (np.abs(residuals.mean(axis=1)) > 1e-8).all(), "residuals are not demeaned"


def test_mean_adjusted_has_one_plus_one_over_t() -> None:
    np.testing.assert_allclose(study("mean_adjusted").forecast_factor(), 1 + 1 / 55, rtol=1e-13)


# ------------------------------------------------------------------------------------------------ means and products
def test_means_over_events() -> None:
    a = study(holes=0.03)
    aar, n_tau = a.aar(), a.n_tau()
    for j in range(a.ar.shape[1]):
        there = [v for v in a.ar[:, j] if np.isfinite(v)]
        assert n_tau[j] == len(there) < a.n + 1
        assert aar[j] == pytest.approx(sum(there) / len(there), abs=1e-15)
    for window in WINDOWS:
        there = [v for v in a.car(window) if np.isfinite(v)]
        assert a.caar(window) == pytest.approx(sum(there) / len(there), abs=1e-15)
    whole = study()
    assert whole.caar(Window(-5, 5)) == pytest.approx(whole.aar().sum(), abs=1e-14)


def test_bhar_from_the_definition() -> None:
    a = study()
    for window in WINDOWS:
        for i in range(a.n):
            held = normal = 1.0
            for tau in window.taus:
                t = a.panel.day[i] + tau
                held *= 1 + a.panel.returns[a.panel.security[i], t]
                normal *= 1 + a.normal.design[t] @ a.normal.params[i]
            assert a.bhar(window)[i] == pytest.approx(held - normal, abs=1e-14)
    np.testing.assert_allclose(a.bhar(Window(0, 0)), a.car(Window(0, 0)), atol=1e-15)


def test_bhar_refuses_log_returns() -> None:
    with pytest.raises(SpecError, match="simple returns"):
        study(returns="log").bhar(Window(0, 1))


# ---------------------------------------------------------------------------------------------------------- missing
def with_gap(allow_missing: bool) -> AbnormalReturns:
    """Event 0 lacks days +1 and +2: one missing level takes both adjoining returns. Benchmark whole."""
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    levels.iloc[66, 1] = np.nan
    panel, _ = panel_of(levels, {"A": [65], "B": [65]})
    return abnormal_returns(panel, estimate(panel), allow_missing)


def test_a_missing_day_makes_sums_nan_with_a_reason() -> None:
    a = with_gap(False)
    assert np.isfinite(a.car(Window(-5, 0))).all()
    for window in (Window(0, 1), Window(2, 2), Window(-5, 5)):
        for values in (a.car(window), a.car_se(window), a.scar(window), a.bhar(window), a.design_sum(window)[:, 0]):
            assert np.isnan(values).tolist() == [True, False]
    assert a.reasons(Window(0, 0)) == (None, None)
    day = a.panel.sessions[66].date()
    assert a.reasons(Window(0, 5)) == (f"2 of the 6 days of [0, +5] missing: no return of A on {day}", None)


def test_allowed_missing_days_are_left_out_of_sum_and_design() -> None:
    a = with_gap(True)
    w = Window(0, 5)
    present = [65, 68, 69, 70]
    assert a.days(w).tolist() == [4, 6]
    np.testing.assert_allclose(a.car(w)[0], np.nansum(a.ar[0, 5:11]), atol=1e-15)
    np.testing.assert_allclose(a.design_sum(w)[0], [4, a.panel.regressors["market"][present].sum()], rtol=1e-12)
    s = a.design_sum(w)[0]
    np.testing.assert_allclose(a.car_variance_factor(w)[0], 4 + s @ a.normal.xtx_inv[0] @ s, rtol=1e-12)
    held = np.prod(1 + a.panel.returns[0, present])
    normal = np.prod(1 + a.normal.design[present] @ a.normal.params[0])
    assert a.bhar(w)[0] == pytest.approx(held - normal, abs=1e-14)
    assert np.isnan(a.car(Window(1, 2))[0]), "no day at all is no sum"


def test_benchmark_missing_on_the_event_day() -> None:
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    levels.iloc[65, 0] = np.nan
    panel, issues = panel_of(levels, {"A": [65]})
    a = abnormal_returns(panel, estimate(panel))
    assert [i.code for i in issues] == ["benchmark_missing_on_day_zero"]
    assert np.isnan(a.ar[0, 5:7]).all()
    assert np.isfinite(a.realized()[0]).all()
    assert a.reasons(Window(0, 0)) == (
        f"1 of the 1 days of [0, 0] missing: no return of market on {panel.sessions[65].date()}",
    )


def test_a_factor_missing_on_the_event_day_is_named() -> None:
    rng = np.random.default_rng(3)
    levels = random_levels(rng, 150, NAMES)
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES)
    for column, model, name in (("smb", "ff3", "smb"), ("rf", "ff3", "the offset"), ("rf", "capm", "market - rf")):
        gap = factors.copy()
        gap.loc[gap.index[65], column] = np.nan
        panel, issues = panel_of(levels, {"A": [65]}, gap)
        assert issues == []
        a = abnormal_returns(panel, estimate(panel, model))
        assert str(a.reasons(Window(0, 0))[0]).endswith(f"no return of {name} on {panel.sessions[65].date()}")


def test_days_after_the_history() -> None:
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    a = abnormal_returns(panel := panel_of(levels, {"A": [148]})[0], estimate(panel))
    assert np.isfinite(a.ar[0]).tolist() == [True] * 7 + [False] * 4
    for values in (a.expected(), a.forecast_factor(), a.realized(), a.sar()):
        np.testing.assert_array_equal(np.isfinite(values), np.isfinite(a.ar))
    assert a.reasons(Window(0, 2)) == ("1 of the 3 days of [0, +2] missing: day +2 lies outside the history",)


def test_an_event_that_was_refused_is_nan_throughout_and_says_why() -> None:
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    levels["A"] = 7.0
    for model in ("market", "raw", "market_adjusted", "mean_adjusted"):
        panel, _ = panel_of(levels, {"A": [100], "B": [100]})
        for allow in (True, False):
            a = abnormal_returns(panel, estimate(panel, model), allow)
            assert a.estimated.tolist() == [False, True]
            w = Window(-1, 1)
            for values in (a.ar, a.expected(), a.forecast_factor(), a.sar(), a.residuals(), a.estimation_leverage()):
                assert np.isnan(values[0]).all()
                assert np.isfinite(values[1]).all()
            for sums in (a.car(w), a.car_se(w), a.scar(w), a.bhar(w), a.car_variance_factor(w)):
                assert np.isnan(sums).tolist() == [True, False]
            assert a.reasons(w) == ("its returns do not vary in the estimation window", None)
            assert a.caar(w) == a.car(w)[1]
            assert np.isnan(a.take([0]).aar()).all()


# --------------------------------------------------------------------------------------------------- estimation days
@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("model", ["market", "ff5_mom", "mean_adjusted", "capm_strict"])
def test_residuals_and_leverages(model: str, holes: float) -> None:
    a = study(model, holes)
    residuals, leverage = a.residuals(), a.estimation_leverage()
    assert residuals.shape == leverage.shape == (a.n, 55)
    for i in range(a.n):
        y, x, taus = rows_of(a, i, a.panel.estimation)
        fit = sm.OLS(y, x).fit()
        at = taus - a.panel.estimation.start
        np.testing.assert_allclose(residuals[i, at], fit.resid, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(leverage[i, at], fit.get_influence().hat_matrix_diag, rtol=1e-9)
        assert np.isfinite(residuals[i]).sum() == np.isfinite(leverage[i]).sum() == len(y)
        assert np.nansum(leverage[i]) == pytest.approx(len(a.normal.names), rel=1e-9)


# ------------------------------------------------------------------------------------------------------------- take
@pytest.mark.parametrize("rows", [[3, 0], np.array([5]), np.arange(12) % 2 == 0, [True] * 12, []])
def test_take_is_the_same_as_never_having_had_the_others(rows: object) -> None:
    a = study("ff3", holes=0.03)
    at = np.arange(a.n)[np.asarray(rows, dtype=np.bool_ if len(rows) == 12 else int)]  # type: ignore[arg-type]
    some = a.take(rows)  # type: ignore[arg-type]
    assert some.n == len(at) == len(some.panel.day_zero) == len(some.normal.reason)
    assert some.tickers == tuple(a.tickers[i] for i in at)
    again = abnormal_returns(some.panel, estimate(some.panel, "ff3"))
    w = Window(-1, 1)
    for name in ("ar", "sar", "residuals", "realized", "expected", "forecast_factor", "estimation_leverage"):
        values, part, fresh = (getattr(x, name) for x in (a, some, again))
        values, part, fresh = (v() if callable(v) else v for v in (values, part, fresh))
        np.testing.assert_array_equal(part, values[at])
        np.testing.assert_allclose(fresh, part, rtol=1e-9, atol=1e-12)
    for name in ("car", "scar", "car_se", "bhar", "design_sum", "car_variance_factor"):
        np.testing.assert_array_equal(getattr(some, name)(w), getattr(a, name)(w)[at])


def test_a_window_outside_the_event_window() -> None:
    a = study()
    assert a.columns(Window(-5, 5)) == slice(0, 11)
    for method in (a.car, a.car_se, a.scar, a.bhar, a.design_sum, a.caar):
        with pytest.raises(WindowError, match=r"\[0, \+6\] lies outside the event window \[-5, \+5\]"):
            method(Window(0, 6))


def test_no_events() -> None:
    a = study().take([])
    assert a.car(Window(0, 1)).shape == (0,)
    assert np.isnan(a.caar(Window(0, 1)))
    assert np.isnan(a.aar()).all()


def test_infinite_returns_count_as_missing() -> None:
    a = study()
    returns = a.panel.returns.copy()
    returns[0, 65] = np.inf
    panel: EventPanel = replace(a.panel, returns=returns)
    b = abnormal_returns(panel, estimate(panel))
    assert np.isnan(b.ar[0, 5])
    assert np.isnan(b.car(Window(0, 0))[0])


def test_a_finished_result_cannot_be_falsified() -> None:
    """Neither a whole result nor one event taken out of it; the arrays that went in stay their owner's."""
    levels = random_levels(np.random.default_rng(6), 90, ["market", "A", "B"])
    panel, _ = panel_of(levels, {"A": [80], "B": [80]})
    a = abnormal_returns(panel, estimate(panel))
    for one in (a, a.take([1])):
        arrays = {
            f"{type(owner).__name__}.{name}": value
            for owner in (one, one.panel, one.normal)
            for name, value in ((f.name, getattr(owner, f.name)) for f in fields(owner))
            if isinstance(value, np.ndarray)
        }
        arrays |= {f"regressors {name}": values for name, values in one.panel.regressors.items()}
        assert len(arrays) == 13
        for name, values in arrays.items():
            assert not values.flags.writeable, name
        with pytest.raises(ValueError, match="read-only"):
            one.ar[0, 0] = 0.0
        mine = one.car(Window(0, 0))
        mine[0] = 1.0
        assert one.car(Window(0, 0))[0] != 1.0
    own, market = panel.returns.copy(), panel.regressors["market"].copy()
    given = replace(panel, returns=own, regressors={"market": market})
    abnormal_returns(given, estimate(given, "market_adjusted"))
    own[0, 0] = market[0] = 1.0


def test_a_panel_does_not_share_memory_with_what_it_was_made_of() -> None:
    levels = random_levels(np.random.default_rng(6), 90, ["market", "A"])
    calendar = calendar_of(pd.DatetimeIndex(levels.index))
    returns = returns_on(levels, calendar.sessions)
    regressors = pd.DataFrame({"market": returns.values["market"].to_numpy()}, index=levels.index)
    events = [Event("e", "A", calendar.sessions[80].date())]
    panel, _ = event_panel(returns, regressors, events, calendar, "market", settings_of())
    before = panel.returns.copy(), panel.regressors["market"].copy()
    returns.values.iloc[3, :] = 9.0
    regressors.iloc[3, 0] = 9.0
    np.testing.assert_array_equal(panel.returns, before[0])
    np.testing.assert_array_equal(panel.regressors["market"], before[1])
