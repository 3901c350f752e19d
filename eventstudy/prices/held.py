"""Prices against the indices that the package holds: the one witness from outside of a user's file.

An index of the file that the package knows has to agree with it day by day. Where all series of a file are moved by a
day, only this comparison can tell.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from eventstudy.files.folders import bundled, bundled_snapshots
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import Columns, by_exchange, dated, log_moves, moves
from eventstudy.prices.package import read_package, read_table
from eventstudy.prices.partly import FEWEST_DAYS, SHIFTED, SHIFTS, searched

EXCHANGE = "XNYS"
"""The exchange whose indices are held."""
BROAD = "^GSPC"
AGREE = 1e-3
"""Difference of two log returns of an index that is more than rounding."""
_CONTEXT = "the index that this package holds"


def held_index(panel: PricePanel) -> list[Issue]:
    """An index that differs from the one the package holds; all series of New York moved by days against it."""
    if panel.returns is not None:
        return []
    members = by_exchange(panel).get(EXCHANGE)
    if members is None:
        return []
    history = _history()
    days = pd.DatetimeIndex(panel.close.index)
    if history.empty or int(days.isin(history.index).sum()) < FEWEST_DAYS:
        return []
    found = moves(panel)
    issues = []
    for i in members:
        if panel.tickers[i] in history:
            issues += _compared(panel.tickers[i], days, found.log[:, i], history[panel.tickers[i]])
    return issues or _all(panel, members, history[BROAD])


@cache
def _history() -> pd.DataFrame:
    """(date, index) closes of the first bundled study that has a history of indices."""
    for name in bundled_snapshots():
        resources = read_package(bundled(name)).resources
        if "index_history" in resources:
            return read_table(resources["index_history"]).set_index("date")
    return pd.DataFrame()


def _compared(ticker: str, days: pd.DatetimeIndex, own: FloatArray, history: pd.Series[float]) -> list[Issue]:
    """Days on which an index differs from the held one; or by how many days it is moved."""
    theirs = _moved(history, days)
    both = ~np.isnan(own) & ~np.isnan(theirs)
    own, theirs, days = own[both], theirs[both], pd.DatetimeIndex(days[both])
    if len(own) < FEWEST_DAYS:
        return []
    agree = np.abs(own - theirs) <= AGREE
    if agree.mean() >= 0.5:
        differ = ~agree
        if not differ.any():
            return []
        text = f"differs from {_CONTEXT} on {int(differ.sum())} day(s): {dated(days[differ])}; {_LOOK}"
        return [Issue("held_index", "warning", text, ticker, days[differ][0].date())]
    first = days[~agree][0].date()
    for shift in SHIFTS:
        ours, other = (own[shift:], theirs[:-shift]) if shift > 0 else (own[:shift], theirs[-shift:])
        if (np.abs(ours - other) <= AGREE).mean() >= 0.5:
            when = f"{abs(shift)} session(s) {'late' if shift > 0 else 'early'}"
            text = f"agrees with {_CONTEXT} {when} from {first} on; {_DATES}"
            return [Issue("held_index", "fatal", text, ticker, first)]
    if (np.abs(own + theirs[::-1]) <= AGREE).mean() >= 0.5:
        text = f"agrees with {_CONTEXT} in the reverse order of dates; {_DATES}"
        return [Issue("held_index", "fatal", text, ticker, days[0].date())]
    likeness = float(np.corrcoef(np.clip(own, -0.1, 0.1), theirs)[0, 1]) if own.std() > 0 else 0.0
    if likeness < 0.15:
        return []  # made up under an index's name, as in an exercise
    text = f"is not {_CONTEXT} under this name from {first} on (correlation {likeness:.2f}); {_LOOK}"
    return [Issue("held_index", "warning", text, ticker, first)]


_LOOK = "look the index up in another source"
_DATES = "check that each price stands beside its own date"


def _all(panel: PricePanel, members: Columns, broad: pd.Series[float]) -> list[Issue]:
    """Whether the series of New York together go with the broad index on other days, throughout or for a stretch."""
    found = moves(panel)
    own = np.clip(found.log[:, members] / found.scale[:, members], -4.0, 4.0)
    count = (~np.isnan(own)).sum(axis=1)
    mean: FloatArray = np.where(count > 0, np.nansum(own, axis=1) / np.maximum(count, 1), np.nan)
    days = pd.DatetimeIndex(panel.close.index)
    theirs = _moved(broad, days)
    both = ~np.isnan(mean) & ~np.isnan(theirs)
    if both.sum() < 2 * FEWEST_DAYS:
        return []
    x, y, days = _standard(mean[both]), _standard(theirs[both]), days[both]
    at = {shift: _correlation(x, y, shift) for shift in (*SHIFTS, 0)}
    best = max(at, key=lambda shift: at[shift])
    reverse = float(np.mean(-x * y[::-1]))
    index = f"{BROAD} that this package holds"
    if best != 0 and at[best] > 0.35 and at[best] - at[0] > 0.25:
        when = f"{abs(best)} session(s) {'late' if best > 0 else 'early'}"
        text = f"all series of New York go with the {index} best {when} (correlation {at[best]:.2f}, {at[0]:.2f} on"
        return [Issue("held_index", "fatal", f"{text} the same day); {_DATES}", None, days[0].date())]
    if reverse > 0.35 and reverse - at[0] > 0.25:
        text = f"all series of New York go with the {index} in the reverse order of dates; {_DATES}"
        return [Issue("held_index", "fatal", text, None, days[0].date())]
    if at[0] < 0.35:
        return []
    shifts, best_of = searched(x[:, None], y[:, None], np.array([at[0]]), SHIFTS)
    if best_of[0].ratio < SHIFTED:
        return []
    first, last = days[best_of[0].first].date(), days[best_of[0].last].date()
    when = f"{abs(shifts[0])} session(s) {'late' if shifts[0] > 0 else 'early'}"
    text = f"from {first} to {last} the series of New York go with the {index} {when}; {_DATES}"
    return [Issue("held_index", "warning", text, None, first)]


def _moved(history: pd.Series[float], days: pd.DatetimeIndex) -> FloatArray:
    """(D,) log moves of a held index on the given days, NaN on others than its own."""
    known = history.dropna()
    log = log_moves(np.array(known, dtype=np.float64)[:, None])[:, 0]
    return np.array(pd.Series(log, index=known.index).reindex(days), dtype=np.float64)


def _standard(values: FloatArray) -> FloatArray:
    size = np.abs(values).mean() / 0.798 or 1.0
    clipped = np.clip(values / size, -4.0, 4.0)
    return np.asarray(clipped / max(float(np.sqrt(np.mean(clipped**2))), 1e-9))


def _correlation(x: FloatArray, y: FloatArray, shift: int) -> float:
    ours, other = (x[shift:], y[:-shift]) if shift > 0 else (x[:shift], y[-shift:]) if shift else (x, y)
    return float(np.mean(ours * other))


HELD_INDEX = Check(
    find=held_index,
    codes=("held_index",),
    words="an index that differs from the one the package holds, or a file moved by days against it",
    severity="fatal",
    fix="look the index up in another source, and check the dates",
)
