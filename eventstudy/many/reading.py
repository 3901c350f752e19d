"""The events of a pass as they are read: estimated many at a time, handed on a few hundred at a time.

Each pass estimates them again: for that the compiled engine takes no longer than to fetch what it found before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.engine.estimates import CodeArray
from eventstudy.engine.kernel import compiled
from eventstudy.many.eventlist import IN_ALL
from eventstudy.many.residuals import fast_abnormal
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import (
    BoolArray,
    EventPanel,
    FloatArray,
    IntArray,
    Layout,
    NormalReturns,
    ReturnKind,
    Window,
)

BLOCK = 512  # events read at once: what they take stays in cache
SPAN = 64 * BLOCK  # events estimated at once where the compiled engine does it


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """N events as the passes over them read them; every array may be a memory map.

    ``layout`` the events, sorted by day, on the returns of the ``tickers`` (S,) on the ``sessions`` (D,).
    ``regressors`` name -> (D,), for the ``model``; ``kind`` of all returns.
    ``usable`` (V, N) bool, which events have a CAR, in each way that some window has it; ``way`` (W,) that of each of
    the ``windows``.
    ``group`` (N,) the group of each event, -1 without, below ``groups``; ``counts`` (N,) as `EventList.counts`.

    What is tested together is a set: all events that are usable in one way, or those of one group.
    """

    layout: Layout
    tickers: tuple[str, ...]
    sessions: pd.DatetimeIndex
    regressors: Mapping[str, FloatArray]
    kind: ReturnKind
    model: Recipe
    windows: tuple[Window, ...]
    usable: BoolArray
    way: tuple[int, ...]
    group: IntArray
    groups: int
    counts: CodeArray

    @property
    def many(self) -> bool:
        """Whether there are so many events that compiled loops are worth their start."""
        return compiled("auto", len(self.layout.day))


def set_number(way: int, subject: int, groups: int) -> int:
    """The number of a set: `subject` 0 are all events, the others groups."""
    return way * (groups + 1) + subject


def sets_in(work: Work, at: slice | IntArray) -> list[tuple[int, int, IntArray]]:
    """The sets that have any of the events `at`: number, way, and the places of theirs among these events.

    So that it costs no more to sum up many small groups than a few large ones.
    """
    out: list[tuple[int, int, IntArray]] = []
    group, counts = np.asarray(work.group[at]), np.asarray(work.counts[at])
    order = np.argsort(group, kind="stable").astype(np.int32)
    for way in range(len(work.usable)):
        usable = np.asarray(work.usable[way, at])
        rows = np.flatnonzero(usable & (counts == IN_ALL)).astype(np.int32)
        if len(rows):
            out.append((set_number(way, 0, work.groups), way, rows))
        own = order[(usable & (group >= 0) & (counts > 0))[order]]
        starts = np.flatnonzero(np.diff(group[own], prepend=-1))
        for start, stop in pairwise([*starts.tolist(), len(own)]):
            subject = int(group[own[start]]) + 1
            out.append((set_number(way, subject, work.groups), way, own[start:stop]))
    return out


def read(work: Work, at: slice | IntArray) -> AbnormalReturns:
    """Estimates and abnormal returns of a few events."""
    panel = panel_at(work, at)
    return abnormal_returns(panel, work.model(panel))


def blocks(work: Work, piece: tuple[int, int]) -> Iterator[tuple[slice, AbnormalReturns]]:
    """The events of `piece`, `BLOCK` at a time: which they are, and what `read` says of them."""
    span = SPAN if work.many else BLOCK
    for start in range(piece[0], piece[1], span):
        stop = min(start + span, piece[1])
        panel = panel_at(work, slice(start, stop))
        normal = work.model(panel)
        for first in range(0, stop - start, BLOCK):
            at = slice(first, min(first + BLOCK, stop - start))
            own = replace(panel, security=panel.security[at], day=panel.day[at]), _taken(normal, at)
            abnormal = fast_abnormal(*own) if work.many else abnormal_returns(*own)
            yield slice(start + at.start, start + at.stop), abnormal


def panel_at(work: Work, at: slice | IntArray) -> EventPanel:
    """Some events as a study has them, without an object for each."""
    part = work.layout.part(at)
    return EventPanel(
        exchange="",
        benchmark=None,
        kind=work.kind,
        sessions=work.sessions,
        tickers=work.tickers,
        returns=part.returns,
        regressors=work.regressors,
        events=(),
        day_zero=(),
        security=part.security,
        day=part.day,
        estimation=part.estimation,
        event=part.event,
        min_obs=part.min_obs,
    )


def _taken(normal: NormalReturns, at: slice) -> NormalReturns:
    """The estimates of some events by a model that all share."""
    return replace(
        normal,
        params=normal.params[at],
        sigma=normal.sigma[at],
        nobs=normal.nobs[at],
        nu=normal.nu[at],
        xtx_inv=normal.xtx_inv[at],
        r_squared=normal.r_squared[at],
        reason=normal.reason[at],
    )
