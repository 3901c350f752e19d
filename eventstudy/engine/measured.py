"""What the engine says of N events, and the buffers that it writes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from eventstudy.engine.estimates import CodeArray
from eventstudy.objects.estimation import FloatArray, IntArray

Outputs = Literal["car", "params", "ar", "full"]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What `measure` says of N events, NaN where it cannot be said; None where it was not asked for.

    ``params`` (N, p); ``sigma`` (N,) decimal a day; ``nobs`` (N,) returns used; ``nu`` (N,) degrees of freedom;
    ``r_squared`` (N,); ``refusal`` (N,) 0 where estimated, else 1 too few returns, 2 constant returns, 3 a column that
    does not vary or depends on others, 4 no residual variance; ``ar``, ``sar`` (N, L) over the event window; ``car``,
    ``scar`` (N, W) over each of the windows; ``positive`` (N,) share of the estimation residuals above zero.

    What is one number or few an event may be columns of one array (`Buffers`): not contiguous, and one piece of memory.
    """

    params: FloatArray | None
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    r_squared: FloatArray | None
    refusal: CodeArray
    ar: FloatArray | None
    sar: FloatArray | None
    car: FloatArray
    scar: FloatArray
    positive: FloatArray | None


class Columns(NamedTuple):
    """The first column of each number in `Buffers.block`, -1 where it is not wanted."""

    sigma: int
    nu: int
    r_squared: int
    positive: int
    params: int
    car: int
    scar: int


@dataclass(frozen=True, slots=True, eq=False)
class Buffers:
    """Buffers for N events, nothing written yet.

    ``block`` (N, m) what is one number or few an event, side by side: an event that lies anywhere costs a line of the
    cache for each array it is written to. ``columns`` where in it each number is.
    """

    block: FloatArray
    columns: Columns
    params: int
    windows: int
    nobs: IntArray
    refusal: CodeArray
    ar: FloatArray | None
    sar: FloatArray | None

    @classmethod
    def empty(cls, n: int, p: int, days: int, windows: int, outputs: Outputs, signs: bool) -> Buffers:
        """Buffers for n events with p parameters, `days` in the event window and `windows` windows."""
        full, ar, estimates = outputs == "full", outputs in ("ar", "full"), outputs != "car"
        fits = outputs in ("params", "full")
        widths = {"sigma": 1, "nu": 1, "r_squared": fits, "positive": signs, "params": p * estimates}
        widths |= {"car": windows, "scar": windows}
        at, columns = 0, {}
        for name, width in widths.items():
            columns[name] = at if width or (name == "params" and estimates) else -1
            at += width
        return cls(
            np.empty((n, at)),
            Columns(**columns),
            p,
            windows,
            np.empty(n, np.int32),
            np.empty(n, np.int8),
            np.empty((n, days)) if ar else None,
            np.empty((n, days)) if full else None,
        )

    def put(self, rows: IntArray, **numbers: FloatArray | None) -> None:
        """Write the numbers of the events `rows`, by the names of `Columns`; those that are not wanted are left out."""
        block = np.empty((len(rows), self.block.shape[1]))
        for name, at in self.columns._asdict().items():
            value = numbers[name]
            if at >= 0 and value is not None:
                if value.ndim == 1:
                    block[:, at] = value
                else:
                    block[:, at : at + value.shape[1]] = value
        self.block[rows] = block

    def measured(self) -> Measured:
        """The same buffers by names."""
        block, at = self.block, self.columns
        return Measured(
            params=block[:, at.params : at.params + self.params] if at.params >= 0 else None,
            sigma=block[:, at.sigma],
            nobs=self.nobs,
            nu=block[:, at.nu],
            r_squared=block[:, at.r_squared] if at.r_squared >= 0 else None,
            refusal=self.refusal,
            ar=self.ar,
            sar=self.sar,
            car=block[:, at.car : at.car + self.windows],
            scar=block[:, at.scar : at.scar + self.windows],
            positive=block[:, at.positive] if at.positive >= 0 else None,
        )
