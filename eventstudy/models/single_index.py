"""What models of one market index share whose estimates are not ordinary least squares: their days and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.ols import read_only
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns
from eventstudy.windows import positions

# Relative size below which a spread is rounding, not variation.
NEGLIGIBLE = 1e-10
_SHAPES: dict[str, tuple[int, ...]] = {"params": (2,), "sigma": (), "nu": (), "xtx_inv": (2, 2), "r_squared": ()}


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Estimation days of B events: security ``r`` and market ``x``, (B, T), zero where not both are known (``ok``).

    Both are deviations from their means over the days that are ok, (B,) ``r_mean`` and ``x_mean``; ``count`` (B,) of
    these days. ``market`` (B, T) the market less ``x_mean`` on all days of the window, NaN where it has no return.
    """

    r: FloatArray
    x: FloatArray
    ok: BoolArray
    market: FloatArray
    r_mean: FloatArray
    x_mean: FloatArray
    count: FloatArray
    constant: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Estimates of B events, as in `NormalReturns` with p = 2; ``refusals`` (which, sentence) in order of priority."""

    params: FloatArray
    sigma: FloatArray
    nu: FloatArray
    xtx_inv: FloatArray
    r_squared: FloatArray
    residuals: FloatArray | None
    refusals: tuple[tuple[BoolArray, Callable[[int], str]], ...]


def fit_in_blocks(
    panel: EventPanel, model: str, least: int, block: int, fit: Callable[[Days], Fitted]
) -> NormalReturns:
    """Estimate a model of const and market, `block` events at a time, with no loop over events.

    Parameters
    ----------
    panel, model : as everywhere.
    least : the returns that an event needs at least, whatever ``panel.min_obs`` says.
    fit : estimates of the events of a block from their days.

    Returns NormalReturns with ``least_squares=False``; an event that `fit` or the common conditions refuse (too few
    returns, returns that do not vary, no residual variance) has a reason and NaN.
    """
    n = panel.n_events
    market = panel.regressors["market"]
    out = {name: np.full((n, *shape), np.nan) for name, shape in _SHAPES.items()}
    nobs = np.zeros(n, np.int32)
    reason: list[str | None] = []
    residuals: FloatArray | None = None
    for start in range(0, n, block):
        rows = np.arange(start, min(start + block, n), dtype=np.int32)
        days = _days(panel, rows, market)
        fitted = fit(days)
        nobs[rows] = days.ok.sum(axis=1)
        why = _reasons(days, fitted, max(panel.min_obs, least))
        ok = np.array([sentence is None for sentence in why])
        reason += why
        for name, values in out.items():
            values[rows[ok]] = getattr(fitted, name)[ok]
        if fitted.residuals is not None:
            residuals = np.full((n, panel.estimation.length), np.nan) if residuals is None else residuals
            residuals[rows[ok]] = fitted.residuals[ok]
    sessions = len(panel.sessions)
    design: FloatArray = np.stack([np.ones(sessions), market], axis=1)
    normal = NormalReturns(
        model,
        ("const", "market"),
        read_only(design),
        read_only(np.zeros(sessions)),
        read_only(out["params"]),
        read_only(out["sigma"]),
        read_only(nobs),
        read_only(out["nu"]),
        read_only(out["xtx_inv"]),
        read_only(out["r_squared"]),
        tuple(reason),
        least_squares=False,
    )
    return normal if residuals is None else replace(normal, residuals=read_only(residuals))


def covariance(slope: FloatArray, mean: FloatArray, of_mean: FloatArray) -> FloatArray:
    """Covariance (B, 2, 2) of (a, b), a = mean R - b `mean`, from the variances of b and, uncorrelated, of mean R."""
    out = np.empty((len(slope), 2, 2))
    out[:, 1, 1] = slope
    out[:, 0, 1] = out[:, 1, 0] = -mean * slope
    out[:, 0, 0] = of_mean + mean * mean * slope
    return out


def flat(squares: FloatArray, mean: FloatArray, count: FloatArray) -> BoolArray:
    """Whether a sum of squares about a mean is no more than the rounding of equal numbers."""
    spread: BoolArray = np.sqrt(squares) <= NEGLIGIBLE * np.abs(mean) * np.sqrt(count)
    return spread


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """above / below, NaN where below is not positive."""
    return above / np.where(below > 0, below, np.nan)


def _days(panel: EventPanel, rows: IntArray, market: FloatArray) -> Days:
    at, inside = positions(panel.day[rows], panel.estimation, len(panel.sessions))
    raw: FloatArray = panel.returns[panel.security[rows][:, None], at]
    x: FloatArray = np.where(inside & np.isfinite(market[at]), market[at], np.nan)
    ok = inside & np.isfinite(raw) & np.isfinite(x)
    count = ok.sum(axis=1).astype(np.float64)
    some = np.maximum(count, 1.0)
    r_mean, x_mean = np.where(ok, raw, 0.0).sum(axis=1) / some, np.where(ok, x, 0.0).sum(axis=1) / some
    centred, market_centred = raw - r_mean[:, None], x - x_mean[:, None]
    low, high = np.where(ok, raw, np.inf).min(axis=1), np.where(ok, raw, -np.inf).max(axis=1)
    constant = high - low <= NEGLIGIBLE * np.maximum(np.abs(low), np.abs(high))
    r, x = np.where(ok, centred, 0.0), np.where(ok, market_centred, 0.0)
    return Days(r, x, ok, market_centred, r_mean, x_mean, count, constant)


def _reasons(days: Days, fitted: Fitted, needed: int) -> list[str | None]:
    """The first condition that holds, as a sentence; None for those that were estimated."""
    size = np.sqrt(np.where(days.ok, (days.r + days.r_mean[:, None]) ** 2, 0.0).sum(axis=1))
    left = np.where(np.isfinite(fitted.sigma), fitted.sigma * np.sqrt(np.maximum(fitted.nu, 0.0)), 0.0)
    conditions: tuple[tuple[BoolArray, Callable[[int], str]], ...] = (
        (days.count < needed, lambda i: f"has {days.count[i]:.0f} of the {needed} estimation returns needed"),
        (days.constant, lambda i: "its returns do not vary in the estimation window"),
        *fitted.refusals,
        (
            left <= NEGLIGIBLE * size,
            lambda i: "the model leaves no residual variance in the estimation window; is it its own benchmark?",
        ),
    )
    out: list[str | None] = [None] * len(size)
    for which, sentence in reversed(conditions):
        for i in np.flatnonzero(which):
            out[i] = sentence(int(i))
    return out
