"""Who traded when: each market's sessions around the event, with the day's returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("exchange", "city", "ticker", "is_benchmark", "date", "open", "is_day_zero", "ret")
ROW_HEIGHT = 25
MOST = 3  # securities a market, beside its benchmark
FARTHEST = 14  # days between the first and the last day zero that one calendar can show
STRONG = 10.0  # per cent at which a cell has its full colour
GAP = 0.025  # between two markets, as a share of the width


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None) -> pd.DataFrame:
    """Sessions and returns from five weekdays before the first day zero to two weekdays after the last.

    Every market of the event is there with its benchmark and up to three securities, of as many groups as it goes,
    the headline group first.

    Returns
    -------
    DataFrame, one row a market, series and weekday; columns ``exchange`` (market identifier code), ``city``,
    ``ticker``, ``is_benchmark``, ``date``, ``open`` whether the exchange had a session, ``is_day_zero``, ``ret`` the
    decimal return of the session (since the session before), NaN where closed or without a price.
    """
    return _frame(result, event).copy()


@once
def _frame(result: StudyResult, event: str | None) -> pd.DataFrame:
    sources = list(result.select(picking.event_id(result, event)))
    days = [p.day for s in sources for p in _chosen(result, s) if p.day is not None]
    if not days:
        return pd.DataFrame(columns=COLUMNS)
    span = pd.bdate_range(pd.Timestamp(min(days)) - pd.offsets.BDay(5), pd.Timestamp(max(days)) + pd.offsets.BDay(2))
    return picking.stacked([part for source in sources for part in _series(result, source, span)], COLUMNS)


def shows_markets(result: StudyResult, event: str | None = None) -> bool:
    """Whether there is something to compare: two markets or more, their days zero within two weeks."""
    sources = list(result.select(picking.event_id(result, event)))
    days = [zero.session for s in sources for zero in s.panel.day_zero if zero.session is not None]
    return len({s.exchange for s in sources}) > 1 and bool(days) and (max(days) - min(days)).days <= FARTHEST


def _chosen(result: StudyResult, source: EventResult) -> list[Row]:
    """One security of each group, the headline group first, then those in no group, then the rest."""
    settings, there = result.settings, set(source.panel.keys)
    groups = sorted(settings.groups, key=lambda name: name != settings.headline_group)
    everyone = settings.keys(source.event)
    chosen: list[str] = []
    seen: set[str] = set()
    for members in (settings.keys(source.event, name) for name in groups):
        new = next((t for t in members if t in there and t not in seen), None)
        chosen += [] if new is None else [new]
        seen.update(members)
    chosen += [t for t in everyone if t in there and t not in seen]
    chosen += [t for t in everyone if t in there and t not in chosen]
    return [Row(source, source.row(t), t, result.model(source)) for t in chosen[:MOST]]


def _series(result: StudyResult, source: EventResult, span: pd.DatetimeIndex) -> Iterator[dict[str, Any]]:
    """The columns of `table` for each chosen series of one market on the weekdays of `span`."""
    at = source.panel.sessions.get_indexer(span)
    city = picking.CITIES.get(source.exchange, source.exchange)
    days = [day.date() for day in span]
    for ticker, values, zero in _returns(result, source):
        ret = np.where(at >= 0, values[at], np.nan)
        head = (source.exchange, city, ticker, ticker == source.benchmark, days, at >= 0)
        columns = (*head, [day == zero for day in days], ret)
        yield dict(zip(COLUMNS, columns, strict=True))


def _returns(result: StudyResult, source: EventResult) -> Iterator[tuple[str, FloatArray, dt.date | None]]:
    """Name, returns on the market's sessions (D,) and day zero of its benchmark and chosen securities."""
    panel, places = source.panel, _chosen(result, source)
    if source.benchmark is not None:
        yield source.benchmark, panel.regressors["market"], places[0].day
    for place in places:
        yield place.key, panel.returns[panel.security[place.row]], place.day


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None) -> drawing.Drawing:
    """Weekdays downwards, markets across; cells coloured and labelled with the return in per cent."""
    frame = _frame(result, event)
    markets = list(frame.groupby("exchange", sort=False))
    days = list(dict.fromkeys(frame["date"]))
    layout: dict[str, Any] = {
        "height": 132 + ROW_HEIGHT * len(days),
        "margin": {"l": 8, "r": 8, "t": 120, "b": 8},
        "yaxis": drawing.rows_axis([f"{day:%a} {day.day} {day:%b}" for day in days]),
        "shapes": [],
        "annotations": [],
    }
    traces = []
    domains = _domains([part["ticker"].nunique() for _, part in markets])
    for i, ((_, part), domain) in enumerate(zip(markets, domains, strict=True)):
        axis = f"x{i + 1}" if i else "x"
        tickers = list(dict.fromkeys(part["ticker"]))
        layout[axis.replace("x", "xaxis")] = _axis(tickers, domain)
        layout["annotations"] += [_heading(str(part["city"].iloc[0]), domain), *_closed(part, len(tickers), days, axis)]
        layout["shapes"] += _day_zero(part, tickers, days, axis)
        traces.append(_cells(part, tickers, days, axis))
    return drawing.drawing(traces, layout, empty="no security of the event has a day zero")


