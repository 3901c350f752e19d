"""Sign flips, wild bootstrap, skewed BHARs and the step-down, against enumeration, loops, scipy and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import SpecError
from eventstudy.inference import TESTS, holm, romano_wolf, romano_wolf_of
from eventstudy.inference.buy_and_hold import bhar_skewness_bootstrap, skewness_adjusted
from eventstudy.inference.resampling import REPLICATIONS, _draws, sign_flip, sign_flip_p, wild_bootstrap
from eventstudy.inference.sample import gather
from eventstudy.inference.stepdown import _dated_draws
from eventstudy.models import estimate
from eventstudy.objects.estimation import FloatArray, Window
from tests.panels import panel_of, random_levels

DAY = Window(0, 0)
WINDOWS = [DAY, Window(-1, 1), Window(-5, 5)]


def events(
    dates: Sequence[int], seed: int = 5, holes: float = 0.0, days: int = 400, **changes: object
) -> AbnormalReturns:
    """One security for each entry of `dates`, its event on that session."""
    names = [f"S{i:02d}" for i in range(len(dates))]
    levels = random_levels(np.random.default_rng(seed), days, ["market", *names], holes)
    panel, _ = panel_of(levels, {name: [t] for name, t in zip(names, dates, strict=True)}, **changes)
    return abnormal_returns(panel, estimate(panel))


def own_dates(n: int, seed: int = 5, **changes: object) -> AbnormalReturns:
    return events([80 + 12 * i for i in range(n)], seed, days=12 * n + 120, **changes)


# --------------------------------------------------------------------------------------------------------- sign flips
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("n", [6, 9, 12])
def test_sign_flip_goes_through_all_patterns(n: int, window: Window) -> None:
    abnormal = own_dates(n)
    scar = abnormal.scar(window)
    observed = abs(scar.sum())
    sums = [abs(sum(s * x for s, x in zip(signs, scar, strict=True))) for signs in product((1, -1), repeat=n)]
    expected = sum(total >= observed * (1 - 1e-12) for total in sums) / 2**n
    found = sign_flip(abnormal, window)
    assert found.p == pytest.approx(expected, rel=1e-14)
    assert found.df == (2.0**n,)
    assert found.statistic == pytest.approx(scar.sum() / math.sqrt(sum(x * x for x in scar)), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_sign_flip_is_the_permutation_test_of_scipy(seed: int) -> None:
    scar = np.round(own_dates(10, seed).scar(DAY) * 1000)  # whole numbers: scipy's tolerance misses ties by rounding
    theirs = stats.permutation_test(
        (scar,), np.sum, permutation_type="samples", vectorized=True, n_resamples=np.inf, alternative="two-sided"
    )
    # scipy doubles the smaller tail, which for a symmetric distribution is the tail of |sum|.
    assert sign_flip_p(scar)[1] == pytest.approx(min(1.0, theirs.pvalue), rel=1e-12)


def test_every_studentisation_orders_the_patterns_alike() -> None:
    """The t of the mean over all patterns gives the same p as the sum: the docstring's claim."""
    scar = own_dates(9, seed=2).scar(DAY)
    patterns = np.array(list(product((1.0, -1.0), repeat=9))) * scar
    t = np.abs(patterns.mean(axis=1) / (patterns.std(axis=1, ddof=1) / 3))
    observed = t[0]
    assert sign_flip_p(scar)[1] == pytest.approx(np.mean(t >= observed * (1 - 1e-9)), rel=1e-14)


def test_ties_and_zeros_count_as_equal() -> None:
    values = np.array([0.1, 0.2, 0.3, 0.0, -0.1, 0.2, 0.3])
    sums = [
        abs(sum(s * v for s, v in zip(signs, (1, 2, 3, 0, -1, 2, 3), strict=True)))
        for signs in product((1, -1), repeat=7)
    ]
    assert sign_flip_p(values)[1] == sum(total >= 10 for total in sums) / 128
    assert sign_flip_p(values[::-1])[1] == sign_flip_p(values)[1]


