"""Stretches that no market made: one price for days, or a straight line from one price to another.

A run is judged by how rare it is for that series: thinly traded shares stand still often, liquid ones hardly ever.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import runs, unit_of, used_levels

CHANCE = 1e-3
"""Runs are reported that fewer than one ordinary series in a thousand would have."""
LEAST = 3
AROUND = 125
"""Moves on either side of a run from which it is seen how often the series stands still: half a year."""


def stale_runs(panel: PricePanel) -> list[Issue]:
    """The same price on four or more sessions in a row, where the series hardly ever stands still otherwise."""
    return _stretches(panel, "stale_run", _still, "an unchanged price", 1)


def interpolated(panel: PricePanel) -> list[Issue]:
    """Prices on a straight line, in levels or in logs, over five or more sessions: filled in, not traded."""
    return _stretches(panel, "interpolated", _straight, "prices on a straight line", 2)


def _still(levels: FloatArray) -> BoolArray:
    return np.asarray(levels[1:] == levels[:-1])


def _straight(levels: FloatArray) -> BoolArray:
    """Whether each price but the ends is midway between its neighbours, as far as rounding lets it be seen."""
    grain = unit_of(levels)
    step = np.diff(levels)
    moving = np.minimum(np.abs(step[1:]), np.abs(step[:-1])) > 2.5 * grain
    even = np.abs(np.diff(step)) <= 2.5 * grain
    logs = np.diff(np.log(levels))
    even |= np.abs(np.diff(logs)) <= 2.5 * grain / levels[1:-1]
    return np.asarray(moving & even)


def _stretches(
    panel: PricePanel, code: str, flag: Callable[[FloatArray], BoolArray], what: str, ends: int
) -> list[Issue]:
    """An issue for each series with runs of flagged days that are too rare for it; `ends` are the days around a run."""
    levels = used_levels(panel)
    issues = []
    for i, ticker in enumerate(panel.tickers):
        rows = np.flatnonzero(levels[:, i] > 0)
        if len(rows) <= LEAST + ends:
            continue
        flags = flag(levels[rows, i])
        rare = [run for run in runs(flags, LEAST) if _is_rare(flags, *run)]
        if rare:
            start, length = max(rare, key=lambda run: run[1])
            day = panel.close.index[rows[start]].date()
            text = f"{len(rare)} run(s) of {what}, the longest {length + ends} sessions from {day}"
            issues.append(Issue(code, "warning", text, ticker, day))
    return issues


def _is_rare(flags: BoolArray, start: int, length: int) -> bool:
    """Whether so long a run is less likely than `CHANCE` for a series that is flagged as often as around the run."""
    around = np.concatenate([flags[max(0, start - AROUND) : start], flags[start + length : start + length + AROUND]])
    often = (around.sum() + 1.0) / (len(around) + 2.0)
    return bool(len(flags) * often**length < CHANCE)


STALE_RUNS = Check(
    find=stale_runs,
    codes=("stale_run",),
    words="one price on four or more sessions in a row, in a series that hardly ever stands still",
    severity="warning",
    fix="look whether trading halted or prices were filled forward",
)
INTERPOLATED = Check(
    find=interpolated,
    codes=("interpolated",),
    words="prices on a straight line over five or more sessions",
    severity="warning",
    fix="leave days without a trade empty",
)
