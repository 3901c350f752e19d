"""The p-values of a group's tests on one window: those that fit the design in front, the others faded behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.datatypes import Window
from eventstudy.figures import drawing, picking, theme, words
from eventstudy.results import EventResult, Finding, StudyResult
from eventstudy.verdicts import Quantity, Statement

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = (
    *("group", "benchmark", "model", "window_start", "window_end", "test", "front", "statistic", "distribution"),
    *("df", "p", "n", "reason", "warning"),
)
ROW_HEIGHT = 26
#: Smaller p-values are drawn at the left edge with an arrow: a logarithmic axis has no end, a page has.
SMALLEST = 1e-6


def table(result: StudyResult, event: str | None = None, group: str | None = None) -> pd.DataFrame:
    """The tests of the groups in their own specification.

    Returns
    -------
    DataFrame, one row a group, window and test, those in front first; columns ``group``, ``benchmark``, ``model``;
    ``window_start``, ``window_end`` in sessions from day zero; ``test``; ``front`` whether it fits the design;
    ``statistic``, its reference ``distribution`` and ``df``; ``p``, two-sided; ``n`` securities; ``reason`` why it
    does not apply (then the numbers are NaN); ``warning`` what the design does to it.
    """
    lines = [_line(source, finding) for source, finding in _findings(result, event, group)]
    frame = pd.DataFrame(lines, columns=COLUMNS)
    family = frame.groupby(["group", "window_start", "window_end"], sort=False).ngroup()
    order = np.lexsort((~frame["front"].to_numpy(dtype=np.bool_), family))
    return frame.iloc[order].reset_index(drop=True)


def _findings(result: StudyResult, event: str | None, group: str | None) -> Iterator[tuple[EventResult, Finding]]:
    if group is not None:
        picking.group_members(result, group)  # refuses a group that is not there
    for source in result.select(picking.event_id(result, event)):
        for finding in source.tests:
            if finding.is_group and group in (None, finding.subject):
                yield source, finding


def _line(source: EventResult, finding: Finding) -> tuple[Any, ...]:
    test = finding.result
    head = (finding.subject, source.benchmark, source.model, test.window.start, test.window.end, test.test)
    df = ", ".join(f"{value:g}" for value in test.df)
    return (*head, finding.front, test.statistic, test.distribution, df, test.p, test.n, test.reason, test.warning)


# -------------------------------------------------------------------------------------------------------------- figure
def figure(result: StudyResult, event: str | None = None, group: str | None = None) -> Figure:
    """p-values on a logarithmic axis, one row a test; controls for group and window."""
    frame = table(result, event, group)
    shown, window = _opening(result, frame)
    leading = frame[frame["group"] == shown].sort_values("front", ascending=False, kind="stable")
    names = list(dict.fromkeys([*leading["test"], *frame["test"]]))
    traces: list[drawing.Trace] = []
    for (name, start, end), part in frame.groupby(["group", "window_start", "window_end"], sort=False):
        meta = {"group": str(name), "window": str(Window(start, end))}
        traces += _dots(part, names, meta, meta == {"group": shown, "window": window})
    controls = _controls(result, frame, shown, window)
    empty = "no group has two or more securities to test together"
    return drawing.figure(traces, _layout(names, result.settings.alpha), controls, empty)


def _opening(result: StudyResult, frame: pd.DataFrame) -> tuple[str, str]:
    """Group and window shown first: the headline group and the study's first window, where they were tested."""
    if frame.empty:
        return "", ""
    headline = result.settings.headline_group
    shown = headline if headline is not None and headline in set(frame["group"]) else str(frame["group"].iloc[0])
    return shown, _windows(result, frame)[0]


def _windows(result: StudyResult, frame: pd.DataFrame) -> list[str]:
    found = set(zip(frame["window_start"], frame["window_end"], strict=True))
    return [str(w) for w in result.settings.windows if (w.start, w.end) in found]


