"""Estimation and event window of any number of events at once: the contract for everything large.

Two engines say the same: numpy, always there, and numba (``fast.py``), used for many events where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from threading import Lock
from typing import Literal

import numpy as np

from eventstudy.engine.blocks import by_blocks
from eventstudy.engine.by_date import by_date, sort_by
from eventstudy.engine.estimates import Estimates, Shared, Task
from eventstudy.engine.forecast import EventDays, abnormal, columns_of, cumulated, event_days, realized
from eventstudy.engine.masked import masked
from eventstudy.engine.measured import Buffers, Measured, Outputs
from eventstudy.engine.threads import side_by_side
from eventstudy.errors import WindowError
from eventstudy.objects.estimation import FloatArray, IntArray, Layout, Window

Engine = Literal["auto", "numpy", "numba"]
BLOCK = 1024  # events with holes at once
FEW = 1_000  # events from which running sums are worth the preparing of all dates
# Days in the windows of a security's events, for each of its history, from which running sums are quicker: measured.
# Less of them where a return is missing, for windows with holes take long to read.
DENSE, HOLED = 6.0, 0.5
MANY = 5_000  # events from which numba is used where it is installed: below, its own start costs more
NONE: IntArray = np.empty(0, np.int32)


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
    outputs : ``car`` keeps no params, r_squared, ar, sar; ``params`` no ar, sar; ``ar`` no r_squared, sar; ``full``
        everything.
    engine : ``auto`` takes numba for many events where it is installed.
    signs : whether the share of positive residuals is wanted, which reads each window once more.

    Returns
    -------
    Measured. Events of a slice of the layout get the numbers that they get in the whole, to 1e-12: how an event is
    estimated may depend on how many there are.

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
    buffers = Buffers.empty(len(layout.day), design.shape[1], layout.event.length, len(windows), outputs, signs)
    _fill(buffers, layout, design, offset, constant, windows, engine)
    return buffers.measured()


def _fill(
    buffers: Buffers,
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    windows: Sequence[Window],
    engine: Engine,
) -> None:
    """Write every event's numbers into `buffers`."""
    buffers.refusal[:], buffers.nobs[:] = 0, layout.estimation.length
    spans = columns_of(layout.event, windows)
    kept = _Days(lambda shared: event_days(layout, shared, design, offset, constant, windows))

    def keep(task: Task) -> IntArray:
        left = [NONE]
        for part in task():
            if isinstance(part, Estimates):
                _keep(buffers, layout, part, kept.of(part), spans)
            else:
                left.append(part)
        return np.concatenate(left)

    n = len(layout.day)
    if compiled(engine, n):
        rest = _by_numba(layout, design, offset, constant, windows, buffers)
    else:
        signs = buffers.columns.positive >= 0
        rest = _by_numpy(
            layout, design, offset, constant, signs, lambda tasks: np.concatenate([NONE, *side_by_side(keep, tasks, n)])
        )
    for fit in _blocks(layout, rest, design, offset, constant):
        _keep(buffers, layout, fit, kept.of(fit), spans)


class _Days:
    """What dates say of their event windows, worked out once for dates that come again; an event does not."""

    def __init__(self, work_out: Callable[[Shared], EventDays]) -> None:
        self._work_out, self._lock = work_out, Lock()
        self._known: tuple[Shared, EventDays] | None = None

    def of(self, fit: Estimates) -> EventDays:
        """Those of the events of `fit`."""
        if isinstance(fit.which, slice):
            return self._work_out(fit.shared)
        with self._lock:
            if self._known is None or self._known[0] is not fit.shared:
                self._known = fit.shared, self._work_out(fit.shared)
            return self._known[1]


def compiled(engine: Engine, n: int) -> bool:
    """Whether numba is to be used: where asked for, or where installed and there are many events."""
    if engine == "auto":
        return n >= MANY and find_spec("numba") is not None
    return engine == "numba"


def estimates(
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    engine: Engine = "auto",
    signs: bool = False,
) -> Iterator[Estimates]:
    """Estimates of all events, some at a time: by numba, or where there are many by running sums, else by dates where
    nothing is missing; and by masks. `signs`: with the share of positive residuals."""
    rest = np.arange(len(layout.day), dtype=np.int32)
    found: list[Estimates] = []

    def run(tasks: Sequence[Task]) -> IntArray:
        parts = [part for task in tasks for part in task()]
        found.extend(part for part in parts if isinstance(part, Estimates))
        return np.concatenate([NONE, *(part for part in parts if not isinstance(part, Estimates))])

    if design.ndim == 2 and offset.ndim == 1:
        if compiled(engine, len(rest)):
            from eventstudy.engine.fast import fast_estimates

            fit, rest = fast_estimates(layout, design, offset, constant)
            found.append(fit)
        else:
            rest = _by_numpy(layout, design, offset, constant, signs, run)
    yield from found
    yield from _blocks(layout, rest, design, offset, constant)


