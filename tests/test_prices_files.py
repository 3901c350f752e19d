"""A user's CSV and Parquet files: forms that are understood, and errors that name file and line."""

from __future__ import annotations

import builtins
import datetime as dt
import hashlib

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceFile, PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices.files import files
from eventstudy.prices.frames import from_frame
from eventstudy.prices.snapshot import read_sessions

SESSIONS = read_sessions(bundled("deepseek"))
WIDE = "Date,NVDA,^IXIC\n2025-01-24,142.62,19954.30\n2025-01-27,118.42,19341.83\n2025-01-28,,19733.59\n"
LONG = (
    "Symbol,Date,Open,Close,Adj Close,Volume\n"
    "NVDA,2025-01-24,148.4,142.62,142.6,234657600\n"
    "NVDA,2025-01-27,124.8,118.42,118.4,818830900\n"
    "ON,2025-01-27,55.0,53.5,53.5,\n"
)


def read(tmp_path, text, name="prices.csv", **query):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return files(PriceQuery(query.pop("tickers", ()), source=path, **query))


def test_wide(tmp_path):
    raw = read(tmp_path, WIDE)
    panel, _ = load_panel(raw, {}, SESSIONS)
    assert panel.tickers == ("NVDA", "^IXIC")
    assert panel.close["NVDA"].iloc[:2].tolist() == [142.62, 118.42]
    assert np.isnan(panel.close["NVDA"].iloc[2])
    assert panel.adj_close.isna().all(axis=None)
    assert [(i.code, i.severity) for i in raw.issues] == [("basis_assumed", "info")]
    assert "taken as closes adjusted for splits; give a long file with close and adj_close" in raw.issues[0].detail
    assert raw.provenance.source == "prices.csv"
    assert raw.provenance.sha256 == hashlib.sha256(WIDE.encode()).hexdigest()


def test_long(tmp_path):
    panel, _ = load_panel(read(tmp_path, LONG), {}, SESSIONS)
    assert panel.tickers == ("NVDA", "ON")
    assert panel.adj_close["NVDA"].tolist() == [142.6, 118.4]
    assert panel.volume.loc["2025-01-27", "NVDA"] == 818830900
    assert np.isnan(panel.volume.loc["2025-01-27", "ON"])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + LONG,
        LONG.replace("\n", "\r\n"),
        LONG + "\n\n",
        LONG.replace("Symbol,Date", "ticker,DATE").replace("Adj Close", "adj_close"),
        LONG.replace("2025-01-24", "20250124").replace("2025-01-27", "20250127"),
        LONG.replace("2025-01-24", "2025-01-24 00:00:00-05:00").replace("2025-01-27", "2025-01-27 00:00:00-05:00"),
        "".join(f"{'' if i == 0 else i},{line}\n" for i, line in enumerate(LONG.splitlines())),
    ],
    ids=["bom", "crlf", "blank lines", "other names", "compact dates", "offsets", "row numbers"],
)
def test_other_ways_to_write_the_same(tmp_path, text):
    expected, _ = load_panel(read(tmp_path, LONG), {}, SESSIONS)
    panel, _ = load_panel(read(tmp_path, text), {}, SESSIONS)
    pd.testing.assert_frame_equal(panel.adj_close, expected.adj_close)
    pd.testing.assert_frame_equal(panel.volume, expected.volume)


def test_a_frame_written_by_pandas_comes_back(tmp_path):
    frame = pd.read_csv(pd.io.common.StringIO(WIDE), index_col=0, parse_dates=True)
    frame.index = frame.index.tz_localize("America/New_York").rename(None)
    panel, _ = load_panel(read(tmp_path, frame.to_csv()), {}, SESSIONS)
    assert [str(d.date()) for d in panel.close.index] == ["2025-01-24", "2025-01-27", "2025-01-28"]


