"""Day zero on open and closed days, and the alignment of events, securities and regressors."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from panels import calendar_of, levels_from, panel_of, random_levels, settings_of, weekdays

from eventstudy.errors import MissingPriceError, SpecError, WindowError
from eventstudy.objects.estimation import Event, Window
from eventstudy.objects.prices import ExchangeCalendar
from eventstudy.returns import returns_on
from eventstudy.windows import day_zero, event_panel, gather

# New York closes at 16:00 local, 21:00 UTC in January; Tokyo at 15:30 local, 06:30 UTC.
NEW_YORK = calendar_of(weekdays(20, "2025-01-13").delete(5), "XNYS", "21:00")  # closed on Monday 20 January
TOKYO = calendar_of(weekdays(20, "2025-01-13").delete(0), "XTKS", "06:30")  # closed on Monday 13 January
ELSEWHERE = ExchangeCalendar("XXXX", TOKYO.sessions, TOKYO.closes)


def on(announced: dt.date | str, calendar: ExchangeCalendar = NEW_YORK, policy: str = "next") -> tuple[str, int]:
    when = dt.datetime.fromisoformat(announced) if isinstance(announced, str) else announced
    found = day_zero(Event("e", "X", when), calendar, policy)  # type: ignore[arg-type]
    assert found.t >= 0
    assert found.session == calendar.sessions[found.t].date()
    assert (found.note is None) == (found.shifted == 0)
    return str(found.session), found.shifted


def test_a_session_is_its_own_day_zero() -> None:
    assert on(dt.date(2025, 1, 27)) == ("2025-01-27", 0)


def test_a_closed_day_goes_by_policy() -> None:
    saturday, holiday = dt.date(2025, 1, 25), dt.date(2025, 1, 20)
    assert on(saturday) == ("2025-01-27", 2)
    assert on(saturday, policy="previous") == ("2025-01-24", -1)
    assert on(holiday) == ("2025-01-21", 1)
    assert on(holiday, policy="previous") == ("2025-01-17", -3)
    dropped = day_zero(Event("e", "X", saturday), NEW_YORK, "drop")
    assert (dropped.t, dropped.session) == (-1, None)
    assert "Saturday 2025-01-25" in str(dropped.note)
    with pytest.raises(WindowError, match="Saturday 2025-01-25, when XNYS was closed"):
        day_zero(Event("e", "X", saturday), NEW_YORK, "error")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-01-27T03:00:00-05:00", ("2025-01-27", 0)),
        ("2025-01-27T15:59:59-05:00", ("2025-01-27", 0)),
        ("2025-01-27T16:00:00-05:00", ("2025-01-28", 1)),
        ("2025-01-27T23:30:00-05:00", ("2025-01-28", 1)),
        ("2025-01-28T05:30:00+01:00", ("2025-01-28", 1)),
        ("2025-01-24T18:00:00-05:00", ("2025-01-27", 3)),
        ("2025-01-25T00:30:00-05:00", ("2025-01-27", 2)),
        ("2025-01-26T20:00:00-05:00", ("2025-01-27", 1)),
        ("2025-01-28T01:00:00+09:00", ("2025-01-27", 0)),
    ],
)
def test_a_moment_counts_on_the_first_session_that_closes_after_it(moment: str, expected: tuple[str, int]) -> None:
    assert on(moment) == expected


def test_news_after_the_close_of_a_session_moves_on_whatever_the_policy_for_closed_days() -> None:
    for policy in ("next", "previous", "drop", "error"):
        assert on("2025-01-27T18:00:00-05:00", policy=policy) == ("2025-01-28", 1)


def test_a_moment_on_a_closed_day_goes_by_policy() -> None:
    assert on("2025-01-25T12:00:00-05:00", policy="previous") == ("2025-01-24", -1)
    assert day_zero(Event("e", "X", pd.Timestamp("2025-01-25T12:00-05:00")), NEW_YORK, "drop").t == -1


@pytest.mark.parametrize("calendar", [TOKYO, ELSEWHERE])
def test_monday_morning_in_new_york_is_tuesday_in_tokyo(calendar: ExchangeCalendar) -> None:
    assert on("2025-01-27T08:30:00-05:00", calendar) == ("2025-01-28", 1)
    assert on("2025-01-27T10:00:00+09:00", calendar) == ("2025-01-27", 0)
    assert on("2025-01-26T20:00:00-05:00", calendar) == ("2025-01-27", 0)


def test_the_note_says_what_happened() -> None:
    note = day_zero(Event("e", "X", dt.datetime.fromisoformat("2025-01-27T17:00:00-05:00")), NEW_YORK).note
    assert note == ("announced on Monday 2025-01-27, after the XNYS close at 21:00 UTC: day zero is Tuesday 2025-01-28")


@pytest.mark.parametrize(
    "announced",
    [
        dt.date(2025, 1, 12),
        dt.date(2025, 2, 8),
        dt.datetime.fromisoformat("2025-02-07T17:00:00-05:00"),
        dt.datetime.fromisoformat("2031-02-07T17:00:00-05:00"),
        dt.datetime.fromisoformat("2001-02-07T17:00:00-05:00"),
    ],
)
def test_outside_the_history_names_its_first_and_last_session(announced: dt.date) -> None:
    with pytest.raises(WindowError, match="2025-01-13 to 2025-02-07"):
        day_zero(Event("e", "X", announced), NEW_YORK)


def test_unknown_policy_and_empty_calendar() -> None:
    with pytest.raises(SpecError, match="next, previous, drop, error, got 'nearest'"):
        day_zero(Event("e", "X", dt.date(2025, 1, 27)), NEW_YORK, "nearest")  # type: ignore[arg-type]
    with pytest.raises(WindowError, match="no sessions"):
        day_zero(Event("e", "X", dt.date(2025, 1, 27)), calendar_of(weekdays(0)))


# ------------------------------------------------------------------------------------------------------------- gather
def test_gather_against_a_loop() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(4, 30))
    rows, days = rng.integers(0, 4, 50).astype(np.int32), rng.integers(0, 30, 50).astype(np.int32)
    window = Window(-4, 3)
    both, series = gather(values, rows, days, window), gather(values[0], rows, days, window)
    for i in range(50):
        for j, tau in enumerate(window.taus):
            t = days[i] + tau
            inside = 0 <= t < 30
            np.testing.assert_equal(both[i, j], values[rows[i], t] if inside else np.nan)
            np.testing.assert_equal(series[i, j], values[0, t] if inside else np.nan)


# -------------------------------------------------------------------------------------------------------- event_panel
def test_layout() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A", "B", "C"])
    panel, issues = panel_of(levels, {"C": [70], "A": [70, 75]})
    assert issues == []
    assert panel.tickers == ("A", "C")
    assert panel.event_tickers == ("C", "A", "A")
    assert panel.security.tolist() == [1, 0, 0]
    assert panel.day.tolist() == [70, 70, 75]
    assert panel.returns.flags.c_contiguous
    assert panel.returns.shape == (2, 90)
    assert (panel.security.dtype, panel.day.dtype) == (np.int32, np.int32)
    np.testing.assert_array_equal(panel.returns[1, 1:], levels["C"].pct_change().to_numpy()[1:])
    np.testing.assert_array_equal(panel.regressors["market"][1:], levels["market"].pct_change().to_numpy()[1:])


def test_regressors_are_joined_by_date_not_by_position() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A"])
    days = pd.DatetimeIndex(levels.index)
    factor = pd.DataFrame({"smb": np.arange(89.0)}, index=days[:-1][::-1].as_unit("s"))
    panel, _ = panel_of(levels, {"A": [70]}, factor)
    np.testing.assert_array_equal(panel.regressors["smb"], [*np.arange(88.0, -1, -1), np.nan])


def test_an_event_on_a_holiday_is_shifted_and_reported() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A"])
    calendar = calendar_of(pd.DatetimeIndex(levels.index))
    returns = returns_on(levels, calendar.sessions)
    market = returns.values[["market"]]
    saturday = dt.date(2020, 4, 4)
    event = Event("late", "A", saturday)
    panel, issues = event_panel(returns, market, [event], calendar, "market", settings_of())
    assert str(panel.sessions[panel.day[0]].date()) == "2020-04-06"
    assert [(i.code, i.severity, i.ticker, i.date) for i in issues] == [("day_zero_shifted", "info", "A", saturday)]
    assert panel.day_zero[0].shifted == 2
    panel, issues = event_panel(returns, market, [event], calendar, "market", settings_of(policy="drop"))
    assert panel.n_events == 0
    assert [i.code for i in issues] == ["event_dropped"]
    with pytest.raises(WindowError, match="Saturday 2020-04-04"):
        event_panel(returns, market, [event], calendar, "market", settings_of(policy="error"))


def test_an_unknown_ticker_and_an_all_missing_security() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A", "B"])
    with pytest.raises(MissingPriceError, match="no prices for NVDX; the prices hold market, A, B"):
        panel_of(levels, {"A": [70], "NVDX": [70]})
    with pytest.raises(MissingPriceError, match=r"^B: no return on any session"):
        panel_of(levels.assign(B=np.nan), {"A": [70], "B": [70]})
    every_other = levels.assign(B=np.where(np.arange(90) % 2, np.nan, 1.0))
    with pytest.raises(MissingPriceError, match=r"^B: no return on any session"):
        panel_of(every_other, {"B": [70]})


def test_an_all_missing_benchmark_or_factor() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A"])
    with pytest.raises(MissingPriceError, match="the benchmark market has no return"):
        panel_of(levels.assign(market=np.nan), {"A": [70]})
    with pytest.raises(MissingPriceError, match="the regressor 'smb' has no return"):
        panel_of(levels, {"A": [70]}, pd.DataFrame({"smb": np.nan}, index=levels.index))


def test_a_benchmark_without_its_column_and_returns_on_other_sessions() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A"])
    calendar = calendar_of(pd.DatetimeIndex(levels.index))
    returns = returns_on(levels, calendar.sessions)
    event = Event("e", "A", calendar.sessions[70].date())
    with pytest.raises(SpecError, match=r"no column 'market' for the benchmark \^IXIC"):
        event_panel(returns, pd.DataFrame(index=calendar.sessions), [event], calendar, "^IXIC", settings_of())
    other = calendar_of(calendar.sessions[1:])
    with pytest.raises(SpecError, match="returns_on"):
        event_panel(returns, returns.values[["market"]], [event], other, "market", settings_of())
    panel, _ = event_panel(returns, pd.DataFrame(index=calendar.sessions), [event], calendar, None, settings_of())
    assert dict(panel.regressors) == {}


def test_an_event_outside_the_history() -> None:
    levels = random_levels(np.random.default_rng(0), 90, ["market", "A"])
    with pytest.raises(WindowError, match=r"1900-01-01.*2020-01-01 to 2020-05-05"):
        panel_of(levels, {"A": [-1]})


def test_overlapping_windows_and_windows_outside() -> None:
    with pytest.raises(WindowError, match="overlap"):
        settings_of(estimation=Window(-60, -5))
    with pytest.raises(WindowError, match="outside the event window"):
        settings_of(windows=(Window(0, 6),))


def test_missing_on_day_zero_and_windows_cut_short_are_reported() -> None:
    rng = np.random.default_rng(0)
    levels = random_levels(rng, 90, ["market", "A", "B"])
    day = pd.DatetimeIndex(levels.index)[70]
    levels.loc[day, "market"] = np.nan
    _, issues = panel_of(levels, {"A": [70, 50, 88]})
    assert [(i.code, i.severity) for i in issues] == [
        ("benchmark_missing_on_day_zero", "warning"),
        ("estimation_window_cut", "warning"),
        ("event_window_cut", "warning"),
    ]
    assert issues[0].date == day.date()
    # Rows -10 to -1 precede the first session; row 0 is one, though it has no return.
    assert issues[1].detail.startswith("10 of the 55 sessions")
    assert issues[2].detail.startswith("4 of the 11 sessions")
    gone = random_levels(rng, 90, ["market", "A"])
    gone.iloc[70, 1] = np.nan
    assert [i.code for i in panel_of(gone, {"A": [70]})[1]] == ["return_missing_on_day_zero"]


def test_adjacent_sessions_join_even_when_the_levels_hold_more_days_than_the_calendar() -> None:
    rng = np.random.default_rng(5)
    days = weekdays(40)
    levels = levels_from(rng.normal(0, 0.01, (39, 1)), days, ["A"])
    own = days.delete(20)
    out = returns_on(levels, own).values["A"]
    assert out.iloc[20] == pytest.approx(levels["A"].iloc[21] / levels["A"].iloc[19] - 1, rel=1e-14)
