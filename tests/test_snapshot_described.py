"""Descriptions and tables of a data package that are broken: refused in words, whatever is in them."""

import hashlib
import json
from pathlib import Path

import pytest

from eventstudy.errors import SnapshotError
from eventstudy.objects.prices import PriceQuery
from eventstudy.prices.snapshot import snapshot

TABLE = "date,ticker,close,adj_close,volume\n2025-01-24,NVDA,142.62,142.6,1\n2025-01-27,NVDA,118.42,118.4,2\n"
FIELDS = [
    {"name": "date", "type": "date"},
    {"name": "ticker", "type": "string"},
    *({"name": name, "type": "number"} for name in ("close", "adj_close", "volume")),
]


def package(folder: Path, table: str = TABLE, encoding: str = "utf-8", **changes: object) -> Path:
    (folder / "prices.csv").write_text(table)
    digest = "sha256:" + hashlib.sha256(table.encode()).hexdigest()
    resource = {"name": "prices", "path": "prices.csv", "hash": digest, "schema": {"fields": FIELDS}, **changes}
    (folder / "datapackage.json").write_bytes(json.dumps({"name": "x", "resources": [resource]}).encode(encoding))
    return folder


def read(folder: Path) -> list[str]:
    return snapshot(PriceQuery((), source=folder)).frame["date"].dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("changes", [{}, {"sources": None}, {"licenses": None}])
def test_what_may_be_absent_may_be_null(tmp_path: Path, encoding: str, changes: dict[str, object]) -> None:
    assert read(package(tmp_path, encoding=encoding, **changes)) == ["2025-01-24", "2025-01-27"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, "has no name or no path"),
        ({"path": 5}, "has no name or no path"),
        ({"hash": None}, "has no hash"),
        ({"schema": None}, "has no schema.fields"),
        ({"schema": []}, "has no schema.fields"),
        ({"schema": 5}, "expected an object, found int"),
        ({"schema": {"fields": None}}, "has no schema.fields"),
        ({"schema": {"fields": {"name": "date"}}}, "fields is a list, found dict"),
        ({"schema": {"fields": [None]}}, "expected an object, found NoneType"),
        ({"schema": {"fields": FIELDS, "primaryKey": 5}}, "primaryKey is a list, found int"),
        ({"schema": {"fields": FIELDS, "primaryKey": ["day"]}}, "has no column 'day', its primaryKey"),
        ({"sources": "Yahoo"}, "sources is a list, found str"),
        ({"path": "../prices.csv"}, "outside"),
    ],
)
def test_null_and_wrong_types_are_refused_in_words(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    with pytest.raises(SnapshotError, match=words):
        read(package(tmp_path, **changes))


@pytest.mark.parametrize("day", ["1500-01-02", "9999-12-31", "2025-13-01", "2025-01-3x", "0000-01-01", "now       "])
def test_days_that_no_stamp_can_hold_are_refused_and_never_wrap(tmp_path: Path, day: str) -> None:
    with pytest.raises(SnapshotError, match=f"does not parse .*{day.strip()}|does not parse"):
        read(package(tmp_path, TABLE.replace("2025-01-27", day)))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    package(folder)
    (folder / "prices.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "prices.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(SnapshotError, match="outside"):
        read(folder)
