"""Abnormal returns and what follows from them: AR, SAR, CAR, SCAR, AAR, CAAR, BHAR and their variances.

Notation: tau days relative to day zero, X the (T, p) estimation design, x_tau a row of the event window, W a window
of L days, sigma and nu of the normal-return model. Every variance carries the full forecast error: all days of W
share the same estimated parameters (Patell 1976; Campbell, Lo and MacKinlay 1997, section 4.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.engine.ols import read_only
from eventstudy.errors import SpecError, WindowError
from eventstudy.normal import (
    columns_at,
    error_variance,
    estimation_residuals,
    expected,
    explained,
    leverage,
    own_design,
    own_offset,
)
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray, IntArray, NormalReturns, Window
from eventstudy.once import known
from eventstudy.windows import gather, own_windows, positions, windows_looked_at

Rows = Sequence[int] | Sequence[bool] | npt.NDArray[np.integer] | npt.NDArray[np.bool_]

_OF_EACH_EVENT = ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")  # the estimates with a row an event
_KEPT = 1_000_000  # numbers up to which an array is kept for the tests that ask for it again: 8 MB
_PERHAPS = {"design": 3, "offset": 2, "variance": 2, "residuals": 2}  # dimensions with which these have one too


@dataclass(frozen=True, eq=False)  # no slots: which days are present is worked out at most once and kept
class AbnormalReturns:
    """Abnormal returns of N events over the L days of the panel's event window.

    ``ar`` (N, L) decimals, NaN where the return, a regressor or the estimate is missing. ``allow_missing`` says how
    sums over a window treat a missing day: False (default) makes them NaN, True leaves the day out, so that L counts
    the days present and the design is summed over those days alone. The arrays that make up a result cannot be
    written to; what the methods return is the caller's own.
    """

    panel: EventPanel
    normal: NormalReturns
    ar: FloatArray
    allow_missing: bool = False

    @property
    def n(self) -> int:
        """N, number of events, estimated or not."""
        return self.panel.n_events

    @property
    def tickers(self) -> tuple[str, ...]:
        """The security of each event, length N."""
        return self.panel.event_tickers

    @property
    def keys(self) -> tuple[str, ...]:
        """The name of each event, length N, no two alike (see `EventPanel.keys`)."""
        return self.panel.keys

    @cached_property
    def _present(self) -> BoolArray:
        return np.isfinite(self.ar)

    @cached_property
    def _whole(self) -> bool:
        return bool(self._present.all())

    @property
    def _made(self) -> dict[tuple[str, *tuple[int, ...]], FloatArray]:
        made: dict[tuple[str, *tuple[int, ...]], FloatArray] = known(self).setdefault("rows", {})
        return made  # what thirty tests over the same windows ask for again and again

    def once(self, key: tuple[str, *tuple[int, ...]], make: Callable[[], FloatArray]) -> FloatArray:
        """What `make` returns, worked out once unless it is large; a copy, so that the caller's is the caller's own."""
        found = self._made.get(key)
        made = make() if found is None else found
        if found is None and made.size <= _KEPT:
            self._made[key] = made
        return made.copy()

    @property
    def _error_variance(self) -> FloatArray:
        return error_variance(self.normal, *self.ar.shape)

    @property
    def estimated(self) -> BoolArray:
        """(N,) whether the normal return could be estimated."""
        return np.array([reason is None for reason in self.normal.reason], dtype=np.bool_)

    def take(self, rows: Rows) -> AbnormalReturns:
        """The events `rows` (positions or a mask), in that order, with panel and estimates to match."""
        at = np.asarray(rows)
        at = np.flatnonzero(at) if at.dtype == np.bool_ else at.astype(np.intp)
        panel, normal = self.panel, self.normal
        panel = replace(
            panel,
            events=tuple(panel.events[i] for i in at) if panel.events else (),
            day_zero=tuple(panel.day_zero[i] for i in at) if panel.day_zero else (),
            security=read_only(panel.security[at]),
            day=read_only(panel.day[at]),
        )
        own = [name for name, dims in _PERHAPS.items() if np.ndim(getattr(normal, name)) == dims]
        estimates: dict[str, Any] = {name: read_only(getattr(normal, name)[at]) for name in (*_OF_EACH_EVENT, *own)}
        normal = replace(normal, reason=tuple(normal.reason[i] for i in at), **estimates)
        taken = replace(self, panel=panel, normal=normal, ar=read_only(self.ar[at]))
        taken._made.update((key, values[at]) for key, values in self._made.items())  # a row an event, each on its own
        return taken

    # ------------------------------------------------------------------------------------------------- day by day
    def columns(self, window: Window) -> slice:
        """Where `window` lies in the columns of ``ar``; WindowError if outside the event window."""
        own = self.panel.event
        if not own.contains(window):
            raise WindowError(f"window {window} lies outside the event window {own}")
        return slice(window.start - own.start, window.end - own.start + 1)

    def realized(self) -> FloatArray:
        """R_tau, (N, L) returns over the event window."""
        panel = self.panel
        return self.once(("realized",), lambda: gather(panel.returns, panel.security, panel.day, panel.event))

    def expected(self) -> FloatArray:
        """E[R_tau] = offset_tau + x_tau'b, (N, L)."""
        return self.once(("expected",), lambda: expected(self.panel, self.normal, self.panel.event))

    def forecast_factor(self) -> FloatArray:
        """c_tau = v_tau + x_tau'(X'X)^-1 x_tau, (N, L): variance of one abnormal return in units of sigma^2.

        v_tau is 1, but for models whose errors differ from day to day.
        """
        panel, normal = self.panel, self.normal
        return self.once(("forecast",), lambda: self._error_variance + leverage(panel, normal, panel.event))

    def scaled(self) -> FloatArray:
        """AR_tau / sqrt(v_tau), (N, L): abnormal returns on the scale of the estimation residuals."""
        return self.ar if self.normal.variance is None else self.ar / np.sqrt(self.normal.variance)

    def sar(self) -> FloatArray:
        """SAR_tau = AR_tau / (sigma sqrt(c_tau)), (N, L), each t(nu) under the null (Patell 1976)."""
        return self.once(("sar",), lambda: self.ar / (self.normal.sigma[:, None] * np.sqrt(self.forecast_factor())))

    # ----------------------------------------------------------------------------------------------- over a window
    def car(self, window: Window) -> FloatArray:
        """CAR(W) = sum of AR_tau over W, (N,)."""
        cols, once = self.columns(window), ("car", window.start, window.end)
        ar, here = self.ar[:, cols], self._present[:, cols]
        return self.once(once, lambda: self._summed(np.where(here, ar, 0.0).sum(axis=1), window))

    def days(self, window: Window) -> IntArray:
        """Days of W on which each event has an abnormal return, (N,)."""
        return np.asarray(self._present[:, self.columns(window)].sum(axis=1, dtype=np.int32))

    def design_sum(self, window: Window) -> FloatArray:
        """X_W'1, (N, p): the design summed over the days of W (those present, where missing days are allowed)."""
        return self.once(("design_sum", window.start, window.end), lambda: self._design_sum(window))

    def car_variance_factor(self, window: Window) -> FloatArray:
        """L + 1'X_W (X'X)^-1 X_W'1, (N,): variance of CAR(W) in units of sigma^2.

        For the market model this is L + L^2/T + (sum over W of (Rm - mean))^2 / sum over estimation of (Rm - mean)^2.
        Where errors differ from day to day L is the sum of v_tau.
        """
        return self.once(("car_variance_factor", window.start, window.end), lambda: self._car_variance_factor(window))

    def car_se(self, window: Window) -> FloatArray:
        """sigma sqrt(car_variance_factor), (N,): standard error of CAR(W), a decimal."""
        return self.normal.sigma * np.sqrt(self.car_variance_factor(window))

    def scar(self, window: Window) -> FloatArray:
        """SCAR(W) = CAR(W) / se, (N,), each t(nu) under the null."""
        return self.car(window) / self.car_se(window)

    def bhar(self, window: Window) -> FloatArray:
        """BHAR(W) = prod(1 + R) - prod(1 + E[R]), (N,) (Lyon, Barber and Tsai 1999).

        Raises
        ------
        SpecError : the returns are logarithmic; they add, they do not compound by products.
        """
        if self.panel.kind != "simple":
            raise SpecError("buy-and-hold abnormal returns need simple returns; set returns to simple")
        cols = self.columns(window)
        present = self._present[:, cols]
        held = np.where(present, 1.0 + self.realized()[:, cols], 1.0).prod(axis=1)
        normal = np.where(present, 1.0 + self.expected()[:, cols], 1.0).prod(axis=1)
        return self._summed(held - normal, window)

    def reasons(self, window: Window) -> tuple[str | None, ...]:
        """For each event why its CAR(W) is NaN, None where it is a number."""
        missing = ~np.isfinite(self.car(window))
        return tuple(self._reason(i, window) if missing[i] else None for i in range(self.n))

    # ----------------------------------------------------------------------------------------------- across events
    def n_tau(self) -> IntArray:
        """N_tau, (L,): events with an abnormal return on each day."""
        return np.asarray(self._present.sum(axis=0, dtype=np.int32))

    def aar(self) -> FloatArray:
        """AAR_tau = mean over the N_tau events present of AR_tau, (L,)."""
        return _mean(self.ar)

    def caar(self, window: Window) -> float:
        """CAAR(W) = mean over events of CAR(W), those without a CAR left out; NaN if none has one."""
        return float(_mean(self.car(window)[:, None])[0])

    # ------------------------------------------------------------------------------------------- estimation window
    def residuals(self) -> FloatArray:
        """e_s = R_s - E[R_s] over the estimation window, (N, T), NaN where missing or not estimated."""
        return self.once(("residuals",), lambda: _finite(estimation_residuals(self.panel, self.normal)))

    def estimation_leverage(self) -> FloatArray:
        """h_s = x_s'(X'X)^-1 x_s over the estimation window, (N, T), NaN where the residual is missing."""
        panel, normal = self.panel, self.normal
        here = np.isfinite(self.residuals())
        return self.once(("leverage",), lambda: np.where(here, leverage(panel, normal, panel.estimation), np.nan))

    # -------------------------------------------------------------------------------------------------------- inner
    def _design_sum(self, window: Window) -> FloatArray:
        present = self._present[:, self.columns(window)]
        at, _ = positions(self.panel.day, window, len(self.panel.sessions))
        series = [np.where(present, column, 0.0).sum(axis=1) for column in columns_at(self.normal, at)]
        summed: FloatArray = np.stack(series, axis=1) if series else np.empty((self.n, 0))
        return summed if self._whole else np.where(self._complete(window)[:, None], summed, np.nan)

    def _car_variance_factor(self, window: Window) -> FloatArray:
        s = self.design_sum(window)
        return self._summed(self._errors(window) + np.einsum("ni,nij,nj->n", s, self.normal.xtx_inv, s), window)

    def _errors(self, window: Window) -> FloatArray:
        """Variance of the summed errors of W in units of sigma^2, (N,): the days present, or the sum of their v_tau."""
        if self.normal.variance is None:
            return self.days(window).astype(np.float64)
        cols = self.columns(window)
        return np.asarray(np.where(self._present[:, cols], self.normal.variance[:, cols], 0.0).sum(axis=1))

    def _complete(self, window: Window) -> BoolArray:
        """(N,) whether a sum over W means something: all days present, or some where missing days are allowed.

        Days outside an event's own event window are not missing: a sum over them is none of that event.
        """
        days = self.days(window)
        complete: BoolArray = days > 0 if self.allow_missing else days == window.length
        if not self.allow_missing or self.panel.standard is None:
            return complete
        return complete & [windows_looked_at(self.panel, i)[1].contains(window) for i in range(self.n)]

    def _summed(self, values: FloatArray, window: Window) -> FloatArray:
        return values if self._whole else np.where(self._complete(window), values, np.nan)

    def _reason(self, i: int, window: Window) -> str:
        if (reason := self.normal.reason[i]) is not None:
            return reason
        gaps = np.flatnonzero(~np.isfinite(self.ar[i, self.columns(window)]))
        tau = window.start + int(gaps[0])
        own = own_windows(self.panel, i)[1] if self.panel.standard is not None else None
        if own is not None and not own.contains(Window(tau, tau)):
            return f"{window} lies outside the event's own window {own}"
        what = self._absent(i, int(self.panel.day[i]) + tau) or f"day {tau:+d} lies outside the history"
        return f"{len(gaps)} of the {window.length} days of {window} missing: {what}"

    def _absent(self, i: int, t: int) -> str | None:
        """What is not there on session t: the security's return, or the series behind its normal return."""
        panel, normal = self.panel, self.normal
        if not 0 <= t < len(panel.sessions):
            return None
        name = self.tickers[i]
        if np.isfinite(panel.returns[panel.security[i], t]):
            design = own_design(normal, i)[t]
            absent = [n for n, value in zip(normal.names, design, strict=True) if not np.isfinite(value)]
            market = panel.market_of(i)
            no_market = market is not None and not np.isfinite(market[t])
            no_offset = not np.isfinite(own_offset(normal, i)[t])
            rest = "the offset" if no_offset else "the model"
            name = panel.benchmark_of(i) or "" if no_market and panel.benchmark_of(i) else ", ".join(absent) or rest
        return f"no return of {name} on {panel.sessions[t].date()}"


