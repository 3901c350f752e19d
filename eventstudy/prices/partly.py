"""Stretches in which a series does not go with its peers as it does otherwise: shifted by days, or another's prices.

For every day it is asked how much likelier its return is, given the peers' returns some days away (or given none of
them), than given those of the same day. The stretch with the largest sum of these log likelihood ratios is found in one
pass (Page 1954), and reported where the sum is larger than chance and time can make it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.once import once
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import Columns, Moves, by_exchange, moves

SHIFTS = (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
PEERS = 5
"""Series whose mean stands for the peers of one: those that it goes with best."""
CANDIDATES = 64
"""Series of an exchange among which peers are sought, so that many series cost in proportion to their number."""
SAME = 0.995
"""A correlation above which another series is the same one, or made of it, and no witness."""
SHIFTED = 15.0
"""Log likelihood ratio of a shifted stretch: 33 years of twenty large companies have none above 12.2."""
UNRELATED = 20.0
"""The same for a stretch that goes with nothing, which real companies have for a time: 16.5 in those years."""
LEAST_CORRELATION = 0.35
FEWEST_DAYS = 60


def shifted_stretch(panel: PricePanel) -> list[Issue]:
    """A stretch that goes with the peers' returns of other days: rows were lost, doubled or moved there."""
    return [issue for issue in _stretches(panel) if issue.code == "shifted_stretch"]


def unrelated_stretch(panel: PricePanel) -> list[Issue]:
    """A stretch that does not go with the peers at all, as the series does otherwise: another's prices, or reversed."""
    return [issue for issue in _stretches(panel) if issue.code == "unrelated_stretch"]


@once
def _stretches(panel: PricePanel) -> list[Issue]:
    found = moves(panel)
    issues: list[Issue] = []
    for members in by_exchange(panel).values():
        if len(members) < 2:
            continue
        known = ~np.isnan(found.log[:, members])
        rows = np.flatnonzero(known.sum(axis=1) >= 0.5 * known.any(axis=0).sum())
        if len(rows) >= 2 * FEWEST_DAYS:
            issues += _of_exchange(panel, found, members, rows)
    return issues


def _of_exchange(panel: PricePanel, found: Moves, members: Columns, rows: Columns) -> list[Issue]:
    own = found.log[np.ix_(rows, members)] / found.scale[np.ix_(rows, members)]
    own = np.clip(own / _spread(own), -4.0, 4.0)
    peers, strength = peers_of(own)
    use = np.flatnonzero(strength >= LEAST_CORRELATION)
    if not len(use):
        return []
    shifts, shifted = searched(own[:, use], peers[:, use], strength[use], SHIFTS)
    _, unrelated = searched(own[:, use], peers[:, use], strength[use], (0,))
    days = panel.close.index[rows]
    issues = []
    for k, i in enumerate(use):
        alone = unrelated[k].ratio >= UNRELATED
        moved = shifted[k].ratio >= SHIFTED and not (alone and unrelated[k].ratio > shifted[k].ratio)
        if not (moved or alone):
            continue
        where = shifted[k] if moved else unrelated[k]
        ticker, start, stop = panel.tickers[members[i]], days[where.first].date(), days[where.last].date()
        if moved:
            when = f"{abs(shifts[k])} session(s) {'late' if shifts[k] > 0 else 'early'}"
            text = f"from {start} to {stop} its returns go with those of the other series {when}; {_DATES}"
        else:
            usual = f"a correlation of {strength[i]:.2f}"
            text = f"from {start} to {stop} its returns do not go with the other series ({usual} otherwise); {_WHOSE}"
        code = "shifted_stretch" if moved else "unrelated_stretch"
        issues.append(Issue(code, "warning", text, ticker, start))
    return issues


_DATES = "check that each price stands beside its own date there"
_WHOSE = "check that the prices are this security's, and in the order of their dates"


