"""The contract of every registry entry: an entry added to a dict is tested here without another line being written."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import group_panels
import numpy as np
import pytest
from claims_study import CLAIMS

import eventstudy
from eventstudy.abnormal import AbnormalReturns
from eventstudy.claims import CLAIM_KINDS
from eventstudy.claims.load import load_claims
from eventstudy.cli.schema import study_schema
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.example import example
from eventstudy.figures import FIGURES
from eventstudy.figures.card import plotly_figure
from eventstudy.inference import DIAGNOSTICS, DIFFERENCES, SINGLE, TESTS, run_diagnostics, run_tests
from eventstudy.inference import card as card_of
from eventstudy.inference.difference import compare_groups
from eventstudy.models import MODELS, Dimson, Recipe, Rolling, card, estimate
from eventstudy.models.guide import guide
from eventstudy.objects.cards import Design, DiagnosticCheck, Difference, Errors, Model, Takes, Test
from eventstudy.objects.estimation import EventPanel, NormalReturns, Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.prices import Issue, PricePanel, PriceQuery
from eventstudy.objects.verdicts import Verdict
from eventstudy.prices import PROVIDERS
from eventstudy.prices.quality import QUALITY_CHECKS
from eventstudy.registry import lookup
from eventstudy.report import SECTIONS
from eventstudy.report.section import written

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

PACKAGE = Path(eventstudy.__file__).parent
REGISTRIES: dict[str, Mapping[str, Any]] = {
    "PROVIDERS": PROVIDERS,
    "QUALITY_CHECKS": QUALITY_CHECKS,
    "MODELS": MODELS,
    "TESTS": TESTS,
    "DIFFERENCES": DIFFERENCES,
    "DIAGNOSTICS": DIAGNOSTICS,
    "CLAIM_KINDS": CLAIM_KINDS,
    "FIGURES": FIGURES,
    "SECTIONS": SECTIONS,
}
FOLDERS = dict(
    zip(REGISTRIES, ("prices", "prices", "models", *["inference"] * 3, "claims", "figures", "report"), strict=True)
)
ENTRIES = [(registry, name) for registry, entries in REGISTRIES.items() for name in entries]
CARDS = {"TESTS": Test, "DIFFERENCES": Difference, "DIAGNOSTICS": DiagnosticCheck}
YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
WINDOWS = [Window(0, 0), Window(-1, 1), Window(-10, 10)]


#: the field of a card that holds its function
FUNCTION = {
    "PROVIDERS": "read",
    "QUALITY_CHECKS": "find",
    "CLAIM_KINDS": "judge",
    "FIGURES": "draw",
    "SECTIONS": "make",
}


def entry(registry: str, name: str) -> Callable[..., Any]:
    """The function of an entry: of a card the one it describes."""
    found = REGISTRIES[registry][name]
    function: Callable[..., Any] = getattr(found, FUNCTION[registry]) if registry in FUNCTION else found
    return function


def words(thing: Any) -> str:
    """What an entry says of itself: the docstring of its function, and for a card its formula and source."""
    own = [str(getattr(thing, part, "")) for part in ("formula", "source")]
    function = getattr(thing, "fit", getattr(thing, "run", thing))
    return " ".join([*own, inspect.getdoc(function) or ""]).strip()


# ---------------------------------------------------------------------------------------------------- all registries
@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_registry_is_a_literal_dict(registry: str) -> None:
    """One can read in the source what there is: constant keys, names as values, nothing registered at import."""
    entries = REGISTRIES[registry]
    values = [
        node.value
        for path in (PACKAGE / FOLDERS[registry]).glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == registry
    ]
    assert len(values) == 1, f"{registry} is assigned {len(values)} times"
    literal = values[0]
    assert isinstance(literal, ast.Dict)
    assert [key.value for key in literal.keys if isinstance(key, ast.Constant)] == list(entries)
    assert all(isinstance(value, ast.Name | ast.Attribute) for value in literal.values)


@pytest.mark.parametrize(("registry", "name"), ENTRIES)
def test_an_entry_says_what_it_is(registry: str, name: str) -> None:
    thing = entry(registry, name)
    assert callable(thing)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert len(words(thing)) > 20, f"{registry}[{name!r}] has no docstring"
    if registry in {"MODELS", "TESTS", "DIAGNOSTICS", "DIFFERENCES"}:
        assert ">>>" in words(thing), f"{registry}[{name!r}] shows no example; tests/test_docs.py runs them"
        assert YEAR.search(words(thing)), f"{registry}[{name!r}] names no reference with its year"


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_wrong_name_lists_the_right_ones(registry: str) -> None:
    entries = REGISTRIES[registry]
    first = next(iter(entries))
    with pytest.raises(UnknownNameError, match=f"Did you mean '{first}'") as raised:
        lookup(entries, first + "x", "entry")
    assert raised.value.known == tuple(entries)


# ----------------------------------------------------------------------------------------------------------- prices
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_takes_a_query(name: str) -> None:
    card = PROVIDERS[name]
    assert len(inspect.signature(card.read).parameters) == 1
    assert card.words
    assert isinstance(card.network, bool)
    with pytest.raises(SpecError, match="leaves out words"):
        dataclasses.replace(card, words=" ")


def test_the_files_provider_returns_what_it_was_given(synthetic_prices: PricePanel, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    synthetic_prices.close.rename_axis("date").to_csv(path)
    frame = PROVIDERS["files"].read(PriceQuery(("AAA", "BBB"), source=path)).frame
    assert {"ticker", "date", "close", "adj_close", "volume"} <= set(frame.columns)
    close = frame[frame["ticker"] == "AAA"].set_index("date")["close"]
    np.testing.assert_allclose(close.to_numpy(), synthetic_prices.close["AAA"].to_numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", QUALITY_CHECKS)
def test_a_quality_check_passes_good_prices(name: str, synthetic_prices: PricePanel) -> None:
    card = QUALITY_CHECKS[name]
    with pytest.raises(SpecError, match="leaves out fix"):
        dataclasses.replace(card, fix="")
    issues = card.find(synthetic_prices)
    assert isinstance(issues, list)
    assert all(isinstance(issue, Issue) for issue in issues)
    assert not [str(issue) for issue in issues if issue.severity == "fatal"]


# ------------------------------------------------------------------------------------------------------------ models
@pytest.mark.parametrize("name", MODELS)
def test_a_model_card_stands_under_its_name_and_speaks_for_its_function(name: str, synthetic_panel: EventPanel) -> None:
    entry = MODELS[name]
    assert entry.name == name
    assert card(name) is card(entry) is card(entry.fit) is entry
    assert entry(synthetic_panel).model == name
    assert YEAR.search(entry.source)
    assert entry.formula.startswith("E[R] = ")
    assert entry.errors.freedom.startswith("ν = ")
    assert ("no benchmark is used" in entry.takes.left) == (entry.fitted.endswith("no benchmark is used."))
    said = (entry.formula, entry.fitted, entry.takes.left, entry.parameters, entry.errors.day)
    assert any("benchmark" in text for text in said if "no benchmark is used" not in text) == entry.uses_benchmark
    assert isinstance(entry.fit, Recipe) == entry.linear


@pytest.mark.parametrize("fact", [each.name for each in dataclasses.fields(Model)])
def test_a_model_card_without_a_fact_is_refused(fact: str) -> None:
    facts = {each.name: getattr(MODELS["market"], each.name) for each in dataclasses.fields(Model)}
    with pytest.raises(TypeError, match=fact):
        Model(**{name: value for name, value in facts.items() if name != fact})
    if fact != "compares_with":  # None is a fact there
        with pytest.raises(SpecError, match=fact):
            Model(**facts | {fact: None})
        if isinstance(facts[fact], str):
            with pytest.raises(SpecError, match=f"leaves out {fact}"):
                Model(**facts | {fact: " "})


@pytest.mark.parametrize("record", [Takes, Errors])
def test_no_word_of_a_model_card_is_empty(record: type[Any]) -> None:
    names = [each.name for each in dataclasses.fields(record)]
    for name in names:
        with pytest.raises(SpecError, match=f"leaves out {name}"):
            record(**dict.fromkeys(names, "said") | {name: ""})


def test_the_page_of_models_and_the_schema_are_made_from_the_cards() -> None:
    written = (PACKAGE.parent / "docs/models.md").read_text(encoding="utf-8")
    assert guide() == written, "docs/models.md: `make guide` writes it from the cards of the models"
    known = study_schema()["properties"]["model"]["oneOf"]
    assert [entry["const"] for entry in known] == list(MODELS)


def test_a_model_card_cannot_speak_of_a_benchmark_that_is_not_used() -> None:
    with pytest.raises(SpecError, match="uses_benchmark is False"):
        replace(MODELS["market"], uses_benchmark=False)
    with pytest.raises(SpecError, match="uses_benchmark is True"):
        replace(MODELS["peer"], uses_benchmark=True)
    with pytest.raises(SpecError, match="compares_with"):
        replace(MODELS["peer"], compares_with="friends")  # type: ignore[arg-type]


def test_a_model_of_ones_own_gets_a_card() -> None:
    def my_model(panel: EventPanel) -> NormalReturns:
        """E[R] = half of what the market does.

        More about it.
        """
        return estimate(panel, "market")

    own = card(my_model)
    assert (own.name, own.words, own.formula) == ("my_model", "my model", "E[R] = half of what the market does.")
    assert (own.source, own.uses_benchmark) == ("the user’s own", False)
    assert card(lambda panel: panel).formula == "a model of the user’s own"
    two = card(Recipe("two_markets", "a + b Rm + c Rg", columns=("market", "gold")))
    assert (two.formula, two.uses_benchmark, two.linear) == ("a + b Rm + c Rg", True, True)
    assert two.beyond("the Nasdaq") == "beyond what the Nasdaq and the model “two markets” explain"
    assert card(Recipe("gold", "b Rg", columns=("gold",))).uses_benchmark is False
    assert card(Dimson(2)).formula.count("β") == 5
    assert "60 sessions" in card(Rolling(60)).formula
    assert card(Rolling(120)) is MODELS["rolling"]
    for wrong in (7, Dimson):
        with pytest.raises(SpecError, match="model"):
            card(wrong)  # type: ignore[arg-type]


# Estimation days that a model cannot use by its nature: those whose lag or lead lies outside the window.
DROPPED = {"dimson": 2}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_estimates_every_event(name: str, synthetic_panel: EventPanel) -> None:
    normal = estimate(synthetic_panel, name)
    n, sessions = synthetic_panel.n_events, len(synthetic_panel.sessions)
    assert isinstance(normal, NormalReturns)
    assert normal.model == name
    assert normal.reason == (None,) * n
    assert normal.params.shape == (n, len(normal.names))
    assert normal.design.shape in {(sessions, len(normal.names)), (n, sessions, len(normal.names))}
    assert normal.offset.shape in {(sessions,), (n, sessions)}
    assert normal.variance is None or normal.variance.shape == (n, synthetic_panel.event.length)
    assert normal.residuals is None or normal.residuals.shape == (n, synthetic_panel.estimation.length)
    for numbers in (normal.sigma, normal.nu, normal.r_squared):
        assert numbers.shape == (n,)
    assert np.isfinite(normal.params).all()
    assert ((normal.sigma > 0.01) & (normal.sigma < 0.05)).all()  # the errors put in have 2 % a day
    assert (normal.nobs == synthetic_panel.estimation.length - DROPPED.get(name, 0)).all()
    assert (normal.nu < normal.nobs).all()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_does_not_look_ahead(name: str, synthetic_panel: EventPanel) -> None:
    """What happens after the estimation window, to the securities or to any regressor, changes no estimate."""
    returns = synthetic_panel.returns.copy()
    returns[:, 290 - 10 :] *= -7
    regressors = {column: values.copy() for column, values in synthetic_panel.regressors.items()}
    for values in regressors.values():
        values[290 - 10 :] *= 5
    after = estimate(replace(synthetic_panel, returns=returns, regressors=regressors), name)
    before = estimate(synthetic_panel, name)
    for what in ("params", "sigma", "nobs", "nu", "xtx_inv", "r_squared"):
        np.testing.assert_array_equal(getattr(after, what), getattr(before, what))
    if before.residuals is not None:
        np.testing.assert_array_equal(after.residuals, before.residuals)


def test_a_model_of_ones_own_is_accepted(synthetic_panel: EventPanel) -> None:
    def own(panel: EventPanel) -> NormalReturns:
        return replace(estimate(panel, "market"), model="own")

    assert estimate(synthetic_panel, own).model == "own"


# ------------------------------------------------------------------------------------------------------------- tests
@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("name", TESTS)
def test_a_test_answers_or_says_why_not(name: str, window: Window, synthetic_abnormal: AbnormalReturns) -> None:
    for abnormal in (synthetic_abnormal, synthetic_abnormal.take([0])):
        found = TESTS[name](abnormal, window)
        assert isinstance(found, InferenceResult)
        assert (found.test, found.window) == (name, window)
        assert found.null
        assert found.distribution
        if found.reason is None:
            assert math.isfinite(found.statistic)
            assert 0 <= found.p <= 1
            assert found.n <= abnormal.n
            assert found.assumptions
        else:
            assert math.isnan(found.statistic)
            assert math.isnan(found.p)
            assert len(found.reason) > 10


# What five events on one date are too few for, or too much alike: these are shown 24 events on 24 dates.
ON_OWN_DATES = {
    "sign_z",
    "wilcoxon",
    "jackknife_t",
    "calendar_time_portfolio",
    "sign_flip",
    "wild_bootstrap",
    "bhar_skewness_bootstrap",
}


@pytest.fixture(scope="module")
def own_dates(synthetic_panel: EventPanel) -> EventPanel:
    return group_panels.group_panel(synthetic_panel, list(range(266, 290)), correlation=0.0)


@pytest.mark.parametrize("name", TESTS)
def test_a_test_applies_to_one_security_or_to_a_group(
    name: str, synthetic_abnormal: AbnormalReturns, own_dates: EventPanel
) -> None:
    one = synthetic_abnormal.take([0])
    group = group_panels.abnormal_of(own_dates) if name in ON_OWN_DATES else synthetic_abnormal
    suits, does_not = (one, group) if name in SINGLE else (group, one)
    assert TESTS[name](suits, Window(0, 0)).reason is None
    assert TESTS[name](does_not, Window(0, 0)).reason is not None


@pytest.mark.parametrize("name", [name for name in TESTS if name not in {"hotelling", "cross_sectional_variance_chi2"}])
def test_a_test_sees_a_shock(name: str, synthetic_panel: EventPanel, own_dates: EventPanel) -> None:
    """20 % put onto the day (ten times sigma) gives a smaller p than the untouched day; two have tests of their own."""
    base = own_dates if name in ON_OWN_DATES else synthetic_panel
    returns = base.returns.copy()
    returns[base.security, base.day] += 0.20
    p = []
    for panel in (base, replace(base, returns=returns)):
        abnormal = group_panels.abnormal_of(panel)
        p.append(TESTS[name](abnormal.take([0]) if name in SINGLE else abnormal, Window(0, 0)).p)
    assert p[1] < 0.05 < p[0] or p[1] < p[0] / 10


def own(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """BMP's t under another name."""
    return replace(TESTS["bmp_t"](abnormal, window), test="own")


