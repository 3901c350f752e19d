"""The defects: how each spoils a series of a table, and which checks are to find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corruption.prices import Table

RATES = (0.01, 0.79, 0.92, 1.36, 7.8, 83.0, 150.0)
"""Pence, pounds, euros, Canadian and Hong Kong dollars, rupees and yen for a dollar."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial spoils: a column, the first row, the basis, and another column that may be copied."""

    column: int
    row: int
    basis: str
    other: int


Span = tuple[int, int]
"""First and last row that are wrong, or whose return is."""
Spoil = Callable[[Table, Place, np.random.Generator], Span]


@dataclass(frozen=True, slots=True)
class Defect:
    """A kind of wrong prices: how it is put in, the bases it can stand on, and the names of the checks that see it.

    ``whole`` says that it spoils all series at once.
    """

    words: str
    spoil: Spoil
    checks: tuple[str, ...]
    bases: tuple[str, ...] = ("both",)
    whole: bool = False


def _either(rng: np.random.Generator, factor: float) -> float:
    return factor if rng.random() < 0.5 else 1 / factor


def _for_days(factor: float, least: int, most: int) -> Spoil:
    """Prices times or by a factor for `least` to `most` days."""

    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        by, stop = _either(rng, factor), min(at.row + int(rng.integers(least, most + 1)), len(table.close) - 1)
        for values in table.of(at.basis):
            values[at.row : stop, at.column] *= by
        return at.row, stop

    return spoil


def _from_a_day(factor: float) -> Spoil:
    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        by = _either(rng, factor)
        for values in table.of(at.basis):
            values[at.row :, at.column] *= by
        return at.row, len(table.close) - 1

    return spoil


def _split(ratio: float, known: bool = False) -> Spoil:
    """Prices before the day are not adjusted for a split; in half of the trials neither is the volume."""

    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        for values in table.of(at.basis):
            values[: at.row, at.column] *= ratio
        if rng.random() < 0.5:
            table.volume[: at.row, at.column] /= ratio
        if known:
            table.splits[at.column] = (at.row, ratio)
        return at.row, at.row

    return spoil


def _spike(table: Table, at: Place, rng: np.random.Generator) -> Span:
    by, stop = _either(rng, 1 + rng.uniform(0.1, 0.4)), min(at.row + int(rng.integers(1, 4)), len(table.close) - 1)
    for values in table.of(at.basis):
        values[at.row : stop, at.column] *= by
    return at.row, stop


def _apart(table: Table, at: Place, rng: np.random.Generator) -> Span:
    table.adj_close[at.row :, at.column] *= _either(rng, 1 + rng.uniform(0.03, 0.3))
    return at.row, at.row


def _apart_for_a_day(table: Table, at: Place, rng: np.random.Generator) -> Span:
    table.adj_close[at.row, at.column] *= _either(rng, 1 + rng.uniform(0.01, 0.1))
    return at.row, at.row + 1


def _currency(table: Table, at: Place, rng: np.random.Generator) -> Span:
    by = float(rng.choice(RATES))
    for values in table.of(at.basis):
        values[at.row :, at.column] *= by
    return at.row, at.row


def _others(whole: bool, inside: bool, joined: bool = False) -> Spoil:
    """Another security's prices and volume, throughout or from the day on.

    ``joined``: the prices are brought to the level of the day before.
    """

    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        k = int(rng.integers(table.outside.shape[1]))
        outside = table.outside[:, k]
        first = 0 if whole else at.row
        table.volume[first:, at.column] = (table.volume[:, at.other] if inside else table.outside_volume[:, k])[first:]
        for values in table.of("both"):
            if np.isnan(values[:, at.column]).all():
                continue  # this basis is not known
            theirs = values[:, at.other] if inside else outside
            level = values[first - 1, at.column] / theirs[first - 1] if joined else 1.0
            values[first:, at.column] = theirs[first:] * level
        return first, len(table.close) - 1

    return spoil


def _proportional(table: Table, at: Place, rng: np.random.Generator) -> Span:
    by = rng.uniform(0.2, 5.0)
    for values in table.of("both"):
        values[:, at.column] = by * values[:, at.other]
    return 0, len(table.close) - 1


def _interpolated(table: Table, at: Place, rng: np.random.Generator) -> Span:
    stop = min(at.row + int(rng.integers(8, 31)), len(table.close) - 1)
    for values in table.of("both"):
        values[at.row : stop + 1, at.column] = np.linspace(
            values[at.row, at.column], values[stop, at.column], stop - at.row + 1
        )
    return at.row, stop


def _stale(table: Table, at: Place, rng: np.random.Generator) -> Span:
    stop = min(at.row + int(rng.integers(4, 31)), len(table.close) - 1)
    for values in table.of("both"):
        values[at.row : stop + 1, at.column] = values[at.row, at.column]
    return at.row, min(stop + 1, len(table.close) - 1)


def _no_volume(table: Table, at: Place, rng: np.random.Generator) -> Span:
    table.volume[at.row : at.row + int(rng.integers(1, 4)), at.column] = 0.0
    return at.row, at.row + 3


def _columns(table: Table, at: Place, whole: bool) -> list[int]:
    return list(range(table.close.shape[1])) if whole else [at.column]


def _reversed(whole: bool) -> Spoil:
    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        for values in table.of("both"):
            for i in _columns(table, at, whole):
                known = np.flatnonzero(~np.isnan(values[:, i]))
                values[known, i] = values[known[::-1], i]
        return 0, len(table.close) - 1

    return spoil


