"""Days that a published calendar does not know: stated, found in the prices, and where its knowledge ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.objects.estimation import Event
from eventstudy.objects.prices import ExchangeCalendar
from eventstudy.prices import load_panel
from eventstudy.prices.closures import Stated, within_reach
from eventstudy.prices.frames import from_frame
from eventstudy.prices.sessions import calendar, reach
from eventstudy.report.trading import trading
from eventstudy.windows import day_zero

TYPHOON = dt.date(2024, 10, 31)
SATURDAY = dt.date(2024, 1, 20)


def levels(days: pd.DatetimeIndex, *tickers: str) -> pd.DataFrame:
    moves = np.random.default_rng(3).normal(0, 0.01, (len(days), len(tickers)))
    return pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=days, columns=list(tickers))


def sessions(exchange: str, first: str = "2023-12-01", last: str = "2025-01-31") -> pd.DatetimeIndex:
    return calendar(exchange, pd.Timestamp(first), pd.Timestamp(last)).sessions


def panel(frame: pd.DataFrame, **stated):
    return load_panel(from_frame(frame), stated=Stated(**stated))


# -------------------------------------------------------------------------------------------------------------- stated
def test_a_typhoon_day_is_no_session():
    """Without it the return of the day after spans from the close before; with it one return is missing twice."""
    days = sessions("XTAI")
    frame = levels(days[days != pd.Timestamp(TYPHOON)], "2330.TW", "2317.TW")
    plain, found = panel(frame)
    assert pd.Timestamp(TYPHOON) in plain.calendars["XTAI"].sessions
    said = [issue for issue in found if issue.code == "closures_not_stated"]
    assert [issue.date for issue in said] == [TYPHOON]
    assert "say closures: {XTAI: [2024-10-31]}" in said[0].detail
    stated, found = panel(frame, closures={"XTAI": (TYPHOON,)})
    book = stated.calendars["XTAI"]
    assert pd.Timestamp(TYPHOON) not in book.sessions
    assert len(book.sessions) == len(book.closes) == len(book.opens) == len(days) - 1
    assert not [issue for issue in found if issue.code.endswith("_not_stated")]
    news = Event("typhoon", "2330.TW", TYPHOON)
    assert day_zero(news, book).session == dt.date(2024, 11, 1)
    assert day_zero(news, plain.calendars["XTAI"]).session == TYPHOON


def test_a_saturday_in_mumbai_is_a_session():
    days = sessions("XBOM")
    frame = levels(days.append(pd.DatetimeIndex([SATURDAY])).sort_values(), "RELIANCE.NS", "TCS.NS")
    _, found = panel(frame)
    said = [issue for issue in found if issue.code == "sessions_not_stated"]
    assert "say sessions: {XBOM: [2024-01-20]}" in said[0].detail
    stated, found = panel(frame, sessions={"XBOM": (SATURDAY,)})
    book = stated.calendars["XBOM"]
    at = book.sessions.get_loc(pd.Timestamp(SATURDAY))
    # It opens and closes as the session before: 09:15 to 15:30 in Mumbai.
    assert [m[at].tz_convert(book.zone).strftime("%a %H:%M") for m in (book.opens, book.closes)] == [
        "Sat 09:15",
        "Sat 15:30",
    ]
    assert book.sessions.is_monotonic_increasing
    assert book.closes.is_monotonic_increasing
    assert not [issue for issue in found if issue.code in ("sessions_not_stated", "closed_day")]
    assert day_zero(Event("news", "TCS.NS", SATURDAY), book).session == SATURDAY


def test_stating_a_day_twice_changes_nothing():
    book = calendar("XBOM", pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-29"))
    stated = Stated({"XBOM": (dt.date(2024, 1, 26), dt.date(2024, 1, 2))}, {"XBOM": (SATURDAY,)})
    once = stated.of(book)
    assert len(once.sessions) == len(book.sessions)  # 26 January is a holiday already; one out, one in
    pd.testing.assert_index_equal(stated.of(once).sessions, once.sessions)


def test_a_session_put_in_across_a_change_of_clocks():
    book = calendar("XLON", pd.Timestamp("2024-03-25"), pd.Timestamp("2024-04-05"))
    added = Stated(sessions={"XLON": (dt.date(2024, 3, 31),)}).of(book)  # the clocks went forward that night
    at = added.sessions.get_loc(pd.Timestamp("2024-03-31"))
    assert added.closes[at].tz_convert("Europe/London").strftime("%H:%M") == "16:30"
    assert added.closes[at].hour == 15


def test_a_hole_of_one_series_and_a_lone_series_are_left_alone():
    days = sessions("XTAI")
    frame = levels(days, "2330.TW", "2317.TW")
    frame.loc[pd.Timestamp(TYPHOON), "2330.TW"] = np.nan
    assert not [i for i in panel(frame)[1] if i.code.endswith("_not_stated")]
    alone = levels(days[days != pd.Timestamp(TYPHOON)], "2330.TW")
    assert not [i for i in panel(alone)[1] if i.code.endswith("_not_stated")]


def test_days_of_an_exchange_that_the_study_does_not_have():
    frame = levels(sessions("XTAI"), "2330.TW", "2317.TW")
    issues = [i for i in panel(frame, closures={"XTKS": (TYPHOON,)})[1] if i.code == "calendar_unused"]
    assert "no series of the study trades there; there are XTAI" in issues[0].detail
    with pytest.raises(SpecError, match="its sessions are the dates of the prices"):
        panel(frame, sessions={"own": (TYPHOON,)})


# ------------------------------------------------------------------------------------------------------- where it ends
def test_where_the_published_calendar_ends_the_prices_go_on():
    assert reach("XSHG")[1] is not None
    assert reach("XNYS")[1] is None
    edge = reach("XSHG")[1]
    after = pd.bdate_range(edge + pd.Timedelta(days=1), periods=10, unit="ns")
    dates = sessions("XSHG", "2026-01-01", "2026-12-31").append(after)
    book, issues = within_reach("XSHG", dates[0].date(), dates[-1].date(), None, dates)
    pd.testing.assert_index_equal(book.sessions, dates, check_names=False)
    assert [issue.code for issue in issues] == ["calendar_edge"]
    assert "the 10 dates of the prices are taken as sessions" in issues[0].detail
    assert book.closes[-1].tz_convert(book.zone).strftime("%H:%M") == "15:00"
    with pytest.raises(SpecError, match="no calendar of XSHG"):
        within_reach("XSHG", dt.date(2090, 1, 1), dt.date(2090, 2, 1), None, after)


# ------------------------------------------------------------------------------------------------------- the study file
STUDY = """
schema_version: 1
id: taipei
prices: prices.csv
tickers: [2330.TW]
benchmarks: {default: 2317.TW}
estimation: [-120, -11]
min_obs: 60
tests: [t]
sensitivity: off
events: [{id: storm, announced: 2024-10-31}]
closures: {XTAI: [2024-10-31]}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    days = sessions("XTAI")
    levels(days[days != pd.Timestamp(TYPHOON)], "2330.TW", "2317.TW").rename_axis("date").to_csv(
        tmp_path / "prices.csv"
    )
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def test_in_study_yaml(study):
    result = es.load(study).run()
    assert result.headline.panel.day_zero[0].session == dt.date(2024, 11, 1)
    assert result.settings.closures == {"XTAI": (TYPHOON,)}
    assert es.load(study).run().content_id == result.content_id
    (study / "study.yaml").write_text(STUDY.replace("closures: {XTAI: [2024-10-31]}", ""))
    other = es.load(study).run()
    assert other.content_id != result.content_id
    assert other.headline.panel.day_zero[0].session == TYPHOON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("closures: {XTAI: [2024-13-31]}", r"study.yaml:12: closures of XTAI: .*2024-13-31"),
        ("closures:\n  XTAI:\n    - 2024-10-31\n    - tomorrow", r"study.yaml:15: closures of XTAI: .*tomorrow"),
        ("closures: {XTAI: [2024-10-31]}\nsessions: {XTAI: [2024-10-31]}", "stands under closures too"),
        ("sessions: {XTAI: 2024-10-31}", r"study.yaml:12: sessions"),
        ("sessions: [2024-10-31]", r"study.yaml:12: sessions"),
    ],
)
def test_a_wrong_day_is_named_with_its_line(study, text, words):
    (study / "study.yaml").write_text(STUDY.replace("closures: {XTAI: [2024-10-31]}", text))
    with pytest.raises(SpecError, match=words):
        es.load(study).run()


