"""What the rules find, and what they know of the paragraph that they read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventstudy.drafting.aliases import Who
from eventstudy.drafting.days import Calendar, Named
from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.sentence import Sentence, Verb
from eventstudy.objects.verdicts import Direction

W, Q, V, D = (rf"<{letter}[a-z]+>" for letter in "WQVD")
"""A name, a number, a verb and a day in a pattern."""

#: a name behind one of these is what a move is set against, taken from or found in; it does not move itself here
_OBJECT = re.compile(
    r"(?:\bthan|\bagainst|\boff|\bwith|\bbehind|\bbeside|\bfrom|\bto|\bof|\bahead of|\bversus|\bvs\.?|"
    r"outpac\w+|outperform\w+|"
    r"trail\w+|lagg?\w*|overt(?:ak|ook)\w*|surpass\w+|dethron\w+|unseat\w+|leapfrog\w+|underperform\w+|"
    r"beat\w*|outstripp?\w*|as much as|\bthat of|\bat|\bin|\bon|\blike|\bfor|\bby)"
    r" (?:the |its |their |shares of |all of the |broader )*$"
)
_SHARES_OF = re.compile(
    r"(?:shares|stock|receipts|value|price|volumes?|turnover|trading|losses|declines?|drops?|gains?|"
    r"<V[a-z]+>)(?: \w+)? "
    r"(?:of|in|for|by|at)"
    r"(?: the)? $|(?:(?:led|followed) by|shares of both) (?:the )?$|"
    r"(?:\band|\bwhile|\bbut|,) those (?:of|in) (?:the )?$|"
    r"\b(?:target|rating|recommendation|estimates?)(?: price)? (?:on|for|of) (?:the )?$"
)
_LIST = re.compile(
    rf"{W}(?:'s|’s)?(?:, (?:the |shares of )?{W})*,? (?:and|&|or|as well as) (?:the |shares of )?{W}"
    rf"(?! (?:was|were) {W})"
)
#: what a sentence says where it goes on about the security of the one before
_POINTS_BACK = re.compile(
    rf"\b(?:it|its|they|their|that|this|both|shares|volumes?|turnover|trading|chang\w+ hands)\b|\bthe "
    rf"(?!(?:average|typical|median) [a-z])(?:[\w-]+ ){{0,2}}(?:stock|shares?|company|"
    rf"company's|group|group's|firm|firm's|index|gauge|benchmark|chip ?maker|carmaker|bank|lender|"
    rf"retailer|maker|giant|airline|"
    rf"average|currency|fund|session|move|{V})"
)
PARTICLES = ("up", "down", "lower", "higher", "off")
"""Words that say which way, and no verbs."""
#: the index whose worst performer somebody is
_ITS_LOSERS = re.compile(
    rf"{W}'s (?:[\w-]+ ){{0,2}}?(?:worst|best|biggest|largest|top|most)[ -](?:perform|los|gain|declin|"
    rf"fall|ris|stock|compan|member|"
    r"component|valuable)"
)
#: the house whose analysts speak of another company
_BROKER = re.compile(
    rf"{W}(?:[^,;<>]|{V}){{0,40}}?\b(?:(?:target|rating|recommendation|estimates?)(?: price)? (?:on|for|of)|"
    rf"upgraded|downgraded) (?:the |shares of |shares in )?{W}"
)
#: behind a day that begins a clause of its own: ``fell 17%, on Tuesday it rebounded 8.9%``
_CLAUSE = re.compile(rf",? (?:(?:it|they|its|their|shares|the (?:stock|shares|index))\b|{W}|{V}|{Q})")
_CLAUSE_BEGINS = re.compile(r"(?:^|[,;:] (?:and |but |while )?|\b(?:and|but|while) )(?:then |again )?(?:on |by )?$")
#: what has not happened, as far as an article says
NOT_YET = re.compile(
    r"\b(?:may|might|could|would|will|should|expects?|expected|forecasts?|predict\w*|targets?|if|unless|odds|implied|implying|imply|"
    r"sees?|feared|fearing|hoped|hoping|spared|potential|possible)\b"
)
_NOT_SO = re.compile(
    r"\b(?:not(?! only)|never|without|avoid(?:s|ed|ing)?|threatens?|"
    r"(?:course|track|poised|headed|heading) (?:for|to))\b|n't\b"
)
_CLAUSES = re.compile(r"[,;:]| (?:and|but|while|as|after|though|because|when) ")
#: what a statement of such a day lacks
OTHER_DAY: tuple[str, ...] = ("event: the other day that it was",)
#: a day of its own that no name or date says: ``a year earlier it had risen 10.7%``
_OTHER_DAY = re.compile(
    r"(?<!from )(?<!than )(?<!with )(?<!over )(?<!since )(?<!\bon )(?<!\bof )"
    rf"(?:(?:(?P<time>{Q})|\bthe (?:day|session|week|month|quarter|year)) (?:earlier|ago|before)|"
    r"\bthe (?:previous|prior|preceding|next|following) (?:day|session|week|month|quarter|year)|"
    r"(?<!the )\blast (?:week|month|quarter|year)|"
    r"\bthe same (?:day|week|month|quarter|period|time) (?:of|in|last|a))\b(?!'s)"
)
#: a clause between commas that says more of the name before it: ``Nvidia, which supplies Meta, fell``
_WHICH = re.compile(rf", (?:(?:which|who|whose)\b[^,;:]*|{W}'s [^,;:<>]*), (?P<aside>(?:\w+ ){{0,2}})(?P<verb>{V})")
_NOT_THE_DAY = re.compile(
    r"(?:since|until|before|after|releas\w+|launch\w*|announc\w+|set|from|results?|reports?|reporting|due|scheduled|expected|by|through|of)"
    r"(?: (?:on|last|its|the|itself|had|its own|model's))* $|"
    rf"(?:releas|launch|announc|unveil|report|publish|introduc)\w*(?: (?:[\w.'&-]+|{W})){{1,4}} on $"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an article, as far as the rules could read it.

    ``value`` is in plain digits, ``low`` the lower end of a range; ``day`` is ISO, or empty where none is known;
    ``missing`` says what a claim still needs; ``group`` is the group of a study that a set of companies may be.
    """

    kind: str
    tickers: tuple[str, ...]
    name: str
    direction: Direction
    quantity: Quantity | None = None
    word: str | None = None
    day: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    paragraph: int = 0
    line: int = 0
    group: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What two mentions of the same statement share."""
        q = self.quantity
        number = None if q is None else (q.low, q.value, q.unit)
        return self.kind, self.tickers, self.direction, number, self.word, self.day, repr(sorted(self.params.items()))


@dataclass(slots=True)
class Reading:
    """A sentence in its paragraph: whom the sentences before were about (``last``), on which day and which way."""

    sentence: Sentence
    calendar: Calendar
    last: tuple[Who, ...] = ()
    day: str = ""
    direction: Direction = "none"

    @property
    def text(self) -> str:
        """The sentence with its tokens."""
        return self.sentence.text

    def subjects(self) -> list[tuple[str, int, int]]:
        """The names that the sentence says something of, with their places."""
        return [(token, start, end) for token, start, end in self.sentence.places("W") if not self._object(start)]

    def _object(self, start: int) -> bool:
        before, behind = self.text[:start], self.text[start:]
        if _ITS_LOSERS.match(behind) or _BROKER.match(behind):
            return True
        if re.search(r"\bwith (?:the )?$", before) and re.match(
            rf"{W}(?:'s)?(?: shares| stock)? (?:alone|{V}|\w+ing\b)", behind
        ):
            return False
        return bool(_OBJECT.search(before)) and not _SHARES_OF.search(before)

    def subject(self, at: int) -> tuple[Who, ...]:
        """Whom a number at a place is about: the last name before it with its list, else the paragraph's."""
        asides = [m for m in _WHICH.finditer(self.text) if m.end() <= at and self._goes_on(m)]
        before = [
            (token, end)
            for token, _, end in self.subjects()
            if end <= at and not any(m.start() < end < m.start("verb") for m in asides)
        ]
        if self.sentence.stranger(max([0, *(end for _, end in before)]), at):
            return ()
        if not before:
            return self.last if _POINTS_BACK.search(self.text[: at + 45]) else ()
        token, end = before[-1]
        for found in _LIST.finditer(self.text):
            if found.end() == end:
                return tuple(self.sentence.who(m) for m in re.findall(W, found[0]))
        return (self.sentence.who(token),)

    def _goes_on(self, which: re.Match[str]) -> bool:
        """Whether a verb behind a clause is that of the name before it; ``up 2%`` goes with the name beside it."""
        particle = self.sentence.verb(which["verb"]).text in PARTICLES
        return bool(which["aside"]) or not particle

    def one(self, at: int) -> Who | None:
        """The one security that a statement at a place is about; None where it says what was not, or not yet."""
        clause = _CLAUSES.split(self.text[:at])[-1]
        if NOT_YET.search(clause) or _NOT_SO.search(clause):
            return None
        found = self.subject(at)
        return found[-1] if found else None

    def way(self, start: int, end: int, after: bool = True) -> Verb | None:
        """The verb of the number at a place: one right behind it, else the last one before it."""
        if after:
            behind = re.match(
                rf",? ?(?:(?:one-day|single-day|intraday|early|overnight|weekly|daily|<Q[a-z]+>) )?({V})",
                self.text[end:],
            )
            own = self.text[end:].startswith(",") and re.search(rf"{V} (?:by )?$", self.text[:start])
            if behind is not None and not own and not re.match(rf"\W*(?:and )?{V} {Q}", self.text[end:]):
                return self.sentence.verb(behind[1])
            ends = re.match(rf",? or (?:[a-z]+ ){{0,2}}{Q},? ({V})", self.text[end:])
            if ends is not None and not own and self.sentence.verb(ends[1]).text in PARTICLES:
                return self.sentence.verb(ends[1])
        before = [token for token, _, stop in self.sentence.places("V") if stop <= start]
        return self.sentence.verb(before[-1]) if before else None

    def day_at(self, at: int) -> str:
        """The day that a statement at a place is about: the nearest that its sentence names, else the paragraph's."""
        days = [(s, e, self.sentence.named(t)) for t, s, e in self.sentence.places("D")]
        earlier = re.match(rf"[^,;]{{0,40}}? in ({D})", self.text[at:])
        if earlier is not None and len(self.sentence.named(earlier[1]).text) in (4, 7):
            return self.sentence.named(earlier[1]).text
        own = [(s, e, d) for s, e, d in days if self._is_day(s, d)]
        if not own:
            return self.day
        behind = [
            d
            for s, e, d in own
            if s >= at
            and not re.search(Q, self.text[at + 1 : s])
            and not (_CLAUSE_BEGINS.search(self.text[:s]) and _CLAUSE.match(self.text[e:]))
        ]
        before = [d for s, _, d in own if s < at]
        return (behind[:1] or before[-1:] or [own[0][2]])[0].text

    def days(self) -> list[Named]:
        """The whole days that the sentence is about, in its order; the text of one that is not known is empty."""
        named = ((start, self.sentence.named(token)) for token, start, _ in self.sentence.places("D"))
        return [one for start, one in named if self._is_day(start, one)]

    def _is_day(self, start: int, named: Named) -> bool:
        whole = len(named.text) == 10 or named.text == ""
        return whole and not _NOT_THE_DAY.search(self.text[:start])

    def another_day(self, start: int, end: int) -> bool:
        """Whether the clause of a number says that it is of another day, without saying which."""
        clause = re.split(r"[;:]|, (?:and|but|while|after|as) ", self.text[:start])[-1]
        begins = re.match(r" ?(?:in |on )?", clause)
        found = (
            _OTHER_DAY.match(clause, begins.end() if begins is not None else 0)
            or _OTHER_DAY.search(clause.rpartition(", ")[2])
            or re.match(rf"(?:[^,;<>]|{V}){{0,20}}?{_OTHER_DAY.pattern}", self.text[end:])
        )
        return found is not None and (not found["time"] or self.sentence.quantity(found["time"]).sort == "time")

    def free(self) -> list[tuple[str, int, int, Quantity]]:
        """The numbers that no rule has used yet."""
        return [
            (token, start, end, self.sentence.quantity(token))
            for token, start, end in self.sentence.places("Q")
            if token not in self.sentence.used
        ]

    def use(self, *tokens: str) -> None:
        """Take numbers or verbs, so that no other rule reads them."""
        self.sentence.used.update(tokens)


Rule = Callable[[Reading], Iterator[Statement]]
