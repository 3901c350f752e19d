"""Does the answer depend on the benchmark? The abnormal return of day zero against each of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eventstudy.figures import called, drawing, picking, theme, words
from eventstudy.figures.card import Figure
from eventstudy.figures.picking import Row
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.once import once

COLUMNS = ("ticker", "benchmark", "is_own", "is_member", *picking.Day._fields)
ROW_HEIGHT = 19
GAP = 0.8  # between two securities, in rows
NAMED = 4  # securities that the heading names one by one


def table(result: StudyResult, event: str | None = None, group: str | None = None) -> pd.DataFrame:
    """Abnormal returns of a group (the headline group unless another is named) on day zero against each benchmark.

    Returns
    -------
    DataFrame, one row a security and benchmark, under the study's own model; columns ``ticker``, ``benchmark``;
    ``is_own`` whether it is the study's own benchmark for the security; ``is_member`` whether the security is known to
    be part of it, which pulls ``ar`` towards zero; ``ret``, ``benchmark_return``, ``expected``, ``ar`` (decimals);
    ``se`` with the forecast error; ``low``, ``high`` the (1 - alpha) interval ``ar`` +- t quantile x ``se``; ``sar``;
    ``p``, ``p_holm`` of the ``t`` test.
    """
    return _frame(result, event, group).copy()


@once
def _frame(result: StudyResult, event: str | None, group: str | None) -> pd.DataFrame:
    wanted = picking.event_id(result, event)
    members = [p.key for p in picking.some_rows(result, wanted, picking.group_members(result, group, wanted))]
    places = picking.rows(result, wanted, members, headline=False)
    lines = [
        (p.key, p.benchmark, p.source.headline, _member(result, p), *_numbers(result, p))
        for p in places
        if p.source.model == result.settings.model and p.benchmark is not None
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def compares(result: StudyResult, event: str | None = None) -> bool:
    """Whether some security of the event was set against two benchmarks or more on day zero."""
    wanted, model = picking.event_id(result, event), result.settings.model
    found: dict[str, set[str]] = {}
    for source in result.events:
        benchmark = result.against(source)
        if source.event == wanted and source.model == model and benchmark is not None:
            found.setdefault(source.exchange, set()).add(benchmark)
    return picking.has_day_zero(result) and any(len(names) > 1 for names in found.values())


def _member(result: StudyResult, place: Row) -> bool:
    return place.ticker in result.settings.members.get(place.benchmark or "", ())


def _numbers(result: StudyResult, place: Row) -> picking.Day:
    return picking.day_numbers(place, result.settings.alpha)


def draw(result: StudyResult, event: str | None = None, group: str | None = None) -> drawing.Drawing:
    """One row a security and benchmark: the abnormal return with its interval; hollow where zero is inside."""
    frame = _frame(result, event, group)
    frame = frame[frame["se"].notna()].reset_index(drop=True)
    security = pd.factorize(frame["ticker"])[0]
    positions = [line + GAP * int(k) for line, k in enumerate(security)]
    known, labels = called.names(result.verdicts), picking.labels(result, event)
    layout = {
        "height": int(ROW_HEIGHT * ((positions[-1] if positions else 0) + 2) + 84),
        "margin": {"l": 8, "r": 16, "t": 64, "b": 8},
        "xaxis": drawing.top_axis("Abnormal return", tickformat=".0%"),
        "yaxis": drawing.rows_axis(_labels(frame, labels), positions),
    }
    return drawing.drawing(
        _traces(frame.assign(ticker=frame["ticker"].map(labels)), positions, known),
        layout,
        empty="no security was estimated against a benchmark",
    )


def _labels(frame: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """What the event is called, in front of its first row; an asterisk where the benchmark holds the security."""
    first = ~frame["ticker"].duplicated()
    named = zip(first, frame["ticker"], frame["benchmark"], frame["is_member"], strict=True)
    return [
        f"{f'<b>{called.cut(labels[t])}</b> ' if new else ''}{called.tag(b)}{'*' if inside else ''}"
        for new, t, b, inside in named
    ]


def _traces(frame: pd.DataFrame, positions: list[float], known: Mapping[str, str]) -> list[drawing.Trace]:
    unusual = (frame["low"] > 0) | (frame["high"] < 0)
    looks = ((unusual, (theme.ABNORMAL, "circle")), (~unusual, (theme.ORDINARY, "circle-open")))
    hover = "%{text}<br>%{x:.2%} ± %{error_x.array:.2%}<br>p = %{customdata:.2g}"
    traces = []
    for chosen, look in looks:
        part = frame[chosen]
        if len(part):
            pairs = zip(part["ticker"], part["benchmark"], strict=True)
            text = [f"{ticker} against {called.market(benchmark, known)}" for ticker, benchmark in pairs]
            dots = drawing.dots(part, [positions[i] for i in part.index], look, hover)
            traces.append(dots | {"text": text, "customdata": drawing.coordinates(part["p"])})
    return traces


def caption(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """For whom the interval leaves zero out against every benchmark, against some, against none."""
    frame = _frame(result, event, group)
    frame = frame[frame["se"].notna()]
    if frame.empty:
        return Statement("No security was estimated against a benchmark.")
    by_ticker = ((frame["low"] > 0) | (frame["high"] < 0)).groupby(frame["ticker"], sort=False)
    always, sometimes = by_ticker.all(), by_ticker.any()
    benchmarks = frame["benchmark"].nunique()
    every = "all {benchmarks} benchmarks" if benchmarks > 1 else "{benchmark}"
    said = {
        f"against {every} for {{always}}": always.index[always],
        "against some but not all for {mixed}": always.index[~always & sometimes],
        f"against {'none' if benchmarks > 1 else every} {'' if benchmarks > 1 else 'not '}for {{never}}": (
            always.index[~sometimes]
        ),
    }
    parts = [text for text, who in said.items() if len(who)]
    template = f"One by one, the {{share}} interval of the abnormal return leaves zero out {'; '.join(parts)}."
    if frame["is_member"].any():
        template += " An asterisk marks a benchmark of which the security is itself a part."
    template += called.rest(frame["benchmark"], called.names(result.verdicts))
    units = picking.units(result, event)
    values: dict[str, Quantity | str] = {
        "share": Quantity(1 - result.settings.alpha, "share"),
        "benchmarks": words.count(benchmarks),
        "benchmark": called.market(str(frame["benchmark"].iloc[0]), called.names(result.verdicts)),
        **{name: words.few(who, units) for name, who in zip(("always", "mixed", "never"), said.values(), strict=True)},
    }
    return Statement(template, values)


def finding(result: StudyResult, event: str | None = None, group: str | None = None) -> Statement:
    """For how many securities the answer depends on the benchmark."""
    frame = _frame(result, event, group)
    frame = frame[frame["se"].notna()]
    if frame.empty:
        return Statement("No security was estimated against a benchmark")
    by_ticker = ((frame["low"] > 0) | (frame["high"] < 0)).groupby(frame["ticker"], sort=False)
    mixed = by_ticker.any() & ~by_ticker.all()
    units = f"of {len(mixed)} {picking.units(result, event)}"
    who = words.few(mixed.index[mixed], units, NAMED) if mixed.any() else ""
    if not who:
        return Statement("The answer is the same whatever the benchmark")
    return Statement("For {who} it depends on the benchmark", {"who": who})


CARD = Figure(
    name="benchmarks",
    title="Does the answer depend on the benchmark?",
    draw=draw,
    table=table,
    caption=caption,
    finding=finding,
    fits=compares,
)
