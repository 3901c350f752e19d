"""The simulation behind `docs/calibration.md` and `eventstudy/inference/sizes.py`: how often each test rejects.

250 estimation days, a one-day window, the market model with slopes from .5 to 1.5, errors of 2 % a day. A study is N
events; the tests see the abnormal returns of one study at a time. A shock is added to the return of every event on its
day zero: without one the share of rejections is the size, with one the power.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import RESAMPLED, SINGLE, TESTS, group_results
from eventstudy.inference.history import History
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window

ROOT = Path(__file__).parents[1]
LEVELS = (0.01, 0.05, 0.10)
TODAY = Window(0, 0)
CORE = ("NVDA", "AVGO", "AMD", "TSM", "ASML")
CHUNK = 100  # studies that share one market series
SEED = 7
NOISE = 0.02  # standard deviation of an ordinary day's error
BY_F = "hotelling F"  # the normal-theory p of `hotelling`, beside its p by rank
FULL = 4000  # replications with 5 events, half as many with 30
WITH_SHOCKS = 4  # power is measured in one study of so many
RANDOM_DATES = 2000  # draws of a date of its own for each security
SETS = 4  # random sets of securities on every real date
MANY = 20  # securities in a set
# The study's US companies that have prices on every session.
COMPANIES = (
    *("AAPL", "ADI", "AMAT", "AMD", "AMZN", "ANET", "ASML", "AVGO", "CEG", "DELL", "GOOGL", "INTC", "KLAC", "LRCX"),
    *("MCHP", "META", "MRVL", "MSFT", "MU", "NRG", "NVDA", "NXPI", "ON", "ORCL", "QCOM", "SMCI", "TSLA", "TSM", "TXN"),
    *("VRT", "VST"),
)


@dataclass(frozen=True)
class Design:
    """N events on `dates` successive sessions, N / `dates` on each; `variance` of the event days over the ordinary one.

    `raised_to` is the correlation on the event days where it differs; errors are t(`tails`) instead of normal;
    `before` sessions stand before the first estimation window, for tests that look at other dates.
    """

    n: int
    dates: int
    correlation: float
    variance: float
    days: int = 250
    length: int = 1
    raised_to: float | None = None
    tails: int | None = None
    before: int = 0

    @property
    def window(self) -> Window:
        return Window(0, self.length - 1)


DESIGNS = {
    "A": Design(5, 1, 0.25, 1),
    "B": Design(5, 1, 0.25, 4),
    "C": Design(30, 1, 0.25, 1),
    "D": Design(30, 1, 0.25, 4),
    "S": Design(5, 5, 0.0, 1),
    "G": Design(5, 5, 0.0, 4),
    "F": Design(30, 30, 0.0, 1),
    "E": Design(30, 30, 0.0, 4),
    "M": Design(30, 6, 0.25, 1),
    "N": Design(30, 6, 0.25, 4),
    "O": Design(30, 30, 0.25, 1, length=5),
    "P": Design(30, 30, 0.25, 4, length=5),
    "H": Design(5, 2, 0.25, 1),
    "I": Design(5, 2, 0.25, 4),
    "J": Design(5, 5, 0.25, 1, length=5),
    "K": Design(5, 5, 0.25, 4, length=5),
    "Y": Design(5, 1, 0.25, 1, tails=4),
    "Z": Design(20, 1, 0.25, 1, tails=4),
    "L": Design(25, 2, 0.5, 1),
    "U": Design(5, 1, 0.25, 1, length=11),
    "V": Design(5, 1, 0.25, 1, length=21),
    "W": Design(5, 1, 0.25, 1, days=60, length=11),
    "X": Design(5, 1, 0.25, 1, raised_to=0.6),
}
# Designs in which only the tests are measured that a sentence or the choice speaks of, for the record in so many times
# the studies: where a size is near 6.5 %, more of them have to say on which side it is.
ONLY: dict[str, dict[str, int]] = {
    "Z": {"adjusted_bmp_t": 6, "grank_t": 6}
    | dict.fromkeys(("portfolio_t", "corrado_rank_z", "hotelling", "placebo_portfolio"), 2),
    "L": {"adjusted_bmp_t": 2},
}


# ---------------------------------------------------------------------------------------------------------- simulation
def simulate(design: Design, rng: np.random.Generator, count: int = CHUNK) -> AbnormalReturns:
    """`count` studies in one panel: N rows in succession are one study."""
    first = design.before + design.days
    sessions = first + design.dates + design.length - 1
    market = rng.normal(0, 0.01, sessions)
    own = noise(design, rng, (count, design.n, sessions))
    together = noise(design, rng, (count, 1, sessions))
    correlation = np.full(sessions, design.correlation)
    if design.raised_to is not None:
        correlation[first:] = design.raised_to
    errors = np.sqrt(correlation) * together + np.sqrt(1 - correlation) * own
    day = first + np.arange(design.n) % design.dates
    for k in range(design.length):
        errors[:, np.arange(design.n), day + k] *= math.sqrt(design.variance)
    returns = rng.uniform(0.5, 1.5, (count, design.n, 1)) * market + errors
    panel = panel_of(returns.reshape(-1, sessions), market, np.tile(day, count))
    panel = dataclasses.replace(
        panel, estimation=Window(-design.days, -1), event=design.window, min_obs=int(0.7 * design.days)
    )
    return abnormal_returns(panel, estimate(panel, "market"))


def noise(design: Design, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Errors with a standard deviation of `NOISE`, normal or Student's."""
    if design.tails is None:
        return NOISE * rng.standard_normal(shape)
    return NOISE * math.sqrt(1 - 2 / design.tails) * rng.standard_t(design.tails, shape)


