"""Estimation and event window of any number of events at once: the contract for everything large.

Two engines say the same: numpy, always there, and numba (``fast.py``), used for many events where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Literal

import numpy as np

from eventstudy.datatypes import FloatArray, IntArray, Window
from eventstudy.errors import WindowError
from eventstudy.models.by_date import by_date, sort_by
from eventstudy.models.estimates import Estimates, Laid
from eventstudy.models.forecast import EventDays, abnormal, columns_of, cumulated, event_days
from eventstudy.models.masked import masked
from eventstudy.models.measured import Layout, Measured, Outputs, Room

Engine = Literal["auto", "numpy", "numba"]
BLOCK = 1024  # events with holes at once
MANY = 5_000  # events from which numba is used where it is installed: below, its own start costs more


def measure(
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    windows: Sequence[Window],
    outputs: Outputs = "full",
    engine: Engine = "auto",
    signs: bool = True,
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
    room = Room.empty(len(layout.day), design.shape[1], layout.event.length, len(windows), outputs, signs)
    _fill(room, layout, design, offset, constant, windows, engine)
    return room.measured()


def _fill(
    room: Room,
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    windows: Sequence[Window],
    engine: Engine,
) -> None:
    """Write every event's numbers into `room`."""
    out = room.measured()
    if compiled(engine, len(layout.day)):
        rest = _by_numba(layout, design, offset, constant, windows, room)
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
    layout: Layout, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], room: Room
) -> IntArray:
    """Fill `room` as far as numba goes; the events left over."""
    from eventstudy.models.fast import run
    from eventstudy.models.loop_dates import Places

    none = np.empty((0, 0))
    places = Places(
        nobs=room.nobs,
        block=room.block,
        columns=room.columns,
        mean=none,
        inverse=np.empty((0, 0, 0)),
        ar=none if room.ar is None else room.ar,
        sar=none if room.sar is None else room.sar,
    )
    room.refusal[:] = 0
    return run(layout, design, offset, constant, windows, places)


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
    if fit.refusal.any():
        ar[fit.refusal > 0] = np.nan
    car = cumulated(ar, spans)
    out.car[rows] = car
    out.scar[rows] = car / (fit.sigma[:, None] * days.sum_error[which])
    if out.ar is not None:
        out.ar[rows] = ar
    if out.sar is not None:
        out.sar[rows] = ar / (fit.sigma[:, None] * days.error[which])
