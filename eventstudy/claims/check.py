"""`eventstudy claims check`: a claims file against its schema and its study, without loading pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eventstudy.claims.load import ClaimBook, check_against, check_prices, load_claims
from eventstudy.errors import SpecError
from eventstudy.files.folders import study_folder, tickers_in
from eventstudy.files.yamlfile import read_yaml


def check_claims(study: str) -> tuple[Path, ClaimBook]:
    """Check a claims file alone, or that of a study with the events, groups and price series it speaks of.

    Raises
    ------
    SpecError, UnknownNameError : with file and line.
    """
    if Path(study).is_file() and Path(study).name != "study.yaml":
        return Path(study), load_claims(study)
    if Path(study).suffix in (".yaml", ".yml") and not Path(study).exists():
        raise SpecError("no such file", file=study)
    folder = study_folder(study)
    data: Any = read_yaml(folder / "study.yaml").data
    said = data if isinstance(data, dict) else {}
    path = folder / str(said.get("claims") or "claims.yaml")
    if not path.exists():
        raise SpecError(f"the study {study} has no claims file; {path} does not exist")
    book = load_claims(path)
    groups = tuple(said.get("groups") or ())
    check_against(book, [str(e.get("id")) for e in said.get("events") or () if isinstance(e, dict)], groups)
    series = tickers_in(folder / "prices.csv")
    if series:
        check_prices(book, series, groups)
    return path, book
