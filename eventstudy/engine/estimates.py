"""What the engine reads and what it returns for some events: the form in which its parts exchange data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.objects.estimation import FloatArray, IntArray

CodeArray = npt.NDArray[np.int8]

# Why an event has no estimate; 0 where it has one.
TOO_FEW, CONSTANT_RETURNS, DEPENDENT, NO_VARIANCE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What events have in common: day zeros ``day`` (m,) and ``xtx_inv`` (m, p, p), one a date or one an event."""

    day: IntArray
    xtx_inv: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of the n events ``rows`` (n,), NaN where ``refusal`` (n,) is not 0.

    ``params`` (n, p); ``sigma``, ``nu``, ``r_squared`` (n,); ``nobs`` (n,) or one for all; ``positive`` (n,) share of
    the residuals above zero; ``column`` (n,) the column to blame for a refusal, -1 if none; ``which`` their entries
    in ``shared``.
    """

    rows: IntArray
    params: FloatArray
    sigma: FloatArray
    nobs: IntArray
    nu: FloatArray
    r_squared: FloatArray
    positive: FloatArray | None
    refusal: CodeArray
    column: CodeArray
    which: IntArray | slice
    shared: Shared


# Estimates of some events, and the events left over: in a thread of its own if need be.
Task = Callable[[], Iterator[Estimates | IntArray]]


def read_only(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same array through a view that cannot be written to: a finished result stays what it was."""
    view = values.view()
    view.flags.writeable = False
    return view
