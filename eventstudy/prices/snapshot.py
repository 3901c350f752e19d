"""Pinned prices: a folder whose files are described and hashed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from eventstudy.errors import SnapshotError, SpecError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.objects.prices import PriceFile, PriceQuery, Provenance, RawPrices
from eventstudy.prices.package import DataPackage, read_bytes, read_package, read_table
from eventstudy.prices.rows import COLUMNS, asked
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
        raise SnapshotError(f"{package.folder / DESCRIPTION} lists no resource 'prices'; fetch the snapshot anew")
    resource = package.resources["prices"]
    lacking = [c for c in COLUMNS if c not in resource.columns]
    if lacking:
        raise SnapshotError(f"{resource.file} has no column {', '.join(lacking)}; expected {', '.join(COLUMNS)}")
    frame = asked(read_table(resource, unique=False)[list(COLUMNS)], query, resource.file)
    return RawPrices(frame, _provenance(package))


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


def _provenance(package: DataPackage) -> Provenance:
    resource = package.resources["prices"]
    version = f" {package.version}" if package.version else ""
    return Provenance(
        provider="snapshot",
        source=f"{', '.join(resource.sources) or 'unknown'} (snapshot {package.name}{version})",
        retrieved=package.created,
        sha256=resource.hash.removeprefix("sha256:"),
        licence=package.licence,
    )
