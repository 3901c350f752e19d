"""`eventstudy picture`: the card of a claim or a figure as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli import completion
from eventstudy.cli.app import DEFAULT, SetOption, StudyArgument, StudyOption, app, by_default, named, run_study
from eventstudy.cli.terminal import say
from eventstudy.errors import SpecError

if TYPE_CHECKING:
    from eventstudy.figures.theme import Theme


@app.command()
def picture(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A claim, such as amd-8, or a figure, such as day.", autocompletion=completion.pictures
        ),
    ],
    study: StudyArgument = None,
    study_: StudyOption = None,
    out: Annotated[Path | None, typer.Option(help="A .svg or .png file  [default: STUDY-NAME.svg]")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light letters on a dark ground.")] = False,
    options: Annotated[
        list[str] | None,
        typer.Option("--of", metavar="KEY=VALUE", help="What a figure is of, such as ticker=AMD; may be repeated."),
    ] = None,
    set_: SetOption = None,
) -> None:
    """Write the card of a claim or a figure as a picture, with title, source and date inside; PNG needs Chromium."""
    from eventstudy.report.pictures import check_path, write_picture

    if out is not None:
        check_path(out)
    pairs = [pair.partition("=") for pair in options or ()]
    if wrong := [key + value for key, equals, value in pairs if not equals]:
        raise SpecError(f"--of takes KEY=VALUE, such as --of ticker=AMD, got {wrong[0]!r}")
    result = run_study(named(study, study_, DEFAULT), set_)
    path = out or Path(f"{result.settings.id}-{name}.svg")
    look: Theme = "dark" if dark else "light"
    with by_default(study or study_):
        written = write_picture(result, name, path, look, **{key: value for key, _, value in pairs})
    say(f"wrote {written}")
