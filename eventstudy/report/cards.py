"""A card for each claim, which opens into its arithmetic, readings and sources."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eventstudy.figures import words
from eventstudy.objects.cards import Cards
from eventstudy.objects.results import StudyResult
from eventstudy.objects.settings import Settings
from eventstudy.objects.verdicts import AbnormalAxis, Quantity, Step, Verdict
from eventstudy.report import design, tables, wording, worked
from eventstudy.report.blocks import Block, Content, Fold, Listing, Prose, Special
from eventstudy.report.charts import charts
from eventstudy.report.frames import Column, Table
from eventstudy.report.numberline import NumberLine, number_line
from eventstudy.report.section import Section
from eventstudy.report.signs import with_signs
from eventstudy.report.summary import verdict_table

#: second-axis lines on the face of a card; the table inside has all
FACE = 3


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One step: ``inputs`` are (symbol, value, source)."""

    label: str
    formula: str
    inputs: tuple[tuple[str, str, str], ...]
    result: str


@dataclass(frozen=True, slots=True)
class AxisLine:
    """The second axis of one subject in one line: ``state`` is what `wording.abnormal` says."""

    subject: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One claim as the page shows it; every number is text by now."""

    id: str
    says: str
    verdict: str
    label: str
    sentence: str
    depends: str | None
    decision: str | None
    reason: str | None
    said: str
    line: NumberLine | None
    claimed: str
    measured: str
    axes: tuple[AxisLine, ...]
    more_axes: int
    fragile: str | None
    articles: tuple[str, ...]
    sources: tuple[str, ...]
    steps: tuple[Arithmetic, ...]
    tables: tuple[Table, ...]
    caveats: tuple[str, ...]
    search: str


@dataclass(frozen=True, slots=True)
class Deck:
    """All cards with what they can be filtered by: (key, label, number of cards)."""

    cards: tuple[Card, ...]
    verdicts: tuple[tuple[str, str, int], ...]
    articles: tuple[tuple[str, str, int], ...]


def claims(result: StudyResult) -> Content:
    """The cards, or a line that says the study tries no claims."""
    if not result.verdicts:
        blocks: tuple[Block, ...] = (Prose(("This study has no claims file: nothing is put on trial.",)),)
    else:
        table = Fold("verdicts-fold", "All verdicts as a table", (Listing(verdict_table(result)),))
        blocks = (Special("deck", _deck(result)), *charts(result, "claims"), table)
    return Content("The claims, one by one", blocks)


def _deck(result: StudyResult) -> Deck:
    apart = {"stated": 0, "implied": 1, "opinion": 2}
    ordered = sorted(result.verdicts, key=lambda v: apart[v.claim.status])
    cards = tuple(card(v, result.settings, result.cards) for v in ordered)
    filed = [c.verdict for c in cards]
    counts = {word: filed.count(word) for word in (*wording.MEANING, "implied", "opinion") if word in filed}
    titles = {s.key: s.title for v in result.verdicts for s in v.claim.sources}
    said = {key: sum(key in c.articles for c in cards) for key in sorted(titles)}
    return Deck(
        cards=cards,
        verdicts=tuple((word, word, n) for word, n in counts.items()),
        articles=tuple((key, titles[key], n) for key, n in said.items()),
    )


def card(verdict: Verdict, settings: Settings, known: Cards) -> Card:
    """One verdict, ready to be shown; `settings` name the study's events and groups, `known` its models and tests."""
    verdict = with_signs(verdict)
    claim = verdict.claim
    sentence = tables.statement(verdict.summary)
    axes = axis_lines(verdict.abnormal, settings.labels, known)
    return Card(
        id=claim.id,
        says=claim.says,
        verdict=wording.rubric(verdict),
        label=wording.label(verdict),
        sentence=sentence,
        depends=wording.depends(verdict),
        decision=decided(verdict),
        reason=None if verdict.claim.status == "opinion" else verdict.reason,
        said=wording.claimed(claim.claimed),
        line=number_line(verdict),
        claimed=tables.interval(verdict.claimed) if verdict.claimed else "",
        measured=tables.interval(verdict.measured) if verdict.measured else "",
        axes=axes[:FACE],
        more_axes=max(0, len(axes) - FACE),
        fragile=_fragile(verdict),
        articles=tuple(s.key for s in claim.sources),
        sources=tuple(f"{wording.source(s)}, paragraph {claim.place.get(s.key, 'unknown')}" for s in claim.sources),
        steps=tuple(_arithmetic(s) for s in (*verdict.steps, *axis_steps(verdict))),
        tables=tuple(_tables(verdict, known)),
        caveats=tuple(wording.plain(caveat, known, settings.groups) for caveat in verdict.caveats),
        search=" ".join(dict.fromkeys([claim.id, claim.kind, *claim.tickers, *_subjects(verdict)])).lower(),
    )


