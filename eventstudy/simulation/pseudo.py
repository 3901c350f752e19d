"""Pseudo-events: days of a study's own prices on which nothing happened that the study knows of.

Brown and Warner (1980, 1985) measure what a test does by trying it on such days: securities and dates are drawn from
real returns, so that fat tails, correlation and changing variance are those of the data and not of a textbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import EstimationError
from eventstudy.memory import foretold
from eventstudy.models import estimate
from eventstudy.objects.estimation import (
    BoolArray,
    DayZero,
    Event,
    EventPanel,
    FloatArray,
    IntArray,
    NormalReturns,
    Window,
)
from eventstudy.simulation.result import Dates

FEWEST = 20  # admissible dates below which a share of rejections would move in steps of more than five points
_A_DRAW, _AN_EVENT = 48, 500  # bytes of a pseudo-event drawn, and of the names and dates of one that differs
_TRIES = 50  # how often the dates of one pseudo-study are drawn again where they overlap
_Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Where pseudo-events may lie: ``allowed`` (S, D), and why the other days may not, counted for the reader.

    ``count``: days on which every one of the securities may have one. The rest, in this order: ``short`` sessions on
    which one of them has too short an estimation window, ``touched`` by an event of the study, ``missing`` a return.
    """

    allowed: BoolArray
    count: int
    short: int
    touched: int
    missing: int

    def __str__(self) -> str:
        return (
            f"of {self.allowed.shape[1]} sessions {self.short} have too short an estimation window before them or no "
            f"room for the window, {self.touched} more touch an event of the study, {self.missing} more lack a return"
        )


@dataclass(frozen=True, slots=True, eq=False)
class PseudoStudies:
    """R pseudo-studies of n events each: ``rows`` (R, n) of ``abnormal``, which holds every pseudo-event once.

    ``every_date``: each admissible date was taken once, nothing was drawn. ``distinct`` how many of the R differ.
    ``dropped`` how many could not be estimated, and ``reason`` why, in the words of one of them.
    """

    abnormal: AbnormalReturns
    rows: _Rows
    every_date: bool
    distinct: int
    dropped: int = 0
    reason: str | None = None


# --------------------------------------------------------------------------------------------------- admissible days
def admissible(panel: EventPanel, normal: NormalReturns, rows: Sequence[int], window: Window, avoid: bool) -> Days:
    """The days on which the securities of events `rows` may have a pseudo-event.

    A day is admissible where the whole `window` has returns, the estimation window reaches as far back into the
    security's history as it does at its true event and holds ``panel.min_obs`` returns, and, with `avoid`, no day of
    `window` is a day of `window` about an event of the study or an excluded day.

    Returns
    -------
    Days of S = len(rows) securities.
    """
    own, sessions = panel.security[list(rows)], len(panel.sessions)
    present = np.isfinite(panel.returns[own])
    if normal.design.ndim == 2:
        present &= np.isfinite(normal.design).all(axis=1)
    if normal.offset.ndim == 1:
        present &= np.isfinite(normal.offset)
    first = present.argmax(axis=1)
    true_day = panel.day[list(rows)]
    day, reach = np.arange(sessions), panel.estimation
    back = np.maximum(day + reach.start, first[:, None])  # first session of each day's estimation window
    at_event = np.maximum(true_day + reach.start, first)
    long = day - back >= (true_day - at_event)[:, None]
    known = present & ~taken_days(panel, window, avoid)
    long &= _counted(known, reach) >= panel.min_obs
    long &= (day + window.start >= 0) & (day + window.end < sessions)
    free = _counted(np.atleast_2d(~taken_days(panel, window, avoid)), window)[0] == window.length
    whole = _counted(present, window) == window.length
    fits, untouched = long.all(axis=0), long.all(axis=0) & free
    here = untouched & whole.all(axis=0)
    counts = (here.sum(), sessions - fits.sum(), fits.sum() - untouched.sum(), untouched.sum() - here.sum())
    return Days(long & free & whole, *(int(count) for count in counts))


def taken_days(panel: EventPanel, window: Window, avoid: bool) -> BoolArray:
    """(D,) the days of `window` about every event that the panel knows of; none without `avoid`."""
    taken = np.zeros(len(panel.sessions), dtype=np.bool_)
    if avoid:
        for day in {*panel.excluded, *panel.day.tolist()}:
            taken[max(day + window.start, 0) : max(day + window.end + 1, 0)] = True
            taken[day] = True
    return taken


