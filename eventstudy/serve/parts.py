"""What a result is made of on the page: its answer, its numbers and its figures, as Dash's elements.

All numbers are those of the report's tables and sentences: `report` alone rounds and words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dash import html

from eventstudy.errors import joined
from eventstudy.figures import FIGURES, theme
from eventstudy.figures.card import drawn, found, said
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Verdict
from eventstudy.report import design, tables, wording
from eventstudy.report.frames import Column, Table, cell, is_number
from eventstudy.report.headline import headline, lede

MOST = 100
"""Securities in the table; the report and its files have all."""
NAMED = 6
"""Subjects of a claim whose other answer is spelled out."""
Element = Any


# ----------------------------------------------------------------------------------------------------------- the answer
def answer(result: StudyResult) -> list[Element]:
    """The finding in words, as the report's answer begins."""
    sentence = headline([v for v in result.verdicts if v.rated])
    first = [html.P(sentence, className="headline")] if sentence else []
    return [*first, html.P(" ".join(map(wording.curly, lede(result))), className="answer")]


# ---------------------------------------------------------------------------------------------------------- the figures
def figures(result: StudyResult) -> list[tuple[str, str]]:
    """The figures that say something in a study, with their titles."""
    return [(name, card.title) for name, card in FIGURES.items() if card.fits(result)]


def controls(result: StudyResult, name: str) -> list[dict[str, Any]]:
    """What a reader may choose in a figure: ``key``, ``label``, ``options`` and ``default`` each."""
    card = FIGURES[name]
    if not card.fits(result):
        return []
    made = drawn(card, result)
    return [dict(control) for control in dict(made.layout).get("meta", {}).get("controls", ())]


def figure(
    result: StudyResult, name: str, picked: Mapping[str, Any], look: theme.Theme
) -> tuple[dict[str, Any], str, str]:
    """A figure in a theme, with what it shows in a line and what is seen in words.

    A trace is shown where every control that its ``meta`` names has the value that it gives there.
    """
    card = FIGURES[name]
    if not card.fits(result):
        return nothing(name, look, "With these choices there is nothing for this figure to show.")
    made = drawn(card, result)
    layout = dict(made.layout)
    now = asked(layout.get("meta", {}).get("controls", ()), picked)
    traces = [{**trace, "visible": _visible(trace, now)} if now else dict(trace) for trace in made.traces]
    title = tables.statement(found(card, result), tables.text)
    caption = wording.curly(tables.statement(said(card, result), tables.text))
    if traces and not any(trace.get("visible", True) is True for trace in traces):
        caption = "Not estimated in this combination."
    return {"data": traces, "layout": {**layout, **theme.LAYOUTS[look]}}, title, caption


_HIDDEN = {"visible": False}


def nothing(name: str, look: theme.Theme, why: str) -> tuple[dict[str, Any], str, str]:
    """What stands in the place of a figure that is not drawn: its title, and why."""
    layout = {**theme.LAYOUTS[look], "height": 80, "xaxis": _HIDDEN, "yaxis": _HIDDEN}
    return {"data": [], "layout": layout}, FIGURES[name].title, why


def asked(offered: Sequence[Mapping[str, Any]], picked: Mapping[str, Any]) -> dict[str, str]:
    """What is chosen in a figure's controls: the default where nothing is, or where it is not offered."""
    known = {control["key"]: {option["value"] for option in control["options"]} for control in offered}
    return {
        c["key"]: str(picked[c["key"]]) if picked.get(c["key"]) in known[c["key"]] else c["default"] for c in offered
    }


