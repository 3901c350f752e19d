"""Robust and least-absolute regression, synthetic control, and models of one's own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from moving_panels import DAY, MARKET_BY, garch_errors, panel_of, sample, unit_of
from scipy import optimize, stats

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import SpecError, WindowError
from eventstudy.models import MODELS, estimate
from eventstudy.models.lad import _vertex
from eventstudy.models.synthetic import donor_placebos, simplex_weights, synthetic_controls
from eventstudy.objects.estimation import EventPanel, NormalReturns, Window


# ------------------------------------------------------------------------------------------------------- robust, LAD
@pytest.fixture(scope="module")
def heavy(synthetic_panel: EventPanel) -> EventPanel:
    """Four securities with t(3) errors; the last misses every tenth day."""
    rng = np.random.default_rng(12)
    market = rng.normal(0.0003, 0.01, 320)
    returns = 0.0002 + market + 0.015 * rng.standard_t(3, (4, 320))
    returns[3, ::10] = np.nan
    return panel_of(synthetic_panel, returns, market)


def test_robust_is_what_statsmodels_says(heavy: EventPanel) -> None:
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    normal = estimate(heavy, "robust")
    for i in range(4):
        _, y, x = sample(heavy, i)
        fit = RLM(y, np.column_stack([np.ones(len(y)), x]), M=HuberT()).fit(tol=1e-13, maxiter=500)
        np.testing.assert_allclose(normal.params[i], fit.params, rtol=1e-8)
        e = y - fit.params[0] - fit.params[1] * x
        sigma = np.sqrt(sum(v * v for v in e) / (len(e) - 2))
        np.testing.assert_allclose(normal.sigma[i], sigma, rtol=1e-10)
        np.testing.assert_allclose(normal.xtx_inv[i], fit.cov_params() / sigma**2, rtol=1e-7)
        np.testing.assert_allclose(normal.r_squared[i], 1 - e @ e / ((y - y.mean()) ** 2).sum(), rtol=1e-10)
        assert (normal.nobs[i], normal.nu[i]) == (len(y), len(y) - 2)


def test_lad_is_the_solution_of_the_linear_programme(heavy: EventPanel) -> None:
    from statsmodels.regression.quantile_regression import QuantReg

    normal = estimate(heavy, "lad")
    for i in range(4):
        _, y, x = sample(heavy, i)
        n, design = len(y), np.column_stack([np.ones(len(y)), x])
        best = optimize.linprog(
            np.r_[0, 0, np.ones(2 * n)], A_eq=np.hstack([design, np.eye(n), -np.eye(n)]), b_eq=y,
            bounds=[(None, None)] * 2 + [(0, None)] * (2 * n), method="highs",
        )  # fmt: skip
        np.testing.assert_allclose(normal.params[i], best.x[:2], rtol=1e-8)
        e = y - design @ normal.params[i]
        np.testing.assert_allclose(normal.sigma[i], np.sqrt(e @ e / (n - 2)), rtol=1e-10)
        unit = unit_of(heavy, i)
        design[:, 1] /= unit
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it stops after 200 steps: the density needs no more
            near = [QuantReg(y / unit, design).fit(q=0.5, max_iter=limit) for limit in (200, 5000)]
        by_limit = [n.cov_params() * np.outer([unit, 1], [unit, 1]) / normal.sigma[i] ** 2 for n in near]
        assert any(np.allclose(normal.xtx_inv[i], covariance, rtol=1e-8, atol=0) for covariance in by_limit)
        np.testing.assert_allclose(by_limit[0], by_limit[1], rtol=0.01)


def test_a_line_that_is_not_the_best_is_not_taken_for_it() -> None:
    x = np.column_stack([np.ones(6), np.arange(6.0)])
    y = np.array([0.0, 1.3, 1.8, 3.1, 10.0, 4.7])
    lines = [np.linalg.solve(x[list(pair)], y[list(pair)]) for pair in combinations(range(6), 2)]
    sums = [np.abs(y - x @ line).sum() for line in lines]
    for line, total in zip(lines, sums, strict=True):
        found = _vertex(y, x, line)
        if total == min(sums):
            np.testing.assert_allclose(found, line, atol=1e-12)
        else:
            assert found is None


@pytest.mark.parametrize("name", ["robust", "lad"])
def test_a_wild_day_hardly_moves_them(name: str, heavy: EventPanel) -> None:
    returns = heavy.returns.copy()
    returns[0, 100] = 5.0
    wild = replace(heavy, returns=returns)
    moved = np.abs(estimate(wild, name).params[0] - estimate(heavy, name).params[0])
    by_ols = np.abs(estimate(wild, "market").params[0] - estimate(heavy, "market").params[0])
    assert (moved < by_ols / 20).all()


@pytest.mark.parametrize("name", ["robust", "lad"])
def test_most_days_on_one_line_is_a_reason(name: str, heavy: EventPanel) -> None:
    returns = heavy.returns.copy()
    market = heavy.regressors["market"]
    returns[1] = np.where(np.arange(320) % 4 == 0, returns[1], market)
    normal = estimate(replace(heavy, returns=returns), name)
    assert normal.reason[1] is not None
    assert "on one line" in normal.reason[1]
    assert normal.reason[0] is None


# ----------------------------------------------------------------------------------------------------- market models
@pytest.mark.parametrize("name", MARKET_BY)
def test_what_least_squares_refuses_is_refused_in_its_words(name: str, moving: EventPanel) -> None:
    returns = moving.returns.copy()
    returns[0, 60:200] = np.nan
    returns[1, :] = 0.0
    found, plain = (estimate(replace(moving, returns=returns), m) for m in (name, "market"))
    assert found.reason[:2] == plain.reason[:2]
    assert found.reason[0] is not None
    assert found.reason[2] is None
    assert np.isnan(found.sigma[:2]).all()


@pytest.mark.parametrize("name", [*MARKET_BY, "synthetic_control"])
def test_neither_gap_nor_event_window_enters(name: str, moving: EventPanel) -> None:
    returns, market = moving.returns.copy(), moving.regressors["market"].copy()
    returns[:, : DAY - 260] = returns[:, DAY - 10 :] = 9.0
    market[: DAY - 260] = market[DAY - 10 :] = -3.0
    before = estimate(moving, name)
    after = estimate(replace(moving, returns=returns, regressors={"market": market}), name)
    for what in ("params", "sigma", "xtx_inv", "nu", "variance", "residuals"):
        if getattr(before, what) is not None:
            np.testing.assert_array_equal(getattr(after, what), getattr(before, what), err_msg=what)


@pytest.mark.parametrize("name", MARKET_BY)
def test_without_a_market_the_model_is_named(name: str, moving: EventPanel) -> None:
    with pytest.raises(SpecError, match=f"model '{name}' needs market"):
        estimate(replace(moving, regressors={}), name)


# ------------------------------------------------------------------------------------------------ synthetic controls
def slsqp(y: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """The weights by an independent solver."""
    unit = y.std()
    found = optimize.minimize(
        lambda w: ((y - donors @ w) ** 2).sum() / unit**2,
        np.full(donors.shape[1], 1 / donors.shape[1]),
        jac=lambda w: -2 * donors.T @ (y - donors @ w) / unit**2,
        bounds=[(0, 1)] * donors.shape[1],
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-16, "maxiter": 2000},
    )
    return np.asarray(found.x)


def test_weights_by_hand() -> None:
    """|y - (w, 1 - w)|^2 is least at w = (1 + y1 - y2) / 2, cut off at 0 and 1."""
    for y, expected in (((0.5, 0.1), 0.7), ((0.2, 0.4), 0.4), ((3.0, 0.0), 1.0), ((0.0, 2.0), 0.0)):
        np.testing.assert_allclose(simplex_weights(np.array(y), np.eye(2)), [expected, 1 - expected], atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_weights_are_optimal(seed: int) -> None:
    """Against SLSQP, and by the conditions for a minimum: the gradient is the same for donors in use, and least."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.01, 120)
    donors = common[:, None] + rng.normal(0, 0.02, (120, 12))
    y = common + donors[:, :3].mean(axis=1) / 2 + rng.normal(0, 0.01, 120)
    w = simplex_weights(y, donors)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1, abs=1e-14)
    other = slsqp(y, donors)
    np.testing.assert_allclose(w, other, atol=1e-6)
    assert ((y - donors @ w) ** 2).sum() <= ((y - donors @ other) ** 2).sum() * (1 + 1e-10)
    gradient = -donors.T @ (y - donors @ w) / ((y - donors @ w) @ (y - donors @ w))
    level = gradient[w > 0].mean()
    np.testing.assert_allclose(gradient[w > 0], level, rtol=1e-8, atol=1e-8)
    assert (gradient[w == 0] >= level - 1e-8).all()


