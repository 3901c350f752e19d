"""Look a name up in a registry; a wrong name lists the right ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from eventstudy.errors import UnknownNameError

F = TypeVar("F")


def lookup(registry: Mapping[str, F], name: str | F, what: str) -> F:
    """Return the entry called `name`, or `name` itself where it is a user's own function.

    Raises
    ------
    UnknownNameError : no such entry; the message lists the names there are.

    Examples
    --------
    >>> lookup({"one": abs}, "one", "test")(-1)
    1
    >>> lookup({"one": abs}, "own", "test")
    Traceback (most recent call last):
        ...
    eventstudy.errors.UnknownNameError: unknown test 'own'. Did you mean 'one'? Known: one
    """
    if not isinstance(name, str):
        return name
    if name not in registry:
        raise UnknownNameError(what, name, tuple(registry))
    return registry[name]
