"""Figures: they draw what the result holds, work for every kind of study, and carry nothing that breaks a theme."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from drawn_figures import drawn_by, numbers, said

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.figures import FIGURES, card, theme
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.verdicts import Statement
from eventstudy.report.tables import statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from eventstudy.objects.results import StudyResult


# ------------------------------------------------------------------------------------------------------ the contract
def test_every_figure_stands_under_the_name_of_its_card() -> None:
    assert [entry.name for entry in FIGURES.values()] == list(FIGURES)
    assert len({entry.title for entry in FIGURES.values()}) == len(FIGURES)


@pytest.mark.parametrize("fact", [field.name for field in dataclasses.fields(card.Figure) if field.name != "finding"])
def test_a_card_that_leaves_a_fact_out_cannot_be_built(fact: str) -> None:
    facts = {field.name: getattr(FIGURES["car"], field.name) for field in dataclasses.fields(card.Figure)}
    with pytest.raises(TypeError, match=f"'{fact}'"):
        card.Figure(**{name: value for name, value in facts.items() if name != fact})
    with pytest.raises(SpecError, match=rf"the card Figure\(.*{fact}"):
        card.Figure(**{**facts, fact: ""})


@pytest.mark.parametrize(
    ("fact", "returned", "due"),
    [
        ("draw", None, "None (is a return missing?); due is a Drawing"),
        ("draw", {"data": []}, "returned dict; due is a Drawing"),
        ("table", [1, 2], "returned list; due is a pandas DataFrame"),
        ("caption", "NVDA fell.", "returned str; due is a Statement"),
    ],
)
def test_a_figure_that_returns_the_wrong_thing_is_named(
    fact: str, returned: object, due: str, deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = dataclasses.replace(FIGURES["day"], name="mine", **{fact: lambda result: returned})
    monkeypatch.setitem(FIGURES, "mine", broken)
    with pytest.raises(SpecError, match=re.escape(f"the figure 'mine': its function {fact}")) as caught:
        deepseek_result.to_html()
    assert due in str(caught.value)


def test_a_figure_of_ones_own_is_one_card_and_one_line(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    import plotly.graph_objects as go

    mine = card.Figure(
        name="mine",
        title="Closes of one day",
        draw=lambda result: go.Figure(go.Bar(x=[1, 2], y=[3, 4]), {"height": 300}),
        table=lambda result: pd.DataFrame({"day": [1, 2], "close": [3.0, 4.0]}),
        caption=lambda result: Statement("Two bars."),
        fits=card.always,
    )
    monkeypatch.setitem(FIGURES, "mine", mine)
    assert hasattr(deepseek_result.plot, "mine")
    assert "mine" in dir(deepseek_result.plot)
    assert list(deepseek_result.plot.mine().data[0].y) == [3, 4]
    assert 'id="figure-mine"' in deepseek_result.to_html()


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str, figures: dict[str, go.Figure]) -> None:
    """The figures are built without validation, which is slow; here they are validated."""
    import plotly.graph_objects as go

    figure = figures[name]
    assert len(go.Figure(figure.to_dict()).data) == len(figure.data) > 0
    assert figure.layout.height > 100
    assert figure.layout.width is None
    assert figure.layout.title.text is None


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_visible_are_finite_numbers(name: str, figures: dict[str, go.Figure]) -> None:
    for trace in figures[name].data:
        if trace.visible is False:
            continue
        for values in (getattr(trace, axis, None) for axis in ("x", "y")):
            if values is not None and len(values) and not isinstance(values[0], str):
                assert np.isfinite(np.asarray(values, dtype=float)).all(), trace.name
        if trace.type == "heatmap":
            assert np.isfinite(np.asarray(trace.z)).any()


@pytest.mark.parametrize("name", FIGURES)
def test_traces_and_controls_fit_together(name: str, figures: dict[str, go.Figure]) -> None:
    """Each value in a trace's meta can be chosen, each choice shows something, and the defaults are visible."""
    figure = figures[name]
    controls = {c["key"]: c for c in figure.layout.meta["controls"]}
    metas = [dict(trace.meta or {}) for trace in figure.data]
    for trace, meta in zip(figure.data, metas, strict=True):
        for key, value in meta.items():
            if key in controls:
                assert value in [option["value"] for option in controls[key]["options"]]
            else:
                assert {other[key] for other in metas if key in other} == {value}, "no choice, no control"
        chosen = all(controls[key]["default"] == value for key, value in meta.items() if key in controls)
        assert (trace.visible is not False) == chosen
    for key, control in controls.items():
        values = [option["value"] for option in control["options"]]
        assert len(set(values)) == len(values) > 1
        assert control["default"] in values
        assert set(values) == {meta[key] for meta in metas if key in meta}
        assert control["label"]
        assert all(option["label"] for option in control["options"])


def test_the_figures_are_small(figures: dict[str, go.Figure]) -> None:
    """Under 600 kB together, the template counted once: it is the same in all of them."""
    template = len(json.dumps(dict(theme.TEMPLATES["light"]), separators=(",", ":")))
    assert sum(len(figure.to_json()) - template for figure in figures.values()) + template < 600_000


@pytest.mark.parametrize("name", FIGURES)
def test_a_caption_is_a_sentence_with_its_numbers(name: str, deepseek_result: StudyResult) -> None:
    caption = said(name, deepseek_result)
    written = re.sub(r"\{\w+\}", "", caption.template).replace("100", "")  # 100 is the base of an index
    assert not re.search(r"\d", written), "a number that did not come from the result"
    text = statement(caption)
    assert text.endswith(".")
    assert "n/a" not in text
    assert re.search(r"\d", text)


