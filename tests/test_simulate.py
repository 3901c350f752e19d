"""Simulation on a study's own prices: against formulas, against a naive loop, and against sizes measured elsewhere."""

from __future__ import annotations

import datetime as dt
import gc
import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats as stats

import eventstudy as es
from eventstudy import memory
from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import EstimationError, SpecError, UnknownNameError, WindowError
from eventstudy.inference import OF_VARIANCE, RESAMPLED, SINGLE, TESTS, group_results
from eventstudy.inference.history import History
from eventstudy.inference.sizes import SIZES
from eventstudy.objects.estimation import Window
from eventstudy.prices.sessions import calendar
from eventstudy.simulation.pseudo import Draw, admissible, drawn, pseudo_studies, shocked
from eventstudy.simulation.result import SimulationResult, SimulationSettings

TODAY = Window(0, 0)
CORE = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
GROUP = [name for name in TESTS if name not in SINGLE | RESAMPLED | OF_VARIANCE]
WELL_KNOWN = ["cross_sectional_t", "patell_z", "bmp_t", "adjusted_bmp_t", "portfolio_t", "corrado_rank_z"]


@pytest.fixture(scope="module")
def normal_result() -> es.StudyResult:
    """40 securities with independent normal errors of 2 %, beta 1, 1,000 days; the event is the last but 20."""
    rng = np.random.default_rng(11)
    days = calendar("XNYS", dt.date(2015, 1, 2), dt.date(2020, 1, 2)).sessions[:1000]
    market = rng.normal(0, 0.01, 1000)
    returns = {"M": market} | {f"S{i:02d}": market + rng.normal(0, 0.02, 1000) for i in range(40)}
    prices = 100 * (1 + pd.DataFrame(returns, index=days)).cumprod()
    names = [name for name in returns if name != "M"]
    study = es.Study(
        prices=prices,
        events=days[-20].date(),
        tickers=names,
        benchmark="M",
        groups={"five": names[:5]},
        estimation=(-120, -1),
        event=(0, 4),
        windows=[(0, 0)],
        tests=["t"],
    )
    return study.run()


# ----------------------------------------------------------------------------------------- numbers that are not ours
def test_power_of_t_is_that_of_the_noncentral_t(normal_result: es.StudyResult) -> None:
    """AR / (s sqrt c) is noncentral t with nu = T - 2 and shift shock / (sigma sqrt c); c is 1 + 1/T + (..)^2/Sxx."""
    found = es.simulate(normal_result, n=1, replications=3000, shocks=[0.02, 0.04, 0.06], tests=["t"], seed=3)
    nu, c = 118, 1 + 2 / 120  # the mean of c over days: the market's share of it is 1/T too
    for shock in (0.0, 0.02, 0.04, 0.06):
        bound = stats.t.isf(0.025, nu)
        shift = shock / (0.02 * math.sqrt(c))
        power = stats.nct.sf(bound, nu, shift) + stats.nct.cdf(-bound, nu, shift) if shock else 0.05
        assert found.share("t", shock) == pytest.approx(power, abs=4 * math.sqrt(power * (1 - power) / 3000))


@pytest.mark.parametrize("options", [{"dates": "common"}, {"dates": "own"}, {"dates": "repeated", "repeats": 3}])
def test_size_of_t_like_tests_on_independent_normal_returns(
    options: dict[str, Any], normal_result: es.StudyResult
) -> None:
    tests = ["cross_sectional_t", "bmp_t", "adjusted_bmp_t"]
    tests += ["portfolio_t"] if options["dates"] == "common" else []
    found = es.simulate(normal_result, n=5, replications=300, shocks=[], tests=tests, **options)
    for test in tests:
        for level in (0.05, 0.10):
            error = math.sqrt(level * (1 - level) / 300)
            assert found.share(test, level=level) == pytest.approx(level, abs=3.5 * error), test


