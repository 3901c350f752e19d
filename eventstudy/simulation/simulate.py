"""Size and power of the tests on a study's own prices, in the manner of Brown and Warner (1980, 1985).

Pseudo-events are put on days on which the study knows of nothing, a shock is added to their abnormal returns, and every
test is asked whether it sees it. Without a shock the share of rejections is the size of a test, with one its power: on
these prices, for these securities, in this design.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.abnormal import AbnormalReturns
from eventstudy.arguments import listed_of, name_or_function, number, numbers, public, refuse, texts
from eventstudy.errors import EstimationError, SpecError, UnknownNameError, WindowError
from eventstudy.inference import OF_VARIANCE, RESAMPLED, SINGLE, TESTS, card, choose, group_results, single_results
from eventstudy.inference.history import History
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import Window, window_of
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.simulation.pseudo import Days, Draw, PseudoStudies, pseudo_studies, shocked
from eventstudy.simulation.result import COLUMNS, Dates, Simulated, SimulationResult, SimulationSettings

if TYPE_CHECKING:
    from eventstudy.inference import Named
    from eventstudy.study.study import Study

Progress = Callable[[int, int], None]
SHOCKS = (0.0, 0.01, 0.02, 0.03, 0.05)
LEVELS = (0.01, 0.05, 0.10)
#: tried beside those in front where none are named: what the field reports most
WELL_KNOWN = ("cross_sectional_t", "patell_z", "bmp_t", "adjusted_bmp_t", "portfolio_t", "corrado_rank_z", "sign_z")


@public
def simulate(
    study: Study | StudyResult | str | Path,
    *,
    tests: Sequence[Named] = (),
    group: str | None = None,
    securities: Sequence[str] = (),
    n: int | None = None,
    dates: Dates = "common",
    repeats: int = 6,
    shocks: Sequence[float] = SHOCKS,
    variance: float = 1.0,
    window: tuple[int, int] | Window = (0, 0),
    replications: int = 2000,
    seed: int = 0,
    alpha: float = 0.05,
    levels: Sequence[float] = LEVELS,
    avoid_events: bool = True,
    progress: Progress | None = None,
) -> SimulationResult:
    """Measure how often each test rejects on pseudo-events of the study's own prices (Brown and Warner 1980, 1985).

    The headline event's model is estimated again for every pseudo-event. Its abnormal returns over `window` become
    sqrt(variance) AR, and a shock is added on day zero (the first day of a window without day zero), so that it is in
    the CAR whole. All securities given and one date: once `replications` reach the number of admissible dates, each
    is taken once, which beats drawing. See `SimulationSettings` for the arguments.

    Parameters
    ----------
    study : a study, which is run without its claims, its result, or the name or folder of a study.
    tests : names of ``TESTS`` or functions; () those that fit the design and `WELL_KNOWN` ones, except those that
        resample; of one security all of the mean.
    progress : called with (done, all) while it goes on.

    Raises
    ------
    SpecError, UnknownNameError, WindowError : an argument is not allowed.
    EstimationError : too few admissible dates, or nothing to estimate.

    Examples
    --------
    >>> import eventstudy as es
    >>> study = es.Study(prices="deepseek", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC")
    >>> found = es.simulate(study, shocks=[0.08], replications=100, tests=["t"])
    >>> found.made.replications, found.share("t") < 0.2 < 0.6 < found.share("t", 0.08)
    (100, True)
    """
    span, ladder = window_of(window), tuple(dict.fromkeys([0.0, *numbers("shocks", shocks, [0.01, 0.03])]))
    level, factor = number("alpha", alpha, 0.05), number("variance", variance, 1.0, low=0)
    every = tuple(sorted({level, *numbers("levels", levels, [0.01, 0.05])}))
    names = texts("securities", securities, ["NVDA", "AMD"])
    if progress is not None and not callable(progress):
        refuse("progress", "a function of (done, all)", progress)
    asked = SimulationSettings(
        group, names, n, dates, repeats, ladder, factor, span, replications, seed, level, every, avoid_events
    )
    tests = listed_of("tests", tests, name_or_function, ["t", "bmp_t"])
    for test in tests:
        card(test)  # a wrong name is said before anything runs
    result = study if isinstance(study, StudyResult) else _estimated(study)
    return _simulated(result, asked, tests, progress)


def _estimated(study: Study | str | Path) -> StudyResult:
    """The study's own estimates, without what a simulation does not ask for: claims, comparisons, volume, tests."""
    if isinstance(study, str | Path):
        from eventstudy.study.study import load

        study = load(study)
    if not hasattr(study, "settings"):
        refuse("study", "a Study, its result, or the name or folder of a study", study)
    study.settings  # noqa: B018 - refuses what is wrong in the whole study, not only in what is run
    return replace(study, claims=None, tests=["t"], compare_models=(), compare_benchmarks=(), volume="none").run()


# ---------------------------------------------------------------------------------------------------------- the whole
def _simulated(
    result: StudyResult, asked: SimulationSettings, tests: Sequence[Named], progress: Progress | None
) -> SimulationResult:
    if not result.settings.event.contains(asked.window):
        raise WindowError(f"the window {asked.window} lies outside the study's event window {result.settings.event}")
    source, pool, notes = _securities(result, asked)
    n = len(pool) if asked.n is None else asked.n
    if n > len(pool):
        raise SpecError(f"n is at most the number of securities that can be estimated, {len(pool)}, got {n}")
    draw = Draw(n, asked.dates, asked.repeats, asked.window.length, asked.replications, asked.seed)
    rows = [source.row(source.keys_of(ticker)[0]) for ticker in pool]  # any of its events: they share its history
    pseudo, days = pseudo_studies(source.abnormal, rows, asked.window, draw, asked.avoid_events)
    events = pseudo.rows.shape[1]
    chosen = choose(pseudo.abnormal.take(pseudo.rows[0]), asked.window)
    tallies = _tallies(pseudo, asked, tests or _by_default(events, chosen.front), progress)
    made = _made(result, source, pool, (n, events), pseudo, days)
    left = [] if tests else [name for name in chosen.front if name in RESAMPLED]
    slow = f"{', '.join(left)}: in front too, but left out, for it takes its time; name it in tests to try it"
    made = replace(made, notes=(*notes, *_notes(pseudo, asked, days), *([slow] if left else [])))
    table = _table(asked, made, tallies, chosen.front)
    cards = Cards(tests=TESTS | {own.name: own for own in map(card, tests)})
    return SimulationResult(asked, made, table, chosen.front, chosen.why, chosen.withstand, cards)


def _by_default(events: int, front: Sequence[str]) -> list[str]:
    """The tests that are tried where none are named: in front ones and well-known ones, in the registry's order."""
    some = SINGLE - OF_VARIANCE if events == 1 else {*front, *WELL_KNOWN} - SINGLE
    return [name for name in TESTS if name in some and name not in RESAMPLED]


def _securities(result: StudyResult, asked: SimulationSettings) -> tuple[EventResult, tuple[str, ...], list[str]]:
    """The event result that holds the securities asked about, those that were estimated in it, and who is left out."""
    settings = result.settings
    group = asked.group
    if group is not None and group not in settings.groups:
        raise UnknownNameError("group", group, tuple(settings.groups))
    if group is None and not asked.securities and asked.n is None:
        group = settings.headline_group
    wanted = asked.securities or settings.groups.get(group or "", ())
    if asked.securities:
        source = result.at(wanted[0])
    elif wanted:
        found = list(result.select(settings.headline_event))
        source = max(found, key=lambda r: len({*wanted} & {*r.panel.event_tickers}))
    else:
        source = result.headline
    here = dict(zip(source.panel.event_tickers, source.normal.reason, strict=True))
    notes, pool = [], []
    for ticker in wanted or here:
        if asked.securities:
            result.at(ticker)  # a security that the study does not hold is an error
        why = here.get(ticker, f"not on the sessions of {source.exchange}")
        if why is None:
            pool.append(ticker)
        else:
            notes.append(f"{ticker} is left out: {why}")
    if not pool:
        raise EstimationError(f"no security to simulate with: {'; '.join(notes)}")
    return source, tuple(dict.fromkeys(pool)), notes


def _made(
    result: StudyResult,
    source: EventResult,
    pool: tuple[str, ...],
    size: tuple[int, int],
    pseudo: PseudoStudies,
    days: Days,
) -> Simulated:
    n, events = size
    used = np.unique(pseudo.abnormal.panel.day[np.unique(pseudo.rows)])
    sessions = source.panel.sessions
    return Simulated(
        study=result.settings.id,
        exchange=source.exchange,
        benchmark=result.against(source),
        model=source.model,
        words=result.model(source).words,
        estimation=result.settings.estimation,
        securities=pool,
        n=n,
        events=events,
        drawn=n < len(pool),
        replications=len(pseudo.rows),
        distinct=pseudo.distinct,
        every_date=pseudo.every_date,
        admissible=days.count,
        first=sessions[used[0]].date(),
        last=sessions[used[-1]].date(),
    )


def _notes(pseudo: PseudoStudies, asked: SimulationSettings, days: Days) -> Iterator[str]:
    yield f"{days.count} dates are admissible: {days}"
    if pseudo.every_date:
        yield (
            f"{len(pseudo.rows) + pseudo.dropped} pseudo-studies are all there can be (asked for: "
            f"{asked.replications}): every admissible date was taken once and nothing drawn"
        )
    if asked.window.length > 1:
        yield (
            f"windows of {asked.window.length} days on dates in succession overlap: the shares vary more than their "
            "standard errors say"
        )
    if pseudo.dropped:
        yield f"{pseudo.dropped} pseudo-studies could not be estimated and are left out: {pseudo.reason}"


# ------------------------------------------------------------------------------------------------------------ trying
@dataclass(slots=True)
class _Tally:
    """What one test said at one shock: p-values where it applies, and why it did not elsewhere."""

    p: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, result: InferenceResult) -> None:
        if result.reason is None and math.isfinite(result.p):
            self.p.append(result.p)
        else:
            self.reasons[result.reason or "it has no p-value"] += 1


