"""What a quoted number admits, and how two intervals compare."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.claims.interval import (
    SAME,
    UNITS,
    WORDS,
    against_word,
    claimed_interval,
    combine,
    compare,
    half_unit,
    measured_interval,
    overlap,
    threshold_of,
    tolerates,
)
from eventstudy.errors import SpecError
from eventstudy.objects.verdicts import Claimed, Interval, Reading


def interval(quoted: str, modifier: str = "exactly", unit: str = "percent", precision: float | None = None) -> Interval:
    found = claimed_interval(Claimed("fall", quoted, unit, modifier, None, precision))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("quoted", "half"),
    [
        ("17", 0.5),
        ("3.1", 0.05),
        ("3.10", 0.005),
        ("589", 0.5),
        ("600", 50),
        ("610", 5),
        ("100.0", 0.05),
        ("0.5", 0.05),
    ],
)
def test_half_a_unit_of_the_last_quoted_digit(quoted: str, half: float) -> None:
    assert half_unit(quoted) == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize("wrong", ["", "-17", "1,000", "1e3", "about 5", "1.", ".5", "²", "nan", "inf"])
def test_only_plain_digits_are_a_quoted_number(wrong: str) -> None:
    with pytest.raises(SpecError, match="plain digits"):
        half_unit(wrong)


@pytest.mark.parametrize(
    ("quoted", "low", "high"),
    [
        ("17", 16.5, 17.5),
        ("3.1", 3.05, 3.15),
        ("3.10", 3.095, 3.105),
        ("589", 588.5, 589.5),
        ("600", 550, 650),  # zeros at the end are no digits
        ("4", 3.6, 4.4),  # half a unit would be 12.5 %: never wider than 10 %
        ("1", 0.9, 1.1),
        ("5", 4.5, 5.5),  # exactly 10 %
        ("1000", 900, 1100),
    ],
)
def test_an_exact_number_stands_for_what_rounds_to_it(quoted: str, low: float, high: float) -> None:
    found = interval(quoted)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.open_high
    assert not found.open_low


def test_modifiers() -> None:
    assert interval("8", "more_than") == Interval(8, math.inf, "percent", open_low=True)
    assert interval("8", "at_least") == Interval(8, math.inf, "percent")
    assert interval("8", "less_than") == Interval(0, 8, "percent", open_high=True)
    assert interval("8", "at_most") == Interval(0, 8, "percent")
    for modifier in ("about", "nearly", "roughly", "some"):
        about = interval("17", modifier)
        assert (about.low, about.high, about.open_high) == (pytest.approx(15.3), pytest.approx(18.7), False)


def test_a_claims_own_precision_replaces_the_rule() -> None:
    assert interval("17", precision=3) == Interval(14, 20, "percent")  # as stated, both ends in
    assert interval("17", "about", precision=0.5) == Interval(16.5, 17.5, "percent")


def test_units_bring_numbers_to_one_base() -> None:
    assert interval("589", unit="usd_bn") == Interval(588.5e9, 589.5e9, "usd", open_high=True)
    week = interval("1", "about", "weeks")
    assert (week.low, week.high, week.unit) == (pytest.approx(6.3), pytest.approx(7.7), "days")
    assert UNITS["months"][1] * 12 == pytest.approx(365.2425)
    with pytest.raises(SpecError, match="unknown unit"):
        interval("1", unit="parsec")
    assert claimed_interval(Claimed("fall")) is None


@given(st.integers(1, 10**9), st.integers(0, 4))
def test_an_exact_number_lies_inside_its_interval_and_never_wider_than_a_tenth(whole: int, places: int) -> None:
    quoted = str(whole) if places == 0 else f"{whole}.{'7' * places}"
    found, value = interval(quoted), float(quoted)
    assert found.low <= value < found.high
    assert found.low >= value * (0.9 - 1e-12)
    assert found.high <= value * (1.1 + 1e-12)


def test_overlap_heeds_open_ends() -> None:
    half_open = Interval(16.5, 17.5, "percent", open_high=True)
    assert overlap(half_open, Interval(16.97, 16.97, "percent"))
    assert not overlap(half_open, Interval(17.5, 20, "percent"))
    assert overlap(half_open, Interval(10, 16.5, "percent"))
    assert not overlap(Interval(8, math.inf, "percent", open_low=True), Interval(7, 8, "percent"))


@pytest.mark.parametrize(
    ("quoted", "modifier", "measured", "verdict", "note"),
    [
        ("17", "exactly", 16.97, "supported", None),
        ("3.1", "exactly", 3.0693, "supported", None),
        ("17", "exactly", 16.5, "supported", None),  # to the half unit
        ("17", "exactly", 16.499, "imprecise", "overstated"),
        ("17", "exactly", 17.4999, "supported", None),
        ("17", "exactly", 17.5, "imprecise", "understated"),  # would have been rounded up
        ("3.1", "exactly", 3.05, "supported", None),
        ("3.1", "exactly", 3.15, "imprecise", "understated"),
        ("589", "exactly", 592.66, "imprecise", "understated"),  # 0.5 %: no allowance but where vendors differ
        ("17", "more_than", 16.97, "imprecise", "overstated"),
        ("3.05", "less_than", 3.07, "imprecise", "understated"),
        ("3.05", "less_than", 3.05, "imprecise", "understated"),  # the end is not in
        ("3.05", "at_most", 3.05, "supported", None),
        ("17", "at_least", 17.0, "supported", None),
        ("15", "exactly", 17.40, "imprecise", "understated"),  # 12.7 %
        ("15", "exactly", 17.76, "contradicted", "understated"),  # over 15 %
        ("8", "more_than", 6.37, "contradicted", "overstated"),  # 20 %
        ("8", "more_than", 7.0, "imprecise", "overstated"),
        ("8", "more_than", 7.95, "imprecise", "overstated"),
        ("8", "more_than", 8.0, "imprecise", "overstated"),  # the end is not in
        ("8", "more_than", 8.01, "supported", None),
        ("17", "exactly", -17.0, "contradicted", None),  # as large, the other way
        ("8", "less_than", 0.5, "supported", None),
        ("8", "less_than", 9.0, "imprecise", "understated"),
        ("0", "exactly", 0.0, "supported", None),
    ],
)
def test_the_scale_of_verdicts(quoted: str, modifier: str, measured: float, verdict: str, note: str | None) -> None:
    found = compare(interval(quoted, modifier), Interval(measured, measured, "percent"), float(quoted))
    assert (found.verdict, found.note) == (verdict, note)


def test_the_nearest_ends_decide_for_a_measured_range() -> None:
    claimed = interval("600")
    assert compare(claimed, Interval(640, 700, "percent"), 600).verdict == "supported"
    assert compare(claimed, Interval(655, 700, "percent"), 600).verdict == "imprecise"  # 0.8 % apart
    assert compare(claimed, Interval(655, 700, "percent"), 600, SAME).verdict == "supported"  # where vendors differ
    assert compare(claimed, Interval(657, 700, "percent"), 600, SAME).verdict == "imprecise"  # 1.2 % apart
    assert compare(claimed, Interval(700, 900, "percent"), 600).verdict == "imprecise"  # 8.3 % apart
    assert compare(claimed, Interval(745, 900, "percent"), 600).verdict == "contradicted"
    with pytest.raises(ValueError, match="cannot compare"):
        compare(claimed, Interval(1, 2, "usd"), 600)


@given(st.integers(1, 999), st.floats(0.01, 2000), st.floats(0, 50))
def test_widening_a_measurement_never_takes_support_away(number: int, size: float, more: float) -> None:
    claimed, order = interval(str(number)), ["contradicted", "imprecise", "supported"]
    narrow = compare(claimed, Interval(size, size, "percent"), number).verdict
    wide = compare(claimed, Interval(max(size - more, 0.0), size + more, "percent"), number).verdict
    assert order.index(wide) >= order.index(narrow)


@pytest.mark.parametrize(
    ("claimed", "allowed"),
    [
        (Claimed("fall", "589", "usd_bn"), True),
        (Claimed("fall", "1", "usd_tn", "about"), True),
        (Claimed("fall", "500", "usd_bn", "more_than"), False),
        (Claimed("fall", "500", "usd_bn", "at_most"), False),
        (Claimed("fall", "589", "usd_bn", precision=2.0), False),
        (Claimed("fall", "580", "usd_bn", upper="590"), False),
        (Claimed("fall"), False),
    ],
)
def test_only_a_two_sided_number_of_no_stated_precision_may_miss_by_one_per_cent(
    claimed: Claimed, allowed: bool
) -> None:
    assert tolerates(claimed) is allowed


def test_a_range_is_itself() -> None:
    found = claimed_interval(Claimed("fall", "9", "percent", upper="10"))
    assert found == Interval(9, 10, "percent")
    for size, verdict in ((9.0, "supported"), (10.0, "supported"), (10.01, "imprecise"), (8.9, "imprecise")):
        assert compare(found, Interval(size, size, "percent"), 9).verdict == verdict


@pytest.mark.parametrize(
    ("word", "s", "threshold"),  # of each strength: the multiple of s, the absolute size, the floor
    [
        ("tumbled", 1.0, 2.0),
        ("tumbled", 2.5, 5.0),
        ("tumbled", 3.0, 5.0),
        ("tumbled", 6.0, 6.0),
        ("hammered", 1.0, 3.0),
        ("hammered", 4.0, 10.0),
        ("hammered", 7.0, 10.5),
        ("soared", 4.0, 10.0),
        ("jumped", 4.0, 5.0),
        ("fell", 9.0, 0.0),
        ("flat", 3.0, 1.5),
    ],
)
def test_what_a_word_asks_for(word: str, s: float, threshold: float) -> None:
    assert threshold_of(word, s) == threshold


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("s", [0.5, 1.5, 4.0, 8.0])
def test_a_strong_word_never_asks_for_less_than_a_weaker_one(word: str, s: float) -> None:
    least = {"any": 0.0, "strong": s, "strongest": 1.5 * s, "flat": 0.5 * s}[WORDS[word][1]]
    assert threshold_of(word, s) >= least
    assert threshold_of("tumbled", s) <= threshold_of("hammered", s)


@pytest.mark.parametrize(
    ("word", "threshold", "size", "verdict", "note"),
    [
        ("fell", 0.0, 0.01, "supported", None),
        ("fell", 0.0, 0.0, "contradicted", None),
        ("tumbled", 5.0, 5.0, "supported", None),
        ("tumbled", 5.0, 4.99, "imprecise", "overstated"),
        ("tumbled", 5.0, 2.5, "imprecise", "overstated"),
        ("tumbled", 5.0, 2.49, "contradicted", "overstated"),
        ("cratered", 6.0, 0.5, "contradicted", "overstated"),  # -0.5 % is no crater
        ("tumbled", 5.0, -9.0, "contradicted", None),
        ("flat", 1.0, -1.0, "supported", None),
        ("little changed", 1.0, 1.01, "imprecise", "understated"),
        ("shrugged off", 1.0, -2.01, "contradicted", "understated"),
    ],
)
def test_a_word_is_reached_half_reached_or_not(
    word: str, threshold: float, size: float, verdict: str, note: str | None
) -> None:
    found = against_word(word, threshold, size)
    assert (found.verdict, found.note) == (verdict, note)


def test_parts_combine() -> None:
    assert combine(["supported", "supported"]) == "supported"
    assert combine(["contradicted", "imprecise"]) == "partly"
    assert combine(["unresolved", "imprecise"]) == "partly"
    assert combine(["unresolved"]) == "unresolved"
    assert combine([]) == "unresolved"


def test_a_measurement_is_the_range_of_its_readings_in_one_unit() -> None:
    rows = [
        Reading("a", 2.0, "usd", "x", headline=True, sort="input"),
        Reading("b", 5.0, "usd", "x", sort="input"),
        Reading("c", 9.0, "usd", "x", sort="definition"),  # another quantity: judged by itself
        Reading("d", 99.0, "sd", "x"),
    ]
    assert measured_interval(rows, "usd") == Interval(2.0, 5.0, "usd")
    with pytest.raises(ValueError, match="no reading"):
        measured_interval(rows, "percent")
