"""`eventstudy new`: from an event and a file of prices to a study that has run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.app import app, overrides, reports_folder, run_study
from eventstudy.cli.terminal import say, working
from eventstudy.errors import EventStudyError, SpecError

if TYPE_CHECKING:
    from eventstudy.cli.newtext import Plan


@app.command()
def new(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the study and of its folder, such as outage.")
    ] = None,
    event: Annotated[str | None, typer.Option(metavar="DATE", help="When it became known, such as 2024-07-19.")] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A list of events: ticker and date a row.")
    ] = None,
    tickers: Annotated[str | None, typer.Option(metavar="A,B", help="The securities, with commas.")] = None,
    benchmark: Annotated[str | None, typer.Option(metavar="TICKER", help="The index to compare with.")] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File of prices, or a folder of downloads.")
    ] = None,
    returns: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File of returns, in the place of prices.")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch the prices from Yahoo Finance now.")] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A key of study.yaml, such as prices.encoding=cp1252 or returns.percent=true; may be repeated.",
        ),
    ] = None,
) -> None:
    """Write the folder of a new study, pin its prices, run it, and say what comes next."""
    from eventstudy.cli import newasked, newfolder, newtext

    _one_of(event=event, events=events)
    _one_of(prices=prices, returns=returns, fetch=fetch or None)
    named = newasked.tickers(tickers or "")
    settings = overrides(set_, example="prices.encoding=cp1252")
    given = newtext.Plan(name or "", event, events, named, benchmark or "", prices, returns, fetch, settings)
    plan = given
    if sys.stdin.isatty() and sys.stderr.isatty():
        plan = newasked.asked(plan, lambda text: str(typer.prompt(text, err=True, default="", show_default=False)), say)
    _complete(plan)
    try:
        with working("writing the study"):
            made = newfolder.make(plan, Path())
    except EventStudyError as error:
        if plan != given:
            say("your answers as one command, to correct and to call again:")
            typer.echo(newasked.command(plan), err=True)  # in one line, so that it can be copied
        if hint := _how(plan, error):
            say(hint)
        raise
    say(f"wrote {made.folder}/: study.yaml, claims.yaml, README.md")
    if made.fetched is None and plan.returns is None:
        say(f"no prices yet: `eventstudy fetch {plan.name}` fetches and pins them, then `eventstudy run {plan.name}`")
        return
    if made.fetched is not None:
        say("\n".join([made.fetched.summary, *(str(one) for one in made.fetched.issues if one.severity != "info")]))
    try:
        _run(plan.name)
    except EventStudyError:
        say(f"{made.folder}/ stays: mend {plan.name}/study.yaml, then `eventstudy run {plan.name}`")
        raise


_EXAMPLES = {"their columns are": "columns.ticker=Company", "not text in": "encoding=cp1252"}
"""Words of a refused list of events -> the key that answers it."""


def _how(plan: Plan, error: EventStudyError) -> str:
    """How to say the way a file is written, where it was one of the user's files that was refused."""
    file = error.file if isinstance(error, SpecError) else None
    if file is None:
        scale = plan.returns is not None and "per cent" in str(error)
        return "how a file is written is said as in `--set returns.percent=true`" if scale else ""
    path = Path(file)
    about = next((example for words, example in _EXAMPLES.items() if words in str(error)), "dayfirst=true")
    given = {"events": (plan.events, about), "returns": (plan.returns, "percent=true")}
    named = {key: f"{key}.{example}" for key, (own, example) in given.items() if own and path.stem in (key, own.stem)}
    said = next(iter(named.values()), "prices.encoding=cp1252" if plan.prices is not None else "")
    return f"how a file is written is said as in `--set {said}`" if said else ""


def _one_of(**options: object) -> None:
    given = [f"--{option}" for option, value in options.items() if value is not None]
    if len(given) > 1:
        raise SpecError(f"{' and '.join(given)} say the same thing in two ways; give one of them")


def _complete(plan: Plan) -> None:
    """Refuse a command line, off a terminal, that leaves out what nobody can be asked for.

    Raises
    ------
    SpecError : what lacks, with an example.
    """
    lacking = [
        example
        for given, example in (
            (plan.name, "a NAME such as outage"),
            (plan.event or plan.events, "--event 2024-07-19 (or --events FILE)"),
            (plan.tickers or plan.events, "--tickers CRWD,PANW"),
            (plan.benchmark, "--benchmark ^GSPC"),
        )
        if not given
    ]
    if lacking:
        raise SpecError(f"a new study needs {', '.join(lacking)}")


def _run(name: str) -> None:
    """Run the new study as `eventstudy run` does, and say its day zero and what comes next."""
    from eventstudy.cli.outputs import index_beside, notes, print_answer, write_outputs

    result = run_study(name)
    folder = reports_folder(result.settings.id)
    with working("writing the report"):
        written = [*write_outputs(result, folder, ("html", "json")), *index_beside(folder)]
    print_answer(result)
    zeros = {zero.session for zero in result.headline.panel.day_zero if zero.session is not None}
    days = [f"day zero is {day:%A} {day}" for day in zeros] if len(zeros) == 1 else []
    say("\n".join([*days, *notes(result), *(f"wrote {path}" for path in written)]))
    claims = f", put an article's claims into {name}/claims.yaml, `eventstudy run {name}`" if result.verdicts else ""
    say(f"next: open {folder / 'index.html'}{claims}")
