"""The two figures of a run over many events: the path of the mean, and how the CARs are spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures.drawing import LEGEND, band, sessions_axis, vertical
from eventstudy.figures.theme import BLUE, CATEGORICAL, GREY, TEMPLATES, faded
from eventstudy.objects.estimation import Window

_MOST = len(CATEGORICAL)  # lines that can be told apart


@dataclass(frozen=True, slots=True)
class RunPlots:
    """The figures of a run: ``run.plot.caar()`` and ``run.plot.cars()``."""

    caar: Callable[..., Any]
    cars: Callable[..., Any]


def caar_figure(path: pd.DataFrame, event: Window, subjects: tuple[str, ...]) -> Any:
    """The mean cumulative abnormal return of each subject from the first day of the event window on, with its interval.

    `path` : columns ``subject``, ``tau``, ``caar``, ``low``, ``high``; ``subjects`` those to be drawn, five at most.
    """
    import plotly.graph_objects as go

    traces: list[dict[str, Any]] = []
    for subject, colour in zip(subjects[:_MOST], CATEGORICAL, strict=False):
        own = path[path["subject"] == subject]
        tau = own["tau"].to_numpy()
        traces.append(band(tau, 100 * own["low"].to_numpy(), 100 * own["high"].to_numpy(), faded(colour, 0.18)))
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{subject} ({int(own['n'].max())} events)",
                "x": tau,
                "y": 100 * own["caar"].to_numpy(),
                "line": {"color": colour, "width": 2},
                "hovertemplate": "day %{x}: %{y:.2f} %<extra></extra>",
            }
        )
    layout = {
        "template": TEMPLATES["light"],
        "xaxis": sessions_axis(event),
        "yaxis": {"title": {"text": "Mean cumulative abnormal return, %"}, "zeroline": True},
        "shapes": [vertical(0)],
        "legend": dict(LEGEND),
    }
    return go.Figure(traces, layout)


def cars_figure(car: np.ndarray, window: Window) -> Any:
    """How the CARs of all events over a window are spread, with their mean."""
    import plotly.graph_objects as go

    shown = 100 * car[np.isfinite(car)]
    counts, edges = np.histogram(shown, bins=min(80, max(10, int(np.sqrt(len(shown))))))
    bars = {
        "type": "bar",
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": counts,
        "width": np.diff(edges),
        "marker": {"color": faded(BLUE, 0.75)},
        "hovertemplate": "%{x:.1f} %: %{y} events<extra></extra>",
    }
    mean = float(shown.mean()) if len(shown) else 0.0
    layout = {
        "template": TEMPLATES["light"],
        "xaxis": {"title": {"text": f"CAR over {window}, %"}},
        "yaxis": {"title": {"text": "Events"}},
        "shapes": [vertical(0), {**vertical(mean), "line": {"color": GREY, "width": 2}}],
        "bargap": 0,
    }
    return go.Figure([bars], layout)
