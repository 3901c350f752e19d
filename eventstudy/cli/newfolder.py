"""The folder of a new study: how it comes to be, whole or not at all; `newtext` has the words of its files."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eventstudy.cli.fetch import Fetched, fetch_snapshot
from eventstudy.cli.newtext import Plan, claims_text, nested, readme_text, study_text
from eventstudy.errors import EventStudyError, SpecError, shortened
from eventstudy.files.dates import moment
from eventstudy.files.eventtable import event_table
from eventstudy.files.folders import bundled_names, check_name
from eventstudy.files.reading import kind_of
from eventstudy.files.yamlfile import read_value
from eventstudy.objects.prices import PriceFile
from eventstudy.objects.verdicts import Direction
from eventstudy.prices.source import price_file
from eventstudy.study.study import Study, load

_OWN = ("id", "schema_version", "groups", "tickers", "benchmarks")
"""Keys of study.yaml that the command line itself says."""
_FILES = ("prices", "returns", "events")
"""Keys of study.yaml that name a file; those below them say how it is written."""


@dataclass(frozen=True, slots=True)
class Made:
    """The ``folder``, and what ``fetched`` pinned in it; None where there are no prices yet, or returns."""

    folder: Path
    fetched: Fetched | None


def make(plan: Plan, parent: Path) -> Made:
    """Write the folder ``parent/NAME``: it is built under another name and renamed when all of it is read and right.

    Raises
    ------
    SpecError : a wrong name, date or file, a folder that is there already, or one that cannot be written.
    EventStudyError : what reading the study, or its prices, refuses.
    """
    check_name(plan.name, "the name of a study")
    if plan.name in bundled_names():
        raise SpecError(f"{plan.name!r} is the name of a bundled study; choose another")
    folder = parent / plan.name
    if kind_of(folder) != "nothing":
        raise SpecError(f"{folder} is there already; choose another name: nothing is ever written over")
    when = _checked(plan)
    try:
        room = Path(tempfile.mkdtemp(prefix=f".{plan.name}.", dir=parent))
    except OSError as error:
        raise SpecError(f"cannot write {shortened(str(folder))!r}: {error.strerror}") from None
    building = room / plan.name  # under its own name, which its snapshot is called by
    try:
        building.mkdir()
        fetched = _filled(plan, when, building)
        os.rename(building, folder)
    except EventStudyError as error:
        raise _named(error, building, folder) from None
    except OSError as error:
        raise SpecError(f"cannot write {shortened(str(folder))!r}: {error.strerror}") from None
    finally:
        shutil.rmtree(room, ignore_errors=True)
    if fetched is not None:
        files = tuple(folder / path.relative_to(building) for path in fetched.files)
        summary = fetched.summary.replace(str(building), str(folder))
        fetched = Fetched(files, fetched.issues, summary)
    return Made(folder, fetched)


def _checked(plan: Plan) -> dt.date | dt.datetime | None:
    """The day of the event; whatever can be said before anything is written is said here."""
    for what, path in (("--events", plan.events), ("--prices", plan.prices), ("--returns", plan.returns)):
        if path is not None and kind_of(path) not in ("file", "folder"):
            raise SpecError(f"{what} {shortened(str(path))!r}: there is no such file or folder")
    for key in plan.settings:
        head = key.split(".")[0]
        if head in _OWN or key in _FILES or (head == "events" and plan.events is None):
            raise SpecError(f"--set {key}: `new` writes this key from its other options; change it in study.yaml")
        if (head == "prices" and plan.prices is None) or (head == "returns" and plan.returns is None):
            raise SpecError(f"--set {key} says how a file is written: give the file with --{head}")
    if plan.events is not None:
        if not any(key.startswith("events.") for key in plan.settings):
            event_table(plan.events)
        return None
    if plan.event is None or not plan.tickers:
        raise SpecError("a study is of an announcement and its tickers: --event 2024-07-19 --tickers CRWD,PANW")
    return moment(plan.event)


def _filled(plan: Plan, when: dt.date | dt.datetime | None, building: Path) -> Fetched | None:
    """Write the files and read them again; what was pinned."""
    events = None if plan.events is None else _copied(plan.events, building, "events")
    returns = None if plan.returns is None else _copied(plan.returns, building, "returns")
    file = building / "study.yaml"
    if plan.settings:  # read first as overrides, so that a wrong one is named as it was given
        written = {key: text for key, text in plan.settings.items() if key.split(".")[0] in _FILES}
        file.write_text(study_text(replace(plan, settings=written), when, events, returns), encoding="utf-8")
        load(building, {key: text for key, text in plan.settings.items() if key not in written})
    file.write_text(study_text(plan, when, events, returns), encoding="utf-8")
    (building / "README.md").write_text(readme_text(plan), encoding="utf-8")
    fetched = None
    if plan.prices is not None:
        fetched = fetch_snapshot(str(building), f"files:{plan.prices.resolve()}", how=_written(plan, plan.prices))
    elif plan.fetched:
        fetched = fetch_snapshot(str(building))
    study = load(building)
    direction = None if fetched is None and returns is None else _moved(study, returns is not None)
    text = claims_text(plan, study.settings.events[0], direction)
    (building / "claims.yaml").write_text(text, encoding="utf-8")
    load(building)
    return fetched


def _written(plan: Plan, path: Path) -> PriceFile:
    """The file of prices and how it is written, as the keys below ``prices.`` say."""
    own = {key.removeprefix("prices."): text for key, text in plan.settings.items() if key.startswith("prices.")}
    try:
        return price_file({**_values(nested(own)), "file": path.resolve()})
    except SpecError as error:
        said = " ".join(f"--set prices.{key}={text}" for key, text in own.items())
        raise SpecError(f"{said}: {error}") from None


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts of YAML, nested or not, as the values they stand for."""
    return {key: _values(text) if isinstance(text, dict) else read_value(text) for key, text in given.items()}


def _moved(study: Study, of_returns: bool) -> Direction | None:
    """Which way the study's first event moved on day zero; None where that cannot be measured, or it did not move.

    Raises
    ------
    SpecError : the study is `of_returns`, and they are not what they are taken for.
    """
    key = study.settings.events[0].key
    try:
        result = study.run()
    except EventStudyError as error:
        if of_returns and isinstance(error, SpecError):
            raise  # returns are checked when they are used
        return None  # running the study says so again, with what to do
    found = next((event for event in result.events if key in event.panel.keys), None)
    moved = 0.0 if found is None else float(found.day["ret"][found.row(key)])
    return "rise" if moved > 0 else "fall" if moved < 0 else None


def _copied(source: Path, building: Path, stem: str) -> str:
    """A file of the user's in the folder of the study, under a plain name that keeps its ending."""
    if kind_of(source) != "file":
        raise SpecError(f"{shortened(str(source))!r} is a folder: give one file of {stem}")
    name = stem + "".join(source.suffixes[-2:] if source.suffix == ".gz" else [source.suffix])
    shutil.copyfile(source, building / name)
    return name


def _named(error: EventStudyError, building: Path, folder: Path) -> EventStudyError:
    """The same error, which speaks of the folder that was asked for."""
    error.args = tuple(str(part).replace(str(building), str(folder)) for part in error.args)
    return error
