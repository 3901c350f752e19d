"""The card of a claim: its row in the list, and what opens: the number line, the second axis, arithmetic, sources."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eventstudy import __version__
from eventstudy.errors import joined
from eventstudy.figures import called, words
from eventstudy.objects.cards import Cards
from eventstudy.objects.settings import Settings
from eventstudy.objects.verdicts import AbnormalAxis, Claimed, Quantity, Source, Step, Verdict
from eventstudy.report import design, tables, wording, worked
from eventstudy.report.frames import Column, Table, with_share
from eventstudy.report.numberline import NumberLine, number_line
from eventstudy.report.signs import MOVES, with_signs

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
    """One claim as the page shows it; every number is text by now.

    The row of the list has ``label``, ``says``, ``row_claimed``, ``row_measured`` and ``marks``; the rest is what it
    opens.
    """

    id: str
    says: str
    verdict: str
    label: str
    row_claimed: str
    row_measured: str
    marks: tuple[str, ...]
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
    articles: tuple[str, ...]
    sources: tuple[Said, ...]
    steps: tuple[Arithmetic, ...]
    tables: tuple[Table, ...]
    cite: str
    caveats: tuple[str, ...]
    search: str


@dataclass(frozen=True, slots=True)
class Said:
    """Where a claim is said: the article in one line, and its address where that is known."""

    text: str
    url: str | None


def card(verdict: Verdict, settings: Settings, known: Cards, content_id: str) -> Card:
    """One verdict, ready to be shown; `settings` name the study's events and groups, `known` its models and tests."""
    found, verdict = verdict, with_signs(verdict)
    claim = verdict.claim
    axes = axis_lines(verdict.abnormal, settings.labels, known, called.names([verdict]))
    claimed = tables.interval(verdict.claimed) if verdict.claimed else ""
    measured = tables.interval(verdict.measured) if verdict.measured else ""
    return Card(
        id=claim.id,
        says=wording.curly(claim.says),
        verdict=wording.rubric(verdict),
        label=wording.label(verdict),
        row_claimed=_row_claimed(claim.claimed, claimed),
        row_measured=measured,
        marks=tuple(marks(verdict)),
        sentence=wording.found(found),
        depends=wording.depends(verdict),
        decision=_by_size(found),
        reason=None if verdict.claim.status == "opinion" else verdict.reason,
        said=wording.claimed(claim.claimed),
        line=number_line(verdict),
        claimed=claimed,
        measured=measured,
        axes=axes[:FACE],
        more_axes=max(0, len(axes) - FACE),
        articles=tuple(s.key for s in claim.sources),
        sources=tuple(_said_in(s, claim.place.get(s.key, "unknown")) for s in claim.sources),
        steps=tuple(_arithmetic(s) for s in (*verdict.steps, *axis_steps(verdict))),
        tables=tuple(with_share(table, words.share(settings.alpha)) for table in _tables(verdict, known)),
        cite=_citation(found, settings.title, content_id),
        caveats=tuple(wording.curly(wording.plain(caveat, known, settings.groups)) for caveat in verdict.caveats),
        search=" ".join(dict.fromkeys([claim.id, claim.kind, *claim.tickers, *_subjects(verdict)])).lower(),
    )


def _citation(verdict: Verdict, title: str, content_id: str) -> str:
    """The verdict in a line that can be copied, with what it takes to find it again."""
    claim = verdict.claim
    said = f"“{wording.curly(claim.says)}”: {wording.label(verdict)}. {wording.found(verdict)}"
    made = f"claim {claim.id}, eventstudy {__version__}, content id {content_id[:16]}"
    return f"{said} {title}, {made}."


def _row_claimed(said: Claimed, interval: str) -> str:
    """What is claimed as the article has it, without the direction, which the claim says; ranks as an interval."""
    if said.unit in ("rank", "count") or (said.quoted is None and said.word is None):
        return interval
    return wording.claimed(replace(said, direction="none"))


def _said_in(source: Source, place: int | str) -> Said:
    where = f", paragraph {place}" if place != "unknown" else ""
    return Said(f"{wording.source(source)}{where}", source.url if wording.address(source.url) else None)


def marks(verdict: Verdict) -> Iterator[str]:
    """What a reader should know of a verdict before opening its card."""
    if verdict.depends and verdict.claim.status != "opinion":
        yield "depends on the reading"
    first = {axis.subject: axis for axis in reversed(verdict.abnormal)}
    own = [a for a in first.values() if a.primary != "t"] or list(first.values())
    if any(axis.word == "depends on the benchmark" for axis in own):
        yield "depends on the benchmark"
    if verdict.fragile:
        yield f"fragile: {tables.number(verdict.agreement or 0.0, 'share')} of the specifications agree"


def decided(verdict: Verdict) -> str | None:
    """The deciding step in numbers; an opinion is not decided."""
    if verdict.decision is None or verdict.claim.status == "opinion":
        return None
    return worked.decision(verdict.decision)