def test_all_signs_equal_give_the_smallest_p() -> None:
    for n in (6, 10, 20):
        values = np.random.default_rng(n).uniform(0.5, 1, n)
        assert sign_flip_p(values) == (2**n, 2.0 ** (1 - n))
        assert sign_flip_p(-values)[1] == 2.0 ** (1 - n)


def test_beyond_twenty_events_random_patterns_come_near_all_patterns() -> None:
    values = np.random.default_rng(8).normal(0.25, 1, 22)
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    exact = float((np.abs(sums) >= abs(values.sum()) - 1e-12).mean())
    count, p = sign_flip_p(values)
    assert count == REPLICATIONS
    assert abs(p - exact) < 4 * math.sqrt(exact * (1 - exact) / REPLICATIONS)
    assert sign_flip_p(values)[1] == p
    assert sign_flip_p(values, seed=1)[1] != p
    assert sign_flip_p(values + 10)[1] == 1 / (REPLICATIONS + 1)


def test_random_signs_do_not_depend_on_how_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(_draws("rademacher", 1000, 31, 4)))
    monkeypatch.setattr("eventstudy.inference.resampling.AT_ONCE", 31 * 128)
    parts = list(_draws("rademacher", 1000, 31, 4))
    assert len(parts) > 1
    assert np.abs(np.concatenate(parts)).min() == 1
    assert abs(np.concatenate(parts).mean()) < 4 / math.sqrt(31_000)
    assert whole.shape == (1000, 31)


@pytest.mark.parametrize("name", ["sign_flip", "wild_bootstrap"])
def test_five_events_cannot_reach_five_per_cent(name: str) -> None:
    found = TESTS[name](own_dates(5), DAY)
    assert "0.0625" in str(found.reason)
    assert math.isnan(found.p)
    assert TESTS[name](own_dates(6), DAY).reason is None
    assert "at least 2 events" in str(TESTS[name](own_dates(2).take([0]), DAY).reason)
    assert TESTS[name](own_dates(2), DAY).reason is not None


# ------------------------------------------------------------------------------------------------------ wild bootstrap
def clustered(car: FloatArray, dates: FloatArray) -> float:
    """The t of the mean, clustered by date, of statsmodels."""
    fit = sm.OLS(car, np.ones(len(car))).fit(cov_type="cluster", cov_kwds={"groups": dates})
    return float(fit.tvalues[0])


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("dates", [[80, 80, 80, 110, 140, 140, 170, 200, 200, 230], [80, 110, 140, 170, 200, 230, 260]])
def test_wild_bootstrap_goes_through_all_patterns(dates: list[int], window: Window) -> None:
    abnormal = events(dates)
    car, day = abnormal.car(window), np.array(dates)
    apart = sorted(set(dates))
    observed = clustered(car, day)
    beyond = 0
    for signs in product((1, -1), repeat=len(apart)):
        weight = np.array([signs[apart.index(d)] for d in dates])
        beyond += abs(clustered(weight * car, day)) >= abs(observed) * (1 - 1e-9)
    found = wild_bootstrap(abnormal, window)
    assert found.statistic == pytest.approx(observed, rel=1e-10)
    assert found.df == (2.0 ** len(apart),)
    assert found.p == pytest.approx(beyond / 2 ** len(apart), rel=1e-14)


def test_with_a_date_for_each_event_the_statistic_is_the_cross_sectional_t() -> None:
    abnormal = own_dates(14)
    found = wild_bootstrap(abnormal, DAY)
    assert found.statistic == pytest.approx(stats.ttest_1samp(abnormal.car(DAY), 0).statistic, rel=1e-12)
    assert found.df == (REPLICATIONS,)  # 2^14 patterns are more than the draws
    exact = np.array(list(product((1.0, -1.0), repeat=14))) * abnormal.car(DAY)
    p = float((np.abs(exact.sum(axis=1)) >= abs(abnormal.car(DAY).sum()) * (1 - 1e-12)).mean())
    assert abs(found.p - p) < 4 * math.sqrt(p * (1 - p) / REPLICATIONS)


