"""Estimation and event window of any number of events at once: the contract for everything large.

Two engines say the same: numpy, always there, and numba (``fast.py``), used for many events where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
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
MANY = 5_000  # events from which numba is used where it is installed: below, its own start costs more


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
    positive: FloatArray


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
    out = _empty(len(layout.day), design.shape[1], layout.event.length, len(windows), outputs)
    _fill(out, layout, design, offset, constant, windows, engine)
    return out


def _fill(
    out: Measured,
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    windows: Sequence[Window],
    engine: Engine,
) -> None:
    """Write every event's numbers into `out`."""
    if compiled(engine, len(layout.day)):
        rest = _by_numba(layout, design, offset, constant, windows, out)
        parts = _blocks(layout, rest, design, offset, constant)
    else:
        parts = estimates(layout, design, offset, constant, "numpy")
    spans = columns_of(layout.event, windows)
    days: EventDays | None = None
    shared = None
    for fit in parts:
        if days is None or fit.shared is not shared:
            shared, days = fit.shared, event_days(layout, fit.shared, design, offset, windows)
        _keep(out, layout, fit, days, spans)


def compiled(engine: Engine, n: int) -> bool:
    """Whether numba is to be used: where asked for, or where installed and there are many events."""
    if engine == "auto":
        return n >= MANY and find_spec("numba") is not None
    return engine == "numba"


def estimates(
    layout: Laid, design: FloatArray, offset: FloatArray, constant: bool, engine: Engine = "auto"
) -> Iterator[Estimates]:
    """Estimates of all events, some at a time: by dates where nothing is missing, or by numba; else by masks."""
    rest = np.arange(len(layout.day), dtype=np.int32)
    if design.ndim == 2 and offset.ndim == 1:
        if compiled(engine, len(rest)):
            from eventstudy.models.fast import fast_estimates

            fit, rest = fast_estimates(layout, design, offset, constant)
            yield fit
        else:
            left = [rest[:0]]
            for part in by_date(layout, design, offset, constant):
                if isinstance(part, Estimates):
                    yield part
                else:
                    left.append(part)
            rest = np.concatenate(left)
    yield from _blocks(layout, rest, design, offset, constant)


def _blocks(
    layout: Laid, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool
) -> Iterator[Estimates]:
    """The events `rows` by masks."""
    # Sorted by security, the rows of a block stay in cache.
    rows = rows[sort_by(layout.security[rows], len(layout.returns))]
    for start in range(0, len(rows), BLOCK):
        yield masked(layout, rows[start : start + BLOCK], design, offset, constant)


def _by_numba(
    layout: Layout, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], out: Measured
) -> IntArray:
    """Fill `out` as far as numba goes; the events left over."""
    from eventstudy.models.fast import run
    from eventstudy.models.loops import Places

    n, p = len(layout.day), design.shape[1]
    none, own = np.empty((0, 0)), np.empty((0, 0, 0))
    places = Places(
        done=np.empty(n, np.bool_),
        params=none if out.params is None else out.params,
        sigma=out.sigma,
        nobs=out.nobs,
        r_squared=np.empty(0) if out.r_squared is None else out.r_squared,
        positive=out.positive,
        mean=none,
        inverse=own,
        ar=none if out.ar is None else out.ar,
        sar=none if out.sar is None else out.sar,
        car=out.car,
        scar=out.scar,
    )
    rest = run(layout, design, offset, constant, windows, places)
    np.subtract(out.nobs, max(p, 1), out=out.nu)
    out.refusal[:] = 0
    return rest


def _empty(n: int, p: int, days: int, windows: int, outputs: Outputs) -> Measured:
    """Room for N events; every place is written to later."""
    full, ar = outputs == "full", outputs != "car"
    return Measured(
        params=np.empty((n, p)) if ar else None,
        sigma=np.empty(n),
        nobs=np.empty(n, np.int32),
        nu=np.empty(n),
        r_squared=np.empty(n) if full else None,
        refusal=np.empty(n, np.int8),
        ar=np.empty((n, days)) if ar else None,
        sar=np.empty((n, days)) if full else None,
        car=np.empty((n, windows)),
        scar=np.empty((n, windows)),
        positive=np.empty(n),
    )


def _keep(out: Measured, layout: Layout, fit: Estimates, days: EventDays, spans: Sequence[slice]) -> None:
    """Write what is known of the events of `fit` into their places in `out`."""
    rows, which = fit.rows, fit.which
    out.sigma[rows], out.nobs[rows], out.nu[rows], out.refusal[rows] = fit.sigma, fit.nobs, fit.nu, fit.refusal
    out.positive[rows] = fit.positive
    if out.params is not None:
        out.params[rows] = fit.params
    if out.r_squared is not None:
        out.r_squared[rows] = fit.r_squared
    ar = abnormal(layout, fit, days)
    # With no parameter, nothing but this says that an event was refused.
    if fit.refusal.any():
        ar[fit.refusal > 0] = np.nan
    car = cumulated(ar, spans)
    out.car[rows] = car
    out.scar[rows] = car / (fit.sigma[:, None] * days.sum_error[which])
    if out.ar is not None:
        out.ar[rows] = ar
    if out.sar is not None:
        out.sar[rows] = ar / (fit.sigma[:, None] * days.error[which])
