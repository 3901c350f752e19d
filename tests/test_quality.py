"""Each quality check finds its own defect, says it once, and leaves sound prices alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import QualityError, SpecError
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import Issue, PricePanel, PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices.frames import from_frame
from eventstudy.prices.quality import QUALITY_CHECKS, check, too_short
from eventstudy.prices.shifts import MAX_SHIFT, correlations
from eventstudy.prices.snapshot import read_sessions, snapshot

SESSIONS = read_sessions(bundled("deepseek"))
NEW_YORK = pd.DatetimeIndex(SESSIONS.loc[SESSIONS["exchange"] == "XNYS", "date"])


@pytest.fixture(scope="module")
def real() -> tuple[PricePanel, list[Issue]]:
    folder = bundled("deepseek")
    panel, issues = load_panel(snapshot(PriceQuery((), source=folder)), {}, SESSIONS)
    return panel, [*issues, *check(panel)]


def simulated(days: pd.DatetimeIndex = NEW_YORK, seed: int = 7) -> pd.DataFrame:
    """An index and four shares with betas of 1 and noise of the index's own size: correlations about 0.7."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0004, 0.01, len(days))
    shares = market[:, None] + rng.normal(0, 0.01, (len(days), 4))
    levels = 100 * np.exp(np.column_stack([market, shares]).cumsum(axis=0))
    return pd.DataFrame(levels, index=days, columns=["^IXIC", "AAA", "BBB", "CCC", "DDD"])


def found(frame: pd.DataFrame, *codes: str) -> list[Issue]:
    """Issues of a frame of closes, without the notes that it has no adjusted ones."""
    panel, issues = load_panel(from_frame(frame), {}, SESSIONS)
    issues = [*issues, *check(panel)]
    return [i for i in issues if (i.code in codes if codes else not i.code.startswith("basis_"))]


def codes(issues: list[Issue]) -> list[tuple[str, str, str | None]]:
    return [(i.code, i.severity, i.ticker) for i in issues]


# ----------------------------------------------------------------------------------------------------------- real data
def test_the_bundled_prices_have_no_fatal_issue_and_a_short_true_list(real):
    _, issues = real
    assert not [i for i in issues if i.severity == "fatal"]
    warnings = {(i.code, i.ticker): i for i in issues if i.severity == "warning"}
    # The index is computed on 1 May while Amsterdam is closed; TLN was traded over the counter.
    assert set(warnings) == {("closed_day", "^STOXX50E"), ("stale_run", "TLN")}
    assert "2023-05-01, 2024-05-01, 2025-05-01" in warnings["closed_day", "^STOXX50E"].detail
    assert {i.code for i in issues if i.severity == "info"} >= {"looks_ahead", "series_ends", "basis_missing"}
    no_close = {i.ticker for i in issues if i.detail.startswith("no close at all")}
    assert no_close == {"TSM", "VRT", "SOXX", "SMH", "XLK", "XLU", "RSP", "QQQE", "8035.T", "6857.T"}
    assert {i.ticker for i in issues if i.detail.startswith("no adj_close at all")} == {"ASML.AS"}
    assert {i.ticker: str(i.date) for i in issues if i.code == "series_ends"} == {
        "ASML.AS": "2025-04-15",
        "QQQ": "2025-09-19",
    }


def test_every_check_runs_alone_and_has_a_docstring(real):
    panel, _ = real
    for name, card in QUALITY_CHECKS.items():
        issues = card.find(panel)
        assert all(isinstance(i, Issue) for i in issues), name
        order = ["info", "warning", "fatal"]
        assert all(order.index(i.severity) <= order.index(card.severity) for i in issues), name
        assert card.find.__doc__


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (lambda panel: None, r"the quality check 'mine' returned None; a list of Issue is due"),
        (lambda panel: ["no"], r"returned \['no'\]; a list of Issue is due"),
        (lambda panel: panel.nothing, r"the quality check 'mine' failed with AttributeError"),
        (5, r"the quality check 'mine' is 5; a Check or a function of a PricePanel is due"),
    ],
)
def test_a_check_of_ones_own_that_is_wrong_is_named(monkeypatch, mine, words):
    monkeypatch.setitem(QUALITY_CHECKS, "mine", mine)
    with pytest.raises(SpecError, match=words):
        found(simulated())


