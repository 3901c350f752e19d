"""Claims that a company lost or gained so much market value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import MONEY, ONE, Kind
from eventstudy.claims.interval import base_unit
from eventstudy.claims.later import measure, rates, second_axis, shares, spans
from eventstudy.objects.verdicts import Claim, Quantity, Statement, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


def market_value(claim: Claim, result: StudyResult) -> Verdict:
    """Judge a change of market value; the readings run over the share counts published near the day."""
    (ticker,) = claim.tickers
    window = spans.window_of(claim, result, ticker)
    change = shares.value_change(result, ticker, claim.event or "", window)
    own, unit = change.move.after.unit, base_unit(claim.claimed.unit)[0]
    rate = rates.rate_of(claim, result, own, unit, change.move.after.day)
    readings = rates.converted(shares.value_readings(change, measure.sign_of(claim.claimed)), rate)
    answer = judged(claim, readings, unit, CARD.vendors)
    name, sizes = measure.name_of(claim, ticker), [abs(r.value) for r in readings]
    axes = second_axis.security_axes(result, claim, [ticker], window=window)
    return answered(
        claim,
        answer,
        Statement(
            "{name} {way} {value} of market value on {day}" + _SPREAD * (len(readings) > 1) + ".",
            {
                "name": name,
                "way": "lost" if change.value < 0 else "gained",
                "value": Quantity(sizes[0], unit),
                "day": measure.date_quantity(change.move.after.day),
                "low": Quantity(min(sizes), unit),
                "high": Quantity(max(sizes), unit),
            },
        ),
        steps=(
            shares.value_step(change, name),
            measure.move_step(change.move, name),
            *shares.split_steps(result, change, name),
            *rates.rate_step(Quantity(change.value, own), rate),
        ),
        abnormal=axes,
        caveats=(
            *measure.move_caveats([(name, change.move)]),
            *shares.value_caveats(claim, [change]),
            *second_axis.axis_caveats(result, axes),
        ),
    )


_SPREAD = "; with the cover pages before and after, {low} to {high}"


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import RateEntry, Spanned

    class MarketValue(Spanned):
        """`window` in sessions, or `since`; `rate`: the exchange rate where another currency is claimed."""

        rate: RateEntry | None = None

    return MarketValue


CARD = Kind(
    name="market_value",
    judge=market_value,
    words="How much market value did a company lose or gain?",
    rule="The change of the close times the share count, over the cover pages before and after the day; 1 % of the "
    "number is allowed, since vendors publish different counts.",
    default_reading="the last cover-page count dated on or before the day",
    params=_params,
    tables=("shares",),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=MONEY,
    vendors=True,
)
