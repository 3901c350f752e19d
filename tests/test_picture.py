"""Static pictures of figures: what stands where, drawn without a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest

from eventstudy.errors import SpecError
from eventstudy.example import example_result
from eventstudy.figures import FIGURES, marks, picture, scales
from eventstudy.figures.card import Figure, drawn
from eventstudy.figures.drawing import drawing
from eventstudy.objects.verdicts import Statement
from eventstudy.report.picture import figure_svg

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", list(FIGURES))
@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_figure_is_a_well_formed_picture(deepseek_result: StudyResult, name: str, look: str) -> None:
    svg = figure_svg(deepseek_result, FIGURES[name], look)  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg)
    assert not re.search(r"\b(nan|inf|None)\b", svg.lower().split("<title>")[0] + re.sub(r">[^<]*<", "><", svg))
    said = " ".join(" ".join(element.itertext()) for element in root.iter(f"{SVG}text"))
    assert "Prices: Yahoo Finance" in said
    assert len([*root.iter(f"{SVG}path"), *root.iter(f"{SVG}rect")]) >= 3
    height = float(root.attrib["height"])
    for text in root.iter(f"{SVG}text"):
        assert -1 <= float(text.attrib["y"]) <= height
        assert -20 <= float(text.attrib["x"]) <= picture.WIDTH + 60


def test_bars_are_as_long_as_their_values() -> None:
    bars = {"type": "bar", "orientation": "h", "x": np.array([-0.2, 0.1, 0.0]), "y": [0, 1, 2]}
    figure = drawing([bars], {"height": 200, "yaxis": {"tickvals": [0, 1, 2], "ticktext": list("abc")}})
    body, _ = picture.inside(figure, picture.PAGE)
    lengths = [float(x) for x in re.findall(r"h(\d[\d.]*)v", body)]
    assert len(lengths) == 2  # a bar of no length is none
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.11)


def test_points_stand_where_the_scale_says() -> None:
    dots = {"type": "scatter", "mode": "markers", "x": [0.001, 1.0], "y": [0.0, 10.0], "marker": {"size": 4}}
    axes = {"xaxis": {"type": "log", "range": [-3, 0]}, "yaxis": {"range": [0, 10]}, "height": 300}
    body, height = picture.inside(drawing([dots], axes), picture.PAGE)
    ((x0, y0), (x1, y1)) = ((float(a), float(b)) for a, b in re.findall(r"M([\d.]+) ([\d.]+)h0", body))
    assert x1 == pytest.approx(picture.WIDTH - 12, abs=0.1)  # the right edge less its margin
    assert 0 < x0 < 80
    assert 0 < y1 < y0 < height == pytest.approx(300, abs=0.1)


def test_what_waits_for_a_choice_is_left_out() -> None:
    line = {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "line": {"color": "#123456"}}
    hidden = line | {"visible": False, "line": {"color": "#abcdef"}}
    body, _ = picture.inside(drawing([line, hidden], {"height": 200}), picture.PAGE)
    assert "#123456" in body
    assert "#abcdef" not in body


def test_what_looks_like_markup_in_a_name_is_text() -> None:
    dot = {"type": "scatter", "mode": "markers", "x": [1.0], "y": ["<script>&"], "marker": {"size": 4}}
    figure = drawing([dot], {"height": 200, "yaxis": {"type": "category"}})
    svg = picture.svg(figure)
    assert "<script>" not in svg
    assert "&lt;script&gt;&amp;" in svg


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    line = {"type": "scatter", "mode": "lines", "x": [0, 1, 2, 3], "y": [0.0, float("nan"), 1.0, 2.0]}
    body, _ = picture.inside(drawing([line], {"height": 200}), picture.PAGE)
    (path,) = re.findall(r'd="(M[^"]*)" fill="none"', body)
    assert path.count("M") == 2


def test_ticks_are_round_and_read_as_the_axis_says() -> None:
    made = scales.scale({"tickformat": ".0%"}, [[-0.171, 0.031]], (0.0, 500.0), 78.0)
    assert [label for _, label in made.ticks] == ["−15%", "−10%", "−5%", "0%"]
    fine = scales.scale({"tickformat": ".0%"}, [[0.0, 0.012]], (0.0, 500.0), 78.0)
    assert [label for _, label in fine.ticks] == ["0.0%", "0.5%", "1.0%"]
    days = scales.scale({}, [["2025-01-10", "2025-04-20"]], (0.0, 600.0), 78.0)
    assert [label for _, label in days.ticks] == ["Feb<br>2025", "Mar", "Apr"]
    months = scales.scale({}, [["2019-11-10", "2025-04-20"]], (0.0, 600.0), 78.0)
    assert [label for _, label in months.ticks][:2] == ["Jan<br>2020", "Jan<br>2021"]


def test_a_trace_that_only_plotly_draws_is_refused_in_words() -> None:
    pie = Figure(
        name="pie",
        title="A pie",
        draw=lambda result: drawing([{"type": "pie", "values": [1]}], {}),
        table=FIGURES["day"].table,
        caption=lambda result: Statement("A pie."),
        fits=lambda result: True,
    )
    result = example_result()
    assert not picture.drawable(drawn(pie, result))
    with pytest.raises(SpecError, match="traces of type pie"):
        figure_svg(result, pie)


def test_colours_have_their_opacity_apart() -> None:
    assert marks.between([(0.0, "rgba(0,0,0,1)"), (1.0, "rgba(10,20,30,0)")], 0.5) == "rgba(5,10,15,0.5)"
    assert marks.paint("stroke", "rgba(5,10,15,0.5)") == 'stroke="#050a0f" stroke-opacity="0.5"'
