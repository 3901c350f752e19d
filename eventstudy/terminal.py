"""How the commands print: tables and JSON to stdout, messages and progress to stderr. rich is imported when used."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from eventstudy.verdicts import Verdict


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
