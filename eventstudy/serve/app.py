"""The application: what happens when a reader chooses, and the pages beside it."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from dash import Dash, Input, Output, State, no_update

from eventstudy.errors import EventStudyError, SpecError, UnknownNameError
from eventstudy.figures.theme import Theme
from eventstudy.report import tables
from eventstudy.serve import page, parts
from eventstudy.serve.answers import Served, command_of, whole
from eventstudy.serve.choices import chosen, left_out, said, sent
from eventstudy.serve.guard import App, Environ, Start, guarded, policy

REPORT, JSON = "/report", "/results.json"


def application(of: Served, hosts: frozenset[str]) -> App:
    """The whole application behind its guard, for a server that is called by `hosts`."""
    dash, secured = made(of)
    inside: App = dash.server.wsgi_app

    def either(environ: Environ, start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] in (REPORT, JSON):
            return written(of, environ, start)
        return inside(environ, start)

    return guarded(either, hosts, secured, (REPORT, JSON))


def made(of: Served) -> tuple[Dash, str]:
    """Dash's part, and the content security policy that it can be served with.

    Everything comes from the installed packages; the tools of a developer and what listens to anything but the page
    are off, whatever the environment says.
    """
    index, digest = page.index()
    dash = Dash(
        "eventstudy.serve",
        title=of.result.settings.title,
        update_title="",
        index_string=index,
        serve_locally=True,
        include_assets_files=False,
        use_pages=False,
        pages_folder="",
        compress=False,
        add_log_handler=False,
    )
    dash.layout = page.layout(of.result)
    _connect(dash, of)
    return dash, policy([digest, *dash.csp_hashes()])


def _connect(dash: Dash, of: Served) -> None:
    """What is computed when something on the page changes."""
    dash.callback(
        Output("answered", "data"),
        Output("error", "children"),
        Output("error", "hidden"),
        Output("results", "hidden"),
        Output("status", "children"),
        Output("answer", "children"),
        Output("numbers", "children"),
        Output("command", "children"),
        Output("report", "href"),
        Output("json", "href"),
        Input("held", "data"),
        running=[(Output("main", "aria-busy"), "true", "false")],
    )(lambda fields: recomputed(of, fields))
    shown = (Input("answered", "data"), Input("shown", "data"))
    dash.callback(Output("controls", "children"), *shown, State("picked", "data"))(
        lambda answered, name, picked: controls(of, answered, name, picked)
    )
    dash.callback(
        Output("graph", "figure"),
        Output("graph", "style"),
        Output("figure-title", "children"),
        Output("figure-caption", "children"),
        *shown,
        Input("picked", "data"),
        Input("look", "data"),
        running=[(Output("chart", "aria-busy"), "true", "false")],
    )(lambda answered, name, picked, look: drawn(of, answered, name, picked, look))


# ---------------------------------------------------------------------------------------------------------- the choices
def recomputed(of: Served, fields: Mapping[str, Any]) -> list[Any]:
    """What the page shows for the fields: the result, or why there is none."""
    got = sent(fields)
    begun = time.perf_counter()
    try:
        choices = chosen(of.result, got)
        result = of.answer(choices)
        shown = [parts.answer(result), parts.numbers(result, of.result), command_of(of, choices)]
    except Exception as error:
        return [no_update, words(error), False, True, "No result: see the message.", *[no_update] * 5]
    took = tables.number(time.perf_counter() - begun, "statistic")
    status = [said(choices), *left_out(of.study, of.result, choices), f"Computed in {took} seconds."]
    query = urlencode({"choices": json.dumps(got)})
    return [got, "", True, False, " ".join(status), *shown, f"{REPORT}?{query}", f"{JSON}?{query}"]


def words(error: Exception) -> str:
    """What is said of an error: its own words, or that it is a bug, which the terminal shows whole."""
    if isinstance(error, EventStudyError):
        return str(error)
    traceback.print_exception(error, file=sys.stderr)
    return f"this is a bug in eventstudy ({type(error).__name__}); the terminal in which it runs says more"


# ---------------------------------------------------------------------------------------------------------- the figures
def controls(of: Served, answered: Mapping[str, Any] | None, name: str, picked: Mapping[str, Any]) -> Any:
    """What a reader may choose within a figure, as lists; a choice that is still there stays."""
    if answered is None:
        return no_update
    try:
        found = parts.controls(of.answer(chosen(of.result, answered)), name)
    except Exception:  # `drawn` says why
        return []
    now = parts.asked(found, picked)
    fresh = f"{name} {json.dumps(answered)}"
    return [
        page.labelled(
            f"pick-{control['key']}",
            control["label"],
            page.choice(
                f"pick-{control['key']}",
                [(o["value"], o["label"]) for o in control["options"]],
                now[control["key"]],
                fresh,
            ),
        )
        for control in found
    ]


def drawn(of: Served, answered: Mapping[str, Any] | None, name: str, picked: Mapping[str, Any], look: str) -> list[Any]:
    """The figure, its height, its title and its caption."""
    if answered is None:
        return [no_update] * 4
    theme: Theme = "dark" if look == "dark" else "light"
    try:
        figure, title, caption = parts.figure(of.answer(chosen(of.result, answered)), name, picked, theme)
    except Exception as error:  # a figure of other choices may not stand beside these numbers
        figure, title, caption = parts.nothing(name, theme, words(error))
    return [figure, {"height": f"{figure['layout'].get('height', 450)}px"}, title, caption]


# ----------------------------------------------------------------------------------------------------- the whole report
def written(of: Served, environ: Environ, start: Start) -> Iterable[bytes]:
    """The report or ``results.json`` of the choices in the address, as ``eventstudy run`` writes them."""
    report = environ["PATH_INFO"] == REPORT
    try:
        result = whole(of, chosen(of.result, asked(environ.get("QUERY_STRING", ""))))
        body, status = (result.to_html() if report else result.to_json()).encode(), "200 OK"
        kind = "text/html" if report else "application/json"
    except Exception as error:
        body, status, kind = f"{words(error)}\n".encode(), "400 Bad Request", "text/plain"
    # The report brings its own policy, by the hash of its scripts; this one keeps it out of other pages.
    secured = "frame-ancestors 'none'" if kind == "text/html" else "default-src 'none'"
    start(
        status,
        [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", secured),
        ],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def asked(query: str) -> Mapping[str, Any]:
    """The choices in an address; none where it holds none.

    Raises
    ------
    SpecError : they are not a mapping in JSON, or the address holds something else.
    """
    held = parse_qs(query)
    if other := next((name for name in held if name != "choices"), None):
        raise UnknownNameError("part of the address", other, ("choices",))
    text = held.get("choices", ["{}"])[0]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SpecError(f"the address holds no choices: {text!r}")
    return found
