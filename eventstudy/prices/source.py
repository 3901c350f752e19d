"""What a study calls its prices (a frame, a file, a folder, a provider) -> one checked panel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.errors import MissingPriceError, QualityError, SpecError, UnknownNameError, did_you_mean, listed
from eventstudy.files.folders import DESCRIPTION, bundled, bundled_snapshots
from eventstudy.files.reading import kind_of
from eventstudy.objects.estimation import Period, Window
from eventstudy.objects.prices import Issue, PriceFile, PricePanel, PriceQuery, RawPrices
from eventstudy.objects.settings import Settings
from eventstudy.prices import PROVIDERS, load_panel
from eventstudy.prices.closures import Stated
from eventstudy.prices.findings import judged
from eventstudy.prices.own import on_benchmark_days
from eventstudy.prices.quality import DEFAULT_SESSIONS, check, days_held, too_short
from eventstudy.prices.snapshot import read_sessions, verify


@dataclass(frozen=True, slots=True, eq=False)
class GivenReturns:
    """Returns in the place of prices: a frame, or the file of ``how``, which says how they are written."""

    how: PriceFile
    table: pd.DataFrame | None = None


PriceSource = pd.DataFrame | PricePanel | PriceFile | GivenReturns | Mapping[str, Any] | str | Path


def checked_panel(
    source: PriceSource, settings: Settings, prepare: Callable[[PricePanel], PricePanel] = lambda panel: panel
) -> tuple[PricePanel, list[Issue], dict[str, str]]:
    """The panel behind `source`, everything found on the way, and the sha256 of the files read.

    `prepare` is run on the panel before it is checked: returns are brought to decimals there.

    Raises
    ------
    QualityError : a fatal finding on a series that the study uses; on others it is a warning.
    MissingPriceError : a security or a benchmark has no prices. SpecError : a security is its own benchmark.
    SnapshotError, ProviderError : as the providers say.
    """
    if isinstance(source, PricePanel):
        panel, issues, files = source, list[Issue](), dict[str, str]()
    else:
        folder = folder_of(source)
        files = verify(folder) if folder else {}
        cached = read_sessions(folder) if folder else None
        own = settings.calendar == "own"
        stated = Stated(settings.closures, settings.sessions)
        panel, issues = load_panel(_raw(source), settings.exchanges, cached, own=own, stated=stated)
    _present(settings, panel)
    panel = prepare(panel)
    used = wanted(settings)
    needed = _needed(settings)
    found = [issue for issue in check(panel) if issue.code != "short_series" or needed == DEFAULT_SESSIONS]
    found += [] if needed == DEFAULT_SESSIONS else too_short(panel, needed)
    issues = judged([*issues, *found], settings, panel, used)
    if any(i.severity == "fatal" for i in issues):
        raise QualityError(issues)
    panel, moved = on_benchmark_days(panel, days_held(panel), settings.tickers, benchmarks_by_exchange(settings, panel))
    return panel, [*issues, *moved], files


def benchmarks_by_exchange(settings: Settings, panel: PricePanel) -> dict[str, str | None]:
    """Exchange of each security -> the series that it is compared with."""
    return {code: settings.benchmark_for(code) for code in {panel.exchange[t] for t in settings.tickers}}


def _needed(settings: Settings) -> int:
    """Days of prices that the study's windows take: both, what lies between, and the day before the first return."""
    return max(settings.event.end, 0) - settings.estimation.start + 2


def wanted(settings: Settings) -> tuple[str, ...]:
    """Every series the study names: securities, benchmarks, comparisons, peers and donors."""
    series = (*settings.tickers, *settings.benchmarks.values(), *settings.compare_benchmarks)
    series += () if settings.sensitivity is None else settings.sensitivity.stated
    series += tuple(event.benchmark for event in settings.events if event.benchmark)
    series += tuple(t for named in (settings.peers, settings.donors) for others in named.values() for t in others)
    return tuple(dict.fromkeys(series))


def query_for(settings: Settings) -> PriceQuery:
    """All series a study needs, from far enough before its first event to well after its last event window."""
    estimations = [settings.estimation, *(e.estimation for e in settings.events if e.estimation)]
    events = [settings.event, *(e.event for e in settings.events if e.event)]
    days = [e.day for e in settings.events]
    periods = [day for p in (*estimations, *events) if isinstance(p, Period) for day in (p.first, p.last)]
    start = min(w.start for w in estimations if isinstance(w, Window))
    end = max(w.end for w in events if isinstance(w, Window))
    # 252 sessions a year, holidays and a margin of a month: 1.6 calendar days a session.
    before = dt.timedelta(days=ceil(1.6 * -start) + 31)
    after = dt.timedelta(days=ceil(1.6 * max(end, 0)) + 31)
    return PriceQuery(wanted(settings), min([*periods, min(days) - before]), max([*periods, max(days) + after]))


def not_read(source: Any, beside: Path | None) -> Issue | None:
    """That a study reads other prices than the snapshot pinned in its folder, None where it reads that or has none.

    Parameters
    ----------
    beside : the study's folder, None for a study without one.
    """
    if beside is None or kind_of(beside / DESCRIPTION) != "file":
        return None
    read = folder_of(source)
    if read is not None and read.resolve() == beside.resolve():
        return None
    path = path_of(source)
    what = "other prices" if path is None else path.name
    detail = (
        f"a snapshot is pinned in {beside}, but {what} is read, which nothing verifies; say `prices: snapshot` in "
        "study.yaml to read what was pinned"
    )
    return Issue("snapshot_not_read", "warning", detail)


