"""A finished study. Reports, notebooks, claims and files read this and nothing else.

A `StudyResult` is first built with ``verdicts=()``; ``dataclasses.replace`` adds the verdicts once the claims are
judged. Its conveniences ``plot``, ``explain``, ``to_html`` and ``_repr_html_`` import upward inside the method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pandas as pd

from eventstudy.arguments import public, refuse, text, written_as
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects import frames, leaving
from eventstudy.objects.cards import Cards, Model
from eventstudy.objects.contamination import Contamination
from eventstudy.objects.estimation import Event, Span, window_of
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.lookups import check_names, events_meant, not_estimated, several_events
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.rarity import Rarity
from eventstudy.objects.reference import Reference as Reference
from eventstudy.objects.sensitivity import Sensitivity
from eventstudy.objects.settings import Settings
from eventstudy.objects.timing import Timing
from eventstudy.objects.verdicts import Beyond, Verdict
from eventstudy.once import once

if TYPE_CHECKING:
    from eventstudy.figures import Plots
    from eventstudy.figures.theme import Theme
    from eventstudy.files.dates import Announced
    from eventstudy.inference.cross_section import Covariance, CrossSection


@public
@dataclass(frozen=True, eq=False)  # no slots: what claims and figures work out of it is kept with it
class StudyResult:
    """A finished study.

    Parameters
    ----------
    settings : the effective settings.
    prices : the checked prices, or returns.
    reference : facts beside the prices.
    issues : everything that was noticed, dropped, moved or substituted.
    events : one EventResult for each announcement, exchange, benchmark and model.
    verdicts : the answers to the claims.
    files : input file -> its sha256.
    content_id : a sha256 over prices, claims, settings and version.
    beyond : what the articles say that prices cannot decide.
    grid : the other specifications, where the claims were set against them (see `sensitivity`).
    volume : the headline event in log volumes.
    contamination : how much of a benchmark's move the headline event's own securities made.
    cards : the facts about the models and tests used.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> result = example_result()
    >>> result
    <StudyResult 'study': 1 event results, 0 verdicts, content ...>
    >>> result.event("S02").day, round(result.car("S02"), 4)
    (datetime.date(2024, 10, 7), -0.0179)
    >>> event = next(result.select(ticker="S02"))
    >>> event is result.headline, event is result.at("S02"), result.model(event).words, result.against(event)
    (True, True, 'market model', 'M')
    >>> result.tests().query("subject == 'first' and front")[["test", "window"]].values.tolist()
    [['portfolio_t', '[0, 0]'], ['portfolio_t', '[-1, +1]']]
    >>> result.sensitivity().of("S02").share, len(result.rare_days()), len(result.rarity()), len(result.timing().most)
    (1.0, 22, 22, 11)
    >>> result.caar((0, 0))[["subject", "caar", "n", "by"]].round(4).values.tolist()
    [['all', -0.0229, 8, 'portfolio_t'], ['first', -0.0308, 4, 'portfolio_t'], ['second', -0.015, 4, 'portfolio_t']]
    >>> result.plot.car().layout.title.text is not None
    True
    >>> "content_id" in result.to_json(), "<html" in result.to_html(), result.to_latex()[:6], result.to_markdown()[:7]
    (True, True, '% Mean', '# Event')
    >>> result.frame()[["id", "car[-1,+1]"]].round(4).values.tolist()[0], list(result.sheets())[:3]
    (['S01', -0.0282], ['about', 'cars', 'caar'])
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as at:
    ...     [write(f"{at}/car").name for write in (result.to_csv, result.to_parquet, result.to_excel)]
    ['car', 'car', 'car']
    >>> with TemporaryDirectory() as at:
    ...     result.to_picture("day", f"{at}/day.svg").name
    'day.svg'
    >>> result.verdict("c1")
    Traceback (most recent call last):
    ...
    eventstudy.errors.UnknownNameError: unknown claim 'c1'. ...
    >>> [result.explain(verdict.claim.id) for verdict in result.verdicts]
    []
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
    grid: Sensitivity | None = None
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
        """The one event result that holds `ticker`, a security or key, in `event` or the headline announcement.

        Raises
        ------
        UnknownNameError : the study did not estimate that security, event, benchmark or model.
        """
        check_names(event=event, ticker=ticker)
        wanted = event or self.settings.headline_event
        for result in self.select(wanted, ticker, benchmark, model):
            return result
        raise not_estimated(self.events, self.settings.groups, (ticker, wanted, benchmark, model))

    @property
    def headline(self) -> EventResult:
        """The headline event on the default benchmark, for the exchange of the headline group (or first security)."""
        members = self.settings.groups.get(self.settings.headline_group or "", self.settings.tickers)
        return self.at(members[0])

    def model(self, event: EventResult) -> Model:
        """The card of the model of an event result: all facts about it."""
        if not isinstance(event, EventResult):
            refuse("event", "one of result.events", event)
        return self.cards.models[event.model]

    def against(self, event: EventResult) -> str | None:
        """The benchmark that the model of an event result explains returns with, None where it uses none."""
        return event.benchmark if self.model(event).uses_benchmark else None

    @property
    def waiting(self) -> str | None:
        """Which drafted claims wait to be confirmed, in words; None where none does.

        Examples
        --------
        >>> from eventstudy.example import example_result
        >>> example_result().waiting is None
        True
        """
        return next((issue.detail for issue in self.issues if issue.code == "claims_waiting"), None)

    def verdict(self, claim_id: str) -> Verdict:
        """The verdict on one claim.

        Raises
        ------
        UnknownNameError : no such claim; it lists the claims there are.
        """
        text("a claim", claim_id, "amd-8")
        for verdict in self.verdicts:
            if verdict.claim.id == claim_id:
                return verdict
        raise UnknownNameError("claim", claim_id, tuple(v.claim.id for v in self.verdicts), hint=self.waiting)

    def event(self, ticker: str | None = None, event: str | None = None, date: Announced | None = None) -> Event:
        """The one event with this security (or key), this announcement, key or name, and this date.

        Parameters
        ----------
        ticker : the security, or the key of one of its events.
        event : an announcement, or the key or name of an event. The headline announcement where neither it nor `date`
            is given.
        date : the day of the announcement, or day zero.

        Raises
        ------
        UnknownNameError : there is no such event, or there are several, which are listed.
        """
        check_names(event=event, ticker=ticker)
        zeros = {(z.event.id, z.event.key): z.session for r in self.events if r.headline for z in r.panel.day_zero}
        found = events_meant(self.settings, ticker, event, date, zeros)
        if not found:
            asked = str(ticker), event or self.settings.headline_event, None, None
            raise not_estimated(self.events, self.settings.groups, asked)
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
        """Test whether two groups of the headline event moved by different amounts.

        One row per test, the test that fits the design first. Columns:

        * ``test`` : its name in `inference.difference.DIFFERENCES`
        * ``statistic``, ``distribution``, ``df``, ``p`` : as in `InferenceResult`
        * ``n`` : events in both groups
        * ``reason`` : why the test does not apply, None where it does
        * ``warning`` : what the design does to the test
        * ``null``, ``assumptions`` : as in `InferenceResult`

        Examples
        --------
        >>> from eventstudy.example import example_result
        >>> found = example_result().compare("first", "second")
        >>> found["test"][0], round(float(found["p"][0]), 3)
        ('scaled_portfolio_difference_t', 0.095)
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
        """Regress the CARs of the headline event, of one `group` or of all events, on characteristics.

        Parameters
        ----------
        characteristics : (event or security, name) frame, or the names of traits of the events, such as ``["size"]``.
        window : the days over which the CARs are summed.
        group : the events to be used, all if None.
        covariance : ``cluster_date``, ``cluster_firm``, ``hc3``, ``classical`` ...; None: what the dates ask for.

        Returns
        -------
        CrossSection : its ``table`` has one row per coefficient, with columns ``coefficient``, ``se``, ``t``, ``p``.
            See `cross_sectional_regression`, also for the errors.

        Examples
        --------
        >>> from eventstudy.example import example_result
        >>> found = example_result().regress(["size"])
        >>> found.covariance, found.table.index.tolist()
        ('shared_date_scaled', ['const', 'size'])
        """
        from eventstudy.inference.cross_section import cross_sectional_regression

        of = self.headline.abnormal if group is None else self.headline.group(group)
        return cross_sectional_regression(of, window_of(window), characteristics, covariance)

    cars, caar, tests = frames.cars, frames.caar, frames.tests

    @once
    def sensitivity(self) -> Sensitivity:
        """The headline event under other defensible benchmarks, models, estimation windows and returns."""
        from eventstudy.study.sensitivity import sensitivity

        return sensitivity(self) if self.grid is None else self.grid

    @once
    def rare_days(self) -> tuple[Rarity, ...]:
        """The headline day among all days of every group, security and index, raw and abnormal."""
        from eventstudy.study.rarity import rarities

        return rarities(self)

    def claims_table(self) -> pd.DataFrame:
        """The verdicts, one row a claim: what was said, claimed and measured, the answer, and the second axis.

        `report.claimtable.COLUMNS` says what each column holds; ``eventstudy claims export`` writes the table.

        Examples
        --------
        >>> from eventstudy.example import example_result
        >>> example_result().claims_table().empty  # a study without claims
        True
        """
        from eventstudy.report.claimtable import claims_frame

        return claims_frame(self.verdicts)

    def rarity(self) -> pd.DataFrame:
        """How rare the headline day was, a row a series and measure; columns as in `rarity_frame`."""
        from eventstudy.objects.rarity import rarity_frame

        return rarity_frame(self.rare_days())

    @once
    def timing(self) -> Timing:
        """The session on which each subject moved most, with Holm over the sessions, and what came before the event."""
        from eventstudy.study.timing import timing

        return timing(self)

    @overload
    def to_json(self) -> str: ...
    @overload
    def to_json(self, path: str | Path) -> Path: ...
    def to_json(self, path: str | Path | None = None) -> str | Path:
        """The whole result as JSON text (see ``eventstudy schema``), written to `path` if it is given."""
        from eventstudy.files.writing import write_text
        from eventstudy.report.serialize import to_json

        return to_json(self) if path is None else write_text(written_as(path, "results.json"), to_json(self))

    @overload
    def to_html(self) -> str: ...
    @overload
    def to_html(self, path: str | Path) -> Path: ...
    def to_html(self, path: str | Path | None = None) -> str | Path:
        """The interactive report as one self-contained page, written to `path` if it is given."""
        from eventstudy.files.writing import write_text
        from eventstudy.report import to_html

        page = to_html(self)
        return page if path is None else write_text(written_as(path, "report.html"), page)

    frame, sheets = frames.frame, frames.sheets
    to_csv, to_parquet, to_excel = leaving.to_csv, leaving.to_parquet, leaving.to_excel
    to_latex, to_markdown = leaving.to_latex, leaving.to_markdown

    def explain(self, claim_id: str) -> str:
        """The arithmetic of one verdict as plain text, with the source of every input."""
        from eventstudy.report.explain import explain

        return explain(self.verdict(claim_id), self.cards)

    def to_picture(self, name: str, path: str | Path, look: Theme = "light", **options: Any) -> Path:
        """The card of a claim, or a figure, as an SVG file, or as PNG by Chromium; returns the path.

        Parameters
        ----------
        name : a claim, such as ``amd-8``, or a figure, such as ``day``.
        path : ends in ``.svg`` or ``.png``.
        look : ``light`` or ``dark``.
        options : those of the figure, such as ``ticker="AMD"``.
        """
        from eventstudy.report.pictures import write_picture

        return write_picture(self, name, path, look, **options)

    @property
    def plot(self) -> Plots:
        """The figures of the report: ``result.plot.car()`` and so on."""
        from eventstudy.figures import Plots

        return Plots(self)

    def _repr_html_(self) -> str:
        from eventstudy.report.summary import summary_html

        return summary_html(self)
