"""The objects of the claims half, in the order of the flow: Source, Claimed, Claim -> Reading, Step, Verdict.

A claim is an interval, a measurement is an interval too; numbers stay numbers (rounding is the report's business).
Units: ``percent`` values are in per cent (17.0 is 17 %), ``usd`` in dollars, ``count``, ``sessions``, ``days``,
``rank``, ``multiple``, ``sd`` (standard deviations), ``date`` (proleptic Gregorian ordinal, ``date.toordinal``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from eventstudy.objects.recovery import Recovery

VerdictWord = Literal["supported", "imprecise", "contradicted", "partly", "unresolved"]
Direction = Literal["fall", "rise", "none"]
Modifier = Literal["exactly", "about", "nearly", "roughly", "some", "more_than", "at_least", "less_than", "at_most"]
Note = Literal["understated", "overstated"]
#: stated by an article; implied: tried because readers take it from the text; an opinion, which is not rated
Status = Literal["stated", "implied", "opinion"]
#: input: the same quantity from another defensible input; definition: another meaning of the words; shown: no vote
Sort = Literal["input", "definition", "shown"]


@dataclass(frozen=True, slots=True)
class Source:
    """One article. A field that is not known is the word ``unknown``.

    Parameters
    ----------
    key : the name by which claims refer to it.
    title, publisher, author, published, url : as the article gives them, texts.

    Examples
    --------
    >>> Source("a", "Chip shares fall").publisher
    'unknown'
    """

    key: str
    title: str
    publisher: str = "unknown"
    author: str = "unknown"
    published: str = "unknown"
    url: str = "unknown"


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from ``low`` to ``high``.

    Parameters
    ----------
    low, high : the ends, -inf or inf where there is none.
    unit : the unit of both ends.
    open_low, open_high : whether the end itself is left out: ``more than 8`` is (8, inf).

    Raises
    ------
    ValueError : the ends are in the wrong order, or one is NaN.

    Examples
    --------
    >>> Interval(16.5, 17.5, "percent").high
    17.5
    """

    low: float
    high: float
    unit: str
    open_low: bool = False
    open_high: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval runs from low to high, got {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the article asserts: a number, a range, a word, or none of these where the kind needs none.

    Parameters
    ----------
    direction : ``fall``, ``rise`` or ``none``.
    quoted : the number with its digits as written ('3.1', '600'), because they show its precision.
    unit : the unit of the number.
    modifier : the word before the number, such as ``about`` or ``more_than``.
    word : a word instead of a number, such as slid, tumbled or hammered.
    precision : half the width of the interval, in the unit, where the claims file states it.
    upper : the upper end of a range that starts at ``quoted``.

    Examples
    --------
    >>> Claimed("fall", "17", modifier="nearly").value
    17.0
    """

    direction: Direction = "none"
    quoted: str | None = None
    unit: str = "percent"
    modifier: Modifier = "exactly"
    word: str | None = None
    precision: float | None = None
    upper: str | None = None

    @property
    def value(self) -> float | None:
        """The quoted number, in ``unit``; None if the claim has none."""
        return None if self.quoted is None else float(self.quoted)


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about markets, in our own words.

    Parameters
    ----------
    id : its name in the claims file.
    kind : the kind of claim, a name in ``CLAIM_KINDS``.
    says : the statement, a sentence.
    sources : the articles that make it.
    claimed : what is asserted, in numbers or words.
    event : the announcement, or the event's key or name; None for the headline announcement.
    tickers : the securities it is about.
    expect : the verdict that the claims file expects.
    params : what only its kind needs, checked by the kind.
    file, line : where it is in the claims file.
    status : ``stated``, ``implied`` or ``opinion``. Only what is stated counts in tallies and reviews.
    place : source key -> number of the paragraph, or the word ``unknown``.

    Examples
    --------
    >>> Claim("c1", "price_move", "Nvidia fell 17 percent.", (Source("a", "Chips"),), tickers=("NVDA",)).status
    'stated'
    """

    id: str
    kind: str
    says: str
    sources: tuple[Source, ...]
    claimed: Claimed = field(default_factory=Claimed)
    event: str | None = None
    tickers: tuple[str, ...] = ()
    expect: VerdictWord | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    line: int | None = None
    status: Status = "stated"
    place: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something an article says that prices cannot decide.

    Parameters
    ----------
    topic : what the article says.
    reason : why prices cannot decide it.
    needed : the data that would decide it.
    sources : keys of the articles.

    Examples
    --------
    >>> Beyond("why traders sold", "prices show moves, not motives", "a survey of traders").needed
    'a survey of traders'
    """

    topic: str
    reason: str
    needed: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    Parameters
    ----------
    value : the number.
    unit : its unit.
    source : where it comes from, None where a formula made it.

    Examples
    --------
    >>> Quantity(6.37, "percent", "prices.csv").unit
    'percent'
    """

    value: float
    unit: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence with gaps for quantities, which the report alone formats.

    Parameters
    ----------
    template : the sentence, with the names of quantities in braces.
    values : name -> quantity or text.

    Examples
    --------
    >>> Statement("{name} closed {change} lower", {"name": "AMD", "change": Quantity(6.37, "percent")}).template
    '{name} closed {change} lower'
    """

    template: str
    values: Mapping[str, Quantity | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic that a reader can repeat.

    Parameters
    ----------
    label : what is computed.
    formula : in symbols.
    inputs : symbol -> quantity or text.
    result : what the formula gives.

    Examples
    --------
    >>> inputs = {"before": Quantity(100.0, "usd"), "after": Quantity(83.0, "usd")}
    >>> Step("change", "100 (after / before - 1)", inputs, Quantity(-17.0, "percent")).result.value
    -17.0
    """

    label: str
    formula: str
    inputs: Mapping[str, Quantity | str]
    result: Quantity


@dataclass(frozen=True, slots=True)
class Reading:
    """One defensible way to measure. The headline reading comes first in a verdict.

    The headline and the readings of the sort ``input`` give the measured interval.

    Parameters
    ----------
    label : how it was measured.
    value, unit : what was measured.
    source : where the number comes from.
    headline : whether it is the headline reading.
    sort : ``input``: the same quantity from another input; ``definition``: another meaning of the words; ``shown``: it
        does not count.
    verdict : the answer by a ``definition``, which is judged by itself; None for the other sorts.

    Examples
    --------
    >>> Reading("close to close", -17.0, "percent", "prices.csv", headline=True).sort
    'shown'
    """

    label: str
    value: float
    unit: str
    source: str
    headline: bool = False
    sort: Sort = "shown"
    verdict: VerdictWord | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a claim that has an answer of its own, such as a member of a group or one of two days.

    Parameters
    ----------
    label : what the part is.
    verdict : its answer.
    value, unit : what was measured.
    note : a remark for the reader.
    ticker : the security, where the part is one.

    Examples
    --------
    >>> Part("AMD", "supported", -6.4, "percent", ticker="AMD").verdict
    'supported'
    """

    label: str
    verdict: VerdictWord
    value: float
    unit: str
    note: str | None = None
    ticker: str | None = None


AxisWord = Literal[
    "abnormal",
    "not abnormal",
    "abnormal by the t test alone",
    "depends on the benchmark",
    "cannot be measured",
]


@dataclass(frozen=True, slots=True)
class AbnormalAxis:
    """The second axis of a verdict: was the move abnormal?

    Parameters
    ----------
    subject : the key of an event, or the name of a group.
    event : the announcement.
    benchmark, model : what the normal return is computed from.
    window : first and last session, relative to day zero.
    ar : the abnormal return over the window, a decimal.
    se : its standard error, a decimal.
    low, high : the (1 - alpha) interval, decimals.
    p : the p-value of the primary test.
    p_holm : that p-value adjusted by Holm over the securities the claim names, NaN for a group, which is one test.
    tests : test name -> p: the primary test, the check, then tests of other questions, which do not count.
    abnormal : whether the primary test rejects, None where nothing could be measured.
    normal : the return that the model expected, a decimal.
    primary : the one test that the design declares.
    question : what the primary test asks.
    check : the rank test of the same question.
    word : the answer in words. On the first entry of a subject it also takes the other benchmarks into account.
    step : the arithmetic AR = R - (a + b Rm).
    reason : why nothing could be measured.

    Examples
    --------
    >>> nan = float("nan")
    >>> AbnormalAxis("NVDA", "news", "^IXIC", "market", (0, 0), -0.1, 0.02, -0.14, -0.06, 1e-5, nan, {}, True).primary
    't'
    """

    subject: str
    event: str
    benchmark: str
    model: str
    window: tuple[int, int]
    ar: float
    se: float
    low: float
    high: float
    p: float
    p_holm: float
    tests: Mapping[str, float]
    abnormal: bool | None
    normal: float = float("nan")
    primary: str = "t"
    question: str = ""
    check: str | None = None
    word: AxisWord = "not abnormal"
    step: Step | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one claim.

    Parameters
    ----------
    claim : the claim.
    verdict : the answer, one word.
    summary : the answer, a sentence.
    claimed, measured : the two intervals that are compared.
    value : the number that was measured, NaN where there is none.
    note : ``understated`` or ``overstated``, where that can be said.
    readings : the ways of measuring, the headline one first.
    parts : the parts of the claim, where it has several.
    steps : the arithmetic.
    abnormal : the second axis, one entry per subject.
    caveats : what a reader should know besides.
    reason : why an unresolved claim is unresolved, and the data that would decide it.
    agreement : share of the specifications that agree on the abnormal return; None without one, or without a grid.
    fragile : whether it is under 80 %.
    decision : the last step of the arithmetic, in numbers.
    recovery : the path back, session by session, of a claim about what was undone.

    Examples
    --------
    >>> claim = Claim("c1", "price_move", "Nvidia fell 17 percent.", (Source("a", "Chips"),))
    >>> Verdict(claim, "supported", Statement("NVDA fell")).rated
    True
    """

    claim: Claim
    verdict: VerdictWord
    summary: Statement
    claimed: Interval | None = None
    measured: Interval | None = None
    value: float = float("nan")
    note: Note | None = None
    readings: tuple[Reading, ...] = ()
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()
    abnormal: tuple[AbnormalAxis, ...] = ()
    caveats: tuple[str, ...] = ()
    reason: str | None = None
    agreement: float | None = None
    fragile: bool | None = None
    decision: Statement | None = None
    recovery: Recovery | None = None

    @property
    def depends(self) -> tuple[Reading, ...]:
        """The readings by other definitions of the claim's words that give another verdict."""
        return tuple(r for r in self.readings if r.verdict is not None and r.verdict != self.verdict)

    @property
    def rated(self) -> bool:
        """Whether the verdict counts in tallies and reviews: only for what an article states."""
        return self.claim.status == "stated"
