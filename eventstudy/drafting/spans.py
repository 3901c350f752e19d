"""Over which time a number goes: a day, a week, a month, the year so far, or since a date."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from eventstudy.drafting.statement import D, Q, Reading

_WEEK = re.compile(r"\b(?:for|over|in|on) (?:the|this) week\b|\bthis week\b|\bweekly\b|\bthe week \b|\bweek's\b")
_MONTH = re.compile(
    r"\b(?:for|over|in|on) (?:the|this) month\b|\bthis month\b|\bmonthly\b|\bthe month\b|\bmonth to date\b"
)
_QUARTER = re.compile(r"\b(?:for|over|in) (?:the|this) quarter\b|\bthis quarter\b|\bquarterly\b")
_YEAR = re.compile(
    r"\byear[ -]to[ -]date\b|\bthis year\b|\bso far (?:this|in the) year\b|\bfor the year\b|\bon the year\b|"
    r"\bsince the (?:start|beginning|turn) of (?:the|this) year\b|\bsince january\b|\bsince new year\b"
)
_SINCE = re.compile(rf"\bsince (?:the end of |late |early |mid-)?({D})|\bfrom the end of ({D})")
_SESSIONS = re.compile(
    r"\b(?:in|over|across|within) (?:the (?:last|past) |just )?(two|three|four|five|[2-9]|1\d) "
    r"(?:straight |trading )?(?:days|sessions)\b"
)
_SOFAR = re.compile(r"\b(?:has|have|had|is|are) (?:now |since |already )?$")
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}


def span_of(reading: Reading, start: int, end: int, day: str) -> dict[str, Any]:
    """The params `since` or `window` of the move that a number at a place says; empty for the day alone."""
    text = reading.text
    left = max([0, *(m.end() for m in re.finditer(rf"{Q}|[;:]|, (?:and|but|while)|, its|, the", text[:start]))])
    stop = re.search(rf"{Q}|[;:]|, (?:and|but|while|its|the|their|a|an|taking|making|for)\b| and |, then", text[end:])
    right = len(text) if stop is None else end + stop.start()
    around = f"{text[left:start]} {text[end:right]}"
    since = _SINCE.search(around)
    if since is not None and not re.search(
        r"(?:worst|best|biggest|largest|highest|lowest|most)[^,]*$", around[: since.start()]
    ):
        named = reading.sentence.named(since[1] or since[2]).text
        return {"since": named} if named else {}
    sessions = _SESSIONS.search(around)
    if sessions is not None:
        n = _COUNTS.get(sessions[1]) or int(sessions[1])
        return {"window": [1 - n, 0]}
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
