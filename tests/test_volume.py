"""Abnormal volume: log volumes through the same door, against statsmodels and a calculation by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import settings_of

from eventstudy import Study
from eventstudy.errors import SpecError
from eventstudy.inference import TESTS as ALL
from eventstudy.objects.estimation import Event, Window
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.settings import Settings
from eventstudy.report.serialize import TABLES
from eventstudy.study.volume import LARGEST_SIZE, SIZES, TESTS, log_volume, placed, volume_panel, volume_results

TODAY = Window(0, 0)
NAMES = ("AAA", "BBB", "CCC", "DDD")
DAY = 290


@pytest.fixture
def prices(synthetic_prices: PricePanel) -> PricePanel:
    """The synthetic prices with log volumes that follow a market's, and an index with volumes of its own."""
    rng = np.random.default_rng(21)
    sessions = synthetic_prices.close.index
    market = rng.normal(0, 0.3, len(sessions))
    logs = {name: 12 + i + (0.5 + i / 4) * market + rng.normal(0, 0.4, len(sessions)) for i, name in enumerate(NAMES)}
    volume = np.exp(pd.DataFrame({**logs, "^IDX": 15 + market}, index=sessions))
    level = synthetic_prices.close["AAA"] * 0 + 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(sessions))))
    close = synthetic_prices.close[list(NAMES)].assign(**{"^IDX": level})
    return dataclasses.replace(
        synthetic_prices,
        close=close,
        adj_close=close.copy(),
        volume=volume,
        exchange={**synthetic_prices.exchange, "^IDX": "XNYS"},
        currency={**synthetic_prices.currency, "^IDX": "USD"},
    )


def settings(prices: PricePanel, **changes: Any) -> Settings:
    day = prices.close.index[DAY].date()
    values: Mapping[str, Any] = {
        "events": tuple(Event("news", name, day) for name in NAMES),
        "tickers": NAMES,
        "groups": {"all": NAMES},
        "benchmarks": {"default": "^IDX"},
        "estimation": Window(-260, -11),
        "event": Window(-10, 10),
        "windows": (TODAY, Window(-1, 1)),
        "min_obs": 175,
        "headline_event": "news",
        "headline_group": "all",
    }
    return settings_of(**{**values, **changes})


def with_volume(prices: PricePanel, name: str, values: Any) -> PricePanel:
    return dataclasses.replace(prices, volume=prices.volume.assign(**{name: values}))


# -------------------------------------------------------------------------------------------------------- the numbers
def test_the_market_model_on_log_volumes(prices: PricePanel) -> None:
    (found,), issues = volume_results(settings(prices), prices)
    assert issues == []
    logs = np.log(prices.volume.to_numpy())
    days = np.arange(DAY - 260, DAY - 10)
    x = sm.add_constant(logs[:, 4])
    for i, name in enumerate(NAMES):
        fit = sm.OLS(logs[days, i], x[days]).fit()
        forecast = fit.get_prediction(x[[DAY]])
        assert found.abnormal.car(TODAY)[i] == pytest.approx(logs[DAY, i] - forecast.predicted_mean[0], rel=1e-9)
        assert found.abnormal.car_se(TODAY)[i] == pytest.approx(forecast.se_obs[0], rel=1e-9)
        t = found.find(name, TODAY, "t")
        assert t is not None
        assert t.statistic == pytest.approx((logs[DAY, i] - forecast.predicted_mean[0]) / forecast.se_obs[0], rel=1e-9)
    assert (found.event, found.benchmark, found.model, found.exchange) == ("news", "^IDX", "market", "XNYS")


def test_against_its_own_mean(prices: PricePanel) -> None:
    (found,), _ = volume_results(settings(prices, volume="mean"), prices)
    logs = np.log(prices.volume["BBB"].to_numpy())
    past = logs[DAY - 260 : DAY - 10]
    assert (found.model, found.benchmark) == ("mean_adjusted", None)
    assert found.abnormal.car(TODAY)[1] == pytest.approx(logs[DAY] - past.mean(), rel=1e-10)
    assert found.abnormal.car_se(TODAY)[1] == pytest.approx(past.std(ddof=1) * math.sqrt(1 + 1 / 250), rel=1e-10)


def test_twice_the_volume_is_log_two(prices: PricePanel) -> None:
    doubled = prices.volume["CCC"].copy()
    doubled.iloc[DAY] *= 2
    before, after = (volume_results(settings(prices), p)[0][0] for p in (prices, with_volume(prices, "CCC", doubled)))
    change = after.abnormal.car(TODAY) - before.abnormal.car(TODAY)
    np.testing.assert_allclose(change, [0, 0, math.log(2), 0], atol=1e-12)


