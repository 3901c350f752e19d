"""Tables: raw values with the unit of each column, made from frames, shown by `tables`, written whole to CSV."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError
from eventstudy.files.writing import harmless
from eventstudy.objects.verdicts import Quantity
from eventstudy.report import tables

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 400  # rows of a table that stand in a page; a study of hundreds of events has thousands
_LONG = 40  # characters from which the text of a cell is set on several lines
Cell = str | float | int | bool | dt.date | Quantity | None
#: a CSV file column by column: the text of each line's cell, the name of the column first
File = list[list[str]]


# ----------------------------------------------------------------------------------------------------------- a table
@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``key`` heads it in a CSV file, ``label`` on the page; ``unit`` ``text`` is not a number.

    ``signed`` writes plus signs; ``note`` is said to a reader who asks what the column is; ``below`` puts long text on
    a row of its own under the others; ``hidden`` is in the CSV file alone, for those who go on with the numbers.
    """

    key: str
    label: str
    unit: str = "text"
    signed: bool = False
    note: str | None = None
    below: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Raw values in rows, formatted only when shown; a `Quantity` where each row has a unit of its own.

    ``id`` is unique in a page and the anchor of the table. ``first``: entries of the first column that a page shows
    until the reader chooses others; () shows all.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None
    first: tuple[str, ...] = ()

    @property
    def visible(self) -> tuple[Column, ...]:
        """The columns that stand side by side on the page."""
        return tuple(column for column in self.columns if not (column.below or column.hidden))

    @property
    def figures(self) -> str:
        """Which of these are set in figures, as classes of the page: ``n2 n3 ``."""
        return "".join(f"n{self.visible.index(c) + 1} " for c in self.visible if c.unit != "text")

    @property
    def noted(self) -> bool:
        """Whether a column stands below its rows."""
        return any(column.below for column in self.columns)

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise EventStudyError(f"table {self.id!r}: a row has {len(row)} cells for {len(self.columns)} columns")


def cut(table: Table, most: int = MOST) -> Table:
    """What a page shows of a long table: the first `most` rows and those of `Table.first`, and a note of the others.

    Examples
    --------
    >>> cut(Table("t", "Days", (Column("day", "Day"),), (("Monday",), ("Tuesday",)), "Open."), 1).note
    'Open. The first 1 of 2 rows; the CSV file has them all.'
    """
    if len(table.rows) <= most:
        return table
    rows = tuple(row for i, row in enumerate(table.rows) if i < most or row[0] in table.first)
    note = " ".join(filter(None, (table.note, first_rows(most, len(table.rows)))))
    return replace(table, rows=rows, note=note)


def first_rows(shown: int, rows: int) -> str:
    """The note below a table that is not shown whole."""
    return f"The first {shown:,} of {rows:,} rows; the CSV file has them all."


