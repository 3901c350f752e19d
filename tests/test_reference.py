"""Numbers from elsewhere: certified regressions, published facts, and statsmodels on the bundled prices.

The files in ``tests/reference/`` say where their numbers come from; none is our own output.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import settings_of, weekdays
from scipy.special import stdtr

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.models import Recipe, estimate
from eventstudy.objects.estimation import Event, EventPanel, NormalReturns, Window
from eventstudy.objects.prices import ExchangeCalendar
from eventstudy.returns import returns_on
from eventstudy.windows import day_zero, event_panel

ROOT = Path(__file__).resolve().parents[1]
CERTIFIED = json.loads((ROOT / "tests/reference/nist_strd.json").read_text())
DATA = ROOT / "data/deepseek"

CORE = ("NVDA", "AVGO", "AMD", "TSM", "ASML")
ZERO = dt.date(2025, 1, 27)


# ------------------------------------------------------------------------------------------------------- certified
def regress(y: np.ndarray, columns: dict[str, np.ndarray], constant: bool) -> NormalReturns:
    """The engine on any response and columns: one security, the whole sample its estimation window."""
    t = len(y)
    event = Event("e", "y", dt.date(2020, 1, 1))
    panel = EventPanel(
        exchange="none",
        benchmark=None,
        kind="simple",
        sessions=weekdays(t + 1),
        tickers=("y",),
        returns=np.append(y, np.nan)[None, :],
        regressors={name: np.append(values, np.nan) for name, values in columns.items()},
        events=(event,),
        day_zero=(day_zero(event, ExchangeCalendar("none", weekdays(1), weekdays(1).tz_localize("UTC"))),),
        security=np.array([0], dtype=np.int32),
        day=np.array([t], dtype=np.int32),
        estimation=Window(-t, -1),
        event=Window(0, 0),
        min_obs=2,
    )
    return estimate(panel, Recipe("certified", "E[R] = X b", columns=tuple(columns), constant=constant))


@pytest.mark.parametrize("name", list(CERTIFIED["problems"]))
def test_certified_regressions(name: str) -> None:
    problem = CERTIFIED["problems"][name]
    columns = {key: np.array(values, dtype=float) for key, values in problem["x"].items()}
    normal = regress(np.array(problem["y"], dtype=float), columns, problem["constant"])
    se = normal.sigma[0] * np.sqrt(np.diag(normal.xtx_inv[0]))
    rtol = problem["rtol"]
    np.testing.assert_allclose(normal.params[0], problem["estimates"], rtol=rtol)
    np.testing.assert_allclose(se, problem["standard_errors"], rtol=rtol)
    np.testing.assert_allclose(normal.sigma[0], problem["residual_standard_deviation"], rtol=rtol)
    np.testing.assert_allclose(normal.r_squared[0], problem["r_squared"], rtol=1e-12)
    assert normal.nu[0] == problem["degrees_of_freedom"]


# ------------------------------------------------------------------------------------------------ the bundled prices
@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    if not (DATA / "prices.csv").is_file():
        pytest.skip("the bundled prices are not here: run from a checkout")
    return pd.read_csv(DATA / "prices.csv", parse_dates=["date"])


@pytest.fixture(scope="module")
def adjusted(prices: pd.DataFrame) -> pd.DataFrame:
    return prices.pivot(index="date", columns="ticker", values="adj_close")


def calendar_at(exchange: str) -> ExchangeCalendar:
    table = pd.read_csv(DATA / "sessions.csv", parse_dates=["date", "close_utc"])
    own = table[table["exchange"] == exchange]
    closes = pd.DatetimeIndex(own["close_utc"]).as_unit("ns")
    return ExchangeCalendar(exchange, pd.DatetimeIndex(own["date"]).as_unit("ns"), closes)


def study(
    levels: pd.DataFrame, benchmark: str, model: str = "market", kind: str = "simple", tickers: tuple[str, ...] = CORE
) -> AbnormalReturns:
    calendar = calendar_at("XNYS")
    returns = returns_on(levels, calendar.sessions, kind)  # type: ignore[arg-type]
    factors = pd.read_csv(DATA / "factors_daily.csv", parse_dates=["date"], index_col="date")
    factors.index = factors.index.as_unit("ns")
    regressors = pd.DataFrame({"market": returns.values[benchmark]}).join(factors)
    events = [Event("selloff", ticker, ZERO) for ticker in tickers]
    wide = settings_of(estimation=Window(-260, -11), event=Window(-10, 10), min_obs=175)
    panel, _ = event_panel(returns, regressors, events, calendar, benchmark, wide)
    return abnormal_returns(panel, estimate(panel, model))


def by_date(levels: pd.DataFrame, ticker: str, model: str, benchmark: str, kind: str) -> tuple[pd.Series, pd.DataFrame]:
    """Response and design joined by date with pandas alone, nothing of the package's alignment in it."""
    own = levels[levels["^GSPC"].notna()]
    change = own.pct_change(fill_method=None) if kind == "simple" else np.log(own).diff()
    factors = pd.read_csv(DATA / "factors_daily.csv", parse_dates=["date"], index_col="date")
    if model == "market":
        return change[ticker], pd.DataFrame({"const": 1.0, "market": change[benchmark]})
    if model == "capm":
        rf = factors["rf"].reindex(change.index)
        return change[ticker] - rf, pd.DataFrame({"const": 1.0, "x": change[benchmark] - rf})
    names = {"ff3": ["mkt_rf", "smb", "hml"], "ff5_mom": ["mkt_rf", "smb", "hml", "rmw", "cma", "mom"]}[model]
    factors = factors.reindex(change.index)
    return change[ticker] - factors["rf"], sm.add_constant(factors[names])


