"""The pictures of docs/gallery.md: the first screen of every bundled study's report, drawn by an installed Chromium.

``python docs/gallery.py`` writes docs/gallery-STUDY.png.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import eventstudy as es
from eventstudy.files.browser import needed
from eventstudy.files.folders import bundled_names

HERE = Path(__file__).parent
WINDOW, SCALE = "1180,900", "0.75"  # pixels of the page, and of the picture for each of them


def main() -> None:
    browser = needed("the gallery is drawn")
    for name in bundled_names():
        with tempfile.TemporaryDirectory() as folder:
            page = es.load(name).run().to_html(Path(folder, "page.html"))
            command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
            command += [f"--window-size={WINDOW}", f"--force-device-scale-factor={SCALE}"]
            command += ["--virtual-time-budget=10000", f"--user-data-dir={folder}/profile"]
            shot = f"--screenshot={HERE / f'gallery-{name}.png'}"
            subprocess.run([*command, shot, page.as_uri()], check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
