"""How every series moved from one of its prices to the next, beyond its market, and how unusual each move is.

The checks of values share these arrays. They are robust: one wild number changes neither a scale nor a slope by much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.once import once

Columns = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
"""Positions of series or of days."""
AROUND = 60
"""Days before and after a move from which its scale is taken: a quarter either way."""
FEWEST = 20
"""Days that a scale needs on one side."""
MOST_DAYS = 10
"""Findings of one kind in a series that are told one by one."""
ENOUGH_PEERS = 5
"""Series from which their median is a better market than an index, because no single error moves it."""


@dataclass(frozen=True, eq=False, slots=True)
class Moves:
    """Log moves of S series on D days, NaN where there is none.

    ``levels`` (D, S) the prices that returns are formed from; ``log`` (D, S) change since the series' own price before;
    ``beyond`` (D, S) the part that its market does not explain; ``scale`` (D, S) the usual size of that part around the
    day, the day itself left out, as a standard deviation; ``market`` (D, S) the market's move.
    """

    levels: FloatArray
    log: FloatArray
    beyond: FloatArray
    scale: FloatArray
    market: FloatArray

    def surprise(self) -> FloatArray:
        """(D, S) size of a move in its usual size: of the move itself or of what is beyond its market, if less."""
        return np.fmin(np.abs(self.log), np.abs(self.beyond)) / self.scale


@once
def moves(panel: PricePanel) -> Moves:
    """The moves of a panel: of its adjusted closes, of the closes of a series without any, or of given returns."""
    levels = used_levels(panel)
    log = log_moves(levels) if panel.returns is None else _logs(1.0 + panel.returns.to_numpy())
    market = _market(panel, log)
    filled = np.where(np.isnan(log) | np.isnan(market), 0.0, log)
    typical = root_scale(filled, ~np.isnan(log))
    bound = 4.0 * typical
    held = np.clip(np.nan_to_num(market), -0.1, 0.1)
    square = (held * held).sum(axis=0)
    slope = (np.clip(filled, -bound, bound) * held).sum(axis=0) / np.where(square > 0, square, 1.0)
    beyond = log - np.where(np.isnan(market), 0.0, slope * market)
    return Moves(levels, log, beyond, _scale(beyond), market)


def used_levels(panel: PricePanel) -> FloatArray:
    """(D, S) adjusted closes, or closes for a series that has no adjusted one; NaN where no price can be so."""
    close, adjusted = panel.close.to_numpy(), panel.adj_close.to_numpy()
    levels = np.where(np.isnan(adjusted).all(axis=0), close, adjusted)
    return np.where(np.isfinite(levels) & (levels > 0), levels, np.nan)


def log_moves(levels: FloatArray) -> FloatArray:
    """(D, S) log change since the series' own previous price, NaN where there is none or it is not positive."""
    logs = _logs(levels)
    rows = np.where(np.isnan(logs), -1, np.arange(len(logs), dtype=np.int32)[:, None])
    before = np.maximum.accumulate(rows, axis=0)[:-1]
    result = np.full_like(logs, np.nan)
    previous = np.take_along_axis(logs, np.maximum(before, 0), axis=0)
    result[1:] = np.where(before >= 0, logs[1:] - previous, np.nan)
    return result


def runs(flags: FloatArray | np.ndarray, least: int) -> Iterator[tuple[int, int]]:
    """First row and length of each run of at least `least` true values in (T,) flags."""
    edges = np.diff(np.concatenate([[0], np.asarray(flags, dtype=np.int8), [0]]))
    for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if stop - start >= least:
            yield int(start), int(stop - start)


def unit_of(prices: FloatArray) -> float:
    """The unit in which nearly all of some prices are written, 0.0001 at the finest.

    Examples
    --------
    >>> unit_of(np.array([12.25, 12.5, 13.0])), unit_of(np.array([12.0, 13.0]))
    (0.01, 1.0)
    """
    for decimals in (0, 1, 2, 3):
        if np.mean(np.abs(np.round(prices, decimals) - prices) <= 1e-9 * np.abs(prices)) >= 0.9:
            return float(10.0**-decimals)
    return 1e-4


