"""Which names an article may call a security by: the shipped table, a user's file, and the names of a study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eventstudy.drafting.names import COMPANIES, GROUPS, LISTINGS, MARKETS
from eventstudy.files.yamlfile import Document, fail, read_yaml

_LEGAL = (
    r"(?:,? (?:Corporation|Corp\b\.?|Incorporated|Inc\b\.?|Company|Co\b\.?|plc|PLC|Plc|AG|SE|NV|"
    r"N\.V\.|SA|S\.A\.|A/S|Ltd\b\.?|"
    r"Limited|Holdings?|Group|& Co\b\.?))*"
)
_TICKER = re.compile(
    r"\((?:[A-Za-z. ]{2,12}: ?)?(?P<ticker>[A-Z0-9]{1,6}(?:[.-][A-Z]{1,3})?)\)|\$(?P<cash>[A-Z]{1,5})\b"
)
#: what makes another index of the name of one: ``Hang Seng Tech Index``, ``Nasdaq Biotechnology``
_LONGER = re.compile(
    r" (?!(?:Index|Composite|Average|Futures?|Mon|Tues|Wednes|Thurs|Fri|"
    r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*\b)[A-Z][a-z]+|-[A-Z]"
)
MOST = 100_000
"""Names that a user's table may hold."""


@dataclass(frozen=True, slots=True)
class Who:
    """A name in a sentence: the tickers that it stands for, what it is called, and what it is.

    ``start`` and ``end`` are its place in the sentence.
    """

    tickers: tuple[str, ...]
    name: str
    sort: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Aliases:
    """Every known name: name -> (tickers, company, market or group); ticker -> the name that it is restated with."""

    names: Mapping[str, tuple[tuple[str, ...], str]]
    called: Mapping[str, str]
    prices: frozenset[str] = frozenset()

    def find(self, text: str) -> tuple[Who, ...]:
        """Every name of a sentence, in its order: the longest where several begin at one place.

        Examples
        --------
        >>> [(w.tickers, w.name) for w in shipped().find("Nvidia Corp. (NVDA) fell, as did the S&P 500.")]
        [(('NVDA',), 'Nvidia'), (('^GSPC',), 'S&P 500')]
        """
        found: list[Who] = []
        for match in _pattern(self).finditer(text):
            tickers, sort = self.names[match["name"]]
            if sort == "market" and (_LONGER.match(text, match.end()) or match.end() > match.end("name")):
                continue  # another index, or a company: "Dow Inc."
            called = self.called.get(tickers[0], match["name"]) if len(tickers) == 1 else match["name"]
            found.append(Who(tickers, called, sort, *match.span()))
        for match in _TICKER.finditer(text):
            ticker = match["ticker"] or match["cash"]
            if ticker not in self.called:
                continue
            before = [who for who in found if who.end <= match.start() and match.start() - who.end <= 2]
            if before and ticker.partition(".")[0] in {t.partition(".")[0] for t in before[-1].tickers}:
                found[found.index(before[-1])] = replace(before[-1], end=match.end())
            elif all(who.end <= match.start() or who.start >= match.end() for who in found):
                sort = self.names[self.called[ticker]][1]
                found.append(Who((ticker,), self.called[ticker], sort, *match.span()))
        return tuple(sorted((self._listed(who, text) for who in found), key=lambda who: who.start))

    def _listed(self, who: Who, text: str) -> Who:
        """The line of a security that the sentence speaks of, by the place it names; else the one that has prices."""
        if len(who.tickers) != 1 or who.tickers[0] not in LISTINGS:
            return who
        lines = LISTINGS[who.tickers[0]]
        said = [line for place, line in lines.items() if _near(place, text, who)]
        held = [line for line in lines.values() if line in self.prices and who.tickers[0] not in self.prices]
        return replace(who, tickers=((*said, *held, who.tickers[0])[0],))


