"""The event windows of estimated events: AR, SAR, CAR, SCAR, with the whole forecast error.

The same formulas as ``abnormal.py``, for many events whose (X'X)^-1 is shared, without an object for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.engine.estimates import Estimates, Shared
from eventstudy.objects.estimation import FloatArray, Layout, Window
from eventstudy.windows import gather, positions


@dataclass(frozen=True, slots=True, eq=False)
class EventDays:
    """What m dates say of their event windows, L days, and of W windows in them; NaN where a day is missing.

    ``columns`` (k, m, L) of the model, without its constant; ``offset`` (m, L), None where all days are there and it is
    zero; ``totals`` (W, m, p) and ``offset_totals`` (m, W) sums of columns, with the constant, and offset; ``error``
    (m, L) sqrt(c_tau), c_tau = 1 + x'(X'X)^-1 x; ``sum_error`` (m, W) sqrt(L_w + 1'X_w (X'X)^-1 X_w'1): standard
    errors in units of sigma.
    """

    columns: FloatArray
    offset: FloatArray | None
    totals: FloatArray
    offset_totals: FloatArray
    error: FloatArray
    sum_error: FloatArray


def event_days(
    layout: Layout, shared: Shared, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window]
) -> EventDays:
    """Columns, offset and standard errors of the event window around each day zero of `shared`."""
    at, inside = positions(shared.day, layout.event, layout.returns.shape[1])
    columns, known = design[at], offset[at]
    usable = inside & np.isfinite(known) & np.isfinite(columns).all(axis=2)
    if not usable.all():
        columns, known = np.where(usable[:, :, None], columns, np.nan), np.where(usable, known, np.nan)
    explained = np.einsum("mlj,mlj->ml", columns @ shared.xtx_inv, columns)
    own = np.empty((len(at), len(windows)))
    totals, offsets = np.empty((len(windows), len(at), design.shape[1])), np.empty((len(at), len(windows)))
    for w, cols in enumerate(columns_of(layout.event, windows)):
        totals[w], offsets[:, w] = columns[:, cols].sum(axis=1), known[:, cols].sum(axis=1)
        spread = np.einsum("mj,mj->m", (totals[w][:, None] @ shared.xtx_inv)[:, 0], totals[w])
        own[:, w] = (cols.stop - cols.start) + spread
    slopes = np.ascontiguousarray(columns.transpose(2, 0, 1)[1 if constant else 0 :])
    zero = not known.any()  # NaN is not zero
    return EventDays(slopes, None if zero else known, totals, offsets, np.sqrt(1.0 + explained), np.sqrt(own))


def columns_of(event: Window, windows: Sequence[Window]) -> list[slice]:
    """Where each of the windows lies among the days of the event window."""
    return [slice(w.start - event.start, w.end - event.start + 1) for w in windows]


def realized(layout: Layout, fit: Estimates) -> FloatArray:
    """Returns of the event window, (n, L), NaN where one is missing or infinite: that is not a return."""
    first = layout.day[fit.rows] + layout.event.start
    span, last = layout.event.length, layout.returns.shape[1]
    security = layout.security[fit.rows]
    if len(first) and first.min() >= 0 and first.max() + span <= last:
        returns: FloatArray = sliding_window_view(layout.returns, span, axis=1)[security, first]
    else:
        returns = gather(layout.returns, security, layout.day[fit.rows], layout.event)
    if not np.isfinite(returns.sum()):
        returns[np.isinf(returns)] = np.nan
    return returns


def abnormal(returns: FloatArray, fit: Estimates, days: EventDays) -> None:
    """Make AR_tau = R_tau - offset_tau - x_tau'b of the returns (n, L), in their place."""
    if days.offset is not None:
        returns -= days.offset[fit.which]
    constant = fit.params.shape[1] - len(days.columns)
    if constant:
        returns -= fit.params[:, :1]
    for j, column in enumerate(days.columns):
        part = column[fit.which] * fit.params[:, j + constant, None]
        returns -= part


def cumulated(returns: FloatArray, fit: Estimates, days: EventDays, windows: Sequence[slice]) -> FloatArray:
    """CAR over each of the windows, (n, W): returns (n, L) less what the model says, NaN where a day is missing."""
    car = np.empty((len(returns), len(windows)))
    for w, cols in enumerate(windows):
        normal = np.einsum("np,np->n", fit.params, days.totals[w][fit.which])
        car[:, w] = returns[:, cols] @ np.ones(cols.stop - cols.start) - normal
        if days.offset is not None:
            car[:, w] -= days.offset_totals[fit.which, w]
    return car
