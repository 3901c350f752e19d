"""What the securities of a group do together beyond the normal return: correlations of their estimation residuals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("group", "exchange", "ticker", "other", "days", "correlation")
HEIGHT = 420
MOST = 20  # securities of a group that are shown
WRITTEN = 12  # securities up to which each cell has its number
FEW = 3  # common days below which there is no correlation
SLIGHT = 0.1  # mean correlation up to which securities are said to hardly move together


class _Part(NamedTuple):
    """A group on one exchange: its name, the keys shown, how many it has, their correlations and days in common."""

    group: str
    exchange: str
    keys: list[str]
    of: int
    rho: FloatArray
    days: FloatArray


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None, group: str | None = None) -> pd.DataFrame:
    """Correlations of the estimation residuals of each pair of a group, over the sessions that both have.

    Securities of different exchanges are not paired: their sessions are not the same hours. Of a group of more than
    20 the foremost are shown.

    Returns
    -------
    DataFrame, one row a pair; columns ``group``, empty where all securities are meant; ``exchange`` whose sessions;
    ``ticker`` and ``other``; ``days`` that both have; ``correlation``, NaN with fewer than 3 of them.
    """
    lines = []
    for part in _parts(result, event, group):
        for i, j in zip(*np.tril_indices(len(part.keys), -1), strict=True):
            head = (part.group, part.exchange, part.keys[i], part.keys[j])
            lines.append((*head, int(part.days[i, j]), float(part.rho[i, j])))
    return pd.DataFrame(lines, columns=list(COLUMNS))


@once
def _parts(result: StudyResult, event: str | None, group: str | None) -> list[_Part]:
    """The groups with two estimated members or more, the headline group first."""
    if group is not None:
        picking.group_members(result, group)  # refuses a group that is not there
    places: dict[int, list[Row]] = {}
    for place in picking.estimated(result, event, None):
        places.setdefault(id(place.source), []).append(place)
    found = []
    for rows in places.values():
        source = rows[0].source
        groups = source.groups if result.settings.groups else {"": source.panel.keys}
        for name, keys in groups.items():
            members = [row for row in rows if row.key in set(keys)]
            if group in (None, name) and len(members) > 1:
                found.append(_part(source, name, picking.foremost(result, members, MOST), len(members)))
    first = result.settings.headline_group
    return sorted(found, key=lambda part: (part.group != first, part.exchange != result.headline.exchange))


def _part(source: EventResult, group: str, members: list[Row], of: int) -> _Part:
    """Correlations by session, so that relative days of events with other dates are not taken for the same."""
    residuals, window = source.abnormal.residuals(), source.panel.estimation
    columns = {}
    for place in members:
        sessions = int(source.panel.day[place.row]) + np.arange(window.start, window.end + 1)
        columns[place.key] = pd.Series(residuals[place.row], index=sessions)
    frame = pd.DataFrame(columns)
    here = frame.notna().to_numpy(dtype=np.float64)
    rho = frame.corr(min_periods=FEW).to_numpy(dtype=np.float64)
    return _Part(group, source.exchange, list(frame.columns), of, rho, here.T @ here)


def _pairs(part: _Part) -> FloatArray:
    """The correlations of all pairs that have one."""
    rho = part.rho[np.tril_indices(len(part.keys), -1)]
    return np.asarray(rho[np.isfinite(rho)])


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None, group: str | None = None) -> drawing.Drawing:
    """A cell a pair, below the diagonal; blue where the two move together, red where one rises as the other falls."""
    parts = _parts(result, event, group)
    opening = parts[0] if parts else None
    labels = picking.labels(result, event)
    several = len({part.exchange for part in parts}) > 1
    options = [(f"{part.group} {part.exchange}", _named(part, several)) for part in parts]
    traces = []
    for part, (value, _) in zip(parts, options, strict=True):
        traces.append(_cells(part, labels) | {"meta": {"group": value}, "visible": part is opening})
    controls = [drawing.control("group", "Group", options, options[0][0])] if len(parts) > 1 else []
    layout = {
        "height": HEIGHT,
        "xaxis": {"type": "category", "showgrid": False, "fixedrange": True, "tickangle": -90},
        "yaxis": {"type": "category", "showgrid": False, "fixedrange": True, "autorange": "reversed"},
    }
    return drawing.drawing(traces, layout, controls, "no group has two estimated securities")


def _named(part: _Part, several: bool) -> str:
    name = words.spoken(part.group) if part.group else "all"
    return f"{name}, {picking.CITIES.get(part.exchange, part.exchange)}" if several else name


def _cells(part: _Part, labels: dict[str, str]) -> drawing.Trace:
    shown = np.where(np.tri(len(part.keys), k=-1) > 0, part.rho, np.nan)[1:, :-1]
    names = [labels[key] for key in part.keys]
    written = len(names) <= WRITTEN
    return {
        "type": "heatmap",
        "x": names[:-1],
        "y": names[1:],
        "z": drawing.coordinates(shown),
        "text": [[_hundredths(float(r)) if written and np.isfinite(r) else "" for r in row] for row in shown],
        "texttemplate": "%{text}",
        "zmin": -1,
        "zmax": 1,
        "colorscale": [list(stop) for stop in theme.DIVERGING],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "hovertemplate": "%{y} and %{x}: %{z:.2f}",
    }


def _hundredths(value: float) -> str:
    text = f"{value:.2f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "\u2212")


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """The mean of the pairs of the group shown first, the pair most alike, and why it matters."""
    parts = _parts(result, event, group)
    if not parts or not len(_pairs(parts[0])):
        return Statement("No group has two estimated securities with days in common.")
    part, labels = parts[0], picking.labels(result, event)
    below = np.where(np.tri(len(part.keys), k=-1) > 0, part.rho, -np.inf)
    i, j = divmod(int(np.nanargmax(below)), len(part.keys))
    values: dict[str, Quantity | str] = {
        "n": words.count(len(_pairs(part))),
        "mean": Quantity(float(_pairs(part).mean()), "correlation"),
        "one": labels[part.keys[j]],
        "two": labels[part.keys[i]],
        "most": Quantity(float(part.rho[i, j]), "correlation"),
        "shown": words.count(len(part.keys)),
        "of": words.count(part.of),
    }
    pairs = (
        "One pair: {one} and {two}, {most}."
        if len(_pairs(part)) == 1
        else ("{n} pairs: {mean} on average, most for {one} and {two} with {most}.")
    )
    fewer = " Shown are {shown} of the {of}." if part.of > len(part.keys) else ""
    return Statement(
        f"{pairs}{fewer} Securities that move together beyond what is normal say less together than as many that do "
        "not; tests that take them as independent reject too often.",
        values,
    )


def finding(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """Whether the group shown first moves together beyond what is normal, by the mean of its pairs."""
    parts = _parts(result, event, group)
    if not parts or not len(_pairs(parts[0])):
        return Statement("No group has two estimated securities with days in common")
    mean = float(_pairs(parts[0]).mean())
    what = "move together" if mean > SLIGHT else "move against each other" if mean < -SLIGHT else "hardly move together"
    values: dict[str, Quantity | str] = {
        "n": words.count(len(parts[0].keys)),
        "mean": Quantity(mean, "correlation"),
    }
    who = f"The {{n}} {picking.units(result, event)}"
    return Statement(f"{who} {what} beyond the normal (mean correlation {{mean}})", values)


def _any_pair(result: StudyResult) -> bool:
    return bool(_parts(result, None, None))


CARD = Figure(
    name="correlation",
    title="Do the securities move together beyond the normal?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_any_pair,
)
