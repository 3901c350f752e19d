"""The columns of a long table as numbers, and the panel they make, a slice of the rows at a time.

A slice stays in cache, and beside the panel only two small numbers a row are made. A column is one of pandas or of
pyarrow, which are cut and numbered in different ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.dates import parse_dates
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray

_NAMED = 3  # rows spelled out in a message
_LONGEST = 300 * 366  # calendar days from the first to the last date; more is a mistake in a date
_SLICE = 65_536  # rows worked on at once
_NO_DAY = np.iinfo(np.int64).min  # the number of NaT


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How days that are texts are written, where the column does not show it (`files.dates.parse_dates`)."""

    dayfirst: bool | None = None
    date_format: str | None = None


Names = tuple[tuple[str, ...], pd.DatetimeIndex]  # of the securities and of the sessions


def securities_of(column: Any, name: str) -> tuple[IntArray, tuple[str, ...]]:
    """Number of each row's security, int32, and the securities in order of the alphabet."""
    codes, names = _numbering(column)
    used = _seen(codes, len(names) + 1)  # a dictionary may list what no row has; the last place: missing
    words = np.array([_word(word) for word in names], dtype=object)
    blank = next((i for i, word in enumerate(words) if word == "" and used[i]), -1)  # what CSV has for missing
    if used[-1] or blank >= 0:
        missing = (codes == -1) | (codes == blank)
        raise SpecError(f"{missing.sum()} rows have no {name}, the first is row {int(missing.argmax())}")
    order = np.argsort(words, kind="stable")
    order = order[used[order]]
    place = np.empty(len(words), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    rows = np.empty(len(codes), np.int32)
    for at in _slices(len(codes)):
        rows[at] = place[codes[at]]
    return rows, tuple(words[order])


_FIRST_DAY, _LAST_DAY = (int(np.datetime64(day, "D").astype(int)) for day in ("1800-01-01", "2199-12-31"))


def sessions_of(column: Any, name: str, order: DateOrder) -> tuple[IntArray, pd.DatetimeIndex]:
    """Number of each row's day, int32, and the days that any row has."""
    days = np.empty(len(column), np.int32)  # since 1970
    first, last = -_NO_DAY - 1, _NO_DAY
    for at, number in _day_numbers(column, name, order):
        days[at] = number
        first, last = min(first, int(number.min())), max(last, int(number.max()))
    if first == _NO_DAY:
        missing = np.concatenate([number == _NO_DAY for _, number in _day_numbers(column, name, order)])
        raise SpecError(f"{missing.sum()} rows have no {name}, the first is row {int(missing.argmax())}")
    if last - first > _LONGEST or not _FIRST_DAY <= first <= last <= _LAST_DAY:
        ends = " to ".join(str(np.datetime64(day, "D")) for day in (first, last))
        raise SpecError(f"the dates run from {ends}: one of them is a mistake")
    days -= first
    seen = _seen(days, last - first + 1)
    place = (np.cumsum(seen) - 1).astype(np.int32)
    for at in _slices(len(days)):
        days[at] = place[days[at]]
    return days, pd.DatetimeIndex((np.flatnonzero(seen) + first).astype("datetime64[D]")).as_unit("ns")


def panel_values(column: Any, name: str, rows: IntArray, days: IntArray, names: Names) -> FloatArray:
    """(S, D) with every value in its place, NaN elsewhere; SpecError naming the places that are taken twice."""
    tickers, sessions = names
    starts = np.arange(len(tickers), dtype=np.int64) * len(sessions)
    out = np.full(len(tickers) * len(sessions), np.nan)
    taken = np.zeros(len(out), np.bool_)
    try:
        for at in _slices(len(rows)):
            place = starts[rows[at]] + days[at]
            out[place] = _values(column, at).astype(np.float64, copy=False)
            taken[place] = True
    except (ValueError, TypeError):
        raise SpecError(f"the column {name} holds something else than numbers") from None
    if int(np.count_nonzero(taken)) != len(rows):
        twice = np.flatnonzero(pd.Series(starts[rows] + days).duplicated().to_numpy())
        said = _spelled(twice, rows, days, names)
        raise SpecError(f"{len(twice)} rows repeat a security and day: {said}; one row each is expected")
    return out.reshape(len(tickers), len(sessions))


def order_of(rows: IntArray, days: IntArray, names: Names) -> tuple[str, ...]:
    """A note where the rows follow neither the days nor, within each security, the days."""
    if (days[1:] >= days[:-1]).all():
        return ()
    back = np.flatnonzero((days[1:] < days[:-1]) & (rows[1:] == rows[:-1])) + 1
    if len(back) == 0:
        return ()
    said = _spelled(back, rows, days, names)
    return (f"{len(back)} rows come after a later day of the same security, and were put in their place: {said}",)


def _spelled(which: np.ndarray[Any, Any], rows: IntArray, days: IntArray, names: Names) -> str:
    """The first few of the rows `which` in words."""
    tickers, sessions = names
    first = "; ".join(f"{tickers[rows[i]]} on {sessions[days[i]].date()} (row {i})" for i in which[:_NAMED])
    return first + (f"; and {len(which) - _NAMED} more" if len(which) > _NAMED else "")


# ------------------------------------------------------------------------------------------------------------ columns
def _slices(n: int) -> Iterator[slice]:
    return (slice(start, min(start + _SLICE, n)) for start in range(0, n, _SLICE))


def _seen(numbers: IntArray, size: int) -> BoolArray:
    """(size,) which of the numbers below `size` there are; -1 is the last."""
    out = np.zeros(size, np.bool_)
    for at in _slices(len(numbers)):
        out[numbers[at]] = True
    return out


def _word(name: Any) -> str:
    """A security as text; an identifier that a gap made a float is written without its point."""
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)


