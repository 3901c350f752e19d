"""The page over all studies of a folder of reports: closed, escaped, and true of each results.json."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from test_cli import Run, refused, run  # noqa: F401 - a fixture

from eventstudy.example import example_result
from eventstudy.objects.results import StudyResult
from eventstudy.report.reports import reports_page


@pytest.fixture
def reports(deepseek_result: StudyResult, tmp_path: Path) -> Path:
    """Six folders: a study with claims, one without, a hostile name, a broken file, a page alone, and no report."""
    at = tmp_path / "reports"
    deepseek_result.to_json(at / "deepseek" / "results.json")
    (at / "deepseek" / "index.html").touch()
    example_result().to_json(at / "example" / "results.json")
    shutil.copytree(at / "example", at / "<b>&'\"x#?")
    for name in ("broken", "page", "none"):
        (at / name).mkdir()
    (at / "broken" / "results.json").write_text('{"schema_version": 1, "study": []}', encoding="utf-8")
    (at / "page" / "index.html").touch()
    return at


def test_every_study_is_on_it(reports: Path, deepseek_result: StudyResult) -> None:
    page = reports_page(reports)
    assert page.count("<section ") == 5
    assert deepseek_result.settings.title in unescape(page)
    assert json.loads(deepseek_result.to_json())["study"]["finding"] in unescape(page)
    counts = Counter(v.verdict for v in deepseek_result.verdicts if v.rated)
    assert ", ".join(f"{counts[w]} {w}" for w in ("supported", "imprecise", "partly", "contradicted")) in page
    wrong = [v for v in deepseek_result.verdicts if v.rated and v.verdict in ("contradicted", "imprecise")]
    linked = re.findall(r'href="deepseek/index\.html#claim-([\w-]+)"', page)
    assert sorted(linked) == sorted(v.claim.id for v in wrong)
    assert "cannot be read" in page
    assert "results.json is not beside it" in page


def test_it_is_closed_and_small_and_the_same_each_time(reports: Path) -> None:
    page = reports_page(reports)
    assert "default-src 'none'; script-src 'none'" in unescape(page)
    assert "<script" not in page
    assert "<b>&'" not in page
    addresses = re.findall(r'(?:href|src)="([^"#]+)', page)
    assert all(not re.match(r"[a-z]+:|/", address) for address in addresses)
    assert "%3Cb%3E%26%27%22x%23%3F/results.json" in addresses
    assert len(page) < 100_000
    assert page == reports_page(reports)


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    assert "eventstudy run STUDY" in reports_page(tmp_path)


def test_run_keeps_it_and_index_writes_it(run: Run, tmp_path: Path) -> None:  # noqa: F811
    done = run("run", "nvidia-2024", "--formats", "json")
    assert "wrote reports/index.html" in done.stderr
    assert "record loss of 3 September 2024" in (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert run("run", "nvidia-2024", "--formats", "md", "--out", "here/there").returncode == 0
    assert not (tmp_path / "here" / "index.html").exists()  # a folder of the user's own is left alone
    (tmp_path / "reports" / "index.html").unlink()
    assert run("index").returncode == 0
    assert (tmp_path / "reports" / "index.html").is_file()
    refused(run("index", "nowhere"), 2, "there is no folder of reports at nowhere")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "results.json").touch()
    (tmp_path / "report" / "index.html").write_text("the page", encoding="utf-8")
    refused(run("index", "report"), 2, "report is the report of one study", "give the folder above it")
    assert (tmp_path / "report" / "index.html").read_text(encoding="utf-8") == "the page"
