"""From checked prices to estimated events: one EventResult for each event, exchange, benchmark and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pandas as pd

from eventstudy.abnormal import AbnormalReturns, abnormal_returns, within_own
from eventstudy.errors import EstimationError, SpecError, WindowError
from eventstudy.inference import (
    RESAMPLED,
    SINGLE,
    TESTS,
    group_diagnostics,
    group_results,
    rank_ahead,
    run_diagnostics,
    single_results,
)
from eventstudy.inference.choose import choose, choose_each, choose_for
from eventstudy.inference.history import History
from eventstudy.inference.sample import gather
from eventstudy.models import card, estimate
from eventstudy.models.apart import estimate_apart, has_own
from eventstudy.objects.estimation import Event, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Diagnostic, Finding
from eventstudy.objects.prices import ExchangeCalendar, Issue, PricePanel, Returns
from eventstudy.objects.settings import Settings
from eventstudy.once import once
from eventstudy.prices.source import wanted
from eventstudy.returns import returns_given, returns_on
from eventstudy.study.contamination import Purged
from eventstudy.study.families import adjusted
from eventstudy.study.given import spanned
from eventstudy.study.overlap import overlaps
from eventstudy.windows import day_zero, event_panel

SHOWN = 8  # securities, and reasons, that an error spells out


def event_results(
    settings: Settings, panel: PricePanel, factors: pd.DataFrame, purged: Sequence[Purged] = ()
) -> tuple[tuple[EventResult, ...], list[Issue]]:
    """Estimate every event of the study.

    `factors` is (date, name) decimal factor returns, empty where a study has none. `purged` benchmarks without the
    event's own securities, each a comparison of its own for the headline event.

    Raises
    ------
    EstimationError : no security of the study could be estimated at all; the message gives each reason.
    """
    levels, issues = _levels(settings, panel)
    without = {one.measured.name: pd.Series(one.levels[:, 0], one.days) for one in purged}
    ground = _Ground(settings, panel, levels.assign(**without) if without else levels, factors)
    names = {one.measured.index: one.measured.name for one in purged}
    results = []
    for event_id, exchange, events in _announcements(settings, panel):
        for benchmark, model, headline in _specifications(settings, event_id, exchange, names):
            mine = events if headline or model == settings.model else _headline_only(settings, events)
            if not mine:
                continue
            result, found = _event_result(ground, (event_id, exchange, mine, benchmark, model, headline))
            results += [result] if result.panel.n_events else []
            issues += [*found, *overlaps(result)] if headline else []
    _refuse_if_none(results, issues)
    return adjusted(results), issues


def _levels(settings: Settings, panel: PricePanel) -> tuple[pd.DataFrame, list[Issue]]:
    """The study's price basis, a series without it on the other one, which is said."""
    levels = getattr(panel, settings.basis)
    if panel.returns is not None:
        return levels, []
    other = panel.close if settings.basis == "adj_close" else panel.adj_close
    name = "close" if settings.basis == "adj_close" else "adj_close"
    used = set(wanted(settings))
    without = [t for t in levels.columns if t in used and levels[t].isna().all()]
    issues = [
        Issue("basis_substituted", "info", f"no {settings.basis} known: returns are formed from {name}", ticker)
        for ticker in without
    ]
    return (levels.assign(**{t: other[t] for t in without}) if without else levels), issues


def _announcements(settings: Settings, panel: PricePanel) -> Iterator[tuple[str, str, list[Event]]]:
    """Events by announcement and exchange, in the order of the study."""
    together: dict[tuple[str, str], list[Event]] = {}
    for event in settings.events:
        together.setdefault((event.id, panel.exchange[event.ticker]), []).append(event)
    for (event_id, exchange), events in together.items():
        yield event_id, exchange, events


