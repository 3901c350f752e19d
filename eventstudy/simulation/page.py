"""A simulation in words and as a table: what a test finds on these prices, and how often it errs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from eventstudy import __version__
from eventstudy.errors import joined
from eventstudy.objects.verdicts import Quantity, Statement
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Bullets, Content, Listing, Prose
from eventstudy.report.charts import chart
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.section import Section, written
from eventstudy.report.summary import table_html
from eventstudy.simulation.figure import CARD

if TYPE_CHECKING:
    from eventstudy.simulation.result import SimulationResult

POWER = 0.8
_NAMED = 6  # securities spelled out in a sentence
_ERRORS = 2  # standard errors by which a size may lie above its level and still be put down to chance
_TOLERATED = 1.3  # times its level: 6.5% at a nominal 5%, beyond which a size is marked where power is quoted
_FEW, _MANY = 20, 100  # distinct studies: below the first nothing is said, below the second with its error


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
        Column("reason", "remark", below=True),
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
        elif level == result.settings.alpha and _errs(result, test):
            size = tables.number(shares[0], "rate")
            said = f"rejects {size} where nothing was added, so its power is less than it looks"
        rows.append((test, bool(mine["front"].iloc[0]), *shares, error, found, said))
    return Table("rejected", caption(result, level), columns, tuple(rows))


def caption(result: SimulationResult, level: float) -> str:
    """What the table is of, in one line."""
    made, asked = result.made, result.settings
    span = tables.window((asked.window.start, asked.window.end))
    against = f" against {made.benchmark}" if made.benchmark else ""
    return (
        f"Share of {made.replications:,} pseudo-studies rejected at {tables.number(level, 'share')}, by move added; "
        f"{made.events} event{'' if made.events == 1 else 's'} each, window {span}, {made.words}{against}, "
        f"{made.first.isoformat()} to {made.last.isoformat()}"
    )


# ----------------------------------------------------------------------------------------------------------- sentences
def sentence(result: SimulationResult) -> str:
    """What the simulation says in plain words: the move that is found, how often, by which test, and its size."""
    return " ".join(tables.statement(said) for said in statements(result))


def statements(result: SimulationResult) -> list[Statement]:
    """`sentence` before any rounding; of a few studies no share is told, of some only with its error."""
    lead = _lead(result)
    if lead is None:
        why = result.table["reason"].dropna()
        return [Statement("No test applies to {who}: {why}.", {"who": _who(result), "why": str(why.iloc[0])})]
    if (count := _count(result, lead)) < _FEW:
        studies = "pseudo-study was" if count == 1 else "pseudo-studies were"
        return [
            Statement(
                f"Only {{count}} distinct {studies} tried, which is too few to say how often a test finds a move or "
                "errs: take {few} or more, better {many}.",
                {"count": Quantity(count, "count"), "few": Quantity(_FEW, "count"), "many": Quantity(_MANY, "count")},
            )
        ]
    told = [lead, *_robust(result, lead)]
    said = [_power(result, told), _needed(result, told), _size(result, told)]
    return [statement for statement in said if statement is not None]


def _count(result: SimulationResult, test: str) -> int:
    """Distinct pseudo-studies behind the shares of a test."""
    applied = int(result.table.loc[result.table["test"] == test, "replications"].max())
    return min(applied, result.made.distinct)


def _errs(result: SimulationResult, test: str) -> bool:
    """Whether the size of a test is so large that its power looks better than it is."""
    return result.share(test) > _TOLERATED * result.settings.alpha


def _lead(result: SimulationResult) -> str | None:
    """The test that finds the smallest move, of those in front that keep their size; of all, if none does."""
    able = [test for test in result.tests if math.isfinite(result.share(test))]
    fitting = [test for test in result.front if test in able]
    largest = max(result.settings.shocks, key=abs)
    keeping = [t for t in fitting or able if _keeps_size(result, t)]
    choice = [t for t in keeping if not _errs(result, t)] or keeping or fitting or able

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
    made = result.made
    names = made.securities
    if made.drawn:
        return (
            f"{made.n} securities, drawn afresh from {len(names)}," if made.n > 1 else f"one of {len(names)} securities"
        )
    return joined(names) if len(names) <= _NAMED else f"these {len(names)} securities"


def _moved(result: SimulationResult) -> str:
    """The move as an if-clause: who, together or each alone, by how much, beyond what."""
    made, asked = result.made, result.settings
    together = "" if made.n == 1 else f"{'both' if made.n == 2 else 'all'} "
    when = {"common": "" if made.n == 1 else " together", "own": "", "repeated": ""}[asked.dates]
    beyond = "the market explains" if made.benchmark else "is normal for them"
    behind = {
        "common": " on one date",
        "own": ", each on a date of its own" if made.n > 1 else "",
        "repeated": f", on each of {asked.repeats} dates",
    }[asked.dates if made.events > 1 else "own"]
    more = ", and the variance were {variance} times the ordinary one" if asked.variance != 1.0 else ""
    return f"If {{who}} {together}moved{when} by {{shock}} beyond what {beyond}{behind}{more},"


def _power(result: SimulationResult, told: list[str]) -> Statement | None:
    """How often the move nearest to the one that takes `POWER` is found, with its error where the studies are few."""
    tried = [shock for shock in result.settings.shocks if shock != 0.0]
    if not tried:
        return None
    needed = result.detectable(told[0], POWER).shock
    shock = max(tried, key=abs) if math.isnan(needed) else min(tried, key=lambda s: abs(s - needed))
    values = _values(result, told) | {"shock": Quantity(shock, "decimal")}
    values["variance"] = Quantity(result.settings.variance, "number")
    parts = []
    for k, test in enumerate(told):
        share, count = result.share(test, shock), _count(result, test)
        values[f"power{k}"] = Quantity(share, "of_100")
        also = ", which also withstands an increase of variance," if k else " would find it"
        part = f"{{test{k}}}{also} {{power{k}}} times in 100"
        if count < _MANY:
            low, high = _within(share, count)
            values |= {f"low{k}": Quantity(low, "of_100"), f"high{k}": Quantity(high, "of_100")}
            values[f"count{k}"] = Quantity(count, "count")
            part += f" (from {{low{k}}} to {{high{k}}}, since only {{count{k}}} pseudo-studies were tried)"
        if _errs(result, test):
            values[f"size{k}"] = Quantity(result.share(test), "rate")
            part += f", but it also rejects {{size{k}}} of the time where nothing happened"
        parts.append(part)
    return Statement(f"{_moved(result)} {', and '.join(parts)}.", values)


def _within(share: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share of `count` draws (Wilson 1927)."""
    z = 1.959963984540054
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _needed(result: SimulationResult, told: list[str]) -> Statement | None:
    """The move that is found 8 times in 10."""
    if len(result.settings.shocks) < 2:
        return None
    found = [result.detectable(test, POWER).shock for test in told]
    values = _values(result, told) | {f"needed{k}": Quantity(shock, "decimal") for k, shock in enumerate(found)}
    values |= {"largest": Quantity(max(result.settings.shocks, key=abs), "decimal")}
    often = tables.number(POWER, "times_in_10")
    if all(math.isnan(shock) for shock in found):
        tests = joined([f"{{test{k}}}" for k in range(len(told))], "nor")
        neither = f"is found by {'neither ' if len(told) > 1 else ''}{tests} {often}"
        neither = neither if len(told) > 1 else f"is not found by {tests} {often}"
        return Statement(f"Even the largest move tried, {{largest}}, {neither}.", values)
    about = "about " if _count(result, told[0]) < _MANY else ""
    parts = [
        f"more than {{largest}}, the largest tried, with {{test{k}}}"
        if math.isnan(shock)
        else f"{about}{{needed{k}}} with {{test{k}}}"
        for k, shock in enumerate(found)
    ]
    return Statement(f"To be found {often} a move has to be {joined(parts)}.", values)


