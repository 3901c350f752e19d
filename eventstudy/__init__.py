"""Event studies that put news claims about markets on trial."""

from __future__ import annotations

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
