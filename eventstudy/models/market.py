"""Models that need at most a market index and a risk-free rate."""

from __future__ import annotations

from eventstudy.models import phrases
from eventstudy.models.recipe import Recipe

_LINE = (
    "Alpha is the intercept, beta the response, sigma the scatter around the line and R² the share of the variance the "
    "benchmark explains. What the line predicts for an event day is the normal return of that day."
)

MARKET = Recipe("market", "E[R] = α + β·Rm", "Sharpe 1963; MacKinlay 1997", columns=("market",)).described(
    words="market model",
    method="fitted by least squares",
    fitted=f"each share’s return is fitted to that of its benchmark. {_LINE}",
    takes=phrases.BENCHMARK,
    errors=phrases.on_one_line("ν = T − 2", "Rm", "R̄m"),
    parameters=phrases.LINE,
)
MARKET_ADJUSTED = Recipe(
    "market_adjusted", "E[R] = Rm, nothing estimated", "Brown and Warner 1985", offset="market", constant=False
).described(
    words="market-adjusted",
    method="with the scatter around it measured",
    fitted="nothing is fitted but the scatter: sigma is that of the difference between the share’s return and its "
    "benchmark’s. The benchmark’s return on an event day is the normal return of that day.",
    takes=phrases.BENCHMARK_ITSELF,
    errors=phrases.NOT_ESTIMATED,
    parameters=phrases.NO_ESTIMATE,
)
MEAN_ADJUSTED = Recipe(
    "mean_adjusted", "E[R] = mean of R over the estimation window", "Brown and Warner 1980"
).described(
    words="mean-adjusted",
    method="fitted by least squares",
    fitted="each share’s return is averaged, and sigma is the scatter around that average. The average is the normal "
    "return of every event day; no benchmark is used.",
    takes=phrases.AVERAGE,
    errors=phrases.estimated(
        "ν = T − 1", "σ·√(1 + 1/T)", "σ²·[L + L²/T]", "the standard error includes that of the average."
    ),
    parameters="const is the share’s average return",
)
RAW = Recipe("raw", "E[R] = 0", "Brown and Warner 1980", constant=False).described(
    words="raw returns",
    method="with the scatter around it measured",
    fitted="nothing is fitted but the scatter: sigma is that of the share’s returns around zero. The normal return of "
    "an event day is zero.",
    takes=phrases.NOTHING,
    errors=phrases.NOT_ESTIMATED,
    parameters=phrases.NO_ESTIMATE,
)
CAPM = Recipe(
    "capm",
    "E[R] = Rf + α + β·(Rm − Rf)",
    "Sharpe 1964",
    offset="rf",
    columns=(("market", "rf"),),
    simple_only=True,
).described(
    words="CAPM",
    method="fitted by least squares",
    fitted=f"each share’s return beyond the risk-free rate is fitted to that of its benchmark. {_LINE}",
    takes=phrases.RISK_FREE,
    errors=phrases.on_one_line("ν = T − 2", "X", "X̄", ", X = Rm − Rf"),
    parameters="const is alpha, the intercept; market - rf is beta, the response to the benchmark beyond the risk-free "
    "rate",
)
CAPM_STRICT = Recipe(
    "capm_strict",
    "E[R] = Rf + β·(Rm − Rf)",
    "Sharpe 1964",
    offset="rf",
    columns=(("market", "rf"),),
    constant=False,
    simple_only=True,
).described(
    words="CAPM without alpha",
    method="fitted by least squares",
    fitted="each share’s return beyond the risk-free rate is fitted to that of its benchmark, by a line through zero. "
    "The one slope is beta, the response, sigma the scatter around the line and R² the share of the squares the "
    "benchmark explains. What the line predicts for an event day is the normal return of that day.",
    takes=phrases.RISK_FREE,
    errors=phrases.estimated("ν = T − 1", "σ·√(1 + X² / ΣXs²), X = Rm − Rf", "σ²·[L + (ΣX)² / ΣXs²], X = Rm − Rf"),
    parameters="market - rf is beta, the response to the benchmark beyond the risk-free rate",
)
