"""Placebo tests against a loop over dates with a regression of statsmodels at each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.engine.ols import read_only
from eventstudy.inference import group_results, run_tests, single_results
from eventstudy.inference.placebo import _again, _grid, placebo, placebo_grid, placebo_portfolio, placebo_results
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, NormalReturns, Window
from tests.panels import panel_of, random_factors, random_levels, weekdays

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

WINDOWS = [Window(0, 0), Window(-1, 1), Window(0, 1), Window(-5, 5), Window(2, 4)]


# ---------------------------------------------------------------------------------------------------- the naive loop
_FITS: dict[tuple[int, int, int, int], tuple[float, float, float, np.ndarray] | None] = {}
_PANELS: list[EventPanel] = []  # kept, so that no other panel gets the identity of one that was fitted


def fitted(panel: EventPanel, i: int, t: int, true_day: int) -> tuple[float, float, float, np.ndarray] | None:
    """a, b, sigma^2 and the covariance of (a, b) on the estimation window before `t`, None if it is too short."""
    key = (id(panel), i, t, true_day)
    if key not in _FITS:
        _PANELS.append(panel)
        y, x = panel.returns[panel.security[i]], panel.regressors["market"]
        own = {true_day + tau for tau in panel.event.taus}
        window = range(max(0, t + panel.estimation.start), min(len(y), t + panel.estimation.end + 1))
        days = [d for d in window if np.isfinite(y[d]) and np.isfinite(x[d]) and d not in own]
        _FITS[key] = None
        if len(days) >= panel.min_obs:
            fit = sm.OLS(y[days], sm.add_constant(x[days])).fit()
            _FITS[key] = (*fit.params, fit.scale, fit.cov_params())
    return _FITS[key]


def naive(panel: EventPanel, i: int, window: Window, t: int, true_day: int) -> tuple[float, float] | None:
    """CAR and SCAR of security of event `i` if the event were at `t`; None where the study cannot be made there."""
    y, x = panel.returns[panel.security[i]], panel.regressors["market"]
    tested = [t + tau for tau in window.taus]
    if min(tested) < 0 or max(tested) >= len(y) or not np.isfinite(y[tested] + x[tested]).all():
        return None
    if (fit := fitted(panel, i, t, true_day)) is None:
        return None
    a, b, scale, covariance = fit
    car = sum(y[d] - a - b * x[d] for d in tested)
    s = np.array([len(tested), sum(x[d] for d in tested)])
    return car, car / np.sqrt(len(tested) * scale + s @ covariance @ s)


def admissible(panel: EventPanel, window: Window, true_day: int) -> list[int]:
    true = {true_day + tau for tau in window.taus}
    return [
        t
        for t in range(len(panel.sessions))
        if not ({t + tau for tau in window.taus} & true) and not any(t + tau in panel.excluded for tau in window.taus)
    ]


def naive_placebo(panel: EventPanel, i: int, window: Window) -> tuple[float, float, int]:
    """Rank, p and number of dates by the loop."""
    day = int(panel.day[i])
    found = [naive(panel, i, window, t, day) for t in admissible(panel, window, day)]
    others = [one[1] for one in found if one is not None]
    observed = naive(panel, i, window, day, day)
    assert observed is not None
    beyond = sum(abs(one) >= abs(observed[1]) for one in others)
    return 1 + beyond, (1 + beyond) / (1 + len(others)), len(others)


def naive_portfolio(panel: EventPanel, rows: Sequence[int], window: Window) -> tuple[float, float, int]:
    day = int(panel.day[rows[0]])
    caars = []
    for t in admissible(panel, window, day):
        found = [naive(panel, i, window, t, day) for i in rows]
        if None not in found:
            caars.append(np.mean([one[0] for one in found if one is not None]))
    observed = np.mean([one[0] for i in rows if (one := naive(panel, i, window, day, day)) is not None])
    beyond = sum(abs(one) >= abs(observed) for one in caars)
    return 1 + beyond, (1 + beyond) / (1 + len(caars)), len(caars)


@cache
def small(holes: float = 0.0, excluded: tuple[int, ...] = (), model: str = "market", seed: int = 3) -> AbnormalReturns:
    rng = np.random.default_rng(seed)
    levels = random_levels(rng, 180, ["market", "A", "B", "C", "D"], holes)
    factors = random_factors(rng, weekdays(180), ["mkt_rf", "smb", "hml", "rmw", "cma", "mom"])
    panel, _ = panel_of(levels, {"A": [120], "B": [120], "C": [120], "D": [120]}, factors)
    panel = replace(panel, excluded=excluded)
    return abnormal_returns(panel, estimate(panel, model))


# ----------------------------------------------------------------------------------------------------- against the loop
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize(("holes", "excluded"), [(0.0, (120,)), (0.02, (95, 120, 150)), (0.0, ())])
def test_placebo_is_the_loop(holes: float, excluded: tuple[int, ...], window: Window) -> None:
    abnormal = small(holes, excluded)
    for i, found in single_results(abnormal, [window], ["placebo"]):
        if found.reason:
            assert np.isnan(abnormal.car(window)[i])
            continue
        rank, p, dates = naive_placebo(abnormal.panel, i, window)
        assert (found.statistic, found.df) == (rank, (float(dates),))
        assert found.p == pytest.approx(p, rel=1e-14)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_placebo_portfolio_is_the_loop(window: Window) -> None:
    for abnormal in (small(excluded=(120,)), small(holes=0.01, excluded=(95, 120))):
        found = placebo_portfolio(abnormal, window)
        rows = np.flatnonzero(np.isfinite(abnormal.car(window))).tolist()
        rank, p, dates = naive_portfolio(abnormal.panel, rows, window)
        if dates < 19:
            assert found.reason is not None
            continue
        assert (found.statistic, found.df) == (rank, (float(dates),))
        assert found.p == pytest.approx(p, rel=1e-14)


def test_cars_and_scars_of_every_date_are_those_of_statsmodels() -> None:
    abnormal = small(holes=0.02)
    grid = placebo_grid(abnormal)
    for window in WINDOWS:
        car, scar = grid.of_window(window)
        for i in range(abnormal.n):
            expected = [naive(abnormal.panel, i, window, int(t), 120) or (np.nan, np.nan) for t in grid.dates]
            np.testing.assert_allclose(car[i], [one[0] for one in expected], rtol=1e-9, atol=1e-14)
            np.testing.assert_allclose(scar[i], [one[1] for one in expected], rtol=1e-9, atol=1e-12)


def test_nvda_on_the_real_day(deepseek_result: StudyResult) -> None:
    result = deepseek_result.events[0]
    i = result.panel.event_tickers.index("NVDA")
    alone = result.abnormal.take([i])
    for window in (Window(0, 0), Window(-1, 1)):
        rank, p, dates = naive_placebo(result.panel, i, window)
        found = placebo(alone, window)
        assert (found.statistic, found.df) == (rank, (float(dates),))
        assert found.p == pytest.approx(p, rel=1e-14)
        assert dates > 400


@pytest.mark.parametrize("model", ["market", "market_adjusted", "mean_adjusted", "raw", "capm_strict", "ff5_mom"])
def test_running_sums_say_what_the_engine_says(model: str) -> None:
    """Every least-squares model by running sums and by its own function on a panel of pseudo events."""
    for holes in (0.0, 0.05):
        abnormal = small(holes, model=model)
        grid = placebo_grid(abnormal)
        again = _again(abnormal, grid.dates)
        for window in WINDOWS:
            for mine, other in zip(grid.of_window(window), again(window), strict=True):
                assert np.isfinite(mine).any()
                np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


def own_designs(panel: EventPanel) -> NormalReturns:
    """The market model told as one with a design for each event."""
    normal = estimate(panel, "market")
    return replace(normal, design=np.repeat(normal.design[None], panel.n_events, axis=0))


def test_a_model_with_own_designs_is_estimated_again() -> None:
    plain = small(holes=0.02)
    own = abnormal_returns(plain.panel, estimate(plain.panel, own_designs))
    for window in WINDOWS[:3]:
        for (_, left), (_, right) in zip(
            single_results(plain, [window], ["placebo"]), single_results(own, [window], ["placebo"]), strict=True
        ):
            assert (left.statistic, left.df, left.p) == (right.statistic, right.df, right.p) or left.reason
        left, right = placebo_portfolio(plain, window), placebo_portfolio(own, window)
        assert (left.statistic, left.df) == (right.statistic, right.df)


# --------------------------------------------------------------------------------------------------------------- edges
def test_the_true_event_days_enter_no_estimate_of_a_pseudo_event() -> None:
    abnormal = small()
    returns = abnormal.panel.returns.copy()
    days = slice(120 + abnormal.panel.event.start, 120 + abnormal.panel.event.end + 1)
    returns[:, days] += 0.5
    shocked = replace(abnormal.panel, returns=returns)
    far = Window(0, 0)
    before, after = (placebo_grid(a).of_window(far) for a in (abnormal, abnormal_returns(shocked, estimate(shocked))))
    away = np.abs(placebo_grid(abnormal).dates - 120) > 5
    np.testing.assert_allclose(after[1][:, away], before[1][:, away], rtol=1e-9)
    assert (np.abs(after[1][:, ~away]) > 5).all()


def test_a_shock_is_beyond_all_dates_and_no_shock_is_not() -> None:
    abnormal = small(excluded=(120,))
    returns = abnormal.panel.returns.copy()
    returns[:, 120] -= 0.3
    panel = replace(abnormal.panel, returns=returns)
    shocked = abnormal_returns(panel, estimate(panel))
    found = placebo(shocked.take([0]), Window(0, 0))
    assert (found.statistic, found.p) == (1, 1 / (1 + found.df[0]))
    assert placebo_portfolio(shocked, Window(0, 0)).p == found.p
    assert placebo(abnormal.take([0]), Window(0, 0)).p > 0.05


def test_too_few_dates_do_not_apply() -> None:
    abnormal = small(excluded=tuple(range(40, 180, 3)))
    for found in (placebo(abnormal.take([0]), Window(-1, 1)), placebo_portfolio(abnormal, Window(-1, 1))):
        assert found.reason is not None
        assert "needs at least 19 other dates" in found.reason
        assert np.isnan(found.p)


def test_no_date_and_no_event_are_no_error() -> None:
    abnormal = small()
    short = replace(abnormal, panel=replace(abnormal.panel, min_obs=200))
    assert "has 0" in str(placebo(short.take([0]), Window(0, 0)).reason)
    assert placebo_results(abnormal.take([]), Window(0, 0)) == []


def test_what_cannot_be_repeated_says_so() -> None:
    abnormal = small()

    def own(panel: EventPanel) -> NormalReturns:
        return replace(estimate(panel, "market"), least_squares=False)

    slow = replace(abnormal, normal=estimate(abnormal.panel, own))
    assert "slow_models=True" in str(placebo(slow.take([0]), Window(0, 0)).reason)
    assert "slow_models=True" in str(placebo_portfolio(slow, Window(0, 0)).reason)
    plain = placebo(abnormal.take([0]), Window(0, 0))
    assert placebo(slow.take([0]), Window(0, 0), slow_models=True).p == plain.p
    unknown = replace(slow, normal=replace(slow.normal, fit=None))
    assert "not known" in str(placebo(unknown.take([0]), Window(0, 0), slow_models=True).reason)


def test_several_events_or_several_dates_do_not_apply() -> None:
    abnormal = small()
    assert "one security" in str(placebo(abnormal, Window(0, 0)).reason)
    assert "at least 2 events" in str(placebo_portfolio(abnormal.take([0]), Window(0, 0)).reason)
    levels = random_levels(np.random.default_rng(0), 180, ["market", "A", "B"])
    panel, _ = panel_of(levels, {"A": [120], "B": [121]})
    assert "one shared date" in str(placebo_portfolio(abnormal_returns(panel, estimate(panel)), Window(0, 0)).reason)


def test_an_event_without_a_normal_return_gives_its_reason_and_the_others_go_on() -> None:
    abnormal = small()
    returns = abnormal.panel.returns.copy()
    returns[abnormal.panel.security[1], :110] = np.nan
    returns[abnormal.panel.security[2]] = 0.0
    panel = replace(abnormal.panel, returns=returns)
    found = [r for _, r in single_results(abnormal_returns(panel, estimate(panel)), [Window(0, 0)], ["placebo"])]
    assert [r.reason is None for r in found] == [True, False, False, True]
    assert "estimation returns needed" in str(found[1].reason)
    assert found[0].p == placebo(abnormal.take([0]), Window(0, 0)).p


def test_overlapping_windows_are_said() -> None:
    abnormal = small()
    assert placebo(abnormal.take([0]), Window(0, 0)).warning is None
    found = placebo(abnormal.take([0]), Window(-5, 5))
    assert f"only about {int(found.df[0]) // 11} of them" in str(found.warning)


def test_one_grid_serves_windows_and_groups() -> None:
    """With returns that cannot change, the grid of all events is kept, and gives a group what its own grid gives."""
    abnormal = small(holes=0.01)
    frozen = replace(abnormal, panel=replace(abnormal.panel, returns=read_only(abnormal.panel.returns)))
    grid = _grid(frozen)
    part = frozen.take([0, 2])
    assert _grid(frozen) is grid
    assert _grid(part) is grid
    loose = abnormal.take([0, 2])
    writeable = replace(loose, panel=replace(loose.panel, returns=loose.panel.returns.copy()))
    for window in WINDOWS:
        kept, fresh = placebo_portfolio(part, window), placebo_portfolio(writeable, window)
        assert (kept.statistic, kept.df, kept.p) == (fresh.statistic, fresh.df, fresh.p) or kept.reason == fresh.reason
    other = small(seed=4)
    moved = replace(other, panel=replace(other.panel, returns=read_only(other.panel.returns)))
    assert _grid(moved) is not grid


def test_many_events_are_done_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    abnormal = small(holes=0.01)
    whole = single_results(abnormal, [Window(0, 0)], ["placebo"])
    monkeypatch.setattr(sys.modules["eventstudy.inference.placebo"], "_BLOCK", 200)
    assert [r.p for _, r in single_results(abnormal, [Window(0, 0)], ["placebo"])] == [r.p for _, r in whole]


def test_it_is_found_by_name() -> None:
    abnormal = small()
    (one,) = run_tests(abnormal.take([0]), Window(0, 0), ["placebo"])
    (group,) = group_results(abnormal, [Window(0, 0)], ["placebo_portfolio"])
    assert one.p == placebo(abnormal.take([0]), Window(0, 0)).p
    assert group.p == placebo_portfolio(abnormal, Window(0, 0)).p


# ---------------------------------------------------------------------------------------------------------------- size
@pytest.mark.slow
@pytest.mark.parametrize(("window", "most"), [(Window(0, 0), 0.065), (Window(-5, 5), 0.075)], ids=str)
def test_size_of_five_per_cent(window: Window, most: float) -> None:
    """1,000 histories of 760 days, 5 securities with residual correlation .25: Monte Carlo error .7 points."""
    rng = np.random.default_rng(11)
    names, day = list("ABCDE"), 520
    levels = random_levels(np.random.default_rng(0), 760, ["market", *names])
    base, _ = panel_of(
        levels, {n: [day] for n in names}, estimation=Window(-260, -11), event=Window(-5, 5), min_obs=175
    )
    singles, groups = [], []
    for _ in range(1000):
        market, common = rng.normal(0, 0.01, 760), rng.normal(0, 1, 760)
        errors = 0.02 * (0.5 * common + np.sqrt(0.75) * rng.normal(size=(5, 760)))
        panel = replace(base, returns=market + errors, regressors={"market": market}, excluded=(day,))
        abnormal = abnormal_returns(panel, estimate(panel))
        singles.append(placebo(abnormal.take([0]), window).p)
        groups.append(placebo_portfolio(abnormal, window).p)
    sizes = [float(np.mean(np.array(p) <= 0.05)) for p in (singles, groups)]
    assert all(0.03 < size < most for size in sizes), sizes
