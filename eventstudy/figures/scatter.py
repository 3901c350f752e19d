"""How good the normal return is: ``scatter``, each security on its benchmark with the event day marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "benchmark", "tau", "date", "market", "ret")
HEIGHT = 460
MOST = 40  # securities in one figure; each brings its whole estimation window
BAND_POINTS = 5  # the edges of the band are hyperbolas, nearly straight


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None, ticker: str | None = None) -> pd.DataFrame:
    """The returns behind each estimate: the estimation window and day zero, of the 40 foremost securities at most.

    Foremost is the headline group, then who has the largest SAR of day zero in size; with `ticker` it is that one.

    Returns
    -------
    DataFrame, one row per security and session; columns ``ticker``, ``benchmark``, ``tau`` sessions from day zero (0 is
    the event, the others were used for the estimate), ``date``, ``market`` and ``ret`` the decimal returns of
    benchmark and security. Days on which one is missing are left out, as in the estimate.
    """
    return picking.stacked([points for _, points in _drawn(result, event, ticker)], COLUMNS)


def _places(result: StudyResult, event: str | None, ticker: str | None) -> list[Row]:
    """The securities that were estimated on a benchmark."""
    found = picking.estimated(result, event, ticker)
    return [p for p in found if p.benchmark is not None and p.day is not None]


@once
def _drawn(result: StudyResult, event: str | None, ticker: str | None) -> list[tuple[Row, dict[str, Any]]]:
    """Each of these securities with its columns of `table`."""
    return [(place, _points(place)) for place in picking.foremost(result, _places(result, event, ticker), MOST)]


def _points(place: Row) -> dict[str, Any]:
    """The columns of `table` for one security."""
    panel, day = place.source.panel, int(place.source.panel.day[place.row])
    taus = np.array([*panel.estimation.taus, 0])
    if panel.standard is not None:  # the window of this event alone
        taus = taus[[*np.isfinite(place.source.abnormal.residuals()[place.row]), True]]
    at = day + taus
    at = at[(at >= 0) & (at < len(panel.sessions))]
    returns, market = panel.returns[panel.security[place.row]], _market(place)
    at = at[np.isfinite(returns[at]) & np.isfinite(market[at])]
    columns = (place.key, place.benchmark, at - day, panel.sessions[at], market[at], returns[at])
    return dict(zip(COLUMNS, columns, strict=True))


def _offset(place: Row) -> FloatArray:
    offset = place.source.normal.offset
    return offset if offset.ndim == 1 else offset[place.row]


def _market(place: Row) -> FloatArray:
    market = place.source.panel.market_of(place.row)
    return np.full(len(place.source.panel.sessions), np.nan) if market is None else market


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None, ticker: str | None = None) -> drawing.Drawing:
    """Returns of a security against its benchmark's: estimation days, normal return, prediction band, day zero."""
    drawn = _drawn(result, event, ticker)
    tickers = [p.key for p, _ in drawn]
    first = picking.first_shown(result, tickers)
    traces = [t for p, points in drawn for t in _cloud(p, points, result.settings.alpha, p.key == first)]
    axis = {"tickformat": ".0%", "hoverformat": ".2%", "zeroline": True}
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": axis | {"title": {"text": "Return of the benchmark"}},
        "yaxis": axis | {"title": {"text": "Return of the security"}},
    }
    empty = "no security was estimated on a benchmark"
    return drawing.drawing(traces, layout, drawing.securities(tickers, first, picking.labels(result, event)), empty)


def _cloud(place: Row, points: dict[str, Any], alpha: float, visible: bool) -> list[drawing.Trace]:
    x, y = drawing.coordinates(points["market"]), drawing.coordinates(points["ret"])
    zero = points["tau"] == 0
    names = f"{place.benchmark} %{{x:.2%}}<br>{place.key} %{{y:.2%}}"
    days = {
        "type": "scatter",
        "mode": "markers",
        "name": "estimation day",
        "x": x[~zero],
        "y": y[~zero],
        "marker": {"color": theme.faded(theme.GREY, 0.55), "size": 6},
    }
    event = {
        "type": "scatter",
        "mode": "markers+text",
        "x": x[zero],
        "y": y[zero],
        "text": [f"{place.key}, {picking.dated(day)}" for day in points["date"][zero]],
        "textposition": "top right" if x[zero].sum() < np.median(x) else "top left",
        "showlegend": False,
        "marker": {"color": theme.ABNORMAL, "size": 12, "symbol": "diamond"},
        "hovertemplate": f"%{{text}}<br>{names}",
    }
    line = _normal_return(place, points["market"], alpha)
    return [{"meta": {"ticker": place.key}, "visible": visible} | trace for trace in (*line, days, event)]


