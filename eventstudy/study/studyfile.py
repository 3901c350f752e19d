"""study.yaml -> Study: the checks with file and line, and the overrides of the command line; `keys` has the schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from eventstudy.errors import EventStudyError, SpecError, UnknownNameError, WindowError, did_you_mean
from eventstudy.files.dates import moment
from eventstudy.files.eventfile import EventFile
from eventstudy.files.folders import bundled, bundled_snapshots, check_name
from eventstudy.files.reading import inside, kind_of
from eventstudy.files.yamlfile import Document, fail, parse, read_value, read_yaml
from eventstudy.objects.estimation import Event
from eventstudy.objects.prices import PriceFile
from eventstudy.objects.settings import Accepted
from eventstudy.prices.findings import accepted_of
from eventstudy.prices.shares import stated
from eventstudy.prices.source import price_file
from eventstudy.study.confounders import confounders_of
from eventstudy.study.keys import SCHEMA_VERSION, EventEntry, EventsFile, Prices, ReturnsGiven, Shares, StudyFile
from eventstudy.study.study import Study


def read_study(folder: Path, overrides: Mapping[str, str] | None = None) -> Study:
    """Read ``study.yaml`` of a study folder, with ``key -> text`` overrides laid over it.

    Raises
    ------
    SpecError : wrong key, type, date or name; windows that overlap; with file and line.
    """
    path = folder / "study.yaml"
    if kind_of(path) == "nothing":
        raise SpecError(f"no study.yaml in {folder}; `eventstudy run` takes a bundled name or a study folder")
    study = _read(path, {})
    if not overrides:
        return study
    try:
        return _read(path, overrides)
    except SpecError as error:  # the file alone is right, so the override is wrong
        if error.file is None:
            raise
        given = " ".join(f"--set {key}={text}" for key, text in overrides.items())
        raise SpecError(f"{given}: " + re.sub(rf"{re.escape(str(path))}(:\d+)?: ", "", str(error))) from None


def _read(path: Path, overrides: Mapping[str, str]) -> Study:
    document = read_yaml(path)
    for key, text in overrides.items():
        _override(document, key, text)
    if not isinstance(document.data, dict):
        fail(document, (), "a study file is a mapping of keys, such as `id: my-study`")
    _check_version(document)
    file = parse(document, StudyFile)
    _check_names(document, file)
    study = _study(document, file, path.parent, given=overrides)
    try:
        _ = study.settings  # validated here, so that a complaint can name its line
    except (WindowError, SpecError) as error:
        raise _with_line(document, error) from None
    return study


def _override(document: Document, key: str, text: str) -> None:
    """Lay one ``--set key=value`` over the data; the value is YAML."""
    *parents, last = key.split(".")
    target: Any = document.data
    for parent in parents:
        target = target.setdefault(parent, {}) if isinstance(target, dict) else None
    if not isinstance(target, dict) or key.split(".")[0] not in StudyFile.model_fields:
        raise UnknownNameError("setting", key, tuple(StudyFile.model_fields))
    target[last] = read_value(text)


def _check_version(document: Document) -> None:
    version = document.data.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        fail(
            document,
            ("schema_version",),
            f"schema_version {version} is newer than this package reads (up to {SCHEMA_VERSION}); upgrade eventstudy",
        )


def _check_names(document: Document, file: StudyFile) -> None:
    """Names that must exist: models, tests, groups, events; ids that must be unique."""
    from eventstudy.inference import TESTS
    from eventstudy.models import MODELS

    def known(what: str, name: str, names: tuple[str, ...], *at: str | int) -> None:
        if name not in names:
            raise UnknownNameError(what, name, names, file=document.path, line=document.line(*at))

    known("model", file.model, tuple(MODELS), "model")
    for i, name in enumerate(file.compare.models):
        known("model", name, tuple(MODELS), "compare", "models", i)
    for i, name in enumerate(file.tests):
        known("test", name, tuple(TESTS), "tests", i)
    for i, when in enumerate(file.contaminated):
        try:
            moment(when)
        except SpecError as error:
            fail(document, ("contaminated", i), str(error))
    for i, entry in enumerate(file.confounders):
        try:
            confounders_of([entry.model_dump()])
        except SpecError as error:
            fail(document, ("confounders", i, "date"), str(error))
    for key in ("closures", "sessions"):
        for code, days in getattr(file, key).items():
            for i, when in enumerate(days):
                try:
                    moment(when)
                except SpecError as error:
                    fail(document, (key, code, i), f"{key} of {code}: {error}")
    try:
        check_name(file.id, "id")
    except SpecError as error:
        fail(document, ("id",), str(error))
    if isinstance(file.events, EventsFile):
        return
    ids = [e.id for e in file.events]
    for i, event_id in enumerate(ids):
        if event_id in ids[:i]:
            fail(document, ("events", i, "id"), f"the event id {event_id!r} stands twice")
    if file.headline is not None:
        known("event", file.headline.event, tuple(ids), "headline", "event")
        if file.headline.group is not None:
            known("group", file.headline.group, tuple(file.groups), "headline", "group")
    if (
        not file.groups
        and not file.tickers
        and not any(e.tickers or isinstance(e.announced, dict) for e in file.events)
    ):
        fail(document, ("id",), "the study has no securities: give `tickers` or `groups`")


def _study(document: Document, file: StudyFile, folder: Path, given: Mapping[str, str]) -> Study:
    claims = _beside(document, "claims", file.claims or "claims.yaml", folder, given)
    if file.claims is not None and kind_of(claims) != "file":
        fail(document, ("claims",), f"no claims file at {claims}")
    same = set(StudyFile.model_fields) - {
        "schema_version",
        "events",
        "headline",
        "compare",
        "claims",
        "prices",
        "returns",
        "shares",
        "sensitivity",
        "factors",
        "confounders",
        "accept",
    }
    base = Study(events=(), **{name: getattr(file, name) for name in same}, shares=_shares(document, file))
    return replace(
        base,
        **_prices_or_returns(document, file, folder, given),
        factors=_factors(document, file, folder, given),
        events=_events(document, file, folder, given),
        labels={} if isinstance(file.events, EventsFile) else {e.id: e.label for e in file.events if e.label},
        headline_event=file.headline.event if file.headline else None,
        headline_group=file.headline.group if file.headline else next(iter(file.groups), None),
        compare_benchmarks=tuple(file.compare.benchmarks),
        compare_models=tuple(file.compare.models),
        sensitivity=file.sensitivity if file.sensitivity == "off" else file.sensitivity.model_dump(exclude_none=True),
        accept=_accepted(document, file),
        confounders=[entry.model_dump() for entry in file.confounders],
        claims=claims if kind_of(claims) != "nothing" else None,
        file=document.path,
    )


def _beside(document: Document, key: str, name: str, folder: Path, given: Mapping[str, str]) -> Path:
    """The path that `key` names: within the study's folder where the file says it, anywhere where the user does."""
    if key in given:
        return (folder / name).resolve()
    try:
        return inside(folder, name)
    except SpecError as error:
        fail(document, (key,), f"{key}: {error}; or give another place with --set {key}=PATH")


