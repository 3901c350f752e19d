"""Whatever a `Study` is given, it is read right or refused in words that show what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError, SpecError, UnknownNameError
from eventstudy.example import example_events, example_returns
from eventstudy.models import estimate
from eventstudy.objects.results import StudyResult

BASE: dict[str, Any] = {
    "prices": "deepseek",
    "events": "2025-01-27",
    "tickers": ["NVDA", "AMD"],
    "benchmark": "^IXIC",
    "tests": ["t"],
    "volume": "none",
}
CLOSES = Path(__file__).parent / "cases" / "prices_semicolon_decimal_comma.csv"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tickers": 5}, r"tickers is a list, such as tickers=\['NVDA', 'AMD'\], got 5"),
        ({"tickers": [5]}, "each of tickers is a text"),
        ({"tests": 5}, "tests is a list"),
        ({"tests": None}, "tests is a list"),
        ({"windows": [-1, 1]}, r"got -1; windows is a list of windows, such as windows=\[\(0, 0\), \(-1, 1\)\]"),
        ({"windows": [[0]]}, r"such as \(-1, 1\), got \[0\]"),
        ({"windows": 3}, r"windows is a list, such as windows=\[\(0, 0\), \(-1, 1\)\], got 3"),
        ({"windows": []}, "windows is empty"),
        ({"windows": [(0, 99)]}, "lies outside the event window"),
        ({"estimation": [-160]}, r"such as \(-1, 1\), got \[-160\]"),
        ({"estimation": (-1e12, -11)}, "such as"),
        ({"estimation": (-(10**12), -11)}, "within 100,000 sessions of day zero"),
        ({"event": (-10, 10**9)}, "within 100,000 sessions of day zero"),
        ({"event": "x"}, "such as"),
        ({"min_obs": 0}, "at least 1, such as 100, got 0"),
        ({"min_obs": "many"}, "at least 1, such as 100, got the text 'many'"),
        ({"min_obs": 10**6}, "exceeds the estimation window"),
        ({"alpha": "x"}, "alpha is a number between 0 and 1"),
        ({"alpha": 2}, "alpha is a number between 0 and 1"),
        ({"allow_missing": "no"}, "True or False, got the text 'no'"),
        ({"groups": {"a": "NVDA"}}, r"groups\['a'\] is a list"),
        ({"groups": {"a": 5}}, r"groups\['a'\] is a list"),
        ({"groups": {5: ["NVDA"]}}, "each key of groups is a text"),
        ({"groups": ["NVDA"]}, "groups is a mapping"),
        ({"benchmarks": {"XNYS": 5}}, r"benchmarks\['XNYS'\] is a text"),
        ({"benchmark": 5}, "benchmark is a text"),
        ({"benchmark": None}, "compares with a benchmark, and the study names none: give benchmark="),
        ({"policy": "later"}, "unknown policy 'later'. Known: next, previous, drop, error"),
        ({"returns": "weekly"}, "returns are 'simple' or 'log', a frame or a file"),
        ({"basis": 5}, "basis is one of 'adj_close', 'close'"),
        ({"volume": None}, "volume is one of 'market', 'mean', 'none'"),
        ({"factors": 5}, "factors is a DataFrame, a file or a list of files of decimal returns"),
        ({"headline_event": "other"}, "unknown headline event 'other'"),
        ({"headline_group": "other"}, "unknown headline group 'other'"),
        ({"title": 5}, "title is a text"),
        ({"model": 5}, "model"),
        ({"events": {"NVDA": None}}, "is not a date"),
        ({"contaminated": [5.5]}, "not a date"),
        ({"peers": {"NVDA": 5}}, r"peers\['NVDA'\] is a list"),
        ({"labels": {"event": 5}}, r"labels\['event'\] is a text"),
        ({"groups": {"a": []}}, "the group 'a' is empty"),
        ({"tests": iter(["t"])}, r"tests is a list, such as tests=\['t', 'bmp_t'\]"),
        ({"tickers": (t for t in ["NVDA"])}, "tickers is a list"),
    ],
)
def test_every_argument_is_checked_at_the_door(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(EventStudyError, match=said):
        _ = es.Study(**(BASE | changes)).settings


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tickers": ["nvda"]}, "Did you mean 'NVDA'"),
        ({"tickers": ["NVDA "]}, "Did you mean 'NVDA'"),
        ({"prices": "deepsek"}, "no prices at deepsek: there is no such file or folder. Did you mean 'deepseek'"),
        ({"prices": "nowhere/"}, "no prices at nowhere/: there is no such file or folder"),
        ({"model": "ff3", "prices": CLOSES}, "needs rf, mkt_rf, smb, hml; .* Give it as a column of factors="),
        ({"events": "2025-01-25", "policy": "drop"}, "NVDA, AMD: event 'event' announced on Saturday .* left out"),
        ({"model": lambda panel: 3}, "has to return NormalReturns of 2 events, got 3"),
    ],
)
def test_what_does_not_fit_the_prices_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(EventStudyError, match=said):
        es.Study(**(BASE | changes)).run()


@pytest.mark.parametrize(
    ("changes", "ticker", "said"),
    [
        ({"exchanges": {"NVDAA": "XNYS"}}, "NVDAA", "stands in exchanges, .* Did you mean 'NVDA'"),
        ({"labels": {"NVDAA": "Nvidia"}}, "NVDAA", "stands in labels"),
        ({"members": {"^IXICC": ["NVDA"]}}, "^IXICC", "stands in members"),
        ({"weights": {"^IXICC": {"NVDA": 0.1}}}, "^IXICC", "stands in weights"),
        ({"shares": {"NVDAA": 1e9}}, "NVDAA", "stands in shares"),
        (
            {"confounders": [{"date": "2025-01-27", "what": "tariffs", "source": "S", "tickers": ["NVDA", "NVDAA"]}]},
            "NVDAA",
            "stands in the tickers of confounders",
        ),
        ({"events": {"NVDA": "2025-01-27"}, "tickers": ["AMD"]}, "AMD", "has no event: it is not measured"),
    ],
)
def test_what_has_no_effect_is_said(changes: dict[str, Any], ticker: str, said: str) -> None:
    found = [i for i in es.Study(**(BASE | {"tests": ["t"]} | changes)).run().issues if i.ticker == ticker]
    assert re.search(said, found[0].detail)
    assert found[0].severity == "warning"


def test_names_of_one_calendar_are_one_exchange() -> None:
    given = {"tickers": ["NVDA", "AMD"], "exchanges": {"NVDA": "XNAS", "AMD": "NASDAQ"}, "tests": ["t"]}
    assert {es.Study(**(BASE | given)).run().prices.exchange[t] for t in ("NVDA", "AMD")} == {"XNYS"}


def test_a_model_without_a_benchmark_needs_none() -> None:
    assert es.Study(**(BASE | {"benchmark": None, "model": "mean_adjusted"})).settings.benchmarks == {}


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return es.Study(**(BASE | {"groups": {"chips": ["NVDA", "AMD", "AVGO"], "power": ["VST", "CEG"]}})).run()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda r: r.car(5), "ticker is a text"),
        (lambda r: r.car("NVDA", 5), r"such as \(-1, 1\), got 5"),
        (lambda r: r.car("NVDA", (0, 99)), "lies outside the event window"),
        (lambda r: r.car("NVDA", event=5), "event is a text"),
        (lambda r: r.car("NVDA", date="soon"), "is not a date"),
        (lambda r: r.car(date="2020-01-01"), "unknown date"),
        (lambda r: r.compare("chips", "wings"), "unknown group 'wings'"),
        (lambda r: r.compare("chips", 5), "a group is a text"),
        (lambda r: r.compare("chips", ["NVDA"]), "group"),
        (lambda r: r.compare("chips", "chips"), "no event in common"),
        (lambda r: r.compare("chips", "power", "x"), "such as"),
        (lambda r: r.regress(5), "or a list of traits"),
        (lambda r: r.regress(["size"]), "unknown trait 'size'.*the events have none"),
        (lambda r: r.regress(pd.DataFrame({"a": [1.0]}, index=["NVDA"]), group="wings"), "unknown group"),
        (lambda r: r.cars("x"), "such as"),
        (lambda r: r.cars((0, 99)), "lies outside"),
        (lambda r: r.caar(5), "such as"),
        (lambda r: r.verdict(5), "a claim is a text"),
    ],
)
def test_a_finished_study_refuses_in_words(result: StudyResult, ask: Any, said: str) -> None:
    with pytest.raises(EventStudyError, match=said):
        ask(result)


# ---------------------------------------------------------------------------------------------------------- study.yaml
YAML = """schema_version: 1
id: mine
prices: deepseek
benchmarks: {default: ^IXIC}
tests: [t]
volume: none
"""


def folder(tmp_path: Path, text: str, events: str | None = None) -> Path:
    (tmp_path / "study.yaml").write_text(YAML + text, encoding="utf-8")
    if events is not None:
        (tmp_path / "events.csv").write_text(events, encoding="utf-8")
    return tmp_path


def test_study_yaml_reads_a_file_of_events(tmp_path: Path) -> None:
    events = "ticker;date;group\nNVDA;27/01/2025;a\nAMD;05/08/2024;a\n"
    settings = es.load(folder(tmp_path, "events: {file: events.csv}\n", events)).settings
    assert [(e.ticker, e.announced.isoformat(), e.group) for e in settings.events] == [
        ("NVDA", "2025-01-27", "a"),
        ("AMD", "2024-08-05", "a"),
    ]
    assert settings.groups == {"all": ("NVDA", "AMD"), "a": ("NVDA", "AMD")}


def test_study_yaml_states_how_dates_are_written(tmp_path: Path) -> None:
    events = "ticker,date\nNVDA,04/09/2024\n"
    with pytest.raises(SpecError, match=r"events\.csv:2: .*'04/09/2024' is 4 September or 9 April"):
        _ = es.load(folder(tmp_path, "events: {file: events.csv}\n", events)).settings
    stated = folder(tmp_path, "events: {file: events.csv, dayfirst: true}\n", events)
    assert es.load(stated).settings.events[0].announced.isoformat() == "2024-09-04"


def test_study_yaml_gives_an_event_its_own_windows(tmp_path: Path) -> None:
    text = """tickers: [NVDA]
