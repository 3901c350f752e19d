"""How two results differ: their settings, data, verdicts and numbers, read from the content of ``results.json``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eventstudy.report import tables

SAME = 1e-9
"""Relative difference up to which two numbers are the same: the file has 12 significant digits."""
KEYS = ("event", "exchange", "benchmark", "model", "ticker", "key", "group", "window", "test", "tau")
VALUES: Mapping[str, tuple[str, ...]] = {
    "estimates": ("alpha", "beta", "sigma", "r_squared", "nobs"),
    "windows": ("car", "se", "p"),
    "tests": ("statistic", "p", "n"),
}
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, a file or a fact of the data that differs; None where a result does not have it."""

    what: str
    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Turned:
    """A claim with another verdict, or another measured value; ``why`` is what of it differs."""

    claim: str
    first: str | None
    second: str | None
    measured: str
    why: str

    @property
    def turned(self) -> bool:
        """Whether the verdict itself is another."""
        return not self.alone and self.first != self.second

    @property
    def alone(self) -> bool:
        """Whether one of the results alone has the claim."""
        return self.first is None or self.second is None


@dataclass(frozen=True, slots=True)
class Number:
    """A number that differs: the table, whose it is, the column, and both values."""

    table: str
    of: str
    column: str
    first: float | None
    second: float | None

    @property
    def by(self) -> float:
        """How far apart, relative to the larger; infinite where one is missing."""
        if self.first is None or self.second is None:
            return math.inf
        return abs(self.first - self.second) / max(abs(self.first), abs(self.second))


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs between two results, what explains it first.

    ``compared`` counts, by table, the numbers that both have; ``only`` the rows that one of them has alone.
    """

    causes: tuple[Setting, ...]
    verdicts: tuple[Turned, ...]
    numbers: tuple[Number, ...]
    compared: Mapping[str, int]
    only: Mapping[str, tuple[int, int]]

    @property
    def none(self) -> bool:
        """Whether the results are the same."""
        return not (self.causes or self.verdicts or self.numbers or any(sum(pair) for pair in self.only.values()))

    def rows(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def changes(first: Json, second: Json) -> Changes:
    """What differs between two results.

    Parameters
    ----------
    first, second : the content of two ``results.json``.

    Examples
    --------
    >>> import json
    >>> from eventstudy.example import example_result
    >>> one = json.loads(example_result().to_json())
    >>> changes(one, one).none
    True
    >>> other = json.loads(example_result().to_json())
    >>> other["estimates"][0]["beta"] *= 1.1
    >>> [(n.of, n.column) for n in changes(one, other).numbers]
    [('event, own, S01', 'beta')]
    """
    numbers: list[Number] = []
    compared, only = {}, {}
    for table, columns in VALUES.items():
        ours, theirs = (_rows(result[table], result["settings"]) for result in (first, second))
        both = [key for key in ours if key in theirs]
        compared[table] = len(both) * len(columns)
        only[table] = len(ours) - len(both), len(theirs) - len(both)
        for key in both:
            numbers += _numbers(table, key, columns, ours[key], theirs[key])
    return Changes(tuple(_causes(first, second)), tuple(_verdicts(first, second)), tuple(numbers), compared, only)


def _causes(first: Json, second: Json) -> Iterator[Setting]:
    groups = {
        "setting": (first["settings"], second["settings"]),
        "file": (first["data"].get("files", {}), second["data"].get("files", {})),
        "data": ({k: first["data"].get(k) for k in _DATA}, {k: second["data"].get(k) for k in _DATA}),
    }
    for what, (ours, theirs) in groups.items():
        for name in dict.fromkeys((*ours, *theirs)):
            if ours.get(name) != theirs.get(name):
                yield Setting(what, name, ours.get(name), theirs.get(name))


_DATA = ("provider", "source", "retrieved", "sha256")


def _rows(rows: Sequence[Json], settings: Json) -> dict[tuple[str, ...], Json]:
    """Each row by what it is of; a second row of the same is told apart by its place.

    The study's own model and benchmarks have no name here, so that the answers by two models are compared.
    """
    own = {*settings["benchmarks"].values(), settings["model"]}
    found: dict[tuple[str, ...], Json] = {}
    for row in rows:
        named = [row[name] for name in KEYS if row.get(name) is not None and not (name in _OWN and row[name] in own)]
        key, n = tuple(map(_spelled, named)), 2
        while key in found:
            key, n = (*key, f"no. {n}") if n == 2 else (*key[:-1], f"no. {n}"), n + 1
        found[key] = row
    return found


_OWN = ("benchmark", "model")


def _spelled(value: Any) -> str:
    return tables.window((value[0], value[1])) if isinstance(value, list) and len(value) == 2 else str(value)


def _numbers(table: str, key: tuple[str, ...], columns: Sequence[str], ours: Json, theirs: Json) -> Iterator[Number]:
    for column in columns:
        a, b = ours.get(column), theirs.get(column)
        if not _same(a, b):
            yield Number(table, ", ".join(key), column, a, b)


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=SAME, abs_tol=0.0)


def _verdicts(first: Json, second: Json) -> Iterator[Turned]:
    ours, theirs = ({row["id"]: row for row in result["claims"]} for result in (first, second))
    for claim in dict.fromkeys((*ours, *theirs)):
        a, b = ours.get(claim), theirs.get(claim)
        if a is None or b is None:
            yield Turned(claim, _verdict(a), _verdict(b), "", f"only in {'the second' if a is None else 'the first'}")
            continue
        why = list(_why(a, b))
        if why or a["verdict"] != b["verdict"]:
            said = ", ".join(why) or "the rules of another version"
            yield Turned(claim, _verdict(a), _verdict(b), _arrow(_measured(a), _measured(b)), said)


def _why(a: Json, b: Json) -> Iterator[str]:
    """What of a claim differs: the claim itself, what was measured, whether that was abnormal."""
    if any(a[name] != b[name] for name in ("kind", "claimed", "direction")):
        yield "the claim is another"
    ends = [(row["measured"] or {}).get(end) for row in (a, b) for end in ("value", "low", "high")]
    if not all(_same(x, y) for x, y in zip(ends[:3], ends[3:], strict=True)):
        yield "another value was measured"
    words = [(row["abnormal"] or {}).get("word") for row in (a, b)]
    if words[0] != words[1]:
        yield f"{words[0] or 'no second axis'} is now {words[1] or 'without a second axis'}"


def _verdict(row: Json | None) -> str | None:
    return None if row is None else f"{row['verdict']} ({row['note']})" if row["note"] else str(row["verdict"])


def _measured(row: Json) -> str:
    measured = row["measured"]
    return "nothing" if measured is None else tables.number(measured["value"] or 0.0, measured["unit"])


def _arrow(a: str, b: str) -> str:
    return a if a == b else f"{a} -> {b}"
