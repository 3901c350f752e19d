"""Words and numbers for captions: groups as a reader knows them, quantities rounded later and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.errors import joined
from eventstudy.objects.verdicts import Quantity


def spoken(identifier: str) -> str:
    """The id of a group or event as words.

    >>> spoken("ai_basket"), spoken("tokyo-next-day"), spoken("DAX 40")
    ('AI basket', 'tokyo next day', 'DAX 40')
    """
    words = identifier.replace("_", " ").replace("-", " ").split(" ")
    return " ".join("AI" if word == "ai" else word for word in words)


def group(identifier: str) -> str:
    """A group in a sentence.

    >>> group("ai_basket")
    'the group “AI basket”'
    """
    return f"the group “{spoken(identifier)}”"


def count(value: float) -> Quantity:
    """How many."""
    return Quantity(float(value), "count")


def move(value: float) -> Quantity:
    """A return that is shown with its sign, 0.17 for +17 %."""
    return Quantity(float(value), "signed_decimal")


def share(alpha: float) -> str:
    """The confidence of an interval in words: ``95%`` for alpha 0.05.

    >>> share(0.05), share(0.001)
    ('95%', '99.9%')
    """
    return f"{100 * (1 - alpha):g}%"


def few(names: Iterable[str], units: str, most: int = 6) -> str:
    """Names as `listed`, or how many there are where they are more than `most`.

    >>> few(["NVDA", "AVGO"], "securities"), few(["a", "b", "c"], "events", 2)
    ('NVDA and AVGO', '3 events')
    """
    found = [*names]
    return listed(found) if len(found) <= most else f"{len(found)} {units}"


def listed(names: Iterable[str], nobody: str = "") -> str:
    """Names as ``A, B and C``, or `nobody` where there are none.

    >>> listed(["NVDA", "AVGO", "TSM"]), listed(["NVDA"]), listed([], "none")
    ('NVDA, AVGO and TSM', 'NVDA', 'none')
    """
    return joined([*names]) or nobody