def abnormal_returns(panel: EventPanel, normal: NormalReturns, allow_missing: bool = False) -> AbnormalReturns:
    """AR_tau = R_tau - E[R_tau] over the event window of every event.

    Parameters
    ----------
    panel, normal : N events and their estimates.
    allow_missing : leave missing days out of sums instead of making the sums NaN.

    Examples
    --------
    ``abnormal_returns(panel, estimate(panel, "market")).car(Window(-1, 1))`` is the (N,) array of CARs.
    """
    realized = gather(panel.returns, panel.security, panel.day, panel.event)
    ar = _finite(realized - expected(panel, normal, panel.event))
    # A return from trade to trade stands for the days before it too: those are not missing, they are in it.
    return AbnormalReturns(panel, normal, read_only(ar), allow_missing or panel.spans is not None)


def within_own(abnormal: AbnormalReturns) -> AbnormalReturns:
    """The same where every event has the panel's windows; else without the days outside an event's own event window."""
    panel = abnormal.panel
    if panel.standard is None:
        return abnormal
    ar = np.array(abnormal.ar)
    for i, reason in enumerate(abnormal.normal.reason):
        if reason is None:
            own, taus = own_windows(panel, i)[1], np.array(panel.event.taus)
            ar[i, (taus < own.start) | (taus > own.end)] = np.nan
    return replace(abnormal, ar=read_only(ar))