def test_weights_with_donors_alike_or_more_than_days() -> None:
    rng = np.random.default_rng(0)
    y, one = rng.normal(size=30), rng.normal(size=(30, 1))
    np.testing.assert_allclose(simplex_weights(y, np.hstack([one, one])).sum(), 1.0)
    many = rng.normal(size=(30, 90))
    w = simplex_weights(y, many)
    assert w.sum() == pytest.approx(1.0)
    assert (w > 0).sum() <= 30
    np.testing.assert_array_equal(simplex_weights(many[:, 7], many), np.eye(90)[7])


@pytest.fixture(scope="module")
def pool(synthetic_panel: EventPanel) -> EventPanel:
    """One treated security of eight that share a market; the fourth row lacks an estimation day, the fifth day +1."""
    rng = np.random.default_rng(13)
    market = rng.normal(0, 0.012, 320)
    returns = rng.uniform(0.7, 1.3, (8, 1)) * market + rng.normal(0, 0.01, (8, 320))
    returns[0, 100] = np.nan  # the treated one's own missing day
    returns[3, 101] = np.nan
    returns[4, DAY + 1] = np.nan
    whole = panel_of(synthetic_panel, returns, market)
    return replace(
        whole, events=whole.events[:2], day_zero=whole.day_zero[:2], security=whole.security[:2], day=whole.day[:2]
    )


