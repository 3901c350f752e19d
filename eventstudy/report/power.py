"""A simulation in words and as a table: what a test finds on these prices, and how often it errs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from eventstudy.report import tables, wording
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.summary import table_html
from eventstudy.verdicts import Quantity, Statement

if TYPE_CHECKING:
    from eventstudy.power import SimulationResult

POWER = 0.8
_NAMED = 6  # securities spelled out in a sentence
_ERRORS = 2  # standard errors by which a size may lie above its level and still be put down to chance


def power_table(result: SimulationResult, level: float | None = None) -> Table:
    """One row a test: in front or not, rejected share at every shock, the largest standard error, the move it takes."""
    level = result.settings.alpha if level is None else level
    frame = result.table[result.table["level"] == level]
    shocks = result.settings.shocks
    columns = (
        Column("test", "test"),
        Column("front", "fits"),
        *(Column(f"shock_{s:g}", tables.number(s, "rate", signed=True) if s else "size", "rate") for s in shocks),
        Column("standard_error", "error", "rate"),
        Column("detectable", f"found {tables.number(POWER, 'share')} from", "decimal"),
        Column("reason", "does not apply because", below=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for test in result.tests:
        mine = frame[frame["test"] == test]
        reason = mine["reason"].iloc[0]
        shares = [result.share(test, s, level) for s in shocks]
        error, found = float(mine["standard_error"].max()), result.detectable(test, POWER, level).shock
        said = None
        if isinstance(reason, str):
            said = reason if mine["replications"].max() == 0 else f"applies to some studies only: {reason}"
        rows.append((test, bool(mine["front"].iloc[0]), *shares, error, found, said))
    return Table("power", caption(result, level), columns, tuple(rows))


def caption(result: SimulationResult, level: float) -> str:
    """What the table is of, in one line."""
    made, asked = result.made, result.settings
    span = tables.window((asked.window.start, asked.window.end))
    against = f" against {made.benchmark}" if made.benchmark else ""
    return (
        f"Share of {made.replications:,} pseudo-studies rejected at {tables.number(level, 'share')}, by move added; "
        f"{made.events} events each, window {span}, {wording.model(made.model)}{against}, "
        f"{made.first.isoformat()} to {made.last.isoformat()}"
    )


# ----------------------------------------------------------------------------------------------------------- sentences
def sentence(result: SimulationResult) -> str:
    """What the simulation says in plain words: the move that is found, how often, by which test, and its size."""
    return " ".join(tables.statement(said) for said in statements(result))


def statements(result: SimulationResult) -> list[Statement]:
    """`sentence` before any rounding."""
    lead = _lead(result)
    if lead is None:
        why = result.table["reason"].dropna()
        return [Statement("No test applies to {who}: {why}.", {"who": _who(result), "why": str(why.iloc[0])})]
    told = [lead, *_robust(result, lead)]
    said = [_power(result, told), _needed(result, told), _size(result, told)]
    return [statement for statement in said if statement is not None]


def _lead(result: SimulationResult) -> str | None:
    """The test that finds the smallest move, of those in front that keep their size; of all, if none does."""
    able = [test for test in result.tests if math.isfinite(result.share(test))]
    fitting = [test for test in result.front if test in able]
    largest = max(result.settings.shocks, key=abs)
    choice = [t for t in fitting or able if _keeps_size(result, t)] or fitting or able

    def rank(test: str) -> tuple[float, float]:
        needed = abs(result.detectable(test, POWER).shock)
        return (math.inf if math.isnan(needed) else needed, -result.share(test, largest))

    return min(choice, key=rank) if choice else None


def _keeps_size(result: SimulationResult, test: str) -> bool:
    rows = result.table[(result.table["test"] == test) & (result.table["shock"] == 0.0)]
    own = rows[rows["level"] == result.settings.alpha].iloc[0]
    return bool(own["rejected"] - _ERRORS * own["standard_error"] <= result.settings.alpha)


def _robust(result: SimulationResult, lead: str) -> list[str]:
    """The first test that withstands an increase of variance, where the one that leads does not."""
    able = [t for t in result.withstand if t in result.tests and math.isfinite(result.share(t))]
    return [] if lead in result.withstand or result.made.events == 1 else able[:1]


def _who(result: SimulationResult) -> str:
    made, asked = result.made, result.settings
    names = made.securities
    if made.drawn:
        who = f"{made.n} securities drawn anew from {len(names)}" if made.n > 1 else f"one of {len(names)} securities"
    else:
        who = wording.series(names) if len(names) <= _NAMED else f"these {len(names)} securities"
    when = {"common": " on one date", "own": " on a date each", "repeated": f" on the same {asked.repeats} dates"}
    return who + ("" if made.events == 1 else when[asked.dates])


def _power(result: SimulationResult, told: list[str]) -> Statement | None:
    """How often the move nearest to the one that takes `POWER` is found."""
    tried = [shock for shock in result.settings.shocks if shock != 0.0]
    if not tried:
        return None
    needed = result.detectable(told[0], POWER).shock
    shock = max(tried, key=abs) if math.isnan(needed) else min(tried, key=lambda s: abs(s - needed))
    values = _values(result, told) | {"shock": Quantity(shock, "decimal")}
    for k, test in enumerate(told):
        values[f"power{k}"] = Quantity(result.share(test, shock), "share")
    setting = "With {who}"
    if result.settings.variance != 1.0:
        setting += " and {variance} times the ordinary variance in the window"
        values["variance"] = Quantity(result.settings.variance, "number")
    text = setting + ", a move of {shock} is found {power0} of the time by {test0}"
    if len(told) > 1:
        text += " and {power1} of the time by {test1}, which also withstands an increase of variance"
    return Statement(text + ".", values)


def _needed(result: SimulationResult, told: list[str]) -> Statement | None:
    """The move that is found 8 times in 10."""
    if len(result.settings.shocks) < 2:
        return None
    found = [result.detectable(test, POWER).shock for test in told]
    values = _values(result, told) | {f"needed{k}": Quantity(shock, "decimal") for k, shock in enumerate(found)}
    values |= {"largest": Quantity(max(result.settings.shocks, key=abs), "decimal"), "often": Quantity(POWER, "share")}
    if all(math.isnan(shock) for shock in found):
        tests = wording.series([f"{{test{k}}}" for k in range(len(told))], "nor")
        neither = f"{'neither ' if len(told) > 1 else ''}{tests}"
        verb = "finds" if len(told) > 1 else "does not find"
        return Statement(f"Even the largest move tried, {{largest}}, {neither} {verb} {{often}} of the time.", values)
    parts = [
        f"beyond the largest tried, {{largest}}, for {{test{k}}}"
        if math.isnan(shock)
        else f"{{needed{k}}} for {{test{k}}}"
        for k, shock in enumerate(found)
    ]
    return Statement(f"To be found {{often}} of the time a move has to be {wording.series(parts)}.", values)


def _size(result: SimulationResult, told: list[str]) -> Statement:
    values = _values(result, told) | {"level": Quantity(result.settings.alpha, "share")}
    values |= {f"size{k}": Quantity(result.share(test), "rate") for k, test in enumerate(told)}
    said = wording.series([f"{{test{k}}} {'' if k else 'rejects '}{{size{k}}}" for k in range(len(told))])
    text = f"Where nothing was added, {said} of the pseudo-studies, at a nominal {{level}}"
    if not _keeps_size(result, told[0]):
        text += ": {test0} rejects too often here, so its power cannot be taken at its word"
    return Statement(text + ".", values)


def _values(result: SimulationResult, told: list[str]) -> dict[str, Quantity | str]:
    names: Mapping[str, Quantity | str] = {f"test{k}": test for k, test in enumerate(told)}
    return {"who": _who(result), **names}


# ---------------------------------------------------------------------------------------------------------------- html
def summary_html(result: SimulationResult) -> str:
    """Table, sentence and remarks as plain HTML: no script, no reference to anything outside."""
    remarks = "".join(f"<li>{escape(note)}</li>" for note in result.made.notes)
    return (
        f"<div>{table_html(power_table(result))}<p>{escape(sentence(result))}</p>"
        f"<p>{escape(wording.plain(result.why))}</p><ul>{remarks}</ul></div>"
    )


def page(result: SimulationResult) -> str:
    """The power curve over the table, as one page that needs no network."""
    from eventstudy.figures.theme import CONFIG

    title = escape(f"Size and power on the prices of {result.made.study}")
    curve = result.plot().to_html(full_html=False, include_plotlyjs=True, div_id="power", config=dict(CONFIG))
    style = (
        "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{font-size:13px}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{style}</style></head>'
        f"<body><h1>{title}</h1>{curve}{summary_html(result)}</body></html>\n"
    )