MAMMEN = [((1 - 5**0.5) / 2, (5**0.5 + 1) / (2 * 5**0.5)), ((1 + 5**0.5) / 2, (5**0.5 - 1) / (2 * 5**0.5))]
WEBB = [(sign * (k / 2) ** 0.5, 1 / 6) for sign in (-1, 1) for k in (1, 2, 3)]


@pytest.mark.parametrize(("weights", "points"), [("mammen", MAMMEN), ("webb", WEBB)])
def test_other_weights_come_near_their_whole_distribution(weights: str, points: list[tuple[float, float]]) -> None:
    """All patterns with their probabilities, a date for each event, against 9,999 draws."""
    n = 10 if weights == "mammen" else 6
    abnormal = own_dates(n, seed=9)
    car = abnormal.car(DAY)
    observed, exact = abs(stats.ttest_1samp(car, 0).statistic), 0.0
    for pattern in product(range(len(points)), repeat=n):
        x = [points[k][0] * c for k, c in zip(pattern, car.tolist(), strict=True)]
        mean = sum(x) / n
        se = math.sqrt(sum((v - mean) ** 2 for v in x) / (n - 1) / n)
        exact += math.prod(points[k][1] for k in pattern) * (abs(mean / se) >= observed * (1 - 1e-9))
    found = wild_bootstrap(abnormal, DAY, weights=weights)  # type: ignore[arg-type]
    assert abs(found.p - exact) < 4 * math.sqrt(exact * (1 - exact) / REPLICATIONS)
    values = np.array([w for w, _ in points])
    q = np.array([q for _, q in points])
    drawn = np.concatenate(list(_draws(weights, 20_000, 5, 1)))  # type: ignore[arg-type]
    assert (q.sum(), q @ values, q @ values**2) == pytest.approx((1, 0, 1), abs=1e-12)
    assert np.unique(drawn) == pytest.approx(np.sort(values), rel=1e-14)
    for value, share in points:
        assert abs(np.isclose(drawn, value).mean() - share) < 4 * math.sqrt(share * (1 - share) / drawn.size)


def test_mammens_weights_need_ten_dates() -> None:
    """With all weights at the likelier point, (1 - sqrt 5)/2, |t*| is |t|: a chance of .7236^9 = .054 at nine dates."""
    for n in (6, 9):
        assert "at least 10 dates" in str(wild_bootstrap(own_dates(n), DAY, weights="mammen").reason)
    values = replace(gather(own_dates(10), DAY), car=np.linspace(0.01, 0.02, 10))
    found = wild_bootstrap(values, DAY, weights="mammen")
    floor = 0.7236067977499789**10
    assert found.p < 0.05
    assert abs(found.p - floor) < 4 * math.sqrt(floor / REPLICATIONS)


def test_wild_bootstrap_needs_dates_and_variance() -> None:
    assert "one date" in str(wild_bootstrap(events([100] * 8), DAY).reason)
    assert "has 4" in str(wild_bootstrap(events([80, 80, 110, 110, 140, 140, 170, 170]), DAY).reason)
    same = own_dates(8)
    flat = replace(gather(same, DAY), car=np.full(8, 0.01))
    assert "no variance" in str(wild_bootstrap(flat, DAY).reason)
    with pytest.raises(SpecError, match="rademacher, mammen, webb"):
        wild_bootstrap(same, DAY, weights="normal")  # type: ignore[arg-type]


def test_equal_sizes_do_not_break_the_bootstrap() -> None:
    """CARs of one size and several signs: patterns that make them all alike have an infinite t, and count."""
    sample = replace(gather(own_dates(8), DAY), car=np.array([1, 1, 1, -1, 1, 1, -1, 1]) * 0.01)
    found = wild_bootstrap(sample, DAY)
    at_least = sum(math.comb(8, k) for k in (0, 1, 2, 6, 7, 8))
    assert found.p == at_least / 256


def test_dates_that_share_days_are_said() -> None:
    abnormal = events([80, 82, 110, 140, 170, 200, 230])
    assert wild_bootstrap(abnormal, DAY).warning is None
    assert "1 of the 6 pairs" in str(wild_bootstrap(abnormal, Window(-1, 1)).warning)