def test_a_check_of_ones_own_is_heard(monkeypatch):
    mine = Issue("mine", "info", "seen")
    monkeypatch.setitem(QUALITY_CHECKS, "mine", lambda panel: [mine])
    assert mine in found(simulated())


def test_sound_prices_have_no_issue():
    assert found(simulated()) == []


def test_checks_do_not_change_the_panel():
    panel, _ = load_panel(from_frame(simulated()), {}, SESSIONS)
    before = panel.close.copy(deep=True)
    check(panel)
    pd.testing.assert_frame_equal(panel.close, before)


# ------------------------------------------------------------------------------------------------------- calendar
def test_one_price_on_a_holiday_is_a_warning():
    frame = simulated()
    day = pd.Timestamp("2025-01-20")
    frame.loc[day] = [np.nan, frame.loc[:day, "AAA"].iloc[-1], np.nan, np.nan, np.nan]
    (issue,) = found(frame.sort_index())
    assert codes([issue]) == [("closed_day", "warning", "AAA")]
    assert str(issue.date) == "2025-01-20"


def test_monday_to_friday_prices_are_fatal():
    """Holidays filled with the price before: the calendar is not the exchange's."""
    days = pd.bdate_range("2023-01-03", "2025-12-31")
    issues = found(simulated().reindex(days).ffill(), "closed_day")
    assert codes(issues) == [("closed_day", "fatal", t) for t in ("AAA", "BBB", "CCC", "DDD", "^IXIC")]
    # All weekdays but the exchange's holidays, counted from its sessions.
    assert f"{len(days.difference(NEW_YORK))} of {len(days)} prices" in issues[0].detail


def test_rows_copied_onto_weekdays_are_fatal():
    """The mistake of a published study: row by row onto a Monday-to-Friday calendar, holidays and all."""
    frame = simulated()
    frame.index = pd.bdate_range("2023-01-03", periods=len(frame))
    assert {i.severity for i in found(frame, "closed_day")} == {"fatal"}


def test_weekend_prices():
    frame = simulated()
    saturdays = pd.date_range("2025-01-04", periods=20, freq="W-SAT")
    extra = pd.DataFrame(100.0, index=saturdays, columns=frame.columns)
    issues = found(pd.concat([frame, extra]).sort_index(), "closed_day")
    assert [i.severity for i in issues] == ["fatal"] * 5


def test_missing_sessions_are_counted_once():
    frame = simulated()
    frame.loc["2024-03-04":"2024-03-08", "BBB"] = np.nan
    (issue,) = found(frame)
    assert codes([issue]) == [("missing_session", "warning", "BBB")]
    assert issue.detail == f"5 of {len(frame)} sessions have no price: 2024-03-04, 2024-03-05, 2024-03-06 ..."


def test_days_before_the_first_price_are_not_missing():
    frame = simulated()
    frame.loc[:"2023-09-13", "BBB"] = np.nan
    assert found(frame) == []


def test_a_series_that_stops_is_said():
    frame = simulated()
    frame.loc["2025-09-20":, "BBB"] = np.nan
    (issue,) = found(frame)
    assert codes([issue]) == [("series_ends", "info", "BBB")]
    assert "prices end on 2025-09-19" in issue.detail


def test_too_short():
    frame = simulated()
    frame.loc[:"2024-12-01", "BBB"] = np.nan
    rows = int(frame["BBB"].notna().sum())
    assert rows < 272  # what the default windows need, from day -261 to day +10
    assert codes(found(frame)) == [("short_series", "warning", "BBB")]
    panel, _ = load_panel(from_frame(frame), {}, SESSIONS)
    assert codes(too_short(panel, rows)) == []
    assert codes(too_short(panel, rows + 1)) == [("short_series", "warning", "BBB")]


# ----------------------------------------------------------------------------------------------------------- values
@pytest.mark.parametrize("value", [0.0, -1.0, np.inf])
def test_impossible_prices_are_fatal(value):
    frame = simulated()
    frame.loc["2024-03-04", "CCC"] = value
    issues = found(frame, "non_positive")
    assert codes(issues) == [("non_positive", "fatal", "CCC")]
    assert str(issues[0].date) == "2024-03-04"


def test_a_column_without_prices_is_fatal():
    frame = simulated().assign(EEE=np.nan)
    assert codes(found(frame)) == [("no_prices", "fatal", "EEE")]


