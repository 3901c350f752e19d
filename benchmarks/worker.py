"""Run one method on one workload in this process, whichever environment that is: needs numpy and the method's own.

    python worker.py methods/ours.py <folder of the workload> <out.npz> <variant> <limit>

A method has ``UNIT`` ("event" or "security": what a limit counts), ``prepare(data, variant)`` outside the timing and
``run(state, variant)`` inside it, which returns ``car`` and perhaps ``beta``. It is called once on a few events first.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

WARM = 8  # events of the first, unmeasured call
LONG = 0.3  # seconds: what takes less is repeated, at most MOST times, and the median is taken
MOST = 7


def read(folder: Path) -> dict:
    """The arrays of the workload, fully in memory."""
    data = {file.stem: np.load(file) for file in folder.glob("*.npy")}
    return {"folder": folder, "work": json.loads((folder / "workload.json").read_text()), **data}


def limited(data: dict, unit: str, limit: int) -> tuple[dict, float, np.ndarray]:
    """The events of a subset, by how much to scale its time, and its rows; limit 0 is everything."""
    if "day" not in data:
        return data, 1.0, np.empty(0, np.int64)
    security = data["security"]
    n = len(security)
    if limit == 0 or limit >= (n if unit == "event" else len(np.unique(security))):
        return data, 1.0, np.arange(n)
    if unit == "event":
        rows = np.linspace(0, n - 1, limit).astype(np.int64)
        scale = n / len(rows)
    else:
        used = np.unique(security)
        rows = np.flatnonzero(np.isin(security, used[:limit]))
        scale = len(used) / limit
    part = {**data, "security": security[rows], "day": data["day"][rows]}
    part.pop("draws", None)
    return part, scale, rows


def resident(field: str) -> float:
    """Megabytes of this process by Linux's own account; NaN elsewhere."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return float("nan")


def once(method, state, data: dict, variant: str) -> tuple[float, dict]:
    start = time.perf_counter()
    out = method.run(state, variant)
    if "draws" in data and not variant.endswith("anew") and len(out["car"]) != len(data["draws"]):
        out = {"car": means(out["car"], data["draws"])}
    return time.perf_counter() - start, out


def means(car: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Mean CAR of each placebo study, by indexing the grid; some studies at a time, to stay in cache."""
    car = np.ascontiguousarray(car)
    return np.concatenate([car[draws[i : i + 100]].mean(axis=1) for i in range(0, len(draws), 100)])


def main(path: str, folder: str, out: str, variant: str, limit: str) -> None:
    spec = importlib.util.spec_from_file_location("method", path)
    method = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(method)
    data = read(Path(folder))
    data, scale, rows = limited(data, method.UNIT, int(limit))
    start = time.perf_counter()
    if "day" in data:
        few = {**data, "security": data["security"][:WARM], "day": data["day"][:WARM]}
        few.pop("draws", None)
        # A rolling method rolls over whole panels: its warm-up gets the securities of the first events alone.
        few["returns"], few["security"] = data["returns"][few["security"]], np.arange(len(few["day"]), dtype=np.int32)
        method.run(method.prepare(few, variant), variant)
    first = time.perf_counter() - start
    state = method.prepare(data, variant)
    before = resident("VmRSS")
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    taken, found = once(method, state, data, variant)
    peak = resident("VmHWM") - before
    times = [taken]
    while sum(times) < LONG and len(times) < MOST:
        times.append(once(method, state, data, variant)[0])
    scale = scale * found.pop("scale", 1.0)
    numbers = {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
    np.savez(out, rows=rows, seconds=statistics.median(times), scale=scale, first=first, peak=peak, **numbers)


if __name__ == "__main__":
    main(*sys.argv[1:])
