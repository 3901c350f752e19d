"""The share of a move that was undone: its interval, the forecast bands, half-lives, against independent numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from calibration import panel_of
from scipy import stats

from eventstudy.abnormal import abnormal_returns
from eventstudy.claims import judge
from eventstudy.claims.recovery import _abnormal_shares, fieller, forecast_band
from eventstudy.models import estimate
from eventstudy.objects.estimation import Window
from eventstudy.objects.recovery import Recovery, RecoveryDay, recovery_frame
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Claimed

DAYS, AFTER, MANY = 250, 20, 2000


def test_the_interval_of_the_share_undone_covers_the_true_share() -> None:
    """2,000 events that move by -10 % and undo 40 % of it over 20 sessions: 95 % intervals hold 40 % in 95 of 100."""
    rng = np.random.default_rng(12)
    length = DAYS + 1 + AFTER
    market = rng.normal(0, 0.01, length)
    returns = 0.001 + 1.2 * market + rng.normal(0, 0.02, (MANY, length))
    returns[:, DAYS] -= 0.10
    returns[:, DAYS + 1 :] += 0.4 * 0.10 / AFTER
    panel = panel_of(returns, market, np.full(MANY, DAYS))
    panel = dataclasses.replace(panel, event=Window(0, AFTER))
    normal = estimate(panel, "market")
    everything = abnormal_returns(panel, normal)
    for n in (1, 5, AFTER):
        true = 40.0 * n / AFTER
        held = bounded = 0
        for i in range(MANY):
            one = everything.take([i])
            share, low, high, _ = _abnormal_shares((None, one), n, 0.95)[-1]  # type: ignore[arg-type]
            assert low <= share <= high
            held += low <= true <= high
            bounded += math.isfinite(low)
        assert held / MANY == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / MANY))
        assert bounded / MANY > 0.99


def test_a_move_that_may_be_none_has_no_share() -> None:
    assert fieller(0.01, 0.019, (1e-4, 1e-4, 0.0), 1.97) == (-math.inf, math.inf)
    low, high = fieller(0.5, 1.0, (0.01, 1e-12, 0.0), 1.96)
    assert (low, high) == (pytest.approx(0.5 - 0.196), pytest.approx(0.5 + 0.196))  # a known denominator


def test_the_forecast_band_of_the_price_covers_ordinary_paths() -> None:
    """Random walks with drift: the price after n days lies in the band of its own past in 95 of 100."""
    rng = np.random.default_rng(3)
    n = np.array([1.0, 20.0, 100.0])
    logs = rng.normal(0.001, 0.02, (MANY, DAYS + 100))
    ends = np.exp(np.cumsum(logs[:, DAYS:], axis=1))[:, n.astype(int) - 1]
    bands = [forecast_band(row[:DAYS], n, 0.95) for row in logs]
    inside = np.array([(low <= end) & (end <= high) for (low, high), end in zip(bands, ends, strict=True)])
    assert inside.mean(axis=0) == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / MANY))
    width = np.array([high - low for low, high in bands])
    assert (np.diff(width, axis=1) > 0).all()  # they widen


def test_the_path_of_nvidia_by_least_squares(deepseek_result: StudyResult) -> None:
    """Shares and intervals from a regression with dummies for the days, the joint variance from its covariance."""
    path = deepseek_result.verdict("hysteria").recovery
    assert path is not None
    frame = pd.read_csv("data/deepseek/prices.csv", parse_dates=["date"])
    wide = frame.pivot(index="date", columns="ticker", values="adj_close")[["NVDA", "^IXIC"]].dropna()
    returns = wide.pct_change().dropna()
    at = returns.index.get_loc(pd.Timestamp("2025-01-27"))
    for n in (1, 5, 20, 60):
        rows = [*range(at - 260, at - 10), *range(at, at + n + 1)]
        x = sm.add_constant(returns["^IXIC"].iloc[rows].to_numpy())
        dummies = np.vstack([np.zeros((DAYS, n + 1)), np.eye(n + 1)])
        fit = sm.OLS(returns["NVDA"].iloc[rows].to_numpy(), np.hstack([x, dummies])).fit()
        assert fit.df_resid == DAYS - 2
        first, since = np.zeros(n + 3), np.zeros(n + 3)
        first[2], since[3:] = 1, 1
        a0, c = fit.params @ first, fit.params @ since
        v0, vc, v = first @ fit.cov_params() @ first, since @ fit.cov_params() @ since, first @ fit.cov_params() @ since
        t = stats.t.ppf(0.975, DAYS - 2)
        roots = np.sort(np.roots([a0**2 - t**2 * v0, 2 * (a0 * c - t**2 * v), c**2 - t**2 * vc]))
        day = path.at(n)
        assert day is not None
        assert day.abnormal == pytest.approx(-100 * c / a0, rel=1e-8)
        assert [day.low, day.high] == pytest.approx(100 * roots, rel=1e-8)
        assert day.forecast == pytest.approx(100 * t * math.sqrt(vc) / abs(a0), rel=1e-8)
        logs = np.log1p(returns["NVDA"].iloc[at - 260 : at - 10])
        half = stats.t.ppf(0.975, DAYS - 1) * logs.std() * math.sqrt(n + n**2 / DAYS)
        ends = 118.42 * np.exp(n * logs.mean() + np.array([half, -half]))
        bands = sorted(100 * (ends - 118.42) / (142.62 - 118.42))
        assert [day.raw_low, day.raw_high] == pytest.approx(bands, rel=1e-6)
    assert path.at(20).holds_every_answer  # type: ignore[union-attr]
    assert 190 < path.at(20).forecast < 200  # type: ignore[union-attr]  # t 1.97 times about 100 points


def test_half_lives_and_what_the_card_says(deepseek_result: StudyResult) -> None:
    found = deepseek_result.verdict("hysteria")
    path = found.recovery
    assert path is not None
    closes = pd.read_csv("data/deepseek/prices.csv", parse_dates=["date"]).query("ticker == 'NVDA'")
    later = closes[closes["date"] > "2025-01-27"]["close"].to_numpy()
    halfway = (142.62 + 118.42) / 2
    assert path.half_life == 1 + int(np.argmax(later >= halfway)) == 10
    assert "first undone after {half}" in found.summary.template
    assert any(c.startswith("Sessions 1, 20, 60 and 234: the interval of the abnormal share") for c in found.caveats)
    assert any(c.startswith("Sessions 20, 60 and 234: by then ordinary days alone") for c in found.caveats)
    row = next(c for c in json.loads(deepseek_result.to_json())["claims"] if c["id"] == "hysteria")
    assert (row["recovery"]["half_life"], len(row["recovery"]["days"])) == (10, 234)
    frame = recovery_frame([path])
    assert frame["raw"].iloc[0] == pytest.approx(43.67768595)
    assert len(frame) == 234


def test_over_more_than_a_month_the_share_is_shown_and_nothing_is_tested(deepseek_result: StudyResult) -> None:
    claim = deepseek_result.verdict("hysteria").claim
    found = judge(dataclasses.replace(claim, params=claim.params | {"sessions": (5, 20, 21)}), deepseek_result)
    assert found.recovery is not None
    assert found.recovery.at(21) is not None
    assert [axis.window for axis in found.abnormal] == [(0, 0), (1, 5), (1, 20)]


def test_what_was_never_undone_has_no_half_life() -> None:
    days = tuple(RecoveryDay(n, dt.date(2025, 1, n), 10.0, 0.0, 0.0) for n in (1, 2))
    path = Recovery("A", "e", dt.date(2025, 1, 1), 0.95, days)
    assert (path.half_life, path.abnormal_half_life, path.at(3)) == (None, None, None)
    assert recovery_frame([]).empty


def test_a_young_security_has_its_share_and_no_band(claims_result: StudyResult) -> None:
    """NEW was listed 90 sessions before: too few returns to say what is usual, closes enough for what was undone."""
    claimed = Claimed("fall", "50", modifier="at_least")
    params = {"sessions": [5], "until": [], "last": False, "longest": 250, "names": {}, "notes": {}}
    claim = Claim("young", "persistence", "NEW made it good", (), claimed, "crash", ("NEW",), params=params)
    found = judge(claim, claims_result)
    assert found.verdict != "unresolved"
    assert found.recovery is not None
    day = found.recovery.days[-1]
    assert math.isfinite(day.raw)
    assert math.isnan(day.raw_low)
    assert not day.anywhere


@pytest.mark.parametrize("model", ["garch", "egarch"])
def test_a_variance_that_moves_is_known_in_the_event_window_alone(tmp_path, model: str) -> None:
    """The path after day zero has the standard errors of the study's own sums, and ends where the forecasts do."""
    import eventstudy as es
    from eventstudy.claims.recovery import longer

    claims = tmp_path / "claims.yaml"
    claims.write_text(
        "schema_version: 1\nsources: {A: {title: t, publisher: p, published: '2025'}}\nclaims:\n  - id: undone\n"
        "    kind: persistence\n    event: event\n    security: NVDA\n    says: half of it was made good\n"
        "    claimed: {direction: fall, value: 50, unit: percent, modifier: at_least}\n    source: A\n"
        "    params: {sessions: [1, 5, 20]}\n"
    )
    study = es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", model=model, tests=["t"])
    result = dataclasses.replace(study, claims=claims, sensitivity="off").run()
    assert result.verdict("undone").verdict
    found = longer(result, "NVDA", "event", 20)
    assert found is not None
    path, own = found[1], result.at("NVDA").abnormal
    assert path.panel.event == Window(0, 10)
    for last in (0, 5, 10):
        assert path.car_se(Window(0, last)) == pytest.approx(own.car_se(Window(0, last)), rel=1e-12)
