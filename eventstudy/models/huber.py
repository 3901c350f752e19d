"""The market model by Huber's M-estimator, which bounds the weight of a day: all events of a block at once."""

from __future__ import annotations

import numpy as np

from eventstudy.models import phrases
from eventstudy.models.nonsynchronous import BLOCK, Days, Fitted, covariance, fit_in_blocks, flat, ratio
from eventstudy.models.recipe import require
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns

_BOUND = 1.345  # of a residual in units of s, beyond which it counts less: 95 % efficient under normal errors
_NORMAL = 0.6744897501960817  # median absolute deviation of a standard normal variable
_STEPS = 500  # of the reweighting; it needs 15 to 25
_NEWTON = 60  # steps of Newton’s kind; they need 5 to 12
_SETTLED = 1e-10  # change of the sum of rho with which it ends
_FAR = 1e100  # spreads, beyond which a residual is as good as that far
_NO_SPREAD = 1e-5  # of the middle of the residuals, in units of their standard deviation
ON_A_LINE = "half of its estimation returns or more lie on one line: the scale of the errors about it is not defined"


def robust(panel: EventPanel) -> NormalReturns:
    """Market model by Huber's M-estimator: a + b Rm minimising sum rho((R - a - b Rm) / s).

    rho(u) = u^2 / 2 up to 1.345 and 1.345 |u| - 1.345^2 / 2 beyond, s the median absolute deviation of the residuals /
    .6745, both iterated as statsmodels' ``RLM`` with ``HuberT`` does: 95 % efficient under normal errors, and a few
    wild days do not move the estimate.

    * ``sigma`` = sqrt(e'e / nu) of *all* residuals, nu = T - 2; not s. Robust is how the line is drawn; the error
      of the event day may come from the tails as well. With s in its place a 5 % test of one day rejects about 10 %
      under t(4) errors, with sigma about 5 %, and both 5 % under normal errors.
    * ``xtx_inv``: Huber's covariance of (a, b) (``H1`` of statsmodels) / sigma^2, for the forecast term.

    Refused with a reason: no convergence, s = 0, and whatever least squares refuses.

    References
    ----------
    Huber (1964); Huber (1981), chapter 7.

    Raises
    ------
    SpecError : the panel has no ``market``.

    Examples
    --------
    ``estimate(panel, "robust").params`` is the (N, 2) array of constants and slopes.

    >>> from eventstudy.example import example
    >>> normal = example(model="robust").normal
    >>> float(round(normal.params[0, 1], 3))
    0.417
    """
    require(panel, "robust", ("market",))
    return fit_in_blocks(panel, "robust", 3, BLOCK, _fitted)


ROBUST = phrases.market_model_by(
    "robust",
    robust,
    words="robust market model",
    formula="E[R] = α + β·Rm by Huber’s estimator, which bounds the weight of a day",
    source="Huber 1964",
    method="fitted by Huber’s estimator",
    fitted="each share’s return is fitted to that of its benchmark by a line that a few wild days do not move. Alpha "
    f"is the intercept, beta the response. {phrases.SCATTER}",
    errors=phrases.by_regressors("ν = T − 2", "C", ", C the covariance of α and β in units of σ²"),
    parameters=phrases.LINE,
    at_once=True,
    across_gaps=False,
)


def _fitted(days: Days) -> Fitted:
    weight = days.ok.astype(np.float64)
    squares = np.einsum("bt,bt->b", days.x, days.x)
    still = flat(squares, days.x_mean, days.count)
    params, sse = _line(days.r, days.x, weight)
    # No scale where a line leaves nothing: those events are refused, by the common conditions or here.
    unit = np.sqrt(ratio(sse, days.count - 2.0))
    going = np.flatnonzero(~still & (sse > 0) & (days.count > 2) & ~days.constant)
    line, scale, steps = params.copy(), np.full(len(unit), np.nan), np.zeros(len(unit))
    line[going], scale[going], steps[going] = _iterated(days.r[going], days.x[going], weight[going], params[going])
    on_a_line = ~(scale > _NO_SPREAD * unit)
    e = weight * (days.r - line[:, :1] - line[:, 1:] * days.x)
    sse, total = np.einsum("bt,bt->b", e, e), np.einsum("bt,bt->b", days.r, days.r)
    nu = days.count - 2.0
    sigma = np.sqrt(ratio(sse, nu))
    of_slope = ratio(_spread(e, weight, scale, days.count) * scale**2, sigma**2)
    count = np.maximum(days.count, 1.0)
    at_zero = line[:, 0] - line[:, 1] * days.x_mean + days.r_mean  # the constant, where the market's return is zero
    return Fitted(
        params=np.stack([at_zero, line[:, 1]], axis=1),
        sigma=sigma,
        nu=nu,
        xtx_inv=covariance(ratio(of_slope, squares), days.x_mean, of_slope / count),
        r_squared=1.0 - ratio(sse, total),
        refusals=(
            (still, lambda i: "market does not vary in the estimation window, or only as other regressors do"),
            (on_a_line & (unit > 0), lambda i: ON_A_LINE),
            (steps >= _STEPS, lambda i: f"Huber's estimator did not converge in {_STEPS} steps"),
        ),
    )


