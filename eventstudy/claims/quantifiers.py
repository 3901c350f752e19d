"""One answer for a group from the answers for its members: all, most, none, only these, so many of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from eventstudy.claims.answer import point
from eventstudy.claims.interval import Comparison, claimed_interval, combine, compare
from eventstudy.objects.verdicts import Claimed, Note, VerdictWord

Quantifier = Literal["all", "most", "none", "only", "each", "count", "mean"]


def quantified(
    quantifier: Quantifier,
    members: Sequence[Comparison],
    others: Sequence[Comparison] = (),
    claimed: Claimed | None = None,
) -> tuple[VerdictWord, Note | None]:
    """One word for a group from the words for its members; `claimed` is the number that ``count`` asks for.

    >>> moved = [Comparison(word, None, 0.0) for word in ("supported", "supported", "contradicted")]
    >>> quantified("most", moved)[0], quantified("all", moved)[0]
    ('supported', 'contradicted')
    >>> quantified("count", moved, claimed=Claimed("none", "2", "count"))[0]
    'supported'
    """
    words = [c.verdict for c in members]
    hits = sum(w == "supported" for w in words)
    match quantifier:
        case "each":
            word = combine(words)
            notes = {c.note for c in members}
            return word, notes.pop() if len(notes) == 1 and word != "partly" else None
        case "count":
            found = _count(claimed or Claimed("none", "0", "count"), hits)
            return found.verdict, found.note
        case "none":
            return ("contradicted" if hits else "supported"), None
        case "most":
            if 2 * hits > len(words):
                return "supported", None
            moved = sum(w != "contradicted" for w in words)
            return ("imprecise", _missed(members)) if 2 * moved > len(words) else ("contradicted", None)
        case "only" if any(c.verdict == "supported" for c in others):
            return "contradicted", None
        case _:  # all, and the half of `only` that concerns the members
            if "contradicted" in words:
                return "contradicted", None
            return ("supported", None) if hits == len(words) else ("imprecise", _missed(members))


def _count(claimed: Claimed, hits: int) -> Comparison:
    """How many members moved so against how many were claimed: a count of securities is exact."""
    number = claimed.value or 0.0
    wanted = claimed_interval(claimed)
    if wanted is None or claimed.modifier == "exactly":
        wanted = point(number, "count")
    return compare(wanted, point(float(hits), "count"), max(number, 1.0))


def _missed(members: Sequence[Comparison]) -> Note | None:
    """Which way the members that are imprecise miss; None where they differ."""
    notes = {c.note for c in members if c.verdict == "imprecise"}
    return notes.pop() if len(notes) == 1 else None


def counted(params: Mapping[str, Any]) -> Claimed | None:
    """How many members a claim says, as a number with its modifier."""
    count = params.get("count")
    return None if count is None else Claimed("none", str(count), "count", params.get("count_modifier", "exactly"))


def said_count(params: Mapping[str, Any]) -> str:
    """The same in words: ``at least 12``."""
    modifier = params.get("count_modifier", "exactly")
    return f"{'' if modifier == 'exactly' else modifier.replace('_', ' ') + ' '}{params.get('count')}"


def _possible(n: int) -> Iterator[list[Comparison]]:
    """What `n` members without data may have done: none of them moved so, one did, and so on to all of them."""
    for hits in range(n + 1):
        yield [Comparison("supported" if k < hits else "contradicted", None, 0.0) for k in range(n)]


def could_turn(
    params: Mapping[str, Any],
    members: Sequence[Comparison],
    others: Sequence[Comparison],
    missing: tuple[Sequence[str], Sequence[str]],
) -> str | None:
    """Why the answer is open: members, or the others, that have no data could turn it; None where they could not."""
    quantifier = params["quantifier"]
    if not any(missing) or quantifier == "each":
        return None
    said = "; ".join((*missing[0], *missing[1]))
    if quantifier == "mean":
        return f"a mean takes every member: {said}"
    answers = {
        quantified(quantifier, [*members, *own], [*others, *other], counted(params))[0]
        for own in _possible(len(missing[0]))
        for other in _possible(len(missing[1]))
    }
    return None if len(answers) == 1 else f"a member without data could turn the answer: {said}"
