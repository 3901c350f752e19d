"""Cards: every fact about a model or a test is in one record, next to the function that it describes.

A registry is a literal dict of cards. Whatever prints, explains, checks or documents an entry reads its card, so a card
that leaves a fact out cannot be built. The cards of models and tests travel with a result (`Cards`), for the report,
which reads results alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from eventstudy.errors import SpecError

if TYPE_CHECKING:  # what only checks a claims file loads no numerical library
    from eventstudy.objects.outcomes import Diagnostic, InferenceResult

# The parameter that is beta, the slope on the market, whatever its name.
BETA = ("market", "market - rf", "mkt_rf")
BENCHMARK = "{benchmark}"  # in the words of a card, where the name of the series compared with belongs


def complete(card: Any) -> None:
    """Refuse a card that leaves a fact out.

    Raises
    ------
    SpecError : a text of the card is empty or not a text, a yes or no is neither, or its function cannot be called; it
        names card and field.

    Examples
    --------
    >>> Takes(left="what the market does not explain", beyond="beyond the market", enough=" ")
    Traceback (most recent call last):
    ...
    eventstudy.errors.SpecError: the card Takes('?') leaves out enough: it is a text, got ' '
    """
    for each in fields(card):
        value, kind = getattr(card, each.name), str(each.type)
        name = f"the card {type(card).__name__}({getattr(card, 'name', '?')!r})"
        if kind == "str" and (not isinstance(value, str) or not value.strip()):
            raise SpecError(f"{name} leaves out {each.name}: it is a text, got {value!r}")
        if kind == "bool" and not isinstance(value, bool):
            raise SpecError(f"{name} leaves out {each.name}: it is True or False, got {value!r}")
        if kind.startswith("Callable") and "None" not in kind and not callable(value):
            raise SpecError(f"{name}: {each.name} is a function, got {value!r}")
        if each.name == "assumptions" and not (isinstance(value, tuple) and value and all(value)):
            raise SpecError(f"{name} leaves out {each.name}: it is a tuple of texts, got {value!r}")
        allowed = _CHOICES.get(kind, ())
        if allowed and value not in allowed:
            raise SpecError(f"{name}: {each.name} is one of {', '.join(allowed)}, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a model takes away from a return, in words for a reader.

    Parameters
    ----------
    left : the sentence that says what an abnormal return is.
    beyond : what an abnormal return goes beyond, as in "beyond its own average"; ``{benchmark}`` stands for the name of
        the series compared with.
    enough : what accounts for a move that is not abnormal; with ``{benchmark}`` likewise.

    Examples
    --------
    >>> from eventstudy.models import MODELS
    >>> MODELS["market"].takes.beyond
    'beyond what {benchmark} explains'
    """

    left: str
    beyond: str
    enough: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The errors of a model, in symbols.

    Parameters
    ----------
    freedom : degrees of freedom.
    day : standard error of an abnormal return.
    window : variance of a sum of them.
    why : what the standard error includes.
    shared : what the days of a window have in common.

    Examples
    --------
    >>> from eventstudy.models import MODELS
    >>> MODELS["market"].errors.freedom
    'ν = T − 2'
    """

    freedom: str
    day: str
    window: str
    why: str
    shared: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All facts about a model of normal returns. A card can be called on a panel, like the function that it describes.

    Parameters
    ----------
    name : its name in ``MODELS``.
    fit : the function that estimates it for every event of a panel.
    words : as in "market model".
    formula, source : the model in symbols, and where it is from.
    method : how it is estimated, as in "fitted by least squares".
    fitted : what was done in the estimation window, a sentence without its beginning.
    takes : what it takes away from a return, in words.
    errors : its errors, in symbols.
    parameters : what its estimates are called and mean.
    uses_benchmark : whether the return of the benchmark explains anything.
    compares_with : the securities that it takes in place of a benchmark, None where it takes none.
    across_gaps : whether its panel needs returns over gaps (`returns_on`).
    same_parameters : whether an estimate of one name means the same for every security.
    linear : whether it is least squares on regressors that all securities share, so that `run_events` can use it.
    at_once : whether all events of a panel are estimated together, not one after the other.

    Raises
    ------
    SpecError : a fact is missing, or the words name a benchmark that the model does not use, or the reverse.

    Examples
    --------
    >>> from eventstudy.models import MODELS
    >>> MODELS["market"].words, MODELS["market"].uses_benchmark, MODELS["peer"].compares_with
    ('market model', True, 'peers')
    """

    name: str
    fit: Callable[..., Any]
    words: str
    formula: str
    source: str
    method: str
    fitted: str
    takes: Takes
    errors: Errors
    parameters: str
    uses_benchmark: bool
    compares_with: Literal["peers", "donors"] | None
    across_gaps: bool
    same_parameters: bool
    linear: bool
    at_once: bool

    def __post_init__(self) -> None:
        complete(self)
        for name, kind in (("takes", Takes), ("errors", Errors)):
            if not isinstance(getattr(self, name), kind):
                raise SpecError(
                    f"the card Model({self.name!r}): {name} is {kind.__name__}, got {getattr(self, name)!r}"
                )
        named = [BENCHMARK in text for text in (self.takes.beyond, self.takes.enough)]
        if named != [self.uses_benchmark] * 2:
            raise SpecError(
                f"the card Model({self.name!r}): beyond and enough name {BENCHMARK} where the model uses a benchmark, "
                f"and only there; uses_benchmark is {self.uses_benchmark}"
            )
        if self.compares_with not in (None, "peers", "donors"):
            raise SpecError(f"the card Model({self.name!r}): compares_with is peers, donors or None")

    def __call__(self, panel: Any) -> Any:
        """Estimate the model for every event of `panel`."""
        return self.fit(panel)

    def beyond(self, benchmark: str) -> str:
        """What an abnormal return goes beyond; `benchmark` is its name for a reader, left out where it is not used."""
        return self.takes.beyond.replace(BENCHMARK, benchmark)

    def enough(self, benchmark: str) -> str:
        """What accounts for a move that is not abnormal."""
        return self.takes.enough.replace(BENCHMARK, benchmark)


