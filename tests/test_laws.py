"""Laws that hold whatever the data: hypothesis looks for a panel that breaks one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import panel_of, random_factors, random_levels

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.models import MODELS, estimate
from eventstudy.objects.estimation import EventPanel, Window

settings.register_profile("laws", deadline=None, max_examples=15, derandomize=True)
laws = settings.get_profile("laws")

DAYS = 100
NAMES = ["market", "A", "B", "C"]
FACTOR_NAMES = ("mkt_rf", "smb", "hml", "rmw", "cma", "mom")
SEEDS = st.integers(0, 2**32 - 1)
EVENT_DAYS = st.integers(66, 94)
HOLES = st.sampled_from([0.0, 0.03])
# The recipes of the one engine: others look at days beside the one they explain, or need longer windows than these.
ANY_MODEL = st.sampled_from([name for name, model in MODELS.items() if model.linear])
ESTIMATES = ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.integers(-5, 5))
    return Window(start, draw(st.integers(start, 5)))


def levels_and_factors(seed: int, holes: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    levels = random_levels(rng, DAYS, NAMES, holes)
    return levels, random_factors(rng, pd.DatetimeIndex(levels.index), FACTOR_NAMES)


def run(panel: EventPanel, model: str) -> AbnormalReturns:
    return abnormal_returns(panel, estimate(panel, model))


def study(levels: pd.DataFrame, factors: pd.DataFrame, day: int, model: str) -> AbnormalReturns:
    return run(panel_of(levels, {name: [day] for name in NAMES[1:]}, factors)[0], model)


def same_estimates(a: AbnormalReturns, b: AbnormalReturns, rtol: float = 0.0) -> None:
    for name in ESTIMATES:
        np.testing.assert_allclose(getattr(a.normal, name), getattr(b.normal, name), rtol=rtol, atol=rtol)


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL)
def test_nothing_from_the_event_window_on_enters_an_estimate(seed: int, day: int, holes: float, model: str) -> None:
    levels, factors = levels_and_factors(seed, holes)
    changed, other = levels.copy(), factors.copy()
    rng = np.random.default_rng(seed + 1)
    changed.iloc[day - 5 :] *= rng.uniform(0.2, 5.0, changed.iloc[day - 5 :].shape)
    other.iloc[day - 5 :] = rng.normal(0, 0.1, other.iloc[day - 5 :].shape)
    same_estimates(study(levels, factors, day, model), study(changed, other, day, model))


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL)
def test_nothing_after_the_event_window_changes_anything(seed: int, day: int, holes: float, model: str) -> None:
    levels, factors = levels_and_factors(seed, holes)
    changed = levels.copy()
    changed.iloc[day + 6 :] *= 7.0
    a, b = study(levels, factors, day, model), study(changed, factors, day, model)
    same_estimates(a, b)
    np.testing.assert_array_equal(a.ar, b.ar)
    np.testing.assert_array_equal(a.sar(), b.sar())


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL)
def test_nothing_before_the_estimation_window_or_in_the_gap_changes_anything(
    seed: int, day: int, holes: float, model: str
) -> None:
    levels, factors = levels_and_factors(seed, holes)
    gap = {"estimation": Window(-60, -11)}
    names = {name: [day] for name in NAMES[1:]}
    changed = levels.copy()
    # The level of day -61 is the base of the first estimation return, that of day -6 of the first event return.
    changed.iloc[: day - 61] *= 3.0
    changed.iloc[day - 10 : day - 6] *= 0.5
    a, b = (run(panel_of(frame, names, factors, **gap)[0], model) for frame in (levels, changed))
    same_estimates(a, b)
    np.testing.assert_array_equal(a.ar, b.ar)


@laws
@given(SEEDS, EVENT_DAYS, ANY_MODEL, st.integers(-5, 4), st.data())
def test_car_adds_over_adjacent_windows(seed: int, day: int, model: str, cut: int, data: st.DataObject) -> None:
    a = study(*levels_and_factors(seed), day, model)
    left = Window(data.draw(st.integers(-5, cut)), cut)
    right = Window(cut + 1, data.draw(st.integers(cut + 1, 5)))
    both = Window(left.start, right.end)
    np.testing.assert_allclose(a.car(left) + a.car(right), a.car(both), atol=1e-14)
    np.testing.assert_allclose(a.design_sum(left) + a.design_sum(right), a.design_sum(both), atol=1e-13)
    np.testing.assert_allclose(a.caar(left) + a.caar(right), a.caar(both), atol=1e-14)


@laws
@given(SEEDS, EVENT_DAYS, ANY_MODEL, windows())
def test_a_variance_is_at_least_that_of_the_noise_and_grows_with_the_window(
    seed: int, day: int, model: str, window: Window
) -> None:
    a = study(*levels_and_factors(seed), day, model)
    factor = a.car_variance_factor(window)
    assert (factor >= window.length - 1e-12).all()
    # Shared parameters: the variance of the sum is never below the sum's own days taken as independent noise,
    # and the estimation term at most the product of days and single terms (Cauchy and Schwarz).
    single = a.forecast_factor()[:, a.columns(window)] - 1
    assert (factor - window.length <= window.length * single.sum(axis=1) * (1 + 1e-9) + 1e-12).all()


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL, windows())
def test_odd_in_sign(seed: int, day: int, holes: float, model: str, window: Window) -> None:
    """All returns and regressors with the other sign: all abnormal returns with the other sign, sigma the same."""
    levels, factors = levels_and_factors(seed, holes)
    panel, _ = panel_of(levels, {name: [day] for name in NAMES[1:]}, factors)
    mirrored = replace(panel, returns=-panel.returns, regressors={k: -v for k, v in panel.regressors.items()})
    a, b = run(panel, model), run(mirrored, model)
    np.testing.assert_allclose(b.ar, -a.ar, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(b.scar(window), -a.scar(window), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(b.normal.sigma, a.normal.sigma, rtol=1e-12)


@laws
@given(SEEDS, HOLES, ANY_MODEL, st.randoms(use_true_random=False))
def test_indifferent_to_the_order_of_events(seed: int, holes: float, model: str, random: object) -> None:
    levels, factors = levels_and_factors(seed, holes)
    a = run(panel_of(levels, {name: [70, 80, 94] for name in NAMES[1:]}, factors)[0], model)
    order = np.array(random.sample(range(9), 9))  # type: ignore[attr-defined]
    shuffled = a.take(order)
    b = run(shuffled.panel, model)
    same_estimates(shuffled, b, rtol=1e-11)
    np.testing.assert_allclose(b.ar, a.ar[order], rtol=1e-10, atol=1e-14)


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL, st.floats(1e-3, 1e6))
def test_indifferent_to_the_unit_of_prices(seed: int, day: int, holes: float, model: str, unit: float) -> None:
    levels, factors = levels_and_factors(seed, holes)
    a, b = study(levels, factors, day, model), study(levels * unit, factors, day, model)
    np.testing.assert_allclose(b.ar, a.ar, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(b.sar(), a.sar(), rtol=1e-8, atol=1e-10)


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL)
def test_indifferent_to_other_securities(seed: int, day: int, holes: float, model: str) -> None:
    levels, factors = levels_and_factors(seed, holes)
    alone = run(panel_of(levels[["market", "B"]], {"B": [day]}, factors)[0], model)
    together = study(levels, factors, day, model).take([1])
    same_estimates(alone, together, rtol=1e-11)
    np.testing.assert_allclose(alone.ar, together.ar, rtol=1e-10, atol=1e-14)


@laws
@given(SEEDS, EVENT_DAYS, HOLES, ANY_MODEL, st.integers(-5, 5), st.floats(-0.3, 0.3))
def test_an_injected_shock_comes_out(seed: int, day: int, holes: float, model: str, tau: int, shock: float) -> None:
    levels, factors = levels_and_factors(seed, holes)
    panel, _ = panel_of(levels, {name: [day] for name in NAMES[1:]}, factors)
    returns = panel.returns.copy()
    returns[:, day + tau] += shock
    a, b = run(panel, model), run(replace(panel, returns=returns), model)
    same_estimates(a, b)
    expected = a.ar.copy()
    expected[:, tau + 5] += shock
    np.testing.assert_allclose(b.ar, expected, atol=1e-15)
    np.testing.assert_allclose(b.car(Window(-5, 5)), a.car(Window(-5, 5)) + shock, atol=1e-14)


@laws
@given(SEEDS, EVENT_DAYS, st.sampled_from(["market", "ff3", "ff5_mom"]), st.floats(0.1, 10), st.floats(-0.01, 0.01))
def test_indifferent_to_scale_and_origin_of_regressors(
    seed: int, day: int, model: str, scale: float, origin: float
) -> None:
    """With an intercept, a regressor times a number plus a number explains as much as before."""
    levels, factors = levels_and_factors(seed)
    panel, _ = panel_of(levels, {name: [day] for name in NAMES[1:]}, factors)
    moved = {k: v if k == "rf" else v * scale + origin for k, v in panel.regressors.items()}
    a, b = run(panel, model), run(replace(panel, regressors=moved), model)
    np.testing.assert_allclose(b.ar, a.ar, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(b.sar(), a.sar(), rtol=1e-8, atol=1e-10)


@laws
@given(SEEDS, EVENT_DAYS, st.integers(1, 30), ANY_MODEL)
def test_missing_returns_are_as_if_the_days_were_not_there(seed: int, day: int, gone: int, model: str) -> None:
    """Returns missing at the head of the window give the estimates of the shorter window."""
    levels, factors = levels_and_factors(seed)
    names = {name: [day] for name in NAMES[1:]}
    panel, _ = panel_of(levels, names, factors)
    returns = panel.returns.copy()
    returns[:, : day - 60 + gone] = np.nan
    shorter = replace(panel, estimation=Window(-60 + gone, -6))
    same_estimates(run(replace(panel, returns=returns), model), run(shorter, model), rtol=1e-9)


@laws
@given(SEEDS, EVENT_DAYS, HOLES, st.sampled_from(["market", "carhart", "mean_adjusted", "capm_strict"]))
def test_residuals_are_orthogonal_to_the_design(seed: int, day: int, holes: float, model: str) -> None:
    a = study(*levels_and_factors(seed, holes), day, model)
    residuals = a.residuals()
    design = a.normal.design[day - 60 : day - 5]
    np.testing.assert_allclose(np.nan_to_num(residuals) @ design, 0.0, atol=1e-15 * 55 * 10)
    np.testing.assert_allclose(np.nansum(residuals**2, axis=1) / a.normal.nu, a.normal.sigma**2, rtol=1e-11)
