"""A user's own prices: CSV or Parquet files, wide or long, and data frames.

Wide: the first column is the date, each other one a ticker's closes. Long: ``ticker, date, close`` and, where known,
``adj_close`` and ``volume``; ``Symbol`` and ``Adj Close`` are understood too, in any case. A folder with a
``datapackage.json`` is a snapshot.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.objects.prices import Issue, PriceQuery, Provenance, RawPrices
from eventstudy.prices.rows import asked, column_of, is_long, long_names, long_rows, melt, parse_dates, refuse_bars
from eventstudy.prices.snapshot import snapshot

_UNKNOWN = ("", "NA", "N/A", "NaN", "nan", "null", "None")
"""Ways to write that a price is not known. Only in columns of numbers: a ticker may well be called NA."""
_Rows = tuple[pd.DataFrame, tuple[Issue, ...]]
_ASSUMED = Issue(
    "basis_assumed",
    "info",
    "one price a day and series: taken as closes adjusted for splits; give a long file with close and adj_close if "
    "that is not so",
)


def files(query: PriceQuery) -> RawPrices:
    """Read prices from the CSV or Parquet file, or the snapshot folder, ``query.source``.

    The prices of a wide table are taken as ``close``, which the issue ``basis_assumed`` says; ``adj_close`` is unknown.

    Raises
    ------
    SpecError : a kind of file that is not read, unknown columns, or a date or number that does not parse (file:line).
    MissingPriceError : no such file, an empty one, or one without the tickers or days asked for.
    SnapshotError : as `snapshot`, for a folder.
    """
    if query.source is None:
        raise SpecError("the provider 'files' reads a file: give its path as the source")
    path = Path(query.source)
    if path.is_dir():
        return snapshot(query)
    if not path.is_file():
        raise MissingPriceError(f"{path} does not exist; give a CSV or Parquet file, or a snapshot folder")
    if path.suffix.lower() not in _READERS:
        raise SpecError(f"{path}: no reader for {path.suffix or 'a file without suffix'}; known: {', '.join(_READERS)}")
    data = path.read_bytes()
    if not data.strip():
        raise MissingPriceError(f"{path} is empty; expected a table of prices")
    rows, issues = _READERS[path.suffix.lower()](data, path)
    provenance = Provenance("files", path.name, sha256=hashlib.sha256(data).hexdigest())
    return RawPrices(asked(rows, query, path), provenance, issues=issues)


def from_frame(frame: pd.DataFrame, source: str = "frame") -> RawPrices:
    """Prices in a data frame of the user's.

    Parameters
    ----------
    frame : wide (dates in the index or in a column ``date``, tickers as columns: taken as closes, as in `files`), long
        (columns ``ticker``, ``date``, ``close`` ...), or with two levels of columns, field and ticker in either order.
        Dates with a time zone and without, in any unit. The frame is not changed.
    source : what to call it where prices are shown.

    Raises
    ------
    SpecError : no dates, unknown columns, or values that are not numbers. MissingPriceError : an empty frame.
    """
    if not isinstance(frame, pd.DataFrame):
        raise SpecError(f"prices have to be a DataFrame, got {type(frame).__name__}")
    if frame.empty:
        raise MissingPriceError(f"{source} is empty: no prices")
    rows, issues = _rows(frame, source)
    return RawPrices(rows, Provenance("files", source), issues=issues)


# ---------------------------------------------------------------------------------------------------------------- CSV
def _read_csv(data: bytes, path: Path) -> _Rows:
    try:
        header = list(pd.read_csv(BytesIO(data), nrows=0, encoding="utf-8-sig", dtype=str).columns)
        raw_header = pd.read_csv(BytesIO(data), nrows=1, header=None, encoding="utf-8-sig", dtype=str).iloc[0].tolist()
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SpecError(f"not a CSV file in UTF-8 ({_one_line(error)})", file=path, line=1) from None
    if len(set(raw_header)) < len(raw_header):
        twice = sorted({str(c) for c in raw_header if raw_header.count(c) > 1})
        raise SpecError(f"more than one column is called {', '.join(twice)}; keep one", file=path, line=1)
    if len(header) < 2:
        raise SpecError(f"expected columns separated by commas, found one: {header[0]!r}", file=path, line=1)
    _regular(data, path, len(header))
    if is_long(header):
        names = _at(path, 1, lambda: long_names(header, "the table"))
        texts = [c for c, ours in names.items() if ours in ("ticker", "date")]
        table = _numbers(data, path, list(names), texts).rename(columns=names)
        _filled(table["ticker"], path)
        return long_rows(table.assign(date=_dates(table["date"], path))), ()
    _at(path, 1, lambda: refuse_bars(header[1:], "the table"))
    table = _numbers(data, path, header, header[:1])
    return melt(_dates(table[header[0]], path), header[1:], close=table[header[1:]].to_numpy()), (_ASSUMED,)


def _regular(data: bytes, path: Path, columns: int) -> None:
    """Every line has as many cells as the header: pandas drops cells too many and fills in those too few.

    A comma for a decimal point is such a cell, a file cut short such a line.
    """
    if b'"' in data:  # quoted cells may hold commas of their own
        reader = csv.reader(StringIO(data.decode("utf-8-sig")))
        wrong = next(((reader.line_num, len(row)) for row in reader if row and len(row) != columns), None)
    else:
        text = np.frombuffer(data + b"\n", dtype=np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        cells = 1 + np.diff(np.searchsorted(np.flatnonzero(text == ord(",")), ends), prepend=0)
        lengths = np.diff(ends, prepend=-1) - 1
        blank = (lengths == 0) | ((lengths == 1) & (text[ends - 1] == ord("\r")))
        at = np.flatnonzero((cells != columns) & ~blank)
        wrong = (int(at[0]) + 1, int(cells[at[0]])) if len(at) else None
    if wrong is not None:
        line, found = wrong
        shown = data.split(b"\n", line)[line - 1].decode("utf-8", "replace").strip()
        raise SpecError(
            f"{columns} cells are due and {found} are here: {shown!r}; decimals need a point, and the file its end",
            file=path,
            line=line,
        )


def _numbers(data: bytes, path: Path, columns: Sequence[Any], texts: Sequence[Any]) -> pd.DataFrame:
    """The table with `texts` as text and the other columns as float64; the first bad cell is named by its line."""
    kinds = {c: "object" if c in texts else "float64" for c in columns}
    unknown = {c: list(_UNKNOWN) for c in columns if c not in texts}
    options: Mapping[str, Any] = {
        "usecols": list(columns),
        "encoding": "utf-8-sig",
        "keep_default_na": False,
        "skip_blank_lines": False,
    }
    try:
        table: pd.DataFrame = pd.read_csv(BytesIO(data), dtype=kinds, na_values=unknown, **options)
    except pd.errors.ParserError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else None
        raise SpecError(f"not a regular table ({_one_line(error)})", file=path, line=line) from None
    except ValueError:
        table = pd.read_csv(BytesIO(data), dtype=str, **options)
        for name in unknown:
            wrong = pd.to_numeric(table[name].where(~table[name].isin(_UNKNOWN)), errors="coerce").isna()
            wrong &= ~table[name].isin(_UNKNOWN)
            if wrong.any():
                row = int(wrong.to_numpy().argmax())
                text = f"{table[name].iloc[row]!r} in column {name!r} is not a number; leave the cell empty if unknown"
                raise SpecError(text, file=path, line=row + 2) from None
        raise
    if table.empty:
        raise MissingPriceError(f"{path} has a header and no rows")
    blank = np.logical_and.reduce([(table[c] == "") | table[c].isna() for c in columns])
    # Blank lines at the end are no rows; in between they would spoil the count of lines, so they go only now.
    return table[~blank] if blank.any() else table


def _dates(column: pd.Series[Any], path: Path) -> pd.DatetimeIndex:
    stamps, wrong = parse_dates(column.to_numpy())
    if wrong is not None:
        text = f"{column.iloc[wrong]!r} is not a date; write days as 2025-01-27"
        raise SpecError(text, file=path, line=int(column.index[wrong]) + 2)
    return stamps


def _filled(tickers: pd.Series[Any], path: Path) -> None:
    empty = (tickers == "").to_numpy()
    if empty.any():
        raise SpecError("a row names no ticker", file=path, line=int(tickers.index[int(empty.argmax())]) + 2)


def _at(path: Path, line: int, run: Callable[[], Any]) -> Any:
    """Run a check of a header, with its file and line in the error."""
    try:
        return run()
    except SpecError as error:
        raise SpecError(str(error), file=path, line=line) from None


# ------------------------------------------------------------------------------------------------------------ Parquet
def _read_parquet(data: bytes, path: Path) -> _Rows:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SpecError(
            f"{path}: reading Parquet needs pyarrow; install it (pip install 'eventstudy-claims[parquet]') or use CSV"
        ) from None
    try:
        frame = pyarrow.parquet.read_table(pyarrow.BufferReader(data)).to_pandas()
    except pyarrow.ArrowException as error:
        raise SpecError(f"not a Parquet file ({_one_line(error)})", file=path) from None
    if frame.empty:
        raise MissingPriceError(f"{path} has no rows")
    return _rows(frame, str(path))


_READERS: Mapping[str, Callable[[bytes, Path], _Rows]] = {
    ".csv": _read_csv,
    ".txt": _read_csv,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}


# ------------------------------------------------------------------------------------------------------------- frames
def _rows(frame: pd.DataFrame, where: str) -> _Rows:
    """Rows of a wide, long or two-level frame, and what had to be assumed."""
    if frame.columns.nlevels > 1:
        return _two_level(frame, where), ()
    dated = _dated(frame.index)
    if not dated or (frame.index.name is None and "date" in map(column_of, frame.columns)):
        table = frame.reset_index(drop=True)
    else:
        index = frame.index if any(frame.index.names) else frame.index.rename("date")
        table = frame.set_axis(index, axis=0).reset_index()
    if is_long(list(table.columns)):
        names = long_names(list(table.columns), where)
        table = table[list(names)].rename(columns=names)
        for name in set(table.columns) - {"ticker", "date"}:
            table[name] = _floats(table[[name]], where)[:, 0]
        if table["ticker"].isna().any():
            raise SpecError(f"{where} has {int(table['ticker'].isna().sum())} rows without a ticker")
        symbols = table["ticker"].astype(str).astype(object)
        return long_rows(table.assign(ticker=symbols, date=_stamps(table["date"], where))), ()
    first = table.columns[0]
    refuse_bars(list(table.columns[1:]), where)
    if column_of(first) != "date" and not dated:
        found = ", ".join(map(str, table.columns[:8]))
        raise SpecError(f"{where} has no dates: give them as the index or as first column 'date'; found {found}")
    prices = table.iloc[:, 1:]
    rows = melt(_stamps(table[first], where), [str(c) for c in prices.columns], close=_floats(prices, where))
    return rows, (_ASSUMED,)


def _two_level(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Columns (field, ticker) or (ticker, field), as downloads of several securities have them."""
    fields = [level for level in range(frame.columns.nlevels) if "close" in map(column_of, frame.columns.unique(level))]
    if frame.columns.nlevels != 2 or not fields:
        raise SpecError(f"{where} has {frame.columns.nlevels} levels of columns; expected a field (Close) and a ticker")
    ordered = frame if fields[0] == 0 else frame.swaplevel(axis=1)
    tickers = [str(t) for t in ordered.columns.unique(1)]
    values: dict[str, np.ndarray] = {}
    for name in ordered.columns.unique(0):
        ours = column_of(name)
        if ours in ("close", "adj_close", "volume"):
            field = pd.DataFrame(ordered[name]).reindex(columns=ordered.columns.unique(1))
            values[ours] = _floats(field, where)
    return melt(_stamps(frame.index.to_series(), where), tickers, **values)


def _dated(index: pd.Index[Any]) -> bool:
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.MultiIndex):
        return True
    return index.dtype == object or pd.api.types.is_string_dtype(index.dtype)


def _stamps(column: pd.Series[Any], where: str) -> pd.DatetimeIndex:
    """Dates of any make: stamps with or without a zone, periods, Python dates, ISO text."""
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.DatetimeIndex(column.dt.to_timestamp()).as_unit("ns")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.DatetimeIndex(column).as_unit("ns")
    stamps, wrong = parse_dates(column.to_numpy())
    if wrong is not None:
        raise SpecError(f"{where}: {column.iloc[wrong]!r} is not a date; write days as 2025-01-27 or give Timestamps")
    return stamps


def _floats(frame: pd.DataFrame, where: str) -> np.ndarray:
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column.dtype) and not column.isna().all():
            try:
                column.astype("float64")
            except (TypeError, ValueError) as error:
                raise SpecError(f"{where}: column {name!r} is not numbers ({_one_line(error)})") from None
    return frame.to_numpy(dtype=np.float64, na_value=np.nan)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
