"""Rules for what is set beside something else: the market, a loss, an earlier gain, a group, another date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from eventstudy.drafting.names import THE_MARKET
from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.spans import span_of
from eventstudy.drafting.statement import D, Q, Reading, Statement, V, W
from eventstudy.drafting.vocabulary import NUMBERS
from eventstudy.objects.verdicts import Direction

_MARKET = r"(?:broader |wider |overall )?market"
_AHEAD = re.compile(
    rf"\b(?P<verb>outpac\w+|outperform\w*|beat(?:s|ing)?|outstripp?\w*|outshone|fared better than|did "
    rf"better than|trail\w*|lagg?(?:s|ed|ing)?|"
    rf"underperform\w*|fared worse than|did worse than|fell more than|fell further than|rose more "
    rf"than)\b(?: behind)? (?:that of )?(?:the |its )?(?P<to>{W}|{_MARKET}|(?:[\w-]+ )?(?:peers|rivals|competitors))"
    rf"(?:'s|’s)?(?: (?:index|composite|{V}))?(?: by (?P<n>{Q}))?"
)
_TIMES = re.compile(
    rf"(?P<n>{Q})(?: (?:that|those) (?:of|in|for)| as (?:much|far|hard|sharply|steeply|badly) as| as "
    rf"large as(?: that of)?| as big as(?: that of)?| the size of(?: that of)?| larger than(?: that of)?)? "
    rf"(?:the )?(?P<to>{W}|{_MARKET})"
)


def _to(reading: Reading, said: str) -> list[str]:
    if said.startswith("<W"):
        return list(reading.sentence.who(said).tickers)
    return [THE_MARKET] if "market" in said else []


def relatives(reading: Reading) -> Iterator[Statement]:
    """Ahead of or behind the market, by points or as a multiple."""
    for found in _AHEAD.finditer(reading.text):
        who = reading.one(found.start())
        if who is None:
            continue
        verb, to = found["verb"], _to(reading, found["to"])
        better = re.match(r"outp|outst|outs|beat|fared better|did better|rose", verb)
        way: Direction = "rise" if better else "fall"
        noun = reading.way(found.start(), found.start(), after=False)
        if re.match(r"outp|outst", verb) and noun is not None and re.search(rf"{V} $", reading.text[: found.start()]):
            way = noun.direction  # a decline that outpaces another is the larger one
        quantity = None
        if found["n"]:
            quantity = replace(reading.sentence.quantity(found["n"]), unit="percent")
            reading.use(found["n"])
        reading.use(*re.findall(V, found[0]))
        if found["to"].startswith("<W") and reading.sentence.who(found["to"]).tickers == who.tickers:
            continue
        missing = () if to else ("params.to: the securities that it is set beside, such as [^GSPC]",)
        day, params = reading.day_at(found.start()), {"to": to} if to else {}
        yield Statement("relative_move", who.tickers, who.name, way, quantity, day=day, params=params, missing=missing)
    yield from _multiples(reading)


def _multiples(reading: Reading) -> Iterator[Statement]:
    for found in _TIMES.finditer(reading.text):
        quantity = reading.sentence.quantity(found["n"])
        if quantity.sort != "multiple" or found["n"] in reading.sentence.used:
            continue
        noun = re.match(rf"(?:'s|’s)? ?({V})?", reading.text[found.end() :])
        verb = reading.way(found.start(), found.start(), after=False)
        if verb is None and noun is not None and noun[1]:
            verb = reading.sentence.verb(noun[1])
        way = verb.direction if verb is not None else reading.direction
        who, to = reading.one(found.start()), _to(reading, found["to"])
        if who is None or way == "none" or list(who.tickers) == to:
            continue
        reading.use(found["n"], *([noun[1]] if noun is not None and noun[1] else []))
        day = reading.day_at(found.start())
        yield Statement("relative_move", who.tickers, who.name, way, quantity, day=day, params={"to": to})


_UNDONE = re.compile(
    r"(?:recover|recoup|regain|retrac|claw|made up|making up|win|won|pared?|paring|revers|eras|gave back|giving back|"
    rf"given back|{V})\w*(?: back)? (?:up )?(?P<n>{Q}) (?:of (?=\w|<)|(?=(?:its|their|the|that|<D[a-z]+>)\b))"
    r"(?:(?:its|their|the|that|<D[a-z]+>'s|that day's|the previous (?:day|session)'s|the prior (?:day|session)'s|"
    rf"the day before's) )?(?:[\w-]+ ){{0,2}}?(?P<move>{V}|sell-off|selloff|rout)(?P<rest>[^;]{{0,40}})"
)
_PATH = re.compile(
    rf"(?:{V}|gave back|given back|giving back|gives back|surrender\w*|wip\w+ out|eras\w*) "
    rf"(?P<most>most of |nearly all of |almost all of |half of )?(?:all )?(?:of )?(?:(?P<n>{Q}) of )?"
    r"(?:its|their|the|this|all) (?:year's |<Q[a-z]+> |year-to-date |entire |whole |[a-z]+-[a-z]+ |"
    r"<D[a-z]+> |[a-z]+ (?=<V))*"
    r"(?P<move>gains?|<V[a-z]+>|rally|advance)(?P<rest>[^;]{0,60})"
)
_PATH_PASSIVE = re.compile(
    rf"(?P<whose>(?:(?:its|their|the) )?)(?P<move>{V}) (?:of|for|in) the (?:whole |entire )?(?P<year>year)(?: so far)? "
    rf"(?:has|have|had|was|were)(?: now| all)?(?: been)? (?P<how>{V}|erased|lost)"
    rf"(?:(?: for| by| at) (?:the )?(?P<who>{W}))?"
)


def recoveries(reading: Reading) -> Iterator[Statement]:
    """How much of a loss was made good, and how much of an earlier gain was given back."""
    for found in _PATH_PASSIVE.finditer(reading.text):
        who = reading.sentence.who(found["who"]) if found["who"] else reading.one(found.start())
        if who is not None and reading.sentence.verb(found["move"]).direction == "rise":
            reading.use(*re.findall(V, found[0]))
            yield _path(reading, who.tickers, who.name, None, "since the year", found.start())
    yield from _given_back(reading)
    yield from _undone(reading)


def _given_back(reading: Reading) -> Iterator[Statement]:
    for found in _PATH.finditer(reading.text):
        who = reading.one(found.start())
        rise = not found["move"].startswith("<V") or reading.sentence.verb(found["move"]).direction == "rise"
        falls = re.match(V, found[0])
        if who is None or not rise or (falls and reading.sentence.verb(falls[0]).direction != "fall"):
            continue
        share = _share(reading, found["n"], found["most"])
        if share is None:
            continue
        reading.use(*re.findall(f"{V}|{Q}", found[0][: len(found[0]) - len(found["rest"])]))
        year = "since the year" if re.search(r"year's|year-to-date|entire", found[0]) else ""
        yield _path(reading, who.tickers, who.name, share, f"{year} {found['rest']}", found.start())


def _undone(reading: Reading) -> Iterator[Statement]:
    for found in _UNDONE.finditer(reading.text):
        quantity, who = reading.sentence.quantity(found["n"]), reading.one(found.start())
        if who is None or quantity.sort != "percent" or found["n"] in reading.sentence.used:
            continue
        way: Direction = reading.sentence.verb(found["move"]).direction if found["move"].startswith("<V") else "fall"
        reading.use(found["n"], *re.findall(V, found[0]))
        day = re.search(rf"(?:from|of|on|since) ({D})|({D})'s", found[0])
        when = reading.sentence.named(day[1] or day[2]).text if day is not None else ""
        missing = () if when else ("event: the day of the move that was undone",)
        yield Statement("persistence", who.tickers, who.name, way, quantity, day=when or reading.day, missing=missing)


def _share(reading: Reading, token: str | None, most: str | None) -> Quantity | None:
    if token is not None:
        quantity = reading.sentence.quantity(token)
        return quantity if quantity.sort == "percent" else None
    if most is not None and most.startswith("most"):
        return Quantity("percent", "50", "percent", "more_than", 0, 0, 0)
    if most is not None and most.startswith("half"):
        return Quantity("percent", "50", "percent", "exactly", 0, 0, 0)
    return Quantity("percent", "100", "percent", "nearly" if most else "at_least", 0, 0, 0)


def _path(
    reading: Reading, tickers: tuple[str, ...], name: str, share: Quantity | None, rest: str, at: int
) -> Statement:
    day = reading.day_at(at)
    since = re.search(rf"(?:since|from|of) (?:the (?:end|start|beginning) of |late |early |mid-)?({D})", rest)
    params: dict[str, Any] = {}
    if since is not None:
        params = {"since": reading.sentence.named(since[1]).text}
    elif re.search(r"\byear\b", rest) and (day or reading.calendar.published):
        params = {"since": str(int((day or str(reading.calendar.published))[:4]) - 1)}
    missing = (
        () if params.get("since") else ("params.since: the day, month or event that the gain began with, such as 2024",)
    )
    return Statement(
        "price_path",
        tickers,
        name,
        "fall",
        share or _share(reading, None, None),
        day=day,
        params=params,
        missing=missing,
    )


_NOUN = (
    r"(?:stocks?|shares|chip ?makers?|chip-makers?|banks?|airlines?|carriers?|companies|members|"
    r"components|constituents|retailers?|"
    r"automakers?|carmakers?|lenders?|insurers?|utilities|miners|sectors?|groups|producers|firms|"
    r"names|indexes|indices|stocks in the [\w&<> -]{1,20}|drugmakers|homebuilders|<W[a-z]+>)"
)
_QUANTIFIED = re.compile(
    rf"\b(?P<how>all|every|each|most|none|no|(?:nearly|almost) (?:all|every)|both)(?: one)?(?: (?:of|"
    rf"members of|components of|but \w+ of))*(?: the| its| these)?(?: (?:other|{'|'.join(NUMBERS)}|\d+|<Q[a-z]+>))*"
    rf"(?: (?:[\w.&'-]+|{W})){{0,3}}? (?P<noun>{_NOUN})(?: of the {W}| in the {W})?(?P<between>(?: (?:also|was|"
    rf"were|is|are|has|have|had|closed|ended|finished|stocks|shares|traded|index|members)){{0,3}}) "
    rf"(?P<verb>{V})(?P<rest>[^,;:]{{0,40}})"
)
_COUNTED = re.compile(
    rf"(?P<mod>more than |at least )?(?P<n>{Q})(?: out)? of (?:the |its |all )?(?:(?P<m>{Q}) )?"
    rf"(?:(?:[\w.&'-]+|{W}) ){{0,3}}?(?P<noun>{_NOUN})(?: in the {W})?(?: (?:were|was|closed|ended|"
    rf"finished|traded)){{0,2}} "
    rf"(?P<verb>{V})(?P<rest>[^,;:]{{0,40}})"
)
_LISTED_ALL = re.compile(
    rf"(?P<list>{W}(?:, {W})*,? and {W})(?: shares| stock)? (?P<how>all|each) (?:closed |ended |"
    rf"finished |were |was )?(?P<verb>{V})(?P<rest>[^,;:]{{0,30}})"
)
_MEAN = re.compile(
    rf"\bon average\b|\bthe average \w+ (?:of|in|for)\b|"
    rf"\bthe average (?:[\w-]+ ){{0,2}}"
    r"(?:stock|company|member|maker|airline|bank|lender|retailer)\b|"
    rf"\baveraged\b|\ban average (?:of )?{Q}|\bby an average of\b"
)
MEMBERS = "tickers: the members, such as [NVDA, AMD]; or group: a group of study.yaml"


def groups(reading: Reading) -> Iterator[Statement]:
    """All, most, none, so many of several, or their mean, moved so."""
    for found in _LISTED_ALL.finditer(reading.text):
        if found["how"] == "all":
            whos = [reading.sentence.who(t) for t in re.findall(W, found["list"])]
            tickers = tuple(t for who in whos for t in who.tickers)
            yield from _group(reading, tickers, "", "all", found, None)
    for found in _COUNTED.finditer(reading.text):
        count = reading.sentence.quantity(found["n"])
        if count.sort != "bare" or found["n"] in reading.sentence.used:
            continue
        reading.use(found["n"], *re.findall(Q, found[0][: found.start("verb") - found.start()]))
        yield from _group(reading, *_members(reading, found), "count", found, count)
    for found in _QUANTIFIED.finditer(reading.text):
        how = found["how"].split()[-1]
        if found["verb"] in reading.sentence.used or how == "both":
            continue
        if reading.text[: found.start()].endswith("not "):
            continue
        quantifier = {"every": "all", "each": "all", "no": "none"}.get(how, how)
        if found["how"].startswith(("nearly", "almost")):
            quantifier = "most"
        but = re.match(rf"all but ({'|'.join(NUMBERS)}|{Q})", found[0])
        if but is not None:
            yield from _all_but(reading, found, but[1])
            continue
        yield from _group(reading, *_members(reading, found), quantifier, found, None)
    yield from _means(reading)


def _all_but(reading: Reading, found: re.Match[str], but: str) -> Iterator[Statement]:
    """All but one of a known set is a count; of an unknown one it has to be said how many."""
    tickers, name = _members(reading, found)
    n = NUMBERS.get(but) or int(reading.sentence.quantity(but).value.partition(".")[0] or 1)
    if len(tickers) > n:
        yield from _group(
            reading, tickers, name, "count", found, Quantity("bare", str(len(tickers) - n), "count", "exactly", 0, 0, 0)
        )
        return
    for one in _group(reading, (), name, "most", found, None):
        yield replace(one, missing=(*one.missing, f"params: quantifier count with the number of all but {n}"))


_OF_WHAT = re.compile(
    r"((?:\b(?!(?:the|of|its|all|most|none|these|other|large|big|major|every|no|each)\b)[a-z][\w-]* ){0,2})$"
)


def _members(reading: Reading, found: re.Match[str]) -> tuple[tuple[str, ...], str]:
    """The tickers of a set that is known, and what a sentence calls it: ``chip stocks``."""
    noun = found["noun"]
    if not noun.startswith("<W"):
        of_what = _OF_WHAT.search(found.string[found.start() : found.start("noun")])
        return (), f"{of_what[1] if of_what is not None else ''}{noun}"
    who = reading.sentence.who(noun)
    return (who.tickers if who.sort == "group" else ()), who.name


def _group(
    reading: Reading, tickers: tuple[str, ...], name: str, quantifier: str, found: re.Match[str], count: Quantity | None
) -> Iterator[Statement]:
    verb = reading.sentence.verb(found["verb"])
    if verb.direction == "none" and quantifier != "none":
        return
    token = re.search(rf"^ (?:by )?({Q})", found["rest"])
    quantity = reading.sentence.quantity(token[1]) if token is not None else None
    if quantity is not None and quantity.sort != "percent":
        return
    reading.use(found["verb"], *([token[1]] if token is not None else []))
    params: dict[str, Any] = {"quantifier": quantifier}
    if count is not None:
        params["count"] = int(count.value) if count.value.isdigit() else 1
        params |= {"count_modifier": count.modifier} if count.modifier != "exactly" else {}
    day = reading.day_at(found.start())
    yield Statement(
        "group_move",
        tickers,
        name,
        verb.direction,
        quantity,
        None if quantity else verb.word,
        day,
        params,
        () if tickers else (MEMBERS,),
    )


def _means(reading: Reading) -> Iterator[Statement]:
    found = _MEAN.search(reading.text)
    if found is None or re.search(r"day (?:moving )?average", reading.text):
        return
    for token, start, end, quantity in reading.free():
        verb = reading.way(start, end)
        if quantity.sort == "percent" and verb is not None and abs(start - found.start()) < 60:
            whos = reading.subject(start)
            tickers = tuple(t for who in whos for t in who.tickers if who.sort != "market")
            tickers = tickers if len(tickers) > 1 else ()
            reading.use(token)
            params = {"quantifier": "mean"} | span_of(reading, start, end, reading.day_at(start))
            name = whos[-1].name if whos else "the companies"
            missing = () if tickers else (MEMBERS,)
            yield Statement(
                "group_move", tickers, name, verb.direction, quantity, None, reading.day_at(start), params, missing
            )
            return


_AFTER = re.compile(
    rf"\b(?:came|followed|comes|happened|struck|hit|began)(?: only| just| about)? (?P<n>{Q}) (?:after|"
    rf"later)(?P<rest>[^;]{{0,60}})"
)
_OUTPUT = re.compile(
    r"\b(?:more than|exceed\w*|larger than|bigger than|greater than|above|tops|topped|outstrip\w*|"
    r"dwarf\w*)\b[^,;]{0,40}\b(?:output|gdp|gross domestic product|economy|economies|economic output)\b[^,;]{0,30}"
    r"\b(?P<how>most|all but \w+|many)\b[^,;]{0,15}\b(?:countries|nations|economies)|"
    r"\blarger than the (?:economies|gdp) of most\b"
)
_TIMES_RECORD = re.compile(
    rf"(?P<n>{Q}) (?:as (?:large|big|much) as )?(?:the|its|that of the)(?: \w+)? (?:previous|prior|"
    rf"earlier|old|former|last) (?:one-day )?(?:record|high|mark)(?P<rest>[^;]{{0,80}})"
)
_HOLDER = re.compile(
    r"\b(?:previous|prior|old|earlier|former) record[^;]{0,25}?(?:which|that|held|set|was|belonged|also)[^;]{0,30}"
)
_SURPASSED = re.compile(
    r"\b(?:more than the market (?:can|could|itself|alone)|beyond what the market|not explained by "
    r"the market|more than the market's own move)"
)


def others(reading: Reading) -> Iterator[Statement]:
    """How long after an announcement, larger than most economies, records and who held them, beyond the market."""
    for found in _AFTER.finditer(reading.text):
        who, time = reading.one(found.start()), reading.sentence.quantity(found["n"])
        verb = reading.way(found.start(), found.start(), after=False)
        if who is None or time.sort != "time" or verb is None or verb.direction == "none":
            continue
        reading.use(found["n"], *re.findall(V, reading.text[: found.start()]))
        missing = ("params.start: the event of study.yaml that it is counted from",)
        yield Statement(
            "timing", who.tickers, who.name, verb.direction, time, day=_before(reading, found.start()), missing=missing
        )
    for found in _OUTPUT.finditer(reading.text):
        who = reading.one(found.start())
        if who is not None and who.sort == "company":
            share = Quantity("percent", "50", "percent", "more_than", 0, 0, 0)
            verb = reading.way(found.start(), found.start(), after=False)
            way = verb.direction if verb is not None else reading.direction
            params = {"columns": ["gdp_2023_usd", "gdp_2024_usd"]}
            yield Statement(
                "reference", who.tickers, who.name, way, share, day=reading.day_at(found.start()), params=params
            )
    yield from _records(reading)
    for found in _SURPASSED.finditer(reading.text):
        who, verb = reading.one(found.start()), reading.way(found.start(), found.start(), after=False)
        if who is not None and verb is not None:
            yield Statement("abnormal_move", who.tickers, who.name, verb.direction, day=reading.day_at(found.start()))


def _before(reading: Reading, at: int) -> str:
    days = [reading.sentence.named(t).text for t, _, end in reading.sentence.places("D") if end <= at]
    return next((d for d in reversed(days) if len(d) == 10), reading.day)


def _records(reading: Reading) -> Iterator[Statement]:
    for found in _TIMES_RECORD.finditer(reading.text):
        who, quantity = reading.one(found.start()), reading.sentence.quantity(found["n"])
        verb = reading.way(found.start(), found.start(), after=False)
        if who is not None and quantity.sort == "multiple":
            reading.use(found["n"])
            way = verb.direction if verb is not None else reading.direction
            yield Statement(
                "record_multiple", who.tickers, who.name, way, quantity, day=_before(reading, found.start())
            )
    for found in _HOLDER.finditer(reading.text):
        own = re.search(r"itself|its own|the same company|the company's own|also", reading.text[found.start() :])
        named = re.search(W, reading.text[found.start() : found.end() + 20])
        who = reading.one(found.start())
        holder = reading.sentence.who(named[0]).tickers[0] if named else who.tickers[0] if own and who else None
        verb = reading.way(found.start(), found.start(), after=False)
        if who is not None and holder is not None and who.sort == "company":
            way = verb.direction if verb is not None else reading.direction
            yield Statement(
                "record_holder",
                who.tickers,
                who.name,
                way,
                day=_before(reading, found.start()),
                params={"holder": holder},
            )
