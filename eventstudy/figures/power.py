"""How large a move the t test of a security would find, and how often: power against the size of the move."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import nctdtr, stdtrit

from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import DAY_ZERO
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "se", "df", "level", "ar", "detectable", "move", "power")
HEIGHT = 360
MOST = 8  # securities that can be chosen
POINTS = 41
REACH = 6.0  # standard errors that are drawn, at least
WANTED = 0.8  # the power at which a move counts as one that would be found


class _Test(NamedTuple):
    """The t test of a security on day zero: its standard error, degrees of freedom, and the abnormal return."""

    key: str
    se: float
    df: float
    ar: float


def power(shift: FloatArray | float, df: float, level: float) -> FloatArray:
    """The probability that a two-sided t test rejects where the truth lies `shift` standard errors from zero.

    P(|T| > t) with T noncentral t of `df` degrees of freedom and noncentrality `shift`, t the quantile of Student's
    t at 1 - level / 2. Normal errors are assumed, and the standard error estimated is taken for the true one.

    >>> power(np.array([0.0, 2.8]), 100, 0.05).round(3).tolist()
    [0.05, 0.792]
    """
    limit = stdtrit(df, 1 - level / 2)
    # Tails that are zero in double precision come back as NaN for some arguments.
    below, above = (np.nan_to_num(nctdtr(df, shift, end)) for end in (-limit, limit))
    return np.asarray(1 - above + below)


def detectable(df: float, level: float) -> float:
    """The shift in standard errors that is found with probability `WANTED`, by bisection."""
    low, high = 0.0, 1.0
    while power(high, df, level) < WANTED:
        low, high = high, 2 * high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle, df, level) < WANTED else (low, middle)
    return high


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None, ticker: str | None = None) -> pd.DataFrame:
    """Power of each security's t test on day zero at the level of the study, not adjusted for how many are tested.

    Returns
    -------
    DataFrame, one row per security and size of the move; columns ``ticker``; ``se`` the standard error of the
    abnormal return of day zero; ``df`` degrees of freedom; ``level`` of the test, two-sided; ``ar`` the abnormal return
    observed; ``detectable`` the size of a move found four times in five; ``move`` the size of the abnormal return
    supposed (decimal, either way); ``power`` the probability that the test rejects.
    """
    return picking.stacked(_curves(result, event, ticker), COLUMNS)


@once
def _curves(result: StudyResult, event: str | None, ticker: str | None) -> list[dict[str, Any]]:
    level = result.settings.alpha
    return [_curve(test, level) for test in _tests(result, event, ticker)]


def _tests(result: StudyResult, event: str | None, ticker: str | None) -> list[_Test]:
    """The securities whose abnormal return of day zero has a t test."""
    found = []
    for place in picking.foremost(result, picking.estimated(result, event, ticker), MOST):
        test = place.source.find(place.key, DAY_ZERO, "t")
        ar, se = (float(place.source.day[name][place.row]) for name in ("ar", "se"))
        if test is not None and test.applies and test.distribution == "t" and np.isfinite(ar) and se > 0:
            found.append(_Test(place.key, se, float(test.df[0]), ar))
    return found


def _curve(test: _Test, level: float) -> dict[str, Any]:
    """The columns of `table` for one security."""
    move = np.linspace(0, max(REACH * test.se, 1.2 * abs(test.ar)), POINTS)
    return {
        "ticker": test.key,
        "se": test.se,
        "df": test.df,
        "level": level,
        "ar": test.ar,
        "detectable": test.se * detectable(test.df, level),
        "move": move,
        "power": power(move / test.se, test.df, level),
    }


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None, ticker: str | None = None) -> drawing.Drawing:
    """Power against the size of the move, the move found four times in five and the one observed marked."""
    parts = _curves(result, event, ticker)
    tickers = [part["ticker"] for part in parts]
    first = picking.first_shown(result, tickers)
    traces: list[drawing.Trace] = []
    for part in parts:
        common = {"meta": {"ticker": part["ticker"]}, "visible": part["ticker"] == first}
        traces += [common | trace for trace in (_line(part), _found(part), _observed(part))]
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": {
            "title": {"text": "Size of the abnormal return, either way"},
            "tickformat": ".0%",
            "rangemode": "tozero",
            "showgrid": False,
        },
        "yaxis": {"title": {"text": "Chance of finding it"}, "tickformat": ".0%", "range": [0, 1.06]},
    }
    controls = drawing.securities(tickers, first, picking.labels(result, event))
    return drawing.drawing(traces, layout, controls, "no security has a t test of day zero")


def _line(part: dict[str, Any]) -> drawing.Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "power of the t test",
        "x": drawing.coordinates(part["move"]),
        "y": drawing.coordinates(part["power"]),
        "line": {"color": theme.BLUE, "width": 2.5},
        "hovertemplate": "a move of %{x:.1%} is found with probability %{y:.0%}",
    }


def _found(part: dict[str, Any]) -> drawing.Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "found four times in five",
        "x": [part["detectable"]],
        "y": [WANTED],
        "marker": {"color": theme.BLUE, "size": 11, "symbol": "diamond"},
        "hovertemplate": "a move of %{x:.1%} is found four times in five",
    }


def _observed(part: dict[str, Any]) -> drawing.Trace:
    """A line at the size of the abnormal return; orange where its interval leaves zero out."""
    size, level = abs(part["ar"]), part["level"]
    beyond = size > part["se"] * float(stdtrit(part["df"], 1 - level / 2))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "as large as day zero",
        "x": [size, size],
        "y": [0, 1],
        "line": {"color": theme.ABNORMAL if beyond else theme.ORDINARY, "width": 2.5, "dash": "dash"},
        "hovertemplate": "day zero: %{x:.2%} in size",
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """What the security shown first would show, what day zero was, and what is assumed."""
    parts = _curves(result, event, ticker)
    if not parts:
        return Statement("No security has a t test of day zero.")
    first = picking.first_shown(result, [part["ticker"] for part in parts])
    part = next(part for part in parts if part["ticker"] == first)
    template = (
        "{ticker}: the t test at the level of {level} finds an abnormal return of {size} four times in five; day zero "
        "had {ar}. Smaller moves may be real and go unseen. Errors are taken as normal, with the scatter that was "
        "estimated. The power at the move observed says no more than its p-value."
    )
    values: dict[str, Quantity | str] = {
        "ticker": picking.labels(result, event)[first],
        "level": Quantity(part["level"], "share"),
        "size": Quantity(part["detectable"], "decimal"),
        "ar": words.move(part["ar"]),
    }
    return Statement(template, values)


def finding(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """The size that is found four times in five: the least and the largest of the securities."""
    sizes = sorted(part["detectable"] for part in _curves(result, event, ticker))
    if not sizes:
        return Statement("No security has a t test of day zero")
    ends: dict[str, Quantity | str] = {"low": Quantity(sizes[0], "decimal"), "high": Quantity(sizes[-1], "decimal")}
    if len(sizes) == 1:
        return Statement("The least abnormal return that the test would find: {low}", ends)
    return Statement("The least abnormal returns that the tests would find: {low} to {high}", ends)


def _tested(result: StudyResult) -> bool:
    return picking.has_day_zero(result) and bool(_tests(result, None, None))


CARD = Figure(
    name="power",
    title="Which moves would be found?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_tested,
)
