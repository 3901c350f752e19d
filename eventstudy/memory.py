"""How much memory there is, and a refusal in words before an array is made that would not fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eventstudy.errors import SpecError


def foretold(size: float, what: str, instead: str) -> None:
    """SpecError, with the size and what to do `instead`, where `what` takes more bytes than there are.

    >>> foretold(8, "one number", "take none")
    """
    free = available_memory()
    if free is not None and size > free:
        raise SpecError(f"{what} take about {size / 1e9:,.1f} GB and {free / 1e9:,.1f} GB are free: {instead}")


def available_memory() -> int | None:
    """Bytes of memory that a new array could have, None where the system does not say.

    The least of what the machine has free, what the limits of this process leave (``ulimit -v``, ``-d``), and what its
    container may still take.
    """
    known = [free for free in (_of_machine(), *_of_process(), *_of_container()) if free is not None]
    return max(min(known), 0) if known else None


def _of_machine() -> int | None:
    """What is free without swapping; all there is where the system does not say what is free."""
    if (kilobytes := _number("/proc/meminfo", "MemAvailable:")) is not None:
        return kilobytes * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_process() -> Iterator[int]:
    """What the limits on addresses and on data leave of what this process has."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for name, used in (("RLIMIT_AS", "VmSize:"), ("RLIMIT_DATA", "VmData:")):
        limit = resource.getrlimit(getattr(resource, name))[0] if hasattr(resource, name) else resource.RLIM_INFINITY
        if limit != resource.RLIM_INFINITY:
            yield limit - (_number("/proc/self/status", used) or 0) * 1024


def _of_container(groups: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> Iterator[int]:
    """What the control groups of this process leave: version 2, and 1 where its files are there."""
    for line in _lines(groups):
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        base = root / "memory" if controllers else root
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        own = base / path.strip().lstrip("/")
        for folder in (own, *own.parents):  # each group is bounded by those above it
            limit, used = (_lines(folder / name) for name in names)
            if limit and used and limit[0].strip().isdigit():
                yield int(limit[0]) - int(used[0]) + (_number(folder / "memory.stat", "inactive_file") or 0)
            if folder == base:
                break


def _number(file: str | Path, name: str) -> int | None:
    """The number that follows `name` at the beginning of a line of a file, None without one."""
    found = (line.split() for line in _lines(file) if line.startswith(name))
    return next((int(words[1]) for words in found if words[0] == name), None)


def _lines(file: str | Path) -> list[str]:
    try:
        return Path(file).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