def test_every_real_date_gives_the_measured_sizes(deepseek_result: es.StudyResult) -> None:
    """The column R of `SIZES`: all dates with 250 days before them, the true events among them, nothing drawn."""
    found = es.simulate(deepseek_result, shocks=[], tests=WELL_KNOWN, avoid_events=False)
    assert found.made.replications == found.made.distinct == found.made.admissible == 491
    assert found.made.every_date
    assert (str(found.made.first), str(found.made.last)) == ("2024-01-18", "2025-12-31")
    for test in WELL_KNOWN:
        assert 100 * found.share(test) == pytest.approx(SIZES[test]["R"], abs=0.0501), test


def test_shares_are_those_of_a_naive_loop(deepseek_result: es.StudyResult) -> None:
    """Dates, estimation, CARs and two tests once more, day by day, from the prices alone."""
    span, shock, variance = range(-1, 2), 0.04, 2.0
    sessions = deepseek_result.prices.calendars["XNYS"].sessions
    levels = deepseek_result.prices.adj_close[[*CORE, "^IXIC"]].reindex(sessions)
    returns = (levels / levels.shift(1) - 1).to_numpy()
    true_days = {int(t) for r in deepseek_result.select() if r.exchange == "XNYS" for t in r.panel.day}
    news = {t + tau for t in true_days for tau in span}
    rejected: dict[str, list[bool]] = {"cross_sectional_t": [], "bmp_t": []}
    for t in range(261, len(sessions) - 1):
        if news & {t + tau for tau in span}:
            continue
        past = [s for s in range(t - 260, t - 10) if s not in news]
        cars, scars = [], []
        for i in range(3):
            x = np.column_stack([np.ones(len(past)), returns[past, 5]])
            b, sse = np.linalg.lstsq(x, returns[past, i], rcond=None)[:2]
            event = np.column_stack([np.ones(3), returns[[t + tau for tau in span], 5]])
            ar = returns[[t + tau for tau in span], i] - event @ b
            total = event.sum(axis=0)
            factor = 3 + total @ np.linalg.inv(x.T @ x) @ total
            cars.append(math.sqrt(variance) * ar.sum() + shock)
            scars.append(cars[-1] / math.sqrt(sse[0] / (len(past) - 2) * factor))
        for name, values in (("cross_sectional_t", cars), ("bmp_t", scars)):
            rejected[name].append(bool(stats.ttest_1samp(values, 0.0).pvalue <= 0.05))
    found = es.simulate(
        deepseek_result,
        securities=CORE[:3],
        window=(-1, 1),
        shocks=[shock],
        variance=variance,
        tests=["cross_sectional_t", "bmp_t"],
    )
    for name, flags in rejected.items():
        assert found.made.replications == len(flags)
        assert found.share(name, shock) == pytest.approx(np.mean(flags), rel=1e-12)