def test_negative_volume_is_a_warning():
    rows = simulated()[["AAA"]].melt(var_name="ticker", value_name="close", ignore_index=False).assign(volume=1.0)
    rows.iloc[5, -1] = -3.0
    assert codes(found(rows.reset_index())) == [("non_positive", "warning", "AAA")]


def test_stale_runs_of_a_series_that_hardly_ever_stands_still():
    frame = simulated()
    at = frame.index.get_loc("2024-03-04")
    frame.iloc[at : at + 3, 1] = frame.iloc[at, 1]
    assert found(frame) == []
    frame.iloc[at : at + 5, 1] = frame.iloc[at, 1]
    (issue,) = found(frame)
    assert codes([issue]) == [("stale_run", "warning", "AAA")]
    assert "the longest 5 sessions from 2024-03-04" in issue.detail


def test_both_bases_are_told_apart():
    wide = simulated()[["AAA", "BBB"]]
    rows = wide.melt(var_name="ticker", value_name="close", ignore_index=False).reset_index()
    rows = rows.rename(columns={rows.columns[0]: "date"}).assign(adj_close=lambda d: d["close"])
    rows.loc[rows["ticker"] == "AAA", "close"] = np.nan
    late = (rows["ticker"] == "BBB") & (rows["date"] > "2025-12-01")
    rows.loc[late, "adj_close"] = np.nan
    issues = found(rows, "basis_missing")
    assert codes(issues) == [("basis_missing", "info", "AAA"), ("basis_missing", "info", "BBB")]
    assert issues[0].detail == "no close at all; adj_close is used where it is asked for"
    assert issues[1].detail.startswith(f"{int(late.sum())} day(s) have close but no adj_close")


# ----------------------------------------------------------------------------------------------------------- splits
def rows_of(panel: PricePanel, ticker: str) -> pd.DataFrame:
    columns = {"close": panel.close[ticker], "adj_close": panel.adj_close[ticker], "volume": panel.volume[ticker]}
    return pd.DataFrame(columns).dropna(how="all").assign(ticker=ticker).rename_axis("date").reset_index()


@pytest.mark.parametrize(
    ("bases", "code"),
    [(["close"], "bases_apart"), (["adj_close"], "bases_apart"), (["close", "adj_close"], "split_jump")],
    ids=str,
)
def test_an_unadjusted_ten_for_one_split_in_real_prices(real, bases, code):
    """NVDA as it was before the split of 10 June 2024 was taken back: ten times the price, a tenth of the volume."""
    rows = rows_of(real[0], "NVDA")
    before = rows["date"] < "2024-06-10"
    rows.loc[before, bases] *= 10
    rows.loc[before, "volume"] /= 10
    issues = found(rows, "split_jump", "bases_apart")
    assert (code, "fatal", "NVDA") in codes(issues)
    assert {(i.severity, str(i.date)) for i in issues if i.severity != "info"} == {("fatal", "2024-06-10")}
    assert code == "bases_apart" or any("10:1" in i.detail for i in issues if i.severity == "fatal")


@pytest.mark.parametrize(
    ("ratio", "own_move", "severity"),
    [
        (0.1, 0.0, "fatal"),
        (20.0, 0.015, "fatal"),
        (2.0, 0.0, "warning"),
        (1.5, 0.0, "warning"),
        (1.25, 0.0, "warning"),
        (5.0, 0.06, "warning"),
    ],
)
def test_splits_in_closes_alone(ratio, own_move, severity):
    """Levels before 3 June 2024 are `ratio` times what they should be, and the share moves that day on its own."""
    frame = simulated()
    at = frame.index.get_loc("2024-06-03")
    step = frame["DDD"].iloc[at] / frame["DDD"].iloc[at - 1]
    frame.iloc[:at, 4] *= ratio * step * np.exp(-own_move)
    (issue,) = found(frame)
    assert codes([issue]) == [("split_jump", severity, "DDD")]
    assert str(issue.date) == "2024-06-03"


def test_the_real_moves_of_the_day_are_no_splits(real):
    """-17 % (NVDA), -30 % (VRT), +26 % and -33 % (SMCI in 2024), with both bases or one."""
    panel, issues = real
    assert not [i for i in issues if i.code == "split_jump" and i.severity != "info"]
    smci = panel.close["SMCI"].pct_change(fill_method=None)
    assert smci.min() < -0.32  # within 2 % of a 3:2 split, and real: both bases say so
    assert abs(abs(np.log1p(smci.min())) - np.log(1.5)) < 0.02


