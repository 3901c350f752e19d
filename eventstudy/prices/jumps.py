"""Levels that change as no market made them: by a split, a currency, a unit, or another security's prices.

A real move is told from an error by its traces: it comes with several times the usual volume, or on a day on which
its market moves too, and its size is nothing round. What leaves no such trace is reported.

Where volume is known a quiet move is told from a real one nearly always. Without it a fall of a fifth that looks like
an unadjusted 5:4 split may be news: it is told only where it is far beyond what the share does, and otherwise noted,
for a study to hear in its event windows.

The limits here and in `traces`, `spikes`, `held` and `partly` that name no source are choices: they were made on the
bundled prices and on twenty companies from 1990 to 2017, so that sound prices raise about one warning in a hundred
years of a security and not more. docs/reliability.md measures, on part of these prices and on other years, what they
find and miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.prices.cards import Check
from eventstudy.prices.exchanges import is_own
from eventstudy.prices.moves import ENOUGH_PEERS, Moves, by_day, moves
from eventstudy.prices.spikes import excursions
from eventstudy.prices.traces import LEAST, QUIET, QUIETER, busy, factor, quiet_below

RATIOS = {
    **{log(new / old): f"{new}:{old}" for new, old in ((5, 4), (4, 3), (3, 2), (5, 2))},
    **{log(n): f"{n}:1" for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100, 1000)},
}
"""Log change -> the split of small whole numbers that makes it, and the slips of two and three decimals."""
SPLIT_NEAR = 0.02
"""Log size by which a change may miss a ratio and still look like its split."""
NEVER = log(8.0)
"""A fall to an eighth or a rise to the eightfold within a day, without volume, is no move of a market."""
MARKET = 0.30
"""The worst day of an index on record is -20.5 % (19 October 1987)."""
WHOLE = 10
"""From so many series on they stand for a market; fewer may all be hit by the same news, short of a halving."""
SMALLEST = 0.04
"""Log size of a jump that is looked at."""
TOLD = 0.07
"""Log size of a jump that is told; a smaller one is noted where it came without any more volume than usual."""
UNTRACED = {
    "split": ((0.38, 10.0), (0.27, 14.0), (0.18, 12.0)),
    "other": ((0.6, 10.0), (0.27, 20.0), (0.18, 14.0), (0.07, 18.0)),
}
"""Without volume: log sizes and the surprise from which a jump of that size is told, like a split or not. Of the real
moves of twenty companies in 28 years five are beyond, of which one in 1990 looks like an error."""
NOTED = 9.0
"""Surprise from which a jump is noted though it may be real, where no volume is known."""


@dataclass(frozen=True, slots=True)
class Jump:
    """One large move: its row, log size and the part beyond its market, surprise, usual scale, and volume or None."""

    row: int
    size: float
    beyond: float
    surprise: float
    scale: float
    busy: float | None

    @property
    def ratio(self) -> str | None:
        """The split that its size beyond the market matches: within 2 %, or two of its ordinary moves."""
        best = min(RATIOS, key=lambda ratio: abs(ratio - abs(self.beyond)))
        most = 0.12 if self.busy is not None else 0.055  # without volume the match alone has to tell it from news
        near = abs(best - abs(self.beyond)) <= max(SPLIT_NEAR, min(2.0 * self.scale, most, 0.2 * best))
        return RATIOS[best] if near else None


def split_like(size: float) -> str | None:
    """The split whose ratio a log change is, None where it is no such ratio.

    Examples
    --------
    >>> split_like(0.41), split_like(-0.69), split_like(0.5)
    ('3:2', '2:1', None)
    """
    best = min(RATIOS, key=lambda ratio: abs(ratio - abs(size)))
    return RATIOS[best] if abs(best - abs(size)) < SPLIT_NEAR else None


def split_jumps(panel: PricePanel) -> list[Issue]:
    """A level that changes as by a split, a currency or a decimal point, without the traces of a real move.

    With volume known, any move of 7 % and more that is far from usual and came without the volume that such moves
    bring. Without volume, one that is beyond what shares do (`UNTRACED`); a smaller one is noted. Where one basis jumps
    against the other, see `bases_apart`.
    """
    found, volume = moves(panel), panel.volume.to_numpy()
    surprise = found.surprise()
    large = (surprise >= LEAST) & (np.abs(found.log) >= SMALLEST)
    told = {
        (row, i)
        for i, each in excursions(panel).items()
        for one in each
        if one.severity != "info"
        for row in (one.row, one.back)
    }
    issues: list[Issue] = []
    for i in map(int, np.flatnonzero(large.any(axis=0))):
        judge = _of_index if panel.tickers[i].startswith("^") else _judge
        said = []
        for row in map(int, np.flatnonzero(large[:, i])):
            size, beyond, scale = (float(a[row, i]) for a in (found.log, found.beyond, found.scale))
            jump = Jump(row, size, beyond, float(surprise[row, i]), scale, busy(volume[:, i], row))
            severity = None if (row, i) in told else judge(jump)
            if severity is not None:
                said.append((panel.close.index[row].date(), severity, _words(panel, jump, severity)))
        issues += by_day("split_jump", panel.tickers[i], said)
    return [*issues, *_whole_market(panel, found)]


def _of_index(jump: Jump) -> Severity | None:
    """How grave a jump of an index is, whose volume says nothing; None for one that may well be real."""
    size = abs(jump.size)
    if size >= NEVER - 0.1:
        return "fatal"
    return "warning" if size >= 0.6 and jump.surprise >= 10 else None


def _judge(jump: Jump) -> Severity | None:
    """How grave a jump of a security is; None for one that may well be real."""
    size = abs(jump.size)
    if size >= NEVER - 0.1:
        return "fatal" if jump.busy is None or jump.busy < 3.0 * np.exp(size) else "warning"
    if jump.busy is None:
        return _untraced(jump)
    if size >= log(3.0) - 0.1 and jump.busy < QUIET:
        return "fatal"
    if size < TOLD:
        return "info" if jump.busy < QUIETER else None
    if jump.busy < quiet_below(jump.surprise, jump.ratio is not None and size >= 0.14 and jump.surprise >= 4.5):
        return "warning"
    return "info" if jump.busy < QUIET else None


def _untraced(jump: Jump) -> Severity | None:
    """The same where no volume is known."""
    size, like = abs(jump.size), jump.ratio is not None
    by_size = UNTRACED["split" if like else "other"]
    far = next((surprise for least, surprise in by_size if abs(jump.beyond) >= least), np.inf)
    if jump.surprise >= far:
        return "warning"
    return "info" if jump.surprise >= NOTED or (like and size >= 0.15 and jump.surprise >= 4.5) else None


def _words(panel: PricePanel, jump: Jump, severity: Severity) -> str:
    day = panel.close.index[jump.row].date()
    like = f", like an unadjusted {jump.ratio} split" if jump.ratio else ""
    traces = "no volume is known" if jump.busy is None else f"volume was {jump.busy:.1f} times the usual"
    return (
        f"the level changes by {factor(jump.size)} on {day}{like}; {traces}; {_LOOK if severity == 'info' else _ADJUST}"
    )


_LOOK = "look the price up in another source"
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
            text = f"the series of {mic} change together by {factor(size)} on {day}; check unit and file"
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


SPLIT_JUMPS = Check(
    find=split_jumps,
    codes=("split_jump",),
    words="a level that changes as by a split, a currency or a decimal point, without the traces of news",
    severity="fatal",
    fix="adjust the prices for splits and units, on both bases alike; accept it where it is real",
)
