"""Cards: everything that is true of a model or a test stands in one record, beside the function that it describes.

A registry is a literal dict of cards. What prints, explains, checks or documents an entry reads its card, so a card
without a fact cannot be built. Models and tests travel with a result (`Cards`), for whoever may read results alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from eventstudy.errors import SpecError


def complete(card: Any) -> None:
    """Refuse a card that leaves a fact out.

    Raises
    ------
    SpecError : a text of the card is empty or no text, or its function cannot be called; it names card and field.
    """
    for each in fields(card):
        value, kind = getattr(card, each.name), str(each.type)
        name = f"the card {type(card).__name__}({getattr(card, 'name', '?')!r})"
        if kind == "str" and (not isinstance(value, str) or not value.strip()):
            raise SpecError(f"{name} leaves out {each.name}: it is a text, got {value!r}")
        if kind.startswith("Callable") and "None" not in kind and not callable(value):
            raise SpecError(f"{name}: {each.name} is a function, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All facts about a model of normal returns.

    ``fit`` estimates it for every event of a panel; ``words`` as in "the market model"; ``formula`` and ``source`` for
    the reader.
    """

    name: str
    fit: Callable[..., Any]
    words: str
    formula: str
    source: str

    def __post_init__(self) -> None:
        complete(self)


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
