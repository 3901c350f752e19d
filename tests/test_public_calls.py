"""A call with a wrong argument is refused in words, whatever is called: functions, classes, methods, figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import eventstudy as es
from eventstudy.arguments import public
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.example import example_result, example_run

NAMES = [name for name in es.__all__ if name != "EventStudyError"]


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_argument_of_a_public_name_is_named(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown argument of \w+\(\) 'widnow'.*Known: \w+"):
        getattr(es, name)(widnow=1)


@pytest.mark.parametrize("kind", [es.EventRun, es.StudyResult, es.SimulationResult, es.Study, es.ReturnPanel])
def test_a_misspelt_argument_of_a_method_is_named(kind: type) -> None:
    bare = kind.__new__(kind)
    methods = [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]
    for name in methods:
        with pytest.raises(UnknownNameError, match=f"unknown argument of {kind.__name__}.{name}"):
            getattr(kind, name)(bare, widnow=1)


def test_what_is_allowed_is_said_with_what_is_meant() -> None:
    with pytest.raises(UnknownNameError, match=r"'evnts'. Did you mean 'events'\? Known: events, prices, tickers"):
        es.Study(evnts="2025-01-27")  # type: ignore[call-arg]
    with pytest.raises(UnknownNameError, match=r"argument of run_events\(\) 'benchmrk'. Did you mean 'benchmark'\?"):
        es.run_events(benchmrk="^IXIC")  # type: ignore[call-arg]
    with pytest.raises(SpecError, match=r"Study\(\): missing a required argument: 'events'; its arguments are events"):
        es.Study(prices="deepseek")  # type: ignore[call-arg]
    with pytest.raises(SpecError, match=r"Window\(\): too many positional arguments"):
        es.Window(0, 1, 2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "call",
    [lambda: example_run().plot.caar(groups=[], title="x"), lambda: example_result().plot.caar(title="x")],
)
def test_figures_too(call: Callable[[], Any]) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown argument of caar\(\) 'title'"):
        call()


def test_an_error_inside_the_function_stays_what_it_is() -> None:
    @public
    def doubled(value: Any) -> Any:
        return value + "x"

    with pytest.raises(TypeError, match="unsupported operand"):
        doubled(1)
