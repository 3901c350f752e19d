"""StudyResult -> one self-contained HTML page. Sections say what is shown, ``page.html`` how, `tables` rounds.

A section is one card of `SECTIONS`, in the order of the page: what is for everybody first, what is for referees last.

Quirks: `tables` alone rounds; `page.html` alone knows HTML. The page allows scripts by their hash, so a changed
script needs nothing but must stand in one piece. Falls are made negative in `signs`.
"""

from __future__ import annotations

from eventstudy.objects.results import StudyResult
from eventstudy.report import deck, estimation, evidence, method, overview, provenance, reproduce, testing
from eventstudy.report.section import Section, written

__all__ = ["SECTIONS", "Section", "to_html"]

SECTIONS: dict[str, Section] = {
    "answer": overview.ANSWER,
    "claims": deck.CLAIMS,
    "day": evidence.DAY,
    "paths": evidence.PATHS,
    "tests": testing.TESTING,
    "beyond": provenance.BEYOND,
    "estimation": estimation.ESTIMATION,
    "data": provenance.DATA,
    "method": method.METHOD,
    "reproduce": reproduce.REPRODUCE,
}


def prepare() -> None:
    """Compress plotly.js, the one part of a page that needs no result. Other threads can run meanwhile.

    Examples
    --------
    >>> prepare()
    """
    from eventstudy.report.page import plotly_packed

    plotly_packed()


def to_html(result: StudyResult) -> str:
    """The report as one page that needs no other file; `StudyResult.to_html` also writes it.

    The same result gives the same bytes. A figure that cannot be drawn raises an error: no plot is left out silently.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> "<html" in to_html(example_result())
    True
    """
    from eventstudy.report.page import render, report

    sections = tuple(written(card, result) for card in SECTIONS.values())
    return render(report(result, tuple(section for section in sections if section.content.blocks)))
