"""When did they move? A scan of the event window, a session at a time, and what announcements before it did.

A session's test is that of the day itself: ``t`` for a security, ``portfolio_t`` for a group on one date. Holm over the
sessions of the scan keeps the chance of naming any session wrongly at alpha, whatever the dependence between them.

That an earlier announcement did nothing is not shown by a test that finds nothing: two one-sided tests (Schuirmann
1987) ask whether the move was smaller than half of what the event itself did.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import stdtrit

from eventstudy.inference import holm, run_tests
from eventstudy.inference.sample import two_sided_t
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.timing import Answer, Reaction, Session, Timing

POWER = 0.8
Measured = tuple[float, float, float]  # CAR, its standard error, degrees of freedom


def timing(result: StudyResult) -> Timing:
    """The scan of every group and security of the headline event, and its reactions to earlier announcements."""
    own = [e for e in result.events if e.headline and e.event == result.settings.headline_event]
    scan = [one for event in own for one in _scan(event)]
    before = [one for event in own for one in _reactions(result, event)]
    return Timing(tuple(scan), tuple(before))


def _subjects(event: EventResult) -> Iterator[tuple[str, bool, int]]:
    """Name, whether it is a group, and a row whose day zero it has; groups of several dates have none."""
    for name, keys in event.groups.items():
        rows = [event.row(key) for key in keys]
        if len({int(event.panel.day[i]) for i in rows}) == 1:
            yield name, True, rows[0]
    yield from ((key, False, i) for i, key in enumerate(event.panel.keys))


def _measured(event: EventResult, subject: str, is_group: bool, row: int, window: Window) -> Measured | None:
    """CAR of a security, or of a group as one portfolio; None where a day is missing."""
    if not is_group:
        car, se, nu = (
            float(values[row])
            for values in (event.abnormal.car(window), event.abnormal.car_se(window), event.normal.nu)
        )
    else:
        found = event.find(subject, window, "portfolio_t") or next(
            iter(run_tests(event.group(subject), window, ["portfolio_t"]))
        )
        if not found.applies or not found.statistic:
            return None
        car, nu = event.group(subject).caar(window), float(found.df[0])
        se = abs(car / found.statistic)
    return (car, se, nu) if np.isfinite([car, se, nu]).all() and se > 0 else None


def _scan(event: EventResult) -> Iterator[Session]:
    sessions, taus = event.panel.sessions, event.panel.event.taus
    for subject, is_group, row in _subjects(event):
        days = [(tau, _measured(event, subject, is_group, row, Window(tau, tau))) for tau in taus]
        known = [(tau, one) for tau, one in days if one is not None]
        if not known:
            continue
        car, se, nu = (np.array(column) for column in zip(*(one for _, one in known), strict=True))
        p = two_sided_t(car / se, nu)
        adjusted, most = holm(p), int(np.argmax(np.abs(car / se)))
        zero = int(event.panel.day[row])
        for k, (tau, _) in enumerate(known):
            numbers = (float(car[k]), float(se[k]), float(p[k]), float(adjusted[k]))
            yield Session(subject, is_group, tau, sessions[zero + tau], *numbers, most=k == most)


def _reactions(result: StudyResult, event: EventResult) -> Iterator[Reaction]:
    """From day zero of each earlier announcement within the event window to the session before the event's own."""
    alpha = result.settings.alpha
    on: dict[int, dict[str, None]] = {}  # announcements with one day zero cannot be told apart by prices
    for other in result.events:
        if other.headline and other.exchange == event.exchange and other.event != event.event:
            for day in other.panel.day.tolist():
                on.setdefault(day, {})[other.event] = None
    for subject, is_group, row in _subjects(event):
        reference = _measured(event, subject, is_group, row, Window(0, 0))
        for day, names in sorted(on.items()):
            start = day - int(event.panel.day[row])
            if reference is None or not event.panel.event.start <= start <= -1:
                continue
            found = _measured(event, subject, is_group, row, Window(start, -1))
            if found is not None:
                margin = abs(reference[0]) / 2
                yield _reaction(subject, is_group, ", ".join(names), start, found, margin, alpha)


def _reaction(
    subject: str, is_group: bool, event: str, start: int, found: Measured, margin: float, alpha: float
) -> Reaction:
    car, se, nu = found
    half = float(stdtrit(nu, 1 - alpha)) * se
    low, high = car - half, car + half
    outside = min(abs(low), abs(high)) >= margin and low * high > 0
    answer: Answer = "none as large" if -margin < low and high < margin else "as large" if outside else "not decided"
    # One-sided p of CAR <= -margin and of CAR >= margin, by the tail itself.
    sides = [0.5 * float(two_sided_t(gap / se, nu)) for gap in (car + margin, margin - car)]
    p_margin = max(p if gap > 0 else 1 - p for p, gap in zip(sides, (car + margin, margin - car), strict=True))
    p_zero = float(two_sided_t(car / se, nu))
    seen = float(stdtrit(nu, 1 - alpha / 2) + stdtrit(nu, POWER)) * se
    return Reaction(subject, is_group, event, start, -1, car, se, low, high, margin, p_zero, p_margin, seen, answer)
