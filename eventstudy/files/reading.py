"""Look at what a path names before it is opened: only an ordinary file of a sane size is read.

A study may come from a stranger. A path that stands *in a file* (study.yaml, a data package) has to stay inside the
folder of that file, also by way of links. A path that a user gives on the command line or in Python is the user's own
and may lead anywhere.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from eventstudy.errors import SpecError, shortened

LARGEST = 4 * 2**30
"""Bytes of the largest table that is read: what comes out of it has to fit into memory beside it."""


def kind_of(path: Path | str) -> Literal["file", "folder", "nothing", "other"]:
    """What stands at `path`, links followed: an ordinary file, a folder, nothing, or another thing (a device, a pipe).

    Raises
    ------
    SpecError : no system could have such a path (a NUL in it, too long), or its folder may not be entered.

    Examples
    --------
    >>> kind_of("/nowhere/at/all")
    'nothing'
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    except OSError as error:
        raise SpecError(f"{shortened(str(path))} cannot be looked at: {error.strerror or error}") from None
    except ValueError as error:  # a NUL, or half a character
        raise SpecError(f"{shortened(repr(str(path)))} is not a path: {error}") from None
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def read_bytes(path: Path | str, limit: int = LARGEST) -> bytes:
    """The bytes of an ordinary file.

    Raises
    ------
    SpecError : there is none, it is a folder, a device or a pipe, it is larger than `limit` bytes, or may not be read.
    """
    check_file(path, limit)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror or error}", file=path) from None


def check_file(path: Path | str, limit: int = LARGEST) -> None:
    """Refuse whatever is not an ordinary file of at most `limit` bytes.

    Raises
    ------
    SpecError : there is none, it is a folder, a device or a pipe, or it is larger than `limit` bytes.
    """
    kind = kind_of(path)
    if kind == "nothing":
        raise SpecError("no such file", file=path)
    if kind == "folder":
        raise SpecError("a folder, where a file is due", file=path)
    if kind == "other":
        raise SpecError("not an ordinary file but a device, a pipe or a socket, which may never end", file=path)
    size = os.stat(path).st_size
    if size > limit:
        raise SpecError(f"the file has {size:,} bytes; at most {limit:,} are read. Split or shorten it", file=path)


def inside(folder: Path, name: str) -> Path:
    """The path of `name` within `folder`, for a name that stands in a file of that folder.

    Raises
    ------
    SpecError : the name leads outside the folder: it is absolute, has ``..`` or is a link to elsewhere.
    """
    path = folder / name
    kind_of(path)  # refuses what is not a path
    if os.path.isabs(name) or not path.resolve().is_relative_to(folder.resolve()):
        raise SpecError(
            f"{shortened(repr(name))} leads outside the folder {folder}: it may only name files beside it or below. "
            "Copy what is needed into the folder"
        )
    return path