def _specifications(
    settings: Settings, event_id: str, exchange: str, purged: Mapping[str, str]
) -> Iterator[tuple[str | None, str, bool]]:
    """(benchmark, model, headline): the study's own; for the headline event also the comparisons.

    `purged` benchmark -> its name without the event's own securities.
    """
    own = settings.benchmark_for(exchange)
    yield own, settings.model, True
    uses_benchmark = card(settings.functions.get(settings.model, settings.model)).uses_benchmark
    if event_id == settings.headline_event and own is not None and own in purged and uses_benchmark:
        yield purged[own], settings.model, False
    if event_id != settings.headline_event or own != settings.benchmarks.get("default"):
        return
    for benchmark in settings.compare_benchmarks:
        if benchmark != own and uses_benchmark:  # where none is used the answer would be the same again
            yield benchmark, settings.model, False
    for model in settings.compare_models:
        if model != settings.model:
            yield own, model, False


def _headline_only(settings: Settings, events: Sequence[Event]) -> list[Event]:
    """Other models are compared for the headline group alone; for all securities where a study has no groups."""
    group = set(settings.keys(events[0].id, settings.headline_group))
    return [event for event in events if event.key in group]


@dataclass(frozen=True, eq=False)  # no slots: what several events and models ask of an exchange is kept
class _Ground:
    """What all events of a study start from: its prices on one basis, its factors, and both on an exchange's sessions.

    ``levels`` (date, ticker) prices or index levels; ``factors`` (date, name) decimals.
    """

    settings: Settings
    panel: PricePanel
    levels: pd.DataFrame
    factors: pd.DataFrame

    @once
    def returns(self, exchange: str, tickers: tuple[str, ...], across_gaps: bool = False) -> Returns:
        """Returns of `tickers` on the sessions of `exchange` (see `returns.returns_on`)."""
        sessions, kind = self.panel.calendars[exchange].sessions, self.settings.returns
        if self.panel.returns is None:
            return returns_on(self.levels[[*tickers]], sessions, kind, across_gaps=across_gaps)
        if across_gaps:
            raise SpecError("trade_to_trade forms returns from trade to trade: it needs prices, not returns")
        given = returns_given(self.panel.returns[[*tickers]], sessions, kind)
        spanning = {ticker: spanned(self.panel, ticker, exchange) for ticker in tickers}
        kept = {ticker: given.values[ticker].mask(days) for ticker, days in spanning.items() if days.any()}
        return replace(given, values=given.values.assign(**kept)) if kept else given

    @once
    def regressors(self, exchange: str, benchmark: str | None, own: tuple[str, ...] = ()) -> pd.DataFrame:
        """(session, name) the factors, ``market`` where there is a benchmark, and ``market B`` for each of `own`."""
        found = self.factors.reindex(self.panel.calendars[exchange].sessions)
        if benchmark is not None:
            found = found.assign(market=self.returns(exchange, (benchmark,)).values[benchmark])
        for other in own:
            found = found.assign(**{f"market {other}": self.returns(exchange, (other,)).values[other]})
        return found

    @once
    def excluded(self, exchange: str) -> tuple[int, ...]:
        """Sessions of `exchange` that no pseudo-event may use (see `excluded`)."""
        return excluded(self.settings, self.panel, self.panel.calendars[exchange])


Specification = tuple[str, str, list[Event], str | None, str, bool]


