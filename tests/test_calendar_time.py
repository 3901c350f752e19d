"""The calendar-time portfolio against a loop over sessions, and its standard error against statsmodels."""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import group_panels
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.integrate import trapezoid

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.calendar_time import calendar_time_portfolio, long_run_variance
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

DAYS = [262, 266, 266, 270, 275, 275, 281, 284, 290, 295, 299, 305]
WEEK = Window(0, 4)


def regressors(panel: EventPanel, model: str, t: int) -> tuple[float, list[float]]:
    """What is taken off the return, and the design of the regression, of one session."""
    at = {name: float(values[t]) for name, values in panel.regressors.items()}
    if model == "ff3":
        return at["rf"], [1.0, at["mkt_rf"], at["smb"], at["hml"]]
    if model == "market_adjusted":
        return at["market"], [1.0]
    if model == "capm_strict":
        return at["rf"], [1.0, at["mkt_rf"]]
    return 0.0, [1.0, at["market"]]


def session_by_session(
    abnormal: AbnormalReturns, model: str, window: Window
) -> dict[int, tuple[float, int, list[float]]]:
    """session -> (mean of R - offset, firms, design) of the events with a full window."""
    panel = abnormal.panel
    full = [i for i in range(abnormal.n) if math.isfinite(abnormal.car(window)[i])]
    out = {}
    for t in range(len(panel.sessions)):
        firms = {int(panel.security[i]) for i in full if t - int(panel.day[i]) in window.taus}
        if firms:
            offset, row = regressors(panel, model, t)
            out[t] = (sum(float(panel.returns[f, t]) - offset for f in firms) / len(firms), len(firms), row)
    return out


def by_statsmodels(
    days: dict[int, tuple[float, int, list[float]]], lags: int, weighted: bool = False
) -> tuple[float, float]:
    """Least squares with HAC on all sessions from first to last; one without a portfolio is a row of zeros."""
    first, last = min(days), max(days)
    p = len(days[first][2])
    y, x = np.zeros(last - first + 1), np.zeros((last - first + 1, p))
    for t, (mean, firms, row) in days.items():
        root = math.sqrt(firms) if weighted else 1.0
        y[t - first], x[t - first] = mean * root, np.array(row) * root
    fit = sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    n = len(days)
    statistic = fit.params[0] / (fit.bse[0] * math.sqrt(n / (n - p)))
    return float(statistic), float(2 * stats.t.sf(abs(statistic), freedom(n, p, lags)))


def freedom(n: int, p: int, lags: int) -> float:
    """1 / (b x integral of k^2), b = (lags + 1) / n, of the Bartlett kernel k on [-1, 1], by the trapezoid rule."""
    x = np.linspace(-1, 1, 200_001)
    return min(n - p, n / (lags + 1) / float(trapezoid((1 - np.abs(x)) ** 2, x)))


def refused(result: InferenceResult, *words: str) -> None:
    assert all(word in str(result.reason) for word in words), result.reason
    assert math.isnan(result.statistic)
    assert math.isnan(result.p)


@pytest.mark.parametrize("model", ["market", "ff3", "market_adjusted", "capm_strict"])
@pytest.mark.parametrize("lags", [None, 0, 2, 7])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_regression_of_statsmodels(
    synthetic_panel: EventPanel, model: str, lags: int | None, weighted: bool
) -> None:
    panel = group_panels.group_panel(synthetic_panel, DAYS, holes=0.02)
    abnormal = group_panels.abnormal_of(panel, model)
    days = session_by_session(abnormal, model, WEEK)
    n = len(days)
    wanted = by_statsmodels(days, math.floor(4 * (n / 100) ** (2 / 9)) if lags is None else lags, weighted)
    result = calendar_time_portfolio(abnormal, WEEK, lags=lags, weighted=weighted)
    assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-9)
    assert lags != 0 or result.df == (n - len(days[min(days)][2]),)
    assert f"{n} portfolio days" in result.assumptions
    assert ("weighted by firms" in result.assumptions) == weighted


def test_days_in_succession_are_statsmodels_own_correction(synthetic_panel: EventPanel) -> None:
    """Without gaps the statistic is one call of statsmodels; with lags the degrees of freedom are fewer."""
    panel = group_panels.group_panel(synthetic_panel, list(range(262, 302)))
    abnormal = group_panels.abnormal_of(panel)
    days = session_by_session(abnormal, "market", Window(0, 2))
    assert max(days) - min(days) + 1 == len(days) == 42
    y, x = np.array([d[0] for d in days.values()]), np.array([d[2] for d in days.values()])
    for lags in (0, 3):
        fit = sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
        result = calendar_time_portfolio(abnormal, Window(0, 2), lags=lags)
        assert result.statistic == pytest.approx(fit.tvalues[0], rel=1e-10)
        if lags == 0:
            assert result.p == pytest.approx(fit.pvalues[0], rel=1e-10)
        else:
            assert result.df == (1.5 * 42 / 4,)
            assert result.p > fit.pvalues[0]


def test_the_holes_leave_events_out(synthetic_panel: EventPanel) -> None:
    """Else the regressions above would prove little: gaps between days, several firms on some, events left out."""
    panel = group_panels.group_panel(synthetic_panel, DAYS, holes=0.02)
    abnormal = group_panels.abnormal_of(panel)
    days = session_by_session(abnormal, "market", WEEK)
    assert max(days) - min(days) + 1 > len(days)
    assert {d[1] for d in days.values()} >= {1, 2}
    assert calendar_time_portfolio(abnormal, WEEK).n < abnormal.n


