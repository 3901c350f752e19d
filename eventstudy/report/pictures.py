"""A claim's card or a figure as a file: SVG by itself, PNG through Chromium."""

from __future__ import annotations

import base64
import re
from inspect import signature
from pathlib import Path
from typing import Any, get_args

from eventstudy.arguments import choice
from eventstudy.arguments import path as path_
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.figures import FIGURES
from eventstudy.figures.theme import Theme
from eventstudy.files.writing import write_by, write_text
from eventstudy.objects.results import StudyResult
from eventstudy.report.claimpicture import claim_svg
from eventstudy.report.picture import figure_svg

KINDS = (".svg", ".png")
SCALE = 2
"""Pixels of a PNG for each of the SVG."""


def write_picture(result: StudyResult, name: str, path: str | Path, look: Theme = "light", **options: Any) -> Path:
    """Write the figure or the claim of that name, as the end of `path` says; returns the path.

    Raises
    ------
    SpecError : another end than .svg or .png, or a PNG where there is no Chromium.
    UnknownNameError : neither a figure nor a claim of the study.
    """
    at = check_path(path)
    return saved(svg(result, name, choice("look", look, get_args(Theme)), **options), at)


def saved(drawn: str, at: Path) -> Path:
    """Write an SVG as the end of the path says, which `check_path` has looked at; returns the path."""
    return write_text(at, drawn) if at.suffix.lower() == ".svg" else write_by(at, lambda file: _png(drawn, file))


def check_path(path: str | Path) -> Path:
    """The path of a picture that can be written here.

    Raises
    ------
    SpecError : another end than .svg or .png, or a PNG where there is no Chromium.
    """
    at = path_("path", path, "amd-8.svg")
    if at.suffix.lower() not in KINDS:
        raise SpecError(f"a picture is written as {' or '.join(KINDS)}, got {str(at)!r}")
    if at.suffix.lower() == ".png":
        from eventstudy.files.browser import needed

        needed("a PNG is drawn")
    return at


def svg(result: StudyResult, name: str, look: Any = "light", **options: Any) -> str:
    """The figure or claim of that name as SVG.

    Raises
    ------
    UnknownNameError : neither a figure nor a claim; an option that the figure does not take.
    """
    if name in FIGURES:
        taken = [key for key in signature(FIGURES[name].draw).parameters if key != "result"]
        for key in options:
            if key not in taken:
                raise UnknownNameError(f"option of the figure {name}", key, tuple(taken))
        return figure_svg(result, FIGURES[name], look, **options)
    claims = tuple(v.claim.id for v in result.verdicts)
    if name not in claims:
        raise UnknownNameError("figure or claim", str(name), (*FIGURES, *claims))
    if options:
        raise SpecError(f"{', '.join(options)}: the picture of a claim takes no options; {name!r} is a claim")
    return claim_svg(result, name, look)


def _png(drawn: str, file: Path) -> None:
    from eventstudy.files.browser import drawn as ran

    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", ran(_PAGE.replace("SVG", _address(drawn))))
    if found is None:
        raise SpecError("Chromium drew no picture")
    file.write_bytes(base64.b64decode(found[1]))


def _address(drawn: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode('utf-8')).decode('ascii')}"


_PAGE = f"""<!doctype html><meta charset="utf-8"><body><script>
const image = new Image();
image.onload = () => {{
  const canvas = document.createElement("canvas");
  canvas.width = {SCALE} * image.width; canvas.height = {SCALE} * image.height;
  const pen = canvas.getContext("2d");
  pen.scale({SCALE}, {SCALE}); pen.drawImage(image, 0, 0);
  document.body.textContent = canvas.toDataURL("image/png");
}};
image.src = "SVG";
</script>"""
