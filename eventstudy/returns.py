"""Levels to returns on one list of sessions: simple or log, never filled."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from eventstudy.errors import QualityError, SpecError
from eventstudy.objects.estimation import FloatArray, ReturnKind, Returns
from eventstudy.objects.prices import Issue


def returns_on(
    levels: pd.DataFrame, sessions: pd.DatetimeIndex, kind: ReturnKind = "simple", *, across_gaps: bool = False
) -> Returns:
    """Form returns between adjacent sessions of one exchange calendar.

    Simple: ``P_t / P_(t-1) - 1``. Log: ``ln P_t - ln P_(t-1)``. The levels are first taken on `sessions`, without any
    fill, and only then differenced: a missing level makes both adjoining returns missing, a holiday of the calendar
    is no gap, and a benchmark from elsewhere is compounded over the security's own interval.

    Parameters
    ----------
    levels : (date, ticker) prices or index levels, NaN where unknown; one row a day, days without a time zone.
    sessions : (D,) sessions of the securities' own exchange, increasing.
    kind : ``simple`` or ``log``.
    across_gaps : form each return from the last level there was, however many sessions back, and say in ``spans`` how
        many it covers: from trade to trade (Maynes and Rumsey 1993). Sessions without a level stay missing.

    Returns
    -------
    Returns whose values are (D, ticker) float64 decimals on `sessions`, the first row NaN.

    Raises
    ------
    SpecError : an unknown kind; a security twice; dates duplicated, out of order or with a time zone.
    QualityError : a level is zero, negative or infinite, so that no return can be formed from it.

    References
    ----------
    Campbell, Lo and MacKinlay (1997), section 1.4.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-28"])
    >>> returns_on(pd.DataFrame({"X": [100.0, 90.0, 99.0]}, index=days), days).values["X"].round(4).tolist()
    [nan, -0.1, 0.1]
    """
    if kind not in get_args(ReturnKind):
        raise SpecError(f"returns are {' or '.join(get_args(ReturnKind))}, got {kind!r}")
    if not levels.columns.is_unique:
        raise SpecError(f"the prices hold {levels.columns[levels.columns.duplicated()][0]} twice; one column each")
    days = check_days(sessions, "sessions")
    dated = levels.set_axis(check_days(levels.index, "price dates", increasing=False), axis=0)
    on_sessions = dated.reindex(days).astype(np.float64)
    level = on_sessions.to_numpy()
    _refuse_unusable(on_sessions, level)
    before = on_sessions.ffill().to_numpy() if across_gaps else level
    out: FloatArray = np.full_like(level, np.nan)
    out[1:] = level[1:] / before[:-1] - 1.0 if kind == "simple" else np.log(level[1:]) - np.log(before[:-1])
    values = pd.DataFrame(out, index=days, columns=levels.columns)
    spans = pd.DataFrame(_spans(level, out), index=days, columns=levels.columns) if across_gaps else None
    return Returns(values, kind, spans)


def _spans(level: FloatArray, returns: FloatArray) -> FloatArray:
    """Sessions since the last level before, (D, S), NaN where there is no return."""
    row = np.arange(len(level), dtype=np.float64)[:, None]
    last = np.maximum.accumulate(np.where(np.isfinite(level), row, -1.0), axis=0)
    before = np.vstack([np.full((1, level.shape[1]), -1.0), last[:-1]])
    return np.where(np.isfinite(returns), row - before, np.nan)


def check_days(index: pd.Index, what: str, *, increasing: bool = True) -> pd.DatetimeIndex:
    """Bring `index` to nanosecond days without a zone; SpecError where it is no list of distinct days.

    Two sources may hold the same days in different units (seconds, microseconds); compared in one unit they join.
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise SpecError(f"{what} have to be a DatetimeIndex, got {type(index).__name__}; use pandas.to_datetime")
    if index.tz is not None:
        raise SpecError(f"{what} carry the time zone {index.tz}; give exchange-local days without one")
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise SpecError(f"{what} hold {twice.date()} more than once; one row a day is expected")
    if increasing and not index.is_monotonic_increasing:
        raise SpecError(f"{what} are not in increasing order; sort them first")
    return index.as_unit("ns")


def _refuse_unusable(frame: pd.DataFrame, level: FloatArray) -> None:
    """A zero, negative or infinite level has no return; naming it beats an infinity further down."""
    bad = (level <= 0) | np.isinf(level)
    if not bad.any():
        return
    findings = [
        Issue("non_positive", "fatal", f"level {level[t, s]:g}: no return can be formed", str(frame.columns[s]), day)
        for t, s in np.argwhere(bad)[:20]
        for day in [frame.index[t].date()]
    ]
    raise QualityError(findings)
