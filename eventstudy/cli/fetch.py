"""`eventstudy fetch`: the prices a study and its claims need, from a provider, checked and pinned as its snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from eventstudy.errors import (
    MissingPriceError,
    QualityError,
    SnapshotError,
    SpecError,
    WindowError,
    did_you_mean,
    listed,
)
from eventstudy.files.folders import study_folder
from eventstudy.files.reading import kind_of
from eventstudy.objects.prices import Issue, PriceFile, PricePanel, PriceQuery, RawPrices
from eventstudy.objects.settings import Settings
from eventstudy.prices import load_panel
from eventstudy.prices.cards import Provider
from eventstudy.prices.closures import Stated
from eventstudy.prices.exchanges import exchange_of
from eventstudy.prices.older import with_older
from eventstudy.prices.package import read_package
from eventstudy.prices.pinning import in_force
from eventstudy.prices.plugins import answer
from eventstudy.prices.plugins import provider as find_provider
from eventstudy.prices.snapshot import snapshot, write_snapshot
from eventstudy.prices.source import checked_panel, not_read, query_for, wanted
from eventstudy.study.study import Study, load
from eventstudy.windows import day_zero

_NOT_PINNED = (
    "nothing is pinned: what is known to be real is stated under accept in study.yaml; what is wrong at the source is "
    "mended in a file of your own and pinned with --provider files:PATH"
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch wrote and found: the ``files`` written, ``issues`` the gravest first, ``summary`` one sentence."""

    files: tuple[Path, ...]
    issues: tuple[Issue, ...]
    summary: str


def fetch_snapshot(
    study: str,
    provider: str = "yahoo",
    out: Path | None = None,
    *,
    replaced: bool = False,
    patience: float | None = None,
    columns: Mapping[str, str] | None = None,
    how: PriceFile | None = None,
) -> Fetched:
    """Fetch, check, write: nothing is written unless every series came and no check is fatal.

    `provider` is a name of PROVIDERS or of a plug-in, with a path after a colon for those that read files
    (``files:prices.csv``, whose `columns` are stated as our name -> the file's where they are not found; `how` is that
    file and how it is written, which goes before what the study says of it). A
    bundled study is never overwritten: give `out`. A snapshot that is there is replaced where `replaced` says so; it
    stays as a version, and what only it holds is carried over. ``patience`` is in seconds, for one ticker.

    Raises
    ------
    SpecError, UnknownNameError : the study or the provider is wrong, or there is a snapshot already.
    ProviderError, MissingPriceError, QualityError : what came is absent, incomplete or not to be trusted.
    SnapshotError : the folder cannot be written.
    """
    name, _, path = provider.partition(":")
    provided = find_provider(name)
    if not provided.network and not path:
        raise SpecError(f"the provider {name!r} reads files: say where, as in {name}:PATH")
    loaded = load(study)
    folder = out if out is not None else _own_folder(study)
    before, older, found = _older(folder, replaced)
    query = _query(loaded, older, patience)
    read = query if provided.network else PriceQuery((), source=how or _file(loaded, Path(path), provided, columns))
    raw = answer(name, provided, read)
    if older is not None:
        raw = with_older(raw, older)
    settings = loaded.settings
    stated = Stated(settings.closures, settings.sessions)
    panel, issues = load_panel(raw, settings.exchanges, None, own=settings.calendar == "own", stated=stated)
    issues += [*found, *_without_day_zero(settings, panel), *checked_panel(panel, settings)[1]]
    if any(i.severity == "fatal" for i in issues):
        raise QualityError(issues, _NOT_PINNED)
    files = write_snapshot(
        raw, folder, calendars=panel.calendars, request=query if provided.network else None, replaces=before
    )
    issues += [unread] if (unread := _unread(loaded, folder, out)) is not None else []
    days = panel.close.index
    summary = f"{len(panel.tickers)} series from {days[0].date()} to {days[-1].date()}, pinned in {files[1].parent}"
    return Fetched(tuple(files), tuple(sorted(issues, key=_gravity)), summary)


def _own_folder(study: str) -> Path:
    if kind_of(study) == "nothing":
        raise SpecError(f"{study!r} is a bundled study: give the folder of the new snapshot with --out")
    return study_folder(study)


def _older(folder: Path, replaced: bool) -> tuple[str | None, RawPrices | None, list[Issue]]:
    """sha256 of the description that is there, the prices of its snapshot, and what is to be said of them.

    Raises
    ------
    SpecError : there is a snapshot, and it is not to be replaced.
    """
    before = in_force(folder)
    if before is None or "prices" not in read_package(folder).resources:
        return before, None, []
    if not replaced:
        raise SpecError(
            f"{folder} has a snapshot already, so that nothing is fetched: `eventstudy data show {folder}` says what "
            "it holds, and --replace puts a new one in its place; the old one is kept beside it"
        )
    try:
        return before, snapshot(PriceQuery((), source=folder)), []
    except SnapshotError as error:
        text = f"the older snapshot cannot be read, so that nothing of it is carried over: {error}"
        return before, None, [Issue("older_not_read", "warning", text)]


