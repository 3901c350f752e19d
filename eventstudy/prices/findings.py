"""From what the checks find to what a study hears: findings in its windows are loud, what a user knows is accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import pandas as pd

from eventstudy.errors import SpecError, UnknownNameError, listed
from eventstudy.files.dates import moment
from eventstudy.objects.estimation import Window
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.objects.settings import Accepted, Settings
from eventstudy.prices.quality import HINTS, QUALITY_CHECKS

_EXAMPLE = "{check: split_jump, ticker: RRC, date: 1990-05-01}"
_KEYS = ("check", "ticker", "date", "why")
ON_READING = ("range_unlike",)
"""Findings of values that are made while a panel is built."""
WRONG_WHATEVER = ("no_prices", "non_positive")
"""Findings that nobody can know to be right."""


def accepted_of(
    entries: Iterable[Mapping[str, Any] | Accepted], where: Sequence[str | None] = ()
) -> tuple[Accepted, ...]:
    """The findings that a study accepts, checked.

    Parameters
    ----------
    entries : mappings of ``check`` (the name of a check or of a finding), ``ticker``, and perhaps ``date`` and ``why``.
    where : file and line of each, for what is said of it later.

    Raises
    ------
    SpecError : an entry that is no such mapping, or a date that cannot be read. UnknownNameError : an unknown check.

    Examples
    --------
    >>> accepted_of([{"check": "split_jump", "ticker": "RRC", "date": "1990-05-01"}])[0].date
    datetime.date(1990, 5, 1)
    """
    return tuple(_accepted(entry, place) for entry, place in zip_longest(entries, where))


def _accepted(entry: Any, place: str | None) -> Accepted:
    if isinstance(entry, Accepted):
        return entry
    if not isinstance(entry, Mapping):
        raise SpecError(f"accept is a list of findings, such as {_EXAMPLE}, got {entry!r}")
    for key in entry:
        if key not in _KEYS:
            raise UnknownNameError("key of accept", str(key), _KEYS)
    said = {key: entry.get(key) for key in _KEYS}
    for key in ("check", "ticker", "why"):
        if said[key] is not None and not (isinstance(said[key], str) and said[key]):
            raise SpecError(f"accept: {key} is a text, got {said[key]!r}; an entry is {_EXAMPLE}")
    if said["check"] is None:
        raise SpecError(f"accept: an entry names its check, such as {_EXAMPLE}, got {dict(entry)!r}")
    known = {**{name: card.codes for name, card in QUALITY_CHECKS.items()}}
    names = dict.fromkeys((*known, *(code for codes in known.values() for code in codes), *ON_READING))
    if said["check"] not in names:
        raise UnknownNameError("check of accept", said["check"], tuple(n for n in names if n not in WRONG_WHATEVER))
    if said["check"] in WRONG_WHATEVER:
        raise SpecError(f"accept: {said['check']} cannot be real; correct the prices, or leave the cells empty")
    when = None if said["date"] is None else moment(said["date"])
    day = when.date() if isinstance(when, dt.datetime) else when
    return Accepted(said["check"], said["ticker"], day, said["why"], place)


def judged(issues: Sequence[Issue], settings: Settings, panel: PricePanel, used: Sequence[str]) -> list[Issue]:
    """The findings as a study hears them.

    A fatal one of a series that the study does not use is a warning. A move without traces that would be let pass
    elsewhere is a warning in an event window, and an info on day zero and the next, where the event itself explains it.
    A finding that the study accepts is an info that says so; one that it accepts in vain is told. An entry without a
    date accepts the only finding that it names: where there are several on different days it accepts none of them, and
    their days are told.
    """
    spans = _spans(settings, panel)
    heard = [said for issue in issues if (said := _heard(issue, spans, used)) is not None]
    named = {one: [i for i in heard if i.severity != "info" and _covers(one, i)] for one in settings.accept}
    several = [one for one, found in named.items() if one.date is None and len({i.date for i in found} - {None}) > 1]
    out = []
    for issue in heard:
        by = next((one for one, found in named.items() if issue in found), None)
        if by is None or (by in several and issue.date is not None):
            out.append(issue)
            continue
        why = f"accepted by the study{f': {by.why}' if by.why else ''}"
        out.append(replace(issue, severity="info", detail=f"{issue.detail} ({why})", accepted=True))
    return [
        *out,
        *(_in_vain(one) for one, found in named.items() if not found),
        *(_asked_for_a_date(one, named[one]) for one in several),
    ]


def _heard(issue: Issue, spans: Mapping[str, Sequence[tuple[dt.date, dt.date, Sequence[dt.date]]]], used: Any) -> Any:
    if issue.code in HINTS and issue.severity == "info":
        day = issue.date
        touched = [s for s in spans.get(issue.ticker or "", ()) if day is not None and s[0] <= day <= s[1]]
        expected = any(day in days for _, _, days in touched)
        if expected:
            return replace(issue, detail=f"{issue.detail}; what is said of that day rests on this price")
        return replace(issue, severity="warning") if touched else None
    if issue.severity != "fatal" or issue.ticker is None or issue.ticker in used:
        return issue
    return replace(issue, severity="warning", detail=f"{issue.detail}; the study does not use this series")


def _spans(settings: Settings, panel: PricePanel) -> dict[str, list[tuple[dt.date, dt.date, list[dt.date]]]]:
    """Ticker -> first and last day of each of its event windows, and day zero with the day after it."""
    spans: dict[str, list[tuple[dt.date, dt.date, list[dt.date]]]] = {}
    for event in settings.events:
        if event.ticker not in panel.exchange:
            continue
        sessions = panel.calendars[panel.exchange[event.ticker]].sessions
        window = event.event if isinstance(event.event, Window) else settings.event
        zero = int(sessions.searchsorted(pd.Timestamp(event.day)))
        inside = sessions[max(zero + window.start, 0) : max(zero + window.end + 1, 0)]
        if len(inside):
            expected = [day.date() for day in sessions[zero : zero + 2]]
            spans.setdefault(event.ticker, []).append((inside[0].date(), inside[-1].date(), expected))
    return spans


def _covers(accepted: Accepted, issue: Issue) -> bool:
    card = QUALITY_CHECKS.get(accepted.check)
    codes = (accepted.check, *(() if card is None else getattr(card, "codes", ())))
    return (
        issue.code in codes
        and issue.code not in WRONG_WHATEVER
        and accepted.ticker == issue.ticker
        and accepted.date in (None, issue.date)
    )


def _in_vain(accepted: Accepted) -> Issue:
    text = f"{_named(accepted)}, which the checks do not find: correct the entry, or remove it"
    return Issue("accept_in_vain", "warning", text, accepted.ticker, accepted.date)


def _asked_for_a_date(accepted: Accepted, found: Sequence[Issue]) -> Issue:
    days = listed([str(day) for day in sorted({i.date for i in found if i.date is not None})], 12)
    text = f"{_named(accepted)} without a date, and there are findings on {days}; give the date of each that is real"
    severity: Severity = "fatal" if any(i.severity == "fatal" for i in found) else "warning"
    return Issue("accept_several", severity, text, accepted.ticker)


def _named(accepted: Accepted) -> str:
    place = f"{accepted.where}: " if accepted.where else ""
    named = " ".join(str(part) for part in (accepted.check, accepted.ticker, accepted.date) if part is not None)
    return f"{place}accept names {named}"
