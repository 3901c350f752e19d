"""The share of a move that was undone, with an interval, and what ordinary days alone would have made of it.

Abnormal: the share after n sessions is -CAR(1, n) / AR(0). Both are estimated with the same parameters, so numerator
and denominator have a joint variance, sigma^2 (w'w + w'X (X'X)^-1 X'w) for the weights w of any sum of days, and the
interval of their ratio is Fieller's (1954), which has its nominal coverage where errors are normal. The forecast band
around "nothing undone" is t x se(CAR(1, n)) / abs(AR(0)).

Raw: the share is a fact of two closes. Beside it stands the forecast band of the price: where n ordinary days, with
mean m and standard deviation s of the log returns in the estimation window of T days, would have taken it from the
close of day zero, exp(n m +- t s sqrt(n + n^2 / T)) (Campbell, Lo and MacKinlay 1997, ch. 4). Both widen with n.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import stdtrit

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.claims import measure, second_axis
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.recovery import Recovery, RecoveryDay
from eventstudy.objects.results import StudyResult

Longer = tuple[EventResult, AbnormalReturns]


def fieller(above: float, below: float, variances: tuple[float, float, float], t: float) -> tuple[float, float]:
    """Interval of the ratio of two normal means (Fieller 1954); -inf to inf where `below` may be zero.

    All ratios r with (above - r below)^2 <= t^2 (V(above) - 2 r Cov + r^2 V(below)).

    Parameters
    ----------
    above, below : the two estimates.
    variances : V(above), V(below) and their covariance.
    t : the quantile.

    Examples
    --------
    >>> low, high = fieller(1.0, 2.0, (0.01, 0.01, 0.0), 1.96)
    >>> round(low, 3), round(high, 3)
    (0.395, 0.615)
    """
    of_above, of_below, joint = variances
    a = below**2 - t**2 * of_below
    if not a > 0:
        return -math.inf, math.inf
    b, c = above * below - t**2 * joint, above**2 - t**2 * of_above
    root = math.sqrt(max(b**2 - a * c, 0.0))
    return (b - root) / a, (b + root) / a


def forecast_band(log_returns: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper end of price n / price 0 after `n` ordinary days, from (T,) log returns, see the module.

    Examples
    --------
    >>> low, high = forecast_band(np.array([0.01, -0.01] * 50), np.array([1.0, 4.0]), 0.95)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.98, 0.96], [1.02, 1.042])
    """
    t_days, mean, sd = len(log_returns), float(np.mean(log_returns)), float(np.std(log_returns, ddof=1))
    half = float(stdtrit(t_days - 1, (1 + level) / 2)) * sd * np.sqrt(n + n**2 / t_days)
    return np.exp(n * mean - half), np.exp(n * mean + half)


def longer(result: StudyResult, ticker: str, event: str, longest: int) -> Longer | None:
    """Abnormal returns of a security from day zero to `longest` sessions on, with the same estimates.

    Where the variance moves, it is forecast for the days of the event window alone, and they end there.
    """
    found = second_axis.event_result(result, ticker, event)
    if found is None:
        return None
    one = found.abnormal.take([found.row(found.key_of(ticker, event))])
    there = len(one.panel.sessions) - 1 - int(one.panel.day[0])
    event_window, normal = one.panel.event, one.normal
    if normal.variance is not None and not event_window.contains(Window(0, 0)):
        return None
    last = there if normal.variance is None else min(there, event_window.end)
    window = Window(0, max(min(longest, last), 0))
    if normal.variance is not None:
        known = slice(-event_window.start, -event_window.start + window.length)
        normal = replace(normal, variance=normal.variance[:, known])
    return found, abnormal_returns(replace(one.panel, event=window), normal, one.allow_missing)


def recovery(result: StudyResult, ticker: str, event: str, last: int, own: Longer | None) -> Recovery:
    """The path back over the sessions 1 to `last`; `own` is what `longer` gives.

    Raises
    ------
    MissingPriceError : no close on day zero or before it.
    """
    move = measure.move_of(result, ticker, event)
    before, after, day = move.before.value, move.after.value, move.zero.t
    level, sessions = 1 - result.settings.alpha, measure.calendar_of(result, ticker).sessions
    closes = measure.on_sessions(result, ticker, move.before.basis)[day + 1 : day + last + 1]
    n = np.arange(1.0, len(closes) + 1)
    try:
        logs = np.log1p(measure.returns_before(result, ticker, event)[0].to_numpy())
        ends = forecast_band(logs, n, level)
    except MissingPriceError:  # a young security: the share is known all the same, its band is not
        ends = (np.full(len(n), np.nan), np.full(len(n), np.nan))
    raw, low, high = (100 * (x - after) / (before - after) for x in (closes, *(after * end for end in ends)))
    band = np.sort(np.array([low, high]), axis=0)
    shares = _abnormal_shares(own, len(closes), level)
    days = [
        RecoveryDay(k + 1, sessions[day + 1 + k].date(), float(raw[k]), float(band[0, k]), float(band[1, k]), *share)
        for k, share in enumerate(shares)
    ]
    return Recovery(ticker, event, sessions[day].date(), level, tuple(days))


def _abnormal_shares(own: Longer | None, last: int, level: float) -> list[tuple[float, float, float, float]]:
    """Share, interval and half the width of the forecast band after each session, per cent; NaN where unknown."""
    nothing = (math.nan,) * 4
    if own is None:
        return [nothing] * last
    abnormal = own[1]
    zero, end = Window(0, 0), min(abnormal.panel.event.end, last)
    t = float(stdtrit(float(abnormal.normal.nu[0]), (1 + level) / 2))
    first, of_first = float(abnormal.car(zero)[0]), float(abnormal.car_se(zero)[0]) ** 2
    found = []
    for n in range(1, end + 1):
        since, of_since = float(abnormal.car(Window(1, n))[0]), float(abnormal.car_se(Window(1, n))[0]) ** 2
        of_both = float(abnormal.car_se(Window(0, n))[0]) ** 2
        if not (math.isfinite(since) and math.isfinite(first) and first != 0 and of_first > 0):
            found.append(nothing)
            continue
        joint = (of_both - of_first - of_since) / 2  # of AR(0) and CAR(1, n): both rest on the same parameters
        low, high = fieller(-since, first, (of_since, of_first, -joint), t)
        found.append((-100 * since / first, 100 * low, 100 * high, 100 * t * math.sqrt(of_since) / abs(first)))
    return [*found, *[nothing] * (last - len(found))]
