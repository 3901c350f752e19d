"""`eventstudy run`, `explain` and `simulate`: the commands that compute."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from eventstudy.cli import completion
from eventstudy.cli.app import (
    DEFAULT,
    JsonOption,
    SetOption,
    StudyArgument,
    StudyOption,
    app,
    by_default,
    chosen,
    named,
    overrides,
    reports_folder,
    run_study,
)
from eventstudy.cli.terminal import counting, print_json, print_json_text, print_power, print_text, say, working

STRICT_EXIT = 5
FORMATS = ("html", "json", "csv", "md", "tex", "xlsx", "pdf")


@app.command()
def run(
    study: StudyArgument = None,
    study_: StudyOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to  [default: reports/STUDY]")] = None,
    set_: SetOption = None,
    formats: Annotated[
        str, typer.Option(help=f"Any of {', '.join(FORMATS)}, with commas.", autocompletion=completion.several(FORMATS))
    ] = "html,json",
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 5 if a claim is unresolved or unexpected.")] = False,
) -> None:
    """Run a study offline, write its report and results.json, print the verdicts. Without STUDY: what is bundled."""
    if study is None and study_ is None:
        from eventstudy.cli.outputs import print_bundled

        print_bundled()
        return
    from eventstudy.cli.outputs import (
        check_formats,
        index_beside,
        notes,
        print_answer,
        summary,
        unexpected,
        write_outputs,
    )

    wanted = chosen(formats, FORMATS, "format")
    check_formats(wanted)
    if {"html", "pdf"} & {*wanted}:
        _prepare_report()
    result = run_study(named(study, study_), set_)
    folder = out or reports_folder(result.settings.id)
    with working("writing the report"):
        written = write_outputs(result, folder, wanted)
        if out is None:
            written += index_beside(folder)
    if as_json:
        print_json(summary(result) | {"files": [str(p) for p in written]})
    else:
        print_answer(result)
        say("\n".join([*notes(result), *(f"wrote {path}" for path in written)]))
    if open_ and "html" in wanted:
        typer.launch(str((folder / "index.html").resolve()))
    if strict and (surprises := unexpected(result.verdicts)):
        say("\n".join(surprises))
        raise typer.Exit(STRICT_EXIT)


@app.command()
def index(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder of the reports.")] = Path("reports"),
) -> None:
    """Write index.html over all studies in a folder of reports; run does it for reports/ by itself."""
    from eventstudy.cli.outputs import write_index

    say(f"wrote {write_index(folder)}")


@app.command()
def explain(
    claim: Annotated[
        str, typer.Argument(metavar="CLAIM", help="The id of a claim, such as amd-8.", autocompletion=completion.claims)
    ],
    study: StudyArgument = None,
    study_: StudyOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the arithmetic of one verdict, every input with its source."""
    result = run_study(named(study, study_, DEFAULT), set_)
    with by_default(study or study_):
        verdict = result.verdict(claim)
    if as_json:
        from eventstudy.files.writing import json_object
        from eventstudy.report.serialize import claim_row

        print_json_text(json_object(claim_row(verdict)))
    else:
        print_text(result.explain(claim))


@app.command()
def simulate(
    study: StudyArgument = None,
    study_: StudyOption = None,
    shock: Annotated[
        list[float] | None, typer.Option("--shock", help="Move added, 0.03 for 3%; may be repeated.")
    ] = None,
    replications: Annotated[int, typer.Option(help="Pseudo-studies to make.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the drawing.")] = 0,
    group: Annotated[str | None, typer.Option(help="Group of the study  [default: the headline group]")] = None,
    securities: Annotated[str | None, typer.Option(help="Tickers instead of a group, with commas.")] = None,
    n: Annotated[int | None, typer.Option("--n", help="Draw so many securities again for each pseudo-study.")] = None,
    dates: Annotated[str, typer.Option(help="common, own or repeated.")] = "common",
    repeats: Annotated[int, typer.Option(help="With --dates repeated: so many dates for each.")] = 6,
    alpha: Annotated[float, typer.Option(help="Level of the table and the sentence.")] = 0.05,
    variance: Annotated[float, typer.Option(help="Factor on the variance of the window.")] = 1.0,
    window: Annotated[str, typer.Option(help="First and last session tested.")] = "0,0",
    tests: Annotated[
        str | None, typer.Option(help="Tests to try, with commas  [default: those that fit, well-known ones]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for simulation.json, simulation.csv and power.html.")] = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure size and power of the tests on the study's own prices, with pseudo-events (Brown and Warner)."""
    from eventstudy.cli.outputs import simulated, write_simulation

    asked = {"group": group, "n": n, "dates": dates, "variance": variance, "replications": replications, "seed": seed}
    asked |= {"repeats": repeats, "alpha": alpha}
    texts = {"window": window, "tests": tests, "securities": securities}
    with counting("simulating") as progress:
        result = simulated(named(study, study_), overrides(set_), asked, texts, shock, progress)
    written = [] if out is None else write_simulation(result, out)
    if as_json:
        print_json_text(result.to_json())
    else:
        print_power(result)
    say("\n".join([*(f"note: {note}" for note in result.made.notes), *(f"wrote {path}" for path in written)]))


def _prepare_report() -> None:
    """Compress what every report carries while the study is computed; what fails there fails again, aloud, later."""
    from eventstudy.report import prepare

    threading.Thread(target=prepare, daemon=True).start()
