"""The first screen: headline, lede, tally, what was wrong; and the answer in numbers, which opens the tests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eventstudy.errors import joined
from eventstudy.figures import called, picking, words
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import VerdictWord
from eventstudy.report import design, headline, tables, wording
from eventstudy.report.blocks import Chart, Content, Special
from eventstudy.report.cards import compared
from eventstudy.report.charts import charts
from eventstudy.report.design import Place
from eventstudy.report.headline import Ruling
from eventstudy.report.section import Section

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
    """``tally`` (verdict, number, share of the bar); ``wrong`` what was wrong; ``facts`` (name, value)."""

    headline: str
    lede: tuple[str, ...]
    wrong: tuple[Ruling, ...]
    tally: tuple[tuple[str, int, str], ...]
    total: int
    facts: tuple[tuple[str, str], ...]
    chart: Chart | None


def overview(result: StudyResult) -> Content:
    """Headline, tally, answer and the facts of the design."""
    rated = [v for v in result.verdicts if v.rated]
    counts = wording.tally(rated)
    total = sum(counts.values())
    days = design.days(design.places(result))
    content = Overview(
        headline=headline.headline(rated),
        lede=headline.lede(result),
        wrong=headline.rulings(rated, tables.date(days[0]) if len(days) == 1 else None),
        tally=tuple((word, n, tables.coordinate(100 * n / total)) for word, n in counts.items() if n),
        total=total,
        facts=tuple(_facts(result)),
        chart=next(iter(charts(result, "day")), None),
    )
    return Content("The answer", (Special("overview", content),))


def in_numbers(result: StudyResult) -> Iterator[str]:
    """The answer with its numbers and tests; which sentences are said depends on what the study has."""
    if any(v.rated for v in result.verdicts):
        said = [_SAY[word].format(n) for word, n in wording.tally(result.verdicts).items() if n]
        total = sum(v.rated for v in result.verdicts)
        whole = f"Of {total} claims put to the test" if total != 1 else "Of the one claim put to the test"
        yield f"{whole}, the prices {joined(said)}."
    if not picking.has_day_zero(result):
        return
    some = design.places(result)
    yield from _moves(result, some)
    yield from _not_estimated(result, some)
    yield from _singles(result, some)
    yield from _together(result, result.headline)
    yield from _other_groups(result)


#: securities named one by one; of more only both ends are
NAMED = 10
#: other groups whose means the answer names
GROUPS = 4


def _moves(result: StudyResult, some: Sequence[Place]) -> Iterator[str]:
    """What the shares returned on day zero, and what their benchmarks did."""
    moves = [(p, design.price_change(result, float(p.event.day["ret"][p.row]))) for p in some]
    moves = [(p, move) for p, move in moves if p.day is not None and math.isfinite(move)]
    if not moves:
        return
    days = design.days([p for p, _ in moves])
    one = len(days) == 1
    if len(moves) > NAMED:
        moves.sort(key=lambda pair: pair[1])
        labels = picking.labels(result)
        ends = [_moved([(_spoken(labels[p.key]), move)]) for p, move in (moves[0], moves[-1])]
        when = f"On {tables.date(days[0])}" if one else "On their own dates"
        units = "shares" if picking.units(result) == "securities" else "events"
        yield f"{when} {len(moves)} {units} moved between {joined(ends)}{_markets(result, moves) if one else ''}."
        return
    if len(moves) == 1:
        (place, move) = moves[0]
        who = picking.labels(result)[place.key]
        yield f"On {tables.date(days[0])} {who} moved {_signed(move)}{_markets(result, moves)}."
        return
    when = f"On {tables.date(days[0])}" if one else "On their own dates"
    dates = ["" if one or p.day is None else f" on {tables.date(p.day)}" for p, _ in moves]
    said = _moved([(_spoken(picking.labels(result)[p.key]), move) for p, move in moves], dates)
    yield f"{when} the returns were: {said}{_markets(result, moves) if one else ''}."


def _signed(move: float) -> str:
    return tables.text(move, "decimal", signed=True)


def _moved(moves: Sequence[tuple[str, float]], behind: Sequence[str] = ()) -> str:
    """Who moved by how much, the unit after the first alone: ``AMD −6.4 per cent and TSM −13``; `behind` each."""
    said = [f"{name} {_signed(move)}" for name, move in moves]
    said = [*said[:1], *(text.removesuffix(" per cent") for text in said[1:])]
    return joined([text + end for text, end in zip(said, behind or [""] * len(said), strict=True)])


def _markets(result: StudyResult, moves: Sequence[tuple[Place, float]]) -> str:
    """What the benchmarks did on the same day."""
    found: dict[str, float] = {}
    for place, _ in moves:
        market, day = place.event.panel.market_of(place.row), int(place.event.panel.day[place.row])
        if market is not None and place.event.benchmark is not None and day >= 0 and math.isfinite(market[day]):
            found.setdefault(place.event.benchmark, design.price_change(result, float(market[day])))
    said = joined([f"{called.market(name)} moved {_signed(move)}" for name, move in found.items()])
    return f" while {said}" if said else ""


def _not_estimated(result: StudyResult, some: Sequence[Place]) -> Iterator[str]:
    """Who has no abnormal return, and why."""
    reasons: dict[str, list[str]] = {}
    for place in some:
        if place.why_not is not None:
            reasons.setdefault(place.why_not, []).append(place.key)
    for reason, tickers in reasons.items():
        yield f"{_who(result, tickers)} {_verb(tickers, 'was', 'were')} not estimated: {reason}."


def _singles(result: StudyResult, some: Sequence[Place]) -> Iterator[str]:
    """Who moved more than the model and the usual scatter explain, by Holm-adjusted p-values."""
    alpha = result.settings.alpha
    tested = {p.key: (p, p.event.find(p.key, DAY, "t")) for p in some}
    known = {t: (p, _adjusted(found)) for t, (p, found) in tested.items() if found is not None and found.applies}
    beyond = [t for t, (_, p) in known.items() if p < alpha]
    within = [t for t, (_, p) in known.items() if p >= alpha]
    level = f"at the {tables.text(alpha, 'share')} level{_family(result)}"
    if beyond:
        who = f"The {_verb(beyond, 'move', 'moves')} of {_who(result, beyond)}"
        yield f"{who} {_verb(beyond, 'was', 'were')} abnormal {level}."
    if within:
        enough = design.accounts(result, [known[t][0].event for t in within])
        whose, verb = _who(result, within), _verb(within, "was", "were")
        if beyond:
            yield f"{_verb(within, 'That', 'Those')} of {whose} {verb} not: {enough}."
        else:
            yield f"The {_verb(within, 'move', 'moves')} of {whose} {verb} not abnormal {level}: {enough}."


def _who(result: StudyResult, keys: Sequence[str]) -> str:
    """Events by name where they are few, else how many."""
    labels = picking.labels(result)
    return (
        joined([_spoken(labels[key]) for key in keys]) if len(keys) <= NAMED else f"{len(keys)} {picking.units(result)}"
    )


def _spoken(label: str) -> str:
    """A label of an event within a sentence, where its comma would be taken for that of the list."""
    name, comma, rest = label.partition(", ")
    return f"{name} ({rest})" if comma else label


def _family(result: StudyResult) -> str:
    """Over how many securities of the event the p-values are adjusted."""
    event = result.settings.headline_event
    family = sum(found.result.applies for e in result.select(event) for found in e.findings_of("t", DAY))
    one = len({zero.session for e in result.select(event) for zero in e.panel.day_zero}) == 1
    return (
        f", adjusted for the {family} {picking.units(result)} tested{' that day' if one else ''}" if family > 1 else ""
    )


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
    yield f"Together their mean abnormal return was {_signed(mean)}."
    yield (
        f"Of the tests that fit this design, {_rejections(result.cards, known, alpha)}."
        if len(known) > 1
        else _one(result.cards, known[0], alpha)
    )


def _other_groups(result: StudyResult) -> Iterator[str]:
    """Each other group of the headline event: its mean, and whether the tests that fit the design reject chance."""
    alpha, lead = result.settings.alpha, result.settings.headline_group
    said: list[str] = []
    for event in result.select(result.settings.headline_event):
        for group in (name for name in event.groups if name != lead):
            front = [f.result for f in event.tests if f.subject == group and f.front and f.result.window == DAY]
            rejects = [t.p < alpha for t in front if t.applies and math.isfinite(t.p)]
            mean = event.group(group).caar(DAY)
            if rejects and math.isfinite(mean):
                answer = "abnormal" if all(rejects) else "the tests differ" if any(rejects) else "not abnormal"
                size = _signed(mean).removesuffix(" per cent") if said else _signed(mean)
                said.append(f"{words.spoken(group)} {size} ({answer})")
    if said:
        shown = said if len(said) <= GROUPS else [*said[:GROUPS], f"{len(said) - GROUPS} more below"]
        yield (
            f"The mean abnormal {_verb(said, 'return', 'returns')} of the other {_verb(said, 'group', 'groups')}: "
            + (f"{joined(shown)}.")
        )


def _one(cards: Cards, test: InferenceResult, alpha: float) -> str:
    verb = "rejects" if test.p < alpha else "does not reject"
    name, level = cards.tests[test.test].words, tables.text(alpha, "share")
    p = compared(test.p)
    return f"The one test that fits this design, {name}, {verb} chance at the {level} level (p {p})."


def _rejections(cards: Cards, known: Sequence[InferenceResult], alpha: float) -> str:
    """Which tests reject chance, and which do not."""
    reject = [cards.tests[t.test].words for t in known if t.p < alpha]
    keep = [f"{cards.tests[t.test].words} (p {compared(t.p)})" for t in known if t.p >= alpha]
    level = f"at the {tables.text(alpha, 'share')} level"
    if not reject:
        return f"none rejects chance {level}: {joined(keep)}"
    said = f"{joined(reject)} {_verb(reject, 'rejects', 'reject')} chance {level}"
    return f"{said}, while {joined(keep)} {_verb(keep, 'does', 'do')} not" if keep else said


def _verb(subjects: list[str], one: str, many: str) -> str:
    return one if len(subjects) == 1 else many


def _facts(result: StudyResult) -> Iterator[tuple[str, str]]:
    settings, some = result.settings, design.places(result)
    label, when = wording.event(settings, settings.headline_event), design.span_of(design.days(some))
    named = settings.headline_event in settings.labels or settings.headline_event != "event"
    yield "Event", (label if when in label else f"{label}, {when}") if named else when
    tickers = [place.key for place in some]
    firms = len({place.event.panel.event_tickers[place.row] for place in some})
    several = picking.units(result) == "events"
    count = f"{len(tickers)} events of {firms} securities" if several else f"{len(tickers)} securities"
    listed = joined([picking.labels(result)[key] for key in tickers]) if len(tickers) < 13 else count
    yield ("Security" if len(tickers) == 1 else "Events" if several else "Securities"), listed
    benchmarks = list(dict.fromkeys(called.name(result.against(place.event)) for place in some))
    yield ("Benchmark" if len(benchmarks) < 2 else "Benchmarks"), joined(benchmarks)
    yield "Model", result.cards.models[settings.model].words
    span = settings.estimation
    yield "Estimation", f"sessions {tables.window((span.start, span.end))}, {settings.returns} returns"
    yield "Prices", wording.prices(result.prices.provenance.source)


ANSWER = Section(name="answer", title="The answer", audience="everybody", make=overview)
