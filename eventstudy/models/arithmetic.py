"""Least squares of one event in compiled loops: the sums and the small matrices of the numba engine.

Compiled into ``loops.py``, whose compiled code is kept on disk: numba looks for changes there only, so after a change
here its files in ``__pycache__`` have to go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from eventstudy.datatypes import FloatArray
from eventstudy.models.gram import INFLATED, NEGLIGIBLE, SUSPECT, TOLERANCE

_F = TypeVar("_F", bound=Callable[..., Any])

# Sums may be reordered, which makes them vector sums; infinities and NaN keep their meaning.
_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}


def compiled(function: _F) -> _F:
    """Compiled for this machine and kept on disk; where no folder can be written to, compiled anew each time."""
    try:
        made: _F = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba found no place for its cache
        made = numba.njit(**_OPTIONS)(function)
    return made


def inner(function: _F) -> _F:
    """Compiled into the functions that call it, and not to be called by others."""
    options: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
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
def moments(
    x: FloatArray, at: int, n: int, constant: bool, mean: FloatArray, inverse: FloatArray, work: FloatArray
) -> float:
    """Means and inverse Gram matrix of the n days from `at` on of `x` (k, D), as `gram.invert`.

    Returns the largest variance inflation of a column, -1 where one depends on others or does not vary.
    """
    k = len(x)
    for j in range(k):
        mean[j] = sum_of(x[j, at : at + n]) / n if constant else 0.0
    for i in range(k):
        for j in range(i + 1):
            inverse[i, j] = product(x[i, at : at + n], mean[i], x[j, at : at + n], mean[j])
    for j in range(k):
        size = np.sqrt(inverse[j, j])
        if not size > NEGLIGIBLE * abs(mean[j]) * np.sqrt(n):
            return -1.0
        work[k, j] = size
    return _invert(inverse, work)


@inner
def _invert(gram: FloatArray, work: FloatArray) -> float:
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
def estimate(
    e: FloatArray,
    x: FloatArray,
    at: int,
    mean: FloatArray,
    inverse: FloatArray,
    inflation: float,
    constant: bool,
    size: float,
    b: FloatArray,
    cross: FloatArray,
) -> tuple[float, float, float]:
    """Sum of squared residuals, that of deviations, and the number of residuals above zero; the last is -1 where the
    event has to be looked at again.

    `e` (n,) returns less offset, residuals afterwards; `x` (k, D) from `at` on; `size` the squares of the returns
    where they differ from those of `e`, else 0; `b` (k + 1,) receives the constant and the slopes; `cross` (k,) room.
    """
    k, n = len(x), len(e)
    level = sum_of(e) / n
    centre = level if constant or k == 0 else 0.0
    squares = 0.0
    for t in range(n):
        e[t] -= centre
        squares += e[t] * e[t]
    for j in range(k):
        b[1 + j] = 0.0
    # A second step removes the rounding that correlated columns put into the first.
    for _ in range(2 if inflation > INFLATED else 1):
        for j in range(k):
            cross[j] = product(e, 0.0, x[j, at : at + n], mean[j])
        for j in range(k):
            step = 0.0
            for i in range(k):
                step += inverse[j, i] * cross[i]
            b[1 + j] += step
            take_off(e, step, x[j, at : at + n], mean[j])
    left, above = 0.0, 0.0
    for t in range(n):
        left += e[t] * e[t]
        above += 1.0 if e[t] > 0.0 else 0.0
    b[0] = level if constant else 0.0
    if constant:
        for j in range(k):
            b[0] -= b[1 + j] * mean[j]
    return left, squares, above if left > SUSPECT * (squares + n * level * level + size) else -1.0
