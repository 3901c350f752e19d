"""Cumulative abnormal returns from the start of the event window, with the interval of each sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import UnknownNameError
from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "benchmark", "model", "tau", "date", "ar", "car", "se", "low", "high")
HEIGHT = 420
MOST = 40  # events that can be chosen; the table has all
Path = dict[str, Any]  # column -> array over the event window, or one value
OWN = "own"  # the value of the control ``against`` for the study's own benchmark and model


# --------------------------------------------------------------------------------------------------------------- table
def table(
    result: StudyResult,
    event: str | None = None,
    ticker: str | None = None,
    benchmark: str | None = None,
    model: str | None = None,
) -> pd.DataFrame:
    """CAR paths: every security in its own specification and the headline group in the others; or what is asked for.

    With `ticker` that security alone, with `benchmark` or `model` in that specification.

    Returns
    -------
    DataFrame, one row per security, specification and session; columns ``ticker``, ``benchmark``, ``model``; ``tau``
    sessions from day zero; ``date``; ``ar`` the day's abnormal return; ``car`` its sum from the start of the event
    window; ``se`` = sigma sqrt(L + 1'X_W (X'X)^-1 X_W'1), L days summed; ``low``, ``high`` the (1 - alpha) interval
    of that one sum, ``car`` +- t(nu) quantile x ``se``. Returns are decimals; a sum over a missing day is NaN.
    """
    paths = _paths(result, event, ticker, benchmark, model)
    return picking.stacked([path for _, path in paths], COLUMNS)


def _places(
    result: StudyResult, event: str | None, ticker: str | None, benchmark: str | None, model: str | None
) -> list[Row]:
    wanted = picking.event_id(result, event)
    group = picking.group_members(result, None, wanted)
    if ticker is not None or benchmark is not None or model is not None:
        tickers = [p.key for p in picking.some_rows(result, wanted, group)] if ticker is None else [ticker]
        return _only(list(picking.rows(result, wanted, tickers, headline=False)), benchmark, model)
    own = picking.some_rows(result, wanted, result.settings.keys(wanted))
    compared = [p.key for p in own if p.key in group] if result.settings.headline_group else []
    return own + [p for p in picking.rows(result, wanted, compared, headline=False) if not p.source.headline]


def _only(found: Sequence[Row], benchmark: str | None, model: str | None) -> list[Row]:
    """The rows of one specification; what is not given is as in the study's own."""
    if benchmark is None and model is None:
        return [p for p in found if p.source.headline]
    own = {p.key: p.source for p in found if p.source.headline}
    chosen = [
        p
        for p in found
        if p.source.benchmark == (benchmark or own[p.key].benchmark) and p.source.model == (model or own[p.key].model)
    ]
    if not chosen:
        wanted = ", ".join(name for name in (benchmark, model) if name)
        raise UnknownNameError("specification", wanted, tuple(dict.fromkeys(p.against for p in found)))
    return chosen


@once
def _paths(
    result: StudyResult, event: str | None, ticker: str | None, benchmark: str | None, model: str | None
) -> list[tuple[Row, Path]]:
    """Each row with its path, column by column."""
    places = _places(result, event, ticker, benchmark, model)
    return [(place, _columns(place, result.settings.alpha)) for place in places]


def _columns(place: Row, alpha: float) -> Path:
    source, row = place.source, place.row
    car, se = (values[row] for values in source.path)
    half = picking.half_width(se, place.nu, alpha)
    head = (place.key, source.benchmark, source.model, np.array(source.panel.event.taus))
    columns = (*head, picking.sessions_of(place), source.abnormal.ar[row], car, se, car - half, car + half)
    return dict(zip(COLUMNS, columns, strict=True))


# -------------------------------------------------------------------------------------------------------------- figure
def draw(
    result: StudyResult,
    event: str | None = None,
    ticker: str | None = None,
    benchmark: str | None = None,
    model: str | None = None,
) -> drawing.Drawing:
    """CAR path and pointwise intervals of one security; the others wait for the page's controls.

    With `ticker` the figure holds that security alone, with `benchmark` or `model` in that specification.
    """
    paths = _paths(result, event, ticker, benchmark, model)
    drawn = [(place, path) for place, path in paths if np.isfinite(path["car"]).any()]
    few = {place.key for place in picking.foremost(result, [p for p, _ in drawn if p.source.headline], MOST)}
    drawn = [(place, path) for place, path in drawn if ticker is not None or place.key in few]
    tickers = list(dict.fromkeys(place.key for place, _ in drawn))
    first = picking.first_shown(result, tickers)
    compared = {place.key for place, _ in drawn if _key(place) != OWN} if ticker is None else set()
    shown = next((_key(place) for place, _ in drawn if place.key == first), OWN)
    known, labels = called.names(result.verdicts), picking.labels(result, event)
    traces: list[drawing.Trace] = []
    for place, path in drawn:
        meta = {"ticker": place.key} | ({"against": _key(place)} if place.key in compared else {})
        common = {"meta": meta, "visible": place.key == first and _key(place) == shown}
        name = called.cut(labels[place.key])  # beside the controls, which say against what, that is enough
        traces += [common | t for t in _path(path, name if ticker is None else place.named(name, known))]
    units = picking.units(result, event)
    controls = drawing.securities(tickers, first, labels) + _specifications(
        [p for p, _ in drawn], compared, shown, known, units
    )
    return drawing.drawing(traces, _layout(result), controls, _nothing(paths))


