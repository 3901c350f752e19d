"""StudyResult -> one self-contained HTML page. Sections say what is shown, ``page.html`` how, `tables` rounds.

A section is one function and one entry of `SECTIONS`, in the order of the page.
"""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.objects.results import StudyResult
from eventstudy.report.blocks import Section
from eventstudy.report.cards import claims
from eventstudy.report.evidence import calendar, day, estimation, paths
from eventstudy.report.method import method
from eventstudy.report.overview import overview
from eventstudy.report.provenance import beyond, data
from eventstudy.report.reproduce import reproduce
from eventstudy.report.testing import testing

__all__ = ["SECTIONS", "Section", "to_html"]

SECTIONS: dict[str, Callable[[StudyResult], Section]] = {
    "answer": overview,
    "claims": claims,
    "day": day,
    "paths": paths,
    "tests": testing,
    "estimation": estimation,
    "calendar": calendar,
    "beyond": beyond,
    "data": data,
    "method": method,
    "reproduce": reproduce,
}


def prepare() -> None:
    """Compress plotly.js, the one part of a page that needs no result; compression lets other threads run meanwhile."""
    from eventstudy.report.page import plotly_packed

    plotly_packed()


def to_html(result: StudyResult) -> str:
    """The report as one page that needs nothing else; `StudyResult.to_html` also writes it.

    The same result gives the same bytes. A figure that cannot be built raises: no plot fails silently.
    """
    from eventstudy.report.page import render

    return render(result, tuple(build(result) for build in SECTIONS.values()))
