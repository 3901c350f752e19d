"""`eventstudy claims list`, `claims export` and `claims check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from eventstudy.cli import completion
from eventstudy.cli.app import DEFAULT, JsonOption, SetOption, StudyArgument, StudyOption, claims_app, named, run_study
from eventstudy.cli.terminal import (
    print_json,
    print_json_text,
    print_lines,
    print_table,
    print_text,
    say,
    verdict_table,
)
from eventstudy.errors import UnknownNameError

if TYPE_CHECKING:
    from eventstudy.objects.verdicts import Verdict

_WORDS = ("supported", "imprecise", "partly", "contradicted", "unresolved")


def _only_with(which: str, completed: Callable[[str], list[str]] | None = None) -> Any:
    return typer.Option(help=f"Only claims {which}; may be repeated.", autocompletion=completed)


@claims_app.command("list")
def claims_list(
    study: StudyArgument = None,
    study_: StudyOption = None,
    verdict: Annotated[list[str] | None, _only_with("with this verdict", completion.one_of(_WORDS))] = None,
    kind: Annotated[list[str] | None, _only_with("of this kind", completion.kinds)] = None,
    source: Annotated[list[str] | None, _only_with("of this source")] = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try every claim and print the tally and the verdicts, what is wrong first."""
    from eventstudy.cli.outputs import tally, verdict_rows

    result = run_study(named(study, study_, DEFAULT), set_)
    found = every = result.verdicts
    for what, wanted in (("verdict", verdict), ("kind", kind), ("source", source)):
        found = _only(found, what, wanted or [])
    if as_json:
        print_json(verdict_rows(found))
    else:
        print_text(tally(every))
        if result.waiting:
            print_text(result.waiting)
        if len(found) < len(every):
            print_text(f"shown: {len(found)} of {len(every)}")
        if found:
            print_table(verdict_table(found))


def _only(verdicts: tuple[Verdict, ...], what: str, wanted: list[str]) -> tuple[Verdict, ...]:
    """Those with one of the `wanted` verdicts, kinds or sources; all where none is named."""
    if not wanted:
        return verdicts
    has = {v.claim.id: _values(v, what) for v in verdicts}
    known = tuple(_WORDS if what == "verdict" else dict.fromkeys(name for names in has.values() for name in names))
    for name in wanted:
        if name not in known:
            raise UnknownNameError(what, name, known)
    return tuple(v for v in verdicts if not has[v.claim.id].isdisjoint(wanted))


def _values(verdict: Verdict, what: str) -> frozenset[str]:
    if what == "source":
        return frozenset(source.key for source in verdict.claim.sources)
    return frozenset([verdict.verdict if what == "verdict" else verdict.claim.kind])


@claims_app.command("export")
def claims_export(
    study: StudyArgument = None,
    study_: StudyOption = None,
    form: Annotated[
        str,
        typer.Option("--format", help="csv, json or md.", autocompletion=completion.one_of(("csv", "json", "md"))),
    ] = "csv",
    out: Annotated[Path | None, typer.Option(help="File to write; printed where it is left out.")] = None,
    set_: SetOption = None,
) -> None:
    """Write the table of verdicts, one row per claim, as CSV, JSON or Markdown."""
    from eventstudy.files.writing import write_text
    from eventstudy.report.claimtable import FORMATS, Format, claims_text

    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    text = claims_text(run_study(named(study, study_, DEFAULT), set_).verdicts, cast(Format, form))
    if out is not None:
        say(f"wrote {write_text(out, text)}")
    elif form == "json":
        print_json_text(text)
    else:
        print_lines(text)


@claims_app.command("check")
def claims_check(
    study: Annotated[
        str | None, typer.Argument(metavar="[STUDY|FILE]", help="A study, or a claims file alone.", show_default=False)
    ] = None,
    study_: StudyOption = None,
) -> None:
    """Check a claims file against its schema; complaints name the line."""
    from eventstudy.claims.load import check_claims

    path, book = check_claims(named(study, study_, DEFAULT))
    every = len(book.claims) + len(book.waiting)
    claims, sources = (f"{n} {one}{'s' * (n != 1)}" for n, one in ((every, "claim"), (len(book.sources), "source")))
    n = len(book.waiting)
    waits = f"; {n} of them {'waits' if n == 1 else 'wait'} to be confirmed" if n else ""
    print_text(f"{path}: {claims} from {sources}, no complaint{waits}")