def decided(verdict: Verdict) -> str | None:
    """The deciding step in numbers; an opinion is not decided."""
    if verdict.decision is None or verdict.claim.status == "opinion":
        return None
    return worked.decision(verdict.decision)


def axis_steps(verdict: Verdict) -> Iterator[Step]:
    """AR = R − (a + b Rm) in numbers for the headline entry of every subject that the steps do not hold yet."""
    seen, shown = {step.label for step in verdict.steps}, set()
    for axis in verdict.abnormal:
        who = (axis.subject, axis.event, axis.window)
        if axis.step is not None and axis.step.label not in seen and who not in shown:
            yield axis.step
        shown.add(who)


def _subjects(verdict: Verdict) -> Iterator[str]:
    yield from (part.label for part in verdict.parts)
    yield from (axis.subject for axis in verdict.abnormal)


def _fragile(verdict: Verdict) -> str | None:
    if not verdict.fragile:
        return None
    return f"{tables.number(verdict.agreement or 0.0, 'share')} of the specifications agree"


def axis_lines(axes: Sequence[AbnormalAxis], labels: Mapping[str, str], known: Cards) -> tuple[AxisLine, ...]:
    """One line a subject, event and window: its first axis, and how many of the other benchmarks and models agree.

    `labels` are the events in words; they are said where the lines are about more than one event.
    """
    several = len({axis.event for axis in axes}) > 1
    subjects: dict[tuple[str, str, tuple[int, int]], dict[tuple[str, str], AbnormalAxis]] = {}
    for axis in axes:
        same = subjects.setdefault((axis.subject, axis.event, axis.window), {})
        same.setdefault((axis.benchmark, axis.model), axis)
    return tuple(
        axis_line(first, known, rest, labels.get(first.event) or words.spoken(first.event) if several else "")
        for first, *rest in (list(found.values()) for found in subjects.values())
    )


def axis_line(axis: AbnormalAxis, known: Cards, others: Sequence[AbnormalAxis] = (), event: str = "") -> AxisLine:
    """Abnormal return with its interval, p of the primary test and of its check, and by Holm over the claim's own."""
    subject = _subject(axis)
    head = f"{subject}, {event}" if event else subject
    if axis.abnormal is None:
        return AxisLine(head, axis.word, f"{(axis.reason or 'nothing was estimated').capitalize()}.")
    ar, low, high = (tables.number(v, "decimal", signed=True) for v in (axis.ar, axis.low, axis.high))
    window = "" if axis.window == (0, 0) else f" over {tables.window(axis.window)}"
    # A group's interval is that of the portfolio of its members.
    whose = "portfolio interval" if axis.primary == "portfolio_t" else "interval"
    inside = [f"{whose} {low} to {high}"] if math.isfinite(axis.low) else []
    shown = [name for name in (axis.primary, axis.check or "") if name in axis.tests]
    inside += [f"{known.tests[name].label} p {compared(axis.tests[name])}" for name in shown]
    if math.isfinite(axis.p_holm) and axis.p_holm != axis.p:
        inside.append(f"Holm p {compared(axis.p_holm)}")
    text = f"{ar}{window} {design.beyond(axis, known)}" + (f" ({'; '.join(inside)})." if inside else ".")
    return AxisLine(head, axis.word, text + _elsewhere(axis, others))


def _subject(axis: AbnormalAxis) -> str:
    """A ticker as it is, the id of a group as words."""
    return axis.subject if axis.primary == "t" else words.spoken(axis.subject)


def _elsewhere(axis: AbnormalAxis, others: Sequence[AbnormalAxis]) -> str:
    """How many other comparisons give the same answer."""
    decided = [other for other in others if other.abnormal is not None]
    if not decided:
        return ""
    same = sum(other.abnormal == axis.abnormal for other in decided)
    return f" The same answer in {same} of {_comparisons(len(decided))}."


