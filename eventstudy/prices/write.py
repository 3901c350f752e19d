"""Write a snapshot: prices and sessions as CSV, described and hashed in ``datapackage.json``. All of it or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import __version__
from eventstudy.errors import SnapshotError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.objects.prices import ExchangeCalendar, PriceQuery, RawPrices
from eventstudy.prices.exchanges import exchange_of, is_own
from eventstudy.prices.frames import ASSUMED
from eventstudy.prices.package import DataPackage, read_bytes, read_package
from eventstudy.prices.pinning import in_force, pin
from eventstudy.prices.rows import ACTIONS, COLUMNS, within

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
    {"name": "open", "type": "number", "description": "First price of the session", "unit": "trading currency"},
    {"name": "high", "type": "number", "description": "Highest price of the session", "unit": "trading currency"},
    {"name": "low", "type": "number", "description": "Lowest price of the session", "unit": "trading currency"},
]
_SESSIONS: list[_Field] = [
    {"name": "exchange", "type": "string", "description": "Market identifier code (ISO 10383)", "constraints": _NEEDED},
    {"name": "date", "type": "date", "description": "Session", "constraints": _NEEDED},
    {
        "name": "open_utc",
        "type": "datetime",
        "description": "Opening of the session",
        "unit": "UTC",
        "constraints": _NEEDED,
    },
    {
        "name": "close_utc",
        "type": "datetime",
        "description": "Close of the session",
        "unit": "UTC",
        "constraints": _NEEDED,
    },
]
_ACTIONS: list[_Field] = [
    {"name": "date", "type": "date", "description": "First session without the claim to it", "constraints": _NEEDED},
    {"name": "ticker", "type": "string", "description": "Symbol as the provider writes it", "constraints": _NEEDED},
    {
        "name": "dividend",
        "type": "number",
        "description": "Cash per share on the basis of close, 0 where none was paid",
        "unit": "trading currency",
    },
    {"name": "split", "type": "number", "description": "New shares for one old, 1 where there was no split"},
]
_BASIS = (
    "close is adjusted for splits and not for dividends, adj_close for both, as of the day of retrieval: a later "
    "retrieval does not reproduce an earlier file. An empty cell is a price that is not known; nothing is filled in."
)
_ASSUMED = (
    "The source does not say what its prices are adjusted for: they are taken as closes adjusted for splits. An empty "
    "cell is a price that is not known; nothing is filled in."
)
_OPEN = "Days the exchanges were open, by their published calendars and by what the study states of them."
_ACTED = "Dividends and splits of the series that are listed under known; of the others they are not known."
TABLES = ("prices", "sessions", "actions")
"""Tables that a fetch writes; any other of a snapshot is kept as it is."""


def write_snapshot(
    raw: RawPrices,
    folder: Path,
    *,
    calendars: Mapping[str, ExchangeCalendar],
    request: PriceQuery | None = None,
    replaces: str | None = None,
) -> list[Path]:
    """Pin prices in `folder` as a version of their own, ``prices/<moment>/``, and put it in force.

    Nothing that is there is overwritten but the description, which is replaced last (see `prices.pinning`). Identical
    duplicate rows, rows without a price, and bars of sessions that had not closed at retrieval are left out. Other
    tables that the folder's description lists are kept, and so is an older snapshot, as a version.

    Parameters
    ----------
    request : what the provider was asked for.
    replaces : sha256 of the description that may be replaced, as `pinning.in_force` gives it; None where there is none.

    Returns
    -------
    The files written: the description first, then those of the version.

    Raises
    ------
    SnapshotError : the folder cannot be written, a day is given twice with different numbers, another snapshot is in
        force, or the description that is there cannot be read.
    """
    folder = Path(folder)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    rows = _clean(raw, calendars, folder)
    contents = {"prices.csv": _csv(rows), "sessions.csv": _csv(_session_rows(calendars))}
    contents |= {"actions.csv": _csv(_action_rows(raw))} if raw.actions else {}
    tables = [
        _resource("prices", contents["prices.csv"], _fields_of(rows), ["date", "ticker"], raw.provenance.source),
        _resource(
            "sessions", contents["sessions.csv"], _session_fields(calendars), ["exchange", "date"], "exchange_calendars"
        ),
    ]
    assumed = any(issue.code == ASSUMED.code for issue in raw.issues)
    tables[0] |= {"description": _ASSUMED if assumed else _BASIS, **_said(raw)}
    tables[1] |= {"description": _OPEN}
    if raw.actions:
        table = _resource("actions", contents["actions.csv"], _ACTIONS, ["date", "ticker"], raw.provenance.source)
        tables.append(table | {"description": _ACTED, "known": sorted(raw.actions)})
    before = read_package(folder) if in_force(folder) is not None else None
    others = [] if before is None else [r.entry for n, r in before.resources.items() if n not in TABLES]
    package = _description(raw, folder, now, assumed, request)

    def files(version: str) -> tuple[dict[str, bytes], bytes]:
        there = [{**table, "path": f"{version}/{table['path']}"} for table in tables]
        own = _json({**package, "resources": tables})
        return {**contents, DESCRIPTION: own}, _json({**package, "resources": [*there, *others]})

    version = pin(
        folder, f"{now:{_MOMENT}}", files, replaces=replaces, older=None if before is None else _loose(before)
    )
    return [folder / DESCRIPTION, *(version / name for name in (*contents, DESCRIPTION))]


_MOMENT = "%Y%m%dT%H%M%SZ"
_UTC = "%Y-%m-%dT%H:%M:%SZ"


def _loose(package: DataPackage) -> tuple[str, dict[str, bytes]] | None:
    """Moment and files of a snapshot whose tables lie beside its description; None where they were changed."""
    tables = [table for name, table in package.resources.items() if name in TABLES]
    if "prices" not in package.resources or any(t.file.parent != package.folder for t in tables):
        return None
    try:
        files = {f"{table.name}.csv": read_bytes(table) for table in tables}
    except SnapshotError:  # what was changed is not a snapshot any more; its files stay where they are
        return None
    try:
        created = dt.datetime.fromisoformat(package.created or "").astimezone(dt.UTC)
    except (ValueError, OverflowError):
        created = dt.datetime.now(dt.UTC)
    described = json.loads((package.folder / DESCRIPTION).read_bytes())
    own = [{**table.entry, "path": f"{table.name}.csv"} for table in tables]
    return f"{created:{_MOMENT}}", {**files, DESCRIPTION: _json({**described, "resources": own})}


def _clean(raw: RawPrices, calendars: Mapping[str, ExchangeCalendar], folder: Path) -> pd.DataFrame:
    """Rows sorted by date and ticker, each once, all of closed sessions."""
    known = [name for name in within(raw.frame) if raw.frame[name].notna().any()]
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
    return frame[["date", "ticker", *COLUMNS[2:], *known]]


def _fields_of(rows: pd.DataFrame) -> list[_Field]:
    return [field for field in _PRICES if field["name"] in rows]


def _session_rows(calendars: Mapping[str, ExchangeCalendar]) -> pd.DataFrame:
    books = {mic: book for mic, book in sorted(calendars.items()) if not is_own(mic)}  # prices themselves hold those
    names = [field["name"] for field in _session_fields(calendars)]
    parts = [pd.DataFrame(columns=names)]
    for mic, book in books.items():
        moments = {"open_utc": book.opens, "close_utc": book.closes}
        texts = {n: m.strftime(_UTC) for n, m in moments.items() if m is not None and n in names}
        parts.append(pd.DataFrame({"exchange": mic, "date": book.sessions, **texts})[names])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _session_fields(calendars: Mapping[str, ExchangeCalendar]) -> list[_Field]:
    """The columns of the sessions: openings only where all of them are known."""
    known = all(b.opens is not None and not b.opens.hasnans for mic, b in calendars.items() if not is_own(mic))
    return [field for field in _SESSIONS if known or field["name"] != "open_utc"]


def _action_rows(raw: RawPrices) -> pd.DataFrame:
    parts = [table.rename_axis("date").reset_index().assign(ticker=ticker) for ticker, table in raw.actions.items()]
    rows = pd.concat(parts, ignore_index=True).sort_values(["date", "ticker"], kind="stable")
    return rows[["date", "ticker", *ACTIONS]]


def _csv(frame: pd.DataFrame) -> bytes:
    """UTF-8, one newline a line on every system; a whole volume is written without a decimal point."""
    if "volume" in frame and (frame["volume"].dropna() % 1 == 0).all():
        frame = frame.assign(volume=frame["volume"].astype("Int64"))
    return frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode()


def _resource(name: str, data: bytes, fields: list[_Field], key: list[str], source: str) -> dict[str, Any]:
    return {
        "name": name,
        "profile": "tabular-data-resource",
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
        "sources": [{"title": source}],
    }


def _said(raw: RawPrices) -> dict[str, Any]:
    """What the source says of each series, and what was noticed on reading it: the table itself cannot hold them."""
    series: dict[str, dict[str, str]] = {}
    for ticker in sorted(raw.frame["ticker"].unique()):
        currency = {"currency": raw.currency[ticker]} if ticker in raw.currency else {}
        series[ticker] = {**currency, **raw.about.get(ticker, {})}
    findings = [
        {"code": i.code, "severity": i.severity, "detail": i.detail, "ticker": i.ticker, "date": str(i.date or "")}
        for i in raw.issues
    ]
    return {"series": {t: said for t, said in series.items() if said}, "findings": findings}


def _description(
    raw: RawPrices, folder: Path, now: dt.datetime, assumed: bool, request: PriceQuery | None
) -> dict[str, Any]:
    moment = f"{now:{_UTC}}"
    asked = None
    if request is not None:
        first, last = (None if day is None else day.isoformat() for day in (request.start, request.end))
        asked = {"tickers": list(request.tickers), "start": first, "end": last}
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._/-]+", "-", folder.resolve().name.lower()).strip("-") or "snapshot",
        "title": f"Prices of {raw.frame['ticker'].nunique()} securities from {raw.provenance.source}",
        "created": raw.provenance.retrieved or moment,
        "licenses": [
            {"name": "other-closed", "title": raw.provenance.licence or "For research; the provider's terms apply"}
        ],
        "sources": [{"title": raw.provenance.source}],
        "eventstudy": {
            "version": __version__,
            "provider": raw.provenance.provider,
            "library": raw.library,
            "request": asked,
            "retrieved": raw.provenance.retrieved,
            "pinned": moment,
            "basis": "assumed" if assumed else "as the source says",
        },
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
