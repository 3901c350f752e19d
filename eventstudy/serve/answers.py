"""The result of a choice: computed once, the last few kept, one at a time whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from eventstudy.objects.results import StudyResult
from eventstudy.serve.choices import Choices, applied, command, settings_of
from eventstudy.study.study import Study, load, without_grid

KEPT = 4
"""Results kept: a reader goes back and forth between a few."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A study that is served.

    Parameters
    ----------
    name : how the command line names it.
    pairs : the overrides that it was read with, ``key -> text``.
    study : the study.
    result : its own result.
    answer : the result of a choice, without the grid of specifications, which is worked out when it is asked for.
    """

    name: str
    pairs: Mapping[str, str]
    study: Study
    result: StudyResult
    answer: Callable[[Choices], StudyResult]


def served(name: str, pairs: Mapping[str, str]) -> Served:
    """Read a study and run it.

    Raises
    ------
    EventStudyError : as of ``eventstudy run``.
    """
    study = load(name, pairs)
    result = study.run()
    lock = Lock()

    @lru_cache(maxsize=KEPT)
    def kept(choices: Choices) -> StudyResult:
        return without_grid(applied(study, result, choices))

    def answer(choices: Choices) -> StudyResult:
        if choices.none:
            return result
        with lock:
            return kept(choices)

    return Served(name, pairs, study, result, answer)


def whole(of: Served, choices: Choices) -> StudyResult:
    """The result as ``eventstudy run`` gives it, with the grid."""
    return of.result if choices.none else applied(of.study, of.result, choices).run()


def command_of(of: Served, choices: Choices) -> str:
    """The command that gives the result of a choice."""
    return command(of.name, {**of.pairs, **settings_of(of.study, of.result, choices)})
