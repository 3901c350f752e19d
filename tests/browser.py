"""A browser for tests of the report: where it is, how it is started, waited for and resized.

Where chromium or chromedriver is absent the tests skip with a line that says so, except under
``EVENTSTUDY_REQUIRE_BROWSER=1``, where they fail. The fixtures stand in ``conftest.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900"),
)
DRAW_ALL = "const done = arguments[0]; window.eventstudyDrawAll().then(() => done('drawn'), (e) => done(String(e)));"
FILL_ALL = "const done = arguments[0]; window.eventstudyFillAll().then(() => done());"
UNFOLD = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
FOLD = "document.querySelectorAll('details').forEach((d) => { d.open = false; })"
THEME = "return document.documentElement.dataset.theme || 'light'"
PRESS_THEME = "document.getElementById('theme').click(); return document.documentElement.dataset.theme"


def programs() -> tuple[str, str]:
    """Paths of chromium and chromedriver, or a skip; a failure where the environment insists on them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium and driver:
        return chromium, driver
    missing = " and ".join(name for name, path in (("chromium", chromium), ("chromedriver", driver)) if not path)
    said = f"browser tests need {missing}, which this machine does not have"
    if os.environ.get("EVENTSTUDY_REQUIRE_BROWSER") == "1":
        pytest.fail(said)
    pytest.skip(said)


def start(folder: Path, *flags: str) -> Chrome:
    """Chromium with a profile and a folder ``downloads`` of its own in `folder`; it keeps its console and requests."""
    from selenium import webdriver

    chromium, driver = programs()
    downloads = folder / "downloads"
    downloads.mkdir()
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, *flags, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(60)
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    browser.downloads = downloads  # type: ignore[attr-defined]
    return browser


def resize(chrome: Chrome, width: int, height: int = 900) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def wait(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Until `condition()` is true; the assertion names it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def complaints(chrome: Chrome, *levels: str) -> list[str]:
    """What the console was told since it was last asked, at these levels."""
    return [entry["message"] for entry in chrome.get_log("browser") if entry["level"] in levels]


def requested(chrome: Chrome) -> list[str]:
    """Every address asked for since this was last asked, but for those within the page and the browser."""
    sent = []
    for entry in chrome.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            sent.append(message["params"]["request"]["url"])
    return [url for url in sent if not url.startswith(("data:", "blob:", "chrome:"))]


@contextmanager
def new_tab(chrome: Chrome) -> Iterator[None]:
    """A tab of its own, closed again at the end."""
    chrome.switch_to.new_window("tab")
    try:
        yield
    finally:
        chrome.close()
        chrome.switch_to.window(chrome.window_handles[0])


@contextmanager
def sized(chrome: Chrome, width: int) -> Iterator[None]:
    """A screen that wide, 1280 pixels again at the end."""
    resize(chrome, width)
    try:
        yield
    finally:
        resize(chrome, 1280)


@contextmanager
def themed(chrome: Chrome, mode: str) -> Iterator[None]:
    """The page in that theme, light again at the end."""
    if chrome.execute_script(THEME) != mode:
        assert chrome.execute_script(PRESS_THEME) == mode
    try:
        yield
    finally:
        if mode == "dark":
            chrome.execute_script(PRESS_THEME)


@contextmanager
def unfolded(chrome: Chrome) -> Iterator[None]:
    """Every fold open, cards and their arithmetic unpacked; all closed again at the end."""
    chrome.execute_async_script(FILL_ALL)
    chrome.execute_script(UNFOLD)
    try:
        yield
    finally:
        chrome.execute_script(FOLD)
