"""What volume and the list of securities say: days without a trade, and a list without any failure."""

from __future__ import annotations

import numpy as np

from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices.cards import Check
from eventstudy.prices.moves import dated, moves

MANY = 100
YEARS = 3.0
"""Of a hundred listed companies several are delisted in three years."""


def zero_volume(panel: PricePanel) -> list[Issue]:
    """Days on which a security's price changed though its volume is zero; indices and rates of exchange have none."""
    volume = panel.volume.to_numpy()
    moved = np.nan_to_num(moves(panel).log) != 0.0
    nothing = (volume == 0) & moved
    issues = []
    for i in np.flatnonzero(nothing.any(axis=0)):
        ticker = panel.tickers[i]
        if ticker.startswith("^") or "=" in ticker:
            continue
        days = panel.close.index[nothing[:, i]]
        text = f"volume is zero on {len(days)} day(s) on which its price changed: {dated(days)}"
        issues.append(Issue("zero_volume", "warning", text, ticker, days[0].date()))
    return issues


def survivors(panel: PricePanel) -> list[Issue]:
    """Info: a hundred securities over three years of which none ends early, as if the list were made afterwards."""
    held = ~np.isnan(moves(panel).log)
    shares = [i for i, t in enumerate(panel.tickers) if not t.startswith("^")]
    if len(shares) < MANY or len(held) < YEARS * 252:
        return []
    last = len(held) - 1 - held[::-1][:, shares].argmax(axis=0)
    if (last < len(held) - 21).any():
        return []
    text = (
        f"none of the {len(shares)} securities ends before the others: if the list was made afterwards, those that "
        "failed are missing, and averages over it are too good"
    )
    return [Issue("survivors", "info", text)]


ZERO_VOLUME = Check(
    find=zero_volume,
    codes=("zero_volume",),
    words="days without volume on which the price changed",
    severity="warning",
    fix="leave a volume that is not known empty",
)
SURVIVORS = Check(
    find=survivors,
    codes=("survivors",),
    words="many securities over years of which none ends early",
    severity="info",
    fix="add the securities that were delisted",
)
