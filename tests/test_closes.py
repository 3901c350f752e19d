"""The closes around day zero: a wrong close that no check sees is pointed at, a real move is left alone."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.objects.results import StudyResult
from eventstudy.report.blocks import Listing, Prose
from eventstudy.report.closes import closes
from eventstudy.report.frames import Table

DAY = 300


def _result(close: float, level: float, volume: float) -> StudyResult:
    """A security whose close of day zero is off by `close`, whose level stays off by `level`, with so much volume."""
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2023-01-02", periods=360)
    market = 0.004 * rng.standard_normal(len(days))
    own = 100 * np.exp(np.cumsum(market + 0.004 * rng.standard_normal(len(days))))
    own[DAY] *= 1 + close
    own[DAY:] *= 1 + level
    traded = np.round(1e6 * np.exp(0.2 * rng.standard_normal(len(days))))
    traded[DAY] = volume * np.median(traded[DAY - 60 : DAY])
    parts = {"AAA": (own, traded), "MKT": (100 * np.exp(np.cumsum(market)), traded)}
    rows = [
        pd.DataFrame({"date": days, "ticker": name, "close": prices, "volume": volumes})
        for name, (prices, volumes) in parts.items()
    ]
    day = days[DAY].date().isoformat()
    study = es.Study(
        prices=pd.concat(rows), events=day, tickers=["AAA"], benchmark="MKT", calendar="own", tests=["t"], title="One"
    )
    return study.run()


def _table(result: StudyResult) -> tuple[str, Table]:
    (fold,) = closes(result)
    prose, listing = fold.blocks  # type: ignore[attr-defined]
    assert isinstance(prose, Prose)
    assert isinstance(listing, Listing)
    return prose.paragraphs[0], listing.table


@pytest.mark.parametrize(
    ("close", "level", "volume", "remark"),
    [
        (0.05, 0.0, 0.9, "A large move on no more volume than usual and the next session took most of it back"),
        (0.0, 0.10, 0.8, "A large move on no more volume than usual"),
        (-0.05, 0.0, 3.0, "The next session took most of it back"),
        (0.0, -0.10, 3.0, ""),
        (0.0, 0.0, 0.9, ""),
    ],
)
def test_a_close_that_stands_alone_asks_for_a_second_look(
    close: float, level: float, volume: float, remark: str
) -> None:
    result = _result(close, level, volume)
    said, table = _table(result)
    (row,) = table.rows
    assert str(row[-1]).partition(":")[0] == remark
    assert ("One row asks for a second look" in said) == bool(remark)
    assert ("The prices that the day rests on" in result.to_html()) is True


def test_the_numbers_are_those_of_the_prices(deepseek_result: StudyResult) -> None:
    table = _table(deepseek_result)[1]
    prices = deepseek_result.prices
    assert [row[0] for row in table.rows] == ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
    for name, before, close, after, move, following, volume, _ in table.rows:
        series = prices.close[name] if prices.close[name].notna().any() else prices.adj_close[name]
        around = series.dropna().loc["2025-01-24":"2025-01-28"]
        np.testing.assert_allclose([before, close, after], around, rtol=1e-12)
        np.testing.assert_allclose([move, following], around.pct_change().dropna(), rtol=1e-12)
        traded = prices.volume[name].dropna().loc[:"2025-01-27"]
        if len(traded) > 60:
            usual = traded.iloc[-61:-1].median()
            assert volume.value == pytest.approx(traded.iloc[-1] / usual, rel=1e-12)  # type: ignore[union-attr]


def test_of_many_what_asks_for_a_second_look_stands_in_front(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["eventstudy.report.closes"]
    monkeypatch.setattr(module, "LARGE", 0.0)
    monkeypatch.setattr(module, "TAKEN_BACK", 0.1)
    every = _table(deepseek_result)[1].rows
    odd = [row[0] for row in every if row[-1]]
    assert 0 < len(odd) < len(every)
    monkeypatch.setattr(module, "MOST", len(odd))
    table = _table(deepseek_result)[1]
    assert [row[0] for row in table.rows] == odd
    assert table.note == f"The first {len(odd)} of {len(every)}, those that ask for a second look in front."


def test_without_volume_nothing_is_said_of_it() -> None:
    days = pd.bdate_range("2023-01-02", periods=360)
    prices = pd.DataFrame(100 * np.exp(np.cumsum(0.01 * np.random.default_rng(2).standard_normal((360, 2)), axis=0)))
    prices = prices.set_axis(["AAA", "MKT"], axis=1).set_index(days)
    day = str(days[DAY].date())
    said, table = _table(es.Study(prices=prices, events=day, tickers=["AAA"], benchmark="MKT", calendar="own").run())
    assert "volume" not in said
    assert "the next session takes an error back" in said
    assert [column.key for column in table.columns][-2:] == ["next", "remark"]
    assert len(table.rows[0]) == len(table.columns)
