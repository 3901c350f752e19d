"""Market value lost by every company of a universe on every day of a long table of closes.

The change of a day is (close - close before) x the share count in force: the last verified cover-page count dated on
or before the day, else the last quarterly one, at most half a year old, on today's share basis. Days on which no count
was in force are left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from eventstudy.claims.measure import day_text
from eventstudy.claims.shares import HALF_A_YEAR, Count, counts_near
from eventstudy.datatypes import FloatArray
from eventstudy.errors import MissingPriceError
from eventstudy.results import Reference, StudyResult


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """``values`` (date, ticker): change of market value, negative for a loss, NaN without a count in force; ``loose``
    the same with the nearest count of any date, wherever the company has one at all."""

    values: pd.DataFrame
    loose: pd.DataFrame
    closes: pd.DataFrame
    tickers: tuple[str, ...]

    def covered(self, last: pd.Timestamp) -> tuple[int, int]:
        """Company-days up to `last` with a change, and those with a price move."""
        until = self.values.loc[:last]
        return int(until.notna().to_numpy().sum()), int(self.closes.diff().loc[:last].notna().to_numpy().sum())

    def ranked(self, last: pd.Timestamp, sign: int) -> pd.Series[float]:
        """Sizes in the direction `sign`, largest first, up to and with the day `last`; indexed (date, ticker)."""
        return _sorted(sign * self.values.loc[:last])

    def uncounted(self, last: pd.Timestamp, sign: int) -> pd.Series[float]:
        """The same for the company-days without a count in force, each with the nearest count of any date."""
        return _sorted(sign * self.loose.where(self.values.isna()).loc[:last])


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
    published = {t: _counts(reference, t) for t in tickers}
    counts = {t: _in_force(rows, closes.index) for t, rows in published.items()}
    nearest = {t: _nearest(rows, closes.index) for t, rows in published.items()}
    moved = closes.diff()
    values = moved * pd.DataFrame(counts, index=closes.index)
    return Changes(values, moved * pd.DataFrame(nearest, index=closes.index), closes, tickers)


def _sorted(frame: pd.DataFrame) -> pd.Series[float]:
    """(date, ticker) -> size, largest first, what is missing left out; ties stay in the order of dates."""
    at, column = np.nonzero(frame.notna().to_numpy())
    index = pd.MultiIndex.from_arrays([frame.index[at], frame.columns[column]], names=["date", "ticker"])
    sizes = pd.Series(frame.to_numpy(dtype=np.float64)[at, column], index=index)
    return sizes.sort_values(ascending=False, kind="stable")


def _in_force(rows: pd.DataFrame, days: pd.Index) -> FloatArray:
    """(D,) the share count in force on each day, NaN where there is none."""
    cover = rows["cover"].to_numpy()
    first, second = _last_known(rows[cover], days), _last_known(rows[~cover], days)
    return np.where(np.isnan(first), second, first)


def _counts(reference: Reference, ticker: str) -> pd.DataFrame:
    """Verified counts of a company on today's share basis: ``as_of``, ``count``, ``cover``; by date."""
    rows = reference.shares[reference.shares["ticker"] == ticker].dropna(subset=["shares"])
    rows = rows[~rows["measure"].str.endswith("unverified").to_numpy(dtype=bool)].sort_values("as_of", kind="stable")
    adjusted = rows["measure"].str.contains("split_adjusted").to_numpy(dtype=bool)
    dates = pd.DatetimeIndex(rows["as_of"])
    splits = reference.splits[reference.splits["ticker"] == ticker]
    later = pd.DatetimeIndex(splits["date"]).to_numpy()[None, :] > dates.to_numpy()[:, None]
    ratios = np.where(later, splits["ratio"].to_numpy(dtype=np.float64)[None, :], 1.0).prod(axis=1)
    count = rows["shares"].to_numpy(dtype=np.float64) * np.where(adjusted, 1.0, ratios)
    cover = rows["measure"].str.startswith("cover_page").to_numpy(dtype=bool)
    return pd.DataFrame({"as_of": dates, "count": count, "cover": cover})


def _last_known(rows: pd.DataFrame, days: pd.Index) -> FloatArray:
    """(D,) the last count dated on or before each day and at most half a year old, NaN where there is none."""
    out: FloatArray = np.full(len(days), np.nan)
    dates, count, wanted = pd.DatetimeIndex(rows["as_of"]), rows["count"].to_numpy(), pd.DatetimeIndex(days)
    at = dates.searchsorted(wanted, side="right") - 1
    known = at >= 0
    fresh = np.zeros(len(days), dtype=bool)
    fresh[known] = (wanted[known] - dates[at[known]]) <= HALF_A_YEAR
    out[fresh] = count[at[fresh]]
    return out


def _nearest(rows: pd.DataFrame, days: pd.Index) -> FloatArray:
    """(D,) the count dated nearest to each day, NaN where the company has none at all."""
    if rows.empty:
        return np.full(len(days), np.nan)
    dates = pd.DatetimeIndex(rows["as_of"]).as_unit("ns").asi8
    wanted = pd.DatetimeIndex(days).as_unit("ns").asi8
    right = np.clip(np.searchsorted(dates, wanted), 0, len(dates) - 1)
    left = np.clip(right - 1, 0, None)
    nearer = np.where(np.abs(dates[right] - wanted) < np.abs(wanted - dates[left]), right, left)
    count: FloatArray = rows["count"].to_numpy(dtype=np.float64)
    return count[nearer]


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
    others = sizes.drop(index=own, errors="ignore")
    return 1 + int((others > size).sum())
