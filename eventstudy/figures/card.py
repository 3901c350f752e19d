"""The card of a figure: all that is true of it in one record, and the only way in which one is drawn, told and tabled.

A user's own figure is one `Figure` and one line, ``FIGURES["mine"] = card``: it then stands on the page and under
``result.plot``. What its functions return is looked at before it is used, and refused in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.figures.drawing import Drawing
from eventstudy.objects.cards import complete
from eventstudy.objects.verdicts import Statement

if TYPE_CHECKING:
    from plotly import graph_objects

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """All facts about a figure; every function takes a finished study and keyword options, the same in each.

    Parameters
    ----------
    name : its key in `FIGURES`, its anchor on the page and the name of its files.
    title : what it is, in a few words.
    draw : returns a `Drawing`, or a plotly Figure.
    table : returns the numbers drawn, a tidy frame of raw decimals; its docstring documents the columns.
    caption : returns a `Statement` that says in words what is seen, not yet rounded.
    finding : returns a `Statement` of one line, what the figure shows of this study: its heading on a page. It is true
        whatever is shown. None where the title is the heading.
    fits : takes the study alone; returns whether the figure says something in it (`always` where it always does).

    Raises
    ------
    SpecError : a fact is missing.

    Examples
    --------
    >>> from eventstudy.figures import FIGURES
    >>> FIGURES["movers"].title
    'Who fell and who rose'
    """

    name: str
    title: str
    draw: Callable[..., Any]
    table: Callable[..., pd.DataFrame]
    caption: Callable[..., Statement]
    fits: Callable[[Any], bool]
    finding: Callable[..., Statement] | None = None

    def __post_init__(self) -> None:
        complete(self)


def always(result: object) -> bool:
    """Every study has something for the figure to say."""
    return True


def drawn(card: Figure, result: object, /, **options: Any) -> Drawing:
    """Traces and layout of a figure: as it was drawn, or taken from the plotly Figure that it returned.

    Raises
    ------
    SpecError : ``draw`` returned something else.
    """
    made = card.draw(result, **options)
    if isinstance(made, Drawing):
        return made
    if hasattr(made, "to_plotly_json"):
        spec = made.to_plotly_json()
        return Drawing(spec["data"], spec["layout"])
    raise _wrong(card, "draw", made, "a Drawing (from eventstudy.figures.drawing.drawing) or a plotly Figure")


def plotly_figure(card: Figure, result: object, /, **options: Any) -> graph_objects.Figure:
    """The figure as a plotly Figure, without a title.

    Raises
    ------
    SpecError : ``draw`` returned neither a `Drawing` nor a plotly Figure.
    """
    import plotly.graph_objects as go

    made = drawn(card, result, **options)
    return go.Figure(data=[dict(trace) for trace in made.traces], layout=dict(made.layout), _validate=False)


def numbers(card: Figure, result: object, /, **options: Any) -> pd.DataFrame:
    """The numbers behind the figure.

    Raises
    ------
    SpecError : ``table`` returned something else than a DataFrame.
    """
    return _due(card, "table", card.table(result, **options), pd.DataFrame, "a pandas DataFrame of the numbers drawn")


def said(card: Figure, result: object, /, **options: Any) -> Statement:
    """What is seen, in words.

    Raises
    ------
    SpecError : ``caption`` returned something else than a `Statement`.
    """
    due = 'a Statement, such as Statement("{n} securities fell.", {"n": Quantity(3.0, "count")})'
    return _due(card, "caption", card.caption(result, **options), Statement, due)


def found(card: Figure, result: object, /, **options: Any) -> Statement:
    """What the figure shows in one line; its title where it says nothing by itself.

    Raises
    ------
    SpecError : ``finding`` returned something else than a `Statement`.
    """
    if card.finding is None:
        return Statement(card.title)
    due = 'a Statement of one line, such as Statement("{n} of {all} rose", ...)'
    return _due(card, "finding", card.finding(result, **options), Statement, due)


def _due(card: Figure, part: str, made: object, kind: type[T], due: str) -> T:
    if isinstance(made, kind):
        return made
    raise _wrong(card, part, made, due)


def _wrong(card: Figure, part: str, made: object, due: str) -> SpecError:
    came = "None (is a return missing?)" if made is None else f"{type(made).__name__}"
    return SpecError(f"the figure {card.name!r}: its function {part} returned {came}; due is {due}")
