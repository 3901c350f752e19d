"""Words for an answer that several kinds of claim share: the verdict that nothing decides, and the final assembly."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.claims.interval import Comparison, claimed_interval, compare, measured_interval
from eventstudy.verdicts import Claim, Interval, Reading, Statement, Verdict, VerdictWord

#: How a finding stands to the claim, in the middle of a sentence.
STANDS: dict[VerdictWord, str] = {
    "supported": "which bears the claim out",
    "imprecise": "which is near the claim but not it",
    "contradicted": "which is not what the claim says",
    "partly": "which bears out a part of the claim",
    "unresolved": "which leaves the claim open",
}


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
    from eventstudy.claims.interval import base_unit

    return float(claim.claimed.quoted or "nan") * base_unit(claim.claimed.unit)[1]


def headline_caveat(claim: Claim, readings: Sequence[Reading], unit: str, verdict: VerdictWord) -> list[str]:
    """Say so where the headline reading alone would have been judged otherwise than the range over all readings."""
    alone, *_ = [r for r in readings if r.headline and r.unit == unit]
    _, _, comparison = judged(claim, [alone], unit)
    if comparison.verdict == verdict:
        return []
    return [
        f"The headline reading alone ({alone.label}) would be {comparison.verdict}; "
        f"the range over all readings shown is {verdict}."
    ]
