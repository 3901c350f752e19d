"""The notebooks with their outputs: ``python tests/notebook_pages.py`` executes and writes them (``make notebooks``).

Nothing that differs from run to run is kept: no times, no paths, no names of cells that a program drew at random. Of
each output the richest form stays that a code host shows: a picture, else a table, else text.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
SHOWN = ("image/svg+xml", "image/png", "text/html", "text/plain")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path) -> NotebookNode:
    """The notebook, run from top to bottom in an empty folder, as it is committed."""
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as work:
        own = {"IPYTHONDIR": f"{work}/ipython", "JUPYTER_PLATFORM_DIRS": "1", "COLUMNS": "120"}
        resources = {"metadata": {"path": work}}
        client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources=resources)
        client.execute(env={**os.environ, **own})
    return kept(notebook)


def kept(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what differs from run to run."""
    notebook.metadata = METADATA
    for k, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{k}", {}
    for k, cell in enumerate(code_cells(notebook), 1):
        cell.execution_count = k
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            if "data" in output:
                form = next(form for form in SHOWN if form in output.data)
                output.data, output.metadata = {form: output.data[form]}, {}
            if "execution_count" in output:
                output.execution_count = k
    return notebook


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with what was printed in several pieces as one."""
    found: list[NotebookNode] = []
    for output in outputs:
        if found and output.output_type == found[-1].output_type == "stream" and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(output: NotebookNode) -> tuple[str, list[str]]:
    """What kind of output it is, and the numbers as they are printed in it; of a picture its presence."""
    if output.output_type == "stream":
        return output.name, numbers(output.text)
    form, text = next(iter(output.data.items()))
    shown = re.sub(r"<style.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)
    return form, [] if form.startswith("image/") else numbers(shown)


def numbers(text: str) -> list[str]:
    """The numbers of a text, as printed."""
    return re.findall(r"[-−+]?\d[\d.,]*(?:e[-+]\d+)?", text)


if __name__ == "__main__":
    for each in NOTEBOOKS:
        nbformat.write(executed(each), each)
        print(each.relative_to(Path.cwd()) if each.is_relative_to(Path.cwd()) else each)
