"""All events of one date on the same days: what a portfolio and a joint test are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.engine.table import fit_table
from eventstudy.objects.estimation import BoolArray, FloatArray, Window

_SINGULAR = 1e-10  # least eigenvalue of the residual correlation matrix below which a security repeats the others


@dataclass(frozen=True, eq=False)  # no slots: factors that several windows need are computed at most once and kept
class CommonDays:
    """The model estimated again for n events of one date on the T estimation days on which all have returns.

    ``residuals`` (T, n); ``params`` (p, n); ``triangle`` (p, p) of X = QR; ``leverage`` (T,) h_s; ``nu`` degrees of
    freedom. p = 0: nothing is estimated. ``own``: the residuals are those of an estimate for each event, params and
    triangle then mean nothing.
    """

    residuals: FloatArray
    params: FloatArray
    triangle: FloatArray
    leverage: FloatArray
    nu: float
    own: bool = False

    @cached_property
    def centred(self) -> FloatArray:
        """(T, n) residuals for a variance with divisor nu: about their mean where the model estimates nothing."""
        return self.residuals if len(self.params) else self.residuals - self.residuals.mean(axis=0)

    @cached_property
    def portfolio_variance(self) -> float:
        """Residual variance of the equal-weight portfolio, divisor nu."""
        mean = self.centred.mean(axis=1)
        return float(mean @ mean) / self.nu

    @cached_property
    def covariance(self) -> FloatArray:
        """(n, n) residual covariance, divisor nu."""
        return np.asarray(self.centred.T @ self.centred / self.nu)

    @cached_property
    def root(self) -> FloatArray:
        """(n, n) lower triangle with root root' = A = E'E."""
        return np.asarray(np.linalg.cholesky(self.residuals.T @ self.residuals))

    @cached_property
    def past(self) -> FloatArray:
        """(T,) q_s = e_s'A^-1 e_s / (1 - h_s) of each estimation day."""
        return self.squared_length(self.residuals) / (1 - self.leverage)

    def squared_length(self, rows: FloatArray) -> FloatArray:
        """v'A^-1 v for each row v of `rows` (M, n), A = E'E."""
        scaled = np.linalg.solve(self.root, rows.T)
        return np.asarray((scaled * scaled).sum(axis=0))

    @cached_property
    def not_invertible(self) -> str | None:
        """Why the residual covariance has no inverse to be trusted, None if it has."""
        n = self.residuals.shape[1]
        if self.nu - n + 1 < 1:
            return f"needs at least {n} degrees of freedom for {n} securities, has {self.nu:g}"
        spread = np.sqrt(np.diag(self.covariance))
        if (spread <= 0).any():
            return "a security has no residual variance"
        if np.linalg.eigvalsh(self.covariance / np.outer(spread, spread))[0] < _SINGULAR:
            return "the residuals of one security are a combination of the others': the same security may be in twice"
        return None


@dataclass(frozen=True, slots=True, eq=False)
class CommonWindow:
    """``days`` and what they say of a window: ``car`` (n,), ``factor`` L + 1'X_W (X'X)^-1 X_W'1."""

    days: CommonDays
    car: FloatArray
    factor: float


def common_days(abnormal: AbnormalReturns) -> CommonDays | str:
    """Every event's model on the same days; the reason instead, where that cannot be done.

    With one date and one design, seemingly unrelated regressions are least squares, and the estimates of a portfolio
    are the means of its members' estimates (Schipper and Thompson 1983; Binder 1985): the model is estimated again on
    the days that all have. Models that are not least squares on one design keep the members' own estimates.
    """
    panel, normal = abnormal.panel, abnormal.normal
    if not (panel.day == panel.day[0]).all():
        return "needs one shared date, the events have several"
    if not _shared(abnormal):
        return _own_estimates(abnormal)
    rows = int(panel.day[0]) + np.arange(panel.estimation.start, panel.estimation.end + 1)
    rows = rows[(rows >= 0) & (rows < len(panel.sessions))]
    y, design = _excess(abnormal, rows), normal.design[rows]
    complete = np.asarray(np.isfinite(y).all(axis=1) & np.isfinite(design).all(axis=1))
    return _too_few(abnormal, complete) or _least_squares(y[complete], design[complete])


def common_window(days: CommonDays, abnormal: AbnormalReturns, window: Window) -> CommonWindow | str:
    """CARs over `window` by the estimates of the common days, and the factor of their variance."""
    ar = abnormal.ar[:, abnormal.columns(window)]
    if not np.isfinite(ar).all():
        return f"a day of {window} lacks the return of one of the events"
    car = ar.sum(axis=1)
    if days.own:
        return CommonWindow(days, car, float(abnormal.car_variance_factor(window).mean()))
    total = abnormal.design_sum(window)[0]
    scaled = np.linalg.solve(days.triangle.T, total)
    moved = (abnormal.normal.params - days.params.T) @ total
    return CommonWindow(days, car + moved, window.length + float(scaled @ scaled))


def _shared(abnormal: AbnormalReturns) -> bool:
    """Whether the model is least squares on one design, so that it can be estimated for all events together."""
    normal = abnormal.normal
    return normal.least_squares and normal.design.ndim == 2 and normal.offset.ndim == 1


def _own_estimates(abnormal: AbnormalReturns) -> CommonDays | str:
    """The members' own residuals on the days that all have, by an estimate each; leverage is the mean of theirs."""
    residuals, leverage = abnormal.residuals().T, abnormal.estimation_leverage().T
    complete = np.asarray(np.isfinite(residuals).all(axis=1))
    if reason := _too_few(abnormal, complete):
        return reason
    # What each member's estimate cost: a model's residuals may be fewer than the returns it read.
    lost = np.isfinite(residuals).sum(axis=0) - abnormal.normal.nu
    nu = float(complete.sum() - max(0.0, float(lost.max())))
    if nu < 1:
        return f"the members' estimates leave no degrees of freedom on the {complete.sum()} days that all have"
    p = abnormal.normal.params.shape[1]
    mean = np.clip(leverage[complete].mean(axis=1), 0.0, 0.99)
    return CommonDays(residuals[complete], np.empty((p, abnormal.n)), np.empty((p, p)), mean, nu, own=True)


def _too_few(abnormal: AbnormalReturns, complete: BoolArray) -> str | None:
    needed = abnormal.panel.min_obs
    if complete.sum() >= needed:
        return None
    return f"only {complete.sum()} estimation days have returns of all {abnormal.n} events, needs {needed}"


def _excess(abnormal: AbnormalReturns, rows: np.ndarray) -> FloatArray:
    """R - offset of the n events on `rows` (M,) of the sessions, (M, n)."""
    panel = abnormal.panel
    returns = panel.returns[panel.security[:, None], rows].T
    return np.asarray(returns - abnormal.normal.offset[rows, None])


def _least_squares(y: FloatArray, design: FloatArray) -> CommonDays | str:
    fit, lost = fit_table(y, design), max(design.shape[1], 1)
    if fit is None:
        return "the regressors are not independent of each other on the common estimation days"
    return CommonDays(fit.residuals, fit.params, fit.r, fit.leverage, float(len(y) - lost))
