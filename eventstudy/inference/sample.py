"""What every test starts from: the events that can be used, said in words, and the result in one form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import listed
from eventstudy.inference.common import CommonWindow, common_window
from eventstudy.inference.correlation import mean_of_pairs
from eventstudy.inference.history import History
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Window
from eventstudy.objects.outcomes import InferenceResult

NAN = float("nan")
_ROUNDING = 8 * float(np.finfo(np.float64).eps)
MEAN_NULL = "the mean cumulative abnormal return of the {n} events over {window} is zero"
_NAMED = 8  # left-out events spelled out in a result; the number of the rest is given


class Past(Protocol):
    """What the estimation windows of n events say, as far as sums over any number of events can tell.

    `History` is one that knows every day of them. A test that asks for no more than this can be had from sums.
    """

    @property
    def nu(self) -> FloatArray:
        """(n,) degrees of freedom of each event's own estimate."""

    @property
    def nobs(self) -> IntArray:
        """(n,) estimation days of each event; (0,) where they are not at hand."""

    @property
    def day(self) -> IntArray:
        """(n,) session of each event's day zero."""

    @property
    def aar(self) -> FloatArray:
        """Mean residual of the events present, on each relative day that has any, (T,) or fewer."""

    @property
    def positive_share(self) -> float:
        """Mean over the events of their share of positive (> 0) residuals."""

    def all_days(self, window: Window) -> bool:
        """Whether every event has every day of the window; False only where missing days are allowed."""

    def mean_correlation(self, length: int) -> float:
        """rbar for windows of `length` days, NaN with fewer than two events."""


@dataclass(frozen=True, eq=False)  # no slots: the common window is computed at most once and kept
class Sample:
    """The n events of N that have a normal return and every day of the window (one at least, if days may miss).

    ``past`` their estimation windows; ``car`` and ``scar`` (n,) over ``window``; ``left_out`` one phrase for each
    event that is not in, with the reason; ``warnings`` what the design does to a test, by its name.
    """

    past: Past
    window: Window
    car: FloatArray
    scar: FloatArray
    left_out: tuple[str, ...] = ()
    warnings: Mapping[str, str] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of events kept."""
        return len(self.car)

    @property
    def history(self) -> History:
        """The estimation windows day by day.

        Raises
        ------
        TypeError : only sums of them are known; the card of a test says in ``needs`` what it takes from sums.
        """
        if not isinstance(self.past, History):
            raise TypeError("only sums over the estimation windows are known, this test needs every day of them")
        return self.past

    @property
    def kept(self) -> AbnormalReturns:
        """The abnormal returns of the events kept."""
        return self.history.abnormal

    @property
    def nu(self) -> FloatArray:
        """(n,) degrees of freedom of each event's own estimate."""
        return self.past.nu

    @cached_property
    def mean_correlation(self) -> float:
        """rbar of the events kept (see `parametric.mean_correlation`)."""
        if self.all_days:
            return self.past.mean_correlation(self.window.length)
        kept = self.kept
        present = np.isfinite(kept.ar[:, kept.columns(self.window)])
        return mean_of_pairs(self.history.residuals, kept.panel.day, self.window.length, present) if self.n > 1 else NAN

    @cached_property
    def all_days(self) -> bool:
        """Whether every event kept has every day of the window; False only where missing days are allowed."""
        return self.past.all_days(self.window)

    @property
    def lacking(self) -> str | None:
        """The reason why a test that needs every day for every event does not apply, None if it may."""
        if self.all_days:
            return None
        short = np.flatnonzero(self.kept.days(self.window) < self.window.length)
        named = listed([self.kept.keys[i] for i in short], _NAMED)
        return f"needs every day of {self.window_name} for every event; not there: one or more of {named}"

    @cached_property
    def day_spread(self) -> tuple[FloatArray, bool]:
        """(L,) standard deviation of the SARs of each day over the events, and whether those of a day are the same."""
        return spread_over_events(self.kept.sar()[:, self.kept.columns(self.window)])

    @cached_property
    def scar_spread(self) -> tuple[FloatArray, bool]:
        """(1,) standard deviation of the SCARs over the events, and whether all are the same."""
        return spread_over_events(self.scar[:, None])

    @cached_property
    def flat_car(self) -> bool:
        """Whether all CARs are the same."""
        return bool(constant(self.car))

    @cached_property
    def flat_scar(self) -> bool:
        """Whether all SCARs are the same."""
        return bool(constant(self.scar))

    @cached_property
    def scar_t(self) -> float:
        """The t of the mean SCAR (see `mean_t`)."""
        return mean_t(self.scar)

    @cached_property
    def window_name(self) -> str:
        """The window in words, as in ``[0, +1]``."""
        return str(self.window)

    @cached_property
    def common(self) -> CommonWindow | str:
        """All events by the estimates of the days they have in common, or the reason why that cannot be."""
        days = self.history.common
        return days if isinstance(days, str) else common_window(days, self.kept, self.window)

    @property
    def too_few(self) -> str | None:
        """The reason why no group test applies, None if one may."""
        if self.n >= 2:
            return None
        out = f" ({'; '.join(self.left_out)})" if self.left_out else ""
        return f"needs at least 2 events with a full window, has {self.n}{out}"


