"""How the commands look on a terminal: names are whole, lines fit, colour is no more than colour, TAB completes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eventstudy.cli.terminal import wrapped
from eventstudy.cli.texttable import length, lines, table

ROWS = [
    ("contradicted", "stargate-before-launch", "20 January 2025 came 1 day before 21 January 2025, not after it."),
    ("supported", "nvda-17", "Nvidia closed 16.97% lower."),
]


def shown(columns: int | None, *, cut: bool = False, one_line: bool = True) -> list[str]:
    made = table(("verdict", "claim", "what the prices say"), ROWS, one_line=one_line)
    return list(lines(made, columns, cut, lambda text, style: text))


@pytest.mark.parametrize("columns", [20, 30, 40, 50, 60, 80, 100, 160])
@pytest.mark.parametrize("cut", [False, True])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_cut(columns: int, cut: bool) -> None:
    text = shown(columns, cut=cut)
    assert max(map(length, text)) <= max(columns, 26)  # a name of 22 letters, indented by four, is never broken
    for verdict, name, said in ROWS:
        assert any(verdict in line for line in text)
        assert any(name in line for line in text)
        if not cut:
            assert said.replace(" ", "") in "".join(text).replace(" ", "")


def test_a_pipe_gets_whole_lines() -> None:
    assert shown(None)[1].endswith("not after it.")


def test_what_is_cut_says_so() -> None:
    line = shown(60, cut=True)[1]
    assert line.endswith("…")
    assert length(line) <= 60


def test_wide_letters_count_double() -> None:
    made = table(("name", "x"), [("東京エレクトロン", "1"), ("AMD", "2")])
    first, second = list(lines(made, None, False, lambda text, style: text))[1:]
    assert length(first) == length(second)


def test_prose_is_broken_at_spaces_under_its_own_indent() -> None:
    text = "  R = P1 / P0 - 1 with P0 the close of 24 January 2025 and P1 that of 27 January 2025"
    broken = wrapped(text, 40).split("\n")
    assert all(len(line) <= 40 and line.startswith("  ") for line in broken)
    assert " ".join(line.strip() for line in broken) == text.strip()
    assert wrapped(text, None) == text


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> tuple[str, int]:
    """What a command writes to a terminal so many columns wide, without what moves the cursor, and its exit code."""
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")} | environment
    command = [sys.executable, "-m", "eventstudy", *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env={**environment, "TERM": "xterm-256color"}
    ) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
        os.close(ours)
        code = process.wait(60)
    return b"".join(parts).decode().replace("\r\n", "\n"), code


def test_a_terminal_has_colour_and_its_width() -> None:
    text, code = on_a_terminal(60, "claims", "list", "--verdict", "contradicted")
    assert code == 0
    assert "\x1b[31m" in text
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert max(length(line) for line in plain.splitlines()) <= 60
    assert "stargate-before-launch" in plain


def test_a_terminal_without_colour_says_the_same() -> None:
    text, code = on_a_terminal(80, "run", NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in text
    assert "deepseek" in text


# ---------------------------------------------------------------------------------------------------------- completion
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("eventstudy run de", {"deepseek"}),
        ("eventstudy run my", {"mystudy"}),
        ("eventstudy explain amd", {"amd-8"}),
        ("eventstudy explain --study deepseek avgo", {"avgo-15"}),
        ("eventstudy explain --study nowhere a", set()),
        ("eventstudy claims list --verdict con", {"contradicted"}),
        ("eventstudy claims list --kind price_m", {"price_move"}),
        ("eventstudy run --formats html,cs", {"html,csv"}),
        ("eventstudy run --formats html,ht", set()),
    ],
)
def test_tab_completes(
    words: str, offered: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from eventstudy.cli.commands import app

    (tmp_path / "mystudy").mkdir()
    (tmp_path / "mystudy" / "study.yaml").touch()
    monkeypatch.chdir(tmp_path)
    asked = {
        "_EVENTSTUDY_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        app(prog_name="eventstudy")
    assert set(capsys.readouterr().out.split()) == offered
