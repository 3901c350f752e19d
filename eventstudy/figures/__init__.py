"""The figures of a study: `FIGURES` holds a card for each, which the page, notebooks and ``result.plot`` read.

All take keyword options (``event``, and where it makes sense ``group``, ``ticker``, ``benchmark``, ``model``).

What a page has to know
-----------------------
* ``figure.layout.meta["controls"]`` lists what a reader may choose: ``key``, ``label``, ``options`` (each with
  ``value`` and ``label``) and ``default``. A trace is visible where every key of its ``meta`` that is also a control
  equals the choice; a trace whose ``meta`` lacks a control's key is indifferent to it. The defaults are visible.
* Figures have a height and no width, no background and no text colour: both themes are ``theme.LAYOUTS``, given to
  ``Plotly.relayout``; draw with ``theme.CONFIG``. They have no title either (`Plots` adds one for notebooks).

Quirks: A figure is plain dicts until somebody asks for plotly. Both themes are in `theme`; a figure has no width and
no background.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

from eventstudy.arguments import refuse
from eventstudy.errors import UnknownNameError
from eventstudy.figures import (
    benchmarks,
    car,
    claims,
    correlation,
    day,
    markets,
    power,
    prices,
    rarity,
    recovery,
    residuals,
    scatter,
    specifications,
    tests,
    timeline,
)
from eventstudy.figures.card import Figure, plotly_figure
from eventstudy.figures.runs import study_plots
from eventstudy.objects.results import StudyResult

if TYPE_CHECKING:
    from plotly import graph_objects

FIGURES: dict[str, Figure] = {
    "claims": claims.CARD,
    "day": day.DAY,
    "movers": day.MOVERS,
    "prices": prices.CARD,
    "car": car.CARD,
    "recovery": recovery.CARD,
    "benchmarks": benchmarks.CARD,
    "rarity": rarity.CARD,
    "specifications": specifications.CARD,
    "power": power.CARD,
    "tests": tests.CARD,
    "scatter": scatter.CARD,
    "residuals": residuals.CARD,
    "correlation": correlation.CARD,
    "timeline": timeline.CARD,
    "calendar": markets.CARD,
}
_OF_RUNS = ("caar", "cars")
"""Figures of a run that a study has too; they are not on the page."""


def _subject(card: Figure, subject: str) -> dict[str, str]:
    """What is given without a name: the ticker or group the figure is of."""
    taken = [key for key in ("ticker", "group", "event") if key in signature(card.draw).parameters]
    if not taken:
        known = ("car", "scatter", "residuals", "day", "tests")
        raise UnknownNameError("figure of one security or group", card.name, known)
    return {taken[0]: subject}


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True, eq=False)
class Plots:
    """The figures of one result by name: ``result.plot.day()``, ``result.plot.car("NVDA")``, ``result.plot.prices()``.

    ``dir(result.plot)`` lists them. Every figure takes ``event``. A figure of one security takes its ticker, alone or
    as ``ticker=``; a figure of a group takes its name, alone or as ``group=``. Each returns a plotly Figure. Beside
    those of the page there are ``caar(groups, event)`` and ``cars(window, event)``, as of a run.

    Raises
    ------
    AttributeError : there is no figure of that name; the message lists the figures, and ``hasattr`` works.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> "car" in dir(example_result().plot), len(example_result().plot.car("S01").data) > 0
    (True, True)
    """

    result: StudyResult

    def __getattr__(self, name: str) -> Callable[..., graph_objects.Figure]:
        if name in _OF_RUNS:
            found: Callable[..., graph_objects.Figure] = getattr(study_plots(self.result), name)
            return found
        if name not in FIGURES:
            raise AttributeError(str(UnknownNameError("figure", name, (*FIGURES, *_OF_RUNS))), name=name, obj=self)
        card = FIGURES[name]

        def plot(subject: str | None = None, /, **options: Any) -> graph_objects.Figure:
            for what, value in {"the subject of a figure": subject, **options}.items():
                if not all(isinstance(one, str | int | float | None) for one in _each(value)):
                    refuse(what, "a name, such as 'NVDA'", value)
            figure = plotly_figure(card, self.result, **({} if subject is None else _subject(card, subject)) | options)
            top = (figure.layout.margin.t or 0) + 40
            return figure.update_layout(title={"text": card.title, "y": 0.99, "yanchor": "top"}, margin={"t": top})

        plot.__doc__ = card.draw.__doc__
        return plot

    def __dir__(self) -> list[str]:
        return ["result", *FIGURES, *_OF_RUNS]
