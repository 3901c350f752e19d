"""The notebooks run from top to bottom in an empty folder, define nothing, and print what is committed."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import nbformat
import pytest
from notebook_pages import METADATA, NOTEBOOKS, SHOWN, code_cells, executed, printed


def test_the_notebooks_in_their_order() -> None:
    assert [path.name for path in NOTEBOOKS] == [
        "01_quickstart.ipynb",
        "02_market_model_by_hand.ipynb",
        "03_which_test_when.ipynb",
        "04_checking_a_headline.ipynb",
        "05_your_own_event.ipynb",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_shows_its_results_without_running(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.metadata == METADATA
    for cell in code_cells(notebook):
        defined = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, defined)]
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    data = [output.data for output in outputs if "data" in output]
    assert all(next(iter(each)) in SHOWN and len(each) == 1 for each in data), "one form that a code host shows"
    assert [each for each in data if "image/svg+xml" in each], "no picture is shown"
    assert [each for each in data if "<table" in each.get("text/html", "")], "no table is shown"
    assert not [output for output in outputs if output.get("name") == "stderr"], "a notebook warns of nothing"
    written = path.read_text(encoding="utf-8")
    assert "<script" not in written
    assert not [place for place in ("/tmp", "/home", "/Users", "PosixPath") if place in written], "a path of a machine"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# The kernel's sockets and event loop belong to nbclient and jupyter_client; what they warn of is not ours to mend.
@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning")
def test_a_notebook_prints_the_numbers_that_are_committed(path: Path) -> None:
    committed, began = nbformat.read(path, as_version=4), time.perf_counter()
    ran = executed(path)
    assert time.perf_counter() - began < 60, "a notebook takes under a minute"
    for then, now in zip(code_cells(committed), code_cells(ran), strict=True):
        said = f"run `make notebooks`: {then.source}"
        assert [printed(output) for output in then.outputs] == [printed(output) for output in now.outputs], said
