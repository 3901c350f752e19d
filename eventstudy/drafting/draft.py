"""From paragraphs to statements: the table of rules, and what a paragraph carries from sentence to sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from eventstudy.drafting import beside, moves, ranks, values
from eventstudy.drafting.aliases import Aliases, Who
from eventstudy.drafting.days import Calendar
from eventstudy.drafting.sentence import mark, sentences
from eventstudy.drafting.statement import Reading, Rule, Statement

#: the rules in the order in which they take numbers: what is special first, plain moves last
RULES: Mapping[str, Rule] = {
    "groups": beside.groups,
    "among": ranks.among,
    "streaks": ranks.streaks,
    "superlatives": ranks.superlatives,
    "activities": values.activities,
    "statistics": values.statistics,
    "others": beside.others,
    "relatives": beside.relatives,
    "recoveries": beside.recoveries,
    "market_values": values.market_values,
    "levels": values.levels,
    "record_closes": ranks.record_closes,
    "moves": moves.moves,
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article: its text, its number and the line on which it begins, counted from 1."""

    text: str
    number: int
    line: int


def statements(paragraphs: Iterable[Paragraph], aliases: Aliases, calendar: Calendar) -> tuple[Statement, ...]:
    """What the rules find in the paragraphs, each statement once.

    Examples
    --------
    >>> from eventstudy.drafting.aliases import shipped
    >>> text = "Nvidia fell 17% on Jan. 27, 2025, its worst day since March 2020."
    >>> found = statements([Paragraph(text, 1, 1)], shipped(), Calendar())
    >>> [(s.kind, s.tickers, s.direction, s.quantity.value, s.day) for s in found]
    [('price_move', ('NVDA',), 'fall', '17', '2025-01-27'), ('rank', ('NVDA',), 'fall', '1', '2025-01-27')]
    """
    found: dict[object, Statement] = {}
    day = ""
    for paragraph in paragraphs:
        read, day = _of_paragraph(paragraph, aliases, calendar, day)
        for statement in read:
            found.setdefault(statement.key, statement)
    return tuple(_without_words(found.values()))


def _of_paragraph(
    paragraph: Paragraph, aliases: Aliases, calendar: Calendar, earlier: str
) -> tuple[list[Statement], str]:
    """The statements of a paragraph after one about the day `earlier`, and the last day that it is about."""
    last: tuple[Who, ...] = ()
    day, days = "", list[str]()
    found: list[Statement] = []
    undated: set[int] = set()
    direction = None
    at, line = 0, paragraph.line
    for text in sentences(paragraph.text):
        begins = paragraph.text.find(text, at)
        line += paragraph.text.count("\n", at, max(at, begins))
        at = max(at, begins)
        plain = " ".join(text.split())
        reading = Reading(mark(plain, aliases, calendar), calendar, last, day, direction or "none")
        first = next((one.text for one in reading.days()), "")
        reading.day = first or day
        said = [one for rule in RULES.values() for one in rule(reading)]
        unread = [plain[day.start : day.end] for day in reading.days() if not day.text]
        if unread:
            undated |= set(range(len(found), len(found) + len(said)))
            said = [_without_day(one, unread) for one in said]
        found += [replace(one, paragraph=paragraph.number, line=line) for one in _in_order(said)]
        day = reading.day
        days += [first] if first else []
        last = _carried(reading, said) or last
        direction = next((one.direction for one in reversed(said) if one.direction != "none"), direction)
    named = days[0] if days else earlier
    filled = [one if one.day or one.missing or n in undated else replace(one, day=named) for n, one in enumerate(found)]
    return filled, days[-1] if days else earlier


def _without_day(one: Statement, unread: list[str]) -> Statement:
    """A statement whose day is written in figures of an open order wants its day; a weekday alone is no such one."""
    open_ = next((text for text in unread if text[0].isdigit() and not text.isalnum()), None)
    if open_ is None or one.day or one.missing:
        return one
    return replace(one, missing=(f"event: the day that {open_} means, such as 2025-01-27",))


def _in_order(said: list[Statement]) -> list[Statement]:
    first = [one for one in said if one.kind == "price_move"]
    return [*first, *(one for one in said if one.kind != "price_move")]


def _carried(reading: Reading, said: list[Statement]) -> tuple[Who, ...]:
    """Whom "it" and "the stock" mean in the next sentence: the first that this one says something of."""
    named = [reading.sentence.who(token) for token, _, _ in reading.subjects()]
    groups = [who for who in named if who.sort == "group"]
    about = [
        who for who in named if any(who.tickers == one.tickers or set(who.tickers) & set(one.tickers) for one in said)
    ]
    return tuple((about or groups or [w for w in named if w.sort == "company"] or named)[:1])


def _without_words(found: Iterable[Statement]) -> Iterator[Statement]:
    """Without a move that a word alone tells where another statement gives the number of the same move."""
    every = list(found)
    numbered = {
        (s.tickers, s.day, s.direction)
        for s in every
        if s.kind == "price_move" and s.quantity is not None and not s.params
    }
    for one in every:
        if one.kind == "price_move" and one.quantity is None and (one.tickers, one.day, one.direction) in numbered:
            continue
        yield one
