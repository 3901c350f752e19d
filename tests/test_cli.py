"""The commands as a user types them: what they print, where, and with which exit code."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def start(tmp_path: Path) -> Run:
    """Start `python -m eventstudy ...` in an empty folder: whether a command has all it needs in a fresh process."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "eventstudy", *arguments],
            cwd=tmp_path,
            env={
                **{name: value for name, value in os.environ.items() if name != "COLUMNS"},
                "NO_COLOR": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    return call


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in this process, for what a command says and does: nothing is imported again, a warning is an error."""
    from eventstudy.cli.commands import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # the test runner's processes are told the width of its terminal
    for name in ("NO_COLOR", "OPENBLAS_NUM_THREADS", "PYDANTIC_DISABLE_PLUGINS"):  # the last two by `main` otherwise
        monkeypatch.setenv(name, "1")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["eventstudy", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        gc.enable()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(stop.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the bundled study that a test may spoil."""
    return Path(shutil.copytree(ROOT / "data" / "deepseek", tmp_path / "mine"))


def spoil(file: Path, old: str, new: str) -> int:
    """Replace the first `old`; returns the line it stands on."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The command failed with `code` and one message, without a traceback and without output."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


# --------------------------------------------------------------------------------------------------------- it works
def test_run_writes_the_report_and_the_results(start: Run, tmp_path: Path) -> None:
    done = start("run", "deepseek", "--formats", "html,json,csv")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports" / "deepseek"
    assert (folder / "index.html").stat().st_size > 1_000_000
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["study"]["id"] == "deepseek"
    assert sorted(p.name for p in (folder / "csv").iterdir()) == [
        "abnormal_returns.csv",
        "claims.csv",
        "estimates.csv",
        "tests.csv",
        "windows.csv",
    ]
    assert "amd-8" in done.stdout
    assert "wrote" in done.stderr
    assert not [p for p in folder.rglob("*") if p.name.startswith("tmp")]


def test_run_for_machines(run: Run, tmp_path: Path) -> None:
    done = run("run", "deepseek", "--formats", "json", "--out", "here", "--json", "--strict")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["files"] == ["here/results.json"]
    assert sum(said["tally"].values()) == sum(v["status"] == "stated" for v in said["verdicts"])
    assert {v["verdict"] for v in said["verdicts"] if v["status"] == "opinion"} == {"opinion"}
    assert done.stderr == ""


def test_explain_prints_the_arithmetic_with_sources(start: Run) -> None:
    done = start("explain", "amd-8")
    assert done.returncode == 0, done.stderr
    for words in ("AMD", "2025-01-24", "2025-01-27", "122.84", "115.01", "Yahoo Finance"):
        assert words in done.stdout


def test_claims_list(run: Run) -> None:
    done = run("claims", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert {"nvda-17", "amd-8"} <= {verdict["id"] for verdict in json.loads(done.stdout)}


def test_claims_check(run: Run) -> None:
    done = run("claims", "check")
    assert done.returncode == 0, done.stderr
    assert " claims from 5 sources" in done.stdout


def test_data_show_and_verify(start: Run) -> None:
    shown = start("data", "show", "--json")
    assert shown.returncode == 0, shown.stderr
    assert {"prices.csv", "gdp.csv"} <= {row["file"] for row in json.loads(shown.stdout)["files"]}
    verified = start("data", "verify")
    assert verified.returncode == 0, verified.stderr
    assert "prices.csv" in verified.stdout


def test_doctor_finds_what_is_there(start: Run) -> None:
    done = start("doctor", "--json")
    assert done.returncode == 0, done.stderr
    found = {row["what"]: row for row in json.loads(done.stdout)}
    assert found["pandas"]["ok"]
    assert found["study deepseek"]["ok"]


@pytest.mark.parametrize(("what", "how"), [("results", "start"), ("study", "run"), ("claims", "run")])
def test_schema(request: pytest.FixtureRequest, what: str, how: str) -> None:
    import jsonschema

    done = request.getfixturevalue(how)("schema", what)
    assert done.returncode == 0, done.stderr
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


def test_cite_names_the_version(start: Run) -> None:
    import eventstudy

    done = start("cite")
    assert eventstudy.__version__ in done.stdout
    assert "@software{" in done.stdout


def test_fetch_from_a_file_pins_a_snapshot(start: Run, study: Path, tmp_path: Path) -> None:
    (study / "datapackage.json").unlink()
    source = f"files:{ROOT / 'data' / 'deepseek' / 'prices.csv'}"
    done = start("fetch", str(study), "--provider", source, "--out", "fresh")
    assert done.returncode == 0, done.stderr
    verified = start("data", "verify", "fresh")
    assert verified.returncode == 0, verified.stderr


# ------------------------------------------------------------------------------------------------ wrong on purpose
def test_an_unknown_study(start: Run) -> None:
    refused(start("run", "deepseak"), 2, "Did you mean 'deepseek'?")


def test_an_unknown_claim(run: Run) -> None:
    refused(run("explain", "amd-9", "deepseek"), 2, "unknown claim 'amd-9'. Did you mean 'amd-8'?")
    for command in ("explain", "picture"):  # a study of one's own was meant, and not named
        refused(run(command, "amd-9"), 2, "'amd-9' is no name in deepseek", "name another as in --study FOLDER")


def test_an_unknown_command(run: Run) -> None:
    refused(run("rnu"), 2, "rnu")


def test_an_unknown_format(run: Run) -> None:
    refused(run("run", "deepseek", "--formats", "docx"), 2, "unknown format 'docx'")


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("model", "KEY=VALUE"),
        ("modle=ff3", "Did you mean 'model'?"),
        ("model=ff33", "unknown model 'ff33'. Did you mean"),
        ("estimation=[-260, 0]", "overlap"),
        ("windows=[[0, 99]]", "outside the event window"),
    ],
)
def test_a_wrong_setting(run: Run, pair: str, words: str) -> None:
    refused(run("run", "deepseek", "--set", pair), 2, words)


def test_a_tampered_snapshot(run: Run, study: Path) -> None:
    file = study / "prices.csv"
    line = file.read_text(encoding="utf-8").splitlines()[100]
    spoil(file, line, line.replace("1", "2", 1))
    refused(run("run", str(study)), 3, "prices.csv", "sha256")
    refused(run("data", "verify", str(study)), 3, "prices.csv")


def test_a_missing_data_file(run: Run, study: Path) -> None:
    (study / "gdp.csv").unlink()
    refused(run("run", str(study)), 3, "gdp.csv")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: price_move", "kind: price_mov", "Did you mean 'price_move'?"),
        ("says:", "sayz:", "sayz"),
        ("source: A2", "source: A9", "A9"),
        ("kind: price_move", "kind: [1]", "kind"),
        ("schema_version: 1", "schema_version: 9", "schema_version"),
    ],
)
def test_a_wrong_claims_file_names_the_line(run: Run, study: Path, old: str, new: str, words: str) -> None:
    spoil(study / "claims.yaml", old, new)
    refused(run("claims", "check", str(study)), 2, "claims.yaml:", words)


def test_an_empty_claims_file(run: Run, study: Path) -> None:
    (study / "claims.yaml").write_text("", encoding="utf-8")
    refused(run("run", str(study)), 2, "claims.yaml", "empty")


def test_a_duplicate_claim(run: Run, study: Path) -> None:
    spoil(study / "claims.yaml", "id: amd-8", "id: avgo-15")
    refused(run("claims", "check", str(study)), 2, "claims.yaml:", "avgo-15")


def test_a_wrong_study_file_names_the_line(run: Run, study: Path) -> None:
    line = spoil(study / "study.yaml", "returns: simple", "returns: daily")
    refused(run("run", str(study)), 2, f"study.yaml:{line}:", "'simple' or 'log'")


def test_a_ticker_without_prices(run: Run, study: Path) -> None:
    spoil(study / "study.yaml", "9984.T", "9985.T")
    refused(run("run", str(study)), 3, "no prices for 9985.T")


@pytest.mark.skipif(os.name != "posix", reason="a file stands where the folder should, on POSIX")
def test_an_output_folder_that_cannot_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    refused(run("run", "deepseek", "--out", "taken/report", "--formats", "json"), 2, "cannot write")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "a file"


def test_strict_objects_to_a_changed_verdict(run: Run, study: Path) -> None:
    text = (study / "claims.yaml").read_text(encoding="utf-8")
    start = text.index("id: nvda-17")
    at = text.index("expect: supported", start)
    (study / "claims.yaml").write_text(text[:at] + "expect: contradicted" + text[at + 17 :], encoding="utf-8")
    done = run("run", str(study), "--formats", "json", "--strict")
    assert done.returncode == 5
    assert "nvda-17: expected contradicted, found supported" in done.stderr


def test_fetch_never_overwrites_a_bundled_study(run: Run) -> None:
    refused(run("fetch", "deepseek", "--provider", "files:x.csv"), 2, "--out")


def test_fetch_without_a_network(start: Run, study: Path) -> None:
    before = {p.name: p.read_bytes() for p in study.iterdir()}
    refused(start("fetch", str(study)), 2, "has a snapshot already", "--replace")
    done = start("fetch", str(study), "--replace", HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert {p.name: p.read_bytes() for p in study.iterdir()} == before


def test_our_own_bug_is_called_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from eventstudy.cli import commands as cli

    monkeypatch.setattr(cli, "app", lambda **_: 1 / 0)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert "this is a bug in eventstudy (ZeroDivisionError" in capsys.readouterr().err


# --------------------------------------------------------------------------------------------- a study of a stranger's
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: deepseek", "id: ../../elsewhere", "id is a plain name of letters"),
        ("prices: snapshot", "prices: ../elsewhere.csv", "leads outside the folder"),
        ("prices: snapshot", "prices: /dev/zero", "leads outside the folder"),
        ("prices: snapshot", "claims: /etc/hosts", "leads outside the folder"),
    ],
)
def test_a_study_file_stays_in_its_folder(run: Run, study: Path, old: str, new: str, words: str) -> None:
    line = spoil(study / "study.yaml", old, new)
    refused(run("run", str(study)), 2, f"study.yaml:{line}:", words)


def test_a_place_given_on_the_command_line_is_the_users_own(run: Run, study: Path, tmp_path: Path) -> None:
    (study / "claims.yaml").rename(tmp_path / "other.yaml")
    done = run("run", str(study), "--formats", "json", "--json", "--set", f"claims={tmp_path / 'other.yaml'}")
    assert done.returncode == 0, done.stderr
    assert "nvda-17" in {verdict["id"] for verdict in json.loads(done.stdout)["verdicts"]}


# ---------------------------------------------------------------------------------------------------- how it is called
def test_a_study_is_named_as_an_argument_or_as_an_option(run: Run) -> None:
    same = (["data", "verify", "deepseek"], ["data", "verify", "--study", "deepseek"], ["data", "verify"])
    for words in (*same, ["data", "verify", "tariffs-2025"]):  # which reads the prices of the other
        assert run(*words).returncode == 0, words
    refused(run("data", "verify", "deepseek", "--study", "other"), 2, "two studies are named")
    refused(run("simulate"), 2, "name a study: a bundled one (chip-results, deepseek, nvidia-2024, tariffs-2025)")


def test_every_command_takes_a_study_both_ways_and_has_a_short_help() -> None:
    from typer.main import get_command

    from eventstudy.cli.commands import app

    def walk(command: Any) -> Iterator[Any]:
        below = getattr(command, "commands", None)
        yield from [command] if below is None else (one for sub in below.values() for one in walk(sub))

    for command in walk(get_command(app)):
        names = {name for parameter in command.params for name in parameter.opts}
        if command.name not in (
            "doctor",
            "schema",
            "cite",
            "diff",
            "compare",
            "import",
            "index",
            "new",
            "draft",
        ):  # the last take no study
            assert {"study", "--study"} <= names, command.name


def test_the_short_help(run: Run) -> None:
    for words in (["-h"], ["run", "-h"], ["claims", "list", "-h"]):
        done = run(*words)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert "Usage:" in done.stdout
    assert "--install-completion" in run("--help").stdout


def test_completion_is_made_by_the_option_parser(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"_EVENTSTUDY_COMPLETE": "complete_bash", "COMP_WORDS": "eventstudy ", "COMP_CWORD": "1"}
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    assert {"run", "claims", "explain"} <= set(run().stdout.split())


def test_run_without_a_study_lists_what_is_bundled(run: Run) -> None:
    done = run("run")
    assert done.returncode == 0
    assert "The DeepSeek sell-off" in done.stdout
    assert {"chip-results", "deepseek", "nvidia-2024", "tariffs-2025"} <= set(done.stdout.split())


def test_a_folder_of_reports_does_not_hide_the_bundled_study_of_its_name(run: Run, tmp_path: Path) -> None:
    assert run("claims", "list", "deepseek").returncode == 0
    (tmp_path / "deepseek").mkdir()
    assert run("claims", "list", "deepseek").returncode == 0
    (tmp_path / "deepseek" / "study.yaml").write_text("id: [", encoding="utf-8")
    assert run("claims", "list", "deepseek").returncode == 2


# ------------------------------------------------------------------------------------------------------ what is printed
def test_the_answer_comes_first_and_a_claim_is_a_line(run: Run) -> None:
    done = run("run", "deepseek", "--formats", "json")
    lines = done.stdout.splitlines()
    assert lines[0] == "The DeepSeek sell-off of 27 January 2025"
    assert lines[1] == "The Nvidia figures hold up; the sweeping claims do not."
    assert re.fullmatch(r"\d+ claims: (\d+ [a-z]+(, )?)+; 4 implied or opinions, not counted", lines[2])
    claims = (ROOT / "data" / "deepseek" / "claims.yaml").read_text(encoding="utf-8").count("    says: ")
    assert len(lines) == 5 + claims
    words = [line.split()[0] for line in lines[5:]]
    assert words == sorted(words, key=["contradicted", "imprecise", "partly", "supported", "implied", "opinion"].index)
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert any(re.match(r"note: 26 of 39 securities are part of \^IXIC", note) for note in notes)
    assert max(map(len, notes)) < 200


def test_for_machines_there_are_the_numbers(run: Run) -> None:
    row = {r["id"]: r for r in json.loads(run("claims", "list", "--json").stdout)}["nvda-17"]
    assert row["measured"]["unit"] == "percent"
    assert row["measured"]["value"] == pytest.approx(16.968, abs=1e-3)  # 142.62 to 118.42 by the closes in prices.csv
    assert row["says"]


def test_claims_are_filtered(run: Run) -> None:
    some = json.loads(run("claims", "list", "nvidia-2024", "--verdict", "imprecise", "--json").stdout)
    assert some
    assert {row["verdict"] for row in some} == {"imprecise"}
    shown = run("claims", "list", "nvidia-2024", "--kind", "price_move").stdout.splitlines()
    assert re.match(r"\d+ claims: ", shown[0])
    refused(run("claims", "list", "--verdict", "suported"), 2, "Did you mean 'supported'?")
    refused(run("claims", "list", "--source", "Z9"), 2, "unknown source 'Z9'", "A2")


def test_a_study_without_claims_prints_its_abnormal_returns(run: Run, study: Path) -> None:
    (study / "claims.yaml").unlink()
    done = run("run", str(study), "--formats", "json")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^NVDA +−?\d", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_terminal_of_another_encoding_is_served(start: Run, encoding: str) -> None:
    done = start("claims", "list", "nvidia-2024", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "amd-8" in done.stdout
    told = start("claims", "list", "nvidia-2024", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(told.stdout) == json.loads(start("claims", "list", "nvidia-2024", "--json").stdout)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux' own")
@pytest.mark.parametrize("words", ["cite", "schema", "claims check", "data verify"])
def test_a_full_device_is_said(tmp_path: Path, words: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "eventstudy", *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("error: the output cannot be written: No space left on device.")


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eventstudy", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 0
    assert said == b""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", r"a\x1b[31mred"),
        ("a\rb\x07\x9b2J", r"a\rb\x07\x9b2J"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\udcff", r"\udcff"),
        ("Zürich − 17 %\nline", "Zürich − 17 %\nline"),
    ],
)
def test_control_characters_are_shown_as_such(text: str, shown: str) -> None:
    from eventstudy.cli.terminal import visible

    assert visible(text) == shown


def test_names_from_a_file_do_not_steer_the_terminal(run: Run, study: Path) -> None:
    spoil(study / "study.yaml", "title: The DeepSeek", 'title: "\\e[2J\\nsupported: all"\n#')
    done = run("run", str(study), "--formats", "json")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\nsupported: all" not in done.stdout


def test_formulas_are_text_in_tables(run: Run, study: Path) -> None:
    spoil(study / "claims.yaml", "says: ", 'says: "=HYPERLINK(1)"\n    #')
    assert run("run", str(study), "--formats", "csv", "--out", "here").returncode == 0
    text = (study.parent / "here" / "csv" / "claims.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)" in text
    assert "\n=" not in text
    assert ",=" not in text
    windows = (study.parent / "here" / "csv" / "windows.csv").read_text(encoding="utf-8")
    assert ",-10 10," in windows  # numbers stay numbers


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    from threading import Thread

    from eventstudy.files.writing import write_text

    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=write_text, args=(tmp_path / "pipe", "text"))
    writer.start()
    assert (tmp_path / "pipe").read_text(encoding="utf-8") == "text"
    writer.join()
    assert (tmp_path / "pipe").is_fifo()


def test_the_other_formats_are_written(run: Run, tmp_path: Path) -> None:
    done = run("run", "deepseek", "--formats", "md,tex,xlsx", "--out", "here")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "here").iterdir()} == {"results.md", "results.tex", "results.xlsx"}
    assert (tmp_path / "here" / "results.md").read_text(encoding="utf-8").startswith("# The DeepSeek sell-off")


def test_a_format_that_cannot_be_written_is_refused_before_the_study_is_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.files import browser

    monkeypatch.setattr(browser, "chromium", lambda: None)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    refused(run("run", "deepseek", "--formats", "pdf"), 2, "Chromium or Chrome, which is not installed")
    refused(run("run", "deepseek", "--formats", "xlsx"), 2, "eventstudy-claims[excel]")


def test_claims_export_writes_and_prints(run: Run, tmp_path: Path) -> None:
    from eventstudy.report.claimtable import COLUMNS

    done = run("claims", "export", "deepseek", "--format", "json", "--out", "claims.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert len(json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))) == 37
    assert run("claims", "export", "--study", "deepseek").stdout.splitlines()[0] == ",".join(COLUMNS)
    refused(run("claims", "export", "--format", "xls"), 2, "format", "csv, json, md")
