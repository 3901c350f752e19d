"""Rules for money, levels and trading: market value, closes, peaks, volume, beta."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from eventstudy.drafting.names import THE_MARKET
from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.statement import OTHER_DAY, PARTICLES, Q, Reading, Statement, V, W

_VALUE = (
    r"market[ -](?:value|cap\w*)|capitali[sz]ation|stock-market value|in value|of value|"
    r"shareholder (?:value|wealth)|valuation|paper wealth|market worth"
)
_OTHERWISE = (
    r"\b(?:revenue|sales|profit|earnings|income|budget|costs?|train|fund|debt|fine|settle|invest|spend|buyback|deal|"
    r"acqui\w+|bid|offer|contract|loan|tax|dividend|raised|expects?|quarterly|"
    r"short sellers?|hedge funds?|fortune|net worth|charge|writedown|write-down|assets|deposits)\w*"
)
_MANY = (
    r"\b(?:stocks|equities|markets|the (?:\w+ )?market(?! (?:val|cap))|investors|wall street|"
    r"companies|chip ?makers|sector|combined|together|collective\w*|firms)\b"
)
_CROSS = (
    r"(?:below|under|beneath|beyond|above|past|through|over|topp(?:ed|ing)|surpass\w*|exceed\w*|"
    r"cross\w*|pass(?:ed|ing)|breach\w*|hit|reach\w*)"
)
_TAKES = r"lost|los\w+|shed\w*|wip\w+.*|eras\w+|add\w*|gain\w*|knock\w*|shav\w*|destroy\w*|evaporat\w+|put on"
_DOWN = re.compile(r"below|under|beneath")
_SO_MUCH = re.compile(
    rf"(?:{_CROSS}|worth|valued at|(?:value|cap\w*|valuation) (?:of|at|to|was|is|stood at|stands at)|to) $"
)
_BELOW_PEAK = re.compile(
    r",? ?(?:below|off|under|from|down from|short of|away from|beneath|lower than) (?:its|their|the|a|"
    r"last \w+'s) ?(?:[\w-]+ |<D[a-z]+> ){0,3}?(?:high|highs|peak|record|record close)\b"
)
_BEAR = re.compile(
    r"\b(?:in|into|enter\w*|confirm\w*|to) (?:an? )?(?:(?P<bear>bear market)|correction(?: "
    r"territory)?|(?P<bear2>bear-market territory))\b|\b(?P<bear3>bear market)\b"
)


def market_values(reading: Reading) -> Iterator[Statement]:
    """Money in millions or more that was lost or gained: of one company, or of many together."""
    for token, start, end, quantity in reading.free():
        if not quantity.a_sum:
            continue
        left = max([0, *(m.end() for m in re.finditer(r"[;:]| while | but ", reading.text[:start]))])
        before, behind = reading.text[left:start], reading.text[end : end + 80]
        level = _level_of_value(reading, quantity, before, behind, start)
        if level is not None:
            reading.use(token)
            yield level
            continue
        if re.search(r"\b(?:from|record of) $", before):
            continue
        verb = reading.way(start, end, after=False)
        account = re.search(r"\baccount(?:ing|ed|s) for (?:about |some )?$", before)
        lost = re.match(rf" of (?:the|that|those) ({V})", behind)
        if account is not None and lost is not None:
            verb = reading.sentence.verb(lost[1])
        passive = re.match(rf"(?: [\w'’-]+){{0,7}}? (?:(?:has|have|had) been |was |were )?({V})", reading.text[end:])
        if passive is not None and (verb is None or not re.search(rf"{V}[^,]*$", before)):
            verb = reading.sentence.verb(passive[1])
        valued = re.search(_VALUE, behind) or re.search(rf"(?:{_VALUE})[^,]*$", before)
        if verb is None or verb.direction == "none":
            continue
        if not valued and (re.search(_OTHERWISE, before) or re.match(rf" (?:in|of|worth of) {_OTHERWISE[2:]}", behind)):
            continue
        if not valued and re.search(r"(?:deal|contract|order|fund|project|plan|investment)s?\b", behind[:25]):
            continue
        reading.use(token)
        made = _sum(reading, quantity, before, behind, start, verb.direction)
        yield replace(made, day="", missing=OTHER_DAY) if reading.another_day(start, end) else made


def _sum(reading: Reading, quantity: Quantity, before: str, behind: str, at: int, way: Any) -> Statement:
    day = reading.day_at(at)
    off = re.match(
        rf"(?: of \w+ value| of value| in value| in market (?:value|cap\w*)| of market (?:value|"
        rf"cap\w*))?(?: \w+)?,? (?:off|from) (?:the |shares of )?({W})(?:'s|’s)?",
        behind,
    )
    found = reading.subject(at)
    near = re.split(r", | with | and ", before)[-1]
    alone = re.search(rf"{W}[^,]*$", near) and any(w.sort == "company" for w in found)
    many = None if alone else re.search(_MANY, f"{before} {behind}")
    if off is not None:
        found = (reading.sentence.who(off[1]),)
        many = None if found[0].sort == "company" else many
    names_here = [reading.sentence.who(t) for t, _, e in reading.subjects() if e <= at]
    if found and found[-1].sort == "group":
        readings = [{"label": found[-1].name, "tickers": list(found[-1].tickers)}]
        return Statement(
            "aggregate", found[-1].tickers, found[-1].name, way, quantity, day=day, params={"readings": readings}
        )
    if len(found) > 1:
        tickers = tuple(t for who in found for t in who.tickers)
        readings = [{"label": "the companies that are named", "tickers": list(tickers)}]
        return Statement("aggregate", tickers, "", way, quantity, day=day, params={"readings": readings})
    company = (
        found
        and found[-1].sort == "company"
        and (not many or any(w.sort == "company" for w in names_here) or "its" in behind[:30])
    )
    if company and not re.search(
        r"(?:from|off) (?:\w+[. ]+){0,4}(?:stocks|equities|markets?(?! (?:val|cap))|shares)\b", behind
    ):
        return Statement("market_value", found[-1].tickers, found[-1].name, way, quantity, day=day)
    who = found[-1].name if found and found[-1].sort == "market" and not many else "the companies"
    missing = (
        "params.readings: the companies that are added up, such as [{label: US companies, tickers: [NVDA, AVGO]}]",
    )
    return Statement("aggregate", (), who, way, quantity, day=day, missing=missing)


def _level_of_value(reading: Reading, quantity: Quantity, before: str, behind: str, start: int) -> Statement | None:
    full = f"{before}{_modifier_words(quantity)}"
    if not _SO_MUCH.search(full.rstrip() + " "):
        return None
    if not re.search(_VALUE + r"|worth|valued", f"{before} {behind}") or re.search(rf"{_OTHERWISE}[^,]*$", before):
        return None
    who, verb = reading.one(start), reading.way(start, start, after=False)
    if who is None or who.sort != "company":
        return None
    if (
        _modifier_words(quantity)
        and verb is not None
        and re.fullmatch(_TAKES, verb.text)
        and re.search(f"{V} $", before)
    ):
        return None
    first = re.search(r"for the first time", behind)
    crossed = first or re.search(
        rf"({V}|drop\w*|back|clos\w+|ris\w+|rose|mov\w+|end\w+|finish\w*) (?:\w+ )?{_CROSS} $|(?:topp|"
        rf"surpass|cross|exceed|breach|pass)\w* $",
        full,
    )
    return _bounded(reading, who.tickers, who.name, quantity, full, "value", bool(crossed), start)


def _modifier_words(quantity: Quantity) -> str:
    """The preposition of a bound, which was read as the modifier of the number: ``below``, ``over``."""
    said = quantity.said.split()[-1:]
    return f"{said[0]} " if said and said[0] in ("below", "under", "above", "over", "beyond") else ""


def _bounded(
    reading: Reading,
    tickers: tuple[str, ...],
    name: str,
    quantity: Quantity,
    before: str,
    measure: str,
    crossed: bool,
    at: int,
) -> Statement:
    bound = re.search(rf"({_CROSS})(?: the)? $", before)
    modifier = quantity.modifier
    if bound is not None and not re.fullmatch(r"hit|reach\w*", bound[1]):
        modifier = "less_than" if _DOWN.match(bound[1]) else "more_than"
    params: dict[str, Any] = {"measure": measure} if measure != "close" else {}
    if crossed and modifier in ("less_than", "more_than"):
        params["crossed"] = True
    return Statement(
        "level", tickers, name, "none", replace(quantity, modifier=modifier), day=reading.day_at(at), params=params
    )


_TO = re.compile(
    rf"(?:\bto(?: (?:close|end|finish|settle))?(?: at)?|\b(?:clos|end|finish|settl|trad)\w*(?: (?:at|"
    rf"on))(?: about| around)?|"
    rf"\b(?:clos|end|finish|settl)\w* (?:\w+ )?{_CROSS}|{V} (?:back )?{_CROSS}|topp(?:ed|ing)|to a "
    rf"(?:close|finish) of|at a (?:record|close of)(?: of)?|broke (?:above|below|through))(?: a record| the)? $|"
    rf"\b(?:clos|end|finish|settl)\w* (?:{V}|{Q}|[\w ]|, ){{1,25}}? at $"
)


def levels(reading: Reading) -> Iterator[Statement]:
    """A close at a price or in points, its distance from a peak, a bear market."""
    for token, start, end, quantity in reading.free():
        behind = reading.text[end:]
        if quantity.sort == "percent" and _BELOW_PEAK.match(behind):
            who = reading.one(start)
            if who is not None:
                reading.use(token)
                low = Statement("level", who.tickers, who.name, "fall", quantity, day=reading.day_at(start))
                yield replace(low, params={"measure": "drawdown"})
            continue
        price = quantity.sort == "money" and not quantity.a_sum
        if not price and quantity.sort not in ("bare", "points"):
            continue
        moved = re.match(rf"(?:,? or [^<>,]{{0,20}}{Q},?)? ({V})", behind)
        if quantity.sort == "points" and moved and reading.sentence.verb(moved[1]).text in PARTICLES:
            continue  # "to end 234 points, or 0.6%, lower"
        full = f"{reading.text[:start]}{_modifier_words(quantity)}"
        who = reading.one(start)
        if (
            who is None
            or not _TO.search(full)
            or re.match(r" (?:billion|million|trillion|a barrel to|people|jobs|would|could|might)\b", behind)
        ):
            continue
        if (
            who.sort == "group"
            or (not price and who.sort == "company")
            or re.search(r"\b(?:target|forecast|dividend|outlook|guidance)\b[^,]*$", full)
        ):
            continue
        reading.use(token)
        read = quantity if price else replace(quantity, unit="points")
        first = re.match(r"[^,;]{0,30}for the first time", behind)
        crossed = first is not None or bool(
            re.search(rf"{V} (?:back )?{_CROSS} (?:the )?$|(?:topp|broke|breach|cross)\w* (?:\w+ )?$", full)
        )
        level = _bounded(reading, who.tickers, who.name, read, full, "close", crossed, start)
        if reading.another_day(start, end):
            level = replace(level, day="", missing=OTHER_DAY)
        yield level
    yield from _bears(reading)


def _bears(reading: Reading) -> Iterator[Statement]:
    for found in _BEAR.finditer(reading.text):
        who = reading.one(found.start())
        if who is None or re.search(
            r"\b(?:near|close to|approach\w*|toward\w*|edge|brink|avoid\w*|fear\w*)[^,]*$",
            reading.text[: found.start()] + found[0].partition(" ")[0],
        ):
            continue
        bear = found["bear"] or found["bear2"] or found["bear3"]
        size = Quantity("percent", "20" if bear else "10", "percent", "at_least", 0, 0, 0)
        yield Statement(
            "level",
            who.tickers,
            who.name,
            "fall",
            size,
            day=reading.day_at(found.start()),
            params={"measure": "drawdown"},
        )
        return


_VOLUME = re.compile(
    r"\b(?:volumes?|turnover|trading in|trading was|shares traded|traded|chang(?:ed|e|ing) hands|"
    r"trading activity|heavily traded)\b"
)
_USUAL = re.compile(r"\b(?:average|usual|normal|typical|norm|ordinary|than usual)\b")


def activities(reading: Reading) -> Iterator[Statement]:
    """Volume as a multiple of what is usual, in per cent above it, or shares counted."""
    spoken = _VOLUME.search(reading.text)
    if spoken is None:
        return
    for token, start, end, quantity in reading.free():
        named = [reading.sentence.who(t) for t, _, _ in reading.sentence.places("W")]
        who = reading.one(start) or next(iter(named), None)
        behind = re.split(rf"{Q}|;", reading.text[end:])[0]
        if who is None or who.sort == "group":
            continue
        statement = Statement("activity", who.tickers, who.name, "none", quantity, day=reading.day_at(start))
        usual = re.search(r"\b(\d+|<Q[a-z]+>)[ -](?:day|session)|<Q[a-z]+> average", reading.text[end:])
        params = _usual_days(reading, end)
        if quantity.sort == "multiple" and (_USUAL.search(reading.text[end:]) or usual):
            reading.use(token, *re.findall(Q, reading.text[end : end + 40]))
            yield replace(statement, params=params)
        elif (
            quantity.sort == "percent"
            and re.match(r",? (?:above|below|more than|higher than|lower than|less than|over|under) ", behind)
            and _USUAL.search(reading.text[end:])
        ):
            reading.use(token)
            down = re.match(r",? (?:below|lower|less|under)", behind)
            yield replace(statement, direction="fall" if down else "rise", params=params)
        elif quantity.sort == "shares":
            reading.use(token)
            yield statement


def _usual_days(reading: Reading, at: int) -> dict[str, Any]:
    for token in re.findall(Q, reading.text[at : at + 40]):
        time = reading.sentence.quantity(token)
        if (
            time.sort == "time"
            and time.unit in ("days", "sessions")
            and time.value.isdigit()
            and 5 <= int(time.value) <= 1000
        ):
            return {} if time.value == "20" else {"usual": int(time.value)}
    return {}


def statistics(reading: Reading) -> Iterator[Statement]:
    """A beta, a correlation, a yearly volatility, or a security that moves so many times as much as the market."""
    for token, start, end, quantity in reading.free():
        clause = re.split(r", (?:and|but|while) |;", reading.text[:start])[-1]
        who = reading.one(start)
        if who is None:
            continue
        to = [
            reading.sentence.who(t).tickers[0]
            for t in re.findall(W, clause)
            if reading.sentence.who(t).tickers != who.tickers
        ]
        params: dict[str, Any] = {"to": to[-1]} if to else {}
        measure = re.search(r"\b(beta|correlation|volatility)\b", clause)
        spoken = "" if measure is None else measure[1]
        made = quantity
        if quantity.sort == "bare" and spoken in ("beta", "correlation"):
            params |= {} if spoken == "beta" else {"measure": spoken}
            made = replace(quantity, unit="number")
        elif quantity.sort == "percent" and re.search(r"\bvolatility (?:of|at|is|was|stands at) $", clause):
            params = {"measure": "volatility"}
        elif quantity.sort == "multiple" and re.search(
            r"\b(?:moves|swings|tends to move|usually moves|typically moves)\b", clause
        ):
            against = re.search(rf"as (?:much|far) as (?:the )?(?:broader |wider )?({W}|market)", reading.text[end:])
            if against is None:
                continue
            named = against[1].startswith("<W")
            params = {"to": reading.sentence.who(against[1]).tickers[0] if named else THE_MARKET}
        else:
            continue
        reading.use(token)
        yield Statement("statistic", who.tickers, who.name, "none", made, day=reading.day_at(start), params=params)
