"""The engine for many events against a regression of statsmodels each, and its two forms against each other."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from panels import panel_of, random_factors, random_levels, weekdays

from eventstudy.abnormal import abnormal_returns
from eventstudy.engine import kernel, threads
from eventstudy.engine.kernel import Engine, measure
from eventstudy.engine.measured import Measured, Outputs
from eventstudy.engine.table import fit_table
from eventstudy.errors import WindowError
from eventstudy.inference.sliding import sliding_fits
from eventstudy.models import estimate
from eventstudy.objects.estimation import Layout, Window

ENGINES: tuple[Engine, ...] = ("numpy", "numba")
WINDOWS = [Window(0, 0), Window(-1, 1), Window(-3, 4)]


def setting(
    k: int, holes: float, seed: int = 0, days: int = 140, offsets: bool = False, more: int = 0
) -> tuple[Layout, Any, Any]:
    """6 securities, some dates shared by all and some by few, windows cut short at both ends of the history; `more`
    events anywhere, so that their windows overlap."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0, 0.006, (days, 1))
    design = np.column_stack([np.ones(days), common + rng.normal(0.0004, 0.008, (days, k))])
    offset = rng.uniform(1e-4, 3e-4, days) * offsets
    returns = rng.uniform(0.2, 1.8, (6, 1)) * common.T + rng.normal(0.0, 0.02, (6, days))
    returns[rng.random(returns.shape) < holes] = np.nan
    if holes:
        design[rng.integers(0, days, 2), 1:] = np.nan
        offset[rng.integers(0, days, 1)] = np.nan
        returns[2, 5] = np.inf
    day = np.concatenate([np.repeat([70, 90, 110], 6), rng.integers(8, days, 26 + more)]).astype(np.int32)
    security = np.concatenate([np.tile(np.arange(6), 3), rng.integers(0, 6, 26 + more)]).astype(np.int32)
    return Layout(returns, security, day, Window(-60, -6), Window(-5, 5), 12), design, offset


