"""Dates as users write them: the one place where text becomes a date.

A date is read one way only where no row of its column can be read another way. ISO and ``YYYYMMDD`` always are;
``27/01/2025`` is day first where some row settles it for the whole column and none contradicts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError

Announced = str | dt.date | dt.datetime
FIRST_YEAR, LAST_YEAR = 1800, 2200
"""Years a date may have. Nanosecond stamps end in 1677 and 2262; a year beyond these is a mistake in the file."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_CLOCK = r"(?:(?:T|\s+)(?P<clock>\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_YEAR = r"(?P<y>\d{4})"
_FORMS = tuple(
    re.compile(form + _CLOCK, re.ASCII)
    for form in (
        rf"{_YEAR}(?P<mark>[-/.])(?P<m>\d{{1,2}})(?P=mark)(?P<d>\d{{1,2}})",
        rf"{_YEAR}(?P<m>\d\d)(?P<d>\d\d)",
        rf"(?P<a>\d{{1,2}})(?P<mark>[-/.])(?P<b>\d{{1,2}})(?P=mark){_YEAR}",
        rf"(?P<d>\d{{1,2}})[-/. ]?{_NAME}[-/. ]?{_YEAR}",
        rf"{_NAME} (?P<d>\d{{1,2}}),? {_YEAR}",
    )
)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/. ])(\d{1,2}|[A-Za-z]{3,9})\1\d\d")
_SERIAL = re.compile(r"[2-7]\d{4}")
_HOW = "write days as 2025-01-27, or state date_format, such as '%d.%m.%Y'"


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where a column stands, for its errors: in words, and by file and line or by the label of the row.

    ``codes`` (N,) number of each row's distinct value; None for a date that stands alone.
    """

    where: str
    file: Path | str | None = None
    line: Callable[[int], int] | None = None
    labels: pd.Index[Any] | None = None
    codes: np.ndarray | None = None

    def row(self, at: int) -> str:
        if self.line is not None:
            return f"line {self.line(at)}"
        return f"row {at if self.labels is None else self.labels[at]}"

    def first(self, value: int) -> int:
        """The first row with a distinct value."""
        return 0 if self.codes is None else int(np.argmax(self.codes == value))

    def refuse(self, value: int, text: str) -> NoReturn:
        """Refuse a distinct value, at the first row that holds it."""
        at = self.first(value)
        if self.line is not None:
            raise SpecError(f"{self.where}: {text}", file=self.file, line=self.line(at))
        raise SpecError(text if self.codes is None else f"{self.where}, {self.row(at)}: {text}", file=self.file)


@dataclass(frozen=True, slots=True)
class _Parts:
    """One date taken apart: year, and either month and day or two numbers whose order is open; clock and zone."""

    year: int
    month: int
    day: int
    open: bool
    clock: str
    zone: str


def parse_dates(
    column: Any,
    *,
    dayfirst: bool | None = None,
    date_format: str | None = None,
    where: str = "the dates",
    file: Path | str | None = None,
    line: Callable[[int], int] | None = None,
) -> pd.DatetimeIndex:
    """Read a whole column of dates, all in the one way that fits every row.

    Parameters
    ----------
    column : (N,) Series, Index, array or list of stamps, Python dates, ISO text, ``YYYYMMDD`` (also as numbers),
        ``27/01/2025``, ``27 Jan 2025``, or what `date_format` describes.
    dayfirst : whether ``04/09/2024`` is 4 September; by default some row has to settle it.
    date_format : as of ``strptime``; all rows are then read by it alone. The only way to two-digit years.
    where : what the column is, in words, for errors. file, line : a user's file, and the line of a position in it.

    Returns
    -------
    (N,) datetime64[ns] without a zone where no row has one, or where all are midnight by their own clock (labels of
    days); else in UTC, or in the zone of a column of stamps.

    Raises
    ------
    SpecError : a row that is missing, no date, open to two readings, contradicts another row, or lies outside 1800 to
        2200; some rows with a time of day and a zone and others without a zone.

    Examples
    --------
    >>> parse_dates(["27/01/2025", "05/08/2024"]).strftime("%Y-%m-%d").tolist()
    ['2025-01-27', '2024-08-05']
    >>> parse_dates([20250127]).strftime("%Y-%m-%d").tolist()
    ['2025-01-27']
    """
    if not isinstance(column, pd.Series | pd.Index | np.ndarray | Sequence) or isinstance(column, str):
        raise SpecError(f"{where} are a column of dates, got {column!r}", file=file)
    values = column if isinstance(column, pd.Series | pd.Index) else pd.Index(column)
    place = _Place(where, file, line, values.index if isinstance(values, pd.Series) else None)
    if isinstance(values.dtype, pd.PeriodDtype):
        values = pd.PeriodIndex(values).to_timestamp()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _stamps(pd.DatetimeIndex(values), place)
    codes, unique = _distinct(values, place)
    place = replace(place, codes=codes)
    texts = [_text(value) for value in unique]
    if date_format is not None:
        return _formatted(texts, date_format, place).take(codes)
    return _joined(_ordered(_taken_apart(texts, place), texts, dayfirst, place), place).take(codes)


def moment(when: Any, *, dayfirst: bool | None = None, date_format: str | None = None) -> dt.date | dt.datetime:
    """A date, or a moment with its time zone if it has one, from its text, number or object.

    Raises
    ------
    SpecError : no date, one that can be read in two ways, or outside 1800 to 2200.

    Examples
    --------
    >>> moment("2025-01-27"), moment(20250127), moment("27/01/2025")
    (datetime.date(2025, 1, 27), datetime.date(2025, 1, 27), datetime.date(2025, 1, 27))
    """
    if isinstance(when, np.datetime64):
        when = when.astype("datetime64[us]").item()  # None where it is missing
    if isinstance(when, dt.date) and not pd.isna(when):  # a datetime is a date too
        if not FIRST_YEAR <= when.year <= LAST_YEAR:
            raise SpecError(f"{when} lies outside {FIRST_YEAR} to {LAST_YEAR}")
        # midnight without a zone is pandas' way to write a date
        bare = isinstance(when, dt.datetime) and when.tzinfo is None and when.time() == dt.time()
        return when.date() if isinstance(when, dt.datetime) and bare else when
    if not isinstance(when, str | int | np.integer) or isinstance(when, bool):
        raise SpecError(
            f"{when!r} is not a date: write 2025-01-27, or a moment with its time zone 2025-01-27T09:00:00-05:00"
        )
    place, texts = _Place("the date"), [_text(when)]
    if date_format is not None:
        return moment(_formatted(texts, date_format, place)[0].to_pydatetime())
    part = _ordered(_taken_apart(texts, place), texts, dayfirst, place)[0]
    wall = _wall(part, 0, place)
    return moment(wall.replace(tzinfo=_offset(part.zone)) if part.zone else wall)


def whole_days(stamps: pd.DatetimeIndex, where: str) -> pd.DatetimeIndex:
    """The days of one series' stamps, without time; refused where one day has several times, as of minute bars.

    Raises
    ------
    SpecError : two stamps of one day with different times: the package works on days.
    """
    days = pd.DatetimeIndex(stamps.normalize())
    if days is stamps or (days == stamps).all():
        return days
    again = days.duplicated() & ~stamps.duplicated()
    if again.any():
        day = days[int(np.argmax(again))]
        several = ", ".join(f"{s:%H:%M:%S}" for s in stamps[days == day][:3])
        raise SpecError(
            f"{where} holds several times of one day ({several} on {day:%Y-%m-%d}): eventstudy works on days. Give one "
            "row a day, such as the last price of each session: frame.groupby(frame.index.normalize()).last()"
        )
    return days


# --------------------------------------------------------------------------------------------------- the whole column
def _distinct(values: Any, place: _Place) -> tuple[np.ndarray, Sequence[Any]]:
    """Number of each row's value and the distinct values; a history of many securities has each day many times."""
    try:
        codes, unique = pd.factorize(values)
    except TypeError:
        raise SpecError(f"{place.where} hold {values[0]!r}, which is not a date; {_HOW}", file=place.file) from None
    blank = [i for i, value in enumerate(unique) if not str(value).strip()]
    codes = np.where(np.isin(codes, blank), -1, codes) if blank else codes
    many = int((codes < 0).sum())
    if many:
        said = f"{many} rows have no date, this is the first" if many > 1 else "no date here"
        replace(place, codes=codes).refuse(-1, f"{said}; fill it in or leave the row out")
    return codes, unique


