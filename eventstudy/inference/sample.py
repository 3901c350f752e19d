"""What every test starts from: the events that can be used, said in words, and the result in one form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import FloatArray, InferenceResult, Window

NAN = float("nan")
_NAMED = 8  # left-out events spelled out in a result; the number of the rest is given


@dataclass(frozen=True, slots=True)
class Description:
    """What does not change from one use of a test to the next: its name, reference distribution and assumptions."""

    test: str
    distribution: str
    assumptions: tuple[str, ...]
    null: str = "the mean cumulative abnormal return of the {n} events over {window} is zero"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The n events of N that have a normal return and every day of the window.

    ``kept`` their abnormal returns; ``car`` and ``scar`` (n,) over ``window``; ``nu`` (n,) degrees of freedom;
    ``left_out`` one phrase for each event that is not in, with the reason.
    """

    kept: AbnormalReturns
    window: Window
    car: FloatArray
    scar: FloatArray
    nu: FloatArray
    left_out: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of events kept."""
        return len(self.car)

    @property
    def one_date(self) -> bool:
        """Whether all events kept have the same day zero."""
        day = self.kept.panel.day
        return bool(self.n > 0 and (day == day[0]).all())

    @property
    def too_few(self) -> str | None:
        """The reason why no group test applies, None if one may."""
        if self.n >= 2:
            return None
        out = f" ({'; '.join(self.left_out)})" if self.left_out else ""
        return f"needs at least 2 events with a full window, has {self.n}{out}"


def gather(abnormal: AbnormalReturns, window: Window) -> Sample:
    """Keep the events whose SCAR over `window` exists, and say who was left out and why.

    Raises
    ------
    WindowError : `window` is not inside the event window.
    """
    scar = abnormal.scar(window)
    usable = np.isfinite(scar)
    if usable.all():
        return Sample(abnormal, window, abnormal.car(window), scar, abnormal.normal.nu, ())
    reasons = abnormal.reasons(window)
    missing = np.flatnonzero(~usable).tolist()
    out = tuple(f"{abnormal.tickers[i]}: {reasons[i] or 'its estimation residuals have no variance'}" for i in missing)
    kept = abnormal.take(np.flatnonzero(usable))
    return Sample(kept, window, kept.car(window), scar[usable], kept.normal.nu, out)


def constant(values: FloatArray) -> bool:
    """Whether all of `values` are the same number but for rounding, so that they have no variance."""
    spread = float(values.max() - values.min())
    return spread <= 8 * float(np.finfo(np.float64).eps) * float(np.abs(values).max())


def two_sided_t(statistic: FloatArray | float, df: FloatArray | float) -> FloatArray:
    """P(|T| >= |statistic|) for Student's t with `df`; the tail itself, never one minus the rest."""
    return np.asarray(2.0 * special.stdtr(df, -np.abs(statistic)))


def two_sided_normal(statistic: FloatArray | float) -> FloatArray:
    """P(|Z| >= |statistic|) for the standard normal; the tail itself, never one minus the rest."""
    return np.asarray(2.0 * special.ndtr(-np.abs(statistic)))


def answer(
    sample: Sample,
    description: Description,
    statistic: float,
    df: tuple[float, ...] = (),
    *,
    p: float | None = None,
    warning: str | None = None,
) -> InferenceResult:
    """The result of a test that applies; p from its distribution unless given."""
    if p is None:
        p = float(two_sided_t(statistic, df[0]) if description.distribution == "t" else two_sided_normal(statistic))
    return InferenceResult(
        test=description.test,
        null=description.null.format(n=sample.n, window=sample.window),
        window=sample.window,
        statistic=float(statistic),
        distribution=description.distribution,
        df=df,
        p=p,
        n=sample.n,
        assumptions=description.assumptions + _said(sample.left_out),
        warning=warning,
    )


def refuse(sample: Sample, description: Description, reason: str) -> InferenceResult:
    """The result of a test that does not apply: numbers NaN, and why."""
    return InferenceResult(
        test=description.test,
        null=description.null.format(n=sample.n, window=sample.window),
        window=sample.window,
        statistic=NAN,
        distribution=description.distribution,
        df=(),
        p=NAN,
        n=sample.n,
        assumptions=description.assumptions + _said(sample.left_out),
        reason=reason,
    )


def _said(left_out: tuple[str, ...]) -> tuple[str, ...]:
    if not left_out:
        return ()
    more = len(left_out) - _NAMED
    tail = f"; and {more} more" if more > 0 else ""
    return (f"left out: {'; '.join(left_out[:_NAMED])}{tail}",)
