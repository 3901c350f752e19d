"""Pinning: versions, what an older snapshot alone holds, two fetches at once, and a process killed at any point."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from loopback import serving, session_to

import eventstudy.prices
from eventstudy.claims.measure import price_file
from eventstudy.cli.fetch import fetch_snapshot
from eventstudy.cli.pinned import compared
from eventstudy.cli.pinned import pinned as show
from eventstudy.errors import MissingPriceError, SnapshotError, SpecError, UnknownNameError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import Issue, PriceQuery, Provenance, RawPrices
from eventstudy.prices import load_panel, pinning
from eventstudy.prices.difference import differences
from eventstudy.prices.older import with_older
from eventstudy.prices.pinning import in_force, versions
from eventstudy.prices.reference import load_reference
from eventstudy.prices.sessions import calendar
from eventstudy.prices.snapshot import read_sessions, snapshot, verify, write_snapshot
from eventstudy.study.study import load

SESSIONS = read_sessions(bundled("deepseek"))
STUDY = """
schema_version: 1
id: small
prices: snapshot
tickers: [NVDA, AVGO]
benchmarks: {default: ^IXIC}
events: [{id: day, announced: 2025-01-27}]
sensitivity: off
"""
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
DAYS = ["2025-01-24", "2025-01-27", "2025-01-28"]


def raw_of(closes: dict[str, list[float]], days: list[str] = DAYS, **more) -> RawPrices:
    parts = [
        pd.DataFrame({"ticker": ticker, "date": pd.DatetimeIndex(days).as_unit("ns"), "close": values})
        for ticker, values in closes.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["adj_close"], frame["volume"] = frame["close"], 100.0
    return RawPrices(frame, Provenance("files", "a test"), **more)


def pinned(folder: Path, raw: RawPrices) -> list[Path]:
    panel, _ = load_panel(raw, {}, SESSIONS)
    return write_snapshot(
        raw, folder, calendars=panel.calendars, replaces=in_force(folder) if folder.exists() else None
    )


def closes(folder: Path, ticker: str) -> list[float]:
    frame = snapshot(PriceQuery((ticker,), source=folder)).frame
    return frame.sort_values("date")["close"].tolist()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study with a snapshot of another day, and files of the user's own beside it."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY)
    (folder / "prices.csv").write_text("date,NVDA\n2025-01-24,1\n")
    (folder / "notes.txt").write_text("mine")
    pinned(folder, raw_of({"NVDA": [1.0, 2.0, 3.0], "AVGO": [1.0, 2.0, 3.0], "^IXIC": [1.0, 2.0, 3.0]}))
    return folder


@pytest.fixture
def loopback(monkeypatch, tmp_path):
    monkeypatch.setenv("EVENTSTUDY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    pytest.importorskip("curl_cffi.requests")
    from dataclasses import replace

    from eventstudy.prices.yahoo import yahoo

    with serving() as vendor, session_to(vendor.address) as session:
        card = replace(
            eventstudy.prices.YAHOO, read=lambda query: yahoo(query, session=session, between=0.0, pause=0.01)
        )
        monkeypatch.setitem(eventstudy.prices.PROVIDERS, "yahoo", card)
        yield vendor


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


# ------------------------------------------------------------------------------------------------------ interruptions
def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("call", ["mkdir", "replace", "fsync"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_an_interrupt_or_a_full_disk_at_any_call_leaves_the_old_or_the_new(study, monkeypatch, call, error):
    before, raw = everything(study), raw_of({"NVDA": [5.0, 6.0, 7.0]})
    panel, _ = load_panel(raw, {}, SESSIONS)
    was, real = in_force(study), getattr(os, call)
    for point in range(20):
        made = 0

        def failing(*args, at=point, **options):
            nonlocal made
            made += 1
            if made == at + 1:
                raise error
            return real(*args, **options)

        monkeypatch.setattr(os, call, failing)
        with contextlib.suppress(KeyboardInterrupt, SnapshotError):
            write_snapshot(raw, study, calendars=panel.calendars, replaces=was)
        monkeypatch.setattr(os, call, real)
        verify(study)
        if in_force(study) != was:
            break
        assert everything(study) == before
    assert closes(study, "NVDA") == [5.0, 6.0, 7.0]
    assert {p.name for p in (study / "prices").iterdir()} == {p.name for p in versions(study)}


def test_a_limit_to_the_size_of_files(study):
    before, raw = everything(study), raw_of({f"A{i}": [5.0, 6.0, 7.0] for i in range(200)})
    panel, _ = load_panel(raw, {}, SESSIONS)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(SnapshotError, match="What was there is unchanged"):
            write_snapshot(raw, study, calendars=panel.calendars, replaces=in_force(study))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert everything(study) == before


def as_somebody(run) -> int:
    """Run a function in a process without the rights of the superuser, whom no read-only folder stops; its status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            run()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the other user is a fork")
