"""A table of events, in a frame or a file, to plain columns: the one place where the columns of such a table are known.

::

    CSV, Excel, Parquet -read_event_file-> DataFrame -event_table-> EventTable -> the events of a study or of a long run
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, UnknownNameError, listed
from eventstudy.files.dates import moment, parse_dates
from eventstudy.files.eventfile import EventFile, read_event_file
from eventstudy.files.spans import CellSpan, cell_span

TICKER = ("ticker", "security", "symbol", "permno", "isin", "ric", "gvkey")
DATE = ("date", "event_date", "announced", "announcement_date", "datum")
OWN = ("benchmark", "estimation", "event")
FURTHER = ("id", "group", *OWN)
COLUMNS = (
    f"a security ({', '.join(TICKER)} or id), a date ({', '.join(DATE)}), and if wanted {', '.join(FURTHER)}; "
    "further columns are traits"
)
_NAMED = 3  # rows spelled out in a message
_DECIMAL_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?", re.ASCII)
_AMOUNT = re.compile(r"[-+\u2212(]?\s*[$€£¥]?\s*\d[\d\s.,'’]*[%‰kKmMbB]?\)?")
_ABSENT = ("na", "n/a", "#n/a", "n.a.", "nan", "null", "none", "-", "–", "—", ".")
_THOUSANDS = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
_ZONED = re.compile(r"\d:\d\d.*(Z|UTC|[+-]\d\d:?\d\d)\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """N events, a row each, in the order of the table.

    ``frame`` has the columns

    * ``ticker``: text
    * ``announced``: ``datetime64`` where every row is a plain day, else dates, and moments with a time zone
    * ``id``, ``group``, ``benchmark``: text, None where the cell is empty; only if the table has them
    * ``estimation``, ``event``: two sessions, two dates or None; only if the table has them

    ``traits`` (N, k) the further columns, numbers where all their cells are numbers. ``source`` the file, None for a
    frame; both frames keep the index of the table.
    """

    frame: pd.DataFrame
    traits: pd.DataFrame
    source: Path | None = None

    def error(self, row: int, message: str) -> SpecError:
        """The complaint `message` about a row, which is named as the user knows it: file and line, or its label."""
        return _error(self.frame.index, self.source, row, message)


def event_table(
    events: pd.DataFrame | str | Path | EventFile,
    *,
    dayfirst: bool | None = None,
    date_format: str | None = None,
) -> EventTable:
    """Read a table of events, one row per event.

    Parameters
    ----------
    events : a frame, the path of a CSV, Excel or Parquet file, or an `EventFile`, which may state the columns. Names of
        columns are read in any case. The security is the first of `TICKER` that is there; without any of these it is
        ``id``, which else names the announcement. The day is one of `DATE`. ``group``, ``benchmark``, ``estimation``
        and ``event`` (windows such as ``-10,10``, or two dates) are read where they are there, every other column is a
        trait: a number where all its cells are numbers, with a decimal point or comma.
    dayfirst, date_format : how dates are written where the column does not show it.

    Raises
    ------
    SpecError : no such file, columns that are missing or stand twice, a cell that is empty or holds something else;
        with the file and line, or the label of the row.

    Examples
    --------
    >>> days = ["2024-05-23", "2024-05-01"]
    >>> found = event_table(pd.DataFrame({"Symbol": ["NVDA", "AMD"], "Date": days, "size": [3, 2]}))
    >>> found.frame["ticker"].tolist(), found.traits.columns.tolist()
    (['NVDA', 'AMD'], ['size'])
    """
    how = events if isinstance(events, EventFile) else EventFile("", dayfirst, date_format)
    source = None if isinstance(events, pd.DataFrame) else _path(how.file or events)
    table = events if source is None else read_event_file(source, how.encoding)
    if not isinstance(table, pd.DataFrame):
        raise SpecError(f"a table of events is a DataFrame or a file, got {type(table).__name__}")
    table = _named_index(table)
    columns = event_columns(table, source, how.columns)
    if len(table) == 0:
        raise SpecError("the table of events has no rows", file=source)
    given = {role: table[name] for role, name in columns.items()}
    cells: dict[str, pd.Series[Any]] = {
        "ticker": _texts(given["ticker"], source, "security"),
        "announced": _dates(given["announced"], source, how.dayfirst, how.date_format),
    }
    cells |= {role: _optional(given[role]) for role in ("id", "group") if role in given}
    own = own_cells({role: given[role] for role in OWN if role in given}, source)
    frame = pd.DataFrame(cells | {name: own[name] for name in own}, index=table.index)
    taken = set(columns.values())
    traits = table[[name for name in table.columns if name not in taken]]
    traits = pd.DataFrame({str(name): trait(traits[name], source) for name in traits.columns}, index=table.index)
    return EventTable(frame, traits, source)


def own_cells(given: Mapping[str, pd.Series[Any]], source: Path | None = None) -> pd.DataFrame:
    """The columns of `OWN` that are given: benchmarks as text, windows as two sessions or two dates; None where empty.

    Raises
    ------
    SpecError : a cell that is neither, with its row.
    """
    cells = {
        role: _optional(column) if role == "benchmark" else _spans(column, source, role)
        for role, column in given.items()
    }
    return pd.DataFrame(cells, index=next(iter(given.values())).index if given else None)


def event_columns(
    table: pd.DataFrame, source: Path | None = None, stated: Mapping[str, str] | None = None
) -> dict[str, Hashable]:
    """Which column of the table holds what: ``ticker``, ``announced``, and those of `FURTHER` that are there.

    Parameters
    ----------
    stated : our name, with ``date`` for the day -> the column that holds it; it goes before what a name says.

    Raises
    ------
    SpecError : no security or no date, two columns that would both be it, a stated column that is not there.
    UnknownNameError : a stated name that is none of ours.

    Examples
    --------
    >>> event_columns(pd.DataFrame(columns=["permno", "Event_Date", "group"]))
    {'ticker': 'permno', 'announced': 'Event_Date', 'group': 'group'}
    """
    if table.columns.nlevels > 1:
        raise SpecError(f"a table of events has one row of names above its columns, got {table.columns.nlevels}")
    plain: dict[str, list[Hashable]] = {}
    for name in table.columns:
        plain.setdefault(str(name).strip().lower().replace(" ", "_"), []).append(name)
    twice = [names for plain_name, names in plain.items() if len(names) > 1]
    if twice:
        raise SpecError(f"columns of the events stand twice: {listed([*map(str, twice[0])])}; keep one", file=source)
    found = {name: names[0] for name, names in plain.items()}
    found = _as_stated(found, stated or {}, table, source)
    security = next((name for name in (*TICKER, "id") if name in found), None)
    days = [name for name in DATE if name in found]
    if security is None or not days:
        lacks = " and ".join(["no security"] * (security is None) + ["no date"] * (not days))
        held = ", ".join(str(c) for c in [*table.columns][:12]) or "none"
        stating = "events: {file: events.csv, columns: {ticker: Company, date: Day}}"
        raise SpecError(
            f"the events have {lacks}; their columns are {held}. A table of events has {COLUMNS}. Rename them"
            + (f", or state them in study.yaml, as in {stating}" if source is not None else ""),
            file=source,
        )
    if len(days) > 1:
        raise SpecError(f"the events have several dates: {listed(days, 12)}; keep the one that is meant", file=source)
    out = {"ticker": found[security], "announced": found[days[0]]}
    return out | {role: found[role] for role in FURTHER if role in found and role != security}


def _as_stated(
    found: dict[str, Hashable], stated: Mapping[str, str], table: pd.DataFrame, source: Path | None
) -> dict[str, Hashable]:
    """Plain name -> column, with the stated ones under our names; other columns of the same meaning are traits."""
    named = {str(column): column for column in table.columns}
    for ours, theirs in stated.items():
        if ours not in ("ticker", "date", *FURTHER):
            raise UnknownNameError("column of the events", str(ours), ("ticker", "date", *FURTHER), file=source)
        if str(theirs) not in named:
            held = listed([*named], 12) or "none"
            raise SpecError(f"the events have no column {theirs!r}, which is stated; they have {held}", file=source)
        alike = {"ticker": TICKER, "date": DATE}.get(ours, (ours,))
        found = {name: column for name, column in found.items() if name not in alike and column != named[str(theirs)]}
        found[ours] = named[str(theirs)]
    return found


def _path(path: Any) -> Path:
    if not isinstance(path, str | Path):
        raise SpecError(f"a table of events is a DataFrame or a file, got {type(path).__name__}")
    return Path(path)


# ---------------------------------------------------------------------------------------------------------------- cells
def _named_index(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what a named index holds as columns too, as `set_index("ticker")` leaves it."""
    names = [name for name in table.index.names if name is not None and name not in table.columns]
    levels = {str(name): table.index.get_level_values(str(name)) for name in names if isinstance(name, str)}
    return table.assign(**levels) if levels else table


