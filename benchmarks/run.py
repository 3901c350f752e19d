"""Time workload W1 in fresh processes and compare the numbers; prints a table and writes results.md beside this file.

Ratios, not milliseconds: every round starts one process of each method, in turn, and a ratio is taken within a round.

    python benchmarks/run.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SNAPSHOT = HERE.parent / "data" / "deepseek"
WORKLOAD = ["2025-01-27", "^IXIC", "NVDA", "AVGO", "AMD", "TSM", "ASML", "MSFT", "GOOGL", "AAPL"]
LOOP = "statsmodels + pandas loop, 8 regressions"
METHODS = {
    LOOP: [HERE / "statsmodels_loop.py", SNAPSHOT / "prices.csv", *WORKLOAD],
    "this package, the same 8 with all tests": [HERE / "package_study.py", "eight", SNAPSHOT, *WORKLOAD],
    "this package, the whole study with its claims": [HERE / "package_study.py", "whole", SNAPSHOT, *WORKLOAD],
}
TOLERANCE = 1e-10  # largest relative difference that counts as the same number

Numbers = dict[str, dict[str, list[float]]]


def cold(command: list[str | Path]) -> tuple[float, Numbers]:
    """Wall seconds of a fresh process, from start to exit, and the numbers that it printed."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=True)
    return time.perf_counter() - start, json.loads(done.stdout)


def difference(a: Numbers, b: Numbers) -> float:
    """Largest |a - b| / max(|a|, 1e-3) over all numbers: relative, and absolute below a tenth of a per cent."""
    worst = 0.0
    for ticker, parts in a.items():
        for part, values in parts.items():
            x, y = np.array(values), np.array(b[ticker][part])
            worst = max(worst, float((np.abs(x - y) / np.maximum(np.abs(x), 1e-3)).max()))
    return worst


def bandwidth() -> float:
    """Bytes a second, in 1e9, that one core reads in summing 256 MB of float64; the best of five."""
    array = np.ones(32_000_000)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        array.sum()
        times.append(time.perf_counter() - start)
    return array.nbytes / min(times) / 1e9


def spread(values: list[float]) -> str:
    return f"{min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f}"


def measure(rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of each method in each round, and the largest difference of its numbers from the loop's."""
    for command in METHODS.values():
        cold(command)  # once unmeasured, so that files and byte code are in the cache for all alike
    seconds: dict[str, list[float]] = {name: [] for name in METHODS}
    worst = dict.fromkeys(METHODS, 0.0)
    for turn in range(rounds):
        reference: Numbers = {}
        for name, command in METHODS.items():
            taken, numbers = cold(command)
            reference = numbers if name == LOOP else reference
            seconds[name].append(taken)
            worst[name] = max(worst[name], difference(reference, numbers))
        print(f"round {turn + 1} of {rounds}", file=sys.stderr)
    return seconds, worst


def report(seconds: dict[str, list[float]], worst: dict[str, float], rounds: int) -> str:
    """The table as Markdown."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "statsmodels"))
    lines = [
        "# W1: one event, eight securities, cold",
        "",
        f"{rounds} rounds, a fresh process each; min / median / max. Python {platform.python_version()}, {packages};",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, one core reads {bandwidth():.0f} GB/s.",
        "",
        "| method | seconds | loop's seconds over this one's | largest difference from the loop |",
        "|---|---|---|---|",
    ]
    for name, taken in seconds.items():
        ratios = [base / own for base, own in zip(seconds[LOOP], taken, strict=True)]
        lines.append(f"| {name} | {spread(taken)} | {spread(ratios)} | {worst[name]:.0e} |")
    return "\n".join([*lines, "", "Written by `make bench`.", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=HERE / "results.md")
    arguments = parser.parse_args()
    seconds, worst = measure(arguments.rounds)
    text = report(seconds, worst, arguments.rounds)
    print(text)
    arguments.out.write_text(text, encoding="utf-8")
    wrong = [name for name, value in worst.items() if not value <= TOLERANCE]
    if wrong:
        print(f"the numbers of {wrong} differ from the loop's by more than {TOLERANCE:g}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
