"""Facts beside the prices: long index history, mega-cap closes, share counts, splits, factors, GDP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from eventstudy.errors import SnapshotError, listed
from eventstudy.prices.package import read_package, read_table

_TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # key: (resource, columns of an empty table); wide tables have the date as their index
    "index_history": ("index_history", ()),
    "megacaps": ("megacap_closes", ()),
    "shares": ("shares_outstanding", ("ticker", "as_of", "shares", "measure", "form", "filed", "origin")),
    "splits": ("splits", ("ticker", "date", "ratio")),
    "factors": ("factors_daily", ()),
    "index_values": ("index_values", ("index", "as_of", "value_usd_bn", "low_usd_bn", "high_usd_bn", "source")),
    "gdp": ("gdp", ("iso3", "country", "gdp_2023_usd", "gdp_2024_usd")),
}


def load_reference(folder: Path | None) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Read the reference tables of a snapshot folder, each verified by its hash; without a folder all are empty.

    Returns
    -------
    tables : ``index_history`` and ``megacaps`` (date, ticker) closes; ``factors`` (date, name) decimal returns;
        ``shares``, ``splits``, ``index_values``, ``gdp`` as rows. A table that is not there is empty with its columns;
        splits are those that came with the prices, where they have no table of their own.
    sources : table -> original providers, to be named wherever its numbers are shown.

    Raises
    ------
    SnapshotError : the description is invalid, or a listed file is absent, changed or does not parse.
    """
    resources = {} if folder is None else read_package(folder).resources
    tables: dict[str, pd.DataFrame] = {}
    sources: dict[str, str] = {}
    for key, (name, columns) in _TABLES.items():
        if key == "splits" and name not in resources and "actions" in resources:
            acted = read_table(resources["actions"])
            tables[key] = acted[acted["split"] != 1.0].rename(columns={"split": "ratio"})[list(columns)]
            sources[key] = ", ".join(resources["actions"].sources)
            continue
        if name not in resources:
            tables[key] = _empty(columns)
            continue
        table = read_table(resources[name])
        tables[key] = table if columns else _wide(table)
        sources[key] = ", ".join(resources[name].sources)
    return tables, sources


def _wide(table: pd.DataFrame) -> pd.DataFrame:
    if "date" not in table:
        raise SnapshotError(f"a table of the snapshot has no column date; it has {listed([*map(str, table.columns)])}")
    again = table["date"].duplicated()
    if again.any():
        raise SnapshotError(f"a table of the snapshot has the day {table['date'][again].iloc[0]} twice; keep one row")
    return table.set_index("date").rename_axis(columns="ticker")


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    if columns:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return pd.DataFrame(index=pd.DatetimeIndex([], name="date", dtype="datetime64[ns]"))
