"""Ranks of event days among a security's own days, and their means over the events day by day."""

from __future__ import annotations

import numpy as np

from eventstudy.objects.estimation import FloatArray

_MANY = 4  # days inside from which sorting all days again is faster than moving the ranks that are known


def average_ranks(values: FloatArray) -> FloatArray:
    """Ranks 1 to M_i in each row of `values` (N, M), ties the mean of theirs; NaN stays NaN and is not counted.

    Examples
    --------
    >>> average_ranks(np.array([[0.3, 0.1, 0.3, np.nan]]))
    array([[2.5, 1. , 2.5, nan]])
    """
    rows, columns = values.shape
    order = np.argsort(values, axis=1)  # NaN last
    ordered = values[np.arange(rows)[:, None], order]
    ranks = np.empty((rows, columns))
    ranks[np.arange(rows)[:, None], order] = np.arange(1.0, columns + 1)
    for i in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        starts = np.flatnonzero(np.concatenate([[True], ordered[i, 1:] != ordered[i, :-1]]))
        stops = np.append(starts[1:], columns)
        ranks[i, order[i]] = np.repeat((starts + stops + 1) / 2, stops - starts)
    return np.where(np.isnan(values), np.nan, ranks)


def joined_ranks(past: FloatArray, ranks: FloatArray, inside: FloatArray) -> FloatArray:
    """`average_ranks` of `past` (N, T) and `inside` (N, L) side by side, (N, T + L), the ranks of `past` being known.

    A day of the past moves up by the days inside that are below it, half a place by those that are equal.

    Examples
    --------
    >>> past, inside = np.array([[0.1, 0.2, 0.3]]), np.array([[0.2, 0.9]])
    >>> joined_ranks(past, average_ranks(past), inside)
    array([[1. , 2.5, 4. , 2.5, 5. ]])
    """
    if inside.shape[1] > _MANY:
        return average_ranks(np.concatenate([past, inside], axis=1))
    moved = ranks.copy()  # NaN of the past stays NaN
    own = average_ranks(inside)
    for j in range(inside.shape[1]):
        value = inside[:, j, None]
        below, above = past < value, past > value
        equal = (past == value).sum(axis=1)
        moved += above
        own[:, j] += below.sum(axis=1)
        if equal.any():
            moved += np.where(past == value, 0.5, 0.0)
            own[:, j] += equal / 2
    return np.concatenate([moved, own], axis=1)


def centred(ranks: FloatArray) -> FloatArray:
    """U = K / (M_i + 1) - 1/2 for ranks K (N, M) among the M_i days that event i has; each row sums to zero.

    Examples
    --------
    >>> centred(np.array([[1.0, 3.0, 2.0, np.nan]]))
    array([[-0.25,  0.25,  0.  ,   nan]])
    """
    counts = np.isfinite(ranks).sum(axis=1, keepdims=True)
    return np.asarray(ranks / (counts + 1) - 0.5)


def weighted_means(values: FloatArray) -> FloatArray:
    """sqrt(n_t / n) x the mean of `values` (n, M) over the n_t events present, on each day that has any.

    The weight brings the mean of fewer events to the variance of a mean of n, were they independent (Corrado and
    Zivney 1992; Kolari and Pynnonen 2011).

    Examples
    --------
    >>> weighted_means(np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]]))
    array([2.        , 1.41421356])
    """
    here = np.isfinite(values)
    if here.all():
        return np.asarray(values.mean(axis=0))
    count = here.sum(axis=0)
    some = count > 0
    return np.asarray(np.where(here, values, 0.0).sum(axis=0)[some] / np.sqrt(count[some] * len(values)))
