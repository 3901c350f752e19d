"""What is tried: every reader of files, and every public function, class and method of results.

A target takes a generator and an empty folder, makes one hostile input from them, and uses it as a user would.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

import eventstudy as es
from eventstudy.claims.load import check_claims, load_claims
from eventstudy.errors import EventStudyError
from eventstudy.files.eventtable import event_table
from eventstudy.files.yamlfile import read_value, read_yaml
from eventstudy.prices.reference import load_reference
from eventstudy.prices.snapshot import verify
from fuzz import corpus
from fuzz.spoil import NASTY, spoiled
from fuzz.values import any_value, frames

Target = Callable[[random.Random, Path], None]
DESIGN: Mapping[str, Any] = {"estimation": corpus.ESTIMATION, "event": corpus.EVENT}
RARELY = 0.05
"""Share of the inputs with which a whole study is run: it takes a hundred times as long as to read a file."""


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _study(**given: Any) -> es.Study:
    kept: dict[str, Any] = {"prices": corpus.closes(), "events": corpus.DAY, "tickers": ["NVDA", "AMD"]}
    kept |= {"benchmark": corpus.BENCHMARK, "windows": [(0, 0)], "min_obs": 40, "volume": "none", **DESIGN}
    return es.Study(**(kept | given))


# --------------------------------------------------------------------------------------------------------------- files
def yaml(rng: random.Random, folder: Path) -> None:
    """A YAML file by itself."""
    name = rng.choice(("study.yaml", "claims.yaml"))
    read_yaml(_write(folder, name, spoiled(rng, corpus.files()[name])))


def study_file(rng: random.Random, folder: Path) -> None:
    """A study folder with a spoiled study.yaml, sometimes run."""
    _write(folder, "study.yaml", spoiled(rng, corpus.files()["study.yaml"]))
    _write(folder, "prices.csv", corpus.files()["long.csv"])
    _use(es.load(folder), rng)


def setting(rng: random.Random, folder: Path) -> None:
    """``--set KEY=VALUE`` on the command line."""
    _write(folder, "study.yaml", corpus.files()["study.yaml"])
    line = rng.choice(corpus.STUDY.splitlines()[1:])
    key = rng.choice([line.split(":")[0].strip(" -{"), "headline.event", "compare.models", "compare", "a.b", ""])
    text = rng.choice([rng.choice(NASTY).decode("utf-8", "replace"), line.split(":")[-1]])
    read_value(text)
    _use(es.load(folder, {key: text}), rng)


def claims_file(rng: random.Random, folder: Path) -> None:
    """A claims file, alone and against its study, sometimes tried."""
    path = _write(folder, "claims.yaml", spoiled(rng, corpus.files()["claims.yaml"]))
    load_claims(path)
    _write(folder, "study.yaml", corpus.files()["study.yaml"])
    _write(folder, "prices.csv", corpus.files()["long.csv"])
    check_claims(str(folder))
    _use(es.load(folder), rng)


def price_file(rng: random.Random, folder: Path) -> None:
    """A CSV or Parquet file of prices, wide or long, through all checks; sometimes the whole study."""
    name = rng.choice(("wide.csv", "long.csv", "wide.parquet", "long.parquet"))
    path = _write(folder, name, spoiled(rng, corpus.files()[name]))
    study = _study(prices=path)
    if rng.random() < RARELY:
        study.run()
    else:
        from eventstudy.prices.source import checked_panel

        checked_panel(study.prices, study.settings)


def data_package(rng: random.Random, folder: Path) -> None:
    """A snapshot folder: its description spoiled, or a table behind a hash that fits."""
    held = corpus.files()
    tables = {
        "prices.csv": held["long.csv"],
        "factors_daily.csv": held["factors.csv"],
        "shares_outstanding.csv": held["shares.csv"],
    }
    whole = rng.random() < 0.5
    if not whole:
        name = rng.choice(list(tables))
        tables[name] = spoiled(rng, tables[name])
    files = corpus.package(tables)
    if whole:
        files["datapackage.json"] = spoiled(rng, files["datapackage.json"])
    for name, data in files.items():
        _write(folder, name, data)
    verify(folder)
    load_reference(folder)
    if rng.random() < 4 * RARELY:
        _study(prices=folder, model=rng.choice(("market", "capm", "ff3"))).run()


def event_file(rng: random.Random, folder: Path) -> None:
    """A table of events."""
    name = rng.choice(("events.csv", "events.csv", "events.parquet"))
    event_table(_write(folder, name, spoiled(rng, corpus.files()[name])))


def long_file(rng: random.Random, folder: Path) -> None:
    """A long CSV or Parquet file of returns to a panel."""
    name = rng.choice(("returns.csv", "returns.csv", "returns.parquet"))
    es.read_long(_write(folder, name, spoiled(rng, corpus.files()[name])))


def long_columns(rng: random.Random, folder: Path) -> None:
    """Arguments of `read_long`."""
    path: Any = _write(folder, "returns.csv", corpus.files()["returns.csv"])
    names = ("security", "date", "value", "price", "kind", "dayfirst", "date_format")
    es.read_long(any_value(rng) if rng.random() < 0.3 else path, **{rng.choice(names): any_value(rng)})


def factor_frame(rng: random.Random, folder: Path) -> None:
    """Factors from a file that pandas reads, and frames of every sort."""
    table: Any = rng.choice(frames())
    if rng.random() < 0.7:
        text = spoiled(rng, corpus.files()["factors.csv"][:4000]).decode("utf-8", "replace")
        if max(map(len, text.splitlines()), default=0) > 100_000:
            return  # pandas' own time: it makes each name of a header unlike all others
        try:
            table = pd.read_csv(StringIO(text), index_col=0)
        except Exception:
            return  # pandas' own refusal: there is no frame to give
    study = _study(factors=table, model=rng.choice(("capm_strict", "ff3", "factors")))
    if rng.random() < 4 * RARELY:
        study.run()
    else:
        _ = study.settings


def _use(study: es.Study, rng: random.Random) -> None:
    _ = study.settings
    if rng.random() < RARELY:
        result = study.run()
        if rng.random() < 0.2:
            result.to_json()
            result.to_html()


# ----------------------------------------------------------------------------------------------------------- arguments
STUDY_ARGUMENTS = tuple(es.Study.__dataclass_fields__)


def study_arguments(rng: random.Random, folder: Path) -> None:
    """`Study(...)` with one or two wrong arguments."""
    given = {rng.choice(STUDY_ARGUMENTS): any_value(rng) for _ in range(rng.choice((1, 1, 2)))}
    study = _study(**given)
    _ = study.settings
    if rng.random() < 0.3:
        study.run()


def price_frames(rng: random.Random, folder: Path) -> None:
    """`Study(prices=...)` with frames of every sort."""
    _study(prices=rng.choice(frames())).run()


RUN_ARGUMENTS = (
    *("returns", "events", "benchmark", "model", "estimation", "event", "windows", "outputs", "min_obs", "factors"),
    *("tests", "chunk", "backend"),
)


def run_events_arguments(rng: random.Random, folder: Path) -> None:
    """`run_events(...)` with one or two wrong arguments, and the methods of what comes out."""
    given: dict[str, Any] = {
        "returns": corpus.returns(),
        "events": corpus.events().rename(columns={"ticker": "security"}),
        "benchmark": corpus.BENCHMARK,
        **DESIGN,
    }
    for _ in range(rng.choice((1, 1, 2))):
        name = rng.choice(RUN_ARGUMENTS)
        given[name] = any_value(rng)
    if isinstance(given.get("backend"), str) and given["backend"] == "dask":
        del given["backend"]  # starts processes
    run = es.run_events(**given)
    _call(
        rng, run, ("estimates", "car", "skipped", "tests", "caar", "aar", "frame", "numbers", "notes", "to_csv"), folder
    )


def loaded(rng: random.Random, folder: Path) -> None:
    """`load(...)` of anything."""
    es.load(any_value(rng), rng.choice([None, {}, any_value(rng)]))


def objects(rng: random.Random, folder: Path) -> None:
    """`Event` and `Window` by themselves, and a study of such events."""
    if rng.random() < 0.5:
        es.Window(any_value(rng), any_value(rng))
        return
    given: list[Any] = ["e", "NVDA", pd.Timestamp(corpus.DAY).date(), "g"]
    given[rng.randrange(4)] = any_value(rng)
    event = es.Event(*given)
    study = _study(events=[event])
    _ = study.settings
    if rng.random() < 0.2:
        study.run()


SIMULATE_ARGUMENTS = (
    *("study", "tests", "group", "securities", "n", "dates", "repeats", "shocks", "variance", "window"),
    *("replications", "seed", "alpha", "levels", "avoid_events", "progress"),
)


def simulate_arguments(rng: random.Random, folder: Path) -> None:
    """`simulate(...)` with one wrong argument, and the methods of what comes out."""
    given: dict[str, Any] = {"study": _result(), "replications": 5, "tests": ["t"], "securities": ["NVDA"]}
    given[rng.choice(SIMULATE_ARGUMENTS)] = any_value(rng)
    if isinstance(given["replications"], int) and given["replications"] > 10_000:
        return  # asked for: it takes its time
    found = es.simulate(**given)
    _call(rng, found, ("share", "detectable", "plot", "sentence", "to_csv", "to_json"), folder)


@cache
def _result() -> es.StudyResult:
    return _study(groups={"chips": ["NVDA", "AMD"]}).run()


def result_methods(rng: random.Random, folder: Path) -> None:
    """Every public method of a `StudyResult`, with wrong arguments."""
    names = [name for name in dir(_result()) if not name.startswith("_")]
    _call(rng, _result(), [name for name in names if name not in ("to_html", "plot")], folder)


def plots(rng: random.Random, folder: Path) -> None:
    """`result.plot.NAME` with wrong arguments; a name that is none is an AttributeError by right."""
    plot: Any = _result().plot
    name = rng.choice([*dir(plot), "nope"])
    try:
        draw = getattr(plot, name)
    except AttributeError:
        if name.startswith("nope"):
            return
        raise
    if not name.startswith("_") and name != "result":
        draw(*[any_value(rng) for _ in range(rng.choice((0, 0, 1)))])


def _call(rng: random.Random, thing: Any, names: Any, folder: Path) -> None:
    """Read one attribute and, where it can be called, call it with values for some of the parameters it has."""
    from inspect import Parameter, signature

    member = getattr(thing, rng.choice(list(names)))
    if not callable(member):
        return
    given: dict[str, Any] = {}
    for name, parameter in signature(member).parameters.items():
        if parameter.kind in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL):
            continue
        if parameter.default is Parameter.empty or rng.random() < 0.5:
            given[name] = any_value(rng)
            if name in ("path", "folder", "file"):
                given[name] = rng.choice(
                    [folder / "out.x", folder, folder / "a" / "b.csv", folder / ("a" * 300), 5, "", "\0"]
                )
    member(**given)


TARGETS: Mapping[str, tuple[Target, int]] = {
    "yaml": (yaml, 10),
    "study_file": (study_file, 20),
    "setting": (setting, 8),
    "claims_file": (claims_file, 15),
    "price_file": (price_file, 20),
    "data_package": (data_package, 8),
    "event_file": (event_file, 12),
    "long_file": (long_file, 12),
    "long_columns": (long_columns, 4),
    "factor_frame": (factor_frame, 6),
    "study_arguments": (study_arguments, 12),
    "price_frames": (price_frames, 2),
    "run_events_arguments": (run_events_arguments, 10),
    "loaded": (loaded, 4),
    "objects": (objects, 6),
    "simulate_arguments": (simulate_arguments, 3),
    "result_methods": (result_methods, 6),
    "plots": (plots, 1),
}
"""Target -> the function, and how often it is drawn beside the others."""

ALLOWED = (EventStudyError,)