def panel_of(returns: np.ndarray, market: np.ndarray, day: np.ndarray) -> EventPanel:
    """A panel of as many securities as events, one each."""
    sessions = pd.bdate_range("2018-01-01", periods=returns.shape[1], unit="ns")
    tickers = tuple(f"S{i}" for i in range(len(returns)))
    at = np.arange(len(day)) % len(returns)
    events = tuple(Event("null", tickers[i], dt.date(2021, 1, 1)) for i in at)
    return EventPanel(
        exchange="XNYS",
        benchmark="M",
        kind="simple",
        sessions=sessions,
        tickers=tickers,
        returns=np.ascontiguousarray(returns),
        regressors={"market": market},
        events=events,
        day_zero=tuple(DayZero(e, int(d), sessions[d].date(), 0) for e, d in zip(events, day, strict=True)),
        security=at.astype(np.int32),
        day=day.astype(np.int32),
        estimation=Window(-250, -1),
        event=TODAY,
        min_obs=175,
    )


def shifted(abnormal: AbnormalReturns, shock: float) -> AbnormalReturns:
    """The same events with `shock` added on day zero, in the returns and in the abnormal returns alike.

    No estimation window of an event holds its own day zero, so the estimates stay what they are.
    """
    if shock == 0:
        return abnormal
    panel = abnormal.panel
    returns, ar = panel.returns.copy(), abnormal.ar.copy()
    returns[panel.security, panel.day] += shock
    ar[:, -panel.event.start] += shock
    return dataclasses.replace(abnormal, panel=dataclasses.replace(panel, returns=returns), ar=ar)


def alone(abnormal: AbnormalReturns, rows: np.ndarray) -> AbnormalReturns:
    """The events in `rows` on a panel that holds no other securities."""
    one = abnormal.take(rows)
    panel = one.panel
    kept, security = np.unique(panel.security, return_inverse=True)
    tickers = tuple(panel.tickers[i] for i in kept)
    panel = dataclasses.replace(panel, tickers=tickers, returns=panel.returns[kept], security=security.astype(np.int32))
    return dataclasses.replace(one, panel=panel)


