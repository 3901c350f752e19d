"""Every claim with a number on one scale: what was measured as a multiple of what was claimed."""

from __future__ import annotations

import html
import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import drawing, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Interval, Statement, Verdict
from eventstudy.once import once

COLUMNS = (
    *("claim", "says", "verdict", "unit"),
    *("claimed_low", "claimed_high", "measured_low", "measured_high", "value", "scale"),
    *("claimed_low_ratio", "claimed_high_ratio", "measured_low_ratio", "measured_high_ratio", "value_ratio"),
)
ROW_HEIGHT = 26
#: The axis ends here: what lies beyond is drawn at the edge with an arrow.
LOWEST, LARGEST = -0.6, 2.5
PAD = 0.08
NO_RATIO = {"rank", "date"}  # twice the rank is not twice as much


def table(result: StudyResult) -> pd.DataFrame:
    """The claims that have a claimed and a measured interval of something that has a size (not ranks, not dates).

    Returns
    -------
    DataFrame, one row a claim in the order of the claims file; columns ``claim`` (its id), ``says``, ``verdict``,
    ``unit``; ``claimed_low``, ``claimed_high``, ``measured_low``, ``measured_high``, ``value`` (the headline reading)
    in the unit, as sizes in the claimed direction; ``scale`` the claimed number (the middle of its rounding interval,
    or the one end of an open interval); and each of them divided by ``scale`` with the suffix ``_ratio``.
    """
    return _frame(result).copy()


@once
def _frame(result: StudyResult) -> pd.DataFrame:
    lines = [line for v in result.verdicts if v.rated and (line := _line(v)) is not None]
    return pd.DataFrame(lines, columns=COLUMNS)


def _line(verdict: Verdict) -> tuple[Any, ...] | None:
    claimed, measured = verdict.claimed, verdict.measured
    if claimed is None or measured is None or claimed.unit != measured.unit or claimed.unit in NO_RATIO:
        return None
    scale = _claimed_number(claimed)
    if not (math.isfinite(scale) and scale > 0 and math.isfinite(measured.low) and math.isfinite(measured.high)):
        return None
    numbers = (claimed.low, claimed.high, measured.low, measured.high, verdict.value)
    return (
        verdict.claim.id,
        verdict.claim.says,
        verdict.verdict,
        claimed.unit,
        *numbers,
        scale,
        *(x / scale for x in numbers),
    )


def _claimed_number(claimed: Interval) -> float:
    """The number an interval was made of; NaN for the whole line."""
    if claimed.low == 0:
        return claimed.high  # "less than x" admits every size down to none
    ends = [x for x in (claimed.low, claimed.high) if math.isfinite(x)]
    return sum(ends) / len(ends) if ends else math.nan


def draw(result: StudyResult) -> drawing.Drawing:
    """One row a claim: the claimed interval as a grey bar, the measured one as a line with a dot at the headline."""
    frame = _frame(result)
    low = float(frame["measured_low_ratio"].min()) if len(frame) else 0.0
    title = "Measured, in multiples of the claim"
    layout = {
        "height": 96 + ROW_HEIGHT * len(frame),
        "margin": {"l": 8, "r": 16, "t": 88, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": drawing.top_axis(title, range=[max(min(0.0, low), LOWEST) - PAD, LARGEST + PAD], ticksuffix="×"),
        "yaxis": drawing.rows_axis(frame["claim"].to_list()),
        "shapes": [drawing.vertical(1)],
    }
    traces = [] if frame.empty else [_claimed(frame), *_measured(frame)]
    return drawing.drawing(traces, layout, empty="no claim has both a claimed and a measured number")


def _claimed(frame: pd.DataFrame) -> drawing.Trace:
    left, right = (frame[f"claimed_{end}_ratio"].clip(LOWEST - PAD, LARGEST + PAD) for end in ("low", "high"))
    return {
        "type": "bar",
        "orientation": "h",
        "name": "claimed",
        "base": drawing.coordinates(left),
        "x": drawing.coordinates(np.maximum(right - left, 0.012)),  # a bar of no width would not be seen
        "y": list(range(len(frame))),
        "width": 0.6,
        "marker": {"color": theme.faded(theme.GREY, 0.35), "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _measured(frame: pd.DataFrame) -> list[drawing.Trace]:
    arrow = ~frame["value_ratio"].between(LOWEST, LARGEST).to_numpy()
    frame = frame.iloc[np.argsort(arrow, kind="stable")]  # a dot first: the legend takes the first symbol
    verdicts = frame["verdict"].to_numpy(dtype=object)
    parts = ((word, colour, frame[verdicts == word]) for word, colour in theme.VERDICTS.items())
    return [_verdict(word, colour, part) for word, colour, part in parts if len(part)]


def _verdict(word: str, colour: str, part: pd.DataFrame) -> drawing.Trace:
    columns = ("measured_low_ratio", "measured_high_ratio", "value_ratio")
    low, high, value = (part[column].to_numpy(dtype=np.float64) for column in columns)
    value = np.where(np.isnan(value), (low + high) / 2, value)
    drawn = np.clip(value, LOWEST, LARGEST)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": word,
        "x": drawing.coordinates(drawn),
        "y": part.index.to_list(),
        "error_x": {
            "array": drawing.coordinates(np.maximum(np.minimum(high, LARGEST) - drawn, 0)),
            "arrayminus": drawing.coordinates(np.maximum(drawn - np.maximum(low, LOWEST), 0)),
            "symmetric": False,
            "color": colour,
            "thickness": 3,
            "width": 0,
        },
        "marker": {
            "color": colour,
            "size": 10,
            "symbol": [_symbol(x, word) for x in value.tolist()],
        },
        "text": [_hover(line) for line in part["says"]],
        "customdata": drawing.coordinates(value),
        "hovertemplate": f"%{{text}}: {word}<br>%{{customdata:.3g}} times the claimed number",
    }


def _symbol(ratio: float, word: str) -> str:
    return "triangle-left" if ratio < LOWEST else "triangle-right" if ratio > LARGEST else theme.SYMBOLS[word]


def _hover(says: str) -> str:
    """A claim in lines that a phone can show; what looks like markup in it is text."""
    return "<br>".join(textwrap.wrap(html.escape(says, quote=False), 44, break_long_words=False))


def caption(result: StudyResult) -> Statement:
    """How many claims have a number, and how many of those hold."""
    frame = _frame(result)
    if frame.empty:
        return Statement("No claim has both a claimed and a measured number.")
    counts = frame["verdict"].value_counts()
    template = (
        "{n} of {all} claims state a number or a threshold to measure against: {supported} of them supported, "
        "{imprecise} imprecise, {partly} partly so, {contradicted} contradicted."
    )
    verdicts = ("supported", "imprecise", "partly", "contradicted")
    values = {word: words.count(counts.get(word, 0)) for word in verdicts}
    rated = sum(v.rated for v in result.verdicts)
    return Statement(template, {"n": words.count(len(frame)), "all": words.count(rated), **values})


def finding(result: StudyResult) -> Statement:
    """How many of the claims that state a number hold."""
    frame = _frame(result)
    if frame.empty:
        return Statement("No claim has both a claimed and a measured number")
    values = {"n": words.count((frame["verdict"] == "supported").sum()), "of": words.count(len(frame))}
    return Statement("{n} of {of} claims that state a number hold", values)


def _any_sizes(result: StudyResult) -> bool:
    """Whether a claim has both a claimed and a measured number; of an unresolved one nothing was measured."""
    return not _frame(result).empty


CARD = Figure(
    name="claims",
    title="Claimed and measured",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_any_sizes,
)
