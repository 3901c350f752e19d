"""Who fell and who rose on day zero, and for whom that was abnormal: ``day`` (one group) and ``movers`` (everybody)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

ROW_HEIGHT = 24
LEAST = 200  # height of a figure of one or two rows, whose legend takes three lines in a narrow column
MOST = {"day": 8, "movers": 48}  # rows of a figure, the first screen's and the full one; the table has all
COLUMNS = ("ticker", "is_benchmark", "exchange", "benchmark", "date", *picking.Day._fields, "reason")


# -------------------------------------------------------------------------------------------------------------- tables
def day_table(result: StudyResult, event: str | None = None, group: str | None = None) -> pd.DataFrame:
    """Day zero of a group (the headline group unless another is named) and its benchmarks.

    Returns
    -------
    DataFrame, one row a security, the largest fall first; columns ``ticker``; ``is_benchmark`` whether the row is a
    benchmark (then only its return is given); ``exchange``; ``benchmark``; ``date`` of day zero; ``ret``, ``expected``
    and ``ar`` (decimal return, normal return and their difference); ``benchmark_return``; ``se`` of ``ar`` with the
    forecast error; ``low``, ``high`` the (1 - alpha) interval ``ar`` +- t quantile x ``se``; ``sar`` = ar / se, t(nu);
    ``p``, ``p_holm`` of the ``t`` test (Holm over the securities of the event);
    ``reason`` why a security was not estimated.
    """
    return _frame(result, event, _members(result, event, group)).copy()


def movers_table(result: StudyResult, event: str | None = None) -> pd.DataFrame:
    """Day zero of every security of the study and of the benchmarks; columns as in `day_table`."""
    return _frame(result, event, _members(result, event, everyone=True)).copy()


def _members(
    result: StudyResult, event: str | None, group: str | None = None, everyone: bool = False
) -> tuple[str, ...]:
    wanted = picking.event_id(result, event)
    return result.settings.keys(wanted) if everyone else picking.group_members(result, group, wanted)


@once
def _frame(result: StudyResult, event: str | None, keys: tuple[str, ...]) -> pd.DataFrame:
    days: dict[str, set[dt.date | None]] = {}
    lines: list[tuple[Any, ...]] = []
    benchmarks: dict[str, tuple[Any, ...]] = {}
    for place in picking.some_rows(result, picking.event_id(result, event), keys):
        source, day = place.source, picking.day_numbers(place, result.settings.alpha)
        lines.append((place.key, False, source.exchange, source.benchmark, place.day, *day, place.reason))
        if source.benchmark is not None and np.isfinite(day.benchmark_return):
            days.setdefault(source.benchmark, set()).add(place.day)
            alone = picking.Day(day.benchmark_return, *[np.nan] * (len(day) - 1))
            benchmarks.setdefault(
                source.benchmark, (source.benchmark, True, source.exchange, None, place.day, *alone, None)
            )
    alike = [line for name, line in benchmarks.items() if len(days[name]) == 1]  # of several days it has no one return
    frame = pd.DataFrame([*lines, *alike], columns=COLUMNS)
    return frame.sort_values("ret", kind="stable", ignore_index=True)


# ------------------------------------------------------------------------------------------------------------- figures
def draw_day(result: StudyResult, event: str | None = None, group: str | None = None) -> drawing.Drawing:
    """Return (bar) and abnormal return with its interval (dot and whisker) of a group on day zero."""
    return _drawing(result, event, _frame(result, event, _members(result, event, group)), MOST["day"])


def draw_movers(result: StudyResult, event: str | None = None) -> drawing.Drawing:
    """Return (bar) and abnormal return with its interval (dot and whisker) of every security on day zero."""
    return _drawing(result, event, _frame(result, event, _members(result, event, everyone=True)), MOST["movers"])


def _drawing(result: StudyResult, event: str | None, frame: pd.DataFrame, most: int) -> drawing.Drawing:
    drawn = _ends(frame[frame["ret"].notna()], most).reset_index(drop=True)
    layout = {
        "height": max(LEAST, 92 + ROW_HEIGHT * len(drawn)),
        "margin": {"l": 8, "r": 16, "t": 84, "b": 8},
        "barmode": "overlay",
        "bargap": 0.3,
        "showlegend": True,
        "legend": drawing.LEGEND,
        "xaxis": drawing.top_axis(
            f"{words.a_return(result.settings.returns).capitalize()} on the day", tickformat=".0%"
        ),
        "yaxis": drawing.rows_axis(_labels(drawn, picking.labels(result, event), picking.units(result, event))),
    }
    traces = _traces(drawn, words.share(result.settings.alpha))
    return drawing.drawing(traces, layout, empty="no security has a return on day zero")


def _ends(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """The largest falls and the largest rises where there are more rows than a figure holds."""
    return frame if len(frame) <= most else pd.concat([frame.head(most // 2), frame.tail(most // 2)])


def _labels(frame: pd.DataFrame, called_: Mapping[str, str], units: str) -> list[str]:
    """Tickers with their returns, a benchmark's in bold; a day zero that is not that of most rows is named."""
    counts = frame["date"].value_counts()
    usual = counts.index[0] if len(counts) and 2 * counts.iloc[0] > len(frame) else None
    named = zip(frame["ticker"], frame["is_benchmark"], frame["date"], frame["ret"], strict=True)
    spelled = (
        (name, f"<b>{called.tag(name)}</b>" if bold else called.cut(called_.get(name, name)), day, ret)
        for name, bold, day, ret in named
    )
    if units == "events":
        return [f"{called.cut(called_[key]) if key in called_ else name} {_move(ret)}" for key, name, _, ret in spelled]
    return [f"{_label(name, day, usual)} {_move(ret)}" for _, name, day, ret in spelled]


