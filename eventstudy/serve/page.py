"""The page: the choices at the side, the result beside them. What it looks like is the report's own style sheet."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from dash import dcc, html

from eventstudy.figures import theme
from eventstudy.models import MODELS
from eventstudy.objects.results import StudyResult
from eventstudy.report.page import asset
from eventstudy.serve import choices, parts

Element = Any
CONFIG: Any = dict(theme.CONFIG)
FIRST = "car"
"""The figure that is shown at first, where the study has it."""


def index() -> tuple[str, str]:
    """The page that Dash fills, and the hash of its own script for the content security policy."""
    own = {
        name: files("eventstudy.serve").joinpath(name).read_text(encoding="utf-8") for name in ("serve.css", "serve.js")
    }
    script = own["serve.js"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n{%metas%}\n<title>{%title%}</title>\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n{%css%}\n'
        f"<style>\n{asset('style.css')}\n{own['serve.css']}\n</style>\n<script>{script}</script>\n</head>\n"
        "<body>\n{%app_entry%}\n{%config%}\n{%scripts%}\n{%renderer%}\n</body>\n</html>\n"
    )
    return text, f"'sha256-{digest}'"


def layout(result: StudyResult) -> Element:
    """The whole page for a study."""
    settings = result.settings
    return html.Div(
        [
            html.A("Skip to the result", href="#main", className="skip"),
            html.Header(
                [
                    html.Div(
                        [
                            html.Span(["eventstudy", html.Span("serve")], className="brand"),
                            html.Button("Dark", id="theme", type="button", className="tool"),
                        ],
                        className="masthead",
                    ),
                    html.Div(html.H1(settings.title), className="title whole"),
                ]
            ),
            html.Div([_form(result), _result(result)], className="served whole"),
            html.Footer(
                html.P("Numbers and figures are those of eventstudy run. This page is served on this machine alone.")
            ),
            dcc.Store(id="look", data="light"),
            dcc.Store(id="held", data=choices.held(settings)),
            dcc.Store(id="answered", data=None),
            dcc.Store(id="shown", data=first_figure(result)),
            dcc.Store(id="picked", data={}),
        ]
    )


# ---------------------------------------------------------------------------------------------------------- the choices
def _form(result: StudyResult) -> Element:
    said, given = choices.own(result.settings), result.prices.returns is not None
    usual = choices.usual_benchmark(result.settings)
    series = [("", usual), *choices.benchmarks(result)]
    models = [(name, f"{card.words} ({name})") for name, card in MODELS.items()]
    fields = [
        _choice("group", "Group", [(name, name.replace("_", " ")) for name in result.settings.groups], said["group"]),
        _choice("benchmark", "Benchmark", series, ""),
        _choice("model", "Model", models, said["model"]),
        _window("estimation", "Estimation window", said["estimation"]),
        _window("event", "Event window", said["event"]),
        _choice("returns", "Returns", [] if given else [(kind, kind) for kind in choices.KINDS], said["returns"]),
    ]
    return html.Section(
        [
            html.H2("Choices", id="choices-title"),
            html.Div(fields, id="fields", className="fields"),
            html.Button("As in the study", id="back", type="button", className="tool"),
            html.P("", id="status", role="status", className="note"),
        ],
        className="choices",
        **parts.aria(labelledby="choices-title"),
    )


def _choice(name: str, label: str, options: list[tuple[str, str]], value: str | None) -> Element:
    """A label and a list; a list with nothing to choose is hidden."""
    return labelled(name, label, choice(name, options, value), len(options) < 2)


def labelled(name: str, label: str, element: Element, hidden: bool = False) -> Element:
    """A list under its label."""
    return html.Div([html.Label(label, htmlFor=name), element], className="field", hidden=hidden)


def choice(name: str, options: list[tuple[str, str]], value: str | None, fresh: str = "") -> Element:
    """A list of which one entry is chosen, the browser's own: every reader's machine knows how to handle it.

    What is chosen the page's script tells to Dash. With another `fresh` the list is made again, at `value`.
    """
    entries = [html.Option(words, value=key, selected=key == value) for key, words in options]
    return html.Select(entries, id=name, key=f"{name} {fresh}")


def _window(name: str, label: str, ends: list[int]) -> Element:
    return html.Fieldset(
        [
            html.Legend(label),
            html.Div(
                [
                    _session(f"{name}-first", f"{label}: first session", ends[0]),
                    html.Span("to", **parts.aria(hidden="true")),
                    _session(f"{name}-last", f"{label}: last session", ends[1]),
                ],
                className="span",
            ),
        ],
        className="field",
    )


def _session(name: str, label: str, value: int) -> Element:
    """A session relative to day zero; it counts when the reader leaves the field or presses Enter."""
    field = dcc.Input(id=name, type="text", value=str(value), autoComplete="off", size="6")
    return html.Label([html.Span(label, className="unseen"), field])


# ----------------------------------------------------------------------------------------------------------- the result
def first_figure(result: StudyResult) -> str:
    """The figure that is shown before a reader chooses."""
    names = [name for name, _ in parts.figures(result)]
    return FIRST if FIRST in names else names[0]


def _result(result: StudyResult) -> Element:
    listed = choice("figure", parts.figures(result), first_figure(result))
    figure = html.Figure(
        [
            html.Div(labelled("figure", "Figure", listed), className="pick"),
            html.H2("", id="figure-title"),
            html.P("", id="figure-caption", className="caption"),
            html.Div([], id="controls", className="controls"),
            dcc.Graph(id="graph", config=CONFIG, responsive=True),
        ],
        id="chart",
        className="chart",
    )
    return html.Main(
        [
            html.Div("", id="error", role="alert", className="warning", hidden=True),
            html.Div(
                [
                    html.Div([], id="answer"),
                    figure,
                    html.Div([], id="numbers"),
                    html.H2("The same by the command line"),
                    html.Pre("", id="command", tabIndex=0),
                    html.P(
                        [
                            html.A("Full report of these choices", id="report", href="/report", target="_blank"),
                            " ",
                            html.A("results.json", id="json", href="/results.json", target="_blank"),
                        ],
                        className="links",
                    ),
                ],
                id="results",
            ),
        ],
        id="main",
        tabIndex=-1,
    )
