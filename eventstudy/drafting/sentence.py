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
_BETWEEN = (
    r"(?: (?:have|has|had|be|been|is|was|were|also|yet|even|still|then|actually|really|ever|all|closed?|ended?|"
    r"finish(?:ed)?|traded?))*"
)
#: what makes a verb say that something did not happen, may happen or would have happened
_UNREAL = re.compile(
    rf"(?:\b(?:not|cannot|never|fail(?:s|ed|ing)? to|without|neither|nor|hardly ever|rather than|instead of|"
    rf"could|might|may|would|should|will|must|"
    rf"(?:is|are|was|were|been) (?:expected|forecast|forecasted|predicted|projected|tipped|likely|due|set|poised) to)|"
    rf"n't){_BETWEEN} $|"
    r"\b(?:neither|nor)(?: [\w.&'-]+){1,4} $|"
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?) (?:reports )?that(?: [\w.&'-]+){1,5} $|"
    r"(?:^|[;,] )(?:[Ee]ven )?(?:[Hh]ad|[Ss]hould|[Ii]f|[Uu]nless)(?: [\w.&'-]+){1,5} $"
)


_MOVED = re.compile(
    r"(?: (?:inc|corp|co|plc|group|holdings|ltd|ag|se|nv|sa)\b\.?)*(?:'s)?(?: (?:shares|stock|also|"
    r"index|gauge|sector|rose|shed|was|were|closed|ended|"
    r"finished|which|led|fund))* ?(?:\()?(?:by )?<[VQ]"
)
_PLACED = re.compile(
    r"\b(?:in|of|for|from|at|to|on|by|the|a|an|its|their|near|u\.s\.|and the|new|after|since|despite)[ ]$"
)
_INDEX = re.compile(r"\b(?:index|average|gauge)$|^(?:nasdaq|dow|hang seng|nikkei|stoxx|ftse)\b")
_CAPITAL = re.compile(r"(?<![\w'.&-])[A-Z][\w&.-]*[a-z]\w*(?: [A-Z][\w&-]+)*|(?<=\0 )[A-Z]{2,5}\b")
_ORDINARY = {
    "the", "it", "its", "in", "on", "at", "a", "an", "but", "and", "shares", "trading", "volume", "all", "most",
    "none", "that", "this", "they", "both", "some", "many", "stocks", "losses", "gains", "wall", "street", "every",
    "each", "no", "after", "before", "while", "when", "for", "by", "as", "if", "one", "two", "three", "four",
    "five", "six", "seven", "eight", "nine", "ten", "among", "nearly", "about", "more", "less", "over", "under",
    "between", "just", "only", "even", "still", "investors", "traders", "analysts", "another", "other", "others",
    "turnover", "earlier", "later", "then", "there", "those", "these", "monday", "tuesday", "wednesday", "thursday",
    "friday", "stock", "index", "composite", "average", "futures", "adr", "adrs", "ads", "adss", "class",
}  # fmt: skip


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
    """``text`` with its tokens in small letters, what each token stands for, and which numbers a rule has used.

    ``unknown`` are the places of capitalised words that no table knows.
    """

    text: str
    tokens: dict[str, Marked]
    used: set[str] = field(default_factory=set)
    unknown: tuple[tuple[int, int], ...] = ()

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

    def stranger(self, start: int, end: int) -> bool:
        """Whether a name that no table knows stands between two places as who moved: before a verb or a number."""
        for begins, ends in self.unknown:
            if start <= begins and ends <= end:
                before, behind = self.text[:begins], self.text[ends : end + 8]
                whose = re.search(r"<W[a-z]+>'s $", before)
                placed = _PLACED.search(before) and not _INDEX.search(self.text[begins:ends])
                if (_MOVED.match(behind) or re.match(r", (?:which|whose)\b", behind)) and not placed and whose is None:
                    return True
        return False

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
    marked = "".join([*parts, text[at:].lower()])
    return Sentence(marked, tokens, unknown=tuple(_unknown(text, taken, marked)))


def _unknown(text: str, taken: Sequence[tuple[str, Marked]], marked: str) -> Iterator[tuple[int, int]]:
    """The places in the marked sentence of capitalised words that nothing was made of."""
    at, rest = 0, text
    for _, one in taken:
        rest = rest[: one.start] + "\0" * (one.end - one.start) + rest[one.end :]
    for found in _CAPITAL.finditer(rest):
        words = found[0].lower().split()
        if all(word in _ORDINARY for word in words):
            continue
        begins = marked.find(found[0].lower(), at)
        if begins >= 0:
            at = begins + len(found[0])
            yield begins, at


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
        if match[0].lower() == "up" and re.search(r"\b(?:mak(?:e|es|ing)|made) $", text[: match.start()]):
            continue  # nor is what makes up a share
        unreal = _UNREAL.search(text[max(0, match.start() - 80) : match.start()])
        direction: Direction = "none" if unreal else "fall" if way == "fall" else "rise" if way == "rise" else "none"
        yield Verb(
            direction, word, match[0].lower(), not unreal and _ALONE.fullmatch(match[0]) is not None, *match.span()
        )


def _letters(n: int) -> str:
    """0, 1 ... 25, 26 as a, b ... z, ba: a token holds no digit that could be read as a number."""
    first, last = divmod(n, 26)
    return (_letters(first) if first else "") + chr(97 + last)
