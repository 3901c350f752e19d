"""Tests of the difference between two groups: AbnormalReturns, AbnormalReturns, Window -> InferenceResult.

Groups that share their date share its shock: tests that take the two groups as independent of each other, and their
members of one another, do not hold their size then. The difference of the two portfolios, measured by its own
history, does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import FloatArray, Window
from eventstudy.errors import SpecError
from eventstudy.inference.joined import joined
from eventstudy.inference.sample import NAN, Sample, constant, gather, two_sided_t
from eventstudy.outcomes import InferenceResult
from eventstudy.registry import lookup

EXACT = 8  # without ties, and up to this size of the smaller group, the rank sum has its exact distribution
_INDEPENDENT = "events independent of each other, within and between the groups"
_NULL = "the mean cumulative abnormal returns of the {a} and of the {b} events over {window} are equal"


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
        """Whether any two events of the two groups have event windows that overlap."""
        days = np.sort(np.concatenate([self.first.kept.panel.day, self.second.kept.panel.day]))
        return bool((np.diff(days) < self.first.window.length).any())

    @property
    def one_date(self) -> bool:
        """Whether all events of both groups have the same session as day zero."""
        sessions = {s.kept.panel.sessions[t] for s in (self.first, self.second) for t in s.kept.panel.day}
        return len(sessions) == 1

    @property
    def too_few(self) -> str | None:
        """Why no test of a difference applies, None if one may."""
        short = min(self.first.n, self.second.n)
        return None if short >= 2 else f"needs at least 2 events in each group, has {self.first.n} and {self.second.n}"


def pair_of(first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window) -> Pair:
    """The two groups, checked.

    Raises
    ------
    SpecError : a security is in both groups; the message names it.
    WindowError : `window` is not inside the event window.
    """
    pair = Pair(gather(first, window), gather(second, window))
    both = sorted(set(pair.first.kept.tickers) & set(pair.second.kept.tickers))
    if both:
        raise SpecError(f"groups that are compared have no security in common, these are in both: {', '.join(both)}")
    return pair


# -------------------------------------------------------------------------------------------------------------- tests
def welch_t(first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """(mean CAR_1 - mean CAR_2) / sqrt(s_1^2/n_1 + s_2^2/n_2), t with Welch and Satterthwaite's df (Welch 1947).

    df = (s_1^2/n_1 + s_2^2/n_2)^2 / ((s_1^2/n_1)^2/(n_1 - 1) + (s_2^2/n_2)^2/(n_2 - 1)). Withstands an increase of
    variance on the day; does not withstand a shared date.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> low, high = example().take([0, 1, 2, 3]), example().take([4, 5, 6, 7])
    >>> round(welch_t(low, high, Window(0, 0)).p, 4)
    0.1042
    """
    pair = pair_of(first, second, window)
    return _welch(pair, "welch_t", pair.first.car, pair.second.car)


def scar_welch_t(first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """`welch_t` on standardised CARs, so that securities that vary much do not drown the others.

    The mean SCARs are compared: equal mean CARs of groups with unequal sigma have unequal mean SCARs (Welch 1947;
    Boehmer, Musumeci and Poulsen 1991 on the standardisation).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> low, high = example().take([0, 1, 2, 3]), example().take([4, 5, 6, 7])
    >>> round(scar_welch_t(low, high, Window(0, 0)).p, 4)
    0.0909
    """
    pair = pair_of(first, second, window)
    return _welch(pair, "scar_welch_t", pair.first.scar, pair.second.scar)


def rank_sum(first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Mann and Whitney's U of the two groups' CARs: pairs (i, j) with CAR_1i > CAR_2j, a tie counting 1/2.

    Exact without ties and with at most 8 events in the smaller group; else normal with continuity and tie correction,
    Var U = n_1 n_2 / 12 (N + 1 - sum (t^3 - t) / (N (N - 1))). Two-sided (Wilcoxon 1945; Mann and Whitney 1947).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> low, high = example().take([0, 1, 2, 3]), example().take([4, 5, 6, 7])
    >>> round(rank_sum(low, high, Window(0, 0)).p, 4)
    0.1143
    """
    pair = pair_of(first, second, window)
    if pair.too_few:
        return _result(pair, "rank_sum", reason=pair.too_few)
    a, b = pair.first.car, pair.second.car
    u = float((a[:, None] > b).sum() + 0.5 * (a[:, None] == b).sum())
    n = len(a) + len(b)
    ties = np.unique(np.concatenate([a, b]), return_counts=True)[1].astype(np.float64)
    if (ties == 1).all() and min(len(a), len(b)) <= EXACT:
        return _result(pair, "rank_sum", u, (float(len(a)), float(len(b))), exact_p(u, len(a), len(b)))
    variance = len(a) * len(b) / 12 * (n + 1 - (ties**3 - ties).sum() / (n * (n - 1)))
    if variance <= 0:
        return _result(pair, "rank_sum", reason="all CARs are the same: their ranks have no variance")
    z = (abs(u - len(a) * len(b) / 2) - 0.5) / np.sqrt(variance)
    p = min(1.0, float(2 * special.ndtr(-z)))
    return _result(pair, "rank_sum", u, (float(len(a)), float(len(b))), p)


