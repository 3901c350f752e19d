"""The usable events of two groups, and what the tests of their difference ask about them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.sample import Sample, gather
from eventstudy.objects.estimation import Window

_PER_EVENT = ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared")


@dataclass(frozen=True, eq=False)  # no slots: the joint sample is gathered at most once and kept
class Pair:
    """The usable events of two groups over one window."""

    first: Sample
    second: Sample

    @cached_property
    def together(self) -> Sample | str:
        """Both groups as one sample, the first group's events first; or why they cannot be put together."""
        both = joined(self.first.kept, self.second.kept)
        return both if isinstance(both, str) else gather(both, self.first.window)

    @property
    def shares_days(self) -> bool:
        """Whether any two events of the two groups have windows that overlap, by date: exchanges differ in sessions."""
        spans = sorted(span for sample in (self.first, self.second) for span in _spans(sample))
        return any(after[0] <= before[1] for before, after in pairwise(spans))

    @property
    def one_date(self) -> bool:
        """Whether all events of both groups have the same session as day zero."""
        sessions = {s.kept.panel.sessions[t] for s in (self.first, self.second) for t in s.kept.panel.day}
        return len(sessions) == 1

    @property
    def one_portfolio(self) -> bool:
        """Whether the groups make one portfolio, long and short: one date, one calendar and one design."""
        both = self.together
        return self.one_date and not isinstance(both, str) and not isinstance(both.common, str)

    @property
    def too_few(self) -> str | None:
        """Why no test of a difference applies, None if one may."""
        short = min(self.first.n, self.second.n)
        return None if short >= 2 else f"needs at least 2 events in each group, has {self.first.n} and {self.second.n}"


def _spans(sample: Sample) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """The first and the last session of the window of each event."""
    sessions, window = sample.kept.panel.sessions, sample.window
    for t in sample.kept.panel.day.tolist():
        yield sessions[max(t + window.start, 0)], sessions[min(t + window.end, len(sessions) - 1)]


def pair_of(first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window) -> Pair:
    """The two groups, checked.

    Raises
    ------
    SpecError : an event is in both groups; the message names it.
    WindowError : `window` is not inside the event window.
    """
    pair = Pair(gather(first, window), gather(second, window))
    both = sorted(set(pair.first.kept.keys) & set(pair.second.kept.keys))
    if both:
        raise SpecError(f"groups that are compared have no event in common, these are in both: {', '.join(both)}")
    return pair


def joined(first: AbnormalReturns, second: AbnormalReturns) -> AbnormalReturns | str:
    """The events of two groups as one, the first group's first; the reason instead, where they do not fit together."""
    a, b = first.panel, second.panel
    if not a.sessions.equals(b.sessions):
        return f"needs one calendar for both groups, they have the sessions of {a.exchange} and {b.exchange}"
    if (a.estimation, a.event, first.normal.model) != (b.estimation, b.event, second.normal.model):
        return "needs the same model and the same estimation and event windows for both groups"
    parts = _shared_parts(first, second)
    if isinstance(parts, str):
        return parts
    shift = 0 if a.returns is b.returns else len(a.tickers)
    panel = replace(
        a,
        tickers=a.tickers + b.tickers if shift else a.tickers,
        returns=np.concatenate([a.returns, b.returns]) if shift else a.returns,
        events=a.events + b.events,
        day_zero=a.day_zero + b.day_zero,
        security=np.concatenate([a.security, b.security + np.int32(shift)]),
        day=np.concatenate([a.day, b.day]),
    )
    own: dict[str, Any] = {
        name: np.concatenate([getattr(n, name) for n in (first.normal, second.normal)]) for name in _PER_EVENT
    }
    normal = replace(
        first.normal,
        reason=first.normal.reason + second.normal.reason,
        least_squares=first.normal.least_squares and second.normal.least_squares,
        **own,
        **parts,
    )
    allow = first.allow_missing or second.allow_missing
    return AbnormalReturns(panel, normal, np.concatenate([first.ar, second.ar]), allow)


def _shared_parts(first: AbnormalReturns, second: AbnormalReturns) -> dict[str, Any] | str:
    """Design, offset, variance and residuals of both: shared where they are the same, else one an event."""
    out: dict[str, Any] = {}
    for name, own_dimensions in (("design", 3), ("offset", 2), ("variance", 2), ("residuals", 2)):
        one, two = getattr(first.normal, name), getattr(second.normal, name)
        if one is not None and two is not None and one.ndim == two.ndim == own_dimensions:
            out[name] = np.concatenate([one, two])
        elif one is two or (one is not None and two is not None and np.array_equal(one, two, equal_nan=True)):
            out[name] = one
        else:
            return "needs one benchmark and one set of regressors for both groups"
    return out
