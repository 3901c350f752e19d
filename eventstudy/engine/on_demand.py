"""Loops compiled when they are first called: numba is imported then, and only if they are called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def when_called(function: _F) -> _F:
    """`arithmetic.compiled`, put off until the first call, so that the loop may stand beside what it serves."""
    made: list[_F] = []

    @wraps(function)
    def call(*args: Any) -> Any:
        if not made:
            from eventstudy.engine.arithmetic import compiled

            made.append(compiled(function))
        return made[0](*args)

    return call  # type: ignore[return-value]