def portfolio_difference_t(
    first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window
) -> InferenceResult:
    """The portfolio long in the first group and short in the second, equal weights, as one security, t(nu).

    t = (mean CAR_1 - mean CAR_2) / (sigma_d sqrt(L + 1'X_W (X'X)^-1 X_W'1)), sigma_d^2 = e_d'e_d / nu of its own
    residuals on the days that all have in common: whatever correlation there is within and between the groups is in
    it (Jaffe 1974; Campbell, Lo and MacKinlay 1997 ch. 4). Needs one date, one calendar and one design. Withstands a
    shared date; does not withstand an increase of variance or correlation on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> low, high = example().take([0, 1, 2, 3]), example().take([4, 5, 6, 7])
    >>> round(portfolio_difference_t(low, high, Window(0, 0)).p, 4)
    0.1949
    """
    pair = pair_of(first, second, window)
    name = "portfolio_difference_t"
    both = pair.too_few or pair.together
    common = both if isinstance(both, str) else both.common
    if isinstance(common, str):
        return _result(pair, name, reason=common)
    weights = np.repeat([1 / pair.first.n, -1 / pair.second.n], [pair.first.n, pair.second.n])
    past = common.days.centred @ weights
    variance = float(past @ past) / common.days.nu * common.factor
    if variance <= 0:
        return _result(pair, name, reason="the difference of the two portfolios has no residual variance")
    statistic = float(common.car @ weights / np.sqrt(variance))
    return _result(pair, name, statistic, (common.days.nu,), float(two_sided_t(statistic, common.days.nu)))


Difference = Callable[..., InferenceResult]  # of (AbnormalReturns, AbnormalReturns, Window)

DIFFERENCES: dict[str, Difference] = {
    "portfolio_difference_t": portfolio_difference_t,
    "welch_t": welch_t,
    "scar_welch_t": scar_welch_t,
    "rank_sum": rank_sum,
}


def compare_groups(
    first: AbnormalReturns, second: AbnormalReturns, window: Window, names: Sequence[str | Difference] = ()
) -> tuple[InferenceResult, ...]:
    """Test the difference of two groups over one window, the test that fits the design first.

    Parameters
    ----------
    names : names of `DIFFERENCES` or own functions, run in that order; () runs all: on one shared date
        `portfolio_difference_t` leads and the others carry their measured size, on dates apart `welch_t` leads.

    Raises
    ------
    SpecError : a security is in both groups. UnknownNameError : a name that is not in `DIFFERENCES`.
    WindowError : `window` is not inside the event window.
    """
    pair = pair_of(first, second, window)
    order = names or (tuple(DIFFERENCES) if pair.one_date else _APART)
    tests = [lookup(DIFFERENCES, name, "test of a difference") for name in order]
    return tuple(test(pair.first, pair.second, window) for test in tests)


