"""When the news could be traded on: its moment, the sessions of each market around it, and the windows of the study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from eventstudy.figures import drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement

COLUMNS = ("exchange", "city", "zone", "session", "opens", "closes", "local", "is_day_zero")
ROW_HEIGHT = 30
WINDOWS = 84  # pixels of the two windows below the clock
FARTHEST = 5  # days after the news up to which the clock runs
DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)


class Market(NamedTuple):
    """One exchange: its first result, its day zero, and that session's hours in UTC, None where they are not known."""

    source: EventResult
    day: dt.date
    opens: pd.Timestamp
    closes: pd.Timestamp
    zone: str

    @property
    def city(self) -> str:
        """Its name for a reader."""
        return picking.CITIES.get(self.source.exchange, self.source.exchange)

    @property
    def hours(self) -> str:
        """Its session in its own time: ``09:30–16:00``."""
        return _hours(self.opens, self.closes, self.zone)


# --------------------------------------------------------------------------------------------------------------- table
def table(result: StudyResult, event: str | None = None) -> pd.DataFrame:
    """The sessions of each market from the day of the news on, for two days or until the near days zero are over.

    Returns
    -------
    DataFrame, one row a market and session; columns ``exchange`` (market identifier code), ``city``, ``zone`` (IANA
    name), ``session`` (its date), ``opens`` and ``closes`` (UTC), ``local`` the same in the exchange's own time,
    ``is_day_zero``.
    """
    start, end = _span(result, event)
    rows = []
    for market in _markets(result, event):
        for day, opens, closes in _sessions(result, market, start, end):
            local = _hours(opens, closes, market.zone)
            moments = (f"{moment:%Y-%m-%dT%H:%M}Z" for moment in (opens, closes))
            rows.append((market.source.exchange, market.city, market.zone, day, *moments, local, day == market.day))
    return pd.DataFrame(rows, columns=COLUMNS)


def _markets(result: StudyResult, event: str | None) -> list[Market]:
    """The exchanges whose hours are known, the first to open on its day zero in front."""
    found: dict[str, Market] = {}
    for source in result.select(picking.event_id(result, event)):
        book = result.prices.calendars.get(source.exchange)
        zero = next((zero.session for zero in source.panel.day_zero if zero.session is not None), None)
        if book is None or book.opens is None or book.zone is None or zero is None:
            continue
        at = int(book.sessions.searchsorted(pd.Timestamp(zero)))
        opens, closes = book.opens[at], book.closes[at]
        if not (pd.isna(opens) or pd.isna(closes)):
            found.setdefault(source.exchange, Market(source, zero, opens, closes, book.zone))
    return sorted(found.values(), key=lambda market: market.opens)


def _announced(result: StudyResult, event: str | None) -> set[dt.date]:
    """When the news came: moments, or days where no hour is given."""
    sources = result.select(picking.event_id(result, event))
    return {zero.event.announced for source in sources for zero in source.panel.day_zero}


def _moment(announced: dt.date) -> pd.Timestamp | None:
    return pd.Timestamp(announced).tz_convert("UTC") if isinstance(announced, dt.datetime) else None


