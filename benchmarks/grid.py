"""Workload GRID: every specification of the bundled study's grid in one pass, beside a loop over `Study`.

    python benchmarks/grid.py      # cells a second of both, and how far their CARs are apart

The loop runs a share of the cells, drawn with a seed, each as a study of its own with one test, and is scaled.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

GRID = "this package, the grid in one pass"
LOOP = "this package, a loop over Study"
LOOPED = 12  # cells that the loop runs
DAY = "2025-01-27"


def once() -> dict[str, dict[str, float]]:
    """One round, in a fresh process: seconds of the whole grid by both ways."""
    done = subprocess.run([sys.executable, str(Path(__file__))], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    none = {"peak": float("nan"), "first": float("nan")}
    return {
        GRID: {"seconds": found["grid"], "scale": 1.0, "difference": 0.0, "cells": found["cells"], **none},
        LOOP: {
            "seconds": found["loop"],
            "scale": found["cells"] / found["looped"],
            "difference": found["difference"],
            "cells": found["cells"],
            **none,
        },
    }


def main() -> None:
    import eventstudy as es
    from eventstudy.study.sensitivity import sensitivity

    result = es.load("deepseek").run()
    begun = time.perf_counter()
    part = max(sensitivity(result).parts, key=lambda part: len(part.cells))
    taken = time.perf_counter() - begun
    securities = [name for name in part.subjects if name not in part.members]
    held = {None, *result.prices.tickers}  # an index without its members is made by the study
    able = [row for row, cell in enumerate(part.cells) if cell.benchmark in held]
    rows = np.random.default_rng(20250127).choice(able, LOOPED, replace=False)
    worst, looped = 0.0, 0.0
    zero = [str(window) for window in part.windows].index("[0, 0]")
    for row in rows.tolist():
        cell = part.cells[row]
        begun = time.perf_counter()
        study = es.Study(
            prices="deepseek",
            events=DAY,
            tickers=securities,
            benchmark=cell.benchmark,
            model=cell.model,
            estimation=(cell.window.start, cell.window.end),
            returns=cell.returns,
            windows=[(0, 0)],
            tests=["t"],
            sensitivity="off",
        )
        found = study.run()
        looped += time.perf_counter() - begun
        for name in securities:
            own, other = part.car[row, part.subjects.index(name), zero], found.car(name, (0, 0))
            if np.isfinite(own) or np.isfinite(other):
                worst = max(worst, abs(own - other) / max(abs(own), 1e-3))
    answer = {"grid": taken, "loop": looped, "looped": LOOPED, "cells": len(part.cells), "difference": worst}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
