"""What the tables, cards and sentences of the page say, against the result."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from report_pages import CARDS, HOSTILE, Page, _text, _verdict

from eventstudy.figures.words import spoken
from eventstudy.objects.cards import FAMILIES
from eventstudy.objects.verdicts import (
    Part,
)
from eventstudy.report import (
    deck,
    linked,
    tables,
    to_html,
    wording,
)
from eventstudy.report.cards import card

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


@pytest.fixture(scope="module")
def hostile_page(hostile: StudyResult) -> Page:
    return Page(to_html(hostile))


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
