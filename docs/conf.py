"""How `make docs` builds the site: Sphinx reads the Markdown of this folder and the docstrings of the package."""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from typing import Any

project = "eventstudy"
author = "the eventstudy contributors"
release = version = version_of("eventstudy-claims")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
smartquotes = False  # a prime is no quotation mark, and --set no dash

default_role = "code"  # a docstring marks code by single backquotes
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types and units in words
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"eventstudy {release}"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False


def words_not_types(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Put what a docstring says of a parameter below its name: where numpydoc has a type, this package has words."""
    section = ""
    found: list[str] = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"-{3,}", below.strip()):
            section = line.strip()
        entries = re.split(r"(?<=\.) (?=[A-Z]\w+ : )", line) if section == "Raises" else [line]
        for entry in entries:
            said = re.fullmatch(r"([\w*, ]+?) : (.+)", entry) if section in ("Parameters", "Raises", "Yields") else None
            found += [said[1], f"    {said[2]}"] if said else [entry]
    lines[:] = found


def setup(app: Any) -> None:
    """Run before napoleon, which reads the sections."""
    app.connect("autodoc-process-docstring", words_not_types, priority=100)
