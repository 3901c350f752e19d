"""`eventstudy fetch`: the prices a study needs, from a provider, checked and pinned as its snapshot."""

from __future__ import annotations

from pathlib import Path

from eventstudy.errors import QualityError, SpecError
from eventstudy.prices import PROVIDERS, load_panel
from eventstudy.prices.quality import check
from eventstudy.prices.snapshot import write_snapshot
from eventstudy.prices.source import query_for
from eventstudy.registry import lookup
from eventstudy.study.study import load


def fetch_snapshot(study: str, provider: str = "yahoo", out: Path | None = None) -> list[Path]:
    """Fetch, check, write: nothing is written unless every series came and no check is fatal.

    `provider` is a name of PROVIDERS, with a path after a colon for those that read files (``files:prices.csv``).
    A bundled study is never overwritten: give `out`.

    Raises
    ------
    SpecError, UnknownNameError : the study or the provider is wrong.
    ProviderError, MissingPriceError, QualityError : what came is absent, incomplete or not to be trusted.
    """
    name, _, path = provider.partition(":")
    provided = lookup(PROVIDERS, name, "provider")
    if not provided.network and not path:
        raise SpecError(f"the provider {name!r} reads files: say where, as in {name}:PATH")
    loaded = load(study)
    folder = out if out is not None else Path(study)
    if out is None and not folder.is_dir():
        raise SpecError(f"{study!r} is a bundled study: give the folder of the new snapshot with --out")
    query = query_for(loaded.settings)
    if path:
        from dataclasses import replace

        query = replace(query, source=Path(path))
    raw = provided.read(query)
    panel, issues = load_panel(raw, loaded.settings.exchanges, None)
    issues += check(panel)
    if any(i.severity == "fatal" for i in issues):
        raise QualityError(issues)
    return write_snapshot(raw, folder, calendars=panel.calendars)