@pytest.mark.parametrize(
    ("model", "benchmark", "kind"),
    [
        ("market", "^IXIC", "simple"),
        ("market", "^GSPC", "simple"),
        ("market", "^GSPC", "log"),
        ("capm", "^IXIC", "simple"),
        ("ff3", "^IXIC", "simple"),
        ("ff5_mom", "^IXIC", "simple"),
    ],
)
def test_the_sell_off_against_statsmodels(adjusted: pd.DataFrame, model: str, benchmark: str, kind: str) -> None:
    tickers = (*CORE, "GEV")
    a = study(adjusted, benchmark, model, kind, tickers)
    for i, ticker in enumerate(tickers):
        y, x = by_date(adjusted, ticker, model, benchmark, kind)
        zero = int(y.index.get_loc(pd.Timestamp(ZERO)))
        past = slice(zero - 260, zero - 10)
        complete = y.iloc[past].notna()
        fit = sm.OLS(y.iloc[past][complete], x.iloc[past][complete]).fit()
        assert a.normal.nobs[i] == (195 if ticker == "GEV" else 250) == fit.nobs
        np.testing.assert_allclose(a.normal.params[i], fit.params, rtol=1e-10)
        np.testing.assert_allclose(a.normal.sigma[i], np.sqrt(fit.scale), rtol=1e-10)
        np.testing.assert_allclose(a.normal.r_squared[i], fit.rsquared, rtol=1e-10)
        days = slice(zero - 10, zero + 11)
        ahead = fit.get_prediction(x.iloc[days])
        ar = y.iloc[days].to_numpy() - ahead.predicted_mean
        np.testing.assert_allclose(a.ar[i], ar, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(a.sar()[i], ar / ahead.se_obs, rtol=1e-9)
        for window in (Window(0, 0), Window(-1, 1), Window(0, 5), Window(-10, 10)):
            w = x.iloc[zero + window.start : zero + window.end + 1].to_numpy()
            covariance = fit.scale * np.eye(window.length) + w @ fit.cov_params().to_numpy() @ w.T
            np.testing.assert_allclose(a.car_se(window)[i], np.sqrt(covariance.sum()), rtol=1e-10)


def test_the_closing_moves_of_27_january_2025(prices: pd.DataFrame, adjusted: pd.DataFrame) -> None:
    """As the press printed them: per cent, two decimals, on split-adjusted closes (TSM has only adjusted ones)."""
    close = prices.pivot(index="date", columns="ticker", values="close")
    close["TSM"] = adjusted["TSM"]
    moves = returns_on(close, calendar_at("XNYS").sessions).values.loc[pd.Timestamp(ZERO)] * 100
    published = {"NVDA": -16.97, "AVGO": -17.40, "AMD": -6.37, "TSM": -13.33, "ASML": -5.75, "^IXIC": -3.07}
    assert {name: round(float(moves[name]), 2) for name in published} == published


def test_three_of_five_are_abnormal_against_the_nasdaq(adjusted: pd.DataFrame) -> None:
    a = study(adjusted, "^IXIC")
    p = 2 * stdtr(a.normal.nu, -np.abs(a.scar(Window(0, 0))))
    assert dict(zip(a.tickers, p < 0.05, strict=True)) == {
        "NVDA": True,
        "AVGO": True,
        "AMD": False,
        "TSM": True,
        "ASML": False,
    }
    assert (a.car(Window(0, 0)) < 0).all()


def test_a_calendar_shifted_by_weekdays_would_have_turned_the_sign(adjusted: pd.DataFrame) -> None:
    """A study of this event put prices on a calendar without holidays and found +2 % for NVDA over [-1, +1]."""
    for benchmark in ("^IXIC", "^GSPC"):
        y, x = (part.to_numpy() for part in by_date(adjusted, "NVDA", "market", benchmark, "simple"))
        zero = int(adjusted.index[adjusted["^GSPC"].notna()].get_loc(pd.Timestamp(ZERO)))
        past, around = slice(zero - 260, zero - 10), slice(zero - 1, zero + 2)
        params = np.linalg.lstsq(x[past], y[past], rcond=None)[0]
        own = float((y[around] - x[around] @ params).sum())
        assert own < -0.08  # 2 % up with the days shifted; far from it with them right
        assert study(adjusted, benchmark).car(Window(-1, 1))[0] == pytest.approx(own, abs=1e-10)


def test_market_adjusted_returns_are_the_difference(adjusted: pd.DataFrame) -> None:
    a = study(adjusted, "^GSPC", "market_adjusted")
    own = adjusted[adjusted["^GSPC"].notna()].pct_change(fill_method=None)
    zero = int(own.index.get_loc(pd.Timestamp(ZERO)))
    for i, ticker in enumerate(CORE):
        difference = own[ticker] - own["^GSPC"]
        np.testing.assert_allclose(a.ar[i], difference.iloc[zero - 10 : zero + 11], atol=1e-15)
        assert a.normal.sigma[i] == pytest.approx(difference.iloc[zero - 260 : zero - 10].std(ddof=1), rel=1e-12)


def test_taipei_waits_until_the_third_of_february_and_new_york_is_compounded(adjusted: pd.DataFrame) -> None:
    calendar = calendar_at("XTAI")
    found = day_zero(Event("selloff", "2330.TW", ZERO), calendar)
    assert (str(found.session), found.shifted) == ("2025-02-03", 7)
    compounded = returns_on(adjusted[["^GSPC"]], calendar.sessions).values["^GSPC"].loc["2025-02-03"]
    assert compounded == pytest.approx(adjusted["^GSPC"].loc["2025-02-03"] / adjusted["^GSPC"].loc["2025-01-22"] - 1)


def test_the_same_morning_is_another_day_in_tokyo() -> None:
    """Monday's opening in New York came after Monday's close in Tokyo and before Monday's close in Amsterdam."""
    opening = dt.datetime.fromisoformat("2025-01-27T09:30:00-05:00")
    days = {x: str(day_zero(Event("selloff", "X", opening), calendar_at(x)).session) for x in ("XNYS", "XAMS", "XTKS")}
    assert days == {"XNYS": "2025-01-27", "XAMS": "2025-01-27", "XTKS": "2025-01-28"}
