"""The power curve of a simulation: how often each test finds a move of a given size.

Its card is not one of `FIGURES`: those draw from a study alone, this one from what `simulate` found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import choice
from eventstudy.figures import drawing, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.verdicts import Quantity, Statement

if TYPE_CHECKING:
    from eventstudy.simulation.result import SimulationResult

HEIGHT = 420
POWER = 0.8  # the height at which a move is usually said to be found


def draw(result: SimulationResult, level: float | None = None) -> drawing.Drawing:
    """Rejected share of every test against the move added; those that fit the design in colour, with two errors.

    Parameters
    ----------
    level : nominal level, one of those tried; that of the simulation if None.
    """
    level = result.settings.alpha if level is None else level
    shocks = np.array(sorted(result.settings.shocks))
    shares = {test: np.array([result.share(test, s, level) for s in shocks]) for test in result.tests}
    applying = [test for test in result.tests if np.isfinite(shares[test]).any()]
    front = [test for test in result.front if test in applying]
    behind = [test for test in applying if test not in front]
    labels = {test: result.cards.tests[test].label for test in applying}
    traces = [_behind(labels[test], shocks, shares[test], k == 0) for k, test in enumerate(behind)]
    for k, test in enumerate(front):
        traces.append(_front(labels[test], shocks, shares[test], _errors(result, test, level), k))
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 56, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": {"title": {"text": "Abnormal move added"}, "tickformat": "+.1~%", "showgrid": False},
        "yaxis": {"title": {"text": "Share of pseudo-studies rejected"}, "tickformat": ".0%", "range": [-0.02, 1.02]},
        "shapes": [_level(level), _level(POWER)],
        "annotations": [_said(level, "nominal level"), _said(POWER, "8 in 10")],
    }
    return drawing.drawing(traces, layout, empty="no test applies")


def _errors(result: SimulationResult, test: str, level: float) -> FloatArray:
    rows = result.table[(result.table["test"] == test) & (result.table["level"] == level)]
    return np.asarray(rows.sort_values("shock")["standard_error"], dtype=np.float64)


def _front(label: str, shocks: FloatArray, share: FloatArray, error: FloatArray, k: int) -> drawing.Trace:
    colour = theme.CATEGORICAL[k % len(theme.CATEGORICAL)]
    return _line(label, shocks, share) | {
        "name": label,
        "line": {"color": colour, "width": 2.5, "dash": theme.DASHES[k % len(theme.DASHES)]},
        "marker": {"color": colour, "size": 7},
        "error_y": {"array": drawing.coordinates(2 * error), "color": colour, "thickness": 1.2, "width": 0},
    }


def _behind(label: str, shocks: FloatArray, share: FloatArray, first: bool) -> drawing.Trace:
    grey = theme.faded(theme.GREY, 0.7)
    return _line(label, shocks, share) | {
        "name": "tests that do not fit the design",
        "showlegend": first,
        "line": {"color": grey, "width": 1},
        "marker": {"color": grey, "size": 4},
    }


def _line(label: str, shocks: FloatArray, share: FloatArray) -> drawing.Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": drawing.coordinates(shocks),
        "y": drawing.coordinates(share),
        "hovertemplate": f"{label}<br>move %{{x:+.2%}}<br>rejected %{{y:.1%}}<extra></extra>",
    }


def _level(height: float) -> dict[str, Any]:
    line = {"dash": "dot", "width": 1}
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": height, "y1": height, "line": line}


def _said(height: float, text: str) -> dict[str, Any]:
    return {"x": 1, "xref": "paper", "xanchor": "right", "y": height, "yanchor": "bottom", "text": text}


def table(result: SimulationResult, level: float | None = None) -> pd.DataFrame:
    """The rows of `SimulationResult.table` at one level, which documents its columns."""
    level = result.settings.alpha if level is None else level
    return result.table[result.table["level"] == level].reset_index(drop=True)


def caption(result: SimulationResult, level: float | None = None) -> Statement:
    """How many pseudo-studies of how many events each share is of, and where they lie."""
    made = result.made
    return Statement(
        "The share of {replications} pseudo-studies of {events} each that a test rejects at {level}, by the move "
        "added; a test that keeps its level starts at it.",
        {
            "replications": words.count(made.replications),
            "events": "one event" if made.events == 1 else f"{made.events} events",
            "level": Quantity(result.settings.alpha if level is None else level, "share"),
        },
    )


def svg(result: SimulationResult, look: theme.Theme = "light", level: float | None = None) -> str:
    """The power curves as SVG, with what they are and of how many pseudo-studies."""
    from eventstudy import __version__
    from eventstudy.report import tables
    from eventstudy.report.picture import alone

    chosen: Any = choice("look", look, get_args(theme.Theme))
    below = tables.statement(caption(result, level), tables.text)
    foot = f"{result.made.study}: pseudo-events on ordinary days. eventstudy {__version__}."
    return alone(draw(result, level), CARD.title, below, foot, chosen)


def _any_test_applies(result: SimulationResult) -> bool:
    return bool(np.isfinite(result.table["rejected"]).any())


CARD = Figure(
    name="power",
    title="How often a move is found",
    draw=draw,
    table=table,
    caption=caption,
    fits=_any_test_applies,
)
