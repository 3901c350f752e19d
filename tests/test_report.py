"""The page of the report as a document: its policy, anchors, headings, files, and what stands in it."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from report_pages import Page

import eventstudy as es
from eventstudy.report import (
    SECTIONS,
    packing,
    tables,
    to_html,
    wording,
)

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


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
