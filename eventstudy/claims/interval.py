"""A quoted number as an interval, a measurement as an interval, and the word that compares them.

1. A quoted number stands for everything that rounds to it: half a unit of its last quoted digit to either side
   (17 is [16.5, 17.5); 3.1 is [3.05, 3.15); zeros at the end of a whole number are not digits, so 600 is [550, 650)),
   and never for more than 10 % to either side. "About" and its like widen it to 10 %. "More than 8" is (8, inf),
   without rounding. A range is itself, and so is a precision that the claims file states.
2. A measurement is the range over the headline reading and the other defensible inputs of the same quantity.
3. The intervals overlap: supported. A two-sided number whose measurement rests on inputs that vendors publish
   differently may miss by 1 % of itself. Nearest ends at most 15 % of the number apart: imprecise. Else: contradicted.

Falls and rises are compared by size: positive where the direction is the claimed one.

A word about a move asks for so much of s: the standard deviation (ddof 1) of the security's own raw daily returns in
the estimation window, before the event, times the square root of the sessions of the window. A strong word has an
absolute size too: 5 % is a strong move of any share, and one within s of zero is strong for none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from eventstudy.errors import SpecError
from eventstudy.objects.verdicts import Claimed, Direction, Interval, Note, Reading, VerdictWord

WIDEST = Decimal("0.1")  # a quoted number never stands for more than this share of itself to either side
SAME = 0.01  # nearest ends this close, as a share of the claimed number, count as the same where vendors differ
NEAR = 0.15  # ... and this close as imprecise
HALFWAY = 0.5  # of what a word asks for: from there on it is imprecise
_SLACK = 1e-11  # a fall from 10,000 to 8,250 is 17.5 %, which binary fractions make 17.500000000000004

Strength = Literal["any", "strong", "strongest", "flat"]

#: unit in a claims file -> (unit of the interval, how many of it one claimed unit is). A month is a twelfth of a
#: Gregorian year of 365.2425 days.
UNITS: dict[str, tuple[str, float]] = {
    "percent": ("percent", 1.0),
    "points": ("points", 1.0),
    "usd": ("usd", 1.0),
    "usd_mn": ("usd", 1e6),
    "usd_bn": ("usd", 1e9),
    "usd_tn": ("usd", 1e12),
    "eur": ("eur", 1.0),
    "eur_mn": ("eur", 1e6),
    "eur_bn": ("eur", 1e9),
    "eur_tn": ("eur", 1e12),
    "jpy": ("jpy", 1.0),
    "jpy_bn": ("jpy", 1e9),
    "jpy_tn": ("jpy", 1e12),
    "gbp": ("gbp", 1.0),
    "gbp_bn": ("gbp", 1e9),
    "twd": ("twd", 1.0),
    "twd_bn": ("twd", 1e9),
    "days": ("days", 1.0),
    "weeks": ("days", 7.0),
    "months": ("days", 365.2425 / 12),
    "years": ("days", 365.2425),
    "sessions": ("sessions", 1.0),
    "count": ("count", 1.0),
    "rank": ("rank", 1.0),
    "multiple": ("multiple", 1.0),
    "sd": ("sd", 1.0),
    "number": ("number", 1.0),
}

#: strength of a word -> (times s, per cent that is always enough, times s that is always needed): the threshold is
#: the larger of the last and of the smaller of the first two
FLOORS: dict[Strength, tuple[float, float, float]] = {
    "any": (0.0, 0.0, 0.0),
    "strong": (2.0, 5.0, 1.0),
    "strongest": (3.0, 10.0, 1.5),
}
FLAT = 0.5  # times s: a move within it is none to speak of

#: word -> (direction, strength); direction ``none``: the claim gives it, or needs none
WORDS: dict[str, tuple[Direction, Strength]] = {
    "moved": ("none", "any"),
    "significantly": ("none", "strong"),
    "sharply": ("none", "strong"),
    "hard": ("none", "strong"),
    "shock": ("none", "strong"),
    "fell": ("fall", "any"),
    "slid": ("fall", "any"),
    "dropped": ("fall", "any"),
    "dipped": ("fall", "any"),
    "lost": ("fall", "any"),
    "declined": ("fall", "any"),
    "fell significantly": ("fall", "strong"),
    "fell sharply": ("fall", "strong"),
    "fell hard": ("fall", "strong"),
    "sank": ("fall", "strong"),
    "sank sharply": ("fall", "strong"),
    "tumbled": ("fall", "strong"),
    "plummeted": ("fall", "strong"),
    "plunged": ("fall", "strong"),
    "slumped": ("fall", "strong"),
    "hammered": ("fall", "strongest"),
    "cratered": ("fall", "strongest"),
    "crashed": ("fall", "strongest"),
    "collapsed": ("fall", "strongest"),
    "wiped out": ("fall", "strongest"),
    "brutal": ("fall", "strongest"),
    "rose": ("rise", "any"),
    "gained": ("rise", "any"),
    "climbed": ("rise", "any"),
    "rose significantly": ("rise", "strong"),
    "rose sharply": ("rise", "strong"),
    "jumped": ("rise", "strong"),
    "surged": ("rise", "strong"),
    "soared": ("rise", "strongest"),
    "skyrocketed": ("rise", "strongest"),
    "flat": ("none", "flat"),
    "little changed": ("none", "flat"),
    "shrugged off": ("none", "flat"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of comparing two intervals; ``gap`` is the distance of their nearest ends, 0 where they overlap."""

    verdict: VerdictWord
    note: Note | None
    gap: float


