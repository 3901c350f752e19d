"""Exchanges of tickers, and their calendars, published and kept beside a snapshot."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings

import pandas as pd
import pytest

from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices.exchanges import currency_of, exchange_of
from eventstudy.prices.sessions import calendar, time_zone
from eventstudy.prices.snapshot import read_sessions, snapshot


@pytest.mark.parametrize(
    ("ticker", "exchange", "currency"),
    [
        ("NVDA", "XNYS", "USD"),
        ("BRK-B", "XNYS", "USD"),
        ("ASML.AS", "XAMS", "EUR"),
        ("8035.T", "XTKS", "JPY"),
        ("2330.TW", "XTAI", "TWD"),
        ("BARC.L", "XLON", "GBp"),
        ("^IXIC", "XNYS", "points"),
        ("^N225", "XTKS", "points"),
        ("^TWII", "XTAI", "points"),
        ("^STOXX50E", "XAMS", "points"),
    ],
)
def test_exchange_and_currency(ticker, exchange, currency):
    assert exchange_of(ticker, {}) == exchange
    assert currency_of(ticker) == currency


def test_given_exchange_wins():
    assert exchange_of("8035.T", {"8035.T": "XNYS"}) == "XNYS"


def test_an_unknown_suffix_has_its_own_dates_as_sessions():
    assert exchange_of("FOO.QQ") == "own-QQ"
    assert exchange_of("^FOO") == "own-FOO"
    assert exchange_of("FOO.QQ", {"FOO.QQ": "XLON"}) == "XLON"


def test_every_suffix_has_a_published_calendar():
    import exchange_calendars

    from eventstudy.prices import exchanges

    names = set(exchange_calendars.get_calendar_names(include_aliases=True))
    assert {mic for mic, _, _ in exchanges._EXCHANGES.values()} <= names
    assert set(exchanges._INDICES.values()) <= names


@pytest.mark.slow
def test_time_zones_are_those_of_the_published_calendars():
    import exchange_calendars

    from eventstudy.prices import exchanges

    warnings.simplefilter("ignore")  # the calendar package's own use of pandas
    noon, checked = pd.Timestamp("2025-01-15 12:00"), 0
    for mic, _, zone in exchanges._EXCHANGES.values():
        try:
            book = exchange_calendars.get_calendar(mic, start="2025-01-02", end="2025-02-28")
        except Exception:
            continue  # Athens and Tel Aviv fail with pandas 3.1, whatever is asked
        assert noon.tz_localize(zone).utcoffset() == noon.tz_localize(str(book.tz)).utcoffset(), mic
        checked += 1
    assert checked > 30


def test_cached_sessions_equal_the_published_calendars():
    cached = read_sessions(bundled("deepseek"))
    for exchange in ("XNYS", "XTKS", "XAMS", "XTAI"):
        own = calendar(exchange, dt.date(2023, 1, 3), dt.date(2025, 12, 31), cached)
        published = calendar(exchange, dt.date(2023, 1, 3), dt.date(2025, 12, 31))
        # Taipei did not open on two days that its published calendar holds.
        shut = ["2023-01-18", "2024-10-31"] if exchange == "XTAI" else []
        kept = ~published.sessions.isin(pd.to_datetime(shut))
        pd.testing.assert_index_equal(own.sessions, published.sessions[kept], check_names=False)
        pd.testing.assert_index_equal(own.closes, published.closes[kept], check_names=False)
        assert own.sessions.dtype == "datetime64[ns]"
        assert own.closes.dtype == "datetime64[ns, UTC]"


def test_closed_days_and_closing_times():
    new_york = calendar("XNYS", dt.date(2025, 1, 17), dt.date(2025, 1, 28))
    days = [str(d.date()) for d in new_york.sessions]
    # Martin Luther King Day is 20 January 2025; the exchange closes at 16:00, 21:00 in UTC.
    assert days == [f"2025-01-{d}" for d in (17, 21, 22, 23, 24, 27, 28)]
    assert new_york.closes[0] == pd.Timestamp("2025-01-17 21:00", tz="UTC")
    taipei = calendar("XTAI", dt.date(2025, 1, 20), dt.date(2025, 2, 3))
    assert [str(d.date()) for d in taipei.sessions] == ["2025-01-20", "2025-01-21", "2025-01-22", "2025-02-03"]


def test_a_span_without_sessions_is_empty():
    assert len(calendar("XNYS", dt.date(2025, 1, 25), dt.date(2025, 1, 26)).sessions) == 0


def test_outside_the_cache_the_published_calendar_is_taken():
    cached = read_sessions(bundled("deepseek"))
    early = calendar("XNYS", dt.date(2022, 12, 1), dt.date(2023, 1, 31), cached)
    assert early.sessions[0] == pd.Timestamp("2022-12-01")
    london = calendar("XLON", dt.date(2024, 12, 24), dt.date(2024, 12, 27), cached)
    assert [d.day for d in london.sessions] == [24, 27]


def test_unknown_exchange_lists_the_known():
    with pytest.raises(UnknownNameError, match="XNYS"):
        calendar("XNYX", dt.date(2025, 1, 1), dt.date(2025, 1, 31))
    with pytest.raises(UnknownNameError, match="unknown exchange"):
        time_zone("NOWHERE")


def test_calendar_out_of_reach_is_a_spec_error():
    with pytest.raises(SpecError, match=r"no calendar of XSAU .*: the published one begins on 2021-01-01;"):
        calendar("XSAU", dt.date(1990, 1, 1), dt.date(1990, 12, 31))
    with pytest.raises(SpecError, match=r"no calendar of XSAU .*: the published one ends on 20\d\d-12-31;"):
        calendar("XSAU", dt.date(2090, 1, 1), dt.date(2090, 12, 31))


def test_zone_of_an_exchange_without_a_suffix():
    assert time_zone("CMES") == "America/Chicago"


def test_the_bundled_study_needs_no_calendar_package():
    code = (
        "import sys\n"
        "from eventstudy.objects.prices import PriceQuery\n"
        "from eventstudy.prices import load_panel\n"
        "from eventstudy.files.folders import bundled\n"
        "from eventstudy.prices.snapshot import read_sessions, snapshot\n"
        "from eventstudy.prices.quality import check\n"
        "from eventstudy.prices.reference import load_reference\n"
        "folder = bundled('deepseek')\n"
        "panel, _ = load_panel(snapshot(PriceQuery((), source=folder)), {}, read_sessions(folder))\n"
        "check(panel); load_reference(folder)\n"
        "heavy = {'exchange_calendars', 'yfinance', 'scipy', 'statsmodels', 'plotly', 'pydantic', 'tenacity'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_days_on_which_taipei_did_not_open_are_no_sessions():
    folder = bundled("deepseek")
    panel, issues = load_panel(snapshot(PriceQuery((), source=folder)), {}, read_sessions(folder))
    assert issues == []
    for day in ("2023-01-18", "2024-10-31"):
        assert pd.Timestamp(day) not in panel.calendars["XTAI"].sessions
        assert pd.Timestamp(day) in panel.calendars["XNYS"].sessions
    assert len(panel.calendars["XTAI"].sessions) == len(panel.calendars["XTAI"].closes)
