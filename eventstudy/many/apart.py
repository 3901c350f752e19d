"""Events of a run with a benchmark or windows of their own: those alike are measured together, then put side by side.

The run's event window is then the smallest that holds those of every event; what lies outside an event's own is
missing. A study does the same (`models.apart`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy.engine.measured import Buffers, Measured, Outputs
from eventstudy.errors import SpecError, listed
from eventstudy.many.distributed import Runner
from eventstudy.many.eventlist import UNFIT, EventList
from eventstudy.many.ingest import ReturnPanel
from eventstudy.many.measurements import Design, check_memory, put
from eventstudy.many.passes import Passes, refuse_events
from eventstudy.models.apart import fewest
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Period, Window

_Stated = tuple[str | None, Window, Window]  # benchmark, estimation and event window


@dataclass(frozen=True, slots=True, eq=False)
class PassesApart:
    """The passes of a run whose events differ in their design: those of each design, by the number in `EventList.part`.

    ``design`` has the smallest windows that hold all of theirs, and the windows that were asked for.
    """

    panel: ReturnPanel
    design: Design
    parts: tuple[Passes, ...]
    allow_missing: bool = False

    def measure(self, listed: EventList, outputs: Outputs, signs: bool, run: Runner | None = None) -> Measured:
        """As `Passes.measure`: NaN over a window that an event's own event window does not hold."""
        design, n = self.design, len(listed.day)
        check_memory(n, len(design.labels), design, outputs)
        sizes = len(design.labels), design.event.length, len(design.windows)
        buffers = Buffers.empty(n, *sizes, outputs, signs)
        refuse_events(buffers, *listed.missing())
        for k, passes in enumerate(self.parts):
            rows = listed.rows_of(k)
            if len(rows):
                found = passes.measure(listed.taken(rows), outputs, signs, run)
                put(buffers, rows, self._widened(found, passes.design))
        unfit = listed.rows_of(-1)
        placed = unfit[(listed.security[unfit] >= 0) & (listed.day[unfit] >= 0)]
        refuse_events(buffers, placed, np.full(len(placed), UNFIT, np.int32))
        return buffers.measured()

    def abnormal(self, listed: EventList, at: IntArray) -> FloatArray | None:
        """As `Passes.abnormal`, over the run's event window."""
        return self.measure(listed.taken(at), "ar", False).ar

    def fill(self, listed: EventList, found: Measured) -> BoolArray | None:
        """As `Passes.fill`, within each event's own event window."""
        short = np.zeros(found.car.shape, np.bool_)
        for k, passes in enumerate(self.parts):
            rows, held = listed.rows_of(k), np.array(self._held(passes.design), np.int32)
            if len(rows) == 0 or len(held) == 0:
                continue
            cells = np.ix_(rows, held)
            own = replace(found, car=found.car[cells], scar=found.scar[cells], refusal=found.refusal[rows])
            missed = passes.fill(listed.taken(rows), own)
            if missed is not None:
                found.car[cells], found.scar[cells], short[cells] = own.car, own.scar, missed
        return short if short.any() else None

    def _held(self, own: Design) -> list[int]:
        """The places of the windows that lie within the event window of a design."""
        return [w for w, window in enumerate(self.design.windows) if own.event.contains(window)]

    def _widened(self, found: Measured, own: Design) -> Measured:
        """The numbers of one design in the windows and days of the run."""
        n, held, whole = len(found.nobs), self._held(own), self.design
        sums = [np.full((n, len(whole.windows)), np.nan) for _ in range(2)]
        if held:
            sums[0][:, held], sums[1][:, held] = found.car, found.scar
        start = own.event.start - whole.event.start
        days: list[FloatArray | None] = []
        for values in (found.ar, found.sar):
            wide = None if values is None else np.full((n, whole.event.length), np.nan)
            if wide is not None and values is not None:
                wide[:, start : start + own.event.length] = values
            days.append(wide)
        return replace(found, car=sums[0], scar=sums[1], ar=days[0], sar=days[1])


def apart(passes: Mapping[str | None, Passes], listed: EventList) -> tuple[PassesApart, EventList]:
    """The passes of each design that the events state, and the events with the number of theirs.

    Parameters
    ----------
    passes : benchmark -> passes that compare with it, in the run's own windows; None that of the run.
    """
    usual = passes[None]
    stated = [_stated(listed, row, usual) for row in range(len(listed.day))]
    known = {what: k for k, what in enumerate(dict.fromkeys(what for what in stated if what is not None))}
    parts = tuple(_of_design(passes[benchmark], estimation, event) for benchmark, estimation, event in known)
    windows = [(part.design.estimation, part.design.event) for part in parts] or [
        (usual.design.estimation, usual.design.event)
    ]
    spans = [Window(min(w.start for w in each), max(w.end for w in each)) for each in zip(*windows, strict=True)]
    event = Window(min(spans[1].start, usual.design.event.start), max(spans[1].end, usual.design.event.end))
    design = replace(usual.design, estimation=spans[0], event=event)
    number = np.array([-1 if what is None else known[what] for what in stated], np.int32)
    frame = listed.frame
    if usual.design.benchmark is not None:
        own = listed.own if listed.own is not None else frame
        column = own["benchmark"] if "benchmark" in own else pd.Series(None, index=frame.index, dtype=object)
        frame = frame.assign(benchmark=column.where(column.notna(), usual.design.benchmark).to_numpy())
    found = PassesApart(usual.panel, design, parts, usual.allow_missing)
    return found, replace(listed, part=number, frame=frame)


def check_tests(names: Sequence[str], needing: Sequence[str], asked: bool) -> tuple[str, ...]:
    """The tests that events with designs of their own can have: those of each event's own numbers.

    Raises
    ------
    SpecError : another one was asked for.
    """
    if asked and needing:
        raise SpecError(
            f"{listed([*needing])}: these tests read the estimation windows of all events at once, and the events have "
            "benchmarks or windows of their own; leave them out, or give the events to es.Study(events=...)"
        )
    return tuple(name for name in names if name not in needing)


def _stated(listed: EventList, row: int, usual: Passes) -> _Stated | None:
    """Benchmark and windows of one event; None where its windows cannot be."""
    own = listed.own
    cells = {} if own is None else {name: own[name].iloc[row] for name in own}
    benchmark = cells.get("benchmark") if usual.design.benchmark is not None else None
    sessions, day = usual.panel.sessions, int(listed.day[row])
    spans = []
    for what, usual_one in (("estimation", usual.design.estimation), ("event", usual.design.event)):
        span = cells.get(what)
        if isinstance(span, Period):
            first = int(sessions.searchsorted(pd.Timestamp(span.first)))
            last = int(sessions.searchsorted(pd.Timestamp(span.last), side="right")) - 1
            span = Window(first - day, last - day) if first <= last and day >= 0 else None
            if span is None:
                return None
        spans.append(usual_one if span is None else span)
    return None if spans[0].end >= spans[1].start else (benchmark, spans[0], spans[1])


def _of_design(passes: Passes, estimation: Window, event: Window) -> Passes:
    usual = passes.design
    windows = tuple(window for window in usual.windows if event.contains(window)) or (event,)
    least = fewest(usual.min_obs, estimation, usual.estimation)
    return replace(passes, design=replace(usual, estimation=estimation, event=event, windows=windows, min_obs=least))