def _texts(column: pd.Series[Any], source: Path | None, what: str) -> pd.Series[Any]:
    """Names as text; whole numbers are written without a point, as identifiers are."""
    empty = _empty(column)
    if empty.any():
        raise _missing(column, empty, source, what)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories([_text(name) for name in column.cat.categories])
    codes, names = _factorized(column, source, what)
    plain = np.array([_text(name) for name in names], dtype=object)
    if any(not isinstance(name, str | Integral | Real) or isinstance(name, bool) for name in names):
        wrong = next(n for n in names if not isinstance(n, str | Integral | Real) or isinstance(n, bool))
        raise SpecError(f"the {what} of an event is a name, such as 'NVDA', got {wrong!r}", file=source)
    return pd.Series(plain[codes], index=column.index, dtype=object)


def _factorized(column: pd.Series[Any], source: Path | None, what: str) -> tuple[np.ndarray, Sequence[Any]]:
    try:
        codes, names = pd.factorize(column)
    except TypeError:  # lists and the like
        said = f"the {what} of an event is a name, such as 'NVDA', got {column.iloc[0]!r}"
        raise SpecError(said, file=source) from None
    return codes, list(names)


def _text(value: Any) -> str:
    whole = isinstance(value, Real) and not isinstance(value, bool | Integral) and float(value).is_integer()
    return str(int(value)) if whole else str(value).strip()


