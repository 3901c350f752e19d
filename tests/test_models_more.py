"""Models of one market, of trades and of peers against naive loops, statsmodels and linearmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from panels import calendar_of, panel_of, random_levels, settings_of
from statsmodels.regression.rolling import RollingOLS

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import SpecError
from eventstudy.models import estimate, nonsynchronous
from eventstudy.models import rolling as rolling_module
from eventstudy.models.nonsynchronous import Dimson, scholes_williams
from eventstudy.models.peer import Peer
from eventstudy.models.rolling import Rolling
from eventstudy.models.trades import compounded, trade_to_trade
from eventstudy.objects.estimation import Event, EventPanel, FloatArray, NormalReturns, Window
from eventstudy.returns import returns_on
from eventstudy.windows import event_panel

NAMES = ["market", *"ABCDEF"]
TIGHT = {"rtol": 1e-10, "atol": 1e-13}


@pytest.fixture(scope="module", params=[0.0, 0.05])
def panel(request: pytest.FixtureRequest) -> EventPanel:
    """6 securities x 3 dates, windows cut short by the start of the history, with and without holes in both series."""
    rng = np.random.default_rng(17)
    levels = random_levels(rng, 200, NAMES, holes=request.param)
    levels.iloc[:40, 3] = np.nan
    if request.param:
        levels.iloc[[77, 130, 131], 0] = np.nan
    built, _ = panel_of(levels, {name: [50, 120, 180] for name in NAMES[1:]}, min_obs=12)
    return built


def series(panel: EventPanel, i: int) -> tuple[FloatArray, FloatArray]:
    """Return of the security and of the market on each day of event i's estimation window, NaN where missing."""
    r, x = [], []
    for tau in panel.estimation.taus:
        t = int(panel.day[i]) + tau
        inside = 0 <= t < len(panel.sessions)
        r.append(panel.returns[panel.security[i], t] if inside else np.nan)
        x.append(panel.regressors["market"][t] if inside else np.nan)
    return np.array(r), np.array(x)


def estimated(normal: NormalReturns) -> list[int]:
    return [i for i, reason in enumerate(normal.reason) if reason is None]


def check_variances(a: AbnormalReturns, design: list[FloatArray], day_variance: FloatArray | None = None) -> None:
    """AR, standard errors and CAR variances from explicit matrices: design[i] (L, p) in the event window of event i."""
    event = a.panel.event
    for i in estimated(a.normal):
        errors = np.ones(event.length) if day_variance is None else day_variance[i]
        covariance = np.diag(errors) + design[i] @ a.normal.xtx_inv[i] @ design[i].T
        np.testing.assert_allclose(a.forecast_factor()[i], np.diag(covariance), **TIGHT)
        for window in (Window(0, 0), Window(-1, 1), event):
            inside = np.zeros(event.length, bool)
            inside[a.columns(window)] = True
            inside &= np.isfinite(a.ar[i])
            if a.allow_missing and not inside.any():
                continue
            expected = covariance[np.ix_(inside, inside)].sum() if inside.sum() == window.length else np.nan
            if a.allow_missing:
                expected = covariance[np.ix_(inside, inside)].sum()
            np.testing.assert_allclose(a.car_variance_factor(window)[i], expected, **TIGHT)


# -------------------------------------------------------------------------------------------------- Scholes-Williams
def test_scholes_williams_is_three_separate_regressions(panel: EventPanel) -> None:
    normal = estimate(panel, scholes_williams)
    seen = 0
    for i in estimated(normal):
        r, x = series(panel, i)
        slopes, own = [], []
        for shift in (-1, 0, 1):
            rows = [
                (r[t], x[t], x[t + shift])
                for t in range(len(r))
                if 0 <= t + shift < len(r) and np.isfinite([r[t], x[t], x[t + shift]]).all()
            ]
            y, now, then = np.array(rows).T
            slopes.append(sm.OLS(y, sm.add_constant(then)).fit().params[1])
            own.append(sm.OLS(now, sm.add_constant(then)).fit().params[1])
        rho = (own[0] + own[2]) / 2
        beta = sum(slopes) / (1 + 2 * rho)
        both = np.isfinite(r) & np.isfinite(x)
        alpha = r[both].mean() - beta * x[both].mean()
        residuals = r[both] - alpha - beta * x[both]
        np.testing.assert_allclose(normal.params[i], [alpha, beta], **TIGHT)
        assert normal.nobs[i] == both.sum()
        assert normal.nu[i] == both.sum() - 2
        np.testing.assert_allclose(normal.sigma[i], np.sqrt(residuals @ residuals / (both.sum() - 2)), **TIGHT)
        centred = r[both] - r[both].mean()
        np.testing.assert_allclose(normal.r_squared[i], 1 - residuals @ residuals / (centred @ centred), **TIGHT)
        seen += 1
    assert seen >= 14