# ------------------------------------------------------------------------------------------------------ skewed returns
def lyon_barber_tsai(x: FloatArray, centre: float) -> float:
    n = len(x)
    s = x.std(ddof=1)
    g = ((x - x.mean()) ** 3).sum() / n / s**3
    ratio = (x.mean() - centre) / s
    return float(math.sqrt(n) * (ratio + g * ratio**2 / 3 + g / (6 * n)))


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_bhar_bootstrap_is_the_loop(window: Window) -> None:
    abnormal = own_dates(26)
    bhar = abnormal.bhar(window)
    found = bhar_skewness_bootstrap(abnormal, window)
    observed = lyon_barber_tsai(bhar, 0.0)
    assert found.statistic == pytest.approx(observed, rel=1e-10)
    rng = np.random.default_rng(99)
    drawn = np.array([lyon_barber_tsai(rng.choice(bhar, 6), float(bhar.mean())) for _ in range(3000)])
    tail = min((drawn <= observed).mean(), (drawn >= observed).mean())
    error = 2 * math.sqrt(tail * (1 - tail) * (1 / 3000 + 1 / REPLICATIONS))
    assert abs(found.p - min(1.0, 2 * tail)) < 4 * error
    assert bhar_skewness_bootstrap(abnormal, window).p == found.p


def test_skewness_adjusted_row_by_row() -> None:
    values = np.random.default_rng(0).gamma(2, 1, (7, 9))
    expected = [lyon_barber_tsai(row, 0.3) for row in values]
    np.testing.assert_allclose(skewness_adjusted(values, 0.3), expected, rtol=1e-12)
    ratio, g = (values.mean(axis=1) - 0.3) / values.std(axis=1, ddof=1), stats.skew(values, axis=1) * (8 / 9) ** 1.5
    # scipy's skewness is m3 / m2^1.5, with both moments divided by n
    np.testing.assert_allclose(skewness_adjusted(values, 0.3), 3 * (ratio + g * ratio**2 / 3 + g / 54), rtol=1e-12)
    flat = skewness_adjusted(np.array([[2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]), 1.0)
    assert flat.tolist() == [math.inf, 0.0, -math.inf]


def test_bhar_bootstrap_says_why_not() -> None:
    assert "at least 20 events" in str(bhar_skewness_bootstrap(own_dates(19), DAY).reason)
    log = own_dates(24, returns="log")
    assert "simple returns" in str(bhar_skewness_bootstrap(log, DAY).reason)
    assert "at least 2" in str(bhar_skewness_bootstrap(own_dates(3).take([1]), DAY).reason)


def test_events_without_a_window_are_left_out_and_named() -> None:
    abnormal = own_dates(30, holes=0.01)
    gone = int((~np.isfinite(abnormal.car(Window(-5, 5)))).sum())
    assert gone > 0
    for name in ("sign_flip", "wild_bootstrap", "bhar_skewness_bootstrap"):
        found = TESTS[name](abnormal, Window(-5, 5))
        assert found.n == 30 - gone
        if found.reason is None:
            assert any(text.startswith("left out: ") for text in found.assumptions)


# ----------------------------------------------------------------------------------------------------------- step-down
def naive_step_down(t: Sequence[float], draws: FloatArray) -> list[float]:
    """Romano and Wolf (2016), in words: drop the largest, take the maximum of the rest, never below the one before."""
    left = sorted(range(len(t)), key=lambda k: -abs(t[k]))
    out, before = [math.nan] * len(t), 0.0
    while left:
        first = left[0]
        beyond = sum(max(abs(row[k]) for k in left) >= abs(t[first]) for row in draws)
        before = max(before, (beyond + 1) / (len(draws) + 1))
        out[first] = before
        left = left[1:]
    return out


@pytest.mark.parametrize("seed", range(4))
def test_romano_wolf_is_the_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t, draws = rng.normal(0, 2, 7), rng.normal(size=(199, 7)) + rng.normal(size=(199, 1))
    np.testing.assert_allclose(romano_wolf(t, draws), naive_step_down(t.tolist(), draws), rtol=1e-14)
    # One hypothesis is one rank; NaN is not in the family; the order does not matter.
    alone = (1 + (np.abs(draws[:, 2]) >= abs(t[2])).sum()) / 200
    assert romano_wolf(t[[2]], draws[:, [2]]).tolist() == [alone]
    holes = t.copy()
    holes[[1, 4]] = np.nan
    keep = [0, 2, 3, 5, 6]
    found = romano_wolf(holes, draws)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(holes))
    np.testing.assert_array_equal(found[keep], romano_wolf(t[keep], draws[:, keep]))
    np.testing.assert_array_equal(romano_wolf(t[::-1], draws[:, ::-1])[::-1], romano_wolf(t, draws))