def test_only_a_table_that_names_no_basis_has_it_assumed(tmp_path):
    """A long file says close or adj_close, and so does a frame with two levels of columns."""
    wide = pd.read_csv(pd.io.common.StringIO(WIDE), index_col="Date", parse_dates=True)
    two_levels = pd.concat({"Close": wide, "Adj Close": wide - 1}, axis=1)
    named = [read(tmp_path, LONG), from_frame(two_levels), from_frame(pd.read_csv(pd.io.common.StringIO(LONG)))]
    assert [raw.issues for raw in named] == [(), (), ()]
    raw = from_frame(wide)
    _, issues = load_panel(raw, {}, SESSIONS)
    assert [i.code for i in raw.issues] == ["basis_assumed"]
    assert raw.issues[0] in issues
    assert raw.frame["adj_close"].isna().all()


ACTED = (
    "ticker,date,close,adj_close,Dividends,Stock Splits\n"
    "A,2024-01-02,10,9.5,0,0\nA,2024-01-03,11,11,{paid},{split}\nB,2024-01-02,5,5,0,0\nB,2024-01-03,5,5,0,0\n"
)


@pytest.mark.parametrize(
    ("paid", "split", "read"),
    [
        ("0.0", "0.0", []),
        ("0.24", "0", [[0.24, 1.0]]),
        ('"0,24"', "", [[0.24, 1.0]]),
        ("", "4:1", [[0.0, 4.0]]),
        ("0", "3/2", [[0.0, 1.5]]),
        ("0", "1 for 10", [[0.0, 0.1]]),
        ("0.5", "2.0", [[0.5, 2.0]]),
        ("$0.24", "0", [[0.24, 1.0]]),
        ('"1,444.00"', "0", [[1444.0, 1.0]]),
        ('"1,444"', "0", [[1444.0, 1.0]]),  # as far as the closes say nothing else, a file of commas has no decimal one
        ("1.125", "", [[1.125, 1.0]]),
    ],
)
def test_dividends_and_splits_beside_the_prices_are_read(tmp_path, paid, split, read):
    place = tmp_path / "p.csv"
    place.write_text(ACTED.format(paid=paid, split=split), encoding="utf-8")
    raw = files(PriceQuery((), source=place))
    assert raw.issues == ()
    assert list(raw.actions) == ["A", "B"]
    assert raw.actions["A"].to_numpy().tolist() == read
    assert raw.actions["A"].index.tolist() == ([pd.Timestamp("2024-01-03")] if read else [])
    assert raw.actions["B"].empty
    assert load_panel(raw, {}, SESSIONS)[0].actions is raw.actions


@pytest.mark.parametrize(
    ("paid", "split", "kept"), [("soon", "0", "split"), ("-1", "0", "split"), ("0", "x", "dividend")]
)
def test_a_dividend_or_split_that_is_no_number_is_told_and_its_column_left_out(tmp_path, paid, split, kept):
    place = tmp_path / "p.csv"
    place.write_text(ACTED.format(paid=paid, split=split), encoding="utf-8")
    raw = files(PriceQuery((), source=place))
    (issue,) = raw.issues
    assert (issue.code, issue.severity) == ("actions_not_read", "warning")
    assert repr(paid if kept == "split" else split) in issue.detail
    assert raw.frame["close"].tolist() == [10, 11, 5, 5]
    assert list(raw.actions) == (["A", "B"] if kept == "dividend" else [])


def test_a_dividend_whose_decimal_sign_is_open_is_not_guessed():
    days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    frame = pd.DataFrame({"ticker": "A", "close": [9.0, 9.5], "Dividends": ["", "1,444"]}, days)
    (issue,) = from_frame(frame).issues
    assert "'1,444', and decimal: ',' or decimal: '.', which no cell settles, is due" in issue.detail
    read = from_frame(frame, how=PriceFile(decimal=",")).actions["A"]
    assert read["dividend"].tolist() == [1.444]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "America/New_York"])
def test_dividends_stand_on_the_day_of_the_price_beside_them(zone):
    days = pd.to_datetime(["2025-02-06", "2025-02-07", "2025-02-10"]).tz_localize("Asia/Tokyo")
    frame = pd.DataFrame(
        {"ticker": "7203.T", "close": [9.0, 9.1, 9.2], "Dividends": [0, 0.5, 0]}, days.tz_convert(zone)
    )
    panel, _ = load_panel(from_frame(frame))
    assert [day.day for day in panel.close.index] == [6, 7, 10]
    assert panel.actions["7203.T"].index.tolist() == [pd.Timestamp("2025-02-07")]


