"""Cards: everything that is true of a model or a test stands in one record, beside the function that it describes.

A registry is a literal dict of cards. What prints, explains, checks or documents an entry reads its card, so a card
without a fact cannot be built. Models and tests travel with a result (`Cards`), for whoever may read results alone.
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
    SpecError : a text of the card is empty or no text, a yes or no is neither, or its function cannot be called; it
        names card and field.
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
    """What a model takes away from a return, for the reader of a page.

    ``left`` the sentence that says what an abnormal return is; ``beyond`` what it goes beyond, as in "beyond its own
    average"; ``enough`` what accounts for a move that is not abnormal. In the last two ``{benchmark}`` stands for the
    name of the series compared with.
    """

    left: str
    beyond: str
    enough: str

    def __post_init__(self) -> None:
        complete(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The errors of a model, in symbols.

    ``freedom`` degrees of freedom; ``day`` the standard error of an abnormal return; ``window`` the variance of a sum
    of them; ``why`` what the standard error includes; ``shared`` what the days of a window have in common.
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
    """All facts about a model of normal returns. Call it on a panel, as the function that it describes.

    ``fit`` estimates it for every event of a panel; ``words`` as in "market model"; ``formula`` and ``source`` for the
    reader; ``method`` how it is estimated, as in "fitted by least squares"; ``fitted`` what was done in the estimation
    window, a sentence without its beginning; ``takes`` and ``errors`` in words and symbols; ``parameters`` what its
    estimates are called and mean.

    ``uses_benchmark`` whether the return of the benchmark explains anything; ``compares_with`` the securities that it
    takes in its place, None where it takes none; ``across_gaps`` whether its panel needs returns over gaps
    (`returns_on`); ``same_parameters`` whether an estimate of one name means the same for every security; ``linear``
    whether it is least squares on regressors that all securities share, so that any number of events can be had;
    ``at_once`` whether all events of a panel are estimated together, not one after the other.

    Raises
    ------
    SpecError : a fact is missing, or the words speak of a benchmark that the model does not use, or the reverse.
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
        """What an abnormal return goes beyond; `benchmark` its name as a reader knows it, not said where unused."""
        return self.takes.beyond.replace(BENCHMARK, benchmark)

    def enough(self, benchmark: str) -> str:
        """What is enough to account for a move that is not abnormal."""
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

    ``sizes`` of true nulls, ``power`` of false ones; ``low`` the letters in which it is conservative. All are empty
    for a test that was not measured.
    """

    sizes: Mapping[str, float]
    power: Mapping[str, float]
    low: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Test:
    """All facts about a test; it may be called like its function.

    run : (AbnormalReturns, Window) -> InferenceResult.
    words, label : as a sentence names it, "the portfolio test", and as a label does, "portfolio".
    question : what its null asks, as a reader would ask it.
    of : whether it tests one security and one event, or a group of events.
    about : ``mean`` abnormal return, ``every`` abnormal return, or ``variance``.
    family : the heading that it stands under on a page.
    statistic, reference : formula and reference distribution in symbols.
    distribution : of `InferenceResult`: ``t``, ``normal``, ``F``, ``chi2``, ``rank``, ``binomial`` ...
    source : authors and years.
    null : the hypothesis, with places for {n} events or the {subject}, and the {window}.
    assumptions : what it needs to be true.
    leans_on : what decides its answer, for a reader of two tests that differ; "NAME takes the errors to be normal".
    dates : whether it needs one date shared by all events, several dates, or takes ``any``.
    shared_date, variance : whether it stands up to a shared date, and to a raised variance on the day.
    slow : takes its time, so that a study runs it for its headline event alone unless it is named.
    by_rank : goes by ranks among other days, which need no distribution.
    each : for a test of one security, the same for all events together: (AbnormalReturns, Window, residuals) -> a
        result each; None for a test of a group.
    needs : what it takes from sums over estimation windows, empty where the numbers of each event are enough; None
        where sums cannot answer it.
    front : the designs in which it may stand in front, each with its place there; 1 is first.
    measured : how often it was seen to reject.
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
    """All facts about a test of the difference between two groups; it may be called like its function.

    ``run`` is (AbnormalReturns, AbnormalReturns, Window) -> InferenceResult; ``null`` has places for {a} and {b} events
    and the {window}; ``shared_days`` what is said where events of the two groups share days; the rest as in `Test`.
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
    """All facts about a check of the estimation window; it may be called like its function.

    ``run`` is (AbnormalReturns) -> list[Diagnostic]; ``label`` heads a table; ``question`` what it asks and by which
    statistic; ``of`` whether it has a row for each event or one for a group; ``trouble`` what a verdict that is not
    fine says of the days, for the choice among tests: ``heavy`` tails, ``serial`` dependence, ``unstable`` estimates,
    or ``other``.
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
    """The cards of what a result was made with, a user's own among them, by their names."""

    models: Mapping[str, Model] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
    diagnostics: Mapping[str, DiagnosticCheck] = field(default_factory=dict)


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "Subject": get_args(Subject),
    "About": get_args(About),
    "Dates": get_args(Dates),
    "Family": get_args(Family),
}
