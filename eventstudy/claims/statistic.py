"""Claims about how a security moves: its beta, its correlation with another series, its volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import base_unit
from eventstudy.claims.later import estimation, history, measure, np, pd
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Claimed, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

FITS = {"beta": ("multiple", "number"), "correlation": ("number",), "volatility": ("percent",)}
FEWEST = {"day": 60, "week": 26, "month": 24}  # returns
YEAR = {"day": 252, "week": 52, "month": 12}  # of them in a year


@dataclass(frozen=True, slots=True)
class _Moments:
    """Of ``n`` pairs of returns in per cent: both standard deviations (ddof 1) and the covariance."""

    n: int
    own: float
    other: float
    covariance: float
    source: str


def statistic(claim: Claim, result: StudyResult) -> Verdict:
    """Judge beta or correlation with another series, or the volatility a year, over the estimation window.

    Simple returns by day, week or month, on dividend-adjusted closes where they are known. Returns by another period
    are another definition.
    """
    (ticker,), how = claim.tickers, claim.params["measure"]
    unit = base_unit(claim.claimed.unit)[0]
    other = _other(claim, result)
    measure.calendar_of(result, ticker), measure.calendar_of(result, other)
    own, periods = claim.params["period"], ("day", "week", "month")
    found = {p: m for p in (own, *(p for p in periods if p != own)) if (m := _moments(claim, result, other, p))}
    if own not in found:
        raise MissingPriceError(f"{ticker}: {FEWEST[own]} returns by {own} in the window would decide; there are fewer")
    _moving(how, found[own], {ticker: found[own].own, other: found[own].other})
    readings = [
        Reading(
            f"returns by {p}, {m.n} of them",
            _value(how, m, p),
            unit,
            m.source,
            p == own,
            "input" if p == own else "definition",
        )
        for p, m in found.items()
    ]
    answer, name = judged(claim, readings, unit), measure.name_of(claim, ticker)
    measured = Quantity(readings[0].value, unit)
    values: dict[str, Quantity | str] = {
        "name": name,
        "value": measured,
        "n": Quantity(found[own].n, "count"),
        "other": measure.name_of(claim, other),
    }
    beside = "" if how == "volatility" else " with {other}" if how == "correlation" else " to {other}"
    a_year = " a year" if how == "volatility" else ""
    steps = _steps(how, found[own], own, unit, name), _error(how, found[own], measured, name)
    values["error"] = steps[1].result
    said = f"The {how} of {{name}}{beside} was {{value}}{a_year}, from {{n}} returns by {own}"
    return answered(claim, answer, Statement(f"{said}; its standard error is {{error}}.", values), steps=steps)


def _other(claim: Claim, result: StudyResult) -> str:
    """The series set beside the security; a volatility is of the security alone.

    Raises
    ------
    MissingPriceError : the claim names none and the study has no benchmark.
    """
    (ticker,), benchmarks = claim.tickers, result.settings.benchmarks
    if claim.params["measure"] == "volatility":
        return ticker
    exchange = result.prices.exchange.get(ticker, "")
    other = claim.params["to"] or benchmarks.get(exchange, benchmarks.get("default"))
    if other is None:
        raise MissingPriceError(f"a series to set beside {ticker} would decide; name it under `to`")
    return str(other)


def _moments(claim: Claim, result: StudyResult, other: str, period: str) -> _Moments | None:
    """The moments of both series over the window, None where there are too few returns."""
    (ticker,) = claim.tickers
    zero, sessions = (
        measure.event_day(result, ticker, claim.event or "").t,
        measure.calendar_of(result, ticker).sessions,
    )
    window = claim.params["window"]
    span = result.settings.estimation if window is None else estimation.Window(*window)
    first, last = zero + span.start - 1, zero + span.end
    if last >= len(sessions) or last < 0:
        return None
    levels = pd.DataFrame({name: _levels(result, name, ticker) for name in dict.fromkeys((ticker, other))})
    inside = slice(max(first, 0), last + 1)
    if period != "day":  # a week or month that the window cuts off is none
        periods = pd.DatetimeIndex(sessions).to_period(history.FREQUENCY[period])
        levels = levels[inside][~periods.duplicated(keep="last")[inside]]
    else:
        levels = levels[inside]
    returns = (100 * (levels / levels.shift(1) - 1)).dropna()
    if len(returns) < FEWEST[period]:
        return None
    one, two = returns[ticker].to_numpy(dtype=np.float64), returns[other].to_numpy(dtype=np.float64)
    days = f"{measure.day_text(returns.index[0])} to {measure.day_text(returns.index[-1])}"
    original = result.prices.provenance.original
    source = f"returns by {period} of {' and '.join(dict.fromkeys((ticker, other)))}, {days} ({original})"
    covariance = float(np.cov(one, two, ddof=1)[0, 1])
    return _Moments(len(returns), float(one.std(ddof=1)), float(two.std(ddof=1)), covariance, source)


def _levels(result: StudyResult, name: str, ticker: str) -> pd.Series[float]:
    """The levels of a series on the sessions of the security, dividend-adjusted where known."""
    frame = result.prices.adj_close if "adj_close" in measure.known_bases(result)[name] else result.prices.close
    return frame[name].reindex(measure.calendar_of(result, ticker).sessions)


def _moving(how: str, m: _Moments, scales: Mapping[str, float]) -> None:
    """A correlation needs two series that move, a beta one to move with.

    Raises
    ------
    MissingPriceError : one that is needed has the same return throughout.
    """
    still = next((ticker for ticker, scale in scales.items() if scale == 0), None)
    if still is not None and (how == "correlation" or (how == "beta" and m.other == 0)):
        raise MissingPriceError(f"{still} has the same return throughout, so that there is no {how}; another series "
                                "would decide")  # fmt: skip


def _value(how: str, m: _Moments, period: str) -> float:
    if how == "beta":
        return m.covariance / m.other**2
    if how == "volatility":
        return m.own * math.sqrt(YEAR[period])
    r = m.covariance / (m.own * m.other)
    return max(-1.0, min(r, 1.0))  # of series that move alike rounding goes beyond


def _steps(how: str, m: _Moments, period: str, unit: str, name: str) -> Step:
    value = Quantity(_value(how, m, period), unit)
    s, s_other = Quantity(m.own, "percent", m.source), Quantity(m.other, "percent", m.source)
    if how == "volatility":
        inputs: dict[str, Quantity | str] = {"s": s, "periods": Quantity(YEAR[period], "count")}
        return Step(f"Volatility of {name} a year", "s × periods ** 0.5", inputs, value)
    covariance = Quantity(m.covariance, "number", f"covariance of {m.n} {m.source}, in per cent squared")
    if how == "beta":
        return Step(f"Beta of {name}", "covariance / m ** 2", {"covariance": covariance, "m": s_other}, value)
    inputs = {"covariance": covariance, "s": s, "m": s_other}
    return Step(f"Correlation of {name}", "covariance / (s × m)", inputs, value)


def _error(how: str, m: _Moments, value: Quantity, name: str) -> Step:
    """How far chance takes such a number: the standard error of least squares for a beta, and those of many normal
    returns for a correlation and a volatility (Stuart and Ord 1994, chapter 10)."""
    n, s, other = Quantity(m.n, "count"), Quantity(m.own, "percent", m.source), Quantity(m.other, "percent", m.source)
    if how == "beta":
        formula = "((s ** 2 / m ** 2 − beta ** 2) / (n − 2)) ** 0.5"
        size = (max(m.own**2 / m.other**2 - value.value**2, 0.0) / (m.n - 2)) ** 0.5  # 0 but for rounding if r is 1
        inputs: dict[str, Quantity | str] = {"s": s, "m": other, "beta": value, "n": n}
    elif how == "correlation":
        formula, size = "(1 − r ** 2) / (n − 1) ** 0.5", (1 - value.value**2) / (m.n - 1) ** 0.5
        inputs = {"r": value, "n": n}
    else:
        formula, size = "volatility / (2 × (n − 1)) ** 0.5", value.value / (2 * (m.n - 1)) ** 0.5
        inputs = {"volatility": value, "n": n}
    return Step(f"Standard error of the {how} of {name}", formula, inputs, Quantity(size, value.unit))


# ----------------------------------------------------------------------------------------------------------------- card
def _misfit(claimed: Claimed, params: Mapping[str, Any]) -> str | None:
    fits = FITS[params["measure"]]
    if base_unit(claimed.unit)[0] not in fits:
        return f"a {params['measure']} has the unit {' or '.join(fits)}, got {claimed.unit}"
    if params["measure"] == "volatility" and params["to"] is not None:
        return "a volatility is of the security alone: leave `to` out"
    return None


def _params() -> type[Params]:
    from eventstudy.claims.schema import Params, Sessions, Text

    class StatisticParams(Params):
        """`measure`: beta, correlation, or volatility a year; `to`: the other series, the study's benchmark by default;
        returns by `period`, over a `window` of sessions, the estimation window by default."""

        measure: Literal["beta", "correlation", "volatility"] = "beta"
        to: Text | None = None
        period: Literal["day", "week", "month"] = "day"
        window: Sessions | None = None

    return StatisticParams


CARD = Kind(
    name="statistic",
    judge=statistic,
    words="How large was a beta, a correlation or a volatility?",
    rule="Beta, correlation or the volatility a year from simple returns, against the claimed interval; returns by "
    "another period are another definition.",
    default_reading="daily returns in the estimation window, with the study's benchmark",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=False,
    number=True,
    word=False,
    units=("multiple", "number", *PERCENT),
    vendors=False,
    misfit=_misfit,
)