@pytest.mark.parametrize("fall", [0.17, 0.25, 0.40, 0.60])
def test_a_real_fall_stops_nothing_and_with_its_volume_is_not_noticed(fall):
    rows = simulated().melt(var_name="ticker", value_name="close", ignore_index=False).reset_index(names="date")
    days = pd.Index(rows["date"].unique())
    after = (rows["ticker"] == "DDD") & (rows["date"] >= "2024-06-03")
    rows.loc[after, "close"] *= 1 - fall
    assert not [i for i in found(rows, "split_jump") if i.severity == "fatal"]
    rows["volume"] = np.where(after & (rows["date"] == days[days >= "2024-06-03"][0]), 4000.0, 1000.0)
    assert found(rows, "split_jump") == []


def test_a_crash_with_the_volume_of_one_is_no_split():
    wide = simulated()[["AAA", "DDD"]]
    rows = wide.melt(var_name="ticker", value_name="close", ignore_index=False).reset_index(names="date")
    rows["volume"] = 1000.0
    after = (rows["ticker"] == "DDD") & (rows["date"] >= "2024-06-03")
    at = wide.index.get_loc("2024-06-03")
    rows.loc[after, "close"] *= wide["DDD"].iloc[at - 1] / wide["DDD"].iloc[at] / 3
    assert codes(found(rows, "split_jump")) == [("split_jump", "fatal", "DDD")]
    rows.loc[after & (rows["date"] == "2024-06-03"), "volume"] = 20000.0
    assert found(rows, "split_jump") == []


@pytest.mark.parametrize("others", [["^IXIC"], ["^IXIC", "AAA"], ["AAA"]])
def test_a_fall_of_one_is_not_that_of_its_few_companions(others):
    """A biotech share falls by 60 and by 85 % with the volume of it, beside an index or a share that does not."""
    rows = simulated()[[*others, "DDD"]].melt(var_name="ticker", value_name="close", ignore_index=False)
    rows = rows.reset_index(names="date")
    rows["volume"] = 1000.0
    for day, fall in (("2024-03-04", 0.60), ("2024-06-03", 0.85)):
        rows.loc[(rows["ticker"] == "DDD") & (rows["date"] >= day), "close"] *= 1 - fall
        rows.loc[(rows["ticker"] == "DDD") & (rows["date"] == day), "volume"] = 30000.0
    assert found(rows, "split_jump") == []
    rows.loc[rows["date"] >= "2024-09-03", "close"] *= 0.4  # but all at once in another unit
    together = [i for i in found(rows, "split_jump") if i.ticker is None]
    assert [(i.severity, str(i.date)) for i in together] == [("fatal", "2024-09-03")]


def test_a_market_that_jumps_twice_is_said_twice():
    frame = simulated()
    frame.loc["2024-03-04":] *= 0.6
    frame.loc["2024-09-03":] *= 0.1
    together = [i for i in found(frame, "split_jump") if i.ticker is None]
    assert [(i.severity, str(i.date)) for i in together] == [("warning", "2024-03-04"), ("fatal", "2024-09-03")]


# ----------------------------------------------------------------------------------------------------------- shifts
def test_correlations_against_a_plain_loop():
    rng = np.random.default_rng(2)
    returns, reference = rng.normal(size=(120, 3)), rng.normal(size=120)
    returns[rng.random((120, 3)) < 0.2] = np.nan
    reference[rng.random(120) < 0.1] = np.nan
    table = correlations(returns, reference)
    for shift in range(-MAX_SHIFT, MAX_SHIFT + 1):
        moved = pd.Series(reference).shift(shift)
        for column in range(3):
            both = pd.concat([pd.Series(returns[:, column]), moved], axis=1).dropna()
            expected = np.corrcoef(both.T)[0, 1] if len(both) >= 60 else np.nan
            np.testing.assert_allclose(table[shift + MAX_SHIFT, column], expected, atol=1e-12)


@pytest.mark.parametrize("shift", [1, -1, 5, 17, -20])
def test_a_shifted_series_is_found(shift):
    frame = simulated()
    frame["CCC"] = frame["CCC"].shift(shift)
    (issue,) = found(frame, "shifted_calendar")
    assert codes([issue]) == [("shifted_calendar", "fatal", "CCC")]
    assert f"{abs(shift)} session(s) {'late' if shift > 0 else 'early'}" in issue.detail


