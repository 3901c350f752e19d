"""Over which time a number goes: a day, a week, a month, the year so far, or since a date."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from eventstudy.claims.since import last_day
from eventstudy.drafting.statement import D, Q, Reading

_WEEK = re.compile(
    r"\b(?:for|over|in|on) (?:the|this) week\b|\bthis week\b|\bweekly\b|(?:end|clos|finish)\w* the week\b|\bweek's\b"
)
_MONTH = re.compile(
    r"\b(?:for|over|in|on) (?:the|this) month\b|\bthis month\b|\bmonthly\b|(?:end|clos|finish)\w* the "
    r"month\b|\bmonth to date\b"
)
_QUARTER = re.compile(r"\b(?:for|over|in) (?:the|this) quarter\b|\bthis quarter\b|\bquarterly\b")
_YEAR = re.compile(
    r"\byear[ -]to[ -]date\b|\bthis year\b|\bso far (?:this|in the) year\b|\bfor the year\b|\bon the year\b|"
    r"\bsince the (?:start|beginning|turn) of (?:the|this) year\b|\bsince january\b|\bsince new year\b"
)
_SINCE = re.compile(
    rf"\bsince (?:the (?:end|start|beginning|turn) of |late |early |mid-)?({D})|\bfrom the end of ({D})"
)
_LASTING = re.compile(
    rf"[^,;<>]{{0,30}}?\b(?:in|over|across|within) (?:just |only )?(?:the |its )?(?:last |past |"
    rf"previous )?({Q})(?! high)"
)
_BEGINS = re.compile(
    rf"(?:(?:over|in|during|for) (?:just |only )?(?:the |this )?(?:(?:past |last )?({Q})|((?:past |"
    rf"last )?(?:week|month|quarter|year)))|"
    rf"year to date|so far this year|this (?:week|month|year)), "
)
_PAST = re.compile(r"[^,;<>]{0,30}?\b(?:over|in|during) the (?:last|past) (week|month|year)\b")


def span_of(reading: Reading, start: int, end: int, day: str) -> dict[str, Any]:
    """The params `since` or `window` of the move that a number at a place says; empty for the day alone."""
    text = reading.text
    begins = _BEGINS.match(text)
    breaks = [m.end() for m in re.finditer(rf"{Q}|[;:]|, (?:and|but|while)|, its|, the", text[:start])]
    left = max([0, *breaks])
    if begins is not None and not re.search(Q, text[begins.end() : start]):
        time = reading.sentence.quantity(begins[1]) if begins[1] else None
        if time is not None and time.sort == "time" and time.unit in ("days", "sessions") and time.value.isdigit():
            return {"window": [1 - int(time.value), 0]} if 1 < int(time.value) < 60 else {}
        if begins[2] and begins[2].startswith(("past", "last")):
            since_day = back(day or str(reading.calendar.published or ""), "1", f"{begins[2].split()[-1]}s")
            return {"since": since_day} if since_day else {}
        left = 0
    stop = re.search(rf"{Q}|[;:]|, (?:and|but|while|its|the|their|a|an|taking|making|for)\b| and |, then", text[end:])
    right = len(text) if stop is None else end + stop.start()
    around = f"{text[left:start]} {text[end:right]}"
    since = _SINCE.search(around)
    if since is not None and not re.search(
        r"(?:worst|best|biggest|largest|highest|lowest|most)[^,]*$", around[: since.start()]
    ):
        named = reading.sentence.named(since[1] or since[2]).text
        if len(named) == 4 and re.search(r"\bsince (?:the )?(?:start|beginning|turn) of ", since[0]):
            named = str(int(named) - 1)
        return {"since": named} if named else {}
    lasting = _lasting(reading, start, end, day)
    if lasting:
        return lasting
    on = dt.date.fromisoformat(day) if day else reading.calendar.published
    if on is None:
        return {}
    if _YEAR.search(around):
        return {"since": str(on.year - 1)}
    if _WEEK.search(around):
        return {"since": (on - dt.timedelta(days=on.weekday() + 3)).isoformat()}
    if _MONTH.search(around):
        return {"since": month_before(on)}
    if _QUARTER.search(around):
        return {"since": month_before(on.replace(month=3 * ((on.month - 1) // 3) + 1))}
    return {}


def whole_period(period: str, published: dt.date | None) -> tuple[str, dict[str, Any]]:
    """A month or a year as its last weekday, not after the day of the article, and the params of a move over it.

    Examples
    --------
    >>> whole_period("2025-01", None), whole_period("2024", None)
    (('2025-01-31', {'since': '2024-12'}), ('2024-12-31', {'since': '2023'}))
    """
    last = last_day(period)
    if last is None:
        return "", {}
    last = last if published is None else min(last, published)
    last -= dt.timedelta(days=max(0, last.weekday() - 4))
    return last.isoformat(), {"since": str(int(period) - 1) if len(period) == 4 else month_before(last)}


def _lasting(reading: Reading, start: int, end: int, day: str) -> dict[str, Any]:
    """``in two days`` as a window, ``over the past year`` and ``in three months`` as the day that it began with."""
    behind, day = reading.text[end:], day or str(reading.calendar.published or "")
    found, past = _LASTING.match(behind), _PAST.match(behind)
    if past is not None:
        begins = back(day, "1", f"{past[1]}s")
        return {"since": begins} if begins else {}
    time = reading.sentence.quantity(found[1]) if found is not None else None
    if found is None or time is None or time.sort != "time" or not time.value.isdigit() or int(time.value) > 400:
        return {}
    if time.unit in ("days", "sessions"):
        return {"window": [1 - int(time.value), 0]} if 1 < int(time.value) < 60 else {}
    begins = back(day, time.value, time.unit)
    return {"since": begins} if begins else {}


def month_before(day: dt.date) -> str:
    """The month before that of a day, as a claims file writes it.

    Examples
    --------
    >>> month_before(dt.date(2025, 1, 27))
    '2024-12'
    """
    return (day.replace(day=1) - dt.timedelta(days=1)).isoformat()[:7]


def back(day: str, number: str, unit: str) -> str | None:
    """The day that lies so many days, weeks, months or years before another; None where that is not known."""
    if not day:
        return None
    days = {"days": 1.0, "sessions": 1.4, "weeks": 7.0, "months": 365.2425 / 12, "years": 365.2425}[unit]
    try:
        return (dt.date.fromisoformat(day) - dt.timedelta(days=round(float(number) * days))).isoformat()
    except (OverflowError, ValueError):
        return None
