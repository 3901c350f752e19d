"""Prices around the event, indexed to the close before day zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "is_benchmark", "tau", "date", "basis", "level")
BEFORE, AFTER = 10, 60
MOST = 12  # events in one figure
HEIGHT = 440
LABEL_HEIGHT = 16  # pixels that the name at the end of a line needs


def table(result: StudyResult, event: str | None = None, group: str | None = None, after: int = AFTER) -> pd.DataFrame:
    """Indexed prices of a group (the headline group unless another is named) and its benchmarks.

    Returns
    -------
    DataFrame, one row a series and session from 10 before day zero to `after` behind it; columns ``ticker``,
    ``is_benchmark``, ``tau`` sessions from day zero, ``date``, ``basis`` (``adj_close`` or ``close``), ``level`` =
    100 x price / price of the session before day zero, NaN where there is no price. Benchmarks are left out where the
    securities have dates of their own (more than a week apart): one line cannot be indexed to several days.
    """
    return _frame(result, event, group, after).copy()


@once
def _frame(result: StudyResult, event: str | None, group: str | None, after: int) -> pd.DataFrame:
    places = picking.foremost(result, _places(result, event, group), MOST)
    together = _together([p.day for p in places if p.day is not None])
    benchmarks = {p.source.benchmark: p for p in reversed(places) if together and p.source.benchmark is not None}
    series = [*((p.key, p) for p in places), *reversed(benchmarks.items())]
    parts = [_path(result, place, name, after) for name, place in series]
    return picking.stacked(parts, COLUMNS)


def _places(result: StudyResult, event: str | None, group: str | None) -> list[Row]:
    wanted = picking.event_id(result, event)
    members = picking.group_members(result, group, wanted)
    return [p for p in picking.some_rows(result, wanted, members) if p.day is not None]


def _together(days: Sequence[dt.date]) -> bool:
    """Whether all days zero lie within a week: then the lines share an axis of dates, else one of sessions."""
    return not days or max(days) - min(days) <= dt.timedelta(days=7)


def _path(result: StudyResult, place: Row, name: str, after: int) -> dict[str, Any]:
    """The columns of `table` for one series: that of an event by its key, or a benchmark."""
    day, sessions = int(place.source.panel.day[place.row]), place.source.panel.sessions
    first, last = max(day - BEFORE, 0), min(day + after, len(sessions) - 1)
    span = sessions[first : last + 1]
    basis, series = _series(result, place.ticker if name == place.key else name)
    prices = series.reindex(span).to_numpy(dtype=np.float64)
    before = prices[day - 1 - first] if day > first else np.nan
    taus = np.arange(first - day, last - day + 1)
    return dict(zip(COLUMNS, (name, name != place.key, taus, span, basis, 100 * prices / before), strict=True))


def _series(result: StudyResult, ticker: str) -> tuple[str, pd.Series[float]]:
    """The price series on the study's basis, on the other one where that is not known."""
    basis = str(result.settings.basis)
    series = getattr(result.prices, basis)[ticker]
    if series.notna().any():
        return basis, series
    other = "close" if basis == "adj_close" else "adj_close"
    return other, getattr(result.prices, other)[ticker]


# -------------------------------------------------------------------------------------------------------------- figure
def draw(
    result: StudyResult, event: str | None = None, group: str | None = None, after: int = AFTER
) -> drawing.Drawing:
    """Indexed price paths with their names at the line's end."""
    frame = _frame(result, event, group, after)
    frame = frame[frame["level"].notna()]
    looks, labels = _looks(frame), picking.labels(result, event)
    paths = list(frame.groupby("ticker", sort=False))
    days = [day.date() for day in frame.loc[frame["tau"] == 0, "date"]]
    together = _together(days)
    traces = [_line(str(name), part, looks[str(name)], together) for name, part in paths]
    low, high = (float(frame["level"].min()), float(frame["level"].max())) if len(frame) else (0.0, 1.0)
    low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    ends = {str(name): float(part["level"].iloc[-1]) for name, part in paths}
    heights = drawing.spread(list(ends.values()), LABEL_HEIGHT / (HEIGHT - 70) * (high - low))
    zero: tuple[str | float, str] | None = None
    if days:
        first = min(days)
        zero = (first.isoformat(), picking.dated(first)) if together else (0, "day zero")
    by_date = {"showgrid": False, "hoverformat": "%-d %b %Y", "tickformat": "%-d %b\n%Y"}
    layout = {
        "height": HEIGHT,
        "margin": {
            "l": 8,
            "r": max([64, *(8 + 7 * len(called.tag(labels.get(name, name))) for name in ends)]),
            "t": 32,
            "b": 8,
        },
        "hovermode": "x unified",
        "xaxis": by_date if together else {"showgrid": False, "title": {"text": "Sessions from day zero"}},
        "yaxis": {"title": {"text": "Close before day zero = 100"}, "range": [low, high]},
        "shapes": [_level(), *([drawing.vertical(zero[0])] if zero else [])],
        "annotations": [
            *(
                _name(labels.get(ticker, ticker), float(height), looks[ticker][0])
                for ticker, height in zip(ends, heights, strict=True)
            ),
            *([drawing.on_top(*zero)] if zero else []),
        ],
    }
    return drawing.drawing(traces, layout, empty="no security has prices around this event")


