"""A user's own prices in files: CSV, Excel and Parquet, a folder of one file per ticker, or a snapshot folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError, listed
from eventstudy.files.folders import DESCRIPTION
from eventstudy.files.reading import kind_of, read_bytes
from eventstudy.objects.prices import Issue, PriceFile, PriceQuery, Provenance, RawPrices
from eventstudy.prices.columns import column_of
from eventstudy.prices.frames import Place, Rows, raw_of, rows_of, text_columns, with_dates
from eventstudy.prices.rows import asked
from eventstudy.prices.snapshot import snapshot
from eventstudy.prices.text import TextTable, read_cells, read_text

BESIDE = frozenset(
    ("shares_outstanding", "splits", "actions", "factors_daily", "gdp", "sessions", "index_history", "megacap_closes")
)
"""Tables that may lie beside the prices in a folder and hold none (see `prices.reference`)."""
_Read = tuple[Rows, tuple[str, ...]]
_COPY = re.compile(r" ?\(\d{1,2}\)$")
"""What a browser adds to the name of a file that it saves again."""
_SITE = re.compile(r"(.+?)(?: Stock Price History| Historical (?:Data|Prices)| Historische (?:Daten|Kurse))")
_STOOQ = re.compile(r"([a-z0-9.-]+)_us_[dwm]|(\^[a-z0-9]+)_[dwm]")
"""Names of Stooq's files: a share at a market of the United States, and an index."""


def files(query: PriceQuery) -> RawPrices:
    """Read prices, or returns, from the file or folder ``query.source``.

    A folder with a ``datapackage.json`` is a snapshot; in any other each file holds one ticker, whose name it has. The
    prices of a wide table are taken as ``close``, which the issue ``basis_assumed`` says; ``adj_close`` is unknown.

    Raises
    ------
    SpecError : a kind of file that is not read, unknown columns, or a date or number that does not parse (file:line).
    MissingPriceError : no such file, an empty one, or one without the tickers or days asked for.
    SnapshotError : as `snapshot`, for a folder.
    """
    if query.source is None:
        raise SpecError("the provider 'files' reads a file: give its path as the source")
    how = query.source if isinstance(query.source, PriceFile) else PriceFile(file=query.source)
    path = Path(how.file)
    if kind_of(path / DESCRIPTION) == "file":
        return snapshot(replace(query, source=path))
    if kind_of(path) == "folder":
        return _folder(path, query, how)
    (rows, issues), said, sha256 = _read(path, how)
    provenance = Provenance("files", path.name + (f" ({', '.join(said)})" if said else ""), sha256=sha256)
    return raw_of(asked(rows, query, path), provenance, issues, how)


def _folder(path: Path, query: PriceQuery, how: PriceFile) -> RawPrices:
    """One panel of a folder of files, as download scripts leave it: the name of each is the ticker of its bars."""
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in _READERS and not p.name.startswith((".", "~$")))
    found = [p for p in found if p.stem not in BESIDE]
    if not found:
        raise MissingPriceError(
            f"{path} holds neither {DESCRIPTION} nor a file of prices ({', '.join(_READERS)}); "
            "give a folder of one file per ticker, such as NVDA.csv"
        )
    tables, issues, digest = [], dict[Issue, None](), hashlib.sha256()
    names = _names(path, found, query.tickers)
    for file, name in zip(found, names, strict=True):
        (rows, new), said, sha256 = _read(file, replace(how, name=name))
        tables.append(_own_name(rows, name))
        said = (*said, *((f"the prices of {name}",) if name != file.stem else ()))
        cut = {f"{file.name}: {words}": None for words in said}
        issues |= dict.fromkeys(new) | {Issue("file_read_as", "info", words): None for words in cut}
        digest.update(f"{file.name} {sha256}\n".encode())
    _refuse_fields(path, names, tables)
    provenance = Provenance(
        "files",
        f"{path.name} (a folder of {len(found)} file{'' if len(found) == 1 else 's'})",
        sha256=digest.hexdigest(),
    )
    rows = pd.concat(tables, ignore_index=True)
    return raw_of(asked(rows, query, path), provenance, tuple(issues), how)


