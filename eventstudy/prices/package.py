"""A Frictionless data package: a folder of CSV tables, each described and hashed in ``datapackage.json``.

Every file is read once: its bytes are hashed, compared with the description, and parsed from memory, so that what was
verified is what is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SnapshotError, SpecError, listed
from eventstudy.files.dates import FIRST_YEAR, LAST_YEAR
from eventstudy.files.folders import DESCRIPTION, LARGEST_DESCRIPTION
from eventstudy.files.reading import inside, kind_of
from eventstudy.files.reading import read_bytes as read_file

_NUMERIC = ("number", "integer")
"""Frictionless types read as float64: integers may have empty cells."""
_FORMATS: Mapping[str, str] = {"date": "YYYY-MM-DD", "datetime": "YYYY-MM-DDThh:mm:ssZ"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One table: its file, its ``sha256:`` hash, its columns as name -> Frictionless type, who published it.

    ``entry`` is what the description says of it, as it stands there.
    """

    name: str
    file: Path
    hash: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    sources: tuple[str, ...]
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DataPackage:
    """A folder's ``datapackage.json``, checked as far as reading needs it.

    ``pinned`` is what this package wrote about the retrieval, empty in other descriptions. ``sha256`` is of the
    description itself.
    """

    name: str
    folder: Path
    created: str | None
    version: str | None
    licence: str | None
    resources: Mapping[str, Resource]
    pinned: Mapping[str, Any]
    sha256: str


