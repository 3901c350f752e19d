"""`eventstudy data show`, `data verify` and `fetch`: the pinned data of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventstudy.cli.app import DEFAULT, JsonOption, StudyArgument, StudyOption, app, data_app, named
from eventstudy.cli.terminal import print_json, print_table, print_text, say, table, working


@app.command()
def fetch(
    study: StudyArgument = None,
    study_: StudyOption = None,
    provider: Annotated[str, typer.Option(help="yahoo, files:PATH or snapshot:PATH.")] = "yahoo",
    out: Annotated[Path | None, typer.Option(help="Folder of the new snapshot  [default: the study's own]")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a snapshot that is there.")] = False,
    patience: Annotated[float | None, typer.Option(help="Seconds that one ticker may take.", show_default="60")] = None,
) -> None:
    """Fetch the prices a study and its claims need and pin them: the only command that uses the network."""
    from eventstudy.cli.fetch import fetch_snapshot

    with working(f"fetching from {provider}"):
        done = fetch_snapshot(named(study, study_), provider, out, replaced=replace, patience=patience)
    say("\n".join(f"wrote {path}" for path in done.files))
    say(done.summary)
    notes = [issue for issue in done.issues if issue.severity == "info"]
    say("\n".join(str(issue) for issue in done.issues if issue.severity != "info"))
    say("\n".join(str(issue) for issue in notes))


@data_app.command("show")
def data_show(study: StudyArgument = None, study_: StudyOption = None, as_json: JsonOption = False) -> None:
    """Print what the data files are, where they come from, and their checksums."""
    from eventstudy.cli.outputs import provenance_rows

    rows = provenance_rows(named(study, study_, DEFAULT))
    if as_json:
        print_json(rows)
    else:
        print_table(table(("file", "bytes", "sha256", "source", "what"), [tuple(r.values()) for r in rows]))


@data_app.command("verify")
def data_verify(study: StudyArgument = None, study_: StudyOption = None) -> None:
    """Check every data file of a study against its checksum."""
    from eventstudy.files.folders import study_folder
    from eventstudy.prices.snapshot import verify

    hashes = verify(study_folder(named(study, study_, DEFAULT)))
    print_text("\n".join(f"{digest}  {name}" for name, digest in hashes.items()))
    say(f"{len(hashes)} files, all as pinned")