def _names(path: Path, found: Sequence[Path], asked_for: Sequence[str]) -> list[str]:
    """The ticker of each file: its name, without what a site adds to it.

    Raises
    ------
    SpecError : two files of one ticker.
    """
    names = [file.stem if file.stem in asked_for else ticker_of(file.stem) for file in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        both = listed([file.name for file, name in zip(found, names, strict=True) if name == twice], 12)
        raise SpecError(f"{path}: the files {both} all hold {twice}, by their names; keep one")
    return names


def ticker_of(stem: str) -> str:
    """The ticker in the name of a downloaded file: ``NVDA Historical Data``, ``nvda_us_d``, ``NVDA (1)``.

    Examples
    --------
    >>> [ticker_of(s) for s in ("NVDA", "S&P 500 Historical Data", "nvda_us_d", "^spx_d", "BRK-B (2)", "NVDA_2024")]
    ['NVDA', 'S&P 500', 'NVDA', '^SPX', 'BRK-B', 'NVDA_2024']
    """
    bare = _COPY.sub("", stem)
    if named := _SITE.fullmatch(bare):
        return named[1]
    stooq = _STOOQ.fullmatch(bare)
    return (stooq[1] or stooq[2]).upper() if stooq else bare


def _refuse_fields(path: Path, stems: Sequence[str], tables: Sequence[pd.DataFrame]) -> None:
    """Columns that every file has for the same days are kinds of price in words that are not known, not tickers.

    Raises
    ------
    SpecError : no file holds the security that it is called by, and the files hold the same names on the same days.
    """
    names = [set(rows["ticker"].unique()) for rows in tables]
    if len(tables) < 2 or {*stems} & set.union(*names):
        return
    days = [set(rows["date"].unique()) for rows in tables]
    shared = names[0] & names[1] if days[0] & days[1] else set()
    if shared:
        columns = sorted(map(str, shared))
        raise SpecError(
            f"{path}: the files have the columns {listed(columns, 12)}, which are not known as kinds of price. "
            f"Say which is which, as in prices: {{file: {path.name}, columns: {{close: {columns[0]}}}}}, or "
            "call them Date, Close, Adj Close and Volume"
        )


def _own_name(rows: pd.DataFrame, stem: str) -> pd.DataFrame:
    """A wide table of one column whose name is a kind of price, such as ``Last``, belongs to the file's ticker."""
    names = rows["ticker"].unique()
    return rows.assign(ticker=stem) if len(names) == 1 and column_of(names[0]) is not None else rows


def _read(path: Path, how: PriceFile) -> tuple[Rows, tuple[str, ...], str]:
    """Rows of one file, what is worth saying of how it is written, and its sha256."""
    if kind_of(path) == "nothing":
        raise MissingPriceError(f"{path} does not exist; give a CSV, Excel or Parquet file, or a folder")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise SpecError(f"{path}: no reader for {path.suffix or 'a file without suffix'}; known: {', '.join(_READERS)}")
    data = read_bytes(path)
    if not data.strip():
        raise MissingPriceError(f"{path} is empty; expected a table of prices")
    rows, said = _READERS[suffix](data, path, how)
    return rows, said, hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------------------------------------------------------- CSV
def _read_csv(data: bytes, path: Path, how: PriceFile) -> _Read:
    table = read_text(data, path, how)
    where = "the table"
    two = isinstance(table.labels[-1], tuple)
    try:
        texts = [0] if two else text_columns(list(table.labels), where, how)
    except SpecError as error:
        raise SpecError(str(error), file=path, line=int(table.lines[0]) - 1) from None
    if not two:
        _names_in_first_row(table, texts)
    cells, decimal = read_cells(table, texts, how)
    if two:
        frame = cells.set_index(0).set_axis(
            pd.MultiIndex.from_tuples([tuple(label) for label in table.labels[1:]]), axis=1
        )
    else:
        frame = cells.set_axis(list(table.labels), axis=1)
    known = how if how.returns else replace(how, decimal=decimal)  # the sign of the prices is that of the dividends
    rows, issues = rows_of(frame, Place(where, path, table.lines), known)
    said = (*table.said, *(("decimal comma",) if decimal == "," else ()))
    return (rows, issues + _cut(table)), said


def _names_in_first_row(table: TextTable, texts: list[int]) -> None:
    """A long table whose identifier column has another name: say what it is, not that 'SPY' is not a number."""
    first = table.rows[0] if table.rows is not None else table.body[0].split(table.sep)
    for i, cell in enumerate(first):
        name = table.labels[i]
        if i in texts or column_of(str(name)) is not None or not cell.strip()[:1].isalpha():
            continue
        later = {row[i] for row in (table.rows or [line.split(table.sep) for line in table.body[:200]])}
        if any(other.strip()[:1].isdigit() for other in later):
            continue
        raise SpecError(
            f"column {name!r} holds names ({cell.strip()!r}), not numbers: if it names the securities, call it ticker, "
            f"or state it, as in prices: {{file: {table.path.name}, ticker: {name}}}",
            file=table.path,
            line=int(table.lines[0]),
        )


def _cut(table: TextTable) -> tuple[Issue, ...]:
    """A file that stops without a line end may have lost digits of its last number."""
    if table.cut is None or not any(c.isdigit() for c in table.cut):
        return ()
    text = (
        f"{table.path.name} stops without a line end after {table.cut.strip()!r} in its last cell: if the file was cut "
        "short, that number lacks digits. Check it, and end the file with a line end"
    )
    return (Issue("no_line_end", "warning", text),)


# --------------------------------------------------------------------------------------------------- Parquet and Excel
def _read_parquet(data: bytes, path: Path, how: PriceFile) -> _Read:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SpecError(
            f"{path}: reading Parquet needs pyarrow; install it (pip install 'eventstudy-claims[parquet]') or use CSV"
        ) from None
    try:
        frame = pyarrow.parquet.read_table(pyarrow.BufferReader(data)).to_pandas()
    except Exception as error:  # a broken file raises whatever its reader meets
        raise SpecError(f"not a Parquet file that can be read ({_one_line(error)})", file=path) from None
    if frame.empty:
        raise MissingPriceError(f"{path} has no rows")
    return rows_of(with_dates(frame), Place(str(path)), how), ()


def _read_excel(data: bytes, path: Path, how: PriceFile) -> _Read:
    try:
        import openpyxl
    except ImportError:
        raise SpecError(
            f"{path}: reading Excel needs openpyxl; install it (pip install 'eventstudy-claims[excel]') or use CSV"
        ) from None
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}
    except Exception as error:  # a broken workbook fails in any of the parsers below openpyxl
        raise SpecError(f"not an Excel workbook that can be read ({_one_line(error)})", file=path) from None
    filled = {name: rows for name, rows in sheets.items() if any(cell is not None for row in rows for cell in row)}
    if how.sheet is None and len(filled) > 1:
        raise SpecError(
            f"has several sheets: {listed([*filled], 12)}; state one, as in sheet: {next(iter(filled))}", file=path
        )
    if how.sheet is not None and how.sheet not in sheets:
        raise SpecError(f"has no sheet {how.sheet!r}; there are: {listed([*sheets], 12)}", file=path)
    rows = sheets[how.sheet] if how.sheet is not None else next(iter(filled.values()), [])
    lines = [i for i, row in enumerate(rows) if any(cell not in (None, "") for cell in row)]
    if len(lines) < 2:
        raise MissingPriceError(f"{path} has no rows")
    width = max(i + 1 for row in rows for i, cell in enumerate(row) if cell not in (None, ""))
    cells = np.full((len(lines), width), None, dtype=object)
    for at, line in enumerate(lines):
        cells[at, : len(rows[line][:width])] = rows[line][:width]
    labels = ["" if cell is None else str(cell).strip() for cell in cells[0]]
    frame = pd.DataFrame(cells[1:], columns=pd.Index(labels, dtype=object)).infer_objects()
    said = (f"sheet {how.sheet}",) if how.sheet is not None else ()
    return rows_of(frame, Place("the table", path, np.array(lines[1:]) + 1), how), said


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


_READERS: Mapping[str, Callable[[bytes, Path, PriceFile], _Read]] = {
    ".csv": _read_csv,
    ".txt": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
    ".xlsx": _read_excel,
    ".xlsm": _read_excel,
}