# -------------------------------------------------------------------------------------------------------------- shocks
@pytest.mark.parametrize("window", [TODAY, Window(-1, 1), Window(2, 4)], ids=str)
def test_a_shock_is_in_the_car_whole(window: Window, synthetic_abnormal: AbnormalReturns) -> None:
    moved = shocked(synthetic_abnormal, window, 0.03, 2.0)
    np.testing.assert_allclose(moved.car(window), 2 * synthetic_abnormal.car(window) + 0.03, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(moved.car_se(window), synthetic_abnormal.car_se(window))
    np.testing.assert_array_equal(moved.residuals(), synthetic_abnormal.residuals())
    inside = moved.columns(window)
    outside = np.delete(moved.ar - synthetic_abnormal.ar, np.arange(inside.start, inside.stop), axis=1)
    assert not outside.any()
    held = np.prod(1 + moved.ar[:, inside] + moved.expected()[:, inside], axis=1)
    normal = np.prod(1 + moved.expected()[:, inside], axis=1)
    np.testing.assert_allclose(moved.bhar(window), held - normal, rtol=0, atol=1e-13)


@pytest.mark.parametrize("window", [TODAY, Window(-1, 1)], ids=str)
def test_a_history_kept_after_a_shock_changes_no_result(window: Window, synthetic_abnormal: AbnormalReturns) -> None:
    """Whatever a test keeps in the history may depend on the estimation window alone."""
    history = History(synthetic_abnormal)
    group_results(synthetic_abnormal, (window,), GROUP, history)
    moved = shocked(synthetic_abnormal, window, 0.01, 1.5)
    kept = group_results(moved, (window,), GROUP, history.beside(moved))
    fresh = group_results(moved, (window,), GROUP)
    assert [r.test for r in kept] == [r.test for r in fresh]
    np.testing.assert_array_equal([r.p for r in kept], [r.p for r in fresh])


def test_power_rises_with_the_shock(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, shocks=[0.02, 0.04, 0.08], tests=WELL_KNOWN, replications=60)
    for test in WELL_KNOWN:
        shares = [found.share(test, shock) for shock in (0.0, 0.02, 0.04, 0.08)]
        assert shares == sorted(shares)
        assert shares[0] < 0.35 < 0.9 < shares[-1]


def test_only_a_test_for_it_withstands_an_increase_of_variance(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(
        deepseek_result, shocks=[], variance=4, tests=["adjusted_bmp_t", "portfolio_t"], replications=200
    )
    assert found.share("adjusted_bmp_t") < 0.1
    assert found.share("portfolio_t") > 0.2


# ------------------------------------------------------------------------------------------------------------- drawing
def test_a_seed_gives_the_same_table(deepseek_result: es.StudyResult) -> None:
    def made(seed: int) -> SimulationResult:
        return es.simulate(deepseek_result, dates="own", replications=30, shocks=[0.03], tests=["bmp_t"], seed=seed)

    pd.testing.assert_frame_equal(made(5).table, made(5).table)
    assert made(5).to_json() == made(5).to_json()
    assert not made(5).table.equals(made(6).table)


@pytest.mark.parametrize(
    ("dates", "events", "per_study"), [("common", 5, 1), ("own", 5, 5), ("repeated", 20, 4)], ids=str
)
def test_pseudo_events_lie_where_they_may(
    dates: Any, events: int, per_study: int, deepseek_result: es.StudyResult
) -> None:
    source, window = deepseek_result.headline, Window(-1, 1)
    rows = [source.row(t) for t in CORE]
    how = Draw(5, dates, 4, window.length, 40, 1)
    pseudo, _ = pseudo_studies(source.abnormal, rows, window, how, avoid=True)
    panel = pseudo.abnormal.panel
    assert pseudo.rows.shape == (40, events)
    news = {*panel.excluded, *source.panel.day.tolist()}
    assert min(abs(int(t) - day) for t in panel.day for day in news) > 2  # [-1, +1] about one never meets the other's
    assert (panel.day >= 261).all()
    assert np.isfinite(pseudo.abnormal.ar).all()
    assert (pseudo.abnormal.normal.nobs < 250).any(), "days of news are taken out of estimation windows"
    for study in pseudo.rows:
        days = np.unique(panel.day[study])
        assert len(days) == per_study
        assert (np.diff(days) >= window.length).all()
        pairs = {(int(s), int(t)) for s, t in zip(panel.security[study], panel.day[study], strict=True)}
        assert len(pairs) == events


def test_dates_are_drawn_without_repetition_until_all_are_taken(deepseek_result: es.StudyResult) -> None:
    some = es.simulate(deepseek_result, replications=100, shocks=[], tests=["cross_sectional_t"])
    assert (some.made.replications, some.made.distinct, some.made.every_date) == (100, 100, False)
    every = es.simulate(deepseek_result, replications=10_000, shocks=[], tests=["cross_sectional_t"])
    assert every.made.replications == every.made.distinct == every.made.admissible < 491
    assert any("every admissible date was taken once" in note for note in every.made.notes)


def test_securities_can_be_drawn_anew(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, n=3, replications=40, shocks=[], tests=["cross_sectional_t"])
    assert found.made.drawn
    assert (found.made.n, len(found.made.securities)) == (3, 34)
    held = es.simulate(deepseek_result, n=3, group="core", replications=40, shocks=[], tests=["cross_sectional_t"])
    assert held.made.securities == tuple(CORE)


def test_a_short_history_counts_as_long_as_at_its_event(deepseek_result: es.StudyResult) -> None:
    """GEV has 195 estimation returns at the event: its pseudo-events have at least as many."""
    source = deepseek_result.headline
    days = admissible(source.panel, source.normal, [source.row("GEV")], TODAY, avoid=True)
    first = int(np.flatnonzero(days.allowed[0])[0])
    assert first == int(source.panel.day[0]) + 1  # the event itself is the first that would do, and is left out
    assert drawn(days, Draw(1, "common", 1, 1, 5000, 0))[0].shape == (days.count, 1, 2)


def test_a_group_on_another_exchange(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, group="japan", replications=30, shocks=[], tests=["portfolio_t", "t"])
    assert (found.made.exchange, found.made.benchmark) == ("XTKS", "^N225")
    assert math.isnan(found.share("t"))
    row = found.table[found.table["test"] == "t"].iloc[0]
    assert (row["applies"], row["replications"]) == (0, 0)
    assert "one security" in row["reason"]
    mixed = es.simulate(
        replace(
            deepseek_result, settings=replace(deepseek_result.settings, groups={"both": ("NVDA", "AMD", "8035.T")})
        ),
        group="both",
        replications=20,
        shocks=[],
        tests=["portfolio_t"],
    )
    assert mixed.made.securities == ("NVDA", "AMD")
    assert "8035.T is left out: not on the sessions of XNYS" in mixed.made.notes


def test_one_security_and_a_test_of_ones_own(deepseek_result: es.StudyResult) -> None:
    alone = es.simulate(deepseek_result, securities=["NVDA"], replications=50, shocks=[0.05])
    assert set(alone.tests) == {name for name in SINGLE if name not in RESAMPLED | OF_VARIANCE}

    def own(abnormal: AbnormalReturns, window: Window) -> Any:
        return replace(TESTS["bmp_t"](abnormal, window), test="own")

    both = es.simulate(deepseek_result, replications=25, shocks=[0.05], tests=[own, "bmp_t"])
    assert both.share("own", 0.05) == both.share("bmp_t", 0.05)


def test_more_than_memory_holds_is_refused_before_anything_is_drawn(
    deepseek_result: es.StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 1_000_000)
    with pytest.raises(SpecError, match=r"9,000 replications of 8 events take about .* take fewer replications"):
        es.simulate(deepseek_result, replications=9_000, dates="own", n=8, tests=["bmp_t"])
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    assert es.simulate(deepseek_result, replications=20, dates="own", n=8, tests=["bmp_t"]).made.replications == 20


def test_progress_is_told(deepseek_result: es.StudyResult) -> None:
    told: list[tuple[int, int]] = []
    es.simulate(
        deepseek_result, replications=20, shocks=[], tests=["portfolio_t"], progress=lambda *at: told.append(at)
    )
    assert told == [(k, 20) for k in range(1, 21)]


# ------------------------------------------------------------------------------------------------------------- results
def by_hand(shares: dict[float, float], reason: str | None = None) -> SimulationResult:
    """A result of one test with the given rejected shares."""
    rows = [
        {"test": "x", "front": True, "shock": s, "level": 0.05, "rejected": p, "standard_error": 0.01, "applies": 1.0,
         "n": 2, "replications": 100, "distinct": 100, "reason": reason}
        for s, p in shares.items()
    ]  # fmt: skip
    made: Any = None
    return SimulationResult(SimulationSettings(shocks=tuple(shares)), made, pd.DataFrame(rows), ("x",), "why")


def test_the_detectable_move_lies_on_the_line() -> None:
    found = by_hand({0.0: 0.05, 0.02: 0.4, 0.04: 0.9, 0.06: 1.0}).detectable("x")
    assert found.shock == pytest.approx(0.02 + 0.02 * (0.8 - 0.4) / (0.9 - 0.4), rel=1e-12)
    fall = by_hand({0.0: 0.05, -0.04: 0.9, -0.02: 0.4}).detectable("x", power=0.65)
    assert fall.shock == pytest.approx(-0.03, rel=1e-12)
    both = by_hand({0.0: 0.1, -0.02: 1.0, 0.02: 0.9}).detectable("x", power=0.5)
    assert both.shock == pytest.approx(0.01, rel=1e-12)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({0.0: 0.05, 0.03: 0.6}, "even the largest move tried, 0.03, is found in a share of 0.6"),
        ({0.0: 0.85, 0.03: 0.9}, "without any move"),
        ({0.0: 0.05}, "no shock was tried"),
        ({0.0: math.nan, 0.03: math.nan}, "it does not apply"),
    ],
)
def test_a_move_that_cannot_be_said_has_a_reason(shares: dict[float, float], words: str) -> None:
    found = by_hand(shares, "it does not apply").detectable("x")
    assert math.isnan(found.shock)
    assert words in str(found.reason)


