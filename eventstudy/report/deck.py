"""The claims as a list in the order of their verdicts, what is wrong first; a row opens into the claim's card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from eventstudy.errors import joined
from eventstudy.objects.results import StudyResult
from eventstudy.report.blocks import Block, Bullets, Content, Fold, Listing, Special
from eventstudy.report.cards import Card, card
from eventstudy.report.charts import charts
from eventstudy.report.section import Section
from eventstudy.report.summary import verdict_table

#: the gravest first
ORDER = ("contradicted", "imprecise", "partly", "unresolved", "supported", "implied", "opinion")
#: cards from which on a caveat is said once under the list
OFTEN = 3


@dataclass(frozen=True, slots=True)
class Group:
    """The cards that are filed under one word."""

    word: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Deck:
    """All cards, what they can be filtered by (key, label, number of cards), and the place of each in its file."""

    groups: tuple[Group, ...]
    verdicts: tuple[tuple[str, str, int], ...]
    articles: tuple[tuple[str, str, int], ...]
    places: dict[str, int]

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards in the order of the list."""
        return tuple(one for group in self.groups for one in group.cards)


def claims(result: StudyResult) -> Content:
    """The list; nothing where the study tries no claims."""
    if not result.verdicts:
        return Content("The claims, one by one", ())
    made = [card(v, result.settings, result.cards, result.content_id) for v in result.verdicts]
    shared = often(made)
    known = {text for texts in shared.values() for text in texts}
    made = [replace(one, caveats=tuple(text for text in one.caveats if text not in known)) for one in made]
    table = Fold("verdicts-fold", "All verdicts as a table", (Listing(verdict_table(result)),))
    blocks: tuple[Block, ...] = (Special("deck", _deck(made, result)), *_mind(shared), table, *charts(result, "claims"))
    return Content("The claims, one by one", blocks)


def _deck(cards: Sequence[Card], result: StudyResult) -> Deck:
    filed = {word: tuple(one for one in cards if one.verdict == word) for word in ORDER}
    sources = {s.key: s for v in result.verdicts for s in v.claim.sources}
    titles = {key: s.publisher if s.title == "unknown" else s.title for key, s in sources.items()}
    said = {key: sum(key in one.articles for one in cards) for key in sorted(titles)}
    return Deck(
        groups=tuple(Group(word, found) for word, found in filed.items() if found),
        verdicts=tuple((word, word, len(found)) for word, found in filed.items() if found),
        articles=tuple((key, titles[key], n) for key, n in said.items()),
        places={one.id: place for place, one in enumerate(cards)},
    )


def often(cards: Sequence[Card]) -> dict[str, tuple[str, ...]]:
    """Caveats that stand on `OFTEN` cards or more, under what all of them say: the text behind a colon, or all of it.

    Returns
    -------
    What is said alike -> the caveats that say it.
    """
    tails: dict[str, dict[str, None]] = {}
    counts: Counter[str] = Counter()
    for one in cards:
        for tail in {_tail(text) for text in one.caveats}:
            counts[tail] += 1
        for text in one.caveats:
            tails.setdefault(_tail(text), {}).setdefault(text)
    return {tail: tuple(texts) for tail, texts in tails.items() if counts[tail] >= OFTEN}


def _tail(text: str) -> str:
    _, colon, tail = text.partition(": ")
    return tail if colon else text


def _mind(shared: dict[str, tuple[str, ...]]) -> Iterator[Block]:
    if shared:
        items = tuple(_said_once(tail, texts) for tail, texts in shared.items())
        yield Fold("mind", "What several of these verdicts have to bear in mind", (Bullets(items),))


def _said_once(tail: str, texts: Sequence[str]) -> tuple[str, str]:
    """The heads of the caveats, the first ones by name, and what all of them say."""
    heads = [text.removesuffix(tail).removesuffix(": ") for text in texts]
    if heads == [""]:
        return "", tail
    shown = heads if len(heads) < 4 else [*heads[:2], f"{len(heads) - 2} more"]
    return f"{joined(shown)}:", tail


CLAIMS = Section(name="claims", title="The claims", audience="everybody", make=claims)
