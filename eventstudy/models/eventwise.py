"""The market model by estimators other than least squares: event by event, in one frame.

What an estimator has to say of one event is an `Estimate`; refusals for want of data, units, sigma and the place of
each number in `NormalReturns` are the same for all of them and are here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.ols import read_only
from eventstudy.models.market import MARKET
from eventstudy.models.recipe import require
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns
from eventstudy.windows import gather


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """An estimate of y = X'params + error from n days of one event.

    ``params`` (2,) constant and slope; ``covariance`` (2, 2) of them, in the units of y. For errors that differ from
    day to day ``deviation`` (n,) their standard deviations, ``ahead`` (H,) the forecast variances of the H days that
    follow the last of the n. None: all days alike.
    """

    params: FloatArray
    covariance: FloatArray
    deviation: FloatArray | None = None
    ahead: FloatArray | None = None


Estimator = Callable[[FloatArray, FloatArray, int], Estimate | str]
"""(y (n,), X (n, 2), H) -> the estimate, or the reason why there is none. y and X's market column are in units of the
standard deviation of the least-squares residuals, so that what an optimizer does depends on no unit."""


def market_by(panel: EventPanel, model: str, estimator: Estimator) -> NormalReturns:
    """Fit a + b Rm to every event of `panel` by `estimator`.

    sigma^2 = e'e / (T - 2) of all residuals, nu = T - 2, ``xtx_inv`` = covariance of (a, b) / sigma^2, ``r_squared`` =
    1 - e'e / sum (R - mean R)^2. Events that least squares refuses are refused here for the same reason. Days without
    the security's or the market's return are left out.
    """
    require(panel, model, ("market",))
    ols: NormalReturns = replace(MARKET(panel), model=model)
    at = (panel.security, panel.day, panel.estimation)
    y, x = gather(panel.returns, *at), gather(panel.regressors["market"], *at)
    used = np.isfinite(y) & np.isfinite(x)
    params, sigma, inverse = ols.params.copy(), ols.sigma.copy(), ols.xtx_inv.copy()
    variance, residuals = np.full((panel.n_events, panel.event.length), np.nan), np.full_like(y, np.nan)
    reason = list(ols.reason)
    day_by_day = False
    for i in np.flatnonzero([r is None for r in ols.reason]):
        days, unit = used[i], float(ols.sigma[i])
        ahead = panel.event.end - (panel.estimation.start + int(np.flatnonzero(days)[-1]))
        scaled = np.column_stack([np.ones(days.sum()), x[i, days] / unit])
        found = estimator(y[i, days] / unit, scaled, ahead)
        if isinstance(found, str):
            reason[i], params[i], sigma[i], inverse[i] = found, np.nan, np.nan, np.nan
            continue
        units = np.array([unit, 1.0])
        params[i] = found.params * units
        e = y[i, days] - params[i, 0] - params[i, 1] * x[i, days]
        sigma[i] = np.sqrt(e @ e / ols.nu[i])
        inverse[i] = found.covariance * np.outer(units, units) / sigma[i] ** 2
        residuals[i, days], variance[i] = e, 1.0
        if found.deviation is not None and found.ahead is not None:
            day_by_day = True
            residuals[i, days] = e * (sigma[i] / unit) / found.deviation
            variance[i] = found.ahead[-panel.event.length :] * (unit / sigma[i]) ** 2
    kept = np.array([r is None for r in reason])
    return replace(
        ols,
        params=read_only(params),
        sigma=read_only(sigma),
        nu=read_only(np.where(kept, ols.nu, np.nan)),
        xtx_inv=read_only(inverse),
        r_squared=read_only(_r_squared(y, used, sigma, ols.nu)),
        reason=tuple(reason),
        variance=read_only(variance) if day_by_day else None,
        residuals=read_only(residuals) if day_by_day else None,
        least_squares=False,
    )


def _r_squared(y: FloatArray, used: np.ndarray, sigma: FloatArray, nu: FloatArray) -> FloatArray:
    """1 - e'e / sum (R - mean R)^2 (N,), e'e = sigma^2 nu."""
    raw = np.where(used, y, 0.0)
    mean = raw.sum(axis=1) / np.maximum(used.sum(axis=1), 1)
    total = (np.where(used, y - mean[:, None], 0.0) ** 2).sum(axis=1)
    return 1.0 - sigma**2 * nu / np.where(total > 0, total, np.nan)