def test_what_is_written_is_what_was_found(deepseek_result: es.StudyResult, tmp_path: Path) -> None:
    found = es.simulate(deepseek_result, replications=40, shocks=[0.04, 0.08], tests=[*WELL_KNOWN, "t"])
    said = json.loads(found.to_json())
    assert said["table"][0]["test"] == WELL_KNOWN[0]
    assert len(said["table"]) == len(found.table) == 7 * 3 * 3
    assert said["settings"]["window"] == [0, 0]
    again = pd.read_csv(found.to_csv(tmp_path / "here" / "x.csv"))
    np.testing.assert_allclose(again["rejected"], found.table["rejected"], rtol=1e-11)
    errors = found.table["rejected"] * (1 - found.table["rejected"]) / found.table["replications"].replace(0, np.nan)
    np.testing.assert_allclose(found.table["standard_error"], np.sqrt(errors), rtol=1e-12)
    html = found._repr_html_()
    assert "<script" not in html
    assert html.count("<tr>") == 8
    figure = found.plot()
    assert len(figure.data) == len(WELL_KNOWN)  # t does not apply and is not drawn
    assert figure.data[-1].name


def test_the_sentence_takes_its_numbers_from_the_table(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, replications=80, shocks=[0.04, 0.08], tests=WELL_KNOWN)
    text, called = found.sentence, {"the adjusted BMP t": "adjusted_bmp_t", "the portfolio test": "portfolio_t"}
    called["Corrado’s rank test"] = "corrado_rank_z"
    name = "|".join(called)
    assert text.startswith("If NVDA, AVGO, AMD, TSM and ASML all moved together by ")
    (shock,) = re.findall(r"together by (\d)\.00% beyond what the market explains on one date", text)
    powers = re.findall(rf"({name})(?:,| would)[^%]*? (\d+) times in 100 \(from (\d+) to (\d+)", text)
    for test, share, low, high in powers:
        assert int(share) == round(100 * found.share(called[test], int(shock) / 100))
        ends = stats.binomtest(int(80 * found.share(called[test], int(shock) / 100) + 0.5), 80).proportion_ci(
            method="wilson"
        )
        assert (int(low), int(high)) == (round(100 * ends.low), round(100 * ends.high))
    sizes = re.findall(rf"({name}) (?:rejects )?([\d.]+)%", text.split("nothing was added")[1])
    for test, size in sizes:
        assert float(size) == pytest.approx(100 * found.share(called[test]), abs=0.05)
    needed = re.findall(rf"about ([\d.]+)% with ({name})", text)
    for move, test in needed:
        assert float(move) == pytest.approx(100 * found.detectable(called[test]).shock, abs=0.005)
    assert len(powers) == len(sizes) == len(needed) == 2
    assert "To be found 8 times in 10" in text


