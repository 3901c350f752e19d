"""Numbers with their units: per cent, points, money, multiples, counts of shares, fractions and ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, cast

from eventstudy.drafting.vocabulary import CURRENCIES, FRACTIONS, MODIFIERS, NUMBERS, SCALES
from eventstudy.objects.verdicts import Modifier

Sort = Literal["percent", "points", "money", "multiple", "shares", "bare", "time", "other"]

_WORDS = "|".join(NUMBERS)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_N = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_TENS})-(?:{_WORDS})|(?:{_WORDS}))"
_SCALE = r"trillion|trn|tn|billion|bn|bln|million|mn|mln"
_SIGN = r"(?:US\$|NT\$|[$€£¥])"
_COIN = r"dollars?|euros?|pounds|yen"
_TO = r"(?:\s?(?:-|–|—)\s?|\sto\s)"
_UNIT = (
    r"(?:%|percent(?!age)|per cent|pct\b|(?P<points>percentage points?|percentage-points?|points?\b(?! of sale))"
    r"|(?P<basis>basis points?|bps?\b))"
)
_FORMS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    (
        "percent",
        re.compile(
            rf"\b(?:between|from) (?P<low>{_N})(?:\s?%|\spercent|\sper cent|\spoints)? (?:and|to) "
            rf"(?P<n>{_N})[\s-]?{_UNIT}",
            re.I,
        ),
    ),
    ("percent", re.compile(rf"(?<![\w.,$€£])(?P<low>{_N}){_TO}(?P<n>{_N})[\s-]?{_UNIT}", re.I)),
    (
        "percent",
        re.compile(
            rf"(?<![\w.,$€£])(?P<low>{_N})(?:\s?%|\spercent|\sper cent){_TO}(?P<n>{_N})(?:%|\spercent|\sper cent)", re.I
        ),
    ),
    ("percent", re.compile(rf"(?<![\w.,$€£])(?!one point\b)(?P<n>{_N})[\s-]?{_UNIT}", re.I)),
    (
        "money",
        re.compile(
            rf"(?P<sign>{_SIGN})\s?(?P<low>{_N})(?:\s?(?P<begun>{_SCALE}))?{_TO}{_SIGN}?\s?(?P<n>{_N})\s?(?P<scale>{_SCALE})\b|"
            rf"\bbetween (?P<sign2>{_SIGN})\s?(?P<low2>{_N})(?:\s?(?:{_SCALE}))? and {_SIGN}?\s?(?P<n2>{_N})\s?"
            rf"(?P<scale2>{_SCALE})\b",
            re.I,
        ),
    ),
    ("money", re.compile(rf"(?P<sign>{_SIGN})\s?(?P<n>{_N})(?:[\s-]?(?P<scale>{_SCALE}|[mbt])\b)?", re.I)),
    ("money", re.compile(rf"\bhalf a (?P<half>{_SCALE}) (?P<coin>{_COIN})", re.I)),
    ("money", re.compile(rf"\b(?P<n>(?:{_N})|an?) (?P<scale>{_SCALE}) (?P<coin>{_COIN})\b", re.I)),
    ("money", re.compile(rf"\b(?:(?P<code>USD|EUR|GBP|JPY)\s?)(?P<n>{_N})(?:\s?(?P<scale>{_SCALE})\b)?")),
    ("money", re.compile(rf"(?<![\w.,])(?P<n>{_N}) (?P<coin>{_COIN})\b", re.I)),
    ("money", re.compile(r"(?<![\w.,])(?P<n>\d[\d,.]*\d|\d)\s?(?P<pence>p|pence)\b")),
    (
        "shares",
        re.compile(
            rf"(?<![\w.,$€£])(?P<n>{_N})\s?(?P<scale>{_SCALE}|[mb])(?: of (?:its|the) (?:\w+ )?| )shares|"
            rf"(?<![\w.,$€£])(?P<whole>\d{{1,3}}(?:,\d{{3}})+) shares",
            re.I,
        ),
    ),
    ("multiple", re.compile(rf"(?<![\w.,])(?P<n>{_N})[\s-]?(?:times|fold|x)\b", re.I)),
    ("multiple", re.compile(r"\b(?P<twice>twice|thrice|double|triple)(?= (?:the|its|their|that|as|what)\b)", re.I)),
    (
        "percent",
        re.compile(
            rf"\b(?P<part>{'|'.join(FRACTIONS)})(?= (?:of )?(?:its|their|the|that|his|her|all|this|<)\b| of )|"
            rf"(?:(?<=\bby )|(?<=\bfell )|(?<=\balmost )|(?<=\bnearly )|(?<=\bdown ))"
            rf"(?P<part2>{'|'.join(FRACTIONS)})\b(?!-)",
            re.I,
        ),
    ),
    ("time", re.compile(rf"\b(?P<n>{_N}|an?)[\s-](?P<span>days?|weeks?|months?|years?|sessions?)\b", re.I)),
    (
        "bare",
        re.compile(r"(?<![\w.,$€£#-])(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w%]|[,.]\d|-[a-z])"),
    ),
    (
        "bare",
        re.compile(rf"\b(?P<n>{_TENS}-(?:{_WORDS})|{_WORDS})(?=(?: out)? of (?:the |its |all )?(?:\d|{_WORDS}))", re.I),
    ),
)
_MODIFIER = re.compile(rf"\b(?:{'|'.join(f'(?P<m{i}>{p})' for i, p in enumerate(MODIFIERS))}) (?:a |an |the )?$", re.I)
_MODIFIER_WORDS = tuple(MODIFIERS.values())
_OR_MORE = re.compile(r" or more\b")
_LONGEST = 15
"""Digits of the longest number that is read; a longer one is no price."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of an article: plain digits, ``low`` and ``value`` of a range, the unit of a claims file, its modifier.

    ``sort`` says what it can be: money with a scale is a sum, without one a price. ``begins`` is where its modifier
    begins, ``start`` and ``end`` where the number stands; ``said`` is the modifier in the words of the article.
    """

    sort: Sort
    value: str
    unit: str
    modifier: Modifier
    begins: int
    start: int
    end: int
    low: str | None = None
    at_most: bool = False
    said: str = ""

    @property
    def a_sum(self) -> bool:
        """Whether it is money in millions or more."""
        return self.sort == "money" and "_" in self.unit


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number of a sentence, in its order.

    Examples
    --------
    >>> found = quantities("It fell more than 17%, about $589 billion, between 3 and 4 points, a third of its value.")
    >>> [(q.low, q.value, q.unit, q.modifier) for q in found][:2]
    [(None, '17', 'percent', 'more_than'), (None, '589', 'usd_bn', 'about')]
    >>> [(q.low, q.value, q.unit, q.modifier) for q in found][2:]
    [('3', '4', 'points', 'exactly'), (None, '33.3', 'percent', 'about')]
    """
    taken: list[Quantity] = []
    for sort, form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < other.end and end > other.start for other in taken):
                continue
            read = _read(sort, match)
            if read is not None:
                taken.append(_modified(text, read))
    return tuple(sorted(taken, key=lambda q: q.start))


