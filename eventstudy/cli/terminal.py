"""How the commands print: tables and JSON to stdout, messages and progress to stderr. rich is imported when used."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import typer

from eventstudy.cli.texttable import TextTable, lines, table

if TYPE_CHECKING:
    from eventstudy.objects.verdicts import Verdict
    from eventstudy.simulation.result import SimulationResult


WRONG_FIRST = ("contradicted", "imprecise", "partly", "supported", "unresolved")
APART = ("stated", "implied", "opinion")
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


def verdict_table(verdicts: tuple[Verdict, ...]) -> TextTable:
    """One line a claim, what is wrong first: verdict, id, the sentence with the number.

    The verdict is a word with and without colour; on a narrow terminal it stands without its note.
    """
    from eventstudy.report.tables import statement
    from eventstudy.report.wording import label

    ordered = sorted(verdicts, key=lambda v: (APART.index(v.claim.status), WRONG_FIRST.index(v.verdict)))
    short = (width() or NARROW) < NARROW
    labels = [label(v).split(" (")[0] if short else label(v) for v in ordered]
    found = [" ".join(filter(None, (statement(v.summary), v.reason))) for v in ordered]
    rows = list(zip(labels, [v.claim.id for v in ordered], found, strict=True))
    return table(("verdict", "claim", "what the prices say"), rows, one_line=True, styles=STYLES)


NARROW = 100
"""Columns from which a terminal has room for more than the bare words."""
STYLES: Mapping[str, str] = {
    "contradicted": "bold red",
    "imprecise": "yellow",
    "partly": "magenta",
    "supported": "green",
    "unresolved": "cyan",
    "ok": "green",
    "MISSING": "bold red",
    "fragile": "yellow",
}
"""What a word in the table is set in, where there is colour at all; the word stays the same without."""


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


def width() -> int | None:
    """Columns of the terminal, or as many as the environment's COLUMNS says; None where neither is there."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def coloured() -> bool:
    """Whether stdout is a terminal that shows colours, and nobody has asked for none (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_table(shown: TextTable) -> None:
    """To stdout, as wide as the terminal or COLUMNS; to a file or a pipe else a line is as long as it has to be."""
    paint = _paint if coloured() else _plain
    cells = table(
        shown.headers, [[visible(cell) for cell in row] for row in shown.rows], one_line=shown.one_line,
        styles=shown.styles,
    )  # fmt: skip
    typer.echo("\n".join(lines(cells, width(), sys.stdout.isatty(), paint)), color=coloured() or None)


def _plain(text: str, style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return typer.style(text, bold="bold" in style, fg=style.removeprefix("bold").strip() or None)


def wrapped(text: str, columns: int | None) -> str:
    """The text with lines longer than `columns` broken at spaces, each part indented as its line is.

    Examples
    --------
    >>> print(wrapped("  a line that is too long", 16))
      a line that is
      too long
    """
    if columns is None:
        return text
    from textwrap import wrap

    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        short = len(line) <= columns or len(indent) > columns // 2
        lines += (
            [line]
            if short
            else wrap(line, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        )
    return "\n".join(lines)


def print_text(text: str) -> None:
    """To stdout, broken at spaces where the terminal or COLUMNS is narrower."""
    typer.echo(wrapped(visible(text), width()))


def print_lines(text: str) -> None:
    """To stdout as it stands, lines unbroken: what another program reads."""
    typer.echo(visible(text), nl=False)


def print_json(value: Any) -> None:
    """To stdout, for machines."""
    print_json_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def print_json_text(text: str) -> None:
    """JSON to stdout; where the encoding is not UTF-8, or a character not to be shown, as ``\\uXXXX``."""
    whole = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    hidden = _CONTROL if whole else re.compile(r"[^\x20-\x7e\n]")
    typer.echo(hidden.sub(lambda found: json.dumps(found[0])[1:-1], text), nl=False)


def say(message: str) -> None:
    """A message to stderr, broken at spaces where the terminal is narrower."""
    if message:
        typer.echo(wrapped(visible(message), width() if sys.stderr.isatty() else None), err=True)


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
