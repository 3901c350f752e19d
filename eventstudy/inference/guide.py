"""`docs/tests.md`, made from the cards: ``python -m eventstudy.inference.guide FILE`` writes it (``make guide``)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from eventstudy.files.writing import write_text
from eventstudy.inference.cards import TESTS
from eventstudy.inference.choose import candidates
from eventstudy.inference.diagnostics import DIAGNOSTICS
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.objects.cards import FAMILIES, Design, Test

DESIGNS: dict[Design, str] = {
    "one_security": "one security",
    "few_one_date": "fewer than 20 events on one date",
    "many_one_date": "20 events or more on one date",
    "few_own_dates": "fewer than 20 events, each on a date of its own",
    "many_own_dates": "20 events or more, each on a date of its own",
    "few_repeated_dates": "fewer than 20 events on a few dates",
    "many_repeated_dates": "20 events or more on a few dates",
    "few_overlapping_dates": "fewer than 20 events whose windows overlap",
    "many_overlapping_dates": "20 events or more whose windows overlap",
}
_HEAD = """# Which test when

Made from the cards of the tests (`make guide`): each card stands beside the function that it describes. A test errs in
two ways. It may reject where nothing happened: its *size* says how often, and should be the nominal 5 %. It may miss
what did happen: its *power* says how often it does not. [calibration.md](calibration.md) has both, measured for every
test. [A notebook](../notebooks/03_which_test_when.ipynb) measures them on a study's own prices.

A study runs every test that applies. Those that keep their size in its design stand in front, the best first. The
others stand behind them, with the size that was measured. A claim has one primary test, declared beforehand: `t` for
one security, `portfolio_t` for a group on one date, `adjusted_bmp_t` for events on dates of their own.

## By design

Where several securities share a date, their returns share that day's surprises. A test that takes them as independent
finds far too much. That is what divides the rows. The order is that for a window of one day; checks of the estimation
window (below) can change it, and a longer window can.

"""
_NOTATION = """
## The formulas

Returns are decimals. T is the number of estimation returns, L the days of the window, N the events, ν the degrees of
freedom of the model, AR an abnormal return, CAR the sum of those of a window, SAR and SCAR the same over their standard
errors ([methods.md](methods.md)). *Shared date*: whether the test keeps its size where events share a date. *Raised
variance*: whether it does where the event makes the day louder.
"""


def guide() -> str:
    """The whole page as Markdown."""
    designs = ((DESIGNS[design], ", ".join(f"`{name}`" for name in candidates(design))) for design in get_args(Design))
    parts = [_HEAD, *_table(("design", "tests in front, the best first"), designs), _NOTATION]
    for family, title in FAMILIES.items():
        of_family = [test for test in TESTS.values() if test.family == family]
        parts += [f"\n### {title}\n", *map(_described, of_family)] if of_family else []
    return "".join([*parts, *_differences(), *_checks()])


def _described(test: Test) -> str:
    facts = (
        f"Statistic: {test.statistic}. Reference: {test.reference}.",
        f"Assumes: {'; '.join(test.assumptions)}. It {test.leans_on}.",
        f"Shared date: {test.shared_date}. Raised variance: {test.variance}.",
        f"Source: {test.source}.",
    )
    return f"\n#### `{test.name}`\n\n{test.question}\n\n" + "".join(f"* {_plain(fact)}\n" for fact in facts)


def _differences() -> Iterator[str]:
    yield "\n## The difference between two groups\n\n`result.compare(first, second)` runs them.\n\n"
    rows = ((f"`{d.name}`", d.question, d.statistic, d.source) for d in DIFFERENCES.values())
    yield from _table(("name", "question", "statistic", "source"), rows)


def _checks() -> Iterator[str]:
    yield "\n## Checks of the estimation window\n\n`result.events[0].diagnostics` holds what they found.\n\n"
    rows = ((f"`{c.name}`", c.label, c.question, c.source) for c in DIAGNOSTICS.values())
    yield from _table(("name", "in words", "what it asks", "source"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for line in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(_plain(cell) for cell in line)} |\n"


def _plain(text: str) -> str:
    """A text in which Markdown marks nothing: no bar ends a cell, no star leans a word."""
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    write_text(Path(sys.argv[1]), guide())
