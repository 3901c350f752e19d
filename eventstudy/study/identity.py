"""What a result was made from: the sha256 of its files, and one over everything that matters."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from eventstudy import __version__
from eventstudy.files.reading import kind_of
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.settings import Settings, settings_dict
from eventstudy.prices.source import path_of


def file_hashes(source: Any, *files: Path | str | None) -> dict[str, str]:
    """sha256 of the files beside a snapshot: the study's own, its claims, a price file."""
    prices = path_of(source)
    named = [Path(file) for file in (*files, prices) if file is not None]
    paths = [path for path in named if kind_of(path) == "file"]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def content_id(settings: Settings, panel: PricePanel, claims: Path | str | None) -> str:
    """sha256 over prices, claims, settings and version: equal where nothing that matters differs."""
    digest = sha256(__version__.encode())
    digest.update((panel.provenance.sha256 or _panel_hash(panel)).encode())
    digest.update(b"" if claims is None else Path(claims).read_bytes())
    digest.update(json.dumps(settings_dict(settings), sort_keys=True).encode())
    return digest.hexdigest()


def _panel_hash(panel: PricePanel) -> str:
    text = "".join(frame.to_csv() for frame in (panel.close, panel.adj_close, panel.returns) if frame is not None)
    return sha256(text.encode()).hexdigest()
