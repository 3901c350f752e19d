"""A Yahoo on the loopback address: a server that speaks the chart API, and a session that is led there.

Scheme and host of a request are replaced; a proxy that does not exist makes any other request fail at once.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DAYS = [dt.datetime(2025, 1, day, 14, 30, tzinfo=dt.UTC) for day in (24, 27, 28)]


class Vendor:
    """What the server answers to chart requests: `script` holds one behaviour a request, the last one repeats."""

    def __init__(self) -> None:
        self.script = ["ok"]
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.days = DAYS
        self.address = ""
        self.dividend = False

    def behaviour(self) -> str:
        return self.script[min(len(self.asked), len(self.script)) - 1]

    def chart(self, symbol: str) -> bytes:
        closes = [142.62, 118.42, 128.99][: len(self.days)]
        if self.behaviour() == "null":
            closes[1] = None
        numbers = {name: [*closes] for name in ("open", "high", "low", "close")} | {"volume": [1, 2, 3][: len(closes)]}
        meta = {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": "NMS",
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
        word, _, what = self.behaviour().partition(" ")
        if self.dividend:
            paid = int(self.days[1].timestamp())
            result["events"] = {"dividends": {str(paid): {"amount": 0.25, "date": paid}}}
        if word == "paid":  # a dividend and a split, on the second and third day
            stamps = [int(day.timestamp()) for day in self.days]
            result["events"] = {
                "dividends": {str(stamps[1]): {"amount": 0.25, "date": stamps[1]}},
                "splits": {
                    str(stamps[2]): {"date": stamps[2], "numerator": 3.0, "denominator": 2.0, "splitRatio": "3:2"}
                },
            }
        if word == "lacks":
            del meta[what]
        if word == "wrong":
            meta["symbol"] = "XYZ"
        if word == "pence":
            meta |= {"currency": "GBp", "exchangeName": "LSE", "exchangeTimezoneName": "Europe/London", "gmtoffset": 0}
        if word == "hole":
            _without(result, 1)
        if word == "twice":  # a live price beside the last bar, as is often appended
            result["timestamp"].append(result["timestamp"][-1] + 23_000)
            for column in (*numbers.values(), result["indicators"]["adjclose"][0]["adjclose"]):
                column.append(column[-1])
        return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def _without(result: dict[str, Any], at: int) -> None:
    """Take one bar out of an answer."""
    columns = [*result["indicators"]["quote"][0].values(), result["indicators"]["adjclose"][0]["adjclose"]]
    for column in {id(c): c for c in (result["timestamp"], *columns)}.values():
        del column[at]


NOT_FOUND = {
    "chart": {"result": None, "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"}}
}
NO_CRUMB = {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}
ANSWERS = {
    "429": (429, b"Too Many Requests"),
    "500": (500, b"<html>Internal error</html>"),
    "503": (503, b"<html>Will be right back...</html>"),
    "html": (200, b"<html>Before you continue</html>"),
    "404": (404, json.dumps(NOT_FOUND).encode()),
    "empty": (200, b'{"chart": {"result": [], "error": null}}'),
    "crumb": (401, json.dumps(NO_CRUMB).encode()),
    "list": (200, b"[]"),
}


@contextmanager
def serving() -> Iterator[Vendor]:
    """A server that answers as its `Vendor` says, at ``vendor.address``."""
    state = Vendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if "/v8/finance/chart/" not in url.path:
                return self.answer(200 if "getcrumb" in url.path or url.path == "/" else 404, b"crumb")
            symbol = unquote(url.path.rpartition("/")[2])
            state.asked.append((symbol, parse_qs(url.query)))
            behaviour = state.behaviour()
            if behaviour == "slow":
                time.sleep(1.0)
            if behaviour == "cut":
                return self.answer(200, state.chart(symbol)[:80], missing=500)
            if behaviour == f"no {symbol}":
                return self.answer(*ANSWERS["404"])
            if behaviour == f"429 {symbol}":
                return self.answer(*ANSWERS["429"])
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
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def session_to(address: str) -> Any:
    """A session of curl_cffi whose requests all go to `address`."""
    import curl_cffi.requests

    class Redirected(curl_cffi.requests.Session):
        def request(self, method, url, *args, **options):
            asked = urlsplit(url)
            where = address + asked.path + (f"?{asked.query}" if asked.query else "")
            return super().request(method, where, *args, **options)

    return Redirected(trust_env=False)
