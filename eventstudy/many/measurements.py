"""What was asked for of many events, the memory that it takes, and the place of each event's numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.measured import Buffers, Measured, Outputs
from eventstudy.errors import SpecError
from eventstudy.memory import available_memory
from eventstudy.objects.estimation import FloatArray, IntArray, Window


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


def put(buffers: Buffers, at: IntArray, part: Measured) -> None:
    """Put the numbers of some events into their places."""
    side = np.empty((len(at), buffers.block.shape[1]))
    for name, column in buffers.columns._asdict().items():
        value = getattr(part, name)
        if column >= 0 and value is not None:
            width = 1 if value.ndim == 1 else value.shape[1]
            side[:, column : column + width] = value[:, None] if value.ndim == 1 else value
    for own, new in ((buffers.block, side), (buffers.ar, part.ar), (buffers.sar, part.sar)):
        if own is not None and new is not None:
            _put(own, at, new)
    buffers.nobs[at], buffers.refusal[at] = part.nobs, part.refusal


def _put(own: FloatArray, at: IntArray, new: FloatArray) -> None:
    """``own[at] = new``, rows as items of so many bytes: numpy moves an item in less time than a row of numbers."""
    row = np.dtype((np.void, own.shape[1] * own.itemsize))
    own.view(row)[:, 0][at] = np.ascontiguousarray(new).view(row)[:, 0]


def check_memory(n: int, p: int, design: Design, outputs: Outputs) -> None:
    """SpecError, with the size and the way out, where the numbers of N events are more than the memory there is."""
    size, free = _size(n, p, design, outputs), available_memory()
    if free is None or size <= free:
        return
    less = _size(n, p, design, "car")
    fewer = f"outputs='car' takes {less / 1e9:,.1f} GB; or " if outputs != "car" else ""
    raise SpecError(
        f"the numbers of {n:,} events take {size / 1e9:,.1f} GB with outputs={outputs!r} and {free / 1e9:,.1f} GB are "
        f"free: {fewer}run some of the events at a time and write each part with to_parquet"
    )


def _size(n: int, p: int, design: Design, outputs: Outputs) -> int:
    """Bytes of N events."""
    days = design.event.length * {"car": 0, "params": 0, "ar": 1, "full": 2}[outputs]
    columns = 3 + 2 * len(design.windows) + (outputs in ("params", "full")) + p * (outputs != "car")
    return n * (8 * (columns + days) + 5)
