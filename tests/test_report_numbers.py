"""Numbers, tables and packed files of the report, each by itself."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_pages import _verdict, unpacked_files

from eventstudy.errors import EventStudyError
from eventstudy.objects.verdicts import (
    Interval,
    Quantity,
    Statement,
)
from eventstudy.report import (
    explain,
    frames,
    packing,
    summary,
    tables,
    worked,
)
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.numberline import number_line

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


# ------------------------------------------------------------------------------------------------------ numbers as text
@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-16.9683, "percent", "−16.97%"),
        (-0.169683, "decimal", "−16.97%"),
        (0.0, "decimal", "0.00%"),
        (-0.000001, "decimal", "0.00%"),
        (588.77e9, "usd", "$588.8 billion"),
        (999.96e9, "usd", "$1.00 trillion"),
        (999.94e9, "usd", "$999.9 billion"),
        (1.0312e12, "usd", "$1.03 trillion"),
        (5.678e9, "usd", "$5.68 billion"),
        (-2.5e6, "usd", "−$2.50 million"),
        (118.42, "usd", "$118.42"),
        (0.0, "p", "< 0.0001"),
        (1e-300, "p", "< 0.0001"),
        (0.04126, "p", "0.0413"),
        (0.99999, "p", "> 0.9999"),
        (1.0, "p", "1.0000"),
        (24_490_000_000, "count", "24,490,000,000"),
        (1, "sessions", "1 session"),
        (5, "days", "5 days"),
        (1, "rank", "1st"),
        (12, "rank", "12th"),
        (103, "rank", "103rd"),
        (2.1063, "multiple", "2.11 times"),
        (739278, "date", "27 January 2025"),
        (float("nan"), "usd", "n/a"),
        (float("inf"), "percent", "∞"),
        (12.5, "furlongs", "12.5 furlongs"),
    ],
)
def test_number(value: float, unit: str, text: str) -> None:
    assert tables.number(value, unit) == text


def test_signed_numbers_carry_a_true_minus_and_a_plus() -> None:
    assert tables.number(0.0191, "decimal", signed=True) == "+1.91%"
    assert tables.number(-0.0191, "decimal", signed=True) == "\u22121.91%"
    assert tables.number(0.0, "decimal", signed=True) == "0.00%"


@given(st.floats(0, 1))
def test_a_p_value_never_reads_zero(p: float) -> None:
    assert not re.fullmatch(r"0(\.0*)?", tables.number(p, "p"))
    assert not re.fullmatch(r"0(\.0*)?", tables.number(p, "p_short"))


@given(st.floats(-1e13, 1e13, allow_nan=False), st.sampled_from(sorted(tables.UNITS)))
def test_every_unit_writes_every_number_and_its_mirror(value: float, unit: str) -> None:
    text, mirror = tables.number(abs(value), unit), tables.number(-abs(value), unit)
    assert mirror in (text, tables.MINUS + text.removeprefix("+"))
    assert "nan" not in text
    assert "-" not in mirror


def test_statement_fills_holes_and_nothing_else() -> None:
    said = Statement("{who} moved {far}, {{who.__class__}}", {"who": "A{far}B", "far": Quantity(-2.5, "sd")})
    assert tables.statement(said) == "A{far}B moved −2.50 standard deviations, {{who.__class__}}"


def test_statement_that_names_what_it_does_not_carry_is_an_error() -> None:
    with pytest.raises(EventStudyError, match="names 'who'"):
        tables.statement(Statement("{who} fell", {}))


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Interval(8, math.inf, "percent", open_low=True), "more than 8.00%"),
        (Interval(8, math.inf, "percent"), "at least 8.00%"),
        (Interval(-math.inf, 3, "days", open_high=True), "less than 3 days"),
        (Interval(16.5, 17.5, "percent"), "16.50% to 17.50%"),
        (Interval(6.3, 7.7, "days"), "6.3 to 7.7 days"),
        (Interval(900e9, 1.1e12, "usd"), "$900.0 billion to $1.10 trillion"),
        (Interval(2, 2, "rank"), "2nd"),
        (None, "n/a"),
    ],
)
def test_interval(span: Interval | None, text: str) -> None:
    assert tables.interval(span) == text


def test_only_tables_rounds() -> None:
    """No other module of the report rounds or formats digits; the 12 digits of a file are no rounding for readers."""
    folder = Path(tables.__file__).parent
    rounding = re.compile(r"\bround\(|:[+,]*\.\d+[efg%]|%\.\d+[efg]")
    found = {
        f"{path.name}: {line.strip()}"
        for path in folder.glob("*.py")
        if path.name != "tables.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if rounding.search(line) and ".12g" not in line
    }
    assert found == set()


# ----------------------------------------------------------------------------------------------------- tables and files
def _table(*rows: tuple[Cell, ...]) -> Table:
    return Table("t", "A table", (Column("name", "Name"), Column("value", "Value", "decimal", True)), rows)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(EventStudyError, match="1 cells for 2 columns"):
        _table(("a",))


def test_csv_keeps_the_digits_quotes_what_needs_it_and_disarms_formulas() -> None:
    file = frames.table_file(_table(('a,"b"\nc', -0.16968345678912345), ("=1+1", None), ("^IXIC", math.nan)))
    assert list(csv.reader(io.StringIO(packing.csv_text(file), newline=""))) == [
        ["name", "value"],
        ['a,"b"\nc', "-0.169683456789"],
        ["'=1+1", ""],
        ["^IXIC", ""],
    ]


def test_a_table_from_a_frame_knows_units_and_leaves_the_missing_missing() -> None:
    frame = pd.DataFrame(
        {"ticker": ["A", "B"], "date": pd.to_datetime(["2025-01-27", None]), "ar": [-0.01, None], "own": [True, False]}
    )
    table = frames.from_frame(frame, "x", "X")
    assert [[text for text, _ in row] for row in frames.shown(table)] == [
        ["A", "2025-01-27", "−1.00%", "yes"],
        ["B", "", "n/a", "no"],
    ]


@given(st.text())
def test_packing_comes_back_and_can_stand_in_html(text: str) -> None:
    spelled = packing.packed(text)
    assert packing.unpacked(spelled) == text
    assert not set('"&<') & set(spelled)


def test_packing_is_the_same_every_time() -> None:
    assert packing.packed("x" * 5000) == packing.packed("x" * 5000)


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_packed_files_come_back_to_the_byte(rows: list[list[str]]) -> None:
    table = Table("t", "T", (Column("a", "A"), Column("b", "B")), tuple(tuple(row) for row in rows))
    file = frames.table_file(table)
    text = packing.csv_text(file)
    assert unpacked_files(packing.packed_files({"t": file, "u": file})) == {"t": text, "u": text}
    assert [list(column) for column in zip(*csv.reader(io.StringIO(text, newline="")), strict=True)] == file


def test_number_line_orders_what_is_ordered() -> None:
    line = number_line(_verdict(Interval(8, math.inf, "percent"), Interval(6.3, 6.4, "percent"), 6.37))
    assert line is not None
    assert line.claimed.to_right
    assert not line.measured.to_right
    assert float(line.measured.x) < float(line.claimed.x) < float(line.claimed.end) == 100
    assert float(line.measured.x) <= float(line.at or "nan") <= float(line.measured.end)


@given(
    st.floats(0.01, 1e12), st.floats(1e-6, 10), st.sampled_from(["percent", "usd", "rank", "days", "multiple", "sd"])
)
def test_ticks_of_a_number_line_are_distinct_and_on_it(low: float, width: float, unit: str) -> None:
    line = number_line(_verdict(Interval(low, low * (1 + width), unit), Interval(low, low, unit), low))
    assert line is not None
    assert len({label for _, label, _ in line.ticks}) == len(line.ticks) >= 1
    assert all(0 <= float(x) <= 100 for x, _, _ in line.ticks)


@pytest.mark.parametrize("measured", [None, Interval(1, 2, "usd")])
def test_no_number_line_without_two_intervals_of_one_unit(measured: Interval | None) -> None:
    assert number_line(_verdict(Interval(1, 2, "percent"), measured)) is None


# -------------------------------------------------------------------------------------------------- explain and summary
def test_explain_gives_every_input_with_its_source_in_100_columns(deepseek_result: StudyResult) -> None:
    assert deepseek_result.verdicts
    for verdict in deepseek_result.verdicts:
        text = explain.explain(verdict, deepseek_result.cards)
        assert max(map(len, text.splitlines())) <= explain.WIDTH or "http" in text
        flat = " ".join(text.split())
        assert tables.statement(verdict.summary) in flat
        for step in verdict.steps:
            shown, found = worked.step(step)
            assert f"= {found}" in flat
            for name, value in step.inputs.items():
                if isinstance(value, Quantity):
                    assert f"= {shown[name]}" in flat
                    assert " ".join((value.source or "").split()) in flat
        for source in verdict.claim.sources:
            assert source.title in flat


def test_summary_is_plain_html_with_every_verdict(deepseek_result: StudyResult) -> None:
    html = summary.summary_html(deepseek_result)
    assert not re.search(r"<(script|style|link|img|iframe)|\son\w+=|url\(|src=|href=", html)
    for verdict in deepseek_result.verdicts:
        assert f">{verdict.claim.id}</td>" in html
    car = tables.number(deepseek_result.car("NVDA", (-1, 1)), "decimal", signed=True)
    assert car in html


def test_summary_escapes(hostile: StudyResult) -> None:
    assert "<script" not in summary.summary_html(hostile)
