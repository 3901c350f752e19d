"""Workbooks of Excel: one sheet a subject, typed dates, units in the headers, panes frozen, no live formula."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.writing import harmless, write_by

if TYPE_CHECKING:
    from openpyxl import Workbook

_MOST = 1_048_575  # rows of a sheet below its header
_LONGEST = 32_767  # characters of a cell
_FIRST_DAY = dt.date(1900, 3, 1)  # before it Excel counts days wrongly
_WIDTHS = (8, 60)


def write_workbook(path: str | Path, sheets: Mapping[str, pd.DataFrame], header: Callable[[str], str] = str) -> Path:
    """Write a workbook with a sheet for each frame, whole or not at all; returns the path.

    Parameters
    ----------
    header : name of a column -> what stands above it, such as the name with its unit.

    Raises
    ------
    SpecError : more rows than a sheet holds, a path that cannot be written to, or openpyxl is not installed.
    """
    most = max(len(frame) for frame in sheets.values())
    if most > _MOST:
        raise SpecError(f"a sheet of Excel holds {_MOST:,} rows, these are {most:,}; write them with to_parquet")
    openpyxl_needed()
    from openpyxl import Workbook

    return write_by(path, lambda file: _filled(Workbook(write_only=True), sheets, header).save(file))


def openpyxl_needed() -> None:
    """Refuse in words where the package that writes workbooks is not installed.

    Raises
    ------
    SpecError : it names the extra.
    """
    try:
        import openpyxl  # noqa: F401
    except ModuleNotFoundError:
        raise SpecError("workbooks are written by openpyxl: pip install 'eventstudy-claims[excel]'") from None


def _filled(book: Workbook, sheets: Mapping[str, pd.DataFrame], header: Callable[[str], str]) -> Workbook:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        heads = [WriteOnlyCell(sheet, cell(header(str(column)))) for column in frame.columns]
        columns = [[cell(value) for value in frame.iloc[:, i].tolist()] for i in range(frame.shape[1])]
        for i, head in enumerate(heads):
            head.font = Font(bold=True)
            longest = max([len(str(head.value)), *(len(str(value)) for value in columns[i][:200])])
            sheet.column_dimensions[get_column_letter(i + 1)].width = min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1])
        if heads:
            sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(frame) + 1}"
        sheet.append(heads)
        for row in zip(*columns, strict=True):
            sheet.append(row)
    return book


def cell(value: Any) -> Any:
    """A value as a sheet can hold it: missing ones empty, days as dates, lists as text, formulas and controls as text.

    Examples
    --------
    >>> cell(float("nan")), cell(pd.Timestamp("2025-01-27")), cell([-1, 1]), cell("=1+1"), cell("a\\x07")
    (None, datetime.date(2025, 1, 27), '[-1, 1]', "'=1+1", 'a\\\\x07')
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value if value >= _FIRST_DAY else value.isoformat()
    if isinstance(value, bool | int):
        return value
    text = f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)
    shown = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    return harmless(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 8] + " ... cut")
