"""Other news than the study's own, as it is given: days, words, sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.arguments import listed_of, refuse, text, texts
from eventstudy.files.dates import Announced, moment
from eventstudy.objects.settings import Confounder

_EXAMPLE = [{"date": "2025-03-26", "what": "tariffs on cars", "source": "90 FR 14705"}]
_NEEDED = {"date", "what", "source"}


def day_of(when: Announced) -> dt.date:
    """The day of a date or moment.

    >>> day_of("2025-03-26")
    datetime.date(2025, 3, 26)
    """
    found = moment(when)
    return found.date() if isinstance(found, dt.datetime) else found


def confounders_of(given: Sequence[Mapping[str, Any]]) -> tuple[Confounder, ...]:
    """Mappings of ``date``, ``what``, ``source`` and perhaps ``tickers``, read.

    Raises
    ------
    SpecError : something else than that, with an example.
    """
    return tuple(map(_read, listed_of("confounders", given, lambda _name, one, _example: one, _EXAMPLE)))


def _read(one: Any) -> Confounder:
    if isinstance(one, Confounder):
        return one
    if not isinstance(one, Mapping) or not _NEEDED <= {*one} <= {*_NEEDED, "tickers"}:
        refuse("confounders", f"mappings of date, what, source and perhaps tickers, such as {_EXAMPLE}", one)
    what, source = (text(f"confounders: {name}", one[name], _EXAMPLE[0][name]) for name in ("what", "source"))
    tickers = texts("confounders: tickers", one.get("tickers") or (), ("AMD",))
    return Confounder(day_of(one["date"]), what, source, tuple(tickers))
