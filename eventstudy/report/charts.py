"""A figure of the study as a block of the page: what is drawn, the sentence and the table behind it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.objects.results import StudyResult
from eventstudy.report import tables
from eventstudy.report.blocks import Chart
from eventstudy.report.frames import Table, frame_file, from_frame

#: numpy types that plotly.js reads as bytes; int64 it does not
BINARY = frozenset({"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"})
#: rows of a table that stand in the page; a longer one is cut there, and whole in its CSV file
ROWS = 30
#: significant digits of files that would take up much of the page; prices to the cent hardly hold more
DIGITS = {"scatter": 6, "car": 6, "residuals": 6, "tests": 6}
#: figures that a section calls by name; any other that is registered stands in a section at the end
PLACED = {"claims", "day", "movers", "benchmarks", "prices", "car", "tests", "scatter", "residuals", "calendar"}


def chart(result: StudyResult, name: str) -> Chart:
    """The registered figure `name`, built now: one that cannot be built fails the run, as it should."""
    from eventstudy.figures import CAPTIONS, FIGURES, TABLES, TITLES

    figure, frame = drawn(FIGURES[name], result), TABLES[name](result)
    title = TITLES.get(name) or name.replace("_", " ").capitalize()
    table = from_frame(frame.head(ROWS), f"{name}-table", f"{title}: the numbers")
    cut = f"The first {ROWS} of {len(frame):,} rows; the CSV file has them all." if len(frame) > ROWS else None
    return Chart(
        id=f"figure-{name}",
        title=title,
        caption=tables.statement(CAPTIONS[name](result)),
        json=figure_json(figure),
        height=int(figure["layout"].get("height") or 450),
        table=Table(table.id, table.caption, table.columns, table.rows, cut),
        file=frame_file(frame, DIGITS.get(name, 12)),
    )


def drawn(make: Callable[..., object], result: StudyResult) -> Mapping[str, Any]:
    """Data and layout of a figure: as it was drawn, or taken from the plotly Figure a user's own function made."""
    plain = getattr(make, "__wrapped__", None)
    if plain is None:
        spec: Mapping[str, Any] = make(result).to_plotly_json()  # type: ignore[attr-defined]
        return spec
    drawing = plain(result)
    return {"data": drawing.traces, "layout": drawing.layout}


def figure_json(figure: Mapping[str, Any]) -> str:
    """JSON that plotly.js reads; arrays of numbers in its own binary form, little endian bytes in base64.

    Plotly's writer does the same after building and copying an object for every trace.
    """
    return json.dumps(figure, default=_plain, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray) and value.dtype.str[1:] in BINARY:
        spec = {"dtype": value.dtype.str[1:], "bdata": base64.b64encode(value.tobytes()).decode("ascii")}
        return spec if value.ndim == 1 else {**spec, "shape": ", ".join(str(size) for size in value.shape)}
    if isinstance(value, np.ndarray | np.generic | pd.Index):
        return value.tolist()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a figure holds {type(value).__name__}, which has no JSON")


def charts(result: StudyResult, *names: str) -> tuple[Chart, ...]:
    """Those of the figures `names` that are registered and say something in this study, in this order."""
    from eventstudy.figures import FIGURES, FITS

    shown = [name for name in names if name in FIGURES and (name not in FITS or FITS[name](result))]
    return tuple(chart(result, name) for name in shown)


def others(result: StudyResult) -> tuple[Chart, ...]:
    """Figures that are registered but have no place of their own in a section."""
    from eventstudy.figures import FIGURES

    return tuple(chart(result, name) for name in FIGURES if name not in PLACED)
