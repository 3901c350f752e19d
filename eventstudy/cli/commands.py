"""The command line: results to stdout, progress and messages to stderr, heavy imports inside the commands.

Exit codes: 0 done, 1 our bug, 2 usage or a study or claims file, 3 data missing or changed, 4 provider or network,
5 with ``--strict`` a claim that is unresolved or differs from what was expected of it.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.terminal import counting, print_json, print_power, print_table, say, table, verdict_table, working
from eventstudy.errors import EventStudyError, SpecError, UnknownNameError

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

STRICT_EXIT = 5
FORMATS = ("html", "json", "csv")

app = typer.Typer(
    name="eventstudy",
    help="Put news claims about markets on trial: abnormal returns, tests that fit the design, verdicts, a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the coloured one takes as long to load as everything else together
)
claims_app = typer.Typer(no_args_is_help=True, help="The claims of a study and their verdicts.")
data_app = typer.Typer(no_args_is_help=True, help="The pinned data of a study.")
app.add_typer(claims_app, name="claims")
app.add_typer(data_app, name="data")

StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="A bundled study or a folder with study.yaml.")]
StudyOption = Annotated[str, typer.Option("--study", metavar="STUDY", help="A bundled study or a study folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of study.yaml; may be repeated.")
]


@app.callback(invoke_without_command=True)
def _start(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from eventstudy import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command()
def run(
    study: StudyArgument,
    out: Annotated[Path | None, typer.Option(help="Folder to write to  [default: reports/STUDY]")] = None,
    set_: SetOption = None,
    formats: Annotated[str, typer.Option(help="Any of html, json, csv, with commas.")] = "html,json",
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 5 if a claim is unresolved or unexpected.")] = False,
) -> None:
    """Run a study offline, write its report and results.json, print the verdicts."""
    from eventstudy.cli.outputs import notes, summary, unexpected, write_outputs

    wanted = _formats(formats)
    if "html" in wanted:
        _prepare_report()
    result = _run(study, set_)
    folder = out or Path("reports") / result.settings.id
    with working("writing the report"):
        written = write_outputs(result, folder, wanted)
    if as_json:
        print_json(summary(result) | {"files": [str(p) for p in written]})
    else:
        print_table(verdict_table(result.verdicts))
        say("\n".join([*notes(result), *(f"wrote {path}" for path in written)]))
    if open_ and "html" in wanted:
        typer.launch(str((folder / "index.html").resolve()))
    if strict and (surprises := unexpected(result.verdicts)):
        say("\n".join(surprises))
        raise typer.Exit(STRICT_EXIT)


@app.command()
def simulate(
    study: StudyArgument,
    shock: Annotated[
        list[float] | None, typer.Option("--shock", help="Move added, 0.03 for 3%; may be repeated.")
    ] = None,
    replications: Annotated[int, typer.Option(help="Pseudo-studies to make.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the drawing.")] = 0,
    group: Annotated[str | None, typer.Option(help="Group of the study  [default: the headline group]")] = None,
    securities: Annotated[str | None, typer.Option(help="Tickers instead of a group, with commas.")] = None,
    n: Annotated[int | None, typer.Option("--n", help="Draw so many securities anew for each pseudo-study.")] = None,
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
        result = simulated(study, _overrides(set_ or []), asked, texts, shock, progress)
    written = [] if out is None else write_simulation(result, out)
    if as_json:
        typer.echo(result.to_json(), nl=False)
    else:
        print_power(result)
    say("\n".join([*(f"note: {note}" for note in result.made.notes), *(f"wrote {path}" for path in written)]))


@app.command()
def explain(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="The id of a claim, such as amd-8.")],
    study: StudyOption = "deepseek",
    as_json: JsonOption = False,
) -> None:
    """Print the arithmetic of one verdict, every input with its source."""
    result = _run(study)
    if as_json:
        from eventstudy.files.writing import json_object
        from eventstudy.report.serialize import claim_row

        typer.echo(json_object(claim_row(result.verdict(claim))), nl=False)
    else:
        typer.echo(result.explain(claim))


@claims_app.command("list")
def claims_list(
    study: Annotated[str, typer.Argument(metavar="STUDY")] = "deepseek", as_json: JsonOption = False
) -> None:
    """Try every claim and print the verdicts."""
    result = _run(study)
    if as_json:
        from eventstudy.cli.outputs import summary

        print_json(summary(result)["verdicts"])
    else:
        print_table(verdict_table(result.verdicts))


@claims_app.command("check")
def claims_check(
    study: Annotated[str, typer.Argument(metavar="STUDY|FILE", help="A study, or a claims file alone.")] = "deepseek",
) -> None:
    """Check a claims file against its schema; complaints name the line."""
    from eventstudy.claims.load import check_claims

    path, book = check_claims(study)
    typer.echo(f"{path}: {len(book.claims)} claims from {len(book.sources)} sources, no complaint")


@app.command()
def fetch(
    study: StudyArgument,
    provider: Annotated[str, typer.Option(help="yahoo, or files:PATH.")] = "yahoo",
    out: Annotated[Path | None, typer.Option(help="Folder of the new snapshot  [default: the study's own]")] = None,
) -> None:
    """Fetch the prices a study needs and pin them as its snapshot: the only command that uses the network."""
    from eventstudy.cli.fetch import fetch_snapshot

    with working(f"fetching from {provider}"):
        written = fetch_snapshot(study, provider, out)
    say("\n".join(f"wrote {path}" for path in written))


@data_app.command("show")
def data_show(study: Annotated[str, typer.Argument(metavar="STUDY")] = "deepseek", as_json: JsonOption = False) -> None:
    """Print what the data files are, where they come from, and their checksums."""
    from eventstudy.cli.outputs import provenance_rows

    rows = provenance_rows(study)
    if as_json:
        print_json(rows)
    else:
        print_table(table(("file", "bytes", "sha256", "source", "what"), [tuple(r.values()) for r in rows]))


@data_app.command("verify")
def data_verify(study: Annotated[str, typer.Argument(metavar="STUDY")] = "deepseek") -> None:
    """Check every data file of a study against its checksum."""
    from eventstudy.files.folders import study_folder
    from eventstudy.prices.snapshot import verify

    hashes = verify(study_folder(study))
    for name, digest in hashes.items():
        typer.echo(f"{digest}  {name}")
    say(f"{len(hashes)} files, all as pinned")


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say whether this installation works: versions, bundled data, browser, what to install."""
    from eventstudy.cli.doctor import examine

    rows = examine()
    if as_json:
        print_json([{"what": r.what, "ok": r.ok, "detail": r.detail} for r in rows])
    else:
        print_table(
            table(
                ("", "what", "found"),
                [("ok" if r.ok else "MISSING" if r.needed else "absent", r.what, r.detail) for r in rows],
            )
        )
    if not all(r.ok for r in rows if r.needed):
        raise typer.Exit(3)


