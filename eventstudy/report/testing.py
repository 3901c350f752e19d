"""Section 6: the tests that fit the design in front, the rest behind their warning; adjusted for how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eventstudy.datatypes import Window
from eventstudy.figures.words import spoken
from eventstudy.outcomes import Finding, InferenceResult
from eventstudy.report import design, tables, wording
from eventstudy.report.blocks import Block, Fold, Heading, Listing, Prose, Section
from eventstudy.report.charts import charts
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.results import EventResult, StudyResult


def testing(result: StudyResult) -> Section:
    """The headline group's tests, every security's own, then all other groups and events on demand."""
    event, group = result.headline, result.settings.headline_group
    blocks: list[Block] = [Prose((_lead(result),))]
    if group is not None and group in event.groups:
        blocks += [Heading("tests-group", f"The group “{spoken(group)}” together"), *_group(event, group)]
    blocks += charts(result, "tests")
    blocks += [Heading("tests-single", "Each security by itself"), *_singles(result)]
    blocks += _others(result, event, group)
    return Section("tests", "Tests", "Could this be chance?", tuple(blocks))


def _lead(result: StudyResult) -> str:
    """What a p-value says, and what shared dates do to one, where the study has groups and shared dates."""
    small = "A small p-value says that ordinary days seldom produce a result this far from zero."
    if not any(event.groups for event in result.events):
        return small
    behind = (
        "The rest are computed too, and stand behind a warning with their error rate, measured on windows of one day."
    )
    some = design.places(result)
    if len(design.days(some)) == len(some):
        return f"{small} Which tests of a group fit depends on whether its events share dates. {behind}"
    return (
        f"{small} Securities that share an event date also share that day's other news, so tests that count them as "
        "independent reject far too often. The tests in front allow for the usual correlation of the shares, not for "
        f"that day's other news. {behind}"
    )


def _group(event: EventResult, group: str) -> Iterator[Block]:
    """Why, the front tests, and the rest behind their warning."""
    tests = _by_test(f for f in event.tests if f.subject == group and f.is_group)
    front = [found for found in tests if found[0].front]
    behind = [found for found in tests if not found[0].front]
    name = f"{event.event}-{group}"
    if event.why.get(group):
        members = event.groups[group]
        yield Prose((f"{len(members)} securities: {wording.series(members)}. {wording.plain(event.why[group])}",))
    if front:
        yield Listing(group_table(front, f"tests-{name}-front", f"Tests that fit the design, {spoken(group)}"))
    if behind:
        table = group_table(behind, f"tests-{name}-rest", f"The other tests, {spoken(group)}")
        said = "These tests are distorted in this design; read the remark in each row before any p-value."
        yield Fold(
            f"tests-{name}-behind", f"The other tests of “{spoken(group)}”, behind a warning", (Listing(table),), said
        )


def _by_test(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings of each test over all windows, in the order of the study."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.result.test, []).append(finding)
    return list(found.values())


def group_table(tests: Sequence[Sequence[Finding]], name: str, caption: str) -> Table:
    """One row a test, one p-value a window; statistic and reference distribution are those of the first window."""
    windows = [finding.result.window for finding in tests[0]]
    columns = (
        Column("test", "Test"),
        Column("statistic", "Statistic", "statistic", True, note=f"over {_span(windows[0])}"),
        Column("reference", "Reference", note=f"over {_span(windows[0])}"),
        *(Column(f"p_{w.start}_{w.end}", f"p {_span(w)}", "p") for w in windows),
        Column("n", "N", "count", note="securities tested"),
        Column("remark", "Remark", below=True),
    )
    return Table(name, caption, columns, tuple(_test_row(found) for found in tests))


def _span(window: Window) -> str:
    return tables.window((window.start, window.end))


def _test_row(found: Sequence[Finding]) -> tuple[Cell, ...]:
    first = found[0].result
    ps = tuple(finding.result.p for finding in found)
    return first.test, first.statistic, reference(first), *ps, first.n, _remark(found)


def _remark(found: Sequence[Finding]) -> str:
    """What is said of the first window, and what else of the first window that stands elsewhere or does not apply."""
    said = [_said(found[0].result)] if _said(found[0].result) else []
    for finding in found[1:]:
        if finding.front != found[0].front or finding.result.applies != found[0].result.applies:
            said.append(f"From {_span(finding.result.window)} on: {_said(finding.result) or 'applies'}")
            break
    return ". ".join(said)


def _said(test: InferenceResult) -> str:
    return wording.plain("; ".join(part for part in (test.reason, test.warning) if part))


def reference(test: InferenceResult) -> str:
    """The reference distribution with its degrees of freedom: ``t(4)``."""
    df = ", ".join(tables.number(value, "df") for value in test.df)
    return f"{test.distribution}({df})" if df else test.distribution


def _singles(result: StudyResult) -> Iterator[Block]:
    level = tables.number(result.settings.alpha, "share")
    if len({t for event in result.select(result.settings.headline_event) for t in event.panel.event_tickers}) > 1:
        yield Prose(
            (
                "Among many securities some look unusual by chance. Holm's adjustment keeps the chance of even one "
                f"false alarm among all securities of the event at {level}; Benjamini and Hochberg's keeps the "
                "expected share of false alarms among the alarms there. “Abnormal” without more means that the "
                f"p-value adjusted by Holm is below {level}.",
            )
        )
    for event in result.select(result.settings.headline_event):
        yield Listing(singles_table(event))


def singles_table(event: EventResult) -> Table:
    """One row a security, the first window: t with adjusted p-values, and the sample-quantile p beside it."""
    windows = tuple(dict.fromkeys(f.result.window for f in event.tests if not f.is_group))
    columns = (
        Column("ticker", "Security"),
        Column("t", "t", "statistic", True),
        Column("distribution", "Reference"),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("p_bh", "p (B-H)", "p", note="Benjamini and Hochberg"),
        Column("p_sample_quantile", "p (sample quantile)", "p", note="rank among the security's own residuals"),
        Column("remark", "Remark", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = ()
    if windows:
        quantile = {f.subject: f.result for f in event.findings_of("sample_quantile", windows[0])}
        rows = tuple(_single_row(f, quantile.get(f.subject)) for f in event.findings_of("t", windows[0]))
    span = tables.window((windows[0].start, windows[0].end)) if windows else ""
    against = f", against {wording.name(event.benchmark)}" if event.benchmark else ""
    caption = f"{wording.exchange(event.exchange)}: window {span}{against}"
    return Table(f"tests-single-{event.exchange}", caption, columns, rows)


def _single_row(finding: Finding, quantile: InferenceResult | None) -> tuple[Cell, ...]:
    test = finding.result
    beside = float("nan") if quantile is None else quantile.p
    return finding.subject, test.statistic, reference(test), test.p, test.p_holm, test.p_bh, beside, test.reason or ""


def _others(result: StudyResult, headline: EventResult, group: str | None) -> Iterator[Block]:
    """Every other group and event, folded: all tests in one table, which of them fit the design marked."""
    rest = [
        (event, name)
        for event in result.events
        if event.headline
        for name in event.groups
        if not (event is headline and name == group)
    ]
    if rest:
        yield Heading("tests-others", "Other groups and other dates")
        yield Prose(("Tests marked “no” are distorted in their design, as the remarks above say with numbers.",))
    folds: dict[str, list[Block]] = {}
    for event, name in rest:
        folds.setdefault(event.event, []).extend(_other(result, event, name))
    for event_id, blocks in folds.items():
        yield Fold(f"tests-{event_id}", wording.event(result.settings, event_id), tuple(blocks))


def _other(result: StudyResult, event: EventResult, name: str) -> Iterator[Block]:
    tests = _by_test(f for f in event.tests if f.subject == name and f.is_group)
    if tests:
        anchor = f"tests-{event.event}-{event.exchange}-{name}"
        yield Listing(short_table(tests, anchor, f"{spoken(name)}, {wording.exchange(event.exchange)}"))
    said = f"{wording.series(event.groups[name])}. {wording.plain(event.why.get(name, ''))}"
    yield Prose((said.strip(),), "note")


def short_table(tests: Sequence[Sequence[Finding]], name: str, caption: str) -> Table:
    """One row a test, one p-value a window, and whether the test fits the design."""
    windows = [finding.result.window for finding in tests[0]]
    columns = (
        Column("test", "Test"),
        Column("fits", "Fits the design"),
        *(Column(f"p_{w.start}_{w.end}", f"p {_span(w)}", "p") for w in windows),
        Column("n", "N", "count", note="securities tested"),
        Column("reason", "Not applicable because", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            found[0].result.test,
            found[0].front,
            *(finding.result.p for finding in found),
            found[0].result.n,
            next((f"does not apply: {f.result.reason}" for f in found if f.result.reason), ""),
        )
        for found in tests
    )
    return Table(name, caption, columns, rows)
