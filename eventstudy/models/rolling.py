"""Market model re-estimated on a moving window, for betas that drift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.kernel import measure
from eventstudy.engine.ols import least_squares, read_only
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.models.recipe import require
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, Layout, NormalReturns, Window

BLOCK = 4_096  # events whose moving windows are measured together
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
    whose window has fewer, or no variation, gets no u_s, and an event is refused where that holds of the last window,
    or where no day has one. The estimation window has to be longer than `length`.

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
        n, length, market = panel.n_events, panel.estimation.length, panel.regressors["market"]
        design, zero = np.column_stack([np.ones(len(market)), market]), np.zeros(len(market))
        names = ("const", "market")
        whole = least_squares(panel.layout, self.name, names, design, zero)
        residuals, reasons = np.full((n, length), np.nan), list(whole.reason)
        last = whole
        if length <= self.length:
            why = _NO_DAY.format(length, self.length)
            reasons = [reason or why for reason in reasons]
        else:
            end = Window(panel.estimation.end - self.length + 1, panel.estimation.end)
            last = least_squares(
                replace(panel.layout, estimation=end, min_obs=self.least), self.name, names, design, zero
            )
            reasons = [own or self._of_last(found) for own, found in zip(reasons, last.reason, strict=True)]
            residuals[:, self.length :] = self._forecast_errors(panel, design)
        here = np.isfinite(residuals)
        nu = here.sum(axis=1).astype(np.float64)
        none = f"no estimation day can be forecast from the {self.length} sessions before it"
        reasons = [why or (none if count < 1 else None) for why, count in zip(reasons, nu, strict=True)]
        out = np.array([why is not None for why in reasons], np.bool_)
        with np.errstate(invalid="ignore", divide="ignore"):
            sigma = np.sqrt((np.where(here, residuals, 0.0) ** 2).sum(axis=1) / nu)
        return replace(
            last,
            params=_without(last.params, out),
            sigma=_without(sigma, out),
            nobs=whole.nobs,
            nu=_without(nu, out),
            xtx_inv=_without(last.xtx_inv, out),
            r_squared=_without(last.r_squared, out),
            reason=tuple(reasons),
            residuals=_without(residuals, out),
            least_squares=False,
        )

    def _of_last(self, reason: str | None) -> str | None:
        """Why the last window could not be estimated, None if it was."""
        at = f"in the last {self.length} sessions of the estimation window"
        said = (reason or "").replace("estimation returns needed", "returns needed in the estimation window")
        return said.replace("in the estimation window", at) or None

    def _forecast_errors(self, panel: EventPanel, design: FloatArray) -> FloatArray:
        """u_s of the days after the first `length`, (N, T - length), NaN where the day or its window lacks returns.

        Each of these days is an event of its own to the engine, one session after its window: u is its SAR in units of
        sigma.
        """
        ends = np.arange(panel.estimation.start + self.length - 1, panel.estimation.end, dtype=np.int32)
        errors, sessions = np.full((panel.n_events, len(ends)), np.nan), len(design)
        for at in range(0, panel.n_events, BLOCK):
            own = slice(at, at + BLOCK)
            day = panel.day[own, None] + ends
            rows, columns = np.nonzero((day >= 0) & (day < sessions))
            layout = Layout(
                panel.returns,
                panel.security[own][rows],
                day[rows, columns],
                Window(1 - self.length, 0),
                Window(1, 1),
                self.least,
            )
            found = measure(layout, design, np.zeros(sessions), True, [], "full", signs=False)
            if found.sar is not None:
                errors[at + rows, columns] = found.sar[:, 0] * found.sigma
        return errors


ROLLING = Rolling().card
_NO_DAY = (
    "the estimation window of {} sessions leaves no day to forecast from the {} before it; lengthen it or shorten the "
    "moving window"
)


def _without(values: FloatArray, out: BoolArray) -> FloatArray:
    """`values` (N, ...), NaN for the events that are out."""
    kept = np.array(values)
    kept[out] = np.nan
    return read_only(kept)