def _counted(flags: BoolArray, window: Window) -> IntArray:
    """How many of the days of `window` about each day are set, (S, D); days outside count as not."""
    days = flags.shape[1]
    total = np.concatenate([np.zeros((len(flags), 1), np.int32), flags.cumsum(axis=1, dtype=np.int32)], axis=1)
    start = np.clip(np.arange(days) + window.start, 0, days)
    end = np.clip(np.arange(days) + window.end + 1, 0, days)
    return np.asarray(total[:, end] - total[:, start])


# ------------------------------------------------------------------------------------------------------------ drawing
@dataclass(frozen=True, slots=True)
class Draw:
    """How pseudo-studies are put together: ``n`` securities a study, all of those given or a draw of them.

    ``dates``: ``common`` one date for all, ``own`` a date for each, ``repeated`` the same ``repeats`` dates for each;
    dates of one study are at least ``apart`` sessions from each other.
    """

    n: int
    dates: Dates
    repeats: int
    apart: int
    replications: int
    seed: int


def drawn(days: Days, how: Draw) -> tuple[_Rows, bool]:
    """Securities and days of every pseudo-study, (R, events, 2), and whether every admissible date was taken once.

    Raises
    ------
    EstimationError : fewer than `FEWEST` dates are admissible, or they do not fit beside each other.
    """
    allowed, rng = days.allowed, np.random.default_rng(how.seed)
    everyone = how.n == len(allowed)
    together = allowed.all(axis=0) if everyone else allowed.sum(axis=0) >= how.n
    count = int((together if how.dates != "own" else allowed.any(axis=0)).sum())
    if count < FEWEST:
        raise EstimationError(f"{count} admissible dates are too few to simulate with, needs {FEWEST}: {days}")
    single = how.dates == "common" or (how.dates == "own" and how.n == 1)
    if everyone and single:
        on = np.flatnonzero(together)
        every = how.replications >= len(on)
        on = on if every else np.sort(rng.choice(on, how.replications, replace=False))
        return _pairs(np.tile(np.arange(how.n), (len(on), 1)), np.tile(on[:, None], how.n)), every
    studies = [_study(allowed, how, rng) for _ in range(how.replications)]
    securities, on = (np.array(part) for part in zip(*studies, strict=True))
    return _pairs(securities, on), False


def _pairs(securities: _Rows, days: _Rows) -> _Rows:
    return np.stack([securities, days], axis=2)


def _study(allowed: BoolArray, how: Draw, rng: np.random.Generator) -> tuple[_Rows, _Rows]:
    """The securities and days of one pseudo-study, (events,) each."""
    for _ in range(_TRIES):
        if how.dates == "common":
            day = rng.choice(np.flatnonzero(allowed.sum(axis=0) >= how.n))
            return rng.choice(np.flatnonzero(allowed[:, day]), how.n, replace=False), np.full(how.n, day)
        able = np.flatnonzero(allowed.any(axis=1))
        if len(able) < how.n:
            break
        picked = rng.choice(able, how.n, replace=False)
        turns = [allowed[s] for s in picked]
        if how.dates == "repeated":
            turns = [allowed[picked].all(axis=0)] * how.repeats
        if (on := _apart(turns, how.apart, rng)) is not None:
            return (picked, on) if how.dates == "own" else (np.repeat(picked, how.repeats), np.tile(on, how.n))
    wanted = how.n if how.dates == "own" else how.repeats
    raise EstimationError(
        f"{wanted} dates at least {how.apart} sessions apart do not fit into the admissible ones; "
        "take fewer, or a shorter window"
    )


def _apart(turns: Sequence[BoolArray], apart: int, rng: np.random.Generator) -> _Rows | None:
    """A day for each turn, drawn one after another, each at least `apart` sessions from those before."""
    free, days = np.ones(len(turns[0]), dtype=np.bool_), []
    for allowed in turns:
        left = np.flatnonzero(allowed & free)
        if len(left) == 0:
            return None
        day = int(rng.choice(left))
        free[max(day - apart + 1, 0) : day + apart] = False
        days.append(day)
    return np.array(days)


