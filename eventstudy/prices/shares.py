"""Share counts that a user gives: a loose ``shares_outstanding.csv`` beside the prices, or stated in the study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.errors import SpecError, UnknownNameError, listed
from eventstudy.files.dates import moment, parse_dates
from eventstudy.files.reading import kind_of, read_bytes
from eventstudy.objects.prices import PriceFile
from eventstudy.prices.text import read_cells, read_text

FILE = "shares_outstanding.csv"
COLUMNS = ("ticker", "as_of", "shares", "measure", "form", "filed", "origin")
MEASURES = (
    "cover_page",
    "cover_page_unverified",
    "weighted_basic_quarter_split_adjusted",
    "stated",
    "stated_split_adjusted",
)
"""What a count is: from the cover of a filing; so, but of one source only; the quarter's weighted average, on today's
basis; and what a user states, as published then or on today's basis."""
_KEYS = ("shares", "as_of", "source")


def loose_shares(folders: Sequence[Path | None]) -> tuple[pd.DataFrame, Path] | None:
    """The rows of the first ``shares_outstanding.csv`` in `folders`, and its path; None where there is none.

    It needs the columns ``ticker``, ``as_of`` (a day) and ``shares``; ``measure`` is one of `MEASURES`, by default
    ``stated``; ``form``, ``filed`` and ``origin`` say where the count is from.

    Raises
    ------
    SpecError : a column that lacks, a count that is not a number above 0, a measure that is none (file and line).
    """
    for folder in dict.fromkeys(f for f in folders if f is not None):
        if kind_of(folder / FILE) == "file":
            return _read(folder / FILE), folder / FILE
    return None


def _read(path: Path) -> pd.DataFrame:
    table = read_text(read_bytes(path), path, PriceFile())
    labels = [str(label) for label in table.labels]
    lacking = [name for name in COLUMNS[:3] if name not in labels]
    if lacking:
        found = listed(labels, 12)
        raise SpecError(
            f"lacks the column {', '.join(lacking)}; it has {found}", file=path, line=int(table.lines[0]) - 1
        )
    cells, _ = read_cells(table, [i for i, name in enumerate(labels) if name != "shares"], PriceFile())
    frame = cells.set_axis(labels, axis=1)
    for row, (shares, measure) in enumerate(zip(frame["shares"], frame.get("measure", [""] * len(frame)), strict=True)):
        if not shares > 0:
            raise SpecError(f"a share count is a number over 0, got {shares:g}", file=path, line=int(table.lines[row]))
        if measure and not any(measure.startswith(known) for known in MEASURES):
            raise UnknownNameError("measure of shares", measure, MEASURES, file=path, line=int(table.lines[row]))
    days = parse_dates(frame["as_of"], where="as_of", file=path, line=lambda at: int(table.lines[at]))
    origin = frame["origin"] if "origin" in frame else pd.Series(path.name, index=frame.index)
    measure = frame["measure"].where(frame["measure"] != "", "stated") if "measure" in frame else "stated"
    return frame.assign(as_of=days, measure=measure, origin=origin).reindex(columns=list(COLUMNS))


def stated(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Counts stated in a study: numbers, or mappings of ``shares`` and perhaps ``as_of`` and ``source``.

    Raises
    ------
    SpecError : a count that is not a number above 0, a date that is none. UnknownNameError : another key.
    """
    if not isinstance(given, Mapping):
        raise SpecError(f"shares is a mapping, such as shares={{'CRWD': 243.5e6}}, got {given!r}")
    out: dict[str, dict[str, Any]] = {}
    for ticker, one in given.items():
        entry = dict(one) if isinstance(one, Mapping) else {"shares": one}
        for key in entry:
            if key not in _KEYS:
                raise UnknownNameError("key of a share count", str(key), _KEYS)
        shares = entry.get("shares")
        if isinstance(shares, bool) or not isinstance(shares, int | float) or not 0 < shares < 1e15:
            raise SpecError(
                f"shares of {ticker!r} are a number over 0, such as shares: {{{ticker}: 243.5e6}}, got {shares!r}"
            )
        day = None if entry.get("as_of") is None else moment(entry["as_of"])
        as_of = day.date() if isinstance(day, dt.datetime) else day
        out[str(ticker)] = {"shares": float(shares), "as_of": as_of, "source": entry.get("source")}
    return out


def stated_rows(shares: Mapping[str, Mapping[str, Any]], days: Mapping[str, Sequence[dt.date]]) -> pd.DataFrame:
    """Rows of stated counts; one without a day counts on each day on which its security has an event (`days`)."""
    rows = []
    for ticker, one in shares.items():
        dated = [one["as_of"]] if one["as_of"] is not None else list(dict.fromkeys(days.get(ticker, ())))
        measure = "stated" if one["as_of"] is not None else "stated_split_adjusted"
        origin = str(one["source"] or "stated in the study")
        rows += [(ticker, pd.Timestamp(day), one["shares"], measure, None, None, origin) for day in dated]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"as_of": "datetime64[ns]"})
