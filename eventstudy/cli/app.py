"""The application, and what its commands share: how a study is named, the common options, running a study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli import completion
from eventstudy.cli.terminal import working
from eventstudy.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

app = typer.Typer(
    name="eventstudy",
    help="Put news claims about markets on trial: abnormal returns, tests that fit the design, verdicts, a report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the coloured one takes as long to load as everything else together
    context_settings={"help_option_names": ["-h", "--help"]},
)
claims_app = typer.Typer(no_args_is_help=True, help="The claims of a study and their verdicts.")
data_app = typer.Typer(no_args_is_help=True, help="The pinned data of a study.")
app.add_typer(claims_app, name="claims")
app.add_typer(data_app, name="data")

_STUDY = "A bundled study or a folder with study.yaml."
StudyArgument = Annotated[
    str | None,
    typer.Argument(metavar="[STUDY]", help=_STUDY, show_default=False, autocompletion=completion.studies),
]
StudyOption = Annotated[
    str | None,
    typer.Option("--study", metavar="STUDY", help="The same, as an option.", autocompletion=completion.studies),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of study.yaml; may be repeated.")
]
DEFAULT = "deepseek"
"""The study of the commands that only look: the bundled one."""


@app.callback(invoke_without_command=True)
def _start(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from eventstudy import __version__

        typer.echo(__version__)
        raise typer.Exit


def named(argument: str | None, option: str | None, default: str | None = None) -> str:
    """The study that a command line names, as an argument or with ``--study``.

    Raises
    ------
    SpecError : two different ones, or none where there is no default.
    """
    if argument is not None and option is not None and argument != option:
        raise SpecError(f"two studies are named, {argument!r} and --study {option!r}; name one")
    study = argument if argument is not None else option if option is not None else default
    if study is None:
        from eventstudy.files.folders import bundled_names

        raise SpecError(f"name a study: a bundled one ({', '.join(bundled_names())}) or a folder with study.yaml")
    return study


@contextmanager
def by_default(study: str | None) -> Iterator[None]:
    """Say of a claim that was not found which study was looked at, where none was named.

    Raises
    ------
    SpecError : the name is unknown, with how to name a study.
    """
    try:
        yield
    except UnknownNameError as error:
        if study is not None or "claim" not in error.what:
            raise
        raise SpecError(
            f"{error.name!r} is no name in {DEFAULT}, the study that is looked at where none is named; name another as "
            f"in --study FOLDER. There: {error}"
        ) from None


def overrides(
    pairs: list[str] | None, option: str = "--set", example: str = "model=ff3", due: str = "KEY=VALUE"
) -> dict[str, str]:
    """``key -> text`` of every ``--set KEY=VALUE``, or of another option that is written so.

    Raises
    ------
    SpecError : one without an equals sign.
    """
    for pair in pairs or ():
        if "=" not in pair:
            raise SpecError(f"{option} takes {due}, such as {option} {example}, got {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs or ())


def run_study(study: str, pairs: list[str] | None = None) -> StudyResult:
    """Read a study and run it, with a spinner on a terminal."""
    from eventstudy.study.study import load

    with working("running the study"):
        return load(study, overrides(pairs)).run()


def chosen(text: str, allowed: tuple[str, ...], option: str) -> tuple[str, ...]:
    """The names of an option that takes several, with commas.

    Raises
    ------
    UnknownNameError : one that is none of `allowed`. SpecError : none at all.
    """
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in wanted:
        if name not in allowed:
            raise UnknownNameError(option, name, allowed)
    if not wanted:
        raise SpecError(f"--{option}s takes any of {', '.join(allowed)}, got {text!r}")
    return wanted


def reports_folder(study: str) -> Path:
    """Where the report of a study goes unless ``--out`` says otherwise."""
    return Path("reports") / study