Tallies = dict[tuple[str, float], _Tally]


def _tallies(
    pseudo: PseudoStudies, asked: SimulationSettings, tests: Sequence[Named], progress: Progress | None
) -> Tallies:
    """Every test on every pseudo-study after every shock, by (test, shock), in the order of the tests."""
    found: Tallies = {}
    spread = math.sqrt(asked.variance)
    if pseudo.rows.shape[1] == 1:
        together = pseudo.abnormal.take(pseudo.rows[:, 0])
        for k, shock in enumerate(asked.shocks):
            for result in _one_by_one(together, asked.window, shock, spread, tests):
                found.setdefault((result.test, shock), _Tally()).add(result)
            if progress:
                _told(progress, k + 1, len(asked.shocks))
        return found
    for k, rows in enumerate(pseudo.rows):
        part = pseudo.abnormal.take(rows)
        history = History(part)
        for shock in asked.shocks:
            moved = shocked(part, asked.window, shock, spread)
            history = history.beside(moved)
            for result in group_results(moved, (asked.window,), tests, history):
                found.setdefault((result.test, shock), _Tally()).add(result)
        if progress:
            _told(progress, k + 1, len(pseudo.rows))
    return found


def _one_by_one(
    events: AbnormalReturns, window: Window, shock: float, spread: float, tests: Sequence[Named]
) -> Iterator[InferenceResult]:
    """Every test on every pseudo-study of one event, by test: the shock is in that event alone.

    They share a security's history, in which the shocks of all of them would stand side by side. So the residuals that
    tests of all rows together read are those from before the shock, and other tests are given one event at a time.
    """
    moved, before = shocked(events, window, shock, spread), events.residuals()
    for test in tests:
        each = card(test).each
        if each is not None:
            yield from each(moved, window, before)
            continue
        for row in range(events.n):
            alone = shocked(events.take([row]), window, shock, spread)
            yield from (result for _, result in single_results(alone, (window,), [test]))


def _told(progress: Progress, done: int, of: int) -> None:
    """Call the user's own function, whose failure is none of the package."""
    try:
        progress(done, of)
    except Exception as error:
        raise SpecError(
            f"progress failed with {type(error).__name__}: {error}; it is called with how many are done, and of how "
            "many"
        ) from error


def _table(asked: SimulationSettings, made: Simulated, tallies: Tallies, front: Sequence[str]) -> pd.DataFrame:
    rows = []
    for (test, shock), tally in tallies.items():
        p, count = np.array(tally.p), len(tally.p)
        reason = tally.reasons.most_common(1)[0][0] if tally.reasons else None
        for level in asked.levels:
            share = float((p <= level).mean()) if count else math.nan
            error = math.sqrt(share * (1 - share) / count) if count else math.nan
            whole = (made.events, count, made.distinct, reason)
            rows.append((test, test in front, shock, level, share, error, count / made.replications, *whole))
    order = {name: k for k, name in enumerate(dict.fromkeys(test for test, _ in tallies))}
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    keys = [frame["test"].map(order), frame["shock"].map({s: k for k, s in enumerate(asked.shocks)})]
    return frame.iloc[np.lexsort([frame["level"], *reversed(keys)])].reset_index(drop=True)
