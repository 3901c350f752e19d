"""Work side by side: compiled loops, and numpy's on large arrays, let other threads run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")

SERIAL = 20_000  # events below which threads cost more than they bring


def workers() -> int:
    """Threads to use: the processors this process may run on, or fewer where NUMBA_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("NUMBA_NUM_THREADS", "")
    return max(1, min(allowed, int(wanted))) if wanted.isdigit() else allowed


def side_by_side(function: Callable[[_T], _R], tasks: Sequence[_T], events: int) -> list[_R]:
    """`function` of each task, in their order; in threads where there are many `events`."""
    if events < SERIAL or min(workers(), len(tasks)) < 2:
        return [function(task) for task in tasks]
    with ThreadPoolExecutor(min(workers(), len(tasks))) as pool:
        return list(pool.map(function, tasks))
