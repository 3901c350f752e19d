"""Rows of prices, one a security and day: made from wide tables, and cut to what a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, listed
from eventstudy.objects.prices import PriceQuery

COLUMNS = ("ticker", "date", "close", "adj_close", "volume")
BETWEEN = ("open", "high", "low")
"""Columns that a source may have beside them: prices within the session, adjusted as ``close`` is."""
ACTIONS = ("dividend", "split")
"""Columns of the dividends and splits of a series; see `objects.prices.RawPrices`."""


def long_rows(table: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS`, in order, of a table with some of them; what is not there is NaN. `BETWEEN` and `ACTIONS` if there."""
    missing = {c: np.nan for c in COLUMNS if c not in table.columns}
    columns = [*COLUMNS, *within(table), *(c for c in ACTIONS if c in table.columns)]
    rows = table.assign(**missing)[columns]
    return rows.astype(dict.fromkeys(columns[2:], "float64"))


def within(table: pd.DataFrame) -> list[str]:
    """Those of `BETWEEN` that a table has.

    Examples
    --------
    >>> within(pd.DataFrame({"ticker": ["A"], "low": [1.0]}))
    ['low']
    """
    return [c for c in BETWEEN if c in table.columns]


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
            raise MissingPriceError(f"{where} has no prices of {listed(absent, 12)}; it holds {listed(sorted(held))}")
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
