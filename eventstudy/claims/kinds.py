"""Claim, StudyResult -> Verdict: the kinds of claim. One function and one entry each.

A kind is a pure function; what it cannot find it raises as `MissingPriceError`, which `judge` turns into an unresolved
verdict that names the missing data.
"""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.claims.abnormal_move import abnormal_move
from eventstudy.claims.aggregate import aggregate
from eventstudy.claims.answer import tolerated, unresolved
from eventstudy.claims.consistency import consistency
from eventstudy.claims.event_dates import event_dates
from eventstudy.claims.group_move import group_move
from eventstudy.claims.load import ClaimBook
from eventstudy.claims.market_value import market_value
from eventstudy.claims.persistence import persistence
from eventstudy.claims.price_move import price_move
from eventstudy.claims.price_path import price_path
from eventstudy.claims.rank import rank
from eventstudy.claims.record import record, record_holder, record_multiple
from eventstudy.claims.reference import reference
from eventstudy.claims.timing import timing
from eventstudy.errors import MissingPriceError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Verdict
from eventstudy.registry import lookup

Kind = Callable[[Claim, StudyResult], Verdict]

CLAIM_KINDS: dict[str, Kind] = {
    "price_move": price_move,
    "market_value": market_value,
    "record": record,
    "record_multiple": record_multiple,
    "record_holder": record_holder,
    "group_move": group_move,
    "rank": rank,
    "reference": reference,
    "aggregate": aggregate,
    "timing": timing,
    "abnormal_move": abnormal_move,
    "event_dates": event_dates,
    "persistence": persistence,
    "price_path": price_path,
    "consistency": consistency,
}


def judge(claim: Claim, result: StudyResult) -> Verdict:
    """Try one claim.

    Raises
    ------
    UnknownNameError : no such kind of claim.
    """
    kind = lookup(CLAIM_KINDS, claim.kind, "claim kind")
    try:
        return tolerated(kind(claim, result))
    except MissingPriceError as error:
        return unresolved(claim, str(error))


def judge_all(book: ClaimBook, result: StudyResult) -> tuple[Verdict, ...]:
    """Try every claim of a book, in its order."""
    return tuple(judge(claim, result) for claim in book.claims)
