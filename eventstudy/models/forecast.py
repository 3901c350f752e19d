"""The event windows of estimated events: AR, SAR, CAR, SCAR, with the whole forecast error.

The same formulas as ``abnormal.py``, for many events whose (X'X)^-1 is shared, without an object for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.datatypes import FloatArray, Window
from eventstudy.models.estimates import Estimates, Laid, Shared
from eventstudy.windows import gather, positions


@dataclass(frozen=True, slots=True, eq=False)
class EventDays:
    """What m dates say of their event windows, L days, and of W windows in them; NaN where a day is missing.

    ``columns`` (m, L, p) and ``offset`` (m, L) of the model; ``error`` (m, L) sqrt(c_tau), c_tau = 1 + x'(X'X)^-1 x;
    ``sum_error`` (m, W) sqrt(L_w + 1'X_w (X'X)^-1 X_w'1): standard errors in units of sigma.
    """

    columns: FloatArray
    offset: FloatArray
    error: FloatArray
    sum_error: FloatArray


def event_days(
    layout: Laid, shared: Shared, design: FloatArray, offset: FloatArray, windows: Sequence[Window]
) -> EventDays:
    """Columns, offset and standard errors of the event window around each day zero of `shared`."""
    at, inside = positions(shared.day, layout.event, layout.returns.shape[1])
    columns, known = design[at], offset[at]
    usable = inside & np.isfinite(known) & np.isfinite(columns).all(axis=2)
    if not usable.all():
        columns = np.where(usable[:, :, None], columns, np.nan)
    explained = np.einsum("mlj,mlj->ml", columns @ shared.xtx_inv, columns)
    own = np.empty((len(at), len(windows)))
    for w, cols in enumerate(columns_of(layout.event, windows)):
        total = columns[:, cols].sum(axis=1)
        spread = np.einsum("mj,mj->m", (total[:, None] @ shared.xtx_inv)[:, 0], total)
        own[:, w] = (cols.stop - cols.start) + spread
    return EventDays(columns, np.where(usable, known, np.nan), np.sqrt(1.0 + explained), np.sqrt(own))


def columns_of(event: Window, windows: Sequence[Window]) -> list[slice]:
    """Where each of the windows lies among the days of the event window."""
    return [slice(w.start - event.start, w.end - event.start + 1) for w in windows]


def abnormal(layout: Laid, fit: Estimates, days: EventDays) -> FloatArray:
    """AR_tau = R_tau - offset_tau - x_tau'b, (n, L), NaN where any of them is missing."""
    first = layout.day[fit.rows] + layout.event.start
    span, last = layout.event.length, layout.returns.shape[1]
    security = layout.security[fit.rows]
    if len(first) and first.min() >= 0 and first.max() + span <= last:
        realized: FloatArray = sliding_window_view(layout.returns, span, axis=1)[security, first]
    else:
        realized = gather(layout.returns, security, layout.day[fit.rows], layout.event)
    realized -= days.offset[fit.which]
    for j in range(days.columns.shape[2]):
        realized -= fit.params[:, j, None] * days.columns[fit.which, :, j]
    # An infinity is no return: it counts as missing, as it does in the estimation.
    infinite = np.isinf(realized)
    if infinite.any():
        realized[infinite] = np.nan
    return realized


def cumulated(ar: FloatArray, windows: Sequence[slice]) -> FloatArray:
    """CAR over each of the windows, (n, W), NaN where a day is missing."""
    car = np.empty((len(ar), len(windows)))
    for w, cols in enumerate(windows):
        car[:, w] = ar[:, cols].sum(axis=1)
    return car