def test_an_argument_of_a_study():
    given = {"prices": "deepseek", "events": {"NVDA": "2025-01-27"}, "benchmark": "^IXIC"}
    found = es.Study(**given, closures={"XNAS": ["2025-01-09"]}).settings
    assert found.closures == {"XNYS": (dt.date(2025, 1, 9),)}  # one calendar for both
    with pytest.raises(SpecError, match="closures"):
        _ = es.Study(**given, closures=["2025-01-09"]).settings


# ---------------------------------------------------------------------------------------------------- who traded when
def test_who_could_trade_when(study):
    text = STUDY.replace("announced: 2024-10-31", 'announced: "2024-11-05T10:00:00+08:00"')
    (study / "study.yaml").write_text(text)
    (row,) = trading(es.load(study).run())
    assert row | {"tickers": []} == {
        "event": "storm",
        "announced": "2024-11-05T10:00:00+08:00",
        "exchange": "XTAI",
        "zone": "Asia/Taipei",
        "local": "2024-11-05T10:00:00+08:00",
        "session": "2024-11-05",
        "opens": "2024-11-05T01:00:00Z",
        "closes": "2024-11-05T05:30:00Z",
        "opens_local": "09:00",
        "closes_local": "13:30",
        "came": "in_session",
        "before": "2024-11-04",
        "before_closes": "2024-11-04T05:30:00Z",
        "tickers": [],
    }


