"""The report in Firefox, spoken to over its own remote protocol: drawn, wide enough for its screen, printed at once.

Slow, and skipped where there is no Firefox. Chromium has the tests of behaviour (`test_browser.py`).
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

pytestmark = pytest.mark.slow
DRAW_ALL = "const done = arguments[0]; eventstudyDrawAll().then(() => done('drawn'), (e) => done(String(e)))"


class Marionette:
    """Firefox' own protocol: each message is its length, a colon and JSON."""

    def __init__(self, port: int) -> None:
        self.socket = _connected(port)
        self.count = 0
        self._read()

    def __call__(self, command: str, **parameters: Any) -> Any:
        self.count += 1
        message = json.dumps([0, self.count, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = self._read()
        assert error is None, error
        return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value

    def _read(self) -> Any:
        length = b""
        while (byte := self.socket.recv(1)) != b":":
            length += byte
        body = b""
        while len(body) < int(length):
            body += self.socket.recv(int(length) - len(body))
        return json.loads(body)


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 90)
        except OSError:
            assert time.monotonic() < end, "Firefox did not answer"
            time.sleep(0.3)


@pytest.fixture(scope="module")
def firefox(deepseek_result: StudyResult, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marionette]:
    """Firefox with the report open and nothing drawn yet."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("this test needs Firefox, which this machine does not have")
    profile: Path = tmp_path_factory.mktemp("firefox")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n', encoding="utf-8")
    page = profile / "report.html"
    deepseek_result.to_html(page)
    words = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        browser = Marionette(port)
        browser("WebDriver:NewSession", capabilities={})
        browser("WebDriver:SetTimeouts", script=60000)
        browser("WebDriver:SetWindowRect", width=1440, height=1000)
        browser("WebDriver:Navigate", url=page.as_uri())
        yield browser
        browser.socket.close()
    finally:
        process.terminate()
        process.wait(20)


def test_what_was_never_drawn_is_printed(firefox: Marionette) -> None:
    pdf = base64.b64decode(firefox("WebDriver:Print", background=True, page={"width": 21.0, "height": 29.7}))
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 150_000  # text alone is far less
    count = "return document.querySelectorAll('main details[open]').length"
    assert firefox("WebDriver:ExecuteScript", script=count, args=[]) == 0  # folds are closed again


def test_every_figure_is_drawn_and_nothing_overflows(firefox: Marionette) -> None:
    assert firefox("WebDriver:ExecuteAsyncScript", script=DRAW_ALL, args=[]) == "drawn"
    script = (
        "return [document.querySelectorAll('.plot').length, document.querySelectorAll('.plot[data-drawn=true]').length,"
        " document.documentElement.scrollWidth - innerWidth,"
        " document.querySelector('.rulings').getBoundingClientRect().bottom + scrollY]"
    )
    plots, drawn, over, answered = firefox("WebDriver:ExecuteScript", script=script, args=[])
    assert plots == drawn >= 13
    assert over <= 0
    assert answered <= 1000
