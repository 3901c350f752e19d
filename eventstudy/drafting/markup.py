"""An HTML page as the paragraphs that a reader sees, with the line on which each begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSEEN = {"script", "style", "noscript", "template", "svg"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header",
    "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
_FACTS = {
    "article:published_time": "published", "datepublished": "published", "date": "published", "dc.date": "published",
    "og:site_name": "publisher", "author": "author", "og:url": "url",
}  # fmt: skip
_LONGEST_TAG = 4_000
"""Letters within which a tag has to end: what is longer is read as text, so that no page takes long."""


@dataclass(slots=True)
class Page:
    """The paragraphs of a page (text, line) and what its head says: title, published, publisher, author, url."""

    paragraphs: list[tuple[str, int]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


def page_of(text: str) -> Page:
    """Read a page: scripts, styles and comments are left out, and every block begins a paragraph.

    Examples
    --------
    >>> page = page_of("<title>The day</title><p>Nvidia <b>fell</b> 17&#37;.<script>x</script><p>AMD too.")
    >>> page.paragraphs, page.facts["title"]
    ([('Nvidia fell 17%.', 1), ('AMD too.', 1)], 'The day')
    """
    reader = _Reader()
    reader.feed(_tame(text))
    reader.close()
    reader.flush()
    return reader.page


def _tame(text: str) -> str:
    """The text without comments and declarations, and with every ``<`` that begins no tag of a sane length escaped."""
    parts, at = [], 0
    while (start := text.find("<", at)) >= 0:
        parts.append(text[at:start])
        at = start + 1
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            if end < 0:
                return "".join(parts)
            parts.append("\n" * text.count("\n", start, end))
            at = end + 3
        elif text.startswith(("<!", "<?"), start):
            end = text.find(">", start, start + _LONGEST_TAG)
            at = end + 1 if end > 0 else at
        else:
            parts.append("<" if text.find(">", start, start + _LONGEST_TAG) > 0 else "&lt;")
    return "".join([*parts, text[at:]])


class _Reader(HTMLParser):
    """The standard library's parser, which calls these methods in the order of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.pieces: list[str] = []
        self.line = 1
        self.unseen = 0
        self.in_title = False

    def flush(self) -> None:
        """End a paragraph."""
        said = " ".join("".join(self.pieces).split())
        if said and self.in_title:
            self.page.facts.setdefault("title", said)
        elif said:
            self.page.paragraphs.append((said, self.line))
        self.pieces = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a paragraph; a line break is a space; the head's facts are kept."""
        had = {name: value or "" for name, value in attrs}
        if tag in UNSEEN:
            self.unseen += 1
        elif tag in _BLOCKS:
            self.flush()
            self.in_title = tag == "title" and not self.unseen and "title" not in self.page.facts
        elif tag == "br":
            self.pieces.append(" ")
        elif tag == "meta":
            name = _FACTS.get((had.get("property") or had.get("name") or had.get("itemprop") or "").lower())
            if name is not None and had.get("content", "").strip():
                self.page.facts.setdefault(name, had["content"].strip())
        elif tag == "link" and had.get("rel", "").lower() == "canonical" and had.get("href"):
            self.page.facts.setdefault("url", had["href"])
        elif tag == "time" and re.match(r"\d{4}-\d{2}-\d{2}", had.get("datetime", "")):
            self.page.facts.setdefault("time", had["datetime"])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty element opens nothing."""
        if tag not in UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """A block ends its paragraph."""
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in _BLOCKS:
            self.flush()
            self.in_title = False

    def handle_data(self, data: str) -> None:
        """Text that a reader sees."""
        if self.unseen:
            return
        if data.strip() and not any(map(str.strip, self.pieces)):
            self.line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        self.pieces.append(data)
