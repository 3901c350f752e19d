"""Factor returns that a study is given: a frame, files as people have them, or those of French's data library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.reading import kind_of, read_bytes
from eventstudy.objects.prices import PriceFile, PriceQuery
from eventstudy.prices import PROVIDERS
from eventstudy.prices.frames import from_frame
from eventstudy.prices.french import is_french, read_french, unzipped
from eventstudy.returns import check_scale

FactorSource = pd.DataFrame | PriceFile | str | Path | Sequence[str | Path]
_TEXTS = (".csv", ".txt", ".zip")
_FRENCH = {
    "mktrf": "mkt_rf",
    "smb": "smb",
    "hml": "hml",
    "rmw": "rmw",
    "cma": "cma",
    "rf": "rf",
    "mom": "mom",
    "wml": "mom",
    "umd": "mom",
}
"""Names of the columns in Kenneth French's files, without their marks."""


def factors_of(given: FactorSource) -> tuple[pd.DataFrame, str]:
    """Factor returns, (date, name) decimals with French's names in any way of writing them, and their source in words.

    Several files are joined by their dates, such as the five factors and momentum, which the library has apart.

    Raises
    ------
    SpecError : levels or per cent; dates or cells that do not parse; a factor that two files have.
    """
    if isinstance(given, pd.DataFrame):
        raw = from_frame(given, "the factors", PriceFile(returns=True))
        return _named(_wide(raw.frame, [str(c) for c in given.columns]), None), "factors given as a frame"
    files = [given] if isinstance(given, str | Path | PriceFile) else list(given)
    if not files:
        raise SpecError("factors are a frame, a file or a list of files, got an empty list")
    tables = [_of_file(file if isinstance(file, PriceFile) else PriceFile(file=file)) for file in files]
    names = pd.Index([name for table in tables for name in table.columns])
    twice = names[names.duplicated()]
    if len(twice):
        raise SpecError(f"the factor {twice[0]!r} stands in several of the files; keep one of them")
    said = ", ".join(Path(file.file if isinstance(file, PriceFile) else file).name for file in files)
    return pd.concat(tables, axis=1).sort_index(), said


def paths_of(given: FactorSource | None) -> list[Path]:
    """The files that factors are read from, none for a frame."""
    if given is None or isinstance(given, pd.DataFrame):
        return []
    files = [given] if isinstance(given, str | Path | PriceFile) else given
    return [Path(file.file if isinstance(file, PriceFile) else file) for file in files]


def _of_file(how: PriceFile) -> pd.DataFrame:
    path = Path(how.file)
    if (
        kind_of(path) == "file"
        and path.suffix.lower() in _TEXTS
        and is_french(data := unzipped(read_bytes(path), path))
    ):
        if how.percent is False:
            raise SpecError("percent: false, but the files of French's library are per cent; leave it out", file=path)
        return _named(read_french(data, path), None)
    if path.suffix.lower() == ".zip":
        raise SpecError("the zip holds no file of French's library: unpack it and give the file in it", file=path)
    raw = PROVIDERS["files"].read(PriceQuery((), source=replace(how, returns=True)))
    return _named(_wide(raw.frame, list(dict.fromkeys(raw.frame["ticker"]))), how.percent)


def _wide(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    again = rows.duplicated(["date", "ticker"])
    if again.any():
        first = rows[again].iloc[0]
        raise SpecError(
            f"the factors hold {first['ticker']!r} on {first['date'].date()} {int(again.sum()) + 1} times; keep one row"
        )
    wide = rows.pivot(index="date", columns="ticker", values="close")
    return wide[[c for c in columns if c in wide.columns]].rename_axis(columns=None)


def _named(frame: pd.DataFrame, percent: bool | None) -> pd.DataFrame:
    remedy = "divide them by 100, or say percent=True in a PriceFile"
    check_scale(frame, "the factors", percent=percent, instead="returns of each factor", remedy=remedy)
    plain = {c: "".join(ch for ch in str(c).lower() if ch.isalnum()) for c in frame.columns}
    named = frame.rename(columns={c: _FRENCH.get(plain[c], c) for c in frame.columns})
    if not named.columns.is_unique:
        raise SpecError(f"two columns are the factor {named.columns[named.columns.duplicated()][0]!r}; keep one")
    return named / 100.0 if percent else named
