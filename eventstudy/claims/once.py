"""What many claims of a study ask for is worked out once a study, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from eventstudy.objects.results import StudyResult

P = ParamSpec("P")
R = TypeVar("R")


def once_a_study(function: Callable[Concatenate[StudyResult, P], R]) -> Callable[Concatenate[StudyResult, P], R]:
    """Keep what `function` of a result and some hashable arguments returns, which nobody may change afterwards.

    An error is not kept: it is raised anew each time.
    """
    kept: WeakKeyDictionary[StudyResult, dict[Any, R]] = WeakKeyDictionary()

    @wraps(function)
    def looked_up(result: StudyResult, /, *args: P.args, **kwargs: P.kwargs) -> R:
        known, asked = kept.setdefault(result, {}), (args, tuple(kwargs.items()))
        if asked not in known:
            known[asked] = function(result, *args, **kwargs)
        return known[asked]

    return looked_up
