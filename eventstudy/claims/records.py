"""Market value lost by every company of a universe on every day of a long table of closes.

The change of a day is (close - close before) x the share count in force on it: the last verified cover-page count
dated on or before the day, else the last quarterly one, at most half a year old, on today's share basis. Days on which
no count was in force are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.claims.measure import day_text
from eventstudy.claims.shares import HALF_A_YEAR, Count, counts_near, split_ratio
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.rarity import further
from eventstudy.objects.results import Reference, StudyResult


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """``values`` (date, ticker): change of market value, negative for a loss, NaN without a count in force; ``loose``
    the same with the nearest count of any date, wherever the company has one at all; ``counts`` those in force."""

    values: pd.DataFrame
    loose: pd.DataFrame
    closes: pd.DataFrame
    counts: pd.DataFrame
    tickers: tuple[str, ...]

    def covered(self, last: pd.Timestamp) -> tuple[int, int]:
        """Company-days up to `last` with a change, and those with a price move."""
        until = self.values.loc[:last]
        return int(until.notna().to_numpy().sum()), int(self.closes.diff().loc[:last].notna().to_numpy().sum())

    def ranked(self, last: pd.Timestamp, sign: int) -> pd.Series[float]:
        """Sizes in the direction `sign`, largest first, up to and with the day `last`; indexed (date, ticker)."""
        return _ranked(self, last, sign)

    def worth(self, last: pd.Timestamp) -> Mapping[str, float]:
        """The largest market value of each company up to the close before a day, with the counts in force."""
        before = self.closes.index < last
        most = (self.closes * self.counts).loc[before].max()
        return {str(ticker): float(value) for ticker, value in most.items()}

    def uncounted(self, last: pd.Timestamp, sign: int) -> pd.Series[float]:
        """The same for the company-days without a count in force, each with the nearest count of any date."""
        return _uncounted(self, last, sign)


@dataclass(frozen=True, slots=True)
class Loss:
    """One company-day: size in the claimed direction with the closes and counts it is made of."""

    ticker: str
    day: pd.Timestamp
    previous: pd.Timestamp
    before: float
    after: float
    counts: tuple[Count, ...]
    sign: int

    @property
    def size(self) -> float:
        """With the headline count."""
        return self.sign * (self.after - self.before) * self.counts[0].shares

    def spread(self) -> tuple[float, float]:
        """Smallest and largest size over all counts near the day."""
        sizes = [self.sign * (self.after - self.before) * c.shares for c in self.counts]
        return min(sizes), max(sizes)


def changes(result: StudyResult, universe: Sequence[str] | None) -> Changes:
    """The table for `universe`, all companies of the long table of closes by default.

    Raises
    ------
    MissingPriceError : the study has no such table, no share counts, or not one of the companies asked for.
    """
    reference = result.reference
    if reference.megacaps.empty or reference.shares.empty:
        raise MissingPriceError(
            "long histories of the closes (megacap_closes.csv) and share counts (shares_outstanding.csv) of the "
            "largest companies would decide; the study holds none"
        )
    tickers = tuple(universe or reference.megacaps.columns)
    absent = [t for t in tickers if t not in reference.megacaps.columns]
    if absent:
        raise MissingPriceError(f"the long history of the closes of {', '.join(absent)} would decide")
    return _table(reference, tickers)


@lru_cache(maxsize=1)
def _table(reference: Reference, tickers: tuple[str, ...]) -> Changes:
    """The table itself; several claims of a study ask for the same one (a Reference is compared by identity)."""
    closes = reference.megacaps[list(tickers)]
    days = closes.index.to_numpy(dtype="datetime64[ns]")
    published = {t: _counts(reference, t) for t in tickers}
    counts = {t: _in_force(rows, days) for t, rows in published.items()}
    nearest = {t: _nearest(rows, days) for t, rows in published.items()}
    moved = closes.diff()
    in_force = pd.DataFrame(counts, index=closes.index)
    return Changes(moved * in_force, moved * pd.DataFrame(nearest, index=closes.index), closes, in_force, tickers)


@lru_cache(maxsize=8)  # several claims of a study ask for the same one
def _ranked(changes: Changes, last: pd.Timestamp, sign: int) -> pd.Series[float]:
    return _sorted(sign * changes.values.loc[:last])


@lru_cache(maxsize=8)
def _uncounted(changes: Changes, last: pd.Timestamp, sign: int) -> pd.Series[float]:
    return _sorted(sign * changes.loose.where(changes.values.isna()).loc[:last])


def _sorted(frame: pd.DataFrame) -> pd.Series[float]:
    """(date, ticker) -> size, largest first, what is missing left out; ties stay in the order of dates."""
    at, column = np.nonzero(frame.notna().to_numpy())
    # The frame's own days and tickers: none has to be found again among 60,000 values.
    levels: Any = [frame.index, frame.columns]
    codes: Any = [at, column]
    index = pd.MultiIndex(levels, codes, names=["date", "ticker"], verify_integrity=False)
    sizes = pd.Series(frame.to_numpy(dtype=np.float64)[at, column], index=index)
    return sizes.sort_values(ascending=False, kind="stable")


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Verified counts of a company on today's share basis by date: ``as_of``, ``count``, ``cover``, all (C,)."""

    as_of: npt.NDArray[np.datetime64]
    count: FloatArray
    cover: BoolArray


