"""What `since` may say in a claims file: a day, a month, a year, or an event of the study.

A day, a month or a year ends with its last close, and what is counted begins after it: "since March 2020" leaves March
out, and a move since 2024 starts at the last close of 2024, which makes it the move of the year to date. An event
begins at the close before its day zero. Reads texts alone, so that a claims file is checked in no time.
"""

from __future__ import annotations

import datetime as dt
import re

_FORM = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)


def last_day(text: str) -> dt.date | None:
    """The last day of a day, a month or a year; None for a name, which has to be that of an event.

    Raises
    ------
    ValueError : it is written like a date, and the calendar has no such day.

    Examples
    --------
    >>> last_day("2024"), last_day("2020-02"), last_day("2025-01-27"), last_day("launch")
    (datetime.date(2024, 12, 31), datetime.date(2020, 2, 29), datetime.date(2025, 1, 27), None)
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not dt.MINYEAR < year < dt.MAXYEAR:
        raise ValueError(f"{text} is no year that a price can have")
    try:
        if month is None:
            return dt.date(year, 12, 31)
        if day is None:
            return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"the calendar has no {text}; write a day as 2025-01-27, a month as 2025-01") from None


def checked(text: str) -> str:
    """The text itself, where it is a name or a date that exists."""
    last_day(text)
    return text


def as_text(given: object) -> object:
    """A year is a whole number in YAML, and a day may be read as one: the text that stood there."""
    if isinstance(given, bool):
        return given
    if isinstance(given, int):
        return f"{given:04d}"
    return given.isoformat() if type(given) is dt.date else given