@pytest.mark.parametrize("replications", [1, 12])
def test_of_a_few_studies_nothing_is_said(replications: int, deepseek_result: es.StudyResult) -> None:
    text = es.simulate(deepseek_result, replications=replications, tests=["portfolio_t"]).sentence
    assert text.startswith(f"Only {replications} distinct pseudo-stud")
    assert "%" not in text


def test_where_none_are_named_those_in_front_and_well_known_ones_are_tried(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, replications=20, shocks=[])
    assert {*found.front, *WELL_KNOWN, "sign_z"} - RESAMPLED == {*found.tests}
    left = [name for name in found.front if name in RESAMPLED]
    assert left == ["placebo_portfolio"]
    assert any(note.startswith("placebo_portfolio: in front too, but left out") for note in found.made.notes)


def test_a_test_that_errs_too_often_is_not_recommended(deepseek_result: es.StudyResult) -> None:
    found = es.simulate(deepseek_result, replications=200, shocks=[0.04], tests=["bmp_t"])
    assert ": it rejects too often here" in found.sentence
    size = f"{100 * found.share('bmp_t'):.1f}%"
    assert f"but it also rejects {size} of the time where nothing happened" in found.sentence
    assert f"rejects {size} where nothing was added" in found._repr_html_()
    nothing = es.simulate(deepseek_result, replications=20, shocks=[], tests=["t"])
    assert nothing.sentence.startswith("No test applies")


