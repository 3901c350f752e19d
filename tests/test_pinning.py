"""Pinning: versions, what an older snapshot alone holds, two fetches at once, and a process killed at any point."""

from __future__ import annotations

import json
import shutil
import threading
from types import SimpleNamespace

import pandas as pd
import pytest
from pinned_studies import DAYS, SESSIONS, STUDY, closes, pinned, raw_of

from eventstudy.claims.measure import price_file
from eventstudy.cli.fetch import fetch_snapshot
from eventstudy.cli.pinned import compared
from eventstudy.cli.pinned import pinned as show
from eventstudy.errors import MissingPriceError, SnapshotError, SpecError, UnknownNameError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import Issue, PriceQuery
from eventstudy.prices import load_panel, pinning
from eventstudy.prices.difference import differences
from eventstudy.prices.older import with_older
from eventstudy.prices.pinning import in_force, versions
from eventstudy.prices.reference import load_reference
from eventstudy.prices.sessions import calendar
from eventstudy.prices.snapshot import snapshot, verify, write_snapshot
from eventstudy.study.study import load

CLAIMS = """
schema_version: 1
sources: {A: {title: An article, publisher: a paper, author: unknown, published: "2025"}}
claims:
  - id: amd-fell
    kind: price_move
    says: AMD fell
    source: A
    event: day
    security: AMD
    claimed: {direction: fall, value: 6, unit: percent}
    params: {beside: [MU]}
  - id: nvda-later
    kind: persistence
    says: and was back a year later
    source: A
    event: day
    security: NVDA
    claimed: {direction: rise, value: 10, unit: percent}
    params: {until: [2026-01-27]}
"""


# ----------------------------------------------------------------------------------------------------------- versions
def test_a_version_a_fetch_and_all_of_them_stay(study):
    pinned(study, raw_of({"NVDA": [5.0, 6.0, 7.0]}))
    older, newer = versions(study)
    assert closes(older, "NVDA") == [1.0, 2.0, 3.0]
    assert closes(newer, "NVDA") == closes(study, "NVDA") == [5.0, 6.0, 7.0]
    assert (study / "prices.csv").read_text() == "date,NVDA\n2025-01-24,1\n"
    assert set(verify(study)) == {
        "datapackage.json",
        f"prices/{newer.name}/prices.csv",
        f"prices/{newer.name}/sessions.csv",
    }


def test_a_snapshot_that_came_meanwhile_is_not_replaced(study):
    raw = raw_of({"NVDA": [5.0, 6.0, 7.0]})
    panel, _ = load_panel(raw, {}, SESSIONS)
    for replaces in (None, "0" * 64):
        with pytest.raises(SnapshotError, match="another fetch has pinned a snapshot there meanwhile"):
            write_snapshot(raw, study, calendars=panel.calendars, replaces=replaces)
    assert closes(study, "NVDA") == [1.0, 2.0, 3.0]
    assert len(versions(study)) == 1


def test_two_at_once(study, monkeypatch):
    """The second waits for the first, and is refused since its snapshot is no longer the one that it saw."""
    raw = raw_of({"NVDA": [5.0, 6.0, 7.0]})
    panel, _ = load_panel(raw, {}, SESSIONS)
    before = in_force(study)
    done: list[object] = []

    def write() -> None:
        try:
            done.append(write_snapshot(raw, study, calendars=panel.calendars, replaces=before))
        except SnapshotError as error:
            done.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(one, SnapshotError) for one in done) == [False, True, True, True]
    assert closes(study, "NVDA") == [5.0, 6.0, 7.0]
    monkeypatch.setattr(pinning, "_WAIT", 0.1)
    with pinning._locked(study), pytest.raises(SnapshotError, match="another fetch is writing to it"):
        write_snapshot(raw, study, calendars=panel.calendars, replaces=in_force(study))


def test_a_description_that_cannot_be_read_is_not_replaced(study):
    (study / "datapackage.json").write_text("{")
    with pytest.raises(SnapshotError, match="is not JSON"):
        pinned(study, raw_of({"NVDA": [5.0, 6.0, 7.0]}))


