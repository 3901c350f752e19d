"""Tables as text that fits the terminal: names are whole, the last column is wrapped, cut or put below its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any
from unicodedata import combining, east_asian_width

GAP = "  "
LAST = 20
"""Characters that a last column keeps beside the others; with less room it stands below its row."""
INDENT = 4
Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headers and rows of text.

    With ``one_line`` the last column of a row is cut where the terminal ends. ``styles`` are colours by the first word
    of a cell.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    one_line: bool = False
    styles: Mapping[str, str] | None = None


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    one_line: bool = False,
    styles: Mapping[str, str] | None = None,
) -> TextTable:
    """A table of anything; None is an empty cell and a line end is shown as such."""
    shown = tuple(tuple("" if cell is None else str(cell).replace("\n", "\\n") for cell in row) for row in rows)
    return TextTable(tuple(headers), shown, one_line, styles)


def length(text: str) -> int:
    """Columns of a terminal that a text takes: two for East Asian wide letters, none for combining marks.

    >>> length("AMD"), length("東京")
    (3, 4)
    """
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def lines(table: TextTable, columns: int | None, cut: bool, paint: Paint) -> Iterator[str]:
    """The lines of a table on a terminal of so many `columns`, as long as they have to be where None.

    Parameters
    ----------
    cut : whether rows of a table of ``one_line`` are cut where the terminal ends.
    paint : puts a text in the colour of a style.

    Examples
    --------
    >>> shown = table(("verdict", "claim"), [("supported", "Nvidia fell by 17 per cent on the day")])
    >>> print(*lines(shown, 31, False, lambda text, style: text), sep="\\n")
    verdict    claim
    supported  Nvidia fell by 17
               per cent on the day
    """
    every = (table.headers, *table.rows)
    widths = [max(length(row[i]) for row in every) for i in range(len(table.headers))]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    if columns is None or before + widths[-1] <= columns:
        room, below = widths[-1], False
    elif before + LAST <= columns:
        room, below = columns - before, False
    elif before - len(GAP) <= columns and len(widths) > 1:
        room, below = columns - INDENT, True
    else:
        yield from _records(table, columns, paint)
        return
    cut = cut and table.one_line
    for k, row in enumerate(every):
        style = _bold if k == 0 else _styled(table.styles, paint)
        head = GAP.join(_padded(cell, width, style, paint) for cell, width in zip(row[:-1], widths[:-1], strict=True))
        parts = _parts(row[-1], room, cut)
        last = [style(part, paint) if k == 0 or len(parts) == 1 else part for part in parts]
        if below:
            yield head.rstrip()
            yield from (" " * INDENT + part for part in last if part)
        else:
            yield (head + GAP + last[0] if head else last[0]).rstrip()
            yield from (" " * before + part for part in last[1:])


Style = Callable[[str, Paint], str]


def _bold(text: str, paint: Paint) -> str:
    return paint(text, "bold") if text else text


def _styled(styles: Mapping[str, str] | None, paint: Paint) -> Style:
    def style(text: str, paint: Paint) -> str:
        name = (styles or {}).get(text.partition(" ")[0])
        return paint(text, name) if name else text

    return style


def _padded(cell: str, width: int, style: Style, paint: Paint) -> str:
    return style(cell, paint) + " " * (width - length(cell))


def _parts(text: str, room: int, cut: bool) -> list[str]:
    """A text on lines of at most `room` columns; with `cut` on one line that ends in an ellipsis."""
    if length(text) <= room:
        return [text]
    if not cut:
        return wrap(text, max(1, room - (length(text) - len(text)))) or [""]
    kept, used = "", 1
    for letter in text:
        used += length(letter)
        if used > room:
            break
        kept += letter
    return [kept.rstrip() + "…"]


def _records(table: TextTable, columns: int, paint: Paint) -> Iterator[str]:
    """Each row as a block: its first cell, then a line a column."""
    for row in table.rows:
        yield _bold(row[0], paint)
        for header, cell in zip(table.headers[1:], row[1:], strict=True):
            if cell:
                said = f"{header}: {cell}" if header else cell
                # A name is not broken, even where it is longer than the terminal is wide.
                parts = wrap(said, columns - INDENT, break_on_hyphens=False, break_long_words=False)
                yield from (" " * INDENT + part for part in parts)
