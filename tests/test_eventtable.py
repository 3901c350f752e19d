"""A table of events is read whatever its columns are called, or refused with the file and line."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.files.eventfile import EventFile
from eventstudy.files.eventtable import EventTable, event_columns, event_table
from eventstudy.files.spans import cell_span

CASES = Path(__file__).parent / "cases"


def written(tmp_path: Path, text: str, name: str = "events.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def days(table: EventTable) -> list[str]:
    return [pd.Timestamp(day).strftime("%Y-%m-%d") for day in table.frame["announced"]]


def test_a_file_of_events_is_read_with_group_and_traits() -> None:
    found = event_table(CASES / "events_several_a_firm.csv")
    assert found.frame["ticker"].tolist() == ["NVDA"] * 3 + ["AMD"] * 3 + ["MU"] * 3
    assert days(found)[:2] == ["2024-05-23", "2024-08-29"]
    assert found.frame["group"].tolist() == ["a"] * 3 + ["b"] * 6
    assert found.traits["traits"].tolist() == [1, 0, 1, 0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("security", ["ticker", "Security", "SYMBOL", "permno", "isin", "id"])
@pytest.mark.parametrize("date", ["date", "Event date", "announced"])
def test_columns_are_known_by_several_names(security: str, date: str) -> None:
    found = event_table(pd.DataFrame({security: ["000001"], date: ["2024-05-23"]}))
    assert found.frame["ticker"].tolist() == ["000001"]
    assert "id" not in found.frame


def test_columns_and_encoding_can_be_stated(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    text = "Größe (Mrd);Firma;Tag;Name;id\n16,87;NVDA;03.11.2025;Müller;a\n1.003,9;AMD;19.11.2025;Groß;b\n"
    path.write_bytes(text.encode("cp1252"))
    with pytest.raises(SpecError, match=r"not text in UTF-8.*events: \{file: events.csv, encoding: cp1252\}"):
        event_table(path)
    stated = EventFile(path, columns={"ticker": "Firma", "date": "Tag"}, encoding="cp1252")
    found = event_table(stated)
    assert found.frame["ticker"].tolist() == ["NVDA", "AMD"]
    assert days(found) == ["2025-11-03", "2025-11-19"]
    assert found.traits["Größe (Mrd)"].tolist() == [16.87, 1003.9]
    assert found.traits["Name"].tolist() == ["Müller", "Groß"]
    with pytest.raises(SpecError, match="no column 'Firm', which is stated; they have Größe"):
        event_table(replace(stated, columns={"ticker": "Firm"}))
    with pytest.raises(UnknownNameError, match="unknown column of the events 'security'"):
        event_table(replace(stated, columns={"security": "Firma"}))


def test_a_stated_column_goes_before_one_that_is_known() -> None:
    table = pd.DataFrame({"ticker": ["Nvidia"], "code": ["NVDA"], "date": ["2024-05-22"], "first": ["2024-05-23"]})
    columns = event_columns(table, None, {"ticker": "code", "date": "first"})
    assert columns == {"ticker": "code", "announced": "first"}


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["16,87", "3,89"], [16.87, 3.89]),
        (["1.234,5", "-3,89", ""], [1234.5, -3.89, None]),
        (["1,234.5", "1,234,567"], [1234.5, 1234567]),
        (["1,234,567", "12"], [1234567, 12]),
    ],
)
def test_a_trait_with_commas_is_a_number(cells: list[str], numbers: list[float]) -> None:
    table = pd.DataFrame({"ticker": ["A"] * len(cells), "date": ["2024-05-22"] * len(cells), "size": cells})
    pd.testing.assert_series_equal(
        event_table(table).traits["size"], pd.Series(numbers, name="size"), check_dtype=False
    )


def test_a_comma_that_may_mark_decimals_or_thousands_is_refused() -> None:
    table = pd.DataFrame({"ticker": ["A"] * 2, "date": ["2024-05-22"] * 2, "size": ["12", "1,234"]})
    with pytest.raises(SpecError, match=r"row 1: '1,234' in column 'size' has a comma that may mark"):
        event_table(table)
    table["size"] = ["a, b", "1,234"]  # text
    assert event_table(table).traits["size"].tolist() == ["a, b", "1,234"]


@pytest.mark.parametrize("absent", ["NA", "n/a", "-", "null"])
def test_what_is_absent_among_numbers_is_no_category(absent: str) -> None:
    table = pd.DataFrame({"ticker": ["A"] * 3, "date": ["2024-05-22"] * 3, "size": ["12", absent, "1.5"]})
    assert event_table(table).traits["size"].tolist() == pytest.approx([12, np.nan, 1.5], nan_ok=True)
    table["size"] = ["DE", absent, "FR"]
    assert event_table(table).traits["size"].tolist() == ["DE", absent, "FR"]


@pytest.mark.parametrize(
    ("cells", "odd"),
    [
        (["5%", "7%", "3.5 %"], "row 0: '5%'"),
        (["5", "$7", "8"], "row 1: '\\$7'"),
        (["5", "7", "low"], "row 2: 'low'"),
        (["1 234", "850", "7M"], "row 0: '1 234'"),
    ],
)
def test_amounts_that_are_no_plain_numbers_are_refused_as_categories(cells: list[str], odd: str) -> None:
    table = pd.DataFrame({"ticker": ["A"] * 3, "date": ["2024-05-22"] * 3, "stake": cells})
    with pytest.raises(SpecError, match=f"{odd} in column 'stake' is no number, and most of the column are amounts"):
        event_table(table)
    table["stake"] = ["3M", "IBM", "low"]  # words
    assert event_table(table).traits["stake"].tolist() == ["3M", "IBM", "low"]


def test_id_is_the_announcement_where_the_security_has_a_column_of_its_own() -> None:
    table = pd.DataFrame({"id": ["q1", None], "permno": [10001, 10002.0], "date": ["2024-05-23"] * 2})
    found = event_table(table).frame
    assert found["id"].tolist() == ["q1", None]
    assert found["ticker"].tolist() == ["10001", "10002"]


def test_a_named_index_is_a_column() -> None:
    found = event_table(pd.DataFrame({"date": ["2024-05-23"]}, index=pd.Index(["NVDA"], name="ticker")))
    assert found.frame["ticker"].tolist() == ["NVDA"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_however_a_file_is_saved_it_is_read(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "events.csv"
    lines = [["ticker", "date", "size"], ["000001", "2024-05-23", "3"], ["NA", "2024-05-24", "4.5"]]
    path.write_bytes("\r\n".join(separator.join(cells) for cells in lines).encode(encoding))
    found = event_table(path)
    assert found.frame["ticker"].tolist() == ["000001", "NA"]
    assert found.traits["size"].tolist() == [3, 4.5]


def test_a_parquet_file_is_read(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    table = pd.DataFrame({"symbol": ["NVDA"], "event_date": pd.to_datetime(["2024-05-23"])})
    table.to_parquet(tmp_path / "events.parquet")
    assert days(event_table(tmp_path / "events.parquet")) == ["2024-05-23"]


def test_an_excel_file_is_read(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    table = pd.DataFrame({"symbol": ["000001"], "event_date": pd.to_datetime(["2024-05-23"]), "size": [3]})
    table.to_excel(tmp_path / "events.xlsx", index=False)
    found = event_table(tmp_path / "events.xlsx")
    assert found.frame["ticker"].tolist() == ["000001"]
    assert days(found) == ["2024-05-23"]
    assert found.traits["size"].tolist() == [3]


def test_windows_of_an_event_are_sessions_or_dates() -> None:
    table = pd.DataFrame(
        {
            "ticker": ["A", "B", "C"],
            "date": ["2024-05-23"] * 3,
            "estimation": ["[-260, -11]", "2023-01-02 2023-12-29", ""],
            "event": [(-1, 1), "-5:5", None],
        }
    )
    found = event_table(table).frame
    period = (dt.date(2023, 1, 2), dt.date(2023, 12, 29))
    assert found["estimation"].tolist() == [(-260, -11), period, None]
    assert found["event"].tolist() == [(-1, 1), (-5, 5), None]


@pytest.mark.parametrize("value", ["earnings", "-1", (1,), (0.5, 1), [True, False], "2023-13-45 2023-12-29", 5])
def test_a_window_that_is_none_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(SpecError, match=r"a window such as '-10,10' or two dates"):
        cell_span(value)


def test_a_moment_keeps_its_time_zone() -> None:
    found = event_table(pd.DataFrame({"ticker": ["A", "B"], "date": ["2025-01-27T09:00:00-05:00", "2025-01-27"]}))
    first, second = found.frame["announced"]
    assert first.utcoffset() == dt.timedelta(hours=-5)
    assert second == dt.date(2025, 1, 27)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ticker,date\nNVDA,2024-05-23\nAMD,yesterday\n", r"events\.csv:3: .*'yesterday' is not a date"),
        ("ticker,date\nNVDA,2024-05-23\n,2024-05-24\n", r"events\.csv:3: 1 event has no security, row 3"),
        ("ticker,date\nNVDA,\n", r"events\.csv:2: 1 event has no date"),
        ("ticker,date\nNVDA,2024-05-23,4\n", r"events\.csv:2: 2 cells are due and 3 are here"),
        ("ticker,date,Date\nNVDA,2024-05-23,2024-05-23\n", "stand twice: date, Date"),
        ("ticker,date,date\nNVDA,2024-05-23,2024-05-23\n", "stand twice: date"),
        ("ticker,date,announced\nNVDA,2024-05-23,2024-05-23\n", "several dates: date, announced"),
        ("firm,when\nNVDA,2024-05-23\n", "no security and no date; their columns are firm, when"),
        ("ticker,date,event\nNVDA,2024-05-23,earnings\n", r"events\.csv:2: event holds a window"),
        ("ticker,date\n", "has no rows"),
        ("ticker\n", "columns separated by commas"),
        ("", "columns separated by commas"),
        ("ticker,date\nNV\0DA,2024-05-23\n", "zero character"),
    ],
)
def test_what_a_file_lacks_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        event_table(written(tmp_path, text))


def test_columns_that_stand_twice_are_told_before_pandas_names_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pandas takes time in proportion to the square of their number: 22 s for 60,000."""
    file = written(tmp_path, "ticker,date" + ",a" * 60_000 + "\nNVDA,2024-05-23" + ",1" * 60_000 + "\n")
    monkeypatch.setattr(pd, "read_csv", None)
    with pytest.raises(SpecError, match="columns of the events stand twice: a; keep one"):
        event_table(file)


