"""Section 10, second half: the method in plain words and formulas, its limits, how to reproduce, cite and correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from eventstudy import __version__
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Block, Bullets, Code, Formula, Heading, Listing, Prose, Section
from eventstudy.report.frames import Column, Table
from eventstudy.results import StudyResult

#: model -> the normal return it predicts
MODELS: Mapping[str, str] = {
    "market": "E[R] = α + β·Rm",
    "market_adjusted": "E[R] = Rm, nothing estimated",
    "mean_adjusted": "E[R] = mean of R over the estimation window",
    "raw": "E[R] = 0",
    "capm": "E[R] = Rf + α + β·(Rm − Rf)",
    "ff3": "E[R] = Rf + α + β₁·(Mkt − Rf) + β₂·SMB + β₃·HML",
    "carhart": "E[R] = Rf + α + β₁·(Mkt − Rf) + β₂·SMB + β₃·HML + β₄·MOM",
    "ff5": "E[R] = Rf + α + β₁·(Mkt − Rf) + β₂·SMB + β₃·HML + β₄·RMW + β₅·CMA",
    "ff5_mom": "E[R] = Rf + α + β₁·(Mkt − Rf) + β₂·SMB + β₃·HML + β₄·RMW + β₅·CMA + β₆·MOM",
}

#: test -> (statistic, reference, shared date, raised variance): what a reader needs to redo and to judge it
TESTS: Mapping[str, tuple[str, str, str, str]] = {
    "t": ("SCAR", "t(ν)", "one security", "no"),
    "sample_quantile": (
        "rank of |AR| among the T estimation residuals; p = (1 + #) / (T + 1)",
        "rank",
        "one security",
        "no",
    ),
    "cross_sectional_t": ("CAAR / (s/√N), s the standard deviation of the CARs", "t(N − 1)", "no", "yes"),
    "patell_z": ("Σ SCAR / √Σ(ν/(ν − 2))", "N(0, 1)", "no", "no"),
    "adjusted_patell_z": ("Patell’s z / √(1 + (N − 1)·r̄)", "N(0, 1)", "yes", "no"),
    "bmp_t": ("mean SCAR / (s/√N), s the standard deviation of the SCARs", "t(N − 1)", "no", "yes"),
    "adjusted_bmp_t": ("BMP’s t · √((1 − r̄)/(1 + (N − 1)·r̄))", "t(N − 1)", "yes", "yes"),
    "portfolio_t": ("SCAR of the equal-weight portfolio of the group, fitted as one security", "t(ν)", "yes", "no"),
    "crude_dependence_t": (
        "CAAR / (s·√L), s from the mean abnormal returns of the estimation days",
        "t(T − 1)",
        "yes",
        "no",
    ),
    "corrado_rank_z": (
        "mean rank deviation on the event days / its standard deviation over all days",
        "N(0, 1)",
        "yes",
        "no",
    ),
    "generalized_sign_z": ("number of positive CARs against their usual share", "N(0, 1)", "no", "yes"),
    "hotelling": (
        "all abnormal returns zero at once: AR′S⁻¹AR, p by rank among the estimation days",
        "rank",
        "yes",
        "no",
    ),
}


def method(result: StudyResult) -> Section:
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
        Heading("method-tests", "The tests"),
        Listing(tests_table(result)),
        *_dependence(),
        Heading("method-verdicts", "From a claim to a verdict"),
        *_verdicts(),
        Heading("limits", "Limits"),
        Bullets(tuple(_limits(result))),
    )
    return Section("method", "Method", "Method and its limits", blocks)


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
    model = MODELS.get(settings.model, settings.model)
    yield Formula(
        "Normal return",
        model,
        f"fitted by least squares over sessions {tables.window((span.start, span.end))}; at least {settings.min_obs} "
        "returns are required, and no day of the event window enters.",
    )
    yield Formula(
        "Scatter", "σ² = Σ e² / ν\nν = T − k − 1", "the residual variance with k regressors besides the constant."
    )
    yield Formula(
        "Abnormal return",
        "AR = R − E[R]\nSE = σ·√(1 + 1/T + (Rm − R̄m)² / Σ(Rm,s − R̄m)²)",
        f"for each session of {tables.window((gap.start, gap.end))}; the standard error includes the error of the fit "
        "(formula for one regressor; in general 1 + x′(X′X)⁻¹x).",
    )
    yield Formula(
        "Cumulative abnormal return",
        "CAR = Σ AR\nVar = σ²·[L + L²/T + (Σ(Rm − R̄m))² / Σ(Rm,s − R̄m)²]",
        "all days of a window share the same estimated line, so their errors do not simply add.",
    )
    yield Formula(
        "Standardized",
        "SAR = AR / SE\nSCAR = CAR / SE(CAR)",
        f"t-distributed with ν degrees of freedom; the {tables.number(1 - settings.alpha, 'share')} interval is "
        "CAR ± t(ν)·SE.",
    )
    yield Formula("Mean over securities", "CAAR = Σ CAR / N", "the mean of the securities’ CARs.")


def tests_table(result: StudyResult) -> Table:
    """The tests of this study: statistic, reference distribution and what each stands up to."""
    names = dict.fromkeys(f.result.test for event in result.events for f in event.tests)
    columns = (
        Column("test", "Test"),
        Column("statistic", "Statistic"),
        Column("reference", "Reference"),
        Column("shared_date", "Stands up to a shared date"),
        Column("variance", "Stands up to a raised variance"),
    )
    rows = tuple((name, *TESTS.get(name, ("a test of the user’s own", "", "", ""))) for name in names)
    return Table("method-tests-table", "What each test computes", columns, rows)


def _dependence() -> Iterator[Block]:
    yield Prose(
        (
            "r̄ is the mean correlation of the residuals over all pairs of securities, each weighed by the share of the "
            "event window the two have in common. p-values are two-sided and taken from the upper tail, so that a very "
            "small one is small and not zero.",
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
            "either way. “More than 8%” is everything beyond 8%. “About” widens to 10%.",
            "A measurement is an interval too: the range over every defensible reading, such as one share count or "
            "another.",
        )
    )
    yield Bullets(tuple((f"{word.capitalize()}:", meaning) for word, meaning in wording.MEANING.items()))
    yield Prose(
        (
            "Words without numbers are measured in s, the standard deviation of the security’s own daily returns in "
            "the estimation window. “Fell”, “slid”, “dropped”: below zero. “Sharply”, “sank”, “tumbled”, “plummeted”: "
            "at least 2 s down. “Hammered”, “cratered”, “brutal”: at least 3 s down. “All” falls to one exception; "
            "“most” needs more than half.",
            "Whether a move was abnormal is a second question with its own answer, never averaged with the first: a "
            "fall can be real and still be no more than its market’s.",
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
        "Days of great news are also days of great scatter. Of the tests in front on a shared date only adjusted_bmp_t "
        "measures the scatter on the day itself.",
    )
    yield "Benchmark.", "An index that holds the security moves with it, which hides a part of the abnormal return."
    yield (
        "Closing times.",
        "Exchanges close hours apart. Daily closes cannot say what happened within a day, or in which order.",
    )
    yield (
        "Stability.",
        "The line fitted before the event is taken to hold during it: alpha, beta and sigma do not move.",
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


# ------------------------------------------------------------------------------------------- reproduce, cite, correct
def reproduce(result: StudyResult) -> Section:
    """How to get these numbers again, how to cite them, how corrections are kept."""
    study = result.settings.id
    claim = result.verdicts[0].claim.id if result.verdicts else "CLAIM"
    blocks: tuple[Block, ...] = (
        Prose(("The same files, settings and version give the same numbers, to the last digit on one machine.",)),
        Code(f"eventstudy run {study}\neventstudy explain {claim} --study {study}", "On the command line"),
        Code(
            f'import eventstudy as es\n\nresult = es.load("{study}").run()\nresult.to_html("report.html")', "In Python"
        ),
        Bullets((("Version:", __version__), ("Content id:", result.content_id))),
        Heading("cite", "How to cite"),
        Code(citation(result), "Citation"),
        Heading("corrections", "Changes and corrections"),
        *_corrections(result),
    )
    return Section("reproduce", "Reproduce, cite", "Reproduce, cite, correct", blocks)


def citation(result: StudyResult) -> str:
    """One line that names study, version and content."""
    return (
        f"{result.settings.title}. Report of the study “{result.settings.id}”, made with eventstudy {__version__} "
        f"(eventstudy-claims), content id {result.content_id[:16]}. Prices: {result.prices.provenance.source}."
    )


def _corrections(result: StudyResult) -> Iterator[Block]:
    """The list of changes beside the claims file, as it is; and the verdicts that the file did not expect."""
    changed = [v for v in result.verdicts if v.claim.expect is not None and v.claim.expect != v.verdict]
    said = tuple(
        f"{v.claim.id}: the claims file expects “{v.claim.expect}”, the verdict is “{v.verdict}”." for v in changed
    )
    yield Prose(
        (
            "A verdict that changes between releases is listed here with the old answer, the new one and the reason.",
            *said,
        )
    )
    file = next((v.claim.file for v in result.verdicts if v.claim.file), None)
    changes = None if file is None else Path(file).with_name("CHANGES.md")
    if changes is not None and changes.is_file():
        yield Code(changes.read_text(encoding="utf-8").strip(), "CHANGES.md")