def by_exchange(panel: PricePanel) -> dict[str, Columns]:
    """Exchange -> columns of its series."""
    columns: dict[str, list[int]] = {}
    for i, ticker in enumerate(panel.tickers):
        columns.setdefault(panel.exchange[ticker], []).append(i)
    return {mic: np.array(members) for mic, members in columns.items()}


def root_scale(values: FloatArray, known: np.ndarray) -> FloatArray:
    """(S,) standard deviations from the mean root of (D, S) absolute values, which hardly hears a single wild one.

    E sqrt|z| = 0.822 for a standard normal z.
    """
    count = np.maximum(known.sum(axis=0), 1)
    roots = np.sqrt(np.abs(np.where(known, values, 0.0))).sum(axis=0) / count
    return np.asarray((roots / 0.822) ** 2)


def _logs(values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(values)
    return np.where(np.isfinite(logs), logs, np.nan)


def _market(panel: PricePanel, log: FloatArray) -> FloatArray:
    """(D, S) the median move of the exchange, the index's where there are few series, 0 where there is none."""
    market = np.zeros_like(log)
    for members in by_exchange(panel).values():
        if len(members) >= ENOUGH_PEERS:
            market[:, members] = _median(log[:, members])[:, None]
            continue
        indices = [i for i in members if panel.tickers[i].startswith("^")]
        for i in members if indices else ():
            others = [k for k in indices if k != i] or [k for k in members if k != i]
            market[:, i] = log[:, others[0]] if others else 0.0
    return np.nan_to_num(market)


def _median(values: FloatArray) -> FloatArray:
    """(D,) medians of the rows, NaN left out: sorted, NaN come last."""
    ordered = np.sort(values, axis=1)
    count = (~np.isnan(values)).sum(axis=1)
    rows = np.arange(len(values))
    middle = np.maximum(count - 1, 0)
    return np.asarray((ordered[rows, middle // 2] + ordered[rows, (middle + 1) // 2]) / 2)


def _scale(beyond: FloatArray) -> FloatArray:
    """(D, S) the larger of the scales before and after each day, at least half that of the whole series."""
    known = ~np.isnan(beyond)
    whole = root_scale(np.where(known, beyond, 0.0), known)
    size = np.minimum(np.abs(np.where(known, beyond, 0.0)), 6.0 * whole)
    total, count = _cumulated(size), _cumulated(known.astype(np.float64))
    days = len(beyond)
    rows = np.arange(days)
    sides = []
    for first, last in ((np.maximum(rows - AROUND, 0), rows), (rows + 1, np.minimum(rows + 1 + AROUND, days))):
        n = count[last] - count[first]
        sides.append(np.where(n >= FEWEST, (total[last] - total[first]) / np.maximum(n, 1.0), 0.0))
    # The mean of |z| is 0.798 for a standard normal z.
    local = np.maximum(sides[0], sides[1]) / 0.798
    return np.asarray(np.maximum(np.maximum(local, 0.5 * whole), 1e-9))


def _cumulated(values: FloatArray) -> FloatArray:
    """(D + 1, S) sums of the rows before each row."""
    result = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=result[1:])
    return result


def by_day(code: str, ticker: str | None, found: Sequence[tuple[dt.date, Severity, str]]) -> list[Issue]:
    """A finding for each day, severity and words, so that one can be accepted and the others stay.

    Of a market `ticker` is None. More than `MOST_DAYS` that are not only noted are one finding without a date, in the
    words of the first among the gravest.
    """
    loud = [each for each in found if each[1] != "info"]
    noted = [Issue(code, "info", words, ticker, day) for day, severity, words in found if severity == "info"]
    if len(loud) <= MOST_DAYS:
        return [Issue(code, severity, words, ticker, day) for day, severity, words in loud] + noted
    severity: Severity = "fatal" if any(each[1] == "fatal" for each in loud) else "warning"
    words = next(words for _, each, words in loud if each == severity)
    return [Issue(code, severity, f"on {len(loud)} days, such as this: {words}", ticker), *noted]


def dated(days: pd.DatetimeIndex) -> str:
    """Up to three days in words."""
    shown = ", ".join(str(d.date()) for d in days[:3])
    return f"{shown} ..." if len(days) > 3 else shown
