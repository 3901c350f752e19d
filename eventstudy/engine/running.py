"""Sums over any window of one length from two running sums, in compiled loops for the numba engine (``fast.py``).

A history is cut into blocks as long as the estimation window. From each day on to the end of its block, and from the
beginning of its block up to each day, sums are kept: every window is the end of one block and the beginning of the
next, so that its sum takes two numbers, nothing is subtracted, and a day outside the window leaves no trace in it
(van Herk 1992; Gil and Werman 1993, there for minima).
"""

from __future__ import annotations

from eventstudy.engine.arithmetic import inner
from eventstudy.engine.gram import LOST
from eventstudy.engine.loop_dates import Scratch
from eventstudy.objects.estimation import FloatArray

BASE = 3  # sums of the returns, of their squares, and of their products with the first column


def quantities(k: int) -> int:
    """Running sums of one security with k columns, those that holes need among them."""
    return BASE + max(k - 1, 0) + 1 + k + k * (k + 1) // 2


@inner
def _block(e: FloatArray, x: FloatArray, begin: FloatArray, end: FloatArray) -> None:
    """The first three sums of one block, into `begin` and `end` (3, n): side by side, for each addition waits for the
    one before it."""
    n = len(e)
    a, b, c, d, f, g = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(n):
        value = e[t]
        a += value
        b += value * value
        c += value * x[t]
        begin[0, t], begin[1, t], begin[2, t] = a, b, c
        u = n - 1 - t
        value = e[u]
        d += value
        f += value * value
        g += value * x[u]
        end[0, u], end[1, u], end[2, u] = d, f, g


@inner
def _chain(left: FloatArray, right: FloatArray, begin: FloatArray, end: FloatArray) -> None:
    """The sums of left * right of one block."""
    n = len(left)
    a, b = 0.0, 0.0
    for t in range(n):
        a += left[t] * right[t]
        begin[t] = a
        u = n - 1 - t
        b += left[u] * right[u]
        end[u] = b


@inner
def run_returns(e: FloatArray, x: FloatArray, length: int, scratch: Scratch) -> None:
    """Running sums of e, e^2 and each column's products with e: rows 0, 1, 2 ... of ``begin`` and ``end`` (q, D).

    `e` (D,) 0 where missing; `x` (k, D) about some level.
    """
    first = x[0] if len(x) else e
    for at in range(0, len(e), length):
        to = min(at + length, len(e))
        _block(e[at:to], first[at:to], scratch.begin[:, at:to], scratch.end[:, at:to])
        for j in range(1, len(x)):
            _chain(e[at:to], x[j, at:to], scratch.begin[2 + j, at:to], scratch.end[2 + j, at:to])


@inner
def run_columns(x: FloatArray, length: int, scratch: Scratch) -> None:
    """Running sums over the days that are known of 1, of the columns `x` (k, D) and of their products: the rows of
    ``begin`` and ``end`` after those of `run_returns`."""
    k, known, masked = len(x), scratch.known, scratch.spare
    q = BASE + max(k - 1, 0)
    for i in range(-1, k):
        for t in range(len(known)):
            masked[t] = known[t] * x[i, t] if i >= 0 else known[t]
        for j in range(-1, i + 1):
            for at in range(0, len(known), length):
                to = min(at + length, len(known))
                other = x[j, at:to] if j >= 0 else known[at:to]
                _chain(masked[at:to], other, scratch.begin[q, at:to], scratch.end[q, at:to])
            q += 1


@inner
def _between(scratch: Scratch, q: int, at: int, last: int, split: bool) -> float:
    """Sum of quantity `q` from `at` to `last`, two days one window apart; `split` where they are in two blocks."""
    return float(scratch.end[q, at] + scratch.begin[q, last]) if split else float(scratch.end[q, at])


@inner
def sums_of_returns(
    scratch: Scratch, at: int, last: int, split: bool, n: int, constant: bool
) -> tuple[float, float, float]:
    """Sum of squared deviations, of squares, and the mean of a window's returns; ``cross`` (k,) receives the centred
    cross products. ``about`` (k,) are the means of the columns as they went into the sums."""
    level = _between(scratch, 0, at, last, split) / n
    raw = _between(scratch, 1, at, last, split)
    for j in range(len(scratch.cross)):
        scratch.cross[j] = _between(scratch, 2 + j, at, last, split) - (
            n * scratch.about[j] * level if constant else 0.0
        )
    return raw - n * level * level if constant or len(scratch.cross) == 0 else raw, raw, level


@inner
def sums_of_columns(scratch: Scratch, at: int, last: int, split: bool, n: int, constant: bool) -> bool:
    """Means ``about`` (k,) and the lower half of the centred Gram matrix ``inverse`` (k, k) of a window with holes;
    whether every column keeps the digits it needs."""
    about, gram, good = scratch.about, scratch.inverse, True
    q = BASE + max(len(about) - 1, 0) + 1
    for i in range(len(about)):
        about[i] = _between(scratch, q, at, last, split) / n if constant else 0.0
        q += 1
        for j in range(i + 1):
            raw = _between(scratch, q, at, last, split)
            gram[i, j] = raw - n * about[i] * about[j]
            q += 1
        good = good and gram[i, i] > LOST * raw
    return good