def test_the_autocorrelation_of_scholes_williams_is_the_samples_own() -> None:
    """On a whole window the mean of the two slopes is the correlation to the second order of the ends."""
    levels = random_levels(np.random.default_rng(3), 300, ["market", "A"])
    panel, _ = panel_of(levels, {"A": [280]}, estimation=Window(-260, -11), event=Window(-10, 10))
    r, x = series(panel, 0)
    slopes = [sm.OLS(r[max(-j, 0) : 250 - max(j, 0)], sm.add_constant(x[max(j, 0) : 250 + min(j, 0)])).fit().params[1]
              for j in (-1, 0, 1)]  # fmt: skip
    beta = sum(slopes) / (1 + 2 * np.corrcoef(x[1:], x[:-1])[0, 1])
    assert estimate(panel, scholes_williams).params[0, 1] == pytest.approx(beta, rel=1e-5)


def instrument(r: FloatArray, x: FloatArray) -> FloatArray:
    """The sum of lagged, current and leading market return, each centred and over its sum of squares."""
    z = np.zeros(len(r))
    for shift in (-1, 0, 1):
        days = [
            t for t in range(len(r))
            if 0 <= t + shift < len(r) and np.isfinite([r[t], x[t], x[t + shift]]).all()
        ]  # fmt: skip
        moved = np.array([x[t + shift] for t in days])
        z[days] += (moved - moved.mean()) / ((moved - moved.mean()) ** 2).sum()
    return z


