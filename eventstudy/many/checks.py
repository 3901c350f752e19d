"""What a panel of returns shows of mistakes in its days, without a calendar: notes, and a refusal where it is fatal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, listed
from eventstudy.objects.estimation import BoolArray, FloatArray

_SATURDAY = 5
STRAY = 0.05  # share of the series that live then, below which a day is none of theirs
_MANY = 20  # series from which a share can be told from one series of its own
_LAGS = 25  # sessions by which a series is moved against the benchmark
_FOLLOWS = 0.3  # correlation from which a series follows another
_COMPARED = 500  # securities that are compared with the benchmark
_STALE = 10  # zero returns in a row
_NAMED = 3  # series or days spelled out in a note


def stray_days(held: BoolArray, sessions: pd.DatetimeIndex) -> BoolArray:
    """(D,) the days that are not sessions of most series, of `held` (S, D) whether one has a value.

    Those that fewer than 5 % of the series have that live then, from 20 living series on; and those of a weekend that
    fewer than half have, where under 5 % of all days are on a weekend. A series lives from its first value to its last.

    Examples
    --------
    >>> held = np.ones((30, 4), dtype=bool)
    >>> held[1:, 2] = False
    >>> stray_days(held, pd.bdate_range("2025-01-06", periods=4)).tolist()
    [False, False, True, False]
    """
    living = _living(held)
    count, alive = held.sum(axis=0), living.sum(axis=0)
    weekend = np.asarray(sessions.day_of_week >= _SATURDAY)
    few = (alive >= _MANY) & (count < STRAY * alive)
    odd = weekend & (weekend.mean() < STRAY) & (count < 0.5 * alive)
    return np.asarray((count > 0) & (few | odd))


def _living(held: BoolArray) -> BoolArray:
    """Whether a series is between its first value and its last on each day, (S, D)."""
    days = held.shape[1]
    first = np.where(held.any(axis=1), held.argmax(axis=1), days)
    last = np.where(held.any(axis=1), days - 1 - held[:, ::-1].argmax(axis=1), -1)
    at = np.arange(days)
    return np.asarray((at >= first[:, None]) & (at <= last[:, None]))


def stray_note(sessions: pd.DatetimeIndex, stray: BoolArray, held: BoolArray, names: tuple[str, ...]) -> str:
    """Which days were left out, and who alone has them."""
    days = sessions[stray]
    said = []
    for t in np.flatnonzero(stray)[:_NAMED]:
        who = np.flatnonzero(held[:, t])
        said.append(f"{sessions[t].date()} ({', '.join(names[s] for s in who[:_NAMED])})")
    more = f" and {len(days) - _NAMED} more" if len(days) > _NAMED else ""
    return f"{len(days)} days that hardly any of the series have are left out: {'; '.join(said)}{more}"


def day_notes(returns: FloatArray, names: tuple[str, ...], sessions: pd.DatetimeIndex) -> tuple[str, ...]:
    """Notes on the days of a panel (S, D): weekends, days on which nothing moves, series that stand still."""
    out = []
    weekend = np.asarray(sessions.day_of_week >= _SATURDAY)
    if weekend.any() and not weekend.all() and weekend.mean() < 0.2:
        first = ", ".join(str(day.date()) for day in sessions[weekend][:_NAMED])
        out.append(f"{weekend.sum()} sessions are on a weekend: {first}; events on these days count there")
    zero = returns == 0
    held = np.isfinite(returns).sum(axis=0)
    filled = (held >= 5) & (zero.sum(axis=0) >= 0.95 * held)
    if filled.any():
        first = ", ".join(str(day.date()) for day in sessions[filled][:_NAMED])
        out.append(
            f"on {filled.sum()} days all returns are zero: {first}. Were holidays filled with the price of the day "
            "before? Leave such days out, or sessions are counted wrong"
        )
    still = [names[s] for s in np.flatnonzero(_runs(zero & ~filled) >= _STALE)]
    if still:
        out.append(f"{len(still)} series do not move for {_STALE} days or more: {listed(still, _NAMED)}")
    return tuple(out)


def _runs(values: BoolArray) -> np.ndarray:
    """The longest run of True in each row."""
    longest, now = np.zeros(len(values), np.int32), np.zeros(len(values), np.int32)
    for column in np.ascontiguousarray(values.T):
        now = (now + 1) * column
        np.maximum(longest, now, out=longest)
    return longest


def weekends_apart(benchmark: FloatArray, sessions: pd.DatetimeIndex) -> bool:
    """Whether the panel has weekends, as those of securities that trade every day, and the benchmark (D,) has none.

    Examples
    --------
    >>> days = pd.date_range("2025-01-03", periods=7)
    >>> weekends_apart(np.where(days.day_of_week < _SATURDAY, 1.0, np.nan), days)
    True
    """
    weekend = np.asarray(sessions.day_of_week >= _SATURDAY)
    held = np.isfinite(benchmark)
    return bool(weekend.mean() >= STRAY and held.any() and not held[weekend].any())


def weekend_notes(benchmark: FloatArray, sessions: pd.DatetimeIndex, name: str) -> tuple[str, ...]:
    """A note where the benchmark (D,) has no return on the weekends of the panel."""
    if not weekends_apart(benchmark, sessions):
        return ()
    days = int((sessions.day_of_week >= _SATURDAY).sum())
    return (
        f"{days} of the {len(sessions)} sessions are on weekends, when {name} has no return, and days that lack one "
        f"cannot be estimated on: give prices=, of which returns are formed between the days of {name}",
    )


def lag_notes(
    returns: FloatArray, names: tuple[str, ...], benchmark: FloatArray, benchmark_name: str
) -> tuple[str, ...]:
    """A note where securities follow the benchmark at another lag than on the same day.

    One day apart is what markets in other time zones do, and is said; more is a mistake in the dates.

    Raises
    ------
    SpecError : more than half of the securities follow it best at the same lag of two sessions or more.
    """
    rows = np.unique(np.linspace(0, len(names) - 1, min(len(names), _COMPARED)).astype(np.int64))
    rows = np.array([row for row in rows if names[row] != benchmark_name], dtype=np.int64)
    if len(rows) == 0 or returns.shape[1] < 4 * _LAGS:
        return ()
    lags = np.arange(-_LAGS, _LAGS + 1)
    x = _standard(benchmark[None, :])[0]
    moved = np.stack([_shifted(x, int(lag)) for lag in lags], axis=1)
    y = _standard(np.asarray(returns[rows]))
    here = (y != 0).sum(axis=1, keepdims=True)
    correlation = y @ moved / np.maximum(here, 1)
    best = np.abs(correlation).argmax(axis=1)
    own = np.take_along_axis(correlation, best[:, None], axis=1)[:, 0]
    same = correlation[:, _LAGS]
    # Twice what it is on the same day: series that go with their own day before are correlated with the neighbours too.
    apart = (best != _LAGS) & (np.abs(own) > _FOLLOWS) & (np.abs(same) < 0.5 * np.abs(own))
    if not apart.any():
        return ()
    lag = int(np.bincount(best[apart]).argmax())
    who = rows[apart & (best == lag)]
    shift = int(lags[lag])
    many = len(who) > 0.5 * len(rows)
    named = ", ".join(names[row] for row in who[:_NAMED]) + (" ..." if len(who) > _NAMED else "")
    apart_by = f"{abs(shift)} session{'s' if abs(shift) > 1 else ''} {'later' if shift > 0 else 'earlier'}"
    said = (
        f"{len(who)} of {len(rows)} securities follow {benchmark_name} {apart_by}, and hardly on the same day: {named}"
    )
    if many and abs(shift) > 1:
        raise SpecError(f"{said}. The dates of the one or the other are wrong by as much; join returns by their dates")
    hint = "markets that close earlier or later do that: see the models scholes_williams and dimson of es.Study"
    return (f"{said}; {hint}" if abs(shift) == 1 else f"{said}; are their dates right?",)


def _standard(values: FloatArray) -> FloatArray:
    """Rows with mean 0 and variance 1 over the days that are there, 0 elsewhere; extremes cut, so that none decides."""
    here = np.isfinite(values)
    count = np.maximum(here.sum(axis=1, keepdims=True), 1)
    filled = np.where(here, values, 0.0)
    mean = filled.sum(axis=1, keepdims=True) / count
    off = np.where(here, filled - mean, 0.0)
    sd = np.sqrt((off**2).sum(axis=1, keepdims=True) / count)
    return np.asarray(np.clip(off / np.where(sd > 0, sd, np.inf), -5.0, 5.0))


def _shifted(x: FloatArray, lag: int) -> FloatArray:
    """x of `lag` days before, 0 where there is none."""
    out = np.zeros_like(x)
    if lag > 0:
        out[lag:] = x[:-lag]
    elif lag < 0:
        out[:lag] = x[-lag:]
    else:
        out[:] = x
    return out
