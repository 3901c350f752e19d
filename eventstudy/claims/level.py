"""Claims about where a security stood: its close, its market value, how far it was below its peak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.claims.answer import Answer, answered, judged, parts_decision, point
from eventstudy.claims.card import A_SHARE, MONEY, ONE, PERCENT, Kind
from eventstudy.claims.interval import base_unit, combine, overlap
from eventstudy.claims.later import history, measure, pd, rates, shares, spans
from eventstudy.errors import listed
from eventstudy.objects.verdicts import Claim, Claimed, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Level
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

FITS = {"close": ("points", *A_SHARE), "value": MONEY, "drawdown": PERCENT}
BOUNDS = ("more_than", "at_least", "less_than", "at_most")


@dataclass(frozen=True, slots=True)
class _Measured:
    """A level on one day: its readings, the headline first, the arithmetic, and what a reader should know besides."""

    readings: tuple[Reading, ...]
    steps: tuple[Step, ...]
    caveats: tuple[str, ...] = ()


def level(claim: Claim, result: StudyResult) -> Verdict:
    """Judge a level at the close of the day: of a share or an index, of a company's market value, or below its peak.

    A close is one as it was quoted on the day, before later splits. With `crossed` the close before has to lie on the
    other side of the bound: "fell below" says that it was above before.
    """
    (ticker,) = claim.tickers
    row = measure.event_day(result, ticker, claim.event or "").t
    day = measure.calendar_of(result, ticker).sessions[row]
    found = _MEASURED[claim.params["measure"]](claim, result, row)
    name, unit = measure.name_of(claim, ticker), base_unit(claim.claimed.unit)[0]
    answer = judged(claim, found.readings, unit, vendors=claim.params["measure"] == "value")
    head = answer.readings[0]
    said = {"close": "closed at {value}", "value": "was worth {value} at the close"}.get(
        claim.params["measure"],
        "closed {value} " + ("above its lowest close" if claim.claimed.direction == "rise" else "below its highest"),
    )
    summary = Statement(
        f"{{name}} {said} on {{day}}.",
        {"name": name, "value": Quantity(head.value, unit), "day": measure.date_quantity(day)},
    )
    verdict = answered(claim, answer, summary, steps=found.steps, caveats=found.caveats)
    return _crossed(claim, result, row, answer, verdict) if claim.params["crossed"] else verdict


def _crossed(claim: Claim, result: StudyResult, row: int, answer: Answer, verdict: Verdict) -> Verdict:
    """The same with two parts: the level of the day, and that of the close before, which must not satisfy the bound."""
    before, unit = _MEASURED[claim.params["measure"]](claim, result, row - 1), answer.claimed.unit
    value = before.readings[0].value
    inside = overlap(answer.claimed, point(value, unit))
    parts = (
        Part("the close of the day", verdict.verdict, verdict.value, unit, verdict.note),
        Part("on the other side the close before", "contradicted" if inside else "supported", value, unit),
    )
    word = combine(part.verdict for part in parts)
    steps = tuple(replace(step, label=f"The close before: {step.label}") for step in before.steps)
    return replace(
        verdict,
        verdict=word,
        note=verdict.note if word == "imprecise" else None,
        parts=parts,
        steps=(*verdict.steps, *steps),
        decision=parts_decision(parts, word),
    )


# ------------------------------------------------------------------------------------------------------------- measures
def _close(claim: Claim, result: StudyResult, row: int) -> _Measured:
    """The close as it was quoted on the day; on today's shares it is another definition."""
    (ticker,), unit = claim.tickers, base_unit(claim.claimed.unit)[0]
    (found,) = _levels(result, ticker, row)
    spans.as_quoted(found, ticker, unit)
    ratio, name = spans.quoted_ratio(result, ticker, found), measure.name_of(claim, ticker)
    head = Quantity(found.value * ratio, unit)
    if ratio == 1.0:
        reading = Reading("close", found.value, unit, found.source, True, "input")
        return _Measured((reading,), (Step(f"Close of {name}", "close", {"close": found.quantity}, head),))
    source = shares.split_source(result.reference, ticker)
    inputs: dict[str, Quantity | str] = {"close": found.quantity, "ratio": Quantity(ratio, "count", source)}
    return _Measured(
        (
            Reading("close as quoted then", head.value, unit, found.source, True, "input"),
            Reading("close on today's shares", found.value, unit, found.source, sort="definition"),
        ),
        (Step(f"Close of {name} as quoted then", "close × ratio", inputs, head),),
    )


def _levels(result: StudyResult, ticker: str, row: int) -> tuple[Level, ...]:
    return measure.levels_on(result, ticker, (row,))


