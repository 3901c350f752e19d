"""Least squares in blocks of events with holes in their windows, or with regressors of their own: by masks.

Each block gathers its estimation windows from the security-major returns, masks what is missing, and makes two
passes: means, then centred moments; the slopes come from the Cholesky factor of the scaled centred Gram matrix (with
one step of refinement where there are several), and the residuals from the slopes. Centring first keeps ten digits
where raw cross products would cancel. All refusals are decided here.
"""

from __future__ import annotations

import numpy as np

from eventstudy.engine.estimates import (
    CONSTANT_RETURNS,
    DEPENDENT,
    NO_VARIANCE,
    TOO_FEW,
    CodeArray,
    Estimates,
    Shared,
)
from eventstudy.engine.gram import NEGLIGIBLE, centre, invert, with_constant
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Layout
from eventstudy.windows import positions


def masked(layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool) -> Estimates:
    """Estimate the events `rows`; ``design`` (D, p) or (N, D, p), ``offset`` (D,) or (N, D)."""
    p = design.shape[-1]
    # Without any parameter the spread of y about its mean still gives sigma, so y is centred all the same.
    centred = constant or p == 0
    raw, known, columns, ok = _gather(layout, rows, design, offset)
    columns = columns[1:] if constant else columns
    nobs = ok.sum(axis=1).astype(np.int32)
    count = np.maximum(nobs, 1).astype(np.float64)
    y, y_mean = centre(np.where(ok, raw - known, 0.0), ok, count, centred)
    x, x_mean = centre(np.where(ok, columns, 0.0), ok, count, centred)
    inverse, dependent = invert(x, x_mean, count)
    slopes, residuals = _solve(inverse, x, y)
    nu = count - max(p, 1)
    sse, total = _squares(residuals), _squares(y)
    refusal = _refuse(layout.min_obs, raw, ok, sse, nu, dependent)
    out = refusal > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma, r_squared = np.sqrt(sse / nu), 1.0 - sse / total if p else np.full(len(rows), np.nan)
    params, xtx_inv = slopes, inverse
    if constant:
        params = np.column_stack([y_mean - (x_mean.T * slopes).sum(axis=1), slopes])
        xtx_inv = with_constant(inverse, x_mean, count)
    positive = (residuals > 0.0).sum(axis=1) / count
    for values in (params, sigma, nu, r_squared, positive, xtx_inv):
        values[out] = np.nan
    shared = Shared(layout.day[rows], xtx_inv)
    blame = dependent.astype(np.int8)
    return Estimates(rows, params, sigma, nobs, nu, r_squared, positive, refusal, blame, slice(None), shared)


def _gather(
    layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Estimation returns (B, T), offset (B, T), columns (p, B, T), and which days can be used (B, T)."""
    at, inside = positions(layout.day[rows], layout.estimation, layout.returns.shape[1])
    raw: FloatArray = layout.returns[layout.security[rows][:, None], at]
    known: FloatArray = offset[at] if offset.ndim == 1 else offset[rows[:, None], at]
    columns: FloatArray = design.T[:, at] if design.ndim == 2 else design[rows[:, None], at].transpose(2, 0, 1)
    usable = np.isfinite(known) & np.isfinite(columns).all(axis=0)
    return raw, known, columns, inside & np.isfinite(raw) & usable


def _solve(inverse: FloatArray, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes (B, k) and residuals (B, T)."""
    slopes = np.zeros((y.shape[0], x.shape[0]))
    residuals = y
    # A second step removes the rounding that correlated columns put into the first.
    for _ in range(min(x.shape[0], 2)):
        cross = np.einsum("kbt,bt->bk", x, residuals)
        slopes = slopes + np.einsum("bkl,bl->bk", inverse, cross)
        residuals = y - np.einsum("bk,kbt->bt", slopes, x)
    return slopes, residuals


def _refuse(
    min_obs: int, raw: FloatArray, ok: BoolArray, sse: FloatArray, nu: FloatArray, dependent: IntArray
) -> CodeArray:
    """Kind of refusal (B,), 0 for none, the first that holds."""
    nobs = ok.sum(axis=1)
    low = np.where(ok, raw, np.inf).min(axis=1)
    high = np.where(ok, raw, -np.inf).max(axis=1)
    largest = np.maximum(np.abs(low), np.abs(high))
    conditions = [
        (nobs < min_obs) | (nu < 1),
        high - low <= NEGLIGIBLE * largest,
        dependent >= 0,
        np.sqrt(sse) <= NEGLIGIBLE * np.sqrt(_squares(np.where(ok, raw, 0.0))),
    ]
    return np.select(conditions, [TOO_FEW, CONSTANT_RETURNS, DEPENDENT, NO_VARIANCE], 0).astype(np.int8)


def _squares(values: FloatArray) -> FloatArray:
    out: FloatArray = np.einsum("bt,bt->b", values, values)
    return out