@pytest.mark.parametrize(
    ("announced", "came", "session"),
    [
        ("2024-10-30T20:00:00Z", "before_open", "2024-11-01"),  # in the night before the day of the typhoon
        ("2024-11-01T00:59:00Z", "before_open", "2024-11-01"),
        ("2024-11-01T01:00:00Z", "in_session", "2024-11-01"),
        ("2024-11-01T05:30:00Z", "before_open", "2024-11-04"),  # a Friday's close
        ("2024-11-01", "day", "2024-11-01"),
    ],
)
def test_when_the_news_came(study, announced, came, session):
    (study / "study.yaml").write_text(STUDY.replace("announced: 2024-10-31", f'announced: "{announced}"'))
    (row,) = trading(es.load(study).run())
    assert (row["came"], row["session"]) == (came, session)


def test_the_sessions_of_the_bundled_study(deepseek_result):
    rows = {(row["event"], row["exchange"]): row for row in trading(deepseek_result)}
    row = rows["selloff", "XTKS"]
    assert (row["zone"], row["session"]) == ("Asia/Tokyo", "2025-01-27")
    assert (row["opens_local"], row["closes_local"]) == ("09:00", "15:30")
    assert rows["selloff", "XNYS"]["opens"] == "2025-01-27T14:30:00Z"
    assert rows["release", "XNYS"]["session"] == "2025-01-21"
    assert {*rows} == {(e.event, e.exchange) for e in deepseek_result.events if e.headline}


def test_where_the_opening_is_not_known(deepseek_result):
    """As in a snapshot of before: the session is known, and whether the news came before it opened is not."""
    books = {code: replace(book, opens=None) for code, book in deepseek_result.prices.calendars.items()}
    older = replace(deepseek_result, prices=replace(deepseek_result.prices, calendars=books))
    assert {row["opens"] for row in trading(older)} == {None}
    assert {row["closes"] for row in trading(older)} == {row["closes"] for row in trading(deepseek_result)}


def test_a_calendar_without_a_zone():
    days = pd.DatetimeIndex(["2025-01-24", "2025-01-28"])
    book = ExchangeCalendar("X", days, pd.DatetimeIndex([pd.NaT, pd.NaT], dtype="datetime64[ns, UTC]"))
    added = Stated(sessions={"X": (dt.date(2025, 1, 27),)}).of(book)
    assert added.closes.isna().all()
    assert [str(day.date()) for day in added.sessions] == ["2025-01-24", "2025-01-27", "2025-01-28"]
