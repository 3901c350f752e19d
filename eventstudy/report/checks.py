"""Section 7, second half: does the estimation window bear out what the tests assume?"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from eventstudy.figures.words import spoken
from eventstudy.objects.cards import Cards
from eventstudy.objects.outcomes import Diagnostic
from eventstudy.objects.results import StudyResult
from eventstudy.report import design, wording
from eventstudy.report.blocks import Block, Bullets, Heading, Listing, Prose
from eventstudy.report.frames import Cell, Column, Table

FEW = 4  # securities that a line names one by one
_WORST = ("problem", "caution", "fine")


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
    groups = result.settings.groups
    for check in dict.fromkeys(row.check for row in rows):
        mine = [row for row in rows if row.check == check and row.reason is None]
        flagged = {word: [row.subject for row in mine if row.verdict == word] for word in ("problem", "caution")}
        said = [
            f"{word} for {_named(names, _all(len(mine), mine, groups))}" for word, names in flagged.items() if names
        ]
        label = result.cards.diagnostics[check].label
        yield f"{label}:", f"{'; '.join(said) or f'nothing found in {_all(len(mine), mine, groups)}'}."


def _all(n: int, rows: Sequence[Diagnostic], groups: Collection[str]) -> str:
    """How many of what: ``39 securities``, ``7 groups``."""
    what = ("group", "groups") if all(row.subject in groups for row in rows) else ("security", "securities")
    return f"{n} {what[n != 1]}"


def _named(names: Sequence[str], total: str) -> str:
    return wording.series([spoken(name) for name in names]) if len(names) <= FEW else f"{len(names)} of {total}"


def checks_table(result: StudyResult, rows: Sequence[Diagnostic]) -> Table:
    """One row a check and subject, the worst of each first; the headline group whole, of others what is not fine."""
    group = result.settings.headline_group
    first = [*([group] if group else []), *(place.key for place in design.places(result))]
    order = {subject: k for k, subject in enumerate(dict.fromkeys([*first, *(row.subject for row in rows)]))}
    kept = [row for row in rows if row.verdict != "fine" or row.subject in first]
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
        f"Not listed are {missing:,} checks of other securities that were fine; results.json has all."
        if missing
        else None
    )
    shown = tuple(names[subject] for subject in first) if len(first) < len(order) else ()
    return Table("diagnostics-table", "Checks of the estimation window", columns, cells, note, shown)


def _numbers(row: Diagnostic, cards: Cards) -> tuple[Cell, ...]:
    meaning = wording.plain(row.meaning if row.reason is None else f"Not checked: {row.reason}.", cards)
    p = row.p if row.reason is not None or not math.isnan(row.p) else None
    return row.verdict, row.statistic, row.threshold, p, meaning