def by_statsmodels(layout: Layout, design: Any, offset: Any, constant: bool, i: int) -> dict[str, Any] | None:
    """What event `i` should give, in plain loops around one regression; None where there are too few returns."""
    p, t0 = design.shape[1], int(layout.day[i])
    y = layout.returns[layout.security[i]] - offset

    def known(t: int) -> bool:
        return 0 <= t < len(y) and bool(np.isfinite(y[t]) and np.isfinite(design[t]).all())

    used = [t for t in (t0 + tau for tau in layout.estimation.taus) if known(t)]
    if len(used) < max(layout.min_obs, max(p, 1) + 1):
        return None
    if p:
        fit = sm.OLS(y[used], design[used]).fit(method="qr")
        params, covariance, residuals = fit.params, fit.normalized_cov_params, fit.resid
        sigma, r_squared = np.sqrt(fit.scale), fit.rsquared
    else:
        params, covariance, residuals = np.empty(0), np.empty((0, 0)), y[used] - y[used].mean()
        sigma, r_squared = y[used].std(ddof=1), np.nan
    ar, sar = [], []
    for t in (t0 + tau for tau in layout.event.taus):
        ar.append(y[t] - design[t] @ params if known(t) else np.nan)
        c = 1.0 + design[t] @ covariance @ design[t] if known(t) else np.nan
        sar.append(ar[-1] / (sigma * np.sqrt(c)))
    car, scar = [], []
    for window in WINDOWS:
        taus = list(window.taus)
        whole = all(known(t0 + tau) for tau in taus)
        car.append(sum(ar[tau - layout.event.start] for tau in taus))
        s = sum(design[t0 + tau] for tau in taus) if whole else np.full(p, np.nan)
        scar.append(car[-1] / (sigma * np.sqrt(len(taus) + s @ covariance @ s)) if whole else np.nan)
    n = len(used)
    out = {"params": params, "sigma": sigma, "nobs": n, "nu": n - max(p, 1), "r_squared": r_squared}
    return out | {"ar": ar, "sar": sar, "car": car, "scar": scar, "positive": (residuals > 0).mean()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("k", range(7))
def test_against_statsmodels(k: int, holes: float, engine: Engine) -> None:
    layout, design, offset = setting(k, holes, seed=k, offsets=k % 2 == 1)
    for constant in (True, False) if k < 3 else (True,):
        columns = design if constant else design[:, 1:]
        found = measure(layout, columns, offset, constant, WINDOWS, "full", engine)
        check_against_statsmodels(found, layout, columns, offset, constant, range(len(layout.day)))


def check_against_statsmodels(
    found: Measured, layout: Layout, columns: Any, offset: Any, constant: bool, events: Any
) -> None:
    estimated = 0
    for i in events:
        wanted = by_statsmodels(layout, columns, offset, constant, i)
        if wanted is None:
            assert found.refusal[i] == 1
            assert np.isnan([found.sigma[i], *found.car[i], *found.scar[i], *found.ar[i]]).all()
            continue
        estimated += 1
        assert found.refusal[i] == 0
        for name, value in wanted.items():
            atol = 1e-12 if name in ("sar", "scar") else 1e-14
            np.testing.assert_allclose(getattr(found, name)[i], value, 1e-10, atol, err_msg=f"{name} of {i}")
    assert estimated > 25


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("k", [0, 1, 3, 6])
def test_running_sums_against_statsmodels(k: int, holes: float, engine: Engine) -> None:
    """Securities with hundreds of events each: sums over all windows at once."""
    layout, design, offset = setting(k, holes, seed=k, offsets=k % 2 == 0, more=1500)
    for constant in (True, False) if k in (1, 3) else (True,):
        columns = design if constant else design[:, 1:]
        found = measure(layout, columns, offset, constant, WINDOWS, "full", engine)
        check_against_statsmodels(found, layout, columns, offset, constant, range(0, len(layout.day), 31))


@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("k", [0, 1, 3, 6])
def test_many_ways_to_the_same_numbers(k: int, holes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """By dates from residuals, by running sums, compiled, with and without threads."""
    layout, design, offset = setting(k, holes, seed=20 + k, offsets=True, more=1500)

    def found(engine: Engine, signs: bool = True) -> Measured:
        return measure(layout, design, offset, True, WINDOWS, "full", engine, signs)

    quick = [found("numpy"), found("numba")]
    monkeypatch.setattr(kernel, "DENSE", np.inf)
    monkeypatch.setattr(kernel, "HOLED", np.inf)
    by_dates = found("numpy", signs=False)
    monkeypatch.setattr(threads, "SERIAL", 0)
    monkeypatch.setattr(threads, "workers", lambda: 3)
    assert all(getattr(by_dates, f.name) is None or np.array_equal(
        getattr(by_dates, f.name), getattr(found("numpy", signs=False), f.name), equal_nan=True
    ) for f in fields(Measured))  # fmt: skip
    slow = found("numpy")
    for other in quick:
        agree(slow, other)
    assert by_dates.positive is None
    agree(replace(slow, positive=None), by_dates)


def agree(left: Measured, right: Measured, rtol: float = 1e-12) -> None:
    for field in fields(Measured):
        a, b = getattr(left, field.name), getattr(right, field.name)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-14, err_msg=field.name)


@pytest.mark.parametrize("outputs", ["car", "ar", "full"])
@pytest.mark.parametrize("k", [0, 1, 3, 6])
def test_the_two_engines_agree(k: int, outputs: Outputs) -> None:
    layout, design, offset = setting(k, 0.02, seed=10 + k, offsets=True)
    several = [measure(layout, design, offset, True, WINDOWS, outputs, engine) for engine in ENGINES]
    agree(*several)
    assert (several[0].ar is None) == (outputs == "car")
    assert (several[0].sar is None) == (outputs != "full")


@pytest.mark.parametrize("engine", ENGINES)
def test_events_of_a_slice_get_the_numbers_of_the_whole(engine: Engine) -> None:
    layout, design, offset = setting(2, 0.02)
    whole = measure(layout, design, offset, True, WINDOWS, "full", engine)
    for rows in (np.arange(5, 25), np.arange(44)[::-1], np.array([3]), np.array([], dtype=int)):
        part = replace(layout, security=layout.security[rows], day=layout.day[rows])
        cut = {f.name: getattr(whole, f.name)[rows] for f in fields(Measured)}
        agree(measure(part, design, offset, True, WINDOWS, "full", engine), Measured(**cut))


@pytest.mark.parametrize("more", [0, 1500])
@pytest.mark.parametrize("engine", ENGINES)
def test_an_absurd_value_spoils_nothing(engine: Engine, more: int) -> None:
    """A return of 1e6: exact where it is in the window, and not a digit anywhere else."""
    layout, design, offset = setting(1, 0.0, more=more)
    clean = measure(layout, design, offset, True, WINDOWS, "full", engine)
    returns = layout.returns.copy()
    returns[3, 60] = 1e6
    wild = replace(layout, returns=returns)
    dirty = measure(wild, design, offset, True, WINDOWS, "full", engine)
    apart = layout.day - 60
    touched = (layout.security == 3) & (apart >= -5) & (apart <= 60)
    assert touched.any()
    np.testing.assert_array_equal(dirty.scar[~touched], clean.scar[~touched])
    for i in np.flatnonzero(touched)[:60]:
        wanted = by_statsmodels(wild, design, offset, True, i)
        if wanted is not None:
            scale = max(1.0, float(np.abs(wanted["params"]).max()))
            for name in ("sigma", "params", "car"):
                value = getattr(dirty, name)[i]
                np.testing.assert_allclose(value, wanted[name], rtol=1e-10, atol=1e-12 * scale, err_msg=name)
            np.testing.assert_allclose(dirty.scar[i], wanted["scar"], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize(
    ("what", "code"),
    [("constant returns", 2), ("zero returns", 2), ("constant column", 3), ("collinear", 3), ("nearly collinear", 3),
     ("itself", 4), ("infinite", 1)],
)  # fmt: skip
def test_refusals(what: str, code: int, holes: bool, engine: Engine) -> None:
    rng = np.random.default_rng(3)
    layout, design, offset = setting(2, 0.0)
    returns, design = layout.returns.copy(), design.copy()
    if what == "constant returns":
        returns[1] = 0.003
    elif what == "zero returns":
        returns[1] = 0.0
    elif what == "constant column":
        design[:, 2] = 0.01 * (1 + 1e-13 * rng.normal(size=len(design)))
    elif what.endswith("collinear"):
        noise = 1e-9 if what == "nearly collinear" else 0.0
        design[:, 2] = 3.0 * design[:, 1] + 0.001 + noise * rng.normal(size=len(design))
    elif what == "itself":
        returns[1] = 2.0 * design[:, 1] - 0.5 * design[:, 2] + 0.001
    else:
        returns[1, ::2] = np.inf
        layout = replace(layout, min_obs=40)
    if holes:
        returns[:, 7::9] = np.nan
    layout = replace(layout, returns=returns, security=np.ones(8, np.int32), day=np.arange(70, 78).astype(np.int32))
    found = measure(layout, design, offset, True, WINDOWS, "full", engine)
    assert found.refusal.tolist() == [code] * 8
    for name in ("params", "sigma", "nu", "r_squared", "ar", "sar", "car", "scar", "positive"):
        assert np.isnan(getattr(found, name)).all(), name


@pytest.mark.parametrize("engine", ENGINES)
def test_constant_returns_are_seen_through_an_offset(engine: Engine) -> None:
    layout, design, offset = setting(1, 0.0, offsets=True)
    returns = layout.returns.copy()
    returns[0], returns[1] = 0.002, offset
    layout = replace(layout, returns=returns)
    found = measure(layout, design[:, :0], offset, False, WINDOWS, "full", engine)
    late = layout.day >= 66
    assert set(found.refusal[late & (layout.security == 0)]) == {2}
    assert set(found.refusal[late & (layout.security == 1)]) == {4}
    assert set(found.refusal[late & (layout.security > 1)]) == {0}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", ["market", "capm", "ff3", "market_adjusted", "raw", "mean_adjusted"])
def test_what_abnormal_returns_has(model: str, engine: Engine) -> None:
    """The same numbers, and NaN on the same days, as the objects of a study."""
    rng = np.random.default_rng(8)
    levels = random_levels(rng, 150, ["market", *"ABCD"], holes=0.02)
    factors = random_factors(rng, weekdays(150), ["mkt_rf", "smb", "hml"], holes=0.01)
    panel, _ = panel_of(levels, {name: [15, 70, 90, 110, 148] for name in "ABCD"}, factors)
    normal = estimate(panel, model)
    ar = abnormal_returns(panel, normal)
    layout = Layout(panel.returns, panel.security, panel.day, panel.estimation, panel.event, panel.min_obs)
    constant = normal.names[:1] == ("const",)
    found = measure(layout, normal.design, normal.offset, constant, WINDOWS, "full", engine)
    tight = {"rtol": 1e-11, "atol": 1e-14}
    np.testing.assert_allclose(found.ar, ar.ar, **tight)
    np.testing.assert_allclose(found.sar, ar.sar(), **tight)
    np.testing.assert_allclose(found.car, np.stack([ar.car(w) for w in WINDOWS], axis=1), **tight)
    np.testing.assert_allclose(found.scar, np.stack([ar.scar(w) for w in WINDOWS], axis=1), **tight)
    residuals = ar.residuals()
    if model not in ("market_adjusted", "raw"):  # their residuals are not about their mean
        share = (residuals > 0).sum(axis=1) / np.maximum(np.isfinite(residuals).sum(axis=1), 1)
        np.testing.assert_allclose(found.positive, np.where(ar.estimated, share, np.nan))


@pytest.mark.parametrize("model", ["market", "ff3", "raw"])
def test_a_study_of_many_events_is_estimated_by_numba(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    levels = random_levels(rng, 200, ["market", *"ABCD"], holes=0.01)
    factors = random_factors(rng, weekdays(200), ["mkt_rf", "smb", "hml"])
    panel, _ = panel_of(levels, {name: list(range(10, 190, 3)) for name in "ABCD"}, factors)
    by_numpy = estimate(panel, model)
    monkeypatch.setattr(kernel, "MANY", 1)
    by_numba = estimate(panel, model)
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_allclose(getattr(by_numba, name), getattr(by_numpy, name), rtol=1e-11, atol=1e-14)
    assert by_numba.reason == by_numpy.reason
    assert None in by_numpy.reason
    assert by_numpy.reason.count(None) < panel.n_events


def test_threads_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.engine import fast

    layout, design, offset = setting(2, 0.01)
    alone = measure(layout, design, offset, True, WINDOWS, "full", "numba")
    monkeypatch.setattr(threads, "SERIAL", 0)
    monkeypatch.setattr(fast, "_PIECE", 7)
    monkeypatch.setattr(threads, "workers", lambda: 3)
    together = measure(layout, design, offset, True, WINDOWS, "full", "numba")
    for field in fields(Measured):
        np.testing.assert_array_equal(getattr(alone, field.name), getattr(together, field.name))


def test_a_window_outside_the_event_window() -> None:
    layout, design, offset = setting(1, 0.0)
    with pytest.raises(WindowError, match="lies outside the event window"):
        measure(layout, design, offset, True, [Window(-6, 0)])


def test_numba_is_not_loaded_for_few_events() -> None:
    code = """
import sys
import numpy as np
from eventstudy.objects.estimation import Layout, Window
from eventstudy.engine.kernel import measure
r = np.random.default_rng(0).normal(size=(1, 100))
layout = Layout(r, np.zeros(9, np.int32), np.arange(80, 89, dtype=np.int32), Window(-60, -6), Window(-5, 5), 12)
measure(layout, np.ones((100, 1)), np.zeros(100), True, [Window(0, 0)])
sys.exit("numba" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_without_a_place_for_its_cache_numba_compiles_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.engine import arithmetic

    asked = []

    def njit(cache: bool = False, **options: object) -> Any:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(arithmetic.numba, "njit", njit)
    assert arithmetic.compiled(len) is len
    assert asked == [True, False]


def test_an_absurd_value_costs_the_sliding_estimates_no_date_and_no_digit() -> None:
    """Running sums lose every digit to a return of 1e6; the engine, window by window, does not."""
    panel, _ = panel_of(
        random_levels(np.random.default_rng(11), 200, ["market", *"ABC"]), {name: [150] for name in "ABC"}
    )
    returns = panel.returns.copy()
    returns[1, 40] = 1e6
    panel = replace(panel, returns=returns)
    dates = np.arange(40, 140, dtype=np.int32)  # no estimation window reaches the event's own
    normal = estimate(panel)
    car, scar = sliding_fits(abnormal_returns(panel, normal), dates).sums(Window(-1, 1))
    rows = np.repeat(panel.security, len(dates)), np.tile(dates, 3)
    layout = Layout(returns, *rows, panel.estimation, panel.event, panel.min_obs)
    found = measure(layout, normal.design, normal.offset, True, [Window(-1, 1)], "car", "numpy")
    assert np.isfinite(found.car).all()
    np.testing.assert_allclose(scar.ravel(), found.scar[:, 0], rtol=1e-10, atol=1e-12)
    clean = np.abs(found.car[:, 0]) < 1.0
    np.testing.assert_allclose(car.ravel()[clean], found.car[clean, 0], rtol=1e-10, atol=1e-12)


# ------------------------------------------------------------------------------------------------- one table of days
@pytest.mark.parametrize("k", [0, 1, 4])
def test_a_table_of_days_is_fitted_as_by_statsmodels(k: int) -> None:
    rng = np.random.default_rng(k)
    x = np.column_stack([np.ones(60), rng.normal(0.0, 0.01, (60, k))])
    y = rng.normal(0.0, 0.02, (60, 3))
    found = fit_table(y, x)
    assert found is not None
    for j in range(3):
        fit = sm.OLS(y[:, j], x).fit()
        np.testing.assert_allclose(found.params[:, j], fit.params, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(found.residuals[:, j], fit.resid, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found.xtx_inv, fit.normalized_cov_params, rtol=1e-10)
    np.testing.assert_allclose(found.leverage, fit.get_influence().hat_matrix_diag, rtol=1e-10)


def test_a_table_whose_columns_depend_on_each_other_has_no_fit() -> None:
    x = np.column_stack([np.ones(9), np.arange(9.0), 1.0 + np.arange(9.0)])
    assert fit_table(np.ones((9, 1)), x) is None
    assert fit_table(np.ones((2, 1)), np.ones((2, 3))) is None