def half_unit(quoted: str) -> float:
    """Half a unit of the last significant digit of a number as it was written.

    Raises
    ------
    SpecError : `quoted` is not a plain positive decimal number such as ``589``, ``3.10`` or ``600``.

    Examples
    --------
    >>> half_unit("17"), half_unit("600"), half_unit("589"), half_unit("3.10")
    (0.5, 50.0, 0.5, 0.005)
    """
    whole, point, fraction = quoted.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (point and not (fraction.isascii() and fraction.isdigit())):
        unit = "; a per cent sign is its unit, as in value: 15, unit: percent" if quoted.endswith("%") else ""
        raise SpecError(f"a claimed number is written in plain digits such as 589 or 3.1, got {quoted!r}{unit}")
    if point:
        return 0.5 * 10.0 ** -len(fraction)
    digits = whole.rstrip("0")
    return 0.5 * 10.0 ** (len(whole) - len(digits)) if digits else 0.5


def claimed_interval(claimed: Claimed) -> Interval | None:
    """What a claimed number or range admits, as sizes in the base unit of `UNITS`; None if the claim quotes none.

    A claim's own ``precision`` (half width, in its unit) replaces both the rounding and the 10 % of "about"; it is
    taken as stated, since it is written down where a reader can see it.

    Raises
    ------
    SpecError : the number is not plain digits, or the unit is not known.

    Examples
    --------
    >>> claimed_interval(Claimed("fall", "17"))
    Interval(low=16.5, high=17.5, unit='percent', open_low=False, open_high=True)
    >>> claimed_interval(Claimed("fall", "8", modifier="more_than"))
    Interval(low=8.0, high=inf, unit='percent', open_low=True, open_high=False)
    >>> claimed_interval(Claimed("fall", "10", "rank"))
    Interval(low=10.0, high=10.0, unit='rank', open_low=False, open_high=False)
    >>> claimed_interval(Claimed("fall", "9", upper="10"))
    Interval(low=9.0, high=10.0, unit='percent', open_low=False, open_high=False)
    """
    if claimed.quoted is None:
        return None
    unit, factor = base_unit(claimed.unit)
    value, scale = Decimal(claimed.quoted), Decimal(repr(factor))  # 3.1 - 0.05 is 3.05 in decimals alone
    rounding, number = Decimal(repr(half_unit(claimed.quoted))), float(value * scale)
    if claimed.upper is not None:
        return Interval(number, float(Decimal(claimed.upper) * scale), unit)
    stated = None if claimed.precision is None else Decimal(repr(claimed.precision))
    match claimed.modifier:
        case "more_than":
            return Interval(number, math.inf, unit, open_low=True)
        case "at_least":
            return Interval(number, math.inf, unit)
        case "less_than":
            return Interval(0.0, number, unit, open_high=True)
        case "at_most":
            return Interval(0.0, number, unit)
        case "about" | "nearly" | "roughly" | "some":
            half = WIDEST * value if stated is None else stated
            return Interval(float((value - half) * scale), float((value + half) * scale), unit)
        case "exactly" if unit == "rank" and stated is None:  # the tenth is not the ninth
            return Interval(number, number, unit)
        case "exactly":
            half = min(rounding, WIDEST * value) if stated is None else stated
            # a value on the upper end would have been rounded up; a precision that is stated is exact
            rounded = stated is None and half > 0
            return Interval(float((value - half) * scale), float((value + half) * scale), unit, open_high=rounded)