def _near(place: str, text: str, who: Who) -> bool:
    """Whether a sentence names a place that belongs to a security: beside its name, or behind its move."""
    beside = re.match(rf"(?:['’]s)?,? (?:[\w-]+ ){{0,2}}?{re.escape(place)}\b", text[who.end :])
    behind = re.search(rf"(?:\bin |\bon the ){re.escape(place)}\b|\b{re.escape(place)}(?:-listed| trading)", text)
    before = re.search(rf"{re.escape(place)}[\w-]* (?:\w+ ){{0,3}}$", text[: who.start])
    return bool(beside or behind or before)


def _pattern(aliases: Aliases) -> re.Pattern[str]:
    known = _PATTERNS.get(id(aliases.names))
    if known is None or known[0] is not aliases.names:
        names = sorted(aliases.names, key=len, reverse=True)
        joined = "|".join(re.escape(name) for name in names)
        known = aliases.names, re.compile(rf"(?<![\w&$-])(?P<name>{joined})(?![\w&]|-[a-z]| zone|-zone){_LEGAL}")
        _PATTERNS.clear()
        _PATTERNS[id(aliases.names)] = known
    return known[1]


_PATTERNS: dict[int, tuple[Mapping[str, Any], re.Pattern[str]]] = {}


def shipped(prices: Sequence[str] = (), own: Mapping[str, Sequence[str]] | None = None) -> Aliases:
    """The table of the package, with `own` (ticker -> names, or a name in words -> its tickers) before it.

    `prices` are the series of a study: of several lines of one company the one that has prices is meant.
    """
    names: dict[str, tuple[tuple[str, ...], str]] = {}
    called: dict[str, str] = {}
    for table, sort in ((COMPANIES, "company"), (MARKETS, "market")):
        for ticker, known in table.items():
            called[ticker] = known[0]
            names |= dict.fromkeys(known, ((ticker,), sort))
    for lines in LISTINGS.items():
        called |= dict.fromkeys(lines[1].values(), called[lines[0]])
    names |= {name: (members, "group") for name, members in GROUPS.items()}
    for ticker, others in (own or {}).items():
        sort = "market" if ticker.startswith("^") or ticker in MARKETS else "company"
        called[ticker] = others[0]
        names |= dict.fromkeys(others, ((ticker,), sort))
    return Aliases(names, called, frozenset(prices))


def extended(aliases: Aliases, groups: Mapping[str, Sequence[str]]) -> Aliases:
    """The table with further groups: what a set is called -> its tickers."""
    return replace(
        aliases, names={**aliases.names, **{name: (tuple(of), "group") for name, of in groups.items() if of}}
    )


def read_aliases(path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """A user's table: ``names`` (ticker -> a name or a list of them) and ``groups`` (name -> tickers).

    Raises
    ------
    SpecError : with file and line, what is wrong in it.
    """
    document = read_yaml(path)
    if not isinstance(document.data, dict) or not {*document.data} <= {"names", "groups"} or not document.data:
        fail(
            document,
            (),
            "a file of aliases is a mapping with the keys `names` (ticker: a name or a list of names) and `groups` "
            "(name: list of tickers), such as names: {CRWD: [CrowdStrike, the Falcon maker]}",
        )
    return dict(_entries(document, "names")), dict(_entries(document, "groups"))


def _entries(document: Document, key: str) -> Iterator[tuple[str, list[str]]]:
    entries = document.data.get(key)
    if entries is None:
        return
    if not isinstance(entries, dict) or len(entries) > MOST:
        fail(document, (key,), f"`{key}` is a mapping of at most {MOST:,} entries")
    what = "a name or a list of names" if key == "names" else "a list of tickers"
    for name, given in entries.items():
        listed = [given] if isinstance(given, str) and key == "names" else given
        right = isinstance(listed, list) and listed and all(isinstance(one, str) and one.strip() for one in listed)
        if not isinstance(name, str) or not name.strip() or not right:
            fail(document, (key, name), f"{name!r} under `{key}` takes {what}, each a text, got {given!r}")
        if any(len(one) > 100 for one in (name, *listed)):
            fail(document, (key, name), f"a name under `{key}` has at most 100 letters")
        yield _plain(name), [_plain(one) for one in listed]


def _plain(text: str) -> str:
    """A name on one line, without what does not show."""
    return " ".join("".join(letter for letter in text if letter.isprintable()).split()) or "?"
