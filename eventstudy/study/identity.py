"""What a result was made from: the sha256 of its files, and one over everything that changes a number."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

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


def content_id(
    settings: Settings,
    panel: PricePanel,
    claims: Path | str | None,
    files: Mapping[str, str],
    factors: pd.DataFrame | None,
) -> str:
    """sha256 over prices, tables beside them, factors, claims, settings, own functions and version.

    Equal where nothing that changes a number differs. A function counts by its name and its source, or by its compiled
    code where the source is not at hand.

    Parameters
    ----------
    files : name -> sha256 of the files of a snapshot.
    """
    digest = sha256(__version__.encode())
    digest.update((panel.provenance.sha256 or _of_panel(panel)).encode())
    digest.update(b"" if claims is None else Path(claims).read_bytes())
    digest.update(json.dumps(settings_dict(settings), sort_keys=True, default=str).encode())
    digest.update(json.dumps(dict(files), sort_keys=True).encode())
    if factors is not None:
        digest.update(_of_frame(factors).encode())
    for name in sorted(settings.functions):
        digest.update(f"{name}={_of_function(settings.functions[name])}".encode())
    return digest.hexdigest()


def _of_panel(panel: PricePanel) -> str:
    frames = (panel.close, panel.adj_close, panel.volume, panel.returns)
    held = "".join(_of_frame(frame) for frame in frames if frame is not None)
    within = "".join(f"{name}{_of_frame(frame)}" for name, frame in panel.within.items())
    return held + within + json.dumps(dict(panel.currency), sort_keys=True)


def _of_frame(frame: pd.DataFrame) -> str:
    digest = sha256("\n".join(map(str, frame.columns)).encode())
    digest.update(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
    return digest.hexdigest()


def _of_function(thing: Any) -> str:
    """The source of a function, of a method or of an object's class with its values."""
    if is_dataclass(thing) and not isinstance(thing, type):
        values = [(f.name, _of_value(getattr(thing, f.name))) for f in fields(thing)]
        return f"{type(thing).__module__}.{type(thing).__qualname__}{values}"
    try:
        source = inspect.getsource(thing if inspect.isroutine(thing) else type(thing))
    except (OSError, TypeError):
        code = getattr(thing, "__code__", None)
        return repr((code.co_code, code.co_names, _of_value(code.co_consts))) if code else type(thing).__qualname__
    closed = [_of_value(cell.cell_contents) for cell in getattr(thing, "__closure__", None) or ()]
    return source + repr([closed, _of_value(getattr(thing, "__defaults__", None))])


def _of_value(value: Any) -> str:
    if callable(value) and not isinstance(value, type):
        return str(getattr(value, "__qualname__", type(value).__qualname__))
    if isinstance(value, tuple | list):
        return repr([_of_value(one) for one in value])
    if hasattr(value, "co_code"):
        return repr(value.co_code)
    return repr(value)
