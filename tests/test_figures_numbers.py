"""What each figure draws, against numbers computed from the files of the study."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from drawn_figures import drawn_by, numbers, said
from scipy import stats

from eventstudy.errors import UnknownNameError
from eventstudy.objects.estimation import Window
from eventstudy.objects.verdicts import Interval
from eventstudy.report.tables import statement

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

Floats = npt.NDArray[np.float64]
CORE = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
SINGLE = 2e-5  # coordinates are drawn in single precision, its last 8 bits rounded away


# ---------------------------------------------------------------------------------- the numbers, computed once more
def regress(result: StudyResult, ticker: str, benchmark: str = "^IXIC") -> tuple[Floats, Floats, Floats, Floats, int]:
    """Design and returns of the event window, estimation residuals and design, first row, by numpy from the prices."""
    prices = result.prices.adj_close
    sessions = result.prices.calendars["XNYS"].sessions
    y = prices[ticker].reindex(sessions).pct_change(fill_method=None).to_numpy()
    x = prices[benchmark].reindex(sessions).pct_change(fill_method=None).to_numpy()
    day = int(sessions.get_loc(pd.Timestamp("2025-01-27")))
    design = np.column_stack([np.ones_like(x), x])
    return y, design, y[day - 260 : day - 10], design[day - 260 : day - 10], day


@pytest.mark.parametrize("ticker", ["NVDA", "AMD", "GOOGL"])
def test_day_zero_is_the_regression_from_the_prices(ticker: str, deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, ticker)
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    sigma = np.sqrt(((ys - xs @ b) ** 2).sum() / 248)
    se = sigma * np.sqrt(1 + design[day] @ np.linalg.inv(xs.T @ xs) @ design[day])
    ar = y[day] - design[day] @ b
    half = stats.t.ppf(0.975, 248) * se
    line = numbers("movers", deepseek_result).set_index("ticker").loc[ticker]
    wanted = [y[day], design[day, 1], ar, se, ar - half, ar + half, ar / se, 2 * stats.t.sf(abs(ar / se), 248)]
    found = line[["ret", "benchmark_return", "ar", "se", "low", "high", "sar", "p"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_the_day_shows_the_core_sorted_and_the_benchmark(deepseek_result: StudyResult) -> None:
    figure, frame = drawn_by("day", deepseek_result), numbers("day", deepseek_result)
    assert frame["ticker"].to_list() == ["AVGO", "NVDA", "TSM", "AMD", "ASML", "^IXIC"]
    assert list(figure.layout.yaxis.ticktext) == [
        *("AVGO \u221217%", "NVDA \u221217%", "TSM \u221213%", "AMD \u22126.4%", "ASML \u22125.7%"),
        "<b>Nasdaq</b> \u22123.1%",
    ]
    bars, benchmark, abnormal, ordinary = figure.data
    np.testing.assert_allclose(bars.x, [-0.1740, -0.1697, -0.1333, -0.0637, -0.0575], atol=5e-5)
    np.testing.assert_allclose(benchmark.x, [-0.0307], atol=5e-5)
    assert list(abnormal.text) == ["AVGO", "NVDA", "TSM"]
    assert list(ordinary.text) == ["AMD", "ASML"]
    drawn = frame.set_index("ticker").loc[list(abnormal.text)]
    np.testing.assert_allclose(abnormal.x, drawn["ar"], rtol=SINGLE)
    np.testing.assert_allclose(abnormal.error_x.array, drawn["high"] - drawn["ar"], rtol=SINGLE)


def test_movers_hold_every_security_and_each_benchmark(deepseek_result: StudyResult) -> None:
    figure, frame = drawn_by("movers", deepseek_result), numbers("movers", deepseek_result)
    own = frame[~frame["is_benchmark"]]
    assert set(own["ticker"]) == set(deepseek_result.settings.tickers)
    assert set(frame.loc[frame["is_benchmark"], "ticker"]) == {"^IXIC", "^N225", "^STOXX50E", "^TWII"}
    assert frame["ret"].is_monotonic_increasing
    assert any(label.startswith("2330.TW, 3 Feb ") for label in figure.layout.yaxis.ticktext)
    assert sum(len(trace.x) for trace in figure.data if trace.type == "bar") == len(frame)


def test_a_car_path_is_the_sum_with_its_full_variance(deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, "NVDA")
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    sigma, inverse = np.sqrt(((ys - xs @ b) ** 2).sum() / 248), np.linalg.inv(xs.T @ xs)
    path = drawn_by("car", deepseek_result, ticker="NVDA").data[1]
    frame = numbers("car", deepseek_result, ticker="NVDA")
    total, summed = 0.0, np.zeros(2)
    for k, tau in enumerate(range(-10, 11)):
        total += y[day + tau] - design[day + tau] @ b
        summed += design[day + tau]
        half = stats.t.ppf(0.975, 248) * sigma * np.sqrt(k + 1 + summed @ inverse @ summed)
        row = frame.iloc[k]
        assert (row["tau"], path.x[k]) == (tau, tau)
        np.testing.assert_allclose(
            [row["car"], row["high"], row["low"]], [total, total + half, total - half], rtol=1e-9
        )
        np.testing.assert_allclose([path.y[k], path.customdata[k]], [total, half], rtol=SINGLE, atol=1e-7)
    assert str(frame.loc[frame["tau"] == 0, "date"].iloc[0]) == "2025-01-27"
    assert path.text[10] == "27 Jan"


def test_car_offers_the_comparisons_of_the_core(deepseek_result: StudyResult) -> None:
    figure = drawn_by("car", deepseek_result)
    settings = deepseek_result.settings
    others = len(settings.compare_benchmarks) + len(settings.compare_models) + len(deepseek_result.contamination)
    assert len(figure.data) == 2 * (len(settings.tickers) + len(CORE) * others)
    shown = [trace.name for trace in figure.data if trace.visible and trace.name]
    assert shown == ["NVDA"]  # the controls say against what
    alone = drawn_by("car", deepseek_result, ticker="NVDA", benchmark="^IXIC")
    assert [t.name for t in alone.data if t.name] == ["NVDA against the Nasdaq, market model"]
    against = numbers("car", deepseek_result, ticker="AMD", benchmark="^GSPC")
    wanted = deepseek_result.at("AMD", benchmark="^GSPC")
    car = wanted.abnormal.car(Window(-10, 10))[wanted.row("AMD")]
    assert against["car"].iloc[-1] == pytest.approx(car, rel=1e-12)
    assert set(numbers("car", deepseek_result, model="capm")["ticker"]) == set(CORE)
    with pytest.raises(UnknownNameError, match="specification"):
        drawn_by("car", deepseek_result, ticker="AMD", benchmark="^GSPC", model="capm")


def test_the_scatter_shows_each_estimation_day_and_the_line(deepseek_result: StudyResult) -> None:
    y, design, ys, xs, day = regress(deepseek_result, "AMD")
    band, line, days, zero = drawn_by("scatter", deepseek_result, ticker="AMD").data
    np.testing.assert_allclose(days.x, xs[:, 1], rtol=SINGLE)
    np.testing.assert_allclose(days.y, ys, rtol=SINGLE)
    np.testing.assert_allclose([zero.x[0], zero.y[0]], [design[day, 1], y[day]], rtol=SINGLE)
    assert zero.text[0] == "AMD, 27 Jan 2025"
    b = np.linalg.lstsq(xs, ys, rcond=None)[0]
    np.testing.assert_allclose(line.y, b[0] + b[1] * np.asarray(line.x, dtype=float), rtol=2 * SINGLE)
    at = np.array([1.0, float(band.x[0])])
    sigma = np.sqrt(((ys - xs @ b) ** 2).sum() / 248)
    half = stats.t.ppf(0.975, 248) * sigma * np.sqrt(1 + at @ np.linalg.inv(xs.T @ xs) @ at)
    np.testing.assert_allclose([band.y[0], band.y[-1]], [at @ b + half, at @ b - half], rtol=2 * SINGLE, atol=1e-6)
    assert len(numbers("scatter", deepseek_result, ticker="AMD")) == 251


def test_of_many_securities_the_scatter_holds_the_foremost(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.figures import scatter

    monkeypatch.setattr(scatter, "MOST", 7)
    many = dataclasses.replace(deepseek_result)  # what was drawn of the other is kept
    sar = numbers("movers", many).dropna(subset="sar").set_index("ticker")["sar"].abs()
    strongest = sar.drop(CORE).nlargest(2).index
    assert set(numbers("scatter", many)["ticker"]) == {*CORE, *strongest}
    (control,) = drawn_by("scatter", many).layout.meta["controls"]
    assert {option["value"] for option in control["options"]} == {*CORE, *strongest}
    assert "Of 39 securities 7 can be chosen here" in statement(said("scatter", many))
    assert set(numbers("scatter", many, ticker="MSFT")["ticker"]) == {"MSFT"}


def test_residuals_are_binned_as_numpy_does(deepseek_result: StudyResult) -> None:
    _, _, ys, xs, _ = regress(deepseek_result, "TSM")
    hat = np.einsum("ij,jk,ik->i", xs, np.linalg.inv(xs.T @ xs), xs)
    e = ys - xs @ np.linalg.lstsq(xs, ys, rcond=None)[0]
    z = e / np.sqrt((e**2).sum() / 248 * (1 - hat))
    frame = numbers("residuals", deepseek_result, ticker="TSM")
    edges = np.append(frame["bin_low"], frame["bin_high"].iloc[-1])
    assert frame["count"].sum() == 250
    np.testing.assert_array_equal(frame["count"], np.histogram(z, edges)[0])
    np.testing.assert_allclose(frame["normal_share"], np.diff(stats.norm.cdf(edges)), atol=1e-12)
    curve, bars, event = drawn_by("residuals", deepseek_result, ticker="TSM").data
    np.testing.assert_allclose(bars.y, frame["share"], rtol=SINGLE)
    assert bars.x0 == pytest.approx(edges[0] + 0.125)
    assert event.x[0] == pytest.approx(deepseek_result.at("TSM").abnormal.scar(Window(0, 0))[3], rel=1e-12)
    assert max(curve.y) == pytest.approx(stats.norm.cdf(0.125) - stats.norm.cdf(-0.125), rel=SINGLE)


def test_the_tests_are_drawn_at_their_p_values(deepseek_result: StudyResult) -> None:
    figure = drawn_by("tests", deepseek_result, group="core")
    drawn = {
        (trace.meta["window"], name): (float(p), float(extra[1]), trace.name)
        for trace in figure.data
        if trace.mode == "markers"
        for name, p, extra in zip(trace.y, trace.x, trace.customdata, strict=True)
    }
    findings = [f for f in deepseek_result.headline.tests if f.subject == "core" and f.is_group]
    findings = [f for f in findings if deepseek_result.cards.tests[f.result.test].about != "variance"]
    computed = [f for f in findings if np.isfinite(f.result.p)]
    assert len(drawn) == len(computed) >= 5 * len(deepseek_result.settings.windows)
    for finding in computed:
        x, p, name = drawn[str(finding.result.window), deepseek_result.cards.tests[finding.result.test].label]
        assert p == pytest.approx(finding.result.p, rel=SINGLE)
        assert x == pytest.approx(max(finding.result.p, 1e-6), rel=SINGLE)
        assert name == ("fits the design" if finding.front else "behind a warning")
    assert figure.layout.shapes[0].x0 == 0.05


def test_benchmarks_hold_the_study_s_own_and_the_comparisons(deepseek_result: StudyResult) -> None:
    frame = numbers("benchmarks", deepseek_result)
    without = [found.name for found in deepseek_result.contamination]
    names = ["^IXIC", *without, *deepseek_result.settings.compare_benchmarks]
    assert list(zip(frame["ticker"], frame["benchmark"], strict=True)) == [(t, b) for t in CORE for b in names]
    own = frame[frame["is_own"]].set_index("ticker")
    day = numbers("day", deepseek_result).set_index("ticker")
    pd.testing.assert_series_equal(own["ar"], day.loc[own.index, "ar"])
    assert frame.loc[frame["is_member"], "benchmark"].unique().tolist() == ["^IXIC", "^GSPC"]
    figure = drawn_by("benchmarks", deepseek_result)
    assert figure.layout.yaxis.ticktext[0] == "<b>NVDA</b> Nasdaq*"
    assert sum(len(trace.x) for trace in figure.data) == len(frame)


def test_prices_start_from_100_and_fall_by_the_return(deepseek_result: StudyResult) -> None:
    frame = numbers("prices", deepseek_result, after=5)
    assert list(dict.fromkeys(frame["ticker"])) == [*CORE, "^IXIC"]
    assert (frame.loc[frame["tau"] == -1, "level"] == 100).all()
    zero = frame[frame["tau"] == 0].set_index("ticker")["level"]
    day = numbers("day", deepseek_result).set_index("ticker")["ret"]
    np.testing.assert_allclose(zero, 100 * (1 + day.loc[zero.index]), rtol=1e-12)
    assert frame["tau"].max() == 5
    figure = drawn_by("prices", deepseek_result, after=5)
    names = [note.text for note in figure.layout.annotations]
    assert names == [*CORE, "Nasdaq", "27 Jan 2025"]
    heights = sorted(note.y for note in figure.layout.annotations[:-1])
    low, high = figure.layout.yaxis.range
    assert min(b - a for a, b in pairwise(heights)) > 0.03 * (high - low)


def test_the_calendar_knows_the_holidays(deepseek_result: StudyResult) -> None:
    frame = numbers("calendar", deepseek_result)
    closed = frame[~frame["open"]].groupby("exchange")["date"].unique()
    assert [str(d) for d in closed["XNYS"]] == ["2025-01-20"]
    assert {str(d) for d in closed["XTAI"]} == {f"2025-01-{d}" for d in (23, 24, 27, 28, 29, 30, 31)}
    zero = frame[frame["is_day_zero"]].groupby("exchange")["date"].unique()
    assert {k: str(v[0]) for k, v in zero.items()} == {
        **dict.fromkeys(("XNYS", "XTKS", "XAMS"), "2025-01-27"),
        "XTAI": "2025-02-03",
    }
    cell = frame[(frame["ticker"] == "8035.T") & (frame["date"].astype(str) == "2025-01-28")]["ret"].iloc[0]
    close = deepseek_result.prices.adj_close["8035.T"].dropna()
    assert cell == pytest.approx(close["2025-01-28"] / close["2025-01-27"] - 1, rel=1e-12)
    figure = drawn_by("calendar", deepseek_result)
    assert [trace.type for trace in figure.data] == ["heatmap"] * 4
    assert sum(note.text == "closed" for note in figure.layout.annotations) == 8
    drawn = figure.data[1].z[list(dict.fromkeys(frame["date"].astype(str))).index("2025-01-28"), 1]
    assert drawn == pytest.approx(100 * cell, rel=SINGLE)


def test_claims_are_drawn_in_multiples_of_what_was_claimed(deepseek_result: StudyResult) -> None:
    frame = numbers("claims", deepseek_result).set_index("claim")
    line = frame.loc["avgo-15"]
    assert line["scale"] == 15
    assert line["claimed_low_ratio"] == pytest.approx(14.5 / 15)
    assert line["value_ratio"] == pytest.approx(17.40 / 15, abs=1e-3)
    assert frame.loc["amd-8", "claimed_high_ratio"] == np.inf
    assert not frame["unit"].isin(["rank", "date"]).any()
    figure = drawn_by("claims", deepseek_result)
    rows = list(figure.layout.yaxis.ticktext)
    places = {
        rows[y]: (trace.name, float(x), text)
        for trace in figure.data[1:]
        for y, x, text in zip(trace.y, trace.x, trace.text, strict=True)
    }
    assert rows == list(frame.index)
    assert set(places) == set(frame.index)
    assert places["avgo-15"][:2] == ("imprecise", pytest.approx(line["value_ratio"], rel=SINGLE))
    assert places["amd-8"][0] == "contradicted"
    assert max(x for _, x, _ in places.values()) <= 2.5
    assert places["amd-8"][2].replace("<br>", " ") == frame.loc["amd-8", "says"]


def test_markup_in_a_claim_is_shown_as_text(deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdict("amd-8")
    claim = dataclasses.replace(verdict.claim, says="<b>AMD</b> fell & fell")
    figure = drawn_by(
        "claims", dataclasses.replace(deepseek_result, verdicts=(dataclasses.replace(verdict, claim=claim),))
    )
    assert figure.data[1].text == ("&lt;b&gt;AMD&lt;/b&gt; fell &amp; fell",)


def test_a_claim_of_the_wrong_sign_stays_on_the_axis(deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdict("nvda-17")
    rose = dataclasses.replace(verdict, measured=Interval(-30.0, -30.0, "percent"), value=-30.0, verdict="contradicted")
    figure = drawn_by("claims", dataclasses.replace(deepseek_result, verdicts=(rose,)))
    low, high = figure.layout.xaxis.range
    assert low < figure.data[1].x[0] < high
    assert figure.data[1].marker.symbol == ("triangle-left",)
    assert figure.data[1].customdata[0] == pytest.approx(-30 / 17, rel=SINGLE)
