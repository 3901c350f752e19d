"""Tests of the tests: every one against loops from its formula, on random panels with holes and on the real five."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import inference_oracle as oracle
import numpy as np
import pandas as pd
import pytest
from group_panels import abnormal_of, group_panel, with_returns
from inference_panels import GROUP, ONE_DATE, WINDOWS

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference import (
    TESTS,
    benjamini_hochberg,
    group_results,
    holm,
    mean_correlation,
    run_tests,
    single_results,
)
from eventstudy.objects.estimation import EventPanel, Window

DESIGNS = {
    "one date, complete": ([290] * 5, 0.0, "market"),
    "one date, holes": ([290] * 5, 0.04, "market"),
    "one date, holes, ff3": ([290] * 6, 0.04, "ff3"),
    "one date, nothing estimated": ([290] * 4, 0.03, "market_adjusted"),
    "one date, mean": ([290] * 4, 0.03, "mean_adjusted"),
    "one date, no constant": ([290] * 4, 0.03, "capm_strict"),
    "own dates": ([271, 280, 289, 298, 307], 0.03, "market"),
    "mixed dates": ([290, 290, 291, 293, 300, 300, 275], 0.04, "market"),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """One design: its panel, what the package makes of it, and the oracle's own estimates."""

    panel: EventPanel
    model: str
    abnormal: AbnormalReturns
    events: list[oracle.Fitted]


@pytest.fixture(scope="module", params=DESIGNS)
def design(request: pytest.FixtureRequest, synthetic_panel: EventPanel) -> Case:
    days, holes, model = DESIGNS[request.param]
    panel = group_panel(synthetic_panel, days, holes=holes)
    return Case(panel, model, abnormal_of(panel, model), oracle.fit_all(panel, model))


def expected(case: Case, window: Window, name: str) -> tuple[float, float] | None:
    """(statistic, p) by the oracle, None where the test needs one date and there are several."""
    panel, model = case.panel, case.model
    rows = [i for i, one in enumerate(case.events) if not math.isnan(oracle.car(one, window))]
    used = [case.events[i] for i in rows]
    if name in ONE_DATE and len({one.day for one in used}) > 1:
        return None
    if name == "portfolio_t":
        return oracle.portfolio_t(panel, model, rows, window)
    if name == "hotelling":
        f, by_f, by_rank = oracle.hotelling(panel, model, rows, window)
        return f, by_rank if window.length == 1 else by_f
    if name in ("crude_dependence_t", "corrado_rank_z"):
        return getattr(oracle, name)(used, window, panel.estimation)
    return getattr(oracle, name)(used, window)


# -------------------------------------------------------------------------------------------------- against the loops
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("name", GROUP)
def test_group_test_equals_its_formula(design: Case, name: str, window: Window) -> None:
    result = TESTS[name](design.abnormal, window)
    wanted = expected(design, window, name)
    if wanted is None:
        assert "one shared date" in str(result.reason)
        assert math.isnan(result.statistic)
        assert math.isnan(result.p)
        return
    assert result.reason is None
    assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_single_tests_equal_their_formulas(design: Case, window: Window) -> None:
    for i, one in enumerate(design.events):
        alone = design.abnormal.take([i])
        results = [TESTS[name](alone, window) for name in ("t", "sample_quantile")]
        if math.isnan(oracle.car(one, window)):
            assert all(r.reason and math.isnan(r.p) and math.isnan(r.statistic) for r in results)
            continue
        wanted = [oracle.t(one, window), oracle.sample_quantile(one, window, design.panel.estimation)]
        assert [(r.statistic, r.p) for r in results] == [pytest.approx(w, rel=1e-10) for w in wanted]
        assert results[0].df == (one.nu,)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_mean_correlation_counts_shared_days(design: Case, window: Window) -> None:
    events = oracle.kept(design.events, window)
    rbar = mean_correlation(design.abnormal, window)
    assert rbar == pytest.approx(oracle.mean_correlation(events, window), rel=1e-10, abs=1e-14)


def test_holes_and_unequal_degrees_of_freedom_are_really_there(synthetic_panel: EventPanel) -> None:
    """The designs above would prove little on complete panels only."""
    panel = group_panel(synthetic_panel, [290] * 5, holes=0.04)
    assert len(set(abnormal_of(panel).normal.nu)) > 2
    some_left_out = [r for r in group_results(abnormal_of(panel), WINDOWS, GROUP) if r.n < 5]
    assert some_left_out
    assert all(any("left out: S" in a for a in r.assumptions) for r in some_left_out)


