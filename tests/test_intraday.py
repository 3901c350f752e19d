"""Opening, highest and lowest prices: from every form of table to a claim, and left out where they do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.files.folders import bundled
from eventstudy.objects.prices import PriceFile, PriceQuery, Provenance, RawPrices
from eventstudy.prices import load_panel
from eventstudy.prices.files import files
from eventstudy.prices.findings import accepted_of
from eventstudy.prices.kept import Answer, keep, recall
from eventstudy.prices.snapshot import snapshot, write_snapshot

DAY, BEFORE = pd.Timestamp("2025-01-27"), pd.Timestamp("2025-01-24")
HEAD = """schema_version: 1
sources: {A: {title: A report, publisher: a paper, author: unknown, published: "2025"}}
claims:
"""
CLAIM = "  - {{id: {id}, kind: price_move, says: it moved, source: A, event: e, security: {who}, {more}}}\n"


def bars() -> pd.DataFrame:
    """The bundled closes of three series, with prices within the session that are made for these tests."""
    rows = pd.read_csv(bundled("deepseek") / "prices.csv", parse_dates=["date"])
    rows = rows[rows["ticker"].isin(["NVDA", "AMD", "^IXIC"]) & (rows["date"] >= "2023-11-01")].reset_index(drop=True)
    chance = np.random.default_rng(3).uniform(0.0, 0.02, (len(rows), 3))
    rows["open"] = rows["close"] * (0.99 + chance[:, 0])
    rows["high"] = rows[["open", "close"]].max(axis=1) * (1 + chance[:, 1])
    rows["low"] = rows[["open", "close"]].min(axis=1) * (1 - chance[:, 2])
    rows.loc[rows["ticker"] == "AMD", ["open", "high", "low"]] = np.nan
    return rows


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return bars()


def verdicts(prices: object, folder: Path, **claims: str) -> dict[str, es.Verdict]:
    text = HEAD + "".join(
        CLAIM.format(id=name.replace("_", "-"), who="AMD" if name.startswith("amd") else "NVDA", more=more)
        for name, more in claims.items()
    )
    (folder / "claims.yaml").write_text(text)
    events = [es.Event("e", who, "2025-01-27") for who in ("NVDA", "AMD")]
    given = {"benchmark": "^IXIC", "sensitivity": "off", "tests": ["t"], "volume": "none"}
    study = es.Study(prices=prices, events=events, claims=folder / "claims.yaml", **given)
    return {verdict.claim.id: verdict for verdict in study.run().verdicts}


def test_claims_about_prices_within_the_session(table, tmp_path):
    own = table[table["ticker"] == "NVDA"].set_index("date")
    fell = {at: 100 * (1 - own[at][DAY] / own["close"][BEFORE]) for at in ("open", "high", "low")}
    days = own.loc["2025-01-27":"2025-01-29"]
    lowest, highest = days["low"].min(), days["high"].max()
    found = verdicts(
        table,
        tmp_path,
        low=f'claimed: {{direction: fall, value: "{fell["low"]:.1f}"}}, params: {{at: low}}',
        low_beyond=f'claimed: {{direction: fall, value: "{fell["low"] + 0.1:.4f}", modifier: more_than}}, '
        "params: {at: low}",
        opened=f'claimed: {{direction: fall, value: "{fell["open"]:.1f}"}}, params: {{at: open}}',
        high=f'claimed: {{direction: fall, value: "{2 * fell["high"]:.1f}"}}, params: {{at: high}}',
        dollars=f'claimed: {{direction: fall, value: "{own["close"][BEFORE] - own["low"][DAY]:.2f}", unit: usd}}, '
        "params: {at: low}",
        days=f'claimed: {{direction: fall, value: "{100 * (1 - lowest / own["close"][BEFORE]):.1f}"}}, '
        "params: {at: low, window: [0, 2]}",
        days_high=f'claimed: {{direction: fall, value: "{100 * (1 - highest / own["close"][BEFORE]):.1f}"}}, '
        "params: {at: high, window: [0, 2]}",
        word="claimed: {word: plunged}, params: {at: open}",
        amd_low="claimed: {direction: fall, value: 8}, params: {at: low}",
        after="claimed: {direction: fall, value: 8}, params: {at: after_hours}",
    )  # fmt: skip
    said = {name: one.verdict for name, one in found.items()}
    assert said == {
        "low": "supported", "low-beyond": "imprecise", "opened": "supported", "high": "contradicted",
        "dollars": "supported", "days": "supported", "days-high": "supported", "word": "supported",
        "amd-low": "unresolved", "after": "unresolved",
    }  # fmt: skip
    assert found["low"].value == pytest.approx(fell["low"], rel=1e-12)
    assert found["opened"].value == pytest.approx(fell["open"], rel=1e-12)
    assert found["days"].value == pytest.approx(100 * (1 - lowest / own["close"][BEFORE]), rel=1e-12)
    assert found["low"].summary.template == "{name} was {size} {way} at its lowest on {day}."
    assert found["opened"].summary.template.startswith("{name} opened {size} {way}")
    assert found["low"].abnormal == ()
    assert any("Abnormal returns are of closes" in caveat for caveat in found["low"].caveats)
    assert ", low, 2025-01-27" in found["low"].readings[0].source
    assert "its lowest price of 2025-01-27 would decide" in found["amd-low"].reason
    assert "its prices after the close would decide" in found["after"].reason


def panel_of(rows: pd.DataFrame):
    return load_panel(RawPrices(rows, Provenance("files", "a test")), {})


def held(rows: pd.DataFrame, name: str, who: str = "NVDA") -> float:
    return float(panel_of(rows)[0].within[name].loc[DAY, who])


def test_every_form_of_table_gives_them(table, tmp_path):
    nvda = table[table["ticker"] == "NVDA"].set_index("date")
    expected = nvda.loc[DAY, ["open", "high", "low"]].tolist()
    names = {"date": "Date", "close": "Close", "adj_close": "Adj Close", "open": "Open", "high": "High", "low": "Low"}
    written = table.rename(columns={**names, "ticker": "Symbol", "volume": "Volume"})
    written.to_csv(tmp_path / "long.csv", index=False)
    folder = tmp_path / "downloads"
    folder.mkdir()
    for who, rows in written.groupby("Symbol"):
        rows.drop(columns="Symbol").to_csv(folder / f"{who}.csv", index=False)
    german = {"Date": "Datum", "Close": "Schlusskurs", "Open": "Eröffnung", "High": "Tageshoch", "Low": "Tagestief"}
    (tmp_path / "kurse").mkdir()
    nvda.rename_axis("Date").reset_index().rename(columns=names).rename(columns=german)[list(german.values())].to_csv(
        tmp_path / "kurse" / "NVDA.csv", index=False, sep=";", decimal=","
    )
    both = written.drop(columns="Adj Close").pivot(index="Date", columns="Symbol")
    both.to_csv(tmp_path / "two.csv")
    for source in ("long.csv", "downloads", "kurse", "two.csv"):
        raw = files(PriceQuery((), source=tmp_path / source))
        found = [held(raw.frame, name) for name in ("open", "high", "low")]
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=source)
    written.rename(columns={"Low": "Tiefst"}).to_csv(tmp_path / "own.csv", index=False)
    stated = PriceFile(file=tmp_path / "own.csv", columns={"low": "Tiefst"})
    assert held(files(PriceQuery((), source=stated)).frame, "low") == pytest.approx(expected[2], rel=1e-12)


def test_they_are_pinned_kept_and_part_of_the_id(table, tmp_path, monkeypatch):
    raw = RawPrices(table, Provenance("files", "a test"))
    panel, _ = load_panel(raw, {})
    write_snapshot(raw, tmp_path / "new", calendars=panel.calendars)
    again = snapshot(PriceQuery((), source=tmp_path / "new")).frame
    for name in ("open", "high", "low"):
        assert held(again, name) == held(table, name)
    fields = (tmp_path / "new" / "datapackage.json").read_text()
    assert "Lowest price of the session" in fields
    write_snapshot(RawPrices(table.drop(columns=["open", "high", "low"]), raw.provenance), tmp_path / "plain",
                   calendars=panel.calendars)  # fmt: skip
    assert "Lowest price" not in (tmp_path / "plain" / "datapackage.json").read_text()
    monkeypatch.setenv("EVENTSTUDY_CACHE", str(tmp_path / "cache"))
    query, now = PriceQuery(("NVDA",), start=BEFORE.date()), pd.Timestamp("2025-02-01", tz="UTC").to_pydatetime()
    one = table[table["ticker"] == "NVDA"].reset_index(drop=True)
    nothing = pd.DataFrame({"dividend": [], "split": []}, index=pd.DatetimeIndex([], name="date"), dtype=float)
    assert keep(query, "NVDA", Answer(one, nothing, {}, (), now))
    kept = recall(query, "NVDA", now)
    assert kept is not None
    assert held(kept.bars, "low") == held(table, "low")
    given = {"events": {"NVDA": "2025-01-27"}, "benchmark": "^IXIC", "tests": ["t"], "sensitivity": "off"}
    ids = [es.Study(prices=frame, **given).run().content_id for frame in (table, table.drop(columns="low"))]
    assert ids[0] != ids[1]


def test_what_does_not_fit_the_closes_is_left_out_and_said(table):
    rows = table.copy()
    at = (rows["ticker"] == "NVDA") & (rows["date"] == DAY)
    rows.loc[at, "low"] = 10 * rows.loc[at, "low"]
    panel, issues = panel_of(rows)
    assert np.isnan(panel.within["low"].loc[DAY, "NVDA"])
    assert panel.within["low"].loc[BEFORE, "NVDA"] > 0
    (said,) = (i for i in issues if i.code == "range_unlike")
    assert (said.ticker, said.severity, str(said.date)) == ("NVDA", "warning", "2025-01-27")
    assert "on 1 of" in said.detail
    unadjusted = table.copy()  # the closes are adjusted for the split of June 2024, the others are not
    early = (unadjusted["ticker"] == "NVDA") & (unadjusted["date"] < "2024-06-10")
    unadjusted.loc[early, ["open", "high", "low"]] *= 10
    panel, issues = panel_of(unadjusted)
    assert panel.within["low"]["NVDA"].isna().all()
    assert "none of them is used" in next(i.detail for i in issues if i.code == "range_unlike")
    assert "low" in panel.within  # the index has its own
    no_closes = table.assign(close=np.nan)  # dividend-adjusted closes alone are another basis
    panel, issues = panel_of(no_closes)
    assert panel.within == {}
    assert [i.code for i in issues if i.code == "range_unlike"] == []


def test_a_close_outside_the_range_of_its_day_can_be_accepted_by_name() -> None:
    assert accepted_of([{"check": "range_unlike", "ticker": "NVDA", "date": "2024-01-04"}])[0].check == "range_unlike"