def test_turnover_differs_from_volume_by_the_changes_of_the_number_of_shares(prices: PricePanel) -> None:
    same = pd.DataFrame({"AAA": 1e9}, index=prices.volume.index)
    plain, divided = (volume_panel(settings(prices), prices, "news", "XNYS", s)[0] for s in (None, same))
    assert plain is not None
    assert divided is not None
    np.testing.assert_allclose(plain.returns[0] - divided.returns[0], math.log(1e9), rtol=1e-12)
    np.testing.assert_array_equal(plain.returns[1:], divided.returns[1:])
    days = pd.to_datetime(["2025-01-23", "2025-01-24", "2025-01-27"])
    traded = pd.DataFrame({"A": [10.0, 10.0, 10.0]}, index=days)
    halved = pd.DataFrame({"A": [100.0, 50.0, np.nan]}, index=days)
    values = log_volume(traded, days, halved).values["A"].tolist()
    assert values[:2] == pytest.approx([math.log(0.1), math.log(0.2)], rel=1e-12)
    assert math.isnan(values[2])


def test_log_values_are_not_compounded(prices: PricePanel) -> None:
    (found,), _ = volume_results(settings(prices), prices)
    with pytest.raises(SpecError, match="simple returns"):
        found.abnormal.bhar(TODAY)


# --------------------------------------------------------------------------------------------------------- what lacks
def test_zero_volume_is_missing(prices: PricePanel) -> None:
    idle = prices.volume["AAA"].copy()
    idle.iloc[[100, DAY]] = [0.0, np.nan]
    (found,), issues = volume_results(settings(prices), with_volume(prices, "AAA", idle))
    assert math.isnan(found.abnormal.car(TODAY)[0])
    assert found.normal.nobs[0] == 249
    assert [(i.code, i.ticker) for i in issues] == [("volume_missing_on_day_zero", "AAA")]
    t = found.find("AAA", TODAY, "t")
    assert t is not None
    assert "missing" in str(t.reason)


def test_a_security_or_a_benchmark_without_volume(prices: PricePanel) -> None:
    (found,), issues = volume_results(settings(prices), with_volume(prices, "BBB", np.nan))
    assert found.panel.event_tickers == ("AAA", "CCC", "DDD")
    assert found.groups["all"] == ("AAA", "CCC", "DDD")
    assert [(i.code, i.ticker) for i in issues] == [("no_volume", "BBB")]
    (found,), issues = volume_results(settings(prices), with_volume(prices, "^IDX", 0.0))
    assert (found.model, found.benchmark) == ("mean_adjusted", None)
    assert [(i.code, i.ticker) for i in issues] == [("no_benchmark_volume", "^IDX")]


def test_no_volume_at_all_or_not_wanted(prices: PricePanel) -> None:
    empty = dataclasses.replace(prices, volume=prices.volume * np.nan)
    found, issues = volume_results(settings(prices), empty)
    assert found == ()
    assert {i.code for i in issues} == {"no_volume", "no_benchmark_volume"}
    assert volume_results(settings(prices, volume="none"), prices) == ((), [])


def test_constant_volume_is_refused_with_the_reason(prices: PricePanel) -> None:
    flat = dataclasses.replace(prices, volume=prices.volume * 0 + 1e6)
    found, issues = volume_results(settings(prices), flat)
    assert found == ()
    assert {i.code for i in issues} == {"volume_not_estimated"}
    assert len(issues) == 4


# ------------------------------------------------------------------------------------------------------- which to trust
def test_front_and_warnings_follow_the_measured_sizes(prices: PricePanel) -> None:
    (found,), _ = volume_results(settings(prices), prices)
    for finding in found.tests:
        result = finding.result
        size = SIZES[result.test][result.window.length]
        assert finding.front == (size <= LARGEST_SIZE)
        assert "log volume" in result.null
        if result.reason is None:
            assert (result.warning is None) == finding.front
            assert finding.front or f"{size:g}%" in str(result.warning)
    assert set(TESTS) <= set(ALL)
    fronts = {f.result.test for f in found.tests if f.front and f.result.window.length == 3}
    assert fronts == {"placebo", "placebo_portfolio", "adjusted_bmp_t"}
    assert "autocorrelated" in found.why["all"]


