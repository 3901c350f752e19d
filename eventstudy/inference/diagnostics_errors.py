"""Checks of the errors: are they normal, independent over days, of one variance, without outliers, really traded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.estimation_days import CAUTION, NAN, Checked, EstimationDays, graded, laid, rows
from eventstudy.models import MODELS, card
from eventstudy.objects.cards import DiagnosticCheck
from eventstudy.objects.estimation import BoolArray, EventPanel, FloatArray
from eventstudy.objects.outcomes import Concern, Diagnostic
from eventstudy.windows import gather, windows_looked_at

LAGS = 10  # of `ljung_box`
ARCH_LAGS = 5  # of `arch_lm`: a trading week
SUMMED = 5  # days of the sum whose variance `ljung_box` tests
HEAVY = 3.0  # excess kurtosis, that of Student's t with 6 degrees of freedom
SCALE = 1.25  # factor of a standard deviation from which it matters, up or down; 1.25^2 of a variance
INFLATED = 0.10  # share of sigma that one day makes up, from which it matters
RECENT = 20  # last estimation days whose scatter `arch_lm` compares with sigma
THIN, VERY_THIN = 0.05, 0.20  # shares of days without a price change
_SAME_DAYS = "closes of security and benchmark are of the same days"
_BETA = "beta is drawn towards zero and "
_COMPARE = " Compare with “{}”, “{}” or “{}”.".format(
    *(MODELS[name].words for name in ("scholes_williams", "dimson", "trade_to_trade"))
)


# ---------------------------------------------------------------------------------------------------------- normality
def jarque_bera(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Normality of the estimation residuals (Jarque and Bera 1980, 1987).

    JB = T/6 (S^2 + K^2/4), S skewness and K excess kurtosis of the T residuals, chi-squared with 2 degrees of freedom.
    The approximation is slow: of normal samples of 250 days 1.8 per cent exceed the 1 per cent point
    (tests/test_diagnostics.py). What it means is said by the share of the security's own ordinary days that the t test
    would call abnormal at 1 per cent, each studentised without itself; a problem it is from an excess kurtosis of 3 on.

    Examples
    --------
    ``jarque_bera(result.headline.abnormal)[0].meaning``

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = jarque_bera(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 1.136, 'fine')
    """
    days = laid(abnormal)
    spread = np.sqrt(days.variance)[:, None]
    z = days.centred / spread
    skewness = (z**3).sum(axis=1) / days.count
    excess = (z**4).sum(axis=1) / days.count - 3.0
    statistic = days.count / 6.0 * (skewness**2 + excess**2 / 4.0)
    p = np.asarray(special.chdtrc(2.0, statistic))
    point = special.stdtrit(np.maximum(days.nu - 1, 1), 1 - CAUTION / 2)[:, None]
    beyond = (np.abs(days.deleted) > point).sum(axis=1) / np.maximum(days.count, 1)

    def meaning(i: int, verdict: Concern) -> str:
        shape = f"skewness {skewness[i]:.2g}, excess kurtosis {excess[i]:.2g}"
        share = f"at a nominal 1% the t test calls {100 * beyond[i]:.2g}% of its ordinary days abnormal"
        if verdict == "fine":
            return f"Near enough to normal ({shape}): p-values of the t tests can be read as they are."
        if excess[i] <= 0:
            return f"Not normal ({shape}), but without heavy tails; {share}. Read sample_quantile beside the t test."
        tails = "Very heavy tails" if verdict == "problem" else "Heavy tails"
        limit = f"a problem {'from' if verdict == 'problem' else 'only from'} an excess kurtosis of {HEAVY:g} on"
        return (
            f"{tails} ({shape}; {limit}): {share}, so its small p-values are too small. "
            "Trust sample_quantile and ranks."
        )

    return rows(days, Checked("jarque_bera", statistic, _limit(days, 2.0), p, graded(p, excess > HEAVY)), meaning)


