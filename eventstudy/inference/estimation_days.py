"""The estimation window of every event as the checks of it need it, computed once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.normal import columns_at
from eventstudy.objects.cards import BETA
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray
from eventstudy.objects.outcomes import Concern, Diagnostic
from eventstudy.windows import positions

NAN = float("nan")
FEWEST = 20  # residuals below which no check says anything: the reference distributions are those of long windows
CAUTION, PROBLEM = 0.01, 0.001  # levels; see `diagnostics`


@dataclass(frozen=True, eq=False)  # no slots: what several checks need is computed at most once and kept
class EstimationDays:
    """N events over the T days of their estimation windows; a missing day is NaN in ``residuals`` and 0 in ``design``.

    Sums over days run along axis 1.
    """

    abnormal: AbnormalReturns

    @cached_property
    def residuals(self) -> FloatArray:
        """(N, T) estimation residuals, NaN where missing."""
        return self.abnormal.residuals()

    @cached_property
    def here(self) -> BoolArray:
        """(N, T) whether there is a residual."""
        return np.asarray(np.isfinite(self.residuals))

    @cached_property
    def count(self) -> FloatArray:
        """(N,) residuals, T or fewer."""
        return np.asarray(self.here.sum(axis=1), dtype=np.float64)

    @cached_property
    def filled(self) -> FloatArray:
        """(N, T) residuals, 0 where missing."""
        return np.where(self.here, self.residuals, 0.0)

    @cached_property
    def centred(self) -> FloatArray:
        """(N, T) residuals less their own mean, 0 where missing."""
        mean = self.filled.sum(axis=1) / np.maximum(self.count, 1)
        return np.where(self.here, self.filled - mean[:, None], 0.0)

    @cached_property
    def variance(self) -> FloatArray:
        """(N,) mean square about the mean, divisor T; NaN where nothing varies."""
        square = (self.centred * self.centred).sum(axis=1) / np.maximum(self.count, 1)
        return np.where(square > 0, square, NAN)

    @cached_property
    def at(self) -> IntArray:
        """(N, T) session of each day, clipped into range."""
        panel = self.abnormal.panel
        return positions(panel.day, panel.estimation, len(panel.sessions))[0]

    @cached_property
    def which(self) -> IntArray:
        """(N,) row of ``designs`` of each event: events of one day that lack the same days share a design."""
        own = self.abnormal.normal.design.ndim == 3
        day = self.abnormal.panel.day.tolist()
        keys: list[object] = [
            i if own else (t, row.tobytes()) for i, (t, row) in enumerate(zip(day, self.here, strict=True))
        ]
        place = {key: k for k, key in enumerate(dict.fromkeys(keys))}
        return np.array([place[key] for key in keys], dtype=np.int32)

    @cached_property
    def designs(self) -> FloatArray:
        """(U, T, p) the different regressors, 0 on days without a residual."""
        first = np.unique(self.which, return_index=True)[1]
        some = self.abnormal if len(first) == self.abnormal.n else self.abnormal.take(first)
        columns = [np.where(self.here[first], column, 0.0) for column in columns_at(some.normal, self.at[first])]
        return np.stack(columns, axis=-1) if columns else np.empty((*self.at[first].shape, 0))

    @cached_property
    def design(self) -> FloatArray:
        """(N, T, p) regressors, 0 on days without a residual."""
        return self.designs if len(self.designs) == self.abnormal.n else self.designs[self.which]

    @cached_property
    def fitted(self) -> bool:
        """Whether the residuals are those of least squares on the design, with something estimated."""
        normal = self.abnormal.normal
        return normal.least_squares and normal.residuals is None and normal.params.shape[1] > 0

    @cached_property
    def leverage(self) -> FloatArray:
        """(N, T) h_s; 1/T where nothing is estimated by least squares, so that residuals are taken about their mean."""
        if self.fitted:
            return np.where(self.here, self.abnormal.estimation_leverage(), 0.0)
        return np.where(self.here, 1.0 / np.maximum(self.count, 1)[:, None], 0.0)

    @cached_property
    def nu(self) -> FloatArray:
        """(N,) degrees of freedom of the variance that residuals are studentised by."""
        return self.abnormal.normal.nu if self.fitted else self.count - 1

    @cached_property
    def studentised(self) -> FloatArray:
        """(N, T) r_s = e_s / (sigma sqrt(1 - h_s)), 0 where missing."""
        errors = self.filled if self.fitted else self.centred
        square = np.where(self.variance > 0, (errors * errors).sum(axis=1) / self.nu, NAN)
        left = np.where(self.leverage < 1 - 1e-9, 1 - self.leverage, NAN)
        ratio = errors / np.sqrt(square[:, None] * left)
        return np.where(self.here & np.isfinite(ratio), ratio, 0.0)

    @cached_property
    def deleted(self) -> FloatArray:
        """(N, T) t_s = r_s sqrt((nu - 1) / (nu - r_s^2)): each residual by a sigma that is estimated without it."""
        nu = self.nu[:, None]
        left = nu - self.studentised**2
        return self.studentised * np.sqrt((nu - 1) / np.where(left > 0, left, NAN))

    @cached_property
    def reasons(self) -> tuple[str | None, ...]:
        """Why nothing can be checked, by event; None where something can."""
        counts, estimated = self.count.tolist(), self.abnormal.normal.reason
        flat = (~(self.variance > 0)).tolist()
        return tuple(
            why
            or (f"only {count:.0f} estimation residuals, needs {FEWEST}" if count < FEWEST else None)
            or ("the estimation residuals have no variance" if none else None)
            for why, count, none in zip(estimated, counts, flat, strict=True)
        )

    @cached_property
    def needs_design(self) -> str | None:
        """Why a check that runs regressions does not apply to this model, None if it does."""
        if self.fitted:
            return None
        model = self.abnormal.normal.model
        if self.abnormal.normal.params.shape[1] > 0:
            return f"the model {model} is not least squares on one set of regressors, which this check is about"
        return f"the model {model} estimates no parameters that could change"

    @cached_property
    def slope(self) -> tuple[int, str]:
        """The parameter that sentences name, and what it is called: beta where there is one."""
        names = self.abnormal.normal.names
        place = next((names.index(name) for name in BETA if name in names), None)
        if place is not None:
            return place, "beta"
        return (1, f"the slope on {names[1]}") if len(names) > 1 else (0, "the mean")

    def date(self, i: int, s: int) -> str:
        """The day `s` of the estimation window of event `i`, as in 2024-08-05."""
        return str(self.abnormal.panel.sessions[int(self.at[i, s])].date())


def laid(abnormal: AbnormalReturns | EstimationDays) -> EstimationDays:
    """The estimation days of `abnormal`; those laid out already are returned as they are."""
    return abnormal if isinstance(abnormal, EstimationDays) else EstimationDays(abnormal)


def graded(p: FloatArray, matters: BoolArray | None = None) -> list[Concern]:
    """Verdicts: caution for p below `CAUTION`; problem below `PROBLEM` where it `matters` (N,) for the tests too."""
    weighty = [True] * len(p) if matters is None else matters.tolist()
    return [
        "problem" if value < PROBLEM and heavy else "caution" if value < CAUTION else "fine"
        for value, heavy in zip(p.tolist(), weighty, strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """One check of N events: ``statistic``, ``threshold``, ``p`` (N,), ``verdict`` N words."""

    check: str
    statistic: FloatArray
    threshold: FloatArray
    p: FloatArray
    verdict: list[Concern]
    beyond: Literal["above", "below"] = "above"


def rows(
    days: EstimationDays,
    checked: Checked,
    meaning: Callable[[int, Concern], str],
    reasons: Sequence[str | None] = (),
) -> list[Diagnostic]:
    """One `Diagnostic` an event: what `meaning` says of (event, verdict), or the reason why there is none.

    `reasons` are those of this check beside those of the estimation; a number that is missing needs one.
    """
    numbers = zip(checked.statistic.tolist(), checked.threshold.tolist(), checked.p.tolist(), strict=True)
    more = reasons or [None] * days.abnormal.n
    out = []
    for i, (statistic, threshold, p) in enumerate(numbers):
        ticker, why = days.abnormal.keys[i], days.reasons[i] or more[i]
        if why is None and not np.isfinite(statistic):
            why = "the numbers of the estimation window do not allow it"
        if why is not None:
            out.append(without(checked.check, ticker, why, checked.beyond))
            continue
        verdict = checked.verdict[i]
        said = meaning(i, verdict)
        out.append(Diagnostic(checked.check, ticker, statistic, threshold, checked.beyond, p, verdict, said))
    return out


def without(check: str, subject: str, reason: str, beyond: Literal["above", "below"] = "above") -> Diagnostic:
    """The row of a check that could not be made: numbers NaN, verdict caution, and why."""
    said = "Not checked: what the tests assume here is neither supported nor contradicted."
    return Diagnostic(check, subject, NAN, NAN, beyond, NAN, "caution", said, reason)
