"""A study: prices, events and settings in; a StudyResult out. The only file that joins data access and mathematics.

::

    prices -> PricePanel -> one EventResult for each event, exchange, benchmark, model -> StudyResult -> verdicts
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from eventstudy.arguments import mapping, path, public, text
from eventstudy.errors import SpecError, listed
from eventstudy.files.dates import Announced
from eventstudy.files.folders import check_name, study_folder
from eventstudy.inference import DIAGNOSTICS, TESTS
from eventstudy.inference import card as test_card
from eventstudy.models import card as model_card
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import DayZeroPolicy, ReturnKind, Span, window_of
from eventstudy.objects.prices import Basis, Issue, PriceFile
from eventstudy.objects.results import Reference, StudyResult
from eventstudy.objects.settings import Accepted, CalendarKind, Settings, VolumeModel, usual_min_obs
from eventstudy.prices.closures import days_by_exchange
from eventstudy.prices.findings import accepted_of
from eventstudy.prices.reference import load_reference
from eventstudy.prices.shares import stated
from eventstudy.prices.source import PriceSource, checked_panel, folder_of, not_read
from eventstudy.study.arguments import check_arguments
from eventstudy.study.confounders import confounders_of, day_of
from eventstudy.study.contamination import contaminations, found_in
from eventstudy.study.design import (
    check_benchmark,
    check_headline,
    check_names,
    dates_apart,
    design_issues,
    expanded,
    without_event,
)
from eventstudy.study.estimate import event_results
from eventstudy.study.events import EventSource, Given, Pools, events_of, pools_of
from eventstudy.study.factors import FactorSource, factors_of, paths_of
from eventstudy.study.given import ON_RETURNS, in_decimals, shares_of, source_of, spanning_issues
from eventstudy.study.grid import grid_of
from eventstudy.study.identity import content_id, file_hashes
from eventstudy.study.membership import undeclared
from eventstudy.study.sensitivity import agreed, sensitivity
from eventstudy.study.volume import volume_results

if TYPE_CHECKING:
    from eventstudy.claims.load import ClaimBook


@public
@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """Everything needed to run an event study; nothing is read or computed before `run`.

    Windows are (first, last) sessions relative to day zero, both in. `objects.settings.Settings` has the rest.

    Parameters
    ----------
    prices : frame (wide: dates by tickers; or long: ticker, date, close ...), a CSV, Excel or Parquet file, a folder
        of one file a ticker, a mapping or a PriceFile that says how a file is written, a snapshot folder, a checked
        PricePanel. A run is offline: prices from elsewhere are pinned first, by `eventstudy fetch`.
    events : a table of events (a frame, or a CSV, Excel or Parquet file, see `files.eventtable`) or a mapping or Series
        ticker -> date, tested together; one date for all tickers; a list of dates, each tested by itself; or Event
        objects, tested together by id. A security may have many events. A moment needs a time zone.
    dayfirst, date_format : how the dates of events are written where no row settles it: ``dayfirst=True`` where
        04/09/2024 is 4 September, or ``date_format="%d/%m/%y"``.
    tickers : the securities; by default the union of the groups, or of the events' own.
    benchmark, benchmarks : the series compared with, for all exchanges or by market identifier code.
    groups : name -> tickers to be tested together, with all their events; a table's column ``group`` and
        ``Event.group`` make groups of events.
    compare_benchmarks, compare_models : answers shown beside the headline.
    model, tests : names, or functions of your own: a model is ``(EventPanel) -> NormalReturns``, a test
        ``(AbnormalReturns, Window) -> InferenceResult``, called for each group and window.
    claims : a claims file to be tried, or None.
    file : the study.yaml it was read from, hashed into the result.
    returns : ``simple`` or ``log``, how they are formed from prices; or returns in the place of prices: a frame or file
        as `prices` takes, where ``percent`` says that they are per cent. There are then no claims about prices.
    factors : (date, name) decimal factor returns (``mkt_rf``, ``smb``, ``rf`` ...) in a frame, a file or several files,
        of French's data library as it publishes them, too; by default the snapshot's.
    members : benchmark -> securities known to be part of it; `weights` benchmark -> ticker -> its share of the index at
        the close before the headline event, a decimal, where market values are not to be used.
    peers, donors : ticker or group -> tickers or groups to compare with, for the models ``peer`` and
        ``synthetic_control``; without, these take the other securities of the study, which have the event too.
    contaminated : further days that no placebo may touch.
    confounders : other news of those days, mappings of ``date``, ``what``, ``source`` and perhaps ``tickers``; listed
        beside claims whose windows take it in.
    accept : findings of the price checks that are known to be real, each a mapping of ``check``, ``ticker``, ``date``
        and ``why``; they stay in the report as accepted.
    shares : ticker -> share count, or a mapping of ``shares``, ``as_of`` and ``source``, for claims about market value;
        a ``shares_outstanding.csv`` beside the prices is read too.
    calendar : ``own`` takes the dates of the prices as sessions, for exchanges without a published calendar (which have
        it anyway), weekly or monthly bars and currencies; ``exchanges={"BTC-USD": "24/7"}`` states one by one.
    closures, sessions : market identifier code -> days on which the exchange was closed, or open, unlike its published
        calendar: a typhoon in Taipei, ``{"XTAI": ["2024-10-31"]}``, a Saturday in Mumbai, ``{"XBOM": ["2024-01-20"]}``.
    sensitivity : the further specifications of the grid, any of ``benchmarks``, ``models``, ``estimation`` (lengths)
        and ``gaps``, such as ``{"gaps": [11, 31]}``; ``"off"`` leaves the grid out of a run.

    Examples
    --------
    >>> study = Study(prices="deepseek", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC")
    >>> print(study.settings.estimation, study.settings.min_obs)
    [-260, -11] 175
    """

    events: EventSource
    prices: PriceSource | None = None
    tickers: Sequence[str] = ()
    dayfirst: bool | None = None
    date_format: str | None = None
    benchmark: str | None = None
    benchmarks: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    compare_benchmarks: Sequence[str] = ()
    compare_models: Sequence[str | Callable[..., Any]] = ()
    model: str | Callable[..., Any] = "market"
    returns: ReturnKind | pd.DataFrame | PriceFile | Mapping[str, Any] | str | Path = "simple"
    percent: bool | None = None
    basis: Basis = "adj_close"
    estimation: Span = (-260, -11)
    event: Span = (-10, 10)
    windows: Sequence[Span] = ((0, 0), (-1, 1), (0, 1), (0, 5), (-10, 10))
    min_obs: int | None = None
    policy: DayZeroPolicy = "next"
    alpha: float = 0.05
    allow_missing: bool = False
    tests: Sequence[str | Callable[..., Any]] = ()
    exchanges: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    factors: FactorSource | None = None
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    peers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    donors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    contaminated: Sequence[Announced] = ()
    confounders: Sequence[Mapping[str, Any]] = ()
    volume: VolumeModel = "market"
    calendar: CalendarKind = "exchange"
    closures: Mapping[str, Sequence[Announced]] = field(default_factory=dict)
    sessions: Mapping[str, Sequence[Announced]] = field(default_factory=dict)
    sensitivity: Mapping[str, Sequence[Any]] | Literal["off"] = field(default_factory=dict)
    shares: Mapping[str, Any] = field(default_factory=dict)
    accept: Sequence[Mapping[str, Any] | Accepted] = ()
    headline_event: str | None = None
    headline_group: str | None = None
    id: str = "study"
    title: str = "Event study"
    claims: Path | None = None
    file: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """The effective settings, validated.

        Raises
        ------
        SpecError, WindowError : a value that is not allowed, or windows that overlap.

        Examples
        --------
        >>> Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC").settings.windows[:2]
        (Window(start=0, end=0), Window(start=-1, end=1))
        """
        check_arguments(self)
        check_name(self.id, "id")
        check_names(self.tests, (self.model, *self.compare_models))
        given, pools = self._given, self._pools
        groups, events = pools.groups, given.events
        tickers = _union(e.ticker for e in events)
        estimation = window_of(self.estimation)
        benchmarks = dict(self.benchmarks) | ({"default": self.benchmark} if self.benchmark else {})
        same = {f.name: getattr(self, f.name) for f in fields(Settings) if f.name in _SAME}
        functions: dict[str, Callable[..., Any]] = {}
        model, headline = _name(self.model, functions), self.headline_event or events[0].id
        group = self.headline_group or next(iter(groups), None)
        check_headline(headline, group, (e.id for e in events), groups)
        check_benchmark(model_card(self.model), benchmarks, events)
        return Settings(
            **same,
            returns=self._source[1],
            shares=stated(self.shares),
            model=model,
            events=events,
            tickers=tickers,
            groups=groups,
            benchmarks=benchmarks,
            compare_benchmarks=tuple(self.compare_benchmarks),
            compare_models=tuple(_name(m, functions) for m in self.compare_models),
            estimation=estimation,
            event=window_of(self.event),
            windows=tuple(window_of(w) for w in self.windows),
            min_obs=usual_min_obs(estimation.length) if self.min_obs is None else self.min_obs,
            tests=tuple(_name(test, functions) for test in self.tests),
            functions=functions,
            members={k: tuple(v) for k, v in self.members.items()},
            weights={index: dict(weights) for index, weights in self.weights.items()},
            peers=expanded(self.peers, "peers", groups, tickers),
            donors=expanded(self.donors, "donors", groups, tickers),
            contaminated=tuple(day_of(when) for when in self.contaminated),
            accept=accepted_of(self.accept),
            confounders=confounders_of(self.confounders),
            closures=days_by_exchange("closures", self.closures),
            sessions=days_by_exchange("sessions", self.sessions, self.closures),
            sensitivity=grid_of(self.sensitivity, window_of(self.event)),
            headline_event=headline,
            headline_group=group,
            pools=pools.names,
            pool=pools.whole,
        )

    @cached_property
    def _source(self) -> tuple[PriceSource, ReturnKind]:
        """The prices, or the returns given in their place, and the kind of the returns."""
        return source_of(self.prices, self.returns, self.percent)

    @cached_property
    def _given(self) -> Given:
        """The events as they are meant, and what was noticed on reading them."""
        tickers = _union(self.tickers, *self.groups.values())
        return events_of(self.events, tickers, self.dayfirst, self.date_format)

    @cached_property
    def _pools(self) -> Pools:
        """The groups, and which of them are groups of events."""
        return pools_of(self._given, self.groups)

    def run(self) -> StudyResult:
        """Estimate every event, run the tests, judge the claims.

        Raises
        ------
        SpecError, WindowError : the settings or the claims file are wrong.
        MissingPriceError, SnapshotError, QualityError : the prices are absent, changed, or not to be trusted.

        Examples
        --------
        >>> study = Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", tests=["t"])
        >>> round(study.run().car("NVDA"), 4)
        -0.1056
        """
        return _run(self)


_NAMED = 30  # securities that a finding which they share spells out
_SAME = {
    "id",
    "title",
    "basis",
    "policy",
    "alpha",
    "allow_missing",
    "exchanges",
    "labels",
    "volume",
    "calendar",
}


@public
def load(study: str | Path, overrides: Mapping[str, str] | None = None) -> Study:
    """Read a study: the name of a bundled one, or a folder that holds ``study.yaml``.

    Parameters
    ----------
    study : name or folder.
    overrides : key -> text, as on the command line's ``--set``.

    Raises
    ------
    SpecError : with file and line. UnknownNameError : a name that is neither bundled nor a folder.

    Examples
    --------
    >>> load("deepseek", {"model": "ff3"}).settings.model
    'ff3'
    """
    from eventstudy.study.studyfile import read_study

    return read_study(
        study_folder(path("study", study, "deepseek")),
        mapping("overrides", {} if overrides is None else overrides, text, {"model": "ff3"}),
    )


def _run(study: Study) -> StudyResult:
    tried = without_grid(study)
    if study.claims is None or tried.settings.sensitivity is None:
        return tried
    grid = sensitivity(tried)
    return replace(tried, verdicts=agreed(tried, grid), grid=grid)


def without_grid(study: Study) -> StudyResult:
    """What `Study.run` returns, but for the share of the grid's specifications that agree with each verdict.

    The grid is worked out when it is asked for: ``result.sensitivity()``.
    """
    settings = study.settings
    book = _book(study)
    source, kind = study._source
    panel, issues, files = checked_panel(source, settings, in_decimals(source, kind))
    issues += [ON_RETURNS] if panel.returns is not None else []
    issues += spanning_issues(panel, settings)
    unread = not_read(source, None if study.file is None else Path(study.file).parent)
    issues += [] if unread is None else [unread]
    if book is not None:
        issues += _waiting(book)
        from eventstudy.claims.load import check_prices

        check_prices(book, panel.tickers, settings.groups)
    issues += design_issues(settings, panel, {"peers": study.peers, "donors": study.donors})
    issues += without_event(_union(study.tickers, *study.groups.values()), settings)
    issues += [*study._given.issues, *study._pools.issues]
    issues += [dates_apart(settings)] if study._given.apart and len(settings.event_ids) > 1 else []
    tables, sources = load_reference(folder_of(source))
    tables["shares"], sources, counted = shares_of(source, study.file, settings, tables["shares"], sources)
    if study.factors is not None:
        tables["factors"], named = factors_of(study.factors)
        sources = {**sources, "factors": named}
    reference = Reference(**tables, sources=sources)
    without, not_measured = found_in(settings, panel, reference)
    events, found = event_results(settings, panel, reference.factors, without)
    cards = _cards(settings)
    volume, found_in_volume = volume_results(settings, panel)
    result = StudyResult(
        settings=settings,
        prices=panel,
        reference=reference,
        issues=_merged([*issues, *not_measured, *found, *undeclared(events, settings, cards), *found_in_volume]),
        events=events,
        verdicts=(),
        files={**files, **file_hashes(source, study.file, study.claims, counted, *paths_of(study.factors))},
        content_id=content_id(
            settings, panel, study.claims, files, None if study.factors is None else reference.factors
        ),
        beyond=() if book is None else book.beyond,
        volume=volume,
        contamination=contaminations(events, without),
        cards=cards,
    )
    if book is None or not book.claims:
        return result
    from eventstudy.claims import judge_all

    return replace(result, verdicts=judge_all(book, result))


def _cards(settings: Settings) -> Cards:
    """The cards of the study's models, of all registered tests and checks, and of the user's own."""
    own = settings.functions
    models = {name: model_card(own.get(name, name)) for name in (settings.model, *settings.compare_models)}
    tests = {name: test_card(own[name]) for name in settings.tests if name in own}
    return Cards(models=models, tests=TESTS | tests, diagnostics=DIAGNOSTICS)


def _book(study: Study) -> ClaimBook | None:
    """The claims file, checked against the study before anything is computed."""
    if study.claims is None:
        return None
    from eventstudy.claims.load import check_against, check_events, load_claims

    book = load_claims(study.claims)
    names = dict.fromkeys(n for e in study.settings.events for n in (e.key, e.name) if n is not None)
    check_against(book, (*study.settings.event_ids, *names), tuple(study.settings.groups))
    check_events(book, study.settings)
    return book


def _waiting(book: ClaimBook) -> list[Issue]:
    """What is said of claims that nobody has confirmed; nothing where all are on trial."""
    ids = [claim.id for claim in book.waiting]
    who = "1 claim waits" if len(ids) == 1 else f"{len(ids)} claims wait"
    detail = f"{who} to be confirmed and {'was' if len(ids) == 1 else 'were'} not tried: {listed(ids, 8)}"
    return [Issue("claims_waiting", "info", detail)] if ids else []


def _merged(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """One finding a line: what several securities share is said once, with their names in front."""
    together: dict[Issue, dict[str | None, None]] = {}
    for issue in issues:
        together.setdefault(replace(issue, ticker=None), {})[issue.ticker] = None
    lines = []
    for issue, tickers in together.items():
        names = [t for t in tickers if t is not None]
        detail = f"{listed(names, _NAMED)}: {issue.detail}" if len(names) > 1 else issue.detail
        lines.append(replace(issue, ticker=names[0] if len(names) == 1 else None, detail=detail))
    return tuple(lines)


def _name(thing: str | Callable[..., Any], functions: dict[str, Callable[..., Any]]) -> str:
    """The name of a model or test; a function of the user's own is kept in `functions` under its name."""
    if isinstance(thing, str):
        return thing
    name = str(getattr(thing, "name", None) or getattr(thing, "__name__", type(thing).__name__))
    if not callable(thing) or functions.setdefault(name, thing) is not thing:
        raise SpecError(f"a model or test is a name or a function, each function with a name of its own; got {thing!r}")
    return name


def _union(*groups: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ticker for group in groups for ticker in group))
