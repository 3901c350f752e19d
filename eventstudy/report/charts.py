"""A figure of the study as a block of the page: what is drawn, the sentence and the table behind it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping

from eventstudy.report import tables
from eventstudy.report.blocks import Chart
from eventstudy.report.frames import csv_text, from_frame
from eventstudy.report.tables import Table
from eventstudy.results import StudyResult

#: rows of a table that stand in the page; what is longer is cut there and whole in its CSV file
ROWS = 120

TITLES: Mapping[str, str] = {
    "day": "Returns and abnormal returns on the day",
    "movers": "Who fell, who rose",
    "car": "Cumulative abnormal returns around the event",
    "benchmarks": "The same day against other benchmarks",
    "tests": "Every test on every window",
    "claims": "Claimed against measured",
    "scatter": "Each security on its benchmark, the event day marked",
    "residuals": "Residuals of the estimation window",
    "calendar": "Who traded when",
    "prices": "Prices around the event",
}


def chart(result: StudyResult, name: str) -> Chart:
    """The registered figure `name`, built now: one that cannot be built fails the run, as it should."""
    from plotly.io import to_json

    from eventstudy.figures import CAPTIONS, FIGURES, TABLES

    figure = FIGURES[name](result)
    title = TITLES.get(name, name.replace("_", " ").capitalize())
    table = from_frame(TABLES[name](result), f"{name}-table", f"{title}: the numbers")
    return Chart(
        id=f"figure-{name}",
        title=title,
        caption=tables.statement(CAPTIONS[name](result)),
        json=to_json(figure, validate=False, engine="json"),
        height=int(figure.layout.height or 450),
        table=_head(table),
        csv=packed(csv_text(table)) if len(table.rows) > ROWS else None,
    )


def _head(table: Table) -> Table:
    if len(table.rows) <= ROWS:
        return table
    note = f"The first {ROWS} of {len(table.rows):,} rows; the CSV file has them all."
    return Table(table.id, table.caption, table.columns, table.rows[:ROWS], note)


def packed(text: str) -> str:
    """Text as gzip in base64, the same bytes for the same text (no time stamp)."""
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")


def charts(result: StudyResult, *names: str) -> tuple[Chart, ...]:
    """Those of the figures `names` that are registered, in this order."""
    from eventstudy.figures import FIGURES

    return tuple(chart(result, name) for name in names if name in FIGURES)


def others(result: StudyResult) -> tuple[Chart, ...]:
    """Figures that are registered but have no place of their own in a section."""
    from eventstudy.figures import FIGURES

    return tuple(chart(result, name) for name in FIGURES if name not in TITLES)
