"""Betas where security and market are not observed at the same moment: Scholes and Williams 1977, Dimson 1979."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from eventstudy.engine.ols import least_squares, read_only
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.recipe import require
from eventstudy.normal import estimation_residuals
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns, Window
from eventstudy.windows import positions

BLOCK = 1024
# Relative size below which a spread is rounding, not variation.
NEGLIGIBLE = 1e-10
_SHAPES: dict[str, tuple[int, ...]] = {"params": (2,), "sigma": (), "nu": (), "xtx_inv": (2, 2), "r_squared": ()}


def scholes_williams(panel: EventPanel) -> NormalReturns:
    """Market model with the beta of Scholes and Williams (1977), for securities that trade seldom.

    ``beta = (b- + b0 + b+) / (1 + 2 rho)``, ``a = mean R - beta mean Rm``, E[R] = a + beta Rm. b-, b0 and b+ are the
    slopes of three separate simple regressions of R_t on Rm_(t-1), Rm_t and Rm_(t+1), each on the days that have R_t,
    Rm_t and the shifted return, all of them inside the estimation window (no lead reaches beyond its last day, no lag
    before its first). rho is the first-order autocorrelation of the market on the same days: the mean of the slopes
    of Rm_t on Rm_(t-1) and on Rm_(t+1), whose geometric mean is the sample correlation.

    So defined beta is exactly an instrumental-variable estimate (section 4 of the paper). Its instrument z is the sum
    of Rm_(t-1), Rm_t and Rm_(t+1), each in deviation from its mean and divided by its sum of squares (the three sums
    are equal except at the ends of the window, so that z is in proportion to Rm_(t-1) + Rm_t + Rm_(t+1)). With
    X = [1, Rm] and Z = [1, z] the covariance of (a, beta) in units of sigma^2 is ``(Z'X)^-1 Z'Z (X'Z)^-1``: that is
    ``xtx_inv``, the forecast term of an abnormal return is x'xtx_inv x, and ``least_squares`` is False.

    ``sigma^2 = e'e / nu`` with e = R - a - beta Rm over the T days that have R and Rm, and nu = T - 2, as for the
    market model. The expectation of e'e is sigma^2 (T - 3 + 1 / r^2), r the correlation of z with Rm, r^2 about 1/3:
    sigma^2 is too large by the share 2 / T, which errs on the safe side. ``r_squared`` is 1 - e'e over the sum of
    squares of R about its mean; it may be negative. Refused beside the usual: a market with 1 + 2 rho <= 0.

    References
    ----------
    Scholes and Williams (1977).

    Examples
    --------
    ``estimate(panel, "scholes_williams").params[:, 1]`` are the (N,) betas.

    >>> from eventstudy.example import example
    >>> normal = example(model="scholes_williams").normal
    >>> float(round(normal.params[0, 1], 3))
    0.389
    """
    require(panel, "scholes_williams", ("market",))
    return fit_in_blocks(panel, "scholes_williams", 3, BLOCK, _scholes_williams)


SCHOLES_WILLIAMS = phrases.market_model_by(
    "scholes_williams",
    scholes_williams,
    words="Scholes-Williams",
    formula="E[R] = α + β·Rm, β = (b₋ + b₀ + b₊) / (1 + 2ρ), the slopes on the benchmark’s last, same and next return",
    source="Scholes and Williams 1977",
    method="fitted by an instrument, the sum of the benchmark’s last, same and next return,",
    fitted="each share’s return is set against that of its benchmark on the day before, the same day and the "
    "day after, because the two are not observed at one moment. Alpha is the intercept, beta the response made "
    f"of the three slopes. {phrases.SCATTER}",
    errors=phrases.by_regressors("ν = T − 2", "C", ", C = (Z′X)⁻¹Z′Z(X′Z)⁻¹ with the instrument in Z"),
    parameters=phrases.LINE,
    at_once=True,
    across_gaps=False,
)


def _scholes_williams(days: Days) -> Fitted:
    z, pairs, still = np.zeros_like(days.x), np.full(len(days.count), np.inf), np.zeros(len(days.count), np.bool_)
    for shift in (-1, 0, 1):
        known, shifted = _shifted(days, shift)
        count = known.sum(axis=1).astype(np.float64)
        mean = shifted.sum(axis=1) / np.maximum(count, 1.0)
        deviation = np.where(known, shifted - mean[:, None], 0.0)
        squares = np.einsum("bt,bt->b", deviation, deviation)
        z += ratio(deviation, squares[:, None])
        pairs = np.minimum(pairs, count)
        still |= flat(squares, days.x_mean + mean, count)
    scale = np.einsum("bt,bt->b", z, days.x)  # 1 + 2 rho
    below = np.where(scale > 0, scale, np.nan)
    beta = np.einsum("bt,bt->b", z, days.r) / below
    residuals = days.r - beta[:, None] * days.x
    sse, total = np.einsum("bt,bt->b", residuals, residuals), np.einsum("bt,bt->b", days.r, days.r)
    nu = days.count - 2.0
    slope = np.einsum("bt,bt->b", z, z) / below**2
    return Fitted(
        params=np.stack([days.r_mean - beta * days.x_mean, beta], axis=1),
        sigma=np.sqrt(ratio(sse, nu)),
        nu=nu,
        xtx_inv=covariance(slope, days.x_mean, 1.0 / np.maximum(days.count, 1.0)),
        r_squared=1.0 - ratio(sse, total),
        refusals=(
            (pairs < 3, lambda i: f"has {pairs[i]:.0f} of the 3 days needed that have the market's return beside them"),
            (still, lambda i: "market does not vary in the estimation window"),
            (~(scale > 0), lambda i: _negative(float(scale[i] - 1.0) / 2.0)),
        ),
    )


def _shifted(days: Days, shift: int) -> tuple[BoolArray, FloatArray]:
    """Whether R_t, Rm_t and Rm_(t+shift) are known, and the last of these, zero elsewhere; (B, T) both."""
    moved = np.full_like(days.market, np.nan)
    if shift < 0:
        moved[:, -shift:] = days.market[:, :shift]
    else:
        moved[:, : moved.shape[1] - shift] = days.market[:, shift:]
    known = days.ok & np.isfinite(moved)
    return known, np.where(known, moved, 0.0)


def _negative(rho: float) -> str:
    return (
        f"the market's first-order autocorrelation is {rho:.3f} in the estimation window, and beta is divided by "
        "1 + 2 rho, which has to be positive"
    )


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
    sessions = len(panel.sessions)
    design: FloatArray = np.stack([np.ones(sessions), market], axis=1)
    return NormalReturns(
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


# ------------------------------------------------------------------------------------------------------------ Dimson
@dataclass(frozen=True, slots=True)
class Dimson:
    """Market model with `m` leads and lags of the market, in one multiple regression (Dimson 1979). Call it on a panel.

    ``E[R_t] = a + sum over j = -m .. m of b_j Rm_(t+j)``, ``beta = sum of b_j``. The same regression is written as
    ``a + beta Rm_t + sum over j != 0 of b_j (Rm_(t+j) - Rm_t)``: fit, residuals and normal return are the same, and
    the parameter ``market`` is beta itself, with its own standard error; b_0 is beta less the other b_j. Ordinary
    least squares, sigma^2 = e'e / nu with nu = T - (2m + 2), T the days used; the forecast term is x'(X'X)^-1 x.

    No estimate uses a market return outside the estimation window: its first and last m days, whose lags and leads
    lie outside, are dropped (T = 248 of 250 with m = 1), and have no residual. The normal return of an event day does
    use the leads: that of day zero needs the market's return of the next session. This is meant, where the market
    of a day closes before the security's (or the news reaches the market later); the consequence is that the
    abnormal return of a day cannot be known on that day, and that what the market does on the day after moves it.
    The strict alternative, which looks back only, is ``Dimson(m, leads=False)``: lags alone.

    Parameters
    ----------
    m : leads and lags, 1 or more; the registry's ``dimson`` has 1.
    leads : False for lags alone.
    correction : ``fowler_rorke`` (m = 1): beta = b_0 + w (b_-1 + b_1) with w = (1 + rho) / (1 + 2 rho), rho the
        correlation of the market's return with the one before, over the adjacent days of the estimation window that
        have both. The other columns are then Rm_(t+j) - w Rm_t. It changes the beta reported, not the normal return.
        Refused where 1 + 2 rho <= 0.

    Raises
    ------
    SpecError : m below 1, an unknown correction, or a correction without leads or with m other than 1; when called,
        a panel without a market, or an estimation window that m leaves empty.

    References
    ----------
    Dimson (1979); Fowler and Rorke (1983).

    Examples
    --------
    >>> Dimson(2).columns
    ('const', 'market', 'market[-2] - market', 'market[-1] - market', 'market[+1] - market', 'market[+2] - market')
    """

    m: int = 1
    leads: bool = True
    correction: Literal["fowler_rorke"] | None = None

    def __post_init__(self) -> None:
        if self.m < 1:
            raise SpecError(f"the Dimson model has 1 lag or more, got m = {self.m}; without lags it is 'market'")
        if self.correction not in (None, "fowler_rorke"):
            raise SpecError(f"the correction of the Dimson beta is 'fowler_rorke' or None, got {self.correction!r}")
        if self.correction and (self.m != 1 or not self.leads):
            raise SpecError("the correction of Fowler and Rorke is for one lead and one lag: m = 1 with leads")

    @property
    def name(self) -> str:
        """``dimson``, with what differs from one lead and one lag, uncorrected."""
        said = [str(self.m)] + ["lags only"] * (not self.leads) + [self.correction] * (self.correction is not None)
        return "dimson" if self == Dimson() else f"dimson({', '.join(str(s) for s in said)})"

    @property
    def shifts(self) -> tuple[int, ...]:
        """The j of Rm_(t+j) beside Rm_t."""
        return tuple(j for j in range(-self.m, self.m * self.leads + 1) if j != 0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the regression's columns; ``market`` has beta."""
        taken = "w market" if self.correction else "market"
        return ("const", "market", *(f"market[{j:+d}] - {taken}" for j in self.shifts))

    @property
    def card(self) -> Model:
        """The facts about the model with these lags."""
        sessions = f"the {self.m} sessions" if self.m > 1 else "the session"
        beside = f"{sessions} before{' and after' if self.leads else ''}"
        sums = " + ".join(
            f"β{_subscript(j)}·Rm" + (f",{_subscript(j)}" if j else "") for j in sorted((0, *self.shifts))
        )
        return phrases.market_model_by(
            self.name,
            self,
            words="Dimson" if self == Dimson() else self.name.replace("dimson", "Dimson").replace("_", " and "),
            formula=f"E[R] = α + {sums}",
            source="Dimson 1979" + ("; Fowler and Rorke 1983" if self.correction else ""),
            method="fitted by least squares",
            fitted=f"each share’s return is fitted to that of its benchmark on the same day and on {beside} "
            f"it, because the two are not observed at one moment. Alpha is the intercept, beta the sum of the "
            f"responses. {phrases.SCATTER}",
            errors=phrases.by_regressors(f"ν = T − {len(self.columns)}"),
            parameters="const is alpha, the intercept; market is beta, the sum of the responses; each further one is "
            "the response to a lead or lag",
            at_once=True,
            across_gaps=False,
        )

    def __call__(self, panel: EventPanel) -> NormalReturns:
        """Estimate the model for every event of `panel`."""
        require(panel, self.name, ("market",))
        inner = replace(panel, estimation=self._inner(panel.estimation))
        market = panel.regressors["market"]
        weight = np.ones(1) if self.correction is None else _weights(panel)
        moved = [_moved(market, j) - weight[:, None] * market for j in self.shifts]
        shared = [np.broadcast_to(column, moved[0].shape) for column in (np.ones(len(market)), market)]
        design = np.stack([*shared, *moved], axis=-1)
        design = design[0] if self.correction is None else design
        normal = least_squares(inner.layout, self.name, self.columns, design, np.zeros(len(market)))
        residuals = np.full((panel.n_events, panel.estimation.length), np.nan)
        first = inner.estimation.start - panel.estimation.start
        residuals[:, first : first + inner.estimation.length] = estimation_residuals(inner, normal)
        reason = normal.reason
        if self.correction:
            reason = tuple(why if w > 0 else _UNCORRECTED for why, w in zip(reason, weight, strict=True))
        # Least squares, but not on all days of the estimation window: who estimates again must not take them all.
        return replace(normal, residuals=read_only(residuals), least_squares=False, reason=reason)

    def _inner(self, estimation: Window) -> Window:
        start, end = estimation.start + self.m, estimation.end - self.m * self.leads
        if end < start:
            raise SpecError(
                f"the estimation window {estimation} has no day left with {self.m} lags and leads inside it; "
                "lengthen it or lower m"
            )
        return Window(start, end)


_UNCORRECTED = (
    "the market's first-order autocorrelation is -0.5 or lower in the estimation window, or not known, and the "
    "correction of Fowler and Rorke divides by 1 + 2 rho"
)


def _subscript(j: int) -> str:
    """A lag or lead as it stands under a letter: ₋₁, ₊₁, ₀; one step is written as its sign alone."""
    return ("₋" if j < 0 else "₊" if j > 0 else "") + str(abs(j)).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


DIMSON = Dimson().card


def _moved(series: FloatArray, j: int) -> FloatArray:
    """x_(t+j) on day t, NaN beyond the ends."""
    out = np.full_like(series, np.nan)
    if j < 0:
        out[-j:] = series[:j]
    else:
        out[: max(len(out) - j, 0)] = series[j:]
    return out


def _weights(panel: EventPanel) -> FloatArray:
    """(1 + rho) / (1 + 2 rho) in the estimation window of each event, (N,); NaN where 1 + 2 rho <= 0 or not known."""
    at, inside = positions(panel.day, panel.estimation, len(panel.sessions))
    x = np.where(inside, panel.regressors["market"][at], np.nan)
    before, after = x[:, :-1], x[:, 1:]
    both = np.isfinite(before) & np.isfinite(after)
    count = np.maximum(both.sum(axis=1), 1)[:, None]
    before, after = (np.where(both, v, 0.0) for v in (before, after))
    before, after = (np.where(both, v - v.sum(axis=1, keepdims=True) / count, 0.0) for v in (before, after))
    rho = ratio((before * after).sum(axis=1), np.sqrt((before**2).sum(axis=1) * (after**2).sum(axis=1)))
    return np.asarray(ratio(1.0 + rho, 1.0 + 2.0 * rho))
