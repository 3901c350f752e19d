"""`Study` and `run_events` give the same numbers for the same events: 300 events of 224 securities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.objects.estimation import Window

FIRMS, EVENTS = 224, 300
WINDOWS = ((0, 0), (-1, 1), (-5, 5))


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns with some missing, and events of which many share a security."""
    rng = np.random.default_rng(11)
    sessions = es.load("deepseek").run().prices.calendars["XNYS"].sessions
    market = rng.normal(0.0003, 0.01, len(sessions))
    returns = market[:, None] * rng.uniform(0.4, 1.9, FIRMS) + rng.normal(0.0, 0.02, (len(sessions), FIRMS))
    frame = pd.DataFrame(returns, index=sessions, columns=[f"F{i:03d}" for i in range(FIRMS)]).assign(**{"^M": market})
    security = np.concatenate([np.arange(FIRMS), rng.integers(0, FIRMS, EVENTS - FIRMS)])
    days = rng.choice(np.arange(300, len(sessions) - 20), EVENTS, replace=False)
    frame.iloc[40:45, :20] = np.nan
    days[:40] = days[40:80]  # days that two events share
    events = pd.DataFrame({"ticker": frame.columns[security], "date": sessions[days]})
    events = events.assign(id=[f"deal-{i}" for i in range(EVENTS)], size=rng.normal(size=EVENTS))
    return frame, events.assign(group=np.where(rng.random(EVENTS) < 0.4, "x", "y"))


def test_study_and_run_events_agree(made: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame, events = made
    common: dict[str, Any] = {"events": events, "benchmark": "^M", "windows": WINDOWS}
    exchanges = dict.fromkeys(frame.columns, "XNYS")
    tests = ["cross_sectional_t", "bmp_t", "patell_z"]
    study = es.Study(returns=frame, exchanges=exchanges, tests=["t", *tests], **common).run()
    run = es.run_events(frame, tests=tests, **common)
    mine, theirs = study.headline, run.cars()
    by_key = study.cars().assign(day_zero=lambda f: pd.to_datetime(f["day_zero"]))
    both = by_key.merge(theirs, on=["ticker", "day_zero", "window"], suffixes=("", "_run"))
    assert len(both) == EVENTS * len(WINDOWS)
    assert mine.panel.n_events == EVENTS
    for name in ("car", "se", "t", "p", "bhar"):
        np.testing.assert_allclose(both[name], both[f"{name}_run"], rtol=1e-10, atol=1e-14)
    np.testing.assert_array_equal(both["nobs"], both["nobs_run"])
    assert both["id"].tolist() == both["id_run"].tolist()
    for of in (study, run):
        for table in (of.cars((-1, 1)), of.caar((-1, 1))):
            assert set(table["window"]) == {"[-1, +1]"}
            assert len(table)
    with pytest.raises(es.errors.WindowError, match=r"the run has no window \[\+2, \+3\]"):
        run.cars((2, 3))
    with pytest.raises(es.errors.SpecError, match="a window is"):
        run.caar("x")
    for way, warns in (("classical", True), ("hc3", True), ("cluster_firm", True)):
        here, there = (of.regress(["size"], (-1, 1), covariance=way) for of in (study, run))
        np.testing.assert_allclose(here.table, there.table, rtol=1e-8)
        assert (here.warning is not None) == (there.warning is not None) == warns, way
    here, there = (of.regress(["size"], (-1, 1)) for of in (study, run))
    assert here.covariance == there.covariance == "cluster_date"
    np.testing.assert_allclose(here.table, there.table, rtol=1e-8)
    pooled = run.tests().set_index(["subject", "test", "window"])
    everyone = next(s for s in pooled.index.get_level_values(0).unique() if s not in ("x", "y"))
    for group, subject in (("all", everyone), ("x", "x"), ("y", "y")):
        for test in tests:
            for window in (Window(*span) for span in WINDOWS):
                found = mine.find(group, window, test)
                assert found is not None
                assert found.statistic == pytest.approx(
                    pooled.loc[(subject, test, str(window)), "statistic"], rel=1e-10
                )
