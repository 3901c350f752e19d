"""Claims that a company lost or gained so much market value."""

from __future__ import annotations

from eventstudy.claims.answer import judged, readings_caveat, remarks, unresolved
from eventstudy.claims.axis import axis_caveats, security_axes
from eventstudy.claims.interval import base_unit
from eventstudy.claims.measure import date_quantity, move_caveats, move_step, name_of, sign_of
from eventstudy.claims.shares import split_steps, value_caveats, value_change, value_readings, value_step
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Quantity, Statement, Verdict


def market_value(claim: Claim, result: StudyResult) -> Verdict:
    """Judge a change of market value; the readings run over the share counts published near the day."""
    (ticker,) = claim.tickers
    window = Window(*claim.params.get("window", (0, 0)))
    change = value_change(result, ticker, claim.event or "", window)
    unit = change.move.after.unit
    if base_unit(claim.claimed.unit)[0] != unit:
        return unresolved(
            claim, f"{ticker} is quoted in {unit.upper()}; an exchange rate to {claim.claimed.unit} would decide"
        )
    readings = value_readings(change, sign_of(claim.claimed))
    claimed, measured, comparison = judged(claim, readings, unit)
    name, sizes = name_of(claim, ticker), [abs(r.value) for r in readings]
    axes = security_axes(result, claim, [ticker], window=window)
    return Verdict(
        claim,
        comparison.verdict,
        Statement(
            "{name} {way} {value} of market value on {day}; with every share count dated within half a year of the "
            "day, {low} to {high}.",
            {
                "name": name,
                "way": "lost" if change.value < 0 else "gained",
                "value": Quantity(abs(change.value), unit),
                "day": date_quantity(change.move.after.day),
                "low": Quantity(min(sizes), unit),
                "high": Quantity(max(sizes), unit),
            },
        ),
        claimed,
        measured,
        readings[0].value,
        comparison.note,
        readings,
        steps=(value_step(change, name), move_step(change.move, name), *split_steps(result, change, name)),
        abnormal=axes,
        caveats=(
            *remarks(claim),
            *move_caveats([(name, change.move)]),
            *value_caveats(claim, [change]),
            *readings_caveat(claim, readings, unit, comparison.verdict),
            *axis_caveats(result, axes),
        ),
    )
