"""What several kinds of claim share: readings against a claim, the deciding step in numbers, the verdict left open."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from eventstudy.claims.interval import (
    FLAT,
    HALFWAY,
    NEAR,
    SAME,
    WORDS,
    Comparison,
    base_unit,
    claimed_interval,
    compare,
    falls_short,
    measured_interval,
    overlap,
    tolerates,
    votes,
)
from eventstudy.objects.verdicts import (
    AbnormalAxis,
    Claim,
    Interval,
    Part,
    Quantity,
    Reading,
    Statement,
    Step,
    Verdict,
    VerdictWord,
)

Values = dict[str, Quantity | str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the readings say of a claim's number: both intervals, the comparison, the readings with their own answers
    where they are other definitions, and the deciding step."""

    claimed: Interval
    measured: Interval
    comparison: Comparison
    readings: tuple[Reading, ...]
    decision: Statement


def answered(
    claim: Claim,
    answer: Answer,
    summary: Statement,
    *,
    steps: Iterable[Step],
    abnormal: Iterable[AbnormalAxis] = (),
    caveats: Iterable[str] = (),
    value: float | None = None,
) -> Verdict:
    """The verdict on a claim of one number or word, which its readings have answered.

    `value` is what was measured, where it is not the headline reading; `caveats` follow the remarks of the claims file.
    """
    return Verdict(
        claim,
        answer.comparison.verdict,
        summary,
        answer.claimed,
        answer.measured,
        answer.readings[0].value if value is None else value,
        answer.comparison.note,
        answer.readings,
        steps=tuple(steps),
        abnormal=tuple(abnormal),
        caveats=(*remarks(claim), *caveats),
        decision=answer.decision,
    )


def unresolved(claim: Claim, reason: str) -> Verdict:
    """No answer, with the reason, which names the data that would give one."""
    whole = reason if reason.partition(" ")[0].endswith(":") else reason[:1].upper() + reason[1:]
    said = Statement("This cannot be decided with the data at hand.")
    decision = Statement("Nothing to compare: unresolved")
    return Verdict(
        claim,
        "unresolved",
        said,
        claimed=_claimed(claim),
        reason=f"{whole}.",
        caveats=remarks(claim),
        decision=decision,
    )


def _claimed(claim: Claim) -> Interval | None:
    found = claimed_interval(claim.claimed)
    return from_first(found) if found is not None and found.unit == "rank" else found


def from_first(ranks: Interval) -> Interval:
    """Ranks begin at 1."""
    return replace(ranks, low=max(ranks.low, 1.0), open_low=ranks.open_low and ranks.low >= 1)


def remarks(claim: Claim) -> tuple[str, ...]:
    """What the claims file says of how the claim is read."""
    return tuple(claim.params.get("remarks") or ())


def like_a_fraction(verdict: Verdict) -> str | None:
    """That a number below 1 % may have been meant as a fraction, where a hundred times as much was measured."""
    claimed = verdict.claim.claimed
    numbers = [number for number in (claimed.quoted, claimed.upper) if number is not None]
    if claimed.unit != "percent" or not numbers or not 0 < float(numbers[0]) <= float(numbers[-1]) < 1:
        return None
    percents = [f"{100 * float(n):.{max(len(n.partition('.')[2]) - 2, 0)}f}" for n in numbers]
    meant = replace(claimed, quoted=percents[0], upper=percents[1] if percents[1:] else None, modifier="exactly")
    interval = claimed_interval(replace(meant, precision=None))
    if interval is None or math.isnan(verdict.value):
        return None
    if compare(interval, point(verdict.value, "percent"), float(percents[0])).verdict == "contradicted":
        return None
    keys = "low and high" if percents[1:] else "value"
    return (
        f"{' to '.join(numbers)} percent was claimed and about a hundred times as much was measured. Where the article "
        f"says {' to '.join(percents)} %, give that as {keys}: a number in percent is no fraction."
    )


