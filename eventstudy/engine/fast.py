"""The engine in numba, for many events: the numbers of the numpy engine from compiled loops (``loops.py``).

Events are taken in the order of their securities, so that a security's returns stay in the cache; what regressors
say of a date is worked out once for each date. Imported only where it is used: numba takes half a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from eventstudy.engine.estimates import Estimates, Shared, read_only
from eventstudy.engine.forecast import columns_of
from eventstudy.engine.gram import with_constant
from eventstudy.engine.loop_dates import Dates, Given, Places, Scratch, prepare, sort_rows
from eventstudy.engine.loops import measure_rows
from eventstudy.engine.measured import Columns
from eventstudy.engine.running import quantities
from eventstudy.engine.threads import side_by_side
from eventstudy.objects.estimation import FloatArray, IntArray, Layout, Window

_PIECE = 4_096  # events a thread takes at a time


def run(
    layout: Layout, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], out: Places
) -> IntArray:
    """Fill `out` and return the events that are left over, whose places then mean nothing."""
    given = _given(layout, design, offset, constant, windows)
    dates = _dates(given)

    def measure(rows: tuple[int, int]) -> None:
        measure_rows(given, dates, _scratch(given), rows[0], rows[1], out)

    side_by_side(measure, list(pairwise(_cuts(given.first_of))), len(given.order))
    return np.flatnonzero(out.nobs < 0).astype(np.int32)


def _cuts(first_of: IntArray) -> list[int]:
    """Rows at which the work is cut: between securities, some thousand events apart."""
    wanted = np.arange(0, first_of[-1] + _PIECE, _PIECE)
    return sorted({0, *np.searchsorted(first_of, wanted[1:-1]).tolist(), len(first_of) - 1})


def _given(layout: Layout, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window]) -> Given:
    x = np.array(design.T[1 if constant else 0 :], order="C")
    usable = np.asarray(np.isfinite(x).all(axis=0) & np.isfinite(offset))
    level = x[:, usable].mean(axis=1) if constant and usable.any() else np.zeros(len(x))
    spans = [(cols.start, cols.stop) for cols in columns_of(layout.event, windows)]
    estimation, event = layout.estimation, layout.event
    # Read-only or not is a matter of type to numba: one of the two is compiled.
    returns, security, day, known = (
        read_only(np.ascontiguousarray(values, dtype=kind))
        for values, kind in (
            (layout.returns, np.float64),
            (layout.security, np.int32),
            (layout.day, np.int32),
            (offset, np.float64),
        )
    )
    order, in_order = np.empty(len(day), np.int32), np.empty(len(day), np.int32)
    first_of = np.zeros(len(returns) + 1, np.int32)
    np.cumsum(np.bincount(security, minlength=len(returns)), out=first_of[1:])
    sort_rows(security, day, first_of[:-1].copy(), order, in_order)
    return Given(
        returns,
        in_order,
        order,
        first_of,
        x,
        level,
        np.where(usable, x - level[:, None], 0.0),
        known,
        usable,
        bool(usable.all()),
        np.array(spans, dtype=np.int32).reshape(-1, 2),
        estimation.start,
        estimation.length,
        event.start,
        event.length,
        layout.min_obs,
        constant,
        bool(known.any()),
        float(np.square(known[usable]).sum()),
    )


def _dates(given: Given) -> Dates:
    """What each date with an event says."""
    seen = np.zeros(given.returns.shape[1], np.bool_)
    seen[given.day] = True
    days = np.flatnonzero(seen).astype(np.int32)
    row = np.full(len(seen), -1, np.int32)
    row[days] = np.arange(len(days), dtype=np.int32)
    m, k, w = len(days), len(given.x), len(given.spans)
    dates = Dates(
        row,
        mean=np.empty((m, k)),
        inverse=np.empty((m, k, k)),
        inflation=np.empty(m),
        steady=np.empty(m, np.bool_),
        error=np.empty((m, given.days)),
        totals=np.empty((m, w, k)),
        sum_error=np.empty((m, w)),
    )
    prepare(given, days, dates, _scratch(given))
    return dates


def _scratch(given: Given) -> Scratch:
    """Buffers for one thread."""
    k, sessions = given.x.shape
    of_security = [np.empty(sessions) for _ in range(4)]
    sums = [np.empty((quantities(k), sessions)) for _ in range(2)]
    window = np.empty(given.length), np.empty((k, given.length))
    columns = np.empty(k), np.empty(k), np.empty((k, k)), np.empty((k + 1, k)), np.empty(k + 1), np.empty(k)
    event = np.empty(given.days), np.empty(len(given.spans))
    buffers: list[FloatArray] = [*of_security, *sums, *window, *columns, *event]
    return Scratch(*buffers)


def fast_estimates(
    layout: Layout, design: FloatArray, offset: FloatArray, constant: bool
) -> tuple[Estimates, IntArray]:
    """The estimates that numba makes, and the events left over."""
    n, p = len(layout.day), design.shape[1]
    k = p - constant
    none = np.empty((0, 0))
    block = np.empty((n, 4 + p))
    places = Places(
        nobs=np.empty(n, np.int32),
        block=block,
        columns=Columns(sigma=0, nu=1, r_squared=2, positive=3, params=4, car=-1, scar=-1),
        mean=np.empty((n, k)),
        inverse=np.empty((n, k, k)),
        ar=none,
        sar=none,
    )
    rest = run(layout, design, offset, constant, (), places)
    rows = np.flatnonzero(places.nobs >= 0).astype(np.int32)
    nobs, inverse = places.nobs[rows], places.inverse[rows]
    if constant:
        inverse = with_constant(inverse, places.mean[rows].T, nobs.astype(np.float64))
    numbers = block[rows]
    fit = Estimates(
        rows=rows,
        params=numbers[:, 4:],
        sigma=numbers[:, 0],
        nobs=nobs,
        nu=numbers[:, 1],
        r_squared=numbers[:, 2],
        positive=numbers[:, 3],
        refusal=np.zeros(len(rows), np.int8),
        column=np.full(len(rows), -1, np.int8),
        which=slice(None),
        shared=Shared(layout.day[rows], inverse),
    )
    return fit, rest