def _looks(frame: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """A colour and a line style a security, grey dashes for a benchmark."""
    securities = frame.loc[~frame["is_benchmark"].astype(bool), "ticker"].unique()
    n = len(theme.CATEGORICAL)
    looks = {str(t): (theme.CATEGORICAL[i % n], theme.DASHES[i // n % n]) for i, t in enumerate(securities)}
    return {str(t): (theme.GREY, "longdash") for t in frame["ticker"].unique()} | looks


def _level() -> dict[str, Any]:
    return {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 100, "y1": 100, "line": {"width": 1}}


def _name(ticker: str, height: float, colour: str) -> dict[str, Any]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "y": height}
    return place | {"text": called.tag(ticker), "font": {"color": colour, "size": 12}}


def _line(ticker: str, part: pd.DataFrame, look: tuple[str, str], by_date: bool) -> drawing.Trace:
    colour, dash = look
    return {
        "type": "scatter",
        "mode": "lines",
        "name": ticker,
        "x": (part["date"].dt.strftime("%Y-%m-%d") if by_date else part["tau"]).to_list(),
        "y": drawing.coordinates(part["level"]),
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": f"{ticker} %{{y:.1f}}<extra></extra>",
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None, group: str | None = None, after: int = AFTER) -> Statement:
    """Where the securities stood at the end of day zero and at the end of the figure."""
    frame = _frame(result, event, group, after)
    own = frame[~frame["is_benchmark"].astype(bool) & frame["level"].notna()]
    day = own[own["tau"] == 0].sort_values("level", kind="stable")
    last = own.groupby("ticker", sort=False).tail(1)
    if day.empty:
        return Statement("No security has prices around this event.")
    template = (
        "Indexed to 100 before day zero, {worst} closed the day at {low} and stood at {level} at the end of the "
        "figure, session {later}."
        if len(day) == len(last) == 1
        else "Indexed to 100 before day zero, the {units} closed the day between {low} ({worst}) and {high} "
        "({best}); at the end of the figure, session {later}, {back} of {n} stood at 100 or above."
    )
    members, labels = len(_places(result, event, group)), picking.labels(result, event)
    if members > MOST:
        template += " Shown are the {shown} events of {all} that moved most for their usual scatter."
    values: dict[str, Quantity | str] = {
        "units": picking.units(result, event),
        "shown": words.count(MOST),
        "all": words.count(members),
        "low": Quantity(float(day["level"].iloc[0]), "level"),
        "worst": labels[day["ticker"].iloc[0]],
        "high": Quantity(float(day["level"].iloc[-1]), "level"),
        "best": labels[day["ticker"].iloc[-1]],
        "level": Quantity(float(last["level"].iloc[-1]), "level"),
        "later": words.count(last["tau"].max()),
        "back": words.none_or(int((last["level"] >= 100).sum())),
        "n": words.count(len(last)),
    }
    return Statement(template, values)


def finding(result: StudyResult, event: str | None = None, group: str | None = None, after: int = AFTER) -> Statement:
    """How many stand below and above their price before the event at the end of the figure."""
    frame = _frame(result, event, group, after)
    own = frame[~frame["is_benchmark"].astype(bool) & frame["level"].notna()]
    last = own.groupby("ticker", sort=False).tail(1)
    if last.empty or last["tau"].max() < 1:
        return Statement("No security has prices after the event")
    below = int((last["level"] < 100).sum())
    later = int(last["tau"].max())
    many = words.of_all(below, len(last))
    values: dict[str, Quantity | str] = {
        **many.values,
        "who": picking.labels(result, event)[last["ticker"].iloc[0]],
        "later": f"{later} session{'s' if later > 1 else ''}",
    }
    if len(last) == 1:
        return Statement(f"{{later}} later {{who}} stood {'below' if below else 'at or above'} its old price", values)
    old = "its old price" if below == 1 else "their old prices"
    return Statement(f"{{later}} later {many.template} stood below {old}", values)


def _priced(result: StudyResult) -> bool:
    """Whether there are prices at all: a study on returns has none."""
    return bool(_frame(result, None, None, AFTER)["level"].notna().any())


CARD = Figure(
    name="prices",
    title="Prices before and after",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_priced,
)
