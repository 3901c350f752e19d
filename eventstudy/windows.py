"""Day zero of each event, and the alignment of securities, regressors and events on one exchange calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, SpecError, WindowError, listed
from eventstudy.objects.estimation import (
    BoolArray,
    DayZero,
    DayZeroPolicy,
    Event,
    EventPanel,
    FloatArray,
    IntArray,
    Period,
    Window,
    keyed,
)
from eventstudy.objects.prices import ExchangeCalendar, Issue, Returns
from eventstudy.objects.settings import Settings
from eventstudy.returns import check_days

_TYPICAL_CLOSE = pd.Timedelta(hours=16)


# ----------------------------------------------------------------------------------------------------------- day zero
def day_zero(event: Event, calendar: ExchangeCalendar, policy: DayZeroPolicy = "next") -> DayZero:
    """Find the first session on which the news could be traded.

    A plain date that is a session is day zero. A moment with a time zone belongs to the first session that closes
    after it: news before the close of a session counts on that session, news at or after the close on the next one.
    A closed day goes by `policy`: ``next`` session, ``previous`` session, ``drop`` (t = -1), or ``error``.

    Returns
    -------
    DayZero : ``t`` row in ``calendar.sessions``; ``shifted`` calendar days from the day of the announcement, local to
        the exchange, to day zero (0: not moved, negative: back); ``note`` the sentence that says why it moved.

    Raises
    ------
    WindowError : the announcement is outside the calendar's span, or on a closed day under ``error``.
    SpecError : an unknown policy.

    References
    ----------
    MacKinlay (1997), section 2.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> new_york = ExchangeCalendar("XNYS", days, (days + pd.Timedelta(hours=21)).tz_localize("UTC"))
    >>> day_zero(Event("news", "NVDA", dt.date(2025, 1, 25)), new_york).session
    datetime.date(2025, 1, 27)
    """
    if policy not in get_args(DayZeroPolicy):
        raise SpecError(f"the day-zero policy is one of {', '.join(get_args(DayZeroPolicy))}, got {policy!r}")
    if len(calendar.sessions) == 0:
        raise WindowError(f"the calendar of {calendar.exchange} has no sessions")
    day, t = _locate(event, calendar)
    if t < len(calendar.sessions) and calendar.sessions[t] == day:
        return DayZero(event, t, day.date(), 0)
    if t > 0 and calendar.sessions[t - 1] == day:
        close = calendar.closes[t - 1]
        return _moved(event, calendar, t, day, f"after the {calendar.exchange} close at {close:%H:%M} UTC")
    why = f"when {calendar.exchange} was closed"
    if policy == "drop":
        return DayZero(event, -1, None, 0, f"announced on {day:%A %Y-%m-%d}, {why}: left out")
    if policy == "error":
        raise WindowError(
            f"event {event.id!r} of {event.ticker} was announced on {day:%A %Y-%m-%d}, {why}; "
            "correct the date, or choose the policy next, previous or drop"
        )
    return _moved(event, calendar, t if policy == "next" else t - 1, day, why)


def _locate(event: Event, calendar: ExchangeCalendar) -> tuple[pd.Timestamp, int]:
    """The announcement's local day, and the row of the first session that can trade on it (D if none)."""
    announced, sessions = event.announced, calendar.sessions
    if isinstance(announced, dt.datetime):
        moment = pd.Timestamp(announced).tz_convert("UTC")
        if calendar.closes.hasnans:
            raise WindowError(
                f"event {event.id!r} of {event.ticker} is announced at a time of day, and when {_market(calendar)} "
                "closes is not known: give the day on which the news could first be traded, such as 2024-02-15"
            )
        t = int(calendar.closes.searchsorted(moment, side="right"))
        day = _local_day(moment, calendar, min(t, len(sessions) - 1))
    else:
        day = pd.Timestamp(announced)
        t = int(sessions.searchsorted(day))
    if not sessions[0] <= day <= sessions[-1]:
        raise _outside(event, calendar)
    return day, t


def _local_day(moment: pd.Timestamp, calendar: ExchangeCalendar, near: int) -> pd.Timestamp:
    """Calendar day of `moment` where the exchange is; an exchange of unknown zone is taken to close at 16:00."""
    if (zone := calendar.zone) is not None:
        return moment.tz_convert(zone).tz_localize(None).normalize()
    since_close = moment - calendar.closes[near]
    return (calendar.sessions[near] + _TYPICAL_CLOSE + since_close).normalize()