def _controls(result: StudyResult, frame: pd.DataFrame, shown: str, window: str) -> list[dict[str, Any]]:
    groups, windows = list(dict.fromkeys(frame["group"])), _windows(result, frame)
    group = drawing.control("group", "Group", [(g, g) for g in groups], shown)
    span = drawing.control("window", "Window", [(w, w) for w in windows], window)
    return [*([group] if len(groups) > 1 else []), *([span] if len(windows) > 1 else [])]


def _dots(part: pd.DataFrame, names: list[str], meta: dict[str, str], visible: bool) -> list[drawing.Trace]:
    common = {"type": "scatter", "meta": meta, "visible": visible}
    front = part["front"].astype(bool)
    computed = part["p"].notna()
    traces = [_points(part[front & computed], names, True), _points(part[~front & computed], names, False)]
    return [common | trace for trace in (*traces, _not_applicable(part[~computed], names)) if trace["y"]]


def _points(some: pd.DataFrame, names: list[str], front: bool) -> drawing.Trace:
    return {
        "mode": "markers",
        "x": drawing.coordinates(some["p"].clip(lower=SMALLEST)),
        "y": [names.index(t) for t in some["test"]],
        "marker": {
            "color": theme.BLUE if front else theme.faded(theme.GREY, 0.6),
            "size": 11 if front else 9,
            "symbol": ["triangle-left" if p < SMALLEST else "circle" for p in some["p"]],
        },
        "customdata": drawing.coordinates(some[["statistic", "p"]]),
        "text": some["test"].to_list(),
        "hovertemplate": "%{text}<br>p = %{customdata[1]:.2g}<br>statistic %{customdata[0]:.2f}<extra></extra>",
    }


def _not_applicable(some: pd.DataFrame, names: list[str]) -> drawing.Trace:
    return {
        "mode": "text",
        "x": [1.0] * len(some),
        "y": [names.index(t) for t in some["test"]],
        "text": ["does not apply"] * len(some),
        "textposition": "middle left",
        "textfont": {"color": theme.GREY},
        "hoverinfo": "skip",
    }


def _layout(names: list[str], alpha: float) -> dict[str, Any]:
    lowest = int(np.log10(SMALLEST))
    powers = range(lowest, 1)
    return {
        "height": 100 + ROW_HEIGHT * len(names),
        "margin": {"l": 8, "r": 16, "t": 64, "b": 28},
        "xaxis": {
            "type": "log",
            "side": "top",
            "range": [lowest - 0.15, 0.1],
            "title": {"text": "p-value"},
            "tickvals": [10.0**k for k in powers],
            "ticktext": [f"{10.0**k:g}" for k in powers],
        },
        "yaxis": drawing.rows_axis(names),
        "shapes": [drawing.vertical(alpha)],
        "annotations": [{"x": np.log10(alpha), "y": 0, "yref": "paper", "yanchor": "top", "text": f"{alpha:g}"}],
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """How many of the tests in front reject for the group and window shown first, and their range of p."""
    frame = table(result, event, group)
    if frame.empty:
        return Statement("No group has two or more securities to test together.")
    name, window = _opening(result, frame)
    spans = [str(Window(s, e)) for s, e in zip(frame["window_start"], frame["window_end"], strict=True)]
    here = (frame["group"] == name) & (pd.Series(spans, index=frame.index) == window) & frame["front"].astype(bool)
    front = frame[here & frame["p"].notna()].sort_values("p", kind="stable")
    if front.empty:
        return Statement("None of the tests that fit the design of {group} applies.", {"group": name})
    template = (
        "{group}, window {window}: {reject} of the {n} tests that fit the design reject at {alpha}; their p-values run "
        "from {low} ({best}) to {high} ({worst})."
    )
    values = {
        "group": name,
        "window": window,
        "reject": words.count((front["p"] < result.settings.alpha).sum()),
        "n": words.count(len(front)),
        "alpha": Quantity(result.settings.alpha, "share"),
        "low": Quantity(float(front["p"].iloc[0]), "p"),
        "best": str(front["test"].iloc[0]),
        "high": Quantity(float(front["p"].iloc[-1]), "p"),
        "worst": str(front["test"].iloc[-1]),
    }
    return Statement(template, values)
