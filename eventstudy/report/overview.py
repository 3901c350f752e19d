"""Section 1: the tally of verdicts and the answer in one paragraph a journalist could quote."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from eventstudy.datatypes import InferenceResult, Window
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Section, Special
from eventstudy.report.cards import compared
from eventstudy.results import EventResult, StudyResult
from eventstudy.verdicts import VerdictWord

DAY = Window(0, 0)

_SAY: dict[VerdictWord, str] = {
    "supported": "support {}",
    "imprecise": "find {} imprecise",
    "partly": "bear out only a part of {}",
    "contradicted": "contradict {}",
    "unresolved": "leave {} open",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """``answer`` sentences; ``tally`` (verdict, number, share of the bar, meaning); ``facts`` (name, value)."""

    answer: tuple[str, ...]
    tally: tuple[tuple[str, int, str, str], ...]
    total: int
    facts: tuple[tuple[str, str], ...]


def overview(result: StudyResult) -> Section:
    """Headline, tally, answer and the facts of the design."""
    counts, total = wording.tally(result.verdicts), len(result.verdicts)
    content = Overview(
        answer=tuple(_answer(result)),
        tally=tuple(
            (word, n, tables.coordinate(100 * n / total), wording.MEANING[word]) for word, n in counts.items() if n
        ),
        total=total,
        facts=tuple(_facts(result)),
    )
    return Section("answer", "The answer", "The answer", (Special("overview", content),))


def _answer(result: StudyResult) -> Iterator[str]:
    """Sentences made of the numbers of this study; which are said depends on what the study has."""
    if result.verdicts:
        said = [_SAY[word].format(n) for word, n in wording.tally(result.verdicts).items() if n]
        yield f"Of {len(result.verdicts)} claims put to the test, the prices {wording.series(said)}."
    event = result.headline
    if not event.panel.event.contains(DAY):
        return
    members = _members(result, event)
    yield from _moves(event, members)
    yield from _singles(event, members, result.settings.alpha)
    yield from _together(result, event)


def _members(result: StudyResult, event: EventResult) -> tuple[str, ...]:
    group = result.settings.headline_group
    return event.groups.get(group or "", event.panel.event_tickers)


def _moves(event: EventResult, members: tuple[str, ...]) -> Iterator[str]:
    column, realized = event.abnormal.columns(DAY).start, event.abnormal.realized()
    rows = [event.row(t) for t in members]
    moves = [(t, float(realized[i, column])) for t, i in zip(members, rows, strict=True)]
    days = {event.panel.day_zero[i].session for i in rows}
    known = [f"{t} {tables.number(move, 'decimal', signed=True)}" for t, move in moves if math.isfinite(move)]
    if not known or len(days) != 1 or (day := days.pop()) is None:
        return
    market = _market(event, rows[0])
    against = (
        f" while {wording.name(event.benchmark)} moved {tables.number(market, 'decimal', signed=True)}"
        if market
        else ""
    )
    yield f"On {tables.date(day)} the shares moved as follows: {wording.series(known)}{against}."


def _market(event: EventResult, row: int) -> float | None:
    market, day = event.panel.regressors.get("market"), int(event.panel.day[row])
    return None if market is None or event.benchmark is None or day < 0 else float(market[day])


def _singles(event: EventResult, members: tuple[str, ...], alpha: float) -> Iterator[str]:
    """Who moved more than the model and the usual scatter explain, by Holm-adjusted p-values."""
    tested = {t: event.find(t, DAY, "t") for t in members}
    known = {t: _adjusted(found) for t, found in tested.items() if found is not None and found.applies}
    beyond = [t for t, p in known.items() if p < alpha]
    within = [t for t, p in known.items() if p >= alpha]
    family = sum(f.result.applies for f in event.findings_of("t", DAY))
    level = f"at the {tables.number(alpha, 'share')} level, adjusted for the {family} securities tested that day"
    if beyond:
        who = f"The {_verb(beyond, 'move', 'moves')} of {wording.series(beyond)}"
        yield f"{who} {_verb(beyond, 'was', 'were')} abnormal {level}."
    if within:
        said = f"{_verb(within, 'That', 'Those')} of {wording.series(within)} {_verb(within, 'was', 'were')} not"
        yield f"{said}: the market and the usual scatter are enough to account for the size."


def _adjusted(found: InferenceResult) -> float:
    return found.p if math.isnan(found.p_holm) else found.p_holm


def _together(result: StudyResult, event: EventResult) -> Iterator[str]:
    """The group's mean, and which of the tests that fit the design reject chance."""
    group, alpha = result.settings.headline_group, result.settings.alpha
    if group is None or group not in event.groups:
        return
    front = [f.result for f in event.tests if f.subject == group and f.front and f.result.window == DAY]
    known = [t for t in front if t.applies and math.isfinite(t.p)]
    mean = event.group(group).caar(DAY)
    if not math.isfinite(mean) or not known:
        return
    yield f"Together their mean abnormal return was {tables.number(mean, 'decimal', signed=True)}."
    reject = [wording.test(t.test) for t in known if t.p < alpha]
    keep = [f"{wording.test(t.test)} (p {compared(t.p, 'p_short')})" for t in known if t.p >= alpha]
    level = f"at the {tables.number(alpha, 'share')} level"
    said = [f"{wording.series(reject)} {_verb(reject, 'rejects', 'reject')} chance {level}"] if reject else []
    said += [f"{wording.series(keep)} {_verb(keep, 'does', 'do')} not"] if keep and reject else []
    said += [f"none rejects chance {level}: {wording.series(keep)}"] if keep and not reject else []
    yield f"Of the tests that fit this design, {', while '.join(said)}."
    yield "Prices can be consistent with a cause; they cannot name one."


def _verb(subjects: list[str], one: str, many: str) -> str:
    return one if len(subjects) == 1 else many


def _facts(result: StudyResult) -> Iterator[tuple[str, str]]:
    settings, event = result.settings, result.headline
    days = {zero.session for zero in event.panel.day_zero if zero.session is not None}
    label = settings.labels.get(event.event, event.event)
    when = wording.series([tables.date(d) for d in sorted(days)])
    yield "Event", label if when in label else f"{label}, {when}"
    members = _members(result, event)
    yield "Securities", wording.series(members) if len(members) < 13 else f"{len(members)} securities"
    yield "Benchmark", wording.name(event.benchmark)
    yield "Model", event.model.replace("_", " ")
    span = event.panel.estimation
    yield "Estimation", f"sessions {tables.window((span.start, span.end))}, {settings.returns} returns"
    yield "Prices", f"{result.prices.provenance.source}"