def test_a_row_of_a_frame_is_named_by_its_label() -> None:
    table = pd.DataFrame({"ticker": ["A", "B"], "date": ["2024-05-23", "soon"]}, index=["first", "second"])
    with pytest.raises(SpecError, match="row second: 'soon' is not a date"):
        event_table(table)


def test_labels_that_repeat_do_not_matter() -> None:
    table = pd.DataFrame({"ticker": ["A", "B"], "date": ["2024-05-23", "2024-05-24"], "size": [1, 2]}, index=[0, 0])
    assert event_table(table).frame["ticker"].tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, "got int"),
        ("no/such/file.csv", "there is no file"),
        ("a\0b.csv", "there is no file|cannot be read"),
        ("x" * 5000 + ".csv", "cannot be read"),
        (pd.DataFrame({"ticker": [["A"]], "date": ["2024-05-23"]}), "is a name"),
        (pd.DataFrame({"ticker": [True], "date": ["2024-05-23"]}), "is a name"),
        (pd.DataFrame({("a", "ticker"): ["A"], ("a", "date"): ["2024-05-23"]}), "one row of names"),
    ],
)
def test_what_is_no_table_of_events_is_refused(value: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        event_table(value)


def test_broken_files_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for name, said in (("e.parquet", "Parquet"), ("e.doc", "not from .doc"), ("e.csv", "UTF-8")):
        (tmp_path / name).write_bytes(b"\xe4\xf6\xfc PAR1 broken")
        with pytest.raises(SpecError, match=said):
            event_table(tmp_path / name)


def test_a_million_days_are_not_touched() -> None:
    column = pd.Series(np.datetime64("2024-05-23", "ns") + np.arange(1000) * np.timedelta64(1, "D"))
    found = event_table(pd.DataFrame({"security": "A", "date": column}))
    assert found.frame["announced"].dtype == "datetime64[ns]"
    assert event_columns(pd.DataFrame(columns=["security", "date"])) == {"ticker": "security", "announced": "date"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\n\nticker,date\nA,2025-01-27\nB,soon\n", 6),
        ('ticker,date,note\nA,2025-01-27,"two\nlines"\nB,soon,\n', 4),
        ("ticker,date\nA,2025-01-27\n\nB,soon\n", 4),
    ],
)
def test_the_line_in_an_error_is_that_of_the_file(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="'soon' is not a date") as caught:
        event_table(tmp_path / "events.csv")
    assert caught.value.line == line