def _query(study: Study, older: RawPrices | None, patience: float | None) -> PriceQuery:
    """All series and days that the study, its claims and the older snapshot have."""
    settings = study.settings
    query = query_for(settings)
    optional = [
        ticker for index in (settings.members, settings.weights) for named in index.values() for ticker in named
    ]
    tickers = [*query.tickers]
    days = [query.start, query.end]
    grid = settings.sensitivity
    if grid is not None:
        if any(exchange_of(ticker, settings.exchanges) == "XNYS" for ticker in settings.tickers):
            optional += grid.benchmarks
        reach = ceil(1.6 * (max(grid.estimation) + max(grid.gaps))) + 31  # calendar days of that many sessions
        days.append(min(event.day for event in settings.events) - dt.timedelta(days=reach))
    if study.claims is not None:
        from eventstudy.claims.load import load_claims
        from eventstudy.claims.needs import needs

        announced = {id_: [e.day for e in settings.events if e.id == id_] for id_ in settings.event_ids}
        claimed = needs(load_claims(study.claims), settings.groups, announced)
        tickers += claimed.tickers
        optional += claimed.optional
        days += [claimed.first, claimed.last]
    if older is not None:
        optional += [str(ticker) for ticker in older.frame["ticker"].unique()]
        days += [older.frame["date"].min().date(), older.frame["date"].max().date()]
    known = [day for day in days if day is not None]
    beside = [ticker for ticker in dict.fromkeys(optional) if ticker not in tickers]
    everything = tuple(dict.fromkeys((*tickers, *beside)))
    return PriceQuery(everything, min(known), max(known), optional=tuple(beside), patience=patience)


def _file(study: Study, path: Path, provided: Provider, columns: Mapping[str, str] | None) -> Path | PriceFile:
    """The file to be read, as the study says that it is written where it is the study's own; `columns` go before.

    Raises
    ------
    SpecError : columns of a provider that reads no table of the user's. UnknownNameError : an unknown column.
    """
    how, reads = study.prices, "columns" in provided.options
    own = isinstance(how, PriceFile) and reads and Path(how.file).resolve() == path.resolve()
    given = replace(how, file=path) if own and isinstance(how, PriceFile) else PriceFile(file=path)
    if not columns:
        return given if own else path
    if not reads:
        raise SpecError("columns are those of a file of prices, as in --provider files:prices.csv --column close=Last")
    named = given.stated() | dict(columns)
    date, ticker = named.pop("date", None), named.pop("ticker", None)
    return replace(given, date=date, ticker=ticker, columns=named)


def _without_day_zero(settings: Settings, panel: PricePanel) -> list[Issue]:
    """Events without a price on their day zero: nothing can be measured where that lacks.

    Raises
    ------
    MissingPriceError : a series that the study needs did not come.
    """
    absent = [ticker for ticker in wanted(settings) if ticker not in panel.tickers]
    if absent:
        near = did_you_mean(absent[0], panel.tickers).removeprefix(".")
        raise MissingPriceError(
            f"{panel.provenance.source} has no prices of {listed(absent, 12)}, which the study needs; "
            f"nothing is written.{near}"
        )
    lacking: list[Issue] = []
    for event in settings.events:
        book = panel.calendars[panel.exchange[event.ticker]]
        try:
            zero = day_zero(event, book, settings.policy)
        except WindowError as error:
            lacking.append(Issue("no_day_zero", "warning", f"event {event.id!r}: {error}", event.ticker, event.day))
            continue
        if zero.session is None:
            continue
        held = [frame[event.ticker].get(str(zero.session)) for frame in (panel.close, panel.adj_close)]
        if all(price is None or price != price for price in held):
            text = f"event {event.id!r}: no price on its day zero, so that nothing can be measured there"
            lacking.append(Issue("no_day_zero", "warning", text, event.ticker, zero.session))
    return lacking


def _unread(study: Study, folder: Path, out: Path | None) -> Issue | None:
    """That `eventstudy run` will not read what was pinned, and what to do about it."""
    if out is None:
        return not_read(study.prices, folder)
    text = f"`eventstudy run` reads what was pinned elsewhere with `--set prices={folder.resolve()}`"
    return Issue("snapshot_not_read", "info", text)


_ORDER: Sequence[str] = ("fatal", "warning", "info")


def _gravity(issue: Issue) -> tuple[bool, bool, int]:
    """Day zero without prices above all, then that the snapshot is not read, then by severity."""
    return issue.code != "no_day_zero", issue.code != "snapshot_not_read", _ORDER.index(issue.severity)