def _domains(widths: Sequence[int]) -> list[list[float]]:
    """Horizontal places of the markets, in proportion to their number of columns."""
    free = 1 - GAP * (len(widths) - 1)
    ends = np.cumsum([0, *widths]) * free / max(sum(widths), 1)
    return [[float(ends[i] + GAP * i), min(float(ends[i + 1] + GAP * i), 1.0)] for i in range(len(widths))]


def _axis(tickers: list[str], domain: list[float]) -> dict[str, Any]:
    return {
        "domain": domain,
        "side": "top",
        "tickvals": list(range(len(tickers))),
        "ticktext": tickers,
        "tickangle": -90,
        "showgrid": False,
        "fixedrange": True,
        "range": [-0.5, len(tickers) - 0.5],
    }


def _cells(part: pd.DataFrame, tickers: list[str], days: list[dt.date], axis: str) -> drawing.Trace:
    down, across = ({name: i for i, name in enumerate(names)} for names in (days, tickers))
    wide = np.full((len(days), len(tickers)), np.nan)
    wide[part["date"].map(down), part["ticker"].map(across)] = part["ret"]
    per_cent = drawing.coordinates(100 * wide)
    return {
        "type": "heatmap",
        "x": list(range(len(tickers))),
        "y": list(range(len(days))),
        "z": per_cent,
        "text": [["" if np.isnan(z) else _tenths(float(z)) for z in row] for row in per_cent],
        "xaxis": axis,
        "yaxis": "y",
        "zmin": -STRONG,
        "zmax": STRONG,
        "colorscale": [list(stop) for stop in theme.DIVERGING],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{text}",
        "textfont": {"size": 10},
        "hoverongaps": False,
        "hovertemplate": "%{z:.2f} per cent",
    }


def _tenths(value: float) -> str:
    text = f"{value:.1f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "\u2212")


def _closed(part: pd.DataFrame, width: int, days: list[dt.date], axis: str) -> list[dict[str, Any]]:
    """The word across a market's row on the days it had no session."""
    closed = part.loc[~part["open"].astype(bool), "date"].unique()
    return [{"x": (width - 1) / 2, "y": days.index(d), "xref": axis, "yref": "y", "text": "closed"} for d in closed]


def _day_zero(part: pd.DataFrame, tickers: list[str], days: list[dt.date], axis: str) -> list[dict[str, Any]]:
    """A frame around each series' day zero."""
    zero = part[part["is_day_zero"].astype(bool)]
    places = [(tickers.index(t), days.index(d)) for t, d in zip(zero["ticker"], zero["date"], strict=True)]
    look = {"type": "rect", "xref": axis, "yref": "y", "line": {"width": 2}}
    return [look | {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5} for x, y in places]


def _heading(city: str, domain: list[float]) -> dict[str, Any]:
    place = {"x": domain[0], "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return place | {"yshift": 80, "text": city, "font": {"size": 10}}


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None) -> Statement:
    """Day zero of each market with the return of its first series then, and what the figure leaves out."""
    frame = _frame(result, event)
    parts: list[str] = []
    values: dict[str, Quantity | str] = {}
    for i, (_, part) in enumerate(frame[frame["is_day_zero"].astype(bool)].groupby("exchange", sort=False)):
        line = part.iloc[0]
        parts.append(f"{{city{i}}} on {{day{i}}} ({{series{i}}} {{ret{i}}})")
        values[f"city{i}"], values[f"series{i}"] = str(line["city"]), called.short(str(line["ticker"]))
        values[f"day{i}"] = Quantity(float(line["date"].toordinal()), "date")
        values[f"ret{i}"] = words.move(line["ret"])
    if not parts:
        return Statement("No security of the event has a day zero.")
    said = [f"Day zero{_by(result, event)}: {', '.join(parts)}."]
    if len(parts) > 1:
        said.append("An exchange that closes before the day of the news ends elsewhere answers the session after.")
    returns = words.a_return(result.settings.returns).capitalize()
    said.append(f"{returns}s are in per cent; one after closed days spans them.")
    sources = list(result.select(picking.event_id(result, event)))
    values["shown"] = words.count(frame.loc[~frame["is_benchmark"].astype(bool), "ticker"].nunique())
    values["all"] = words.count(len({key for s in sources for key in s.panel.keys}))
    if values["shown"] != values["all"]:
        said.append("Shown are {shown} of the {all} securities, of as many groups as it goes.")
    return Statement(" ".join(said), values)


def _by(result: StudyResult, event: str | None) -> str:
    """A plain date has no hour: day zero is then that date, or the first session after it, everywhere."""
    wanted = picking.event_id(result, event)
    moments = [isinstance(e.announced, dt.datetime) for e in result.settings.events if e.id == wanted]
    return "" if any(moments) else " by calendar date"


def finding(result: StudyResult, event: str | None = None) -> Statement:
    """Whether all markets had their day zero on one date, else on how many and the last of them."""
    zero = _frame(result, event)
    zero = zero[zero["is_day_zero"].astype(bool)]
    days = sorted(set(zero["date"]))
    if not days:
        return Statement("No market had a day zero")
    values: dict[str, Quantity | str] = {
        "n": words.count(zero["exchange"].nunique()),
        "day": Quantity(float(days[-1].toordinal()), "date"),
        "who": words.listed(dict.fromkeys(zero.loc[zero["date"] == days[-1], "city"])),
    }
    if len(days) == 1:
        return Statement("All {n} markets answered on {day}", values)
    return Statement("The markets did not answer together: {who} could only on {day}", values)


CARD = Figure(
    name="calendar",
    title="Who traded when",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=shows_markets,
)
