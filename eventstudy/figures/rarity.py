"""How rare such a day is: the day among all days of its own series, with the ten largest marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.rarity import TEN, Rarity
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("subject", "kind", "measure", "place", "day", "day_return", "is_event", "days", "rank", "once_in")
HEIGHT = 400
BINS = 70
MOST = 12  # series that can be chosen, beside the indices
MEASURES = {"raw": "the return", "abnormal": "the abnormal return"}


def table(result: StudyResult) -> pd.DataFrame:
    """The ten largest days of each series that can be chosen, and the day itself.

    Returns
    -------
    DataFrame, one row a series and day: ``subject``; ``kind`` security, group or index; ``measure`` raw or abnormal;
    ``place`` among all days that way, from 1; ``day``; ``day_return`` (decimal); ``is_event`` whether it is the day of
    the study; of that day ``rank`` among the ``days`` up to it, and ``once_in`` so many of them it came.
    """
    lines = [line for one in _chosen(result) for line in _lines(one)]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _lines(one: Rarity) -> list[tuple[Any, ...]]:
    day = one.days[one.at]
    listed = [(k, when, value) for k, (when, value) in enumerate(one.largest(), start=1)]
    if all(when != day for _, when, _ in listed):
        listed.append((one.rank_all, day, one.value))
    tail = (one.at + 1, one.rank, one.once_in)
    return [
        (one.subject, one.kind, one.measure, k, when.date(), value, when == day, *tail) for k, when, value in listed
    ]


@once
def _chosen(result: StudyResult) -> list[Rarity]:
    """The headline group, its members and the benchmark, each raw and abnormal where there is either."""
    group = result.settings.headline_group
    members = picking.group_members(result)
    rare = result.rare_days() if len(members) <= MOST or group else ()
    if len(members) > MOST and all(one.subject != group for one in rare):
        return []  # whose day it is of so many would be chance
    wanted = [*([group] if group else []), *members][:MOST]
    wanted += [b for b in dict.fromkeys(result.against(e) for e in result.events if e.headline) if b is not None]
    place = {subject: k for k, subject in enumerate(wanted)}
    found = [one for one in rare if one.subject in place]
    return sorted(found, key=lambda one: (place[one.subject], one.measure != "raw"))


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult) -> drawing.Drawing:
    """A histogram of all days of a series, its ten largest days as marks, the day itself as a line."""
    chosen = _chosen(result)
    subjects = list(dict.fromkeys(one.subject for one in chosen))
    measures = list(dict.fromkeys(one.measure for one in chosen))
    first = _first(chosen)
    traces: list[drawing.Trace] = []
    for one in chosen:
        shown = first is not None and (one.subject, one.measure) == (first.subject, first.measure)
        common = {"meta": {"subject": one.subject, "measure": one.measure}, "visible": shown}
        traces += [common | trace for trace in _traces(one, _name(result, one.subject))]
    options = [(subject, _name(result, subject)) for subject in subjects]
    controls = [drawing.control("subject", "Of", options, first.subject)] if first and len(subjects) > 1 else []
    if first and len(measures) > 1:
        controls.append(drawing.control("measure", "By", [(m, MEASURES[m]) for m in measures], first.measure))
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 52, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "bargap": 0.06,
        "xaxis": {"title": {"text": "Return of a day"}, "tickformat": ".0%", "showgrid": False},
        "yaxis": {"title": {"text": "Days"}, "rangemode": "tozero"},
    }
    return drawing.drawing(traces, layout, controls, "no series has days to compare with")


def _name(result: StudyResult, subject: str) -> str:
    """An index by its name; a group in words, an event as it is called."""
    if subject in result.settings.groups:
        return words.group(subject)
    return picking.labels(result).get(subject) or called.short(subject, called.names(result.verdicts))


def _first(chosen: list[Rarity]) -> Rarity | None:
    return chosen[0] if chosen else None


def _traces(one: Rarity, name: str) -> list[drawing.Trace]:
    low, high = float(one.values.min()), float(one.values.max())
    high = high if high > low else low + 1.0
    count, width = np.histogram(one.values, BINS, (low, high))[0], (high - low) / BINS
    top = float(count.max())
    largest = [(when, value) for when, value in one.largest() if when != one.days[one.at]]
    day = one.days[one.at]
    bars = {
        "type": "bar",
        "name": f"all {len(one.values):,} days",
        "x0": low + width / 2,
        "dx": width,
        "y": count.astype(np.int32),
        "width": 0.94 * width,
        "marker": {"color": theme.faded(theme.GREY, 0.55), "line": {"width": 0}},
        "hovertemplate": "%{y} days around %{x:.1%}",
    }
    others = {
        "type": "scatter",
        "mode": "markers",
        "name": f"the largest {min(TEN, len(one.largest()))}",
        "x": drawing.coordinates([value for _, value in largest]),
        "y": [-0.03 * top] * len(largest),
        "marker": {"color": theme.BLUE, "size": 9, "symbol": "triangle-up"},
        "text": [picking.dated(when) for when, _ in largest],
        "hovertemplate": "%{text}<br>%{x:.2%}",
    }
    line = {
        "type": "scatter",
        "mode": "lines+text",
        "x": [one.value, one.value],
        "y": [0, 0.6 * top],
        "text": ["", picking.dated(day)],
        "textposition": "top right" if one.value < (low + high) / 2 else "top left",
        "showlegend": False,
        "line": {"color": theme.ABNORMAL, "width": 2.5},
        "hovertemplate": f"{name}<br>%{{x:.2%}}",
    }
    return [bars, *([others] if largest else []), line]


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult) -> Statement:
    """The rank of the day in the series shown first, raw and abnormal."""
    chosen = _chosen(result)
    first = _first(chosen)
    if first is None:
        return Statement("No series has days to compare with.")
    by = {one.measure: one for one in chosen if one.subject == first.subject}
    who = _name(result, first.subject)
    values: dict[str, Quantity | str] = {"who": who[:1].upper() + who[1:]}
    parts = []
    for measure, one in by.items():
        way = "fall" if one.value < 0 else "rise"
        rank = "" if one.rank == 1 else f"{{rank_{measure}}} "
        parts.append(f"by {MEASURES[measure]} the {rank}largest {way} in {{days_{measure}}} days up to it")
        values[f"rank_{measure}"] = Quantity(float(one.rank), "rank")
        values[f"days_{measure}"] = words.count(one.at + 1)
    return Statement(f"{{who}}: {'; '.join(parts)}. The marks are the largest days that way, later ones too.", values)


def finding(result: StudyResult) -> Statement:
    """How often a day like this came in the series shown first."""
    first = _first(_chosen(result))
    if first is None:
        return Statement("No series has days to compare with")
    way, who = "fall" if first.value < 0 else "rise", _name(result, first.subject)
    values: dict[str, Quantity | str] = {"who": who, "n": words.count(first.at + 1)}
    if first.rank == 1:
        return Statement(f"The largest {way} of {{who}} in {{n}} days", values)
    return Statement(
        f"For {{who}} such a {way} comes once in {{once}} days", values | {"once": Quantity(first.once_in, "whole")}
    )


def _any_series(result: StudyResult) -> bool:
    return bool(_chosen(result))


CARD = Figure(
    name="rarity",
    title="How rare is such a day?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_any_series,
)
