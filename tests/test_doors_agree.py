"""The same small inputs through every door give the numbers of an independent computation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import eventstudy as es
from eventstudy.cli.commands import app
from eventstudy.objects.estimation import Event

CASES = Path(__file__).parent / "cases"
RIGHT = json.loads((CASES / "prices.json").read_text())
SEVERAL = json.loads((CASES / "events_several_a_firm.json").read_text())["values"]
TABLE = pd.read_csv(CASES / "events_several_a_firm.csv")
WAYS = ("file", "frame", "excel", "parquet", "objects", "yaml")


def events_by(way: str, folder: Path) -> Any:
    """The nine events of three firms as a user may have them."""
    if way == "file":
        return CASES / "events_several_a_firm.csv"
    if way == "frame":
        return TABLE
    if way == "objects":
        return [Event("e", row.ticker, row.date, group=row.group) for row in TABLE.itertuples()]
    path = folder / ("events.xlsx" if way == "excel" else "events.parquet")
    if way == "excel":
        pytest.importorskip("openpyxl")
        TABLE.to_excel(path, index=False)
    else:
        pytest.importorskip("pyarrow")
        TABLE.to_parquet(path)
    return path


def run_yaml(folder: Path, text: str) -> dict[str, Any]:
    """The results.json of ``eventstudy run`` on a folder with this study.yaml."""
    (folder / "study.yaml").write_text(text)
    done = CliRunner().invoke(app, ["run", str(folder), "--out", str(folder / "out"), "--formats", "json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads((folder / "out" / "results.json").read_text())
    return found


@pytest.mark.parametrize("way", WAYS)
def test_several_events_of_a_firm_in_a_study(way: str, tmp_path: Path) -> None:
    if way == "yaml":
        shutil.copy(CASES / "events_several_a_firm.csv", tmp_path)
        found = run_yaml(
            tmp_path,
            "schema_version: 1\nid: several\nprices: deepseek\nevents: {file: events_several_a_firm.csv}\n"
            "benchmarks: {default: ^IXIC}\nwindows: [[0, 0]]\ntests: [t, cross_sectional_t, bmp_t]\nvolume: none\n",
        )
        ar = [row["car"] for row in found["windows"] if row["window"] == [0, 0] and row["ticker"] in set(TABLE.ticker)]
        pooled = {row["test"]: row for row in found["tests"] if row["group"] == "all"}
        statistics = {name: row["statistic"] for name, row in pooled.items()}
    else:
        study = es.Study(prices="deepseek", events=events_by(way, tmp_path), benchmark="^IXIC", windows=[(0, 0)])
        result = study.run()
        ar = result.cars()["car"].tolist()
        tests = result.tests().query("subject == 'all'").set_index("test")
        statistics = tests["statistic"].to_dict()
        assert result.caar().set_index("subject")["caar"].to_dict() == pytest.approx(
            {
                "all": SEVERAL["all"]["caar0"],
                "a": SEVERAL["group a"]["caar0"],
                "b": SEVERAL["group b"]["caar0"],
            },
            rel=1e-8,
        )
    np.testing.assert_allclose(sorted(ar), sorted(e["ar0"] for e in SEVERAL["events"]), rtol=1e-8)
    for test in ("cross_sectional_t", "bmp_t"):
        assert statistics[test] == pytest.approx(SEVERAL["all"][test], rel=1e-8)


@pytest.mark.parametrize("way", WAYS[:-1])
@pytest.mark.parametrize("given", ["prices", "returns"])
def test_several_events_of_a_firm_in_a_run(way: str, given: str, tmp_path: Path) -> None:
    levels = es.load("deepseek").run().prices.adj_close[["NVDA", "AMD", "MU", "^IXIC"]].dropna()
    panel: Any = {"prices": levels} if given == "prices" else {"returns": levels.pct_change(fill_method=None)}
    run = es.run_events(events=events_by(way, tmp_path), windows=[(0, 0)], **panel)
    np.testing.assert_allclose(run.cars()["car"], [e["ar0"] for e in SEVERAL["events"]], rtol=1e-8)
    np.testing.assert_allclose(run.cars()["t"], [e["t0"] for e in SEVERAL["events"]], rtol=1e-8)
    tests = run.tests().query("subject == 'all events'").set_index("test")["statistic"]
    for test in ("cross_sectional_t", "bmp_t"):
        assert tests[test] == pytest.approx(SEVERAL["all"][test], rel=1e-8)


@pytest.mark.parametrize("way", ["mapping", "series", "frame"])
def test_an_exchange_without_a_calendar_in_a_study_and_a_run(way: str) -> None:
    path, right = CASES / "prices_exchange_without_calendar.csv", RIGHT["own"]
    one = {"AAA.VN": "2024-02-15"}
    frame = pd.DataFrame({"ticker": ["AAA.VN"], "date": ["2024-02-15"]})
    events: Any = {"mapping": one, "series": pd.Series(one), "frame": frame}[way]
    common: Any = {"events": events, "benchmark": "^VNI", "estimation": (-140, -11), "windows": [(0, 0), (-1, 1)]}
    study = es.Study(prices=path, **common).run()
    run = es.run_events(prices=pd.read_csv(path, index_col=0, parse_dates=True), **common)
    for cars in (study.cars(), run.cars()):
        expected = [right["car0"][0], right["car1"][0]], [right["car0"][1], right["car1"][1]]
        np.testing.assert_allclose((cars["car"], cars["se"]), expected, rtol=1e-8)


def test_regressions_of_a_study_and_a_run_are_those_of_statsmodels() -> None:
    import statsmodels.api as sm

    table = TABLE.assign(size=np.arange(len(TABLE)) % 4 + 0.5)
    levels = es.load("deepseek").run().prices.adj_close[["NVDA", "AMD", "MU", "^IXIC"]].dropna()
    common: Any = {"events": table, "benchmark": "^IXIC", "windows": [(0, 0)]}
    study, run = es.Study(prices=levels, **common).run(), es.run_events(prices=levels, **common)
    cars = run.cars()
    model = sm.OLS(cars["car"], sm.add_constant(cars["size"]))
    codes = {"cluster_date": pd.factorize(cars["day_zero"])[0], "cluster_firm": pd.factorize(cars["ticker"])[0]}
    for way in ("classical", "hc3", "cluster_date", "cluster_firm"):
        how = {"cov_type": "cluster", "cov_kwds": {"groups": codes[way]}} if way in codes else {}
        fit = model.fit(use_t=True, **(how or {"cov_type": "HC3" if way == "hc3" else "nonrobust"}))
        for found in (study.regress(["size"], covariance=way), run.regress(["size"], covariance=way)):  # type: ignore[arg-type]
            np.testing.assert_allclose(found.se, fit.bse, rtol=1e-8)
            np.testing.assert_allclose(found.p, fit.pvalues, rtol=1e-8)
            assert (found.warning is None) == (way == "cluster_firm"), way  # each firm has several events


def test_a_security_of_seven_days_against_an_index_in_a_run() -> None:
    frame = pd.read_csv(CASES / "prices_seven_days_against_index.csv", index_col=0, parse_dates=True)
    common: Any = {"events": {"BTC-USD": "2025-01-27"}, "benchmark": "^GSPC", "windows": [(0, 0), (-1, 1)]}
    run, right = es.run_events(prices=frame, **common), RIGHT["seven"]
    expected = [right["car0"][0], right["car1"][0]], [right["car0"][1], right["car1"][1]]
    np.testing.assert_allclose((run.cars()["car"], run.cars()["se"]), expected, rtol=1e-8)
    assert any("compared on the" in note and "^GSPC" in note for note in run.notes)
    with pytest.raises(es.errors.EstimationError, match=r"sessions are on weekends, when \^GSPC has no .* prices="):
        es.run_events(frame.pct_change(fill_method=None), **common)


@pytest.mark.parametrize(
    ("file", "case", "ticker", "benchmark"),
    [
        ("prices_semicolon_decimal_comma.csv", "semicolon", "NVDA", "^IXIC"),
        ("prices_long_stray_saturday.csv", "stray", "AMD", "^IXIC"),
        ("prices_seven_days_against_index.csv", "seven", "BTC-USD", "^GSPC"),
    ],
)
def test_files_of_prices_by_study_yaml(file: str, case: str, ticker: str, benchmark: str, tmp_path: Path) -> None:
    shutil.copy(CASES / file, tmp_path / "prices.csv")
    found = run_yaml(
        tmp_path,
        f"schema_version: 1\nid: case\nprices: prices.csv\ntickers: [{ticker}]\n"
        f"events: [{{id: e, announced: 2025-01-27}}]\nbenchmarks: {{default: {benchmark}}}\n"
        "windows: [[0, 0], [-1, 1]]\ntests: [t]\nvolume: none\n",
    )
    cars = {tuple(row["window"]): row for row in found["windows"] if row["ticker"] == ticker}
    right = RIGHT[case]
    day = right.get("car0") or [right["ar0"], right["se"]]
    assert [cars[0, 0]["car"], cars[0, 0]["se"]] == pytest.approx(day, rel=1e-8)
    if "car1" in right:
        assert [cars[-1, 1]["car"], cars[-1, 1]["se"]] == pytest.approx(right["car1"], rel=1e-8)
        line = found["estimates"][0]
        assert [line["alpha"], line["beta"]] == pytest.approx([right["alpha"], right["beta"]], rel=1e-8)
