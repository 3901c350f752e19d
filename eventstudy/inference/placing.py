"""What is said of a test that stands behind: why it does not fit the design, and how often it was seen to reject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eventstudy.inference.cards import TESTS
from eventstudy.inference.sizes import LOW, POWER, SIZES, WORDS, f_rejects
from eventstudy.objects.cards import Design

LARGEST_SIZE = 6.5  # per cent; no test that rejects more true nulls than this at a nominal 5 stands in front
CONSERVATIVE = 4.0  # per cent; a test whose size is below it by more than two Monte Carlo errors is called so
BETWEEN = 8  # events from which the sizes with 5 are quoted together with those with 30
_LONGER = "O"  # the design whose windows have more than one day
_SAME = 2.5  # points; the second of two designs that differ by no more says nothing new


@dataclass(frozen=True, slots=True)
class Nearest:
    """Letters of the measured designs nearest to a study: ``ordinary``; ``harder``, the event multiplying the variance
    by 4; ``real`` prices, where there are; ``apart``, the same number of events on own dates; ``heavy`` tails on one
    date; ``more``, the same with 30 events, where it is to be quoted too."""

    ordinary: str
    harder: str
    real: str | None = None
    apart: str | None = None
    heavy: str | None = None
    more: str | None = None


NEAREST: Mapping[Design, Nearest] = {
    "one_security": Nearest("A", "B", "R"),
    "few_one_date": Nearest("A", "B", "R", "S", "Y"),
    "many_one_date": Nearest("C", "D", "r", "F", "Z"),
    "few_own_dates": Nearest("S", "G", "Q"),
    "many_own_dates": Nearest("F", "E", "q"),
    "few_repeated_dates": Nearest("H", "I", None, "S"),
    "many_repeated_dates": Nearest("M", "N", None, "F"),
    "few_overlapping_dates": Nearest("J", "K", None, "S"),
    "many_overlapping_dates": Nearest("O", "P", None, "F"),
}
_MANY: Mapping[Design, Design] = {
    "few_one_date": "many_one_date",
    "few_own_dates": "many_own_dates",
    "few_repeated_dates": "many_repeated_dates",
    "few_overlapping_dates": "many_overlapping_dates",
}


def nearest(name: str, design: Design, between: bool = False) -> Nearest:
    """The designs to quote for a test: those with 30 events where it does not apply with 5, both `between` the two."""
    near, sizes = NEAREST[design], SIZES.get(name, {})
    if design not in _MANY:
        return near
    many = NEAREST[_MANY[design]]
    if near.ordinary not in sizes:
        return many
    return replace(near, more=many.ordinary) if between and many.ordinary in sizes else near


def holds(name: str, design: Design, heavy: bool = False) -> bool:
    """Whether the test was seen to reject no more than `LARGEST_SIZE`, in simulated and in real prices.

    With few events also where there are 30 of them, since a study may have a number in between; and, where the
    residuals of a study are ``heavy``-tailed, under heavy tails.
    """
    sizes, near = SIZES.get(name, {}), NEAREST[design]
    more = NEAREST[_MANY[design]].ordinary if design in _MANY else None
    seen = (near.ordinary, near.real, more, near.heavy if heavy else None)
    return near.ordinary in sizes and all(sizes.get(x or "", 0.0) <= LARGEST_SIZE for x in seen)


def withstands(name: str, design: Design) -> bool:
    """Whether it still does where the event multiplies the variance by 4."""
    return holds(name, design) and SIZES[name].get(NEAREST[design].harder, 100.0) <= LARGEST_SIZE


def conservative(front: Sequence[str], design: Design) -> str:
    """A sentence on the tests in front that reject less than `CONSERVATIVE`; nothing where there is none."""
    letter = NEAREST[design].ordinary
    low = [f"{name} ({SIZES[name][letter]:g}% {WORDS[letter]})" for name in front if letter in LOW.get(name, "")]
    return f" Conservative here, so slow to find an effect, at a nominal 5%: {', '.join(low)}." if low else ""


def warning(name: str, design: Design, front: Sequence[str], between: bool = False, heavy: bool = False) -> str:
    """One sentence on a test that stands behind `front`, in numbers, the nearest design first."""
    near, sizes = nearest(name, design, between), SIZES.get(name, {})
    if reason := _elsewhere(name, design, near):
        return reason
    if near.ordinary not in sizes:
        return "did not apply in the studies simulated for this design" if sizes else "has not been measured"
    worst = max(sizes[near.ordinary], sizes.get(near.real or "", 0.0))
    if worst > LARGEST_SIZE:
        return f"{_fault(name, near)}: {_rejects(name, near)}"
    if heavy and sizes.get(near.heavy or "", 0.0) > LARGEST_SIZE:
        return f"does not hold its size under heavy tails: {_rejects(name, near)}; {_cell(name, near.heavy or '')}"
    harder = sizes.get(near.harder, 0.0)
    if harder > LARGEST_SIZE and harder - sizes[near.ordinary] > _SAME:
        return f"takes the variance on the day to be the ordinary one: {_rejects(name, near)}"
    many = NEAREST[_MANY[design]].ordinary if design in _MANY else near.ordinary
    if sizes.get(many, 0.0) > LARGEST_SIZE:
        more = "" if near.more else f"; {_cell(name, many)}"
        return f"takes events that share days as independent, which few events hide: {_rejects(name, near)}{more}"
    if near.ordinary in LOW.get(name, ""):
        return f"is conservative, so it misses effects that others find: {_rejects(name, near)}"
    if near.ordinary != NEAREST[design].ordinary:
        return f"does not apply with 5 events and was measured with 30 alone: {_rejects(name, near)}"
    return f"holds its size, {_beside(name, near, front)}: {_rejects(name, near)}"


def _elsewhere(name: str, design: Design, near: Nearest) -> str | None:
    """Why a test has no place in the design at all, None where it has one."""
    test = TESTS[name]
    if design == "one_security" and test.of == "group":
        return "a test of several events, not of one"
    if design != "one_security" and test.of == "security":
        return "a test of one security and one event, not of a group"
    if test.dates == "one" and design not in ("one_security", "few_one_date", "many_one_date"):
        return "needs one date shared by all events"
    if name == "hotelling":
        return f"over windows of several days its p-value is by F, not by rank: {f_rejects()}"
    if test.about == "variance":
        return f"asks whether the variance rises on the day, not whether the mean moves{_of_variance(name, near)}"
    return None


def _of_variance(name: str, near: Nearest) -> str:
    sizes = SIZES.get(name, {})
    letter = near.ordinary if near.ordinary in sizes else _LONGER
    if letter not in sizes:
        return ""
    power = POWER.get(name, {}).get(letter)
    found = "" if power is None else f", and finds a variance multiplied by 4 in {power:g}% of such studies"
    often = " too often," if sizes[letter] > LARGEST_SIZE else ""
    return f": {_at(letter)} it rejects{often} {_range(name, letter, near.more)}{found}"


def _fault(name: str, near: Nearest) -> str:
    """Why it rejects too often: correlated events, where own dates do it no such harm; heavy tails; few events."""
    size, apart = SIZES[name][near.ordinary], SIZES[name].get(near.apart or "")
    if near.apart and size > LARGEST_SIZE and (apart is None or size > apart + _SAME):
        return "takes events that share days as independent"
    if size <= LARGEST_SIZE:
        return "does not hold its size under the heavy tails of real prices"
    return "is not to be relied on with few events" if near.ordinary in "ASHJ" else "does not hold its size"


def _rejects(name: str, near: Nearest) -> str:
    sizes, said = SIZES[name], [_range(name, near.ordinary, near.more)]
    harder = sizes.get(near.harder, sizes[near.ordinary])
    if abs(harder - sizes[near.ordinary]) > _SAME or harder > LARGEST_SIZE >= sizes[near.ordinary]:
        said.append(_cell(name, near.harder))
    if near.real and near.real in sizes:
        said.append(_cell(name, near.real))
    return f"{_at(near.ordinary)} it rejects {'; '.join(said)}"


def _cell(name: str, letter: str) -> str:
    return f"{SIZES[name][letter]:g}% {WORDS[letter]}"


def _range(name: str, letter: str, more: str | None) -> str:
    """The size in one design or, with fewer and with `more` events, in two; what both share is said once."""
    if more is None:
        return _cell(name, letter)
    (few, here), (many, there) = (WORDS[x].split(" events", 1) for x in (letter, more))
    said = f"from {SIZES[name][letter]:g}% {few} events{'' if here == there else here}"
    return f"{said} to {SIZES[name][more]:g}% {many}{there}"


def _at(letter: str) -> str:
    return "at a nominal 5%" if letter in "OPJK" else "in one-day windows at a nominal 5%"


def _beside(name: str, near: Nearest, front: Sequence[str]) -> str:
    """What it has less, or not more, of than the most powerful test in front."""
    mine = POWER.get(name, {}).get(near.ordinary)
    known = {other: POWER[other][near.ordinary] for other in front if near.ordinary in POWER.get(other, {})}
    if mine is None or not known:
        return "and adds nothing that a test in front does not say"
    best = max(known, key=lambda other: known[other])
    numbers = f"a shock of {_shock(near.ordinary)} is found in {mine:g}% of such studies, by {best} in {known[best]:g}%"
    return f"with less power than {best} ({numbers})" if mine < known[best] - _SAME else f"and adds little ({numbers})"


def _shock(letter: str) -> str:
    return "one standard deviation" if letter in "ABSGYHIJK" else "half a standard deviation"
