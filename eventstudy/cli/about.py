"""`eventstudy doctor`, `schema` and `cite`: about the package itself."""

from __future__ import annotations

from typing import Annotated

import typer

from eventstudy.cli.app import JsonOption, app
from eventstudy.cli.terminal import STYLES, print_json, print_table, print_text
from eventstudy.cli.texttable import table


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
                styles=STYLES,
            )
        )
    if not all(r.ok for r in rows if r.needed):
        raise typer.Exit(3)


@app.command()
def schema(
    what: Annotated[str, typer.Argument(metavar="[results|study|claims]", help="The file.")] = "results",
) -> None:
    """Print the JSON Schema of results.json, study.yaml or claims.yaml."""
    from eventstudy.cli.schema import SCHEMAS
    from eventstudy.registry import lookup

    print_json(lookup(SCHEMAS, what, "schema")())


@app.command()
def cite() -> None:
    """Print how to cite this package."""
    from eventstudy.cli.outputs import citation

    print_text(citation())