def test_a_test_of_ones_own_is_accepted(synthetic_abnormal: AbnormalReturns) -> None:
    (found,) = run_tests(synthetic_abnormal, Window(0, 0), [own])
    assert found.test == "own"
    made = card_of(own)
    assert (made.name, made.label, made.statistic) == ("own", "own", "BMP's t under another name.")
    assert (made.of, made.family, made.front, made.needs) == ("group", "own", {}, None)
    assert card_of(made) is made
    with pytest.raises(SpecError, match="a name, a card or a function"):
        card_of(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda *_: None, "gave None; it has to return an InferenceResult"),
        (lambda *_: 1 / 0, "raised ZeroDivisionError"),
        (lambda *_: replace(own(example(), Window(0, 0)), window=Window(0, 1)), r"over \[0, \+1\]; due is \[0, 0\]"),
        (lambda *_: replace(own(example(), Window(0, 0)), df=4.0), "gave df=4.0; due is tuple"),
        (lambda *_: replace(own(example(), Window(0, 0)), p=1.5), "p=1.5 without a reason"),
        (lambda *_: replace(own(example(), Window(0, 0)), statistic="2"), "gave statistic='2'; due is int or float"),
    ],
)
def test_a_test_of_ones_own_that_errs_is_named(
    wrong: Callable[..., Any], said: str, synthetic_abnormal: AbnormalReturns
) -> None:
    with pytest.raises(SpecError, match=said):
        run_tests(synthetic_abnormal, Window(0, 0), [wrong])
    with pytest.raises(SpecError, match="<lambda>"):
        compare_groups(synthetic_abnormal.take([0, 1]), synthetic_abnormal.take([2, 3]), Window(0, 0), [wrong])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda a: "fine", "gave 'fine'; it has to return a list of Diagnostic"),
        (lambda a: a.nothing, "raised AttributeError"),
        (lambda a: [replace(row, verdict="bad") for row in DIAGNOSTICS["cook"](a)], "gave the verdict 'bad'"),
    ],
)
def test_a_diagnostic_of_ones_own_that_errs_is_named(
    wrong: Callable[..., Any], said: str, synthetic_abnormal: AbnormalReturns
) -> None:
    with pytest.raises(SpecError, match=f"'<lambda>'.*{said}|{said}"):
        run_diagnostics(synthetic_abnormal, [wrong])