def test_leftovers_are_swept_and_nothing_else(study):
    dead = study / "prices" / ".writing-20250101T000000Z"
    loose = study / ".writing-abcd1234"
    never = study / "prices" / "20250101T000000Z"
    for folder in (dead, loose, never):
        folder.mkdir()
        (folder / "prices.csv").write_text("half")
    (never / "next-datapackage.json").write_text("{}")
    mine = study / ".writing-novel"
    mine.mkdir()
    (mine / "chapter.txt").write_text("mine")
    pinned(study, raw_of({"NVDA": [5.0, 6.0, 7.0]}))
    assert not any(path.exists() for path in (dead, loose, never))
    assert (mine / "chapter.txt").read_text() == "mine"


# ------------------------------------------------------------------------------------------------ what must not be lost
def test_what_only_the_older_holds():
    older = raw_of(
        {"OLD": [1.0, 2.0, 3.0], "SAME": [4.0, 5.0, 6.0], "SPLIT": [8.0, 9.0, 10.0]}, currency={"OLD": "EUR"}
    )
    new = raw_of({"SAME": [5.0, 6.0], "SPLIT": [0.9, 1.0]}, DAYS[1:])
    both = with_older(new, older)
    series = {t: rows.sort_values("date")["close"].tolist() for t, rows in both.frame.groupby("ticker")}
    assert series == {"OLD": [1.0, 2.0, 3.0], "SAME": [4.0, 5.0, 6.0], "SPLIT": [0.9, 1.0]}
    assert both.currency == {"OLD": "EUR"}
    assert [(i.code, i.severity, i.ticker) for i in both.issues] == [
        ("kept_from_older", "warning", "OLD"),
        ("kept_from_older", "info", "SAME"),
        ("days_not_kept", "warning", "SPLIT"),
    ]


def test_dividends_and_splits_of_what_is_kept():
    """Those of a series that is kept whole stay, those of joined days are joined, and of half-known ones none stay."""

    def actions(**paid):
        days = pd.DatetimeIndex([f"2025-01-{day[1:]}" for day in paid], name="date").as_unit("ns")
        return pd.DataFrame({"dividend": list(paid.values()), "split": 1.0}, index=days)

    series = {"OLD": [1.0, 2.0, 3.0], "SAME": [4.0, 5.0, 6.0], "HALF": [4.0, 5.0, 6.0]}
    older = raw_of(series, actions={"OLD": actions(d27=0.5), "SAME": actions(d24=0.25, d27=0.75)})
    half = actions(d27=0.5)
    new = raw_of({"SAME": [5.0, 6.0], "HALF": [5.0, 6.0]}, DAYS[1:], actions={"SAME": actions(d27=0.75), "HALF": half})
    both = with_older(new, older)
    assert set(both.actions) == {"OLD", "SAME"}
    assert both.actions["SAME"]["dividend"].tolist() == [0.25, 0.75]
    assert both.actions["OLD"]["dividend"].tolist() == [0.5]


def test_what_is_assumed_of_a_file_stays_assumed(tmp_path):
    assumed = Issue("basis_assumed", "info", "taken as closes")
    pinned(tmp_path / "new", raw_of({"NVDA": [5.0, 6.0, 7.0]}, issues=(assumed,)))
    again = snapshot(PriceQuery((), source=tmp_path / "new"))
    assert again.issues == (assumed,)
    assert again.provenance.retrieved is None  # a file does not say when it was retrieved
    described = json.loads((tmp_path / "new" / "datapackage.json").read_bytes())
    assert described["eventstudy"]["basis"] == "assumed"
    assert "does not say what its prices are adjusted for" in described["resources"][0]["description"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("findings", [1]),
        ("findings", [{"code": "a"}]),
        ("findings", {"a": 1}),
        ("findings", [{"code": "a", "severity": "odd", "detail": "b"}]),
        ("findings", [{"code": "a", "severity": "info", "detail": "b", "date": "then"}]),
        ("series", [1]),
        ("series", {"NVDA": 1}),
        ("series", {"NVDA": {"currency": 1}}),
    ],
)
def test_a_description_with_wrong_findings_is_refused(study, key, value):
    file = study / "datapackage.json"
    described = json.loads(file.read_bytes())
    described["resources"][0][key] = value
    file.write_text(json.dumps(described))
    with pytest.raises(SnapshotError, match=f"{key} of the resource 'prices' is"):
        snapshot(PriceQuery((), source=study))


