"""A finished study as plain HTML without script: readable in a notebook and in a code host's preview of one."""

from __future__ import annotations

from html import escape

import pandas as pd

from eventstudy.errors import joined
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Verdict
from eventstudy.report import tables, wording
from eventstudy.report.frames import Cell, Column, Table, cell, from_frame
from eventstudy.report.signs import with_signs

_CELL = "padding:0.25em 0.75em;vertical-align:top;text-align:{}"

MOST = 100
"""Rows of a table that is printed; the files for machines have all of them."""
MEANS = "Mean cumulative abnormal returns (CAAR)"
BY = {"portfolio_t": "from the portfolio on the shared date", "cross_sectional_t": "from the cross-section of events"}


def summary_html(result: StudyResult) -> str:
    """Title, tally of verdicts, the table of verdicts and the CARs of the headline event.

    Attributes and plain tables only: no script, no style sheet, no reference to anything outside.
    """
    counts = {word: n for word, n in wording.tally(result.verdicts).items() if n}
    parts = [f"<h3>{escape(result.settings.title)}</h3>"]
    if result.verdicts:
        said = ", ".join(f"<b>{n}</b> {word}" for word, n in counts.items())
        parts += [f"<p>{sum(counts.values())} claims: {said}.</p>", table_html(verdict_table(result))]
    parts += [table_html(car_table(result, event)) for event in result.select(result.settings.headline_event)]
    return "<div>" + "\n".join(parts) + "</div>"


def verdict_table(result: StudyResult) -> Table:
    """One row a claim: id, what is claimed, verdict, headline number, where it was said."""
    columns = (
        Column("id", "Id"),
        Column("says", "Claim"),
        Column("verdict", "Verdict"),
        Column("measured", "Measured", "number"),
        Column("sources", "Said in"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            v.claim.id,
            v.claim.says,
            wording.label(v),
            measured(v),
            " ".join(s.key for s in v.claim.sources),
        )
        for v in map(with_signs, result.verdicts)
    )
    return Table("verdicts", "Verdicts", columns, rows)


def measured(verdict: Verdict) -> Quantity | str | None:
    """What was measured, in a cell: the headline reading, or from the least to the most where members are judged."""
    if verdict.measured is None:
        return None
    if verdict.claim.params.get("quantifier", "mean") != "mean":
        return tables.interval(verdict.measured)
    return Quantity(verdict.value, verdict.measured.unit)


def car_table(result: StudyResult, event: EventResult) -> Table:
    """One row a security, one column a window: cumulative abnormal returns of one event (decimals)."""
    windows = tuple(dict.fromkeys(finding.result.window for finding in event.tests)) or (event.panel.event,)
    spans = [(w, tables.window((w.start, w.end))) for w in windows]
    columns = (Column("ticker", "Security"), *(Column(f"car_{w.start}_{w.end}", s, "decimal", True) for w, s in spans))
    cars = [event.abnormal.car(w) for w in windows]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (t, *(float(car[i]) for car in cars)) for i, t in enumerate(event.panel.keys)
    )
    against = f" against {result.against(event)}" if result.against(event) else ""
    caption = f"Cumulative abnormal returns, {result.model(event).words}{against}"
    return Table(f"cars-{event.exchange}", caption, columns, rows)


def table_html(table: Table) -> str:
    """A table as plain HTML, each number rounded for its column."""
    sides = [_CELL.format("left" if c.unit == "text" else "right") for c in table.columns]
    head = "".join(f'<th style="{s}">{escape(c.label)}</th>' for c, s in zip(table.columns, sides, strict=True))
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td style="{s}">{escape(cell(value, c))}</td>'
            for value, c, s in zip(row, table.columns, sides, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def mean_rows(caar: pd.DataFrame) -> Table:
    """Mean CARs, a row a group and window: the mean, its standard error and interval, the events."""
    several = "event" in caar and caar["event"].nunique() > 1
    names = [*(["event"] if several else []), "subject", "window", "caar", "se", "low", "high", "n"]
    level = tables.number(float(caar["level"].iloc[0]), "share")
    note = f"Standard errors: {said_by(caar)}. Intervals at {level}."
    return cut(caar[names].assign(window=caar["window"].map(minus)), "caar", MEANS, note)


def said_by(caar: pd.DataFrame) -> str:
    """Where the standard errors of mean CARs come from."""
    return joined([BY[name] for name in dict.fromkeys(caar["by"])])


def cut(frame: pd.DataFrame, name: str, caption: str, note: str = "") -> Table:
    """The first `MOST` rows as a table; how many there are where it is cut."""
    made = from_frame(frame.head(MOST), name, caption)
    more = f"The first {MOST} of {len(frame):,} rows; the workbook, the CSV and the Parquet file have them all."
    said = " ".join(filter(None, (note, more if len(frame) > MOST else "")))
    return Table(name, caption, made.columns, made.rows, said or None)


def minus(text: object) -> str:
    """A window as text, with a minus sign in the place of a hyphen."""
    return str(text).replace("-", tables.MINUS)
