"""The checks of values: each finds its defect in real prices, survives odd panels, and leaves real crashes alone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices import load_panel
from eventstudy.prices.frames import from_frame
from eventstudy.prices.quality import QUALITY_CHECKS, check
from eventstudy.prices.snapshot import read_sessions

SESSIONS = read_sessions(bundled("deepseek"))


def panel_of(frame: pd.DataFrame) -> PricePanel:
    return load_panel(from_frame(frame), {}, SESSIONS)[0]


def loud(panel: PricePanel, *codes: str) -> list[Issue]:
    return [i for i in check(panel) if i.severity != "info" and (not codes or i.code in codes)]


@pytest.mark.parametrize("days", [1, 2, 3, 5, 11, 21, 40, 125])
@pytest.mark.parametrize("kind", ["constant", "missing", "wild", "one", "alternating", "tiny"])
def test_every_check_survives_short_and_odd_panels(days, kind):
    rng = np.random.default_rng(days)
    index = pd.bdate_range("2024-01-02", periods=days)
    values = {
        "constant": np.full((days, 6), 100.0),
        "missing": np.where(rng.random((days, 6)) < 0.6, np.nan, 50.0 + rng.random((days, 6))),
        "wild": np.exp(rng.normal(0, 30, (days, 6))),
        "one": 100 * np.exp(rng.normal(0, 0.02, (days, 1)).cumsum(axis=0)),
        "alternating": np.where(np.arange(days)[:, None] % 2 == 0, 1.0, 100.0) * np.ones((1, 6)),
        "tiny": np.exp(rng.normal(-300, 1, (days, 6))),
    }[kind]
    values[0, 0] = 100.0
    frame = pd.DataFrame(values, index=index, columns=[*"ABCDEF"][: values.shape[1]])
    panel = panel_of(frame)
    for name, card in QUALITY_CHECKS.items():
        assert all(isinstance(issue, Issue) and issue.code in card.codes for issue in card.find(panel)), name


# ----------------------------------------------------------------------------------------------- defects in real prices
CORE = ["NVDA", "AMD", "AVGO", "MSFT", "AAPL", "META", "INTC", "QCOM", "TXN", "MU", "ORCL", "^IXIC", "^GSPC"]
AT = pd.Timestamp("2024-09-17")  # a day without news


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    table = pd.read_csv(bundled("deepseek") / "prices.csv", parse_dates=["date"])
    return table[table["ticker"].isin(CORE)].reset_index(drop=True)


def changed(rows: pd.DataFrame, ticker: str, factor: float, first: object, last: object, *columns: str) -> pd.DataFrame:
    out = rows.copy()
    mine = (out["ticker"] == ticker) & out["date"].between(pd.Timestamp(first), pd.Timestamp(last))
    out.loc[mine, list(columns or ("close", "adj_close"))] *= factor
    return out


def said(frame: pd.DataFrame, *codes: str) -> list[tuple[str, str, str | None]]:
    return [(i.code, i.severity, i.ticker) for i in loud(panel_of(frame), *codes)]


def test_the_real_prices_and_the_crashes_in_them_raise_nothing(rows):
    assert said(rows) == []


@pytest.mark.parametrize("name", ["^GSPC", "^IXIC", "^NDX", "^SOX"])
def test_the_crashes_of_the_long_history_raise_nothing(name):
    """1929, 1987, 2000, 2008 and 2020 among them."""
    history = pd.read_csv(bundled("deepseek") / "index_history.csv", parse_dates=["date"]).set_index("date")
    assert [
        i for i in loud(panel_of(history[[name]].dropna())) if i.code not in ("closed_day", "missing_session")
    ] == []


@pytest.mark.parametrize("factor", [100.0, 0.01, 1000.0])
@pytest.mark.parametrize("last", ["2024-09-17", "2024-09-19"])
def test_a_slip_of_decimals_is_fatal(rows, factor, last):
    assert ("spike", "fatal", "MU") in said(changed(rows, "MU", factor, AT, last), "spike")


@pytest.mark.parametrize(
    "ratio", [1.25, 1.5, 2, 3, 4, 5, 7, 10, 25, 50, 100, 1 / 2, 1 / 10], ids=lambda ratio: f"{ratio:.2f}"
)
def test_an_unadjusted_split_is_heard(rows, ratio):
    assert {t for _, _, t in said(changed(rows, "MSFT", ratio, "2000", AT), "split_jump")} == {"MSFT"}
    one_basis = said(changed(rows, "MSFT", ratio, "2000", AT, "close"), "bases_apart")
    assert {t for _, _, t in one_basis} == {"MSFT"}


def test_one_wrong_adjusted_close_is_heard(rows):
    assert said(changed(rows, "MSFT", 1.02, AT, AT, "adj_close"), "bases_apart") == [("bases_apart", "warning", "MSFT")]


def test_a_straight_line_and_a_stale_stretch_are_heard(rows):
    for code, fill in (("interpolated", np.linspace(1.0, 1.06, 9)), ("stale_run", np.ones(6))):
        out = rows.copy()
        mine = out.index[(out["ticker"] == "AAPL") & (out["date"] >= AT)][: len(fill)]
        out.loc[mine, "close"] = out.loc[mine[0], "close"] * fill
        out.loc[mine, "adj_close"] = out.loc[mine[0], "adj_close"] * fill
        assert said(out, code) == [(code, "warning", "AAPL")]


def test_another_securitys_data_are_heard(rows):
    out = rows.copy()
    theirs = out[out["ticker"] == "AMD"].set_index("date")[["close", "adj_close"]]
    mine = out.index[(out["ticker"] == "QCOM") & (out["date"] >= AT)]
    out.loc[mine, ["close", "adj_close"]] = theirs.reindex(out.loc[mine, "date"]).to_numpy()
    assert {code for code, _, _ in said(out)} >= {"identical_series"}


@pytest.mark.parametrize("shift", [1, -1, 3])
def test_a_part_moved_by_days_is_heard(rows, shift):
    out = rows.copy()
    mine = out.index[(out["ticker"] == "TXN") & (out["date"] >= AT)]
    out.loc[mine, ["close", "adj_close"]] = out.loc[mine, ["close", "adj_close"]].shift(shift).to_numpy()
    assert said(out.dropna(subset=["close"]), "shifted_stretch") == [("shifted_stretch", "warning", "TXN")]


def test_all_series_moved_by_a_day_and_reversed_dates_are_fatal(rows):
    moved, turned = rows.copy(), rows.copy()
    for _, part in rows.groupby("ticker"):
        moved.loc[part.index, ["close", "adj_close"]] = part[["close", "adj_close"]].shift(1).to_numpy()
        turned.loc[part.index, ["close", "adj_close"]] = part[["close", "adj_close"]].to_numpy()[::-1]
    for out in (moved.dropna(subset=["close"]), turned):
        for frame in (out, out[~out["ticker"].str.startswith("^")]):
            assert "held_index" in {code for code, severity, _ in said(frame, "held_index") if severity == "fatal"}
    alone = rows.copy()
    mine = alone.index[alone["ticker"] == "TXN"]
    alone.loc[mine, ["close", "adj_close"]] = alone.loc[mine, ["close", "adj_close"]].to_numpy()[::-1]
    assert ("shifted_calendar", "fatal", "TXN") in said(alone, "shifted_calendar")


def test_zero_volume_and_a_wrong_index_are_heard(rows):
    assert said(changed(rows, "AMD", 0.0, AT, AT, "volume"), "zero_volume") == [("zero_volume", "warning", "AMD")]
    assert said(changed(rows, "^IXIC", 1.02, AT, AT), "held_index") == [("held_index", "warning", "^IXIC")]


def test_a_quiet_day_tells_a_jump_that_is_no_round_ratio(rows):
    """Euros for dollars, on a day of ordinary volume; with three times the volume it may be news."""
    euros = changed(rows, "MSFT", 0.92, AT, "2030")
    assert said(euros, "split_jump") == [("split_jump", "warning", "MSFT")]
    assert said(changed(euros, "MSFT", 3.0, AT, AT, "volume"), "split_jump") == []
    spike = changed(rows, "MSFT", 1.08, AT, AT)
    assert said(spike, "spike") == [("spike", "warning", "MSFT")]
    assert said(changed(spike, "MSFT", 3.0, AT, "2024-09-18", "volume"), "spike") == []


def test_without_volume_a_spike_that_may_be_an_overshoot_is_noted(rows):
    bare = rows[["ticker", "date", "close"]]
    for up, severity in ((1.04, None), (1.14, "info"), (1.35, "warning")):
        found = [i for i in check(panel_of(changed(bare, "AMD", up, AT, AT, "close"))) if i.code == "spike"]
        assert [i.severity for i in found if i.date == AT.date()] == ([] if severity is None else [severity])


def test_an_index_that_is_moved_from_a_day_on_is_dated_by_that_day(rows):
    out = rows.copy()
    mine = out.index[(out["ticker"] == "^IXIC") & (out["date"] >= pd.Timestamp("2024-03-01"))]
    out.loc[mine, ["close", "adj_close"]] = out.loc[mine, ["close", "adj_close"]].shift(-2).to_numpy()
    (issue,) = loud(panel_of(out.dropna(subset=["close"])), "held_index")
    assert (issue.severity, issue.ticker, issue.date) == ("fatal", "^IXIC", dt.date(2024, 3, 1))


# ------------------------------------------------------------------------------------------- dividends that are known
def with_dividend(rows: pd.DataFrame, share: float, fall: float, known: float | None) -> PricePanel:
    """MSFT pays a share of its price, by which the closes of the day fall or not; the file may say what was paid."""
    out = changed(rows, "MSFT", 1 - share, "2000", AT - pd.Timedelta(days=1), "adj_close")
    out = changed(out, "MSFT", 1 - fall, AT, "2030", "close")
    out = changed(out, "MSFT", 1 - fall, AT, "2030", "adj_close")
    if known is not None:
        mine = out["ticker"] == "MSFT"
        before = out.loc[mine & (out["date"] < AT), "close"].iloc[-1]
        out["Dividends"] = np.where(mine & (out["date"] == AT), known * before, np.where(mine, 0.0, np.nan))
        acted = rows[mine].set_index("date")
        steps = (acted["adj_close"] / acted["close"]).pct_change()
        paid = (1 - 1 / (1 + steps)).where(steps > 2e-3, 0.0) * acted["close"].shift()
        out.loc[mine, "Dividends"] += paid.fillna(0.0).to_numpy()
    return panel_of(out)


def test_a_true_dividend_of_a_fifth_raises_nothing_where_it_is_known(rows):
    assert loud(with_dividend(rows, 0.2, 0.2, 0.2), "bases_apart") == []
    assert loud(with_dividend(rows, 0.15, 0.15, None), "bases_apart") == []


def test_what_is_said_of_a_step_is_true_of_a_dividend_too(rows):
    (issue,) = loud(with_dividend(rows, 0.2, 0.2, None), "bases_apart")
    assert "not adjusted for a 5:4 split, or as a dividend of 20.0 % of the price would" in issue.detail
    (issue,) = loud(with_dividend(rows, 0.2, 0.0, 0.0), "bases_apart")
    assert "as a dividend of 20.0 % of the price would; the source gives none" in issue.detail
    (issue,) = loud(with_dividend(rows, 0.3, 0.0, None), "bases_apart")
    assert "as a dividend of 30.0 % of the price would, but the close did not fall by so much" in issue.detail
    (issue,) = loud(with_dividend(rows, 0.0, 0.0, 0.05), "bases_apart")
    assert issue.detail.startswith("adj_close does not fit the dividends of the source on 1 day(s): 2024-09-17")


# --------------------------------------------------------------------------------------------------------------- accept
def study_of(frame: pd.DataFrame, **more: object) -> es.Study:
    asked = {"events": "2025-01-27", "tickers": ["MSFT", "AMD"], "benchmark": "^IXIC", "tests": ["t"], **more}
    return es.Study(prices=frame, sensitivity="off", **asked)


def test_a_fatal_finding_stops_a_run_and_an_accepted_one_stays_in_the_report(rows):
    wrong = changed(rows, "MSFT", 10.0, "2000", AT)
    with pytest.raises(es.errors.QualityError, match="split_jump MSFT 2024-09-18"):
        study_of(wrong).run()
    entry = {"check": "split_jump", "ticker": "MSFT", "date": "2024-09-18", "why": "as in the annual report"}
    result = study_of(wrong, accept=[entry]).run()
    (kept,) = [i for i in result.issues if i.accepted]
    assert (kept.code, kept.severity) == ("split_jump", "info")
    assert "accepted by the study: as in the annual report" in kept.detail


@pytest.mark.parametrize("factor", [10.0, 1.5])
def test_an_entry_without_a_date_accepts_the_only_finding_and_of_several_none(rows, factor):
    entry = {"check": "split_jump", "ticker": "MSFT"}
    once = changed(rows, "MSFT", factor, "2000", AT)
    twice = changed(once, "MSFT", factor, "2000", "2024-06-18")
    assert [i.date for i in study_of(once, accept=[entry]).run().issues if i.accepted] == [dt.date(2024, 9, 18)]
    if factor == 10.0:
        with pytest.raises(es.errors.QualityError, match="findings on 2024-06-20, 2024-09-18; give the date of each"):
            study_of(twice, accept=[entry]).run()
    else:
        issues = study_of(twice, accept=[entry]).run().issues
        assert [i for i in issues if i.accepted] == []
        (told,) = [i for i in issues if i.code == "accept_several"]
        assert told.severity == "warning"
    days = [{**entry, "date": day} for day in ("2024-06-20", "2024-09-18")]
    issues = study_of(twice, accept=days).run().issues
    assert len([i for i in issues if i.accepted]) == 2
    assert not [i for i in issues if i.code.startswith("accept_")]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"check": "split_jumpp"}, "split_jump"),
        ({"check": "non_positive"}, "cannot be real"),
        ({"ticker": "MSFT"}, "names its check"),
        ({"check": "spike", "tickers": "A"}, "ticker"),
        ({"check": "spike", "date": "soon"}, "date"),
        ("spike", "accept is a list of findings"),
    ],
)
def test_an_entry_of_accept_that_is_wrong_is_refused(rows, entry, words):
    with pytest.raises(es.errors.SpecError, match=words):
        _ = study_of(rows, accept=[entry]).settings


def test_an_accept_in_vain_is_told_with_its_line(tmp_path):
    (tmp_path / "study.yaml").write_text(
        "schema_version: 1\nid: mine\nprices: deepseek\nevents: [{id: e, announced: 2025-01-27}]\n"
        "tickers: [MSFT]\nbenchmarks: {default: ^IXIC}\ntests: [t]\n"
        "accept:\n  - {check: split_jump, ticker: RRC, date: 1990-05-01}\n",
        encoding="utf-8",
    )
    (told,) = [i for i in es.load(tmp_path).run().issues if i.code == "accept_in_vain"]
    assert told.severity == "warning"
    assert told.detail.startswith("study.yaml:9: accept names split_jump RRC 1990-05-01")


def test_a_step_that_may_be_news_is_an_info_on_day_zero_and_says_what_rests_on_it(rows):
    bare = rows[["ticker", "date", "close"]]
    (told,) = [
        i
        for i in study_of(changed(bare, "AMD", 0.86, "2025-01-27", "2030", "close")).run().issues
        if i.code == "split_jump"
    ]
    assert (told.severity, told.ticker, told.date) == ("info", "AMD", dt.date(2025, 1, 27))
    assert told.detail.endswith("look the price up in another source; what is said of that day rests on this price")


def test_without_volume_a_step_that_may_be_news_is_loud_in_an_event_window_alone(rows):
    bare = rows[["ticker", "date", "close"]]
    for day, heard in (("2025-01-21", True), ("2024-09-18", False)):
        out = changed(bare, "AMD", 0.84, day, "2030", "close")
        assert any(i.code == "split_jump" for i in study_of(out).run().issues if i.severity == "warning") is heard