# --------------------------------------------------------------------------------------------------------- measurement
def measure(
    design: Design,
    tests: Sequence[str],
    replications: int,
    levels: Sequence[float] = LEVELS,
    shocks: Sequence[float] = (0.0,),
    seed: int = SEED,
) -> pd.DataFrame:
    """Share of rejections of each test that applies, a row each test x level x shock.

    Columns: test, level, shock, rate, error (its Monte Carlo standard error, from one study to the next), replications.
    The first of `shocks` is tried in every study, the others in one of `WITH_SHOCKS`.
    """
    rng = np.random.default_rng([seed, design.n, design.dates, int(design.variance), design.length, design.before])
    chunk = CHUNK // 10 if design.before else CHUNK
    found: dict[tuple[str, float], list[np.ndarray]] = {}
    for start in range(0, replications, chunk):
        count = min(chunk, replications - start)
        abnormal = simulate(design, rng, count)
        studies = np.arange(count * design.n).reshape(count, design.n)
        tried = shocks if start < replications / WITH_SHOCKS else shocks[:1]
        for key, p in p_values(abnormal, design.window, studies, tests, tried):
            found.setdefault(key, []).append(p)
    return summary(found, levels)


def p_values(
    abnormal: AbnormalReturns, window: Window, studies: np.ndarray, tests: Sequence[str], shocks: Sequence[float]
) -> Iterator[tuple[tuple[str, float], np.ndarray]]:
    """((test, shock), p (studies, events or 1)) of every test in every study; `studies` (R, N) are rows."""
    moved = [shifted(abnormal, shock) for shock in shocks]
    singles = [name for name in tests if name in SINGLE]
    residuals = abnormal.residuals() if singles else None
    for shock, one in zip(shocks, moved, strict=True):
        for name in singles:
            each = TESTS[name].each
            assert each is not None
            p = np.array([result.p for result in each(one, window, residuals)])
            yield (name, shock), p[studies]
    groups = [name for name in tests if name not in SINGLE]
    for rows in studies if groups else ():
        history = History(alone(abnormal, rows))
        for shock, one in zip(shocks, moved, strict=True):
            mine = alone(one, rows)
            history = history.beside(mine)  # what the estimation window says is computed for the first shock alone
            for result in group_results(mine, (window,), groups, history):
                yield (result.test, shock), np.array([[result.p]])
                if result.test == "hotelling":
                    nu = abnormal.panel.estimation.length - 2
                    n = len(rows)
                    yield (BY_F, shock), np.array([[special.fdtrc(n, nu - n + 1, result.statistic)]])


def summary(
    found: dict[tuple[str, float], list[np.ndarray]], levels: Sequence[float], clusters: int = 1
) -> pd.DataFrame:
    """Rates and errors of p-values by (test, shock); a test that refuses every study has no row.

    Of studies that come `clusters` on a date the error is that of the dates.
    """
    rows = []
    for (name, shock), parts in found.items():
        p = np.concatenate(parts)
        whole = np.isfinite(p).all(axis=1).reshape(-1, clusters).all(axis=1)
        p = p[np.repeat(whole, clusters)]
        for level in levels if len(p) else ():
            share = (p <= level).mean(axis=1)
            rate, studies = float(share.mean()), len(share)
            share = share.reshape(-1, clusters).mean(axis=1)
            # A rate of 0 or 1 in R studies still has an error: that of half a rejection more.
            floor = math.sqrt(0.5 / len(share) * (1 - 0.5 / len(share)))
            spread = max(float(share.std()), floor)
            rows.append((name, level, shock, rate, spread / math.sqrt(len(share)), studies))
    return pd.DataFrame(rows, columns=["test", "level", "shock", "rate", "error", "replications"])


# ---------------------------------------------------------------------------------------------------------- real dates
@cache
def real_events(tickers: tuple[str, ...] = CORE) -> tuple[AbnormalReturns, np.ndarray]:
    """Securities on every session of the bundled prices with 250 estimation days; the days (491,).

    Row k + D i is security i on day k of D.
    """
    folder = ROOT / "data" / "deepseek"
    prices = pd.read_csv(folder / "prices.csv", parse_dates=["date"])
    calendar = pd.read_csv(folder / "sessions.csv", parse_dates=["date"])
    sessions = pd.DatetimeIndex(calendar.loc[calendar["exchange"] == "XNYS", "date"])
    levels = prices.pivot_table(index="date", columns="ticker", values="adj_close").reindex(sessions)
    returns = levels / levels.shift(1) - 1
    days, n = np.arange(261, len(sessions)), len(tickers)
    at = np.repeat(np.arange(n), len(days))
    panel = panel_of(returns[list(tickers)].to_numpy().T, returns["^IXIC"].to_numpy(), np.tile(days, n))
    events = tuple(Event("null", tickers[i], sessions[d].date()) for i, d in zip(at, np.tile(days, n), strict=True))
    panel = dataclasses.replace(
        panel,
        sessions=sessions,
        tickers=tickers,
        events=events,
        day_zero=tuple(DayZero(e, int(d), e.announced, 0) for e, d in zip(events, np.tile(days, n), strict=True)),
        security=at.astype(np.int32),
        estimation=Window(-260, -11),
    )
    return abnormal_returns(panel, estimate(panel, "market")), days


