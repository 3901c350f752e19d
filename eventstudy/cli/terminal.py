"""How the commands print: tables and JSON to stdout, messages and progress to stderr. rich is imported when used."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from eventstudy.objects.verdicts import Verdict
    from eventstudy.simulation.result import SimulationResult


WRONG_FIRST = ("contradicted", "imprecise", "partly", "supported", "unresolved")
APART = ("stated", "implied", "opinion")
PIPE_WIDTH = 120
# Control characters but the line end, and what turns the direction of writing round: a name from a file may hold them.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with control characters shown as such, the line end excepted: nothing in a file moves the cursor.

    Examples
    --------
    >>> visible("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def forgiving() -> None:
    """Let both outputs replace what their encoding lacks: a terminal of another encoding is not a reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def verdict_table(verdicts: tuple[Verdict, ...]) -> Table:
    """One line a claim, what is wrong first: verdict, id, the sentence with the number."""
    from eventstudy.report.tables import statement
    from eventstudy.report.wording import label

    ordered = sorted(verdicts, key=lambda v: (APART.index(v.claim.status), WRONG_FIRST.index(v.verdict)))
    rows = [
        (
            label(v),
            v.claim.id,
            " ".join(filter(None, (statement(v.summary), v.reason))),
        )
        for v in ordered
    ]
    return table(("verdict", "claim", "what the prices say"), rows, one_line=True)


def print_power(result: SimulationResult) -> None:
    """To stdout: one row per test with its rejected share at every move, why tests do not apply, and the sentence."""
    from eventstudy.report.frames import cell
    from eventstudy.simulation.page import power_table

    found = power_table(result)
    shown = found.columns[:-1]
    rows = [tuple(cell(value, column) for value, column in zip(row, shown, strict=False)) for row in found.rows]
    print_text(f"{found.caption}\n")
    print_table(table(tuple(column.label for column in shown), rows))
    said = [f"{row[0]}: {row[-1]}" for row in found.rows if row[-1]]
    print_text("\n".join(["", *said, *([""] if said else []), result.sentence]))


def table(headers: tuple[str, ...], rows: list[tuple[Any, ...]], *, one_line: bool = False) -> Table:
    """A plain table; cells are taken as text, without markup. With `one_line` a row is cut where the terminal ends."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, header in enumerate(headers):
        last = i == len(headers) - 1
        cut = one_line and last and sys.stdout.isatty()
        table.add_column(header, overflow="ellipsis" if cut else "fold", no_wrap=one_line, max_width=None)
    for row in rows:
        cells = ("" if cell is None else visible(str(cell)).replace("\n", "\\n") for cell in row)
        table.add_row(*map(Text, cells))
    return table


def print_table(table: Table) -> None:
    """To stdout, as wide as the terminal; to a file or a pipe a line is as long as it has to be."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(soft_wrap=False, highlight=False).print(table)
        return
    whole = any(column.no_wrap for column in table.columns)
    width = Console(width=100_000).measure(table).maximum if whole else PIPE_WIDTH
    console = Console(width=max(width, 1), soft_wrap=False, highlight=False)
    with console.capture() as taken:
        console.print(table)
    print_text("\n".join(line.rstrip() for line in taken.get().splitlines()))


def print_text(text: str) -> None:
    """To stdout."""
    typer.echo(visible(text))


def print_json(value: Any) -> None:
    """To stdout, for machines."""
    print_json_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def print_json_text(text: str) -> None:
    """JSON to stdout; where the encoding is not UTF-8, or a character not to be shown, as ``\\uXXXX``."""
    whole = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    hidden = _CONTROL if whole else re.compile(r"[^\x20-\x7e\n]")
    typer.echo(hidden.sub(lambda found: json.dumps(found[0])[1:-1], text), nl=False)


def say(message: str) -> None:
    """A message to stderr."""
    if message:
        typer.echo(visible(message), err=True)


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
