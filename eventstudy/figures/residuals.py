"""How good the normal return is: the distribution of the standardised residuals, with the event day marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import DAY_ZERO
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "sar", "bin_low", "bin_high", "count", "share", "normal_share")
HEIGHT = 380
BIN = 0.25  # standard deviations
REACH = 4.0  # at least this far to either side


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None, ticker: str | None = None) -> pd.DataFrame:
    """Histogram of the standardised residuals of the estimation window, and the event day's SAR.

    A residual is divided by sigma sqrt(1 - h_s), h_s its leverage.

    Returns
    -------
    DataFrame, one row per security and bin; columns ``ticker``; ``sar`` the standardised abnormal return of day
    zero; ``bin_low``, ``bin_high`` in standard deviations, the lower end in; ``count`` residuals in the bin; ``share``
    of all; ``normal_share`` what a standard normal distribution would put there.
    """
    return picking.stacked(_histograms(result, event, ticker), COLUMNS)


@once
def _histograms(result: StudyResult, event: str | None, ticker: str | None) -> list[dict[str, Any]]:
    return [_histogram(*entry) for entry in _standardised(result, event, ticker)]


@once
def _standardised(result: StudyResult, event: str | None, ticker: str | None) -> list[tuple[str, FloatArray, float]]:
    """Ticker, residuals and SAR of day zero of each security."""
    sources: dict[int, tuple[FloatArray, FloatArray]] = {}
    found = []
    for place in picking.estimated(result, event, ticker):
        key = id(place.source)
        if key not in sources:
            sources[key] = _of(place.source)
        residuals, sar = (values[place.row] for values in sources[key])
        found.append((place.key, residuals[np.isfinite(residuals)], float(sar)))
    return found


def _of(source: EventResult) -> tuple[FloatArray, FloatArray]:
    abnormal = source.abnormal
    scale = source.normal.sigma[:, None] * np.sqrt(1 - abnormal.estimation_leverage())
    return abnormal.residuals() / scale, abnormal.scar(DAY_ZERO)


def _histogram(ticker: str, residuals: FloatArray, sar: float) -> dict[str, Any]:
    """The columns of `table` for one security."""
    farthest = float(np.abs(residuals).max(initial=0.0))
    reach = max(REACH, BIN * (np.floor(farthest / BIN) + 1))
    edges = np.arange(-reach, reach + BIN / 2, BIN)
    count = np.histogram(residuals, edges)[0]
    return {
        "ticker": ticker,
        "sar": sar,
        "bin_low": edges[:-1],
        "bin_high": edges[1:],
        "count": count,
        "share": count / max(len(residuals), 1),
        "normal_share": np.diff(ndtr(edges)),
    }


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None, ticker: str | None = None) -> drawing.Drawing:
    """Residuals of the estimation window against the normal distribution, day zero marked."""
    parts = _histograms(result, event, ticker)
    tickers = [part["ticker"] for part in parts]
    first = picking.first_shown(result, tickers)
    top = 1.15 * max((part["share"].max() for part in parts), default=1.0)
    traces = [_normal_curve()] if parts else []
    for part in parts:
        common = {"meta": {"ticker": part["ticker"]}, "visible": part["ticker"] == first}
        traces += [common | _bars(part), common | _event_day(part["ticker"], part["sar"], top)]
    layout = {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": {"title": {"text": "Residual, in standard deviations"}, "showgrid": False},
        "yaxis": {"title": {"text": "Share of days"}, "tickformat": ".0%", "range": [0, top]},
    }
    controls = drawing.securities(tickers, first, picking.labels(result, event))
    return drawing.drawing(traces, layout, controls, "no security was estimated")


def _normal_curve() -> drawing.Trace:
    x = np.arange(-REACH, REACH + BIN / 2, BIN)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": drawing.coordinates(x),
        "y": drawing.coordinates(ndtr(x + BIN / 2) - ndtr(x - BIN / 2)),
        "line": {"color": theme.BLUE, "width": 2.5, "shape": "spline"},
        "name": "normal distribution",
        "hoverinfo": "skip",
    }


def _bars(part: dict[str, Any]) -> drawing.Trace:
    return {
        "type": "bar",
        "name": f"residuals of {part['ticker']}",
        "x0": float(part["bin_low"][0]) + BIN / 2,
        "dx": BIN,
        "y": drawing.coordinates(part["share"]),
        "width": 0.92 * BIN,
        "marker": {"color": theme.faded(theme.GREY, 0.55), "line": {"width": 0}},
        "hovertemplate": "%{y:.1%} of days around %{x:.2f} sd",
    }


def _event_day(ticker: str, sar: float, top: float) -> drawing.Trace:
    """A line at the SAR of day zero; none is drawn where that is NaN."""
    there = bool(np.isfinite(sar))
    return {
        "type": "scatter",
        "mode": "lines+text",
        "x": [sar, sar] if there else [],
        "y": [0, 0.86 * top] if there else [],
        "text": ["", f"{ticker}, day zero"] if there else [],
        "textposition": "top right" if sar < 0 else "top left",
        "showlegend": False,
        "line": {"color": theme.ABNORMAL, "width": 2.5},
        "hovertemplate": "%{x:.2f} sd",
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """How often residuals of the security shown first leave two standard deviations, and where day zero lay."""
    found = _standardised(result, event, ticker)
    if not found:
        return Statement("No security was estimated.")
    first = picking.first_shown(result, [ticker for ticker, *_ in found])
    residuals, sar = next((np.abs(values), sar) for ticker, values, sar in found if ticker == first)
    template = (
        "{ticker}: {outside} of {n} residuals lie more than two standard deviations from zero, where a normal "
        "distribution would put about {expected}; the farthest lies {largest} away. Day zero lies at {sar}."
    )
    values: dict[str, Quantity | str] = {
        "ticker": picking.labels(result, event)[first],
        "outside": words.count((residuals > 2).sum()),
        "n": words.count(len(residuals)),
        "expected": Quantity(float(2 * ndtr(-2.0) * len(residuals)), "whole"),
        "largest": Quantity(float(residuals.max(initial=0.0)), "sd"),
        "sar": Quantity(sar, "sd"),
    }
    return Statement(template, values)


def finding(result: StudyResult, event: str | None = None, ticker: str | None = None) -> Statement:
    """For how many securities day zero lies outside all their own residuals."""
    found = [
        (values, sar) for _, values, sar in _standardised(result, event, ticker) if np.isfinite(sar) and len(values)
    ]
    if not found:
        return Statement("Residuals of the estimation window")
    outside = sum(bool(abs(sar) > np.abs(values).max()) for values, sar in found)
    if len(found) == 1:
        return Statement(
            f"Day zero {'was farther out than' if outside else 'was within the range of'} every ordinary day"
        )
    many = words.of_all(outside, len(found), picking.units(result, event))
    return Statement(f"For {many.template} day zero was farther out than every ordinary day", many.values)


CARD = Figure(
    name="residuals",
    title="Residuals of the estimation window",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=picking.has_day_zero,
)
