"""A frame of events to rows and columns of the panel: however it is spelled, the same places and the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_scale import SESSIONS, market, run, some_events

from eventstudy import memory
from eventstudy.errors import SpecError
from eventstudy.many import eventlist, frames, measurements, passes
from eventstudy.many.eventlist import EventList, list_events
from eventstudy.many.ingest import panel_of


def block(found: Any) -> np.ndarray:
    """What is one number or few an event, side by side."""
    parts = (found.sigma, found.nu, found.positive, found.car, found.scar, found.r_squared, found.params)
    return np.column_stack([part for part in parts if part is not None])


ARRAYS = ("security", "day", "group", "moved", "placed", "again")


def listing(events: pd.DataFrame) -> EventList:
    return list_events(events, panel_of(market()))


def mixed(n: int = 400) -> pd.DataFrame:
    """Events of which some repeat, some are of nobody, some on no session, some outside the panel."""
    events = some_events(n, first=300, last=312)
    rng = np.random.default_rng(7)
    days = events["date"].to_numpy().copy()
    days[rng.random(n) < 0.1] += np.timedelta64(1, "D")
    days[::40], days[1::40] = np.datetime64("1999-05-05"), np.datetime64("2050-01-01")
    return events.assign(date=days, security=events["security"].where(rng.random(n) > 0.05, "NOBODY"))


def test_places_are_those_of_a_loop() -> None:
    events, panel = mixed(), panel_of(market())
    found = list_events(events, panel)
    seen: dict[tuple[int, int], int] = {}
    moved, rows, repeated = [], [], 0
    for i, event in enumerate(events.itertuples()):
        security = panel.tickers.index(event.security) if event.security in panel.tickers else -1
        day = int(SESSIONS.searchsorted(event.date))
        inside = SESSIONS[0] <= event.date <= SESSIONS[-1]
        assert (found.security[i], found.day[i]) == (security, day if inside else -1)
        if inside and SESSIONS[day] != event.date:
            moved.append(i)
        if inside and security >= 0:
            rows.append((security, day, i))
            repeated += (security, day) in seen
            seen.setdefault((security, day), i)
    assert found.moved.tolist() == moved
    assert found.placed.tolist() == [i for _, _, i in sorted(rows)]
    assert found.repeated == repeated > 0
    assert found.placed[~found.again].tolist() == [seen[key] for key in sorted(seen)]


@pytest.mark.parametrize("form", ["object", "str", "string", "category", "more categories"])
def test_however_securities_are_spelled_they_have_the_same_places(form: str) -> None:
    events = mixed()
    column: Any = events["security"].astype("category" if form == "more categories" else form)
    if form == "more categories":
        column = column.cat.add_categories(["UNUSED", "S29 "]).cat.reorder_categories(
            ["UNUSED", *reversed(column.cat.categories), "S29 "]
        )
    found, expected = listing(events.assign(security=column)), listing(events)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_whatever_the_unit_of_the_dates_they_are_the_same_days(unit: str) -> None:
    events = mixed()
    found, expected = listing(events.assign(date=events["date"].dt.as_unit(unit))), listing(events)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.frame["date"].dtype == "datetime64[ns]"
    words = listing(events.assign(date=events["date"].dt.strftime("%Y-%m-%d")))
    np.testing.assert_array_equal(words.day, expected.day)


def test_a_list_too_long_for_one_number_an_event_has_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = listing(mixed())
    monkeypatch.setattr(eventlist, "_LARGEST", 0)
    found = listing(mixed())
    np.testing.assert_array_equal(found.placed, expected.placed)
    np.testing.assert_array_equal(found.again, expected.again)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("security", ["S0", 1.5], "are names or whole numbers, got object"),
        ("security", [["S0"], ["S1"]], "are names or whole numbers, got object"),
        ("security", pd.Categorical(["S0", None]), "1 event has no security, row 1"),
        ("security", [None, None], "2 events have no security"),
        ("date", pd.Series(["3000-01-01", "2019-01-01"], dtype="datetime64[s]"), "outside 1800 to 2200"),
    ],
)
def test_columns_that_hold_something_else_are_refused(column: str, value: Any, said: str) -> None:
    events = pd.DataFrame({"security": ["S0", "S1"], "date": SESSIONS[[300, 301]]})
    with pytest.raises(SpecError, match=said):
        listing(events.assign(**{column: value}))


@pytest.mark.parametrize("outputs", ["car", "ar", "full"])
@pytest.mark.parametrize("chunk", [None, 1])
def test_repeated_and_unplaced_events_stand_where_the_caller_has_them(outputs: Any, chunk: int | None) -> None:
    events = mixed(1500)
    found = run(market(), events, outputs=outputs, chunk=chunk)
    one = found.measured
    first: dict[tuple[int, int], int] = {}
    for i, (security, day) in enumerate(zip(found.events.security, found.events.day, strict=True)):
        if security < 0 or day < 0:
            assert np.isnan(block(one)[i]).all()
            assert (one.nobs[i], one.refusal[i]) == (0, eventlist.UNKNOWN if security < 0 else eventlist.OUTSIDE)
            assert one.ar is None or np.isnan(one.ar[i]).all()
            continue
        k = first.setdefault((int(security), int(day)), i)
        np.testing.assert_array_equal(block(one)[i], block(one)[k])
        assert one.ar is None or (one.ar[i] == one.ar[k]).all()
        assert one.sar is None or (one.sar[i] == one.sar[k]).all()
    rows = np.sort(list(first.values()))
    alone = run(market(), events.iloc[rows], outputs=outputs).measured
    np.testing.assert_allclose(block(one)[rows], block(alone), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(one.nobs[rows], alone.nobs)


def test_events_in_the_order_of_the_panel_give_what_shuffled_ones_give() -> None:
    events = some_events(1500).drop_duplicates(["security", "date"])
    by_row = events["security"].str[1:].astype(int)
    in_order = events.assign(row=by_row).sort_values(["row", "date"]).drop(columns="row")
    one, other = run(market(), in_order, chunk=512), run(market(), events, chunk=512)
    pd.testing.assert_frame_equal(one.frame(), other.frame().loc[in_order.index], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("way", [False, True])
def test_a_repeated_event_counts_once_whichever_way_it_is_found(way: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if way:
        pytest.importorskip("numba")
    monkeypatch.setattr(eventlist, "compiled", lambda *_: way)
    events = mixed().assign(group=np.random.default_rng(3).choice(["calm", "wild", ""], 400))
    found = listing(events)
    every, own, counts = set(), set(), []
    for security, day, group in zip(found.security, found.day, found.group, strict=True):
        placed, in_group = security >= 0 and day >= 0, (security, day, group) not in own and group >= 0
        first = not placed or (security, day) not in every
        counts.append(eventlist.IN_ALL if first else eventlist.IN_GROUP if in_group else 0)
        every.add((security, day))
        own.add((security, day, group))
    assert {0, eventlist.IN_GROUP, eventlist.IN_ALL} == set(counts)
    assert found.counts.tolist() == counts
    assert found.repeated == sum(code != eventlist.IN_ALL for code in counts)
    alone = listing(events.drop(columns="group")).counts
    assert alone.tolist() == [code if code == eventlist.IN_ALL else 0 for code in counts]


def test_the_frame_of_events_is_as_it_was_given() -> None:
    events = some_events(50)
    found = run(market(), events)
    before = events.copy()
    events["security"] = "S1"
    events.loc[events.index[0], "date"] = SESSIONS[0]
    pd.testing.assert_frame_equal(found.events.frame, before.assign(date=before["date"].astype("datetime64[ns]")))
    pd.testing.assert_series_equal(found.estimates["security"], before["security"])


def test_groups_and_those_without_one_are_who_they_say() -> None:
    events = some_events(300).drop_duplicates(["security", "date"]).reset_index(drop=True)
    events.loc[events.index[::5], "group"] = None
    found = run(market(holes=0.01), events)
    numbers = found.numbers
    assert numbers.groups == ("calm", "wild")
    for g, name in enumerate(numbers.groups, start=1):
        np.testing.assert_array_equal(numbers.members[g - 1], np.flatnonzero(events["group"] == name))
        assert numbers.count(g) == (events["group"] == name).sum()
        for w in range(len(numbers.windows)):
            expected = (events["group"] == name).to_numpy() & np.isfinite(found.measured.scar[:, w])
            np.testing.assert_array_equal(numbers.rows(g, w), np.flatnonzero(expected))


def test_average_by_day_of_many_events_is_the_mean_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    events = some_events(300).drop_duplicates(["security", "date"])
    whole = run(market(holes=0.02), events).aar
    monkeypatch.setattr(frames, "ROWS", 7)
    found = run(market(holes=0.02), events)
    pd.testing.assert_frame_equal(found.aar, whole, rtol=1e-12, atol=1e-16)
    calm = (events["group"] == "calm").to_numpy()
    assert found.ar is not None
    np.testing.assert_allclose(found.aar["calm"], np.nanmean(found.ar[calm], axis=0), rtol=1e-12)


def test_numbers_that_memory_cannot_hold_are_refused_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = some_events(100)
    kept = {kind: run(market(), events, outputs=kind, windows=()).measured for kind in ("car", "full")}
    arrays = {k: (block(m), m.nobs, m.refusal, m.ar, m.sar) for k, m in kept.items()}
    size = {k: sum(a.nbytes for a in parts if a is not None) for k, parts in arrays.items()}
    monkeypatch.setattr(measurements, "available_memory", lambda: size["full"] - 1)
    with pytest.raises(
        SpecError, match=r"100 events take .* GB with outputs='full' .* outputs='car' takes .* at a time"
    ):
        run(market(), events, outputs="full", windows=())
    monkeypatch.setattr(measurements, "available_memory", lambda: size["car"])
    run(market(), events, outputs="car", windows=())
    monkeypatch.setattr(measurements, "available_memory", lambda: size["car"] - 1)
    with pytest.raises(SpecError, match="free: run some of the events at a time"):
        run(market(), events, outputs="car", windows=())


def test_sums_by_group_that_memory_cannot_hold_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    with pytest.raises(SpecError, match=r"of 3 groups and windows take about .* leave out tests"):
        run(market(), some_events(100), tests=["crude_dependence_t"], windows=[(0, 0), (-1, 1), (-5, 5)])


def test_an_interrupt_in_the_middle_leaves_nothing_but_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    returns, events = market(), some_events(1500)
    given, asked = returns.copy(), events.copy()
    put = measurements.put
    done: list[int] = []

    def stopped(buffers: Any, at: Any, part: Any) -> None:
        put(buffers, at, part)
        done.append(1)
        if len(done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(passes, "put", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(returns, events, chunk=512)
    assert len(done) == 2
    pd.testing.assert_frame_equal(returns, given)
    pd.testing.assert_frame_equal(events, asked)
    monkeypatch.undo()
    pd.testing.assert_frame_equal(run(returns, events, chunk=512).frame(), run(given, asked).frame(), rtol=1e-12)
