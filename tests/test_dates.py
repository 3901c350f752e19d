"""Dates are read one way only where no row can be read another way, and refused in words otherwise."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import SpecError
from eventstudy.files.dates import moment, parse_dates, whole_days

DAYS = ["2025-01-27", "2024-08-05", "2024-12-03"]


def days(column, **how):
    return parse_dates(column, **how).strftime("%Y-%m-%d").tolist()


def test_a_day_that_no_calendar_has_is_not_said_to_be_written_in_two_ways() -> None:
    with pytest.raises(SpecError, match="'27/13/2025' is not a day of the calendar"):
        parse_dates(["27/13/2025", "03/04/2025"])


@pytest.mark.parametrize(
    "column",
    [
        DAYS,
        ["20250127", "20240805", "20241203"],
        [20250127, 20240805, 20241203],
        [20250127.0, 20240805.0, 20241203.0],
        pd.Series([20250127, 20240805, 20241203], dtype="Int64"),
        ["2025/01/27", "2024.08.05", "2024-12-3"],
        ["27/01/2025", "05/08/2024", "03/12/2024"],
        ["27.01.2025", "5.8.2024", "3.12.2024"],
        ["1/27/2025", "8/5/2024", "12/3/2024"],
        ["27-Jan-2025", "5 August 2024", "03DEC2024"],
        ["Jan 27, 2025", "Aug 5, 2024", "December 3 2024"],
        [dt.date(2025, 1, 27), pd.Timestamp("2024-08-05"), "2024-12-03"],
        np.array(DAYS, dtype="datetime64[s]"),
        pd.PeriodIndex(DAYS, freq="D"),
        pd.Series(DAYS, dtype="category"),
        ["2025-01-27 00:00:00-05:00", "2024-08-05 00:00:00-04:00", "2024-12-03T00:00:00-05:00"],
    ],
)
def test_every_way_to_write_the_same_days(column) -> None:
    assert days(column) == DAYS


def test_one_row_settles_the_order_for_the_whole_column() -> None:
    assert days(["04/09/2024", "27/01/2025"]) == ["2024-09-04", "2025-01-27"]
    assert days(["04/09/2024", "01/27/2025"]) == ["2024-04-09", "2025-01-27"]
    assert days(["05/05/2024", "2024-09-04"]) == ["2024-05-05", "2024-09-04"]  # reads the same either way


def test_what_no_row_settles_is_refused_unless_stated() -> None:
    column = ["04/09/2024", "05/08/2024", "03/12/2024"]
    with pytest.raises(SpecError, match=r"row 0: '04/09/2024' is 4 September or 9 April.*dayfirst=True.*date_format"):
        parse_dates(column)
    assert days(column, dayfirst=True) == ["2024-09-04", "2024-08-05", "2024-12-03"]
    assert days(column, dayfirst=False) == ["2024-04-09", "2024-05-08", "2024-03-12"]
    assert days(column, date_format="%m/%d/%Y") == ["2024-04-09", "2024-05-08", "2024-03-12"]


@pytest.mark.parametrize(
    ("column", "how", "words"),
    [
        (["27/01/2025", "01/28/2025"], {}, "row 0: '27/01/2025' has the day first and '01/28/2025' .row 1. the month"),
        (["27/01/2025", "01/02/2025"], {"dayfirst": False}, "row 0: '27/01/2025' is not a day .* with the month first"),
        (["27/01/25"], {}, "row 0: '27/01/25' has a year of two digits.*date_format"),
        (["27-Jan-25"], {}, "year of two digits"),
        (["2025-01-27", "2025-02-30"], {}, "row 1: '2025-02-30' is not a day of the calendar"),
        (["2025-01-27", "9999-12-31"], {}, "row 1: '9999-12-31' lies outside 1800 to 2200"),
        ([20250127, 15830101], {}, "row 1: '15830101' lies outside 1800 to 2200"),
        (np.array(["2025-01-27", "9999-12-31"], dtype="datetime64[s]"), {}, "row 1: 9999-12-31 .* lies outside"),
        (["2025-01-27", "soon"], {}, "row 1: 'soon' is not a date"),
        (["2025-01-27", ""], {}, "row 1: no date here"),
        (["2025-01-27", None, None], {}, "row 1: 2 rows have no date"),
        ([45684.5], {}, "'45684.5' is not a date"),
        (["2025-01-27T25:00"], {}, "25:00 is not a time of day"),
        (["2025-01-27T09:00Z", "2025-01-28T09:00"], {}, "row 1: 2025-01-28 09:00:00 has no time zone"),
        (["2025-01-27"], {"date_format": "D.M.Y"}, "date_format is a pattern of strptime"),
        (["2025-01-27"], {"date_format": "%d.%m.%Y"}, "does not fit date_format"),
        ([["2025-01-27"]], {}, "is not a date"),
        (5, {}, "are a column of dates, got 5"),
    ],
)
def test_what_is_no_date_is_refused_with_its_row(column, how, words) -> None:
    with pytest.raises(SpecError, match=words):
        parse_dates(column, **how)


def test_rows_are_named_by_their_label_or_their_line() -> None:
    with pytest.raises(SpecError, match="the events, row b: 'x' is not a date"):
        parse_dates(pd.Series(["2025-01-27", "x"], index=["a", "b"]), where="the events")
    with pytest.raises(SpecError, match=r"^prices.csv:7: the dates: 'x' is not a date"):
        parse_dates(["2025-01-27", "x"], file="prices.csv", line=lambda at: at + 6)


def test_two_digit_years_only_with_a_stated_format() -> None:
    assert days(["27/01/25", "05/08/24"], date_format="%d/%m/%y") == ["2025-01-27", "2024-08-05"]


def test_moments_of_several_zones_come_back_in_one() -> None:
    found = parse_dates(["2025-01-27T09:00:00-05:00", "2025-01-27 15:00Z"])
    assert str(found.tz) == "UTC"
    assert found.strftime("%H:%M").tolist() == ["14:00", "15:00"]


def test_minutes_within_a_day_are_refused() -> None:
    minutes = pd.date_range("2025-01-24 09:30", periods=60, freq="min")
    with pytest.raises(SpecError, match=r"several times of one day .09:30:00, 09:31:00, 09:32:00 on 2025-01-24.*days"):
        whole_days(minutes, "prices.csv")
    closes = pd.DatetimeIndex(["2025-01-24 16:00", "2025-01-27 16:00"])
    assert whole_days(closes, "x").strftime("%Y-%m-%d").tolist() == ["2025-01-24", "2025-01-27"]


def test_a_million_rows_of_iso_take_little_more_than_their_distinct_days() -> None:
    column = np.tile(pd.date_range("2000-01-01", periods=1000).strftime("%Y-%m-%d").to_numpy(dtype=object), 500)
    found = parse_dates(column)
    assert len(found) == 500_000
    assert found[-1] == pd.Timestamp("2002-09-26")


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("2025-01-27", dt.date(2025, 1, 27)),
        (" 20250127 ", dt.date(2025, 1, 27)),
        (20250127, dt.date(2025, 1, 27)),
        (np.int64(20250127), dt.date(2025, 1, 27)),
        (np.datetime64("2025-01-27"), dt.date(2025, 1, 27)),
        (pd.Timestamp("2025-01-27"), dt.date(2025, 1, 27)),
        (dt.datetime(2025, 1, 27), dt.date(2025, 1, 27)),
        ("27.1.2025", dt.date(2025, 1, 27)),
        ("2025-01-27T09:00:00-05:00", dt.datetime(2025, 1, 27, 9, tzinfo=dt.timezone(dt.timedelta(hours=-5)))),
        (pd.Timestamp("2025-01-27 09:00", tz="UTC"), dt.datetime(2025, 1, 27, 9, tzinfo=dt.UTC)),
    ],
)
def test_one_date_or_moment(when, found) -> None:
    assert moment(when) == found
    assert isinstance(moment(when), dt.datetime) == isinstance(found, dt.datetime)


@pytest.mark.parametrize(
    "when", ["04/09/2024", "27/01/25", "soon", "", "2025-02-30", "9999-01-01", dt.date(1700, 1, 1), None, 3.5, True, [],
             pd.NaT, np.datetime64("NaT"), "2025-01-27T09:99", "9" * 5000, pytest.param(9**9000, id="9,000 digits")]
)  # fmt: skip
def test_one_date_that_is_none_or_can_be_read_in_two_ways_is_refused(when) -> None:
    with pytest.raises(SpecError):
        moment(when)
