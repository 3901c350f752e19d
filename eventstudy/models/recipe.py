"""A least-squares model of normal returns, as data: which columns it takes off and which it regresses on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.arguments import public
from eventstudy.engine.ols import least_squares
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.objects.cards import Errors, Model, Takes
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns, ReturnKind

Column = str | tuple[str, str]


@public
@dataclass(frozen=True, slots=True)
class Recipe:
    """E[R] = offset + constant + columns'slopes, to be estimated by ordinary least squares. Call it on a panel.

    With neither constant nor columns nothing is estimated: sigma^2 is then the sample variance (ddof 1) of R - offset
    in the estimation window, nu = T - 1, and no variance has an estimation term.

    Parameters
    ----------
    name : the name of the model.
    formula, reference : the model in symbols, and where it is from, for the reader.
    offset : the regressor that is subtracted from the return with slope 1, or None.
    columns : the regressors whose slopes are estimated; a pair (a, b) means a - b; None means all regressors of the
        panel except ``market`` and ``rf``.
    constant : whether there is an intercept.
    simple_only : whether the columns are simple returns by nature, so that they cannot explain log returns.

    Raises
    ------
    SpecError : ``columns`` is neither None nor a tuple of names and pairs of names.

    Examples
    --------
    >>> import numpy as np
    >>> recipe = Recipe("two_markets", "a + b Rm + c Rg", columns=("market", "gold"))
    >>> recipe.needs, recipe.card.uses_benchmark
    (('market', 'gold'), True)
    >>> names, design, offset = recipe.laid({"market": np.zeros(5), "gold": np.ones(5)}, 5, "simple")
    >>> names, design.shape, offset.shape
    (('const', 'market', 'gold'), (5, 3), (5,))
    >>> own = recipe.card
    >>> recipe.described(
    ...     words="model with gold",
    ...     method=own.method,
    ...     fitted=own.fitted,
    ...     takes=own.takes,
    ...     errors=own.errors,
    ...     parameters=own.parameters,
    ... ).words
    'model with gold'
    """

    name: str
    formula: str
    reference: str = ""
    offset: str | None = None
    columns: tuple[Column, ...] | None = ()
    constant: bool = True
    simple_only: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the regressors that a panel has to hold, in order, without repetition."""
        flat = [c for column in self.columns or () for c in ((column,) if isinstance(column, str) else column)]
        return tuple(dict.fromkeys(([self.offset] if self.offset else []) + flat))

    def __call__(self, panel: EventPanel) -> NormalReturns:
        """Estimate the model for every event of `panel`."""
        names, design, offset = self.laid(panel.regressors, len(panel.sessions), panel.kind)
        return least_squares(panel.layout, self.name, names, design, offset)

    def described(
        self, *, words: str, method: str, fitted: str, takes: Takes, errors: Errors, parameters: str
    ) -> Model:
        """The card of this recipe, from the words given and from what follows from its columns."""
        return Model(
            name=self.name,
            fit=self,
            words=words,
            formula=self.formula or f"E[R] as the model “{words}” predicts it",
            source=self.reference or "the user’s own",
            method=method,
            fitted=fitted,
            takes=takes,
            errors=errors,
            parameters=parameters,
            uses_benchmark="market" in self.needs,
            compares_with=None,
            across_gaps=False,
            same_parameters=True,
            linear=True,
            at_once=True,
        )

    @property
    def card(self) -> Model:
        """The card of a user's own recipe, in the words that its columns allow."""
        words = self.name.replace("_", " ")
        return self.described(
            words=words,
            method="fitted by least squares",
            fitted=f"each share’s return is fitted to the regressors of the model “{words}” by least squares; sigma is "
            "the scatter around the fit. What the fit predicts for an event day is the normal return of that day.",
            takes=phrases.own(words, "market" in self.needs),
            errors=phrases.by_regressors("ν = T − p with p parameters"),
            parameters="const is the intercept, each further one the response to the regressor of its name",
        )

    def laid(
        self, regressors: Mapping[str, FloatArray], sessions: int, kind: ReturnKind
    ) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
        """Names (p,), design (D, p) and offset (D,) of the model on `sessions` days; `regressors` (D,) by name.

        Raises
        ------
        SpecError : a regressor is absent, or `kind` is log and the model explains simple returns.
        """
        self._check(regressors, kind)
        columns = self.columns
        if columns is None:
            columns = tuple(name for name in regressors if name not in ("market", "rf"))
            if not columns:
                raise SpecError(f"model {self.name!r} needs factor columns; the panel has {_listed(regressors)}")
        known = regressors
        series = [known[c] if isinstance(c, str) else known[c[0]] - known[c[1]] for c in columns]
        names = tuple(c if isinstance(c, str) else f"{c[0]} - {c[1]}" for c in columns)
        if self.constant:
            series, names = [np.ones(sessions), *series], ("const", *names)
        design: FloatArray = np.stack(series, axis=1) if series else np.empty((sessions, 0))
        offset: FloatArray = known[self.offset] if self.offset else np.zeros(sessions)
        return names, design, offset

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            raise SpecError(f"the columns of model {self.name!r} are a tuple of names, got {self.columns!r}")
        for column in self.columns or ():
            pair = isinstance(column, tuple) and len(column) == 2 and all(isinstance(part, str) for part in column)
            if not pair and not isinstance(column, str):
                raise SpecError(f"a column of model {self.name!r} is a name or a pair of names, got {column!r}")

    def _check(self, regressors: Mapping[str, FloatArray], kind: ReturnKind) -> None:
        require(regressors, self.name, self.needs)
        if self.simple_only and kind == "log":
            raise SpecError(
                f"model {self.name!r} explains simple returns (its factors are simple), but the study uses log "
                "returns; set returns to simple"
            )


def require(panel: EventPanel | Mapping[str, FloatArray], model: str, needs: Sequence[str]) -> None:
    """SpecError, naming what is there, where a panel or its regressors lack one that a model `needs`."""
    regressors = panel.regressors if isinstance(panel, EventPanel) else panel
    absent = [name for name in needs if name not in regressors]
    if absent:
        raise SpecError(
            f"model {model!r} needs {', '.join(absent)}; the panel has {_listed(regressors)}. "
            "Give it as a column of factors=, or choose a model that does without"
        )


def _listed(regressors: Mapping[str, FloatArray]) -> str:
    return ", ".join(regressors) or "no regressors"
