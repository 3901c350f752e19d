"""The grid of specifications: each cell against a study with its settings, and against statsmodels; counts by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.robust.norms import HuberT

import eventstudy as es
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.sensitivity import Cell, Sensitivity
from eventstudy.study.studyfile import read_study

ROOT = Path(__file__).resolve().parents[1]
TICKERS = ("NVDA", "AMD", "GEV")
CORE = ("NVDA", "AVGO", "AMD", "TSM", "ASML")


@pytest.fixture(scope="module")
def grid(deepseek_result: StudyResult) -> Sensitivity:
    return deepseek_result.sensitivity()


def with_settings(cell: Cell) -> StudyResult:
    """A study of its own with the settings of a cell."""
    return es.Study(
        prices="deepseek",
        events="2025-01-27",
        tickers=TICKERS,
        groups={"core": CORE},
        benchmark=cell.benchmark,
        model=cell.model,
        returns=cell.returns,
        estimation=cell.window,
        tests=["t", "portfolio_t"],
    ).run()


def test_ten_cells_equal_a_study_with_their_settings(grid: Sensitivity) -> None:
    part = grid.parts[0]
    purged = [name for name in part.where["benchmark"] if "without" in name]
    able = [c for c, cell in enumerate(part.cells) if cell.benchmark not in purged]
    for c in np.random.default_rng(11).choice(able, 10, replace=False):
        result = with_settings(part.cells[c])
        for w, window in enumerate(result.settings.windows):
            assert part.windows[w] == window
            rows = result.cars(window).set_index("id")
            for ticker in TICKERS:
                s, row = part.subjects.index(ticker), rows.loc[ticker]
                mine = [part.car[c, s, w], part.se[c, s, w], part.p[c, s, w]]
                np.testing.assert_allclose(mine, [row["car"], row["se"], row["p"]], rtol=1e-10, atol=1e-13)
            if part.cells[c].model in ("robust", "dimson"):
                continue  # there a group of a study has the residuals of its members' own estimates
            found = result.headline.find("core", window, "portfolio_t")
            assert found is not None
            s = part.subjects.index("core")
            assert part.p[c, s, w] == pytest.approx(found.p, rel=1e-9)
            assert part.car[c, s, w] / part.se[c, s, w] == pytest.approx(found.statistic, rel=1e-10)


def days_of(result: StudyResult, ticker: str, cell: Cell) -> tuple[pd.Series, pd.DatetimeIndex, pd.Timestamp]:
    """Returns of a security, its estimation days under a cell, and day zero; from the closes alone."""
    prices = result.prices.adj_close.reindex(result.headline.panel.sessions)
    day = pd.Timestamp("2025-01-27")
    at = prices.index.get_loc(day)
    own = prices[ticker].pct_change(fill_method=None)
    return own, prices.index[at + cell.window.start : at + cell.window.end + 1], day


def test_two_cells_are_what_statsmodels_says(deepseek_result: StudyResult, grid: Sensitivity) -> None:
    part = grid.parts[0]
    s, w = part.subjects.index("AMD"), 0
    cell = Cell("RSP", "robust", 120, 31, "simple")
    own, days, day = days_of(deepseek_result, "AMD", cell)
    market = days_of(deepseek_result, "RSP", cell)[0]
    fit = sm.RLM(own[days], sm.add_constant(market[days]), M=HuberT()).fit(tol=1e-13, maxiter=500)
    c = part.cells.index(cell)
    assert part.car[c, s, w] == pytest.approx(
        own[day] - fit.params.iloc[0] - fit.params.iloc[1] * market[day], rel=1e-9
    )
    e = own[days] - fit.params.iloc[0] - fit.params.iloc[1] * market[days]
    x = np.array([1.0, market[day]])
    assert part.se[c, s, w] == pytest.approx(np.sqrt(e @ e / 118 + x @ np.asarray(fit.cov_params()) @ x), rel=1e-8)

    cell = Cell(None, "ff5_mom", 480, 11, "simple")
    factors = deepseek_result.reference.factors
    names = ["mkt_rf", "smb", "hml", "rmw", "cma", "mom"]
    own, days, day = days_of(deepseek_result, "AMD", cell)
    excess = own - factors["rf"].reindex(own.index)
    ols = sm.OLS(excess[days], sm.add_constant(factors.loc[days, names])).fit()
    ahead = ols.get_prediction(np.r_[1.0, factors.loc[day, names]])
    c = part.cells.index(cell)
    assert part.car[c, s, w] == pytest.approx(excess[day] - ahead.predicted_mean[0], rel=1e-10)
    assert part.se[c, s, w] == pytest.approx(ahead.se_obs[0], rel=1e-10)


def test_the_index_without_its_members_is_a_benchmark_of_the_grid(
    deepseek_result: StudyResult, grid: Sensitivity
) -> None:
    (found,) = (one for one in deepseek_result.contamination if one.index == "^IXIC")
    part = grid.parts[0]
    c = part.cells.index(Cell(found.name, "market", 250, 11, "simple"))
    for key in ("AMD", "ASML"):
        ar, p = found.answers[key]
        s = part.subjects.index(key)
        assert part.car[c, s, 0] == pytest.approx(ar.middle, rel=1e-10)
        assert part.p[c, s, 0] == pytest.approx(p.middle, rel=1e-9)
    assert part.p[0, part.subjects.index("AMD"), 0] > 0.05 > part.p[c, part.subjects.index("AMD"), 0]


def test_agreement_is_a_count_of_the_cells(deepseek_result: StudyResult, grid: Sensitivity) -> None:
    cells = grid.cells
    for subject, window in (("AMD", "[0, 0]"), ("core", "[-1, +1]"), ("GEV", "[0, +5]"), ("8035.T", "[0, 0]")):
        own = cells[(cells["subject"] == subject) & (cells["window"] == window)]
        found = next(one for one in grid.agreements if one.subject == subject and str(one.window) == window)
        said = np.where(own["p"] < 0.05, np.sign(own["car"]), 0)
        first = int(said[own["own"].to_numpy()][0])
        assert (found.cells, found.agree, found.answer) == (len(own), int((said == first).sum()), first)
        assert found.significance == int(((said == 0) != (first == 0)).sum())
        for flip in found.flips:
            values = own[flip.dimension].fillna("none").astype(str)
            assert flip.cells == int((values == flip.value).sum())
        assert found.fragile == (found.agree / found.cells < 0.8)
    table = grid.table
    amd = table[(table["subject"] == "AMD") & (table["window"] == "[0, 0]")].iloc[0]
    assert amd["fragile"]
    assert "^IXIC without NVDA, AVGO 48 of 48" in amd["flips"]


def test_cells_that_are_the_same_computation_count_once(grid: Sensitivity) -> None:
    part = grid.parts[0]
    assert len(set(part.cells)) == len(part.cells) == 360
    # 6 windows of estimation; 7 benchmarks for 4 models, 3 models without, of which two explain simple returns alone
    assert 6 * ((7 * 4 + 3) + (7 * 4 + 1)) == 360
    assert part.cells[0] == Cell("^IXIC", "market", 250, 11, "simple")
    assert all((cell.benchmark is None) == (cell.model in ("mean_adjusted", "ff3", "ff5_mom")) for cell in part.cells)
    assert {cell.benchmark for cell in grid.parts[1].cells} == {"^N225", None}


def test_claims_carry_the_agreement_of_their_subjects(deepseek_result: StudyResult, grid: Sensitivity) -> None:
    verdict = deepseek_result.verdict
    assert verdict("amd-8").agreement == grid.of("AMD").share
    assert verdict("amd-8").fragile
    assert verdict("not-the-market").agreement == grid.of("core").share
    assert not verdict("not-the-market").fragile
    assert verdict("japan-chips").agreement == grid.of("japan").share
    assert verdict("trillion").agreement is None  # no abnormal return, no agreement
    assert "Fragile" in deepseek_result.explain("amd-8")


def made_up(**more: object) -> es.Study:
    """Four securities of 420 weekdays, a fall of 30 % of two of them on day 380, and an index under two names."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2022-01-03", periods=420)
    market = rng.normal(0, 0.01, 420)
    returns = market[:, None] + rng.normal(0, 0.01, (420, 4))
    returns[380, :2] = -0.3
    levels = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), index=days, columns=list("ABCD"))
    levels["^I"] = levels["^GSPC"] = 100 * np.cumprod(1 + market)
    return es.Study(
        prices=levels,
        events=str(days[380].date()),
        groups={"fell": ["A", "B"], "not": ["C", "D"]},
        benchmark="^I",
        tests=["t"],
        calendar="own",
        **more,  # type: ignore[arg-type]
    )


