"""Ranks of a security among its own days are the same whoever else is tested with it."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference import group_results, rank_ahead
from eventstudy.inference.history import History
from eventstudy.inference.ranking import average_ranks, centred
from eventstudy.inference.ranks import window_ranks
from eventstudy.inference.volatility_group import square_ranks
from eventstudy.objects.estimation import Window

WINDOWS = (Window(0, 0), Window(-1, 1), Window(-5, 5))
NAMES = ("corrado_rank_z", "volatility_rank_z")
MEMBERS = [4, 1, 2]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_ranks_are_those_of_all_days_together(synthetic_abnormal: AbnormalReturns, window: Window) -> None:
    history = History(synthetic_abnormal)
    inside = synthetic_abnormal.scaled()[:, synthetic_abnormal.columns(window)]
    both = np.concatenate([synthetic_abnormal.residuals(), inside], axis=1)
    np.testing.assert_array_equal(window_ranks(history, window), centred(average_ranks(both)))
    assert square_ranks(history, window).shape == both.shape


def test_a_group_taken_of_events_ranked_ahead_gets_the_same_answers(synthetic_abnormal: AbnormalReturns) -> None:
    fresh = group_results(synthetic_abnormal.take(MEMBERS), WINDOWS, NAMES)
    every = synthetic_abnormal.take(range(synthetic_abnormal.n))  # a copy that has worked out nothing yet
    rank_ahead(every, WINDOWS, NAMES)
    again = group_results(every.take(MEMBERS), WINDOWS, NAMES)
    assert [repr(result) for result in again] == [repr(result) for result in fresh]  # NaN is not equal to itself


def test_only_what_will_be_asked_for_is_ranked_ahead(
    synthetic_abnormal: AbnormalReturns, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("eventstudy.inference.window_ranks", lambda *_: asked.append("returns"))
    monkeypatch.setattr("eventstudy.inference.square_ranks", lambda *_: asked.append("squares"))
    rank_ahead(synthetic_abnormal, WINDOWS[:1], ("t", "portfolio_t"))
    assert asked == []
    rank_ahead(synthetic_abnormal, WINDOWS[:1], ("volatility_rank_z",))
    assert asked == ["squares"]
