"""Beside the mean: was the day out of the ordinary in its scatter, or in its trading volume?

Also the tables of group tests, which these parts share with the tests of the mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from eventstudy.figures import called, picking
from eventstudy.figures.words import spoken
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Finding, InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Block, Fold, Heading, Listing, Prose
from eventstudy.report.frames import Cell, Column, Table


# --------------------------------------------------------------------------------------------------------- group tests
def by_test(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of each test over all windows, in the order of the study."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.result.test, []).append(finding)
    return list(found.values())


def group_table(cards: Cards, tests: Sequence[Sequence[Finding]], name: str, caption: str) -> Table:
    """One row a test, one p-value a window; statistic and reference distribution are those of the first window."""
    windows = [finding.result.window for finding in tests[0]]
    columns = (
        Column("name", "Test"),
        Column("test", "Registry", hidden=True),
        Column("statistic", f"Statistic {span(windows[0])}", "statistic", True),
        Column("reference", "Reference", note=f"over {span(windows[0])}"),
        *(Column(f"p_{w.start}_{w.end}", f"p {span(w)}", "p") for w in windows),
        Column("n", "N", "count", note="securities tested"),
        Column("remark", "Remark", below=True),
    )
    rows, note = _said_once([_test_row(cards, found) for found in tests])
    return Table(name, caption, columns, rows, note)


def _said_once(rows: Sequence[tuple[Cell, ...]]) -> tuple[tuple[tuple[Cell, ...], ...], str | None]:
    """What all remarks say alike, and the brackets that tell where a size was measured, once under the table."""
    remarks = [str(row[-1]) for row in rows]
    if len(rows) > 1 and len(set(remarks)) == 1:
        return tuple((*row[:-1], "") for row in rows), f"Each {remarks[0]}." if remarks[0] else None
    remarks, heads = _beheaded(remarks)
    alike = f"Each {'; '.join(heads)}." if heads else None
    found = list(dict.fromkeys(place for remark in remarks for place in _MEASURED.findall(remark)))
    if len(found) == 1:
        remarks = [_MEASURED.sub("", remark) for remark in remarks]
        alike = " ".join([*([alike] if alike else []), f"Real dates: {found[0]}."])
    return tuple((*row[:-1], remark) for row, remark in zip(rows, remarks, strict=True)), alike


def _beheaded(remarks: Sequence[str]) -> tuple[list[str], list[str]]:
    """The remarks without what stands before the first colon of a part in all of them alike, and what that was."""
    parts = [remark.split("; ") for remark in remarks]
    if len(parts) < 2 or len({len(part) for part in parts}) > 1:
        return list(remarks), []
    heads = []
    for k, part in enumerate(parts[0]):
        head, colon, _ = part.partition(": ")
        if colon and all(other[k].startswith(head + colon) for other in parts):
            heads.append(head)
            for other in parts:
                other[k] = other[k].removeprefix(head + colon)
    return ["; ".join(part) for part in parts], heads


_MEASURED = re.compile(r" \((measured on [^()]+)\)")


def span(window: Window) -> str:
    """The window as ``[−1, +1]``."""
    return tables.window((window.start, window.end))


def _test_row(cards: Cards, found: Sequence[Finding]) -> tuple[Cell, ...]:
    first = found[0].result
    ps = tuple(finding.result.p for finding in found)
    label, remark = cards.tests[first.test].label, _remark(cards, found)
    return label[:1].upper() + label[1:], first.test, _statistic(first), reference(first), *ps, first.n, remark


def _statistic(test: InferenceResult) -> Cell:
    """The statistic; a rank from the most extreme as ``1 of 561``."""
    if test.distribution != "rank" or not float(test.statistic).is_integer():
        return test.statistic
    return f"{tables.number(test.statistic, 'count')} of {tables.number(test.df[0] + 1, 'count')}"


def _remark(cards: Cards, found: Sequence[Finding]) -> str:
    """What is said of the first window, and what else of the first window that stands elsewhere or does not apply."""
    said = [text for text in [_said(cards, found[0].result)] if text]
    for finding in found[1:]:
        if finding.front != found[0].front or finding.result.applies != found[0].result.applies:
            later = _said(cards, finding.result) or "applies"
            head, _, known = later.partition(": ")  # what the first window's remark ends with is not said again
            later = head if known and said and said[0].endswith(known) else later
            said.append(f"From {span(finding.result.window)} on: {later}")
            break
    return ". ".join(said)


def _said(cards: Cards, test: InferenceResult) -> str:
    return wording.plain("; ".join(part for part in (test.reason, test.warning) if part), cards)


def reference(test: InferenceResult) -> str:
    """The reference distribution with its degrees of freedom: ``t(4)``."""
    df = ", ".join(tables.number(value, "df") for value in test.df)
    return f"{test.distribution}({df})" if df else test.distribution


def short_table(cards: Cards, tests: Sequence[Sequence[Finding]], name: str, caption: str) -> Table:
    """One row a test that fits the design, one p-value a window; none where it does not fit that window."""
    windows = [finding.result.window for finding in tests[0]]
    columns = (
        Column("name", "Test"),
        Column("test", "Registry", hidden=True),
        *(Column(f"p_{w.start}_{w.end}", f"p {span(w)}", "p") for w in windows),
        Column("n", "N", "count", note="securities tested"),
        Column("reason", "Not applicable because", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            cards.tests[found[0].result.test].label,
            found[0].result.test,
            *(finding.result.p if finding.front else None for finding in found),
            found[0].result.n,
            next((f"does not apply: {f.result.reason}" for f in found if f.result.reason), ""),
        )
        for found in tests
    )
    some = any(not finding.front for found in tests for finding in found)
    return Table(
        name, caption, columns, rows, "Where a p is empty, the test does not fit that window." if some else None
    )


# ------------------------------------------------------------------------------------------------------------ variance
def variance(result: StudyResult) -> Iterator[Block]:
    """Tests of the variance on the days of the event: of the headline group, and of each security on demand."""
    event, group = result.headline, result.settings.headline_group
    own = [e for e in result.select(result.settings.headline_event) if _singly(e)]
    found = (f for f in event.tests if f.is_group and f.subject == group)
    tests = by_test(f for f in found if result.cards.tests[f.result.test].about == "variance")
    if not tests and not own:
        return
    yield Heading("tests-variance", "Was the scatter itself out of the ordinary?")
    yield Prose(
        (
            "These ask another question: not whether prices moved in one direction, but whether they moved more than "
            "on ordinary days, in whatever direction. A small p-value here is a reason to trust only those tests of "
            "the mean that stand up to a raised variance.",
        )
    )
    if tests:
        name = f"tests-{event.event}-{group}-variance"
        yield Listing(group_table(result.cards, tests, name, f"Tests of the variance, {spoken(str(group))}"))
    if own:
        listed = tuple(Listing(_ratios(e)) for e in own)
        yield Fold("tests-variance-single", "The variance of each security, as a table", listed)


def _singly(event: EventResult) -> bool:
    return any(not f.is_group and f.result.test == "volatility_f" for f in event.tests)


def _ratios(event: EventResult) -> Table:
    """One row a security, the first window: variance ratio, its p by the F and by rank."""
    window = next(f.result.window for f in event.tests if f.result.test == "volatility_f")
    ranked = {f.subject: f.result.p for f in event.findings_of("volatility_quantile", window)}
    columns = (
        Column("ticker", "Security"),
        Column("ratio", "Variance ratio", "multiple", note="of the window to the estimation; 1 is ordinary"),
        Column("reference", "Reference"),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("p_volatility_quantile", "p (by rank)", "p", note="among the security’s own estimation days"),
        Column("remark", "Remark", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(f.subject, f.result.statistic, reference(f.result), f.result.p, f.result.p_holm),
            *(ranked.get(f.subject, math.nan), f.result.reason or ""),
        )
        for f in event.findings_of("volatility_f", window)
    )
    caption = f"{wording.exchange(event.exchange)}: variance over {span(window)}"
    return Table(f"variance-single-{event.exchange}", caption, columns, rows)


# -------------------------------------------------------------------------------------------------------------- volume
def volume(result: StudyResult) -> Iterator[Block]:
    """Abnormal trading volume of the headline event: of each security, and the group's tests that fit."""
    found: tuple[EventResult, ...] = tuple(getattr(result, "volume", ()) or ())
    if not found or not picking.has_day_zero(result):
        return
    yield Heading("tests-volume", "Was more traded than usual?")
    for event in found:
        than = f"that of {called.market(event.benchmark)}" if event.benchmark else "the security’s own average"
        yield Prose(
            (
                f"Log volume takes the place of the return: 2.00 times means twice what is expected from {than}. "
                "Volume runs in spells, so only tests stand here whose error rate was measured for it and held. It is "
                f"worked out for one event and exchange: {wording.event(result.settings, event.event)}, "
                f"{wording.exchange(event.exchange)}.",
            )
        )
        group = result.settings.headline_group
        members = event.groups.get(group or "", ())
        yield Listing(replace(volume_table(event, result.cards), first=members))
        yield from _together(event, str(group))
        tests = by_test(f for f in event.tests if f.is_group and f.subject == group)
        tests = [found for found in tests if any(f.front for f in found)]
        if tests:
            caption = f"Volume of {spoken(str(group))}: the tests that fit, in the windows they fit"
            yield Listing(short_table(result.cards, tests, f"volume-{event.exchange}-group", caption))


