"""Levels to returns on one list of sessions: simple or log, never filled."""

from __future__ import annotations

from collections.abc import Hashable
from typing import get_args

import numpy as np
import pandas as pd

from eventstudy.errors import QualityError, SpecError
from eventstudy.objects.estimation import FloatArray, ReturnKind
from eventstudy.objects.prices import Issue, Returns


def returns_on(
    levels: pd.DataFrame, sessions: pd.DatetimeIndex, kind: ReturnKind = "simple", *, across_gaps: bool = False
) -> Returns:
    """Form returns between adjacent sessions of one exchange calendar.

    Simple: ``P_t / P_(t-1) - 1``. Log: ``ln P_t - ln P_(t-1)``. The levels are first taken on `sessions`, without any
    fill, and only then differenced: a missing level makes both adjoining returns missing, a holiday of the calendar
    is no gap, and a benchmark from elsewhere is compounded over the security's own interval.

    Parameters
    ----------
    levels : (date, ticker) prices or index levels, NaN where unknown; one row per day, days without a time zone.
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


def returns_given(returns: pd.DataFrame, sessions: pd.DatetimeIndex, kind: ReturnKind = "simple") -> Returns:
    """Returns that were given, on the sessions of one exchange.

    A return of a session is taken as it is. Where a series has returns on days between two sessions (a weekend), they
    are compounded into the next session's, so that all span the same days; it is missing where one of them is.

    Parameters
    ----------
    returns : (date, ticker) decimals, NaN where unknown. sessions : (D,) increasing.

    Returns
    -------
    Returns whose values are (D, ticker) on `sessions`.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-25", "2025-01-27"])
    >>> given = pd.DataFrame({"X": [0.0, 0.1, 0.1]}, index=days)
    >>> returns_given(given, days[[0, 2]]).values["X"].round(4).tolist()
    [0.0, 0.21]
    """
    days = check_days(sessions, "sessions")
    dated = returns.set_axis(check_days(returns.index, "dates of the returns", increasing=False), axis=0).sort_index()
    out = dated.reindex(days).astype(np.float64)
    between = dated[~dated.index.isin(days)]
    between = between.loc[:, between.notna().mean() > 0.5] if len(between) else between
    for ticker in between.columns if len(between) else ():
        out[ticker] = _compounded(dated[ticker], days, kind)
    return Returns(out, kind)


def _compounded(series: pd.Series[float], sessions: pd.DatetimeIndex, kind: ReturnKind) -> FloatArray:
    """One series' returns, those between two sessions joined to the next session's; the first session's own alone."""
    growth = np.log1p(series.to_numpy()) if kind == "simple" else series.to_numpy()
    group = sessions.searchsorted(series.index)
    inside = (group < len(sessions)) & (series.index >= sessions[0])
    total = np.zeros(len(sessions))
    np.add.at(total, group[inside], growth[inside])
    total[~sessions.isin(series.index)] = np.nan
    return np.expm1(total) if kind == "simple" else total


