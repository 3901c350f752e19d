"""How the commands print: tables and JSON to stdout, messages and progress to stderr. rich is imported when used."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from eventstudy.objects.verdicts import Verdict
    from eventstudy.simulation.result import SimulationResult


def verdict_table(verdicts: tuple[Verdict, ...]) -> Table:
    """One row a claim: id, verdict, the sentence with the number."""
    from eventstudy.report.tables import statement

    rows = [
        (
            v.claim.id,
            v.verdict + (f" ({v.note})" if v.note else ""),
            " ".join(filter(None, (statement(v.summary), v.reason))),
        )
        for v in verdicts
    ]
    return table(("claim", "verdict", "what the prices say"), rows)


def print_power(result: SimulationResult) -> None:
    """To stdout: one row a test with its rejected share at every move, why tests do not apply, and the sentence."""
    from eventstudy.report.frames import cell
    from eventstudy.simulation.page import power_table

    found = power_table(result)
    shown = found.columns[:-1]
    rows = [tuple(cell(value, column) for value, column in zip(row, shown, strict=False)) for row in found.rows]
    typer.echo(f"{found.caption}\n")
    print_table(table(tuple(column.label for column in shown), rows))
    said = [f"{row[0]}: {row[-1]}" for row in found.rows if row[-1]]
    typer.echo("\n".join(["", *said, *([""] if said else []), result.sentence]))


def table(headers: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    """A plain table; cells are taken as text, without markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table


def print_table(table: Table) -> None:
    """To stdout, as wide as the terminal, 120 columns where it goes to a file or pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 120
    Console(width=width, soft_wrap=False, highlight=False).print(table)


def print_json(value: Any) -> None:
    """To stdout, for machines."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def say(message: str) -> None:
    """A message to stderr."""
    typer.echo(message, err=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, on a terminal only; yields what is to be called with (done, all)."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
