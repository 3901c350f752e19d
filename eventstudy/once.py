"""Compute something once: it is kept with the object it was computed from, and forgotten with it.

What takes no argument is a `functools.cached_property`; what takes some is a function, or a method, under `once`. Both
keep their value in the object's own ``__dict__``, so the object is a dataclass without slots, and a copy made by
`dataclasses.replace` starts empty.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

Owner = TypeVar("Owner")
P = ParamSpec("P")
R = TypeVar("R")
_NAME = "_once"


def known(owner: object) -> dict[Any, Any]:
    """What was computed from `owner` so far, by function and arguments."""
    found: dict[Any, Any] | None = owner.__dict__.get(_NAME)
    return owner.__dict__.setdefault(_NAME, {}) if found is None else found


def once(function: Callable[Concatenate[Owner, P], R]) -> Callable[Concatenate[Owner, P], R]:
    """Keep what `function` of an object and hashable arguments returns, which must not be changed afterwards.

    An error is not kept: it is raised again each time.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> @once
    ... def double(thing, times):
    ...     print("worked out")
    ...     return 2 * thing.size * times
    >>> thing = SimpleNamespace(size=3)
    >>> double(thing, 1), double(thing, 1)
    worked out
    (6, 6)
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def looked_up(owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> R:
        kept, key = known(owner), (name, args, *kwargs.items())
        try:
            there = key in kept
        except TypeError:  # an argument that is not hashable: the function refuses it in words of its own
            return function(owner, *args, **kwargs)
        if not there:
            kept[key] = function(owner, *args, **kwargs)
        value: R = kept[key]
        return value

    return looked_up