def _read(sort: Sort, match: re.Match[str]) -> Quantity | None:
    had = {name.rstrip("2"): value for name, value in match.groupdict().items() if value is not None}
    start, end = match.span()
    number = digits(had.get("n", "") or had.get("whole", ""))
    if number is None:
        return None
    made = Quantity(sort, number, "", "exactly", start, start, end)
    if "part" in had:
        part = next(v for p, v in FRACTIONS.items() if re.fullmatch(p, had["part"], re.I))
        return replace(made, value=part, unit="percent", modifier="about" if "." in part else "exactly")
    if "twice" in had:
        return replace(made, value={"thrice": "3", "triple": "3"}.get(had["twice"].lower(), "2"), unit="multiple")
    if not number:
        number = "1" if had.get("n", "").lower() in ("a", "an") else "0.5" if "half" in had else ""
    if not number:
        return None
    if sort == "percent":
        if "basis" in had:
            return replace(made, sort="other", unit="other")
        points = had.get("points", "").lower()
        unit = "percent" if points.startswith("percentage") or not points else "points"
        made = replace(made, sort="points" if points else "percent", unit=unit)
    elif sort == "money":
        made = replace(made, value=number, unit=_money(had))
        if "pence" in had:
            made = replace(made, value=plain(Decimal(number) / 100))
    elif sort == "shares":
        scale = {"m": 10**6, "b": 10**9, "t": 10**12}[had["scale"][0].lower()] if "scale" in had else 1
        made = replace(made, value=plain(Decimal(number) * scale), unit="count")
    elif sort == "time":
        made = replace(made, value=number, unit=had["span"].lower().rstrip("s") + "s")
    else:
        made = replace(made, unit="multiple" if sort == "multiple" else "bare")
    low = digits(had["low"]) if "low" in had else None
    if sort == "money" and low is not None and _two(match, low, made.value, had):
        return None
    return made if low is None or Decimal(low) >= Decimal(made.value) else replace(made, low=low)


def _two(match: re.Match[str], low: str, value: str, had: dict[str, str]) -> bool:
    """Whether two sums are an amount and what it led to, and no range: ``fell by $589bn to $2.9tn``."""
    scales = {SCALES[had[name].lower()] for name in ("begun", "scale") if name in had}
    led = match.string[: match.start()].endswith(" by ")
    return led or len(scales) > 1 or Decimal(low) >= Decimal(value)


def _money(had: dict[str, str]) -> str:
    name = had.get("sign") or had.get("coin") or had.get("code") or "£"
    code = CURRENCIES.get(name.upper() if "$" in name else name.lower(), "usd")
    scale = had.get("scale") or had.get("half")
    return code if scale is None else f"{code}_{SCALES[scale.lower()]}"


def digits(text: str) -> str | None:
    """A number in words or with commas as plain digits, "" for none; None for one that is too long to be meant.

    Examples
    --------
    >>> digits("1,679.50"), digits("twenty-two"), digits("an"), digits("9" * 20)
    ('1679.50', '22', '', None)
    """
    bare = text.lower().replace(",", "")
    if len(bare) > _LONGEST:
        return None
    if bare[:1].isdigit():
        return bare
    parts = [NUMBERS[part] for part in bare.split("-") if part in NUMBERS]
    return str(sum(parts)) if parts else ""


def plain(number: Decimal) -> str:
    """A number in plain digits, without an exponent and without zeros behind its point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _modified(text: str, read: Quantity) -> Quantity:
    before = text[max(0, read.start - 40) : read.start]
    found = _MODIFIER.search(before)
    if _OR_MORE.match(text, read.end):
        return replace(read, modifier="at_least")
    begins, said, at_most = read.start, "", False
    modifier = read.modifier
    lasting = read.sort == "time" and found is not None and found[0].startswith(("over", "under", "above"))
    if found is not None and found.lastgroup is not None and not lasting:
        begins = read.start - len(before) + found.start()
        word = _MODIFIER_WORDS[int(found.lastgroup[1:])]
        said = found[0].strip().lower()
        at_most = said.endswith(("up to", "as much as"))
        modifier = cast(Modifier, word) if word != "exactly" else modifier
    else:
        between = re.search(r"\b(?:between|from) $", before)
        begins = read.start if between is None or read.low is None else read.start - len(between[0])
    return replace(read, modifier="exactly" if read.low else modifier, begins=begins, at_most=at_most, said=said)