def tolerates(claimed: Claimed) -> bool:
    """Whether a number may miss by 1 % of itself where vendors differ: a two-sided one of no stated precision.

    >>> tolerates(Claimed("fall", "589")), tolerates(Claimed("fall", "500", modifier="more_than"))
    (True, False)
    """
    bound = claimed.modifier in ("more_than", "at_least", "less_than", "at_most")
    return claimed.quoted is not None and claimed.upper is None and claimed.precision is None and not bound


def base_unit(unit: str) -> tuple[str, float]:
    """The unit that intervals are kept in, and the factor to it; SpecError for an unknown one."""
    if unit not in UNITS:
        raise SpecError(f"unknown unit {unit!r}; known: {', '.join(UNITS)}")
    return UNITS[unit]


def measured_interval(readings: Iterable[Reading], unit: str) -> Interval:
    """The range over the headline reading in `unit` and the other inputs of the same quantity.

    Raises
    ------
    ValueError : no such reading is a number in that unit.
    """
    values = [r.value for r in votes(readings, unit) if not math.isnan(r.value)]
    if not values:
        raise ValueError(f"no reading in {unit}")
    return Interval(min(values), max(values), unit)


def votes(readings: Iterable[Reading], unit: str) -> list[Reading]:
    """The readings that the measured interval is made of; the first of the unit is the headline."""
    own = [r for r in readings if r.unit == unit]
    return [r for k, r in enumerate(own) if k == 0 or r.sort == "input"]


def overlap(a: Interval, b: Interval) -> bool:
    """Whether two intervals share a point, open ends observed; ends that differ by rounding alone are the same.

    >>> overlap(Interval(16.5, 17.5, "percent", open_high=True), Interval(17.5, 18.0, "percent"))
    False
    >>> overlap(Interval(16.5, 17.5, "percent"), Interval(17.500000000000004, 18.0, "percent"))
    True
    """
    low, high = max(a.low, b.low), min(a.high, b.high)
    if low < high and not same(low, high):
        return True
    if not same(low, high):
        return False
    shut_low = any(i.open_low and same(i.low, low) for i in (a, b))
    shut_high = any(i.open_high and same(i.high, high) for i in (a, b))
    return not (shut_low or shut_high)


def same(a: float, b: float) -> bool:
    """Whether two numbers differ by the rounding of binary fractions alone.

    >>> same(17.5, 17.500000000000004), same(17.5, 17.5000001)
    (True, False)
    """
    return math.isclose(a, b, rel_tol=_SLACK)


