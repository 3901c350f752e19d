"""Every test again, in loops straight from its formula: nothing here uses the package but the panel it is given.

Events are dicts of sessions, so that "the same calendar day" is a comparison of keys and no row arithmetic is shared
with the code under test. Slow on purpose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from eventstudy.objects.estimation import EventPanel, Window


@dataclass
class Model:
    """What a model subtracts and regresses on: `offset` and `columns` are names of regressors, 1 is the constant."""

    offset: str | None
    columns: tuple[str | int, ...]


MODELS = {
    "market": Model(None, (1, "market")),
    "market_adjusted": Model("market", ()),
    "mean_adjusted": Model(None, (1,)),
    "ff3": Model("rf", (1, "mkt_rf", "smb", "hml")),
    "capm_strict": Model("rf", ("mkt_rf",)),
}


@dataclass
class Fitted:
    """One event: residuals and abnormal returns by session, and the estimates."""

    day: int
    residual: dict[int, float]
    ar: dict[int, float]
    sigma: float
    nu: float
    xtx_inv: np.ndarray
    rows: dict[int, np.ndarray]


def regressor_row(panel: EventPanel, model: Model, t: int) -> np.ndarray:
    return np.array([1.0 if c == 1 else panel.regressors[c][t] for c in model.columns])


def excess(panel: EventPanel, model: Model, i: int, t: int) -> float:
    value = panel.returns[panel.security[i], t]
    return value - (panel.regressors[model.offset][t] if model.offset else 0.0)


def usable(panel: EventPanel, model: Model, i: int, t: int) -> bool:
    if not 0 <= t < len(panel.sessions):
        return False
    return math.isfinite(excess(panel, model, i, t)) and all(np.isfinite(regressor_row(panel, model, t)))


def estimation_days(panel: EventPanel, model: Model, i: int) -> list[int]:
    days = [int(panel.day[i]) + tau for tau in panel.estimation.taus]
    return [t for t in days if usable(panel, model, i, t)]


def regress(panel: EventPanel, model: Model, i: int, days: list[int]) -> Fitted:
    """Ordinary least squares on `days` by the normal equations of numpy's own solver; abnormal returns everywhere."""
    y = np.array([excess(panel, model, i, t) for t in days])
    p = len(model.columns)
    if p:
        x = np.array([regressor_row(panel, model, t) for t in days])
        params = np.linalg.lstsq(x, y, rcond=None)[0]
        e = y - x @ params
        nu, inverse = len(days) - p, np.linalg.inv(x.T @ x)
        sigma = math.sqrt(sum(v * v for v in e) / nu)
    else:
        params, e, inverse = np.zeros(0), y, np.zeros((0, 0))
        nu = len(days) - 1
        sigma = math.sqrt(sum((v - e.mean()) ** 2 for v in e) / nu)
    day = int(panel.day[i])
    ar, rows = {}, {t: regressor_row(panel, model, t) for t in days}
    for tau in panel.event.taus:
        t = day + tau
        if usable(panel, model, i, t):
            rows[t] = regressor_row(panel, model, t)
            ar[t] = excess(panel, model, i, t) - float(rows[t] @ params)
    return Fitted(day, dict(zip(days, e, strict=True)), ar, sigma, nu, inverse, rows)


def fit_all(panel: EventPanel, name: str) -> list[Fitted]:
    model = MODELS[name]
    return [regress(panel, model, i, estimation_days(panel, model, i)) for i in range(panel.n_events)]


def factor(one: Fitted, window: Window) -> float:
    total = sum((one.rows[one.day + tau] for tau in window.taus), start=np.zeros(len(one.xtx_inv)))
    return window.length + float(total @ one.xtx_inv @ total)


def car(one: Fitted, window: Window) -> float:
    return sum(one.ar.get(one.day + tau, math.nan) for tau in window.taus)


def scar(one: Fitted, window: Window) -> float:
    if math.isnan(car(one, window)):
        return math.nan
    return car(one, window) / (one.sigma * math.sqrt(factor(one, window)))


def kept(events: list[Fitted], window: Window) -> list[Fitted]:
    return [one for one in events if not math.isnan(car(one, window))]


