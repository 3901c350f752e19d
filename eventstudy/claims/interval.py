"""A quoted number as an interval, a measurement as an interval, and the word that compares them.

1. A quoted number stands for everything that rounds to it: half a unit of its last quoted digit to either side
   (17 is [16.5, 17.5); 3.1 is [3.05, 3.15); zeros at the end of a whole number are no digits, so 600 is [550, 650)),
   and never for more than 10 % to either side. "About" widens it to 10 %. "More than 8" is (8, inf), without rounding.
2. A measurement is the range over its defensible readings.
3. The intervals overlap, or their nearest ends differ by at most 1 % of the claimed number: supported. By at most
   15 %: imprecise. Otherwise: contradicted.

Falls and rises are compared by size: positive where the direction is the claimed one.

A word about a move asks for so many s: the standard deviation (ddof 1) of the security's own raw daily returns in the
estimation window, before the event. A word that only names a direction asks for any move that way; a strong word for
two, the strongest for three standard deviations, which under normal returns happen on about 2.3 % and 0.13 % of days
in that direction; daily stock returns have heavier tails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from eventstudy.errors import SpecError
from eventstudy.objects.verdicts import Claimed, Direction, Interval, Reading, VerdictWord

WIDEST = 0.10  # a quoted number never stands for more than this share of itself to either side
SAME = 0.01  # nearest ends this close, as a share of the claimed number, count as the same
NEAR = 0.15  # ... and this close as imprecise
_SLACK = 1e-9  # the ends are decimal fractions: 3.15 - 3.05 is not exactly 0.1 in binary

Note = Literal["understated", "overstated"]

#: unit in a claims file -> (unit of the interval, how many of it one claimed unit is). A month is a twelfth of a
#: Gregorian year of 365.2425 days.
UNITS: dict[str, tuple[str, float]] = {
    "percent": ("percent", 1.0),
    "points": ("points", 1.0),
    "usd": ("usd", 1.0),
    "usd_mn": ("usd", 1e6),
    "usd_bn": ("usd", 1e9),
    "usd_tn": ("usd", 1e12),
    "eur_mn": ("eur", 1e6),
    "eur_bn": ("eur", 1e9),
    "jpy_bn": ("jpy", 1e9),
    "jpy_tn": ("jpy", 1e12),
    "gbp_bn": ("gbp", 1e9),
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
}

#: word -> (direction, threshold in units of s); direction ``none``: the claim gives it
WORDS: dict[str, tuple[Direction, float]] = {
    "moved": ("none", 0.0),
    "significantly": ("none", 2.0),
    "sharply": ("none", 2.0),
    "hard": ("none", 2.0),
    "fell": ("fall", 0.0),
    "slid": ("fall", 0.0),
    "dropped": ("fall", 0.0),
    "dipped": ("fall", 0.0),
    "lost": ("fall", 0.0),
    "declined": ("fall", 0.0),
    "fell significantly": ("fall", 2.0),
    "fell sharply": ("fall", 2.0),
    "fell hard": ("fall", 2.0),
    "sank": ("fall", 2.0),
    "sank sharply": ("fall", 2.0),
    "tumbled": ("fall", 2.0),
    "plummeted": ("fall", 2.0),
    "plunged": ("fall", 2.0),
    "hammered": ("fall", 3.0),
    "cratered": ("fall", 3.0),
    "crashed": ("fall", 3.0),
    "brutal": ("fall", 3.0),
    "rose": ("rise", 0.0),
    "gained": ("rise", 0.0),
    "climbed": ("rise", 0.0),
    "rose significantly": ("rise", 2.0),
    "rose sharply": ("rise", 2.0),
    "jumped": ("rise", 2.0),
    "surged": ("rise", 2.0),
    "soared": ("rise", 3.0),
    "skyrocketed": ("rise", 3.0),
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
        raise SpecError(f"a claimed number is written in plain digits such as 589 or 3.1, got {quoted!r}")
    if point:
        return 0.5 * 10.0 ** -len(fraction)
    digits = whole.rstrip("0")
    return 0.5 * 10.0 ** (len(whole) - len(digits)) if digits else 0.5


def claimed_interval(claimed: Claimed) -> Interval | None:
    """What a claimed number admits, as sizes in the base unit of `UNITS`; None if the claim quotes no number.

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
    """
    if claimed.quoted is None:
        return None
    unit, scale = base_unit(claimed.unit)
    rounding, value = half_unit(claimed.quoted), float(claimed.quoted)
    match claimed.modifier:
        case "more_than":
            return Interval(value * scale, math.inf, unit, open_low=True)
        case "at_least":
            return Interval(value * scale, math.inf, unit)
        case "less_than":
            return Interval(0.0, value * scale, unit, open_high=True)
        case "at_most":
            return Interval(0.0, value * scale, unit)
        case "about":
            half = WIDEST * value if claimed.precision is None else claimed.precision
            return Interval((value - half) * scale, (value + half) * scale, unit)
        case "exactly":
            half = min(rounding, WIDEST * value) if claimed.precision is None else claimed.precision
            # a value on the upper end would have been rounded up
            return Interval((value - half) * scale, (value + half) * scale, unit, open_high=half > 0)


def base_unit(unit: str) -> tuple[str, float]:
    """The unit that intervals are kept in, and the factor to it; SpecError for an unknown one."""
    if unit not in UNITS:
        raise SpecError(f"unknown unit {unit!r}; known: {', '.join(UNITS)}")
    return UNITS[unit]


def measured_interval(readings: Iterable[Reading], unit: str) -> Interval:
    """The range over the readings in `unit`; readings in another unit are shown beside, not measured by.

    Raises
    ------
    ValueError : no reading is a number in that unit.
    """
    values = [r.value for r in readings if r.unit == unit and not math.isnan(r.value)]
    if not values:
        raise ValueError(f"no reading in {unit}")
    return Interval(min(values), max(values), unit)


def overlap(a: Interval, b: Interval) -> bool:
    """Whether two intervals share a point, open ends observed.

    >>> overlap(Interval(16.5, 17.5, "percent", open_high=True), Interval(17.5, 18.0, "percent"))
    False
    """
    low, high = max(a.low, b.low), min(a.high, b.high)
    if low < high:
        return True
    if low > high:
        return False
    shut_low = any(i.open_low and i.low == low for i in (a, b))
    shut_high = any(i.open_high and i.high == high for i in (a, b))
    return not (shut_low or shut_high)


def compare(claimed: Interval, measured: Interval, scale: float) -> Comparison:
    """Compare by size: `measured` is positive where the move had the claimed direction.

    Parameters
    ----------
    claimed, measured : Interval, in one unit.
    scale : float > 0, the claimed number itself, of which 1 % and 15 % are taken.

    Returns
    -------
    Comparison : ``understated`` where more was measured than claimed, ``overstated`` where less; a measurement whose
        range lies wholly on the other side of zero is contradicted and neither.
    """
    if claimed.unit != measured.unit:
        raise ValueError(f"cannot compare {claimed.unit} with {measured.unit}")
    if measured.high < 0 or (measured.high == 0 and claimed.low >= 0 and not overlap(claimed, measured)):
        return Comparison("contradicted", None, claimed.low - measured.high)
    if overlap(claimed, measured):
        return Comparison("supported", None, 0.0)
    below = claimed.low >= measured.high
    gap = claimed.low - measured.high if below else measured.low - claimed.high
    note: Note = "overstated" if below else "understated"
    if gap <= SAME * scale + _SLACK * scale:
        return Comparison("supported", None, gap)
    word: VerdictWord = "imprecise" if gap <= NEAR * scale + _SLACK * scale else "contradicted"
    return Comparison(word, note, gap)


def against_threshold(threshold: float, size: float) -> Comparison:
    """Compare a size with a word's threshold, in one unit; a threshold of 0 asks for any move that way at all.

    A miss with the right sign is imprecise (overstated), the wrong sign or no move contradicted.

    >>> against_threshold(2.0, 1.7).verdict, against_threshold(0.0, 0.1).verdict, against_threshold(2.0, -3.0).verdict
    ('imprecise', 'supported', 'contradicted')
    """
    if size <= 0:
        return Comparison("contradicted", None, threshold - size)
    if size >= threshold:
        return Comparison("supported", None, 0.0)
    return Comparison("imprecise", "overstated", threshold - size)


def combine(words: Iterable[VerdictWord]) -> VerdictWord:
    """One word for separate parts: theirs if they agree, else ``partly``; parts left open do not count, unless all are.

    >>> combine(["supported", "imprecise"]), combine(["supported", "unresolved"]), combine(["contradicted"])
    ('partly', 'supported', 'contradicted')
    """
    given = list(words)
    answered = {w for w in given if w != "unresolved"}
    if not answered:
        return "unresolved"
    return answered.pop() if len(answered) == 1 else "partly"