def test_romano_wolf_with_ties_and_with_nothing() -> None:
    draws = np.array([[1.0, 2.0], [3.0, 0.0], [0.5, 0.5]])
    assert romano_wolf([2.0, 2.0], draws).tolist() == [0.75, 0.75]
    assert romano_wolf([], np.empty((5, 0))).tolist() == []
    assert np.isnan(romano_wolf([np.nan], np.full((3, 1), np.nan))).all()
    with pytest.raises(SpecError, match="shapes"):
        romano_wolf([1.0], draws)
    with pytest.raises(SpecError, match="not a number"):
        romano_wolf([1.0], [[np.nan]])


def test_statistics_that_are_one_cost_nothing() -> None:
    """The same security five times: the family is one hypothesis, where Holm multiplies by five."""
    draws = np.repeat(np.random.default_rng(0).normal(size=(999, 1)), 5, axis=1)
    p = romano_wolf(np.full(5, 2.5), draws)
    assert (p == p[0]).all()
    assert p[0] == (1 + (np.abs(draws[:, 0]) >= 2.5).sum()) / 1000
    assert holm(p)[0] == pytest.approx(5 * p[0])


def naive_draws(abnormal: AbnormalReturns, i: int, length: int) -> dict[str, float]:
    """Date -> studentised sum of residuals, from a regression of statsmodels and its hat matrix."""
    panel = abnormal.panel
    y, x = panel.returns[panel.security[i]], panel.regressors["market"]
    span = range(int(panel.day[i]) + panel.estimation.start, int(panel.day[i]) + panel.estimation.end + 1)
    days = [d for d in span if d >= 0 and np.isfinite(y[d]) and np.isfinite(x[d])]
    design = sm.add_constant(x[days])
    fit = sm.OLS(y[days], design).fit()
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    place = {d: k for k, d in enumerate(days)}
    out = {}
    for last in days:
        rows = [place[d] for d in range(last - length + 1, last + 1) if d in place]
        if len(rows) == length:
            variance = fit.scale * (length - hat[np.ix_(rows, rows)].sum())
            r = fit.resid[rows].sum() / math.sqrt(variance)
            out[str(panel.sessions[last].date())] = r * math.sqrt((fit.df_resid - 1) / (fit.df_resid - r * r))
    return out


def test_a_draw_is_the_scar_of_a_day_left_out() -> None:
    """statsmodels' externally studentised residual: the day's own forecast error without the day."""
    abnormal = events([150, 150], days=200)
    panel = abnormal.panel
    days = np.arange(150 + panel.estimation.start, 150 + panel.estimation.end + 1)
    design = sm.add_constant(panel.regressors["market"][days])
    for i, (_, draws) in enumerate(_dated_draws(abnormal, 1)):
        fit = sm.OLS(panel.returns[panel.security[i], days], design).fit()
        np.testing.assert_allclose(draws, fit.get_influence().resid_studentized_external, rtol=1e-9)


