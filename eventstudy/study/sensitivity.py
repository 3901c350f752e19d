"""The headline event under every defensible specification, in one pass over all its securities and groups.

Every cell estimates all securities of an exchange at once, and with them each group as its equal-weight portfolio,
fitted as one security: by least squares that is `portfolio_t`, with the correlation of the members in its own history.
A group's cell exists where all its members have returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from eventstudy.abnormal import abnormal_returns, over_windows
from eventstudy.inference.sample import two_sided_t
from eventstudy.models import MODELS, Recipe, card, estimate
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import EventPanel, FloatArray, ReturnKind, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.sensitivity import FRAGILE, Answers, Cell, Grid, Sensitivity
from eventstudy.objects.settings import Settings, usual_min_obs
from eventstudy.objects.verdicts import AbnormalAxis, Verdict
from eventstudy.returns import returns_given, returns_on
from eventstudy.study.grid import batched

Members = Mapping[str, tuple[str, ...]]
KINDS: tuple[ReturnKind, ...] = ("simple", "log")


def sensitivity(result: StudyResult) -> Sensitivity:
    """The grid of the headline event, over the study's windows and those of its claims.

    Cells that are the same computation count once: a model that uses no benchmark is not repeated for each, nor are
    two benchmarks with the same returns.
    """
    grid = result.settings.sensitivity or Grid()
    lists, windows = _asked(result)
    parts, left_out = [], []
    for event in result.events:
        if not event.headline or event.event != result.settings.headline_event:
            continue
        if (why := _unfit(result, event)) is not None:
            left_out.append(f"{event.exchange}: {why}")
            continue
        groups, apart = _groups(event, {**event.groups, **lists})
        left_out += apart
        parts.append(_answers(result, event, groups, _cells(result, event, grid), windows))
    return Sensitivity(tuple(parts), tuple(left_out))


# -------------------------------------------------------------------------------------------------------- what is asked
def _asked(result: StudyResult) -> tuple[Members, tuple[Window, ...]]:
    """Lists of securities that claims name and no group has, and the windows of the study and its claims."""
    lists: dict[str, tuple[str, ...]] = {}
    windows = dict.fromkeys(result.settings.windows)
    for verdict in result.verdicts:
        for axis in _axes(result, verdict):
            windows[Window(*axis.window)] = None
            if not _known(result, axis.subject) and len(verdict.claim.tickers) > 1:
                lists[listed_name(axis.subject, verdict)] = verdict.claim.tickers
    return lists, tuple(w for w in windows if result.settings.event.contains(w))


def _axes(result: StudyResult, verdict: Verdict) -> list[AbnormalAxis]:
    """What a claim says of the headline event by the study's own benchmark and model."""
    own = {(e.benchmark or "none", e.model) for e in result.events if e.headline}
    axes = [a for a in verdict.abnormal if a.event == result.settings.headline_event and a.abnormal is not None]
    return [a for a in axes if (a.benchmark, a.model) in own]


def _known(result: StudyResult, subject: str) -> bool:
    return subject in result.settings.groups or subject in {e.key for e in result.settings.events}


def listed_name(subject: str, verdict: Verdict) -> str:
    """How the grid calls a list of securities that a claim names."""
    return f"{subject} ({verdict.claim.id})"


def _unfit(result: StudyResult, event: EventResult) -> str | None:
    """Why the securities of an exchange have no grid, None where they have one."""
    if event.panel.standard is not None:
        return "events have windows or benchmarks of their own, which a grid would replace"
    model = result.cards.models.get(event.model) or card(event.model)
    if event.model not in MODELS or not batched(model):
        return f"the model {event.model} is not fitted to all securities at once, each by itself"
    return None


