"""Any number of events at once: frames of returns and of events to an `EventRun`, on one machine or several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.engine.kernel import measure
from eventstudy.engine.measured import Measured, Outputs
from eventstudy.errors import EstimationError, SpecError, WindowError
from eventstudy.many.correlation import dates_of, pair_sums
from eventstudy.many.distributed import Runner, runner
from eventstudy.many.eventlist import EventList, list_events
from eventstudy.many.eventrun import EventRun
from eventstudy.many.ingest import ReturnPanel, panel_of
from eventstudy.many.measurements import Design, Measurements
from eventstudy.many.pooled import Evidence, factor_of
from eventstudy.many.pooled_tests import NEEDS, chosen
from eventstudy.many.reading import BLOCK, Work
from eventstudy.many.tally import Key, Sums, closed, first_pass, merged, second_pass
from eventstudy.models import MODELS, card
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import FloatArray, IntArray, Layout, Span, Window, window_of
from eventstudy.returns import check_days

CHUNK = 131072  # events measured at once: what they need beside their results stays below 50 MB
_SHARE = 0.7  # of the estimation window that has to be there unless said otherwise: 175 of 250 days


def run_events(
    returns: pd.DataFrame | ReturnPanel,
    events: pd.DataFrame,
    *,
    benchmark: str | None = "^IXIC",
    model: str | Recipe = "market",
    estimation: Span = (-260, -11),
    event: Span = (-10, 10),
    windows: Sequence[Span] = (),
    outputs: Outputs = "full",
    min_obs: int | None = None,
    factors: pd.DataFrame | None = None,
    tests: Sequence[str] | str = (),
    backend: Any = None,
    chunk: int | None = None,
) -> EventRun:
    """Estimate and test any number of events on one list of sessions.

    Parameters
    ----------
    returns : (date, security) decimal returns, NaN where missing, the `benchmark` among them; or a `ReturnPanel`.
    events : columns ``security``, ``date``, perhaps ``group``. A date that is no session counts on the next one.
    benchmark : the column that is the market; None where the model needs none.
    model : name of a least-squares model whose regressors all securities share, or a `Recipe`.
    estimation, event, windows : sessions relative to day zero, both ends in; CARs are over `windows`, () is `event`.
    outputs : ``car`` keeps sigma, CAR and SCAR; ``ar`` also estimates and AR; ``full`` also SAR and R^2.
    min_obs : fewest estimation returns; None: seven tenths of the estimation window.
    factors : (date, name) decimal returns of further regressors (``mkt_rf``, ``smb``, ``rf``...).
    tests : names, or ``all`` that sums can answer (`pooled_tests.NEEDS`); () those of each event's own numbers.
    backend : None: here; ``dask``: two local processes (in a script, under ``if __name__ == "__main__":``); or a
        `distributed.Client` whose workers see this machine's files.
    chunk : events in a piece of work; it changes no result.

    Returns
    -------
    EventRun, its rows those of `events`; what could not be measured is in ``skipped`` with the reason.

    Raises
    ------
    SpecError, WindowError : a frame, column, model, window or option that does not fit, with what would.
    MissingPriceError : the panel does not hold the benchmark.
    EstimationError : not one event could be measured; the reasons are counted.
    """
    panel = panel_of(returns)
    names = chosen(tests)
    spans = window_of(estimation), window_of(event)
    design = _design(spans, windows, min_obs, outputs)
    recipe = _recipe(model)
    regressors = _regressors(panel, recipe, benchmark, factors)
    labels = recipe.laid(regressors, len(panel.sessions), panel.kind)[0]
    design = design.of(recipe.name, benchmark if "market" in recipe.needs else None, labels)
    listed = list_events(events, panel)
    pieces = _Pieces(panel, regressors, recipe, design, _size(chunk))
    with runner(backend) as run:
        signs = "generalized_sign_z" in names  # the one test that asks for the share of positive residuals
        found = pieces.measure(run, listed, outputs, signs)
        done = EventRun(design, listed, panel.sessions, found, names, Evidence(), panel.notes)
        return _tested(pieces, run, done)


def _tested(pieces: _Pieces, run: Runner, done: EventRun) -> EventRun:
    """The run with what its tests need; EstimationError where nothing was measured."""
    if not np.isfinite(done.measured.scar).any():
        raise EstimationError(f"not one of the {done.n} events could be measured: {done.counted()}")
    needs = frozenset().union(*(NEEDS[name] for name in done.test_names))
    if not done.design.labels and "generalized_sign_z" in done.test_names:
        needs |= {"residuals"}  # with nothing estimated the engine counts signs about the mean, the test about zero
    return done.with_evidence(pieces.evidence(run, done, needs)) if needs else done


def _design(spans: tuple[Window, Window], windows: Sequence[Span], min_obs: int | None, outputs: str) -> Design:
    estimation, event = spans
    if estimation.end >= event.start:
        raise WindowError(
            f"estimation {estimation} and event {event} overlap: the estimation window has to end before the event "
            "window starts"
        )
    if outputs not in get_args(Outputs):
        raise SpecError(f"outputs are {', '.join(get_args(Outputs))}, got {outputs!r}")
    asked = tuple(window_of(w) for w in windows) or (event,)
    for window in asked:
        if not event.contains(window):
            raise WindowError(f"window {window} lies outside the event window {event}")
    least = round(_SHARE * estimation.length) if min_obs is None else min_obs
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


def _regressors(
    panel: ReturnPanel, recipe: Recipe, benchmark: str | None, factors: pd.DataFrame | None
) -> dict[str, FloatArray]:
    """Regressors by name on the sessions of the panel, NaN where missing."""
    out: dict[str, FloatArray] = {}
    if benchmark is not None and "market" in recipe.needs:
        out["market"] = panel.series(benchmark)
    if factors is not None:
        if not isinstance(factors, pd.DataFrame):
            raise SpecError(f"factors are a (date, name) frame, got {type(factors).__name__}")
        dated = factors.set_axis(check_days(factors.index, "factor dates", increasing=False), axis=0)
        try:
            joined = dated.reindex(check_days(panel.sessions, "sessions")).astype(np.float64)
        except (ValueError, TypeError) as error:
            raise SpecError(f"the factors hold something else than numbers: {error}") from None
        out |= {str(name): np.ascontiguousarray(joined[name].to_numpy()) for name in joined.columns}
    for name in recipe.needs:
        if name in out and not np.isfinite(out[name]).any():
            raise SpecError(f"{benchmark if name == 'market' else name} has no return on any session of the panel")
    return out


def _size(chunk: int | None) -> int:
    """Events in a piece: whole blocks, so that the same events are always read together."""
    if chunk is not None and (not isinstance(chunk, int) or chunk < 1):
        raise SpecError(f"chunk is a number of events, got {chunk!r}")
    return -(-(chunk or CHUNK) // BLOCK) * BLOCK


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The passes over the events, cut into pieces of `size` events."""

    panel: ReturnPanel
    regressors: Mapping[str, FloatArray]
    recipe: Recipe
    design: Design
    size: int

    def measure(self, run: Runner, listed: EventList, outputs: Outputs, signs: bool) -> Measurements:
        """The numbers of every event, in the order of the list."""
        out = Measurements.empty(len(listed.day), len(self.design.labels), self.design, outputs)
        out.refuse(*listed.missing())
        # By security, so that its returns stay in cache; what repeats is measured once, and so the same to all digits.
        rows = listed.placed[~listed.again] if listed.repeated else listed.placed
        if len(rows) == 0:
            return out
        work = self.work(listed, rows, np.broadcast_to(np.True_, (1, len(rows))), ((0, 0),))
        cuts = self.cuts(len(rows))
        straight = len(rows) == len(listed.day) and bool((rows[1:] > rows[:-1]).all())  # in this order as they came
        parts = run(measured, work, cuts, outputs, signs)
        for start, stop in cuts:  # none is held while the next one is measured
            out.keep(slice(start, stop) if straight else rows[start:stop], next(parts))
        if listed.repeated:
            again, first = listed.placed[listed.again], np.cumsum(~listed.again)[listed.again] - 1
            for start, stop in self.cuts(len(again)):
                out.repeat(again[start:stop], rows[first[start:stop]])
        return out

    def evidence(self, run: Runner, done: EventRun, needs: frozenset[str]) -> Evidence:
        """What the tests asked for need of the estimation windows."""
        numbers, listed = done.numbers, done.events
        order = listed.placed
        order = order[np.argsort(listed.day[order], kind="stable")]
        masks, sets = _sets(numbers.subjects, len(numbers.windows), lambda s, w: numbers.mask(s, w)[order])
        cells = tuple((c, w) for (_, w), c in sets.items())
        work = self.work(listed, order, masks, cells)
        cuts = self.cuts(len(order))
        wanted = needs & {"residuals", "sar", "corrado", "squares", "ratio"}
        sums: Sums = closed(merged(run(first_pass, work, cuts, wanted))) if wanted else {}
        pairs = _pairs(run, work, self.size) if "pairs" in needs else {}
        evidence = Evidence(sets, sums, pairs)
        factors: dict[Key, FloatArray] = {}
        blocked: dict[Key, str] = {}
        for name in sorted(needs & {"days", "days alone", "sum", "sum alone"}):
            for (subject, w), c in sets.items():
                factor = factor_of(numbers, evidence, name, (c, w), subject)
                if isinstance(factor, str):
                    blocked[name, c, w] = factor
                else:
                    factors[name, c, w] = factor
        more: Sums = closed(merged(run(second_pass, work, cuts, factors))) if factors else {}
        return Evidence(sets, {**sums, **more}, pairs, blocked)

    def work(self, listed: EventList, order: IntArray, sets: np.ndarray, cells: tuple[tuple[int, int], ...]) -> Work:
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
            sets=sets,
            cells=cells,
            windows=design.windows,
        )

    def cuts(self, n: int) -> list[tuple[int, int]]:
        """[start, stop) of each piece of n events."""
        return [(start, min(start + self.size, n)) for start in range(0, n, self.size)]


