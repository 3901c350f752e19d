"""`eventstudy data show`, `data verify` and `fetch`: the pinned data of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventstudy.cli.app import DEFAULT, JsonOption, StudyArgument, StudyOption, app, data_app, named, overrides
from eventstudy.cli.terminal import print_json, print_table, print_text, say, working
from eventstudy.cli.texttable import table


@app.command()
def fetch(
    study: StudyArgument = None,
    study_: StudyOption = None,
    provider: Annotated[str, typer.Option(help="yahoo, files:PATH, snapshot:PATH or a plug-in.")] = "yahoo",
    out: Annotated[Path | None, typer.Option(help="Folder of the new snapshot  [default: the study's own]")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a snapshot that is there.")] = False,
    patience: Annotated[float | None, typer.Option(help="Seconds that one ticker may take.", show_default="60")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=THEIRS", help="Column of a file, such as close=Last; may be repeated."),
    ] = None,
) -> None:
    """Fetch the prices a study and its claims need and pin them: the only command that uses the network."""
    from eventstudy.cli.fetch import fetch_snapshot

    with working(f"fetching from {provider}"):
        columns = overrides(column, "--column", "close=Last", "OURS=THEIRS")
        done = fetch_snapshot(named(study, study_), provider, out, replaced=replace, patience=patience, columns=columns)
    say("\n".join(f"wrote {path}" for path in done.files))
    say(done.summary)
    notes = [issue for issue in done.issues if issue.severity == "info"]
    say("\n".join(str(issue) for issue in done.issues if issue.severity != "info"))
    say("\n".join(str(issue) for issue in notes))


@data_app.command("show")
def data_show(study: StudyArgument = None, study_: StudyOption = None, as_json: JsonOption = False) -> None:
    """Print what is pinned: provider, request, moment, basis, files with their checksums, and every series."""
    from dataclasses import asdict

    from eventstudy.cli.pinned import pinned

    found = pinned(named(study, study_, DEFAULT))
    if as_json:
        print_json(asdict(found))
        return
    print_text("\n".join(f"{name + ':':<10} {text}" for name, text in found.facts.items()) + "\n")
    for rows in (found.files, found.series):
        print_table(table(tuple(rows[0]), [tuple(row.values()) for row in rows]))
        print_text("")


@data_app.command("verify")
def data_verify(study: StudyArgument = None, study_: StudyOption = None) -> None:
    """Check every data file of a study against its checksum."""
    from eventstudy.files.folders import data_folder
    from eventstudy.prices.snapshot import verify

    hashes = verify(data_folder(named(study, study_, DEFAULT)))
    print_text("\n".join(f"{digest}  {name}" for name, digest in hashes.items()))
    say(f"{len(hashes)} files, all as pinned")


@data_app.command("export")
def data_export(
    study: StudyArgument = None,
    study_: StudyOption = None,
    kind: Annotated[str, typer.Option("--as", help="csv, parquet, xlsx or eventstudytools.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="Folder of the files  [default: data-STUDY]")] = None,
) -> None:
    """Write the data of a study as CSV, Parquet or Excel tables, or as the three files of EventStudyTools."""
    from eventstudy.cli.export import export_data

    name = named(study, study_, DEFAULT)
    with working("exporting"):
        files = export_data(name, kind, out if out is not None else Path(f"data-{Path(name).resolve().name}"))
    say("\n".join(f"wrote {path}" for path in files))


@data_app.command("import")
def data_import(
    files: Annotated[Path, typer.Argument(metavar="FILES", help="Folder of the three files of EventStudyTools.")],
    out: Annotated[Path, typer.Option(help="Folder of the new study.")],
) -> None:
    """Make a study from the request, firm and market files of EventStudyTools."""
    from eventstudy.study.eventstudytools import import_files

    say("\n".join(f"wrote {path}" for path in import_files(files, out)))
    say(f"run it with `eventstudy run {out}`")


@data_app.command("diff")
def data_diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A study, or the folder of a version.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    as_json: JsonOption = False,
) -> None:
    """Print which returns of two snapshots differ, and which inputs of the verdicts."""
    from eventstudy.cli.pinned import compared

    with working("comparing"):
        found = compared(first, second)
    if as_json:
        print_json(found.rows())
        return
    if found.series:
        head = ("series", "basis", "what", "days in A alone", "in B alone", "returns that differ", "most on", "A", "B")
        rows = []
        for s in found.series:
            returns = ("" if value is None else f"{100 * value:.4f} %" for value in (s.first, s.second))
            count = f"{s.returns} of {s.compared}"
            rows.append((s.ticker, s.basis, s.what, s.first_only, s.second_only, count, s.day or "", *returns))
        print_table(table(head, rows))
        print_text("")
    for one in found.verdicts or ():
        turned = one.first if one.first == one.second else f"{one.first} -> {one.second}"
        values = ("nothing" if value is None else f"{value:.10g}" for value in (one.first_value, one.second_value))
        inputs = f"; {one.inputs} numbers differ, first {one.what}: {' -> '.join(values)}" if one.inputs else ""
        print_text(f"{one.claim}: {turned}{inputs}")
    said = "no study with claims was found beside them" if found.verdicts is None else f"{len(found.verdicts)} verdicts"
    say(f"{len(found.series)} series differ; {said}" + ("" if found.verdicts is None else " have other inputs"))
