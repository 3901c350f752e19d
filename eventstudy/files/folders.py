"""Where studies live: the bundled ones, and a user's own folders. Reads no prices and loads nothing heavy."""

from __future__ import annotations

import contextlib
import csv
import json
import re
from io import StringIO
from pathlib import Path

from eventstudy.errors import SpecError, UnknownNameError, did_you_mean, shortened
from eventstudy.files.reading import inside, kind_of, read_bytes

DESCRIPTION = "datapackage.json"
LARGEST_DESCRIPTION = 4 * 2**20
_PACKAGE = Path(__file__).resolve().parents[1]


def bundled(name: str) -> Path:
    """The folder of a bundled study: ``data/<name>`` of the checkout, else the copy packed into the wheel.

    The checkout wins, since an editable installation can leave a stale copy behind.

    Raises
    ------
    UnknownNameError : no such study; lists those there are.
    """
    known = bundled_names()
    if name not in known:
        raise UnknownNameError("bundled study", name, known)
    return _data_root() / name


def bundled_names() -> list[str]:
    """The names of the bundled studies: the folders with a ``study.yaml``."""
    return sorted(entry.parent.name for entry in _data_root().glob("*/study.yaml"))


def bundled_snapshots() -> list[str]:
    """The names of the bundled studies that hold prices of their own; the others name one of these in ``prices:``."""
    return [name for name in bundled_names() if (_data_root() / name / DESCRIPTION).is_file()]


def prices_file(folder: Path) -> Path:
    """The price file of a study's folder: the one that its description names, else ``prices.csv``."""
    with contextlib.suppress(SpecError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        tables = json.loads(read_bytes(folder / DESCRIPTION, LARGEST_DESCRIPTION))["resources"]
        for table in tables:
            if table["name"] == "prices":
                return inside(folder, table["path"])
    return folder / "prices.csv"


OF_A_STUDY = ("study.yaml", DESCRIPTION)  # either makes a folder one of a study, or of its data


def study_folder(study: str | Path) -> Path:
    """The folder of a bundled study, or the user's own, also by the path of its ``study.yaml``.

    A folder that happens to have a bundled study's name, such as one of reports, and holds no study does not hide it.

    Raises
    ------
    SpecError : a path at which there is no folder; UnknownNameError for a name that is not bundled.
    """
    path = Path(study)
    kind = kind_of(path)
    if kind == "folder" and (str(study) not in bundled_names() or any((path / name).exists() for name in OF_A_STUDY)):
        return path
    if path.name == "study.yaml" and kind == "file":
        return path.parent
    if path.suffix or "/" in str(study) or "\\" in str(study):
        raise SpecError(f"no study folder at {path}; a study is a folder with study.yaml, or a bundled name")
    near = _beside(str(study))
    if near:
        raise UnknownNameError("study", str(study), [*near, *bundled_names()])
    return bundled(str(study))


def _beside(name: str) -> list[str]:
    """The study folders of the working directory, where one is called nearly so; no bundled study is."""
    if name in bundled_names():
        return []
    with contextlib.suppress(OSError):
        held = sorted(path.parent.name for path in Path().glob("*/study.yaml"))
        return held if did_you_mean(name, held) else []
    return []


def data_folder(study: str | Path) -> Path:
    """The folder of the snapshot that a study reads: its own, or that of the bundled study named in its ``prices``.

    Raises
    ------
    SpecError : a path at which there is no folder; UnknownNameError for a name that is not bundled.
    """
    from eventstudy.files.yamlfile import read_yaml

    folder = study_folder(study)
    if (folder / DESCRIPTION).is_file() or not (folder / "study.yaml").is_file():
        return folder
    shared = read_yaml(folder / "study.yaml").data.get("prices")
    return bundled(shared) if shared in bundled_snapshots() else folder


def check_name(name: str, what: str) -> None:
    """Refuse a name that cannot stand in a file's name on every system: it becomes the name of a folder of reports.

    Raises
    ------
    SpecError : other characters than letters, digits, ``.``, ``_`` and ``-``, or ``..`` in it.
    """
    if not _NAME.fullmatch(name) or ".." in name:
        raise SpecError(
            f"{what} is a plain name of letters, digits, points, hyphens and underscores, such as my-study, "
            f"got {shortened(repr(name))}"
        )


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def tickers_in(file: Path) -> tuple[str, ...]:
    """The series of a long price file with a column ``ticker``, in the order they come; () where it has none."""
    if kind_of(file) != "file":
        return ()
    with file.open(encoding="utf-8", newline="") as opened:
        header = next(csv.reader(opened), [])
        body = opened.read()
    if "ticker" not in header:
        return ()
    at = header.index("ticker")
    if '"' in body:
        return tuple(dict.fromkeys(row[at] for row in csv.reader(StringIO(body, newline="")) if len(row) > at))
    lines = body.replace("\r\n", "\n").split("\n")  # no quotes: a comma parts cells wherever it stands
    return tuple(dict.fromkeys([line.split(",", at + 1)[at] for line in lines if line and line.count(",") >= at]))


def _data_root() -> Path:
    project = _PACKAGE.parent / "pyproject.toml"
    if project.is_file() and 'name = "eventstudy-claims"' in project.read_text(encoding="utf-8"):
        return _PACKAGE.parent / "data"
    return _PACKAGE / "_data"
