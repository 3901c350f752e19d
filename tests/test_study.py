"""Study, load and study.yaml: what a user writes, what comes of it, and every way it can be wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import (
    EstimationError,
    EventStudyError,
    MissingPriceError,
    SpecError,
    UnknownNameError,
    WindowError,
)
from eventstudy.objects.estimation import Event, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import InferenceResult

STUDY = """\
schema_version: 1
id: mine
title: Mine
prices: prices.csv
events: [{id: news, announced: 2024-11-06}]
groups: {pair: [AAA, BBB]}
benchmarks: {default: ^MKT}
"""


@pytest.fixture
def prices() -> pd.DataFrame:
    """Closes of two securities and a market on 400 New York sessions from 2023-06-01, simulated (seed 7)."""
    from eventstudy.prices.sessions import calendar

    sessions = calendar("XNYS", dt.date(2023, 6, 1), dt.date(2025, 1, 31), None).sessions[:400]
    rng = np.random.default_rng(7)
    market = rng.normal(0.0004, 0.01, len(sessions))
    moves = {
        "^MKT": market,
        "AAA": 1.2 * market + rng.normal(0, 0.02, 400),
        "BBB": 0.8 * market + rng.normal(0, 0.015, 400),
    }
    return pd.DataFrame({t: 100 * np.cumprod(1 + r) for t, r in moves.items()}, index=sessions)


@pytest.fixture
def folder(tmp_path: Path, prices: pd.DataFrame) -> Callable[[str], Path]:
    """Write a study folder with the given study.yaml and a wide price file."""

    def write(text: str = STUDY) -> Path:
        (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
        prices.to_csv(tmp_path / "prices.csv", index_label="date")
        return tmp_path

    return write


# ------------------------------------------------------------------------------------------------------ the headline
def test_the_five_chip_stocks_fell_as_published(deepseek_result: es.StudyResult) -> None:
    """The closing moves of 27 January 2025 as every newspaper had them, in per cent."""
    published = {"NVDA": -16.97, "AVGO": -17.40, "AMD": -6.37, "TSM": -13.33, "ASML": -5.75}
    headline = deepseek_result.headline
    day = headline.panel.event.taus.index(0)
    moves = 100 * headline.abnormal.realized()[:, day]
    assert {t: round(moves[headline.row(t)], 2) for t in published} == published
    market = headline.panel.regressors["market"][headline.panel.day[0]]
    assert round(100 * market, 2) == -3.07


def test_three_are_abnormal_against_the_nasdaq_and_two_are_not(deepseek_result: es.StudyResult) -> None:
    found = {}
    for ticker in ("NVDA", "AVGO", "TSM", "AMD", "ASML"):
        test = deepseek_result.headline.find(ticker, Window(0, 0), "t")
        assert test is not None
        found[ticker] = test.p < 0.05
    assert found == {"NVDA": True, "AVGO": True, "TSM": True, "AMD": False, "ASML": False}


def test_each_exchange_has_its_own_benchmark(deepseek_result: es.StudyResult) -> None:
    seen = {r.exchange: r.benchmark for r in deepseek_result.select("selloff")}
    assert seen == {"XNYS": "^IXIC", "XTKS": "^N225", "XAMS": "^STOXX50E", "XTAI": "^TWII"}


def test_taipei_answers_after_the_holidays(deepseek_result: es.StudyResult) -> None:
    taipei = next(r for r in deepseek_result.select("selloff") if r.exchange == "XTAI")
    assert taipei.panel.day_zero[0].session == dt.date(2025, 2, 3)
    assert any(i.code == "day_zero_shifted" and i.ticker == "2330.TW" for i in deepseek_result.issues)


def test_a_car_is_the_sum_of_its_days(deepseek_result: es.StudyResult) -> None:
    headline = deepseek_result.headline
    i = headline.row("NVDA")
    assert deepseek_result.car("NVDA", (-1, 1)) == pytest.approx(headline.abnormal.ar[i, 9:12].sum(), abs=1e-15)


def test_comparisons_stand_beside_the_headline(deepseek_result: es.StudyResult) -> None:
    settings = deepseek_result.settings
    for benchmark in settings.compare_benchmarks:
        assert deepseek_result.at("NVDA", benchmark=benchmark).benchmark == benchmark
    for model in settings.compare_models:
        assert deepseek_result.at("NVDA", model=model).model == model
    assert deepseek_result.at("NVDA").headline


def test_holm_is_over_all_securities_of_the_event(deepseek_result: es.StudyResult) -> None:
    """39 securities on four exchanges are one family; the same prices under another benchmark are another."""
    from statsmodels.stats.multitest import multipletests

    def family(results: list[EventResult]) -> list[InferenceResult]:
        found = [f.result for r in results for f in r.tests if f.result.test == "t" and f.result.window == Window(0, 0)]
        return [r for r in found if r.applies]

    for results in (
        list(deepseek_result.select("selloff")),
        list(deepseek_result.select("selloff", benchmark="^GSPC")),
    ):
        tested = family(results)
        for method, name in (("holm", "p_holm"), ("fdr_bh", "p_bh")):
            expected = multipletests([r.p for r in tested], method=method)[1]
            np.testing.assert_allclose([getattr(r, name) for r in tested], expected, rtol=1e-12)
    assert len(family(list(deepseek_result.select("selloff")))) == 39


# ----------------------------------------------------------------------------------------------------- a user's study
def test_a_frame_is_enough(prices: pd.DataFrame) -> None:
    study = es.Study(prices=prices, events="2024-11-06", tickers=["AAA", "BBB"], benchmark="^MKT")
    result = study.run()
    assert result.headline.abnormal.estimated.all()
    returns = prices.pct_change()
    t = returns.index.get_loc("2024-11-06")
    past = returns.iloc[t - 260 : t - 10]
    slope, const = np.polyfit(past["^MKT"], past["AAA"], 1)
    expected = returns["AAA"].iloc[t] - const - slope * returns["^MKT"].iloc[t]
    assert result.car("AAA", (0, 0)) == pytest.approx(expected, abs=1e-12)


def test_own_dates_give_one_result_with_two_days(prices: pd.DataFrame) -> None:
    study = es.Study(prices=prices, events={"AAA": "2024-11-06", "BBB": "2024-10-02"}, benchmark="^MKT")
    panel = study.run().headline.panel
    assert panel.event_tickers == ("AAA", "BBB")
    assert [z.session for z in panel.day_zero] == [dt.date(2024, 11, 6), dt.date(2024, 10, 2)]


def test_a_folder_with_a_price_file(folder: Callable[[str], Path]) -> None:
    result = es.load(folder(STUDY)).run()
    assert result.settings.groups == {"pair": ("AAA", "BBB")}
    assert result.verdicts == ()
    assert set(result.files) == {"prices.csv", "study.yaml"}


def test_overrides_win_over_the_file(folder: Callable[[str], Path]) -> None:
    study = es.load(folder(STUDY), {"model": "mean_adjusted", "estimation": "[-200, -21]"})
    assert study.settings.model == "mean_adjusted"
    assert study.settings.estimation == Window(-200, -21)
    assert study.settings.min_obs == 126  # ceil(0.7 x 180)


def test_content_id_knows_the_settings(prices: pd.DataFrame) -> None:
    def content_id(**changes: object) -> str:
        base: dict[str, object] = {"prices": prices, "events": "2024-11-06", "tickers": ["AAA"], "benchmark": "^MKT"}
        return es.Study(**(base | changes)).run().content_id  # type: ignore[arg-type]

    assert content_id() == content_id()
    assert content_id() != content_id(returns="log")
    assert content_id() != content_id(prices=prices * [1.0, 1.0, 1.01])


def test_an_event_in_words_of_time_needs_a_zone() -> None:
    with pytest.raises(SpecError, match="no time zone"):
        Event("x", "AAA", dt.datetime(2025, 1, 27, 9, 0))


# ----------------------------------------------------------------------------------------------------- wrong on purpose
@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Mine", "titel: Mine", 3, "unknown key 'titel'. Did you mean 'title'?"),
        ("id: mine\n", "id: [1, 2]\n", 2, "id: should be a valid string"),
        ("2024-11-06", "yesterday", 5, "'yesterday' is not a date"),
        ("2024-11-06}", "2024-11-06T09:00:00}", 5, "has no time zone"),
        ("{id: news, ", "{", 5, "'id' is missing"),
        ("[{id: news, announced: 2024-11-06}]", "[]", 5, "events: List should have at least 1 item"),
        ("benchmarks:", "model: markt\nbenchmarks:", 7, "unknown model 'markt'. Did you mean 'market'?"),
        ("benchmarks:", "returns: daily\nbenchmarks:", 7, "'simple' or 'log'"),
        ("benchmarks:", "estimation: [-260, -5]\nbenchmarks:", 7, "overlap"),
        ("benchmarks:", "windows: [[0, 20]]\nbenchmarks:", 7, "outside the event window"),
        ("benchmarks:", "windows: [[1, 0]]\nbenchmarks:", None, "ends on or after its start"),
        ("benchmarks:", "alpha: 5\nbenchmarks:", 7, "between 0 and 1"),
        ("benchmarks:", "min_obs: 900\nbenchmarks:", 7, "exceeds the estimation window"),
        ("benchmarks:", "headline: {event: nws}\nbenchmarks:", 7, "unknown event 'nws'. Did you mean 'news'?"),
        ("announced: 2024-11-06", "announced: 20241106", 5, 'got 20241106; put it in quotes: "20241106"'),
        ("[AAA, BBB]", "[7203, BBB]", 6, 'got 7203; put it in quotes: "7203"'),
        ("[AAA, BBB]", "[0700, BBB]", 6, 'put it in quotes: "0700"'),
        ("[AAA, BBB]", "[TRUE, BBB]", 6, 'put it in quotes: "TRUE"'),
        ("benchmarks:", "tests: [bmp]\nbenchmarks:", 7, "unknown test 'bmp'. Did you mean 'bmp_t'?"),
        ("{id: news, announced: 2024-11-06}", "{id: news, announced: 2024-11-06, tickers: [pare]}", 5, "mean 'pair'"),
        ("schema_version: 1", "schema_version: 9", 1, "newer than this package reads"),
        ("schema_version: 1", "schema_version: one", 1, "schema_version"),
        ("id: mine", "id: mine\nid: yours", 3, "stands twice"),
        ("prices: prices.csv", "prices: yahoo", None, "eventstudy fetch"),
        ("benchmarks:", "claims: nowhere.yaml\nbenchmarks:", 7, "no claims file"),
        ("groups: {pair: [AAA, BBB]}", "groups: {pair: [AAA, BBB", 7, "not valid YAML"),
    ],
)
def test_a_wrong_study_file_names_the_line(
    folder: Callable[[str], Path], old: str, new: str, line: int | None, words: str
) -> None:
    assert old in STUDY
    path = folder(STUDY.replace(old, new))
    with pytest.raises(EventStudyError) as caught:
        es.load(path)
    assert caught.value.exit_code == 2
    assert words in str(caught.value)
    if line is not None:
        assert f"study.yaml:{line}:" in str(caught.value)


def test_a_ticker_of_an_event_need_not_stand_in_tickers(folder: Callable[[str], Path]) -> None:
    path = folder(STUDY.replace("announced: 2024-11-06}", "announced: 2024-11-06, tickers: [CCC, pair]}"))
    assert es.load(path).settings.tickers == ("CCC", "AAA", "BBB")
    with pytest.raises(MissingPriceError, match="no prices for CCC"):
        es.load(path).run()


def test_the_ticker_on_stays_a_text(folder: Callable[[str], Path]) -> None:
    study = es.load(folder(STUDY.replace("[AAA, BBB]", "[ON, NO]")))
    assert study.settings.tickers == ("ON", "NO")


def test_every_complaint_is_listed_at_once(folder: Callable[[str], Path]) -> None:
    text = STUDY.replace("title: Mine", "titel: Mine").replace("id: mine", "id: [1]")
    with pytest.raises(SpecError) as caught:
        es.load(folder(text))
    assert "study.yaml:2:" in str(caught.value)
    assert "study.yaml:3:" in str(caught.value)


def test_an_unknown_setting_is_refused(folder: Callable[[str], Path]) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'model'"):
        es.load(folder(STUDY), {"modle": "ff3"})


def test_an_unknown_study_lists_the_bundled_ones() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'deepseek'"):
        es.load("deepseak")


def test_an_unknown_ticker_names_those_there_are(prices: pd.DataFrame) -> None:
    study = es.Study(prices=prices, events="2024-11-06", tickers=["AAA", "CCC"], benchmark="^MKT")
    with pytest.raises(MissingPriceError, match=r"no prices for CCC .* there are: AAA, BBB"):
        study.run()


def test_an_event_outside_the_history(prices: pd.DataFrame) -> None:
    study = es.Study(prices=prices, events="2031-11-06", tickers=["AAA"], benchmark="^MKT")
    with pytest.raises(WindowError, match="2031-11-06"):
        study.run()


def test_too_few_observations_are_said(prices: pd.DataFrame) -> None:
    study = es.Study(prices=prices, events="2023-08-01", tickers=["AAA"], benchmark="^MKT")
    with pytest.raises(EstimationError, match=r"AAA .*175"):
        study.run()


def test_one_refused_security_does_not_stop_the_others(prices: pd.DataFrame) -> None:
    prices.loc[prices.index[:250], "BBB"] = np.nan
    result = es.Study(prices=prices, events="2024-11-06", tickers=["AAA", "BBB"], benchmark="^MKT").run()
    assert np.isfinite(result.car("AAA"))
    assert np.isnan(result.car("BBB"))
    assert any(i.code == "not_estimated" and i.ticker == "BBB" for i in result.issues)


def test_constant_prices_are_refused(prices: pd.DataFrame) -> None:
    prices["BBB"] = 100.0
    result = es.Study(prices=prices, events="2024-11-06", tickers=["AAA", "BBB"], benchmark="^MKT").run()
    reason = result.headline.normal.reason[result.headline.row("BBB")]
    assert reason is not None
    assert "do not vary" in reason


def test_no_benchmark_for_a_model_that_needs_one(prices: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="market"):
        es.Study(prices=prices, events="2024-11-06", tickers=["AAA"]).run()


def test_a_security_is_not_its_own_benchmark(prices: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="its own benchmark"):
        es.Study(prices=prices, events="2024-11-06", tickers=["^MKT"], benchmark="^MKT").run()


def test_no_events_at_all(prices: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match="no events"):
        _ = es.Study(prices=prices, events="2024-11-06", benchmark="^MKT").settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tickers": "AAA"}, "tickers is a list, such as tickers=['AAA']"),
        ({"benchmarks": "^MKT", "benchmark": None}, "for one series say benchmark="),
        ({"events": "next tuesday"}, "is not a date"),
    ],
)
def test_the_usual_slips_of_the_hand(prices: pd.DataFrame, changes: dict[str, object], words: str) -> None:
    base: dict[str, object] = {"prices": prices, "events": "2024-11-06", "tickers": ["AAA"], "benchmark": "^MKT"}
    with pytest.raises(SpecError, match=re.escape(words)):
        _ = es.Study(**(base | changes)).settings  # type: ignore[arg-type]


def test_dates_come_in_many_forms(prices: pd.DataFrame) -> None:
    def days(events: object) -> list[tuple[str, object]]:
        study = es.Study(prices=prices, events=events, tickers=["AAA"], benchmark="^MKT")  # type: ignore[arg-type]
        return [(e.id, e.announced) for e in study.settings.events]

    day = dt.date(2024, 11, 6)
    assert days("2024-11-06") == days(day) == days(pd.Timestamp(day)) == [("event", day)]
    assert days(["2024-11-06", "2024-10-02"]) == [("2024-11-06", day), ("2024-10-02", dt.date(2024, 10, 2))]


def test_the_study_of_the_readme_runs(tmp_path: Path) -> None:
    """The two files shown there, on prices cut from the bundled ones: day zero is the session after the close."""
    root = Path(__file__).resolve().parents[1]
    blocks = re.findall(
        r"```yaml\n(# (\w+\.yaml)\n.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert [name for _, name in blocks] == ["study.yaml", "claims.yaml"]
    for text, name in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    prices = pd.read_csv(root / "data" / "deepseek" / "prices.csv")
    prices[prices["ticker"].isin(["AAPL", "QCOM", "^GSPC"])].to_csv(tmp_path / "prices.csv", index=False)
    result = es.load(tmp_path).run()
    assert {z.session for z in result.headline.panel.day_zero} == {dt.date(2025, 4, 3)}
    assert result.verdict("apple-9").verdict == "supported"
