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
=================  ==============================================  ===========  =====================================

All are estimated by ordinary least squares on the estimation window, sigma^2 = e'e / nu. Models without parameters
(``market_adjusted``, ``raw``) take the sample variance (ddof 1) of what they leave, and no variance of theirs has an
estimation term; their residuals elsewhere are not demeaned. No day of the event window enters any estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eventstudy.datatypes import EventPanel, NormalReturns
from eventstudy.errors import SpecError
from eventstudy.models.factors import CARHART, FACTORS, FF3, FF5, FF5_MOM
from eventstudy.models.market import CAPM, CAPM_STRICT, MARKET, MARKET_ADJUSTED, MEAN_ADJUSTED, RAW
from eventstudy.models.recipe import Recipe
from eventstudy.registry import lookup

__all__ = ["ACROSS_GAPS", "MODELS", "Model", "Recipe", "estimate"]

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
        your own returned something else than N estimates.
    """
    fit = lookup(MODELS, model, "model")
    normal = fit(panel)
    if not isinstance(normal, NormalReturns) or len(normal.reason) != panel.n_events:
        raise SpecError(f"the model {model!r} has to return NormalReturns of {panel.n_events} events")
    return replace(normal, fit=fit)
