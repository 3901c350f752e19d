"""Betas where security and market are not observed at the same moment: Scholes and Williams 1977, Dimson 1979."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from eventstudy.engine.ols import least_squares, read_only
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.recipe import require
from eventstudy.models.single_index import Days, Fitted, covariance, fit_in_blocks, flat, ratio
from eventstudy.normal import estimation_residuals
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, NormalReturns, Window
from eventstudy.windows import positions

BLOCK = 1024


def scholes_williams(panel: EventPanel) -> NormalReturns:
    """Market model with the beta of Scholes and Williams (1977), for securities that trade seldom.

    ``beta = (b- + b0 + b+) / (1 + 2 rho)``, ``a = mean R - beta mean Rm``, E[R] = a + beta Rm. b-, b0 and b+ are the
    slopes of three separate simple regressions of R_t on Rm_(t-1), Rm_t and Rm_(t+1), each on the days that have R_t,
    Rm_t and the shifted return, all of them inside the estimation window (no lead reaches beyond its last day, no lag
    before its first). rho is the first-order autocorrelation of the market on the same days: the mean of the slopes
    of Rm_t on Rm_(t-1) and on Rm_(t+1), whose geometric mean is the sample correlation.

    So defined beta is exactly an instrumental-variable estimate (section 4 of the paper). Its instrument z is the sum
    of Rm_(t-1), Rm_t and Rm_(t+1), each in deviation from its mean and divided by its sum of squares (the three sums
    are equal but for the ends of the window, so that z is in proportion to Rm_(t-1) + Rm_t + Rm_(t+1)). With
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
        residuals=None,
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