@pytest.mark.parametrize(("registry", "name"), [(r, n) for r, n in ENTRIES if r in CARDS])
def test_a_card_holds_every_fact(registry: str, name: str) -> None:
    made = REGISTRIES[registry][name]
    assert isinstance(made, CARDS[registry])
    assert made.name == name
    assert made.run.__name__ == name
    assert YEAR.search(made.source)
    for field in fields(made):
        if str(field.type) == "str":
            with pytest.raises(SpecError, match=f"leaves out {field.name}"):
                replace(made, **{field.name: " "})
        else:
            with pytest.raises(TypeError, match=field.name):
                type(made)(**{f.name: getattr(made, f.name) for f in fields(made) if f is not field})


@pytest.mark.parametrize("name", TESTS)
def test_the_facts_of_a_test_agree_with_each_other(name: str) -> None:
    test = TESTS[name]
    assert test.question.endswith("?")
    assert (test.each is not None) == (test.of == "security")
    assert (test.family == "variance") == (test.about == "variance")
    assert not (test.front and test.about == "variance")
    assert test.needs is None or test.of == "group"
    with pytest.raises(SpecError, match="of is one of security, group"):
        replace(test, of="everything")
    with pytest.raises(SpecError, match="assumptions"):
        replace(test, assumptions=())
    result = test(synthetic_of(test), Window(0, 0))
    assert result.distribution == test.distribution
    assert set(test.assumptions) <= set(result.assumptions)


