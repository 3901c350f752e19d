"""Numbers for captions: a quantity with its unit, rounded later and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.verdicts import Quantity


def count(value: float) -> Quantity:
    """How many."""
    return Quantity(float(value), "count")


def decimal(value: float) -> Quantity:
    """A return, 0.17 for 17 %."""
    return Quantity(float(value), "decimal")


def share(alpha: float) -> str:
    """The confidence of an interval in words: ``95%`` for alpha 0.05.

    >>> share(0.05), share(0.001)
    ('95%', '99.9%')
    """
    return f"{100 * (1 - alpha):g}%"


def listed(names: Iterable[str], nobody: str) -> str:
    """Names in a row, or `nobody` where there are none."""
    return ", ".join(names) or nobody
