"""Models of the normal return: what a security would have earned had there been no event.

=================  ==============================================  ===========  =====================================
model              normal return E[R]                              nu           reference
=================  ==============================================  ===========  =====================================
market             a + b Rm                                        T - 2        Sharpe 1963; MacKinlay 1997
market_adjusted    Rm                                              T - 1        Brown and Warner 1985
mean_adjusted      mean of R                                       T - 1        Brown and Warner 1980
raw                0                                               T - 1        Brown and Warner 1980
capm               Rf + a + b (Rm - Rf)                            T - 2        Sharpe 1964; MacKinlay 1997
capm_strict        Rf + b (Rm - Rf)                                T - 1        Sharpe 1964
ff3                Rf + a + b MktRf + s SMB + h HML                T - 4        Fama and French 1993
carhart            ff3 + m MOM                                     T - 5        Carhart 1997
ff5                ff3 + r RMW + c CMA                             T - 6        Fama and French 2015
ff5_mom            ff5 + m MOM                                     T - 7        Fama and French 2015; Carhart 1997
factors            Rf + a + b'F, all factor columns of the panel   T - k - 1    Fama and French 1993
scholes_williams   a + b Rm, b from lag, current and lead          T - 2        Scholes and Williams 1977
dimson             a + b Rm + lead and lag of Rm - Rm              T - 4        Dimson 1979
trade_to_trade     a n + b Rm over the n days of a trade           T - 2        Maynes and Rumsey 1993
rolling            a + b Rm, of the last 120 sessions              forecasts    Brown, Durbin and Evans 1975
peer               a + b mean of the peers' returns                T - 2        MacKinlay 1997
garch              a + b Rm, GARCH(1,1) errors                     T - 2        Engle 1982; Bollerslev 1986
egarch             a + b Rm, EGARCH(1,1) errors                    T - 2        Nelson 1991
robust             a + b Rm, Huber's M-estimator                   T - 2        Huber 1964
lad                a + b Rm, least absolute deviations             T - 2        Koenker and Bassett 1978
synthetic_control  sum of w_j R_j over donors, convex, K positive  T - K + 1    Abadie and Gardeazabal 2003
=================  ==============================================  ===========  =====================================

The models down to ``factors``, and ``dimson`` and ``peer``, are estimated by ordinary least squares on the estimation
window, sigma^2 = e'e / nu; the others say in their docstrings how. ``Dimson(m)``, ``Rolling(length)`` and
``Peer(tickers)`` are these models with other values than the entries'. Models without parameters
(``market_adjusted``, ``raw``) take the sample variance (ddof 1) of what they leave, and no variance of theirs has an
estimation term; their residuals elsewhere are not demeaned. No day of the event window enters any estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eventstudy.errors import SpecError
from eventstudy.models.contract import called, check_estimates, finished
from eventstudy.models.factors import CARHART, FACTORS, FF3, FF5, FF5_MOM
from eventstudy.models.garch import egarch, garch
from eventstudy.models.market import CAPM, CAPM_STRICT, MARKET, MARKET_ADJUSTED, MEAN_ADJUSTED, RAW
from eventstudy.models.nonsynchronous import DIMSON, Dimson, scholes_williams
from eventstudy.models.peer import PEER, Peer
from eventstudy.models.recipe import Recipe
from eventstudy.models.robust import lad, robust
from eventstudy.models.rolling import ROLLING, Rolling
from eventstudy.models.synthetic import synthetic_control
from eventstudy.models.trades import trade_to_trade
from eventstudy.objects.estimation import EventPanel, NormalReturns
from eventstudy.registry import lookup

__all__ = ["ACROSS_GAPS", "MODELS", "Dimson", "Model", "Peer", "Recipe", "Rolling", "estimate"]

Model = Callable[[EventPanel], NormalReturns]

MODELS: dict[str, Model] = {
    "market": MARKET,
    "market_adjusted": MARKET_ADJUSTED,
    "mean_adjusted": MEAN_ADJUSTED,
    "raw": RAW,
    "capm": CAPM,
    "capm_strict": CAPM_STRICT,
    "ff3": FF3,
    "carhart": CARHART,
    "ff5": FF5,
    "ff5_mom": FF5_MOM,
    "factors": FACTORS,
    "scholes_williams": scholes_williams,
    "dimson": DIMSON,
    "trade_to_trade": trade_to_trade,
    "rolling": ROLLING,
    "peer": PEER,
    "garch": garch,
    "egarch": egarch,
    "robust": robust,
    "lad": lad,
    "synthetic_control": synthetic_control,
}

# Models whose panel needs returns across gaps (`returns_on` with ``across_gaps``).
ACROSS_GAPS = frozenset({"trade_to_trade"})


def estimate(panel: EventPanel, model: str | Model = "market") -> NormalReturns:
    """Fit `model` to every event of `panel`.

    Parameters
    ----------
    panel : N events on one exchange calendar.
    model : a name in ``MODELS``, a `Recipe`, or a function ``(EventPanel) -> NormalReturns`` of your own.

    Returns
    -------
    NormalReturns of N rows; an event that cannot be estimated has NaN and a reason.

    Raises
    ------
    UnknownNameError : no such model.
    SpecError : the panel lacks a column of the model, or has log returns where it needs simple ones; a function of
        your own raised, or returned something else than N estimates, other shapes, or numbers that are none.
    """
    fit = lookup(MODELS, model, "model")
    if not callable(fit):
        raise SpecError(f"a model is a name, a Recipe or a function of a panel, got {model!r}")
    normal = fit(panel) if isinstance(model, str) else called(fit, panel)
    return replace(check_estimates(finished(normal), panel, model), fit=fit)