def synthetic_of(test: Test) -> AbnormalReturns:
    """The worked example: one security for a test of one, 24 events on own dates or 8 on one for a test of a group."""
    if test.of == "security":
        return example().take([0])
    return example(24, own_dates=True) if test.name in ON_OWN_DATES else example()


@pytest.mark.parametrize("design", get_args(Design))
def test_places_in_front_are_counted_from_one(design: Design) -> None:
    places = sorted(test.front[design] for test in TESTS.values() if design in test.front)
    assert places == list(range(1, len(places) + 1))
    assert places


# ------------------------------------------------------------------------------------------------------------ claims
@pytest.mark.parametrize("kind", CLAIM_KINDS)
def test_a_claim_kind_gives_a_verdict(kind: str, claims_result: StudyResult) -> None:
    claims = [claim for claim in load_claims(CLAIMS).claims if claim.kind == kind]
    assert claims, f"no claim of claims_study.yaml is of the kind {kind!r}"
    assert CLAIM_KINDS[kind].name == kind
    for claim in claims:
        verdict = CLAIM_KINDS[kind].judge(claim, claims_result)
        assert isinstance(verdict, Verdict)
        assert verdict.claim is claim
        assert verdict.verdict == claim.expect
        assert verdict.reason if verdict.verdict == "unresolved" else verdict.steps or verdict.parts or verdict.readings
        assert set(re.findall(r"{(\w+)}", verdict.summary.template)) <= set(verdict.summary.values)


# --------------------------------------------------------------------------------------------------- figures, report
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_the_headline_study(name: str, deepseek_result: StudyResult) -> None:
    first, *rest = inspect.signature(FIGURES[name].draw).parameters.values()
    assert all(parameter.default is not inspect.Parameter.empty for parameter in rest), f"{first} should be enough"
    figure = plotly_figure(FIGURES[name], deepseek_result)
    assert len(figure.data) > 0
    assert figure.to_json()


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_writes_the_headline_study(name: str, deepseek_result: StudyResult) -> None:
    section = written(SECTIONS[name], deepseek_result)
    assert section.content.heading
    assert section.content.blocks
