"""Least squares of one event in compiled loops: the sums and the small matrices of the numba engine.

Compiled into ``loops.py``, whose compiled code is kept on disk: numba looks for changes there only, so after a change
here its files in ``__pycache__`` have to go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from eventstudy.engine.gram import NEGLIGIBLE, TOLERANCE
from eventstudy.objects.estimation import FloatArray

_F = TypeVar("_F", bound=Callable[..., Any])

# Sums may be reordered, which makes them vector sums; infinities and NaN keep their meaning. Without numba's counts of
# who holds an array (all are made in Python, and outlive the call): a count at each slice costs more than a window.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "_nrt": False,
    "fastmath": {"reassoc", "contract", "nsz"},
    "error_model": "numpy",
}


def compiled(function: _F) -> _F:
    """Compiled for this machine and kept on disk; where no folder can be written to, compiled again each time."""
    try:
        made: _F = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba found no place for its cache
        made = numba.njit(**_OPTIONS)(function)
    return made


def inner(function: _F) -> _F:
    """Compiled into the functions that call it, and not to be called by others."""
    options: dict[str, Any] = {**_OPTIONS, "forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    made: _F = numba.njit(**options)(function)
    return made


@inner
def sum_of(values: FloatArray) -> float:
    """Sum of all `values`."""
    total = 0.0
    for t in range(len(values)):
        total += values[t]
    return total


@inner
def product(left: FloatArray, a: float, right: FloatArray, b: float) -> float:
    """Sum of (left - a)(right - b)."""
    total = 0.0
    for t in range(len(left)):
        total += (left[t] - a) * (right[t] - b)
    return total


@inner
def take_off(e: FloatArray, slope: float, x: FloatArray, mean: float) -> None:
    """Take slope (x - mean) off `e`."""
    for t in range(len(e)):
        e[t] -= slope * (x[t] - mean)


@inner
def moments(x: FloatArray, constant: bool, mean: FloatArray, inverse: FloatArray, work: FloatArray) -> float:
    """Means and inverse Gram matrix of the columns `x` (k, n), as `gram.invert`.

    Returns the largest variance inflation of a column, -1 where one depends on others or does not vary.
    """
    k, n = x.shape
    for j in range(k):
        mean[j] = sum_of(x[j]) / n if constant else 0.0
    for i in range(k):
        for j in range(i + 1):
            inverse[i, j] = product(x[i], mean[i], x[j], mean[j])
    for j in range(k):
        size = np.sqrt(inverse[j, j])
        if not size > NEGLIGIBLE * abs(mean[j]) * np.sqrt(n):
            return -1.0
        work[k, j] = size
    return invert(inverse, work)


@inner
def invert(gram: FloatArray, work: FloatArray) -> float:
    """The inverse of a Gram matrix in its own place, by the Cholesky factor of its correlations; -1 if singular.

    `gram` its lower half; `work` (k + 1, k), its last row the roots of the diagonal.
    """
    k = len(gram)
    for j in range(k):
        for i in range(j, k):
            total = gram[i, j] / (work[k, i] * work[k, j])
            for c in range(j):
                total -= work[i, c] * work[j, c]
            if i == j:
                if total <= TOLERANCE:
                    return -1.0
                work[j, j] = np.sqrt(total)
            else:
                work[i, j] = total / work[j, j]
    for j in range(k):  # the inverse of the factor, in its place, column by column
        for i in range(k):
            gram[i, j] = 0.0
        gram[j, j] = 1.0 / work[j, j]
        for i in range(j + 1, k):
            total = 0.0
            for c in range(j, i):
                total -= work[i, c] * gram[c, j]
            gram[i, j] = total / work[i, i]
    largest = 1.0
    for i in range(k):
        for j in range(i + 1):
            total = 0.0
            for r in range(i, k):
                total += gram[r, i] * gram[r, j]
            work[i, j] = total
        largest = max(largest, work[i, i])
    for i in range(k):
        for j in range(i + 1):
            gram[i, j] = gram[j, i] = work[i, j] / (work[k, i] * work[k, j])
    return largest


@inner
def quadratic(z: FloatArray, inverse: FloatArray) -> float:
    """z'(X'X)^-1 z of deviations `z` (k,)."""
    total = 0.0
    for i in range(len(z)):
        for j in range(len(z)):
            total += z[i] * inverse[i, j] * z[j]
    return total


@inner
def slopes(inverse: FloatArray, cross: FloatArray, squares: float, b: FloatArray) -> float:
    """The slopes b[1:] = (X'X)^-1 X'y from centred sums, and the sum of squared residuals that they leave."""
    left = squares
    for j in range(len(cross)):
        step = 0.0
        for i in range(len(cross)):
            step += inverse[j, i] * cross[i]
        b[1 + j] = step
        left -= step * cross[j]
    return left


@inner
def by_window(
    e: FloatArray,
    x: FloatArray,
    mean: FloatArray,
    inverse: FloatArray,
    constant: bool,
    b: FloatArray,
    cross: FloatArray,
) -> tuple[float, float, float]:
    """Sum of squared residuals, that of deviations, and the mean of `e` (n,), by two passes.

    `x` (k, n); `b` (k + 1,) receives the slopes, `cross` (k,) the centred cross products.
    """
    k, n = x.shape
    level = sum_of(e) / n
    centre = level if constant or k == 0 else 0.0
    squares = product(e, centre, e, centre) if k == 0 else 0.0
    for j in range(k):
        column, middle, total, squares = x[j], mean[j], 0.0, 0.0
        for t in range(n):
            value = e[t] - centre
            squares += value * value
            total += value * (column[t] - middle)
        cross[j] = total
    return slopes(inverse, cross, squares, b), squares, level


@inner
def residuals(e: FloatArray, centre: float, x: FloatArray, mean: FloatArray, b: FloatArray, rest: FloatArray) -> None:
    """e - centre - b'(x - mean) into `rest` (n,)."""
    for t in range(len(e)):
        rest[t] = e[t] - centre
    for j in range(len(x)):
        take_off(rest, b[1 + j], x[j], mean[j])


@inner
def refined(
    x: FloatArray, mean: FloatArray, inverse: FloatArray, b: FloatArray, cross: FloatArray, rest: FloatArray
) -> float:
    """Sum of squared residuals after a second step, from the residuals of the first in `rest`: the step removes the
    rounding that correlated columns, or a level far from zero, put into `b`."""
    k = len(x)
    for j in range(k):
        cross[j] = product(rest, 0.0, x[j], mean[j])
    for j in range(k):
        step = 0.0
        for i in range(k):
            step += inverse[j, i] * cross[i]
        b[1 + j] += step
        take_off(rest, step, x[j], mean[j])
    return product(rest, 0.0, rest, 0.0)