def check_scale(
    frame: pd.DataFrame,
    what: str,
    *,
    kind: ReturnKind = "simple",
    percent: bool | None = None,
    instead: str = "prices=",
    remedy: str = "say percent=True, or divide them by 100",
) -> None:
    """Refuse what cannot be returns in decimals: levels, per cent, and simple returns of -100 % or less.

    A column is too large where the median of its absolute values is over 0.1: no market moves by 10 % on an ordinary
    day. Columns with fewer than 20 values are not judged by their size.

    Parameters
    ----------
    frame : (date, name) returns or factor returns, NaN where missing.
    what : what they are, in words, for the error: ``"the returns"``, ``"the factors"``.
    percent : True where the values are stated to be per cent (checked after division by 100), False where they are
        stated to be decimals; None looks at them.
    instead, remedy : what to say where they are levels, and where they are per cent, for the error.

    Raises
    ------
    SpecError : names the column, its first date and what to say instead.

    Examples
    --------
    >>> days = pd.date_range("2025-01-01", periods=30)
    >>> check_scale(pd.DataFrame({"X": np.tile([0.8, -1.1], 15)}, index=days), "the returns")
    Traceback (most recent call last):
        ...
    eventstudy.errors.SpecError: the returns look like per cent: half of the values of X are over 0.1 (0.8 on \
2025-01-01); say percent=True, or divide them by 100
    """
    values = frame.to_numpy(dtype=np.float64)
    if percent:
        values = values / 100.0
    count = np.isfinite(values).sum(axis=0)
    judged = count >= _JUDGED
    large = judged & (2 * ((values > _LARGE) | (values < -_LARGE)).sum(axis=0) > count)
    levels = large & (np.where(np.isfinite(values), values, 1.0).min(axis=0, initial=1.0) > 0)
    if levels.any():
        column = int(np.argmax(levels))
        said = f"{what} look like levels, not returns: every value of {frame.columns[column]} is positive"
        raise SpecError(f"{said} ({_first_value(frame, column)}); give {instead}, or form returns with .pct_change()")
    if percent is None and 2 * large.sum() > judged.sum():
        column = int(np.argmax(large))
        said = f"{what} look like per cent: half of the values of {frame.columns[column]} are over {_LARGE}"
        raise SpecError(f"{said} ({_first_value(frame, column)}); {remedy}")
    if percent and judged.any() and not (np.abs(values[:, judged]) > _SMALL).any():
        column = int(np.argmax(judged))
        said = f"{what} are stated to be per cent, but no value is over {_SMALL:.1%}"
        raise SpecError(f"{said} ({frame.columns[column]}: {_first_value(frame, column)}); leave percent out")
    _refuse_total_losses(frame, values, what, kind)


_LARGE = 0.1
_SMALL = 0.005
"""A year of per cent returns without a move of 0.5 % in any column is a year of decimals."""
_JUDGED = 20


def _first_value(frame: pd.DataFrame, column: int) -> str:
    first = frame.iloc[:, column].dropna()
    return f"{float(first.iloc[0]):g} on {_day(first.index[0])}"


def _day(label: Hashable) -> str:
    return str(label.date()) if isinstance(label, pd.Timestamp) else repr(label)


def _refuse_total_losses(frame: pd.DataFrame, values: FloatArray, what: str, kind: ReturnKind) -> None:
    """A simple return of -100 % leaves nothing; research databases write -66 to -99 for one that is missing."""
    wrong = (values <= -1.0) | np.isinf(values) if kind == "simple" else np.isinf(values)
    if not wrong.any():
        return
    column = int(np.argmax(wrong.any(axis=0)))
    row = int(np.argmax(wrong[:, column]))
    found = f"{values[row, column]:g} of {frame.columns[column]} on {_day(frame.index[row])}"
    raise SpecError(
        f"{what} hold {int(wrong.sum())} value(s) that no return in decimals can have, the first {found}: "
        "a simple return is over -1. "
        "Leave codes for missing values (-66, -77, -88, -99) empty; say percent=True where the values are per cent"
    )


def _spans(level: FloatArray, returns: FloatArray) -> FloatArray:
    """Sessions since the last level before, (D, S), NaN where there is no return."""
    row = np.arange(len(level), dtype=np.float64)[:, None]
    last = np.maximum.accumulate(np.where(np.isfinite(level), row, -1.0), axis=0)
    before = np.vstack([np.full((1, level.shape[1]), -1.0), last[:-1]])
    return np.where(np.isfinite(returns), row - before, np.nan)


def check_days(index: pd.Index, what: str, *, increasing: bool = True) -> pd.DatetimeIndex:
    """Bring `index` to nanosecond days without a zone; SpecError where it is not a list of distinct days.

    Two sources may hold the same days in different units (seconds, microseconds); compared in one unit they join.
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise SpecError(f"{what} have to be a DatetimeIndex, got {type(index).__name__}; use pandas.to_datetime")
    if index.tz is not None:
        raise SpecError(f"{what} carry the time zone {index.tz}; give exchange-local days without one")
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise SpecError(f"{what} hold {twice.date()} more than once; one row per day is expected")
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