def _stamps(stamps: pd.DatetimeIndex, place: _Place) -> pd.DatetimeIndex:
    """A column of stamps in nanoseconds; looked at as a whole, since it may have millions of rows."""
    if stamps.hasnans:
        _distinct(stamps, place)
    if len(stamps) and (stamps.min().year < FIRST_YEAR or stamps.max().year > LAST_YEAR):
        beyond = (stamps.year < FIRST_YEAR) | (stamps.year > LAST_YEAR)
        at = int(np.argmax(beyond))
        replace(place, codes=np.arange(len(stamps))).refuse(
            at, f"{stamps[at]} lies outside {FIRST_YEAR} to {LAST_YEAR}"
        )
    return stamps.as_unit("ns")


def _text(value: Any) -> str:
    """A cell as text: a whole number without its point, a stamp in ISO."""
    if isinstance(value, dt.date | np.datetime64):
        return str(pd.Timestamp(value)) if isinstance(value, np.datetime64) else value.isoformat()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, int) and abs(value) > 10**18:  # Python does not even print one of 5,000 digits
        return "a number of many digits"
    return str(value).strip()


def _formatted(texts: list[str], date_format: str, place: _Place) -> pd.DatetimeIndex:
    if not isinstance(date_format, str) or "%" not in date_format:
        raise SpecError(f"date_format is a pattern of strptime, such as '%d.%m.%Y' or '%m/%d/%y', got {date_format!r}")
    try:
        read = pd.DatetimeIndex(pd.to_datetime(pd.Index(texts, dtype=object), format=date_format, errors="coerce"))
    except (ValueError, TypeError) as error:
        raise SpecError(f"date_format {date_format!r} is not a pattern of strptime ({error})") from None
    if read.hasnans:
        value = int(np.argmax(read.isna()))
        place.refuse(value, f"{texts[value]!r} does not fit date_format {date_format!r}")
    outside = np.flatnonzero((read.year < FIRST_YEAR) | (read.year > LAST_YEAR))
    if len(outside):
        place.refuse(int(outside[0]), f"{texts[outside[0]]!r} lies outside {FIRST_YEAR} to {LAST_YEAR}")
    return read.as_unit("ns")


