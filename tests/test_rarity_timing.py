"""How rare a day was and when securities moved: ranks by hand, forecasts and tests by statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import eventstudy as es
from eventstudy.objects.rarity import Rarity
from eventstudy.objects.results import StudyResult

DAY = pd.Timestamp("2025-01-27")


def one(result: StudyResult, subject: str, measure: str) -> Rarity:
    (found,) = (r for r in result.rare_days() if (r.subject, r.measure) == (subject, measure))
    return found


def test_raw_ranks_are_those_of_the_closes(deepseek_result: StudyResult) -> None:
    close = deepseek_result.prices.close.reindex(deepseek_result.headline.panel.sessions)
    for ticker in ("NVDA", "AMD", "AAPL"):
        moves = close[ticker].pct_change(fill_method=None).dropna()
        before, own = moves[:DAY], float(moves[DAY])
        beyond = before <= own if own < 0 else before >= own
        found = one(deepseek_result, ticker, "raw")
        assert found.value == pytest.approx(own, abs=1e-15)
        assert (found.at + 1, found.at_least) == (len(before), int(beyond.sum()))
        assert found.once_in == len(before) / beyond.sum()
        largest = (moves.sort_values() if own < 0 else moves.sort_values(ascending=False)).head(10)
        assert [day for day, _ in found.largest()] == list(largest.index)
    members = list(deepseek_result.settings.groups["cloud"])
    mean = close[members].pct_change(fill_method=None).mean(axis=1, skipna=False).dropna()
    assert one(deepseek_result, "cloud", "raw").value == pytest.approx(float(mean[DAY]), abs=1e-15)
    assert one(deepseek_result, "cloud", "raw").rank == 1 + int((mean[:DAY] < mean[DAY]).sum())


def test_nothing_later_counts_in_the_rank() -> None:
    days = pd.bdate_range("2025-01-01", periods=6)
    values = np.array([-0.02, 0.01, -0.3, -0.17, -0.4, 0.5])
    found = Rarity("X", "security", "raw", days, values, 3)
    assert (found.rank, found.at_least, found.once_in, found.rank_all) == (2, 2, 2.0, 3)
    later = values.copy()
    later[4:] = -0.9
    assert Rarity("X", "security", "raw", days, later, 3).rank == 2
    up = Rarity("X", "security", "raw", days, -values, 3)
    assert (up.rank, up.once_in) == (found.rank, found.once_in)  # a rise among rises


def test_an_index_goes_back_as_far_as_its_history(deepseek_result: StudyResult) -> None:
    history = deepseek_result.reference.index_history["^IXIC"].dropna()
    moves = history.pct_change(fill_method=None).dropna()
    found = one(deepseek_result, "^IXIC", "raw")
    assert found.days[0] == moves.index[0]
    assert found.days[0].year == 1971
    assert found.rank == 1 + int((moves[:DAY] < moves[DAY]).sum())
    assert {r.subject for r in deepseek_result.rare_days() if r.kind == "index"} >= {"^GSPC", "^SOX", "^N225"}


def test_an_abnormal_return_of_another_day_is_a_forecast_from_before_it(deepseek_result: StudyResult) -> None:
    panel = deepseek_result.headline.panel
    x = pd.Series(panel.regressors["market"], panel.sessions)

    def forecast(ticker: str, day: pd.Timestamp) -> float:
        y, at = pd.Series(panel.returns[panel.tickers.index(ticker)], panel.sessions), panel.sessions.get_loc(day)
        past = slice(at - 260, at - 10)
        fit = sm.OLS(y.iloc[past], sm.add_constant(x.iloc[past])).fit()
        return float(y[day] - fit.params.iloc[0] - fit.params.iloc[1] * x[day])

    for subject, members in (("AMD", ("AMD",)), ("cloud", deepseek_result.settings.groups["cloud"])):
        found = one(deepseek_result, subject, "abnormal")
        for day in (pd.Timestamp("2024-09-03"), DAY):
            expected = np.mean([forecast(ticker, day) for ticker in members])
            assert found.values[found.days.get_loc(day)] == pytest.approx(expected, rel=1e-9)
    assert one(deepseek_result, "AMD", "abnormal").value == pytest.approx(deepseek_result.car("AMD"), rel=1e-10)


def test_the_frame_has_a_row_a_series(deepseek_result: StudyResult) -> None:
    frame = deepseek_result.rarity()
    assert set(frame["kind"]) == {"group", "security", "index"}
    nvda = frame[(frame["subject"] == "NVDA") & (frame["measure"] == "raw")].iloc[0]
    assert (nvda["rank"], nvda["days"]) == (1, 517)
    assert len(nvda["largest"]) == 10


def test_the_scan_finds_the_day_with_holm_over_its_sessions(deepseek_result: StudyResult) -> None:
    scan = deepseek_result.timing().sessions
    own = scan[scan["subject"] == "NVDA"]
    event = deepseek_result.headline
    row = event.row("NVDA")
    np.testing.assert_allclose(own["ar"], event.abnormal.ar[row], rtol=1e-12)
    t = event.abnormal.sar()[row]
    p = 2 * stats.t.sf(np.abs(t), event.normal.nu[row])
    np.testing.assert_allclose(own["p"], p, rtol=1e-9)
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(own["p_holm"], multipletests(p, method="holm")[1], rtol=1e-9)
    most = {s.subject: s for s in deepseek_result.timing().most}
    assert (most["NVDA"].tau, most["NVDA"].day) == (0, DAY)
    assert most["core"].tau == 0
    assert most["core"].p_holm < 0.05
    core = event.find("core", event.abnormal.panel.event.__class__(0, 0), "portfolio_t")
    assert core is not None
    assert most["core"].p == pytest.approx(core.p, rel=1e-9)


def test_before_the_event_by_two_one_sided_tests(deepseek_result: StudyResult) -> None:
    found = {r.subject: r for r in deepseek_result.timing().reactions}
    nvda = found["NVDA"]
    assert (nvda.event, nvda.start, nvda.end) == ("release, stargate", -4, -1)  # 21 to 24 January
    nu = float(deepseek_result.headline.normal.nu[deepseek_result.headline.row("NVDA")])
    assert nvda.margin == pytest.approx(abs(deepseek_result.car("NVDA")) / 2, rel=1e-12)
    assert nvda.car == pytest.approx(deepseek_result.car("NVDA", (-4, -1)), rel=1e-12)
    assert nvda.low == pytest.approx(nvda.car - stats.t.ppf(0.95, nu) * nvda.se, rel=1e-9)
    for one_of in (nvda, found["cloud"]):
        nu = nu if one_of is nvda else 248
        sides = (
            stats.t.sf((one_of.car + one_of.margin) / one_of.se, nu),
            stats.t.cdf((one_of.car - one_of.margin) / one_of.se, nu),
        )
        assert one_of.p_margin == pytest.approx(max(sides), rel=1e-9)
        assert (one_of.answer == "none as large") == (one_of.p_margin < 0.05)
    assert nvda.answer == "not decided"
    # What could have been seen: at that size the two-sided test of 5 % rejects four times in five.
    power = stats.t.sf(stats.t.ppf(0.975, nu) - nvda.seen / nvda.se, nu)
    assert power == pytest.approx(0.8, abs=1e-9)


def made_up(before: float) -> StudyResult:
    rng = np.random.default_rng(9)
    days = pd.bdate_range("2022-01-03", periods=420)
    market = rng.normal(0, 0.01, 420)
    returns = market[:, None] + rng.normal(0, 0.005, (420, 2))
    returns[380] -= 0.3
    returns[377] += before
    levels = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), index=days, columns=["A", "B"])
    levels["^I"] = 100 * np.cumprod(1 + market)
    dates = [str(days[380].date()), str(days[377].date())]
    return es.Study(prices=levels, events=dates, tickers=["A", "B"], benchmark="^I", tests=["t"], calendar="own").run()


@pytest.mark.parametrize(("before", "answer"), [(0.0, "none as large"), (-0.3, "as large"), (-0.15, "not decided")])
def test_what_is_put_in_before_comes_out(before: float, answer: str) -> None:
    (first, _) = made_up(before).timing().reactions
    assert (first.subject, first.start, first.answer) == ("A", -3, answer)
