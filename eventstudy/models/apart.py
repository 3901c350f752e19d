"""Events with a benchmark or windows of their own: those alike are estimated together, then all are joined.

The panel's windows are then the smallest that hold those of every event; what lies outside an event's own is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from eventstudy.engine.ols import read_only
from eventstudy.errors import SpecError, WindowError
from eventstudy.models import Fit, Model, card, estimate
from eventstudy.normal import error_variance, estimation_residuals
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns, Window
from eventstudy.windows import of_benchmark, own_windows

_OF_EACH_EVENT = ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")
_Specification = tuple[str | None, Window, Window]


def has_own(panel: EventPanel) -> bool:
    """Whether an event of the panel has a benchmark or a window of its own."""
    return any(e.benchmark or e.estimation or e.event for e in panel.events)


def fewest(min_obs: int, own: Window, usual: Window) -> int:
    """The fewest returns of an estimation window of an event's own: the same share of it as of the usual one.

    >>> fewest(175, Window(-130, -11), Window(-260, -11))
    84
    """
    return ceil(min_obs * own.length / usual.length)


def estimate_apart(panel: EventPanel, model: str | Model | Fit = "market") -> NormalReturns:
    """Fit `model` to every event with its own benchmark and windows; the design is then one an event.

    The fewest returns that an estimate may rest on are the same share of an event's own window as of the study's.

    Raises
    ------
    SpecError : see `models.estimate`, and a model whose parameters differ from one event to the next.
    """
    wanted: dict[_Specification, list[int]] = {}
    refused: dict[int, str] = {}
    for i, event in enumerate(panel.events):
        try:
            wanted.setdefault((event.benchmark, *own_windows(panel, i)), []).append(i)
        except WindowError as error:
            refused[i] = str(error)
    parts = [(rows, estimate(_part(panel, what, rows), model)) for what, rows in wanted.items()]
    names = {normal.names for _, normal in parts}
    if len(names) > 1:
        raise SpecError(
            f"events with benchmarks or windows of their own need a model with the same parameters: {names}"
        )
    windows = {i: (what[1], what[2]) for what, rows in wanted.items() for i in rows}
    normal = _joined(panel, parts, windows, refused)
    return replace(normal, fit=_Apart(model))


class _Apart:
    """The same again on another panel, for placebo dates."""

    def __init__(self, model: str | Model | Fit) -> None:
        self.model = model

    @property
    def card(self) -> Model:
        """The facts about the model, which are those of the model itself."""
        return replace(card(self.model), fit=self)

    def __call__(self, panel: EventPanel) -> NormalReturns:
        return estimate_apart(panel, self.model)


def _part(panel: EventPanel, what: _Specification, rows: Sequence[int]) -> EventPanel:
    benchmark, estimation, event = what
    least = fewest(panel.min_obs, estimation, (panel.standard or (panel.estimation,))[0])
    return replace(
        panel,
        benchmark=benchmark or panel.benchmark,
        regressors=of_benchmark(panel.regressors, benchmark),
        events=tuple(panel.events[i] for i in rows),
        day_zero=tuple(panel.day_zero[i] for i in rows),
        security=panel.security[list(rows)],
        day=panel.day[list(rows)],
        estimation=estimation,
        event=event,
        min_obs=least,
    )


def _joined(
    panel: EventPanel,
    parts: Sequence[tuple[list[int], NormalReturns]],
    windows: dict[int, tuple[Window, Window]],
    refused: dict[int, str],
) -> NormalReturns:
    n, days = panel.n_events, len(panel.sessions)
    if not parts:
        raise SpecError("; ".join(dict.fromkeys(refused.values())))
    first = parts[0][1]
    p = len(first.names)
    whole: dict[str, Any] = {
        "params": np.full((n, p), np.nan),
        "xtx_inv": np.full((n, p, p), np.nan),
        **{name: np.full(n, np.nan) for name in ("sigma", "nu", "r_squared")},
        "nobs": np.zeros(n, np.int32),
        "design": np.full((n, days, p), np.nan),
        "offset": np.full((n, days), np.nan),
    }
    reason: list[str | None] = [refused.get(i) for i in range(n)]
    for rows, normal in parts:
        for name in (*_OF_EACH_EVENT, "design", "offset"):
            whole[name][rows] = getattr(normal, name)
        for i, why in zip(rows, normal.reason, strict=True):
            reason[i] = why
    whole = {name: read_only(array) for name, array in whole.items()}
    own = any(w[0] != panel.estimation for w in windows.values())
    residuals = own or any(normal.residuals is not None for _, normal in parts)
    varied = any(normal.variance is not None for _, normal in parts)
    return replace(
        first,
        **whole,
        reason=tuple(reason),
        residuals=_placed(panel, parts, windows, 0) if residuals else None,
        variance=_placed(panel, parts, windows, 1) if varied else None,
        least_squares=all(normal.least_squares for _, normal in parts),
    )


def _placed(
    panel: EventPanel,
    parts: Sequence[tuple[list[int], NormalReturns]],
    windows: dict[int, tuple[Window, Window]],
    which: int,
) -> FloatArray:
    """Residuals (which 0) or variances (1) of every event in the columns of the panel's window, NaN elsewhere."""
    hull = (panel.estimation, panel.event)[which]
    out = np.full((panel.n_events, hull.length), np.nan)
    for rows, normal in parts:
        estimation, event = windows[rows[0]]
        part = _part(panel, (panel.events[rows[0]].benchmark, estimation, event), rows)
        own = (estimation, event)[which]
        values = error_variance(normal, len(rows), own.length) if which else estimation_residuals(part, normal)
        columns = slice(own.start - hull.start, own.end - hull.start + 1)
        out[rows, columns] = values
    return read_only(out)