def test_a_read_only_folder(study):
    with tempfile.TemporaryDirectory(prefix="eventstudy-") as room:  # pytest's own folders are closed to others
        place = Path(room) / "small"
        shutil.copytree(study, place)
        for path in (place, *place.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        Path(room).chmod(0o755)
        before = everything(place)

        def refused():
            with pytest.raises(SnapshotError, match=r"cannot be written.*What was there is unchanged"):
                pinned(place, raw_of({"NVDA": [5.0, 6.0, 7.0]}))

        assert as_somebody(refused) == 0
        assert everything(place) == before
        for path in (place, *(p for p in place.rglob("*") if p.is_dir())):
            path.chmod(0o755)


def test_a_full_disk(study, tmp_path):
    """A disk of memory of 64 KiB, where one may be mounted: the old snapshot stays, and nothing of the new one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of memory can be mounted by the superuser alone")
    try:
        place = disk / "small"
        shutil.copytree(study, place)
        before, raw = everything(place), raw_of({f"A{i}": [5.0, 6.0, 7.0] for i in range(1000)})
        panel, _ = load_panel(raw, {}, SESSIONS)
        with pytest.raises(SnapshotError, match=r"No space left on device.*What was there is unchanged"):
            write_snapshot(raw, place, calendars=panel.calendars, replaces=in_force(place))
        assert everything(place) == before
        verify(place)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_two_processes_at_once(study, tmp_path):
    """Each is a fetch of its own; one is in force at the end, whole, and whoever lost says so."""
    days = [str(day.date()) for day in SESSIONS.loc[SESSIONS["exchange"] == "XNYS", "date"][:400]]
    commands = []
    for name, price in (("one", 100.0), ("two", 200.0)):
        rows = [f"{day},{price + i % 7},{price + i % 5},{price + i % 3}" for i, day in enumerate(days)]
        (tmp_path / f"{name}.csv").write_text("date,NVDA,AVGO,^IXIC\n" + "\n".join(rows) + "\n")
        words = ["fetch", str(study), "--provider", f"files:{tmp_path / name}.csv", "--replace"]
        commands.append([sys.executable, "-m", "eventstudy", *words])
    running = [subprocess.Popen(c, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for c in commands]
    said = [process.communicate(timeout=120)[1] for process in running]
    codes = [process.returncode for process in running]
    assert 0 in codes, said
    for code, text in zip(codes, said, strict=True):
        assert code == 0 or "another fetch has pinned a snapshot there meanwhile" in text
    verify(study)
    assert closes(study, "NVDA")[:2] in ([100.0, 101.0], [200.0, 201.0])
    assert {p.name for p in (study / "prices").iterdir()} == {p.name for p in versions(study)}
    for version in versions(study):
        verify(version)


def test_a_folder_that_cannot_be_made_leaves_no_other(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(SnapshotError, match="Read-only file system"):
        pinned(tmp_path / "a" / "b", raw_of({"NVDA": [5.0, 6.0, 7.0]}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork")
@pytest.mark.parametrize(
    ("by", "loose", "points"),
    [
        ("SIGKILL", True, ("0.7", "0.9", "0.97")),
        ("SIGINT", False, ("0.8", "0.95")),
        pytest.param("SIGKILL", False, ("all",), marks=pytest.mark.slow),
        pytest.param("SIGKILL", True, ("all",), marks=pytest.mark.slow),
        pytest.param("SIGINT", False, ("all",), marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_call(study, loopback, tmp_path, by, points, loose):
    """Before every call that opens, renames, removes, makes or syncs; the next fetch leaves nothing of it behind."""
    if loose:  # a snapshot of before, whose tables lie beside its description
        described = json.loads((study / "datapackage.json").read_bytes())
        for table in described["resources"]:
            shutil.copy(study / table["path"], study)
            table["path"] = f"{table['name']}.csv"
        (study / "datapackage.json").write_text(json.dumps(described))
        shutil.rmtree(study / "prices")
    old, mine = in_force(study), {name: (study / name).read_bytes() for name in ("prices.csv", "notes.txt")}
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), by, loopback.address, str(study), *points]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["calls"] >= 40  # the two studies together have over 90
    assert getattr(signal, by) in report["ended"].values()
    for point, ended in report["ended"].items():
        folder = Path(f"{study}-{point}")
        verify(folder)
        new = in_force(folder) != old
        np.testing.assert_array_equal(closes(folder, "NVDA"), [142.62, 118.42, 128.99] if new else [1.0, 2.0, 3.0])
        assert new or ended == getattr(signal, by)
        assert {name: (folder / name).read_bytes() for name in mine} == mine
        pinned(folder, raw_of({"NVDA": [5.0, 6.0, 7.0]}))
        found = {path.name for path in (folder / "prices").iterdir()}
        assert found == {path.name for path in versions(folder)}
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]
        for version in versions(folder):
            verify(version)
