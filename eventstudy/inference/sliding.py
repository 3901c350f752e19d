"""Least squares at every date of a history at once: running sums of cross products instead of a regression each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.engine.kernel import estimates
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, Layout, Window

_DEPENDENT = 1e-10  # share of a column's variance left by the others, below which a design is singular
# Share of a history's squares below which a window's are no longer good to ten digits as a difference of running sums:
# an absurd value elsewhere is enough. Such securities are estimated window by window.
_DIGITS = 1e-6
_NO_VARIANCE = 1e-12  # share of a security's sum of squares below which residuals are rounding


@dataclass(frozen=True, slots=True, eq=False)
class SlidingFits:
    """The model of N securities estimated before each of M dates.

    ``y`` (N, D) returns less the offset, 0 where one is missing; ``known`` (N, D) whether not; ``design`` (D, p), its
    columns centred where there is a constant; ``dates`` (M,) columns; ``params`` (N, M, p) and ``sigma`` (N, M) of each
    estimate, sigma NaN where the study would have refused it; ``inverse`` (U, M, p, p) of the U different histories of
    days used, and ``which`` (N,) of them each security has.
    """

    y: FloatArray
    known: BoolArray
    design: FloatArray
    dates: IntArray
    params: FloatArray
    inverse: FloatArray
    which: IntArray
    sigma: FloatArray

    def sums(self, window: Window) -> tuple[FloatArray, FloatArray]:
        """CAR and SCAR over `window` at every date, both (N, M), NaN where a day is missing."""
        first, last = self.dates + window.start, self.dates + window.end + 1
        inside = (first >= 0) & (last <= self.y.shape[1])
        first, last = np.where(inside, first, 0), np.where(inside, last, 0)
        whole = (_between(self.known, first, last) == window.length) & inside
        x = _moving(self.design.T, first, window.length)  # (p, M)
        car = _moving(self.y, first, window.length) - np.einsum("nmp,pm->nm", self.params, x)
        explained = np.einsum("im,umij,jm->um", x, self.inverse, x)[self.which]
        car = np.where(whole & np.isfinite(self.sigma), car, np.nan)
        return car, car / (self.sigma * np.sqrt(window.length + explained))


def sliding_fits(
    abnormal: AbnormalReturns, dates: IntArray, events: tuple[IntArray, IntArray] | None = None
) -> SlidingFits:
    """Estimate the model of `abnormal` for each of its N events on the estimation window before each of `dates`.

    b = (X'X)^-1 X'y, sigma^2 = e'e / nu, nu = T - p (T - 1 and the variance about the mean where p = 0), as
    `models.ols` has it; each event's own event window is left out of every estimation window. For models that are
    least squares on one design; the sums over a window are differences of running sums, so an estimate costs p^2
    numbers and not a regression. With a constant, columns and returns are centred over the whole history first, which
    changes no residual and keeps the digits. `events`: others than its own, rows (N,) of its returns, days zero (N,).
    """
    panel, normal = abnormal.panel, abnormal.normal
    security, day = events or (panel.security, panel.day)
    y = panel.returns[security] - normal.offset
    known = np.asarray(np.isfinite(y) & np.isfinite(normal.design).all(axis=1))
    constant = bool(normal.names) and normal.names[0] == "const"
    design = _centred(normal.design, first=1) if constant else np.where(np.isfinite(normal.design), normal.design, 0.0)
    y = np.where(known, y, 0.0)
    level = np.where(known, y, 0.0).sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    p = design.shape[1]
    moved = np.where(known, y - level, 0.0) if constant or p == 0 else y
    used = known & ~_own_window(panel, day)
    distinct, which = _distinct(used)
    first = np.clip(dates + panel.estimation.start, 0, y.shape[1])
    last = np.clip(dates + panel.estimation.end + 1, 0, y.shape[1])
    inverse, singular, thin = _designs(distinct, design, first, last)
    count, singular, thin = _between(distinct, first, last)[which], singular[which], thin[which]
    weighted = used * moved
    cross = np.empty((len(y), len(dates), p))
    for i in range(p):
        cross[..., i] = _between(weighted * design[:, i], first, last)
    params = np.einsum("nmij,nmj->nmi", inverse[which], cross)
    squares = _between(weighted * moved, first, last)
    mean = _between(weighted, first, last) / np.maximum(count, 1)
    sse = squares - (params * cross).sum(axis=-1) if p else squares - count * mean * mean
    nu = count - max(p, 1)
    total = (weighted * moved).sum(axis=1, keepdims=True)
    good = (count >= panel.min_obs) & (nu >= 1) & ~singular & (sse > _NO_VARIANCE * total)
    sigma = np.sqrt(np.where(good, sse, np.nan) / np.where(good, nu, 1))
    shown = moved if constant else y
    lost = (sse < _DIGITS * total) | thin
    rows = np.flatnonzero((lost & (count >= panel.min_obs)).any(axis=1)).astype(np.int32)
    if len(rows):
        shown[rows] = y[rows]
        inverse, which = inverse[which], np.arange(len(y), dtype=np.int32)
        again = Layout(
            np.where(used[rows], y[rows], np.nan),
            np.repeat(np.arange(len(rows), dtype=np.int32), len(dates)),
            np.tile(dates, len(rows)),
            panel.estimation,
            panel.event,
            panel.min_obs,
        )
        for fit in estimates(again, design, np.zeros(len(design)), constant, "numpy"):
            at = rows[again.security[fit.rows]], fit.rows % len(dates)
            params[at], sigma[at], inverse[at] = fit.params, fit.sigma, fit.shared.xtx_inv[fit.which]
    return SlidingFits(shown, known, design, dates, params, inverse, which, sigma)


def _distinct(used: BoolArray) -> tuple[BoolArray, IntArray]:
    """The U different rows of `used` (N, D), and which of them each row is: securities that miss no day share one."""
    places: dict[bytes, int] = {}
    which = np.array([places.setdefault(row.tobytes(), len(places)) for row in used], dtype=np.int32)
    _, first = np.unique(which, return_index=True)
    return used[first], which


def _designs(
    distinct: BoolArray, design: FloatArray, first: IntArray, last: IntArray
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """(X'X)^-1 (U, M, p, p) of the columns `first` to before `last` (M,) that each of U histories (U, D) uses; whether
    it has none, and whether X'X is too small a share of the history's to be a difference of running sums, (U, M)."""
    p = design.shape[1]
    gram = np.empty((len(distinct), len(first), p, p))
    for i in range(p):
        for j in range(i + 1):
            gram[..., i, j] = gram[..., j, i] = _between(distinct * (design[:, i] * design[:, j]), first, last)
    spread = np.where(distinct[..., None], design * design, 0.0).sum(axis=1)  # (U, p)
    thin = (np.einsum("umii->umi", gram) < _DIGITS * spread[:, None]).any(axis=-1)
    return *_inverse(gram), thin


def _own_window(panel: EventPanel, day: IntArray) -> BoolArray:
    """(N, D) the sessions of the event window around each `day`."""
    apart = np.arange(len(panel.sessions)) - day[:, None]
    return np.asarray((apart >= panel.event.start) & (apart <= panel.event.end))


def _centred(design: FloatArray, first: int) -> FloatArray:
    """The columns from `first` on about their means and on the scale of 1, missing values 0."""
    here = np.isfinite(design)
    values = np.where(here, design, 0.0)
    mean = values.sum(axis=0) / np.maximum(here.sum(axis=0), 1)
    mean[:first] = 0.0
    return np.where(here, values - mean, 0.0)


def _between(values: FloatArray | BoolArray, first: IntArray, last: IntArray) -> FloatArray:
    """Sums of the columns `first` to before `last` (M,) of `values` (N, D), (N, M)."""
    running = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=running[:, 1:], dtype=np.float64)
    return running[:, last] - running[:, first]


def _moving(values: FloatArray, first: IntArray, length: int) -> FloatArray:
    """Sums of `length` columns from `first` (M,) on of `values` (N, D), term by term, (N, M)."""
    top = values.shape[1] - 1
    total = np.zeros((values.shape[0], len(first)))
    for lag in range(length):
        total += values[:, np.minimum(first + lag, top)]
    return total


def _inverse(gram: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Inverse of each (p, p) of `gram` (N, M, p, p), and whether (N, M) it has none to be trusted (then it is 1)."""
    p = gram.shape[-1]
    if p == 0:
        return gram, np.zeros(gram.shape[:2], dtype=np.bool_)
    scale = np.sqrt(np.einsum("nmii->nmi", gram).clip(0.0))
    flat = ~(scale > 0)
    scale = np.where(flat, 1.0, scale)
    unit = gram / (scale[..., :, None] * scale[..., None, :])
    singular = flat.any(axis=-1) | ~(np.linalg.det(unit) > _DEPENDENT**1.5)
    unit = np.where(singular[..., None, None], np.eye(p), unit)
    inverse = np.linalg.inv(unit)
    singular = singular | (np.einsum("nmii->nmi", inverse) >= 1 / _DEPENDENT).any(axis=-1)
    return inverse / (scale[..., :, None] * scale[..., None, :]), singular
