"""Securities that look like parts of their own benchmark, though the study does not name them as members.

An index that holds much of a security moves with it. What is left of the security after the index is then too small,
and what is left of another security is pushed the other way: with a weight w and a slope b, by -b w times the
security's own news. So two shares that move together, and after the index against each other, point to an index that
holds much of one or both.

A pair is reported where the correlation of the residuals is at most `APART`, is below zero at 1 % by Holm over all
pairs (Fisher's z), and that of the returns is at least `TOGETHER`: shares that move against each other anyway, as
airlines and oil do, are no sign of membership.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from eventstudy.inference import holm
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.prices import Issue
from eventstudy.objects.settings import Settings
from eventstudy.windows import gather

APART, TOGETHER, LEVEL = -0.25, 0.2, 0.01
FEWEST = 100  # days that both of a pair have
MOST = 100  # securities looked at: those that go most with the benchmark, as heavy members do
SHOWN = 3
_SURE = 1 - 1e-12  # the largest correlation that Fisher's z is taken of


def undeclared(results: Sequence[EventResult], settings: Settings, cards: Cards) -> list[Issue]:
    """A warning for each benchmark of the headline event that may hold securities it is not said to hold.

    `results` are those of the study; only models that take the benchmark away are looked at.
    """
    found = []
    for result in results:
        if result.event == settings.headline_event and result.headline and cards.models[result.model].uses_benchmark:
            pairs = list(_pairs(result, settings.members.get(result.benchmark or "", ())))
            found += [_issue(result.benchmark or "", pairs)] if pairs else []
    return found


def _issue(benchmark: str, pairs: Sequence[tuple[float, str, str]]) -> Issue:
    worst = sorted(pairs)
    said = ", ".join(f"{one} and {other} ({rho:.2f})" for rho, one, other in worst[:SHOWN])
    left = len(worst) - SHOWN
    more = f" and {left} more pair{'s' if left > 1 else ''}" if left > 0 else ""
    detail = (
        f"{said}{more} move together, and after {benchmark} against each other (correlation of what is left), as they "
        f"do where the index holds much of them; if they are part of {benchmark}, name them under members, so that it "
        "is measured how far they pull their own benchmark"
    )
    return Issue("members_not_declared", "warning", detail)


def _pairs(result: EventResult, declared: Sequence[str]) -> Iterator[tuple[float, str, str]]:
    """Correlation of the residuals and both securities, of every pair that points to an index that holds them."""
    panel, market = result.panel, result.panel.regressors.get("market")
    if market is None:
        return
    own = {t: s for t, s in zip(panel.event_tickers, panel.security.tolist(), strict=True) if t not in declared}
    rows = np.array([*own.values()], dtype=np.int32)
    days = np.full(len(own), panel.day.max(), dtype=np.int32)  # one window for all, that of the last event
    index = gather(market, rows, days, panel.estimation)[0] if own else np.array([])
    yield from apart_after(pd.DataFrame(gather(panel.returns, rows, days, panel.estimation).T, columns=[*own]), index)


def apart_after(returns: pd.DataFrame, index: FloatArray) -> Iterator[tuple[float, str, str]]:
    """Pairs of securities that go together, and against each other once the index is taken away.

    Parameters
    ----------
    returns : (T, security) of an estimation window; `index` (T,) on the same days.

    Returns
    -------
    Correlation of what is left, and both securities.
    """
    residuals = pd.DataFrame({t: _left(column.to_numpy(), index) for t, column in returns.items()})
    with_index = returns.corrwith(pd.Series(index)).abs().nlargest(MOST).index
    names = [t for t in with_index if residuals[t].notna().sum() >= FEWEST]
    apart, together = (frame[names].corr(min_periods=FEWEST).to_numpy() for frame in (residuals, returns))
    pairs = [(i, j) for i, j in combinations(range(len(names)), 2) if math.isfinite(apart[i, j])]
    if not pairs:
        return
    n = residuals[names].notna().to_numpy().astype(float)
    both = n.T @ n
    z = np.array([math.atanh(min(max(apart[i, j], -_SURE), _SURE)) * math.sqrt(both[i, j] - 4) for i, j in pairs])
    for (i, j), p in zip(pairs, holm(ndtr(z)).tolist(), strict=True):
        if p < LEVEL and apart[i, j] <= APART and together[i, j] >= TOGETHER:
            yield float(apart[i, j]), names[i], names[j]


def _left(returns: FloatArray, market: FloatArray) -> FloatArray:
    """What is left of returns after the market, by least squares on the days that both have."""
    known = np.isfinite(returns) & np.isfinite(market)
    if known.sum() < FEWEST or np.ptp(market[known]) == 0:
        return np.full(len(returns), np.nan)
    x, y = market[known] - market[known].mean(), returns[known] - returns[known].mean()
    left = np.full(len(returns), np.nan)
    left[known] = y - x * float(x @ y) / float(x @ x)
    return left
