"""What `eventstudy new` asks for on a terminal: whatever the command line left out, question by question."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from eventstudy.cli.newtext import Plan
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.files.dates import moment
from eventstudy.files.folders import check_name
from eventstudy.files.reading import kind_of
from eventstudy.objects.estimation import Event
from eventstudy.prices.exchanges import exchange_of
from eventstudy.prices.sessions import calendar
from eventstudy.windows import day_zero

Ask = Callable[[str], str]
"""How a question is put to the user: the text -> the answer."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
YAHOO = "yahoo"
"""The answer that fetches the prices."""


def asked(plan: Plan, ask: Ask, tell: Callable[[str], None]) -> Plan:
    """The plan with what it lacks asked for; a wrong answer is said and asked for again.

    Parameters
    ----------
    tell : how the user is told, with the securities known, which session is day zero.
    """
    if not plan.name:
        plan = replace(plan, name=_right(ask, "What is the study to be called? (such as outage)", _name))
    if plan.events is None and plan.event is None:
        question = "When did it become known? (2024-07-19, or a moment with its time zone)"
        plan = replace(plan, event=_right(ask, question, _moment))
    while plan.events is None and not plan.tickers:
        plan = replace(plan, tickers=tickers(ask("Which securities? (tickers, with commas)")))
    if plan.event is not None:
        tell(said_day_zero(plan.event, plan.tickers[0]))
    while not plan.benchmark:
        plan = replace(plan, benchmark=ask("Compared with which index? (such as ^GSPC)").strip())
    if plan.prices is None and plan.returns is None and not plan.fetched:
        where = _right(
            ask, f"Where are the prices? (a file, a folder, {YAHOO} to fetch them, empty for later)", _prices
        )
        named = None if where in ("", YAHOO) else Path(where).expanduser()
        plan = replace(plan, prices=named, fetched=where == YAHOO)
    return plan


def _right(ask: Ask, question: str, check: Callable[[str], object]) -> str:
    """The first answer that `check` does not refuse."""
    asks = question
    while True:
        text = ask(asks).strip()
        try:
            check(text)
        except SpecError as error:
            asks = f"{error}. {question}"
        else:
            return text


def _name(text: str) -> None:
    check_name(text, "the name of a study")


def _moment(text: str) -> None:
    """Refuse what is no day or moment, in the words of the question: nobody can state how an answer is written."""
    try:
        moment(text)
    except SpecError:
        if _ISO.match(text):
            raise
        raise SpecError(f"{text!r} is not a day written as year, month, day, such as 2024-07-19") from None


def _prices(text: str) -> None:
    if text not in ("", YAHOO) and kind_of(Path(text).expanduser()) not in ("file", "folder"):
        raise SpecError(f"there is no file or folder {text!r}")


def said_day_zero(when: str, ticker: str) -> str:
    """The session that an announcement counts on, by the calendar of the security's exchange.

    Examples
    --------
    >>> said_day_zero("2025-01-25", "NVDA")
    'day zero of NVDA is Monday 2025-01-27'
    """
    known = moment(when)
    day, exchange = (known.date() if isinstance(known, dt.datetime) else known), exchange_of(ticker)
    around = dt.timedelta(days=31)
    try:
        zero = day_zero(Event("event", ticker, known), calendar(exchange, day - around, day + around))
    except EventStudyError:  # sessions that only the prices can tell
        return f"day zero of {ticker} is found from the dates of its prices"
    return f"day zero of {ticker} is {zero.session:%A} {zero.session}"


def tickers(text: str) -> tuple[str, ...]:
    """The tickers of a text with commas or blanks, each once.

    Examples
    --------
    >>> tickers("CRWD, PANW CRWD")
    ('CRWD', 'PANW')
    """
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def command(plan: Plan) -> str:
    """The command line that says what was answered.

    Examples
    --------
    >>> command(Plan("outage", "2024-07-19", None, ("CRWD", "PANW"), "SPY", Path("my prices"), None, False))
    "eventstudy new outage --event 2024-07-19 --tickers CRWD,PANW --benchmark SPY --prices 'my prices'"
    """
    options = {
        "event": plan.event,
        "events": plan.events,
        "tickers": ",".join(plan.tickers),
        "benchmark": plan.benchmark,
        "prices": plan.prices,
        "returns": plan.returns,
    }
    said = [part for name, value in options.items() if value for part in (f"--{name}", str(value))]
    said += ["--fetch"] * plan.fetched
    said += [part for key, value in plan.settings.items() for part in ("--set", f"{key}={value}")]
    return shlex.join(["eventstudy", "new", plan.name, *said])