def _optional(column: pd.Series[Any]) -> pd.Series[Any]:
    empty = _empty(column).to_numpy()
    texts = [None if none else _text(value) for none, value in zip(empty, column, strict=True)]
    return pd.Series(texts, index=column.index, dtype=object)


def _dates(
    column: pd.Series[Any], source: Path | None, dayfirst: bool | None, date_format: str | None
) -> pd.Series[Any]:
    empty = _empty(column)
    if empty.any():
        raise _missing(column, empty, source, "date")
    if pd.api.types.is_datetime64_dtype(column.dtype) and (column == column.dt.normalize()).all():
        parse_dates(column, where="the dates of the events")  # only looked at: in range
        return column
    zoned = np.array([_has_zone(value) for value in column], dtype=np.bool_)
    rows, line = np.flatnonzero(~zoned), _line(column.index, source)
    of_file = source if line is not None else None
    days = parse_dates(
        column[~zoned] if line is None else column[~zoned].tolist(),
        dayfirst=dayfirst,
        date_format=date_format,
        where="the dates of the events",
        file=of_file,
        line=None if line is None else lambda at: line(int(rows[at])),
    )
    if not zoned.any() and (days == days.normalize()).all():
        return pd.Series(days, index=column.index)
    out = np.empty(len(column), dtype=object)
    out[rows] = [moment(day.to_pydatetime()) for day in days]
    for row in np.flatnonzero(zoned):
        try:
            out[row] = moment(column.iloc[row], dayfirst=dayfirst, date_format=date_format)
        except SpecError as error:
            raise _error(column.index, source, int(row), str(error)) from None
    return pd.Series(out, index=column.index, dtype=object)


def _has_zone(value: Any) -> bool:
    """Whether it is a moment with a zone: those keep their own clock, while days are read as one column."""
    if isinstance(value, str):
        return _ZONED.search(value) is not None
    return isinstance(value, dt.datetime) and value.tzinfo is not None


