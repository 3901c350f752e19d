"""Event studies that put news claims about markets on trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventstudy.datatypes import Event, PricePanel, Window
    from eventstudy.errors import EventStudyError
    from eventstudy.power import SimulationResult
    from eventstudy.results import StudyResult
    from eventstudy.scale.eventrun import EventRun
    from eventstudy.scale.ingest import ReturnPanel, read_long
    from eventstudy.scale.run import run_events
    from eventstudy.simulation import simulate
    from eventstudy.study import Study, load

__version__ = "0.1.0"
__all__ = [
    "Event",
    "EventRun",
    "EventStudyError",
    "PricePanel",
    "ReturnPanel",
    "SimulationResult",
    "Study",
    "StudyResult",
    "Window",
    "load",
    "read_long",
    "run_events",
    "simulate",
]

_HOME = {
    "Event": "datatypes",
    "EventRun": "scale.eventrun",
    "EventStudyError": "errors",
    "PricePanel": "datatypes",
    "ReturnPanel": "scale.ingest",
    "SimulationResult": "power",
    "Study": "study",
    "StudyResult": "results",
    "Window": "datatypes",
    "load": "study",
    "read_long": "scale.ingest",
    "run_events": "scale.run",
    "simulate": "simulation",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"eventstudy.{_HOME[name]}"), name)
    raise AttributeError(f"module 'eventstudy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