def _value(claim: Claim, result: StudyResult, row: int) -> _Measured:
    """The market value: the close times the share counts around the day, in the claimed currency."""
    (ticker,), into = claim.tickers, base_unit(claim.claimed.unit)[0]
    (found,) = _levels(result, ticker, row)
    rate = rates.rate_of(claim, result, found.unit, into, found.day)
    counts, name = shares.counts_near(result.reference, ticker, found.day), measure.name_of(claim, ticker)
    readings = tuple(
        Reading(
            f"share count as of {measure.day_text(c.as_of)}",
            found.value * c.shares,
            found.unit,
            c.source,
            k == 0,
            "input",
        )
        for k, c in enumerate(counts)
    )
    own = Quantity(found.value * counts[0].shares, found.unit)
    inputs: dict[str, Quantity | str] = {"close": found.quantity, "shares": counts[0].quantity}
    step = Step(f"Market value of {name}", "close × shares", inputs, own)
    notes = claim.params.get("notes", {})
    caveats = [f"{name}: {notes[ticker]}."] if ticker in notes else []
    if found.basis != "close":
        caveats.append(
            f"{name}: only dividend-adjusted closes are known, which lie slightly below the prices paid then."
        )
    return _Measured(rates.converted(readings, rate), (step, *rates.rate_step(own, rate)), tuple(caveats))


def _drawdown(claim: Claim, result: StudyResult, row: int) -> _Measured:
    """How far the close is below the highest one since `since`, in per cent of it; of a rise, above the lowest."""
    (ticker,) = claim.tickers
    day = measure.calendar_of(result, ticker).sessions[row]
    kept = history.history_of(result, ticker, day)
    known = kept.levels.loc[:day].dropna()
    if claim.params["since"] is not None:
        begins = history.since_day(claim, result, ticker, day)
        reached = known.index[known.index <= begins]
        known = known.loc[reached[-1] :] if len(reached) else known
    up = claim.claimed.direction == "rise"
    top = pd.Timestamp(str(known.idxmin() if up else known.idxmax()))
    far, near = float(known[top]), float(known.loc[day])
    size = 100 * (near / far - 1) * (1 if up else -1)
    end, name = ("lowest" if up else "highest"), measure.name_of(claim, ticker)
    label = f"from the {end} close since {measure.day_text(known.index[0])}, on {measure.day_text(top)}"
    inputs: dict[str, Quantity | str] = {end: kept.quantity(top), "close": kept.quantity(day)}
    formula = "100 × (close / lowest − 1)" if up else "100 × (1 − close / highest)"
    source = f"{kept.file}, {ticker}, {measure.day_text(known.index[0])} to {measure.day_text(day)} ({kept.origin})"
    caveats = [] if kept.basis != "adj_close" else [f"{name}: dividend-adjusted closes; a dividend moves the distance."]
    if claim.params["since"] is None and not kept.whole:
        caveats.append(f"Closes before {measure.day_text(kept.first)} are not known; a {end} one then would count.")
    step = Step(f"Distance of {name} from its {end} close", formula, inputs, Quantity(size, "percent"))
    return _Measured((Reading(label, size, "percent", source, True, "input"),), (step,), tuple(caveats))


_MEASURED = {"close": _close, "value": _value, "drawdown": _drawdown}


# ----------------------------------------------------------------------------------------------------------------- card
def _misfit(claimed: Claimed, params: Mapping[str, Any]) -> str | None:
    how, (base, factor) = params["measure"], base_unit(claimed.unit)
    if base not in FITS[how] and not (factor == 1 and f"{base} a share" in FITS[how]):
        allowed = {"close": "points or plain money, such as usd", "value": "money, such as usd_bn"}
        return f"the unit of a {how} is {allowed.get(how, 'percent')}, got {claimed.unit}"
    if params["since"] is not None and how != "drawdown":
        return f"`since` belongs to a drawdown; a {how} is that of one day"
    if params["rate"] is not None and how != "value":
        return f"`rate` converts a market value; a {how} is in the unit of its quotation"
    if params["crossed"] and claimed.modifier not in BOUNDS:
        return f"it says that a bound was crossed; give `claimed` the modifier {listed(BOUNDS, 4)}"
    return None


def _params() -> type[Params]:
    from pydantic import StrictBool

    from eventstudy.claims.schema import Params, RateEntry, Since

    class LevelParams(Params):
        """`measure`: the close, the market value, or the drawdown, which is how far the close lies below its highest
        since `since` (claimed as a rise: above its lowest). `crossed`: the close before lay on the other side of the
        bound. `rate`: the exchange rate where a value is claimed in another currency."""

        measure: Literal["close", "value", "drawdown"] = "close"
        since: Since | None = None
        crossed: StrictBool = False
        rate: RateEntry | None = None

    return LevelParams


CARD = Kind(
    name="level",
    judge=level,
    words="At what price, market value, or distance from its peak did a security close?",
    rule="The level at the close of the day against the claimed interval; where a bound was crossed, the close before "
    "on its other side is a part of its own. A market value may miss by 1 % of the number.",
    default_reading="the close as it was quoted on the day, before later splits; a peak is the highest close known",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=False,
    number=True,
    word=False,
    units=("points", *A_SHARE, *MONEY, *PERCENT),
    vendors=True,
    misfit=_misfit,
)
