"""The card of a claim as an SVG file: verdict, claim, what was found, the number line, source and date inside."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator

from eventstudy.figures import marks, theme
from eventstudy.figures.picture import WIDTH, ink
from eventstudy.objects.results import StudyResult
from eventstudy.report import cards, picture, wording
from eventstudy.report.numberline import Bar, NumberLine

CLAIM, FOUND, SMALL, FOOT = 22.0, 15.0, 13.0, 11.0  # sizes of letters in pixels
EDGE = 28.0
LINE = 84.0  # height of the number line
KEY = 76.0  # in front of it, the names of its bars
ROOM = WIDTH - KEY
_AXES = 3  # lines of the second axis


def claim_svg(result: StudyResult, claim: str, look: theme.Theme = "light") -> str:
    """The card of one claim, its numbers as the page has them.

    Raises
    ------
    UnknownNameError : no such claim.
    """
    verdict = result.verdict(claim)
    card = cards.card(verdict, result.settings, result.cards, result.content_id)
    colours = ink(look)
    tone = theme.VERDICTS.get(card.verdict, theme.GREY)
    parts, y = [_badge(card.label, tone)], EDGE + 26
    for text, size, colour, bold in _texts(card, colours):
        y += 0.4 * size
        for line in _lines(text, size * (1.06 if bold else 1.0)):
            y += 1.35 * size
            said = html.escape(line, quote=False)
            parts.append(marks.words(f"<b>{said}</b>" if bold else said, EDGE, y - 0.35 * size, size, colour))
        if size == FOUND and card.line is not None:
            parts.append(f'<g transform="translate({marks.shown(EDGE + KEY)} {marks.shown(y + 10)})">')
            parts += [*_number_line(card.line, tone, colours), "</g>"]
            y += LINE + 10
    for line in _lines(picture.source(result), FOOT):
        y += 1.4 * FOOT
        parts.append(marks.words(html.escape(line, quote=False), EDGE, y + FOOT, FOOT, colours.soft))
    width, height = WIDTH + 2 * EDGE, y + EDGE + FOOT
    box = f'viewBox="0 0 {marks.shown(width)} {marks.shown(height)}" width="{marks.shown(width)}"'
    spoken = html.escape(f"{card.label}: {card.says}", quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} height="{marks.shown(height)}" font-family="{theme.FONT}" '
        f'role="img"><title>{spoken}</title><rect width="100%" height="100%" fill="{theme.BACKGROUNDS[look]}"/>'
        f'<rect width="6" height="100%" fill="{tone}"/>{"".join(parts)}</svg>\n'
    )


def _texts(card: cards.Card, colours: marks.Ink) -> Iterator[tuple[str, float, str, bool]]:
    """Every text with its size, colour and weight, from top to bottom."""
    yield card.says, CLAIM, colours.text, True
    yield card.sentence, FOUND, colours.text, False
    spans = [f"Claimed: {card.claimed}" if card.claimed else "", f"Measured: {card.measured}" if card.measured else ""]
    if any(spans):
        yield ". ".join(filter(None, spans)) + ".", SMALL, colours.soft, False
    for axis in card.axes[:_AXES]:
        yield f"{axis.subject}: {axis.state}. {axis.text}", SMALL, colours.soft, False
    said = "; ".join(source.text for source in card.sources)
    if said:
        yield wording.curly(f"Said in {said}"), SMALL, colours.soft, False


def _lines(text: str, size: float) -> Iterator[str]:
    yield from textwrap.wrap(text, int(WIDTH / (marks.WIDTH * size)), break_long_words=False)


def _badge(label: str, tone: str) -> str:
    width = 1.12 * marks.width_of(label, SMALL) + 24
    box = f'<rect x="{marks.shown(EDGE)}" y="{marks.shown(EDGE)}" width="{marks.shown(width)}" height="24" rx="4"'
    return f'{box} fill="{tone}"/>' + marks.words(
        f"<b>{html.escape(label)}</b>", EDGE + 10, EDGE + 17, SMALL, "#ffffff"
    )


def _number_line(line: NumberLine, tone: str, colours: marks.Ink) -> Iterator[str]:
    """Claimed above, measured below, on one scale."""
    yield f'<path d="M0 54H{marks.shown(ROOM)}" stroke="{colours.line}"/>'
    for word, y in (("claimed", 18), ("measured", 42)):
        yield marks.words(word, -KEY, y, FOOT, colours.soft)
    for x, text, anchor in line.ticks:
        at = _pixel(x)
        yield f'<path d="M{marks.shown(at)} 54v5" stroke="{colours.line}"/>'
        yield marks.words(html.escape(text), at, 71, FOOT, colours.soft, anchor)
    yield from _bar(line.claimed, 14, colours.soft)
    yield from _bar(line.measured, 38, tone)
    if line.at is not None and not line.measured.point:
        yield f'<circle cx="{marks.shown(_pixel(line.at))}" cy="38" r="4" fill="{colours.text}"/>'


def _pixel(percent: str) -> float:
    return float(percent) / 100 * ROOM


def _bar(bar: Bar, y: float, colour: str) -> Iterator[str]:
    left, width = _pixel(bar.x), _pixel(bar.width)
    if bar.point:
        yield f'<circle cx="{marks.shown(left)}" cy="{y}" r="6" fill="{colour}"/>'
    else:
        place = f'x="{marks.shown(left)}" y="{y - 6}" width="{marks.shown(width)}"'
        yield f'<rect {place} height="12" rx="2" fill="{colour}"/>'
    if bar.to_right:
        yield f'<path d="M{ROOM - 1} {y - 10}L{ROOM + 11} {y}L{ROOM - 1} {y + 10}Z" fill="{colour}"/>'
    if bar.to_left:
        yield f'<path d="M1 {y - 10}L-11 {y}L1 {y + 10}Z" fill="{colour}"/>'
