"""The Yahoo provider against a server on the loopback address that speaks the chart API: the real parser runs."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from loopback import Vendor, serving, session_to

from eventstudy.errors import MissingPriceError, ProviderError, SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices import yahoo as module
from eventstudy.prices.kept import cache_folder, recall
from eventstudy.prices.quality import check
from eventstudy.prices.snapshot import read_sessions, snapshot, write_snapshot

curl = pytest.importorskip("curl_cffi.requests")
QUERY = PriceQuery(("NVDA", "AVGO"), dt.date(2025, 1, 24), dt.date(2025, 1, 28))


@pytest.fixture
def vendor(monkeypatch, tmp_path) -> Iterator[Vendor]:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving() as state:
        yield state


@pytest.fixture
def session(vendor):
    with session_to(vendor.address) as made:
        yield made


def fetch(session, query=QUERY, **options):
    return module.yahoo(query, session=session, **{"pause": 0.005, "between": 0.0, **options})


# ------------------------------------------------------------------------------------------------------------ what came
def test_bars_of_every_ticker(session, vendor):
    raw = fetch(session)
    assert raw.frame["ticker"].tolist() == ["NVDA"] * 3 + ["AVGO"] * 3
    assert [str(d.date()) for d in raw.frame["date"][:3]] == ["2025-01-24", "2025-01-27", "2025-01-28"]
    assert raw.frame["date"].dtype == "datetime64[ns]"
    assert raw.frame["close"][:3].tolist() == [142.62, 118.42, 128.99]
    np.testing.assert_allclose(raw.frame["adj_close"], 0.99 * raw.frame["close"], atol=1e-6)
    assert raw.currency == {"NVDA": "USD", "AVGO": "USD"}
    assert (raw.provenance.provider, raw.provenance.source) == ("yahoo", "Yahoo Finance")
    assert raw.issues == ()
    assert raw.about["AVGO"] | {"retrieved": ""} == {
        "symbol": "AVGO",
        "exchange": "NMS",
        "time_zone": "America/New_York",
        "instrument": "EQUITY",
        "retrieved": "",
    }
    assert raw.library.startswith("yfinance 1.")
    # The last day is in: the request asks for the day after it, in New York's time.
    asked = vendor.asked[-1][1]
    assert int(asked["period2"][0]) == pd.Timestamp("2025-01-29", tz="America/New_York").timestamp()
    assert asked["interval"] == ["1d"]


def test_dividends_and_splits_come_with_the_bars(session, vendor):
    vendor.script = ["paid"]
    raw = fetch(session)
    assert set(raw.actions) == {"NVDA", "AVGO"}
    paid = raw.actions["AVGO"]
    assert [str(day.date()) for day in paid.index] == ["2025-01-27", "2025-01-28"]
    assert paid["dividend"].tolist() == [0.25, 0.0]
    assert paid["split"].tolist() == [1.0, 1.5]
    vendor.script = ["ok"]
    assert [len(table) for table in fetch(session).actions.values()] == [0, 0]


def test_a_null_row_stays_and_is_missing(session, vendor):
    vendor.script = ["null"]
    raw = fetch(session)
    assert len(raw.frame) == 6
    panel, _ = load_panel(raw, {}, read_sessions(bundled("deepseek")))
    assert np.isnan(panel.close.loc["2025-01-27", "NVDA"])


def test_the_bar_of_an_open_session_is_left_out_and_said(session, vendor):
    raw = fetch(session, now=dt.datetime(2025, 1, 28, 20, 59, tzinfo=dt.UTC))
    assert raw.frame["date"].max() == pd.Timestamp("2025-01-27")
    assert [(i.code, i.ticker, str(i.date)) for i in raw.issues] == [
        ("partial_bar", "NVDA", "2025-01-28"),
        ("partial_bar", "AVGO", "2025-01-28"),
    ]
    assert raw.provenance.retrieved == "2025-01-28T20:59:00Z"
    assert len(fetch(session, now=dt.datetime(2025, 1, 28, 21, 0, tzinfo=dt.UTC)).frame) == 6


def test_without_a_known_exchange_the_day_has_to_be_over(session, vendor):
    query = PriceQuery(("NVDA.QQ",), QUERY.start, QUERY.end)
    raw = fetch(session, query, now=dt.datetime(2025, 1, 28, 23, 0, tzinfo=dt.UTC))
    assert raw.frame["date"].max() == pd.Timestamp("2025-01-27")


def test_fetched_prices_become_a_snapshot(session, vendor, tmp_path):
    raw = fetch(session)
    panel, _ = load_panel(raw, {}, read_sessions(bundled("deepseek")))
    write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    again = snapshot(PriceQuery((), source=tmp_path / "new"))
    assert again.provenance.source.startswith("Yahoo Finance")
    assert len(again.frame) == 6


# -------------------------------------------------------------------------------------------------- trouble that passes
@pytest.mark.parametrize("trouble", ["429", "500", "503"])
def test_trouble_that_passes_is_waited_for(session, vendor, trouble):
    vendor.script = [trouble, trouble, "ok"]
    assert len(fetch(session).frame) == 6


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("429", "too many requests"), ("500", "where data were due"), ("503", "DOWN"), ("html", "where data were due")],
)
def test_trouble_that_stays_ends_after_three_new_attempts(session, vendor, trouble, words):
    vendor.script = [trouble]
    with pytest.raises(ProviderError, match=words) as caught:
        fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert caught.value.retry
    assert caught.value.exit_code == 4
    assert "NVDA" in str(caught.value)
    assert "try again later" in str(caught.value)
    # The library asks a second time itself after a failure, with other cookies.
    attempts = len(vendor.asked) / (1 if trouble == "html" else 2)
    assert attempts == 1 + module.RETRIES


def test_a_timeout_is_waited_for(session, vendor, monkeypatch):
    fetch(session)  # the time zones are known now, so that the next request is the one for prices
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    vendor.script, vendor.asked = ["slow", "ok"], []
    assert len(fetch(session).frame) == 6


def test_patience_has_an_end(session, vendor):
    vendor.script = ["429"]
    began = time.monotonic()
    query = PriceQuery(("NVDA", "AVGO", "AMD", "MU"), QUERY.start, QUERY.end, patience=0.1)
    with pytest.raises(ProviderError, match="MU: not asked any more") as caught:
        fetch(session, query, pause=0.2)
    assert "NVDA, AVGO, AMD: too many requests" in str(caught.value)
    assert time.monotonic() - began < 5
    assert {symbol for symbol, _ in vendor.asked} == {"NVDA", "AVGO", "AMD"}


def test_patience_is_a_number_of_seconds(session):
    with pytest.raises(SpecError, match="above 0, got 0"):
        fetch(session, PriceQuery(("NVDA",), QUERY.start, patience=0.0))


def test_what_came_is_kept_and_only_the_rest_is_asked_again(session, vendor):
    query = PriceQuery(("NVDA", "AVGO", "AMD"), QUERY.start, QUERY.end, patience=0.05)
    vendor.script = ["429 AVGO"]
    now = dt.datetime(2025, 2, 3, 12, tzinfo=dt.UTC)
    with pytest.raises(ProviderError, match=r"did not deliver AVGO\n.*\n2 other tickers were kept") as caught:
        fetch(session, query, now=now)
    assert caught.value.retry
    vendor.script, vendor.asked = ["ok"], []
    raw = fetch(session, query, now=now + dt.timedelta(hours=1))
    assert {symbol for symbol, _ in vendor.asked} == {"AVGO"}
    assert raw.frame["ticker"].tolist() == ["NVDA"] * 3 + ["AVGO"] * 3 + ["AMD"] * 3
    np.testing.assert_array_equal(raw.frame["close"], [142.62, 118.42, 128.99] * 3)
    # The earliest answer decides which sessions had closed; each has its own moment beside it.
    assert raw.provenance.retrieved == "2025-02-03T12:00:00Z"
    assert raw.about["AVGO"]["retrieved"] == "2025-02-03T13:00:00Z"
    vendor.asked = []
    fetch(session, query, now=now)  # what came whole is not kept: the next fetch is a new one
    assert {symbol for symbol, _ in vendor.asked} == {"NVDA", "AVGO", "AMD"}


def test_what_was_kept_serves_for_some_hours_and_the_same_days(session, vendor):
    vendor.script = ["429 AVGO"]
    vendor.dividend = True
    query = PriceQuery(("NVDA", "AVGO"), QUERY.start, QUERY.end, patience=0.05)
    now = dt.datetime(2025, 2, 3, 12, tzinfo=dt.UTC)
    with pytest.raises(ProviderError):
        fetch(session, query, now=now)
    kept = recall(query, "NVDA", now)
    assert kept.meta["symbol"] == "NVDA"
    assert kept.actions["dividend"].tolist() == [0.25]
    assert kept.actions.index[0] == pd.Timestamp("2025-01-27")
    assert recall(query, "NVDA", now + dt.timedelta(hours=13)) is None
    assert recall(query, "NVDA", now - dt.timedelta(hours=1)) is None
    assert recall(PriceQuery(("NVDA",), QUERY.start, dt.date(2025, 1, 29)), "NVDA", now) is None
    for file in (cache_folder() / "answers").iterdir():
        file.write_bytes(file.read_bytes()[:-20])
    assert recall(query, "NVDA", now) is None


def test_a_cache_that_cannot_be_written_is_said(session, vendor, monkeypatch, tmp_path):
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("EVENTSTUDY_CACHE", str(tmp_path / "taken"))
    vendor.script = ["no AVGO"]
    assert len(fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end)).frame) == 3
    vendor.script = ["429 AVGO"]
    with pytest.raises(ProviderError, match="Nothing is kept"):
        fetch(session, PriceQuery(("NVDA", "AVGO"), QUERY.start, QUERY.end, patience=0.05))


# ------------------------------------------------------------------------------------------------ trouble that does not
def test_unknown_symbols_are_all_named(session, vendor):
    vendor.script = ["404"]
    with pytest.raises(MissingPriceError, match="no prices of NVDA, AVGO; check the symbols") as caught:
        fetch(session)
    assert caught.value.exit_code == 3


def test_one_unknown_symbol_fails_the_query(session, vendor):
    vendor.script = ["no AVGO"]
    with pytest.raises(MissingPriceError, match="no prices of AVGO") as caught:
        fetch(session)
    assert "1 other ticker was kept" in str(caught.value)
    assert "NVDA" not in str(caught.value)


def test_one_that_may_be_absent_is_left_out_and_said(session, vendor):
    vendor.script = ["no AVGO"]
    raw = fetch(session, PriceQuery(QUERY.tickers, QUERY.start, QUERY.end, optional=("AVGO",)))
    assert set(raw.frame["ticker"]) == {"NVDA"}
    assert [(i.code, i.severity, i.ticker) for i in raw.issues] == [("not_at_source", "warning", "AVGO")]
    assert "may be delisted" in raw.issues[0].detail  # the vendor's own words


def test_broken_answers(session, vendor):
    vendor.script = ["cut"]
    with pytest.raises(ProviderError, match="the answer was cut off") as caught:
        fetch(session)
    assert caught.value.retry
    assert "NVDA, AVGO" in str(caught.value)


def test_another_security_is_not_taken(session, vendor):
    vendor.script = ["wrong symbol"]
    with pytest.raises(ProviderError, match="the answer is that of XYZ: another security's data") as caught:
        fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert not caught.value.retry
    assert "delisted" not in str(caught.value)


@pytest.mark.parametrize("name", ["currency", "instrumentType", "exchangeTimezoneName", "exchangeName", "symbol"])
def test_a_metadata_field_that_lacks_is_said(session, vendor, name):
    vendor.script = [f"lacks {name}"]
    raw = fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert [str(d.date()) for d in raw.frame["date"]] == ["2025-01-24", "2025-01-27", "2025-01-28"]
    assert [(i.code, i.ticker) for i in raw.issues] == [("metadata_missing", "NVDA")]
    assert name in raw.issues[0].detail
    assert ("the symbol is taken to be the one asked for" in raw.issues[0].detail) is (name == "symbol")
    assert (raw.currency == {}) is (name == "currency")


@pytest.mark.parametrize(
    ("behaviour", "error", "words"),
    [
        ("empty", MissingPriceError, "an answer without any bars between 2025-01-24 and 2025-01-28"),
        ("crumb", ProviderError, "the request was refused: Invalid Crumb"),
        ("list", ProviderError, "not of the form that is known"),
    ],
)
def test_an_answer_without_bars_is_called_what_it_is(session, vendor, behaviour, error, words):
    vendor.script = [behaviour]
    with pytest.raises(error, match=words) as caught:
        fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end, patience=0.05))
    assert "delisted" not in str(caught.value)


def test_an_answer_from_another_part_of_the_world_is_said(session, vendor):
    raw = fetch(session, PriceQuery(("SAP.DE",), QUERY.start, QUERY.end))  # the answer says New York
    said = [(i.code, i.severity, i.ticker) for i in raw.issues]
    assert said == [("currency_unlike", "warning", "SAP.DE"), ("exchange_unlike", "warning", "SAP.DE")]
    assert "in America/New_York, and the sessions are those of XETR in Europe/Berlin" in raw.issues[1].detail
    vendor.script = ["pence"]
    assert fetch(session, PriceQuery(("SHEL.L",), QUERY.start, QUERY.end)).issues == ()


def test_pence_stay_pence(session, vendor, tmp_path):
    vendor.script = ["pence"]
    raw = fetch(session, PriceQuery(("SHEL.L",), QUERY.start, QUERY.end))
    assert raw.currency == {"SHEL.L": "GBp"}
    assert raw.issues == ()
    panel, _ = load_panel(raw, {})
    write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    again = snapshot(PriceQuery((), source=tmp_path / "new"))
    assert again.currency == {"SHEL.L": "GBp"}
    assert again.about == raw.about
    assert again.library == raw.library


def test_another_currency_than_is_usual_there_is_said(session, vendor):
    vendor.script = ["pence"]
    raw = fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    (said,) = (i for i in raw.issues if i.code == "currency_unlike")
    assert (raw.currency, said.ticker) == ({"NVDA": "GBp"}, "NVDA")
    assert "in GBp" in said.detail
    assert said.detail.endswith("usual there is USD")


def test_a_hole_and_a_last_row_given_twice(session, vendor):
    vendor.script = ["hole"]
    raw = fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert [str(d.date()) for d in raw.frame["date"]] == ["2025-01-24", "2025-01-28"]
    panel, _ = load_panel(raw, {}, read_sessions(bundled("deepseek")))
    assert "missing_session" in {i.code for i in check(panel)}
    vendor.script = ["twice"]
    raw = fetch(session, PriceQuery(("NVDA",), QUERY.start, QUERY.end))
    assert raw.frame["close"].tolist() == [142.62, 118.42, 128.99]


def test_no_network(vendor):
    class Nowhere(curl.Session):
        def request(self, method, url, *args, **options):
            return super().request(method, "http://no-such-host.invalid/", *args, **options)

    with Nowhere(trust_env=False) as nowhere, pytest.raises(ProviderError, match="server cannot be reached") as caught:
        fetch(nowhere)
    assert caught.value.retry
    assert "AVGO: not asked any more" in str(caught.value)
    assert vendor.asked == []


def test_a_blocked_connection(vendor):
    """Without a session of ours every request meets the proxy that is not there."""
    with curl.Session() as plain, pytest.raises(ProviderError, match="did not deliver NVDA, AVGO"):
        fetch(plain)
    assert vendor.asked == []


@pytest.mark.parametrize("query", [PriceQuery(()), PriceQuery((), QUERY.start), PriceQuery(("NVDA",))])
def test_a_query_without_tickers_or_first_day(query):
    with pytest.raises(SpecError, match="at least one ticker and a first day"):
        module.yahoo(query)


# ------------------------------------------------------------------------------------------------------------ manners
def test_the_library_is_left_as_it_was(session, vendor):
    import logging

    import yfinance

    before = (yfinance.config.debug.hide_exceptions, logging.getLogger("yfinance").level)
    vendor.script = ["404"]
    with pytest.raises(MissingPriceError):
        fetch(session)
    assert (yfinance.config.debug.hide_exceptions, logging.getLogger("yfinance").level) == before


def test_nothing_is_printed(session, vendor, capfd):
    vendor.script = ["429", "ok"]
    fetch(session)
    assert capfd.readouterr() == ("", "")
