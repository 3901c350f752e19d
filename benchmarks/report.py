"""The Markdown of results.md: the machine, a table a workload, and what was to be reached."""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from typing import Any

import cold
import environments
import grid
import machine
import rivals
from rivals import CALLED, NUMBA, NUMBA_CAR, NUMPY, NUMPY_CAR, PREFIX, RUN, RUN_FULL, RUN_TESTS

Records = dict[tuple[str, str], dict[int, dict[str, float]]]
_BASES = {"W1": (cold.LOOP, cold.READ), "GRID": (grid.LOOP,)}  # what the others are measured against
REMARKS = Path(__file__).resolve().parent / "remarks.md"


def seconds(records: Records, work: str, name: str) -> dict[int, float]:
    """Seconds by round, scaled to the whole workload."""
    return {turn: r["seconds"] * r["scale"] for turn, r in records.get((work, name), {}).items()}


def ratios(records: Records, work: str, name: str, base: str) -> list[float]:
    """Seconds of `name` over those of `base`, round by round."""
    own, other = seconds(records, work, name), seconds(records, work, base)
    return [own[turn] / other[turn] for turn in own if turn in other]


def figure(value: float) -> str:
    if value != value:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(values: list[float]) -> str:
    return " / ".join(figure(v) for v in (min(values), statistics.median(values), max(values))) if values else "-"


def clock(value: float) -> str:
    return f"{value * 1e3:.3g} ms" if value < 1.0 else f"{value:,.3g} s" if value < 600 else f"{value / 60:,.0f} min"


def report(works: list, bench: Any, found: machine.Machine, rounds: int, loads: tuple[float, float]) -> str:
    """The whole page."""
    lines = ["# Benchmarks", "", *_facts(bench, found, rounds, loads), ""]
    for work in works:
        lines += _table(work, bench)
    lines += _reached({w.name: w for w in works}, bench.records, found)
    if REMARKS.is_file() and len(works) > 5:
        lines += [REMARKS.read_text(encoding="utf-8").strip(), ""]
    lines += ["Written by `make bench`.", ""]
    return "\n".join(lines)


def _facts(bench: Any, found: machine.Machine, rounds: int, loads: tuple[float, float]) -> list[str]:
    window = "not measured, numba is not installed" if found.window is None else f"{found.window:.0f} ns"
    out = [
        f"{machine.processor()}, {os.cpu_count()} cores, {machine.memory():.0f} GB. One core reads "
        f"{found.one:.0f} GB/s, all together {found.all:.0f} GB/s; one 250-day window in the cache (mean, slope, "
        f"residual variance, compiled code): {window}.",
        "",
        f"This package: {machine.own_versions()}.",
    ]
    others = [
        environments.versions(name, path) if isinstance(path, Path) else f"{name}: {path}"
        for name, path in bench.interpreters.items()
        if name
    ]
    if others:
        out += ["Rivals, each in its own environment: " + "; ".join(others) + "."]
    out += [
        "",
        f"Rounds: {rounds}; every method of a round in a fresh process, in turn, ratios "
        "within the round; min / median / max. `~`: measured on a share "
        "of the events (or securities) and scaled. Reading "
        "the data and a first small call are outside the time; the first call has its own column. Memory is the peak "
        "above the data. `difference`: largest |a - b| / max(|a|, 0.001) of CARs and slopes, from our numpy engine.",
    ]
    if max(loads) > 2:
        out += [
            "",
            f"**The machine was not idle: {loads[0]:.1f} processes wanted its {os.cpu_count()} cores at the start and "
            f"{loads[1]:.1f} at the end (these measurements among them). Seconds are too long, and ratios scatter.**",
        ]
    return out


