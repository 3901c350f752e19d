"""The least-squares engine and its models against statsmodels, and every refusal with its reason."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import levels_from, panel_of, random_factors, random_levels, weekdays

from eventstudy.engine import kernel
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.models import MODELS, Recipe, estimate
from eventstudy.objects.estimation import EventPanel, NormalReturns, Window

FACTOR_NAMES = ("mkt_rf", "smb", "hml", "rmw", "cma", "mom")
NAMES = ["market", *"ABCDEFGH"]
# The models that are recipes of columns for the one engine; the others have test files of their own.
RECIPES = [name for name, model in MODELS.items() if model.linear]


@pytest.fixture(scope="module", params=[0.0, 0.04])
def panel(request: pytest.FixtureRequest) -> EventPanel:
    """8 securities x 3 dates, some with windows cut short by the start of the history, with and without holes."""
    rng = np.random.default_rng(7)
    levels = random_levels(rng, 200, NAMES, holes=request.param)
    levels.iloc[:40, 3] = np.nan
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES, holes=request.param / 4)
    built, _ = panel_of(levels, {name: [50, 120, 180] for name in NAMES[1:]}, factors, min_obs=15)
    return built


def by_hand(panel: EventPanel, i: int, columns: list[np.ndarray], offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Response and design of event i over its estimation window, complete rows only, cut out in a plain loop."""
    rows = []
    for tau in panel.estimation.taus:
        t = int(panel.day[i]) + tau
        if not 0 <= t < len(panel.sessions):
            continue
        row = [panel.returns[panel.security[i], t] - offset[t], *(c[t] for c in columns)]
        if np.isfinite(row).all():
            rows.append(row)
    out = np.array(rows)
    return out[:, 0], out[:, 1:]


