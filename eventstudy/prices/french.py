"""Factor files as Kenneth French's data library publishes them: text, a header, days in per cent, then other blocks.

::

    This file was created by CMPT_ME_BEME_RETS_DAILY using the 202601 CRSP database.
    ...
    ,Mkt-RF,SMB,HML,RF
    20240102,   -0.70,   -1.09,    1.28,   0.022
    ...
    Copyright 2026 Eugene F. Fama and Kenneth R. French

The library offers each as a zip that holds one such file.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, listed
from eventstudy.files.dates import FIRST_YEAR, LAST_YEAR

_MADE = re.compile(r"\s*\"?This file was created", re.IGNORECASE)
_RIGHTS = re.compile(r"\s*\"?Copyright.*French", re.IGNORECASE)
_ROW = re.compile(r"\s*(\d{4,8})\s*,")
_LARGEST = 64 * 2**20
"""Bytes of the largest file in a zip that is read: the daily files since 1926 have under 4 million."""
_MISSING = (-99.99, -999.0)
"""How the library writes what is not known: its files say so in their first lines."""


def is_french(data: bytes) -> bool:
    """Whether a file is one of French's own, by its first line or by the last.

    Examples
    --------
    >>> is_french(b"This file was created by CMPT_ME_BEME_RETS_DAILY using the CRSP database."), is_french(b"date")
    (True, False)
    """
    first = next((line for line in data[:2000].removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()), b"")
    last = next((line for line in reversed(data[-2000:].splitlines()) if line.strip(b" ,\r\n")), b"")
    return bool(_MADE.match(first.decode("latin-1"))) or bool(_RIGHTS.match(last.decode("latin-1")))


def unzipped(data: bytes, path: Path) -> bytes:
    """The one file that a zip holds; what is no zip, as it is.

    Raises
    ------
    SpecError : the zip is broken or locked, holds none or several files, or one that unfolds to more than is read.

    Examples
    --------
    >>> unzipped(b"date,smb", Path("factors.csv"))
    b'date,smb'
    """
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            inside = [one for one in held.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
            if len(inside) != 1:
                names = listed([one.filename for one in inside], 5) or "none"
                raise SpecError(
                    f"a zip of one file is due, and this one holds {names}: unpack what is meant", file=path
                )
            with held.open(inside[0]) as file:
                text = file.read(_LARGEST + 1)  # what the zip says of the size need not be true
    except SpecError:
        raise
    except Exception as error:  # locked, cut, or packed in a way that is not known: each module has errors of its own
        raise SpecError(f"the zip cannot be unpacked: {' '.join(str(error).split())[:200]}", file=path) from None
    if len(text) > _LARGEST:
        raise SpecError(f"the file in the zip has more than {_LARGEST:,} bytes, which none of factors has", file=path)
    return text


def read_french(data: bytes, path: Path) -> pd.DataFrame:
    """The daily block of one of French's files, (date, name) decimals with his names; -99.99 and -999 are missing.

    The file is per cent, and is divided by 100; what stands below the days (years, the copyright) is left.

    Raises
    ------
    SpecError : monthly or annual factors, several blocks of days, no header, days out of order or given twice, a cell
        that is not a number; with file and line.
    """
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").splitlines()
    rows = [at for at, line in enumerate(lines) if _ROW.match(line)]
    if not rows:
        raise SpecError("no row of factors, such as 20240102, -0.70, ...: is the file whole?", file=path)
    start = rows[0]
    end = next((at for at in range(start, len(lines)) if not _ROW.match(lines[at])), len(lines))
    width = len(_stamp(lines[start]))
    if width != 8:
        raise SpecError(
            f"{'monthly' if width == 6 else 'annual'} factors ({_stamp(lines[start])}); a study of daily returns needs "
            "the daily file of the library, whose name ends in _daily", file=path, line=start + 1,
        )  # fmt: skip
    if (more := next((at for at in rows if at > end and len(_stamp(lines[at])) == 8), None)) is not None:
        raise SpecError(
            f"a second block of days begins here, the first ends on line {end}; keep the one that is meant",
            file=path,
            line=more + 1,
        )
    names = [name.strip().strip('"') for name in lines[start - 1].split(",")][1:] if start else []
    names = names[:-1] if names and not names[-1] else names  # a comma at the end of each line
    if not names or not all(names) or len(set(names)) < len(names):
        raise SpecError("the line above the first day has to name the factors, such as ,Mkt-RF,SMB,HML,RF",
                        file=path, line=max(start, 1))  # fmt: skip
    return _frame(lines[start:end], names, path, start)


def _stamp(line: str) -> str:
    found = _ROW.match(line)
    return found[1] if found else ""


def _frame(body: list[str], names: list[str], path: Path, start: int) -> pd.DataFrame:
    values = np.full((len(body), len(names)), np.nan)
    days: list[np.datetime64] = []
    for at, line in enumerate(body):
        day, *cells = (cell.strip() for cell in line.rstrip().rstrip(",").split(","))
        try:
            days.append(np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}", "D"))
            if not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR or (at and days[-1] <= days[-2]):
                raise ValueError(f"the day {day} is not later than the one above")
            if len(cells) != len(names):
                raise ValueError(f"{len(names)} factors are due and {len(cells)} are here")
            values[at] = [float(cell) if cell else np.nan for cell in cells]
        except ValueError as error:
            raise SpecError(
                f"{' '.join(str(error).split())[:200]}: {line.strip()[:80]!r}", file=path, line=start + at + 1
            ) from None
    if np.isinf(values).any():
        at = int(np.argmax(np.isinf(values).any(axis=1)))
        raise SpecError("a factor is infinite", file=path, line=start + at + 1)
    values[np.isin(values, _MISSING)] = np.nan
    return pd.DataFrame(values / 100.0, index=pd.DatetimeIndex(days, name="date").as_unit("ns"), columns=names)
