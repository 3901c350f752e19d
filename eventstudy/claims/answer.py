"""Words for an answer that several kinds of claim share: the verdict that nothing decides, and the final assembly."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.claims.interval import Comparison, base_unit, claimed_interval, compare, measured_interval
from eventstudy.verdicts import Claim, Interval, Reading, Statement, Verdict, VerdictWord


def unresolved(claim: Claim, reason: str) -> Verdict:
    """No answer, with the reason, which names the data that would give one."""
    said = Statement("This cannot be decided with the data at hand: {reason}", {"reason": reason})
    return Verdict(claim, "unresolved", said, claimed=_claimed(claim), reason=reason, caveats=remarks(claim))


def _claimed(claim: Claim) -> Interval | None:
    return claimed_interval(claim.claimed)


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
