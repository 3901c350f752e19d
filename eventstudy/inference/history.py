"""What the estimation window says of a group of events, whatever window is tested."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.common import CommonDays, common_days
from eventstudy.inference.correlation import mean_of_pairs
from eventstudy.inference.ranking import average_ranks
from eventstudy.objects.estimation import FloatArray, IntArray, Window
from eventstudy.once import once


@dataclass(frozen=True, eq=False)  # no slots: what several tests and windows need is computed at most once and kept
class History:
    """The estimation residuals of n events, and what the tests take from them."""

    abnormal: AbnormalReturns

    @property
    def nu(self) -> FloatArray:
        """(n,) degrees of freedom of each event's own estimate."""
        return self.abnormal.normal.nu

    @property
    def nobs(self) -> IntArray:
        """(n,) estimation days of each event."""
        return self.abnormal.normal.nobs

    @property
    def day(self) -> IntArray:
        """(n,) session of each event's day zero."""
        return self.abnormal.panel.day

    def all_days(self, window: Window) -> bool:
        """Whether every event has every day of the window; False only where missing days are allowed."""
        own = self.abnormal
        return not own.allow_missing or bool((own.days(window) == window.length).all())

    @cached_property
    def residuals(self) -> FloatArray:
        """(n, T) estimation residuals, NaN where missing."""
        return self.abnormal.residuals()

    @cached_property
    def residual_ranks(self) -> FloatArray:
        """(n, T) ranks of each event's residuals among themselves, ties the mean of theirs."""
        return self.abnormal.once(("residual_ranks",), lambda: average_ranks(self.residuals))

    @cached_property
    def aar(self) -> FloatArray:
        """Mean residual of the events present, on each relative day that has any, (T,) or fewer."""
        return mean_by_day(self.residuals)

    @cached_property
    def positive_share(self) -> float:
        """Mean over the events of their share of positive (> 0) residuals."""
        counts = np.isfinite(self.residuals).sum(axis=1)
        return float(((self.residuals > 0).sum(axis=1) / counts).mean())

    @cached_property
    def one_date(self) -> bool:
        """Whether all events have the same day zero."""
        return bool((self.day == self.day[:1]).all())

    @cached_property
    def common(self) -> CommonDays | str:
        """The model on the days that all events have in common, or why there is none."""
        return common_days(self.abnormal)

    def beside(self, abnormal: AbnormalReturns) -> History:
        """The history of the same events with other abnormal returns, after a shock: all worked out so far is kept."""
        other = History(abnormal)
        other.__dict__.update({**self.__dict__, "abnormal": abnormal})
        return other

    def mean_correlation(self, length: int) -> float:
        """rbar for windows of `length` days, NaN with fewer than two events; on one date the same for all windows."""
        if len(self.residuals) < 2:
            return math.nan
        return _mean_of_pairs(self, 1 if self.one_date else length)


@once
def _mean_of_pairs(history: History, length: int) -> float:
    return mean_of_pairs(history.residuals, history.day, length)


def mean_by_day(values: FloatArray) -> FloatArray:
    """Mean over the events present of `values` (N, M) on each day that has any; a missing day is left out."""
    here = np.isfinite(values)
    if here.all():
        return np.asarray(values.mean(axis=0))
    count = here.sum(axis=0)
    some = count > 0
    return np.asarray(np.where(here, values, 0.0).sum(axis=0)[some] / count[some])
