"""The card of a kind of claim: what it asks, what its YAML may hold, how it is judged, by which function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventstudy.objects.cards import complete
from eventstudy.objects.verdicts import Claim, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

ONE = ("security",)
MANY = ("group", "tickers")
ANY = (*ONE, *MANY)
PERCENT = ("percent",)
MONEY = ("usd", "eur", "jpy", "gbp", "twd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All facts about a kind of claim.

    ``judge`` gives the verdict on a claim of it. ``words`` is the question that it asks, ``rule`` how the answer is
    reached and ``default_reading`` what its words mean where the sentence does not say. ``params`` makes the model of
    its params; only whoever reads a file calls it, so that nobody else loads pydantic. ``tables`` are the reference
    tables without which it stays unresolved. ``subjects`` are the keys of which a claim names one, () for none;
    ``directed``, ``number``, ``word`` say whether it needs a direction, a number, or may have a word instead;
    ``units`` are the base units of the number. ``vendors``: what is measured rests on inputs that vendors publish
    differently (market values, sums and multiples of them), so that a number may miss by 1 % of itself.
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

    def __post_init__(self) -> None:
        complete(self)