def measured(work: Work, piece: tuple[int, int], outputs: Outputs, signs: bool) -> Measured:
    """The events of `piece` by the engine."""
    layout = work.layout.part(slice(*piece))
    names, design, offset = work.model.laid(work.regressors, layout.sessions, work.kind)
    constant = bool(names) and names[0] == "const"
    return measure(layout, design, offset, constant, work.windows, outputs, signs=signs)


def _sets(subjects: Sequence[str], windows: int, rows: Any) -> tuple[np.ndarray, dict[tuple[int, int], int]]:
    """Different sets of events (C, N), and which belongs to each subject and window: often all windows share one."""
    masks: list[np.ndarray] = []
    known: dict[bytes, int] = {}
    out: dict[tuple[int, int], int] = {}
    for subject in range(len(subjects)):
        for w in range(windows):
            mask = rows(subject, w)
            c = known.setdefault(np.packbits(mask).tobytes(), len(masks))
            if c == len(masks):
                masks.append(mask)
            out[subject, w] = c
    return np.array(masks), out


def _pairs(run: Runner, work: Work, size: int) -> dict[int, FloatArray]:
    """Sums of residual correlations by sessions apart, for each set of events: pieces are runs of whole dates."""
    starts = dates_of(work)
    bounds = [0]
    for k in range(1, len(starts)):
        if starts[k] - starts[bounds[-1]] >= size or k == len(starts) - 1:
            bounds.append(k)
    cuts = list(pairwise(bounds))
    longest = max(w.length for w in work.windows)
    by_date = np.concatenate(list(run(pair_sums, work, cuts, longest)), axis=1)
    return {c: np.array([math.fsum(column.tolist()) for column in own.T]) for c, own in enumerate(by_date)}
