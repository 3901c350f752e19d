"""What the cards of several models say alike: what is taken away from a return, and how their errors are written."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.objects.cards import Errors, Model, Takes
from eventstudy.objects.estimation import EventPanel, NormalReturns

_LEFT = "An abnormal return says how much of it is left once"

# ------------------------------------------------------------------------------------------------- what is taken away
BENCHMARK = Takes(
    left=f"{_LEFT} the benchmark’s own move that day, times the share’s usual response to it, is taken away.",
    beyond="beyond what {benchmark} explains",
    enough="against {benchmark} the usual scatter is enough to account for the size",
)
BENCHMARK_ITSELF = Takes(
    left=f"{_LEFT} the benchmark’s own move that day is taken away.",
    beyond="beyond what {benchmark} explains",
    enough="against {benchmark} the usual scatter is enough to account for the size",
)
RISK_FREE = Takes(
    left=f"{_LEFT} the risk-free rate, and the benchmark’s move beyond it times the share’s usual response, are taken "
    "away.",
    beyond="beyond what {benchmark} explains",
    enough="against {benchmark} the usual scatter is enough to account for the size",
)
FACTOR_RETURNS = Takes(
    left=f"{_LEFT} what the risk factors of the model predict for the share that day is taken away.",
    beyond="beyond what the factors of the model explain",
    enough="the factors of the model and the usual scatter are enough to account for the size",
)
AVERAGE = Takes(
    left=f"{_LEFT} the share’s own average return before the event is taken away; no benchmark is used.",
    beyond="beyond its own average",
    enough="the usual scatter around the average is enough to account for the size",
)
NOTHING = Takes(
    left="Here nothing is taken away from it: the abnormal return is the return itself.",
    beyond="with nothing taken away",
    enough="the usual scatter is enough to account for the size",
)
PEERS = Takes(
    left=f"{_LEFT} the mean move of the share’s peers that day, times its usual response to it, is taken away; no "
    "benchmark is used.",
    beyond="beyond what its peers explain",
    enough="the move of the peers and the usual scatter are enough to account for the size",
)
DONORS = Takes(
    left=f"{_LEFT} the return that day of a mixture of other shares, chosen because it moved as the share did before "
    "the event, is taken away; no benchmark is used.",
    beyond="beyond what its synthetic control, a mixture of other shares, returned",
    enough="the move of the synthetic control and the usual scatter are enough to account for the size",
)


def own(words: str, uses_benchmark: bool) -> Takes:
    """Of a user's own model, of which its name is known, and whether the benchmark is a regressor of it."""
    whose = f"{{benchmark}} and the model “{words}”" if uses_benchmark else f"the model “{words}”"
    return Takes(
        left=f"{_LEFT} what the model “{words}” predicts for the share that day is taken away.",
        beyond=f"beyond what {whose} {'explain' if uses_benchmark else 'explains'}",
        enough=f"{whose} and the usual scatter are enough to account for the size",
    )


# ----------------------------------------------------------------------------------------------- how errors are written
_OF_FIT = "the standard error includes the error of the fit."
_SHARED = "all days of a window share the same estimate, so their errors do not simply add."


def estimated(freedom: str, day: str, window: str, why: str = _OF_FIT) -> Errors:
    """Errors of a model that estimates something: all days of a window share it."""
    return Errors(freedom=freedom, day=day, window=window, why=why, shared=_SHARED)


def by_regressors(freedom: str, covariance: str = "(X′X)⁻¹", of: str = "") -> Errors:
    """Of a model with any regressors x, the estimates having `covariance` in units of σ²; `of` says what is meant."""
    window = f"σ²·[L + 1′X{covariance}X′1], X the regressors of the window’s days"
    return estimated(freedom, f"σ·√(1 + x′{covariance}x){of}", window)


def on_one_line(freedom: str, x: str, mean: str, of: str = "") -> Errors:
    """Of a straight line on one series `x` with the estimation mean `mean`."""
    squares = f"Σ({x},s − {mean})²"
    return estimated(
        freedom,
        f"σ·√(1 + 1/T + ({x} − {mean})² / {squares}){of}",
        f"σ²·[L + L²/T + (Σ({x} − {mean}))² / {squares}]{of}",
    )


NOT_ESTIMATED = Errors(
    freedom="ν = T − 1",
    day="σ",
    window="σ²·L",
    why="no error of an estimate has to be added.",
    shared="nothing was estimated that the days of a window could share.",
)

# ------------------------------------------------------------------------------- what an estimate is called, and means
SCATTER = (
    "Sigma is the scatter around the line. What the line predicts for an event day is the normal return of that day."
)
LINE = "const is alpha, the intercept; market is beta, the response to the benchmark"
NO_ESTIMATE = "none"


def market_model_by(
    name: str,
    fit: Callable[[EventPanel], NormalReturns],
    *,
    words: str,
    formula: str,
    source: str,
    method: str,
    fitted: str,
    errors: Errors,
    parameters: str,
    at_once: bool,
    across_gaps: bool,
) -> Model:
    """The card of a market model that is estimated otherwise than by least squares on the benchmark's return."""
    return Model(
        name=name,
        fit=fit,
        words=words,
        formula=formula,
        source=source,
        method=method,
        fitted=fitted,
        takes=BENCHMARK,
        errors=errors,
        parameters=parameters,
        uses_benchmark=True,
        compares_with=None,
        across_gaps=across_gaps,
        same_parameters=True,
        linear=False,
        at_once=at_once,
    )
