"""Bundled data and snapshot folders: verified reading, tampering, writing whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import MissingPriceError, SnapshotError, SpecError, UnknownNameError
from eventstudy.files.folders import bundled, bundled_names
from eventstudy.objects.prices import PriceQuery, Provenance, RawPrices
from eventstudy.prices import load_panel
from eventstudy.prices.package import read_package, read_table
from eventstudy.prices.pinning import in_force, versions
from eventstudy.prices.reference import load_reference
from eventstudy.prices.snapshot import read_sessions, snapshot, verify, write_snapshot

DEEPSEEK = bundled("deepseek")
SESSIONS = read_sessions(DEEPSEEK)


# ------------------------------------------------------------------------------------------------------- bundled data
def test_bundled_names_and_unknown():
    assert "deepseek" in bundled_names()
    with pytest.raises(UnknownNameError, match="Did you mean 'deepseek'"):
        bundled("deepsek")


def test_the_checkout_wins_over_the_packed_copy(tmp_path, monkeypatch):
    import eventstudy.files.folders as module

    package = tmp_path / "eventstudy"
    for where in (tmp_path / "data" / "x", package / "_data" / "x"):
        where.mkdir(parents=True)
        (where / "study.yaml").write_text("{}")
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert bundled("x") == package / "_data" / "x"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "something-else"\n')
    assert bundled("x") == package / "_data" / "x"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "eventstudy-claims"\n')
    assert bundled("x") == tmp_path / "data" / "x"


def test_every_file_is_described_and_every_hash_is_right():
    hashes = verify(DEEPSEEK)
    files = {p.name for p in DEEPSEEK.iterdir() if p.suffix == ".csv"} | {"datapackage.json"}
    assert set(hashes) == files
    for name, digest in hashes.items():
        assert hashlib.sha256((DEEPSEEK / name).read_bytes()).hexdigest() == digest


def test_the_description_is_complete():
    package = json.loads((DEEPSEEK / "datapackage.json").read_bytes())
    assert {"name", "title", "created", "licenses", "sources", "resources", "missing"} <= set(package)
    for table in package["resources"]:
        data = (DEEPSEEK / table["path"]).read_bytes()
        assert table["bytes"] == len(data)
        assert (table["format"], table["mediatype"], table["encoding"]) == ("csv", "text/csv", "utf-8")
        assert b"\r" not in data
        assert data.endswith(b"\n")
        assert all({"name", "type", "description"} <= set(f) for f in table["schema"]["fields"])
        assert table["sources"]
        assert table["description"]
        header = next(csv.reader(data.decode().splitlines()))
        assert header == [f["name"] for f in table["schema"]["fields"]]
        keys = [header.index(k) for k in table["schema"]["primaryKey"]]
        rows = [tuple(row[k] for k in keys) for row in csv.reader(data.decode().splitlines()[1:])]
        assert len(set(rows)) == len(rows), table["name"]


def test_the_readme_names_every_file_and_git_converts_none():
    root = DEEPSEEK.parent
    readme = (root / "README.md").read_text(encoding="utf-8")
    for table in json.loads((DEEPSEEK / "datapackage.json").read_bytes())["resources"]:
        assert f"`{table['path']}`" in readme
        assert all(source["title"] in readme for source in table["sources"] if "vendor" not in source["title"])
    assert "data/** -text" in (root.parent / ".gitattributes").read_text().splitlines()


def test_prices_are_read_exactly_as_written():
    raw = snapshot(PriceQuery((), source=DEEPSEEK))
    with (DEEPSEEK / "prices.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(raw.frame) == len(rows) == 41171
    for name in ("close", "adj_close", "volume"):
        expected = np.array([float(r[name]) if r[name] else np.nan for r in rows])
        np.testing.assert_array_equal(raw.frame[name].to_numpy(), expected)
    assert raw.frame["ticker"].tolist() == [r["ticker"] for r in rows]
    assert raw.frame["date"].dt.strftime("%Y-%m-%d").tolist() == [r["date"] for r in rows]
    assert raw.frame["date"].dtype == "datetime64[ns]"


def test_closing_moves_of_the_day():
    panel, _ = load_panel(snapshot(PriceQuery((), source=DEEPSEEK)), {}, SESSIONS)
    level = panel.close.where(panel.close.notna(), panel.adj_close)
    expected = {"NVDA": -16.97, "AVGO": -17.40, "AMD": -6.37, "TSM": -13.33, "ASML": -5.75, "^IXIC": -3.07}
    expected |= {"ASML.AS": -7.01, "8035.T": -4.90, "9984.T": -8.32, "AAPL": 3.18, "VST": -28.27, "^GSPC": -1.46}
    for ticker, percent in expected.items():
        moves = level[ticker].dropna().pct_change()
        assert 100 * moves["2025-01-27"] == pytest.approx(percent, abs=0.005), ticker
    assert np.isnan(level.loc["2025-01-27", "2330.TW"])


def test_provenance_names_the_provider():
    raw = snapshot(PriceQuery((), source=DEEPSEEK))
    assert "Yahoo Finance" in raw.provenance.source
    assert raw.provenance.sha256 == verify(DEEPSEEK)["prices.csv"]
    assert str(DEEPSEEK) not in raw.provenance.source


def test_a_query_cuts_tickers_and_days():
    query = PriceQuery(
        ("NVDA", "^IXIC"), pd.Timestamp("2025-01-24").date(), pd.Timestamp("2025-01-28").date(), DEEPSEEK
    )
    raw = snapshot(query)
    assert sorted(set(raw.frame["ticker"])) == ["NVDA", "^IXIC"]
    assert raw.frame["date"].min() == pd.Timestamp("2025-01-24")
    assert raw.frame["date"].max() == pd.Timestamp("2025-01-28")
    with pytest.raises(MissingPriceError, match="has no prices of NVDX"):
        snapshot(PriceQuery(("NVDX", "NVDA"), source=DEEPSEEK))
    with pytest.raises(MissingPriceError, match="between 2031-01-01"):
        snapshot(PriceQuery(("NVDA",), pd.Timestamp("2031-01-01").date(), source=DEEPSEEK))
    with pytest.raises(SpecError, match="reads a folder"):
        snapshot(PriceQuery(("NVDA",)))


def test_reference_tables():
    tables, sources = load_reference(DEEPSEEK)
    index = tables["index_history"]
    assert list(index.columns) == ["^GSPC", "^IXIC", "^NDX", "^SOX"]
    firsts = {c: str(index[c].first_valid_index().date()) for c in index}
    assert firsts == {"^GSPC": "1927-12-30", "^IXIC": "1971-02-05", "^NDX": "1985-10-01", "^SOX": "1994-05-04"}
    assert tables["megacaps"].shape == (2766, 12)
    assert index.index.is_monotonic_increasing
    assert tables["factors"].loc["2025-01-27"].notna().all()
    splits = tables["splits"].set_index(["ticker", "date"])["ratio"]
    assert splits["NVDA", pd.Timestamp("2024-06-10")] == 10
    shares = tables["shares"]
    assert shares["as_of"].dtype == "datetime64[ns]"
    assert list(shares.columns) == ["ticker", "as_of", "shares", "measure", "form", "filed", "origin"]
    assert tables["gdp"]["gdp_2023_usd"].isna().sum() == 32
    assert "NAM" in set(tables["gdp"]["iso3"])  # Namibia's code and others stay text
    assert sources["factors"] == "Kenneth R. French data library"
    assert sources["gdp"] == "World Bank"
    # The long history and the price panel are two files: they have to agree where both know a day.
    raw = snapshot(PriceQuery(("^IXIC",), source=DEEPSEEK)).frame.set_index("date")["close"]
    both = index["^IXIC"].reindex(raw.index)
    np.testing.assert_allclose(both, raw, rtol=1e-6)


def test_megacap_closes_agree_with_the_prices():
    tables, _ = load_reference(DEEPSEEK)
    panel, _ = load_panel(snapshot(PriceQuery((), source=DEEPSEEK)), {}, SESSIONS)
    for ticker in tables["megacaps"]:
        own = panel.close[ticker].dropna()
        np.testing.assert_allclose(tables["megacaps"][ticker].reindex(own.index), own, rtol=1e-3, err_msg=ticker)


# ---------------------------------------------------------------------------------------------------------- tampering
@pytest.fixture
def small(tmp_path) -> Path:
    """A written snapshot of two series and three days."""
    folder = tmp_path / "small"
    raw = _raw([("AAA", "2025-01-24", 10.0), ("AAA", "2025-01-27", 9.0), ("AAA", "2025-01-28", 9.5)])
    panel, _ = load_panel(raw, {}, SESSIONS)
    write_snapshot(raw, folder, calendars=panel.calendars)
    return _loose(folder)


def _loose(folder: Path) -> Path:
    """The tables beside their description, as in the bundled study and in snapshots of before."""
    file = folder / "datapackage.json"
    package = json.loads(file.read_text())
    for table in package["resources"]:
        shutil.copy(folder / table["path"], folder)
        table["path"] = Path(table["path"]).name
    file.write_text(json.dumps(package))
    shutil.rmtree(folder / "prices")
    return folder


def _raw(rows, **provenance) -> RawPrices:
    frame = pd.DataFrame(rows, columns=["ticker", "date", "close"])
    frame["date"] = pd.DatetimeIndex(frame["date"]).as_unit("ns")
    frame["adj_close"], frame["volume"] = frame["close"], 100.0
    return RawPrices(frame, Provenance("test", "a test", **provenance))


def _describe_again(folder: Path, name: str) -> None:
    """Make the hash right for what the file now holds, as one who edits both would."""
    file = folder / "datapackage.json"
    package = json.loads(file.read_text())
    for table in package["resources"]:
        if table["name"] == name:
            table["hash"] = "sha256:" + hashlib.sha256((folder / table["path"]).read_bytes()).hexdigest()
    file.write_text(json.dumps(package))


def test_one_changed_byte_is_refused(small):
    file = small / "prices.csv"
    file.write_bytes(file.read_bytes().replace(b"9.5", b"9.6"))
    for call in (lambda: snapshot(PriceQuery((), source=small)), lambda: verify(small)):
        with pytest.raises(SnapshotError, match=r"prices\.csv was changed since it was described") as caught:
            call()
        assert caught.value.exit_code == 3


def test_changed_line_endings_are_refused(small):
    file = small / "sessions.csv"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(SnapshotError, match=r"sessions\.csv"):
        read_sessions(small)


def test_missing_file(small):
    (small / "prices.csv").unlink()
    with pytest.raises(SnapshotError, match=r"prices\.csv does not exist although"):
        verify(small)


def test_truncated_file_is_refused_even_with_its_hash(small):
    file = small / "prices.csv"
    file.write_bytes(file.read_bytes()[:-4])
    _describe_again(small, "prices")
    with pytest.raises(SnapshotError, match="ends inside a line"):
        snapshot(PriceQuery((), source=small))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"9.5", b"nine", "does not parse"),
        (b"2025-01-28", b"2025-01-42", "does not parse"),
        (b"2025-01-28", b"2025-01", "YYYY-MM-DD is due"),
        (b"2025-01-28", b"", "empty cell"),
        (b"adj_close,volume", b"adjusted,volume", "has the columns"),
        (b"9.5,9.5,100\n", b"9.5,9.5,100,7,7\n", "does not parse"),
    ],
)
def test_unparsable_tables(small, old, new, message):
    file = small / "prices.csv"
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new))
    _describe_again(small, "prices")
    with pytest.raises(SnapshotError, match=message) as caught:
        snapshot(PriceQuery((), source=small))
    assert "prices.csv" in str(caught.value)


def test_a_missing_price_column(small):
    file = small / "prices.csv"
    frame = pd.read_csv(file).drop(columns="adj_close")
    file.write_text(frame.to_csv(index=False))
    package = json.loads((small / "datapackage.json").read_text())
    fields = package["resources"][0]["schema"]["fields"]
    package["resources"][0]["schema"]["fields"] = [f for f in fields if f["name"] != "adj_close"]
    (small / "datapackage.json").write_text(json.dumps(package))
    _describe_again(small, "prices")
    with pytest.raises(SnapshotError, match="has no column adj_close"):
        snapshot(PriceQuery((), source=small))


def test_repeated_key_in_a_reference_table(small):
    text = "ticker,date,ratio\nAAA,2024-01-02,2\nAAA,2024-01-02,3\n"
    (small / "splits.csv").write_text(text)
    package = json.loads((small / "datapackage.json").read_text())
    fields = [
        {"name": "ticker", "type": "string"},
        {"name": "date", "type": "date"},
        {"name": "ratio", "type": "number"},
    ]
    table = {"name": "splits", "path": "splits.csv", "hash": "sha256:"}
    table["schema"] = {"fields": fields, "primaryKey": ["ticker", "date"]}
    package["resources"].append(table)
    (small / "datapackage.json").write_text(json.dumps(package))
    _describe_again(small, "splits")
    with pytest.raises(SnapshotError, match="more than one row for ticker AAA"):
        load_reference(small)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a data package"),
        ("{}", "lists no resources"),
        ('{"resources": [1]}', "is not a data package"),
        ('{"resources": [{"name": "prices"}]}', "no name or no path"),
        ('{"resources": [{"name": "prices", "path": "../prices.csv", "hash": "sha256:0"}]}', "outside the folder"),
        ('{"resources": [{"name": "prices", "path": "/etc/hosts", "hash": "sha256:0"}]}', "outside the folder"),
        ('{"resources": [{"name": "prices", "path": "prices.csv", "hash": "md5:0"}]}', "no hash of the form"),
        ('{"resources": [{"name": "prices", "path": "prices.csv", "hash": "sha256:0"}]}', "no schema.fields"),
        (
            '{"resources": [{"name": "a", "path": "a", "hash": "sha256:0", "schema": {"fields": [{"name": "a"}]}}]}',
            "no resource 'prices'",
        ),
    ],
)
def test_invalid_descriptions(small, content, message):
    (small / "datapackage.json").write_text(content)
    with pytest.raises(SnapshotError, match=message):
        snapshot(PriceQuery((), source=small))


def test_no_description_says_what_a_snapshot_is(tmp_path):
    with pytest.raises(SnapshotError, match=r"does not exist; a snapshot is a folder that holds datapackage\.json"):
        verify(tmp_path)


def test_absent_reference_tables_are_empty_with_their_columns(small):
    tables, sources = load_reference(small)
    assert sources == {}
    assert tables["splits"].empty
    assert list(tables["splits"].columns) == ["ticker", "date", "ratio"]
    assert tables["index_history"].empty
    assert isinstance(tables["index_history"].index, pd.DatetimeIndex)


# ------------------------------------------------------------------------------------------------------------ writing
def test_what_is_written_is_what_is_read():
    """On the bundled prices: 41,000 rows, gaps and all, come back to the last bit."""
    import tempfile

    raw = snapshot(PriceQuery((), source=DEEPSEEK))
    panel, _ = load_panel(raw, {}, SESSIONS)
    with tempfile.TemporaryDirectory() as folder:
        written = write_snapshot(raw, Path(folder) / "new", calendars=panel.calendars)
        assert [p.name for p in written] == ["datapackage.json", "prices.csv", "sessions.csv", "datapackage.json"]
        version = written[1].parent
        for place in (written[0].parent, version):  # the study's folder, and the version by itself
            assert {Path(name).name for name in verify(place)} == {"datapackage.json", "prices.csv", "sessions.csv"}
            again, issues = load_panel(snapshot(PriceQuery((), source=place)), {}, read_sessions(place))
            assert [i for i in issues if i.severity != "info"] == []
    for name in ("close", "adj_close", "volume"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(panel, name))


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "taken").write_text("x")
    raw = _raw([("AAA", "2025-01-27", 5.0)])
    panel, _ = load_panel(raw, {}, SESSIONS)
    with pytest.raises(SnapshotError, match="cannot be written"):
        write_snapshot(raw, tmp_path / "taken", calendars=panel.calendars)


def test_conflicting_rows_are_not_written(tmp_path):
    raw = _raw([("AAA", "2025-01-27", 5.0), ("AAA", "2025-01-27", 6.0)])
    panel, _ = load_panel(raw, {}, SESSIONS)
    with pytest.raises(SnapshotError, match="two different prices on 2025-01-27"):
        write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    assert not (tmp_path / "new").exists()


def test_rewriting_keeps_the_reference_tables(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(DEEPSEEK, folder)
    raw = _raw([("AAA", "2025-01-27", 5.0), ("AAA", "2025-01-28", 6.0)], retrieved="2025-02-01T00:00:00Z")
    panel, _ = load_panel(raw, {}, SESSIONS)
    write_snapshot(raw, folder, calendars=panel.calendars, replaces=in_force(folder))
    tables, _ = load_reference(folder)
    assert len(tables["gdp"]) == 217
    assert read_package(folder).created == "2025-02-01T00:00:00Z"
    assert set(read_table(read_package(folder).resources["prices"])["ticker"]) == {"AAA"}
    # What lay beside its description is a version of its own now, and the files stay where they were.
    older, newer = versions(folder)
    assert len(snapshot(PriceQuery((), source=older)).frame) == 41171
    assert (folder / "prices.csv").read_bytes() == (DEEPSEEK / "prices.csv").read_bytes()
    assert set(snapshot(PriceQuery((), source=newer)).frame["ticker"]) == {"AAA"}


def test_an_unfinished_session_is_not_pinned(tmp_path):
    rows = [("AAA", "2025-01-24", 5.0), ("AAA", "2025-01-27", 6.0)]
    raw = _raw(rows, retrieved="2025-01-27T16:00:00Z")
    panel, issues = load_panel(raw, {}, SESSIONS)
    assert [i.code for i in issues] == ["partial_bar"]
    write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    assert snapshot(PriceQuery((), source=tmp_path / "new")).frame["date"].max() == pd.Timestamp("2025-01-24")
