"""`eventstudy data export`: the data of a study as tables that other software reads."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError, UnknownNameError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.files.workbook import write_workbook
from eventstudy.files.writing import csv_text, not_there, write_by, write_text
from eventstudy.objects.prices import PricePanel
from eventstudy.prices.package import read_package, read_table
from eventstudy.prices.source import checked_panel, folder_of
from eventstudy.study.eventstudytools import export_files
from eventstudy.study.given import in_decimals, source_of
from eventstudy.study.study import Study, load

Kind = Literal["csv", "parquet", "xlsx", "eventstudytools"]


def export_data(study: str, kind: str, out: Path) -> list[Path]:
    """Write all tables of a study's data into the folder `out`: a file each, one workbook, or EventStudyTools' files.

    Tables of a snapshot are verified on the way. In CSV and Excel files a text that a spreadsheet would take for a
    formula gets an apostrophe before it.

    Returns
    -------
    The files written.

    Raises
    ------
    UnknownNameError : an unknown kind. SpecError : `out` cannot be written to, is a study's or a snapshot's folder, or
        holds one of the files already.
    SnapshotError, MissingPriceError, QualityError : the data are absent, changed, or not to be trusted.
    """
    if kind not in get_args(Kind):
        raise UnknownNameError("kind of table", kind, get_args(Kind))
    not_there(out, ("study.yaml", DESCRIPTION))
    loaded = load(study)
    if kind == "eventstudytools":
        return export_files(loaded, out)
    tables = tables_of(loaded)
    not_there(out, ["data.xlsx"] if kind == "xlsx" else [f"{name}.{kind}" for name in tables])
    if kind == "xlsx":
        return [write_workbook(out / "data.xlsx", {name: _without_zone(table) for name, table in tables.items()})]
    if kind == "csv":
        return [write_text(out / f"{name}.csv", _csv(table)) for name, table in tables.items()]
    return [_parquet(out / f"{name}.parquet", table) for name, table in tables.items()]


def tables_of(study: Study) -> dict[str, pd.DataFrame]:
    """Every table of the study's snapshot, or the prices or returns of its file, by name."""
    source, kind = source_of(study.prices, study.returns, study.percent)
    folder = folder_of(source)
    if folder is not None:
        return {name: read_table(table, unique=False) for name, table in read_package(folder).resources.items()}
    panel, _, _ = checked_panel(source, study.settings, in_decimals(source, kind))
    return {"prices": _long(panel)} if panel.returns is None else {"returns": _stacked(panel.returns, "return")}


def _long(panel: PricePanel) -> pd.DataFrame:
    parts = [_stacked(getattr(panel, name), name) for name in ("close", "adj_close", "volume")]
    parts += [_stacked(frame, name) for name, frame in panel.within.items()]
    table = parts[0].merge(parts[1], how="outer").merge(parts[2], how="left")
    if table.empty:
        raise MissingPriceError(f"{panel.provenance.source} holds no prices")
    return table


def _stacked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    long = frame.rename_axis(index="date", columns="ticker").reset_index()
    rows = long.melt("date", var_name="ticker", value_name=name).dropna()
    return rows.sort_values(["date", "ticker"], ignore_index=True)


def _csv(table: pd.DataFrame) -> str:
    days = {
        name: column.dt.strftime("%Y-%m-%d" if column.dt.tz is None else "%Y-%m-%dT%H:%M:%SZ")
        for name, column in table.items()
        if pd.api.types.is_datetime64_any_dtype(column.dtype)
    }
    return csv_text(table.assign(**{str(k): v for k, v in days.items()}))


def _without_zone(table: pd.DataFrame) -> pd.DataFrame:
    """Excel knows no time zones: moments are UTC, which their column's name says already."""
    zoned = table.select_dtypes(include="datetimetz")
    return table.assign(**{str(name): column.dt.tz_localize(None) for name, column in zoned.items()})


def _parquet(path: Path, table: pd.DataFrame) -> Path:
    try:
        return write_by(path, lambda file: table.to_parquet(file, index=False))
    except ImportError:
        raise SpecError("Parquet files are written by pyarrow: pip install 'eventstudy-claims[parquet]'") from None
