"""`docs/commands.md`, made from the commands: ``python -m eventstudy.cli.guide FILE`` writes it (``make guide``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventstudy.files.writing import write_text

EXAMPLES: dict[str, tuple[str, ...]] = {
    "run": (
        "eventstudy run deepseek --out reports/deepseek",
        "eventstudy run deepseek --set model=ff3 --formats json,csv,xlsx",
    ),
    "explain": ("eventstudy explain amd-8",),
    "claims list": ("eventstudy claims list deepseek --verdict contradicted",),
    "claims export": ("eventstudy claims export deepseek --format md",),
    "claims draft": ("eventstudy claims draft article.txt --study mine --out mine/claims.yaml",),
    "claims check": ("eventstudy claims check deepseek",),
    "sensitivity": ("eventstudy sensitivity deepseek --window -1,1",),
    "simulate": ("eventstudy simulate deepseek --shock 0.03 --shock 0.05 --replications 500",),
    "fetch": ("eventstudy fetch mine --provider files:downloads/",),
    "data show": ("eventstudy data show deepseek",),
    "data verify": ("eventstudy data verify deepseek",),
    "data diff": ("eventstudy data diff older/ newer/",),
    "data export": ("eventstudy data export deepseek --as csv --out tables/",),
    "data import": ("eventstudy data import downloads/ --out mine",),
    "picture": ("eventstudy picture amd-8 --out amd-8.svg",),
    "serve": ("eventstudy serve deepseek --open",),
    "index": ("eventstudy index reports/",),
    "compare": ("eventstudy compare deepseek deepseek --set model=ff3",),
    "new": ("eventstudy new mine --event 2024-08-05 --tickers NVDA,AMD --benchmark ^IXIC --prices downloads/",),
    "doctor": ("eventstudy doctor",),
    "schema": ("eventstudy schema claims",),
    "cite": ("eventstudy cite",),
}
"""The words of a command -> lines that show it; a command that is not here is shown by its usage."""
_KINDS = {Path: "PATH", int: "N", float: "NUMBER"}
_HEAD = """# Every command

Made from the commands (`make guide`); `eventstudy COMMAND --help` prints the same. STUDY is a bundled name or a folder
with a `study.yaml`, as an argument or with `--study`. Results go to the standard output, progress and remarks to the
standard error; `NO_COLOR` is heard. `eventstudy --install-completion` completes commands, studies and claims by TAB.

| exit code | means |
|---|---|
| 0 | done, whatever the verdicts |
| 1 | a bug of this package |
| 2 | a mistake in the command line, in a study file or in a claims file |
| 3 | data are missing, or are not what their checksum says |
| 4 | a provider or the network |
| 5 | with `--strict`: a claim is unresolved, or differs from what is on record |
"""


def commands() -> dict[str, Any]:
    """Every command by its words: ``run``, ``claims list`` ..."""
    from typer.main import get_command

    import eventstudy.cli.commands  # noqa: F401 - each command adds itself to `app`
    from eventstudy.cli.app import app

    return dict(_walk(get_command(app), ()))


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(words), command
    else:
        for name, sub in below.items():
            yield from _walk(sub, (*words, name))


def guide() -> str:
    """The page: a section a command."""
    first = {name: place for place, name in enumerate(EXAMPLES)}
    ordered = sorted(commands().items(), key=lambda item: first.get(item[0], len(first)))
    return _HEAD + "".join(_section(name, command) for name, command in ordered)


def _section(name: str, command: Any) -> str:
    usage = " ".join(["eventstudy", name, *(piece for p in command.params for piece in _usage(p))])
    lines = "\n".join(EXAMPLES.get(name, (usage,)))
    rows = "".join(_row(p) for p in command.params if p.name != "help")
    table = f"\n| argument or option | what it says | default |\n|---|---|---|\n{rows}" if rows else ""
    said = " ".join((command.help or "").split())
    return f"\n## eventstudy {name}\n\n{said}\n\n```console\n{lines}\n```\n{table}"


def _usage(parameter: Any) -> Iterator[str]:
    if parameter.param_type_name == "argument":
        yield parameter.metavar or parameter.name.upper()


def _row(parameter: Any) -> str:
    argument = parameter.param_type_name == "argument"
    called = parameter.metavar or parameter.name.upper() if argument else ", ".join(parameter.opts)
    takes = "" if argument or parameter.is_flag else f" {parameter.metavar or _KINDS.get(parameter.bare_type, 'TEXT')}"
    plain = isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool)
    said, _, default = " ".join((parameter.help or "").split()).replace("|", "\\|").partition(" [default: ")
    shown = default.removesuffix("]") or (parameter.default if plain else "")
    name = f"{called}{takes}".replace("|", "\\|")
    return f"| `{name}` | {said} | {f'`{shown}`' if shown != '' else ''} |\n"


if __name__ == "__main__":
    write_text(Path(sys.argv[1]), guide())