def folder_of(source: Any) -> Path | None:
    """The snapshot folder `source` names, a user's own or a bundled one; None if it names none."""
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if kind_of(path / DESCRIPTION) == "file":
        return path
    named = isinstance(source, str) and kind_of(path) == "nothing" and source in bundled_snapshots()
    return bundled(str(source)) if named else None


_ASKED = 8  # securities without prices that an error spells out
_OF_RETURNS = ("percent", "kind")


def price_file(given: Mapping[str, Any], *, returns: bool = False) -> PriceFile:
    """A file and how it is written, from the keys of a mapping such as ``{"file": "p.csv", "sep": ";"}``.

    Raises
    ------
    SpecError : no file, or a value that is not allowed. UnknownNameError : another key.
    """
    known = [f.name for f in fields(PriceFile) if f.name not in ("returns", "name", *(() if returns else _OF_RETURNS))]
    for key in given:
        if key not in known:
            raise UnknownNameError("key of a price file", str(key), known)
    if not isinstance(given.get("file"), str | Path) or not str(given["file"]):
        raise SpecError(f"a price file needs its path, as in {{'file': 'prices.csv'}}, got {dict(given)!r}")
    return PriceFile(**given, returns=returns)


def given_returns(given: Any, percent: bool | None) -> GivenReturns:
    """What a study calls its returns: a frame, a path, or a mapping or PriceFile that says how a file is written.

    Raises
    ------
    SpecError : something else.
    """
    if isinstance(given, pd.DataFrame):
        return GivenReturns(PriceFile(returns=True, percent=percent), given)
    if isinstance(given, Mapping):
        given = price_file(given, returns=True)
    if isinstance(given, str | Path):
        if kind_of(given) == "nothing":
            raise SpecError(f"returns are 'simple' or 'log', a frame or a file of returns; got {str(given)!r}")
        given = PriceFile(file=given)
    if not isinstance(given, PriceFile):
        raise SpecError(f"returns are 'simple', 'log', a frame or a file of returns, got {type(given).__name__}")
    return GivenReturns(replace(given, returns=True, percent=given.percent if percent is None else percent))


def path_of(source: Any) -> Path | None:
    """The file or folder that `source` names, None where it is a frame or a panel."""
    if isinstance(source, GivenReturns):
        source = source.how.file if source.table is None else None
    if isinstance(source, Mapping):
        source = source.get("file")
    if isinstance(source, PriceFile):
        source = source.file
    return Path(source) if isinstance(source, str | Path) else None


def _raw(source: pd.DataFrame | PriceFile | GivenReturns | Mapping[str, Any] | str | Path) -> RawPrices:
    if isinstance(source, GivenReturns):
        from eventstudy.prices.frames import from_frame

        if source.table is not None:
            return from_frame(source.table, "returns", source.how)
        source = source.how
    if isinstance(source, pd.DataFrame):
        from eventstudy.prices.frames import from_frame

        return from_frame(source)
    if isinstance(source, Mapping):
        source = price_file(source)
    if isinstance(source, PriceFile):
        return PROVIDERS["files"].read(PriceQuery((), source=source))
    if not isinstance(source, str | Path):
        raise SpecError(f"prices are a frame, a panel or a path, got {type(source).__name__}")
    folder = folder_of(source)
    if folder is not None:
        return PROVIDERS["snapshot"].read(PriceQuery((), source=folder))
    if isinstance(source, str) and source in PROVIDERS and PROVIDERS[source].network:
        raise SpecError(
            f"a run is offline, and {source!r} is where prices are fetched from: put the study into a folder with "
            f"`prices: snapshot`, and pin its prices with `eventstudy fetch FOLDER --provider {source}`"
        )
    if kind_of(source) == "nothing":
        names = bundled_snapshots()
        raise MissingPriceError(
            f"no prices at {source}: there is no such file or folder{did_you_mean(str(source), names) or '.'} "
            "Prices are a frame, a CSV, Excel or Parquet file, a folder of one file a ticker, a snapshot folder, "
            f"{' or '.join(map(repr, names))}"
        )
    return PROVIDERS["files"].read(PriceQuery((), source=Path(source)))


def _present(settings: Settings, panel: PricePanel) -> None:
    """Refuse a study whose securities or benchmarks have no prices, naming all of them at once."""
    absent = [t for t in wanted(settings) if t not in panel.close.columns]
    if absent:
        meant = "".join(did_you_mean(name, panel.tickers) for name in absent[:_ASKED])
        raise MissingPriceError(
            f"no prices for {listed(absent, _ASKED)} in {panel.provenance.source}; there are: {listed(panel.tickers)}"
            f"{meant or '.'} Correct the ticker, or give prices that hold it"
        )
    own = [t for t in settings.tickers if settings.benchmark_for(panel.exchange[t]) == t]
    if own:
        raise SpecError(f"{listed(own, 12)}: a security cannot be its own benchmark")
