"""Ranks of a security's window among its own days: they do not depend on who else is tested with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.history import History
from eventstudy.inference.ranking import average_ranks, centred, joined_ranks
from eventstudy.inference.volatility import past_squares
from eventstudy.objects.estimation import FloatArray, Window

_AHEAD = 1_000_000  # numbers up to which the ranks of all events are made for the groups that ask for theirs


def window_ranks(history: History, window: Window) -> FloatArray:
    """U (N, T + L) of the residuals and the abnormal returns of `window`, the window last (see `ranking.centred`)."""

    abnormal = history.abnormal

    def make() -> FloatArray:
        inside = abnormal.scaled()[:, abnormal.columns(window)]
        return centred(joined_ranks(history.residuals, history.residual_ranks, inside))

    return abnormal.once(("window_ranks", window.start, window.end), make)


def square_ranks(history: History, window: Window) -> FloatArray:
    """U (N, T + L) of the squares e_s^2 / (1 - h_s) and of SAR^2 over `window`, the window last."""
    abnormal = history.abnormal

    def make() -> FloatArray:
        inside = abnormal.sar()[:, abnormal.columns(window)] ** 2
        return centred(average_ranks(np.concatenate([past_squares(abnormal, history.residuals), inside], axis=1)))

    return abnormal.once(("square_ranks", window.start, window.end), make)


def rank_ahead(abnormal: AbnormalReturns, windows: Sequence[Window], names: Sequence[str]) -> None:
    """Rank all events over every window together, for the groups that will be taken of them and tested by `names`."""
    days = abnormal.panel.estimation.length + abnormal.panel.event.length
    if abnormal.n * days > _AHEAD:  # would not be kept
        return
    history = History(abnormal)
    for name, ranks in (("corrado_rank_z", window_ranks), ("volatility_rank_z", square_ranks)):
        for window in windows if name in names else ():
            ranks(history, window)
