"""Factor models: excess returns regressed on the returns of factor portfolios, all simple returns."""

from __future__ import annotations

from eventstudy.models.recipe import Column, Recipe

_THREE = ("mkt_rf", "smb", "hml")
_FIVE = (*_THREE, "rmw", "cma")


def _factor_model(name: str, columns: tuple[Column, ...] | None, formula: str, reference: str) -> Recipe:
    return Recipe(name, formula, reference, offset="rf", columns=columns, simple_only=True)


FF3 = _factor_model("ff3", _THREE, "E[R] = Rf + a + b MktRf + s SMB + h HML, nu = T - 4", "Fama and French 1993")
CARHART = _factor_model(
    "carhart", (*_THREE, "mom"), "E[R] = Rf + a + b MktRf + s SMB + h HML + m MOM, nu = T - 5", "Carhart 1997"
)
FF5 = _factor_model(
    "ff5", _FIVE, "E[R] = Rf + a + b MktRf + s SMB + h HML + r RMW + c CMA, nu = T - 6", "Fama and French 2015"
)
FF5_MOM = _factor_model(
    "ff5_mom",
    (*_FIVE, "mom"),
    "E[R] = Rf + a + b MktRf + s SMB + h HML + r RMW + c CMA + m MOM, nu = T - 7",
    "Fama and French 2015; Carhart 1997",
)
FACTORS = _factor_model(
    "factors", None, "E[R] = Rf + a + b'F, F all factor columns of the panel, nu = T - k - 1", "Fama and French 1993"
)
