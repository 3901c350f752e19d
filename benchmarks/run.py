"""Time every method on every workload in fresh processes, compare the numbers, write results.md beside this file.

Ratios, not milliseconds: a round starts one process of each method, in turn, and a ratio is taken within a round.

    python benchmarks/run.py [--quick] [--only W3 W5] [--ours] [--rounds 3] [--minutes 12]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cold
import environments
import grid
import machine
import numpy as np
import rivals
import workloads
from report import Records, report
from rivals import Method

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-10  # largest relative difference that counts as the same number
PATIENCE = 180  # seconds that one process may take
WHOLES = {"W1": cold.once, "GRID": grid.once}  # workloads that start their processes themselves


@dataclass(slots=True)
class Bench:
    """One run: where its files are, what there is to run with, and what was found."""

    folder: Path
    interpreters: dict[str, Path | str]
    records: Records = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)

    def keep(self, work: str, method: str, turn: int, found: dict[str, float]) -> None:
        self.records.setdefault((work, method), {})[turn] = found


def command(bench: Bench, method: Method, work: workloads.Workload, out: Path) -> list[str]:
    """The line that runs `method` once."""
    folder = bench.folder / work.name
    binary = str(bench.interpreters[method.environment])
    if method.environment == "R":
        rows = np.linspace(0, work.events - 1, min(method.limit, work.events)).astype(np.int32)
        np.save(bench.folder / "rows.npy", rows)
        return [binary, str(method.path), str(folder), str(out), "", str(bench.folder / "rows.npy")]
    return [binary, str(HERE / "worker.py"), str(method.path), str(folder), str(out), method.variant, str(method.limit)]


def _surroundings(method: Method) -> dict[str, str]:
    """The variables of this process; a rival's own environment must not see this package, one has its name."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH" or not method.environment}


def once(bench: Bench, method: Method, work: workloads.Workload) -> dict | str:
    """What one fresh process of `method` gives, or why it gives nothing."""
    out = bench.folder / "out.npz"
    out.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            command(bench, method, work, out),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=bench.folder,
            env=_surroundings(method),
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {PATIENCE} s"
    if done.returncode or not out.is_file():
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return lines[-1][:160]
    if method.environment != "R":
        with np.load(out) as file:
            return dict(file)
    raw, rows = np.fromfile(out), np.load(bench.folder / "rows.npy")
    car, beta = np.split(raw[3:], 2)
    found = {"rows": rows, "car": car, "beta": beta, "scale": work.events / len(rows)}
    return found | dict(zip(("seconds", "first", "peak"), raw[:3], strict=True))


def difference(reference: dict, found: dict) -> float:
    """Largest |a - b| / max(|a|, 1e-3) over CARs and betas; infinite where one has a number and the other none."""
    worst = 0.0
    for name in ("car", "beta"):
        if name not in reference or name not in found:
            continue
        a, b = reference[name], found[name]
        if len(a) != len(b):
            if len(found["rows"]) != len(b):
                continue  # placebo events anew: the first studies only, compared by `_placebos`
            a = a[found["rows"]]
        both = np.isfinite(a)
        if not np.array_equal(both, np.isfinite(b)):
            return float("inf")
        worst = max(worst, float((np.abs(a - b) / np.maximum(np.abs(a), 1e-3))[both].max(initial=0.0)))
    return worst


def compared(work: workloads.Workload, reference: dict, found: dict, draws: np.ndarray | None) -> float:
    """Difference from the reference; of placebo studies the mean CARs, of a subset of the grid the CARs themselves."""
    if draws is None:
        return difference(reference, found)
    whole, part = reference["car"], found["car"]
    if len(part) <= len(whole) and len(part) != len(found["rows"]):
        whole = whole[: len(part)]
        return float((np.abs(whole - part) / np.maximum(np.abs(whole), 1e-3)).max())
    return float("nan")  # a rival's share of the grid: its numbers are compared on the other workloads


