"""The card of a kind of claim: what it asks, what its YAML may hold, how it is judged, by which function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventstudy.claims.interval import UNITS
from eventstudy.objects.cards import complete
from eventstudy.objects.verdicts import Claim, Claimed, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

ONE = ("security",)
MANY = ("group", "tickers")
ANY = (*ONE, *MANY)
PERCENT = ("percent",)
MONEY = ("usd", "eur", "jpy", "gbp", "twd")
A_SHARE = tuple(f"{code} a share" for code in MONEY)
"""Money a share: plain units, no millions or billions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All facts about a kind of claim.

    Parameters
    ----------
    name : its name in ``CLAIM_KINDS``.
    judge : the function that gives the verdict on a claim.
    words : the question that it asks.
    rule : how the answer is reached.
    default_reading : what its words mean where the sentence does not say.
    params : makes the model of its params. It is called only when a file is read, so that nothing else loads pydantic.
    tables : the reference tables without which a claim stays unresolved.
    subjects : the keys of which a claim names one, () for none.
    directed, number, word : whether it needs a direction, needs a number, or may have a word instead.
    units : the base units of the number; ``usd a share`` admits plain dollars alone.
    vendors : whether it is measured from inputs that vendors publish differently (market values, their sums and
        multiples), so that a number may be off by 1 %.
    misfit : (claimed, params) -> why the two do not go together, in words, or None where they do.

    Examples
    --------
    >>> from eventstudy.claims import CLAIM_KINDS
    >>> CLAIM_KINDS["group_move"].subjects, CLAIM_KINDS["group_move"].units
    (('group', 'tickers'), ('percent',))
    """

    name: str
    judge: Callable[[Claim, StudyResult], Verdict]
    words: str
    rule: str
    default_reading: str
    params: Callable[[], type[Params]]
    tables: tuple[str, ...]
    subjects: tuple[str, ...]
    directed: bool
    number: bool
    word: bool
    units: tuple[str, ...]
    vendors: bool
    misfit: Callable[[Claimed, Mapping[str, Any]], str | None] | None = None

    def __post_init__(self) -> None:
        complete(self)

    @property
    def claimed_units(self) -> tuple[str, ...]:
        """The units that a claims file may give its number in.

        Examples
        --------
        >>> from eventstudy.claims import CLAIM_KINDS
        >>> CLAIM_KINDS["rank"].claimed_units, "usd_bn" in CLAIM_KINDS["price_move"].claimed_units
        (('rank',), False)
        """
        return tuple(
            unit
            for unit, (base, factor) in UNITS.items()
            if base in self.units or (factor == 1 and f"{base} a share" in self.units)
        )