@app.command()
def schema(
    what: Annotated[str, typer.Argument(metavar="results|study|claims")] = "results",
) -> None:
    """Print the JSON Schema of results.json, study.yaml or claims.yaml."""
    from eventstudy.cli.schema import SCHEMAS
    from eventstudy.registry import lookup

    print_json(lookup(SCHEMAS, what, "schema")())


@app.command()
def cite() -> None:
    """Print how to cite this package."""
    from eventstudy.cli.outputs import citation

    typer.echo(citation())


def _run(study: str, overrides: list[str] | None = None) -> StudyResult:
    from eventstudy.study.study import load

    with working("running the study"):
        return load(study, _overrides(overrides or [])).run()


def _overrides(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise SpecError(f"--set takes KEY=VALUE, such as --set model=ff3, got {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in wanted:
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
    if not wanted:
        raise SpecError(f"--formats takes any of {', '.join(FORMATS)}, got {text!r}")
    return wanted


def _prepare_report() -> None:
    """Compress what every report carries while the study is computed; what fails there fails again, aloud, later."""
    from eventstudy.report import prepare

    threading.Thread(target=prepare, daemon=True).start()


def main() -> None:
    """Run the command line; a user's mistake is one message and an exit code, never a traceback."""
    # A study's matrices are small: BLAS threads cost more than they bring. A user's own setting wins.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it would look for them in every installed package
    gc.disable()  # a short process that keeps nearly all it makes: looking for garbage takes time and finds none
    atexit.register(gc.freeze)  # nor does it at the end
    try:
        app()
    except EventStudyError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("EVENTSTUDY_DEBUG"):
            raise
        say(
            f"error: this is a bug in eventstudy ({type(error).__name__}: {error}). "
            "Please report it with the output of the same command under EVENTSTUDY_DEBUG=1"
        )
        sys.exit(1)
