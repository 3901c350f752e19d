"""The way back: how much of the move was undone after each session, and how far ordinary days alone would lead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import UnknownNameError
from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.recovery import Recovery, recovery_frame
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

HEIGHT = 420
ALL = 100.0  # per cent undone: back at the price before
LOWEST, HIGHEST = -150.0, 250.0  # per cent of the move that the figure shows at least where the bands go on


def table(result: StudyResult, event: str | None = None, ticker: str | None = None) -> pd.DataFrame:
    """The paths back of the claims that ask how much of a move was undone.

    Returns
    -------
    DataFrame, one row a security and session; columns ``ticker``, ``event``, ``level`` of the bands; ``sessions`` after
    day zero and their ``day``; ``raw`` the share undone by closes, ``raw_low`` to ``raw_high`` where ordinary days
    alone would lead; ``abnormal`` the share of the abnormal return that was undone, its interval ``low`` to ``high``,
    and ``forecast``, half the width of the band of ordinary days around zero. Shares are in per cent of the move.
    """
    return recovery_frame(_paths(result, event, ticker))


@once
def _paths(result: StudyResult, event: str | None, ticker: str | None) -> list[Recovery]:
    """Of each security and event the longest path."""
    if event is not None:
        picking.event_id(result, event)  # refuses what the study does not have
    if ticker is not None and ticker not in result.settings.tickers:
        raise UnknownNameError("security", ticker, tuple(result.settings.tickers))
    found: dict[tuple[str, str], Recovery] = {}
    for verdict in result.verdicts:
        path = verdict.recovery
        if path is None or not path.days or event not in (None, path.event) or ticker not in (None, path.ticker):
            continue
        key = (path.ticker, path.event)
        if key not in found or len(path.days) > len(found[key].days):
            found[key] = path
    return list(found.values())


def draw(result: StudyResult, event: str | None = None, ticker: str | None = None) -> drawing.Drawing:
    """The share undone by closes, in the band of ordinary days, which widens; the abnormal share with its interval."""
    paths = _paths(result, event, ticker)
    keys = [f"{path.ticker} {path.event}" for path in paths]
    traces: list[drawing.Trace] = []
    for key, path in zip(keys, paths, strict=True):
        common = {"meta": {"path": key}, "visible": key == keys[0]}
        traces += [common | trace for trace in _traces(path)]
    several = len({path.event for path in paths}) > 1
    options = [
        (key, f"{path.ticker}, {words.spoken(path.event)}" if several else path.ticker)
        for key, path in zip(keys, paths, strict=True)
    ]
    raw = [d.raw for path in paths for d in path.days if np.isfinite(d.raw)]
    low, high = min([LOWEST, *raw]), max([HIGHEST, *raw])
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 60, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": {"title": {"text": "Sessions after day zero"}, "showgrid": False, "range": [0, _last(paths) + 1]},
        "yaxis": {"title": {"text": "Share of the move undone"}, "ticksuffix": "%", "range": [low - 10, high + 10]},
        "shapes": [_level(0.0), _level(ALL)],
        "annotations": [_said(0.0, "nothing undone"), _said(ALL, "all of it undone")],
    }
    controls = [drawing.control("path", "Security", options, keys[0])] if len(keys) > 1 else []
    return drawing.drawing(traces, layout, controls, "no claim asks how much of a move was undone")


def _last(paths: list[Recovery]) -> int:
    return max((path.days[-1].sessions for path in paths), default=1)


def _level(height: float) -> dict[str, Any]:
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": height, "y1": height, "line": {"width": 1}}


def _said(height: float, text: str) -> dict[str, Any]:
    return {"x": 1, "xref": "paper", "xanchor": "right", "y": height, "yanchor": "bottom", "text": text}


def _traces(path: Recovery) -> list[drawing.Trace]:
    share = words.share(1 - path.level)
    days = [d for d in path.days if np.isfinite(d.raw)]
    x = np.array([d.sessions for d in days], dtype=np.int32)
    band = [d for d in days if np.isfinite(d.raw_low) and np.isfinite(d.raw_high)]
    limit = max([HIGHEST, *(d.raw for d in days)]) + 10
    lows, highs = ([min(max(v, LOWEST - 10), limit) for v in ends] for ends in zip(*_ends(band), strict=True))
    ordinary = drawing.band([d.sessions for d in band], lows, highs, theme.faded(theme.GREY, 0.22))
    known = [d for d in days if LOWEST - 10 <= d.abnormal <= limit]
    traces = [ordinary | {"name": f"where ordinary days alone lead, {share}", "showlegend": True}]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "undone, by closes",
        "x": x,
        "y": drawing.coordinates([d.raw for d in days]),
        "line": {"color": theme.BLUE, "width": 2.5},
        "text": [picking.dated(d.day) for d in days],
        "hovertemplate": "%{text}, session %{x}<br>%{y:.1f}% undone",
    }
    abnormal = {
        "type": "scatter",
        "mode": "lines",
        "name": "undone of the abnormal return",
        "x": np.array([d.sessions for d in known], dtype=np.int32),
        "y": drawing.coordinates([d.abnormal for d in known]),
        "line": {"color": theme.ABNORMAL, "width": 2, "dash": "dash"},
        "customdata": [f"{d.low:.0f} to {d.high:.0f}" for d in known],
        "hovertemplate": f"session %{{x}}<br>%{{y:.1f}}% of the abnormal return, {share} %{{customdata}}",
    }
    return [*traces, line, *([abnormal] if known else [])]


def _ends(band: list[Any]) -> list[tuple[float, float]]:
    return [(d.raw_low, d.raw_high) for d in band] or [(0.0, 0.0)]


def caption(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """When half was first undone, and whether ordinary days alone could have done so."""
    paths = _paths(result, event, ticker)
    if not paths:
        return Statement("No claim asks how much of a move was undone.")
    path = paths[0]
    last = next(d for d in reversed(path.days) if np.isfinite(d.raw))
    anywhere = next((d.sessions for d in path.days if d.anywhere), None)
    said = "{who}: after {last} sessions {raw} of the move was undone"
    said += ", which is beyond where it began." if last.raw > ALL else "."
    if anywhere is not None:
        said += " From session {anywhere} on, ordinary days alone could have undone nothing or all of it."
    values: dict[str, Quantity | str] = {
        "who": path.ticker,
        "last": words.count(last.sessions),
        "raw": Quantity(last.raw, "percent"),
        "anywhere": words.count(anywhere or 0),
    }
    return Statement(said, values)


def finding(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """When half of the move shown first was undone."""
    paths = _paths(result, event, ticker)
    if not paths:
        return Statement("No claim asks how much of a move was undone")
    path = paths[0]
    values: dict[str, Quantity | str] = {
        "who": called.names(result.verdicts).get(path.ticker, path.ticker),
        "n": words.count(path.half_life or path.days[-1].sessions),
    }
    if path.half_life is None:
        return Statement("Half of the move of {who} was not undone in {n} sessions", values)
    one = "session" if path.half_life == 1 else "sessions"
    return Statement(f"Half of the move of {{who}} was first undone after {{n}} {one}", values)


def _asked(result: StudyResult) -> bool:
    return bool(_paths(result, None, None))


CARD = Figure(
    name="recovery",
    title="How much was undone?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_asked,
)
