"""`eventstudy serve`: a study in the browser, whose settings are chosen there."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from eventstudy.cli.app import DEFAULT, SetOption, StudyArgument, StudyOption, app, named, overrides
from eventstudy.cli.terminal import say, working
from eventstudy.errors import SpecError


@app.command()
def serve(
    study: StudyArgument = None,
    study_: StudyOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 is any that is free.")] = 8050,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    set_: SetOption = None,
) -> None:
    """Choose benchmark, model, windows, returns and group in the browser, on this machine alone (extra serve)."""
    name, pairs = named(study, study_, DEFAULT), overrides(set_)
    _dash_needed()
    from eventstudy.serve.answers import served
    from eventstudy.serve.app import application
    from eventstudy.serve.server import HOST, listening, serve_until_interrupted

    gc.enable()  # this process stays, and lets go of results
    server = listening(port)
    try:
        with working("running the study"):
            of = served(name, pairs)
        address = f"http://{HOST}:{server.server_port}/"
        say(f"{of.result.settings.title}: {address} (Ctrl-C ends it)")
        if open_:
            typer.launch(address)
        serve_until_interrupted(server, lambda hosts: application(of, hosts))
    finally:
        server.server_close()


def _dash_needed() -> None:
    """Complain in words where the extra is not installed.

    Raises
    ------
    SpecError : it names the extra.
    """
    try:
        import dash  # noqa: F401
    except ImportError:
        raise SpecError("the page is served by Dash: pip install 'eventstudy-claims[serve]'") from None