def _size(result: SimulationResult, told: list[str]) -> Statement:
    values = _values(result, told) | {"level": Quantity(result.settings.alpha, "rate")}
    values |= {f"size{k}": Quantity(result.share(test), "rate") for k, test in enumerate(told)}
    said = joined([f"{{test{k}}} {'' if k else 'rejects '}{{size{k}}}" for k in range(len(told))])
    text = f"Where nothing was added, {said} of the pseudo-studies, at a nominal {{level}}"
    if not _keeps_size(result, told[0]) or _errs(result, told[0]):
        text += ": it rejects too often here, so its power cannot be taken at its word"
    return Statement(text + ".", values)


def _values(result: SimulationResult, told: list[str]) -> dict[str, Quantity | str]:
    names: Mapping[str, Quantity | str] = {f"test{k}": _named(result, test) for k, test in enumerate(told)}
    return {"who": _who(result), **names}


def _named(result: SimulationResult, test: str) -> str:
    """A test as short as a sentence that names it thrice can bear."""
    return {"bmp_t": "the BMP t", "adjusted_bmp_t": "the adjusted BMP t"}.get(test) or result.cards.tests[test].words


# ---------------------------------------------------------------------------------------------------------------- html
def summary_html(result: SimulationResult) -> str:
    """Table, sentence and remarks as plain HTML: no script, no reference to anything outside."""
    remarks = "".join(f"<li>{escape(note)}</li>" for note in result.made.notes)
    return (
        f"<div>{table_html(power_table(result))}<p>{escape(sentence(result))}</p>"
        f"<p>{escape(wording.plain(result.why, result.cards))}</p><ul>{remarks}</ul></div>"
    )


def _power_content(result: SimulationResult) -> Content:
    """What the simulation says, the power curve, the table, and what there is to remark."""
    shown = (chart(result, CARD),) if CARD.fits(result) else ()
    remarks = (Bullets(tuple(("", note) for note in result.made.notes)),) if result.made.notes else ()
    blocks = (
        Prose((sentence(result),)),
        *shown,
        Listing(power_table(result)),
        Prose((wording.plain(result.why, result.cards),)),
    )
    return Content("What the tests find on these prices, and how often they err", (*blocks, *remarks))


SECTIONS: dict[str, Section] = {
    "power": Section(name="power", title="Size and power", audience="referees", make=_power_content),
}


def page(result: SimulationResult) -> str:
    """The simulation as one page that needs nothing else, under the same policy as the report."""
    from eventstudy.report.page import Page, render

    return render(
        Page(
            title=f"Size and power on the prices of {result.made.study}",
            study=f"{result.made.study}-power",
            sections=tuple(written(card, result) for card in SECTIONS.values()),
            source=f"Simulated on the prices of {result.made.study}. eventstudy {__version__}.",
            printed="The numbers behind the figure fold open in the file itself, and are printed where they are open.",
        )
    )
