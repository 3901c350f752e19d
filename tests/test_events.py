"""The event is the unit: however events come, and however many a security has, each has its own numbers and tests."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.figures import FIGURES
from eventstudy.objects.estimation import Event, Window, keyed
from eventstudy.objects.results import StudyResult
from eventstudy.report.serialize import results_dict
from eventstudy.study.events import events_of

CASES = Path(__file__).parent / "cases"
DAY = Window(0, 0)
TESTS = ("t", "cross_sectional_t", "bmp_t")


@pytest.fixture(scope="module")
def right() -> Any:
    return json.loads((CASES / "events_several_a_firm.json").read_text())["values"]


@pytest.fixture(scope="module")
def several() -> StudyResult:
    events = CASES / "events_several_a_firm.csv"
    return es.Study(prices="deepseek", events=events, benchmark="^IXIC", tests=TESTS).run()


# ------------------------------------------------------------------------------------------------ several a security
def test_every_event_has_its_own_numbers_and_tests(several: StudyResult, right: Any) -> None:
    found = several.headline
    for event in right["events"]:
        key = f"{event['ticker']} {event['date']}"
        row = found.row(key)
        assert found.normal.params[row, 1] == pytest.approx(event["beta"], rel=1e-8)
        assert several.car(event["ticker"], date=event["date"]) == pytest.approx(event["ar0"], rel=1e-8)
        assert several.car(event=key) == several.car(key)
        test = found.find(key, DAY, "t")
        assert test is not None
        assert test.statistic == pytest.approx(event["t0"], rel=1e-8)


def test_all_events_are_pooled_and_each_group_of_the_table(several: StudyResult, right: Any) -> None:
    found = several.headline
    assert {name: len(keys) for name, keys in found.groups.items()} == {"all": 9, "a": 3, "b": 6}
    for name, key in (("all", "all"), ("a", "group a"), ("b", "group b")):
        assert found.group(name).caar(DAY) == pytest.approx(right[key]["caar0"], rel=1e-8)
        assert found.group(name).n == right[key]["n"]
    for test in ("cross_sectional_t", "bmp_t"):
        result = found.find("all", DAY, test)
        assert result is not None
        assert result.statistic == pytest.approx(right["all"][test], rel=1e-8)


@pytest.mark.parametrize("way", ["frame", "objects", "mapping", "series", "groups"])
def test_however_the_events_come_the_pool_is_the_same(way: str, right: Any) -> None:
    table = pd.read_csv(CASES / "events_several_a_firm.csv")
    of_ticker = {ticker: rows["date"].tolist() for ticker, rows in table.groupby("ticker", sort=False)}
    objects = [Event("results", ticker, day) for ticker, day in zip(table["ticker"], table["date"], strict=True)]
    sources: dict[str, Any] = {
        "frame": table.rename(columns={"ticker": "symbol", "date": "Announced"}),
        "objects": objects,
        "groups": objects,
        "mapping": of_ticker,
        "series": table.set_index("ticker")["date"],
    }
    groups = {"groups": {"all": [*of_ticker, "NVDA"]}}.get(way, {})
    study = es.Study(prices="deepseek", events=sources[way], benchmark="^IXIC", tests=TESTS, groups=groups)
    result = study.run().headline
    assert result.groups["all"] == result.panel.keys
    found = result.find("all", DAY, "bmp_t")
    assert found is not None
    assert (found.n, found.statistic) == (9, pytest.approx(right["all"]["bmp_t"], rel=1e-8))


def test_a_security_with_several_events_is_refused_and_they_are_named(several: StudyResult) -> None:
    for ask in (several.car, several.headline.row):
        with pytest.raises(UnknownNameError, match="NVDA has 3 events: NVDA 2024-05-23, NVDA 2024-08-29, NVDA 2024-11"):
            ask("NVDA")
    with pytest.raises(UnknownNameError, match="Known: 2024-05-23, 2024-08-29, 2024-11-21"):
        several.car("NVDA", date="2020-01-02")
    with pytest.raises(SpecError, match="car needs a security or an event"):
        several.car()


def test_tables_name_security_key_and_day_zero(several: StudyResult) -> None:
    frame = several.tests()
    own = frame[frame["test"] == "t"]
    assert own["key"].nunique() == 9
    assert set(own["ticker"]) == {"NVDA", "AMD", "MU"}
    assert (own["key"] == own["ticker"] + " " + own["day_zero"].astype(str)).all()
    plain = results_dict(several)
    for table in ("estimates", "abnormal_returns", "windows"):
        assert len({row["key"] for row in plain[table] if row["ticker"]}) == 9
    t = {row["key"]: row["p"] for row in plain["tests"] if row["test"] == "t" and row["window"] == [0, 0]}
    assert t == {row["key"]: row["p"] for row in plain["windows"] if row["ticker"] and row["window"] == [0, 0]}


def test_figures_draw_every_event(several: StudyResult) -> None:
    tables = {name: FIGURES[name].table for name in ("day", "car")}
    assert tables["day"](several)["ticker"].nunique() == 10  # nine events and the benchmark
    assert tables["car"](several, ticker="NVDA")["ticker"].nunique() == 3
    assert set(tables["car"](several, ticker="NVDA 2024-05-23")["ticker"]) == {"NVDA 2024-05-23"}


def test_p_values_are_adjusted_over_events(several: StudyResult) -> None:
    found = several.headline
    p = [found.find(key, DAY, "t") for key in found.panel.keys]
    smallest = min((r for r in p if r is not None), key=lambda r: r.p)
    assert smallest.p_holm == pytest.approx(9 * smallest.p)
    assert np.isfinite([r.p_rw for r in p if r is not None]).all()


# ------------------------------------------------------------------------------------------------------------- sources
def keys(source: Any, tickers: tuple[str, ...] = ("A", "B")) -> list[tuple[str, str, str]]:
    return [(e.id, e.key, e.announced.isoformat()) for e in events_of(source, tickers).events]


@pytest.mark.parametrize(
    "one",
    [
        "2024-05-23",
        dt.date(2024, 5, 23),
        dt.datetime(2024, 5, 23),
        pd.Timestamp("2024-05-23"),
        np.datetime64("2024-05-23"),
    ],
)
def test_one_date_however_it_is_written_is_one_event_for_all(one: Any) -> None:
    expected = [("event", "A", "2024-05-23"), ("event", "B", "2024-05-23")]
    assert keys(one) == expected
    assert keys([one]) == [("2024-05-23", *rest) for _, *rest in expected]
    assert keys({"A": one, "B": one}) == keys(pd.Series({"A": one, "B": one})) == expected
    assert Event("e", "A", one).announced == dt.date(2024, 5, 23)


def test_a_list_of_dates_is_an_event_each_for_every_ticker() -> None:
    found = events_of(pd.DatetimeIndex(["2024-05-23", "2024-08-29"]), ("A", "B"))
    assert [e.id for e in found.events] == ["2024-05-23"] * 2 + ["2024-08-29"] * 2
    assert found.apart
    assert not found.pooled


def test_rows_that_share_an_id_are_tested_together() -> None:
    table = pd.DataFrame({"id": ["x", "x", "y"], "ticker": ["NVDA", "AMD", "MU"], "date": ["2024-05-23"] * 3})
    settings = es.Study(prices="deepseek", events=table, benchmark="^IXIC").settings
    assert settings.groups == {"all": ("NVDA", "AMD", "MU"), "x": ("NVDA", "AMD")}
    assert settings.keys("event", "x") == ("NVDA", "AMD")


def test_further_columns_are_traits() -> None:
    table = pd.DataFrame({"ticker": ["A", "B"], "date": ["2024-05-23"] * 2, "size": [1.5, 2.5], "side": ["buy", None]})
    first, second = events_of(table, ()).events
    assert first.traits == {"size": 1.5, "side": "buy"}
    assert second.traits["size"] == 2.5


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (5, "events are a date, a mapping"),
        (None, "events are a date, a mapping"),
        ([5], "a list that holds 5"),
        ("next tuesday", "is not a date"),
        ([], "no events"),
        (pd.Series(["2024-05-23"]), "numbers for tickers"),
        ({5.5: "2024-05-23"}, "got the ticker 5.5"),
        (pd.DataFrame({"ticker": ["A"], "when": ["2024-05-23"]}), "no date; their columns are ticker, when"),
        ("none.csv", "there is no file none.csv"),
        (np.datetime64("NaT"), "date"),
        (
            pd.DataFrame({"ticker": ["A", "A"], "date": ["2024-05-23"] * 2, "group": ["a", "b"]}),
            "A on 2024-05-23 comes twice in the events, as group 'a' and as group 'b'",
        ),
    ],
)
def test_what_are_no_events_is_refused_in_words(source: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        events_of(source, ("A",))


@pytest.mark.parametrize("arguments", [("e", 5, "2024-05-23"), (5, "A", "2024-05-23"), ("", "A", "2024-05-23")])
def test_an_event_is_checked_at_the_door(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(SpecError, match=r"of an event is a text, such as Event\('results'"):
        Event(*arguments)


def test_an_event_that_comes_twice_counts_once_and_is_said() -> None:
    table = pd.DataFrame({"ticker": ["NVDA", "NVDA", "AMD"], "date": ["2024-05-23", "2024-05-23", "2024-05-01"]})
    result = es.Study(prices="deepseek", events=table, benchmark="^IXIC", tests=["cross_sectional_t"]).run()
    assert result.headline.panel.keys == ("NVDA", "AMD")
    assert [(i.ticker, i.detail) for i in result.issues if i.code == "event_repeated"] == [
        ("NVDA", "comes more than once on 2024-05-23: counted once")
    ]


def test_a_security_named_twice_in_a_group_counts_once_and_is_said() -> None:
    groups = {"chips": ["NVDA", "NVDA", "NVDA", "AMD"]}
    study = es.Study(prices="deepseek", events="2025-01-27", groups=groups, benchmark="^IXIC", tests=["patell_z"])
    result = study.run()
    found = result.headline.find("chips", DAY, "patell_z")
    assert found is not None
    assert found.n == 2
    assert [i.detail for i in result.issues if i.code == "member_repeated"] == [
        "stands 3 times in group 'chips': counted once"
    ]


def test_a_group_of_events_needs_a_name_of_its_own() -> None:
    events = [Event("e", "NVDA", "2024-05-23", group="chips"), Event("e", "AMD", "2024-05-01", group="chips")]
    study = es.Study(prices="deepseek", events=events, benchmark="^IXIC", groups={"chips": ["NVDA", "AMD"]})
    with pytest.raises(SpecError, match="'chips' is given twice"):
        _ = study.settings


# ---------------------------------------------------------------------------------------------------------------- keys
def test_a_key_is_the_ticker_the_name_or_ticker_and_day() -> None:
    moments = ["2024-05-23T09:00:00-04:00", "2024-05-23T17:00:00-04:00"]
    events = [
        Event("e", "A", "2024-05-23"),
        Event("e", "B", "2024-05-23", name="first"),
        Event("e", "B", "2024-08-29"),
        *(Event("e", "C", when) for when in moments),
        Event("other", "B", "2024-05-23"),
    ]
    assert [e.key for e in keyed(events)] == [
        "A",
        "first",
        "B 2024-08-29",
        "C 2024-05-23",
        "C 2024-05-23T17:00:00-04:00",
        "B",
    ]
