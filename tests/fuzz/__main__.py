"""``python -m fuzz --count 100000 --seed 1``: many inputs in child processes with bounded memory.

A child that dies (a crash, no memory, no end) is a fault of the input it was at; another goes on behind it.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from fuzz.trial import Fault, tried

MEMORY = 4 * 2**30
SILENCE = 120.0
"""Seconds without a word after which a child is stopped."""
BATCH = 2000


def main() -> int:
    """Try the inputs, print each kind of fault once with the way to see it again; 1 where there are any."""
    options = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    options.add_argument("--count", type=int, default=100_000, help="inputs to try")
    options.add_argument("--seed", type=int, default=1, help="seed of all of them")
    options.add_argument("--first", type=int, default=0, help="number of the first input")
    options.add_argument("--only", help="one target of fuzz/targets.py")
    options.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--show", action="store_true", help="with --first: raise what that input raises")
    given = options.parse_args()
    if given.show:
        return _show(given.seed, given.first, given.only)
    if given.child:
        _child(given.seed, given.first, given.count, given.only)
        return 0
    faults, start = [], time.monotonic()
    at, end = given.first, given.first + given.count
    while at < end:
        at, found = _batch(given.seed, at, min(BATCH, end - at), given.only)
        faults += found
        print(f"{at - given.first} inputs, {len(faults)} faults, {time.monotonic() - start:.0f} s", flush=True)
    return _report(faults)


def _batch(seed: int, first: int, count: int, only: str | None) -> tuple[int, list[Fault]]:
    """Inputs tried by one child: the number after the last one tried, and the faults."""
    command = [
        sys.executable,
        "-m",
        "fuzz",
        "--child",
        "--seed",
        str(seed),
        "--first",
        str(first),
        "--count",
        str(count),
    ]
    with subprocess.Popen([*command, *(["--only", only] if only else [])], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        at, faults = first, []
        timer = _Watch(child)
        for line in child.stdout:
            timer.heard()
            kind, number, *rest = line.rstrip("\n").split("\t")
            if kind == "at":
                at = int(number)
            elif kind == "fault":
                faults.append(Fault(seed, int(number), *rest))
            elif kind == "done":
                timer.stop()
                return first + count, faults
        timer.stop()
        died = child.wait()
    faults.append(Fault(seed, at, only or "any", "the process", f"died with {died}"))
    return at + 1, faults


class _Watch:
    """Stops a child that has been silent for too long."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        from threading import Event, Thread

        self.child, self.last, self.over = child, time.monotonic(), Event()
        Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.over.wait(1):
            if time.monotonic() - self.last > SILENCE:
                self.child.kill()

    def heard(self) -> None:
        self.last = time.monotonic()

    def stop(self) -> None:
        self.over.set()


def _child(seed: int, first: int, count: int, only: str | None) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    words = sys.stdout
    sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115, nothing that is tried may speak here
    for number in range(first, first + count):
        print("at", number, sep="\t", file=words, flush=True)
        fault = tried(seed, number, only)
        if fault is not None:
            said = " ".join(fault.what.split())
            print("fault", number, fault.target, fault.where, said, sep="\t", file=words, flush=True)
    print("done", count, sep="\t", file=words, flush=True)


def _show(seed: int, number: int, only: str | None) -> int:
    import tempfile

    from fuzz.targets import TARGETS
    from fuzz.trial import drawn

    rng, target = drawn(seed, number, only)
    TARGETS[target][0](rng, Path(tempfile.mkdtemp()))
    return 0


def _report(faults: list[Fault]) -> int:
    kinds = Counter(fault.kind for fault in faults)
    shown = {fault.kind: fault for fault in reversed(faults)}
    for kind, count in kinds.most_common():
        fault = shown[kind]
        print(f"{count:6} x {fault.where}: {fault.what}")
        print(f"         again: python -m fuzz --show --seed {fault.seed} --first {fault.number}  ({fault.target})")
    print("no fault" if not faults else f"{len(faults)} faults of {len(kinds)} kinds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