def _event_result(ground: _Ground, what: Specification) -> tuple[EventResult, list[Issue]]:
    event_id, exchange, events, benchmark, model, headline = what
    settings, panel = ground.settings, ground.panel
    calendar = panel.calendars[exchange]
    if not headline:  # compared with this benchmark, whatever their own
        events = [replace(event, benchmark=None) for event in events]
    events = [e for e in events if e.ticker != (e.benchmark or benchmark)]
    tickers = list(dict.fromkeys(e.ticker for e in events))
    known = card(settings.functions.get(model, model))
    beside = _beside(settings, panel, exchange, tickers)
    returns = ground.returns(exchange, (*tickers, *beside), known.across_gaps)
    regressors = ground.regressors(exchange, benchmark, tuple(sorted({e.benchmark for e in events if e.benchmark})))
    laid, issues = event_panel(returns, regressors, events, calendar, benchmark, settings, beside)
    laid = replace(laid, peers=settings.peers, donors=settings.donors, excluded=ground.excluded(exchange))
    fit = settings.functions.get(model, model)
    normal = estimate_apart(laid, fit) if has_own(laid) else estimate(laid, fit)
    abnormal = within_own(abnormal_returns(laid, normal, settings.allow_missing))
    groups = groups_in(settings, event_id, laid.keys, headline)
    names = settings.tests or _by_default(settings, event_id, headline)
    checks = _checks(abnormal, groups) if headline else ()
    findings, why = findings_of(settings, abnormal, groups, names, checks)
    issues += [
        Issue("not_estimated", "warning", f"{reason}; it is left out", event.ticker, event.day)
        for event, reason in zip(laid.events, normal.reason, strict=True)
        if reason
    ]
    issues += _contained(settings, laid.event_tickers, benchmark) if known.uses_benchmark else []
    what_ran = (event_id, exchange, benchmark, model, headline)
    return EventResult(*what_ran, laid, normal, abnormal, groups, findings, why, checks), issues


def _by_default(settings: Settings, event_id: str, headline: bool) -> tuple[str, ...]:
    """Where a study names no tests: all for its headline event, all but the slow ones for its other events.

    A comparison is answered by the tests of the mean that fit the design, which `findings_of` picks by ().
    """
    if not headline:
        return ()
    return tuple(n for n in TESTS if n not in RESAMPLED or event_id == settings.headline_event)


def _beside(settings: Settings, panel: PricePanel, exchange: str, tickers: Sequence[str]) -> list[str]:
    """Peers and donors of `tickers` that trade on the same sessions and have no event of their own here."""
    named = [other for t in tickers for known in (settings.peers, settings.donors) for other in known.get(t, ())]
    return [t for t in dict.fromkeys(named) if t not in tickers and panel.exchange[t] == exchange]


def excluded(settings: Settings, panel: PricePanel, calendar: ExchangeCalendar) -> tuple[int, ...]:
    """Sessions that no pseudo-event may use: day zero of every event of the study here, and contaminated days."""
    here = {e.announced: e for e in settings.events if panel.exchange[e.ticker] == calendar.exchange}
    days = [*here.values(), *(Event("contaminated", "", day) for day in settings.contaminated)]
    found = set()
    for event in days:
        with suppress(WindowError):  # a day outside the history touches nothing
            found.add(day_zero(event, calendar, "next").t)
    return tuple(sorted(found))


def groups_in(settings: Settings, event_id: str, keys: Sequence[str], headline: bool) -> dict[str, tuple[str, ...]]:
    """Groups with at least two events here; beside the headline only the headline group is tested again."""
    wanted = settings.groups if headline else [name for name in settings.groups if name == settings.headline_group]
    here = set(keys)
    present = {name: tuple(key for key in settings.keys(event_id, name) if key in here) for name in wanted}
    return {name: members for name, members in present.items() if len(members) > 1}


def _contained(settings: Settings, tickers: Sequence[str], benchmark: str | None) -> list[Issue]:
    detail = (
        f"part of {benchmark}, which pulls the abnormal return against it towards zero; "
        "see the answers against the other benchmarks"
    )
    inside = settings.members.get(benchmark or "", ())
    return [Issue("security_in_benchmark", "warning", detail, ticker) for ticker in tickers if ticker in inside]


def _checks(abnormal: AbnormalReturns, groups: Mapping[str, tuple[str, ...]]) -> tuple[Diagnostic, ...]:
    """What the estimation windows say of the tests' assumptions: every security, then every group."""
    of_groups = (group_diagnostics(_members(abnormal, members), name) for name, members in groups.items())
    return (*run_diagnostics(abnormal), *(row for rows in of_groups for row in rows))


