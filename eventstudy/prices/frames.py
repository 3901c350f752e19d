"""A user's table of prices or returns, wherever it was read, to rows: wide, long, two levels of columns, or bars.

Wide: the first column is the date, each other one a security. Long: ``ticker, date, close`` and, where known,
``adj_close`` and ``volume``, or ``return``. Two levels: field and ticker, in either order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError, listed
from eventstudy.files.dates import parse_dates, whole_days
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PriceFile, Provenance, RawPrices
from eventstudy.prices.acted import parted, read_actions
from eventstudy.prices.columns import (
    BY_NAME,
    action_of,
    column_of,
    is_bars,
    is_long,
    is_turnover,
    long_names,
    named,
    refuse_bars,
)
from eventstudy.prices.currencies import currencies, currency_codes
from eventstudy.prices.numbers import to_numbers
from eventstudy.prices.rows import BETWEEN, COLUMNS, long_rows, melt

Rows = tuple[pd.DataFrame, tuple[Issue, ...]]
ASSUMED = Issue(
    "basis_assumed",
    "info",
    "one price a day and series: taken as closes adjusted for splits; give a long file with close and adj_close if "
    "that is not so",
)
_CODES = (-66.0, -77.0, -88.0, -99.0, -99.99, -999.0)
"""How research databases write a missing return; letters say the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a table stands, for its errors: ``where`` in words, ``file``, and (R,) ``lines`` of its rows, if any."""

    where: str
    file: Path | None = None
    lines: np.ndarray | None = None

    def refuse(self, row: int | None, words: str) -> NoReturn:
        """Raise for a row of the table, or for its header."""
        if self.lines is None:
            raise SpecError(f"{self.where}{'' if row is None else f', row {row}'}: {words}", file=self.file)
        raise SpecError(words, file=self.file, line=1 if row is None else int(self.lines[row]))

    def dates(self, column: Any, how: PriceFile) -> pd.DatetimeIndex:
        """A column as dates; see `files.dates.parse_dates`."""
        lines = self.lines
        return parse_dates(
            column,
            dayfirst=how.dayfirst,
            date_format=how.date_format,
            where="the dates" if lines is not None else f"{self.where}, the dates",
            file=self.file,
            line=None if lines is None else lambda at: int(lines[at]),
        )


def from_frame(frame: pd.DataFrame, source: str = "frame", how: PriceFile | None = None) -> RawPrices:
    """Prices, or returns, in a data frame of the user's.

    Parameters
    ----------
    frame : wide (dates in the index or in a column ``date``, tickers as columns: prices are taken as closes), long
        (columns ``ticker``, ``date``, ``close`` ...), or with two levels of columns, field and ticker in either order.
        Dates with a time zone and without, in any unit. The frame is not changed.
    source : what to call it where prices are shown. how : what is stated of its columns and dates.

    Raises
    ------
    SpecError : no dates, unknown columns, or values that are not numbers. MissingPriceError : an empty frame.
    """
    if not isinstance(frame, pd.DataFrame):
        raise SpecError(f"prices have to be a DataFrame, got {type(frame).__name__}")
    if frame.empty:
        raise MissingPriceError(f"{source} is empty: no prices")
    how = how or PriceFile()
    rows, issues = rows_of(with_dates(frame), Place(source), how)
    return raw_of(rows, Provenance("files", source), issues, how)


def raw_of(rows: pd.DataFrame, provenance: Provenance, issues: tuple[Issue, ...], how: PriceFile) -> RawPrices:
    """What `rows_of` has read, with the dividends, splits and currencies apart from the prices."""
    plain, actions, said = parted(rows)
    currency, unlike = currencies(rows)
    issues = (*issues, *said, *unlike)
    return RawPrices(plain, provenance, currency=currency, issues=issues, returns=how.returns, actions=actions)


def with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its dates as the first column, where its index holds them."""
    index = frame.index
    dated = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.MultiIndex)
    dated = dated or index.dtype == object or pd.api.types.is_string_dtype(index.dtype)
    if frame.columns.nlevels > 1:
        return frame if dated else _dates_to_index(frame)
    if (index.name is not None and column_of(index.name) == "date") or _days_as_numbers(index):
        dated = True
    if not dated or (index.name is None and "date" in map(column_of, frame.columns)):
        return frame.reset_index(drop=True)
    named_index = index if any(index.names) else index.rename("date")
    return frame.copy().set_axis(named_index, axis=0).reset_index()  # a copy is in one block