def _move(ret: float) -> str:
    """A return beside its row: ``−17%``, ``+0.6%``."""
    size = f"{ret:+.0%}" if abs(ret) >= 0.0995 else f"{ret:+.1%}"
    return size.replace("-", "\u2212")


def _label(name: str, day: dt.date, usual: dt.date | None) -> str:
    return name if day == usual else f"{name}, {day.day} {day:%b}"


def _traces(frame: pd.DataFrame, share: str) -> list[drawing.Trace]:
    index = frame["is_benchmark"].astype(bool)
    estimated = frame["se"].notna()
    zero_out = estimated & ((frame["low"] > 0) | (frame["high"] < 0))
    return [
        *_bars(frame[~index], "return", theme.faded(theme.GREY, 0.4)),
        *_bars(frame[index], "return of a benchmark", theme.faded(theme.BLUE, 0.75)),
        *_dots(frame[zero_out], f"abnormal return, {share} interval", (theme.ABNORMAL, "circle")),
        *_dots(frame[estimated & ~zero_out], "interval includes zero", (theme.ORDINARY, "circle-open")),
    ]


def _bars(frame: pd.DataFrame, name: str, colour: str) -> list[drawing.Trace]:
    if frame.empty:
        return []
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": drawing.coordinates(frame["ret"]),
        "y": frame.index.to_list(),
        "text": frame["ticker"].to_list(),
        "textposition": "none",
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": "%{text}<br>return %{x:.2%}",
    }
    return [bars]


def _dots(frame: pd.DataFrame, name: str, look: tuple[str, str]) -> list[drawing.Trace]:
    if frame.empty:
        return []
    hover = "%{text}<br>abnormal return %{x:.2%} ± %{error_x.array:.2%}<br>SAR %{customdata:.2f}"
    more = {"name": name, "text": frame["ticker"].to_list(), "customdata": drawing.coordinates(frame["sar"])}
    return [drawing.dots(frame, frame.index.to_list(), look, hover) | more]


