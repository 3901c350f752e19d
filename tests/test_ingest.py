"""Long tables to panels: every value in its place, and whatever is wrong named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from eventstudy import memory
from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.many import ingest, stream
from eventstudy.many.ingest import ReturnPanel, panel_from_long, panel_of, read_long
from eventstudy.returns import returns_on

DAYS = pd.bdate_range("2024-01-01", periods=40).as_unit("ns")


def long_table(seed: int = 0, securities: int = 6, holes: float = 0.2) -> pd.DataFrame:
    """Rows by security and day, some absent; levels and returns that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"T{i}" for i in range(securities)], DAYS], names=["security", "date"])
    frame = pd.DataFrame(
        {"close": rng.uniform(50, 60, len(index)), "return": rng.normal(0, 0.01, len(index))}, index=index
    )
    return frame[rng.random(len(frame)) >= holes].reset_index()


def pivot(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.pivot(index="date", columns="security", values=column)


@pytest.mark.parametrize("arrow", [False, True])
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_panel_is_the_pivot(arrow: bool, shuffled: bool) -> None:
    table = long_table()
    expected = pivot(table, "return")
    rows = table.sample(frac=1.0, random_state=1) if shuffled else table
    found = panel_from_long(pa.Table.from_pandas(rows, preserve_index=False) if arrow else rows)
    assert found.tickers == tuple(expected.columns)
    assert found.sessions.equals(pd.DatetimeIndex(expected.index).as_unit("ns"))
    np.testing.assert_array_equal(found.returns, expected.to_numpy().T)
    assert found.returns.flags.c_contiguous
    assert bool(found.notes) == shuffled


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_returns_of_prices_are_those_of_returns_on(kind: Any) -> None:
    table = long_table()
    found = panel_from_long(table, price="close", kind=kind)
    expected = returns_on(pivot(table, "close"), found.sessions, kind).values
    np.testing.assert_allclose(found.returns, expected.to_numpy().T, rtol=1e-14)
    assert np.isnan(found.returns[:, 0]).all()


def test_rows_out_of_order_are_named() -> None:
    table = long_table(holes=0.0).iloc[[0, 1, 3, 2, 4]]
    assert panel_from_long(table).notes == (
        "1 rows come after a later day of the same security, and were put in their place: T0 on 2024-01-03 (row 3)",
    )
    by_day = long_table(holes=0.0).sort_values(["date", "security"])
    assert panel_from_long(by_day).notes == ()


def test_rows_that_repeat_a_place_are_named() -> None:
    table = long_table(holes=0.0)
    twice = pd.concat([table, table.iloc[[3, 50, 7, 9, 11]]], ignore_index=True)
    said = r"5 rows repeat a security and day: T0 on 2024-01-04 \(row 240\); T1 on .*; and 2 more"
    with pytest.raises(SpecError, match=said):
        panel_from_long(twice)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_are_read(tmp_path: Path, suffix: str) -> None:
    table = long_table().rename(columns={"security": "permno", "return": "ret"})
    path = tmp_path / f"long.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    found = read_long(path, security="permno", value="ret")
    np.testing.assert_array_equal(found.returns, panel_from_long(table, security="permno", value="ret").returns)


def test_whole_numbers_can_name_securities() -> None:
    table = long_table().assign(security=lambda t: t["security"].str[1:].astype(int) + 10001)
    assert panel_from_long(table).tickers[:2] == ("10001", "10002")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "soon"}, "the column date, row 0: 'soon' is not a date"),
        ({"date": 12}, "the column date, row 0: '12' is not a date"),
        ({"date": DAYS[0].tz_localize("UTC")}, "carries a time zone"),
        ({"date": "2024-01-01T09:00:00Z"}, "carries a time zone"),
        ({"date": pd.NaT}, "240 rows have no date, the first is row 0"),
        ({"security": None}, "240 rows have no security, the first is row 0"),
        ({"return": "x"}, "something else than numbers"),
    ],
)
def test_columns_that_hold_something_else_are_refused(change: dict[str, Any], said: str) -> None:
    table = long_table(holes=0.0).assign(**change)
    with pytest.raises(SpecError, match=said):
        panel_from_long(table)
    with pytest.raises(SpecError, match=said):
        panel_from_long(pa.Table.from_pandas(table, preserve_index=False))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("T9,2024-01-01,x", r"long\.csv: .*Row #242: .* to double: invalid value 'x'"),
        ("T9,2024-01-01", r"long\.csv: .*Row #242: Expected 3 columns, got 2"),
        ("T9,soon,0.1", r"long\.csv: the column date, row 240: 'soon' is not a date"),
        (",2024-01-01,0.1", r"long\.csv: 1 rows have no security, the first is row 240"),
        ("T9,,0.1", r"long\.csv: 1 rows have no date, the first is row 240"),
        ("T0,2024-01-03,0.1", r"long\.csv: 1 rows repeat a security and day: T0 on 2024-01-03 \(row 240\)"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_and_row(tmp_path: Path, row: str, said: str) -> None:
    lines = long_table(holes=0.0)[["security", "date", "return"]].to_csv(index=False) + row + "\n"
    (tmp_path / "long.csv").write_text(lines)
    with pytest.raises(SpecError, match=said):
        read_long(tmp_path / "long.csv")


def test_whatever_holds_the_names_and_days_the_panel_is_the_same() -> None:
    table = long_table()
    expected = panel_from_long(table)
    words = table["date"].dt.strftime("%Y-%m-%d")
    days = table["date"].dt.date
    securities = table["security"]
    every = pd.concat([pd.Series(["UNUSED"]), securities]).astype("category").iloc[1:].reset_index(drop=True)
    for changed in (
        table.assign(date=words),
        table.assign(date=words.astype(object), security=securities.astype(object)),
        table.assign(date=days, security=every),
        table.assign(date=table["date"].dt.as_unit("s"), security=every),
    ):
        for rows in (changed, pa.Table.from_pandas(changed, preserve_index=False)):
            found = panel_from_long(rows)
            assert found.tickers == expected.tickers
            assert found.sessions.equals(expected.sessions)
            np.testing.assert_array_equal(found.returns, expected.returns)


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(SpecError, match="no rows"):
        panel_from_long(long_table().iloc[:0])


def test_other_mistakes_are_refused_in_words(tmp_path: Path) -> None:
    table = long_table(holes=0.0)
    with pytest.raises(SpecError, match="lacks the column ret; it has security, date, close, return"):
        panel_from_long(table, value="ret")
    with pytest.raises(
        SpecError,
        match=r"1 of \d+ securities have levels that are not .*: T0 .0 on 2024-01-01.",
    ):
        panel_from_long(table.assign(close=table["close"].where(table.index > 0, 0.0)), price="close")
    with pytest.raises(SpecError, match="one of them is a mistake"):
        panel_from_long(table.assign(date=table["date"].where(table.index > 0, pd.Timestamp("1678-01-01"))))
    with pytest.raises(SpecError, match="no such file"):
        read_long(tmp_path / "none.csv")
    table.to_csv(tmp_path / "long.txt")
    with pytest.raises(SpecError, match=r"neither a \.csv nor a \.parquet"):
        read_long(tmp_path / "long.txt")
    table.to_parquet(tmp_path / "long.parquet")
    with pytest.raises(SpecError, match=r"long\.parquet: has no column ret; it has security, date, close, return"):
        read_long(tmp_path / "long.parquet", value="ret")
    with pytest.raises(SpecError, match="Known: simple, log"):
        panel_from_long(table, kind="real")  # type: ignore[arg-type]


def test_a_panel_larger_than_memory_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "available_memory", lambda: 1000)
    with pytest.raises(SpecError, match=r"6 securities x 40 sessions takes .* GB .*Parquet.*backend='dask'"):
        panel_from_long(long_table(holes=0.0))
    monkeypatch.setattr(ingest, "available_memory", lambda: None)
    assert panel_from_long(long_table()).returns.shape == (6, 40)


