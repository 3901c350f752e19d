"""Figures of small, other and broken studies; plots by name; headings, labels and axes."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from drawn_figures import drawn_by, numbers, said
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.errors import UnknownNameError
from eventstudy.figures import FIGURES, Plots, card, drawing
from eventstudy.objects.estimation import Window
from eventstudy.report import tables
from eventstudy.report.tables import statement

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


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
    assert {name for name, entry in FIGURES.items() if entry.fits(alone)} == {
        "car",
        "day",
        "power",
        "prices",
        "rarity",
        "residuals",
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
