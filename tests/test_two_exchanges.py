"""Groups compared across exchanges: days are shared by date, not by their place in each exchange's sessions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from panels import panel_of, random_levels

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference.difference import compare_groups
from eventstudy.inference.two_groups import pair_of
from eventstudy.models import estimate
from eventstudy.objects.estimation import EventPanel, Window

NAMES = ["market", *"ABCDEF"]
TODAY = Window(0, 0)


def group(names: str, column: int, closed: int | None = None) -> AbnormalReturns:
    """Events of `names` on the session in `column`, on an exchange that is closed on session `closed` of the other."""
    levels = random_levels(np.random.default_rng(3), 150, NAMES)
    given = panel_of(levels, {name: [column] for name in names})[0]
    if closed is not None:
        given = without(given, closed)
    return abnormal_returns(given, estimate(given, "market"))


def without(panel: EventPanel, closed: int) -> EventPanel:
    kept = np.arange(len(panel.sessions)) != closed
    return dataclasses.replace(
        panel,
        exchange="XTAE",
        sessions=panel.sessions[kept],
        returns=np.ascontiguousarray(panel.returns[:, kept]),
        regressors={name: values[kept] for name, values in panel.regressors.items()},
        day=(panel.day - (panel.day > closed)).astype(np.int32),
    )


@pytest.mark.parametrize("column", [100, 101])
def test_days_are_shared_by_date(column: int) -> None:
    """Session 100 here is session 99 there; session 101 there stands in column 100, as session 100 does here."""
    pair = pair_of(group("A", 100), group("D", column, closed=50), TODAY)
    assert pair.shares_days == (column == 100)
    assert pair.one_date == (column == 100)
    assert pair_of(group("A", 100), group("D", column, closed=50), Window(0, 1)).shares_days


def test_one_date_on_two_exchanges_has_an_answer_in_front() -> None:
    """The difference of two portfolios needs one calendar: welch_t leads, and says what a shared date does to it."""
    results = compare_groups(group("ABC", 100), group("DEF", 100, closed=50), TODAY)
    assert results[0].test == "welch_t"
    assert np.isfinite(results[0].p)
    assert "share days" in str(results[0].warning)
    assert "one calendar" in str({r.test: r.reason for r in results}["portfolio_difference_t"])
    assert compare_groups(group("ABC", 100), group("DEF", 100), TODAY)[0].test != "welch_t"
