"""What can be wrong with prices, found before anything is computed from them. PricePanel -> list of Issue.

Each check looks at the whole panel at once and reports one issue a series, with a count and the first days, so that
the list stays readable. `fatal` means that a study of these prices would be wrong, `warning` that a reader should
know, `info` that a choice was made.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.estimation import BoolArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.prices.bases import BASES_APART, LOOKS_AHEAD, SPLIT_DAYS
from eventstudy.prices.cards import Check
from eventstudy.prices.exchanges import is_own
from eventstudy.prices.held import HELD_INDEX
from eventstudy.prices.jumps import SPLIT_JUMPS
from eventstudy.prices.moves import dated
from eventstudy.prices.partly import SHIFTED_STRETCH, UNRELATED_STRETCH
from eventstudy.prices.shifts import SHIFTED_CALENDAR
from eventstudy.prices.spikes import SPIKES
from eventstudy.prices.stretches import INTERPOLATED, STALE_RUNS
from eventstudy.prices.traded import SURVIVORS, ZERO_VOLUME
from eventstudy.prices.twins import IDENTICAL

MAX_CLOSED_SHARE = 0.02
"""A Monday-to-Friday calendar puts 3 to 6 % of the rows on holidays; a real series has none, or an odd day."""
_BARS = {"week": (6, 8), "month": (26, 36), "quarter": (85, 97)}
"""Calendar days from one bar to the next; holidays and weekends move the ends."""
_FEWEST_BARS = 8
DEFAULT_SESSIONS = 272
"""Levels the default windows need: days -261 to +10."""


def check(panel: PricePanel) -> list[Issue]:
    """Run every check of `QUALITY_CHECKS`, in order; the caller raises QualityError where one is fatal.

    Raises
    ------
    SpecError : a check of the user's own failed, or returned something else than a list of Issue.
    """
    return [issue for name, card in QUALITY_CHECKS.items() for issue in _found(name, card, panel)]


def _found(name: str, card: Check, panel: PricePanel) -> list[Issue]:
    find = getattr(card, "find", card)  # a function of the user's own may stand without a card
    if not callable(find):
        raise SpecError(f"the quality check {name!r} is {card!r}; a Check or a function of a PricePanel is due")
    try:
        issues = find(panel)
    except EventStudyError:
        raise
    except Exception as error:
        if getattr(find, "__module__", "").startswith("eventstudy."):
            raise
        raise SpecError(f"the quality check {name!r} failed with {type(error).__name__}: {error}") from error
    if not isinstance(issues, list | tuple) or not all(isinstance(issue, Issue) for issue in issues):
        raise SpecError(
            f"the quality check {name!r} returned {issues!r}; a list of Issue is due, [] where nothing is wrong"
        )
    return list(issues)


def no_prices(panel: PricePanel) -> list[Issue]:
    """Fatal: a series without a single price."""
    empty = ~days_held(panel).any(axis=0)
    return [
        Issue("no_prices", "fatal", "has no price at all; remove it, or fetch it again", panel.tickers[i])
        for i in np.flatnonzero(empty)
    ]


def closed_days(panel: PricePanel) -> list[Issue]:
    """Prices on days the exchange was closed: a warning, fatal above 2 % of the series' rows (a foreign calendar)."""
    issues: list[Issue] = []
    held, closed, bars = days_held(panel), _closed(panel), _bars(panel)
    known: dict[bytes, tuple[str, bool]] = {}  # a foreign calendar is that of many series: its days are said once
    for i, ticker in enumerate(panel.tickers):
        if ticker in bars:
            continue  # its days are not the mistake
        days, rows = held[:, i] & closed[panel.exchange[ticker]], int(held[:, i].sum())
        if not days.any():
            continue
        count = int(days.sum())
        fatal = count > MAX_CLOSED_SHARE * rows and count > 2
        pattern = days.tobytes()
        if pattern not in known:
            weekends = bool((pd.DatetimeIndex(panel.close.index[days]).day_of_week >= 5).mean() > 0.5)
            known[pattern] = _dates(panel, days), weekends
        dates, weekends = known[pattern]
        advice = _calendar_advice(ticker, panel.exchange[ticker], weekends) if fatal else ""
        text = f"{count} of {rows} prices lie on days {panel.exchange[ticker]} was closed: {dates}{advice}"
        issues.append(_issue("closed_day", "fatal" if fatal else "warning", text, ticker, panel, days))
    return issues


