"""Windows as users write them in a cell: two sessions around day zero, or two dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from numbers import Integral
from typing import Any

from eventstudy.errors import SpecError
from eventstudy.files.dates import moment

CellSpan = tuple[int, int] | tuple[dt.date, dt.date]
_SESSIONS = re.compile(r"[\[(]?\s*([+-]?\d{1,9})\s*[,;:/ ]\s*([+-]?\d{1,9})\s*[\])]?")
_PERIOD = re.compile(r"[\[(]?\s*(\d{4}-\d\d-\d\d)\s*(?:[,;:/ ]|to)\s*(\d{4}-\d\d-\d\d)\s*[\])]?")


def cell_span(value: Any, role: str = "event") -> CellSpan:
    """Two sessions, or two dates, from a cell such as ``-10,10``, ``[-260, -11]`` or ``2023-01-02 2023-12-29``.

    Raises
    ------
    SpecError : it is neither.

    Examples
    --------
    >>> cell_span("[-260, -11]")
    (-260, -11)
    """
    said = SpecError(f"{role} holds a window such as '-10,10' or two dates '2023-01-02 2023-12-29', got {value!r}")
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        first, last = value
        if all(isinstance(end, Integral) and not isinstance(end, bool) for end in value):
            return int(first), int(last)
        try:
            days = [moment(end) for end in value]
        except SpecError:
            raise said from None
        if all(isinstance(day, dt.date) and not isinstance(day, dt.datetime) for day in days):
            return days[0], days[1]
        raise said
    text = str(value).strip().replace("\N{MINUS SIGN}", "-")
    if (found := _SESSIONS.fullmatch(text)) is not None:
        return int(found[1]), int(found[2])
    if (found := _PERIOD.fullmatch(text)) is not None:
        return cell_span((found[1], found[2]), role)
    raise said