def test_dividends_and_splits_of_a_download_of_several_securities_are_read_by_ticker():
    days = pd.bdate_range("2024-01-02", periods=3, name="Date")
    levels = pd.MultiIndex.from_product(
        [["Close", "Adj Close", "Dividends", "Capital Gains", "Stock Splits"], ["A", "B"]]
    )
    frame = pd.DataFrame(1.0, index=days, columns=levels)
    frame[["Dividends", "Capital Gains", "Stock Splits"]] = 0.0
    frame.loc[days[1], ("Dividends", "B")] = 0.25
    frame.loc[days[1], ("Capital Gains", "B")] = 0.5
    frame.loc[days[2], ("Stock Splits", "A")] = 2.0
    raw = from_frame(frame)
    assert raw.issues == ()
    assert raw.actions["A"].reset_index().to_numpy().tolist() == [[days[2], 0.0, 2.0]]
    assert raw.actions["B"].reset_index().to_numpy().tolist() == [[days[1], 0.75, 1.0]]
    (said,) = from_frame(frame.drop(columns="Adj Close", level=0)).issues
    assert (said.code, said.severity) == ("dividends_left_out", "info")
    assert said.detail.startswith("B: dividends stand beside the closes")


def test_splits_without_dividends_leave_what_was_paid_unknown(tmp_path):
    place = tmp_path / "p.csv"
    place.write_text("ticker,date,close,split\nA,2024-01-02,10,\nA,2024-01-03,5,2\nB,2024-01-03,5,\n", encoding="utf-8")
    actions = files(PriceQuery((), source=place)).actions
    assert list(actions) == ["A"]
    assert actions["A"]["split"].tolist() == [2.0]
    assert actions["A"]["dividend"].isna().all()


def test_a_query_cuts_tickers_and_days(tmp_path):
    raw = read(tmp_path, LONG, tickers=("NVDA",), start=dt.date(2025, 1, 27), end=dt.date(2025, 1, 27))
    assert raw.frame[["ticker", "close"]].to_numpy().tolist() == [["NVDA", 118.42]]
    with pytest.raises(MissingPriceError, match=r"prices\.csv has no prices of AMD; it holds NVDA, ON"):
        read(tmp_path, LONG, tickers=("AMD",))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (WIDE.replace("118.42", "118,42"), 3, "3 cells are due and 4 are here: '2025-01-27,118,42,19341.83'"),
        (WIDE.replace("118.42", "n.b."), 3, "'n.b.' in column 'NVDA' is not a number"),
        (WIDE.replace("19341.83", "$19341"), 3, "is not a number"),
        (WIDE.replace("2025-01-27", "27.01.25"), 3, "'27.01.25' has a year of two digits"),
        (WIDE.replace("2025-01-28", "2025-02-30"), 4, "'2025-02-30' is not a day of the calendar"),
        (WIDE.replace("2025-01-24", ""), 2, "no date here"),
        (LONG.replace("234657600", "many"), 2, "'many' in column 'Volume'"),
        (LONG.replace("\nON,", "\n,"), 4, "names no ticker"),
        (LONG.replace("Open", "pe_ratio"), 1, "columns that are not known: pe_ratio"),
        (LONG.replace("Date", "When"), 1, "not known: When"),
        (LONG.replace("Adj Close", "close"), 1, "more than one column for close"),
        (WIDE.replace("118.42", '"118,42"'), 3, "'118,42' in column 'NVDA' is not a number"),
        (WIDE.replace("2025-01-27,118.42", '"2025-01-27",118,42'), 3, "3 cells are due and 4 are here"),
        (WIDE.replace("^IXIC", "NVDA"), 1, "more than one column is called 'NVDA'"),
        ("Date NVDA\n2025-01-27 118.42\n", 1, "expected columns separated by commas"),
        (b"Date,\xe9\n2025-01-27,1\n", 1, "not a text file in UTF-8.*encoding: cp1252"),
        (b"\xff\xfe\x00bad!", 1, "not a text file in UTF-16"),
        ("Date,Open,High,Low,Close,Volume\n2025-01-27,1,1,1,1,1\n", 1, "bars of one security without its name"),
    ],
)
def test_errors_name_file_and_line(tmp_path, text, line, message):
    with pytest.raises(SpecError, match=message) as caught:
        read(tmp_path, text)
    assert (caught.value.file.name, caught.value.line) == ("prices.csv", line)
    assert str(caught.value).startswith(f"{tmp_path / 'prices.csv'}:{line}: ")
    assert caught.value.exit_code == 2


