"""What a section is made of. Sections say what is shown; ``page.html`` alone says how, and escapes all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eventstudy.report.frames import File, Table


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs of text. ``tone`` is ``body``, ``note`` (small) or ``warning`` (boxed)."""

    paragraphs: tuple[str, ...]
    tone: str = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below that of the section, with an anchor."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each entry may begin with a term set in bold."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be typed or copied, as it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in one line of symbols with the sentence that reads it."""

    name: str
    symbols: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with its CSV button and anchor."""

    table: Table


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with the sentence and the table behind it.

    ``title`` is what it shows of this study, ``what`` what it is; ``json`` is what plotly.js draws, ``height`` pixels;
    ``picture`` the same in SVG, as it stands before a script runs and on paper, empty where no script means no picture.
    ``file`` holds all rows, or of very many the first, as ``csv``, the name of the file, says; `table` holds fewer.
    """

    id: str
    title: str
    what: str
    caption: str
    json: str
    picture: str
    height: int
    table: Table
    file: File
    csv: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that open on demand; ``warning`` is said before they do."""

    id: str
    summary: str
    blocks: tuple[Block, ...]
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """Blocks with a layout of their own: ``name`` is the macro of ``page.html`` that draws `content`."""

    name: str
    content: object


Block = Prose | Heading | Bullets | Code | Formula | Listing | Chart | Fold | Special


@dataclass(frozen=True, slots=True)
class Content:
    """What a section says of one study: its heading and the blocks below it."""

    heading: str
    blocks: tuple[Block, ...]


def folded(blocks: Iterable[Block]) -> Iterator[Block]:
    """Each `Heading` and what follows it as a `Fold` with the heading's anchor; what stands before the first stays."""
    head: Heading | None = None
    inside: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            if head is not None:
                yield Fold(head.id, head.text, tuple(inside))
            head, inside = block, []
        elif head is None:
            yield block
        else:
            inside.append(block)
    if head is not None:
        yield Fold(head.id, head.text, tuple(inside))


def kind(block: Block) -> str:
    """The macro that draws a block."""
    return block.name if isinstance(block, Special) else type(block).__name__.lower()
