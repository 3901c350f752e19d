"""What regressors alone say of their estimates: deviations from means, the inverse of X'X, and what is singular."""

from __future__ import annotations

import numpy as np

from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray

# Relative size below which a spread is rounding, not variation: constants differ from their mean by about 1e-16.
NEGLIGIBLE = 1e-10
# Share of a column's variance left by the columns before it, below which the design counts as singular.
TOLERANCE = 1e-10
# Share of a security's squares left by the model below which an event is looked at again, for it may be refused.
SUSPECT = 1e-12
# Variance inflation of a column above which a second step refines the slopes.
INFLATED = 10.0
# The same share of squares e^2 of returns less offset, and of the offset's: R^2 <= 2 (e^2 + offset^2), which is safe.
DOUBTFUL = 4.0 * SUSPECT
# Share of the raw sum of squares below which a difference of sums is no longer trusted, and residuals are squared: sums
# of T numbers are good to T 1.1e-16 at worst, their difference then to 100 times that, 3e-12 for 250 days.
LOST = 0.01


def centre(values: FloatArray, ok: BoolArray, count: FloatArray, centred: bool) -> tuple[FloatArray, FloatArray]:
    """Deviations from the mean over the days that count, zero on the others; and the means."""
    if not centred:
        return values, np.zeros(values.shape[:-1])
    mean = values.sum(axis=-1) / count
    return np.where(ok, values - mean[..., None], 0.0), mean


def invert(x: FloatArray, x_mean: FloatArray, count: FloatArray) -> tuple[FloatArray, IntArray]:
    """Inverse of the Gram matrix of k columns, (B, k, k), and the first column that adds nothing, (B,), -1 if none.

    ``x`` (k, B, T) deviations from the means ``x_mean`` (k, B) over ``count`` (B,) days, 0 on other days.
    """
    by_event = x.transpose(1, 0, 2)
    gram = by_event @ by_event.transpose(0, 2, 1)
    scale = np.sqrt(np.einsum("bkk->bk", gram))
    return invert_gram(gram, scale <= NEGLIGIBLE * np.abs(x_mean.T) * np.sqrt(count)[:, None])


def invert_gram(gram: FloatArray, flat: BoolArray) -> tuple[FloatArray, IntArray]:
    """As `invert`, of the Gram matrices (B, k, k); ``flat`` (B, k) whether a column does not vary.

    They are scaled to unit diagonal, so that the pivots of their Cholesky factors are the shares of each column's
    variance that the columns before it leave.
    """
    n, k = gram.shape[:2]
    scale = np.sqrt(np.einsum("bkk->bk", gram))
    scale = np.where(flat | (scale == 0.0), 1.0, scale)
    correlation = gram / (scale[:, :, None] * scale[:, None, :])
    dependent = np.full(n, -1, np.int32)
    factor = np.zeros((n, k, k))
    for j in range(k):
        left = factor[:, j, :j]
        pivot = correlation[:, j, j] - (left * left).sum(axis=1)
        bad = flat[:, j] | (pivot <= TOLERANCE)
        dependent[bad & (dependent < 0)] = j
        factor[:, j, j] = np.where(bad, 1.0, np.sqrt(np.where(bad, 1.0, pivot)))
        for i in range(j + 1, k):
            cross = correlation[:, i, j] - (factor[:, i, :j] * left).sum(axis=1)
            factor[:, i, j] = np.where(bad, 0.0, cross / factor[:, j, j])
    lower = np.linalg.inv(factor)
    inverse = lower.transpose(0, 2, 1) @ lower
    return inverse / (scale[:, :, None] * scale[:, None, :]), dependent


def with_constant(inverse: FloatArray, x_mean: FloatArray, count: FloatArray) -> FloatArray:
    """The inverse of the uncentred X'X (B, k + 1, k + 1) with a constant first, by its blocks.

    ``inverse`` (B, k, k) of the centred columns, ``x_mean`` (k, B) their means, ``count`` (B,) days.
    """
    n, k = inverse.shape[:2]
    mean = x_mean.T
    cross = -np.einsum("bkl,bl->bk", inverse, mean)
    full = np.empty((n, k + 1, k + 1))
    full[:, 0, 0] = 1.0 / count - (mean * cross).sum(axis=1)
    full[:, 0, 1:] = full[:, 1:, 0] = cross
    full[:, 1:, 1:] = inverse
    return full
