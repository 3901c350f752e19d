"""Claims about the market value that many companies lost or gained together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from eventstudy.claims.answer import answered, asked, judged
from eventstudy.claims.card import MONEY, Kind
from eventstudy.claims.interval import base_unit, overlap
from eventstudy.claims.later import measure, rates, shares, spans
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Sort, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.claims.shares import ValueChange
    from eventstudy.objects.results import StudyResult


Sums = Mapping[str, "ValueChange"]


def aggregate(claim: Claim, result: StudyResult) -> Verdict:
    """Judge a sum over companies; each reading names its companies and whether gains are set against losses.

    Companies are those with prices and share counts in the claimed currency. The first reading is the headline, once
    more with the smallest and the largest share counts around the day; every other one is another definition, which is
    judged by itself.
    """
    into, sign = base_unit(claim.claimed.unit)[0], measure.sign_of(claim.claimed)
    unit = _summed_in(claim, into)
    changes, missing = _changes(claim, result, unit)
    rate = rates.rate_of(claim, result, unit, into, next(iter(changes.values())).move.after.day)
    readings: list[Reading] = []
    steps = [shares.value_step(change, measure.name_of(claim, ticker)) for ticker, change in changes.items()]
    for i, wanted in enumerate(claim.params["readings"]):
        chosen = _chosen(wanted, changes)
        readings.append(_reading(wanted, chosen, sign, unit, headline=i == 0))
        steps.append(_sum_step(claim, wanted, chosen, sign, unit))
        if i == 0:
            readings += _spread(wanted, chosen, sign, unit)
    head = Quantity(sign * readings[0].value, unit)
    steps += rates.rate_step(head, rate)
    answer = judged(claim, rates.converted(readings, rate), into, CARD.vendors)
    return answered(
        claim,
        answer,
        _summary(claim, answer.readings, changes, answer.claimed),
        steps=steps,
        caveats=(
            f"Companies added up: {', '.join(measure.name_of(claim, t) for t in changes)}.",
            *([f"Left out, for want of a price or a share count: {', '.join(missing)}."] if missing else []),
            *measure.move_caveats(
                (measure.name_of(claim, t), c.move) for t, c in changes.items() if not c.move.substituted
            ),
            *shares.value_caveats(claim, list(changes.values())),
        ),
    )


def _summed_in(claim: Claim, into: str) -> str:
    """The currency of the companies that are added up: the claimed one, or the other one of the `rate`."""
    said = claim.params.get("rate")
    pair = said["quoted"].split("_per_") if said else []
    return next((code for code in pair if code != into), into) if into in pair else into


def _changes(claim: Claim, result: StudyResult, unit: str) -> tuple[dict[str, ValueChange], list[str]]:
    """The change of every company that some reading names; and who is missing of those named or counted.

    Raises
    ------
    MissingPriceError : no company can be valued, or not every one that the headline reading names: their sum is not
        known then.
    """
    table = result.reference.shares
    if table.empty:
        raise MissingPriceError("share counts (shares_outstanding.csv) would decide; the study holds none")
    known = set(table["ticker"])
    counted = [t for t in result.prices.tickers if t in known and measure.currency_of(result, t) == unit]
    named = [t for reading in claim.params["readings"] for t in reading["tickers"] or counted]
    found, missing = {}, []
    for ticker in dict.fromkeys(named):
        try:
            window = spans.window_of(claim, result, ticker)
            found[ticker] = shares.value_change(result, ticker, claim.event or "", window)
        except MissingPriceError:
            missing.append(ticker)
    if not found:
        raise MissingPriceError(f"share counts and prices of {', '.join(missing) or 'any company'} would decide")
    lacking = [t for t in claim.params["readings"][0]["tickers"] or () if t in missing]
    if lacking:
        raise MissingPriceError(f"share counts and prices of {', '.join(lacking)} would decide")
    whole = any(reading["tickers"] is None for reading in claim.params["readings"])
    others = [t for t in result.settings.tickers if whole and t not in named]
    uncounted = [t for t in others if measure.currency_of(result, t) == unit]
    return dict(sorted(found.items(), key=lambda item: item[1].value)), [*missing, *uncounted]


def _chosen(wanted: Mapping[str, Any], changes: Sums) -> list[ValueChange]:
    kept = [c for t, c in changes.items() if wanted["tickers"] is None or t in wanted["tickers"]]
    return [c for c in kept if c.count.ticker not in (wanted["without"] or ())]


def _total(wanted: Mapping[str, Any], values: Sequence[float]) -> float:
    """Net of what went the other way, or only what went the claimed way."""
    return sum(values) if wanted["net"] else sum(v for v in values if v > 0)


def _reading(wanted: Mapping[str, Any], chosen: Sequence[ValueChange], sign: int, unit: str, headline: bool) -> Reading:
    total = _total(wanted, [sign * c.value for c in chosen])
    files = measure.files_of((*(c.move.after.source for c in chosen), *(c.count.source for c in chosen)))
    source = f"{files}, {', '.join(c.count.ticker for c in chosen)}"
    sort: Sort = "input" if headline else "definition"
    return Reading(f"{wanted['label']} ({_many(wanted, chosen)})", total, unit, source, headline, sort)


def _many(wanted: Mapping[str, Any], chosen: Sequence[ValueChange]) -> str:
    """How many companies are added up, and of how many where some that are named cannot be valued."""
    asked_for = {*(wanted["tickers"] or ())} - {*(wanted["without"] or ())}
    of = f" of {len(asked_for)}" if len(asked_for) > len(chosen) else ""
    return f"{len(chosen)}{of} {'company' if len(chosen) == 1 and not of else 'companies'}"


def _spread(wanted: Mapping[str, Any], chosen: Sequence[ValueChange], sign: int, unit: str) -> list[Reading]:
    counts = measure.files_of(count.source for c in chosen for count in (c.count, *c.others))
    prices = measure.files_of(c.move.after.source for c in chosen)
    source = f"{prices} and every count near the day in {counts}, {_many(wanted, chosen)}"
    ends = [sorted(sign * v for v in c.spread()) for c in chosen]
    return [
        Reading(
            f"{wanted['label']}, {word} share counts", _total(wanted, [e[k] for e in ends]), unit, source, sort="input"
        )
        for k, word in ((0, "least favourable"), (1, "most favourable"))
    ]


def _sum_step(claim: Claim, wanted: Mapping[str, Any], chosen: Sequence[ValueChange], sign: int, unit: str) -> Step:
    kept = [c for c in chosen if wanted["net"] or sign * c.value > 0]
    inputs: dict[str, Quantity | str] = {c.count.ticker: Quantity(sign * c.value, unit) for c in kept}
    formula = "sum of the losses" if sign < 0 else "sum of the gains"
    if wanted["net"]:
        formula += ", what went the other way with a minus sign"
    total = Quantity(sum(sign * c.value for c in kept), unit)
    return Step(str(wanted["label"]), formula, inputs, total)


def _summary(claim: Claim, readings: Sequence[Reading], changes: Sums, claimed: Interval) -> Statement:
    """The headline against the claim, then the other ways to add up and which of them lie inside."""
    day, unit = next(iter(changes.values())).move.after.day, claimed.unit
    own = [r for r in readings if r.headline or r.sort == "definition"]
    values: dict[str, Quantity | str] = {"day": measure.date_quantity(day)}
    said = []
    for i, reading in enumerate(own):
        values |= {f"value{i}": Quantity(reading.value, unit), f"label{i}": reading.label}
        inside = overlap(claimed, Interval(reading.value, reading.value, unit))
        said.append(f"{{value{i}}} for {{label{i}}}, {'inside' if inside else 'outside'}")
    stands, ends = asked(claimed)
    values |= ends
    verb = "lost" if measure.sign_of(claim.claimed) < 0 else "gained"
    others = {measure.day_text(c.move.after.day) for c in changes.values()} - {measure.day_text(day)}
    when = "on {day}" if not others else "on {day} (and the sessions that answer to it elsewhere)"
    before = min(c.move.before.day for c in changes.values())
    if any(c.move.window.length > 1 for c in changes.values()):
        values["from"], when = measure.date_quantity(before), f"from {{from}} to {when.removeprefix('on ')}"
    beside = f" Added up otherwise: {'; '.join(said[1:])}." if said[1:] else ""
    return Statement(f"Market value {verb} {when}: {said[0]} what the claim stands for, {stands}.{beside}", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictBool

    from eventstudy.claims.schema import RateEntry, Spanned, Strict, Text, Texts

    class AggregateReading(Strict):
        """One way to add up: `tickers` (all with a share count by default) `without` some, net of gains or losses
        alone."""

        label: Text
        tickers: Texts | None = None
        without: Texts | None = None
        net: StrictBool = True

    class Aggregate(Spanned):
        """`readings`, the headline first; over a `window` of sessions or `since` a day; `rate`: the exchange rate
        where another currency is claimed than that of the companies."""

        rate: RateEntry | None = None
        readings: Annotated[list[AggregateReading], Field(min_length=1)]

    return Aggregate


CARD = Kind(
    name="aggregate",
    judge=aggregate,
    words="How much market value did many companies lose or gain together?",
    rule="The sum over companies against the claimed interval; 1 % of the number is allowed, since vendors publish "
    "different counts. A company that the first reading names and that has no price or count leaves the sum open.",
    default_reading="the first reading that the claim lists",
    params=_params,
    tables=("shares",),
    subjects=(),
    directed=True,
    number=True,
    word=False,
    units=MONEY,
    vendors=True,
)
