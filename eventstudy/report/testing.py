"""The tests that fit the design in front, the rest behind their warning; adjusted for how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eventstudy.errors import joined
from eventstudy.figures import called, picking
from eventstudy.figures.words import spoken
from eventstudy.objects.cards import FAMILIES, Cards
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Finding, InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.report import design, tables, turbulence, wording
from eventstudy.report.blocks import Block, Content, Fold, Heading, Listing, Prose, folded
from eventstudy.report.charts import chart_folds, charts
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.overview import in_numbers
from eventstudy.report.section import Section

LISTED = 24  # members of a group that are listed


def testing(result: StudyResult) -> Content:
    """The headline group's tests, every security's own, variance and volume, then other groups and events on demand."""
    event, group = result.headline, result.settings.headline_group
    blocks: list[Block] = [Prose((" ".join(in_numbers(result)),)), *_split(result)]
    blocks += charts(result, "rarity", "specifications")
    reading = Fold("reading-tests", "How to read a p-value", (Prose((_lead(result),)),))
    tables: list[Block] = [reading, *chart_folds(result, "power", "tests")]
    if group is not None and group in event.groups:
        tables += [Heading("tests-group", f"The group “{spoken(group)}” together"), *_group(result, event, group)]
    tables += [Heading("tests-single", "Each security by itself"), *_singles(result)]
    tables += turbulence.variance(result)
    tables += turbulence.volume(result)
    tables += _others(result, event, group)
    return Content("Could this be chance?", (*blocks, *folded(tables)))


def _split(result: StudyResult) -> Iterator[Block]:
    """Securities of the headline group that its test cannot hold, since they trade on another exchange's sessions."""
    group = result.settings.headline_group
    if group is None:
        return
    found = {key: e for e in result.select(result.settings.headline_event) for key in e.panel.keys}
    places: dict[str, list[str]] = {}
    for key in (k for k in result.settings.keys(result.settings.headline_event, group) if k in found):
        places.setdefault(found[key].exchange, []).append(key)
    if len(places) < 2:
        return
    said = joined([f"{joined(names)} in {wording.exchange(code)}" for code, names in places.items()])
    tested = [wording.exchange(code) for code, names in places.items() if len(names) > 1]
    what = f"those of {joined(tested)} are tested together" if tested else "there is no test of the group"
    yield Prose(
        (
            f"The group “{spoken(group)}” trades on several exchanges: {said}. Sessions of different exchanges are not "
            f"the same days, so {what}, and each security has its own tests below.",
        ),
        "warning",
    )


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


def _group(result: StudyResult, event: EventResult, group: str) -> Iterator[Block]:
    """Why, the front tests, and the rest behind their warning, by kind."""
    cards = result.cards
    tests = turbulence.by_test(f for f in event.tests if f.subject == group and f.is_group)
    tests = [found for found in tests if cards.tests[found[0].result.test].about != "variance"]
    front = [found for found in tests if found[0].front]
    behind = [found for found in tests if not found[0].front]
    name = f"{event.event}-{group}"
    if event.why.get(group):
        yield Prose((f"{_members(result, event, group)} {_why(event, group, result.cards)}",))
    if front:
        caption = f"Tests that fit the design, {spoken(group)}"
        yield Listing(turbulence.group_table(cards, front, f"tests-{name}-front", caption))
    if behind:
        yield _behind(behind, name, group, cards)


def _members(result: StudyResult, event: EventResult, group: str) -> str:
    """How many the group has in this result, and who they are where they are few."""
    keys, labels = event.groups[group], picking.labels(result, event.event)
    units = picking.units(result, event.event)
    count = f"{len(keys)} {'security' if len(keys) == 1 else units}"
    return f"{count}: {joined([labels[key] for key in keys])}." if len(keys) <= LISTED else f"{count}."


def _why(event: EventResult, group: str, cards: Cards) -> str:
    """Why which tests stand in front, and over which window, where the choice is another over another window."""
    said = wording.plain(event.why.get(group, ""), cards)
    front: dict[Window, set[str]] = {}
    for finding in event.tests:
        if finding.subject == group and finding.is_group:
            front.setdefault(finding.result.window, set()).update([finding.result.test] if finding.front else [])
    if not said or all(names == next(iter(front.values())) for names in front.values()):
        return said
    return f"Over {turbulence.span(next(iter(front)))}, the first window: {said[:1].lower()}{said[1:]}"


