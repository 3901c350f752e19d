"""The answer under every defensible specification: the estimates in order, and below them what each was made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.sensitivity import DIMENSIONS, NONE, Agreement, Answers
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("subject", "window", "place", "own", *DIMENSIONS, "car", "low", "high", "p", "answer")
ROW_HEIGHT, CURVE = 17, 260
MOST = 12  # subjects that can be chosen
LABEL = 18  # letters of the words of a model beside its row; longer ones give way to its name
NAMED = 4  # of them that the heading names one by one
LOOKS: dict[str, tuple[str, str]] = {
    "significant": (theme.ABNORMAL, "circle"),
    "not significant": (theme.ORDINARY, "circle-open"),
    "significant, the other sign": (theme.PURPLE, "square"),
}


def table(result: StudyResult, group: str | None = None) -> pd.DataFrame:
    """Every distinct specification of the grid for a group (the headline group unless another is named), largest fall
    first.

    Returns
    -------
    DataFrame, one row a subject and specification: ``subject``, ``window`` of the CAR; ``place`` in the order of the
    estimates, from 1; ``own`` whether it is the study's; its ``benchmark`` (None where the model uses none), ``model``,
    ``estimation`` sessions, ``gap``, ``returns``; ``car`` (decimal) with its (1 - alpha) interval ``low`` to ``high``;
    two-sided ``p``; ``answer`` -1 or 1 where it is significant, with its sign, else 0.
    """
    return pd.concat([frame for _, frame in _subjects(result, group)], ignore_index=True)


@once
def _subjects(result: StudyResult, group: str | None) -> list[tuple[Agreement, pd.DataFrame]]:
    """The subjects that can be chosen, the group itself first, each with its rows of `table`."""
    if result.settings.sensitivity is None:
        return []
    members = picking.group_members(result, group)
    own = group or result.settings.headline_group
    found = result.sensitivity()
    if len(members) > MOST and all(own not in part.subjects for part in found.parts):
        return []  # whose answer it is of so many would be chance
    wanted = [*([own] if own else []), *members][:MOST]
    out = []
    for subject in wanted:
        for part in found.parts:
            if subject not in part.subjects or not part.windows:
                continue
            s, w = part.subjects.index(subject), _first(part.windows)
            agreement = part.agreement(s, w)
            if agreement is not None:
                out.append((agreement, _rows(part, s, w)))
                break
    return out


def _name(result: StudyResult, subject: str) -> str:
    return words.group(subject) if subject in result.settings.groups else picking.labels(result).get(subject, subject)


def _first_shown(found: Sequence[tuple[Agreement, pd.DataFrame]]) -> str:
    """Of whom the figure opens: the first whose answer other settings change, else the first."""
    subjects = [agreement.subject for agreement, _ in found if agreement.fragile]
    return (subjects or [agreement.subject for agreement, _ in found] or [""])[0]


def _first(windows: Sequence[Window]) -> int:
    """Day zero where it is asked about, else the first window."""
    return windows.index(picking.DAY_ZERO) if picking.DAY_ZERO in windows else 0


def _rows(part: Answers, s: int, w: int) -> pd.DataFrame:
    known = np.flatnonzero(np.isfinite(part.answer[:, s, w]))
    order = known[np.argsort(part.car[known, s, w], kind="stable")]
    car, half = part.car[order, s, w], picking.half_width(part.se[order, s, w], part.nu[order, s], part.alpha)
    cells = [part.cells[c] for c in order]
    columns: dict[str, Any] = {
        "subject": part.subjects[s],
        "window": str(part.windows[w]),
        "place": np.arange(1, len(order) + 1),
        "own": order == 0,
        **{name: pd.Series([getattr(cell, name) for cell in cells], dtype=object) for name in DIMENSIONS},
        "car": car,
        "low": car - half,
        "high": car + half,
        "p": part.p[order, s, w],
        "answer": part.answer[order, s, w],
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, group: str | None = None) -> drawing.Drawing:
    """Above, the estimates in order with their intervals; below, a mark at each setting that a specification has."""
    found = _subjects(result, group)
    subjects, first = [agreement.subject for agreement, _ in found], _first_shown(found)
    labels = _settings(result, [frame for _, frame in found])
    traces: list[drawing.Trace] = []
    for agreement, frame in found:
        common = {"meta": {"subject": agreement.subject}, "visible": agreement.subject == first}
        traces += [common | trace for trace in (*_curve(agreement, frame), _choices(frame, labels))]
    below = ROW_HEIGHT * len(labels)
    height = CURVE + below + 110
    share = below / (height - 110 + 60)
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 60, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": {
            "title": {"text": "Specifications by their estimates"},
            "showgrid": False,
            "anchor": "y2",
        },
        "yaxis": {
            "domain": [share + 0.04, 1.0],
            "tickformat": ".0%",
            "zeroline": True,
            "title": {"text": "Abnormal return"},
        },
        "yaxis2": drawing.rows_axis([text for _, text in labels.values()]) | {"domain": [0.0, share]},
    }
    choice = [drawing.control("subject", "Of", [(s, _name(result, s)) for s in subjects], first)] if found else []
    controls = choice if len(subjects) > 1 else []
    return drawing.drawing(traces, layout, controls, "no other specification could be estimated")


def _settings(result: StudyResult, frames: Sequence[pd.DataFrame]) -> dict[tuple[str, str], tuple[int, str]]:
    """(dimension, value) -> its row and what is written there; a dimension of one value is left out."""
    every = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    out: dict[tuple[str, str], tuple[int, str]] = {}
    for dimension in DIMENSIONS:
        values = [NONE if value is None else value for value in dict.fromkeys(every[dimension])]
        numbers = all(not isinstance(value, str) for value in values)
        for value in (sorted(values) if numbers else values) if len(values) > 1 else ():
            out[dimension, str(value)] = (len(out), _spoken(result, dimension, value))
    return out


def _spoken(result: StudyResult, dimension: str, value: Any) -> str:
    if dimension == "benchmark":
        return "no benchmark" if value == NONE else called.tag(str(value))
    if dimension == "model":
        words_ = result.cards.models[value].words if value in result.cards.models else ""
        return words_ if 0 < len(words_) <= LABEL else str(value).replace("_", " ")
    if dimension == "gap":
        return f"gap of {value}"
    return f"{value} {'sessions' if dimension == 'estimation' else dimension}"


def _curve(agreement: Agreement, frame: pd.DataFrame) -> list[drawing.Trace]:
    """Dots by what they answer, and the study's own on top."""
    sign = np.sign(float(frame.loc[frame["own"], "car"].iloc[0])) or 1.0
    answer = frame["answer"].to_numpy()
    chosen = {
        "significant": answer == sign,
        "not significant": answer == 0,
        "significant, the other sign": answer == -sign,
    }
    traces = []
    for name, rows in chosen.items():
        part = frame[rows & ~frame["own"].to_numpy(dtype=np.bool_)]
        if len(part):
            traces.append(_dots(part, name, *LOOKS[name], 5))
    return [*traces, _dots(frame[frame["own"].astype(bool)], "the study’s own", theme.BLUE, "diamond", 13)]