def over_windows(abnormal: AbnormalReturns, windows: Sequence[Window]) -> tuple[FloatArray, FloatArray]:
    """CAR and its standard error over each of W windows, (N, W) both: `car` and `car_se`, in one pass over all of them.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found, window = example(), Window(-1, 1)
    >>> car, se = over_windows(found, [Window(0, 0), window])
    >>> bool(abs(car[:, 1] - found.car(window)).max() < 1e-15), bool(abs(se[:, 1] - found.car_se(window)).max() < 1e-15)
    (True, True)
    """
    panel, normal = abnormal.panel, abnormal.normal
    taus = np.arange(panel.event.start, panel.event.end + 1)
    inside = np.array([(taus >= w.start) & (taus <= w.end) for w in windows], np.float64).reshape(-1, len(taus)).T
    at, _ = positions(panel.day, panel.event, len(panel.sessions))
    summed = [column @ inside for column in columns_at(normal, at)]
    factor = error_variance(normal, *abnormal.ar.shape) @ inside
    with np.errstate(invalid="ignore"):
        factor = factor + explained(summed, normal.xtx_inv, factor.shape)
        car, se = abnormal.ar @ inside, normal.sigma[:, None] * np.sqrt(factor)
    cut = np.flatnonzero(abnormal.estimated & ~np.isfinite(abnormal.ar).all(axis=1))
    if len(cut):  # a day is missing, which is in some windows and not in others
        part = abnormal.take(cut)
        car[cut] = np.stack([part.car(w) for w in windows], axis=1)
        se[cut] = np.stack([part.car_se(w) for w in windows], axis=1)
    return car, se


def _finite(values: FloatArray) -> FloatArray:
    """An infinity is no return: it counts as missing, as it does in the estimation."""
    return np.where(np.isfinite(values), values, np.nan)


def _mean(values: FloatArray) -> FloatArray:
    """Mean down the rows of what is present, NaN without a warning where nothing is."""
    present = np.isfinite(values)
    count = present.sum(axis=0)
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
