"""What was asked for of many events, and the numbers of each, in the order of the caller."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.estimates import CodeArray
from eventstudy.engine.measured import Measured, Outputs
from eventstudy.errors import SpecError
from eventstudy.many.ingest import available_memory
from eventstudy.objects.estimation import FloatArray, IntArray, Window

_FIRST = 3  # the columns of `Measurements.numbers` before the CARs


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
    """`kernel.Measured` of N events as the caller has them; ``refusal`` also where the panel has no place for one.

    ``numbers`` (N, K) what there is of each event beside its days: sigma, nu, positive, a CAR and a SCAR for each
    window, and where they are kept r_squared and the parameters. Side by side they are one place in memory: events come
    in the order of their securities, and putting each into its place costs more than all else.
    """

    numbers: FloatArray
    nobs: IntArray
    refusal: CodeArray
    ar: FloatArray | None
    sar: FloatArray | None
    windows: int
    outputs: Outputs

    @classmethod
    def empty(cls, n: int, p: int, design: Design, outputs: Outputs) -> Measurements:
        """Arrays for N events; all of it is still to be written, but for ``refusal``.

        Raises
        ------
        SpecError : more than the memory there is.
        """
        _check_memory(n, p, design, outputs)
        days, windows, full, ar = design.event.length, len(design.windows), outputs == "full", outputs != "car"
        return cls(
            numbers=np.empty((n, _columns(p, windows, outputs))),
            nobs=np.empty(n, np.int32),
            refusal=np.zeros(n, np.int8),
            ar=np.empty((n, days)) if ar else None,
            sar=np.empty((n, days)) if full else None,
            windows=windows,
            outputs=outputs,
        )

    @property
    def sigma(self) -> FloatArray:
        """(N,) decimal a day."""
        return self.numbers[:, 0]

    @property
    def nu(self) -> FloatArray:
        """(N,) degrees of freedom."""
        return self.numbers[:, 1]

    @property
    def positive(self) -> FloatArray:
        """(N,) share of the estimation residuals above zero, NaN where no test asks for it."""
        return self.numbers[:, 2]

    @property
    def car(self) -> FloatArray:
        """(N, W) cumulative abnormal returns, decimals."""
        return self.numbers[:, _FIRST : _FIRST + self.windows]

    @property
    def scar(self) -> FloatArray:
        """(N, W) standardised cumulative abnormal returns."""
        return self.numbers[:, _FIRST + self.windows : _FIRST + 2 * self.windows]

    @property
    def r_squared(self) -> FloatArray | None:
        """(N,) R^2; None unless ``outputs`` is ``full``."""
        return self.numbers[:, _FIRST + 2 * self.windows] if self.outputs == "full" else None

    @property
    def params(self) -> FloatArray | None:
        """(N, p) parameters; None where ``outputs`` is ``car``."""
        first = _FIRST + 2 * self.windows + (self.outputs == "full")
        return None if self.outputs == "car" else self.numbers[:, first:]

    def keep(self, at: slice | IntArray, part: Measured) -> None:
        """Put the numbers of some events into their places."""
        positive = np.full(len(part.nu), np.nan) if part.positive is None else part.positive
        columns = [part.sigma, part.nu, positive, part.car, part.scar, part.r_squared, part.params]
        side = np.column_stack([values for values in columns if values is not None])
        for own, new in ((self.numbers, side), (self.ar, part.ar), (self.sar, part.sar)):
            if own is not None and new is not None:
                _put(own, at, new)
        self.nobs[at] = part.nobs
        if part.refusal.any():
            self.refusal[at] = part.refusal

    def repeat(self, at: IntArray, first: IntArray) -> None:
        """Give the events `at` the numbers of the events `first`."""
        for own in (self.numbers, self.ar, self.sar):
            if own is not None:
                _put(own, at, np.take(own, first, axis=0))
        self.nobs[at], self.refusal[at] = self.nobs[first], self.refusal[first]

    def refuse(self, at: IntArray, codes: IntArray) -> None:
        """Say of the events `at` why nothing is known of them."""
        for own in (self.numbers, self.ar, self.sar):
            if own is not None:
                own[at] = np.nan
        self.nobs[at] = 0
        self.refusal[at] = codes


def _columns(p: int, windows: int, outputs: Outputs) -> int:
    """K, the columns of `Measurements.numbers`."""
    return _FIRST + 2 * windows + (outputs == "full") + p * (outputs != "car")


def _size(n: int, p: int, design: Design, outputs: Outputs) -> int:
    """Bytes of N events."""
    days = design.event.length * {"car": 0, "ar": 1, "full": 2}[outputs]
    return n * (8 * (_columns(p, len(design.windows), outputs) + days) + 5)


def _check_memory(n: int, p: int, design: Design, outputs: Outputs) -> None:
    size, free = _size(n, p, design, outputs), available_memory()
    if free is None or size <= free:
        return
    less = _size(n, p, design, "car")
    fewer = f"outputs='car' takes {less / 1e9:,.1f} GB; or " if outputs != "car" else ""
    raise SpecError(
        f"the numbers of {n:,} events take {size / 1e9:,.1f} GB with outputs={outputs!r} and {free / 1e9:,.1f} GB are "
        f"free: {fewer}run some of the events at a time and write each part with to_parquet"
    )


def _put(own: FloatArray, at: slice | IntArray, new: FloatArray) -> None:
    """``own[at] = new``, rows as items of so many bytes: numpy moves an item in less time than a row of numbers."""
    row = np.dtype((np.void, own.shape[1] * own.itemsize))
    own.view(row)[:, 0][at] = np.ascontiguousarray(new).view(row)[:, 0]
