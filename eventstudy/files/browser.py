"""A Chromium that is installed prints a page and draws a picture; nothing of it uses the network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from eventstudy.errors import SpecError
from eventstudy.files.writing import write_by

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 120.0
"""Seconds that a browser may take."""
_FLAGS = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pdf-header-footer"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=30000"),
)


def chromium() -> str | None:
    """The path of a Chromium or Chrome, None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def needed(what: str) -> str:
    """The path of a Chromium.

    Raises
    ------
    SpecError : there is none; it says what it is needed for.
    """
    found = chromium()
    if found is None:
        raise SpecError(f"{what} by Chromium or Chrome, which is not installed here; looked for {', '.join(NAMES)}")
    return found


def print_pdf(page: str, path: str | Path) -> Path:
    """A page of HTML as a PDF on A4, whole or not at all; returns the path.

    Raises
    ------
    SpecError : no Chromium, one that fails or takes longer than `PATIENCE`, or a path that cannot be written to.
    """
    browser = needed("a PDF is printed")

    def fill(file: Path) -> None:
        _called(browser, page, [f"--print-to-pdf={file.resolve()}"])
        if not file.is_file():
            raise SpecError("Chromium printed no PDF")

    return write_by(path, fill)


def drawn(page: str) -> str:
    """What a page of HTML has become after its script ran, as HTML.

    Raises
    ------
    SpecError : no Chromium, or one that fails or takes longer than `PATIENCE`.
    """
    return _called(needed("a picture is drawn"), page, ["--dump-dom"])


def _called(browser: str, page: str, arguments: Sequence[str]) -> str:
    """Start a Chromium with a profile of its own on the page; what it wrote to stdout. It leaves nothing running."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # Chromium's own condition
    with tempfile.TemporaryDirectory(prefix="eventstudy-", ignore_cleanup_errors=True) as folder:
        at = Path(folder, "page.html")
        at.write_text(page, encoding="utf-8")
        command = [browser, *_FLAGS, *root, f"--user-data-dir={folder}/profile", *arguments, at.as_uri()]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                written, _ = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                raise SpecError(f"{browser} did not finish within {PATIENCE:.0f} seconds") from None
            finally:
                _ended(process)
    if process.returncode:
        raise SpecError(f"{browser} ended with code {process.returncode}")
    return written.decode("utf-8", "replace")


def _ended(process: subprocess.Popen[bytes]) -> None:
    """End the browser with whatever it started: they are one group."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