def gather(abnormal: AbnormalReturns | Sample, window: Window, history: History | None = None) -> Sample:
    """Keep the events whose SCAR over `window` exists, and say who was left out and why.

    An event that is in twice, the same security on the same day, counts once.

    Parameters
    ----------
    abnormal : of N events; a sample that was gathered already is returned as it is.
    history : of the same N events, where it is at hand from another window.

    Raises
    ------
    WindowError : `window` is not inside the event window.
    """
    if isinstance(abnormal, Sample):
        return abnormal
    car = abnormal.car(window)
    scar = car / abnormal.car_se(window)
    again = _named_before(abnormal)
    usable = np.isfinite(scar) & ~again
    if usable.all():
        return Sample(history or History(abnormal), window, car, scar)
    reasons, keys = abnormal.reasons(window), abnormal.keys
    missing = np.flatnonzero(~usable).tolist()
    flat = "its estimation residuals have no variance"
    out = tuple(
        f"{keys[i]}: {'it is in already, and counts once' if again[i] else reasons[i] or flat}" for i in missing
    )
    return Sample(History(abnormal.take(np.flatnonzero(usable))), window, car[usable], scar[usable], out)


def _named_before(abnormal: AbnormalReturns) -> BoolArray:
    """(N,) whether an event before it is of the same security and day."""
    panel = abnormal.panel
    place = panel.security.astype(np.int64) * (len(panel.sessions) + 1) + panel.day
    again = np.ones(len(place), dtype=np.bool_)
    again[np.unique(place, return_index=True)[1]] = False
    return again


def constant(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether all of `values` down each column are the same number but for rounding, so that they have no variance."""
    top, bottom = values.max(axis=0), values.min(axis=0)
    return np.asarray(top - bottom <= _ROUNDING * np.maximum(np.abs(top), np.abs(bottom)))


def spread_over_events(values: FloatArray) -> tuple[FloatArray, bool]:
    """Standard deviation of each column of `values` (N, L), divisor N - 1, and whether one column has no variance."""
    return np.asarray(values.std(axis=0, ddof=1)), bool(constant(values).any())


def mean_t(values: FloatArray) -> float:
    """mean / (s / sqrt N), s with divisor N - 1, of `values` (N,)."""
    return float(values.mean() / (values.std(ddof=1) / math.sqrt(len(values))))


def two_sided_t(statistic: FloatArray | float, df: FloatArray | float) -> FloatArray:
    """P(|T| >= |statistic|) for Student's t with `df`; the tail itself, never one minus the rest."""
    return np.asarray(2.0 * special.stdtr(df, -np.abs(statistic)))


def two_sided_normal(statistic: FloatArray | float) -> FloatArray:
    """P(|Z| >= |statistic|) for the standard normal; the tail itself, never one minus the rest."""
    return np.asarray(2.0 * special.ndtr(-np.abs(statistic)))


def answer(
    sample: Sample,
    card: Test,
    statistic: float,
    df: tuple[float, ...] = (),
    *,
    p: float | None = None,
    warning: str | None = None,
) -> InferenceResult:
    """The result of a test that applies; p from its distribution unless given."""
    if p is None:
        p = float(two_sided_t(statistic, df[0]) if card.distribution == "t" else two_sided_normal(statistic))
    said = [text for text in (sample.warnings.get(card.name), warning) if text is not None]
    return InferenceResult(
        test=card.name,
        null=card.null.format(n=sample.n, window=sample.window_name),
        window=sample.window,
        statistic=float(statistic),
        distribution=card.distribution,
        df=df,
        p=p,
        n=sample.n,
        assumptions=card.assumptions + _said(sample.left_out),
        warning="; ".join(said) or None,
    )


def refuse(sample: Sample, card: Test, reason: str) -> InferenceResult:
    """The result of a test that does not apply: numbers NaN, and why."""
    return InferenceResult(
        test=card.name,
        null=card.null.format(n=sample.n, window=sample.window_name),
        window=sample.window,
        statistic=NAN,
        distribution=card.distribution,
        df=(),
        p=NAN,
        n=sample.n,
        assumptions=card.assumptions + _said(sample.left_out),
        reason=reason,
    )


def of_one(
    card: Test,
    subject: str,
    window: Window,
    *,
    statistic: float = NAN,
    df: tuple[float, ...] = (),
    p: float = NAN,
    n: int = 1,
    reason: str | None = None,
    warning: str | None = None,
) -> InferenceResult:
    """The result of a test of one security and one event."""
    return InferenceResult(
        test=card.name,
        null=card.null.format(subject=subject, window=_name(window)),
        window=window,
        statistic=statistic,
        distribution=card.distribution,
        df=df,
        p=p,
        n=n,
        assumptions=card.assumptions,
        reason=reason,
        warning=warning,
    )


def not_one(card: Test, abnormal: AbnormalReturns, window: Window, other: str = "a group test") -> InferenceResult:
    """The result of a test of one event that got another number of them."""
    reason = f"is a test of one security and one event, got {abnormal.n}; take one of them, or use {other}"
    return of_one(card, f"the {abnormal.n} events", window, n=abnormal.n, reason=reason)


@lru_cache(maxsize=64)
def _name(window: Window) -> str:
    return str(window)


def _said(left_out: tuple[str, ...]) -> tuple[str, ...]:
    if not left_out:
        return ()
    more = len(left_out) - _NAMED
    tail = f"; and {more} more" if more > 0 else ""
    return (f"left out: {'; '.join(left_out[:_NAMED])}{tail}",)
