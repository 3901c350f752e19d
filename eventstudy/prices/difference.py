"""How two snapshots differ: which series and days one of them lacks, and which returns are not the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from eventstudy.objects.prices import Basis, RawPrices

SAME = 1e-6
"""Absolute difference of two returns up to which they are the same: sources round prices to single precision."""
What = Literal["only in the first", "only in the second", "returns differ", "days differ"]


@dataclass(frozen=True, slots=True)
class SeriesDifference:
    """How one series differs on one basis.

    ``first_only`` and ``second_only`` count the days with a price in one snapshot alone; ``returns`` of ``compared``
    simple returns differ by more than `SAME`, most on ``day``: ``first`` and ``second``, decimals.
    """

    ticker: str
    basis: Basis
    what: What
    first_only: int
    second_only: int
    compared: int
    returns: int
    day: dt.date | None = None
    first: float | None = None
    second: float | None = None


def differences(first: RawPrices, second: RawPrices) -> list[SeriesDifference]:
    """Each series and basis that differs, by ticker; none where both snapshots give the same returns on the same days.

    Prices that differ by a factor, as after a split, give the same returns and are the same here.
    """
    return [found for basis in get_args(Basis) for found in _of_basis(first, second, basis)]


def _of_basis(first: RawPrices, second: RawPrices, basis: Basis) -> Iterator[SeriesDifference]:
    ours, theirs = _series(first, basis), _series(second, basis)
    nothing = pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
    for ticker in sorted({*ours, *theirs}):
        a, b = ours.get(ticker, nothing), theirs.get(ticker, nothing)
        first_only, second_only = len(a.index.difference(b.index)), len(b.index.difference(a.index))
        if a.empty or b.empty:
            what: What = "only in the second" if a.empty else "only in the first"
            yield SeriesDifference(ticker, basis, what, first_only, second_only, 0, 0)
            continue
        both = pd.concat(
            [a.pct_change(fill_method=None), b.pct_change(fill_method=None)], axis=1, join="inner"
        ).dropna()
        gap = (both.iloc[:, 0] - both.iloc[:, 1]).abs().to_numpy()
        count = int((gap > SAME).sum())
        if not count and not first_only and not second_only:
            continue
        if not count:
            yield SeriesDifference(ticker, basis, "days differ", first_only, second_only, len(both), 0)
            continue
        at = int(np.argmax(gap))
        left, right = (float(value) for value in both.iloc[at])
        day = both.index[at].date()
        yield SeriesDifference(
            ticker, basis, "returns differ", first_only, second_only, len(both), count, day, left, right
        )


def _series(raw: RawPrices, basis: Basis) -> dict[str, pd.Series[float]]:
    """Ticker -> prices on one basis by day; a day given twice counts once."""
    rows = raw.frame.dropna(subset=[basis]).drop_duplicates(["ticker", "date"]).sort_values("date")
    return {str(ticker): own.set_index("date")[basis] for ticker, own in rows.groupby("ticker", sort=True)}
