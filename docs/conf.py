"""How `make docs` builds the site: Sphinx reads the Markdown of this folder and the docstrings of the package."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "eventstudy"
author = "the eventstudy contributors"
release = version = version_of("eventstudy-claims")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4

default_role = "code"  # a docstring marks code by single backquotes
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types and units in words
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"eventstudy {release}"
html_show_sourcelink = False
html_copy_source = False
