"""Titles say what is seen: recomputed from the tables of four studies unlike each other, and of the bundled one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.figures import FIGURES
from eventstudy.figures.card import drawn, found, numbers
from eventstudy.objects.estimation import Window
from eventstudy.report import tables

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

DAY = "2021-06-15"


def _study(shocks: dict[str, float], after: float = 0.0, seed: int = 4) -> StudyResult:
    """Securities on a market of made-up returns; a shock on the day, and as much a day for five days after it."""
    days = pd.bdate_range("2020-01-02", "2021-09-30")
    rng = np.random.default_rng(seed)
    market = 0.008 * rng.standard_normal(len(days))
    zero = days.get_loc(pd.Timestamp(DAY))
    frame = {"MKT": market}
    for name, shock in shocks.items():
        returns = market + 0.01 * rng.standard_normal(len(days))
        returns[zero] += shock
        returns[zero + 1 : zero + 6] += after
        frame[name] = returns
    prices = 100 * (1 + pd.DataFrame(frame, index=days)).cumprod()
    groups = {"trio": list(shocks)} if len(shocks) > 1 else {}
    study = es.Study(
        prices=prices, events=DAY, tickers=list(shocks), groups=groups, benchmark="MKT", calendar="own", tests=["t"]
    )
    return study.run()


@pytest.fixture(scope="module", params=["crash", "mixed", "calm", "one"])
def result(request: pytest.FixtureRequest) -> StudyResult:
    made = {
        "crash": lambda: _study({"A": -0.12, "B": -0.09, "C": 0.0}, -0.02),
        "mixed": lambda: _study({"A": -0.3, "B": 0.0, "C": 0.0}),
        "calm": lambda: _study({"A": 0.0, "B": 0.0, "C": 0.0}),
        "one": lambda: _study({"A": 0.15}, 0.03),
    }
    return made[str(request.param)]()


def _title(name: str, result: StudyResult) -> str:
    return tables.statement(found(FIGURES[name], result), tables.text)


def _number(title: str, total: int) -> int:
    """How many a title speaks of: none, all, or the number in front of `of`."""
    said = re.search(r"\b(none|all|\d+)\b(?: of)?", title.removeprefix("Over 21 sessions").split("sessions later")[-1])
    assert said is not None, title
    return {"none": 0, "all": total}.get(said[1]) if said[1] in ("none", "all") else int(said[1])  # type: ignore[return-value]


def test_the_sums_over_the_window(result: StudyResult) -> None:
    last = numbers(FIGURES["car"], result).groupby("ticker").tail(1)
    within = int(((last["low"] <= 0) & (last["high"] >= 0)).sum())
    title = _title("car", result)
    if len(last) == 1:
        assert ("could explain" in title) == bool(within)
    else:
        assert _number(title, len(last)) == within


def test_the_prices_later(result: StudyResult) -> None:
    frame = numbers(FIGURES["prices"], result)
    own = frame[~frame["is_benchmark"].astype(bool)].dropna(subset=["level"])
    last = own[own["tau"] == own["tau"].max()]
    below = int((last["level"] < 100).sum())
    title = _title("prices", result)
    assert title.startswith(f"{own['tau'].max()} sessions later")
    if len(last) == 1:
        assert ("below" in title) == bool(below)
    else:
        assert _number(title, len(last)) == below


def test_the_variance_explained(result: StudyResult) -> None:
    r2 = result.headline.normal.r_squared
    per_cent = [int(x) for x in re.findall(r"\d+", _title("scatter", result))]
    assert max(per_cent) == pytest.approx(100 * max(r2), abs=0.51)
    assert min(per_cent) == pytest.approx(100 * min(r2), abs=0.51)


def test_the_day_among_the_residuals(result: StudyResult) -> None:
    abnormal = result.headline.abnormal
    spread = abnormal.normal.sigma[:, None] * np.sqrt(1 - abnormal.estimation_leverage())
    largest = np.nanmax(np.abs(abnormal.residuals() / spread), axis=1)
    outside = int((np.abs(abnormal.scar(Window(0, 0))) > largest).sum())
    title = _title("residuals", result)
    if len(largest) == 1:
        assert ("farther out" in title) == bool(outside)
    else:
        assert _number(title, len(largest)) == outside


def test_the_day_among_all_days(result: StudyResult) -> None:
    first = "trio" if result.settings.groups else "A"
    one = next(r for r in result.rare_days() if (r.subject, r.measure) == (first, "raw"))
    bars = next(t for t in drawn(FIGURES["rarity"], result).traces if t["type"] == "bar" and t["visible"])
    assert int(bars["y"].sum()) == len(one.values)
    size = np.abs(one.values[: one.at + 1]) * (np.sign(one.values[: one.at + 1]) == np.sign(one.value))
    at_least = int((size >= abs(one.value)).sum())
    title = _title("rarity", result)
    if at_least == 1:
        who = f"the group “{first}”" if result.settings.groups else first
        assert title == f"The largest {'fall' if one.value < 0 else 'rise'} of {who} in {one.at + 1} days"
    else:
        assert title.endswith(f"once in {round((one.at + 1) / at_least)} days")
    marked = numbers(FIGURES["rarity"], result)
    own = marked[(marked["subject"] == first) & (marked["measure"] == "raw") & (marked["place"] <= 10)]
    signed = np.sort(-one.values if one.value < 0 else one.values)[::-1][: len(own)]
    np.testing.assert_allclose(np.sort(np.abs(own["day_return"]))[::-1], signed)


def test_the_specifications(result: StudyResult) -> None:
    subjects = [*result.settings.groups, *result.settings.tickers]
    listed = result.sensitivity().table
    day = listed[(listed["window"] == "[0, 0]") & listed["subject"].isin(subjects)].set_index("subject")
    frame = numbers(FIGURES["specifications"], result)
    title = _title("specifications", result)
    fragile = [s for s in subjects if day.loc[s, "fragile"]]
    settled = {f"Other defensible settings {how} change the answer" for how in ("seldom", "do not")}
    assert (title in settled) == (not fragile)
    for subject, rows in frame.groupby("subject"):
        assert len(rows) == day.loc[subject, "cells"]
        assert (rows["answer"] == day.loc[subject, "answer"]).mean() == pytest.approx(day.loc[subject, "agreement"])
        assert rows["own"].sum() == 1
        assert rows["car"].is_monotonic_increasing
        apart = (rows["low"] > 0) | (rows["high"] < 0)
        assert (apart == (rows["answer"] != 0)).all()  # the interval and the test are one


def test_the_marks_below_the_curve_are_the_settings(deepseek_result: StudyResult) -> None:
    """Each specification has one mark for each setting that varies, and none where it has no value."""
    from eventstudy.objects.sensitivity import DIMENSIONS

    figure = drawn(FIGURES["specifications"], deepseek_result)
    frame = numbers(FIGURES["specifications"], deepseek_result)
    marks = [t for t in figure.traces if t.get("yaxis") == "y2"]
    varied = sum(frame[d].nunique(dropna=False) > 1 for d in DIMENSIONS)
    for trace in marks:
        own = frame[frame["subject"] == trace["meta"]["subject"]]
        assert len(trace["x"]) == varied * len(own)
    names = list(figure.layout["yaxis2"]["ticktext"])
    assert "Nasdaq, the rest" in names
    assert len(names) == sum(frame[d].nunique(dropna=False) for d in DIMENSIONS)


def test_the_way_back(deepseek_result: StudyResult) -> None:
    frame = numbers(FIGURES["recovery"], deepseek_result)
    (ticker,) = frame["ticker"].unique()
    closes = deepseek_result.prices.close[ticker].loc["2025-01-24":].dropna()
    undone = 100 * (closes.iloc[2:] - closes.iloc[1]) / (closes.iloc[0] - closes.iloc[1])
    np.testing.assert_allclose(frame["raw"], undone.to_numpy()[: len(frame)], rtol=1e-10)
    half = int(np.flatnonzero(undone.to_numpy() >= 50)[0]) + 1
    assert _title("recovery", deepseek_result) == f"Half of the move of Nvidia was first undone after {half} sessions"
    width = (frame["raw_high"] - frame["raw_low"]).to_numpy()
    assert (np.diff(width) > 0).all()  # the band only widens
