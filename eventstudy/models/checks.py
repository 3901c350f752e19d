"""What a model has to return, checked where it comes in: a function of one's own may get it wrong."""

from __future__ import annotations

import numpy as np

from eventstudy.datatypes import EventPanel, NormalReturns
from eventstudy.errors import SpecError


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
            f"the model {name!r} gives event {bad[0]} ({panel.event_tickers[bad[0]]}) no reason, and yet parameters "
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
