"""Fetch from a Yahoo on the loopback address and be killed before the n-th call that touches the disk.

``python killed.py SIGNAL ADDRESS FOLDER POINT...``: for each point a copy of FOLDER, ``FOLDER-POINT``, is fetched into
by a process of its own, which sends itself SIGNAL (``SIGKILL`` or ``SIGINT``) before its call number POINT. Prints as
JSON how many calls a whole fetch makes and, by point, by which signal the process ended (0: it came to its end).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import yfinance  # noqa: F401  (what takes long to load is loaded once, for all processes)
from loopback import session_to

import eventstudy.prices
from eventstudy.cli.fetch import fetch_snapshot
from eventstudy.prices.sessions import calendar
from eventstudy.prices.yahoo import yahoo
from eventstudy.study.study import load

CALLS = ("replace", "rename", "unlink", "remove", "rmdir", "mkdir", "fsync", "open", "close", "chmod", "scandir")
INTERRUPTED = 130


def fetch(folder: Path, address: str, kill_at: int | None, by: int) -> int:
    """Fetch into `folder` and return how many calls that made."""
    made = 0

    def counted(call):
        def counting(*args, **options):
            nonlocal made
            if made == kill_at:
                made += 1  # an interrupt comes once
                os.kill(os.getpid(), by)
            made += 1
            return call(*args, **options)

        return counting

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    with session_to(address) as session:
        card = replace(eventstudy.prices.YAHOO, read=lambda query: yahoo(query, session=session, between=0.0))
        eventstudy.prices.PROVIDERS["yahoo"] = card
        fetch_snapshot(str(folder), replaced=True)
    return made


def apart(folder: Path, address: str, kill_at: int | None, by: int = signal.SIGKILL) -> tuple[int, int]:
    """The same in a process of its own: the signal that ended it, and the calls made."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, str(fetch(folder, address, kill_at, by)).encode())
            status = 0
        except KeyboardInterrupt:
            status = INTERRUPTED
        finally:
            os._exit(status)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == INTERRUPTED:
        return signal.SIGINT, 0
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"the fetch failed at {kill_at}")
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), int(said or 0)


def main() -> None:
    by, address, base, *points = sys.argv[1:]
    folder = Path(base)
    calendar("XNYS", pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-28"))  # built once too
    load(folder)
    shutil.copytree(folder, whole := Path(f"{folder}-whole"))
    _, calls = apart(whole, address, None)
    ended = {}
    for point in range(calls + 1) if points == ["all"] else [round(calls * float(share)) for share in points]:
        shutil.copytree(folder, copy := Path(f"{folder}-{point}"))
        ended[point], _ = apart(copy, address, point, getattr(signal, by))
    print(json.dumps({"calls": calls, "ended": ended}))


if __name__ == "__main__":
    main()