def test_scholes_williams_is_an_instrumental_variable_estimate(panel: EventPanel) -> None:
    normal = estimate(panel, scholes_williams)
    for i in estimated(normal):
        r, x = series(panel, i)
        both = np.isfinite(r) & np.isfinite(x)
        z = instrument(r, x)[both]
        frame = pd.DataFrame({"r": r[both], "const": 1.0, "x": x[both], "z": z / z.std()})
        fit = IV2SLS(frame["r"], frame[["const"]], frame[["x"]], frame[["z"]]).fit(cov_type="unadjusted", debiased=True)
        np.testing.assert_allclose(normal.params[i], fit.params, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(normal.sigma[i] ** 2, fit.s2, rtol=1e-10)
        zx, design = np.column_stack([np.ones(len(z)), z]), np.column_stack([np.ones(len(z)), x[both]])
        bread = np.linalg.inv(zx.T @ design)
        np.testing.assert_allclose(normal.xtx_inv[i], bread @ (zx.T @ zx) @ bread.T, rtol=1e-9)
    assert not normal.least_squares


def test_scholes_williams_forecasts(panel: EventPanel) -> None:
    a = abnormal_returns(panel, estimate(panel, scholes_williams))
    market = panel.regressors["market"]
    days = [int(d) + np.arange(-5, 6) for d in panel.day]
    check_variances(a, [np.column_stack([np.ones(11), market[d]]) for d in days])


def test_scholes_williams_blocks_do_not_show(panel: EventPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = estimate(panel, scholes_williams)
    monkeypatch.setattr(nonsynchronous, "BLOCK", 5)
    cut = estimate(panel, scholes_williams)
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_allclose(getattr(cut, name), getattr(whole, name), rtol=1e-12, atol=1e-15)
    assert cut.reason == whole.reason


def test_a_market_that_swings_back_every_day_has_no_scholes_williams_beta() -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A"])
    panel, _ = panel_of(levels, {"A": [80]})
    market = np.resize([0.01, -0.01], 100) + rng.normal(0, 1e-4, 100)
    normal = estimate(replace(panel, regressors={"market": market}), scholes_williams)
    assert normal.reason[0] is not None
    assert "first-order autocorrelation is -1.000" in normal.reason[0]
    assert np.isnan(normal.params).all()


# ------------------------------------------------------------------------------------------------------------ Dimson
@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("leads", [True, False])
def test_dimson_is_one_regression_on_leads_and_lags(panel: EventPanel, m: int, leads: bool) -> None:
    normal = estimate(panel, Dimson(m, leads))
    shifts = range(-m, m * leads + 1)
    a = abnormal_returns(panel, normal)
    market, event = panel.regressors["market"], panel.event
    seen = 0
    for i in estimated(normal):
        r, x = series(panel, i)
        inside = range(m, len(r) - m * leads)
        rows = [(t, r[t], *(x[t + j] for j in shifts)) for t in inside]
        table = np.array([row for row in rows if np.isfinite(row).all()])
        fit = sm.OLS(table[:, 1], sm.add_constant(table[:, 2:])).fit()
        beta = fit.params[1:].sum()
        assert normal.nobs[i] == len(table)
        assert normal.nu[i] == fit.df_resid
        np.testing.assert_allclose(normal.params[i, :2], [fit.params[0], beta], **TIGHT)
        np.testing.assert_allclose(normal.params[i, 2:], np.delete(fit.params[1:], m), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(normal.sigma[i] ** 2, fit.scale, **TIGHT)
        np.testing.assert_allclose(normal.r_squared[i], fit.rsquared, **TIGHT)
        # The parameter called market carries the standard error of the sum.
        of_sum = fit.t_test(np.r_[0.0, np.ones(len(shifts))]).sd.item()
        np.testing.assert_allclose(normal.sigma[i] * np.sqrt(normal.xtx_inv[i, 1, 1]), of_sum, rtol=1e-10)
        residuals = np.full(len(r), np.nan)
        residuals[table[:, 0].astype(int)] = fit.resid
        np.testing.assert_allclose(a.residuals()[i], residuals, **TIGHT)
        moved = [np.array([market[int(panel.day[i]) + tau + j] for tau in event.taus]) for j in shifts]
        ahead = fit.get_prediction(np.column_stack([np.ones(event.length), *moved]))
        np.testing.assert_allclose(a.expected()[i], ahead.predicted_mean, **TIGHT)
        known = np.isfinite(a.ar[i])
        np.testing.assert_allclose((normal.sigma[i] * np.sqrt(a.forecast_factor()[i]))[known], ahead.se_obs[known],
                                   rtol=1e-10)  # fmt: skip
        if known.all():
            w = np.column_stack([np.ones(event.length), *moved])
            covariance = fit.scale * np.eye(event.length) + w @ fit.cov_params() @ w.T
            np.testing.assert_allclose(a.car_se(event)[i] ** 2, covariance.sum(), rtol=1e-10)
        seen += 1
    assert seen >= 10


def test_the_correction_of_fowler_and_rorke(panel: EventPanel) -> None:
    plain, corrected = estimate(panel, Dimson()), estimate(panel, Dimson(correction="fowler_rorke"))
    assert corrected.reason == plain.reason
    for i in estimated(plain):
        _, x = series(panel, i)
        pairs = np.array([(x[t - 1], x[t]) for t in range(1, len(x)) if np.isfinite(x[t - 1] + x[t])])
        rho = np.corrcoef(pairs.T)[0, 1]
        lag, lead = plain.params[i, 2:]
        middle = plain.params[i, 1] - lag - lead
        beta = middle + (1 + rho) / (1 + 2 * rho) * (lag + lead)
        np.testing.assert_allclose(corrected.params[i], [plain.params[i, 0], beta, lag, lead], rtol=1e-9, atol=1e-12)
    ours, theirs = (abnormal_returns(panel, normal) for normal in (corrected, plain))
    np.testing.assert_allclose(ours.ar, theirs.ar, **TIGHT)
    np.testing.assert_allclose(ours.forecast_factor(), theirs.forecast_factor(), rtol=1e-10)
    np.testing.assert_allclose(ours.residuals(), theirs.residuals(), **TIGHT)


def test_dimson_never_estimates_from_a_day_outside_the_estimation_window() -> None:
    """The market of the gap (here one day, then none) and of the day before the window may be anything."""
    levels = random_levels(np.random.default_rng(5), 100, ["market", "A"])
    for estimation in (Window(-60, -7), Window(-60, -6)):
        panel, _ = panel_of(levels, {"A": [80]}, estimation=estimation)
        market = panel.regressors["market"].copy()
        market[: 80 - 60] = 9.0
        market[80 + estimation.end + 1 :] = -9.0
        other = replace(panel, regressors={"market": market})
        for model in (Dimson(), Dimson(3), Dimson(correction="fowler_rorke"), scholes_williams, Rolling(20)):
            before, after = estimate(panel, model), estimate(other, model)
            assert before.reason == (None,)
            for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
                np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
            residuals = [abnormal_returns(p, n).residuals() for p, n in ((panel, before), (other, after))]
            np.testing.assert_array_equal(*residuals)


def test_the_lead_of_an_event_day_is_the_next_days_market() -> None:
    """With leads tomorrow's market moves today's abnormal return, with lags alone it cannot."""
    levels = random_levels(np.random.default_rng(5), 100, ["market", "A"])
    panel, _ = panel_of(levels, {"A": [80]})
    market = panel.regressors["market"].copy()
    market[81] += 0.05
    other = replace(panel, regressors={"market": market})
    for leads in (True, False):
        a, b = (abnormal_returns(p, estimate(p, Dimson(leads=leads))).ar[0, 5] for p in (panel, other))
        assert (a != b) == leads


def test_dimson_refuses_what_it_cannot_be() -> None:
    for wrong in ({"m": 0}, {"correction": "none"}, {"m": 2, "correction": "fowler_rorke"},
                  {"leads": False, "correction": "fowler_rorke"}):  # fmt: skip
        with pytest.raises(SpecError):
            Dimson(**wrong)
    panel, _ = panel_of(random_levels(np.random.default_rng(5), 100, ["market", "A"]), {"A": [80]}, min_obs=0)
    with pytest.raises(SpecError, match="no day left with 28 lags"):
        estimate(panel, Dimson(28))
    assert estimate(panel, Dimson(20)).reason == ("has 15 of the 43 estimation returns needed",)
    names = [m.name for m in (Dimson(), Dimson(2), Dimson(leads=False), Dimson(correction="fowler_rorke"))]
    assert names == ["dimson", "dimson(2)", "dimson(1, lags only)", "dimson(1, fowler_rorke)"]
    swings = np.resize([0.01, -0.01], 100) + np.random.default_rng(0).normal(0, 1e-4, 100)
    refused = estimate(replace(panel, regressors={"market": swings}), Dimson(correction="fowler_rorke"))
    assert refused.reason[0] is not None
    assert "1 + 2 rho" in refused.reason[0]
    assert np.isnan(refused.params).all()


# ---------------------------------------------------------------------------------------------------- trade to trade
def traded(kind: str = "simple", seed: int = 8, n: int = 200) -> tuple[pd.DataFrame, EventPanel]:
    """Securities that miss a quarter of their sessions, returns formed from trade to trade."""
    levels = random_levels(np.random.default_rng(seed), n, NAMES, holes=0.25)
    levels.iloc[[70, 101], 0] = np.nan
    calendar = calendar_of(pd.DatetimeIndex(levels.index))
    names = NAMES[1:]
    returns = returns_on(levels[names], calendar.sessions, kind, across_gaps=True)  # type: ignore[arg-type]
    market = returns_on(levels[["market"]], calendar.sessions, kind).values  # type: ignore[arg-type]
    events = [Event(f"e{t}", name, calendar.sessions[t].date()) for name in names for t in (70, 130, 180)]
    panel, _ = event_panel(returns, market, events, calendar, "market", settings_of(min_obs=20))
    return levels, panel


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_the_market_is_compounded_over_each_trade(kind: str) -> None:
    levels, panel = traded(kind)
    found = compounded(panel)
    for s, name in enumerate(panel.tickers):
        price, market, last = levels[name].to_numpy(), levels["market"].to_numpy(), None
        for t in range(len(levels)):
            expected = np.nan
            if np.isfinite(price[t]) and last is not None and np.isfinite(market[last : t + 1]).all():
                expected = market[t] / market[last] - 1 if kind == "simple" else np.log(market[t] / market[last])
            np.testing.assert_allclose(found[s, t], expected, rtol=1e-11, atol=1e-15)
            last = t if np.isfinite(price[t]) else last


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_trade_to_trade_is_weighted_least_squares(kind: str) -> None:
    _, panel = traded(kind)
    normal = estimate(panel, trade_to_trade)
    assert panel.spans is not None
    market = compounded(panel)
    a = abnormal_returns(panel, normal)
    designs, variances = [], []
    for i in range(panel.n_events):
        s, day = int(panel.security[i]), int(panel.day[i])
        t = np.arange(day - 60, day - 5)
        n, rm, r = panel.spans[s, t], market[s, t], panel.returns[s, t]
        ok = np.isfinite(n + rm + r)
        fit = sm.WLS(r[ok], np.column_stack([n, rm])[ok], weights=1 / n[ok]).fit()
        np.testing.assert_allclose(normal.params[i], fit.params, **TIGHT)
        np.testing.assert_allclose(normal.sigma[i] ** 2, fit.scale, **TIGHT)
        np.testing.assert_allclose(normal.xtx_inv[i], fit.normalized_cov_params, rtol=1e-9)
        assert (normal.nobs[i], normal.nu[i]) == (ok.sum(), ok.sum() - 2)
        expected = np.full(len(t), np.nan)
        expected[ok] = fit.wresid
        np.testing.assert_allclose(a.residuals()[i], expected, **TIGHT)
        alone = sm.WLS(r[ok], n[ok], weights=1 / n[ok]).fit()
        np.testing.assert_allclose(normal.r_squared[i], 1 - fit.ssr / alone.ssr, **TIGHT)
        t = np.arange(day - 5, day + 6)
        designs.append(np.column_stack([panel.spans[s, t], market[s, t]]))
        variances.append(panel.spans[s, t])
        np.testing.assert_allclose(a.ar[i], panel.returns[s, t] - designs[-1] @ fit.params, **TIGHT)
    assert a.allow_missing
    for i, (x, v) in enumerate(zip(designs, variances, strict=True)):
        here = np.isfinite(a.ar[i])
        np.testing.assert_allclose(
            a.car_variance_factor(panel.event)[i],
            (np.diag(v[here]) + x[here] @ normal.xtx_inv[i] @ x[here].T).sum(),
            rtol=1e-10,
        )
    assert np.isnan(a.ar).any()
    assert np.nanmax(a.normal.variance) > 2  # type: ignore[arg-type]


def test_trade_to_trade_on_every_session_is_the_market_model() -> None:
    levels = random_levels(np.random.default_rng(2), 150, NAMES)
    panel, _ = panel_of(levels, {name: [100, 130] for name in NAMES[1:]})
    market, exact = estimate(panel), estimate(panel, trade_to_trade)
    ones = estimate(replace(panel, spans=np.ones_like(panel.returns)), trade_to_trade)
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_array_equal(getattr(exact, name), getattr(market, name))
        np.testing.assert_allclose(getattr(ones, name), getattr(market, name), rtol=1e-9, atol=1e-12)
    assert exact.model == ones.model == "trade_to_trade"


# ----------------------------------------------------------------------------------------------------------- rolling
@pytest.mark.parametrize("length", [10, 25])
def test_rolling_against_statsmodels(panel: EventPanel, length: int) -> None:
    model = Rolling(length)
    normal = estimate(panel, model)
    a = abnormal_returns(panel, normal)
    seen = 0
    for i in estimated(normal):
        r, x = series(panel, i)
        frame = pd.DataFrame({"const": 1.0, "x": x})
        fit = RollingOLS(r, frame, window=length, min_nobs=model.least, missing="drop").fit()
        coefficients = np.asarray(fit.params)
        u = np.full(len(r), np.nan)
        for s in range(length, len(r)):
            window = slice(s - length, s)
            ok = np.isfinite(r[window]) & np.isfinite(x[window])
            if ok.sum() < model.least or not np.isfinite(r[s] + x[s]):
                continue
            design = np.column_stack([np.ones(ok.sum()), x[window][ok]])
            row = np.array([1.0, x[s]])
            error = r[s] - row @ coefficients[s - 1]
            u[s] = error / np.sqrt(1 + row @ np.linalg.inv(design.T @ design) @ row)
        last = slice(len(r) - length, len(r))
        ok = np.isfinite(r[last]) & np.isfinite(x[last])
        own = sm.OLS(r[last][ok], sm.add_constant(x[last][ok])).fit()
        np.testing.assert_allclose(normal.params[i], own.params, **TIGHT)
        np.testing.assert_allclose(normal.params[i], coefficients[-1], rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(normal.xtx_inv[i], own.normalized_cov_params, rtol=1e-10)
        np.testing.assert_allclose(normal.r_squared[i], own.rsquared, **TIGHT)
        np.testing.assert_allclose(a.residuals()[i], u, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(normal.sigma[i], np.sqrt(np.nanmean(u**2)), rtol=1e-9)
        assert normal.nu[i] == np.isfinite(u).sum()
        assert normal.nobs[i] == (np.isfinite(r) & np.isfinite(x)).sum()
        seen += 1
    assert seen >= 10
    market = panel.regressors["market"]
    check_variances(a, [np.column_stack([np.ones(11), market[int(d) + np.arange(-5, 6)]]) for d in panel.day])


def test_rolling_windows_each_by_hand_to_ten_digits(panel: EventPanel) -> None:
    """RollingOLS itself updates sums and keeps eight digits: here each window is solved alone."""
    length = 20
    normal = estimate(panel, Rolling(length))
    residuals = abnormal_returns(panel, normal).residuals()
    for i in estimated(normal)[:6]:
        r, x = series(panel, i)
        for s in np.flatnonzero(np.isfinite(residuals[i])):
            ok = [t for t in range(s - length, s) if np.isfinite(r[t] + x[t])]
            fit = sm.OLS(r[ok], sm.add_constant(x[ok])).fit()
            ahead = fit.get_prediction(np.array([[1.0, x[s]]]))
            error = (r[s] - ahead.predicted_mean[0]) / (ahead.se_obs[0] / np.sqrt(fit.scale))
            assert residuals[i, s] == pytest.approx(error, rel=1e-10, abs=1e-14)


def test_rolling_keeps_its_digits_and_its_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, _ = panel_of(random_levels(np.random.default_rng(5), 100, NAMES), {n: [70, 80] for n in NAMES[1:]})
    plain = estimate(panel, Rolling(20))
    shifted = replace(panel, returns=panel.returns + 1e4, regressors={"market": panel.regressors["market"] + 1e4})
    np.testing.assert_allclose(estimate(shifted, Rolling(20)).params[:, 1], plain.params[:, 1], rtol=1e-8)
    monkeypatch.setattr(rolling_module, "BLOCK", 5)
    cut = estimate(panel, Rolling(20))
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared", "residuals"):
        np.testing.assert_allclose(getattr(cut, name), getattr(plain, name), rtol=1e-12, atol=1e-15)


def test_rolling_says_why_not() -> None:
    levels = random_levels(np.random.default_rng(5), 100, ["market", "A", "B"])
    levels.iloc[62:74, 1] = np.nan
    panel, _ = panel_of(levels, {"A": [80], "B": [80]})
    normal = estimate(panel, Rolling(20))
    # Rows 55 to 74 are the last window; levels are missing on 62 to 73, returns on 62 to 74.
    assert normal.reason[0] == "has 7 of the 14 returns needed in the last 20 sessions of the estimation window"
    assert normal.reason[1] is None
    assert np.isnan(normal.params[0]).all()
    long = estimate(panel, Rolling())
    assert long.params.shape == (2, 2)
    short = "the estimation window of 55 sessions leaves no day to forecast from the 120 before it; "
    assert long.reason == (short + "lengthen it or shorten the moving window",) * 2
    with pytest.raises(SpecError, match="4 sessions or more"):
        Rolling(3)
    assert (Rolling().name, Rolling(60).name) == ("rolling", "rolling(60)")


# -------------------------------------------------------------------------------------------------------------- peer
def test_peers_against_statsmodels(panel: EventPanel) -> None:
    named = replace(panel, peers={"A": ("B", "C", "A"), "B": ("F",)})
    normal = estimate(named, Peer())
    a = abnormal_returns(named, normal)
    group = {"A": "BC", "B": "F", "C": "ADE", "D": "ACE", "E": "ACD", "F": "ACDE"}
    group["C"], group["D"], group["E"], group["F"] = "ABDEF", "ABCEF", "ABCDF", "ABCDE"
    designs, seen = [], 0
    for i, ticker in enumerate(panel.event_tickers):
        day = int(panel.day[i])
        t = np.array([d for d in range(day - 60, day - 5) if d >= 0])
        rows = [panel.tickers.index(p) for p in group[ticker]]
        rows = [s for s in rows if np.isfinite(panel.returns[s, t]).sum() >= panel.min_obs]
        mean = np.array([np.mean([panel.returns[s, d] for s in rows]) for d in range(len(panel.sessions))])
        at = day + np.arange(-5, 6)
        designs.append(np.column_stack([np.ones(11), mean[at]]))
        ok = np.isfinite(panel.returns[panel.security[i], t]) & np.isfinite(mean[t])
        assert normal.nobs[i] == ok.sum()
        if normal.reason[i] is not None:
            assert ok.sum() < panel.min_obs
            continue
        fit = sm.OLS(panel.returns[panel.security[i], t][ok], sm.add_constant(mean[t][ok])).fit()
        np.testing.assert_allclose(normal.params[i], fit.params, **TIGHT)
        np.testing.assert_allclose(normal.sigma[i] ** 2, fit.scale, **TIGHT)
        seen += 1
    assert seen >= 10
    assert normal.names == ("const", "peers")
    check_variances(a, designs)


def test_a_security_without_peers_is_refused_and_the_rest_go_on() -> None:
    levels = random_levels(np.random.default_rng(5), 100, ["market", "A", "B", "C"])
    levels.iloc[:60, 2] = np.nan
    panel, _ = panel_of(levels, {"A": [80], "C": [80]})
    alone, _ = panel_of(levels, {"A": [80]})
    assert estimate(alone, Peer()).reason == (
        "has no peers: none are named for it, and the study has no other security on its exchange",
    )
    beside = replace(panel, tickers=(*panel.tickers, "B"), returns=np.vstack([panel.returns, late(levels)]))
    found = estimate(replace(beside, peers={"A": ("B",), "C": ("A",)}), Peer())
    assert found.reason == ("has no peers: none of B has the 20 estimation returns needed", None)
    assert np.isnan(found.params[0]).all()
    found = estimate(replace(beside, peers={"A": ("X",)}, donors={"A": ("B",)}), Peer())
    assert found.reason == ("has no peers: none of X trades on its exchange's sessions", None)
    with pytest.raises(SpecError, match="the peers X are not among the panel's securities"):
        estimate(panel, Peer(("A", "X")))
    for wrong in ("AMD", ("A", "A")):
        with pytest.raises(SpecError):
            Peer(wrong)  # type: ignore[arg-type]


def late(levels: pd.DataFrame) -> FloatArray:
    returns = returns_on(levels[["B"]], pd.DatetimeIndex(levels.index)).values
    return np.asarray(returns["B"].to_numpy())


def test_peers_by_name_and_the_event_taken_alone_keeps_its_peers(panel: EventPanel) -> None:
    by_name = estimate(panel, Peer(("B", "C")))
    by_panel = estimate(replace(panel, peers=dict.fromkeys(panel.tickers, ("B", "C"))), Peer())
    np.testing.assert_array_equal(by_name.params, by_panel.params)
    whole = estimate(panel, Peer())
    alone = abnormal_returns(panel, whole).take([1]).panel
    np.testing.assert_array_equal(estimate(alone, Peer()).params[0], whole.params[1])


def test_peers_are_the_first_rows_of_their_names(panel: EventPanel) -> None:
    """Placebos put the securities into the panel again with days taken out: peers are looked for in the first rows."""
    rows = np.where(np.arange(len(panel.sessions)) % 3 == 0, np.nan, panel.returns)
    twice = replace(panel, tickers=panel.tickers * 2, returns=np.vstack([panel.returns, rows]))
    for model in (Peer(), Peer(("B", "C"))):
        once, again = estimate(panel, model), estimate(twice, model)
        np.testing.assert_array_equal(again.design, once.design)
        np.testing.assert_array_equal(again.params, once.params)


def test_a_missing_peer_on_the_day_makes_it_missing() -> None:
    levels = random_levels(np.random.default_rng(5), 100, ["market", "A", "B", "C"])
    levels.iloc[82, 2] = np.nan
    panel, _ = panel_of(levels, {"A": [80], "B": [40], "C": [40]}, min_obs=20)
    a = abnormal_returns(panel, estimate(panel, Peer()))
    assert np.flatnonzero(np.isnan(a.ar[0])).tolist() == [7, 8]  # days +2 and +3
    said = a.reasons(Window(2, 2))[0]
    assert said == f"1 of the 1 days of [+2, +2] missing: no return of peers on {panel.sessions[82].date()}"
