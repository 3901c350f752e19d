"""`docs/models.md`, made from the cards: ``python -m eventstudy.models.guide FILE`` writes it (``make guide``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eventstudy.files.writing import write_text
from eventstudy.models import MODELS

_HEAD = """# Models of the normal return

This page is made from the cards of the models (`make guide`): each card stands beside the function that it describes.
E[R] is the normal return, the return that a share would have had without the event; Rm is the return of the benchmark,
Rf the risk-free rate, T the number of returns in the estimation window. `name` is what `model:` in `study.yaml`, the
argument `model` of `Study` and `--set model=` take. A model of your own is a `Recipe` of columns or a function of an
`EventPanel`.

"""


def guide() -> str:
    """The whole page as Markdown: one table of all models, then what each says of itself."""
    names = ("name", "in words", "normal return", "degrees of freedom", "benchmark", "any number of events", "source")
    rows = [
        (f"`{name}`", m.words, m.formula, m.errors.freedom, _yes(m.uses_benchmark), _yes(m.linear), m.source)
        for name, m in MODELS.items()
    ]
    return _HEAD + "".join(_table((names, ("---",) * len(names), *rows))) + "".join(_described())


def _table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in lines:
        cells = [cell.replace("|", "\\|") for cell in line]
        yield f"| {' | '.join(cells)} |\n"


def _described() -> Iterator[str]:
    for name, model in MODELS.items():
        yield f"\n## `{name}`\n\n{model.takes.left} In the estimation window {model.fitted}\n\n"
        yield f"* Estimates: {model.parameters}.\n"
        yield f"* Standard error of a day: {model.errors.day}; variance of a sum: {model.errors.window}.\n"
        needs = {
            "peers": "`peers`: with whom each share is compared",
            "donors": "`donors`: of whom the mixture is made",
        }
        yield f"* Takes {needs[model.compares_with]}.\n" if model.compares_with else ""


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


if __name__ == "__main__":
    write_text(Path(sys.argv[1]), guide())
