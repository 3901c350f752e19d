"""Facts beside the prices of a study: share counts, splits, factors, index histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False)  # no slots: the share counts and splits are sorted by company at most once
class Reference:
    """Facts beside the prices of a study. A table that is absent is an empty frame with its columns.

    Parameters
    ----------
    index_history : (date, ticker) closes of indices, over decades.
    megacaps : (date, ticker) split-adjusted closes of large companies.
    shares : share counts, with columns ``ticker``, ``as_of``, ``shares``, ``measure``, ``form``, ``filed``, ``origin``.
    splits : stock splits, with columns ``ticker``, ``date``, ``ratio`` (new shares for one old).
    factors : (date, name) decimal factor returns.
    gdp : gross domestic products, with columns ``iso3``, ``country``, ``gdp_2023_usd``, ``gdp_2024_usd``.
    sources : table name -> its original provider, named wherever its numbers are shown.
    index_values : what an index is worth, with columns ``index``, ``as_of``, ``value_usd_bn``, ``low_usd_bn``,
        ``high_usd_bn``, ``source``.

    Examples
    --------
    >>> import eventstudy as es
    >>> found = es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", tests=["t"]).run()
    >>> len(found.reference.shares_of["NVDA"]) > 0, [float(ratio) for _, ratio in found.reference.splits_of["NVDA"]]
    (True, [4.0, 10.0])
    """

    index_history: pd.DataFrame
    megacaps: pd.DataFrame
    shares: pd.DataFrame
    splits: pd.DataFrame
    factors: pd.DataFrame
    gdp: pd.DataFrame
    sources: Mapping[str, str]
    index_values: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def shares_of(self) -> Mapping[str, Sequence[Mapping[Any, Any]]]:
        """ticker -> its rows of ``shares`` that hold a number, in the order of the table."""
        rows: dict[str, list[Mapping[Any, Any]]] = {}
        for row in self.shares[self.shares["shares"].notna()].to_dict("records"):
            rows.setdefault(str(row["ticker"]), []).append(row)
        return rows

    @cached_property
    def splits_of(self) -> Mapping[str, Sequence[tuple[pd.Timestamp, float]]]:
        """ticker -> (date, new shares for one old) of its splits, in the order of the table."""
        pairs: dict[str, list[tuple[pd.Timestamp, float]]] = {}
        columns = (self.splits[name] for name in ("ticker", "date", "ratio"))
        for ticker, day, ratio in zip(*columns, strict=True):
            pairs.setdefault(str(ticker), []).append((day, float(ratio)))
        return pairs