def _span(result: StudyResult, event: str | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The midnights (UTC) between which the clock runs: two days, and as many as the near days zero ask for."""
    announced = next(iter(_announced(result, event)))
    moment = _moment(announced)
    day = (pd.Timestamp(announced, tz="UTC") if moment is None else moment).normalize()
    ends = [market.closes for market in _markets(result, event) if market.closes <= day + FARTHEST * DAY]
    first = min([day, *(market.opens for market in _markets(result, event) if market.opens > day - FARTHEST * DAY)])
    return min(day, first).normalize(), max([day + 2 * DAY, *ends]).ceil("D")


def _sessions(
    result: StudyResult, market: Market, start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[tuple[dt.date, pd.Timestamp, pd.Timestamp]]:
    """The day, opening and close of each session of a market that lies within the clock."""
    book = result.prices.calendars[market.source.exchange]
    if book.opens is not None:
        for day, opens, closes in zip(book.sessions, book.opens, book.closes, strict=True):
            if opens >= start and closes <= end:
                yield day.date(), opens, closes


def _hours(opens: pd.Timestamp, closes: pd.Timestamp, zone: str) -> str:
    return "\u2013".join(moment.tz_convert(zone).strftime("%H:%M") for moment in (opens, closes))


def shows(result: StudyResult, event: str | None = None) -> bool:
    """Whether there is one piece of news, and a market whose hours are known."""
    return len(_announced(result, event)) == 1 and bool(_markets(result, event))


# -------------------------------------------------------------------------------------------------------------- figure
def draw(result: StudyResult, event: str | None = None) -> drawing.Drawing:
    """Markets downwards, the clock across, day zero in colour; below them the estimation and the event window."""
    markets = _markets(result, event) if shows(result, event) else []
    if not markets:
        return drawing.drawing([], {}, empty="the hours of no market are known")
    start, end = _span(result, event)
    height = ROW_HEIGHT * len(markets) + WINDOWS + 176
    share = WINDOWS / (ROW_HEIGHT * len(markets) + WINDOWS + 70)
    clock = drawing.rows_axis([f"{market.city} {market.hours}" for market in markets])
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 76, "b": 8},
        "barmode": "overlay",
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": _clock_axis(start, end),
        "yaxis": clock | {"domain": [share + 0.16, 1.0]},
        "xaxis2": {"type": "date", "anchor": "y2", "showgrid": False, "fixedrange": True, "tickformat": "%b\n%Y"},
        "yaxis2": drawing.rows_axis(["estimation", "event window"]) | {"domain": [0.0, share]},
        "shapes": [],
        "annotations": [_later(market, row, end) for row, market in enumerate(markets) if market.closes > end],
    }
    _news(result, event, start, end, layout)
    traces = [*_bars(result, markets, start, end), *_windows(_leading(result, markets))]
    return drawing.drawing(traces, layout)


def _clock_axis(start: pd.Timestamp, end: pd.Timestamp) -> dict[str, Any]:
    """Hours from `start`, midnights by their date."""
    days = int((end - start) / DAY)
    return {
        "range": [0, 24 * days],
        "tickvals": [24 * k for k in range(days)],
        "ticktext": [f"{start + k * DAY:%a} {(start + k * DAY).day} {start + k * DAY:%b}" for k in range(days)],
        "fixedrange": True,
        "showgrid": True,
        "side": "top",
        "title": {"text": "Time in UTC, from midnight"},
    }


def _bars(
    result: StudyResult, markets: list[Market], start: pd.Timestamp, end: pd.Timestamp
) -> Iterator[drawing.Trace]:
    looks = {False: ("session", theme.faded(theme.GREY, 0.4)), True: ("day zero", theme.BLUE)}
    for zero, (name, colour) in looks.items():
        found = [
            (row, (opens - start) / HOUR, (closes - opens) / HOUR, f"{market.city}, {day}: {market.hours} local time")
            for row, market in enumerate(markets)
            for day, opens, closes in _sessions(result, market, start, end)
            if (day == market.day) is zero
        ]
        if found:
            rows, base, hours, texts = (list(column) for column in zip(*found, strict=True))
            yield {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "x": hours,
                "base": base,
                "y": rows,
                "width": 0.6,
                "text": texts,
                "textposition": "none",
                "marker": {"color": colour, "line": {"width": 0}},
                "hovertemplate": "%{text}",
            }


def _later(market: Market, row: int, end: pd.Timestamp) -> dict[str, Any]:
    """What stands in the row of a market whose day zero lies beyond the clock."""
    place = {"x": 1, "xref": "paper", "xanchor": "right", "y": row, "yref": "y"}
    return place | {"text": f"day zero: {market.day.day} {market.day:%b} \u2192"}


def _news(
    result: StudyResult, event: str | None, start: pd.Timestamp, end: pd.Timestamp, layout: dict[str, Any]
) -> None:
    """The moment of the news as a line, its day as a band where no hour is given."""
    announced = next(iter(_announced(result, event)))
    moment = _moment(announced)
    low = ((pd.Timestamp(announced, tz="UTC") if moment is None else moment) - start) / HOUR
    width = 24.0 if moment is None else 0.0
    bottom = layout["yaxis"]["domain"][0]
    shape = {"x0": low, "x1": low + width, "xref": "x", "y0": bottom, "y1": 1, "yref": "paper"}
    if moment is None:
        look = {"type": "rect", "fillcolor": theme.faded(theme.AMBER, 0.18), "line": {"width": 0}, "layer": "below"}
    else:
        look = {"type": "line", "line": {"dash": "dot", "width": 2}}
    layout["shapes"].append(shape | look)
    text = "the day of the news" if moment is None else f"the news, {moment:%H:%M} UTC"
    note = {"x": low + width / 2, "y": bottom, "xref": "x", "yref": "paper", "yanchor": "top", "text": text}
    layout["annotations"].append(note)


def _windows(market: Market) -> Iterator[drawing.Trace]:
    """The estimation and the event window of one market, by their dates."""
    spans = _dates(market)
    looks = ((theme.faded(theme.GREY, 0.4), "estimation window"), (theme.faded(theme.BLUE, 0.55), "event window"))
    for row, ((first, last), (colour, name)) in enumerate(zip(spans, looks, strict=True)):
        yield {
            "type": "scatter",
            "mode": "lines",
            "showlegend": False,
            "name": name,
            "x": [first.isoformat(), last.isoformat()],
            "y": [row, row],
            "xaxis": "x2",
            "yaxis": "y2",
            "line": {"color": colour, "width": 12},
            "hovertemplate": f"{name}: %{{x}}",
        }


def _leading(result: StudyResult, markets: list[Market]) -> Market:
    """The market of the headline's securities, else the first."""
    return next((market for market in markets if market.source.exchange == result.headline.exchange), markets[0])


def _dates(market: Market) -> list[tuple[dt.date, dt.date]]:
    """First and last date of the estimation and of the event window of the market's first event, as far as known."""
    panel = market.source.panel
    row = next(i for i, zero in enumerate(panel.day_zero) if zero.session == market.day)
    day, last = int(panel.day[row]), len(panel.sessions) - 1
    spans = (market.source.panel.estimation, panel.event)
    return [
        (
            panel.sessions[min(max(day + one.start, 0), last)].date(),
            panel.sessions[min(max(day + one.end, 0), last)].date(),
        )
        for one in spans
    ]


# ------------------------------------------------------------------------------------------------------------- caption
def caption(result: StudyResult, event: str | None = None) -> Statement:
    """When the news came, seen from each market, and the dates of the windows."""
    if not shows(result, event):
        return Statement("The hours of no market are known.")
    announced = next(iter(_announced(result, event)))
    moment, markets = _moment(announced), _markets(result, event)
    values: dict[str, Quantity | str] = {}
    came = "The study gives the day of the news, not its hour; day zero is by the date of each market."
    if moment is not None:
        came = f"The news came at {moment:%H:%M} UTC on {{news}}, {words.listed(_seen(moment, m) for m in markets)}."
        values["news"] = _day(moment.date())
    leading = _leading(result, markets)
    (first, last), (begin, end) = _dates(leading)
    for name, day in (("first", first), ("last", last), ("begin", begin), ("end", end)):
        values[name] = _day(day)
    windows = (
        f"In {leading.city} ordinary days are those of {{first}} to {{last}}, the event window runs from {{begin}} "
        "to {end}."
    )
    return Statement(f"{came} The hours beside each market are its own. {windows}", values)


def _seen(moment: pd.Timestamp, market: Market) -> str:
    """How the moment lay to the session that became day zero."""
    if moment < market.opens:
        return f"when {market.city} was closed"
    return f"in {market.city}'s session" if moment < market.closes else f"after {market.city} had closed"


def _day(day: dt.date) -> Quantity:
    return Quantity(float(day.toordinal()), "date")


def finding(result: StudyResult, event: str | None = None) -> Statement:
    """Which market could trade first where the hour is known; else on which date day zero was where."""
    if not shows(result, event):
        return Statement(CARD.title)
    markets = _markets(result, event)
    first, last = markets[0], markets[-1]
    moment = _moment(next(iter(_announced(result, event))))
    values: dict[str, Quantity | str] = {"first": _day(first.day), "last": _day(last.day)}
    if len(markets) == 1:
        return Statement(f"In {first.city} day zero was {{first}}", values)
    if moment is not None and result.settings.policy == "next":
        return _first_to_trade({market.city: max(moment, market.opens) for market in markets})
    early, late = ([m.city for m in markets if m.day == day] for day in (first.day, last.day))
    if first.day == last.day:
        return Statement("Day zero was {first} in every market", values)
    return Statement(
        f"Day zero was {{first}} in {words.listed(early)}, and only {{last}} in {words.listed(late)}", values
    )


def _first_to_trade(since: Mapping[str, pd.Timestamp]) -> Statement:
    """Which cities could trade first and last, from the moment that each could; news in several sessions is for all."""
    first, last = min(since.values()), max(since.values())
    early, late = (words.listed(city for city, moment in since.items() if moment == end) for end in (first, last))
    if first == last:
        return Statement(f"{early} could trade on the news at the same time")
    return Statement(f"{early} could trade on the news first, {late} last")


CARD = Figure(
    name="timeline",
    title="When the news could be traded on",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=shows,
)
