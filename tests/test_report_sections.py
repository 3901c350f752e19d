"""Sections and figures as entries of their registries, and pages of studies unlike the bundled one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from report_pages import CARDS, Page, _text

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.objects.verdicts import (
    AbnormalAxis,
    AxisWord,
)
from eventstudy.prices.sessions import calendar
from eventstudy.report import (
    SECTIONS,
    blocks,
    to_html,
)
from eventstudy.report.section import written

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


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