# ------------------------------------------------------------------------------------------------------- the securities
def _groups(event: EventResult, groups: Members) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Groups whose members share a date, with those that the study could estimate; and the groups left out."""
    panel, apart, members = event.panel, [], {}
    for name, keys in groups.items():
        at = [event.row(key) for key in keys if key in panel.keys and event.normal.reason[event.row(key)] is None]
        if len({int(panel.day[i]) for i in at}) > 1:
            apart.append(f"{name}: its events have dates of their own, so that there is no portfolio on a shared day")
        elif len(at) > 1:
            members[name] = tuple(panel.keys[i] for i in at)
    return members, apart


def _ground(event: EventResult, members: Members, kind: ReturnKind) -> EventPanel:
    """The securities of an exchange in one kind of returns, and below them each group as its equal-weight portfolio.

    The return of a portfolio is the mean of its members', missing where one of theirs is.
    """
    panel = event.panel
    returns = _converted(panel.returns, panel.kind, kind)
    rows = [[event.row(key) for key in keys] for keys in members.values()]
    below = [returns[panel.security[at]].mean(axis=0) for at in rows]
    count = len(returns)
    return replace(
        panel,
        kind=kind,
        tickers=(*panel.tickers, *members),
        returns=np.ascontiguousarray(np.vstack([returns, *below])),
        security=np.concatenate([panel.security, np.arange(count, count + len(rows), dtype=np.int32)]),
        day=np.concatenate([panel.day, np.array([panel.day[at[0]] for at in rows], dtype=np.int32)]),
        events=(),
        day_zero=(),
        spans=None,
        peers={},
        donors={},
    )


def _market(result: StudyResult, event: EventResult, name: str) -> FloatArray | None:
    """(D,) returns of a benchmark on the sessions of the event, None where the study has no prices of it."""
    for known in result.events:  # the study's own, and those that it made, such as an index without its members
        market = known.panel.regressors.get("market")
        if (known.event, known.exchange, known.benchmark) == (event.event, event.exchange, name) and market is not None:
            return market
    prices, sessions, kind = result.prices, event.panel.sessions, event.panel.kind
    if prices.returns is not None:
        given = prices.returns
        return None if name not in given else returns_given(given[[name]], sessions, kind).values[name].to_numpy()
    bases = ("adj_close", "close") if result.settings.basis == "adj_close" else ("close", "adj_close")
    tables = [*(getattr(prices, basis) for basis in bases), result.reference.index_history]
    table = next((t for t in tables if name in t and (t[name] > 0).any() and not (t[name] <= 0).any()), None)
    return None if table is None else returns_on(table[[name]], sessions, kind).values[name].to_numpy()


# ------------------------------------------------------------------------------------------------------------ the cells
def _cells(result: StudyResult, event: EventResult, grid: Grid) -> list[tuple[Cell, FloatArray | None]]:
    """The distinct cells of an exchange with the returns of their benchmark, the study's own first."""
    settings, own = result.settings, settings_cell(result.settings, event)
    markets = _markets(result, event, grid)
    lengths = dict.fromkeys((own.estimation, *grid.estimation))
    gaps = [gap for gap in dict.fromkeys((own.gap, *grid.gaps)) if -gap < settings.event.start]
    models = [name for name in dict.fromkeys((own.model, *grid.models)) if _local(settings, event, MODELS[name])]
    found: dict[tuple[object, ...], tuple[Cell, FloatArray | None]] = {}
    kinds = (own.returns, *(kind for kind in KINDS if kind != own.returns))
    for model, length, gap, kind in product(models, lengths, gaps, kinds):
        known = MODELS[model]
        for name, market in markets.items() if known.uses_benchmark else [(None, None)]:
            if _applies(known, kind, event.panel, market is not None):
                cell = Cell(name, model, length, gap, kind)
                own_kind = None if market is None else _converted(market, event.panel.kind, kind)
                key = (model, length, gap, kind, None if market is None else market.tobytes())
                found.setdefault(key, (cell, own_kind))
    return sorted(found.values(), key=lambda pair: pair[0] != own)


def settings_cell(settings: Settings, event: EventResult) -> Cell:
    """The cell of the study's own settings."""
    benchmark = event.benchmark if MODELS[event.model].uses_benchmark else None
    return Cell(benchmark, event.model, settings.estimation.length, -settings.estimation.end, event.panel.kind)


def _markets(result: StudyResult, event: EventResult, grid: Grid) -> dict[str, FloatArray]:
    """The study's own benchmark, the same without the event's securities, then those of the grid; the last only for
    the exchange of the default benchmark, whose sessions they share."""
    purged = [one.name for one in result.contamination if one.index == event.benchmark]
    further = grid.benchmarks if _default(result.settings, event) else ()
    names = dict.fromkeys(name for name in (event.benchmark, *purged, *further) if name is not None)
    found = {name: _market(result, event, name) for name in names}
    return {name: market for name, market in found.items() if market is not None and np.isfinite(market).any()}


