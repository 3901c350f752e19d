"""The engine in numba, for many events: the numbers of the numpy engine from compiled loops (``loops.py``).

Events are taken in the order of their securities, so that a security's returns stay in the cache; what regressors
say of a date is worked out once for each date. Imported only where it is used: numba takes half a second.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from eventstudy.datatypes import FloatArray, IntArray, Window
from eventstudy.models.by_date import sort_by
from eventstudy.models.estimates import Estimates, Laid, Shared, read_only
from eventstudy.models.forecast import columns_of
from eventstudy.models.gram import with_constant
from eventstudy.models.loops import Dates, Given, Places, measure_events, prepare

_SERIAL = 20_000  # events below which threads cost more than they bring
_PIECE = 4_096  # events a thread takes at a time


def run(
    layout: Laid, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window], out: Places
) -> IntArray:
    """Fill `out` and return the events that are left over, whose places then mean nothing."""
    given = _given(layout, design, offset, constant, windows)
    dates = _dates(given)
    order = sort_by(layout.security, len(layout.returns)).astype(np.int32)
    pieces = [order[at : at + _PIECE] for at in range(0, len(order), _PIECE)]
    workers = min(_workers(), len(pieces))
    if len(order) < _SERIAL or workers < 2:
        measure_events(given, dates, order, out)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda piece: measure_events(given, dates, piece, out), pieces))
    return np.flatnonzero(~out.done).astype(np.int32)


def _workers() -> int:
    """Threads to use: the processors this process may run on, or fewer where NUMBA_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, int(getattr(numba.config, "NUMBA_NUM_THREADS", allowed)))


def _given(layout: Laid, design: FloatArray, offset: FloatArray, constant: bool, windows: Sequence[Window]) -> Given:
    x = np.array(design.T[1 if constant else 0 :], order="C")
    usable = np.isfinite(x).all(axis=0) & np.isfinite(offset)
    spans = [(cols.start, cols.stop) for cols in columns_of(layout.event, windows)]
    estimation, event = layout.estimation, layout.event
    return Given(  # read-only or not is a matter of type to numba: one of the two is compiled
        read_only(np.ascontiguousarray(layout.returns)),
        read_only(np.ascontiguousarray(layout.security, dtype=np.int32)),
        read_only(np.ascontiguousarray(layout.day, dtype=np.int32)),
        x,
        read_only(np.ascontiguousarray(offset)),
        np.asarray(usable),
        np.array(spans, dtype=np.int32).reshape(-1, 2),
        estimation.start,
        estimation.length,
        event.start,
        event.length,
        layout.min_obs,
        constant,
        bool(offset.any()),
    )


def _dates(given: Given) -> Dates:
    """What each date with an event says."""
    seen = np.zeros(given.returns.shape[1], np.bool_)
    seen[given.day] = True
    days = np.flatnonzero(seen).astype(np.int32)
    row = np.full(len(seen), -1, np.int32)
    row[days] = np.arange(len(days), dtype=np.int32)
    m, k = len(days), len(given.x)
    dates = Dates(
        row,
        np.empty((m, k)),
        np.empty((m, k, k)),
        np.empty(m),
        np.empty((m, given.days)),
        np.empty((m, len(given.spans))),
    )
    prepare(given, days, dates)
    return dates


def fast_estimates(layout: Laid, design: FloatArray, offset: FloatArray, constant: bool) -> tuple[Estimates, IntArray]:
    """The estimates that numba makes, and the events left over."""
    n, p = len(layout.day), design.shape[1]
    k = p - constant
    none = np.empty((0, 0))
    places = Places(
        done=np.empty(n, np.bool_),
        params=np.empty((n, p)),
        sigma=np.empty(n),
        nobs=np.empty(n, np.int32),
        r_squared=np.empty(n),
        positive=np.empty(n),
        mean=np.empty((n, k)),
        inverse=np.empty((n, k, k)),
        ar=none,
        sar=none,
        car=np.empty((n, 0)),
        scar=np.empty((n, 0)),
    )
    rest = run(layout, design, offset, constant, (), places)
    rows = np.flatnonzero(places.done).astype(np.int32)
    nobs, inverse = places.nobs[rows], places.inverse[rows]
    if constant:
        inverse = with_constant(inverse, places.mean[rows].T, nobs.astype(np.float64))
    fit = Estimates(
        rows=rows,
        params=places.params[rows],
        sigma=places.sigma[rows],
        nobs=nobs,
        nu=(nobs - max(p, 1)).astype(np.float64),
        r_squared=places.r_squared[rows],
        positive=places.positive[rows],
        refusal=np.zeros(len(rows), np.int8),
        column=np.full(len(rows), -1, np.int8),
        which=slice(None),
        shared=Shared(layout.day[rows], inverse),
    )
    return fit, rest