def read_package(folder: Path) -> DataPackage:
    """Read and check the description of the tables in `folder`.

    Raises
    ------
    SnapshotError : no folder, no description, not JSON, or a description that lacks what reading needs.
    """
    file = Path(folder) / DESCRIPTION
    if kind_of(file) == "nothing":
        raise SnapshotError(
            f"{file} does not exist; a snapshot is a folder that holds {DESCRIPTION}: "
            "check the folder's name, or write a snapshot with `eventstudy fetch`"
        )
    try:
        data = read_file(file, LARGEST_DESCRIPTION)
    except SpecError as error:
        raise SnapshotError(str(error)) from None
    try:
        described = json.loads(data)  # UTF-8, 16 or 32, by its first bytes
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"{file} is not JSON ({error}); restore the file or fetch the snapshot again") from None
    resources = _mapping(described, file).get("resources")
    if not isinstance(resources, list) or not resources:
        raise SnapshotError(f"{file} lists no resources; restore the file or fetch the snapshot again")
    tables = [_resource(entry, file) for entry in resources]
    return DataPackage(
        name=str(described.get("name", file.parent.name)),
        folder=file.parent,
        created=_text(described, "created"),
        version=_text(described, "version"),
        licence=_licence(described),
        resources={table.name: table for table in tables},
        pinned=_mapping(described.get("eventstudy") or {}, file),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def read_bytes(resource: Resource) -> bytes:
    """The bytes of a resource's file, equal to its hash.

    Raises
    ------
    SnapshotError : the file is absent or its sha256 is another than the description's; names the file.
    """
    if kind_of(resource.file) == "nothing":
        raise SnapshotError(
            f"{resource.file} does not exist although {DESCRIPTION} lists it; restore it or fetch the snapshot again"
        )
    try:
        data = read_file(resource.file)
    except SpecError as error:
        raise SnapshotError(str(error)) from None
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    if found != resource.hash:
        raise SnapshotError(
            f"{resource.file} was changed since it was described: expected {resource.hash}, found {found} "
            f"({len(data)} bytes); restore the file, or fetch the snapshot again if the change is meant"
        )
    return data


def read_table(resource: Resource, *, unique: bool = True) -> pd.DataFrame:
    """A verified table with the columns of its schema; dates are datetime64[ns], numbers float64, text objects.

    With `unique` its primary key has to be: prices are read without, since the panel names each duplicate.

    Raises
    ------
    SnapshotError : as `read_bytes`, or the CSV does not parse, has other columns, or repeats its primary key.
    """
    data = read_bytes(resource)
    _check_header(data, resource)
    dtypes = {name: "float64" if kind in _NUMERIC else "object" for name, kind in resource.columns.items()}
    try:
        frame = pd.read_csv(BytesIO(data), dtype=dtypes, keep_default_na=False, na_values=[""], engine="c")
        if [*frame.columns] != [*resource.columns]:  # blanks and quotes around a name
            raise ValueError(f"the columns read {listed([*map(repr, frame.columns)], 12)}")
        for name, kind in resource.columns.items():
            if kind in _FORMATS:
                frame[name] = _moments(frame[name], kind)
    except (ValueError, pd.errors.ParserError) as error:
        raise SnapshotError(f"{resource.file} does not parse ({_one_line(error)}); restore the file") from None
    if unique and resource.key:
        _check_key(frame, resource)
    return frame


def _check_key(frame: pd.DataFrame, resource: Resource) -> None:
    again = frame.duplicated(list(resource.key))
    if again.any():
        shown = ", ".join(f"{k} {v}" for k, v in frame.loc[again, list(resource.key)].iloc[0].items())
        raise SnapshotError(f"{resource.file} holds more than one row for {shown}; its primary key has to be unique")


def _check_header(data: bytes, resource: Resource) -> None:
    """The first line has to name the described columns in their order, and the file has to end with a whole line."""
    header, _, rest = data.partition(b"\n")
    found = [c.strip().strip('"') for c in header.decode("utf-8", "replace").strip().split(",")]
    expected = list(resource.columns)
    if found != expected:
        raise SnapshotError(
            f"{resource.file} has the columns {listed(found, 12)}; {DESCRIPTION} describes {', '.join(expected)}"
        )
    if rest and not rest.endswith(b"\n"):
        raise SnapshotError(f"{resource.file} ends inside a line: it was cut short; restore the file")


def _moments(column: pd.Series[Any], kind: str) -> pd.DatetimeIndex:
    """ISO texts -> datetime64[ns]; each distinct text is parsed once (41,000 price rows hold 780 days).

    numpy parses ISO five times as fast as pandas does, but takes abbreviations ("2025-01", "now"): hence the length.
    """
    codes, texts = pd.factorize(column.to_numpy())
    form = _FORMATS[kind]
    wrong = [t for t in texts if len(t) != len(form)] if {*map(len, texts)} - {len(form)} else []
    wrong = wrong or [t for t in texts if not t.removesuffix("Z")[-2:].isdigit() or not t[:4].isdigit()]
    if wrong or (codes < 0).any():
        raise ValueError(f"column {column.name} has {wrong[0] if wrong else 'an empty cell'!r} where {form} is due")
    # In seconds first: nanoseconds wrap around before 1677 and after 2262, without a word.
    stamps = pd.DatetimeIndex(np.array([t.removesuffix("Z") for t in texts], dtype="datetime64[s]"))
    beyond = (stamps.year < FIRST_YEAR) | (stamps.year > LAST_YEAR)
    if beyond.any():
        raise ValueError(f"column {column.name} has {texts[beyond][0]!r}, outside {FIRST_YEAR} to {LAST_YEAR}")
    days = stamps.as_unit("ns").take(codes)
    return days if kind == "date" else days.tz_localize("UTC")


def _resource(entry: object, description: Path) -> Resource:
    """One entry of ``resources``, with a path that stays inside the folder."""
    table = _mapping(entry, description)
    name, path, digest = table.get("name"), table.get("path"), table.get("hash")
    if not (isinstance(name, str) and isinstance(path, str)):
        raise SnapshotError(f"{description}: a resource has no name or no path; each needs both as text")
    try:
        file = inside(description.parent, path.replace("\\", "/"))
    except SpecError as error:
        raise SnapshotError(f"{description}: resource {name!r}: {error}") from None
    if not (isinstance(digest, str) and digest.startswith("sha256:")):
        raise SnapshotError(f"{description}: resource {name!r} has no hash of the form sha256:..., found {digest!r}")
    schema = _mapping(table.get("schema") or {}, description)
    fields = [_mapping(f, description) for f in _list(schema, "fields", description)]
    columns = {str(f.get("name")): str(f.get("type", "string")) for f in fields}
    if not columns:
        raise SnapshotError(f"{description}: resource {name!r} has no schema.fields; its columns have to be described")
    key = schema.get("primaryKey") or []
    key = (key,) if isinstance(key, str) else tuple(_list(schema, "primaryKey", description))
    unknown = [str(k) for k in key if k not in columns]
    if unknown:
        raise SnapshotError(f"{description}: resource {name!r} has no column {unknown[0]!r}, its primaryKey")
    sources = [_mapping(s, description) for s in _list(table, "sources", description)]
    return Resource(
        name=name,
        file=file,
        hash=digest,
        columns=columns,
        key=key,
        sources=tuple(str(s.get("title", "unknown")) for s in sources),
        entry=table,
    )


def _list(described: Mapping[str, Any], name: str, description: Path) -> list[Any]:
    """A list of the description; one that is absent or null is empty."""
    value = described.get(name)
    if value is not None and not isinstance(value, list):
        raise SnapshotError(f"{description}: {name} is a list, found {type(value).__name__}")
    return value or []


def _mapping(value: object, description: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SnapshotError(f"{description} is not a data package: expected an object, found {type(value).__name__}")
    return value


def _text(described: Mapping[str, Any], key: str) -> str | None:
    value = described.get(key)
    return value if isinstance(value, str) else None


def _licence(described: Mapping[str, Any]) -> str | None:
    licences = described.get("licenses")
    first = licences[0] if isinstance(licences, list) and licences else {}
    found = first.get("title") or first.get("name") if isinstance(first, dict) else None
    return found if isinstance(found, str) else None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
