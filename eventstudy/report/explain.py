"""One verdict's arithmetic as plain text: what ``eventstudy explain amd-8`` prints."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

from eventstudy.figures.words import spoken
from eventstudy.objects.cards import Cards
from eventstudy.objects.verdicts import AbnormalAxis, Quantity, Reading, Step, Verdict
from eventstudy.report import design, tables, wording, worked
from eventstudy.report.cards import axis_steps, decided

WIDTH = 100


def explain(verdict: Verdict, cards: Cards) -> str:
    """The claim, the verdict, and every number that leads from one to the other, each with its source.

    `cards` are those of the result: they say what a model takes away.

    Lines are at most 100 columns wide, without colour codes; blocks that a verdict does not have are left out.
    """
    blocks = (
        _head(verdict),
        _block("Answer", [_wrapped(tables.statement(verdict.summary))]),
        _block("Intervals", _intervals(verdict)),
        _block("Arithmetic", [_step(i, step) for i, step in enumerate((*verdict.steps, *axis_steps(verdict)), 1)]),
        _block("The deciding step", [_wrapped(decision)] if (decision := decided(verdict)) else []),
        _block("Readings (every defensible way to measure)", [_reading(r) for r in verdict.readings]),
        _block("Parts", list(_parts(verdict))),
        _block("Was it abnormal?", list(_axes(verdict, cards))),
        _block("Mind", [_bullet(wording.plain(c, cards)) for c in verdict.caveats]),
        _block(
            "Sources",
            [
                _bullet(f"{wording.source(s)}, paragraph {verdict.claim.place.get(s.key, 'unknown')}")
                for s in verdict.claim.sources
            ],
        ),
    )
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(verdict: Verdict) -> str:
    title = textwrap.fill(f"{verdict.claim.id}: {verdict.claim.says}", WIDTH)
    lines = [title, "=" * min(WIDTH, max(map(len, title.splitlines()))), f"Verdict: {wording.label(verdict)}"]
    if (depends := wording.depends(verdict)) is not None:
        lines.append(_wrapped(depends, indent=""))
    if verdict.fragile:
        lines.append(f"Fragile: {tables.number(verdict.agreement or 0.0, 'share')} of the specifications agree")
    if verdict.reason and verdict.claim.status != "opinion":
        lines.append(_wrapped(f"Why it is open: {verdict.reason}", indent=""))
    return "\n".join(lines)


def _block(title: str, lines: list[str]) -> str:
    return "" if not any(lines) else "\n".join([title, "-" * len(title), *lines])


def _wrapped(text: str, indent: str = "  ", hanging: str | None = None) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _bullet(text: str) -> str:
    return _wrapped(text, "  - ", "    ")


def _intervals(verdict: Verdict) -> list[str]:
    said = wording.claimed(verdict.claim.claimed)
    lines = [f"  said      {said}"] if said else []
    if verdict.claimed is not None:
        lines.append(f"  claimed   {tables.interval(verdict.claimed)}")
    if verdict.measured is not None:
        unit = verdict.measured.unit
        head = "" if math.isnan(verdict.value) else f" (headline {tables.number(verdict.value, unit)})"
        lines.append(f"  measured  {tables.interval(verdict.measured)}{head}")
    return lines


def _step(position: int, step: Step) -> str:
    shown, result = worked.step(step)
    lines = [_wrapped(f"{position}. {step.label}", "  ", "     "), _wrapped(step.formula, "     ", "       ")]
    width = max((len(symbol) for symbol in shown), default=0)
    for symbol, text in shown.items():
        said = f"{symbol:<{width}} = {_with_source(text, step.inputs[symbol])}"
        lines.append(_wrapped(said, "       ", " " * (10 + width)))
    return "\n".join([*lines, f"     = {_with_source(result, step.result)}"])


def _with_source(text: str, value: Quantity | str) -> str:
    return f"{text}   [{value.source}]" if isinstance(value, Quantity) and value.source else text


def _reading(reading: Reading) -> str:
    mark = "*" if reading.headline else "-"
    alone = f" ({reading.verdict} by itself)" if reading.verdict else ""
    text = f"{tables.number(reading.value, reading.unit)}  {reading.label}{alone}  [{reading.source}]"
    return _wrapped(text, f"  {mark} ", "    ")


def _parts(verdict: Verdict) -> Iterator[str]:
    width = max((len(part.label) for part in verdict.parts), default=0)
    for part in verdict.parts:
        value = tables.number(part.value, part.unit)
        note = f"  {part.note}" if part.note else ""
        yield _wrapped(f"{part.label:<{width}}  {value:>12}  {part.verdict}{note}", "  ", " " * (4 + width))


def _axes(verdict: Verdict, cards: Cards) -> Iterator[str]:
    """Every entry; what a primary test asks, and how often it errs, stands before the first entry that it answers."""
    asked = set()
    for axis in verdict.abnormal:
        if axis.question and axis.primary not in asked:
            asked.add(axis.primary)
            test = cards.tests[axis.primary]
            says = f"The primary test of what follows, {test.words}, asks: {axis.question} {design.real_size(test)}"
            yield _wrapped(says.strip())
        yield _axis(axis, cards)


def _axis(axis: AbnormalAxis, cards: Cards) -> str:
    if axis.abnormal is None:
        return _wrapped(f"{axis.subject}: {axis.word}: {axis.reason}.")
    ar, se = tables.number(axis.ar, "decimal", signed=True), tables.number(axis.se, "decimal")
    low, high = (tables.number(end, "decimal", signed=True) for end in (axis.low, axis.high))
    subject = axis.subject if axis.primary == "t" else spoken(axis.subject)
    head = (
        f"{subject}: {wording.abnormal(axis)}. Abnormal return {ar} over {tables.window(axis.window)} "
        f"(standard error {se}, interval {low} to {high}) {design.beyond(axis, cards)}."
    )
    tests = "; ".join(f"{cards.tests[name].label} p {_compared(p)}" for name, p in axis.tests.items())
    holm = f"; Holm-adjusted p {_compared(axis.p_holm)}" if not math.isnan(axis.p_holm) else ""
    return "\n".join([_wrapped(head), *([_wrapped(f"{tests}{holm}", "    ")] if tests else [])])


def _compared(p: float) -> str:
    text = tables.number(p, "p")
    return text if text[0] in "<>" or text == tables.MISSING else f"= {text}"
