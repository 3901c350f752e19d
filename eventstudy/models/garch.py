"""The market model with errors whose variance moves: GARCH(1,1) and EGARCH(1,1), by the library arch."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special as special

from eventstudy.engine.table import fit_table
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.eventwise import Estimate, market_by
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns

if TYPE_CHECKING:
    from types import ModuleType

# A persistence nearer to 1 than this is the edge of what the optimizer may try, not an estimate.
_EDGE = 1e-6
# Of the optimizer. EGARCH's likelihood is too rough for more digits; longer searches end where nothing is estimated.
_OPTIONS = {"garch": {"ftol": 1e-9, "maxiter": 200}, "egarch": {"ftol": 1e-6, "maxiter": 100}}
# (alpha, beta) from which EGARCH is maximised too: its likelihood has several maxima.
_STARTS = ((0.1, 0.9), (0.05, 0.0))


def garch(panel: EventPanel) -> NormalReturns:
    """Market model with GARCH(1,1) errors: R_t = a + b Rm_t + e_t, s_t^2 = w + alpha e_{t-1}^2 + beta s_{t-1}^2.

    Maximum likelihood with normal e_t / s_t by the library arch, from the library's own fixed starting values, in units
    of the least-squares residual deviation.

    * ``variance`` (N, L): the forecast of s^2 for each event-window day in units of sigma^2, made on the last
      estimation day that has a return, h sessions before: s_{T+1}^2 is known then, and
      s_{T+h}^2 = w + (alpha + beta) s_{T+h-1}^2. The gap between the windows counts; no day after the estimation window
      is seen.
    * ``residuals`` (N, T): e_t sigma / s_t, so that ranks and quantiles compare a day with what was to be expected on
      that day.
    * ``sigma``: sqrt(e'e / nu), nu = T - 2. It is only the unit of the two above: SAR, SCAR and every rank are the same
      whatever it is. The unconditional w / (1 - alpha - beta) would be the other choice, and is erratic near 1.
    * ``xtx_inv``: (X'S^-1X)^-1 / sigma^2 with S the diagonal of the s_t^2: the information on (a, b), which for
      symmetric errors is separate from that on the variance (Engle 1982). The library's robust covariance agrees
      with it inside the parameter space, but has no meaning at its edge (alpha = 0), where quiet series often end.
    * The t reference with nu = T - 2 is an approximation: three more parameters are estimated, and s_t is not rescaled
      for any.

    A missing day is left out and the days beside it are treated as neighbours. Refused with a reason: no convergence,
    alpha + beta >= 1 (the variance then has no mean to go back to), and whatever least squares refuses.

    References
    ----------
    Engle (1982); Bollerslev (1986).

    Raises
    ------
    SpecError : the library arch is not installed, or the panel has no ``market``.

    Examples
    --------
    ``estimate(panel, "garch").variance`` is the (N, L) array of relative variances.

    >>> from eventstudy.example import example
    >>> normal = example(model="garch").normal
    >>> float(round(normal.params[0, 1], 3))
    0.468
    """
    return market_by(panel, "garch", partial(_one, _library("garch"), "garch"))


def egarch(panel: EventPanel) -> NormalReturns:
    """Market model with EGARCH(1,1) errors, which a fall may disturb more than a rise of the same size.

    With z_t = e_t / s_t: ln s_t^2 = w + alpha (|z_{t-1}| - sqrt(2 / pi)) + gamma z_{t-1} + beta ln s_{t-1}^2.
    The forecast is exact for normal z, not simulated: the first day's s^2 is known, and for h days
    E s_{T+h}^2 = exp(w (1 - beta^{h-1}) / (1 - beta) + beta^{h-1} ln s_{T+1}^2) prod_{j=0}^{h-2} M(beta^j), with
    M(c) = E exp(c (alpha (|z| - sqrt(2 / pi)) + gamma z)) = exp(-c alpha sqrt(2 / pi)) [exp(u^2 / 2) Phi(u) +
    exp(v^2 / 2) Phi(v)], u = c (alpha + gamma), v = c (alpha - gamma) (Nelson 1991, appendix 1).

    The likelihood has several maxima, and the highest are often none: where wild days were followed by quiet ones,
    alpha < 0 fits, and each variance then magnifies an error of the one before it, for ever. It is maximised from the
    library's starting values and from two fixed ones, and the highest maximum is taken of those with |beta| < 1 and
    with the mean of ln |beta - (alpha |z_t| + gamma z_t) / 2| below 0, so that a wrong start of the variances dies
    out (Wintenberger 2013). Without any the event is refused. All else as in `garch`; with gamma in the likelihood
    the information on (a, b) is not wholly separate from that on the variance, so ``xtx_inv`` is an approximation.

    References
    ----------
    Nelson (1991); Wintenberger (2013).

    Raises
    ------
    SpecError : the library arch is not installed, or the panel has no ``market``.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> normal = example(model="egarch").normal
    >>> float(round(normal.params[0, 1], 3))
    0.45
    """
    return market_by(panel, "egarch", partial(_one, _library("egarch"), "egarch"))


_FITTED = (
    "each share’s return is fitted to that of its benchmark, together with a variance that moves from day to day. "
    f"Alpha is the intercept, beta the response. {phrases.SCATTER}"
)
_ERRORS = phrases.estimated(
    "ν = T − 2",
    "√(sₜ² + σ²·x′Cx), sₜ² the variance forecast for the day, C = (X′S⁻¹X)⁻¹/σ²",
    "Σsₜ² + σ²·1′XCX′1, X the regressors of the window’s days",
)
GARCH = phrases.market_model_by(
    "garch",
    garch,
    words="market model, GARCH errors",
    formula="E[R] = α + β·Rm, σ²ₜ = ω + a·e²ₜ₋₁ + b·σ²ₜ₋₁",
    source="Engle 1982; Bollerslev 1986",
    method="fitted by maximum likelihood",
    fitted=_FITTED,
    errors=_ERRORS,
    parameters=phrases.LINE,
    at_once=False,
    across_gaps=False,
)
EGARCH = phrases.market_model_by(
    "egarch",
    egarch,
    words="market model, EGARCH errors",
    formula="E[R] = α + β·Rm, ln σ²ₜ = ω + a·(|zₜ₋₁| − E|z|) + c·zₜ₋₁ + b·ln σ²ₜ₋₁",
    source="Nelson 1991",
    method="fitted by maximum likelihood",
    fitted=_FITTED,
    errors=_ERRORS,
    parameters=phrases.LINE,
    at_once=False,
    across_gaps=False,
)


def _library(model: str) -> ModuleType:
    try:
        import arch.univariate as univariate
    except ImportError as error:
        raise SpecError(
            f"model {model!r} needs the library arch, which is not installed: pip install 'eventstudy-claims[models]'"
        ) from error
    module: ModuleType = univariate
    return module


def _one(library: ModuleType, model: str, y: FloatArray, x: FloatArray, ahead: int) -> Estimate | str:
    """Fit one event; y, x and the estimate in units of its least-squares residual deviation."""
    process = library.GARCH(p=1, o=0, q=1) if model == "garch" else library.EGARCH(p=1, o=1, q=1)
    regression = library.LS(y, x[:, 1:], constant=True, rescale=False, volatility=process)
    line = fit_table(y[:, None], x)
    # In these units the unconditional variance is about 1 and its logarithm 0, whence omega = 0.
    starts = _STARTS if model == "egarch" else ()
    further = [np.array([*line.params[:, 0], 0.0, alpha, 0.0, beta]) for alpha, beta in starts if line is not None]
    best: tuple[float, Estimate] | None = None
    reasons = []
    # The library warns where this reports: what it has to say is in its flag and in the numbers.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for start in (None, *further):
            try:
                fit = regression.fit(disp="off", show_warning=False, starting_values=start, options=_OPTIONS[model])
            except (ValueError, np.linalg.LinAlgError) as error:
                reasons.append(f"its {model.upper()} likelihood could not be maximised: {error}")
                continue
            found = _estimate(fit, model, y, x, ahead)
            if isinstance(found, str):
                reasons.append(found)
            elif best is None or fit.loglikelihood > best[0]:
                best = float(fit.loglikelihood), found
    return best[1] if best else reasons[0]


def _estimate(fit: Any, model: str, y: FloatArray, x: FloatArray, ahead: int) -> Estimate | str:
    """What the library found, if it is an estimate; else why it is none."""
    name = model.upper()
    params = np.asarray(fit.params, dtype=np.float64)
    persistence = float(params[3:].sum() if model == "garch" else abs(params[-1]))
    if persistence >= 1.0 - _EDGE:
        return f"its {name} variance has no mean to go back to: persistence {persistence:.3f} is not below 1"
    if fit.convergence_flag != 0:
        return f"its {name} likelihood was not maximised: no convergence (code {fit.convergence_flag})"
    deviation = np.asarray(fit.conditional_volatility, dtype=np.float64)
    if model == "egarch" and not _forgetting((y - x @ params[:2]) / deviation, params) < 0.0:
        return f"its {name} variances never forget where they start, so that none of them is known (not invertible)"
    variances = _next_variance(fit, ahead) if model == "garch" else _egarch_ahead(fit, params, ahead)
    if not (np.isfinite(variances).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
        return f"its {name} variance forecast is not a number"
    weighted = x / deviation[:, None]
    information: FloatArray = weighted.T @ weighted
    return Estimate(params[:2], np.asarray(np.linalg.inv(information), np.float64), deviation, variances)


def _next_variance(fit: Any, horizon: int) -> FloatArray:
    """The library's forecast variances of the next `horizon` days; the market's returns there do not matter to them."""
    forecast = fit.forecast(horizon=horizon, x=np.zeros((1, 1, horizon)), reindex=False)
    variances: FloatArray = np.asarray(forecast.variance, dtype=np.float64)[0]
    return variances


def _forgetting(z: FloatArray, params: FloatArray) -> float:
    """Mean of ln |d ln s_{t+1}^2 / d ln s_t^2| over the days, z (n,): below 0 a wrong start dies out."""
    _, alpha, gamma, beta = params[2:]
    return float(np.log(np.abs(beta - (alpha * np.abs(z) + gamma * z) / 2)).mean())


def _egarch_ahead(fit: Any, params: FloatArray, ahead: int) -> FloatArray:
    """E s_{T+h}^2 for h = 1 .. ahead, (ahead,), by the moments of Nelson (1991)."""
    omega, alpha, gamma, beta = params[2:]
    first = float(np.log(_next_variance(fit, 1)[0]))
    powers = beta ** np.arange(ahead)  # beta^{h-1}
    # Sum of beta^0 .. beta^{h-2}: what the constant adds between the first day and day h.
    before = np.concatenate([[0.0], np.cumsum(powers[:-1])])
    log_moments = np.concatenate([[0.0], np.cumsum(_log_moment(powers[:-1], alpha, gamma))])
    expected: FloatArray = np.exp(omega * before + powers * first + log_moments)
    return expected


def _log_moment(c: FloatArray, alpha: float, gamma: float) -> FloatArray:
    """ln E exp(c (alpha (|z| - sqrt(2 / pi)) + gamma z)), z standard normal, elementwise in `c`."""
    u, v = c * (alpha + gamma), c * (alpha - gamma)
    both = np.logaddexp(u * u / 2 + special.log_ndtr(u), v * v / 2 + special.log_ndtr(v))
    return np.asarray(both - c * alpha * np.sqrt(2 / np.pi))
