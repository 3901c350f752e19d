"""The notebooks run from top to bottom in an empty folder, define nothing and are committed without outputs."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# `make notebooks` names a folder here, in which the executed copies are kept for reading.
KEEP = os.environ.get("EVENTSTUDY_KEEP_NOTEBOOKS")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS][:1] == ["01_quickstart.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_bare(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].cell_type == "markdown"
    for cell in code_cells(notebook):
        assert not cell.outputs, "commit notebooks without their outputs"
        assert cell.execution_count is None
        defined = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, defined)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# The kernel's sockets and event loop belong to nbclient and jupyter_client; what they warn of is not ours to mend.
@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning")
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    work = tmp_path / "work"
    work.mkdir()
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(work)}}).execute()
    if KEEP:
        folder = Path(KEEP)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / path.name)
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [o for o in outputs if len(str(o.get("data", {}).get("text/plain", ""))) > 5_000], "a flood of text"
    assert not [output.text for output in outputs if output.get("name") == "stderr"], "a notebook warns of nothing"
    assert [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})], "no figure was drawn"
    assert [o for o in outputs if "<table" in str(o.get("data", {}).get("text/html", ""))], "no table was shown"
