"""A figure of the study as a block of the page: what is drawn, the sentence and the table behind it."""

from __future__ import annotations

from eventstudy.report import tables
from eventstudy.report.blocks import Chart
from eventstudy.report.frames import Table, frame_csv, from_frame
from eventstudy.results import StudyResult

#: rows of a table that stand in the page; a longer one is cut there, and whole in its CSV file
ROWS = 60
#: significant digits of files that would take up much of the page; prices hardly hold more
DIGITS = {"scatter": 8}
#: figures that a section calls by name; any other that is registered stands in a section at the end
PLACED = {"claims", "day", "movers", "benchmarks", "prices", "car", "tests", "scatter", "residuals", "calendar"}


def chart(result: StudyResult, name: str) -> Chart:
    """The registered figure `name`, built now: one that cannot be built fails the run, as it should."""
    from plotly.io import to_json

    from eventstudy.figures import CAPTIONS, FIGURES, TABLES, TITLES

    figure, frame = FIGURES[name](result), TABLES[name](result)
    title = TITLES.get(name) or name.replace("_", " ").capitalize()
    table = from_frame(frame.head(ROWS), f"{name}-table", f"{title}: the numbers")
    cut = f"The first {ROWS} of {len(frame):,} rows; the CSV file has them all." if len(frame) > ROWS else None
    return Chart(
        id=f"figure-{name}",
        title=title,
        caption=tables.statement(CAPTIONS[name](result)),
        json=to_json(figure, validate=False, engine="json"),
        height=int(figure.layout.height or 450),
        table=Table(table.id, table.caption, table.columns, table.rows, cut),
        csv=frame_csv(frame, DIGITS.get(name, 12)),
    )


def charts(result: StudyResult, *names: str) -> tuple[Chart, ...]:
    """Those of the figures `names` that are registered and say something in this study, in this order."""
    from eventstudy.figures import FIGURES, FITS

    shown = [name for name in names if name in FIGURES and (name not in FITS or FITS[name](result))]
    return tuple(chart(result, name) for name in shown)


def others(result: StudyResult) -> tuple[Chart, ...]:
    """Figures that are registered but have no place of their own in a section."""
    from eventstudy.figures import FIGURES

    return tuple(chart(result, name) for name in FIGURES if name not in PLACED)
