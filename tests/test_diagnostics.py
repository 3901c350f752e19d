"""The checks of the estimation window: against statsmodels, against loops, on data made to fail them, and at edges."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from inspect import signature
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import levels_from, panel_of, random_factors, random_levels, weekdays
from scipy import stats
from statsmodels.stats import diagnostic as sm_diagnostic
from statsmodels.stats.outliers_influence import OLSInfluence
from statsmodels.stats.stattools import jarque_bera as sm_jarque_bera

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import UnknownNameError
from eventstudy.inference import diagnostics as checks
from eventstudy.inference.correlation import mean_of_pairs
from eventstudy.inference.diagnostics import DIAGNOSTICS, OF_GROUPS, group_diagnostics, run_diagnostics
from eventstudy.inference.diagnostics_stability import CUSUM_POINT, p_crossing, recursive_residuals
from eventstudy.inference.estimation_days import FEWEST, EstimationDays
from eventstudy.models import estimate
from eventstudy.objects.outcomes import Diagnostic

NAMES = ["market", "a", "b", "c", "d"]
DAY, T = 270, 250
CLOSE: Any = {"rtol": 1e-9}


def fitted(levels: pd.DataFrame, days: dict[str, list[int]], model: str = "market", **more: Any) -> AbnormalReturns:
    from eventstudy.objects.estimation import Window

    more = {"estimation": Window(-260, -11), "event": Window(-10, 10)} | more
    panel, _ = panel_of(levels, days, **more)
    return abnormal_returns(panel, estimate(panel, model))


def made(errors: np.ndarray, seed: int = 1, **more: Any) -> AbnormalReturns:
    """One security, beta 1.2 on a market of ordinary days, with the estimation errors given (T,)."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, 300)
    own = rng.normal(0.0, 0.02, 300)
    own[DAY - 260 - 1 : DAY - 10 - 1] = errors
    returns = np.column_stack([market, 1.2 * market + own])
    return fitted(levels_from(returns, weekdays(301), ["market", "a"]), {"a": [DAY]}, **more)


def at_random(seed: int = 3, holes: float = 0.0, model: str = "market", **more: Any) -> AbnormalReturns:
    rng = np.random.default_rng(seed)
    levels: Any = random_levels(rng, 320, NAMES, holes)
    factors = random_factors(rng, pd.DatetimeIndex(levels.index), ["mkt_rf", "smb", "hml"])
    return fitted(levels, {n: [DAY] for n in NAMES[1:]}, model, factors=factors, min_obs=30, **more)


def one(abnormal: AbnormalReturns, check: str, i: int = 0) -> Diagnostic:
    return run_diagnostics(abnormal, [check])[i]


def regression(abnormal: AbnormalReturns, i: int) -> Any:
    """The estimation of event i by statsmodels."""
    panel = abnormal.panel
    at = int(panel.day[i]) + np.arange(panel.estimation.start, panel.estimation.end + 1)
    x, y = abnormal.normal.design[at], panel.returns[panel.security[i], at] - abnormal.normal.offset[at]
    there = np.isfinite(y) & np.isfinite(x).all(axis=1)
    return sm.OLS(y[there], x[there]).fit()


# ----------------------------------------------------------------------------------------- against other software
@pytest.mark.parametrize("holes", [0.0, 0.05])
@pytest.mark.parametrize("i", range(4))
def test_jarque_bera_is_that_of_statsmodels(holes: float, i: int) -> None:
    abnormal = at_random(holes=holes)
    found = one(abnormal, "jarque_bera", i)
    statistic, p, skewness, kurtosis = sm_jarque_bera(regression(abnormal, i).resid)
    np.testing.assert_allclose([found.statistic, found.p], [statistic, p], **CLOSE)
    np.testing.assert_allclose(found.threshold, stats.chi2.isf(0.01, 2), **CLOSE)
    assert f"skewness {skewness:.2g}, excess kurtosis {kurtosis - 3:.2g}" in found.meaning


