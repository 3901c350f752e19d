"""Models that need at most a market index and a risk-free rate."""

from __future__ import annotations

from eventstudy.models.recipe import Recipe

MARKET = Recipe("market", "E[R] = a + b Rm, nu = T - 2", "Sharpe 1963; MacKinlay 1997", columns=("market",))
MARKET_ADJUSTED = Recipe(
    "market_adjusted",
    "E[R] = Rm, sigma^2 = sample variance of R - Rm, nu = T - 1",
    "Brown and Warner 1985; MacKinlay 1997",
    offset="market",
    constant=False,
)
MEAN_ADJUSTED = Recipe("mean_adjusted", "E[R] = mean of R, nu = T - 1", "Brown and Warner 1980")
RAW = Recipe("raw", "E[R] = 0, sigma^2 = sample variance of R, nu = T - 1", "Brown and Warner 1980", constant=False)
CAPM = Recipe(
    "capm",
    "E[R] = Rf + a + b (Rm - Rf), nu = T - 2",
    "Sharpe 1964; MacKinlay 1997",
    offset="rf",
    columns=(("market", "rf"),),
    simple_only=True,
)
CAPM_STRICT = Recipe(
    "capm_strict",
    "E[R] = Rf + b (Rm - Rf), nu = T - 1",
    "Sharpe 1964",
    offset="rf",
    columns=(("market", "rf"),),
    constant=False,
    simple_only=True,
)
