"""A model that may be a user's own function: called, checked, and its arrays made what the package relies on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.arguments import came
from eventstudy.engine.ols import read_only
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import EventPanel, NormalReturns

_FLOATS = ("design", "offset", "params", "sigma", "nu", "xtx_inv", "r_squared", "variance", "residuals")
_DUE = _FLOATS[:-2]  # the other two may be None


def called(model: Model, panel: EventPanel) -> Any:
    """What `model` says of `panel`; whatever a function raises on its own account becomes a SpecError that names it."""
    try:
        return model.fit(panel)
    except EventStudyError:
        raise
    except Exception as error:
        raise SpecError(f"the model {model.name!r} raised {type(error).__name__}: {error}") from error


def finished(normal: Any, name: str, n: int) -> NormalReturns:
    """The same estimates as float64 arrays that cannot be written to, nobs whole numbers, names and reasons tuples.

    Raises
    ------
    SpecError : something else than the `NormalReturns` of `n` events, an array that is not of numbers, names or reasons
        that are not valid; it says what came of the model `name`, and what is expected.
    """
    if not isinstance(normal, NormalReturns):
        what = "nothing (is a return missing?)" if normal is None else came(normal)
        raise SpecError(f"the model {name!r} has to return NormalReturns of {n} events, got {what}")
    names = _texts(normal.names, name, "names", "one text for each parameter, such as ('const', 'market')")
    due = f"{n} of them, one for each event: None where it was estimated, else a sentence that says why not"
    reasons = _texts(normal.reason, name, "reason", due, or_none=True)
    if len(reasons) != n:
        raise SpecError(f"the model {name!r} has to return NormalReturns of {n} events, got {len(reasons)} of them")
    arrays = {what: _array(normal, name, what) for what in _FLOATS if getattr(normal, what) is not None or what in _DUE}
    nobs = _array(normal, name, "nobs")
    arrays["nobs"] = np.where(np.isfinite(nobs), nobs, 0.0).astype(np.int32)
    fixed: dict[str, Any] = {what: read_only(array) for what, array in arrays.items()}
    return replace(normal, names=names, reason=reasons, **fixed)


def _texts(came: Any, name: str, what: str, due: str, or_none: bool = False) -> tuple[Any, ...]:
    """`came` as a tuple, where it is a list or tuple of texts."""
    some = tuple(came) if isinstance(came, tuple | list) else None
    if some is None or not all(isinstance(each, str) or (or_none and each is None) for each in some):
        raise SpecError(f"the model {name!r} gives {what} {came!r}; it has to be {due}")
    return some


def _array(normal: NormalReturns, name: str, what: str) -> np.ndarray[Any, Any]:
    came = getattr(normal, what)
    if came is None:
        raise SpecError(f"the model {name!r} gives no {what}: it is an array of numbers")
    try:
        return np.asarray(came, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpecError(f"the model {name!r} gives {what} that is not an array of numbers: {error}") from error


def check_estimates(normal: NormalReturns, panel: EventPanel, name: str) -> NormalReturns:
    """The estimates themselves, if they fit the panel; SpecError saying what came and what was expected.

    N estimates with the shapes that `NormalReturns` documents, and finite parameters, sigma > 0 and nu > 0 for each
    event that has no reason.
    """
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
