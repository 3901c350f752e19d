"""A run as users call it: what they hand in, what they ask of it, and the same numbers as a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats as stats
import statsmodels.api as sm
from test_scale import EVENT, SESSIONS, WINDOWS, close, market, one_by_one, run, some_events

import eventstudy as es
from eventstudy.abnormal import abnormal_returns
from eventstudy.errors import EventStudyError, MissingPriceError, SpecError, UnknownNameError, WindowError
from eventstudy.many.checks import day_notes, lag_notes, stray_days
from eventstudy.objects.estimation import Event

DESIGN: dict[str, Any] = {"benchmark": "^M", "estimation": (-120, -8), "event": EVENT, "min_obs": 60}
CASES = Path(__file__).parent / "cases"


def distinct(n: int = 200, holes: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    events = some_events(n).drop_duplicates(["security", "date"]).reset_index(drop=True)
    rng = np.random.default_rng(11)
    events["size"] = rng.normal(size=len(events))
    events["side"] = rng.choice(["buy", "hold", "sell"], len(events))
    return market(holes=holes), events


# -------------------------------------------------------------------------------------------------- what is asked of it
def test_an_event_a_row_with_its_own_test() -> None:
    returns, events = distinct()
    found, expected = run(returns, events), one_by_one(returns, events)
    cars = found.cars()
    own = ["id", "ticker", "day_zero", "window", "car", "se", "t", "p", "bhar", "nobs", "group", "size", "side"]
    assert cars.columns.tolist() == own
    assert len(cars) == len(events) * len(WINDOWS)
    for window in WINDOWS:
        rows = cars[cars["window"] == str(window)]
        assert rows["id"].tolist() == events.index.tolist()
        close(rows["car"], expected.car(window))
        close(rows["se"], expected.car_se(window))
        close(rows["bhar"], expected.bhar(window))
        close(rows["p"], 2 * stats.t.sf(np.abs(expected.scar(window)), expected.normal.nu))
        close(found.bhar[f"bhar{str(window).replace(' ', '')}"], expected.bhar(window))


def test_means_have_the_interval_of_the_t_test() -> None:
    returns, events = distinct(holes=0.01)
    found = run(returns, events)
    caar = found.caar().set_index(["subject", "window"])
    for subject in ("all events", "calm", "wild"):
        rows = slice(None) if subject == "all events" else (events["group"] == subject).to_numpy()
        for w, window in enumerate(WINDOWS):
            car = found.measured.car[rows, w]
            car = car[np.isfinite(car)]
            one = caar.loc[(subject, str(window))]
            low, high = stats.t.interval(0.95, len(car) - 1, car.mean(), stats.sem(car))
            close([one["caar"], one["se"], one["low"], one["high"]], [car.mean(), stats.sem(car), low, high])
            assert one["n"] == len(car)
    last = found.path[found.path["tau"] == EVENT[1]].set_index("subject")
    whole = caar.xs("[-5, +5]", level="window")
    close(last[["caar", "se", "low", "high"]], whole.loc[last.index, ["caar", "se", "low", "high"]], 1e-8)


@pytest.mark.parametrize("covariance", ["classical", "hc3", "cluster_date", "cluster_firm"])
def test_regressions_are_those_of_statsmodels(covariance: Any) -> None:
    returns, events = distinct()
    found = run(returns, events)
    answer = found.regress(["size", "side"], (-1, 1), covariance=covariance)
    sides = pd.get_dummies(events["side"], drop_first=True).astype(float)
    x = sm.add_constant(pd.concat([events["size"], sides], axis=1))
    kinds = {"classical": "nonrobust", "hc3": "HC3"}
    clusters = events["date"] if covariance == "cluster_date" else events["security"]
    more = {} if covariance in kinds else {"groups": pd.factorize(clusters)[0]}
    expected = sm.OLS(found.measured.car[:, 1], x).fit(cov_type=kinds.get(covariance, "cluster"), cov_kwds=more or None)
    assert answer.names == ("const", "size", "side[hold]", "side[sell]")
    close(answer.coefficients, expected.params)
    close(answer.se, expected.bse)
    close(answer.r_squared, expected.rsquared)
    df = clusters.nunique() - 1 if more else len(events) - 4
    close(answer.p, 2 * stats.t.sf(np.abs(expected.tvalues), df))


def test_the_covariance_follows_from_what_events_share() -> None:
    returns, events = distinct()
    own = events.drop_duplicates("date").drop_duplicates("security")
    assert run(returns, events).regress(["size"]).covariance == "cluster_date"
    assert run(returns, events.drop_duplicates("date")).regress(["size"]).covariance == "cluster_firm"
    assert run(returns, own).regress(["size"]).covariance == "hc3"
    some = run(returns, events).regress(["size"], group="calm", covariance="hc3")
    assert some.n == (events["group"] == "calm").sum()
    assert "which this covariance takes as independent" in str(some.warning)


def test_groups_are_compared_by_welch() -> None:
    returns, events = distinct()
    found = run(returns, events)
    rows = found.compare("calm", "wild", (-1, 1)).set_index("test")
    calm = (events["group"] == "calm").to_numpy()
    for name, values in (("welch_t", found.measured.car[:, 1]), ("scar_welch_t", found.measured.scar[:, 1])):
        expected = stats.ttest_ind(values[calm], values[~calm], equal_var=False)
        close([rows.loc[name, "statistic"], rows.loc[name, "p"]], [expected.statistic, expected.pvalue])
        close(rows.loc[name, "df"], expected.df)


def test_figures_and_tables_that_leave(tmp_path: Path) -> None:
    returns, events = distinct()
    found = run(returns, events)
    assert [trace.name for trace in found.plot.caar().data if trace.name] == [
        f"{name} ({n} events)"
        for name, n in zip(found.numbers.subjects, found.path.groupby("subject")["n"].max(), strict=True)
    ]
    assert sum(found.plot.cars((0, 0)).data[0].y) == len(events)
    assert found.to_latex().count("\\toprule") == 3
    assert found.to_latex(tmp_path / "run.tex") == tmp_path / "run.tex"
    assert "all events" in repr(found)


def test_questions_that_cannot_be_answered_are_refused_in_words() -> None:
    returns, events = distinct()
    found = run(returns, events)
    for question, error, said in (
        (lambda: found.regress(["sise"]), UnknownNameError, "Did you mean 'size'"),
        (lambda: found.regress("size"), SpecError, r"names of traits, such as \['size'\]"),
        (lambda: found.regress(["size"], covariance="hc1"), SpecError, "cluster_date, cluster_firm"),
        (lambda: found.regress(["size"], (-2, 2)), WindowError, r"no window \[-2, \+2\]; it has \[0, 0\]"),
        (lambda: found.regress(["size"], group="clam"), UnknownNameError, "Did you mean 'calm'"),
        (lambda: found.regress(pd.DataFrame({"x": [1.0]})), SpecError, "the index of the events"),
        (lambda: found.compare("calm", "wyld"), UnknownNameError, "Did you mean 'wild'"),
        (lambda: found.plot.caar(["clam"]), UnknownNameError, "Did you mean 'calm'"),
        (lambda: found.regress([["size"]]), UnknownNameError, "unknown trait"),
        (lambda: found.to_excel(5), SpecError, "path is a path, such as 'cars.xlsx', got 5"),
        (lambda: found.to_latex(5), SpecError, "path is a path"),
        (lambda: run(returns, events, percent="yes"), SpecError, "percent is True or False, got the text 'yes'"),
        (lambda: run(returns, events, dayfirst="yes"), SpecError, "dayfirst is True or False"),
        (lambda: run(returns, events, kind=returns), SpecError, "kind is one of 'simple', 'log', got a DataFrame"),
        (lambda: run(returns, events, policy=returns), SpecError, "policy is one of 'next', "),
        (lambda: run(returns, events, date_format=5), SpecError, "date_format is a text"),
        (lambda: run(returns, events, chunk=True), SpecError, "chunk is a whole number of at least 1"),
        (lambda: run(returns, events, benchmark=None), SpecError, "compares with a benchmark: say which column"),
        (lambda: es.run_events("r.csv", events), SpecError, r"pandas.read_csv\('r.csv'"),
        (lambda: es.run_events(prices="p.csv", events=events), SpecError, r"pandas.read_csv\('p.csv'"),
    ):
        with pytest.raises(error, match=said):
            question()


# -------------------------------------------------------------------------------------------------------- what comes in
def test_prices_are_turned_into_returns_on_their_own_sessions() -> None:
    returns, events = distinct()
    prices = 100 * (1 + returns).cumprod()
    prices.iloc[200, 3] = np.nan
    expected = run(prices.pct_change(fill_method=None), events)
    found = es.run_events(prices=prices, events=events, windows=WINDOWS, **DESIGN)
    close(found.measured.car, expected.measured.car)
    log = es.run_events(prices=prices, kind="log", events=events, **DESIGN)
    close(log.measured.car, run(np.log(prices).diff(), events, windows=()).measured.car)


def test_per_cent_are_refused_until_they_are_said() -> None:
    returns, events = distinct()
    with pytest.raises(SpecError, match="percent=True"):
        run(100 * returns, events)
    close(run(100 * returns, events, percent=True).measured.car, run(returns, events).measured.car)
    with pytest.raises(SpecError, match="prices="):
        run(100 * (1 + returns).cumprod(), events)
    coded = returns.copy()
    coded.iloc[50, 2] = -66.0
    with pytest.raises(SpecError, match=r"-66 of S2 on"):
        run(coded, events)
    smb = pd.DataFrame({"smb": 100 * returns["S0"]}, index=SESSIONS)
    with pytest.raises(SpecError, match="the factors look like per cent"):
        run(returns, events, model="factors", factors=smb)
    for wrong in ({}, {"prices": returns}):
        with pytest.raises(SpecError, match="one of the two"):
            es.run_events(None if not wrong else returns, events, **wrong)


def test_events_come_in_many_forms(tmp_path: Path) -> None:
    returns = market()
    days = [SESSIONS[300], SESSIONS[310], SESSIONS[320]]
    expected = run(returns, pd.DataFrame({"security": ["S0", "S1", "S2"], "date": days})).measured.car
    mapping = {"S0": days[0], "S1": days[1], "S2": days[2]}
    objects = [Event("a", name, day.date()) for name, day in mapping.items()]
    table = pd.DataFrame(
        {"Symbol": list(mapping), "event_date": [f"{day:%d/%m/%Y}" for day in days], "id": ["x", "y", "z"]}
    )
    file = tmp_path / "events.csv"
    table.to_csv(file, index=False)
    for events in (mapping, pd.Series(mapping), objects, table, file, str(file)):
        close(run(returns, events).measured.car, expected)
    assert run(returns, table).cars()["id"].tolist()[::3] == ["x", "y", "z"]
    every = run(returns, "2019-03-01")
    assert every.n == 30
    assert "^M" not in every.estimates["security"].tolist()


def test_dates_that_can_be_read_two_ways_are_refused() -> None:
    table = pd.DataFrame({"ticker": ["S0", "S1"], "date": ["03/04/2019", "05/06/2019"]})
    with pytest.raises(SpecError, match="dayfirst"):
        run(market(), table)
    assert run(market(), table, dayfirst=True).estimates["date"].dt.month.tolist() == [4, 6]
    assert run(market(), table, date_format="%m/%d/%Y").estimates["date"].dt.month.tolist() == [3, 5]


def test_the_policy_for_days_that_are_no_sessions() -> None:
    saturday = SESSIONS[300] + pd.offsets.Week(weekday=5)
    events = pd.DataFrame({"security": ["S0", "S1"], "date": [saturday, SESSIONS[310]]})
    zero = {policy: run(market(), events, policy=policy) for policy in ("next", "previous", "drop")}
    assert zero["next"].estimates["day_zero"][0] == saturday + pd.Timedelta(days=2)
    assert zero["previous"].estimates["day_zero"][0] == saturday - pd.Timedelta(days=1)
    assert "not a session" in zero["drop"].skipped["reason"].astype(str)[0]
    with pytest.raises(WindowError, match="1 events have a date that is not a session"):
        run(market(), events, policy="error")


def test_missing_days_may_be_left_out_of_sums() -> None:
    returns, events = distinct(150)
    returns.loc[SESSIONS[300:340:3], :"S20"] = np.nan  # type: ignore[misc]
    found = run(returns, events, allow_missing=True, tests="all")
    expected = one_by_one(returns, events)
    expected = abnormal_returns(expected.panel, expected.normal, allow_missing=True)
    for w, window in enumerate(WINDOWS):
        close(found.measured.car[:, w], expected.car(window))
        close(found.measured.scar[:, w], expected.scar(window))
    tests = found.tests().query("subject == 'all events' and window == '[-5, +5]'").set_index("test")
    assert np.isfinite(tests.loc["cross_sectional_t", "p"])
    assert "leave out allow_missing" in tests.loc["corrado_rank_z", "reason"]


def test_repeated_events_count_once_and_are_said() -> None:
    returns, events = distinct(60)
    group = events.assign(group="g").iloc[[0, 0, 0, 1, 2]]
    found = run(returns, group)
    assert found.tests()["n"].unique().tolist() == [3]
    assert found.caar()["n"].unique().tolist() == [3]
    assert any("2 events repeat" in note for note in found.notes)
    assert len(found.cars()) == 5 * len(WINDOWS)


def test_a_missing_benchmark_is_asked_for() -> None:
    returns, events = distinct()
    with pytest.raises(MissingPriceError, match=r"benchmark=\.\.\..*Indices among them are \^M"):
        es.run_events(returns, events)
    with pytest.raises(MissingPriceError, match=r"the panel holds no '\^A', the benchmark"):
        run(returns, events.assign(benchmark=np.where(events.index < 5, "^A", "^M")))


# ---------------------------------------------------------------------------------------------------- days of the panel
def test_a_day_of_one_among_many_is_left_out() -> None:
    returns, events = distinct()
    prices = 100 * (1 + returns).cumprod()
    saturday = SESSIONS[250] + pd.offsets.Week(weekday=5)
    stray = prices.copy()
    stray.loc[saturday] = np.nan
    stray.loc[saturday, "S3"] = 101.0
    stray = stray.sort_index()
    expected = es.run_events(prices=prices, events=events, **DESIGN)
    found = es.run_events(prices=stray, events=events, **DESIGN)
    close(found.measured.car, expected.measured.car)
    assert any(f"{saturday.date()} (S3)" in note for note in found.notes)
    dated = (p.rename_axis("date") for p in (stray, prices))
    long, without = (p.melt(ignore_index=False, value_name="price").reset_index() for p in dated)
    one, other = (es.panel_from_long(table.dropna(), security="variable", price="price") for table in (long, without))
    close(one.returns, other.returns)
    held = np.ones((10, 4), np.bool_)
    held[1:, 2] = False
    assert not stray_days(held, SESSIONS[:4]).any()  # of ten series one is a tenth


def test_a_shifted_panel_is_found() -> None:
    returns = market()
    moved = returns.drop(columns="^M").shift(17)
    names = tuple(moved.columns)
    benchmark = returns["^M"].to_numpy()
    with pytest.raises(SpecError, match=r"follow \^M 17 sessions later, and hardly on the same day"):
        lag_notes(moved.to_numpy().T.copy(), names, benchmark, "^M")
    some = returns.drop(columns="^M").copy()
    some.iloc[:, :4] = some.iloc[:, :4].shift(-1)
    (note,) = lag_notes(some.to_numpy().T.copy(), names, benchmark, "^M")
    assert "4 of 30 securities follow ^M 1 session earlier" in note
    assert lag_notes(returns.drop(columns="^M").to_numpy().T.copy(), names, benchmark, "^M") == ()


def test_filled_holidays_weekends_and_stale_series_are_noted() -> None:
    returns = market().drop(columns="^M")
    returns.iloc[100] = 0.0
    returns.iloc[200:215, 4] = 0.0
    notes = day_notes(returns.to_numpy().T.copy(), tuple(returns.columns), SESSIONS)
    assert any(f"on 1 days all returns are zero: {SESSIONS[100].date()}" in note for note in notes)
    assert any("1 series do not move for 10 days or more: S4" in note for note in notes)
    weekend = SESSIONS.insert(5, SESSIONS[4] + pd.Timedelta(days=1))
    values = np.insert(returns.to_numpy(), 5, 0.01, axis=0).T.copy()
    assert any("1 sessions are on a weekend" in note for note in day_notes(values, tuple(returns.columns), weekend))


# -------------------------------------------------------------------------------------------------------- as in a study
def test_a_study_and_a_run_give_the_same_numbers() -> None:
    rng, days, n = np.random.default_rng(4), pd.bdate_range("2018-01-01", periods=700), 224
    m = rng.normal(0, 0.01, len(days))
    moves = m[:, None] * rng.uniform(0.5, 1.5, n) + rng.standard_t(4, (len(days), n)) * 0.012
    names = ["^IXIC", *(f"S{i:03d}" for i in range(n))]
    prices = pd.DataFrame(100 * np.exp(np.cumsum(np.column_stack([m, moves]), axis=0)), index=days, columns=names)
    more = [f"S{i:03d}" for i in rng.integers(0, n, 80)]  # several events a security
    events = pd.DataFrame({"ticker": [*names[1:], *more], "date": days[rng.integers(280, 690, n + 80)]})
    events = events.drop_duplicates(["ticker", "date"]).iloc[:300]
    events["group"] = np.where(rng.random(300) < 0.4, "a", "b")
    tests = ["cross_sectional_t", "bmp_t", "patell_z", "adjusted_bmp_t", "corrado_rank_z", "grank_t"]
    asked: dict[str, Any] = {"events": events, "windows": [(0, 0), (-1, 1)], "tests": tests, "benchmark": "^IXIC"}
    study = es.Study(prices=prices, calendar="own", **asked).run()
    found = es.run_events(prices=prices, **asked)
    (result,) = study.events
    places = pd.Series(range(300), pd.MultiIndex.from_arrays([events["ticker"], events["date"]]))
    order = [
        places[e.ticker, pd.Timestamp(z.session)]
        for e, z in zip(result.panel.events, result.panel.day_zero, strict=True)
    ]
    for w, window in enumerate(found.design.windows):
        close(found.measured.car[order, w], result.abnormal.car(window))
        close(found.measured.scar[order, w], result.abnormal.scar(window))
    one = {(f.subject, f.result.test, f.result.window): f.result for f in result.tests if f.is_group}
    for subject, other in found.results:
        same = one["all" if subject == "all events" else subject, other.test, other.window]
        assert same.n == other.n
        close([other.statistic, other.p], [same.statistic, same.p], 1e-9)
    assert len(one) == len(found.results) == 3 * 2 * len(tests)


def test_what_the_documentation_names_is_under_es() -> None:
    assert es.Recipe("two", "a + b Rm", columns=("market",)).needs == ("market",)
    assert callable(es.panel_from_long)
    assert issubclass(es.EventStudyError, EventStudyError)


def test_a_saturday_of_one_series_changes_no_other() -> None:
    right = json.loads((CASES / "prices.json").read_text())["stray"]
    table = pd.read_csv(CASES / "prices_long_stray_saturday.csv")
    panel = es.panel_from_long(table, security="ticker", price="price")
    found = es.run_events(panel, {"AMD": "2025-01-27"}, benchmark="^IXIC", windows=[(0, 0), (-1, 1)])
    close(found.params[0], [right["alpha"], right["beta"]], 1e-8)
    close(found.measured.sigma[0], right["sigma"], 1e-8)
    rows = found.cars().set_index("window")
    close(rows.loc[["[0, 0]", "[-1, +1]"], ["car", "se"]], [right["car0"], right["car1"]], 1e-8)