def _visible(trace: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    meta = trace.get("meta") or {}
    return all(key not in meta or meta[key] == value for key, value in asked.items())


# ---------------------------------------------------------------------------------------------------------- the numbers
def numbers(result: StudyResult, own: StudyResult) -> list[Element]:
    """The group and its securities over the windows, and the verdicts, each beside the study's own."""
    group = group_table(result, own)
    shown = [] if group is None else [listing(group)]
    shown.append(listing(securities_table(result)))
    return [*shown, *(verdicts(result, own) if result.verdicts else [])]


def group_table(result: StudyResult, own: StudyResult) -> Table | None:
    """The mean CAR of the headline group, a row a window; beside it that of the study's own settings."""
    settings = result.settings
    name = settings.headline_group
    if name is None:
        return None
    columns = (
        Column("window", "Window"),
        Column("caar", "Mean CAR", "decimal", True),
        Column("low", "From", "decimal", True),
        Column("high", "To", "decimal", True),
        Column("n", "N", "count"),
        Column("p", "p", "p"),
        Column("test", "Test"),
        Column("own", "In the study itself", "decimal", True),
    )
    before = {(row["exchange"], row["window"]): row["caar"] for row in _means(own, name)}
    rows = []
    for row in _means(result, name):
        window, test = _tested(result, name, row["exchange"], row["window"], row["by"])
        p = float(test.p) if test is not None and test.applies else None
        mean = (row["caar"], row["low"], row["high"], int(row["n"]))
        by, usual = result.cards.tests[row["by"]].words, before.get((row["exchange"], row["window"]))
        rows.append((tables.window((window.start, window.end)), *mean, p, by, usual))
    level = tables.number(1 - settings.alpha, "share")
    caption = f"Mean cumulative abnormal return of the group {name}, with its {level} interval"
    return Table("group", caption, columns, tuple(rows)) if rows else None


def _means(result: StudyResult, group: str) -> list[dict[str, Any]]:
    """The rows of `StudyResult.caar` of a group at the headline event."""
    frame = result.caar()
    here = frame[(frame["event"] == result.settings.headline_event) & (frame["subject"] == group)]
    return [{str(key): value for key, value in row.items()} for row in here.to_dict("records")]


def _tested(
    result: StudyResult, group: str, exchange: str, window: str, by: str
) -> tuple[Window, InferenceResult | None]:
    """The window that is written `window`, and there the test whose standard error the mean has."""
    span = next(one for one in result.settings.windows if str(one) == window)
    events = [e for e in result.select(result.settings.headline_event) if e.exchange == exchange and group in e.groups]
    return span, events[0].find(group, span, by) if events else None


def securities_table(result: StudyResult) -> Table:
    """The securities of the headline group, or all: the CAR over every window, with its p-value by t."""
    places = design.places(result)
    windows = result.settings.windows
    columns = (
        Column("security", "Security"),
        *(Column(f"car_{w.start}_{w.end}", tables.window((w.start, w.end)), "decimal") for w in windows),
    )
    there = [place for place in places[:MOST] if place.why_not is None]
    rows = [(p.key, *(_car(p.event, p.key, p.row, window) for window in windows)) for p in there]
    notes = [f"{p.key} was not estimated: {p.why_not}." for p in places[:MOST] if p.why_not is not None]
    notes += [f"The first {MOST} of {len(places)}; the full report has all."] if len(places) > MOST else []
    series = dict.fromkeys(name for p in there if (name := result.against(p.event)) is not None)
    against = f" against {joined([*series])}" if series else ""
    model = result.cards.models[result.settings.model].words
    caption = f"Cumulative abnormal returns, {model}{against}, with p by the t test"
    return Table("securities", caption, columns, tuple(rows), " ".join(notes) or None)


def _car(event: EventResult, key: str, row: int, window: Window) -> str:
    car = tables.number(float(event.abnormal.car(window)[row]), "decimal", signed=True)
    test = event.find(key, window, "t")
    if test is None or not test.applies:
        return car
    p = tables.number(float(test.p), "p_short")
    return f"{car} ({'p ' if p[0] in '<>' else 'p = '}{p})"


# --------------------------------------------------------------------------------------------------------- the verdicts
def verdicts(result: StudyResult, own: StudyResult) -> list[Element]:
    """The verdicts that differ from those of the study itself, and all of them in a fold."""
    before = {v.claim.id: v for v in own.verdicts}
    rows = [(v, before[v.claim.id]) for v in result.verdicts if v.claim.id in before]
    turned = [(v, old) for v, old in rows if (_word(v), _words(v)) != (_word(old), _words(old))]
    tally = ", ".join(f"{n} {word}" for word, n in wording.tally(result.verdicts).items() if n)
    if result is own:
        said = f"The study itself: {tally}."
    elif turned:
        verb = "has" if len(turned) == 1 else "have"
        said = f"{len(turned)} of {len(rows)} claims {verb} another answer than in the study itself. Now {tally}."
    else:
        said = f"No claim has another answer than in the study itself: {tally}."
    parts = [html.H2("The claims"), html.P(said, id="turned")]
    if turned:
        parts.append(_verdict_table("turned-claims", "Claims with another answer than in the study itself", turned))
    fold = [
        html.Summary(f"All {len(rows)} claims"),
        _verdict_table("all-claims", "Every claim", [(v, v) for v, _ in rows]),
    ]
    return [*parts, html.Details(fold, className="fold")]


def _word(verdict: Verdict) -> str:
    return wording.label(verdict)


def _words(verdict: Verdict) -> dict[str, str]:
    """The second axis of each subject by its first entry: whether the move was beyond what the model explains."""
    return {axis.subject: axis.word for axis in reversed(verdict.abnormal)}


def _axis(verdict: Verdict) -> str:
    """The second axis of a claim in words: of one subject its own, of several how many have each."""
    words = _words(verdict)
    if len(words) < 2:
        return next(iter(words.values()), "not asked")
    return ", ".join(f"{n} {word}" for word, n in Counter(words.values()).items())


def _turned(verdict: Verdict, old: Verdict) -> list[Element]:
    """The second axis where it differs: each subject's word, and what it was."""
    now, before = _words(verdict), _words(old)
    differ = [
        subject for subject in (*now, *(s for s in before if s not in now)) if now.get(subject) != before.get(subject)
    ]
    if not differ:
        return [_axis(verdict)]
    said = [
        html.Div(
            [
                f"{subject}: " if max(len(now), len(before)) > 1 else "",
                html.B(now.get(subject, "not asked")),
                html.Small(f" was {before.get(subject, 'not asked')}"),
            ]
        )
        for subject in differ[:NAMED]
    ]
    return [*said, *([html.Small(f"and {len(differ) - NAMED} more")] if len(differ) > NAMED else [])]


def _verdict_table(name: str, caption: str, rows: Sequence[tuple[Verdict, Verdict]]) -> Element:
    head = html.Tr([html.Th(text, scope="col") for text in ("Claim", "Verdict", "Beyond the model")])
    body = [
        html.Tr(
            [
                html.Th([html.Code(v.claim.id), f" {wording.curly(v.claim.says)}"], scope="row", className="long"),
                html.Td(_badge(v, old)),
                html.Td(_turned(v, old), className="long"),
            ]
        )
        for v, old in rows
    ]
    return _framed(name, caption, html.Table([html.Thead(head), html.Tbody(body)]))


def _badge(verdict: Verdict, old: Verdict) -> list[Element]:
    word = html.Span(_word(verdict), className=f"badge {wording.rubric(verdict)}")
    return [word] if _word(verdict) == _word(old) else [word, html.Small(f" was {_word(old)}")]


# ----------------------------------------------------------------------------------------------------------- the tables
def aria(**said: str) -> dict[str, Any]:
    """What an element says to those who do not see it: ``aria(label="The day")``."""
    return {f"aria-{key}": value for key, value in said.items()}


def listing(table: Table) -> Element:
    """A table of the report as elements."""
    head = html.Tr([html.Th(column.label, scope="col") for column in table.columns])
    body = [html.Tr(list(_cells(row, table.columns))) for row in table.rows]
    note = [] if table.note is None else [html.P(table.note, className="note")]
    made = html.Table([html.Thead(head), html.Tbody(body)], className=table.figures)
    return html.Div([_framed(table.id, table.caption, made), *note])


def _cells(row: Sequence[Any], columns: Sequence[Column]) -> Iterator[Element]:
    for i, (value, column) in enumerate(zip(row, columns, strict=True)):
        text = cell(value, column)
        if i == 0:
            yield html.Th(text, scope="row")
        else:
            yield html.Td(text, className="" if is_number(value) or len(text) <= 40 else "long")


def _framed(name: str, caption: str, table: Element) -> Element:
    box = html.Div(table, className="scroll", tabIndex=0, role="region", **aria(label=caption))
    return html.Figure([html.Figcaption(caption), box], id=f"table-{name}", className="listing")