def _moved(event: Event, calendar: ExchangeCalendar, t: int, day: pd.Timestamp, why: str) -> DayZero:
    if not 0 <= t < len(calendar.sessions):
        raise _outside(event, calendar)
    session = calendar.sessions[t]
    note = f"announced on {day:%A %Y-%m-%d}, {why}: day zero is {session:%A %Y-%m-%d}"
    return DayZero(event, t, session.date(), (session - day).days, note)


def _market(calendar: ExchangeCalendar) -> str:
    """What a calendar is of: an exchange, or the market of the prices whose own dates it holds."""
    return "its market" if calendar.closes.hasnans else calendar.exchange


def _outside(event: Event, calendar: ExchangeCalendar) -> WindowError:
    return WindowError(
        f"event {event.id!r} of {event.ticker}, announced {event.announced.isoformat()}, cannot be traded within the "
        f"history of {_market(calendar)}: its sessions run {_span(calendar.sessions)}"
    )


# ---------------------------------------------------------------------------------------------------------- alignment
def positions(days: IntArray, window: Window, n_sessions: int) -> tuple[IntArray, BoolArray]:
    """Rows of the sessions of `window` around each day: (N, L) int32 clipped into range, and (N, L) inside or not."""
    at: IntArray = np.add(days[:, None], np.arange(window.start, window.end + 1, dtype=np.int32))
    inside = (at >= 0) & (at < n_sessions)
    if not inside.all():
        at = np.clip(at, 0, max(n_sessions - 1, 0))
    return at, inside


def gather(values: FloatArray, rows: IntArray, days: IntArray, window: Window) -> FloatArray:
    """Take `window` around each event's day zero.

    Parameters
    ----------
    values : (S, D) one row per security, or (D,) one series for all.
    rows : (N,) row of each event in `values`; not looked at where `values` is (D,).
    days : (N,) column of each event's day zero.
    window : sessions relative to day zero, L of them.

    Returns (N, L) float64, NaN on days outside the sessions.

    >>> gather(np.array([1.0, 2.0, 3.0]), np.array([0]), np.array([2]), Window(-1, 1))
    array([[ 2.,  3., nan]])
    """
    at, inside = positions(days, window, values.shape[-1])
    taken: FloatArray = values[at] if values.ndim == 1 else values[np.asarray(rows)[:, None], at]
    return taken if inside.all() else np.where(inside, taken, np.nan)


def event_panel(
    returns: Returns,
    regressors: pd.DataFrame,
    events: Sequence[Event],
    calendar: ExchangeCalendar,
    benchmark: str | None,
    settings: Settings,
    beside: Sequence[str] = (),
) -> tuple[EventPanel, list[Issue]]:
    """Align events, securities and regressors of one exchange; the only place where that is done.

    Parameters
    ----------
    returns : of `returns_on` with this calendar's sessions; others than the events' and `beside` are left out.
    regressors : (session, name) decimal returns joined to the sessions by date, ``market`` for the benchmark and
        factor columns such as ``mkt_rf``, ``smb``, ``rf``; empty where the model needs none.
    events : one for each security and announcement, all of this exchange.
    calendar : sessions and closes of the exchange.
    benchmark : name of the series behind ``market``, None without one.
    settings : ``estimation``, ``event``, ``min_obs`` and ``policy`` are read.
    beside : securities without an event that a model compares with (peers, donors).

    Returns EventPanel of the events that have a day zero, and the issues found: ``day_zero_shifted``,
    ``event_dropped``, ``return_missing_on_day_zero``, ``benchmark_missing_on_day_zero``, ``estimation_window_cut``,
    ``event_window_cut``.

    Raises
    ------
    MissingPriceError : a security is not in `returns` or has no return at all; a regressor has no value at all.
    WindowError : an announcement lies outside the sessions.
    SpecError : `returns` are on other sessions than the calendar's; no ``market`` for the benchmark.
    """
    sessions = _sessions(returns, calendar)
    columns = _regressors(regressors, sessions, benchmark)
    found, issues = _find_days(events, calendar, settings.policy)
    found = [_in_sessions(d, sessions) for d in found]
    tickers, matrix = _matrix(returns, [*(d.event.ticker for d in found), *beside])
    row = {ticker: s for s, ticker in enumerate(tickers)}
    day = np.array([d.t for d in found], dtype=np.int32)
    estimation, event, standard = _windows(found, settings)
    panel = EventPanel(
        exchange=calendar.exchange,
        benchmark=benchmark,
        kind=returns.kind,
        sessions=sessions,
        tickers=tickers,
        returns=matrix,
        regressors=columns,
        events=tuple(d.event for d in found),
        day_zero=tuple(found),
        security=np.array([row[d.event.ticker] for d in found], dtype=np.int32),
        day=day,
        estimation=estimation,
        event=event,
        min_obs=settings.min_obs,
        spans=None if returns.spans is None else np.array(returns.spans[list(tickers)].T, order="C"),
        standard=standard,
    )
    panel.security.flags.writeable = panel.day.flags.writeable = False  # a finished result stays what it was
    return panel, issues + _coverage(panel)


