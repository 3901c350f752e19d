"""How far the windows of the events of one announcement overlap in the calendar, counted and said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.prices import Issue
from eventstudy.study.events import ID
from eventstudy.windows import windows_looked_at

NAMED = 3  # securities spelled out


def overlaps(result: EventResult) -> Iterator[Issue]:
    """Events with dates of their own whose event windows share days, and securities whose events meet their own.

    Nothing is said of one shared date: that is the design of a study, and `choose` says it.

    Yields
    ------
    Issue : ``windows_overlap`` how many events share days of their event windows with events of other dates;
        ``own_windows_overlap`` the securities whose event windows share days; ``event_in_estimation`` those with an
        event inside the estimation window of another.
    """
    panel = result.panel
    n = panel.n_events
    if n < 2 or (panel.day == panel.day[0]).all():
        return
    pairs = [windows_looked_at(panel, i) for i in range(n)]
    first, last = (panel.day + np.array([getattr(w[1], end) for w in pairs]) for end in ("start", "end"))
    shared = _sharing(first, last)
    if shared:
        days = len(np.unique(panel.day))
        detail = (
            f"{_where(result)}: {shared} of {n} events ({days} dates) have event windows "
            "that share days with those of other dates, so their errors are correlated in part; the tests in front "
            "allow for it"
        )
        yield Issue("windows_overlap", "info", detail)
    yield from _own(result, pairs, first, last)


def _sharing(first: np.ndarray, last: np.ndarray) -> int:
    """How many intervals share a day with an interval that is not the same."""
    days, count = np.unique(np.stack([first, last]), axis=1, return_counts=True)
    order = np.argsort(days[0], kind="stable")
    start, end, count = days[0][order], days[1][order], count[order]
    before = np.maximum.accumulate(np.concatenate([[np.iinfo(np.int64).min], end[:-1].astype(np.int64)])) >= start
    after = np.concatenate([start[1:], [np.iinfo(np.int32).max]]) <= end
    return int(count[before | after].sum())


def _own(
    result: EventResult, pairs: Sequence[tuple[object, object]], first: np.ndarray, last: np.ndarray
) -> Iterator[Issue]:
    panel = result.panel
    begin, end = (panel.day + np.array([getattr(w[0], side) for w in pairs]) for side in ("start", "end"))
    meeting: dict[str, set[int]] = {}
    inside: dict[str, set[int]] = {}
    for rows in _several(panel.security):
        ticker = panel.event_tickers[rows[0]]
        for i in rows:
            for j in rows:
                if i != j and first[i] <= last[j] and first[j] <= last[i]:
                    meeting.setdefault(ticker, set()).add(i)
                if i != j and begin[i] <= last[j] and first[j] <= end[i]:
                    inside.setdefault(ticker, set()).add(i)
    where = _where(result)
    if meeting:
        detail = (
            f"{where}: the event windows of {_count(meeting)} share days with another event of the same security, so "
            "that what one event did is counted for the other too; shorten the event window, or keep one of them"
        )
        yield Issue("own_windows_overlap", "warning", detail)
    if inside:
        detail = (
            f"{where}: the estimation windows of {_count(inside)} hold another event of the same security, whose days "
            "raise the variance of what is normal"
        )
        yield Issue("event_in_estimation", "info", detail)


def _several(security: np.ndarray) -> Iterator[list[int]]:
    """The events of each security that has two or more."""
    order = np.argsort(security, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(security[order])) + 1):
        if len(rows) > 1:
            yield rows.tolist()


def _count(found: dict[str, set[int]]) -> str:
    n = sum(map(len, found.values()))
    names = ", ".join([*found][:NAMED]) + (", ..." if len(found) > NAMED else "")
    return f"{n} events of {len(found)} {'security' if len(found) == 1 else 'securities'} ({names})"


def _where(result: EventResult) -> str:
    """Which events are meant; those that the user gave no name have none."""
    named = "" if result.event == ID else f"event {result.event!r} "
    return f"{named}on {result.exchange}"
