"""A figure as a static picture in SVG: for print, for pages without script, and for files, without any browser.

It draws what `Drawing` holds with the marks of `marks`, in the state in which the figure opens: a trace that waits for
a choice of the reader is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from eventstudy.figures import theme
from eventstudy.figures.drawing import Drawing
from eventstudy.figures.marks import DASHES, KNOWN, Ink, across, marks, paint, shown, width_of, words
from eventstudy.figures.scales import Scale, scale

WIDTH = 720
TICK, LEGEND = 12.0, 12.0  # sizes of letters in pixels
LEGEND_LINE, KEY = 19.0, 30.0  # height of a line of the legend; width of its symbol
APART = {"x": 78.0, "y": 44.0}  # pixels between two ticks, at least
#: the colours of a page, which follow its theme
PAGE = Ink("var(--ink)", "var(--soft)", "var(--faint)", "var(--rule)")


class Frame(NamedTuple):
    """The edges of the plot area in pixels."""

    left: float
    right: float
    top: float
    bottom: float


def ink(name: theme.Theme) -> Ink:
    """The colours of a theme for a picture that stands alone."""
    layout = theme.TEMPLATES[name]["layout"]
    axis = layout["xaxis"]
    return Ink(layout["font"]["color"], axis["tickfont"]["color"], axis["gridcolor"], axis["linecolor"])


def drawable(figure: Drawing) -> bool:
    """Whether every trace is of a type that can be drawn without a browser."""
    return all(trace["type"] in KNOWN for trace in figure.traces)


def inside(figure: Drawing, colours: Ink, width: float = WIDTH) -> tuple[str, float]:
    """The elements of the picture, and its height in pixels."""
    layout = figure.layout
    traces = [trace for trace in figure.traces if trace.get("visible", True) is True]
    named = [t for t in traces if t.get("showlegend", True) and t.get("name")] if layout.get("showlegend") else []
    key, below = _legend(named, width, colours)
    xs, ys = _axes(layout, "x"), _axes(layout, "y")
    frame = _frame(layout, traces, width, below)
    height = frame.bottom + float(layout.get("margin", {}).get("b", 8)) + _under(layout, traces)
    across_, down = _scales(xs, "x", traces, frame), _scales(ys, "y", traces, frame)
    parts = [*key]
    for name, axis in xs.items():
        parts += _x_axis(axis, across_[name], frame, colours)
    for name, axis in ys.items():
        parts += _y_axis(axis, down[name], frame, colours)
    gap = float(layout.get("bargap", 0.2))
    for trace in traces:
        x, y = across_[trace.get("xaxis", "x")], down[trace.get("yaxis", "y")]
        parts += marks(trace, x, y, colours, gap)
    parts += [_shape(shape, across_, down, frame, colours) for shape in layout.get("shapes", ())]
    parts += [_annotation(note, across_, down, frame, colours) for note in layout.get("annotations", ())]
    return "".join(parts), height


def svg(figure: Drawing) -> str:
    """The picture as an element of a page, whose theme it follows."""
    width = WIDTH
    body, height = inside(figure, PAGE, width)
    size = f'viewBox="0 0 {shown(width)} {shown(height)}" width="{shown(width)}" height="{shown(height)}"'
    return f'<svg class="picture" aria-hidden="true" {size}>{body}</svg>'


# ---------------------------------------------------------------------------------------------------------------- axes
def _axes(layout: Mapping[str, Any], letter: str) -> dict[str, Mapping[str, Any]]:
    """The axes of one direction by the names that traces use: ``x``, ``x2``."""
    found = {letter: layout.get(f"{letter}axis", {})}
    start = f"{letter}axis"
    return found | {f"{letter}{key[len(start) :]}": layout[key] for key in layout if key.startswith(start)}


def _drawn_along(trace: Mapping[str, Any], letter: str) -> Sequence[Any]:
    """The values of a trace along one direction, with the ends of its whiskers and bars."""
    values = trace.get(letter)
    if values is None:
        values = across(trace, len(trace["y"]))
    error = trace.get(f"error_{letter}")
    if error:
        less = error.get("arrayminus", error["array"])
        low = [v - e for v, e in zip(values, less, strict=True)]
        return [*low, *(v + e for v, e in zip(values, error["array"], strict=True))]
    if trace["type"] == "bar" and "base" in trace and letter == ("x" if trace.get("orientation") == "h" else "y"):
        return [*trace["base"], *(b + v for b, v in zip(trace["base"], values, strict=True))]
    return list(values)


def _scales(
    axes: Mapping[str, Mapping[str, Any]], letter: str, traces: Sequence[Mapping[str, Any]], frame: Frame
) -> dict[str, Scale]:
    out = {}
    for name, axis in axes.items():
        own = [t for t in traces if t.get(f"{letter}axis", letter) == name]
        first, last = axis.get("domain", (0.0, 1.0))
        start, end = (frame.left, frame.right) if letter == "x" else (frame.bottom, frame.top)
        ends = (start + first * (end - start), start + last * (end - start))
        along = "x" if letter == "x" else "y"
        stand = any(t["type"] == "bar" and ("x" if t.get("orientation") == "h" else "y") == along for t in own)
        out[name] = scale(axis, [_drawn_along(t, letter) for t in own], ends, APART[letter], stand)
    return out


def _frame(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], width: float, below: float) -> Frame:
    """Room for the legend, the ticks and the titles of the axes around the plot; the height asked for is kept."""
    margin = layout.get("margin", {})
    y, x = layout.get("yaxis", {}), layout.get("xaxis", {})
    trial = _scales(_axes(layout, "y"), "y", traces, Frame(0.0, width, 0.0, 400.0))
    labels = max((width_of(text, TICK) for one in trial.values() for _, text in one.ticks), default=0.0)
    left = float(margin.get("l", 8)) + labels + (8 if labels else 0) + (20 if _title(y) else 0)
    on_top = x.get("side") == "top"
    above = max((_turned(x, text) for text in map(str, x.get("ticktext") or ["0"])), default=0.0) if on_top else 0.0
    top = max(float(margin.get("t", 28)), below + (22 if on_top and _title(x) else 0) + (above + 10 if on_top else 18))
    bottom = max(float(layout.get("height", 450)) - _under(layout, traces) - float(margin.get("b", 8)), top + 60)
    return Frame(left, width - float(margin.get("r", 12)), top, bottom + top - float(margin.get("t", 28)))


def _turned(axis: Mapping[str, Any], text: str) -> float:
    return width_of(text, TICK) if axis.get("tickangle") == -90 else TICK


def _under(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> float:
    """Pixels for ticks and title below the plot."""
    x = layout.get("xaxis", {})
    if x.get("visible") is False or x.get("side") == "top":
        return 0.0
    dated = any(isinstance(next(iter(t.get("x", ())), None), str) for t in traces)
    return 20.0 + (15.0 if dated else 0.0) + (22.0 if _title(x) else 0.0)


def _title(axis: Mapping[str, Any]) -> str:
    title = axis.get("title") or {}
    return str(title.get("text") or "") if isinstance(title, Mapping) else str(title)


def _x_axis(axis: Mapping[str, Any], x: Scale, frame: Frame, colours: Ink) -> Iterator[str]:
    if axis.get("visible") is False:
        return
    at = x.placed([place for place, _ in x.ticks]).tolist()
    if axis.get("showgrid", True) and at:
        path = "".join(f"M{shown(place)} {shown(frame.top)}V{shown(frame.bottom)}" for place in at)
        yield f'<path d="{path}" {paint("stroke", colours.grid)}/>'
    yield from _zero(axis, x, f"V{shown(frame.bottom)}", (None, frame.top), colours)
    on_top = axis.get("side") == "top"
    level = frame.top - 6 if on_top else frame.bottom + TICK + 4
    for place, (_, text) in zip(at, x.ticks, strict=True):
        if axis.get("tickangle") == -90:
            yield words(text, place + 0.35 * TICK, level, TICK, colours.soft, "start" if on_top else "end", -90)
        else:
            yield words(text, place, level, TICK, colours.soft, "middle")
    if _title(axis):
        under = level - TICK - 8 if on_top else frame.bottom + 38 + (15 if any("<br>" in t for _, t in x.ticks) else 0)
        yield words(_title(axis), (x.start + x.end) / 2, under, TICK, colours.soft, "middle")


def _y_axis(axis: Mapping[str, Any], y: Scale, frame: Frame, colours: Ink) -> Iterator[str]:
    if axis.get("visible") is False:
        return
    at = y.placed([place for place, _ in y.ticks]).tolist()
    if axis.get("showgrid", True) and at:
        path = "".join(f"M{shown(frame.left)} {shown(place)}H{shown(frame.right)}" for place in at)
        yield f'<path d="{path}" {paint("stroke", colours.grid)}/>'
    yield from _zero(axis, y, f"H{shown(frame.right)}", (frame.left, None), colours)
    for place, (_, text) in zip(at, y.ticks, strict=True):
        yield words(text, frame.left - 8, place + 0.35 * TICK, TICK, colours.soft, "end")
    if _title(axis):
        yield words(_title(axis), 14, (y.start + y.end) / 2, TICK, colours.soft, "middle", -90)


def _zero(
    axis: Mapping[str, Any], along: Scale, draw: str, start: tuple[float | None, float | None], colours: Ink
) -> Iterator[str]:
    """The line at zero, where the axis asks for one and zero is in sight."""
    if (
        axis.get("zeroline")
        and along.kind == "linear"
        and min(along.low, along.high) <= 0 <= max(along.low, along.high)
    ):
        zero = float(along.placed([0.0])[0])
        a, b = (zero if edge is None else edge for edge in start)
        yield f'<path d="M{shown(a)} {shown(b)}{draw}" {paint("stroke", colours.line)}/>'


# -------------------------------------------------------------------------------------------- legend, shapes and notes
def _legend(named: Sequence[Mapping[str, Any]], width: float, colours: Ink) -> tuple[list[str], float]:
    """The legend in as many lines as it needs, and the height that it takes."""
    parts: list[str] = []
    x, y = 0.0, LEGEND_LINE / 2 + 2
    for trace in named:
        need = KEY + width_of(str(trace["name"]), LEGEND) + 18
        if x and x + need > width:
            x, y = 0.0, y + LEGEND_LINE
        parts += _key(trace, x, y, colours)
        parts.append(words(str(trace["name"]), x + KEY, y + 0.35 * LEGEND, LEGEND, colours.text))
        x += need
    return parts, y + LEGEND_LINE / 2 if named else 0.0


def _key(trace: Mapping[str, Any], x: float, y: float, colours: Ink) -> Iterator[str]:
    """The symbol of a trace in the legend."""
    here = Scale("linear", 0.0, 1.0, x + 2, x + 24)
    at = Scale("linear", 0.0, 1.0, y, y + 1)
    if trace["type"] == "bar":
        colour = (trace.get("marker") or {}).get("color", colours.soft)
        colour = colour if isinstance(colour, str) else colour[0]
        yield f'<rect x="{shown(x + 8)}" y="{shown(y - 6)}" width="12" height="12" {paint("fill", colour)}/>'
        return
    if trace.get("fill"):
        fill = paint("fill", str(trace["fillcolor"]))
        yield f'<rect x="{shown(x + 4)}" y="{shown(y - 5)}" width="20" height="10" {fill}/>'
        return
    lines = "lines" in str(trace.get("mode", "lines"))
    if lines:
        yield from marks({**_looks(trace), "mode": "lines", "x": [0.0, 1.0], "y": [0.0, 0.0]}, here, at, colours, 0.0)
    if "markers" in str(trace.get("mode")):
        marker = {k: v if isinstance(v, str | int | float | dict) else v[0] for k, v in trace["marker"].items()}
        own = {**_looks(trace), "marker": marker, "mode": "markers", "x": [0.5], "y": [0.0]}
        yield from marks(own, here, at, colours, 0.0)


def _looks(trace: Mapping[str, Any]) -> dict[str, Any]:
    return {key: trace[key] for key in ("type", "line", "marker") if key in trace}


def _place(
    thing: Mapping[str, Any], key: str, scales: Mapping[str, Scale], ends: tuple[float, float], note: bool = False
) -> float:
    """A coordinate of a shape or a note in pixels; on a logarithmic axis that of a note is itself a logarithm."""
    letter = key[0]
    ref, value = thing.get(f"{letter}ref", letter), thing.get(key, 0)
    if ref == "paper":
        return ends[0] + float(value) * (ends[1] - ends[0])
    along = scales[ref]
    plainly = along.kind == "category" and not isinstance(value, str)
    if plainly or (note and along.kind == "log"):
        return float(along.placed([value])[0])
    return float(along.pixels([value])[0])


def _shape(
    shape: Mapping[str, Any], xs: Mapping[str, Scale], ys: Mapping[str, Scale], frame: Frame, colours: Ink
) -> str:
    across_, down = (frame.left, frame.right), (frame.bottom, frame.top)
    x0, x1 = (_place(shape, key, xs, across_) for key in ("x0", "x1"))
    y0, y1 = (_place(shape, key, ys, down) for key in ("y0", "y1"))
    line = shape.get("line") or {}
    dash = DASHES.get(str(line.get("dash", "solid")), "")
    stroke = paint("stroke", str(line.get("color", colours.line)))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    look = f'{stroke} stroke-width="{line.get("width", 1)}"{dashed}'
    fill = paint("fill", str(shape["fillcolor"])) if shape.get("fillcolor") else 'fill="none"'
    if shape.get("type") == "rect":
        corner = f'x="{shown(min(x0, x1))}" y="{shown(min(y0, y1))}"'
        return f'<rect {corner} width="{shown(abs(x1 - x0))}" height="{shown(abs(y1 - y0))}" {fill} {look}/>'
    return f'<path d="M{shown(x0)} {shown(y0)}L{shown(x1)} {shown(y1)}" {look}/>'


def _annotation(
    note: Mapping[str, Any], xs: Mapping[str, Scale], ys: Mapping[str, Scale], frame: Frame, colours: Ink
) -> str:
    x = _place(note, "x", xs, (frame.left, frame.right), True) + float(note.get("xshift", 0))
    y = _place(note, "y", ys, (frame.bottom, frame.top), True) - float(note.get("yshift", 0))
    font = note.get("font") or {}
    size = float(font.get("size", TICK))
    anchor = {"left": "start", "right": "end"}.get(str(note.get("xanchor")), "middle")
    lower = {"bottom": -5.0, "top": size + 3}.get(str(note.get("yanchor")), 0.35 * size)
    return words(str(note["text"]), x, y + lower, size, str(font.get("color", colours.soft)), anchor)