def _default(settings: Settings, event: EventResult) -> bool:
    return event.benchmark == settings.benchmarks.get("default")


def _local(settings: Settings, event: EventResult, model: Model) -> bool:
    """Factors are those of the market of the default benchmark."""
    factors = isinstance(model.fit, Recipe) and not {"market"}.issuperset(model.fit.needs)
    return _default(settings, event) or not factors or model.name == event.model


def _applies(model: Model, kind: ReturnKind, panel: EventPanel, has_market: bool) -> bool:
    """Whether the panel has what a model regresses on, in its kind of returns."""
    if not isinstance(model.fit, Recipe):
        return has_market or not model.uses_benchmark
    if model.fit.simple_only and kind == "log":
        return False
    columns = {name for name in panel.regressors if name != "market"} | ({"market"} if has_market else set())
    return columns.issuperset(model.fit.needs)


def _answers(
    result: StudyResult,
    event: EventResult,
    members: Members,
    cells: Sequence[tuple[Cell, FloatArray | None]],
    windows: tuple[Window, ...],
) -> Answers:
    """Every cell estimated."""
    settings, subjects = result.settings, (*event.panel.keys, *members)
    shape = (len(cells), len(subjects), len(windows))
    car, se, nu = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[:2], np.nan)
    grounds = {kind: _ground(event, members, kind) for kind in KINDS}
    tickers = np.array(grounds["simple"].event_tickers)
    for c, (cell, market) in enumerate(cells):
        panel = _laid(grounds[cell.returns], cell, market, _least(settings, cell))
        abnormal = abnormal_returns(panel, estimate(panel, cell.model), settings.allow_missing)
        nu[c] = np.where(tickers == cell.benchmark, np.nan, abnormal.normal.nu)  # not a security against itself
        car[c], se[c] = over_windows(abnormal, windows)
    p = two_sided_t(car / np.where(se > 0, se, np.nan), nu[:, :, None])
    listed = tuple(cell for cell, _ in cells)
    return Answers(event.exchange, listed, subjects, members, windows, car, se, nu, p, settings.alpha)


def _least(settings: Settings, cell: Cell) -> int:
    """The fewest returns of a cell: the study's own number for its own length, else the usual one."""
    own = cell.estimation == settings.estimation.length
    return settings.min_obs if own else usual_min_obs(cell.estimation)


def _laid(ground: EventPanel, cell: Cell, market: FloatArray | None, least: int) -> EventPanel:
    """The panel of one cell; `market` in the kind of returns of the cell."""
    others = {name: values for name, values in ground.regressors.items() if not name.startswith("market")}
    own = {} if market is None else {"market": market}
    return replace(ground, regressors=others | own, estimation=cell.window, min_obs=least, benchmark=cell.benchmark)


def _converted(values: FloatArray, kind: ReturnKind, wanted: ReturnKind) -> FloatArray:
    if kind == wanted:
        return values
    return np.asarray(np.log1p(values) if wanted == "log" else np.expm1(values))


# ----------------------------------------------------------------------------------------------------------- the claims
def agreed(result: StudyResult, found: Sensitivity) -> tuple[Verdict, ...]:
    """The verdicts with the share of cells that agree on the abnormal return of their subjects.

    The window is that of the first entry of the second axis. A claim about a group counts the group's cells, one about
    several securities the cells of all. A claim without an abnormal return at the headline event keeps None.
    """
    return tuple(_agreed(result, verdict, found) for verdict in result.verdicts)


def _agreed(result: StudyResult, verdict: Verdict, found: Sensitivity) -> Verdict:
    axes = _axes(result, verdict)
    axes = [a for a in axes if a.window == axes[0].window]
    named = [(a.subject if _known(result, a.subject) else listed_name(a.subject, verdict), a.window) for a in axes]
    every = [one for subject, window in named if (one := found.get(subject, Window(*window))) is not None]
    counted = [one for one in every if one.is_group] or every
    cells = sum(one.cells for one in counted)
    if not cells:
        return verdict
    share = sum(one.agree for one in counted) / cells
    return replace(verdict, agreement=share, fragile=share < FRAGILE)
