"""The one least-squares engine: every event of a panel at once, without a Python loop over events.

How, depends on what is missing and how many there are: see ``kernel.py``.
"""

from __future__ import annotations

import numpy as np

from eventstudy.engine.estimates import CONSTANT_RETURNS, DEPENDENT, TOO_FEW, CodeArray, read_only
from eventstudy.engine.kernel import estimates
from eventstudy.objects.estimation import FloatArray, IntArray, Layout, NormalReturns

__all__ = ["least_squares", "read_only"]


def least_squares(
    layout: Layout, model: str, names: tuple[str, ...], design: FloatArray, offset: FloatArray
) -> NormalReturns:
    """Regress R - offset on the design over each event's estimation window.

    ``b = (X'X)^-1 X'y``, ``sigma^2 = e'e / nu``, ``nu = T - p``, with T the days on which the security, the offset
    and every column have a value. With p = 0 nothing is estimated: sigma^2 is the sample variance of y, nu = T - 1.

    Parameters
    ----------
    layout : N events on D sessions.
    model, names : for the result; `names` (p,) label the columns, ``const`` first if there is a constant.
    design : (D, p), NaN where a column is missing; the constant, if any, is the first column and all ones. (N, D, p)
        where every event has regressors of its own.
    offset : (D,) the part of the normal return that is known, or (N, D).

    Returns
    -------
    NormalReturns. ``r_squared`` is centred with a constant, uncentred without, NaN where p = 0. An event is refused,
    with NaN and a reason, when it has fewer than ``layout.min_obs`` returns or none to spare, when the returns or a
    column do not vary, when columns are collinear, or when there is no residual variance.

    References
    ----------
    MacKinlay (1997), section 4; Campbell, Lo and MacKinlay (1997), section 4.4.
    """
    n, p = len(layout.day), design.shape[-1]
    params, xtx_inv = np.full((n, p), np.nan), np.full((n, p, p), np.nan)
    sigma, nu, r_squared = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    nobs, refusal, column = np.zeros(n, np.int32), np.zeros(n, np.int8), np.zeros(n, np.int8)
    constant = bool(names) and names[0] == "const"
    for fit in estimates(layout, design, offset, constant):
        rows = fit.rows
        params[rows], sigma[rows], nu[rows], r_squared[rows] = fit.params, fit.sigma, fit.nu, fit.r_squared
        nobs[rows], refusal[rows], column[rows] = fit.nobs, fit.refusal, fit.column
        xtx_inv[rows] = fit.shared.xtx_inv[fit.which]
    reason = _reasons(layout.min_obs, names, nobs, refusal, column)
    known = (read_only(design), read_only(offset))
    fitted = (read_only(params), read_only(sigma), read_only(nobs), read_only(nu), read_only(xtx_inv))
    return NormalReturns(model, names, *known, *fitted, read_only(r_squared), reason)


def _reasons(
    min_obs: int, names: tuple[str, ...], nobs: IntArray, refusal: CodeArray, column: CodeArray
) -> tuple[str | None, ...]:
    """One sentence for each refused event, None for the others."""
    slopes = names[1:] if names and names[0] == "const" else names
    needed = max(min_obs, max(len(names), 1) + 1)
    out: list[str | None] = [None] * len(refusal)
    for i in np.flatnonzero(refusal):
        if refusal[i] == TOO_FEW:
            out[i] = f"has {nobs[i]} of the {needed} estimation returns needed"
        elif refusal[i] == CONSTANT_RETURNS:
            out[i] = "its returns do not vary in the estimation window"
        elif refusal[i] == DEPENDENT:
            out[i] = f"{slopes[column[i]]} does not vary in the estimation window, or only as other regressors do"
        else:
            out[i] = "the model leaves no residual variance in the estimation window; is it its own benchmark?"
    return tuple(out)
