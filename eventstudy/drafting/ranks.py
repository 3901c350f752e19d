"""Rules for superlatives and rows: records, ranks, streaks, who led and who was the most valuable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.spans import back
from eventstudy.drafting.statement import D, Q, Reading, Statement, V, W
from eventstudy.drafting.vocabulary import NUMBERS, ORDINALS
from eventstudy.objects.verdicts import Direction

AMONG = "among: the securities that it is ranked among, such as [AAPL, MSFT]"

_ORDINAL = "|".join(ORDINALS)
_WAY: Mapping[str, Direction] = {
    "worst": "fall", "steepest": "fall", "deepest": "fall", "lowest": "fall", "weakest": "fall", "poorest": "fall",
    "best": "rise", "strongest": "rise", "highest": "rise",
}  # fmt: skip
_TOP = (
    r"worst|biggest|largest|steepest|sharpest|best|deepest|heaviest|lowest|highest|strongest|"
    r"weakest|greatest|poorest|busiest"
)
_RANK = re.compile(
    rf"(?:\b(?P<nth>{_ORDINAL}|\d+(?:st|nd|rd|th))[- ])?\b(?P<top>{_TOP})\b(?P<between>(?:[ -](?:{Q}|"
    rf"[\w'-]+)){{0,4}}?)[ -]"
    rf"(?P<noun>{V}|days?\b|sessions?\b|weeks?\b|months?\b|quarters?\b|years?\b|clos(?:e|ing)\b|finish\b|level\b|"
    rf"showing\b|performance\b|volume\b|stretch\b|run\b|moves?\b|one-day)"
    rf"(?P<rest>[^;]{{0,90}})"
)
_MOST = re.compile(
    rf"\bthe most (?:since|in|on|ever)(?P<rest>[^;]{{0,60}})|\b(?:its|their|the) (?:most|biggest|"
    rf"largest|steepest|sharpest|worst|best|highest|lowest) since (?:mid-|late |early |the end of )?(?P<more>{D})"
)
_RECORD_CLOSE = re.compile(
    r"\b(?:a|an|its|another|fresh|new|all-time|the first)(?: new| fresh)?(?: \d+(?:st|nd|rd|th))? "
    r"(?:record|all-time|closing|"
    r"record-high)(?: closing| high)? "
    r"?(?:close|high|finish|closing high|peak|record)\b"
)
_EVER = re.compile(
    r"(?:for any|by (?:a|any)|of any|ever recorded by|for an?|any)(?: single)? ?(?:[\w.-]+ )?"
    r"(?:company|stock|firm|corporation)|"
    r"in (?:the )?(?:history|annals) of|(?:stock|market|corporate|wall street)[\w -]*history|in (?:the )?[\w. ]*history"
)
_SINCE = re.compile(rf"since (?:[^,;<>]|{V}){{0,40}}?({D})")
_VAGUE = re.compile(r"\bsince [^,;<>]{3,40}|\bin (?:[a-z]+ ){0,3}(?:years|months|weeks|decades?)\b")
_IN_TIME = re.compile(rf"\bin (?:more than |over |at least )?({Q})|\bof the year\b|\bthis year\b")
_PERIODS = {"week": "week", "month": "month", "quarter": "quarter", "year": "year"}


def rank_one(text: str | None, reading_of: Quantity | None = None) -> Quantity:
    """The rank that an ordinal says, 1 for none."""
    n = 1 if text is None else ORDINALS.get(text, 0) or int(re.sub(r"\D", "", text) or 1)
    return Quantity("bare", str(max(n, 1)), "rank", "exactly", 0, 0, 0)


def superlatives(reading: Reading) -> Iterator[Statement]:
    """The worst day since, the third-largest gain ever, the highest close, and records of market value."""
    for found in _RANK.finditer(reading.text):
        if re.match(r"['’ ]*(?:performer|performing|loser|gainer|decliner)", found["rest"]):
            continue
        who = reading.one(found.start()) or _first_after(reading, found.end("noun"))
        if who is None:
            continue
        way = _way_of(reading, found)
        value = re.search(
            r"market (?:value|cap\w*)|in value|of value|shareholder value|stock-market value",
            f"{found['between']}{found['rest']}",
        )
        history = re.search(r"history|ever|on record", found["rest"])
        of_value = bool(value) or (
            bool(history) and found["noun"].startswith("<V") and _lost_value(reading, found.start())
        )
        reading.use(*re.findall(f"{Q}|{V}", found["between"] + found["noun"]))
        ever = _EVER.search(found["rest"])
        if (
            who.sort == "company"
            and ever
            and "own" not in found["rest"]
            and (of_value or "for any" in ever[0] or "company" in ever[0])
        ):
            if found["nth"] is None:
                yield Statement("record", who.tickers, who.name, way, day=reading.day_at(found.start()))
            continue
        yield _ranked(reading, who.tickers, who.name, way, found["nth"], found[0], found.start())
    yield from _most(reading)
    yield from _of_all_time(reading)


_OF_ALL_TIME = re.compile(
    rf"\b(?:was|is|were) the (?P<top>{_TOP})(?: ever)?(?: on record)? (?:in|for|by) [^,;<>]{{0,40}}"
    rf"(?:history|company|companies)|"
    rf"\bthe most (?:that )?any (?:[\w.]+ )?(?:company|firm) (?:has |had )?ever {V}|"
    rf"\ba record(?: <Q[a-z]+>| daily| single-day)? (?P<noun>{V})(?P<rest>[^;]{{0,60}})"
)


def _of_all_time(reading: Reading) -> Iterator[Statement]:
    """The loss was the largest in history; a record one-day drop."""
    for found in _OF_ALL_TIME.finditer(reading.text):
        who = reading.one(found.start())
        verb = (
            reading.sentence.verb(found["noun"]) if found["noun"] else reading.way(found.start(), found.start(), False)
        )
        if who is None or verb is None or verb.direction == "none" or _RANK.match(reading.text, found.start()):
            continue
        money = re.search(r"any (?:\w+ )?company|market value|dollar terms", found["rest"] or "") or any(
            q.a_sum for _, _, end, q in reading.free() if end <= found.start()
        )
        day = reading.day_at(found.start())
        if money and who.sort == "company":
            yield Statement("record", who.tickers, who.name, verb.direction, day=day)
        else:
            params = {"of": list(who.tickers)}
            yield Statement("rank", who.tickers, who.name, verb.direction, rank_one(None), day=day, params=params)


def _most(reading: Reading) -> Iterator[Statement]:
    for most in _MOST.finditer(reading.text):
        verb = reading.way(most.start(), most.start(), after=False)
        who = reading.one(most.start())
        if (
            verb is not None
            and who is not None
            and not re.match(r"[^,.;]*(?:index|benchmark|group|sector)", most["rest"] or "")
        ):
            yield _ranked(reading, who.tickers, who.name, verb.direction, None, most[0], most.start())


def _lost_value(reading: Reading, at: int) -> bool:
    """Whether the superlative follows a sum of market value, which it is then about."""
    before = reading.text[max(0, at - 90) : at]
    last = re.findall(Q, before)
    return (
        bool(last)
        and reading.sentence.quantity(last[-1]).a_sum
        and bool(re.search(r"value|capitali|market cap", before))
    )


def _first_after(reading: Reading, at: int) -> Any:
    after = re.match(rf" (?:for|by|in|of) (?:the |shares of )?({W})", reading.text[at:])
    return None if after is None else reading.sentence.who(after[1])


def _way_of(reading: Reading, found: re.Match[str]) -> Direction:
    if found["noun"].startswith("<V"):
        return reading.sentence.verb(found["noun"]).direction
    if found["top"] in _WAY:
        return _WAY[found["top"]]
    inner = re.findall(V, found["between"])
    if inner:
        return reading.sentence.verb(inner[-1]).direction
    verb = reading.way(found.start(), found.start(), after=False)
    return verb.direction if verb is not None else "none"


def _ranked(
    reading: Reading, tickers: tuple[str, ...], name: str, way: Direction, nth: str | None, text: str, at: int
) -> Statement:
    day = reading.day_at(at)
    params: dict[str, Any] = {"of": list(tickers)}
    missing: tuple[str, ...] = ()
    since, within = _SINCE.search(text), _IN_TIME.search(text)
    if since is not None:
        named = reading.sentence.named(since[1]).text
        params |= {"since": named} if named else {}
        missing = () if named else ("params.since: the day that it is counted from, with its year",)
    elif _VAGUE.search(text):
        missing = ("params.since: the day that it is counted from",)
    elif within is not None and within[1]:
        time = reading.sentence.quantity(within[1])
        begins = back(day, time.value, time.unit) if time.sort == "time" else None
        params |= {"since": begins} if begins else {}
        missing = () if begins or time.sort != "time" else (f"params.since: the day {time.value} {time.unit} before",)
        reading.use(within[1])
    elif within is not None and day:
        params["since"] = str(int(day[:4]) - 1)
    elif within is not None:
        missing = ("params.since: the last day of the year before",)
    bare = re.match(r"(?:its|their|the) (?:highest|lowest) since", text)
    spoken = re.search(r"\b(?:clos(?:e|ing)|finish|level)\b", text)
    if bare or (spoken and not re.search(V, text.partition("since")[0])):
        params["measure"] = "level"
    elif re.search(r"\bpoints?\b", text):
        params["measure"] = "points"
    elif "volume" in text or "busiest" in text:
        params["measure"] = "volume"
    period = next(
        (p for word, p in _PERIODS.items() if re.search(rf"\b{word}(?:ly)?\b", text.partition("since")[0])), None
    )
    if period and not within:
        params["period"] = period
    if way == "none":
        missing = (*missing, "claimed.direction: fall or rise")
    return Statement("rank", tickers, name, way, rank_one(nth), day=day, params=params, missing=missing)


def record_closes(reading: Reading) -> Iterator[Statement]:
    """A record close is the first rank of the levels."""
    for found in _RECORD_CLOSE.finditer(reading.text):
        if re.search(r"(?:below|off|under|from|short of) (?:its |their |the |a )?$", reading.text[: found.start()]):
            continue
        who = reading.one(found.start())
        if who is not None:
            params = {"of": list(who.tickers), "measure": "level"}
            yield Statement(
                "rank", who.tickers, who.name, "rise", rank_one(None), day=reading.day_at(found.start()), params=params
            )


_FEW = re.compile(
    rf"(?P<way>{V})(?: on| in)? (?P<n>{'|'.join(NUMBERS)}|<Q[a-z]+>)(?: out)? of (?:the |its )?(?:past |last )?"
    rf"(?P<of>{'|'.join(NUMBERS)}|{Q})(?: sessions| days)?"
)
_EXTENDED = re.compile(
    rf"(?P<way>{V}|\blosing|\bwinning) streak (?:to|stretched to|of|reached|at) (?P<n>{Q}|{'|'.join(NUMBERS)})"
)
_STREAK = re.compile(
    rf"\b(?P<nth>{_ORDINAL}|\d+(?:st|nd|rd|th)) (?:straight|consecutive|successive|daily)(?P<between>"
    rf"(?: [\w-]+){{0,2}}?) "
    rf"(?P<noun>{V}|days?|sessions?|weeks?|months?|quarters?|years?)(?: of (?P<of>{V}))?"
)
_ROW = re.compile(
    rf"\b(?P<n>{'|'.join(NUMBERS)}|\d+|<Q[a-z]+>)(?P<unit> (?:straight|consecutive) (?:days|sessions|"
    rf"weeks|months)| (?:days|sessions|weeks|months)"
    rf"(?= in a row| running)|(?: (?:straight|consecutive))? (?P<noun>{V})(?= in a row))"
)
_NTH_DAY = re.compile(rf"\b(?P<nth>{_ORDINAL}) (?P<unit>day|session|week|month) of (?P<of>{V})")
_RUNNING = re.compile(rf"\bfor a (?P<nth>{_ORDINAL}) (?P<unit>day|session|week|month)(?: running| in a row)?\b")
_OUT_OF = re.compile(
    rf"\b(?P<nth>{_ORDINAL}) (?P<noun>{V}) in (?P<n>{Q}|{'|'.join(NUMBERS)})(?: trading)?(?: days| sessions)?"
)
_TIME_IN = re.compile(rf"(?P<noun>{V}) for the (?P<nth>{_ORDINAL}) time in (?P<n>{Q}|{'|'.join(NUMBERS)})")


def streaks(reading: Reading) -> Iterator[Statement]:
    """A fourth straight loss, five days in a row, the fourth gain in five days, a losing streak of five sessions."""
    for found in _EXTENDED.finditer(reading.text):
        who = reading.one(found.start())
        if who is None or re.search(
            r"\b(?:snapp|end|br[eo]k|halt)\w* (?:a |an |its |the )?$", reading.text[: found.start()]
        ):
            continue
        streak = _count(reading, found["n"])
        reading.use(*re.findall(Q, found["n"]))
        length = Quantity("bare", streak, "count", "exactly", 0, 0, 0)
        losing: Direction = "rise" if found["way"] == "winning" else "fall"
        yield Statement("streak", who.tickers, who.name, losing, length, day=reading.day_at(found.start()))
    yield from _of_the_last(reading)
    for form in (_STREAK, _NTH_DAY, _RUNNING, _OUT_OF, _TIME_IN, _ROW):
        for found in form.finditer(reading.text):
            had = found.groupdict()
            if re.search(
                r"(?:snapp\w+|end\w+|break\w*|broke|halt\w+) (?:a |an |its )?$", reading.text[: found.start()]
            ):
                continue
            verb = had.get("of") or had.get("noun")
            marked = reading.sentence.verb(verb) if verb and verb.startswith("<V") else None
            known = marked or reading.way(found.start(), found.start(), after=False)
            who = reading.one(found.start()) or _first_after(reading, found.end())
            if known is None or known.direction == "none" or who is None:
                continue
            said = had.get("nth") or had.get("n") or ""
            count = (
                reading.sentence.quantity(said).value
                if said.startswith("<Q")
                else str(ORDINALS.get(said) or NUMBERS.get(said) or re.sub(r"\D", "", said))
            )
            params: dict[str, Any] = {}
            if form in (_OUT_OF, _TIME_IN):
                of = _count(reading, had["n"])
                if not of.isdigit() or int(of) < int(count):
                    continue
                params["out_of"] = int(of)
            period = next((p for p in _PERIODS if p in (had.get("noun") or had.get("unit") or "")), None)
            params |= {"period": period} if period else {}
            reading.use(*re.findall(f"{Q}|{V}", found[0]))
            quantity = Quantity("bare", count, "count", "exactly", 0, 0, 0)
            yield Statement(
                "streak",
                who.tickers,
                who.name,
                known.direction,
                quantity,
                day=reading.day_at(found.start()),
                params=params,
            )


def _count(reading: Reading, said: str) -> str:
    """The digits of a number in words or of a token."""
    return reading.sentence.quantity(said).value if said.startswith("<Q") else str(NUMBERS[said])


def _of_the_last(reading: Reading) -> Iterator[Statement]:
    """Fallen in four of the past five sessions."""
    for found in _FEW.finditer(reading.text):
        n, of = _count(reading, found["n"]), _count(reading, found["of"])
        who, verb = reading.one(found.start()), reading.sentence.verb(found["way"])
        if who is None or verb.direction == "none" or not (n.isdigit() and of.isdigit()) or int(n) > int(of):
            continue
        reading.use(*re.findall(f"{Q}|{V}", found[0]))
        count = Quantity("bare", n, "count", "exactly", 0, 0, 0)
        day, params = reading.day_at(found.start()), {"out_of": int(of)}
        yield Statement("streak", who.tickers, who.name, verb.direction, count, day=day, params=params)


_VALUABLE = re.compile(rf"\b(?:(?P<nth>{_ORDINAL})[- ])?(?P<top>most|least) valuable\b")
_PERFORMER = re.compile(
    r"\b(?:(?P<nth>"
    + _ORDINAL
    + r")[- ])?(?P<top>worst|best|biggest|largest|top|heaviest)[- ](?P<what>perform\w+|losers?|"
    r"gainers?|decliners?|fallers?|risers?|advancers?|laggards?)"
)
_LED = re.compile(
    rf"\bled (?:the |all |a |an )?(?:\w+ )?(?:{V}|decliners|losers|gainers|way down|way up|fallers|"
    rf"risers|advance)|({V}|losers|gainers|decliners) (?:was |were )?led by (?:the )?({W})|"
    rf"\bthe most (?:in|of|among) the|\bthe most of (?:any|all)"
)
_LOSERS = {
    "loser": "fall",
    "decliner": "fall",
    "faller": "fall",
    "laggard": "fall",
    "gainer": "rise",
    "riser": "rise",
    "advancer": "rise",
}


def among(reading: Reading) -> Iterator[Statement]:
    """The second most valuable, the worst performer, who led the losses: a rank among others, who have to be named."""
    for found in _VALUABLE.finditer(reading.text):
        who = reading.one(found.start())
        if (
            who is not None
            and who.sort == "company"
            and not re.search(r"\b(?:third|second|first|one) of the $", reading.text[: found.start()])
            and not _given_up(reading, found.start())
        ):
            yield _among(reading, who.tickers, who.name, "none", found["nth"], found.start(), {"measure": "value"})
    for found in _PERFORMER.finditer(reading.text):
        several = found["what"].endswith("ers") and not re.match(
            r"[^,;]{0,40}? (?:was|were) <W", reading.text[found.end() :]
        )
        if several or re.search(r"\b(?:among|one of) (?:the )?$", reading.text[: found.start()]):
            continue
        who = reading.one(found.start())
        who = _named_after(reading, found.end()) if who is None or who.sort == "market" else who
        known = next((way for word, way in _LOSERS.items() if found["what"].startswith(word)), None)
        way: Direction = known or ("fall" if found["top"] == "worst" else "rise")  # type: ignore[assignment]
        if who is not None:
            year = re.match(r"[^,;<>]{0,40}(?:this year|so far|year to date)", reading.text[found.end() :])
            day = reading.day_at(found.start()) or str(reading.calendar.published or "")
            since = {"since": str(int(day[:4]) - 1)} if year and day else {}
            yield _among(reading, who.tickers, who.name, way, found["nth"], found.start(), since)
    for found in _LED.finditer(reading.text):
        who = reading.sentence.who(found[2]) if found[2] else reading.one(found.start())
        inner = re.findall(V, found[0])
        verb = reading.sentence.verb(inner[0]) if inner else reading.way(found.start(), found.start(), after=False)
        falls = re.search(r"losers|decliners|fallers|way down", found[0])
        rises = re.search(r"gainers|risers|way up|advance", found[0])
        led: Direction = "fall" if falls else "rise" if rises else verb.direction if verb is not None else "none"
        if who is not None and led != "none":
            yield _among(reading, who.tickers, who.name, led, None, found.start(), {})


_PLACE = re.compile(
    rf"({V}|\b(?:ced|relinquish|yield)\w+) (?:its|their|the) (?:[\w-]+ )?"
    r"(?:place|position|status|crown|title|spot|rank\w*)"
    r"[^,;]{0,30}$"
)


def _given_up(reading: Reading, at: int) -> bool:
    """Whether a rank is one that was lost: ``lost its place as the most valuable``."""
    found = _PLACE.search(reading.text[:at])
    return found is not None and (not found[1].startswith("<V") or reading.sentence.verb(found[1]).direction == "fall")


def _named_after(reading: Reading, at: int) -> Any:
    found = re.match(rf"[^;:]{{0,40}}? (?:was|were) ({W})", reading.text[at:])
    return None if found is None else reading.sentence.who(found[1])


def _among(
    reading: Reading,
    tickers: tuple[str, ...],
    name: str,
    way: Direction,
    nth: str | None,
    at: int,
    params: dict[str, Any],
) -> Statement:
    return replace(
        Statement("rank_among", tickers, name, way, rank_one(nth), day=reading.day_at(at), params=params),
        missing=(AMONG,),
    )
