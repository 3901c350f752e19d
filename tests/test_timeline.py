"""When the news could be traded on: moments, hours of each market, day zero, the windows."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.figures import FIGURES
from eventstudy.figures.card import drawn, found, said
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables

CARD = FIGURES["timeline"]


def _result(bundled: StudyResult, announced: str) -> StudyResult:
    prices = bundled.prices.adj_close[["NVDA", "8035.T", "^IXIC", "^N225"]]
    return es.Study(
        prices=prices.loc["2023-10-01":"2025-03-31"],
        events=announced,
        tickers=["NVDA", "8035.T"],
        benchmarks={"default": "^IXIC", "XTKS": "^N225"},
        tests=["t"],
        title="Two markets",
    ).run()


def test_the_markets_of_the_bundled_study_stand_in_the_order_of_their_openings(deepseek_result: StudyResult) -> None:
    frame = CARD.table(deepseek_result)
    zero = frame[frame["is_day_zero"]]
    assert zero["city"].tolist() == ["Tokyo", "Amsterdam", "New York"]  # Taipei was closed until 3 February
    assert zero["opens"].tolist() == ["2025-01-27T00:00Z", "2025-01-27T08:00Z", "2025-01-27T14:30Z"]
    assert zero["local"].tolist() == ["09:00–15:30", "09:00–17:30", "09:30–16:00"]
    heading = tables.statement(found(CARD, deepseek_result))
    assert heading == (
        "Day zero was 27 January 2025 in Tokyo, Amsterdam and New York, and only 3 February 2025 in Taipei"
    )
    notes = [note["text"] for note in drawn(CARD, deepseek_result).layout["annotations"]]
    assert "day zero: 3 Feb →" in notes
    assert "the day of the news" in notes


@pytest.mark.parametrize(
    ("hour", "first", "seen"),
    [
        ("2025-01-28T15:00:00+00:00", "New York", "in New York's session"),
        ("2025-01-28T22:30:00+00:00", "Tokyo", "when Tokyo was closed"),
    ],
)
def test_the_market_that_could_trade_first_is_named(
    deepseek_result: StudyResult, hour: str, first: str, seen: str
) -> None:
    result = _result(deepseek_result, hour)
    frame = CARD.table(result)
    zero = frame[frame["is_day_zero"]].set_index("city")
    assert pd.Timestamp(zero["closes"].min()) > pd.Timestamp(hour)
    assert zero["opens"].idxmin() == first
    assert tables.statement(found(CARD, result)).startswith(f"{first} could trade on the news first")
    assert seen in tables.statement(said(CARD, result))


def test_markets_that_could_trade_at_once_are_named_together(deepseek_result: StudyResult) -> None:
    known = deepseek_result.prices
    names = ["NVDA", "ASML.AS", "8035.T", "^IXIC", "^N225"]
    prices = known.adj_close[names].fillna(known.close[names])
    study = es.Study(
        prices=prices.loc["2023-10-01":"2025-03-31"],
        events="2025-01-28T15:00:00+00:00",  # New York opened at 14:30, Amsterdam closes at 16:30
        tickers=["NVDA", "ASML.AS", "8035.T"],
        benchmarks={"default": "^IXIC", "XTKS": "^N225"},
        tests=["t"],
    )
    heading = tables.statement(found(CARD, study.run()))
    assert heading == "Amsterdam and New York could trade on the news first, Tokyo last"
    study = dataclasses.replace(study, tickers=["NVDA", "ASML.AS"], benchmarks={"default": "^IXIC"})
    heading = tables.statement(found(CARD, study.run()))
    assert heading == "Amsterdam and New York could trade on the news at the same time"


def test_the_bars_are_the_sessions_in_hours_from_the_first_midnight(deepseek_result: StudyResult) -> None:
    drawing = drawn(CARD, deepseek_result)
    bars = {trace["name"]: trace for trace in drawing.traces if trace["type"] == "bar"}
    assert bars["day zero"]["base"] == [0.0, 8.0, 14.5]
    assert bars["day zero"]["x"] == [6.5, 8.5, 6.5]
    windows = {trace["name"]: trace["x"] for trace in drawing.traces if trace["type"] == "scatter"}
    panel = deepseek_result.headline.panel
    day = int(panel.day[0])
    for name, span in (("estimation window", panel.estimation), ("event window", panel.event)):
        ends = [panel.sessions[day + tau].date().isoformat() for tau in (span.start, span.end)]
        assert windows[name] == ends


def test_hours_that_are_not_known_are_not_drawn() -> None:
    from eventstudy.example import example_result

    assert not CARD.fits(example_result())