@pytest.mark.parametrize("window", [DAY, Window(-1, 1), Window(0, 4)], ids=str)
def test_romano_wolf_of_two_exchanges_is_the_loop(window: Window) -> None:
    """Two exchanges with holidays of their own, joined by date."""
    levels = random_levels(np.random.default_rng(6), 200, ["market", "A", "B", "C", "D"], holes=0.01)
    other = levels.drop(index=levels.index[[30, 77, 78, 101]])
    panels = [
        panel_of(levels[["market", "A", "B"]], {"A": [150], "B": [150]})[0],
        panel_of(other[["market", "C", "D"]], {"C": [146], "D": [146]})[0],
    ]
    abnormals = [abnormal_returns(panel, estimate(panel)) for panel in panels]
    found = romano_wolf_of(abnormals, window)
    assert [len(values) for values in found] == [2, 2]
    scar = np.concatenate([a.scar(window) for a in abnormals])
    each = [naive_draws(a, i, window.length) for a in abnormals for i in range(2)]
    kept = np.flatnonzero(np.isfinite(scar))
    common = sorted(set.intersection(*(set(each[k]) for k in kept)))
    draws = np.array([[each[k][day] for k in kept] for day in common])
    expected = naive_step_down(scar[kept].tolist(), draws)
    np.testing.assert_allclose(np.concatenate(found)[kept], expected, rtol=1e-12)
    assert np.isnan(np.concatenate(found)[np.isnan(scar)]).all()
    assert len(common) >= 19


def test_romano_wolf_of_leaves_out_what_has_no_scar() -> None:
    abnormal = events([150] * 4, days=200)
    returns = abnormal.panel.returns.copy()
    returns[1, 150] = np.nan
    panel = replace(abnormal.panel, returns=returns)
    lacking = abnormal_returns(panel, estimate(panel))
    (found,) = romano_wolf_of([lacking], DAY)
    (without,) = romano_wolf_of([lacking.take([0, 2, 3])], DAY)
    np.testing.assert_array_equal(found[[0, 2, 3]], without)
    assert np.isnan(found[1])
    assert romano_wolf_of([], DAY) == ()
    returns[:, 150] = np.nan
    (nothing,) = romano_wolf_of([abnormal_returns(panel, estimate(panel))], DAY)
    assert np.isnan(nothing).all()


def test_romano_wolf_of_needs_common_days() -> None:
    """Events whose estimation windows do not meet have no joint draws."""
    (found,) = romano_wolf_of([events([80, 300])], DAY)
    assert np.isnan(found).all()


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_romano_wolf_keeps_the_family_and_finds_more_than_holm(rho: float) -> None:
    """1,000 families of ten, three of them shifted: any false rejection 5 % (Monte Carlo error .7 points)."""
    rng = np.random.default_rng(12)
    false = found = by_holm = 0.0
    for _ in range(1000):
        z = math.sqrt(rho) * rng.normal(size=(200, 1)) + math.sqrt(1 - rho) * rng.normal(size=(200, 10))
        t, draws = z[0], z[1:]
        false += bool((romano_wolf(t, draws) <= 0.05).any())
        shifted = t + np.where(np.arange(10) < 3, 3.0, 0.0)
        found += (romano_wolf(shifted, draws)[:3] <= 0.05).mean() / 1000
        by_holm += (holm(2 * stats.norm.sf(np.abs(shifted)))[:3] <= 0.05).mean() / 1000
    assert 0.03 < false / 1000 < 0.07
    assert found > (by_holm + 0.03 if rho else by_holm - 0.02)


# ---------------------------------------------------------------------------------------------------------------- size
@pytest.mark.slow
def test_size_with_thirty_dates() -> None:
    """2,000 samples of 30 symmetric CARs: 5 % (Monte Carlo error .5 points); with a shared shock far more."""
    rng = np.random.default_rng(3)
    base = gather(own_dates(30), DAY)
    rejected = np.zeros(3)
    for _ in range(2000):
        x = rng.standard_t(5, 30)
        sample = replace(base, car=x, scar=x)
        rejected[0] += sign_flip(sample, DAY, replications=999).p <= 0.05
        rejected[1] += wild_bootstrap(sample, DAY, replications=999).p <= 0.05
        shared = x + rng.normal()
        rejected[2] += sign_flip(replace(base, scar=shared), DAY, replications=999).p <= 0.05
    assert (np.abs(rejected[:2] / 2000 - 0.05) < 0.02).all()
    assert rejected[2] / 2000 > 0.3