@pytest.fixture(scope="module")
def core(synthetic_panel: EventPanel) -> Case:
    """The five chip stocks against the Nasdaq around 27 January 2025, straight from the bundled files."""
    folder = Path(__file__).parents[1] / "data" / "deepseek"
    prices = pd.read_csv(folder / "prices.csv", parse_dates=["date"])
    calendar = pd.read_csv(folder / "sessions.csv", parse_dates=["date"])
    sessions = pd.DatetimeIndex(calendar.loc[calendar["exchange"] == "XNYS", "date"])
    levels = prices.pivot_table(index="date", columns="ticker", values="adj_close").reindex(sessions)
    returns = levels / levels.shift(1) - 1
    tickers = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
    day = int(sessions.get_loc(pd.Timestamp("2025-01-27")))
    base = dataclasses.replace(synthetic_panel, sessions=sessions, regressors={"market": returns["^IXIC"].to_numpy()})
    panel = with_returns(base, returns[tickers].to_numpy().T, [day] * 5)
    return Case(panel, "market", abnormal_of(panel), oracle.fit_all(panel, "market"))


@pytest.mark.parametrize("window", [*WINDOWS, Window(-10, 10)], ids=str)
def test_real_five_stocks(core: Case, window: Window) -> None:
    for result in run_tests(core.abnormal, window, GROUP):
        wanted = expected(core, window, result.test)
        assert wanted is not None
        assert (result.statistic, result.p) == pytest.approx(wanted, rel=1e-10), result.test
    for i, result in single_results(core.abnormal, [window], ["t", "sample_quantile"]):
        loop = oracle.t(core.events[i], window)
        if result.test == "sample_quantile":
            loop = oracle.sample_quantile(core.events[i], window, core.panel.estimation)
        assert (result.statistic, result.p) == pytest.approx(loop, rel=1e-10)


def test_the_fall_of_27_january_2025(core: Case) -> None:
    """NVDA, AVGO and TSM fell abnormally against the Nasdaq, AMD and ASML did not."""
    p = [TESTS["t"](core.abnormal.take([i]), Window(0, 0)).p for i in range(5)]
    assert [value < 0.001 for value in p] == [True, True, False, True, False]
    assert min(p[2], p[4]) > 0.5


# ----------------------------------------------------------------------------------------------- against other software
def test_hotelling_is_the_wald_test_of_seemingly_unrelated_regressions(synthetic_panel: EventPanel) -> None:
    """Explicit SUR with an event-day dummy (Binder 1985): the Wald statistic of the dummies, brought to F."""
    from linearmodels.system import SUR

    panel = group_panel(synthetic_panel, [290] * 4)
    days = [290 + tau for tau in panel.estimation.taus] + [290]
    x = np.column_stack([np.ones(len(days)), panel.regressors["market"][days], np.eye(len(days))[-1]])
    system = {f"s{i}": {"dependent": panel.returns[i, days], "exog": x} for i in range(4)}
    fit = SUR(system).fit(method="ols", cov_type="unadjusted", debiased=False)
    dummies = [2, 5, 8, 11]
    gamma = np.asarray(fit.params)[dummies]
    wald = float(gamma @ np.linalg.inv(np.asarray(fit.cov)[np.ix_(dummies, dummies)]) @ gamma)
    nu, n = 248, 4  # linearmodels divides by the 251 rows, we by nu
    f = wald * nu / len(days) * (nu - n + 1) / (nu * n)
    result = TESTS["hotelling"](abnormal_of(panel), Window(0, 0))
    assert result.statistic == pytest.approx(f, rel=1e-8)


def test_average_ranks_are_those_of_scipy() -> None:
    from scipy.stats import rankdata

    from eventstudy.inference.ranks import average_ranks

    values = np.random.default_rng(3).integers(0, 20, (6, 40)).astype(float)
    values[0] = np.linspace(1, 0, 40)
    values[2, [3, 9, 30]] = np.nan
    assert np.array_equal(average_ranks(values), rankdata(values, axis=1, nan_policy="omit"), equal_nan=True)


def test_tails_do_not_vanish() -> None:
    """One minus a distribution function is 0 long before these."""
    from scipy import stats

    from eventstudy.inference.sample import two_sided_normal, two_sided_t

    assert two_sided_normal(-20.0) == pytest.approx(2 * stats.norm.sf(20), rel=1e-10)
    assert two_sided_t(30.0, 240.0) == pytest.approx(2 * stats.t.sf(30, 240), rel=1e-8)
    assert two_sided_t(30.0, 240.0) > 0


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_are_those_of_statsmodels(seed: int) -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(seed).random(12) ** 3
    p[3] = p[5]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], rel=1e-12)
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], rel=1e-12)
    holed = np.insert(p, 4, np.nan)
    for adjust, method in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        adjusted = adjust(holed)
        assert math.isnan(adjusted[4])
        assert np.delete(adjusted, 4) == pytest.approx(multipletests(p, method=method)[1], rel=1e-12)


@pytest.mark.parametrize("bad", [[0.1, 1.2], [-0.1], [[0.1, 0.2]]])
def test_adjusting_what_is_no_p_value_is_an_error(bad: list[float]) -> None:
    with pytest.raises(SpecError, match="from 0 to 1"):
        holm(bad)


def test_adjusting_nothing() -> None:
    assert holm([]).shape == (0,)
    assert np.isnan(benjamini_hochberg([math.nan, math.nan])).all()
