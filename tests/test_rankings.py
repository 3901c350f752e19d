"""Sums of ranks and of estimation days over many events: to the last digit those of the arrays (N, T)."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from test_scale import ESTIMATION, EVENT, SESSIONS, factor_frame, market, run, some_events

from eventstudy.inference.ranking import average_ranks, centred
from eventstudy.inference.volatility import past_squares
from eventstudy.many import reading, tally
from eventstudy.many.correlation import _standardised, _weighed
from eventstudy.many.ranks import Past
from eventstudy.many.residuals import fast_abnormal, leverage_of, residuals_of, squares_of
from eventstudy.models import MODELS
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import Layout, Window

WAYS = (False, True) if find_spec("numba") else (False,)  # compiled or not


def days(seed: int, shape: tuple[int, int], holes: float, ties: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    values[rng.random(shape) < holes] = np.nan
    return np.round(values, 1) if ties else values


@pytest.mark.parametrize("length", [1, 3, 4, 5, 21, 60])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_both_ways_to_sums_of_ranks_give_the_same_digits(length: int, ties: bool, holes: float) -> None:
    past, inside = days(1, (70, 50), holes, ties), days(2, (70, length), holes, ties)
    past[3], inside[4] = np.nan, np.nan
    rows = np.flatnonzero(np.random.default_rng(3).random(70) < 0.8).astype(np.int32)
    ranks = centred(average_ranks(np.concatenate([past, inside], axis=1)[rows]))
    here = np.isfinite(ranks)
    for fast in WAYS:
        total, count = Past(past, fast).sums(inside, rows)
        own, there = Past(past, fast).sums_inside(inside, rows)  # nothing sorted before
        np.testing.assert_array_equal(own, total[-length:])
        np.testing.assert_array_equal(there, count[-length:])
        np.testing.assert_array_equal(total, np.where(here, ranks, 0.0).sum(axis=0))
        np.testing.assert_array_equal(count, here.sum(axis=0))
        known = here.sum(axis=1)
        variance = (length * (known - length) / (12.0 * (known + 1.0))).sum()
        np.testing.assert_allclose(Past(past, fast).variance(inside, rows), variance, rtol=1e-14)


@pytest.mark.parametrize("holes", [0.0, 0.03])
def test_every_test_has_the_same_digits_with_and_without_compiled_loops(
    monkeypatch: pytest.MonkeyPatch, holes: float
) -> None:
    returns, events = market(holes=holes), some_events(900)
    found = []
    for fast in WAYS:
        monkeypatch.setattr(tally, "compiled", lambda engine, n, fast=fast: fast)
        found.append(run(returns, events, tests="all").tests())
    pd.testing.assert_frame_equal(found[0], found[-1], check_exact=True)


@pytest.mark.parametrize("model", ["market", "market_adjusted", "raw", "ff3"])
@pytest.mark.parametrize("last", [412, 130])
def test_estimation_days_taken_date_by_date_are_those_of_the_arrays(model: str, last: int) -> None:
    returns, factors = market(holes=0.02), factor_frame()
    returns["S1"] = 0.0
    returns.loc[SESSIONS[60], "S2"] = np.inf
    rng = np.random.default_rng(4)
    n, recipe = 300, MODELS[model].fit
    assert isinstance(recipe, Recipe)
    regressors = {"market": returns["^M"].to_numpy(), **{str(name): factors[name].to_numpy() for name in factors}}
    layout = Layout(
        np.ascontiguousarray(returns.to_numpy().T),
        rng.integers(0, 30, n).astype(np.int32),
        np.sort(rng.integers(100 if last == 130 else 125, last, n)).astype(np.int32),  # some windows begin too early
        Window(*ESTIMATION), Window(*EVENT), 60,
    )  # fmt: skip
    work = reading.Work(
        layout, tuple(returns.columns), SESSIONS, {name: regressors[name] for name in recipe.needs}, "simple",
        recipe, (Window(0, 0),), np.ones((1, n), np.bool_), (0,), np.full(n, -1, np.int32), 0, np.full(n, 2, np.int8),
    )  # fmt: skip
    expected = reading.read(work, slice(0, n))
    found = reading.read(work, slice(0, n))
    np.testing.assert_array_equal(residuals_of(found), expected.residuals())
    np.testing.assert_array_equal(leverage_of(found), expected.estimation_leverage())
    if len(WAYS) > 1:
        same = {"rtol": 1e-12, "atol": 1e-17}
        fast = fast_abnormal(expected.panel, expected.normal)
        np.testing.assert_allclose(fast.ar, expected.ar, **same)
        np.testing.assert_allclose(fast.sar(), expected.sar(), **same)
        residuals = residuals_of(fast, fast=True)
        np.testing.assert_allclose(residuals, expected.residuals(), **same)
        squares = squares_of(fast, residuals, fast=True)
        np.testing.assert_allclose(squares, past_squares(expected, expected.residuals()), rtol=1e-11, atol=1e-17)
    assert np.isfinite(residuals_of(found)).any(axis=1).sum() > n / 2


@pytest.mark.skipif(len(WAYS) < 2, reason="needs numba")
def test_days_alike_in_all_but_the_last_digits_are_sorted() -> None:
    rng = np.random.default_rng(8)
    past = 1.0 + rng.integers(-40, 40, (60, 70)) * 2.0**-52
    past[1] *= -1.0
    past[2, ::2], past[2, 1::2] = 0.0, -0.0
    past[3] = np.where(rng.random(70) < 0.5, 5e-324, -5e-324)
    past[4] = rng.normal(size=70) * 10.0 ** rng.integers(-300, 300, 70)
    past[rng.random(past.shape) < 0.1] = np.nan
    inside, rows = past[:, rng.permutation(70)[:5]], np.arange(60, dtype=np.int32)
    for found, expected in zip(Past(past, True).sums(inside, rows), Past(past, False).sums(inside, rows), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.skipif(len(WAYS) < 2, reason="needs numba")
@pytest.mark.parametrize("longest", [1, 3, 11, 50, 60])
def test_residuals_are_standardised_alike_by_the_compiled_loop(longest: int) -> None:
    rows = days(9, (40, 50), 0.0, False)
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(_weighed(rows, longest, back=False), _standardised(rows, longest), **close)
    back = _standardised(rows[:, ::-1], longest)[:, ::-1]
    np.testing.assert_allclose(_weighed(rows, longest, back=True), back, **close)


@pytest.mark.skipif(len(WAYS) < 2, reason="needs numba")
@pytest.mark.parametrize(("model", "holes"), [("market", 0.0), ("market", 0.01), ("ff3", 0.0), ("raw", 0.0)])
def test_every_test_is_the_same_where_many_events_are_read(
    monkeypatch: pytest.MonkeyPatch, model: str, holes: float
) -> None:
    returns, events, factors = market(holes=holes), some_events(6000).drop(columns="group"), factor_frame()
    many = run(returns, events, tests="all", model=model, factors=factors)
    cut = run(returns, events, tests="all", model=model, factors=factors, chunk=1536)
    monkeypatch.setattr(reading, "compiled", lambda engine, n: False)
    few = run(returns, events, tests="all", model=model, factors=factors)
    for other in (cut, few):
        pd.testing.assert_frame_equal(many.tests(), other.tests(), rtol=1e-10, atol=1e-12)
