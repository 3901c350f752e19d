"""Many events at once: the same numbers as one by one, whatever the pieces, and nothing dropped in silence."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.errors import EstimationError, MissingPriceError, SpecError, UnknownNameError, WindowError
from eventstudy.inference import run_tests
from eventstudy.many.eventrun import EventRun
from eventstudy.many.ingest import ReturnPanel
from eventstudy.many.pooled_tests import NEEDS, OWN
from eventstudy.many.run import run_events
from eventstudy.models import MODELS, estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window

SESSIONS = pd.bdate_range("2018-01-01", periods=420).as_unit("ns")
ESTIMATION, EVENT = (-120, -8), (-5, 5)
WINDOWS = (Window(0, 0), Window(-1, 1), Window(-5, 5))


def market(seed: int = 3, securities: int = 30, holes: float = 0.0) -> pd.DataFrame:
    """Correlated returns of ^M and S0, S1...; some missing."""
    rng = np.random.default_rng(seed)
    m, common = rng.normal(0, 0.01, len(SESSIONS)), rng.normal(0, 0.01, len(SESSIONS))
    own = rng.standard_t(4, (len(SESSIONS), securities)) * 0.012
    beta = rng.uniform(0.3, 1.7, securities)
    values = 0.0003 + m[:, None] * beta + 0.6 * common[:, None] + own
    values[rng.random(values.shape) < holes] = np.nan
    frame = pd.DataFrame(values, index=SESSIONS, columns=[f"S{i}" for i in range(securities)])
    return frame.assign(**{"^M": m})


def factor_frame(seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = ["mkt_rf", "smb", "hml", "rmw", "cma", "mom"]
    frame = pd.DataFrame(rng.normal(0, 0.008, (len(SESSIONS), 6)), index=SESSIONS, columns=names)
    return frame.assign(rf=rng.uniform(0, 0.0002, len(SESSIONS)))


def some_events(n: int, seed: int = 1, *, first: int = 125, last: int = 412, securities: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "security": [f"S{i}" for i in rng.integers(0, securities, n)],
            "date": SESSIONS[rng.integers(first, last, n)],
            "group": np.where(rng.random(n) < 0.4, "calm", "wild"),
        }
    )


def run(returns: Any, events: pd.DataFrame, **options: Any) -> EventRun:
    given = {"benchmark": "^M", "estimation": ESTIMATION, "event": EVENT, "windows": WINDOWS, "min_obs": 60}
    return run_events(returns, events, **(given | options))


def one_by_one(
    returns: pd.DataFrame, events: pd.DataFrame, model: str = "market", factors: pd.DataFrame | None = None
) -> AbnormalReturns:
    """The way of a study: an Event and a DayZero for each, and the arrays (N, T)."""
    names = list(returns.columns)
    days = SESSIONS.get_indexer(pd.DatetimeIndex(events["date"]))
    made = tuple(Event(f"e{i}", s, dt.date(2020, 1, 1)) for i, s in enumerate(events["security"]))
    regressors = {"market": returns["^M"].to_numpy()}
    if factors is not None:
        regressors |= {str(c): factors[c].to_numpy() for c in factors}
    panel = EventPanel(
        exchange="X",
        benchmark="^M",
        kind="simple",
        sessions=SESSIONS,
        tickers=tuple(names),
        returns=np.ascontiguousarray(returns.to_numpy().T),
        regressors=regressors,
        events=made,
        day_zero=tuple(DayZero(e, int(d), None, 0) for e, d in zip(made, days, strict=True)),
        security=np.array([names.index(s) for s in events["security"]], dtype=np.int32),
        day=days.astype(np.int32),
        estimation=Window(*ESTIMATION),
        event=Window(*EVENT),
        min_obs=60,
    )
    return abnormal_returns(panel, estimate(panel, model))


def close(found: Any, expected: Any, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=rtol, atol=1e-13)


# ------------------------------------------------------------------------------------------------------ the estimates
@pytest.mark.parametrize("holes", [0.0, 0.05])
def test_estimates_are_those_of_a_loop_over_events(holes: float) -> None:
    returns, events = market(holes=holes), some_events(60)
    found = run(returns, events)
    m = returns["^M"].to_numpy()
    for i, row in enumerate(events.itertuples()):
        t = SESSIONS.get_loc(row.date)
        y = returns[row.security].to_numpy()
        past = np.arange(t + ESTIMATION[0], t + ESTIMATION[1] + 1)
        past = past[np.isfinite(y[past])]
        x = np.column_stack([np.ones(len(past)), m[past]])
        b, *_ = np.linalg.lstsq(x, y[past], rcond=None)
        e = y[past] - x @ b
        sigma = np.sqrt(e @ e / (len(past) - 2))
        one = found.estimates.iloc[i]
        close([one["const"], one["market"], one["sigma"]], [*b, sigma])
        assert (one["nobs"], one["nu"]) == (len(past), len(past) - 2)
        close(one["r_squared"], 1 - e @ e / ((y[past] - y[past].mean()) ** 2).sum())
        for j, window in enumerate(WINDOWS):
            days = np.arange(t + window.start, t + window.end + 1)
            xw = np.column_stack([np.ones(len(days)), m[days]])
            car = (y[days] - xw @ b).sum()
            total = xw.sum(axis=0)
            se = sigma * np.sqrt(len(days) + total @ np.linalg.inv(x.T @ x) @ total)
            close(found.measured.car[i, j], car)
            close(found.measured.scar[i, j], car / se)
            close(found.car[f"car{str(window).replace(chr(32), '')}"].iloc[i], car)


@pytest.mark.parametrize("model", [name for name, entry in MODELS.items() if entry.linear])
def test_every_least_squares_model_gives_what_a_study_gives(model: str) -> None:
    returns, events, factors = market(holes=0.02), some_events(40), factor_frame()
    found, expected = run(returns, events, model=model, factors=factors), one_by_one(returns, events, model, factors)
    close(found.params, expected.normal.params)
    close(found.measured.sigma, expected.normal.sigma)
    close(found.ar, expected.ar)
    close(found.sar, expected.sar())
    for j, window in enumerate(WINDOWS):
        close(found.measured.car[:, j], expected.car(window))
        close(found.measured.scar[:, j], expected.scar(window))


def test_what_was_not_measured_at_once_is_made_when_it_is_asked_for() -> None:
    returns, events = market(holes=0.01), some_events(50)
    full, ar, car = (run(returns, events, outputs=kind) for kind in ("full", "ar", "car"))
    assert (car.measured.ar, car.measured.params, ar.measured.sar) == (None, None, None)
    close(car.measured.car, full.measured.car, 1e-14)
    for one in (ar, car):
        close(one.ar, full.measured.ar, 1e-14)
        close(one.sar, full.measured.sar, 1e-14)
        pd.testing.assert_frame_equal(one.estimates, full.estimates, rtol=1e-13)
        pd.testing.assert_frame_equal(one.aar, full.aar, rtol=1e-12, atol=1e-16)
    assert car.ar is car.ar


def test_car_alone_of_many_events_takes_little_memory() -> None:
    rng = np.random.default_rng(0)
    panel = ReturnPanel(rng.normal(0, 0.01, (50, 420)), tuple(f"S{i}" for i in range(50)), SESSIONS)
    events = some_events(50_000, securities=50).drop_duplicates()
    run(panel, events.iloc[:9000], benchmark="S0", outputs="car", windows=())  # compiled and imported by now
    tracemalloc.start()
    run(panel, events, benchmark="S0", outputs="car", windows=())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25e6, f"{peak / 1e6:.0f} MB for {len(events)} events"


# ---------------------------------------------------------------------------------------------------------- the tests
def compare(found: EventRun, abnormal: AbnormalReturns, names: tuple[str, ...], subject: str = "all events") -> None:
    got = {(r.test, r.window): r for s, r in found.results if s == subject}
    for window in WINDOWS:
        for expected in run_tests(abnormal, window, names):
            one = got[expected.test, window]
            said = f"{expected.test} over {window}"
            assert (one.reason, one.distribution, one.n, one.df) == (
                expected.reason, expected.distribution, expected.n, expected.df,
            ), said  # fmt: skip
            np.testing.assert_allclose(one.statistic, expected.statistic, rtol=1e-10, atol=1e-12, err_msg=said)
            np.testing.assert_allclose(one.p, expected.p, rtol=1e-8, atol=1e-14, err_msg=said)
            assert one.warning == expected.warning, said


@pytest.mark.parametrize(
    ("n", "first", "last", "holes", "model"),
    [
        (40, 300, 301, 0.0, "market"),
        (40, 300, 301, 0.04, "market"),
        (90, 125, 412, 0.0, "market"),
        (90, 125, 412, 0.03, "market"),
        (700, 125, 412, 0.0, "market"),
        (60, 300, 306, 0.02, "market_adjusted"),
        (60, 290, 310, 0.0, "ff3"),
        (3, 200, 300, 0.0, "market"),
        (2, 200, 300, 0.0, "market"),
        (1, 200, 300, 0.0, "market"),
    ],
)
def test_every_test_is_that_of_the_registry(n: int, first: int, last: int, holes: float, model: str) -> None:
    returns, factors = market(holes=holes), factor_frame()
    events = some_events(n, first=first, last=last).drop_duplicates(["security", "date"]).reset_index(drop=True)
    found = run(returns, events, tests="all", model=model, factors=factors)
    compare(found, one_by_one(returns, events, model, factors), tuple(NEEDS))


def test_every_test_of_each_group() -> None:
    returns, events = market(holes=0.01), some_events(80).drop_duplicates(["security", "date"])
    found = run(returns, events, tests="all")
    for group in ("calm", "wild"):
        own = events[events["group"] == group].reset_index(drop=True)
        compare(found, one_by_one(returns, own), tuple(NEEDS), group)
    assert found.tests()["subject"].unique().tolist() == ["all events", "calm", "wild"]


def test_without_names_come_the_tests_that_cost_nothing() -> None:
    found = run(market(), some_events(60))
    assert set(found.tests()["test"]) == set(OWN)
    assert len(found.tests()) == 3 * len(WINDOWS) * len(OWN)


def test_signs_are_counted_where_a_test_asks_for_them() -> None:
    returns, events = market(holes=0.01), some_events(60)
    every, bmp = run(returns, events), run(returns, events, tests=["bmp_t"])
    assert np.isfinite(every.measured.positive).all()
    assert bmp.measured.positive is None
    pd.testing.assert_frame_equal(every.frame(), bmp.frame(), check_exact=True)
    same = every.tests()[every.tests()["test"] == "bmp_t"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, bmp.tests(), check_exact=True)


def test_averages_are_means_of_what_is_there() -> None:
    returns, events = market(holes=0.03), some_events(50)
    found, expected = run(returns, events), one_by_one(returns, events)
    close(found.aar["all events"], expected.aar())
    own = expected.take((events["group"] == "calm").to_numpy())
    close(found.aar["calm"], own.aar())
    rows = found.caar().set_index(["subject", "window"])
    for window in WINDOWS:
        close(rows.loc[("all events", str(window)), "caar"], expected.caar(window))
        close(rows.loc[("calm", str(window)), "caar"], own.caar(window))


# --------------------------------------------------------------------------------------------------------- the pieces
@pytest.mark.parametrize("chunk", [1, 700, 10**6])
def test_the_pieces_change_nothing(chunk: int) -> None:
    returns, events = market(), some_events(1500).drop(columns="group")
    returns.loc[SESSIONS[100:103], "S4"] = np.nan
    whole, cut = (run(returns, events, tests="all", chunk=size) for size in (None, chunk))
    pd.testing.assert_frame_equal(whole.frame(), cut.frame(), rtol=1e-12, atol=1e-15)
    pd.testing.assert_frame_equal(whole.tests(), cut.tests(), rtol=1e-12, atol=1e-15)


def test_pieces_that_take_other_ways_through_the_engine_differ_by_what_is_documented() -> None:
    """A piece of 5,000 events is compiled where it can be, pieces of 512 are not; one without a place cuts them."""
    rows = np.random.default_rng(6).choice(30 * 200, 5_000, replace=False)
    events = pd.DataFrame({"security": [f"S{i // 200}" for i in rows], "date": SESSIONS[150 + rows % 200]})
    events.loc[len(events)] = ["NOBODY", SESSIONS[300]]
    whole, cut = (run(market(), events, outputs="full", chunk=size) for size in (None, 512))
    pd.testing.assert_frame_equal(whole.frame(), cut.frame(), rtol=1e-10, atol=1e-14)
    pd.testing.assert_frame_equal(whole.tests(), cut.tests(), rtol=1e-10, atol=1e-13)


def test_what_is_the_same_event_has_the_same_numbers() -> None:
    returns, events = market(), some_events(600, first=300, last=310)
    assert events.duplicated(["security", "date"]).any()
    found = run(returns, events, tests="all")
    once = events.drop_duplicates(["security", "date"])
    alone = run(returns, once, tests="all")
    pd.testing.assert_frame_equal(found.car.loc[once.index], alone.car)
    first = events.groupby(["security", "date"])["security"].transform(lambda g: g.index[0])
    assert (found.car.to_numpy() == found.car.loc[first].to_numpy()).all()
    assert found.tests()["n"].max() == len(once)
    of_all = "subject == 'all events'"
    pd.testing.assert_frame_equal(found.tests().query(of_all), alone.tests().query(of_all), rtol=1e-12)


def test_the_order_of_the_events_changes_nothing() -> None:
    returns, events = market(), some_events(1500)
    shuffled = events.sample(frac=1.0, random_state=4)
    one, other = run(returns, events, tests="all"), run(returns, shuffled, tests="all")
    pd.testing.assert_frame_equal(one.car, other.car.loc[one.car.index], rtol=1e-12, atol=1e-15)
    pd.testing.assert_frame_equal(one.tests(), other.tests(), rtol=1e-11, atol=1e-14)


# ------------------------------------------------------------------------------------------------------------ skipped
def test_whatever_is_left_out_is_listed_with_its_reason() -> None:
    returns = market()
    returns["FLAT"] = 0.0
    returns.loc[SESSIONS[:330], "S1"] = np.nan
    returns.loc[SESSIONS[301], "S2"] = np.nan
    day = SESSIONS[300]
    rows = [
        ("S0", day), ("NOBODY", day), ("S3", SESSIONS[0] - pd.Timedelta(days=1)),
        ("S3", SESSIONS[-1] + pd.Timedelta(days=3)),
        ("S1", SESSIONS[360]), ("FLAT", day), ("^M", day), ("S2", day), ("S4", SESSIONS[30]), ("S5", day),
    ]  # fmt: skip
    events = pd.DataFrame(rows, columns=["security", "date"], index=list("abcdefghij"))
    found = run(returns, events)
    skipped = found.skipped
    reasons = skipped["reason"].astype(str)
    assert skipped.index.tolist() == list("bcdefghi")
    assert "not hold this security" in reasons["b"]
    assert reasons["c"] == reasons["d"] == "the date is outside the panel, 2018-01-01 to 2019-08-09"
    assert reasons["e"] == reasons["i"] == "has fewer than the 60 estimation returns needed"
    assert skipped.loc[["e", "i"], "nobs"].tolist() == [23, 23]
    assert "do not vary" in reasons["f"]
    assert "its own benchmark" in reasons["g"]
    assert reasons["h"] == "a day of the window has no abnormal return"
    assert skipped.loc["h", "windows"] == "[-1, +1]; [-5, +5]"
    assert skipped.loc["b", "windows"] == "all"
    assert np.isfinite(found.car.loc["h", "car[0,0]"])
    assert found.skipped_by_reason.sum() == 8
    assert found.tests().query("window == '[0, 0]'")["n"].unique().tolist() == [3]
    assert "2 of 10" not in repr(found)
    assert "3 of 10 events measured" in repr(found)
    assert "NOBODY" in found.frame()["security"].tolist()
    assert found._repr_html_().count("<table") == 2


def test_all_skipped_is_an_error_that_counts_the_reasons() -> None:
    events = pd.DataFrame({"security": ["A", "B", "S1"], "date": SESSIONS[[300, 300, 20]]})
    with pytest.raises(
        EstimationError, match=r"not one of the 3 .*: the panel does not hold this security \(2\); has fewer .*\(1\)"
    ):
        run(market(), events)


def test_a_date_that_is_no_session_moves_on_and_is_listed() -> None:
    saturday = SESSIONS[300] + pd.offsets.Week(weekday=5)
    events = pd.DataFrame(
        {"security": ["S0", "S0", "S1"], "date": [saturday, saturday + pd.Timedelta(days=2), saturday]}
    )
    found = run(market(), events)
    assert found.moved.index.tolist() == [0, 2]
    assert found.moved["day_zero"].tolist() == [saturday + pd.Timedelta(days=2)] * 2
    assert found.car.iloc[0].equals(found.car.iloc[1].rename(0))
    assert any("2 events have a date that is no session" in note for note in found.notes)
    assert any("1 events repeat" in note for note in found.notes)


# ---------------------------------------------------------------------------------------------------------- bad input
def events_with(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"security": ["S0", "S1"], "date": SESSIONS[[300, 310]], **columns})


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([1, 2], "are a frame or a file"),
        (
            pd.DataFrame({"name": ["S0"], "date": SESSIONS[[300]]}),
            r"no security; their columns are name, date",
        ),
        (events_with().iloc[:0], "has no rows"),
        (events_with(date=[2020.5, 2021.5]), "not a date"),
        (events_with(date=["2019-03-01", "soon"]), "'soon' is not a date"),
        (events_with(date=[SESSIONS[300], pd.NaT]), r"1 event has no date, row 1"),
        (events_with(security=["S0", None]), r"1 event has no security, row 1"),
        (events_with(security=[1.5, 2.5]), "are names or whole numbers, got float64"),
        (events_with(date=SESSIONS[[300, 310]].tz_localize("UTC")), "time zone UTC"),
        (events_with(date=SESSIONS[[300, 310]] + pd.Timedelta(hours=9)), "2 events have a time of day"),
    ],
)
def test_events_that_are_none_are_refused_in_words(events: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        run(market(), events)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"benchmark": "^GSPC"}, MissingPriceError, r"holds no '\^GSPC'"),
        ({"benchmark": None}, SpecError, "compares with a benchmark: say which column"),
        ({"model": "markt"}, UnknownNameError, "Did you mean 'market'"),
        ({"model": "garch"}, SpecError, "can be had: market, "),
        ({"model": "ff3"}, SpecError, "'ff3' needs rf, mkt_rf, smb, hml"),
        ({"event": (-9, 5)}, WindowError, "overlap"),
        ({"windows": [(-6, 0)]}, WindowError, "outside the event window"),
        ({"outputs": "all"}, SpecError, "outputs are car, params, ar, full"),
        ({"min_obs": 200}, SpecError, "from 1 to the 113 days"),
        ({"tests": ["bmp"]}, UnknownNameError, "bmp_t"),
        ({"tests": ["hotelling"]}, SpecError, "can be had: cross_sectional_t"),
        ({"tests": "bmp_t"}, SpecError, "sequence of names, or 'all'"),
        ({"chunk": 0}, SpecError, "chunk is a whole number of at least 1"),
        ({"backend": "spark"}, SpecError, "'dask' or a distributed.Client"),
        ({"factors": [1]}, SpecError, "factors is a"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_words(options: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        run(market(), some_events(5), **options)


def test_returns_that_are_none_are_refused_in_words() -> None:
    events = some_events(3)
    for returns, said in (
        (market().to_numpy(), "frame or a ReturnPanel"),
        (market().reset_index(drop=True), "DatetimeIndex"),
        (market().iloc[::-1], "increasing order"),
        (market().assign(name="x"), "not numbers: name"),
        (pd.concat([market(), market()[["S0"]]], axis=1), "twice"),
    ):
        with pytest.raises(SpecError, match=said):
            run(returns, events)
    log = ReturnPanel(market().to_numpy().T.copy(), tuple(market().columns), SESSIONS, "log")
    with pytest.raises(SpecError, match="explains simple returns"):
        run(log, events, model="ff3", factors=factor_frame())


# ------------------------------------------------------------------------------------------------------------- written
def test_files_hold_every_event_and_are_written_whole_or_not_at_all(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run(market(), some_events(30), outputs="car")
    files = found.to_csv(tmp_path / "run.csv"), found.to_parquet(tmp_path / "run.parquet")
    for written, read in zip(files, (pd.read_csv, pd.read_parquet), strict=True):
        frame = read(written)
        close(frame["car[-1,+1]"], found.car["car[-1,+1]"])
        assert len(frame) == 30

    def stopped(self: Any, file: Any, **_: Any) -> None:
        file.write_text("half")
        raise KeyboardInterrupt

    before = (tmp_path / "run.csv").read_bytes()
    monkeypatch.setattr(pd.DataFrame, "to_csv", stopped)
    with pytest.raises(KeyboardInterrupt):
        found.to_csv(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.csv", "run.parquet"]


def test_a_run_cannot_be_changed() -> None:
    found = run(market(), some_events(5))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.design = None  # type: ignore[misc]
