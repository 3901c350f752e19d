"""Residuals, leverage and squares of the estimation days of some events, and their abnormal returns.

With numpy to the last digit those of `AbnormalReturns`; by compiled loops, for many events that share a design, the
same except for the rounding of the last digit.

Events sorted by day: one date after the other. The events of a date have the same days of the design, which are taken
once and in one go, not day by day for each event.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.abnormal import AbnormalReturns
from eventstudy.engine.estimates import read_only
from eventstudy.engine.on_demand import when_called
from eventstudy.inference.volatility import past_squares
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns, Window


def residuals_of(abnormal: AbnormalReturns, fast: bool = False) -> FloatArray:
    """e_s = R_s - E[R_s] over the estimation window, (N, T), NaN where missing or not estimated.

    ``fast`` : by compiled loops, for events that share a design; the same except for the rounding of the last digit.
    """
    if fast:
        panel = abnormal.panel
        return abnormal.once(("residuals",), lambda: _left(panel, abnormal.normal, panel.estimation))
    if not _inside(abnormal):
        return abnormal.residuals()
    return abnormal.once(("residuals",), lambda: _residuals(abnormal))


def leverage_of(abnormal: AbnormalReturns) -> FloatArray:
    """h_s = x_s'(X'X)^-1 x_s over the estimation window, (N, T), NaN where the residual is missing."""
    if not _inside(abnormal):
        return abnormal.estimation_leverage()
    here = np.isfinite(residuals_of(abnormal))
    return abnormal.once(("leverage",), lambda: np.where(here, _leverage(abnormal), np.nan))


def squares_of(abnormal: AbnormalReturns, residuals: FloatArray, fast: bool = False) -> FloatArray:
    """`volatility.past_squares` from the `residuals` (N, T); ``fast`` as in `residuals_of`."""
    if not fast:
        leverage_of(abnormal)  # kept by `abnormal`, whose own way to it is longer
        return past_squares(abnormal, residuals)
    normal, out = abnormal.normal, np.empty(residuals.shape)
    first = abnormal.panel.day + np.int32(abnormal.panel.estimation.start)
    scale_squares(residuals, first, _columns(normal), normal.sigma, normal.xtx_inv, out)
    return out


def fast_abnormal(panel: EventPanel, normal: NormalReturns) -> AbnormalReturns:
    """`abnormal_returns` by compiled loops, the forecast factors with them, for events that share a design."""
    abnormal = AbnormalReturns(panel, normal, read_only(_left(panel, normal, panel.event)))
    factor = np.empty(abnormal.ar.shape)
    forecast_days(panel.day + np.int32(panel.event.start), _columns(normal), normal.xtx_inv, factor)
    abnormal.once(("forecast",), lambda: factor)
    return abnormal


def _left(panel: EventPanel, normal: NormalReturns, window: Window) -> FloatArray:
    """Returns less the expected ones over a window, (N, days), NaN where missing or not estimated."""
    out = np.empty((len(panel.day), window.length))
    take_off_expected(
        read_only(np.asarray(panel.returns)),
        panel.security,
        panel.day + np.int32(window.start),
        _columns(normal),
        read_only(normal.offset),
        normal.params,
        ~np.isnan(normal.sigma),
        out,
    )
    return out


def _columns(normal: NormalReturns) -> FloatArray:
    """The design, one row per column."""
    return np.ascontiguousarray(normal.design.T)


def _inside(abnormal: AbnormalReturns) -> bool:
    """Whether all events share a design and have their whole estimation window among the sessions."""
    panel, normal = abnormal.panel, abnormal.normal
    first = panel.day + panel.estimation.start
    within = (first >= 0).all() and (first + panel.estimation.length <= panel.returns.shape[1]).all()
    shared = normal.design.ndim == 2 and normal.offset.ndim == 1 and normal.residuals is None
    return bool(within and shared)


def _dates(abnormal: AbnormalReturns) -> Iterator[tuple[slice, slice]]:
    """The events of each date, and the sessions of their estimation window."""
    day, window = abnormal.panel.day, abnormal.panel.estimation
    starts = np.flatnonzero(np.diff(day, prepend=-1))
    for start, stop in pairwise([*starts.tolist(), len(day)]):
        first = int(day[start]) + window.start
        yield slice(start, stop), slice(first, first + window.length)


def _residuals(abnormal: AbnormalReturns) -> FloatArray:
    panel, normal = abnormal.panel, abnormal.normal
    windows = sliding_window_view(panel.returns, panel.estimation.length, axis=1)
    out: FloatArray = windows[panel.security, panel.day + panel.estimation.start]
    with np.errstate(invalid="ignore"):  # infinities of two columns may cancel
        for rows, days in _dates(abnormal):
            expected = normal.offset[days]
            for j in range(normal.design.shape[1]):
                expected = expected + normal.params[rows, j, None] * normal.design[days, j]
            out[rows] -= expected
    out[np.isnan(normal.sigma)] = np.nan  # not estimated
    out[~np.isfinite(out)] = np.nan
    return out


def _leverage(abnormal: AbnormalReturns) -> FloatArray:
    normal, design = abnormal.normal, abnormal.normal.design
    out = np.zeros((abnormal.n, abnormal.panel.estimation.length))
    with np.errstate(invalid="ignore"):
        for rows, days in _dates(abnormal):
            for i in range(design.shape[1]):
                for j in range(design.shape[1]):
                    out[rows] += normal.xtx_inv[rows, i, j, None] * design[days, i] * design[days, j]
    return out


# -------------------------------------------------------------------------------------------------- compiled
@when_called
def take_off_expected(
    returns: FloatArray,
    security: IntArray,
    first: IntArray,
    design: FloatArray,
    offset: FloatArray,
    params: FloatArray,
    estimated: BoolArray,
    out: FloatArray,
) -> None:
    """R - offset - x'b of the days from `first` (N,) on into `out` (N, T), NaN where that is not a number.

    ``returns`` (S, D), ``design`` (p, D), ``offset`` (D,), ``params`` (N, p), ``estimated`` (N,).
    """
    sessions, days = returns.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        if not estimated[i] or to <= at:
            out[i] = np.nan
            continue
        own, left = returns[security[i], at:to], out[i, at - first[i] : to - first[i]]
        out[i, : at - first[i]] = np.nan
        out[i, to - first[i] :] = np.nan
        known = offset[at:to]
        for t in range(len(left)):
            left[t] = own[t] - known[t]
        for j in range(len(design)):
            b, column = params[i, j], design[j, at:to]
            for t in range(len(left)):
                left[t] -= b * column[t]
        for t in range(len(left)):
            left[t] = left[t] if np.isfinite(left[t]) else np.nan


@when_called
def scale_squares(
    residuals: FloatArray, first: IntArray, design: FloatArray, sigma: FloatArray, inverse: FloatArray, out: FloatArray
) -> None:
    """e_s^2 / (sigma^2 (1 - h_s)), h_s = x_s'(X'X)^-1 x_s, into `out` (N, T): see `volatility.past_squares`.

    ``residuals`` (N, T), ``first`` (N,), ``design`` (p, D), ``sigma`` (N,), ``inverse`` (N, p, p).
    """
    sessions, days = design.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        out[i] = np.nan
        if to <= at:
            continue
        e, left = residuals[i, at - first[i] : to - first[i]], out[i, at - first[i] : to - first[i]]
        left[:] = 1.0
        for j in range(len(design)):
            for k in range(len(design)):
                weight, one, two = inverse[i, j, k], design[j, at:to], design[k, at:to]
                for t in range(len(left)):
                    left[t] -= weight * one[t] * two[t]
        variance = sigma[i] * sigma[i]
        for t in range(len(left)):
            spread = variance * left[t]
            left[t] = e[t] * e[t] / spread if left[t] > 1e-12 and spread > 0 else np.nan


@when_called
def forecast_days(first: IntArray, design: FloatArray, inverse: FloatArray, out: FloatArray) -> None:
    """1 + x'(X'X)^-1 x of the days from `first` (N,) on into `out` (N, L), NaN outside the sessions.

    ``design`` (p, D), ``inverse`` (N, p, p).
    """
    sessions, days = design.shape[1], out.shape[1]
    for i in range(len(out)):
        at, to = max(first[i], 0), min(first[i] + days, sessions)
        out[i] = np.nan
        if to <= at:
            continue
        own = out[i, at - first[i] : to - first[i]]
        own[:] = 1.0
        for j in range(len(design)):
            for k in range(len(design)):
                weight, one, two = inverse[i, j, k], design[j, at:to], design[k, at:to]
                for t in range(len(own)):
                    own[t] += weight * one[t] * two[t]
