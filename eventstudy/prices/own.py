"""Sessions that no published calendar holds: found in the prices themselves, and said.

An exchange without a calendar, weekly bars and currencies have the dates of the file as their sessions. A security
that trades at weekends is compared with an index on the days of the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import BoolArray
from eventstudy.objects.prices import ExchangeCalendar, Issue, PricePanel
from eventstudy.prices.exchanges import OWN, is_own
from eventstudy.prices.sessions import own_calendar

STRAY = 0.05
"""A day that a smaller share of the series living then have is not a session of the others."""
WEEKENDS = 0.9
"""Share of the weekend days of its life from which on a series trades every day of the week."""
_JUDGED = 30
MORE_DAYS = 1.1
"""A security with a tenth more days than its benchmark is on another calendar; holidays differ by a hundredth."""

Held = BoolArray


def found_exchanges(
    exchange: Mapping[str, str],
    given: Mapping[str, str],
    held: Held,
    days: pd.DatetimeIndex,
    books: Mapping[str, ExchangeCalendar],
) -> tuple[dict[str, str], list[Issue]]:
    """Exchanges that the dates show: every day of the week, or those of an index whose name is not known.

    Parameters
    ----------
    exchange : ticker -> code by name, `given` where stated; only the others may change.
    held : (D, S) whether a series has a price, in the order of `exchange`. books : the published calendars so far.
    """
    out = dict(exchange)
    issues: list[Issue] = []
    # Usually no series has prices at weekends, and then none is looked at.
    weekends: BoolArray = np.any(held[np.asarray(days.day_of_week) >= 5], axis=0)
    for i, (ticker, code) in enumerate(exchange.items()):
        if ticker in given:
            continue
        plain = code == "XNYS" and "." not in ticker and not ticker.startswith("^")
        if plain and weekends[i] and _at_weekends(held[:, i], days):
            out[ticker] = "24/7"
            text = "has prices at weekends: it is taken to trade every day (24/7)"
            issues.append(Issue("exchange_found", "info", text, ticker))
        elif is_own(code) and ticker.startswith("^"):
            found = _matching(held[:, i], days, books)
            out[ticker] = found or code
            text = f"an index that is not known; its dates are those of {found}" if found else _UNKNOWN_INDEX
            issues.append(
                Issue("exchange_found", "info", f"{text}. Otherwise state exchanges: {{{ticker}: MIC}}", ticker)
            )
    return out, issues


_UNKNOWN_INDEX = "an index that is not known, whose dates fit no exchange of the study: its own dates are its sessions"


def _at_weekends(held: BoolArray, days: pd.DatetimeIndex) -> bool:
    rows = np.flatnonzero(held)
    if len(rows) < _JUDGED:
        return False
    life = pd.date_range(days[rows[0]], days[rows[-1]])
    weekends = int((life.day_of_week >= 5).sum())
    return weekends > 0 and int((days[rows].day_of_week >= 5).sum()) >= WEEKENDS * weekends


def _matching(held: BoolArray, days: pd.DatetimeIndex, books: Mapping[str, ExchangeCalendar]) -> str | None:
    """The exchange whose sessions a series has: hardly a day beyond them, hardly one missed."""
    mine = days[held]
    if len(mine) < _JUDGED:
        return None
    best: tuple[float, str] | None = None
    for code, book in books.items():
        sessions = book.sessions[(book.sessions >= mine[0]) & (book.sessions <= mine[-1])]
        common = len(mine.intersection(sessions))
        fit = common / max(len(mine), len(sessions), 1)
        if fit > 0.97 and (best is None or fit > best[0]):
            best = (fit, code)
    return best[1] if best else None


def own_calendars(
    exchange: Mapping[str, str], held: Held, days: pd.DatetimeIndex
) -> tuple[dict[str, ExchangeCalendar], list[Issue]]:
    """The calendar of each code that stands for the dates of its own series; stray days left out, all of it said."""
    books: dict[str, ExchangeCalendar] = {}
    issues: list[Issue] = []
    tickers = list(exchange)
    for code in sorted({c for c in exchange.values() if is_own(c)}):
        members = [i for i, t in enumerate(tickers) if exchange[t] == code]
        sessions, stray = _common(held[:, members])
        books[code] = own_calendar(code, days[sessions])
        if stray.any():
            names = [tickers[i] for i in members if held[stray, i].any()]
            text = (
                f"{int(stray.sum())} day(s) that under {STRAY:.0%} of the series living then have are not sessions: "
                f"{_shown(days[stray])} ({', '.join(names[:3])})"
            )
            issues.append(Issue("stray_day", "warning", text, date=days[stray][0].date()))
        suffix = code.removeprefix(OWN).removeprefix("-")
        if any(not t.startswith("^") for t in (tickers[i] for i in members)):
            why = f"no exchange goes with the suffix .{suffix}" if suffix else "as stated"
            more = f"; otherwise state exchanges: {{{tickers[members[0]]}: MIC}}" if suffix else ""
            text = f"{why}: the {int(sessions.sum())} dates of the prices are the sessions{more}"
            issues += [Issue("own_sessions", "info", text, tickers[i]) for i in members]
    return books, issues


def _common(held: Held) -> tuple[BoolArray, BoolArray]:
    """(D,) days that are sessions, and days that too few of the series living then have."""
    count = held.sum(axis=1)
    begun = np.maximum.accumulate(held, axis=0)
    ended = np.maximum.accumulate(held[::-1], axis=0)[::-1]
    living = (begun & ended).sum(axis=1)
    stray = (count > 0) & (count < STRAY * living)
    return (count > 0) & ~stray, stray


def _shown(days: pd.DatetimeIndex) -> str:
    return ", ".join(str(d.date()) for d in days[:3]) + (" ..." if len(days) > 3 else "")


def on_benchmark_days(
    panel: PricePanel, held: Held, securities: Sequence[str], benchmarks: Mapping[str, str | None]
) -> tuple[PricePanel, list[Issue]]:
    """The panel in which securities that trade on more days than their benchmark have the sessions of the benchmark.

    Returns of both then span the same days: a weekend lies inside the return of Monday.

    Parameters
    ----------
    held : (D, S) whether a series has a price. benchmarks : exchange -> the series its securities are compared with.
    """
    calendars = dict(panel.calendars)
    issues: list[Issue] = []
    place = {t: i for i, t in enumerate(panel.tickers)}
    for code, benchmark in benchmarks.items():
        if benchmark is None or benchmark not in place or not (is_own(code) or code.startswith("24/")):
            continue
        index = held[:, place[benchmark]]
        more = [t for t in securities if panel.exchange[t] == code and _more_days(held[:, place[t]], index)]
        if not more:
            continue
        calendars[code] = _days_of(panel, benchmark, index, code)
        text = (
            f"has prices on more days than its benchmark {benchmark}: both are compared on the sessions of "
            f"{benchmark}, their returns spanning the same days"
        )
        issues += [Issue("benchmark_sessions", "info", text, t) for t in more]
    return (replace(panel, calendars=calendars) if issues else panel), issues


def _more_days(mine: BoolArray, index: BoolArray) -> bool:
    rows = np.flatnonzero(mine)
    if not len(rows):
        return False
    span = slice(rows[0], rows[-1] + 1)
    days, theirs = int(mine[span].sum()), int(index[span].sum())
    common = int((mine[span] & index[span]).sum())
    return theirs > 0 and days > MORE_DAYS * theirs and common > WEEKENDS * theirs


def _days_of(panel: PricePanel, benchmark: str, index: BoolArray, code: str) -> ExchangeCalendar:
    """The calendar of a benchmark under another code: its exchange's, or the days on which it has a level."""
    book = panel.calendars[panel.exchange[benchmark]]
    if panel.exchange[benchmark] != code:
        return replace(book, exchange=code)
    return own_calendar(code, pd.DatetimeIndex(panel.close.index[index]))
