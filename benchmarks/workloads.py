"""Seeded synthetic workloads, written as .npy files so that every method, in whatever environment, reads the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

ESTIMATION = (-260, -11)
EVENT = (-10, 10)


@dataclass(frozen=True, slots=True)
class Workload:
    """S securities on D sessions and how many events; ``studies`` placebo studies of 1,000 events drawn from a grid."""

    name: str
    title: str
    securities: int
    sessions: int
    events: int
    factors: int = 1
    missing: float = 0.0
    grid: bool = False
    studies: int = 0
    form: str = ""


ALL = (
    Workload("W2", "1,000 events on 1,000 securities x 2,520 days", 1_000, 2_520, 1_000),
    Workload("W4", "8 securities x every one of 2,500 dates: 20,000 events", 8, 2_770, 20_000, grid=True),
    Workload("W6", "10,000 events on 5,000 securities x 2,520 days", 5_000, 2_520, 10_000),
    Workload("W3", "100,000 events on 5,000 securities x 2,520 days", 5_000, 2_520, 100_000),
    Workload("W5", "1,000,000 events on 5,000 securities x 2,520 days", 5_000, 2_520, 1_000_000),
    Workload("F5", "1,000,000 events, five factors", 5_000, 2_520, 1_000_000, factors=5),
    Workload("M5", "1,000,000 events, 5 % of the returns missing", 5_000, 2_520, 1_000_000, missing=0.05),
    Workload(
        "PL",
        "10,000 placebo studies of 1,000 events: the grid of 500 securities x 2,250 dates once, then indexing",
        500,
        2_520,
        1_125_000,
        grid=True,
        studies=10_000,
    ),
    Workload("CSV", "a long CSV of 5,000,000 rows to the panel", 5_000, 1_000, 0, form="csv"),
    Workload("PARQUET", "a long Parquet file of 5,000,000 rows to the panel", 5_000, 1_000, 0, form="parquet"),
)


def smaller(work: Workload) -> Workload:
    """The same kind of workload in well under a second: for trying the harness, not for reading its numbers."""
    if work.grid:
        return replace(work, sessions=330, securities=8, events=8 * 60, studies=min(work.studies, 20))
    if work.form:
        return replace(work, securities=200)
    return replace(work, securities=min(work.securities, 200), sessions=600, events=min(work.events, 5_000))


def returns_of(work: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Factors (k, D) and returns (S, D) with betas from 0.5 to 1.5 on the first factor, smaller ones on the others."""
    rng = np.random.default_rng(20250127)
    x = rng.normal(0.0003, 0.012, (work.factors, work.sessions))
    beta = rng.uniform(0.5, 1.5, (work.securities, 1)), rng.uniform(-0.5, 0.5, (work.securities, work.factors - 1))
    returns = np.hstack(beta) @ x + rng.normal(0.0, 0.02, (work.securities, work.sessions))
    if work.missing:
        returns[rng.random(returns.shape) < work.missing] = np.nan
    return x, returns


def write(work: Workload, folder: Path) -> None:
    """Write the workload to a new folder."""
    folder.mkdir(parents=True)
    x, returns = returns_of(work)
    if work.form:
        _long(work, returns, folder)
    else:
        rng = np.random.default_rng(1)
        first, last = -ESTIMATION[0], work.sessions - EVENT[1]
        if work.grid:
            security = np.repeat(np.arange(work.securities, dtype=np.int32), last - first)
            day = np.tile(np.arange(first, last, dtype=np.int32), work.securities)
            if len(day) != work.events:
                raise ValueError(f"{work.name} has {len(day)} events")
        else:
            security = rng.integers(0, work.securities, work.events, dtype=np.int32)
            day = rng.integers(first, last, work.events, dtype=np.int32)
        for name, array in {"returns": returns, "x": x, "security": security, "day": day}.items():
            np.save(folder / f"{name}.npy", array)
        if work.studies:
            np.save(folder / "draws.npy", rng.integers(0, len(day), (work.studies, 1_000), dtype=np.int32))
    (folder / "workload.json").write_text(json.dumps(asdict(work)))


def _long(work: Workload, returns: np.ndarray, folder: Path) -> None:
    """One row a security and day, by days; full precision in both forms."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    names = pa.array([f"S{i:05d}" for i in range(work.securities)])
    days = np.datetime64("2010-01-04") + np.arange(work.sessions)
    table = pa.table(
        {
            "security": names.take(pa.array(np.tile(np.arange(work.securities), work.sessions))),
            "date": pa.array(np.repeat(days, work.securities)),
            "return": pa.array(np.ascontiguousarray(returns.T).ravel()),
        }
    )
    if work.form == "csv":
        csv.write_csv(table, folder / "long.csv")
    else:
        parquet.write_table(table, folder / "long.parquet")