events:
  - {id: a, announced: "2025-01-27", benchmark: ^GSPC, estimation: [-150, -20], event: ["2025-01-21", "2025-02-03"]}
"""
    (event,) = es.load(folder(tmp_path, text)).settings.events
    assert (event.benchmark, str(event.estimation), str(event.event)) == (
        "^GSPC",
        "[-150, -20]",
        "2025-01-21 to 2025-02-03",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "tickers: [NVDA]\nevents: [{id: a, announced: '2025-01-27', event: [5, -5]}]\n",
            "study.yaml:8: a window ends",
        ),
        ("events: {file: none.csv}\n", "none.csv"),
        ("events: {file: ../events.csv}\n", "study.yaml:7"),
        ("events: {}\n", "study.yaml:7"),
        ("events: 5\n", "study.yaml:7"),
        ("tickers: [NVDA]\nevents: [{id: a, announced: '2025-01-27'}]\nwindows: [[0]]\n", "study.yaml:9"),
        ("tickers: [NVDA]\nevents: [{id: a, announced: '2025-01-27'}]\nestimation: [-160]\n", "study.yaml:9"),
        (
            "tickers: [NVDA]\nevents: [{id: a, announced: '2025-01-27'}]\nmin_obs: 0\n",
            "study.yaml:9.*such as 100",
        ),
    ],
)
def test_a_mistake_in_study_yaml_is_named_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EventStudyError, match=said):
        _ = es.load(folder(tmp_path, text)).settings


# ----------------------------------------------------------------------------------------------------------- content id
def one_model(scale: float) -> Any:
    def own(panel: Any) -> Any:
        """The market model."""
        return estimate(panel, "market") if scale else None

    return own


def test_content_id_covers_factors_functions_and_volume() -> None:
    prices = pd.read_csv(Path(es.__file__).parents[1] / "data" / "deepseek" / "prices.csv")
    days = pd.DatetimeIndex(sorted(pd.to_datetime(prices["date"].unique())))
    factors = pd.DataFrame({"mkt_rf": np.linspace(-0.01, 0.01, len(days))}, index=days)

    def content_id(**changes: Any) -> str:
        return es.Study(**(BASE | {"windows": [(0, 0)]} | changes)).run().content_id

    plain = content_id()
    assert content_id() == plain
    different = [
        content_id(factors=factors),
        content_id(factors=factors * 2),
        content_id(volume="mean"),
        content_id(model=one_model(1.0)),
        content_id(model=one_model(2.0)),
        content_id(events=[es.Event("event", "NVDA", "2025-01-27", benchmark="^GSPC")]),
    ]
    assert len({plain, *different}) == 7
    assert content_id(model=one_model(1.0)) == different[3]


def test_unknown_names_say_what_there_is(result: StudyResult) -> None:
    with pytest.raises(UnknownNameError, match="Known: 2025-01-27"):
        result.car("NVDA", date="2025-01-28")


def test_the_order_of_days_and_months_can_be_stated() -> None:
    events = {"NVDA": "04/09/2024", "AMD": "05/08/2024"}
    with pytest.raises(SpecError, match="dayfirst=True"):
        _ = es.Study(prices="deepseek", events=events, benchmark="^IXIC").settings
    for how in ({"dayfirst": True}, {"date_format": "%d/%m/%Y"}):
        for given in (events, pd.Series(events), pd.DataFrame({"ticker": [*events], "date": [*events.values()]})):
            found = es.Study(prices="deepseek", events=given, benchmark="^IXIC", **how).settings.events
            assert [e.day.isoformat() for e in found] == ["2024-09-04", "2024-08-05"]
    found = es.Study(prices="deepseek", events="04/09/2024", tickers=["NVDA"], benchmark="^IXIC", dayfirst=False)
    assert found.settings.events[0].day.isoformat() == "2024-04-09"


def test_a_folder_that_is_called_nearly_so_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match="unknown bundled study 'outag'"):
        es.load("outag")
    (tmp_path / "outage").mkdir()
    (tmp_path / "outage" / "study.yaml").write_text("schema_version: 1\n")
    with pytest.raises(UnknownNameError, match=r"unknown study 'outag'. Did you mean 'outage'\?"):
        es.load("outag")
    with pytest.raises(UnknownNameError, match=r"unknown bundled study 'deepsek'. Did you mean 'deepseek'\?"):
        es.load("deepsek")


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(9999, 12, 31), "0001-01-01"])
def test_an_event_outside_all_calendars_is_refused_in_words(day: object) -> None:
    with pytest.raises(SpecError, match="lies outside 1800 to 2200"):
        es.Event("old", "NVDA", day)  # type: ignore[arg-type]


def test_what_is_named_twice_counts_once() -> None:
    returns, events = example_returns(), example_events()
    twice = {"windows": [(0, 1), (0, 1)], "tests": ["bmp_t", "bmp_t"]}
    more = {"compare_models": ["mean_adjusted"] * 2, "compare_benchmarks": ["S01", "S01"]}
    settings = es.Study(returns=returns, events=events, benchmark="M", calendar="own", **twice, **more).settings
    assert (settings.windows, settings.tests) == ((es.Window(0, 1),), ("bmp_t",))
    assert (settings.compare_models, settings.compare_benchmarks) == (("mean_adjusted",), ("S01",))
    run = es.run_events(returns, events, benchmark="M", estimation=(-130, -11), **twice)
    assert not run.cars().duplicated(["ticker", "day_zero", "window"]).any()
    assert not run.tests().duplicated(["subject", "test", "window"]).any()
