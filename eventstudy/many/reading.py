"""The events of a pass as they are read: estimated many at a time, handed on a few hundred at a time.

Estimates are made anew in each pass: that takes the compiled engine no longer than to fetch what it found before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.engine.kernel import compiled
from eventstudy.many.pastdays import fast_abnormal
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns, ReturnKind, Window

BLOCK = 512  # events read at once: what they take stays in cache
SPAN = 64 * BLOCK  # events estimated at once where the compiled engine does it


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """N events as the passes over them read them; every array may be a memory map.

    ``returns`` (S, D); ``regressors`` name -> (D,); ``security``, ``day`` (N,) int32, sorted by day; ``sets`` (C, N)
    bool, which events belong to each set that is tested together; ``cells`` the pairs (set, window) that are asked for.
    """

    returns: FloatArray
    regressors: Mapping[str, FloatArray]
    security: IntArray
    day: IntArray
    sets: BoolArray
    cells: tuple[tuple[int, int], ...]
    windows: tuple[Window, ...]
    model: Recipe
    kind: ReturnKind
    estimation: Window
    event: Window
    min_obs: int

    @property
    def many(self) -> bool:
        """Whether there are so many events that compiled loops are worth their start."""
        return compiled("auto", len(self.day))


def read(work: Work, at: slice | IntArray) -> AbnormalReturns:
    """Estimates and abnormal returns of a few events, without an object for any of them."""
    panel = _panel(work, at)
    return abnormal_returns(panel, work.model(panel))


def blocks(work: Work, piece: tuple[int, int]) -> Iterator[tuple[slice, AbnormalReturns]]:
    """The events of `piece`, `BLOCK` at a time: which they are, and what `read` says of them."""
    span = SPAN if work.many else BLOCK
    for start in range(piece[0], piece[1], span):
        stop = min(start + span, piece[1])
        panel = _panel(work, slice(start, stop))
        normal = work.model(panel)
        for first in range(0, stop - start, BLOCK):
            at = slice(first, min(first + BLOCK, stop - start))
            own = _part(panel, at), _taken(normal, at)
            abnormal = fast_abnormal(*own) if work.many else abnormal_returns(*own)
            yield slice(start + at.start, start + at.stop), abnormal


def _panel(work: Work, at: slice | IntArray) -> EventPanel:
    security, day = np.array(work.security[at]), np.array(work.day[at])
    return EventPanel(
        exchange="",
        benchmark=None,
        kind=work.kind,
        sessions=cast(Any, range(work.returns.shape[1])),  # only their number is asked for
        tickers=(),
        returns=work.returns,
        regressors=work.regressors,
        events=cast(Any, range(len(day))),
        day_zero=(),
        security=security,
        day=day,
        estimation=work.estimation,
        event=work.event,
        min_obs=work.min_obs,
    )


def _part(panel: EventPanel, at: slice) -> EventPanel:
    """Some events of a panel."""
    events = cast(Any, range(at.stop - at.start))
    return replace(panel, events=events, security=panel.security[at], day=panel.day[at])


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
