"""A small study with a pinned snapshot, and a vendor on loopback: for the tests of pinning."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from loopback import serving, session_to

import eventstudy.prices
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceQuery, Provenance, RawPrices
from eventstudy.prices import load_panel
from eventstudy.prices.pinning import in_force
from eventstudy.prices.snapshot import read_sessions, snapshot, write_snapshot

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
