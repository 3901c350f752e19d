"""Over which sessions a claim's move goes, and the move in points or money a share.

Its `window` around the event, or from where its `since` begins. Money a share is that of a share of the day: a close
that was adjusted for a split later is multiplied by the split's ratio.
"""

from __future__ import annotations

from eventstudy.claims.history import since_day
from eventstudy.claims.measure import Level, Move, calendar_of, day_text, event_day
from eventstudy.claims.shares import split_ratio, split_source
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Step


def window_of(claim: Claim, result: StudyResult, ticker: str, event: str | None = None) -> Window:
    """The window of a claim's move of one security, relative to day zero of `event`, the claim's own by default.

    Raises
    ------
    MissingPriceError : the sessions do not reach back to `since`.
    """
    if claim.params.get("since") is None:
        return Window(*claim.params.get("window", (0, 0)))
    zero, sessions = event_day(result, ticker, event or claim.event or ""), calendar_of(result, ticker).sessions
    begins = since_day(claim, result, ticker, sessions[zero.t])
    row = int(sessions.searchsorted(begins, side="right")) - 1
    if row < 0:
        raise MissingPriceError(
            f"{ticker}: a close on or before {begins:%Y-%m-%d} would decide; the prices begin later"
        )
    return Window(row + 1 - zero.t, 0)


def amounts(result: StudyResult, move: Move, unit: str, name: str) -> tuple[list[Reading], list[Step]]:
    """The change in points or in money a share, as quoted on the last day, with its arithmetic; and on today's shares.

    Raises
    ------
    MissingPriceError : the security is quoted in another unit, or only in closes that dividends have changed.
    """
    as_quoted(move.after, move.ticker, unit)
    change, ratio = move.after.value - move.before.value, quoted_ratio(result, move.ticker, move.after)
    source = f"{move.before.source}; {move.after.source}"
    span = f"{day_text(move.before.day)} to {day_text(move.after.day)}"
    readings = [Reading(f"closes, {span}", ratio * change, unit, source, headline=True, sort="input")]
    inputs: dict[str, Quantity | str] = {"before": move.before.quantity, "after": move.after.quantity}
    formula = "after − before"
    if ratio != 1.0:
        readings[0] = Reading(f"closes as quoted then, {span}", ratio * change, unit, source, True, "input")
        readings.append(Reading(f"on today's shares, {span}", change, unit, source, sort="definition"))
        source = split_source(result.reference, move.ticker)
        inputs["ratio"], formula = Quantity(ratio, "count", source), "(after − before) × ratio"
    label = f"Change of {name} in {'points' if unit == 'points' else 'money a share'}"
    return readings, [Step(label, formula, inputs, Quantity(ratio * change, unit))]


def as_quoted(level: Level, ticker: str, unit: str) -> None:
    """Refuse a close in another unit than is claimed, or one that dividends have changed."""
    if level.unit != unit:
        quoted, wanted = (u if u == "points" else u.upper() for u in (level.unit, unit))
        raise MissingPriceError(
            f"{ticker} is quoted in {quoted}; an exchange rate, or a quotation in {wanted}, would decide"
        )
    if level.basis != "close":
        raise MissingPriceError(f"{ticker}: closes that no dividend has changed would decide; the study has none")


def quoted_ratio(result: StudyResult, ticker: str, level: Level) -> float:
    """By how much a close was higher on its own day than it is on the shares of today."""
    return split_ratio(result.reference, ticker, level.day) if not result.reference.splits.empty else 1.0