def peers_of(own: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(T, S) mean of the series that each goes with best, in its own spread, and (S,) the correlation with it."""
    filled, known = np.nan_to_num(own), (~np.isnan(own)).astype(float)
    chosen = np.unique(np.linspace(0, own.shape[1] - 1, min(CANDIDATES, own.shape[1])).astype(int))
    together = np.einsum("ti,tj->ij", filled, filled[:, chosen])
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.einsum("ti,tj->ij", filled**2, known[:, chosen]) * np.einsum(
            "ti,tj->ij", known, filled[:, chosen] ** 2
        )
        table = np.nan_to_num(together / np.sqrt(squares))
    table[np.abs(table) > SAME] = -1.0
    table[chosen, np.arange(len(chosen))] = -1.0
    best = chosen[np.argsort(-table, axis=1)[:, :PEERS]]
    usable = np.take_along_axis(table, np.argsort(-table, axis=1)[:, :PEERS], axis=1) > 0.1
    total = np.zeros_like(own)
    count = np.zeros_like(own)
    for k in range(best.shape[1]):
        total += np.where(usable[:, k], filled[:, best[:, k]], 0.0)
        count += np.where(usable[:, k], known[:, best[:, k]], 0.0)
    peers = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    peers = np.clip(peers / _spread(peers), -4.0, 4.0)
    both = ~np.isnan(own) & ~np.isnan(peers)
    x, y = np.where(both, own, 0.0), np.where(both, peers, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        strength = np.nan_to_num((x * y).sum(axis=0) / np.sqrt((x * x).sum(axis=0) * (y * y).sum(axis=0)))
    return peers, np.where(both.sum(axis=0) >= FEWEST_DAYS, strength, 0.0)


def _spread(values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        count = np.maximum((~np.isnan(values)).sum(axis=0), 1)
        clipped = np.clip(np.nan_to_num(values), -4.0, 4.0)
        return np.asarray(np.maximum(np.sqrt((clipped**2).sum(axis=0) / count), 1e-9))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of positions, both in, and the log likelihood ratio that speaks for it."""

    ratio: float
    first: int
    last: int


def searched(
    own: FloatArray, peers: FloatArray, strength: FloatArray, shifts: Sequence[int]
) -> tuple[list[int], list[Stretch]]:
    """For each series the shift of its peers, 0 for none of them, and the stretch for which it speaks most."""
    r = np.minimum(strength, 0.95)
    rest = np.sqrt(1.0 - r**2)
    known = ~np.isnan(own) & ~np.isnan(peers)
    x, y = np.where(known, own, 0.0), np.where(known, peers, 0.0)
    same = _loss((x - r * y) / rest)
    best, at = [Stretch(0.0, 0, 0)] * own.shape[1], [0] * own.shape[1]
    for shift in shifts:
        other = _loss((x - r * _moved(y, shift)) / rest) if shift else _loss(x) - np.log(rest)
        for k, stretch in enumerate(_largest(np.where(known, same - other, 0.0))):
            if stretch.ratio > best[k].ratio:
                best[k], at[k] = stretch, shift
    return at, best


def _loss(u: FloatArray) -> FloatArray:
    """Minus the log density, but for a constant, of Student's t with four degrees of freedom."""
    return np.asarray(2.5 * np.log1p(u * u / 4.0))


def _moved(values: FloatArray, shift: int) -> FloatArray:
    result = np.zeros_like(values)
    if shift > 0:
        result[shift:] = values[:-shift]
    else:
        result[:shift] = values[-shift:]
    return result


def _largest(gain: FloatArray) -> list[Stretch]:
    """For each column the stretch of rows with the largest sum."""
    total = np.cumsum(gain, axis=0)
    before = np.vstack([np.zeros((1, gain.shape[1])), total[:-1]])
    lowest = np.minimum.accumulate(before, axis=0)
    last = (total - lowest).argmax(axis=0)
    found = []
    for k, stop in enumerate(last):
        first = int(np.flatnonzero(before[: stop + 1, k] == lowest[stop, k])[-1])
        found.append(Stretch(float(total[stop, k] - lowest[stop, k]), first, int(stop)))
    return found


SHIFTED_STRETCH = Check(
    find=shifted_stretch,
    codes=("shifted_stretch",),
    words="a stretch that goes with the other series’ returns of other days",
    severity="warning",
    fix="check that each price stands beside its own date",
)
UNRELATED_STRETCH = Check(
    find=unrelated_stretch,
    codes=("unrelated_stretch",),
    words="a stretch that does not go with the other series as it does otherwise",
    severity="warning",
    fix="check that the prices are this security’s, in the order of their dates",
)