# ------------------------------------------------------------------------------------------------ readings and a number
def judged(claim: Claim, readings: Sequence[Reading], unit: str, vendors: bool = False) -> Answer:
    """Compare the claim's number with the headline reading in `unit` and the other inputs; each definition by itself.

    `vendors`: the measurement rests on inputs that vendors publish differently, so that a two-sided number may miss by
    1 % of itself. Nothing is supported that no single reading supports: where the claim lies between two inputs, the
    nearest of them decides.
    """
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no number")
    claimed = from_first(claimed) if claimed.unit == "rank" else claimed
    tolerance = SAME if vendors and tolerates(claim.claimed) else 0.0
    measured = measured_interval(readings, unit)
    comparison = compare(claimed, measured, scale_of(claim, measured), tolerance)
    if comparison.verdict == "supported" and measured.low < measured.high:
        alone = [point(r.value, unit) for r in votes(readings, unit) if not math.isnan(r.value)]
        answers = [compare(claimed, p, scale_of(claim, p), tolerance) for p in alone]
        if not any(answer.verdict == "supported" for answer in answers):
            nearest = min(range(len(alone)), key=lambda k: answers[k].gap)
            measured, comparison = alone[nearest], answers[nearest]
    own = tuple(_by_itself(claim, claimed, r, unit, tolerance) for r in readings)
    return Answer(claimed, measured, comparison, own, decision(claim, claimed, measured, comparison, tolerance))


def _by_itself(claim: Claim, claimed: Interval, reading: Reading, unit: str, tolerance: float) -> Reading:
    """A reading with its own answer, where it is another definition in the unit of the claim."""
    if reading.sort != "definition" or reading.unit != unit or math.isnan(reading.value):
        return reading
    alone = point(reading.value, unit)
    return replace(reading, verdict=compare(claimed, alone, scale_of(claim, alone), tolerance).verdict)


def point(value: float, unit: str) -> Interval:
    """One number as an interval."""
    return Interval(value, value, unit)


def scale_of(claim: Claim, measured: Interval | None = None) -> float:
    """The claimed number in the unit of its interval, of which 1 % and 15 % are taken; of a range its nearer end."""
    factor = base_unit(claim.claimed.unit)[1]
    low = float(claim.claimed.quoted or "nan") * factor
    if claim.claimed.upper is None or measured is None:
        return low
    high = float(claim.claimed.upper) * factor
    return high if measured.low >= high else low


# ---------------------------------------------------------------------------------------------------- the deciding step
def decision(
    claim: Claim, claimed: Interval, measured: Interval, comparison: Comparison, tolerance: float = 0.0
) -> Statement:
    """The last step of the arithmetic: ``(8% − 6.37%) / 8% = 20% > 15%: contradicted``."""
    unit, word = "count" if claimed.unit == "rank" else claimed.unit, comparison.verdict
    if unit == "days" and measured.high < 0:
        return Statement("{measured}: the order is the other way round: contradicted", _span(measured))
    if measured.high < 0 or (measured.high == 0 and word == "contradicted"):
        way = claim.claimed.direction
        return Statement(f"A {way} was claimed; measured as a {way} it is {{measured}}: contradicted", _span(measured))
    if overlap(claimed, measured):
        return _inside(claimed, measured)
    below = falls_short(claimed, measured)
    ends = (claimed.low, measured.high) if below else (measured.low, claimed.high)
    number = scale_of(claim, measured)
    if number == 0:
        values: Values = {"claimed": Quantity(ends[0] if below else ends[1], unit), **_span(measured)}
        return Statement(f"{{measured}} is not {{claimed}}, and nothing is a share of zero: {word}", values)
    values = {
        "far": Quantity(ends[0], unit),
        "near": Quantity(ends[1], unit),
        "number": Quantity(number, unit),
        "share": Quantity(100 * (ends[0] - ends[1]) / number, "percent"),
    }
    if word == "supported":
        values["limit"] = Quantity(100 * tolerance, "percent")
        return Statement("({far} − {near}) / {number} = {share} ≤ {limit}: supported", values)
    values["limit"] = Quantity(100 * NEAR, "percent")
    sign = "≤" if word == "imprecise" else ">"
    said = f"{word} ({comparison.note})" if word == "imprecise" else word
    return Statement(f"({{far}} − {{near}}) / {{number}} = {{share}} {sign} {{limit}}: {said}", values)


def _span(measured: Interval) -> Values:
    if measured.low == measured.high:
        return {"measured": Quantity(measured.low, measured.unit)}
    return {"measured": Quantity(measured.high, measured.unit)}


