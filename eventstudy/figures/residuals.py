"""How good the normal return is: the distribution of the standardised residuals, with the event day marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from eventstudy.datatypes import FloatArray
from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.picking import DAY_ZERO, Row
from eventstudy.results import EventResult, StudyResult
from eventstudy.verdicts import Quantity, Statement

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = ("ticker", "bin_low", "bin_high", "count", "share", "normal_share", "sar")
HEIGHT = 380
BIN = 0.25  # standard deviations
REACH = 4.0  # at least this far to either side


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None, ticker: str | None = None) -> pd.DataFrame:
    """Histogram of the standardised residuals of the estimation window, and the event day's SAR.

    A residual is divided by sigma sqrt(1 - h_s), h_s its leverage.

    Returns
    -------
    DataFrame, one row a security and bin; columns ``ticker``; ``bin_low``, ``bin_high`` in standard deviations, the
    lower end in; ``count`` residuals in the bin; ``share`` of all; ``normal_share`` what a standard normal
    distribution would put there; ``sar`` the standardised abnormal return of day zero.
    """
    parts = [_histogram(*entry) for entry in _standardised(picking.estimated(result, event, ticker))]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _standardised(places: list[Row]) -> list[tuple[str, FloatArray, float]]:
    """Ticker, residuals and SAR of day zero of each security."""
    sources: dict[int, tuple[FloatArray, FloatArray]] = {}
    found = []
    for place in places:
        key = id(place.source)
        if key not in sources:
            sources[key] = _of(place.source)
        residuals, sar = (values[place.row] for values in sources[key])
        found.append((place.ticker, residuals[np.isfinite(residuals)], float(sar)))
    return found


def _of(source: EventResult) -> tuple[FloatArray, FloatArray]:
    abnormal = source.abnormal
    scale = source.normal.sigma[:, None] * np.sqrt(1 - abnormal.estimation_leverage())
    return abnormal.residuals() / scale, abnormal.scar(DAY_ZERO)


def _histogram(ticker: str, residuals: FloatArray, sar: float) -> pd.DataFrame:
    farthest = float(np.abs(residuals).max(initial=0.0))
    reach = max(REACH, BIN * (np.floor(farthest / BIN) + 1))
    edges = np.arange(-reach, reach + BIN / 2, BIN)
    count = np.histogram(residuals, edges)[0]
    columns = (ticker, edges[:-1], edges[1:], count, count / max(len(residuals), 1), np.diff(ndtr(edges)), sar)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


# -------------------------------------------------------------------------------------------------------------- figure
def figure(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Figure:
    """Residuals of the estimation window against the normal distribution, day zero marked."""
    frame = table(result, event, ticker)
    tickers = [str(t) for t in frame["ticker"].unique()]
    first = picking.first_shown(result, tickers)
    top = 1.15 * float(frame["share"].max()) if len(frame) else 1.0
    traces = [] if frame.empty else [_normal_curve()]
    for name, part in frame.groupby("ticker", sort=False):
        common = {"meta": {"ticker": str(name)}, "visible": name == first}
        traces += [common | _bars(str(name), part), common | _event_day(str(name), float(part["sar"].iloc[0]), top)]
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
        "bargap": 0.08,
        "xaxis": {"title": {"text": "Residual, in standard deviations"}, "showgrid": False},
        "yaxis": {"title": {"text": "Share of days"}, "tickformat": ".0%", "range": [0, top]},
    }
    return drawing.figure(traces, layout, drawing.securities(tickers, first), "no security was estimated")


def _normal_curve() -> drawing.Trace:
    x = np.arange(-REACH, REACH + BIN / 2, BIN)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": drawing.coordinates(x),
        "y": drawing.coordinates(ndtr(x + BIN / 2) - ndtr(x - BIN / 2)),
        "line": {"color": theme.BLUE, "width": 2.5, "shape": "spline"},
        "hoverinfo": "skip",
    }


def _bars(ticker: str, part: pd.DataFrame) -> drawing.Trace:
    filled = part[part["count"] > 0]
    return {
        "type": "bar",
        "x": drawing.coordinates((filled["bin_low"] + filled["bin_high"]) / 2),
        "y": drawing.coordinates(filled["share"]),
        "width": BIN,
        "customdata": filled["count"].to_numpy(dtype=np.int16),
        "marker": {"color": theme.faded(theme.GREY, 0.55), "line": {"width": 0}},
        "hovertemplate": f"{ticker}: %{{customdata}} days (%{{y:.1%}}) around %{{x:.2f}} sd<extra></extra>",
    }


def _event_day(ticker: str, sar: float, top: float) -> drawing.Trace:
    """A line at the SAR of day zero; none is drawn where that is NaN."""
    return {
        "type": "scatter",
        "mode": "lines+text",
        "x": [sar, sar] if np.isfinite(sar) else [],
        "y": [0, 0.86 * top] if np.isfinite(sar) else [],
        "text": ["", f"{ticker}, day zero"],
        "textposition": "top right" if sar < 0 else "top left",
        "line": {"color": theme.ABNORMAL, "width": 2.5},
        "hovertemplate": f"{ticker}, day zero: %{{x:.2f}} sd<extra></extra>",
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """How often residuals of the security shown first leave two standard deviations, and where day zero lay."""
    found = _standardised(picking.estimated(result, event, ticker))
    if not found:
        return Statement("No security was estimated.")
    first = picking.first_shown(result, [ticker for ticker, *_ in found])
    residuals, sar = next((np.abs(values), sar) for ticker, values, sar in found if ticker == first)
    template = (
        "{ticker}: {outside} of {n} residuals lie more than two standard deviations from zero, where a normal "
        "distribution would put {expected}; the farthest lies {largest} away. Day zero lies at {sar}."
    )
    values = {
        "ticker": first,
        "outside": words.count((residuals > 2).sum()),
        "n": words.count(len(residuals)),
        "expected": Quantity(float(2 * ndtr(-2.0) * len(residuals)), "statistic"),
        "largest": Quantity(float(residuals.max(initial=0.0)), "sd"),
        "sar": Quantity(sar, "sd"),
    }
    return Statement(template, values)