def test_a_synthetic_control_by_loops(pool: EventPanel) -> None:
    normal = estimate(pool, "synthetic_control")
    abnormal = abnormal_returns(pool, normal)
    for i, control in enumerate(synthetic_controls(pool)):
        days = [t for t in range(DAY - 260, DAY - 10) if np.isfinite(pool.returns[i, t])]
        kept = [j for j in range(8) if j not in (i, 0, 3)]
        assert control.left_out == (("S3",) if i == 0 else ("S0", "S3"))
        y, donors = pool.returns[i, days], pool.returns[np.ix_(kept, days)].T
        other = slsqp(y, donors)
        weights = np.array([control.weights.get(f"S{j}", 0.0) for j in kept])
        np.testing.assert_allclose(weights, other, atol=1e-6)
        used = [kept.index(int(name[1:])) for name in control.weights]
        assert list(control.weights.values()) == sorted(control.weights.values(), reverse=True)
        e = y - donors @ weights
        nu = len(days) - (len(used) - 1)
        assert (normal.nobs[i], normal.nu[i]) == (len(days), nu)
        np.testing.assert_allclose(normal.sigma[i], np.sqrt(sum(v * v for v in e) / nu), rtol=1e-10)
        np.testing.assert_allclose(normal.r_squared[i], 1 - e @ e / ((y - y.mean()) ** 2).sum(), rtol=1e-10)
        # The forecast term is that of least squares on the differences from the first donor.
        x = donors[:, used[1:]] - donors[:, used[:1]]
        for tau in (-10, 0, 10):
            row = pool.returns[kept, DAY + tau]
            np.testing.assert_allclose(abnormal.ar[i, tau + 10], pool.returns[i, DAY + tau] - weights @ row, rtol=1e-10)
            late = row[used[1:]] - row[used[0]]
            np.testing.assert_allclose(
                abnormal.forecast_factor()[i, tau + 10], 1 + late @ np.linalg.inv(x.T @ x) @ late, rtol=1e-8
            )
        if "S4" in control.weights:
            assert np.isnan(abnormal.ar[i, 11])
            assert abnormal.reasons(Window(0, 1))[i] is not None
    assert any("S4" in c.weights for c in synthetic_controls(pool))