Design = Literal[
    "one_security",
    "few_one_date",
    "many_one_date",
    "few_own_dates",
    "many_own_dates",
    "few_repeated_dates",
    "many_repeated_dates",
    "few_overlapping_dates",
    "many_overlapping_dates",
]
Subject = Literal["security", "group"]
About = Literal["mean", "every", "variance"]
Dates = Literal["any", "one", "several"]
Family = Literal["parametric", "ranks", "resampling", "holding", "joint", "variance", "own"]

#: families of tests in the order of a page, and what each is called
FAMILIES: Mapping[Family, str] = {
    "parametric": "Tests of the mean by a distribution",
    "ranks": "Ranks and signs",
    "resampling": "Resampling and placebo dates",
    "holding": "Buy and hold, calendar time",
    "joint": "All securities at once",
    "variance": "Tests of the variance",
    "own": "Tests of one’s own",
}


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """How often a test rejects, in per cent at a nominal 5, by the letter of the design that was simulated.

    Parameters
    ----------
    sizes : letter -> per cent, of true nulls.
    power : letter -> per cent, of false nulls.
    low : the letters in which the test is conservative.

    All are empty for a test that was not measured.

    Examples
    --------
    >>> from eventstudy.inference import TESTS
    >>> sorted(TESTS["portfolio_t"].measured.sizes)[:2]
    ['A', 'B']
    """

    sizes: Mapping[str, float]
    power: Mapping[str, float]
    low: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Test:
    """All facts about a test. A card can be called like the function that it describes.

    Parameters
    ----------
    name : its name in ``TESTS``.
    run : (AbnormalReturns, Window) -> InferenceResult.
    words : as a sentence names it, "the portfolio test".
    label : as a label names it, "portfolio".
    question : what its null asks, as a reader would ask it.
    of : whether it tests one event of one security, or a group of events.
    about : ``mean`` abnormal return, ``every`` abnormal return, or ``variance``.
    family : its heading on a page.
    statistic, reference : formula and reference distribution in symbols.
    distribution : of `InferenceResult`: ``t``, ``normal``, ``F``, ``chi2``, ``rank``, ``binomial`` ...
    source : authors and years.
    null : the hypothesis, with places for {n} events or the {subject}, and the {window}.
    assumptions : what has to be true.
    leans_on : what decides its answer, for a reader of two tests that differ; "NAME takes the errors to be normal".
    dates : whether it needs ``one`` date shared by all events, ``several`` dates, or takes ``any``.
    shared_date : whether it keeps its size where events share a date.
    variance : whether it keeps its size where the variance is raised on the day.
    slow : whether it takes long, so that a study runs it for the headline event alone unless it is named.
    by_rank : whether it uses ranks among other days, which need no distribution.
    each : for a test of one security, the same for all events together: (AbnormalReturns, Window, residuals) -> one
        result per event; None for a test of a group.
    needs : what it takes from sums over estimation windows, empty where the numbers of each event are enough; None
        where sums cannot answer it.
    front : design -> its place among the tests that fit the design, 1 being the first.
    measured : how often it was seen to reject.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> from eventstudy.inference import TESTS
    >>> TESTS["portfolio_t"].words, TESTS["portfolio_t"].of, TESTS["portfolio_t"].distribution
    ('the portfolio test', 'group', 't')
    """

    __test__ = False  # its name is no invitation to pytest

    name: str
    run: Callable[..., InferenceResult]
    words: str
    label: str
    question: str
    of: Subject
    about: About
    family: Family
    statistic: str
    reference: str
    distribution: str
    source: str
    null: str
    assumptions: tuple[str, ...]
    leans_on: str
    dates: Dates
    shared_date: str
    variance: str
    slow: bool
    by_rank: bool
    each: Callable[..., list[InferenceResult]] | None
    needs: frozenset[str] | None
    front: Mapping[Design, int]
    measured: Measured

    def __post_init__(self) -> None:
        complete(self)

    def __call__(self, *args: Any, **kwargs: Any) -> InferenceResult:
        return self.run(*args, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """All facts about a test of the difference between two groups. A card can be called like its function.

    Parameters
    ----------
    name : its name in ``DIFFERENCES``.
    run : (AbnormalReturns, AbnormalReturns, Window) -> InferenceResult.
    words, question, statistic, distribution, source, assumptions : as in `Test`.
    null : the hypothesis, with places for {a} and {b} events and the {window}.
    shared_days : the warning where events of the two groups share days, None where there is none.

    Examples
    --------
    >>> from eventstudy.inference import DIFFERENCES
    >>> DIFFERENCES["welch_t"].words, DIFFERENCES["welch_t"].distribution
    ('Welch’s t test', 't')
    """

    name: str
    run: Callable[..., InferenceResult]
    words: str
    question: str
    statistic: str
    distribution: str
    source: str
    null: str
    assumptions: tuple[str, ...]
    shared_days: str | None

    def __post_init__(self) -> None:
        complete(self)

    def __call__(self, *args: Any, **kwargs: Any) -> InferenceResult:
        return self.run(*args, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiagnosticCheck:
    """All facts about a check of the estimation window. A card can be called like its function.

    Parameters
    ----------
    name : its name in ``DIAGNOSTICS``.
    run : (AbnormalReturns) -> list[Diagnostic].
    label : the heading in a table.
    question : what it asks, and by which statistic.
    source : authors and years.
    of : whether it has one row per event, or one for a group.
    trouble : what a verdict that is not fine says of the days, for the choice among tests: ``heavy`` tails, ``serial``
        dependence, ``unstable`` estimates, or ``other``.

    Examples
    --------
    >>> from eventstudy.inference import DIAGNOSTICS
    >>> DIAGNOSTICS["ljung_box"].label, DIAGNOSTICS["ljung_box"].trouble
    ('Autocorrelation', 'serial')
    """

    name: str
    run: Callable[..., list[Diagnostic]]
    label: str
    question: str
    source: str
    of: Subject
    trouble: Literal["heavy", "serial", "unstable", "other"]

    def __post_init__(self) -> None:
        complete(self)

    def __call__(self, *args: Any, **kwargs: Any) -> list[Diagnostic]:
        return self.run(*args, **kwargs)


@dataclass(frozen=True, eq=False)  # no slots: what is worked out of the names is kept
class Cards:
    """The cards of everything that a result was made with, a user's own among them.

    Parameters
    ----------
    models, tests, diagnostics : name -> card.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> sorted(example_result().cards.models)
    ['market']
    """

    models: Mapping[str, Model] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
    diagnostics: Mapping[str, DiagnosticCheck] = field(default_factory=dict)


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "Subject": get_args(Subject),
    "About": get_args(About),
    "Dates": get_args(Dates),
    "Family": get_args(Family),
}
