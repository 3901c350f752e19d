"""Examples printed with their data: `tests/reference/printed.json` says where each stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from group_panels import with_cars

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference import TESTS, benjamini_hochberg
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.inference.resampling import sign_flip_p
from eventstudy.objects.estimation import EventPanel, Window

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "reference/printed.json").read_text())["examples"]
DAY = Window(0, 0)


def two_groups(base: EventPanel, first: list[float], second: list[float]) -> tuple[AbnormalReturns, AbnormalReturns]:
    together = with_cars(base, [*first, *second])
    return together.take(range(len(first))), together.take(range(len(first), together.n))


def test_signed_ranks_of_darwins_maize(synthetic_panel: EventPanel) -> None:
    example = EXAMPLES["darwin_signed_rank"]
    found = TESTS["wilcoxon"](with_cars(synthetic_panel, example["values"]), DAY)
    assert found.statistic == example["statistic"]
    assert found.p == pytest.approx(example["p"], rel=1e-12)


def test_fishers_arrangements_of_darwins_maize(synthetic_panel: EventPanel) -> None:
    """The differences are whole numbers, so that no sum is near another without being equal to it."""
    example, values = EXAMPLES["darwin_sign_flip"], EXAMPLES["darwin_signed_rank"]["values"]
    abnormal = with_cars(synthetic_panel, values)
    patterns, p = sign_flip_p(abnormal.car(DAY))
    assert patterns == example["arrangements"]
    assert round(p, example["digits"]) == example["p"]
    found = TESTS["cross_sectional_t"](abnormal, DAY)
    assert round(found.statistic, example["t_digits"]) == example["t"]
    assert found.df == (14.0,)


def test_students_sleep(synthetic_panel: EventPanel) -> None:
    example = EXAMPLES["sleep"]
    first, second = example["first"], example["second"]
    found = DIFFERENCES["welch_t"](*two_groups(synthetic_panel, first, second), DAY)
    printed = example["welch"]
    assert (round(found.statistic, 4), round(found.df[0], 3)) == (printed["statistic"], printed["df"])
    assert round(found.p, 5) == printed["p"]
    apart = [round(a - b, 1) for a, b in zip(first, second, strict=True)]
    found, printed = TESTS["cross_sectional_t"](with_cars(synthetic_panel, apart), DAY), example["paired"]
    assert (round(found.statistic, 4), found.df[0]) == (printed["statistic"], printed["df"])
    assert round(found.p, 6) == printed["p"]


def test_rank_sum_of_ages(synthetic_panel: EventPanel) -> None:
    example = EXAMPLES["diabetes_rank_sum"]
    found = DIFFERENCES["rank_sum"](*two_groups(synthetic_panel, example["first"], example["second"]), DAY)
    assert found.statistic == example["statistic"]
    assert found.p == pytest.approx(example["p"], rel=1e-12)


def test_benjamini_and_hochbergs_own_example() -> None:
    example = EXAMPLES["benjamini_hochberg"]
    adjusted = benjamini_hochberg(example["p"])
    assert [round(float(p), example["digits"]) for p in adjusted] == example["adjusted"]
    assert int((adjusted <= 0.05).sum()) == example["rejected"]
