"""Write a snapshot: prices and sessions as CSV, described and hashed in ``datapackage.json``. All of it or nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SnapshotError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.objects.prices import ExchangeCalendar, RawPrices
from eventstudy.prices.exchanges import exchange_of, is_own

_Field = dict[str, Any]
_NEEDED = {"required": True}
_PRICES: list[_Field] = [
    {"name": "date", "type": "date", "description": "Session on the security's own exchange", "constraints": _NEEDED},
    {"name": "ticker", "type": "string", "description": "Symbol as the provider writes it", "constraints": _NEEDED},
    {
        "name": "close",
        "type": "number",
        "description": "Closing price, adjusted for splits",
        "unit": "trading currency",
    },
    {
        "name": "adj_close",
        "type": "number",
        "description": "Closing price, adjusted for splits and dividends",
        "unit": "trading currency",
    },
    {"name": "volume", "type": "number", "description": "Shares traded", "unit": "shares"},
]
_SESSIONS: list[_Field] = [
    {"name": "exchange", "type": "string", "description": "Market identifier code (ISO 10383)", "constraints": _NEEDED},
    {"name": "date", "type": "date", "description": "Session", "constraints": _NEEDED},
    {
        "name": "close_utc",
        "type": "datetime",
        "description": "Close of the session",
        "unit": "UTC",
        "constraints": _NEEDED,
    },
]
_BASIS = (
    "close is adjusted for splits and not for dividends, adj_close for both, as of the day of retrieval: a later "
    "retrieval does not reproduce an earlier file. An empty cell is a price that is not known; nothing is filled in."
)


def write_snapshot(raw: RawPrices, folder: Path, *, calendars: Mapping[str, ExchangeCalendar]) -> list[Path]:
    """Pin prices in `folder`: ``prices.csv``, ``sessions.csv`` and the description with their hashes.

    The files are written beside the old ones under temporary names and then renamed; if anything fails the old
    snapshot is put back. Identical duplicate rows, rows without a price, and bars of sessions that had not closed at
    retrieval are left out. Other tables that the folder's description lists are kept.

    Returns
    -------
    The files written.

    Raises
    ------
    SnapshotError : the folder cannot be written, or a day is given twice with different numbers.
    """
    folder = Path(folder)
    prices = _csv(_clean(raw, calendars, folder))
    sessions = _csv(_session_rows(calendars))
    tables = [
        _resource("prices", prices, _PRICES, ["date", "ticker"], _BASIS, raw.provenance.source),
        _resource(
            "sessions",
            sessions,
            _SESSIONS,
            ["exchange", "date"],
            "Days the exchanges were open; sessions on which nothing traded are taken out.",
            "exchange_calendars",
        ),
    ]
    contents = {"prices.csv": prices, "sessions.csv": sessions}
    contents[DESCRIPTION] = _description(raw, folder, tables)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace_all(folder, contents)
    except OSError as error:
        raise SnapshotError(
            f"{folder} cannot be written ({error.strerror or error}); choose a folder you may write to. "
            "What was there is unchanged"
        ) from None
    return [folder / name for name in contents]


def _clean(raw: RawPrices, calendars: Mapping[str, ExchangeCalendar], folder: Path) -> pd.DataFrame:
    """Rows sorted by date and ticker, each once, all of closed sessions."""
    values = ["close", "adj_close", "volume"]
    frame = raw.frame.dropna(subset=["close", "adj_close"], how="all").drop_duplicates()
    frame = frame.sort_values(["date", "ticker"], kind="stable")
    again = frame.duplicated(["date", "ticker"])
    if again.any():
        row = frame[again].iloc[0]
        raise SnapshotError(
            f"{folder} is not written: {row['ticker']} has two different prices on {row['date'].date()}; "
            "remove the wrong rows from the source"
        )
    if raw.provenance.retrieved is not None:
        # A session open at retrieval in one place is the last in all: nothing after it is final anywhere.
        moment = pd.Timestamp(raw.provenance.retrieved)
        moment = moment.tz_localize("UTC") if moment.tz is None else moment
        unfinished = {m: set(b.sessions[np.asarray(b.closes > moment)]) for m, b in calendars.items()}
        if any(unfinished.values()):
            at = [exchange_of(t, raw.exchange) for t in frame["ticker"]]
            open_ = [d in unfinished.get(m, ()) for m, d in zip(at, frame["date"], strict=True)]
            frame = frame[~np.array(open_)]
    return frame[["date", "ticker", *values]]


def _session_rows(calendars: Mapping[str, ExchangeCalendar]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"exchange": mic, "date": book.sessions, "close_utc": book.closes.strftime("%Y-%m-%dT%H:%M:%SZ")})
        for mic, book in sorted(calendars.items())
        if not is_own(mic)  # the prices themselves hold those
    ]
    empty = pd.DataFrame(columns=["exchange", "date", "close_utc"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _csv(frame: pd.DataFrame) -> bytes:
    """UTF-8, one newline a line on every system; a whole volume is written without a decimal point."""
    if "volume" in frame and (frame["volume"].dropna() % 1 == 0).all():
        frame = frame.assign(volume=frame["volume"].astype("Int64"))
    return frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode()


def _resource(name: str, data: bytes, fields: list[_Field], key: list[str], text: str, source: str) -> dict[str, Any]:
    return {
        "name": name,
        "profile": "tabular-data-resource",
        "path": f"{name}.csv",
        "description": text,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
        "sources": [{"title": source}],
    }


def _description(raw: RawPrices, folder: Path, tables: list[dict[str, Any]]) -> bytes:
    written = {t["name"] for t in tables}
    licence = raw.provenance.licence or "For research; the provider's terms apply"
    package = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._/-]+", "-", folder.resolve().name.lower()).strip("-") or "snapshot",
        "title": f"Prices of {raw.frame['ticker'].nunique()} securities from {raw.provenance.source}",
        "created": raw.provenance.retrieved or dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [{"name": "other-closed", "title": licence}],
        "sources": [{"title": raw.provenance.source}],
        "resources": [*tables, *(t for t in _described(folder) if t.get("name") not in written)],
    }
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _described(folder: Path) -> list[dict[str, Any]]:
    """The tables an existing description lists, () where there is none or it cannot be read."""
    try:
        tables = json.loads((folder / DESCRIPTION).read_bytes())["resources"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [t for t in tables if isinstance(t, dict)] if isinstance(tables, list) else []


def _replace_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Replace several files as one: all temporary files first, then renames, undone if one fails."""
    with _temporary(folder) as room:
        for name, data in contents.items():
            with (room / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        kept = {name: (folder / name).read_bytes() for name in contents if (folder / name).is_file()}
        done: list[str] = []
        try:
            for name in contents:
                os.replace(room / name, folder / name)
                done.append(name)
        except BaseException:
            for name in done:
                if name in kept:
                    (room / name).write_bytes(kept[name])
                    os.replace(room / name, folder / name)
                else:
                    (folder / name).unlink()
            raise


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """A folder inside `folder`, so that renaming stays on one file system; removed whatever happens."""
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as room:
        yield Path(room)