def test_a_length_between_takes_the_next_longer_and_beyond_the_longest_nothing_is_in_front(prices: PricePanel) -> None:
    wide = settings(prices, windows=(Window(0, 3), Window(-10, 10)), event=Window(-10, 20))
    (found,), _ = volume_results(wide, prices)
    four = next(f for f in found.tests if f.result.test == "t" and f.result.window == Window(0, 3))
    assert f"{SIZES['t'][6]:g}%" in str(four.result.warning)
    longer = dataclasses.replace(four, result=dataclasses.replace(four.result, window=Window(-10, 20)))
    assert not placed(longer).front
    assert "not measured" in str(placed(longer).result.warning)


def test_a_study_holds_and_writes_its_volume(prices: PricePanel) -> None:
    day = prices.close.index[DAY].date()
    study = Study(prices=prices, events=day, tickers=NAMES[:3], benchmark="^IDX", tests=("t",), groups={"g": NAMES[:3]})
    result = study.run()
    (found,) = result.volume
    logs = np.log(prices.volume["AAA"].to_numpy())
    assert np.isfinite(found.abnormal.car(TODAY)).all()
    rows = TABLES["volume_windows"](result)
    mine = next(r for r in rows if r["ticker"] == "AAA" and r["window"] == [0, 0])
    assert mine["car"] == found.abnormal.car(TODAY)[0]
    assert mine["bhar"] != mine["bhar"]
    assert len(TABLES["volume_tests"](result)) == 3 * 5
    assert [r["ticker"] for r in TABLES["volume_estimates"](result)] == list(NAMES[:3])
    assert TABLES["volume_estimates"](result)[0]["sigma"] < logs[DAY - 260 : DAY - 10].std()
    assert dataclasses.replace(study, volume="none").run().volume == ()


def test_groups_compared_and_cars_regressed_from_a_result(prices: PricePanel) -> None:
    day: dt.date = prices.close.index[DAY].date()
    groups = {"one": NAMES[:2], "two": NAMES[2:]}
    result = Study(prices=prices, events=day, groups=groups, benchmark="^IDX", tests=("t",), volume="none").run()
    frame = result.compare("one", "two", (-1, 1))
    cars = result.headline.abnormal.car(Window(-1, 1))
    welch = frame.set_index("test").loc["welch_t"]
    gap = cars[:2].mean() - cars[2:].mean()
    spread = math.sqrt(cars[:2].var(ddof=1) / 2 + cars[2:].var(ddof=1) / 2)
    assert welch["statistic"] == pytest.approx(gap / spread, rel=1e-10)
    table = pd.DataFrame({"x": [1.0, 2.0, 4.0, 8.0]}, index=list(NAMES))
    found = result.regress(table, Window(-1, 1))
    slope, constant = np.polyfit(table["x"], cars, 1)
    np.testing.assert_allclose(found.coefficients, [constant, slope], rtol=1e-9)


@pytest.mark.slow
def test_the_sizes_of_one_day_on_the_real_study() -> None:
    """A third of the dates behind `SIZES`: t and sample quantile by themselves, one day and three."""
    import eventstudy
    from eventstudy.abnormal import abnormal_returns
    from eventstudy.inference import single_results
    from eventstudy.models import estimate
    from eventstudy.objects.estimation import DayZero
    from eventstudy.prices.source import checked_panel

    study = eventstudy.load("deepseek")
    panel, _, _ = checked_panel(study.prices, study.settings)
    laid, _ = volume_panel(study.settings, panel, "selloff", "XNYS")
    assert laid is not None
    true = int(laid.day[0])
    days = np.array([d for d in range(271, len(laid.sessions) - 11) if abs(d - true) > 10], dtype=np.int32)
    assert len(days) == 449
    core = np.array([laid.tickers.index(name) for name in study.settings.groups["core"]], dtype=np.int32)
    security, day = np.tile(core, len(days)), np.repeat(days, len(core))
    events = tuple(Event("null", laid.tickers[s], laid.sessions[d].date()) for s, d in zip(security, day, strict=True))
    zero = tuple(DayZero(e, int(d), e.announced, 0) for e, d in zip(events, day, strict=True))  # type: ignore[arg-type]
    many = dataclasses.replace(laid, events=events, day_zero=zero, security=security, day=day)
    abnormal = abnormal_returns(many, estimate(many, "market"))
    for window in (TODAY, Window(-1, 1)):
        for name in ("t", "sample_quantile"):
            p = np.array([r.p for _, r in single_results(abnormal, [window], [name])])
            assert 100 * (p < 0.05).mean() == pytest.approx(SIZES[name][window.length], abs=0.06)