def _behind(tests: Sequence[Sequence[Finding]], name: str, group: str, cards: Cards) -> Fold:
    """The tests that do not fit the design, one table a family, each row with its warning."""
    families = {key: [f for f in tests if cards.tests[f[0].result.test].family == key] for key in FAMILIES}
    listed = tuple(
        Listing(turbulence.group_table(cards, found, f"tests-{name}-{key}", FAMILIES[key]))
        for key, found in families.items()
        if found
    )
    return Fold(
        f"tests-{name}-behind",
        f"The other {len(tests)} tests of “{spoken(group)}”, behind a warning",
        listed,
        "These tests are distorted in this design, or say no more than those in front; read the remark in each row "
        "before any p-value.",
    )


def _singles(result: StudyResult) -> Iterator[Block]:
    level = tables.text(result.settings.alpha, "share")
    if len({key for event in result.select(result.settings.headline_event) for key in event.panel.keys}) > 1:
        yield Prose(
            (
                "Among many securities some look unusual by chance. Holm's adjustment keeps the chance of even one "
                f"false alarm among all securities of the event at {level}; Benjamini and Hochberg's keeps the "
                "expected share of false alarms among the alarms there. “Abnormal” without more means that the "
                f"p-value adjusted by Holm is below {level}.",
            )
        )
    for event in result.select(result.settings.headline_event):
        yield Listing(singles_table(result, event))


#: tests whose p-value stands beside that of t, and what it is a rank among
_BESIDE = {"sample_quantile": "the security’s own residuals", "placebo": "every other date of the study’s history"}


def singles_table(result: StudyResult, event: EventResult) -> Table:
    """One row a security, the first window: t with adjusted p-values, and the p-values by rank beside it."""
    windows = tuple(dict.fromkeys(f.result.window for f in event.tests if not f.is_group))
    ranked = {name: {f.subject: f.result for f in event.findings_of(name, w)} for name in _BESIDE for w in windows[:1]}
    ranked = {name: found for name, found in ranked.items() if found or name == "sample_quantile"}
    columns = (
        Column("ticker", "Security"),
        Column("t", "t", "statistic", True),
        Column("distribution", "Reference"),
        Column("p", "p", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("p_bh", "p (B-H)", "p", note="Benjamini and Hochberg"),
        *(
            Column(f"p_{name}", f"p ({result.cards.tests[name].label})", "p", note=f"rank among {_BESIDE[name]}")
            for name in ranked
        ),
        Column("remark", "Remark", below=True),
    )
    rows: tuple[tuple[Cell, ...], ...] = ()
    if windows:
        rows = tuple(_single_row(f, list(ranked.values())) for f in event.findings_of("t", windows[0]))
    span = turbulence.span(windows[0]) if windows else ""
    benchmark = result.against(event)
    against = f", against {called.market(benchmark, called.names(result.verdicts))}" if benchmark else ""
    caption = f"{wording.exchange(event.exchange)}: window {span}{against}"
    return Table(f"tests-single-{event.exchange}", caption, columns, rows)


def _single_row(finding: Finding, ranked: Sequence[Mapping[str, InferenceResult]]) -> tuple[Cell, ...]:
    test = finding.result
    beside = [found[finding.subject].p if finding.subject in found else float("nan") for found in ranked]
    reference = turbulence.reference(test)
    return finding.subject, test.statistic, reference, test.p, test.p_holm, test.p_bh, *beside, test.reason or ""


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
        said = "Here are the tests that fit each design; results.json holds the others with their warnings."
        yield Prose((said,), "note")
    folds: dict[str, list[Block]] = {}
    for event, name in rest:
        folds.setdefault(event.event, []).extend(_other(result, event, name))
    for event_id, blocks in folds.items():
        yield Fold(f"tests-{event_id}", wording.event(result.settings, event_id), tuple(blocks))


def _other(result: StudyResult, event: EventResult, name: str) -> Iterator[Block]:
    cards = result.cards
    found = (f for f in event.tests if f.subject == name and f.is_group)
    tests = turbulence.by_test(f for f in found if cards.tests[f.result.test].about != "variance")
    tests = [found for found in tests if any(f.front for f in found)]
    if tests:
        anchor = f"tests-{event.event}-{event.exchange}-{name}"
        yield Listing(
            turbulence.short_table(cards, tests, anchor, f"{spoken(name)}, {wording.exchange(event.exchange)}")
        )
    said = f"{_members(result, event, name)} {_why(event, name, cards)}"
    yield Prose((said.strip(),), "note")


TESTING = Section(name="tests", title="Chance?", audience="everybody", make=testing)
