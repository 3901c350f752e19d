"""Moves that no market made: a price that is wrong for some days, a level that changes its unit or its split basis.

A real crash is told from an error by its traces: it comes with several times the usual volume, or on a day on which
its market moves too, and its size is nothing round. What leaves no such trace is reported.

The limits here and in `held` and `partly` that name no source are choices: they were made on the bundled prices and on
twenty companies from 1990 to 2022, so that sound prices raise less than one warning in a hundred years of a security.
docs/reliability.md measures, on part of the same prices, what they find and what they miss.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import log

import numpy as np

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.once import once
from eventstudy.prices.cards import Check
from eventstudy.prices.exchanges import is_own
from eventstudy.prices.moves import ENOUGH_PEERS, Moves, by_day, moves

RATIOS = {
    **{log(new / old): f"{new}:{old}" for new, old in ((5, 4), (4, 3), (3, 2), (5, 2))},
    **{log(n): f"{n}:1" for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100, 1000)},
}
"""Log change -> the split of small whole numbers that makes it, and the slips of two and three decimals."""
NEVER = log(8.0)
"""A fall to an eighth or a rise to the eightfold within a day, without volume, is no move of a market."""
MARKET = 0.30
"""The worst day of an index on record is -20.5 % (19 October 1987)."""
WHOLE = 10
"""From so many series on they stand for a market; fewer may all be hit by the same news, short of a halving."""
LONGEST_SPIKE = 5
LEAST = 4.5
"""Surprise from which a move is looked at."""
QUIET = 1.6
"""Volume of a day in its usual volume: less is no reaction to news. Moves of 12 % and more beyond the market that were
real came with 1.6 to 12 times, nine in ten with more than 2.5."""


@dataclass(frozen=True, slots=True)
class Jump:
    """One large move: its row, log size, its surprise and usual scale, and volume against the days around (or None)."""

    row: int
    size: float
    surprise: float
    scale: float
    busy: float | None

    @property
    def ratio(self) -> str | None:
        """The split that its size matches: within 2 %, or as near as two and a half of its ordinary moves."""
        best = min(RATIOS, key=lambda ratio: abs(ratio - abs(self.size)))
        near = abs(best - abs(self.size)) <= max(0.02, min(2.5 * self.scale, 0.12, 0.15 * best))
        return RATIOS[best] if near else None


def spikes(panel: PricePanel) -> list[Issue]:
    """A price that leaves its level and is back within five days; fatal where it trebled or fell to a third."""
    issues: list[Issue] = []
    for i, found in _excursions(panel).items():
        issues += by_day("spike", panel.tickers[i], [_returned(panel, one) for one in found])
    return issues


def _returned(panel: PricePanel, one: Excursion) -> tuple[dt.date, Severity, str]:
    """The day, severity and words of an excursion."""
    day = panel.close.index[one.row].date()
    text = f"prices move by {_factor(one.size)} on {day} and back after {_days(one.days)}; {_CHECK}"
    return day, "fatal" if abs(one.size) >= log(3.0) - 0.1 else "warning", text


_CHECK = "look the prices up in another source, and correct or empty the cells"


@dataclass(frozen=True, slots=True)
class Excursion:
    """A move and the one that undoes it: their rows, the days between, and the log size."""

    row: int
    back: int
    days: int
    size: float


@once
def _excursions(panel: PricePanel) -> dict[int, list[Excursion]]:
    """Column -> moves undone within `LONGEST_SPIKE` moves."""
    found, volume = moves(panel), panel.volume.to_numpy()
    surprise = found.surprise()
    large = surprise >= LEAST
    result = {}
    for i in map(int, np.flatnonzero(large.sum(axis=0) >= 2)):
        known = np.flatnonzero(~np.isnan(found.log[:, i]))
        pairs = _returning(found.log[known, i], surprise[known, i], found.scale[known, i])
        kept = [
            Excursion(int(known[t]), int(known[t + days]), days, float(found.log[known[t], i]))
            for t, days, strength in pairs
            if _without_trace(volume[:, i], int(known[t]), strength)
        ]
        if kept:
            result[i] = kept
    return result


def _returning(size: FloatArray, surprise: FloatArray, scale: FloatArray) -> list[tuple[int, int, float]]:
    """Pairs of moves that undo each other: position, moves until then, and the lesser of their surprises.

    The two have to cancel as well as ordinary days in their place would. Real prices that overshoot come back by part,
    over days, and in a turbulent time, whose scale is large.
    """
    pairs: list[tuple[int, int, float]] = []
    taken = -1
    for t in map(int, np.flatnonzero(surprise >= LEAST)):
        for days in range(1, LONGEST_SPIKE + 1):
            back = t + days
            if back >= len(size) or t <= taken:
                break
            both = min(surprise[t], surprise[back])
            if both < LEAST + (days > 1) or size[t] * size[back] > 0:
                continue
            if abs(size[t : back + 1].sum()) <= max(2.0 * scale[t] * np.sqrt(days + 1), 0.1 * abs(size[t])):
                pairs.append((t, days, float(both)))
                taken = back
                break
    return pairs


def _without_trace(volume: FloatArray, row: int, strength: float) -> bool:
    """Whether a move that comes back is no real one: it came with ordinary volume, or is beyond what is seen."""
    busy = _busy(volume, row)
    return strength >= (7.0 if busy is None else 5.0 if busy < QUIET else 20.0)


def split_jumps(panel: PricePanel) -> list[Issue]:
    """A level that changes as by a split, a currency or a decimal point, without the traces of a real move.

    With volume known, any move of 14 % and more that is far from usual and came with ordinary volume. Without volume,
    one by half its price that is ten times the usual, or a split's ratio at sixteen times; a smaller match is noted.
    Where one basis jumps against the other, see `bases_apart`.
    """
    found, volume = moves(panel), panel.volume.to_numpy()
    surprise = found.surprise()
    large = (surprise >= LEAST) & (np.abs(found.log) >= 0.15)
    told = {(row, i) for i, each in _excursions(panel).items() for one in each for row in (one.row, one.back)}
    issues: list[Issue] = []
    for i in map(int, np.flatnonzero(large.any(axis=0))):
        jumps = [
            Jump(
                row,
                float(found.log[row, i]),
                float(surprise[row, i]),
                float(found.scale[row, i]),
                _busy(volume[:, i], row),
            )
            for row in map(int, np.flatnonzero(large[:, i]))
            if (row, i) not in told
        ]
        index = panel.tickers[i].startswith("^")
        issues += _said(panel, i, [(j, severity) for j in jumps if (severity := _judge(j, index)) is not None])
    return [*issues, *_whole_market(panel, found)]


def _judge(jump: Jump, index: bool) -> Severity | None:
    """How grave a jump is; None for one that may well be real."""
    size = abs(jump.size)
    quiet = jump.busy is not None and jump.busy < QUIET
    if size >= NEVER - 0.1:
        return "fatal" if jump.busy is None or jump.busy < 3.0 * np.exp(size) else "warning"
    if size >= log(3.0) - 0.1 and quiet and not index:
        return "fatal"
    if quiet and not index:
        return "warning" if jump.ratio is not None or (size >= 0.2 and jump.surprise >= 6) else None
    if jump.busy is not None and not index:
        return "warning" if jump.busy < 2.5 and size >= 0.38 and jump.surprise >= 10 else None
    if size >= (0.6 if index else 0.38) and jump.surprise >= 10:
        return "warning"
    if index or jump.ratio is None or size < 0.15:
        return None
    return "warning" if jump.surprise >= 16 and abs(jump.size) >= 0.2 else "info"


def _busy(volume: FloatArray, row: int) -> float | None:
    """Volume of a day against the median of the twenty days before or after, whichever makes it look quieter.

    An unadjusted split changes the volume of one side by its ratio, a real upheaval stands out from both. None where
    volume is not known.
    """
    sides = [side[side > 0] for side in (volume[max(0, row - 20) : row], volume[row + 1 : row + 21])]
    usual = [float(np.median(side)) for side in sides if len(side) >= 5]
    return float(volume[row]) / max(usual) if usual and volume[row] > 0 else None


def _said(panel: PricePanel, i: int, judged: list[tuple[Jump, Severity]]) -> list[Issue]:
    """The loud jumps of a series and those that are only noted, by day."""
    days = panel.close.index
    found = [(days[jump.row].date(), severity, _words(panel, jump)) for jump, severity in judged]
    loud, noted = ([one for one in found if (one[1] == "info") is quiet] for quiet in (False, True))
    return by_day("split_jump", panel.tickers[i], loud) + [
        Issue("split_jump", severity, words, panel.tickers[i], day) for day, severity, words in noted
    ]


def _words(panel: PricePanel, jump: Jump) -> str:
    day = panel.close.index[jump.row].date()
    like = f", like an unadjusted {jump.ratio} split" if jump.ratio else ""
    traces = "no volume is known" if jump.busy is None else f"volume was {jump.busy:.1f} times the usual"
    return f"the level changes by {_factor(jump.size)} on {day}{like}; {traces}; {_ADJUST}"


_ADJUST = "adjust the prices on both bases alike, or say that it is real with accept"


def _whole_market(panel: PricePanel, found: Moves) -> list[Issue]:
    """Days on which all series of an exchange jump together by more than any market ever did.

    Short of a halving it is a warning of fewer than `WHOLE` series, since a handful of like companies can fall that
    far together, and of coins and longer bars, which as a whole have: 40 % on 12 March 2020.
    """
    issues: list[Issue] = []
    for mic in dict.fromkeys(panel.exchange[t] for t in panel.tickers):
        members = [i for i, t in enumerate(panel.tickers) if panel.exchange[t] == mic and not t.startswith("^VIX")]
        if len(members) < 2:
            continue
        together = _together(found, members)
        days = []
        for row in map(int, np.flatnonzero(np.abs(together) >= MARKET)):
            size, day = float(together[row]), panel.close.index[row].date()
            real = abs(size) < log(2.0) and (len(members) < WHOLE or mic == "24/7" or is_own(mic))
            severity: Severity = "warning" if real else "fatal"
            text = f"the series of {mic} change together by {_factor(size)} on {day}; check unit and file"
            days.append((day, severity, text))
        issues += by_day("split_jump", None, days)
    return issues


def _together(found: Moves, members: list[int]) -> FloatArray:
    """(D,) log move that an exchange's series share: their median, and of few the least, where all move one way.

    Of a share and its index a median is half of the share's own move, which is no move of the market.
    """
    if len(members) >= ENOUGH_PEERS:
        return np.asarray(found.market[:, members[0]])
    log = found.log[:, members]
    known = (~np.isnan(log)).sum(axis=1) >= 2
    lowest, highest = np.fmin.reduce(log, axis=1), np.fmax.reduce(log, axis=1)
    least = np.where(lowest > 0, lowest, np.where(highest < 0, highest, 0.0))
    return np.where(known, least, 0.0)


def _factor(size: float) -> str:
    """A log change in words: per cent up to a doubling, a factor above."""
    if abs(size) < log(2.0) - 0.1:
        return f"{100 * (np.exp(size) - 1):+.1f} %".replace("-", "−")
    return f"a factor of {np.exp(abs(size)):.3g} {'up' if size > 0 else 'down'}"


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count} days"


SPIKES = Check(
    find=spikes,
    codes=("spike",),
    words="a price that leaves its level by far more than is usual and is back within five days",
    severity="fatal",
    fix="correct the cells, or leave them empty",
)
SPLIT_JUMPS = Check(
    find=split_jumps,
    codes=("split_jump",),
    words="a level that changes as by a split, a currency or a decimal point, without the traces of news",
    severity="fatal",
    fix="adjust the prices for splits and units, on both bases alike; accept it where it is real",
)
