"""`data export`: the tables of a study's data in other formats hold what the study reads, and no live formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli.export import export_data, tables_of
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.files.folders import bundled

STUDY = """
schema_version: 1
id: small
prices: {file: prices.csv, date: date, ticker: ticker}
calendar: own
tickers: ["=A"]
benchmarks: {default: M}
estimation: [-80, -11]
min_obs: 60
events: [{id: day, announced: 2024-06-03}]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    days = pd.bdate_range("2024-01-01", periods=160)
    levels = 100 * np.exp(np.random.default_rng(2).normal(0, 0.01, (160, 2)).cumsum(axis=0))
    long = pd.DataFrame(levels, index=days, columns=["=A", "M"]).rename_axis("date").reset_index()
    long.melt("date", var_name="ticker", value_name="close").to_csv(folder / "prices.csv", index=False)
    (folder / "study.yaml").write_text(STUDY)
    return folder


def test_every_table_of_a_snapshot(tmp_path):
    files = export_data("deepseek", "csv", tmp_path / "out")
    tables = tables_of(es.load("deepseek"))
    assert [path.stem for path in files] == list(tables)
    prices = pd.read_csv(tmp_path / "out" / "prices.csv", parse_dates=["date"], keep_default_na=False, na_values=[""])
    pd.testing.assert_frame_equal(
        prices, tables["prices"], check_dtype=False, check_column_type=False, check_index_type=False
    )
    assert (tmp_path / "out" / "sessions.csv").read_text().splitlines()[1].endswith("Z")


def test_parquet_and_a_workbook_read_back(study, tmp_path):
    pytest.importorskip("pyarrow")
    pytest.importorskip("openpyxl")
    table = tables_of(es.load(study))["prices"]
    assert len(table) == 320
    (file,) = export_data(str(study), "parquet", tmp_path / "parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(file), table)
    (book,) = export_data(str(study), "xlsx", tmp_path / "xlsx")
    sheet = pd.read_excel(book, sheet_name="prices")
    np.testing.assert_allclose(sheet["close"], table["close"], rtol=1e-15)
    assert pd.api.types.is_datetime64_any_dtype(sheet["date"].dtype)
    assert set(sheet["ticker"]) == {"'=A", "M"}  # no formula
    assert len(export_data("deepseek", "xlsx", tmp_path / "all")) == 1


def test_no_formula_in_a_csv(study, tmp_path):
    (file,) = export_data(str(study), "csv", tmp_path / "out")
    assert {line.split(",")[1] for line in file.read_text().splitlines()[1:]} == {"'=A", "M"}


def test_returns_stay_returns(study, tmp_path):
    text = STUDY.replace("prices: {file: prices.csv, date: date, ticker: ticker}", "returns: returns.csv")
    wide = pd.read_csv(study / "prices.csv").pivot(index="date", columns="ticker", values="close").pct_change().iloc[1:]
    wide.to_csv(study / "returns.csv")
    (study / "study.yaml").write_text(text)
    (file,) = export_data(str(study), "csv", tmp_path / "out")
    found = pd.read_csv(file)
    assert file.name == "returns.csv"
    np.testing.assert_allclose(found[found["ticker"] == "M"]["return"], wide["M"], rtol=1e-12)


def test_what_is_refused(study, tmp_path):
    with pytest.raises(UnknownNameError, match="unknown kind of table 'csw'"):
        export_data(str(study), "csw", tmp_path / "out")
    with pytest.raises(SpecError, match=r"holds study\.yaml already; choose another folder"):
        export_data("deepseek", "csv", study)
    with pytest.raises(SpecError, match=r"holds study\.yaml, datapackage\.json already"):
        export_data("deepseek", "csv", bundled("deepseek"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "prices.csv").write_text("mine")
    with pytest.raises(SpecError, match=r"holds prices\.csv already"):
        export_data(str(study), "csv", mine)
    assert (mine / "prices.csv").read_text() == "mine"
