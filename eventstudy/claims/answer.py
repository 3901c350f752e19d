"""Words for an answer that several kinds of claim share: the verdict that nothing decides, and the final assembly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from eventstudy.claims.interval import (
    SAME,
    Comparison,
    base_unit,
    claimed_interval,
    compare,
    measured_interval,
    overlap,
)
from eventstudy.objects.verdicts import Claim, Interval, Quantity, Reading, Statement, Step, Verdict, VerdictWord


def unresolved(claim: Claim, reason: str) -> Verdict:
    """No answer, with the reason, which names the data that would give one."""
    whole = reason if reason.partition(" ")[0].endswith(":") else reason[:1].upper() + reason[1:]
    said = Statement("This cannot be decided with the data at hand.")
    return Verdict(claim, "unresolved", said, claimed=_claimed(claim), reason=f"{whole}.", caveats=remarks(claim))


def _claimed(claim: Claim) -> Interval | None:
    found = claimed_interval(claim.claimed)
    return from_first(found) if found is not None and found.unit == "rank" else found


def from_first(ranks: Interval) -> Interval:
    """Ranks begin at 1."""
    return replace(ranks, low=max(ranks.low, 1.0), open_low=ranks.open_low and ranks.low >= 1)


def tolerated(verdict: Verdict) -> Verdict:
    """Say so, in the sentence and as arithmetic, where a number is supported by the 1 % of the interval rule alone."""
    claim, claimed, measured = verdict.claim, verdict.claimed, verdict.measured
    if verdict.verdict != "supported" or verdict.parts or claim.claimed.quoted is None:
        return verdict
    if claimed is None or measured is None or overlap(claimed, measured):
        return verdict
    unit, number = claimed.unit, Quantity(scale_of(claim), claimed.unit)
    if measured.low >= claimed.high:
        formula, ends = "measured − claimed", (measured.low, claimed.high)
    else:
        formula, ends = "claimed − measured", (claimed.low, measured.high)
    names = formula.split(" − ")
    inputs: dict[str, Quantity | str] = {n: Quantity(v, unit) for n, v in zip(names, ends, strict=True)}
    gap = Quantity(ends[0] - ends[1], unit)
    share = Quantity(100 * gap.value / number.value, "percent")
    template = (
        " The nearest measured value lies {gap} outside of what {number} stands for, {gap_share} of it; up to "
        "{same} counts as the same."
    )
    more = {"gap": gap, "number": number, "gap_share": share, "same": Quantity(100 * SAME, "percent")}
    return replace(
        verdict,
        summary=Statement(verdict.summary.template + template, {**verdict.summary.values, **more}),
        steps=(
            *verdict.steps,
            Step("Gap between the nearest ends of what is claimed and what was measured", formula, inputs, gap),
            Step("The gap as a share of the claim", "100 × gap / number", {"gap": gap, "number": number}, share),
        ),
    )


def remarks(claim: Claim) -> tuple[str, ...]:
    """What the claims file says of how the claim is read."""
    return tuple(claim.params.get("remarks") or ())


def judged(claim: Claim, readings: Sequence[Reading], unit: str) -> tuple[Interval, Interval, Comparison]:
    """Compare the claim's number with the range over the readings in `unit`."""
    claimed = claimed_interval(claim.claimed)
    if claimed is None or claim.claimed.quoted is None:
        raise ValueError(f"the claim {claim.id!r} quotes no number")
    measured = measured_interval(readings, unit)
    return claimed, measured, compare(claimed, measured, scale_of(claim))


def scale_of(claim: Claim) -> float:
    """The claimed number in the unit of its interval: what 1 % and 15 % are taken of."""
    return float(claim.claimed.quoted or "nan") * base_unit(claim.claimed.unit)[1]


def readings_caveat(claim: Claim, readings: Sequence[Reading], unit: str, verdict: VerdictWord) -> list[str]:
    """Say so where one reading alone would have been judged otherwise than the range over all of them."""
    words: dict[VerdictWord, list[str]] = {}
    for reading in (r for r in readings if r.unit == unit):
        word = judged(claim, [reading], unit)[2].verdict
        if word != verdict:
            label = f"{reading.label} (the headline reading)" if reading.headline else reading.label
            words.setdefault(word, []).append(label)
    return [f"Taken alone, {'; '.join(labels)} would be {word}." for word, labels in words.items()]


def asked(claimed: Interval) -> tuple[str, dict[str, Quantity | str]]:
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