def sd(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


# ---------------------------------------------------------------------------------------------------------- one event
def t(one: Fitted, window: Window) -> tuple[float, float]:
    statistic = scar(one, window)
    return statistic, 2 * stats.t.sf(abs(statistic), one.nu)


def sample_quantile(one: Fitted, window: Window, estimation: Window) -> tuple[float, float]:
    length = window.length
    count = exceed = 0
    for start in range(estimation.start, estimation.end - length + 2):
        days = [one.day + start + k for k in range(length)]
        if any(day not in one.residual for day in days):
            continue
        total = abs(sum(one.residual[day] for day in days))
        event = abs(car(one, window))
        if length > 1:
            x = sum((one.rows[day] for day in days), start=np.zeros(len(one.xtx_inv)))
            total /= math.sqrt(length - float(x @ one.xtx_inv @ x))
            event /= math.sqrt(factor(one, window))
        count += 1
        exceed += total >= event
    return float(1 + exceed), (1 + exceed) / (count + 1)


# -------------------------------------------------------------------------------------------------------- many events
def cross_sectional_t(events: list[Fitted], window: Window) -> tuple[float, float]:
    cars = [car(one, window) for one in events]
    statistic = sum(cars) / len(cars) / (sd(cars) / math.sqrt(len(cars)))
    return statistic, 2 * stats.t.sf(abs(statistic), len(cars) - 1)


def patell_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    variance = sum(one.nu / (one.nu - 2) for one in events)
    z = sum(scar(one, window) for one in events) / math.sqrt(variance)
    return z, 2 * stats.norm.sf(abs(z))


def bmp_t(events: list[Fitted], window: Window) -> tuple[float, float]:
    scars = [scar(one, window) for one in events]
    statistic = sum(scars) / len(scars) / (sd(scars) / math.sqrt(len(scars)))
    return statistic, 2 * stats.t.sf(abs(statistic), len(scars) - 1)


def mean_correlation(events: list[Fitted], window: Window) -> float:
    total, pairs = 0.0, 0
    for one, two in combinations(events, 2):
        pairs += 1
        mine = {one.day + tau for tau in window.taus}
        shared = len(mine & {two.day + tau for tau in window.taus})
        if shared:
            days = sorted(set(one.residual) & set(two.residual))
            rho = np.corrcoef([one.residual[d] for d in days], [two.residual[d] for d in days])[0, 1]
            total += rho * shared / window.length
    return total / pairs


def adjusted_patell_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    z = patell_z(events, window)[0] / math.sqrt(1 + (len(events) - 1) * mean_correlation(events, window))
    return z, 2 * stats.norm.sf(abs(z))


def adjusted_bmp_t(events: list[Fitted], window: Window) -> tuple[float, float]:
    rbar = mean_correlation(events, window)
    statistic = bmp_t(events, window)[0] * math.sqrt((1 - rbar) / (1 + (len(events) - 1) * rbar))
    return statistic, 2 * stats.t.sf(abs(statistic), len(events) - 1)


def portfolio_t(panel: EventPanel, name: str, rows: list[int], window: Window) -> tuple[float, float]:
    """A panel of one security, whose return is the mean over the events on the days on which all have one."""
    model = MODELS[name]
    days = sorted(set.intersection(*(set(estimation_days(panel, model, i)) for i in rows)))
    mean = np.array([np.mean([panel.returns[panel.security[i], t] for i in rows]) for t in range(len(panel.sessions))])
    alone = type(panel)(
        *(panel.exchange, panel.benchmark, panel.kind, panel.sessions, ("P",), mean[None, :], panel.regressors),
        *(panel.events[:1], panel.day_zero[:1], np.zeros(1, np.int32), panel.day[rows[:1]]),
        *(panel.estimation, panel.event, panel.min_obs),
    )
    return t(regress(alone, model, 0, days), window)


def crude_dependence_t(events: list[Fitted], window: Window, estimation: Window) -> tuple[float, float]:
    aars = []
    for tau in estimation.taus:
        present = [one.residual[one.day + tau] for one in events if one.day + tau in one.residual]
        if present:
            aars.append(sum(present) / len(present))
    caar = sum(car(one, window) for one in events) / len(events)
    statistic = caar / (sd(aars) * math.sqrt(window.length))
    return statistic, 2 * stats.t.sf(abs(statistic), len(aars) - 1)


def corrado_rank_z(events: list[Fitted], window: Window, estimation: Window) -> tuple[float, float]:
    taus = [*estimation.taus, *window.taus]
    deviations: list[dict[int, float]] = []
    for one in events:
        values = {
            tau: (one.residual if tau in estimation.taus else one.ar)[one.day + tau]
            for tau in taus
            if one.day + tau in (one.residual if tau in estimation.taus else one.ar)
        }
        ranks = stats.rankdata(list(values.values()))
        m = len(values)
        deviations.append({tau: (k - (m + 1) / 2) / (m + 1) for tau, k in zip(values, ranks, strict=True)})
    means = {}
    for tau in taus:
        present = [d[tau] for d in deviations if tau in d]
        if present:
            means[tau] = sum(present) / len(present)
    spread = math.sqrt(sum(v * v for v in means.values()) / len(means))
    z = sum(means[tau] for tau in window.taus) / (spread * math.sqrt(window.length))
    return z, 2 * stats.norm.sf(abs(z))


def generalized_sign_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    shares = [sum(e > 0 for e in one.residual.values()) / len(one.residual) for one in events]
    p, n = sum(shares) / len(shares), len(events)
    w = sum(car(one, window) > 0 for one in events)
    z = (w - n * p) / math.sqrt(n * p * (1 - p))
    return z, 2 * stats.norm.sf(abs(z))


def hotelling(panel: EventPanel, name: str, rows: list[int], window: Window) -> tuple[float, float, float]:
    """F, its normal-theory p, and p by rank of the event day."""
    model = MODELS[name]
    days = sorted(set.intersection(*(set(estimation_days(panel, model, i)) for i in rows)))
    events = [regress(panel, model, i, days) for i in rows]
    n, nu, c = len(events), events[0].nu, factor(events[0], window)
    e = np.array([[one.residual[d] for d in days] for one in events])
    x = np.array([car(one, window) for one in events])
    about = e if model.columns else e - e.mean(axis=1, keepdims=True)
    f = (nu - n + 1) / (nu * n) * float(x @ np.linalg.inv(about @ about.T / nu) @ x) / c
    a_inverse = np.linalg.inv(e @ e.T)
    q0 = float(x @ a_inverse @ x) / c
    q0 = q0 / (1 + q0)
    beyond = 0
    for s, d in enumerate(days):
        h = float(events[0].rows[d] @ events[0].xtx_inv @ events[0].rows[d])
        beyond += float(e[:, s] @ a_inverse @ e[:, s]) / (1 - h) >= q0
    return f, float(stats.f.sf(f, n, nu - n + 1)), (1 + beyond) / (len(days) + 1)