def _by_numpy(
    layout: Layout,
    design: FloatArray,
    offset: FloatArray,
    constant: bool,
    signs: bool,
    run: Callable[[Sequence[Task]], IntArray],
) -> IntArray:
    """Estimate by running sums what has many events, by dates what misses nothing; the events left over.

    `run` does the work and says what is left over of it. An event is handed on from the quicker way to the surer one.
    """
    length, sessions = layout.estimation.length, layout.returns.shape[1]
    rest = np.arange(len(layout.day), dtype=np.int32)
    if length < max(layout.min_obs, design.shape[1] + 1) or length > sessions:
        return rest  # not one event has enough returns without a hole
    often = _often(layout)
    others = np.ones(len(rest), np.bool_)
    others[often] = False
    rest = np.concatenate([rest[others], run(by_blocks(layout, often, design, offset, constant, signs))])
    return run(by_date(layout, rest, design, offset, constant, signs))


def _often(layout: Layout) -> IntArray:
    """The events of securities that have many, by security: those whose window lies inside the history."""
    n, length, sessions = len(layout.day), layout.estimation.length, layout.returns.shape[1]
    if n < FEW:
        return NONE
    often = np.bincount(layout.security, minlength=len(layout.returns))
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(layout.returns[:, 1:].sum(axis=1))  # the first is missing everywhere, and in few windows
    first = layout.day + layout.estimation.start
    dense = often * length >= np.where(whole, DENSE, HOLED) * sessions
    rows = np.flatnonzero(dense[layout.security] & (first >= 0) & (first + length <= sessions)).astype(np.int32)
    return rows[sort_by(layout.security[rows], len(layout.returns))] if len(rows) >= FEW else NONE


def _blocks(
    layout: Layout, rows: IntArray, design: FloatArray, offset: FloatArray, constant: bool
) -> Iterator[Estimates]:
    """The events `rows` by masks."""
    # Sorted by security, the rows of a block stay in cache.
    rows = rows[sort_by(layout.security[rows], len(layout.returns))]
    for start in range(0, len(rows), BLOCK):
        yield masked(layout, rows[start : start + BLOCK], design, offset, constant)


def _by_numba(
    layout: Layout, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], buffers: Buffers
) -> IntArray:
    """Fill `buffers` as far as numba goes; the events left over."""
    from eventstudy.engine.fast import run
    from eventstudy.engine.loop_dates import Places

    none = np.empty((0, 0))
    places = Places(
        nobs=buffers.nobs,
        block=buffers.block,
        columns=buffers.columns,
        mean=none,
        inverse=np.empty((0, 0, 0)),
        ar=none if buffers.ar is None else buffers.ar,
        sar=none if buffers.sar is None else buffers.sar,
    )
    return run(layout, design, offset, constant, windows, places)


def _keep(buffers: Buffers, layout: Layout, fit: Estimates, days: EventDays, spans: Sequence[slice]) -> None:
    """Write what is known of the events of `fit` into their places in `buffers`."""
    rows, which, refused = fit.rows, fit.which, fit.refusal > 0
    y = realized(layout, fit)
    car = cumulated(y, fit, days, spans)
    if refused.any():
        buffers.refusal[rows] = fit.refusal
        # With no parameter, nothing but this says that an event was refused.
        y[refused], car[refused] = np.nan, np.nan
    if (fit.nobs != layout.estimation.length).any():
        buffers.nobs[rows] = fit.nobs
    scar = car / (fit.sigma[:, None] * days.sum_error[which])
    buffers.put(
        rows,
        sigma=fit.sigma,
        nu=fit.nu,
        r_squared=fit.r_squared,
        positive=fit.positive,
        params=fit.params,
        car=car,
        scar=scar,
    )
    if buffers.ar is not None:
        abnormal(y, fit, days)
        buffers.ar[rows] = y
    if buffers.sar is not None:
        scale = days.error[which]
        scale *= fit.sigma[:, None]
        y /= scale
        buffers.sar[rows] = y
