"""The corruption suite, shortly; `make reliability` is the long way (see tests/corruption)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corruption import page
from corruption.__main__ import measurable, measured
from corruption.defects import DEFECTS, EXACT
from corruption.prices import SETS, bundled_prices, spoilt, table

from eventstudy.objects.prices import Issue
from eventstudy.prices.quality import QUALITY_CHECKS, check

RECORD = page.read()
CAUGHT = ("hundredfold, a day", "thousandfold, from a day", "split 10:1", "another's, in the file, whole", "stale")


def test_every_check_is_named_by_a_defect_or_needs_none():
    named = {name for defect in DEFECTS.values() for name in defect.checks}
    assert named | set(EXACT) == set(QUALITY_CHECKS)
    assert not named & set(EXACT)


def test_the_record_has_every_defect_on_every_basis_and_the_page_is_made_from_it():
    due = {(name, *each) for name, make in SETS.items() for each in measurable(make())}
    assert {(row.prices, row.defect, row.basis) for row in RECORD} == due
    assert len(RECORD) == len(due)
    assert page.page(RECORD) == page.PAGE.read_text(encoding="utf-8")


def test_sound_prices_raise_less_than_a_warning_in_a_hundred_security_years_and_nothing_fatal():
    text = page.PAGE.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("| both | all |")]
    securities, warnings, fatal = (int(cell) for cell in line.split("|")[3:6])
    assert securities > 150
    assert 100 * warnings < securities
    assert fatal == 0


@pytest.mark.parametrize("prices", SETS)
def test_a_few_trials_of_defects_that_the_record_says_are_always_caught(prices):
    for defect in CAUGHT:
        row = measured((prices, defect, "both", 3))
        assert (row.trials, row.caught_of_all) == (3, 3), defect


def test_a_hundredfold_price_is_material_and_a_missing_volume_is_not():
    assert measured(("bundled", "zero volume", "both", 3)).material == 0
    assert measured(("bundled", "hundredfold, a day", "both", 3)).material == 3


# ----------------------------------------------------------------------------------- checks without a test of their own
def found(code: str, **arrays: Any) -> list[Issue]:
    """Loud findings of a kind in the bundled prices with other arrays."""
    issues = check(spoilt(bundled_prices(), replace(table(bundled_prices()), **arrays)))
    return [issue for issue in issues if issue.code == code and issue.severity != "info"]


def test_each_unadjusted_split_is_a_finding_and_accepting_one_leaves_the_other():
    prices = bundled_prices()
    column, days = prices.panel.tickers.index("MSFT"), prices.panel.close.index
    for code, bases in (("split_jump", ("close", "adj_close")), ("bases_apart", ("close",))):
        written = table(prices)
        for values in (getattr(written, basis) for basis in bases):
            values[:300, column] *= 4
            values[:500, column] *= 10
        heard = found(code, close=written.close, adj_close=written.adj_close)
        assert [(i.ticker, i.date) for i in heard] == [("MSFT", days[row].date()) for row in (300, 500)]


def test_many_days_of_a_kind_are_one_finding_without_a_date():
    written = table(bundled_prices())
    column = bundled_prices().panel.tickers.index("MSFT")
    written.adj_close[100:600:20, column] *= 0.9
    (issue,) = found("bases_apart", adj_close=written.adj_close)
    assert (issue.ticker, issue.date, issue.severity) == ("MSFT", None, "warning")
    assert issue.detail.startswith("on 50 days, such as this: adj_close moves by")


def test_a_split_that_the_source_gives_must_be_in_the_prices():
    prices = bundled_prices()
    column = prices.panel.tickers.index("MSFT")
    assert found("split_day", splits={column: (400, 3.0)}) == []  # the prices are adjusted
    written = table(prices)
    written.close[:400, column] *= 3
    (issue,) = found("split_day", close=written.close, splits={column: (400, 3.0)})
    assert (issue.severity, issue.ticker, issue.date) == ("fatal", "MSFT", prices.panel.close.index[400].date())
    assert "close falls by the ratio of its split, 3 for 1" in issue.detail


def test_another_currency_is_fatal_where_no_market_moves_so_far():
    written = table(bundled_prices())
    column = bundled_prices().panel.tickers.index("MSFT")
    for values in (written.close, written.adj_close):
        values[400:, column] *= 83.0
    (issue,) = found("split_jump", close=written.close, adj_close=written.adj_close)
    assert (issue.severity, issue.date) == ("fatal", bundled_prices().panel.close.index[400].date())


def test_a_stretch_of_made_up_prices_is_unrelated_to_the_others():
    written = table(bundled_prices())
    column, rows = bundled_prices().panel.tickers.index("LRCX"), slice(300, 500)
    made = np.exp(np.random.default_rng(1).normal(0, 0.025, 200).cumsum())
    for values in (written.close, written.adj_close):
        values[rows, column] = values[300, column] * made
    (issue,) = found("unrelated_stretch", close=written.close, adj_close=written.adj_close)
    assert (issue.severity, issue.ticker) == ("warning", "LRCX")


def test_a_list_without_failures_is_said_and_one_failure_is_enough():
    days, shares = pd.bdate_range("2020-01-02", periods=800), [f"S{i:03}" for i in range(100)]
    levels = 100 * np.exp(np.random.default_rng(1).normal(0, 0.01, (800, 100)).cumsum(axis=0))
    panel = bundled_prices().panel

    def said(values: np.ndarray) -> list[str]:
        frame = pd.DataFrame(values, index=days, columns=shares)
        made = replace(
            panel,
            close=frame,
            adj_close=frame,
            volume=frame * np.nan,
            exchange=dict.fromkeys(shares, "XNYS"),
            currency=dict.fromkeys(shares, "USD"),
        )
        return [issue.severity for issue in QUALITY_CHECKS["survivors"].find(made)]

    assert said(levels) == ["info"]
    levels[700:, 7] = np.nan
    assert said(levels) == []
