"""The marks of a picture: lines, areas, dots, whiskers, bars, cells and words, from plotly's traces to SVG."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.figures.scales import Scale

Pixels = npt.NDArray[np.float64]
DASHES: Mapping[str, str] = {"dash": "8 4", "dot": "2 3", "dashdot": "8 3 2 3", "longdash": "13 5", "solid": ""}
#: outlines of the symbols for a radius of one
SYMBOLS: Mapping[str, str] = {
    "square": "M-.89-.89H.89V.89H-.89Z",
    "diamond": "M0-1.3L1.3 0 0 1.3-1.3 0Z",
    "triangle-left": "M-1.1 0L.7-1V1Z",
    "triangle-right": "M1.1 0L-.7-1V1Z",
    "triangle-up": "M0-1.1L1 .7H-1Z",
    "triangle-down": "M0 1.1L1-.7H-1Z",
    "x": "M-.9-.9L.9.9M.9-.9L-.9.9",
    "line-ns": "M0-1V1",
}
WIDTH = 0.56  # of a letter, as a share of its size, on average


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours that a trace does not bring itself: CSS colours of ``text``, ``soft`` text, ``grid`` and ``line``."""

    text: str
    soft: str
    grid: str
    line: str


def marks(trace: Mapping[str, Any], x: Scale, y: Scale, ink: Ink, gap: float) -> Iterator[str]:
    """The SVG elements of one trace; nothing for a type that is not known (see `KNOWN`).

    Parameters
    ----------
    gap : free space between two bars, as a share of their distance.
    """
    yield from KNOWN[trace["type"]](trace, x, y, ink, gap) if trace["type"] in KNOWN else ()


def paint(kind: str, colour: str) -> str:
    """``fill`` or ``stroke`` with its opacity apart, as all programs read it.

    >>> paint("fill", "rgba(255,0,128,0.25)"), paint("stroke", "#ff0080")
    ('fill="#ff0080" fill-opacity="0.25"', 'stroke="#ff0080"')
    """
    found = re.fullmatch(r"rgba\((\d+),\s*(\d+),\s*(\d+),\s*([\d.]+)\)", colour)
    if found is None:
        return f'{kind}="{html.escape(colour)}"'
    red, green, blue = (int(found[k]) for k in (1, 2, 3))
    return f'{kind}="#{red:02x}{green:02x}{blue:02x}" {kind}-opacity="{found[4]}"'


def words(text: str, x: float, y: float, size: float, colour: str, anchor: str = "start", turn: int = 0) -> str:
    """A text with plotly's few tags: bold, and lines, the first of which stands at `y`."""
    lines = [_line(part) for part in text.split("<br>")]
    body = lines[0] + "".join(f'<tspan x="{shown(x)}" dy="{shown(1.2 * size)}">{part}</tspan>' for part in lines[1:])
    turned = f' transform="rotate({turn} {shown(x)} {shown(y)})"' if turn else ""
    place = f'x="{shown(x)}" y="{shown(y)}" font-size="{shown(size)}" {paint("fill", colour)}'
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f"<text {place}{anchored}{turned}>{body}</text>"


def _line(text: str) -> str:
    escaped = html.escape(html.unescape(text), quote=False)
    return escaped.replace("&lt;b&gt;", '<tspan font-weight="700">').replace("&lt;/b&gt;", "</tspan>")


def bare(text: str) -> str:
    """A text without tags."""
    return html.unescape(re.sub(r"</?b>", "", text))


def width_of(text: str, size: float) -> float:
    """About how wide a text is: that of its longest line."""
    return WIDTH * size * max((len(bare(part)) for part in text.split("<br>")), default=0)


