"""A model that may be a user's own function: called, checked, and its arrays made what the package relies on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.engine.ols import read_only
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.estimation import EventPanel, NormalReturns

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


def check_estimates(normal: object, panel: EventPanel, model: object) -> NormalReturns:
    """The estimates themselves, if they fit the panel; SpecError saying what came and what was expected.

    N estimates with the shapes that `NormalReturns` documents, and finite parameters, sigma > 0 and nu > 0 for each
    event that has no reason.
    """
    name = model if isinstance(model, str) else getattr(model, "__name__", None) or repr(model)
    n = panel.n_events
    if not isinstance(normal, NormalReturns) or len(normal.reason) != n:
        came = f"{len(normal.reason)} of them" if isinstance(normal, NormalReturns) else type(normal).__name__
        raise SpecError(f"the model {name!r} has to return NormalReturns of {n} events, got {came}")
    for what, allowed in _shapes(normal, panel).items():
        shape = np.shape(getattr(normal, what))
        if shape not in allowed:
            wanted = " or ".join(str(a) for a in allowed)
            raise SpecError(f"the model {name!r} returns {what} of shape {shape}, expected {wanted}")
    estimated = np.array([reason is None for reason in normal.reason], dtype=np.bool_)
    whole = np.isfinite(normal.params).all(axis=1) & (normal.sigma > 0) & (normal.nu > 0) & np.isfinite(normal.sigma)
    if (bad := np.flatnonzero(estimated & ~whole)).size:
        raise SpecError(
            f"the model {name!r} gives event {bad[0]} ({panel.keys[bad[0]]}) no reason, and yet parameters "
            "that are not finite, or a sigma or nu that is not positive; give the reason why it was not estimated"
        )
    return normal


def _shapes(normal: NormalReturns, panel: EventPanel) -> dict[str, tuple[tuple[int, ...], ...]]:
    """The shapes allowed for each array; those that are None are left out."""
    n, p, days = panel.n_events, len(normal.names), len(panel.sessions)
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        "params": ((n, p),),
        "xtx_inv": ((n, p, p),),
        **dict.fromkeys(("sigma", "nobs", "nu", "r_squared"), ((n,),)),
        "design": ((days, p), (n, days, p)),
        "offset": ((days,), (n, days)),
    }
    if normal.variance is not None:
        shapes["variance"] = ((n, panel.event.length),)
    if normal.residuals is not None:
        shapes["residuals"] = ((n, panel.estimation.length),)
    return shapes
