"""What a fitted model says of a day: the normal return, its estimation error, and the variance of an error.

A model has one design and one offset for all events, or one an event; here is the only place that asks which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns, Window
from eventstudy.windows import gather, positions


def offset_at(normal: NormalReturns, at: IntArray) -> FloatArray:
    """The known part of the normal return on sessions `at` (N, days) of each event, (N, days)."""
    own = normal.offset.ndim == 2
    taken: FloatArray = np.take_along_axis(normal.offset, at, axis=1) if own else normal.offset[at]
    return taken


def columns_at(normal: NormalReturns, at: IntArray) -> Iterator[FloatArray]:
    """Each of the p columns of the design on sessions `at` (N, days) of each event, (N, days)."""
    shared = normal.design.ndim == 2
    for j in range(normal.design.shape[-1]):
        column = normal.design[..., j]
        yield column[at] if shared else np.take_along_axis(column, at, axis=1)


def own_design(normal: NormalReturns, i: int) -> FloatArray:
    """The (D, p) design of event `i`."""
    return normal.design if normal.design.ndim == 2 else normal.design[i]


def own_offset(normal: NormalReturns, i: int) -> FloatArray:
    """The (D,) offset of event `i`."""
    return normal.offset if normal.offset.ndim == 1 else normal.offset[i]


def expected(panel: EventPanel, normal: NormalReturns, window: Window) -> FloatArray:
    """offset + design'params on the days of `window`, (N, days); NaN outside the sessions and where not estimated."""
    at, inside = positions(panel.day, window, len(panel.sessions))
    total = np.where(inside & _estimated(normal)[:, None], offset_at(normal, at), np.nan)
    with np.errstate(invalid="ignore"):  # infinities of two columns may cancel to NaN: neither is a normal return
        for j, column in enumerate(columns_at(normal, at)):
            total += normal.params[:, j, None] * column
    return total


def leverage(panel: EventPanel, normal: NormalReturns, window: Window) -> FloatArray:
    """x'(X'X)^-1 x on the days of `window`, (N, days): variance of the normal return in units of sigma^2."""
    at, inside = positions(panel.day, window, len(panel.sessions))
    known = inside & _estimated(normal)[:, None] & np.isfinite(offset_at(normal, at))
    return np.where(known, explained(list(columns_at(normal, at)), normal.xtx_inv, at.shape), np.nan)


def explained(columns: Sequence[FloatArray], inverse: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """x'(X'X)^-1 x of p columns (N, m) of days, or of sums of days, and an inverse (N, p, p) an event; (N, m), `shape`.

    One is added for the variance of a forecast's own error, and taken from for that of a residual.
    """
    total = np.zeros(shape)
    with np.errstate(invalid="ignore"):
        for i, left in enumerate(columns):
            for j, right in enumerate(columns):
                total += inverse[:, i, j, None] * left * right
    return total


def error_variance(normal: NormalReturns, n: int, days: int) -> FloatArray:
    """Variance of an error on each event-window day in units of sigma^2, (N, L): ones unless the model says more."""
    return np.ones((n, days)) if normal.variance is None else normal.variance


def estimation_residuals(panel: EventPanel, normal: NormalReturns) -> FloatArray:
    """e_s = R_s - E[R_s] over the estimation window, (N, T), or what the model put in their place."""
    if normal.residuals is not None:
        return normal.residuals
    realized = gather(panel.returns, panel.security, panel.day, panel.estimation)
    return realized - expected(panel, normal, panel.estimation)


def _estimated(normal: NormalReturns) -> BoolArray:
    return np.array([reason is None for reason in normal.reason], dtype=np.bool_)
