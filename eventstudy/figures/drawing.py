"""What the figures are drawn with: single-precision coordinates, rows of labels, lines, controls, an empty figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy.figures.theme import TEMPLATES
from eventstudy.objects.estimation import Window

Trace = dict[str, Any]

#: A legend as one line above the plot; it explains and cannot be clicked, what is shown is chosen by the controls.
LEGEND: Mapping[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xref": "container",
    "y": 1,
    "yref": "container",
    "yanchor": "top",
    "itemclick": False,
    "itemdoubleclick": False,
}


def rows_axis(labels: Sequence[str], positions: Sequence[float] | None = None) -> dict[str, Any]:
    """A vertical axis of named rows, the first on top."""
    at = list(range(len(labels))) if positions is None else list(positions)
    last = at[-1] if at else 0
    return {
        "tickvals": at,
        "ticktext": list(labels),
        "showgrid": False,
        "fixedrange": True,
        "range": [last + 0.6, -0.6],
    }


def top_axis(title: str, **more: Any) -> dict[str, Any]:
    """The horizontal axis of a figure made of rows: on top, where a phone shows it first, and not to be zoomed."""
    return {"side": "top", "fixedrange": True, "zeroline": True, "title": {"text": title}, **more}


def sessions_axis(window: Window) -> dict[str, Any]:
    """A horizontal axis of sessions from day zero, labelled at round distances."""
    step = next((s for s in (1, 2, 5, 10, 20, 50) if window.length / s <= 8), 100)
    taus = [tau for tau in window.taus if tau % step == 0]
    return {
        "title": {"text": "Sessions from day zero"},
        "range": [window.start - 0.4, window.end + 0.4],
        "tickvals": taus,
        "ticktext": [f"{tau:+d}".replace("-", "\u2212") if tau else "0" for tau in taus],
        "showgrid": False,
    }


def vertical(x: float | str, width: float = 1.5) -> dict[str, Any]:
    """A dotted line from bottom to top at `x`."""
    line = {"dash": "dot", "width": width}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def on_top(x: float | str, text: str) -> dict[str, Any]:
    """Words above the plot at `x`."""
    return {"x": x, "y": 1, "yref": "paper", "yanchor": "bottom", "text": text}


def band(x: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, fill: str) -> Trace:
    """The area between two lines, without an outline, silent under the pointer."""
    there, back = np.asarray(x), np.asarray(x)[::-1]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate([there, back]),
        "y": coordinates(np.concatenate([np.asarray(high), np.asarray(low)[::-1]])),
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": fill,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def dots(frame: pd.DataFrame, y: Sequence[float], look: tuple[str, str], hover: str) -> Trace:
    """Abnormal returns (column ``ar``) with whiskers to ``high`` and ``low``; `look` is a colour and a symbol."""
    colour, symbol = look
    half = coordinates(frame["high"] - frame["ar"])
    return {
        "type": "scatter",
        "mode": "markers",
        "x": coordinates(frame["ar"]),
        "y": list(y),
        "error_x": {"array": half, "color": colour, "thickness": 1.6, "width": 0},
        "marker": {"color": colour, "size": 9, "symbol": symbol, "line": {"width": 2, "color": colour}},
        "hovertemplate": f"{hover}",
    }


def coordinates(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Numbers as drawn: nearly 5 significant digits, which a page stores in little more than two bytes.

    Of the 24 bits of single precision the last 8 are rounded away (relative error up to 2^-16) and compress to nothing.
    Only for what is drawn; tables and files keep double precision.
    """
    single = np.array(values, dtype=np.float32)
    bits = single.reshape(-1).view(np.uint32)
    finite = np.isfinite(single.reshape(-1))
    bits[finite] = (bits[finite] + np.uint32(0x80)) & np.uint32(0xFFFFFF00)
    return single


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure before plotly's objects: plain ``traces`` and a plain ``layout``, which is all that a page needs."""

    traces: Sequence[Trace]
    layout: Mapping[str, Any]


def drawing(
    traces: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    controls: Sequence[Mapping[str, Any]] = (),
    empty: str | None = None,
) -> Drawing:
    """A figure in the light template, from plain traces and a plain layout.

    Parameters
    ----------
    traces : plotly traces as dicts, each with its ``type``.
    layout : plotly layout as a dict; ``height`` in pixels, the width is the page's.
    controls : what a page may let a reader choose: ``key``, ``label``, ``options`` of ``value`` and ``label``,
        ``default``. Stored in ``layout.meta["controls"]``; a trace is shown where every key of its own ``meta``
        equals what is chosen.
    empty : why there is nothing to draw; written in the middle of the figure when `traces` is empty.
    """
    full: dict[str, Any] = {
        "template": TEMPLATES["light"],
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        **layout,
        "meta": {"controls": [dict(c) for c in controls]},
    }
    if not traces:
        full |= _nothing(empty or "there is nothing to draw")
    return Drawing([dict(t) for t in traces], full)


def _nothing(why: str) -> dict[str, Any]:
    note = {"text": why, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    blank = {"visible": False}
    return {"height": 160, "annotations": [note], "shapes": [], "xaxis": blank, "yaxis": blank}


def control(key: str, label: str, options: Sequence[tuple[str, str]], default: str) -> dict[str, Any]:
    """One thing a reader may choose: `options` are (value, label) pairs, `default` one of the values."""
    return {
        "key": key,
        "label": label,
        "options": [{"value": value, "label": words} for value, words in options],
        "default": default,
    }


def securities(tickers: Sequence[str], first: str, called: Mapping[str, str]) -> list[dict[str, Any]]:
    """The control that chooses a security or event, `called` by its key; none where there is no choice."""
    return [control("ticker", "Security", [(t, called[t]) for t in tickers], first)] if len(tickers) > 1 else []


def spread(heights: npt.ArrayLike, gap: float) -> npt.NDArray[np.float64]:
    """Positions of labels: as near to `heights` as it goes with at least `gap` between any two, in the same order.

    The least-squares answer, by pooling neighbours that touch (isotonic regression after taking the gaps off).

    >>> spread([0.0, 0.1, 5.0], 1.0).tolist()
    [-0.45, 0.55, 5.0]
    """
    wanted = np.asarray(heights, dtype=np.float64)
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    blocks: list[list[float]] = []  # sum and number of the labels that stand shoulder to shoulder
    for value in wanted[order] - steps:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    placed = np.empty_like(wanted)
    placed[order] = np.concatenate([np.full(int(n), s / n) for s, n in blocks] or [wanted]) + steps
    return placed
