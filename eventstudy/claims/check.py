"""`eventstudy claims check`: a claims file against its schema and its study, without loading pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eventstudy.claims.load import ClaimBook, check_against, check_prices, load_claims
from eventstudy.errors import SpecError
from eventstudy.files.folders import study_folder, tickers_in
from eventstudy.files.reading import inside, kind_of
from eventstudy.files.yamlfile import read_yaml


def check_claims(study: str) -> tuple[Path, ClaimBook]:
    """Check a claims file alone, or that of a study with the events, groups and price series it speaks of.

    Raises
    ------
    SpecError, UnknownNameError : with file and line.
    """
    kind = kind_of(study)
    alone = Path(study).name != "study.yaml" and (kind in ("file", "other") or Path(study).suffix in (".yaml", ".yml"))
    if alone and kind != "folder":
        return Path(study), load_claims(study)
    folder = study_folder(study)
    data: Any = read_yaml(folder / "study.yaml").data
    said = data if isinstance(data, dict) else {}
    path = inside(folder, str(said.get("claims") or "claims.yaml"))
    if kind_of(path) == "nothing":
        raise SpecError(f"the study {study} has no claims file; {path} does not exist")
    book = load_claims(path)
    groups = tuple(said.get("groups") or ())
    check_against(book, [str(e.get("id")) for e in said.get("events") or () if isinstance(e, dict)], groups)
    series = tickers_in(folder / "prices.csv")
    if series:
        check_prices(book, series, groups)
    return path, book
