"""The event is the unit: however events come, and however many a security has, each has its own numbers and tests."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import eventstudy as es
from eventstudy.errors import EventStudyError, SpecError, UnknownNameError
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
    assert (
        tables["day"](several)["ticker"].nunique() == 9
    )  # one bar an event; the index has as many days as there are events and no bar
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


# ------------------------------------------------------------------------------------- benchmark and windows of its own
OWN: dict[str, dict[str, Any]] = {
    "benchmark": {"benchmark": "^GSPC"},
    "estimation": {"estimation": (-150, -20)},
    "event": {"event": (-2, 2)},
    "period": {"estimation": ("2023-06-01", "2024-01-31")},
    "all": {"benchmark": "^SOX", "estimation": (-200, -5), "event": (-3, 3)},
}
PLAIN: dict[str, Any] = {"prices": "deepseek", "benchmark": "^IXIC", "tests": ("t", "bmp_t", "placebo", "grank_t")}


@pytest.fixture(scope="module")
def mixed() -> StudyResult:
    """NVDA and AMD as the study has it, and a chip maker for each way to differ."""
    tickers = dict(zip(OWN, ("MU", "AVGO", "INTC", "QCOM", "TXN"), strict=True))
    plain = [Event("results", t, d) for t, d in (("NVDA", "2024-05-23"), ("AMD", "2024-05-01"))]
    own = [Event("results", tickers[way], "2024-06-27", **differs) for way, differs in OWN.items()]
    return es.Study(events=[*plain, *own], **PLAIN).run()


@pytest.mark.parametrize("way", [*OWN, "none"])
def test_an_event_with_its_own_specification_is_as_in_a_study_of_that_specification(
    mixed: StudyResult, way: str
) -> None:
    row = [*OWN].index(way) + 2 if way in OWN else 0
    event = mixed.headline.panel.events[row]
    differs = dict(OWN.get(way, {}))
    if way == "period":  # the same days as sessions
        sessions, day = mixed.headline.panel.sessions, int(mixed.headline.panel.day[row])
        inside = np.flatnonzero((sessions >= "2023-06-01") & (sessions <= "2024-01-31")) - day
        differs = {"estimation": (int(inside[0]), int(inside[-1]))}
    window = Window(-1, 1)
    windows = {"windows": [(0, 0), (-1, 1)]}
    alone = es.Study(events=[Event("results", event.ticker, event.announced)], **(PLAIN | windows | differs)).run()
    one, other = mixed.headline, alone.headline
    for name in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_allclose(getattr(one.normal, name)[row], getattr(other.normal, name)[0], rtol=1e-12)
    for abnormal in ("car", "car_se", "scar"):
        values = [getattr(r.abnormal, abnormal)(window)[i] for r, i in ((one, row), (other, 0))]
        assert values[0] == pytest.approx(values[1], rel=1e-12)
    found = [r.find(r.panel.keys[i], window, "t") for r, i in ((one, row), (other, 0))]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].p == pytest.approx(found[1].p, rel=1e-12)


def test_events_of_several_specifications_are_pooled(mixed: StudyResult) -> None:
    found = mixed.headline
    for test in ("bmp_t", "grank_t"):
        result = found.find("all", DAY, test)
        assert result is not None
        assert (result.n, result.reason) == (7, None)
    scar = found.abnormal.scar(DAY)
    assert found.find("all", DAY, "bmp_t").statistic == pytest.approx(  # type: ignore[union-attr]
        scar.mean() / (scar.std(ddof=1) / np.sqrt(7)), rel=1e-12
    )


def test_a_window_outside_an_events_own_is_not_tested_and_says_why(mixed: StudyResult) -> None:
    found = mixed.headline
    row = found.row("INTC")
    assert np.isnan(found.abnormal.car(Window(-10, 10))[row])
    assert found.abnormal.reasons(Window(-10, 10))[row] == ("[-10, +10] lies outside the event's own window [-2, +2]")
    pooled = found.find("all", Window(-10, 10), "bmp_t")
    assert pooled is not None
    assert pooled.n == 5  # TXN has a short window too


def test_tables_and_page_name_an_events_own_benchmark(mixed: StudyResult) -> None:
    of = {row["ticker"]: row["benchmark"] for row in results_dict(mixed)["estimates"]}
    assert (of["NVDA"], of["MU"], of["TXN"]) == ("^IXIC", "^GSPC", "^SOX")
    assert "^SOX" in mixed.to_html()


def test_windows_of_a_table_reach_the_events() -> None:
    table = pd.DataFrame(
        {
            "ticker": ["NVDA", "AMD"],
            "date": ["2024-05-23"] * 2,
            "estimation": ["", "-150,-20"],
            "benchmark": ["", "^GSPC"],
        }
    )
    first, second = events_of(table, ()).events
    assert (first.estimation, first.benchmark) == (None, None)
    assert (second.estimation, second.benchmark) == (Window(-150, -20), "^GSPC")


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"estimation": "x"}, "two sessions, such as"),
        ({"estimation": (-10,)}, "two sessions, such as"),
        ({"event": (5, -5)}, "ends on or after its start"),
        ({"event": (0, 10**9)}, "within 100,000 sessions"),
        ({"estimation": ("2024-01-31", "2023-06-01")}, "ends on or after its first day"),
    ],
)
def test_a_window_of_an_event_is_checked_at_the_door(differs: dict[str, Any], said: str) -> None:
    with pytest.raises(EventStudyError, match=said):
        Event("e", "NVDA", "2024-05-23", **differs)


def test_an_own_window_that_cannot_be_leaves_the_event_out_with_the_reason() -> None:
    events = [
        Event("e", "NVDA", "2024-05-23", estimation=("2024-05-20", "2024-06-30")),
        Event("e", "AMD", "2024-05-01"),
    ]
    result = es.Study(events=events, **PLAIN).run()
    assert result.headline.normal.reason[1] is None
    assert "estimation window has to end before the event window starts" in str(result.headline.normal.reason[0])


# ------------------------------------------------------------------------------------------------ tables to go on with
def test_cars_are_a_row_an_event_and_window(several: StudyResult, right: Any) -> None:
    frame = several.cars()
    assert frame.columns.tolist() == [
        *("id", "ticker", "day_zero", "window", "car", "se", "t", "p", "bhar", "nobs", "event", "benchmark", "group"),
        "traits",
    ]
    assert len(frame) == 9 * len(several.settings.windows)
    day = several.cars((0, 0))
    np.testing.assert_allclose(day["car"], [e["ar0"] for e in right["events"]], rtol=1e-8)
    np.testing.assert_allclose(day["t"], [e["t0"] for e in right["events"]], rtol=1e-8)
    assert day["traits"].tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_tables_leave_as_files(several: StudyResult, tmp_path: Path) -> None:
    frame = several.frame()
    csv = pd.read_csv(several.to_csv(tmp_path / "events.csv"))
    np.testing.assert_allclose(csv["car[0,0]"], several.cars((0, 0))["car"], rtol=1e-12)
    assert csv.columns.tolist() == frame.columns.tolist()
    assert csv["id"].tolist() == several.cars((0, 0))["id"].tolist()
    text = str(several.to_latex())
    assert text.count("\\toprule") == 3
    assert " & 0.0000 \\\\" not in text  # a p-value is never printed as zero
    assert several.to_latex(tmp_path / "cars.tex") == tmp_path / "cars.tex"


def test_caar_has_the_standard_error_of_the_cross_section(several: StudyResult, right: Any) -> None:
    frame = several.caar((0, 0)).set_index("subject")
    ar = np.array([e["ar0"] for e in right["events"]])
    row = frame.loc["all"]
    se = ar.std(ddof=1) / 3
    assert row["caar"] == pytest.approx(right["all"]["caar0"], rel=1e-8)
    assert row["se"] == pytest.approx(se, rel=1e-8)
    half = stats.t.ppf(0.975, 8) * se
    assert (row["low"], row["high"]) == (pytest.approx(ar.mean() - half), pytest.approx(ar.mean() + half))
    assert row["n"] == 9


# ----------------------------------------------------------------------------------------------------------- regression
@pytest.mark.parametrize("covariance", ["cluster_date", "cluster_firm", "classical", "hc3"])
def test_traits_explain_the_cars_as_statsmodels_has_it(several: StudyResult, covariance: Any) -> None:
    found = several.regress(["traits"], covariance=covariance)
    day = several.cars((0, 0))
    z = sm.add_constant(day[["traits"]].astype(float))
    ways: dict[str, dict[str, Any]] = {
        "cluster_date": {"cov_type": "cluster", "cov_kwds": {"groups": day["day_zero"].astype("int64").to_numpy()}},
        "cluster_firm": {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(day["ticker"])[0]}},
        "classical": {"cov_type": "nonrobust"},
        "hc3": {"cov_type": "HC3"},
    }
    fit = sm.OLS(day["car"], z).fit(use_t=True, **ways[covariance])
    np.testing.assert_allclose(found.coefficients, fit.params, rtol=1e-9)
    np.testing.assert_allclose(found.se, fit.bse, rtol=1e-9)
    np.testing.assert_allclose(found.p, fit.pvalues, rtol=1e-8)


def test_characteristics_are_of_an_event_or_of_a_security(several: StudyResult) -> None:
    keys = several.headline.panel.keys
    size = dict(zip(("NVDA", "AMD", "MU"), (3.0, 2.0, 1.0), strict=True))
    of_security = several.regress(pd.DataFrame({"size": size}))
    of_event = several.regress(pd.DataFrame({"size": {key: size[key.split()[0]] for key in keys}}))
    np.testing.assert_array_equal(of_security.coefficients, of_event.coefficients)
    assert of_security.n == 9


def test_text_becomes_columns_of_0_and_1() -> None:
    table = pd.read_csv(CASES / "events_several_a_firm.csv").assign(side=["buy", "sell", "hold"] * 3)
    result = es.Study(prices="deepseek", events=table, benchmark="^IXIC", tests=["t"]).run()
    found = result.regress(["side"])
    assert found.names == ("const", "side[hold]", "side[sell]")
    means = result.cars((0, 0)).groupby("side")["car"].mean()
    np.testing.assert_allclose(found.coefficients, [means["buy"], *(means[["hold", "sell"]] - means["buy"])], rtol=1e-9)
    assert "side[hold]" in repr(found)


# -------------------------------------------------------------------------------------------------------------- overlap
def overlap_issues(days: list[tuple[str, str]], **changes: Any) -> dict[str, str]:
    events = pd.DataFrame(days, columns=["ticker", "date"])
    arguments: dict[str, Any] = {"prices": "deepseek", "benchmark": "^IXIC", "tests": ["bmp_t"]} | changes
    found = es.Study(events=events, **arguments).run()
    names = ("windows_overlap", "own_windows_overlap", "event_in_estimation")
    return {issue.code: issue.detail for issue in found.issues if issue.code in names}


def test_overlap_of_windows_is_counted_and_said() -> None:
    found = overlap_issues(
        [("NVDA", "2024-05-23"), ("AMD", "2024-05-30"), ("MU", "2024-09-26"), ("NVDA", "2024-06-03")]
    )
    assert "3 of 4 events (4 dates) have event windows that share days" in found["windows_overlap"]
    assert "event windows of 2 events of 1 security (NVDA) share days" in found["own_windows_overlap"]
    assert set(found) == {"windows_overlap", "own_windows_overlap"} | ({"event_in_estimation"} & set(found))


def test_an_event_in_the_estimation_window_of_another_is_said() -> None:
    found = overlap_issues([("NVDA", "2024-05-23"), ("NVDA", "2024-08-29"), ("MU", "2024-12-19")])
    assert "1 events of 1 security (NVDA) hold another event" in found["event_in_estimation"]
    assert set(found) == {"event_in_estimation"}


def test_one_shared_date_and_events_far_apart_are_no_overlap() -> None:
    assert overlap_issues([("NVDA", "2024-05-23"), ("AMD", "2024-05-23")]) == {}
    assert overlap_issues([("NVDA", "2024-05-23"), ("AMD", "2024-09-26")]) == {}


def test_the_choice_hears_that_windows_overlap() -> None:
    table = pd.DataFrame({"ticker": ["NVDA", "AMD", "MU"], "date": ["2024-05-23", "2024-05-24", "2024-09-26"]})
    result = es.Study(prices="deepseek", events=table, benchmark="^IXIC", windows=[(-1, 1)], tests=["bmp_t"]).run()
    assert "share days" in result.headline.why["all"]


def test_a_headline_group_of_one_security_an_exchange_has_no_test_and_says_so() -> None:
    groups = {"chips": ["NVDA", "8035.T"]}
    result = es.Study(
        prices="deepseek",
        events="2025-01-27",
        groups=groups,
        benchmark="^IXIC",
        benchmarks={"XTKS": "^N225"},
        tests=["t"],
    ).run()
    (issue,) = [i for i in result.issues if i.code == "group_split"]
    assert "trades on XNYS, XTKS, one security each" in issue.detail


def test_short_series_are_measured_by_the_studys_own_windows() -> None:
    closes = es.load("deepseek").run().prices.adj_close[["NVDA", "^IXIC"]].dropna().iloc[-150:]
    arguments: dict[str, Any] = {"prices": closes, "benchmark": "^IXIC", "tests": ["t"], "volume": "none"}
    event = {"NVDA": closes.index[120]}
    enough = es.Study(events=event, **arguments, estimation=(-100, -11)).run()
    assert not [i for i in enough.issues if i.code == "short_series"]
    assert [
        i.detail
        for i in es.Study(events=event, **arguments, min_obs=60, event=(-10, 20)).run().issues
        if (i.code == "short_series")
    ] == ["NVDA, ^IXIC: 150 days of prices; the windows need 282"]


# --------------------------------------------------------------------------------------------------------------- claims
CLAIMS = """schema_version: 1
sources:
  S: {{title: A report on results}}
