"""Checks of the fit: do the parameters hold over the estimation window, and does one day decide them."""

from __future__ import annotations

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.estimation_days import CAUTION, NAN, Checked, EstimationDays, graded, laid, rows
from eventstudy.normal import columns_at
from eventstudy.objects.cards import DiagnosticCheck
from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.outcomes import Concern, Diagnostic

CUSUM_POINT = 1.1430  # p_crossing(1.1430) = 0.0100; Brown, Durbin and Evans (1975), section 2.3, give 1.143
MIDDLE = 0.50  # the confidence region of the estimates that one day may not move them out of (Cook 1977)
LARGE = 1.0  # a distance that calls for a closer look whatever the model (Cook and Weisberg 1982, section 3.5)
MOVED = 0.5  # change of the abnormal return of day zero in units of sigma from which other parameters matter
_SINGULAR = 1e-12  # determinant of the scaled moments below which days do not yet tell the regressors apart


# -------------------------------------------------------------------------------------------------------------- cusum
def cusum(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Whether recursive residuals drift (Brown, Durbin and Evans 1975).

    w_t = (y_t - x_t'b_(t-1)) / sqrt(1 + x_t'(X_(t-1)'X_(t-1))^-1 x_t) for each of the M days after the first p, b by
    least squares on the days before; W_j the sum of the first j over s, s^2 = sum w^2 / M. The statistic is the largest
    |W_j| / (sqrt(M) + 2j / sqrt(M)); its p-value 2 [Phi(-3a) + exp(-4a^2) Phi(a)] is that of a Brownian motion crossing
    either of the lines a (1 + 2t). It sees a change of the mean return better than one of beta (`split_window`).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = cusum(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 0.571, 'fine')
    """
    days = laid(abnormal)
    if days.needs_design:
        return _refused(days, "cusum")
    w, used = recursive_residuals(days)
    m = np.maximum(used.sum(axis=1), 1).astype(np.float64)
    scale = np.sqrt((w * w).sum(axis=1) / m)
    path = np.cumsum(w, axis=1) / np.where(scale > 0, scale, NAN)[:, None]
    order = np.cumsum(used, axis=1)
    root = np.sqrt(m)[:, None]
    height = np.where(used, np.abs(path) / (root + 2.0 * order / root), 0.0)
    place = np.nan_to_num(height, nan=-1.0).argmax(axis=1)
    statistic = height[np.arange(len(height)), place]
    p = p_crossing(statistic)

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "No drift of the normal return found over the estimation window."
        day = days.date(i, int(place[i]))
        return (
            f"The normal return drifts, most clearly up to {day}: what the whole window says may not hold on the event "
            "day. Compare with a shorter estimation window, or with the model rolling."
        )

    limit = np.full(len(statistic), CUSUM_POINT)
    return rows(days, Checked("cusum", statistic, limit, p, graded(p)), meaning)


CUSUM = DiagnosticCheck(
    name="cusum",
    run=cusum,
    label="Drift",
    question="Does the normal return drift? The largest |Wⱼ| / (√M + 2j/√M), W the sums of recursive residuals",
    source="Brown, Durbin and Evans 1975",
    of="security",
    trouble="unstable",
)


def recursive_residuals(days: EstimationDays) -> tuple[FloatArray, BoolArray]:
    """w (N, T) of every event, 0 where there is none, and where there is one.

    They start on the first day before which the regressors can be told apart, after p days in general. They are the
    same for y and for the residuals of y, which lose fewer digits.
    """
    x, e = days.designs, days.filled
    gram = np.zeros((*x.shape, x.shape[-1]))  # moments of the days before each
    np.cumsum(x[:, :-1, :, None] * x[:, :-1, None, :], axis=1, out=gram[:, 1:])
    size = np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    size = np.where(size > 0, size, 1.0)
    scaled = gram / (size[..., :, None] * size[..., None, :])
    regular = np.abs(np.linalg.det(scaled)) > _SINGULAR
    inverse = np.linalg.inv(np.where(regular[..., None, None], scaled, np.eye(x.shape[-1])))
    solved = np.einsum("...ij,...j->...i", inverse, x / size) / size
    spread, which = np.sqrt(1.0 + (solved * x).sum(axis=-1)), days.which
    moment = np.zeros((*e.shape, x.shape[-1]))
    np.cumsum(days.design[:, :-1] * e[:, :-1, None], axis=1, out=moment[:, 1:])
    used = np.asarray(regular[which] & days.here)
    ahead = (e - np.einsum("ntp,ntp->nt", solved[which], moment)) / spread[which]
    return np.where(used, ahead, 0.0), used


def p_crossing(a: FloatArray) -> FloatArray:
    """2 [Phi(-3a) + exp(-4a^2) Phi(a)], at most 1.

    >>> [round(float(p_crossing(np.array(a))), 3) for a in (0.85, 0.948, 1.143)]
    [0.1, 0.05, 0.01]
    """
    return np.minimum(1.0, 2.0 * (special.ndtr(-3.0 * a) + np.exp(-4.0 * a * a) * special.ndtr(a)))


# ------------------------------------------------------------------------------------------------------------- halves
def split_window(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Whether the two halves of the estimation window have the same parameters (Chow 1960).

    F = [(S - S1 - S2) / p] / [(S1 + S2) / (T - 2p)], S the sums of squared residuals of one fit and of a fit to each
    half (T/2 days, the odd one in the second), against F(p, T - 2p). Unequal variances of the halves and heavy tails
    make F too large. What it means is said by both betas and by the abnormal return of day zero with the second.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = split_window(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 3.729, 'fine')
    """
    days = laid(abnormal)
    if days.needs_design:
        return _refused(days, "split_window")
    order = np.cumsum(days.here, axis=1)
    first = order <= (days.count // 2)[:, None]
    halves = [_half(days, days.here & first), _half(days, days.here & ~first)]
    p, t = days.design.shape[-1], days.count
    apart = halves[0][1] + halves[1][1]
    whole = (days.filled**2).sum(axis=1)
    df = np.where(t > 2 * p, t - 2 * p, NAN)
    statistic = ((whole - apart) / p) / (apart / df)
    value = special.fdtrc(float(p), df, np.maximum(statistic, 0.0))
    limit = special.fdtri(float(p), df, 1 - CAUTION)
    place, called = days.slope
    estimate = days.abnormal.normal.params[:, place]
    one, two = (estimate + change[:, place] for change, _ in halves)
    ar, moved = _day_zero(days, halves[1][0])

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return f"No change of the parameters found ({called} {one[i]:.2g} in the first half, {two[i]:.2g} after)."
        differ = f"The halves differ: {called} {one[i]:.2g} in the first and {two[i]:.2g} in the second"
        if not np.isfinite(ar[i]):
            return f"{differ}."
        was, would = f"{100 * ar[i]:.2g}%", f"{100 * moved[i]:.2g}%"
        return f"{differ}; by the second alone the abnormal return of day zero would be {would} and not {was}."

    reasons = [None if np.isfinite(f) else "a half of the window does not tell the regressors apart" for f in statistic]
    matters = ~(np.abs(moved - ar) <= MOVED * days.abnormal.normal.sigma)
    return rows(days, Checked("split_window", statistic, limit, value, graded(value, matters)), meaning, reasons)


SPLIT_WINDOW = DiagnosticCheck(
    name="split_window",
    run=split_window,
    label="Change of beta",
    question="Are the parameters the same in both halves of the window? F of two fits against one",
    source="Chow 1960",
    of="security",
    trouble="unstable",
)


def _half(days: EstimationDays, part: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Least squares on the days `part` (N, T): change of the estimates (N, p), sum of squared residuals (N,)."""
    x = np.where(part[..., None], days.design, 0.0)
    e = np.where(part, days.filled, 0.0)
    gram, moment = np.swapaxes(x, 1, 2) @ x, (np.swapaxes(x, 1, 2) @ e[..., None])[..., 0]
    size = np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    size = np.where(size > 0, size, 1.0)
    scaled = gram / (size[:, :, None] * size[:, None, :])
    enough = (np.abs(np.linalg.det(scaled)) > _SINGULAR) & (part.sum(axis=1) > x.shape[-1])
    change = np.linalg.solve(np.where(enough[:, None, None], scaled, np.eye(x.shape[-1])), (moment / size)[..., None])
    change = np.where(enough[:, None], change[..., 0] / size, NAN)
    left = e - (x @ change[..., None])[..., 0]
    return np.asarray(change), np.asarray((left * left).sum(axis=1))


def _day_zero(days: EstimationDays, change: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Abnormal return of day zero (N,), and what it would be with estimates that differ by `change` (N, p)."""
    panel, normal = days.abnormal.panel, days.abnormal.normal
    if not panel.event.start <= 0 <= panel.event.end:
        return np.full(len(change), NAN), np.full(len(change), NAN)
    ar = days.abnormal.ar[:, -panel.event.start]
    at = np.clip(panel.day[:, None], 0, len(panel.sessions) - 1)
    x = np.concatenate([*columns_at(normal, at)], axis=1)
    return ar, ar - (x * change).sum(axis=1)


# ---------------------------------------------------------------------------------------------------------- influence
def cook(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """How far the estimates hang on one day: the largest distance of Cook (1977).

    D_s = r_s^2 h_s / (p (1 - h_s)), r_s the studentised residual, h_s its leverage. Leaving out a day with D_s at the
    median of F(p, nu) moves the estimates to the edge of their 50 per cent confidence region, which Cook calls large:
    caution. Beyond 1 is a problem (Cook and Weisberg 1982). Not a test, so there is no p-value.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = cook(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 0.13, 'fine')
    """
    days = laid(abnormal)
    if days.needs_design:
        return _refused(days, "cook")
    p = days.design.shape[-1]
    h = np.minimum(days.leverage, 1 - 1e-9)
    distance = days.studentised**2 * h / (p * (1.0 - h))
    place = distance.argmax(axis=1)
    every = np.arange(len(distance))
    statistic = distance[every, place]
    edge = np.asarray(special.fdtri(float(p), np.maximum(days.nu, 1), MIDDLE))
    verdict: list[Concern] = [
        "problem" if d > LARGE else "caution" if d > near else "fine"
        for d, near in zip(statistic.tolist(), edge.tolist(), strict=True)
    ]
    column, called = days.slope
    x = days.design[every, place]
    normal = days.abnormal.normal
    pull = np.einsum("nij,nj->ni", normal.xtx_inv, x) * (days.filled[every, place] / (1.0 - h[every, place]))[:, None]
    estimate = normal.params[:, column]
    alone = estimate - pull[:, column]

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "No single day decides the estimates."
        return (
            f"The estimates hang on {days.date(i, int(place[i]))}: without it {called} would be {alone[i]:.3g} and not "
            f"{estimate[i]:.3g}. Look up what happened that day; the model robust gives it less weight."
        )

    return rows(days, Checked("cook", statistic, edge, np.full(len(statistic), NAN), verdict), meaning)


COOK = DiagnosticCheck(
    name="cook",
    run=cook,
    label="Influence",
    question="Does one day decide the fit? The largest r²·h / (p·(1 − h)); its limit is the median of F(p, ν)",
    source="Cook 1977",
    of="security",
    trouble="other",
)


def _refused(days: EstimationDays, check: str) -> list[Diagnostic]:
    """Every event of a model that the check does not apply to."""
    nothing = np.full(days.abnormal.n, NAN)
    return rows(
        days,
        Checked(check, nothing, nothing, nothing, ["caution"] * len(nothing)),
        lambda i, verdict: "",
        [days.needs_design] * len(nothing),
    )
