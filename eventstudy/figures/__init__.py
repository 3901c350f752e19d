"""StudyResult -> plotly Figure, one function a figure; the report and notebooks use the same.

Every name of `FIGURES` is also in `TABLES` (the numbers drawn, a tidy frame of raw decimals whose columns its docstring
documents), in `CAPTIONS` (one or two sentences that say in words what is seen, not yet rounded) and in `TITLES`. All
take keyword options (``event``, and where it makes sense ``group``, ``ticker``, ``benchmark``, ``model``).

What a page has to know
-----------------------
* ``figure.layout.meta["controls"]`` lists what a reader may choose: ``key``, ``label``, ``options`` (each with
  ``value`` and ``label``) and ``default``. A trace is visible where every key of its ``meta`` that is also a control
  equals the choice; a trace whose ``meta`` lacks a control's key is indifferent to it. The defaults are visible.
* Figures have a height and no width, no background and no text colour: both themes are ``theme.LAYOUTS``, given to
  ``Plotly.relayout``; draw with ``theme.CONFIG``. They have no title either (`Plots` adds one for notebooks).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.errors import UnknownNameError
from eventstudy.figures import benchmarks, car, claims, day, markets, picking, prices, residuals, scatter, tests
from eventstudy.figures.drawing import plotted
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Statement
from eventstudy.registry import lookup

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FIGURES: dict[str, Callable[..., Figure]] = {
    "claims": plotted(claims.figure),
    "day": plotted(day.day_figure),
    "movers": plotted(day.movers_figure),
    "prices": plotted(prices.figure),
    "car": plotted(car.figure),
    "benchmarks": plotted(benchmarks.figure),
    "tests": plotted(tests.figure),
    "scatter": plotted(scatter.figure),
    "residuals": plotted(residuals.figure),
    "calendar": plotted(markets.figure),
}

TABLES: dict[str, Callable[..., pd.DataFrame]] = {
    "claims": claims.table,
    "day": day.day_table,
    "movers": day.movers_table,
    "prices": prices.table,
    "car": car.table,
    "benchmarks": benchmarks.table,
    "tests": tests.table,
    "scatter": scatter.table,
    "residuals": residuals.table,
    "calendar": markets.table,
}

CAPTIONS: dict[str, Callable[..., Statement]] = {
    "claims": claims.caption,
    "day": day.day_caption,
    "movers": day.movers_caption,
    "prices": prices.caption,
    "car": car.caption,
    "benchmarks": benchmarks.caption,
    "tests": tests.caption,
    "scatter": scatter.caption,
    "residuals": residuals.caption,
    "calendar": markets.caption,
}

TITLES: Mapping[str, str] = {
    "claims": "Claimed and measured",
    "day": "Return and abnormal return of the day",
    "movers": "Who fell and who rose",
    "prices": "Prices before and after",
    "car": "Cumulative abnormal return",
    "benchmarks": "Does the answer depend on the benchmark?",
    "tests": "Tests of the group",
    "scatter": "Security and benchmark in the estimation window",
    "residuals": "Residuals of the estimation window",
    "calendar": "Who traded when",
}


#: figures that say nothing in some studies: name -> whether they say something in this one
FITS: Mapping[str, Callable[[StudyResult], bool]] = {
    "claims": lambda result: bool(result.verdicts),
    "movers": lambda result: set(result.settings.tickers) != set(picking.group_members(result)),
    "benchmarks": benchmarks.compares,
    "tests": lambda result: any(finding.is_group for source in result.events for finding in source.tests),
    "scatter": lambda result: any(source.benchmark is not None for source in result.events),
    "calendar": markets.shows_markets,
}


def _subject(make: Callable[..., Figure], name: str, subject: str) -> dict[str, str]:
    """What is given without a name: the ticker or group the figure is of."""
    taken = [key for key in ("ticker", "group", "event") if key in signature(make).parameters]
    if not taken:
        raise UnknownNameError("figure of one security or group", name, ("car", "scatter", "residuals", "day", "tests"))
    return {taken[0]: subject}


@dataclass(frozen=True, slots=True, eq=False)
class Plots:
    """The figures of one result by name: ``result.plot.day()``, ``result.plot.car("NVDA")``, ``result.plot.prices()``.

    ``dir(result.plot)`` lists them. Every figure takes ``event``; those of one security take its ticker, alone or as
    ``ticker=``; those of a group its name, alone or as ``group=``. Each returns a plotly Figure.

    Raises
    ------
    UnknownNameError : there is no figure of that name.
    """

    result: StudyResult

    def __getattr__(self, name: str) -> Callable[..., Figure]:
        if name.startswith("_"):
            raise AttributeError(name)
        make = lookup(FIGURES, name, "figure")

        def plot(subject: str | None = None, /, **options: Any) -> Figure:
            figure = make(self.result, **({} if subject is None else _subject(make, name, subject)) | options)
            top = (figure.layout.margin.t or 0) + 40
            return figure.update_layout(title={"text": TITLES[name], "y": 0.99, "yanchor": "top"}, margin={"t": top})

        plot.__doc__ = make.__doc__
        return plot

    def __dir__(self) -> list[str]:
        return ["result", *FIGURES]
