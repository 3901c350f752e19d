"""Pages of the documents whose Python is run, block by block, and prints what stands below it.

``python tests/test_printed.py`` writes the outputs into the pages again.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = ["litigation.md"]
PAIR = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def printed(page: str) -> str:
    """The page with what its blocks print."""
    space: dict[str, Any] = {}

    def filled(found: re.Match[str]) -> str:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(found[1], page, "exec"), space)
        lines = [line.rstrip() for line in said.getvalue().splitlines()]
        return "\n".join([f"```python\n{found[1]}```\n", "```text", *lines, "```"])

    return PAIR.sub(filled, (DOCS / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_prints_what_it_shows(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert len(PAIR.findall(text)) == text.count("```python") > 0, "a block without its output"
    assert printed(page).splitlines() == text.splitlines()


if __name__ == "__main__":
    for name in PAGES:
        (DOCS / name).write_text(printed(name), encoding="utf-8")
