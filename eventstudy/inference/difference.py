"""Tests of the difference between two groups: AbnormalReturns, AbnormalReturns, Window -> InferenceResult.

Groups that share their date share its shock: tests that take the two groups as independent of each other, and their
members of one another, do not hold their size then. The difference of the two portfolios, measured by its own
history, does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import SpecError
from eventstudy.inference.cards import called
from eventstudy.inference.sample import NAN, Sample, constant, two_sided_t
from eventstudy.inference.scatter import remainder, scatter, variance_scale
from eventstudy.inference.two_groups import Pair, pair_of
from eventstudy.objects.cards import Difference
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.registry import lookup

EXACT = 8  # without ties, and up to this size of the smaller group, the rank sum has its exact distribution
_INDEPENDENT = "events independent of each other, within and between the groups"
_NULL = "the mean cumulative abnormal returns of the {a} and of the {b} events over {window} are equal"


def _shared(alike: float, apart: float) -> str:
    """Measured: 5 against 5 events on one date, one-day window, 2,000 replications."""
    return (
        "takes events that share days as independent: at a nominal 5% it rejects "
        f"{alike:g}% with residual correlation .25 within and between two groups of 5, and {apart:g}% with .4 within "
        "and .1 between"
    )


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
    return _welch(pair, WELCH_T, pair.first.car, pair.second.car)


WELCH_T = Difference(
    name="welch_t",
    run=welch_t,
    words="Welch’s t test",
    question=(
        "Did securities like the first group move otherwise than securities like the second, judged by the "
        "scatter within each?"
    ),
    statistic=("(mean CAR₁ − mean CAR₂) / √(s₁²/n₁ + s₂²/n₂), t with Welch and Satterthwaite’s degrees of freedom"),
    distribution="t",
    source="Welch 1947",
    null=_NULL,
    assumptions=(_INDEPENDENT, "CARs normal, or many"),
    shared_days=_shared(4.7, 24.3),
)


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
    return _welch(pair, SCAR_WELCH_T, pair.first.scar, pair.second.scar)


SCAR_WELCH_T = Difference(
    name="scar_welch_t",
    run=scar_welch_t,
    words="Welch’s t test of standardised returns",
    question=(
        "Did securities like the first group move otherwise than securities like the second, each in units of "
        "its ordinary days?"
    ),
    statistic="Welch’s t of the SCARs",
    distribution="t",
    source="Welch 1947; Boehmer, Musumeci and Poulsen 1991",
    null=_NULL.replace("cumulative", "standardised cumulative"),
    assumptions=(_INDEPENDENT, "SCARs normal, or many"),
    shared_days=_shared(4.6, 24.2),
)


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
        return _result(pair, RANK_SUM, reason=pair.too_few)
    a, b = pair.first.car, pair.second.car
    u = float((a[:, None] > b).sum() + 0.5 * (a[:, None] == b).sum())
    n = len(a) + len(b)
    ties = np.unique(np.concatenate([a, b]), return_counts=True)[1].astype(np.float64)
    if (ties == 1).all() and min(len(a), len(b)) <= EXACT:
        return _result(pair, RANK_SUM, u, (float(len(a)), float(len(b))), exact_p(u, len(a), len(b)))
    variance = len(a) * len(b) / 12 * (n + 1 - (ties**3 - ties).sum() / (n * (n - 1)))
    if variance <= 0:
        return _result(pair, RANK_SUM, reason="all CARs are the same: their ranks have no variance")
    z = (abs(u - len(a) * len(b) / 2) - 0.5) / np.sqrt(variance)
    p = min(1.0, float(2 * special.ndtr(-z)))
    return _result(pair, RANK_SUM, u, (float(len(a)), float(len(b))), p)


RANK_SUM = Difference(
    name="rank_sum",
    run=rank_sum,
    words="the rank-sum test",
    question="Do the moves of the one group mostly lie above those of the other?",
    statistic="number of pairs in which CAR₁ > CAR₂, ties ½",
    distribution="rank",
    source="Wilcoxon 1945; Mann and Whitney 1947",
    null="the cumulative abnormal returns of the {a} and of the {b} events over {window} have one distribution",
    assumptions=(_INDEPENDENT, "under the null both groups have one distribution, so one variance too"),
    shared_days=_shared(3.4, 19.4),
)


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
    return _long_short(pair_of(first, second, window), PORTFOLIO_DIFFERENCE_T)


PORTFOLIO_DIFFERENCE_T = Difference(
    name="portfolio_difference_t",
    run=portfolio_difference_t,
    words="the test of the long-short portfolio",
    question="Was this an ordinary day for the difference between the two groups?",
    statistic="difference of the mean CARs / (σ of the long-short portfolio · √(L + 1′X(X′X)⁻¹X′1)), t(ν)",
    distribution="t",
    source="Jaffe 1974; Campbell, Lo and MacKinlay 1997",
    null=_NULL,
    assumptions=("one shared date", "normal errors", "no increase of variance or correlation in the window"),
    shared_days=None,
)


def scaled_portfolio_difference_t(
    first: AbnormalReturns | Sample, second: AbnormalReturns | Sample, window: Window
) -> InferenceResult:
    """`portfolio_difference_t` with its variance raised or lowered to the scatter within the groups, t(n_1 + n_2 - 2).

    t / sqrt(q), q = u'u / (c tr(M S M)): u the CARs less their group's mean, S the residual covariance of the
    estimation days, c the factor of the variance of a CAR (see `scatter.variance_scale`; Boehmer, Musumeci and Poulsen
    1991 on taking the variance of the window from the events). Withstands a shared date, and an increase of variance
    that leaves correlations as they are: rejects 4.2 to 5.8 % (5, 10 and 20 events, correlation .25, variance as ever
    or four times as large, alike or unlike securities, 2,000 replications each).

    Examples
    --------
    >>> from eventstudy.example import example
    >>> low, high = example().take([0, 1, 2, 3]), example().take([4, 5, 6, 7])
    >>> round(scaled_portfolio_difference_t(low, high, Window(0, 0)).p, 4)
    0.0947
    """
    return _long_short(pair_of(first, second, window), SCALED_PORTFOLIO_DIFFERENCE_T)


SCALED_PORTFOLIO_DIFFERENCE_T = Difference(
    name="scaled_portfolio_difference_t",
    run=scaled_portfolio_difference_t,
    words="the test of the long-short portfolio, scaled to the scatter of the day",
    question="Did the two groups move apart by more than their members scattered on the day?",
    statistic=(
        "t of the long-short portfolio / √q, q the scatter within the groups over what ordinary days expect; "
        "t(n₁ + n₂ − 2)"
    ),
    distribution="t",
    source="Jaffe 1974; Boehmer, Musumeci and Poulsen 1991",
    null=_NULL,
    assumptions=(
        "one shared date",
        "normal errors",
        "the correlations of the window are those of the estimation window",
    ),
    shared_days=None,
)


Named = str | Difference | Callable[..., Any]  # how a caller may say which test

DIFFERENCES: dict[str, Difference] = {
    "scaled_portfolio_difference_t": SCALED_PORTFOLIO_DIFFERENCE_T,
    "portfolio_difference_t": PORTFOLIO_DIFFERENCE_T,
    "welch_t": WELCH_T,
    "scar_welch_t": SCAR_WELCH_T,
    "rank_sum": RANK_SUM,
}


def difference_card(test: Named) -> Difference:
    """The card of a test of a difference: of the registry by its name, as it is, or made for a user's own function.

    Raises
    ------
    UnknownNameError : a name that is not in `DIFFERENCES`.
    SpecError : neither a name nor a card nor a function.
    """
    found: Any = lookup(DIFFERENCES, test, "test of a difference")
    if isinstance(found, Difference):
        return found
    if not callable(found):
        raise SpecError(f"a test of a difference is a name, a card or a function of two groups, got {test!r}")
    name = str(getattr(found, "__name__", type(found).__name__))
    return Difference(
        name=name,
        run=found,
        words=f"the test “{name.replace('_', ' ')}”",
        question="What this test asks is for its author to say.",
        statistic="a test of the user’s own",
        distribution="stated with each result",
        source="the user’s own",
        null="stated with each result",
        assumptions=("stated with each result",),
        shared_days=None,
    )


def compare_groups(
    first: AbnormalReturns, second: AbnormalReturns, window: Window, names: Sequence[Named] = ()
) -> tuple[InferenceResult, ...]:
    """Test the difference of two groups over one window, the test that fits the design first.

    Parameters
    ----------
    names : names of `DIFFERENCES` or own functions, run in that order; () runs all: on one shared date
        of one exchange `scaled_portfolio_difference_t` leads, else `welch_t`; where days are shared those that take
        events as independent carry their measured size.

    Raises
    ------
    SpecError : a security is in both groups. UnknownNameError : a name that is not in `DIFFERENCES`.
    WindowError : `window` is not inside the event window.
    """
    pair = pair_of(first, second, window)
    order = names or (tuple(DIFFERENCES) if pair.too_few or pair.one_portfolio else _APART)
    tests = [difference_card(name) for name in order]
    return tuple(
        test.run(pair.first, pair.second, window)
        if DIFFERENCES.get(test.name) is test
        else called(test, window, first, second)
        for test in tests
    )


def comparison(first: AbnormalReturns, second: AbnormalReturns, window: Window) -> pd.DataFrame:
    """`compare_groups` as a table, one row per test: test, statistic, df, p, n, reason, warning, null ..."""
    columns = ("test", "statistic", "distribution", "df", "p", "n", "reason", "warning", "null", "assumptions")
    found = compare_groups(first, second, window)
    return pd.DataFrame([{name: getattr(result, name) for name in columns} for result in found])


_APART = ("welch_t", "scar_welch_t", "rank_sum", "scaled_portfolio_difference_t", "portfolio_difference_t")


# ------------------------------------------------------------------------------------------------------------ numbers
def _welch(pair: Pair, card: Difference, a: FloatArray, b: FloatArray) -> InferenceResult:
    if pair.too_few:
        return _result(pair, card, reason=pair.too_few)
    if constant(a) and constant(b):
        return _result(pair, card, reason="within each group all values are the same: they have no variance")
    one, two = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    statistic = float((a.mean() - b.mean()) / np.sqrt(one + two))
    df = (one + two) ** 2 / (one**2 / (len(a) - 1) + two**2 / (len(b) - 1))
    return _result(pair, card, statistic, (df,), float(two_sided_t(statistic, df)))


def _long_short(pair: Pair, card: Difference) -> InferenceResult:
    both = pair.too_few or pair.together
    common = both if isinstance(both, str) else both.common
    if isinstance(common, str):
        return _result(pair, card, reason=common)
    member = np.repeat([[1.0, 0.0], [0.0, 1.0]], [pair.first.n, pair.second.n], axis=0)
    means = member.T / member.sum(axis=0)[:, None]
    weights = means[0] - means[1]
    past = common.days.centred @ weights
    variance = float(past @ past) / common.days.nu * common.factor
    left, df = remainder(member, means), common.days.nu
    if card is SCALED_PORTFOLIO_DIFFERENCE_T:
        variance, df = variance * variance_scale(common, left, np.ones(len(member))), len(member) - 2.0
    if not variance > 0:
        return _result(pair, card, reason="the difference of the two portfolios has no residual variance")
    statistic = float(common.car @ weights / np.sqrt(variance))
    said = scatter(common, left, pair.first.window.length).warning if card is PORTFOLIO_DIFFERENCE_T else None
    return _result(pair, card, statistic, (df,), float(two_sided_t(statistic, df)), warning=said)


def _result(
    pair: Pair,
    card: Difference,
    statistic: float = NAN,
    df: tuple[float, ...] = (),
    p: float = NAN,
    reason: str | None = None,
    warning: str | None = None,
) -> InferenceResult:
    a, b, window = pair.first.n, pair.second.n, pair.first.window
    left = (*pair.first.left_out, *pair.second.left_out)
    return InferenceResult(
        test=card.name,
        null=card.null.format(a=a, b=b, window=pair.first.window_name),
        window=window,
        statistic=statistic,
        distribution=card.distribution,
        df=df,
        p=p,
        n=a + b,
        assumptions=card.assumptions + ((f"left out: {'; '.join(left)}",) if left else ()),
        reason=reason,
        warning=warning or (card.shared_days if reason is None and pair.shares_days else None),
    )


# ----------------------------------------------------------------------------------------------- exact ranks
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
