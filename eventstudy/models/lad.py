"""The market model by least absolute deviations, for heavy tails; by statsmodels."""

from __future__ import annotations

import warnings

import numpy as np

from eventstudy.models import phrases
from eventstudy.models.eventwise import Estimate, market_by
from eventstudy.models.huber import ON_A_LINE
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns

_LIMITS = (200, 5000)  # of the reweighting; the second only where the first did not do
_NO_SPREAD = 1e-5  # of the bandwidth, in units of the standard deviation of the residuals


def lad(panel: EventPanel) -> NormalReturns:
    """Market model by least absolute deviations: a + b Rm minimising sum |R - a - b Rm|, the median regression.

    statsmodels' ``QuantReg`` at q = .5 comes near the minimum by reweighting; the line through the two days that it
    leaves nearest to it is the minimum itself, and is checked by its subgradient (Koenker 2005, theorem 2.1).

    * ``sigma`` = sqrt(e'e / nu) of all residuals, nu = T - 2, for the reason given in `robust`.
    * ``xtx_inv``: covariance of (a, b), (X'X)^-1 / (2 f(0))^2 with f(0) the density of the error at its median by the
      Epanechnikov kernel and the bandwidth of Hall and Sheather (1988), / sigma^2.

    The median of the errors is taken for their mean: for a skewed error the constant differs by that much a day, and a
    CAR of L days by L times it. Refused with a reason: no convergence, f(0) not defined, and whatever least
    squares refuses.

    References
    ----------
    Koenker and Bassett (1978); Koenker (2005).

    Raises
    ------
    SpecError : the panel has no ``market``.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> normal = example(model="lad").normal
    >>> float(round(normal.params[0, 1], 3))
    0.397
    """
    return market_by(panel, "lad", _least_deviations)


LAD = phrases.market_model_by(
    "lad",
    lad,
    words="market model by least absolute deviations",
    formula="E[R] = α + β·Rm with the least sum of absolute deviations",
    source="Koenker and Bassett 1978",
    method="fitted by least absolute deviations",
    fitted="each share’s return is fitted to that of its benchmark by the line with the least sum of absolute "
    f"deviations. Alpha is the intercept, beta the response. {phrases.SCATTER}",
    errors=phrases.by_regressors("ν = T − 2", "C", ", C the covariance of α and β in units of σ²"),
    parameters=phrases.LINE,
    at_once=False,
    across_gaps=False,
)


def _least_deviations(y: FloatArray, x: FloatArray, ahead: int) -> Estimate | str:
    from statsmodels.regression.quantile_regression import QuantReg

    model = QuantReg(y, x)
    for limit in _LIMITS:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fit = model.fit(q=0.5, max_iter=limit)
        near, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
        exact = _vertex(y, x, near)
        if exact is None and fit.iterations >= limit:
            continue
        if not fit.bandwidth > _NO_SPREAD or not np.isfinite(covariance).all():
            return ON_A_LINE
        return Estimate(near if exact is None else exact, covariance)
    return f"least absolute deviations did not converge in {_LIMITS[-1]} steps"


def _vertex(y: FloatArray, x: FloatArray, near: FloatArray) -> FloatArray | None:
    """The line through the two days nearest to the line `near`, if no other line has smaller absolute deviations.

    It has not when |X_h'^-1 sum of sign(e_t) x_t| <= 1 in both places, X_h the two days, the sum over the others.
    """
    through = np.argsort(np.abs(y - x @ near), kind="stable")[:2]
    basis = x[through]
    if abs(float(np.linalg.det(basis))) < 1e-10:
        return None
    line: FloatArray = np.asarray(np.linalg.solve(basis, y[through]), np.float64)
    e = y - x @ line
    signs = np.where(np.abs(e) < 1e-12, 0.0, np.sign(e))
    signs[through] = 0.0
    return line if np.abs(np.linalg.solve(basis.T, x.T @ signs)).max() <= 1.0 + 1e-9 else None