def _table(work: Any, bench: Any) -> list[str]:
    records = bench.records
    bases = _BASES.get(work.name) or (("this package, read_long",) if work.form else (NUMBA, NUMPY))
    heads = [f"its time over that of {base.removeprefix('this package, ')}" for base in bases]
    lines = [
        f"## {work.name}: {work.title}",
        "",
        f"| method | time | {' | '.join(heads)} | first call | peak memory, MB | difference |",
        "|---" * (5 + len(bases)) + "|",
    ]
    called = (RUN, RUN_TESTS, RUN_FULL)  # what a user calls stands first
    for (name, method), found in sorted(records.items(), key=lambda item: item[0][1] not in called):
        if name != work.name:
            continue
        rows = list(found.values())
        mark = "~" if rows[0]["scale"] > 1 else ""
        taken = list(seconds(records, name, method).values())
        cells = [method, mark + " / ".join(clock(f(taken)) for f in (min, statistics.median, max))]
        cells += [mark + spread(ratios(records, name, method, base)) for base in bases]
        first = statistics.median(r["first"] for r in rows)
        cells += ["-" if first != first else clock(first)]
        cells += [figure(round(max(r["peak"] for r in rows))) if rows[0]["peak"] == rows[0]["peak"] else "-"]
        worst = max(r["difference"] for r in rows)
        cells += ["-" if worst != worst else f"{worst:.0e}"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [""]
    lines += [f"* {method}: {why}." for (name, method), why in bench.refused.items() if name == work.name]
    return [*lines, ""] if lines[-1] else lines


# ---------------------------------------------------------------------------------------------------- to be reached
def _best(records: Records, work: str, kind: str) -> str | None:
    """The quickest rival of a kind by its median."""
    names = [m.name for m in rivals.ALL if m.kind == kind and (work, m.name) in records]
    return min(names, key=lambda n: statistics.median(seconds(records, work, n).values()), default=None)


def _line(what: str, wanted: float, values: list[float], at_most: bool = False) -> str:
    if not values:
        return f"| {what} | {wanted:g} | not measured | - |"
    middle = statistics.median(values)
    short = middle / wanted if at_most else wanted / middle
    verdict = "yes" if short <= 1.0 else f"no, by a factor of {short:.2f}"
    return f"| {what} | {'at most' if at_most else 'at least'} {wanted:g} | {spread(values)} | {verdict} |"


def _reached(works: dict[str, Any], records: Records, found: machine.Machine) -> list[str]:
    """Every line of what was to be reached, and whether it was."""
    lines = ["## To be reached", "", "| line | wanted | measured: min / median / max | reached |", "|---|---|---|---|"]
    for work in CALLED:
        rival = _best(records, work, "self")
        if rival and (work, RUN) in records:
            lines.append(_line(f"{work}, run_events against {rival}", 3.0, ratios(records, work, rival, RUN)))
        for called, kernel in ((RUN, NUMBA_CAR), (RUN_TESTS, NUMBA_CAR), (RUN_FULL, NUMBA)):
            if (work, called) in records and (work, kernel) in records:
                what = f"{work}, {called.removeprefix('this package, ')}, over {kernel.removeprefix('this package, ')}"
                lines.append(_line(what, 1.5, ratios(records, work, called, kernel), at_most=True))
    for work, base, wanted in (
        ("W3", NUMBA, 25.0),
        ("W3", NUMPY, 3.0),
        ("W5", NUMBA, 10.0),
        ("W5", NUMPY, 1.5),
        ("W5", NUMBA_CAR, 25.0),
        ("W5", NUMPY_CAR, 5.0),
    ):
        for kind in ("self", "extra"):
            rival = _best(records, work, kind)
            if rival and (work, base) in records:
                what = f"{work}, {base.removeprefix('this package, ')}, against {rival}"
                line = _line(what, wanted, ratios(records, work, rival, base))
                lines += [line if kind == "self" else _beside(line)]
    if found.window is not None and ("W3", NUMBA) in records:
        limit = found.limit(works["W3"])
        own = [taken / limit for taken in seconds(records, "W3", NUMBA).values()]
        lines += [_line(f"W3, numba, full, over the measured limit of {clock(limit)}", 6.0, own, at_most=True)]
    if ("F5", NUMBA) in records and ("W5", NUMBA) in records:
        one, five = seconds(records, "W5", NUMBA), seconds(records, "F5", NUMBA)
        lines += [_line("five factors over one, numba, full", 3.0, [five[t] / one[t] for t in five], at_most=True)]
    for work in ("W2", "W4", "W3", "W5"):
        rival = _best(records, work, "package")
        for base, wanted in ((NUMBA, 100.0), (NUMPY, 40.0)):
            if rival and (work, base) in records:
                what = f"{work}, {base.removeprefix('this package, ')}, against the {rival}"
                lines += [_line(what, wanted, ratios(records, work, rival, base))]
    if ("W1", cold.WHOLE) in records:
        lines += [_line("W1, whole study, against the loop", 1.5, ratios(records, "W1", cold.LOOP, cold.WHOLE))]
        lines += [
            _line("W1, run deepseek over pandas and its files", 2.5, ratios(records, "W1", cold.RUN, cold.READ), True)
        ]
    if ("GRID", grid.GRID) in records:
        cells = next(iter(records["GRID", grid.GRID].values()))["cells"]
        for name in (grid.GRID, grid.LOOP):
            taken = [cells / s for s in seconds(records, "GRID", name).values()]
            lines += [_beside(_line(f"GRID, cells a second, {name.removeprefix('this package, ')}", 1.0, taken))]
    if len(lines) == 4:
        return []
    return [
        *lines,
        "",
        f"The limit: every window on all cores, the panel and the results once through memory. {PREFIX} is not among "
        "the rivals asked for: it loses digits, spreads one absurd return over all later windows and knows no holes.",
        "",
    ]


def _beside(line: str) -> str:
    """The line of a rival that nobody asked for: how it does, without a verdict."""
    cells = line.strip("| ").split(" | ")
    return "| " + " | ".join([cells[0], "-", cells[2], "-"]) + " |"
