"""The words of a verdict: how each is called, what it means, and how many of each there are."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from eventstudy.figures.picking import CITIES
from eventstudy.figures.words import spoken
from eventstudy.objects.cards import Cards
from eventstudy.objects.settings import Settings
from eventstudy.objects.verdicts import AbnormalAxis, Claimed, Source, Verdict, VerdictWord
from eventstudy.once import once
from eventstudy.report import tables

#: in the order of a tally; the sentence is what a legend says
MEANING: Mapping[VerdictWord, str] = {
    "supported": "The claimed and the measured interval meet. A market value, which vendors count differently, may "
    "miss by 1% of the claim.",
    "imprecise": "The direction is right; the nearest ends differ by at most 15% of the claim, or at least half of "
    "what a strong word asks for is reached.",
    "partly": "The claim has separate parts, and they have different answers.",
    "contradicted": "The direction is wrong, the number is further off than 15%, a word is not even half reached, or a "
    "counterexample exists.",
    "unresolved": "The data at hand cannot decide; what would decide it is named.",
}

_MONEY = (("usd", "$"), ("eur", "€"), ("jpy", "¥"), ("gbp", "£"), ("twd", "NT$"))
_SCALES = (("mn", " million"), ("bn", " billion"), ("tn", " trillion"))
_MODIFIERS: Mapping[str, str] = {
    "exactly": "",
    "about": "about ",
    "nearly": "nearly ",
    "roughly": "roughly ",
    "some": "some ",
    "more_than": "more than ",
    "at_least": "at least ",
    "less_than": "less than ",
    "at_most": "at most ",
}

#: what stands before and behind the digits as the article wrote them
_UNITS: Mapping[str, tuple[str, str]] = {
    "percent": ("", "%"),
    "points": ("", " points"),
    **{code: (sign, "") for code, sign in _MONEY},
    **{f"{code}_{scale}": (sign, word) for code, sign in _MONEY for scale, word in _SCALES},
    **{unit: ("", f" {unit}") for unit in ("days", "weeks", "months", "years", "sessions")},
    "count": ("", ""),
    "rank": ("rank ", ""),
    "multiple": ("", " times"),
    "sd": ("", " standard deviations"),
    "number": ("", ""),
}


#: what one finding of the checks is called, and several
SEVERITIES: Mapping[str, tuple[str, str]] = {
    "fatal": ("fatal finding", "fatal findings"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}


def exchange(code: str) -> str:
    """Where the sessions are that a security is measured on: its exchange's, New York's for NYSE and Nasdaq alike.

    >>> exchange("XTKS"), exchange("XNYS"), exchange("XBOM")
    ('Tokyo (XTKS)', 'New York (NYSE and Nasdaq)', 'XBOM')
    """
    if code in ("XNYS", "XNAS"):
        return f"{CITIES[code]} (NYSE and Nasdaq)"
    return f"{CITIES[code]} ({code})" if code in CITIES else code


def plain(text: str, cards: Cards, ids: Iterable[str] = ()) -> str:
    """A sentence with the labels of tests for their registry names, and with `ids` of groups as words.

    A name that is an English word, such as ``placebo``, stays: it may be meant as one.
    """
    found, names = _registered(cards)
    text = found.sub(lambda match: names[match.group()], text)
    for name in ids:
        if "_" in name:
            text = text.replace(name, spoken(name))
    return text


@once
def _registered(cards: Cards) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Names that are no English words, and what stands for each."""
    named = {n: test.label for n, test in cards.tests.items() if "_" in n or n in ("hotelling", "wilcoxon")}
    return re.compile(rf"\b({'|'.join(sorted(named, key=len, reverse=True))})\b"), named


def event(settings: Settings, name: str) -> str:
    """An event by its label, else its id as words; the event of a study made in Python has no name but its dates."""
    return settings.labels.get(name) or ("The event" if name == "event" else spoken(name))


def prices(source: str) -> str:
    """Where prices come from; a frame has no file."""
    return "a table of prices given in Python" if source == "frame" else source


def tally(verdicts: Sequence[Verdict]) -> dict[VerdictWord, int]:
    """How many of each verdict, in the order of `MEANING`, zeros included; of what the articles state alone."""
    counts = Counter(v.verdict for v in verdicts if v.rated)
    return {word: counts[word] for word in MEANING}


def label(verdict: Verdict) -> str:
    """The verdict with its direction of error: ``imprecise (overstated)``; an opinion has none."""
    if verdict.claim.status == "opinion":
        return "opinion"
    word = f"{verdict.verdict} ({verdict.note})" if verdict.note else verdict.verdict
    return f"implied ({word})" if verdict.claim.status == "implied" else word


def rubric(verdict: Verdict) -> str:
    """Under which word a verdict is filed: its own, or ``implied`` or ``opinion``, which are in no tally."""
    return verdict.verdict if verdict.rated else verdict.claim.status