def spelled_out(panel: EventPanel, model: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Columns (with the constant) and offset of each model, written out again from its formula."""
    r, one, zero = panel.regressors, np.ones(len(panel.sessions)), np.zeros(len(panel.sessions))
    factors = {"ff3": 3, "ff5": 5, "ff5_mom": 6, "factors": 6}
    if model in factors:
        return [one, *(r[f] for f in FACTOR_NAMES[: factors[model]])], r["rf"]
    return {
        "market": ([one, r["market"]], zero),
        "mean_adjusted": ([one], zero),
        "capm": ([one, r["market"] - r["rf"]], r["rf"]),
        "capm_strict": ([r["market"] - r["rf"]], r["rf"]),
        "carhart": ([one, r["mkt_rf"], r["smb"], r["hml"], r["mom"]], r["rf"]),
    }[model]


@pytest.mark.parametrize("model", [m for m in RECIPES if m not in ("market_adjusted", "raw")])
def test_against_statsmodels(panel: EventPanel, model: str) -> None:
    normal = estimate(panel, model)
    columns, offset = spelled_out(panel, model)
    estimated = 0
    for i in range(panel.n_events):
        y, x = by_hand(panel, i, columns, offset)
        assert normal.nobs[i] == len(y)
        if len(y) < panel.min_obs:
            assert normal.reason[i] == f"has {len(y)} of the 15 estimation returns needed"
            assert np.isnan(normal.params[i]).all()
            continue
        fit = sm.OLS(y, x).fit()
        tight = {"rtol": 1e-10, "atol": 1e-13}
        np.testing.assert_allclose(normal.params[i], fit.params, **tight)
        np.testing.assert_allclose(normal.sigma[i], np.sqrt(fit.scale), **tight)
        np.testing.assert_allclose(normal.nu[i], fit.df_resid)
        np.testing.assert_allclose(normal.xtx_inv[i], fit.normalized_cov_params, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(normal.r_squared[i], fit.rsquared, rtol=1e-10, atol=1e-12)
        assert normal.reason[i] is None
        estimated += 1
    assert estimated >= 20


@pytest.mark.parametrize(("model", "known"), [("market_adjusted", "market"), ("raw", None)])
def test_models_without_parameters(panel: EventPanel, model: str, known: str | None) -> None:
    normal = estimate(panel, model)
    offset = panel.regressors[known] if known else np.zeros(len(panel.sessions))
    assert normal.params.shape == (panel.n_events, 0)
    for i in np.flatnonzero([reason is None for reason in normal.reason]):
        y, _ = by_hand(panel, i, [], offset)
        assert normal.sigma[i] == pytest.approx(np.std(y, ddof=1), rel=1e-12)
        assert (normal.nobs[i], normal.nu[i]) == (len(y), len(y) - 1)
        assert np.isnan(normal.r_squared[i])


def test_mean_adjusted_is_the_mean(panel: EventPanel) -> None:
    normal = estimate(panel, "mean_adjusted")
    y, _ = by_hand(panel, 1, [], np.zeros(len(panel.sessions)))
    assert normal.params[1, 0] == pytest.approx(y.mean(), rel=1e-12)
    assert normal.sigma[1] == pytest.approx(y.std(ddof=1), rel=1e-12)
    assert normal.xtx_inv[1, 0, 0] == pytest.approx(1 / len(y), rel=1e-12)


def test_the_two_forms_of_the_market_model_agree_in_slope_when_the_rate_is_constant(panel: EventPanel) -> None:
    flat = replace(panel, regressors={**panel.regressors, "rf": np.full(len(panel.sessions), 1e-4)})
    market, capm = estimate(flat, "market"), estimate(flat, "capm")
    np.testing.assert_allclose(capm.params[:, 1], market.params[:, 1], rtol=1e-9)
    np.testing.assert_allclose(capm.params[:, 0], market.params[:, 0] - 1e-4 * (1 - market.params[:, 1]), atol=1e-12)


def test_blocks_do_not_show(panel: EventPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = estimate(panel, "ff3")
    monkeypatch.setattr(kernel, "BLOCK", 5)
    cut = estimate(panel, "ff3")
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_allclose(getattr(cut, name), getattr(whole, name), rtol=1e-12, atol=1e-15)
    assert cut.reason == whole.reason


def test_unequal_windows_of_many_lengths() -> None:
    """One observation less at a time, down to the last that leaves a degree of freedom."""
    rng = np.random.default_rng(2)
    levels = random_levels(rng, 100, ["market", "A"])
    panel, _ = panel_of(levels, {"A": list(range(7, 62))}, min_obs=0)
    normal = estimate(panel)
    for i, day in enumerate(panel.day):
        y, x = by_hand(panel, i, [np.ones(100), panel.regressors["market"]], np.zeros(100))
        assert normal.nobs[i] == len(y) == day - 6
        if len(y) < 3:
            assert normal.reason[i] == f"has {len(y)} of the 3 estimation returns needed"
        else:
            np.testing.assert_allclose(normal.params[i], np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-9)


# ---------------------------------------------------------------------------------------------------------- numerics
def test_an_absurd_return_of_another_security_or_another_day_does_not_reach_an_estimate() -> None:
    levels = random_levels(np.random.default_rng(4), 150, ["market", "A", "B"])
    wild = levels.copy()
    wild.loc[wild.index[140] :, "A"] *= 1e12
    wild["B"] *= np.exp(np.linspace(0, 60, 150))
    clean, dirty = (estimate(panel_of(frame, {"A": [120], "B": [120]})[0]) for frame in (levels, wild))
    np.testing.assert_array_equal(clean.params[0], dirty.params[0])


def test_returns_far_from_zero_keep_their_digits() -> None:
    """Raw cross products would lose eight digits here; centred moments do not."""
    rng = np.random.default_rng(5)
    panel, _ = panel_of(random_levels(rng, 100, ["market", "A"]), {"A": [80]})
    shifted = replace(panel, returns=panel.returns + 1e4, regressors={"market": panel.regressors["market"] + 1e4})
    np.testing.assert_allclose(estimate(shifted).params[0, 1], estimate(panel).params[0, 1], rtol=1e-8)


def test_strongly_correlated_factors_against_extended_precision() -> None:
    """Two factors alike to 1e-4: statsmodels itself has few digits left, so the oracle works in exact fractions."""
    rng = np.random.default_rng(6)
    days = weekdays(100)
    factors = random_factors(rng, days, ["mkt_rf"])
    factors["smb"] = factors["mkt_rf"] + rng.normal(0, 1e-6, 100)
    panel, _ = panel_of(random_levels(rng, 100, ["market", "A"]), {"A": [80]}, factors[["mkt_rf", "smb", "rf"]])
    y, x = by_hand(panel, 0, [np.ones(100), *(panel.regressors[f] for f in ("mkt_rf", "smb"))], panel.regressors["rf"])
    np.testing.assert_allclose(estimate(panel, "factors").params[0], exact_least_squares(x, y), rtol=1e-8)


def exact_least_squares(x: np.ndarray, y: np.ndarray) -> list[float]:
    """The normal equations by Gauss-Jordan elimination in rational numbers: no rounding until the last step."""
    rows = [[Fraction(float(v)) for v in row] for row in np.column_stack([x, y])]
    p = x.shape[1]
    system = [[sum((row[i] * row[j] for row in rows), Fraction(0)) for j in range(p + 1)] for i in range(p)]
    for i in range(p):
        system[i] = [v / system[i][i] for v in system[i]]
        for j in range(p):
            if j != i:
                system[j] = [a - system[j][i] * b for a, b in zip(system[j], system[i], strict=True)]
    return [float(row[p]) for row in system]


# ---------------------------------------------------------------------------------------------------------- refusals
def refused(levels: pd.DataFrame, model: str = "market", factors: pd.DataFrame | None = None) -> NormalReturns:
    panel, _ = panel_of(levels, {"A": [80], "B": [80]}, factors)
    return estimate(panel, model)


def test_too_few_observations_count_what_is_there() -> None:
    levels = random_levels(np.random.default_rng(0), 100, ["market", "A", "B"])
    levels.iloc[:56, 1] = np.nan
    normal = refused(levels)
    # Rows 20 to 74 are the estimation window; prices begin at row 56, returns at row 57.
    assert normal.nobs.tolist() == [18, 55]
    assert normal.reason == ("has 18 of the 20 estimation returns needed", None)
    for values in (normal.params, normal.sigma, normal.nu, normal.xtx_inv, normal.r_squared):
        assert np.isnan(values[0]).all()
        assert np.isfinite(values[1]).all()


@pytest.mark.parametrize("growth", [1.0, 1.01])
@pytest.mark.parametrize("model", RECIPES)
def test_constant_returns(model: str, growth: float) -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A", "B"])
    levels["A"] = 100.0 * growth ** np.arange(100)
    normal = refused(levels, model, random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES))
    assert normal.reason == ("its returns do not vary in the estimation window", None)


def test_constant_regressor() -> None:
    levels = random_levels(np.random.default_rng(0), 100, ["market", "A", "B"])
    levels.iloc[15:80, 0] = levels.iloc[15, 0] * 1.003 ** np.arange(65)
    assert (
        refused(levels).reason == ("market does not vary in the estimation window, or only as other regressors do",) * 2
    )


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_collinear_regressors_name_the_first_that_adds_nothing(noise: float) -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A", "B"])
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), ["mkt_rf", "smb", "hml"])
    factors["hml"] = 2 * factors["mkt_rf"] - factors["smb"] + rng.normal(0, 1, 100) * noise
    reason = refused(levels, "ff3", factors).reason
    assert reason == ("hml does not vary in the estimation window, or only as other regressors do",) * 2


@pytest.mark.parametrize("model", ["market", "market_adjusted"])
def test_a_security_against_itself(model: str) -> None:
    levels = random_levels(np.random.default_rng(0), 100, ["market", "A", "B"])
    levels["A"] = levels["market"] * 3
    reason = refused(levels, model).reason
    assert reason[0] == "the model leaves no residual variance in the estimation window; is it its own benchmark?"
    assert reason[1] is None


# ------------------------------------------------------------------------------------------------------------ names
def test_a_missing_column_and_log_returns() -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A"])
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), ["mkt_rf", "smb"])
    panel, _ = panel_of(levels, {"A": [80]}, factors)
    with pytest.raises(SpecError, match=r"'ff3' needs hml; the panel has market, mkt_rf, smb, rf"):
        estimate(panel, "ff3")
    with pytest.raises(SpecError, match="'factors' needs factor columns"):
        estimate(
            replace(panel, regressors={"market": panel.regressors["market"], "rf": panel.regressors["rf"]}), "factors"
        )
    for model in ("capm", "capm_strict", "factors"):
        with pytest.raises(SpecError, match=f"'{model}' explains simple returns"):
            estimate(replace(panel, kind="log"), model)
    assert estimate(replace(panel, kind="log"), "market").reason == (None,)


def test_unknown_model_and_models_of_ones_own() -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A"])
    gold = pd.DataFrame({"gold": rng.normal(0, 0.01, 100)}, index=levels.index)
    panel, _ = panel_of(levels, {"A": [80]}, gold)
    with pytest.raises(UnknownNameError, match="Did you mean 'market'"):
        estimate(panel, "markt")
    recipe = Recipe("two", "a + b Rm + c G", columns=("market", "gold"))
    assert recipe.needs == ("market", "gold")
    own = estimate(panel, recipe)
    assert (own.model, own.names) == ("two", ("const", "market", "gold"))
    y, x = by_hand(panel, 0, [np.ones(100), panel.regressors["market"], panel.regressors["gold"]], np.zeros(100))
    np.testing.assert_allclose(own.params[0], np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-10)

    def mine(given: EventPanel) -> NormalReturns:
        return estimate(given, "market")

    np.testing.assert_array_equal(estimate(panel, mine).params, estimate(panel).params)
    with pytest.raises(SpecError, match="NormalReturns of 1 events"):
        estimate(panel, lambda given: None)  # type: ignore[arg-type, return-value]


def test_every_recipe_says_what_it_needs_and_where_it_is_from() -> None:
    assert len(RECIPES) >= 11
    for name in RECIPES:
        recipe = MODELS[name].fit
        assert isinstance(recipe, Recipe)
        assert recipe.name == name
        assert "E[R] = " in recipe.formula
        assert any(ch.isdigit() for ch in recipe.reference)
    needs = {name: MODELS[name].fit.needs for name in ("capm", "market_adjusted", "raw")}  # type: ignore[attr-defined]
    assert needs == {"capm": ("rf", "market"), "market_adjusted": ("market",), "raw": ()}


@pytest.mark.parametrize("model", list(MODELS))
def test_no_events_at_all(model: str) -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A"])
    panel, _ = panel_of(levels, {"A": []}, random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES))
    normal = estimate(panel, model)
    assert normal.params.shape == (0, len(normal.names))
    assert normal.reason == ()


def test_the_longest_window_and_the_default_rule() -> None:
    """250 returns need the close of day -261; one day less of history is one observation less."""
    rng = np.random.default_rng(1)
    levels = levels_from(rng.normal(0, 0.01, (299, 2)), weekdays(300), ["market", "A"])
    wide = {"estimation": Window(-260, -11), "event": Window(-10, 10), "min_obs": 175}
    panel, _ = panel_of(levels, {"A": [261, 260, 186, 185]}, **wide)
    normal = estimate(panel)
    assert normal.nobs.tolist() == [250, 249, 175, 174]
    assert normal.reason == (None, None, None, "has 174 of the 175 estimation returns needed")


def test_days_before_the_first_session_are_not_the_first_session() -> None:
    """A panel whose first row holds a value: the window that starts before it must not count it again and again."""
    rng = np.random.default_rng(1)
    panel, _ = panel_of(random_levels(rng, 100, ["market", "A"]), {"A": [45]})
    returns, market = panel.returns.copy(), panel.regressors["market"].copy()
    returns[:, 0], market[0] = 0.5, 0.25
    normal = estimate(replace(panel, returns=returns, regressors={"market": market}))
    assert normal.nobs.tolist() == [40]
    x = np.column_stack([np.ones(40), market[:40]])
    np.testing.assert_allclose(normal.params[0], np.linalg.lstsq(x, returns[0, :40], rcond=None)[0], rtol=1e-10)
