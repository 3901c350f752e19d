"""A test that may be a user's own function: called, and what it gives checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult


def called(test: Callable[..., Any], abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """What `test` says of `abnormal` over `window`.

    Raises
    ------
    SpecError : whatever a function raises on its own account, and an answer that is no `InferenceResult`; it names
        the function.
    """
    name = getattr(test, "__name__", None) or repr(test)
    try:
        result = test(abnormal, window)
    except EventStudyError:
        raise
    except Exception as error:
        raise SpecError(
            f"the test {name!r} raised {type(error).__name__}: {error}; a test is a function "
            "(AbnormalReturns, Window) -> InferenceResult"
        ) from error
    if not isinstance(result, InferenceResult):
        raise SpecError(f"the test {name!r} gave {result!r}; it has to return an InferenceResult")
    return result
