"""Returns: both ends needed, nothing filled, the benchmark on the security's own sessions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panels import weekdays

from eventstudy.errors import QualityError, SpecError
from eventstudy.returns import check_scale, returns_on

DAYS = pd.to_datetime(["2025-01-23", "2025-01-24", "2025-01-27", "2025-01-28", "2025-01-29"]).as_unit("ns")


def frame(values: list[float], days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    return pd.DataFrame({"X": values}, index=days)


def test_simple_and_log_from_the_definition() -> None:
    levels = [100.0, 110.0, 99.0, 99.0, 150.0]
    simple = returns_on(frame(levels), DAYS, "simple").values["X"].to_numpy()
    log = returns_on(frame(levels), DAYS, "log").values["X"].to_numpy()
    assert np.isnan(simple[0])
    assert np.isnan(log[0])
    for t in range(1, 5):
        assert simple[t] == pytest.approx(levels[t] / levels[t - 1] - 1, abs=1e-15)
        assert log[t] == pytest.approx(np.log(levels[t] / levels[t - 1]), abs=1e-15)


def test_log_is_log_of_one_plus_simple() -> None:
    rng = np.random.default_rng(1)
    days = weekdays(300)
    levels = pd.DataFrame(np.exp(rng.normal(0, 0.3, (300, 4))), index=days, columns=list("abcd"))
    simple, log = (returns_on(levels, days, kind).values for kind in ("simple", "log"))
    np.testing.assert_allclose(log, np.log1p(simple), atol=1e-13)


def test_a_missing_level_makes_both_adjoining_returns_missing_and_no_two_day_return() -> None:
    out = returns_on(frame([100.0, 101.0, np.nan, 103.0, 104.0]), DAYS).values["X"]
    assert out.notna().tolist() == [False, True, False, False, True]


def test_a_day_absent_from_the_prices_is_a_gap_when_it_is_a_session() -> None:
    levels = frame([100.0, 101.0, 102.0, 103.0, 104.0]).drop(DAYS[2])
    assert returns_on(levels, DAYS).values["X"].notna().tolist() == [False, True, False, False, True]


def test_a_holiday_of_the_own_exchange_is_no_gap_and_a_foreign_benchmark_is_compounded() -> None:
    """Taipei was closed from 23 January to 2 February 2025; New York was not."""
    taipei = pd.to_datetime(["2025-01-21", "2025-01-22", "2025-02-03"])
    new_york = pd.bdate_range("2025-01-21", "2025-02-03")
    benchmark = pd.DataFrame({"^GSPC": np.linspace(6000.0, 6100.0, len(new_york))}, index=new_york)
    out = returns_on(benchmark, taipei).values["^GSPC"]
    daily = benchmark["^GSPC"].pct_change().loc["2025-01-23":]
    assert out.iloc[2] == pytest.approx((1 + daily).prod() - 1, rel=1e-14)
    assert len(daily) == 8


def test_sessions_without_prices_are_kept_as_missing() -> None:
    out = returns_on(frame([1.0, 2.0, 3.0, 4.0, 5.0]), weekdays(10, "2025-01-22")).values
    assert len(out) == 10
    assert out["X"].notna().sum() == 4


def test_days_join_whatever_their_unit() -> None:
    levels = frame([100.0, 110.0, 121.0, 133.1, 146.41], DAYS.as_unit("s"))
    out = returns_on(levels, DAYS.as_unit("us"))
    np.testing.assert_allclose(out.values["X"].to_numpy()[1:], 0.1, atol=1e-12)
    assert out.values.index.unit == "ns"


def test_unsorted_prices_are_joined_by_date() -> None:
    levels = frame([100.0, 110.0, 121.0, 133.1, 146.41])
    pd.testing.assert_frame_equal(returns_on(levels.iloc[::-1], DAYS).values, returns_on(levels, DAYS).values)


def test_an_index_that_stands_still_returns_zero_not_missing() -> None:
    assert returns_on(frame([5.0] * 5), DAYS).values["X"].iloc[1:].tolist() == [0.0] * 4


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_level_that_no_return_can_be_formed_from(bad: float) -> None:
    with pytest.raises(QualityError, match="X 2025-01-27"):
        returns_on(frame([100.0, 101.0, bad, 103.0, 104.0]), DAYS)


def test_malformed_arguments() -> None:
    levels = frame([1.0, 2.0, 3.0, 4.0, 5.0])
    with pytest.raises(SpecError, match="simple or log, got 'percent'"):
        returns_on(levels, DAYS, "percent")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="X twice"):
        returns_on(pd.concat([levels, levels], axis=1), DAYS)
    with pytest.raises(SpecError, match="2025-01-23 more than once"):
        returns_on(pd.concat([levels, levels.iloc[:1]]), DAYS)
    with pytest.raises(SpecError, match="time zone UTC"):
        returns_on(levels.tz_localize("UTC"), DAYS)
    with pytest.raises(SpecError, match="increasing"):
        returns_on(levels, DAYS[::-1])
    with pytest.raises(SpecError, match="DatetimeIndex, got RangeIndex"):
        returns_on(levels.reset_index(drop=True), DAYS)


def table(values, periods=60, **columns):
    days = pd.bdate_range("2024-01-01", periods=periods)
    return pd.DataFrame({"X": np.resize(values, periods), **columns}, index=days)


RETURNS = np.random.default_rng(1).standard_t(4, 60) * 0.01


@pytest.mark.parametrize(
    ("frame", "how", "words"),
    [
        (table(100 * RETURNS), {}, r"look like per cent: half of the values of X .* on 2024-01-01.*percent=True"),
        (table(100 * np.exp(RETURNS)), {}, r"look like levels.* X .* on 2024-01-01.*give prices="),
        (table(RETURNS, Y=100 * np.exp(RETURNS)), {}, r"look like levels.* Y is positive"),
        (table(np.where(np.arange(60) == 7, -66.0, RETURNS)), {}, r"1 value.*-66 of X on 2024-01-10.*-99"),
        (table(np.where(np.arange(60) == 7, -1.0, RETURNS)), {}, r"-1 of X on 2024-01-10"),
        (table(np.where(np.arange(60) == 7, np.inf, RETURNS)), {"kind": "log"}, "inf of X on 2024-01-10"),
        (table(RETURNS), {"percent": True}, r"stated to be per cent, but no value is over 0.5%"),
    ],
)  # fmt: skip
def test_what_cannot_be_returns_in_decimals_is_refused(frame, how, words) -> None:
    with pytest.raises(SpecError, match=words):
        check_scale(frame, "the returns", **how)


@pytest.mark.parametrize(
    ("frame", "how"),
    [
        (table(RETURNS), {}),
        (table(RETURNS, Y=100 * RETURNS, Z=RETURNS), {"kind": "log"}),  # one wild column is no reason to refuse
        (table(100 * RETURNS), {"percent": True}),
        (table(10 * RETURNS, 18), {}),
        (table(np.where(np.arange(60) == 7, -1.2, RETURNS)), {"kind": "log"}),
        (table(np.nan), {}),
        (pd.DataFrame(index=pd.DatetimeIndex([])), {}),
    ],
)
def test_ordinary_returns_pass(frame, how) -> None:
    check_scale(frame, "the returns", **how)
