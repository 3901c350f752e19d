"""Claims about when a move came after an announcement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import ONE, Kind
from eventstudy.claims.later import measure, np, pd, second_axis
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest one-day move found: its day, size in per cent, and how long after the announcement it came."""

    day: pd.Timestamp
    size: float
    announced: pd.Timestamp
    sessions: int

    @property
    def days(self) -> float:
        """Calendar days from the announcement."""
        return float((self.day - self.announced).days)


def timing(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the days from an announcement to the largest one-day move of a security within some sessions of it.

    The day is found in the prices, not taken from the claim; sessions are counted beside calendar days. The first
    session after the announcement is shown too: was there no answer at once?
    """
    (ticker,) = claim.tickers
    start, name = claim.params["start"], measure.name_of(claim, ticker)
    announced, source = _announced(result, start, ticker)
    found = _largest(claim, result, announced)
    readings = (
        Reading("calendar days", found.days, "days", source, headline=True),
        Reading("sessions of its exchange", float(found.sessions), "sessions", source),
    )
    unit = "sessions" if claim.claimed.unit == "sessions" else "days"
    answer = judged(claim, readings, unit)
    first, own = measure.move_of(result, ticker, start), measure.move_of(result, ticker, claim.event or "")
    at_once = first.after.day == own.after.day
    axes = second_axis.security_axes(result, claim, [ticker])
    if not at_once:
        axes = second_axis.distinct((*axes, *second_axis.security_axes(result, claim, [ticker], start)))
    return answered(
        claim,
        answer,
        _summary(claim, found, first),
        value=found.days if unit == "days" else float(found.sessions),
        steps=(
            measure.move_step(own, name),
            _days_step(found, source),
            *([] if at_once else [measure.move_step(first, f"{name} on the first session after")]),
        ),
        abnormal=axes,
        caveats=(
            *measure.move_caveats([(name, first)] if at_once else [(name, first), (name, own)]),
            *_elsewhere(found.day, own.after.day),
            *second_axis.axis_caveats(result, axes),
        ),
    )


def _summary(claim: Claim, found: Largest, first: Move) -> Statement:
    values: dict[str, Quantity | str] = {
        "move": "fall" if measure.sign_of(claim.claimed) < 0 else "rise",
        "name": measure.name_of(claim, claim.tickers[0]),
        "within": Quantity(claim.params["within"], "sessions"),
        "size": Quantity(found.size, "percent"),
        "day": measure.date_quantity(found.day),
        "days": Quantity(found.days, "days"),
        "announced": measure.date_quantity(found.announced),
        "first": measure.date_quantity(first.after.day),
        "change": Quantity(100 * abs(first.change), "percent"),
    }
    text = "The largest one-day {move} of {name} within {within} came on {day} ({size})"
    if found.day == first.after.day:
        when = "the day of the announcement" if found.days == 0 else "the first session after {announced}"
        return Statement(f"{text}, {when}.", values)
    way = "fell by" if first.change < 0 else "rose by"
    return Statement(
        f"{text}, {{days}} after {{announced}}; on the first session, {{first}}, it {way} {{change}}.", values
    )


def _days_step(found: Largest, source: str) -> Step:
    return Step(
        "Days from the announcement to the move",
        "day − announced",
        {
            "day": measure.date_quantity(found.day, source),
            "announced": measure.date_quantity(found.announced, "the study's events"),
        },
        Quantity(found.days, "days"),
    )


def _announced(result: StudyResult, event: str, ticker: str) -> tuple[pd.Timestamp, str]:
    """The local day of the announcement and where the dates come from."""
    measure.event_day(result, ticker, event)  # raises where the study has no such event
    known = [e for e in result.settings.events if e.id == event]
    own = next((e for e in known if e.ticker == ticker), known[0])
    day = pd.Timestamp(f"{own.announced:%Y-%m-%d}")
    return day, measure.price_source(result, "close", day).replace(
        measure.day_text(day), f"sessions from {measure.day_text(day)}"
    )


def _largest(claim: Claim, result: StudyResult, announced: pd.Timestamp) -> Largest:
    """The largest one-day move in the claimed direction from the first session on which the news could be traded."""
    (ticker,), within, sign = claim.tickers, claim.params["within"], measure.sign_of(claim.claimed)
    zero, sessions = (
        measure.event_day(result, ticker, claim.params["start"]),
        measure.calendar_of(result, ticker).sessions,
    )
    rows = tuple(range(zero.t - 1, min(zero.t + within, len(sessions))))
    levels = np.array([level.value for level in measure.levels_on(result, ticker, rows)])
    sizes: list[float] = (100 * sign * (levels[1:] / levels[:-1] - 1)).tolist()
    if not sizes or max(sizes) <= 0:
        way = "fall" if sign < 0 else "rise"
        raise MissingPriceError(
            f"a {way} of {ticker} within {within} sessions of {measure.day_text(announced)} would decide; there was "
            "none"
        )
    best = int(np.argmax(sizes))
    day = sessions[rows[best + 1]]
    return Largest(day, sizes[best], announced, int(((sessions > announced) & (sessions <= day)).sum()))


def _elsewhere(found: pd.Timestamp, event: pd.Timestamp) -> list[str]:
    if found == event:
        return []
    return [
        f"The largest move came on {measure.day_text(found)}, not on {measure.day_text(event)}, the event the claim "
        "speaks of."
    ]


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictInt

    from eventstudy.claims.schema import Params, Text

    class Timing(Params):
        """Days from the announcement of `start` to the largest one-day move within `within` sessions of it."""

        start: Text
        within: Annotated[StrictInt, Field(gt=0)] = 20

    return Timing


CARD = Kind(
    name="timing",
    judge=timing,
    words="How long after an announcement came the largest move?",
    rule="The day is found in the prices and counted from the announcement, then compared with the claimed time.",
    default_reading="calendar days, or sessions where the claim counts sessions",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=("days", "sessions"),
    vendors=False,
)
