"""What this machine is and can do: facts without a date, its memory bandwidth, and the time of one window in cache."""

from __future__ import annotations

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from workloads import Workload

WINDOWS = 200_000
OUTPUTS = (2 + 3 + 21 + 21 + 4) * 8  # bytes written of a full event: params, sigma, nu, R^2, AR, SAR, CAR, SCAR, signs


@dataclass(frozen=True, slots=True)
class Machine:
    """GB/s that one core and all cores read, and nanoseconds of one 250-day window (None without numba)."""

    one: float
    all: float
    window: float | None

    def limit(self, work: Workload) -> float:
        """Seconds below which no full run can be: its windows on all cores, panel and outputs once through memory."""
        cores = os.cpu_count() or 1
        moved = 8 * work.securities * work.sessions + OUTPUTS * work.events
        return work.events * (self.window or 0.0) * 1e-9 / cores + moved / (self.all * 1e9)


def measured(quick: bool = False) -> Machine:
    """Measure this machine, the best of some tries each: what it can do, not what others left of it."""
    arrays = [np.ones(8_000_000 if quick else 32_000_000) for _ in range(os.cpu_count() or 1)]
    size = arrays[0].nbytes
    with ThreadPoolExecutor(len(arrays)) as pool:
        one = min(_timed(lambda: arrays[0].sum()) for _ in range(7))
        every = min(_timed(lambda: list(pool.map(np.sum, arrays))) for _ in range(7))
    return Machine(size / one / 1e9, size * len(arrays) / every / 1e9, _window())


def _timed(what) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def _window() -> float | None:
    """Nanoseconds of the slope and the residual variance of 250 days that are in the cache, by two passes."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(fastmath=True)
    def windows(y, x, times):
        total = 0.0
        for i in range(times):
            shift = i % 500
            mean = 0.0
            for j in range(250):
                mean += y[shift + j]
            mean /= 250.0
            xy = yy = 0.0
            for j in range(250):
                deviation = y[shift + j] - mean
                xy += deviation * x[j]
                yy += deviation * deviation
            total += yy - xy * xy
        return total

    rng = np.random.default_rng(0)
    y, x = rng.normal(size=1_000), rng.normal(size=250)
    windows(y, x, 1)
    return min(_timed(lambda: windows(y, x, WINDOWS)) for _ in range(5)) / WINDOWS * 1e9


def load() -> float:
    """Processes that wanted a core in the last minute."""
    return os.getloadavg()[0]


def processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def memory() -> float:
    """Gigabytes of memory."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (AttributeError, ValueError, OSError):
        return float("nan")


def own_versions() -> str:
    """Versions of what this package ran on."""
    out = []
    for name in ("numpy", "pandas", "numba", "pyarrow", "scipy", "statsmodels"):
        try:
            out.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            out.append(f"{name} not installed")
    return f"Python {platform.python_version()}, " + ", ".join(out)
