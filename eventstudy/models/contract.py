"""A model that may be a user's own function: called, and its arrays made what the rest of the package relies on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.datatypes import EventPanel
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.models.ols import read_only

_FLOATS = ("design", "offset", "params", "sigma", "nu", "xtx_inv", "r_squared", "variance", "residuals")


def called(fit: Callable[[EventPanel], Any], panel: EventPanel) -> Any:
    """What `fit` says of `panel`; whatever a function raises on its own account becomes a SpecError that names it."""
    try:
        return fit(panel)
    except EventStudyError:
        raise
    except Exception as error:
        name = getattr(fit, "__name__", None) or repr(fit)
        raise SpecError(f"the model {name!r} raised {type(error).__name__}: {error}") from error


def finished(normal: Any) -> Any:
    """The same estimates as float64 arrays that cannot be written to, nobs whole numbers, names and reasons tuples.

    Nothing but a `NormalReturns` has these; another thing is returned as it came.

    Raises
    ------
    SpecError : an array that is not of numbers, or reasons that are not one an event.
    """
    if not hasattr(normal, "params") or not hasattr(normal, "reason"):
        return normal
    if not isinstance(normal.reason, tuple | list):
        raise SpecError(
            f"the model {normal.model!r} gives reason {normal.reason!r}; it has to be one for each event, "
            "None where it was estimated"
        )
    arrays = {name: _array(normal, name) for name in _FLOATS if getattr(normal, name) is not None}
    nobs = _array(normal, "nobs")
    arrays["nobs"] = np.where(np.isfinite(nobs), nobs, 0.0).astype(np.int32)
    fixed = {name: read_only(array) for name, array in arrays.items()}
    return replace(normal, names=tuple(normal.names), reason=tuple(normal.reason), **fixed)


def _array(normal: Any, name: str) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(getattr(normal, name), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpecError(f"the model {normal.model!r} gives {name} that is no array of numbers: {error}") from error