def measure_real(tests: Sequence[str], own_dates: int = 0) -> pd.DataFrame:
    """The five on every real date together, or each on a date of its own in `own_dates` random draws."""
    abnormal, days = real_events()
    count = len(days)
    if own_dates:
        rng = np.random.default_rng([SEED, own_dates])
        drawn = np.stack([rng.choice(count, 5, replace=False) for _ in range(own_dates)])
    else:
        drawn = np.repeat(np.arange(count)[:, None], 5, axis=1)
    return _measured(abnormal, drawn + count * np.arange(5), tests)


def measure_many(tests: Sequence[str], own_dates: int = 0, sets: int = SETS) -> pd.DataFrame:
    """`MANY` random companies on every real date, `sets` times, or each on a date of its own in `own_dates` draws.

    Sets on one date tell nearly the same, so their errors are those of the dates, not of the sets.
    """
    abnormal, days = real_events(COMPANIES)
    count, rng = len(days), np.random.default_rng([SEED, MANY, own_dates])
    studies = own_dates or count * sets
    who = np.stack([rng.choice(len(COMPANIES), MANY, replace=False) for _ in range(studies)])
    if own_dates:
        day = np.stack([rng.choice(count, MANY, replace=False) for _ in range(own_dates)])
        return _measured(abnormal, day + count * who, tests)
    day = np.repeat(np.arange(count), sets)[:, None]
    return _measured(abnormal, day + count * who, tests, clusters=sets)


def _measured(abnormal: AbnormalReturns, studies: np.ndarray, tests: Sequence[str], clusters: int = 1) -> pd.DataFrame:
    found: dict[tuple[str, float], list[np.ndarray]] = {}
    for key, p in p_values(abnormal, TODAY, studies, tests, (0.0,)):
        found.setdefault(key, []).append(p)
    return summary(found, LEVELS, clusters)


# ---------------------------------------------------------------------------------------------------------------- plan
def replications(design: Design, full: int = FULL, share: int = 1) -> int:
    """Studies of a design that are simulated: half as many where it has many events, and again where its windows are
    longer than a day; one in `share` where a test is slow."""
    return max(full // (1 if design.n <= 5 else 2) // (1 if design.length == 1 else 2) // share, 40)


def shocks(design: Design) -> tuple[float, float, float]:
    """No shock, and two that a study of this size finds sometimes and nearly always: half and all of an ordinary day's
    standard deviation with 30 events, one and two of them with 5."""
    unit = NOISE if design.n <= 5 else NOISE / 2
    return (0.0, unit, 2 * unit)


def measured(letter: str, full: int = FULL, power: bool = True, names: Sequence[str] = tuple(TESTS)) -> pd.DataFrame:
    """Tests in one design (all that are registered), each with the replications and the history that it needs."""
    design = DESIGNS[letter]
    if letter in ONLY:
        names = [name for name in names if name in ONLY[letter]]
    tried = shocks(design) if power else (0.0,)
    if design.n > 5 and design.length == 1:  # one event alone is the same among 30 as among 5
        names = [name for name in names if name not in SINGLE]
    parts = []
    for resampled in (False, True):
        for placebo in (False, True):
            wanted = [n for n in names if (n in RESAMPLED) == resampled and n.startswith("placebo") == placebo]
            longer = dataclasses.replace(design, before=250 if placebo else 0)
            if wanted:
                share = 2 if placebo else (4 if design.n <= 5 else 8) if resampled else 1
                parts.append(measure(longer, wanted, replications(design, full, share), shocks=tried))
    return pd.concat(parts, ignore_index=True)


def group_tests() -> list[str]:
    """The tests of several events."""
    return [name for name in TESTS if name not in SINGLE]