# ------------------------------------------------------------------------------------------------------- show and diff
def test_show_says_what_was_asked_and_what_came(study, loopback):
    fetch_snapshot(str(study), replaced=True)
    found = show(str(study))
    assert found.facts["provider"] == "yahoo"
    assert found.facts["library"].startswith("yfinance 1.")
    assert found.facts["request"].startswith("3 tickers from 20")
    assert len(found.facts["versions"].split(", ")) == 2
    nvda = next(row for row in found.series if row["ticker"] == "NVDA")
    assert (nvda["currency"], nvda["rows"], nvda["first"], nvda["last"]) == ("USD", 3, DAYS[0], DAYS[2])
    old = show(str(bundled("deepseek")))
    assert old.facts["request"] == "not recorded"
    assert sum(row["rows"] for row in old.series) == 41171


def test_the_difference_of_two_snapshots():
    first = raw_of(
        {"GONE": [1.0, 2.0, 3.0], "SAME": [1.0, 2.0, 3.0], "SPLIT": [8.0, 9.0, 12.0], "WRONG": [10.0, 9.0, 9.0]}
    )
    second = raw_of(
        {"NEW": [1.0, 2.0, 3.0], "SAME": [1.0, 2.0, 3.0], "SPLIT": [2.0, 2.25, 3.0], "WRONG": [10.0, 8.0, 8.0]}
    )
    found = {(one.ticker, one.basis): one for one in differences(first, second)}
    assert {ticker for ticker, _ in found} == {"GONE", "NEW", "WRONG"}
    assert (found["GONE", "close"].what, found["GONE", "close"].first_only) == ("only in the first", 3)
    wrong = found["WRONG", "adj_close"]
    assert (wrong.what, wrong.returns, wrong.compared, str(wrong.day)) == ("returns differ", 1, 2, DAYS[1])
    assert (wrong.first, wrong.second) == pytest.approx((-0.1, -0.2), abs=1e-15)
    shorter = differences(first, raw_of({"SAME": [2.0, 3.0]}, DAYS[1:]))
    assert [(d.first_only, d.second_only) for d in shorter if d.what == "days differ"] == [(1, 0), (1, 0)]
    level = raw_of({"ROUND": [1.0, 2.0, 2.0], "NEAR": [1.0, 2.0, 2.0]})
    close = raw_of({"ROUND": [1.0, 2.0000009, 2.0], "NEAR": [1.0, 2.000002, 2.0]})
    assert {one.ticker for one in differences(level, close)} == {"NEAR"}  # what differs by a millionth is rounding


def test_a_changed_close_is_traced_to_the_verdict(tmp_path):
    """A dollar more on NVDA's close changes the inputs of the claims about it, and of no other."""
    folder = tmp_path / "deepseek"
    shutil.copytree(bundled("deepseek"), folder)
    text = (folder / "claims.yaml").read_text()
    head, claims = text.split("\nclaims:\n")
    kept = [c for c in claims.split("\n  - id: ") if c.startswith(("nvda-17\n", "amd-8\n"))]
    (folder / "claims.yaml").write_text(head + "\nclaims:\n" + "".join(f"  - id: {c.rstrip()}\n" for c in kept))
    raw = snapshot(PriceQuery((), source=folder))
    at = (raw.frame["ticker"] == "NVDA") & (raw.frame["date"] == "2025-01-27")
    raw.frame.loc[at, "close"] += 1.0
    pinned(folder, raw)
    older, newer = versions(folder)
    assert compared(str(older), str(older)).series == []
    found = compared(str(older), str(newer))
    assert [(one.ticker, one.basis, one.returns) for one in found.series] == [("NVDA", "close", 2)]
    assert {v.claim: (v.first, v.second) for v in found.verdicts} == {"nvda-17": ("supported", "imprecise")}
    assert (found.verdicts[0].first_value, found.verdicts[0].second_value) == (118.42, 119.42)


