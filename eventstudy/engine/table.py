"""Least squares of one table of days, for few lines fitted at leisure: one design, any number of series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.objects.estimation import FloatArray

_DEPENDENT = 1e-12  # share of the largest pivot below which columns count as dependent


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What least squares says of n series on T days: ``params`` (p, n), ``residuals`` (T, n) y - X b, and the factors
    of the design X = Q R, ``q`` (T, p) and ``r`` (p, p)."""

    params: FloatArray
    residuals: FloatArray
    q: FloatArray
    r: FloatArray

    @property
    def leverage(self) -> FloatArray:
        """x'(X'X)^-1 x of each day, (T,)."""
        return np.asarray((self.q * self.q).sum(axis=1))

    @property
    def xtx_inv(self) -> FloatArray:
        """(X'X)^-1, (p, p)."""
        root = np.linalg.inv(self.r)
        return np.asarray(root @ root.T)


def fit_table(y: FloatArray, x: FloatArray) -> Table | None:
    """Fit each column of `y` (T, n) by the columns of `x` (T, p), all there; None where those depend on each other.

    Examples
    --------
    >>> days = np.arange(4.0)
    >>> found = fit_table((1.0 + 2.0 * days)[:, None], np.column_stack([np.ones(4), days]))
    >>> found.params[:, 0].round(9).tolist()
    [1.0, 2.0]
    """
    days, p = x.shape
    if p == 0:
        return Table(np.zeros((0, y.shape[1])), y, np.zeros((days, 0)), np.zeros((0, 0)))
    q, r = np.linalg.qr(x)
    size = np.abs(np.diag(r))
    if len(size) < p or size.min() <= _DEPENDENT * size.max():
        return None
    params = np.linalg.solve(r, q.T @ y)
    return Table(params, y - x @ params, q, r)