def comparison(first: AbnormalReturns, second: AbnormalReturns, window: Window) -> pd.DataFrame:
    """`compare_groups` as a table, one row a test: test, statistic, df, p, n, reason, warning, null ..."""
    columns = ("test", "statistic", "distribution", "df", "p", "n", "reason", "warning", "null", "assumptions")
    found = compare_groups(first, second, window)
    return pd.DataFrame([{name: getattr(result, name) for name in columns} for result in found])


_APART = ("welch_t", "scar_welch_t", "rank_sum", "portfolio_difference_t")


# ------------------------------------------------------------------------------------------------------------ numbers
def _welch(pair: Pair, name: str, a: FloatArray, b: FloatArray) -> InferenceResult:
    if pair.too_few:
        return _result(pair, name, reason=pair.too_few)
    if constant(a) and constant(b):
        return _result(pair, name, reason="within each group all values are the same: they have no variance")
    one, two = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    statistic = float((a.mean() - b.mean()) / np.sqrt(one + two))
    df = (one + two) ** 2 / (one**2 / (len(a) - 1) + two**2 / (len(b) - 1))
    return _result(pair, name, statistic, (df,), float(two_sided_t(statistic, df)))


def exact_p(u: float, a: int, b: int) -> float:
    """Two-sided p of Mann and Whitney's U for groups of `a` and `b` without ties: twice the smaller tail, at most 1.

    >>> exact_p(0.0, 3, 3)
    0.1
    """
    shares = _distribution(min(a, b), max(a, b))
    return min(1.0, 2 * float(shares[round(max(u, a * b - u)) :].sum()))


@lru_cache(maxsize=32)
def _distribution(a: int, b: int) -> FloatArray:
    """P(U = 0 .. ab) by Mann and Whitney's recursion on whether the largest value is of the one group or the other."""
    before = [np.ones(1) for _ in range(b + 1)]
    for i in range(1, a + 1):
        now = [np.ones(1)]
        for j in range(1, b + 1):
            share = np.zeros(i * j + 1)
            share[j:] += i / (i + j) * before[j]  # the largest is of the first group: it beats all j of the second
            share[: i * (j - 1) + 1] += j / (i + j) * now[j - 1]
            now.append(share)
        before = now
    return before[b]


def _result(
    pair: Pair,
    name: str,
    statistic: float = NAN,
    df: tuple[float, ...] = (),
    p: float = NAN,
    reason: str | None = None,
) -> InferenceResult:
    a, b, window = pair.first.n, pair.second.n, pair.first.window
    left = (*pair.first.left_out, *pair.second.left_out)
    return InferenceResult(
        test=name,
        null=_NULLS.get(name, _NULL).format(a=a, b=b, window=pair.first.window_name),
        window=window,
        statistic=statistic,
        distribution="rank" if name == "rank_sum" else "t",
        df=df,
        p=p,
        n=a + b,
        assumptions=_ASSUMES[name] + ((f"left out: {'; '.join(left)}",) if left else ()),
        reason=reason,
        warning=_SHARED.get(name) if reason is None and pair.shares_days else None,
    )


_NULLS = {
    "scar_welch_t": _NULL.replace("cumulative", "standardised cumulative"),
    "rank_sum": "the cumulative abnormal returns of the {a} and of the {b} events over {window} have one distribution",
}
_ASSUMES = {
    "portfolio_difference_t": (
        "one shared date",
        "normal errors",
        "no increase of variance or correlation in the window",
    ),
    "welch_t": (_INDEPENDENT, "CARs normal, or many"),
    "scar_welch_t": (_INDEPENDENT, "SCARs normal, or many"),
    "rank_sum": (_INDEPENDENT, "under the null both groups have one distribution, so one variance too"),
}
_SHARED = {  # measured: 5 against 5 events on one date, one-day window, 2,000 replications
    name: (
        "takes events that share days as independent: at a nominal 5% it rejects "
        f"{alike:g}% with residual correlation .25 within and between two groups of 5, and {apart:g}% with .4 within "
        "and .1 between"
    )
    for name, alike, apart in (("welch_t", 4.7, 24.3), ("scar_welch_t", 4.6, 24.2), ("rank_sum", 3.4, 19.4))
}
