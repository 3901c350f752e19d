"""What a quoted number admits, and how two intervals compare."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.claims.interval import (
    UNITS,
    against_threshold,
    claimed_interval,
    combine,
    compare,
    half_unit,
    measured_interval,
    overlap,
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
    about = interval("17", "about")
    assert (about.low, about.high, about.open_high) == (pytest.approx(15.3), pytest.approx(18.7), False)


def test_a_claims_own_precision_replaces_the_rule() -> None:
    assert interval("17", precision=3) == Interval(14, 20, "percent", open_high=True)
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
        ("589", "exactly", 592.66, "supported", None),  # nearest ends differ by 0.5 %
        ("589", "exactly", 595.4, "imprecise", "understated"),  # just over 1 %
        ("15", "exactly", 17.40, "imprecise", "understated"),  # 12.7 %
        ("15", "exactly", 17.76, "contradicted", "understated"),  # over 15 %
        ("8", "more_than", 6.37, "contradicted", "overstated"),  # 20 %
        ("8", "more_than", 7.0, "imprecise", "overstated"),
        ("8", "more_than", 7.95, "supported", None),
        ("8", "more_than", 8.0, "supported", None),  # the end is not in, but within 1 %
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
    assert compare(claimed, Interval(655, 700, "percent"), 600).verdict == "supported"  # 0.8 % apart
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
    ("threshold", "size", "verdict", "note"),
    [
        (0.0, 0.01, "supported", None),
        (0.0, 0.0, "contradicted", None),
        (2.0, 2.0, "supported", None),
        (2.0, 1.7, "imprecise", "overstated"),
        (2.0, -5.0, "contradicted", None),
    ],
)
def test_a_word_is_a_threshold(threshold: float, size: float, verdict: str, note: str | None) -> None:
    found = against_threshold(threshold, size)
    assert (found.verdict, found.note) == (verdict, note)


def test_parts_combine() -> None:
    assert combine(["supported", "supported"]) == "supported"
    assert combine(["contradicted", "imprecise"]) == "partly"
    assert combine(["unresolved", "imprecise"]) == "imprecise"
    assert combine(["unresolved"]) == "unresolved"
    assert combine([]) == "unresolved"


def test_a_measurement_is_the_range_of_its_readings_in_one_unit() -> None:
    rows = [Reading("a", 2.0, "usd", "x"), Reading("b", 5.0, "usd", "x"), Reading("c", 99.0, "sd", "x")]
    assert measured_interval(rows, "usd") == Interval(2.0, 5.0, "usd")
    with pytest.raises(ValueError, match="no reading"):
        measured_interval(rows, "percent")
