"""Workload W1: the headline event from interpreter start to the last number, in fresh processes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SNAPSHOT = HERE.parent / "data" / "deepseek"
EVENT = ["2025-01-27", "^IXIC", "NVDA", "AVGO", "AMD", "TSM", "ASML", "MSFT", "GOOGL", "AAPL"]
LOOP = "statsmodels + pandas loop, 8 regressions"
EIGHT = "this package, the same 8 with all tests"
WHOLE = "this package, the whole study with its claims"
READ = "pandas imported and the study's tables read"
RUN = "this package, eventstudy run deepseek, to the finished page"
COMMANDS = {
    LOOP: [HERE / "cold_loop.py", SNAPSHOT / "prices.csv", *EVENT],
    EIGHT: [HERE / "cold_package.py", "eight", SNAPSHOT, *EVENT],
    WHOLE: [HERE / "cold_package.py", "whole", SNAPSHOT, *EVENT],
    READ: [HERE / "cold_read.py", SNAPSHOT],
    RUN: ["-m", "eventstudy", "run", "deepseek", "--out"],
}

Numbers = dict[str, dict[str, list[float]]]


def start(name: str) -> tuple[float, Numbers]:
    """Wall seconds of a fresh process, from start to exit, and the numbers that it printed."""
    command = [sys.executable, *map(str, COMMANDS[name])]
    with tempfile.TemporaryDirectory(prefix="eventstudy-bench-") as folder:
        begun = time.perf_counter()
        done = subprocess.run(
            [*command, folder] if name == RUN else command, capture_output=True, text=True, check=True
        )
        taken = time.perf_counter() - begun
    return taken, {} if name == RUN else json.loads(done.stdout)


def difference(a: Numbers, b: Numbers) -> float:
    """Largest |a - b| / max(|a|, 1e-3) over all numbers: relative, and absolute below a tenth of a per cent."""
    worst = 0.0
    for ticker, parts in a.items():
        for part, values in parts.items():
            x, y = np.array(values), np.array(b[ticker][part])
            worst = max(worst, float((np.abs(x - y) / np.maximum(np.abs(x), 1e-3)).max()))
    return worst


def once() -> dict[str, dict[str, float]]:
    """One round: seconds of each method, and how far its numbers are from the loop's."""
    out: dict[str, dict[str, float]] = {}
    reference: Numbers = {}
    for name in COMMANDS:
        seconds, numbers = start(name)
        reference = reference or numbers
        out[name] = {"seconds": seconds, "scale": 1.0, "peak": float("nan"), "first": float("nan")}
        out[name]["difference"] = difference(reference, numbers) if numbers else float("nan")
    return out
