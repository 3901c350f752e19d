"""Rows of prices on their way in: the columns they have, under the names people give them, and their dates."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.objects.prices import PriceQuery

COLUMNS = ("ticker", "date", "close", "adj_close", "volume")
_NAMES: Mapping[str, str] = {
    "date": "date",
    "datetime": "date",
    "ticker": "ticker",
    "symbol": "ticker",
    "close": "close",
    "adjclose": "adj_close",
    "adjustedclose": "adj_close",
    "volume": "volume",
}
_IGNORED = frozenset({"open", "high", "low", "dividends", "stocksplits", "capitalgains", "repaired"})
"""Columns a download of daily bars has beside the ones used; known, so not an error."""
_UNNAMED = re.compile(r"(Unnamed: 0)?")
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


def column_of(name: Hashable) -> str | None:
    """Our name for a column, ``""`` for one that is known and not used, None for an unknown one.

    Examples
    --------
    >>> [column_of(c) for c in ("Symbol", "Adj Close", "ADJ_CLOSE", "High", "pe_ratio")]
    ['ticker', 'adj_close', 'adj_close', '', None]
    """
    plain = re.sub(r"[\s_.\-]", "", str(name)).lower()
    return "" if plain in _IGNORED else _NAMES.get(plain)


def is_long(columns: Sequence[Hashable]) -> bool:
    """Whether rows with these columns name their ticker in one of them."""
    return any(column_of(c) == "ticker" for c in columns)


def long_names(columns: Sequence[Hashable], where: str) -> dict[Hashable, str]:
    """Given column -> our name, of a long table; those not used are left out.

    Raises
    ------
    SpecError : an unknown or repeated column, no date, or no price.
    """
    named = {c: column_of(c) for c in columns}
    if columns and _UNNAMED.fullmatch(str(columns[0])):
        # A frame's index written without a name: the dates, or else row numbers.
        named[columns[0]] = "" if "date" in named.values() else "date"
    unknown = [str(c) for c, ours in named.items() if ours is None]
    if unknown:
        raise SpecError(
            f"{where} has columns that are not known: {', '.join(unknown)}; a long table has ticker, date, close "
            "and, where known, adj_close and volume. Remove or rename them"
        )
    used = {c: ours for c, ours in named.items() if ours}
    ours = list(used.values())
    repeated = sorted({n for n in ours if ours.count(n) > 1})
    if repeated or len(set(columns)) < len(columns):
        raise SpecError(f"{where} has more than one column for {', '.join(repeated) or 'one name'}; keep one")
    if "date" not in ours or not {"close", "adj_close"} & set(ours):
        raise SpecError(
            f"{where} needs the columns date and close (or adj_close), found {', '.join(map(str, columns))}"
        )
    return used


def refuse_bars(columns: Sequence[Hashable], where: str) -> None:
    """One security's daily bars look like a wide table of tickers called Open, High, Low, Close: refuse them.

    Raises
    ------
    SpecError : every column is a kind of price or volume, and none names the security.
    """
    kinds = [column_of(c) for c in columns]
    if columns and all(k is not None for k in kinds) and "close" in kinds:
        raise SpecError(
            f"{where} holds the bars of one security without its name ({', '.join(map(str, columns))}); "
            "add a column 'ticker', or call the column of closes by the ticker and drop the others"
        )


def long_rows(table: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS`, in order, of a table with some of them; what is not there is NaN."""
    missing = {c: np.nan for c in COLUMNS if c not in table.columns}
    rows = table.assign(**missing)[list(COLUMNS)]
    return rows.astype(dict.fromkeys(COLUMNS[2:], "float64"))


def melt(dates: pd.DatetimeIndex, tickers: Sequence[str], **values: np.ndarray) -> pd.DataFrame:
    """Wide (D, S) arrays of closes, adjusted closes, volumes -> rows; a basis that is not given is NaN."""
    rows = pd.DataFrame(
        {
            "ticker": np.tile(np.array(tickers, dtype=object), len(dates)),
            "date": dates.repeat(len(tickers)),
            **{name: np.asarray(array, dtype=np.float64).ravel() for name, array in values.items()},
        }
    )
    return long_rows(rows)


def asked(frame: pd.DataFrame, query: PriceQuery, where: object) -> pd.DataFrame:
    """The tickers and days a query asks for; no tickers means all there are.

    Raises
    ------
    MissingPriceError : a ticker is not there, with those that are; or no day between the first and the last.
    """
    if query.tickers:
        held = set(frame["ticker"].unique())
        absent = [t for t in query.tickers if t not in held]
        if absent:
            raise MissingPriceError(f"{where} has no prices of {', '.join(absent)}; it holds {', '.join(sorted(held))}")
        if held - set(query.tickers):
            frame = frame[frame["ticker"].isin(query.tickers)]
    if query.start is not None:
        frame = frame[frame["date"] >= _like(query.start, frame)]
    if query.end is not None:
        frame = frame[frame["date"] < _like(query.end, frame) + pd.Timedelta(days=1)]
    if frame.empty:
        raise MissingPriceError(f"{where} has no prices between {query.start} and {query.end}")
    return frame.reset_index(drop=True)


def _like(day: Any, frame: pd.DataFrame) -> pd.Timestamp:
    return pd.Timestamp(day).tz_localize(frame["date"].dt.tz)


def parse_dates(texts: np.ndarray) -> tuple[pd.DatetimeIndex, int | None]:
    """ISO dates or moments as text -> stamps, and the position of the first that is none (None if all are).

    A day is ``2025-01-27`` or ``20250127``; a moment may carry an offset. Where all are midnight by their own clock
    they are labels of days and lose the offset (which changes twice a year); otherwise they come back in UTC.
    ``01/02/2025`` is refused: it is one day in London and another in New York.
    """
    codes, unique = pd.factorize(np.array([str(t).strip() for t in texts], dtype=object))
    wall = [_OFFSET.sub("", t) if len(t) > 10 else t for t in unique]
    wall = [f"{t[:4]}-{t[4:6]}-{t[6:]}" if re.fullmatch(r"\d{8}", t) else t for t in wall]
    iso = [t if re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?", t) else None for t in wall]
    local = pd.DatetimeIndex(pd.to_datetime(pd.Series(iso, dtype=object), format="ISO8601", errors="coerce")).as_unit(
        "ns"
    )
    bad = np.flatnonzero(np.asarray(local.isna())[codes])
    if len(bad):
        return local, int(bad[0])
    if (local == local.normalize()).all() or wall == list(unique):
        return local.take(codes), None
    moments = pd.to_datetime(pd.Series(unique, dtype=object), format="ISO8601", utc=True, errors="coerce")
    return pd.DatetimeIndex(moments).as_unit("ns").take(codes), None
