"""Event studies that put news claims about markets on trial."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventstudy.errors import EventStudyError
    from eventstudy.many.eventrun import EventRun
    from eventstudy.many.ingest import ReturnPanel, panel_from_long, read_long
    from eventstudy.many.run import run_events
    from eventstudy.models.recipe import Recipe
    from eventstudy.objects.estimation import Event, Window
    from eventstudy.objects.prices import PricePanel
    from eventstudy.objects.results import StudyResult
    from eventstudy.simulation.result import SimulationResult
    from eventstudy.simulation.simulate import simulate
    from eventstudy.study.study import Study, load

__version__ = "0.1.0"
__all__ = [
    "Event",
    "EventRun",
    "EventStudyError",
    "PricePanel",
    "Recipe",
    "ReturnPanel",
    "SimulationResult",
    "Study",
    "StudyResult",
    "Window",
    "load",
    "panel_from_long",
    "read_long",
    "run_events",
    "simulate",
]

_HOME = {
    "Event": "objects.estimation",
    "EventRun": "many.eventrun",
    "EventStudyError": "errors",
    "PricePanel": "objects.prices",
    "Recipe": "models.recipe",
    "ReturnPanel": "many.ingest",
    "SimulationResult": "simulation.result",
    "Study": "study.study",
    "StudyResult": "objects.results",
    "Window": "objects.estimation",
    "load": "study.study",
    "panel_from_long": "many.ingest",
    "read_long": "many.ingest",
    "run_events": "many.run",
    "simulate": "simulation.simulate",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"eventstudy.{_HOME[name]}"), name)
    raise AttributeError(f"module 'eventstudy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _other_package() -> str | None:
    """What to do where the distribution `eventstudy`, another package with the same folder, is installed beside it."""
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        found = [name for name in os.listdir(beside) if name.startswith("eventstudy-") and name.endswith("-info")]
    except OSError:
        return None
    if not found:
        return None
    return (
        "another package, eventstudy, is installed into the same folder as eventstudy-claims, and each has overwritten "
        "files of the other: pip uninstall eventstudy eventstudy-claims, then pip install eventstudy-claims"
    )


if _said := _other_package():
    import warnings

    warnings.warn(_said, RuntimeWarning, stacklevel=2)