# ---------------------------------------------------------------------------------------------------------- one value
def _taken_apart(texts: list[str], place: _Place) -> list[_Parts]:
    parts = []
    for value, text in enumerate(texts):
        found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
        month = 0 if found is None else _month(found.groupdict())
        if found is None or not month:
            why = "has a year of two digits" if _SHORT_YEAR.fullmatch(text.split(" ")[0]) else "is not a date"
            serial = " (a day number of Excel? Format the column as a date there)" if _SERIAL.fullmatch(text) else ""
            place.refuse(value, f"{text[:60]!r} {why}{serial}; {_HOW}")
        had = found.groupdict()
        day = int(had["d"]) if had.get("d") else int(had["b"])
        year, is_open = int(had["y"]), had.get("a") is not None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            place.refuse(value, f"{text!r} lies outside {FIRST_YEAR} to {LAST_YEAR}")
        parts.append(_Parts(year, month, day, is_open, had["clock"] or "", had["zone"] or ""))
    return parts


def _month(had: dict[str, str | None]) -> int:
    """The month, or the first of two numbers whose order is open; 0 for a name that is none."""
    name = (had.get("name") or "").lower()
    if name:
        return next((k for k, month in enumerate(MONTHS, start=1) if month.startswith(name)), 0)
    return int(had.get("m") or had.get("a") or 0)


