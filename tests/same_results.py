"""Runs the bundled study at an earlier commit and as it is now, and says what differs.

`python tests/same_results.py REV`; REV is HEAD unless given.

Values of results.json are compared by their path, the page by its bytes; the content id, which follows the version and
the settings, is left out of both. Exit code 1 where something differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 30  # differences spelled out


def run(checkout: Path, out: Path) -> tuple[dict[str, Any], str]:
    """results.json and page of the bundled study by the package in `checkout`."""
    command = [sys.executable, "-m", "eventstudy", "run", "deepseek", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    page = (out / "index.html").read_text(encoding="utf-8")
    for length in (64, 16, 12):
        page = page.replace(results["content_id"][:length], "content id")
    del results["content_id"]
    return results, page


def differences(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """The paths at which two JSON values differ, with both values."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if key not in before or key not in after:
                yield f"{at}.{key}: only {'before' if key in before else 'after'}"
            else:
                yield from differences(before[key], after[key], f"{at}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{at}[{i}]")
    elif before != after:
        yield f"{at}: {str(before)[:120]} -> {str(after)[:120]}"


def main(revision: str) -> int:
    """Compare, print, and count."""
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "checkout"
        subprocess.run(
            ["git", "worktree", "add", "--detach", str(old), revision], cwd=ROOT, check=True, capture_output=True
        )
        try:
            before, old_page = run(old, Path(folder) / "before")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(old)], cwd=ROOT, check=True)
        after, page = run(ROOT, Path(folder) / "after")
    found = list(differences(before, after))
    print("\n".join(found[:SHOWN]))
    print(f"results.json: {len(found)} differences; page: {'the same' if page == old_page else 'differs'}")
    return int(bool(found) or page != old_page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "HEAD"))
