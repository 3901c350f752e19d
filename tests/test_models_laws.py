"""Models beside the recipes under the process each of them describes, and their refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from panels import panel_of, random_factors, random_levels, weekdays

from eventstudy.abnormal import abnormal_returns
from eventstudy.errors import SpecError
from eventstudy.models import MODELS, Dimson, Peer, Recipe, Rolling, estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, FloatArray, NormalReturns, Window

OURS: tuple[str, ...] = ("scholes_williams", "dimson", "trade_to_trade", "rolling", "peer")
CUMULATED = Window(-2, 2)


def panel_from(returns: FloatArray, market: FloatArray, length: int, **more: object) -> EventPanel:
    """One event for each row of `returns` (S, D), on the seventh last session; a gap of one day, a window of 11."""
    s, d = returns.shape
    day, sessions = d - 7, weekdays(d)
    events = tuple(Event("e", f"S{i}", sessions[day].date()) for i in range(s))
    values: dict[str, object] = {
        "exchange": "XNYS",
        "benchmark": "market",
        "kind": "simple",
        "sessions": sessions,
        "tickers": tuple(e.ticker for e in events),
        "returns": returns,
        "regressors": {"market": market},
        "events": events,
        "day_zero": tuple(DayZero(e, day, sessions[day].date(), 0) for e in events),
        "security": np.arange(s, dtype=np.int32),
        "day": np.full(s, day, np.int32),
        "estimation": Window(-6 - length, -7),
        "event": Window(-5, 5),
        "min_obs": 20,
    }
    return EventPanel(**(values | more))  # type: ignore[arg-type]


# --------------------------------------------------------------------------- each model under its own process
LENGTH, DAYS = 60, 80


def _market(rng: np.random.Generator) -> FloatArray:
    """A market of first-order autocorrelation 0.25."""
    shocks = rng.normal(0.0, 0.01, DAYS + 50)
    out = np.zeros_like(shocks)
    for t in range(1, len(out)):
        out[t] = 0.0004 + 0.25 * out[t - 1] + shocks[t]
    return out[50:]


def _noise(rng: np.random.Generator, n: int) -> FloatArray:
    return rng.normal(0.0, 0.02, (n, DAYS))


def _synchronous(rng: np.random.Generator, n: int) -> EventPanel:
    market = _market(rng)
    return panel_from(0.0003 + 1.2 * market + _noise(rng, n), market, LENGTH)


def _led_and_lagged(rng: np.random.Generator, n: int) -> EventPanel:
    market = _market(rng)
    moved = 0.3 * np.roll(market, 1) + 0.6 * market + 0.4 * np.roll(market, -1)
    return panel_from(0.0003 + moved + _noise(rng, n), market, LENGTH)


def _traded(rng: np.random.Generator, n: int) -> EventPanel:
    """Log returns of every session, summed from trade to trade; a session has a trade with probability 0.7."""
    market = _market(rng)
    daily = 0.0003 + 1.2 * market + _noise(rng, n)
    trades = rng.random(daily.shape) < 0.7
    last = np.maximum.accumulate(np.where(trades, np.arange(DAYS), -1), axis=1)
    before = np.concatenate([np.full((n, 1), -1), last[:, :-1]], axis=1)
    level = np.cumsum(daily, axis=1)
    whole = trades & (before >= 0)
    out = np.where(whole, level - np.take_along_axis(level, np.maximum(before, 0), axis=1), np.nan)
    spans = np.where(whole, np.arange(DAYS) - before, np.nan)
    return panel_from(out, market, LENGTH, spans=spans, kind="log")


def _with_peers(rng: np.random.Generator, n: int) -> EventPanel:
    """Every security follows the same three peers, which have no event."""
    market = _market(rng)
    peers = market + rng.normal(0.0, 0.02, (3, DAYS))
    panel = panel_from(0.0003 + 0.9 * peers.mean(axis=0) + _noise(rng, n), market, LENGTH)
    beside = {"tickers": (*panel.tickers, "P", "Q", "R"), "returns": np.vstack([panel.returns, peers])}
    return replace(panel, peers=dict.fromkeys(panel.tickers, ("P", "Q", "R")), **beside)  # type: ignore[arg-type]


PROCESSES: list[tuple[object, Callable[[np.random.Generator, int], EventPanel]]] = [
    ("scholes_williams", _synchronous),
    ("dimson", _led_and_lagged),
    ("trade_to_trade", _traded),
    (Rolling(30), _synchronous),
    ("peer", _with_peers),
]


@pytest.mark.parametrize(("model", "process"), PROCESSES, ids=[getattr(m, "name", str(m)) for m, _ in PROCESSES])
def test_standardised_abnormal_returns_are_what_t_says(
    model: str, process: Callable[[np.random.Generator, int], EventPanel]
) -> None:
    """Mean 0 and variance nu / (nu - 2) for a day and for a sum of days: sigma, nu and forecast term belong together.

    5 markets of 1,000 securities; the bounds are four Monte Carlo standard errors (kurtosis of t(30): 3.2), for the
    variance of scholes_williams also the 2 / T by which its docstring has sigma^2 too large.
    """
    rng = np.random.default_rng(20)
    days, sums = [], []
    for _ in range(5):
        panel = process(rng, 1000)
        a = abnormal_returns(panel, estimate(panel, model))
        scale = np.sqrt((a.normal.nu - 2) / a.normal.nu)
        days.append(a.sar()[:, 5] * scale)
        sums.append(a.scar(CUMULATED) * scale)
        assert a.normal.reason == (None,) * 1000
    for values in (np.concatenate(days), np.concatenate(sums)):
        kept = values[np.isfinite(values)]
        assert len(kept) > 3_000
        assert abs(kept.mean()) < 4 / np.sqrt(len(kept))
        large = 1 + 2 / LENGTH if model == "scholes_williams" else 1.0
        assert abs(kept.var() * large - 1) < 4 * np.sqrt(2.4 / len(kept))


@pytest.mark.parametrize(("model", "process"), PROCESSES, ids=[getattr(m, "name", str(m)) for m, _ in PROCESSES])
def test_sigma_squared_has_the_degrees_of_freedom_it_claims(
    model: str, process: Callable[[np.random.Generator, int], EventPanel]
) -> None:
    """Mean sigma^2 and variance 2 sigma^4 / nu, over 4,000 securities; scholes_williams as its docstring says."""
    panel = process(np.random.default_rng(21), 4000)
    normal = estimate(panel, model)
    ratio = normal.sigma**2 / 0.02**2
    large = 1.0
    if model == "scholes_williams":
        r, x = panel.returns[0, 7 : 7 + LENGTH], panel.regressors["market"][7 : 7 + LENGTH]
        assert len(r) == normal.nobs[0]
        corr = np.corrcoef(x, _instrument(x))[0, 1]
        large = (LENGTH - 3 + corr**-2) / (LENGTH - 2)
        assert 1 < large < 1 + 3 / LENGTH
    assert ratio.mean() == pytest.approx(large, abs=4 * np.sqrt(2 / normal.nu.mean() / 4000))
    spread = (ratio - large) ** 2 * normal.nu / 2
    assert spread.mean() == pytest.approx(1.0, abs=4 * spread.std() / np.sqrt(4000) + 2 * (large - 1))


def _instrument(x: FloatArray) -> FloatArray:
    """Lagged, current and leading market, each in deviation from its mean and over its sum of squares."""
    z = np.zeros_like(x)
    for here, there in (
        (slice(1, None), slice(None, -1)),
        (slice(None), slice(None)),
        (slice(None, -1), slice(1, None)),
    ):
        deviation = x[there] - x[there].mean()
        z[here] += deviation / (deviation @ deviation)
    return z


# ------------------------------------------------------------------------------- what they are for: different closes
@pytest.mark.parametrize(("late", "stale"), [(0.5, 0.0), (0.3, 0.3), (0.0, 0.4)])
def test_betas_where_security_and_market_are_seen_at_different_times(late: float, stale: float) -> None:
    """A share `late` of the security's return, and `stale` of the market's, is seen a day later (true beta 1.2).

    The population value of least squares is 1.2 ((1 - late)(1 - stale) + late stale) / ((1 - stale)^2 + stale^2).
    """
    rng = np.random.default_rng(30)
    truth = rng.normal(0.0005, 0.01, 2007)
    true = 1.2 * truth + rng.normal(0.0, 0.01, (200, 2007))
    market = (1 - stale) * truth + stale * np.roll(truth, 1)
    panel = panel_from((1 - late) * true + late * np.roll(true, 1, axis=1), market, 1990)
    biased = 1.2 * ((1 - late) * (1 - stale) + late * stale) / ((1 - stale) ** 2 + stale**2)
    found = {str(m): estimate(panel, m).params[:, 1].mean() for m in ("market", "scholes_williams")}
    found["dimson"] = estimate(panel, Dimson(correction="fowler_rorke" if stale else None)).params[:, 1].mean()
    # The same 1,990 market returns lie under all 200 estimates: the error left is that of one market.
    assert found["market"] == pytest.approx(biased, abs=0.06)
    assert found["scholes_williams"] == pytest.approx(1.2, abs=0.06)
    assert found["dimson"] == pytest.approx(1.2, abs=0.06)
    if late != stale:
        assert abs(found["market"] - 1.2) > 0.15


def test_a_market_that_closes_a_day_late_is_in_the_lag() -> None:
    """R_t follows Rm_(t-1): the normal return of dimson takes it off, that of the market model cannot."""
    rng = np.random.default_rng(31)
    market = rng.normal(0.0, 0.01, 300)
    panel = panel_from(np.roll(market, 1) + rng.normal(0.0, 0.001, (5, 300)), market, 250)
    dimson, plain = (abnormal_returns(panel, estimate(panel, m)) for m in ("dimson", "market"))
    assert np.abs(dimson.ar).max() < 0.005
    assert np.abs(plain.ar).max() > 0.01


def test_rolling_follows_a_beta_that_drifts() -> None:
    """Beta rises from 0 to 2 in steps over the estimation window: its last value stands in the event window."""
    rng = np.random.default_rng(32)
    market = rng.normal(0.0, 0.01, 307)
    beta = np.where(np.arange(307) < 180, 0.0, 2.0)
    panel = panel_from(beta * market + rng.normal(0.0, 0.002, (20, 307)), market, 290)
    assert estimate(panel, Rolling(100)).params[:, 1] == pytest.approx(np.full(20, 2.0), abs=0.1)
    assert estimate(panel, "market").params[:, 1].mean() < 1.3


def test_peers_with_the_same_news_hide_it() -> None:
    """What the docstring warns of: a fall common to the group leaves no abnormal return."""
    rng = np.random.default_rng(33)
    panel = panel_from(rng.normal(0, 0.01, 300) + rng.normal(0.0, 0.002, (6, 300)), rng.normal(0, 0.01, 300), 250)
    shocked = panel.returns.copy()
    shocked[:, 293] -= 0.10
    a = abnormal_returns(replace(panel, returns=shocked), estimate(panel, "peer"))
    own = replace(panel, returns=np.where(np.arange(6)[:, None] == 0, shocked, panel.returns))
    alone = abnormal_returns(own, estimate(panel, "peer"))
    assert alone.ar[0, 5] == pytest.approx(-0.10, abs=0.01)
    # The result keeps its own design, so the shocked panel has to be estimated anew for the peers' fall to count.
    again = abnormal_returns(replace(panel, returns=shocked), estimate(replace(panel, returns=shocked), "peer"))
    assert a.ar[0, 5] == pytest.approx(-0.10, abs=0.01)
    assert abs(again.ar[0, 5]) < 0.02


# ---------------------------------------------------------------------------------------------------------- refusals
def small(model: str) -> object:
    return Rolling(20) if model == "rolling" else model


@pytest.mark.parametrize("model", OURS)
def test_each_refuses_alone_and_says_why(model: str) -> None:
    """Constant, too few, its own benchmark: each has its reason and NaN, and the one without a fault is estimated."""
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 100, ["market", "A", "B", "C", "D"])
    levels["A"] = 100.0 * 1.01 ** np.arange(100)
    levels.iloc[:56, 2] = np.nan
    levels["C"] = levels["market"] * 3
    panel, _ = panel_of(levels, {name: [80] for name in "ABCD"})
    panel = replace(panel, peers={"A": ("D",), "B": ("D",), "C": ("D",), "D": ("C",)})
    normal = estimate(panel, small(model))  # type: ignore[arg-type]
    assert normal.reason[0] == "its returns do not vary in the estimation window"
    assert str(normal.reason[1]).startswith("has 1")
    assert str(normal.reason[1]).endswith("of the 20 estimation returns needed")
    if model != "peer":
        assert "no residual variance" in str(normal.reason[2])
    assert normal.reason[3] is None
    refused = np.array([reason is not None for reason in normal.reason])
    for values in (normal.params, normal.sigma, normal.nu, normal.xtx_inv, normal.r_squared):
        assert np.isnan(values[refused]).all()
        assert np.isfinite(values[~refused]).all()
    a = abnormal_returns(panel, normal)
    assert np.isnan(a.ar[refused]).all()
    assert np.isfinite(a.ar[3]).all() or model == "dimson"


@pytest.mark.parametrize("model", [m for m in OURS if m != "peer"])
def test_a_market_that_is_flat_or_absent(model: str) -> None:
    levels = random_levels(np.random.default_rng(0), 100, ["market", "A", "B"])
    levels.iloc[10:80, 0] = levels.iloc[10, 0] * 1.003 ** np.arange(70)
    panel, _ = panel_of(levels, {"A": [80], "B": [80]})
    flat = estimate(panel, small(model))  # type: ignore[arg-type]
    assert all("market does not vary in the" in str(reason) for reason in flat.reason)
    gone = np.full_like(panel.regressors["market"], np.nan)
    none = estimate(replace(panel, regressors={"market": gone}), small(model))  # type: ignore[arg-type]
    assert none.reason == ("has 0 of the 20 estimation returns needed",) * 2
    with pytest.raises(SpecError, match=f"model '.*{model}.*' needs market; the panel has rf"):
        estimate(replace(panel, regressors={"rf": gone}), small(model))  # type: ignore[arg-type]


@pytest.mark.parametrize("model", OURS)
def test_no_events_and_one(model: str) -> None:
    levels = random_levels(np.random.default_rng(0), 100, ["market", "A", "B"])
    for days in ([], [80]):
        panel, _ = panel_of(levels, {"A": days, "B": days[:0]})
        beside = replace(panel, tickers=("A", "B"), returns=random_levels_returns(levels))
        normal = estimate(beside, small(model))  # type: ignore[arg-type]
        assert normal.params.shape == (len(days), len(normal.names))
        assert len(normal.reason) == len(days)
        assert abnormal_returns(beside, normal).ar.shape == (len(days), 11)


def random_levels_returns(levels: pd.DataFrame) -> FloatArray:
    return np.ascontiguousarray(levels[["A", "B"]].pct_change(fill_method=None).to_numpy().T)


@pytest.mark.parametrize("model", OURS)
def test_an_estimate_can_be_made_again_on_other_events(model: str) -> None:
    """``fit`` and ``take``: an event alone has the numbers it has among the others."""
    levels = random_levels(np.random.default_rng(3), 150, ["market", *"ABC"], holes=0.02)
    panel, _ = panel_of(levels, {name: [90, 130] for name in "ABC"})
    whole = abnormal_returns(panel, estimate(panel, small(model)))  # type: ignore[arg-type]
    part = whole.take([4, 1])
    assert part.normal.fit is not None
    again = part.normal.fit(part.panel)
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_allclose(getattr(again, name), getattr(part.normal, name), rtol=1e-13)
    np.testing.assert_allclose(
        abnormal_returns(part.panel, again).residuals(), part.residuals(), rtol=1e-12, atol=1e-16
    )
    for values in (again.params, again.design, again.sigma):
        assert not values.flags.writeable


@pytest.mark.parametrize("model", OURS)
def test_abnormal_returns_turn_with_the_sign_and_add_over_windows(model: str) -> None:
    levels = random_levels(np.random.default_rng(9), 150, ["market", *"ABC"])
    panel, _ = panel_of(levels, {name: [90, 130] for name in "ABC"})
    turned = replace(panel, returns=-panel.returns, regressors={"market": -panel.regressors["market"]})
    a, b = (abnormal_returns(p, estimate(p, small(model))) for p in (panel, turned))  # type: ignore[arg-type]
    np.testing.assert_allclose(a.ar, -b.ar, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(a.sar(), -b.sar(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(a.car(Window(-5, 0)) + a.car(Window(1, 5)), a.car(Window(-5, 5)), atol=1e-14)
    scaled = replace(panel, returns=100 * panel.returns, regressors={"market": 100 * panel.regressors["market"]})
    percent = abnormal_returns(scaled, estimate(scaled, small(model)))  # type: ignore[arg-type]
    np.testing.assert_allclose(percent.scar(Window(-1, 1)), a.scar(Window(-1, 1)), rtol=1e-9)
    np.testing.assert_allclose(percent.ar, 100 * a.ar, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------- columns and functions of one's own
def test_columns_of_ones_own() -> None:
    rng = np.random.default_rng(4)
    levels = random_levels(rng, 100, ["market", "A"])
    gold = random_factors(rng, pd.DatetimeIndex(levels.index), ["gold", "oil"])
    panel, _ = panel_of(levels, {"A": [80]}, gold)
    spread = Recipe("spread", "a + b (Gold - Oil)", columns=(("gold", "oil"), "market"))
    assert estimate(panel, spread).names == ("const", "gold - oil", "market")
    assert estimate(panel, "factors").names == ("const", "gold", "oil")
    without_rate = replace(panel, regressors={k: v for k, v in panel.regressors.items() if k != "rf"})
    assert estimate(without_rate, Recipe("all", "a + b'F", columns=None)).names == ("const", "gold", "oil")
    with pytest.raises(SpecError, match="'factors' needs rf; the panel has market, gold, oil"):
        estimate(without_rate, "factors")
    with pytest.raises(SpecError, match="'silver' needs silver; the panel has market, gold, oil, rf"):
        estimate(panel, Recipe("silver", "a + b S", columns=("silver",)))
    with pytest.raises(SpecError, match="are a tuple of names, got 'gold'"):
        Recipe("one", "a + b G", columns="gold")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="a name or a pair of names, got"):
        Recipe("three", "a + b G", columns=(("gold", "oil", "rf"),))  # type: ignore[arg-type]


def _wrong(**changes: object) -> Callable[[EventPanel], NormalReturns]:
    def mine(panel: EventPanel) -> NormalReturns:
        return replace(estimate(panel, "market"), **changes)  # type: ignore[arg-type]

    return mine


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda panel: None, "has to return NormalReturns of 1 events, got nothing"),
        (_wrong(reason=(None, None)), "NormalReturns of 1 events, got 2 of them"),
        (_wrong(params=np.zeros(2)), r"'mine' returns params of shape \(2,\), expected \(1, 2\)"),
        (_wrong(design=np.zeros((3, 2))), r"design of shape \(3, 2\), expected \(100, 2\) or \(1, 100, 2\)"),
        (_wrong(names=("const",)), r"returns params of shape \(1, 2\), expected \(1, 1\)"),
        (_wrong(residuals=np.zeros((1, 3))), r"residuals of shape \(1, 3\), expected \(1, 55\)"),
        (_wrong(variance=np.zeros((1, 3))), r"variance of shape \(1, 3\), expected \(1, 11\)"),
        (_wrong(sigma=np.array([0.0])), r"gives event 0 \(A\) no reason, and yet"),
        (_wrong(params=np.array([[np.nan, 1.0]])), r"parameters that are not finite"),
    ],
)
def test_a_function_of_ones_own_that_returns_something_else(model: object, said: str) -> None:
    panel, _ = panel_of(random_levels(np.random.default_rng(4), 100, ["market", "A"]), {"A": [80]})
    with pytest.raises(SpecError, match=said):
        estimate(panel, model)  # type: ignore[arg-type]


def test_a_model_that_is_none() -> None:
    panel, _ = panel_of(random_levels(np.random.default_rng(4), 100, ["market", "A"]), {"A": [80]})
    with pytest.raises(SpecError, match="a name, a Recipe or a function of a panel, got 3"):
        estimate(panel, 3)  # type: ignore[arg-type]
    assert set(OURS) <= set(MODELS)
    assert estimate(panel, Peer()).reason[0] is not None
