"""Rules for moves: every number in per cent, points or money a share that no other rule took; then words alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from eventstudy.claims.interval import WORDS
from eventstudy.drafting.aliases import Who
from eventstudy.drafting.names import LISTINGS
from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.sentence import Verb
from eventstudy.drafting.spans import span_of, whole_period
from eventstudy.drafting.statement import NOT_YET, OTHER_DAY, PARTICLES, Q, Reading, Statement, V, W
from eventstudy.drafting.vocabulary import MULTIPLIED, NOT_PRICES

_OF_OTHERS = re.compile(rf"\b(?:{NOT_PRICES})\b", re.I)
_OF_OTHERS_BEHIND = re.compile(
    rf" (?:of|in|increase in|rise in|drop in|decline in|cut in) (?:its |their |the |all )?(?:\w+ )?"
    rf"(?:{NOT_PRICES})\b|[ -](?:{NOT_PRICES}|stake)\b|"
    r" (?:from|than|compared with|over) (?:a|the same|one|<Q[a-z]+>) ?(?:year|quarter|period)?(?: "
    r"(?:ago|earlier|before))|"
    r" (?:year[- ]on[- ]year|year[- ]over[- ]year|a year\b|of (?:the )?(?:index|users|customers|"
    r"people|voters|employees))",
    re.I,
)
#: somebody else of whom the verb speaks: ``with technology stocks dropping 3.4%``
_OTHER_SUBJECT = re.compile(
    rf"(?:^|[ -])(?:stocks|peers|rivals|competitors|sectors?|companies|makers|futures|yields|banks|"
    rf"firms|bonds|names|subscribers)"
    rf"(?: (?:also|were|was|all|have|has|are|is|closed|ended|led|which|that|by))* (?:{V} )?$"
)
#: what a company has that is no share of it: ``ASML's order book grew 169%``
_POSSESSED = re.compile(rf"(?:'s|\bits|\btheir|\bwhose) ((?:[\w&.-]+ )+)({V})")
_FINITE = re.compile(r"fell|slid|rose|lost|shed|grew|sank|shrank|dove|leapt|up|down|off|lower|higher|put on|\w+ed")
_OF_SHARES = re.compile(
    r"\b(?:shares?|stock|prices?|receipts|ad[rs]s|securities|line|listing|contracts?|futures|index|composite|average|"
    r"value|capitali[sz]ation|cap|day|session|week|month|year|run|move|slide|showing|performance)\b|"
    r"^(?:(?:now|already|also|still|since|again|just|been|own|\w+ly) )+$"
)
#: a share or a rate that a verb arrived at: ``its market share fell to 43%``
_ARRIVED = re.compile(rf"({V}) (?:back |up |down )?to $")
_MADE_GOOD = re.compile(
    rf"(?:{V}|\b(?:par|trimm|revers|claw|overc[ao]m)\w+|\bshook off)(?: back)?(?: from)?"
    r"(?: (?:an?|its|the|early|earlier|initial|opening|morning|intraday))+ $"
)
_INTRADAY = re.compile(
    r"\b(?:intraday|at one point|earlier in the (?:day|session)|in early (?:trad(?:e|ing)|dealings)|"
    r"at one stage|initially|"
    r"(?:at|by) (?:midday|lunchtime)|at (?:its|the) "
    r"(?:worst|lows?|highs?)|in morning trading|at the open)\b"
)
_AFTER_HOURS = re.compile(r"\b(?:after[- ]hours|extended trading|after the (?:close|bell)|late trading)\b")
_BEFORE_HOURS = re.compile(r"\b(?:pre-?market|before the (?:bell|open)|premarket)\b")
_SPLIT = re.compile(rf"^(?:,? ?(?:by )?{Q})(?:, {Q})*,? and {Q}")


def moves(reading: Reading) -> Iterator[Statement]:
    """A number and the verb, the security and the day that belong to it."""
    yield from _pairs(reading)
    yield from _signed(reading)
    for token, start, end, quantity in reading.free():
        price = quantity.sort == "money" and not quantity.a_sum
        if quantity.sort not in ("percent", "points") and not price:
            continue
        if quantity.low is None and re.search(r"\bfrom (?:about |nearly |more than )?$", reading.text[:start]):
            continue
        if quantity.sort == "points" and quantity.unit == "percent":
            continue  # percentage points are of a rate or a share, not of a price
        arrived = _ARRIVED.search(reading.text[:start])
        if (
            arrived is not None
            and quantity.sort == "percent"
            and _FINITE.fullmatch(reading.sentence.verb(arrived[1]).text)
        ):
            continue
        verb = _verb_of(reading, start, end)
        found = _whose(reading, start, end)
        if re.search(r"\b(?:an?|another) $", reading.text[:start]) and re.match(
            rf"[ -](?:[\w-]+ )?{V} (?:\w+ ){{0,3}}?(?:would|could|might)\b", reading.text[end:]
        ):
            continue  # "a 10% fall would"
        if verb is None or verb.direction == "none" or not found or not _of_prices(reading, start, end, verb):
            continue
        beside = re.match(r" a share|,? or| per share", reading.text[end:]) or re.search(
            rf"{V} (?:by )?$", reading.text[:start]
        )
        pair = rf" (?:against|versus) (?:the )?(?:{W}|yen|franc|swiss franc|yuan|renminbi|rupee)"
        if found[0].tickers[0].endswith("=X") and re.match(pair, reading.text[end:]):
            continue  # the table knows a currency in dollars alone
        if price and not beside:
            continue
        if quantity.unit == "points" and all(w.sort == "company" for w in found):
            continue
        reading.use(token)
        for who in _in_turn(reading, found, token):
            yield _move(reading, who, quantity, verb, start, end)
    yield from _multiplied(reading)
    yield from _words(reading)


def _in_turn(reading: Reading, found: tuple[Who, ...], token: str) -> tuple[Who, ...]:
    """Of as many names as there are percentages in a row the one at the same place; none of fewer or more names."""
    rows = (re.findall(Q, m[0]) for m in re.finditer(rf"{Q}(?:, {Q})*,? and {Q}", reading.text))
    row = next((row for row in rows if token in row), ())
    if not row or {reading.sentence.quantity(t).sort for t in row} != {"percent"}:
        return found
    return (found[row.index(token)],) if len(row) == len(found) else ()


def _whose(reading: Reading, start: int, end: int) -> tuple[Who, ...]:
    """Whose number it is: of a name behind it (``a 17% drop in Nvidia``), else of the last name before it."""
    text = reading.text
    behind = re.match(
        rf"(?:[ -](?:one-day|intraday|<Q[a-z]+>))?,? (?:{V}) (?:in|for|by|of|at) (?:the |shares of |"
        rf"shares in |both )?({W})",
        text[end:],
    )
    if behind is not None:
        return (reading.sentence.who(behind[1]),)
    owner = re.search(rf"({W})'s (?:[\w-]+ ){{0,2}}$", text[:start])
    if owner is not None and re.match(rf"[ -](?:[\w-]+ )?{V}", text[end:]):
        return (reading.sentence.who(owner[1]),)
    inside = re.search(rf"({W})[^<>]{{0,20}}\((?:{V}|[^()<>])*$", text[:start])
    if inside is not None:
        return (reading.sentence.who(inside[1]),)
    found = reading.subject(start)
    if not found and reading.sentence.stranger(0, start):
        return ()
    if not found:
        after = re.match(rf"[^;:.<>]{{0,30}}(?:{V})?[^;:.<>]{{0,20}} ({W})", text[end:])
        return (reading.sentence.who(after[1]),) if after is not None else ()
    if len(found) == 1 and found[0].sort == "group":
        return ()
    return found


def _verb_of(reading: Reading, start: int, end: int) -> Verb | None:
    verb = reading.way(start, end)
    if verb is not None:
        return verb
    behind = re.match(rf"(?:(?! and | but )[^,;:<>]){{0,25}}?({V})", reading.text[end:])
    return reading.sentence.verb(behind[1]) if behind is not None else None


def _of_prices(reading: Reading, start: int, end: int, verb: Verb) -> bool:
    """Whether the number is of prices, and of what has happened."""
    text = reading.text
    at = next((s for t, s, _ in reading.sentence.places("V") if reading.sentence.tokens[t] is verb), start)
    first = max([0, *(e for _, _, e in reading.sentence.places("W") if e <= min(at, start))])
    clause = text[min(first, at) : start]
    if _OTHER_SUBJECT.search(text[:at]) or (at == start and _OTHER_SUBJECT.search(text[:start])):
        return False
    if re.search(r"\b(?:investors|holders|anyone|those) who\b[^,;]*$", text[:at]):
        return False
    if at < start and any(_of_another(m, verb, reading) for m in _POSSESSED.finditer(text, first, start)):
        return False
    cut = (
        clause.rpartition(", ")[2]
        if verb.text not in PARTICLES or re.search(r"(?:clos|end|finish|trad|was|were)\w* <V", clause)
        else clause
    )
    if at > start:
        cut = clause.rpartition(", ")[2]
    if re.fullmatch(r"or (?:\w+ ){0,2}", cut):
        cut = clause  # "two million subscribers, or 3%"
    if re.search(r"\b(?:shares|stock|price)\b[^,]*$", cut):
        cut = re.split(r"\b(?:shares|stock|price)\b", cut)[-1]
    behind = text[end : end + 45].split(",")[0]
    sentence_before = text[max(0, start - 45) : start]
    if NOT_YET.search(cut) or re.search(
        rf"{NOT_YET.pattern} (?:(?:\w+|{W}) ){{0,2}}(?:{V} )?(?:by )?$", sentence_before
    ):
        return False
    return not (_OF_OTHERS.search(cut) or _OF_OTHERS_BEHIND.match(behind))


def _of_another(owned: re.Match[str], verb: Verb, reading: Reading) -> bool:
    """Whether a verb speaks of what a company has, and not of its shares."""
    same = reading.sentence.verb(owned[2]) is verb
    return same and bool(_FINITE.fullmatch(verb.text)) and not _OF_SHARES.search(owned[1])


def _move(reading: Reading, who: Who, quantity: Quantity, verb: Verb, start: int, end: int) -> Statement:
    day = reading.day_at(start)
    if len(day) in (4, 7) and _within_a_day(reading, end):
        return Statement("price_move", who.tickers, who.name, verb.direction, quantity, None, day)
    period = None if len(day) in (0, 10) else whole_period(day, reading.calendar.published)
    day, since = (day, {}) if period is None else period
    params = (since or span_of(reading, start, end, day)) | _at(reading, quantity, verb, start, end)
    behind = reading.text[end:]
    vague = (
        None
        if params.get("since")
        else re.match(r"[^,;<>]{0,30}?\b(?:since|from) (?:its|the|that|then|their|an?) ?[^,;.<>]{0,30}", behind)
    )
    missing: tuple[str, ...] = () if vague is None else ("params.since: the day that it is counted from",)
    if reading.another_day(start, end):
        day, missing = "", OTHER_DAY
    tickers = tuple(_line(ticker, reading.text[:start], behind) for ticker in who.tickers)
    return Statement("price_move", tickers, who.name, verb.direction, quantity, None, day, params, missing)


def _within_a_day(reading: Reading, end: int) -> bool:
    """Whether a number is of one day, which nothing names, of a month or a year: ``in one day in August``."""
    found = re.match(rf"[^,;]{{0,30}}? in (?:({Q})|a single (?:day|session))", reading.text[end:])
    if found is None or found[1] is None:
        return found is not None
    time = reading.sentence.quantity(found[1])
    return time.sort == "time" and time.value == "1" and time.unit in ("days", "sessions")


def _line(ticker: str, ahead: str, behind: str) -> str:
    """The line of a security that is traded where the words around a number say."""
    for base, lines in LISTINGS.items():
        if ticker in (base, *lines.values()):
            places = {
                **{place.lower(): line for place, line in lines.items()},
                **({} if "New York" in lines else {"new york": base}),
            }
            said = re.match(r" (?:lower |higher )?in ([a-z]+(?: [a-z]+)?)", behind)
            words = [] if said is None else [said[1], said[1].split()[0]]
            own = re.search(
                r"\b(?:its|their) ([a-z]+(?: [a-z]+)?)(?:-listed|-traded)? (?:shares|stock)\b[^,;]*$", ahead
            )
            words += [] if own is None else [own[1], own[1].split()[0]]
            return next((places[word] for word in words if word in places), ticker)
    return ticker


def _at(reading: Reading, quantity: Quantity, verb: Verb, start: int, end: int) -> dict[str, Any]:
    before = re.split(r"[,;]| before | and | but ", reading.text[:start])[-1]
    clause = f"{before}{re.split(r'[,;]| before | and | but ', reading.text[end:])[0]}"
    if _AFTER_HOURS.search(clause):
        return {"at": "after_hours"}
    if _BEFORE_HOURS.search(clause):
        return {"at": "before_hours"}
    if re.search(r"\bopen(?:ed|ing|s)?\b[^,]*$", before):
        return {"at": "open"}
    made_good = _MADE_GOOD.search(reading.text[:start]) and re.match(
        rf"[ -]{V} (?:to|and|before) (?:end|clos|finish|trad|settl)", reading.text[end:]
    )
    been = re.search(rf"\b(?:had|having)(?: earlier)? been (?:{V} )?(?:by )?$", reading.text[:start]) and re.match(
        rf"(?: {V})? before\b", reading.text[end:]
    )
    if quantity.at_most or made_good or been or _INTRADAY.search(clause):
        return {"at": "low" if verb.direction == "fall" else "high"}
    return {}


def _pairs(reading: Reading) -> Iterator[Statement]:
    """As many names as numbers, in one order: ``Apple and Amazon fell 9.2% and 9%``."""
    names = rf"(?P<list>{W}(?:'s|’s)?(?:, (?:the )?{W})*,? and (?:the )?{W})"
    form = re.compile(
        rf"{names}(?: shares| stock)?(?:[^<>;:]|{V}){{0,40}}?(?P<verb>{V}),?(?: by)? (?P<numbers>{Q}"
        rf"(?:, {Q})*,? and {Q})"
    )
    for found in form.finditer(reading.text):
        who = [reading.sentence.who(t) for t in re.findall(W, found["list"])]
        tokens = re.findall(Q, found["numbers"])
        if len(who) != len(tokens) or reading.sentence.used.intersection(tokens):
            continue
        verb = reading.sentence.verb(found["verb"])
        if verb.direction == "none" or {reading.sentence.quantity(t).sort for t in tokens} - {"percent", "points"}:
            continue
        reading.use(*tokens)
        for one, token in zip(who, tokens, strict=True):
            yield _move(reading, one, reading.sentence.quantity(token), verb, found.start("numbers"), found.end())


def _signed(reading: Reading) -> Iterator[Statement]:
    """A number with its sign behind a name: ``Oracle (-13.8%)``."""
    for found in re.finditer(rf"({W})(?: shares| stock)?[:,]? \(?(?P<sign>[-+–])({Q})\)?", reading.text):
        quantity = reading.sentence.quantity(found[3])
        if quantity.sort in ("percent", "points") and found[3] not in reading.sentence.used:
            reading.use(found[3])
            verb = Verb("fall" if found["sign"] != "+" else "rise", "fell", "", False, 0, 0)
            yield _move(reading, reading.sentence.who(found[1]), quantity, verb, found.start(3), found.end(3))


def _multiplied(reading: Reading) -> Iterator[Statement]:
    """Doubled, tripled, halved: a move by a hundred, two hundred or fifty per cent."""
    for token, start, end in reading.sentence.places("V"):
        verb = reading.sentence.verb(token)
        known = next((v for p, v in MULTIPLIED.items() if re.fullmatch(p, verb.text)), None)
        if known is None or token in reading.sentence.used or not _of_prices(reading, start, start, verb):
            continue
        if _OF_OTHERS.search(reading.text[end : end + 30]) or re.match(rf" (?:down|up|{Q})", reading.text[end:]):
            continue
        value, way = known
        more = re.search(r"(more than|nearly|almost|about|roughly) $", reading.text[:start])
        modifier: Any = (
            {"more than": "more_than", "almost": "nearly"}.get(more[1], more[1]) if more is not None else "exactly"
        )
        size = Quantity("percent", value, "percent", modifier, start, start, end)
        reading.use(token)
        for who in reading.subject(start):
            made = replace(verb, direction="fall" if way == "fall" else "rise")
            yield _move(reading, who, size, made, start, end)


_WAS = (
    r"(?:was|were|is|are|has|have|had|closed|ended|finished|also|shares|stock|then|and|all|both|"
    r"each|too|index|,|of|only|just|again|remained|stayed|edged|largely|mostly|sharply|the|week|day|session)"
)


def _words(reading: Reading) -> Iterator[Statement]:
    """A verb without a number, right behind the name of a security."""
    for token, start, end in reading.sentence.places("V"):
        verb = reading.sentence.verb(token)
        if token in reading.sentence.used or not verb.alone:
            continue
        before = re.search(rf"({W})(?:'s shares|'s stock|’s shares|'s|’s)?(?: {_WAS})*,? $", reading.text[:start])
        carried = re.search(
            r"(?:^|, | and | but |; )(?:it|its shares|the (?:stock|shares|company's shares|index))"
            r"(?:,[^,<>]*,)?(?: \w+)?(?: (?:was|were|closed|ended|finished|had|has))* $",
            reading.text[:start],
        )
        stock = re.match(r"^(?:the )?(?:stock|shares|it)\b[^<>]{0,60}$", reading.text[:start])
        if verb.text in ("lower", "higher") and not re.search(
            r"(?:clos|end|finish|edg|trad|drift|inch)\w* $", reading.text[:start]
        ):
            continue
        if before is None and carried is None and stock is None:
            continue
        if re.match(r" (?:back )?to (?:first|second|third|fourth|fifth|no\.|number)", reading.text[end:]):
            continue
        if _numbered(reading, end) or not _of_prices(reading, start, start, verb):
            continue
        found = reading.subject(start)
        for who in found:
            if who.sort == "group":
                continue
            word = verb.word if WORDS[verb.word][1] != "flat" else "little changed"
            day = reading.day_at(start)
            day, since = (day, {}) if len(day) in (0, 10) else whole_period(day, reading.calendar.published)
            spoken = since or span_of(reading, start, end, day)
            params = {key: value for key, value in spoken.items() if key != "window"}
            missing: tuple[str, ...] = ()
            if reading.another_day(start, end):
                day, missing = "", OTHER_DAY
            yield Statement("price_move", who.tickers, who.name, verb.direction, None, word, day, params, missing)


def _numbered(reading: Reading, end: int) -> bool:
    """Whether a number follows that says how far the verb went."""
    found = re.match(rf"[^;:.<>]{{0,30}}?({Q})", reading.text[end:])
    return found is not None and reading.sentence.quantity(found[1]).sort in ("percent", "points", "money", "multiple")
