"""The method in plain words and formulas, and its limits."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.objects.cards import FAMILIES
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Block, Bullets, Content, Formula, Heading, Listing, Prose, folded
from eventstudy.report.frames import Column, Table
from eventstudy.report.section import Section


def method(result: StudyResult) -> Content:
    """The conventions, so that a student can redo every number by hand."""
    blocks: tuple[Block, ...] = (
        Prose(
            (
                "One convention runs through the page. T is the number of estimation returns, L the days summed, ν the "
                "degrees of freedom, N the securities; hats are left out. Returns are decimals until they are printed.",
            )
        ),
        Heading("method-returns", "From prices to abnormal returns"),
        *_returns(result),
        *([Listing(models_table(result))] if len({event.model for event in result.events}) > 1 else []),
        Heading("method-tests", "The tests"),
        Listing(tests_table(result)),
        *_dependence(),
        *([Listing(checks_table(result))] if any(event.diagnostics for event in result.events) else []),
        Heading("method-verdicts", "From a claim to a verdict" if result.verdicts else "What is called abnormal"),
        *(_verdicts() if result.verdicts else ()),
        *_abnormal(),
        Heading("limits", "Limits"),
        Bullets(tuple(_limits(result))),
    )
    return Content("Method and its limits", tuple(folded(blocks)))


def _returns(result: StudyResult) -> Iterator[Block]:
    settings = result.settings
    simple = settings.returns == "simple"
    basis = "dividend-adjusted closes" if settings.basis == "adj_close" else "closes"
    span, gap = settings.estimation, settings.event
    yield Formula(
        "Return",
        "R = P / P₋₁ − 1" if simple else "R = ln(P / P₋₁)",
        f"of {basis}, formed on the exchange’s own sessions before anything is aligned; a return across a gap is "
        "missing.",
    )
    model = result.cards.models[settings.model]
    yield Formula(
        "Normal return",
        model.formula,
        f"{model.method} over sessions {tables.window((span.start, span.end))}; at least {settings.min_obs} returns "
        f"are required, and no day of the event window enters. {model.source}.",
    )
    errors = model.errors
    yield Formula("Scatter", f"σ² = Σ e² / ν\n{errors.freedom}", "the residual variance, T the returns used.")
    yield Formula(
        "Abnormal return",
        f"AR = R − E[R]\nSE = {errors.day}",
        f"for each session of {tables.window((gap.start, gap.end))}; {errors.why}",
    )
    yield Formula(
        "Cumulative abnormal return",
        f"CAR = Σ AR\nVar = {errors.window}",
        errors.shared,
    )
    yield Formula(
        "Standardized",
        "SAR = AR / SE\nSCAR = CAR / SE(CAR)",
        f"t-distributed with ν degrees of freedom; the {tables.number(1 - settings.alpha, 'share')} interval is "
        "CAR ± t(ν)·SE.",
    )
    yield Formula("Mean over securities", "CAAR = Σ CAR / N", "the mean of the securities’ CARs.")


def models_table(result: StudyResult) -> Table:
    """The models of normal returns that this study uses, the headline's first."""
    used = dict.fromkeys([result.settings.model, *(event.model for event in result.events)])
    columns = (
        Column("model", "Model"),
        Column("name", "In words"),
        Column("formula", "Normal return"),
        Column("source", "Source"),
    )
    known = [(name, result.cards.models[name]) for name in used]
    rows = tuple((name, model.words, model.formula, model.source) for name, model in known)
    return Table("method-models", "The models of this study", columns, rows)


def tests_table(result: StudyResult) -> Table:
    """The tests of this study, kind by kind: reference distribution, what each stands up to, and its statistic."""
    cards, families = result.cards.tests, list(FAMILIES)
    used = dict.fromkeys(f.result.test for event in result.events for f in event.tests)
    columns = (
        Column("name", "Test"),
        Column("test", "Registry", hidden=True),
        Column("reference", "Reference"),
        Column("shared_date", "Shared date", note="whether it stands up to events that share a date"),
        Column("variance", "Raised variance", note="whether it stands up to a raised variance on the day"),
        Column("source", "Source"),
        Column("statistic", "Statistic", below=True),
    )
    rows = []
    for name in sorted(used, key=lambda name: families.index(cards[name].family)):
        test = cards[name]
        said = f"{test.words}, {name}: {test.statistic}"
        facts = (test.reference, test.shared_date, test.variance, test.source)
        rows.append((test.label, name, *facts, said[:1].upper() + said[1:]))
    return Table("method-tests-table", "What each test computes, and what it stands up to", columns, tuple(rows))


