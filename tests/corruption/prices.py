"""The two sets of real prices, and a table of them that a defect may write into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PricePanel
from eventstudy.prices import load_panel
from eventstudy.prices.frames import from_frame
from eventstudy.prices.snapshot import read_sessions

COMPANIES = Path(__file__).parents[1] / "data" / "companies-2018-2022.csv.gz"
OUTSIDE = 6
"""Securities kept out of each set: their prices stand for those of a security that the file does not hold."""


@dataclass(frozen=True, eq=False, slots=True)
class Prices:
    """A set of real prices: its panel, and the securities whose prices are spoilt (those with the whole history).

    ``outside`` and ``outside_volume`` (D, k) adjusted closes and volume that are not in the panel; ``benchmark`` the
    column of the broad index;
    ``bases`` on which a defect can stand: a set of adjusted closes alone has one; ``together`` the number of
    securities that are spoilt at once, few enough to leave the others as they are.
    """

    name: str
    panel: PricePanel
    shares: tuple[int, ...]
    outside: np.ndarray
    outside_volume: np.ndarray
    benchmark: int
    bases: tuple[str, ...]
    together: int

    def spoilt_on(self, basis: str) -> list[int]:
        """Securities whose basis can be spoilt: those that have both, where one is spoilt alone."""
        if basis == "both":
            return list(self.shares)
        known = self.panel.close.notna().all() & self.panel.adj_close.notna().all()
        return [i for i in self.shares if known.iloc[i]]


@dataclass(slots=True)
class Table:
    """Arrays (D, S) of one trial's prices, to be written into, and splits that the source gives."""

    close: np.ndarray
    adj_close: np.ndarray
    volume: np.ndarray
    outside: np.ndarray
    outside_volume: np.ndarray
    splits: dict[int, tuple[int, float]] = field(default_factory=dict)

    def of(self, basis: str) -> list[np.ndarray]:
        """The arrays of a basis: close, adj_close or both."""
        return [self.close, self.adj_close] if basis == "both" else [getattr(self, basis)]


def table(prices: Prices) -> Table:
    """A fresh copy of a set's prices."""
    panel = prices.panel
    return Table(
        *(f.to_numpy().copy() for f in (panel.close, panel.adj_close, panel.volume)),
        prices.outside,
        prices.outside_volume,
    )


def spoilt(prices: Prices, written: Table) -> PricePanel:
    """The panel with the prices of a table."""
    panel = prices.panel
    actions = dict(panel.actions)
    for column, (row, ratio) in written.splits.items():
        day = panel.close.index[[row]]
        actions[panel.tickers[column]] = pd.DataFrame({"dividend": [0.0], "split": [ratio]}, index=day)

    def frame(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=panel.close.index, columns=panel.close.columns)

    return replace(
        panel,
        close=frame(written.close),
        adj_close=frame(written.adj_close),
        volume=frame(written.volume),
        actions=actions,
    )


@cache
def bundled_prices() -> Prices:
    """The securities and indices of New York in the bundled snapshot, 2023 to 2025: both bases and volume."""
    folder = bundled("deepseek")
    rows = pd.read_csv(folder / "prices.csv", parse_dates=["date"])
    american = ~rows["ticker"].str.contains(".", regex=False) & ~rows["ticker"].isin(("^N225", "^STOXX50E", "^TWII"))
    return _prices("bundled", rows[american], read_sessions(folder), "^IXIC", ("both", "close", "adj_close"), 5)


@cache
def company_prices() -> Prices:
    """Twenty large companies and the S&P 500, 2018 to 2022: adjusted closes, no volume."""
    wide = pd.read_csv(COMPANIES, index_col="date", parse_dates=True)
    rows = wide.melt(ignore_index=False, var_name="ticker", value_name="close").reset_index()
    return _prices("companies", rows, None, "^GSPC", ("both",), 3)


SETS: dict[str, Callable[[], Prices]] = {"bundled": bundled_prices, "companies": company_prices}


def _prices(name: str, rows: pd.DataFrame, sessions: object, benchmark: str, bases: tuple[str, ...], n: int) -> Prices:
    days = rows["date"].nunique()
    whole = [t for t, mine in rows.groupby("ticker")["date"] if len(mine) == days and not str(t).startswith("^")]
    apart = whole[:: len(whole) // OUTSIDE][:OUTSIDE]
    price = "adj_close" if "adj_close" in rows else "close"
    others = rows[rows["ticker"].isin(apart)]
    outside = others.pivot(index="date", columns="ticker", values=price).to_numpy()
    volume = (
        others.pivot(index="date", columns="ticker", values="volume").to_numpy()
        if "volume" in others
        else outside * np.nan
    )
    panel = load_panel(from_frame(rows[~rows["ticker"].isin(apart)]), {}, sessions)[0]  # type: ignore[arg-type]
    shares = tuple(i for i, t in enumerate(panel.tickers) if t in whole)
    return Prices(name, panel, shares, outside, volume, panel.tickers.index(benchmark), bases, n)
