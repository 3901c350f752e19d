"""Sections 4 to 7 and 9: the day, the paths, the estimation, the calendar. The tests have `testing.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eventstudy.report import tables, wording
from eventstudy.report.blocks import Block, Fold, Listing, Prose, Section
from eventstudy.report.charts import charts
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.results import EventResult, StudyResult


def day(result: StudyResult) -> Section:
    """Returns and abnormal returns on day zero with intervals; who fell, who rose."""
    lead = (
        "A return says what happened to a share. An abnormal return says how much of it is left once the market's own "
        "move that day, times the share's usual response to the market, is taken away. Its interval says how large a "
        "leftover is ordinary for this share."
    )
    blocks = (Prose((lead,)), *charts(result, "day", "movers", "benchmarks"), *_contamination(result))
    return Section("day", "The day", "The day: who fell, who rose, and for whom it was abnormal", blocks)


def _contamination(result: StudyResult) -> Iterator[Block]:
    """A security inside its own benchmark pulls its abnormal return towards zero: said by name."""
    said = []
    for event in result.select(result.settings.headline_event):
        inside = set(result.settings.members.get(event.benchmark or "", ())) & set(event.panel.event_tickers)
        if inside:
            names = wording.series([t for t in event.panel.event_tickers if t in inside])
            said.append(f"{names} are themselves part of {event.benchmark}.")
    if said:
        yield Prose(
            (
                f"{' '.join(said)} The index fell partly with them, so their abnormal returns against it are pulled "
                "towards zero; the comparison with other benchmarks shows by how much.",
            ),
            "warning",
        )


def paths(result: StudyResult) -> Section:
    """CAR paths with bands, and the table of CARs over every window."""
    span = result.settings.event
    lead = (
        f"The cumulative abnormal return (CAR) adds up the abnormal returns from session "
        f"{tables.window((span.start, span.end))[1:].split(',')[0]} on. The band is the interval of that sum: "
        "where it leaves zero out, ordinary days alone would seldom have added up to as much. It holds for one day at "
        "a time, not for the whole path at once."
    )
    cars = [Listing(car_table(result, event)) for event in result.select(result.settings.headline_event)]
    fold = Fold("cars", "CARs over every window, as a table", tuple(cars))
    return Section(
        "paths", "Before and after", "Before and after", (Prose((lead,)), *charts(result, "car", "prices"), fold)
    )


def car_table(result: StudyResult, event: EventResult) -> Table:
    """One row a security and window: CAR, standard error, SCAR, p, Holm and Benjamini-Hochberg p, BHAR."""
    columns = (
        Column("ticker", "Security"),
        Column("window", "Window"),
        Column("car", "CAR", "decimal", True),
        Column("se", "Standard error", "decimal"),
        Column("scar", "SCAR (t)", "statistic", True),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p", note="adjusted over the securities of this table, per window"),
        Column("p_bh", "p (B-H)", "p", note="Benjamini and Hochberg, per window"),
        Column("reason", "Remark"),
    )
    caption = f"{wording.exchange(event.exchange)}: CARs against {wording.name(event.benchmark)}, {event.model} model"
    rows = tuple(_car_rows(result, event))
    return Table(f"cars-{event.exchange}", caption, columns, rows)


def _car_rows(result: StudyResult, event: EventResult) -> Iterator[tuple[Cell, ...]]:
    abnormal = event.abnormal
    spans = result.settings.windows
    by_window = [(w, abnormal.car(w), abnormal.car_se(w), abnormal.scar(w)) for w in spans]
    tests = {w: {f.subject: f.result for f in event.findings_of("t", w)} for w in spans}
    for i, ticker in enumerate(event.panel.event_tickers):
        for span, car, se, scar in by_window:
            test = tests[span].get(ticker)
            ps = (test.p, test.p_holm, test.p_bh) if test is not None else (float("nan"),) * 3
            reason = event.normal.reason[i] or (test.reason if test is not None else None) or ""
            yield ticker, tables.window((span.start, span.end)), *map(float, (car[i], se[i], scar[i])), *ps, reason


def estimation(result: StudyResult) -> Section:
    """The fitted normal returns, each security on its benchmark, and checks of the residuals."""
    settings = result.settings
    lead = (
        f"Before the event, over sessions {tables.window((settings.estimation.start, settings.estimation.end))}, each "
        "share's return is fitted to that of its benchmark. Alpha is the intercept, beta the response, sigma the "
        "scatter around the line and R² the share of the variance the benchmark explains. What the line predicts for "
        "an event day is the normal return of that day."
    )
    listed = Listing(estimates_table(result.select(settings.headline_event)))
    return Section(
        "estimation",
        "Estimation",
        "What is normal: the estimation",
        (Prose((lead,)), listed, *charts(result, "scatter", "residuals")),
    )


def estimates_table(events: Iterable[EventResult]) -> Table:
    """One row a security: parameters, residual scatter, fit, returns used, degrees of freedom, and why not."""
    events = tuple(events)
    names = tuple(dict.fromkeys(name for event in events for name in event.normal.names))
    columns = (
        Column("ticker", "Security"),
        Column("benchmark", "Benchmark"),
        *(_parameter(name) for name in names),
        Column("sigma", "Sigma", "decimal", note="residual standard deviation of one day"),
        Column("r_squared", "R²", "correlation"),
        Column("nobs", "Returns", "count", note="non-missing returns in the estimation window, T"),
        Column("nu", "ν", "df", note="degrees of freedom, T − k − 1"),
        Column("day_zero", "Day zero"),
        Column("reason", "Remark"),
    )
    rows = tuple(row for event in events for row in _estimate_rows(event, names))
    return Table("estimates", "Estimates of the normal return", columns, rows)


def _parameter(name: str) -> Column:
    if name in ("const", "alpha"):
        return Column("alpha", "Alpha (a day)", "alpha", True)
    return Column("beta" if name == "market" else name, "Beta" if name == "market" else name, "coefficient", True)


def _estimate_rows(event: EventResult, names: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
    normal = event.normal
    place = {name: k for k, name in enumerate(normal.names)}
    for i, ticker in enumerate(event.panel.event_tickers):
        zero = event.panel.day_zero[i]
        remark = "; ".join(part for part in (normal.reason[i], zero.note) if part)
        yield (
            *(ticker, event.benchmark),
            *(float(normal.params[i, place[n]]) if n in place else None for n in names),
            *(float(normal.sigma[i]), float(normal.r_squared[i]), int(normal.nobs[i]), float(normal.nu[i])),
            *(zero.session, remark),
        )


def calendar(result: StudyResult) -> Section:
    """Who traded when, and which day is day zero where."""
    lead = (
        "Markets do not close together: the same news meets one exchange in the afternoon and another the next "
        "morning, and some are shut. Day zero is the first session of a security's own exchange on which the news "
        "could be traded, and each security is compared with a benchmark of that exchange."
    )
    blocks: tuple[Block, ...] = (Prose((lead,)), *charts(result, "calendar"), Listing(shifts_table(result)))
    return Section("calendar", "Calendar", "Who traded when", blocks)


def shifts_table(result: StudyResult) -> Table:
    """One row an announcement and exchange: what became day zero, and why it moved."""
    columns = (
        Column("event", "Event"),
        Column("exchange", "Exchange"),
        Column("announced", "Announced"),
        Column("day_zero", "Day zero"),
        Column("shifted", "Days moved", "count", True),
        Column("note", "Remark"),
        Column("securities", "Securities"),
    )
    found: dict[tuple[Cell, ...], list[str]] = {}
    for event in (e for e in result.events if e.headline):
        label = result.settings.labels.get(event.event, event.event)
        for zero in event.panel.day_zero:
            where = wording.exchange(event.exchange)
            key = (label, where, zero.event.announced.isoformat(), zero.session, zero.shifted, zero.note or "")
            found.setdefault(key, []).append(zero.event.ticker)
    rows = tuple((*key, " ".join(tickers)) for key, tickers in found.items())
    return Table("day-zero", "Day zero of every announcement on every exchange", columns, rows)