def _calendar_advice(ticker: str, exchange: str, weekends: bool) -> str:
    """What to say of dates that are not those of an exchange, most of them perhaps at `weekends`."""
    first = f'exchanges: {{{ticker}: "24/7"}}' if weekends else f"exchanges: {{{ticker}: XLON}} (its own exchange)"
    return (
        f"; the dates are not those of {exchange}: check the file's calendar, state the exchange as {first}, or take "
        "the dates of the file as sessions: calendar: own"
    )


def missing_sessions(panel: PricePanel) -> list[Issue]:
    """Sessions of its exchange, between a series' first and last price, on which it has none."""
    issues: list[Issue] = []
    held = days_held(panel)
    index = panel.close.index
    for mic, book in panel.calendars.items():
        members = [i for i, t in enumerate(panel.tickers) if panel.exchange[t] == mic and held[:, i].any()]
        rows = index.get_indexer(book.sessions)
        on = np.where((rows >= 0)[:, None], held[rows][:, members], False)
        sessions, days = book.sessions.to_numpy(), index.to_numpy()
        for column, i in enumerate(members):
            life = np.flatnonzero(held[:, i])
            active = (sessions >= days[life[0]]) & (sessions <= days[life[-1]])
            missed = active & ~on[:, column]
            if missed.any():
                gaps = book.sessions[missed]
                text = f"{len(gaps)} of {int(active.sum())} sessions have no price: {dated(gaps)}"
                issues.append(Issue("missing_session", "warning", text, panel.tickers[i], gaps[0].date()))
    return issues


def long_bars(panel: PricePanel) -> list[Issue]:
    """Fatal: one price a week, month or quarter on the calendar of an exchange, whose sessions are days."""
    text = (
        "has one price a {0}: take the dates of the prices as sessions with calendar: own (in Python "
        'calendar="own"), and count the windows in {0}s'
    )
    return [Issue("long_bars", "fatal", text.format(words), ticker) for ticker, words in _bars(panel).items()]


def _bars(panel: PricePanel) -> dict[str, str]:
    """The series that have a price a week, a month or a quarter, and which."""
    out: dict[str, str] = {}
    held, days = days_held(panel), panel.close.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    for i, ticker in enumerate(panel.tickers):
        gaps = np.diff(days[held[:, i]])
        if is_own(panel.exchange[ticker]) or len(gaps) < _FEWEST_BARS:
            continue
        for words, (least, most) in _BARS.items():
            if ((gaps >= least) & (gaps <= most)).mean() > 0.9:
                out[ticker] = words
    return out


def non_positive(panel: PricePanel) -> list[Issue]:
    """Fatal: a price of zero or less, or an infinite one; a warning where a volume is negative."""
    issues: list[Issue] = []
    for name, frame in (("close", panel.close), ("adj_close", panel.adj_close), ("volume", panel.volume)):
        values = frame.to_numpy()
        wrong = (values < 0) if name == "volume" else (values <= 0) | np.isinf(values)
        for i in np.flatnonzero(wrong.any(axis=0)):
            text = f"{int(wrong[:, i].sum())} {name} value(s) that no price can have: {_dates(panel, wrong[:, i])}"
            severity: Severity = "warning" if name == "volume" else "fatal"
            issues.append(_issue("non_positive", severity, text, panel.tickers[i], panel, wrong[:, i]))
    return issues


def basis(panel: PricePanel) -> list[Issue]:
    """Info: a series lacks one of the two bases, wholly or from some day on, and the other one is used."""
    issues: list[Issue] = []
    close, adjusted = panel.close.notna().to_numpy(), panel.adj_close.notna().to_numpy()
    pairs = (("close", close, "adj_close", adjusted), ("adj_close", adjusted, "close", close))
    for i, ticker in enumerate(panel.tickers):
        for name, mine, other_name, other in pairs:
            lacking = other[:, i] & ~mine[:, i]
            if not lacking.any():
                continue
            if not mine[:, i].any():
                text = f"no {name} at all; {other_name} is used where it is asked for"
            else:
                text = f"{int(lacking.sum())} day(s) have {other_name} but no {name}: {_dates(panel, lacking)}"
            issues.append(_issue("basis_missing", "info", text, ticker, panel, lacking))
    return issues


def series_ends(panel: PricePanel) -> list[Issue]:
    """Info: a series stops before the last session of its exchange in the panel."""
    issues: list[Issue] = []
    held = days_held(panel)
    for i, ticker in enumerate(panel.tickers):
        sessions = panel.calendars[panel.exchange[ticker]].sessions
        if not held[:, i].any() or not len(sessions):
            continue
        last = panel.close.index[np.flatnonzero(held[:, i])[-1]]
        if last < sessions[-1]:
            text = f"prices end on {last.date()}, those of its exchange go on to {sessions[-1].date()}"
            issues.append(Issue("series_ends", "info", text, ticker, last.date()))
    return issues


