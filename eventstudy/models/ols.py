"""The one least-squares engine: every event of a panel at once, without a Python loop over events.

Events that miss nothing are estimated a date at a time (``by_date.py``), the others in blocks, here. Each block gathers
its estimation windows from the security-major returns, masks what is missing, and makes two passes: means, then
centred moments; the slopes come from the Cholesky factor of the scaled centred Gram matrix (with one step of
refinement where there are several), and the residuals from the slopes. Centring first keeps ten digits where raw
cross products would cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy.datatypes import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns
from eventstudy.models.by_date import DateFit, by_date
from eventstudy.models.gram import NEGLIGIBLE, centre, invert, with_constant
from eventstudy.windows import positions

BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Estimates of B events; ``refusal`` (B,) the kind of refusal, 0 where estimated; ``column`` (B,) to blame."""

    params: FloatArray
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    xtx_inv: FloatArray
    r_squared: FloatArray
    refusal: IntArray
    column: IntArray


def least_squares(
    panel: EventPanel, model: str, names: tuple[str, ...], design: FloatArray, offset: FloatArray
) -> NormalReturns:
    """Regress R - offset on the design over each event's estimation window.

    ``b = (X'X)^-1 X'y``, ``sigma^2 = e'e / nu``, ``nu = T - p``, with T the days on which the security, the offset
    and every column have a value. With p = 0 nothing is estimated: sigma^2 is the sample variance of y, nu = T - 1.

    Parameters
    ----------
    panel : N events on D sessions.
    model, names : for the result; `names` (p,) label the columns, ``const`` first if there is a constant.
    design : (D, p), NaN where a column is missing; the constant, if any, is the first column and all ones. (N, D, p)
        where every event has regressors of its own.
    offset : (D,) the part of the normal return that is known, or (N, D).

    Returns
    -------
    NormalReturns. ``r_squared`` is centred with a constant, uncentred without, NaN where p = 0. An event is refused,
    with NaN and a reason, when it has fewer than ``panel.min_obs`` returns or none to spare, when the returns or a
    column do not vary, when columns are collinear, or when there is no residual variance.

    References
    ----------
    MacKinlay (1997), section 4; Campbell, Lo and MacKinlay (1997), section 4.4.
    """
    n, p = panel.n_events, design.shape[-1]
    params, xtx_inv = np.full((n, p), np.nan), np.full((n, p, p), np.nan)
    sigma, nu, r_squared = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    nobs, refusal, column = (np.zeros(n, np.int32) for _ in range(3))
    has_constant = bool(names) and names[0] == "const"
    left = np.arange(n, dtype=np.int32)
    if design.ndim == 2 and offset.ndim == 1 and panel.estimation.length >= max(panel.min_obs, p + 1):
        rest = [left[:0]]
        for part in by_date(panel, design, offset, has_constant):
            if not isinstance(part, DateFit):
                rest.append(part)
                continue
            rows = part.rows
            params[rows], sigma[rows], r_squared[rows] = part.params, part.sigma, part.r_squared
            nu[rows], nobs[rows], xtx_inv[rows] = part.nu, panel.estimation.length, part.xtx_inv
        left = np.concatenate(rest)
    # Sorted by security, the rows of a block stay in cache.
    order = left[np.argsort(panel.security[left], kind="stable")]
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        block = _fit(panel, rows, design, offset, has_constant)
        nobs[rows], refusal[rows], column[rows] = block.nobs, block.refusal, block.column
        ok = block.refusal == 0
        kept = rows[ok]
        params[kept], xtx_inv[kept] = block.params[ok], block.xtx_inv[ok]
        sigma[kept], nu[kept], r_squared[kept] = block.sigma[ok], block.nu[ok], block.r_squared[ok]
    reason = _reasons(panel, names, nobs, refusal, column)
    known = (read_only(design), read_only(offset))
    fitted = (read_only(params), read_only(sigma), read_only(nobs), read_only(nu), read_only(xtx_inv))
    return NormalReturns(model, names, *known, *fitted, read_only(r_squared), reason)


def read_only(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same array through a view that cannot be written to: a finished result stays what it was."""
    view = values.view()
    view.flags.writeable = False
    return view


# -------------------------------------------------------------------------------------------------------- one block
def _fit(panel: EventPanel, rows: IntArray, design: FloatArray, offset: FloatArray, has_constant: bool) -> _Block:
    """Estimate the events `rows`; refused ones carry numbers that mean nothing, marked by ``refusal``."""
    p = design.shape[-1]
    # Without any parameter the spread of y about its mean still gives sigma, so y is centred all the same.
    centred = has_constant or p == 0
    raw, known, columns, ok = _gather(panel, rows, design, offset)
    columns = columns[1:] if has_constant else columns
    nobs = ok.sum(axis=1).astype(np.int32)
    count = np.maximum(nobs, 1).astype(np.float64)
    y, y_mean = centre(np.where(ok, raw - known, 0.0), ok, count, centred)
    x, x_mean = centre(np.where(ok, columns, 0.0), ok, count, centred)
    inverse, dependent = invert(x, x_mean, count)
    slopes, residuals = _solve(inverse, x, y)
    nu = count - max(p, 1)
    sse, total = _squares(residuals), _squares(y)
    refusal, column = _refuse(panel.min_obs, raw, ok, sse, nu, dependent)
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma, r_squared = np.sqrt(sse / nu), 1.0 - sse / total
    if p == 0:
        r_squared = np.full_like(r_squared, np.nan)
    params, xtx_inv = slopes, inverse
    if has_constant:
        params = np.column_stack([y_mean - (x_mean.T * slopes).sum(axis=1), slopes])
        xtx_inv = with_constant(inverse, x_mean, count)
    return _Block(params, sigma, nobs, nu, xtx_inv, r_squared, refusal, column)


def _gather(
    panel: EventPanel, rows: IntArray, design: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Estimation returns (B, T), offset (B, T), columns (p, B, T), and which days can be used (B, T)."""
    at, inside = positions(panel.day[rows], panel.estimation, len(panel.sessions))
    raw: FloatArray = panel.returns[panel.security[rows][:, None], at]
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


# --------------------------------------------------------------------------------------------------------- refusals
def _refuse(
    min_obs: int, raw: FloatArray, ok: BoolArray, sse: FloatArray, nu: FloatArray, dependent: IntArray
) -> tuple[IntArray, IntArray]:
    """Kind of refusal (B,), 0 for none, the first that holds; and the column concerned (B,)."""
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
    return np.select(conditions, [1, 2, 3, 4], 0).astype(np.int32), dependent


def _squares(values: FloatArray) -> FloatArray:
    out: FloatArray = np.einsum("bt,bt->b", values, values)
    return out


def _reasons(
    panel: EventPanel, names: tuple[str, ...], nobs: IntArray, refusal: IntArray, column: IntArray
) -> tuple[str | None, ...]:
    """One sentence for each refused event, None for the others."""
    slopes = names[1:] if names and names[0] == "const" else names
    needed = max(panel.min_obs, max(len(names), 1) + 1)
    out: list[str | None] = [None] * len(refusal)
    for i in np.flatnonzero(refusal):
        if refusal[i] == 1:
            out[i] = f"has {nobs[i]} of the {needed} estimation returns needed"
        elif refusal[i] == 2:
            out[i] = "its returns do not vary in the estimation window"
        elif refusal[i] == 3:
            out[i] = f"{slopes[column[i]]} does not vary in the estimation window, or only as other regressors do"
        else:
            out[i] = "the model leaves no residual variance in the estimation window; is it its own benchmark?"
    return tuple(out)
