"""What is worked out once: kept with its object, by its arguments, and forgotten with it."""

from __future__ import annotations

import gc
import pickle
import weakref
from dataclasses import dataclass, replace

import pytest

from eventstudy.abnormal import AbnormalReturns
from eventstudy.objects.estimation import Window
from eventstudy.once import known, once

CALLS: list[tuple[int, int]] = []


@dataclass(frozen=True, eq=False)
class Thing:
    size: int

    @once
    def times(self, factor: int = 1) -> list[int]:
        CALLS.append((self.size, factor))
        if factor < 0:
            raise ValueError("negative")
        return [self.size * factor]


@once
def halved(thing: Thing) -> float:
    return thing.size / 2


def test_a_value_is_worked_out_once_for_each_object_and_arguments() -> None:
    CALLS.clear()
    one, two = Thing(3), Thing(3)
    assert one.times(2) is one.times(2)
    assert one.times(2) is not two.times(2)
    assert (one.times(3), halved(one)) == ([9], 1.5)
    assert CALLS == [(3, 2), (3, 2), (3, 3)]
    assert len(known(one)) == 3


def test_a_copy_starts_anew_and_a_pickle_keeps() -> None:
    CALLS.clear()
    one = Thing(4)
    one.times(2)
    assert replace(one, size=5).times(2) == [10]
    assert pickle.loads(pickle.dumps(one)).times(2) == [8]
    assert CALLS == [(4, 2), (5, 2)]


def test_an_error_is_not_kept() -> None:
    CALLS.clear()
    one = Thing(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="negative"):
            one.times(-1)
    assert CALLS == [(1, -1)] * 2


def test_what_is_kept_ends_with_its_object() -> None:
    one = Thing(1)
    kept = weakref.ref(one)
    one.times(1)
    del one
    gc.collect()
    assert kept() is None


def test_events_taken_keep_their_rows_and_callers_own_what_they_get(synthetic_abnormal: AbnormalReturns) -> None:
    abnormal = synthetic_abnormal.take(range(synthetic_abnormal.n))
    car = abnormal.car(Window(-1, 1))
    part = abnormal.take([2, 0])
    assert ("car", -1, 1) in known(part)["rows"]
    assert part.car(Window(-1, 1)).tolist() == car[[2, 0]].tolist()
    part.car(Window(-1, 1))[:] = 0
    assert part.car(Window(-1, 1)).tolist() == car[[2, 0]].tolist()