def too_short(panel: PricePanel, needed: int = DEFAULT_SESSIONS) -> list[Issue]:
    """A warning for each series with fewer than `needed` days of prices: no event in it fills its windows."""
    rows = days_held(panel).sum(axis=0)
    return [
        Issue("short_series", "warning", f"{rows[i]} days of prices; the windows need {needed}", panel.tickers[i])
        for i in np.flatnonzero((rows < needed) & (rows > 0))
    ]


NO_PRICES = Check(
    find=no_prices,
    codes=("no_prices",),
    words="a series without a single price",
    severity="fatal",
    fix="remove it, or fetch it again",
)
CLOSED_DAYS = Check(
    find=closed_days,
    codes=("closed_day",),
    words="prices on days on which the exchange was closed",
    severity="fatal",
    fix="check the dates of the file, state the exchange, or say calendar: own",
)
MISSING_SESSIONS = Check(
    find=missing_sessions,
    codes=("missing_session",),
    words="sessions without a price between a series' first and last",
    severity="warning",
    fix="fill in the file",
)
LONG_BARS = Check(
    find=long_bars,
    codes=("long_bars",),
    words="one price a week, month or quarter where days are due",
    severity="fatal",
    fix="say calendar: own, and count windows in weeks or months",
)
NON_POSITIVE = Check(
    find=non_positive,
    codes=("non_positive",),
    words="a price of zero or less, or an infinite one; a negative volume",
    severity="fatal",
    fix="correct the cells, or leave them empty",
)
BASIS = Check(
    find=basis,
    codes=("basis_missing",),
    words="a series that lacks adjusted or unadjusted closes",
    severity="info",
    fix="give both in a long file, where both are known",
)
SERIES_ENDS = Check(
    find=series_ends,
    codes=("series_ends",),
    words="a series that stops before the last session of its exchange",
    severity="info",
    fix="look whether the security was delisted",
)
TOO_SHORT = Check(
    find=too_short,
    codes=("short_series",),
    words="fewer days of prices than the default windows need",
    severity="warning",
    fix="take a longer history, or shorter windows",
)

HINTS = ("split_jump", "spike")
"""Findings that are noted as an info where they may well be real, for a study to judge by its windows."""

QUALITY_CHECKS: dict[str, Check] = {
    "no_prices": NO_PRICES,
    "closed_days": CLOSED_DAYS,
    "missing_sessions": MISSING_SESSIONS,
    "long_bars": LONG_BARS,
    "non_positive": NON_POSITIVE,
    "stale_runs": STALE_RUNS,
    "interpolated": INTERPOLATED,
    "spikes": SPIKES,
    "split_jumps": SPLIT_JUMPS,
    "split_days": SPLIT_DAYS,
    "bases_apart": BASES_APART,
    "identical_series": IDENTICAL,
    "shifted_calendar": SHIFTED_CALENDAR,
    "shifted_stretch": SHIFTED_STRETCH,
    "unrelated_stretch": UNRELATED_STRETCH,
    "held_index": HELD_INDEX,
    "zero_volume": ZERO_VOLUME,
    "basis": BASIS,
    "looks_ahead": LOOKS_AHEAD,
    "survivors": SURVIVORS,
    "series_ends": SERIES_ENDS,
    "too_short": TOO_SHORT,
}


# ---------------------------------------------------------------------------------------------------------- the pieces
def days_held(panel: PricePanel) -> BoolArray:
    """(D, S) whether there is a price on either basis, or a return where returns were given."""
    if panel.returns is not None:
        return np.asarray(~np.isnan(panel.returns.to_numpy()))
    return np.asarray(~(np.isnan(panel.close.to_numpy()) & np.isnan(panel.adj_close.to_numpy())))


def _closed(panel: PricePanel) -> dict[str, BoolArray]:
    """Exchange -> (D,) whether it was closed on each day of the panel."""
    return {m: np.asarray(~panel.close.index.isin(b.sessions)) for m, b in panel.calendars.items()}


def _issue(code: str, severity: Severity, text: str, ticker: str, panel: PricePanel, days: BoolArray) -> Issue:
    first: dt.date = panel.close.index[int(days.argmax())].date()
    return Issue(code, severity, text, ticker, first)


def _dates(panel: PricePanel, days: BoolArray) -> str:
    return dated(pd.DatetimeIndex(panel.close.index[days]))