def _normal_return(place: Row, market: FloatArray, alpha: float) -> list[drawing.Trace]:
    """Normal return and prediction band over the range of the benchmark; none for models with other regressors.

    The band is for a new return: sigma sqrt(1 + x'(X'X)^-1 x) times the quantile of t(nu).
    """
    normal, row = place.source.normal, place.row
    x = np.linspace(market.min(), market.max(), BAND_POINTS)
    design = _design_at(place, x)
    if design is None:
        return []
    offset = x if _offset(place).any() else 0.0
    expected = design @ normal.params[row] + offset
    leverage = np.einsum("ij,jk,ik->i", design, normal.xtx_inv[row], design)
    half = picking.half_width(normal.sigma[row] * np.sqrt(1 + leverage), place.nu, alpha)
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": f"normal return, and {words.share(alpha)} of ordinary days",
        "x": drawing.coordinates(x[[0, -1]]),
        "y": drawing.coordinates(expected[[0, -1]]),
        "line": {"width": 2.5, "color": theme.BLUE},
        "hoverinfo": "skip",
    }
    fill = theme.faded(theme.BLUE, 0.15)
    return [drawing.band(drawing.coordinates(x), expected - half, expected + half, fill), line]


def _design_at(place: Row, x: FloatArray) -> FloatArray | None:
    """Rows of the design at benchmark returns `x`; None where the normal return is not a function of the benchmark."""
    normal, market = place.source.normal, _market(place)
    design = normal.design if normal.design.ndim == 2 else normal.design[place.row]
    columns = design.shape[1]
    known = np.isfinite(market)

    def is_market(column: FloatArray) -> bool:
        return np.array_equal(column[known], market[known])

    if columns > 2 or (columns == 2 and not is_market(design[:, 1])):
        return None
    offset = _offset(place)
    if offset.any() and not (columns == 0 and is_market(offset)):
        return None
    return np.column_stack([np.ones_like(x), x])[:, :columns]


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """Fit of the security shown first, and where day zero lay."""
    places = _places(result, event, ticker)
    if not places:
        return Statement("No security was estimated on a benchmark.")
    shown = picking.foremost(result, places, MOST)
    first = picking.first_shown(result, [p.key for p in shown])
    place = next(p for p in shown if p.key == first)
    normal, day = place.source.normal, picking.day_numbers(place, result.settings.alpha)
    template = (
        "{ticker} on {benchmark}, {nobs} days: the normal return explains {r2} of the variance. On day zero the "
        "{return} was {ret}, the normal return {expected}; on {share} of ordinary days the two differ by {low} to "
        "{high}."
    )
    if len(places) > len(shown):
        template += (
            " Of {all} {units} {most} can be chosen here, the headline group and the largest abnormal returns for "
            "their scatter; result.plot.scatter draws any other."
        )
    values: dict[str, Quantity | str] = {
        "all": words.count(len(places)),
        "units": picking.units(result, event),
        "most": words.count(len(shown)),
        "ticker": picking.labels(result, event)[first],
        "benchmark": called.market(str(place.benchmark), called.names(result.verdicts)),
        "nobs": words.count(normal.nobs[place.row]),
        "r2": Quantity(float(normal.r_squared[place.row]), "share"),
        "return": words.a_return(result.settings.returns),
        "ret": words.move(day.ret),
        "expected": words.move(day.expected),
        "low": words.move(day.low - day.ar),
        "high": words.move(day.high - day.ar),
        "share": Quantity(1 - result.settings.alpha, "share"),
    }
    return Statement(template, values)


def _has_benchmark(result: StudyResult) -> bool:
    return picking.has_day_zero(result) and any(result.against(source) is not None for source in result.events)


def finding(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """How much of the variance the normal return explains, of the security with the least and the one with the most."""
    shown = picking.foremost(result, _places(result, event, ticker), MOST)
    r2 = [float(p.source.normal.r_squared[p.row]) for p in shown]
    r2 = [value for value in r2 if np.isfinite(value)]
    if not r2:
        return Statement("How each security moves with its benchmark")
    values = {"low": Quantity(min(r2), "share"), "high": Quantity(max(r2), "share")}
    if _alike(values["low"].value, values["high"].value):
        return Statement("The benchmark explains {high} of the variance of ordinary days", values)
    return Statement("The benchmark explains {low} to {high} of the variance of ordinary days", values)


def _alike(low: float, high: float) -> bool:
    """Whether two shares would be written alike."""
    return high - low < 0.005


CARD = Figure(
    name="scatter",
    title="Security and benchmark in the estimation window",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_has_benchmark,
)
