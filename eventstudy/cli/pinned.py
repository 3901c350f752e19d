"""What is pinned: what `eventstudy data show` prints of a snapshot, and `data diff` of two."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.files.folders import DESCRIPTION, data_folder, study_folder
from eventstudy.files.reading import kind_of
from eventstudy.objects.prices import PriceQuery
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Verdict
from eventstudy.prices.difference import SeriesDifference, differences
from eventstudy.prices.exchanges import currency_of, exchange_of
from eventstudy.prices.package import read_bytes, read_package
from eventstudy.prices.pinning import VERSIONS, versions
from eventstudy.prices.snapshot import snapshot, verify
from eventstudy.prices.write import TABLES


@dataclass(frozen=True, slots=True)
class Pinned:
    """A snapshot: ``facts`` name -> text, ``files`` and ``series`` as rows of a table, name of the column -> value."""

    facts: dict[str, str]
    files: list[dict[str, Any]]
    series: list[dict[str, Any]]


def pinned(study: str) -> Pinned:
    """What the snapshot of a study is, where it is from, and what it holds; every file is verified on the way.

    Raises
    ------
    SnapshotError : there is none, or a file was changed.
    """
    folder = data_folder(study)
    hashes = verify(folder)
    package = read_package(folder)
    raw = snapshot(PriceQuery((), source=folder))
    asked = package.pinned.get("request")
    facts = {
        "source": ", ".join(package.resources["prices"].sources),
        "provider": _text(package.pinned.get("provider")),
        "library": _text(raw.library),
        "request": _request(asked) if isinstance(asked, dict) else "not recorded",
        "retrieved": _text(raw.provenance.retrieved),
        "pinned": _text(package.pinned.get("pinned")),
        "basis": _text(package.pinned.get("basis")),
        "licence": _text(raw.provenance.licence),
        "versions": ", ".join(path.name for path in versions(folder)) or "this one alone",
    }
    files = [
        {
            "file": name,
            "bytes": table.file.stat().st_size,
            "sha256": hashes[name][:16],
            "source": ", ".join(table.sources),
            "what": table.entry.get("title") or table.entry.get("description", ""),
        }
        for table in package.resources.values()
        for name in [table.file.relative_to(package.folder).as_posix()]
    ]
    series = [
        {
            "ticker": str(ticker),
            "calendar": exchange_of(str(ticker)),
            "currency": raw.currency.get(str(ticker)) or f"{currency_of(str(ticker))} (by its symbol)",
            "rows": len(rows),
            "first": str(rows["date"].min().date()),
            "last": str(rows["date"].max().date()),
            "actions": _acted(raw.actions.get(str(ticker))),
            "retrieved": raw.about.get(str(ticker), {}).get("retrieved", _text(raw.provenance.retrieved)),
        }
        for ticker, rows in raw.frame.groupby("ticker", sort=True)
    ]
    return Pinned(facts, files, series)


def _text(value: Any) -> str:
    return "not recorded" if value is None else str(value)


def _acted(actions: pd.DataFrame | None) -> str:
    if actions is None:
        return "not recorded"
    dividends, splits = int((actions["dividend"] != 0).sum()), int((actions["split"] != 1).sum())
    return f"{dividends} dividends, {splits} splits"


def _request(asked: dict[str, Any]) -> str:
    tickers = asked.get("tickers") or ()
    return f"{len(tickers)} tickers from {asked.get('start')} to {asked.get('end') or 'the day of the retrieval'}"


# ---------------------------------------------------------------------------------------------------------- differences
@dataclass(frozen=True, slots=True)
class VerdictDifference:
    """A claim whose inputs differ: ``first`` and ``second`` its verdicts, how many ``inputs`` differ, and the first
    of these, ``what``, with its two values."""

    claim: str
    first: str
    second: str
    inputs: int
    what: str
    first_value: float | None
    second_value: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How two snapshots differ; ``verdicts`` is None where no study with claims was found, which would be tried."""

    series: list[SeriesDifference]
    verdicts: list[VerdictDifference] | None

    def rows(self) -> dict[str, Any]:
        """All of it as plain data, days as ISO texts."""
        series = [{**asdict(one), "day": None if one.day is None else one.day.isoformat()} for one in self.series]
        return {"series": series, "verdicts": self.verdicts and [asdict(one) for one in self.verdicts]}


def compared(first: str, second: str) -> Compared:
    """Compare two snapshots, each a study or the folder of a version, and the verdicts of the study on either.

    The study is that of the first which has one; it is run on both, with the tables beside its own prices.

    Raises
    ------
    SnapshotError : one is no snapshot, or was changed.
    """
    one, two = study_folder(first), study_folder(second)
    series = differences(*(snapshot(PriceQuery((), source=folder)) for folder in (one, two)))
    home = next((folder for path in (one, two) if (folder := _home(path)) is not None), None)
    if home is None:
        return Compared(series, None)
    from eventstudy.study.study import load

    study = load(home)
    if study.claims is None:
        return Compared(series, None)
    with ExitStack() as rooms:
        places = [rooms.enter_context(_whole(folder, home)) for folder in (one, two)]
        a, b = (replace(study, prices=place).run() for place in places)
        return Compared(series, list(_verdicts(a, b)))


def _home(folder: Path) -> Path | None:
    """The folder of the study to which a snapshot belongs: its own, or that above its versions."""
    above = folder.resolve().parent
    places = (folder, above.parent) if above.name == VERSIONS else (folder,)
    return next((place for place in places if kind_of(place / "study.yaml") == "file"), None)


@contextmanager
def _whole(folder: Path, home: Path) -> Iterator[Path]:
    """A snapshot with all the tables of its study: a version holds prices and sessions alone."""
    own, theirs = read_package(folder).resources, read_package(home).resources
    others = [table for name, table in theirs.items() if name not in own and name not in TABLES]
    if not others:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="eventstudy-") as room:
        place = Path(room)
        tables = [*own.values(), *others]
        for table in tables:
            (place / table.file.name).write_bytes(read_bytes(table))
        described = json.loads((folder / DESCRIPTION).read_bytes())
        entries = [{**table.entry, "path": table.file.name} for table in tables]
        (place / DESCRIPTION).write_text(json.dumps({**described, "resources": entries}), encoding="utf-8")
        yield place


def _verdicts(first: StudyResult, second: StudyResult) -> Iterator[VerdictDifference]:
    others = {verdict.claim.id: verdict for verdict in second.verdicts}
    for verdict in first.verdicts:
        other = others[verdict.claim.id]
        a, b = _inputs(verdict), _inputs(other)
        changed = [what for what in dict.fromkeys((*a, *b)) if not _same(a.get(what), b.get(what))]
        if changed or verdict.verdict != other.verdict:
            what = changed[0] if changed else ""
            yield VerdictDifference(
                verdict.claim.id, verdict.verdict, other.verdict, len(changed), what, a.get(what), b.get(what)
            )


def _inputs(verdict: Verdict) -> dict[str, float]:
    """Every number that the arithmetic of a verdict starts from or comes to, by its name."""
    named: dict[str, float] = {}
    for step in verdict.steps:
        for symbol, value in step.inputs.items():
            if isinstance(value, Quantity):
                named[f"{step.label}: {symbol}"] = value.value
        named[step.label] = step.result.value
    return named | {reading.label: reading.value for reading in verdict.readings} | {"the value": verdict.value}


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return a == b or (a != a and b != b) or abs(a - b) <= 1e-9 * max(abs(a), abs(b))
