"""The ratio of event to estimation variance: of each event over a window, and of a group on each day."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import NAN
from eventstudy.normal import columns_at, error_variance
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.windows import positions

BLOCK = 1024  # events whose (L, L) covariances are held at once


def variance_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    """lambda = AR_W'C^-1 AR_W / (sigma^2 L), (N,): event over estimation variance of each event, 1 being ordinary.

    C = V + X_W (X'X)^-1 X_W' is the full forecast covariance of the window's abnormal returns in units of sigma^2, V
    the identity unless the model says that errors differ from day to day. Days that miss are left out where the
    abnormal returns allow it, L then counts those present. For one day lambda = SAR^2.

    References
    ----------
    Patell (1976); Campbell, Lo and MacKinlay (1997), section 4.4.
    """
    return abnormal.once(("variance_ratio", window.start, window.end), lambda: _variance_ratio(abnormal, window))


def _variance_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    cols = abnormal.columns(window)
    known = np.flatnonzero(np.isfinite(abnormal.car(window)) & (abnormal.normal.sigma > 0))
    out = np.full(abnormal.n, NAN)
    for start in range(0, len(known), BLOCK):
        rows = known[start : start + BLOCK]
        ar = abnormal.ar[rows, cols]
        here = np.isfinite(ar)
        covariance = np.where(here[:, :, None] & here[:, None, :], _covariance(abnormal, rows, window), 0.0)
        covariance += np.eye(window.length) * ~here[:, :, None]
        ar = np.where(here, ar, 0.0)
        solved = np.linalg.solve(covariance, ar[:, :, None])[:, :, 0]
        out[rows] = (ar * solved).sum(axis=1) / (abnormal.normal.sigma[rows] ** 2 * here.sum(axis=1))
    return out


def _covariance(abnormal: AbnormalReturns, rows: np.ndarray, window: Window) -> FloatArray:
    """V + X_W (X'X)^-1 X_W' of the events `rows`, (B, L, L)."""
    at, _ = positions(abnormal.panel.day, window, len(abnormal.panel.sessions))
    variance = error_variance(abnormal.normal, *abnormal.ar.shape)[:, abnormal.columns(window)][rows]
    out = np.zeros((len(rows), window.length, window.length)) + np.eye(window.length) * variance[:, :, None]
    columns = [column[rows] for column in columns_at(abnormal.normal, at)]
    if columns:
        x = np.stack(columns, axis=2)
        out += x @ abnormal.normal.xtx_inv[rows] @ x.transpose(0, 2, 1)
    return np.asarray(out)


def cross_sectional_ratio(abnormal: AbnormalReturns, window: Window) -> FloatArray:
    """lambda_t, (L,): the cross-sectional variance of each day over its expectation, 1 being ordinary.

    lambda_t = (1/N) sum_i (N AR_it - sum_j AR_jt)^2 / (N (N - 2) s_it^2 + sum_j s_jt^2), s_it^2 = sigma_i^2 c_it the
    forecast variance, for events independent of each other. Their mean effect of the day cancels. The sum of
    lambda_t - 1 over a window is the cumulative abnormal volatility. Events with a missing day have to be left out
    before (`gather`). With N = 2 both terms are the same number.

    References
    ----------
    Hilliard and Savickas (2002); Bialkowski, Gottschalk and Wisniewski (2008).
    """
    cols = abnormal.columns(window)
    ar = abnormal.ar[:, cols]
    variance = (abnormal.normal.sigma[:, None] ** 2 * abnormal.forecast_factor())[:, cols]
    n = abnormal.n
    expected = n * (n - 2) * variance + variance.sum(axis=0)
    return np.asarray(((n * ar - ar.sum(axis=0)) ** 2 / expected).mean(axis=0))