@pytest.mark.parametrize("name", FIGURES)
def test_a_table_documents_its_columns(name: str, deepseek_result: StudyResult) -> None:
    from eventstudy.figures import car, day

    frame = numbers(name, deepseek_result)
    documented = (FIGURES[name].table.__doc__ or "") + (day.day_table.__doc__ or "" if name == "movers" else "")
    assert len(frame)
    if name == "car":
        assert tuple(frame.columns) == car.COLUMNS
    for column in frame.columns:
        assert f"``{column}``" in documented or (column.endswith("_ratio") and "``_ratio``" in documented), column


# --------------------------------------------------------------------------------------------------------- the theme
def walk(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{path}.{key}")
    elif isinstance(node, list | tuple):
        for value in node:
            yield from walk(value, path)
    else:
        yield path, node


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_no_colour_of_its_own_but_the_palette(name: str, figures: dict[str, go.Figure]) -> None:
    palette = {*theme.CATEGORICAL, theme.GREY, theme.ABNORMAL, *theme.VERDICTS.values()}
    faded = {theme.faded(colour, 1)[5:-3] for colour in palette}
    layout = json.loads(figures[name].to_json())
    layout["layout"].pop("template")
    for path, value in walk(layout):
        if isinstance(value, str) and value.startswith(("#", "rgb")):
            assert value in palette or (value.startswith("rgba") and value[5:].rsplit(",", 1)[0] in faded), path
            assert "bgcolor" not in path


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_are_readable_in_both_themes(mode: theme.Theme) -> None:
    background = theme.BACKGROUNDS[mode]
    for colour in {*theme.CATEGORICAL, theme.GREY, theme.ABNORMAL, *theme.VERDICTS.values()}:
        assert contrast(colour, background) >= 3, colour
    layout = theme.TEMPLATES[mode]["layout"]
    for text in (layout["font"]["color"], layout["xaxis"]["tickfont"]["color"]):
        assert contrast(text, background) >= 4.5
    assert contrast(layout["hoverlabel"]["font"]["color"], layout["hoverlabel"]["bgcolor"]) >= 4.5


def test_a_theme_is_a_relayout_that_plotly_accepts() -> None:
    import plotly.graph_objects as go

    for mode in theme.LAYOUTS:
        figure = go.Figure(layout=dict(theme.LAYOUTS[mode]))
        assert figure.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"
        json.dumps(theme.LAYOUTS[mode])
    json.dumps(dict(theme.CONFIG))


def test_verdicts_have_a_colour_each() -> None:
    from typing import get_args

    from eventstudy.objects.verdicts import VerdictWord

    assert set(theme.VERDICTS) == set(theme.SYMBOLS) == set(get_args(VerdictWord))
    assert len(set(theme.SYMBOLS.values())) == len(theme.SYMBOLS)
    assert theme.ABNORMAL not in theme.VERDICTS.values()


@pytest.mark.parametrize("colours", [theme.CATEGORICAL, tuple(theme.VERDICTS.values()), (theme.FALL, theme.RISE)])
def test_colours_are_told_apart_in_grey(colours: tuple[str, ...]) -> None:
    """By CIE 1976 lightness, 0 to 100: a step of 3 is seen, and two backgrounds leave room for little more."""
    lightness = sorted(116 * luminance(colour) ** (1 / 3) - 16 for colour in colours)
    assert min(above - below for below, above in pairwise(lightness)) > 3


def test_the_page_has_the_colours_of_the_figures() -> None:
    from importlib.resources import files

    style = files("eventstudy.report").joinpath("style.css").read_text(encoding="utf-8")
    assert dict(re.findall(r"--(\w+)-fill: (#\w{6})", style)) == dict(theme.VERDICTS)


@pytest.fixture(scope="module")
def crippled(synthetic_prices: PricePanel) -> StudyResult:
    """A group with one security that is not estimated and one without a price on day +2."""
    gone = synthetic_prices.close.copy()
    gone.loc[: gone.index[200], "CCC"] = np.nan
    gone.loc["2021-02-12", "BBB"] = np.nan
    prices = dataclasses.replace(synthetic_prices, close=gone, adj_close=gone.copy())
    members = ["BBB", "CCC", "DDD"]
    return es.Study(prices=prices, events="2021-02-10", groups={"trio": members}, benchmark="EEE").run()


@pytest.mark.parametrize("name", FIGURES)
def test_a_security_without_estimate_or_price_is_left_out_of_the_drawing(name: str, crippled: StudyResult) -> None:
    import plotly.graph_objects as go

    figure = drawn_by(name, crippled)
    go.Figure(figure.to_dict())
    statement(said(name, crippled))
    test_traces_and_controls_fit_together(name, {name: figure})
    test_what_is_visible_are_finite_numbers(name, {name: figure})


def test_the_table_says_why_a_security_is_missing(crippled: StudyResult) -> None:
    frame = numbers("day", crippled).set_index("ticker")
    assert np.isfinite(frame.loc["CCC", "ret"])
    assert np.isnan(frame.loc["CCC", "ar"])
    assert frame.loc["CCC", "reason"]
    assert set(numbers("residuals", crippled)["ticker"]) == {"BBB", "DDD"}
    bars = drawn_by("day", crippled).data[0]
    assert set(bars.text) == {"BBB", "CCC", "DDD"}
    path = next(t for t in drawn_by("car", crippled, ticker="BBB").data if t.name)
    assert list(path.x) == list(range(-10, 2))