def test_a_shifted_index_is_named_itself():
    frame = simulated()
    frame["^IXIC"] = frame["^IXIC"].shift(3)
    (issue,) = found(frame, "shifted_calendar")
    assert issue.ticker == "^IXIC"
    assert "4 of 4 series" in issue.detail
    assert "3 session(s) late" in issue.detail


def test_without_an_index_the_others_are_the_measure():
    frame = simulated().drop(columns="^IXIC")
    frame["CCC"] = frame["CCC"].shift(2)
    assert ("shifted_calendar", "fatal", "CCC") in codes(found(frame))


def test_a_shifted_real_series_among_all_the_others(real):
    rows = pd.concat([rows_of(real[0], t) for t in ("NVDA", "AVGO", "MSFT", "^IXIC", "^VIX", "8035.T", "^N225")])
    assert found(rows, "shifted_calendar") == []
    moved = rows.copy()
    for ticker in ("NVDA", "8035.T"):
        mine = moved["ticker"] == ticker
        moved.loc[mine, ["close", "adj_close"]] = moved.loc[mine, ["close", "adj_close"]].shift(17)
    assert {i.ticker for i in found(moved, "shifted_calendar")} == {"NVDA", "8035.T"}


def test_unrelated_series_are_not_shifted():
    rng = np.random.default_rng(11)
    frame = simulated()
    for name in ("AAA", "BBB"):
        frame[name] = 100 * np.exp(rng.normal(0, 0.01, len(frame)).cumsum())
    assert found(frame, "shifted_calendar") == []


@pytest.mark.parametrize(("rule", "words"), [("W-FRI", "week"), ("W-SUN", "week"), ("ME", "month"), ("QE", "quarter")])
def test_bars_longer_than_a_day_say_what_to_write(rule: str, words: str) -> None:
    days = pd.bdate_range("2019-01-02", "2025-01-31")
    rng = np.random.default_rng(1)
    walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (len(days), 2)), axis=0))
    bars = pd.DataFrame(walk, index=days, columns=["AAA", "SPY"]).resample(rule).last()
    study = {"events": {"AAA": "2023-12-15"}, "benchmark": "SPY", "estimation": (-15, -2), "event": (-1, 1)}
    study |= {"windows": [(0, 0)], "tests": ["t"], "volume": "none"}
    said = f"fatal long_bars AAA, SPY: has one price a {words}: .*calendar: own .*count the windows in {words}s"
    with pytest.raises(QualityError, match=said) as refused:
        es.Study(prices=bars, **study).run()
    assert "closed_day" not in str(refused.value)
    assert np.isfinite(es.Study(prices=bars, calendar="own", **study).run().car("AAA"))
    assert es.run_events(prices=bars, **{k: study[k] for k in ("events", "benchmark", "estimation", "event")}).n == 1


def test_a_share_that_hardly_trades_is_not_one_of_weekly_bars() -> None:
    days = pd.bdate_range("2024-01-01", periods=300)
    held = np.random.default_rng(2).random(300) < 0.25
    frame = pd.DataFrame({"AAA": np.where(held, 10.0, np.nan), "SPY": np.linspace(100, 110, 300)}, index=days)
    panel, _ = load_panel(from_frame(frame))
    assert not [issue for issue in check(panel) if issue.code == "long_bars"]


@pytest.mark.parametrize(
    ("exchange", "count", "fall", "severity"),
    [
        ("XNYS", 5, 0.40, "warning"),  # a handful that the same news hit
        ("XNYS", 12, 0.40, "fatal"),  # a market: twice the worst day on record
        ("24/7", 12, 0.40, "warning"),  # coins on 12 March 2020
        ("24/7", 12, 0.90, "fatal"),
    ],
)
def test_a_fall_of_all_series_stops_a_study_only_where_none_ever_was(
    exchange: str, count: int, fall: float, severity: str
) -> None:
    days = pd.date_range("2024-01-01", periods=400) if exchange == "24/7" else NEW_YORK[:400]
    moves = np.random.default_rng(5).normal(0, 0.01, (len(days), count))
    moves[300] += np.log(1 - fall)
    names = [f"C{i:02d}" for i in range(count)]
    frame = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=days, columns=names)
    panel, _ = load_panel(from_frame(frame), dict.fromkeys(names, exchange))
    together = [issue for issue in check(panel) if issue.code == "split_jump" and issue.ticker is None]
    assert [(issue.severity, issue.date) for issue in together] == [(severity, days[300].date())]
