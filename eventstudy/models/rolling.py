"""Market model re-estimated on a moving window, for betas that drift."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.recipe import require
from eventstudy.models.single_index import Days, Fitted, covariance, fit_in_blocks, flat, ratio
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, NormalReturns

# A block holds (events, windows, length) numbers; 64 x 131 x 120 doubles are 8 MB.
BLOCK = 64
# The share of a window's days that need a return, as for estimation windows.
_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Rolling:
    """Market model by least squares on a moving window of `length` sessions. Call it on a panel.

    ``E[R_t] = a_t + b_t Rm_t``. In the event window a and b are those of the last `length` sessions of the estimation
    window, the same for all days of it: no day of the event window enters an estimate. ``xtx_inv`` is (X'X)^-1 of
    these sessions, ``r_squared`` theirs.

    Each estimation day s after the first `length` is forecast from the `length` sessions before it, and the error is
    brought to the scale of sigma by its forecast term: ``u_s = (R_s - a_s - b_s Rm_s) / sqrt(1 + x_s'(X'X)^-1 x_s)``.
    These u_s are the ``residuals`` (NaN on the first `length` days); ``sigma^2 = mean of u_s^2`` over the M days that
    have one, ``nu = M``. Divisor and nu are M, for nothing is fitted to the u_s: under the market model with constant
    coefficients each is N(0, sigma^2), so that no degree of freedom is lost. From windows that grow they would be
    independent and M sigma^2-hat / sigma^2 chi-squared with M degrees of freedom exactly (Brown, Durbin and Evans
    1975). From windows that move they are almost: the correlation of u_s and u_t is -(t - s) / length^2 for a
    constant, which lowers the effective degrees of freedom by the share 2 / (3 length) for each coefficient, 1 % in
    all at 120. Where beta drifts, sigma^2 holds what the drift adds to a forecast. ``least_squares`` is False.

    A window needs returns on 0.7 x `length` of its sessions, rounded up (0.7 as the default of ``min_obs``); a day
    whose window has fewer gets no u_s, and an event is refused where the last window has fewer, or where no day has
    one. The estimation window has to be longer than `length`.

    Parameters
    ----------
    length : sessions, 4 or more; the registry's ``rolling`` has 120 (about half a year), so that the default
        estimation window of 250 sessions leaves 130 forecast errors.

    Raises
    ------
    SpecError : a length below 4; when called, a panel without a market.

    References
    ----------
    Fama and MacBeth (1973) for betas of moving windows; Brown, Durbin and Evans (1975) for the errors.

    Examples
    --------
    >>> Rolling(60).least
    42
    """

    length: int = 120

    def __post_init__(self) -> None:
        if self.length < 4:
            raise SpecError(f"a moving window has 4 sessions or more, got {self.length}")

    @property
    def name(self) -> str:
        """``rolling``, with its length where that is another than 120."""
        return "rolling" if self == Rolling() else f"rolling({self.length})"

    @property
    def least(self) -> int:
        """Returns that a moving window needs."""
        return max(3, math.ceil(_SHARE * self.length - 1e-9))

    @property
    def card(self) -> Model:
        """The facts about the model with this length."""
        return phrases.market_model_by(
            self.name,
            self,
            words="rolling market model" + ("" if self == Rolling() else f" of {self.length} sessions"),
            formula=f"E[R] = α + β·Rm of the last {self.length} sessions, σ from one-day forecasts",
            source="Brown, Durbin and Evans 1975",
            method=f"fitted by least squares on moving windows of {self.length} sessions",
            fitted=f"each share’s return is fitted to that of its benchmark over {self.length} sessions, again for "
            "each day that follows them. Alpha is the intercept and beta the response of the last such window, sigma "
            "the scatter of the days around what was forecast for them. What the last line predicts for an event day "
            "is the normal return of that day.",
            errors=phrases.by_regressors("ν = the number of days that were forecast", of=", X of the last window"),
            parameters=phrases.LINE,
            at_once=True,
            across_gaps=False,
        )

    def __call__(self, panel: EventPanel) -> NormalReturns:
        """Estimate the model for every event of `panel`."""
        require(panel, self.name, ("market",))
        short = panel.estimation.length <= self.length
        fit = partial(_refuse, model=self, days=panel.estimation.length) if short else partial(_rolling, model=self)
        return fit_in_blocks(panel, self.name, 3, BLOCK, fit)


ROLLING = Rolling().card


@dataclass(frozen=True, slots=True, eq=False)
class _Moving:
    """Least squares on each of W windows of B events, (B, W): coefficients about the event's own means, and moments."""

    intercept: FloatArray
    slope: FloatArray
    x_mean: FloatArray
    squares: FloatArray
    count: FloatArray
    known: BoolArray


