"""Pinned prices: a folder whose files are described and hashed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pandas as pd

from eventstudy.errors import SnapshotError, SpecError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.objects.prices import Issue, PriceFile, PriceQuery, Provenance, RawPrices, Severity
from eventstudy.prices.package import DataPackage, Resource, read_bytes, read_package, read_table
from eventstudy.prices.rows import ACTIONS, COLUMNS, asked, within
from eventstudy.prices.write import write_snapshot

__all__ = ["read_sessions", "snapshot", "verify", "write_snapshot"]


def snapshot(query: PriceQuery) -> RawPrices:
    """Read the prices of the snapshot folder ``query.source``, verified against its description.

    No tickers in the query means all there are; its first and last day, where given, cut the history.

    Raises
    ------
    SpecError : no folder given.
    SnapshotError : description or file absent, changed, cut short or not what is described.
    MissingPriceError : a ticker is not in the snapshot.
    """
    if query.source is None:
        raise SpecError("the provider 'snapshot' reads a folder: give it as the source")
    package = read_package(Path(query.source.file if isinstance(query.source, PriceFile) else query.source))
    if "prices" not in package.resources:
        raise SnapshotError(f"{package.folder / DESCRIPTION} lists no resource 'prices'; fetch the snapshot again")
    resource = package.resources["prices"]
    lacking = [c for c in COLUMNS if c not in resource.columns]
    if lacking:
        raise SnapshotError(f"{resource.file} has no column {', '.join(lacking)}; expected {', '.join(COLUMNS)}")
    table = read_table(resource, unique=False)
    frame = asked(table[[*COLUMNS, *within(table)]], query, resource.file)
    about = _series(resource)
    currency = {ticker: said.pop("currency") for ticker, said in about.items() if "currency" in said}
    library = package.pinned.get("library")
    return RawPrices(
        frame,
        _provenance(package),
        currency=currency,
        issues=_findings(resource),
        about={ticker: said for ticker, said in about.items() if said},
        library=library if isinstance(library, str) else None,
        actions=_actions(package.resources["actions"], query.tickers) if "actions" in package.resources else {},
    )


def read_sessions(folder: Path) -> pd.DataFrame | None:
    """The exchange sessions kept beside the prices (``exchange``, ``date``, ``close_utc``), None if there are none."""
    package = read_package(folder)
    return read_table(package.resources["sessions"]) if "sessions" in package.resources else None


def verify(folder: Path) -> dict[str, str]:
    """Hash every file of a snapshot and compare it with the description.

    Returns
    -------
    File name -> sha256 (hexadecimal), ``datapackage.json`` itself included.

    Raises
    ------
    SnapshotError : names the first file that is absent or was changed.
    """
    package = read_package(folder)
    found = {DESCRIPTION: package.sha256}
    for resource in package.resources.values():
        read_bytes(resource)
        found[resource.file.relative_to(package.folder).as_posix()] = resource.hash.removeprefix("sha256:")
    return found


def _series(resource: Resource) -> dict[str, dict[str, str]]:
    """What the description says of each series of the prices.

    Raises
    ------
    SnapshotError : not a mapping of ticker -> texts.
    """
    said = resource.entry.get("series") or {}
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        raise _wrong(resource, "series", "a mapping of ticker to what is known of it")
    if not all(isinstance(text, str) for one in said.values() for text in one.values()):
        raise _wrong(resource, "series", "a mapping of ticker to texts")
    return {str(ticker): dict(one) for ticker, one in said.items()}


def _actions(resource: Resource, tickers: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Dividends and splits of each series of which they are known, without a row where there were none.

    Raises
    ------
    SnapshotError : other columns than are due, or a series that is not listed as known.
    """
    known = resource.entry.get("known")
    if not isinstance(known, list) or not all(isinstance(ticker, str) for ticker in known):
        raise _wrong(resource, "known", "a list of tickers")
    lacking = [c for c in ("date", "ticker", *ACTIONS) if c not in resource.columns]
    if lacking:
        raise SnapshotError(f"{resource.file} has no column {', '.join(lacking)}; restore it or fetch again")
    table = read_table(resource)
    if not set(table["ticker"].unique()) <= set(known):
        raise _wrong(resource, "known", "a list of all tickers that its table has")
    rows = {str(ticker): own for ticker, own in table.groupby("ticker", sort=False)}
    wanted = [ticker for ticker in known if not tickers or ticker in tickers]
    return {ticker: rows.get(ticker, table[:0]).set_index("date")[list(ACTIONS)] for ticker in wanted}


def _findings(resource: Resource) -> tuple[Issue, ...]:
    """What was noticed when the prices came, which their table cannot hold: that a basis is assumed stays so.

    Raises
    ------
    SnapshotError : an entry that is not a finding.
    """
    due = "a list of findings, each with code, severity and detail"
    found = []
    try:
        for one in resource.entry.get("findings") or ():
            texts = one["code"], one["detail"], one.get("ticker") or "", one.get("date") or ""
            if one["severity"] not in get_args(Severity) or not all(isinstance(text, str) for text in texts):
                raise _wrong(resource, "findings", due)
            code, detail, ticker, date = texts
            day = dt.date.fromisoformat(date) if date else None
            found.append(Issue(code, one["severity"], detail, ticker or None, day))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _wrong(resource, "findings", due) from None
    return tuple(found)


def _wrong(resource: Resource, key: str, due: str) -> SnapshotError:
    return SnapshotError(
        f"{DESCRIPTION}: {key} of the resource {resource.name!r} is {due}; restore the file or fetch the snapshot again"
    )


def _provenance(package: DataPackage) -> Provenance:
    resource = package.resources["prices"]
    retrieved = package.pinned.get("retrieved", package.created)
    try:
        if retrieved is not None:
            pd.Timestamp(retrieved)
    except (TypeError, ValueError):
        raise SnapshotError(
            f"{package.folder / DESCRIPTION}: {retrieved!r} is not a moment of retrieval, such as 2025-01-31T21:00:00Z"
        ) from None
    version = f" {package.version}" if package.version else ""
    return Provenance(
        provider="snapshot",
        source=f"{', '.join(resource.sources) or 'unknown'} (snapshot {package.name}{version})",
        retrieved=retrieved,
        sha256=resource.hash.removeprefix("sha256:"),
        licence=package.licence,
        file=resource.file.relative_to(package.folder).as_posix(),
    )
