"""Claims about when a move came after an announcement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eventstudy.claims.answer import judged, remarks
from eventstudy.claims.axis import axis_caveats, security_axes
from eventstudy.claims.measure import (
    calendar_of,
    date_quantity,
    day_text,
    event_day,
    levels_on,
    move_caveats,
    move_of,
    move_step,
    name_of,
    price_source,
    sign_of,
)
from eventstudy.errors import MissingPriceError
from eventstudy.results import StudyResult
from eventstudy.verdicts import Claim, Quantity, Reading, Statement, Step, Verdict


def timing(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the days from an announcement to the largest one-day move of a security within some sessions of it.

    The day is found in the prices, not taken from the claim; sessions are counted beside calendar days. The first
    session after the announcement is shown too: was there no answer at once?
    """
    (ticker,) = claim.tickers
    start, sign, name = claim.params["start"], sign_of(claim.claimed), name_of(claim, ticker)
    announced, source = _announced(result, start, ticker)
    day, size, sessions = _largest(result, ticker, start, claim.params["within"], sign, announced)
    days = float((day - announced).days)
    readings = (
        Reading("calendar days", days, "days", source, headline=True),
        Reading("sessions of its exchange", float(sessions), "sessions", source),
    )
    unit = "sessions" if claim.claimed.unit == "sessions" else "days"
    claimed, measured, comparison = judged(claim, readings, unit)
    first, own = move_of(result, ticker, start), move_of(result, ticker, claim.event or "")
    axes = (*security_axes(result, claim, [ticker]), *security_axes(result, claim, [ticker], start))
    values: dict[str, Quantity | str] = {
        "move": "fall" if sign < 0 else "rise",
        "name": name,
        "within": Quantity(claim.params["within"], "sessions"),
        "size": Quantity(abs(size), "percent"),
        "day": date_quantity(day),
        "days": Quantity(days, "days"),
        "announced": date_quantity(announced),
        "first": date_quantity(first.after.day),
        "change": Quantity(100 * first.change, "percent"),
    }
    summary = Statement(
        "The largest one-day {move} of {name} within {within} came on {day} ({size}), {days} after {announced}; "
        "on the first session, {first}, it moved {change}.",
        values,
    )
    return Verdict(
        claim,
        comparison.verdict,
        summary,
        claimed,
        measured,
        days if unit == "days" else float(sessions),
        comparison.note,
        readings,
        steps=(
            move_step(own, name),
            Step(
                "Days from the announcement to the move",
                "day − announced",
                {"day": date_quantity(day, source), "announced": date_quantity(announced, "the study's events")},
                Quantity(days, "days"),
            ),
            move_step(first, f"{name} on the first session after the announcement"),
        ),
        abnormal=axes,
        caveats=(
            *remarks(claim),
            *move_caveats([(name, first), (name, own)]),
            *_elsewhere(claim, day, own.after.day),
            *axis_caveats(result, axes),
        ),
    )


def _announced(result: StudyResult, event: str, ticker: str) -> tuple[pd.Timestamp, str]:
    """The local day of the announcement and where the dates come from."""
    event_day(result, ticker, event)  # raises where the study has no such event
    known = [e for e in result.settings.events if e.id == event]
    own = next((e for e in known if e.ticker == ticker), known[0])
    day = pd.Timestamp(f"{own.announced:%Y-%m-%d}")
    return day, price_source(result, "close", day).replace(day_text(day), f"sessions from {day_text(day)}")


def _largest(
    result: StudyResult, ticker: str, start: str, within: int, sign: int, announced: pd.Timestamp
) -> tuple[pd.Timestamp, float, int]:
    """Day, size in per cent, and sessions after the announcement of the largest move in the claimed direction."""
    zero, sessions = event_day(result, ticker, start), calendar_of(result, ticker).sessions
    rows = tuple(range(zero.t - 1, min(zero.t + within, len(sessions))))
    levels = np.array([level.value for level in levels_on(result, ticker, rows)])
    sizes: Sequence[float] = (100 * sign * (levels[1:] / levels[:-1] - 1)).tolist()
    if not sizes or max(sizes) <= 0:
        raise MissingPriceError(f"a move of {ticker} that way within {within} sessions of {day_text(announced)}")
    best = int(np.argmax(sizes))
    day = sessions[rows[best + 1]]
    elapsed = int(((sessions > announced) & (sessions <= day)).sum())
    return day, sizes[best], elapsed


def _elsewhere(claim: Claim, found: pd.Timestamp, event: pd.Timestamp) -> list[str]:
    if found == event:
        return []
    return [f"The largest move came on {day_text(found)}, not on {day_text(event)}, the event the claim speaks of."]
