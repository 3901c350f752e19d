"""Every kind of claim on a user's own frame of prices, where no reference table is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.claims import CLAIM_KINDS
from eventstudy.errors import UnknownNameError
from eventstudy.objects.estimation import Event
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Verdict

SESSIONS = pd.bdate_range("2023-01-02", periods=420)
DAY, LATER = SESSIONS[330], SESSIONS[360]
TRIO = ["AAA", "BBB", "CCC"]


def fell(value: float | None = None, **more: Any) -> dict[str, Any]:
    return {"direction": "fall"} | ({} if value is None else {"value": value}) | more


BILLIONS = fell(20, unit="usd_bn")
#: kind -> (a claim of it, the words that name what would decide where only prices are known, None where they suffice)
CLAIMS: dict[str, tuple[dict[str, Any], str | None]] = {
    "price_move": ({"security": "AAA", "claimed": fell(20)}, None),
    "market_value": ({"security": "AAA", "claimed": BILLIONS}, "share count"),
    "record": ({"security": "AAA", "claimed": fell()}, "megacap_closes.csv"),
    "record_multiple": ({"security": "AAA", "claimed": fell(2, unit="multiple")}, "megacap_closes.csv"),
    "record_holder": ({"security": "AAA", "claimed": fell(), "params": {"holder": "AAA"}}, "megacap_closes.csv"),
    "group_move": ({"group": "trio", "claimed": {"word": "fell"}, "params": {"quantifier": "all"}}, None),
    "rank": (
        {"claimed": fell(10, unit="rank", modifier="at_most"), "params": {"of": ["MKT"]}},
        None,
    ),
    "reference": ({"security": "AAA", "claimed": fell(50), "params": {"columns": ["gdp_2024_usd"]}}, "share count"),
    "aggregate": ({"claimed": BILLIONS, "params": {"readings": [{"label": "all"}]}}, "share counts"),
    "timing": ({"security": "AAA", "claimed": fell(0, unit="days"), "params": {"start": "crash"}}, None),
    "abnormal_move": ({"group": "trio", "claimed": fell()}, None),
    "event_dates": (
        {"group": "trio", "claimed": fell(50, modifier="less_than"), "params": {"events": ["later"]}},
        None,
    ),
    "persistence": ({"security": "AAA", "claimed": fell(50), "params": {"sessions": [1]}}, None),
    "price_path": (
        {
            "security": "AAA",
            "event": "later",
            "claimed": {"direction": "rise", "value": 50},
            "params": {"since": "crash"},
        },
        None,
    ),
    "dates": ({"claimed": {"value": 42, "unit": "days"}, "params": {"ends": ["later"]}}, None),
    "level": ({"security": "AAA", "claimed": {"value": 20}, "params": {"measure": "drawdown"}}, None),
    "rank_among": (
        {"security": "AAA", "claimed": {"value": 1, "unit": "rank"}, "params": {"among": ["BBB"], "measure": "value"}},
        "share count",
    ),
    "relative_move": ({"group": "trio", "claimed": fell(20), "params": {"to": ["MKT"]}}, None),
    "streak": ({"security": "AAA", "claimed": fell(1, unit="count")}, None),
    "activity": ({"security": "AAA", "claimed": {"value": 2, "unit": "multiple"}}, "volume"),
    "statistic": ({"security": "AAA", "claimed": {"value": 1, "unit": "number"}}, None),
    "consistency": ({"security": "AAA", "params": {"claims": ["market-value", "aggregate"]}}, "share count"),
}


def levels() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    returns = pd.DataFrame(rng.normal(0, 0.01, (len(SESSIONS), 5)), index=SESSIONS, columns=[*TRIO, "MKT", "XTRA"])
    returns.loc[DAY, TRIO] = [-0.20, -0.15, -0.25]
    returns.loc[LATER, "AAA"] = 0.12
    return 100 * (1 + returns).cumprod()


def study(folder: Path, claims: list[dict[str, Any]]) -> StudyResult:
    path = folder / "claims.yaml"
    path.write_text(json.dumps({"schema_version": 1, "sources": {"S": {"title": "T"}}, "claims": claims}))
    frame = levels()
    days = {"crash": DAY, "later": LATER}
    return es.Study(
        prices=frame,
        events=[Event(name, t, day.date()) for name, day in days.items() for t in TRIO],
        benchmark="MKT",
        groups={"trio": TRIO},
        exchanges=dict.fromkeys(frame.columns, "24/5"),
        claims=path,
    ).run()


def entry(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": kind.replace("_", "-"), "kind": kind, "event": "crash", "says": "it", "source": "S"} | fields


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    claims = [entry(kind, **fields) for kind, (fields, _) in CLAIMS.items()]
    return {v.claim.kind: v for v in study(tmp_path_factory.mktemp("frame"), claims).verdicts}


def test_every_kind_is_here() -> None:
    assert set(CLAIMS) == set(CLAIM_KINDS)


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_kind_without_its_table_is_open_and_names_what_would_decide(verdicts: dict[str, Verdict], kind: str) -> None:
    found, needed = verdicts[kind], CLAIMS[kind][1]
    if needed is None:
        assert found.verdict != "unresolved"
        assert found.steps
    else:
        assert found.verdict == "unresolved"
        assert needed.lower() in str(found.reason).lower()
        assert "would decide" in str(found.reason)


def test_a_claim_may_speak_of_any_series_of_the_prices(tmp_path: Path) -> None:
    (found,) = study(tmp_path, [entry("price_move", security="XTRA", claimed={"word": "fell"})]).verdicts
    assert found.verdict in ("supported", "contradicted")
    assert [(a.word, a.reason) for a in found.abnormal] == [
        ("cannot be measured", "the study does not estimate XTRA for the event 'crash'")
    ]
    with pytest.raises(UnknownNameError, match=r"claims.yaml:1: unknown ticker .*'XTAR'. Did you mean 'XTRA'"):
        study(tmp_path, [entry("price_move", security="XTAR", claimed={"word": "fell"})])
