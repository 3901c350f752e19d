"""The files that the commands write and the facts they print: report, results.json, tables, provenance, citation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.reading import kind_of
from eventstudy.files.writing import csv_text, write_text
from eventstudy.report.claimtable import claims_text
from eventstudy.report.serialize import TABLES, claim_row, to_json

if TYPE_CHECKING:
    from eventstudy.objects.prices import Issue
    from eventstudy.objects.results import StudyResult
    from eventstudy.objects.verdicts import Verdict
    from eventstudy.simulation.result import SimulationResult
    from eventstudy.simulation.simulate import Progress

FLAT_TABLES = ("estimates", "abnormal_returns", "windows", "tests")


def write_outputs(result: StudyResult, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Render the texts first, then write them and the other files; the paths in the order of `FORMATS`.

    Raises
    ------
    SpecError : the folder cannot be written to, or what a format needs is not installed.
    """
    page = result.to_html() if {"html", "pdf"} & {*formats} else ""
    texts: dict[Path, str] = {}
    if "html" in formats:
        texts[folder / "index.html"] = page
    if "json" in formats:
        texts[folder / "results.json"] = to_json(result)
    if "csv" in formats:
        texts |= {folder / "csv" / f"{name}.csv": _csv(result, name) for name in FLAT_TABLES}
        texts[folder / "csv" / "claims.csv"] = claims_text(result.verdicts, "csv")
    if "md" in formats:
        texts[folder / "results.md"] = str(result.to_markdown())
    if "tex" in formats:
        texts[folder / "results.tex"] = str(result.to_latex(document=True))
    written = [write_text(path, text) for path, text in texts.items()]
    if "xlsx" in formats:
        written.append(result.to_excel(folder / "results.xlsx"))
    if "pdf" in formats:
        from eventstudy.files.browser import print_pdf

        written.append(print_pdf(page, folder / "report.pdf"))
    return written


def write_index(folder: Path) -> Path:
    """The page over all studies in `folder`, written to its ``index.html``.

    Raises
    ------
    SpecError : there is no such folder, it cannot be written to, or its ``index.html`` is the page of a report.
    """
    from eventstudy.report.reports import reports_page

    if _is_report(folder):
        raise SpecError(f"{folder} is the report of one study, whose page its index.html is: give the folder above it")
    return write_text(folder / "index.html", reports_page(folder))


def index_beside(folder: Path) -> list[Path]:
    """The index over all studies beside a report; none where the folder above is a report itself."""
    return [] if _is_report(folder.parent) else [write_index(folder.parent)]


def _is_report(folder: Path) -> bool:
    return kind_of(folder / "results.json") == "file"


def check_formats(formats: Sequence[str]) -> None:
    """Refuse before anything is computed what could not be written afterwards.

    Raises
    ------
    SpecError : openpyxl or a browser is not installed.
    """
    if "xlsx" in formats:
        from eventstudy.files.workbook import openpyxl_needed

        openpyxl_needed()
    if "pdf" in formats:
        from eventstudy.files.browser import needed

        needed("a PDF is printed")


def _csv(result: StudyResult, table: str) -> str:
    """One table, 12 significant digits; nested columns stay in results.json."""
    rows = TABLES[table](result)
    nested = {k for row in rows for k, v in row.items() if isinstance(v, dict)}
    flat = [{k: _cell(v) for k, v in row.items() if k not in nested} for row in rows]
    return csv_text(pd.DataFrame(flat), 12)


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value


def print_answer(result: StudyResult) -> None:
    """To stdout: the title, the finding, the tally and a line a claim; without claims the headline abnormal returns."""
    from eventstudy.cli.terminal import print_table, print_text, verdict_table
    from eventstudy.cli.texttable import table
    from eventstudy.report.headline import headline

    print_text(" ".join(result.settings.title.split()))
    if result.waiting:
        print_text(result.waiting)
    if result.verdicts:
        print_text(headline([v for v in result.verdicts if v.rated]))
        print_text(tally(result.verdicts) + "\n")
        print_table(verdict_table(result.verdicts))
        return
    from eventstudy.report.frames import cell
    from eventstudy.report.summary import car_table

    for event in result.select(result.settings.headline_event):
        found = car_table(result, event)
        rows = [tuple(cell(value, c) for value, c in zip(row, found.columns, strict=True)) for row in found.rows]
        print_text(f"{found.caption}\n")
        print_table(table(tuple(column.label for column in found.columns), rows))


def print_bundled() -> None:
    """To stdout: the bundled studies, and how to run one."""
    from eventstudy.cli.terminal import print_table, say
    from eventstudy.cli.texttable import table
    from eventstudy.files.folders import bundled, bundled_names
    from eventstudy.files.yamlfile import read_yaml

    rows = [(name, str(read_yaml(bundled(name) / "study.yaml").data.get("title", ""))) for name in bundled_names()]
    print_table(table(("study", "title"), rows))
    say("run one with `eventstudy run NAME`, or a study of your own with `eventstudy run FOLDER`")


def tally(verdicts: Sequence[Verdict]) -> str:
    """``33 claims: 18 supported, 7 imprecise ...``, in the order of the page."""
    from eventstudy.report import wording

    rated, apart = wording.tally(verdicts), len([v for v in verdicts if not v.rated])
    counts = [f"{n} {word}" for word, n in rated.items() if n]
    total = sum(rated.values())
    beside = [f"{apart} implied or opinions, not counted"] if apart else []
    said = [f"{'1 claim' if total == 1 else f'{total} claims'}: {', '.join(counts)}"] if counts else []
    return "; ".join([*said, *beside]) or "no claims"


