"""Estimation and event window of any number of events at once: the contract for everything large.

Two engines say the same: numpy, always there, and numba (``fast.py``), used for many events where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstudy.datatypes import FloatArray, IntArray, Window
from eventstudy.errors import WindowError
from eventstudy.models.by_date import by_date, sort_by
from eventstudy.models.estimates import CodeArray, Estimates, Laid
from eventstudy.models.forecast import EventDays, abnormal, columns_of, cumulated, event_days
from eventstudy.models.masked import masked

Outputs = Literal["car", "ar", "full"]
Engine = Literal["auto", "numpy", "numba"]
BLOCK = 1024  # events with holes at once


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """N events without names: ``returns`` (S, D) float64 in C order, NaN where missing; ``security`` and ``day`` (N,)
    int32, the row of each event and the column of its day zero; windows and the least number of returns as in
    `EventPanel`.
    """

    returns: FloatArray
    security: IntArray
    day: IntArray
    estimation: Window
    event: Window
    min_obs: int


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What `measure` says of N events, NaN where it cannot be said; None where it was not asked for.

    ``params`` (N, p); ``sigma`` (N,) decimal a day; ``nobs`` (N,) returns used; ``nu`` (N,) degrees of freedom;
    ``r_squared`` (N,); ``refusal`` (N,) 0 where estimated, else 1 too few returns, 2 constant returns, 3 a column that
    does not vary or depends on others, 4 no residual variance; ``ar``, ``sar`` (N, L) over the event window; ``car``,
    ``scar`` (N, W) over each of the windows; ``positive`` (N,) share of the estimation residuals above zero.
    """

    params: FloatArray | None
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    r_squared: FloatArray | None
    refusal: CodeArray
    ar: FloatArray | None
    sar: FloatArray | None
    car: FloatArray
    scar: FloatArray
    positive: FloatArray | None


def measure(
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    windows: Sequence[Window],
    outputs: Outputs = "full",
    engine: Engine = "auto",
) -> Measured:
    """Estimate the normal return of every event by least squares, and measure its event window.

    ``b = (X'X)^-1 X'y`` over the estimation window, ``AR = R - offset - x'b``, ``SAR = AR / (sigma sqrt(c))`` with
    ``c = 1 + x'(X'X)^-1 x``, ``CAR`` the sum over a window and ``SCAR = CAR / (sigma sqrt(L + 1'X_w (X'X)^-1 X_w'1))``:
    what `AbnormalReturns` has for an `EventPanel`, and by the same code what `least_squares` estimates.

    Parameters
    ----------
    layout : N events on D sessions.
    design, offset : (D, p) regressors, the first all ones if there is a `constant`, and (D,) the known part.
    windows : W windows inside the event window.
    outputs : ``car`` keeps no params, r_squared, ar, sar; ``ar`` no r_squared and sar; ``full`` everything.
    engine : ``auto`` takes numba for many events where it is installed.

    Returns
    -------
    Measured. Events of a slice of the layout get the numbers that they get in the whole.

    Raises
    ------
    WindowError : a window outside the event window.

    References
    ----------
    Patell (1976); MacKinlay (1997), section 4; Campbell, Lo and MacKinlay (1997), section 4.4.

    Examples
    --------
    >>> r = np.random.default_rng(0).normal(0.0, 0.01, (2, 60))
    >>> layout = Layout(r[1:], np.zeros(1, np.int32), np.full(1, 55, np.int32), Window(-50, -3), Window(-2, 2), 30)
    >>> design = np.column_stack([np.ones(60), r[0]])
    >>> found = measure(layout, design, np.zeros(60), True, [Window(0, 0), Window(-1, 1)])
    >>> found.car.shape, int(found.nobs[0]), int(found.nu[0])
    ((1, 2), 48, 46)
    """
    for window in windows:
        if not layout.event.contains(window):
            raise WindowError(f"window {window} lies outside the event window {layout.event}")
    n, p = len(layout.day), design.shape[1]
    out = _empty(n, p, layout.event.length, len(windows), outputs)
    spans = columns_of(layout.event, windows)
    days: EventDays | None = None
    shared = None
    for fit in estimates(layout, design, offset, constant):
        if days is None or fit.shared is not shared:
            shared, days = fit.shared, event_days(layout, fit.shared, design, offset, windows)
        _keep(out, layout, fit, days, spans)
    return out


def estimates(layout: Laid, design: FloatArray, offset: FloatArray, constant: bool) -> Iterator[Estimates]:
    """Estimates of all events, some hundreds at a time: by dates where nothing is missing, else by masks."""
    left = [np.arange(len(layout.day), dtype=np.int32)]
    if design.ndim == 2 and offset.ndim == 1:
        left = []
        for part in by_date(layout, design, offset, constant):
            if isinstance(part, Estimates):
                yield part
            else:
                left.append(part)
    rest = np.concatenate(left) if left else np.empty(0, np.int32)
    # Sorted by security, the rows of a block stay in cache.
    rest = rest[sort_by(layout.security[rest], len(layout.returns))]
    for start in range(0, len(rest), BLOCK):
        yield masked(layout, rest[start : start + BLOCK], design, offset, constant)


def _empty(n: int, p: int, days: int, windows: int, outputs: Outputs) -> Measured:
    full, ar = outputs == "full", outputs != "car"
    return Measured(
        params=np.full((n, p), np.nan) if ar else None,
        sigma=np.full(n, np.nan),
        nobs=np.zeros(n, np.int32),
        nu=np.full(n, np.nan),
        r_squared=np.full(n, np.nan) if full else None,
        refusal=np.zeros(n, np.int8),
        ar=np.full((n, days), np.nan) if ar else None,
        sar=np.full((n, days), np.nan) if full else None,
        car=np.full((n, windows), np.nan),
        scar=np.full((n, windows), np.nan),
        positive=np.full(n, np.nan),
    )


def _keep(out: Measured, layout: Layout, fit: Estimates, days: EventDays, spans: Sequence[slice]) -> None:
    """Write what is known of the events of `fit` into their places in `out`."""
    rows, which = fit.rows, fit.which
    out.sigma[rows], out.nobs[rows], out.nu[rows], out.refusal[rows] = fit.sigma, fit.nobs, fit.nu, fit.refusal
    if out.positive is not None:
        out.positive[rows] = fit.positive
    if out.params is not None:
        out.params[rows] = fit.params
    if out.r_squared is not None:
        out.r_squared[rows] = fit.r_squared
    ar = abnormal(layout, fit, days)
    # With no parameter, nothing but this says that an event was refused.
    ar[fit.refusal > 0] = np.nan
    car = cumulated(ar, spans)
    out.car[rows] = car
    out.scar[rows] = car / (fit.sigma[:, None] * days.sum_error[which])
    if out.ar is not None:
        out.ar[rows] = ar
    if out.sar is not None:
        out.sar[rows] = ar / (fit.sigma[:, None] * days.error[which])
