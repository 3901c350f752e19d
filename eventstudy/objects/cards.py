"""Cards: everything that is true of a model or a test stands in one record, beside the function that it describes.

A registry is a literal dict of cards. What prints, explains, checks or documents an entry reads its card, so a card
without a fact cannot be built. Models and tests travel with a result (`Cards`), for whoever may read results alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from eventstudy.errors import SpecError

BENCHMARK = "{benchmark}"  # in the words of a card, where the name of the series compared with belongs


def complete(card: Any) -> None:
    """Refuse a card that leaves a fact out.

    Raises
    ------
    SpecError : a text of the card is empty or no text, a yes or no is neither, or its function cannot be called; it
        names card and field.
    """
    for each in fields(card):
        value, kind = getattr(card, each.name), str(each.type)
        name = f"the card {type(card).__name__}({getattr(card, 'name', '?')!r})"
        if kind == "str" and (not isinstance(value, str) or not value.strip()):
            raise SpecError(f"{name} leaves out {each.name}: it is a text, got {value!r}")
        if kind == "bool" and not isinstance(value, bool):
            raise SpecError(f"{name} leaves out {each.name}: it is True or False, got {value!r}")
        if kind.startswith("Callable") and "None" not in kind and not callable(value):
            raise SpecError(f"{name}: {each.name} is a function, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a model takes away from a return, for the reader of a page.

    ``left`` the sentence that says what an abnormal return is; ``beyond`` what it goes beyond, as in "beyond its own
    average"; ``enough`` what accounts for a move that is not abnormal. In the last two ``{benchmark}`` stands for the
    name of the series compared with.
    """

    left: str
    beyond: str
    enough: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The errors of a model, in symbols.

    ``freedom`` degrees of freedom; ``day`` the standard error of an abnormal return; ``window`` the variance of a sum
    of them; ``why`` what the standard error includes; ``shared`` what the days of a window have in common.
    """

    freedom: str
    day: str
    window: str
    why: str
    shared: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All facts about a model of normal returns. Call it on a panel, as the function that it describes.

    ``fit`` estimates it for every event of a panel; ``words`` as in "market model"; ``formula`` and ``source`` for the
    reader; ``method`` how it is estimated, as in "fitted by least squares"; ``fitted`` what was done in the estimation
    window, a sentence without its beginning; ``takes`` and ``errors`` in words and symbols; ``parameters`` what its
    estimates are called and mean.

    ``uses_benchmark`` whether the return of the benchmark explains anything; ``compares_with`` the securities that it
    takes in its place, None where it takes none; ``across_gaps`` whether its panel needs returns over gaps
    (`returns_on`); ``same_parameters`` whether an estimate of one name means the same for every security; ``linear``
    whether it is least squares on regressors that all securities share, so that any number of events can be had;
    ``at_once`` whether all events of a panel are estimated together, not one after the other.

    Raises
    ------
    SpecError : a fact is missing, or the words speak of a benchmark that the model does not use, or the reverse.
    """

    name: str
    fit: Callable[..., Any]
    words: str
    formula: str
    source: str
    method: str
    fitted: str
    takes: Takes
    errors: Errors
    parameters: str
    uses_benchmark: bool
    compares_with: Literal["peers", "donors"] | None
    across_gaps: bool
    same_parameters: bool
    linear: bool
    at_once: bool

    def __post_init__(self) -> None:
        complete(self)
        for name, kind in (("takes", Takes), ("errors", Errors)):
            if not isinstance(getattr(self, name), kind):
                raise SpecError(
                    f"the card Model({self.name!r}): {name} is {kind.__name__}, got {getattr(self, name)!r}"
                )
        named = [BENCHMARK in text for text in (self.takes.beyond, self.takes.enough)]
        if named != [self.uses_benchmark] * 2:
            raise SpecError(
                f"the card Model({self.name!r}): beyond and enough name {BENCHMARK} where the model uses a benchmark, "
                f"and only there; uses_benchmark is {self.uses_benchmark}"
            )
        if self.compares_with not in (None, "peers", "donors"):
            raise SpecError(f"the card Model({self.name!r}): compares_with is peers, donors or None")

    def __call__(self, panel: Any) -> Any:
        """Estimate the model for every event of `panel`."""
        return self.fit(panel)

    def beyond(self, benchmark: str) -> str:
        """What an abnormal return goes beyond; `benchmark` its name as a reader knows it, not said where unused."""
        return self.takes.beyond.replace(BENCHMARK, benchmark)

    def enough(self, benchmark: str) -> str:
        """What is enough to account for a move that is not abnormal."""
        return self.takes.enough.replace(BENCHMARK, benchmark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """All facts about a test.

    ``run`` is the function of abnormal returns and a window; ``words`` as in "the portfolio test"; ``statistic``,
    ``distribution`` and ``source`` for the reader.
    """

    name: str
    run: Callable[..., Any]
    words: str
    statistic: str
    distribution: str
    source: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of the models and tests that a result was made with, a user's own among them, by their names."""

    models: Mapping[str, Model] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