def _shares(document: Document, file: StudyFile) -> dict[str, Any]:
    given = {t: one.model_dump() if isinstance(one, Shares) else one for t, one in file.shares.items()}
    try:
        stated(given)
    except SpecError as error:
        fail(document, ("shares",), str(error))
    return given


def _accepted(document: Document, file: StudyFile) -> tuple[Accepted, ...]:
    """The findings that the study accepts, each with its line."""
    found: list[Accepted] = []
    for i, entry in enumerate(file.accept):
        where = f"{document.path.name}:{document.line('accept', i)}"
        try:
            found += accepted_of([entry.model_dump(exclude_none=True)], [where])
        except SpecError as error:
            fail(document, ("accept", i), str(error))
    return tuple(found)


def _prices_or_returns(document: Document, file: StudyFile, folder: Path, given: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of a study that say what its returns are formed from."""
    if file.returns in ("simple", "log"):
        own = file.prices == "snapshot"
        return {"prices": folder if own else _price_source(document, file, folder, given), "returns": file.returns}
    entry = file.returns if isinstance(file.returns, ReturnsGiven) else ReturnsGiven(file=file.returns)
    path = _beside(document, "returns", entry.file, folder, given)
    if kind_of(path) == "nothing":
        fail(document, ("returns",), f"returns are 'simple' or 'log', or a file of returns; there is no {entry.file!r}")
    if "prices" in file.model_fields_set:
        fail(document, ("returns",), "the study has prices and returns: give one of them")
    try:
        return {"prices": None, "returns": price_file({**entry.model_dump(), "file": path}, returns=True)}
    except SpecError as error:
        fail(document, ("returns",), str(error))


def _factors(document: Document, file: StudyFile, folder: Path, given: Mapping[str, str]) -> tuple[Path, ...] | None:
    if file.factors is None:
        return None
    names = [file.factors] if isinstance(file.factors, str) else file.factors
    paths = tuple(_beside(document, "factors", name, folder, given) for name in names)
    for name, path in zip(names, paths, strict=True):
        if kind_of(path) != "file":
            fail(document, ("factors",), f"no file of factors at {name}")
    return paths


def _price_source(document: Document, file: StudyFile, folder: Path, given: Mapping[str, str]) -> Path | PriceFile:
    from eventstudy.prices import PROVIDERS

    if isinstance(file.prices, Prices):
        path = _beside(document, "prices", file.prices.file, folder, given)
        try:
            return price_file({**file.prices.model_dump(), "file": path})
        except SpecError as error:
            fail(document, ("prices",), str(error))
    if file.prices in PROVIDERS:
        raise SpecError(
            f"a run is offline: say `prices: snapshot`, then fetch one with `eventstudy fetch {folder} --provider "
            f"{file.prices}`"
        )
    path = _beside(document, "prices", file.prices, folder, given)
    if file.prices in bundled_snapshots() and kind_of(path) == "nothing":
        return bundled(file.prices)
    return path


def _events(
    document: Document, file: StudyFile, folder: Path, given: Mapping[str, str]
) -> tuple[Event, ...] | EventFile:
    if isinstance(file.events, EventsFile):
        path = _beside(document, "events", file.events.file, folder, given)
        return EventFile(path, **file.events.model_dump(exclude={"file"}))
    everyone = [*dict.fromkeys(t for members in (*file.groups.values(), file.tickers) for t in members)]
    events = []
    for i, entry in enumerate(file.events):
        wanted = everyone if entry.tickers is None else _expand(document, file, i, entry, everyone)
        own: dict[str, Any] = {
            what: value
            for what in ("group", "benchmark", "estimation", "event")
            if (value := getattr(entry, what)) is not None
        }
        dates = entry.announced if isinstance(entry.announced, dict) else dict.fromkeys(wanted, entry.announced)
        for ticker, when in dates.items():
            try:
                events.append(Event(entry.id, ticker, moment(when), **own))
            except (SpecError, WindowError) as error:
                said = str(error)
                key = next((k for k in ("estimation", "event") if k in own and said.startswith(k)), "announced")
                fail(document, ("events", i, key), said)
    return tuple(events)


def _expand(document: Document, file: StudyFile, i: int, entry: EventEntry, everyone: list[str]) -> list[str]:
    """The tickers of one event, names of groups replaced by their members; other names are tickers of the study."""
    found: dict[str, None] = {}
    for k, name in enumerate(entry.tickers or ()):
        if name in file.groups:
            found |= dict.fromkeys(file.groups[name])
        elif name in everyone:
            found[name] = None
        elif meant := did_you_mean(name, file.groups):
            said = f"unknown group {name!r}{meant} A ticker of that name has to stand in `tickers` of the study too"
            fail(document, ("events", i, "tickers", k), said)
        else:
            found[name] = None
    return list(found)


_KEYS = ("closures", "sessions", "peers", "donors", "sensitivity", "estimation", "windows", "min_obs", "alpha", "event")


def _with_line(document: Document, error: EventStudyError) -> SpecError:
    """Put file and line before a complaint about the settings as a whole: the key it speaks of stands in its words."""
    text = str(error)
    said = (k for k in _KEYS if text.startswith((k, k[:-1])) or f" in {k} " in text)
    key = next((k for k in said if (k,) in document.lines), None)
    return SpecError(text, file=document.path, line=document.line(*((key,) if key else ())))