claims:
  - id: fell
    kind: price_move
    event: "{event}"
    security: NVDA
    says: NVDA fell more than 5 per cent on its results
    claimed: {{direction: fall, value: 5, unit: percent, modifier: more_than}}
    source: S
"""


def claimed(tmp_path: Path, event: str) -> es.Study:
    path = tmp_path / "claims.yaml"
    path.write_text(CLAIMS.format(event=event), encoding="utf-8")
    table = pd.read_csv(CASES / "events_several_a_firm.csv")
    return es.Study(prices="deepseek", events=table, benchmark="^IXIC", tests=["t"], claims=path)


def test_a_claim_names_the_event_it_means(tmp_path: Path) -> None:
    verdict = claimed(tmp_path, "NVDA 2024-08-29").run().verdict("fell")
    assert verdict.verdict == "supported"
    assert verdict.value == pytest.approx(6.38, abs=0.01)  # close of 28 to 29 August 2024, per cent down
    assert [axis.subject for axis in verdict.abnormal] == ["NVDA 2024-08-29"]
    assert verdict.abnormal[0].ar == pytest.approx(-0.06140673849851979, rel=1e-8)


def test_a_claim_on_a_security_with_several_events_is_refused_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"claims\.yaml:5: .*several events of NVDA; say which is meant: NVDA 2024"
    ):
        claimed(tmp_path, "event").run()


def test_simulate_draws_securities_that_have_several_events(several: StudyResult) -> None:
    found = es.simulate(several, group="all", replications=20)
    assert set(found.made.securities) == {"NVDA", "AMD", "MU"}