def found(verdict: Verdict) -> str:
    """The sentence of a verdict, its numbers rounded as text is; none so far that it reads like an end of the claim.

    >>> from eventstudy.objects.verdicts import Claim, Interval, Quantity, Statement
    >>> said = Statement("It fell by {x}", {"x": Quantity(16.97, "percent")})
    >>> [found(Verdict(Claim("a", "", "", ()), "supported", said, Interval(x, 99, "percent"))) for x in (15.0, 17.0)]
    ['It fell by 17 per cent', 'It fell by 16.97 per cent']
    """
    span = verdict.claimed
    ends = [] if span is None else [end for end in (span.low, span.high) if math.isfinite(end)]

    def alike(value: float, unit: str) -> bool:
        """Whether a number in short reads like an end of the claim that it is not."""
        short = tables.text(value, unit).lstrip(tables.MINUS)
        return any(abs(end) != abs(value) and tables.text(abs(end), unit) == short for end in ends)

    # one that has to be written out takes the others of its unit with it: both ends of a range read alike
    numbers = [n for n in verdict.summary.values.values() if not isinstance(n, str)]
    whole = span is not None and any(n.unit == span.unit and alike(n.value, n.unit) for n in numbers)

    def spelled(value: float, unit: str) -> str:
        if whole and span is not None and unit == span.unit:
            return tables.number(value, unit).replace("%", " per cent")
        return tables.text(value, unit)

    return curly(_DATED.sub(lambda day: _day(day[0]), tables.statement(verdict.summary, spelled)))


#: a date as tables and files have it, which a sentence says in words
_DATED = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def curly(text: str) -> str:
    """Quotes and apostrophes as a printer sets them.

    >>> curly("Nvidia's shares \\"fell hard\\", 'it' says")
    'Nvidia’s shares “fell hard”, ‘it’ says'
    """
    text = re.sub(r'(^|[\s(\[/])"', r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[/“])'", r"\1‘", text).replace("'", "’")


def depends(verdict: Verdict) -> str | None:
    """Which other definitions of the claim's words would be judged otherwise, None where none would."""
    if not verdict.depends or verdict.claim.status == "opinion":
        return None
    other: dict[str, list[str]] = {}
    for reading in verdict.depends:
        other.setdefault(reading.verdict or "", []).append(reading.label)
    said = "; ".join(f"{word} by {', '.join(labels)}" for word, labels in other.items())
    return f"Depends on the reading: {said}."


def _thousands(quoted: str) -> str:
    """A number as the article has it, its thousands set apart: ``5,396.52``."""
    whole, point, rest = quoted.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdecimal() and len(whole) > 3 else quoted


def claimed(said: Claimed) -> str:
    """What the article asserts, short: ``fall, more than 8%``; empty where it gives neither number nor word."""
    parts: list[str] = [] if said.direction == "none" else [said.direction]
    if said.quoted is not None:
        before, behind = _UNITS.get(said.unit, ("", f" {said.unit}"))
        quoted = _thousands(said.quoted)
        digits = quoted if said.upper is None else f"{quoted} to {_thousands(said.upper)}"
        figure = before + digits + (behind.removesuffix("s") if digits == "1" else behind)
        parts.append(_MODIFIERS[said.modifier] + figure)
    if said.word:
        parts.append(f"“{said.word}”")
    return ", ".join(parts)


def figure(said: Claimed) -> str:
    """The number as the article has it, without its unit: ``more than 8``."""
    return (
        _MODIFIERS[said.modifier]
        + _thousands(said.quoted or "")
        + (f" to {_thousands(said.upper)}" if said.upper is not None else "")
    )


def source(article: Source) -> str:
    """An article in one line: author, title, publisher, date; what is not known is said to be unknown."""
    who = "author unknown" if article.author == "unknown" else article.author
    where = "publisher unknown" if article.publisher == "unknown" else article.publisher
    when = "date unknown" if article.published == "unknown" else _day(article.published)
    return f"{article.key}: “{article.title}”, {who}, {where}, {when}"


def address(text: str) -> bool:
    """Whether a text is an address that a page may name: http or https, with a host and nothing that is not seen.

    >>> address("https://example.org/a"), address("javascript:alert(1)"), address("unknown")
    (True, False, False)
    """
    return re.fullmatch(r"https?://[^\s/\x00-\x1f]+\S*", text, re.IGNORECASE) is not None and text.isprintable()


def _day(text: str) -> str:
    """An ISO day in words; a year, or whatever else the source gives, as it is."""
    try:
        return tables.date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def abnormal(axis: AbnormalAxis) -> str:
    """The answer on the second axis in words."""
    return axis.word


assert set(MEANING) == set(get_args(VerdictWord))
