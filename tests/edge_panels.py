"""Panels at the edges: no events, holes, ties, infinities, equal returns; each is made once and tried by everything."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from group_panels import abnormal_of, group_panel

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import (
    SINGLE,
    TESTS,
)
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

WINDOWS = (Window(0, 0), Window(-4, 5))
DAY = 290
GROUP = [name for name in TESTS if name not in SINGLE]
Edge = Callable[[EventPanel], AbnormalReturns]


def edited(base: EventPanel, edit: Callable[[np.ndarray], None], n: int = 6, **more: float) -> EventPanel:
    """A panel of `n` events of one date after `edit` of a copy of its returns."""
    panel = group_panel(base, [DAY] * n, **more)  # type: ignore[arg-type]
    returns = panel.returns.copy()
    edit(returns)
    return dataclasses.replace(panel, returns=returns)


def with_ar(base: EventPanel, fill: Callable[[np.ndarray], None], n: int = 6) -> AbnormalReturns:
    """Events of one date whose abnormal returns are what `fill` makes of them."""
    abnormal = abnormal_of(group_panel(base, [DAY] * n))
    ar = abnormal.ar.copy()
    fill(ar)
    return dataclasses.replace(abnormal, ar=ar)


# ---------------------------------------------------------------------------------------------------------- the panels
def plain(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [DAY] * 8))


def own_dates(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, list(range(264, 288)), correlation=0.0))


def mixed_dates_and_holes(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [262, 275, 275, 290, 290, 291, 293, 300], holes=0.03))


def missing_returns(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [DAY] * 10, holes=0.05))


def unequal_estimation_lengths(base: EventPanel) -> AbnormalReturns:
    def shorten(returns: np.ndarray) -> None:
        for i, first in enumerate((0, 60, 100, 130, 150, 170)):
            returns[i, :first] = np.nan

    return abnormal_of(edited(base, shorten))


def ties(base: EventPanel) -> AbnormalReturns:
    def rounded(returns: np.ndarray) -> None:
        returns[:] = np.round(returns, 2)

    return abnormal_of(edited(base, rounded, 8), "raw")


def many_zeros(base: EventPanel) -> AbnormalReturns:
    def rounded(returns: np.ndarray) -> None:
        returns[:] = np.round(returns / 5, 2) * 5

    return abnormal_of(edited(base, rounded, 8), "raw")


def no_event(base: EventPanel) -> AbnormalReturns:
    return plain(base).take([])


def one_event(base: EventPanel) -> AbnormalReturns:
    return plain(base).take([2])


def two_events(base: EventPanel) -> AbnormalReturns:
    return plain(base).take([1, 3])


def two_dates(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [270, 290]))


def three_events(base: EventPanel) -> AbnormalReturns:
    return plain(base).take([1, 3, 4])


def one_never_moves(base: EventPanel) -> AbnormalReturns:
    def still(returns: np.ndarray) -> None:
        returns[1] = 0.0

    return abnormal_of(edited(base, still))


def one_never_moves_and_nothing_is_estimated(base: EventPanel) -> AbnormalReturns:
    def still(returns: np.ndarray) -> None:
        returns[1] = 0.0

    return abnormal_of(edited(base, still), "raw")


def one_is_its_own_benchmark(base: EventPanel) -> AbnormalReturns:
    def same(returns: np.ndarray) -> None:
        returns[2] = 0.001 + 1.5 * base.regressors["market"]

    return abnormal_of(edited(base, same))


def one_moves_on_the_day_alone(base: EventPanel) -> AbnormalReturns:
    def still(returns: np.ndarray) -> None:
        returns[1] = 0.0
        returns[1, DAY] = 0.1

    return abnormal_of(edited(base, still), "mean_adjusted")


def all_rise(base: EventPanel) -> AbnormalReturns:
    def shock(returns: np.ndarray) -> None:
        returns[:, DAY] += 0.3

    return abnormal_of(edited(base, shock, 8))


def all_abnormal_returns_equal(base: EventPanel) -> AbnormalReturns:
    return with_ar(base, lambda ar: ar.fill(0.01))


def all_abnormal_returns_zero(base: EventPanel) -> AbnormalReturns:
    return with_ar(base, lambda ar: ar.fill(0.0))


def all_sars_equal(base: EventPanel) -> AbnormalReturns:
    """The same standardised abnormal return for every event, on every day of every window."""
    abnormal = abnormal_of(group_panel(base, [DAY] * 6))
    ar = np.where(True, abnormal.normal.sigma[:, None], abnormal.ar) * 1.5
    return dataclasses.replace(abnormal, ar=np.ascontiguousarray(np.broadcast_to(ar, abnormal.ar.shape)))


def all_but_one_equal(base: EventPanel) -> AbnormalReturns:
    def fill(ar: np.ndarray) -> None:
        ar[:] = 0.01
        ar[0] = 0.02

    return with_ar(base, fill)


def mirrored(base: EventPanel) -> AbnormalReturns:
    """Two securities whose residuals are each other's opposite: rho = -1, 1 + (N - 1) rbar = 0."""

    def opposite(returns: np.ndarray) -> None:
        market = base.regressors["market"]
        returns[1] = 2 * market - returns[0]

    return abnormal_of(edited(base, opposite, 2))


