"""The day, the paths, the calendar; `testing` has the tests, `estimation` what is normal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eventstudy.errors import joined
from eventstudy.figures import called, picking
from eventstudy.objects.estimation import DayZeroPolicy
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.report import design, tables, wording
from eventstudy.report.blocks import Block, Content, Fold, Heading, Listing, Prose, folded
from eventstudy.report.charts import charts
from eventstudy.report.closes import closes
from eventstudy.report.contamination import contamination
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.section import Section
from eventstudy.report.summary import mean_rows
from eventstudy.report.trading import trading

NAMED = 6  # members of an index that a sentence names one by one


def day(result: StudyResult) -> Content:
    """Returns and abnormal returns on day zero with intervals; who fell, who rose.

    Where the event window leaves day zero out, which day it is.
    """
    if not picking.has_day_zero(result):
        return Content("The day", (*_inside_index(result), *folded(calendar(result))))
    own_dates = len(design.days(design.places(result))) > 1
    lead = (
        f"A return says what happened to a share. {design.taken_away(result)} Its interval is the range "
        "of abnormal moves the data are compatible with; where it leaves zero out, an ordinary day is an unlikely "
        "explanation. Each interval is of one security; the answer above allows for how many there are."
    )
    several = len(result.settings.tickers) > 1
    lead = lead if several else lead.partition(" Each interval")[0]
    each = "event" if picking.units(result) == "events" else "security"
    own = f"Each {each} has its own day zero: what is shown side by side did not happen on one date."
    said = (lead, own) if own_dates else (lead,)
    blocks = (
        Prose(said),
        *charts(result, "movers", "benchmarks"),
        *contamination(result),
        *_inside_index(result),
        *closes(result),
        *folded(calendar(result)),
    )
    title = "The day: who fell, who rose, and for whom it was abnormal" if several else "The day"
    return Content(title, blocks)


def _inside_index(result: StudyResult) -> Iterator[Block]:
    """A security inside its own benchmark pulls its abnormal return towards zero: said by name."""
    said = []
    for event in result.select(result.settings.headline_event):
        benchmark = result.against(event)
        inside = set(result.settings.members.get(benchmark or "", ())) & set(event.panel.event_tickers)
        if inside:
            said.append(f"{_inside(event, inside)} part of {called.market(benchmark or '')}.")
    if said:
        compared = any(not event.headline for event in result.events)
        shown = "; the comparison with other benchmarks shows by how much" if compared else ""
        yield Prose(
            (
                f"{' '.join(said)} Such a benchmark moves partly with the security itself, which pulls the abnormal "
                f"return towards zero{shown}.",
            ),
            "warning",
        )


def _inside(event: EventResult, inside: set[str]) -> str:
    """Who is part of the index, by name where they are few."""
    securities = list(dict.fromkeys(event.panel.event_tickers))
    if len(inside) <= NAMED:
        names = joined([ticker for ticker in securities if ticker in inside])
        return f"{names} {'is itself' if len(inside) == 1 else 'are themselves'}"
    return f"{len(inside)} of the {len(securities)} securities in {wording.exchange(event.exchange)} are themselves"


def paths(result: StudyResult) -> Content:
    """CAR paths with bands, and the table of CARs over every window."""
    span = result.settings.event
    lead = (
        f"The cumulative abnormal return (CAR) adds up the abnormal returns from session "
        f"{tables.window((span.start, span.end))[1:].split(',')[0]} on. The band is the interval of that sum: "
        "where it leaves zero out, ordinary days seldom add up to as much. It holds for one day at "
        "a time, not for the whole path at once."
    )
    cars = [Listing(car_table(result, event)) for event in result.select(result.settings.headline_event)]
    means = result.caar()
    folds = [Fold("cars", "CARs over every window, as a table", tuple(cars))]
    if len(means):
        summary = "Their mean over every window, with its interval, as a table"
        folds.insert(0, Fold("means", summary, (Listing(mean_rows(means)),)))
    return Content("Before and after", (Prose((lead,)), *charts(result, "car", "recovery", "prices"), *folds))


def car_table(result: StudyResult, event: EventResult) -> Table:
    """One row a security and window: CAR, standard error, SCAR, p, Holm and Benjamini-Hochberg p, BHAR."""
    columns = (
        Column("ticker", "Security"),
        Column("window", "Window"),
        Column("car", "CAR", "decimal", True),
        Column("se", "Standard error", "decimal"),
        Column("scar", "SCAR (t)", "statistic", True),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p", note="adjusted over all securities of the event, per window"),
        Column("p_bh", "p (B-H)", "p", note="Benjamini and Hochberg, per window"),
        Column("reason", "Remark", below=True),
    )
    benchmark = result.against(event)
    against = f" against {called.market(benchmark, called.names(result.verdicts))}" if benchmark else ""
    caption = f"{wording.exchange(event.exchange)}: CARs{against}, {result.model(event).words}"
    rows = tuple(_car_rows(result, event))
    return Table(f"cars-{event.exchange}", caption, columns, rows)


def _car_rows(result: StudyResult, event: EventResult) -> Iterator[tuple[Cell, ...]]:
    abnormal = event.abnormal
    spans = result.settings.windows
    by_window = [(w, abnormal.car(w), abnormal.car_se(w), abnormal.scar(w)) for w in spans]
    tests = {w: {f.subject: f.result for f in event.findings_of("t", w)} for w in spans}
    for i, key in enumerate(event.panel.keys):
        for span, car, se, scar in by_window:
            test = tests[span].get(key)
            ps = (test.p, test.p_holm, test.p_bh) if test is not None else (float("nan"),) * 3
            reason = event.normal.reason[i] or (test.reason if test is not None else None) or ""
            yield key, tables.window((span.start, span.end)), *map(float, (car[i], se[i], scar[i])), *ps, reason


def calendar(result: StudyResult) -> Iterator[Block]:
    """Who traded when, and which day is day zero where."""
    exchanges = {event.exchange for event in result.events if event.headline}
    found = f"Day zero is found from the announced date: {_POLICY[result.settings.policy]}."
    together = (
        "Markets do not close together: the same news meets one exchange in the afternoon and another the next "
        f"morning, and some are shut. {found} Sessions are those of the security's own exchange, and each security is "
        "compared with the benchmark the study names for that exchange."
    )
    alone = f"{found} Sessions are those of {wording.exchange(next(iter(exchanges), ''))}."
    lead = together if len(exchanges) > 1 else alone
    yield Heading("calendar", "Who traded when" if len(exchanges) > 1 else "Which day is day zero")
    yield Prose((lead,))
    yield from charts(result, "timeline", "calendar")
    yield Listing(shifts_table(result))


_POLICY: Mapping[DayZeroPolicy, str] = {
    "next": "where the exchange is closed on that date, the next session is taken",
    "previous": "where the exchange is closed on that date, the session before is taken",
    "drop": "where the exchange is closed on that date, the security is left out",
    "error": "the exchange has to be open on that date",
}


def shifts_table(result: StudyResult) -> Table:
    """One row an announcement and exchange: what became day zero, and why it moved."""
    columns = (
        Column("event", "Event"),
        Column("exchange", "Exchange"),
        Column("announced", "Announced"),
        Column("day_zero", "Day zero"),
        Column("hours", "Its session, local time"),
        Column("shifted", "Days moved", "count", True),
        Column("note", "Remark", below=True),
        Column("securities", "Securities", below=True),
    )
    hours = {(row["event"], row["exchange"], row["session"]): _hours(row) for row in trading(result)}
    found: dict[tuple[Cell, ...], list[str]] = {}
    for event in (e for e in result.events if e.headline):
        label = wording.event(result.settings, event.event)
        for zero in event.panel.day_zero:
            where = wording.exchange(event.exchange)
            day = None if zero.session is None else zero.session.isoformat()
            open_ = hours[event.event, event.exchange, day]
            key = (label, where, zero.event.announced.isoformat(), zero.session, open_, zero.shifted, zero.note or "")
            found.setdefault(key, []).append(zero.event.ticker)
    rows = tuple((*key, " ".join(tickers)) for key, tickers in found.items())
    return Table("day-zero", "Day zero of every announcement on every exchange", columns, rows)


def _hours(row: Mapping[str, Any]) -> str:
    """When the session opens and closes, as far as it is known: ``09:30 to 16:00``."""
    opens, closes = row["opens_local"], row["closes_local"]
    return "" if closes is None else f"to {closes}" if opens is None else f"{opens} to {closes}"


DAY = Section(name="day", title="The day", audience="everybody", make=day)


PATHS = Section(name="paths", title="Before and after", audience="everybody", make=paths)
