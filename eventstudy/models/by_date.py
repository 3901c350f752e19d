"""Least squares for events whose windows miss nothing, a date at a time: what the regressors say is worked out once.

All events of a date have the same (T, k) regressors, so their slopes are one matrix product. Two passes, as in
``ols.py``: means, then centred moments and residuals, so that an absurd value spoils no other event. An event with
a hole in its window, or with so little variance left that it may have to be refused, is handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from eventstudy.datatypes import FloatArray, IntArray, Window
from eventstudy.models.gram import centre, invert, with_constant
from eventstudy.windows import positions

FEWEST = 3  # events a date; with fewer, blocks of events of many dates are faster
_DATES = 64  # dates whose regressors are prepared together
_SUSPECT = 1e-12  # share of the squares left by the model below which an event is looked at again


class Layout(Protocol):
    """What the engine reads of an EventPanel, or of anything laid out like one."""

    @property
    def returns(self) -> FloatArray: ...
    @property
    def security(self) -> IntArray: ...
    @property
    def day(self) -> IntArray: ...
    @property
    def estimation(self) -> Window: ...


@dataclass(frozen=True, slots=True, eq=False)
class DateFit:
    """Estimates of the n events `rows` of one date: ``xtx_inv`` (p, p) is theirs together; r_squared NaN if p = 0."""

    rows: IntArray
    params: FloatArray
    sigma: FloatArray
    r_squared: FloatArray
    nu: float
    xtx_inv: FloatArray
    again: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Regressors:
    """One date: ``x`` (T, k) deviations, ``mean`` (k,), ``inverse`` (k, k), ``xtx_inv`` (p, p), ``offset`` (T,)."""

    x: FloatArray
    mean: FloatArray
    inverse: FloatArray
    xtx_inv: FloatArray
    offset: FloatArray | None


def by_date(layout: Layout, design: FloatArray, offset: FloatArray, constant: bool) -> Iterator[DateFit | IntArray]:
    """Estimates date by date, and the events left over: each event is in exactly one of them.

    Parameters
    ----------
    layout : N events on D sessions.
    design, offset : (D, p) and (D,), shared by all events, the constant first if there is one.
    """
    order = np.argsort(layout.day, kind="stable").astype(np.int32)
    dates, start = np.unique(layout.day[order], return_index=True)
    events = np.split(order, start[1:])
    if len(order) < FEWEST * len(dates):
        yield order
        return
    for first in range(0, len(dates), _DATES):
        block = slice(first, first + _DATES)
        for date, rows, known in zip(
            dates[block], events[block], _regressors(layout, dates[block], design, offset, constant), strict=True
        ):
            if known is None:
                yield rows
                continue
            fit = _fit(layout, rows, int(date), known, constant)
            yield fit
            if len(fit.again):
                yield fit.again


def _regressors(
    layout: Layout, dates: IntArray, design: FloatArray, offset: FloatArray, constant: bool
) -> Iterator[_Regressors | None]:
    """What the estimation windows of `dates` hold; None where a day is missing or the columns are dependent."""
    at, inside = positions(dates, layout.estimation, len(design))
    columns = design.T[1 if constant else 0 :, at]
    known = offset[at]
    whole = np.asarray(inside.all(axis=1) & np.isfinite(columns).all(axis=(0, 2)) & np.isfinite(known).all(axis=1))
    count = np.full(len(dates), float(at.shape[1]))
    ok = np.broadcast_to(whole[:, None], at.shape)
    x, mean = centre(np.where(ok, columns, 0.0), ok, count, constant)
    inverse, dependent = invert(x, mean, count)
    full = with_constant(inverse, mean, count) if constant else inverse
    some = bool(offset.any())
    for j in range(len(dates)):
        if not whole[j] or dependent[j] >= 0:
            yield None
        else:
            yield _Regressors(
                np.ascontiguousarray(x[:, j].T), mean[:, j], inverse[j], full[j], known[j] if some else None
            )


def _fit(layout: Layout, rows: IntArray, date: int, known: _Regressors, constant: bool) -> DateFit:
    first = date + layout.estimation.start
    y: FloatArray = layout.returns[layout.security[rows], first : first + layout.estimation.length]
    days, k = known.x.shape
    p = k + constant
    flat = np.zeros(len(rows), np.bool_)
    if known.offset is not None:
        flat = ~(y.var(axis=1) > _SUSPECT * (y * y).mean(axis=1))
        y = y - known.offset
    mean = y.mean(axis=1)
    if constant or p == 0:
        y = y - mean[:, None]
    slopes, residuals = solve(known.inverse, known.x, y)
    sse, total = _squares(residuals), _squares(y)
    level = total + days * mean * mean + (0.0 if known.offset is None else float(known.offset @ known.offset))
    again = flat | ~(sse > _SUSPECT * level)  # true for NaN too
    nu = float(days - max(p, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        r_squared = 1.0 - sse / total if p else np.full(len(rows), np.nan)
        sigma = np.sqrt(sse / nu)
    params = np.column_stack([mean - slopes @ known.mean, slopes]) if constant else slopes
    if again.any():
        good = ~again
        return DateFit(rows[good], params[good], sigma[good], r_squared[good], nu, known.xtx_inv, rows[again])
    return DateFit(rows, params, sigma, r_squared, nu, known.xtx_inv, rows[:0])


def solve(inverse: FloatArray, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes (n, k) and residuals (n, T) of the rows of `y` (n, T) on `x` (T, k)."""
    slopes, residuals = np.zeros((len(y), x.shape[1])), y
    # A second step removes the rounding that correlated columns put into the first.
    for _ in range(min(x.shape[1], 2)):
        slopes = slopes + (residuals @ x) @ inverse
        residuals = y - slopes @ x.T
    return slopes, residuals


def _squares(values: FloatArray) -> FloatArray:
    out: FloatArray = np.einsum("nt,nt->n", values, values)
    return out
