"""The Yahoo provider against a server on the loopback address that speaks the chart API: the real parser runs.

Requests go to the server through a session that replaces scheme and host; a proxy that does not exist makes any other
request fail at once.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import MissingPriceError, ProviderError, SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices import yahoo as module
from eventstudy.prices.snapshot import read_sessions, snapshot, write_snapshot

curl = pytest.importorskip("curl_cffi.requests")
QUERY = PriceQuery(("NVDA", "AVGO"), dt.date(2025, 1, 24), dt.date(2025, 1, 28))
DAYS = [dt.datetime(2025, 1, day, 14, 30, tzinfo=dt.UTC) for day in (24, 27, 28)]


class Vendor:
    """What the server answers to chart requests: `script` holds one behaviour a request, the last one repeats."""

    def __init__(self) -> None:
        self.script = ["ok"]
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.days = DAYS

    def behaviour(self) -> str:
        return self.script[min(len(self.asked), len(self.script)) - 1]

    def chart(self, symbol: str) -> bytes:
        closes = [142.62, 118.42, 128.99][: len(self.days)]
        if self.behaviour() == "null":
            closes[1] = None
        numbers = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": [1, 2, 3][: len(closes)]}
        meta = {
            "currency": "USD",
            "symbol": symbol,
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": "America/New_York",
            "timezone": "EST",
            "gmtoffset": -18000,
            "regularMarketTime": 1738098001,
            "priceHint": 2,
            "dataGranularity": "1d",
            "validRanges": ["1d", "max"],
        }
        result = {
            "meta": meta,
            "timestamp": [int(day.timestamp()) for day in self.days],
            "indicators": {
                "quote": [numbers],
                "adjclose": [{"adjclose": [None if c is None else round(0.99 * c, 6) for c in closes]}],
            },
        }
        if self.behaviour() == "odd":
            del meta["instrumentType"]
        return json.dumps({"chart": {"result": [result], "error": None}}).encode()


NOT_FOUND = {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found for the symbol"}}}
ANSWERS = {
    "429": (429, b"Too Many Requests"),
    "500": (500, b"<html>Internal error</html>"),
    "503": (503, b"<html>Will be right back...</html>"),
    "html": (200, b"<html>Before you continue</html>"),
    "404": (404, json.dumps(NOT_FOUND).encode()),
}


@pytest.fixture
def vendor(monkeypatch, tmp_path) -> Iterator[Vendor]:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    state = Vendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if "/v8/finance/chart/" not in url.path:
                return self.answer(200 if "getcrumb" in url.path or url.path == "/" else 404, b"crumb")
            symbol = url.path.rpartition("/")[2]
            state.asked.append((symbol, parse_qs(url.query)))
            behaviour = state.behaviour()
            if behaviour == "slow":
                time.sleep(1.0)
            if behaviour == "cut":
                return self.answer(200, state.chart(symbol)[:80], missing=500)
            if behaviour == f"no {symbol}":
                return self.answer(*ANSWERS["404"])
            return self.answer(*ANSWERS.get(behaviour, (200, state.chart(symbol))))

        def answer(self, code: int, body: bytes, missing: int = 0) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body) + missing))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = bool(missing)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def session(vendor):
    class Redirected(curl.Session):
        def request(self, method, url, *args, **options):
            asked = urlsplit(url)
            where = vendor.address + asked.path + (f"?{asked.query}" if asked.query else "")
            return super().request(method, where, *args, **options)

    with Redirected(trust_env=False) as made:
        yield made


def fetch(session, query=QUERY, **options):
    return module.yahoo(query, session=session, **{"pause": 0.005, **options})


# ------------------------------------------------------------------------------------------------------------ what came
def test_bars_of_every_ticker(session, vendor):
    raw = fetch(session)
    assert raw.frame["ticker"].tolist() == ["NVDA"] * 3 + ["AVGO"] * 3
    assert [str(d.date()) for d in raw.frame["date"][:3]] == ["2025-01-24", "2025-01-27", "2025-01-28"]
    assert raw.frame["date"].dtype == "datetime64[ns]"
    assert raw.frame["close"][:3].tolist() == [142.62, 118.42, 128.99]
    np.testing.assert_allclose(raw.frame["adj_close"], 0.99 * raw.frame["close"], atol=1e-6)
    assert raw.currency == {"NVDA": "USD", "AVGO": "USD"}
    assert (raw.provenance.provider, raw.provenance.source) == ("yahoo", "Yahoo Finance")
    assert raw.issues == ()
    # The last day is in: the request asks for the day after it, in New York's time.
    asked = vendor.asked[-1][1]
    assert int(asked["period2"][0]) == pd.Timestamp("2025-01-29", tz="America/New_York").timestamp()
    assert asked["interval"] == ["1d"]


def test_a_null_row_stays_and_is_missing(session, vendor):
    vendor.script = ["null"]
    raw = fetch(session)
    assert len(raw.frame) == 6
    panel, _ = load_panel(raw, {}, read_sessions(bundled("deepseek")))
    assert np.isnan(panel.close.loc["2025-01-27", "NVDA"])


def test_the_bar_of_an_open_session_is_left_out_and_said(session, vendor):
    raw = fetch(session, now=dt.datetime(2025, 1, 28, 20, 59, tzinfo=dt.UTC))
    assert raw.frame["date"].max() == pd.Timestamp("2025-01-27")
    assert [(i.code, i.ticker, str(i.date)) for i in raw.issues] == [
        ("partial_bar", "NVDA", "2025-01-28"),
        ("partial_bar", "AVGO", "2025-01-28"),
    ]
    assert raw.provenance.retrieved == "2025-01-28T20:59:00Z"
    assert len(fetch(session, now=dt.datetime(2025, 1, 28, 21, 0, tzinfo=dt.UTC)).frame) == 6


def test_without_a_known_exchange_the_day_has_to_be_over(session, vendor):
    query = PriceQuery(("NVDA.QQ",), QUERY.start, QUERY.end)
    raw = fetch(session, query, now=dt.datetime(2025, 1, 28, 23, 0, tzinfo=dt.UTC))
    assert raw.frame["date"].max() == pd.Timestamp("2025-01-27")


def test_fetched_prices_become_a_snapshot(session, vendor, tmp_path):
    raw = fetch(session)
    panel, _ = load_panel(raw, {}, read_sessions(bundled("deepseek")))
    write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    again = snapshot(PriceQuery((), source=tmp_path / "new"))
    assert again.provenance.source.startswith("Yahoo Finance")
    assert len(again.frame) == 6


# -------------------------------------------------------------------------------------------------- trouble that passes
@pytest.mark.parametrize("trouble", ["429", "500", "503"])
def test_trouble_that_passes_is_waited_for(session, vendor, trouble):
    vendor.script = [trouble, trouble, "ok"]
    assert len(fetch(session).frame) == 6


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("429", "too many requests"), ("500", "where data were due"), ("503", "DOWN"), ("html", "where data were due")],
)
def test_trouble_that_stays_ends_after_three_new_attempts(session, vendor, trouble, words):
    vendor.script = [trouble]
    with pytest.raises(ProviderError, match=words) as caught:
        fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert caught.value.retry
    assert caught.value.exit_code == 4
    assert "NVDA" in str(caught.value)
    assert "try again later" in str(caught.value)
    # The library asks a second time itself after a failure, with other cookies.
    attempts = len(vendor.asked) / (1 if trouble == "html" else 2)
    assert attempts == 1 + module.RETRIES


def test_a_timeout_is_waited_for(session, vendor, monkeypatch):
    fetch(session)  # the time zones are known now, so that the next request is the one for prices
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    vendor.script, vendor.asked = ["slow", "ok"], []
    assert len(fetch(session).frame) == 6


def test_patience_has_an_end(session, vendor):
    vendor.script = ["429"]
    began = time.monotonic()
    with pytest.raises(ProviderError, match="AVGO: not asked any more"):
        fetch(session, pause=0.2, patience=0.1)
    assert time.monotonic() - began < 5
    assert "AVGO" not in {symbol for symbol, _ in vendor.asked}


# ------------------------------------------------------------------------------------------------ trouble that does not
def test_unknown_symbols_are_all_named(session, vendor):
    vendor.script = ["404"]
    with pytest.raises(MissingPriceError, match="no prices of NVDA, AVGO; check the symbols") as caught:
        fetch(session)
    assert caught.value.exit_code == 3


def test_one_unknown_symbol_fails_the_query(session, vendor):
    vendor.script = ["no AVGO"]
    with pytest.raises(MissingPriceError, match="no prices of AVGO") as caught:
        fetch(session)
    assert "NVDA" not in str(caught.value)


@pytest.mark.parametrize(
    ("trouble", "words", "retry"), [("cut", "the answer was cut off", True), ("odd", "KeyError", False)]
)
def test_broken_answers(session, vendor, trouble, words, retry):
    vendor.script = [trouble]
    with pytest.raises(ProviderError, match=words) as caught:
        fetch(session)
    assert caught.value.retry is retry
    assert "NVDA" in str(caught.value)
    assert "AVGO" in str(caught.value)


def test_no_network(vendor):
    class Nowhere(curl.Session):
        def request(self, method, url, *args, **options):
            return super().request(method, "http://no-such-host.invalid/", *args, **options)

    with Nowhere(trust_env=False) as nowhere, pytest.raises(ProviderError, match="server cannot be reached") as caught:
        fetch(nowhere)
    assert caught.value.retry
    assert "AVGO: not asked any more" in str(caught.value)
    assert vendor.asked == []


def test_a_blocked_connection(vendor):
    """Without a session of ours every request meets the proxy that is not there."""
    with curl.Session() as plain, pytest.raises(ProviderError, match="did not deliver NVDA, AVGO"):
        fetch(plain)
    assert vendor.asked == []


@pytest.mark.parametrize("query", [PriceQuery(()), PriceQuery((), QUERY.start), PriceQuery(("NVDA",))])
def test_a_query_without_tickers_or_first_day(query):
    with pytest.raises(SpecError, match="at least one ticker and a first day"):
        module.yahoo(query)


# ------------------------------------------------------------------------------------------------------------ manners
def test_the_library_is_left_as_it_was(session, vendor):
    import logging

    import yfinance

    before = (yfinance.config.debug.hide_exceptions, logging.getLogger("yfinance").level)
    vendor.script = ["404"]
    with pytest.raises(MissingPriceError):
        fetch(session)
    assert (yfinance.config.debug.hide_exceptions, logging.getLogger("yfinance").level) == before


def test_nothing_is_printed(session, vendor, capfd):
    vendor.script = ["429", "ok"]
    fetch(session)
    assert capfd.readouterr() == ("", "")
