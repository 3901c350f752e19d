"""Power and residual correlation as figures: the numbers drawn against independent computations."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import eventstudy as es
from eventstudy.errors import UnknownNameError
from eventstudy.figures import FIGURES, power
from eventstudy.figures.card import drawn, found, numbers, said
from eventstudy.report import tables

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


# --------------------------------------------------------------------------------------------------------------- power
@pytest.mark.parametrize("df", [3, 10, 57, 248, 1000])
@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0])
def test_power_is_the_integral_over_the_scatter_that_is_estimated(df: int, shift: float) -> None:
    """Given s, T rejects where a normal variable lies beyond t s; s^2 df is chi-squared. No noncentral t is used."""
    limit = stats.t.ppf(0.975, df)

    def rejects(chi2: float) -> float:
        s = np.sqrt(chi2 / df)
        return float(stats.chi2.pdf(chi2, df) * (stats.norm.sf(limit * s - shift) + stats.norm.cdf(-limit * s - shift)))

    wide = np.sqrt(2 * df)
    ends = [0.0, max(df - 9 * wide, 1e-9), df, df + 9 * wide, df + 60 * wide]
    parts = [integrate.quad(rejects, a, b, epsabs=1e-13, limit=200)[0] for a, b in pairwise(ends)]
    assert float(power.power(shift, df, 0.05)) == pytest.approx(sum(parts), abs=1e-8)


def test_power_is_the_share_of_rejections_of_simulated_t_tests() -> None:
    rng = np.random.default_rng(5)
    n, df, level, shift = 200_000, 12, 0.1, 1.7
    t = (rng.standard_normal(n) + shift) / np.sqrt(rng.chisquare(df, n) / df)
    share = float((np.abs(t) > stats.t.ppf(1 - level / 2, df)).mean())
    assert float(power.power(shift, df, level)) == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(("df", "level"), [(5, 0.05), (248, 0.05), (60, 0.001), (60, 0.5)])
def test_the_move_that_is_found_four_times_in_five(df: int, level: float) -> None:
    shift = power.detectable(df, level)
    limit = stats.t.ppf(1 - level / 2, df)
    assert stats.nct.sf(limit, df, shift) + stats.nct.cdf(-limit, df, shift) == pytest.approx(0.8, abs=1e-9)


def test_the_curve_of_a_security_has_its_standard_error(deepseek_result: StudyResult) -> None:
    frame = numbers(FIGURES["power"], deepseek_result, ticker="NVDA")
    day = deepseek_result.headline.day
    row = deepseek_result.headline.row("NVDA")
    assert frame["se"].unique() == pytest.approx([day["ar"][row] / day["sar"][row]])
    assert frame["power"].iloc[0] == pytest.approx(deepseek_result.settings.alpha)
    assert frame["power"].is_monotonic_increasing
    assert frame["move"].max() > abs(day["ar"][row])
    at = np.interp(frame["detectable"].iloc[0], frame["move"], frame["power"])
    assert at == pytest.approx(0.8, abs=0.02)
    observed = next(
        t for t in drawn(FIGURES["power"], deepseek_result, ticker="NVDA").traces if "day zero" in t["name"]
    )
    assert observed["x"] == [abs(day["ar"][row])] * 2


def test_the_title_says_which_moves_are_found(deepseek_result: StudyResult) -> None:
    sizes = numbers(FIGURES["power"], deepseek_result)["detectable"]
    title = tables.statement(found(FIGURES["power"], deepseek_result), tables.text)
    assert tables.text(sizes.min(), "decimal") in title
    assert tables.text(sizes.max(), "decimal") in title


# --------------------------------------------------------------------------------------------------------- correlation
def test_correlations_are_those_of_the_residuals(deepseek_result: StudyResult) -> None:
    event = deepseek_result.headline
    group = deepseek_result.settings.headline_group
    assert group is not None
    frame = numbers(FIGURES["correlation"], deepseek_result, group=group)
    members = event.groups[group]
    residuals = event.abnormal.residuals()
    assert len(frame) == len(members) * (len(members) - 1) / 2
    for line in frame.itertuples(index=False):
        one, two = (residuals[event.row(str(key))] for key in (line.ticker, line.other))
        here = np.isfinite(one) & np.isfinite(two)
        assert line.days == here.sum()
        assert line.correlation == pytest.approx(stats.pearsonr(one[here], two[here])[0], abs=1e-10)


def _two_dates() -> StudyResult:
    """Two securities that err alike on each date, with events a week apart."""
    days = pd.bdate_range("2020-01-02", "2021-09-30")
    rng = np.random.default_rng(3)
    market, common = 0.01 * rng.standard_normal((2, len(days)))
    own = 0.001 * rng.standard_normal((2, len(days)))
    returns = pd.DataFrame({"M": market, "A": market + common + own[0], "B": market + common + own[1]}, index=days)
    events = pd.DataFrame({"id": ["a", "b"], "ticker": ["A", "B"], "date": ["2021-06-15", "2021-06-22"]})
    return es.Study(
        prices=100 * (1 + returns).cumprod(), events=events, benchmark="M", calendar="own", tests=["t"]
    ).run()


def test_events_of_other_dates_are_joined_by_session() -> None:
    """Joined by relative day the two would look unrelated."""
    result = _two_dates()
    [line] = numbers(FIGURES["correlation"], result).itertuples(index=False)
    rows = result.headline.abnormal.residuals()
    assert line.days == rows.shape[1] - 5
    assert line.correlation == pytest.approx(stats.pearsonr(rows[0][5:], rows[1][:-5])[0], abs=1e-10)
    assert line.correlation > 0.95
    title = tables.statement(found(FIGURES["correlation"], result), tables.text)
    assert "move together" in title
    assert "hardly" not in title
    assert "One pair" in tables.statement(said(FIGURES["correlation"], result), tables.text)


def test_a_group_that_is_not_there_is_refused(deepseek_result: StudyResult) -> None:
    with pytest.raises(UnknownNameError):
        numbers(FIGURES["correlation"], deepseek_result, group="nobody")
