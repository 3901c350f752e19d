"""The passes over the events of a run: what is measured of each, and the sums that its tests need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eventstudy.abnormal import abnormal_returns
from eventstudy.engine.kernel import compiled, measure
from eventstudy.engine.measured import Buffers, Measured, Outputs
from eventstudy.many.correlation import dates_of, pair_sums
from eventstudy.many.distributed import Runner
from eventstudy.many.eventlist import EventList
from eventstudy.many.ingest import ReturnPanel
from eventstudy.many.measurements import Design, check_memory, put
from eventstudy.many.pooled import Evidence, Numbers, factor_of
from eventstudy.many.reading import BLOCK, SPAN, Work, panel_at
from eventstudy.many.tally import Key, Sums, closed, first_pass, merged, second_pass
from eventstudy.memory import foretold
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Layout

CHUNK = 4 * SPAN  # events in a piece of work: what they need beside their results stays below 50 MB
_BY_SET = 40  # bytes a day that the sums of one set take, on their way and when they are done


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """What every pass over a run's events reads: the panel, its ``regressors`` name -> (D,), the ``recipe`` of the
    model, the ``design``; the ``size`` of the pieces into which the events are cut; and whether sums may miss days.
    """

    panel: ReturnPanel
    regressors: Mapping[str, FloatArray]
    recipe: Recipe
    design: Design
    size: int
    allow_missing: bool = False

    def measure(self, listed: EventList, outputs: Outputs, signs: bool, run: Runner | None = None) -> Measured:
        """The numbers of every event, in the order of the list; on a cluster, if there is one, a piece at a time.

        Raises
        ------
        SpecError : they take more than the memory there is.
        """
        n, design = len(listed.day), self.design
        check_memory(n, len(design.labels), design, outputs)
        whole = listed.complete
        if run is None and whole and (compiled("auto", n) or not listed.repeated):
            return self.part(listed.security, listed.day, outputs, signs)
        length, windows = design.event.length, len(design.windows)
        buffers = Buffers.empty(n, len(design.labels), length, windows, outputs, signs)
        if not whole:
            refuse_events(buffers, *listed.missing())
        rows = listed.placed[~listed.again]  # what repeats is measured once, and so the same to all digits
        cuts = self.cuts(len(rows))
        for (start, stop), found in zip(cuts, self._parts(listed, rows, outputs, signs, run), strict=True):
            put(buffers, rows[start:stop], found)
        if listed.repeated:
            again, first = listed.placed[listed.again], np.cumsum(~listed.again)[listed.again] - 1
            _repeat(buffers, again, rows[first])
        return buffers.measured()

    def _parts(
        self, listed: EventList, rows: IntArray, outputs: Outputs, signs: bool, run: Runner | None
    ) -> Iterator[Measured]:
        """The numbers of the events `rows`, piece by piece."""
        cuts = self.cuts(len(rows))
        if run is not None:
            none = np.empty((0, len(rows)), np.bool_)
            return run(measured_piece, self.work(listed, rows, none, ()), cuts, outputs, signs)
        pieces = (rows[start:stop] for start, stop in cuts)
        return (self.part(listed.security[own], listed.day[own], outputs, signs) for own in pieces)

    def part(self, security: IntArray, day: IntArray, outputs: Outputs, signs: bool = False) -> Measured:
        """The numbers of events by the rows and columns of the panel that they have."""
        own, design = self.panel, self.design
        layout = Layout(own.returns, security, day, design.estimation, design.event, design.min_obs)
        columns, offset, constant = self._laid()
        return measure(layout, columns, offset, constant, design.windows, outputs, signs=signs)

    def abnormal(self, listed: EventList, at: IntArray) -> FloatArray | None:
        """(n, L) the abnormal returns of the events `at`, all of which the panel holds."""
        return self.part(listed.security[at], listed.day[at], "ar").ar

    def fill(self, listed: EventList, found: Measured) -> BoolArray | None:
        """Where missing days are allowed: put in the sums over the days that are there, of events that were estimated.

        Returns (N, W) which sums miss a day; None where none does.
        """
        if not self.allow_missing:
            return None
        short = np.isnan(found.car) & (found.refusal == 0)[:, None]
        rows = np.flatnonzero(short.any(axis=1)).astype(np.int32)
        if len(rows) == 0:
            return None
        work = self.work(listed, rows, np.empty((0, len(rows)), np.bool_), ())
        for start in range(0, len(rows), BLOCK):
            panel = panel_at(work, slice(start, start + BLOCK))
            abnormal = abnormal_returns(panel, self.recipe(panel), allow_missing=True)
            for w, window in enumerate(self.design.windows):
                found.car[rows[start : start + BLOCK], w] = abnormal.car(window)
                found.scar[rows[start : start + BLOCK], w] = abnormal.scar(window)
        return np.asarray(short & np.isfinite(found.scar))

    def _laid(self) -> tuple[FloatArray, FloatArray, bool]:
        names, design, offset = self.recipe.laid(self.regressors, len(self.panel.sessions), self.panel.kind)
        return design, offset, bool(names) and names[0] == "const"

    # --------------------------------------------------------------------------------------------------- for the tests
    def evidence(self, run: Runner, listed: EventList, numbers: Numbers, needs: frozenset[str]) -> Evidence:
        """What the tests asked for need of the estimation windows."""
        order = listed.placed
        order = order[np.argsort(listed.day[order], kind="stable")]
        usable, way = _ways(numbers.usable)
        self._check_sets(len(usable) * len(numbers.subjects), needs)
        work = self.work(listed, order, usable[:, order], way)
        cuts = self.cuts(len(order))
        wanted = needs & {"residuals", "sar", "corrado", "squares", "ratio"}
        sums: Sums = closed(merged(run(first_pass, work, cuts, wanted))) if wanted else {}
        pairs = _pairs(run, work, self.size) if "pairs" in needs else {}
        evidence = Evidence(way, len(numbers.groups), sums, pairs)
        factors: dict[Key, FloatArray] = {}
        blocked: dict[Key, str] = {}
        for name in sorted(needs & {"days", "days alone", "sum", "sum alone"}):
            for subject in range(len(numbers.subjects)):
                for w in range(len(way)):
                    c = evidence.which(subject, w)
                    factor = factor_of(numbers, evidence, name, (c, w), subject)
                    if isinstance(factor, str):
                        blocked[name, c, w] = factor
                    else:
                        factors[name, c, w] = factor
        more: Sums = closed(merged(run(second_pass, work, cuts, factors))) if factors else {}
        return Evidence(way, len(numbers.groups), {**sums, **more}, pairs, blocked)

    def work(self, listed: EventList, order: IntArray, usable: BoolArray, way: tuple[int, ...]) -> Work:
        """The events of `order` as a pass reads them."""
        panel, design = self.panel, self.design
        rows = listed.security[order], listed.day[order]
        return Work(
            layout=Layout(panel.returns, *rows, design.estimation, design.event, design.min_obs),
            tickers=panel.tickers,
            sessions=panel.sessions,
            regressors=self.regressors,
            kind=panel.kind,
            model=self.recipe,
            windows=design.windows,
            usable=usable,
            way=way,
            group=listed.group[order],
            groups=len(listed.groups),
            counts=listed.counts[order],
        )

    def cuts(self, n: int) -> list[tuple[int, int]]:
        """[start, stop) of each piece of n events."""
        return [(start, min(start + self.size, n)) for start in range(0, n, self.size)]

    def _check_sets(self, sets: int, needs: frozenset[str]) -> None:
        """Refuse so many groups that the sums of theirs would not fit into memory."""
        design = self.design
        days = design.estimation.length + sum(w.length for w in design.windows)
        foretold(
            sets * days * _BY_SET * max(len(needs), 1),
            f"the sums that these tests need of {sets:,} groups and windows",
            "leave out tests that need estimation windows, or run fewer groups",
        )


def measured_piece(work: Work, piece: tuple[int, int], outputs: Outputs, signs: bool) -> Measured:
    """The events of `piece` by the engine, on a worker."""
    layout = work.layout.part(slice(*piece))
    names, design, offset = work.model.laid(work.regressors, layout.sessions, work.kind)
    constant = bool(names) and names[0] == "const"
    return measure(layout, design, offset, constant, work.windows, outputs, signs=signs)


def refuse_events(buffers: Buffers, at: IntArray, codes: IntArray) -> None:
    """Say of the events `at` why nothing is known of them."""
    for own in (buffers.block, buffers.ar, buffers.sar):
        if own is not None:
            own[at] = np.nan
    buffers.nobs[at], buffers.refusal[at] = 0, codes


def _repeat(buffers: Buffers, at: IntArray, first: IntArray) -> None:
    """Give the events `at` the numbers of the events `first`."""
    for own in (buffers.block, buffers.ar, buffers.sar):
        if own is not None:
            own[at] = own[first]
    buffers.nobs[at], buffers.refusal[at] = buffers.nobs[first], buffers.refusal[first]


def _ways(usable: BoolArray) -> tuple[BoolArray, tuple[int, ...]]:
    """Different columns of `usable` (N, W) as rows (V, N), and which each window has: often all share one."""
    ways: list[BoolArray] = []
    known: dict[bytes, int] = {}
    out: list[int] = []
    for mask in np.ascontiguousarray(usable.T):
        way = known.setdefault(np.packbits(mask).tobytes(), len(ways))
        if way == len(ways):
            ways.append(mask)
        out.append(way)
    return np.array(ways), tuple(out)


def _pairs(run: Runner, work: Work, size: int) -> dict[int, FloatArray]:
    """Sums of residual correlations by sessions apart, for each set of events: pieces are runs of whole dates."""
    starts = dates_of(work)
    bounds = [0]
    for k in range(1, len(starts)):
        if starts[k] - starts[bounds[-1]] >= size or k == len(starts) - 1:
            bounds.append(k)
    longest = max(w.length for w in work.windows)
    of_set: dict[int, list[FloatArray]] = {}
    for piece in run(pair_sums, work, list(pairwise(bounds)), longest):
        for (c, _), sums in piece.items():
            of_set.setdefault(c, []).append(sums)
    return {c: np.array([math.fsum(column) for column in zip(*own, strict=True)]) for c, own in of_set.items()}
