"""The objects of the claims half, in the order of the flow: Source, Claimed, Claim -> Reading, Step, Verdict.

A claim is an interval, a measurement is an interval too; numbers stay numbers (rounding is the report's business).
Units: ``percent`` values are in per cent (17.0 is 17 %), ``usd`` in dollars, ``count``, ``sessions``, ``days``,
``rank``, ``multiple``, ``sd`` (standard deviations), ``date`` (proleptic Gregorian ordinal, ``date.toordinal``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    """One article. Fields that are not known are the word ``unknown``, never made up."""

    key: str
    title: str
    publisher: str = "unknown"
    author: str = "unknown"
    published: str = "unknown"
    url: str = "unknown"


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed numbers from ``low`` to ``high`` in ``unit``; an open end is +-inf.

    ``open_low`` and ``open_high`` say that the end itself is not in (``more than 8`` is (8, inf)).
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
    """What the article asserts. ``quoted`` keeps the digits as written ('3.1', '600'): the precision is in them.

    A number with ``modifier`` and ``unit``, a range (``quoted`` to ``upper``) or a ``word`` (slid, tumbled, hammered
    ...), or neither where the kind needs none. ``precision`` is the half width, in the unit, where the claims file
    states its own.
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
    """One statement about markets, in our own words. ``params`` holds what only its kind needs, validated by it.

    ``place`` source key -> number of the paragraph, or the word ``unknown``. What is not ``stated`` by an article is
    in no tally and no review.
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
    """Something an article says that prices cannot decide, with the reason and the data that would be needed."""

    topic: str
    reason: str
    needed: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit and where it comes from; ``source`` None for what a formula made."""

    value: float
    unit: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence with holes: ``template`` names quantities in braces, formatted by the report alone.

    >>> Statement("{name} closed {change} lower", {"name": "AMD", "change": Quantity(6.37, "percent")}).template
    '{name} closed {change} lower'
    """

    template: str
    values: Mapping[str, Quantity | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic a reader can redo: ``formula`` in symbols, ``inputs`` by symbol, ``result``."""

    label: str
    formula: str
    inputs: Mapping[str, Quantity | str]
    result: Quantity


@dataclass(frozen=True, slots=True)
class Reading:
    """One defensible way to measure; the headline reading comes first in a verdict.

    The headline and the readings of the sort ``input`` give the measured interval. A ``definition`` is judged by
    itself: ``verdict`` is its own answer, None for every other sort.
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
    """One separate part of a claim (a member of a group, one of two days) with its own answer."""

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
    """The second axis: was it abnormal? ``subject`` is a ticker or group, ``ar`` a decimal over ``window``.

    ``se``, ``low``, ``high`` the standard error and the (1 - alpha) interval. ``primary`` is the one test that the
    design declares and ``question`` what it asks; ``p`` is its p, ``p_holm`` that by Holm over the securities the
    claim names (NaN for a group, which is one test). ``check`` is the rank test of the same question beside it.
    ``tests`` test name -> p: the primary, the check, then others that answer other questions and do not vote.

    ``abnormal``: whether the primary test rejects, None where nothing could be measured (``reason`` says why).
    ``word`` is the answer in words, which on the first entry of a subject hears the other benchmarks too.
    ``normal`` is what the model expected; ``step`` the arithmetic AR = R - (a + b Rm).
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

    ``note`` is ``understated`` or ``overstated`` where that can be said; ``reason`` is why an unresolved claim is so,
    naming the data that would decide it. ``decision`` is the last step of the arithmetic in numbers. ``abnormal`` one
    entry a subject. ``agreement`` (share of specification cells that agree) and ``fragile`` are None until the grid is
    computed.
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

    @property
    def depends(self) -> tuple[Reading, ...]:
        """The other definitions of the claim's words that would be judged otherwise."""
        return tuple(r for r in self.readings if r.verdict is not None and r.verdict != self.verdict)

    @property
    def rated(self) -> bool:
        """Whether the verdict stands in tallies and reviews: only for what an article states."""
        return self.claim.status == "stated"