def test_only_the_named_donors_are_used(pool: EventPanel) -> None:
    named = replace(pool, donors={"S0": ("S2", "S5", "S0", "S2")})
    first, second = synthetic_controls(named)
    assert set(first.weights) <= {"S2", "S5"}
    assert len(second.weights) > 2
    alone = estimate(replace(pool, donors={"S0": ("S2",), "S1": ("S2",)}), "synthetic_control")
    assert alone.design.shape == (2, 320, 0)
    np.testing.assert_array_equal(alone.nu, alone.nobs)
    with pytest.raises(SpecError, match="the donors NOPE of S0 have no returns"):
        estimate(replace(pool, donors={"S0": ("S2", "NOPE")}), "synthetic_control")


def test_an_event_without_a_combination_has_a_reason_and_the_rest_go_on(pool: EventPanel) -> None:
    returns = pool.returns.copy()
    returns[7] = returns[0]
    for changes, said in (
        ({"returns": returns}, "reproduce its returns exactly"),
        ({"donors": {"S0": ()}}, "has no donor"),
        ({"donors": {"S0": ("S3",)}}, "has no donor: S3 lack returns on its estimation days"),
        ({"returns": np.where(np.arange(8)[:, None] == 0, 0.01, returns)}, "do not vary"),
        ({"returns": np.where((np.arange(8)[:, None] == 0) & (np.arange(320) < 200), np.nan, returns)}, "has 80 of"),
    ):
        normal = estimate(replace(pool, **changes), "synthetic_control")  # type: ignore[arg-type]
        assert normal.reason[0] is not None
        assert said in normal.reason[0]
        assert normal.reason[1] is None
        assert np.isnan(normal.sigma[0])
        assert np.isfinite(normal.sigma[1])


def test_donor_placebos_by_loops(pool: EventPanel) -> None:
    returns = pool.returns.copy()
    returns[0, DAY] += 0.08
    treated = replace(pool, returns=returns)
    for window in (Window(0, 0), Window(-2, 0)):
        found = donor_placebos(treated, 0, window)

        def ratio(i: int, donors: list[int], window: Window = window) -> float:
            days = [t for t in range(DAY - 260, DAY - 10) if np.isfinite(returns[i, t])]
            donors = [j for j in donors if np.isfinite(returns[j, days]).all()]
            w = slsqp(returns[i, days], returns[np.ix_(donors, days)].T)
            before = returns[i, days] - w @ returns[np.ix_(donors, days)]
            after = [returns[i, DAY + tau] - w @ returns[donors, DAY + tau] for tau in window.taus]
            return float(np.sqrt(np.mean(np.square(after)) / np.mean(np.square(before))))

        assert found.ratio == pytest.approx(ratio(0, list(range(1, 8))), rel=1e-5)
        expected = {f"S{j}": ratio(j, [k for k in range(1, 8) if k != j]) for j in range(1, 8)}
        assert set(found.placebos) == set(expected)
        for name, value in expected.items():
            assert found.placebos[name] == pytest.approx(value, rel=1e-5)
        assert found.rank == 1 + sum(value >= found.ratio for value in expected.values())
        assert found.p == found.rank / 8
    assert donor_placebos(treated, 0, Window(0, 0)).p == 1 / 8


