"""The page over all studies of a folder of reports: what each found, its tally, what was wrong, and its files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eventstudy import __version__
from eventstudy.errors import SpecError
from eventstudy.files.reading import kind_of, read_bytes
from eventstudy.report import wording
from eventstudy.report.page import POLICY, asset, environment
from eventstudy.report.serialize import SCHEMA_VERSION

LARGEST = 512 * 2**20
WRONG = ("contradicted", "imprecise")
#: the files beside a report, in the order in which they are listed, and how a reader calls them
FILES: Mapping[str, str] = {
    "index.html": "report",
    "report.pdf": "PDF",
    "results.xlsx": "workbook",
    "results.md": "Markdown",
    "results.tex": "LaTeX",
    "results.json": "JSON",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One study of the page: ``files`` are (address, name), ``tally`` (word, number, share of the bar)."""

    folder: str
    title: str
    finding: str
    files: tuple[tuple[str, str], ...]
    tally: tuple[tuple[str, int, str], ...] = ()
    wrong: tuple[tuple[str, str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """Of its report, empty where there is none."""
        return next((address for address, name in self.files if name == "report"), "")


def reports_page(folder: Path) -> str:
    """The page over every study in `folder`: a folder of its own with a report, or with a results.json.

    Raises
    ------
    SpecError : `folder` is none.
    """
    if kind_of(folder) != "folder":
        raise SpecError(f"there is no folder of reports at {folder}; `eventstudy run` makes one")
    below = sorted(path for path in folder.iterdir() if kind_of(path) == "folder")
    found = [entry for path in below if (entry := _entry(path)) is not None]
    return (
        environment()
        .get_template("reports.html")
        .render(entries=found, version=__version__, policy=POLICY.format("'none'"), style=_style())
    )


def _style() -> Any:
    from markupsafe import Markup

    return Markup(asset("style.css"))


def _entry(path: Path) -> Entry | None:
    """What stands in one folder; None where it is no report."""
    there = tuple(
        (f"{quote(path.name)}/{name}", said) for name, said in FILES.items() if kind_of(path / name) == "file"
    )
    names = {name for _, name in there}
    if not names & {"report", "JSON"}:
        return None
    if "JSON" not in names:
        return Entry(
            path.name, path.name, "Its results.json is not beside it: `--formats html,json` writes both.", there
        )
    try:
        result = json.loads(read_bytes(path / "results.json", LARGEST))
        if result["schema_version"] != SCHEMA_VERSION:
            raise SpecError("another version")
        return _read(path.name, there, result)
    except (SpecError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        why = "Its results.json cannot be read: it is broken, or of another version."
        return Entry(path.name, path.name, why, there)


def _read(folder: str, files: tuple[tuple[str, str], ...], result: Mapping[str, Any]) -> Entry:
    study, settings = result["study"], result["settings"]
    rated = [claim for claim in result["claims"] if claim["status"] == "stated"]
    counts = Counter(str(claim["verdict"]) for claim in rated)
    tally = tuple(
        (word, counts[word], f"{100 * counts[word] / len(rated):g}") for word in wording.MEANING if counts[word]
    )
    wrong = tuple(
        (str(claim["verdict"]), wording.curly(str(claim["says"])), quote(str(claim["id"])))
        for word in WRONG
        for claim in rated
        if claim["verdict"] == word
    )
    facts = (
        ("Events", str(len({str(event["id"]) for event in settings["events"]}))),
        ("Securities", str(len(settings["tickers"]))),
        ("Model", str(settings["model"])),
        ("Content", str(result["content_id"])[:16]),
    )
    return Entry(folder, str(study["title"]), str(study.get("finding") or ""), files, tally, wrong, facts)
