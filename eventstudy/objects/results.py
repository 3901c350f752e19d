"""What a report, a notebook, a claim or a file may read of a finished study; and nothing else may be read.

A `StudyResult` is first built with ``verdicts=()`` and completed by ``dataclasses.replace`` once the claims are tried.
Its conveniences ``plot``, ``explain``, ``to_html`` and ``_repr_html_`` import upward inside the method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np
import pandas as pd

from eventstudy.arguments import refuse, text
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.cards import Cards, Model
from eventstudy.objects.contamination import Contamination
from eventstudy.objects.estimation import Event, EventPanel, FloatArray, NormalReturns, Span, Window, window_of
from eventstudy.objects.lookups import check_names, events_meant, several_events
from eventstudy.objects.outcomes import Diagnostic, Finding, InferenceResult
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.reference import Reference as Reference
from eventstudy.objects.settings import Settings
from eventstudy.objects.verdicts import Beyond, Verdict
from eventstudy.once import once

if TYPE_CHECKING:
    from eventstudy.abnormal import AbnormalReturns
    from eventstudy.figures import Plots
    from eventstudy.files.dates import Announced
    from eventstudy.inference.cross_section import Covariance, CrossSection


@dataclass(frozen=True, eq=False)  # no slots: look-up tables and sums are made at most once and kept
class EventResult:
    """One announcement against one benchmark under one model, for the securities of one exchange calendar.

    An event is named by its key (`EventPanel.keys`): the ticker, unless the security has several events here.
    ``groups`` name -> keys of the events tested together.
    ``headline`` says that benchmark and model are the study's own for that exchange, not a comparison.
    ``why`` group name -> the sentence that says which tests stand in front and why.
    ``diagnostics`` a `Diagnostic` a check and subject (``check``, ``subject``, ``statistic``, ``p``, ``verdict`` ...).
    """

    event: str
    exchange: str
    benchmark: str | None
    model: str
    headline: bool
    panel: EventPanel
    normal: NormalReturns
    abnormal: AbnormalReturns
    groups: Mapping[str, tuple[str, ...]]
    tests: tuple[Finding, ...]
    why: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        against = f"{self.exchange} against {self.benchmark}, model {self.model!r}"
        what = "events" if len(set(self.panel.event_tickers)) < self.panel.n_events else "securities"
        return f"<EventResult {self.event!r}: {self.panel.n_events} {what} of {against}>"

    def row(self, key: str) -> int:
        """Position of an event among the N by its key, which is its ticker where the security has one event.

        Raises
        ------
        UnknownNameError : no such event; it lists those there are, those of the security where `key` is one of several.
        """
        if text("the key of an event", key, "NVDA") not in self._rows:
            own = self.keys_of(key)
            raise several_events(key, own) if own else UnknownNameError("security", key, self.panel.keys)
        return self._rows[key]

    def holds(self, event: str | None) -> bool:
        """Whether `event` is the key or the name of one of the events."""
        return any(event in (e.key, e.name) for e in self.panel.events)

    def key_of(self, ticker: str, event: str | None = None) -> str:
        """The key of the security's one event here, or of that of its events whose key or name is `event`.

        Raises
        ------
        UnknownNameError : it has none here, or several and `event` is none of them.
        """
        own = self.keys_of(ticker)
        if len(own) > 1:
            own = tuple(e.key for e in self.panel.events if e.key in own and event in (e.key, e.name)) or own
        return self.panel.keys[self.row(own[0] if len(own) == 1 else ticker)]

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The keys of the events that are of the security `name`, or the one that has this key."""
        return self._keys_of.get(name, ())

    @cached_property
    def _keys_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for ticker, key in zip(self.panel.event_tickers, self.panel.keys, strict=True):
            found[ticker] = (*found.get(ticker, ()), key)
        return found | {key: (key,) for key in self.panel.keys}

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.panel.keys)}

    @cached_property
    def _results(self) -> dict[tuple[str, Window, str], InferenceResult]:
        return {(f.subject, f.result.window, f.result.test): f.result for f in self.tests}

    @cached_property
    def path(self) -> tuple[FloatArray, FloatArray]:
        """CAR from the start of the event window to each of its days, and its standard error, both (N, L)."""
        windows = [Window(self.panel.event.start, tau) for tau in self.panel.event.taus]
        columns = [(self.abnormal.car(w), self.abnormal.car_se(w)) for w in windows]
        car, se = zip(*columns, strict=True)
        return np.column_stack(car), np.column_stack(se)

    @cached_property
    def day(self) -> Mapping[str, FloatArray]:
        """Day zero of every security, (N,) each: ``ret``, ``expected``, ``ar``, ``se`` and ``sar``, decimals."""
        own, zero = self.abnormal, Window(0, 0)
        ret, expected = (values[:, own.columns(zero)][:, 0] for values in (own.realized(), own.expected()))
        ar, se = own.car(zero), own.car_se(zero)
        return {"ret": ret, "expected": expected, "ar": ar, "se": se, "sar": ar / se}

    def group(self, name: str) -> AbnormalReturns:
        """The abnormal returns of a group's members, in the group's order."""
        if text("a group", name, "chips") not in self.groups:
            raise UnknownNameError("group", name, tuple(self.groups), hint=f"it needs two members on {self.exchange}")
        return self._taken(name)

    @once
    def _taken(self, name: str) -> AbnormalReturns:
        return self.abnormal.take([self.row(key) for key in self.groups[name]])

    def findings_of(self, test: str, window: Window) -> Iterator[Finding]:
        """All subjects' results of one test over one window."""
        return (f for f in self.tests if f.result.test == test and f.result.window == window)

    def find(self, subject: str, window: Window, test: str) -> InferenceResult | None:
        """The result of `test` on `subject` over `window`, None if it was not computed."""
        return self._results.get((subject, window, test))


