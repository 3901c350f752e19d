"""The report without a browser: numbers as text, the page's safety, and what stands in it."""

from __future__ import annotations

import base64
import csv
import dataclasses
import datetime as dt
import hashlib
import io
import json
import math
import re
from collections import Counter
from dataclasses import replace
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.figures.words import spoken
from eventstudy.inference import TESTS
from eventstudy.models import MODELS
from eventstudy.objects.cards import FAMILIES, Cards
from eventstudy.objects.verdicts import (
    AbnormalAxis,
    AxisWord,
    Beyond,
    Claim,
    Claimed,
    Interval,
    Part,
    Quantity,
    Reading,
    Source,
    Statement,
    Step,
    Verdict,
)
from eventstudy.prices.sessions import calendar
from eventstudy.report import (
    SECTIONS,
    blocks,
    deck,
    explain,
    frames,
    linked,
    packing,
    summary,
    tables,
    to_html,
    wording,
    worked,
)
from eventstudy.report.cards import card
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.numberline import number_line
from eventstudy.report.section import written

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

CARDS = Cards(models=MODELS, tests=TESTS)
HOSTILE = "</script><script>alert(1)</script> \"quoted\" 'single' {{ 7*7 }} {% raw %} {0} {name} &amp; <b>"


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


def unpacked_files(text: str) -> dict[str, str]:
    """The CSV files of a page, as its script makes them."""
    return {name: packing.csv_text(columns) for name, columns in json.loads(packing.unpacked(text)).items()}


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_packed_files_come_back_to_the_byte(rows: list[list[str]]) -> None:
    table = Table("t", "T", (Column("a", "A"), Column("b", "B")), tuple(tuple(row) for row in rows))
    file = frames.table_file(table)
    text = packing.csv_text(file)
    assert unpacked_files(packing.packed_files({"t": file, "u": file})) == {"t": text, "u": text}
    assert [list(column) for column in zip(*csv.reader(io.StringIO(text, newline="")), strict=True)] == file


# ---------------------------------------------------------------------------------------------------------- number line
def _verdict(claimed: Interval | None, measured: Interval | None, value: float = math.nan) -> Verdict:
    return Verdict(Claim("c", "k", "says", ()), "supported", Statement("Said."), claimed, measured, value)


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


