"""The exact distribution of Mann and Whitney's U for two groups without ties."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from eventstudy.objects.estimation import FloatArray


def exact_p(u: float, a: int, b: int) -> float:
    """Two-sided p of Mann and Whitney's U for groups of `a` and `b` without ties: twice the smaller tail, at most 1.

    >>> exact_p(0.0, 3, 3)
    0.1
    """
    shares = _distribution(min(a, b), max(a, b))
    return min(1.0, 2 * float(shares[round(max(u, a * b - u)) :].sum()))


@lru_cache(maxsize=32)
def _distribution(a: int, b: int) -> FloatArray:
    """P(U = 0 .. ab) by Mann and Whitney's recursion on whether the largest value is of the one group or the other."""
    before = [np.ones(1) for _ in range(b + 1)]
    for i in range(1, a + 1):
        now = [np.ones(1)]
        for j in range(1, b + 1):
            share = np.zeros(i * j + 1)
            share[j:] += i / (i + j) * before[j]  # the largest is of the first group: it beats all j of the second
            share[: i * (j - 1) + 1] += j / (i + j) * now[j - 1]
            now.append(share)
        before = now
    return before[b]