@pytest.mark.parametrize(("cells", "read"), [(("1.234", "850"), None), (("1.234", "0.5"), [1.234, 0.5])])
def test_a_point_that_may_mark_thousands_is_not_guessed(tmp_path: Path, cells: Any, read: Any) -> None:
    rows = "".join(f"{t};2025-01-27;{cell}\n" for t, cell in zip("AB", cells, strict=True))
    path = tmp_path / "events.csv"
    path.write_text(f"ticker;date;size\n{rows}", encoding="utf-8")
    if read is None:
        with pytest.raises(SpecError, match=r"events.csv:2: '1.234' in column 'size' has a point that may mark"):
            event_table(path)
        path.write_text(path.read_text(encoding="utf-8").replace(";", ","), encoding="utf-8")
        read = [1.234, 850.0]
    assert event_table(path).traits["size"].tolist() == read


def test_a_workbook_holds_one_sheet_of_events_and_each_column_once(tmp_path: Path) -> None:
    events = pd.DataFrame({"ticker": ["A", "NA"], "date": ["2025-01-27", "2025-01-28"]})
    path = tmp_path / "events.xlsx"
    with pd.ExcelWriter(path) as book:
        events.to_excel(book, sheet_name="deals", index=False)
        pd.DataFrame().to_excel(book, sheet_name="nothing")
    assert event_table(path).frame["ticker"].tolist() == ["A", "NA"]
    with pd.ExcelWriter(path) as book:
        for name in ("deals", "more"):
            events.to_excel(book, sheet_name=name, index=False)
    with pytest.raises(SpecError, match="has several sheets: deals, more; keep one"):
        event_table(path)
    events.set_axis(["ticker", "ticker"], axis=1).to_excel(path, index=False)
    with pytest.raises(SpecError, match="columns of the events stand twice: ticker; keep one"):
        event_table(path)
