"""Days, months and years in a sentence. A weekday is the last one on or before the day of the article."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from eventstudy.files.dates import FIRST_YEAR, LAST_YEAR, MONTHS

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_BEFORE = rf"(?:(?:{_WEEKDAY}),? )?(?:the )?"
_FORMS = (
    re.compile(rf"\b{_BEFORE}{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,\d|\.\d|%)(?:,? (?P<year>\d{{4}})\b)?"),
    re.compile(
        rf"\b{_BEFORE}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?=[\s,.;:)'’]|$)(?:,? (?P<year>\d{{4}})\b)?"
    ),
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b"),
    re.compile(
        r"(?<![\d/.])(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})\b(?![/.]\d)"
    ),
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH},? (?:of )?(?P<year>(?:19|20)\d{{2}})\b")
_MONTH_ALONE = re.compile(rf"(?:(?<=since )|(?<=in )|(?<=mid-)|(?<=late )|(?<=early )){_MONTH}(?=[\s,.;:)]|$)")
_YEAR = re.compile(r"(?<![\d$€£,.])(?P<year>19[2-9]\d|20[0-9]\d)(?![\d%]|,\d|\.\d)")
_WEEK = re.compile(rf"\b(?P<weekday>{_WEEKDAY})\b")
_TODAY = re.compile(r"\b[Tt]oday\b")
_AGES = re.compile(r"\bWorld War (?:II|Two)\b")


@dataclass(frozen=True, slots=True)
class Named:
    """A day, a month or a year, as ``2025-01-27``, ``2025-01`` or ``2025``; ``text`` is empty where none is known.

    ``start`` and ``end`` are its place in the sentence.
    """

    text: str
    start: int
    end: int

    @property
    def day(self) -> dt.date | None:
        """The day, where it is one."""
        return dt.date.fromisoformat(self.text) if len(self.text) == 10 else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What tells which day is meant: the day of the article where it is known, and the days of a study's events.

    Where the day of the article is not ``exact``, but a day that it names, a weekday is the nearest one to it.
    """

    published: dt.date | None = None
    exact: bool = True
    events: tuple[dt.date, ...] = ()

    def in_year(self, month: int, day: int) -> dt.date | None:
        """The day of this month and number: an event's, else the last one on or before the day of the article."""
        own = {d for d in self.events if (d.month, d.day) == (month, day)}
        if len(own) == 1:
            return own.pop()
        if self.published is None:
            return None
        soon = self.published + dt.timedelta(days=7)
        years = (self.published.year + back for back in (1, 0, -1, -2, -3, -4))  # 29 February is in one year of four
        dates = (date(year, month, day) for year in years)
        return next((found for found in dates if found is not None and found <= soon), None)

    def weekday(self, number: int) -> dt.date | None:
        """The last such weekday on or before the day of the article; else the one event on such a day."""
        if self.published is not None:
            back = (self.published.weekday() - number) % 7
            return self.published - dt.timedelta(days=back if self.exact or back <= 3 else back - 7)
        own = {d for d in self.events if d.weekday() == number}
        return own.pop() if len(own) == 1 else None


def date(year: int, month: int, day: int) -> dt.date | None:
    """The day, None where the calendar has none or no market was open in such a year."""
    try:
        return dt.date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def days_in(text: str, calendar: Calendar) -> tuple[Named, ...]:
    """Every day, month and year that a text names, in its order; the longer reading of a place counts.

    Examples
    --------
    >>> at = Calendar(dt.date(2025, 1, 28))
    >>> [d.text for d in days_in("On Monday, its worst day since March 2020; on Jan. 20 it had risen.", at)]
    ['2025-01-27', '2020-03', '2025-01-20']
    """
    taken: list[Named] = []
    for found in (*_whole(text, calendar), *_parts(text, calendar)):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return tuple(sorted(taken, key=lambda d: d.start))


def _whole(text: str, calendar: Calendar) -> Iterator[Named]:
    for form in _FORMS:
        for found in form.finditer(text):
            parts = found.groupdict()
            if "first" in parts:
                yield Named(_numeric(parts), *found.span())
                continue
            month = int(parts["number"]) if "number" in parts else month_of(parts["month"])
            day, year = int(parts["day"]), parts["year"]
            if not 1 <= month <= 12 or not 1 <= day <= 31:
                continue
            meant = date(int(year), month, day) if year else calendar.in_year(month, day)
            if meant is None and year:
                continue
            yield Named("" if meant is None else meant.isoformat(), *found.span())


def _numeric(parts: Mapping[str, str]) -> str:
    """A day in figures; empty where its order or its century is open: ``3/2/2025``, ``27/1/25``."""
    first, second, year = int(parts["first"]), int(parts["second"]), int(parts["year"])
    orders = {date(year, second, first)}
    if parts["mark"] == "/":
        orders.add(date(year, first, second))
    known = [day for day in orders if day is not None and year > 99]
    return known[0].isoformat() if len(known) == 1 else ""


def _parts(text: str, calendar: Calendar) -> Iterator[Named]:
    for found in _MONTH_YEAR.finditer(text):
        yield Named(f"{found['year']}-{month_of(found['month']):02d}", *found.span())
    for found in _MONTH_ALONE.finditer(text):
        last = calendar.in_year(month_of(found["month"]), 1)
        yield Named("" if last is None else last.isoformat()[:7], *found.span())
    for found in _AGES.finditer(text):
        yield Named("1945", *found.span())
    for found in _WEEK.finditer(text):
        meant = calendar.weekday(WEEKDAYS.index(found["weekday"].lower()))
        yield Named("" if meant is None else meant.isoformat(), *found.span())
    for found in _TODAY.finditer(text):
        yield Named("" if calendar.published is None else calendar.published.isoformat(), *found.span())
    for found in _YEAR.finditer(text):
        yield Named(found["year"], *found.span())


def month_of(name: str) -> int:
    """The number of a month from its name or the first three letters of it."""
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name[:3].lower()))


def first_day(texts: Iterable[str]) -> dt.date | None:
    """The first whole day, with its year, that the texts name."""
    nothing = Calendar()
    return next((d.day for text in texts for d in days_in(text, nothing) if d.day is not None), None)
