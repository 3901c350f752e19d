"""The look of every figure: two templates, one palette, one configuration. Plain dicts, no plotly needed.

A figure carries no background and no text colour of its own: these come from its template, so that a page switches
theme with ``Plotly.relayout(div, LAYOUTS["dark"])`` and nothing else. The colours of traces are the same in both themes
and contrast at least 3 to 1 with the white and with the dark background (WCAG 2.2, 1.4.11). Hues follow Okabe and Ito
(2008), which readers with any of the common colour-vision deficiencies can tell apart. Luminances are moved to the
middle so that they work on both backgrounds, and are spread there as far as that allows, so that a grey print keeps
them apart too; where colours stand for something a shape or a line style says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Theme = Literal["light", "dark"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"

# ------------------------------------------------------------------------------------------------------------ colours
BLUE, VERMILLION = "#3a8fd0", "#d9600e"
#: from dark to light, each lighter than the one before by three or more of the hundred steps from black to white
RED, GREEN, PURPLE, GREY, AMBER = "#c3223d", "#257e61", "#c04aaf", "#788491", "#b68c20"

#: Lines that have to be told apart, in the order they are taken, and their styles, which go with them.
CATEGORICAL: tuple[str, ...] = (BLUE, RED, GREEN, PURPLE, AMBER)
DASHES: tuple[str, ...] = ("solid", "dash", "dot", "dashdot", "longdash")
#: What is abnormal (its interval leaves zero out), and what is not. Nothing else is orange.
ABNORMAL, ORDINARY = VERMILLION, GREY
FALL, RISE = RED, BLUE
#: One colour and one symbol a verdict; the figure that uses them also writes the word.
VERDICTS: Mapping[str, str] = {
    "supported": GREEN,
    "imprecise": AMBER,
    "partly": PURPLE,
    "contradicted": RED,
    "unresolved": GREY,
}
SYMBOLS: Mapping[str, str] = {
    "supported": "circle",
    "imprecise": "diamond",
    "partly": "square",
    "contradicted": "x",
    "unresolved": "circle-open",
}
BACKGROUNDS: Mapping[Theme, str] = {"light": "#ffffff", "dark": "#14171c"}


def faded(colour: str, opacity: float) -> str:
    """A hex colour with an opacity, as plotly writes it.

    >>> faded("#ff0080", 0.25)
    'rgba(255,0,128,0.25)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


#: Falls to rises, transparent at zero, so that the middle is the page itself in either theme.
DIVERGING: tuple[tuple[float, str], ...] = (
    (0.0, faded(FALL, 0.85)),
    (0.5, faded(GREY, 0.06)),
    (1.0, faded(RISE, 0.85)),
)


# ---------------------------------------------------------------------------------------------------------- templates
def _template(text: str, soft: str, grid: str, line: str, surface: str) -> dict[str, Any]:
    axis = {
        "gridcolor": grid,
        "zerolinecolor": line,
        "linecolor": line,
        "tickcolor": line,
        "tickfont": {"color": soft, "size": 12},
        "title": {"font": {"color": soft, "size": 12}, "standoff": 10},
        "automargin": True,
        "zeroline": False,
        "ticks": "",
        "showline": False,
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": 13, "color": text},
            "title": {"font": {"size": 16, "color": text}, "x": 0, "xref": "container", "xanchor": "left"},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(CATEGORICAL),
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": surface,
                "bordercolor": line,
                "font": {"family": FONT, "size": 12, "color": text},
                "align": "left",
                "namelength": 0,  # a trace's name is said by the legend
            },
            "annotationdefaults": {"font": {"color": soft, "size": 12}, "showarrow": False},
            "shapedefaults": {"line": {"color": line, "width": 1}},
            "legend": {"font": {"color": text, "size": 12}, "bgcolor": "rgba(0,0,0,0)"},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": soft, "activecolor": text},
        },
        "data": {
            "scatter": [{"type": "scatter", "textfont": {"color": text, "size": 12}}],
            "bar": [{"type": "bar", "textfont": {"color": text, "size": 12}}],
            "heatmap": [{"type": "heatmap", "textfont": {"color": text, "size": 11}}],
        },
    }


TEMPLATES: Mapping[Theme, Mapping[str, Any]] = {
    "light": _template(text="#1b1f24", soft="#57606a", grid="#e6e8eb", line="#8c959f", surface="#ffffff"),
    "dark": _template(text="#e6e9ee", soft="#a3acb8", grid="#2b3038", line="#6b7480", surface="#1f242b"),
}

#: What ``Plotly.relayout`` is given when the page's theme changes.
LAYOUTS: Mapping[Theme, Mapping[str, Any]] = {
    "light": {"template": TEMPLATES["light"]},
    "dark": {"template": TEMPLATES["dark"]},
}

#: The configuration every figure is drawn with, in the page and in a notebook.
CONFIG: Mapping[str, Any] = {
    "responsive": True,
    "displaylogo": False,
    "displayModeBar": "hover",
    "showTips": False,
    "doubleClick": "reset",
    "modeBarButtonsToRemove": [
        "sendChartToCloud",
        "toImage",
        "lasso2d",
        "select2d",
        "autoScale2d",
        "zoomIn2d",
        "zoomOut2d",
        "pan2d",
        "hoverClosestCartesian",
        "hoverCompareCartesian",
        "toggleSpikelines",
    ],
}