def test_donor_placebos_say_who_is_left_out(pool: EventPanel) -> None:
    found = donor_placebos(pool, 0, Window(0, 1))
    assert "S4" in found.left_out
    assert "lacks a return in [0, +1]" in found.left_out["S4"]
    lonely = donor_placebos(replace(pool, donors={"S0": ("S2",)}), 0, Window(0, 0))
    assert lonely.left_out == {"S2": "has no donor"}
    assert np.isnan(lonely.p)
    assert donor_placebos(replace(pool, donors={"S0": ()}), 0, Window(0, 0)).reason == "has no donor"
    with pytest.raises(WindowError, match="outside the event window"):
        donor_placebos(pool, 0, Window(0, 11))


# --------------------------------------------------------------------------------------------------- a user's own one
def broken(change: Callable[[NormalReturns], Any]) -> Callable[[EventPanel], Any]:
    def own(panel: EventPanel) -> Any:
        return change(estimate(panel, "market"))

    return own


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda n: 1 / 0, "'own' raised ZeroDivisionError: division by zero"),
        (lambda n: None, r"'own' has to return NormalReturns of 5 events, got nothing \(is a return missing\?\)"),
        (lambda n: n.params, "'own' has to return NormalReturns of 5 events, got a ndarray"),
        (lambda n: replace(n, names=None), "gives names None; it has to be one text for each parameter"),
        (lambda n: replace(n, names=("const", 1)), r"gives names \('const', 1\); it has to be one text"),
        (lambda n: replace(n, reason=(False,) * 5), "gives reason .*; it has to be 5 of them"),
        (lambda n: replace(n, params=None), "gives no params: it is an array of numbers"),
        (lambda n: replace(n, reason=()), "NormalReturns of 5 events"),
        (lambda n: replace(n, reason=None), "gives reason None; it has to be 5 of them, one for each event"),
        (lambda n: replace(n, params=n.params[:, :1]), r"params of shape \(5, 1\), expected \(5, 2\)"),
        (lambda n: replace(n, offset=n.offset[:-1]), r"offset of shape \(319,\)"),
        (lambda n: replace(n, sigma=["a"] * 5), "sigma that is not an array of numbers"),
        (lambda n: replace(n, variance=np.ones((5, 3))), r"variance of shape \(5, 3\), expected \(5, 21\)"),
        (lambda n: replace(n, sigma=n.sigma * np.nan), "no reason"),
    ],
)
def test_what_is_wrong_with_a_users_model_is_said(
    change: Callable[[NormalReturns], Any], said: str, synthetic_panel: EventPanel
) -> None:
    with pytest.raises(SpecError, match=said):
        estimate(synthetic_panel, broken(change))


def test_a_users_lists_become_arrays_that_cannot_be_written_to(synthetic_panel: EventPanel) -> None:
    def own(panel: EventPanel) -> NormalReturns:
        n = estimate(panel, "market")
        rows = {name: getattr(n, name).tolist() for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")}
        return replace(n, model="own", reason=list(n.reason), names=list(n.names), **rows)  # type: ignore[arg-type]

    found, plain = estimate(synthetic_panel, own), estimate(synthetic_panel, "market")
    np.testing.assert_array_equal(found.params, plain.params)
    assert found.fit is own
    assert found.nobs.dtype == np.int32
    assert isinstance(found.reason, tuple)
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared", "design", "offset"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(found, name)[...] = 0
    assert abnormal_returns(synthetic_panel, found).take([0, 2]).n == 2


@pytest.mark.parametrize("name", [*MARKET_BY, "synthetic_control"])
def test_an_entry_fits_the_rest(name: str, synthetic_panel: EventPanel) -> None:
    """Subsets of events, the same model again, and nothing that can be written to."""
    normal = estimate(synthetic_panel, name)
    assert normal.fit is MODELS[name].fit
    abnormal = abnormal_returns(synthetic_panel, normal)
    part = abnormal.take([3, 1])
    np.testing.assert_array_equal(part.scar(Window(-1, 1)), abnormal.scar(Window(-1, 1))[[3, 1]])
    np.testing.assert_array_equal(part.residuals(), abnormal.residuals()[[3, 1]])
    for what in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared", "design", "offset", "variance", "residuals"):
        values = getattr(normal, what)
        assert values is None or not values.flags.writeable


# ------------------------------------------------------------------------------------------------- size, by simulation
def rejections(abnormal: AbnormalReturns, sigma: np.ndarray | None = None) -> float:
    """Share of event-window days rejected at 5 % by `t`, with `sigma` in place of the model's if given."""
    kept = abnormal.estimated
    own = abnormal.normal.sigma if sigma is None else sigma
    sar = (abnormal.ar / (own[:, None] * np.sqrt(abnormal.forecast_factor())))[kept]
    return float((2 * stats.t.sf(np.abs(sar), abnormal.normal.nu[kept, None]) < 0.05).mean())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["robust", "lad"])
