"""An article as it lies in a file, text or HTML, read into paragraphs with their lines; what is no text is refused."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from eventstudy.drafting.days import date, first_day
from eventstudy.drafting.draft import Paragraph
from eventstudy.drafting.markup import page_of
from eventstudy.errors import SpecError
from eventstudy.files.reading import read_bytes

LARGEST = 8 * 2**20
"""Bytes of the largest file that is read as an article."""
MOST_LETTERS = 400_000
"""Letters of the longest article, about 60,000 words."""
_OTHER = {
    b"%PDF": "a PDF", b"PK\x03\x04": "a zip archive, as .docx and "
                                     ".epub are", b"\x89PNG": "a picture", b"GIF8": "a picture",
    b"\xff\xd8\xff": "a picture", b"\xd0\xcf\x11\xe0": "an old Word file", b"{\\rtf": "an RTF file",
    b"\x1f\x8b": "a gzip archive",
}  # fmt: skip
_SUFFIXES = {
    ".pdf": "a PDF",
    ".docx": "a Word file",
    ".doc": "a Word file",
    ".rtf": "an RTF file",
    ".odt": "a text document",
}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.I)
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SAME = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "−": "-"})


@dataclass(frozen=True, slots=True)
class Article:
    """The paragraphs of an article and what is known of it; a fact that is not known is the word ``unknown``.

    ``published`` is the day of the article as its head says it, ``named`` the first whole day that its text names.
    """

    name: str
    paragraphs: tuple[Paragraph, ...]
    title: str
    publisher: str = "unknown"
    author: str = "unknown"
    url: str = "unknown"
    published: dt.date | None = None
    named: dt.date | None = None


def read_article(path: Path) -> Article:
    """Read an article.

    Raises
    ------
    SpecError : no ordinary file, too large, empty, no text (a PDF, a picture, NUL bytes) or of an unknown encoding.
    """
    if path.suffix.lower() in _SUFFIXES:
        raise _no_text(path, _SUFFIXES[path.suffix.lower()])
    raw = read_bytes(path, LARGEST)
    for start, what in _OTHER.items():
        if raw.startswith(start):
            raise _no_text(path, what)
    text = _decoded(path, raw).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise SpecError("it holds NUL bytes, so it is no text; save the article as plain text or HTML", file=path)
    html = path.suffix.lower() in (".html", ".htm", ".xhtml") or re.match(r"\s*(?:<!doctype html|<html)\b", text, re.I)
    facts: dict[str, str] = {}
    if html:
        page = page_of(text)
        found, facts = page.paragraphs, page.facts
    else:
        found = _paragraphs(text)
    letters = sum(len(said) for said, _ in found)
    if not any(said.strip() for said, _ in found):
        raise SpecError("there is no text in it", file=path)
    if letters > MOST_LETTERS:
        raise SpecError(f"the article has {letters:,} letters; at most {MOST_LETTERS:,} are read. Split it", file=path)
    paragraphs = tuple(Paragraph(seen(said), n, line) for n, (said, line) in enumerate(found, 1))
    known = {name: _fact(facts[name]) for name in ("publisher", "author", "url") if _fact(facts.get(name, ""))}
    return Article(
        _fact(path.name) or "an article",
        paragraphs,
        title=_fact(facts.get("title", "")) or _fact(path.name) or "an article",
        published=_day(facts.get("published") or facts.get("time") or ""),
        named=first_day(p.text for p in paragraphs),
        **known,
    )


def _no_text(path: Path, what: str) -> SpecError:
    return SpecError(f"it is {what}; save the article as plain text or HTML and give that file", file=path)


def _decoded(path: Path, raw: bytes) -> str:
    """The text: by its byte order mark, as UTF-8, or as an HTML page declares."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(name)
            except UnicodeDecodeError as error:
                raise SpecError(f"not {name} text, though it begins so: {error.reason}", file=path) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        declared = _CHARSET.search(raw[:4096])
        said = f"not UTF-8 text: {error.reason} at byte {error.start}; save it as UTF-8"
        if declared is None:
            raise SpecError(said, file=path) from None
        name = declared[1].decode("ascii")
    try:
        if not codecs.lookup(name)._is_text_encoding:
            raise LookupError
        return raw.decode(name)
    except (LookupError, UnicodeDecodeError):
        raise SpecError(f"{said} (the page says that it is {name}, which it cannot be read as)", file=path) from None


def _paragraphs(text: str) -> list[tuple[str, int]]:
    """Stretches of lines between blank ones, with the line on which each begins."""
    found: list[tuple[str, int]] = []
    kept: list[str] = []
    for n, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            kept.append(line)
        elif kept:
            found.append(("\n".join(kept), n - len(kept)))
            kept = []
    return found


def seen(text: str) -> str:
    """A text without what does not show, and with one sort of apostrophe, space and dash."""
    return _INVISIBLE.sub("", text).translate(_SAME)


def _fact(text: str) -> str:
    """A short text on one line."""
    return " ".join(seen(text).split())[:200].strip()


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text.strip()[:10])
        return date(day.year, day.month, day.day)
    except ValueError:
        return None
