"""The first screen as it was looked at: screenshots a tenth of their size, compared with those in ``golden/``.

A pixel is then the mean of ten by ten, so that a word may change and a block that moves, vanishes or turns dark is
seen. Of the blocks of forty by forty pixels up to `SHARE` may differ by more than `STEP` in mean luminance.
``make golden`` takes them again: look at the page before you keep them. They hold for the major version of the browser
in ``golden/browser.txt``; with another the tests skip and say so.
"""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from browser import DRAW_ALL, start

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


GOLDEN = Path(__file__).parent / "golden"
VERSION = GOLDEN / "browser.txt"
WRITE = os.environ.get("EVENTSTUDY_GOLDEN") == "write"
SCALE = 0.1
BLOCK = 4  # pixels of a reduced picture, forty of the screen
STEP = 24.0  # of 255: a difference in mean luminance that counts
SHARE = 0.06  # of the blocks may differ by more


def decoded(png: bytes) -> npt.NDArray[np.float64]:
    """Luminance (height, width), 0 to 255, of a PNG of 8 bits a channel, RGB or RGBA, not interlaced."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, interlaced) == (8, 0)
            step = {2: 3, 6: 4}[colours]
        data += body if kind == b"IDAT" else b""
        at += size + 12
    lines = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + width * step)
    out = np.zeros((height + 1, width * step + step), dtype=np.int64)  # a pixel of zeros before, a line of zeros above
    for y, line in enumerate(lines.astype(np.int64)):
        for x, value in enumerate(line[1:]):
            a, b, c = out[y + 1, x], out[y, x + step], out[y, x]
            out[y + 1, x + step] = (value + _predicted(int(line[0]), int(a), int(b), int(c))) % 256
    pixels = out[1:, step:].reshape(height, width, step)
    return np.asarray(pixels[:, :, :3] @ np.array([0.2126, 0.7152, 0.0722]))


def _predicted(kind: int, a: int, b: int, c: int) -> int:
    """The five filters of PNG: none, the pixel to the left, above, their mean, Paeth's."""
    if kind == 4:
        far = {value: abs(a + b - c - value) for value in (c, b, a)}
        return min((a, b, c), key=lambda value: far[value])
    return (0, a, b, (a + b) // 2)[kind]


def blocks(luminance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Means of squares of `BLOCK` pixels; what is left over at the edges is cut off."""
    height, width = (size // BLOCK for size in luminance.shape)
    cut = luminance[: height * BLOCK, : width * BLOCK]
    return np.asarray(cut.reshape(height, BLOCK, width, BLOCK).mean(axis=(1, 3)))


def differing(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    """The share of blocks whose luminance differs by more than `STEP`."""
    assert one.shape == two.shape
    return float((np.abs(blocks(one) - blocks(two)) > STEP).mean())


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    browser = start(tmp_path_factory.mktemp("golden"), "--hide-scrollbars")
    version = browser.capabilities["browserVersion"].split(".")[0]
    if WRITE:
        VERSION.write_text(f"{version}\n", encoding="utf-8")
    elif VERSION.read_text(encoding="utf-8").strip() != version:
        browser.quit()
        pytest.skip(f"the golden screenshots were not taken with Chromium {version}")
    yield browser
    browser.quit()


def _first_screen(chrome: Chrome, report: Path, width: int, height: int, mode: str) -> bytes:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    look = [{"name": "prefers-color-scheme", "value": mode}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": look})
    chrome.get(report.as_uri())
    chrome.execute_async_script(DRAW_ALL)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": SCALE}
    taken = chrome.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
    return base64.b64decode(taken["data"])


@pytest.mark.slow  # a browser, and the letters of this machine
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 1000), (390, 840)])
def test_the_first_screen_is_as_it_was_looked_at(
    chrome: Chrome, report: Path, width: int, height: int, mode: str
) -> None:
    taken, path = _first_screen(chrome, report, width, height, mode), GOLDEN / f"first-{width}-{mode}.png"
    if WRITE:
        path.write_bytes(taken)
    share = differing(decoded(taken), decoded(path.read_bytes()))
    assert share <= SHARE, f"{share:.0%} of the blocks of {path.name} differ; look at the page, then take them again"


def test_a_screen_in_the_other_theme_or_moved_is_noticed() -> None:
    """The comparison can fail: dark is not light, and a page moved down by forty pixels is another."""
    for width in (1440, 390):
        light, dark = (decoded((GOLDEN / f"first-{width}-{mode}.png").read_bytes()) for mode in ("light", "dark"))
        assert differing(light, dark) > 0.5
        assert differing(light, np.roll(light, 8, axis=0)) > SHARE


def test_the_golden_screenshots_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.iterdir()) < 300_000
