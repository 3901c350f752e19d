"""The contract at the edges: on panels at which a formula could break, every registered test answers or says why not.

An answer is a finite statistic and a p between 0 and 1, a refusal a sentence and no number; neither is an exception or
a warning (pytest makes each an error). The panels are those of `EDGES`: a new one is a function and an entry, and all
tests, differences and diagnostics are run on it. Then the symmetries: order of the events, sign, unit.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
from group_panels import abnormal_of, group_panel, with_returns

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import WindowError
from eventstudy.inference import (
    DIAGNOSTICS,
    SINGLE,
    TESTS,
    group_diagnostics,
    run_diagnostics,
    run_tests,
    single_results,
)
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.models import MODELS, estimate
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


@cache
def changed(name: str, base: EventPanel, how: str) -> AbnormalReturns:
    """The panel `name` in another unit, or with the other sign of the securities' returns."""
    panel = built(name, base).panel
    if how == "sign":
        return abnormal_of(dataclasses.replace(panel, returns=-panel.returns))
    scaled = {key: values / 100 for key, values in panel.regressors.items()}
    return abnormal_of(dataclasses.replace(panel, returns=panel.returns / 100, regressors=scaled))


# -------------------------------------------------------------------------------------------------------- the contract
@pytest.fixture(scope="module", params=EDGES)
def edge(request: pytest.FixtureRequest, synthetic_panel: EventPanel) -> AbnormalReturns:
    return built(request.param, synthetic_panel)


def kept(found: InferenceResult) -> None:
    """What any result has to be: an answer with numbers or a refusal with a sentence, never half of each."""
    said = f"{found.test} over {found.window}: {found}"
    assert found.null, said
    assert found.assumptions, said
    if found.reason is None:
        assert math.isfinite(found.statistic), said
        assert 0 <= found.p <= 1, said
        assert all(math.isfinite(df) and df > 0 for df in found.df), said
    else:
        assert math.isnan(found.statistic), said
        assert math.isnan(found.p), said
        assert len(found.reason) > 10, said
        assert "nan" not in found.reason.split(), said


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_every_group_test_answers_or_says_why_not(edge: AbnormalReturns, window: Window) -> None:
    for name in GROUP:
        found = TESTS[name](edge, window)
        assert found.test == name
        assert found.n <= edge.n
        kept(found)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_every_single_test_answers_or_says_why_not(edge: AbnormalReturns, window: Window) -> None:
    found = single_results(edge, [window])
    assert len(found) == len(SINGLE) * edge.n
    for _, result in found:
        kept(result)


@pytest.mark.parametrize("edge_name", ["mixed_dates_and_holes", "one_event", "a_day_missing_and_allowed", "refused"])
def test_tests_together_say_what_each_says_alone(edge_name: str, synthetic_panel: EventPanel) -> None:
    """`run_tests` with the warnings of the design, and the same numbers."""
    abnormal = built(edge_name, synthetic_panel)
    for found in run_tests(abnormal, Window(0, 0)):
        kept(found)
        alone = TESTS[found.test](abnormal, Window(0, 0))
        np.testing.assert_array_equal([found.statistic, found.p], [alone.statistic, alone.p])


def test_every_difference_answers_or_says_why_not(edge: AbnormalReturns) -> None:
    half = edge.n // 2
    first, second = edge.take(range(half)), edge.take(range(half, edge.n))
    for window in WINDOWS:
        for name, test in DIFFERENCES.items():
            found = test(first, second, window)
            assert found.test == name
            kept(found)


def test_every_diagnostic_answers_or_says_why_not(edge: AbnormalReturns) -> None:
    found = [*run_diagnostics(edge), *group_diagnostics(edge, "the group")]
    assert {row.check for row in found} <= set(DIAGNOSTICS)
    for row in found:
        said = str(row)
        if row.reason is None:
            assert math.isfinite(row.statistic), said
            assert math.isfinite(row.threshold), said
            assert math.isnan(row.p) or 0 <= row.p <= 1, said
            assert row.meaning, said
        else:
            assert math.isnan(row.statistic), said
            assert row.verdict == "caution", said


