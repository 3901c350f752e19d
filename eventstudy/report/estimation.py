"""What is normal, as it was estimated, and whether those days bear out what the tests assume."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from eventstudy.errors import joined
from eventstudy.figures import picking
from eventstudy.figures.words import spoken
from eventstudy.objects.cards import Cards
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Diagnostic
from eventstudy.objects.results import StudyResult
from eventstudy.report import design, tables, wording
from eventstudy.report.blocks import Block, Bullets, Content, Fold, Heading, Listing, Prose, folded
from eventstudy.report.charts import chart_folds
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.section import Section

WHOLE = 60  # events of the headline group up to which its fine checks are listed too
FEW = 4  # securities that a line names one by one
_WORST = ("problem", "caution", "fine")


def estimation(result: StudyResult) -> Content:
    """The fitted normal returns, each security on its benchmark, and checks of the residuals."""
    settings = result.settings
    lead = (
        f"Before the event, over sessions {tables.window((settings.estimation.start, settings.estimation.end))}, "
        f"{result.cards.models[settings.model].fitted}"
    )
    listed = Listing(estimates_table(result, result.select(settings.headline_event)))
    table = Fold("estimates-fold", "The estimates of every security", (listed,))
    return Content(
        "What is normal: the estimation",
        (Prose((lead,)), *chart_folds(result, "scatter", "residuals", "correlation"), table, *folded(checks(result))),
    )


def estimates_table(result: StudyResult, events: Iterable[EventResult]) -> Table:
    """One row a security: parameters, residual scatter, fit, returns used, degrees of freedom, and why not."""
    events = tuple(events)
    own = [result.model(event).parameters for event in events if not result.model(event).same_parameters]
    names = tuple(dict.fromkeys(n for e in events if result.model(e).same_parameters for n in e.normal.names))
    compared = any(result.against(event) for event in events)
    columns = (
        Column("ticker", "Security"),
        *([Column("benchmark", "Benchmark")] if compared else []),
        *(_parameter(name) for name in names),
        Column("sigma", "Sigma", "decimal", note="residual standard deviation of one day"),
        Column("r_squared", "R²", "correlation"),
        Column("nobs", "Returns", "count", note="non-missing returns in the estimation window, T"),
        Column("nu", "ν", "df", note="degrees of freedom of the scatter"),
        Column("day_zero", "Day zero"),
        Column("reason", "Remark", below=True),
    )
    rows = tuple(row for e in events for row in _estimate_rows(e, names, (result.against(e),) if compared else ()))
    note = (
        f"{own[0].capitalize()} differ by security and are not shown; results.json holds them in order."
        if own
        else None
    )
    return Table("estimates", "Estimates of the normal return", columns, rows, note)


def _parameter(name: str) -> Column:
    if name in ("const", "alpha"):
        return Column("alpha", "Alpha (a day)", "alpha", True)
    return Column("beta" if name == "market" else name, "Beta" if name == "market" else name, "coefficient", True)


def _estimate_rows(
    event: EventResult, names: tuple[str, ...], benchmark: tuple[str | None, ...]
) -> Iterator[tuple[Cell, ...]]:
    normal = event.normal
    place = {name: k for k, name in enumerate(normal.names)}
    for i, key in enumerate(event.panel.keys):
        zero = event.panel.day_zero[i]
        why_not = f"not estimated: {normal.reason[i]}" if normal.reason[i] else None
        remark = "; ".join(part for part in (why_not, zero.note) if part)
        yield (
            *(key, *([event.panel.benchmark_of(i)] if benchmark else [])),
            *(float(normal.params[i, place[n]]) if n in place else None for n in names),
            *(float(normal.sigma[i]), float(normal.r_squared[i]), int(normal.nobs[i]), float(normal.nu[i])),
            *(zero.session, remark),
        )


def checks(result: StudyResult) -> Iterator[Block]:
    """What was found, the securities of the headline group at once, the others on demand; nothing without checks."""
    events = result.select(result.settings.headline_event)
    rows = [row for event in events for row in event.diagnostics]
    if not rows:
        return
    yield Heading("diagnostics", "Do the days before the event bear out the tests?")
    yield Prose(
        (
            "Each test assumes something about ordinary days. These checks ask whether the estimation window "
            "contradicts it, and say what would follow. Caution: it does, but little depends on it, or chance is not "
            "quite ruled out. Problem: it does, by so much that another test or model deserves more trust.",
        )
    )
    yield Bullets(tuple(_found(rows, result)))
    yield Listing(checks_table(result, rows))


def _found(rows: Sequence[Diagnostic], result: StudyResult) -> Iterator[tuple[str, str]]:
    """One line a check: how many securities it flags, and which those are where they are few."""
    for check in dict.fromkeys(row.check for row in rows):
        mine = [row for row in rows if row.check == check and row.reason is None]
        flagged = {word: [row.subject for row in mine if row.verdict == word] for word in ("problem", "caution")}
        said = [
            f"{word} for {_named(result, names, _all(result, len(mine), mine))}"
            for word, names in flagged.items()
            if names
        ]
        label = result.cards.diagnostics[check].label
        yield f"{label}:", f"{'; '.join(said) or f'nothing found in {_all(result, len(mine), mine)}'}."


def _all(result: StudyResult, n: int, rows: Sequence[Diagnostic]) -> str:
    """How many of what: ``39 securities``, ``7 groups``, ``300 events``."""
    if all(row.subject in result.settings.groups for row in rows):
        return f"{n} group{'s' if n != 1 else ''}"
    return "1 security" if n == 1 else f"{n} {picking.units(result)}"


def _named(result: StudyResult, names: Sequence[str], total: str) -> str:
    if len(names) > FEW:
        return f"{len(names)} of {total}"
    labels = picking.labels(result)
    return joined([labels.get(name) or spoken(name) for name in names])


def checks_table(result: StudyResult, rows: Sequence[Diagnostic]) -> Table:
    """One row a check and subject, the worst of each first; the headline group whole, of others what is not fine.

    Of a headline group of more than `WHOLE` events too only what is not fine.
    """
    group = result.settings.headline_group
    first = [*([group] if group else []), *(place.key for place in design.places(result))]
    order = {subject: k for k, subject in enumerate(dict.fromkeys([*first, *(row.subject for row in rows)]))}
    whole = {*first} if len(first) <= WHOLE else {group}
    kept = [row for row in rows if row.verdict != "fine" or row.subject in whole]
    kept.sort(key=lambda row: (order[row.subject], _WORST.index(row.verdict)))
    columns = (
        Column("subject", "Security"),
        Column("check", "Registry", hidden=True),
        Column("name", "Check"),
        Column("concern", "Verdict"),
        Column("statistic", "Statistic", "statistic"),
        Column("threshold", "Limit", "statistic", note="beyond it the verdict is not fine"),
        Column("p", "p", "p"),
        Column("meaning", "What it means for the tests", below=True),
    )
    names = {subject: spoken(subject) if subject in result.settings.groups else subject for subject in order}
    cells = tuple(
        (names[row.subject], row.check, result.cards.diagnostics[row.check].label, *_numbers(row, result.cards))
        for row in kept
    )
    missing = len(rows) - len(kept)
    note = (
        f"Not listed are {missing:,} checks{' of other securities' if len(first) <= WHOLE else ''} that were fine; "
        "results.json has all."
        if missing
        else None
    )
    shown = tuple(names[subject] for subject in first) if len(first) < len(order) else ()
    return Table("diagnostics-table", "Checks of the estimation window", columns, cells, note, shown)


def _numbers(row: Diagnostic, cards: Cards) -> tuple[Cell, ...]:
    meaning = wording.plain(row.meaning if row.reason is None else f"Not checked: {row.reason}.", cards)
    p = row.p if row.reason is not None or not math.isnan(row.p) else None
    return row.verdict, row.statistic, row.threshold, p, meaning


ESTIMATION = Section(name="estimation", title="Estimation", audience="referees", make=estimation)