def test_the_system_says_how_much_memory_it_has() -> None:
    free = memory.available_memory()
    assert free is None or free > 1e6


def test_a_panel_is_checked() -> None:
    with pytest.raises(SpecError, match="2 securities and 40 sessions"):
        ReturnPanel(np.zeros((3, 40)), ("A", "B"), DAYS)
    with pytest.raises(SpecError, match="in the panel twice"):
        ReturnPanel(np.zeros((2, 40)), ("A", "A"), DAYS)
    with pytest.raises(SpecError, match="is empty"):
        ReturnPanel(np.zeros((0, 40)), (), DAYS)
    panel = panel_of(pd.DataFrame(np.zeros((40, 12)), index=DAYS, columns=[f"T{i}" for i in range(12)]))
    assert panel_of(panel) is panel
    with pytest.raises(MissingPriceError, match=r"holds no 'X'; its 12 columns are T0, .*T9, \.\.\."):
        panel.series("X")


def test_many_securities_and_days_land_where_they_belong() -> None:
    rng = np.random.default_rng(3)
    s, d = 300, 500
    days = pd.bdate_range("2000-01-03", periods=d)
    values = rng.normal(size=(s, d))
    order = rng.permutation(s * d)
    names = np.array([f"N{i:03d}" for i in range(s)])
    rows = pa.table(
        {"security": names[order // d], "date": days.to_numpy()[order % d], "return": values.ravel()[order]}
    )
    np.testing.assert_array_equal(panel_from_long(rows).returns, values)


LIMITED = """
import resource
import numpy as np, pandas as pd
from eventstudy import memory
from eventstudy.errors import SpecError
from eventstudy.many import ingest

days = pd.bdate_range("1990-01-01", periods=8000)
at = np.arange(8000)
table = pd.DataFrame({"security": (np.mod(at, 6000)).astype(str), "date": days, "return": 0.01})  # a panel of 432 MB
used = (memory._number("/proc/self/status", "USED:") or 0) * 1024
resource.setrlimit(resource.LIMIT, (used + 300_000_000,) * 2)
assert 0 < memory.available_memory() <= 300_000_000
try:
    ingest.panel_from_long(table)
except SpecError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the limits of a Linux process")
@pytest.mark.parametrize(("limit", "used"), [("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")])
def test_a_panel_larger_than_what_the_process_may_have_is_refused_in_words(limit: str, used: str) -> None:
    code = LIMITED.replace("LIMIT", limit).replace("USED", used)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "6,000 securities x 8,000 sessions takes 0.4 GB and 0." in done.stdout


def test_a_container_says_how_much_is_left(tmp_path: Path) -> None:
    def put(folder: Path, **files: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)

    groups = tmp_path / "cgroup"
    groups.write_text("5:cpu,cpuacct:/job\n4:memory:/job\n0::/user/job\n")
    assert list(memory._of_container(groups, tmp_path)) == []
    put(tmp_path / "user" / "job", memory__max="max\n", memory__current="70\n")
    put(tmp_path / "user", memory__max="1000\n", memory__current="400\n", memory__stat="anon 300\ninactive_file 50\n")
    assert list(memory._of_container(groups, tmp_path)) == [650]
    put(tmp_path / "memory", memory__limit_in_bytes="900\n", memory__usage_in_bytes="100\n")  # the job's own is hidden
    assert list(memory._of_container(groups, tmp_path)) == [800, 650]


def test_a_file_larger_than_memory_becomes_a_map_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_ROWS", 50)
    table = long_table()
    table.sample(frac=1.0, random_state=2).to_parquet(tmp_path / "long.parquet")
    found = stream.stream_panel(tmp_path / "long.parquet", tmp_path / "panel.npy")
    expected = panel_from_long(table)
    assert isinstance(found.returns, np.memmap)
    np.testing.assert_array_equal(found.returns, expected.returns)
    assert found.tickers == expected.tickers
    assert found.sessions.equals(expected.sessions)


def test_a_map_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    table = long_table()
    pd.concat([table, table.iloc[[5]]]).to_parquet(tmp_path / "long.parquet")
    with pytest.raises(SpecError, match=r"T0 has 2024-.* twice"):
        stream.stream_panel(tmp_path / "long.parquet", tmp_path / "panel.npy")
    assert [p.name for p in tmp_path.iterdir()] == ["long.parquet"]
    with pytest.raises(SpecError, match="no column ret"):
        stream.stream_panel(tmp_path / "long.parquet", tmp_path / "panel.npy", value="ret")
    with pytest.raises(SpecError, match=r"is a \.npy file"):
        stream.stream_panel(tmp_path / "long.parquet", tmp_path / "panel")


def test_every_security_with_a_level_that_is_none_is_named() -> None:
    days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    rows = [(f"S{i:02}", day, 0.0 if i in (3, 7) and k else 10.0) for i in range(9) for k, day in enumerate(days)]
    table = pd.DataFrame(rows, columns=["security", "date", "price"])
    with pytest.raises(SpecError, match=r"2 of 9 securities .*S03 \(0 on 2025-01-27\), S07 \(0 on 2025-01-27\)"):
        panel_from_long(table, price="price")


# ------------------------------------------------------------------------------------------------------- days as texts
def _long(days: list[Any], **more: Any) -> ReturnPanel:
    table = pd.DataFrame({"security": ["A", "A", "B", "B"], "date": days * 2, "return": [0.01, 0.02, -0.01, 0.0]})
    return panel_from_long(table, **more)


@pytest.mark.parametrize("days", [["04/09/2024", "05/09/2024"], ["04.09.2024", "05.09.2024"]])
def test_days_that_can_be_read_in_two_ways_are_refused_unless_stated(days: list[str]) -> None:
    with pytest.raises(SpecError, match=r"the column date, row 0: .* is 4 September or 9 April, and no row settles"):
        _long(days)
    assert _long(days, dayfirst=True).sessions.strftime("%Y-%m-%d").tolist() == ["2024-09-04", "2024-09-05"]
    assert _long(days, dayfirst=False).sessions.strftime("%Y-%m-%d").tolist() == ["2024-04-09", "2024-05-09"]


def test_one_row_settles_the_days_of_a_long_table() -> None:
    assert _long(["13/09/2024", "05/09/2024"]).sessions.strftime("%Y-%m-%d").tolist() == ["2024-09-05", "2024-09-13"]
    assert _long([20240904, 20240905]).sessions.strftime("%Y-%m-%d").tolist() == ["2024-09-04", "2024-09-05"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["04.09.24", "05.09.24"], "row 0: '04.09.24' has a year of two digits; .* date_format"),
        ([45539, 45540], "'45539' is not a date .a day number of Excel"),
        (["2024-09-04", "soon"], "row 1: 'soon' is not a date"),
    ],
)
def test_days_that_are_none_are_refused_with_their_row(days: list[Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        _long(days)


def test_the_days_of_a_long_file_are_read_as_those_of_a_table(tmp_path: Path) -> None:
    file = tmp_path / "returns.csv"
    file.write_text("security,date,return\nA,04.09.2024,0.01\nA,05.09.2024,0.02\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"returns\.csv: the column date, row 0: '04.09.2024' is 4 September or"):
        read_long(file)
    assert read_long(file, dayfirst=True).sessions.strftime("%Y-%m-%d").tolist() == ["2024-09-04", "2024-09-05"]


def test_a_permno_that_a_gap_made_a_float_is_the_number_it_was() -> None:
    table = pd.DataFrame({"permno": [10001.0, 10001.0], "date": ["2024-09-04", "2024-09-05"], "return": [0.01, 0.02]})
    assert panel_from_long(table, security="permno").tickers == ("10001",)


def test_a_damaged_dictionary_is_refused() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["A"]), safe=False)
    table = pa.table({"security": words, "date": ["2024-09-04", "2024-09-05"], "return": [0.01, 0.02]})
    with pytest.raises(SpecError, match="are damaged: rows number names that are not there"):
        panel_from_long(table)


def test_what_would_not_fit_is_said_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 2_000_000_000)
    memory.foretold(2e9, "a thousand boards", "take fewer")
    with pytest.raises(SpecError, match=r"a thousand boards take about 3.5 GB and 2.0 GB are free: take fewer"):
        memory.foretold(3.5e9, "a thousand boards", "take fewer")
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    memory.foretold(1e15, "anything", "nothing")
