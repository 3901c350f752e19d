"""The p-values of a group's tests on one window: those that fit the design in front, the others faded behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.cards import FAMILIES
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Finding
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = (
    *("group", "benchmark", "model", "window_start", "window_end", "test", "front", "statistic", "distribution"),
    *("df", "p", "n", "reason", "warning"),
)
ROW_HEIGHT = 22
#: Smaller p-values are drawn at the left edge with an arrow: a logarithmic axis has no end, a page has.
SMALLEST = 1e-6
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def table(result: StudyResult, event: str | None = None, group: str | None = None) -> pd.DataFrame:
    """The tests of the groups in their own specification, but for those of the variance, which ask another question.

    Returns
    -------
    DataFrame, one row a group, window and test, those in front first; columns ``group``, ``benchmark``, ``model``;
    ``window_start``, ``window_end`` in sessions from day zero; ``test``; ``front`` whether it fits the design;
    ``statistic``, its reference ``distribution`` and ``df``; ``p``, two-sided; ``n`` securities; ``reason`` why it
    does not apply (then the numbers are NaN); ``warning`` what the design does to it.
    """
    return _frame(result, event, group).copy()


@once
def _frame(result: StudyResult, event: str | None, group: str | None) -> pd.DataFrame:
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
            mean = result.cards.tests[finding.result.test].about != "variance"
            if finding.is_group and mean and group in (None, finding.subject):
                yield source, finding


def _line(source: EventResult, finding: Finding) -> tuple[Any, ...]:
    test = finding.result
    head = (finding.subject, source.benchmark, source.model, test.window.start, test.window.end, test.test)
    df = ", ".join(f"{value:g}" for value in test.df)
    return (*head, finding.front, test.statistic, test.distribution, df, test.p, test.n, test.reason, test.warning)


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None, group: str | None = None) -> drawing.Drawing:
    """p-values on a logarithmic axis, one row a test; controls for group and window."""
    frame = _frame(result, event, group)
    shown, window = _opening(result, frame)
    labels = _in_order(result, frame, shown)
    traces: list[drawing.Trace] = []
    for (name, span), tests in _families(frame).items():
        meta = {"group": name, "window": span}
        traces += _dots(tests, labels, meta, meta == {"group": shown, "window": window})
    controls = _controls(result, frame, shown, window)
    empty = "no group has two or more securities to test together"
    return drawing.drawing(traces, _layout(list(labels.values()), result.settings.alpha), controls, empty)


def _in_order(result: StudyResult, frame: pd.DataFrame, shown: str) -> dict[str, str]:
    """Label of each test, those that fit the design of the group shown first, then family by family."""
    cards, families = result.cards.tests, list(FAMILIES)
    first = frame.loc[(frame["group"] == shown) & frame["front"].astype(bool), "test"]
    rest = sorted(dict.fromkeys(frame["test"]), key=lambda name: families.index(cards[name].family))
    return {name: cards[name].label for name in dict.fromkeys([*first, *rest])}


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
    group = drawing.control("group", "Group", [(g, words.spoken(g)) for g in groups], shown)
    span = drawing.control("window", "Window", [(w, _spoken(w)) for w in windows], window)
    return [*([group] if len(groups) > 1 else []), *([span] if len(windows) > 1 else [])]


def _spoken(window: str) -> str:
    return window.replace("-", "\u2212")


@cache
def _span(start: int, end: int) -> str:
    return str(Window(start, end))


def _families(frame: pd.DataFrame) -> dict[tuple[str, str], list[Any]]:
    """The rows of the table by group and window."""
    families: dict[tuple[str, str], list[Any]] = {}
    rows: Iterable[Any] = frame.astype(object).itertuples()  # plain objects: much quicker to take one by one
    for test in rows:
        families.setdefault((test.group, _span(test.window_start, test.window_end)), []).append(test)
    return families


def _dots(tests: list[Any], labels: Mapping[str, str], meta: dict[str, str], visible: bool) -> list[drawing.Trace]:
    computed = [test for test in tests if np.isfinite(test.p)]
    front, behind = [t for t in computed if t.front], [t for t in computed if not t.front]
    without = [labels[test.test] for test in tests if not np.isfinite(test.p)]
    traces = (_points(front, labels, True), _points(behind, labels, False), _not_applicable(without))
    return [{"type": "scatter", "meta": meta, "visible": visible} | trace for trace in traces if trace["y"]]


def _points(some: list[Any], labels: Mapping[str, str], front: bool) -> drawing.Trace:
    symbols = ["triangle-left" if t.p < SMALLEST else "circle" for t in some]
    return {
        "mode": "markers",
        "name": "fits the design" if front else "behind a warning",
        "x": drawing.coordinates([max(t.p, SMALLEST) for t in some]),
        "y": [labels[t.test] for t in some],
        "marker": {
            "color": theme.BLUE if front else theme.faded(theme.GREY, 0.7),
            "size": 11 if front else 9,
            "symbol": symbols if "triangle-left" in symbols else "circle",
        },
        "customdata": drawing.coordinates([[t.statistic, t.p] for t in some]),
        "hovertemplate": "%{y}<br>p = %{customdata[1]:.2g}<br>statistic %{customdata[0]:.2f}",
    }


def _not_applicable(tests: list[str]) -> drawing.Trace:
    return {
        "mode": "text",
        "x": [1.0] * len(tests),
        "y": tests,
        "text": ["does not apply"] * len(tests),
        "textposition": "middle left",
        "textfont": {"color": theme.GREY},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _layout(names: list[str], alpha: float) -> dict[str, Any]:
    lowest = round(np.log10(SMALLEST))
    powers = range(lowest, 1, 2)  # every second power: all of them collide on a phone
    scale = {
        "type": "log",
        "range": [lowest - 0.15, 0.1],
        "tickvals": [10.0**k for k in powers],
        "ticktext": [f"{10.0**k:g}" if k > -4 else f"10{str(k).translate(SUPERSCRIPTS)}" for k in powers],
        "tickangle": 0,
    }
    return {
        "height": 132 + ROW_HEIGHT * len(names),
        "margin": {"l": 8, "r": 16, "t": 96, "b": 28},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": drawing.top_axis("p-value", **scale),
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names,
            "range": [len(names) - 0.4, -0.6],
            "showgrid": False,
            "fixedrange": True,
        },
        "shapes": [drawing.vertical(alpha)],
        "annotations": [{"x": np.log10(alpha), "y": 0, "yref": "paper", "yanchor": "top", "text": f"{alpha:g}"}],
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """How many of the tests in front reject for the group and window shown first, and their range of p."""
    frame = _frame(result, event, group)
    if frame.empty:
        return Statement("No group has two or more securities to test together.")
    name, window = _opening(result, frame)
    spans = [_span(s, e) == window for s, e in zip(frame["window_start"], frame["window_end"], strict=True)]
    here = (frame["group"] == name) & np.array(spans, dtype=np.bool_) & frame["front"].astype(bool)
    front = frame[here & frame["p"].notna()].sort_values("p", kind="stable")
    if front.empty:
        return Statement("None of the tests that fit the design of {group} applies.", {"group": words.spoken(name)})
    reject = int((front["p"] < result.settings.alpha).sum())
    template = (
        "The group {group}, window {window}: the one test that fits the design, {best}, "
        f"{'rejects' if reject else 'does not reject'} at {{alpha}}; its p-value is {{low}}."
        if len(front) == 1
        else "The group {group}, window {window}: {reject} of the {n} tests that fit the design reject at {alpha}; "
        "their p-values run from {low} ({best}) to {high} ({worst})."
    )
    values: dict[str, Quantity | str] = {
        "group": words.spoken(name),
        "window": _spoken(window),
        "reject": words.count(reject),
        "n": words.count(len(front)),
        "alpha": Quantity(result.settings.alpha, "share"),
        "low": Quantity(float(front["p"].iloc[0]), "p"),
        "best": result.cards.tests[str(front["test"].iloc[0])].label,
        "high": Quantity(float(front["p"].iloc[-1]), "p"),
        "worst": result.cards.tests[str(front["test"].iloc[-1])].label,
    }
    return Statement(template, values)


def finding(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """Whether the tests that fit the design reject chance for the group and window shown first."""
    frame = _frame(result, event, group)
    if frame.empty:
        return Statement("No group has two or more securities to test together")
    name, window = _opening(result, frame)
    spans = [_span(s, e) == window for s, e in zip(frame["window_start"], frame["window_end"], strict=True)]
    here = (frame["group"] == name) & np.array(spans, dtype=np.bool_) & frame["front"].astype(bool)
    ps = frame[here]["p"].dropna()
    reject = int((ps < result.settings.alpha).sum())
    values: dict[str, Quantity | str] = {
        "group": words.spoken(name),
        "n": words.count(reject),
        "of": words.count(len(ps)),
    }
    if ps.empty:
        return Statement("No test that fits applies to the group {group}", values)
    if len(ps) == 1:
        return Statement(
            f"The test that fits {'rejects' if reject else 'does not reject'} chance for {{group}}", values
        )
    many = "All {of}" if reject == len(ps) else "None of the {of}" if not reject else "{n} of {of}"
    return Statement(f"{many} tests that fit reject chance for the group {{group}}", values)


def _any_group(result: StudyResult) -> bool:
    return any(finding.is_group for source in result.events for finding in source.tests)


CARD = Figure(
    name="tests",
    title="Tests of the group",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_any_group,
)
