"""What an older snapshot holds and a new retrieval does not: kept where it can be, and said.

Prices of two retrievals are adjusted as of two days. A whole series may stand beside newer ones, since a series is only
compared with itself; days of one are joined to a newer series only where both agree on the days that both have.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.objects.prices import Issue, RawPrices

_AGREE = 1e-6
"""Relative difference up to which two retrievals of a price are the same: sources round to single precision."""
_VALUES = ["close", "adj_close"]


def with_older(raw: RawPrices, older: RawPrices) -> RawPrices:
    """`raw` with the series and days that only the older snapshot has.

    Returns
    -------
    RawPrices with the issues ``kept_from_older`` (a series, or days of one, were kept) and ``days_not_kept`` (the two
    retrievals differ on the days that both have, as after a split or a dividend: older days would not fit).
    """
    issues: list[Issue] = []
    parts: list[pd.DataFrame] = [raw.frame]
    since = older.provenance.retrieved or "a day that is not known"
    new = {str(ticker): rows for ticker, rows in raw.frame.groupby("ticker", sort=False)}
    kept: list[str] = []
    joined: dict[str, pd.Series[pd.Timestamp]] = {}
    for name, rows in older.frame.dropna(subset=_VALUES, how="all").groupby("ticker", sort=False):
        ticker = str(name)
        if ticker not in new:
            kept.append(ticker)
            parts.append(rows)
            text = f"not in the new prices: the whole series is that of the older snapshot, retrieved {since}"
            issues.append(Issue("kept_from_older", "warning", text, ticker))
            continue
        only = rows[~rows["date"].isin(new[ticker]["date"])]
        if only.empty:
            continue
        span = f"{len(only)} days from {only['date'].min().date()} to {only['date'].max().date()}"
        if _agree(rows, new[ticker]):
            parts.append(only)
            joined[ticker] = only["date"]
            text = f"{span} are those of the older snapshot, retrieved {since}; where both have prices they agree"
            issues.append(Issue("kept_from_older", "info", text, ticker))
        else:
            text = (
                f"{span} are in the older snapshot alone and do not fit the new prices, which differ from it on days "
                "that both have; they are left out, and stay in the older version"
            )
            issues.append(Issue("days_not_kept", "warning", text, ticker))
    about = {t: {"retrieved": since, **older.about.get(t, {})} for t in kept}
    currency = {t: older.currency[t] for t in kept if t in older.currency}
    actions = {**raw.actions, **{t: older.actions[t] for t in kept if t in older.actions}}
    for ticker, days in joined.items():
        if ticker in actions and ticker in older.actions:
            before = older.actions[ticker]
            actions[ticker] = pd.concat([before[before.index.isin(days)], actions[ticker]]).sort_index()
        else:  # those of the older days, or of the newer ones, are not known
            actions.pop(ticker, None)
    return replace(
        raw,
        frame=pd.concat(parts, ignore_index=True),
        issues=(*raw.issues, *issues),
        about={**raw.about, **about},
        currency={**raw.currency, **currency},
        actions=actions,
    )


def _agree(older: pd.DataFrame, new: pd.DataFrame) -> bool:
    both = older.merge(new, on="date", suffixes=("", "_new"))
    pairs = [(both[name].to_numpy(), both[f"{name}_new"].to_numpy()) for name in _VALUES]
    return len(both) > 0 and all(np.allclose(a, b, rtol=_AGREE, atol=0.0, equal_nan=True) for a, b in pairs)