def checks_table(result: StudyResult) -> Table:
    """The checks of the estimation window that this study made."""
    used = dict.fromkeys(row.check for event in result.events for row in event.diagnostics)
    columns = (
        Column("name", "Check"),
        Column("check", "Registry"),
        Column("source", "Source"),
        Column("asks", "What it asks", below=True),
    )
    checks = [result.cards.diagnostics[name] for name in used]
    rows = tuple((check.label, check.name, check.source, check.question) for check in checks)
    note = (
        "Caution: a p-value below 1%. Problem: below 0.1%, and large enough to matter for the tests. One row in a "
        "hundred is a caution by chance alone."
    )
    return Table("method-checks", "What each check of the estimation computes", columns, rows, note)


def _dependence() -> Iterator[Block]:
    yield Prose(
        (
            "r̄ is the mean correlation of the residuals over all pairs of securities, each weighed by the share of the "
            "event window the two have in common. p-values are two-sided, but for Hotelling’s test and those of the "
            "variance, which are made to have one tail: the farther from zero in any direction, the larger they are. "
            "They are taken from the tail itself, so that a very small one is small and not zero. The error rates in "
            "the remarks were measured for windows of one day.",
            "Holm: sort the m p-values, multiply the smallest by m, the next by m − 1 and so on, and never let a later "
            "one be smaller. Benjamini and Hochberg: multiply the i-th smallest by m/i, and never let an earlier one "
            "be larger.",
        )
    )


def _verdicts() -> Iterator[Block]:
    yield Prose(
        (
            "A claim is an interval. A quoted number stands for every number that rounds to it: 17% is 16.5% to 17.5%, "
            "3.1% is 3.05% to 3.15%, 600 is 550 to 650 since trailing zeros are not digits; never wider than 10% "
            "either way. “More than 8%” is everything beyond 8%, without rounding. “About” widens to 10%.",
            "A measurement is an interval too: the range over the defensible inputs of one quantity, such as the share "
            "counts before and after the day. Other meanings of the words are judged each by itself; the literal one "
            "decides, and where another gives another verdict, the card says so.",
        )
    )
    yield Bullets(tuple((f"{word.capitalize()}:", meaning) for word, meaning in wording.MEANING.items()))
    yield Prose(
        (
            "Words without numbers are measured in s, the standard deviation of the security’s own daily returns in "
            "the estimation window. “Fell”, “slid”, “dropped”: below zero. “Sharply”, “sank”, “tumbled”, “plummeted”: "
            "2 s or 5%, whichever is smaller, and never less than 1 s. “Hammered”, “cratered”, “brutal”: 3 s or 10%, "
            "and never less than 1.5 s. “All” falls to one exception; “most” needs more than half.",
            "Whether a move was abnormal is a second question with its own answer, never averaged with the first: a "
            "fall can be real and still be no more than its market’s.",
        )
    )


def _abnormal() -> Iterator[Block]:
    yield Prose(
        (
            "One primary test answers, and the design declares it beforehand. Of one security the t test: is it more "
            "than this share moves on an ordinary day? Of a group on one date its portfolio: is it more than these "
            "shares together move on an ordinary day? On dates of their own the correlation-adjusted test of Boehmer, "
            "Musumeci and Poulsen. Where a claim names several securities, Holm’s adjustment is over these; the table "
            "of all securities has the family of the study. A rank test of the same question stands beside: where it "
            "does not agree, the move is “abnormal by the t test alone”. Where a benchmark that holds little of these "
            "securities answers otherwise, the answer “depends on the benchmark”. Other tests ask other questions and "
            "do not vote.",
        )
    )


def _limits(result: StudyResult) -> Iterator[tuple[str, str]]:
    yield (
        "Cause.",
        "Prices can be consistent with a cause. They do not show it: other news of the same day moves them too.",
    )
    yield (
        "One date.",
        "Securities that react on one date are not independent witnesses. The tests in front allow for their usual "
        "correlation; none allows for a correlation that rises on the day.",
    )
    yield (
        "Variance.",
        "Days of great news are also days of great scatter. Of the tests in front on a shared date only the "
        "correlation-adjusted test of Boehmer, Musumeci and Poulsen measures the scatter on the day itself.",
    )
    if any(result.against(event) is not None for event in result.events):
        yield "Benchmark.", "An index that holds the security moves with it, which hides a part of the abnormal return."
    yield (
        "Closing times.",
        "Exchanges close hours apart. Daily closes cannot say what happened within a day, or in which order.",
    )
    yield (
        "Stability.",
        "What was estimated before the event, the scatter included, is taken to hold during it.",
    )
    yield (
        "Tails.",
        "Daily returns have heavier tails than the normal law; p-values far out are orders of magnitude, not exact.",
    )
    if any(v.claim.kind in ("market_value", "record", "aggregate") for v in result.verdicts):
        yield (
            "Market value.",
            "A value is a close times a share count of some date. Counts are published late and differ; the range over "
            "the counts in force is the measurement.",
        )
        yield (
            "Universe.",
            "A record holds among the companies and years at hand, which are named; not among all that ever were.",
        )


METHOD = Section(name="method", title="Method", audience="referees", make=method)
