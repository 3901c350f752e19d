"""docs/extending.md, done: every example is written into a copy of the package as the page says, and tried there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}


def blocks(section: str) -> dict[str, tuple[str, str]]:
    """What the blocks of a section are for ("file", "in", "try") -> (where, the lines below the first)."""
    found = re.findall(r"^```python\n# (file|in|try):?([^\n]*)\n(.*?)^```", SECTIONS[section], re.MULTILINE | re.DOTALL)
    return {what: (where.strip(), body) for what, where, body in found}


def registered(text: str, registry: str, lines: str) -> str:
    """The source of a registry with the import above its own, and the entry as its first."""
    new, entry = lines.rstrip("\n").split("\n")
    text = re.sub(r"^from eventstudy", f"{new}\nfrom eventstudy", text, count=1, flags=re.MULTILINE)
    start = re.compile(rf"^({registry}: [^\n]*= {{)\n", re.MULTILINE)
    assert start.search(text), f"no literal dict {registry}"
    return start.sub(rf"\1\n{entry}\n", text, count=1)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_is_one_file_one_line_and_works(section: str, tmp_path: Path) -> None:
    parts = blocks(section)
    assert set(parts) == {"file", "in", "try"}, f"{section} shows a file, a line and how to try it"
    shutil.copytree(ROOT / "eventstudy", tmp_path / "eventstudy", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "data").symlink_to(ROOT / "data")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path, source = parts["file"]
    assert not (tmp_path / path).exists()
    (tmp_path / path).write_text(source, encoding="utf-8")
    where, registry = parts["in"][0].split(", ")
    home = tmp_path / where
    home.write_text(registered(home.read_text(encoding="utf-8"), registry, parts["in"][1]), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", "-c", parts["try"][1]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
