"""The card of a section: what it is called, for whom it is, and the function that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from eventstudy.errors import SpecError
from eventstudy.objects.cards import complete
from eventstudy.report.blocks import Content

Audience = Literal["everybody", "referees"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """All facts about a section of the page.

    Parameters
    ----------
    name : its key in `SECTIONS` and its anchor.
    title : its name in the table of contents.
    audience : ``everybody``, or ``referees`` who want to check each step.
    make : takes a finished study and returns a `Content`: the heading and the blocks below it.

    Raises
    ------
    SpecError : a fact is missing.

    Examples
    --------
    >>> from eventstudy.report import SECTIONS
    >>> SECTIONS["paths"].title, SECTIONS["method"].audience
    ('Before and after', 'referees')
    """

    name: str
    title: str
    audience: Audience
    make: Callable[[Any], Content]

    def __post_init__(self) -> None:
        complete(self)
        if self.audience not in get_args(Audience):
            known = " or ".join(get_args(Audience))
            raise SpecError(f"the card Section({self.name!r}): audience is {known}, got {self.audience!r}")


@dataclass(frozen=True, slots=True)
class Written:
    """A section of one page: its card and what its function wrote."""

    card: Section
    content: Content


def written(card: Section, result: object) -> Written:
    """The section of one result.

    Raises
    ------
    SpecError : ``make`` returned something else than a `Content`.
    """
    content = card.make(result)
    if not isinstance(content, Content):
        came = "None (is a return missing?)" if content is None else type(content).__name__
        raise SpecError(
            f"the section {card.name!r}: its function make returned {came}; due is a Content(heading, blocks)"
        )
    return Written(card, content)