def test_a_file_cut_short(tmp_path):
    with pytest.raises(SpecError, match=r":4: 3 cells are due and 1 are here: '2025-01-28'"):
        read(tmp_path, WIDE[: WIDE.index("2025-01-28") + 10])


@pytest.mark.parametrize(("text", "message"), [("", "is empty"), ("\n \n", "is empty"), ("Date,NVDA\n", "no rows")])
def test_empty_files(tmp_path, text, message):
    with pytest.raises(MissingPriceError, match=message):
        read(tmp_path, text)


def test_no_such_file_and_unknown_kinds(tmp_path):
    with pytest.raises(MissingPriceError, match="does not exist"):
        files(PriceQuery((), source=tmp_path / "none.csv"))
    with pytest.raises(SpecError, match=r"no reader for \.xls; known: \.csv"):
        read(tmp_path, "x", name="prices.xls")
    with pytest.raises(SpecError, match="give its path"):
        files(PriceQuery(()))


def test_a_snapshot_folder_is_a_snapshot():
    raw = files(PriceQuery(("NVDA",), source=bundled("deepseek")))
    assert raw.provenance.provider == "snapshot"
    assert len(raw.frame) == 752


@pytest.mark.parametrize("suffix", [".parquet", ".pq"])
def test_parquet_wide_and_long(tmp_path, suffix):
    wide = pd.read_csv(pd.io.common.StringIO(WIDE), index_col="Date", parse_dates=True)
    long = pd.read_csv(pd.io.common.StringIO(LONG), parse_dates=["Date"])
    for frame in (wide, wide.reset_index(), wide.tz_localize("America/New_York")):
        path = tmp_path / f"wide{suffix}"
        frame.to_parquet(path)
        panel, _ = load_panel(files(PriceQuery((), source=path)), {}, SESSIONS)
        np.testing.assert_array_equal(panel.close["NVDA"], wide["NVDA"])
        assert [i.code for i in files(PriceQuery((), source=path)).issues] == ["basis_assumed"]
    path = tmp_path / f"long{suffix}"
    long.to_parquet(path)
    panel, _ = load_panel(files(PriceQuery(("ON",), source=path)), {}, SESSIONS)
    assert panel.close["ON"].tolist() == [53.5]


def test_parquet_that_is_none(tmp_path):
    with pytest.raises(SpecError, match="not a Parquet file"):
        read(tmp_path, "PAR1 this is not", name="prices.parquet")


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == "pyarrow":
            raise ImportError(name)
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SpecError, match=r"needs pyarrow; install it \(pip install 'eventstudy-claims\[parquet\]'\)"):
        read(tmp_path, "PAR1", name="prices.parquet")


def test_a_folder_whose_columns_are_in_another_language_is_not_read_as_tickers(tmp_path) -> None:
    rows = ["Fecha;Cierre;Importe", "23.01.2025;10,5;100", "24.01.2025;10,7;120"]
    for ticker in ("AAA", "BBB"):
        (tmp_path / f"{ticker}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    query = PriceQuery(tickers=("AAA",), start=None, end=None, source=tmp_path)
    with pytest.raises(SpecError, match=r"columns Cierre, Importe, which are not known .* columns: \{close: Cierre\}"):
        files(query)