def _iterated(
    y: FloatArray, x: FloatArray, known: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lines (B, 2), scales (B,) and steps (B,) of B events, y and x (B, T); one that has settled is left alone.

    Newton's steps, which need half as many as reweighting does; where they do not settle, reweighting takes over.
    """
    params, scale, steps = start.copy(), np.full(len(y), np.nan), np.ones(len(y))
    rows, line = np.arange(len(y)), start
    e = known * (y - line[:, :1] - line[:, 1:] * x)
    size = np.abs(e)
    spread = _middle(size, known)
    before = _rho(_in_spreads(size, spread), known)
    for step in range(2, _STEPS + 1):
        bound = _BOUND * np.where(spread > 0, spread, np.inf)[:, None]
        if step <= _NEWTON:
            line = line + _newton(np.clip(e, -bound, bound), x, known * (size <= bound))
        else:
            line, _ = _line(y, x, known * np.divide(bound, size, out=np.ones_like(size), where=size > bound))
        e = known * (y - line[:, :1] - line[:, 1:] * x)
        size = np.abs(e)
        spread = _middle(size, known)
        now = _rho(_in_spreads(size, spread), known)
        params[rows], scale[rows], steps[rows] = line, spread, step
        going = (np.abs(now - before) > _SETTLED) & (spread > 0)
        if not going.any():
            break
        before = now
        if not going.all():
            rows, before, spread, line = rows[going], now[going], spread[going], line[going]
            y, x, known, size, e = y[going], x[going], known[going], size[going], e[going]
    return params, scale, steps


def _in_spreads(size: FloatArray, spread: FloatArray) -> FloatArray:
    """Residuals (B, T) in spreads (B,), cut where the spread vanishes beside them: such an event is refused."""
    unit = _above_zero(spread)
    return np.minimum(size, _FAR * unit) / unit


def _newton(psi: FloatArray, x: FloatArray, inside: FloatArray) -> FloatArray:
    """(X'DX)^-1 X'psi, (B, 2): D marks the days on which psi is the residual itself, which are half of them or more."""
    total, x_total = inside.sum(axis=1), np.einsum("bt,bt->b", inside, x)
    x_mean = x_total / total
    squares = np.einsum("bt,bt,bt->b", inside, x, x) - x_total * x_mean
    up = psi.sum(axis=1)
    slope = ratio(np.einsum("bt,bt->b", psi, x) - x_mean * up, squares)
    return np.stack([(up - slope * x_total) / total, slope], axis=1)


def _line(y: FloatArray, x: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares: constants and slopes (B, 2), and the sum of weighted squares left (B,)."""
    total = weight.sum(axis=1)
    weighted = weight * x
    x_mean, y_mean = ratio(weighted.sum(axis=1), total), ratio(np.einsum("bt,bt->b", weight, y), total)
    squares = np.einsum("bt,bt->b", weighted, x) - total * x_mean**2
    slope = ratio(np.einsum("bt,bt->b", weighted, y) - total * x_mean * y_mean, squares)
    params = np.stack([y_mean - slope * x_mean, slope], axis=1)
    e = y - params[:, :1] - slope[:, None] * x
    return params, np.einsum("bt,bt->b", weight * e, e)


def _middle(size: FloatArray, known: FloatArray) -> FloatArray:
    """Median of the known absolute residuals / .6745, (B,)."""
    count = known.sum(axis=1).astype(np.intp)
    ordered = np.sort(size if (count == size.shape[1]).all() else np.where(known > 0, size, np.inf), axis=1)
    rows = np.arange(len(size))
    return np.asarray((ordered[rows, (count - 1) // 2] + ordered[rows, count // 2]) / (2 * _NORMAL))


def _rho(u: FloatArray, known: FloatArray) -> FloatArray:
    """Sum of rho over the known days, (B,): u^2 / 2 up to the bound c, c |u| - c^2 / 2 beyond."""
    inner = np.minimum(u, _BOUND)
    return np.asarray((inner * (u - 0.5 * inner)).sum(axis=1))


def _above_zero(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0, scale, np.inf)[:, None]


def _spread(e: FloatArray, known: FloatArray, scale: FloatArray, count: FloatArray) -> FloatArray:
    """Variance of the estimates in units of s^2 (X'X)^-1: K^2 sum psi^2 / (T - 2) / (mean of psi')^2, Huber 1981, 7.6.

    K = 1 + 2 / T var(psi') / mean(psi')^2, for two parameters.
    """
    u = _in_spreads(np.abs(e), scale)
    inside = ratio((known * (u <= _BOUND)).sum(axis=1), count)
    psi = np.minimum(u, _BOUND)
    k = 1.0 + ratio(2.0 * inside * (1.0 - inside), count * inside**2)
    return np.asarray(k**2 * ratio(np.einsum("bt,bt->b", psi, psi), (count - 2.0) * inside**2))