def test_a_firm_in_two_windows_is_held_once(synthetic_panel: EventPanel) -> None:
    """Two events of one security, three days apart, beside the others."""
    panel = group_panels.group_panel(synthetic_panel, [*DAYS, 293])
    twice = dataclasses.replace(panel, security=np.array([*range(12), 8], dtype=np.int32))
    abnormal = group_panels.abnormal_of(twice)
    days = session_by_session(abnormal, "market", WEEK)
    assert days[293][1] == 1
    result = calendar_time_portfolio(abnormal, WEEK, lags=2)
    assert (result.statistic, result.p) == pytest.approx(by_statsmodels(days, 2), rel=1e-9)


def test_it_sees_a_shift(synthetic_panel: EventPanel) -> None:
    panel = group_panels.group_panel(synthetic_panel, DAYS, correlation=0.0)
    returns = panel.returns.copy()
    for i, day in enumerate(DAYS):
        returns[i, day : day + 5] += 0.03
    shifted = dataclasses.replace(panel, returns=returns)
    before, after = (calendar_time_portfolio(group_panels.abnormal_of(p), WEEK) for p in (panel, shifted))
    assert before.p > 0.01
    assert after.p < 1e-6
    assert after.statistic > 0


def test_a_missing_day_is_not_held_where_that_is_allowed(synthetic_panel: EventPanel) -> None:
    panel = group_panels.group_panel(synthetic_panel, DAYS)
    returns = panel.returns.copy()
    returns[0, 263] = np.nan  # the only firm of that session
    holed = group_panels.abnormal_of(dataclasses.replace(panel, returns=returns))
    result = calendar_time_portfolio(dataclasses.replace(holed, allow_missing=True), WEEK, lags=1)
    full = session_by_session(group_panels.abnormal_of(panel), "market", WEEK)
    days = {t: row for t, row in full.items() if t != 263}
    assert result.n == 12
    assert (result.statistic, result.p) == pytest.approx(by_statsmodels(days, 1), rel=1e-9)


# ------------------------------------------------------------------------------------------------- where it cannot be
def test_one_date_has_no_calendar(synthetic_abnormal: AbnormalReturns) -> None:
    refused(calendar_time_portfolio(synthetic_abnormal, Window(-10, 10)), "several dates")


def test_few_events_and_few_days(synthetic_panel: EventPanel) -> None:
    abnormal = group_panels.abnormal_of(group_panels.group_panel(synthetic_panel, [271, 280, 289, 298]))
    refused(calendar_time_portfolio(abnormal, WEEK), "at least 22 sessions", "has 20")
    refused(calendar_time_portfolio(abnormal.take([0]), WEEK), "at least 2 events")
    refused(calendar_time_portfolio(abnormal.take([]), WEEK), "at least 2 events")
    assert calendar_time_portfolio(abnormal, Window(0, 8)).reason is None


def test_own_regressors_are_refused(synthetic_panel: EventPanel) -> None:
    abnormal = group_panels.abnormal_of(group_panels.group_panel(synthetic_panel, DAYS))
    own = np.repeat(abnormal.normal.design[None], abnormal.n, axis=0)
    for change in ({"design": own}, {"offset": np.zeros(own.shape[:2])}):
        mine = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, **change))
        refused(calendar_time_portfolio(mine, WEEK), "each firm's own")


def test_regressors_that_repeat_each_other(synthetic_panel: EventPanel) -> None:
    abnormal = group_panels.abnormal_of(group_panels.group_panel(synthetic_panel, DAYS))
    flat = abnormal.normal.design.copy()
    flat[262:, 1] = 0.01  # no variance on the days of the portfolio, all of it before
    mine = dataclasses.replace(abnormal, normal=dataclasses.replace(abnormal.normal, design=flat))
    refused(calendar_time_portfolio(mine, WEEK), "not independent")


def test_no_variance(synthetic_panel: EventPanel) -> None:
    """Returns that are the market itself: nothing is left to compare the intercept with."""
    panel = group_panels.group_panel(synthetic_panel, DAYS)
    returns = panel.returns.copy()
    returns[:, 262:] = panel.regressors["market"][262:]
    abnormal = group_panels.abnormal_of(dataclasses.replace(panel, returns=returns))
    refused(calendar_time_portfolio(abnormal, WEEK), "no residual variance")


def test_lags_cannot_be_negative(synthetic_abnormal: AbnormalReturns) -> None:
    with pytest.raises(SpecError, match="negative"):
        calendar_time_portfolio(synthetic_abnormal, WEEK, lags=-1)


@pytest.mark.parametrize("lags", [0, 1, 3, 40])
def test_long_run_variance_by_pairs(lags: int) -> None:
    """Every ordered pair of days, weighted by the sessions between them."""
    rng = np.random.default_rng(lags)
    session = np.sort(rng.choice(60, 25, replace=False))
    values = rng.normal(size=25)
    weight = partial(max, 0.0)
    wanted = sum(
        weight(1 - abs(int(a) - int(b)) / (lags + 1)) * u * v
        for a, u in zip(session, values, strict=True)
        for b, v in zip(session, values, strict=True)
    )
    assert long_run_variance(values, session, lags) == pytest.approx(wanted, rel=1e-12)
