"""French's own factor files, in the form in which his library publishes them; the numbers are those of the snapshot."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceFile
from eventstudy.prices.french import read_french
from eventstudy.prices.reference import load_reference
from eventstudy.study.factors import factors_of

FIVE = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF"]
OURS = ["mkt_rf", "smb", "hml", "rmw", "cma", "rf"]
HEAD = (
    "This file was created by CMPT_ME_BEME_OP_INV_RETS_DAILY using the 202601 CRSP database.\r\n"
    "The Tbill return is the simple daily rate that, over the number of trading days\r\n"
    "in the month, compounds to 1-month TBill rate.\r\n\r\n"
)
FOOT = "\r\nCopyright 2026 Eugene F. Fama and Kenneth R. French\r\n"
ANNUAL = "\r\n Annual Factors: January-December \r\n,Mkt-RF,SMB,HML,RMW,CMA,RF\r\n  2023,   21.69,   -3.22,  -13.52\r\n"
DAYS = "20240102,   -0.70,   -1.09,    1.28,   0.022\r\n20240103,   -0.82,  -99.99,   -999,   0.022\r\n"
SMALL = ",Mkt-RF,SMB,HML,RF\r\n" + DAYS


@pytest.fixture(scope="module")
def pinned() -> pd.DataFrame:
    return load_reference(bundled("deepseek"))[0]["factors"]


def library(frame: pd.DataFrame, names: list[str], head: str = HEAD) -> str:
    """A table of decimals as the library writes it: per cent, padded, a day as 20240102."""
    rows = [
        f"{day:%Y%m%d}," + ",".join(f"{100 * value:>8.4f}" for value in row)
        for day, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    return head + "," + ",".join(names) + "\r\n" + "\r\n".join(rows) + "\r\n" + FOOT


@pytest.fixture
def files(pinned: pd.DataFrame, tmp_path: Path) -> tuple[Path, Path]:
    five, momentum = tmp_path / "F-F_Research_Data_5_Factors_2x3_daily.csv", tmp_path / "F-F_Momentum_Factor_daily.CSV"
    five.write_bytes(library(pinned[OURS], FIVE).encode())
    momentum.write_bytes(library(pinned[["mom"]], ["Mom   "]).encode())
    return five, momentum


def test_the_files_give_the_factors_of_the_snapshot(pinned, files):
    frame, said = factors_of(files)
    assert said == "F-F_Research_Data_5_Factors_2x3_daily.csv, F-F_Momentum_Factor_daily.CSV"
    assert list(frame.columns) == [*OURS, "mom"]
    np.testing.assert_allclose(frame, pinned[frame.columns], rtol=0, atol=1e-12)
    assert frame.index.equals(pinned.index)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA])
def test_the_zips_of_the_library_are_read_as_they_come(pinned, files, tmp_path, packing):
    packed = [tmp_path / f"{file.stem}_CSV.zip" for file in files]
    for file, to in zip(files, packed, strict=True):
        with zipfile.ZipFile(to, "w", packing) as out:
            out.write(file, file.name)
    frame, _ = factors_of(packed)
    np.testing.assert_allclose(frame, pinned[frame.columns], rtol=0, atol=1e-12)


def test_a_zip_that_cannot_be_read_is_refused(files, tmp_path, monkeypatch):
    file = tmp_path / "factors.zip"

    def packed(**members: str) -> Path:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
            for name, text in members.items():
                out.writestr(name, text)
        return file

    with pytest.raises(SpecError, match=r"factors\.zip: a zip of one file is due, and this one holds a, b: unpack"):
        factors_of(packed(a=HEAD + SMALL, b=HEAD + SMALL))
    with pytest.raises(SpecError, match="this one holds none"):
        factors_of(packed())
    with pytest.raises(SpecError, match="holds no file of French's library: unpack it"):
        factors_of(packed(a="date,smb\n2024-01-02,0.01\n"))
    file.write_bytes(packed(a=HEAD + SMALL * 200).read_bytes()[:-60])
    with pytest.raises(SpecError, match=r"factors\.zip: the zip cannot be unpacked: "):
        factors_of(file)
    monkeypatch.setattr("eventstudy.prices.french._LARGEST", 1000)
    with pytest.raises(SpecError, match="has more than 1,000 bytes"):
        factors_of(packed(a=HEAD + SMALL * 200))


def test_a_study_on_them(files, tmp_path):
    given = {"events": {"NVDA": "2025-01-27"}, "prices": "deepseek", "tests": ["t"], "sensitivity": "off"}
    own = es.Study(**given, model="ff5_mom", factors=files).run()
    snapshot = es.Study(**given, model="ff5_mom").run()
    assert own.car("NVDA", (-1, 1)) == pytest.approx(snapshot.car("NVDA", (-1, 1)), rel=1e-9)
    assert own.reference.sources["factors"].startswith("F-F_Research")
    assert {path.name for path in files} <= set(own.files)
    assert own.content_id != snapshot.content_id


def test_in_study_yaml(files, tmp_path):
    text = f"""schema_version: 1
