"""The verdicts as they leave: CSV, JSON, Markdown, and the linked data that machines read on a page."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Source
from eventstudy.report import linked
from eventstudy.report.claimtable import COLUMNS, claims_frame, claims_text

SHAPES = Path(__file__).parent / "reference" / "schema_org"


def test_every_claim_has_a_row_with_its_intervals_and_its_second_axis(deepseek_result: StudyResult) -> None:
    frame = deepseek_result.claims_table().set_index("id")
    assert list(frame.reset_index().columns) == list(COLUMNS)
    assert list(frame.index) == [v.claim.id for v in deepseek_result.verdicts]
    amd = frame.loc["amd-8"]
    assert (amd["verdict"], amd["said"], amd["claimed_low"]) == ("contradicted", "more than 8%", 8.0)
    assert pd.isna(amd["claimed_high"])  # a bound has one end
    assert amd["measured_value"] == pytest.approx(100 * (1 - 115.01 / 122.84))
    assert amd["decision"] == "(8.00% − 6.3741%) / 8.00% = 20.32% > 15.00%: contradicted"
    assert amd["abnormal"] == "depends on the benchmark"
    assert frame.loc["hysteria", "verdict"] == "opinion"
    assert pd.isna(frame.loc["hysteria", "decision"])
    assert frame.loc["trillion", "depends"].count(": ") == 2


def test_the_three_forms_are_read_back(deepseek_result: StudyResult) -> None:
    frame = deepseek_result.claims_table()
    verdicts = deepseek_result.verdicts
    read = pd.read_csv(io.StringIO(claims_text(verdicts, "csv")))
    assert list(read["id"]) == list(frame["id"])
    assert read["measured_value"].to_numpy() == pytest.approx(frame["measured_value"].to_numpy(float), nan_ok=True)
    rows = json.loads(claims_text(verdicts, "json"))
    assert [row["id"] for row in rows] == list(frame["id"])
    assert rows[0]["claimed_high"] is None
    assert rows[0]["abnormal_p"] == pytest.approx(frame["abnormal_p"][0], rel=1e-11)
    lines = claims_text(verdicts, "md").splitlines()
    assert sum(line.startswith("| ") for line in lines) == len(verdicts) + 1
    assert claims_frame([]).empty
    assert json.loads(claims_text([], "json")) == []


def test_no_cell_is_a_formula(deepseek_result: StudyResult) -> None:
    verdict = deepseek_result.verdicts[0]
    claim = replace(verdict.claim, says='=HYPERLINK("http://x")', sources=(Source("+x", "A"),), id="@SUM(1)")
    text = claims_text([replace(verdict, claim=claim)], "csv")
    (_, row) = csv.reader(io.StringIO(text))
    assert not [cell for cell in row if re.match(r"[=+@\t\r]|-(?!\d+\.?\d*(e-?\d+)?$)", cell)]


# --------------------------------------------------------------------------------------------------------- linked data
@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    jsonschema = pytest.importorskip("jsonschema")
    registry = pytest.importorskip("referencing")
    found = {name: json.loads((SHAPES / name).read_text()) for name in ("claim_review.json", "dataset.json")}
    known = registry.Registry().with_resources(
        (name, registry.Resource.from_contents(schema)) for name, schema in found.items()
    )
    kinds = {"ClaimReview": "claim_review.json", "Dataset": "dataset.json"}
    return {kind: jsonschema.Draft202012Validator(found[name], registry=known) for kind, name in kinds.items()}


def test_linked_data_has_the_published_shapes(deepseek_result: StudyResult, shapes: dict[str, Any]) -> None:
    entries = list(linked.linked_data(deepseek_result))
    assert [e["@type"] for e in entries].count("ClaimReview") == sum(v.rated for v in deepseek_result.verdicts)
    wrong = [(e.get("identifier"), x.message) for e in entries for x in shapes[e["@type"]].iter_errors(e)]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (
            Source("a", "A", "P", "B C", "2025-01-28", "https://a.org/x"),
            {"author", "publisher", "datePublished", "url"},
        ),
        (Source("a", "A", published="early 2025", url="javascript:alert(1)"), set()),
        (Source("a", "A", published="2025-02-30"), set()),
        (Source("a", "A", published="2025-02"), {"datePublished"}),
    ],
)
def test_articles_have_only_what_is_known(
    deepseek_result: StudyResult, shapes: dict[str, Any], source: Source, kept: set[str]
) -> None:
    verdict = deepseek_result.verdict("amd-8")
    review = linked.claim_review(replace(verdict, claim=replace(verdict.claim, sources=(source,))))
    assert list(shapes["ClaimReview"].iter_errors(review)) == []
    (article,) = review["itemReviewed"]["appearance"]
    assert set(article) == {"@type", "headline", *kept}


def test_the_shapes_refuse_what_schema_org_does_not_know(deepseek_result: StudyResult, shapes: dict[str, Any]) -> None:
    review = linked.claim_review(deepseek_result.verdict("amd-8"))
    for change in ({"author": {"@type": "Thing", "name": "x"}}, {"verdict": "false"}, {"datePublished": "early 2025"}):
        assert list(shapes["ClaimReview"].iter_errors({**review, **change}))
    data = linked.dataset(deepseek_result)
    assert list(shapes["Dataset"].iter_errors({**data, "isBasedOn": ["a vendor"]}))
