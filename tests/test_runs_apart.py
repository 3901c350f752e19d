"""Events of a run with a benchmark or windows of their own: as in a study, to the last digits that sums have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EstimationError, MissingPriceError, SpecError
from eventstudy.objects.results import StudyResult

WINDOWS = [(0, 0), (-1, 1), (-10, 10)]
EVENTS = pd.DataFrame(
    [
        ("NVDA", "2025-01-27", "^IXIC", "-200,-21", None, 1.0),
        ("AMD", "2024-10-30", "^GSPC", None, "-5,5", 2.0),
        ("MU", "2024-09-26", None, None, None, 3.0),
        ("AVGO", "2024-12-13", "^GSPC", "2024-01-02 2024-10-31", None, 4.0),
        ("INTC", "2024-08-02", None, "-300,-31", "-20,20", 5.0),
        ("NVDA", "2024-05-23", None, None, None, 6.0),
    ],
    columns=["ticker", "date", "benchmark", "estimation", "event", "size"],
)
TICKERS = ["NVDA", "AMD", "MU", "AVGO", "INTC", "^IXIC", "^GSPC"]


@pytest.fixture(scope="module")
def levels(deepseek_result: StudyResult) -> pd.DataFrame:
    panel = deepseek_result.prices
    levels = panel.adj_close.where(panel.adj_close.notna(), panel.close)[TICKERS]
    return levels.loc[panel.adj_close.index.isin(panel.calendars["XNYS"].sessions)]


def study(levels: pd.DataFrame, events: Any = EVENTS, **more: Any) -> es.Study:
    given = {"benchmark": "^IXIC", "windows": WINDOWS, "volume": "none", "tests": ["cross_sectional_t", "bmp_t"]}
    return es.Study(prices=levels, events=events, **(given | more))


@pytest.mark.parametrize("allow_missing", [False, True])
@pytest.mark.parametrize("holes", [False, True])
def test_a_run_gives_the_numbers_of_a_study(levels: pd.DataFrame, allow_missing: bool, holes: bool) -> None:
    if holes:
        levels = levels.copy()
        levels.loc["2025-01-31", "NVDA"] = np.nan
        levels.loc["2024-03-05", ["AVGO", "MU"]] = np.nan
    one = study(levels, allow_missing=allow_missing).run()
    many = es.run_events(prices=levels, events=EVENTS, windows=WINDOWS, allow_missing=allow_missing)
    joined = one.cars().merge(many.cars(), on=["ticker", "day_zero", "window"], suffixes=("", "_run"))
    assert len(joined) == len(EVENTS) * len(WINDOWS)
    for name in ("car", "se", "t", "p", "bhar", "nobs"):
        if name == "bhar" and holes and allow_missing:
            continue  # a run has none where a day is missing
        np.testing.assert_allclose(joined[name], joined[f"{name}_run"], rtol=1e-10, atol=1e-13, err_msg=name)
    assert joined["benchmark"].tolist() == joined["benchmark_run"].tolist()
    amd = joined[(joined["ticker"] == "AMD") & (joined["window"] == "[-10, +10]")]
    assert amd["car"].isna().all()  # its own event window is shorter, which is no missing day
    tests = many.tests().set_index(["subject", "test", "window"])
    found = one.tests()
    found = found[(found["subject"] == "all") & found["ticker"].isna()]
    assert len(found) == 2 * len(WINDOWS)
    for row in found.itertuples():
        own = tests.loc["all events", row.test, row.window]
        assert own["p"] == pytest.approx(row.p, rel=1e-9, nan_ok=True)
        assert own["n"] == row.n


def test_abnormal_returns_lie_in_the_smallest_window_that_holds_all(levels: pd.DataFrame) -> None:
    run = es.run_events(prices=levels, events=EVENTS, windows=[(0, 0)])
    assert (run.design.event.start, run.design.event.end) == (-20, 20)
    assert np.isfinite(run.ar).sum(axis=1).tolist() == [21, 11, 21, 21, 41, 21]
    assert run.aar.loc[0, "all events"] == pytest.approx(run.car["car[0,0]"].mean())
    assert run.path["n"].tolist()[0] == 1
    alone = es.run_events(prices=levels, events=EVENTS.iloc[[4]], windows=[(0, 0)])
    np.testing.assert_allclose(run.ar[4], alone.ar[0], rtol=1e-12)
    np.testing.assert_allclose(run.params[4], alone.params[0], rtol=1e-12)
    assert run.frame()["skipped"].tolist() == [""] * 6
    assert run.regress(["size"], (0, 0)).table.loc["size", "coefficient"] == pytest.approx(
        np.polyfit(EVENTS["size"], run.car["car[0,0]"], 1)[0]
    )


def test_a_benchmark_that_all_events_name_is_the_one_that_is_used(levels: pd.DataFrame) -> None:
    events = EVENTS[["ticker", "date"]]
    right = es.run_events(prices=levels, events=events, benchmark="^GSPC").car
    named = events.assign(benchmark="^GSPC")
    pd.testing.assert_frame_equal(es.run_events(prices=levels, events=named).car, right)
    without = levels.drop(columns="^IXIC")  # that of the run need not be there then
    pd.testing.assert_frame_equal(es.run_events(prices=without, events=named).car, right)


def test_event_objects_and_files_have_them_too(levels: pd.DataFrame, tmp_path: Path) -> None:
    objects = [
        es.Event("a", "NVDA", "2025-01-27", benchmark="^GSPC", estimation=(-200, -21), traits={"size": 1.0}),
        es.Event("b", "AVGO", "2024-12-13", estimation=("2024-01-02", "2024-10-31"), event=(-5, 5)),
    ]
    run = es.run_events(prices=levels, events=objects, windows=[(0, 0)])
    one = study(levels, [*objects], windows=[(0, 0)]).run()
    found = [one.car("NVDA", event="a"), one.car("AVGO", event="b")]
    np.testing.assert_allclose(run.car["car[0,0]"], found, rtol=1e-10)
    assert run.cars()["size"].iloc[0] == 1.0
    file = tmp_path / "events.csv"
    EVENTS.to_csv(file, index=False)
    read = es.run_events(prices=levels, events=file, windows=WINDOWS).car.reset_index(drop=True)
    pd.testing.assert_frame_equal(read, es.run_events(prices=levels, events=EVENTS, windows=WINDOWS).car)
    file.write_text(file.read_text().replace('"-5,5"', "soon"), encoding="utf-8")
    with pytest.raises(SpecError, match=r"events.csv:3: event holds a window such as '-10,10'"):
        es.run_events(prices=levels, events=file)


def test_what_cannot_be_is_said(levels: pd.DataFrame) -> None:
    with pytest.raises(SpecError, match=r"corrado_rank_z: these tests read .* or give the events to es.Study"):
        es.run_events(prices=levels, events=EVENTS, tests=["corrado_rank_z"])
    with pytest.raises(MissingPriceError, match="the panel holds no '\\^DJI', the benchmark"):
        es.run_events(prices=levels, events=EVENTS.assign(benchmark="^DJI"))
    some = EVENTS.assign(estimation=["-200,-5", "2010-01-04 2010-03-31", *EVENTS["estimation"][2:]])
    run = es.run_events(prices=levels, events=some, windows=[(0, 0)])
    assert (
        run.skipped["reason"].tolist()
        == ["its own estimation window has to end before its event window, and a period has to hold a session"] * 2
    )
    with pytest.raises(EstimationError, match=r"its own estimation window has to end before .*\(6\)"):
        es.run_events(prices=levels, events=EVENTS.assign(estimation="-200,-5"))


@pytest.mark.parametrize("model", ["market_adjusted", "mean_adjusted", "raw"])
def test_models_without_a_benchmark_have_own_windows_too(levels: pd.DataFrame, model: str) -> None:
    run = es.run_events(prices=levels, events=EVENTS, windows=[(0, 0)], model=model)
    one = study(levels, model=model, windows=[(0, 0)]).run()
    joined = one.cars().merge(run.cars(), on=["ticker", "day_zero"], suffixes=("", "_run"))
    np.testing.assert_allclose(joined["car"], joined["car_run"], rtol=1e-10, atol=1e-14)
    assert "generalized_sign_z" in set(run.tests()["test"]) or not run.design.labels
