"""A figure of the study as a block of the page: what is drawn, the sentence and the table behind it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import FIGURES, picture, words
from eventstudy.figures.card import Figure, drawn, found, numbers, said
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Chart, Fold
from eventstudy.report.frames import first_rows, frame_file, from_frame, with_share

#: numpy types that plotly.js reads as bytes; int64 it does not
BINARY = frozenset({"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"})
#: rows of a table that stand in the page; a longer one is cut there, and whole in its CSV file
ROWS = 30
#: cells of a figure's CSV file in the page: the paths of 340 events over 21 days
FILED = 72_000
#: significant digits of files that would take up much of the page; prices to the cent hardly hold more
DIGITS = {"scatter": 6, "car": 6, "residuals": 6, "tests": 6, "specifications": 5, "recovery": 5}


def chart(result: object, card: Figure, share: str = "") -> Chart:
    """A figure, built now: one that cannot be built fails the run, as it should.

    `share` is the confidence of its intervals, which heads their ends in the table.
    """
    drawing, frame = drawn(card, result), numbers(card, result)
    table = from_frame(frame.head(ROWS), f"{card.name}-table", f"{card.title}: the numbers")
    filed = min(len(frame), FILED // max(1, len(frame.columns)))
    return Chart(
        id=anchor(card),
        title=tables.statement(found(card, result), tables.text),
        what="" if card.finding is None else card.title if card.title.endswith("?") else f"{card.title}.",
        caption=wording.curly(tables.statement(said(card, result), tables.text)),
        json=figure_json({"data": drawing.traces, "layout": drawing.layout}),
        picture=picture.svg(drawing) if picture.drawable(drawing) else "",
        height=int(drawing.layout.get("height") or 450),
        table=replace(with_share(table, share) if share else table, note=_note(len(frame), filed)),
        file=frame_file(frame.head(filed), DIGITS.get(card.name, 12)),
        csv=table.id if filed == len(frame) else f"{table.id}-first-{filed}",
    )


def _note(rows: int, filed: int) -> str | None:
    if filed < rows:
        return (
            f"The first {ROWS} of {rows:,} rows. So that the page stays small, its CSV file holds the first {filed:,}, "
            "as its name says: eventstudy run --formats csv writes every abnormal return."
        )
    return first_rows(ROWS, rows) if rows > ROWS else None


def anchor(card: Figure) -> str:
    """Where a figure stands on the page."""
    return f"figure-{card.name}"


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
    cards = [FIGURES[name] for name in names if name in FIGURES]
    return tuple(_of(result, card) for card in cards if card.fits(result))


def chart_folds(result: StudyResult, *names: str) -> tuple[Fold, ...]:
    """As `charts`, each in a fold that says what it shows and opens on demand; on paper it is open."""
    return tuple(Fold(f"{one.id}-fold", one.title, (one,)) for one in charts(result, *names))


def others(result: StudyResult, shown: Container[str]) -> tuple[Chart, ...]:
    """Figures that say something in this study and that no section shows; `shown` are the anchors of those that are."""
    cards = [card for card in FIGURES.values() if anchor(card) not in shown and card.fits(result)]
    return tuple(_of(result, card) for card in cards)


def _of(result: StudyResult, card: Figure) -> Chart:
    return chart(result, card, words.share(result.settings.alpha))