def _ordered(parts: list[_Parts], texts: list[str], dayfirst: bool | None, place: _Place) -> list[_Parts]:
    """Settle for the whole column whether the day or the month comes first, and check that each day exists."""
    undecided = [i for i, p in enumerate(parts) if p.open]
    if dayfirst is None and undecided:
        dayfirst = _settled(undecided, parts, texts, place)
    out = []
    for value, p in enumerate(parts):
        month, day = (p.day, p.month) if p.open and dayfirst else (p.month, p.day)
        try:
            dt.date(p.year, month, day)
        except ValueError:
            said = "" if not p.open else f" with the {'day' if dayfirst else 'month'} first"
            place.refuse(value, f"{texts[value]!r} is not a day of the calendar{said}; {_HOW}")
        out.append(_Parts(p.year, month, day, False, p.clock, p.zone))
    return out


def _settled(undecided: list[int], parts: list[_Parts], texts: list[str], place: _Place) -> bool:
    neither = next((i for i in undecided if parts[i].month > 12 and parts[i].day > 12), None)
    if neither is not None:
        place.refuse(neither, f"{texts[neither]!r} is not a day of the calendar; {_HOW}")
    day = next((i for i in undecided if parts[i].month > 12), None)
    month = next((i for i in undecided if parts[i].day > 12), None)
    if day is not None and month is not None:
        place.refuse(
            day,
            f"{texts[day]!r} has the day first and {texts[month]!r} ({place.row(place.first(month))}) the month: "
            "the dates are written in two ways; write days as 2025-01-27",
        )
    either = next((i for i in undecided if parts[i].month != parts[i].day), None)
    if day is None and month is None and either is not None:
        p = parts[either]
        one, other = (f"{d} {MONTHS[m - 1].title()}" for d, m in ((p.month, p.day), (p.day, p.month)))
        place.refuse(
            either,
            f"{texts[either]!r} is {one} or {other}, and no row settles which; say dayfirst=True or dayfirst=False "
            '(in study.yaml date_format: "%d/%m/%Y" or "%m/%d/%Y"), or write days as 2025-01-27',
        )
    return day is not None


def _wall(part: _Parts, value: int, place: _Place) -> dt.datetime:
    """The moment by its own clock, to the microsecond."""
    whole, _, fraction = part.clock.partition(".")
    hour, minute, second = (*(int(n) for n in whole.split(":") if n), 0, 0, 0)[:3]
    try:
        _offset(part.zone or "Z")
        at = dt.time(hour, minute, second, int(fraction[:6].ljust(6, "0")))
    except ValueError:
        place.refuse(value, f"{part.clock}{part.zone} is not a time of day; write 2025-01-27T09:00:00-05:00")
    return dt.datetime.combine(dt.date(part.year, part.month, part.day), at)


def _offset(zone: str) -> dt.timezone:
    if zone in ("Z", "UTC"):
        return dt.UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return dt.timezone(dt.timedelta(minutes=minutes if zone[0] == "+" else -minutes))


def _joined(parts: list[_Parts], place: _Place) -> pd.DatetimeIndex:
    """All rows in one form: days as labels, else moments without a zone, else moments in UTC."""
    walls = [_wall(part, value, place) for value, part in enumerate(parts)]
    if all(w.time() == dt.time() for w in walls) or not any(p.zone for p in parts):
        return pd.DatetimeIndex(np.array(walls, dtype="datetime64[us]")).as_unit("ns")
    bare = next((i for i, p in enumerate(parts) if not p.zone), None)
    if bare is not None:
        place.refuse(bare, f"{walls[bare].isoformat(sep=' ')} has no time zone while other rows have one")
    utc = [
        w.replace(tzinfo=_offset(p.zone)).astimezone(dt.UTC).replace(tzinfo=None)
        for w, p in zip(walls, parts, strict=True)
    ]
    return pd.DatetimeIndex(np.array(utc, dtype="datetime64[us]")).as_unit("ns").tz_localize("UTC")