def _arrow(column: Any) -> bool:
    return hasattr(column, "combine_chunks")


def _values(column: Any, at: slice) -> np.ndarray[Any, Any]:
    """The values of some rows of a column."""
    part = column.slice(at.start, at.stop - at.start) if _arrow(column) else column.iloc[at]
    return np.asarray(part.to_numpy())


def _numbering(column: Any) -> tuple[IntArray, list[Any]]:
    """Number of each row's value, -1 where it is missing, and the values."""
    if not _arrow(column) and getattr(column.dtype, "storage", "") != "pyarrow":
        codes, values = pd.factorize(column)
        return np.asarray(codes), list(values)
    import pyarrow as pa

    column = column if _arrow(column) else pa.chunked_array(column)  # the same memory
    column = column.cast(pa.string()) if pa.types.is_null(column.type) else column
    if not pa.types.is_dictionary(column.type):
        half = len(column) // 2
        with ThreadPoolExecutor(2) as pool:
            halves = pool.map(lambda part: part.dictionary_encode().chunks, (column[:half], column[half:]))
        column = pa.chunked_array([chunk for part in halves for chunk in part])
    else:
        _check_dictionary(column)
    column = column.unify_dictionaries()
    codes, start = np.empty(len(column), np.int32), 0
    for chunk in column.chunks:
        codes[start : start + len(chunk)] = chunk.indices.fill_null(-1).to_numpy()
        start += len(chunk)
    return codes, column.chunk(0).dictionary.to_pylist()


def _check_dictionary(column: Any) -> None:
    """Refuse a dictionary of a user's table or file that lacks what its rows number."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raise SpecError("the names of the securities are damaged: rows number names that are not there") from None


# --------------------------------------------------------------------------------------------------------------- days
def _day_numbers(column: Any, name: str, order: DateOrder) -> Iterator[tuple[slice, np.ndarray[Any, Any]]]:
    """Days since 1970 of some rows after others, `_NO_DAY` where missing."""
    if getattr(column.type if _arrow(column) else column.dtype, "tz", None):
        raise SpecError(_zone(name))
    dates = _values(column, slice(0, 1)).dtype.kind == "M"
    if not dates:  # each word is read once
        codes, words = _numbering(column)
        known = _read_days(codes, words, name, order)
    for at in _slices(len(column)):
        part = _values(column, at) if dates else known[codes[at]]
        yield at, part.astype("datetime64[D]").view(np.int64)


def _read_days(codes: IntArray, words: list[Any], name: str, order: DateOrder) -> np.ndarray[Any, Any]:
    """The day of each of the `words` that `codes` number, and last that of a missing one, NaT."""
    where = f"the column {name}"
    try:
        read = parse_dates(words, dayfirst=order.dayfirst, date_format=order.date_format, where=where)
    except SpecError:  # said again, with the first row of the word
        numbers, first = np.unique(codes, return_index=True)
        labels = first[numbers >= 0][: len(words)]
        labelled = pd.Series([words[i] for i in numbers[numbers >= 0]], index=labels, dtype=object)
        parse_dates(labelled, dayfirst=order.dayfirst, date_format=order.date_format, where=where)
        raise
    if read.tz is not None:
        raise SpecError(_zone(name))
    return np.append(read.to_numpy(), np.datetime64("NaT"))


def _zone(name: str) -> str:
    return f"the column {name} carries a time zone; give exchange-local days without one"
