"""Money in another currency than a security is quoted in, by a series of the prices that holds the exchange rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from eventstudy.claims.measure import day_text
from eventstudy.errors import MissingPriceError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Step

STALE = pd.Timedelta(days=5)
"""How old the last rate may be: rates are quoted on weekdays."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An exchange rate of a day, so many units of ``over`` for one of ``under``; ``into`` is the claimed currency."""

    value: float
    over: str
    under: str
    into: str
    source: str

    @property
    def factor(self) -> float:
        """What one unit of the security's currency is worth in the claimed one."""
        return self.value if self.over == self.into else 1 / self.value


def rate_of(claim: Claim, result: StudyResult, own: str, into: str, day: pd.Timestamp) -> Rate | None:
    """The rate of a day between the security's currency and the claimed one; None where they are the same.

    Raises
    ------
    MissingPriceError : the claim names no rate, one of other currencies, or one without a quotation near the day.
    """
    if own == into:
        return None
    said = claim.params.get("rate")
    wanted = f"an exchange rate from {own.upper()} to {into.upper()}"
    if said is None:
        raise MissingPriceError(f"{wanted} would decide; name its series under `rate`")
    over, _, under = said["quoted"].partition("_per_")
    if {over, under} != {own, into}:
        raise MissingPriceError(f"{wanted} would decide; {said['series']} is quoted as {said['quoted']}")
    prices = result.prices
    if said["series"] not in prices.close.columns:
        raise MissingPriceError(f"{wanted} would decide; the study holds no series {said['series']}")
    known = prices.close[said["series"]].fillna(prices.adj_close[said["series"]]).loc[:day].dropna()
    if known.empty or day - known.index[-1] > STALE or not known.iloc[-1] > 0:
        raise MissingPriceError(f"{wanted} of {day_text(day)} would decide; {said['series']} has none")
    source = f"{said['series']}, {day_text(known.index[-1])} ({prices.provenance.original})"
    return Rate(float(known.iloc[-1]), over, under, into, source)


def converted(readings: Sequence[Reading], rate: Rate | None) -> tuple[Reading, ...]:
    """Readings in money, in the claimed currency."""
    if rate is None:
        return tuple(readings)
    return tuple(replace(r, value=r.value * rate.factor, unit=rate.into) for r in readings)


def rate_step(value: Quantity, rate: Rate | None) -> tuple[Step, ...]:
    """The arithmetic of a conversion; nothing where there is none."""
    if rate is None:
        return ()
    times = rate.over == rate.into
    inputs: dict[str, Quantity | str] = {"value": value, "rate": Quantity(rate.value, "number", rate.source)}
    label = f"The same in {rate.into.upper()}, at {rate.over.upper()} per {rate.under.upper()}"
    result = Quantity(value.value * rate.factor, rate.into)
    return (Step(label, "value × rate" if times else "value / rate", inputs, result),)
