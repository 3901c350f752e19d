"""Factor models: excess returns regressed on the returns of factor portfolios, all simple returns."""

from __future__ import annotations

from eventstudy.models import phrases
from eventstudy.models.recipe import Column, Recipe
from eventstudy.objects.cards import Model

_THREE = ("mkt_rf", "smb", "hml")
_FIVE = (*_THREE, "rmw", "cma")
_THREE_SYMBOLS = "E[R] = Rf + α + β₁·(Mkt − Rf) + β₂·SMB + β₃·HML"
_FIVE_SYMBOLS = f"{_THREE_SYMBOLS} + β₄·RMW + β₅·CMA"


def _card(recipe: tuple[str, tuple[Column, ...] | None, str, str], words: str, freedom: str) -> Model:
    name, columns, formula, reference = recipe
    return Recipe(name, formula, reference, offset="rf", columns=columns, simple_only=True).described(
        words=words,
        method="fitted by least squares",
        fitted="each share’s return is fitted to the factors of the model. Alpha is the intercept, the other columns "
        "are the responses, sigma is the scatter around the fit and R² the share of the variance it explains. What the "
        "fit predicts for an event day is the normal return of that day.",
        takes=phrases.FACTOR_RETURNS,
        errors=phrases.by_regressors(freedom),
        parameters="const is alpha, the intercept; each further one is the response to the factor of its name",
    )


FF3 = _card(("ff3", _THREE, _THREE_SYMBOLS, "Fama and French 1993"), "Fama-French 3 factors", "ν = T − 4")
CARHART = _card(
    ("carhart", (*_THREE, "mom"), f"{_THREE_SYMBOLS} + β₄·MOM", "Carhart 1997"), "Carhart 4 factors", "ν = T − 5"
)
FF5 = _card(("ff5", _FIVE, _FIVE_SYMBOLS, "Fama and French 2015"), "Fama-French 5 factors", "ν = T − 6")
FF5_MOM = _card(
    ("ff5_mom", (*_FIVE, "mom"), f"{_FIVE_SYMBOLS} + β₆·MOM", "Fama and French 2015; Carhart 1997"),
    "Fama-French 5 factors and momentum",
    "ν = T − 7",
)
FACTORS = _card(
    ("factors", None, "E[R] = Rf + α + Σ β·F over all factors of the study", "Fama and French 1993"),
    "all factors of the study",
    "ν = T − k − 1 with k factors",
)