def shown(value: float) -> str:
    """A coordinate to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.").removeprefix("0") or "0"


# ------------------------------------------------------------------------------------------------------------- scatter
def _scatter(trace: Mapping[str, Any], x: Scale, y: Scale, ink: Ink, gap: float) -> Iterator[str]:
    across, down = x.pixels(trace["x"]), y.pixels(trace["y"])
    mode = str(trace.get("mode", "lines"))
    if trace.get("fill") == "toself":
        yield f'<path d="{_path(across, down)}Z" {paint("fill", str(trace.get("fillcolor", ink.soft)))}/>'
    yield from _whiskers(trace, across, down, x, y)
    line = trace.get("line") or {}
    if "lines" in mode and line.get("width", 2):
        dash = DASHES.get(str(line.get("dash", "solid")), "")
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        look = f'{paint("stroke", str(line.get("color", ink.text)))} stroke-width="{line.get("width", 2)}"{dashed}'
        yield f'<path d="{_path(across, down, line.get("shape") == "hv")}" fill="none" {look} stroke-linejoin="round"/>'
    if "markers" in mode:
        colour = str(line.get("color", ink.text))
        yield from _symbols(trace.get("marker") or {}, across, down, colour)
    if "text" in mode:
        yield from _texts(trace, across, down, ink)


def _path(across: Pixels, down: Pixels, steps: bool = False) -> str:
    """Straight pieces through the points that are there."""
    out, pen = [], False
    for a, b in zip(across.tolist(), down.tolist(), strict=True):
        if math.isfinite(a) and math.isfinite(b):
            if pen and steps:
                out.append(f"H{shown(a)}V{shown(b)}")
            else:
                out.append(f"{'L' if pen else 'M'}{shown(a)} {shown(b)}")
        pen = math.isfinite(a) and math.isfinite(b)
    return "".join(out)


def _whiskers(trace: Mapping[str, Any], across: Pixels, down: Pixels, x: Scale, y: Scale) -> Iterator[str]:
    for key, along, other, scale in (("error_x", across, down, x), ("error_y", down, across, y)):
        error = trace.get(key)
        if not error:
            continue
        unit = (scale.end - scale.start) / ((scale.high - scale.low) or 1.0)
        more = np.asarray(error["array"], dtype=np.float64) * unit
        less = np.asarray(error.get("arrayminus", error["array"]), dtype=np.float64) * unit
        ends = zip((along - less).tolist(), (along + more).tolist(), other.tolist(), strict=True)
        lines = [(low, high, at) for low, high, at in ends if all(map(math.isfinite, (low, high, at)))]
        horizontal = key == "error_x"
        path = "".join(
            f"M{shown(a)} {shown(at)}H{shown(b)}" if horizontal else f"M{shown(at)} {shown(a)}V{shown(b)}"
            for a, b, at in lines
        )
        if path:
            thick = error.get("thickness", 2)
            yield f'<path d="{path}" {paint("stroke", str(error["color"]))} stroke-width="{thick}"/>'


def _symbols(marker: Mapping[str, Any], across: Pixels, down: Pixels, colour: str) -> Iterator[str]:
    """Filled circles of one look as one path; every other symbol for itself."""
    n = len(across)
    symbols, colours, sizes = (
        _each(marker.get(key, default), n) for key, default in (("symbol", "circle"), ("color", colour), ("size", 6))
    )
    stroke = float((marker.get("line") or {}).get("width", 0))
    looks: dict[tuple[str, str, float], list[tuple[float, float]]] = {}
    for a, b, *look in zip(across.tolist(), down.tolist(), symbols, colours, sizes, strict=True):
        if math.isfinite(a) and math.isfinite(b):
            looks.setdefault((str(look[0]), str(look[1]), float(look[2])), []).append((a, b))
    for (symbol, ink, size), places in looks.items():
        yield from _alike(symbol, ink, size, stroke, places)


def _alike(
    symbol: str, colour: str, size: float, stroke: float, places: Sequence[tuple[float, float]]
) -> Iterator[str]:
    name = symbol.removesuffix("-open")
    if symbol == "circle":
        points = "".join(f"M{shown(a)} {shown(b)}h0" for a, b in places)
        look = f'{paint("stroke", colour)} stroke-width="{shown(size + stroke)}" stroke-linecap="round"'
        yield f'<path d="{points}" {look}/>'
        return
    hollow = symbol.endswith("-open") or name in ("x", "line-ns")
    look = f'fill="none" {paint("stroke", colour)}' if hollow else paint("fill", colour)
    wide = 2.0 if name != "x" else 3.0
    for a, b in places:
        if name not in SYMBOLS:
            yield f'<circle cx="{shown(a)}" cy="{shown(b)}" r="{shown(size / 2)}" {look} stroke-width="2"/>'
        else:
            moved = f'transform="translate({shown(a)} {shown(b)}) scale({shown(size / 2)})"'
            yield f'<path d="{SYMBOLS[name]}" {moved} {look} stroke-width="{wide / (size / 2):.2f}"/>'


def _each(value: Any, n: int) -> Sequence[Any]:
    return [value] * n if isinstance(value, str | int | float) else list(value)


def _texts(trace: Mapping[str, Any], across: Pixels, down: Pixels, ink: Ink) -> Iterator[str]:
    font = trace.get("textfont") or {}
    size, place = float(font.get("size", 12)), str(trace.get("textposition", "middle center"))
    beside = 6.0 if "markers" in str(trace.get("mode")) else 2.0
    anchor, right = ("end", -beside) if "left" in place else ("start", beside) if "right" in place else ("middle", 0.0)
    lower = -beside - 2 if "top" in place else size + beside if "bottom" in place else 0.35 * size
    for a, b, text in zip(across.tolist(), down.tolist(), _each(trace["text"], len(across)), strict=True):
        if text and math.isfinite(a) and math.isfinite(b):
            yield words(str(text), a + right, b + lower, size, str(font.get("color", ink.text)), anchor)


# ------------------------------------------------------------------------------------------------------ bars and cells
def _bars(trace: Mapping[str, Any], x: Scale, y: Scale, ink: Ink, gap: float) -> Iterator[str]:
    flat = trace.get("orientation") == "h"
    n = len(trace["x"] if flat else trace["y"])
    along, other = (x, y) if flat else (y, x)
    values = np.asarray(trace["x"] if flat else trace["y"], dtype=np.float64)
    places = other.pixels(trace["y"]) if flat else other.pixels(across(trace, n))
    unit = abs((other.end - other.start) / ((other.high - other.low) or 1.0))
    base = np.asarray(_each(trace.get("base", 0.0), n), dtype=np.float64)
    wide = float(trace.get("width", (1 - gap) * float(trace.get("dx", 1)))) * unit
    looks: dict[str, list[str]] = {}
    colours = _each((trace.get("marker") or {}).get("color", ink.soft), n)
    ends = zip(along.pixels(base).tolist(), along.pixels(base + values).tolist(), places.tolist(), colours, strict=True)
    for start, end, at, colour in ends:
        if all(map(math.isfinite, (start, end, at))) and start != end:
            low, long = min(start, end), abs(end - start)
            corner = f"M{shown(low)} {shown(at - wide / 2)}" if flat else f"M{shown(at - wide / 2)} {shown(low)}"
            flatly, upright = (long, wide) if flat else (wide, long)
            bar = f"{corner}h{shown(flatly)}v{shown(upright)}h{shown(-flatly)}z"
            looks.setdefault(str(colour), []).append(bar)
    for colour, bars in looks.items():
        yield f'<path d="{"".join(bars)}" {paint("fill", colour)}/>'


def across(trace: Mapping[str, Any], n: int) -> Sequence[Any]:
    """The horizontal places of `n` bars: as given, or from the first and the step."""
    if "x" in trace:
        return trace["x"]  # type: ignore[no-any-return]
    return [trace.get("x0", 0) + k * trace.get("dx", 1) for k in range(n)]


def _cells(trace: Mapping[str, Any], x: Scale, y: Scale, ink: Ink, gap: float) -> Iterator[str]:
    z = np.asarray(trace["z"], dtype=np.float64)
    columns, lines = x.pixels(trace["x"]).tolist(), y.pixels(trace["y"]).tolist()
    wide = abs(x.end - x.start) / ((abs(x.high - x.low)) or 1.0) - float(trace.get("xgap", 0))
    tall = abs(y.end - y.start) / ((abs(y.high - y.low)) or 1.0) - float(trace.get("ygap", 0))
    size = float((trace.get("textfont") or {}).get("size", 11))
    for i, b in enumerate(lines):
        for j, a in enumerate(columns):
            if not math.isfinite(z[i, j]):
                continue
            share = (z[i, j] - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
            fill = paint("fill", between(trace["colorscale"], min(max(float(share), 0.0), 1.0)))
            corner = f'x="{shown(a - wide / 2)}" y="{shown(b - tall / 2)}"'
            yield f'<rect {corner} width="{shown(wide)}" height="{shown(tall)}" {fill}/>'
            if trace.get("text") is not None and trace["text"][i][j]:
                yield words(str(trace["text"][i][j]), a, b + 0.35 * size, size, ink.text, "middle")


def between(stops: Sequence[Sequence[Any]], share: float) -> str:
    """A colour of a scale of colours with opacities.

    >>> between([(0.0, "rgba(0,0,0,1)"), (1.0, "rgba(200,100,0,0)")], 0.5)
    'rgba(100,50,0,0.5)'
    """
    at = [float(stop[0]) for stop in stops]
    parts = np.array([[float(number) for number in re.findall(r"[\d.]+", str(stop[1]))] for stop in stops])
    red, green, blue, opacity = (float(np.interp(share, at, parts[:, k])) for k in range(4))
    return f"rgba({red:.0f},{green:.0f},{blue:.0f},{opacity:.3g})"


#: what can be drawn without a browser
KNOWN = {"scatter": _scatter, "bar": _bars, "heatmap": _cells}