def _nothing(paths: Sequence[tuple[Row, Path]]) -> str:
    """Why there is no path: nothing was estimated, or the window's first session has no return to begin a sum with."""
    if any(np.isfinite(path["ar"]).any() for _, path in paths):
        return "the first session of the event window has no return, so that no sum begins there"
    return "no security was estimated for this event"


def _key(place: Row) -> str:
    return OWN if place.source.headline else place.against


def _specifications(
    places: Sequence[Row], compared: set[str], shown: str, known: Mapping[str, str], units: str
) -> list[dict[str, Any]]:
    """The control that chooses benchmark and model together: only some pairs were estimated."""
    found = {_key(p): p.said_against(known) for p in places if p.key in compared}
    if len(found) < 2:
        return []
    own = [(OWN, f"{found[OWN]} (the study's own)")] if OWN in found else []
    others = [(key, words_) for key, words_ in found.items() if key != OWN]
    whose = words.few(dict.fromkeys(p.key for p in places if p.key in compared), units)
    return [drawing.control("against", f"Against (for {whose})", own + others, shown)]


def _path(path: Path, name: str) -> list[drawing.Trace]:
    there = np.isfinite(path["car"])
    taus = path["tau"][there].astype(np.int8 if abs(path["tau"]).max() < 128 else np.int16)
    car, low, high = (path[column][there] for column in ("car", "low", "high"))
    days = [day for day, known in zip(path["date"], there, strict=True) if known]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": taus,
        "y": drawing.coordinates(car),
        "line": {"color": theme.BLUE, "width": 2.5},
        "marker": {"size": 5},
        "customdata": drawing.coordinates(high - car),
        "text": [f"{day.day} {day:%b}" if day else "" for day in days],
        "hovertemplate": "%{text}, session %{x}<br>CAR %{y:.2%} ± %{customdata:.2%}",
    }
    return [drawing.band(taus, low, high, theme.faded(theme.BLUE, 0.18)), line]


def _layout(result: StudyResult) -> dict[str, Any]:
    share = words.share(result.settings.alpha)
    return {
        "height": HEIGHT,
        "margin": {"l": 8, "r": 16, "t": 52, "b": 8},
        "hovermode": "x",
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": drawing.sessions_axis(result.settings.event),
        "yaxis": {"title": {"text": f"CAR and its {share} interval"}, "tickformat": ".0%", "zeroline": True},
        "shapes": [drawing.vertical(0)],
        "annotations": [drawing.on_top(0, "day zero")],
    }


# ------------------------------------------------------------------------------------------------------------- caption
def caption(
    result: StudyResult,
    event: str | None = None,
    ticker: str | None = None,
    benchmark: str | None = None,
    model: str | None = None,
) -> Statement:
    """The security shown first: its abnormal return on day zero and the CAR at the end of the window."""
    every = _paths(result, event, ticker, benchmark, model)
    paths = [(p, path) for p, path in every if np.isfinite(path["car"]).any()]
    if not paths:
        said = _nothing(every)
        return Statement(f"{said[0].upper()}{said[1:]}.")
    few = picking.foremost(result, [p for p, _ in paths if p.source.headline or ticker is not None], MOST)
    first = picking.first_shown(result, [p.key for p in few])
    place, path = next((p, path) for p, path in paths if p.key == first)
    last = int(np.flatnonzero(np.isfinite(path["car"]))[-1])
    day = path["ar"][path["tau"] == 0]
    template = (
        "{named}: the abnormal return of day zero was {day}; summed from the start of the window to "
        "session {tau} it was {car}, with a {share} interval from {low} to {high}."
        if len(day)
        else "{named}: summed from the start of the window to session {tau} the abnormal return was {car}, with a "
        "{share} interval from {low} to {high}."
    )
    values: dict[str, Quantity | str] = {
        "named": place.named(picking.labels(result, event)[place.key], called.names(result.verdicts)),
        "day": words.move(day[0] if len(day) else np.nan),
        "tau": words.count(path["tau"][last]),
        "car": words.move(path["car"][last]),
        "share": Quantity(1 - result.settings.alpha, "share"),
        "low": words.move(path["low"][last]),
        "high": words.move(path["high"][last]),
    }
    return Statement(template, values)


def finding(
    result: StudyResult,
    event: str | None = None,
    ticker: str | None = None,
    benchmark: str | None = None,
    model: str | None = None,
) -> Statement:
    """For how many of the headline group the sum over the whole event window leaves the interval of ordinary days."""
    group = set(picking.group_members(result, None, picking.event_id(result, event)))
    known = [
        path
        for place, path in _paths(result, event, ticker, benchmark, model)
        if np.isfinite(path["car"][-1]) and (ticker is not None or (place.key in group and place.source.headline))
    ]
    if not known:
        return Statement("No abnormal returns could be summed over the whole window")
    beyond = sum(bool(path["low"][-1] > 0 or path["high"][-1] < 0) for path in known)
    span = f"{len(known[0]['tau'])} sessions"
    if len(known) == 1:
        said = "chance does not explain" if beyond else "chance could explain"
        return Statement(
            f"Over {{span}} {said} the sum of {{who}}",
            {"who": picking.labels(result, event)[known[0]["ticker"]], "span": span},
        )
    many = words.of_all(len(known) - beyond, len(known))
    return Statement(f"Over {{span}} chance could explain the sums of {many.template}", {**many.values, "span": span})


def _sums(result: StudyResult) -> bool:
    """Whether there is something to sum: an event window of one session is the day itself."""
    return result.settings.event.length > 1


CARD = Figure(
    name="car",
    title="Cumulative abnormal return",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=_sums,
)
