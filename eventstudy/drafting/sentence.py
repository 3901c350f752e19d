"""A sentence as the rules see it: names, numbers, verbs and days stand as ``<Wa>``, ``<Qb>``, ``<Vc>``, ``<Dd>``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eventstudy.drafting.aliases import Aliases, Who
from eventstudy.drafting.days import Calendar, Named, days_in
from eventstudy.drafting.quantities import Quantity, quantities
from eventstudy.drafting.vocabulary import MOVES, SAYS_ALONE
from eventstudy.objects.verdicts import Direction

LONGEST = 1_500
"""Letters of the longest sentence that is read as one; what is longer is cut at a space."""
_ABBREVIATIONS = (
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Corp|Inc|Co|Cos|Ltd|Bros|vs|No|Mr|Mrs|Ms|Dr|St|approx|est|"
    "[A-Z]|U\\.S|U\\.K|E\\.U|N\\.V|S\\.A|a\\.m|p\\.m|J\\.P"
)
_END = re.compile(r"([.!?][\"”’')]*)\s+(?=[\"“‘'(]?[A-Z0-9$£€^])")
_SHORT = re.compile(rf"(?:^|[\s(])(?:{_ABBREVIATIONS})\.$")
_STARTER = re.compile(
    r"[\"“‘'(]?(?:The|It|Its|In|On|At|A|An|But|And|Shares|Trading|Volume|All|Most|None|That|This|They|Both)\b"
)
_MOVE = re.compile("|".join(rf"(?P<v{i}>\b(?:{pattern})\b)" for i, pattern in enumerate(MOVES)), re.I)
_MOVE_WORDS = tuple(MOVES.values())
_ALONE = re.compile(rf"(?:{SAYS_ALONE})", re.I)
TOKEN = re.compile(r"<([WQVD])([a-z]+)>")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb or noun of a move: its direction, the word of a claims file, and whether it says a move by itself."""

    direction: Direction
    word: str
    text: str
    alone: bool
    start: int
    end: int


Marked = Who | Quantity | Verb | Named


@dataclass(slots=True)
class Sentence:
    """``text`` with its tokens in small letters, what each token stands for, and which numbers a rule has used."""

    text: str
    tokens: dict[str, Marked]
    used: set[str] = field(default_factory=set)

    def who(self, token: str) -> Who:
        """The name that a token stands for."""
        found = self.tokens[token]
        assert isinstance(found, Who)
        return found

    def quantity(self, token: str) -> Quantity:
        """The number that a token stands for."""
        found = self.tokens[token]
        assert isinstance(found, Quantity)
        return found

    def verb(self, token: str) -> Verb:
        """The verb that a token stands for."""
        found = self.tokens[token]
        assert isinstance(found, Verb)
        return found

    def named(self, token: str) -> Named:
        """The day, month or year that a token stands for."""
        found = self.tokens[token]
        assert isinstance(found, Named)
        return found

    def places(self, letter: str) -> list[tuple[str, int, int]]:
        """Every token of a letter with its place in `text`, in order."""
        return [(m[0], m.start(), m.end()) for m in TOKEN.finditer(self.text) if m[1] == letter]


def sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph.

    Examples
    --------
    >>> list(sentences("Nvidia Corp. fell 3.1% on Jan. 27. The U.S. market rose."))
    ['Nvidia Corp. fell 3.1% on Jan. 27.', 'The U.S. market rose.']
    """
    begins = 0
    for end in _END.finditer(paragraph):
        said, after = paragraph[begins : end.end(1)], paragraph[end.end() : end.end() + 12]
        if end[1].startswith(".") and _SHORT.search(said[-12:]) and not _STARTER.match(after):
            continue
        yield from _cut(said)
        begins = end.end()
    yield from _cut(paragraph[begins:])


def _cut(text: str) -> Iterator[str]:
    while len(text) > LONGEST:
        at = text.rfind(" ", 1, LONGEST)
        at = LONGEST if at < 1 else at
        yield text[:at].strip()
        text = text[at:]
    if text.strip():
        yield text.strip()


def mark(text: str, aliases: Aliases, calendar: Calendar) -> Sentence:
    """The sentence with everything marked; of what overlaps a day comes first, then a name, a number, a verb.

    Examples
    --------
    >>> from eventstudy.drafting.aliases import shipped
    >>> mark("Nvidia fell 17%.", shipped(), Calendar()).text
    '<Wa> <Vb> <Qc>.'
    """
    text = text.replace("<", " ").replace(">", " ")
    taken: list[tuple[str, Marked]] = []
    for letter, found in _found(text, aliases, calendar):
        for one in found:
            if all(one.end <= other.start or one.start >= other.end for _, other in taken):
                taken.append((letter, one))
    taken.sort(key=lambda pair: pair[1].start)
    parts, tokens, at = [], {}, 0
    for n, (letter, one) in enumerate(taken):
        token = f"<{letter}{_letters(n)}>"
        begins = max(at, one.begins) if isinstance(one, Quantity) else one.start
        parts += [text[at:begins].lower(), token]
        tokens[token] = one
        at = one.end
    return Sentence("".join([*parts, text[at:].lower()]), tokens)


def _found(text: str, aliases: Aliases, calendar: Calendar) -> Iterator[tuple[str, Sequence[Marked]]]:
    whole = days_in(text, calendar)
    yield "D", [d for d in whole if len(d.text) != 4]
    yield "W", aliases.find(text)
    yield "D", whole
    yield "Q", quantities(text)
    yield "V", [*_verbs(text)]


def _verbs(text: str) -> Iterator[Verb]:
    for match in _MOVE.finditer(text):
        way, word = _MOVE_WORDS[int((match.lastgroup or "v0")[1:])]
        if match[0].lower() == "up" and text[match.end() : match.end() + 3].lower() == " to":
            continue  # "up to 30 per cent" is no rise
        direction: Direction = "fall" if way == "fall" else "rise" if way == "rise" else "none"
        yield Verb(direction, word, match[0].lower(), _ALONE.fullmatch(match[0]) is not None, *match.span())


def _letters(n: int) -> str:
    """0, 1 ... 25, 26 as a, b ... z, ba: a token holds no digit that could be read as a number."""
    first, last = divmod(n, 26)
    return (_letters(first) if first else "") + chr(97 + last)