def notes(result: StudyResult) -> list[str]:
    """What a user should know at once, in few lines: warnings, and events that moved to another session.

    What is said of several securities is one line with their number; the report names them.
    """
    shown = [i for i in result.issues if i.severity != "info" or i.code == "day_zero_shifted"]
    said: dict[tuple[str, str], list[str]] = {}
    moved = [i for i in shown if i.code == "day_zero_shifted"]
    folded = len({issue.detail for issue in moved}) > FEW
    for issue in [i for i in shown if not (folded and i.code == "day_zero_shifted")]:
        names, detail = _names(issue, result.settings.tickers)
        said.setdefault((issue.code, detail), []).extend(names)
    lines = [_folded(names, detail, len(result.settings.tickers)) for (_, detail), names in said.items()]
    if folded:
        lines.append(f"{len(moved)} announcements came after the close or on a closed day; day zero is another session")
    return [f"note: {line}" for line in lines] + (["the report has every finding"] if len(shown) > len(lines) else [])


def _names(issue: Issue, tickers: Sequence[str]) -> tuple[list[str], str]:
    """The securities that an issue is about, and its words; some have their names before a colon in the words."""
    if issue.ticker is not None:
        return [issue.ticker], issue.detail
    before, colon, rest = issue.detail.partition(": ")
    listed, _, more = before.partition(" and ")
    names = listed.split(", ")
    if colon and more.removesuffix(" more").isdigit():  # a long list is cut there
        names += [names[0]] * int(more.removesuffix(" more"))
    return (names, rest) if colon and all(name in tickers for name in names) else ([], issue.detail)


def _folded(names: Sequence[str], detail: str, of: int) -> str:
    if len(names) <= FEW:
        return f"{', '.join(names)}: {detail}" if names else detail
    verb = detail.startswith(("part of", "named among"))
    return f"{len(names)} of {of} securities{' are ' if verb else ': '}{detail}"


FEW = 3
"""Securities that a note names; of more it says how many."""


def unexpected(verdicts: tuple[Verdict, ...]) -> list[str]:
    """What `--strict` objects to: unresolved claims that were not expected to be, and changed verdicts."""
    lines = []
    for v in verdicts:
        expected = v.claim.expect
        if expected is None and v.verdict == "unresolved":
            lines.append(f"{v.claim.id}: unresolved ({v.reason})")
        elif expected is not None and expected != v.verdict:
            lines.append(f"{v.claim.id}: expected {expected}, found {v.verdict}")
    return lines


def summary(result: StudyResult) -> dict[str, Any]:
    """What ``--json`` prints of a run: how many there are of each verdict, the claims and what was measured."""
    words = [v.verdict for v in result.verdicts if v.rated]
    return {
        "study": result.settings.id,
        "content_id": result.content_id,
        "tally": {word: words.count(word) for word in dict.fromkeys(sorted(words))},
        "verdicts": verdict_rows(result.verdicts),
        "windows": [] if result.verdicts else TABLES["windows"](result),
    }


def verdict_rows(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """A row a claim, as in results.json: what is claimed, what was measured, how abnormal it was."""
    kept = ("id", "kind", "status", "verdict", "note", "says", "claimed", "measured", "abnormal", "reason")
    return [{name: claim_row(v)[name] for name in kept} for v in verdicts]


# ----------------------------------------------------------------------------------------------------------- simulate
def simulated(
    study: str,
    overrides: Mapping[str, str],
    asked: Mapping[str, Any],
    texts: Mapping[str, str | None],
    shocks: Sequence[float] | None,
    progress: Progress,
) -> SimulationResult:
    """Run `simulate` as the command line asks for it: `texts` are lists with commas, None where they are not given.

    Raises
    ------
    SpecError : the window is not two whole numbers.
    """
    from eventstudy.simulation.simulate import simulate
    from eventstudy.study.study import load

    lists = {name: [part.strip() for part in (text or "").split(",") if part.strip()] for name, text in texts.items()}
    try:
        start, end = (int(part) for part in lists["window"])
    except ValueError:
        raise SpecError(f"--window takes two sessions, such as 0,0 or -1,1, got {texts['window']!r}") from None
    more: dict[str, Any] = {} if shocks is None else {"shocks": shocks}
    more |= {**asked, "tests": lists["tests"], "securities": lists["securities"]}
    return simulate(load(study, overrides), window=(start, end), progress=progress, **more)


def write_simulation(result: SimulationResult, folder: Path) -> list[Path]:
    """``simulation.json``, ``simulation.csv`` and the power curve as a page of its own, ``power.html``.

    Raises
    ------
    SpecError : the folder cannot be written to.
    """
    from eventstudy.simulation.page import page

    texts = {"simulation.json": result.to_json(), "simulation.csv": result.to_csv(), "power.html": page(result)}
    return [write_text(folder / name, text) for name, text in texts.items()]


def citation() -> str:
    """How to cite the package, as a sentence and as BibTeX, with its version."""
    from eventstudy import __version__

    title = "eventstudy: event studies that put news claims about markets on trial"
    return (
        f"the eventstudy contributors ({_YEAR}). {title} (version {__version__}) [software].\n\n"
        f"@software{{eventstudy,\n  title = {{{title}}},\n  author = {{{{the eventstudy contributors}}}},\n"
        f"  version = {{{__version__}}},\n  year = {{{_YEAR}}},\n  license = {{BSD-3-Clause}},\n}}"
    )


_YEAR = 2026  # the year of this version's release, as in CITATION.cff
