"""What users bring, row by row: the table says which test holds each; what both doors read is tried here at both.

The rows are those of docs and README: events, dates, prices and returns, calendars, results that leave. A row without a
test that exists fails.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.objects.results import StudyResult

HERE = Path(__file__).parent
ROWS: dict[str, str] = {
    "one date, a moment, a stamp, ISO text": "test_inputs_table.py::test_both_doors_read_events_alike",
    "a mapping or a Series of dates": "test_inputs_table.py::test_both_doors_read_events_alike",
    "a list of dates": "test_events.py::",
    "a table of events, CSV, Excel, Parquet": "test_eventtable.py::",
    "Event objects and study.yaml": "test_events.py::",
    "several events of one security": "test_study_and_run.py::",
    "own benchmark and windows": "test_runs_apart.py::test_a_run_gives_the_numbers_of_a_study",
    "day first, month first, two digits, out of range": "test_dates.py::",
    "dates of long tables": "test_ingest.py::test_days_that_can_be_read_in_two_ways_are_refused_unless_stated",
    "moments within a day": "test_price_cases.py::",
    "dialects, decimals, thousands, encodings": "test_prices_files.py::",
    "a folder of downloads, headers of downloads": "test_price_cases.py::",
    "identifiers": "test_prices_files.py::",
    "returns, per cent or decimal": "test_inputs_table.py::test_the_scale_is_looked_at_at_both_doors",
    "codes of research databases": "test_price_cases.py::test_returns_of_a_research_database",
    "factors": "test_study_doors.py::",
    "content_id": "test_study.py::",
    "weekly and monthly bars": "test_quality.py::test_bars_longer_than_a_day_say_what_to_write",
    "own calendar, 24/7, stray days, carets": "test_price_cases.py::",
    "a calendar that fails": "test_price_cases.py::test_a_calendar_that_fails_offers_the_dates_of_the_prices",
    "checks without a calendar": "test_runs.py::",
    "foreign benchmark of returns": "test_price_cases.py::test_returns_of_a_foreign_benchmark_span_no_more_days",
    "wrong calls": "test_public_calls.py::",
    "tables and figures that leave": "test_runs.py::test_figures_and_tables_that_leave",
}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_test(row: str) -> None:
    file, name = ROWS[row].split("::")
    text = (HERE / file).read_text(encoding="utf-8")
    assert re.search(rf"^def test_{name.removeprefix('test_')}", text, re.MULTILINE)


@pytest.fixture(scope="module")
def levels(deepseek_result: StudyResult) -> pd.DataFrame:
    panel = deepseek_result.prices
    closes = panel.close[["NVDA", "AMD", "^IXIC"]]
    return closes.loc[closes.index.isin(panel.calendars["XNYS"].sessions)]


@pytest.fixture(scope="module")
def right(levels: pd.DataFrame) -> float:
    """AR of NVDA on day zero by a line through its estimation window."""
    returns = levels.pct_change(fill_method=None)
    t = returns.index.get_loc(DAY)
    past = returns.iloc[t - 260 : t - 10]
    beta, alpha = np.polyfit(past["^IXIC"], past["NVDA"], 1)
    return float(returns["NVDA"].iloc[t] - alpha - beta * returns["^IXIC"].iloc[t])


def at_both(levels: pd.DataFrame, events: Any, **more: Any) -> list[float | str]:
    """AR of the first event on day zero at each door, or the kind of refusal."""

    def study() -> float:
        given = {"benchmark": "^IXIC", "volume": "none", "tests": ["t"], "tickers": ["NVDA"]}
        return float(es.Study(prices=levels, events=events, **(given | more)).run().cars((0, 0))["car"].iloc[0])

    def run() -> float:
        return float(es.run_events(prices=levels, events=events, windows=[(0, 0)], **more).cars()["car"].iloc[0])

    found: list[float | str] = []
    for door in (study, run):
        try:
            found.append(door())
        except EventStudyError as error:
            found.append(str(error))
    return found


def table(*dates: Any, ticker: Any = "NVDA") -> pd.DataFrame:
    return pd.DataFrame({"ticker": [ticker] * len(dates), "date": list(dates)})


DAY = "2025-01-27"


@pytest.mark.parametrize(
    "events",
    [
        table(DAY),
        table("20250127"),
        table(20250127),
        table("27/01/2025"),
        table("27.01.2025"),
        table("27 Jan 2025"),
        table(dt.date(2025, 1, 27)),
        table(pd.Timestamp(DAY)),
        table(np.datetime64(DAY)),
        table("2025-01-25"),  # a Saturday
        table(DAY, ticker=" NVDA "),
        {"NVDA": DAY},
        pd.Series({"NVDA": DAY}),
        [es.Event("e", "NVDA", DAY)],
        table(DAY).set_axis(["Symbol", "Event Date"], axis=1),
        table(DAY).set_axis(["permno", "announced"], axis=1),
        DAY,
        pd.Timestamp(DAY),
    ],
    ids=str,
)
def test_both_doors_read_events_alike(levels: pd.DataFrame, right: float, events: Any) -> None:
    np.testing.assert_allclose(at_both(levels, events), right, rtol=1e-8)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (table("05/08/2024"), "'05/08/2024' is 5 August or 8 May, and no row settles which; say dayfirst=True"),
        (table("27.01.25"), "has a year of two digits"),
        (table("9999-01-01"), "lies outside 1800 to 2200"),
        (table(45684), "a day number of Excel"),
        (table(DAY, None), "has no date"),
        (table("-"), "'-' is not a date"),
        (table(DAY).iloc[:0], "no rows"),
        (table(DAY).assign(date2=DAY).set_axis(["ticker", "date", "date"], axis=1), "stand twice: date, date"),
        (table(DAY).drop(columns="ticker"), "have no security"),
        (table(DAY)[["ticker"]], "no date"),
    ],
    ids=str,
)
def test_both_doors_refuse_events_in_the_same_words(levels: pd.DataFrame, events: Any, said: str) -> None:
    for answer in at_both(levels, events):
        assert said in str(answer)


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        ("ticker,date\nNVDA,2025-01-27\n", "utf-8-sig", None),
        ("ticker,date\nNVDA,2025-01-27\n", "utf-16", None),
        ("Ticker;Date\nNVDA;27.01.2025\n", "utf-8", None),
        ('"ticker","date"\n"NVDA","2025-01-27"\n', "utf-8", None),
        ("ticker,date\rNVDA,2025-01-27\r", "utf-8", None),
        ("\nticker\tdate\nNVDA\t2025-01-27\n\n", "utf-8", None),
        ("ticker;date;n\nNVDA;27.01.2025;\u00e9\n", "latin-1", "not text in UTF-8"),
        ("ticker,date\nNVDA,2025-01-27\nSource: me\n", "utf-8", "events.csv:3: 2 cells are due and 1 are here"),
        ("ticker,date\n(text),(day)\nNVDA,2025-01-27\n", "utf-8", "events.csv:2: the dates of the events: '(day)'"),
        ("ticker,date\nNVDA,2025-01-27,\n", "utf-8", "events.csv:2: 2 cells are due and 3"),
    ],
)
def test_both_doors_read_files_of_events_alike(
    levels: pd.DataFrame, right: float, tmp_path: Path, content: str, encoding: str, said: str | None
) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(content.encode(encoding))
    for answer in at_both(levels, file):
        if said is None:
            assert answer == pytest.approx(right, rel=1e-8)
        else:
            assert said in str(answer)


@pytest.mark.parametrize("ticker", [7203, 7203.0, "7203", np.int64(7203)])
def test_both_doors_take_numbers_for_names(levels: pd.DataFrame, right: float, ticker: Any) -> None:
    renamed = levels.rename(columns={"NVDA": 7203})
    found = at_both(renamed, table(DAY, ticker=ticker))
    np.testing.assert_allclose(found, right, rtol=1e-8)


@pytest.mark.parametrize(
    ("times", "percent", "said"),
    [
        (1.0, None, None),
        (1.0, False, None),
        (100.0, True, None),
        (100.0, None, "the returns look like per cent"),
        (1.0, True, "stated to be per cent, but no value is over 0.5%"),
        (1e4, None, "look like per cent|levels"),
    ],
)
def test_the_scale_is_looked_at_at_both_doors(
    levels: pd.DataFrame, right: float, times: float, percent: bool | None, said: str | None
) -> None:
    returns = times * levels.pct_change(fill_method=None)
    doors = (
        lambda: (
            es.Study(
                returns=returns, events={"NVDA": DAY}, benchmark="^IXIC", percent=percent, volume="none", tests=["t"]
            )
            .run()
            .cars((0, 0))
        ),
        lambda: es.run_events(returns, {"NVDA": DAY}, windows=[(0, 0)], percent=percent).cars(),
    )
    for door in doors:
        if said is None:
            assert door()["car"].iloc[0] == pytest.approx(right, rel=1e-8)
        else:
            with pytest.raises(EventStudyError, match=said):
                door()
