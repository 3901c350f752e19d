"""The registry of the kinds of claim, and the way from a claim to its verdict.

A kind is a card with a pure function. A function that lacks data raises `MissingPriceError`; `judge` turns it into an
unresolved verdict that names the missing data.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventstudy.claims import (
    abnormal_move,
    activity,
    aggregate,
    consistency,
    dates,
    event_dates,
    group_move,
    level,
    market_value,
    persistence,
    price_move,
    price_path,
    rank,
    rank_among,
    record,
    reference,
    relative_move,
    statistic,
    streak,
    timing,
)
from eventstudy.claims.answer import like_a_fraction, unresolved
from eventstudy.claims.card import Kind
from eventstudy.errors import EventStudyError, MissingPriceError, SpecError, UnknownNameError
from eventstudy.objects.verdicts import Claim, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.load import ClaimBook
    from eventstudy.objects.results import StudyResult

CLAIM_KINDS: dict[str, Kind] = {
    "price_move": price_move.CARD,
    "market_value": market_value.CARD,
    "record": record.RECORD,
    "record_multiple": record.RECORD_MULTIPLE,
    "record_holder": record.RECORD_HOLDER,
    "group_move": group_move.CARD,
    "rank": rank.CARD,
    "reference": reference.CARD,
    "aggregate": aggregate.CARD,
    "timing": timing.CARD,
    "abnormal_move": abnormal_move.CARD,
    "event_dates": event_dates.CARD,
    "persistence": persistence.CARD,
    "price_path": price_path.CARD,
    "consistency": consistency.CARD,
    "dates": dates.CARD,
    "level": level.CARD,
    "rank_among": rank_among.CARD,
    "relative_move": relative_move.CARD,
    "streak": streak.CARD,
    "activity": activity.CARD,
    "statistic": statistic.CARD,
}


def judge(claim: Claim, result: StudyResult) -> Verdict:
    """Judge one claim.

    Raises
    ------
    UnknownNameError : no such kind of claim.
    SpecError : what is registered under the kind is not a card, or its function fails or does not return a verdict on
        the claim.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> from eventstudy.objects.verdicts import Claimed, Source
    >>> claimed = Claimed("fall", "3", modifier="about")
    >>> claim = Claim("c1", "price_move", "S01 fell 3 percent.", (Source("a", "A"),), claimed, tickers=("S01",))
    >>> judge(claim, example_result()).verdict
    'unresolved'
    """
    if claim.kind not in CLAIM_KINDS:
        raise UnknownNameError("claim kind", claim.kind, tuple(CLAIM_KINDS), file=claim.file, line=claim.line)
    card = CLAIM_KINDS[claim.kind]
    if not isinstance(card, Kind):
        raise SpecError(
            f"the claim kind {claim.kind!r} is registered as {card!r}; CLAIM_KINDS holds cards, "
            "eventstudy.claims.card.Kind(name=, judge=, words=, ...)"
        )
    words = card.misfit(claim.claimed, claim.params) if card.misfit is not None else None
    if words is not None:
        raise SpecError(f"the claim {claim.id!r}: {words}", file=claim.file, line=claim.line)
    try:
        verdict = _verdict(card, claim, result)
    except MissingPriceError as error:
        return unresolved(claim, str(error))
    hint = like_a_fraction(verdict)
    return verdict if hint is None else replace(verdict, caveats=(*verdict.caveats, hint))


def _verdict(card: Kind, claim: Claim, result: StudyResult) -> Verdict:
    """What the function of a kind says; of one that a user wrote, whatever goes wrong is told by the kind's name."""
    ours = str(getattr(card.judge, "__module__", "")).startswith("eventstudy.")
    try:
        verdict = card.judge(claim, result)
    except EventStudyError:
        raise
    except Exception as error:
        if ours:
            raise
        came = f"{type(error).__name__}: {error}"
        raise SpecError(
            f"the claim kind {card.name!r} failed on the claim {claim.id!r}: {came}", file=claim.file, line=claim.line
        ) from error
    if not isinstance(verdict, Verdict) or verdict.claim is not claim:
        came = f"a verdict on {verdict.claim.id!r}" if isinstance(verdict, Verdict) else repr(verdict)
        raise SpecError(
            f"the claim kind {card.name!r} returned {came}; its function takes a claim and a result and returns a "
            f"Verdict on that claim, here {claim.id!r}",
            file=claim.file,
            line=claim.line,
        )
    return verdict


def judge_all(book: ClaimBook, result: StudyResult) -> tuple[Verdict, ...]:
    """Judge every claim of a claims file, in its order.

    Examples
    --------
    >>> from eventstudy.claims.load import ClaimBook
    >>> from eventstudy.example import example_result
    >>> judge_all(ClaimBook({}, ()), example_result())
    ()
    """
    return tuple(judge(claim, result) for claim in book.claims)