def _sessions(returns: Returns, calendar: ExchangeCalendar) -> pd.DatetimeIndex:
    sessions = check_days(calendar.sessions, f"sessions of {calendar.exchange}")
    if not check_days(returns.values.index, "return dates").equals(sessions):
        raise SpecError(
            f"the returns are not on the sessions of {calendar.exchange}; form them with returns_on(levels, sessions)"
        )
    return sessions


# ------------------------------------------------------------------------------------------------ windows of their own
def own_windows(panel: EventPanel, i: int) -> tuple[Window, Window]:
    """The estimation and the event window of one event: its own, or the study's.

    Raises
    ------
    WindowError : a period that holds no session, or an estimation window that does not end before the event window.
    """
    return _own(panel.events[i], panel.standard or (panel.estimation, panel.event))


def windows_looked_at(panel: EventPanel, i: int) -> tuple[Window, Window]:
    """As `own_windows`; the panel's where an event's own cannot be, so that it is not estimated."""
    try:
        return own_windows(panel, i)
    except WindowError:
        return panel.estimation, panel.event


def of_benchmark(regressors: Mapping[str, FloatArray], benchmark: str | None) -> dict[str, FloatArray]:
    """The regressors for events that are compared with `benchmark`, the study's own where it is None."""
    plain = {name: values for name, values in regressors.items() if not name.startswith("market ")}
    return plain if benchmark is None else plain | {"market": regressors[f"market {benchmark}"]}


def _own(event: Event, standard: tuple[Window, Window]) -> tuple[Window, Window]:
    estimation, around = event.estimation or standard[0], event.event or standard[1]
    name = event.key or event.ticker
    for what, span in (("estimation", estimation), ("event", around)):
        if isinstance(span, Period):
            raise WindowError(f"{what} of {name}: its exchange has no session from {span}")
    if not isinstance(estimation, Window) or not isinstance(around, Window) or estimation.end >= around.start:
        raise WindowError(
            f"estimation {estimation} and event {around} of {name} overlap: the estimation window has to end before "
            "the event window starts"
        )
    return estimation, around


def _in_sessions(found: DayZero, sessions: pd.DatetimeIndex) -> DayZero:
    """The event with its periods as sessions around its day zero; one without a session stays as it is."""

    def sessions_of(span: Window | Period | None) -> Window | Period | None:
        if not isinstance(span, Period):
            return span
        first = int(sessions.searchsorted(pd.Timestamp(span.first)))
        last = int(sessions.searchsorted(pd.Timestamp(span.last), side="right")) - 1
        return Window(first - found.t, last - found.t) if first <= last else span

    event = found.event
    if not isinstance(event.estimation, Period) and not isinstance(event.event, Period):
        return found
    event = replace(event, estimation=sessions_of(event.estimation), event=sessions_of(event.event))
    return replace(found, event=event)


def _windows(found: Sequence[DayZero], settings: Settings) -> tuple[Window, Window, tuple[Window, Window] | None]:
    """The estimation and event window that hold those of all events, and the study's own where these differ."""
    own = [d for d in found if d.event.estimation or d.event.event or d.event.benchmark]
    if not own:
        return settings.estimation, settings.event, None
    pairs = [(settings.estimation, settings.event)]
    for d in own:
        with suppress(WindowError):  # said when it is estimated
            pairs.append(_own(d.event, pairs[0]))
    hulls = [Window(min(w.start for w in ws), max(w.end for w in ws)) for ws in zip(*pairs, strict=True)]
    return hulls[0], hulls[1], pairs[0]