# --------------------------------------------------------------------------------------------------------------- fetch
def test_fetch_asks_for_what_the_claims_need_as_long_as_they_need_it(study, loopback):
    (study / "claims.yaml").write_text(CLAIMS)
    done = fetch_snapshot(str(study), replaced=True)
    assert {symbol for symbol, _ in loopback.asked} == {"NVDA", "AVGO", "^IXIC", "AMD", "MU"}
    last = max(int(asked["period2"][0]) for _, asked in loopback.asked if "period2" in asked)
    assert pd.Timestamp(last, unit="s") > pd.Timestamp("2026-01-27")
    assert closes(study, "AMD") == [142.62, 118.42, 128.99]
    assert "5 series from 2025-01-24 to 2025-01-28" in done.summary
    described = json.loads((study / "datapackage.json").read_bytes())
    assert described["resources"][0]["series"]["AMD"]["currency"] == "USD"
    assert described["eventstudy"]["request"]["tickers"] == ["NVDA", "AVGO", "^IXIC", "AMD", "MU"]


def test_dividends_and_splits_are_pinned_with_the_prices(study, loopback):
    loopback.script = ["paid"]
    fetch_snapshot(str(study), replaced=True)
    raw = snapshot(PriceQuery((), source=study))
    assert set(raw.actions) == {"NVDA", "AVGO", "^IXIC"}
    assert raw.actions["NVDA"].loc[DAYS[1]].tolist() == [0.25, 1.0]
    assert raw.actions["NVDA"].loc[DAYS[2]].tolist() == [0.0, 1.5]
    assert set(load_panel(raw, {}, SESSIONS)[0].actions) == set(raw.actions)
    version = versions(study)[-1]
    assert (version / "actions.csv").exists()
    assert verify(version)
    row = next(row for row in show(str(study)).series if row["ticker"] == "NVDA")
    assert row["actions"] == "1 dividends, 1 splits"
    splits, sources = load_reference(study)[0]["splits"], load_reference(study)[1]
    assert splits[["ticker", "ratio"]].values.tolist() == [["AVGO", 1.5], ["NVDA", 1.5], ["^IXIC", 1.5]]
    assert sources["splits"] == "Yahoo Finance"
    # A source without any leaves that they are not known, not that there were none.
    pinned(study, raw_of({"NVDA": [5.0, 6.0, 7.0]}))
    assert snapshot(PriceQuery((), source=study)).actions == {}
    assert len(load_reference(study)[0]["splits"]) == 0


def test_claims_cite_the_file_that_is_in_force(study):
    """Not another of the same name, which a study's folder may hold beside the versions."""
    provenance = snapshot(PriceQuery((), source=study)).provenance
    held = SimpleNamespace(prices=SimpleNamespace(provenance=provenance))
    assert price_file(held)[0] == f"prices/{versions(study)[-1].name}/prices.csv"
    bundle = snapshot(PriceQuery(("NVDA",), source=bundled("deepseek"))).provenance
    assert price_file(SimpleNamespace(prices=SimpleNamespace(provenance=bundle)))[0] == "prices.csv"


def test_none_paid_is_known(study, loopback):
    fetch_snapshot(str(study), replaced=True)
    actions = snapshot(PriceQuery(("NVDA",), source=study)).actions
    assert [len(actions[t]) for t in ("NVDA",)] == [0]
    described = json.loads((study / "datapackage.json").read_bytes())
    table = next(one for one in described["resources"] if one["name"] == "actions")
    table["known"] = ["NVDA", 1]
    (study / "datapackage.json").write_text(json.dumps(described))
    with pytest.raises(SnapshotError, match="known of the resource 'actions' is a list of tickers"):
        snapshot(PriceQuery((), source=study))


def test_what_the_grid_needs_is_asked_for(study, loopback):
    text = (study / "study.yaml").read_text().replace("sensitivity: off\n", "")
    (study / "study.yaml").write_text(text)
    fetch_snapshot(str(study), replaced=True)
    assert {symbol for symbol, _ in loopback.asked} == {"NVDA", "AVGO", "^IXIC", "^GSPC", "RSP", "QQQE", "^SOX", "^NDX"}
    first = min(int(asked["period1"][0]) for _, asked in loopback.asked if "period1" in asked)
    sessions = calendar("XNYS", pd.Timestamp(first, unit="s").normalize(), pd.Timestamp("2025-01-26")).sessions
    assert len(sessions) > 480 + 31