def _spans(column: pd.Series[Any], source: Path | None, role: str) -> pd.Series[Any]:
    out: list[CellSpan | None] = []
    for row, value in enumerate(column):
        try:
            out.append(None if _is_empty(value) else cell_span(value, role))
        except SpecError as error:
            raise _error(column.index, source, row, str(error)) from None
    return pd.Series(out, index=column.index, dtype=object)


def trait(column: pd.Series[Any], source: Path | None) -> pd.Series[Any]:
    """Numbers where every cell that is not empty is one; else as it came. Among numbers ``NA`` and the like are empty.

    Raises
    ------
    SpecError : numbers with a comma that may mark decimals or thousands, or among cells that are none, such as ``5%``.
    """
    if column.dtype != object and not pd.api.types.is_string_dtype(column.dtype):
        return column
    empty = _empty(column)
    absent = column.map(lambda cell: isinstance(cell, str) and cell.strip().lower() in _ABSENT).astype(bool)
    plain = _without_commas(column[~empty & ~absent], source)
    numbers = pd.to_numeric(plain, errors="coerce").reindex(column.index)
    known = ~empty & ~absent
    if known.any() and numbers[known].notna().all():
        return numbers
    odd = known & numbers.isna()
    counts = Counter(map(str, column[known]))
    if 2 * sum(n for text, n in counts.items() if _AMOUNT.fullmatch(text.strip())) > known.sum():
        said = (
            f"{column[odd].iloc[0]!r} in column {str(column.name)!r} is no number, and most of the column are amounts"
        )
        row = int(np.flatnonzero(odd)[0])
        raise _error(
            column.index, source, row, f"{said}; write plain numbers, such as 0.05 or 5, or words in every row"
        )
    return column.where(~empty, None)


def _without_commas(cells: pd.Series[Any], source: Path | None) -> pd.Series[Any]:
    """Numbers such as 16,87, 1.234,5 and 1,234.5 as Python reads them; any other column as it came."""
    texts = [cell.strip() if isinstance(cell, str) else None for cell in cells]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or not any("," in text for text in known):
        return cells
    decimals, thousands = (all(form.fullmatch(text) for text in known) for form in (_DECIMAL_COMMA, _THOUSANDS))
    if decimals and thousands:
        row = next(at for at, text in enumerate(known) if "," in text)
        said = f"{known[row]!r} in column {str(cells.name)!r} has a comma that may mark decimals or thousands"
        raise _error(cells.index, source, row, f"{said}, and no row settles which; write numbers with a decimal point")
    if decimals:
        known = [text.replace(".", "").replace(",", ".") for text in known]
    elif thousands:
        known = [text.replace(",", "") for text in known]
    return pd.Series(known, index=cells.index, dtype=object)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or (np.ndim(value) == 0 and pd.isna(value))


def _empty(column: pd.Series[Any]) -> pd.Series[bool]:
    empty = column.isna()
    if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        return empty | column.isin(["", " "])
    return empty


def _missing(column: pd.Series[Any], empty: pd.Series[bool], source: Path | None, what: str) -> SpecError:
    rows = np.flatnonzero(empty)
    named = listed([str(label) for label in column.index[rows]], _NAMED)
    return _error(
        column.index, source, int(rows[0]), f"{len(rows)} event{'s have' if len(rows) > 1 else ' has'} no {what}, "
        f"row{'s' if len(rows) > 1 else ''} {named}; fill it in or leave it out"
    )  # fmt: skip


def _error(index: pd.Index[Any], source: Path | None, row: int, message: str) -> SpecError:
    line = _line(index, source)
    return (
        SpecError(message, file=source, line=line(row))
        if line
        else SpecError(f"row {index[row]}: {message}", file=source)
    )


def _line(index: pd.Index[Any], source: Path | None) -> Callable[[int], int] | None:
    """The line of a row in the user's file; None where rows have no lines."""
    return None if source is None or source.suffix.lower() in (".parquet", ".pq") else lambda row: int(index[row])