@dataclass(frozen=True, eq=False)  # no slots: what claims and figures work out of it is kept with it
class StudyResult:
    """A finished study. ``events`` holds one EventResult for each event, exchange, benchmark and model.

    ``files`` maps each input file to its sha256; ``content_id`` is a sha256 over prices, claims, settings, version.
    ``beyond`` what the articles say that prices cannot decide; ``volume`` the headline event in log volumes.
    ``contamination`` what the headline event's own securities weigh in a benchmark. ``cards`` the facts
    about the models and tests used.
    """

    settings: Settings
    prices: PricePanel
    reference: Reference
    issues: tuple[Issue, ...]
    events: tuple[EventResult, ...]
    verdicts: tuple[Verdict, ...]
    files: Mapping[str, str]
    content_id: str
    beyond: tuple[Beyond, ...] = ()
    sensitivity: None = None
    volume: tuple[EventResult, ...] = ()
    contamination: tuple[Contamination, ...] = ()
    cards: Cards = field(default_factory=Cards)

    def __repr__(self) -> str:
        tried = f"{len(self.events)} event results, {len(self.verdicts)} verdicts"
        return f"<StudyResult {self.settings.id!r}: {tried}, content {self.content_id[:12]}>"

    def select(
        self,
        event: str | None = None,
        ticker: str | None = None,
        benchmark: str | None = None,
        model: str | None = None,
    ) -> Iterator[EventResult]:
        """The event results that match; without `benchmark` and `model` only headline ones."""
        check_names(event=event, ticker=ticker, benchmark=benchmark, model=model)
        for result in self.events:
            if (
                (event in (None, result.event) or result.holds(event))
                and (ticker is None or result.keys_of(ticker))
                and (result.headline or benchmark is not None or model is not None)
                and benchmark in (None, result.benchmark)
                and result.model == (model or self.settings.model)
            ):
                yield result

    def at(
        self,
        ticker: str,
        event: str | None = None,
        benchmark: str | None = None,
        model: str | None = None,
    ) -> EventResult:
        """The one event result that holds `ticker`, or the event of that key; the headline event unless one is named.

        Raises
        ------
        UnknownNameError : the study did not estimate that security, event, benchmark or model.
        """
        check_names(event=event, ticker=ticker)
        wanted = event or self.settings.headline_event
        for result in self.select(wanted, ticker, benchmark, model):
            return result
        raise self._not_estimated(ticker, wanted, benchmark, model)

    def _not_estimated(self, ticker: str, event: str, benchmark: str | None, model: str | None) -> UnknownNameError:
        """Which of the four names is the wrong one, and what there is instead."""
        groups = self.settings.groups
        if ticker in groups:
            return UnknownNameError("security", ticker, (), hint=f"it is a group: {', '.join(groups[ticker])}")
        tickers = {t: None for r in self.events for t in (*r.panel.event_tickers, *r.panel.keys)}
        if ticker not in tickers:
            return UnknownNameError("security", ticker, tuple(tickers))
        events = {r.event: None for r in self.events if r.keys_of(ticker)}
        if event not in events:
            return UnknownNameError(f"event of {ticker}", event, tuple(events))
        here = [r for r in self.events if r.event == event and r.keys_of(ticker)]
        if benchmark is not None and benchmark not in [r.benchmark for r in here]:
            return UnknownNameError(f"benchmark of {ticker}", benchmark, tuple(str(r.benchmark) for r in here))
        return UnknownNameError(f"model of {ticker}", str(model), tuple(dict.fromkeys(r.model for r in here)))

    @property
    def headline(self) -> EventResult:
        """The headline event on the default benchmark, for the exchange of the headline group (or first security)."""
        members = self.settings.groups.get(self.settings.headline_group or "", self.settings.tickers)
        return self.at(members[0])

    def model(self, event: EventResult) -> Model:
        """All that is known of the model of an event result."""
        if not isinstance(event, EventResult):
            refuse("event", "one of result.events", event)
        return self.cards.models[event.model]

    def against(self, event: EventResult) -> str | None:
        """The benchmark that the model of an event result explains returns with, None where it uses none."""
        return event.benchmark if self.model(event).uses_benchmark else None

    def verdict(self, claim_id: str) -> Verdict:
        """The verdict on one claim; UnknownNameError lists the claims there are."""
        text("a claim", claim_id, "amd-8")
        for verdict in self.verdicts:
            if verdict.claim.id == claim_id:
                return verdict
        raise UnknownNameError("claim", claim_id, tuple(v.claim.id for v in self.verdicts))

    def event(self, ticker: str | None = None, event: str | None = None, date: Announced | None = None) -> Event:
        """The one event meant by its security (or its key), its announcement, key or name, and its date.

        The headline announcement where neither `event` nor `date` says otherwise; a date is the day of the announcement
        or day zero.

        Raises
        ------
        UnknownNameError : there is none, or there are several, which are listed.
        """
        check_names(event=event, ticker=ticker)
        zeros = {(z.event.id, z.event.key): z.session for r in self.events if r.headline for z in r.panel.day_zero}
        found = events_meant(self.settings, ticker, event, date, zeros)
        if not found:
            raise self._not_estimated(str(ticker), event or self.settings.headline_event, None, None)
        if len(found) > 1:
            raise several_events(ticker or str(event or date), [e.key for e in found])
        return found[0]

    def car(
        self,
        ticker: str | None = None,
        window: Span = (0, 0),
        event: str | None = None,
        date: Announced | None = None,
    ) -> float:
        """Cumulative abnormal return of one event, a decimal; NaN where a day is missing.

        Parameters
        ----------
        ticker : the security, or the key of one of its events.
        event : an announcement, or the key or name of an event; `date` its day. One of them is needed where the
            security has several events in the announcement.

        Raises
        ------
        UnknownNameError : no such event, or several; they are listed.

        Examples
        --------
        >>> import eventstudy as es
        >>> events = pd.DataFrame({"ticker": ["NVDA", "NVDA"], "date": ["2024-05-23", "2024-08-29"]})
        >>> found = es.Study(prices="deepseek", events=events, benchmark="^IXIC", tests=["t"]).run()
        >>> round(found.car("NVDA", date="2024-08-29"), 4)
        -0.0614
        """
        if ticker is None and event is None and date is None:
            raise SpecError("car needs a security or an event, such as car('NVDA') or car(event='NVDA 2024-05-23')")
        meant = self.event(ticker, event, date)
        result = self.at(meant.key, meant.id)
        return float(result.abnormal.car(window_of(window))[result.row(meant.key)])

    def compare(self, first: str, second: str, window: Span = (0, 0)) -> pd.DataFrame:
        """Did one group of the headline event move otherwise than the other? A row a test, the one that fits first.

        Columns: ``test`` (of `inference.difference.DIFFERENCES`), ``statistic``, ``distribution``, ``df``, ``p``,
        ``n``, ``reason`` (why it does not apply), ``warning`` (what the design does to it), ``null``, ``assumptions``.

        Examples
        --------
        >>> import eventstudy as es
        >>> groups = {"chips": ["NVDA", "AVGO", "AMD"], "power": ["VST", "CEG", "NRG"]}
        >>> study = es.Study(prices="deepseek", events="2025-01-27", groups=groups, benchmark="^IXIC", tests=["t"])
        >>> found = study.run().compare("chips", "power")
        >>> found["test"][0], bool(found["p"][0] > 0.05)
        ('scaled_portfolio_difference_t', True)
        """
        from eventstudy.inference.difference import comparison

        return comparison(self.headline.group(first), self.headline.group(second), window_of(window))

    def regress(
        self,
        characteristics: pd.DataFrame | Sequence[str],
        window: Span = (0, 0),
        group: str | None = None,
        covariance: Covariance | None = None,
    ) -> CrossSection:
        """Which characteristics explain the CARs of the headline event; of one `group`, or of all.

        Parameters
        ----------
        characteristics : (event or security, name) frame, or the names of traits of the events, such as ``["size"]``.
        covariance : ``cluster_date``, ``cluster_firm``, ``hc3``, ``classical`` ...; by default what the dates ask for.

        More and the errors: see `cross_sectional_regression`. ``table`` of the answer has a row a coefficient:
        ``coefficient``, ``se``, ``t``, ``p``.

        Examples
        --------
        >>> import eventstudy as es
        >>> tickers = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
        >>> study = es.Study(prices="deepseek", events="2025-01-27", tickers=tickers, benchmark="^IXIC", tests=["t"])
        >>> found = study.run().regress(pd.DataFrame({"foundry": [0, 0, 0, 1, 0]}, index=tickers))
        >>> found.covariance, found.table.index.tolist()
        ('shared_date_scaled', ['const', 'foundry'])
        """
        from eventstudy.inference.cross_section import cross_sectional_regression

        of = self.headline.abnormal if group is None else self.headline.group(group)
        return cross_sectional_regression(of, window_of(window), characteristics, covariance)

    def cars(self, window: Span | None = None) -> pd.DataFrame:
        """A row an event and window, of the study's own benchmarks and model; of all windows, or of one.

        Columns: ``id`` the event's key, ``ticker``, ``day_zero``, ``window``, ``car``, its standard error ``se``, ``t``
        (the SCAR) and two-sided ``p`` by t(nu), ``bhar``, ``nobs`` estimation returns used, ``event`` the announcement,
        ``benchmark``, ``group`` if events have one, and their traits.

        Examples
        --------
        >>> import eventstudy as es
        >>> study = es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", tests=["t"])
        >>> study.run().cars((0, 0))[["id", "car", "nobs"]].round(4).values.tolist()
        [['NVDA', -0.1056, 250]]
        """
        from eventstudy.inference.tidy import cars_frame

        windows = self.settings.windows if window is None else (window_of(window),)
        return cars_frame([event for event in self.events if event.headline], windows)

    def caar(self, window: Span | None = None) -> pd.DataFrame:
        """The mean CAR of every group of every announcement, a row a window, with standard error and interval.

        Columns: ``event``, ``exchange``, ``subject`` the group, ``window``, ``caar``, ``se``, ``low`` and ``high`` the
        (1 - alpha) interval by t, ``n`` events, ``by``: on one date the standard error is that of ``portfolio_t``,
        which has the correlation of the events in it, else that of ``cross_sectional_t``, s / sqrt n.
        """
        from eventstudy.inference.tidy import caar_frame

        windows = self.settings.windows if window is None else (window_of(window),)
        return caar_frame([event for event in self.events if event.headline], windows, self.settings.alpha)

    # ------------------------------------------------------------------------------------------------------- writing
    @overload
    def to_json(self) -> str: ...
    @overload
    def to_json(self, path: str | Path) -> Path: ...
    def to_json(self, path: str | Path | None = None) -> str | Path:
        """The whole result as JSON text (see ``eventstudy schema``); written to `path` if given, which is returned."""
        from eventstudy.files.writing import write_text
        from eventstudy.report.serialize import to_json

        return to_json(self) if path is None else write_text(path, to_json(self))

    def tests(self) -> pd.DataFrame:
        """Every test of every event result, a row each.

        Columns: ``event``, ``exchange``, ``benchmark``, ``model``, ``test``; ``ticker``, ``key`` and ``day_zero`` of
        the event (None for a group), ``group`` (who was tested), ``window``, ``front`` (fits the design), ``null``,
        ``statistic``, ``distribution``, ``df``, ``p``, ``p_holm``, ``p_bh`` (over the event's securities), ``n``,
        ``applies``, ``reason``, ``warning``, ``assumptions``; ``result.tests().query("group == 'chips' and front")``
        are those to read first.
        """
        from eventstudy.report.serialize import tests_frame

        return tests_frame(self)

    @overload
    def to_html(self) -> str: ...
    @overload
    def to_html(self, path: str | Path) -> Path: ...
    def to_html(self, path: str | Path | None = None) -> str | Path:
        """The interactive report as one self-contained page; written to `path` if given, which is returned."""
        from eventstudy.files.writing import write_text
        from eventstudy.report import to_html

        page = to_html(self)
        return page if path is None else write_text(path, page)

    def explain(self, claim_id: str) -> str:
        """The arithmetic of one verdict as plain text, every input with its source."""
        from eventstudy.report.explain import explain

        return explain(self.verdict(claim_id), self.cards)

    @property
    def plot(self) -> Plots:
        """The figures of the report: ``result.plot.car()`` and so on."""
        from eventstudy.figures import Plots

        return Plots(self)

    def _repr_html_(self) -> str:
        from eventstudy.report.summary import summary_html

        return summary_html(self)
