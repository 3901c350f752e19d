"""Prices within the session: used where they fit the closes, left out and said where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.prices import Issue

_CLOSE_TO = 1e-3  # share of a price by which a high may lie below the close: sources round each by itself
_FEW = 0.02  # share of the days of a series that may not fit; more of them are prices on another basis


def fitting(
    prices: Mapping[str, FloatArray], close: FloatArray, days: pd.DatetimeIndex, tickers: Sequence[str]
) -> list[Issue]:
    """Blank, in place, what cannot be a session's open, high or low, and say so.

    They have to be positive and beside a close, the low the lowest of the four and the high the highest. Where that
    fails on more than a few days of a series, its prices are on another basis than its closes, and none is used.

    Parameters
    ----------
    prices : ``open``, ``high``, ``low`` -> (D, S), those that there are. close : (D, S) on the basis of claims.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> low = np.array([[140.0], [150.0]])
    >>> [issue.code for issue in fitting({"low": low}, np.array([[142.0], [118.0]]), days, ("A",))], low[:, 0]
    (['range_unlike'], array([nan, nan]))
    """
    if not prices:
        return []
    for values in prices.values():
        values[~(values > 0) | np.isinf(values) | ~np.isfinite(close)] = np.nan
    odd = _odd(prices, close)
    held: BoolArray = np.asarray(np.isfinite(np.stack([*prices.values()])).any(axis=0))
    issues = []
    for column in np.flatnonzero(odd.any(axis=0)).tolist():
        wrong, of = int(odd[:, column].sum()), int(held[:, column].sum())
        every = wrong > _FEW * of
        blank = np.ones(len(days), dtype=bool) if every else odd[:, column]
        for values in prices.values():
            values[blank, column] = np.nan
        left = "they are not used there; the close may be the wrong one"
        if every:
            left = "none of them is used: are they adjusted as the closes are?"
        text = f"{', '.join(prices)} do not fit the close on {wrong} of {of} days, and {left}"
        issues.append(Issue("range_unlike", "warning", text, tickers[column], days[odd[:, column]][0].date()))
    return issues


def _odd(prices: Mapping[str, FloatArray], close: FloatArray) -> BoolArray:
    """(D, S) whether the low is not the lowest, or the high not the highest."""
    nothing = np.full(close.shape, np.nan)
    first, high, low = (prices.get(name, nothing) for name in ("open", "high", "low"))
    over, under = 1 + _CLOSE_TO, 1 - _CLOSE_TO
    with np.errstate(invalid="ignore"):
        wrong = (low > close * over) | (high < close * under) | (low > first * over) | (high < first * under)
    return np.asarray(wrong | (high < low))
