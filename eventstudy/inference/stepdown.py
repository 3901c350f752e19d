"""Romano and Wolf's step-down: p-values for a family of hypotheses that use how its statistics move together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.normal import columns_at, explained
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.windows import positions

FEWEST = 19  # joint draws: with fewer no p-value can be as small as .05


def romano_wolf(statistics: npt.ArrayLike, draws: npt.ArrayLike) -> FloatArray:
    """Step-down p-values for the chance of any false rejection (Romano and Wolf 2005; 2016).

    With |t_(1)| >= ... >= |t_(m)| the i-th is the largest over j <= i of (1 + #{b: max over k >= j of |t*_b(k)| >=
    |t_(j)|}) / (B + 1). As the draws are joint, hypotheses that move together cost less than `holm` takes for them.

    Parameters
    ----------
    statistics : (m,), two-sided: their absolute values count. NaN stays NaN and is not in the family.
    draws : (B, m) the same statistics under the null, drawn jointly.

    Raises
    ------
    SpecError : shapes do not fit, or a draw of a hypothesis in the family is NaN.

    Examples
    --------
    >>> romano_wolf([3.0, 1.5], [[1.0, 0.5], [0.2, 2.0], [-1.6, 0.1]]).tolist()
    [0.25, 0.5]
    """
    t, null = np.abs(np.asarray(statistics, dtype=np.float64)), np.abs(np.asarray(draws, dtype=np.float64))
    if t.ndim != 1 or null.ndim != 2 or null.shape[1] != len(t):
        raise SpecError(f"needs statistics (m,) and draws (B, m), got shapes {t.shape} and {null.shape}")
    rows = np.flatnonzero(~np.isnan(t))
    if np.isnan(null[:, rows]).any():
        raise SpecError("a draw of the null is not a number")
    order = rows[np.argsort(-t[rows], kind="stable")]
    largest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    raised = (1 + (largest >= t[order]).sum(axis=0)) / (len(null) + 1)
    out = np.full(len(t), np.nan)
    out[order] = np.maximum.accumulate(raised)
    return out


def romano_wolf_of(abnormals: Sequence[AbnormalReturns], window: Window) -> tuple[FloatArray, ...]:
    """Romano and Wolf's p-value of every security of a study over `window`: one (N,) for each of `abnormals`.

    The statistic is |SCAR|; the joint draws under the null are the estimation days on which all securities have a
    residual: r_s = e_s / (sigma sqrt(1 - h_s)) for one day, overlapping sums of L residuals over
    sigma sqrt(L - 1'X_s (X'X)^-1 X_s'1) for more, as in `sample_quantile`. The sigma of an event is estimated without
    it and that of an estimation day with it, so a draw is r_s sqrt((nu - 1) / (nu - r_s^2)): for one day the SCAR it
    would have if it were left out of the estimation, with normal errors t(nu - 1) for any L. Days are joined by the
    date of the session (the last of a sum), so securities of different exchanges may be in one family. A security
    without a SCAR is NaN; where fewer than 19 days are common to the others all are NaN.
    No normal distribution and no form of dependence is assumed; an increase of variance on the day is not withstood.
    """
    scar = [abnormal.scar(window) for abnormal in abnormals]
    family = [np.flatnonzero(np.isfinite(values)) for values in scar]
    out = tuple(np.full(len(values), np.nan) for values in scar)
    parts = [(a if len(rows) == a.n else a.take(rows), rows) for a, rows in zip(abnormals, family, strict=True)]
    draws = [draw for part, rows in parts if len(rows) for draw in _dated_draws(part, window.length)]
    if not draws:
        return out
    joint = _joined(draws)
    if len(joint) < FEWEST:
        return out
    p = romano_wolf(np.concatenate([values[rows] for values, rows in zip(scar, family, strict=True)]), joint)
    for values, rows, mine in zip(out, family, np.split(p, np.cumsum([len(r) for r in family])[:-1]), strict=True):
        values[rows] = mine
    return out


def _dated_draws(abnormal: AbnormalReturns, length: int) -> list[tuple[npt.NDArray[np.int64], FloatArray]]:
    """For each event the dates (the last session of a sum, in ns) and studentised sums of its residuals, no NaN."""
    panel, normal = abnormal.panel, abnormal.normal
    if length > panel.estimation.length:
        return [(np.empty(0, np.int64), np.empty(0))] * abnormal.n
    at, inside = positions(panel.day, panel.estimation, len(panel.sessions))
    sums = _moving(np.where(inside, abnormal.residuals(), np.nan), length)
    design = [_moving(column, length) for column in columns_at(normal, at)]
    left = length - explained(design, normal.xtx_inv, sums.shape)
    drawn = _left_out(sums / (normal.sigma[:, None] * np.sqrt(np.where(left > 0, left, np.nan))), normal.nu)
    dates = panel.sessions.to_numpy().astype("datetime64[ns]").astype(np.int64)[at[:, length - 1 :]]
    good = ~np.isnan(drawn)
    return [(dates[i, good[i]], drawn[i, good[i]]) for i in range(abnormal.n)]


def _left_out(r: FloatArray, nu: FloatArray) -> FloatArray:
    """r sqrt((nu - 1) / (nu - r^2)), (N, T): studentised by a sigma that does not know it; infinite where r^2 = nu."""
    rest = nu[:, None] - r * r
    with np.errstate(divide="ignore"):
        return np.asarray(r * np.sqrt((nu[:, None] - 1) / np.where(rest < 0, 0.0, rest)))


def _joined(draws: Sequence[tuple[npt.NDArray[np.int64], FloatArray]]) -> FloatArray:
    """The draws (B, m) of the B dates that all have."""
    if all(np.array_equal(dates, draws[0][0]) for dates, _ in draws):
        return np.stack([values for _, values in draws], axis=1)
    days, count = np.unique(np.concatenate([dates for dates, _ in draws]), return_counts=True)
    common = days[count == len(draws)]
    return np.stack([values[np.searchsorted(dates, common)] for dates, values in draws], axis=1)


def _moving(values: FloatArray, length: int) -> FloatArray:
    """Sums of `length` columns in succession, (N, T - length + 1) of (N, T); NaN where one of them is."""
    last = values.shape[1] - length + 1
    total = values[:, :last].copy()
    for lag in range(1, length):
        total += values[:, lag : lag + last]
    return total
