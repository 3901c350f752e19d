"""Any number of events at once: frames of returns and of events to an `EventRun`, on one machine or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import public
from eventstudy.engine.measured import Outputs
from eventstudy.errors import EstimationError, SpecError, WindowError
from eventstudy.many.apart import apart, check_tests
from eventstudy.many.distributed import Runner, runner
from eventstudy.many.doors import check_arguments, panel_given, regressors_of
from eventstudy.many.eventlist import EventList, list_events
from eventstudy.many.eventrun import EventRun
from eventstudy.many.frames import AnyPasses
from eventstudy.many.ingest import ReturnPanel
from eventstudy.many.measurements import Design
from eventstudy.many.passes import CHUNK, Passes
from eventstudy.many.pooled import Evidence
from eventstudy.many.pooled_tests import NEEDS, chosen
from eventstudy.many.reading import BLOCK
from eventstudy.models import MODELS, card
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import DayZeroPolicy, ReturnKind, Span, window_of
from eventstudy.objects.settings import usual_min_obs

_NOTED = 3  # notes beside the reasons why nothing was measured: those on the benchmark come last


@public
def run_events(
    returns: pd.DataFrame | ReturnPanel | None = None,
    events: Any = None,
    *,
    prices: pd.DataFrame | None = None,
    benchmark: str | None = "^IXIC",
    model: str | Recipe = "market",
    estimation: Span = (-260, -11),
    event: Span = (-10, 10),
    windows: Sequence[Span] = (),
    outputs: Outputs = "car",
    min_obs: int | None = None,
    factors: pd.DataFrame | None = None,
    tests: Sequence[str] | str = (),
    kind: ReturnKind = "simple",
    percent: bool | None = None,
    policy: DayZeroPolicy = "next",
    allow_missing: bool = False,
    dayfirst: bool | None = None,
    date_format: str | None = None,
    backend: Any = None,
    chunk: int | None = None,
) -> EventRun:
    """Estimate and test any number of events on one list of sessions.

    Parameters
    ----------
    returns : (date, security) decimal returns, NaN where missing, with the `benchmark`; or a `ReturnPanel`.
    events : a frame, a file, a mapping security -> date, `Event` objects, or dates; see `eventlist.list_events`. Each
        may have a ``benchmark``, an ``estimation`` and an ``event`` window of its own.
    prices, kind : levels instead of `returns`, and the returns formed of them between adjacent sessions.
    benchmark : the column that is the market; None where the model needs none.
    model : name of a least-squares model whose regressors all securities share, or a `Recipe`.
    estimation, event, windows : sessions relative to day zero; CARs are over `windows`, () is `event`.
    outputs : what is measured at once: ``car``, ``params``, ``ar`` or ``full``; the rest is made when it is asked for.
    min_obs : fewest estimation returns; None: seven tenths of the estimation window, 60 if it has as many.
    factors : (date, name) decimal returns of further regressors (``mkt_rf``, ``smb``, ``rf``...).
    percent, allow_missing : returns are per cent; sums leave out missing days.
    tests : names, or ``all`` that sums can answer; () those of each event's own numbers.
    backend : None: here; ``dask``: two processes (in a script, under ``if __name__ == "__main__":``); or a Client.
    chunk : events in one piece of work; another number may change a result by 1e-10 of itself.

    Raises
    ------
    SpecError, WindowError, MissingPriceError : an argument does not fit, or the panel lacks the benchmark.
    EstimationError : no event could be measured; where some cannot be, ``EventRun.skipped`` lists them.

    Examples
    --------
    >>> from eventstudy.example import example_events, example_returns
    >>> run_events(example_returns(), example_events(), benchmark="M", estimation=(-130, -11)).n
    8
    """
    check_arguments(locals())
    names, design, recipe = chosen(tests), _design((estimation, event), windows, min_obs, outputs), _recipe(model)
    panel = panel_given(returns, prices, kind=kind, percent=percent, benchmark=benchmark)
    listed = list_events(events, panel, benchmark=benchmark, policy=policy, dayfirst=dayfirst, date_format=date_format)
    sums, each = (_size(chunk), allow_missing), _benchmarks(listed, recipe, benchmark)
    made = {own: _passes(panel, recipe, design, (name, factors), sums) for own, name in each.items()}
    return _together(made, listed, outputs, (names, bool(tests)), backend)


def _together(
    made: Mapping[str | None, tuple[Passes, tuple[str, ...]]],
    listed: EventList,
    outputs: Outputs,
    tests: tuple[tuple[str, ...], bool],
    backend: Any,
) -> EventRun:
    """The run over the passes of each benchmark; `tests` are names, and whether they were asked for."""
    notes = dict.fromkeys(note for _, said in made.values() for note in said)
    listed, passes = replace(listed, notes=tuple(notes)), {own: one for own, (one, _) in made.items()}
    if listed.own is None:
        return _run(passes[None], listed, outputs, tests[0], backend)
    together, listed = apart(passes, listed)
    needing = [name for name in tests[0] if _needs(name, together.design)]
    return _run(together, listed, outputs, check_tests(tests[0], needing, tests[1]), backend)


def _benchmarks(listed: EventList, recipe: Recipe, benchmark: str | None) -> dict[str | None, str | None]:
    """What events are compared with: None -> that of the run, and each that events name -> itself."""
    if listed.own is None or "benchmark" not in listed.own or "market" not in recipe.needs:
        return {None: benchmark}
    named = dict.fromkeys(listed.own["benchmark"])
    usual = benchmark if None in named else next(iter(named))  # where each event names one, none is left for the run's
    return {None: usual} | {name: name for name in named if name is not None}


def _passes(
    panel: ReturnPanel, recipe: Recipe, design: Design, series: tuple[str | None, Any], how: tuple[int, bool]
) -> tuple[Passes, tuple[str, ...]]:
    """The passes against one benchmark and the factors, with notes; `how`: the size of pieces, and `allow_missing`."""
    regressors, notes = regressors_of(panel, recipe, *series)
    labels = recipe.laid(regressors, len(panel.sessions), panel.kind)[0]
    design = design.of(recipe.name, series[0] if "market" in recipe.needs else None, labels)
    return Passes(panel, regressors, recipe, design, *how), notes


def _run(passes: AnyPasses, listed: EventList, outputs: Outputs, names: tuple[str, ...], backend: Any) -> EventRun:
    with runner(backend) as run:
        signs = "generalized_sign_z" in names  # the one test that asks for the share of positive residuals
        found = passes.measure(listed, outputs, signs, None if backend is None else run)
        short = passes.fill(listed, found)
        return _tested(run, EventRun(passes, listed, found, names, Evidence(), short))


def _tested(run: Runner, done: EventRun) -> EventRun:
    """The run with what its tests need; EstimationError where nothing was measured."""
    if not np.isfinite(done.measured.scar).any():
        noticed = "".join(f". Noticed: {note}" for note in done.notes[-_NOTED:])
        raise EstimationError(f"not one of the {done.n} events could be measured: {done.counted()}{noticed}")
    needs = frozenset[str]().union(*(_needs(name, done.design) for name in done.test_names))
    if not needs or not isinstance(done.passes, Passes):
        return done
    return replace(done, evidence=done.passes.evidence(run, done.events, done.numbers, needs))


def _needs(name: str, design: Design) -> frozenset[str]:
    """What a test needs beside the numbers of each event."""
    signs = name == "generalized_sign_z" and not design.labels
    # with nothing estimated the engine counts signs about the mean, the test about zero
    return frozenset(NEEDS[name]) | (frozenset({"residuals"}) if signs else frozenset())


def _design(spans: tuple[Span, Span], windows: Sequence[Span], min_obs: int | None, outputs: str) -> Design:
    estimation, event = (window_of(span) for span in spans)
    if estimation.end >= event.start:
        raise WindowError(
            f"estimation {estimation} and event {event} overlap: the estimation window has to end before the event "
            "window starts"
        )
    if outputs not in get_args(Outputs):
        raise SpecError(f"outputs are {', '.join(get_args(Outputs))}, got {outputs!r}")
    asked = tuple(dict.fromkeys(window_of(w) for w in windows)) or (event,)  # what stands twice counts once
    for window in asked:
        if not event.contains(window):
            raise WindowError(f"window {window} lies outside the event window {event}")
    least = usual_min_obs(estimation.length) if min_obs is None else min_obs
    if not 1 <= least <= estimation.length:
        raise SpecError(f"min_obs is from 1 to the {estimation.length} days of the estimation window, got {least}")
    return Design("", None, (), estimation, event, asked, least)


def _recipe(model: str | Recipe) -> Recipe:
    found = card(model).fit
    if not isinstance(found, Recipe):
        able = ", ".join(name for name, entry in MODELS.items() if entry.linear)
        raise SpecError(
            f"the model {model!r} is not least squares on regressors that all securities share; of many events can be "
            f"had: {able}"
        )
    return found


def _size(chunk: int | None) -> int:
    """Events in a piece: whole blocks, so that the same events are always read together."""
    return -(-(chunk or CHUNK) // BLOCK) * BLOCK