# ------------------------------------------------------------------------------------------------------------- the page
class Page(HTMLParser):
    """What the tests ask of a page: elements with their attributes, the text of scripts, the order of headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.text: list[str] = []
        self._script: dict[str, str] | None = None
        self.feed(html)
        self.own = len(self.elements)
        for inside in self.insides.values():  # as the script puts them in
            self.feed(inside)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._script = given if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))
            self._script = None
        else:
            self.text.append(data)

    def block(self, name: str) -> str:
        """The text of the script element `name`."""
        return next(text for attrs, text in self.scripts if attrs.get("id") == name)

    @cached_property
    def insides(self) -> dict[str, str]:
        """What is put into each card when it is opened."""
        block = [text for attrs, text in self.scripts if attrs.get("id") == "cards-packed"]
        return dict(json.loads(packing.unpacked(block[0]))) if block else {}

    @cached_property
    def figures(self) -> dict[str, Any]:
        """What plotly.js is given."""
        return dict(json.loads(packing.unpacked(self.block("figures-packed"))))

    @cached_property
    def files(self) -> dict[str, str]:
        """What the CSV buttons give."""
        return unpacked_files(self.block("files-packed"))

    @cached_property
    def linked(self) -> list[dict[str, Any]]:
        """The linked data."""
        return [json.loads(text) for attrs, text in self.scripts if attrs.get("type") == "application/ld+json"]


@pytest.fixture(scope="module")
def page(deepseek_result: StudyResult) -> Page:
    return Page(to_html(deepseek_result))


@pytest.fixture(scope="module")
def hostile(deepseek_result: StudyResult) -> StudyResult:
    """The study with hostile text in every place an article or a user can write to."""
    source = Source(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    said = Claim("x", "price_move", HOSTILE, (source,), Claimed("fall", "5", word=HOSTILE), tickers=(HOSTILE,))
    number = Quantity(1.0, "percent", HOSTILE)
    verdict = Verdict(
        said,
        "unresolved",
        Statement("It moved {x}, {y}", {"x": number, "y": HOSTILE}),
        Interval(4.5, 5.5, "percent"),
        Interval(1, 1, "percent"),
        1.0,
        readings=(Reading(HOSTILE, 1.0, "percent", HOSTILE, True),),
        steps=(Step(HOSTILE, HOSTILE, {HOSTILE: number, "s": HOSTILE}, number),),
        caveats=(HOSTILE,),
        reason=HOSTILE,
    )
    settings = replace(deepseek_result.settings, title=HOSTILE, labels={"selloff": HOSTILE})
    beyond = (Beyond(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),)
    return replace(deepseek_result, settings=settings, verdicts=(verdict,), beyond=beyond)


@pytest.fixture(scope="module")
def hostile_page(hostile: StudyResult) -> Page:
    return Page(to_html(hostile))


def test_the_same_result_gives_the_same_bytes(page: Page, deepseek_result: StudyResult) -> None:
    assert to_html(deepseek_result) == page.html


def test_the_page_is_smaller_than_three_megabytes(page: Page) -> None:
    assert len(page.html.encode()) < 3_000_000


@pytest.mark.slow
def test_a_page_of_three_hundred_securities_is_smaller_than_three_megabytes() -> None:
    rng, sessions = np.random.default_rng(3), es.load("deepseek").run().prices.calendars["XNYS"].sessions[:520]
    market = rng.normal(0.0003, 0.01, 520)
    returns = market[:, None] * rng.uniform(0.5, 1.5, 300) + rng.normal(0, 0.02, (520, 300))
    names = [f"S{i:03d}" for i in range(300)]
    prices = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), sessions, names).round(4)
    prices["^IXIC"] = (100 * np.cumprod(1 + market)).round(2)
    groups = {"lead": names[:20], "rest": names[20:]}
    study = es.Study(prices=prices, events=sessions[400].date(), tickers=names, benchmark="^IXIC", groups=groups)
    assert len(study.run().to_html().encode()) < 3_000_000


def test_sections_are_all_there_in_order(page: Page) -> None:
    assert [attrs["id"] for tag, attrs in page.elements if tag == "section"] == list(SECTIONS)


def test_policy_allows_exactly_the_two_scripts_by_hash(page: Page) -> None:
    policy = next(a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    own = [text for attrs, text in page.scripts if not attrs.get("type")]
    assert len(own) == 1
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (own[0], packing.unpacked(page.block("plotly-packed")))
    )
    assert policy == (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_refers_to_nothing_outside_itself(page: Page) -> None:
    for tag, attrs in page.elements:
        assert "src" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        assert attrs.get("href", "#").startswith("#"), (tag, attrs)
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "img")
    style = re.findall(r"<style>(.*?)</style>", page.html, re.S)
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_anchors_are_unique_and_lead_somewhere(page: Page) -> None:
    counts = Counter(attrs["id"] for _, attrs in page.elements if "id" in attrs)
    assert [name for name, n in counts.items() if n > 1] == []
    targets = {attrs["href"][1:] for _, attrs in page.elements if attrs.get("href", "").startswith("#")}
    assert targets - set(counts) == set()


def test_headings_descend_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements[: page.own] if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert {tag for tag, _ in page.elements[page.own :] if re.fullmatch("h[1-6]", tag)} == {"h5"}  # below a claim's h4
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_and_figure_has_an_anchor_and_a_file(page: Page) -> None:
    figures = [attrs for tag, attrs in page.elements if tag == "figure"]
    links = {attrs["href"][1:] for tag, attrs in page.elements if tag == "a" and "anchor" in attrs.get("class", "")}
    assert len(figures) > 40
    for attrs in figures:
        assert attrs["id"] in links
        rows = list(csv.reader(io.StringIO(page.files[attrs["data-csv"]], newline="")))
        assert len({len(row) for row in rows}) == 1
        assert all(rows[0])


def test_every_registered_figure_is_in_the_page_whole(page: Page, deepseek_result: StudyResult) -> None:
    from eventstudy.figures import FIGURES

    assert set(page.figures) == {f"figure-{name}" for name in FIGURES}
    for name, figure in FIGURES.items():
        assert page.figures[f"figure-{name}"]["data"]
        caption = wording.curly(tables.statement(figure.caption(deepseek_result), tables.text))
        assert any(caption in a.get("aria-label", "") for t, a in page.elements if a.get("class") == "plot")
        frame = figure.table(deepseek_result)
        rows = list(csv.reader(io.StringIO(page.files[f"{name}-table"], newline="")))
        assert rows[0] == list(frame.columns)
        assert len(rows) == len(frame) + 1


# ---------------------------------------------------------------------------------------------- tests and diagnostics


def _file(page: Page, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.files[name], newline="")))


def test_the_tests_of_the_group_stand_in_front_or_by_kind_behind(page: Page, deepseek_result: StudyResult) -> None:

    event, group = deepseek_result.headline, deepseek_result.settings.headline_group
    tests = deepseek_result.cards.tests
    mine = [f for f in event.tests if f.subject == group and tests[f.result.test].about != "variance"]
    front = {f.result.test for f in mine if f.front and f.result.window == mine[0].result.window}
    name = f"tests-{event.event}-{group}"
    assert {row["test"] for row in _file(page, f"{name}-front")} == front
    behind = [
        (kind, row) for kind in FAMILIES if f"{name}-{kind}" in page.files for row in _file(page, f"{name}-{kind}")
    ]
    assert all(tests[row["test"]].family == kind for kind, row in behind if kind != "variance")
    of_mean = {row["test"] for kind, row in behind if kind != "variance"}
    assert front | of_mean == {f.result.test for f in mine}
    assert not front & of_mean
    assert len(of_mean) == sum(kind != "variance" for kind, _ in behind)
    fold = next(i for i, (_, a) in enumerate(page.elements) if a.get("id") == f"{name}-behind")
    listed = [i for i, (_, a) in enumerate(page.elements) if a.get("id", "").startswith(f"{name}-parametric")]
    assert page.elements[fold][0] == "details"
    assert min(listed) > fold
    for row in _file(page, f"{name}-front"):
        found = event.find(str(group), mine[0].result.window, row["test"])
        assert found is not None
        assert float(row["p_0_0"]) == pytest.approx(found.p, rel=1e-11)


def test_diagnostics_of_the_headline_group_are_whole_and_of_others_what_is_not_fine(
    page: Page, deepseek_result: StudyResult
) -> None:
    settings = deepseek_result.settings
    rows = [row for event in deepseek_result.select(settings.headline_event) for row in event.diagnostics]
    first = {settings.headline_group, *settings.groups[settings.headline_group or ""]}
    wanted = [(r.subject, r.check) for r in rows if r.subject in first or r.verdict != "fine"]
    table = _file(page, "diagnostics-table")
    by_words = {spoken(name): name for name in settings.groups}
    assert sorted((by_words.get(row["subject"], row["subject"]), row["check"]) for row in table) == sorted(wanted)
    assert 0 < len(wanted) < len(rows)
    meant = {(r.subject, r.check): r for r in rows}
    text = _text(page)
    for row in table:
        found = meant[by_words.get(row["subject"], row["subject"]), row["check"]]
        assert row["concern"] == found.verdict
        assert row["statistic"] == f"{found.statistic:.12g}"
        assert " ".join(row["meaning"].split()) in text
        said = wording.plain(found.meaning, deepseek_result.cards)
        assert said in row["meaning"] or str(found.reason) in row["meaning"]
    (figure,) = (a for t, a in page.elements if t == "figure" and a.get("id") == "diagnostics-table")
    assert set(figure["data-first"].split("|")) == {spoken(str(name)) for name in first}


def test_what_all_remarks_say_is_said_once() -> None:
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.outcomes import Finding, InferenceResult
    from eventstudy.report import turbulence

    def found(test: str, warning: str | None) -> list[Finding]:
        result = InferenceResult(test, "", Window(0, 0), 1.0, "t", (4.0,), 0.1, 5, (), None, warning)
        return [Finding("g", True, False, result)]

    same = turbulence.group_table(CARDS, [found("bmp_t", "is so"), found("patell_z", "is so")], "t", "T")
    assert ([row[-1] for row in same.rows], same.note) == (["", ""], "Each is so.")
    real = [found("bmp_t", "5% on dates (measured on A)"), found("patell_z", "9% on dates (measured on A)")]
    table = turbulence.group_table(CARDS, real, "t", "T")
    assert [row[-1] for row in table.rows] == ["5% on dates", "9% on dates"]
    assert table.note == "Real dates: measured on A."


def test_a_hidden_column_is_in_the_file_alone(page: Page) -> None:
    assert "check" in _file(page, "diagnostics-table")[0]
    assert "jarque_bera" in page.files["diagnostics-table"]
    heads = re.findall(r'id="diagnostics-table".*?<thead>(.*?)</thead>', page.html, re.S)[0]
    assert re.findall(r"<th[^>]*>([^<]+)", heads) == ["Security", "Check", "Verdict", "Statistic", "Limit", "p"]
    cells = re.findall(r'id="diagnostics-table".*?<tbody>(.*?)</tbody>', page.html, re.S)[0]
    assert "jarque_bera" not in cells
    assert len(re.findall(r"<t[hd]", cells.split("<tr class=below>")[0])) == 6


def test_numbers_of_the_day_in_page_and_file(page: Page, deepseek_result: StudyResult) -> None:
    ar = deepseek_result.car("NVDA")
    rows = list(csv.DictReader(io.StringIO(page.files["day-table"], newline="")))
    nvda = next(row for row in rows if row["ticker"] == "NVDA")
    assert float(nvda["ar"]) == pytest.approx(ar, rel=1e-11)
    assert tables.number(ar, "decimal", signed=True) in page.html


def test_no_cell_shows_what_a_computer_says(page: Page) -> None:
    for text in page.text:
        words = set(re.findall(r"[\w.+-]+", text))
        assert not words & {"nan", "NaN", "None", "inf", "NaT", "True", "False"}, text


def test_every_claim_has_a_card_a_review_and_a_row(page: Page, deepseek_result: StudyResult) -> None:
    reviews = {entry["identifier"]: entry for entry in page.linked if entry["@type"] == "ClaimReview"}
    rated = [verdict for verdict in deepseek_result.verdicts if verdict.rated]
    ids = [verdict.claim.id for verdict in rated]
    assert list(reviews) == ids  # no review of what is implied or an opinion
    cards = [a["id"] for t, a in page.elements if t == "details" and "card" in a.get("class", "").split()]
    wrong_first = sorted(deepseek_result.verdicts, key=lambda v: deck.ORDER.index(wording.rubric(v)))
    assert cards == [f"claim-{v.claim.id}" for v in wrong_first]
    assert set(page.insides) == {v.claim.id for v in deepseek_result.verdicts}
    for verdict in rated:
        review = reviews[verdict.claim.id]
        assert review["claimReviewed"] == verdict.claim.says
        assert review["reviewRating"]["alternateName"].startswith(verdict.verdict)
        assert "unknown" not in json.dumps(review["itemReviewed"])
        for article in review["itemReviewed"]["appearance"]:
            assert re.fullmatch(r"\d{4}(-\d\d){0,2}", article.get("datePublished", "2025"))
    assert sum(entry["@type"] == "Dataset" for entry in page.linked) == 1


@pytest.mark.parametrize(
    ("word", "parts", "value"),
    [
        ("supported", (), 4),
        ("imprecise", (), 3),
        ("contradicted", (), 1),
        ("unresolved", (), None),
        ("partly", ("supported", "contradicted"), 2),
        ("partly", ("supported", "imprecise"), 3),
        ("partly", ("supported", "unresolved"), 3),
    ],
)
def test_what_holds_in_parts_is_rated_by_its_worst_part(word: Any, parts: Any, value: int | None) -> None:
    from eventstudy.report.linked import rated

    own = tuple(Part(p, p, 1.0, "percent") for p in parts)
    assert rated(replace(_verdict(None, None), verdict=word, parts=own)) == value


def test_answer_counts_the_verdicts_and_quotes_the_moves(page: Page, deepseek_result: StudyResult) -> None:
    text = " ".join(" ".join(page.text).split())
    counts = wording.tally(deepseek_result.verdicts)
    assert f"Of {sum(v.rated for v in deepseek_result.verdicts)} claims put to the test" in text
    assert f"support {counts['supported']}" in text
    for said in ("NVDA −17 per cent", "AVGO −17", "AMD −6.4", "TSM −13", "ASML −5.7", "moved −3.1 per cent"):
        assert said in text
    assert "The moves of NVDA, AVGO and TSM were abnormal" in text
    assert "Those of AMD and ASML were not" in text
    assert "because of" not in text


def test_foot_says_no_advice_and_links_corrections(page: Page) -> None:
    assert "Not investment advice." in page.html
    assert ("a", {"href": "#corrections"}) in page.elements


def test_hostile_text_is_text(hostile_page: Page) -> None:
    plain = [attrs for attrs, _ in hostile_page.scripts if not attrs.get("type")]
    assert plain == [{}]
    assert "alert(1)" in hostile_page.html
    assert "<script>alert" not in hostile_page.html
    assert "49" not in next(text for text in hostile_page.text if "alert(1)" in text)
    review = next(entry for entry in hostile_page.linked if entry["@type"] == "ClaimReview")
    assert review["claimReviewed"] == HOSTILE
    assert hostile_page.text.count(HOSTILE) >= 10


@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://example.org/a?b=1", True), ("javascript:alert(1)", False), ("data:text/html,x", False), ("//x", False)],
)
def test_only_web_addresses_of_articles_are_named(url: str, kept: bool, deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdicts[0]
    source = replace(verdict.claim.sources[0], url=url)
    review = linked.claim_review(replace(verdict, claim=replace(verdict.claim, sources=(source,))))
    (article,) = review["itemReviewed"]["appearance"]
    assert article.get("url") == (url if kept else None)


def test_where_prices_come_from_is_no_script(deepseek_result: StudyResult) -> None:
    prices = deepseek_result.prices
    origin = replace(prices.provenance, source=" JavaScript:alert(1)", licence="vbscript:x")
    entry = linked.dataset(replace(deepseek_result, prices=replace(prices, provenance=origin)))
    assert "license" not in entry
    assert "script:" not in json.dumps(entry).lower()


def test_a_fall_is_negative_on_every_card(page: Page, deepseek_result: StudyResult) -> None:
    said = {verdict.claim.id: verdict for verdict in deepseek_result.verdicts}
    fell, rose = (
        card(said["amd-8"], deepseek_result.settings, deepseek_result.cards, "0" * 64),
        card(said["nvda-only-loser"], deepseek_result.settings, deepseek_result.cards, "0" * 64),
    )
    assert fell.claimed == "below −8.00%"
    assert fell.measured == "−6.37%"
    assert "−19.10% to 3.18%" in rose.measured
    readings = {row["reading"]: float(row["value"]) for row in _file(page, "every-chipmaker-readings")}
    assert readings["Nvidia (NVDA)"] == pytest.approx(-16.968, abs=1e-3)
    ranks = card(said["brutal-day"], deepseek_result.settings, deepseek_result.cards, "0" * 64)
    assert ranks.claimed == "1st to 10th"
    verdicts = {row["id"]: row["measured"] for row in _file(page, "verdicts")}
    assert float(verdicts["nvda-17"]) == pytest.approx(-16.968, abs=1e-3)


def test_the_answer_names_the_other_groups(page: Page) -> None:
    text = " ".join(" ".join(page.text).split())
    assert "The mean abnormal returns of the other groups: " in text
    assert "energy −18 (abnormal)" in text
    assert "2 more below" in text


def test_no_listing_is_called_after_the_exchange_whose_sessions_it_shares(page: Page) -> None:
    text = " ".join(page.text)
    assert "New York (NYSE and Nasdaq)" in text
    assert "New York (XNYS)" not in text


def test_a_figure_that_cannot_be_built_fails_the_run(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from eventstudy import figures

    def broken(result: StudyResult) -> None:
        raise RuntimeError("no figure today")

    monkeypatch.setitem(figures.FIGURES, "day", dataclasses.replace(figures.FIGURES["day"], draw=broken))
    with pytest.raises(RuntimeError, match="no figure today"):
        deepseek_result.to_html(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_without_a_place_stands_at_the_end(
    deepseek_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy import figures

    monkeypatch.setitem(figures.FIGURES, "my_own", dataclasses.replace(figures.FIGURES["day"], name="my_own"))
    made = Page(to_html(deepseek_result))
    assert [attrs["id"] for tag, attrs in made.elements if tag == "section"] == [*SECTIONS, "figures"]
    assert "figure-my_own" in made.figures


def test_two_blocks_with_one_anchor_are_refused(deepseek_result: StudyResult) -> None:
    from eventstudy.report.page import render, report

    twice = blocks.Content("A", (blocks.Heading("b", "B"), blocks.Heading("b", "C")))
    card = dataclasses.replace(SECTIONS["day"], name="a", make=lambda result: twice)
    with pytest.raises(SpecError, match="share the anchor 'b'"):
        render(report(deepseek_result, (written(card, deepseek_result),)))


def test_sections_stand_under_the_names_of_their_cards_and_are_complete() -> None:
    assert [card.name for card in SECTIONS.values()] == list(SECTIONS)
    with pytest.raises(SpecError, match="leaves out title"):
        dataclasses.replace(SECTIONS["day"], title="")
    with pytest.raises(SpecError, match="audience is everybody or referees, got 'nobody'"):
        dataclasses.replace(SECTIONS["day"], audience="nobody")  # type: ignore[arg-type]


def test_a_section_that_returns_the_wrong_thing_is_named(deepseek_result: StudyResult) -> None:
    card = dataclasses.replace(SECTIONS["day"], name="mine", make=lambda result: None)  # type: ignore[arg-type]
    with pytest.raises(
        SpecError, match=r"the section 'mine': its function make returned None.*Content\(heading, blocks\)"
    ):
        written(card, deepseek_result)


def test_writes_whole_files_and_makes_the_folder(deepseek_result: StudyResult, page: Page, tmp_path: Path) -> None:
    target = tmp_path / "new" / "report.html"
    deepseek_result.to_html(target)
    assert target.read_text(encoding="utf-8") == page.html
    assert [file.name for file in target.parent.iterdir()] == ["report.html"]


def test_a_folder_that_cannot_be_made_is_said(deepseek_result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpecError, match="cannot write"):
        deepseek_result.to_html(tmp_path / "file" / "report.html")


def test_a_study_without_claims_groups_or_comparisons_has_a_report(tmp_path: Path) -> None:
    import eventstudy as es

    study = es.Study(prices="deepseek", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC", title="One share")
    made = Page(study.run().to_html())
    text = " ".join(" ".join(made.text).split())
    assert "NVDA moved −17 per cent" in text
    assert "trial" not in text
    shown = [attrs["id"] for tag, attrs in made.elements if tag == "section"]
    assert shown == [name for name in SECTIONS if name not in ("claims", "beyond")]


# --------------------------------------------------------------------------------------- studies unlike the bundled one
SMALL: dict[str, dict[str, Any]] = {
    "one": {"tickers": ["NVDA"], "events": "2025-01-27", "benchmark": "^IXIC"},
    "dates": {
        "events": {"NVDA": "2025-01-27", "AMD": "2025-03-03", "TSM": "2025-05-12"},
        "groups": {"ai_basket": ["NVDA", "AMD", "TSM"]},
        "benchmark": "^IXIC",
    },
    "average": {"tickers": ["NVDA", "AMD"], "events": "2025-01-27", "model": "mean_adjusted"},
    "nothing": {"tickers": ["NVDA"], "events": "2025-01-27", "model": "raw"},
    "short": {"tickers": ["NVDA", "AMD"], "events": "2025-01-27", "benchmark": "^IXIC"},
    "exchanges": {
        "events": "2025-01-28",
        "groups": {"both": ["NVDA", "8035.T"]},
        "exchanges": {"8035.T": "XTKS"},
        "benchmark": "^IXIC",
    },
    "two_benchmarks": {
        "tickers": ["NVDA"],
        "events": "2025-01-27",
        "benchmark": "^IXIC",
        "compare_benchmarks": ["^GSPC"],
    },
}
#: what is wrong in any of them, whatever the numbers
NEVER = (
    *("all 1 ", "for nobody", "the 1 securities", "0 of 0", "For 0 of them", "against mean-adjusted", "against raw"),
    *("prediction band", "prediction interval", "how large a leftover", "times the share's usual", "n/a abnormal"),
    *("against none", "no benchmark explains", "eventstudy run study", "listed with the old answer", "files below"),
    *("In our words", "ai_basket together", "adjusted_bmp_t and", "No rows", "None of them was"),
)


@pytest.fixture(scope="module")
def small(deepseek_result: StudyResult) -> dict[str, Page]:
    """Pages of small studies made in Python of a few columns of the bundled prices."""
    import eventstudy as es

    pages = {}
    prices = deepseek_result.prices.adj_close.loc["2023-06-01":"2025-12-31"]
    for name, options in SMALL.items():
        frame = prices[["NVDA", "AMD", "TSM", "^IXIC", "^GSPC", *(["8035.T"] if name == "exchanges" else [])]].copy()
        if name == "short":
            frame.loc[:"2024-08-29", "NVDA"] = math.nan
        pages[name] = Page(es.Study(prices=frame, **options).run().to_html())
    return pages


def _text(page: Page) -> str:
    return " ".join(" ".join(page.text).split())


@pytest.mark.parametrize("name", SMALL)
def test_prose_is_true_of_a_study_unlike_the_bundled_one(name: str, small: dict[str, Page]) -> None:
    text = _text(small[name])
    assert [phrase for phrase in NEVER if phrase in text] == []
    assert ("figure-benchmarks" in small[name].figures) == (name == "two_benchmarks")
    assert not {"figure-claims", "figure-movers"} & set(small[name].figures)
    assert ("figure-calendar" in small[name].figures) == ("exchanges" in SMALL[name])
    assert ("figure-scatter" in small[name].figures) == ("benchmark" in SMALL[name])
    assert ("Who traded when" if "exchanges" in SMALL[name] else "Which day is day zero") in text
    assert "Prices can be consistent with a cause" in text


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        (
            "one",
            (
                "On 27 January 2025 NVDA moved −17 per cent while the Nasdaq moved −3.1 per cent.",
                "The move of NVDA was abnormal at the 5 per cent level.",
                "NVDA returned −17 per cent on day zero. The interval of its abnormal return leaves zero out.",
                "NVDA closed the day at 83.03",
                "times the share’s usual response to it",
            ),
        ),
        (
            "dates",
            (
                "On their own dates the returns were: NVDA −17 per cent on 27 January 2025,",
                "adjusted for the 3 securities tested.",
                "27 January 2025, 3 March 2025 and 12 May 2025",
                "The group “AI basket” together",
                "Each security has its own day zero",
            ),
        ),
        (
            "average",
            ("NVDA −17 per cent and AMD −6.4.", "the share’s own average return", "is averaged", "σ·√(1 + 1/T)"),
        ),
        ("nothing", ("Here nothing is taken away", "around zero", "NVDA, raw returns: the abnormal return")),
        (
            "short",
            (
                "NVDA was not estimated: has 89 of the 175 estimation returns needed.",
                "The move of AMD was not abnormal at the 5 per cent level: against the Nasdaq the usual",
                "The interval of the one abnormal return that was estimated includes zero.",
            ),
        ),
        (
            "exchanges",
            (
                "The group “both” trades on several exchanges: NVDA in New York (NYSE and Nasdaq) "
                "and 8035.T in Tokyo (XTKS).",
                "so there is no test of the group, and each security has its own tests below.",
            ),
        ),
        ("two_benchmarks", ("leaves zero out against all 2 benchmarks for NVDA.",)),
    ],
)
def test_prose_says_what_a_small_study_is(name: str, phrases: tuple[str, ...], small: dict[str, Page]) -> None:
    text = _text(small[name])
    assert [phrase for phrase in phrases if phrase not in text] == []


# -------------------------------------------------------------------------------------------------- the second axis
def _axis(abnormal: bool | None, benchmark: str = "^IXIC", model: str = "market") -> Any:
    numbers = (-0.1, 0.02, -0.14, -0.06, 0.01, 0.02)
    word: AxisWord = "cannot be measured" if abnormal is None else "abnormal" if abnormal else "not abnormal"
    return AbnormalAxis("NVDA", "e", benchmark, model, (0, 0), *numbers, {"t": 0.01}, abnormal, word=word)


def test_only_decided_and_different_comparisons_are_counted() -> None:
    from eventstudy.report.cards import axis_lines

    own, open_ = _axis(True), _axis(None, "RSP")
    same, other = _axis(True, "^GSPC"), _axis(False, "QQQE")
    [line] = axis_lines([own, own, same, same, other, open_], {}, CARDS)
    assert line.text.endswith("Within its ordinary range against QQQE.")
    [line] = axis_lines([open_, _axis(None, "XLU"), _axis(None, "^GSPC")], {}, CARDS)
    assert (line.state, line.text) == ("cannot be measured", "Nothing was estimated.")
    [line] = axis_lines([own, own], {}, CARDS)
    assert "other" not in line.text


def test_the_axis_says_what_the_model_takes_away() -> None:
    from eventstudy.report.cards import axis_line

    assert "beyond its own average" in axis_line(_axis(True, benchmark="none", model="mean_adjusted"), CARDS).text
    assert "with nothing taken away" in axis_line(_axis(True, benchmark="none", model="raw"), CARDS).text


def test_changes_are_shown_as_text(page: Page) -> None:
    text = _text(page)
    assert "| release | claim |" not in text
    assert "# Verdicts that changed" not in text
    assert ("a", {"href": "#corrections"}) in page.elements


def test_a_table_of_changes_becomes_a_list() -> None:
    from eventstudy.report.reproduce import _listed

    made = list(_listed("# Title\n\nSome `code`\nhere.\n\n| a | b |\n|---|---|\n| 0.2.0 | amd-8 |\n"))
    assert made == [blocks.Prose(("Some code here.",)), blocks.Bullets((("0.2.0:", "b: amd-8"),))]


def test_the_reasoning_speaks_of_the_window_that_is_tested() -> None:
    """Six dates five days apart: on one day they are apart, whatever the event window; the choice orders the table."""
    rng = np.random.default_rng(3)
    days = calendar("XNYS", dt.date(2017, 1, 2), dt.date(2020, 1, 2)).sessions[:700]
    market = rng.normal(0, 0.01, 700)
    names = [f"S{i}" for i in range(6)]
    returns = {"M": market} | {name: market + 0.02 * rng.standard_t(3, 700) for name in names}
    events = [es.Event("e", name, days[500 + 5 * i].date()) for i, name in enumerate(names)]
    study = es.Study(
        prices=100 * (1 + pd.DataFrame(returns, index=days)).cumprod(),
        events=events,
        benchmark="M",
        groups={"six": names},
        windows=[(0, 0)],
        exchanges=dict.fromkeys(returns, "XNYS"),
    )
    event = study.run().headline
    said = event.why["six"]
    assert "have dates of their own" in said
    front = [f.result.test for f in event.tests if f.is_group and f.front]
    listed = re.search(r"in front stand (.*?), which", said)
    assert listed is not None
    assert re.split(r", | and ", listed[1]) == front


def test_many_members_of_an_index_are_counted_and_a_few_are_named(page: Page) -> None:
    text = " ".join(" ".join(page.text).split())
    assert "26 of the 34 securities in New York (NYSE and Nasdaq) are themselves part of the Nasdaq. " in text
    assert "8035.T, 6857.T and 9984.T are themselves part of the Nikkei 225" in text


def test_what_is_for_everybody_comes_before_what_is_for_referees(page: Page) -> None:
    audiences = [section.audience for section in SECTIONS.values()]
    assert audiences == sorted(audiences)  # everybody, referees
    assert page.html.count('data-label="For referees"') == 1
    first = next(section for section in SECTIONS.values() if section.audience == "referees")
    assert f'data-label="For referees"><a href="#{first.name}">' in page.html


def test_numbers_of_the_list_are_those_of_results_json(page: Page, deepseek_result: StudyResult) -> None:
    rows = re.findall(
        r'<details class="card[^>]* id="claim-([^"]+)".*?<span class="measured">([^<]*)</span>', page.html, re.S
    )
    found = {claim["id"]: claim for claim in json.loads(deepseek_result.to_json())["claims"]}
    assert {name for name, _ in rows} == set(found)
    compared = 0
    for name, said in rows:
        measured = found[name]["measured"]
        if not said or measured["unit"] != "percent":
            continue
        ends = sorted({f"{abs(measured[end]):,.2f}" for end in ("low", "high")})
        assert sorted(set(re.findall(r"[\d,]+\.\d\d", said))) == ends, name
        compared += 1
    assert compared > 15
    lede = " ".join(re.findall(r'<span class="sentence">([^<]*)', page.html))
    moved = {row["ticker"]: row["ret"] for row in _json_day(deepseek_result)}
    for name, ticker in (("AMD ", "AMD"), ("ASML ", "ASML")):
        assert f"{name}{abs(100 * moved[ticker]):.1f}" in lede


def _json_day(result: StudyResult) -> list[dict[str, Any]]:
    rows = json.loads(result.to_json())["abnormal_returns"]
    headline = result.settings.headline_event
    return [row for row in rows if row["tau"] == 0 and row["event"] == headline and row["benchmark"] == "^IXIC"]
