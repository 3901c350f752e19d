"""A figure of a study as a file of its own: SVG with title, source and date inside, made without a browser."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from typing import Any

from eventstudy import __version__
from eventstudy.errors import SpecError
from eventstudy.figures import marks, picture, theme
from eventstudy.figures.card import Figure, drawn, found, said
from eventstudy.figures.drawing import Drawing
from eventstudy.objects.results import StudyResult
from eventstudy.report import design, tables, wording

TITLE, SAID, FOOT = 20.0, 13.0, 11.0  # sizes of letters in pixels
EDGE = 16.0


def figure_svg(result: StudyResult, card: Figure, look: theme.Theme = "light", /, **options: Any) -> str:
    """A figure as an SVG file: what it shows as its title, what it is, the drawing, source and date.

    Parameters
    ----------
    card : of `FIGURES`.
    look : ``light`` or ``dark``.
    options : those of the figure, such as ``event`` or ``ticker``.

    Raises
    ------
    SpecError : the figure has a type of trace that only plotly draws.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> from eventstudy.figures import FIGURES
    >>> figure_svg(example_result(), FIGURES["day"])[:4]
    '<svg'
    """
    drawing = drawn(card, result, **options)
    if not picture.drawable(drawing):
        types = ", ".join(sorted({str(t["type"]) for t in drawing.traces} - set(marks.KNOWN)))
        known = ", ".join(marks.KNOWN)
        raise SpecError(
            f"the figure {card.name!r} has traces of type {types}; a picture without a browser holds {known}. "
            "Save it from the page, or with plotly's own write_image."
        )
    title = tables.statement(found(card, result, **options), tables.text)
    return alone(drawing, title, tables.statement(said(card, result, **options), tables.text), source(result), look)


def alone(drawing: Drawing, title: str, below: str, foot: str, look: theme.Theme = "light") -> str:
    """A drawing as an SVG file with a title, a line below it, and a foot."""
    ink = picture.ink(look)
    head, start = _head(title, below, ink)
    body, tall = picture.inside(drawing, ink)
    width, height = picture.WIDTH + 2 * EDGE, start + tall + 2.8 * FOOT
    size = f'viewBox="0 0 {marks.shown(width)} {marks.shown(height)}" width="{marks.shown(width)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} height="{marks.shown(height)}" font-family="{theme.FONT}" '
        f'role="img"><title>{html.escape(title, quote=False)}</title>'
        f'<rect width="100%" height="100%" fill="{theme.BACKGROUNDS[look]}"/>{head}'
        f'<g transform="translate({marks.shown(EDGE)} {marks.shown(start)})">{body}</g>'
        f"{marks.words(foot, EDGE, height - FOOT, FOOT, ink.soft)}</svg>\n"
    )


def _head(title: str, below: str, ink: marks.Ink) -> tuple[str, float]:
    """Title and subtitle in lines that fit, and where they end."""
    parts: list[str] = []
    y = EDGE
    for text, size, colour, bold in ((title, TITLE, ink.text, True), (below, SAID, ink.soft, False)):
        for line in _lines(wording.curly(text), size * (1.06 if bold else 1.0)):
            y += 1.35 * size
            escaped = f"<b>{html.escape(line, quote=False)}</b>" if bold else html.escape(line, quote=False)
            parts.append(marks.words(escaped, EDGE, y - 0.35 * size, size, colour))
    return "".join(parts), y + EDGE


def _lines(text: str, size: float) -> Iterator[str]:
    yield from textwrap.wrap(text, int(picture.WIDTH / (marks.WIDTH * size)), break_long_words=False)


def source(result: StudyResult) -> str:
    """What stands below a picture: the study, its days, where prices come from and what made it."""
    days = design.days(design.places(result))
    provenance = result.prices.provenance
    when = f", {design.span_of(days)}" if days else ""
    title = result.settings.title
    dated = "" if days and design.span_of(days) in title else when
    return f"{title}{dated}. Prices: {wording.prices(provenance.source)}. eventstudy {__version__}."
