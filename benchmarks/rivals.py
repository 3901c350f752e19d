"""Which method runs on which workload, in which environment, on how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

METHODS = Path(__file__).resolve().parent / "methods"
EVENTS = ("W2", "W4", "W6", "W3", "W5", "F5", "M5", "PL")
FILES = ("CSV", "PARQUET")


@dataclass(frozen=True, slots=True)
class Method:
    """``limit`` events or securities (see the file's ``UNIT``) are done where there are more, and the time is scaled;
    0 is all. ``kind``: own, self (do it yourself), package (an event-study package). ``cannot`` by workload.
    """

    name: str
    file: str
    environment: str
    kind: str
    workloads: tuple[str, ...] = EVENTS
    variant: str = ""
    limit: int = 0
    cannot: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> Path:
        return METHODS / self.file


NUMPY, NUMBA = "this package, numpy, full", "this package, numba, full"
RUN, RUN_TESTS, RUN_FULL = (
    "this package, run_events",
    "this package, run_events and its tests",
    "this package, run_events, full",
)
CALLED = ("W6", "W3", "W5")  # the workloads of what a user calls
NUMPY_CAR, NUMBA_CAR = "this package, numpy, car", "this package, numba, car"
PREFIX = "numpy, textbook prefix sums"
ONE = ("F5", "takes one regressor")

ALL = (
    Method(NUMPY, "ours.py", "", "own", variant="numpy/full"),
    Method(NUMBA, "ours.py", "", "own", variant="numba/full"),
    Method(NUMPY_CAR, "ours.py", "", "own", variant="numpy/car"),
    Method(NUMBA_CAR, "ours.py", "", "own", variant="numba/car"),
    Method(RUN, "ours.py", "", "own", CALLED, "run/car"),
    Method(RUN_TESTS, "ours.py", "", "own", CALLED, "run/tests"),
    Method(RUN_FULL, "ours.py", "", "own", (*CALLED, "M5"), "run/full"),
    Method("this package, numba, every placebo event anew", "ours.py", "", "own", ("PL",), "numba/anew"),
    Method(PREFIX, "prefix_sums.py", "", "extra", cannot=(ONE, ("M5", "a running sum has no holes"))),
    Method(
        "polars rolling",
        "polars_rolling.py",
        "polars",
        "self",
        cannot=(ONE, ("M5", "a rolling covariance over a hole is null")),
    ),
    Method("duckdb regr_*", "duckdb_regr.py", "duckdb", "self", limit=20_000, cannot=(ONE,)),
    Method("R .lm.fit loop", "lmfit.R", "R", "self", limit=10_000),
    Method("statsmodels loop", "statsmodels_loop.py", "statsmodels", "self", EVENTS[:-1], limit=100),
    Method("statsmodels RollingOLS", "rolling_ols.py", "statsmodels", "self", ("W2", "W4", "W3"), limit=3),
    Method("linearmodels loop", "linearmodels_loop.py", "linearmodels", "self", ("W2", "F5"), limit=30),
    Method("pyfixest split", "pyfixest_split.py", "pyfixest", "self", ("W2",), limit=15),
    Method(
        "package eventstudy 0.1a12",
        "eventstudy_package.py",
        "eventstudy",
        "package",
        EVENTS[:-1],
        limit=300,
        cannot=(("M5", "knows no missing return: its regressions end in NaN"),),
    ),
    Method("this package, read_long", "ingest_ours.py", "", "own", FILES),
    Method("pandas, read and pivot", "ingest_pandas.py", "", "self", FILES),
    Method("polars, read and pivot", "ingest_polars.py", "polars", "self", FILES),
)


def first(methods: list[Method]) -> Method:
    """The one that the numbers of the others are compared with."""
    return methods[0]