def _dots(part: pd.DataFrame, name: str, colour: str, symbol: str, size: int) -> drawing.Trace:
    half = drawing.coordinates(part["high"] - part["car"])
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": part["place"].to_numpy(dtype=np.int16),
        "y": drawing.coordinates(part["car"]),
        "error_y": {"array": half, "color": theme.faded(colour, 0.3), "thickness": 1, "width": 0},
        "marker": {"color": colour, "size": size, "symbol": symbol},
        "hovertemplate": f"{name}<br>%{{y:.2%}} ± %{{error_y.array:.2%}}",
    }


def _choices(frame: pd.DataFrame, labels: dict[tuple[str, str], tuple[int, str]]) -> drawing.Trace:
    """A mark for each setting of each specification."""
    x: list[int] = []
    y: list[int] = []
    for dimension in DIMENSIONS:
        values = [NONE if value is None else str(value) for value in frame[dimension]]
        places = [(int(place), labels.get((dimension, v))) for place, v in zip(frame["place"], values, strict=True)]
        x += [place for place, row in places if row is not None]
        y += [row[0] for _, row in places if row is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.array(x, dtype=np.int16),
        "y": np.array(y, dtype=np.int8),
        "yaxis": "y2",
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {"color": theme.faded(theme.GREY, 0.8), "size": 3},
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, group: str | None = None) -> Statement:
    """How many specifications answer as the study does for the subject shown first; significance and sign apart."""
    found = _subjects(result, group)
    if not found:
        return Statement("No other specification could be estimated.")
    agreement = next(one for one, _ in found if one.subject == _first_shown(found))
    template = (
        "{subject}, {window}: of {cells} distinct specifications {agree} answer as the study’s own; "
        "{significance} change whether the move is significant, {sign} change its sign."
        if agreement.share < 1
        else "{subject}, {window}: all {cells} distinct specifications answer as the study’s own."
    )
    who = _name(result, agreement.subject)
    frame = next(rows for one, rows in found if one is agreement)
    template += called.rest(frame["benchmark"].dropna(), called.names(result.verdicts))
    values: dict[str, Quantity | str] = {
        "subject": who[:1].upper() + who[1:],
        "window": str(agreement.window).replace("-", "\u2212"),
        "cells": words.count(agreement.cells),
        "agree": Quantity(agreement.share, "share"),
        "significance": words.none_or(agreement.significance),
        "sign": words.none_or(agreement.sign),
    }
    return Statement(template, values)


def finding(result: StudyResult, group: str | None = None) -> Statement:
    """For whom fewer than eight in ten specifications answer as the study does."""
    found = _subjects(result, group)
    fragile = [_name(result, agreement.subject) for agreement, _ in found if agreement.fragile]
    if not found:
        return Statement("No other specification could be estimated")
    if not fragile:
        never = all(agreement.share == 1 for agreement, _ in found)
        return Statement(f"Other defensible settings {'do not' if never else 'seldom'} change the answer")
    who = words.listed(fragile) if len(fragile) <= NAMED else f"{len(fragile)} of {len(found)}"
    return Statement("For {who} other settings give another answer", {"who": who})


def _tried(result: StudyResult) -> bool:
    return any(agreement.cells > 1 for agreement, _ in _subjects(result, None))


CARD = Figure(
    name="specifications",
    title="Would other settings change the answer?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_tried,
)