def turn_of(bench: Bench, work: workloads.Workload, methods: list[Method], turn: int) -> None:
    """One round of one workload: every method once, in turn."""
    if work.name in WHOLES:
        for name, found in WHOLES[work.name]().items():
            bench.keep(work.name, name, turn, found)
            print(f"{work.name} {turn + 1} {name}: {found['seconds'] * found['scale']:.4g} s", file=sys.stderr)
        return
    if not (bench.folder / work.name).exists():
        workloads.write(work, bench.folder / work.name)
    file = bench.folder / work.name / "draws.npy"
    draws = np.load(file) if file.exists() else None
    reference: dict | None = None
    for method in methods:
        why = dict(method.cannot).get(work.name) or bench.refused.get((work.name, method.name))
        binary = bench.interpreters.get(method.environment, "")
        why = why or (binary if isinstance(binary, str) else None)
        found = why or once(bench, method, work)
        if isinstance(found, str):
            bench.refused[work.name, method.name] = found
            print(f"{work.name} {method.name}: {found}", file=sys.stderr)
            continue
        reference = found if reference is None else reference
        row = {name: float(found[name]) for name in ("seconds", "scale", "first", "peak")}
        row["difference"] = compared(work, reference, found, draws)
        bench.keep(work.name, method.name, turn, row)
        print(f"{work.name} {turn + 1} {method.name}: {row['seconds'] * row['scale']:.4g} s", file=sys.stderr)


def run(works: list[workloads.Workload], arguments: argparse.Namespace) -> tuple[Bench, machine.Machine, int]:
    """All rounds that the time allows, at least one; each is as long as the first."""
    rounds, minutes = arguments.rounds or (2 if arguments.quick else 5), arguments.minutes
    able = [m for m in rivals.ALL if not arguments.ours or not m.environment]
    needed = {m.environment for m in able if any(w.name in m.workloads for w in works)}
    with tempfile.TemporaryDirectory(prefix="eventstudy-bench-") as folder:
        bench = Bench(Path(folder), {name: environments.python(name) for name in sorted(needed)})
        found = machine.measured(arguments.quick)
        if any(w.name == "W1" for w in works):
            cold.once()  # once unmeasured, so that files and byte code are in the cache for all alike
        start, done, longest = time.perf_counter(), 0, 0.0
        for turn in range(rounds):
            begun = time.perf_counter()
            if turn and begun - start + longest > 60 * minutes:
                break
            for work in works:
                if time.perf_counter() - start > 60 * minutes:
                    if not turn:
                        bench.refused[work.name, "every method"] = f"not begun, {minutes:g} minutes were over"
                    continue
                turn_of(bench, work, [m for m in able if work.name in m.workloads], turn)
            longest = max(longest, time.perf_counter() - begun)
            done = turn + 1
    return bench, found, done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small workloads, two rounds")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="W1 GRID W2 W4 W6 W3 W5 F5 M5 PL CSV PARQUET")
    parser.add_argument("--ours", action="store_true", help="only what runs in this environment: nothing is installed")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--minutes", type=float, default=12.0, help="no round is begun that would end later")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    first = workloads.Workload("W1", "the headline event, eight securities, cold", 8, 0, 8)
    cells = workloads.Workload("GRID", "the sensitivity grid of the bundled study, one pass or cell by cell", 0, 0, 0)
    works = [first, cells, *(workloads.smaller(w) if arguments.quick else w for w in workloads.ALL)]
    names = [w.name for w in works]
    if wrong := sorted(set(arguments.only or ()) - set(names)):
        parser.error(f"no workload {', '.join(wrong)}; there are {' '.join(names)}")
    works = [w for w in works if not arguments.only or w.name in arguments.only]
    load = machine.load()
    bench, found, rounds = run(works, arguments)
    loads = load, machine.load()
    text = report(works, bench, found, rounds, loads)
    print(text)
    target = arguments.out or (None if arguments.quick or arguments.only else HERE / "results.md")
    if target is not None:
        target.write_text(text, encoding="utf-8")
    wrong = wrong_numbers(bench)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def wrong_numbers(bench: Bench) -> list[str]:
    """Numbers of this package that are not those of its numpy engine, or of statsmodels: a failure of the run."""
    out = []
    for (work, name), rounds in bench.records.items():
        worst = max(r["difference"] for r in rounds.values())
        if worst > TOLERANCE and (name.startswith("this package") or name == "statsmodels loop"):
            out.append(f"{work}: the numbers of {name} differ by {worst:.0e}, more than {TOLERANCE:g}")
    return out


if __name__ == "__main__":
    sys.exit(main())