def negative_correlation(base: EventPanel) -> AbnormalReturns:
    """Pairs that half mirror each other: rbar < 0, and 1 + (N - 1) rbar still positive."""

    def opposite(returns: np.ndarray) -> None:
        market = base.regressors["market"]
        for i in (0, 2, 4):
            returns[i + 1] = 2 * market - (returns[i] + returns[i + 1]) / 2

    return abnormal_of(edited(base, opposite, correlation=0.0))


def sum_to_nothing(base: EventPanel) -> AbnormalReturns:
    """The residuals of all add up to zero on every day: rbar = -1/(N - 1) where all vary alike, and no portfolio."""

    def cancel(returns: np.ndarray) -> None:
        market = base.regressors["market"]
        returns[3] = market - (returns[:3] - market).sum(axis=0)

    return abnormal_of(edited(base, cancel, 4))


def the_same_security_thrice(base: EventPanel) -> AbnormalReturns:
    def same(returns: np.ndarray) -> None:
        returns[1:] = returns[0]

    return abnormal_of(edited(base, same, 3))


def a_day_missing(base: EventPanel) -> AbnormalReturns:
    return _hole(base, allow=False)


def a_day_missing_and_allowed(base: EventPanel) -> AbnormalReturns:
    return _hole(base, allow=True)


def _hole(base: EventPanel, allow: bool) -> AbnormalReturns:
    def hole(returns: np.ndarray) -> None:
        returns[0, DAY] = np.nan
        returns[1, DAY + 2] = np.nan

    panel = edited(base, hole, 8)
    return abnormal_returns(panel, estimate(panel, "market"), allow_missing=allow)


def nobody_traded_on_the_day(base: EventPanel) -> AbnormalReturns:
    def hole(returns: np.ndarray) -> None:
        returns[:, DAY] = np.nan

    panel = edited(base, hole)
    return abnormal_returns(panel, estimate(panel, "market"), allow_missing=True)


def no_market_on_the_day(base: EventPanel) -> AbnormalReturns:
    panel = group_panel(base, [DAY] * 6)
    market = panel.regressors["market"].copy()
    market[DAY] = np.nan
    return abnormal_of(dataclasses.replace(panel, regressors={**panel.regressors, "market": market}))


def windows_longer_than_the_estimation(base: EventPanel) -> AbnormalReturns:
    """Events that share days of a window and none of their estimation windows of eight days."""
    panel = group_panel(base, [272, 274, 281, 281, 283, 291])
    return abnormal_of(dataclasses.replace(panel, estimation=Window(-18, -11), min_obs=5))


def windows_longer_than_the_estimation_and_a_day_missing(base: EventPanel) -> AbnormalReturns:
    panel = windows_longer_than_the_estimation(base).panel
    returns = panel.returns.copy()
    returns[0, 273] = np.nan
    panel = dataclasses.replace(panel, returns=returns)
    return abnormal_returns(panel, estimate(panel, "market"), allow_missing=True)


def equal_sums_of_round_returns(base: EventPanel) -> AbnormalReturns:
    """Returns of whole ten per cents: many sums are equal but for rounding, and equal they have to count."""

    def rounded(returns: np.ndarray) -> None:
        returns[:] = np.round(returns * 5, 1)

    return abnormal_of(edited(base, rounded, 9), "raw")