def test_sigma_of_all_residuals_gives_the_t_test_its_size(name: str, synthetic_panel: EventPanel) -> None:
    """5 % under normal and t(4) errors; the median absolute deviation in its place gives about 10 % under t(4)."""
    rng = np.random.default_rng(21)
    market = rng.normal(0.0003, 0.01, 320)
    for draw, by_mad in ((rng.standard_normal, (0.035, 0.07)), (lambda size: rng.standard_t(4, size), (0.08, 0.13))):
        panel = panel_of(synthetic_panel, 0.0002 + market + 0.02 * draw((150, 320)), market)
        abnormal = abnormal_returns(panel, estimate(panel, name))
        assert rejections(abnormal) == pytest.approx(0.05, abs=0.012)  # 3,150 days: three Monte Carlo errors
        mad = np.median(np.abs(abnormal.residuals()), axis=1) / stats.norm.ppf(0.75)
        assert by_mad[0] < rejections(abnormal, mad) < by_mad[1]


@pytest.mark.slow
def test_garch_knows_calm_from_storm(synthetic_panel: EventPanel) -> None:
    """The day after the estimation window, by whether its variance is high or low: SARs keep variance 1 with garch."""
    rng = np.random.default_rng(22)
    market = rng.normal(0.0003, 0.01, 320)
    errors, variance = garch_errors(rng, 300, 320, 0.25, 0.65)
    panel = panel_of(synthetic_panel, market + 0.02 * errors, market)
    storm = variance[:, DAY - 10] > np.median(variance[:, DAY - 10])
    spread = {}
    for name in ("garch", "market"):
        abnormal = abnormal_returns(panel, estimate(panel, name))
        sar = abnormal.sar()[:, 0]  # day -10, the first after the window
        kept = np.isfinite(sar)
        assert kept.mean() > 0.9
        spread[name] = [float((sar[kept & part] ** 2).mean()) for part in (~storm, storm)]
    # A mean of 140 squares of normals has a standard error of .12.
    np.testing.assert_allclose(spread["garch"], 1.0, atol=0.36)
    calm, wild = spread["market"]
    assert calm < 0.64
    assert wild > 1.36


@pytest.mark.slow
def test_synthetic_control_has_its_size(synthetic_panel: EventPanel) -> None:
    """20 donors, T = 250: the t test of one day rejects 5 % of true nulls."""
    rng = np.random.default_rng(23)
    hits = []
    for _ in range(25):
        market = rng.normal(0, 0.01, 320)
        returns = market + rng.normal(0, 0.015, (21, 320))
        panel = panel_of(synthetic_panel, returns, market)
        abnormal = abnormal_returns(panel, estimate(panel, "synthetic_control"))
        hits.append(2 * stats.t.sf(np.abs(abnormal.sar()[:, ::5]), abnormal.normal.nu[:, None]) < 0.05)
    assert np.mean(hits) == pytest.approx(0.05, abs=0.01)
