"""A long Parquet file that memory cannot hold, to a panel that lies on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, listed
from eventstudy.files.dates import parse_dates
from eventstudy.many.ingest import ReturnPanel

_ROWS = 1_000_000  # read at once


def stream_panel(
    path: str | Path, to: str | Path, *, security: str = "security", date: str = "date", value: str = "return"
) -> ReturnPanel:
    """Read a long Parquet file of returns piece by piece into the memory map `to`, whole or not at all.

    The file is read twice: for its securities and days, then for the values. In memory are only a million rows at a
    time; the (S, D) float64 are on disk, and `run_events` reads the rows that it needs, its Dask workers too.

    Parameters
    ----------
    path : one row per security and day; the columns `security`, `date` (days) and `value` (decimal returns).
    to : a ``.npy`` file to be written.

    Raises
    ------
    SpecError : a column is missing, a security has a day twice, `to` is no ``.npy``, or pyarrow is not installed.
    """
    place = Path(to)
    if place.suffix != ".npy":
        raise SpecError(f"a memory map is a .npy file, got {place}")
    tickers, sessions = _axes(Path(path), security, date)
    part = place.with_name(f".{place.name}.{os.getpid()}.npy")
    seen = part.with_suffix(".seen")
    shape = (len(tickers), len(sessions))
    try:
        out = np.lib.format.open_memmap(part, mode="w+", dtype=np.float64, shape=shape)
        taken = np.memmap(seen, dtype=np.bool_, mode="w+", shape=shape)
        for row in out:
            row[:] = np.nan
        for batch in _batches(Path(path), [security, date, value]):
            s = tickers.get_indexer(pd.Index(batch[security].astype(str)))
            t = sessions.get_indexer(parse_dates(batch[date]))
            repeated = taken[s, t] | pd.Series(s * len(sessions) + t).duplicated().to_numpy()
            if repeated.any():
                i = int(np.argmax(repeated))
                raise SpecError(f"{tickers[s[i]]} has {sessions[t[i]].date()} twice; one row each is expected")
            taken[s, t] = True
            out[s, t] = batch[value].to_numpy(dtype=np.float64)
        out.flush()
        del out, taken
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)
        seen.unlink(missing_ok=True)
    return ReturnPanel(np.load(place, mmap_mode="r"), tuple(tickers), sessions)


def _axes(path: Path, security: str, date: str) -> tuple[pd.Index, pd.DatetimeIndex]:
    """The securities, sorted, and the days that any of them has."""
    names: set[str] = set()
    days: set[Any] = set()
    for batch in _batches(path, [security, date]):
        names.update(batch[security].astype(str).unique())
        days.update(parse_dates(batch[date], where=f"the column {date}").unique())
    return pd.Index(sorted(names)), pd.DatetimeIndex(sorted(days)).as_unit("ns")


def _batches(path: Path, columns: list[str]) -> Iterator[pd.DataFrame]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise SpecError("long files are read by pyarrow: pip install 'eventstudy-claims[parquet]'") from None
    if not path.is_file():
        raise SpecError(f"there is no file {path}")
    file = parquet.ParquetFile(path)
    if absent := [name for name in columns if name not in file.schema_arrow.names]:
        raise SpecError(f"has no column {listed(absent, 12)}", file=path)
    for batch in file.iter_batches(batch_size=_ROWS, columns=columns):
        yield batch.to_pandas()