def cell(value: Cell, column: Column) -> str:
    """One cell as text; None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if isinstance(value, str):
        return value
    if isinstance(value, Quantity):
        return tables.number(value.value, value.unit, signed=column.signed)
    return tables.number(float(value), "number" if column.unit == "text" else column.unit, signed=column.signed)


def is_number(value: Cell) -> bool:
    """Whether a cell is set in figures, to the right."""
    return isinstance(value, Real | Quantity) and not isinstance(value, bool)


#: columns that frames of this package carry: name -> (label, unit, signed)
KNOWN: Mapping[str, tuple[str, str, bool]] = {
    "ret": ("Return", "decimal", True),
    "return": ("Return", "decimal", True),
    "benchmark_return": ("Benchmark return", "decimal", True),
    "market": ("Market", "decimal", True),
    "expected": ("Expected return", "decimal", True),
    "ar": ("Abnormal return", "decimal", True),
    "aar": ("Mean abnormal return", "decimal", True),
    "car": ("CAR", "decimal", True),
    "caar": ("CAAR", "decimal", True),
    "bhar": ("BHAR", "decimal", True),
    "residual": ("Residual", "decimal", True),
    "se": ("Standard error", "decimal", False),
    "low": ("Interval from", "decimal", True),
    "high": ("Interval to", "decimal", True),
    "sigma": ("Residual sd", "decimal", False),
    "alpha": ("Alpha (a day)", "alpha", True),
    "beta": ("Beta", "coefficient", False),
    "r_squared": ("R²", "correlation", False),
    "sar": ("SAR", "statistic", True),
    "scar": ("SCAR", "statistic", True),
    "t": ("t", "statistic", True),
    "statistic": ("Statistic", "statistic", True),
    "df": ("Degrees of freedom", "df", False),
    "nu": ("Degrees of freedom", "df", False),
    "nobs": ("Returns used", "count", False),
    "n": ("N", "count", False),
    "tau": ("Session", "count", False),
    "p": ("p", "p", False),
    "p_holm": ("p (Holm)", "p", False),
    "p_bh": ("p (Benjamini-Hochberg)", "p", False),
    "close": ("Close", "level", False),
    "adj_close": ("Adjusted close", "level", False),
    "level": ("Level", "level", False),
    "bin_low": ("From (SAR)", "statistic", True),
    "bin_high": ("To (SAR)", "statistic", True),
    "share": ("Share of days", "decimal", False),
    "normal_share": ("Share under a normal law", "decimal", False),
    "day_return": ("Return, or abnormal return", "decimal", True),
    "once_in": ("Once in so many days", "whole", False),
    "move": ("Size of the move", "decimal", False),
    "power": ("Power", "rate", False),
    "detectable": ("Found four times in five", "decimal", False),
    "correlation": ("Correlation", "correlation", True),
    "claimed_low_ratio": ("Claimed from / claim", "coefficient", False),
    "claimed_high_ratio": ("Claimed to / claim", "coefficient", False),
    "measured_low_ratio": ("Measured from / claim", "coefficient", False),
    "measured_high_ratio": ("Measured to / claim", "coefficient", False),
    "value_ratio": ("Headline / claim", "coefficient", False),
}


def from_frame(
    frame: pd.DataFrame, name: str, caption: str, known: Mapping[str, tuple[str, str, bool]] = KNOWN
) -> Table:
    """A frame as a table; labels and units from `known`, any other column by its own name.

    Where the frame has a column ``unit``, numbers of other columns are in the unit of their row.

    Examples
    --------
    >>> table = from_frame(pd.DataFrame({"ticker": ["AMD"], "ar": [-0.0137]}), "day", "The day")
    >>> table.columns[1].label, cell(table.rows[0][1], table.columns[1])
    ('Abnormal return', '−1.37%')
    """
    columns = tuple(_column(str(key), frame[key], known) for key in frame.columns)
    units = list(frame["unit"]) if "unit" in frame.columns else None
    rows = []
    for i, line in enumerate(frame.itertuples(index=False, name=None)):
        row = [_plain(value, column) for value, column in zip(line, columns, strict=True)]
        if units is not None:
            row = [
                Quantity(v, str(units[i])) if isinstance(v, float) and c.key not in known else v
                for v, c in zip(row, columns, strict=True)
            ]
        rows.append(tuple(row))
    return Table(name, caption, columns, tuple(rows))


def with_share(table: Table, share: str) -> Table:
    """The ends of intervals headed by their confidence, such as ``95%``.

    Examples
    --------
    >>> table = from_frame(pd.DataFrame({"low": [-0.1], "high": [0.1]}), "day", "The day")
    >>> [column.label for column in with_share(table, "99%").columns]
    ['99% from', '99% to']
    """
    ends = {"Interval from": f"{share} from", "Interval to": f"{share} to"}
    columns = tuple(replace(column, label=ends.get(column.label, column.label)) for column in table.columns)
    return replace(table, columns=columns)


def _column(key: str, values: Any, known: Mapping[str, tuple[str, str, bool]]) -> Column:
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    label, unit, signed = known.get(key, (key.replace("_", " ").capitalize(), "number", False))
    return Column(key, label, unit if numeric else "text", signed)


def _plain(value: object, column: Column) -> Cell:
    if column.unit == "text" and isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "item"):
        return value.item()  # type: ignore[no-any-return]
    if isinstance(value, str | float | int | bool | dt.date):
        return value
    return " ".join(map(str, value)) if isinstance(value, Iterable) else str(value)


def raw(value: Cell) -> str:
    """One cell for a file: 12 significant digits as in results.json, empty where it is missing."""
    if isinstance(value, Quantity):
        value = value.value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def table_file(table: Table) -> File:
    """The table as a CSV file: raw values under the keys of the columns."""
    columns: list[Sequence[Cell]] = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    return [[column.key, *map(_file_cell, cells)] for column, cells in zip(table.columns, columns, strict=True)]


def _file_cell(value: Cell) -> str:
    return str(harmless(value)) if isinstance(value, str) else raw(value)


def frame_file(frame: pd.DataFrame, digits: int = 12) -> File:
    """A frame as a CSV file: `digits` significant digits (12 as in results.json), empty where missing."""
    return [[str(key), *_spelled(frame[key], digits)] for key in frame.columns]


def _spelled(column: pd.Series[Any], digits: int) -> list[str]:
    """Not by to_csv, which spells number by number much more slowly."""
    if column.dtype.kind == "f":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()
        texts = ("\n".join([f"%.{digits}g"] * len(numbers)) % tuple(numbers)).split("\n") if numbers else []
        return ["" if text == "nan" else text for text in texts]
    if column.dtype.kind == "M":
        days, place = np.unique(column.to_numpy().astype("datetime64[D]"), return_inverse=True)
        names = np.where(np.isnat(days), "", np.datetime_as_string(days))
        return [str(name) for name in names[place].tolist()]
    values: list[Any] = column.to_numpy(dtype=object).tolist()
    if {*map(type, values)} == {str}:
        return [harmless(value) for value in values]
    return [str(harmless(value)) if there else "" for value, there in zip(values, column.notna().tolist(), strict=True)]


def shown(table: Table) -> Sequence[Sequence[tuple[str, bool]]]:
    """What a page needs of each cell: its text, and whether it is set in figures."""
    return [
        [(cell(value, column), is_number(value)) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def rows_html(table: Table) -> Markup | None:
    """The rows of a table as HTML, None where cells are more than text: the template then makes them, far more slowly.

    End tags that HTML lets us leave out are left out. A cell of a column ``below`` is a line under its row.
    """
    from markupsafe import Markup

    columns = table.columns
    if any(column.key in ("verdict", "concern") for column in columns):
        return None
    visible = len(table.visible)
    head = "<th scope=row" if table.noted else "<th"
    parts: list[Sequence[str]] = [["<tr>"] * len(table.rows)]
    for i, column in enumerate(columns):
        values = [row[i] for row in table.rows]
        if column.below:
            texts = _escaped([cell(value, column) for value in values])
            parts.append([f"<tr class=below><td colspan={visible}><div>{text}</div>" if text else "" for text in texts])
        elif not column.hidden:
            parts.append(_cells_html(values, column, head if i == 0 else "<td"))
    return Markup("".join(["".join(row) for row in zip(*parts, strict=True)]))


def _cells_html(values: Sequence[Cell], column: Column, tag: str) -> list[str]:
    texts = [cell(value, column) for value in values]
    tags = [
        f"{tag} class=long>" if len(text) > _LONG and not is_number(value) else f"{tag}>"
        for text, value in zip(texts, values, strict=True)
    ]
    return list(map(str.__add__, tags, _escaped(texts)))


def _escaped(texts: Sequence[str]) -> list[str]:
    """Texts as markupsafe escapes them, all at once: one by one takes many times as long."""
    from markupsafe import escape

    if any("\0" in text for text in texts):
        return [str(escape(text)) for text in texts]
    return str(escape("\0".join(texts))).split("\0") if texts else []
