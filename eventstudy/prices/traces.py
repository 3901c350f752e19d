"""The trace that news leaves and an error does not: volume, which grows with the size of a move.

The floors are choices, made on one half of the shares with volume of the bundled snapshot (60 years of a share). The
other half (54 years) and five large companies from 2000 to 2013 (48 years) then had three real moves that were quieter,
and the floors were lowered until no real move of these prices is below them.
"""

from __future__ import annotations

from math import log

import numpy as np

from eventstudy.objects.estimation import FloatArray

LEAST = 3.5
"""Surprise from which a move is looked at."""
QUIET = 1.6
"""Volume of a day in its usual volume: less is no reaction to news. Moves of 12 % and more beyond the market that were
real came with 1.6 to 12 times, nine in ten with more than 2.5."""
QUIETER = 1.1
"""The same for a move of 4.5 times the usual size and more that looks like no split; a smaller one is to come with less
than the usual volume."""
PER_SURPRISE = 0.2
"""Volume that a move of each usual size brings at the least: twice the usual one at ten times the usual size."""
BUSIEST = 2.5
"""More volume than this is news, however large the move: nine in ten of those real moves of 12 % brought more."""


def busy(volume: FloatArray, row: int) -> float | None:
    """Volume of a day against the median of the twenty days before or after, whichever makes it look quieter.

    An unadjusted split changes the volume of one side by its ratio, a real upheaval stands out from both. None where
    volume is not known.
    """
    if not volume[row] > 0:
        return None
    usual = [
        middle
        for side in (volume[max(0, row - 20) : row], volume[row + 1 : row + 21])
        if (middle := _middle(side)) is not None
    ]
    return float(volume[row]) / max(usual) if usual else None


def _middle(volume: FloatArray) -> float | None:
    """Median of the days that have volume, None of fewer than five."""
    known = sorted(float(v) for v in volume if v > 0)
    n = len(known)
    return (known[(n - 1) // 2] + known[n // 2]) / 2 if n >= 5 else None


def quiet_below(surprise: float, like_split: bool) -> float:
    """The volume, in the usual one, below which a move of this surprise came without news."""
    least = QUIET if like_split else QUIETER if surprise >= 4.5 else 0.9
    return min(max(PER_SURPRISE * surprise, least), BUSIEST)


def factor(size: float) -> str:
    """A log change in words: per cent up to a doubling, a factor above.

    Examples
    --------
    >>> factor(-0.1), factor(-1.6)
    ('−9.5 %', 'a factor of 4.95 down')
    """
    if abs(size) < log(2.0) - 0.1:
        return f"{100 * (np.exp(size) - 1):+.1f} %".replace("-", "−")
    return f"a factor of {np.exp(abs(size)):.3g} {'up' if size > 0 else 'down'}"
