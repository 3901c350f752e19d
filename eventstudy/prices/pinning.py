"""Where a snapshot lies on the disk: a folder for each version, and one description that says which is in force.

::

    study/datapackage.json              the tables in force, with their hashes; replaced last, by one rename
    study/prices/20251231T210500Z/      a version: prices.csv, sessions.csv and a datapackage.json of its own

A version is written under another name, then renamed, and then the description is replaced: whenever that is
interrupted, the old snapshot is in force or the new one, and either is whole. A version that never came into force
still holds the description that was to be put in place (`_NEXT`); by it the next write knows and removes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from eventstudy.errors import SnapshotError
from eventstudy.files.folders import DESCRIPTION
from eventstudy.files.reading import inside, kind_of

VERSIONS = "prices"
_NEXT = "next-datapackage.json"
_WRITING = ".writing-"
_OURS = frozenset(("prices.csv", "sessions.csv", "actions.csv", DESCRIPTION, _NEXT))
"""All that a version may hold: a folder with anything else in it is not a leftover."""
_WAIT = 30.0
"""Seconds to wait for another fetch that is writing."""


def in_force(folder: Path) -> str | None:
    """sha256 of the description in force, None where there is none."""
    file = folder / DESCRIPTION
    return hashlib.sha256(file.read_bytes()).hexdigest() if kind_of(file) == "file" else None


def versions(folder: Path) -> list[Path]:
    """The folders of all versions that were ever in force, by name."""
    found = (path.parent for path in (folder / VERSIONS).glob(f"*/{DESCRIPTION}"))
    return sorted(path for path in found if not path.name.startswith(".") and not (path / _NEXT).exists())


def pin(
    folder: Path,
    moment: str,
    files: Callable[[str], tuple[Mapping[str, bytes], bytes]],
    *,
    replaces: str | None,
    older: tuple[str, Mapping[str, bytes]] | None = None,
) -> Path:
    """Write a version and put it in force.

    Parameters
    ----------
    moment : the version's name; where it is taken, a number is put behind it.
    files : the files of a version by name, and the description that is to be in force, for a version's path relative
        to `folder`.
    replaces : sha256 of the description that is replaced, None where there is none yet.
    older : moment and files of a snapshot that lies loose in the study's folder; it becomes a version of its own.

    Returns
    -------
    The version's folder.

    Raises
    ------
    SnapshotError : the folder cannot be written, another fetch is writing to it, or another snapshot came into force.
    """
    new = [path for path in (folder, *folder.parents) if kind_of(path) == "nothing"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            if in_force(folder) != replaces:
                raise SnapshotError(
                    f"{folder} is not written: another fetch has pinned a snapshot there meanwhile; look at it with "
                    "`eventstudy data show`, and fetch with --replace if it is to be replaced"
                )
            sweep(folder)
            place = inside(folder, VERSIONS)
            if kind_of(place) == "nothing":
                new.insert(0, place)
            place.mkdir(exist_ok=True)
            if older is not None:
                _keep(folder, place, *older)
            name = _free(place, moment)
            made, description = files(f"{VERSIONS}/{name}")
            _put(folder, place / name, {**made, _NEXT: description})
    except OSError as error:
        raise SnapshotError(
            f"{folder} cannot be written ({error.strerror or error}); choose a folder you may write to, with enough "
            "room. What was there is unchanged"
        ) from None
    finally:
        for path in new:  # only what is empty goes
            with contextlib.suppress(OSError):
                path.rmdir()
    return place / name


def _keep(folder: Path, place: Path, moment: str, files: Mapping[str, bytes]) -> None:
    """An older snapshot as a version; nothing is done where a version holds the same prices already."""
    for version in versions(folder):
        file = version / "prices.csv"
        if kind_of(file) == "file" and file.read_bytes() == files["prices.csv"]:
            return
    name = _free(place, moment)
    _write(place / f"{_WRITING}{name}", files)
    os.replace(place / f"{_WRITING}{name}", place / name)


def sweep(folder: Path) -> list[Path]:
    """Remove what writes that were killed left behind; the caller holds the lock, so that none is going on.

    Returns
    -------
    The folders removed.
    """
    place = folder / VERSIONS
    removed = [*_removed(folder), *_removed(place)]
    for marker in place.glob(f"*/{_NEXT}"):
        if not marker.parent.name.startswith("."):  # under its own name half of it would look like a version
            os.replace(marker.parent, place / f"{_WRITING}{marker.parent.name}")
    return [*removed, *_removed(place)]


def _removed(place: Path) -> list[Path]:
    left = [path for path in place.glob(f"{_WRITING}*") if _is_left_over(path)]
    for path in left:
        shutil.rmtree(path)
    return left


def _is_left_over(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and {entry.name for entry in path.iterdir()} <= _OURS


def _free(place: Path, moment: str) -> str:
    taken = {path.name for path in place.iterdir()}
    names = (moment if n == 1 else f"{moment}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _put(folder: Path, version: Path, files: Mapping[str, bytes]) -> None:
    """All files under another name, then two renames: the version, and the description that puts it in force."""
    room = version.parent / f"{_WRITING}{version.name}"
    try:
        _write(room, files)
        os.replace(room, version)
        _sync(version.parent)
        os.replace(version / _NEXT, folder / DESCRIPTION)
        _sync(folder)
    except BaseException:
        if kind_of(version / _NEXT) == "file":  # not in force
            os.replace(version, room)
        shutil.rmtree(room, ignore_errors=True)
        raise


def _write(room: Path, files: Mapping[str, bytes]) -> None:
    room.mkdir()
    try:
        for name, data in files.items():
            with (room / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _sync(room)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise


def _sync(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can do that."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """No other process writes a snapshot into `folder` meanwhile; the lock of a killed process is freed."""
    deadline = time.monotonic() + _WAIT
    while (handle := _lock(folder)) is None:
        if time.monotonic() > deadline:
            raise SnapshotError(f"{folder} is not written: another fetch is writing to it; wait until it has ended")
        time.sleep(0.05)
    try:
        yield
    finally:
        os.close(handle)


def _lock(folder: Path) -> int | None:
    """A handle that holds the lock until it is closed, None while another has it. No file is left by it."""
    if sys.platform == "win32":  # a folder cannot be locked there; the file goes with its handle
        try:
            return os.open(folder / ".fetch-lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return handle
