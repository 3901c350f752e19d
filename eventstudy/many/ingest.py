"""Long tables of prices or returns, one row per security and day, to the panel that the engine reads.

Securities and days become numbers, and one scatter puts every value in its place: no sorting, no pivot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import choice, flag, public, text
from eventstudy.arguments import path as path_
from eventstudy.errors import MissingPriceError, SpecError, listed
from eventstudy.files.reading import check_file
from eventstudy.many.checks import day_notes, stray_days, stray_note
from eventstudy.many.longtable import DateOrder, order_of, panel_values, securities_of, sessions_of
from eventstudy.memory import available_memory
from eventstudy.objects.estimation import FloatArray, ReturnKind
from eventstudy.returns import check_days, check_scale

_SHOWN = 20  # securities spelled out where each has to be mended
_NAMED = 3  # rows spelled out in a message


@public
@dataclass(frozen=True, eq=False)  # no slots: a panel is looked at once, however many runs it serves
class ReturnPanel:
    """Returns of S securities on D sessions, one row per security: what `run_events` works on.

    Parameters
    ----------
    returns : (S, D) float64 decimals in C order, NaN where missing; it may be a memory map.
    tickers : S names.
    sessions : (D,) days, increasing.
    kind : ``simple`` or ``log`` returns.
    notes : what was noticed when the panel was made.

    Raises
    ------
    SpecError : the shape does not fit the names and days, a security is there twice, or the panel is empty.

    Examples
    --------
    >>> days = pd.bdate_range("2025-01-01", periods=3)
    >>> panel = ReturnPanel(np.array([[0.01, 0.02, -0.01]]), ("A",), days)
    >>> panel.series("A").tolist(), panel.checked.notes, panel.without_stray().tickers, panel.lags
    ([0.01, 0.02, -0.01], (), ('A',), {})
    >>> panel.stated(False).returns.tolist()
    [[0.01, 0.02, -0.01]]
    """

    returns: FloatArray
    tickers: tuple[str, ...]
    sessions: pd.DatetimeIndex
    kind: ReturnKind = "simple"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.returns.shape != (len(self.tickers), len(self.sessions)):
            raise SpecError(
                f"the returns are {self.returns.shape}, the panel has {len(self.tickers)} securities and "
                f"{len(self.sessions)} sessions"
            )
        if len(set(self.tickers)) != len(self.tickers):
            raise SpecError("a security is in the panel twice; one row each")
        if self.returns.size == 0:
            raise SpecError("the panel of returns is empty")
        check_days(self.sessions, "sessions of the panel")

    @cached_property
    def checked(self) -> ReturnPanel:
        """The panel without days that few of many series have, with notes on what its days show. It is looked at once.

        A panel on disk (a memory map) is taken as it is.

        Raises
        ------
        SpecError : levels or per cent where decimals are needed, or simple returns of -100 % and less.
        """
        return self if isinstance(self.returns, np.memmap) else self.stated(None)

    def stated(self, percent: bool | None) -> ReturnPanel:
        """As `checked`, of returns that are stated to be per cent (then divided by 100) or decimals.

        Raises
        ------
        SpecError : the returns are not what is stated.
        """
        frame = pd.DataFrame(self.returns.T, index=self.sessions, columns=list(self.tickers), copy=False)
        check_scale(frame, "the returns", kind=self.kind, percent=percent)
        kept = replace(self, returns=self.returns / 100.0) if percent else self
        kept = kept.without_stray()
        out = replace(kept, notes=(*kept.notes, *day_notes(kept.returns, kept.tickers, kept.sessions)))
        out.__dict__["checked"] = out  # it was looked at
        return out

    def without_stray(self) -> ReturnPanel:
        """The panel without the days that hardly any of its series have, with a note about them."""
        held = np.isfinite(self.returns)
        stray = stray_days(held, self.sessions)
        if not stray.any():
            return self
        notes = (*self.notes, stray_note(self.sessions, stray, held, self.tickers))
        values = np.ascontiguousarray(self.returns[:, ~stray])
        return ReturnPanel(values, self.tickers, self.sessions[~stray], self.kind, notes)

    @cached_property
    def lags(self) -> dict[str, tuple[str, ...]]:
        """Benchmark -> notes on whether the securities lag or lead it, filled as they are asked for."""
        return {}

    def series(self, ticker: str) -> FloatArray:
        """(D,) returns of `ticker`.

        Raises
        ------
        MissingPriceError : the panel does not hold it.
        """
        if ticker not in self.tickers:
            held = ", ".join(self.tickers[:10]) + (", ..." if len(self.tickers) > 10 else "")
            raise MissingPriceError(f"the panel holds no {ticker!r}; its {len(self.tickers)} columns are {held}")
        return np.array(self.returns[self.tickers.index(ticker)])


def panel_of(returns: pd.DataFrame | ReturnPanel, kind: ReturnKind = "simple", what: str = "returns") -> ReturnPanel:
    """The panel of a (date, security) frame of decimal returns; a panel is returned as it is.

    Raises
    ------
    SpecError : neither frame nor panel, dates that are not valid, a security twice, a column that does not hold
        numbers.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> panel_of(pd.DataFrame({"A": [0.01, 0.02], "B": [0.0, -0.01]}, index=days)).returns
    array([[ 0.01,  0.02],
           [ 0.  , -0.01]])
    """
    if isinstance(returns, ReturnPanel):
        return returns
    if not isinstance(returns, pd.DataFrame):
        raise SpecError(f"{what} are a (date, security) frame or a ReturnPanel, got {type(returns).__name__}")
    words = [str(c) for c, dtype in returns.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
    if words:
        hint = " (rows of security, date and return become a panel by ingest.panel_from_long)"
        raise SpecError(f"the {what} hold columns that are not numbers: {', '.join(words[:_NAMED])}{hint}")
    days = check_days(returns.index, f"dates of the {what}")
    # The columns of a frame lie side by side in memory: its transpose is the panel, mostly without a copy.
    values: FloatArray = np.ascontiguousarray(returns.to_numpy(dtype=np.float64, na_value=np.nan).T)
    return ReturnPanel(values, tuple(str(c) for c in returns.columns), days, kind)


# ---------------------------------------------------------------------------------------------------------- from long
@public
def read_long(path: str | Path, **columns: Any) -> ReturnPanel:
    """The panel of a long CSV or Parquet file. The arguments are those of `panel_from_long`.

    Both are read by pyarrow (extra ``parquet``), and only the three columns that are needed. Errors name the file and
    the row; row 0 is the first below the header.

    Raises
    ------
    SpecError : no such file, neither ``.csv`` nor ``.parquet``, pyarrow is not installed, or see `panel_from_long`.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"security": ["A", "A"], "date": ["2025-01-02", "2025-01-03"], "return": [0.01, 0.02]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(Path(folder, "returns.csv"), index=False)
    ...     read_long(Path(folder, "returns.csv")).returns
    array([[0.01, 0.02]])
    """
    file = path_("path", path, "returns.csv")
    for name in ("security", "date", "value", "price"):
        if name in columns and (name != "price" or columns[name] is not None):
            text(name, columns[name], "return" if name == "value" else name)
    check_file(file)
    if file.suffix not in (".csv", ".gz", ".parquet"):
        raise SpecError(f"{file} is neither a .csv nor a .parquet file")
    security, date = columns.get("security", "security"), columns.get("date", "date")
    wanted = [security, date, columns.get("price") or columns.get("value", "return")]
    try:
        import pyarrow as pa
    except ImportError:
        raise SpecError("long files are read by pyarrow: pip install 'eventstudy-claims[parquet]'") from None
    try:
        table = _read_parquet(file, wanted) if file.suffix == ".parquet" else _read_csv(file, wanted)
    except SpecError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # a broken file raises whatever its reader meets
        raise SpecError(f"cannot be read: {' '.join(str(error).split())[:200]}", file=file) from None
    try:
        return panel_from_long(table, **columns)
    except SpecError as error:
        raise SpecError(str(error), file=file) from None


def _read_parquet(file: Path, wanted: list[str]) -> Any:
    """The columns `wanted`: security, date and value."""
    from pyarrow import parquet

    held = parquet.read_schema(file).names
    if missing := [name for name in wanted if name not in held]:  # else what is there would be read without a word
        raise SpecError(f"has no column {listed(missing, 12)}; it has {listed(held, 12)}", file=file)
    return parquet.read_table(file, columns=wanted, read_dictionary=wanted[:1])


def _read_csv(file: Path, wanted: list[str]) -> Any:
    """The columns `wanted`: security, date and value."""
    import pyarrow as pa
    from pyarrow import csv

    # Securities as words: to number them while reading costs twice as much as to number them afterwards.
    options = csv.ConvertOptions(include_columns=wanted, column_types={wanted[0]: pa.string(), wanted[2]: pa.float64()})
    try:
        return csv.read_csv(file, convert_options=options)
    except pa.ArrowInvalid:  # one thread counts the rows, the header being row 1, and says which one it is
        return csv.read_csv(file, read_options=csv.ReadOptions(use_threads=False), convert_options=options)


@public
def panel_from_long(
    table: Any,
    *,
    security: str = "security",
    date: str = "date",
    value: str = "return",
    price: str | None = None,
    kind: ReturnKind = "simple",
    dayfirst: bool | None = None,
    date_format: str | None = None,
) -> ReturnPanel:
    """One row a security and day to the (S, D) panel, by numbering and one scatter.

    The sessions are the days that any security has, except those that hardly any have (`checks.stray_days`): these
    are left out, with a note. With `price` the returns are formed from its levels on adjacent
    sessions; a missing level makes both adjoining returns missing, nothing is filled (see `returns.returns_on`).
    Rows may be in any order; where they follow neither securities nor days a note names the first that does not.

    Parameters
    ----------
    table : a pandas frame or a pyarrow table.
    security, date, value : its columns; `value` decimal returns.
    price : column of price levels, instead of `value`.
    kind : what the returns are, or are to be formed as.
    dayfirst, date_format : how dates that are texts are written, where no row settles it (`files.dates.parse_dates`).

    Raises
    ------
    SpecError : a column is missing or holds something else; a security is missing, or has a day twice (the first few
        are named); a level is not positive; the panel would not fit into memory.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-27"])
    >>> rows = pd.DataFrame({"security": ["A", "A", "B"], "date": days, "return": [0.01, 0.02, -0.01]})
    >>> panel_from_long(rows).returns
    array([[ 0.01,  0.02],
           [  nan, -0.01]])
    """
    choice("kind", kind, get_args(ReturnKind))
    if dayfirst is not None:
        flag("dayfirst", dayfirst)
    column = price or value
    held = list(table.column_names if hasattr(table, "column_names") else table.columns)
    if absent := [name for name in (security, date, column) if name not in held]:
        raise SpecError(
            f"the table lacks the column {', '.join(absent)}; it has {listed([*map(str, held)])}. Name yours, as in "
            "security='permno'"
        )
    if len(table) == 0:
        raise SpecError("the table has no rows")
    rows, tickers = securities_of(table[security], security)
    days, sessions = sessions_of(table[date], date, DateOrder(dayfirst, date_format))
    check_memory(len(tickers), len(sessions), "the panel")
    names = tickers, sessions
    values = panel_values(table[column], column, rows, days, names)
    panel = ReturnPanel(values, tickers, sessions, kind, order_of(rows, days, names)).without_stray()
    if price is None:
        return panel
    return replace(panel, returns=_returns(panel.returns, kind, tickers, panel.sessions))


def _returns(level: FloatArray, kind: ReturnKind, tickers: tuple[str, ...], sessions: pd.DatetimeIndex) -> FloatArray:
    """Returns between adjacent sessions, in the place of the levels."""
    bad = (level <= 0) | np.isinf(level)
    if bad.any():
        series = np.flatnonzero(bad.any(axis=1))
        shown = ", ".join(
            f"{tickers[s]} ({level[s, t]:g} on {sessions[t].date()})"
            for s in series[:_SHOWN]
            for t in [int(np.argmax(bad[s]))]
        )
        more = f" and {len(series) - _SHOWN} more" if len(series) > _SHOWN else ""
        raise SpecError(
            f"{len(series)} of {len(tickers)} securities have levels that are not positive ({bad.sum()} in all): "
            f"{shown}{more}. No return can be formed from these; correct or leave out the rows"
        )
    for row in level:  # one security at a time: no second panel
        row[1:] = row[1:] / row[:-1] - 1.0 if kind == "simple" else np.diff(np.log(row))
        row[0] = np.nan
    return level


# ------------------------------------------------------------------------------------------------------------- memory
def check_memory(securities: int, sessions: int, what: str) -> None:
    """SpecError, with the size and the way out, where S x D float64 are more than the memory there is."""
    size, free = 9 * securities * sessions, available_memory()  # a byte a cell more marks which are taken
    if free is None or size <= free:
        return
    raise SpecError(
        f"{what} of {securities:,} securities x {sessions:,} sessions takes {size / 1e9:,.1f} GB and "
        f"{free / 1e9:,.1f} GB are free. Put the rows into a Parquet file, "
        "let stream.stream_panel make a memory map of it on disk, and run that with backend='dask'"
    )
