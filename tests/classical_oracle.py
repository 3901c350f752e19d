"""The classical tests of a group again, in loops straight from their formulas, on the oracle's own estimates.

Each takes (events, window) and gives (statistic, p), or None where the test does not apply. Slow on purpose.
"""

from __future__ import annotations

import math
from itertools import product

import inference_oracle as oracle
from inference_oracle import Fitted, car, scar
from scipy import stats

from eventstudy.objects.estimation import EventPanel, Window


# ----------------------------------------------------------------------------------------------------- ranks by loops
def restandardised(values: list[float], rbar: float) -> list[float]:
    return [v * math.sqrt(1 - rbar) / oracle.sd(values) for v in values]


def sar(one: Fitted, tau: int) -> float:
    row = one.rows[one.day + tau]
    return one.ar[one.day + tau] / (one.sigma * math.sqrt(1 + float(row @ one.xtx_inv @ row)))


def rank_table(events: list[Fitted], inside: list[dict[int, float]]) -> list[dict[int, float]]:
    """U = K / (M_i + 1) - 1/2 of every relative day of every event, K by scipy; `inside` the days that are tested."""
    table = []
    for one, days in zip(events, inside, strict=True):
        values = {session - one.day: e / one.sigma for session, e in one.residual.items()} | days
        ranks = stats.rankdata(list(values.values()))
        table.append({tau: k / (len(values) + 1) - 0.5 for tau, k in zip(values, ranks, strict=True)})
    return table


def daily(events: list[Fitted], window: Window, independent: bool = False) -> list[dict[int, float]]:
    """Ranks with the days of the window restandardised one by one."""
    one_day = 0.0 if independent else oracle.mean_correlation(events, Window(0, 0))
    inside: list[dict[int, float]] = [{} for _ in events]
    for tau in window.taus:
        for days, value in zip(inside, restandardised([sar(one, tau) for one in events], one_day), strict=True):
            days[tau] = value
    return rank_table(events, inside)


def cumulated(events: list[Fitted], window: Window, independent: bool = False) -> list[dict[int, float]]:
    """Ranks with the window as one day, which gets the number 1000."""
    rbar = 0.0 if independent else oracle.mean_correlation(events, window)
    values = restandardised([scar(one, window) for one in events], rbar)
    return rank_table(events, [{1000: v} for v in values])


def by_day(table: list[dict[int, float]]) -> dict[int, float]:
    """sum of U / sqrt(N n_t) on each day."""
    out = {}
    for tau in sorted(set().union(*table)):
        present = [row[tau] for row in table if tau in row]
        out[tau] = sum(present) / math.sqrt(len(table) * len(present))
    return out


def normal(z: float) -> tuple[float, float]:
    return z, float(2 * stats.norm.sf(abs(z)))


def student(t: float, df: float) -> tuple[float, float]:
    return t, float(2 * stats.t.sf(abs(t), df))


def corrado_zivney_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    means = by_day(daily(events, window))
    spread = math.sqrt(sum(m * m for m in means.values()) / len(means))
    return normal(sum(means[tau] for tau in window.taus) / (spread * math.sqrt(window.length)))


def student_of_ranks(means: dict[int, float], taus: list[int]) -> tuple[float, float]:
    """Variance of a sum drawn without replacement, then Kolari and Pynnonen's transformation to t."""
    m, length = len(means), len(taus)
    square = sum(v * v for v in means.values()) / m
    z = sum(means[tau] for tau in taus) / math.sqrt(square * length * (m - length) / (m - 1))
    return student(z * math.sqrt((m - 2) / (m - 1 - z * z)), m - 2)


def cumrank_t(events: list[Fitted], window: Window) -> tuple[float, float]:
    return student_of_ranks(by_day(daily(events, window)), list(window.taus))


def grank_t(events: list[Fitted], window: Window) -> tuple[float, float]:
    return student_of_ranks(by_day(cumulated(events, window)), [1000])


def normal_of_ranks(table: list[dict[int, float]], taus: list[int]) -> tuple[float, float]:
    total = variance = 0.0
    for row in table:
        m, length = len(row), len(taus)
        total += sum(row[tau] for tau in taus)
        places = [k / (m + 1) - 0.5 for k in range(1, m + 1)]
        variance += length * (m - length) / (m - 1) * sum(u * u for u in places) / m
    return normal(total / math.sqrt(variance))


def cumrank_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    return normal_of_ranks(daily(events, window, independent=True), list(window.taus))


def grank_z(events: list[Fitted], window: Window) -> tuple[float, float]:
    return normal_of_ranks(cumulated(events, window, independent=True), [1000])


# ------------------------------------------------------------------------------------------------------ signs by scipy
def sign_z(events: list[Fitted], window: Window) -> tuple[float, float] | None:
    signed = [v for v in (car(one, window) for one in events) if v != 0]
    if len(signed) < 6:
        return None
    positive = sum(v > 0 for v in signed)
    return float(positive), float(stats.binomtest(positive, len(signed), 0.5).pvalue)


def signed_ranks_counted(values: list[float]) -> tuple[float, float]:
    """W and its p by listing all 2^n patterns of signs."""
    signed = [v for v in values if v != 0]
    ranks = stats.rankdata([abs(v) for v in signed])
    w = sum(r for r, v in zip(ranks, signed, strict=True) if v > 0)
    sums = [sum(r for r, s in zip(ranks, pattern, strict=True) if s) for pattern in product((0, 1), repeat=len(ranks))]
    lower, upper = sum(s <= w for s in sums), sum(s >= w for s in sums)
    return float(w), min(1.0, 2 * min(lower, upper) / len(sums))


def wilcoxon(events: list[Fitted], window: Window) -> tuple[float, float] | None:
    values = [car(one, window) for one in events]
    return None if len(values) < 6 else signed_ranks_counted(values)


# ------------------------------------------------------------------------------------------------------------- means
def skewness_adjusted_t(events: list[Fitted], window: Window, hall: bool = False) -> tuple[float, float] | None:
    values = [car(one, window) for one in events]
    n = len(values)
    if n < 3:
        return None
    mean, sd = sum(values) / n, oracle.sd(values)
    s, g = mean / sd, sum((v - mean) ** 3 for v in values) / n / sd**3
    inside = s + g * s**2 / 3 + g / (6 * n) + (g**2 * s**3 / 27 if hall else 0.0)
    return student(math.sqrt(n) * inside, n - 1)


def theta(values: list[float]) -> float:
    return sum(values) / len(values) / oracle.sd(values)


def jackknife_t(events: list[Fitted], window: Window) -> tuple[float, float] | None:
    values = [scar(one, window) for one in events]
    n = len(values)
    if n < 3:
        return None
    pseudo = [n * theta(values) - (n - 1) * theta(values[:i] + values[i + 1 :]) for i in range(n)]
    found = stats.ttest_1samp(pseudo, 0.0)
    return float(found.statistic), float(found.pvalue)


def bhar_t(panel: EventPanel, name: str, rows: list[int], window: Window) -> tuple[float, float]:
    """Held over the window, by compounding day after day the return and the normal return R - AR."""
    events = oracle.fit_all(panel, name)
    values = []
    for i in rows:
        held = expected = 1.0
        for tau in window.taus:
            t = events[i].day + tau
            r = float(panel.returns[panel.security[i], t])
            held *= 1 + r
            expected *= 1 + r - events[i].ar[t]
        values.append(held - expected)
    found = stats.ttest_1samp(values, 0.0)
    return float(found.statistic), float(found.pvalue)