def compare(claimed: Interval, measured: Interval, scale: float, tolerance: float = 0.0) -> Comparison:
    """Compare by size: `measured` is positive where the move had the claimed direction.

    Parameters
    ----------
    claimed, measured : Interval, in one unit.
    scale : float > 0, the claimed number itself, of which the tolerance and 15 % are taken.
    tolerance : share of the claimed number by which the nearest ends may differ, `SAME` or 0.

    Returns
    -------
    Comparison : ``understated`` where more was measured than claimed, ``overstated`` where less; a measurement whose
        range lies wholly on the other side of zero is contradicted and neither.

    Examples
    --------
    >>> compare(Interval(8.0, math.inf, "percent", open_low=True), Interval(6.37, 6.37, "percent"), 8.0).verdict
    'contradicted'
    """
    if claimed.unit != measured.unit:
        raise ValueError(f"cannot compare {claimed.unit} with {measured.unit}")
    if measured.high < 0 or (measured.high == 0 and claimed.low >= 0 and not overlap(claimed, measured)):
        return Comparison("contradicted", None, claimed.low - measured.high)
    if overlap(claimed, measured):
        return Comparison("supported", None, 0.0)
    below = falls_short(claimed, measured)
    gap = max(claimed.low - measured.high if below else measured.low - claimed.high, 0.0)
    note: Note = "overstated" if below else "understated"
    if tolerance > 0 and gap <= tolerance * scale + _SLACK * scale:
        return Comparison("supported", None, gap)
    word: VerdictWord = "imprecise" if gap <= NEAR * scale + _SLACK * scale else "contradicted"
    return Comparison(word, note, gap)


def falls_short(claimed: Interval, measured: Interval) -> bool:
    """Whether of two intervals that share no point the measured one is the lower."""
    return measured.high < claimed.high and (measured.high <= claimed.low or same(measured.high, claimed.low))


def threshold_of(word: str, s: float) -> float:
    """What a word asks for in per cent, where `s` in per cent is the usual move over the window.

    >>> threshold_of("tumbled", 1.0), threshold_of("tumbled", 4.0), threshold_of("tumbled", 7.0)
    (2.0, 5.0, 7.0)
    >>> threshold_of("hammered", 2.0), threshold_of("fell", 2.0), threshold_of("flat", 2.0)
    (6.0, 0.0, 1.0)
    """
    strength = WORDS[word][1]
    if strength == "flat":
        return FLAT * s
    times, enough, least = FLOORS[strength]
    return max(min(times * s, enough), least * s)


def against_word(word: str, threshold: float, size: float) -> Comparison:
    """Compare a size with what a word asks for, in one unit; a word of direction asks for any move that way at all.

    Reached: supported; at least half of it: imprecise (overstated); less, or the wrong sign: contradicted. For the
    words that deny a move, up to twice what they allow is imprecise (understated).

    >>> [against_word("tumbled", 5.0, size).verdict for size in (5.0, 2.5, 2.4, -9.0)]
    ['supported', 'imprecise', 'contradicted', 'contradicted']
    >>> [against_word("flat", 1.0, size).verdict for size in (-1.0, 1.5, 2.5)]
    ['supported', 'imprecise', 'contradicted']
    """
    if WORDS[word][1] == "flat":
        gap = abs(size) - threshold
        if gap <= 0 or same(abs(size), threshold):
            return Comparison("supported", None, 0.0)
        return Comparison("imprecise" if HALFWAY * abs(size) <= threshold else "contradicted", "understated", gap)
    if size <= 0:
        return Comparison("contradicted", None, threshold - size)
    if size >= threshold or same(size, threshold):
        return Comparison("supported", None, 0.0)
    half = HALFWAY * threshold
    return Comparison(
        "imprecise" if size >= half or same(size, half) else "contradicted", "overstated", threshold - size
    )


def combine(words: Iterable[VerdictWord]) -> VerdictWord:
    """One word for separate parts: theirs if they agree, else ``partly``.

    >>> combine(["supported", "imprecise"]), combine(["supported", "unresolved"]), combine(["contradicted"])
    ('partly', 'partly', 'contradicted')
    """
    answers = set(words) or {"unresolved"}
    return answers.pop() if len(answers) == 1 else "partly"