def test_nothing_is_overwritten_without_being_told(study, loopback):
    with pytest.raises(SpecError, match="has a snapshot already, so that nothing is fetched"):
        fetch_snapshot(str(study))
    assert loopback.asked == []


def test_a_series_that_the_source_no_longer_has_is_kept(study, loopback):
    (study / "claims.yaml").unlink(missing_ok=True)
    pinned(study, raw_of({t: [1.0, 2.0, 3.0] for t in ("NVDA", "AVGO", "^IXIC", "GONE")}))
    loopback.script = ["no GONE"]
    done = fetch_snapshot(str(study), replaced=True)
    assert closes(study, "GONE") == [1.0, 2.0, 3.0]
    assert closes(study, "NVDA") == [142.62, 118.42, 128.99]
    assert {"not_at_source", "kept_from_older"} <= {i.code for i in done.issues if i.ticker == "GONE"}


def test_all_of_a_file_is_pinned_and_the_file_is_left_alone(study, tmp_path):
    shutil.rmtree(study / "prices")
    (study / "datapackage.json").unlink()
    days = "".join(f"2025-01-{d},{d},{d},{d},{d}\n" for d in (21, 22, 23, 24, 27, 28, 29, 30, 31))
    mine = study / "prices.csv"
    mine.write_text("date,NVDA,AVGO,^IXIC,SPARE\n" + days)
    before = mine.read_bytes()
    (study / "study.yaml").write_text(STUDY.replace("snapshot", "prices.csv"))
    done = fetch_snapshot(str(study), f"files:{mine}")
    assert mine.read_bytes() == before
    assert len(closes(study, "SPARE")) == 9
    # The study still reads the file, which both the fetch and the run say.
    assert done.issues[0].code == "snapshot_not_read"
    assert "say `prices: snapshot`" in done.issues[0].detail


def test_the_columns_of_a_file_are_stated(study, tmp_path):
    mine = tmp_path / "mine.csv"
    rows = [f"2025-01-{d};{t};{d};{d + 0.5}" for d in (24, 27, 28) for t in ("NVDA", "AVGO", "^IXIC")]
    mine.write_text("Handelstag;Kuerzel;Bid;Letzter\n" + "\n".join(rows) + "\n")
    columns = {"date": "Handelstag", "ticker": "Kuerzel", "close": "Letzter"}
    fetch_snapshot(str(study), f"files:{mine}", replaced=True, columns=columns)
    assert closes(study, "NVDA") == [24.5, 27.5, 28.5]
    with pytest.raises(UnknownNameError, match="unknown column 'cloze'"):
        fetch_snapshot(str(study), f"files:{mine}", replaced=True, columns={"cloze": "Letzter"})
    with pytest.raises(SpecError, match="columns are those of a file of prices"):
        fetch_snapshot(str(study), f"snapshot:{study}", replaced=True, columns=columns)


def test_run_says_that_it_does_not_read_the_snapshot(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(bundled("deepseek"), folder, ignore=shutil.ignore_patterns("claims.yaml"))
    text = (folder / "study.yaml").read_text()
    (folder / "study.yaml").write_text(text.replace("prices: snapshot", "prices: prices.csv"))
    result = load(str(folder), {"tests": "[t]", "compare.models": "[]", "volume": "none"}).run()
    assert "snapshot_not_read" in {i.code for i in result.issues}


def test_day_zero_without_a_price_comes_first(study, loopback):
    loopback.script = ["null"]
    done = fetch_snapshot(str(study), replaced=True)
    assert (done.issues[0].code, done.issues[0].ticker, str(done.issues[0].date)) == ("no_day_zero", "NVDA", DAYS[1])


def test_a_ticker_that_the_study_needs_has_to_come(study, loopback):
    before = verify(study)
    loopback.script = ["no NEVER"]
    (study / "study.yaml").write_text(STUDY.replace("AVGO", "NEVER"))
    with pytest.raises(MissingPriceError, match="no prices of NEVER"):
        fetch_snapshot(str(study), replaced=True)
    assert verify(study) == before