JARQUE_BERA = DiagnosticCheck(
    name="jarque_bera",
    run=jarque_bera,
    label="Normality",
    question="Are the residuals normal? JB = T/6·(S² + K²/4), S skewness, K excess kurtosis; χ²(2)",
    source="Jarque and Bera 1987",
    of="security",
    trouble="heavy",
)


# --------------------------------------------------------------------------------------------------- over the days
def ljung_box(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Autocorrelation of the estimation residuals (Ljung and Box 1978).

    Q = T(T + 2) sum over k = 1..m of r_k^2 / n_k, r_k = sum e_s e_(s-k) / sum e_s^2 about the mean, n_k the pairs of
    days k apart that are both present (T - k where none is missing), chi-squared with m degrees of freedom;
    m = min(10, T/5) as Hyndman and Athanasopoulos (2021, section 5.4) advise. Residuals whose volatility clusters have
    too large a Q.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = ljung_box(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 5.971, 'fine')
    """
    days = laid(abnormal)
    lags = max(1, min(LAGS, int(days.count.max(initial=0.0)) // 5, days.here.shape[1] - 1))
    e, here = days.centred, days.here
    total = days.variance * days.count
    statistic, inflation = np.zeros(days.abnormal.n), np.ones(days.abnormal.n)
    for k in range(1, lags + 1):
        pairs = (here[:, k:] & here[:, :-k]).sum(axis=1)
        r = (e[:, k:] * e[:, :-k]).sum(axis=1) / total
        statistic += np.where(pairs > 0, r**2 / np.maximum(pairs, 1), 0.0)
        inflation += 2.0 * (1.0 - k / SUMMED) * r if k < SUMMED else 0.0
    statistic *= days.count * (days.count + 2)
    p = np.asarray(special.chdtrc(float(lags), statistic), dtype=np.float64)

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "No autocorrelation found: the errors of several days add as the tests over windows assume."
        ratio = f"the variance of a sum of {SUMMED} days is {max(inflation[i], 0.0):.2g} times what the tests assume"
        if not matters[i]:
            return f"Autocorrelated, but {ratio}: p-values over windows of a week are hardly touched."
        too = "small" if inflation[i] > 1 else "large"
        return f"Autocorrelated: {ratio}, so p-values over longer windows are too {too}; one-day windows are not hurt."

    matters = _off(np.sqrt(np.maximum(inflation, 0.0)))
    checked = Checked("ljung_box", statistic, _limit(days, float(lags)), p, graded(p, matters))
    return rows(days, checked, meaning)


LJUNG_BOX = DiagnosticCheck(
    name="ljung_box",
    run=ljung_box,
    label="Autocorrelation",
    question="Do errors follow errors? Q = T(T + 2)·Σ r²ₖ/(T − k) over 10 lags; χ²(10)",
    source="Ljung and Box 1978",
    of="security",
    trouble="serial",
)


def arch_lm(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Whether the variance of the errors depends on that of the days before (Engle 1982).

    LM = n R^2 of the regression of e_s^2 on a constant and its q = 5 lags, over the n days on which all six are
    present; chi-squared with q degrees of freedom. What it means is said by the scatter of the last 20 estimation days
    in units of sigma.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = arch_lm(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 4.132, 'fine')
    """
    days = laid(abnormal)
    with np.errstate(invalid="ignore"):  # days without variance are refused below
        square = days.filled**2 / days.variance[:, None]
    n_days = square.shape[1]
    lagged = [slice(ARCH_LAGS - k, n_days - k) for k in range(ARCH_LAGS + 1)]  # the day itself, then its lags
    whole = np.logical_and.reduce([days.here[:, part] for part in lagged])
    n = whole.sum(axis=1)
    series = np.stack([np.where(whole, square[:, part], 0.0) for part in lagged], axis=-1)
    mean = series.sum(axis=1) / np.maximum(n, 1)[:, None]
    centred = np.where(whole[..., None], series - mean[:, None, :], 0.0)
    moments = np.einsum("nsi,nsj->nij", centred, centred)
    usable = (n > 2 * ARCH_LAGS) & np.isfinite(moments).all(axis=(1, 2))
    statistic = np.where(usable, n * _r_squared(np.where(usable[:, None, None], moments, np.eye(ARCH_LAGS + 1))), NAN)
    p = np.asarray(special.chdtrc(float(ARCH_LAGS), statistic), dtype=np.float64)
    last = days.here[:, -RECENT:]
    recent = np.sqrt((square[:, -RECENT:] * last).sum(axis=1) / np.maximum(last.sum(axis=1), 1))

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "No clusters of volatility found: sigma of the whole window is that of an ordinary day."
        now = f"the last {RECENT} estimation days scattered {recent[i]:.2g} times as much as sigma says"
        if not matters[i]:
            return f"Volatility clusters, but {now}: the event did not fall into such a spell."
        way = "small" if recent[i] > 1 else "large"
        return f"Volatility clusters; {now}, so p-values of the event are too {way}. Compare with the model garch."

    matters = _off(recent)
    few = [None if there > 2 * ARCH_LAGS else f"only {there} runs of {ARCH_LAGS + 1} days" for there in n.tolist()]
    checked = Checked("arch_lm", statistic, _limit(days, float(ARCH_LAGS)), p, graded(p, matters))
    return rows(days, checked, meaning, few)


ARCH_LM = DiagnosticCheck(
    name="arch_lm",
    run=arch_lm,
    label="Volatility clusters",
    question="Do large errors follow large ones? n·R² of e² on its 5 lags; χ²(5)",
    source="Engle 1982",
    of="security",
    trouble="serial",
)


def _r_squared(moments: FloatArray) -> FloatArray:
    """R^2 of the first variable on the others from their centred moments (N, 1 + q, 1 + q); 0 where it is constant."""
    own, cross, among = moments[:, 0, 0], moments[:, 1:, 0], moments[:, 1:, 1:]
    explained = np.einsum("ni,nij,nj->n", cross, np.linalg.pinv(among, hermitian=True), cross)
    return np.where(own > 0, explained / np.where(own > 0, own, 1.0), 0.0)


# ----------------------------------------------------------------------------------------------------------- outliers
def largest_residual(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """The largest estimation residual, studentised without itself (Cook and Weisberg 1982, section 2.2).

    t_s = r_s sqrt((nu - 1) / (nu - r_s^2)), r_s = e_s / (sigma sqrt(1 - h_s)), against Student's t with nu - 1 degrees
    of freedom, its p-value times T (Bonferroni). Models that are not least squares, or that estimate nothing, have
    their residuals taken about their mean. What it means is said by sigma without that day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = largest_residual(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 2.575, 'fine')
    """
    days = laid(abnormal)
    size = np.abs(days.deleted)
    size = np.where(np.isnan(size), np.inf, size)  # a residual that leaves nothing to the others
    place = size.argmax(axis=1)
    every = np.arange(days.abnormal.n)
    statistic, r = size[every, place], days.studentised[every, place]
    p = np.minimum(1.0, days.count * 2.0 * special.stdtr(np.maximum(days.nu - 1, 1), -statistic))
    limit = special.stdtrit(np.maximum(days.nu - 1, 1), 1 - CAUTION / (2.0 * np.maximum(days.count, 1)))
    shrink = np.sqrt(np.maximum(days.nu - r**2, 0.0) / np.maximum(days.nu - 1, 1))

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "No outlier: no day of the estimation window is out of line with the others."
        day = days.date(i, int(place[i]))
        return (
            f"{day} is an outlier: without it sigma would be {100 * (1 - shrink[i]):.2g}% smaller and every t so much "
            "larger. Look up what happened that day; ranks are not moved by it."
        )

    return rows(days, Checked("largest_residual", statistic, limit, p, graded(p, shrink < 1 - INFLATED)), meaning)


LARGEST_RESIDUAL = DiagnosticCheck(
    name="largest_residual",
    run=largest_residual,
    label="Outlier",
    question=(
        "Is one day out of line? The largest residual, studentised without itself; t(ν − 1), times T (Bonferroni)"
    ),
    source="Cook and Weisberg 1982",
    of="security",
    trouble="other",
)


# ------------------------------------------------------------------------------------------------------- thin trading
def thin_trading(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Share of estimation days on which the price did not move or is missing, the larger of security and benchmark.

    A return of zero is the usual sign of a day without news or trade (Lesmond, Ogden and Trzcinka 1999). Days before
    the first return do not count: the security was not listed. No test: 5 and 20 per cent are this package's limits,
    above what the tick of a liquid share produces.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = thin_trading(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('S01', 0.0, 'fine')
    """
    days = laid(abnormal)
    panel = days.abnormal.panel
    own = _still(_windows(panel, gather(panel.returns, panel.security, panel.day, panel.estimation)))
    fit = days.abnormal.normal.fit
    compared = fit is None or card(fit).uses_benchmark
    other = _still(_windows(panel, _of_market(panel))) if compared else np.full(len(own), NAN)
    statistic = np.fmax(own, other)
    verdict: list[Concern] = [
        "problem" if value > VERY_THIN else "caution" if value > THIN else "fine" for value in statistic.tolist()
    ]

    def meaning(i: int, verdict: Concern) -> str:
        if verdict == "fine":
            return "Traded on nearly every day" + (f": {_SAME_DAYS}." if compared else ".")
        who = days.abnormal.keys[i] if not other[i] > own[i] else f"the benchmark {panel.benchmark_of(i) or ''}".strip()
        return (
            f"{who} has no price change on {100 * statistic[i]:.2g}% of days: "
            f"{_BETA if compared else ''}zeros tie the ranks.{_COMPARE if compared else ''}"
        )

    count = len(statistic)
    return rows(days, Checked("thin_trading", statistic, np.full(count, THIN), np.full(count, NAN), verdict), meaning)


THIN_TRADING = DiagnosticCheck(
    name="thin_trading",
    run=thin_trading,
    label="Thin trading",
    question="On how many days did the price of the security or the benchmark not move?",
    source="Lesmond, Ogden and Trzcinka 1999",
    of="security",
    trouble="other",
)


def _of_market(panel: EventPanel) -> FloatArray:
    """(N, T) returns of each event's benchmark, NaN without one."""
    days = len(panel.sessions)
    markets = {panel.benchmark_of(i): panel.market_of(i) for i in range(panel.n_events)}
    known = np.array([np.full(days, NAN) if market is None else market for market in markets.values()])
    place = {name: k for k, name in enumerate(markets)}
    rows = np.array([place[panel.benchmark_of(i)] for i in range(panel.n_events)], dtype=np.int32)
    return gather(known, rows, panel.day, panel.estimation)


def _windows(panel: EventPanel, returns: FloatArray) -> list[FloatArray]:
    """The returns of each event's estimation window, where events have windows of their own."""
    if panel.standard is None:
        return [returns]
    start = panel.estimation.start
    own = [windows_looked_at(panel, i)[0] for i in range(panel.n_events)]
    return [returns[i : i + 1, w.start - start : w.end - start + 1] for i, w in enumerate(own)]


def _still(windows: Sequence[FloatArray]) -> FloatArray:
    """(N,) share of missing or zero among the returns of each window from the first one present; NaN where none is."""
    return np.concatenate([_still_in(returns) for returns in windows])


def _still_in(returns: FloatArray) -> FloatArray:
    present = np.isfinite(returns)
    listed = np.logical_or.accumulate(present, axis=1)
    still = (listed & (~present | (returns == 0.0))).sum(axis=1)
    total = listed.sum(axis=1)
    return np.where(total > 0, still / np.maximum(total, 1), NAN)


def _off(scale: FloatArray) -> BoolArray:
    """Whether a standard deviation is so far from what the tests take it to be that it matters."""
    return np.asarray((scale > SCALE) | (scale < 1.0 / SCALE))


def _limit(days: EstimationDays, df: float) -> FloatArray:
    """The 1 per cent point of chi-squared, one for each event."""
    return np.full(days.abnormal.n, float(special.chdtri(df, CAUTION)))