# --------------------------------------------------------------------------------------------------------- estimation
def pseudo_studies(
    abnormal: AbnormalReturns, rows: Sequence[int], window: Window, how: Draw, avoid: bool
) -> tuple[PseudoStudies, Days]:
    """Draw pseudo-studies and estimate every pseudo-event once, by the model and the windows of `abnormal`.

    The days of the true events are taken out of the estimation windows too, with `avoid`: a day of news would swell
    the ordinary variance. The event window of a pseudo-event is `window`.

    Parameters
    ----------
    abnormal : of the true events; `rows` those whose securities are used.

    Raises
    ------
    EstimationError : too few admissible dates; or not one pseudo-study can be estimated.
    """
    panel, normal = abnormal.panel, abnormal.normal
    days = admissible(panel, normal, rows, window, avoid)
    _check_memory(how, days.allowed.size, normal.params.shape[1])
    pairs, every = drawn(days, how)
    size = len(panel.sessions)
    codes = pairs[:, :, 0] * size + pairs[:, :, 1]
    unique, where = np.unique(codes, return_inverse=True)
    where = where.reshape(codes.shape)
    laid = _laid(panel, np.asarray(rows)[unique // size], unique % size, window, avoid)
    found = abnormal_returns(laid, estimate(laid, normal.fit or normal.model), abnormal.allow_missing)
    usable = np.isfinite(found.scar(window))
    kept = usable[where].all(axis=1)
    reason = None if kept.all() else found.reasons(window)[int(np.flatnonzero(~usable)[0])]
    if not kept.any():
        raise EstimationError(f"none of {np.size(kept)} pseudo-studies can be estimated: {reason}")
    distinct = int(np.unique(np.sort(codes[kept], axis=1), axis=0).shape[0])
    return PseudoStudies(found, where[kept], every, distinct, int(np.sum(~kept)), reason), days


def _check_memory(how: Draw, most: int, columns: int) -> None:
    """Refuse so many pseudo-events, of which at `most` differ, that memory cannot hold them."""
    events = how.replications * how.n * (how.repeats if how.dates == "repeated" else 1)
    numbers = columns * (columns + 1) + 4 * how.apart + 8  # of each that differs, beside its names and dates
    foretold(
        events * _A_DRAW + min(events, most) * (8 * numbers + _AN_EVENT),
        f"{how.replications:,} replications of {events // how.replications:,} events",
        "take fewer replications or securities",
    )


def _laid(panel: EventPanel, rows: _Rows, days: _Rows, window: Window, avoid: bool) -> EventPanel:
    """The panel with the pseudo-events in the place of its events: event `rows` moved to `days`."""
    dates = panel.sessions.date
    tickers = panel.event_tickers
    events = tuple(Event("pseudo", tickers[i], dates[t]) for i, t in zip(rows.tolist(), days.tolist(), strict=True))
    zero = (DayZero(event, t, event.announced, 0) for event, t in zip(events, days.tolist(), strict=True))
    returns = np.where(taken_days(panel, window, avoid), np.nan, panel.returns) if avoid else panel.returns
    return replace(
        panel,
        events=events,
        day_zero=tuple(zero),
        security=panel.security[rows],
        day=days.astype(np.int32),
        event=window,
        returns=np.ascontiguousarray(returns),
    )


def shocked(abnormal: AbnormalReturns, window: Window, shock: float, spread: float = 1.0) -> AbnormalReturns:
    """The same events after a shock: AR over `window` becomes spread AR, and `shock` is added on one day of it.

    The day is day zero, or the first of a window without day zero. The returns move with the abnormal returns, so
    that buy-and-hold returns see the shock too; estimates and estimation windows stay.

    Parameters
    ----------
    abnormal : N events, each security at most once on each day.
    shock : decimal added to one abnormal return of every event.
    spread : factor on the abnormal returns of the window, the root of the factor on their variance.
    """
    columns = abnormal.columns(window)
    ar = abnormal.ar.copy()
    ar[:, columns] *= spread
    ar[:, columns.start + (-window.start if window.start <= 0 <= window.end else 0)] += shock
    panel, returns = abnormal.panel, abnormal.panel.returns.copy()
    at = panel.day[:, None] + np.arange(window.start, window.end + 1)
    inside = (at >= 0) & (at < returns.shape[1])
    change: FloatArray = ar[:, columns] - abnormal.ar[:, columns]
    row, k = np.nonzero(inside)
    returns[panel.security[row], at[row, k]] += change[row, k]
    return replace(abnormal, ar=ar, panel=replace(panel, returns=returns))