# ----------------------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"tests": ["bmp"]}, UnknownNameError, "Did you mean 'bmp_t'"),
        ({"tests": "bmp_t"}, SpecError, "tests is a list, such as"),
        ({"group": "cores"}, UnknownNameError, "Did you mean 'core'"),
        ({"securities": ["NVDIA"]}, UnknownNameError, "Did you mean 'NVDA'"),
        ({"securities": ["NVDA", "NVDA"]}, SpecError, "twice"),
        ({"securities": ["NVDA"], "group": "core"}, SpecError, "not both"),
        ({"variance": -1}, SpecError, "above 0"),
        ({"variance": math.nan}, SpecError, "above 0"),
        ({"shocks": [math.inf]}, SpecError, "each of shocks is a number"),
        ({"shocks": [3]}, SpecError, "0.03 for three per cent"),
        ({"shocks": "high"}, SpecError, "shocks is a list, such as"),
        ({"replications": 0}, SpecError, "replications is a whole number of at least 1"),
        ({"replications": 2.5}, SpecError, "a whole number"),
        ({"seed": -1}, SpecError, "seed is a whole number of at least 0"),
        ({"n": 0}, SpecError, "n is a whole number of at least 1"),
        ({"n": 99}, SpecError, "at most the number of securities"),
        ({"dates": "mine"}, UnknownNameError, "common, own, repeated"),
        ({"alpha": 5}, SpecError, "between 0 and 1"),
        ({"window": (-20, 0)}, WindowError, "outside the study's event window"),
        ({"window": (1, 0)}, WindowError, "ends on or after"),
        ({"window": 3}, SpecError, "sessions relative to day zero, such as"),
        ({"dates": "own", "n": 34, "window": (-10, 10)}, EstimationError, "do not fit"),
    ],
)
def test_what_is_wrong_is_said(options: Any, error: type[Exception], words: str, deepseek_result: Any) -> None:
    with pytest.raises(error, match=re.escape(words)):
        es.simulate(deepseek_result, **options)


def test_a_level_or_shock_that_was_not_tried_is_an_error() -> None:
    found = by_hand({0.0: 0.05, 0.03: 0.6})
    with pytest.raises(SpecError, match=r"those that were: 0, 0\.03"):
        found.share("x", 0.04)
    with pytest.raises(SpecError, match=r"the level 0\.2 was not tried"):
        found.share("x", level=0.2)
    with pytest.raises(UnknownNameError):
        found.share("y")
    with pytest.raises(SpecError, match="power is a number between 0 and 1"):
        found.detectable("x", power=1.0)


def test_too_few_dates_are_counted(deepseek_result: es.StudyResult) -> None:
    prices = deepseek_result.prices
    until = prices.close.index[prices.close.index <= "2025-02-05"]
    short = es.Study(
        prices=prices.close.loc[until, ["NVDA", "AMD", "^IXIC"]],
        events="2025-01-27",
        tickers=["NVDA", "AMD"],
        benchmark="^IXIC",
        estimation=(-505, -11),
    )
    with pytest.raises(EstimationError, match=r"\d+ admissible dates are too few to simulate with, needs 20: of \d+"):
        es.simulate(short, shocks=[])