def _inside(claimed: Interval, measured: Interval) -> Statement:
    """That both intervals share a point, at the end where it is decided: by the reading that has least to spare, where
    all of them lie inside."""
    unit = "count" if claimed.unit == "rank" else claimed.unit
    least, most = (overlap(claimed, point(end, claimed.unit)) for end in (measured.low, measured.high))
    if math.isinf(claimed.high):
        decides = measured.low if least else measured.high
        values: Values = {"measured": Quantity(decides, unit), "bound": Quantity(claimed.low, unit)}
        return Statement(f"{{measured}} {'>' if claimed.open_low else '≥'} {{bound}}: supported", values)
    if claimed.low <= 0 or (claimed.unit == "rank" and claimed.low == 1):
        decides = measured.high if most else measured.low
        values = {"measured": Quantity(decides, unit), "bound": Quantity(claimed.high, unit)}
        return Statement(f"{{measured}} {'<' if claimed.open_high else '≤'} {{bound}}: supported", values)
    values = {"low": Quantity(claimed.low, unit), "high": Quantity(claimed.high, unit)}
    sign = "<" if claimed.open_high else "≤"
    if measured.low == measured.high:
        values["measured"] = Quantity(measured.low, unit)
        return Statement(f"{{low}} ≤ {{measured}} {sign} {{high}}: supported", values)
    values |= {"least": Quantity(measured.low, unit), "most": Quantity(measured.high, unit)}
    if least and most:
        return Statement(f"{{low}} ≤ {{least}} to {{most}} {sign} {{high}}: supported", values)
    return Statement("{least} to {most} and {low} to {high} overlap: supported", values)


def word_decision(word: str, threshold: float, size: float, comparison: Comparison) -> Statement:
    """The last step for a word: what was measured beside what the word asks for, both in per cent."""
    values: Values = {"size": Quantity(size, "percent"), "asked": Quantity(threshold, "percent")}
    verdict = comparison.verdict
    if WORDS[word][1] == "flat":
        values["size"] = Quantity(abs(size), "percent")
        sign = "≤" if verdict == "supported" else "≤ 2 ×" if verdict == "imprecise" else "> 2 ×"
        return Statement(f"{{size}} {sign} {{asked}} ({FLAT} s): {verdict}", values)
    if size <= 0:
        return Statement(f"{{size}} is the other way, or no move: {verdict}", values)
    if verdict == "supported":
        return Statement(f"{{size}} {'≥' if threshold else '>'} {{asked}}: supported", values)
    values |= {"share": Quantity(100 * size / threshold, "percent"), "half": Quantity(100 * HALFWAY, "percent")}
    said = f"≥ {{half}}: {verdict} ({comparison.note})" if verdict == "imprecise" else f"< {{half}}: {verdict}"
    return Statement(f"{{size}} / {{asked}} = {{share}} {said}", values)


def parts_decision(parts: Iterable[Part], word: VerdictWord) -> Statement:
    """The last step of a claim with separate parts: how many have which answer."""
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.verdict] = counts.get(part.verdict, 0) + 1
    said = ", ".join(f"{n} {answer}" for answer, n in counts.items())
    total = sum(counts.values())
    return Statement(f"Of {total} part{'s' if total > 1 else ''} {said}: {word}")


def beyond_history(
    claim: Claim, answer: Answer, comparison: Comparison, first: object, what: str = "days"
) -> tuple[Part, ...]:
    """The answer within a history that may have begun earlier, and the answer beyond it; () where it makes none.

    A rank can only grow with more days: one past what is claimed stays past it, and "not among the first" is settled.
    """
    place, claimed = answer.measured.low, answer.claimed
    if place > claimed.high and comparison.verdict == "contradicted":
        return ()
    if math.isinf(claimed.high) and comparison.verdict == "supported":
        return ()
    since = f"{first:%Y-%m-%d}"
    note = f"{what} before {since} would decide; `since` or `complete` in the claims file says that they do not count"
    return (
        Part(f"since {since}", comparison.verdict, place, "rank", comparison.note),
        Part(f"before {since}", "unresolved", math.nan, "rank", note),
    )


def asked(claimed: Interval) -> tuple[str, Values]:
    """What an interval asks for, as a piece of a sentence and the quantities in its holes.

    >>> asked(Interval(50.0, math.inf, "percent"))[0]
    'at least {asked_low}'
    """
    low, high = Quantity(claimed.low, claimed.unit), Quantity(claimed.high, claimed.unit)
    if math.isinf(claimed.high):
        return f"{'more than' if claimed.open_low else 'at least'} {{asked_low}}", {"asked_low": low}
    if claimed.low <= 0 or (claimed.unit == "rank" and claimed.low == 1):
        return f"{'less than' if claimed.open_high else 'at most'} {{asked_high}}", {"asked_high": high}
    return "{asked_low} to {asked_high}", {"asked_low": low, "asked_high": high}
