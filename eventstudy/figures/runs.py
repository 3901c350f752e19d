"""The two figures of many events, of a run and of a study: the path of the mean, and how the CARs are spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.arguments import public, texts
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.figures.drawing import LEGEND, band, sessions_axis, vertical
from eventstudy.figures.picking import event_id
from eventstudy.figures.theme import BLUE, CATEGORICAL, GREY, TEMPLATES, faded
from eventstudy.objects.estimation import Span, Window, window_of
from eventstudy.objects.results import StudyResult

_MOST = len(CATEGORICAL)  # lines that can be told apart


@dataclass(frozen=True, slots=True)
class RunPlots:
    """``plot.caar()`` and ``plot.cars()`` of a run or a study."""

    caar: Callable[..., Any]
    cars: Callable[..., Any]


def study_plots(result: StudyResult) -> RunPlots:
    """Both figures of a study, of one announcement each: the headline one unless ``event`` names another."""

    @public
    def caar(groups: Sequence[str] = (), event: str | None = None) -> Any:
        """The path of the mean CAR of each group, or of `groups`, with the interval of the test that `caar` names."""
        path = _study_path(result, event_id(result, event))
        known = tuple(path["subject"].unique())
        if not known:
            raise SpecError("the study has no group whose mean could be drawn: give groups={'chips': ['NVDA', 'AMD']}")
        for name in (asked := texts("groups", groups, known[:1])):
            if name not in known:
                raise UnknownNameError("group", name, known)
        return caar_figure(path, result.settings.event, asked or known)

    @public
    def cars(window: Span | None = None, event: str | None = None) -> Any:
        """How the CARs over `window` are spread, that of day zero where none is given."""
        asked = window_of((0, 0) if window is None else window)
        found = result.cars(asked)
        return cars_figure(found.loc[found["event"] == event_id(result, event), "car"].to_numpy(), asked)

    return RunPlots(caar, cars)


def _study_path(result: StudyResult, event: str) -> pd.DataFrame:
    """A row a group and day: the mean CAR from the first day of the event window on, as `StudyResult.caar` gives it."""
    own = result.settings.event
    frame = pd.concat([result.caar((own.start, tau)).assign(tau=tau) for tau in own.taus])
    frame = frame[frame["event"] == event]
    if frame["exchange"].nunique() > 1:
        frame = frame.assign(subject=frame["subject"] + ", " + frame["exchange"])
    return frame


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