def _regressors(frame: pd.DataFrame, sessions: pd.DatetimeIndex, benchmark: str | None) -> dict[str, FloatArray]:
    if benchmark is not None and "market" not in frame.columns:
        raise SpecError(f"the regressors hold no column 'market' for the benchmark {benchmark}")
    if frame.shape[1] == 0:
        return {}
    joined = frame.set_axis(check_days(frame.index, "regressor dates", increasing=False), axis=0).reindex(sessions)
    out = {str(name): np.array(joined[name], dtype=np.float64) for name in joined.columns}
    for name, values in out.items():
        values.flags.writeable = False
        if not np.isfinite(values).any():
            own = benchmark if name == "market" else name.removeprefix("market ") if " " in name else None
            label = f"the benchmark {own}" if own else f"the regressor {name!r}"
            raise MissingPriceError(f"{label} has no return on any session {_span(sessions)}; choose another")
    return out


def _find_days(
    events: Sequence[Event], calendar: ExchangeCalendar, policy: DayZeroPolicy
) -> tuple[list[DayZero], list[Issue]]:
    """Day zero of every event; those dropped by policy are left out and reported."""
    found: list[DayZero] = []
    issues: list[Issue] = []
    events = events if all(event.key for event in events) else keyed(events)
    # Many securities share an announcement: each is looked up once.
    known: dict[dt.date, DayZero] = {}
    taken: dict[tuple[str, int], str] = {}
    for event in events:
        if event.announced not in known:
            known[event.announced] = day_zero(event, calendar, policy)
        day = replace(known[event.announced], event=event)
        if day.t >= 0 and (event.ticker, day.t) in taken:
            detail = f"has another event with day zero {day.session}: counted once, as {taken[event.ticker, day.t]}"
            issues.append(Issue("event_repeated", "warning", detail, event.ticker, event.day))
            continue
        if day.t >= 0:
            found.append(day)
            taken[event.ticker, day.t] = event.key
        if day.note is not None:
            code = "day_zero_shifted" if day.t >= 0 else "event_dropped"
            detail = f"event {event.id!r} {day.note}"
            issues.append(Issue(code, "info" if day.t >= 0 else "warning", detail, event.ticker, event.day))
    return found, issues


def _matrix(returns: Returns, wanted: Sequence[str]) -> tuple[tuple[str, ...], FloatArray]:
    """The (S, D) security-major returns of the events' securities, in the order of the returns' columns."""
    known = set(wanted)
    absent = sorted(known.difference(returns.values.columns))
    if absent:
        held = ", ".join(str(c) for c in returns.values.columns[:50]) or "nothing"
        raise MissingPriceError(f"no prices for {listed(absent, 12)}; the prices hold {held}")
    tickers = tuple(str(c) for c in returns.values.columns if c in known)
    matrix: FloatArray = np.array(returns.values.loc[:, list(tickers)].T, dtype=np.float64, order="C")
    matrix.flags.writeable = False
    empty = [tickers[s] for s in np.flatnonzero(~np.isfinite(matrix).any(axis=1))]
    if empty:
        raise MissingPriceError(f"{listed(empty, 12)}: no return on any session {_span(returns.values.index)}")
    return tickers, matrix


def _span(days: pd.Index) -> str:
    return f"from {days[0].date()} to {days[-1].date()}"


def _coverage(panel: EventPanel) -> list[Issue]:
    """What the windows of the events lack: day zero itself, or sessions before or after the history."""
    last, n = len(panel.sessions) - 1, panel.n_events
    pairs = (
        [(panel.estimation, panel.event)] * n
        if panel.standard is None
        else [windows_looked_at(panel, i) for i in range(n)]
    )
    no_return = ~np.isfinite(panel.returns[panel.security, panel.day])
    own_gap = "the security has no return on day zero"
    found = [("return_missing_on_day_zero", i, own_gap) for i in np.flatnonzero(no_return).tolist()]
    for i, day in enumerate(panel.day.tolist()):
        market = panel.market_of(i)
        if market is not None and not np.isfinite(market[day]):
            text = f"the benchmark {panel.benchmark_of(i)} has no return on day zero, so there is no abnormal return"
            found.append(("benchmark_missing_on_day_zero", i, text))
    for i, (day, (est, _)) in enumerate(zip(panel.day.tolist(), pairs, strict=True)):
        if early := min(max(-(day + est.start), 0), est.length):
            text = f"{early} of the {est.length} sessions of the estimation window {est} lie before the first session"
            found.append(("estimation_window_cut", i, text))
    for i, (day, (_, own)) in enumerate(zip(panel.day.tolist(), pairs, strict=True)):
        if late := min(max(day + own.end - last, 0), own.length):
            text = f"{late} of the {own.length} sessions of the event window {own} lie after the last session"
            found.append(("event_window_cut", i, text))
    return [Issue(c, "warning", text, panel.events[i].ticker, panel.day_zero[i].session) for c, i, text in found]
