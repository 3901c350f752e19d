"""`tests/reference/README.md` has a row for every registered entry, and each row names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eventstudy.inference import DIAGNOSTICS, TESTS
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.models import MODELS

TESTS_FOLDER = Path(__file__).parent
PAGE = (TESTS_FOLDER / "reference/README.md").read_text(encoding="utf-8")
SECTIONS = {"Models": MODELS, "Tests": TESTS, "Tests of a difference": DIFFERENCES, "Diagnostics": DIAGNOSTICS}


def rows(section: str) -> dict[str, tuple[str, str]]:
    """Of each row of a section's table: the entry, what proves it, and where."""
    text = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert text, section
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text[1].splitlines() if line[:1] == "|"]
    return {name.strip("`"): (number, where) for name, number, where in lines[2:]}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_entry_has_a_row(section: str) -> None:
    table = rows(section)
    assert set(table) == set(SECTIONS[section])
    assert all(number and where for number, where in table.values())


def test_every_row_names_tests_that_exist() -> None:
    found = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)
    assert len(found) > len(MODELS) + len(TESTS)
    for file, name in sorted(set(found)):
        assert f"\ndef {name}(" in (TESTS_FOLDER / file).read_text(encoding="utf-8"), f"{file}::{name}"


@pytest.mark.parametrize("path", sorted((TESTS_FOLDER / "reference").iterdir()), ids=lambda path: path.name)
def test_every_file_of_the_folder_is_explained(path: Path) -> None:
    if path.is_file() and path.name != "README.md":
        assert f"`{path.name}`" in PAGE
