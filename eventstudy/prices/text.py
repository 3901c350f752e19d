"""A user's table in a text file: encoding, separator, header and cells, found from the whole file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.objects.prices import PriceFile
from eventstudy.prices.columns import FIELDS, column_of
from eventstudy.prices.numbers import UNKNOWN, to_numbers

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_CELLS = 1 << 20
"""Cells of a wide table that are taken apart at once: 100,000 series then take little more room than their numbers."""
_WIDE = 200
_AMOUNT = re.compile(r"[-+$€£¥]{0,2}[\d.,]+ ?([KMB%$€£¥]|Tsd\.?|Mio\.?|Mrd\.?)?")
Label = str | tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class TextTable:
    """A table as it was read.

    ``labels`` one a column, (field, ticker) pairs where the header has two levels; ``lines`` (R,) line of each row in
    the file; ``body`` the lines themselves, ``rows`` their cells where some are quoted; ``cut`` the last cell of a file
    that does not end its last line; ``said`` what of the encoding and the separator is worth saying.
    """

    path: Path
    labels: tuple[Label, ...]
    lines: np.ndarray
    body: Sequence[str]
    rows: Sequence[list[str]] | None
    sep: str
    cut: str | None
    said: tuple[str, ...]


def read_text(data: bytes, path: Path, how: PriceFile) -> TextTable:
    """Take a text file apart into labels and lines.

    Raises
    ------
    SpecError : an encoding that is not known, no separator that fits every line, a line with other cells than the
        header has (all with file and line). MissingPriceError : no rows.
    """
    text, encoding = _decoded(data, path, how)
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        if "\n" in text:
            line = text[: text.index("\r")].count("\n") + 1
            raise SpecError("a carriage return inside the line; write one kind of line end", file=path, line=line)
        text = text.replace("\r", "\n")
    cut = not text.endswith("\n")
    body = text.split("\n")
    while body and not body[-1].strip():
        body.pop()
    first = next((i for i, line in enumerate(body) if line.strip(' \t",;|')), len(body))
    stated = re.fullmatch(r"sep=(.)", body[first].strip()) if first < len(body) else None
    first += stated is not None  # Excel's own way to state the separator
    lines = np.arange(first + 1, len(body) + 1)
    body = body[first:]
    if not body:
        raise MissingPriceError(f"{path} is empty; expected a table of prices")
    sep = how.sep or (stated[1] if stated else _separator(body, lines, path))
    rows = None
    if any('"' in line for line in body):
        rows, lines = _quoted(body, lines, sep, path)
    return _table(body, rows, lines, sep, cut, encoding, path)


def _table(
    body: list[str], rows: list[list[str]] | None, lines: np.ndarray, sep: str, cut: bool, encoding: str, path: Path
) -> TextTable:
    head = rows[:3] if rows is not None else [line.split(sep) for line in body[:3]]
    head = [[cell.strip() for cell in row] or [""] for row in head]  # csv has no cell in an empty line
    labels, count = _labels(head, path, int(lines[0]))
    if len(labels) < 2:
        raise SpecError(
            f"expected columns separated by commas, found one: {str(labels[0])[:60]!r}; state sep: if another sign "
            "separates them", file=path, line=int(lines[0]),
        )  # fmt: skip
    _regular(body, rows, lines, sep, len(labels), path)
    last = (rows[-1][-1] if rows is not None else body[-1].split(sep)[-1]) if cut else None
    keep = [i for i in range(count, len(lines)) if (any(rows[i]) if rows is not None else body[i].strip())]
    if not keep:
        raise MissingPriceError(f"{path} has a header and no rows")
    said = [encoding] if encoding != "UTF-8" else []
    said += [f"columns separated by {_SEPARATORS.get(sep, repr(sep))}"] if sep != "," else []
    whole = len(keep) == len(lines) - count
    return TextTable(
        path,
        labels,
        lines[keep],
        body[count:] if whole else [body[i] for i in keep] if rows is None else [],
        None if rows is None else [rows[i] for i in keep],
        sep,
        last,
        tuple(said),
    )


def _decoded(data: bytes, path: Path, how: PriceFile) -> tuple[str, str]:
    """The text of a file and the name of its encoding: stated, by its byte order mark, or UTF-8."""
    encoding, name = how.encoding, how.encoding or "UTF-8"
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding, name = "utf-16", "UTF-16"
    elif encoding is None and data[:200].count(0) > len(data[:200]) // 3:
        encoding, name = ("utf-16-le" if data[1:2] == b"\0" else "utf-16-be"), "UTF-16"
    if encoding is None and _western(data):
        encoding, name = "cp1252", "Windows-1252"
    try:
        text = data.decode(encoding or "utf-8-sig")
    except (UnicodeDecodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise SpecError(
            f"not a text file in {name} ({' '.join(str(error).split())[:120]}); state its encoding, such as "
            "encoding: cp1252",
            file=path,
            line=line,
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SpecError("holds a NUL character: not a text file, or not in this encoding", file=path, line=line)
    return text, name


def _western(data: bytes) -> bool:
    """Whether a file that is not UTF-8 can only mean one thing: all letters beyond ASCII are in known columns' names.

    As Windows writes it in western Europe, ``Stücke`` is a column that is known, and what stands below is ASCII.
    """
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        lines = [line for line in data.splitlines() if not line.isascii()]
    else:
        return False
    try:
        words = [word for line in lines for word in re.split(r"[,;\t|]", line.decode("cp1252"))]
    except UnicodeDecodeError:
        return False
    return all(word.isascii() or column_of(word.strip().strip('"')) is not None for word in words)


def _separator(body: Sequence[str], lines: np.ndarray, path: Path) -> str:
    """The sign that parts every line into as many cells as the first; a comma where it is a decimal one is none."""
    counts = {sign: body[0].count(sign) for sign in _SEPARATORS}
    present = [sign for sign, n in counts.items() if n]
    if any('"' in line for line in body):  # quoted cells may hold any of them
        return max(present, key=lambda sign: counts[sign], default=",")
    sound = [s for s in present if all(line.count(s) == counts[s] or not line.strip() for line in body)]
    if len(sound) > 1:
        raise SpecError(
            f"the columns may be separated by {' or by '.join(_SEPARATORS[s] for s in sound)}; state sep: {sound[0]!r} "
            f"or sep: {sound[1]!r}", file=path, line=int(lines[0]),
        )  # fmt: skip
    return sound[0] if sound else max(present, key=lambda sign: counts[sign], default=",")


def _quoted(body: Sequence[str], lines: np.ndarray, sep: str, path: Path) -> tuple[list[list[str]], np.ndarray]:
    """The cells of a file in which some are quoted, and the line on which each row begins."""
    reader = csv.reader((line + "\n" for line in body), delimiter=sep, strict=True)
    rows: list[list[str]] = []
    starts: list[int] = []
    start = 0
    try:
        for row in reader:
            rows.append(row)
            starts.append(int(lines[0]) + start)
            start = reader.line_num
    except csv.Error as error:
        raise SpecError(f"not a regular table ({error})", file=path, line=int(lines[0]) + start) from None
    return rows, np.array(starts, dtype=np.int64)


def _regular(
    body: Sequence[str], rows: Sequence[list[str]] | None, lines: np.ndarray, sep: str, due: int, path: Path
) -> None:
    """Every line has as many cells as the header: a decimal comma is a cell too many, a file cut short one too few."""
    if rows is None:
        found = np.array([line.count(sep) + 1 if line.strip() else due for line in body])
    else:
        found = np.array([len(row) if any(row) else due for row in rows])
    wrong = np.flatnonzero(found != due)
    if len(wrong):
        at = int(wrong[0])
        shown = body[int(lines[at] - lines[0])].strip()
        raise SpecError(
            f"{due} cells are due and {int(found[at])} are here: {shown[:200]!r}; decimals need a point (or another "
            "separator of columns than the comma), and the file its end",
            file=path,
            line=int(lines[at]),
        )


def _labels(head: list[list[str]], path: Path, line: int) -> tuple[tuple[Label, ...], int]:
    """The columns' labels and the number of lines that they take: one, or the two and three of a download's table."""
    labels: tuple[Label, ...] = tuple(head[0])
    count = 1
    if len(head) > 1 and _two_levels(head):
        labels = tuple(zip(head[0], head[1], strict=True))
        count = 2
    if len(head) > count and column_of(head[count][0]) == "date" and not any(head[count][1:]):
        labels = (head[count][0] if count == 1 else ("", head[count][0]), *labels[1:])
        count += 1
    twice = [label for label, n in Counter(labels).items() if n > 1]
    if twice:
        if "" in twice:
            raise SpecError("the first line has to name the columns, and some have no name here; remove what stands "
                            "above their names", file=path, line=line)  # fmt: skip
        shown = ", ".join(" ".join(t) if isinstance(t, tuple) else repr(t) for t in twice[:5])
        raise SpecError(f"more than one column is called {shown}; keep one", file=path, line=line)
    if _is_data(head[0]):
        raise SpecError(f"the first line holds data, not names of columns: {head[0][:4]}", file=path, line=line)
    return labels, count


def _two_levels(head: list[list[str]]) -> bool:
    """Whether fields stand over tickers, or tickers over fields: one line names kinds of prices and nothing else."""
    upper, lower = head[0][1:], head[1][1:]
    if not upper or len(upper) != len(lower) or not all(upper) or not all(lower) or _dated(head[1][0]):
        return False
    return any(all(column_of(cell) in FIELDS for cell in row) for row in (upper, lower))


def _is_data(row: Sequence[str]) -> bool:
    numbers = [bool(_AMOUNT.fullmatch(cell)) for cell in row[1:] if cell not in UNKNOWN]
    return _dated(row[0]) and bool(numbers) and all(numbers)


def _dated(cell: str) -> bool:
    """Whether the first cell of a row may be a date, such as Jan 28, 2025; names of columns hold no digit."""
    return any(map(str.isdigit, cell)) and not cell.startswith("Unnamed")


# ---------------------------------------------------------------------------------------------------------- the cells
def read_cells(table: TextTable, texts: Sequence[int], how: PriceFile) -> tuple[pd.DataFrame, str]:
    """The columns at the positions `texts` as text, the others as float64, by position; and the decimal sign.

    Raises
    ------
    SpecError : a cell that is not a number, with file, line and column.
    """
    decimal = how.decimal
    plain = table.rows is None and table.sep == "," and decimal != ","
    if plain and len(table.labels) > _WIDE and list(texts) == [0]:
        return _wide(table), "."
    if plain:
        try:
            return _columns(table, texts), "."
        except (ValueError, OverflowError):
            decimal = "."  # the bad cell is named below, with its line
    rows = table.rows if table.rows is not None else [line.split(table.sep) for line in table.body]
    cells = np.array(rows, dtype=object).reshape(len(rows), len(table.labels))
    numbers = [i for i in range(cells.shape[1]) if i not in set(texts)]
    counts = [k for k, i in enumerate(numbers) if _counts(table.labels[i], how)]
    values, sign = to_numbers(cells[:, numbers], _refuser(table, numbers), decimal, counts)
    stripped = pd.DataFrame({i: [cell.strip() for cell in cells[:, i]] for i in texts}, dtype=object)
    frame = pd.concat([stripped, pd.DataFrame(values, columns=numbers)], axis=1)
    return frame[sorted([*texts, *numbers])], sign


def _counts(label: Label, how: PriceFile) -> bool:
    """Whether a column holds volumes."""
    parts = label if isinstance(label, tuple) else (label,)
    return how.columns.get("volume") in parts or "volume" in map(column_of, parts)


def _columns(table: TextTable, texts: Sequence[int]) -> pd.DataFrame:
    """The fast way for the ordinary file: commas, decimal points, nothing quoted."""
    names = list(range(len(table.labels)))
    numbers = [i for i in names if i not in set(texts)]
    options: Mapping[str, Any] = {
        "header": None,
        "names": names,
        "dtype": {i: "object" if i in set(texts) else "float64" for i in names},
        "na_values": {i: sorted(UNKNOWN) for i in numbers},
        "keep_default_na": False,
        "skip_blank_lines": False,
        "quoting": csv.QUOTE_NONE,
    }
    frame: pd.DataFrame = pd.read_csv(StringIO("\n".join(table.body)), **options)
    if np.isinf(frame[numbers].to_numpy()).any():
        raise ValueError
    for i in texts:
        frame[i] = frame[i].str.strip()
    return frame


def _wide(table: TextTable) -> pd.DataFrame:
    """Very many columns, some lines at a time: a parser that works by column takes minutes for 100,000 of them."""
    width = len(table.labels) - 1
    values = np.empty((len(table.body), width))
    dates = []
    step = max(1, _CELLS // width)
    for start in range(0, len(table.body), step):
        part = [line.split(table.sep) for line in table.body[start : start + step]]
        dates += [row[0].strip() for row in part]
        cells = np.array([row[1:] for row in part], dtype=object)
        try:
            flat = np.where(np.isin(cells, sorted(UNKNOWN)), "nan", cells).astype(np.float64)
            if np.isinf(flat).any():
                raise ValueError
        except ValueError:
            flat, _ = to_numbers(cells, _refuser(table, range(1, width + 1), start), ".")
        values[start : start + step] = flat
    frame = pd.DataFrame(values, columns=range(1, width + 1))
    frame.insert(0, 0, np.array(dates, dtype=object))
    return frame


def _refuser(table: TextTable, columns: Sequence[int], start: int = 0) -> Callable[[int, int, str], NoReturn]:
    """Raise for a cell of some columns, with its line and the column's label."""

    def refuse(row: int, column: int, words: str) -> NoReturn:
        label = table.labels[columns[column]]
        name = " ".join(label) if isinstance(label, tuple) else label
        text = words.replace("is not a number", f"in column {name!r} is not a number", 1)
        raise SpecError(text, file=table.path, line=int(table.lines[start + row]))

    return refuse
