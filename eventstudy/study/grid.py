"""What a study asks of its grid of specifications, checked: benchmarks, models, estimation lengths, gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from eventstudy.arguments import choice, listed_of, mapping, refuse, text, whole
from eventstudy.errors import SpecError
from eventstudy.models import MODELS
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import Window
from eventstudy.objects.sensitivity import Grid
from eventstudy.registry import lookup

SHORTEST = 60  # sessions of an estimation window: the fewest returns that an estimate may rest on


def batched(model: Model) -> bool:
    """Whether a model can be in a grid: fitted to all securities at once, each by itself.

    >>> batched(MODELS["robust"]), batched(MODELS["peer"])
    (True, False)
    """
    return model.at_once and model.compares_with is None and not model.across_gaps


def grid_of(given: Any, event: Window) -> Grid | None:
    """The grid that a study asks for, None where it is ``off``.

    Parameters
    ----------
    given : a mapping with any of ``benchmarks``, ``models``, ``estimation`` and ``gaps``; the rest is as `Grid` has it.
    event : the event window, which no gap may reach into.

    Raises
    ------
    SpecError : what came, what is allowed. UnknownNameError : an unknown key or model.

    Examples
    --------
    >>> grid_of({"gaps": [21]}, Window(-10, 10)).gaps, grid_of("off", Window(-10, 10))
    ((21,), None)
    """
    if isinstance(given, str) and given == "off":
        return None
    if not isinstance(given, Mapping):
        refuse("sensitivity", "'off', or a mapping, such as sensitivity={'gaps': [11, 31]}", given)
    names = [field.name for field in fields(Grid)]
    own = mapping("sensitivity", given, lambda _name, one, _example: one, {"gaps": [11, 31]})
    found: dict[str, Any] = {}
    for key, values in own.items():
        check, example = _CHECKS[choice("key of sensitivity", key, names)]
        entries = listed_of(f"sensitivity: {key}", values, check, example)
        if not entries:
            raise SpecError(f"sensitivity: {key} is empty: leave it out, or give at least one, such as {example}")
        found[key] = tuple(dict.fromkeys(entries))
    for gap in found.get("gaps", ()):
        if -gap >= event.start:
            raise SpecError(
                f"sensitivity: a gap of {gap} ends the estimation window on day {-gap:+d}, inside the event window "
                f"{event}; the gaps have to be larger than {-event.start}"
            )
    return Grid(**found)


def _model(name: str, value: Any, example: str) -> str:
    known = lookup(MODELS, text(name, value, example), "model")
    if not batched(known):
        able = ", ".join(model for model, entry in MODELS.items() if batched(entry))
        raise SpecError(f"sensitivity: the model {value} is not fitted to all securities at once; a grid takes {able}")
    return known.name


_CHECKS: Mapping[str, tuple[Callable[[str, Any, Any], Any], list[Any]]] = {
    "benchmarks": (text, ["^GSPC", "RSP"]),
    "models": (_model, ["market", "ff3"]),
    "estimation": (lambda name, value, example: whole(name, value, example, least=SHORTEST), [120, 250]),
    "gaps": (lambda name, value, example: whole(name, value, example, least=1), [11, 31]),
}
