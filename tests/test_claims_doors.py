"""Claims on studies whose events or prices came by another door: returns, several events a security."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import UnknownNameError
from eventstudy.objects.results import StudyResult

TICKERS = ["NVDA", "AMD", "AVGO", "MU"]
BOOK = """schema_version: 1
sources:
  A: {title: T, publisher: P, author: B, published: "2025-01-28"}
claims:
"""
FALL = "says: x, claimed: {direction: fall}, source: A}"


def book(folder: Path, *claims: str) -> Path:
    file = folder / "claims.yaml"
    file.write_text(BOOK + "".join(f"  - {claim}\n" for claim in claims), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def levels(deepseek_result: StudyResult) -> pd.DataFrame:
    panel = deepseek_result.prices
    closes = panel.close[[*TICKERS, "^IXIC"]]
    return closes.loc[closes.index.isin(panel.calendars["XNYS"].sessions)]


def test_an_abnormal_move_is_judged_from_returns_as_from_prices(levels: pd.DataFrame, tmp_path: Path) -> None:
    claims = book(
        tmp_path,
        "{id: one, kind: abnormal_move, event: event, tickers: [NVDA], " + FALL,
        "{id: all-four, kind: abnormal_move, event: event, group: g, " + FALL,
        '{id: price, kind: price_move, event: event, security: NVDA, says: x, claimed: {value: "17", unit: percent, '
        "direction: fall}, source: A}",
    )
    given = {"events": dict.fromkeys(TICKERS, "2025-01-27"), "benchmark": "^IXIC", "groups": {"g": TICKERS}}
    given |= {"volume": "none", "claims": claims, "sensitivity": "off"}
    priced = es.Study(prices=levels, **given).run()
    returned = es.Study(returns=levels.pct_change(fill_method=None), **given).run()
    for name in ("one", "all-four"):
        first, second = priced.verdict(name), returned.verdict(name)
        assert (first.verdict, second.verdict) == ("supported", "supported")
        assert second.value == pytest.approx(first.value, rel=1e-10)
        assert second.summary.template == first.summary.template
        assert returned.explain(name)
    assert returned.verdict("price").verdict == "unresolved"
    assert priced.verdict("price").verdict == "supported"


def test_a_claim_on_a_group_with_several_events_a_member_says_what_to_do(levels: pd.DataFrame, tmp_path: Path) -> None:
    rows = [("NVDA", "2025-01-27"), ("NVDA", "2024-08-29"), ("AMD", "2025-01-27"), ("AMD", "2024-10-30")]
    events = pd.DataFrame(rows, columns=["ticker", "date"])
    given = {"prices": levels, "benchmark": "^IXIC", "volume": "none", "sensitivity": "off"}
    claims = book(tmp_path, "{id: both, kind: abnormal_move, event: event, group: all, " + FALL)
    said = (
        r"claims.yaml:\d+: .*several events of NVDA; say which is meant: NVDA 2025-01-27, NVDA 2024-08-29. A claim on "
        "the group 'all' is about one event of each member: give those that are meant one id in the table of events"
    )
    with pytest.raises(UnknownNameError, match=said):
        es.Study(events=events, claims=claims, **given).run()
    named = events.assign(id=["january", "august", "january", "october"])  # which is what it says
    claims = book(tmp_path, "{id: both, kind: abnormal_move, event: january, group: january, " + FALL)
    verdict = es.Study(events=named, claims=claims, **given).run().verdict("both")
    assert verdict.verdict != "unresolved"