def _members(abnormal: AbnormalReturns, members: Sequence[str]) -> AbnormalReturns:
    row = {key: i for i, key in enumerate(abnormal.keys)}
    return abnormal.take([row[key] for key in members])


def findings_of(
    settings: Settings,
    abnormal: AbnormalReturns,
    groups: Mapping[str, tuple[str, ...]],
    names: Sequence[str],
    checks: Sequence[Diagnostic] = (),
) -> tuple[tuple[Finding, ...], dict[str, str]]:
    """The tests `names` of every security and group over the study's windows, and why which of them stand in front.

    No names: the tests that stand in front, without the slow ones.
    """
    if abnormal.n == 0:  # the policy dropped every event: nothing to test
        return (), {}
    of_one = [n for n in names or choose(abnormal.take([0])).front if n in SINGLE and (names or n not in RESAMPLED)]
    singles = single_results(abnormal, settings.windows, of_one)
    alone = {window: [choice.front for choice in choose_each(abnormal, window)] for window in settings.windows}
    findings = [Finding(abnormal.keys[i], False, r.test in alone[r.window][i], r) for i, r in singles]
    why = {}
    if len(groups) > 1:  # what ranks each security by itself is the same in every group that it is in
        rank_ahead(abnormal, settings.windows, names)
    for name, members in groups.items():
        part = _members(abnormal, members)
        history, subjects = History(part), {name, *members}
        own = [row for row in checks if row.subject in subjects]
        choices = {window: choose_for(gather(part, window, history), own) for window in settings.windows}
        why[name] = choices[settings.windows[0]].why
        front = {window: choice.front for window, choice in choices.items()}
        for windows, asked in _wanted(settings, names, front):
            results = iter(group_results(part, windows, asked, history))
            for window in windows:  # those in front first, in the order of the choice
                place = {test: k for k, test in enumerate(front[window])}
                mine = sorted(islice(results, len(asked)), key=lambda r: place.get(r.test, len(place)))
                findings += [Finding(name, True, r.test in place, r) for r in mine]
    return tuple(findings), why


def _wanted(
    settings: Settings, names: Sequence[str], front: Mapping[Window, tuple[str, ...]]
) -> Iterator[tuple[tuple[Window, ...], list[Any]]]:
    """Which tests of a group are run over which windows; windows with the same tests together, in their order."""
    together: dict[tuple[str, ...], list[Window]] = {}
    for window, in_front in front.items():
        own = tuple(names) or tuple(n for n in in_front if n not in RESAMPLED)
        together.setdefault(tuple(n for n in own if n not in SINGLE), []).append(window)
    for tests, windows in together.items():
        yield tuple(windows), [settings.functions.get(name, name) for name in tests]


def _refuse_if_none(results: Sequence[EventResult], issues: Sequence[Issue]) -> None:
    if any(r.abnormal.estimated.any() for r in results):
        return
    reasons: dict[str, dict[str, None]] = {}
    for r in results:
        for key, why in zip(r.panel.keys, r.normal.reason, strict=True):
            reasons.setdefault(str(why), {})[f"{key} ({r.event})"] = None
    for issue in (i for i in issues if not results and i.severity != "info"):
        reasons.setdefault(issue.detail, {})[issue.ticker or "the study"] = None
    lines = [f"{', '.join([*who][:SHOWN])}{' ...' if len(who) > SHOWN else ''}: {why}" for why, who in reasons.items()]
    first = min((r.panel.sessions[0].date() for r in results), default=None)
    remedy = (
        f"\n  the prices begin on {first}: give earlier ones, or a shorter estimation window with a min_obs to match, "
        "such as estimation=(-120, -11), min_obs=80"
        if any("estimation returns needed" in why for why in reasons)
        else ""
    )
    raise EstimationError("no security could be estimated:\n  " + "\n  ".join(lines[:SHOWN]) + remedy)
