"""What was asked for of many events, and the numbers of each, in the order of the caller."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eventstudy.datatypes import FloatArray, IntArray, Window
from eventstudy.models.kernel import Measured, Outputs


@dataclass(frozen=True, slots=True)
class Design:
    """What was asked for: the model and the names of its parameters, the windows, the fewest estimation returns."""

    model: str
    benchmark: str | None
    labels: tuple[str, ...]
    estimation: Window
    event: Window
    windows: tuple[Window, ...]
    min_obs: int

    def of(self, model: str, benchmark: str | None, labels: tuple[str, ...]) -> Design:
        """The same windows for a model."""
        return replace(self, model=model, benchmark=benchmark, labels=labels)


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """`kernel.Measured` of N events as the caller has them; ``refusal`` also where the panel has no place for one."""

    params: FloatArray | None
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    r_squared: FloatArray | None
    refusal: IntArray
    ar: FloatArray | None
    sar: FloatArray | None
    car: FloatArray
    scar: FloatArray
    positive: FloatArray

    @classmethod
    def empty(cls, n: int, p: int, design: Design, outputs: Outputs) -> Measurements:
        """N events of which nothing is known yet."""

        def unknown(*shape: int) -> FloatArray:
            return np.full(shape, np.nan)

        days, windows, full, ar = design.event.length, len(design.windows), outputs == "full", outputs != "car"
        return cls(
            params=unknown(n, p) if ar else None,
            sigma=unknown(n),
            nobs=np.zeros(n, np.int32),
            nu=unknown(n),
            r_squared=unknown(n) if full else None,
            refusal=np.zeros(n, np.int32),
            ar=unknown(n, days) if ar else None,
            sar=unknown(n, days) if full else None,
            car=unknown(n, windows),
            scar=unknown(n, windows),
            positive=unknown(n),
        )

    def take(self, rows: IntArray) -> Measurements:
        """The numbers of the events `rows`."""
        own: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        taken: dict[str, Any] = {name: None if values is None else values[rows] for name, values in own.items()}
        return Measurements(**taken)

    def keep(self, at: slice | IntArray, part: Measured | Measurements) -> None:
        """Put the numbers of some events into their places."""
        for name in self.__slots__:
            own, new = getattr(self, name), getattr(part, name)
            if own is not None and new is not None:
                own[at] = new