def _shifted(first_known: bool, whole: bool) -> Spoil:
    """Prices some days late or early, throughout or (``first_known``) from the day on."""

    def spoil(table: Table, at: Place, rng: np.random.Generator) -> Span:
        by = int(rng.choice((-3, -2, -1, 1, 2, 3)))
        first = at.row if first_known else 0
        for values in table.of("both"):
            for i in _columns(table, at, whole):
                part = values[first:, i].copy()
                values[first:, i] = np.nan
                if by > 0:
                    values[first + by :, i] = part[:-by]
                else:
                    values[first:by, i] = part[-by:]
        return first, len(table.close) - 1

    return spoil


def _last_row_twice(table: Table, at: Place, rng: np.random.Generator) -> Span:
    for values in (table.close, table.adj_close, table.volume):
        values[-1] = values[-2]
    return len(table.close) - 1, len(table.close) - 1


BASES = ("both", "close", "adj_close")
JUMPS = ("split_jumps", "bases_apart")
SPLITS = {"2:1": 2, "3:2": 1.5, "5:4": 1.25, "4:1": 4, "7:1": 7, "10:1": 10, "25:1": 25, "50:1": 50, "100:1": 100}
PEERS = ("identical_series", "shifted_calendar", "shifted_stretch", "unrelated_stretch")

DEFECTS: dict[str, Defect] = {
    "hundredfold, a day": Defect("a price a hundred times off", _for_days(100, 1, 1), ("spikes",), BASES),
    "thousandfold, a day": Defect("a price a thousand times off", _for_days(1000, 1, 1), ("spikes",), BASES),
    "wrong decimal": Defect("a price ten times too high or low, for a day", _for_days(10, 1, 1), ("spikes",), BASES),
    "hundredfold, from a day": Defect("another unit from a day on", _from_a_day(100), JUMPS, BASES),
    "thousandfold, from a day": Defect("another unit from a day on", _from_a_day(1000), JUMPS, BASES),
    "hundredfold, a part": Defect("another unit for 10 to 120 days", _for_days(100, 10, 120), JUMPS, BASES),
    **{
        f"split {name}": Defect("prices before a split are not adjusted", _split(ratio), JUMPS, BASES[:2])
        for name, ratio in SPLITS.items()
    },
    **{
        f"reverse split of {name}": Defect("prices before it are not adjusted", _split(1 / ratio), JUMPS, BASES[:2])
        for name, ratio in SPLITS.items()
    },
    "split 2:1 that the source gives": Defect(
        "the source gives the split, its prices are not adjusted", _split(2, True), ("split_days",), BASES[:2]
    ),
    "currency": Defect("another currency from a day on", _currency, JUMPS, BASES[:2]),
    "spike": Defect("10 to 40 % too high or low for 1 to 3 days", _spike, ("spikes",), BASES),
    "adjusted apart, from a day": Defect("adjusted closes 3 to 30 % off", _apart, ("bases_apart",), BASES[2:]),
    "adjusted apart, a day": Defect("an adjusted close 1 to 10 % off", _apart_for_a_day, ("bases_apart",), BASES[2:]),
    "another's, in the file, from a day": Defect("a security of the file", _others(False, True), (*JUMPS, *PEERS)),
    "the same, without a jump": Defect("the same, brought to one level", _others(False, True, True), PEERS),
    "another's, in the file, whole": Defect("a security of the file", _others(True, True), PEERS),
    "another's, not in the file, from a day": Defect("a security not in the file", _others(False, False), JUMPS),
    "the same, not in the file, without a jump": Defect("the same, at one level", _others(False, False, True), PEERS),
    "another's, not in the file, whole": Defect("a security not in the file", _others(True, False), PEERS),
    "proportional": Defect("a multiple of another series", _proportional, ("identical_series",)),
    "interpolated": Defect("a straight line over 8 to 30 days", _interpolated, ("interpolated",)),
    "stale": Defect("one price for 5 to 31 days", _stale, ("stale_runs",)),
    "zero volume": Defect("volume zero on 1 to 3 days", _no_volume, ("zero_volume",)),
    "reversed, a series": Defect("the last price first", _reversed(False), PEERS),
    "reversed, all series": Defect("the last row first", _reversed(True), ("held_index",), whole=True),
    "shifted, part of a series": Defect("1 to 3 days late or early", _shifted(True, False), PEERS),
    "shifted, a series": Defect("1 to 3 days late or early", _shifted(False, False), PEERS),
    "shifted, part of all series": Defect(
        "1 to 3 days late or early", _shifted(True, True), ("held_index",), whole=True
    ),
    "shifted, all series": Defect("1 to 3 days late or early", _shifted(False, True), ("held_index",), whole=True),
    "last row twice": Defect("the last day repeats the one before", _last_row_twice, ("held_index",), whole=True),
}

EXACT = {
    "no_prices": "counts the prices of a series",
    "closed_days": "compares dates with a calendar",
    "missing_sessions": "compares dates with a calendar",
    "long_bars": "counts the days between dates",
    "non_positive": "compares prices with zero",
    "basis": "says which basis there is",
    "looks_ahead": "says that adjusted closes know later dividends",
    "survivors": "says that no security ends early",
    "series_ends": "says where a series ends",
    "too_short": "counts the prices of a series",
}
"""Checks that need no defect, because they judge nothing by chance: what each does."""
