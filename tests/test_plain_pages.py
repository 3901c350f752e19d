"""Pages of studies that are nothing but events and returns: what is said, what is left out, and how they grow."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.figures import FIGURES, car
from eventstudy.figures.card import drawn, said
from eventstudy.report import headline, overview, tables

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


def _returns(firms: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2021-01-04", periods=500)
    market = 0.009 * rng.standard_normal(len(days))
    own = {f"F{k}": 1.1 * market + 0.02 * rng.standard_normal(len(days)) for k in range(1, firms + 1)}
    return pd.DataFrame({"MKT": market, **own}, index=days)


def _many(events: int) -> StudyResult:
    """Events of three quarters as many firms, each with a name and a date of its own."""
    firms = max(1, 3 * events // 4)
    returns, rng = _returns(firms), np.random.default_rng(3)
    listed = pd.DataFrame(
        {
            "id": [f"deal-{k}" for k in range(events)],
            "security": [f"F{1 + k % firms}" for k in range(events)],
            "date": [returns.index[int(x)].date().isoformat() for x in rng.integers(300, 480, events)],
        }
    )
    listed = listed.drop_duplicates(["security", "date"])
    prices = 100 * (1 + returns).cumprod()
    study = es.Study(prices=prices, events=listed, benchmark="MKT", calendar="own", tests=["t"], title="Takeovers")
    return study.run()


@pytest.fixture(scope="module")
def many() -> StudyResult:
    return _many(64)


def _text(html: str) -> str:
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_events_are_called_events_and_securities_securities(many: StudyResult) -> None:
    text = _text(many.to_html())
    assert "64 events of 48 securities" in text
    assert "of 64 events fell" in text
    assert "64 securities" not in text
    assert "64 shares" not in text
    assert "claims" not in text.replace("eventstudy-claims", "")
    chance = text.split("Could this be chance?")[-1].split("Each security by itself")[0]
    prose = re.sub("The numbers behind this figure .*? the CSV file has them all", "", chance)
    assert len(prose.split()) < 400  # the 64 are not listed


def test_a_row_of_the_day_is_a_security_and_its_date(many: StudyResult) -> None:
    rows = drawn(FIGURES["day"], many).layout["yaxis"]["ticktext"]
    assert len(rows) == 8
    assert all(re.fullmatch(r"F\d+, \d+ [A-Z][a-z]{2} 202\d [+−]\d.*%", row) for row in rows)
    assert not any("MKT" in row for row in rows)  # of many days it has no one return
    assert "Shown are the 4 largest moves either way." in tables.statement(said(FIGURES["day"], many))
    moves = FIGURES["day"].table(many)["ret"]
    assert len(moves) == 64
    fell = int((moves < 0).sum())
    assert tables.statement(said(FIGURES["day"], many)).startswith(f"{fell} of 64 events fell on their own day zero")


def test_the_mean_over_every_window_is_on_the_page(many: StudyResult) -> None:
    text = _text(many.to_html())
    means = many.caar()
    assert len(means) == len(many.settings.windows)
    for row in means.to_dict("records"):
        numbers = [tables.number(row[name], "decimal", signed=name != "se") for name in ("caar", "se", "low", "high")]
        assert f"{row['subject']} {str(row['window']).replace('-', tables.MINUS)} {' '.join(numbers)} 64" in text


def test_no_event_of_many_stands_for_the_study(many: StudyResult) -> None:
    assert not FIGURES["rarity"].fits(many)
    assert not FIGURES["specifications"].fits(many)
    controls = drawn(FIGURES["car"], many).layout["meta"]["controls"]
    assert len(controls[0]["options"]) == 40
    assert not any("deal" in option["label"] for option in controls[0]["options"])


def test_a_study_on_returns_has_no_figure_of_prices() -> None:
    returns = _returns(3)
    day = str(returns.index[400].date())
    study = es.Study(returns=returns, events=day, tickers=["F1", "F2"], benchmark="MKT", calendar="own", tests=["t"])
    page = study.run().to_html()
    assert 'id="figure-prices"' not in page
    assert 'id="figure-car"' in page


def test_the_heading_of_the_day_agrees_with_the_answer() -> None:
    """An interval that leaves zero out by chance among many is no more than chance in the heading either."""
    result = _many(40)
    alone = FIGURES["day"].table(result)
    assert ((alone["low"] > 0) | (alone["high"] < 0)).any()
    beyond = int((alone["p_holm"] < result.settings.alpha).sum())
    title = tables.statement(FIGURES["day"].finding(result))  # type: ignore[misc]
    assert title.startswith("None" if not beyond else str(beyond))


def test_a_page_of_six_hundred_events_stays_below_three_megabytes() -> None:
    """Long tables are cut, and the longest CSV files too, under names that say so; time grows no faster than events."""
    pages, seconds = {}, {}
    for events in (100, 600):
        result = _many(events)
        start = time.process_time()
        pages[events] = result.to_html()
        seconds[events] = time.process_time() - start
    assert len(pages[600].encode()) < 3_000_000
    assert seconds[600] < 9 * seconds[100]
    assert 'data-csv="car-table-first-7200"' in pages[600]
    text = _text(pages[600])
    assert "its CSV file holds the first 7,200, as its name says" in text
    assert "The first 400 of 600 rows; the CSV file has them all." in text
    assert "The first 400 of 600" not in _text(pages[100])
    assert "car-table-first-" not in pages[100]


def test_a_window_that_begins_without_a_return_is_said() -> None:
    closes = es.load("deepseek").run().prices.adj_close[["NVDA", "^IXIC"]].dropna()
    returns = closes.pct_change().iloc[1:]
    returns.loc["2025-01-10", "NVDA"] = float("nan")  # session -10
    result = es.Study(returns=returns, events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC").run()
    assert np.isfinite(result.car("NVDA", (0, 0)))
    assert car.caption(result).template.startswith("The first session of the event window has no return")


@pytest.mark.parametrize("window", [(1, 5), (-5, -1)])
def test_a_window_without_day_zero_has_a_page(window: tuple[int, int]) -> None:
    """A leak before the news, or a drift after it: nothing is said of the day itself, and nothing of it is drawn."""
    returns = _returns(3)
    prices, day = 100 * (1 + returns).cumprod(), str(returns.index[400].date())
    study = es.Study(
        prices=prices,
        events=day,
        tickers=["F1", "F2", "F3"],
        benchmark="MKT",
        calendar="own",
        event=window,
        windows=[window],
    )
    result = study.run()
    page = result.to_html()
    for name in ("day", "power", "residuals", "scatter"):
        assert f'id="figure-{name}"' not in page
    assert 'id="figure-car"' in page
    assert "abnormal return of day zero" not in tables.statement(said(FIGURES["car"], result))
    assert "The prices that the day rests on" not in page
    assert headline.lede(result)[0].startswith("Over 5 sessions chance ")
    assert np.isnan(result.headline.day["ar"]).all()


def test_a_fall_in_log_returns_is_said_as_the_price_fell() -> None:
    days = pd.bdate_range("2021-01-04", periods=420)
    rng = np.random.default_rng(4)
    moves = 0.01 * rng.standard_normal((len(days), 3))
    moves[400] = [-0.17, 0.0, 0.05]
    prices = pd.DataFrame(100 * np.cumprod(1 + moves, axis=0), index=days, columns=["A", "B", "MKT"])
    study = es.Study(
        prices=prices, events=str(days[400].date()), tickers=["A", "B"], benchmark="MKT", calendar="own", returns="log"
    )
    result = study.run()
    told = headline.lede(result)[0]
    assert told.endswith("A fell 17 per cent, while B did not move; MKT rose 5.0 per cent.")
    assert "A \u221217 per cent" in " ".join(overview.in_numbers(result))
    assert "the lowest log return was \u221218.63% (A)" in tables.statement(said(FIGURES["day"], result))
