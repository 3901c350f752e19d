"""Cards of the providers and of the quality checks: everything that is true of one stands in one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventstudy.objects.cards import complete
from eventstudy.objects.prices import Issue, PricePanel, PriceQuery, RawPrices, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """All facts about where prices come from.

    ``read`` answers a query; ``words`` as in "from pinned prices"; ``network`` says whether it opens a connection,
    ``options`` what may be said of its source, and ``keys`` which environment variables hold keys that it needs.
    """

    read: Callable[[PriceQuery], RawPrices]
    words: str
    network: bool
    options: tuple[str, ...]
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """All facts about a check of prices.

    ``find`` looks at a panel; ``codes`` of its findings, by which a study accepts one; ``words`` what it finds;
    ``severity`` the gravest that it reports; ``fix`` what to do.
    """

    find: Callable[[PricePanel], list[Issue]]
    codes: tuple[str, ...]
    words: str
    severity: Severity
    fix: str

    def __post_init__(self) -> None:
        complete(self)