def test_a_large_fall_stays_one_in_every_cell() -> None:
    found = made_up().run().sensitivity()
    for subject in ("A", "B", "fell"):
        assert found.of(subject).share == 1.0
        assert found.of(subject).answer == -1
    # ^GSPC is the same series as ^I: 4 models with a benchmark and one without, 6 windows, simple and log returns.
    assert found.of("A").cells == 5 * 6 * 2
    assert {cell.benchmark for part in found.parts for cell in part.cells} == {"^I", None}


def test_a_study_says_what_its_grid_is_made_of() -> None:
    own = made_up(
        sensitivity={"models": ["market_adjusted"], "estimation": [100], "gaps": [15], "benchmarks": ["^GSPC"]}
    )
    (part,) = own.run().sensitivity().parts
    assert set(part.where["estimation"]) == {"250", "100"}
    assert set(part.where["gap"]) == {"11", "15"}
    assert set(part.where["model"]) == {"market", "market_adjusted"}
    off = made_up(sensitivity="off").run()
    assert json.loads(off.to_json())["sensitivity"] is None
    assert json.loads(made_up().run().to_json())["sensitivity"]["grids"][0]["cells"] == 60


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"models": ["peer"]}, SpecError, "peer is not fitted to all securities at once; a grid takes market,"),
        ({"models": ["markt"]}, UnknownNameError, "Did you mean 'market'"),
        ({"estimation": [30]}, SpecError, "whole number of at least 60"),
        ({"gaps": [5]}, SpecError, r"ends the estimation window on day -5, inside the event window \[-10, \+10\]"),
        ({"gap": [11]}, UnknownNameError, "gaps"),
        ({"gaps": []}, SpecError, "is empty"),
        ("none", SpecError, "'off', or a mapping"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_in_words(given: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        _ = made_up(sensitivity=given).settings


def test_a_complaint_about_the_file_names_its_line(tmp_path: Path) -> None:
    text = (
        (ROOT / "data/deepseek/study.yaml").read_text(encoding="utf-8").replace("prices: snapshot", "prices: deepseek")
    )
    (tmp_path / "study.yaml").write_text(text + "sensitivity: {gaps: [3]}\n", encoding="utf-8")
    line = text.count("\n") + 1
    with pytest.raises(SpecError, match=rf"study.yaml:{line}: sensitivity: a gap of 3"):
        read_study(tmp_path)


def test_what_has_no_grid_is_said() -> None:
    result = made_up(model="synthetic_control").run()
    assert result.sensitivity().parts == ()
    assert "synthetic_control is not fitted to all securities at once" in result.sensitivity().left_out[0]
    dates = {"A": "2023-05-01", "B": "2023-05-02", "C": "2023-05-01", "D": "2023-05-01"}
    prices = made_up().prices
    apart = es.Study(prices=prices, events=dates, groups={"all": list("ABCD")}, benchmark="^I", calendar="own").run()
    assert "dates of their own" in apart.sensitivity().left_out[0]
    assert apart.sensitivity().of("A").cells > 0