def _days_as_numbers(index: pd.Index[Any]) -> bool:
    """Whether an index holds days such as 20250127, which are not to be taken for the numbers of rows."""
    return bool(pd.api.types.is_integer_dtype(index.dtype) and len(index) and index.min() >= 18000101)


def _dates_to_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Two levels of columns, the dates in one of them, as after ``reset_index``."""
    found = [c for c in frame.columns if "date" in map(column_of, c)]
    if not found:
        raise SpecError("a frame with two levels of columns needs its dates in the index")
    return frame.set_index(found[0])


def rows_of(table: pd.DataFrame, place: Place, how: PriceFile) -> Rows:
    """Rows of a table with its dates in a column, or, with two levels of columns, in the index.

    Raises
    ------
    SpecError : no dates, unknown columns, a cell that is not a date or number; with file and line where it has any.
    """
    if table.columns.nlevels > 1:
        return _two_level(table, place, how)
    if not table.columns.is_unique:
        twice = [str(c) for c in table.columns[table.columns.duplicated()].unique()[:5]]
        place.refuse(None, f"more than one column is called {listed(twice, 12)}; keep one")
    names = _at_header(place, named, list(table.columns), place.where, how)
    if is_long(names):
        return _long(table, names, place, how)
    if is_bars(names):
        if how.name is None:
            _at_header(place, refuse_bars, names, place.where)
        return _long(table.assign(**{BY_NAME: how.name}), {BY_NAME: "ticker", **names}, place, how)
    if how.name is not None and "close" in names.values():
        unknown = [str(column) for column, ours in names.items() if ours is None]
        place.refuse(
            None,
            f"the bars of {how.name} have columns that are not known: {listed(unknown, 12)}; remove them, or state the "
            f"one of prices, as in prices: {{file: folder, columns: {{close: {_close(names)}}}}}",
        )
    return _wide(table, names, place, how)


def _close(names: Mapping[Hashable, str | None]) -> str:
    return next(str(column) for column, ours in names.items() if ours == "close")


def _at_header(place: Place, run: Any, *given: Any) -> Any:
    """Run a check of a header, with the file and its first line in the error."""
    try:
        return run(*given)
    except SpecError as error:
        if place.file is None:
            raise
        raise SpecError(str(error), file=place.file, line=None if place.lines is None else 1) from None


def text_columns(labels: Sequence[Hashable], where: str, how: PriceFile) -> list[int]:
    """Positions of the columns that are read as text: dates, names, and returns, which may hold letters for missing."""
    names = named(labels, where, how)
    if not is_long(names) and not is_bars(names):
        return [_date_position(names)]
    number = (*COLUMNS[2:], *BETWEEN, "index")
    return [i for i, ours in enumerate(names.values()) if ours not in number]


def _date_position(names: Mapping[Hashable, str | None]) -> int:
    """The column of dates of a wide table: the first, or the one that is called so (a security may be called DAY)."""
    kinds = list(names.values())
    return 0 if kinds[0] == "date" or "date" not in kinds else kinds.index("date")


# ---------------------------------------------------------------------------------------------------------------- wide
def _wide(table: pd.DataFrame, names: Mapping[Hashable, str | None], place: Place, how: PriceFile) -> Rows:
    at = _date_position(names)
    first = table.iloc[:, at]
    if pd.api.types.is_numeric_dtype(first.dtype) and column_of(table.columns[at]) != "date" and how.date is None:
        found = ", ".join(map(str, table.columns[:8]))
        place.refuse(None, f"no dates: give them as the index or as first column 'date'; found {found}")
    others = table.drop(columns=table.columns[at])
    if others.shape[1] == 0:
        place.refuse(None, "no column beside the dates")
    dates = _days(place.dates(first, how), place)
    values, issues = _returns(others, place, how) if how.returns else (_numbers(others, place, how.decimal), (ASSUMED,))
    return melt(dates, [str(c) for c in others.columns], close=values), issues


def _days(stamps: pd.DatetimeIndex, place: Place) -> pd.DatetimeIndex:
    """Refuse minute bars; stamps with a zone keep it, since the exchange decides which day they mean."""
    whole_days(stamps, place.where)
    return stamps


def _two_level(table: pd.DataFrame, place: Place, how: PriceFile) -> Rows:
    """Columns (field, ticker) or (ticker, field), as downloads of several securities have them."""
    levels = [i for i in range(table.columns.nlevels) if "close" in map(column_of, table.columns.unique(i))]
    if table.columns.nlevels != 2 or not levels:
        place.refuse(None, f"{table.columns.nlevels} levels of columns; expected a field (Close) and a ticker")
    ordered = table if levels[0] == 0 else table.swaplevel(axis=1)
    tickers = list(ordered.columns.unique(1))
    values: dict[str, np.ndarray] = {}
    actions = []
    for name in ordered.columns.unique(0):
        ours, kind = column_of(name), action_of(name)
        part = pd.DataFrame(ordered[name]).reindex(columns=tickers)
        if ours in (*COLUMNS[2:], *BETWEEN):
            values[ours] = _numbers(part, place, how.decimal)
        elif kind is not None:
            actions.append((name, kind, pd.Series(part.to_numpy(dtype=object).ravel())))
    acted, unread = read_actions(actions, how.decimal)
    dates = _days(place.dates(table.index.to_series().reset_index(drop=True), how), place)
    return melt(dates, [str(t) for t in tickers], **values, **acted), unread


# ---------------------------------------------------------------------------------------------------------------- long
def _long(table: pd.DataFrame, names: Mapping[Hashable, str | None], place: Place, how: PriceFile) -> Rows:
    used = _at_header(place, long_names, names, place.where, how)
    issues: tuple[Issue, ...] = ()
    rows = pd.DataFrame({ours: table[theirs] for theirs, ours in used.items() if ours != "index"})
    numbers = [c for c in rows.columns if c not in ("ticker", "date")]
    dated: dict[str, Any] = {"ticker": _identifiers(rows["ticker"], place), "date": place.dates(rows["date"], how)}
    if how.returns:
        values, issues = _returns(rows[["return"]], place, how)
        rows = pd.DataFrame({**dated, "close": values[:, 0]})
        return long_rows(pd.concat([rows, *_indices(table, used, rows["date"], place, how)])), issues
    values = _numbers(rows[numbers], place, how.decimal)
    rows = rows.assign(**dated)
    for k, ours in enumerate(numbers):
        rows[ours] = values[:, k]
    database = [theirs for theirs, ours in used.items() if ours == "close" and str(theirs).lower().startswith("prc")]
    if database and (negative := int((rows["close"] < 0).sum())):
        rows["close"] = rows["close"].abs()
        text = f"{negative} negative closes in {database[0]}: means of bid and ask, taken by their absolute value"
        issues = (Issue("bid_ask_mean", "info", text),)
    _refuse_moments(rows, place)
    turnover = () if "volume" in used.values() else _turnover_unread(names)
    acted, unread = read_actions(
        [(c, kind, table[c]) for c in names if (kind := action_of(c)) is not None], how.decimal
    )
    money = currency_codes(table, names, dated["ticker"], place.refuse)
    return long_rows(rows.assign(**acted)).assign(**money), issues + unread + turnover


def _turnover_unread(columns: Iterable[Any]) -> tuple[Issue, ...]:
    """Info: a column that may be the volume in shares, or in money, is not read."""
    found = next((str(column) for column in columns if is_turnover(column)), None)
    if found is None:
        return ()
    text = (
        f"column {found!r} is not read: some downloads count shares in it, others money. Where it counts shares, say "
        f"so, as in prices: {{file: p.csv, columns: {{volume: {found}}}}}"
    )
    return (Issue("turnover_not_read", "info", text),)


def _refuse_moments(rows: pd.DataFrame, place: Place) -> None:
    """Minute bars of a long table: several times of one day for one ticker."""
    days = pd.DatetimeIndex(rows["date"]).normalize()
    again = pd.DataFrame({"t": rows["ticker"].to_numpy(), "d": days}).duplicated().to_numpy()
    if again.any() and not (days == pd.DatetimeIndex(rows["date"])).all():
        ticker = rows["ticker"].iloc[int(np.argmax(again))]
        whole_days(pd.DatetimeIndex(rows.loc[rows["ticker"] == ticker, "date"]), f"{place.where}, {ticker},")


def _identifiers(column: pd.Series[Any], place: Place) -> np.ndarray:
    """Names of securities as text: a number without its point, leading zeros of text as they are."""
    codes, distinct = pd.factorize(column)
    blank = [i for i, value in enumerate(distinct) if not str(value).strip()]
    missing = np.flatnonzero((codes < 0) | np.isin(codes, blank))
    if len(missing):
        many = f" ({len(missing)} rows without one)" if len(missing) > 1 else ""
        place.refuse(int(missing[0]), f"a row names no ticker{many}")
    whole = [v for v in distinct if isinstance(v, float | np.floating) and not float(v).is_integer()]
    if whole:
        place.refuse(int(np.argmax(column == whole[0])), f"{whole[0]!r} names no security; a ticker is text")
    texts = [str(int(v)) if isinstance(v, float | np.floating) else str(v).strip() for v in distinct]
    return np.array(texts, dtype=object)[codes]


def _indices(
    table: pd.DataFrame, used: Mapping[Hashable, str], dates: pd.Series[Any], place: Place, how: PriceFile
) -> list[pd.DataFrame]:
    """The market's returns that a research database repeats on each security's rows, as series of their own."""
    found = []
    for column in (theirs for theirs, ours in used.items() if ours == "index"):
        values = _returns(table[[column]], place, how)[0][:, 0]
        rows = pd.DataFrame({"ticker": str(column), "date": dates.to_numpy(), "close": values}).dropna()
        rows = rows.drop_duplicates()
        twice = rows["date"].duplicated().to_numpy()
        if twice.any():
            day = rows["date"].iloc[int(np.argmax(twice))].date()
            place.refuse(None, f"column {column!r} has different values on {day}; the market has one return a day")
        found.append(rows)
    return found


# ------------------------------------------------------------------------------------------------------------- numbers
def _numbers(frame: pd.DataFrame, place: Place, decimal: str | None) -> FloatArray:
    """The columns as (R, C) float64; those that hold text are read together, with one decimal sign."""
    numeric = np.array([pd.api.types.is_numeric_dtype(d) and not pd.api.types.is_bool_dtype(d) for d in frame.dtypes])
    out = np.empty(frame.shape)
    if numeric.any():
        out[:, numeric] = frame.loc[:, numeric].to_numpy(dtype=np.float64, na_value=np.nan)
    if numeric.all():
        return out

    def refuse(row: int, column: int, words: str) -> NoReturn:
        name = frame.columns[np.flatnonzero(~numeric)[column]]
        place.refuse(row, words.replace("is not a number", f"in column {name!r} is not a number", 1))

    text = frame.loc[:, ~numeric]
    counts = [k for k, name in enumerate(text.columns) if name == "volume"]
    out[:, ~numeric], _ = to_numbers(text.to_numpy(dtype=object), refuse, decimal, counts)
    return out


def _returns(frame: pd.DataFrame, place: Place, how: PriceFile) -> tuple[FloatArray, tuple[Issue, ...]]:
    """Returns without what research databases write for a missing one: single letters, and codes such as -99."""
    letters = frame.map(lambda cell: isinstance(cell, str) and len(cell.strip()) == 1 and cell.strip().isalpha())
    masked = frame.mask(letters, other=np.nan) if letters.to_numpy().any() else frame
    values = _numbers(masked, place, how.decimal)
    codes = np.isin(values, _CODES)
    found = [*np.unique(frame.to_numpy(dtype=object)[letters]), *(f"{code:g}" for code in np.unique(values[codes]))]
    if not found:
        return values, ()
    many = int(codes.sum() + letters.to_numpy().sum())
    text = f"{many} returns are codes for a missing one ({', '.join(found)}), and are taken as missing"
    return np.where(codes, np.nan, values), (Issue("missing_codes", "info", text),)
