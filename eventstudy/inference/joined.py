"""The events of two groups as one sample: what a portfolio long in the one and short in the other is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.abnormal import AbnormalReturns

_PER_EVENT = ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")


def joined(first: AbnormalReturns, second: AbnormalReturns) -> AbnormalReturns | str:
    """The events of two groups as one, the first group's first; the reason instead, where they do not fit together."""
    a, b = first.panel, second.panel
    if not a.sessions.equals(b.sessions):
        return f"needs one calendar for both groups, they have the sessions of {a.exchange} and {b.exchange}"
    if (a.estimation, a.event, first.normal.model) != (b.estimation, b.event, second.normal.model):
        return "needs the same model and the same estimation and event windows for both groups"
    parts = _shared_parts(first, second)
    if isinstance(parts, str):
        return parts
    shift = 0 if a.returns is b.returns else len(a.tickers)
    panel = replace(
        a,
        tickers=a.tickers + b.tickers if shift else a.tickers,
        returns=np.concatenate([a.returns, b.returns]) if shift else a.returns,
        events=a.events + b.events,
        day_zero=a.day_zero + b.day_zero,
        security=np.concatenate([a.security, b.security + np.int32(shift)]),
        day=np.concatenate([a.day, b.day]),
    )
    own: dict[str, Any] = {
        name: np.concatenate([getattr(n, name) for n in (first.normal, second.normal)]) for name in _PER_EVENT
    }
    normal = replace(
        first.normal,
        reason=first.normal.reason + second.normal.reason,
        least_squares=first.normal.least_squares and second.normal.least_squares,
        **own,
        **parts,
    )
    allow = first.allow_missing or second.allow_missing
    return AbnormalReturns(panel, normal, np.concatenate([first.ar, second.ar]), allow)


def _shared_parts(first: AbnormalReturns, second: AbnormalReturns) -> dict[str, Any] | str:
    """Design, offset, variance and residuals of both: shared where they are the same, else one an event."""
    out: dict[str, Any] = {}
    for name, own_dimensions in (("design", 3), ("offset", 2), ("variance", 2), ("residuals", 2)):
        one, two = getattr(first.normal, name), getattr(second.normal, name)
        if one is not None and two is not None and one.ndim == two.ndim == own_dimensions:
            out[name] = np.concatenate([one, two])
        elif one is two or (one is not None and two is not None and np.array_equal(one, two, equal_nan=True)):
            out[name] = one
        else:
            return "needs one benchmark and one set of regressors for both groups"
    return out