def test_ljung_box_is_that_of_statsmodels() -> None:
    abnormal = at_random()
    for i in range(4):
        theirs = sm_diagnostic.acorr_ljungbox(regression(abnormal, i).resid, lags=[10])
        found = one(abnormal, "ljung_box", i)
        np.testing.assert_allclose([found.statistic, found.p], theirs.to_numpy()[0], **CLOSE)
        np.testing.assert_allclose(found.threshold, stats.chi2.isf(0.01, 10), **CLOSE)


def test_ljung_box_leaves_missing_pairs_out() -> None:
    abnormal = at_random(holes=0.05)
    for i, e in enumerate(abnormal.residuals()):
        e = e - np.nanmean(e)
        n, q = int(np.isfinite(e).sum()), 0.0
        for k in range(1, 11):
            pairs = [e[s] * e[s - k] for s in range(k, len(e)) if np.isfinite(e[s]) and np.isfinite(e[s - k])]
            q += (math.fsum(pairs) / np.nansum(e * e)) ** 2 / len(pairs)
        np.testing.assert_allclose(one(abnormal, "ljung_box", i).statistic, n * (n + 2) * q, **CLOSE)


def test_arch_lm_is_that_of_statsmodels() -> None:
    abnormal = at_random()
    for i in range(4):
        newer = {"result_object": True} if "result_object" in signature(sm_diagnostic.het_arch).parameters else {}
        theirs = sm_diagnostic.het_arch(regression(abnormal, i).resid, nlags=5, **newer)
        lm, p = (theirs.lm, theirs.lmpval) if newer else theirs[:2]
        found = one(abnormal, "arch_lm", i)
        np.testing.assert_allclose([found.statistic, found.p], [lm, p], **CLOSE)


def test_arch_lm_takes_runs_of_days_that_are_all_there() -> None:
    abnormal = at_random(holes=0.05)
    for i, e in enumerate(abnormal.residuals()):
        runs = [e[s - 5 : s + 1] ** 2 for s in range(5, len(e)) if np.isfinite(e[s - 5 : s + 1]).all()]
        rows = np.array(runs) / np.nanmean(e * e)
        fit = sm.OLS(rows[:, -1], sm.add_constant(rows[:, :-1])).fit()
        np.testing.assert_allclose(one(abnormal, "arch_lm", i).statistic, len(rows) * fit.rsquared, **CLOSE)