def _counts(reference: Reference, ticker: str) -> _Counts:
    rows = [r for r in reference.shares_of.get(ticker, ()) if not str(r["measure"]).endswith("unverified")]
    rows.sort(key=lambda row: row["as_of"])
    ratios = [
        1.0 if "split_adjusted" in row["measure"] else split_ratio(reference, ticker, row["as_of"]) for row in rows
    ]
    return _Counts(
        np.array([row["as_of"].to_datetime64() for row in rows], dtype="datetime64[ns]"),
        np.array([row["shares"] for row in rows], dtype=np.float64) * np.array(ratios, dtype=np.float64),
        np.array([row["measure"].startswith("cover_page") for row in rows], dtype=np.bool_),
    )


def _in_force(counts: _Counts, days: npt.NDArray[np.datetime64]) -> FloatArray:
    """(D,) the share count in force on each day, NaN where there is none."""
    cover = counts.cover
    first, second = (_last_known(counts.as_of[which], counts.count[which], days) for which in (cover, ~cover))
    return np.where(np.isnan(first), second, first)


def _last_known(dates: npt.NDArray[np.datetime64], count: FloatArray, days: npt.NDArray[np.datetime64]) -> FloatArray:
    """(D,) the last count dated on or before each day and at most half a year old, NaN where there is none."""
    if not len(dates):
        return np.full(len(days), np.nan)
    at = np.searchsorted(dates, days, side="right") - 1
    fresh = (at >= 0) & (days - dates[at] <= HALF_A_YEAR.to_timedelta64())
    return np.where(fresh, count[at], np.nan)


def _nearest(counts: _Counts, days: npt.NDArray[np.datetime64]) -> FloatArray:
    """(D,) the count dated nearest to each day, NaN where the company has none at all."""
    dates = counts.as_of
    if not len(dates):
        return np.full(len(days), np.nan)
    right = np.clip(np.searchsorted(dates, days), 0, len(dates) - 1)
    left = np.clip(right - 1, 0, None)
    nearer = np.where(np.abs(dates[right] - days) < np.abs(days - dates[left]), right, left)
    return counts.count[nearer]


def loss_on(result: StudyResult, table: Changes, ticker: str, day: pd.Timestamp, sign: int) -> Loss:
    """One company-day of the table with the counts near it.

    Raises
    ------
    MissingPriceError : the table lacks the company, the day, or the day before it.
    """
    closes = table.closes[ticker].dropna() if ticker in table.tickers else pd.Series(dtype=np.float64)
    if day not in closes.index or closes.index.get_loc(day) == 0:
        raise MissingPriceError(
            f"the close of {ticker} on {day_text(day)} and the one before it would decide; "
            "megacap_closes.csv lacks them"
        )
    at = int(closes.index.searchsorted(day))
    counts = counts_near(result.reference, ticker, day)
    before, after = float(closes.iloc[at - 1]), float(closes.iloc[at])
    return Loss(ticker, day, closes.index[at - 1], before, after, counts, sign)


def rank_among(sizes: pd.Series[float], own: tuple[pd.Timestamp, str], size: float) -> int:
    """1 + number of other company-days that exceed `size`."""
    return 1 + int(further(without(sizes, own), size).sum())


def without(sizes: pd.Series[float], own: tuple[pd.Timestamp, str]) -> pd.Series[float]:
    """The company-days but for one, whether it is in or not; by codes: an index of pairs is slow to search."""
    index: Any = sizes.index  # pairs of a day and a ticker
    day, ticker = (level.get_indexer([value])[0] for level, value in zip(index.levels, own, strict=True))
    others: pd.Series[float] = sizes[(np.asarray(index.codes[0]) != day) | (np.asarray(index.codes[1]) != ticker)]
    return others
