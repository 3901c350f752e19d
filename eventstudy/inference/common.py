"""All events of one date on the same days: what a portfolio and a joint test are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import BoolArray, FloatArray, Window


@dataclass(frozen=True, slots=True, eq=False)
class CommonFit:
    """The model estimated anew for n events of one date on the T days on which all have returns.

    ``residuals`` (T, n); ``car`` (n,) over the window; ``leverage`` (T,) h_s; ``factor`` L + 1'X_W (X'X)^-1 X_W'1;
    ``nu`` degrees of freedom; ``columns`` p of the design (0: nothing is estimated).
    """

    residuals: FloatArray
    car: FloatArray
    leverage: FloatArray
    factor: float
    nu: float
    columns: int

    @property
    def centred(self) -> FloatArray:
        """Residuals for a variance with divisor nu: about their mean where the model estimates nothing."""
        return self.residuals if self.columns else self.residuals - self.residuals.mean(axis=0)


def fit_on_common_days(abnormal: AbnormalReturns, window: Window) -> CommonFit | str:
    """Regress every event's returns on the same days; the reason instead, where that cannot be done.

    With one date and one design, seemingly unrelated regressions are least squares, and the estimates of a portfolio
    are the means of its members' estimates (Schipper and Thompson 1983; Binder 1985).
    """
    panel, normal = abnormal.panel, abnormal.normal
    if not (panel.day == panel.day[0]).all():
        return "needs one shared date, the events have several"
    days = int(panel.day[0]) + np.arange(panel.estimation.start, panel.estimation.end + 1)
    days = days[(days >= 0) & (days < len(panel.sessions))]
    inside = int(panel.day[0]) + np.asarray(window.taus)
    returns = panel.returns[panel.security]
    y = (returns[:, days] - normal.offset[days]).T
    complete = _complete(y, normal.design[days])
    if complete.sum() < panel.min_obs:
        return f"only {complete.sum()} estimation days have returns of all {abnormal.n} events, needs {panel.min_obs}"
    y_inside = (returns[:, inside] - normal.offset[inside]).T
    if not _complete(y_inside, normal.design[inside]).all():
        return f"a day of {window} lacks the return of one of the events"
    return _least_squares(y[complete], normal.design[days[complete]], y_inside, normal.design[inside])


def _complete(y: FloatArray, design: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(y).all(axis=1) & np.isfinite(design).all(axis=1))


def _least_squares(y: FloatArray, design: FloatArray, inside: FloatArray, design_inside: FloatArray) -> CommonFit | str:
    days, columns = design.shape
    length = float(len(inside))
    if columns == 0:
        return CommonFit(y, inside.sum(axis=0), np.zeros(days), length, days - 1.0, 0)
    q, r = np.linalg.qr(design)
    size = np.abs(np.diag(r))
    if size.min() <= 1e-12 * size.max():
        return "the regressors are not independent of each other on the common estimation days"
    params = np.linalg.solve(r, q.T @ y)
    total = np.linalg.solve(r.T, design_inside.sum(axis=0))
    return CommonFit(
        residuals=y - design @ params,
        car=(inside - design_inside @ params).sum(axis=0),
        leverage=(q * q).sum(axis=1),
        factor=length + float(total @ total),
        nu=float(days - columns),
        columns=columns,
    )