def _comparisons(n: int) -> str:
    return f"{n} other {'comparison' if n == 1 else 'comparisons'}"


def compared(p: float, unit: str = "p") -> str:
    """``= 0.0123`` or ``< 0.0001``."""
    text = tables.number(p, unit)
    return text if text[0] in "<>" else f"= {text}"


def _arithmetic(step: Step) -> Arithmetic:
    shown, result = worked.step(step)
    sources = {
        symbol: (value.source or "") if isinstance(value, Quantity) else "" for symbol, value in step.inputs.items()
    }
    return Arithmetic(
        label=step.label,
        formula=step.formula,
        inputs=tuple((symbol, text, sources[symbol]) for symbol, text in shown.items()),
        result=result,
    )


# --------------------------------------------------------------------------------------------- the tables of a card
def _tables(verdict: Verdict, known: Cards) -> Iterator[Table]:
    makers: Mapping[str, tuple[object, ...]] = {
        "readings": verdict.readings,
        "parts": verdict.parts,
        "abnormal": verdict.abnormal,
    }
    for name, entries in makers.items():
        if entries:
            yield _MAKERS[name](verdict, known)


def readings_table(verdict: Verdict, known: Cards) -> Table:
    """Every defensible way to measure, the headline first."""
    columns = (
        Column("reading", "Reading"),
        Column("value", "Value", "number"),
        Column("unit", "Unit"),
        Column("sort", "Sort"),
        Column("verdict", "By itself"),
        Column("source", "Source"),
    )
    rows = tuple(
        (
            *(r.label + (" (headline)" if r.headline else ""), Quantity(r.value, r.unit), r.unit),
            *("headline" if r.headline else r.sort, r.verdict or "", r.source),
        )
        for r in verdict.readings
    )
    return Table(f"{verdict.claim.id}-readings", "Readings: every defensible way to measure", columns, rows)


def parts_table(verdict: Verdict, known: Cards) -> Table:
    """The separate parts of a claim, each with its own answer."""
    columns = (
        Column("part", "Part"),
        Column("value", "Measured", "number"),
        Column("unit", "Unit"),
        Column("verdict", "Verdict"),
        Column("note", "Note"),
    )
    rows = tuple((p.label, Quantity(p.value, p.unit), p.unit, p.verdict, p.note or "") for p in verdict.parts)
    return Table(f"{verdict.claim.id}-parts", "Parts", columns, rows)


def axis_table(verdict: Verdict, known: Cards) -> Table:
    """The second axis: was it abnormal?"""
    columns = (
        Column("subject", "Subject"),
        Column("answer", "Answer"),
        Column("ar", "Abnormal return", "decimal", True),
        Column("se", "Standard error", "decimal"),
        Column("low", "Interval from", "decimal", True),
        Column("high", "to", "decimal", True),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("window", "Window"),
        Column("benchmark", "Benchmark"),
        Column("model", "Model"),
        Column("primary", "Primary test"),
        Column("tests", "Tests"),
    )
    rows = tuple(
        (
            *(_subject(a), wording.abnormal(a), a.ar, a.se, a.low, a.high, a.p, a.p_holm),
            *(tables.window(a.window), *_setting(a, known)),
            known.tests[a.primary].label if a.question else a.reason or "",
            "; ".join(f"{known.tests[name].label} {compared(p)}" for name, p in a.tests.items()),
        )
        for a in verdict.abnormal
    )
    asks = " ".join(dict.fromkeys(a.question for a in verdict.abnormal if a.question))
    return Table(f"{verdict.claim.id}-abnormal", f"Second axis: was it abnormal? {asks}".strip(), columns, rows)


def _setting(axis: AbnormalAxis, known: Cards) -> tuple[str, str]:
    """Benchmark and model of an axis; the benchmark is not named where the model uses none."""
    model = known.models[axis.model]
    return (axis.benchmark if model.uses_benchmark else "none"), model.words


_MAKERS = {"readings": readings_table, "parts": parts_table, "abnormal": axis_table}


CLAIMS = Section(name="claims", title="The claims", audience="everybody", make=claims)
