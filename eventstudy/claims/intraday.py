"""The move from the close before a window to a price within its sessions: the lowest, the highest, or an opening."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from eventstudy.claims.measure import Level, Move, calendar_of, day_text, move_of, price_file
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Reading

At = Literal["low", "high", "open"]
WORDS = {"low": "lowest price", "high": "highest price", "open": "opening price"}


def within_readings(move: Move, closing: Move, sign: int, at: At) -> tuple[Reading, Reading]:
    """By how much a price within the session was away, which is the headline; and beside it the close."""
    label = f"from the close of {day_text(move.before.day)} to the {WORDS[at]} of {day_text(move.after.day)}"
    source = f"{move.before.source}; {move.after.source}"
    beside = f"{closing.before.source}; {closing.after.source}"
    return (
        Reading(label, 100 * sign * move.change, "percent", source, headline=True),
        Reading(f"to the close of {day_text(closing.after.day)}", 100 * sign * closing.change, "percent", beside),
    )


def move_within(result: StudyResult, ticker: str, event: str, window: Window, at: At) -> tuple[Move, Move]:
    """The move to the lowest or highest price of a window's sessions, or to the opening of its last; and to its close.

    Raises
    ------
    MissingPriceError : the study has no such price on a session of the window, or no split-adjusted close before it.
    """
    closing = move_of(result, ticker, event, window)
    sessions = calendar_of(result, ticker).sessions
    rows = np.arange(closing.zero.t + window.start, closing.zero.t + window.end + 1)
    rows = rows[-1:] if at == "open" else rows
    values = _prices(result, ticker, at)[rows]
    if closing.substituted or np.isnan(values).any():
        gone = sessions[rows[0 if closing.substituted else int(np.argmax(np.isnan(values)))]]
        raise MissingPriceError(
            f"{ticker}: its {WORDS[at]} of {day_text(gone)} would decide; the study's prices have none on the basis of "
            f"its closes (a column {at!r} beside close)"
        )
    place = int(values.argmin() if at == "low" else values.argmax())
    day, (file, original) = sessions[rows[place]], price_file(result)
    source = f"{file}, {at}, {day_text(day)} ({original})"
    after = Level(float(values[place]), day, closing.after.basis, closing.after.unit, source)
    return replace(closing, after=after, adjusted=float("nan")), closing


def _prices(result: StudyResult, ticker: str, at: At) -> FloatArray:
    """(D,) on the sessions of the security's exchange, NaN where there is none."""
    sessions = calendar_of(result, ticker).sessions
    frame = result.prices.within.get(at)
    if frame is None or ticker not in frame:
        return np.full(len(sessions), np.nan)
    values: FloatArray = frame[ticker].reindex(sessions).to_numpy(dtype=np.float64)
    return values
