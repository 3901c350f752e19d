"""A file of events: what can be stated of it, and its cells as they stand."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, listed

_THOUSANDS = r"[-+]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d{1,3})"


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file of events and how it is written, where the file does not show it (see `eventtable.event_table`).

    ``columns`` maps ours (``ticker``, ``date``, ``id``, ``group``, ``benchmark``, ``estimation``, ``event``) to the
    file's; ``encoding`` is that of a text file.
    """

    file: str | Path
    dayfirst: bool | None = None
    date_format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None


def read_event_file(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """The cells of a CSV, Excel or Parquet file; those of a CSV as text, so that ``000001`` stays what it is.

    Commas, semicolons and tabs are told apart by the first line.

    Raises
    ------
    SpecError : no such file, a kind that is not read, or one that is broken.
    """
    try:
        if not path.is_file():
            raise SpecError(f"there is no file {path}; events are read from a CSV, Excel or Parquet file")
        kind = path.suffix.lower()
        if kind not in _READERS:
            raise SpecError(f"{path}: events are read from {', '.join(_READERS)}, not from {kind or 'such a file'}")
        return _READERS[kind](path.read_bytes(), path, encoding)
    except (OSError, ValueError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"{str(path)[:200]!r} cannot be read: {_one_line(error)}") from None


def _read_csv(data: bytes, path: Path, encoding: str | None) -> pd.DataFrame:
    whole = _decoded(data, path, encoding)
    text = whole.lstrip("\n")
    above = len(whole) - len(text)  # empty lines
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t|", key=header.count)
    if separator not in header:
        raise SpecError(f"expected columns separated by commas, found {header[:80]!r}", file=path, line=above + 1)
    lines = above + _regular(text, separator, path, above)
    names = Counter(next(csv.reader([header], delimiter=separator)))
    twice = sorted(name for name, times in names.items() if times > 1)
    if twice:  # pandas would call the second `date.1`, and takes the square of their number for it
        raise SpecError(f"columns of the events stand twice: {listed(twice, 12)}; keep one", file=path, line=above + 1)
    try:
        table = pd.read_csv(
            StringIO(text), sep=separator, dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SpecError(f"not a regular table ({_one_line(error)})", file=path) from None
    blank = table.isna().all(axis=1) | (table.fillna("") == "").all(axis=1)
    table = table[~blank].set_axis(lines[~blank].tolist(), axis=0)
    if separator != ",":
        _refuse_points(table, path)
    return table


def _refuse_points(table: pd.DataFrame, path: Path) -> None:
    """Where no comma parts the columns it may be the decimal sign, and the point of 1.234 one of thousands."""
    for name in table.columns:
        cells = table[name][table[name].fillna("") != ""]
        pointed = cells.str.contains(".", regex=False)
        if pointed.any() and cells.str.strip().str.fullmatch(_THOUSANDS).all():
            text = (
                f"{cells[pointed].iloc[0]!r} in column {name!r} has a point that may mark decimals or thousands, and "
                "no row settles which; write numbers without marks of thousands, and 1.50 for 1.500"
            )
            raise SpecError(text, file=path, line=int(cells.index[pointed][0]))


def _decoded(data: bytes, path: Path, encoding: str | None) -> str:
    found = encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    try:
        text = data.decode(found)
    except (UnicodeDecodeError, LookupError):
        raise SpecError(
            f"not text in {encoding or 'UTF-8'}; save it as CSV in UTF-8, or state its encoding, such as cp1252 for "
            f"Windows in western Europe, as in events: {{file: {path.name}, encoding: cp1252}}",
            file=path,
        ) from None
    if "\0" in text:
        raise SpecError("holds a zero character, which no text has; save it as CSV again", file=path)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _regular(text: str, separator: str, path: Path, above: int) -> np.ndarray:
    """Every line has as many cells as the header: pandas drops cells too many and fills in those too few.

    Returns
    -------
    (N,) int, the line on which each row below the header begins; a text in quotes may go over several.
    """
    reader = csv.reader(StringIO(text), delimiter=separator)
    starts = []
    try:
        due = len(next(reader))
        start = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != due:
                said = f"{due} cells are due and {len(cells)} are here; put text that holds {separator!r} into quotes"
                raise SpecError(said, file=path, line=above + reader.line_num)
            starts.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise SpecError(f"not a regular table ({error})", file=path, line=above + reader.line_num) from None
    return np.array(starts, dtype=np.int64)


def _read_excel(data: bytes, path: Path, encoding: str | None) -> pd.DataFrame:
    try:
        sheets = pd.read_excel(
            BytesIO(data), sheet_name=None, header=None, dtype=object, keep_default_na=False, na_values=[""]
        )
    except ImportError:
        raise SpecError(
            "Excel files are read by openpyxl: pip install 'eventstudy-claims[excel]', or save the sheet as CSV",
            file=path,
        ) from None
    except Exception as error:  # broken archives raise whatever their reader meets
        raise SpecError(f"not an Excel file that can be read ({_one_line(error)})", file=path) from None
    filled = {name: table.dropna(how="all") for name, table in sheets.items() if table.notna().any(axis=None)}
    if len(filled) > 1:
        raise SpecError(
            f"has several sheets: {listed([*filled], 12)}; keep one, or save the one meant as CSV", file=path
        )
    if not filled:
        raise SpecError("has no rows", file=path)
    (table,) = filled.values()
    names = [f"Unnamed: {k}" if pd.isna(name) else str(name).strip() for k, name in enumerate(table.iloc[0])]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise SpecError(f"columns of the events stand twice: {listed(twice, 12)}; keep one", file=path, line=1)
    rows = table.iloc[1:].set_axis(pd.Index(names, dtype=object), axis=1)
    return rows.set_axis([label + 1 for label in rows.index], axis=0)


def _read_parquet(data: bytes, path: Path, encoding: str | None) -> pd.DataFrame:
    try:
        return pd.read_parquet(BytesIO(data))
    except ImportError:
        raise SpecError(
            "Parquet files are read by pyarrow: pip install 'eventstudy-claims[parquet]', or save the events as CSV",
            file=path,
        ) from None
    except Exception as error:  # a broken file raises whatever its reader meets
        raise SpecError(f"not a Parquet file that can be read ({_one_line(error)})", file=path) from None


_READERS = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".xlsx": _read_excel,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