def _together(event: EventResult, group: str) -> Iterator[Prose]:
    """What the group traded on day zero, in multiples of the usual: the exponential of its mean abnormal log volume."""
    rows = [event.row(key) for key in event.groups.get(group, ())]
    log = [value for value in event.abnormal.car(Window(0, 0))[rows].tolist() if math.isfinite(value)]
    if len(log) > 1:
        times = tables.number(math.exp(sum(log) / len(log)), "multiple")
        yield Prose(
            (f"The {len(log)} of {spoken(group)} together traded {times} their usual volume (geometric mean).",)
        )


def volume_table(event: EventResult, cards: Cards) -> Table:
    """One row a security: volume of day zero in multiples of the normal one, and the p-values that can be trusted."""
    zero = Window(0, 0)
    singles = [f for f in event.tests if not f.is_group and f.result.window == zero and f.front]
    names = tuple(dict.fromkeys(f.result.test for f in singles))
    ps = {(f.subject, f.result.test): f.result.p for f in singles}
    abnormal = event.abnormal.car(zero)
    columns = (
        Column("ticker", "Security"),
        Column("times", "Volume of the day", "multiple", note="in multiples of the normal volume"),
        *(Column(f"p_{name}", f"p ({cards.tests[name].label})", "p") for name in names),
        Column("reason", "Remark", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            *(key, math.exp(abnormal[i])),
            *(ps.get((key, name), math.nan) for name in names),
            event.normal.reason[i] or "",
        )
        for i, key in enumerate(event.panel.keys)
    )
    caption = f"{wording.exchange(event.exchange)}: abnormal volume on day zero"
    return Table(f"volume-{event.exchange}", caption, columns, rows)
