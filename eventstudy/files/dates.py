"""Dates as users write them: the one place where text becomes a date."""

from __future__ import annotations

import datetime as dt

from eventstudy.errors import SpecError

Announced = str | dt.date | dt.datetime


def moment(when: Announced) -> dt.date | dt.datetime:
    """A date, or a moment with its time zone, from its text (ISO 8601) or object.

    >>> moment("2025-01-27")
    datetime.date(2025, 1, 27)
    """
    if isinstance(when, dt.datetime) and when.tzinfo is None and when.time() == dt.time():
        return when.date()  # pandas' way to write a date
    if isinstance(when, dt.date):  # a datetime is a date too
        return when
    try:
        return dt.date.fromisoformat(when) if len(when) <= 10 else dt.datetime.fromisoformat(when)
    except (TypeError, ValueError):
        raise SpecError(
            f"{when!r} is not a date: write 2025-01-27, or a moment with its time zone 2025-01-27T09:00:00-05:00"
        ) from None
