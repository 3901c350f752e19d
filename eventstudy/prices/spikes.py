"""A price that leaves its level and is back within days: a wrong cell, or an overshoot that the market took back.

A real one comes with volume on the way out and back, and comes back by part. The limits are choices: on twenty
companies from 1990 to 2017 and on the bundled shares they raise an alarm in under one of two hundred years of a share.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.once import once
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import by_day, moves
from eventstudy.prices.traces import QUIET, busy, factor, quiet_below

LONGEST = 5
"""Moves within which a price is back."""
LEAST = 3.0
"""Surprise of the way out and of the way back from which the two are looked at, and noted where no volume is known."""
SMALLEST = 0.06
"""Log size of a spike that is looked at."""
UNTRACED = {1: 6.0, 2: 6.0, 3: 6.0, 4: 6.5, 5: 6.5}
"""Days until the way back -> the lesser surprise of the two from which they are told where no volume is known. The
largest that were real: 5.0 after a day, 5.1 after three, 5.3 after five (March 2020)."""
OF_INDEX = 1.0
"""How much more surprise it takes of an index, which few errors reach and no volume helps to judge."""
NOTED_DAYS = 3
"""Moves within which a price of a security is back that is noted; a market takes longer to think better of it."""
BACK = 2.0
"""The two cancel but for what ordinary days in their place would make: their sum in the scale of as many days."""


def spikes(panel: PricePanel) -> list[Issue]:
    """A price that leaves its level and is back within five days; fatal where it trebled or fell to a third."""
    issues: list[Issue] = []
    for i, found in excursions(panel).items():
        issues += by_day("spike", panel.tickers[i], [_returned(panel, one) for one in found])
    return issues


@dataclass(frozen=True, slots=True)
class Excursion:
    """A move and the one that undoes it: their rows, the days between, the log size, and how grave it is."""

    row: int
    back: int
    days: int
    size: float
    severity: Severity


def _returned(panel: PricePanel, one: Excursion) -> tuple[dt.date, Severity, str]:
    """The day, severity and words of an excursion."""
    day = panel.close.index[one.row].date()
    after = "a day" if one.days == 1 else f"{one.days} days"
    text = f"prices move by {factor(one.size)} on {day} and back after {after}; {_CHECK}"
    return day, one.severity, text


_CHECK = "look the prices up in another source, and correct or empty the cells"


@once
def excursions(panel: PricePanel) -> dict[int, list[Excursion]]:
    """Column -> moves undone within `LONGEST` moves."""
    found, volume = moves(panel), panel.volume.to_numpy()
    surprise = found.surprise()
    large = (surprise >= LEAST) & (np.abs(found.log) >= SMALLEST)
    result = {}
    for i in map(int, np.flatnonzero(large.sum(axis=0) >= 2)):
        known = np.flatnonzero(~np.isnan(found.log[:, i]))
        index = panel.tickers[i].startswith("^")
        traded, more = volume[:, i] * np.nan if index else volume[:, i], OF_INDEX if index else 0.0
        kept: list[Excursion] = []
        for t in map(int, np.flatnonzero(large[known, i])):
            if kept and known[t] <= kept[-1].back:
                continue
            one = _undone(found.log[known, i], surprise[known, i], found.scale[known, i], traded[known], more, t)
            if one is not None:
                days, size, severity = one
                kept.append(Excursion(int(known[t]), int(known[t + days]), days, size, severity))
        if kept:
            result[i] = kept
    return result


def _undone(
    moved: FloatArray, surprise: FloatArray, scale: FloatArray, volume: FloatArray, more: float, t: int
) -> tuple[int, float, Severity] | None:
    """Days after which the move at `t` is undone without a trace of news, its size and gravity; None where it is not.

    The first days that tell it, else the first that note it. Without volume it takes `more` surprise.
    """
    noted: tuple[int, float, Severity] | None = None
    for days in range(1, min(LONGEST, len(moved) - 1 - t) + 1):
        back = t + days
        both = float(min(surprise[t], surprise[back]))
        if both < LEAST or moved[t] * moved[back] > 0:
            continue
        left = abs(float(moved[t : back + 1].sum()))
        if left > max(BACK * float(scale[t]) * sqrt(days + 1), 0.1 * abs(float(moved[t]))):
            continue
        size, out, returned = float(moved[t]), busy(volume, t), busy(volume, back)
        if _without_trace(both - more, days, out, returned):
            return days, size, "fatal" if abs(size) >= log(3.0) - 0.1 else "warning"
        if noted is None and days <= NOTED_DAYS and not more and (out is None or returned is None):
            noted = days, size, "info"
    return noted


def _without_trace(both: float, days: int, out: float | None, back: float | None) -> bool:
    """Whether a move of this surprise that is undone is no real one: without volume out and back, or beyond belief."""
    if out is None or back is None:
        return both >= UNTRACED[days]
    if both >= 20:
        return True
    return max(out, back) < QUIET or (both >= 4.5 and min(out, back) < quiet_below(both, False))


SPIKES = Check(
    find=spikes,
    codes=("spike",),
    words="a price that leaves its level by far more than is usual and is back within five days",
    severity="fatal",
    fix="correct the cells, or leave them empty",
)