# ------------------------------------------------------------------------------------------------------------ captions
def day_caption(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """How many of the group fell, how many did so abnormally, and the largest fall."""
    return _caption(result, event, _frame(result, event, _members(result, event, group)), MOST["day"])


def movers_caption(result: StudyResult, event: str | None = None) -> Statement:
    """How many securities fell and rose, how many abnormally, and both ends."""
    return _caption(result, event, _frame(result, event, _members(result, event, everyone=True)), MOST["movers"])


def _caption(result: StudyResult, event: str | None, frame: pd.DataFrame, most: int) -> Statement:
    own = frame[~frame["is_benchmark"].astype(bool) & frame["ret"].notna()]
    if own.empty:
        return Statement("No security has a return on day zero.")
    lowest, highest, labels = own.iloc[0], own.iloc[-1], picking.labels(result, event)
    known, rose = own[own["se"].notna()], int((own["ret"] > 0).sum())
    unusual = int(((known["low"] > 0) | (known["high"] < 0)).sum())
    moved = (
        "{low} returned {worst} on day zero{in_logs}."
        if len(own) == 1
        else "{fell} of {n} {units} fell on {day}{risen}; the lowest {return} was {worst} ({low}), the highest "
        "{best} ({high})."
    )
    values: dict[str, Quantity | str] = {
        "fell": words.count((own["ret"] < 0).sum()),
        "n": words.count(len(own)),
        "day": "day zero" if own["date"].nunique() == 1 else "their own day zero",
        "units": picking.units(result, event),
        "risen": f", {rose} rose" if rose else "",
        "return": words.a_return(result.settings.returns),
        "in_logs": ", in logs" if result.settings.returns == "log" else "",
        "low": labels[lowest["ticker"]],
        "worst": words.move(lowest["ret"]),
        "high": labels[highest["ticker"]],
        "best": words.move(highest["ret"]),
        "unusual": words.none_or(unusual),
        "known": words.count(len(known)),
    }
    shown = " Shown are the {most} largest moves either way." if frame["ret"].notna().sum() > most else ""
    values["most"] = words.count(most // 2)
    return Statement(f"{moved} {_intervals(len(own), len(known), unusual)}{shown}", values)


def _intervals(securities: int, known: int, unusual: int) -> str:
    """How many intervals leave zero out; there is none for a security that was not estimated."""
    if not known:
        return "It was not estimated: it has no interval." if securities == 1 else "None of them was estimated."
    if known == 1:
        whose = "its abnormal return" if securities == 1 else "the one abnormal return that was estimated"
        return f"The interval of {whose} {'leaves zero out' if unusual else 'includes zero'}."
    which = "of them" if known == securities else "of the {known} that were estimated"
    return f"For {{unusual}} {which}, one by one, the interval of the abnormal return leaves zero out."


def _more_than_the_group(result: StudyResult) -> bool:
    return picking.has_day_zero(result) and set(picking.event_keys(result)) != set(picking.group_members(result))


def day_finding(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """How many of the group moved more than ordinary days explain, adjusted for how many were tested."""
    frame = _frame(result, event, _members(result, event, group))
    known = frame[frame["se"].notna()]
    adjusted = known["p_holm"].fillna(known["p"])  # as the answer: over all securities of the event
    unusual = known[adjusted < result.settings.alpha]
    if known.empty:
        return Statement("What happened on the day")
    if len(known) == 1:
        more = "more" if len(unusual) else "no more"
        return Statement(
            f"{{who}} moved {more} than ordinary days explain",
            {"who": picking.labels(result, event)[known["ticker"].iloc[0]]},
        )
    many = words.of_all(len(unusual), len(known))
    template = f"{many.template[:1].upper()}{many.template[1:]} moved more than ordinary days explain"
    return Statement(template, many.values)


def movers_finding(result: StudyResult, event: str | None = None) -> Statement:
    """How many securities fell and how many rose."""
    frame = _frame(result, event, _members(result, event, everyone=True))
    own = frame[~frame["is_benchmark"].astype(bool) & frame["ret"].notna()]
    fell, rose = int((own["ret"] < 0).sum()), int((own["ret"] > 0).sum())
    units = picking.units(result, event)
    if own.empty or not (fell and rose):
        way = "fell" if fell else "rose" if rose else "moved"
        return Statement(
            f"All {{n}} {units} {way}" if len(own) > 1 and way != "moved" else "Who fell and who rose",
            {"n": words.count(len(own))},
        )
    first, second = (("fell", fell), ("rose", rose)) if fell >= rose else (("rose", rose), ("fell", fell))
    values = {"first": words.count(first[1]), "n": words.count(len(own)), "second": words.count(second[1])}
    return Statement(f"{{first}} of {{n}} {units} {first[0]}, {{second}} {second[0]}", values)


DAY = Figure(
    name="day",
    title="Return and abnormal return of the day",
    draw=draw_day,
    table=day_table,
    caption=day_caption,
    finding=day_finding,
    fits=picking.has_day_zero,
)
MOVERS = Figure(
    name="movers",
    title="Who fell and who rose",
    draw=draw_movers,
    table=movers_table,
    caption=movers_caption,
    finding=movers_finding,
    fits=_more_than_the_group,
)
