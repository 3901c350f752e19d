"""The scatter of events of one date about what explains them: that of the window against its own ordinary days.

A portfolio of abnormal returns measured by its own history is judged by the variance of ordinary days. Where the
scatter among the events rises in the window, that variance takes the scatter for a difference or a slope: with four
times the variance a nominal 5 % becomes 32 %. The scatter about the fit rises as much and says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.inference.common import CommonWindow
from eventstudy.objects.estimation import FloatArray

LEVEL = 0.05  # p of the scatter below which it is said


@dataclass(frozen=True, slots=True)
class Scatter:
    """``times`` the ordinary scatter, by rank ``p`` among ``sums`` overlapping sums of estimation days."""

    times: float
    p: float
    sums: int

    @property
    def warning(self) -> str | None:
        """What follows for a test by the variance of ordinary days, None where the scatter is not out of it."""
        if not self.p < LEVEL:
            return None
        return (
            f"the abnormal returns scatter {self.times:.1f} times as much in the window as on ordinary days "
            f"(variance about the fit; p = {self.p:.3f}, rank among {self.sums} sums of estimation days): a test by "
            "the variance of ordinary days takes the scatter of the day for differences and rejects too often, about "
            "32% instead of 5% where the variance is 4 times as large"
        )


def remainder(z: FloatArray, portfolios: FloatArray) -> FloatArray:
    """M = I - Z A, (n, n): what the fit by the portfolios A (k, n) leaves of the values of n events."""
    return np.asarray(np.eye(len(z)) - z @ portfolios)


def scatter(common: CommonWindow, left: FloatArray, length: int) -> Scatter:
    """The scatter left by the fit in the window against that of `length` successive estimation days.

    s = sum_i (M x)_i^2 / sigma_i^2 with x = CAR, against the sums x of L successive residuals on the common days;
    ``times`` is s / c over the mean of e_s'M' diag(1 / sigma^2) M e_s, divisor nu, c the factor of the variance of the
    CAR (L for a sum of the past); p = (1 + #{s_past / L >= s / c}) / (1 + sums) (in the manner of Gelbach, Helland and
    Klick 2013). NaN where a security has no variance or the past has no such sum.

    Parameters
    ----------
    left : M (n, n), see `remainder`.

    Examples
    --------
    >>> from eventstudy.objects.estimation import Window
    >>> from eventstudy.example import example
    >>> from eventstudy.inference.sample import gather
    >>> common = gather(example(), Window(0, 0)).common
    >>> scatter(common, np.eye(8) - 1 / 8, 1).warning is None
    True
    """
    past, nu = common.days.centred, common.days.nu
    sigma2 = (past * past).sum(axis=0) / nu
    if len(past) < length or not (sigma2 > 0).all():
        return Scatter(float("nan"), float("nan"), 0)
    sums = np.lib.stride_tricks.sliding_window_view(past, length, axis=0).sum(axis=-1)
    before = ((sums @ left.T) ** 2 / sigma2).sum(axis=1) / length
    event = float(((left @ common.car) ** 2 / sigma2).sum()) / common.factor
    ordinary = float(((past @ left.T) ** 2 / sigma2).sum()) / nu
    if ordinary <= 0:
        return Scatter(float("nan"), float("nan"), 0)
    return Scatter(event / ordinary, float(1 + (before >= event).sum()) / (len(before) + 1), len(before))


def variance_scale(common: CommonWindow, left: FloatArray, weights: FloatArray) -> float:
    """q = u'Wu / (c tr(W M S M')), u = M CAR: residual variance of the window over what the past expects of it.

    S (n, n) is the residual covariance of the estimation days, c the factor of the variance of the CAR. E[q] = v where
    the window has v times the ordinary covariance. With events of one variance and one correlation, q is independent
    of the fit and (n - k) q / v is chi-squared with n - k degrees of freedom. NaN where the past leaves nothing.
    """
    past = common.days.centred @ left.T
    expected = float((past * past).sum(axis=0) @ weights) / common.days.nu * common.factor
    u = left @ common.car
    return float(u * u @ weights) / expected if expected > 0 else float("nan")
