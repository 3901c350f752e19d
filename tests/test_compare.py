"""Two results side by side: what differs is found, what does not is not, and files that are no results are refused."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from test_cli import Run, refused, run  # noqa: F401 - a fixture

from eventstudy.example import example_result
from eventstudy.objects.results import StudyResult
from eventstudy.report.changes import changes


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return json.loads(example_result().to_json())


@pytest.fixture(scope="module")
def bundled(deepseek_result: StudyResult) -> dict[str, Any]:
    return json.loads(deepseek_result.to_json())


def test_a_result_does_not_differ_from_itself(bundled: dict[str, Any]) -> None:
    found = changes(bundled, copy.deepcopy(bundled))
    assert found.none
    assert found.compared["windows"] == 3 * len(bundled["windows"])
    assert found.compared["tests"] == 3 * len(bundled["tests"])  # no two rows are taken for one


@pytest.mark.parametrize("factor", [1 + 1e-6, -1.0, None])
def test_one_number_is_found(plain: dict[str, Any], factor: float | None) -> None:
    other = copy.deepcopy(plain)
    row = other["windows"][3]
    row["car"] = None if factor is None else factor * row["car"]
    (number,) = changes(plain, other).numbers
    assert (number.table, number.column) == ("windows", "car")
    assert row["ticker"] in number.of
    assert (number.first, number.second) == (plain["windows"][3]["car"], row["car"])
    assert number.by == (math.inf if factor is None else pytest.approx(abs(factor - 1), rel=1e-3))


def test_the_last_of_12_digits_is_no_difference(plain: dict[str, Any]) -> None:
    other = copy.deepcopy(plain)
    other["windows"][3]["car"] *= 1 + 1e-12
    assert changes(plain, other).none


def test_a_setting_and_a_file_explain(plain: dict[str, Any]) -> None:
    other = copy.deepcopy(plain)
    other["settings"]["alpha"] = 0.1
    other["data"]["files"] = {"prices.csv": "another"}
    causes = changes(plain, other).causes
    assert [(c.what, c.name, c.second) for c in causes] == [
        ("setting", "alpha", 0.1),
        ("file", "prices.csv", "another"),
    ]


def test_another_model_is_compared_with_the_studys_own(plain: dict[str, Any]) -> None:
    other = copy.deepcopy(plain)
    other["settings"]["model"] = "market_adjusted"
    for table in ("estimates", "windows", "tests"):
        for row in other[table]:
            row["model"] = "market_adjusted"
    found = changes(plain, other)
    assert found.only == {"estimates": (0, 0), "windows": (0, 0), "tests": (0, 0)}
    assert [c.name for c in found.causes] == ["model"]


def test_verdicts_that_turn_say_why(bundled: dict[str, Any]) -> None:
    other = copy.deepcopy(bundled)
    rows = {row["id"]: row for row in other["claims"]}
    rows["nvda-17"] |= {"verdict": "imprecise", "note": "overstated"}
    rows["amd-8"]["measured"] = {**rows["amd-8"]["measured"], "value": 7.0}
    rows["avgo-15"]["claimed"] = {**rows["avgo-15"]["claimed"], "high": 18.0}
    other["claims"].remove(rows["oracle-slid"])
    found = {v.claim: v for v in changes(bundled, other).verdicts}
    assert set(found) == {"nvda-17", "amd-8", "avgo-15", "oracle-slid"}
    assert (found["nvda-17"].first, found["nvda-17"].second) == ("supported", "imprecise (overstated)")
    assert found["nvda-17"].why == "the rules of another version"
    assert not found["amd-8"].turned
    assert found["amd-8"].why == "another value was measured"
    assert "->" in found["amd-8"].measured
    assert found["avgo-15"].why == "the claim is another"
    assert (found["oracle-slid"].second, found["oracle-slid"].why) == (None, "only in the first")


# ----------------------------------------------------------------------------------------------------- the command
def write(path: Path, result: dict[str, Any]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result), encoding="utf-8")
    return str(path)


def test_compare_prints_and_tells_machines(run: Run, plain: dict[str, Any], tmp_path: Path) -> None:  # noqa: F811
    other = copy.deepcopy(plain)
    other["settings"]["alpha"] = 0.1
    other["windows"][3]["car"] *= 2
    a, b = write(tmp_path / "a.json", plain), write(tmp_path / "b" / "results.json", other)
    assert "The same verdicts and numbers" in run("compare", a, a).stdout
    done = run("compare", a, str(tmp_path / "b"))
    assert done.returncode == 0, done.stderr
    assert "0 verdicts and 1 of " in done.stdout
    for table in ("estimates", "windows", "tests"):
        other[table] = []
    none = run("compare", a, write(tmp_path / "none.json", other)).stdout
    assert "0 verdicts differ; the results have no row in common, so that no number is compared." in none
    assert "alpha" in done.stdout
    told = json.loads(run("compare", a, b, "--json").stdout)
    assert told["same"] is False
    assert told["numbers"][0]["column"] == "car"


def test_what_is_no_result_is_refused(run: Run, plain: dict[str, Any], tmp_path: Path) -> None:  # noqa: F811
    a = write(tmp_path / "a.json", plain)
    for name, content, words in (
        ("broken.json", "{", "no results.json"),
        ("list.json", "[]", "no results.json"),
        ("old.json", '{"schema_version": 0}', "has schema_version 0; this version reads 1: run the study again"),
        ("part.json", '{"schema_version": 1, "settings": {}}', "lacks data, claims"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        refused(run("compare", a, str(tmp_path / name)), 2, name, words)
    refused(run("compare", a, "nowhere.json"), 2, "no such file")
    refused(run("compare", "deepsek", a), 2, "Did you mean 'deepseek'?")
    refused(run("compare", a, a, "--set", "model=ff3"), 2, "--set is for a study that is run")


def test_results_of_two_studies_are_said_to_have_nothing_in_common(
    bundled: dict[str, Any], plain: dict[str, Any]
) -> None:
    from eventstudy.cli.compare import _compared

    found = changes(bundled, plain)
    assert all(v.alone and not v.turned for v in found.verdicts)
    said = _compared(found)
    assert said.startswith("Nothing can be compared: ")
    assert said.endswith(f" {len(bundled['claims'])} claims stand in one of them alone.")
