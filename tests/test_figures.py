"""Figures: they draw what the result holds, work for every kind of study, and carry nothing that breaks a theme."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import eventstudy as es
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.figures import FIGURES, Plots, card, drawing, theme
from eventstudy.objects.estimation import Window
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.verdicts import Interval, Statement
from eventstudy.report import tables
from eventstudy.report.tables import statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from eventstudy.objects.results import StudyResult

Floats = npt.NDArray[np.float64]
CORE = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
SINGLE = 2e-5  # coordinates are drawn in single precision, its last 8 bits rounded away


def drawn_by(name: str, result: StudyResult, **options: Any) -> go.Figure:
    return card.plotly_figure(FIGURES[name], result, **options)


def numbers(name: str, result: StudyResult, **options: Any) -> pd.DataFrame:
    return card.numbers(FIGURES[name], result, **options)


def said(name: str, result: StudyResult, **options: Any) -> Statement:
    return card.said(FIGURES[name], result, **options)


@pytest.fixture(scope="module")
def figures(deepseek_result: StudyResult) -> dict[str, go.Figure]:
    return {name: drawn_by(name, deepseek_result) for name in FIGURES}


@pytest.fixture(scope="module")
def alone(synthetic_prices: PricePanel) -> StudyResult:
    """One security, no group, no benchmark, no claims."""
    return es.Study(prices=synthetic_prices, events="2021-02-10", tickers=["AAA"], model="mean_adjusted").run()


@pytest.fixture(scope="module")
def crippled(synthetic_prices: PricePanel) -> StudyResult:
    """A group with one security that is not estimated and one without a price on day +2."""
    gone = synthetic_prices.close.copy()
    gone.loc[: gone.index[200], "CCC"] = np.nan
    gone.loc["2021-02-12", "BBB"] = np.nan
    prices = dataclasses.replace(synthetic_prices, close=gone, adj_close=gone.copy())
    members = ["BBB", "CCC", "DDD"]
    return es.Study(prices=prices, events="2021-02-10", groups={"trio": members}, benchmark="EEE").run()


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


# ---------------------------------------------------------------------------------- the numbers, computed once more
def regress(result: StudyResult, ticker: str, benchmark: str = "^IXIC") -> tuple[Floats, Floats, Floats, Floats, int]:
    """Design and returns of the event window, estimation residuals and design, first row, by numpy from the prices."""
    prices = result.prices.adj_close
    sessions = result.prices.calendars["XNYS"].sessions
    y = prices[ticker].reindex(sessions).pct_change(fill_method=None).to_numpy()
    x = prices[benchmark].reindex(sessions).pct_change(fill_method=None).to_numpy()
    day = int(sessions.get_loc(pd.Timestamp("2025-01-27")))
    design = np.column_stack([np.ones_like(x), x])
    return y, design, y[day - 260 : day - 10], design[day - 260 : day - 10], day


@pytest.mark.parametrize("ticker", ["NVDA", "AMD", "GOOGL"])
def test_day_zero_is_the_regression_from_the_prices(ticker: str, deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, ticker)
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    sigma = np.sqrt(((ys - xs @ b) ** 2).sum() / 248)
    se = sigma * np.sqrt(1 + design[day] @ np.linalg.inv(xs.T @ xs) @ design[day])
    ar = y[day] - design[day] @ b
    half = stats.t.ppf(0.975, 248) * se
    line = numbers("movers", deepseek_result).set_index("ticker").loc[ticker]
    wanted = [y[day], design[day, 1], ar, se, ar - half, ar + half, ar / se, 2 * stats.t.sf(abs(ar / se), 248)]
    found = line[["ret", "benchmark_return", "ar", "se", "low", "high", "sar", "p"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_the_day_shows_the_core_sorted_and_the_benchmark(deepseek_result: StudyResult) -> None:
    figure, frame = drawn_by("day", deepseek_result), numbers("day", deepseek_result)
    assert frame["ticker"].to_list() == ["AVGO", "NVDA", "TSM", "AMD", "ASML", "^IXIC"]
    assert list(figure.layout.yaxis.ticktext) == [
        *("AVGO \u221217%", "NVDA \u221217%", "TSM \u221213%", "AMD \u22126.4%", "ASML \u22125.7%"),
        "<b>Nasdaq</b> \u22123.1%",
    ]
    bars, benchmark, abnormal, ordinary = figure.data
    np.testing.assert_allclose(bars.x, [-0.1740, -0.1697, -0.1333, -0.0637, -0.0575], atol=5e-5)
    np.testing.assert_allclose(benchmark.x, [-0.0307], atol=5e-5)
    assert list(abnormal.text) == ["AVGO", "NVDA", "TSM"]
    assert list(ordinary.text) == ["AMD", "ASML"]
    drawn = frame.set_index("ticker").loc[list(abnormal.text)]
    np.testing.assert_allclose(abnormal.x, drawn["ar"], rtol=SINGLE)
    np.testing.assert_allclose(abnormal.error_x.array, drawn["high"] - drawn["ar"], rtol=SINGLE)


def test_movers_hold_every_security_and_each_benchmark(deepseek_result: StudyResult) -> None:
    figure, frame = drawn_by("movers", deepseek_result), numbers("movers", deepseek_result)
    own = frame[~frame["is_benchmark"]]
    assert set(own["ticker"]) == set(deepseek_result.settings.tickers)
    assert set(frame.loc[frame["is_benchmark"], "ticker"]) == {"^IXIC", "^N225", "^STOXX50E", "^TWII"}
    assert frame["ret"].is_monotonic_increasing
    assert any(label.startswith("2330.TW, 3 Feb ") for label in figure.layout.yaxis.ticktext)
    assert sum(len(trace.x) for trace in figure.data if trace.type == "bar") == len(frame)


def test_a_car_path_is_the_sum_with_its_full_variance(deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, "NVDA")
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    sigma, inverse = np.sqrt(((ys - xs @ b) ** 2).sum() / 248), np.linalg.inv(xs.T @ xs)
    path = drawn_by("car", deepseek_result, ticker="NVDA").data[1]
    frame = numbers("car", deepseek_result, ticker="NVDA")
    total, summed = 0.0, np.zeros(2)
    for k, tau in enumerate(range(-10, 11)):
        total += y[day + tau] - design[day + tau] @ b
        summed += design[day + tau]
        half = stats.t.ppf(0.975, 248) * sigma * np.sqrt(k + 1 + summed @ inverse @ summed)
        row = frame.iloc[k]
        assert (row["tau"], path.x[k]) == (tau, tau)
        np.testing.assert_allclose(
            [row["car"], row["high"], row["low"]], [total, total + half, total - half], rtol=1e-9
        )
        np.testing.assert_allclose([path.y[k], path.customdata[k]], [total, half], rtol=SINGLE, atol=1e-7)
    assert str(frame.loc[frame["tau"] == 0, "date"].iloc[0]) == "2025-01-27"
    assert path.text[10] == "27 Jan"


def test_car_offers_the_comparisons_of_the_core(deepseek_result: StudyResult) -> None:
    figure = drawn_by("car", deepseek_result)
    settings = deepseek_result.settings
    others = len(settings.compare_benchmarks) + len(settings.compare_models) + len(deepseek_result.contamination)
    assert len(figure.data) == 2 * (len(settings.tickers) + len(CORE) * others)
    shown = [trace.name for trace in figure.data if trace.visible and trace.name]
    assert shown == ["NVDA"]  # the controls say against what
    alone = drawn_by("car", deepseek_result, ticker="NVDA", benchmark="^IXIC")
    assert [t.name for t in alone.data if t.name] == ["NVDA against the Nasdaq, market model"]
    against = numbers("car", deepseek_result, ticker="AMD", benchmark="^GSPC")
    wanted = deepseek_result.at("AMD", benchmark="^GSPC")
    car = wanted.abnormal.car(Window(-10, 10))[wanted.row("AMD")]
    assert against["car"].iloc[-1] == pytest.approx(car, rel=1e-12)
    assert set(numbers("car", deepseek_result, model="capm")["ticker"]) == set(CORE)
    with pytest.raises(UnknownNameError, match="specification"):
        drawn_by("car", deepseek_result, ticker="AMD", benchmark="^GSPC", model="capm")


def test_the_scatter_shows_each_estimation_day_and_the_line(deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, "AMD")
    band, line, days, zero = drawn_by("scatter", deepseek_result, ticker="AMD").data
    np.testing.assert_allclose(days.x, xs[:, 1], rtol=SINGLE)
    np.testing.assert_allclose(days.y, ys, rtol=SINGLE)
    np.testing.assert_allclose([zero.x[0], zero.y[0]], [design[day, 1], y[day]], rtol=SINGLE)
    assert zero.text[0] == "AMD, 27 Jan 2025"
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    np.testing.assert_allclose(line.y, b[0] + b[1] * np.asarray(line.x, dtype=float), rtol=2 * SINGLE)
    at = np.array([1.0, float(band.x[0])])
    sigma = np.sqrt(((ys - xs @ b) ** 2).sum() / 248)
    half = stats.t.ppf(0.975, 248) * sigma * np.sqrt(1 + at @ np.linalg.inv(xs.T @ xs) @ at)
    np.testing.assert_allclose([band.y[0], band.y[-1]], [at @ b + half, at @ b - half], rtol=2 * SINGLE, atol=1e-6)
    assert len(numbers("scatter", deepseek_result, ticker="AMD")) == 251


def test_of_many_securities_the_scatter_holds_the_foremost(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.figures import scatter

    monkeypatch.setattr(scatter, "MOST", 7)
    many = dataclasses.replace(deepseek_result)  # what was drawn of the other is kept
    sar = numbers("movers", many).dropna(subset="sar").set_index("ticker")["sar"].abs()
    strongest = sar.drop(CORE).nlargest(2).index
    assert set(numbers("scatter", many)["ticker"]) == {*CORE, *strongest}
    (control,) = drawn_by("scatter", many).layout.meta["controls"]
    assert {option["value"] for option in control["options"]} == {*CORE, *strongest}
    assert "Of 39 securities 7 can be chosen here" in statement(said("scatter", many))
    assert set(numbers("scatter", many, ticker="MSFT")["ticker"]) == {"MSFT"}


def test_residuals_are_binned_as_numpy_does(deepseek_result: StudyResult) -> None:
    _, _, ys, xs, _ = regress(deepseek_result, "TSM")
    hat = np.einsum("ij,jk,ik->i", xs, np.linalg.inv(xs.T @ xs), xs)
    e = ys - xs @ np.linalg.lstsq(xs, ys, rcond=None)[0]
    z = e / np.sqrt((e**2).sum() / 248 * (1 - hat))
    frame = numbers("residuals", deepseek_result, ticker="TSM")
    edges = np.append(frame["bin_low"], frame["bin_high"].iloc[-1])
    assert frame["count"].sum() == 250
    np.testing.assert_array_equal(frame["count"], np.histogram(z, edges)[0])
    np.testing.assert_allclose(frame["normal_share"], np.diff(stats.norm.cdf(edges)), atol=1e-12)
    curve, bars, event = drawn_by("residuals", deepseek_result, ticker="TSM").data
    np.testing.assert_allclose(bars.y, frame["share"], rtol=SINGLE)
    assert bars.x0 == pytest.approx(edges[0] + 0.125)
    assert event.x[0] == pytest.approx(deepseek_result.at("TSM").abnormal.scar(Window(0, 0))[3], rel=1e-12)
    assert max(curve.y) == pytest.approx(stats.norm.cdf(0.125) - stats.norm.cdf(-0.125), rel=SINGLE)


def test_the_tests_are_drawn_at_their_p_values(deepseek_result: StudyResult) -> None:
    figure = drawn_by("tests", deepseek_result, group="core")
    drawn = {
        (trace.meta["window"], name): (float(p), float(extra[1]), trace.name)
        for trace in figure.data
        if trace.mode == "markers"
        for name, p, extra in zip(trace.y, trace.x, trace.customdata, strict=True)
    }
    findings = [f for f in deepseek_result.headline.tests if f.subject == "core" and f.is_group]
    findings = [f for f in findings if deepseek_result.cards.tests[f.result.test].about != "variance"]
    computed = [f for f in findings if np.isfinite(f.result.p)]
    assert len(drawn) == len(computed) >= 5 * len(deepseek_result.settings.windows)
    for finding in computed:
        x, p, name = drawn[str(finding.result.window), deepseek_result.cards.tests[finding.result.test].label]
        assert p == pytest.approx(finding.result.p, rel=SINGLE)
        assert x == pytest.approx(max(finding.result.p, 1e-6), rel=SINGLE)
        assert name == ("fits the design" if finding.front else "behind a warning")
    assert figure.layout.shapes[0].x0 == 0.05


def test_benchmarks_hold_the_study_s_own_and_the_comparisons(deepseek_result: StudyResult) -> None:
    frame = numbers("benchmarks", deepseek_result)
    without = [found.name for found in deepseek_result.contamination]
    names = ["^IXIC", *without, *deepseek_result.settings.compare_benchmarks]
    assert list(zip(frame["ticker"], frame["benchmark"], strict=True)) == [(t, b) for t in CORE for b in names]
    own = frame[frame["is_own"]].set_index("ticker")
    day = numbers("day", deepseek_result).set_index("ticker")
    pd.testing.assert_series_equal(own["ar"], day.loc[own.index, "ar"])
    assert frame.loc[frame["is_member"], "benchmark"].unique().tolist() == ["^IXIC", "^GSPC"]
    figure = drawn_by("benchmarks", deepseek_result)
    assert figure.layout.yaxis.ticktext[0] == "<b>NVDA</b> Nasdaq*"
    assert sum(len(trace.x) for trace in figure.data) == len(frame)


def test_prices_start_from_100_and_fall_by_the_return(deepseek_result: StudyResult) -> None:
    frame = numbers("prices", deepseek_result, after=5)
    assert list(dict.fromkeys(frame["ticker"])) == [*CORE, "^IXIC"]
    assert (frame.loc[frame["tau"] == -1, "level"] == 100).all()
    zero = frame[frame["tau"] == 0].set_index("ticker")["level"]
    day = numbers("day", deepseek_result).set_index("ticker")["ret"]
    np.testing.assert_allclose(zero, 100 * (1 + day.loc[zero.index]), rtol=1e-12)
    assert frame["tau"].max() == 5
    figure = drawn_by("prices", deepseek_result, after=5)
    names = [note.text for note in figure.layout.annotations]
    assert names == [*CORE, "Nasdaq", "27 Jan 2025"]
    heights = sorted(note.y for note in figure.layout.annotations[:-1])
    low, high = figure.layout.yaxis.range
    assert min(b - a for a, b in pairwise(heights)) > 0.03 * (high - low)


def test_the_calendar_knows_the_holidays(deepseek_result: StudyResult) -> None:
    frame = numbers("calendar", deepseek_result)
    closed = frame[~frame["open"]].groupby("exchange")["date"].unique()
    assert [str(d) for d in closed["XNYS"]] == ["2025-01-20"]
    assert {str(d) for d in closed["XTAI"]} == {f"2025-01-{d}" for d in (23, 24, 27, 28, 29, 30, 31)}
    zero = frame[frame["is_day_zero"]].groupby("exchange")["date"].unique()
    assert {k: str(v[0]) for k, v in zero.items()} == {
        **dict.fromkeys(("XNYS", "XTKS", "XAMS"), "2025-01-27"),
        "XTAI": "2025-02-03",
    }
    cell = frame[(frame["ticker"] == "8035.T") & (frame["date"].astype(str) == "2025-01-28")]["ret"].iloc[0]
    close = deepseek_result.prices.adj_close["8035.T"].dropna()
    assert cell == pytest.approx(close["2025-01-28"] / close["2025-01-27"] - 1, rel=1e-12)
    figure = drawn_by("calendar", deepseek_result)
    assert [trace.type for trace in figure.data] == ["heatmap"] * 4
    assert sum(note.text == "closed" for note in figure.layout.annotations) == 8
    drawn = figure.data[1].z[list(dict.fromkeys(frame["date"].astype(str))).index("2025-01-28"), 1]
    assert drawn == pytest.approx(100 * cell, rel=SINGLE)


def test_claims_are_drawn_in_multiples_of_what_was_claimed(deepseek_result: StudyResult) -> None:
    frame = numbers("claims", deepseek_result).set_index("claim")
    line = frame.loc["avgo-15"]
    assert line["scale"] == 15
    assert line["claimed_low_ratio"] == pytest.approx(14.5 / 15)
    assert line["value_ratio"] == pytest.approx(17.40 / 15, abs=1e-3)
    assert frame.loc["amd-8", "claimed_high_ratio"] == np.inf
    assert not frame["unit"].isin(["rank", "date"]).any()
    figure = drawn_by("claims", deepseek_result)
    rows = list(figure.layout.yaxis.ticktext)
    places = {
        rows[y]: (trace.name, float(x), text)
        for trace in figure.data[1:]
        for y, x, text in zip(trace.y, trace.x, trace.text, strict=True)
    }
    assert rows == list(frame.index)
    assert set(places) == set(frame.index)
    assert places["avgo-15"][:2] == ("imprecise", pytest.approx(line["value_ratio"], rel=SINGLE))
    assert places["amd-8"][0] == "contradicted"
    assert max(x for _, x, _ in places.values()) <= 2.5
    assert places["amd-8"][2].replace("<br>", " ") == frame.loc["amd-8", "says"]


def test_markup_in_a_claim_is_shown_as_text(deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdict("amd-8")
    claim = dataclasses.replace(verdict.claim, says="<b>AMD</b> fell & fell")
    figure = drawn_by(
        "claims", dataclasses.replace(deepseek_result, verdicts=(dataclasses.replace(verdict, claim=claim),))
    )
    assert figure.data[1].text == ("&lt;b&gt;AMD&lt;/b&gt; fell &amp; fell",)


def test_a_claim_of_the_wrong_sign_stays_on_the_axis(deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdict("nvda-17")
    rose = dataclasses.replace(verdict, measured=Interval(-30.0, -30.0, "percent"), value=-30.0, verdict="contradicted")
    figure = drawn_by("claims", dataclasses.replace(deepseek_result, verdicts=(rose,)))
    low, high = figure.layout.xaxis.range
    assert low < figure.data[1].x[0] < high
    assert figure.data[1].marker.symbol == ("triangle-left",)
    assert figure.data[1].customdata[0] == pytest.approx(-30 / 17, rel=SINGLE)


def test_another_event_of_the_study_can_be_drawn(deepseek_result: StudyResult) -> None:
    frame = numbers("day", deepseek_result, event="v3-0324")
    assert {str(d) for d in frame["date"]} == {"2025-03-24"}
    tokyo = numbers("movers", deepseek_result, event="tokyo-next-day")
    assert set(tokyo["ticker"]) == {"8035.T", "6857.T", "^N225"}
    for name in set(FIGURES) - {"claims", "recovery", "rarity", "specifications"}:
        figure = drawn_by(name, deepseek_result, event="tokyo-next-day")
        assert len(figure.data) or figure.layout.annotations[0].text


# --------------------------------------------------------------------------------------------------- other studies
@pytest.mark.parametrize("name", FIGURES)
def test_one_security_without_benchmark_group_or_claims(name: str, alone: StudyResult) -> None:
    import plotly.graph_objects as go

    figure = drawn_by(name, alone)
    go.Figure(figure.to_dict())
    statement(said(name, alone))
    frame = numbers(name, alone)
    if name in ("claims", "benchmarks", "tests", "scatter", "recovery", "correlation", "timeline"):
        assert not figure.data
        assert len(figure.layout.annotations[0].text) > 20
        assert frame.empty
    else:
        assert figure.data
        assert len(frame)
        keys = [one["key"] for one in figure.layout.meta["controls"]]
        assert keys == (["measure"] if name == "rarity" else [])


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


def test_a_figure_that_cannot_be_drawn_raises(deepseek_result: StudyResult) -> None:
    broken = dataclasses.replace(deepseek_result, events=())
    for name in set(FIGURES) - {"claims", "recovery", "rarity", "specifications"}:
        with pytest.raises(UnknownNameError, match="unknown event 'selloff'"):
            drawn_by(name, broken)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("car", {"ticker": "NVDAA"}),
        ("scatter", {"ticker": "^IXIC"}),
        ("day", {"group": "cores"}),
        ("tests", {"group": "cores"}),
        ("prices", {"event": "sell-off"}),
    ],
)
def test_a_wrong_name_lists_the_right_ones(name: str, options: dict[str, str], deepseek_result: StudyResult) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(next(iter(options.values())))) as caught:
        drawn_by(name, deepseek_result, **options)
    assert caught.value.known


# -------------------------------------------------------------------------------------------------------- notebooks
def test_plots_are_the_figures_with_a_title(deepseek_result: StudyResult) -> None:
    plots = deepseek_result.plot
    assert set(FIGURES) <= set(dir(plots))
    figure = plots.car(ticker="AMD")
    assert figure.layout.title.text == FIGURES["car"].title
    assert [trace.visible for trace in figure.data] == [True, True]
    assert figure.layout.meta["controls"] == []
    assert "CAR path" in (plots.car.__doc__ or "")


def test_plots_take_the_security_or_group_without_its_name(deepseek_result: StudyResult) -> None:
    plots = deepseek_result.plot
    assert plots.car("AMD") == plots.car(ticker="AMD")
    assert plots.day("energy") == plots.day(group="energy")
    with pytest.raises(UnknownNameError):
        plots.claims("AMD")


def test_figures_that_say_nothing_are_known(deepseek_result: StudyResult, alone: StudyResult) -> None:
    assert all(entry.fits(deepseek_result) for entry in FIGURES.values())
    everywhere = {name for name, entry in FIGURES.items() if entry.fits is card.always}
    assert {name for name, entry in FIGURES.items() if entry.fits(alone)} == everywhere | {
        "car",
        "power",
        "prices",
        "rarity",
        "specifications",
    }


def test_plots_refuse_an_unknown_figure(deepseek_result: StudyResult) -> None:
    with pytest.raises(AttributeError, match="Did you mean 'movers'"):
        _ = Plots(deepseek_result).mover
    assert not hasattr(deepseek_result.plot, "nope")
    assert not hasattr(Plots(deepseek_result), "_repr_mimebundle_")


# ---------------------------------------------------------------------------------------------------------- drawing
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.floats(0.1, 20))
def test_labels_are_spread_without_changing_their_order(heights: list[float], gap: float) -> None:
    placed = drawing.spread(heights, gap)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) >= gap - 1e-9).all()
    assert placed.mean() == pytest.approx(np.mean(heights), abs=1e-8)
    if len(heights) == 1 or np.diff(np.sort(heights)).min() >= gap:
        np.testing.assert_allclose(placed, heights, atol=1e-9)


def test_the_axis_of_sessions_is_labelled_at_round_distances() -> None:
    axis = drawing.sessions_axis(Window(-10, 10))
    assert axis["ticktext"] == ["−10", "−5", "0", "+5", "+10"]
    assert drawing.sessions_axis(Window(0, 1))["tickvals"] == [0, 1]


def test_nothing_to_draw_is_said() -> None:
    empty = drawing.drawing([], {"xaxis2": {"domain": [0, 1]}}, empty="no claim has a number")
    figure = card.plotly_figure(dataclasses.replace(FIGURES["claims"], draw=lambda _: empty), None)
    assert [note.text for note in figure.layout.annotations] == ["no claim has a number"]
    assert figure.layout.xaxis.visible is False


# ------------------------------------------------------------------------------------------------------------- findings
def _finding(name: str, result: StudyResult) -> str:
    return statement(card.found(FIGURES[name], result), tables.text)


def test_headings_state_what_is_found(deepseek_result: StudyResult) -> None:
    known = numbers("day", deepseek_result)
    unusual = int(((known["low"] > 0) | (known["high"] < 0)).sum())
    assert _finding("day", deepseek_result) == f"{unusual} of the 5 moved more than ordinary days explain"
    assert _finding("benchmarks", deepseek_result) == "For AMD and ASML it depends on the benchmark"
    assert _finding("car", deepseek_result) == "Over 21 sessions chance could explain the sums of all 5"
    assert _finding("specifications", deepseek_result) == "For AMD and ASML other settings give another answer"
    assert _finding("rarity", deepseek_result) == "The largest fall of the group “core” in 517 days"
    assert _finding("calendar", deepseek_result).endswith("Taipei could only on 3 February 2025")


def test_headings_turn_with_what_is_found(deepseek_result: StudyResult) -> None:
    """On an ordinary day, where the opposite holds, the same rules say the opposite."""
    calm = replace(deepseek_result.settings, headline_event="v3-2")
    result = replace(deepseek_result, settings=calm)
    assert _finding("day", result) == "None of the 5 moved more than ordinary days explain"
    frame = numbers("movers", result)
    moves = frame[~frame["is_benchmark"]]["ret"].dropna()
    fell, rose = int((moves < 0).sum()), int((moves > 0).sum())
    first, second = sorted([(fell, "fell"), (rose, "rose")], reverse=True, key=lambda pair: pair[0])
    assert _finding("movers", result) == f"{first[0]} of {len(moves)} securities {first[1]}, {second[0]} {second[1]}"
    tests = _finding("tests", result)
    assert "reject chance for the group core" in tests
    assert tests != _finding("tests", deepseek_result)
    turned = tuple(replace(v, verdict="contradicted") for v in deepseek_result.verdicts)
    assert _finding("claims", replace(deepseek_result, verdicts=turned)).startswith("0 of ")
