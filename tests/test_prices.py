"""From rows to a panel: dates, duplicates, partial bars, and a user's own frames."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceQuery, Provenance, RawPrices
from eventstudy.prices import PROVIDERS, load_panel
from eventstudy.prices.frames import from_frame
from eventstudy.prices.quality import check
from eventstudy.prices.snapshot import read_sessions
from eventstudy.returns import returns_on

SESSIONS = read_sessions(bundled("deepseek"))
DAYS = pd.DatetimeIndex(["2025-01-23", "2025-01-24", "2025-01-27", "2025-01-28"], name="date")
CLOSES = pd.DataFrame({"NVDA": [147.22, 142.62, 118.42, 128.99], "AVGO": [240.0, 244.7, 202.13, 207.0]}, index=DAYS)


def panel_of(frame: pd.DataFrame, **options):
    """The panel of a frame, and its issues but the note that a wide one does not name its basis."""
    panel, issues = load_panel(from_frame(frame), {}, SESSIONS, **options)
    return panel, [i for i in issues if i.code != "basis_assumed"]


def long_frame() -> pd.DataFrame:
    return CLOSES.melt(var_name="ticker", value_name="close", ignore_index=False).reset_index()


def test_providers_share_one_signature():
    assert list(PROVIDERS) == ["snapshot", "files", "yahoo"]
    for name, provider in PROVIDERS.items():
        with pytest.raises(SpecError):
            provider.read(PriceQuery(()))
        assert provider.read.__doc__, name


# ------------------------------------------------------------------------------------------------------- forms of dates
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_unit_becomes_nanoseconds(unit):
    panel, issues = panel_of(CLOSES.set_axis(DAYS.as_unit(unit)))
    assert panel.close.index.dtype == "datetime64[ns]"
    assert panel.close.index.tz is None
    assert issues == []
    np.testing.assert_array_equal(panel.close["NVDA"], CLOSES["NVDA"])


@pytest.mark.parametrize(
    "index",
    [
        DAYS.tz_localize("America/New_York"),
        DAYS.tz_localize("America/New_York").tz_convert("UTC"),
        DAYS.tz_localize("America/New_York").tz_convert("Asia/Tokyo"),
        DAYS.tz_localize("UTC"),
        DAYS + pd.Timedelta(hours=16),
        (DAYS + pd.Timedelta(hours=16)).tz_localize("America/New_York"),
        (DAYS + pd.Timedelta(hours=21)).tz_localize("UTC"),
        pd.Index([d.date() for d in DAYS], dtype=object),
        pd.Index([str(d.date()) for d in DAYS]),
        pd.Index([d.strftime("%Y%m%d") for d in DAYS]),
        pd.Index([f"{d.date()} 00:00:00-05:00" for d in DAYS]),
        pd.PeriodIndex(DAYS, freq="D"),
    ],
    ids=str,
)
def test_every_way_to_write_a_day(index):
    panel, _ = panel_of(CLOSES.set_axis(index))
    assert panel.close.index.equals(DAYS)


def test_a_zoned_moment_is_the_local_day_of_its_exchange():
    """27 January, 15:00 in Tokyo is 06:00 in UTC, and still the 26th, 22:00, in Los Angeles."""
    moments = pd.DatetimeIndex(["2025-01-24 06:00", "2025-01-27 06:00"], tz="UTC").tz_convert("America/Los_Angeles")
    panel, _ = panel_of(pd.DataFrame({"8035.T": [1.0, 2.0]}, index=moments))
    assert [str(d.date()) for d in panel.close.index] == ["2025-01-24", "2025-01-27"]


def test_offsets_that_change_with_summer_time():
    texts = ["2025-03-07 00:00:00-05:00", "2025-03-10 00:00:00-04:00"]
    panel, _ = panel_of(pd.DataFrame({"NVDA": [1.0, 2.0]}, index=texts))
    assert [str(d.date()) for d in panel.close.index] == ["2025-03-07", "2025-03-10"]
    closes = ["2025-03-07 16:00:00-05:00", "2025-03-10 16:00:00-04:00"]
    panel, _ = panel_of(pd.DataFrame({"NVDA": [1.0, 2.0]}, index=closes))
    assert [str(d.date()) for d in panel.close.index] == ["2025-03-07", "2025-03-10"]


@pytest.mark.parametrize("text", ["27/01/25", "01-02-2025", "2025-02-30", "yesterday", "2025-01", ""])
def test_ambiguous_and_impossible_dates_are_refused(text):
    with pytest.raises(SpecError, match=r"the dates, row 0: .*(write days as 2025-01-27|fill it in)"):
        from_frame(CLOSES.set_axis([text, "2025-01-24", "2025-01-27", "2025-01-28"]))


def test_a_row_without_a_date():
    frame = long_frame()
    frame.loc[2, "date"] = pd.NaT
    with pytest.raises(SpecError, match="row 2: no date here"):
        panel_of(frame)


# ------------------------------------------------------------------------------------------------------ forms of frames
def test_wide_long_and_two_levels_say_the_same():
    wide, _ = panel_of(CLOSES)
    two = pd.concat({"Close": CLOSES, "Open": CLOSES * 0.99, "Volume": CLOSES * 0 + 7}, axis=1)
    for frame in (
        long_frame(),
        long_frame().sample(frac=1, random_state=3),
        long_frame().set_index("date"),
        long_frame().set_index(["date", "ticker"]),
        long_frame().rename(columns={"ticker": "Symbol", "date": "Date", "close": "Close"}),
        CLOSES.reset_index(),
        CLOSES.set_axis(DAYS.rename(None)),
        two,
        two.swaplevel(axis=1),
        two.swaplevel(axis=1).sort_index(axis=1).rename_axis(columns=["Ticker", "Price"]),
    ):
        panel, issues = panel_of(frame)
        pd.testing.assert_frame_equal(panel.close, wide.close)
        assert [i for i in issues if not i.code.startswith("basis_")] == []
    panel, _ = panel_of(two)
    assert (panel.volume == 7).all(axis=None)
    assert panel.adj_close.isna().all(axis=None)


def test_long_with_adjusted_closes_and_volume():
    frame = long_frame().assign(**{"Adj Close": lambda d: d["close"] - 1, "volume": 5, "High": 0.0})
    panel, _ = panel_of(frame)
    np.testing.assert_allclose(panel.adj_close, panel.close - 1)
    assert (panel.volume == 5).all(axis=None)


def test_the_frame_given_is_not_changed():
    frame = long_frame()
    before = frame.copy(deep=True)
    panel_of(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_integer_prices_and_missing_ones():
    frame = CLOSES.round().astype("Int64")
    frame.iloc[1, 0] = pd.NA
    panel, _ = panel_of(frame)
    assert np.isnan(panel.close.loc["2025-01-24", "NVDA"])
    assert panel.close["AVGO"].notna().all()
    assert panel.close["NVDA"].dtype == np.float64


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        (pd.DataFrame(), MissingPriceError, "is empty"),
        ([1, 2], SpecError, "have to be a DataFrame, got list"),
        (CLOSES.reset_index(drop=True), SpecError, "frame: no dates: give them as the index"),
        (CLOSES.assign(NVDA=["a", "b", "c", "d"]), SpecError, "frame, row 0: 'a' in column 'NVDA' is not a number"),
        (long_frame().assign(pe=1.0), SpecError, "columns that are not known: pe"),
        (long_frame().drop(columns="close"), SpecError, "needs the columns date and close"),
        (long_frame().drop(columns="date"), SpecError, "needs the columns date and close"),
        (long_frame().assign(Close=1.0), SpecError, "more than one column for close"),
        (long_frame().assign(ticker=[None] * 8), SpecError, "names no ticker .8 rows without one"),
        (
            pd.DataFrame({"Open": 1.0, "High": 1.0, "Low": 1.0, "Close": 1.0, "Volume": 1}, index=DAYS),
            SpecError,
            "bars of one security without its name",
        ),
    ],
)
def test_frames_that_are_refused(frame, error, message):
    with pytest.raises(error, match=message):
        from_frame(frame)


def test_a_ticker_called_na_is_a_ticker():
    panel, _ = panel_of(CLOSES.rename(columns={"NVDA": "NA"}))
    assert panel.tickers == ("AVGO", "NA")


# -------------------------------------------------------------------------------------------------- duplicates, partial
def test_identical_duplicates_are_dropped_and_said():
    frame = long_frame()
    panel, issues = panel_of(pd.concat([frame, frame.iloc[[2, 3]]]))
    assert [(i.code, i.severity, i.ticker) for i in issues] == [("duplicate_row", "warning", "NVDA")]
    assert "2 day(s)" in issues[0].detail
    assert str(issues[0].date) == "2025-01-27"
    pd.testing.assert_frame_equal(panel.close, panel_of(frame)[0].close)


def test_conflicting_duplicates_are_fatal():
    frame = long_frame()
    other = frame.iloc[[2]].assign(close=1184.2)
    panel, issues = panel_of(pd.concat([frame, other]))
    assert [(i.code, i.severity, i.ticker) for i in issues] == [("conflicting_duplicate", "fatal", "NVDA")]
    assert panel.close.loc["2025-01-27", "NVDA"] == 118.42


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_two_moments_of_one_day_are_refused(layout):
    stamps = pd.DatetimeIndex(["2025-01-27 15:00", "2025-01-27 16:00"])
    frame = pd.DataFrame({"NVDA": [120.0, 118.42]}, index=stamps)
    if layout == "long":
        frame = pd.DataFrame({"ticker": "NVDA", "date": stamps, "close": [120.0, 118.42]})
    with pytest.raises(SpecError, match=r"several times of one day .15:00:00, 16:00:00 on 2025-01-27.*works on days"):
        panel_of(frame)


def test_a_bar_before_its_close_is_dropped_and_said():
    frame = from_frame(CLOSES).frame
    for retrieved, days in (("2025-01-28T20:59:59Z", 3), ("2025-01-28T21:00:00Z", 4), ("2025-01-28T15:30:00-05:00", 3)):
        raw = RawPrices(frame, Provenance("yahoo", "a test", retrieved=retrieved))
        panel, issues = load_panel(raw, {}, SESSIONS)
        assert panel.close["NVDA"].notna().sum() == days
        assert [i.code for i in issues] == (["partial_bar"] * 2 if days == 3 else [])


def test_issues_of_the_provider_are_passed_on():
    from eventstudy.objects.prices import Issue

    mine = Issue("partial_bar", "info", "left out", "NVDA", dt.date(2025, 1, 28))
    raw = RawPrices(from_frame(CLOSES).frame, Provenance("yahoo", "a test"), issues=(mine,))
    assert load_panel(raw, {}, SESSIONS)[1] == [mine]


def test_no_rows_at_all():
    raw = RawPrices(from_frame(CLOSES).frame.iloc[:0], Provenance("files", "nothing.csv"))
    with pytest.raises(MissingPriceError, match=r"nothing\.csv returned no prices"):
        load_panel(raw)


# ------------------------------------------------------------------------------------------------ exchange and currency
def test_exchange_given_by_the_provider_and_by_the_study():
    raw = RawPrices(from_frame(CLOSES).frame, Provenance("files", "x"), {"NVDA": "XTKS"}, {"NVDA": "JPY"})
    panel, _ = load_panel(raw, {}, SESSIONS)
    assert panel.exchange == {"AVGO": "XNYS", "NVDA": "XTKS"}
    assert panel.currency == {"AVGO": "USD", "NVDA": "JPY"}
    panel, _ = load_panel(raw, {"NVDA": "XAMS"}, SESSIONS)
    assert panel.exchange["NVDA"] == "XAMS"
    assert set(panel.calendars) == {"XAMS", "XNYS"}


def test_a_day_that_every_series_lacks_stays_a_session():
    """A lost row must not become a two-day return, nor move day zero."""
    days = pd.DatetimeIndex(SESSIONS.loc[SESSIONS["exchange"] == "XNYS", "date"])
    rng = np.random.default_rng(5)
    whole = pd.DataFrame(100 * np.exp(rng.normal(0, 0.01, (len(days), 2)).cumsum(axis=0)), days, ["AAA", "BBB"])
    panel, issues = panel_of(whole.drop(days[[100, 200]]))
    assert [issue.code for issue in issues] == ["closures_not_stated"]  # said, and left to the user
    sessions = panel.calendars["XNYS"].sessions
    assert len(sessions) == len(days)
    returns = returns_on(panel.close, sessions, "simple").values
    assert returns.isna().any(axis=1).to_numpy().nonzero()[0].tolist() == [0, 100, 101, 200, 201]
    missing = [i for i in check(panel) if i.code == "missing_session"]
    assert {i.ticker for i in missing} == {"AAA", "BBB"}
    assert all(i.severity == "warning" for i in missing)