def random_panel(base: EventPanel, seed: int) -> AbnormalReturns:
    """Any number of events, one date or many, heavy tails, holes, rounding, still and repeated securities."""
    rng = np.random.default_rng(seed)
    n, length, around = int(rng.integers(0, 14)), int(rng.choice([8, 30, 200])), int(rng.choice([0, 1, 5]))
    dates = [DAY] * n if rng.random() < 0.5 else rng.integers(262, 310, n).tolist()
    returns = rng.standard_t(3, (n, len(base.sessions))) * 0.02 + rng.choice([0, 1]) * base.regressors["market"]
    returns = np.round(returns, int(rng.choice([1, 2, 15, 15, 15])))
    if n > 1:
        returns[0] = rng.choice([0.0, 1.0, 1.0]) * returns[0]
        returns[1] = rng.choice([1.0, -1.0]) * returns[0] if rng.random() < 0.3 else returns[1]
    returns[rng.random(returns.shape) < rng.choice([0, 0, 0.02, 0.3])] = np.nan
    returns[rng.random(returns.shape) < rng.choice([0, 0, 0.003])] = np.inf
    panel = dataclasses.replace(
        with_returns(base, returns, dates),
        estimation=Window(-length - around - 1, -around - 2),
        event=Window(-around, around),
        min_obs=5,
    )
    model = str(rng.choice(["market", "raw", "mean_adjusted", "ff3", "dimson", "rolling", "trade_to_trade", "robust"]))
    return abnormal_returns(panel, estimate(panel, model), allow_missing=bool(rng.random() < 0.3))


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 200))])
def test_any_panel(seed: int, synthetic_panel: EventPanel) -> None:
    abnormal = random_panel(synthetic_panel, seed)
    window = abnormal.panel.event
    for name in GROUP:
        kept(TESTS[name](abnormal, window))
    for _, found in single_results(abnormal, [window]):
        kept(found)


@pytest.mark.parametrize("name", TESTS)
def test_a_window_outside_is_an_error(name: str, synthetic_panel: EventPanel) -> None:
    abnormal = plain(synthetic_panel)
    for window in (Window(-11, 0), Window(0, 11), Window(50, 60)):
        with pytest.raises(WindowError, match="outside the event window"):
            TESTS[name](abnormal.take([0]) if name in SINGLE else abnormal, window)


# ----------------------------------------------------------------------------------------------------------- the models
MODEL_EDGES = (
    "missing_returns",
    "unequal_estimation_lengths",
    "no_event",
    "one_event",
    "one_never_moves",
    "one_is_its_own_benchmark",
    "a_day_missing",
    "infinite_on_the_day",
    "infinite_before",
    "infinite_market",
    "the_history_ends_in_the_window",
    "the_history_begins_in_the_estimation_window",
    "refused",
    "returns_of_a_billionth",
)


SLOW = {"garch", "egarch"}
MODEL_NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MODELS]


@pytest.mark.parametrize("edge_name", MODEL_EDGES)
@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_model_estimates_or_says_why_not(name: str, edge_name: str, synthetic_panel: EventPanel) -> None:
    panel = built(edge_name, synthetic_panel).panel
    normal = estimate(panel, name)
    for i, reason in enumerate(normal.reason):
        numbers = [*normal.params[i], normal.sigma[i], normal.nu[i], *normal.xtx_inv[i].ravel()]
        if reason is None:
            assert np.isfinite(numbers).all()
            assert normal.sigma[i] > 0
            assert normal.nu[i] > 0
        else:
            assert len(reason) > 10
            assert np.isnan(normal.params[i]).all()
            assert np.isnan(normal.sigma[i])
    abnormal = abnormal_returns(panel, normal)
    ruled_out = [i for i, reason in enumerate(normal.reason) if reason is not None]
    assert np.isnan(abnormal.ar[ruled_out]).all()
    assert not np.isinf(abnormal.ar).any()


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_an_infinity_is_a_missing_return(name: str, synthetic_panel: EventPanel) -> None:
    """Before, in and after the estimation window: estimates and abnormal returns are those of a panel with a hole."""
    found = []
    for value in (np.inf, np.nan):

        def put(returns: np.ndarray, value: float = value) -> None:
            returns[0, [100, DAY]], returns[1, 120] = -value, value

        panel = edited(synthetic_panel, put)
        normal = estimate(panel, name)
        found.append((normal, abnormal_returns(panel, normal)))
    (normal, abnormal), (other, others) = found
    assert normal.reason == other.reason
    for what in ("params", "sigma", "nobs", "nu", "xtx_inv"):
        np.testing.assert_allclose(getattr(normal, what), getattr(other, what), rtol=1e-12)
    np.testing.assert_allclose(abnormal.ar, others.ar, rtol=1e-9, atol=1e-15)


