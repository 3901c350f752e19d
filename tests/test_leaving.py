"""Results leave as files, and what is read back from each is what the result holds."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventstudy import Study, run_events
from eventstudy.errors import SpecError
from eventstudy.example import example_events, example_result, example_returns, example_run
from eventstudy.objects.leaving import COLUMNS, header
from eventstudy.objects.results import StudyResult
from eventstudy.report.frames import Column, Table
from eventstudy.report.markup import escaped, latex, markdown, plain

NASTY = ["a_b & 17 % #1 $5", "=1+1", "x | y * z `c`", "−0.5² ≤ ∞", "“Škoda” – 東京", "\\end{document}", "a\x07b", ""]


# ---------------------------------------------------------------------------------------------------------------- excel
@pytest.mark.parametrize("made", [example_result, example_run], ids=["study", "run"])
def test_a_workbook_holds_the_frames(made: Any, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    result = made()
    path = result.to_excel(tmp_path / "r.xlsx")
    sheets = pd.read_excel(path, sheet_name=None)
    assert [*result.sheets(), "columns"] == list(sheets)
    for name, frame in (("cars", result.cars()), ("caar", result.caar())):
        for column in frame.columns:
            read = sheets[name][header(column)]
            if frame[column].dtype.kind == "f":
                np.testing.assert_allclose(read, frame[column], rtol=1e-14)
            elif column != "day_zero":
                assert read.astype(str).tolist() == frame[column].astype(str).tolist()
    book = openpyxl.load_workbook(path)
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert all(cell.font.bold for cell in sheet[1])
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    day = sheets["cars"].columns.get_loc("day_zero (date)") + 1
    assert isinstance(book["cars"].cell(2, day).value, dt.datetime)
    assert book["cars"].cell(2, day).number_format == "yyyy-mm-dd"
    words = sheets["columns"].set_index(["sheet", "column"])
    assert words.loc[("cars", "car"), "unit"] == "decimal"
    undescribed = words[words["meaning"].isna()].index.get_level_values("column")
    assert set(undescribed) <= {"size", "market"} | set(sheets.get("about", ())) | set(sheets.get("issues", ()))


def test_a_study_with_claims_has_a_sheet_of_them(deepseek_result: StudyResult, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    from eventstudy.files.workbook import write_workbook

    own = {"claims": deepseek_result.sheets()["claims"]}
    claims = pd.read_excel(write_workbook(tmp_path / "r.xlsx", own, header), sheet_name="claims")
    assert claims["id"].tolist() == [v.claim.id for v in deepseek_result.verdicts]
    assert [w for w in claims["verdict"] if w != "opinion"] == [
        v.verdict for v in deepseek_result.verdicts if v.claim.status != "opinion"
    ]
    measured = [v.value if v.measured is not None else np.nan for v in deepseek_result.verdicts]
    np.testing.assert_allclose(claims["measured_value"].astype(float), measured, rtol=1e-14)


def test_a_sheet_takes_whatever_a_frame_holds(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    from eventstudy.files.workbook import write_workbook

    values = [
        *NASTY,
        None,
        float("nan"),
        float("inf"),
        pd.NaT,
        dt.date(1850, 1, 2),
        pd.Timestamp("2025-01-27", tz="UTC"),
    ]
    values += [True, 10**20, np.float32(0.5), [1, 2], "x" * 40_000]
    path = write_workbook(tmp_path / "x.xlsx", {"a": pd.DataFrame({"=v": pd.Series(values, dtype=object)})}, str)
    read = [row[0].value for row in openpyxl.load_workbook(path)["a"].iter_rows()]
    assert read[0] == "'=v"
    assert read[1:8] == [
        "a_b & 17 % #1 $5",
        "'=1+1",
        "x | y * z `c`",
        "−0.5² ≤ ∞",
        "“Škoda” – 東京",
        *NASTY[5:6],
        "a\\x07b",
    ]
    assert read[9:12] == [None, None, "inf"]
    assert read[13] == "1850-01-02"
    assert read[14] == dt.datetime(2025, 1, 27)
    assert len(read[-1]) <= 32_767


def test_without_openpyxl_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(SpecError, match=r"eventstudy-claims\[excel\]"):
        example_run().to_excel(tmp_path / "r.xlsx")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------------------------- csv and parquet
@pytest.mark.parametrize("made", [example_result, example_run], ids=["study", "run"])
def test_one_row_per_event_leaves_as_csv_and_parquet(made: Any, tmp_path: Path) -> None:
    result = made()
    frame = result.frame()
    csv = pd.read_csv(result.to_csv(tmp_path / "r.csv"))
    np.testing.assert_allclose(csv["car[-1,+1]"], frame["car[-1,+1]"], rtol=1e-12)
    assert csv.columns.tolist() == frame.columns.tolist()
    pytest.importorskip("pyarrow")
    read = pd.read_parquet(result.to_parquet(tmp_path / "r.parquet"))
    np.testing.assert_array_equal(read["scar[0,0]"], frame["scar[0,0]"])


@pytest.mark.parametrize("door", ["study", "run"])
def test_no_cell_of_a_csv_is_a_live_formula(door: str, tmp_path: Path) -> None:
    events = example_events().assign(id=[f"=1+{i}" for i in range(8)])
    about: dict[str, Any] = {"benchmark": "M", "estimation": (-130, -11), "windows": [(0, 0)], "tests": ["t"]}
    result = (
        Study(returns=example_returns(), events=events, calendar="own", **about).run()
        if door == "study"
        else run_events(example_returns(), events, **{**about, "tests": ["cross_sectional_t"]})
    )
    assert pd.read_csv(result.to_csv(tmp_path / "r.csv"))["id"].tolist() == [f"'=1+{i}" for i in range(8)]


def test_a_study_and_a_run_give_the_same_columns_and_numbers() -> None:
    study, run = example_result(), example_run()
    for kind in ("car", "scar"):
        for window in ("[0,0]", "[-1,+1]"):
            np.testing.assert_allclose(
                study.frame()[kind + window], run.frame()[kind + window].to_numpy(), rtol=1e-10, atol=1e-14
            )
    for frame in ("cars", "caar", "tests"):
        a, b = (getattr(result, frame)() for result in (study, run))
        assert set(b.columns) <= set(a.columns) | {"size"}
        assert {type(window) for window in [*a["window"], *b["window"]]} == {str}
    assert {*study.tests()["subject"]} >= {*study.caar()["subject"]}
    assert {*run.tests()["subject"]} == {*run.caar()["subject"]}
    methods = ("frame", "cars", "caar", "tests", "regress", "compare", "plot", "sheets")
    files = ("to_csv", "to_parquet", "to_excel", "to_latex", "to_markdown")
    assert all(hasattr(result, name) for result in (study, run) for name in (*methods, *files))


def test_every_column_of_the_frames_has_its_words() -> None:
    traits = {"size", "market"}
    for result in (example_result(), example_run()):
        for frame in (result.cars(), result.caar(), result.tests(), result.frame()):
            bare = {str(name).partition("[")[0] for name in frame.columns} - traits
            assert bare <= set(COLUMNS), bare - set(COLUMNS)


# --------------------------------------------------------------------------------------------------- latex and markdown
def cells(text: str) -> list[list[str]]:
    """The rows of every Markdown table, without escapes."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not re.match(r"\|:?-", line)]
    return [[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_markdown_reads_back(deepseek_result: StudyResult, tmp_path: Path) -> None:
    path = deepseek_result.to_markdown(tmp_path / "r.md")
    rows = cells(Path(path).read_text(encoding="utf-8"))
    assert ["Claim", "Claimed", "Measured", "Verdict", "Said in"] in rows
    said = {row[0]: row[3] for row in rows if len(row) == 5}
    for verdict in deepseek_result.verdicts:
        from eventstudy.report.wording import curly, label

        assert said[" ".join(curly(verdict.claim.says).split())] == label(verdict)


def test_markup_says_nothing_that_was_not_said() -> None:
    table = Table("t", "Nasty", (Column("a", "a"), Column("b", "b", "number")), tuple((t, 1.0) for t in NASTY))
    read = cells(markdown((table,)))
    assert [row[0] for row in read[1:]] == [" ".join(text.split()) for text in NASTY]
    assert plain("<script>") == "\\<script\\>"
    body = latex((table,))
    assert body.count(r"\\") == len(NASTY) + 1
    assert r"\end{document}" not in body
    assert escaped("−17 %") == r"$-$17 \%"


def compiled(text: str, at: Path) -> str:
    """The log of pdflatex, which must write a PDF without an error."""
    found = shutil.which("pdflatex")
    if found is None:
        pytest.skip("setting LaTeX needs pdflatex, which this machine does not have")
    (at / "r.tex").write_text(text, encoding="utf-8")
    command = [found, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "r.tex"]
    done = subprocess.run(command, cwd=at, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode("latin-1")
    assert done.returncode == 0, log[-2000:]
    assert (at / "r.pdf").read_bytes().startswith(b"%PDF")
    return log


def test_latex_compiles(deepseek_result: StudyResult, tmp_path: Path) -> None:
    log = compiled(str(deepseek_result.to_latex(document=True)), tmp_path)
    assert "Missing character" not in log


def test_latex_of_hostile_texts_compiles(tmp_path: Path) -> None:
    table = Table("t", "Nasty", (Column("a", "a"), Column("b", "b", "number")), tuple((t * 9, 1.0) for t in NASTY))
    compiled(latex((table,), "A_title & more"), tmp_path)


@pytest.mark.parametrize("made", [example_result, example_run], ids=["study", "run"])
def test_a_file_does_not_end_as_another_kind_does(made: Any, tmp_path: Path) -> None:
    for write, end in (
        ("to_excel", "docx"),
        ("to_csv", "xlsx"),
        ("to_latex", "md"),
        ("to_latex", "doc"),
        ("to_markdown", "tex"),
    ):
        with pytest.raises(SpecError, match="ends as another kind of file does"):
            getattr(made(), write)(tmp_path / f"r.{end}")
    with pytest.raises(SpecError, match=r"ends in \.html"):
        example_result().to_html(tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())
    assert made().to_latex(tmp_path / "r.txt").name == "r.txt"  # an ending that says nothing of the kind


def test_a_path_that_is_none_is_refused() -> None:
    for write in ("to_csv", "to_excel", "to_latex", "to_markdown"):
        for result in (example_result(), example_run()):
            with pytest.raises(SpecError, match="path is a path"):
                getattr(result, write)(5)
    with pytest.raises(SpecError, match="document"):
        example_run().to_latex(document="yes")  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------- regressions
def test_a_journal_prints_coefficients_with_errors_below() -> None:
    run = example_run()
    first, second = run.regress(["size"]), run.regress(["size"], (-1, 1), covariance="classical")
    rows = cells(str(first.to_markdown(beside=[second])))
    by = {row[0]: row[1:] for row in rows if row[0]}
    assert by["Events"] == ["8", "8"]
    assert by["Standard errors"] == ["HC3", "classical"]
    assert by["size"][0] == f"{first.coefficients[1]:.6f}"
    below = rows[[row[0] for row in rows].index("size") + 1]
    assert below[1:] == [f"({found.se[1]:.6f})" for found in (first, second)]
    assert not any("*" in cell for row in rows for cell in row)
    marked = str(first.to_markdown(stars=True))
    assert "p \\< 0.10" in marked
    assert first.p[0] < 0.01
    assert by["const"][0] + "***" in {cell for row in cells(marked) for cell in row}
    assert r"\toprule" in str(first.to_latex(beside=[second]))


# ----------------------------------------------------------------------------------------------------------------- pdf
def test_a_page_is_printed(tmp_path: Path) -> None:
    from eventstudy.files.browser import chromium, print_pdf

    if chromium() is None:
        if os.environ.get("EVENTSTUDY_REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium")
        pytest.skip("a PDF is printed by Chromium, which this machine does not have")
    path = print_pdf("<!doctype html><title>A title</title><p>Said on paper", tmp_path / "r.pdf")
    assert path.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True, timeout=60)
        assert "Said on paper" in told.stdout


def test_without_a_browser_a_pdf_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.files import browser

    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    with pytest.raises(SpecError, match="Chromium or Chrome, which is not installed"):
        browser.print_pdf("<p>", tmp_path / "r.pdf")


def test_a_browser_that_hangs_or_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.files import browser

    fake = tmp_path / "chromium"
    monkeypatch.setattr(browser, "chromium", lambda: str(fake))
    monkeypatch.setattr(browser, "PATIENCE", 0.5)
    for script, words in (("sleep 60", "did not finish"), ("exit 3", "ended with code 3"), ("exit 0", "no PDF")):
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        with pytest.raises(SpecError, match=words):
            browser.print_pdf("<p>", tmp_path / "r.pdf")
    assert not (tmp_path / "r.pdf").exists()


# ------------------------------------------------------------------------------------------------------- the document
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "results.md"


def test_the_examples_of_the_document_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    space: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, DOCUMENT.name, "exec"), space)
    assert len(list(tmp_path.iterdir())) == 8


def test_the_document_names_every_column() -> None:
    rows = "\n".join(f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in COLUMNS.items())
    assert DOCUMENT.read_text(encoding="utf-8").endswith(rows + "\n")


def test_the_interval_of_a_mean_says_its_level() -> None:
    """The half width over the standard error is the quantile of t at that level."""
    run = example_run().caar()
    about: dict[str, Any] = {
        "benchmark": "M",
        "calendar": "own",
        "estimation": (-130, -11),
        "windows": [(0, 0)],
        "tests": ["t"],
    }
    wide = Study(returns=example_returns(), events=example_events(), alpha=0.10, **about).run().caar()
    for caar, level in ((run, 0.95), (wide, 0.90)):
        assert caar["level"].unique().tolist() == pytest.approx([level])
    one = run.iloc[0]
    assert (one["high"] - one["caar"]) / one["se"] == pytest.approx(stats.t.ppf(0.975, one["n"] - 1))