# ------------------------------------------------------------------------------------------------------------- command
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """`eventstudy simulate ...` in this process: exit code, stdout, stderr."""
    from eventstudy.cli.commands import main

    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["eventstudy", "simulate", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        gc.enable()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, said.err

    return call


def test_the_command_prints_a_table_and_a_sentence(command: Command, tmp_path: Path) -> None:
    tests = "adjusted_bmp_t,portfolio_t,t"
    code, out, err = command("deepseek", "--shock", "0.04", "--replications", "40", "--tests", tests, "--out", "here")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("adjusted_bmp_t")]
    assert "+4.0%" in out
    assert "t: is a test of one security and one event" in out
    assert "If NVDA, AVGO, AMD, TSM and ASML all moved together by 4.00%" in out
    assert "wrote here/power.html" in err
    assert sorted(p.name for p in (tmp_path / "here").iterdir()) == ["power.html", "simulation.csv", "simulation.json"]
    page = (tmp_path / "here" / "power.html").read_text(encoding="utf-8")
    assert "adjusted BMP" in page
    assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=", page), "the page needs no network"
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'; script-src ('sha256-\S+'\s?){2};", page)
    assert 'id="figure-power"' in page


def test_the_command_for_machines(command: Command) -> None:
    code, out, _ = command(
        *("deepseek", "--json", "--replications", "20", "--group", "energy", "--dates", "own", "--variance", "4"),
        *("--window", "-1,1", "--tests", "bmp_t", "--seed", "7", "--set", "model=market_adjusted"),
        *("--alpha", "0.02", "--repeats", "4"),
    )
    assert code == 0
    said = json.loads(out)
    assert said["settings"]["variance"] == 4
    assert (said["settings"]["alpha"], said["settings"]["repeats"]) == (0.02, 4)
    assert said["settings"]["window"] == [-1, 1]
    assert (said["made"]["model"], said["made"]["replications"]) == ("market_adjusted", 20)
    assert [row["shock"] for row in said["table"] if row["level"] == 0.05] == [0, 0.01, 0.02, 0.03, 0.05]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("nothing",), 2, "nothing"),
        (("deepseek", "--window", "0"), 2, "two sessions"),
        (("deepseek", "--window", "a,b"), 2, "two sessions"),
        (("deepseek", "--shock", "much"), 2, "Invalid value for '--shock'"),
        (("deepseek", "--shock", "3"), 2, "a decimal between -1 and 1"),
        (("deepseek", "--variance", "-4"), 2, "above 0"),
        (("deepseek", "--replications", "0"), 2, "of at least 1"),
        (("deepseek", "--dates", "mine"), 2, "Known: common, own, repeated"),
        (("deepseek", "--tests", "bmp"), 2, "Did you mean 'bmp_t'"),
        (("deepseek", "--set", "model"), 2, "KEY=VALUE"),
    ],
)
def test_the_command_refuses_what_is_wrong(words: tuple[str, ...], code: int, message: str, command: Command) -> None:
    found, out, err = command(*words)
    assert (found, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


# ----------------------------------------------------------------------------------------------------- one event alone
def test_a_shock_stands_in_its_own_pseudo_study_alone() -> None:
    """The rank among the estimation days, by hand: the shocks of the other pseudo-events are not among them."""
    study = es.Study(prices="deepseek", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC")
    found = es.simulate(study, tests=["sample_quantile"], shocks=[0.05])
    rows = pd.read_csv(Path(__file__).parents[1] / "data" / "deepseek" / "prices.csv", parse_dates=["date"])
    prices = rows.pivot(index="date", columns="ticker", values="adj_close")[["NVDA", "^IXIC"]]
    y, x = prices.loc[prices["^IXIC"].notna() & prices["NVDA"].notna()].pct_change().to_numpy().T
    event = int(np.searchsorted(prices.dropna().index, pd.Timestamp("2025-01-27")))
    rejected = []
    for t in range(261, len(y)):
        if t == event:
            continue
        past = [s for s in range(t - 260, t - 10) if s != event]  # the study's event is no ordinary day
        slope, level = np.polyfit(x[past], y[past], 1)
        residuals = np.abs(y[past] - level - slope * x[past])
        size = abs(y[t] - level - slope * x[t] + 0.05)
        rejected.append((1 + (residuals >= size).sum()) / (1 + len(residuals)) <= 0.05)
    assert found.made.replications == len(rejected)
    assert found.share("sample_quantile", 0.05) == pytest.approx(np.mean(rejected), abs=1e-12)
    assert found.share("sample_quantile", 0.05) > 0.5