def _by_size(verdict: Verdict) -> str | None:
    """The deciding step of a card, whose falls are negative: it compares sizes, which is said."""
    said = decided(verdict)
    turned = verdict.claim.kind in MOVES and verdict.claim.claimed.direction == "fall"
    return f"By size: {said}" if said and turned and said[0] in "(0123456789$€£¥" else said


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


def axis_lines(
    axes: Sequence[AbnormalAxis], labels: Mapping[str, str], known: Cards, names: Mapping[str, str] = {}
) -> tuple[AxisLine, ...]:
    """One line a subject, event and window: its first axis, and which of the other benchmarks answer otherwise.

    `labels` are the events in words; they are said where the lines are about more than one event. `names` are those of
    securities.
    """
    several = len({axis.event for axis in axes}) > 1
    subjects: dict[tuple[str, str, tuple[int, int]], dict[tuple[str, str], AbnormalAxis]] = {}
    for axis in axes:
        same = subjects.setdefault((axis.subject, axis.event, axis.window), {})
        same.setdefault((axis.benchmark, axis.model), axis)
    return tuple(
        axis_line(first, known, rest, labels.get(first.event) or words.spoken(first.event) if several else "", names)
        for first, *rest in (list(found.values()) for found in subjects.values())
    )


def axis_line(
    axis: AbnormalAxis,
    known: Cards,
    others: Sequence[AbnormalAxis] = (),
    event: str = "",
    names: Mapping[str, str] = {},
) -> AxisLine:
    """Abnormal return with its interval and p of the primary test, and the benchmarks that answer otherwise."""
    subject = names.get(axis.subject) or _subject(axis)
    head = f"{subject}, {event}" if event else subject
    if axis.abnormal is None:
        return AxisLine(head, axis.word, f"{(axis.reason or 'nothing was estimated').capitalize()}.")
    ar, span = tables.text(axis.ar, "decimal", signed=True), tables.between(axis.low, axis.high, "decimal", signed=True)
    window = "" if axis.window == (0, 0) else f" over {tables.window(axis.window)}"
    # A group's interval is that of the portfolio of its members.
    inside = [f"{'portfolio ' if axis.primary == 'portfolio_t' else ''}interval {span}"]
    inside = inside if math.isfinite(axis.low) else []
    shown = [name for name in (axis.primary, axis.check or "") if name in axis.tests]
    inside += [f"{known.tests[name].label} p {compared(axis.tests[name])}" for name in shown]
    if math.isfinite(axis.p_holm) and axis.p_holm != axis.p:
        inside.append(f"Holm p {compared(axis.p_holm)}")
    text = f"{ar}{window} {design.beyond(axis, known, names)}" + (f" ({'; '.join(inside)})." if inside else ".")
    return AxisLine(head, axis.word, text + _elsewhere(axis, others, names))


def _subject(axis: AbnormalAxis) -> str:
    """A ticker as it is, the id of a group as words."""
    return axis.subject if axis.primary == "t" else words.spoken(axis.subject)


def _elsewhere(axis: AbnormalAxis, others: Sequence[AbnormalAxis], names: Mapping[str, str]) -> str:
    """Against which other benchmarks the answer is the same, and against which it is another."""
    decided = [other for other in others if other.abnormal is not None]
    differ = [other for other in decided if other.abnormal != axis.abnormal]
    if not decided:
        return ""
    if not differ:
        return f" The same against {len(decided)} other {'benchmark' if len(decided) == 1 else 'benchmarks'}."
    against = joined(list(dict.fromkeys(called.market(other.benchmark, names) for other in differ)))
    if all(other.benchmark == axis.benchmark for other in differ):
        against = joined(list(dict.fromkeys(other.model for other in differ)))
    return f" {'Within' if axis.abnormal else 'Beyond'} its ordinary range against {against}."


def compared(p: float) -> str:
    """``= 0.02`` or ``< 0.001``."""
    text = tables.text(p, "p")
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
        Column("high", "Interval to", "decimal", True),
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
            "; ".join(f"{known.tests[name].label} {tables.number(p, 'p')}" for name, p in a.tests.items()),
        )
        for a in verdict.abnormal
    )
    asks = " ".join(dict.fromkeys(a.question for a in verdict.abnormal if a.question))
    sizes = dict.fromkeys(design.real_size(known.tests[a.primary]) for a in verdict.abnormal if a.question)
    note = " ".join(filter(None, sizes)) or None
    caption = f"Second axis: was it abnormal? {asks}".strip()
    return Table(f"{verdict.claim.id}-abnormal", caption, columns, rows, note)


def _setting(axis: AbnormalAxis, known: Cards) -> tuple[str, str]:
    """Benchmark and model of an axis; the benchmark is not named where the model uses none."""
    model = known.models[axis.model]
    return (axis.benchmark if model.uses_benchmark else "none"), model.words


_MAKERS = {"readings": readings_table, "parts": parts_table, "abnormal": axis_table}