id: small
prices: deepseek
tickers: [NVDA]
model: ff5_mom
benchmarks: {{default: ^IXIC}}
events: [{{id: day, announced: 2025-01-27}}]
factors: [{files[0].name}, {files[1].name}]
"""
    (tmp_path / "study.yaml").write_text(text)
    assert es.load(tmp_path).factors == tuple(path.resolve() for path in files)
    (tmp_path / "study.yaml").write_text(text.replace("factors: [", "factors: [none.csv, "))
    with pytest.raises(SpecError, match=r"study.yaml:8: no file of factors at none.csv"):
        es.load(tmp_path)
    (tmp_path / "study.yaml").write_text(text.replace("factors: [", "factors: [../out.csv, "))
    with pytest.raises(SpecError, match=r"study.yaml:8: factors"):
        es.load(tmp_path)


@pytest.mark.parametrize(
    "text", [HEAD + SMALL + FOOT, HEAD + SMALL + ANNUAL + FOOT, SMALL + FOOT, HEAD + SMALL.rstrip()]
)
def test_what_stands_around_the_days_is_left(tmp_path, text):
    file = tmp_path / "three.csv"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    frame, _ = factors_of(file)
    assert list(frame.columns) == ["mkt_rf", "smb", "hml", "rf"]
    np.testing.assert_array_equal(frame.iloc[1].isna(), [False, True, True, False])
    np.testing.assert_allclose(frame.iloc[0], [-0.007, -0.0109, 0.0128, 0.00022], rtol=1e-12)
    assert frame.index[1] == pd.Timestamp("2024-01-03")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + ",Mkt-RF,SMB\n202401,1,2\n", r":6: monthly factors \(202401\).*ends in _daily"),
        (HEAD + ",Mkt-RF,SMB\n2024,1,2\n", r":6: annual factors"),
        (HEAD + SMALL + "\nAverage Equal Weighted Returns -- Daily\n" + SMALL, r":11: a second block of days"),
        (HEAD + "20240102,1,2\n", r":4: the line above the first day"),
        (HEAD, "no row of factors"),
        (HEAD + ",Mkt-RF,SMB\n20240102,1,2\n20240103,1\n", ":7: 2 factors are due and 1 are here"),
        (HEAD + ",Mkt-RF,SMB\n20240102,1,2\n20240102,1,2\n", ":7: the day 20240102 is not later"),
        (HEAD + ",Mkt-RF,SMB\n20240102,1,2\n20241302,1,2\n", ":7: .*20241302"),
        (HEAD + ",Mkt-RF,SMB\n20240102,1,x\n", ":6: .*'x'"),
        (HEAD + ",Mkt-RF,SMB\n20240102,1,inf\n", ":6: a factor is infinite"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, text, words):
    with pytest.raises(SpecError, match=words):
        read_french(text.encode(), tmp_path / "factors.csv")


def test_what_is_stated_wrongly(files, tmp_path):
    with pytest.raises(SpecError, match="the files of French's library are per cent"):
        factors_of(PriceFile(file=files[0], percent=False))
    with pytest.raises(SpecError, match="the factor 'mom' stands in several of the files"):
        factors_of([files[1], files[1]])
    with pytest.raises(SpecError, match="got an empty list"):
        factors_of([])


def test_other_files_in_per_cent_say_so(pinned, tmp_path):
    file = tmp_path / "own.csv"
    (100 * pinned[["mkt_rf", "smb"]]).to_csv(file)
    with pytest.raises(SpecError, match=r"divide them by 100, or say percent=True in a PriceFile"):
        factors_of(file)
    frame, _ = factors_of(PriceFile(file=file, percent=True))
    np.testing.assert_allclose(frame, pinned[["mkt_rf", "smb"]], atol=1e-14)
