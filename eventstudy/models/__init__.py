"""Models of the normal return: what a security would have earned had there been no event.

`MODELS` holds them by name: each is a card (`objects.cards.Model`) with everything that is true of it, written beside
the function or `Recipe` that it describes; `docs/models.md` is made from them. ``Dimson(m)``, ``Rolling(length)`` and
``Peer(tickers)`` are models of the registry with other values than the entries'.

Ordinary least squares on the estimation window with sigma^2 = e'e / nu is the rule; the models that are estimated
otherwise say in their docstrings how. Models without parameters (``market_adjusted``, ``raw``) take the sample variance
(ddof 1) of what they leave, and no variance of theirs has an estimation term; their residuals elsewhere are not
demeaned. No day of the event window enters any estimate.

Quirks: A registry entry is a card that can be called like its function. A user's own function counts as using no
benchmark, since nothing is known of it. `apart` joins events that have windows or a benchmark of their own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.contract import called, check_estimates, finished
from eventstudy.models.factors import CARHART, FACTORS, FF3, FF5, FF5_MOM
from eventstudy.models.garch import EGARCH, GARCH
from eventstudy.models.huber import ROBUST
from eventstudy.models.lad import LAD
from eventstudy.models.market import CAPM, CAPM_STRICT, MARKET, MARKET_ADJUSTED, MEAN_ADJUSTED, RAW
from eventstudy.models.nonsynchronous import DIMSON, SCHOLES_WILLIAMS, Dimson
from eventstudy.models.peer import PEER, Peer
from eventstudy.models.recipe import Recipe
from eventstudy.models.rolling import ROLLING, Rolling
from eventstudy.models.synthetic import SYNTHETIC_CONTROL
from eventstudy.models.trades import TRADE_TO_TRADE
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import EventPanel, NormalReturns
from eventstudy.registry import lookup

__all__ = ["MODELS", "Dimson", "Fit", "Model", "Peer", "Recipe", "Rolling", "card", "estimate"]

Fit = Callable[[EventPanel], NormalReturns]

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
    "scholes_williams": SCHOLES_WILLIAMS,
    "dimson": DIMSON,
    "trade_to_trade": TRADE_TO_TRADE,
    "rolling": ROLLING,
    "peer": PEER,
    "garch": GARCH,
    "egarch": EGARCH,
    "robust": ROBUST,
    "lad": LAD,
    "synthetic_control": SYNTHETIC_CONTROL,
}


def card(model: str | Model | Fit) -> Model:
    """Everything that is known of a model: the card of a registered one, or one made for a user's own.

    Parameters
    ----------
    model : a name in ``MODELS``, a card, a `Recipe`, or a function ``(EventPanel) -> NormalReturns`` of your own. Of a
        function the name and the first line of its docstring are known, which stands for its formula.

    Raises
    ------
    UnknownNameError : no such model. SpecError : neither a name nor something that can be called on a panel.

    Examples
    --------
    >>> card("capm").source, card(Recipe("two_markets", "a + b Rm + c Rg", columns=("market", "gold"))).words
    ('Sharpe 1964', 'two markets')
    """
    found = lookup(MODELS, model, "model")
    if isinstance(found, Model):
        return found
    if isinstance(found, type):
        raise SpecError(f"the model {found.__name__!r} is a class: give one of its objects, such as {found.__name__}()")
    if not callable(found):
        raise SpecError(f"a model is a name, a Recipe or a function of a panel, got {model!r}")
    described = next((entry for entry in MODELS.values() if entry.fit is found or _equal(entry.fit, found)), None)
    own = getattr(found, "card", None) if described is None else described
    return own if isinstance(own, Model) else _of_function(found)


def _equal(fit: Fit, other: Fit) -> bool:
    """Whether two models are data of one kind with the same values; functions are compared by what they are."""
    return isinstance(fit, Recipe | Dimson | Rolling | Peer) and type(fit) is type(other) and fit == other


def _of_function(fit: Fit) -> Model:
    """The card of a user's own function: its name, what its docstring says first, and plain words for the rest."""
    name = str(getattr(fit, "name", None) or getattr(fit, "__name__", type(fit).__name__))
    words = name.replace("_", " ")
    said = (inspect.getdoc(fit) or "").strip() if inspect.isroutine(fit) else ""
    return Model(
        name=name,
        fit=fit,
        words=words,
        formula=said.splitlines()[0] if said else "a model of the user’s own",
        source="the user’s own",
        method="estimated by a function of the user’s own",
        fitted="the model’s normal return is estimated; sigma is the scatter around it.",
        takes=phrases.own(words, uses_benchmark=False),
        errors=phrases.by_regressors("ν as the model gives it", "C", ", C the covariance of the estimates / σ²"),
        parameters="as the function names them",
        uses_benchmark=False,
        compares_with=None,
        across_gaps=False,
        same_parameters=True,
        linear=False,
        at_once=False,
    )


def estimate(panel: EventPanel, model: str | Model | Fit = "market") -> NormalReturns:
    """Fit `model` to every event of `panel`.

    Parameters
    ----------
    panel : N events on one exchange calendar.
    model : a name in ``MODELS``, a card, a `Recipe`, or a function ``(EventPanel) -> NormalReturns`` of your own.

    Returns
    -------
    NormalReturns of N rows; an event that cannot be estimated has NaN and a reason.

    Raises
    ------
    UnknownNameError : no such model.
    SpecError : the panel lacks a column of the model, or has log returns where it needs simple ones; a function of
        your own raised, or returned something else than N estimates, other shapes, or numbers that are none.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> estimate(example().panel, "mean_adjusted").params.shape
    (8, 1)
    """
    known = card(model)
    normal: Any = known.fit(panel) if isinstance(model, str) else called(known, panel)
    return replace(check_estimates(finished(normal, known.name, panel.n_events), panel, known.name), fit=known.fit)