@pytest.mark.parametrize("model", ["market", "ff3", "mean_adjusted", "capm_strict"])
@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_cusum_is_made_of_statsmodels_recursive_residuals(model: str, holes: float) -> None:
    abnormal = at_random(holes=holes, model=model)
    w, used = recursive_residuals(EstimationDays(abnormal))
    for i in range(4):
        fit = regression(abnormal, i)
        p = fit.model.exog.shape[1]
        # statsmodels can only start where the first p rows are regular, which they are here
        theirs = sm_diagnostic.recursive_olsresiduals(fit, skip=p)[4][p:]
        np.testing.assert_allclose(w[i, used[i]], theirs, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose((w[i] ** 2).sum(), fit.ssr, **CLOSE)
        m, path = len(theirs), np.cumsum(theirs) / math.sqrt(fit.ssr / len(theirs))
        largest = max(abs(path[j - 1]) / (math.sqrt(m) + 2 * j / math.sqrt(m)) for j in range(1, m + 1))
        found = one(abnormal, "cusum", i)
        np.testing.assert_allclose(found.statistic, largest, rtol=1e-8)
        np.testing.assert_allclose(
            found.p,
            min(1.0, 2 * (stats.norm.sf(3 * largest) + math.exp(-4 * largest**2) * stats.norm.cdf(largest))),
            rtol=1e-6,
        )


def test_cusum_points_are_those_of_brown_durbin_and_evans() -> None:
    """Their section 2.3: 1.143, 0.948 and 0.850 at 1, 5 and 10 per cent."""
    for a, level in ((1.143, 0.01), (0.948, 0.05), (0.850, 0.10)):
        assert float(p_crossing(np.array(a))) == pytest.approx(level, rel=0.002)
    assert float(p_crossing(np.array(CUSUM_POINT))) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("model", ["market", "ff3", "mean_adjusted", "capm_strict"])
@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_split_window_is_chow_by_two_regressions(model: str, holes: float) -> None:
    abnormal = at_random(holes=holes, model=model)
    for i in range(4):
        fit = regression(abnormal, i)
        x, y = fit.model.exog, fit.model.endog
        t, p = x.shape
        first, second = sm.OLS(y[: t // 2], x[: t // 2]).fit(), sm.OLS(y[t // 2 :], x[t // 2 :]).fit()
        apart = first.ssr + second.ssr
        f = (fit.ssr - apart) / p / (apart / (t - 2 * p))
        found = one(abnormal, "split_window", i)
        np.testing.assert_allclose(found.statistic, f, rtol=1e-8)
        np.testing.assert_allclose(found.p, stats.f.sf(f, p, t - 2 * p), rtol=1e-7)
        np.testing.assert_allclose(found.threshold, stats.f.isf(0.01, p, t - 2 * p), rtol=1e-8)


@pytest.mark.parametrize("model", ["market", "ff3", "mean_adjusted", "capm_strict"])
@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_outliers_and_influence_are_those_of_statsmodels(model: str, holes: float) -> None:
    abnormal = at_random(holes=holes, model=model)
    for i in range(4):
        fit = regression(abnormal, i)
        theirs = OLSInfluence(fit)
        largest = np.abs(theirs.resid_studentized_external).max()
        found = one(abnormal, "largest_residual", i)
        np.testing.assert_allclose(found.statistic, largest, rtol=1e-8)
        np.testing.assert_allclose(found.p, min(1.0, fit.nobs * 2 * stats.t.sf(largest, fit.df_resid - 1)), rtol=1e-7)
        distance = theirs.cooks_distance[0]
        found = one(abnormal, "cook", i)
        np.testing.assert_allclose(found.statistic, distance.max(), rtol=1e-8)
        np.testing.assert_allclose(found.threshold, stats.f.median(fit.model.exog.shape[1], fit.df_resid), rtol=1e-8)


def test_without_the_day_means_without_the_day() -> None:
    """The sentences of `largest_residual` and `cook` are those of a regression that leaves the day out."""
    rng = np.random.default_rng(8)
    errors = rng.normal(0, 0.02, T)
    errors[100] = 0.5
    abnormal = made(errors)
    fit = regression(abnormal, 0)
    left = np.delete(np.arange(T), 100)
    alone = sm.OLS(fit.model.endog[left], fit.model.exog[left]).fit()
    smaller = 1 - math.sqrt(alone.mse_resid / fit.mse_resid)
    day = str(abnormal.panel.sessions[DAY - 260 + 100].date())
    found = one(abnormal, "largest_residual")
    assert found.verdict == "problem"
    assert f"{day} is an outlier: without it sigma would be {100 * smaller:.2g}% smaller" in found.meaning
    errors[100] = 0
    market = abnormal.panel.regressors["market"][DAY - 260 : DAY - 10]
    place = int(np.abs(market - market.mean()).argmax())
    errors[place] = 0.5
    found, abnormal = one(made(errors), "cook"), made(errors)
    fit = regression(abnormal, 0)
    left = np.delete(np.arange(T), place)
    alone = sm.OLS(fit.model.endog[left], fit.model.exog[left]).fit()
    assert found.verdict == "problem"
    assert f"beta would be {alone.params[1]:.3g} and not {fit.params[1]:.3g}" in found.meaning


@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_residual_correlation_is_the_mean_over_pairs(holes: float) -> None:
    abnormal = at_random(holes=holes)
    e = pd.DataFrame(abnormal.residuals().T)
    rho = e.corr().to_numpy()
    pairs = list(combinations(range(4), 2))
    common = {(i, j): int((e[i].notna() & e[j].notna()).sum()) for i, j in pairs}
    (found,) = group_diagnostics(abnormal, "chips")
    np.testing.assert_allclose(found.statistic, np.mean([rho[i, j] for i, j in pairs]), **CLOSE)
    cd = sum(math.sqrt(common[pair]) * rho[pair] for pair in pairs) / math.sqrt(len(pairs))
    np.testing.assert_allclose(found.p, 2 * stats.norm.sf(abs(cd)), rtol=1e-8)
    i, j = max(pairs, key=lambda pair: rho[pair])
    assert f"{abnormal.tickers[i]} and {abnormal.tickers[j]} at {rho[i, j]:.2g}" in found.meaning
    assert found.subject == "chips"


def test_residual_correlation_counts_shared_days_alone() -> None:
    rng = np.random.default_rng(5)
    abnormal = fitted(random_levels(rng, 400, NAMES), {"a": [300], "b": [305], "c": [350], "d": [300]})
    (found,) = group_diagnostics(abnormal, "staggered")
    wanted = mean_of_pairs(abnormal.residuals(), abnormal.panel.day, abnormal.panel.event.length)
    np.testing.assert_allclose(found.statistic, wanted, **CLOSE)
    assert math.isnan(found.p)
    apart = fitted(random_levels(rng, 400, NAMES), {"a": [290], "b": [330], "c": [370]})
    (found,) = group_diagnostics(apart, "apart")
    assert (found.statistic, found.verdict) == (0.0, "fine")


# --------------------------------------------------------------------------------------------- data made to fail them
def flagged(errors: np.ndarray) -> set[str]:
    return {row.check for row in run_diagnostics(made(errors)) if row.verdict != "fine"}


def test_ordinary_errors_are_seldom_flagged_and_each_fault_by_its_own_check() -> None:
    rng = np.random.default_rng(11)
    normal = rng.normal(0, 0.02, T)
    assert flagged(normal) == set()
    assert "jarque_bera" in flagged(0.01 * rng.standard_t(3, T))
    series = np.zeros(T)
    for s in range(1, T):
        series[s] = 0.5 * series[s - 1] + normal[s]
    assert "ljung_box" in flagged(series)
    volatile, scale = np.zeros(T), 0.02
    for s in range(T):
        volatile[s] = scale * normal[s] / 0.02
        scale = math.sqrt(0.0001 + 0.7 * volatile[s] ** 2)
    assert "arch_lm" in flagged(volatile)
    assert "cusum" in flagged(normal + np.where(np.arange(T) < 125, 0.01, -0.01))
    assert "largest_residual" in flagged(np.where(np.arange(T) == 60, 0.2, normal))


def test_a_change_of_beta_is_seen_by_the_halves() -> None:
    rng = np.random.default_rng(12)
    market = rng.normal(0.0005, 0.01, 300)
    beta = np.where(np.arange(300) < DAY - 10 - 125 - 1, 0.5, 2.0)
    returns = np.column_stack([market, beta * market + rng.normal(0, 0.01, 300)])
    abnormal = fitted(levels_from(returns, weekdays(301), ["market", "a"]), {"a": [DAY]})
    found = one(abnormal, "split_window")
    fit = regression(abnormal, 0)
    x, y = fit.model.exog, fit.model.endog
    first, second = sm.OLS(y[:125], x[:125]).fit(), sm.OLS(y[125:], x[125:]).fit()
    assert found.verdict != "fine"
    assert f"beta {first.params[1]:.2g} in the first and {second.params[1]:.2g} in the second" in found.meaning
    zero = np.array([1.0, abnormal.panel.regressors["market"][DAY]])
    ret = abnormal.panel.returns[abnormal.panel.security[0], DAY]
    assert f"would be {100 * (ret - zero @ second.params):.2g}%" in found.meaning


def test_thin_trading_counts_missing_and_zero_of_security_and_benchmark() -> None:
    rng = np.random.default_rng(13)
    levels: Any = random_levels(rng, 320, ["market", "a", "b"])
    start = DAY - 260
    levels.iloc[start + 10 : start + 70 : 2, 1] = np.nan  # 30 holes lose 60 returns
    for s in range(start + 20, start + 60):
        levels.iloc[s, 2] = levels.iloc[start + 19, 2]  # 40 zero returns
    abnormal = fitted(levels, {"a": [DAY], "b": [DAY]}, min_obs=100)
    found = run_diagnostics(abnormal, ["thin_trading"])
    assert [row.statistic for row in found] == [60 / 250, 40 / 250]
    assert [row.verdict for row in found] == ["problem", "caution"]
    assert all(math.isnan(row.p) for row in found)
    levels = random_levels(rng, 320, ["market", "a"])
    for s in range(start + 20, start + 90):
        levels.iloc[s, 0] = levels.iloc[start + 19, 0]
    (found_one,) = run_diagnostics(fitted(levels, {"a": [DAY]}), ["thin_trading"])
    assert found_one.statistic == 70 / 250
    assert "the benchmark market has no price change on 28% of days" in found_one.meaning


def test_a_security_that_was_not_listed_yet_is_not_thinly_traded() -> None:
    levels: Any = random_levels(np.random.default_rng(14), 320, ["market", "a"])
    levels.iloc[: DAY - 160, 1] = np.nan
    (found,) = run_diagnostics(fitted(levels, {"a": [DAY]}, min_obs=50), ["thin_trading"])
    assert (found.statistic, found.verdict) == (0.0, "fine")


@pytest.mark.slow
def test_checks_flag_ordinary_windows_as_often_as_they_say() -> None:
    """2,000 windows of 250 normal errors: the share of p < 1 % of each check is near 1 %, of `jarque_bera` near 2 %."""
    rng = np.random.default_rng(20)
    names = ["market", *(f"s{i}" for i in range(400))]
    counts: dict[str, list[int]] = {}
    for _ in range(5):
        levels = random_levels(rng, 320, names)
        for row in run_diagnostics(fitted(levels, {n: [DAY] for n in names[1:]})):
            if math.isfinite(row.p):
                counts.setdefault(row.check, []).append(row.p < 0.01)
    shares = {check: np.mean(found) for check, found in counts.items()}
    assert 0.012 < shares.pop("jarque_bera") < 0.027
    assert all(0.003 < share < 0.02 for share in shares.values()), shares


# --------------------------------------------------------------------------------------------------------------- edges
def test_every_row_says_what_it_is_and_what_follows() -> None:
    abnormal = at_random()
    rows = [*run_diagnostics(abnormal), *group_diagnostics(abnormal, "g")]
    assert [row.check for row in rows] == [c for c in DIAGNOSTICS for _ in range(1 if c in OF_GROUPS else 4)]
    for row in rows:
        assert row.meaning.endswith("."), row
        assert np.isfinite([row.statistic, row.threshold]).all()
        assert row.verdict in ("fine", "caution", "problem")
        assert row.verdict == "fine" or (row.statistic > row.threshold) == (row.beyond == "above")


@pytest.mark.parametrize("check", [c for c in DIAGNOSTICS if c not in OF_GROUPS])
def test_one_event_alone_has_the_same_row_as_among_others(check: str) -> None:
    abnormal = at_random(holes=0.05)
    together = run_diagnostics(abnormal, [check])
    for i in range(4):
        alone = one(abnormal.take([i]), check)
        assert alone.meaning == together[i].meaning
        np.testing.assert_allclose(alone.statistic, together[i].statistic, rtol=1e-9)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    abnormal = at_random(holes=0.05)
    names = [*DIAGNOSTICS]
    whole = run_diagnostics(abnormal, names)
    monkeypatch.setattr(checks, "BLOCK", 3)
    parts = run_diagnostics(abnormal, names)
    assert [(r.check, r.subject, r.meaning) for r in parts] == [(r.check, r.subject, r.meaning) for r in whole]


@pytest.mark.parametrize("check", sorted(DIAGNOSTICS))
def test_an_event_that_was_not_estimated_has_its_reason_and_the_others_their_numbers(check: str) -> None:
    levels: Any = random_levels(np.random.default_rng(6), 320, NAMES)
    levels.iloc[:, 1] = 100.0  # a constant price
    levels.iloc[: DAY - 30, 2] = np.nan  # too few returns
    abnormal = fitted(levels, {n: [DAY] for n in NAMES[1:]}, min_obs=100)
    rows = run_diagnostics(abnormal, [check])
    if check in OF_GROUPS:
        assert "2 events" in rows[0].meaning or math.isfinite(rows[0].statistic)
        (lonely,) = run_diagnostics(abnormal.take([0, 1, 2]), [check])
        assert (lonely.verdict, lonely.reason) == ("caution", "needs at least 2 estimated events, has 1")
        return
    for row, why in zip(rows[:2], abnormal.normal.reason[:2], strict=True):
        assert (row.reason, row.verdict) == (why, "caution")
        assert math.isnan(row.statistic)
        assert math.isnan(row.p)
    assert all(row.reason is None and math.isfinite(row.statistic) for row in rows[2:])


def test_a_window_shorter_than_a_month_is_too_short() -> None:
    from eventstudy.objects.estimation import Window

    levels: Any = random_levels(np.random.default_rng(7), 60, ["market", "a"])
    short = fitted(levels, {"a": [40]}, estimation=Window(-20, -6), event=Window(-5, 5), min_obs=5)
    rows = run_diagnostics(short)
    assert {row.reason for row in rows} == {f"only 15 estimation residuals, needs {FEWEST}"}


@pytest.mark.parametrize("model", ["raw", "market_adjusted"])
def test_models_that_estimate_nothing_have_no_parameters_to_check(model: str) -> None:
    abnormal = at_random(model=model)
    rows = {row.check: row for row in run_diagnostics(abnormal.take([0]))}
    for check in ("cusum", "split_window", "cook"):
        assert "estimates no parameters that could change" in str(rows[check].reason)
    e = abnormal.residuals()[0]
    theirs = OLSInfluence(sm.OLS(e, np.ones(len(e))).fit())  # about their mean
    largest = np.abs(theirs.resid_studentized_external).max()
    np.testing.assert_allclose(rows["largest_residual"].statistic, largest, rtol=1e-8)


def test_models_that_are_not_least_squares_keep_the_checks_of_their_residuals() -> None:
    abnormal = at_random()
    other = replace(abnormal, normal=replace(abnormal.normal, least_squares=False, model="lad"))
    rows = {row.check: row for row in run_diagnostics(other.take([0]))}
    for check in ("cusum", "split_window", "cook"):
        assert "the model lad is not least squares" in str(rows[check].reason)
    for check in ("jarque_bera", "ljung_box", "arch_lm", "largest_residual", "thin_trading"):
        assert rows[check].reason is None


def test_designs_of_their_own_give_what_a_shared_one_gives() -> None:
    abnormal = at_random()
    normal = abnormal.normal
    own = replace(
        normal,
        design=np.broadcast_to(normal.design, (4, *normal.design.shape)).copy(),
        offset=np.broadcast_to(normal.offset, (4, *normal.offset.shape)).copy(),
    )
    for a, b in zip(run_diagnostics(abnormal), run_diagnostics(replace(abnormal, normal=own)), strict=True):
        assert (a.check, a.meaning) == (b.check, b.meaning)
        np.testing.assert_allclose(a.statistic, b.statistic, rtol=1e-9)


def test_names_and_own_functions() -> None:
    abnormal = at_random()
    mine = Diagnostic("mine", "a", 1.0, 2.0, "above", 0.5, "fine", "Nothing.")
    assert run_diagnostics(abnormal, [lambda abnormal: [mine]]) == (mine,)
    with pytest.raises(UnknownNameError, match="jarque_bera"):
        run_diagnostics(abnormal, ["jarque_berra"])
    assert run_diagnostics(abnormal.take([])) == ()


def test_thirty_nine_securities_take_less_than_a_tenth_of_a_second() -> None:
    """60 ms of one core was asked for and 25 are needed; the limit here leaves room for a busy machine."""
    names = ["market", *(f"s{i}" for i in range(39))]
    abnormal = fitted(random_levels(np.random.default_rng(9), 320, names), {n: [DAY] for n in names[1:]})
    taken = []
    for _ in range(3):
        start = time.process_time()
        run_diagnostics(abnormal)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.1
