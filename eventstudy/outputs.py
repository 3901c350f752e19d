"""The files that the commands write and the facts they print: report, results.json, tables, provenance, citation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.folders import study_folder
from eventstudy.serialize import TABLES, to_json
from eventstudy.writing import write_text

if TYPE_CHECKING:
    from eventstudy.results import StudyResult

FLAT_TABLES = ("estimates", "abnormal_returns", "windows", "tests")


def write_outputs(result: StudyResult, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Render everything first, then write it: ``index.html``, ``results.json``, ``csv/<table>.csv``.

    Raises
    ------
    SpecError : the folder cannot be written to.
    """
    texts: dict[Path, str] = {}
    if "html" in formats:
        texts[folder / "index.html"] = result.to_html()
    if "json" in formats:
        texts[folder / "results.json"] = to_json(result)
    if "csv" in formats:
        texts |= {folder / "csv" / f"{name}.csv": _csv(result, name) for name in (*FLAT_TABLES, "claims")}
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _csv(result: StudyResult, table: str) -> str:
    """One table, 12 significant digits; nested columns of `claims` stay in results.json."""
    rows = TABLES[table](result)
    nested = {
        k for row in rows for k, v in row.items() if isinstance(v, dict) or (isinstance(v, list) and table == "claims")
    }
    flat = [{k: _cell(v) for k, v in row.items() if k not in nested} for row in rows]
    return str(pd.DataFrame(flat).to_csv(index=False, float_format="%.12g", lineterminator="\n"))


def _cell(value: Any) -> Any:
    return " ".join(str(v) for v in value) if isinstance(value, list) else value


def provenance_rows(study: str) -> list[dict[str, Any]]:
    """What each data file of a study is: file, bytes, sha256, source, what; verified on the way."""
    import json

    from eventstudy.folders import DESCRIPTION
    from eventstudy.prices.snapshot import verify

    folder = study_folder(study)
    hashes = verify(folder)
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["resources"]
    return [
        {
            "file": entry["path"],
            "bytes": (folder / entry["path"]).stat().st_size,
            "sha256": hashes[entry["path"]][:16],
            "source": ", ".join(s["title"] for s in entry.get("sources", ())),
            "what": entry.get("title") or entry.get("description", ""),
        }
        for entry in described
    ]


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
