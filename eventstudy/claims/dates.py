"""Claims about the order and the distance of two dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import Kind
from eventstudy.claims.later import measure, pd
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


def dates(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the calendar days from one date to another; where the other came first they are negative, and wrong.

    `start` is the claim's own event by default, `ends` are events or days: the first is the headline, the others are
    inputs that are as defensible, such as the two days on which an interview appeared.
    """
    name = claim.params["start"] or claim.event or ""
    start = _day(result, name)
    ends = [(end, _day(result, end)) for end in claim.params["ends"]]
    readings = [
        Reading(
            f"from {_label(result, name)} to {_label(result, end)}",
            float((day - start).days),
            "days",
            f"the study's events and the claims file, {start} and {day}",
            headline=i == 0,
            sort="input",
        )
        for i, (end, day) in enumerate(ends)
    ]
    answer = judged(claim, readings, "days")
    head = ends[0][1]
    inputs: dict[str, Quantity | str] = {"end": _quantity(head), "start": _quantity(start)}
    days = readings[0].value
    order = "{end} came {days} after {start}" if days >= 0 else "{end} came {days} before {start}, not after it"
    values: dict[str, Quantity | str] = {**inputs, "days": Quantity(abs(days), "days")}
    return answered(
        claim,
        answer,
        Statement(f"{order}.", values),
        steps=(Step("Days from the one date to the other", "end − start", inputs, Quantity(days, "days")),),
        value=days,
    )


def _day(result: StudyResult, name: str) -> dt.date:
    """The calendar day on which an event of the study was announced, or a day as it is written."""
    known = next((e for e in result.settings.events if e.id == name), None)
    if known is not None:
        return dt.date.fromisoformat(f"{known.announced:%Y-%m-%d}")
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        raise MissingPriceError(f"the date of {name!r} would decide; the study has no such event") from None


def _label(result: StudyResult, name: str) -> str:
    return result.settings.labels.get(name, name)


def _quantity(day: dt.date) -> Quantity:
    return measure.date_quantity(pd.Timestamp(day))


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from typing import Annotated

    from pydantic import Field

    from eventstudy.claims.schema import Params, Text

    class Dates(Params):
        """Days from the event `start`, the claim's own by default, to `ends`: events or days, the headline first."""

        start: Text | None = None
        ends: Annotated[list[Text], Field(min_length=1)]

    return Dates


CARD = Kind(
    name="dates",
    judge=dates,
    words="How long after one date came another, and which came first?",
    rule="The calendar days from the one to the other against the claimed time; the other order is contradicted.",
    default_reading="the days of announcement, in the study's own calendar dates",
    params=_params,
    tables=(),
    subjects=(),
    directed=False,
    number=True,
    word=False,
    units=("days",),
    vendors=False,
)
