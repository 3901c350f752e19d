"""Two names for one series: returns that are the same day after day, wholly or for a stretch.

Every ten days of every series make a number, and only series with the same number are compared, so that many series
cost in proportion to their number.
"""

from __future__ import annotations

import numpy as np

from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import by_exchange, moves

BLOCK = 10
GRID = 2e-3
"""Returns are brought to this grid before they are compared by number; what agrees there is compared as it is."""
SAME = 2e-5
"""Greatest difference of two returns that are the same but for the rounding of prices."""
_WEIGHTS = np.array([3, 5, 7, 11, 13, 17, 19, 23, 29, 31], dtype=np.int64) ** 9


def identical(panel: PricePanel) -> list[Issue]:
    """Two series with the same returns over ten days and more: proportional, or one under the other's name."""
    found = moves(panel)
    pairs: dict[tuple[int, int], list[int]] = {}
    days: dict[str, np.ndarray] = {}
    for mic, members in by_exchange(panel).items():
        log = found.log[:, members]
        rows = np.flatnonzero((~np.isnan(log)).any(axis=1))
        days[mic] = rows
        for block, a, b in _alike(log[rows]):
            pairs.setdefault((int(members[a]), int(members[b])), []).append(block)
    return [_issue(panel, days[panel.exchange[panel.tickers[a]]], a, b, blocks) for (a, b), blocks in pairs.items()]


def _alike(log: FloatArray) -> list[tuple[int, int, int]]:
    """Block and columns of each pair of neighbours with the same returns."""
    count = len(log) // BLOCK
    blocks = log[: count * BLOCK].reshape(count, BLOCK, log.shape[1])
    coarse = np.nan_to_num(np.round(blocks / GRID)).astype(np.int64)
    numbers = np.einsum("cbs,b->cs", coarse, _WEIGHTS)
    # A stretch without moves is `stale_runs`' concern, and says nothing of two series.
    usable = ~np.isnan(blocks).any(axis=1) & ((coarse != 0).sum(axis=1) >= BLOCK // 2)
    alike = []
    for block in range(count):
        columns = np.flatnonzero(usable[block])
        order = columns[np.lexsort((blocks[block, 0, columns], numbers[block, columns]))]
        same = np.flatnonzero(numbers[block, order[1:]] == numbers[block, order[:-1]])
        for k in same:
            a, b = sorted((int(order[k]), int(order[k + 1])))
            if np.abs(blocks[block, :, a] - blocks[block, :, b]).max() <= SAME:
                alike.append((block, a, b))
    return alike


def _issue(panel: PricePanel, rows: np.ndarray, a: int, b: int, blocks: list[int]) -> Issue:
    first, last = (panel.close.index[rows[at]].date() for at in (blocks[0] * BLOCK, blocks[-1] * BLOCK + BLOCK - 1))
    one, other = panel.tickers[a], panel.tickers[b]
    whole = len(blocks) >= 0.8 * (len(rows) // BLOCK)
    when = "throughout" if whole else f"on {len(blocks) * BLOCK} days between {first} and {last}"
    text = f"its returns are those of {other} {when}; one of the two is not what its name says"
    return Issue("identical_series", "warning", text, one, first)


IDENTICAL = Check(
    find=identical,
    codes=("identical_series",),
    words="two series with the same returns, wholly or for a stretch",
    severity="warning",
    fix="look which of the two is what its name says",
)