def infinite_on_the_day(base: EventPanel) -> AbnormalReturns:
    def infinite(returns: np.ndarray) -> None:
        returns[0, DAY], returns[1, DAY] = np.inf, -np.inf

    return abnormal_of(edited(base, infinite))


def infinite_before(base: EventPanel) -> AbnormalReturns:
    def infinite(returns: np.ndarray) -> None:
        returns[0, 100], returns[1, 120] = np.inf, -np.inf

    return abnormal_of(edited(base, infinite))


def infinite_market(base: EventPanel) -> AbnormalReturns:
    panel = group_panel(base, [DAY] * 6)
    market = panel.regressors["market"].copy()
    market[100], market[DAY + 1] = np.inf, -np.inf
    return abnormal_of(dataclasses.replace(panel, regressors={**panel.regressors, "market": market}))


def the_history_ends_in_the_window(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [len(base.sessions) - 3] * 6))


def the_history_begins_in_the_estimation_window(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [120] * 6))


def refused(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(dataclasses.replace(group_panel(base, [DAY] * 6), min_obs=1000))


def one_day_in_a_million(base: EventPanel) -> AbnormalReturns:
    """A shock so large that every tail is smaller than the smallest double."""

    def shock(returns: np.ndarray) -> None:
        returns[:, DAY] += np.linspace(50, 60, len(returns))

    return abnormal_of(edited(base, shock, 8))


def returns_of_a_billionth(base: EventPanel) -> AbnormalReturns:
    panel = group_panel(base, [DAY] * 8)
    scaled = {name: values * 1e-9 for name, values in panel.regressors.items()}
    return abnormal_of(dataclasses.replace(panel, returns=panel.returns * 1e-9, regressors=scaled))


def logarithmic(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(dataclasses.replace(group_panel(base, [DAY] * 8), kind="log"))


def nothing_estimated(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [DAY] * 8, holes=0.02), "market_adjusted")


def errors_that_differ_from_day_to_day(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [DAY] * 6, holes=0.02), "trade_to_trade")


def designs_of_their_own(base: EventPanel) -> AbnormalReturns:
    return abnormal_of(group_panel(base, [DAY] * 6), "rolling")


EDGES: dict[str, Edge] = {
    edge.__name__: edge
    for edge in (
        plain,
        own_dates,
        mixed_dates_and_holes,
        missing_returns,
        unequal_estimation_lengths,
        ties,
        many_zeros,
        no_event,
        one_event,
        two_events,
        two_dates,
        three_events,
        one_never_moves,
        one_never_moves_and_nothing_is_estimated,
        one_is_its_own_benchmark,
        one_moves_on_the_day_alone,
        all_rise,
        all_abnormal_returns_equal,
        all_abnormal_returns_zero,
        all_sars_equal,
        all_but_one_equal,
        mirrored,
        negative_correlation,
        sum_to_nothing,
        the_same_security_thrice,
        a_day_missing,
        a_day_missing_and_allowed,
        nobody_traded_on_the_day,
        no_market_on_the_day,
        windows_longer_than_the_estimation,
        windows_longer_than_the_estimation_and_a_day_missing,
        equal_sums_of_round_returns,
        infinite_on_the_day,
        infinite_before,
        infinite_market,
        the_history_ends_in_the_window,
        the_history_begins_in_the_estimation_window,
        refused,
        one_day_in_a_million,
        returns_of_a_billionth,
        logarithmic,
        nothing_estimated,
        errors_that_differ_from_day_to_day,
        designs_of_their_own,
    )
}


@cache
def built(name: str, base: EventPanel) -> AbnormalReturns:
    """The panel `name` of `EDGES`, made once."""
    return EDGES[name](base)


# -------------------------------------------------------------------------------------------------------- the contract
@pytest.fixture(scope="module", params=EDGES)
def edge(request: pytest.FixtureRequest, synthetic_panel: EventPanel) -> AbnormalReturns:
    return built(request.param, synthetic_panel)


def same(found: InferenceResult, p: float, statistic: float, rtol: float = 1e-7) -> None:
    np.testing.assert_allclose(found.p, p, rtol=rtol, atol=1e-300, err_msg=found.test)
    np.testing.assert_allclose(found.statistic, statistic, rtol=rtol, atol=1e-9, err_msg=found.test)