def _rolling(given: Days, model: Rolling) -> Fitted:
    length = model.length
    moving = _moving(given, model)
    errors = _forecast_errors(given, moving, length)
    here = np.isfinite(errors)
    nu = here.sum(axis=1).astype(np.float64)
    sse = np.where(here, errors, 0.0) ** 2
    last = _Moving(*(getattr(moving, name)[:, -1] for name in _Moving.__slots__))
    slope = last.slope
    x_mean = given.x_mean + last.x_mean
    intercept = given.r_mean + last.intercept - slope * given.x_mean
    residuals = np.full_like(given.r, np.nan)
    residuals[:, length:] = errors
    seen, moves = given.ok[:, -length:].sum(axis=1), last.known
    return Fitted(
        params=np.stack([intercept, slope], axis=1),
        sigma=np.sqrt(ratio(sse.sum(axis=1), nu)),
        nu=nu,
        xtx_inv=covariance(ratio(np.ones_like(slope), last.squares), x_mean, ratio(np.ones_like(slope), last.count)),
        r_squared=_r_squared(given, last, length),
        residuals=residuals,
        refusals=(
            (
                seen < model.least,
                lambda i: (
                    f"has {seen[i]} of the {model.least} returns needed in the last {length} sessions of the "
                    "estimation window"
                ),
            ),
            (~moves, lambda i: f"market does not vary in the last {length} sessions of the estimation window"),
            (nu < 1, lambda i: f"no estimation day can be forecast from the {length} sessions before it"),
        ),
    )


def _moving(given: Days, model: Rolling) -> _Moving:
    """Two passes in each window, means and then centred moments, as the engine of least squares does."""
    x, y, ok = (_windows(values, model.length) for values in (given.x, given.r, given.ok))
    counted = np.cumsum(np.pad(given.ok, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    count = counted[:, model.length :] - counted[:, : -model.length]
    some = np.maximum(count, 1.0)
    x_mean, y_mean = x.sum(axis=2) / some, y.sum(axis=2) / some  # days that are not ok are zero
    deviation = x - x_mean[:, :, None]
    if not given.ok.all():
        deviation *= ok
    squares = np.einsum("bwl,bwl->bw", deviation, deviation)
    cross = np.einsum("bwl,bwl->bw", deviation, y)
    known = (count >= model.least) & ~flat(squares, given.x_mean[:, None] + x_mean, count)
    slope = ratio(cross, np.where(known, squares, np.nan))
    return _Moving(y_mean - slope * x_mean, slope, x_mean, squares, count, known)


def _forecast_errors(given: Days, moving: _Moving, length: int) -> FloatArray:
    """u_s of the days after the first `length`, (B, T - length), NaN where the day or its window lacks returns."""
    before = _Moving(*(getattr(moving, name)[:, :-1] for name in _Moving.__slots__))
    x, y, ok = given.x[:, length:], given.r[:, length:], given.ok[:, length:]
    error = y - before.intercept - before.slope * x
    away = (x - before.x_mean) ** 2
    factor = 1.0 + 1.0 / np.maximum(before.count, 1.0) + ratio(away, before.squares)
    return np.where(ok & before.known, error / np.sqrt(factor), np.nan)


def _r_squared(given: Days, last: _Moving, length: int) -> FloatArray:
    x, y, ok = given.x[:, -length:], given.r[:, -length:], given.ok[:, -length:]
    mean = last.intercept + last.slope * last.x_mean
    left = np.where(ok, y - last.intercept[:, None] - last.slope[:, None] * x, 0.0)
    total = np.where(ok, y - mean[:, None], 0.0)
    return 1.0 - ratio((left**2).sum(axis=1), (total**2).sum(axis=1))


def _windows(values: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    """All windows of `length` days, (B, T - length + 1, length), a view."""
    return np.lib.stride_tricks.sliding_window_view(values, length, axis=1)


def _refuse(given: Days, model: Rolling, days: int) -> Fitted:
    """No estimate: the estimation window is no longer than the moving one."""
    n = len(given.count)
    none = np.full(n, np.nan)
    why = (
        f"the estimation window of {days} sessions leaves no day to forecast from the {model.length} before it; "
        "lengthen it or shorten the moving window"
    )
    every = np.ones(n, np.bool_)
    pair, square = np.full((n, 2), np.nan), np.full((n, 2, 2), np.nan)
    return Fitted(pair, none, none, square, none, None, ((every, lambda i: why),))