# ------------------------------------------------------------------------------------------------------- the symmetries
SYMMETRIC = ("plain", "mixed_dates_and_holes", "own_dates")
# Drawn with a seed in the order of the events: another order is another draw.
DRAWN = {"bhar_skewness_bootstrap"}
# One day of buying and holding is the abnormal return; more days compound, and neither sign nor unit comes through.
COMPOUNDED = {"bhar_t", "bhar_skewness_bootstrap"}
EVEN = {  # the statistic is of squares, or a rank from the most extreme
    *("hotelling", "sample_quantile", "placebo", "placebo_portfolio"),
    *(name for name in TESTS if name.startswith("volatility")),
    *("beaver_patell_z", "cross_sectional_variance_chi2"),
}


def turned(found: InferenceResult) -> float:
    """The statistic of the same test after all abnormal returns changed their sign."""
    if found.test in EVEN:
        return found.statistic
    if found.test == "sign_z":
        return found.df[0] - found.statistic
    if found.test == "wilcoxon":
        return found.df[0] * (found.df[0] + 1) / 2 - found.statistic
    return -found.statistic


def same(found: InferenceResult, p: float, statistic: float, rtol: float = 1e-7) -> None:
    np.testing.assert_allclose(found.p, p, rtol=rtol, atol=1e-300, err_msg=found.test)
    np.testing.assert_allclose(found.statistic, statistic, rtol=rtol, atol=1e-9, err_msg=found.test)


@pytest.mark.parametrize("name", [name for name in GROUP if name not in DRAWN])
def test_order_of_events_does_not_matter(name: str, synthetic_panel: EventPanel) -> None:
    for edge_name in (*SYMMETRIC[:2], "equal_sums_of_round_returns"):
        abnormal = built(edge_name, synthetic_panel)
        mixed = abnormal.take(np.random.default_rng(3).permutation(abnormal.n))
        for window in WINDOWS:
            one, two = TESTS[name](abnormal, window), TESTS[name](mixed, window)
            assert (one.reason is None) == (two.reason is None)
            same(two, one.p, one.statistic)


@pytest.mark.parametrize("name", TESTS)
def test_another_unit_changes_nothing(name: str, synthetic_panel: EventPanel) -> None:
    for before, after in changes(name, "unit", synthetic_panel):
        same(after, before.p, before.statistic)


@pytest.mark.parametrize("name", [name for name in TESTS if name != "bhar_skewness_bootstrap"])
def test_the_other_sign_is_as_significant(name: str, synthetic_panel: EventPanel) -> None:
    """Returns of the securities change their sign, those of the market do not: abnormal returns change it too."""
    for before, after in changes(name, "sign", synthetic_panel):
        same(after, before.p, turned(before))


def changes(name: str, how: str, base: EventPanel) -> Iterator[tuple[InferenceResult, InferenceResult]]:
    """A test's result before and after the change of all returns, where it applies."""
    for edge_name in SYMMETRIC:
        one, two = built(edge_name, base), changed(edge_name, base, how)
        if name in SINGLE:
            one, two = one.take([0]), two.take([0])
        for window in WINDOWS[:1] if name in COMPOUNDED else WINDOWS:
            before, after = TESTS[name](one, window), TESTS[name](two, window)
            assert (before.reason is None) == (after.reason is None)
            if before.reason is None:
                yield before, after


def test_returns_of_ones_own_order_are_the_same_panel(synthetic_panel: EventPanel) -> None:
    """`with_returns` and `take` lay out events alike: what the symmetries above rest on."""
    panel = group_panel(synthetic_panel, [DAY] * 4)
    turned_round = with_returns(synthetic_panel, panel.returns[::-1], [DAY] * 4)
    np.testing.assert_array_equal(abnormal_of(turned_round).ar, abnormal_of(panel).take([3, 2, 1, 0]).ar)
